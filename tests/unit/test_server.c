/* test_server.c - what PostgreSQL's messages tell of the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parsers/postgres/server.h"

static batch read;

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

static void read_parts(const message_parts *m, const char *code)
{
    batch_reset(&read);
    event *e = batch_add_event(&read);
    assert_non_null(e);
    e->code = slice_from(code);
    if (code[0] == '\0') {
        server_read(m, &read, e);
    } else {
        server_read_error(m, &read, e);
    }
    assert_false(read.out_of_memory);
}

typedef struct expectation {
    const char *message;
    fact_id id;
    const char *subject;
    uint64_t value;
} expectation;

static void has_fact(const expectation *x)
{
    for (uint32_t i = 0; i < read.n_facts; i++) {
        const fact *f = &read.facts[i];
        if (f->id == x->id) {
            char subject[600];
            snprintf(subject, sizeof subject, "%.*s", (int)f->subject.n, f->subject.p);
            assert_string_equal(subject, x->subject);
            assert_int_equal(f->value, x->value);
            return;
        }
    }
    fail_msg("no such fact of: %s", x->message);
}

static void messages_tell(const expectation *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        read_parts(&(message_parts){.message = slice_from(x[i].message)}, "");
        has_fact(&x[i]);
    }
}

static void files_and_locks_tell_bytes_and_times(void **state)
{
    (void)state;
    static const expectation cases[] = {
        {"temporary file: path \"base/pgsql_tmp/pgsql_tmp7.0\", size 1048576", FACT_TEMP_FILE, "",
         1048576},
        {"process 7 acquired AccessExclusiveLock on relation 9 of database 1 after 2175.443 ms",
         FACT_LOCK_ACQUIRED, "AccessExclusiveLock on relation", 2175443},
        {"process 7 acquired ExclusiveLock on tuple (106,38) of relation 9 of database 1 after "
         "1129279.295 ms",
         FACT_LOCK_ACQUIRED, "ExclusiveLock on tuple", 1129279295},
        {"process 7 acquired ExclusiveLock on extension of relation 4 of database 1 after 3.994 ms",
         FACT_LOCK_ACQUIRED, "ExclusiveLock on extension of relation", 3994},
        {"process 7 still waiting for ShareLock on transaction 9 after 1000.100 ms",
         FACT_LOCK_WAITING, "ShareLock on transaction", 1000100},
        {"process 7 avoided deadlock for AccessExclusiveLock on relation 9 by rearranging queue "
         "order after 123.456 ms",
         FACT_LOCK_ACQUIRED, "AccessExclusiveLock on relation", 123456},
        {"process 7 detected deadlock while waiting for ShareLock on transaction 9 after 5.000 ms",
         FACT_LOCK_WAITING, "ShareLock on transaction", 5000},
        {"process 7 acquired ExclusiveLock on advisory lock [1,0,2,1] after 5.000 ms",
         FACT_LOCK_ACQUIRED, "ExclusiveLock on advisory lock", 5000},
    };
    messages_tell(cases, sizeof cases / sizeof *cases);
}

static void checkpoints_tell_why_and_how_long(void **state)
{
    (void)state;
    static const char complete[] =
        "checkpoint complete: wrote 111906 buffers (10.9%); 0 WAL file(s) added, 22 removed, 29 "
        "recycled; write=215.895 s, sync=0.014 s, total=216.130 s; sync files=94, longest=0.014 s, "
        "average=0.000 s; distance=850730 kB, estimate=910977 kB";
    static const expectation cases[] = {
        {"checkpoint starting: immediate force wait", FACT_CHECKPOINT, "immediate force wait", 0},
        {"restartpoint starting: time", FACT_CHECKPOINT, "time", 0},
        {complete, FACT_CHECKPOINT_BUFFERS, "", 111906},
        {complete, FACT_CHECKPOINT_WRITE, "", 215895000},
        {complete, FACT_CHECKPOINT_SYNC, "", 14000},
        {complete, FACT_CHECKPOINT_TOTAL, "", 216130000},
        {"checkpoints are occurring too frequently (18 seconds apart)", FACT_CHECKPOINTS_HURRIED,
         "", 18000000},
    };
    messages_tell(cases, sizeof cases / sizeof *cases);
}

static void vacuums_tell_their_table(void **state)
{
    (void)state;
    static const char vacuum[] =
        "automatic aggressive vacuum to prevent wraparound of table \"shop.public.a b\": index "
        "scans: 1\n\tpages: 5 removed, 6 remain, 0 skipped due to pins\n\ttuples: 7 removed, 8 "
        "remain\n\tsystem usage: CPU: user: 0.02 s, system: 0.01 s, elapsed: 0.10 s";
    static const expectation cases[] = {
        {vacuum, FACT_VACUUM, "shop.public.a b", 100000},
        {vacuum, FACT_VACUUM_PAGES, "shop.public.a b", 5},
        {vacuum, FACT_VACUUM_ROWS, "shop.public.a b", 7},
        {"automatic analyze of table \"shop.public.t\" system usage: CPU 1.02s/2.08u sec elapsed "
         "108.25 sec",
         FACT_ANALYZE, "shop.public.t", 108250000},
    };
    messages_tell(cases, sizeof cases / sizeof *cases);
}

static void sessions_tell_who_and_how_long(void **state)
{
    (void)state;
    static const char authorized[] = "connection authorized: user=my user database=my db "
                                     "application_name=puma: worker 2 [x] SSL enabled (protocol=x)";
    static const expectation cases[] = {
        {"connection received: host=10.0.0.1 port=5", FACT_CONNECTION_HOST, "10.0.0.1", 0},
        {"connection received: host=[local]", FACT_CONNECTION_HOST, "[local]", 0},
        {authorized, FACT_CONNECTION_USER, "my user", 0},
        {authorized, FACT_CONNECTION_DATABASE, "my db", 0},
        {authorized, FACT_CONNECTION_APPLICATION, "puma: worker 2 [x]", 0},
        {"connection authorized: user=u database=d SSL enabled (x)", FACT_CONNECTION_DATABASE, "d",
         0},
        {"disconnection: session time: 1:53:01.198 user=u database=d host=h port=5", FACT_SESSION,
         "u", 6781198000},
    };
    messages_tell(cases, sizeof cases / sizeof *cases);
}

static void the_server_s_own_life_is_told(void **state)
{
    (void)state;
    static const expectation cases[] = {
        {"database system is ready to accept connections", FACT_SERVER, "started", 0},
        {"database system is shut down", FACT_SERVER, "stopped", 0},
        {"server process (PID 660) was terminated by signal 6: Aborted", FACT_SERVER, "crashed", 0},
        {"database system was not properly shut down; automatic recovery in progress", FACT_SERVER,
         "recovered", 0},
    };
    messages_tell(cases, sizeof cases / sizeof *cases);
}

static void errors_keep_names_and_lose_values(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"23505", "duplicate key value violates unique constraint \"a_pkey\"",
         "23505 duplicate key value violates unique constraint \"a_pkey\""},
        {"42P01", "relation \"x\" does not exist at character 15",
         "42P01 relation \"x\" does not exist"},
        {"42601", "syntax error at or near \"secret\" at character 26",
         "42601 syntax error at or near ?"},
        {"22P02", "invalid input syntax for type integer: \"it\"s secret\"",
         "22P02 invalid input syntax for type integer: ?"},
        {"22003", "value \"32768\" is out of range for type smallint",
         "22003 value ? is out of range for type smallint"},
        {"42601", "unterminated quoted string at or near \"'secret",
         "42601 unterminated quoted string at or near ?"},
        {"22021", "invalid byte sequence for encoding \"UTF8\": 0xd0 0x2e",
         "22021 invalid byte sequence for encoding ?: ? ?"},
        {"42703", "column \"y\" of relation \"x1\" does not exist",
         "42703 column \"y\" of relation \"x1\" does not exist"},
        {"42883", "function f2(integer) does not exist",
         "42883 function f2(integer) does not exist"},
        {"22P02", "la sintaxis de entrada no es válida para tipo integer: «secret»",
         "22P02 la sintaxis de entrada no es v…"},
        {"22P02", "ungueltig: »secret«", "22P02 ungueltig: …"},
        {"P0001", "customer John Smith is blocked", "P0001 raised by a function"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_parts(&(message_parts){.message = slice_from(cases[i][1])}, cases[i][0]);
        has_fact(&(expectation){cases[i][1], FACT_ERROR, cases[i][2], 0});
    }
    read_parts(&(message_parts){.message = SLICE("John"),
                                .context = SLICE("PL/pgSQL function f() line 3 at RAISE")},
               "22000");
    has_fact(&(expectation){"John", FACT_ERROR, "22000 raised by a function", 0});
}

static void what_authors_of_functions_say_is_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *code, *context;
    } cases[] = {
        {"P0001", ""},
        {"P0004", ""}, /* ASSERT */
        {"22023", "PL/pgSQL function f(integer) line 3 at RAISE"},
        {"XX000", "PL/pgSQL function f(integer) line 3 at ASSERT"},
        {"XX000", "PL/Perl function \"f\""},
        {"XX000", "Traceback (most recent call last):\nPL/Python function \"f\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        message_parts m = {.message = SLICE("hunter2 is wrong"),
                           .context = slice_from(cases[i].context)};
        slice text = server_error_text(&m, slice_from(cases[i].code), &read.arena);
        assert_true(slice_is(text, "raised by a function"));
    }
    message_parts own = {.message = SLICE("division by zero"),
                         .context = SLICE("PL/pgSQL function f(integer) line 3 at PERFORM")};
    assert_true(slice_is(server_error_text(&own, SLICE("22012"), &read.arena), "division by zero"));
}

