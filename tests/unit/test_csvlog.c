/* test_csvlog.c - PostgreSQL's log as CSV: columns of every version, quotes, damage, cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "parsers/postgres/csvlog.h"
#include "parsers/postgres/stderr.h"

enum { MEMORY = 4 * 1024 * 1024 };

/* The columns before the severity, of a client's and of a server's process. */
#define AT                                                                                         \
    "2026-11-19 14:03:07.123 UTC,\"app\",\"shop\",4711,\"10.0.0.5:40000\",691d.1267,3,\"SELECT\"," \
    "2026-11-19 14:00:00 UTC,4/17,0,"
#define SERVER "2026-11-19 14:03:07.123 UTC,,,90,,691d.5a,3,,2026-11-19 14:00:00 UTC,,0,"
#define NEVER  "2026-13-19 14:03:07.123 UTC,,,90,,691d.5a,3,,2026-11-19 14:00:00 UTC,,0,"
/* The columns behind the message, of versions 14 and later. */
#define REST ",,,,,,,,,\"web\",\"client backend\",,0\n"

typedef struct reading {
    arena keep;
    format format;
    batch batch;
} reading;

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
    postgres_csvlog.parse(&r->format, block, truncated, &r->batch);
    assert_false(r->batch.out_of_memory);
    accounts_for_every_byte(&r->batch, block);
}

static void begin(reading *r, slice head)
{
    status st = {0};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(postgres_csvlog.prepare(head, &(format_options){0}, &r->keep, &r->format, &st));
}

static void read_log(reading *r, const char *log)
{
    begin(r, slice_from(log));
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

static const who *who_of(const reading *r, uint32_t i)
{
    return &r->batch.whos[r->batch.events[i].who];
}

/* --- records ---------------------------------------------------------------------------- */

static void a_record_is_read_with_all_its_columns(void **state)
{
    (void)state;
    const char *log = AT "LOG,00000,\"duration: 12.345 ms  statement: SELECT 1\",,,,,,,,,\"web\","
                         "\"client backend\",,-7788\n";
    reading r;
    read_log(&r, log);
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->has, HAS_TIME | HAS_DURATION | HAS_SESSION | HAS_TEXT | HAS_QUERY_ID);
    int64_t minutes = (days_from_civil(2026, 11, 19) * 24 + 14) * 60 + 3;
    assert_true(e->time == (minutes * 60 + 7) * 1000000 + 123000);
    assert_int_equal(e->duration, 12345);
    assert_true(e->query_id == -7788);
    assert_true(e->session == hash_bytes(SLICE("691d.1267")));
    assert_true(slice_is(e->text, "SELECT 1"));
    assert_true(slice_is(e->code, "00000"));
    assert_int_equal(e->name.n, 0);
    assert_int_equal(e->bytes, strlen(log));
    const who *w = who_of(&r, 0);
    assert_true(slice_is(w->user, "app"));
    assert_true(slice_is(w->database, "shop"));
    assert_true(slice_is(w->application, "web"));
    assert_true(slice_is(w->host, "10.0.0.5"));
    assert_true(slice_is(r.batch.zone, "UTC"));
    assert_int_equal(r.batch.event_bytes, strlen(log));
    end(&r);
}

static void detail_and_query_complete_their_record(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT
             "LOG,00000,\"duration: 1.000 ms  execute s: SELECT $1\",\"parameters: $1 = "
             "'a"
             "\nb'\",,,,,,,,\"web\",\"client backend\",,0\n" AT
             "ERROR,42P01,\"relation \"\"x\"\" does not exist\",,\"think\",\"SELECT internal\",3,"
             "\"PL/pgSQL function f()\",\"SELECT *\nFROM x\",15,\"parse.c:1\",\"web\",\"client "
             "backend\",,0\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].parameters, "$1 = 'a\nb'"));
    const event *error = &r.batch.events[1];
    assert_int_equal(error->kind, EVENT_ERROR);
    assert_true(slice_is(error->code, "42P01"));
    assert_true(slice_is(error->value, "relation \"x\" does not exist"));
    assert_true(slice_is(error->text, "SELECT *\nFROM x"));
    assert_int_equal(error->line, 2);
    assert_int_equal(r.batch.lines, 4);
    assert_int_equal(r.batch.other_bytes, error->bytes);
    end(&r);
}

