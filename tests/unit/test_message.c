/* test_message.c - what PostgreSQL messages mean: phases, durations, settings, server events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parsers/postgres/message.h"

static batch read; /* of the latest message */

static event read_parts(severity level, const char *word, const message_parts *parts)
{
    batch_reset(&read);
    event *e = batch_add_event(&read);
    assert_non_null(e);
    e->name = slice_from(word);
    message_read(level, parts, false, &read, e);
    assert_false(read.out_of_memory);
    return *e;
}

static event read_at(severity level, const char *message)
{
    bool error = level >= SEVERITY_ERROR && level <= SEVERITY_PANIC;
    return read_parts(level, error ? "ERROR" : "LOG",
                      &(message_parts){.message = slice_from(message)});
}

static event read_message(const char *message)
{
    return read_at(SEVERITY_LOG, message);
}

static event read_with_detail(const char *message, const char *detail)
{
    return read_parts(
        SEVERITY_LOG, "LOG",
        &(message_parts){.message = slice_from(message), .detail = slice_from(detail)});
}

static int begin(void **state)
{
    (void)state;
    batch_init(&read, 1024 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    batch_free(&read);
    return 0;
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
    assert_true(slice_is(e.text, x->text != NULL ? x->text : ""));
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
        {"fastpath function call: \"lo_open\" (OID 952)", EVENT_STATEMENT_START,
         "fastpath function call: \"lo_open\" (OID 952)", -1},
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
    static const char message[] = "duration: 1.000 ms  execute <unnamed>: SELECT $1";
    event e = read_with_detail(message, "parameters: $1 = '7', $2 = NULL");
    assert_true(slice_is(e.parameters, "$1 = '7', $2 = NULL"));
    e = read_with_detail(message, "Parameters: $1 = 'much...'");
    assert_true(slice_is(e.parameters, "$1 = 'much...'"));
    e = read_with_detail(message, "Process holding the lock: 7.");
    assert_int_equal(e.parameters.n, 0);
    assert_true(slice_is(e.text, "SELECT $1"));
}

static void execute_runs_the_statement_that_was_prepared(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"prepare: PREPARE x AS SELECT $1;", "SELECT $1;"},
        {"prepare: prepare x as select $1", "select $1"},
        {"prepare: PREPARE x (int, numeric(10, 2)) AS\n\tSELECT $1", "SELECT $1"},
        {"prepare: PREPARE x(text)AS(SELECT $1)", "(SELECT $1)"},
        {"prepare: PREPARE \"x AS y\"(int) AS SELECT $1", "SELECT $1"},
        /* Not understood: the statement stays what the client sent. */
        {"prepare: PREPARE x", "EXECUTE x(1)"},
        {"prepare: PREPARED x AS SELECT 1", "EXECUTE x(1)"},
        {"prepare: ", "EXECUTE x(1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        event e = read_with_detail("duration: 1.000 ms  statement: EXECUTE x(1)", cases[i][0]);
        assert_int_equal(e.kind, EVENT_STATEMENT);
        assert_true(slice_is(e.text, cases[i][1]));
        assert_true(slice_is(e.parameters, "(1)") || slice_is(e.text, "EXECUTE x(1)"));
        e = read_with_detail("statement: EXECUTE x(1)", cases[i][0]);
        assert_int_equal(e.kind, EVENT_STATEMENT_START);
        assert_true(slice_is(e.text, cases[i][1]));
    }
}

