/* test_stderr.c - the PostgreSQL text log: records, their parts, every byte accounted for, cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "parsers/postgres/stderr.h"

enum { MEMORY = 4 * 1024 * 1024 };

#define AT "2026-11-19 14:03:07.123 UTC [4711] app@shop "

static const slice setting = {"%m [%p] %u@%d ", sizeof "%m [%p] %u@%d " - 1};

/* A log read in one block. */
typedef struct reading {
    arena keep;
    format format;
    batch batch;
} reading;

static void begin(reading *r, slice head, slice prefix)
{
    status st = {0};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(postgres_stderr.prepare(head, &(format_options){.prefix = prefix}, &r->keep,
                                        &r->format, &st));
}

static void accounts_for_every_byte(const batch *b, slice block)
{
    uint64_t bytes = b->event_bytes + b->other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += b->skipped[i].bytes;
    }
    assert_int_equal(bytes, block.n);
}

static void read_block(reading *r, slice block, bool truncated)
{
    batch_reset(&r->batch);
    postgres_stderr.parse(&r->format, block, truncated, &r->batch);
    accounts_for_every_byte(&r->batch, block);
}

static void read_log(reading *r, const char *log)
{
    begin(r, slice_from(log), setting);
    read_block(r, slice_from(log), false);
}

static void end(reading *r)
{
    batch_free(&r->batch);
    arena_free(&r->keep);
}

static void skips(const reading *r, skip_reason reason, uint64_t lines, uint64_t bytes,
                  uint32_t first_line)
{
    const skipped *s = &r->batch.skipped[reason];
    assert_int_equal(s->count, lines);
    assert_int_equal(s->bytes, bytes);
    if (lines > 0) {
        assert_int_equal(s->first_line, first_line);
    }
}

/* --- records ---------------------------------------------------------------------------- */

static void a_record_is_read_with_all_that_its_prefix_says(void **state)
{
    (void)state;
    const char *log = AT "LOG:  duration: 12.345 ms  statement: SELECT 1\n";
    reading r;
    read_log(&r, log);
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->has, HAS_TIME | HAS_DURATION | HAS_SESSION | HAS_TEXT);
    int64_t minutes = (days_from_civil(2026, 11, 19) * 24 + 14) * 60 + 3;
    assert_true(e->time == (minutes * 60 + 7) * 1000000 + 123000);
    assert_int_equal(e->zone_offset, 0);
    assert_int_equal(e->duration, 12345);
    assert_true(slice_is(e->text, "SELECT 1"));
    assert_true(e->session == hash_bytes(SLICE("4711")));
    assert_int_equal(e->offset, 0);
    assert_int_equal(e->bytes, strlen(log));
    assert_int_equal(e->line, 0);
    assert_int_equal(e->name.n, 0);
    const who *w = &r.batch.whos[e->who];
    assert_true(slice_is(w->user, "app"));
    assert_true(slice_is(w->database, "shop"));
    assert_int_equal(w->application.n + w->host.n, 0);
    assert_true(slice_is(r.batch.zone, "UTC"));
    assert_int_equal(r.batch.lines, 1);
    assert_int_equal(r.batch.event_bytes, strlen(log));
    end(&r);
}

static void lines_that_begin_with_tab_continue_the_message(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  statement: SELECT *\n\tFROM a\n\n\t WHERE b = 1\n" AT "LOG:  ready\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT *\n\tFROM a\n\n\t WHERE b = 1"));
    assert_int_equal(r.batch.events[1].line, 4);
    assert_int_equal(r.batch.lines, 5);
    assert_int_equal(r.batch.events[1].offset, r.batch.events[0].bytes);
    end(&r);
}

