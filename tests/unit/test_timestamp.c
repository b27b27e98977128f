/* test_timestamp.c - calendar arithmetic, reading of stamps, zones by name and by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"

#define DAY 86400LL

static int64_t instant_of(const char *text)
{
    slice in = slice_from(text);
    int64_t us = 0;
    int64_t resolution = 0;
    assert_true(timestamp_take(&in, &us, &resolution));
    return us;
}

static void days_count_from_the_epoch(void **state)
{
    (void)state;
    assert_int_equal(days_from_civil(1970, 1, 1), 0);
    assert_int_equal(days_from_civil(1970, 2, 1), 31);
    assert_int_equal(days_from_civil(1971, 1, 1), 365);
    assert_int_equal(days_from_civil(1969, 12, 31), -1);
    /* 30 years, of which 1972, 1976, 1980, 1984, 1988, 1992 and 1996 are leap years. */
    assert_int_equal(days_from_civil(2000, 1, 1), 30 * 365 + 7);
    assert_int_equal(days_from_civil(2000, 3, 1), 30 * 365 + 7 + 31 + 29);
    /* 400 years are 97 leap days. */
    assert_int_equal(days_from_civil(2370, 1, 1), 400 * 365 + 97);
    assert_int_equal(days_from_civil(1570, 1, 1), -(400 * 365 + 97));
}

static void civil_date_is_the_inverse_of_days(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 13) {
        civil c = civil_from_instant(day * DAY * 1000000, 0);
        assert_int_equal(days_from_civil(c.year, c.month, c.day), day);
        assert_int_equal(c.hour, 0);
    }
}

static void instants_before_the_epoch_round_down(void **state)
{
    (void)state;
    civil c = civil_from_instant(-1, 0);
    assert_int_equal(c.year, 1969);
    assert_int_equal(c.month, 12);
    assert_int_equal(c.day, 31);
    assert_int_equal(c.hour, 23);
    assert_int_equal(c.second, 59);
    assert_int_equal(c.microsecond, 999999);
}

static void weekday_counts_from_monday(void **state)
{
    (void)state;
    assert_int_equal(civil_from_instant(0, 0).weekday, 3);
    assert_int_equal(civil_from_instant(4 * DAY * 1000000, 0).weekday, 0);
    assert_int_equal(civil_from_instant(-4 * DAY * 1000000, 0).weekday, 6);
}

static void stamp_without_fraction_has_second_resolution(void **state)
{
    (void)state;
    slice in = SLICE("2000-03-01 01:02:03 UTC");
    int64_t us = 0;
    int64_t resolution = 0;
    assert_true(timestamp_take(&in, &us, &resolution));
    int64_t days = 30 * 365 + 7 + 31 + 29;
    assert_int_equal(us, (days * DAY + 3723) * 1000000);
    assert_int_equal(resolution, 1000000);
    assert_true(slice_is(in, " UTC"));
}

static void fraction_is_read_to_its_last_digit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
        int64_t resolution;
    } rows[] = {{"1970-01-01 00:00:00.5", 500000, 100000},
                {"1970-01-01T00:00:00.025", 25000, 1000},
                {"1970-01-01 00:00:00,025", 25000, 1000},
                {"1970-01-01 00:00:00.000001", 1, 1},
                {"1970-01-01 00:00:00.123456789", 123456, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slice in = slice_from(rows[i].text);
        int64_t us = -1;
        int64_t resolution = 0;
        assert_true(timestamp_take(&in, &us, &resolution));
        assert_int_equal(us, rows[i].us);
        assert_int_equal(resolution, rows[i].resolution);
        assert_int_equal(in.n, 0);
    }
}

static void point_without_digits_stays_in_the_input(void **state)
{
    (void)state;
    slice in = SLICE("1970-01-01 00:00:00. ");
    int64_t us = 0;
    int64_t resolution = 0;
    assert_true(timestamp_take(&in, &us, &resolution));
    assert_true(slice_is(in, ". "));
}

