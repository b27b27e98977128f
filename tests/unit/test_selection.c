/* test_selection.c - moments as people type them, and which executions are wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "digest/selection.h"

static const int64_t S = 1000000, MIN = 60 * 1000000ll, H = 3600 * 1000000ll;

static int64_t on_day(int day, int hour, int minute, int second)
{
    return ((days_from_civil(2026, 11, day) * 24 + hour) * 60 + minute) * MIN + second * S;
}

static moment moment_of(const char *text)
{
    moment m = {0};
    assert_true(moment_parse(slice_from(text), &m));
    return m;
}

/* --- moments ---------------------------------------------------------------------- */

static void moments_are_read_with_what_their_meaning_needs(void **state)
{
    (void)state;
    const int64_t day = days_from_civil(2026, 11, 19) * 24 * H;
    const struct {
        const char *text;
        moment_kind kind;
        int64_t us;
    } cases[] = {
        {"14:00", MOMENT_CLOCK, 14 * H},
        {"0:00", MOMENT_CLOCK, 0},
        {"24:00", MOMENT_CLOCK, 24 * H},
        {"14:05:30", MOMENT_CLOCK, 14 * H + 5 * MIN + 30 * S},
        {"14:05:30.25", MOMENT_CLOCK, 14 * H + 5 * MIN + 30 * S + 250000},
        {" 14:00\n", MOMENT_CLOCK, 14 * H},
        {"2026-11-19", MOMENT_LOCAL, day},
        {"2026-11-19 14:00", MOMENT_LOCAL, day + 14 * H},
        {"2026-11-19T14:00:07", MOMENT_LOCAL, day + 14 * H + 7 * S},
        {"2026-11-19 14:00:07.125", MOMENT_LOCAL, day + 14 * H + 7 * S + 125000},
        {"2026-11-19 14:00Z", MOMENT_INSTANT, day + 14 * H},
        {"2026-11-19 14:00 UTC", MOMENT_INSTANT, day + 14 * H},
        {"2026-11-19 14:00 +05:30", MOMENT_INSTANT, day + 14 * H - 5 * H - 30 * MIN},
        {"2026-11-19T14:00:00-03:30", MOMENT_INSTANT, day + 14 * H + 3 * H + 30 * MIN},
        {"2024-02-29", MOMENT_LOCAL, days_from_civil(2024, 2, 29) * 24 * H},
        {"1969-12-31 23:00", MOMENT_LOCAL, -H},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moment m = moment_of(cases[i].text);
        assert_int_equal(m.kind, cases[i].kind);
        assert_true(m.us == cases[i].us);
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "noon",
        "14",
        "14:",
        "14:60",
        "25:00",
        "24:01",
        "14:00:61",
        "14:00:00x",
        "14:00:00:1",
        "2026-11",
        "2026-13-01",
        "2026-00-01",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "2026/11/19",
        "2026-11-19 ",
        "26-11-19",
        "2026-11-19x14:00",
        "2026-11-19 25:00",
        "2026-11-19 14:00 Nowhere/Town",
        "2026-11-19T",
        "99999999999999999999:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        moment m;
        bool read = moment_parse(slice_from(bad[i]), &m);
        /* White space around a moment means nothing. */
        assert_int_equal(read, strcmp(bad[i], "2026-11-19 ") == 0);
    }
}

static selection window(const char *since, const char *until, int64_t first, int32_t zone)
{
    selection s = {0};
    if (since != NULL) {
        s.since = moment_of(since);
    }
    if (until != NULL) {
        s.until = moment_of(until);
    }
    selection_resolve(&s, first, 0, zone);
    selection_finish(&s);
    return s;
}

