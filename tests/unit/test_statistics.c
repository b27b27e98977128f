/* test_statistics.c - correlation by rank and the median of slopes, against values by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analysers/statistics.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void correlation_is_one_for_what_only_grows_and_zero_without_change(void **state)
{
    (void)state;
    static const sample_point grows[] = {{1, 1}, {2, 4}, {3, 9}, {4, 1000}};
    static const sample_point falls[] = {{1, 9}, {2, 7}, {3, 1}};
    static const sample_point flat[] = {{1, 5}, {2, 5}, {3, 5}};
    double rho;
    arena a;
    arena_init(&a, 1 << 20);
    assert_true(rank_correlation(&a, grows, 4, &rho));
    assert_true(near(rho, 1));
    assert_true(rank_correlation(&a, falls, 3, &rho));
    assert_true(near(rho, -1));
    assert_true(rank_correlation(&a, flat, 3, &rho));
    assert_true(near(rho, 0));
    arena_free(&a);
}

/* Ranks of y with a tie: 1, 2.5, 2.5, 4, of x: 1 to 4. The deviations' products add up to 4.5, the
 * squares to 5 and 4.5: rho = 4.5 / sqrt(5 * 4.5). */
static void equals_share_their_mean_rank(void **state)
{
    (void)state;
    static const sample_point points[] = {{1, 10}, {2, 20}, {3, 20}, {4, 30}};
    double rho;
    arena a;
    arena_init(&a, 1 << 20);
    assert_true(rank_correlation(&a, points, 4, &rho));
    assert_true(near(rho, 4.5 / sqrt(22.5)));
    arena_free(&a);
}

static void the_median_slope_is_not_moved_by_an_outlier(void **state)
{
    (void)state;
    static const sample_point points[] = {{0, 0}, {10, 20}, {20, 40}, {30, 9000}, {40, 80}};
    static const sample_point same[] = {{5, 1}, {5, 2}};
    double slope;
    arena a;
    arena_init(&a, 1 << 20);
    assert_true(median_slope(&a, points, 5, &slope));
    assert_true(near(slope, 2));
    assert_true(median_slope(&a, same, 2, &slope));
    assert_true(near(slope, 0));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlation_is_one_for_what_only_grows_and_zero_without_change),
        cmocka_unit_test(equals_share_their_mean_rank),
        cmocka_unit_test(the_median_slope_is_not_moved_by_an_outlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
