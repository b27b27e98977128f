/* test_plan.c - plans as auto_explain writes them: statements, shapes and what was counted.
 *
 * The plans follow PostgreSQL's documentation of EXPLAIN and what release 15 printed for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "parsers/postgres/plan.h"

static arena memory;

static explained read_as(const char *text, plan_form expected)
{
    explained x;
    plan_form form;
    arena_reset(&memory);
    assert_true(plan_read(slice_from(text), &memory, &form, &x));
    assert_int_equal(form, expected);
    return x;
}

static void shape_is(const explained *x, const char *shape)
{
    char text[PLAN_SHAPE_MAX + 1];
    snprintf(text, sizeof text, "%.*s", (int)x->shape.n, x->shape.p);
    assert_string_equal(text, shape);
}

static int begin(void **state)
{
    (void)state;
    arena_init(&memory, 16 * 1024 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&memory);
    return 0;
}

#define COSTS "  (cost=0.29..8.31 rows=1 width=8)"

static void both_forms_of_a_plan_have_one_shape(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json, *shape;
    } cases[] = {
        {"Limit" COSTS
         "\n  ->  Index Scan Backward using \"Orders_pkey\" on public.\"Orders\" o" COSTS
         "\n        Index Cond: (id = 1)",
         "{\"Node Type\":\"Limit\",\"Parallel Aware\":false,\"Plans\":[{\"Node Type\":\"Index "
         "Scan\","
         "\"Parent Relationship\":\"Outer\",\"Scan Direction\":\"Backward\",\"Index Name\":"
         "\"Orders_pkey\",\"Relation Name\":\"Orders\",\"Schema\":\"public\",\"Alias\":\"o\","
         "\"Index Cond\":\"(id = 1)\"}]}",
         "Limit\n  Index Scan Backward using Orders_pkey on Orders"},
        {"Hash Left Join" COSTS "\n  Hash Cond: (a.x = b.x)\n  ->  Seq Scan on a" COSTS
         "\n  ->  Hash" COSTS "\n        ->  Bitmap Heap Scan on b b_1" COSTS
         "\n              ->  Bitmap Index Scan on b_x" COSTS,
         "{\"Node Type\":\"Hash Join\",\"Join Type\":\"Left\",\"Plans\":[{\"Node Type\":\"Seq "
         "Scan\","
         "\"Relation Name\":\"a\",\"Alias\":\"a\"},{\"Node Type\":\"Hash\",\"Plans\":[{\"Node "
         "Type\":\"Bitmap Heap Scan\",\"Relation Name\":\"b\",\"Alias\":\"b_1\",\"Plans\":[{\"Node "
         "Type\":\"Bitmap Index Scan\",\"Index Name\":\"b_x\"}]}]}]}",
         "Hash Left Join\n  Seq Scan on a\n  Hash\n    Bitmap Heap Scan on b\n      Bitmap Index "
         "Scan on b_x"},
        {"Finalize GroupAggregate" COSTS "\n  ->  Gather Merge" COSTS
         "\n        ->  Partial HashAggregate" COSTS
         "\n              ->  Parallel Seq Scan on only_one" COSTS,
         "{\"Node Type\":\"Aggregate\",\"Strategy\":\"Sorted\",\"Partial Mode\":\"Finalize\","
         "\"Plans\":[{\"Node Type\":\"Gather Merge\",\"Plans\":[{\"Node Type\":\"Aggregate\","
         "\"Strategy\":\"Hashed\",\"Partial Mode\":\"Partial\",\"Plans\":[{\"Node Type\":\"Seq "
         "Scan\",\"Parallel Aware\":true,\"Relation Name\":\"only_one\"}]}]}]}",
         "Finalize GroupAggregate\n  Gather Merge\n    Partial HashAggregate\n      Parallel Seq "
         "Scan on only_one"},
        {"Nested Loop Semi Join" COSTS "\n  CTE recent\n    ->  Aggregate" COSTS
         "\n  InitPlan 2 (returns $1)\n    ->  Result" COSTS "\n  ->  CTE Scan on recent r" COSTS
         "\n  ->  Subquery Scan on \"*SELECT* 1\"" COSTS,
         "{\"Node Type\":\"Nested Loop\",\"Join Type\":\"Semi\",\"Plans\":[{\"Node "
         "Type\":\"Aggregate\",\"Strategy\":\"Plain\",\"Partial Mode\":\"Simple\",\"Subplan "
         "Name\":\"CTE recent\"},{\"Node Type\":\"Result\",\"Subplan Name\":\"InitPlan 2 (returns "
         "$1)\"},{\"Node Type\":\"CTE Scan\",\"CTE Name\":\"recent\",\"Alias\":\"r\"},{\"Node "
         "Type\":\"Subquery Scan\",\"Alias\":\"*SELECT* 1\"}]}",
         "Nested Loop Semi Join\n  CTE recent: Aggregate\n  InitPlan 2: Result\n  CTE Scan on "
         "recent\n  Subquery Scan on *SELECT* 1"},
        {"Update on public.t" COSTS "\n  ->  HashSetOp Except All" COSTS
         "\n        ->  Function Scan on pg_catalog.generate_series g" COSTS,
         "{\"Node Type\":\"ModifyTable\",\"Operation\":\"Update\",\"Relation "
         "Name\":\"t\",\"Plans\":"
         "[{\"Node Type\":\"SetOp\",\"Strategy\":\"Hashed\",\"Command\":\"Except All\",\"Plans\":"
         "[{\"Node Type\":\"Function Scan\",\"Function Name\":\"generate_series\",\"Alias\":"
         "\"g\"}]}]}",
         "Update on t\n  HashSetOp Except All\n    Function Scan on generate_series"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        snprintf(text, sizeof text, "\nQuery Text: SELECT 1\n%s", cases[i].text);
        explained x = read_as(text, PLAN_TEXT);
        shape_is(&x, cases[i].shape);
        assert_true(slice_is(x.statement, "SELECT 1"));
        snprintf(text, sizeof text, "\n\t{\n\t \"Query Text\": \"SELECT 1\",\n\t \"Plan\": %s}",
                 cases[i].json);
        x = read_as(text, PLAN_JSON);
        shape_is(&x, cases[i].shape);
        assert_true(slice_is(x.statement, "SELECT 1"));
        assert_false(x.cut);
    }
}

/* 1,000 rows expected and 4 found is 250 times fewer; 30 rows removed in each of 2 loops are 60;
 * 1,024 kB are 1,048,576 bytes. */
