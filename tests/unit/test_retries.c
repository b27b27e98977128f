/* test_retries.c - what conflicts and is tried again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

enum { MS = 1000 };

static void conflict(buf *log, int64_t at, unsigned pid, int id, const char *message)
{
    log_line_at(log, at, pid, "ERROR:  %s", message);
    log_line_at(log, at, pid, "STATEMENT:  UPDATE t SET a = 1 WHERE id = %d", id);
}

static void succeed(buf *log, int64_t at, unsigned pid, int id)
{
    log_line_at(log, at, pid,
                "LOG:  duration: 2.000 ms  statement: UPDATE t SET a = 1 WHERE id = %d", id);
}

static const char *const SERIALISE = "could not serialize access due to concurrent update";

static void a_statement_that_comes_again_after_a_conflict_is_a_retry(void **state)
{
    (void)state;
    buf log = log_begin();
    conflict(&log, 0, 7, 1, "deadlock detected");
    conflict(&log, 100 * MS, 7, 1, SERIALISE);
    succeed(&log, 202 * MS, 7, 1); /* begun at 200 */
    succeed(&log, 300 * MS, 7, 1); /* and again, for its own sake */
    analysed r = log_analyse(&log);
    assert_int_equal(store_number(r.s, "SELECT count(*) FROM retries"), 2);
    assert_int_equal(store_number(r.s, "SELECT failed FROM retries WHERE code = '40P01'"), 1);
    assert_int_equal(store_number(r.s, "SELECT failed FROM retries WHERE code = '40001'"), 0);
    assert_int_equal(store_number(r.s, "SELECT sum(retries) FROM retries"), 2);
    assert_int_equal(store_number(r.s, "SELECT sum(wait) FROM retries"), 200 * MS);
    assert_int_equal(store_number(r.s, "SELECT max(longest) FROM retries"), 2);
    assert_int_equal(store_number(r.s, "SELECT min(first_line) FROM retries"), 3);
    assert_null(found(&r, FINDING_RETRY_STORM));
    analysed_free(&r);
}

static int64_t retries_of(buf *log)
{
    analysed r = log_analyse(log);
    int64_t n = store_number(r.s, "SELECT coalesce(sum(retries), 0) FROM retries");
    analysed_free(&r);
    return n;
}

static void what_is_not_the_same_or_not_soon_is_no_retry(void **state)
{
    (void)state;
    buf log = log_begin();
    conflict(&log, 0, 7, 1, SERIALISE);
    succeed(&log, 100 * MS, 7, 2);   /* other values */
    succeed(&log, 200 * MS, 8, 1);   /* another session */
    succeed(&log, 10003 * MS, 7, 1); /* begun a millisecond too late */
    assert_int_equal(retries_of(&log), 0);
    log = log_begin();
    conflict(&log, 0, 7, 1, SERIALISE);
    succeed(&log, 10002 * MS, 7, 1);
    assert_int_equal(retries_of(&log), 1);
}

/* Between the failure and the retry there are ROLLBACK, BEGIN and the transaction's other
 * statements. */
static void a_transaction_that_is_done_again_is_a_retry(void **state)
{
    (void)state;
    buf log = log_begin();
    conflict(&log, 0, 7, 1, SERIALISE);
    log_line_at(&log, 1 * MS, 7, "LOG:  duration: 1.000 ms  statement: ROLLBACK");
    log_line_at(&log, 3 * MS, 7, "LOG:  duration: 1.000 ms  statement: BEGIN");
    log_line_at(&log, 5 * MS, 7,
                "LOG:  duration: 1.000 ms  statement: SELECT a FROM t WHERE id = 1");
    succeed(&log, 9 * MS, 7, 1);
    assert_int_equal(retries_of(&log), 1);
}

static buf storm(int retries, const char *message)
{
    buf log = log_begin();
    for (int i = 0; i < retries; i++) {
        conflict(&log, i * (int64_t)SECOND, 7, i, message);
        succeed(&log, i * (int64_t)SECOND + 102 * MS, 7, i);
    }
    return log;
}

static void twenty_in_an_hour_are_a_storm(void **state)
{
    (void)state;
    buf log = storm(20, SERIALISE);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_RETRY_STORM);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    assert_int_equal(f->severity, SEVERITY_MEDIUM);
    evidence_is(f, "retries", "20");
    evidence_is(f, "failed_again", "0");
    evidence_is(f, "longest_row", "1");
    evidence_is(f, "busiest_hour", "20");
    evidence_is(f, "mean_wait_ms", "100");
    assert_int_equal(value_get(value_get(f->evidence, SLICE("by_code")), SLICE("40001"))->integer,
                     20);
    assert_int_equal(f->line, 3);
    text_is(f->title, "A statement on t failed in conflicts and was tried again 20 times");
    analysed_free(&r);
    log = storm(19, SERIALISE);
    assert_false(log_has(&log, FINDING_RETRY_STORM));
}

static buf row(int failures)
{
    buf log = log_begin();
    for (int i = 0; i < failures; i++) {
        conflict(&log, i * 100 * MS, 7, 1, SERIALISE);
    }
    return log;
}

static void five_in_a_row_are_one_as_well(void **state)
{
    (void)state;
    buf log = row(6);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_RETRY_STORM);
    assert_non_null(f);
    evidence_is(f, "longest_row", "5");
    evidence_is(f, "failed_again", "5");
    assert_int_equal(f->severity, SEVERITY_HIGH);
    analysed_free(&r);
    log = row(5);
    assert_false(log_has(&log, FINDING_RETRY_STORM));
}

static void what_fails_for_another_reason_is_no_storm(void **state)
{
    (void)state;
    buf log = storm(40, "duplicate key value violates unique constraint \"t_pkey\"");
    assert_false(log_has(&log, FINDING_RETRY_STORM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_that_comes_again_after_a_conflict_is_a_retry),
        cmocka_unit_test(what_is_not_the_same_or_not_soon_is_no_retry),
        cmocka_unit_test(a_transaction_that_is_done_again_is_a_retry),
        cmocka_unit_test(twenty_in_an_hour_are_a_storm),
        cmocka_unit_test(five_in_a_row_are_one_as_well),
        cmocka_unit_test(what_fails_for_another_reason_is_no_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
