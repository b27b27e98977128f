/* test_chart.c - the geometry of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "report/chart.h"

static const int64_t S = 1000000;
static const int64_t NOON = INT64_C(1795089600) * 1000000; /* a multiple of a minute */

static void assert_path(const int64_t *values, uint32_t n, uint32_t width, uint32_t height,
                        const char *expected)
{
    buf out;
    buf_init(&out, 4096);
    chart_path(values, n, chart_most(values, n), width, height, &out);
    assert_int_equal(out.n, strlen(expected));
    assert_memory_equal(out.p, expected, out.n);
    buf_free(&out);
}

/* --- time ------------------------------------------------------------------------------- */

static model a_minute_at_seconds(model_point *points, uint32_t n)
{
    return (model){
        .from = NOON, .to = NOON + 59 * S, .series = {.points = points, .n = n}, .series_step = S};
}

static void the_axis_spans_the_window_beyond_the_first_and_last_call(void **state)
{
    (void)state;
    model_point points[] = {{NOON + 10 * S, 1, 5}, {NOON + 20 * S, 2, 7}};
    model m = a_minute_at_seconds(points, 2);
    time_axis axis;
    assert_true(time_axis_fit(&m, 100, &axis));
    assert_int_equal(axis.begin, NOON);
    assert_int_equal(axis.step, S);
    assert_int_equal(axis.columns, 60);
}

static void an_axis_of_few_columns_puts_whole_buckets_together(void **state)
{
    (void)state;
    model_point points[] = {{NOON, 1, 5}, {NOON + 11 * S, 2, 7}, {NOON + 59 * S, 4, 11}};
    model m = a_minute_at_seconds(points, 3);
    time_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    assert_true(time_axis_fit(&m, 7, &axis)); /* 60 / 7 is 8.6 */
    assert_int_equal(axis.step, 9 * S);
    assert_int_equal(axis.columns, 7);
    time_axis_sum(&axis, &m.series, time, calls);
    assert_int_equal(calls[0], 1);
    assert_int_equal(time[1], 7);
    assert_int_equal(calls[6], 4);
    assert_int_equal(chart_most(time, axis.columns), 11);
}

static void no_bucket_gives_no_axis(void **state)
{
    (void)state;
    model m = {.from = NOON, .to = NOON + S, .series_step = S};
    time_axis axis;
    assert_false(time_axis_fit(&m, 100, &axis));
}

static void ticks_are_steps_that_people_count_in(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds, tick;
    } cases[] = {{20, 5},
                 {60, 15},
                 {3600, 900},
                 {86400, 21600},
                 {14 * 86400, 604800},
                 {365 * 86400, 604800 * 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_axis axis = {.begin = 0, .step = cases[i].seconds * S / 20, .columns = 20};
        int64_t tick = chart_ticks(&axis, 6);
        assert_true(axis.step * axis.columns / tick <= 6);
        assert_int_equal(tick, cases[i].tick * S);
    }
}

/* --- durations --------------------------------------------------------------------------- */

static void powers_of_two_have_columns_of_equal_width(void **state)
{
    (void)state;
    /* 1024 to 8192 us: three powers of two, in at most 12 columns four parts each. */
    model_bin bins[] = {{1024, 1056, 3}, {1536, 1568, 2}, {7936, 8192, 1}};
    duration_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    assert_true(duration_axis_fit(bins, 3, 12, &axis));
    assert_int_equal(axis.parts, 4);
    assert_int_equal(axis.columns, 12);
    assert_int_equal(duration_axis_from(&axis, 0), 1024);
    assert_int_equal(duration_axis_from(&axis, 1), 1280);
    assert_int_equal(duration_axis_from(&axis, 4), 2048);
    assert_int_equal(duration_axis_from(&axis, 12), 8192);
    duration_axis_sum(&axis, bins, 3, time, calls);
    assert_int_equal(calls[0], 3);
    assert_int_equal(time[0], 3 * 1039); /* the middle of 1024 to 1055 */
    assert_int_equal(calls[2], 2);
    assert_int_equal(calls[11], 1);
    assert_int_equal(duration_axis_at(&axis, 1024), 0);
    assert_int_equal(duration_axis_at(&axis, 2048), 333);
    assert_int_equal(duration_axis_at(&axis, 8192), 1000);
}

