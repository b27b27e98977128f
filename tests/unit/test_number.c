/* Reading fixed-point numbers, and the one way in which each figure is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

static const int64_t MS = 1000, S = 1000000, MIN = 60 * 1000000ll, H = 3600 * 1000000ll,
                     D = 86400 * 1000000ll;

static void fixed_is(const char *text, unsigned digits, uint64_t expected, const char *rest)
{
    slice in = slice_from(text);
    uint64_t value = 0;
    assert_true(fixed_take(&in, digits, &value));
    assert_int_equal(value, expected);
    assert_true(slice_is(in, rest));
}

static void fixed_refused(const char *text, unsigned digits)
{
    slice in = slice_from(text);
    uint64_t value = 77;
    assert_false(fixed_take(&in, digits, &value));
    assert_true(slice_is(in, text));
    assert_int_equal(value, 77);
}

static void unsigned_takes_digits_and_stops_behind_them(void **state)
{
    (void)state;
    slice in = SLICE("18446744073709551615x");
    uint64_t value;
    assert_true(unsigned_take(&in, &value));
    assert_true(value == UINT64_MAX);
    assert_true(slice_is(in, "x"));
}

static void unsigned_refuses_what_does_not_fit_and_what_is_no_number(void **state)
{
    (void)state;
    const char *bad[] = {"18446744073709551616", "99999999999999999999999", "", "x1", "-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        slice in = slice_from(bad[i]);
        uint64_t value = 77;
        assert_false(unsigned_take(&in, &value));
        assert_true(slice_is(in, bad[i]));
        assert_int_equal(value, 77);
    }
}

static void fixed_scales_exactly(void **state)
{
    (void)state;
    fixed_is("123.456 ms", 3, 123456, " ms");
    fixed_is("0.05", 3, 50, "");
    fixed_is("7", 3, 7000, "");
    fixed_is("7", 0, 7, "");
    fixed_is("1.000000001", 9, 1000000001, "");
}

static void fixed_takes_half_written_numbers(void **state)
{
    (void)state;
    fixed_is("5.", 3, 5000, "");
    fixed_is(".5", 3, 500, "");
    fixed_is("1.2.3", 1, 12, ".3");
}

static void fixed_rounds_half_up(void **state)
{
    (void)state;
    fixed_is("0.0004", 3, 0, "");
    fixed_is("0.0005", 3, 1, "");
    fixed_is("0.9995", 3, 1000, "");
    fixed_is("1.4999999", 0, 1, "");
    fixed_is("1.5", 0, 2, "");
}

static void fixed_refuses_what_does_not_fit_and_what_is_no_number(void **state)
{
    (void)state;
    fixed_refused("", 3);
    fixed_refused(".", 3);
    fixed_refused("-1", 3);
    fixed_refused("18446744073709551.616", 3);
    fixed_refused("18446744073709551615.5", 0);
    fixed_is("18446744073709551.615", 3, UINT64_MAX, "");
}

static void duration_parse_is(const char *text, int64_t expected)
{
    int64_t us = -1;
    assert_true(duration_parse(slice_from(text), &us));
    assert_int_equal(us, expected);
}

static void duration_parse_knows_the_units(void **state)
{
    (void)state;
    duration_parse_is("250", 250 * MS);
    duration_parse_is("250ms", 250 * MS);
    duration_parse_is("250 ms", 250 * MS);
    duration_parse_is("0.25", 250);
    duration_parse_is("1.5s", 1500 * MS);
    duration_parse_is("2min", 2 * MIN);
    duration_parse_is("1h", H);
    duration_parse_is("14d", 14 * D);
    duration_parse_is("100us", 100);
    duration_parse_is("0", 0);
    duration_parse_is("0.5us", 1);
}

static void duration_parse_refuses_the_rest(void **state)
{
    (void)state;
    const char *bad[] = {"", "s", "-1", "1x", "1s2", "1 s s", "1e3", " 1", "999999999d", "1,5s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us;
        assert_false(duration_parse(slice_from(bad[i]), &us));
    }
}

static void duration_is(int64_t us, const char *expected)
{
    buf b;
    buf_init(&b, 64);
    duration_format(&b, us);
    assert_string_equal(b.p, expected);
    buf_free(&b);
}

static void durations_below_a_minute_have_three_digits(void **state)
{
    (void)state;
    duration_is(0, "0 ms");
    duration_is(1, "0.001 ms");
    duration_is(54, "0.054 ms");
    duration_is(999, "0.999 ms");
    duration_is(1000, "1.00 ms");
    duration_is(12400, "12.4 ms");
    duration_is(123 * MS, "123 ms");
    duration_is(1360 * MS, "1.36 s");
    duration_is(59900 * MS, "59.9 s");
}

static void durations_round_half_up_into_the_next_unit(void **state)
{
    (void)state;
    duration_is(9994, "9.99 ms");
    duration_is(9995, "10.0 ms");
    duration_is(99949, "99.9 ms");
    duration_is(99950, "100 ms");
    duration_is(999499, "999 ms");
    duration_is(999500, "1.00 s");
    duration_is(999950, "1.00 s");
    duration_is(59949999, "59.9 s");
    duration_is(59950000, "1 min 00 s");
}

static void durations_above_have_two_units(void **state)
{
    (void)state;
    duration_is(4 * MIN + 51 * S, "4 min 51 s");
    duration_is(59 * MIN + 59 * S + 499 * MS, "59 min 59 s");
    duration_is(59 * MIN + 59 * S + 500 * MS, "1 h 00 min");
    duration_is(2 * H + 5 * MIN + 29 * S, "2 h 05 min");
    duration_is(23 * H + 59 * MIN + 30 * S, "1 d 00 h");
    duration_is(3 * D + 4 * H, "3 d 04 h");
    duration_is(-12400, "-12.4 ms");
    duration_is(INT64_MAX,
                "106751991 d 04 h"); /* 9223372036854775807 us / 3.6e9 = 2562047788.02 h */
}

