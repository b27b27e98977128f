/* test_load.c - calls and time over a span: adding up, steps, the busiest, buckets in a zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/load.h"

enum { MEMORY = 16 * 1024 * 1024 };

static const int64_t SEC = 1000000, MIN = 60 * 1000000ll, H = 3600 * 1000000ll;

static void add(load *l, arena *a, int64_t hour, series_point point)
{
    assert_true(load_add(l, a, hour, &point));
}

static void add_minute(load *l, arena *a, int64_t hour, uint32_t minute, uint64_t calls,
                       uint64_t time)
{
    add(l, a, hour,
        (series_point){.calls = calls, .time = time, .second = minute * 60, .step = 60});
}

static void nothing_has_no_busiest_bucket_and_an_empty_series(void **state)
{
    (void)state;
    arena a;
    load l = {.step = MIN};
    model_series found;
    arena_init(&a, MEMORY);
    add_minute(&l, &a, 0, 0, 0, 0);
    assert_int_equal(load_busiest(&l).calls, 0);
    assert_true(load_series(&l, &a, &found));
    assert_int_equal(found.n, 0);
    arena_free(&a);
}

static void equal_buckets_add_up_however_many_there_are(void **state)
{
    (void)state;
    enum { HOURS = 30 };
    arena a;
    load l = {.step = MIN};
    model_series found;
    arena_init(&a, MEMORY);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < HOURS * 60; i++) {
            uint64_t at = (i * 7) % (HOURS * 60); /* in no order */
            add_minute(&l, &a, (int64_t)(at / 60) * 3600, (uint32_t)(at % 60), 1, at);
        }
    }
    assert_true(load_series(&l, &a, &found));
    assert_int_equal(found.n, HOURS * 60);
    for (uint32_t i = 0; i < found.n; i++) {
        assert_true(found.points[i].at == (int64_t)i * MIN);
        assert_int_equal(found.points[i].calls, 3);
        assert_int_equal(found.points[i].time, 3 * i);
    }
    arena_free(&a);
}

static void the_busiest_has_the_most_time_and_of_equals_is_the_earlier(void **state)
{
    (void)state;
    arena a;
    load l = {.step = MIN};
    arena_init(&a, MEMORY);
    add_minute(&l, &a, 7200, 5, 100, 10); /* many calls, little time */
    add_minute(&l, &a, 7200, 9, 2, 500);
    add_minute(&l, &a, 3600, 9, 1, 500);
    model_point best = load_busiest(&l);
    assert_true(best.at == H + 9 * MIN);
    assert_int_equal(best.calls, 1);
    assert_int_equal(best.time, 500);
    arena_free(&a);
}

static void a_busiest_bucket_is_found_where_no_call_has_a_time(void **state)
{
    (void)state;
    arena a;
    load l = {.step = MIN};
    arena_init(&a, MEMORY);
    add_minute(&l, &a, -3600, 9, 1, 0);
    assert_int_equal(load_busiest(&l).calls, 1);
    assert_true(load_busiest(&l).at == -H + 9 * MIN);
    arena_free(&a);
}

static void the_seconds_of_a_minute_add_up_to_it(void **state)
{
    (void)state;
    arena a;
    load l = {.step = MIN};
    arena_init(&a, MEMORY);
    add_minute(&l, &a, 0, 1, 1, 100);
    for (uint32_t second = 0; second < 180; second++) {
        add(&l, &a, 0, (series_point){.calls = 1, .time = 2, .second = second, .step = 1});
    }
    model_point best = load_busiest(&l);
    assert_true(best.at == MIN);
    assert_int_equal(best.calls, 61);
    assert_int_equal(best.time, 100 + 2 * 60);
    arena_free(&a);
}

