/* test_lock_wait.c - time spent waiting for locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene_fixture.h"

enum { QUERY = 1 };

static const char update[] = "UPDATE accounts SET balance = ? WHERE id = ?";

static scene scene_of(const char *text, int64_t time)
{
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "postgresql", "UPDATE", text);
    scene_calls(&c, QUERY, 10, time);
    return c;
}

static void waits_that_the_log_tells_of_are_added_up_by_lock(void **state)
{
    (void)state;
    scene c = scene_of(update, 3 * SECOND);
    scene_measure(&c, QUERY, "lock_waits", 5, 2 * SECOND, SECOND);
    scene_fact(&c, QUERY, "lock_acquired", "ShareLock on transaction", 3, 1500 * MS, FIRST_AT);
    scene_fact(&c, QUERY, "lock_acquired", "ExclusiveLock on tuple", 2, 500 * MS, FIRST_AT);
    scene_fact(&c, QUERY, "lock_waiting", "ShareLock on transaction", 7, SECOND, FIRST_AT);
    scene_analyse(&c, FINDING_LOCK_WAIT);
    assert_int_equal(c.n, 1);
    const finding *f = &c.found[0];
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    assert_int_equal(f->cost, 2 * SECOND);
    assert_int_equal(evidence_number(f, "waits"), 5);
    assert_int_equal(evidence_number(f, "waits_without_end"), 2); /* 7 began, 5 ended */
    const value *locks = value_get(f->evidence, SLICE("locks"));
    assert_text(value_get(locks->first, SLICE("lock"))->text, "ShareLock on transaction");
    assert_int_equal(value_get(locks->last, SLICE("waits"))->integer, 2);
    assert_text(f->title, "accounts: 2.00 s spent waiting for locks");
    assert_text(f->detail, "5 waits for locks took 2.00 s in all, the longest 1.00 s: 66.7 % of"
                           " this query's time and 50.0 % of all. It waited for ShareLock on"
                           " transaction (3 times), ExclusiveLock on tuple (2 times). 2 more waits"
                           " have no end in this log.");
    scene_close(&c);
}

/* Newer servers count the waits for rows among the locks' time. */
static void one_wait_is_not_counted_twice(void **state)
{
    (void)state;
    scene c = scene_of(update, SECOND);
    scene_measure(&c, QUERY, "lock_time", 10, 300 * MS, 100 * MS);
    scene_measure(&c, QUERY, "innodb_rec_lock_wait", 10, 250 * MS, 90 * MS);
    scene_analyse(&c, FINDING_LOCK_WAIT);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].cost, 300 * MS);
    scene_close(&c);
    c = scene_of(update, SECOND);
    scene_measure(&c, QUERY, "lock_time", 10, 30, 10);
    scene_measure(&c, QUERY, "innodb_rec_lock_wait", 10, 250 * MS, 90 * MS);
    scene_analyse(&c, FINDING_LOCK_WAIT);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].cost, 250 * MS);
    scene_close(&c);
}

static void a_tenth_of_the_query_s_time_is_too_much(void **state)
{
    (void)state;
    scene c = scene_of(update, 2 * SECOND);
    scene_measure(&c, QUERY, "lock_time", 10, 200 * MS, 20 * MS);
    assert_int_equal(scene_count(&c, FINDING_LOCK_WAIT), 1);
    c = scene_of(update, 2 * SECOND);
    scene_measure(&c, QUERY, "lock_time", 10, 200 * MS - 1, 20 * MS);
    assert_int_equal(scene_count(&c, FINDING_LOCK_WAIT), 0);
}

static void short_waits_are_silent(void **state)
{
    (void)state;
    scene c = scene_of(update, 150 * MS);
    scene_measure(&c, QUERY, "lock_time", 10, 100 * MS, 10 * MS);
    assert_int_equal(scene_count(&c, FINDING_LOCK_WAIT), 1);
    c = scene_of(update, 150 * MS);
    scene_measure(&c, QUERY, "lock_time", 10, 100 * MS - 1, 10 * MS);
    assert_int_equal(scene_count(&c, FINDING_LOCK_WAIT), 0);
}

static void who_asks_for_an_advisory_lock_means_to_wait(void **state)
{
    (void)state;
    scene c = scene_of("SELECT pg_advisory_xact_lock(?)", SECOND);
    scene_measure(&c, QUERY, "lock_waits", 10, SECOND, SECOND);
    assert_int_equal(scene_count(&c, FINDING_LOCK_WAIT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_that_the_log_tells_of_are_added_up_by_lock),
        cmocka_unit_test(one_wait_is_not_counted_twice),
        cmocka_unit_test(a_tenth_of_the_query_s_time_is_too_much),
        cmocka_unit_test(short_waits_are_silent),
        cmocka_unit_test(who_asks_for_an_advisory_lock_means_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
