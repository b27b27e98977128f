/* test_status.c - failures: the first cause is kept, texts are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/status.h"

static void failing_fills_code_and_text_and_returns_false(void **state)
{
    (void)state;
    status st = {0};
    assert_false(status_fail(&st, STATUS_INPUT, "cannot open '%s': %s", "x.log", "no"));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_string_equal(st.text, "cannot open 'x.log': no");
}

static void the_first_failure_is_the_one_that_is_kept(void **state)
{
    (void)state;
    status st = {0};
    status_fail(&st, STATUS_STORE, "first");
    assert_false(status_fail(&st, STATUS_USAGE, "second"));
    assert_false(status_no_memory(&st));
    assert_int_equal(st.code, STATUS_STORE);
    assert_string_equal(st.text, "first");
}

static void a_text_that_is_too_long_is_cut_and_terminated(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    status st = {0};
    status_fail(&st, STATUS_USAGE, "%s", text);
    assert_int_equal(strlen(st.text), sizeof st.text - 1);
}

static void memory_that_is_out_has_the_code_of_a_bug(void **state)
{
    (void)state;
    status st = {0};
    assert_false(status_no_memory(&st));
    assert_int_equal(st.code, 70);
}

static void errno_values_have_words_and_unknown_ones_their_number(void **state)
{
    (void)state;
    char scratch[128];
    assert_string_equal(status_errno_text(ENOENT, scratch, sizeof scratch),
                        "No such file or directory");
    assert_non_null(strstr(status_errno_text(99999, scratch, sizeof scratch), "99999"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failing_fills_code_and_text_and_returns_false),
        cmocka_unit_test(the_first_failure_is_the_one_that_is_kept),
        cmocka_unit_test(a_text_that_is_too_long_is_cut_and_terminated),
        cmocka_unit_test(memory_that_is_out_has_the_code_of_a_bug),
        cmocka_unit_test(errno_values_have_words_and_unknown_ones_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
