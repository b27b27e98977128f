/* The report on a terminal: it fits, it is harmless, its figures are the model's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_fixture.h"
#include "report/layout.h"
#include "report/text.h"

static model_fixture fixture;

typedef struct printed {
    buf overview;
    buf queries[FIXTURE_QUERIES];
} printed;

static printed print_all(unsigned width, bool colour)
{
    text_options o = {.width = width, .colour = colour};
    printed p;
    fixture_make(&fixture);
    buf_init(&p.overview, 1 << 20);
    report_text(&fixture.m, &o, &p.overview);
    assert_false(p.overview.failed);
    for (int i = 0; i < FIXTURE_QUERIES; i++) {
        buf_init(&p.queries[i], 1 << 20);
        report_text_query(&fixture.m, &fixture.queries[i], &o, &p.queries[i]);
        assert_false(p.queries[i].failed);
    }
    return p;
}

static void free_all(printed *p)
{
    buf_free(&p->overview);
    for (int i = 0; i < FIXTURE_QUERIES; i++) {
        buf_free(&p->queries[i]);
    }
}

static void assert_lines_fit(const buf *text, unsigned width)
{
    slice rest = buf_slice(text);
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        assert_non_null(end);
        slice line = slice_between(rest.p, end);
        bool command = slice_starts_with(line, SLICE("  qlog show")); /* there to be copied */
        if (!command && layout_columns(line) > width) {
            fail_msg("more than %u columns: %.*s", width, (int)line.n, line.p);
        }
        rest = slice_skip(rest, line.n + 1);
    }
}

static void every_line_fits_the_width(void **state)
{
    (void)state;
    for (unsigned width = 60; width <= 200; width++) {
        printed p = print_all(width, false);
        assert_lines_fit(&p.overview, width);
        for (int i = 0; i < FIXTURE_QUERIES; i++) {
            assert_lines_fit(&p.queries[i], width);
        }
        free_all(&p);
    }
}

static void a_narrower_width_is_taken_as_the_least(void **state)
{
    (void)state;
    printed least = print_all(LAYOUT_MIN_WIDTH, false);
    printed none = print_all(0, false);
    assert_string_equal(none.overview.p, least.overview.p);
    free_all(&least);
    free_all(&none);
}

static void assert_harmless(const buf *text)
{
    for (size_t i = 0; i < text->n; i++) {
        unsigned char c = (unsigned char)text->p[i];
        assert_true(c >= 0x20 || c == '\n');
        assert_true(c != 0x7f && c != 0xff && c != 0xfe);
    }
    assert_null(strstr(text->p, "\342\200\256")); /* U+202E turns the text around */
}

static void nothing_from_the_log_drives_the_terminal(void **state)
{
    (void)state;
    printed p = print_all(80, false);
    assert_harmless(&p.overview);
    for (int i = 0; i < FIXTURE_QUERIES; i++) {
        assert_harmless(&p.queries[i]);
    }
    free_all(&p);
}

static void colour_adds_only_style(void **state)
{
    (void)state;
    printed plain = print_all(80, false);
    printed coloured = print_all(80, true);
    assert_non_null(strstr(coloured.overview.p, "\033[31m3 errors\033[0m"));
    buf stripped;
    buf_init(&stripped, 1 << 20);
    for (size_t i = 0; i < coloured.overview.n; i++) {
        if (coloured.overview.p[i] == '\033') {
            i += strcspn(coloured.overview.p + i, "m");
        } else {
            buf_add_char(&stripped, coloured.overview.p[i]);
        }
    }
    assert_string_equal(stripped.p, plain.overview.p);
    buf_free(&stripped);
    free_all(&plain);
    free_all(&coloured);
}

static void assert_in_order(const char *text, const char *const *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *found = strstr(text, parts[i]);
        if (found == NULL) {
            fail_msg("'%s' is missing or too early in:\n%s", parts[i], text);
        }
        text = found;
    }
}