static void columns_are_not_finer_than_microseconds(void **state)
{
    (void)state;
    model_bin bins[] = {{2, 3, 1}, {3, 4, 1}};
    duration_axis axis;
    assert_true(duration_axis_fit(bins, 2, 100, &axis));
    assert_int_equal(axis.parts, 2);
    assert_int_equal(axis.columns, 2);
}

static void one_call_of_no_duration_does_not_make_the_others_coarse(void **state)
{
    (void)state;
    /* 0 us, and around 1 s: 21 powers of two in 100 columns are four parts each. */
    model_bin bins[] = {{0, 1, 1}, {983040, 1015808, 250}, {1081344, 1114112, 250}};
    duration_axis axis;
    assert_true(duration_axis_fit(bins, 3, 100, &axis));
    assert_int_equal(axis.parts, 4);
}

static void the_whole_range_of_durations_fits(void **state)
{
    (void)state;
    model_bin bins[] = {{0, 1, 1}, {INT64_MAX - 1000, INT64_MAX, 1}};
    duration_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    assert_true(duration_axis_fit(bins, 2, 48, &axis));
    assert_true(axis.columns <= 48);
    duration_axis_sum(&axis, bins, 2, time, calls);
    assert_int_equal(calls[0], 1);
    assert_int_equal(calls[axis.columns - 1], 1);
    assert_int_equal(duration_axis_from(&axis, 0), 0);
    assert_false(duration_axis_fit(NULL, 0, 48, &axis));
}

/* --- drawing ---------------------------------------------------------------------------- */

static void a_path_goes_round_the_bars(void **state)
{
    (void)state;
    assert_path((const int64_t[]){5, 10, 10, 0}, 4, 40, 10, "M0 10v-5h10v-5h20v10h10z");
}

static void the_smallest_bar_can_be_seen(void **state)
{
    (void)state;
    assert_path((const int64_t[]){1, 1000000}, 2, 20, 10, "M0 10v-1h10v-9h10v10z");
}

static void nothing_is_a_flat_line(void **state)
{
    (void)state;
    assert_path((const int64_t[]){0, 0}, 2, 20, 10, "M0 10h20z");
}

static void grid_lines_are_one_two_or_five_of_a_unit(void **state)
{
    (void)state;
    assert_int_equal(chart_grid(7460000, true), 2000000); /* 2, 4, 6 s */
    assert_int_equal(chart_grid(683, false), 200);
    assert_int_equal(chart_grid(4, false), 1);
    assert_int_equal(chart_grid(9, false), 2);            /* not nine lines */
    assert_int_equal(chart_grid(600 * S, true), 120 * S); /* 2, 4, 6, 8 and 10 min */
    assert_int_equal(chart_grid(7 * 3600 * S, true), 2 * 3600 * S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_axis_spans_the_window_beyond_the_first_and_last_call),
        cmocka_unit_test(an_axis_of_few_columns_puts_whole_buckets_together),
        cmocka_unit_test(no_bucket_gives_no_axis),
        cmocka_unit_test(ticks_are_steps_that_people_count_in),
        cmocka_unit_test(powers_of_two_have_columns_of_equal_width),
        cmocka_unit_test(columns_are_not_finer_than_microseconds),
        cmocka_unit_test(one_call_of_no_duration_does_not_make_the_others_coarse),
        cmocka_unit_test(the_whole_range_of_durations_fits),
        cmocka_unit_test(a_path_goes_round_the_bars),
        cmocka_unit_test(the_smallest_bar_can_be_seen),
        cmocka_unit_test(nothing_is_a_flat_line),
        cmocka_unit_test(grid_lines_are_one_two_or_five_of_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
