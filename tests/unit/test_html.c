/* test_html.c - the HTML report as text; how it looks is the browser tests' (tests/browser). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/assets.h"
#include "model_fixture.h"
#include "report/render.h"

static model_fixture fixture;
static const render_options OPTIONS = {.text = {.width = 120}};

/* `q` NULL: the whole report. The caller frees it. */
static buf html(const model *m, const model_query *q)
{
    buf out;
    status st = {0};
    buf_init(&out, 1 << 22);
    if (q == NULL) {
        assert_true(render(&(render_subject){.m = m}, REPORT_HTML, &OPTIONS, &out, &st));
    } else {
        assert_true(render(&(render_subject){.m = m, .q = q}, REPORT_HTML, &OPTIONS, &out, &st));
    }
    return out;
}

static size_t count(const buf *text, const char *needle)
{
    size_t n = strlen(needle);
    size_t found = 0;
    for (size_t i = 0; i + n <= text->n; i++) {
        found += memcmp(text->p + i, needle, n) == 0;
    }
    return found;
}

static void assert_has(const buf *text, const char *needle)
{
    if (count(text, needle) == 0) {
        fail_msg("not in the report: %s", needle);
    }
}

/* --- safety ------------------------------------------------------------------------------ */

static void text_of_the_log_opens_and_closes_nothing(void **state)
{
    (void)state;
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_int_equal(count(&out, "<img"), 0);
    assert_int_equal(count(&out, "</script"), 1); /* the page's own */
    assert_int_equal(count(&out, "<script"), 1);
    assert_has(&out, "&lt;/script&gt;&lt;img src=x&gt;");
    for (size_t i = 0; i < out.n; i++) {
        assert_true((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n');
    }
    assert_int_equal(count(&out, "\342\200\256"), 0); /* U+202E turns text around */
    buf_free(&out);
}

static void the_page_allows_its_own_style_and_script_and_nothing_else(void **state)
{
    (void)state;
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_has(&out, "http-equiv=Content-Security-Policy content=\"default-src 'none'; ");
    assert_has(&out, "style-src 'sha256-");
    assert_has(&out, "script-src 'sha256-");
    assert_int_equal(count(&out, "unsafe"), 0);
    assert_int_equal(count(&out, "http:"), 0);
    assert_int_equal(count(&out, "https:"), 0);
    assert_int_equal(count(&out, " style="), 0); /* which the policy would refuse */
    assert_int_equal(count(&out, " src="), count(&out, "&lt;img src=")); /* as text alone */
    buf_free(&out);
}

static void style_and_script_cannot_end_their_elements(void **state)
{
    (void)state;
    static const char *const names[] = {"style.css", "report.js"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        slice text;
        assert_true(asset_find(slice_from(names[i]), &text));
        for (size_t k = 0; k + 1 < text.n; k++) {
            assert_false(text.p[k] == '<' && (text.p[k + 1] == '/' || text.p[k + 1] == '!'));
        }
    }
}

/* --- content --------------------------------------------------------------------------- */

static void each_query_is_a_link_target_that_the_tables_point_to(void **state)
{
    (void)state;
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_has(&out, " id=q-9f3c21d07be4a6c8");
    assert_has(&out, "href=#q-9f3c21d07be4a6c8>");
    assert_has(&out, " id=q-0000000000000abc");
    assert_has(&out, " id=q-ffffffffffffffff");
    buf_free(&out);
}

static void the_first_screen_has_verdict_window_and_what_cannot_be_seen(void **state)
{
    (void)state;
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_has(&out,
               "1 of 76 queries makes up 97.0 % of the query time. 1,744 calls took 5 min 00 s"
               " in 1 h 20 min, 0.063 sessions active on average; 3 errors.");
    assert_has(&out, "2026-11-19 13:00:00 to 14:20:00 CET");
    assert_has(&out, "2 files, 977 KiB, 99.9 % understood");
    assert_has(&out, "rows read and returned");
    assert_has(&out, "database shop");
    assert_has(&out, "… and 73 more queries: 312 calls, 3.00 s");
    buf_free(&out);
}

static void rankings_list_what_leads_by_each_figure(void **state)
{
    (void)state;
    fixture_make(&fixture);
    const model_query *by_mean[] = {&fixture.queries[0], &fixture.queries[1]};
    fixture.m.rankings[RANKING_MEAN] = (model_ranking){by_mean, 2};
    buf out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "Slowest on average"), 1);
    assert_int_equal(count(&out, "Called most often"), 0);
    assert_has(&out, "<tr><td>210 ms<td><a href=#q-9f3c21d07be4a6c8>");
    buf_free(&out);
}

static void the_busiest_minute_is_marked_where_it_is(void **state)
{
    (void)state;
    /* Minute 4 of the 81 that the axis shows: 49 to 61 thousandths. */
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_has(&out, "<rect class=mark x=4.9% y=16 width=1.2% ");
    buf_free(&out);
}

static void in_wide_columns_the_one_that_holds_the_busiest_minute_is_marked(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_point first = {FIXTURE_FROM, 1, 1000};
    fixture.m.series = (model_series){&first, 1};
    fixture.m.series_step = 15 * FIXTURE_MINUTE;
    fixture.m.busiest.at = FIXTURE_FROM + 44 * FIXTURE_MINUTE;
    /* The third of six columns in 80 minutes. */
    buf out = html(&fixture.m, NULL);
    assert_has(&out, "<rect class=mark x=33.3% y=16 width=16.7% ");
    buf_free(&out);
}

