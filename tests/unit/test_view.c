/* The formats made from the view: JSON keeps its schema, Markdown its tables, all the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"
#include "model_fixture.h"
#include "report/render.h"
#include "report/view.h"

static model_fixture fixture;
static const render_options WIDE = {.text = {.width = 200}};

static buf rendered(report_format format)
{
    buf out;
    status st = {0};
    fixture_make(&fixture);
    buf_init(&out, 1 << 20);
    if (!render(&(render_subject){.m = &fixture.m}, format, &WIDE, &out, &st)) {
        fail_msg("%s", st.text);
    }
    return out;
}

static buf rendered_query(report_format format, int i)
{
    buf out;
    status st = {0};
    fixture_make(&fixture);
    buf_init(&out, 1 << 20);
    if (!render(&(render_subject){.m = &fixture.m, .q = &fixture.queries[i]}, format, &WIDE, &out,
                &st)) {
        fail_msg("%s", st.text);
    }
    return out;
}

static void assert_has(const buf *text, const char *part)
{
    if (strstr(text->p, part) == NULL) {
        fail_msg("'%s' is missing in:\n%s", part, text->p);
    }
}

static void assert_lacks(const buf *text, const char *part)
{
    if (strstr(text->p, part) != NULL) {
        fail_msg("'%s' is in:\n%s", part, text->p);
    }
}

/* --- Markdown ----------------------------------------------------------------------- */

static slice take_line(slice *rest)
{
    const char *end = memchr(rest->p, '\n', rest->n);
    assert_non_null(end);
    slice line = slice_between(rest->p, end);
    *rest = slice_skip(*rest, line.n + 1);
    return line;
}

/* Cells as GitHub Flavored Markdown splits a row: at every pipe without a backslash. */
static size_t cells(slice row)
{
    size_t pipes = 0;
    for (size_t i = 0; i < row.n; i++) {
        pipes += row.p[i] == '|' && (i == 0 || row.p[i - 1] != '\\');
    }
    assert_true(slice_starts_with(row, SLICE("|")) && slice_ends_with(row, SLICE("|")));
    return pipes - 1;
}

/* Checks the rows of all tables outside of fences; the number of tables. */
static size_t check_tables(slice text)
{
    size_t tables = 0, expected = 0;
    slice fence = {"", 0};
    while (text.n > 0) {
        slice line = take_line(&text);
        if (fence.n > 0 || slice_starts_with(line, SLICE("```"))) {
            bool closes = slice_equal(line, fence);
            size_t ticks = 0;
            while (ticks < line.n && line.p[ticks] == '`') {
                ticks++;
            }
            fence = closes ? slice_of("", 0) : fence.n > 0 ? fence : slice_take(line, ticks);
            continue;
        }
        if (!slice_starts_with(line, SLICE("|"))) {
            expected = 0;
        } else if (expected == 0) {
            expected = cells(line);
            tables++;
        } else {
            assert_int_equal(cells(line), expected);
        }
    }
    assert_int_equal(fence.n, 0);
    return tables;
}

static void every_row_of_a_markdown_table_has_its_cells(void **state)
{
    (void)state;
    buf md = rendered(REPORT_MARKDOWN);
    /* the whole, files, skipped, queries; each query's figures; two queries' examples */
    assert_int_equal(check_tables(buf_slice(&md)), 4 + 3 + 2);
    buf_free(&md);
}

static void a_fence_is_longer_than_the_backticks_within(void **state)
{
    (void)state;
    buf md = rendered_query(REPORT_MARKDOWN, 1);
    assert_has(&md, "\n````sql\nselect ");
    assert_has(&md, " from t\n````\n");
    buf_free(&md);
}

static void nothing_in_markdown_drives_a_terminal_or_a_page(void **state)
{
    (void)state;
    buf md = rendered(REPORT_MARKDOWN);
    for (size_t i = 0; i < md.n; i++) {
        unsigned char c = (unsigned char)md.p[i];
        assert_true((c >= 0x20 || c == '\n') && c != 0x7f && c < 0xf8);
    }
    assert_lacks(&md, "\342\200\256");
    slice rest = buf_slice(&md);
    while (rest.n > 0) { /* a tag stands in code only: in a span, or in the fenced listing */
        slice line = take_line(&rest);
        const char *tag = memchr(line.p, '<', line.n);
        if (tag != NULL && slice_starts_with(slice_between(tag, line.p + line.n), SLICE("<img"))) {
            assert_true(memchr(line.p, '`', (size_t)(tag - line.p)) != NULL);
        }
    }
    buf_free(&md);
}

