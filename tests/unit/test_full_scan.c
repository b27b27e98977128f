/* test_full_scan.c - many rows read for few that are wanted, and the index that is suggested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysers/index_candidate.h"
#include "scene_fixture.h"

enum { QUERY = 1 };

static const char look_up[] = "SELECT id FROM orders WHERE user_id = ? ORDER BY id DESC LIMIT ?";

/* 100 executions of a second in all, beside as much of another query. */
static scene scan_of(const char *verb, const char *text, int64_t examined, int64_t sent,
                     int64_t time)
{
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "mysql", verb, text);
    scene_calls(&c, QUERY, 100, time);
    scene_measure(&c, QUERY, "rows_examined", 100, examined, examined);
    scene_measure(&c, QUERY, "rows_sent", 100, sent, sent);
    return c;
}

static void rows_read_for_each_wanted_are_counted(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 2000000, 1000, SECOND);
    scene_analyse(&c, FINDING_FULL_SCAN);
    assert_int_equal(c.n, 1);
    const finding *f = &c.found[0];
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    assert_int_equal(f->severity, SEVERITY_HIGH);
    assert_int_equal(evidence_number(f, "executions"), 100);
    assert_int_equal(evidence_number(f, "rows_examined"), 2000000);
    assert_int_equal(evidence_number(f, "rows_per_wanted"), 2000);
    assert_int_equal(f->cost, SECOND - SECOND / 2000); /* of the rows that nobody wanted */
    assert_text(f->title, "orders: 2,000 rows read for each that is wanted");
    assert_text(f->rewrite, "CREATE INDEX orders_user_id_id ON orders (user_id, id);");
    assert_text(f->path, "slow.log");
    assert_int_equal(f->line, QUERY + 7);
    assert_int_equal(f->first_seen, FIRST_AT);
    scene_close(&c);
}

static void few_rows_an_execution_are_no_scan(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 100 * 1000, 100, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 1);
    c = scan_of("SELECT", look_up, 100 * 1000 - 1, 100, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

/* A second of rows that nobody wanted; one in a hundred thousand was. */
static void a_scan_that_came_once_was_felt(void **state)
{
    (void)state;
    static const struct {
        int64_t times, time;
        size_t found;
    } rows[] = {{1, SECOND, 0}, {1, SECOND + 100, 1}, {2, SECOND, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scene c = scene_open(SECOND);
        int64_t n = rows[i].times;
        scene_query(&c, QUERY, "mysql", "SELECT", look_up);
        scene_calls(&c, QUERY, n, rows[i].time);
        scene_measure(&c, QUERY, "rows_examined", n, n * 100000, 100000);
        scene_measure(&c, QUERY, "rows_sent", n, n, 1);
        assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), rows[i].found);
    }
}

static void a_hundred_rows_for_each_wanted_are_too_many(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 1000000, 10000, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 1);
    c = scan_of("SELECT", look_up, 1000000, 10001, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

/* What looks for a row that is not there wants one all the same. */
static void a_search_in_vain_wants_one_row(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 1000000, 0, SECOND);
    scene_analyse(&c, FINDING_FULL_SCAN);
    assert_int_equal(c.n, 1);
    assert_int_equal(evidence_number(&c.found[0], "rows_per_wanted"), 10000);
    scene_close(&c);
}

static void ten_are_too_many_where_the_log_says_that_tables_were_read_whole(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 1000000, 100000, SECOND);
    scene_measure(&c, QUERY, "full_scan", 100, 51, 1);
    scene_analyse(&c, FINDING_FULL_SCAN);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].confidence, CONFIDENCE_LIKELY);
    scene_close(&c);
    c = scan_of("SELECT", look_up, 1000000, 100000, SECOND);
    scene_measure(&c, QUERY, "full_scan", 100, 50, 1);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
    c = scan_of("SELECT", look_up, 1000000, 100001, SECOND);
    scene_measure(&c, QUERY, "full_scan", 100, 100, 1);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

static void a_plan_that_reads_a_whole_collection_makes_it_certain(void **state)
{
    (void)state;
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "mongodb", "find",
                "find shop.orders {\"filter\":{\"a\":{\"$gt\":\"?number\"},\"b\":{\"$eq\":"
                "\"?string\"}},\"sort\":{\"c\":-1}}");
    scene_calls(&c, QUERY, 2, SECOND);
    scene_measure(&c, QUERY, "rows_examined", 2, 200000, 100000);
    scene_measure(&c, QUERY, "rows_sent", 2, 20, 10);
    scene_plan(&c, QUERY, 5, "COLLSCAN", 2, SECOND, FIRST_AT, FIRST_AT);
    scene_analyse(&c, FINDING_FULL_SCAN);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].confidence, CONFIDENCE_CERTAIN);
    assert_text(c.found[0].rewrite,
                "db.getCollection(\"orders\").createIndex({\"b\": 1, \"c\": -1, \"a\": 1})");
    scene_close(&c);
}

