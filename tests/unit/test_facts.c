/* test_facts.c - tables, columns, order and smells of statements, told by where names stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "normalise/facts.h"
#include "normalise/normalise.h"

enum { ROOM = 1 << 16 };

typedef struct row {
    const char *statement;
    const char *want;
} row;

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void add_tables(buf *b, const sql_facts *f)
{
    for (size_t i = 0; i < f->n_tables; i++) {
        buf_add(b, f->tables[i].name);
        buf_add_text(b, f->tables[i].read && f->tables[i].written ? ":rw "
                        : f->tables[i].written                    ? ":w "
                                                                  : ":r ");
    }
}

static void add_columns(buf *b, const sql_facts *f)
{
    for (size_t i = 0; i < f->n_columns; i++) {
        const sql_column *c = &f->columns[i];
        buf_add(b, c->table);
        buf_add_char(b, '.');
        buf_add(b, c->name);
        buf_add_text(b, (c->uses & SQL_EQUALITY) != 0 ? ":=" : ":");
        buf_add_text(b, (c->uses & SQL_RANGE) != 0 ? "<" : "");
        buf_add_text(b, (c->uses & SQL_JOIN) != 0 ? "J " : " ");
    }
}

static void add_order(buf *b, const sql_facts *f)
{
    for (size_t i = 0; i < f->n_order; i++) {
        buf_add(b, f->order[i].table);
        buf_add_char(b, '.');
        buf_add(b, f->order[i].name);
        buf_add_text(b, f->order[i].descending ? "- " : "+ ");
    }
}

static void assert_rows(const char *engine, const row *rows, size_t n,
                        void (*add)(buf *, const sql_facts *))
{
    for (size_t i = 0; i < n; i++) {
        arena a;
        buf got;
        sql_facts facts;
        arena_init(&a, ROOM);
        buf_init(&got, ROOM);
        sql_facts_read(normaliser_find(engine)->dialect, slice_from(rows[i].statement), &a, &facts);
        add(&got, &facts);
        slice text = slice_trim(buf_slice(&got));
        if (!slice_is(text, rows[i].want)) {
            fail_msg("%s gives '%.*s', not '%s'", rows[i].statement, (int)text.n, text.p,
                     rows[i].want);
        }
        assert_true(facts.complete);
        buf_free(&got);
        arena_free(&a);
    }
}

/* clang-format off */
static const row tables[] = {
    {"SELECT 1", ""},
    {"SELECT a FROM t", "t:r"},
    {"select A from Shop.T, \"U\" u, \"v\" as w", "shop.t:r \"U\":r v:r"},
    {"SELECT a FROM t x JOIN u AS y ON x.a = y.a LEFT JOIN v USING (a) CROSS JOIN w", "t:r u:r v:r w:r"},
    {"SELECT a FROM (t JOIN u ON true), ONLY v", "t:r u:r v:r"},
    {"SELECT (SELECT max(a) FROM u) FROM t WHERE b IN (SELECT c FROM v WHERE EXISTS (SELECT 1 FROM w))",
     "u:r t:r v:r w:r"},
    {"SELECT * FROM (SELECT * FROM t) x, LATERAL (SELECT 1 FROM u) y", "t:r u:r"},
    {"WITH a AS (SELECT 1 FROM t), b (c) AS MATERIALIZED (SELECT 2 FROM a) SELECT 1 FROM b JOIN u ON true", "t:r u:r"},
    {"WITH RECURSIVE r(n) AS (SELECT 1 FROM t UNION ALL SELECT n FROM r) SELECT n FROM R", "t:r"},
    {"WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone", "t:w u:w"},
    {"SELECT a FROM generate_series(1, 2) g, unnest(b) WITH ORDINALITY, t", "t:r"},
    {"SELECT extract(year FROM a), substring(b FROM 2), trim(BOTH 'x' FROM c) FROM t WHERE a IS DISTINCT FROM b", "t:r"},
    {"SELECT a FROM t UNION SELECT b FROM u ORDER BY 1", "t:r u:r"},
    {"SELECT a FROM t FOR UPDATE OF t", "t:r"},
    {"INSERT INTO t (a, b) SELECT c, d FROM u JOIN v ON u.e = v.e", "t:w u:r v:r"},
    {"INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2", "t:w"},
    {"UPDATE t SET a = 1 FROM u WHERE u.b = t.b", "t:w u:r"},
    {"UPDATE ONLY t AS x SET a = (SELECT b FROM u)", "t:w u:r"},
    {"DELETE FROM t USING u WHERE t.a = u.a", "t:w u:r"},
    {"MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)", "t:w u:r"},
    {"INSERT INTO t SELECT * FROM t", "t:rw"},
    {"TRUNCATE TABLE t", "t:w"},
    {"TRUNCATE t", "t:w"},
    {"CREATE TABLE t AS SELECT a FROM u", "t:w u:r"},
    {"CREATE INDEX i ON t (a)", "t:w"},
    {"TABLE t", "t:r"},
    {"EXPLAIN (ANALYZE) SELECT a FROM t", "t:r"},
    {"SELECT 1 FROM a; SELECT 2 FROM b", "a:r b:r"},
    {"SELECT a FROM date", "date:r"},
    {"SELECT a FROM t JOIN u ON (t.b = u.b), v w FOR UPDATE OF w", "t:r u:r v:r"},
    {"SELECT a FROM t JOIN u USING (a, b) JOIN v AS w (a, b) ON true, f(1) AS (x int, y int)", "t:r u:r v:r"},
    {"SELECT a FROM ROWS FROM (f(1), g(2)) AS h, t ORDER BY a USING <, b", "t:r"},
    {"COPY t (a) FROM STDIN", "t:w"},
    {"COPY t TO STDOUT", "t:r"},
    {"COPY (SELECT a FROM t) TO STDOUT", "t:r"},
    {"SELECT a INTO t FROM u", "t:w u:r"},
    {"WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t", "t:w"},
};