static void a_query_alone_reads_as_in_the_report(void **state)
{
    (void)state;
    buf md = rendered(REPORT_MARKDOWN);
    for (int i = 0; i < FIXTURE_QUERIES; i++) {
        buf alone = rendered_query(REPORT_MARKDOWN, i);
        assert_has(&md, alone.p);
        buf_free(&alone);
    }
    buf_free(&md);
}

static void markdown_names_zone_window_and_what_is_cut(void **state)
{
    (void)state;
    buf md = rendered(REPORT_MARKDOWN);
    assert_has(&md,
               "**1 of 76 queries makes up 97.0 % of the query time. 1,744 calls took 5 min 00 s"
               " in 1 h 20 min, 0.063 sessions active on average; 3 errors.**");
    assert_has(&md, "2026-11-19 13:00:00 to 14:20:00 CET (1 h 20 min)");
    assert_has(&md, "| from 2026-11-19 13:04:00: 300 calls, 1 min 38 s |");
    assert_has(&md, "[9f3c21d07be4a6c8](#9f3c21d07be4a6c8)");
    assert_has(&md, "\n### 9f3c21d07be4a6c8\n");
    assert_has(&md, "… and 73 more queries: 312 calls, 3.00 s");
    assert_has(&md, "\n    qlog show 9f3c21d07be4a6c8 --db shop postgresql-2026-11-19.log\n");
    buf_free(&md);
}

/* --- one figure, one text ----------------------------------------------------------- */

static void assert_all_have(const buf *formats, size_t n, const buf *figure)
{
    for (size_t i = 0; i < n; i++) {
        assert_has(&formats[i], figure->p);
    }
}

static void text_and_markdown_show_the_models_figures(void **state)
{
    (void)state;
    buf formats[] = {rendered(REPORT_TEXT), rendered(REPORT_MARKDOWN)};
    buf figure;
    buf_init(&figure, 64);
    for (int i = 0; i < FIXTURE_QUERIES; i++) {
        const model_query *q = &fixture.queries[i];
        const int64_t durations[] = {q->time.total, q->time.mean, q->time.p95, q->time.max};
        for (size_t k = 0; q->time.n > 0 && k < sizeof durations / sizeof durations[0]; k++) {
            buf_clear(&figure);
            duration_format(&figure, durations[k]);
            assert_all_have(formats, 2, &figure);
        }
        buf_clear(&figure);
        count_format(&figure, q->calls);
        assert_all_have(formats, 2, &figure);
        buf_clear(&figure);
        id_format(&figure, q->id);
        assert_all_have(formats, 2, &figure);
    }
    buf_clear(&figure);
    share_format(&figure, fixture.queries[1].time.total, fixture.m.time.total);
    assert_all_have(formats, 2, &figure);
    buf_free(&figure);
    buf_free(&formats[0]);
    buf_free(&formats[1]);
}

/* --- JSON ----------------------------------------------------------------------------- */

static void json_has_exact_numbers_and_utc(void **state)
{
    (void)state;
    buf json = rendered(REPORT_JSON);
    assert_has(&json, "\"schema\": \"qlog-report/1\"");
    assert_has(&json, "\"from\": \"2026-11-19T12:00:00.000Z\"");
    assert_has(&json, "\"to\": \"2026-11-19T13:20:00.000Z\"");
    assert_has(&json, "\"coverage\": 0.998771"); /* 998771 of 1000000 bytes */
    assert_has(&json, "\"ms\": 250,");
    assert_has(&json, "\"time_ms\": 300000,");
    assert_has(&json, "\"load\": 0.063");
    assert_has(&json, "\"mean\": 210.108");
    assert_has(&json, "\"share\": 0.97,"); /* 291 of 300 s */
    assert_has(&json, "\"load\": 0.061");  /* 291 s in 4800 s: 0.060625 */
    assert_has(&json, "\"share\": 0.02,");
    assert_has(&json, "\"load\": 0.001"); /* 6 s in 4800 s: 0.00125 */
    assert_has(&json, "\"pg_queryid\": [\"-4388205233331294387\", \"17\"]");
    assert_has(&json, "\"57014\": 2");
    assert_has(&json, "\"unknown\": 1");
    assert_has(&json, "\"prepare_time_ms\": {");
    assert_has(&json, "\"checkpoints\": {\n      \"count\": 4,");
    buf_free(&json);
}

