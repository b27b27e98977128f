/* test_context.c - what a record leaves for the ones behind it: time, zone, database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/context.h"

enum { US = 1000000, HOUR = 3600 };

static event timed(int64_t at, int32_t zone)
{
    return (event){.time = at, .zone_offset = zone, .has = HAS_TIME};
}

static void a_record_without_a_time_has_that_of_the_one_before(void **state)
{
    (void)state;
    log_context c = {0};
    event first = {.has = OPEN_TIME | OPEN_ZONE, .zone_offset = 60};
    context_take(&c, &first, SLICE(""));
    assert_int_equal(first.has & HAS_TIME, 0);
    event second = timed(5 * US, HOUR);
    event third = {.has = OPEN_TIME | OPEN_ZONE};
    context_take(&c, &second, SLICE(""));
    context_take(&c, &third, SLICE(""));
    assert_true((third.has & HAS_TIME) != 0);
    assert_int_equal(third.time, 5 * US);
    assert_int_equal(third.zone_offset, HOUR);
}

static void a_clock_s_reading_becomes_an_instant_by_the_zone_before(void **state)
{
    (void)state;
    log_context c = {0};
    event zoned = timed(0, HOUR);
    event local = {.time = 2 * HOUR * (int64_t)US, .has = HAS_TIME | LOCAL_TIME | OPEN_ZONE};
    context_take(&c, &zoned, SLICE(""));
    context_take(&c, &local, SLICE(""));
    assert_int_equal(local.time, HOUR * (int64_t)US);
}

static void a_database_holds_until_another_or_until_the_log_is_opened_anew(void **state)
{
    (void)state;
    log_context c = {0};
    event named = timed(1, 0);
    event open = {.time = 2, .has = HAS_TIME | OPEN_DATABASE};
    event banner = {.has = BEGINS_LOG};
    context_take(&c, &named, SLICE("shop"));
    uint32_t generation = c.generation;
    context_take(&c, &open, SLICE(""));
    assert_true(c.has_database && slice_is(context_database(&c), "shop"));
    assert_int_equal(c.generation, generation);
    context_take(&c, &banner, SLICE(""));
    assert_false(c.has_database);
    assert_int_not_equal(c.generation, generation);
}

static void it_is_packed_and_unpacked_and_damage_is_noticed(void **state)
{
    (void)state;
    log_context c = {0};
    log_context again = {0};
    buf packed;
    buf_init(&packed, 1024);
    context_encode(&c, &packed);
    assert_int_equal(packed.n, 0);
    event e = timed(-7, -HOUR);
    context_take(&c, &e, SLICE("shop"));
    context_encode(&c, &packed);
    assert_true(context_decode(&again, buf_slice(&packed)));
    assert_int_equal(again.time, -7);
    assert_int_equal(again.zone_offset, -HOUR);
    assert_true(slice_is(context_database(&again), "shop"));
    assert_false(context_decode(&again, slice_take(buf_slice(&packed), 3)));
    packed.p[0] = 9;
    assert_false(context_decode(&again, buf_slice(&packed)));
    buf_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_without_a_time_has_that_of_the_one_before),
        cmocka_unit_test(a_clock_s_reading_becomes_an_instant_by_the_zone_before),
        cmocka_unit_test(a_database_holds_until_another_or_until_the_log_is_opened_anew),
        cmocka_unit_test(it_is_packed_and_unpacked_and_damage_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
