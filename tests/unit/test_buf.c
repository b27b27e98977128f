/* test_buf.c - growing text with a maximum, and numbers packed into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"

static void holds(const buf *b, const char *expected)
{
    assert_true(slice_is(buf_slice(b), expected));
    if (b->p != NULL) {
        assert_int_equal(b->p[b->n], '\0');
    }
}

static void appended_pieces_stand_in_order_and_are_followed_by_nul(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    holds(&b, "");
    buf_add(&b, SLICE("ab"));
    buf_add_text(&b, "cd");
    buf_add_char(&b, 'e');
    buf_add_repeat(&b, '-', 3);
    buf_add_repeat(&b, '-', 0);
    buf_add(&b, (slice){NULL, 0});
    buf_printf(&b, "%d/%s", 7, "x");
    holds(&b, "abcde---7/x");
    buf_truncate(&b, 3);
    holds(&b, "abc");
    buf_free(&b);
}

static void integers_are_written_in_full_at_their_limits(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    buf_add_i64(&b, INT64_MIN);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, INT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, 0);
    buf_add_char(&b, ' ');
    buf_add_u64(&b, UINT64_MAX);
    holds(&b, "-9223372036854775808 9223372036854775807 0 18446744073709551615");
    buf_free(&b);
}

static void the_maximum_can_be_filled_and_not_passed(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 5);
    buf_add_text(&b, "abcde");
    assert_false(b.failed);
    buf_add_char(&b, 'f');
    assert_true(b.failed);
    holds(&b, "abcde");
    buf_free(&b);
}

static void a_failure_sticks_until_the_buffer_is_cleared(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 4);
    buf_add_text(&b, "ab");
    buf_add_text(&b, "too long");
    buf_add_char(&b, 'c'); /* would fit, but must not follow what was dropped */
    buf_add_u64(&b, 1);
    buf_add_repeat(&b, 'x', 1);
    buf_printf(&b, "y");
    buf_add_varint(&b, 1);
    assert_false(buf_reserve(&b, 1));
    assert_true(b.failed);
    holds(&b, "ab");
    buf_clear(&b);
    assert_false(b.failed);
    buf_add_text(&b, "abcd");
    assert_false(b.failed);
    holds(&b, "abcd");
    buf_free(&b);
}

static void reserved_room_can_be_written_by_the_caller(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 100000);
    buf_add_text(&b, "x");
    assert_true(buf_reserve(&b, 90000));
    memset(b.p + b.n, 'y', 90000);
    buf_truncate(&b, b.n + 90000);
    assert_int_equal(b.n, 90001);
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_free(&b);
    assert_null(b.p);
}

static const struct {
    uint64_t value;
    size_t bytes; /* seven bits each */
} boundaries[] = {
    {0, 1},
    {1, 1},
    {127, 1},
    {128, 2},
    {16383, 2},
    {16384, 3},
    {UINT32_MAX, 5},
    {(UINT64_C(1) << 56) - 1, 8},
    {UINT64_C(1) << 56, 9},
    {(UINT64_C(1) << 63) - 1, 9},
    {UINT64_C(1) << 63, 10},
    {UINT64_MAX, 10},
};

static void varints_come_back_and_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
        size_t before = b.n;
        buf_add_varint(&b, boundaries[i].value);
        assert_int_equal(b.n - before, boundaries[i].bytes);
    }
    slice in = buf_slice(&b);
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
        uint64_t value;
        assert_true(varint_take(&in, &value));
        assert_true(value == boundaries[i].value);
    }
    assert_int_equal(in.n, 0);
    buf_free(&b);
}

static void varint_300_is_the_bytes_that_leb128_prescribes(void **state)
{
    (void)state;
    buf b;
    buf_init(&b, 10);
    buf_add_varint(&b, 300); /* 0b10_0101100 */
    holds(&b, "\xac\x02");
    buf_free(&b);
}

static void a_varint_cut_off_anywhere_is_refused_and_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
        buf b;
        buf_init(&b, 10);
        buf_add_varint(&b, boundaries[i].value);
        for (size_t n = 0; n < b.n; n++) {
            slice in = slice_take(buf_slice(&b), n);
            uint64_t value = 77;
            assert_false(varint_take(&in, &value));
            assert_int_equal(in.n, n);
            assert_int_equal(value, 77);
        }
        buf_free(&b);
    }
}

static void a_varint_of_more_than_64_bits_is_refused(void **state)
{
    (void)state;
    slice too_large = SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    slice too_long = SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00");
    uint64_t value;
    assert_false(varint_take(&too_large, &value));
    assert_false(varint_take(&too_long, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_pieces_stand_in_order_and_are_followed_by_nul),
        cmocka_unit_test(integers_are_written_in_full_at_their_limits),
        cmocka_unit_test(the_maximum_can_be_filled_and_not_passed),
        cmocka_unit_test(a_failure_sticks_until_the_buffer_is_cleared),
        cmocka_unit_test(reserved_room_can_be_written_by_the_caller),
        cmocka_unit_test(varints_come_back_and_are_as_short_as_they_can_be),
        cmocka_unit_test(varint_300_is_the_bytes_that_leb128_prescribes),
        cmocka_unit_test(a_varint_cut_off_anywhere_is_refused_and_left),
        cmocka_unit_test(a_varint_of_more_than_64_bits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
