/* test_compare.c - what counts as a change between two windows. Expected figures are by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "report/compare.h"

enum { QUERIES_MAX = 32, HOURS = 3 };

#define US_PER_HOUR INT64_C(3600000000)

/* A window whose queries are all of made-up times; one source, whose clock tells microseconds. */
typedef struct window {
    model m;
    model_source source;
    model_threshold threshold;
    model_query queries[QUERIES_MAX];
    model_bin bins[QUERIES_MAX][2];
    model_measure rows[QUERIES_MAX][2];
    model_plan plans[QUERIES_MAX];
} window;

static void window_init(window *w, int64_t threshold_us, const char *origin)
{
    *w = (window){.threshold = {.duration = threshold_us, .origin = slice_from(origin)}};
    w->source =
        (model_source){.clock_resolution = 1, .thresholds = &w->threshold, .n_thresholds = 1};
    w->m = (model){.from = US_PER_HOUR,
                   .to = (1 + HOURS) * US_PER_HOUR,
                   .sources = &w->source,
                   .n_sources = 1,
                   .queries = w->queries};
}

static model_bin bin_of(int64_t us, int64_t calls)
{
    uint64_t from;
    uint64_t to;
    histogram_bin_range(histogram_bin((uint64_t)us), &from, &to);
    return (model_bin){(int64_t)from, (int64_t)to, calls};
}

/* `n` executions of `us` and `n_slow` of `slow_us`. */
static model_query *add_two(window *w, uint64_t id, int64_t n, int64_t us, int64_t n_slow,
                            int64_t slow_us)
{
    uint32_t at = w->m.n_queries++;
    w->bins[at][0] = bin_of(us, n);
    w->bins[at][1] = bin_of(slow_us, n_slow);
    int64_t total = n * us + n_slow * slow_us;
    w->queries[at] = (model_query){.id = id,
                                   .calls = n + n_slow,
                                   .estimated_calls = n + n_slow,
                                   .histogram = w->bins[at],
                                   .n_histogram = n_slow > 0 ? 2 : 1};
    w->queries[at].time = (model_statistics){.n = n + n_slow,
                                             .total = total,
                                             .mean = total / (n + n_slow),
                                             .min = us,
                                             .max = n_slow > 0 ? slow_us : us,
                                             .p50 = us};
    return &w->queries[at];
}

static model_query *add(window *w, uint64_t id, int64_t n, int64_t us)
{
    return add_two(w, id, n, us, 0, us);
}

static void add_rows(window *w, model_query *q, int64_t sent, int64_t examined)
{
    model_measure *rows = w->rows[q - w->queries];
    rows[0] = (model_measure){.name = SLICE("rows_sent"),
                              .unit = SLICE("count"),
                              .statistics = {.n = q->calls, .total = sent},
                              .mean_thousandths = sent * 1000 / q->calls};
    rows[1] = (model_measure){.name = SLICE("rows_examined"),
                              .unit = SLICE("count"),
                              .statistics = {.n = q->calls, .total = examined},
                              .mean_thousandths = examined * 1000 / q->calls};
    q->measures = rows;
    q->n_measures = 2;
}

static void add_plan(window *w, model_query *q, const char *shape)
{
    model_plan *plan = &w->plans[q - w->queries];
    *plan = (model_plan){.shape = slice_from(shape), .calls = q->calls};
    q->plans = plan;
    q->n_plans = 1;
}

static comparison compared(const window *before, const window *after)
{
    comparison c;
    status st = {0};
    assert_true(compare(&before->m, &after->m, &c, &st));
    return c;
}

static window before, after;

static void begin(void)
{
    window_init(&before, 0, "log");
    window_init(&after, 0, "log");
}

/* 100 x 1 ms, then 100 x 4 ms: 3 ms more each. */
static void a_slower_query_has_the_factor_of_its_times_and_costs_what_it_takes_more(void **state)
{
    (void)state;
    begin();
    add(&before, 7, 100, 1000);
    add(&after, 7, 100, 4000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 1);
    assert_int_equal(c.changes[0].kind, CHANGE_REGRESSION);
    assert_int_equal(c.changes[0].factor, 4000000);
    assert_int_equal(c.changes[0].cost, 300000);
    assert_true(comparison_has(&c, 1u << CHANGE_REGRESSION));
    assert_false(comparison_has(&c, 1u << CHANGE_IMPROVEMENT));
    comparison_free(&c);
    c = compared(&after, &before); /* the mirror image */
    assert_int_equal(c.changes[0].kind, CHANGE_IMPROVEMENT);
    assert_int_equal(c.changes[0].factor, 250000);
    assert_int_equal(c.changes[0].cost, 300000);
    comparison_free(&c);
}

/* Times below 64 us have a bin each. Two of 2 us and one of 16 us: the geometric mean is the cube
 * root of 64, 4 us; of 32 us alone it is 32: eight times, where the means, 6.7 and 32 us, give 4.8.
 */
