/* test_transactions.c - transactions that stay open for long, and those that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

/* Ends at `at` (us), a millisecond long. */
static void say(buf *log, int64_t at, const char *statement)
{
    log_line_at(log, at, 7, "LOG:  duration: 1.000 ms  statement: %s", statement);
}

enum { MS = 1000 };

/* Of four statements without a rest but one. */
static void transaction(buf *log, int64_t at, int64_t rest)
{
    say(log, at + MS, "BEGIN");
    say(log, at + 2 * MS, "UPDATE t SET a = 1 WHERE id = 2");
    say(log, at + 2 * MS + rest + MS, "UPDATE t SET a = 1 WHERE id = 3");
    say(log, at + 2 * MS + rest + 2 * MS, "COMMIT");
}

/* The same with a statement that takes the time. */
static void busy_transaction(buf *log, int64_t at, int64_t us)
{
    say(log, at + MS, "BEGIN");
    log_line_at(log, at + us - MS, 7, "LOG:  duration: %d.000 ms  statement: UPDATE t SET a = 1",
                (int)(us / MS) - 2);
    say(log, at + us, "COMMIT");
}

static void a_transaction_of_five_minutes_is_long(void **state)
{
    (void)state;
    buf log = log_begin();
    busy_transaction(&log, 0, 10 * SECOND);
    busy_transaction(&log, 60 * (int64_t)SECOND, 300 * (int64_t)SECOND);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_LONG_TRANSACTION);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    evidence_is(f, "transactions", "2");
    evidence_is(f, "total_ms", "310000");
    evidence_is(f, "longest_ms", "300000");
    evidence_is(f, "idle_ms", "0");
    assert_int_equal(f->first_seen, BEGIN + 60 * (int64_t)SECOND);
    assert_int_equal(f->line, 6); /* its COMMIT */
    assert_int_equal(f->severity, SEVERITY_MEDIUM);
    assert_null(found(&r, FINDING_IDLE_IN_TRANSACTION));
    text_is(f->title, "A transaction stayed open for 5 min 00 s");
    analysed_free(&r);
}

static void one_of_an_hour_is_severe(void **state)
{
    (void)state;
    for (int less = 0; less < 2; less++) {
        buf log = log_begin();
        busy_transaction(&log, 0, (3600 - less) * (int64_t)SECOND);
        analysed r = log_analyse(&log);
        finding_severity expected = less > 0 ? SEVERITY_MEDIUM : SEVERITY_HIGH;
        assert_int_equal(found(&r, FINDING_LONG_TRANSACTION)->severity, expected);
        analysed_free(&r);
    }
}

static void a_little_less_is_not(void **state)
{
    (void)state;
    buf log = log_begin();
    busy_transaction(&log, 0, 299 * (int64_t)SECOND);
    assert_false(log_has(&log, FINDING_LONG_TRANSACTION));
}

/* A slow COMMIT of now and a slow BEGIN of long ago are not of one transaction. */
static void behind_a_threshold_nothing_is_paired(void **state)
{
    (void)state;
    buf log = log_begin();
    say(&log, 0, "BEGIN");
    for (int i = 1; i < 10; i++) {
        say(&log, i * 1000 * (int64_t)SECOND, "COMMIT");
    }
    analysed r = log_analyse(&log);
    assert_int_equal(store_number(r.s, "SELECT sum(transactions) FROM session_use"), 1);
    assert_null(found(&r, FINDING_LONG_TRANSACTION));
    analysed_free(&r);
}

/* A sample pairs what does not belong together. */
static void a_sample_is_not_paired_either(void **state)
{
    (void)state;
    buf log = log_begin();
    for (int i = 0; i < 4; i++) {
        say(&log, i * 1000 * (int64_t)SECOND, "BEGIN");
    }
    say(&log, 4000 * (int64_t)SECOND, "COMMIT");
    assert_false(log_has(&log, FINDING_LONG_TRANSACTION));
}

static void what_a_dump_reads_in_one_transaction_is_meant(void **state)
{
    (void)state;
    buf log = log_begin();
    busy_transaction(&log, 0, 400 * (int64_t)SECOND);
    analysed r = log_analyse(&log);
    status st = {0};
    assert_non_null(found(&r, FINDING_LONG_TRANSACTION));
    assert_int_equal(sqlite3_exec(store_connection(r.s),
                                  "UPDATE session_use SET application = 'pg_dump'", NULL, NULL,
                                  NULL),
                     SQLITE_OK);
    analysis_request wanted = analysis_request_default();
    assert_true(analyse(r.s, &wanted, &r.memory, &r.findings, &r.n, &st));
    assert_null(found(&r, FINDING_LONG_TRANSACTION));
    analysed_free(&r);
}

static void a_rest_of_half_a_minute_is_idle_in_transaction(void **state)
{
    (void)state;
    buf log = log_begin();
    transaction(&log, 0, 30 * SECOND);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_IDLE_IN_TRANSACTION);
    assert_non_null(f);
    evidence_is(f, "longest_idle_ms", "30000");
    evidence_is(f, "idle_ms", "30000");
    evidence_is(f, "transactions", "1");
    evidence_is(f, "total_ms", "30004"); /* four statements and the rest */
    analysed_free(&r);
    log = log_begin();
    transaction(&log, 0, 29 * SECOND);
    assert_false(log_has(&log, FINDING_IDLE_IN_TRANSACTION));
}

