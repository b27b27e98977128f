/* test_mongodb_structured.c - MongoDB's structured log: operations, classes, what else a line is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/scan.h"
#include "base/timestamp.h"
#include "mongodb_fixture.h"
#include "parsers/mongodb/operation.h"
#include "parsers/mongodb/structured.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HEAD(component, id, context)                                                               \
    "{\"t\":{\"$date\":\"2026-11-19T14:03:07.123+00:00\"},\"s\":\"I\",  \"c\":\"" component        \
    "\",  "                                                                                        \
    "\"id\":" id ",   \"ctx\":\"" context "\",\"msg\":\"any text\""
#define SLOW(attributes)                                                                           \
    HEAD("COMMAND", "51803", "conn12") ",\"attr\":{" attributes ",\"durationMillis\":45}}\n"
#define COMMAND(ns, command) "\"type\":\"command\",\"ns\":\"" ns "\",\"command\":{" command "}"
#define FIND                 COMMAND("shop.orders", "\"find\":\"orders\",\"filter\":{\"a\":1},\"$db\":\"shop\"")

static const int64_t AT = 1795096987123000; /* 2026-11-19 14:03:07.123 UTC */

static const event *read_one(reading *r, const char *log)
{
    read_log(r, &mongodb_structured, log);
    return only(r);
}

/* --- operations -------------------------------------------------------------------- */

static void a_slow_operation_is_a_statement_of_its_connection(void **state)
{
    (void)state;
    reading r;
    const event *e =
        read_one(&r, SLOW(FIND ",\"appName\":\"web\",\"planSummary\":\"IXSCAN { a: 1 }\","
                               "\"remote\":\"10.0.0.7:51234\""));
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_true(e->time == AT);
    assert_int_equal(e->duration, 45000);
    assert_true(e->session == operation_session(SLICE("conn12")));
    is_text(e->plan, "IXSCAN { a: 1 }");
    is_text(who_of(&r, e)->database, "shop");
    is_text(who_of(&r, e)->application, "web");
    is_text(who_of(&r, e)->host, "10.0.0.7");
    is_text(e->text,
            "{\"type\":\"command\",\"ns\":\"shop.orders\",\"command\":{\"find\":\"orders\","
            "\"filter\":{\"a\":1},\"$db\":\"shop\"}");
    end(&r);
}

static void what_the_server_measured_is_measured(void **state)
{
    (void)state;
    static const struct {
        const char *attribute;
        measure_id id;
        int64_t value;
    } rows[] = {
        {"\"keysExamined\":7", MEASURE_KEYS_EXAMINED, 7},
        {"\"docsExamined\":0", MEASURE_ROWS_EXAMINED, 0},
        {"\"nreturned\":3", MEASURE_ROWS_SENT, 3},
        {"\"nModified\":2,\"nUpserted\":1", MEASURE_ROWS_AFFECTED, 3},
        {"\"hasSortStage\":true", MEASURE_SORT_STAGE, 1},
        {"\"usedDisk\":true", MEASURE_USED_DISK, 1},
        {"\"replanned\":true", MEASURE_REPLANNED, 1},
        {"\"numYields\":4", MEASURE_YIELDS, 4},
        {"\"numYields\":0", MEASURE_YIELDS, -1},
        {"\"writeConflicts\":5", MEASURE_WRITE_CONFLICTS, 5},
        {"\"reslen\":500", MEASURE_BYTES_SENT, 500},
        {"\"cpuNanos\":1500999", MEASURE_CPU_TIME, 1500},
        {"\"planningTimeMicros\":77", MEASURE_PLANNING_TIME, 77},
        {"\"workingMillis\":30", MEASURE_WORKING_TIME, 30000},
        {"\"remoteOpWaitMillis\":9", MEASURE_REMOTE_TIME, 9000},
        {"\"waitForWriteConcernDurationMillis\":8", MEASURE_WRITE_CONCERN_TIME, 8000},
        {"\"locks\":{\"Global\":{\"acquireCount\":{\"r\":2},\"timeAcquiringMicros\":{\"r\":3,\"w\":"
         "4}},"
         "\"Mutex\":{\"timeAcquiringMicros\":{\"r\":5}}}",
         MEASURE_LOCK_TIME, 12},
        {"\"flowControl\":{\"acquireCount\":1,\"timeAcquiringMicros\":6}",
         MEASURE_FLOW_CONTROL_TIME, 6},
        {"\"storage\":{\"data\":{\"bytesRead\":100,\"timeReadingMicros\":10},\"timeWaitingMicros\":"
         "{\"cache\":20}}",
         MEASURE_STORAGE_TIME, 30},
        {"\"queues\":{\"ingress\":{\"admissions\":1},\"execution\":{\"admissions\":4,"
         "\"totalTimeQueuedMicros\":55459}}",
         MEASURE_QUEUE_TIME, 55459},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        buf log;
        buf_init(&log, FIXTURE_MEMORY);
        buf_printf(&log, "%s,\"attr\":{%s,%s,\"durationMillis\":45}}\n",
                   HEAD("COMMAND", "51803", "conn12"), FIND, rows[i].attribute);
        const event *e = read_one(&r, log.p);
        assert_int_equal(measure_of(&r, e, rows[i].id), rows[i].value);
        end(&r);
        buf_free(&log);
    }
}