static void a_factor_is_of_geometric_means(void **state)
{
    (void)state;
    begin();
    add_two(&before, 7, 200, 2, 100, 16);
    add(&after, 7, 300, 32);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 1);
    assert_int_equal(c.changes[0].factor, 8000000);
    comparison_free(&c);
}

static void a_change_of_less_than_a_quarter_is_none(void **state)
{
    (void)state;
    begin();
    add(&before, 7, 100, 1000);
    add(&after, 7, 100, 1240);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 0);
    assert_int_equal(c.alike, 1);
    comparison_free(&c);
}

/* 0.9 ms more of 100 ms is below 1 %; 1.1 ms above. */
static void a_change_that_costs_less_than_a_hundredth_of_the_time_is_none(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        uint32_t changes;
    } cases[] = {{19, 0}, {21, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        add(&before, 7, 100, 10);
        add(&after, 7, 100, cases[i].us);
        add(&before, 8, 100, 980);
        add(&after, 8, 100, 980);
        comparison c = compared(&before, &after);
        assert_int_equal(c.n_changes, cases[i].changes);
        comparison_free(&c);
    }
}

/* Of 20 each half are 1 ms and half 64 ms, whose logarithms scatter by 2.08: the two standard
 * errors are 1.33, and the factor of 64^(2/20) = 1.5 that one more on either side makes is nothing.
 */
static void what_the_scatter_of_the_times_explains_is_none(void **state)
{
    (void)state;
    begin();
    add_two(&before, 7, 11, 1000, 9, 64000);
    add_two(&after, 7, 9, 1000, 11, 64000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 0);
    comparison_free(&c);
    begin(); /* of 4,000 each it is something: the errors are 0.09, and ln 1.5 is 0.41 */
    add_two(&before, 7, 2200, 1000, 1800, 64000);
    add_two(&after, 7, 1800, 1000, 2200, 64000);
    c = compared(&before, &after);
    assert_int_equal(c.n_of[CHANGE_REGRESSION], 1);
    comparison_free(&c);
}

static void few_executions_are_enough_only_where_rows_or_plan_prove_it(void **state)
{
    (void)state;
    begin();
    add(&before, 7, 3, 1000);
    add(&after, 7, 3, 9000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 0);
    assert_int_equal(c.few, 1);
    comparison_free(&c);
    begin();
    add_rows(&before, add(&before, 7, 3, 1000), 30, 30);
    add_rows(&after, add(&after, 7, 3, 9000), 30, 300); /* ten times as many for each */
    add_plan(&before, add(&before, 8, 3, 1000), "IXSCAN");
    add_plan(&after, add(&after, 8, 3, 9000), "COLLSCAN");
    c = compared(&before, &after);
    assert_int_equal(c.n_of[CHANGE_REGRESSION], 2);
    comparison_free(&c);
}

static void another_plan_at_the_same_speed_is_told_apart(void **state)
{
    (void)state;
    begin();
    add_plan(&before, add(&before, 8, 30, 1000), "Hash Join");
    add_plan(&after, add(&after, 8, 30, 1000), "Nested Loop");
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 1);
    assert_int_equal(c.changes[0].kind, CHANGE_PLAN);
    comparison_free(&c);
}

/* One log holds what took 100 ms, the other what took 500 ms: the fast half of the first is not
 * what got better, nor is a query of 200 ms gone. */
static void only_what_both_logs_would_hold_is_compared(void **state)
{
    (void)state;
    window_init(&before, 100000, "log");
    window_init(&after, 500000, "option");
    add_two(&before, 7, 50, 200000, 50, 800000);
    add(&after, 7, 50, 800000);
    add(&before, 8, 100, 200000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.least, 500000);
    assert_true(c.cuts);
    assert_int_equal(c.n_changes, 0);
    assert_int_equal(c.alike, 1);
    assert_int_equal(c.below, 1);
    comparison_free(&c);
}

/* The least that was seen is a threshold where five queries begin with it, and not where one does:
 * else a query that got slower would be compared with nothing. */
static void the_fastest_execution_is_a_threshold_where_several_queries_begin(void **state)
{
    (void)state;
    window_init(&before, 10000, "inferred");
    window_init(&after, 250000, "inferred");
    add(&before, 1, 20, 10000);
    add(&after, 1, 20, 250000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.least, 0);
    assert_int_equal(c.n_of[CHANGE_REGRESSION], 1);
    comparison_free(&c);
    for (uint64_t id = 2; id <= 5; id++) {
        add(&after, id, 20, 250000 + (int64_t)id * 1000);
    }
    c = compared(&before, &after);
    assert_int_equal(c.least, 250000);
    assert_true(c.cuts);
    comparison_free(&c);
}

/* Both servers log from 100 ms on; the fastest in one took 100.1, in the other 104 ms. */
static void two_fastest_executions_close_together_are_one_threshold(void **state)
{
    (void)state;
    window_init(&before, 100100, "inferred");
    window_init(&after, 104000, "inferred");
    for (uint64_t id = 1; id <= 5; id++) {
        add(&before, id, 20, 100100);
        add(&after, id, 20, 104000);
    }
    comparison c = compared(&before, &after);
    assert_int_equal(c.least, 104000);
    assert_false(c.cuts);
    comparison_free(&c);
}