/* The statement ran until it failed: how long is not in the log, and is no rest. */
static void a_lock_wait_that_fails_is_no_rest(void **state)
{
    (void)state;
    buf log = log_begin();
    say(&log, MS, "BEGIN");
    log_line_at(&log, 40 * SECOND, 7, "ERROR:  canceling statement due to lock timeout");
    log_line_at(&log, 40 * SECOND, 7, "STATEMENT:  UPDATE t SET a = 1 WHERE id = 2");
    say(&log, 40 * SECOND + 3 * MS, "ROLLBACK");
    analysed r = log_analyse(&log);
    assert_int_equal(store_number(r.s, "SELECT transactions FROM session_use"), 1);
    assert_int_equal(store_number(r.s, "SELECT idle_time FROM session_use"), 2 * MS);
    assert_null(found(&r, FINDING_IDLE_IN_TRANSACTION));
    analysed_free(&r);
}

/* One cause, one finding. */
static void a_long_transaction_that_waited_is_idle_not_long(void **state)
{
    (void)state;
    buf log = log_begin();
    transaction(&log, 0, 400 * (int64_t)SECOND);
    analysed r = log_analyse(&log);
    assert_non_null(found(&r, FINDING_IDLE_IN_TRANSACTION));
    assert_null(found(&r, FINDING_LONG_TRANSACTION));
    analysed_free(&r);
}

static buf habit(int transactions, int64_t rest)
{
    buf log = log_begin();
    for (int i = 0; i < transactions; i++) {
        transaction(&log, i * 10 * (int64_t)SECOND, rest);
    }
    return log;
}

static void a_habit_of_waiting_for_a_second_is_as_well(void **state)
{
    (void)state;
    buf log = habit(20, SECOND);
    assert_true(log_has(&log, FINDING_IDLE_IN_TRANSACTION));
    log = habit(19, SECOND);
    assert_false(log_has(&log, FINDING_IDLE_IN_TRANSACTION));
    log = habit(20, SECOND - 1000);
    assert_false(log_has(&log, FINDING_IDLE_IN_TRANSACTION));
}

static void healthy_transactions_are_silent(void **state)
{
    (void)state;
    buf log = habit(500, 20 * 1000);
    analysed r = log_analyse(&log);
    assert_int_equal(r.n, 0);
    analysed_free(&r);
}

/* Without durations a rest holds the statement before it. */
static void rests_between_statements_of_unknown_length_are_none(void **state)
{
    (void)state;
    buf log = log_begin();
    log_line_at(&log, 0, 7, "LOG:  statement: BEGIN");
    log_line_at(&log, 1000, 7, "LOG:  statement: UPDATE t SET a = 1");
    log_line_at(&log, 400 * (int64_t)SECOND, 7, "LOG:  statement: COMMIT");
    analysed r = log_analyse(&log);
    assert_null(found(&r, FINDING_IDLE_IN_TRANSACTION));
    assert_non_null(found(&r, FINDING_LONG_TRANSACTION)); /* which the times prove */
    analysed_free(&r);
}

/* Told of in one record, with what it did not use. */
static void a_transaction_that_a_server_tells_of_as_a_whole_counts(void **state)
{
    (void)state;
    buf log = log_begin();
    for (int i = 0; i < 2; i++) {
        buf_printf(
            &log,
            "{\"t\":{\"$date\":\"2026-11-19T14:%02d:00.000+00:00\"},\"s\":\"I\",\"c\":\"TXN\","
            "\"id\":51802,\"ctx\":\"conn%d\",\"msg\":\"transaction\",\"attr\":{\"parameters\":"
            "{\"txnNumber\":1},\"terminationCause\":\"committed\",\"timeActiveMicros\":500000,"
            "\"timeInactiveMicros\":%d,\"durationMillis\":%d}}\n",
            i, i, i == 0 ? 29500000 : 9500000, i == 0 ? 30000 : 10000);
    }
    analysed r = log_analyse_as(&log, SLICE(""));
    const finding *f = found(&r, FINDING_IDLE_IN_TRANSACTION);
    assert_null(f); /* below half a minute */
    assert_int_equal(store_number(r.s, "SELECT transactions FROM session_use"), 2);
    assert_int_equal(store_number(r.s, "SELECT transaction_time FROM session_use"), 40000000);
    assert_int_equal(store_number(r.s, "SELECT idle_time FROM session_use"), 39000000);
    assert_int_equal(store_number(r.s, "SELECT longest_idle FROM session_use"), 29500000);
    assert_int_equal(store_number(r.s, "SELECT longest_line FROM session_use"), 1);
    analysed_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_of_five_minutes_is_long),
        cmocka_unit_test(one_of_an_hour_is_severe),
        cmocka_unit_test(a_little_less_is_not),
        cmocka_unit_test(behind_a_threshold_nothing_is_paired),
        cmocka_unit_test(a_sample_is_not_paired_either),
        cmocka_unit_test(what_a_dump_reads_in_one_transaction_is_meant),
        cmocka_unit_test(a_rest_of_half_a_minute_is_idle_in_transaction),
        cmocka_unit_test(a_lock_wait_that_fails_is_no_rest),
        cmocka_unit_test(a_long_transaction_that_waited_is_idle_not_long),
        cmocka_unit_test(a_habit_of_waiting_for_a_second_is_as_well),
        cmocka_unit_test(healthy_transactions_are_silent),
        cmocka_unit_test(rests_between_statements_of_unknown_length_are_none),
        cmocka_unit_test(a_transaction_that_a_server_tells_of_as_a_whole_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
