/* test_change_point.c - where levels change, against rows whose changes are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysers/change_point.h"

enum { MAX = 8, HOURS = 72 };

/* SplitMix64 (Steele, Lea and Flood 2014); the sum of twelve uniform numbers is nearly normal. */
static double noise(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        uint64_t z = *state += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        sum += (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
    }
    return sum;
}

static void a_step_is_found_where_it_is(void **state)
{
    (void)state;
    uint64_t dice = 1;
    for (uint32_t step = 3; step <= HOURS - 3; step += 3) {
        double row[HOURS];
        uint32_t at[MAX];
        for (uint32_t i = 0; i < HOURS; i++) {
            row[i] = 5 + (i >= step ? 1.1 : 0) + 0.1 * noise(&dice);
        }
        assert_int_equal(change_points(row, HOURS, at, MAX), 1);
        assert_int_equal(at[0], step);
    }
}

static void two_steps_are_two_changes(void **state)
{
    (void)state;
    uint64_t dice = 2;
    double row[HOURS];
    uint32_t at[MAX];
    for (uint32_t i = 0; i < HOURS; i++) {
        row[i] = (i < 20 ? 1 : i < 50 ? 2 : 1.4) + 0.1 * noise(&dice);
    }
    assert_int_equal(change_points(row, HOURS, at, MAX), 2);
    assert_int_equal(at[0], 20);
    assert_int_equal(at[1], 50);
    assert_int_equal(change_points(row, HOURS, at, 1), 1);
}

/* Once in a thousand rows, at most, by the test's own word; a few more by that the best place of
 * all is tested. */
static void noise_is_no_change(void **state)
{
    (void)state;
    uint64_t dice = 3;
    uint32_t found = 0;
    for (int k = 0; k < 1000; k++) {
        double row[HOURS];
        uint32_t at[MAX];
        for (uint32_t i = 0; i < HOURS; i++) {
            row[i] = 5 + 0.3 * noise(&dice);
        }
        found += change_points(row, HOURS, at, MAX) > 0;
    }
    print_message("%u rows of 1000\n", found);
    assert_true(found <= 3);
}

static void what_is_quiet_or_short_has_none(void **state)
{
    (void)state;
    uint32_t at[MAX];
    static const double even[] = {3, 3, 3, 3, 3, 3, 3, 3};
    static const double step[] = {1, 1, 1, 9, 9};
    static const double least[] = {1, 1, 1, 9, 9, 9};
    assert_int_equal(change_points(even, 8, at, MAX), 0);
    assert_int_equal(change_points(step, 5, at, MAX), 0);
    assert_int_equal(change_points(step, 0, at, MAX), 0);
    assert_int_equal(change_points(least, 6, at, MAX), 1);
    assert_int_equal(at[0], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_found_where_it_is),
        cmocka_unit_test(two_steps_are_two_changes),
        cmocka_unit_test(noise_is_no_change),
        cmocka_unit_test(what_is_quiet_or_short_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
