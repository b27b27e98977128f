/* test_mongodb_legacy.c - MongoDB's text logs: stamps, operations of each version, other lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "base/timestamp.h"
#include "mongodb_fixture.h"
#include "parsers/mongodb/legacy.h"
#include "parsers/mongodb/operation.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define AT           "2019-06-18T11:59:16.518+0100 I COMMAND  [conn12] "

static const event *read_one(reading *r, const char *log)
{
    read_log(r, &mongodb_legacy, log);
    return only(r);
}

/* What the operation became, from its type up to the end of its command. */
static void becomes(const char *log, const char *want)
{
    reading r;
    const event *e = read_one(&r, log);
    assert_int_equal(e->kind, EVENT_STATEMENT);
    is_text(e->text, want);
    end(&r);
}

/* --- operations -------------------------------------------------------------------- */

static void a_command_is_read_with_its_figures(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r, AT "command shop.orders appName: \"web\" command: find { find: \"orders\", filter: { "
               "a: 1.0 }, $db: \"shop\" } planSummary: IXSCAN { a: 1 }, IXSCAN { b: 1 } "
               "keysExamined:7 docsExamined:5 hasSortStage:1 numYields:2 nreturned:3 "
               "queryHash:415AC4BA reslen:224 locks:{ Global: { acquireCount: { r: 1 }, "
               "timeAcquiringMicros: { r: 9 } } } storage:{} protocol:op_msg 139ms\n");
    assert_int_equal(e->duration, 139000);
    assert_int_equal(e->zone_offset, 3600);
    assert_true(e->session == operation_session(SLICE("conn12")));
    is_text(who_of(&r, e)->application, "web");
    is_text(e->plan, "IXSCAN { a: 1 }, IXSCAN { b: 1 }");
    is_text(e->text,
            "{\"type\":\"command\",\"ns\":\"shop.orders\",\"appName\":\"web\",\"command\":{"
            "\"find\":\"orders\",\"filter\":{\"a\":1.0},\"$db\":\"shop\"}");
    assert_int_equal(measure_of(&r, e, MEASURE_KEYS_EXAMINED), 7);
    assert_int_equal(measure_of(&r, e, MEASURE_ROWS_EXAMINED), 5);
    assert_int_equal(measure_of(&r, e, MEASURE_ROWS_SENT), 3);
    assert_int_equal(measure_of(&r, e, MEASURE_SORT_STAGE), 1);
    assert_int_equal(measure_of(&r, e, MEASURE_LOCK_TIME), 9);
    is_text(r.batch.aliases[e->first_alias].value, "415AC4BA");
    end(&r);
}

static void operations_of_before_commands_become_commands(void **state)
{
    (void)state;
    becomes(
        "Wed Jul 13 16:14:35.324 [conn3] query shop.c query: { $query: { a: 1 }, $orderby: { b: "
        "-1 } } ntoreturn:20 ntoskip:40 nscanned:100 scanAndOrder:1 numYields: 45 locks(micros) "
        "r:29079 nreturned:20 reslen:68 29ms\n",
        "{\"type\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"a\":1},"
        "\"sort\":{\"b\":-1},\"skip\":40,\"limit\":20}");
    becomes(
        "2016-09-14T23:36:36.793+0000 I QUERY    [conn3] query shop.c query: { query: { a: 1 }, "
        "orderby: { b: 1 } } ntoskip:0 nreturned:1 5ms\n",
        "{\"type\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"a\":1},"
        "\"sort\":{\"b\":1},\"skip\":0}");
    becomes(
        "2016-09-14T23:36:36.793+0000 I QUERY    [conn3] query shop.c query: { query: 5 } 5ms\n",
        "{\"type\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"query\":"
        "5}}");
    becomes(
        "2016-09-14T23:36:36.793+0000 I WRITE    [conn3] update shop.c query: { a: 1 } update: { "
        "$set: { b: 2 } } nscanned:1 5ms\n",
        "{\"type\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"a\":1},\"u\":{\"$set\":{"
        "\"b\":2}}}");
    becomes(
        "2016-09-14T23:36:36.793+0000 I WRITE    [conn3] remove shop.c query: { a: 1 } ndeleted:1 "
        "5ms\n",
        "{\"type\":\"remove\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"a\":1},\"limit\":0}");
    becomes("2016-09-14T23:36:36.793+0000 I QUERY    [conn3] getmore shop.c query: { a: 1 } "
            "cursorid:47273143030 nreturned:10 220ms\n",
            "{\"type\":\"getmore\",\"ns\":\"shop.c\",\"command\":{\"getMore\":\"c\"},"
            "\"originatingCommand\":{\"find\":\"c\",\"filter\":{\"a\":1}}");
    /* 4.2 has another width before the component's name. */
    becomes(
        "2019-11-19T14:03:07.123-0500 I  WRITE    [conn3] update shop.c command: { q: { a: 1 }, "
        "u: { $set: { b: 2 } }, multi: false, upsert: false } planSummary: COLLSCAN 5ms\n",
        "{\"type\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"a\":1},\"u\":{\"$set\":{"
        "\"b\":2}},\"multi\":false,\"upsert\":false}");
    becomes("Mon Aug  5 20:22:10 [conn4] insert shop.c keyUpdates:0 locks(micros) w:288340 288ms\n",
            "{\"type\":\"insert\",\"ns\":\"shop.c\",\"command\":{\"insert\":\"c\"}");
}

