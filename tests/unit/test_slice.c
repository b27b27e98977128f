/* test_slice.c - views of bytes: comparing, cutting, trimming. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

static void equal_means_same_length_and_same_bytes(void **state)
{
    (void)state;
    assert_true(slice_equal(SLICE("abc"), SLICE("abc")));
    assert_false(slice_equal(SLICE("abc"), SLICE("abd")));
    assert_false(slice_equal(SLICE("abc"), SLICE("ab")));
    assert_true(slice_equal(SLICE(""), (slice){NULL, 0}));
    assert_true(slice_equal(SLICE("a\0b"), SLICE("a\0b")));
    assert_false(slice_equal(SLICE("a\0b"), SLICE("a\0c")));
    assert_true(slice_is(SLICE("abc"), "abc"));
    assert_false(slice_is(SLICE("a\0b"), "a"));
}

static void beginnings_and_ends_are_found_also_when_they_are_the_whole(void **state)
{
    (void)state;
    static const struct {
        slice text, part;
        bool starts, ends;
    } cases[] = {
        {SLICE("select"), SLICE("sel"), true, false}, {SLICE("select"), SLICE("ect"), false, true},
        {SLICE("abab"), SLICE("ab"), true, true},     {SLICE("ab"), SLICE("ab"), true, true},
        {SLICE("ab"), SLICE("abc"), false, false},    {SLICE(""), SLICE(""), true, true},
        {SLICE("x"), {NULL, 0}, true, true},          {{NULL, 0}, SLICE("x"), false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(slice_starts_with(cases[i].text, cases[i].part), cases[i].starts);
        assert_int_equal(slice_ends_with(cases[i].text, cases[i].part), cases[i].ends);
    }
}

static void skip_and_take_never_leave_the_bytes(void **state)
{
    (void)state;
    slice text = SLICE("abcdef");
    for (size_t n = 0; n < 10; n++) {
        slice front = slice_take(text, n);
        slice back = slice_skip(text, n);
        size_t expected = n < 6 ? n : 6;
        assert_int_equal(front.n, expected);
        assert_int_equal(back.n, 6 - expected);
        assert_ptr_equal(front.p, text.p);
        assert_ptr_equal(back.p, text.p + expected);
    }
}

static void between_is_what_lies_from_begin_to_end(void **state)
{
    (void)state;
    const char *text = "abcdef";
    assert_true(slice_is(slice_between(text + 1, text + 4), "bcd"));
    assert_int_equal(slice_between(text, text).n, 0);
    assert_true(slice_is(slice_of(text, 2), "ab"));
}

static void trim_takes_white_space_off_both_ends_only(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"  a b \t\r\n", "a b"}, {"a", "a"},           {"", ""},
        {" \t\v\f\r\n ", ""},    {"\x01 a", "\x01 a"}, {"\xa0", "\xa0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(slice_is(slice_trim(slice_from(cases[i][0])), cases[i][1]));
    }
}

static void order_is_by_unsigned_bytes_and_then_by_length(void **state)
{
    (void)state;
    static const char *const ascending[] = {"", "A", "a", "aa", "ab", "b", "\x80", "\xff"};
    size_t n = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int order = slice_compare(slice_from(ascending[i]), slice_from(ascending[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void every_byte_counts_at_every_length(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    char a[LONGEST];
    char b[LONGEST];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    for (size_t n = 0; n <= LONGEST; n++) {
        assert_true(slice_equal(slice_of(a, n), slice_of(b, n)));
        for (size_t i = 0; i < LONGEST; i++) {
            b[i] = 'y';
            assert_int_equal(slice_equal(slice_of(a, n), slice_of(b, n)), i >= n);
            assert_int_equal(slice_starts_with(slice_of(a, LONGEST), slice_of(b, n)), i >= n);
            b[i] = 'x';
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_means_same_length_and_same_bytes),
        cmocka_unit_test(every_byte_counts_at_every_length),
        cmocka_unit_test(beginnings_and_ends_are_found_also_when_they_are_the_whole),
        cmocka_unit_test(skip_and_take_never_leave_the_bytes),
        cmocka_unit_test(between_is_what_lies_from_begin_to_end),
        cmocka_unit_test(trim_takes_white_space_off_both_ends_only),
        cmocka_unit_test(order_is_by_unsigned_bytes_and_then_by_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
