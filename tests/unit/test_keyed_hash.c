/* test_keyed_hash.c - the HMAC that names are hidden by is the HMAC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/keyed_hash.h"

static uint64_t hash_of(uint8_t byte, size_t n, const char *text)
{
    char secret[256];
    memset(secret, byte, sizeof secret);
    hash_key key = hash_key_of(slice_of(secret, n));
    return keyed_hash(&key, slice_from(text));
}

/* RFC 4231, 4.2, 4.3 and 4.7: the first eight bytes of HMAC-SHA-256. */
static void it_gives_what_rfc_4231_says(void **state)
{
    (void)state;
    hash_key jefe = hash_key_of(SLICE("Jefe"));
    assert_int_equal(hash_of(0x0b, 20, "Hi There"), 0xb0344c61d8db3853);
    assert_int_equal(keyed_hash(&jefe, SLICE("what do ya want for nothing?")), 0x5bdcc146bf60754e);
    assert_int_equal(hash_of(0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First"),
                     0x60e431591ee0b67f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_gives_what_rfc_4231_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
