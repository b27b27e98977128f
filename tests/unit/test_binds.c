/* test_binds.c - the value of one bind parameter, as PostgreSQL logs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "normalise/binds.h"

static void a_parameter_is_found_by_its_number_whatever_the_others_hold(void **state)
{
    (void)state;
    static const char parameters[] = "$1 = 'it''s, $2 = ''9''', $2 = NULL, $3 = '', $10 = '4000'";
    uint64_t n;
    slice value;
    assert_true(bind_value(SLICE(parameters), 1, &value));
    assert_true(slice_is(value, "'it''s, $2 = ''9'''"));
    assert_true(bind_value(SLICE(parameters), 2, &value));
    assert_true(slice_is(value, "NULL"));
    assert_false(bind_number(SLICE(parameters), 2, &n));
    assert_true(bind_value(SLICE(parameters), 3, &value));
    assert_true(slice_is(value, "''"));
    assert_true(bind_number(SLICE(parameters), 10, &n));
    assert_int_equal(n, 4000);
    assert_false(bind_value(SLICE(parameters), 4, &value));
}

static void what_is_cut_or_no_number_is_none(void **state)
{
    (void)state;
    uint64_t n;
    slice value;
    assert_false(bind_value(SLICE("$1 = 'abc..."), 1, &value));
    assert_false(bind_number(SLICE("$1 = '12...'"), 1, &n));
    assert_false(bind_number(SLICE("$1 = '12x'"), 1, &n));
    assert_false(bind_number(SLICE("$1 = '-1'"), 1, &n));
    assert_false(bind_number(SLICE("$1 = ''"), 1, &n));
    assert_false(bind_number(SLICE(""), 1, &n));
    assert_false(bind_number(SLICE("one, two"), 1, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_is_found_by_its_number_whatever_the_others_hold),
        cmocka_unit_test(what_is_cut_or_no_number_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