/* What the operation before waited for is not told of this one. */
static void waiting_is_each_operation_s_own(void **state)
{
    (void)state;
    static const struct {
        const char *locks;
        int64_t time; /* -1: none */
    } rows[] = {
        {",\"locks\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":7}}}", 7},
        {",\"locks\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":7}}}", 7},
        {",\"locks\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":70}}}", 70},
        {"", -1},
        {",\"locks\":{}", -1},
        {",\"locks\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":70}}}", 70},
        {",\"locks\":[{\"timeAcquiringMicros\":8}]", -1},
        {",\"storage\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":70}}}", -1},
        {",\"locks\":{\"Global\":{\"timeAcquiringMicros\":{\"r\":7}},"
         "\"Mutex\":{\"acquireCount\":{\"r\":1},\"timeAcquiringMicros\":{\"r\":5}},"
         "\"Database\":{\"acquireCount\":{\"r\":1},\"timeAcquiringMicros\":{\"r\":6}}}",
         18},
    };
    reading r;
    buf log;
    buf_init(&log, FIXTURE_MEMORY);
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        buf_printf(&log, "%s,\"attr\":{%s%s,\"durationMillis\":45}}\n",
                   HEAD("COMMAND", "51803", "conn12"), FIND, rows[i / 2].locks);
    }
    read_log(&r, &mongodb_structured, log.p);
    assert_int_equal(r.batch.n_events, 2 * COUNT(rows));
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        assert_int_equal(measure_of(&r, &r.batch.events[i], MEASURE_LOCK_TIME), rows[i / 2].time);
    }
    end(&r);
    buf_free(&log);
}

/* Each line as one server writes it and others do not. */
static void what_only_some_servers_write_is_no_damage(void **state)
{
    (void)state;
    static const char *const lines[] = {
        /* 4.3: the message; 4.4: no remote; a router: how many servers it asked, no plan. */
        "{\"t\":{\"$date\":\"2026-11-19T14:03:07.123+00:00\"},\"s\":\"I\",  \"c\":\"COMMAND\",  "
        "\"id\":51803,   \"ctx\":\"conn12\",\"msg\":\"slow query\",\"attr\":{" FIND
        ",\"nShards\":64,\"cursorExhausted\":true,\"numYields\":0,\"durationMillis\":45}}\n",
        /* 8.0, of several roles in one process. */
        "{\"t\":{\"$date\":\"2026-11-19T14:03:07.123+00:00\"},\"s\":\"I\",  \"c\":\"COMMAND\",  "
        "\"id\":51803,   \"svc\":\"R\", \"ctx\":\"conn12\",\"msg\":\"Slow query\",\"attr\":{" FIND
        ",\"durationMillis\":45},\"tags\":[\"startupWarnings\"],\"size\":{\"command\":8508}}\n",
        /* 8.2. */
        SLOW(FIND
             ",\"opid\":77,\"resolvedViews\":[{\"viewNamespace\":\"shop.v\",\"pipeline\":[{"
             "\"$match\":{\"a\":\"]}\"}}]}],\"estimatedCost\":1.5e-3,\"mongot\":{\"x\":{}},"
             "\"sortSpills\":2,\"peakTrackedMemBytes\":1024,\"interruptLatencyNanos\":5,"
             "\"delinquencyInfo\":{\"n\":1},\"deadline\":{\"$date\":\"2026-11-19T14:04:00Z\"}"),
        SLOW(FIND
             ",\"prepareConflictDurationMillis\":3,\"catalogCacheDatabaseLookupDurationMillis\""
             ":1,\"totalOplogSlotDurationMicros\":9,\"writeConcernError\":{\"code\":64},"
             "\"authorization\":{\"startedUserCacheAcquisitionAttempts\":1}"),
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        reading r;
        const event *e = read_one(&r, lines[i]);
        assert_int_equal(e->kind, EVENT_STATEMENT);
        assert_int_equal(e->duration, 45000);
        assert_true(e->session == operation_session(SLICE("conn12")));
        assert_true((e->has & (TEXT_TRUNCATED | HAS_FAILED)) == 0);
        is_text(who_of(&r, e)->database, "shop");
        end(&r);
    }
}

