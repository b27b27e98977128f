/* test_series.c - calls and time over an hour: the step that fits, adding, merging, packed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/series.h"

enum { MEMORY = 4 * 1024 * 1024, PACKED_MAX = 4096 };

static void packed_is(const series *s, slice expected)
{
    buf out;
    buf_init(&out, PACKED_MAX);
    series_encode(s, &out);
    assert_true(slice_equal(buf_slice(&out), expected));
    buf_free(&out);
}

static uint32_t step_of(const series *s)
{
    return s->n > 0 ? s->points[0].step : 0;
}

/* --- the packed form -------------------------------------------------------------------- */

static void points_are_packed_as_step_then_distance_calls_and_time(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, MEMORY);
    packed_is(&s, SLICE(""));
    series_add(&s, &a, 3, 1, 300);
    series_add(&s, &a, 3599, 2, 0); /* 3596 = 28 * 128 + 12 seconds later */
    packed_is(&s, SLICE("\x01\x03\x01\xac\x02\x8c\x1c\x02\x00"));
    arena_free(&a);
}

static void distances_are_in_steps(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    series_point point = {0};
    slice packed = SLICE("\x0a\x02\x01\x07\x03\x04\x08"); /* 10 s: 20 to 30, 50 to 60 */
    arena_init(&a, MEMORY);
    assert_true(series_merge(&s, &a, packed));
    packed_is(&s, packed);
    assert_true(series_take(&packed, &point));
    assert_int_equal(point.second, 20);
    assert_int_equal(point.step, 10);
    assert_int_equal(point.calls, 1);
    assert_int_equal(point.time, 7);
    assert_true(series_take(&packed, &point));
    assert_int_equal(point.second, 50);
    assert_int_equal(point.calls, 4);
    assert_false(series_take(&packed, &point));
    assert_int_equal(packed.n, 0);
    arena_free(&a);
}

static void what_is_no_series_ends_the_taking_and_is_not_merged(void **state)
{
    (void)state;
    static const struct {
        slice packed;
        int good; /* points before the damage */
    } damaged[] = {
        {SLICE("\x02\x00\x01\x01"), 0},             /* no step of the ladder */
        {SLICE("\x00\x00\x01\x01"), 0},             /* nor this */
        {SLICE("\x81\x80\x80\x80\x10\x00\x01"), 0}, /* 2^32 + 1 */
        {SLICE("\x01"), 0},                         /* a step without points */
        {SLICE("\x01\x90\x1c\x01\x01"), 0},         /* second 3600 */
        {SLICE("\x3c\x3c\x01\x01"), 0},             /* minute 60 */
        {SLICE("\x3c\x3b\x01\x01\x01\x01\x01"), 1}, /* 59, then 60 */
        {SLICE("\x05\x01\x01\x01\x00\x01\x01"), 1}, /* the same again */
        {SLICE("\x01\x05\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\x01"), 1},
        {SLICE("\x01\x05"), 0},         /* no calls */
        {SLICE("\x01\x05\x01"), 0},     /* no time */
        {SLICE("\x01\x05\x80"), 0},     /* calls cut off */
        {SLICE("\x01\x05\x01\x80"), 0}, /* time cut off */
        {SLICE("\x01\x80"), 0},         /* distance cut off */
        {SLICE("\x80"), 0},             /* step cut off */
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        arena a;
        series s = {0};
        slice packed = damaged[i].packed;
        series_point point = {0};
        int n = 0;
        arena_init(&a, MEMORY);
        while (series_take(&packed, &point)) {
            n++;
        }
        assert_int_equal(n, damaged[i].good);
        assert_true(packed.n > 0);
        assert_false(series_merge(&s, &a, damaged[i].packed));
        arena_free(&a);
    }
}

static void any_bytes_give_points_within_the_hour_in_order(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 20000; round++) {
        char bytes[24];
        bytes[0] = "\x01\x05\x0a\x1e\x3c"[round % 5];
        for (size_t i = 1; i < sizeof bytes; i++) {
            uint64_t x = mix64(round, i);
            bytes[i] = (char)(x >> 8 & ((x & 7) == 0 ? 0xff : 0x0f)); /* mostly small */
        }
        slice packed = {bytes, sizeof bytes};
        series_point point = {0};
        uint32_t from = 0;
        while (series_take(&packed, &point)) {
            assert_true(point.second >= from);
            assert_true(point.second + point.step <= SERIES_SECONDS);
            assert_int_equal(point.second % point.step, 0);
            from = point.second + point.step;
        }
    }
}

/* --- the step --------------------------------------------------------------------------- */