static void an_over_long_line_is_a_cut_operation(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r,
        AT "warning: log line attempted (18kB) over max size (10kB), printing beginning and end "
           "... command shop.c command: find { find: \"c\", filter: { a: { $in: [ 1, 2 .......... "
           "99 ] } } } planSummary: COLLSCAN keysExamined:0 docsExamined:5 protocol:op_msg 75ms\n");
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->duration, 75000);
    assert_true((e->has & TEXT_TRUNCATED) != 0);
    assert_int_equal(measure_of(&r, e, MEASURE_ROWS_EXAMINED), 5);
    is_text(e->plan, "COLLSCAN");
    end(&r);
}

/* The server says why: it was too large, or it names a user. */
static void a_command_that_was_kept_back_is_cut_and_has_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *log, *text;
    } rows[] = {
        {"2014-04-09T23:25:32.512+0000 [conn3] command shop.$cmd command: update { $msg: \"query "
         "not "
         "recording (too large)\" } keyUpdates:0 reslen:95 300ms\n",
         "{\"update\":1}"},
        {"2014-04-09T23:25:32.512+0000 I COMMAND  [conn3] command shop.c appName: \"web\" command: "
         "insert {...} keysExamined:5 144ms\n",
         "{\"insert\":\"c\"}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        const event *e = read_one(&r, rows[i].log);
        assert_int_equal(e->kind, EVENT_STATEMENT);
        assert_true((e->has & TEXT_TRUNCATED) != 0);
        assert_non_null(scan_text(e->text, slice_from(rows[i].text)));
        end(&r);
    }
}

static void a_getmore_without_its_query_asks_by_the_cursor(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_legacy,
             AT "command shop.c command: find { find: \"c\" } planSummary: COLLSCAN "
                "cursorid:47273143030 keysExamined:0 nreturned:101 5ms\n" AT
                "command shop.c command: getMore { getMore: 47273143030, collection: \"c\" } "
                "cursorid:47273143030 nreturned:10 220ms\n" AT
                "getmore shop.c cursorid:47273143030 nreturned:10 220ms\n");
    assert_int_equal(r.batch.n_events, 3);
    const event *e = r.batch.events;
    assert_true((e[0].has & TELLS_CURSOR) != 0);
    assert_true((e[1].has & ASKS_CURSOR) != 0 && e[1].target == e[0].target);
    assert_true((e[2].has & ASKS_CURSOR) != 0 && e[2].target == e[0].target);
    end(&r);
}