static void the_same_record_gives_the_event_that_plain_text_gives(void **state)
{
    (void)state;
    static const char *const messages[][2] = {
        {"LOG", "duration: 1.500 ms  statement: SELECT 1"},
        {"LOG", "duration: 1.500 ms"},
        {"LOG", "execute <unnamed>: SELECT $1"},
        {"LOG", "duration: 2.000 ms  bind s: SELECT $1"},
        {"LOG", "checkpoint starting: time"},
        {"LOG", "temporary file: path 'a', size 1"},
        {"LOG", "disconnection: session time: 0:00:01.5"},
        {"ERROR", "no"},
        {"FATAL", "the end"},
        {"WARNING", "well"},
        {"NOTICE", "look"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        arena keep;
        format plain;
        batch lines;
        status st = {0};
        buf csv;
        buf text;
        buf_init(&csv, MEMORY);
        buf_init(&text, MEMORY);
        buf_printf(&csv, AT "%s,00000,\"%s\"" REST, messages[i][0], messages[i][1]);
        buf_printf(&text,
                   "2026-11-19 14:03:07.123 UTC 691d.1267 00000 app@shop/web 10.0.0.5 %s:  %s\n",
                   messages[i][0], messages[i][1]);
        reading r;
        begin(&r, buf_slice(&csv));
        read_block(&r, buf_slice(&csv), false);
        arena_init(&keep, MEMORY);
        batch_init(&lines, MEMORY);
        format_options given = {.prefix = SLICE("%m %c %e %u@%d/%a %h ")};
        assert_true(postgres_stderr.prepare(buf_slice(&text), &given, &keep, &plain, &st));
        postgres_stderr.parse(&plain, buf_slice(&text), false, &lines);
        assert_int_equal(r.batch.n_events, 1);
        assert_int_equal(lines.n_events, 1);
        const event *a = &r.batch.events[0];
        const event *b = &lines.events[0];
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->has, b->has);
        assert_true(a->time == b->time && a->duration == b->duration && a->session == b->session);
        assert_true(slice_equal(a->text, b->text) && slice_equal(a->value, b->value));
        assert_true(slice_equal(a->name, b->name) && slice_equal(a->code, b->code));
        const who *v = &lines.whos[b->who];
        assert_true(slice_equal(who_of(&r, 0)->user, v->user));
        assert_true(slice_equal(who_of(&r, 0)->database, v->database));
        assert_true(slice_equal(who_of(&r, 0)->application, v->application));
        assert_true(slice_equal(who_of(&r, 0)->host, v->host));
        batch_free(&lines);
        arena_free(&keep);
        end(&r);
        buf_free(&csv);
        buf_free(&text);
    }
}

static void doubled_quotes_are_single_in_what_is_read(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "2026-11-19 14:03:07.123 UTC,\"o\"\"brien\",\"\"\"\"\"\",1,\"[local]\",a.b,1,\"\","
                 "2026-11-19 14:00:00 UTC,,0,LOG,00000,"
                 "\"statement: SELECT \"\"a\"\", '\"\"', \"\"\"\"\"\"\"\"\",,,,,,,,,\"\"\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT \"a\", '\"', \"\"\"\""));
    assert_true(slice_is(who_of(&r, 0)->user, "o\"brien"));
    assert_true(slice_is(who_of(&r, 0)->database, "\"\""));
    end(&r);
}