/* Lists of documents and of changes are a number; a command that cannot be told is a word. */
static void commands_that_were_snipped_are_statements(void **state)
{
    (void)state;
    static const struct {
        const char *log, *command;
    } rows[] = {
        {SLOW(COMMAND("shop.orders", "\"insert\":\"orders\",\"documents\":30")),
         "\"command\":{\"insert\":\"orders\",\"documents\":30}"},
        {SLOW(COMMAND("shop.$cmd", "\"update\":\"orders\",\"updates\":85")),
         "\"command\":{\"update\":\"orders\",\"updates\":85}"},
        {SLOW("\"type\":\"command\",\"ns\":\"shop.orders\",\"command\":\"unrecognized\""),
         "\"command\":\"unrecognized\""},
        /* Before 5.0 an upsert was told as a word of its own. */
        {SLOW("\"type\":\"update\",\"ns\":\"shop.orders\",\"command\":{\"q\":{},\"u\":{}},"
              "\"upsert\":true,\"nModified\":0"),
         "\"command\":{\"q\":{},\"u\":{}}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        const event *e = read_one(&r, rows[i].log);
        assert_int_equal(e->kind, EVENT_STATEMENT);
        assert_non_null(scan_text(e->text, slice_from(rows[i].command)));
        end(&r);
    }
}

static void the_server_s_hashes_are_names_of_the_query(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r,
        SLOW(FIND ",\"queryShapeHash\":\"65B089ED8788DC4E\",\"planCacheShapeHash\":\"415AC4BA\","
                  "\"queryHash\":\"415AC4BA\",\"planCacheKey\":\"289FFE52\""));
    assert_int_equal(e->n_aliases, 3);
    is_text(r.batch.aliases[0].value, "65B089ED8788DC4E");
    is_text(r.batch.aliases[1].value, "415AC4BA");
    is_text(r.batch.aliases[2].value, "289FFE52");
    end(&r);
}

static void an_operation_that_failed_is_an_error_by_its_name(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(&r, SLOW(FIND ",\"ok\":0,\"errMsg\":\"late\",\"errName\":"
                                            "\"MaxTimeMSExpired\",\"errCode\":50"));
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_true((e->has & HAS_FAILED) != 0);
    is_text(e->code, "MaxTimeMSExpired");
    end(&r);
    e = read_one(&r, SLOW(FIND ",\"ok\":0,\"errCode\":50"));
    is_text(e->code, "50");
    end(&r);
}

static void single_writes_and_their_command_know_each_other(void **state)
{
    (void)state;
    reading r;
    read_log(
        &r, &mongodb_structured,
        SLOW("\"type\":\"update\",\"ns\":\"shop.orders\",\"command\":{\"q\":{\"_id\":1},\"u\":{"
             "\"$set\":{\"a\":1}},\"multi\":false}")
            SLOW(COMMAND("shop.$cmd", "\"update\":\"orders\",\"ordered\":true")));
    assert_int_equal(r.batch.n_events, 2);
    const event *part = &r.batch.events[0];
    const event *whole = &r.batch.events[1];
    assert_true((part->has & PART_OF_COMMAND) != 0 && (part->has & OF_PARTS) == 0);
    assert_true((whole->has & OF_PARTS) != 0 && (whole->has & PART_OF_COMMAND) == 0);
    assert_true(part->target == whole->target && part->session == whole->session);
    end(&r);
}