/* Up to 2.6 an index is made by an insert, logged by itself and as a command. */
static void an_insert_into_a_collection_of_the_server_s_own_is_no_call(void **state)
{
    (void)state;
    static const char *const lines[] = {
        AT "insert test.system.indexes query: { ns: \"test.c\" } ninserted:1 182ms\n",
        AT "command test.$cmd command: insert { insert: \"system.indexes\" } ntoreturn:1 182ms\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        reading r;
        assert_int_equal(read_one(&r, lines[i])->kind, EVENT_SYSTEM);
        end(&r);
    }
}

static void a_transaction_is_no_call(void **state)
{
    (void)state;
    reading r;
    const event *e =
        read_one(&r, AT "transaction parameters:{ lsid: { id: UUID(\"1d\") }, txnNumber: "
                        "1 }, terminationCause:committed timeActiveMicros:11142 5ms\n");
    assert_int_equal(e->kind, EVENT_TRANSACTION);
    end(&r);
    e = read_one(
        &r, "2019-06-18T11:59:16.518Z I REPL     [repl writer] applied op: CRUD { op: \"i\" }, "
            "took 112ms\n");
    assert_int_equal(e->kind, EVENT_APPLY);
    end(&r);
}

static void only_operations_have_durations(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2022-03-13T17:10:54.796+0000 I STORAGE  [init] WiredTiger oplog processing took 0ms\n",
        AT "query cache was cleared in 5ms\n",
        AT "command 5ms\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        reading r;
        assert_int_equal(read_one(&r, lines[i])->kind, EVENT_MESSAGE);
        end(&r);
    }
}

/* --- stamps ------------------------------------------------------------------------ */

static int64_t instant(int year, int month, int day)
{
    return days_from_civil(year, month, day) * 86400 * 1000000;
}

static void a_year_is_the_latest_with_such_weekdays_and_goes_on_across_new_year(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_legacy,
             "Tue Dec 31 23:59:59.000 [conn1] end connection 127.0.0.1:1\n"
             "Wed Jan  1 00:00:01.500 [conn1] end connection 127.0.0.1:1\n"
             "Mon Mar  3 00:00:00 [conn1] end connection 127.0.0.1:1\n");
    assert_int_equal(r.batch.n_events, 3);
    assert_true(r.batch.events[0].time == instant(2014, 1, 1) - 1000000);
    assert_true(r.batch.events[1].time == instant(2014, 1, 1) + 1500000);
    assert_true(r.batch.events[2].time == instant(2014, 3, 3));
    assert_true(r.batch.unknown_zone);
    end(&r);
    /* A severity: the server is a later one. */
    assert_true(read_one(&r, "Wed Jul 13 00:00:00.000 I QUERY [conn1] x\n")->time ==
                instant(2016, 7, 13));
    end(&r);
}

/* From 2.6 on servers leave the time to syslog, with severity and component. */
static void records_written_to_syslog_have_a_context_and_no_time(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_legacy,
             "[initandlisten] connection accepted from 10.0.0.7:50000 #7 (1 connection now open)\n"
             "[conn7] command shop.c command: find { find: \"c\" } planSummary: COLLSCAN 5ms\n"
             "[repl writer worker 1] applied op: CRUD {  } took 112ms\n"
             "[conn 7 command\n"
             "[a/b] command\n"
             " [conn7] command\n");
    assert_int_equal(r.format.lacks, LACKS_TIME);
    assert_int_equal(r.batch.n_events, 3);
    const event *e = &r.batch.events[1];
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_true(e->session == operation_session(SLICE("conn7")));
    assert_int_equal(e->has & (HAS_TIME | HAS_DURATION), HAS_DURATION);
    assert_int_equal(e->duration, 5000);
    assert_int_equal(r.batch.events[0].kind, EVENT_SESSION_START);
    assert_int_equal(r.batch.events[0].has & HAS_TIME, 0);
    assert_int_equal(r.batch.skipped[SKIP_FOREIGN].count, 3);
    end(&r);
    /* What says nothing that only such a server says is anybody's. */
    assert_int_equal(
        mongodb_legacy.detect(SLICE("[main] ready\n[worker 1] started\n"), &(format_options){0}),
        0);
    assert_int_equal(
        mongodb_legacy.detect(SLICE("[main] ready\n[conn1] end connection 10.0.0.7:5 (0 open)\n"),
                              &(format_options){0}),
        90);
}