static const row tables_of_mysql[] = {
    {"SELECT `a` FROM `Shop`.`orders` `o` WHERE `o`.`b` = \"x\"", "\"Shop\".orders:r"},
    {"REPLACE INTO t VALUES (1)", "t:w"},
    {"SELECT a INTO @b FROM t", "t:r"},
    {"SELECT a INTO OUTFILE '/x' FROM t", "t:r"},
    {"INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)", "t:w"},
};

static const row columns[] = {
    {"SELECT a FROM t WHERE b = 1 AND c > 2 AND d BETWEEN 3 AND 4 AND e IN (5, 6) AND f IS NULL",
     "t.b:= t.c:< t.d:< t.e:= t.f:="},
    {"SELECT a FROM t WHERE 1 = b AND 2 < c", "t.b:= t.c:<"},
    {"SELECT a FROM t x, u WHERE x.b = $1 AND c = 1 AND u.d = x.e", "t.b:= .c:= u.d:J t.e:J"},
    {"SELECT a FROM t JOIN u ON t.b = u.c AND u.d >= '2024-01-01'::date", "t.b:J u.c:J u.d:<"},
    {"SELECT a FROM t WHERE b = ANY (ARRAY[1, 2]) AND c = (SELECT max(d) FROM u WHERE e = 1)", "t.b:= t.c:= u.e:="},
    {"SELECT a FROM t WHERE b LIKE ? AND d NOT LIKE ? AND e NOT IN (?) AND f <> ?", ""},
    {"SELECT a FROM t WHERE (b = 1 OR (c < 2)) AND NOT d = 3", "t.b:= t.c:< t.d:="},
    {"SELECT a FROM t WHERE b > now() - interval '1 day' AND c + 1 = 2 AND lower(d) = 'x' AND e::date = 'y'", "t.b:<"},
    {"SELECT a FROM t WHERE b = 1 AND b > 2", "t.b:=<"},
    {"UPDATE t SET a = 1, b = c WHERE d = 2", "t.d:="},
    {"DELETE FROM t WHERE a = 1 AND \"B\" < 2", "t.a:= t.\"B\":<"},
    {"SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.b = t.c)", "u.b:J t.c:J"},
    {"SELECT a AS b FROM (SELECT c FROM t WHERE d = 1) x WHERE x.e = 2", "t.d:= .e:="},
    {"SELECT count(*) FROM t GROUP BY a HAVING count(*) > 5", ""},
    {"SELECT a FROM t WHERE b IS NOT NULL AND c = true", "t.c:="},
};