static void what_is_no_date_is_refused_and_left(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "1970-01-01",
        "1970-01-01 00:00:0",
        "1970-13-01 00:00:00",
        "1970-00-01 00:00:00",
        "1970-01-00 00:00:00",
        "1970-01-32 00:00:00",
        "1970-04-31 00:00:00",
        "2023-02-29 00:00:00",
        "1900-02-29 00:00:00",
        "1970-01-01 24:00:00",
        "1970-01-01 25:00:00",
        "1970-01-01 00:60:00",
        "1970-01-01 00:00:61",
        "1970/01/01 00:00:00",
        "197x-01-01 00:00:00",
        "1970-01-01 0a:00:00",
        "1970-01-01_00:00:00",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slice in = slice_from(rows[i]);
        int64_t us = 0;
        int64_t resolution = 0;
        assert_false(timestamp_take(&in, &us, &resolution));
        assert_true(slice_is(in, rows[i]));
    }
}

static void leap_days_and_leap_seconds_are_dates(void **state)
{
    (void)state;
    assert_int_equal(instant_of("2024-03-01 00:00:00") - instant_of("2024-02-29 00:00:00"),
                     DAY * 1000000);
    assert_int_equal(instant_of("2000-03-01 00:00:00") - instant_of("2000-02-29 00:00:00"),
                     DAY * 1000000);
    assert_int_equal(instant_of("2016-12-31 23:59:60"), instant_of("2017-01-01 00:00:00"));
}

static void abbreviations_mean_what_postgresql_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t minutes;
    } rows[] = {{"UTC", 0},     {"GMT", 0},     {"Z", 0},       {"CET", 60},   {"CEST", 120},
                {"EET", 120},   {"EEST", 180},  {"WET", 0},     {"WEST", 60},  {"BST", 60},
                {"IST", 120},   {"MSK", 180},   {"EST", -300},  {"EDT", -240}, {"CST", -360},
                {"CDT", -300},  {"MST", -420},  {"MDT", -360},  {"PST", -480}, {"PDT", -420},
                {"AKST", -540}, {"AKDT", -480}, {"HST", -600},  {"AEST", 600}, {"AEDT", 660},
                {"AWST", 480},  {"NZST", 720},  {"NZDT", 780},  {"JST", 540},  {"KST", 540},
                {"SGT", 480},   {"HKT", 480},   {"PKT", 300},   {"BRT", -180}, {"ART", -180},
                {"NST", -210},  {"NPT", 345},   {"CHAST", 765}, {"LINT", 840}, {"SAST", 120},
                {"CAT", 120},   {"WAT", 60},    {"EAT", 180},   {"WIB", 420},  {"cest", 120}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t offset = 1;
        assert_true(zone_offset(slice_from(rows[i].name), &offset));
        assert_int_equal(offset, rows[i].minutes * 60);
    }
}

static void numeric_zones_are_east_positive(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t seconds;
    } rows[] = {{"+03", 10800},   {"-0330", -12600},   {"+05:30", 19800},
                {"+0545", 20700}, {"-00:30", -1800},   {"+5", 18000},
                {"+00", 0},       {"+00:19:32", 1172}, {"-15:59", -57540}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t offset = 1;
        assert_true(zone_offset(slice_from(rows[i].name), &offset));
        assert_int_equal(offset, rows[i].seconds);
    }
}

static void unknown_zones_give_zero_and_false(void **state)
{
    (void)state;
    static const char *const rows[] = {"",     "XYZ",    "+",      "+24",  "+3:30", "+05:60",
                                       "+053", "03",     "UTC1",   "+0a",  "+05:",  "ABCDEFGHIJ",
                                       "U",    "+05300", "Europe", "CE T", "-16"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t offset = 1;
        assert_false(zone_offset(slice_from(rows[i]), &offset));
        assert_int_equal(offset, 0);
    }
}

static void formats_follow_zone_and_digits(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 1000);
    int64_t us = instant_of("2026-11-19 13:03:07.123456");
    timestamp_format(&out, us, 3600, 3);
    assert_true(slice_is(buf_slice(&out), "2026-11-19 14:03:07.123"));
    buf_clear(&out);
    timestamp_format(&out, us, -12600, 0);
    assert_true(slice_is(buf_slice(&out), "2026-11-19 09:33:07"));
    buf_clear(&out);
    timestamp_format(&out, us, 0, 6);
    assert_true(slice_is(buf_slice(&out), "2026-11-19 13:03:07.123456"));
    buf_free(&out);
}

