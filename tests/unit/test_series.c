/* test_series.c - calls and time by minute: adding, packed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/series.h"

enum { MEMORY = 1024 * 1024 };

static void packed_is(const series *s, slice expected)
{
    buf out;
    buf_init(&out, 4096);
    series_encode(s, &out);
    assert_true(slice_equal(buf_slice(&out), expected));
    buf_free(&out);
}

static void points_are_packed_as_distance_calls_and_time(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, MEMORY);
    packed_is(&s, SLICE(""));
    series_add(&s, &a, 3, 1, 300);
    series_add(&s, &a, 59, 2, 0);
    packed_is(&s, SLICE("\x03\x01\xac\x02\x38\x02\x00"));
    arena_free(&a);
}

static void any_order_of_adding_gives_the_same_bytes(void **state)
{
    (void)state;
    arena a;
    series forward = {0};
    series backward = {0};
    uint64_t calls[60] = {0};
    uint64_t time[60] = {0};
    arena_init(&a, MEMORY);
    for (uint64_t i = 0; i < 500; i++) {
        assert_true(series_add(&forward, &a, (uint32_t)(mix64(1, i) % 60), i % 3 + 1, i));
        uint64_t j = 499 - i;
        assert_true(series_add(&backward, &a, (uint32_t)(mix64(1, j) % 60), j % 3 + 1, j));
        calls[mix64(1, i) % 60] += i % 3 + 1;
        time[mix64(1, i) % 60] += i;
    }
    buf out;
    buf_init(&out, 4096);
    series_encode(&forward, &out);
    packed_is(&backward, buf_slice(&out));

    slice packed = buf_slice(&out);
    series_point point = {0};
    uint32_t next = 0;
    while (series_take(&packed, &point)) {
        while (next < point.minute) {
            assert_int_equal(calls[next++], 0);
        }
        assert_int_equal(point.calls, calls[next]);
        assert_int_equal(point.time, time[next]);
        next++;
    }
    assert_int_equal(packed.n, 0);
    buf_free(&out);
    arena_free(&a);
}

static void what_is_no_series_ends_the_taking(void **state)
{
    (void)state;
    static const slice damaged[] = {
        SLICE("\x3c\x01\x01"),             /* minute 60 */
        SLICE("\x3b\x01\x01\x01\x01\x01"), /* 59, then 60 */
        SLICE("\x05\x01"),                 /* no time */
        SLICE("\x05\x80"),                 /* calls cut off */
        SLICE("\x80"),                     /* distance cut off */
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        slice packed = damaged[i];
        series_point point = {0};
        int n = 0;
        while (series_take(&packed, &point)) {
            n++;
        }
        assert_true(n <= 1);
        assert_true(point.minute < 60);
    }
}

static void memory_that_is_out_is_told(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, 4 * sizeof(series_point));
    for (uint32_t minute = 0; minute < 4; minute++) {
        assert_true(series_add(&s, &a, minute, 1, 1));
    }
    assert_false(series_add(&s, &a, 4, 1, 1));
    assert_true(series_add(&s, &a, 3, 1, 1)); /* needs no room */
    packed_is(&s, SLICE("\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02"));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_packed_as_distance_calls_and_time),
        cmocka_unit_test(any_order_of_adding_gives_the_same_bytes),
        cmocka_unit_test(what_is_no_series_ends_the_taking),
        cmocka_unit_test(memory_that_is_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