static void hosts_lose_their_port_and_nothing_else(void **state)
{
    (void)state;
    static const char *const hosts[][2] = {
        {"10.0.0.5:40000", "10.0.0.5"},
        {"[local]", "[local]"},
        {"fe80::1:54321", "fe80::1"},
        {"db-7.local:1", "db-7.local"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_printf(&log,
                   "2026-11-19 14:03:07.123 UTC,,,1,\"%s\",a.b,1,,2026-11-19 14:00:00 UTC,,0,LOG,"
                   "00000,\"ready\"" REST,
                   hosts[i][0]);
        reading r;
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(r.batch.n_events, 1);
        assert_true(slice_is(who_of(&r, 0)->host, hosts[i][1]));
        end(&r);
        buf_free(&log);
    }
}

static void rows_of_every_version_are_read_and_shorter_ones_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *rest; /* behind eight empty columns */
        unsigned columns;
        const char *application;
    } cases[] = {
        {"", 22, ""},
        {",\"web\"", 23, "web"},
        {",\"web\",\"client backend\"", 24, "web"},
        {",\"web\",\"client backend\",,0", 26, "web"},
        {",\"web\",\"client backend\",,0,\"to come\",1", 28, "web"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_printf(&log, AT "LOG,00000,\"statement: SELECT 1\",,,,,,,,%s\n", cases[i].rest);
        reading r;
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(r.batch.n_events, 1);
        assert_true(slice_is(who_of(&r, 0)->application, cases[i].application));
        assert_int_equal(r.format.lacks, cases[i].columns == 22 ? LACKS_APPLICATION : 0);
        assert_int_equal(r.format.clock_resolution, 1000);
        char detail[16];
        snprintf(detail, sizeof detail, "%u columns", cases[i].columns);
        assert_true(slice_is(r.format.detail, detail));
        end(&r);
        buf_free(&log);
    }
    reading r;
    read_log(&r, AT "LOG,00000,\"statement: SELECT 1\",,,,,,,\n");
    assert_int_equal(r.batch.n_events, 0);
    end(&r);
}

static void carriage_returns_at_line_ends_are_not_text(void **state)
{
    (void)state;
    const char *log = AT "LOG,00000,\"statement: SELECT\r\n1\",,,,,,,,,\"web\"\r\n" AT
                         "LOG,00000,\"ready\",,,,,,,,,\"web\",\"client backend\",,42\r\n";
    reading r;
    read_log(&r, log);
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT\r\n1"));
    assert_true(slice_is(who_of(&r, 0)->application, "web"));
    assert_int_equal(r.batch.events[1].query_id, 42);
    end(&r);
}

static void a_last_line_without_line_end_counts(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             AT "LOG,00000,\"ready\"" REST AT "LOG,00000,\"statement: SELECT 1\",,,,,,,,,\"web\"");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[1].text, "SELECT 1"));
    assert_int_equal(r.batch.lines, 2);
    end(&r);
}

static void a_record_cut_at_the_limit_keeps_what_there_is_and_says_so(void **state)
{
    (void)state;
    slice log = SLICE(AT "LOG,00000,\"statement: SELECT \"\"a\"\",\n'bcd");
    reading r;
    begin(&r, log);
    read_block(&r, log, true);
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT \"a\",\n'bcd"));
    assert_true((r.batch.events[0].has & TEXT_TRUNCATED) != 0);
    assert_int_equal(r.batch.events[0].bytes, log.n);
    /* The same between two columns. */
    slice shorter = SLICE(AT "LOG,00000,\"statement: SELECT 1\",,");
    read_block(&r, shorter, true);
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    /* At a log's end the same bytes are the beginning of a record and no record. */
    read_block(&r, log, false);
    assert_int_equal(r.batch.n_events, 0);
    skips(&r, SKIP_FOREIGN, 2, log.n, 0);
    end(&r);
}

/* --- what is not understood ------------------------------------------------------------------ */

static void foreign_lines_are_counted_and_the_next_record_is_read(void **state)
{
    (void)state;
    reading r;
    read_log(&r, SERVER "LOG,00000,\"ready\"" REST "wal-g: \"uploading\", 1\n\n" SERVER
                        "LOG,00000,\"ready\"" REST);
    assert_int_equal(r.batch.n_events, 2);
    skips(&r, SKIP_FOREIGN, 2, strlen("wal-g: \"uploading\", 1\n\n"), 1);
    assert_int_equal(r.batch.events[1].line, 3);
    end(&r);
}