static void count_is(int64_t n, const char *expected)
{
    buf b;
    buf_init(&b, 64);
    count_format(&b, n);
    assert_string_equal(b.p, expected);
    buf_free(&b);
}

static void counts_are_exact_in_groups_of_three(void **state)
{
    (void)state;
    count_is(0, "0");
    count_is(999, "999");
    count_is(1000, "1,000");
    count_is(1385, "1,385");
    count_is(-1234567, "-1,234,567");
    count_is(INT64_MIN, "-9,223,372,036,854,775,808");
}

static void bytes_are(uint64_t n, const char *expected)
{
    buf b;
    buf_init(&b, 64);
    bytes_format(&b, n);
    assert_string_equal(b.p, expected);
    buf_free(&b);
}

static void bytes_have_three_digits(void **state)
{
    (void)state;
    bytes_are(0, "0 B");
    bytes_are(1023, "1023 B");
    bytes_are(1024, "1.00 KiB");
    bytes_are(1536, "1.50 KiB");
    bytes_are(1023 * 1024, "1023 KiB");
    bytes_are(1048575, "1.00 MiB"); /* 1023.999 KiB */
    bytes_are(123ull * 1024 * 1024, "123 MiB");
    bytes_are(UINT64_MAX, "16.0 EiB");
}

static void texts_are_numbers_only_as_a_whole(void **state)
{
    (void)state;
    uint64_t n;
    assert_true(unsigned_read(SLICE("18446744073709551615"), &n) && n == UINT64_MAX);
    assert_true(fixed_read(SLICE("0.000330"), 6, &n) && n == 330);
    assert_true(fixed_read(SLICE("12.3456"), 3, &n) && n == 12346);
    static const char *const refused[] = {
        "", "12 ", "1.2.3", "-1", "x", ".", "18446744073709551616"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(unsigned_read(slice_from(refused[i]), &n));
        assert_false(fixed_read(slice_from(refused[i]), 6, &n));
    }
    assert_false(unsigned_read(SLICE("1.5"), &n));
    slice nothing = {NULL, 0};
    assert_false(unsigned_read(nothing, &n) || fixed_read(nothing, 6, &n));
    assert_false(unsigned_take(&nothing, &n) || fixed_take(&nothing, 6, &n));
}

static void decimal_is(int64_t n, unsigned digits, const char *expected)
{
    buf out;
    buf_init(&out, 100);
    decimal_format(&out, n, digits);
    assert_true(slice_is(buf_slice(&out), expected));
    buf_free(&out);
}

static void fractions_have_three_digits_or_those_behind_the_point(void **state)
{
    (void)state;
    decimal_is(0, 6, "0");
    decimal_is(1, 6, "0.000001");
    decimal_is(71200, 6, "0.0712");
    decimal_is(500, 3, "0.5");
    decimal_is(1000, 3, "1"); /* whole numbers are exact */
    decimal_is(300000000, 6, "300");
    decimal_is(2658, 3, "2.66");
    decimal_is(12345678, 6, "12.3");
    decimal_is(999499999, 6, "999");
    decimal_is(999600, 3, "1,000");
    decimal_is(1234567890123, 6, "1,234,568");
    decimal_is(-2500000, 6, "-2.50");
}

