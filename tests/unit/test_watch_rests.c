/* test_watch_rests.c - how long a burst may rest, and what stands in front of it then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/watch.h"

enum {
    MS = 1000,
    SECOND = 1000 * MS,
    PARENT = 1001, /* fingerprints */
    CHILD = 1002,
    OTHER = 1003,
    PACKED_MAX = 1024 * 1024
};

/* 2026-01-01 12:00 UTC: no hour ends within a test. */
static const int64_t NOON = 1767268800LL * SECOND;

typedef struct scene {
    watch watch;
    evidence evidence;
    arena arena;
    who_table whos;
    int64_t now;
    uint64_t line;
    bool coarse;
} scene;

static int begin(void **state)
{
    static scene s;
    bool is_new;
    who nobody = {.user = SLICE("shop")};
    s = (scene){.now = NOON};
    watch_init(&s.watch);
    arena_init(&s.arena, 1024 * 1024);
    who_table_init(&s.whos);
    assert_int_equal(who_table_add(&s.whos, &nobody, &is_new), 0);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    scene *s = *state;
    watch_free(&s->watch);
    evidence_free(&s->evidence);
    who_table_free(&s->whos);
    arena_free(&s->arena);
    return 0;
}

/* A statement of 1 ms that begins `rest` after the end of the one before; of a coarse clock only
 * seconds are seen. */
static void take(scene *s, int64_t rest, uint64_t fingerprint, uint64_t value, uint64_t limit)
{
    s->now += rest + MS;
    int64_t at = s->coarse ? s->now - s->now % SECOND : s->now;
    watched x = {.session = 7,
                 .fingerprint = fingerprint,
                 .role = ROLE_READ,
                 .start = at - MS,
                 .end = at,
                 .literals = value,
                 .has_literals = true,
                 .limit = limit,
                 .has_limit = limit > 0,
                 .wanted = true,
                 .coarse = s->coarse,
                 .segment = {1, 2},
                 .offset = s->line * 100,
                 .line = ++s->line};
    assert_true(watch_take(&s->watch, &x, &s->whos, &s->evidence, &s->arena));
}

static void children(scene *s, uint64_t first, uint64_t n, int64_t rest)
{
    for (uint64_t i = 0; i < n; i++) {
        take(s, rest, CHILD, first + i, 0);
    }
}

/* The bursts so far, by the line they begin in. */
static uint32_t bursts(scene *s, burst *out, uint32_t max)
{
    uint32_t n = 0;
    assert_true(watch_end(&s->watch, &s->evidence, &s->arena));
    uint32_t row = 0;
    for (const burst *b; (b = row_table_next(&s->evidence.of[EVIDENCE_BURSTS], &row)) != NULL;) {
        assert_true(n < max);
        uint32_t at = n++;
        while (at > 0 && out[at - 1].first_line > b->first_line) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = *b;
    }
    return n;
}

static burst one_burst(scene *s)
{
    burst b[4];
    assert_int_equal(bursts(s, b, 4), 1);
    return b[0];
}

static void after_five_statements_a_loop_may_rest_and_counts_its_longest_stretch(void **state)
{
    scene *s = *state;
    take(s, 0, PARENT, 1, 20);
    children(s, 100, 8, 2 * MS);
    take(s, PARENT_GAP, CHILD, 200, 0);
    children(s, 300, 11, 2 * MS);
    burst b = one_burst(s);
    assert_int_equal(b.calls, 20);
    assert_int_equal(b.longest, 20);
    assert_int_equal(b.length, 12);
    assert_int_equal(b.matched, 1);
    assert_int_equal(b.wall, 20 * MS + 18 * 2 * MS + PARENT_GAP);
}

static void a_rest_longer_than_a_child_may_wait_ends_the_loop(void **state)
{
    scene *s = *state;
    burst b[2];
    children(s, 100, 8, 2 * MS);
    take(s, PARENT_GAP + 1, CHILD, 200, 0);
    children(s, 300, 11, 2 * MS);
    assert_int_equal(bursts(s, b, 2), 2);
    assert_int_equal(b[0].calls, 8);
    assert_int_equal(b[1].calls, 12);
}