/* Each under the log's own name; under its unit as well where that is a name of the program's. */
static void attributes_have_the_names_that_the_log_has_for_them(void **state)
{
    (void)state;
    static const char *const names[] = {"Foo_wait", "Request_cost", "prepare_time_ms"};
    static const char *const units[] = {"us", "millionths", "count"};
    static const report_format formats[] = {REPORT_JSON, REPORT_HTML};
    model_measure measures[4];
    buf out[2];
    fixture_make(&fixture);
    measures[0] = fixture.measure;
    for (size_t i = 0; i < 3; i++) {
        measures[i + 1] = (model_measure){.name = slice_from(names[i]),
                                          .unit = slice_from(units[i]),
                                          .is_attribute = true,
                                          .statistics = {1, 2500000, 2500000, 2500000, 2500000,
                                                         2500000, 2500000, 2500000, 2500000, 0},
                                          .mean_thousandths = 2500000400,
                                          .stddev_thousandths = 1234,
                                          .of_all = 2500000};
    }
    fixture.queries[0].measures = measures;
    fixture.queries[0].n_measures = 4;
    for (size_t i = 0; i < 2; i++) {
        status st = {0};
        buf_init(&out[i], 1 << 20);
        assert_true(render(&(render_subject){.m = &fixture.m}, formats[i], &WIDE, &out[i], &st));
    }
    assert_has(&out[0], "\"prepare_time_ms\": {");
    assert_has(&out[0], "\"Foo_wait_ms\": {");
    assert_has(&out[0], "\"count:prepare_time_ms\": {");
    assert_has(&out[0], "\"Request_cost\": {");
    assert_has(&out[0], "\"total\": 2.5");
    /* A count's mean is no whole number; other units are fine enough. */
    assert_has(&out[0], "\"mean\": 2500000.4");
    assert_has(&out[0], "\"stddev\": 1.234");
    assert_has(&out[0], "\"mean\": 2.5");
    assert_has(&out[1], "<th>Foo_wait<td>2.50 s");
    assert_lacks(&out[1], "<dt>Measured");
    assert_has(&out[1], "<th>Request_cost<td>2.50");
    buf_free(&out[0]);
    buf_free(&out[1]);
}

/* One execution has no distribution: its figures stand by themselves. */
static void a_query_that_ran_once_shows_what_was_measured(void **state)
{
    (void)state;
    status st = {0};
    buf page;
    fixture_make(&fixture);
    fixture.queries[0].time.n = 1;
    buf_init(&page, 1 << 20);
    assert_true(render(&(render_subject){.m = &fixture.m}, REPORT_HTML, &WIDE, &page, &st));
    assert_has(&page, "<dt>Measured<dd><span class=measure>prepare time 5.00 ms</span>");
    buf_free(&page);
}

static void json_says_null_for_what_cannot_be_known(void **state)
{
    (void)state;
    buf json = rendered_query(REPORT_JSON, 2);
    assert_has(&json, "\"verb\": null");
    assert_has(&json, "\"p95\": null");
    assert_has(&json, "\"share\": null");
    assert_has(&json, "\"load\": null");
    assert_has(&json, "\"examined\": null");
    assert_has(&json, "\"examined_per_sent\": null");
    assert_has(&json, "\"lock_time_ms\": null");
    assert_has(&json, "\"first_seen\": null");
    assert_has(&json, "\"tables\": []");
    assert_has(&json, "\"sample_rate\": null");
    assert_has(&json, "\"temp_files\": {\n      \"count\": null,");
    buf_free(&json);
}

