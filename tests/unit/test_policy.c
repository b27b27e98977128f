/* test_policy.c - the sources that name a page's own style and script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "report/policy.h"

static void assert_source(const char *text, const char *expected)
{
    buf out;
    buf_init(&out, 256);
    policy_source_format(&out, slice_from(text));
    assert_int_equal(out.n, strlen(expected));
    assert_memory_equal(out.p, expected, out.n);
    buf_free(&out);
}

/* The digests are those of FIPS 180-2's examples, in base64. */
static void a_source_is_the_sha256_in_base64(void **state)
{
    (void)state;
    assert_source("abc", "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
    assert_source("", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_source_is_the_sha256_in_base64)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
