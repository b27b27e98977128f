/* test_churn.c - connections made for little work each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

enum { MS = 1000 };

/* `n` sessions, `apart` us from end to end, each of so many ms below a minute. */
static void sessions_of(buf *log, const char *user, int n, int64_t apart, int ms)
{
    for (int i = 0; i < n; i++) {
        log_line_at(log, i * apart, (unsigned)(100 + i),
                    "LOG:  disconnection: session time: 0:00:%02d.%03d user=%s database=shop"
                    " host=10.0.0.1 port=5",
                    ms / 1000, ms % 1000, user);
    }
}

static void short_sessions_one_a_second_are_churn(void **state)
{
    (void)state;
    buf log = log_begin();
    sessions_of(&log, "app", 301, SECOND, 40);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_CONNECTION_CHURN);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    evidence_is(f, "connections", "300"); /* all but the longest */
    evidence_is(f, "within_ms", "300000");
    evidence_is(f, "mean_session_ms", "40");
    assert_int_equal(f->severity, SEVERITY_MEDIUM);
    assert_int_equal(f->first_seen, BEGIN);
    text_is(f->detail, "300 connections within 5 min 00 s, each open for 40.0 ms on average.");
    analysed_free(&r);
}

static void fewer_or_slower_ones_are_not(void **state)
{
    (void)state;
    buf log = log_begin();
    sessions_of(&log, "app", 300, SECOND, 40);
    assert_false(log_has(&log, FINDING_CONNECTION_CHURN));
    log = log_begin();
    sessions_of(&log, "app", 301, SECOND + 4 * MS, 40);
    assert_false(log_has(&log, FINDING_CONNECTION_CHURN));
    log = log_begin();
    sessions_of(&log, "app", 301, SECOND, 5001);
    assert_false(log_has(&log, FINDING_CONNECTION_CHURN));
    log = log_begin();
    sessions_of(&log, "app", 301, SECOND, 5000);
    assert_true(log_has(&log, FINDING_CONNECTION_CHURN));
}

static void a_long_session_beside_hides_nothing(void **state)
{
    (void)state;
    buf log = log_begin();
    sessions_of(&log, "app", 300, SECOND, 40);
    log_line_at(&log, 300 * (int64_t)SECOND, 7,
                "LOG:  disconnection: session time: 20:00:00.000 user=app database=shop"
                " host=10.0.0.1 port=5");
    analysed r = log_analyse(&log);
    evidence_is(found(&r, FINDING_CONNECTION_CHURN), "mean_session_ms", "40");
    analysed_free(&r);
}

static void many_a_second_are_worse(void **state)
{
    (void)state;
    buf log = log_begin();
    sessions_of(&log, "app", 601, 50 * MS, 5); /* 20 a second */
    analysed r = log_analyse(&log);
    assert_int_equal(found(&r, FINDING_CONNECTION_CHURN)->severity, SEVERITY_HIGH);
    analysed_free(&r);
}

/* A health check each ten seconds, and a pool's sessions of an hour. */
static void a_healthy_server_s_sessions_are_silent(void **state)
{
    (void)state;
    buf log = log_begin();
    sessions_of(&log, "monitor", 2000, 10 * SECOND, 3);
    assert_false(log_has(&log, FINDING_CONNECTION_CHURN));
    log = log_begin();
    sessions_of(&log, "app", 500, 100 * MS, 59 * MS);
    assert_false(log_has(&log, FINDING_CONNECTION_CHURN));
}

/* A general log tells of connections and statements, not how long any of them were. */
static buf general_log(int connections, int statements)
{
    buf log = log_begin();
    buf_add_text(&log, "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started"
                       " with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"
                       "Time                 Id Command    Argument\n");
    for (int i = 0; i < connections; i++) {
        char at[64];
        snprintf(at, sizeof at, "2026-11-19T14:%02d:%02d.000000Z", i / 60, i % 60);
        buf_printf(&log, "%s\t%5d Connect\tapp@localhost on shop using Socket\n", at, i + 8);
        for (int k = 0; k < statements; k++) {
            buf_printf(&log, "%s\t%5d Query\tSELECT a FROM t WHERE id = %d\n", at, i + 8, k);
        }
        buf_printf(&log, "%s\t%5d Quit\t\n", at, i + 8);
    }
    return log;
}

static void few_statements_to_a_connection_are_churn_as_well(void **state)
{
    (void)state;
    buf log = general_log(301, 5);
    analysed r = log_analyse_as(&log, SLICE(""));
    const finding *f = found(&r, FINDING_CONNECTION_CHURN);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    evidence_is(f, "connections", "301");
    evidence_is(f, "within_ms", "300000");
    evidence_is(f, "logged_statements", "1505");
    analysed_free(&r);
}

static void sessions_that_do_some_work_are_none(void **state)
{
    (void)state;
    buf log = general_log(301, 6);
    analysed r = log_analyse_as(&log, SLICE(""));
    assert_int_equal(store_number(r.s, "SELECT sum(calls) FROM digest"), 1806);
    assert_null(found(&r, FINDING_CONNECTION_CHURN));
    analysed_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_sessions_one_a_second_are_churn),
        cmocka_unit_test(fewer_or_slower_ones_are_not),
        cmocka_unit_test(a_long_session_beside_hides_nothing),
        cmocka_unit_test(many_a_second_are_worse),
        cmocka_unit_test(a_healthy_server_s_sessions_are_silent),
        cmocka_unit_test(few_statements_to_a_connection_are_churn_as_well),
        cmocka_unit_test(sessions_that_do_some_work_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