static void the_first_screen_answers_in_order(void **state)
{
    (void)state;
    const char *const parts[] = {
        "postgresql-2026-11-19.log (977 KiB, 12,345 lines)", /* 1000000 / 1024 = 976.6 */
        "as postgresql-stderr, '%m [%p] %q%u@%d ' (inferred)",
        "99.9 % understood",
        "skipped 12 lines, 1.20 KiB: foreign line, first at",
        "postgresql-2026-11-19.log:17",
        "statements faster than 250 ms: log_min_duration_statement is 250 ms; set it lower",
        "2026-11-19 13:00:00 to 14:20:00 CET (1 h 20 min)",
        "database shop",
        "about 2,104 calls (1,744 logged)",
        "76 queries, 3 errors, 5 min 00 s of query time, 0.063 sessions active on average",
        "minute from 2026-11-19 13:04:00: 300 calls, 1 min 38 s",
        "mean 173 ms, p50 150 ms, p90 400 ms, p95 612 ms, p99 1.10 s, max 1.36 s",
        "4 checkpoints, 1,234 sessions begun",
        "Share",
        "Query",
        "Text",
        "97.0 %",
        "4 min 51 s",
        "1,385",
        "210 ms",
        "612 ms",
        "1.36 s",
        "9f3c21d07be4a6c8",
        "2.0 %",
        "6.00 s",
        "0000000000000abc",
        "-       -       -  ffffffffffffffff",
        "… and 73 more queries: 312 calls, 3.00 s",
        "qlog show 9f3c21d07be4a6c8 --db shop postgresql-2026-11-19.log\n",
    };
    printed p = print_all(200, false);
    assert_in_order(p.overview.p, parts, sizeof parts / sizeof parts[0]);
    free_all(&p);
}

static void a_narrow_table_drops_columns_but_keeps_share_id_and_text(void **state)
{
    (void)state;
    printed narrow = print_all(60, false);
    const char *head = strstr(narrow.overview.p, "Share");
    assert_non_null(head);
    const char *end = strchr(head, '\n');
    slice line = slice_between(head, end);
    buf copy;
    buf_init(&copy, 1024);
    buf_add(&copy, line);
    assert_null(strstr(copy.p, "Max"));
    assert_null(strstr(copy.p, "p95"));
    assert_non_null(strstr(copy.p, "Total"));
    assert_non_null(strstr(copy.p, "Query"));
    assert_non_null(strstr(copy.p, "Text"));
    buf_free(&copy);
    free_all(&narrow);
}

static void one_query_shows_all_that_is_known(void **state)
{
    (void)state;
    const char *const parts[] = {
        "9f3c21d07be4a6c8",
        "postgresql",
        "select",
        "pg_queryid -4388205233331294387",
        "pg_queryid 17",
        "1,385 calls, 3 errors, 4 min 51 s, 97.0 % of all query time, 0.061 sessions active",
        "57014: 2, without a code: 1",
        "mean 210 ms, p50 150 ms, p90 400 ms, p95 612 ms, p99 1.10 s, max 1.36 s, min 0.054 ms",
        "prepare time: total 5.00 ms (50.0 % of all), mean 0.500 ms, min 0.100 ms, p50 0.480 ms,"
        " p95 0.850 ms, p99 0.890 ms, max 0.900 ms, standard deviation 0.120 ms",
        "2026-11-19 13:00:00 to 2026-11-19 14:20:00 CET",
        "shop: 1,300 calls, 4 min 50 s",
        "(unknown): 85 calls, 1.00 s",
        "app: 1,385 calls",
        "rails: 1,385 calls",
        "10.0.0.7: 1,385 calls",
        "1.00 ms to    2.00 ms         500",
        "4.00 ms to    8.00 ms         502",
        "▁▅  █", /* 10, 49 and 98 s in the minutes 0, 1 and 4 */
        "postgresql-2026-11-19.log:4711  2026-11-19 13:01:01.123  1.36 s  app@shop  rails",
        "line 3  0.054 ms",
    };
    printed p = print_all(200, false);
    assert_in_order(p.queries[0].p, parts, sizeof parts / sizeof parts[0]);
    free_all(&p);
}

