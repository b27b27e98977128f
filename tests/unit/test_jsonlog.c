/* test_jsonlog.c - PostgreSQL's log as JSON: members in any order, escapes, damage, cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "parsers/postgres/csvlog.h"
#include "parsers/postgres/jsonlog.h"
#include "parsers/postgres/stderr.h"

enum { MEMORY = 4 * 1024 * 1024 };

#define TIME "\"timestamp\":\"2026-11-19 14:03:07.123 UTC\""
#define AT                                                                                         \
    "{" TIME ",\"user\":\"app\",\"dbname\":\"shop\",\"pid\":4711,\"remote_host\":\"10.0.0.5\","    \
    "\"remote_port\":40000,\"session_id\":\"691d.1267\",\"line_num\":3,\"ps\":\"SELECT\","         \
    "\"session_start\":\"2026-11-19 14:00:00 UTC\",\"vxid\":\"4/17\",\"txid\":0,"
#define LOG(message) AT "\"error_severity\":\"LOG\",\"message\":\"" message "\"" REST
#define REST         ",\"application_name\":\"web\",\"backend_type\":\"client backend\",\"query_id\":0}\n"
#define NEVER                                                                                      \
    "{\"timestamp\":\"2026-13-19 14:03:07.123 "                                                    \
    "UTC\",\"error_severity\":\"LOG\",\"message\":\"x\"}\n"

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
    postgres_jsonlog.parse(&r->format, block, truncated, &r->batch);
    assert_false(r->batch.out_of_memory);
    accounts_for_every_byte(&r->batch, block);
}

static void begin(reading *r, slice head)
{
    status st = {0};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(postgres_jsonlog.prepare(head, &(format_options){0}, &r->keep, &r->format, &st));
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

/* --- records ---------------------------------------------------------------------------- */

static void a_record_is_read_with_all_its_members(void **state)
{
    (void)state;
    const char *log =
        AT "\"error_severity\":\"LOG\",\"state_code\":\"00000\",\"message\":\"duration: "
           "12.345 ms  execute s: SELECT \\\"a\\\"\\nFROM b\",\"detail\":\"parameters: "
           "$1 = '7'\",\"application_name\":\"web\",\"query_id\":-7788}\n";
    reading r;
    read_log(&r, log);
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->has, HAS_TIME | HAS_DURATION | HAS_SESSION | HAS_TEXT | HAS_QUERY_ID |
                                 PLAN_FOLLOWS);
    int64_t minutes = (days_from_civil(2026, 11, 19) * 24 + 14) * 60 + 3;
    assert_true(e->time == (minutes * 60 + 7) * 1000000 + 123000);
    assert_int_equal(e->duration, 12345);
    assert_true(e->query_id == -7788);
    assert_true(e->session == hash_bytes(SLICE("691d.1267")));
    assert_true(slice_is(e->text, "SELECT \"a\"\nFROM b"));
    assert_true(slice_is(e->parameters, "$1 = '7'"));
    assert_true(slice_is(e->code, "00000"));
    assert_int_equal(e->name.n, 0);
    assert_int_equal(e->bytes, strlen(log));
    const who *w = &r.batch.whos[e->who];
    assert_true(slice_is(w->user, "app"));
    assert_true(slice_is(w->database, "shop"));
    assert_true(slice_is(w->application, "web"));
    assert_true(slice_is(w->host, "10.0.0.5"));
    assert_true(slice_is(r.batch.zone, "UTC"));
    assert_int_equal(r.batch.event_bytes, strlen(log));
    assert_int_equal(r.format.lacks, 0);
    assert_int_equal(r.format.clock_resolution, 1000);
    end(&r);
}

static void records_under_other_names_are_the_same_records(void **state)
{
    (void)state;
    static const char *const logs[] = {
        "{\"log_time\":\"2026-11-19 14:03:07.123 "
        "UTC\",\"user_name\":\"app\",\"database_name\":\"shop\","
        "\"process_id\":\"4711\",\"connection_from\":\"10.0.0.5:40000\",\"session_id\":\"691d."
        "1267\","
        "\"error_severity\":\"ERROR\",\"sql_state_code\":\"23505\",\"message\":\"no\",\"query\":"
        "\"SELECT 1\"}\n",
        "{\"record_log_time_s\":\"2026-11-19 14:03:07.123 UTC\",\"record_user_name_s\":\"app\","
        "\"record_database_name_s\":\"shop\",\"record_process_id_s\":\"4711\",\"record_connection_"
        "from_s\":"
        "\"10.0.0.5:40000\",\"record_session_id_s\":\"691d.1267\",\"record_error_severity_s\":"
        "\"ERROR\","
        "\"record_sql_state_code_s\":\"23505\",\"record_message_s\":\"no\",\"record_query_s\":"
        "\"SELECT 1\"}\n",
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        reading r;
        assert_int_equal(postgres_jsonlog.detect(slice_from(logs[i]), &(format_options){0}), 100);
        read_log(&r, logs[i]);
        assert_int_equal(r.batch.n_events, 1);
        const event *e = &r.batch.events[0];
        assert_int_equal(e->kind, EVENT_ERROR);
        assert_true(e->session == hash_bytes(SLICE("691d.1267")));
        assert_true(slice_is(e->code, "23505"));
        assert_true(slice_is(e->text, "SELECT 1"));
        const who *w = &r.batch.whos[e->who];
        assert_true(slice_is(w->user, "app"));
        assert_true(slice_is(w->database, "shop"));
        assert_true(slice_is(w->host, "10.0.0.5"));
        end(&r);
    }
}