/* Where the log has no rows but plans: those that filters threw away, by a scan of the table. */
static void rows_that_filters_threw_away_count_where_a_table_was_scanned(void **state)
{
    (void)state;
    static const char *const shapes[] = {"Limit\n  Seq Scan on orders", "Index Scan using a on b"};
    for (int i = 0; i < 2; i++) {
        scene c = scene_open(SECOND);
        scene_query(&c, QUERY, "postgresql", "SELECT", look_up);
        scene_calls(&c, QUERY, 10, SECOND);
        scene_measure(&c, QUERY, "rows_removed", 4, 4000, 1000);
        scene_plan(&c, QUERY, 5, shapes[i], 4, SECOND, FIRST_AT, FIRST_AT);
        scene_analyse(&c, FINDING_FULL_SCAN);
        assert_int_equal(c.n, i == 0);
        if (i == 0) {
            assert_int_equal(evidence_number(&c.found[0], "rows_removed"), 4000);
            assert_int_equal(c.found[0].cost, SECOND);
        }
        scene_close(&c);
    }
}

static void what_counts_has_to_read_what_it_counts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "SELECT count(*) FROM orders WHERE user_id = ?",
        "SELECT a, sum(b) FROM orders GROUP BY a",
        "SELECT DISTINCT a FROM orders",
        "SELECT max(a) FROM orders WHERE b = ?",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        scene c = scan_of("SELECT", texts[i], 10000000, 100, SECOND);
        assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
    }
}

/* It may count: the log does not show it. */
static void a_statement_without_its_end_is_not_judged(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", "SELECT a, …", 10000000, 100, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

static void definitions_and_dumps_are_not_judged(void **state)
{
    (void)state;
    scene c = scan_of("CREATE", "CREATE INDEX i ON orders (a)", 10000000, 0, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
    c = scan_of("SELECT", "SELECT sql_no_cache * FROM orders", 10000000, 100, SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

static void what_an_offset_explains_is_another_finding(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", "SELECT id FROM orders ORDER BY id LIMIT ? OFFSET ?", 2000000, 1000,
                      SECOND);
    scene_add(&c, NULL, NULL,
              "INSERT INTO pages VALUES ('s', x'01', 0, %d, '', '', '', 5, 0, 0, 0, 0, x'')",
              QUERY);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

/* A tenth of a second, and a hundredth of the log. */
static void what_costs_nothing_is_no_finding(void **state)
{
    (void)state;
    scene c = scan_of("SELECT", look_up, 2000000, 0, 101 * MS);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 1);
    c = scan_of("SELECT", look_up, 2000000, 0, 99 * MS);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
    c = scan_of("SELECT", look_up, 2000000, 0, SECOND);
    scene_measure_of(&c, OTHER_QUERY, "app", "query_time", 1, 99 * SECOND, 99 * SECOND);
    assert_int_equal(scene_count(&c, FINDING_FULL_SCAN), 0);
}

static void an_index_begins_with_equality_then_the_order_then_a_range(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"SELECT a FROM t WHERE b > ? AND c = ? ORDER BY d",
         "CREATE INDEX t_c_d_b ON t (c, d, b);"},
        {"SELECT a FROM t WHERE b = ? ORDER BY c DESC, d",
         "CREATE INDEX t_b_c_d ON t (b, c DESC, d);"},
        {"SELECT a FROM t WHERE b > ? AND c < ?", "CREATE INDEX t_b ON t (b);"},
        {"SELECT x.a FROM t x JOIN u ON u.id = x.u_id WHERE x.b = ? AND u.c = ?",
         "CREATE INDEX t_b ON t (b);\nCREATE INDEX u_c ON u (c);"},
        /* An order alone spares nothing where a filter has to see all rows. */
        {"SELECT a FROM t WHERE lower(b) = ? ORDER BY c LIMIT ?", ""},
        {"SELECT a FROM t ORDER BY c LIMIT ?", "CREATE INDEX t_c ON t (c);"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        arena memory;
        buf out;
        arena_init(&memory, 1 << 20);
        buf_init(&out, 4096);
        analysed_query q = {.text = slice_from(cases[i][0]),
                            .normaliser = normaliser_find("postgresql")};
        sql_facts_read(q.normaliser->dialect, q.text, &memory, &q.facts);
        assert_int_equal(index_candidate(&q, &out), cases[i][1][0] != '\0');
        assert_text(buf_slice(&out), cases[i][1]);
        buf_free(&out);
        arena_free(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_read_for_each_wanted_are_counted),
        cmocka_unit_test(few_rows_an_execution_are_no_scan),
        cmocka_unit_test(a_scan_that_came_once_was_felt),
        cmocka_unit_test(a_hundred_rows_for_each_wanted_are_too_many),
        cmocka_unit_test(a_search_in_vain_wants_one_row),
        cmocka_unit_test(ten_are_too_many_where_the_log_says_that_tables_were_read_whole),
        cmocka_unit_test(a_plan_that_reads_a_whole_collection_makes_it_certain),
        cmocka_unit_test(rows_that_filters_threw_away_count_where_a_table_was_scanned),
        cmocka_unit_test(what_counts_has_to_read_what_it_counts),
        cmocka_unit_test(a_statement_without_its_end_is_not_judged),
        cmocka_unit_test(definitions_and_dumps_are_not_judged),
        cmocka_unit_test(what_an_offset_explains_is_another_finding),
        cmocka_unit_test(what_costs_nothing_is_no_finding),
        cmocka_unit_test(an_index_begins_with_equality_then_the_order_then_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