static void both_forms_count_alike(void **state)
{
    (void)state;
    explained text = read_as("Query Text: SELECT 1\n"
                             "Sort  (cost=1.00..2.00 rows=4 width=8) (actual time=1.0..2.0 rows=4 "
                             "loops=1)\n"
                             "  Sort Method: external merge  Disk: 1024kB\n"
                             "  Buffers: shared hit=3, temp read=8 written=9\n"
                             "  ->  Seq Scan on t  (cost=0.00..1.00 rows=1000 width=8) (actual "
                             "time=0.1..0.2 rows=4 loops=2)\n"
                             "        Filter: (a > 1)\n"
                             "        Rows Removed by Filter: 30\n"
                             "        Buffers: temp written=7",
                             PLAN_TEXT);
    explained json = read_as(
        "{\"Query Text\":\"SELECT 1\",\"Plan\":{\"Node Type\":\"Sort\",\"Plan Rows\":4,\"Actual "
        "Rows\":4,\"Actual Loops\":1,\"Sort Method\":\"external merge\",\"Sort Space "
        "Used\":1024,\"Sort Space Type\":\"Disk\",\"Temp Written Blocks\":9,\"Workers\":[],"
        "\"Plans\":[{\"Node Type\":\"Seq Scan\",\"Relation Name\":\"t\",\"Plan Rows\":1000,"
        "\"Actual Rows\":4.00,\"Actual Loops\":2,\"Rows Removed by Filter\":30,\"Temp Written "
        "Blocks\":7}]}}",
        PLAN_JSON);
    const explained *both[] = {&text, &json};
    for (size_t i = 0; i < 2; i++) {
        assert_true(both[i]->executed);
        assert_int_equal(both[i]->misestimate, 250);
        assert_int_equal(both[i]->rows_removed, 60);
        assert_int_equal(both[i]->spilled_bytes, 1048576);
        assert_int_equal(both[i]->temp_blocks, 9);
    }
}

