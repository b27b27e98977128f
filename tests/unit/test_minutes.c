/* test_minutes.c - calls and time by minute: adding up, the busiest, buckets in a zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/series.h"
#include "report/minutes.h"

enum { MEMORY = 16 * 1024 * 1024 };

static const int64_t MIN = 60 * 1000000ll, H = 3600 * 1000000ll;

/* Adds one minute, in the packed form of the store. */
static void add(minutes *m, arena *a, int64_t hour, uint32_t minute, uint64_t calls, uint64_t time)
{
    buf packed;
    series s = {0};
    buf_init(&packed, 100);
    assert_true(series_add(&s, a, minute, calls, time));
    series_encode(&s, &packed);
    assert_true(minutes_add(m, a, hour, buf_slice(&packed)));
    buf_free(&packed);
}

static void nothing_has_no_busiest_minute_and_an_empty_series(void **state)
{
    (void)state;
    arena a;
    minutes m = {0};
    model_series found;
    arena_init(&a, MEMORY);
    assert_true(minutes_add(&m, &a, 0, SLICE("")));
    assert_int_equal(minutes_busiest(&m).calls, 0);
    assert_true(minutes_series(&m, MIN, 0, &a, &found));
    assert_int_equal(found.n, 0);
    arena_free(&a);
}

static void equal_minutes_add_up_however_many_there_are(void **state)
{
    (void)state;
    enum { HOURS = 30 };
    arena a;
    minutes m = {0};
    model_series found;
    arena_init(&a, MEMORY);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < HOURS * 60; i++) {
            uint64_t at = (i * 7) % (HOURS * 60); /* in no order */
            add(&m, &a, (int64_t)(at / 60) * 3600, (uint32_t)(at % 60), 1, at);
        }
    }
    assert_true(minutes_series(&m, MIN, 0, &a, &found));
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
    minutes m = {0};
    arena_init(&a, MEMORY);
    add(&m, &a, 7200, 5, 100, 10); /* many calls, little time */
    add(&m, &a, 7200, 9, 2, 500);
    add(&m, &a, 3600, 9, 1, 500);
    model_point best = minutes_busiest(&m);
    assert_true(best.at == H + 9 * MIN);
    assert_int_equal(best.calls, 1);
    assert_int_equal(best.time, 500);
    arena_free(&a);
}

static void a_busiest_minute_is_found_where_no_call_has_a_time(void **state)
{
    (void)state;
    arena a;
    minutes m = {0};
    arena_init(&a, MEMORY);
    add(&m, &a, -3600, 9, 1, 0);
    assert_int_equal(minutes_busiest(&m).calls, 1);
    assert_true(minutes_busiest(&m).at == -H + 9 * MIN);
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
        minutes m = {0};
        model_series found;
        arena_init(&a, MEMORY);
        add(&m, &a, 0, 20, 1, 7);
        assert_true(minutes_series(&m, cases[i].step, cases[i].zone, &a, &found));
        assert_int_equal(found.n, 1);
        assert_true(found.points[0].at == cases[i].begin);
        assert_int_equal(found.points[0].time, 7);
        arena_free(&a);
    }
}

static void a_wider_step_adds_up_what_the_narrower_had(void **state)
{
    (void)state;
    arena a;
    minutes m = {0};
    model_series found;
    arena_init(&a, MEMORY);
    for (uint32_t minute = 0; minute < 60; minute++) {
        add(&m, &a, -3600, minute, 1, minute);
        add(&m, &a, 0, minute, 2, minute);
    }
    assert_true(minutes_series(&m, 30 * MIN, 0, &a, &found));
    assert_int_equal(found.n, 4);
    static const int64_t time[] = {29 * 30 / 2, 59 * 60 / 2 - 29 * 30 / 2};
    for (int i = 0; i < 4; i++) {
        assert_true(found.points[i].at == (i - 2) * 30 * MIN);
        assert_int_equal(found.points[i].calls, i < 2 ? 30 : 60);
        assert_int_equal(found.points[i].time, time[i % 2]);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_busiest_minute_and_an_empty_series),
        cmocka_unit_test(equal_minutes_add_up_however_many_there_are),
        cmocka_unit_test(the_busiest_has_the_most_time_and_of_equals_is_the_earlier),
        cmocka_unit_test(a_busiest_minute_is_found_where_no_call_has_a_time),
        cmocka_unit_test(buckets_begin_where_the_zone_has_a_full_step),
        cmocka_unit_test(a_wider_step_adds_up_what_the_narrower_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