static void what_was_cut_is_told(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r, HEAD("COMMAND", "51803", "conn12") ",\"attr\":{" FIND ",\"queryHash\":\"415AC4BA\","
                                               "\"durationMillis\":45},\"truncated\":{\"command\":{"
                                               "\"truncated\":{\"filter\":{"
                                               "\"type\":\"object\",\"size\":8199}},\"omitted\":1}}"
                                               ",\"size\":{\"command\":8508}}\n");
    assert_true((e->has & TEXT_TRUNCATED) != 0);
    assert_true(
        slice_ends_with(e->text, SLICE("\"queryHash\":\"415AC4BA\",\"durationMillis\":45}")));
    end(&r);
}

/* --- classes ----------------------------------------------------------------------- */

static void nobody_waits_for_the_server_s_own_work(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        event_kind kind;
    } rows[] = {
        {SLOW(COMMAND("admin.$cmd", "\"hello\":1,\"maxAwaitTimeMS\":10000")), EVENT_AWAIT},
        {SLOW(COMMAND("admin.$cmd", "\"hello\":1")), EVENT_SYSTEM},
        {SLOW(COMMAND(
             "local.oplog.rs",
             "\"getMore\":1,\"collection\":\"oplog.rs\"") ",\"originatingCommand\":{\"find\":"
                                                          "\"oplog.rs\",\"tailable\":true,"
                                                          "\"awaitData\":true}"),
         EVENT_AWAIT},
        {SLOW(COMMAND(
             "shop.orders",
             "\"getMore\":1,\"collection\":\"orders\"") ",\"originatingCommand\":{\"aggregate\":"
                                                        "\"orders\",\"pipeline\":[{"
                                                        "\"$changeStream\":{}}]}"),
         EVENT_AWAIT},
        {SLOW(COMMAND("shop.orders",
                      "\"getMore\":1,\"collection\":\"orders\"") ",\"originatingCommand\":{"
                                                                 "\"find\":\"orders\"}"),
         EVENT_STATEMENT},
        {SLOW(COMMAND("config.system.sessions", "\"find\":\"system.sessions\"")), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.system.views", "\"find\":\"system.views\"")), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.system.buckets.w", "\"find\":\"w\"")), EVENT_STATEMENT},
        {SLOW(COMMAND("admin.$cmd", "\"replSetUpdatePosition\":1")), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.$cmd", "\"dbStats\":1")), EVENT_SYSTEM},
        {SLOW(
             COMMAND("admin.$cmd.aggregate", "\"aggregate\":1,\"pipeline\":[{\"$currentOp\":{}}]")),
         EVENT_SYSTEM},
        {SLOW(FIND ",\"appName\":\"mongotune\""), EVENT_SYSTEM},
        {SLOW(FIND ",\"appName\":\"OplogFetcher\""), EVENT_SYSTEM},
        {SLOW("\"isFromUserConnection\":false," FIND), EVENT_SYSTEM},
        {SLOW("\"isFromUserConnection\":true," FIND), EVENT_STATEMENT},
        {SLOW(FIND ",\"appName\":\"MongoDB Monitoring Module v13\""), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.orders", "\"createIndexes\":\"orders\"")), EVENT_DDL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        assert_int_equal(read_one(&r, rows[i].log)->kind, rows[i].kind);
        end(&r);
    }
}

/* The namespace of a command on a whole collection is the database's; to admin the whole name is
 * sent. */
