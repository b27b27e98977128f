/* test_keyset.c - the next page of a query by its keys: the rewritten statement and its index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analysers/keyset.h"

enum { MEMORY = 1 << 20 };

static analysed_query query_of(const char *engine, const char *text, arena *a)
{
    analysed_query q = {.text = slice_from(text), .normaliser = normaliser_find(engine)};
    sql_facts_read(q.normaliser->dialect, q.text, a, &q.facts);
    return q;
}

static void assert_rewrite(const char *engine, const char *text, const char *expected)
{
    arena a;
    buf out;
    arena_init(&a, MEMORY);
    buf_init(&out, 4096);
    analysed_query q = query_of(engine, text, &a);
    keyset k = keyset_of(&q);
    assert_true(k.ordered);
    assert_int_equal(k.known, expected != NULL);
    if (k.known) {
        keyset_rewrite(&q, &k, &out);
        assert_int_equal(out.n, strlen(expected));
        assert_memory_equal(out.p, expected, out.n);
    }
    buf_free(&out);
    arena_free(&a);
}

static void names_keep_their_quotes_and_their_table(void **state)
{
    (void)state;
    assert_rewrite("postgresql",
                   "SELECT * FROM \"Order\" ORDER BY \"createdAt\" DESC LIMIT ? OFFSET ?",
                   "SELECT * FROM \"Order\" WHERE (\"createdAt\", id) < (?, ?)"
                   " ORDER BY \"createdAt\" DESC, id DESC LIMIT ?");
    assert_rewrite("mysql", "SELECT * FROM `t` ORDER BY `createdAt`, `t`.`id` LIMIT ?, ?",
                   "SELECT * FROM `t` WHERE (`createdAt` > ? OR (`createdAt` = ? AND `t`.`id` > ?))"
                   " ORDER BY `createdAt`, `t`.`id` LIMIT ?");
    /* The table's own name is hidden by its alias. */
    assert_rewrite("postgresql",
                   "SELECT * FROM orders AS o JOIN lines AS l ON l.order_id = o.id"
                   " ORDER BY o.created_at LIMIT ? OFFSET ?",
                   "SELECT * FROM orders AS o JOIN lines AS l ON l.order_id = o.id"
                   " WHERE (o.created_at, o.id) > (?, ?) ORDER BY o.created_at, o.id LIMIT ?");
    /* What is a name stays one. */
    assert_rewrite("postgresql",
                   "SELECT * FROM t ORDER BY \"a) OR (1=1, b -- \", id LIMIT ? OFFSET ?",
                   "SELECT * FROM t WHERE (\"a) OR (1=1, b -- \", id) > (?, ?)"
                   " ORDER BY \"a) OR (1=1, b -- \", id LIMIT ?");
}

static void alternatives_stay_together(void **state)
{
    (void)state;
    assert_rewrite("postgresql",
                   "SELECT * FROM t WHERE a = ? OR b = ? ORDER BY id LIMIT ? OFFSET ?",
                   "SELECT * FROM t WHERE (a = ? OR b = ?) AND id > ? ORDER BY id LIMIT ?");
}

static void a_page_is_rewritten_to_go_on_behind_its_last_row(void **state)
{
    (void)state;
    assert_rewrite("postgresql", "SELECT * FROM orders ORDER BY id LIMIT ? OFFSET ?",
                   "SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT ?");
    assert_rewrite("postgresql",
                   "SELECT * FROM orders WHERE status = ? ORDER BY created_at DESC, id DESC"
                   " LIMIT ? OFFSET ?",
                   "SELECT * FROM orders WHERE status = ? AND (created_at, id) < (?, ?)"
                   " ORDER BY created_at DESC, id DESC LIMIT ?");
    assert_rewrite("mysql",
                   "SELECT * FROM orders WHERE status = ? ORDER BY created_at DESC, id DESC"
                   " LIMIT ? OFFSET ?",
                   "SELECT * FROM orders WHERE status = ? AND (created_at < ? OR (created_at = ?"
                   " AND id < ?)) ORDER BY created_at DESC, id DESC LIMIT ?");
    assert_rewrite("postgresql", "SELECT * FROM orders ORDER BY total DESC, id LIMIT ? OFFSET ?",
                   "SELECT * FROM orders WHERE (total < ? OR (total = ? AND id > ?))"
                   " ORDER BY total DESC, id LIMIT ?");
    /* A key is added, so that rows with equal values are told apart. */
    assert_rewrite("postgresql", "SELECT * FROM orders ORDER BY created_at LIMIT ? OFFSET ?",
                   "SELECT * FROM orders WHERE (created_at, id) > (?, ?) ORDER BY created_at, id"
                   " LIMIT ?");
}

static void what_is_not_a_plain_sort_is_not_rewritten(void **state)
{
    (void)state;
    assert_rewrite("postgresql", "SELECT * FROM orders ORDER BY lower(name) LIMIT ? OFFSET ?",
                   NULL);
    assert_rewrite("postgresql",
                   "SELECT city, count(*) FROM users GROUP BY city ORDER BY city LIMIT ? OFFSET ?",
                   NULL);
    assert_rewrite("postgresql",
                   "SELECT a FROM t UNION SELECT b FROM u ORDER BY a LIMIT ? OFFSET ?", NULL);
}

static void the_index_has_equalities_first_then_the_sort(void **state)
{
    (void)state;
    arena a;
    buf out;
    arena_init(&a, MEMORY);
    buf_init(&out, 4096);
    analysed_query q = query_of("postgresql",
                                "SELECT * FROM orders WHERE total > ? AND status = ?"
                                " ORDER BY created_at DESC LIMIT ? OFFSET ?",
                                &a);
    keyset k = keyset_of(&q);
    keyset_add_index(&q, &k, &out);
    static const char expected[] =
        " It needs an index on orders (status, created_at DESC, id DESC)";
    assert_true(out.n > strlen(expected));
    assert_memory_equal(out.p, expected, strlen(expected));
    buf_free(&out);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_rewritten_to_go_on_behind_its_last_row),
        cmocka_unit_test(names_keep_their_quotes_and_their_table),
        cmocka_unit_test(alternatives_stay_together),
        cmocka_unit_test(what_is_not_a_plain_sort_is_not_rewritten),
        cmocka_unit_test(the_index_has_equalities_first_then_the_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