static void detail_statement_and_context_complete_the_record_above(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "ERROR:  relation \"x\" does not exist at character 15\n" AT "HINT:  think\n" AT
                    "CONTEXT:  PL/pgSQL function f()\n" AT "STATEMENT:  SELECT *\n\tFROM x\n" AT
                    "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT $1\n" AT
                    "DETAIL:  parameters: $1 = 'a\n\tb'\n");
    assert_int_equal(r.batch.n_events, 2);
    const event *error = &r.batch.events[0];
    assert_int_equal(error->kind, EVENT_ERROR);
    assert_true(slice_is(error->text, "SELECT *\n\tFROM x"));
    assert_true(slice_is(error->value, "relation \"x\" does not exist at character 15"));
    assert_true(slice_is(error->name, "ERROR"));
    const event *execution = &r.batch.events[1];
    assert_true(slice_is(execution->text, "SELECT $1"));
    assert_true(slice_is(execution->parameters, "$1 = 'a\n\tb'"));
    assert_int_equal(execution->line, 5);
    assert_int_equal(r.batch.other_bytes, error->bytes);
    assert_int_equal(r.batch.event_bytes, execution->bytes);
    end(&r);
}

static void a_statement_line_does_not_replace_the_text_of_an_execution(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  statement: SELECT 1\n" AT "STATEMENT:  SELECT 2\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    end(&r);
}

static void carriage_returns_at_line_ends_are_not_text(void **state)
{
    (void)state;
    const char *log =
        AT "LOG:  statement: SELECT 1\r\n" AT "ERROR:  no\r\n" AT "STATEMENT:  SELECT 2\r\n\r\n";
    reading r;
    read_log(&r, log);
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    assert_true(slice_is(r.batch.events[1].value, "no"));
    assert_int_equal(r.batch.events[0].bytes + r.batch.events[1].bytes, strlen(log));
    assert_int_equal(r.batch.lines, 4);
    end(&r);
}

static void a_last_line_without_line_end_counts(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  ready\n" AT "LOG:  statement: SELECT 1");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[1].text, "SELECT 1"));
    assert_int_equal(r.batch.lines, 2);
    end(&r);
}

static void a_record_cut_at_the_limit_says_that_its_text_is(void **state)
{
    (void)state;
    reading r;
    slice log = SLICE(AT "LOG:  statement: SELECT 1, '2");
    begin(&r, log, setting);
    read_block(&r, log, true);
    assert_true((r.batch.events[0].has & TEXT_TRUNCATED) != 0);
    read_block(&r, log, false);
    assert_true((r.batch.events[0].has & TEXT_TRUNCATED) == 0);
    end(&r);
}

static void what_a_cloud_cut_says_that_it_was_cut(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             AT "LOG:  duration: 1.000 ms  execute a2: SELECT 1, '2"
                "[Your log message was truncated]\n" AT
                "DETAIL:  parameters: $1 = 'x[Your log message was truncated]\n" AT
                "LOG:  duration: 1.000 ms  statement: SELECT '[Your log message was truncated]'\n");
    const event *e = r.batch.events;
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(e[0].text, "SELECT 1, '2"));
    assert_true(slice_is(e[0].parameters, "$1 = 'x"));
    assert_true((e[0].has & TEXT_TRUNCATED) != 0);
    assert_int_equal(e[0].duration, 1000);
    assert_true((e[1].has & TEXT_TRUNCATED) == 0);
    end(&r);
}

/* Azure's flexible server writes the line ends of statements as text. */
static void line_ends_written_as_text_are_line_ends(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  duration: 1.000 ms  statement: SELECT a -- c\\r\\n FROM b\\r\\n\n" AT
                    "ERROR:  no\n" AT "STATEMENT:  SELECT\\r\\n1\n" AT
                    "LOG:  duration: 1.000 ms  statement: SELECT E'\\n\\r'\n");
    const event *e = r.batch.events;
    assert_int_equal(r.batch.n_events, 3);
    assert_true(slice_is(e[0].text, "SELECT a -- c\n FROM b\n"));
    assert_true(slice_is(e[1].text, "SELECT\n1"));
    assert_true(slice_is(e[2].text, "SELECT E'\\n\\r'"));
    end(&r);
}

/* Backup tools and pg_ctl write into the server's log; where many of its few lines are theirs, they
 * are no continued lines all the same. */
