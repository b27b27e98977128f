/* test_line_regex.c - formats of one's own: what patterns are refused, what groups mean, records
 * over several lines, bounded work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsers/regex/line_regex.h"

enum { MEMORY = 4 * 1024 * 1024 };

#define PLAIN "(?<time>\\S+ \\S+) (?<user>\\w+) (?<duration_ms>[\\d.]+)ms (?<text>.*)"

typedef struct reading {
    line_regex *regex;
    arena keep;
    format format;
    batch batch;
} reading;

static void read_block(reading *r, slice block, bool truncated)
{
    batch_reset(&r->batch);
    r->format.parser->parse(&r->format, block, truncated, &r->batch);
    uint64_t bytes = r->batch.event_bytes + r->batch.other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += r->batch.skipped[i].bytes;
    }
    assert_int_equal(bytes, block.n);
}

static void read_log(reading *r, const char *pattern, const char *log)
{
    status st = {0};
    *r = (reading){.regex = NULL};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(line_regex_compile(pattern, &r->regex, &st));
    assert_true(line_regex_postgresql.prepare(
        slice_from(log), &(format_options){.line_regex = r->regex}, &r->keep, &r->format, &st));
    read_block(r, slice_from(log), false);
}

static void end(reading *r)
{
    batch_free(&r->batch);
    arena_free(&r->keep);
    line_regex_free(r->regex);
}

/* --- patterns ------------------------------------------------------------------------ */

static void refused(const char *pattern, const char *why)
{
    line_regex *r = NULL;
    status st = {0};
    assert_false(line_regex_compile(pattern, &r, &st));
    assert_null(r);
    assert_int_equal(st.code, STATUS_USAGE);
    assert_non_null(strstr(st.text, why));
}

static void bad_patterns_are_refused_with_the_reason(void **state)
{
    (void)state;
    refused("(?<text>.*", "missing closing parenthesis at character 11");
    refused("(?<text>[z-a])", "range out of order in character class at character 12");
    refused("(?<text>.*)(?<tmie>.)", "unknown group 'tmie'");
    refused("(?<text>.*)(?<tmie>.)", "time, duration_s");
    refused("(?<time>.*)", "no group 'text'");
    refused("", "no group 'text'");
}

static void a_second_pattern_is_refused(void **state)
{
    (void)state;
    line_regex *r = NULL;
    status st = {0};
    assert_true(line_regex_compile("(?<text>a)", &r, &st));
    assert_false(line_regex_compile("(?<text>b)", &r, &st));
    line_regex_free(r);
}

static void a_log_without_a_line_that_matches_is_refused(void **state)
{
    (void)state;
    line_regex *r = NULL;
    format f;
    status st = {0};
    assert_true(line_regex_compile("x (?<text>.*)", &r, &st));
    assert_false(line_regex_mysql.prepare(SLICE("a x b\n"), &(format_options){.line_regex = r},
                                          NULL, &f, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_string_equal(st.text, "no line matches --line-regex 'x (?<text>.*)'");
    line_regex_free(r);
}

/* --- what groups mean ---------------------------------------------------------------------- */

static void each_group_fills_its_field(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             "(?<time>.*?) s=(?<session>\\w+) (?<user>\\w+)@(?<database>\\w+)/(?<host>\\S+)"
             " (?<application>\\w+) (?<duration_us>\\d+)us lock=(?<lock_time_s>\\S+)"
             " sent=(?<rows_sent>\\d+) (?<severity>\\w+) (?<code>\\w+): (?<text>.*)",
             "2026-11-19T15:03:07.123+01:00 s=77 app@shop/h1 web 1500us lock=0.25 sent=3 INFO 00:"
             " SELECT 1\r\n");
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    const who *w = &r.batch.whos[e->who];
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->time, 1795096987123000);
    assert_int_equal(e->zone_offset, 3600);
    assert_int_equal(e->duration, 1500);
    assert_true(slice_is(e->text, "SELECT 1"));
    assert_true(slice_is(e->code, "00"));
    assert_true(slice_is(w->user, "app") && slice_is(w->database, "shop"));
    assert_true(slice_is(w->host, "h1") && slice_is(w->application, "web"));
    assert_true((e->has & HAS_SESSION) != 0);
    assert_int_equal(e->n_measured, 2);
    assert_int_equal(r.batch.measured[0].id, MEASURE_LOCK_TIME);
    assert_int_equal(r.batch.measured[0].value, 250000);
    assert_int_equal(r.batch.measured[1].value, 3);
    assert_int_equal(r.format.clock_resolution, 1000);
    assert_int_equal(r.format.lacks, 0);
    end(&r);
}

static void times_and_durations_come_in_several_units(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        int64_t time, duration;
    } cases[] = {
        {"2026-11-19 14:03:07|1.5|SELECT 1\n", 1795096987000000, 1500000},
        {"2026-11-19 14:03:07Z|0.000001|SELECT 1\n", 1795096987000000, 1},
        {"2026-11-19 15:03:07 CET|0|SELECT 1\n", 1795096987000000, 0},
        {"1795096987.25|2|SELECT 1\n", 1795096987250000, 2000000},
        {"1795096987123|2|SELECT 1\n", 1795096987123000, 2000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reading r;
        read_log(&r, "(?<time>.*)\\|(?<duration_s>.*)\\|(?<text>.*)", cases[i].log);
        assert_int_equal(r.batch.n_events, 1);
        assert_int_equal(r.batch.events[0].time, cases[i].time);
        assert_int_equal(r.batch.events[0].duration, cases[i].duration);
        end(&r);
    }
}