static void the_statement_is_the_text_of_an_error(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT "\"error_severity\":\"ERROR\",\"state_code\":\"42P01\",\"message\":\"no\","
                    "\"hint\":\"think\",\"internal_query\":\"SELECT internal\",\"context\":\"f()\","
                    "\"statement\":\"SELECT\\n2\",\"cursor_position\":15}\n");
    const event *e = &r.batch.events[0];
    assert_int_equal(e->kind, EVENT_ERROR);
    assert_true(slice_is(e->text, "SELECT\n2"));
    assert_true(slice_is(e->value, "no"));
    assert_true(slice_is(e->code, "42P01"));
    assert_int_equal(r.batch.other_bytes, e->bytes);
    end(&r);
}

static void members_may_come_in_any_order_with_unknown_ones_between(void **state)
{
    (void)state;
    reading r;
    read_log(
        &r,
        "{ \"to_come\" : {\"message\":[1,{}]}, \"message\":\"statement: SELECT 1\", \"pid\": 7,"
        "\"mess\\u0061ge_\":1, \"error_severity\":\"LOG\",\"user\":null,\"dbname\":\"o\\\"b\"," TIME
        "}\r\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    assert_true(r.batch.events[0].session == hash_bytes(SLICE("7")));
    assert_int_equal(r.batch.whos[0].user.n, 0);
    assert_true(slice_is(r.batch.whos[0].database, "o\"b"));
    end(&r);
}

static void a_statement_that_holds_json_is_read_to_its_end(void **state)
{
    (void)state;
    reading r;
    read_log(&r, LOG("statement: SELECT '{\\\"a\\\":\\\"b\\\"}', \\\"message\\\" -- \\\\"));
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT '{\"a\":\"b\"}', \"message\" -- \\"));
    end(&r);
}

static void a_record_cut_at_the_limit_keeps_what_there_is_and_says_so(void **state)
{
    (void)state;
    slice log = SLICE(AT "\"error_severity\":\"LOG\",\"message\":\"statement: SELECT\\n'abc\\u00");
    reading r;
    begin(&r, log);
    read_block(&r, log, true);
    assert_int_equal(r.batch.n_events, 1);
    assert_true(slice_is(r.batch.events[0].text, "SELECT\n'abc"));
    assert_true((r.batch.events[0].has & TEXT_TRUNCATED) != 0);
    read_block(&r, log, false);
    assert_int_equal(r.batch.n_events, 0);
    skips(&r, SKIP_FOREIGN, 1, log.n, 0);
    end(&r);
}

static void a_last_line_without_line_end_counts(void **state)
{
    (void)state;
    slice log = SLICE(LOG("ready") LOG("statement: SELECT 1"));
    reading r;
    begin(&r, log);
    read_block(&r, slice_take(log, log.n - 1), false);
    assert_int_equal(r.batch.n_events, 2);
    assert_int_equal(r.batch.lines, 2);
    end(&r);
}

/* --- what is not understood ------------------------------------------------------------------ */

static void lines_that_are_no_record_are_counted(void **state)
{
    (void)state;
    static const char *const others[] = {
        "wal-g: uploading\n",
        "\n",
        "[1]\n",
        "{}\n",
        "{\"timestamp\":\"2026-11-19 14:03:07.123 UTC\",\"message\":\"no severity\"}\n",
        "{\"error_severity\":\"LOG\",\"message\":\"no time\"}\n",
        "{\"timestamp\":\"now\",\"error_severity\":\"LOG\",\"message\":\"x\"}\n",
        "{" TIME ",\"error_severity\":\"FEIL\",\"message\":\"x\"}\n",
        "{" TIME ",\"error_severity\":\"DETAIL\",\"message\":\"x\"}\n",
        "{" TIME ",\"error_severity\":\"LOG\",\"message\":\"x\",}\n",
        "{" TIME ",\"error_severity\":\"LOG\",\"message\":\"x\"} {}\n",
        "{" TIME ",\"error_severity\":\"LOG\",\"message\":\"torn\n",
        /* Which of the two is meant? */
        "{" TIME ",\"error_severity\":\"LOG\",\"message\":\"x\",\"message\":\"y\"}\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_printf(&log, "%s%s%s", LOG("ready"), others[i], LOG("statement: SELECT 1"));
        reading r;
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(r.batch.n_events, 2);
        skips(&r, SKIP_FOREIGN, 1, strlen(others[i]), 1);
        assert_int_equal(r.batch.events[1].line, 2);
        end(&r);
        buf_free(&log);
    }
}