static void what_has_no_duration_claims_none(void **state)
{
    (void)state;
    printed p = print_all(100, false);
    assert_non_null(strstr(p.queries[2].p, "no durations in this log"));
    assert_null(strstr(p.queries[2].p, "0 ms"));
    free_all(&p);
}

static void a_report_of_nothing_says_so(void **state)
{
    (void)state;
    text_options o = {.width = 80};
    model m = {0};
    buf out;
    buf_init(&out, 1 << 20);
    report_text(&m, &o, &out);
    assert_non_null(strstr(out.p, "no times in this log"));
    assert_non_null(strstr(out.p, "No queries to show."));
    buf_free(&out);
}

static void running_out_of_room_is_told(void **state)
{
    (void)state;
    text_options o = {.width = 80};
    fixture_make(&fixture);
    buf whole;
    buf_init(&whole, 1 << 20);
    report_text(&fixture.m, &o, &whole);
    size_t needed = whole.n;
    buf_free(&whole);
    for (size_t max = 0; max <= needed; max++) {
        buf out;
        buf_init(&out, max);
        report_text(&fixture.m, &o, &out);
        assert_int_equal(out.failed, max < needed);
        buf_free(&out);
    }
}

/* --- layout ------------------------------------------------------------------------ */

static void wrapped_is(const char *text, unsigned width, unsigned indent, const char *expected)
{
    buf out;
    buf_init(&out, 4096);
    layout_wrap(&out, slice_from(text), width, indent, false);
    assert_string_equal(out.p, expected);
    buf_free(&out);
}

static void lines_break_at_blanks_and_long_words_where_they_must(void **state)
{
    (void)state;
    wrapped_is("", 10, 0, "\n");
    wrapped_is("one two three", 7, 0, "one two\nthree\n");
    wrapped_is("one two three", 9, 2, "one two\n  three\n");
    wrapped_is("abcdefghij", 4, 1, "abcd\n efg\n hij\n");
    wrapped_is("a:  abcdefghij", 6, 4, "a:  ab\n    cd\n    ef\n    gh\n    ij\n");
    wrapped_is("x 12" LAYOUT_GLUE "ms", 5, 0, "x\n12 ms\n");
}

static void wide_characters_take_two_columns_and_combining_ones_none(void **state)
{
    (void)state;
    assert_int_equal(layout_columns(slice_from("注文")), 4);
    assert_int_equal(layout_columns(slice_from("e\314\201")), 1);
    assert_int_equal(layout_columns(slice_from("…█")), 2);
    wrapped_is("注文番号", 5, 0, "注文\n番号\n");
}

static void cells_are_cut_and_filled_to_their_columns(void **state)
{
    (void)state;
    buf line;
    buf_init(&line, 4096);
    layout_add_right(&line, SLICE("12"), 4);
    layout_add_left(&line, SLICE("ab"), 4);
    layout_add_left(&line, SLICE("abcdef"), 4);
    layout_add_left(&line, slice_from("注文番号"), 4);
    assert_string_equal(line.p, "  12ab  abc…注… ");
    buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_fits_the_width),
        cmocka_unit_test(a_narrower_width_is_taken_as_the_least),
        cmocka_unit_test(nothing_from_the_log_drives_the_terminal),
        cmocka_unit_test(colour_adds_only_style),
        cmocka_unit_test(the_first_screen_answers_in_order),
        cmocka_unit_test(a_narrow_table_drops_columns_but_keeps_share_id_and_text),
        cmocka_unit_test(one_query_shows_all_that_is_known),
        cmocka_unit_test(what_has_no_duration_claims_none),
        cmocka_unit_test(a_report_of_nothing_says_so),
        cmocka_unit_test(running_out_of_room_is_told),
        cmocka_unit_test(lines_break_at_blanks_and_long_words_where_they_must),
        cmocka_unit_test(wide_characters_take_two_columns_and_combining_ones_none),
        cmocka_unit_test(cells_are_cut_and_filled_to_their_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