static void iso_shows_microseconds_only_where_needed(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 1000);
    timestamp_format_iso(&out, instant_of("2026-11-19 13:03:07.123"));
    assert_true(slice_is(buf_slice(&out), "2026-11-19T13:03:07.123Z"));
    buf_clear(&out);
    timestamp_format_iso(&out, instant_of("2026-11-19 13:03:07.123001"));
    assert_true(slice_is(buf_slice(&out), "2026-11-19T13:03:07.123001Z"));
    buf_free(&out);
}

static void zone_is_shown_by_its_offset(void **state)
{
    (void)state;
    static const struct {
        int32_t offset;
        const char *text;
    } rows[] = {{0, "UTC"}, {10800, "+03:00"}, {-12600, "-03:30"}, {1172, "+00:19:32"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf out;
        buf_init(&out, 100);
        zone_format(&out, rows[i].offset);
        assert_true(slice_is(buf_slice(&out), rows[i].text));
        buf_free(&out);
    }
}

/* Each behind each: what the one before leaves changes nothing. */
static void the_stamp_before_changes_nothing(void **state)
{
    (void)state;
    static const char *const stamps[] = {
        "2026-11-19 14:03:07.123 UTC ...",  "2026-11-19 14:03:59.999 UTC ...",
        "2026-11-19 14:03:60.000 UTC ...",  "2026-11-19 14:03:60 UTC ........",
        "2026-11-19 14:04:00.000 UTC ...",  "2026-11-19T14:03:07.123+00:00 ..",
        "2026-11-19 14:03:07.1234 UTC ..",  "2026-11-19 14:03:07.12 UTC .....",
        "2026-11-19 14:03:07,123 UTC ...",  "2026-11-19 14:03:07 UTC ........",
        "2026-11-19 14:03:07. UTC .......", "2026-11-19 14:03:7.123 UTC .....",
        "2026-11-19 14:03 UTC ...........", "2026-11-19 14:03:07.123",
        "1969-12-31 23:59:07.123 UTC ...",  "1969-12-31 23:59:08.123 UTC ...",
        "2026-13-19 14:03:07.123 UTC ...",
    };
    const size_t n = sizeof stamps / sizeof *stamps;
    for (size_t i = 0; i < n * n; i++) {
        timestamp_minute near = {.us = 0};
        const char *both[] = {stamps[i / n], stamps[i % n]};
        for (size_t k = 0; k < 2; k++) {
            slice a = slice_from(both[k]);
            slice b = a;
            int64_t time[2] = {0, 0};
            int64_t resolution[2] = {0, 0};
            bool taken = timestamp_take(&a, &time[0], &resolution[0]);
            assert_int_equal(timestamp_take_near(&near, &b, &time[1], &resolution[1]), taken);
            assert_int_equal(a.n, b.n);
            assert_true(!taken || (time[0] == time[1] && resolution[0] == resolution[1]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stamp_before_changes_nothing),
        cmocka_unit_test(days_count_from_the_epoch),
        cmocka_unit_test(civil_date_is_the_inverse_of_days),
        cmocka_unit_test(instants_before_the_epoch_round_down),
        cmocka_unit_test(weekday_counts_from_monday),
        cmocka_unit_test(stamp_without_fraction_has_second_resolution),
        cmocka_unit_test(fraction_is_read_to_its_last_digit),
        cmocka_unit_test(point_without_digits_stays_in_the_input),
        cmocka_unit_test(what_is_no_date_is_refused_and_left),
        cmocka_unit_test(leap_days_and_leap_seconds_are_dates),
        cmocka_unit_test(abbreviations_mean_what_postgresql_says),
        cmocka_unit_test(numeric_zones_are_east_positive),
        cmocka_unit_test(unknown_zones_give_zero_and_false),
        cmocka_unit_test(formats_follow_zone_and_digits),
        cmocka_unit_test(iso_shows_microseconds_only_where_needed),
        cmocka_unit_test(zone_is_shown_by_its_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