static void other_programs_lines_are_foreign_however_many(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  statement: SELECT 1\n"
                    "pg_ctl: another server might be running\n" AT "LOG:  statement: SELECT 2\n"
                    "INFO: 2026/11/19 14:00:01.200000 FILE PATH: 000000010000000000000001.br\n"
                    "2026-11-19 14:00:01.300 P00   INFO: archive-push command begin 2.48\n"
                    "2026-11-19 14:00:01.300 P00   INFO: pushed WAL file\n"
                    "waiting for server to shut down...." AT "LOG:  received fast shutdown\n"
                    " done\n"
                    "server stopped\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    assert_true(slice_is(r.batch.events[1].text, "SELECT 2"));
    skips(&r, SKIP_FOREIGN, 7, r.batch.skipped[SKIP_FOREIGN].bytes, 1);
    end(&r);
}

/* An export that lost its TABs has them, too. */
static void other_programs_lines_continue_nothing_where_all_others_do(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  statement: SELECT 1,\n2,\n3,\n4,\n5\n"
                    "wal-g: uploading\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1,\n2,\n3,\n4,\n5"));
    skips(&r, SKIP_FOREIGN, 1, 17, 5);
    end(&r);
}

/* --- what is not understood ------------------------------------------------------------------ */

static void foreign_lines_end_a_record_and_are_counted(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG:  statement: SELECT 1\n"
                    "wal-g: uploading\n"
                    "\tstack\n" AT "STATEMENT:  SELECT 2\n" AT "LOG:  ready\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    /* What follows a foreign line and is not a record belongs to it. */
    skips(&r, SKIP_FOREIGN, 3, strlen("wal-g: uploading\n\tstack\n" AT "STATEMENT:  SELECT 2\n"),
          1);
    skips(&r, SKIP_HEADLESS, 0, 0, 0);
    end(&r);
}

static void the_rest_of_a_record_whose_beginning_is_missing_is_headless(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "\tFROM a\n" AT "DETAIL:  parameters: $1 = '7'\n" AT "LOG:  ready\n");
    assert_int_equal(r.batch.n_events, 1);
    skips(&r, SKIP_HEADLESS, 2, strlen("\tFROM a\n" AT "DETAIL:  parameters: $1 = '7'\n"), 0);
    skips(&r, SKIP_FOREIGN, 0, 0, 0);
    end(&r);
}

static void a_record_of_an_impossible_time_is_skipped_with_its_parts(void **state)
{
    (void)state;
#define NEVER "2026-13-19 14:03:07.123 UTC [4711] app@shop "
    reading r;
    read_log(&r, AT "LOG:  ready\n" NEVER "LOG:  statement: SELECT 1\n\tFROM a\n" NEVER
                    "DETAIL:  x\n" AT "LOG:  statement: SELECT 2\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[1].text, "SELECT 2"));
    skips(&r, SKIP_BAD_TIME, 3,
          strlen(NEVER "LOG:  statement: SELECT 1\n\tFROM a\n" NEVER "DETAIL:  x\n"), 1);
    end(&r);
}

static void an_unknown_zone_is_told(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "2026-11-19 14:03:07.123 QQQ [4711] app@shop LOG:  ready\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_true(r.batch.unknown_zone);
    assert_true(slice_is(r.batch.zone, "QQQ"));
    end(&r);
}

static void where_tabs_were_dropped_bare_lines_continue_the_record(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             AT "LOG:  statement: SELECT *\nFROM a\nWHERE b = 1\nORDER BY c\n" AT "LOG:  ready\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT *\nFROM a\nWHERE b = 1\nORDER BY c"));
    skips(&r, SKIP_FOREIGN, 0, 0, 0);
    end(&r);
}

/* --- detecting and making ready ------------------------------------------------------------ */

