/* test_watch_locks.c - whose statement was in the way of those that waited for locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pipeline/watch.h"

enum {
    MEMORY = 1 << 24,
    MS = 1000,
    HOLDER = 100,
    WAITER = 200,
    THIRD = 300,
    LOCKING = 7,
    SLOW = 8
};

static const int64_t START = 1795089600000000; /* 2026-11-19 12:00:00 UTC */

typedef struct scene {
    watch watch;
    who_table whos;
    evidence evidence;
    arena arena;
    uint32_t nobody, billing;
    uint64_t line;
} scene;

static void begin(scene *s)
{
    bool is_new;
    *s = (scene){0};
    watch_init(&s->watch);
    who_table_init(&s->whos);
    arena_init(&s->arena, MEMORY);
    s->nobody = who_table_add(&s->whos, &(who){0}, &is_new);
    s->billing = who_table_add(&s->whos, &(who){.user = SLICE("billing")}, &is_new);
}

static void finish(scene *s)
{
    watch_free(&s->watch);
    who_table_free(&s->whos);
    evidence_free(&s->evidence);
    arena_free(&s->arena);
}

/* A statement of a process, from `start` to `end` in ms. */
static void run(scene *s, uint32_t process, uint64_t fingerprint, statement_role role,
                int64_t start, int64_t end)
{
    watched x = {.session = process,
                 .process = process,
                 .fingerprint = fingerprint,
                 .role = role,
                 .start = START + start * MS,
                 .end = START + end * MS,
                 .wanted = true,
                 .line = ++s->line,
                 .who = s->billing};
    assert_true(watch_take(&s->watch, &x, &s->whos, &s->evidence, &s->arena));
}

static void wait_for(scene *s, uint32_t process, uint32_t holder, int64_t at)
{
    watched_wait x = {.process = process,
                      .holders = &holder,
                      .n_holders = 1,
                      .at = START + at * MS,
                      .time = 1000 * MS,
                      .fingerprint = SLOW,
                      .nobody = s->nobody,
                      .line = ++s->line};
    assert_true(watch_wait(&s->watch, &x, &s->evidence, &s->arena));
}

static void get(scene *s, uint32_t process, int64_t at, uint64_t time)
{
    assert_true(
        watch_acquired(&s->watch, process, START + at * MS, time * MS, &s->evidence, &s->arena));
}

static const blocking *only_blocker(const scene *s)
{
    uint32_t at = 0;
    const blocking *found = row_table_next(&s->evidence.of[EVIDENCE_BLOCKERS], &at);
    assert_null(row_table_next(&s->evidence.of[EVIDENCE_BLOCKERS], &at));
    return found;
}

/* It is logged when it has ended: behind the wait, and even behind the wait's end. */
static void a_statement_that_ran_at_that_time_is_the_one(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, 1, ROLE_READ, 0, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    get(&s, WAITER, 9000, 8000);
    assert_null(only_blocker(&s));
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 1500, 9001);
    const blocking *b = only_blocker(&s);
    assert_non_null(b);
    assert_int_equal(b->state, BLOCKER_RUNNING);
    assert_int_equal(b->blocker, LOCKING);
    assert_int_equal(b->fingerprint, SLOW);
    assert_int_equal(b->who, s.billing);
    assert_int_equal(b->waits, 1);
    assert_int_equal(b->acquired, 1);
    assert_int_equal(b->time, 8000 * MS);
    assert_int_equal(b->first_at, START + 2000 * MS);
    assert_int_equal(b->first_line, 2);
    finish(&s);
}

static void an_idle_transaction_is_known_by_its_last_statement(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, 1, ROLE_BEGIN, 0, 1);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    run(&s, HOLDER, 3, ROLE_END, 8999, 9000);
    get(&s, WAITER, 9001, 8001);
    assert_int_equal(only_blocker(&s)->state, BLOCKER_IN_TRANSACTION);
    assert_int_equal(only_blocker(&s)->blocker, LOCKING);
    finish(&s);
}

/* As where only what takes long is logged: BEGIN is not, and nor may be what took the lock. */
static void where_its_beginning_is_not_logged_the_commit_tells_of_a_transaction(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    wait_for(&s, THIRD, HOLDER, 2500);
    get(&s, WAITER, 2900, 1900);
    run(&s, HOLDER, 3, ROLE_END, 2990, 3000);
    get(&s, THIRD, 3001, 1501);
    assert_int_equal(only_blocker(&s)->state, BLOCKER_IN_TRANSACTION);
    assert_int_equal(only_blocker(&s)->waits, 2);
    assert_int_equal(only_blocker(&s)->longest, 1900 * MS);
    finish(&s);
}

static void what_was_committed_before_holds_nothing(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, 1, ROLE_BEGIN, 0, 1);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    run(&s, HOLDER, 3, ROLE_END, 6, 7);
    wait_for(&s, WAITER, HOLDER, 2000);
    get(&s, WAITER, 9001, 8001);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->state, BLOCKER_UNSEEN);
    assert_int_equal(only_blocker(&s)->blocker, 0);
    assert_int_equal(only_blocker(&s)->who, s.billing); /* the session is known */
    finish(&s);
}

