/* test_row_table.c - a table finds rows by their keys, however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/row_table.h"

enum { MEMORY = 1024 * 1024, MANY = 1000 };

typedef struct word {
    uint32_t key;
    uint32_t times;
} word;

/* A poor one: all rows want few places. */
static uint64_t hash(const void *row)
{
    return ((const word *)row)->key % 7;
}

static bool same(const void *a, const void *b)
{
    return ((const word *)a)->key == ((const word *)b)->key;
}

static const row_table_kind words = {sizeof(word), hash, same};

static void a_row_is_made_once_and_found_again(void **state)
{
    (void)state;
    row_table t = {0};
    arena a;
    arena_init(&a, MEMORY);
    for (uint32_t i = 0; i < 3 * MANY; i++) {
        word key = {.key = i % MANY};
        word *w = row_table_find(&t, &words, &key);
        assert_int_equal(w != NULL, i >= MANY);
        w = w != NULL ? w : row_table_add(&t, &words, &a, &key);
        assert_non_null(w);
        assert_int_equal(w->key, i % MANY);
        assert_int_equal(w->times++, i / MANY);
    }
    assert_int_equal(t.n, MANY);
    uint32_t at = 0;
    uint32_t rows = 0;
    uint32_t keys = 0;
    for (const word *w; (w = row_table_next(&t, &at)) != NULL; rows++) {
        assert_int_equal(w->times, 3);
        keys += w->key;
    }
    assert_int_equal(rows, MANY);
    assert_int_equal(keys, MANY * (MANY - 1) / 2);
    row_table_free(&t);
    arena_free(&a);
}

static void a_cleared_table_holds_nothing_and_goes_on(void **state)
{
    (void)state;
    row_table t = {0};
    arena a;
    uint32_t at = 0;
    arena_init(&a, MEMORY);
    assert_null(row_table_next(&t, &at));
    assert_null(row_table_find(&t, &words, &(word){.key = 1}));
    assert_non_null(row_table_add(&t, &words, &a, &(word){.key = 1}));
    size_t bytes = row_table_bytes(&t);
    row_table_clear(&t);
    arena_reset(&a);
    at = 0;
    assert_null(row_table_next(&t, &at));
    assert_null(row_table_find(&t, &words, &(word){.key = 1}));
    assert_non_null(row_table_add(&t, &words, &a, &(word){.key = 1}));
    assert_int_equal(row_table_bytes(&t), bytes);
    row_table_free(&t);
    arena_free(&a);
}

static void no_row_where_memory_is_out(void **state)
{
    (void)state;
    row_table t = {0};
    arena a;
    arena_init(&a, 0);
    assert_null(row_table_add(&t, &words, &a, &(word){.key = 1}));
    assert_int_equal(t.n, 0);
    row_table_free(&t);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_made_once_and_found_again),
        cmocka_unit_test(a_cleared_table_holds_nothing_and_goes_on),
        cmocka_unit_test(no_row_where_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
