/* test_html.c - the HTML report as text; how it looks is the browser tests' (tests/browser). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/assets.h"
#include "base/value.h"
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

static void the_load_is_stacked_by_the_queries_that_lead(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_point own = {FIXTURE_FROM, 50, 5000000};
    fixture.queries[1].series = (model_series){&own, 1};
    const model_query *by_total[] = {&fixture.queries[0], &fixture.queries[1]};
    fixture.m.rankings[RANKING_TOTAL] = (model_ranking){by_total, 2};
    buf out = html(&fixture.m, NULL);
    /* All of it first, then both, then the first alone, in time and in calls. */
    assert_int_equal(count(&out, "<path class=s0 "), 2);
    assert_int_equal(count(&out, "<path class=s2 "), 2);
    assert_int_equal(count(&out, "<path class=s1 "), 2);
    assert_int_equal(count(&out, "<path class=s3 "), 0);
    assert_has(&out, "<li class=s1><a href=#q-9f3c21d07be4a6c8>");
    assert_has(&out, "</a> 97.0 %");
    assert_has(&out, "<li class=s0>all others");
    buf_free(&out);
}

static void moments_are_numbered_by_time(void **state)
{
    (void)state;
    fixture_make(&fixture);
    occurrence happened[] = {
        {FIXTURE_FROM + 60 * FIXTURE_MINUTE, SLICE("server"), SLICE("db1"), SLICE("started")},
        {FIXTURE_FROM + 60 * FIXTURE_MINUTE, SLICE("mark"), SLICE(""), SLICE("deploy 4.2")}};
    const finding findings[] = {{.id = 7,
                                 .kind = FINDING_STALL,
                                 .title = SLICE("All waited"),
                                 .first_seen = FIXTURE_FROM + 61 * FIXTURE_MINUTE},
                                {.id = 8,
                                 .kind = FINDING_FULL_SCAN,
                                 .title = SLICE("Of no moment"),
                                 .first_seen = FIXTURE_FROM}};
    fixture.m.occurrences = happened;
    fixture.m.n_occurrences = 2;
    fixture.m.findings = findings;
    fixture.m.n_findings = 2;
    buf out = html(&fixture.m, NULL);
    assert_int_equal(count(&out, "<g class=moment>"), 2);
    assert_has(&out, "<li>14:00:00 the server started, deploy 4.2\n<li>14:01:00 <a "
                     "href=#f-0000000000000007>All waited</a>");
    buf_free(&out);
}

static void queries_have_the_numbers_of_what_they_can_be_filtered_by(void **state)
{
    (void)state;
    buf out = html(&fixture_make(&fixture)->m, NULL);
    assert_int_equal(count(&out, "<select"), 3); /* of one engine, and without findings */
    assert_has(&out, "<option value=0>shop<option value=1>select");
    assert_has(&out, " id=q-9f3c21d07be4a6c8 data-f=0,2,4>");
    assert_has(&out, " id=q-0000000000000abc data-f=1,3,5>");
    assert_has(&out, " id=q-ffffffffffffffff>"); /* nobody knows who ran it */
    buf_free(&out);
}

static void changes_stand_with_before_and_after_side_by_side(void **state)
{
    (void)state;
    fixture_make(&fixture);
    arena a;
    arena_init(&a, 1 << 16);
    value_builder b = {.arena = &a};
    value *worse = value_root(&b, VALUE_OBJECT);
    value *gone = value_root(&b, VALUE_OBJECT);
    value_add_decimal(&b, worse, "geometric_mean_before_ms", 100000, 3);
    value_add_decimal(&b, worse, "geometric_mean_ms", 300000, 3);
    value_add_decimal(&b, gone, "time_ms", 7000000, 3);
    const uint64_t id = 0x9f3c21d07be4a6c8;
    const finding findings[] = {{.id = 7,
                                 .kind = FINDING_REGRESSION,
                                 .title = SLICE("t"),
                                 .queries = &id,
                                 .n_queries = 1,
                                 .cost = 60000000,
                                 .evidence = worse},
                                {.id = 8,
                                 .kind = FINDING_GONE_QUERY,
                                 .title = SLICE("u"),
                                 .cost = 7000000,
                                 .evidence = gone}};
    fixture.m.findings = findings;
    fixture.m.n_findings = 2;
    buf out = html(&fixture.m, NULL);
    assert_has(&out, "<a href=#f-0000000000000007>regression</a><td>select o.id, o.created_at");
    assert_has(&out, "<td>100 ms<td>300 ms<td>1 min 00 s\n");
    assert_has(&out,
               "<a href=#f-0000000000000008>gone-query</a><td>u<td>7.00 s in all<td><td>7.00 s\n");
    buf_free(&out);
    arena_free(&a);
}

static void the_server_s_lines_have_tables_of_their_own(void **state)
{
    (void)state;
    fixture_make(&fixture);
    model_fact facts[] = {
        {.kind = SLICE("checkpoint"), .subject = SLICE("time"), .n = 9},
        {.kind = SLICE("checkpoint"), .subject = SLICE("wal"), .n = 2},
        {.kind = SLICE("temp_file"), .subject = SLICE(""), .n = 3, .sum = 3072, .max = 2048}};
    model_fact queries[] = {
        {.kind = SLICE("temp_file"), .fingerprint = 0x9f3c21d07be4a6c8, .n = 2, .sum = 2048},
        {.kind = SLICE("temp_file"), .fingerprint = 99, .n = 1, .sum = 1024}};
    fixture.m.facts = facts;
    fixture.m.n_facts = 3;
    fixture.m.fact_queries = queries;
    fixture.m.n_fact_queries = 2;
    buf out = html(&fixture.m, NULL);
    assert_has(
        &out,
        "<thead><tr><th>Cause<th>Count\n<tbody>\n<tr><td>time<td>9\n<tr><td>wal<td>2\n</table>");
    assert_has(&out, "<thead><tr><th>Query<th>Count<th>Size\n<tbody>\n<tr><td><a "
                     "href=#q-9f3c21d07be4a6c8>select o.id");
    assert_has(&out, "</a><td>2<td>2.00 KiB\n");
    assert_has(&out, "<tr><td><code>0000000000000063</code><td>1<td>1.00 KiB\n"); /* not shown */
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
        cmocka_unit_test(the_load_is_stacked_by_the_queries_that_lead),
        cmocka_unit_test(moments_are_numbered_by_time),
        cmocka_unit_test(queries_have_the_numbers_of_what_they_can_be_filtered_by),
        cmocka_unit_test(changes_stand_with_before_and_after_side_by_side),
        cmocka_unit_test(the_server_s_lines_have_tables_of_their_own),
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