static void a_change_of_the_schema_is_told_by_command_and_subject(void **state)
{
    (void)state;
    static const struct {
        const char *log, *subject;
    } rows[] = {
        {SLOW(COMMAND("shop.orders", "\"createIndexes\":\"orders\"")), "createIndexes shop.orders"},
        {SLOW(COMMAND("shop.$cmd", "\"drop\":\"orders\"")), "drop shop.orders"},
        {SLOW(COMMAND("shop.$cmd", "\"dropDatabase\":1")), "dropDatabase shop"},
        {SLOW(COMMAND("admin.$cmd", "\"renameCollection\":\"shop.a\",\"to\":\"shop.b\"")),
         "renameCollection shop.a"},
        {SLOW(COMMAND("admin.$cmd", "\"shardCollection\":\"shop.a\"")), "shardCollection shop.a"},
        {HEAD("STORAGE", "51803", "IndexBuildsCoordinatorMongod-0") ",\"attr\":{\"type\":\"none\","
                                                                    "\"isFromUserConnection\":"
                                                                    "false,\"ns\":\"shop.orders\","
                                                                    "\"command\":{"
                                                                    "\"createIndexes\":"
                                                                    "\"orders\"},"
                                                                    "\"durationMillis\":120}}\n",
         "index build shop.orders"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        const event *e = read_one(&r, rows[i].log);
        assert_int_equal(e->kind, EVENT_DDL);
        assert_int_equal(e->n_facts, 1);
        const fact *told = &r.batch.facts[e->first_fact];
        assert_int_equal(told->id, FACT_DDL);
        is_text(told->subject, rows[i].subject);
        assert_int_equal(told->value, e->duration);
        end(&r);
    }
}

static void the_server_s_own_schema_and_a_failed_change_are_no_changes(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        event_kind kind;
    } rows[] = {
        {SLOW(COMMAND("config.$cmd", "\"createIndexes\":\"chunks\"")), EVENT_SYSTEM},
        {SLOW(COMMAND("admin.$cmd", "\"renameCollection\":\"config.a\"")), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.$cmd", "\"drop\":\"system.views\"")), EVENT_SYSTEM},
        {SLOW(COMMAND("shop.$cmd",
                      "\"drop\":\"orders\"") ",\"appName\":\"MongoDB Automation Agent v13\""),
         EVENT_SYSTEM},
        {SLOW(COMMAND("shop.$cmd", "\"drop\":\"orders\"") ",\"errName\":\"NamespaceNotFound\""),
         EVENT_STATEMENT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        const event *e = read_one(&r, rows[i].log);
        assert_int_equal(e->kind, rows[i].kind);
        assert_int_equal((e->has & HAS_FAILED) != 0, rows[i].kind == EVENT_STATEMENT);
        end(&r);
    }
}

static void a_cursor_is_told_or_asked_for_by_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        uint32_t has;
    } rows[] = {
        {SLOW(COMMAND("shop.orders", "\"find\":\"orders\"") ",\"cursorid\":8192345678901234567"),
         TELLS_CURSOR},
        {SLOW(COMMAND(
             "shop.orders",
             "\"getMore\":8192345678901234567,\"collection\":\"orders\"") ",\"cursorid\":"
                                                                          "81923456789012345"
                                                                          "67"),
         ASKS_CURSOR},
        {SLOW(COMMAND("shop.orders",
                      "\"getMore\":1,\"collection\":\"orders\"") ",\"cursorid\":{\"$numberLong\":"
                                                                 "\"8192345678901234567\"}"),
         ASKS_CURSOR},
        {SLOW(
             COMMAND("shop.orders",
                     "\"getMore\":1,\"collection\":\"orders\"") ",\"originatingCommand\":{\"find\":"
                                                                "\"orders\"},\"cursorid\":"
                                                                "8192345678901234567"),
         TELLS_CURSOR},
        {SLOW(COMMAND("shop.orders", "\"find\":\"orders\"") ",\"cursorid\":0"), 0},
        {SLOW(COMMAND("shop.orders", "\"find\":\"orders\"")), 0},
    };
    uint64_t name = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        const event *e = read_one(&r, rows[i].log);
        assert_int_equal(e->has & (TELLS_CURSOR | ASKS_CURSOR), rows[i].has);
        name = i == 0 ? e->target : name;
        assert_true(rows[i].has == 0 || e->target == name);
        end(&r);
    }
}

static void the_client_is_the_one_behind_the_router(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r,
        HEAD("COMMAND", "51803",
             "conn1") ",\"attr\":{\"type\":\"command\",\"ns\":\"shop.orders\",\"command\":{"
                      "\"find\":\"orders\","
                      "\"filter\":{\"mongos\":{\"client\":\"no\"}},\"$client\":{\"driver\":{"
                      "\"name\":\"nodejs\"},"
                      "\"mongos\":{\"host\":\"router:27016\",\"client\":\"10.0.0.7:51234\","
                      "\"version\":\"8.0.4\"}},"
                      "\"$db\":\"shop\"},\"remote\":\"10.0.9.9:4000\",\"durationMillis\":120}}\n");
    is_text(who_of(&r, e)->host, "10.0.0.7");
    end(&r);
}