static void buckets_begin_where_the_zone_has_a_full_step(void **state)
{
    (void)state;
    static const struct {
        int32_t zone;
        int64_t step, begin; /* of the bucket that holds minute 20 of hour 0 */
    } cases[] = {
        {0, 3600 * 1000000ll, 0},
        {19800, 3600 * 1000000ll, -1800 * 1000000ll},  /* 05:50 in India: from 05:00 */
        {-12600, 3600 * 1000000ll, -1800 * 1000000ll}, /* 20:50 in Newfoundland: from 20:00 */
        {0, 15 * 60 * 1000000ll, 15 * 60 * 1000000ll},
        {3600, 86400 * 1000000ll, -3600 * 1000000ll},   /* the day began at 23:00 UTC */
        {-3600, 86400 * 1000000ll, -82800 * 1000000ll}, /* 23:20 the day before, from 01:00 UTC */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        arena a;
        load l = {.step = cases[i].step, .zone_offset = cases[i].zone};
        model_series found;
        arena_init(&a, MEMORY);
        add_minute(&l, &a, 0, 20, 1, 7);
        assert_true(load_series(&l, &a, &found));
        assert_int_equal(found.n, 1);
        assert_true(found.points[0].at == cases[i].begin);
        assert_int_equal(found.points[0].time, 7);
        arena_free(&a);
    }
}

static void a_wider_step_adds_up_what_narrower_ones_hold(void **state)
{
    (void)state;
    arena a;
    load l = {.step = 30 * MIN};
    model_series found;
    arena_init(&a, MEMORY);
    for (uint32_t minute = 0; minute < 60; minute++) {
        add_minute(&l, &a, -3600, minute, 1, minute);
        add_minute(&l, &a, 0, minute, 2, minute);
    }
    assert_true(load_series(&l, &a, &found));
    assert_int_equal(found.n, 4);
    static const int64_t time[] = {29 * 30 / 2, 59 * 60 / 2 - 29 * 30 / 2};
    for (int i = 0; i < 4; i++) {
        assert_true(found.points[i].at == (i - 2) * 30 * MIN);
        assert_int_equal(found.points[i].calls, i < 2 ? 30 : 60);
        assert_int_equal(found.points[i].time, time[i % 2]);
    }
    arena_free(&a);
}

static void a_wide_series_widens_what_was_added_before_it(void **state)
{
    (void)state;
    arena a;
    load l = {.step = SEC};
    model_series found;
    arena_init(&a, MEMORY);
    for (uint32_t second = 0; second < 100; second++) {
        add(&l, &a, -3600, (series_point){.calls = 1, .time = second, .second = second, .step = 1});
    }
    assert_true(l.step == SEC);
    add(&l, &a, -3600, (series_point){.calls = 5, .time = 1000, .second = 60, .step = 30});
    assert_true(l.step == 30 * SEC);
    add(&l, &a, -3600, (series_point){.calls = 7, .time = 0, .second = 10, .step = 5});
    assert_true(l.step == 30 * SEC);
    assert_true(load_series(&l, &a, &found));
    assert_int_equal(found.n, 4);
    static const int64_t calls[] = {37, 30, 35, 10};
    static const int64_t time[] = {29 * 30 / 2, 59 * 60 / 2 - 29 * 30 / 2,
                                   89 * 90 / 2 - 59 * 60 / 2 + 1000, 99 * 100 / 2 - 89 * 90 / 2};
    for (int i = 0; i < 4; i++) {
        assert_true(found.points[i].at == -H + i * 30 * SEC);
        assert_int_equal(found.points[i].calls, calls[i]);
        assert_int_equal(found.points[i].time, time[i]);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_busiest_bucket_and_an_empty_series),
        cmocka_unit_test(equal_buckets_add_up_however_many_there_are),
        cmocka_unit_test(the_busiest_has_the_most_time_and_of_equals_is_the_earlier),
        cmocka_unit_test(a_busiest_bucket_is_found_where_no_call_has_a_time),
        cmocka_unit_test(the_seconds_of_a_minute_add_up_to_it),
        cmocka_unit_test(buckets_begin_where_the_zone_has_a_full_step),
        cmocka_unit_test(a_wider_step_adds_up_what_narrower_ones_hold),
        cmocka_unit_test(a_wide_series_widens_what_was_added_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
