/* test_plan_change.c - a query whose plans take very different times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene_fixture.h"

enum { QUERY = 1, MINUTE = 60 * SECOND };

static const char text[] = "SELECT a FROM orders WHERE user_id = ?";
static const char by_index[] = "Index Scan using orders_user_id on orders";
static const char by_table[] = "Limit\n  Seq Scan on orders";

/* `fast` and `slow` executions of 100 ms and `slow_mean` us each, the slow ones `later` us after
 * the first of the fast, which go on for a minute. */
static scene scene_of(int64_t fast, int64_t slow, int64_t slow_mean, int64_t later)
{
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "postgresql", "SELECT", text);
    scene_calls(&c, QUERY, fast + slow, fast * 100 * MS + slow * slow_mean);
    scene_plan(&c, QUERY, 1, by_index, fast, fast * 100 * MS, FIRST_AT, FIRST_AT + MINUTE);
    scene_plan(&c, QUERY, 2, by_table, slow, slow * slow_mean, FIRST_AT + later,
               FIRST_AT + later + MINUTE);
    return c;
}

static void a_slower_plan_that_came_later_is_a_change(void **state)
{
    (void)state;
    scene c = scene_of(5, 4, 500 * MS, 2 * (int64_t)MINUTE);
    scene_analyse(&c, FINDING_PLAN_CHANGE);
    assert_int_equal(c.n, 1);
    const finding *f = &c.found[0];
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    assert_int_equal(f->cost, 4 * 400 * MS);
    assert_false(value_get(f->evidence, SLICE("in_turn"))->integer);
    const value *slow = value_get(f->evidence, SLICE("slow"));
    const value *fast = value_get(f->evidence, SLICE("fast"));
    assert_int_equal(value_get(slow, SLICE("calls"))->integer, 4);
    assert_int_equal(value_get(slow, SLICE("mean_ms"))->integer, 500 * MS); /* in thousandths */
    assert_int_equal(value_get(fast, SLICE("mean_ms"))->integer, 100 * MS);
    assert_text(value_get(fast, SLICE("shape"))->text, by_index);
    assert_text(value_get(slow, SLICE("first_seen"))->text, "2026-11-19T14:02:00.000Z");
    assert_text(f->title, "orders: a new plan is slower by 400 ms an execution");
    scene_close(&c);
}

static void plans_that_come_by_turns_are_said_to(void **state)
{
    (void)state;
    scene c = scene_of(5, 4, 500 * MS, 10 * SECOND);
    scene_analyse(&c, FINDING_PLAN_CHANGE);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].confidence, CONFIDENCE_CANDIDATE);
    assert_true(value_get(c.found[0].evidence, SLICE("in_turn"))->integer);
    scene_close(&c);
}

static void a_plan_that_came_later_and_is_faster_is_good(void **state)
{
    (void)state;
    scene c = scene_of(5, 4, 500 * MS, -2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 0);
}

static void both_plans_are_seen_three_times(void **state)
{
    (void)state;
    scene c = scene_of(3, 3, 500 * MS, 2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 1);
    c = scene_of(3, 2, 500 * MS, 2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 0);
    c = scene_of(2, 3, 500 * MS, 2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 0);
}

static void twice_the_time_is_clearly_different(void **state)
{
    (void)state;
    scene c = scene_of(5, 5, 200 * MS, 2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 1);
    c = scene_of(5, 5, 200 * MS - 1, 2 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 0);
}

static void an_empty_collection_is_no_plan(void **state)
{
    (void)state;
    scene c = scene_of(5, 0, 0, 0);
    scene_add(&c, NULL, NULL, "UPDATE plan_shapes SET text = 'EOF' WHERE plan = 1");
    scene_plan(&c, QUERY, 3, "COLLSCAN", 5, 5 * SECOND, FIRST_AT + 2 * (int64_t)MINUTE,
               FIRST_AT + 3 * (int64_t)MINUTE);
    assert_int_equal(scene_count(&c, FINDING_PLAN_CHANGE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slower_plan_that_came_later_is_a_change),
        cmocka_unit_test(plans_that_come_by_turns_are_said_to),
        cmocka_unit_test(a_plan_that_came_later_and_is_faster_is_good),
        cmocka_unit_test(both_plans_are_seen_three_times),
        cmocka_unit_test(twice_the_time_is_clearly_different),
        cmocka_unit_test(an_empty_collection_is_no_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