static void severities_make_errors_and_groups_may_stand_in_branches(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "(?<severity>\\w+): (?:(?<text>SELECT.*)|(?<message>.*))",
             "error: SELECT 1\nWarn: SELECT 2\nnote: SELECT 3\nnote: ready\n");
    static const event_kind kinds[] = {EVENT_ERROR, EVENT_WARNING, EVENT_STATEMENT, EVENT_MESSAGE};
    assert_int_equal(r.batch.n_events, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(r.batch.events[i].kind, kinds[i]);
    }
    assert_true(slice_is(r.batch.events[3].value, "ready"));
    assert_int_equal(r.format.lacks & LACKS_TIME, LACKS_TIME);
    end(&r);
    read_log(&r, "a (?<text>\\w+)|b (?<text>\\w+)", "a one\nb two\n");
    assert_true(slice_is(r.batch.events[1].text, "two"));
    end(&r);
}

/* --- records ------------------------------------------------------------------------------- */

static void a_line_that_does_not_match_continues_the_record_above(void **state)
{
    (void)state;
    reading r;
    read_log(&r, PLAIN,
             "  of a record before\n"
             "2026-11-19 14:00:00 app 1.5ms SELECT *\n  FROM a\n\n"
             "2026-11-19 14:00:01 app 2ms SELECT 2\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true(slice_is(r.batch.events[0].text, "SELECT *\n  FROM a\n"));
    assert_true(slice_is(r.batch.events[1].text, "SELECT 2"));
    assert_int_equal(r.batch.events[1].line, 4);
    assert_int_equal(r.batch.skipped[SKIP_HEADLESS].count, 1);
    end(&r);
    /* Text that ends before its line does is whole. */
    read_log(&r, "(?<text>[^;]*); took", "SELECT 1; took 1 s\nmore\n");
    assert_true(slice_is(r.batch.events[0].text, "SELECT 1"));
    assert_int_equal(r.batch.events[0].bytes, 24);
    end(&r);
}

static void an_impossible_time_is_told_and_its_lines_are_skipped(void **state)
{
    (void)state;
    reading r;
    read_log(&r, PLAIN,
             "2026-13-19 14:00:00 app 1.5ms SELECT *\n  FROM a\n"
             "2026-11-19 14:00:01 app 2ms SELECT 2\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_int_equal(r.batch.skipped[SKIP_BAD_TIME].count, 2);
    end(&r);
}

static void a_record_cut_at_the_limit_says_so(void **state)
{
    (void)state;
    reading r;
    read_log(&r, PLAIN, "2026-11-19 14:00:00 app 1.5ms SELECT 1\n");
    read_block(&r, SLICE("2026-11-19 14:00:00 app 1.5ms SELECT 1"), true);
    assert_true((r.batch.events[0].has & TEXT_TRUNCATED) != 0);
    end(&r);
}

/* Nested repeats over a line that does not match would take exponential time. */
static void a_line_that_costs_too_much_is_not_understood(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "(?:x (?<text>.*)|(?:(a+)+)+b)",
             "x SELECT 1\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\nx SELECT 2\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_int_equal(r.batch.skipped[SKIP_FOREIGN].count, 1);
    end(&r);
}

static void the_parts_at_every_cut_are_the_whole(void **state)
{
    (void)state;
    const char *log = "2026-11-19 14:00:00 app 1.5ms SELECT *\n  FROM a\n"
                      "2026-11-19 14:00:01 app 2ms SELECT 2\n"
                      "2026-11-19 14:00:02 app 3ms SELECT 3\n\n";
    reading r;
    read_log(&r, PLAIN, log);
    slice all = slice_from(log);
    size_t first = r.format.parser->cut(&r.format, all, CUT_FIRST);
    size_t last = r.format.parser->cut(&r.format, all, CUT_LAST);
    assert_int_equal(first, r.batch.events[1].offset);
    assert_int_equal(last, r.batch.events[2].offset);
    for (size_t n = 0; n < all.n; n++) {
        size_t at = r.format.parser->cut(&r.format, slice_take(all, n), CUT_LAST);
        bool is_boundary = at == 0 || at == first || at == last;
        assert_true(is_boundary);
        /* The line there must be whole to be known for a record's. */
        assert_true(n < last + 37 || at == last);
    }
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_patterns_are_refused_with_the_reason),
        cmocka_unit_test(a_second_pattern_is_refused),
        cmocka_unit_test(a_log_without_a_line_that_matches_is_refused),
        cmocka_unit_test(each_group_fills_its_field),
        cmocka_unit_test(times_and_durations_come_in_several_units),
        cmocka_unit_test(severities_make_errors_and_groups_may_stand_in_branches),
        cmocka_unit_test(a_line_that_does_not_match_continues_the_record_above),
        cmocka_unit_test(an_impossible_time_is_told_and_its_lines_are_skipped),
        cmocka_unit_test(a_record_cut_at_the_limit_says_so),
        cmocka_unit_test(a_line_that_costs_too_much_is_not_understood),
        cmocka_unit_test(the_parts_at_every_cut_are_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
