/* test_unbounded_result.c - large results without a LIMIT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene_fixture.h"

enum { QUERY = 1, CALLS = 100 };

static const char list[] = "SELECT id, name FROM customers WHERE country = ?";

/* Of 100 executions `large` return `rows`, the others one. */
static scene scene_of(const char *text, int64_t large, int64_t rows)
{
    scene c = scene_open(SECOND);
    histogram h = {0};
    buf packed;
    scene_query(&c, QUERY, "mysql", "SELECT", text);
    scene_calls(&c, QUERY, CALLS, SECOND);
    buf_init(&packed, 4096);
    histogram_add(&h, &c.memory, (uint64_t)rows, (uint64_t)large);
    if (large < CALLS) {
        histogram_add(&h, &c.memory, 1, (uint64_t)(CALLS - large));
    }
    histogram_encode(&h, &packed);
    scene_measure(&c, QUERY, "rows_sent", CALLS, large * rows + CALLS - large, rows);
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_prepare_v2(store_connection(c.s),
                                        "UPDATE measures SET histogram = ?1, min = ?2"
                                        " WHERE measure = 'rows_sent'",
                                        -1, &q, NULL),
                     SQLITE_OK);
    sqlite3_bind_blob(q, 1, packed.p, (int)packed.n, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, large < CALLS ? 1 : rows);
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
    buf_free(&packed);
    return c;
}

static void rows_of_an_execution_are_told(void **state)
{
    (void)state;
    scene c = scene_of(list, CALLS, 20000);
    scene_analyse(&c, FINDING_UNBOUNDED_RESULT);
    assert_int_equal(c.n, 1);
    const finding *f = &c.found[0];
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    assert_int_equal(f->cost, SECOND);
    assert_int_equal(evidence_number(f, "rows_sent"), CALLS * 20000);
    const value *rows = value_get(f->evidence, SLICE("rows_per_execution"));
    assert_int_equal(value_get(rows, SLICE("mean"))->integer, 20000);
    assert_int_equal(value_get(rows, SLICE("p95"))->integer, 20000);
    assert_text(f->title, "customers: 20,000 rows returned, without a LIMIT");
    scene_close(&c);
}

static void ten_thousand_rows_are_many(void **state)
{
    (void)state;
    scene c = scene_of(list, CALLS, 10000);
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 1);
    c = scene_of(list, CALLS, 9999);
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 0);
}

/* By nearest rank the 95th of 100 is among the six largest. */
static void one_large_result_in_twenty_is_enough(void **state)
{
    (void)state;
    scene c = scene_of(list, 6, 50000);
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 1);
    c = scene_of(list, 5, 50000);
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 0);
}

static void what_has_a_bound_or_is_a_dump_or_a_figure_is_silent(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "SELECT id FROM customers LIMIT ?",
        "SELECT sql_no_cache * FROM customers",
        "SELECT country, count(*) FROM customers GROUP BY country",
        "SELECT id FROM customers FETCH FIRST ? ROWS ONLY",
        "SELECT id FROM customers WHERE …", /* cut by the log */
        "SELECT table_name FROM information_schema.tables",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        scene c = scene_of(texts[i], CALLS, 50000);
        assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 0);
    }
}

static void what_a_dump_reads_is_silent(void **state)
{
    (void)state;
    scene c = scene_of(list, CALLS, 50000);
    scene_add(&c, NULL, NULL, "UPDATE measures SET application = 'mongodump'");
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 0);
}

static void what_costs_nothing_is_silent(void **state)
{
    (void)state;
    scene c = scene_of(list, CALLS, 50000);
    scene_measure_of(&c, OTHER_QUERY, "app", "query_time", 1, 100 * SECOND, 100 * SECOND);
    assert_int_equal(scene_count(&c, FINDING_UNBOUNDED_RESULT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_an_execution_are_told),
        cmocka_unit_test(ten_thousand_rows_are_many),
        cmocka_unit_test(one_large_result_in_twenty_is_enough),
        cmocka_unit_test(what_has_a_bound_or_is_a_dump_or_a_figure_is_silent),
        cmocka_unit_test(what_a_dump_reads_is_silent),
        cmocka_unit_test(what_costs_nothing_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
