/* test_hash.c - the hashes that stores and segments are named by never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

/* Published results of XXH3 with 128 and 64 bits, seed 0. */
static void content_hash_is_xxh3_with_128_bits(void **state)
{
    (void)state;
    static const struct {
        slice text;
        uint64_t high, low;
    } vectors[] = {
        {SLICE(""), 0x99aa06d3014798d8, 0x6001c324468d497f},
        {SLICE("a"), 0xa96faf705af16834, 0xe6c632b61e964e1f},
        {SLICE("abc"), 0x06b05ab6733a6185, 0x78af5f94892f3950},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        hash128 h = content_hash(vectors[i].text);
        assert_true(h.high == vectors[i].high);
        assert_true(h.low == vectors[i].low);
    }
}

static void hash_bytes_is_xxh3_with_64_bits(void **state)
{
    (void)state;
    assert_true(hash_bytes(SLICE("")) == 0x2d06800538d394c2);
    assert_true(hash_bytes(SLICE("a")) == 0xe6c632b61e964e1f);
    assert_true(hash_bytes(SLICE("abc")) == 0x78af5f94892f3950);
}

static void an_empty_slice_hashes_alike_wherever_it_points(void **state)
{
    (void)state;
    assert_true(hash_bytes((slice){NULL, 0}) == hash_bytes(SLICE("")));
    assert_true(content_hash((slice){NULL, 0}).low == content_hash(SLICE("")).low);
}

/* The definition of the header, by schoolbook multiplication of 32-bit halves. */
static uint64_t mix_by_halves(uint64_t state, uint64_t value)
{
    uint64_t x = state ^ value ^ 0x9e3779b97f4a7c15u;
    uint64_t y = 0xd6e8feb86659fd93u;
    uint64_t x0 = x & UINT32_MAX, x1 = x >> 32, y0 = y & UINT32_MAX, y1 = y >> 32;
    uint64_t low = x0 * y0;
    uint64_t mid = x1 * y0 + (low >> 32);
    uint64_t mid2 = x0 * y1 + (mid & UINT32_MAX);
    uint64_t high = x1 * y1 + (mid >> 32) + (mid2 >> 32);
    return high ^ (mid2 << 32 | (low & UINT32_MAX));
}

static void mix64_is_the_folded_product_of_its_definition(void **state)
{
    (void)state;
    uint64_t a = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        assert_true(mix64(a, i) == mix_by_halves(a, i));
        a = mix64(a, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_hash_is_xxh3_with_128_bits),
        cmocka_unit_test(hash_bytes_is_xxh3_with_64_bits),
        cmocka_unit_test(an_empty_slice_hashes_alike_wherever_it_points),
        cmocka_unit_test(mix64_is_the_folded_product_of_its_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