static void a_crash_tells_what_ran(void **state)
{
    (void)state;
    static char detail[] = "Failed process was running: SELECT 7 FROM t";
    message_parts m = {.message =
                           SLICE("server process (PID 77) was terminated by signal 9: Killed"),
                       .detail = slice_from(detail)};
    read_parts(&m, "");
    assert_int_equal(read.n_facts, 1);
    assert_true(slice_is(read.facts[0].subject, "crashed"));
    assert_true(slice_is(read.facts[0].statement, "SELECT 7 FROM t"));
    assert_false(read.facts[0].truncated);
    m.detail = slice_of("", 0); /* it was idle */
    read_parts(&m, "");
    assert_int_equal(read.n_facts, 1);
    assert_int_equal(read.facts[0].statement.n, 0);
}

/* track_activity_query_size is 1024 by default, the NUL among them. */
static void what_a_process_runs_is_cut_where_the_server_cuts_it(void **state)
{
    (void)state;
    char detail[28 + 2048];
    memset(detail, 'x', sizeof detail);
    memcpy(detail, "Failed process was running: ", 28);
    static const struct {
        size_t n;
        bool cut;
    } cases[] = {{1019, false}, {1020, true}, {1023, true}, {1024, false}, {2047, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_parts(&(message_parts){.message = SLICE("server process (PID 7) exited"),
                                    .detail = slice_of(detail, 28 + cases[i].n)},
                   "");
        assert_int_equal(read.facts[0].statement.n, cases[i].n);
        assert_int_equal(read.facts[0].truncated, cases[i].cut);
    }
}

static void cancels_and_deadlocks_tell_why(void **state)
{
    (void)state;
    static const char *const cancels[][2] = {
        {"canceling statement due to statement timeout", "statement timeout"},
        {"canceling statement due to user request", "user request"},
        {"canceling statement due to lock timeout", "lock timeout"},
        {"terminating connection due to idle-in-transaction timeout",
         "idle-in-transaction timeout"},
        {"canceling autovacuum task", "autovacuum in the way"},
    };
    for (size_t i = 0; i < sizeof cancels / sizeof *cancels; i++) {
        read_parts(&(message_parts){.message = slice_from(cancels[i][0])}, "57014");
        has_fact(&(expectation){cancels[i][0], FACT_CANCEL, cancels[i][1], 0});
    }
    read_parts(&(message_parts){.message = SLICE("canceling the order due to John Smith")},
               "57014");
    assert_int_equal(read.n_facts, 1);
    read_parts(&(message_parts){.message = SLICE("deadlock detected"),
                                .detail = SLICE(
                                    "Process 1 waits for ShareLock on transaction 2; blocked by "
                                    "process 3.\nProcess 3 waits for ShareLock on transaction 4; "
                                    "blocked by process 1.")},
               "40P01");
    has_fact(&(expectation){"deadlock", FACT_DEADLOCK, "ShareLock on transaction", 0});
    read_parts(&(message_parts){.message = SLICE("deadlock detected"),
                                .detail = SLICE(
                                    "Process 1 waits for ShareLock on transaction 2; blocked by "
                                    "process 3.\n\tProcess 3 waits for ShareLock on transaction 4; "
                                    "blocked by process 1.\n\tProcess 1: UPDATE a\n\tProcess 3: "
                                    "UPDATE b\n\t  SET c = 'Process: 1'")},
               "40P01");
    assert_int_equal(read.n_facts, 3);
    const fact *last = &read.facts[2];
    assert_int_equal(last->id, FACT_DEADLOCK_WITH);
    assert_true(slice_is(last->statement, "UPDATE b\n\t  SET c = 'Process: 1'"));
}

/* In a log without codes conflicts are told by their messages; what the log has goes before. */
static void conflicts_have_their_codes_in_logs_without(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"deadlock detected", "", "40P01"},
        {"could not serialize access due to read/write dependencies among transactions", "",
         "40001"},
        {"canceling statement due to lock timeout", "", "55P03"},
        {"could not obtain lock on row in relation \"t\"", "", "55P03"},
        {"division by zero", "", ""},
        {"deadlock detected", "XX000", "XX000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        batch_reset(&read);
        event *e = batch_add_event(&read);
        e->code = slice_from(cases[i][1]);
        server_read_error(&(message_parts){.message = slice_from(cases[i][0])}, &read, e);
        assert_true(slice_is(e->code, cases[i][2]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_locks_tell_bytes_and_times),
        cmocka_unit_test(checkpoints_tell_why_and_how_long),
        cmocka_unit_test(vacuums_tell_their_table),
        cmocka_unit_test(sessions_tell_who_and_how_long),
        cmocka_unit_test(the_server_s_own_life_is_told),
        cmocka_unit_test(errors_keep_names_and_lose_values),
        cmocka_unit_test(cancels_and_deadlocks_tell_why),
        cmocka_unit_test(what_authors_of_functions_say_is_not_kept),
        cmocka_unit_test(a_crash_tells_what_ran),
        cmocka_unit_test(what_a_process_runs_is_cut_where_the_server_cuts_it),
        cmocka_unit_test(conflicts_have_their_codes_in_logs_without),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