/* 300 calls in three hours, then 1,200: 400 an hour, and of 1.2 s the 0.9 s that three quarters of
 * the calls take. */
static void a_query_that_is_called_much_more_often_is_worse(void **state)
{
    (void)state;
    begin();
    add(&before, 7, 300, 1000);
    add(&after, 7, 1200, 1000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 1);
    assert_int_equal(c.changes[0].kind, CHANGE_REGRESSION);
    assert_true(c.changes[0].calls_changed);
    assert_false(c.changes[0].time_changed);
    assert_int_equal(c.changes[0].after.hourly, 400000);
    assert_int_equal(c.changes[0].calls_factor, 4000000);
    assert_int_equal(c.changes[0].cost, 900000);
    comparison_free(&c);
}

/* Less than a minute; and an hour of a clock that ticks once in 61 seconds. */
static void too_short_a_window_or_too_coarse_a_clock_tells_no_calls_per_hour(void **state)
{
    (void)state;
    static const struct {
        int64_t length, resolution;
        bool hourly;
    } cases[] = {{59999999, 1, false},
                 {60000000, 1, true},
                 {US_PER_HOUR, 61000000, false},
                 {US_PER_HOUR, 60000000, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        before.source.clock_resolution = cases[i].resolution;
        before.m.to = before.m.from + cases[i].length;
        comparison c = compared(&before, &after);
        assert_int_equal(c.hourly, cases[i].hourly);
        comparison_free(&c);
    }
}

/* Twenty queries at twice their time are the server's doing; one at eight times is its own. */
static void what_all_queries_share_is_told_once(void **state)
{
    (void)state;
    begin();
    for (uint64_t id = 1; id <= 20; id++) {
        add(&before, id, 50, 1000);
        add(&after, id, 50, 2000);
    }
    add(&before, 99, 50, 1000);
    add(&after, 99, 50, 8000);
    comparison c = compared(&before, &after);
    assert_int_equal(c.tide, 2000000);
    assert_int_equal(c.n_changes, 1);
    assert_int_equal(c.changes[0].id, 99);
    assert_int_equal(c.changes[0].cost, 50 * 6000);
    assert_true(comparison_has(&c, 1u << CHANGE_SERVER));
    comparison_free(&c);
}

/* Of 24 new ones, each of less than a hundredth of the time, the first twenty. */
static void new_and_gone_queries_are_listed_up_to_what_matters(void **state)
{
    (void)state;
    begin();
    add(&before, 1, 10, 1000);
    add(&after, 2, 1000, 1000);
    for (uint64_t id = 101; id <= 124; id++) {
        add(&after, id, 1, (int64_t)id);
    }
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_of[CHANGE_NEW], 20);
    assert_int_equal(c.minor_new, 5);
    assert_int_equal(c.n_of[CHANGE_GONE], 1);
    assert_int_equal(c.changes[0].id, 2); /* the costliest first */
    assert_int_equal(c.changes[1].id, 124);
    assert_int_equal(c.changes[20].id, 1);
    assert_int_equal(c.changes[20].kind, CHANGE_GONE);
    comparison_free(&c);
}

/* A store that knows the times of a whole hour alone: the factor is then of the means, 2. */
static void without_the_spread_of_the_times_a_factor_is_of_means(void **state)
{
    (void)state;
    begin();
    add(&before, 7, 100, 1000);
    model_query *q = add(&after, 7, 100, 2000);
    q->histogram[0].calls = 150;
    comparison c = compared(&before, &after);
    assert_int_equal(c.n_changes, 1);
    assert_true(c.changes[0].by_mean);
    assert_int_equal(c.changes[0].factor, 2000000);
    comparison_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slower_query_has_the_factor_of_its_times_and_costs_what_it_takes_more),
        cmocka_unit_test(a_factor_is_of_geometric_means),
        cmocka_unit_test(a_change_of_less_than_a_quarter_is_none),
        cmocka_unit_test(a_change_that_costs_less_than_a_hundredth_of_the_time_is_none),
        cmocka_unit_test(what_the_scatter_of_the_times_explains_is_none),
        cmocka_unit_test(few_executions_are_enough_only_where_rows_or_plan_prove_it),
        cmocka_unit_test(another_plan_at_the_same_speed_is_told_apart),
        cmocka_unit_test(only_what_both_logs_would_hold_is_compared),
        cmocka_unit_test(the_fastest_execution_is_a_threshold_where_several_queries_begin),
        cmocka_unit_test(two_fastest_executions_close_together_are_one_threshold),
        cmocka_unit_test(a_query_that_is_called_much_more_often_is_worse),
        cmocka_unit_test(too_short_a_window_or_too_coarse_a_clock_tells_no_calls_per_hour),
        cmocka_unit_test(what_all_queries_share_is_told_once),
        cmocka_unit_test(new_and_gone_queries_are_listed_up_to_what_matters),
        cmocka_unit_test(without_the_spread_of_the_times_a_factor_is_of_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