static void share_is(int64_t part, int64_t whole, const char *expected)
{
    buf b;
    buf_init(&b, 64);
    share_format(&b, part, whole);
    assert_string_equal(b.p, expected);
    buf_free(&b);
}

static void shares_have_one_digit_and_no_false_nothing_or_all(void **state)
{
    (void)state;
    share_is(123, 1000, "12.3 %");
    share_is(1235, 10000, "12.4 %");
    share_is(1, 2000, "0.1 %"); /* 0.05 rounds up */
    share_is(1, 2001, "<0.1 %");
    share_is(0, 10, "0 %");
    share_is(10, 10, "100 %");
    share_is(99999, 100000, ">99.9 %");
    share_is(1, 0, "-");
    share_is(0, 0, "-");
    share_is(INT64_MAX / 2, INT64_MAX, "50.0 %");
}

static void the_marks_of_a_scale_have_no_idle_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{100, "0.1 ms"},          {10, "0.010 ms"},     {10000, "10 ms"},
                 {1000000, "1 s"},         {1500000, "1.5 s"},   {300000000, "5 min"},
                 {5400000000, "1.5 h"},    {86400000000, "1 d"}, {61000000, "61 s"},
                 {61234000, "1 min 01 s"}, {500000, "500 ms"},   {0, "0 ms"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf b;
        buf_init(&b, 100);
        duration_format_round(&b, cases[i].us);
        assert_string_equal(b.p, cases[i].text);
        buf_free(&b);
    }
}

static void ids_are_read_as_they_are_written(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 64);
    id_format(&b, 0x0f3c21d07be4a6c8u);
    assert_string_equal(b.p, "0f3c21d07be4a6c8");
    uint64_t id;
    assert_true(id_parse(buf_slice(&b), &id));
    assert_true(id == 0x0f3c21d07be4a6c8u);
    assert_true(id_parse(SLICE("FFFFFFFFFFFFFFFF"), &id));
    assert_true(id == UINT64_MAX);
    buf_free(&b);
}

static void ids_of_another_shape_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "0f3c21d07be4a6c", "0f3c21d07be4a6c80", "0x3c21d07be4a6c8",
                         "0f3c21d07be4a6cg"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t id;
        assert_false(id_parse(slice_from(bad[i]), &id));
    }
}

/* Whatever stands at any place of a time that is read all at once, it is read as by its digits. */
static void short_times_are_read_by_the_byte(void **state)
{
    (void)state;
    static const char *const times[] = {"0.000137", "9.999999", "0.000000", "12.34567", "12345678"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        for (int at = 0; at < 8; at++) {
            for (int c = 0; c < 256; c++) {
                char text[9];
                uint64_t all = 0;
                uint64_t one = 0;
                memcpy(text, times[i], sizeof text);
                text[at] = (char)c;
                slice rest = slice_of(text, 8);
                bool good = fixed_take(&rest, 6, &one) && rest.n == 0;
                assert_int_equal(fixed_read(slice_of(text, 8), 6, &all), good);
                assert_true(!good || all == one);
            }
        }
    }
    uint64_t us;
    assert_true(fixed_read(SLICE("9.876543"), 6, &us) && us == 9876543);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_times_are_read_by_the_byte),
        cmocka_unit_test(unsigned_takes_digits_and_stops_behind_them),
        cmocka_unit_test(unsigned_refuses_what_does_not_fit_and_what_is_no_number),
        cmocka_unit_test(fixed_scales_exactly),
        cmocka_unit_test(fixed_takes_half_written_numbers),
        cmocka_unit_test(fixed_rounds_half_up),
        cmocka_unit_test(fixed_refuses_what_does_not_fit_and_what_is_no_number),
        cmocka_unit_test(duration_parse_knows_the_units),
        cmocka_unit_test(duration_parse_refuses_the_rest),
        cmocka_unit_test(durations_below_a_minute_have_three_digits),
        cmocka_unit_test(durations_round_half_up_into_the_next_unit),
        cmocka_unit_test(durations_above_have_two_units),
        cmocka_unit_test(counts_are_exact_in_groups_of_three),
        cmocka_unit_test(bytes_have_three_digits),
        cmocka_unit_test(texts_are_numbers_only_as_a_whole),
        cmocka_unit_test(fractions_have_three_digits_or_those_behind_the_point),
        cmocka_unit_test(shares_have_one_digit_and_no_false_nothing_or_all),
        cmocka_unit_test(the_marks_of_a_scale_have_no_idle_digits),
        cmocka_unit_test(ids_are_read_as_they_are_written),
        cmocka_unit_test(ids_of_another_shape_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