static void a_time_of_day_is_the_first_one_from_the_log_s_beginning(void **state)
{
    (void)state;
    const struct {
        int64_t first;
        int32_t zone;
        int64_t expected;
    } cases[] = {
        {on_day(19, 9, 0, 0), 0, on_day(19, 14, 0, 0)},
        {on_day(19, 14, 0, 0), 0, on_day(19, 14, 0, 0)},
        /* A log that begins within the minute means its beginning. */
        {on_day(19, 14, 0, 59), 0, on_day(19, 14, 0, 0)},
        {on_day(19, 14, 1, 0), 0, on_day(20, 14, 0, 0)},
        {on_day(19, 23, 0, 0), 0, on_day(20, 14, 0, 0)},
        /* 14:00 in India is 08:30 UTC; at 09:00 UTC it is 14:30 there, so it is tomorrow's. */
        {on_day(19, 8, 0, 0), 19800, on_day(19, 8, 30, 0)},
        {on_day(19, 9, 0, 0), 19800, on_day(20, 8, 30, 0)},
        /* 14:00 at -03:30 is 17:30 UTC; 01:00 UTC is the evening before. */
        {on_day(19, 1, 0, 0), -12600, on_day(19, 17, 30, 0)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        selection s = window("14:00", NULL, cases[i].first, cases[i].zone);
        assert_int_equal(s.since.kind, MOMENT_INSTANT);
        assert_true(s.since.us == cases[i].expected);
    }
}

static void until_is_the_first_such_time_after_since(void **state)
{
    (void)state;
    int64_t first = on_day(19, 9, 0, 0);
    selection s = window("14:00", "14:20", first, 0);
    assert_true(s.until.us == on_day(19, 14, 20, 0));
    s = window("23:50", "00:10", first, 0);
    assert_true(s.since.us == on_day(19, 23, 50, 0));
    assert_true(s.until.us == on_day(20, 0, 10, 0));
    s = window("14:00", "14:00", first, 0);
    assert_true(s.until.us == on_day(20, 14, 0, 0));
    s = window("2026-11-20", "08:00", first, 0);
    assert_true(s.until.us == on_day(20, 8, 0, 0));
    s = window(NULL, "08:00", first, 0);
    assert_true(s.until.us == on_day(20, 8, 0, 0));
}

static void a_local_time_is_read_in_the_log_s_zone_and_an_instant_is_not_moved(void **state)
{
    (void)state;
    selection s = window("2026-11-19 14:00", "2026-11-19 14:00Z", on_day(19, 0, 0, 0), 7200);
    assert_true(s.since.us == on_day(19, 12, 0, 0));
    assert_true(s.until.us == on_day(19, 14, 0, 0));
    /* What is fixed stays so for the next log. */
    selection_resolve(&s, on_day(25, 0, 0, 0), 0, -7200);
    assert_true(s.since.us == on_day(19, 12, 0, 0));
    assert_true(s.until.us == on_day(19, 14, 0, 0));
}

static void the_window_holds_its_beginning_and_not_its_end(void **state)
{
    (void)state;
    selection s = window("14:00", "14:20", on_day(19, 0, 0, 0), 0);
    assert_false(selection_has_time(&s, on_day(19, 14, 0, 0) - 1));
    assert_true(selection_has_time(&s, on_day(19, 14, 0, 0)));
    assert_true(selection_has_time(&s, on_day(19, 14, 20, 0) - 1));
    assert_false(selection_has_time(&s, on_day(19, 14, 20, 0)));
    selection all = {0};
    assert_true(selection_has_time(&all, INT64_MIN));
}

/* --- who and text ------------------------------------------------------------------ */

/* Thursday, 2026-11-19 14:30:20 UTC. */
static int64_t now_on_thursday(void)
{
    return on_day(19, 14, 30, 20);
}

static void moments_relative_to_now_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text;
        moment_kind kind;
        int day;
        int64_t us;
    } cases[] = {
        {"today", MOMENT_DAY, 0, 0},
        {"Yesterday", MOMENT_DAY, -1, 0},
        {"yesterday 14:00", MOMENT_DAY, -1, 14 * H},
        {"last monday", MOMENT_WEEKDAY, 0, 0},
        {"last Sun 06:25", MOMENT_WEEKDAY, 6, 6 * H + 25 * MIN},
        {"now", MOMENT_AGO, 0, 0},
        {"90m", MOMENT_AGO, 0, 90 * MIN},
        {"24h", MOMENT_AGO, 0, 24 * H},
        {"24 h ago", MOMENT_AGO, 0, 24 * H},
        {"2 days ago", MOMENT_AGO, 0, 48 * H},
        {"2w", MOMENT_AGO, 0, 14 * 24 * H},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moment m = moment_of(cases[i].text);
        assert_int_equal(m.kind, cases[i].kind);
        assert_int_equal(m.day, cases[i].day);
        assert_true(m.us == cases[i].us);
    }
    static const char *const bad[] = {"monday",       "last",     "last week", "yesterday noon",
                                      "24",           "24hh",     "-24h",      "24h before",
                                      "99999999999w", "nowadays", "todayish",  "last mond"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(moment_parse(slice_from(bad[i]), &(moment){0}));
    }
}

