/* test_values.c - what one execution of a statement is told by: its literals, its lists, how far it
 * skips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "normalise/normalise.h"
#include "normalise/sql.h"

static statement_values values(const char *engine, const char *statement)
{
    statement_values out;
    sql_values_read(normaliser_find(engine)->dialect, slice_from(statement), &out);
    return out;
}

static void a_pattern_is_known_by_its_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *engine;
        const char *statement;
        pattern_kind pattern;
        uint64_t parameter;
    } rows[] = {
        {"postgresql", "SELECT a WHERE b = '%x'", PATTERN_NONE, 0},
        {"postgresql", "SELECT a WHERE b LIKE 'x%'", PATTERN_PLAIN, 0},
        {"postgresql", "SELECT a WHERE b LIKE ''", PATTERN_PLAIN, 0},
        {"postgresql", "SELECT a WHERE b LIKE c || '%'", PATTERN_NONE, 0},
        {"postgresql", "SELECT a WHERE b LIKE '%' || $1", PATTERN_WILDCARD, 0},
        {"postgresql", "SELECT a WHERE b NOT ILIKE E'_x'", PATTERN_WILDCARD, 0},
        {"postgresql", "SELECT a WHERE b LIKE '%x' OR c LIKE 'x' OR d LIKE $1", PATTERN_WILDCARD,
         1},
        {"postgresql", "SELECT a WHERE b LIKE 'x' OR c LIKE $2 OR d LIKE $3", PATTERN_PARAMETER, 2},
        {"mysql", "SELECT a WHERE b LIKE \"%x\"", PATTERN_WILDCARD, 0},
        {"mysql", "SELECT a WHERE b LIKE '\\%x'", PATTERN_PLAIN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        statement_values v = values(rows[i].engine, rows[i].statement);
        if (v.pattern != rows[i].pattern || v.pattern_parameter != rows[i].parameter) {
            fail_msg("%s", rows[i].statement);
        }
    }
}

static void limit_and_offset_are_found_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *engine;
        const char *statement;
        struct {
            count_kind kind;
            uint64_t value;
        } limit, offset;
    } rows[] = {
        {"postgresql", "SELECT a LIMIT 10 OFFSET 200", {COUNT_NUMBER, 10}, {COUNT_NUMBER, 200}},
        {"postgresql", "SELECT a OFFSET 7 LIMIT 3", {COUNT_NUMBER, 3}, {COUNT_NUMBER, 7}},
        {"postgresql",
         "SELECT a OFFSET 7 ROWS FETCH NEXT 3 ROWS ONLY",
         {COUNT_NUMBER, 3},
         {COUNT_NUMBER, 7}},
        {"postgresql", "SELECT a FETCH FIRST ROW ONLY", {COUNT_NUMBER, 1}, {COUNT_NONE, 0}},
        {"postgresql", "SELECT a LIMIT $1 OFFSET $2", {COUNT_PARAMETER, 1}, {COUNT_PARAMETER, 2}},
        {"postgresql", "SELECT a LIMIT '20'::bigint", {COUNT_NUMBER, 20}, {COUNT_NONE, 0}},
        {"postgresql", "SELECT a LIMIT ALL OFFSET NULL", {COUNT_NONE, 0}, {COUNT_NONE, 0}},
        {"postgresql", "SELECT a LIMIT 5 * 2", {COUNT_OTHER, 5}, {COUNT_NONE, 0}},
        {"postgresql", "SELECT a LIMIT b OFFSET (SELECT 5)", {COUNT_OTHER, 0}, {COUNT_OTHER, 0}},
        {"postgresql",
         "SELECT (SELECT b LIMIT 1) FROM (SELECT c LIMIT 2 OFFSET 9) d LIMIT 30",
         {COUNT_NUMBER, 30},
         {COUNT_NUMBER, 9}},
        {"postgresql", "FETCH NEXT 5 FROM c", {COUNT_NONE, 0}, {COUNT_NONE, 0}},
        {"mysql", "SELECT a LIMIT 5, 10", {COUNT_NUMBER, 10}, {COUNT_NUMBER, 5}},
        {"mysql", "SELECT a LIMIT ?, ?", {COUNT_PARAMETER, 0}, {COUNT_PARAMETER, 0}},
        {"mysql", "SELECT a LIMIT 10", {COUNT_NUMBER, 10}, {COUNT_NONE, 0}},
        {"mysql", "SELECT a LIMIT 99999999999999999999999", {COUNT_OTHER, 0}, {COUNT_NONE, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        statement_values v = values(rows[i].engine, rows[i].statement);
        if (v.limit.kind != rows[i].limit.kind || v.offset.kind != rows[i].offset.kind ||
            (v.limit.kind < COUNT_OTHER && v.limit.value != rows[i].limit.value) ||
            (v.offset.kind < COUNT_OTHER && v.offset.value != rows[i].offset.value)) {
            fail_msg("%s", rows[i].statement);
        }
    }
}

static void lists_are_measured(void **state)
{
    (void)state;
    statement_values v =
        values("postgresql", "SELECT a IN (1, 2, (3)), b IN (f(1, 2)), c IN (SELECT 1, 2, 3, 4)");
    assert_int_equal(v.longest_in, 3);
    assert_int_equal(v.rows, 0);
    v = values("postgresql",
               "INSERT INTO t (a, b) VALUES (1, now()), (2, f(3, 4)), (5, 6) RETURNING a, (b)");
    assert_int_equal(v.rows, 3);
    assert_int_equal(v.longest_in, 0);
    assert_int_equal(values("postgresql", "SELECT a IN ()").longest_in, 0);
    assert_int_equal(values("postgresql", "SELECT * FROM (VALUES (1), (2)) v, (SELECT 1) w").rows,
                     2);
}

static void literals_tell_executions_apart(void **state)
{
    (void)state;
    uint64_t first = values("postgresql", "SELECT a FROM t WHERE b = 1 AND c = 'x'").literals;
    assert_true(first ==
                values("postgresql", "select A from T where B=1 and C='x' /* 5 */").literals);
    static const char *const others[] = {
        "SELECT a FROM t WHERE b = 2 AND c = 'x'",
        "SELECT a FROM t WHERE b = 1 AND c = 'y'",
        "SELECT a FROM t WHERE b = -1 AND c = 'x'",
        "SELECT a FROM t WHERE b = 'x' AND c = 1",
        "SELECT a FROM t WHERE b = 1 AND c = 'x' AND d",
        "SELECT a FROM t WHERE b = true AND c = 'x'",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bool same = values("postgresql", others[i]).literals == first;
        assert_int_equal(same, i == 4);
    }
    assert_int_equal(values("postgresql", "SELECT 1, -2, 'x', NULL, a IS NULL, $1").n_literals, 4);
}

static void deep_brackets_are_counted_up_to_a_bound(void **state)
{
    (void)state;
    buf statement;
    buf_init(&statement, 1 << 20);
    buf_add_text(&statement, "SELECT ");
    for (int i = 0; i < 1000; i++) {
        buf_add_text(&statement, "a IN (1, VALUES (2), (");
    }
    statement_values out;
    sql_values_read(normaliser_find("postgresql")->dialect, buf_slice(&statement), &out);
    assert_int_equal(out.n_literals, 2000);
    buf_free(&statement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_known_by_its_beginning),
        cmocka_unit_test(limit_and_offset_are_found_in_every_spelling),
        cmocka_unit_test(lists_are_measured),
        cmocka_unit_test(literals_tell_executions_apart),
        cmocka_unit_test(deep_brackets_are_counted_up_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