static void json_holds_nothing_that_is_for_templates(void **state)
{
    (void)state;
    static const char *const names[] = {"\"fence\"",    "\"rank\"",     "\"code\"",  "\"listing\"",
                                        "\"location\"", "\"at_local\"", "\"label\"", "\"known\"",
                                        "\"any\"",      "_text\"",      "_lines\"",  "\"has_"};
    buf json = rendered(REPORT_JSON);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_lacks(&json, names[i]);
    }
    assert_lacks(&json, "</script>");
    buf_free(&json);
}

static void json_of_one_query_is_a_report_where_the_rest_is_other(void **state)
{
    (void)state;
    buf json = rendered_query(REPORT_JSON, 0);
    assert_has(&json, "\"id\": \"9f3c21d07be4a6c8\"");
    assert_lacks(&json, "\"id\": \"0000000000000abc\"");
    /* 76 - 1 queries, 1744 - 1385 calls, 300 - 291 s */
    assert_has(&json, "\"other\": {\"fingerprints\": 75, \"calls\": 359, \"time_ms\": 9000}");
    buf_free(&json);
}

static void a_model_without_anything_is_still_a_report(void **state)
{
    (void)state;
    model m = {0};
    const report_format formats[] = {REPORT_TEXT, REPORT_MARKDOWN, REPORT_HTML, REPORT_JSON};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        buf out;
        status st = {0};
        buf_init(&out, 1 << 20);
        assert_true(render(&(render_subject){.m = &m}, formats[i], &WIDE, &out, &st));
        assert_true(out.n > 0);
        buf_free(&out);
    }
}

/* --- failures and names ---------------------------------------------------------------- */

static void a_report_that_does_not_fit_is_a_failure(void **state)
{
    (void)state;
    const report_format formats[] = {REPORT_TEXT, REPORT_MARKDOWN, REPORT_HTML, REPORT_JSON};
    fixture_make(&fixture);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        buf out;
        status st = {0};
        buf_init(&out, 500);
        assert_false(render(&(render_subject){.m = &fixture.m}, formats[i], &WIDE, &out, &st));
        assert_true(st.code != STATUS_OK);
        buf_free(&out);
    }
}

static void a_view_without_memory_says_so(void **state)
{
    (void)state;
    fixture_make(&fixture);
    arena a;
    arena_init(&a, 0);
    value_builder b = {.arena = &a};
    view_build(&fixture.m, &(view_options){0}, &b);
    assert_true(b.failed);
    arena_free(&a);
}

static void formats_are_found_by_name_and_by_extension(void **state)
{
    (void)state;
    const struct {
        const char *name;
        report_format format;
    } known[] = {{"text", REPORT_TEXT},    {".txt", REPORT_TEXT}, {"md", REPORT_MARKDOWN},
                 {".MD", REPORT_MARKDOWN}, {"json", REPORT_JSON}, {".json", REPORT_JSON},
                 {"html", REPORT_HTML},    {".htm", REPORT_HTML}};
    report_format format;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(report_format_find(slice_from(known[i].name), &format));
        assert_int_equal(format, known[i].format);
    }
    const char *const unknown[] = {"", ".", "m", "mdx", "xml", "..md"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_false(report_format_find(slice_from(unknown[i]), &format));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_a_markdown_table_has_its_cells),
        cmocka_unit_test(a_fence_is_longer_than_the_backticks_within),
        cmocka_unit_test(nothing_in_markdown_drives_a_terminal_or_a_page),
        cmocka_unit_test(a_query_alone_reads_as_in_the_report),
        cmocka_unit_test(markdown_names_zone_window_and_what_is_cut),
        cmocka_unit_test(text_and_markdown_show_the_models_figures),
        cmocka_unit_test(json_has_exact_numbers_and_utc),
        cmocka_unit_test(attributes_have_the_names_that_the_log_has_for_them),
        cmocka_unit_test(a_query_that_ran_once_shows_what_was_measured),
        cmocka_unit_test(json_says_null_for_what_cannot_be_known),
        cmocka_unit_test(json_holds_nothing_that_is_for_templates),
        cmocka_unit_test(json_of_one_query_is_a_report_where_the_rest_is_other),
        cmocka_unit_test(a_model_without_anything_is_still_a_report),
        cmocka_unit_test(a_report_that_does_not_fit_is_a_failure),
        cmocka_unit_test(a_view_without_memory_says_so),
        cmocka_unit_test(formats_are_found_by_name_and_by_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