static void a_plan_that_was_not_executed_tells_no_rows(void **state)
{
    (void)state;
    explained x = read_as(
        "Query Text: SELECT 1\nSeq Scan on t  (cost=0.00..1.00 rows=1000 width=8)", PLAN_TEXT);
    assert_false(x.executed);
    x = read_as("Query Text: SELECT 1\nSeq Scan on t  (cost=0.00..1.00 rows=1000 width=8) (never "
                "executed)",
                PLAN_TEXT);
    assert_false(x.executed);
}

static void conditions_cannot_fake_nodes(void **state)
{
    (void)state;
    explained x = read_as("Query Text: SELECT 1\n"
                          "Seq Scan on t" COSTS "\n"
                          "  Filter: (a = 'it''s\n"
                          "  ->  Seq Scan on secret" COSTS "\n"
                          "  Rows Removed by Filter: 9'::text)\n"
                          "  ->  Result" COSTS,
                          PLAN_TEXT);
    shape_is(&x, "Seq Scan on t\n  Result");
    assert_int_equal(x.rows_removed, 0);
}

static void a_statement_s_escapes_are_undone(void **state)
{
    (void)state;
    explained x = read_as("{\"Query Text\": \"SELECT \\\"a\\\"\\nFROM b\", \"Plan\": {\"Node "
                          "Type\": \"Result\"}}",
                          PLAN_JSON);
    assert_true(slice_is(x.statement, "SELECT \"a\"\nFROM b"));
}

static void a_plan_that_is_cut_off_has_no_shape(void **state)
{
    (void)state;
    static const char *const cut[] = {
        "{\"Query Text\": \"SELECT 1\", \"Plan\": {\"Node Type\": \"Limit\", \"Plans\": [",
        "{\"Query Text\": \"SELECT 1",
        "{\"Query Text\": \"SELECT 1\", \"Plan\": }",
    };
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        explained x = read_as(cut[i], PLAN_JSON);
        assert_true(slice_is(x.statement, "SELECT 1"));
        assert_true(x.cut);
        assert_int_equal(x.shape.n, 0);
    }
    explained x = read_as("Query Text: SELECT 1", PLAN_TEXT);
    assert_true(x.cut);
    assert_int_equal(x.shape.n, 0);
}

static void the_other_forms_are_only_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        plan_form form;
    } cases[] = {
        {"\n<explain xmlns=\"http://www.postgresql.org/2009/explain\">", PLAN_XML},
        {"\nQuery Text: \"SELECT 1\"\nPlan: \n  Node Type: \"Result\"", PLAN_YAML},
        {"", PLAN_NONE},
        {"\nResult" COSTS, PLAN_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explained x = read_as(cases[i].text, cases[i].form);
        assert_int_equal(x.statement.n + x.shape.n, 0);
    }
}

/* However deep and long, it ends: a shape is cut at a line's end. */
static void plans_without_end_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *open, *each;
    } cases[] = {
        {"Query Text: SELECT 1\nAppend" COSTS, "\n  ->  Seq Scan on a_partition" COSTS},
        {"{\"Query Text\":\"SELECT 1\",\"Plan\":{\"Node Type\":\"Limit\"",
         ",\"Plans\":[{\"Node Type\":\"Limit\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf text;
        buf_init(&text, 1024 * 1024);
        buf_add_text(&text, cases[i].open);
        for (int k = 0; k < 1000; k++) {
            buf_add_text(&text, cases[i].each);
        }
        explained x;
        plan_form form;
        arena_reset(&memory);
        assert_true(plan_read(buf_slice(&text), &memory, &form, &x));
        assert_true(x.shape.n <= PLAN_SHAPE_MAX);
        assert_true(form == PLAN_JSON || slice_ends_with(x.shape, SLICE("on a_partition")));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_of_a_plan_have_one_shape),
        cmocka_unit_test(both_forms_count_alike),
        cmocka_unit_test(a_plan_that_was_not_executed_tells_no_rows),
        cmocka_unit_test(conditions_cannot_fake_nodes),
        cmocka_unit_test(a_statement_s_escapes_are_undone),
        cmocka_unit_test(a_plan_that_is_cut_off_has_no_shape),
        cmocka_unit_test(the_other_forms_are_only_recognised),
        cmocka_unit_test(plans_without_end_are_bounded),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