static void a_named_portal_is_executed_in_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        uint32_t has;
    } cases[] = {
        {"duration: 1.000 ms  execute S_1/C_2: SELECT 1", IN_PIECES | PLAN_FOLLOWS},
        {"duration: 1.000 ms  execute fetch from S_1/C_2: SELECT 1",
         IN_PIECES | CONTINUES | PLAN_FOLLOWS},
        {"execute fetch from <unnamed>/C_2: SELECT 1", IN_PIECES | CONTINUES | PLAN_FOLLOWS},
        {"duration: 1.000 ms  execute S_1: SELECT 1 / 2", PLAN_FOLLOWS},
        {"duration: 1.000 ms  statement: SELECT 1 / 2", 0},
        {"duration: 1.000 ms  parse S_1: SELECT 1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        event e = read_message(cases[i].message);
        assert_int_equal(e.has & (IN_PIECES | CONTINUES | PLAN_FOLLOWS), cases[i].has);
    }
}

static void a_plan_with_a_context_ran_within_another_execution(void **state)
{
    (void)state;
    message_parts parts = {.message =
                               SLICE("duration: 1.000 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  "
                                     "(cost=0.00..0.01 rows=1 width=4)")};
    event e = read_parts(SEVERITY_LOG, "LOG", &parts);
    assert_int_equal(e.has & WITHIN, 0);
    assert_true(slice_is(e.plan, "Result"));
    parts.context = SLICE("PL/pgSQL function f() line 3 at SQL statement");
    e = read_parts(SEVERITY_LOG, "LOG", &parts);
    assert_int_equal(e.has & WITHIN, WITHIN);
}

static void a_plan_of_a_prepared_statement_is_its_statement_s(void **state)
{
    (void)state;
    event e = read_message("duration: 1.000 ms  plan:\n\tQuery Text: PREPARE p (int) AS SELECT n "
                           "FROM t WHERE id = $1;\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 "
                           "width=4)");
    assert_true(slice_is(e.text, "SELECT n FROM t WHERE id = $1;"));
}

static void plans_in_other_forms_are_noted(void **state)
{
    (void)state;
    event e = read_message("duration: 1.000 ms  plan:\n\t<explain xmlns=\"x\"></explain>");
    assert_int_equal(e.kind, EVENT_PLAN);
    assert_int_equal(e.has & HAS_TEXT, 0);
    assert_int_equal(read.notes, NOTE_PLAN_FORM);
    assert_int_equal(e.n_facts, 1);
    assert_true(slice_is(read.facts[e.first_fact].subject, "XML"));
    e = read_message("duration: 1.000 ms  plan:\n\tQuery Text: \"SELECT 1\"\n\tPlan: \n");
    assert_int_equal(e.has & HAS_TEXT, 0);
    assert_true(slice_is(read.facts[e.first_fact].subject, "YAML"));
}

/* The words are those of the server's German, French and Russian catalogues. */
static void messages_in_another_language_are_noted(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "Dauer: 12.345 ms  Anweisung: SELECT 1",
        "durée : 12.345 ms, instruction : SELECT 1",
        "продолжительность: 12.345 мс, оператор: SELECT 1",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        assert_int_equal(read_message(foreign[i]).kind, EVENT_MESSAGE);
        assert_int_equal(read.notes, NOTE_LANGUAGE);
    }
    message_parts parts = {.message = SLICE("Division durch Null")};
    assert_int_equal(read_parts(SEVERITY_ERROR, "FEHLER", &parts).kind, EVENT_ERROR);
    assert_int_equal(read.notes, NOTE_LANGUAGE);
    read_at(SEVERITY_ERROR, "division by zero");
    assert_int_equal(read.notes, 0);
    read_message("duration: 1.000 ms  statement: SELECT 1");
    assert_int_equal(read.notes, 0);
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
        cmocka_unit_test(execute_runs_the_statement_that_was_prepared),
        cmocka_unit_test(a_named_portal_is_executed_in_pieces),
        cmocka_unit_test(a_plan_with_a_context_ran_within_another_execution),
        cmocka_unit_test(a_plan_of_a_prepared_statement_is_its_statement_s),
        cmocka_unit_test(plans_in_other_forms_are_noted),
        cmocka_unit_test(messages_in_another_language_are_noted),
        cmocka_unit_test(executions_are_the_kinds_up_to_plans),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
