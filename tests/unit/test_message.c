/* test_message.c - what PostgreSQL messages mean: phases, durations, settings, server events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parsers/postgres/message.h"

static event read_at(severity level, const char *message)
{
    event e = {0};
    message_read(level, slice_from(message), &e);
    return e;
}

static event read_message(const char *message)
{
    return read_at(SEVERITY_LOG, message);
}

typedef struct expectation {
    const char *message;
    event_kind kind;
    const char *text; /* NULL: none */
    int64_t duration; /* us; -1: none */
} expectation;

static void message_is(const expectation *x)
{
    event e = read_message(x->message);
    assert_int_equal(e.kind, x->kind);
    assert_int_equal((e.has & HAS_TEXT) != 0, x->text != NULL);
    if (x->text != NULL) {
        assert_true(slice_is(e.text, x->text));
    }
    assert_int_equal((e.has & HAS_DURATION) != 0, x->duration >= 0);
    if (x->duration >= 0) {
        assert_int_equal(e.duration, x->duration);
    }
}

static void messages_are(const expectation *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        message_is(&x[i]);
    }
}

static void executions_are_read_with_text_and_duration(void **state)
{
    (void)state;
    static const expectation cases[] = {
        {"duration: 12.345 ms  statement: SELECT 1", EVENT_STATEMENT, "SELECT 1", 12345},
        {"duration: 0.001 ms  statement: SELECT 1", EVENT_STATEMENT, "SELECT 1", 1},
        {"duration: 0.000 ms  statement: SELECT 1", EVENT_STATEMENT, "SELECT 1", 0},
        {"duration: 86400000.000 ms  statement: SELECT 1", EVENT_STATEMENT, "SELECT 1",
         86400000000},
        {"duration: 5 ms  statement: ", EVENT_STATEMENT, "", 5000},
        {"duration: 1.500 ms  execute <unnamed>: SELECT $1", EVENT_STATEMENT, "SELECT $1", 1500},
        {"duration: 1.500 ms  parse <unnamed>: SELECT $1", EVENT_PREPARE, "SELECT $1", 1500},
        {"duration: 1.500 ms  bind <unnamed>: SELECT $1", EVENT_BIND, "SELECT $1", 1500},
        {"duration: 1.500 ms", EVENT_DURATION, NULL, 1500},
        {"duration: 1.500 ms  ", EVENT_DURATION, NULL, 1500},
        {"statement: SELECT 1", EVENT_STATEMENT_START, "SELECT 1", -1},
        {"execute <unnamed>: SELECT $1", EVENT_STATEMENT_START, "SELECT $1", -1},
        {"duration: 0.100 ms  statement: SELECT 1;\n\tSELECT 2", EVENT_STATEMENT,
         "SELECT 1;\n\tSELECT 2", 100},
        {"duration: 0.100 ms  fastpath function call: \"lo_open\" (OID 952)", EVENT_STATEMENT,
         "fastpath function call: \"lo_open\" (OID 952)", 100},
    };
    messages_are(cases, sizeof cases / sizeof *cases);
}

static void names_of_statements_may_hold_colons(void **state)
{
    (void)state;
    static const expectation cases[] = {
        {"execute S_1: SELECT 1", EVENT_STATEMENT_START, "SELECT 1", -1},
        {"execute a:b: SELECT 1", EVENT_STATEMENT_START, "SELECT 1", -1},
        {"execute a::b/p:q: SELECT ': '", EVENT_STATEMENT_START, "SELECT ': '", -1},
        {"execute fetch from S_1/C_2: SELECT 1", EVENT_STATEMENT_START, "SELECT 1", -1},
        {"duration: 1.000 ms  bind a:1: SELECT x::int", EVENT_BIND, "SELECT x::int", 1000},
    };
    messages_are(cases, sizeof cases / sizeof *cases);
}

static void what_only_resembles_an_execution_is_a_message(void **state)
{
    (void)state;
    static const expectation cases[] = {
        {"", EVENT_MESSAGE, NULL, -1},
        {"duration: ms", EVENT_MESSAGE, NULL, -1},
        {"duration: 12.345", EVENT_MESSAGE, NULL, -1},
        {"duration: 12.345 s  statement: SELECT 1", EVENT_MESSAGE, NULL, -1},
        {"duration: -1.000 ms  statement: SELECT 1", EVENT_MESSAGE, NULL, -1},
        {"duration: 99999999999999999999.000 ms", EVENT_MESSAGE, NULL, -1},
        {"durations: 1 ms", EVENT_MESSAGE, NULL, -1},
        {"executed", EVENT_MESSAGE, NULL, -1},
        {"execute without a colon", EVENT_MESSAGE, NULL, -1},
        {"statement:", EVENT_MESSAGE, NULL, -1},
    };
    messages_are(cases, sizeof cases / sizeof *cases);
}