static void a_loop_rests_once_for_every_fifth_statement_and_no_more(void **state)
{
    scene *s = *state;
    burst b[2];
    children(s, 100, 5, 2 * MS);
    take(s, 50 * MS, CHILD, 200, 0); /* of 5 */
    take(s, 50 * MS, CHILD, 201, 0); /* 6 are not 10 */
    children(s, 300, 2, 2 * MS);
    assert_int_equal(bursts(s, b, 2), 2);
    assert_int_equal(b[0].calls, 6);
    assert_int_equal(b[0].length, 5);
    assert_int_equal(b[1].calls, 3);
}

static void requests_that_come_at_random_are_not_joined(void **state)
{
    scene *s = *state;
    for (uint64_t i = 0; i < 100; i++) {
        take(s, 20 * MS, CHILD, i, 0);
    }
    burst b[1];
    assert_int_equal(bursts(s, b, 1), 0);
}

static void a_loop_that_rests_before_it_is_one_keeps_its_parent(void **state)
{
    scene *s = *state;
    take(s, 0, PARENT, 1, 20);
    take(s, 2 * MS, CHILD, 100, 0);
    children(s, 200, 19, 2 * MS);
    burst whole = one_burst(s);
    assert_int_equal(whole.parent, PARENT);

    take(s, SECOND, PARENT, 1, 20);
    take(s, 2 * MS, CHILD, 100, 0);
    take(s, 30 * MS, CHILD, 101, 0);
    children(s, 200, 9, 2 * MS);
    burst b[2];
    assert_int_equal(bursts(s, b, 2), 2);
    assert_int_equal(b[1].calls, 10);
    assert_int_equal(b[1].parent, PARENT);
}

static void a_loop_is_not_its_own_parent(void **state)
{
    scene *s = *state;
    children(s, 100, 3, 2 * MS);
    take(s, 30 * MS, CHILD, 200, 0);
    children(s, 300, 9, 2 * MS);
    burst b[2];
    assert_int_equal(bursts(s, b, 2), 2);
    assert_int_equal(b[1].calls, 10);
    assert_int_equal(b[1].parent, 0);
}

static void a_parent_that_ended_long_before_is_none(void **state)
{
    scene *s = *state;
    take(s, 0, PARENT, 1, 20);
    take(s, PARENT_GAP + 1, CHILD, 100, 0);
    children(s, 200, 19, 2 * MS);
    assert_int_equal(one_burst(s).parent, 0);
}

static void a_coarse_clock_gives_a_lower_bound_of_the_wall_time(void **state)
{
    scene *s = *state;
    s->coarse = true;
    s->now += SECOND - 30 * MS; /* ten before the clock ticks, ten behind */
    children(s, 100, 20, 2 * MS);
    burst b = one_burst(s);
    assert_int_equal(b.calls, 20);
    assert_int_equal(b.wall, 20 * MS);
}

static void a_rest_in_the_packed_state_is_the_same_rest(void **state)
{
    scene *s = *state;
    take(s, 0, PARENT, 1, 20);
    children(s, 100, 8, 2 * MS);
    take(s, 50 * MS, CHILD, 200, 0);
    buf packed;
    buf_init(&packed, PACKED_MAX);
    assert_true(watch_encode(&s->watch, &s->whos, &packed));
    watch_free(&s->watch);
    assert_true(watch_decode(&s->watch, &s->whos, buf_slice(&packed)));
    buf_free(&packed);
    take(s, 50 * MS, CHILD, 201, 0); /* the second of 9: ends it */
    burst b = one_burst(s);
    assert_int_equal(b.calls, 9);
    assert_int_equal(b.length, 8);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(after_five_statements_a_loop_may_rest_and_counts_its_longest_stretch),
        TEST(a_rest_longer_than_a_child_may_wait_ends_the_loop),
        TEST(a_loop_rests_once_for_every_fifth_statement_and_no_more),
        TEST(requests_that_come_at_random_are_not_joined),
        TEST(a_loop_that_rests_before_it_is_one_keeps_its_parent),
        TEST(a_loop_is_not_its_own_parent),
        TEST(a_parent_that_ended_long_before_is_none),
        TEST(a_coarse_clock_gives_a_lower_bound_of_the_wall_time),
        TEST(a_rest_in_the_packed_state_is_the_same_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