static void the_step_is_the_finest_at_which_sixty_buckets_hold_all(void **state)
{
    (void)state;
    static const struct {
        uint32_t calls, apart; /* seconds */
        uint32_t step, points;
    } cases[] = {
        {1, 1, 1, 1},      {60, 1, 1, 60},    {61, 1, 5, 13}, /* 0 to 60: 60 / 5 + 1 */
        {60, 5, 1, 60},    {61, 5, 10, 31},                   /* 61 buckets of 5 s as well */
        {300, 1, 5, 60},   {301, 1, 10, 31},  {600, 1, 10, 60},  {601, 1, 30, 21}, {60, 60, 1, 60},
        {1800, 1, 30, 60}, {1801, 1, 60, 31}, {3600, 1, 60, 60}, {61, 59, 60, 60}, /* 0 to 3540 */
        {61, 10, 30, 21},  {61, 30, 60, 31},  {100, 36, 60, 60},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        arena a;
        series s = {0};
        arena_init(&a, MEMORY);
        for (uint32_t k = 0; k < cases[i].calls; k++) {
            assert_true(series_add(&s, &a, k * cases[i].apart, 1, 1));
        }
        assert_int_equal(step_of(&s), cases[i].step);
        assert_int_equal(s.n, cases[i].points);
        arena_free(&a);
    }
}

static void the_ends_of_the_hour_have_room_at_every_step(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, MEMORY);
    for (uint32_t k = 0; k < SERIES_SECONDS; k++) {
        uint32_t second = k % 2 == 0 ? k / 2 : SERIES_SECONDS - 1 - k / 2;
        assert_true(series_add(&s, &a, second, 1, second));
        assert_true(s.n <= SERIES_POINTS && s.cap <= 64);
    }
    assert_int_equal(s.n, 60);
    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(s.points[i].second, i * 60);
        assert_int_equal(s.points[i].calls, 60);
        assert_int_equal(s.points[i].time, 60 * 60 * i + 59 * 60 / 2);
    }
    arena_free(&a);
}

static void each_step_keeps_calls_and_time_where_they_were(void **state)
{
    (void)state;
    static const uint32_t spans[] = {60, 300, 600, 1800, 3600};
    for (size_t k = 0; k < sizeof spans / sizeof *spans; k++) {
        arena a;
        series s = {0};
        uint64_t calls[SERIES_SECONDS] = {0};
        uint64_t time[SERIES_SECONDS] = {0};
        arena_init(&a, MEMORY);
        for (uint64_t i = 0; i < 4 * (uint64_t)spans[k]; i++) {
            uint32_t second = (uint32_t)(mix64(k, i) % spans[k]);
            assert_true(series_add(&s, &a, second, i % 3, i));
            calls[second] += i % 3;
            time[second] += i;
        }
        uint32_t second = 0;
        for (uint32_t i = 0; i < s.n; i++) {
            uint64_t calls_within = 0;
            uint64_t time_within = 0;
            for (; second < s.points[i].second + s.points[i].step; second++) {
                calls_within += calls[second];
                time_within += time[second];
            }
            assert_int_equal(s.points[i].calls, calls_within);
            assert_int_equal(s.points[i].time, time_within);
        }
        for (; second < SERIES_SECONDS; second++) {
            assert_int_equal(calls[second] + time[second], 0);
        }
        arena_free(&a);
    }
}

/* --- order and parts --------------------------------------------------------------------- */

enum { CALLS_MAX = 2000, PARTS_MAX = 5 };

typedef struct call {
    uint32_t second;
    uint64_t time;
} call;

/* Calls within a span, in no order; its width and their number differ from seed to seed, so that
 * all steps occur. */
static uint32_t make_calls(uint64_t seed, call *calls)
{
    uint32_t span = (uint32_t)(mix64(seed, 1) % SERIES_SECONDS) >> mix64(seed, 2) % 8;
    uint32_t from = (uint32_t)(mix64(seed, 3) % (SERIES_SECONDS - span));
    uint32_t n = (uint32_t)(mix64(seed, 4) % CALLS_MAX) >> mix64(seed, 5) % 8;
    for (uint32_t i = 0; i < n; i++) {
        calls[i].second = from + (uint32_t)(mix64(seed, 100 + i) % (span + 1));
        calls[i].time = mix64(seed, 200000 + i) & 0xffff;
    }
    return n;
}

static void any_order_of_adding_gives_the_same_bytes(void **state)
{
    (void)state;
    static call calls[CALLS_MAX];
    uint64_t seen = 0; /* steps, a bit each */
    for (uint64_t seed = 0; seed < 300; seed++) {
        arena a;
        series forward = {0};
        series backward = {0};
        buf out;
        uint32_t n = make_calls(seed, calls);
        arena_init(&a, MEMORY);
        buf_init(&out, PACKED_MAX);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(series_add(&forward, &a, calls[i].second, 1, calls[i].time));
            assert_true(
                series_add(&backward, &a, calls[n - 1 - i].second, 1, calls[n - 1 - i].time));
        }
        series_encode(&forward, &out);
        packed_is(&backward, buf_slice(&out));
        seen |= n > 0 ? UINT64_C(1) << step_of(&forward) : 0;
        buf_free(&out);
        arena_free(&a);
    }
    const uint64_t one = 1;
    assert_true(seen == (one << 1 | one << 5 | one << 10 | one << 30 | one << 60));
}