static void a_log_that_begins_within_a_text_is_headless_up_to_the_first_record(void **state)
{
    (void)state;
    const char *rest = "FROM a, \"\"b\"\"\nWHERE c = 1\"" REST;
    buf log;
    buf_init(&log, MEMORY);
    buf_add_text(&log, rest);
    buf_add_text(&log, AT "LOG,00000,\"ready\"" REST);
    reading r;
    begin(&r, buf_slice(&log));
    read_block(&r, buf_slice(&log), false);
    assert_int_equal(r.batch.n_events, 1);
    skips(&r, SKIP_HEADLESS, 2, strlen(rest), 0);
    skips(&r, SKIP_FOREIGN, 0, 0, 0);
    end(&r);
    buf_free(&log);
}

static void a_lost_quote_costs_its_record_alone(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        AT "LOG,00000,\"statement: SELECT 1" REST,         /* the closing one */
        AT "LOG,00000,statement: SELECT 1\"" REST,         /* the opening one */
        AT "LOG,00000,\"statement: SELECT \"a\"\n\"" REST, /* one of two */
        AT "LOG,00000,\"statement: SELECT 1\",,,,,,,,,web\",\n",
        "2026-11-19 14:03:07.123 UTC,\"app,\"shop\",4711,\"h:1\",a.b,3,\"S\",\n",
        AT "LOG,00000,\"statement: SELECT 1\n", /* the rest of it */
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_printf(&log, "%s%s%s", SERVER "LOG,00000,\"ready\"" REST, damaged[i],
                   AT "LOG,00000,\"statement: SELECT 2\"" REST SERVER "LOG,00000,\"ready\"" REST);
        reading r;
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(r.batch.n_events, 3);
        assert_true(slice_is(r.batch.events[1].text, "SELECT 2"));
        assert_int_equal(r.batch.skipped[SKIP_FOREIGN].bytes, strlen(damaged[i]));
        assert_int_equal(r.batch.skipped[SKIP_FOREIGN].first_line, 1);
        end(&r);
        buf_free(&log);
    }
}

static void a_record_of_an_impossible_time_is_skipped_with_all_its_lines(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG,00000,\"ready\"" REST NEVER "LOG,00000,\"statement: SELECT\n1\"" REST AT
                    "LOG,00000,\"statement: SELECT 2\"" REST);
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[1].text, "SELECT 2"));
    skips(&r, SKIP_BAD_TIME, 2, strlen(NEVER "LOG,00000,\"statement: SELECT\n1\"" REST), 1);
    end(&r);
}

static void severity_words_of_other_languages_are_read(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "LOG,00000,\"ready\"" REST AT "FEHLER,42P01,\"nein\"" REST AT
                    "FEIL,42P01,\"nei\"" REST);
    assert_int_equal(r.batch.n_events, 2);
    assert_int_equal(r.batch.events[1].kind, EVENT_ERROR);
    assert_int_equal(r.batch.skipped[SKIP_FOREIGN].count, 1);
    end(&r);
}

/* --- detecting ------------------------------------------------------------------------------- */

static void a_log_is_recognised_and_no_other_format_is(void **state)
{
    (void)state;
    const format_options none = {0};
    slice log = SLICE("within, \"\"a\"\" text\n" AT "LOG,00000,\"statement: SELECT\n1\"" REST SERVER
                      "LOG,00000,\"ready\"" REST AT "ERROR,42P01,\"no\"" REST);
    assert_int_equal(postgres_csvlog.detect(log, &none), 100);
    assert_int_equal(postgres_stderr.detect(log, &none), 0);
    slice plain = SLICE("2026-11-19 14:03:07.123 UTC [4711] app@shop LOG:  statement: SELECT\n"
                        "\t1,\"2\",3\n"
                        "2026-11-19 14:03:07.123 UTC,app,shop,LOG:  ready\n");
    assert_int_equal(postgres_csvlog.detect(plain, &none), 0);
    assert_int_equal(postgres_csvlog.detect(SLICE(""), &none), 0);
    assert_int_equal(postgres_csvlog.detect(SLICE("a,b,c\n1,2,3\n"), &none), 0);
}

/* --- cuts ---------------------------------------------------------------------------------------
 */