/* The command's own spelling of a name and the namespace's are of the same bytes or not. */
static void a_command_and_its_writes_have_one_target_however_its_name_is_written(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_structured,
             HEAD("WRITE", "51803",
                  "conn1") ",\"attr\":{\"type\":\"update\",\"ns\":\"shop.a\\\"b\",\"command\":{"
                           "\"q\":{\"_id\":1},\"u\":{}},"
                           "\"durationMillis\":1}}\n" HEAD(
                               "COMMAND", "51803",
                               "conn1") ",\"attr\":{\"type\":\"command\",\"ns\":\"shop.$cmd\","
                                        "\"command\":{\"update\":\"a\\u0022b\","
                                        "\"$db\":\"shop\"},\"durationMillis\":1}}\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_true((r.batch.events[0].has & PART_OF_COMMAND) != 0);
    assert_true((r.batch.events[1].has & OF_PARTS) != 0);
    assert_int_equal(r.batch.events[0].target, r.batch.events[1].target);
    end(&r);
}

/* read_log takes a text that ends at its first NUL. */
static void nuls_before_a_line_are_skipped_and_the_line_is_read(void **state)
{
    (void)state;
    static const char log[] = "\0\0\0" HEAD("NETWORK", "22944", "conn1") ",\"attr\":{}}\n"
                                                                         "\0\n"
                                                                         "\0\0";
    batch b;
    batch_init(&b, FIXTURE_MEMORY);
    mongodb_structured.parse(NULL, slice_of(log, sizeof log - 1), false, &b);
    assert_int_equal(b.n_events, 1);
    assert_int_equal(b.events[0].offset, 3);
    assert_int_equal(b.events[0].line, 0);
    assert_int_equal(b.skipped[SKIP_NULS].bytes, 6);
    assert_int_equal(b.skipped[SKIP_FOREIGN].bytes, 1); /* the line end */
    assert_int_equal(b.other_bytes, sizeof log - 1 - 7);
    assert_int_equal(b.lines, 3);
    assert_int_equal(mongodb_structured.detect(slice_of(log, sizeof log - 1), NULL) > 0, true);
    batch_free(&b);
}

/* --- other lines ------------------------------------------------------------------- */

static void a_line_is_what_its_id_says(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        event_kind kind;
    } rows[] = {
        {HEAD("REPL", "51801", "w") ",\"attr\":{\"durationMillis\":124}}\n", EVENT_APPLY},
        {HEAD("TXN", "51802", "conn1") ",\"attr\":{\"durationMillis\":124}}\n", EVENT_TRANSACTION},
        {HEAD("CONTROL", "4615611", "i") "}\n", EVENT_SERVER_START},
        {HEAD("NETWORK", "22944", "conn1") ",\"attr\":{}}\n", EVENT_SESSION_END},
        /* A handshake's duration is none of a query. */
        {HEAD("NETWORK", "6723804", "conn1") ",\"attr\":{\"durationMillis\":12}}\n", EVENT_MESSAGE},
        {HEAD("NETWORK", "6983000", "conn1") ",\"attr\":{\"elapsed\":{\"totalMillis\":12}}}\n",
         EVENT_MESSAGE},
        {HEAD("COMMAND", "51803", "conn1") ",\"attr\":\"x\"}\n", EVENT_MESSAGE},
        {HEAD("COMMAND", "48742", "conn1") "}\n", EVENT_MESSAGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        assert_int_equal(read_one(&r, rows[i].log)->kind, rows[i].kind);
        end(&r);
    }
}