static void ticks_of_more_than_a_year_tell_the_year(void **state)
{
    (void)state;
    fixture_make(&fixture);
    fixture.m.series_step = 7 * 1440 * FIXTURE_MINUTE;
    fixture.m.to = FIXTURE_FROM + 3 * 365 * 1440 * FIXTURE_MINUTE;
    buf out = html(&fixture.m, NULL);
    assert_has(&out, ">2027-");
    assert_has(&out, ">2029-");
    buf_free(&out);
}

static void of_several_sources_each_threshold_and_file_names_its_own(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_source sources[] = {fixture.source, fixture.source};
    sources[1].name = SLICE("replica");
    fixture.m.sources = sources;
    buf out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "(replica)"), 0);
    assert_int_equal(count(&out, "<th>Source"), 0);
    buf_free(&out);
    fixture.m.n_sources = 2;
    out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "(replica)"), fixture.source.n_thresholds);
    assert_int_equal(count(&out, "<tr><td>replica<td>"), fixture.source.n_files);
    assert_int_equal(count(&out, "<th>Source"), 1);
    buf_free(&out);
}

static void within_two_minutes_none_is_the_busiest(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_point only = {FIXTURE_FROM, 1, 1000};
    fixture.m.series = (model_series){&only, 1};
    fixture.m.to = FIXTURE_FROM;
    buf out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "busiest minute"), 0);
    buf_free(&out);
}

static void a_query_alone_is_a_page_of_its_own(void **state)
{
    (void)state;
    fixture_make(&fixture);
    buf out = html(&fixture.m, &fixture.queries[0]);
    assert_has(&out, "<title>Query 9f3c21d07be4a6c8</title>");
    assert_has(&out, "pg_queryid 17");
    assert_has(&out, "postgresql-2026-11-19.log:4711");
    assert_int_equal(count(&out, "id=q-"), 1);
    buf_free(&out);
}

static void a_name_that_only_some_calls_have_is_told_with_its_calls(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_query *q = &fixture.queries[0];
    model_share user = {SLICE("reporting"), q->calls, 2000000};
    q->users = (model_shares){&user, 1};
    buf out = html(&fixture.m, q);
    assert_int_equal(count(&out, "<dt>Users"), 0);
    buf_free(&out);
    user.calls = 1;
    out = html(&fixture.m, q);
    assert_has(&out, "<dt>Users<dd>reporting 1 call, 2.00 s");
    buf_free(&out);
}

static void queries_far_down_are_in_brief(void **state)
{
    (void)state;
    fixture_make(&fixture);
    fixture.queries[0].rank = 26;
    buf out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "Std dev"), 1); /* the hostile one's */
    buf_free(&out);
    out = html(&fixture.m, &fixture.queries[0]); /* but alone it is in full */
    assert_int_equal(count(&out, "Std dev"), 1);
    buf_free(&out);
}

/* --- little to show -------------------------------------------------------------------- */

static void a_log_without_times_has_no_charts(void **state)
{
    (void)state;
    model m = {.version = SLICE("0.1"), .calls = 3, .fingerprints = 1};
    buf out = html(&m, NULL);
    assert_int_equal(count(&out, "<svg"), 0);
    assert_has(&out, "no times in this log");
    assert_has(&out, "The log has no durations.");
    buf_free(&out);
}

static void calls_without_durations_are_charted_as_calls(void **state)
{
    (void)state;
    fixture_make(&fixture);
    fixture.m.time = (model_statistics){0};
    fixture.m.n_histogram = 0;
    buf out = html(&fixture.m, NULL);
    assert_has(&out, "Calls in buckets of 1 min.");
    assert_has(&out, "dy=-3>100</text>"); /* a grid line of calls, at most 300 */
    assert_has(&out, "The busiest minute begins at 2026-11-19 13:04:00: 300 calls.");
    assert_has(&out, ": 300 calls</title>");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_the_log_opens_and_closes_nothing),
        cmocka_unit_test(the_page_allows_its_own_style_and_script_and_nothing_else),
        cmocka_unit_test(style_and_script_cannot_end_their_elements),
        cmocka_unit_test(each_query_is_a_link_target_that_the_tables_point_to),
        cmocka_unit_test(the_first_screen_has_verdict_window_and_what_cannot_be_seen),
        cmocka_unit_test(rankings_list_what_leads_by_each_figure),
        cmocka_unit_test(the_busiest_minute_is_marked_where_it_is),
        cmocka_unit_test(in_wide_columns_the_one_that_holds_the_busiest_minute_is_marked),
        cmocka_unit_test(ticks_of_more_than_a_year_tell_the_year),
        cmocka_unit_test(of_several_sources_each_threshold_and_file_names_its_own),
        cmocka_unit_test(within_two_minutes_none_is_the_busiest),
        cmocka_unit_test(a_query_alone_is_a_page_of_its_own),
        cmocka_unit_test(a_name_that_only_some_calls_have_is_told_with_its_calls),
        cmocka_unit_test(queries_far_down_are_in_brief),
        cmocka_unit_test(a_log_without_times_has_no_charts),
        cmocka_unit_test(calls_without_durations_are_charted_as_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