static const row orders[] = {
    {"SELECT a FROM t ORDER BY b, t.c DESC, d ASC NULLS LAST LIMIT 5", "t.b+ t.c- t.d+"},
    {"SELECT a FROM t ORDER BY b, lower(c), d", "t.b+"},
    {"SELECT a FROM t ORDER BY 1", ""},
    {"SELECT sum(a) OVER (ORDER BY b) FROM t ORDER BY c", "t.c+"},
    {"SELECT a FROM (SELECT b FROM t ORDER BY c) x", ""},
};
/* clang-format on */

static void tables_are_found_wherever_names_are_tables(void **state)
{
    (void)state;
    assert_rows("postgresql", tables, COUNT(tables), add_tables);
    assert_rows("mysql", tables_of_mysql, COUNT(tables_of_mysql), add_tables);
}

static void columns_of_conditions_are_told_by_their_use(void **state)
{
    (void)state;
    assert_rows("postgresql", columns, COUNT(columns), add_columns);
}

static void order_is_the_outermost_up_to_an_expression(void **state)
{
    (void)state;
    assert_rows("postgresql", orders, COUNT(orders), add_order);
}

static void smells_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        unsigned smells;
    } rows[] = {
        {"SELECT a, count(*), a * b FROM t WHERE b LIKE 'x%' ORDER BY c", 0},
        {"SELECT * FROM t", SQL_SELECT_STAR},
        {"SELECT a, t.* FROM t", SQL_SELECT_STAR},
        {"SELECT a FROM t WHERE EXISTS (SELECT * FROM u)", 0},
        {"SELECT a FROM t WHERE lower(b) = 'x'", SQL_FUNCTION_ON_COLUMN},
        {"SELECT a FROM t WHERE b::date = 'x'", SQL_FUNCTION_ON_COLUMN},
        {"SELECT a FROM t WHERE b = lower(c) AND d = now()", 0},
        {"SELECT a FROM t WHERE now() > b", 0},
        {"SELECT a FROM t ORDER BY random() LIMIT 1", SQL_RANDOM_ORDER},
        {"SELECT a FROM t ORDER BY RAND()", SQL_RANDOM_ORDER},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena a;
        sql_facts facts;
        arena_init(&a, ROOM);
        sql_facts_read(normaliser_find("postgresql")->dialect, slice_from(rows[i].statement), &a,
                       &facts);
        if (facts.smells != rows[i].smells) {
            fail_msg("%s has %u", rows[i].statement, facts.smells);
        }
        arena_free(&a);
    }
}

/* What does not fit is left out and said to be. */
static void facts_are_bounded(void **state)
{
    (void)state;
    static const char *const pieces[] = {"SELECT a FROM t%d ",
                                         ", (SELECT 1 FROM x%d WHERE y%d = 1) ", "WITH w%d AS (",
                                         "(((((", "WHERE c%d = 1 AND "};
    for (size_t p = 0; p < COUNT(pieces); p++) {
        arena a;
        buf statement;
        sql_facts facts;
        arena_init(&a, ROOM);
        buf_init(&statement, ROOM);
        buf_add_text(&statement, "SELECT a FROM t WHERE ");
        for (int i = 0; i < 200; i++) {
            for (const char *c = pieces[p]; *c != '\0'; c++) {
                if (c[0] == '%') {
                    buf_add_i64(&statement, i);
                    c++;
                } else {
                    buf_add_char(&statement, *c);
                }
            }
        }
        sql_facts_read(normaliser_find("postgresql")->dialect, buf_slice(&statement), &a, &facts);
        assert_true(facts.n_tables <= SQL_TABLES_MAX && facts.n_columns <= SQL_COLUMNS_MAX);
        assert_false(facts.complete);
        buf_free(&statement);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_found_wherever_names_are_tables),
        cmocka_unit_test(columns_of_conditions_are_told_by_their_use),
        cmocka_unit_test(order_is_the_outermost_up_to_an_expression),
        cmocka_unit_test(smells_are_told),
        cmocka_unit_test(facts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