static void settings_tell_of_how_many_executions_one_is_logged(void **state)
{
    (void)state;
    static const struct {
        const char *rate;
        uint32_t weight;
    } rows[] = {
        {",\"sampleRate\":0.25", 4}, {",\"sampleRate\":0.3", 3},   {",\"sampleRate\":0.4", 3},
        {",\"sampleRate\":1", 0},    {",\"sampleRate\":1.0", 0},   {",\"sampleRate\":0", 0},
        {",\"sampleRate\":-1", 0},   {",\"sampleRate\":\"x\"", 0}, {"", 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char log[512];
        reading r;
        snprintf(log, sizeof log, "%s%s}}}\n",
                 HEAD("COMMAND", "48742", "conn1") ",\"attr\":{\"to\":{\"slowms\":-1",
                 rows[i].rate);
        const event *e = read_one(&r, log);
        assert_int_equal(e->kind, EVENT_SETTING);
        assert_int_equal(e->has & (HAS_SAMPLING | HAS_THRESHOLD), HAS_SAMPLING | HAS_THRESHOLD);
        assert_int_equal(e->weight, rows[i].weight);
        assert_int_equal(e->duration, 0);
        end(&r);
    }
    reading r;
    const event *e = read_one(
        &r, HEAD("CONTROL", "21951", "i") ",\"attr\":{\"options\":{\"operationProfiling\":{"
                                          "\"slowOpSampleRate\":0.5}}}}\n");
    assert_int_equal(e->weight, 2);
    end(&r);
}

static void settings_tell_the_threshold_and_the_version(void **state)
{
    (void)state;
    reading r;
    const event *e =
        read_one(&r, HEAD("COMMAND", "48742",
                          "conn1") ",\"attr\":{\"from\":{\"slowms\":"
                                   "100},\"to\":{\"level\":0,\"slowms\":20},\"db\":\"shop\"}}\n");
    assert_true((e->has & HAS_THRESHOLD) != 0);
    assert_int_equal(e->duration, 20000);
    end(&r);
    e = read_one(&r,
                 HEAD("CONTROL", "21951", "i") ",\"attr\":{\"options\":{\"operationProfiling\":{"
                                               "\"slowOpThresholdMs\":50}}}}\n");
    assert_int_equal(e->duration, 50000);
    end(&r);
    e = read_one(&r, HEAD("CONTROL", "21951", "i") ",\"attr\":{\"options\":{}}}\n");
    assert_int_equal(e->duration, 100000);
    end(&r);
    e = read_one(
        &r, HEAD("CONTROL", "23403", "i") ",\"attr\":{\"buildInfo\":{\"version\":\"8.0.12\"}}}\n");
    is_text(e->name, "version");
    is_text(e->value, "8.0.12");
    end(&r);
}

static void a_connection_tells_who_is_behind_it(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mongodb_structured,
             HEAD("NETWORK", "22943",
                  "listener") ",\"attr\":{\"remote\":\"10.0.0.7:51234\","
                              "\"connectionId\":12}}\n" HEAD(
                                  "NETWORK", "51800",
                                  "conn12") ",\"attr\":{\"remote\":\"10.0.0.7:51234\",\"doc\":{"
                                            "\"application\":{\"name\":\"web\"}}}}\n" HEAD(
                                                "ACCESS", "5286306",
                                                "conn12") ",\"attr\":{\"user\":\"shop_web\"}}"
                                                          "\n" HEAD("ACCESS", "20250",
                                                                    "conn12") ",\"attr\":{"
                                                                              "\"principalName\":"
                                                                              "\"before_5\"}}\n");
    assert_int_equal(r.batch.n_events, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true((r.batch.events[i].has & TELLS_WHO) != 0);
        assert_true(r.batch.events[i].session == operation_session(SLICE("conn12")));
    }
    is_text(who_of(&r, &r.batch.events[0])->host, "10.0.0.7");
    is_text(who_of(&r, &r.batch.events[1])->application, "web");
    is_text(who_of(&r, &r.batch.events[2])->user, "shop_web");
    is_text(who_of(&r, &r.batch.events[3])->user, "before_5");
    end(&r);
}

static void all_forms_of_a_zone_are_one_instant(void **state)
{
    (void)state;
    static const char *const stamps[] = {
        "2026-11-19T14:03:07.123+00:00",
        "2026-11-19T14:03:07.123Z",
        "2026-11-19T10:03:07.123-04:00",
        "2026-11-19T09:03:07.123-0500",
    };
    static const char *const zones[] = {"UTC", "UTC", "-04:00", "-0500"};
    for (size_t i = 0; i < COUNT(stamps); i++) {
        reading r;
        buf log;
        buf_init(&log, FIXTURE_MEMORY);
        buf_printf(&log,
                   "{\"t\":{\"$date\":\"%s\"},\"s\":\"I\",\"c\":\"-\",\"id\":1,\"ctx\":\"x\","
                   "\"msg\":\"y\"}\n",
                   stamps[i]);
        assert_true(read_one(&r, log.p)->time == AT);
        is_text(r.batch.zone, zones[i]);
        end(&r);
        buf_free(&log);
    }
}