/* Where records have stamps, one that has none is none. */
static void a_log_with_stamps_has_them_on_each_record(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_legacy,
             "2019-06-18T11:59:16.518+0100 I NETWORK  [conn1] end connection 10.0.0.7:5\n"
             "[conn1] command shop.c command: find { find: \"c\" } 5ms\n");
    assert_int_equal(r.batch.n_events, 1);
    assert_int_equal(r.batch.skipped[SKIP_FOREIGN].count, 1);
    end(&r);
}

static void what_is_no_line_of_such_a_log_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        skip_reason reason;
    } rows[] = {
        {"\n", SKIP_FOREIGN},
        {"***** SERVER RESTARTED *****\n", SKIP_FOREIGN},
        {"2019-06-18T11:59:16.518+0100 I COMMAND no context\n", SKIP_FOREIGN},
        {"2019-13-18T11:59:16.518+0100 I COMMAND  [conn1] x\n", SKIP_BAD_TIME},
        {"Mon Feb 30 00:00:00 [conn1] x\n", SKIP_BAD_TIME},
        {"1014-04-09T23:24:16.197-0400 [conn1] x\n", SKIP_BAD_TIME},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        read_log(&r, &mongodb_legacy, rows[i].log);
        assert_int_equal(r.batch.n_events, 0);
        assert_int_equal(r.batch.skipped[rows[i].reason].count, 1);
        end(&r);
    }
}

/* --- sessions and settings ---------------------------------------------------------- */

static void a_connection_tells_who_is_behind_it(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_legacy,
             "2019-06-18T11:59:16.518Z I NETWORK  [listener] connection accepted from "
             "127.0.0.1:50000 #12 (2 connections now open)\n"
             "2019-06-18T11:59:16.519Z I NETWORK  [conn12] received client metadata from "
             "127.0.0.1:50000 conn12: { application: { name: \"web\" }, driver: { name: \"d\" } }\n"
             "2019-06-18T11:59:16.520Z I ACCESS   [conn12] Successfully authenticated as principal "
             "shop_web on admin\n"
             "2019-06-18T11:59:16.521Z I CONTROL  [init] options: { operationProfiling: { "
             "slowOpThresholdMs: 50 } }\n"
             "2019-06-18T11:59:16.522Z I CONTROL  [init] db version v4.0.10\n");
    assert_int_equal(r.batch.n_events, 5);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true((r.batch.events[i].has & TELLS_WHO) != 0);
        assert_true(r.batch.events[i].session == operation_session(SLICE("conn12")));
    }
    is_text(who_of(&r, &r.batch.events[0])->host, "127.0.0.1");
    is_text(who_of(&r, &r.batch.events[1])->application, "web");
    is_text(who_of(&r, &r.batch.events[2])->user, "shop_web");
    assert_int_equal(r.batch.events[3].duration, 50000);
    is_text(r.batch.events[4].value, "4.0.10");
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_read_with_its_figures),
        cmocka_unit_test(operations_of_before_commands_become_commands),
        cmocka_unit_test(an_over_long_line_is_a_cut_operation),
        cmocka_unit_test(a_command_that_was_kept_back_is_cut_and_has_its_name),
        cmocka_unit_test(a_getmore_without_its_query_asks_by_the_cursor),
        cmocka_unit_test(an_insert_into_a_collection_of_the_server_s_own_is_no_call),
        cmocka_unit_test(a_transaction_is_no_call),
        cmocka_unit_test(only_operations_have_durations),
        cmocka_unit_test(a_year_is_the_latest_with_such_weekdays_and_goes_on_across_new_year),
        cmocka_unit_test(records_written_to_syslog_have_a_context_and_no_time),
        cmocka_unit_test(a_log_with_stamps_has_them_on_each_record),
        cmocka_unit_test(what_is_no_line_of_such_a_log_is_skipped),
        cmocka_unit_test(a_connection_tells_who_is_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