static int64_t since_of(const char *text, int64_t now, int32_t zone)
{
    selection s = {.since = moment_of(text), .now = now};
    selection_resolve(&s, on_day(1, 0, 0, 0), 0, zone);
    return s.since.us;
}

static void days_are_counted_in_the_log_s_zone(void **state)
{
    (void)state;
    int64_t now = now_on_thursday();
    assert_true(since_of("today", now, 0) == on_day(19, 0, 0, 0));
    assert_true(since_of("yesterday", now, 0) == on_day(18, 0, 0, 0));
    assert_true(since_of("yesterday 14:00", now, 0) == on_day(18, 14, 0, 0));
    assert_true(since_of("90m", now, 0) == on_day(19, 13, 0, 20));
    /* 14:30 UTC is 01:30 of the 20th at +11:00, whose midnight is 13:00 UTC. */
    assert_true(since_of("today", now, 39600) == on_day(19, 13, 0, 0));
    assert_true(since_of("90m", now, 39600) == on_day(19, 13, 0, 20));
    /* The zone that was asked for counts, whatever the log's is. */
    selection s = {.since = moment_of("today"), .now = now, .has_zone = true, .zone_offset = 39600};
    selection_resolve(&s, on_day(1, 0, 0, 0), 0, 0);
    assert_true(s.since.us == on_day(19, 13, 0, 0));
}

static void a_weekday_is_the_last_one_before_today(void **state)
{
    (void)state;
    int64_t now = now_on_thursday();
    assert_true(since_of("last wednesday", now, 0) == on_day(18, 0, 0, 0));
    assert_true(since_of("last monday", now, 0) == on_day(16, 0, 0, 0));
    assert_true(since_of("last friday", now, 0) == on_day(13, 0, 0, 0));
    assert_true(since_of("last thursday", now, 0) == on_day(12, 0, 0, 0)); /* today is Thursday */
}

static void in_a_store_a_time_of_day_is_the_last_before_its_end(void **state)
{
    (void)state;
    selection s = {.since = moment_of("14:00"), .until = moment_of("14:20")};
    selection_resolve_recent(&s, on_day(19, 14, 10, 0), 0);
    assert_true(s.since.us == on_day(19, 14, 0, 0));
    assert_true(s.until.us == on_day(19, 14, 20, 0));
    s = (selection){.since = moment_of("14:00")};
    selection_resolve_recent(&s, on_day(19, 13, 59, 0), 0);
    assert_true(s.since.us == on_day(18, 14, 0, 0));
    s = (selection){.until = moment_of("14:00")};
    selection_resolve_recent(&s, on_day(19, 13, 59, 0), 0);
    assert_true(s.until.us == on_day(18, 14, 0, 0));
    /* Counted back from a minute, since a store knows no seconds. */
    s = (selection){.since = moment_of("24h"), .now = now_on_thursday()};
    selection_resolve_recent(&s, on_day(19, 14, 0, 0), 0);
    assert_true(s.since.us == on_day(18, 14, 30, 0));
}