static void the_rest_of_a_line_at_the_beginning_is_headless(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "_start\":\"x\",\"query_id\":0}\n" LOG("ready"));
    assert_int_equal(r.batch.n_events, 1);
    skips(&r, SKIP_HEADLESS, 1, strlen("_start\":\"x\",\"query_id\":0}\n"), 0);
    end(&r);
}

static void a_record_of_an_impossible_time_is_skipped(void **state)
{
    (void)state;
    reading r;
    read_log(&r, LOG("ready") NEVER LOG("ready"));
    assert_int_equal(r.batch.n_events, 2);
    skips(&r, SKIP_BAD_TIME, 1, strlen(NEVER), 1);
    end(&r);
}

/* --- detecting ------------------------------------------------------------------------------- */

static void a_log_is_recognised_and_no_other_format_is(void **state)
{
    (void)state;
    const format_options none = {0};
    slice log = SLICE("rest\"}\n" LOG("ERROR:  a, b, \\\"LOG:  c\\\"") LOG("statement: SELECT 1"));
    assert_int_equal(postgres_jsonlog.detect(log, &none), 100);
    assert_int_equal(postgres_stderr.detect(log, &none), 0);
    assert_int_equal(postgres_csvlog.detect(log, &none), 0);
    assert_int_equal(postgres_jsonlog.detect(SLICE(""), &none), 0);
    assert_int_equal(
        postgres_jsonlog.detect(SLICE("{\"timestamp\":\"x\",\"message\":\"y\"}\n"), &none), 0);
    assert_int_equal(
        postgres_jsonlog.detect(SLICE("2026-11-19 14:03:07.123 UTC [1] LOG:  {\"a\":1}\n"), &none),
        0);
}

/* --- cuts ---------------------------------------------------------------------------------------
 */

static const char every_kind[] =
    "headless\"}\n\n" LOG("statement: SELECT 1") LOG("ready") "foreign\n\n{torn\n\tfrom it\n" LOG(
        "crlf\\r\\n{") "\r\n" NEVER LOG("duration: 1.000 ms") "{\"timestamp\":\"the end";

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
    assert_int_equal(whole.batch.n_events, 4);
    size_t cuts = 0;
    size_t before = 0;
    for (size_t n = 1; n <= log.n; n++) {
        size_t at = postgres_jsonlog.cut(&whole.format, slice_take(log, n), CUT_LAST);
        assert_true(at < n && at >= before);
        if (at > before) {
            halves_are_the_whole(&whole, &first, &second, log, at);
            cuts++;
        }
        before = at;
    }
    /* Before each line that begins with a brace: five that are whole, the torn one, the last. */
    assert_int_equal(cuts, 7);
    end(&whole);
    end(&first);
    end(&second);
}

static void the_first_cut_is_the_end_of_the_record_at_the_beginning(void **state)
{
    (void)state;
    slice log = SLICE(LOG("{\\n{") "foreign\n" LOG("ready"));
    slice record = SLICE(LOG("{\\n{") "foreign\n");
    reading r;
    begin(&r, log);
    assert_int_equal(postgres_jsonlog.cut(&r.format, log, CUT_FIRST), record.n);
    assert_int_equal(postgres_jsonlog.cut(&r.format, slice_take(log, record.n + 1), CUT_FIRST),
                     record.n);
    assert_int_equal(postgres_jsonlog.cut(&r.format, record, CUT_FIRST), 0);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_with_all_its_members),
        cmocka_unit_test(records_under_other_names_are_the_same_records),
        cmocka_unit_test(the_statement_is_the_text_of_an_error),
        cmocka_unit_test(members_may_come_in_any_order_with_unknown_ones_between),
        cmocka_unit_test(a_statement_that_holds_json_is_read_to_its_end),
        cmocka_unit_test(a_record_cut_at_the_limit_keeps_what_there_is_and_says_so),
        cmocka_unit_test(a_last_line_without_line_end_counts),
        cmocka_unit_test(lines_that_are_no_record_are_counted),
        cmocka_unit_test(the_rest_of_a_line_at_the_beginning_is_headless),
        cmocka_unit_test(a_record_of_an_impossible_time_is_skipped),
        cmocka_unit_test(a_log_is_recognised_and_no_other_format_is),
        cmocka_unit_test(the_parts_at_every_cut_are_the_whole),
        cmocka_unit_test(the_first_cut_is_the_end_of_the_record_at_the_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
