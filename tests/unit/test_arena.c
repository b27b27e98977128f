/* test_arena.c - pieces of memory: aligned, bounded, given back together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>

#include "base/arena.h"

static void pieces_are_aligned_for_any_type_and_do_not_overlap(void **state)
{
    (void)state;
    enum { PIECES = 2000 };
    static unsigned char *pieces[PIECES];
    arena a;
    arena_init(&a, 64 * 1024 * 1024);
    for (size_t i = 0; i < PIECES; i++) {
        size_t n = i % 300 + 1;
        pieces[i] = arena_alloc(&a, n);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), n);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t at = 0; at < i % 300 + 1; at++) {
            assert_int_equal(pieces[i][at], i % 251);
        }
    }
    arena_free(&a);
}

static void the_maximum_holds_and_a_refusal_leaves_the_rest_usable(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 100000);
    size_t got = 0;
    while (arena_alloc(&a, 1000) != NULL) {
        got += 1000;
    }
    assert_in_range(got, 90000, 100000);
    assert_true(a.used <= 100000);
    assert_null(arena_alloc(&a, 100001));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1000));
    arena_free(&a);
}

static void an_arena_smaller_than_a_chunk_gives_its_whole_maximum(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 64);
    assert_non_null(arena_alloc(&a, 64));
    assert_null(arena_alloc(&a, 1));
    arena_free(&a);
}

static void a_piece_larger_than_any_chunk_has_a_chunk_of_its_own(void **state)
{
    (void)state;
    size_t n = 5 * 1024 * 1024;
    arena a;
    arena_init(&a, 8 * 1024 * 1024);
    char *big = arena_alloc(&a, n);
    assert_non_null(big);
    memset(big, 1, n);
    assert_null(arena_alloc(&a, n));
    assert_non_null(arena_alloc(&a, 1024 * 1024));
    arena_free(&a);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, SIZE_MAX);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 4));
    assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
    assert_null(arena_calloc(&a, 1u << 31, SIZE_MAX / 1024));
    arena_free(&a);
}

static void calloc_zeroes_memory_that_was_used_before(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 1024 * 1024);
    memset(arena_alloc(&a, 4096), 0xff, 4096);
    arena_reset(&a);
    const unsigned char *zeroed = arena_calloc(&a, 64, 64);
    for (size_t i = 0; i < 4096; i++) {
        assert_int_equal(zeroed[i], 0);
    }
    assert_non_null(arena_calloc(&a, 0, 8));
    assert_non_null(arena_calloc(&a, 8, 0));
    arena_free(&a);
}

static void a_copy_is_apart_from_its_source_and_followed_by_nul(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 1024);
    char text[] = "abc";
    slice copy;
    assert_true(arena_copy(&a, slice_of(text, 2), &copy));
    text[0] = 'x';
    assert_int_equal(copy.n, 2);
    assert_string_equal(copy.p, "ab");
    assert_true(arena_copy(&a, (slice){NULL, 0}, &copy));
    assert_int_equal(copy.n, 0);
    assert_int_equal(copy.p[0], '\0');
    assert_false(arena_copy(&a, slice_of(text, SIZE_MAX), &copy));
    assert_int_equal(copy.n, 0);
    assert_non_null(copy.p);
    arena_free(&a);
}

static void reset_keeps_one_chunk_and_so_bounds_what_rounds_cost(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 1024 * 1024 * 1024);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 1000; i++) {
            assert_non_null(arena_alloc(&a, 1000));
        }
        arena_reset(&a);
        assert_true(a.used <= 1024 * 1024);
    }
    arena_free(&a);
    assert_int_equal(a.used, 0);
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_for_any_type_and_do_not_overlap),
        cmocka_unit_test(the_maximum_holds_and_a_refusal_leaves_the_rest_usable),
        cmocka_unit_test(an_arena_smaller_than_a_chunk_gives_its_whole_maximum),
        cmocka_unit_test(a_piece_larger_than_any_chunk_has_a_chunk_of_its_own),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(calloc_zeroes_memory_that_was_used_before),
        cmocka_unit_test(a_copy_is_apart_from_its_source_and_followed_by_nul),
        cmocka_unit_test(reset_keeps_one_chunk_and_so_bounds_what_rounds_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