static void a_log_is_recognised_and_another_program_s_is_not(void **state)
{
    (void)state;
    const format_options none = {0};
    slice log = SLICE(AT "LOG:  ready\n" AT "LOG:  statement: SELECT 1\n" AT "ERROR:  no\n");
    assert_true(postgres_stderr.detect(log, &none) >= 90);
    assert_true(postgres_stderr.detect(log, &(format_options){.prefix = setting}) >= 90);
    assert_int_equal(postgres_stderr.detect(SLICE(""), &none), 0);
    assert_int_equal(postgres_stderr.detect(SLICE("GET / HTTP/1.1\nHost: x\n"), &none), 0);
    assert_int_equal(postgres_stderr.detect(log, &(format_options){.prefix = SLICE("<%u> ")}), 0);
}

static void an_inferred_prefix_reads_like_the_given_one(void **state)
{
    (void)state;
    reading given;
    reading inferred;
    slice log = SLICE(AT "LOG:  ready\n"
                         "2026-11-19 14:03:08.200 UTC [4712] web@shop LOG:  duration: 1.000 ms  "
                         "statement: SELECT 1\n"
                         "2026-11-19 14:03:08.300 UTC [4713] app@crm ERROR:  no\n");
    begin(&given, log, setting);
    begin(&inferred, log, (slice){NULL, 0});
    assert_false(given.format.inferred);
    assert_true(inferred.format.inferred);
    assert_true(slice_equal(given.format.detail, setting));
    assert_int_equal(inferred.format.clock_resolution, 1000);
    read_block(&given, log, false);
    read_block(&inferred, log, false);
    assert_int_equal(given.batch.n_events, 3);
    assert_int_equal(inferred.batch.n_events, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const event *a = &given.batch.events[i];
        const event *b = &inferred.batch.events[i];
        assert_true(a->time == b->time && a->session == b->session && a->kind == b->kind);
        assert_true(slice_equal(given.batch.whos[a->who].user, inferred.batch.whos[b->who].user));
        assert_true(
            slice_equal(given.batch.whos[a->who].database, inferred.batch.whos[b->who].database));
    }
    end(&given);
    end(&inferred);
}

