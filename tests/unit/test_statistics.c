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

/* Abramowitz and Stegun, table 26.10: t that a part of the distribution is above, by degrees of
 * freedom; three digits are printed. */
static void the_tail_of_students_t_is_that_of_the_tables(void **state)
{
    (void)state;
    static const struct {
        double t, degrees, above, within;
    } cases[] = {{6.314, 1, 0.05, 1e-5},   {2.920, 2, 0.05, 1e-5},  {2.015, 5, 0.05, 1e-5},
                 {4.032, 5, 0.005, 1e-6},  {1.812, 10, 0.05, 1e-4}, {3.169, 10, 0.005, 1e-5},
                 {2.845, 20, 0.005, 1e-5}, {1.671, 60, 0.05, 1e-4}, {2.617, 120, 0.005, 1e-5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double p = student_tail(cases[i].t, cases[i].degrees);
        assert_true(fabs(p - cases[i].above) < cases[i].within);
        assert_true(near(student_tail(-cases[i].t, cases[i].degrees), 1 - p));
    }
    /* With one degree, Cauchy's distribution: 1/2 - atan(t)/pi; with two, 1/2 - t / (2 sqrt(2 +
     * t^2)). */
    for (double t = 0; t < 100; t += 0.7) {
        assert_true(near(student_tail(t, 1), 0.5 - atan(t) / 3.14159265358979323846));
        assert_true(near(student_tail(t, 2), 0.5 - t / (2 * sqrt(2 + t * t))));
    }
}

/* The example of Benjamini and Hochberg 1995, section 4.1: of 15 probabilities the first four are
 * rejected at 0.05. */
static void false_discoveries_are_limited_as_in_the_published_example(void **state)
{
    (void)state;
    double p[] = {0.0278, 0.0001, 0.4262, 0.0004, 0.0019, 0.0095, 0.0201, 0.0298,
                  0.0344, 0.0459, 0.3240, 0.5719, 0.6528, 0.7590, 1.0000};
    assert_true(near(false_discovery_limit(p, 15, 0.05), 0.0095));
    double none[] = {0.06, 0.5};
    assert_true(false_discovery_limit(none, 2, 0.05) < 0);
    assert_true(false_discovery_limit(none, 0, 0.05) < 0);
}

static void a_median_is_the_middle_or_between_the_two(void **state)
{
    (void)state;
    double odd[] = {9, 1, 5};
    double even[] = {8, 1, 2, 4};
    assert_true(near(median_of(odd, 3), 5));
    assert_true(near(median_of(even, 4), 3));
    assert_true(near(median_of(odd, 0), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlation_is_one_for_what_only_grows_and_zero_without_change),
        cmocka_unit_test(equals_share_their_mean_rank),
        cmocka_unit_test(the_median_slope_is_not_moved_by_an_outlier),
        cmocka_unit_test(the_tail_of_students_t_is_that_of_the_tables),
        cmocka_unit_test(false_discoveries_are_limited_as_in_the_published_example),
        cmocka_unit_test(a_median_is_the_middle_or_between_the_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