static void a_session_that_the_log_never_showed_is_unseen(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    wait_for(&s, WAITER, HOLDER, 2000);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    const blocking *b = only_blocker(&s);
    assert_int_equal(b->state, BLOCKER_UNSEEN);
    assert_int_equal(b->who, s.nobody);
    assert_int_equal(b->acquired, 0);
    assert_int_equal(b->time, 1000 * MS); /* as far as the log tells */
    finish(&s);
}

static void who_waits_behind_a_waiter_is_held_up_by_the_first(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    wait_for(&s, THIRD, WAITER, 2500);
    get(&s, WAITER, 2900, 1900);
    get(&s, THIRD, 2901, 1401);
    run(&s, WAITER, SLOW, ROLE_WRITE, 1000, 2902); /* it did not hold up the third */
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->blocker, LOCKING);
    assert_int_equal(only_blocker(&s)->waits, 2);
    finish(&s);
}

/* "detected deadlock while waiting for" comes behind "still waiting for". */
static void a_wait_that_is_told_of_twice_counts_once(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    wait_for(&s, WAITER, HOLDER, 2000);
    wait_for(&s, HOLDER, WAITER, 2100); /* in a circle */
    wait_for(&s, WAITER, HOLDER, 2200);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->waits, 2);
    finish(&s);
}

static void a_wait_in_vain_ends_with_its_statement(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    run(&s, WAITER, 1, ROLE_READ, 2, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    watched failed = {.session = WAITER,
                      .process = WAITER,
                      .fingerprint = SLOW,
                      .role = ROLE_WRITE,
                      .start = START + 3000 * MS,
                      .end = START + 3000 * MS,
                      .failed = true,
                      .who = s.nobody};
    assert_true(watch_fail(&s.watch, &failed, &s.whos, &s.evidence, &s.arena));
    wait_for(&s, WAITER, HOLDER, 5000);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->waits, 2);
    assert_int_equal(only_blocker(&s)->acquired, 0);
    finish(&s);
}

/* As where nothing is logged of what the session did between. */
static void a_wait_that_began_later_is_another(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    wait_for(&s, WAITER, HOLDER, 2000);
    wait_for(&s, WAITER, HOLDER, 3000); /* since 2000 */
    wait_for(&s, WAITER, HOLDER, 4001);
    get(&s, WAITER, 6001, 3000);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->waits, 2);
    assert_int_equal(only_blocker(&s)->acquired, 1);
    assert_int_equal(only_blocker(&s)->time, 4000 * MS);
    finish(&s);
}

/* As where one run of the program ends while they wait. */
static void a_wait_goes_on_in_the_next_log(void **state)
{
    (void)state;
    scene s;
    scene next;
    buf packed;
    begin(&s);
    begin(&next);
    buf_init(&packed, MEMORY);
    run(&s, HOLDER, LOCKING, ROLE_WRITE, 2, 5);
    wait_for(&s, WAITER, HOLDER, 2000);
    assert_true(watch_encode(&s.watch, &s.whos, &packed));
    assert_true(watch_decode(&next.watch, &next.whos, buf_slice(&packed)));
    run(&next, HOLDER, 3, ROLE_END, 8999, 9000);
    get(&next, WAITER, 9001, 8001);
    assert_int_equal(only_blocker(&next)->state, BLOCKER_IN_TRANSACTION);
    assert_int_equal(only_blocker(&next)->blocker, LOCKING);
    assert_int_equal(only_blocker(&next)->time, 8001 * MS);
    assert_int_equal(only_blocker(&next)->first_line, 2);
    buf_free(&packed);
    finish(&s);
    finish(&next);
}

static void waits_without_end_are_bounded(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    for (uint32_t i = 0; i < 2 * LOCK_WAITS_MAX; i++) {
        wait_for(&s, 1000 + i, HOLDER, 2000 + i);
    }
    assert_int_equal(s.watch.n_waits, LOCK_WAITS_MAX);
    assert_true(watch_end(&s.watch, &s.evidence, &s.arena));
    assert_int_equal(only_blocker(&s)->waits, 2 * LOCK_WAITS_MAX);
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_that_ran_at_that_time_is_the_one),
        cmocka_unit_test(an_idle_transaction_is_known_by_its_last_statement),
        cmocka_unit_test(where_its_beginning_is_not_logged_the_commit_tells_of_a_transaction),
        cmocka_unit_test(what_was_committed_before_holds_nothing),
        cmocka_unit_test(a_session_that_the_log_never_showed_is_unseen),
        cmocka_unit_test(who_waits_behind_a_waiter_is_held_up_by_the_first),
        cmocka_unit_test(a_wait_that_is_told_of_twice_counts_once),
        cmocka_unit_test(a_wait_in_vain_ends_with_its_statement),
        cmocka_unit_test(a_wait_that_began_later_is_another),
        cmocka_unit_test(a_wait_goes_on_in_the_next_log),
        cmocka_unit_test(waits_without_end_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
