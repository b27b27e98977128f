/* test_explain.c - statements that EXPLAIN takes: of normalised texts, and of logged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "normalise/explain.h"

enum { TEXT_MAX = 64 * 1024 };

static void generic_is(const char *engine, const char *text, const char *expected)
{
    buf out;
    buf_init(&out, TEXT_MAX);
    bool has = explain_generic(normaliser_find(engine), slice_from(text), &out);
    assert_int_equal(has, expected != NULL);
    assert_string_equal(has ? out.p : "", expected != NULL ? expected : "");
    buf_free(&out);
}

static void with_values_is(const char *engine, const char *statement, const char *parameters,
                           const char *expected)
{
    buf out;
    buf_init(&out, TEXT_MAX);
    bool has = explain_with_values(normaliser_find(engine), slice_from(statement),
                                   slice_from(parameters), &out);
    assert_int_equal(has, expected != NULL);
    assert_string_equal(has ? out.p : "", expected != NULL ? expected : "");
    buf_free(&out);
}

static void what_may_be_a_password_is_masked(void **state)
{
    (void)state;
    with_values_is("postgresql", "SELECT a FROM t WHERE b = 'x' AND c = 5", "",
                   "EXPLAIN SELECT a FROM t WHERE b = 'x' AND c = 5;");
    with_values_is("postgresql", "SELECT a FROM t WHERE Password_Hash = $1 AND b = 'x' AND c = $2",
                   "$1 = 'hunter2', $2 = NULL",
                   "EXPLAIN SELECT a FROM t WHERE Password_Hash = '********' AND b = '********' "
                   "AND c = NULL;");
    with_values_is("mysql", "INSERT INTO t(a, `api_key`) VALUES (1, \"hunter2\")", "",
                   "EXPLAIN INSERT INTO t(a, `api_key`) VALUES (1, '********');");
    with_values_is("postgresql", "SELECT f('host=h PASSWORD=hunter2'), g($1), 'a:b@c', $$x$$",
                   "$1 = 'postgres://bob:hunter2@h/d'",
                   "EXPLAIN SELECT f('********'), g('********'), 'a:b@c', $$x$$;");
}

static void placeholders_are_numbered(void **state)
{
    (void)state;
    generic_is("postgresql", "SELECT a FROM t WHERE b = ? AND c LIKE ? LIMIT ?",
               "EXPLAIN (GENERIC_PLAN) SELECT a FROM t WHERE b = $1 AND c LIKE $2 LIMIT $3;");
    generic_is("postgresql", "INSERT INTO t(a, b) VALUES (?, ?)",
               "EXPLAIN (GENERIC_PLAN) INSERT INTO t(a, b) VALUES ($1, $2);");
    generic_is("postgresql", "SELECT ?, user FROM t WHERE (a, b) IN ((?, ?)) AND c BETWEEN ? AND ?",
               "EXPLAIN (GENERIC_PLAN) SELECT $1, user FROM t WHERE (a, b) IN (($2, $3)) AND c"
               " BETWEEN $4 AND $5;");
}

static void values_near_a_list_behind_by_are_no_columns(void **state)
{
    (void)state;
    generic_is("postgresql", "SELECT a FROM t ORDER BY f(a, ?), b LIMIT ?",
               "EXPLAIN (GENERIC_PLAN) SELECT a FROM t ORDER BY f(a, $1), b LIMIT $2;");
    generic_is(
        "postgresql", "SELECT a FROM (SELECT a FROM t ORDER BY a) AS s, f(?, ?)",
        "EXPLAIN (GENERIC_PLAN) SELECT a FROM (SELECT a FROM t ORDER BY a) AS s, f($1, $2);");
}

static void operators_and_names_with_question_marks_stay(void **state)
{
    (void)state;
    generic_is("postgresql", "SELECT \"wh?t\" FROM t WHERE c ? ? AND f(c) ? ?",
               "EXPLAIN (GENERIC_PLAN) SELECT \"wh?t\" FROM t WHERE c ? $1 AND f(c) ? $2;");
}

static void what_has_no_plan_has_no_statement(void **state)
{
    (void)state;
    generic_is("postgresql", "CREATE TABLE t(a int)", NULL);
    generic_is("postgresql", "COMMIT", NULL);
    generic_is("postgresql", "SELECT a FROM t WHERE …", NULL);
    generic_is("postgresql", "", NULL);
    generic_is("postgresql", "SELECT a, count(*) FROM t GROUP BY ?", NULL);
    generic_is("postgresql", "SELECT a FROM t ORDER BY f(a, ?), ? DESC", NULL);
    generic_is("postgresql", "SELECT a FROM t ORDER BY a DESC NULLS LAST, ?", NULL);
    generic_is("mysql", "SELECT ?", NULL);
    generic_is("mongodb", "find shop.orders {}", NULL);
    with_values_is("postgresql", "VACUUM t", "", NULL);
    with_values_is("mongodb", "{}", "", NULL);
}

static void values_take_their_places(void **state)
{
    (void)state;
    with_values_is("postgresql", "SELECT a FROM t WHERE b = $2 AND c = $1 AND d = $12;\n",
                   "$1 = 'it''s $2, $3', $2 = NULL, $12 = '-5'",
                   "EXPLAIN SELECT a FROM t WHERE b = NULL AND c = 'it''s $2, $3' AND d = '-5';");
    with_values_is("postgresql", "SELECT '$1', $$ $1 $$, $3", "$1 = '7'",
                   "EXPLAIN SELECT '$1', $$ $1 $$, $3;");
    with_values_is("mysql", "SELECT a FROM t WHERE b = 5", "",
                   "EXPLAIN SELECT a FROM t WHERE b = 5;");
}

static void damaged_parameters_leave_the_placeholder(void **state)
{
    (void)state;
    static const char *const damaged[] = {"", "$", "$1", "$1 =", "$x = '1'", "1 = '1'", "$1 = "};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        with_values_is("postgresql", "SELECT $1", damaged[i], "EXPLAIN SELECT $1;");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_a_password_is_masked),
        cmocka_unit_test(placeholders_are_numbered),
        cmocka_unit_test(values_near_a_list_behind_by_are_no_columns),
        cmocka_unit_test(operators_and_names_with_question_marks_stay),
        cmocka_unit_test(what_has_no_plan_has_no_statement),
        cmocka_unit_test(values_take_their_places),
        cmocka_unit_test(damaged_parameters_leave_the_placeholder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