static void what_the_prefix_lacks_is_said(void **state)
{
    (void)state;
    static const struct {
        slice prefix;
        uint32_t lacks;
        int64_t resolution;
    } cases[] = {
        {SLICE("%m [%p] %u@%d %a %h "), 0, 1000},
        {SLICE("%t %c %q%u@%d %a %r "), 0, 1000000},
        {SLICE("%m "), LACKS_SESSION | LACKS_USER | LACKS_DATABASE | LACKS_APPLICATION | LACKS_HOST,
         1000},
        {SLICE("[%p] %u %d %a %h "), LACKS_TIME, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reading r;
        begin(&r, SLICE(""), cases[i].prefix);
        assert_int_equal(r.format.lacks, cases[i].lacks);
        assert_int_equal(r.format.clock_resolution, cases[i].resolution);
        end(&r);
    }
}

static void a_log_without_any_prefix_found_is_a_failure(void **state)
{
    (void)state;
    arena keep;
    format f;
    status st = {0};
    arena_init(&keep, MEMORY);
    assert_false(
        postgres_stderr.prepare(SLICE("nothing\nhere\n"), &(format_options){0}, &keep, &f, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    arena_free(&keep);
}

/* --- cuts ---------------------------------------------------------------------------------------
 */

static const char every_kind[] =
    "\theadless\n" AT "DETAIL:  headless too\n" AT "LOG:  statement: SELECT 1\n" AT
    "LOG:  duration: 1.000 ms\n" AT "LOG:  duration: 1.000 ms  execute s: SELECT *\n"
    "\tFROM a\n\n\t" AT "LOG:  within\n" AT "DETAIL:  parameters: $1 = '\n\t7'\n" AT
    "ERROR:  no\n" AT "HINT:  h\n" AT "STATEMENT:  SELECT\n\t2\n" AT "LOG:  crlf\r\n\r\n"
    "foreign\n" AT "CONTEXT:  of the foreign line\n" AT "LOG:\n" NEVER "LOG:  bad\n\tx\n" NEVER
    "DETAIL:  bad\n" AT "WARNING:  w\n\n" AT "LOG:  checkpoint starting: time\n" AT
    "LOG:  parameter \"log_min_duration_statement\" changed to \"5\"\n" AT "LOG:  the end";

static void same_text(slice a, slice b)
{
    assert_true(slice_equal(a, b));
}

static void same_event(const event *a, const batch *whole, const event *b, const batch *part,
                       uint64_t offset, uint32_t line)
{
    assert_int_equal(a->offset, b->offset + offset);
    assert_int_equal(a->line, b->line + line);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->has, b->has);
    assert_true(a->time == b->time && a->duration == b->duration && a->session == b->session);
    same_text(a->text, b->text);
    same_text(a->parameters, b->parameters);
    same_text(a->name, b->name);
    same_text(a->value, b->value);
    same_text(whole->whos[a->who].user, part->whos[b->who].user);
    same_text(whole->whos[a->who].database, part->whos[b->who].database);
}

static void halves_are_the_whole(reading *whole, reading *first, reading *second, slice log,
                                 size_t at)
{
    read_block(first, slice_take(log, at), false);
    read_block(second, slice_skip(log, at), false);
    const batch *w = &whole->batch;
    const batch *a = &first->batch;
    const batch *b = &second->batch;
    assert_int_equal(w->n_events, a->n_events + b->n_events);
    for (uint32_t i = 0; i < w->n_events; i++) {
        if (i < a->n_events) {
            same_event(&w->events[i], w, &a->events[i], a, 0, 0);
        } else {
            same_event(&w->events[i], w, &b->events[i - a->n_events], b, at, a->lines);
        }
    }
    assert_int_equal(w->lines, a->lines + b->lines);
    assert_int_equal(w->event_bytes, a->event_bytes + b->event_bytes);
    assert_int_equal(w->other_bytes, a->other_bytes + b->other_bytes);
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        assert_int_equal(w->skipped[i].count, a->skipped[i].count + b->skipped[i].count);
        assert_int_equal(w->skipped[i].bytes, a->skipped[i].bytes + b->skipped[i].bytes);
    }
}

static void the_parts_at_every_cut_are_the_whole(void **state)
{
    (void)state;
    slice log = slice_of(every_kind, sizeof every_kind - 1);
    reading whole;
    reading first;
    reading second;
    begin(&whole, log, setting);
    begin(&first, log, setting);
    begin(&second, log, setting);
    read_block(&whole, log, false);
    assert_int_equal(whole.batch.n_events, 10);
    size_t cuts = 0;
    size_t before = 0;
    for (size_t n = 1; n <= log.n; n++) {
        size_t at = postgres_stderr.cut(&whole.format, slice_take(log, n), CUT_LAST);
        assert_true(at < n && at >= before);
        if (at > before) {
            halves_are_the_whole(&whole, &first, &second, log, at);
            cuts++;
        }
        before = at;
    }
    /* Every record but the last one's begins at a place where the log can be cut; the one of
     * an impossible time, too. */
    assert_int_equal(cuts, 10);
    end(&whole);
    end(&first);
    end(&second);
}

static void the_first_cut_is_the_end_of_the_record_at_the_beginning(void **state)
{
    (void)state;
    slice log = slice_of(every_kind, sizeof every_kind - 1);
    reading r;
    begin(&r, log, setting);
    size_t cuts[32];
    size_t n = 0;
    for (size_t at = 0, step; n < 32; at += step) {
        step = postgres_stderr.cut(&r.format, slice_skip(log, at), CUT_FIRST);
        if (step == 0) {
            break;
        }
        cuts[n++] = at + step;
    }
    /* Going back from the end finds the same places. */
    for (size_t size = log.n; n > 0; size = cuts[n]) {
        n--;
        assert_int_equal(postgres_stderr.cut(&r.format, slice_take(log, size), CUT_LAST), cuts[n]);
    }
    end(&r);
}

static void a_boundary_is_seen_alike_whatever_follows(void **state)
{
    (void)state;
    slice log = slice_of(every_kind, sizeof every_kind - 1);
    reading r;
    begin(&r, log, setting);
    for (size_t n = 1; n <= log.n; n++) {
        slice part = slice_take(log, n);
        size_t last = postgres_stderr.cut(&r.format, part, CUT_LAST);
        size_t first = postgres_stderr.cut(&r.format, part, CUT_FIRST);
        size_t whole_first = postgres_stderr.cut(&r.format, log, CUT_FIRST);
        assert_int_equal(first == 0, last == 0);
        assert_true(first == 0 || first == whole_first);
    }
    end(&r);
}

/* --- generated logs
 * ------------------------------------------------------------------------------- */

/* Lines of every sort in any order: read_block checks that no byte is lost. */
static void no_byte_is_lost_in_any_mixture_of_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {
        AT "LOG:  statement: SELECT 1\n",
        AT "LOG:  duration: 1.000 ms\n",
        AT "DETAIL:  x\n",
        AT "STATEMENT:  SELECT 2\n",
        AT "ERROR:  no\n",
        NEVER "LOG:  x\n",
        "\tcontinued\n",
        "\n",
        "\r\n",
        "foreign\n",
        " blank\n",
        AT "LOG:  x\r\n",
        AT "LOG\n",
        AT "\n",
        "\t" AT "LOG:  x\n",
    };
    enum { LINES = sizeof lines / sizeof *lines };
    for (uint64_t i = 0; i < 3000; i++) {
        buf log;
        buf_init(&log, MEMORY);
        uint64_t n = mix64(i, 0) % 12;
        for (uint64_t k = 1; k <= n; k++) {
            buf_add_text(&log, lines[mix64(i, k) % LINES]);
        }
        if (i % 3 == 0 && log.n > 0) {
            buf_truncate(&log, log.n - mix64(i, 99) % log.n);
        }
        reading r;
        begin(&r, buf_slice(&log), setting);
        read_block(&r, buf_slice(&log), false);
        end(&r);
        buf_free(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_with_all_that_its_prefix_says),
        cmocka_unit_test(lines_that_begin_with_tab_continue_the_message),
        cmocka_unit_test(detail_statement_and_context_complete_the_record_above),
        cmocka_unit_test(a_statement_line_does_not_replace_the_text_of_an_execution),
        cmocka_unit_test(carriage_returns_at_line_ends_are_not_text),
        cmocka_unit_test(a_last_line_without_line_end_counts),
        cmocka_unit_test(a_record_cut_at_the_limit_says_that_its_text_is),
        cmocka_unit_test(other_programs_lines_are_foreign_however_many),
        cmocka_unit_test(other_programs_lines_continue_nothing_where_all_others_do),
        cmocka_unit_test(what_a_cloud_cut_says_that_it_was_cut),
        cmocka_unit_test(line_ends_written_as_text_are_line_ends),
        cmocka_unit_test(foreign_lines_end_a_record_and_are_counted),
        cmocka_unit_test(the_rest_of_a_record_whose_beginning_is_missing_is_headless),
        cmocka_unit_test(a_record_of_an_impossible_time_is_skipped_with_its_parts),
        cmocka_unit_test(an_unknown_zone_is_told),
        cmocka_unit_test(where_tabs_were_dropped_bare_lines_continue_the_record),
        cmocka_unit_test(a_log_is_recognised_and_another_program_s_is_not),
        cmocka_unit_test(an_inferred_prefix_reads_like_the_given_one),
        cmocka_unit_test(what_the_prefix_lacks_is_said),
        cmocka_unit_test(a_log_without_any_prefix_found_is_a_failure),
        cmocka_unit_test(the_parts_at_every_cut_are_the_whole),
        cmocka_unit_test(the_first_cut_is_the_end_of_the_record_at_the_beginning),
        cmocka_unit_test(a_boundary_is_seen_alike_whatever_follows),
        cmocka_unit_test(no_byte_is_lost_in_any_mixture_of_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