/* Spreads the calls over parts, packs each and merges them, beginning with number `first`. */
static void merge_in_parts(const call *calls, uint32_t n, uint64_t seed, uint32_t first, buf *out)
{
    arena a;
    series parts[PARTS_MAX] = {0};
    series sum = {0};
    arena_init(&a, MEMORY);
    for (uint32_t i = 0; i < n; i++) {
        series *part = &parts[mix64(seed, 300000 + i / 7) % PARTS_MAX];
        assert_true(series_add(part, &a, calls[i].second, 1, calls[i].time));
    }
    for (uint32_t i = 0; i < PARTS_MAX; i++) {
        buf packed;
        buf_init(&packed, PACKED_MAX);
        series_encode(&parts[(first + i) % PARTS_MAX], &packed);
        assert_true(series_merge(&sum, &a, buf_slice(&packed)));
        buf_free(&packed);
    }
    series_encode(&sum, out);
    arena_free(&a);
}

static void any_parts_merged_in_any_order_give_the_bytes_of_the_whole(void **state)
{
    (void)state;
    static call calls[CALLS_MAX];
    for (uint64_t seed = 0; seed < 200; seed++) {
        arena a;
        series whole = {0};
        uint32_t n = make_calls(seed, calls);
        arena_init(&a, MEMORY);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(series_add(&whole, &a, calls[i].second, 1, calls[i].time));
        }
        for (uint32_t first = 0; first < PARTS_MAX; first++) {
            buf out;
            buf_init(&out, PACKED_MAX);
            merge_in_parts(calls, n, seed, first, &out);
            packed_is(&whole, buf_slice(&out));
            buf_free(&out);
        }
        arena_free(&a);
    }
}

static void a_wide_part_widens_what_it_is_merged_with(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, MEMORY);
    assert_true(series_add(&s, &a, 7, 1, 100));
    assert_true(series_add(&s, &a, 29, 1, 20));
    assert_true(series_add(&s, &a, 31, 1, 3));
    assert_true(series_merge(&s, &a, SLICE("\x1e\x01\x05\x07"))); /* 30 s: 30 to 60 */
    packed_is(&s, SLICE("\x1e\x00\x02\x78\x01\x06\x0a"));
    s = (series){0};
    assert_true(series_merge(&s, &a, SLICE("\x1e\x01\x05\x07")));
    packed_is(&s, SLICE("\x1e\x01\x05\x07"));
    arena_free(&a);
}

static void a_day_is_one_point_that_takes_in_all_that_is_merged(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    series later = {0};
    series_point point = {0};
    arena_init(&a, MEMORY);
    series_to_day(&s);
    packed_is(&s, SLICE("")); /* of nothing it is nothing */
    series_add(&s, &a, 7, 1, 5);
    series_add(&s, &a, 3599, 2, 6);
    series_to_day(&s);
    slice day = SLICE("\x80\xa3\x05\x00\x03\x0b"); /* 86400 = 5 * 2^14 + 35 * 2^7 */
    packed_is(&s, day);
    assert_true(series_merge(&s, &a, SLICE("\x01\x0a\x01\x04"))); /* another hour's second 10 */
    packed_is(&s, SLICE("\x80\xa3\x05\x00\x04\x0f"));
    assert_true(series_merge(&later, &a, SLICE("\x01\x0a\x01\x04")));
    assert_true(series_merge(&later, &a, day));
    packed_is(&later, SLICE("\x80\xa3\x05\x00\x04\x0f"));
    assert_true(series_take(&day, &point));
    assert_int_equal(point.step, SERIES_DAY);
    assert_int_equal(day.n, 0);
    assert_false(series_merge(&later, &a, SLICE("\x80\xa3\x05\x01\x03\x0b"))); /* the next day */
    arena_free(&a);
}

static void memory_that_is_out_is_told(void **state)
{
    (void)state;
    arena a;
    series s = {0};
    arena_init(&a, 4 * sizeof(series_point));
    for (uint32_t second = 0; second < 4; second++) {
        assert_true(series_add(&s, &a, second, 1, 1));
    }
    assert_false(series_add(&s, &a, 4, 1, 1));
    assert_true(series_add(&s, &a, 3, 1, 1)); /* needs no room */
    packed_is(&s, SLICE("\x01\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02"));
    assert_false(series_merge(&s, &a, SLICE("\x01\x04\x01\x01")));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_packed_as_step_then_distance_calls_and_time),
        cmocka_unit_test(distances_are_in_steps),
        cmocka_unit_test(what_is_no_series_ends_the_taking_and_is_not_merged),
        cmocka_unit_test(any_bytes_give_points_within_the_hour_in_order),
        cmocka_unit_test(the_step_is_the_finest_at_which_sixty_buckets_hold_all),
        cmocka_unit_test(the_ends_of_the_hour_have_room_at_every_step),
        cmocka_unit_test(each_step_keeps_calls_and_time_where_they_were),
        cmocka_unit_test(any_order_of_adding_gives_the_same_bytes),
        cmocka_unit_test(any_parts_merged_in_any_order_give_the_bytes_of_the_whole),
        cmocka_unit_test(a_wide_part_widens_what_it_is_merged_with),
        cmocka_unit_test(a_day_is_one_point_that_takes_in_all_that_is_merged),
        cmocka_unit_test(memory_that_is_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