static void a_plan_tells_its_statement(void **state)
{
    (void)state;
    static const char *const plans[][2] = {
        {"\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)", "SELECT 1"},
        {"\n\tQuery Text: SELECT cost\n\t  FROM t -- (cost=dear)\n\tSeq Scan on t  "
         "(cost=0.00..1.00 rows=1"
         " width=4)\n\t  Filter: (a > 1)",
         "SELECT cost\n\t  FROM t -- (cost=dear)"},
        {"\n\tQuery Text: SELECT $1\n\tQuery Parameters: $1 = '7'\n\tResult  (cost=0.00..0.01 "
         "rows=1 width=4)",
         "SELECT $1"},
        {"\n\tQuery Text: SELECT 1 (cost=1..", "SELECT 1 (cost=1.."},
        {"\n\tSome other format", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        char message[512];
        snprintf(message, sizeof message, "duration: 3.250 ms  plan:%s", plans[i][0]);
        event e = read_message(message);
        assert_int_equal(e.kind, EVENT_PLAN);
        assert_int_equal(e.duration, 3250);
        assert_int_equal((e.has & HAS_TEXT) != 0, plans[i][1][0] != '\0');
        assert_true(slice_is(e.text, plans[i][1]));
        assert_true(slice_is(e.value, plans[i][0]));
    }
}

static void server_events_are_told_by_how_they_begin(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        event_kind kind;
    } cases[] = {
        {"process 7 still waiting for ShareLock on transaction 9 after 1000.1 ms", EVENT_LOCK_WAIT},
        {"process 7 acquired ShareLock on transaction 9 after 1000.1 ms", EVENT_LOCK_WAIT},
        {"process 7 detected deadlock while waiting for ShareLock on transaction 9 after 1000.1 ms",
         EVENT_LOCK_WAIT},
        {"process 7 avoided deadlock for ShareLock on transaction 9 by rearranging queue order "
         "after 1000.1 ms",
         EVENT_LOCK_WAIT},
        {"process 7 failed to acquire ShareLock on transaction 9 after 1000.1 ms", EVENT_LOCK_WAIT},
        {"process 7 still waiting for AccessShareLock on relation 1 of database 2 after 1.0 ms",
         EVENT_LOCK_WAIT},
        {"temporary file: path \"base/pgsql_tmp/pgsql_tmp7.0\", size 1", EVENT_TEMP_FILE},
        {"checkpoint starting: time", EVENT_CHECKPOINT},
        {"checkpoint complete: wrote 1 buffers", EVENT_CHECKPOINT},
        {"checkpoints are occurring too frequently (9 seconds apart)", EVENT_CHECKPOINT},
        {"restartpoint complete: wrote 1 buffers", EVENT_CHECKPOINT},
        {"automatic vacuum of table \"a.b.c\": index scans: 1", EVENT_VACUUM},
        {"automatic aggressive vacuum of table \"a.b.c\": index scans: 1", EVENT_VACUUM},
        {"automatic analyze of table \"a.b.c\"", EVENT_VACUUM},
        {"connection received: host=::1 port=5", EVENT_SESSION_START},
        {"connection authenticated: identity=\"x\"", EVENT_MESSAGE},
        {"connection authorized: user=u database=d", EVENT_MESSAGE},
        {"disconnection: session time: 0:00:01.000 user=u", EVENT_SESSION_END},
        {"starting PostgreSQL 15.1 on x86_64", EVENT_SERVER_START},
        {"database system was shut down at 2026-11-19 14:00:00 UTC", EVENT_SERVER_START},
        {"database system was interrupted; last known up at 2026", EVENT_SERVER_START},
        {"database system is shut down", EVENT_SERVER_STOP},
        {"database system is ready to accept connections", EVENT_MESSAGE},
        {"started streaming WAL from primary at 0/1 on timeline 1", EVENT_REPLICATION},
        {"logical replication apply worker for subscription \"s\" has started", EVENT_REPLICATION},
        {"starting logical decoding for slot \"s\"", EVENT_REPLICATION},
        {"process 7 is fine", EVENT_MESSAGE},
        {"listening on IPv4 address \"0.0.0.0\", port 5432", EVENT_MESSAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        event e = read_message(cases[i].message);
        assert_int_equal(e.kind, cases[i].kind);
        assert_int_equal(e.has, 0);
        assert_true(slice_is(e.value, cases[i].message));
    }
}

static void settings_are_read_with_name_and_value(void **state)
{
    (void)state;
    static const struct {
        const char *message, *name, *value;
    } cases[] = {
        {"parameter \"work_mem\" changed to \"64MB\"", "work_mem", "64MB"},
        {"parameter \"work_mem\" removed from configuration file, reset to default", "work_mem",
         ""},
        {"parameter \"x\" changed to \"\"", "x", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        event e = read_message(cases[i].message);
        assert_int_equal(e.kind, EVENT_SETTING);
        assert_true(slice_is(e.name, cases[i].name));
        assert_true(e.has == 0);
        if (cases[i].value[0] != '\0') {
            assert_true(slice_is(e.value, cases[i].value));
        }
    }
    event e = read_message("parameter \"shared_buffers\" cannot be changed without restarting");
    assert_int_equal(e.kind, EVENT_MESSAGE);
}

static void a_changed_threshold_is_a_duration(void **state)
{
    (void)state;
    static const struct {
        const char *rest;
        int64_t us; /* -1: none is logged */
    } cases[] = {
        {" changed to \"250\"", 250000},
        {" changed to \"250ms\"", 250000},
        {" changed to \"1s\"", 1000000},
        {" changed to \"2min\"", 120000000},
        {" changed to \"0\"", 0},
        {" changed to \"-1\"", -1},
        {" removed from configuration file, reset to default", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[200] = "parameter \"log_min_duration_statement\"";
        size_t n = strlen(message);
        memcpy(message + n, cases[i].rest, strlen(cases[i].rest) + 1);
        event e = read_message(message);
        assert_int_equal(e.kind, EVENT_SETTING);
        assert_true((e.has & HAS_THRESHOLD) != 0);
        assert_int_equal(e.duration, cases[i].us);
    }
    event e = read_message("parameter \"log_min_duration_statement\" changed to \"soon\"");
    assert_int_equal(e.has & HAS_THRESHOLD, 0);
    e = read_message("parameter \"log_min_duration_sample\" changed to \"5\"");
    assert_int_equal(e.has & HAS_THRESHOLD, 0);
}

static void severity_comes_before_what_the_message_says(void **state)
{
    (void)state;
    static const struct {
        severity level;
        event_kind kind;
    } cases[] = {
        {SEVERITY_ERROR, EVENT_ERROR},    {SEVERITY_FATAL, EVENT_ERROR},
        {SEVERITY_PANIC, EVENT_ERROR},    {SEVERITY_WARNING, EVENT_WARNING},
        {SEVERITY_LOG, EVENT_STATEMENT},  {SEVERITY_NOTICE, EVENT_STATEMENT},
        {SEVERITY_INFO, EVENT_STATEMENT}, {SEVERITY_DEBUG, EVENT_STATEMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        event e = read_at(cases[i].level, "duration: 1.000 ms  statement: SELECT 1");
        assert_int_equal(e.kind, cases[i].kind);
    }
    event e = read_at(SEVERITY_ERROR, "relation \"x\" does not exist");
    assert_true(slice_is(e.value, "relation \"x\" does not exist"));
    assert_int_equal(e.has, 0);
}

static void a_detail_gives_the_bind_values_or_nothing(void **state)
{
    (void)state;
    event e = {0};
    message_read_detail(SLICE("parameters: $1 = '7', $2 = NULL"), &e);
    assert_true(slice_is(e.parameters, "$1 = '7', $2 = NULL"));
    message_read_detail(SLICE("Parameters: $1 = '8'"), &e);
    assert_true(slice_is(e.parameters, "$1 = '8'"));
    message_read_detail(SLICE("Process holding the lock: 7."), &e);
    assert_true(slice_is(e.parameters, "$1 = '8'"));
}

static void executions_are_the_kinds_up_to_plans(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        bool expected = k == EVENT_STATEMENT || k == EVENT_STATEMENT_START || k == EVENT_DURATION ||
                        k == EVENT_PREPARE || k == EVENT_BIND || k == EVENT_PLAN;
        assert_int_equal(message_is_execution((event_kind)k), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(executions_are_read_with_text_and_duration),
        cmocka_unit_test(names_of_statements_may_hold_colons),
        cmocka_unit_test(what_only_resembles_an_execution_is_a_message),
        cmocka_unit_test(a_plan_tells_its_statement),
        cmocka_unit_test(server_events_are_told_by_how_they_begin),
        cmocka_unit_test(settings_are_read_with_name_and_value),
        cmocka_unit_test(a_changed_threshold_is_a_duration),
        cmocka_unit_test(severity_comes_before_what_the_message_says),
        cmocka_unit_test(a_detail_gives_the_bind_values_or_nothing),
        cmocka_unit_test(executions_are_the_kinds_up_to_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
