/* test_foreign_ids.c - the ids of pt-query-digest and PMM: texts that those tools' rules give, and
 * the MD5 of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "normalise/foreign_ids.h"

enum { MEMORY = 1024 * 1024 };

static void assert_fingerprint(const foreign_tool *tool, const char *statement, const char *want)
{
    buf got;
    buf_init(&got, MEMORY);
    assert_true(tool->fingerprint(slice_from(statement), &got));
    if (!slice_is(buf_slice(&got), want)) {
        fail_msg("%s of '%s'\n got '%s'\nwant '%s'", tool->name, statement, got.n > 0 ? got.p : "",
                 want);
    }
    buf_free(&got);
}

typedef struct pair {
    const char *statement, *want;
} pair;

static void pt_replaces_whatever_looks_like_a_value(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"SELECT a FROM t1 WHERE b = 5 AND c = 'x'", "select a from t? where b = ? and c = ?"},
        /* Digits and what may follow them go in names too, the point and letters to f included. */
        {"SELECT t1.created_at FROM t1", "select t?reated_at from t?"},
        {"SELECT x'0f', 0b11, -1.5e3, +2", "select ?, ?, ?, ?"},
        {"SELECT a FROM t WHERE b IS NULL AND c = TRUE", "select a from t where b is ? and c = ?"},
        {"SELECT 'it\\'s', \"a\\\"b\", 'a\\\\' FROM t", "select ?, ?, ? from t"},
        {"  select\n\t a\r\n", "select a "},
        {"SELECT a /* x */ FROM t -- tail", "select a from t "},
        {"SELECT a FROM t # it's\n", "select a from t # it's"},
        {"SELECT /*!40001 SQL_NO_CACHE */ * FROM t", "select /*!? sql_no_cache */ * from t"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_fingerprint(&pt_tool, pairs[i].statement, pairs[i].want);
    }
}

static void pt_collapses_lists_rows_and_unions(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"select a from t where b in (1, 2,3) limit 5, 10",
         "select a from t where b in(?+) limit ?"},
        {"select a from t limit 5 offset 10", "select a from t limit ?"},
        {"INSERT IGNORE INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON DUPLICATE KEY UPDATE a = 1",
         "insert ignore into t (a, b) values(?+)"},
        {"insert into t values (now(), 1)", "insert into t values (now(), ?)"},
        {"select 1 union select 2 union all select 3", "select ? /*repeat union all*/"},
        {"select a from t order by a asc, b ASC, c desc limit 1",
         "select a from t order by a, b, c desc limit ?"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_fingerprint(&pt_tool, pairs[i].statement, pairs[i].want);
    }
}

static void pt_knows_some_statements_by_sight(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`", "mysqldump"},
        {"DELETE /*shop.orders:1/2*/ FROM t", "percona-toolkit"},
        {"# administrator command: Quit", "administrator command: Quit"},
        {" CALL shop.Pay(1, 2)", "call shop.pay"},
        {"USE `shop`", "use ?"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_fingerprint(&pt_tool, pairs[i].statement, pairs[i].want);
    }
}

static void pmm_keeps_names_and_the_shape_of_limit(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"SELECT a FROM t1 WHERE b_2 = 5 AND c = 'x'", "select a from t1 where b_2 = ? and c = ?"},
        {"SELECT t1.c FROM `table-1` t1", "select t1.c from `table-1` t1"},
        {"select a from t limit 5 offset 10", "select a from t limit ? offset ?"},
        {"select a from t limit 5, 10", "select a from t limit ?, ?"},
        {"select a from t where b is null", "select a from t where b is null"},
        {"select null, 1", "select ?, ?"},
        {"select a -- tail\nfrom t", "select a from t"},
        {"select a from t order by a asc, b ASC, c desc", "select a from t order by a, b, c desc"},
        {"CALL pay(1)", "call pay"},
        {"use shop", "use ?"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_fingerprint(&pmm_tool, pairs[i].statement, pairs[i].want);
    }
}

static void pmm_collapses_lists_and_keeps_subqueries(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"select a from t where b in (1, 2)", "select a from t where b in(?+)"},
        {"select a from t where b in ( select c from u where d = 1 )",
         "select a from t where b in(select c from u where d = ?)"},
        {"insert into t (a) values (1), (2) on duplicate key update a = values(a) + 5",
         "insert into t (a) values(?+) on duplicate key update a = values(a) + ?"},
        {"insert into t () values ()", "insert into t () values()"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_fingerprint(&pmm_tool, pairs[i].statement, pairs[i].want);
    }
}

/* printf '%s' 'select sleep(?) from n' | md5sum */
static void ids_are_the_md5_of_the_text_in_capitals(void **state)
{
    (void)state;
    char id[FOREIGN_ID_MAX];
    slice statement = SLICE("select sleep(2) from n");
    assert_int_equal(foreign_id(&pt_tool, statement, id), 32);
    assert_memory_equal(id, "AE9D6BB6AF470B997F7D57ACDD8A346E", 32);
    assert_int_equal(foreign_id(&pmm_tool, statement, id), 16);
    assert_memory_equal(id, "7F7D57ACDD8A346E", 16);
    assert_int_equal(foreign_id(&pmm_tool, SLICE("# administrator command: Quit"), id), 0);
}

static void subqueries_without_end_have_no_id(void **state)
{
    (void)state;
    char id[FOREIGN_ID_MAX];
    buf deep;
    buf_init(&deep, MEMORY);
    for (int i = 0; i < 1000; i++) {
        buf_add_text(&deep, "select a from t where b in (");
    }
    buf_add_repeat(&deep, ')', 1000);
    assert_int_equal(foreign_id(&pmm_tool, buf_slice(&deep), id), 0);
    buf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pt_replaces_whatever_looks_like_a_value),
        cmocka_unit_test(pt_collapses_lists_rows_and_unions),
        cmocka_unit_test(pt_knows_some_statements_by_sight),
        cmocka_unit_test(pmm_keeps_names_and_the_shape_of_limit),
        cmocka_unit_test(pmm_collapses_lists_and_keeps_subqueries),
        cmocka_unit_test(ids_are_the_md5_of_the_text_in_capitals),
        cmocka_unit_test(subqueries_without_end_have_no_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