/* A row as it stands within another row's text. */
#define WITHIN                                                                                     \
    "\n2026-11-19 14:03:07.123 UTC,\"\"app\"\",\"\"shop\"\",1,,a.b,1,,2026-11-19 14:00:00 UTC,,0," \
    "LOG,00000,\"\"statement: DROP\"\",,,,,,,,,\"\"\"\"\n" SERVER "LOG,00000,\"\"x\"\"\n" SERVER   \
    "LOG,00000,\"\"\"\",,,,,,,,,\"\"web\"\"\n"

static const char every_kind[] =
    "head\"\"less\n\n\"\n" AT "LOG,00000,\"statement: SELECT 1\"" REST SERVER
    "LOG,00000,\"ready\"" REST AT "LOG,00000,\"statement: SELECT '" WITHIN "'\"" REST AT
    "LOG,00000,\"duration: 1.000 ms  execute s: SELECT *\nFROM a\n\n\",\"parameters: $1 = '\n" AT
    /* That row's quotes are not doubled: the text lost its end. */
    "LOG,00000,\"crlf\",,,,,,,,,\"web\"\r\n\r\nforeign\n" AT
    "ERROR,42P01,\"\",,,,,,\"SELECT\n\n2\",,,\"\"\n" SERVER
    "LOG,00000,\"\",,,,,,,,,\"\",\"x\",,0\n" NEVER "LOG,00000,\"bad\nx\"" REST AT
    "WARNING,01000,\"\"\"w\"\"\"" REST "2026-11-19 14:03:07.123 UTC,\"torn\n" AT
    "LOG,00000,\"the end";

static void same_event(const event *a, const batch *whole, const event *b, const batch *part,
                       uint64_t offset, uint32_t line)
{
    assert_int_equal(a->offset, b->offset + offset);
    assert_int_equal(a->line, b->line + line);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->has, b->has);
    assert_true(slice_equal(a->text, b->text) && slice_equal(a->parameters, b->parameters));
    assert_true(slice_equal(a->value, b->value));
    assert_true(slice_equal(whole->whos[a->who].user, part->whos[b->who].user));
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
    begin(&whole, log);
    begin(&first, log);
    begin(&second, log);
    read_block(&whole, log, false);
    /* 1, ready, the text with rows within, crlf, the error, the empty message, the warning. */
    assert_int_equal(whole.batch.n_events, 7);
    size_t cuts = 0;
    size_t before = 0;
    for (size_t n = 1; n <= log.n; n++) {
        size_t at = postgres_csvlog.cut(&whole.format, slice_take(log, n), CUT_LAST);
        assert_true(at < n && at >= before);
        if (at > before) {
            halves_are_the_whole(&whole, &first, &second, log, at);
            cuts++;
        }
        before = at;
    }
    /* Where 1, ready, the rows within, the torn execution, crlf, the error, the bad time and the
     * warning begin. An empty message of a server's process is no proof, and the last line is
     * not whole. */
    assert_int_equal(cuts, 8);
    end(&whole);
    end(&first);
    end(&second);
}

static void the_first_cut_is_the_end_of_the_record_at_the_beginning(void **state)
{
    (void)state;
    slice log = slice_of(every_kind, sizeof every_kind - 1);
    reading r;
    begin(&r, log);
    size_t cuts[32];
    size_t n = 0;
    for (size_t at = 0, step; n < 32; at += step) {
        step = postgres_csvlog.cut(&r.format, slice_skip(log, at), CUT_FIRST);
        if (step == 0) {
            break;
        }
        cuts[n++] = at + step;
    }
    for (size_t size = log.n; n > 0; size = cuts[n]) {
        n--;
        assert_int_equal(postgres_csvlog.cut(&r.format, slice_take(log, size), CUT_LAST), cuts[n]);
    }
    end(&r);
}

/* The quote that closes the text stands where a message's would open. */
static void a_text_that_ends_like_the_beginning_of_a_row_is_no_boundary(void **state)
{
    (void)state;
    static const char *const logs[] = {
        AT "LOG,00000,\"statement: SELECT 1 --\n" SERVER "LOG,00000,\"" REST,
        AT "LOG,00000,\"statement: SELECT 1 --\n" SERVER "LOG,00000,\"\"\"" REST,
        AT "LOG,00000,\"statement: SELECT 1 --\",,,,,,,,,\"web\n" SERVER "LOG,00000,\"\n",
        AT "LOG,00000,\"statement: SELECT 1 --\",,,,,,,,,\"web\n" SERVER "LOG,00000,\"\r\n",
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        reading r;
        read_log(&r, logs[i]);
        assert_int_equal(postgres_csvlog.cut(&r.format, slice_from(logs[i]), CUT_LAST), 0);
        assert_int_equal(r.batch.n_events, 1);
        assert_int_equal(r.batch.events[0].bytes, strlen(logs[i]));
        end(&r);
    }
}