static void damage_is_skipped_for_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        skip_reason reason;
    } rows[] = {
        {"not JSON\n", SKIP_FOREIGN},
        {"{\"a\":1}\n", SKIP_FOREIGN},
        {"\n", SKIP_FOREIGN},
        {HEAD("-", "1", "x") ",\"s\":\"I\"}\n", SKIP_FOREIGN},
        {SLOW(FIND ",\"ns\":\"shop.other\""), SKIP_FOREIGN},
        {"{\"t\":{\"$date\":\"2026-13-19T14:03:07.123Z\"},\"s\":\"I\",\"c\":\"-\",\"id\":1}\n",
         SKIP_BAD_TIME},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reading r;
        read_log(&r, &mongodb_structured, rows[i].log);
        assert_int_equal(r.batch.n_events, 0);
        assert_int_equal(r.batch.skipped[rows[i].reason].count, 1);
        end(&r);
    }
}

static void every_line_is_a_record_of_its_own(void **state)
{
    (void)state;
    static const char log[] = "{}\n{}\n{}";
    assert_int_equal(mongodb_structured.cut(NULL, SLICE(log), CUT_FIRST), 3);
    assert_int_equal(mongodb_structured.cut(NULL, SLICE(log), CUT_LAST), 6);
    assert_int_equal(mongodb_structured.cut(NULL, SLICE("{}\n"), CUT_LAST), 0);
    assert_int_equal(mongodb_structured.cut(NULL, SLICE(""), CUT_FIRST), 0);
}

static void its_own_logs_are_recognised_and_no_others(void **state)
{
    (void)state;
    format_options none = {0};
    assert_int_equal(mongodb_structured.detect(SLICE("junk\n" SLOW(FIND) SLOW(FIND)), &none), 100);
    assert_int_equal(mongodb_structured.detect(SLICE("{\"timestamp\":\"x\"}\n"), &none), 0);
    assert_int_equal(mongodb_structured.detect(SLICE(""), &none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_operation_is_a_statement_of_its_connection),
        cmocka_unit_test(what_the_server_measured_is_measured),
        cmocka_unit_test(waiting_is_each_operation_s_own),
        cmocka_unit_test(what_only_some_servers_write_is_no_damage),
        cmocka_unit_test(commands_that_were_snipped_are_statements),
        cmocka_unit_test(the_server_s_hashes_are_names_of_the_query),
        cmocka_unit_test(an_operation_that_failed_is_an_error_by_its_name),
        cmocka_unit_test(single_writes_and_their_command_know_each_other),
        cmocka_unit_test(what_was_cut_is_told),
        cmocka_unit_test(nobody_waits_for_the_server_s_own_work),
        cmocka_unit_test(a_line_is_what_its_id_says),
        cmocka_unit_test(the_client_is_the_one_behind_the_router),
        cmocka_unit_test(a_change_of_the_schema_is_told_by_command_and_subject),
        cmocka_unit_test(the_server_s_own_schema_and_a_failed_change_are_no_changes),
        cmocka_unit_test(a_cursor_is_told_or_asked_for_by_its_number),
        cmocka_unit_test(a_command_and_its_writes_have_one_target_however_its_name_is_written),
        cmocka_unit_test(nuls_before_a_line_are_skipped_and_the_line_is_read),
        cmocka_unit_test(settings_tell_of_how_many_executions_one_is_logged),
        cmocka_unit_test(settings_tell_the_threshold_and_the_version),
        cmocka_unit_test(a_connection_tells_who_is_behind_it),
        cmocka_unit_test(all_forms_of_a_zone_are_one_instant),
        cmocka_unit_test(damage_is_skipped_for_a_reason),
        cmocka_unit_test(every_line_is_a_record_of_its_own),
        cmocka_unit_test(its_own_logs_are_recognised_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