static void an_empty_window_is_told_with_the_log_s_own_times(void **state)
{
    (void)state;
    status st = {0};
    selection s = {
        .since = moment_of("yesterday"), .until = moment_of("today"), .now = now_on_thursday()};
    selection_resolve(&s, on_day(1, 0, 0, 0), 0, 3600);
    assert_false(selection_fail_window(&s, on_day(1, 0, 0, 0), on_day(2, 9, 30, 0), 3600, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_string_equal(st.text,
                        "nothing from 2026-11-18 00:00:00 until 2026-11-19 00:00:00: there are"
                        " records from 2026-11-01 01:00:00 to 2026-11-02 10:30:00 +01:00");
}

static void who_is_selected_by_each_dimension_that_was_asked_for(void **state)
{
    (void)state;
    const char *users[] = {"app", "web"};
    const char *databases[] = {"shop"};
    selection s = {0};
    assert_true(selection_has_who(&s, &(who){.user = SLICE("any")}));
    s.names[WHO_USER] = (name_list){users, 2};
    assert_true(selection_has_who(&s, &(who){.user = SLICE("app")}));
    assert_true(selection_has_who(&s, &(who){.user = SLICE("web"), .host = SLICE("h")}));
    assert_false(selection_has_who(&s, &(who){.user = SLICE("ap")}));
    assert_false(selection_has_who(&s, &(who){.database = SLICE("app")}));
    s.names[WHO_DATABASE] = (name_list){databases, 1};
    assert_false(selection_has_who(&s, &(who){.user = SLICE("app")}));
    assert_true(selection_has_who(&s, &(who){.user = SLICE("app"), .database = SLICE("shop")}));
}

static void tags_are_selected_by_any_value_of_each_key(void **state)
{
    (void)state;
    const char *wanted[] = {"action=index", "action=show", "controller=a=b"};
    const who plain = {.user = SLICE("app")};
    const who index = {.tags = SLICE("action\0index\0")};
    const who both = {.tags = SLICE("action\0show\0controller\0a=b\0")};
    selection s = {.tags = {wanted, 2}};
    assert_false(selection_has_who(&s, &plain));
    assert_true(selection_has_who(&s, &index));
    assert_true(selection_has_who(&s, &both));
    assert_false(selection_has_who(&s, &(who){.tags = SLICE("action\0indexes\0")}));
    s.tags.n = 3;
    assert_false(selection_has_who(&s, &index));
    assert_true(selection_has_who(&s, &both));
    selection_finish(&s);
    assert_false(s.empty);
}

static void patterns_match_anywhere_in_any_case_and_exclude_wins(void **state)
{
    (void)state;
    status st = {0};
    selection s = {0};
    assert_true(pattern_compile("from ORDERS\\b", &s.match, &st));
    assert_true(pattern_compile("\xff", &s.exclude, &st)); /* bytes that are no UTF-8 */
    assert_true(selection_has_text(&s, SLICE("SELECT * FROM orders WHERE id = ?")));
    assert_false(selection_has_text(&s, SLICE("SELECT * FROM orders_old")));
    assert_false(selection_has_text(&s, SLICE("SELECT '\xff' FROM orders")));
    assert_false(selection_has_text(&s, SLICE("")));
    selection_free(&s);
    assert_null(s.match);
}

static void a_pattern_that_cannot_be_read_says_where(void **state)
{
    (void)state;
    status st = {0};
    pattern *p = NULL;
    assert_false(pattern_compile("a(b", &p, &st));
    assert_int_equal(st.code, STATUS_USAGE);
    assert_non_null(strstr(st.text, "'a(b'"));
    assert_non_null(strstr(st.text, "at character 4"));
}

static void a_selection_of_nothing_is_empty_and_any_wish_makes_it_one(void **state)
{
    (void)state;
    const char *names[] = {"x"};
    selection s = {0};
    selection_finish(&s);
    assert_true(s.empty);
    s = (selection){.min_time = 1};
    selection_finish(&s);
    assert_false(s.empty);
    s = (selection){.until = {MOMENT_CLOCK, 0}};
    selection_finish(&s);
    assert_false(s.empty);
    s = (selection){.names = {[WHO_HOST] = {names, 1}}};
    selection_finish(&s);
    assert_false(s.empty);
}

static void a_selection_is_described_in_words(void **state)
{
    (void)state;
    const char *users[] = {"app", "web"};
    status st = {0};
    buf out;
    buf_init(&out, 1000);
    selection s = {.names = {[WHO_USER] = {users, 2}}, .min_time = 5000};
    assert_true(moment_parse(SLICE("14:00"), &s.since));
    assert_true(moment_parse(SLICE("2026-11-19 14:20"), &s.until));
    assert_true(pattern_compile("orders", &s.match, &st));
    assert_true(pattern_compile("x", &s.exclude, &st));
    selection_describe(&s, &out);
    assert_true(slice_is(buf_slice(&out),
                         "since 14:00:00, until 2026-11-19 14:20:00, user = app or web,"
                         " at least 5.00 ms, text matches 'orders', text does not match 'x'"));
    selection_free(&s);
    buf_clear(&out);
    selection_describe(&s, &out);
    assert_int_equal(out.n, 0);
    s = (selection){.since = moment_of("24h"), .until = moment_of("yesterday")};
    selection_describe(&s, &out);
    assert_true(slice_is(buf_slice(&out), "since 24h ago, until yesterday"));
    buf_free(&out);
}

static void a_time_of_day_before_the_log_began_is_of_its_day(void **state)
{
    (void)state;
    selection s = {0};
    /* From 14:00 to 15:00: 13:00 was before it, and tomorrow's is not meant. */
    assert_true(moment_parse(SLICE("13:00"), &s.since));
    selection_resolve(&s, on_day(19, 14, 0, 0), on_day(19, 15, 0, 0), 0);
    assert_true(s.since.us == on_day(19, 13, 0, 0));
    /* Over midnight it is within the log. */
    s = (selection){0};
    assert_true(moment_parse(SLICE("13:00"), &s.since));
    selection_resolve(&s, on_day(19, 14, 0, 0), on_day(20, 15, 0, 0), 0);
    assert_true(s.since.us == on_day(20, 13, 0, 0));
    /* An end alone is behind the first record. */
    s = (selection){0};
    assert_true(moment_parse(SLICE("14:00"), &s.until));
    selection_resolve(&s, on_day(19, 14, 0, 3), on_day(19, 15, 0, 0), 0);
    assert_true(s.until.us == on_day(20, 14, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read_with_what_their_meaning_needs),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(a_time_of_day_is_the_first_one_from_the_log_s_beginning),
        cmocka_unit_test(until_is_the_first_such_time_after_since),
        cmocka_unit_test(a_local_time_is_read_in_the_log_s_zone_and_an_instant_is_not_moved),
        cmocka_unit_test(the_window_holds_its_beginning_and_not_its_end),
        cmocka_unit_test(moments_relative_to_now_are_read),
        cmocka_unit_test(days_are_counted_in_the_log_s_zone),
        cmocka_unit_test(a_weekday_is_the_last_one_before_today),
        cmocka_unit_test(in_a_store_a_time_of_day_is_the_last_before_its_end),
        cmocka_unit_test(an_empty_window_is_told_with_the_log_s_own_times),
        cmocka_unit_test(who_is_selected_by_each_dimension_that_was_asked_for),
        cmocka_unit_test(tags_are_selected_by_any_value_of_each_key),
        cmocka_unit_test(patterns_match_anywhere_in_any_case_and_exclude_wins),
        cmocka_unit_test(a_pattern_that_cannot_be_read_says_where),
        cmocka_unit_test(a_selection_of_nothing_is_empty_and_any_wish_makes_it_one),
        cmocka_unit_test(a_selection_is_described_in_words),
        cmocka_unit_test(a_time_of_day_before_the_log_began_is_of_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