static void a_boundary_is_seen_alike_whatever_follows(void **state)
{
    (void)state;
    slice log = slice_of(every_kind, sizeof every_kind - 1);
    reading r;
    begin(&r, log);
    size_t whole_first = postgres_csvlog.cut(&r.format, log, CUT_FIRST);
    for (size_t n = 1; n <= log.n; n++) {
        slice part = slice_take(log, n);
        size_t last = postgres_csvlog.cut(&r.format, part, CUT_LAST);
        size_t first = postgres_csvlog.cut(&r.format, part, CUT_FIRST);
        assert_int_equal(first == 0, last == 0);
        assert_true(first == 0 || first == whole_first);
    }
    end(&r);
}

static void no_byte_is_lost_in_any_mixture_of_lines(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        AT "LOG,00000,\"statement: SELECT 1\"" REST,
        AT "LOG,00000,\"statement: SELECT\n1\"" REST,
        SERVER "LOG,00000,\"\"" REST,
        NEVER "LOG,00000,\"x\"" REST,
        AT "LOG,00000,\"torn\n",
        "\n",
        "\r\n",
        "foreign\n",
        "\"\n",
        "\"\"\n",
        ",,\",\n",
        "2026-11-19 14:03:07.123 UTC\n",
        AT "\n",
        AT "LOG,00000,\"x\",,,,,,,,\r",
    };
    enum { PIECES = sizeof pieces / sizeof *pieces };
    for (uint64_t i = 0; i < 3000; i++) {
        buf log;
        buf_init(&log, MEMORY);
        uint64_t n = mix64(i, 0) % 12;
        for (uint64_t k = 1; k <= n; k++) {
            buf_add_text(&log, pieces[mix64(i, k) % PIECES]);
        }
        if (i % 3 == 0 && log.n > 0) {
            buf_truncate(&log, log.n - mix64(i, 99) % log.n);
        }
        reading r;
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), i % 2 == 0);
        end(&r);
        buf_free(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_with_all_its_columns),
        cmocka_unit_test(detail_and_query_complete_their_record),
        cmocka_unit_test(the_same_record_gives_the_event_that_plain_text_gives),
        cmocka_unit_test(doubled_quotes_are_single_in_what_is_read),
        cmocka_unit_test(hosts_lose_their_port_and_nothing_else),
        cmocka_unit_test(rows_of_every_version_are_read_and_shorter_ones_are_not),
        cmocka_unit_test(carriage_returns_at_line_ends_are_not_text),
        cmocka_unit_test(a_last_line_without_line_end_counts),
        cmocka_unit_test(a_record_cut_at_the_limit_keeps_what_there_is_and_says_so),
        cmocka_unit_test(foreign_lines_are_counted_and_the_next_record_is_read),
        cmocka_unit_test(a_log_that_begins_within_a_text_is_headless_up_to_the_first_record),
        cmocka_unit_test(a_lost_quote_costs_its_record_alone),
        cmocka_unit_test(a_record_of_an_impossible_time_is_skipped_with_all_its_lines),
        cmocka_unit_test(severity_words_of_other_languages_are_read),
        cmocka_unit_test(a_log_is_recognised_and_no_other_format_is),
        cmocka_unit_test(the_parts_at_every_cut_are_the_whole),
        cmocka_unit_test(the_first_cut_is_the_end_of_the_record_at_the_beginning),
        cmocka_unit_test(a_text_that_ends_like_the_beginning_of_a_row_is_no_boundary),
        cmocka_unit_test(a_boundary_is_seen_alike_whatever_follows),
        cmocka_unit_test(no_byte_is_lost_in_any_mixture_of_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
