/* test_mysql_slow.c - slow logs of every server and version: heads, times, where records end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "parsers/mysql/fields.h"
#include "parsers/mysql/quotes.h"
#include "parsers/mysql/slowlog.h"

enum { MEMORY = 16 * 1024 * 1024, US = 1000000 };

#define AT(second)   "# Time: 2026-11-19T14:03:" second "Z\n"
#define USER         "# User@Host: app[app] @ web1 [10.0.0.7]  Id:    42\n"
#define TOOK         "# Query_time: 0.125000  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 3120\n"
#define SET          "SET timestamp=1795096986;\n"
#define HEAD(second) AT(second) USER TOOK SET
#define BANNER                                                                                     \
    "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:\n"            \
    "Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"                                       \
    "Time                 Id Command    Argument\n"

typedef struct reading {
    arena keep;
    format format;
    batch batch;
} reading;

static void read_block(reading *r, slice block, bool truncated)
{
    batch_reset(&r->batch);
    mysql_slow.parse(&r->format, block, truncated, &r->batch);
    assert_false(r->batch.out_of_memory);
    uint64_t bytes = r->batch.event_bytes + r->batch.other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += r->batch.skipped[i].bytes;
    }
    assert_int_equal(bytes, block.n);
}

static void begin(reading *r, slice bytes)
{
    status st = {0};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(mysql_slow.prepare(bytes, &(format_options){0}, &r->keep, &r->format, &st));
}

static void read_log(reading *r, const char *log)
{
    begin(r, slice_from(log));
    read_block(r, slice_from(log), false);
}

static void end(reading *r)
{
    batch_free(&r->batch);
    arena_free(&r->keep);
}

static const event *event_of(const reading *r, uint32_t i)
{
    assert_true(i < r->batch.n_events);
    return &r->batch.events[i];
}

static const who *who_of(const reading *r, uint32_t i)
{
    return &r->batch.whos[event_of(r, i)->who];
}

static void assert_text(slice got, const char *want)
{
    if (!slice_is(got, want)) {
        fail_msg("got '%.*s', want '%s'", (int)got.n, got.p, want);
    }
}

/* The statements of a log, each on a line, so that a test reads as what it expects. */
static void assert_statements(const reading *r, const char *want)
{
    buf got;
    buf_init(&got, MEMORY);
    for (uint32_t i = 0; i < r->batch.n_events; i++) {
        if (r->batch.events[i].kind == EVENT_STATEMENT) {
            buf_add_text(&got, got.n > 0 ? "|" : "");
            buf_add(&got, r->batch.events[i].text);
        }
    }
    assert_text(buf_slice(&got), want);
    buf_free(&got);
}

static uint64_t measure_of(const reading *r, uint32_t i, measure_id id)
{
    const event *e = event_of(r, i);
    for (uint32_t k = 0; k < e->n_measured; k++) {
        const measured *m = &r->batch.measured[e->first_measured + k];
        if (m->id == id) {
            return m->value;
        }
    }
    fail_msg("event %u has no %s", i, measure_kinds[id].name);
    return 0;
}

/* An attribute that only the log has a name for, by this name and in this unit. */
static uint64_t attribute_of(const reading *r, uint32_t i, const char *name, measure_unit unit)
{
    const event *e = event_of(r, i);
    for (uint32_t k = 0; k < e->n_measured; k++) {
        const measured *m = &r->batch.measured[e->first_measured + k];
        if (m->id >= MEASURE_COUNT) {
            const log_attribute *a = &r->batch.attributes[m->id - MEASURE_COUNT];
            if (slice_is(a->name, name) && a->unit == unit) {
                return m->value;
            }
        }
    }
    fail_msg("event %u has no %s in %s", i, name, measure_unit_name(unit));
    return 0;
}

static int64_t instant(const char *stamp)
{
    int64_t us;
    int64_t resolution;
    slice rest = slice_from(stamp);
    assert_true(timestamp_take(&rest, &us, &resolution));
    return us;
}

/* --- heads -------------------------------------------------------------------------------- */

static void a_plain_record_of_mysql_8_is_understood_in_full(void **state)
{
    (void)state;
    reading r;
    read_log(&r, BANNER AT("07.123456") USER TOOK "use shop;\n" SET "SELECT a\nFROM t;\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_int_equal(event_of(&r, 0)->has, BEGINS_LOG);
    const event *e = event_of(&r, 1);
    assert_text(e->text, "SELECT a\nFROM t");
    assert_int_equal(e->kind, EVENT_STATEMENT);
    assert_int_equal(e->duration, 125000);
    assert_int_equal(e->time, instant("2026-11-19 14:03:07.123456"));
    assert_int_equal(e->line, 3);
    assert_int_equal(e->session, hash_bytes(SLICE("42")));
    assert_int_equal(e->has & (OPEN_DATABASE | OPEN_TIME | OPEN_ZONE | TEXT_TRUNCATED), 0);
    assert_text(who_of(&r, 1)->database, "shop");
    assert_text(who_of(&r, 1)->user, "app");
    assert_text(who_of(&r, 1)->host, "web1");
    assert_int_equal(measure_of(&r, 1, MEASURE_LOCK_TIME), 4);
    assert_int_equal(measure_of(&r, 1, MEASURE_ROWS_SENT), 1);
    assert_int_equal(measure_of(&r, 1, MEASURE_ROWS_EXAMINED), 3120);
    assert_text(r.format.detail, "8.0.36");
    end(&r);
}

/* log_slow_extra: all on one line, and the exact times of the execution. */
static void the_extra_fields_of_mysql_8_and_9_have_their_meaning(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("08.000000") USER
             "# Query_time: 0.125000  Lock_time: 0.000004 Rows_sent: 20  Rows_examined: 3120 "
             "Thread_id: 42 Errno: 1205 Killed: 0 Bytes_received: 120 Bytes_sent: 1432 "
             "Read_first: 1 Read_rnd_next: 3121 Sort_merge_passes: 2 Created_tmp_disk_tables: 1 "
             "Created_tmp_tables: 3 Count_hit_tmp_table_size: 0  "
             "Start: 2026-11-19T14:03:07.000000Z End: 2026-11-19T14:03:07.125000Z\n" SET
             "SELECT 1;\n");
    const event *e = event_of(&r, 0);
    assert_int_equal(e->time, instant("2026-11-19 14:03:07.125000"));
    assert_text(e->code, "1205");
    assert_int_equal(measure_of(&r, 0, MEASURE_BYTES_RECEIVED), 120);
    assert_int_equal(measure_of(&r, 0, MEASURE_READ_RND_NEXT), 3121);
    assert_int_equal(measure_of(&r, 0, MEASURE_MERGE_PASSES), 2);
    assert_int_equal(measure_of(&r, 0, MEASURE_TMP_DISK_TABLES), 1);
    assert_int_equal(measure_of(&r, 0, MEASURE_TMP_TABLES), 3);
    assert_int_equal(measure_of(&r, 0, MEASURE_COUNT_HIT_TMP_TABLE_SIZE), 0);
    end(&r);
}

static void percona_server_tells_schema_sampling_and_errors(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("08.000000") USER
             "# Schema: my-db 1  Last_errno: 0  Killed: 1317\n"
             "# Query_time: 0.000228  Lock_time: 0.000114  Rows_sent: 1  Rows_examined: 1  "
             "Rows_affected: 7\n"
             "# Bytes_sent: 545  Tmp_tables: 0  Tmp_disk_tables: 0  Tmp_table_sizes: 0\n"
             "# InnoDB_trx_id: 1A88583F\n"
             "# QC_Hit: No  Full_scan: Yes  Full_join: No  Tmp_table: No  Tmp_table_on_disk: No\n"
             "# Filesort: No  Filesort_on_disk: No  Merge_passes: 0\n"
             "#   InnoDB_IO_r_ops: 5  InnoDB_IO_r_bytes: 81920  InnoDB_IO_r_wait: 0.000250\n"
             "# No InnoDB statistics available for this query\n"
             "# Log_slow_rate_type: query  Log_slow_rate_limit: 100\n"
             "Profile_starting: 0.000123 Profile_starting_cpu: 0.000100\n" SET "SELECT 1;\n");
    const event *e = event_of(&r, 0);
    assert_text(e->text, "SELECT 1");
    assert_text(who_of(&r, 0)->database, "my-db 1");
    assert_text(e->code, "1317");
    assert_int_equal(e->weight, 100);
    assert_int_equal(measure_of(&r, 0, MEASURE_ROWS_AFFECTED), 7);
    assert_int_equal(measure_of(&r, 0, MEASURE_FULL_SCAN), 1);
    assert_int_equal(measure_of(&r, 0, MEASURE_FULL_JOIN), 0);
    assert_int_equal(measure_of(&r, 0, MEASURE_INNODB_IO_R_WAIT), 250);
    end(&r);
}

/* The server writes all that take slow_query_log_always_write_time, 10 s, whatever the rate. */
static void the_slowest_are_no_sample(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("08.000000") USER
             "# Query_time: 10.000000  Lock_time: 0.000114  Rows_sent: 1  Rows_examined: 1\n"
             "# Log_slow_rate_type: query  Log_slow_rate_limit: 100\n" SET "SELECT 1;\n");
    assert_int_equal(event_of(&r, 0)->weight, 0);
    end(&r);
}

#define MARIADB_USER "# User@Host: app[app] @ localhost []\n"

static void mariadb_has_milliseconds_and_plans(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             "# Time: 261119 15:03:07\n" MARIADB_USER "# Thread_id: 31  Schema: shop  QC_hit: No\n"
             "# Query_time: 1.758839  Lock_time: 0.009789  Rows_sent: 100  Rows_examined: 7\n"
             "# Rows_affected: 0  Bytes_sent: 1432\n"
             "# Pages_read_time: 977.3237  Engine_time: 1606.1553\n"
             "#\n"
             "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\t"
             "r_rows\tfiltered\tr_filtered\tExtra\n"
             "# explain: 1\tSIMPLE\to\tALL\tNULL\tNULL\tNULL\tNULL\t1469000\t1469738.00\t"
             "100.00\t0.01\tUsing where; Using filesort\n"
             "# explain: 1\tSIMPLE\tu2\teq_ref\tPRIMARY\tPRIMARY\t4\tshop.o.user\t1\t1.00\t"
             "100.00\t0.01\tNULL\n"
             "#\n"
             "# Warnings\n"
             "# Warning 1292 Truncated incorrect DOUBLE value: 'Rows_sent: 9'\n"
             "SET timestamp=1795096987;\n"
             "SELECT 1;\n");
    const event *e = event_of(&r, 0);
    assert_int_equal(measure_of(&r, 0, MEASURE_ENGINE_TIME), 1606155);
    assert_int_equal(measure_of(&r, 0, MEASURE_PAGES_READ_TIME), 977324);
    assert_int_equal(measure_of(&r, 0, MEASURE_ROWS_SENT), 100);
    assert_text(e->plan, "SIMPLE o ALL; Using where; Using filesort\nSIMPLE u2 eq_ref key PRIMARY");
    /* MariaDB's times are the start, here in a zone an hour east. */
    assert_int_equal(e->zone_offset, 3600);
    assert_int_equal(e->time, instant("2026-11-19 14:03:07") + 1758839);
    assert_int_equal(e->has & (OPEN_DATABASE | OPEN_ZONE), 0);
    assert_int_equal(r.format.clock_resolution, US);
    end(&r);
}

/* Up to 5.6 both times are the end, and the short one is of the server's zone. */
static void old_servers_have_whole_seconds_and_leave_out_what_has_not_changed(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "# Time: 071015  1:43:52\n"
                 "# User@Host: root[root] @ localhost []\n"
                 "# Query_time: 2  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\n"
                 "use test;\n"
                 "select sleep(2) from n;\n"
                 "# User@Host: [SQL_SLAVE] @  []\n"
                 "# Query_time: 1  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\n"
                 "SET insert_id=34484549,timestamp=1192405432;\n"
                 "select 2;\n"
                 "# User@Host: [SQL_SLAVE] @  []\n"
                 "# Query_time: 1  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\n"
                 "select 3;\n");
    assert_int_equal(event_of(&r, 0)->duration, 2 * US);
    assert_int_equal(event_of(&r, 0)->time, instant("2007-10-15 01:43:52"));
    assert_true((event_of(&r, 0)->has & (LOCAL_TIME | OPEN_ZONE)) == (LOCAL_TIME | OPEN_ZONE));
    assert_text(who_of(&r, 0)->database, "test");
    assert_int_equal(event_of(&r, 1)->time, (int64_t)1192405432 * US);
    assert_int_equal(event_of(&r, 1)->has & (HAS_TIME | OPEN_ZONE | OPEN_DATABASE | LOCAL_TIME),
                     HAS_TIME | OPEN_ZONE | OPEN_DATABASE);
    assert_text(who_of(&r, 1)->user, "SQL_SLAVE");
    assert_int_equal(event_of(&r, 2)->has & (HAS_TIME | OPEN_TIME), OPEN_TIME);
    assert_statements(&r, "select sleep(2) from n|select 2|select 3");
    end(&r);
}

static void the_forms_of_accounts_and_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *line, *user, *host;
    } cases[] = {
        {"root[root] @ localhost []", "root", "localhost"},
        {"app[app] @  [2001:db8::7]  Id:    42", "app", "2001:db8::7"},
        {"[SQL_SLAVE] @  []", "SQL_SLAVE", ""},
        {"[] @  []", "", ""},
        {"skip-grants user[] @  []  Id:     7", "skip-grants user", ""},
        {"we@ird[we@ird] @ host-1.example [10.0.0.9]  Id:     9", "we@ird", "host-1.example"},
        {"a[a] @ [host]", "a", "host"},
        {"app[app] @  [10.0.0.7]  thread_id: 42  server_id: 123", "app", "10.0.0.7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reading r;
        char log[512];
        snprintf(log, sizeof log, AT("07.000000") "# User@Host: %s\n" TOOK SET "SELECT 1;\n",
                 cases[i].line);
        read_log(&r, log);
        assert_text(who_of(&r, 0)->user, cases[i].user);
        assert_text(who_of(&r, 0)->host, cases[i].host);
        end(&r);
    }
}

static void values_that_cannot_be_true_are_left_out_and_told(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("07.000000") USER
             "# Query_time: 18446744073708.796870.000036  Lock_time: 0.000036  "
             "Rows_sent: 18446744073709551615  Rows_examined: 3\n" SET "SELECT 1;\n");
    assert_int_equal(event_of(&r, 0)->kind, EVENT_STATEMENT);
    assert_int_equal(event_of(&r, 0)->has & (HAS_DURATION | HAS_SUSPECT), HAS_SUSPECT);
    assert_int_equal(event_of(&r, 0)->n_measured, 2);
    assert_int_equal(measure_of(&r, 0, MEASURE_ROWS_EXAMINED), 3);
    end(&r);
}

/* Twice, since the second time names are compared with those of the first. */
static void a_value_may_hold_blanks_or_nothing(void **state)
{
    (void)state;
    static const char *const want[][2] = {
        {"Thread_id", "3"}, {"Schema", ""}, {"DB", "a b"}, {"QC_hit", "No"}, {"Id", ""}};
    field_index index;
    field_memo memo = {.at = 0};
    field_index_fill(&index);
    for (int times = 0; times < 2; times++) {
        pair p;
        memo.at = 0;
        pair_reader r =
            pairs_of(SLICE(" Thread_id: 3  Schema:   DB: a b  QC_hit: No Id: "), &index, &memo);
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
            assert_true(pair_take(&r, &p));
            assert_text(p.known->name, want[i][0]);
            assert_text(p.name, want[i][0]);
            assert_text(p.value, want[i][1]);
        }
        assert_false(pair_take(&r, &p));
    }
}

/* --- attributes that only the log has a name for -------------------------------------------- */

static void attributes_of_a_newer_server_are_kept_in_the_unit_they_are_written_in(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("08.000000") USER
             "# Query_time: 0.1 Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1 Vectors_read: 17\n"
             "# Prefetch_time: 0.25  Latch_wait: 1  Cost: 1234.5  Uses_simd: Yes  Cached: false\n"
             "Profile_starting: 0.000123 Profile_starting_cpu: 0.000100\n" SET "SELECT 1;\n" USER
             "# Query_time: 0.1\n# Vectors_read: 3 Cost: 2\n" SET "SELECT 2;\n");
    assert_int_equal(attribute_of(&r, 0, "Vectors_read", UNIT_COUNT), 17);
    assert_int_equal(attribute_of(&r, 0, "Prefetch_time", UNIT_TIME), 250000);
    assert_int_equal(attribute_of(&r, 0, "Latch_wait", UNIT_TIME), US);
    assert_int_equal(attribute_of(&r, 0, "Cost", UNIT_MILLIONTHS), 1234500000);
    assert_int_equal(attribute_of(&r, 0, "Uses_simd", UNIT_YES), 1);
    assert_int_equal(attribute_of(&r, 0, "Cached", UNIT_YES), 0);
    assert_int_equal(attribute_of(&r, 0, "Profile_starting", UNIT_TIME), 123);
    assert_int_equal(attribute_of(&r, 0, "Profile_starting_cpu", UNIT_TIME), 100);
    assert_int_equal(attribute_of(&r, 1, "Vectors_read", UNIT_COUNT), 3);
    assert_int_equal(attribute_of(&r, 1, "Cost", UNIT_COUNT), 2);
    assert_int_equal(r.batch.n_attributes, 9); /* Vectors_read once, Cost in two units */
    assert_int_equal((event_of(&r, 0)->has | event_of(&r, 1)->has) & (HAS_SUSPECT | HAS_UNNAMED),
                     0);
    end(&r);
}

/* What adds up to nothing: numbers of connections and transactions, texts, lists. */
static void numbers_that_are_names_and_texts_are_no_attributes(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("08.000000") "# User@Host: a[a] @ h [10.0.0.7]  thread_id: 42  server_id: 1\n"
                                 "# Query_time: 0.1  InnoDB_trx_id: 1234567  Trace_Id: 99  "
                                 "Txn_start_ts: 410450924122144769\n"
                                 "# Digest: 50a2e32d2a  Stats: t:pseudo  Cop_addr: "
                                 "172.16.5.87:20171  Version: 8.0.36\n"
                                 "# Empty:  Range: 1-2  Dot: .5\n" SET "SELECT 1;\n");
    assert_int_equal(r.batch.n_attributes, 0);
    assert_int_equal(event_of(&r, 0)->n_measured, 0);
    assert_int_equal(event_of(&r, 0)->has & HAS_SUSPECT, 0);
    end(&r);
}

static void attributes_that_cannot_be_true_are_left_out_and_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Pages: 18446744073709551615", "Pages: 9007199254740993",
                                        "Pages: -1", "Pages_time: 1000000001",
                                        "Cost: 9999999999.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char log[512];
        reading r;
        snprintf(log, sizeof log, "%s# Query_time: 0.1  %s  Vectors: 1\n%sSELECT 1;\n",
                 AT("08.000000") USER, wrong[i], SET);
        read_log(&r, log);
        assert_int_equal(event_of(&r, 0)->has & HAS_SUSPECT, HAS_SUSPECT);
        assert_int_equal(r.batch.n_attributes, 1);
        assert_int_equal(attribute_of(&r, 0, "Vectors", UNIT_COUNT), 1);
        end(&r);
    }
}

static void a_record_has_a_bounded_number_of_attributes(void **state)
{
    (void)state;
    buf log;
    buf_init(&log, MEMORY);
    for (int more = 0; more < 2; more++) {
        reading r;
        buf_clear(&log);
        buf_add_text(&log, AT("08.000000") USER "# Query_time: 0.1  Rows_sent: 1");
        for (int i = 0; i < ATTRIBUTES_MAX + more; i++) {
            buf_printf(&log, " A%d: 1", i);
        }
        buf_add_text(&log, " Rows_examined: 5\n" SET "SELECT 1;\n");
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(event_of(&r, 0)->n_measured, ATTRIBUTES_MAX + 2);
        assert_int_equal(measure_of(&r, 0, MEASURE_ROWS_EXAMINED), 5);
        assert_int_equal((event_of(&r, 0)->has & HAS_UNNAMED) != 0, more != 0);
        end(&r);
    }
    buf_free(&log);
}

static void times_of_tidb_whose_names_do_not_say_so_are_seconds(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "# Time: 2019-08-14T09:26:59.487776265+08:00\n# Txn_start_ts: 410450924122144769\n"
                 "# User@Host: root[root] @ localhost [127.0.0.1]\n# Conn_ID: 3086\n"
                 "# Exec_retry_time: 5.1 Exec_retry_count: 3\n# Query_time: 1.527627037\n"
                 "# Wait_TS: 0.00001078\n# Is_internal: false\n# Num_cop_tasks: 1\n"
                 "# Cop_proc_avg: 0.07 Cop_proc_max: 1 Cop_proc_addr: 172.16.5.87:20171\n"
                 "# KV_total: 0\n# Request_unit_read: 2.158\nuse test;\nSELECT 1;\n");
    assert_int_equal(attribute_of(&r, 0, "Exec_retry_time", UNIT_TIME), 5100000);
    assert_int_equal(attribute_of(&r, 0, "Exec_retry_count", UNIT_COUNT), 3);
    assert_int_equal(attribute_of(&r, 0, "Wait_TS", UNIT_TIME), 11);
    assert_int_equal(attribute_of(&r, 0, "Cop_proc_avg", UNIT_TIME), 70000);
    assert_int_equal(attribute_of(&r, 0, "Cop_proc_max", UNIT_TIME), US);
    assert_int_equal(attribute_of(&r, 0, "KV_total", UNIT_TIME), 0);
    assert_int_equal(attribute_of(&r, 0, "Request_unit_read", UNIT_MILLIONTHS), 2158000);
    assert_int_equal(attribute_of(&r, 0, "Is_internal", UNIT_YES), 0);
    assert_int_equal(event_of(&r, 0)->has & HAS_SUSPECT, 0);
    end(&r);
}

/* --- the server's own statements and the application's ------------------------------------- */

static void a_second_use_or_set_is_the_statement(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             HEAD("07.000000") "SET timestamp=100;\n" HEAD("08.000000") "USE other;\n" HEAD(
                 "09.000000") "use shop;\n" AT("10.000000") USER TOOK SET "use late;\nSELECT 4;\n");
    assert_statements(&r, "SET timestamp=100|USE other|use shop|SELECT 4");
    assert_true((event_of(&r, 2)->has & OPEN_DATABASE) != 0);
    assert_text(who_of(&r, 3)->database, "late");
    end(&r);
}

static void commands_and_entries_without_a_statement(void **state)
{
    (void)state;
    reading r;
    read_log(&r, AT("07.000000") USER TOOK SET AT("08.000000") USER TOOK SET
             "# administrator command: Quit;\n" AT("09.000000") USER TOOK SET
             "# administrator command:\n" AT("10.000000") USER TOOK "SELECT 1;\n\n" USER TOOK
                                                                    "SELECT 2;\n");
    assert_statements(&r,
                      "# administrator command: Quit|# administrator command:|SELECT 1|SELECT 2");
    assert_int_equal(event_of(&r, 0)->kind, EVENT_DURATION);
    assert_int_equal(event_of(&r, 0)->has & HAS_TEXT, 0);
    end(&r);
}

static void a_throttle_line_counts_what_was_left_out(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             HEAD("07.000000") "throttle:       2878 'index not used' warning(s) suppressed.;\n");
    assert_int_equal(event_of(&r, 0)->kind, EVENT_SUPPRESSED);
    assert_int_equal(event_of(&r, 0)->weight, 2878);
    end(&r);
}

/* --- where records end ------------------------------------------------------------------------ */

static void a_literal_may_hold_records_of_a_slow_log(void **state)
{
    (void)state;
    reading r;
    read_log(
        &r, HEAD("07.000000") "INSERT INTO t VALUES ('SELECT 0;\n" HEAD(
                "08.000000") "SELECT 1;\n" BANNER
                             "# row;\n'), (\"it's \\\" here\");\n" HEAD("09.000000") "SELECT 2;\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_text(event_of(&r, 1)->text, "SELECT 2");
    assert_false(r.batch.is_open);
    end(&r);
}

/* As one with a syntax error does, which is logged too. */
static void a_statement_without_its_closing_quote_swallows_nothing(void **state)
{
    (void)state;
    reading r;
    read_log(&r, HEAD("07.000000") "SELECT 'abc;\n" HEAD("08.000000") "SELECT 1;\n" HEAD(
                     "09.000000") "SELECT 'x', \"y\";\n");
    assert_statements(&r, "SELECT 'abc|SELECT 1|SELECT 'x', \"y\"");
    end(&r);
}

static void a_comment_without_its_end_swallows_nothing(void **state)
{
    (void)state;
    reading r;
    read_log(&r, HEAD("07.000000") "SELECT 1 /* x;\n" HEAD("08.000000") "SELECT 2;\n" HEAD(
                     "09.000000") "SELECT 3 /* tag */;\n");
    assert_statements(&r, "SELECT 1 /* x|SELECT 2|SELECT 3 /* tag */");
    assert_false(r.batch.is_open);
    end(&r);
}

static void a_comment_may_hold_a_record_of_a_slow_log(void **state)
{
    (void)state;
    reading r;
    read_log(&r, HEAD("07.000000") "/* SELECT 1;\n" HEAD("08.000000") "*/SELECT 2;\n" HEAD(
                     "09.000000") "SELECT 3;\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_text(event_of(&r, 1)->text, "SELECT 3");
    end(&r);
}

/* What follows may still close it. */
static void a_block_that_ends_within_a_literal_says_so(void **state)
{
    (void)state;
    reading r;
    static const char first[] = HEAD("06.000000") "SELECT 0;\n";
    static const char log[] = HEAD("06.000000") "SELECT 0;\n" HEAD(
        "07.000000") "INSERT INTO t VALUES ('SELECT 1;\n" HEAD("08.000000") "SELECT 2;\n";
    read_log(&r, log);
    assert_true(r.batch.is_open);
    assert_int_equal(r.batch.open_from, strlen(first));
    end(&r);
}

static void comments_hide_quotes_and_executed_ones_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        bool closed;
    } cases[] = {
        {"SELECT 1 -- don't\n", true},    {"SELECT 1 # don't\n", true},
        {"SELECT 1 /* don't */", true},   {"SELECT 1 /* don't", false},
        {"SELECT /*! 'a */", false},      {"SELECT 5--'", false},
        {"SELECT 'it''s'", true},         {"SELECT 'it\\'s", false},
        {"SELECT `a\\` + 'b'", true},     {"SELECT \"a'b\"", true},
        {"SELECT 'a\\\\'", true},         {"SELECT '", false},
        {"/*!50003 SELECT 'a' */", true}, {"SELECT 1 /* a **/", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice code = slice_from(cases[i].code);
        quotes q = {.at = code.p};
        if (quotes_read(&q, code.p + code.n) != cases[i].closed) {
            fail_msg("'%s'", cases[i].code);
        }
    }
}

static void a_line_of_a_statement_may_begin_with_a_hash(void **state)
{
    (void)state;
    reading r;
    read_log(&r,
             HEAD("07.000000") "SELECT id\n# picked by: the dashboard\n# User@Host: x[x] @ y []\n"
                               "FROM t;\n" HEAD("08.000000") "SELECT 1;\n");
    assert_int_equal(r.batch.n_events, 2);
    assert_text(event_of(&r, 1)->text, "SELECT 1");
    end(&r);
}

static void windows_line_ends_mean_nothing(void **state)
{
    (void)state;
    reading r;
    read_log(&r, "# Time: 2026-11-19T14:03:07.000000Z\r\n"
                 "# User@Host: app[app] @ web1 [10.0.0.7]  Id:    42\r\n"
                 "# Query_time: 0.125000  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 1\r\n"
                 "use shop;\r\nSET timestamp=1795096986;\r\nSELECT 1;\r\n"
                 "# Time: 2026-11-19T14:03:08.000000Z\r\n"
                 "# User@Host: app[app] @ web1 [10.0.0.7]  Id:    42\r\n"
                 "# Query_time: 0.125000  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 1\r\n"
                 "SET timestamp=1795096987;\r\nSELECT 2;\r\n");
    assert_statements(&r, "SELECT 1|SELECT 2");
    assert_text(who_of(&r, 0)->database, "shop");
    end(&r);
}

static void a_hole_of_nuls_is_skipped_and_a_block_may_end_in_it(void **state)
{
    (void)state;
    enum { HOLE = 9000 };
    buf log;
    reading r;
    buf_init(&log, MEMORY);
    buf_add_text(&log, HEAD("07.000000") "SELECT 1;\n");
    size_t before = log.n;
    buf_add_repeat(&log, '\0', HOLE);
    begin(&r, buf_slice(&log));
    assert_int_equal(mysql_slow.cut(&r.format, buf_slice(&log), CUT_LAST), before + HOLE - 1);
    buf_add_text(&log, HEAD("08.000000") "SELECT 2;\n");
    read_block(&r, buf_slice(&log), false);
    assert_statements(&r, "SELECT 1|SELECT 2");
    assert_int_equal(r.batch.skipped[SKIP_NULS].bytes, HOLE);
    assert_int_equal(r.batch.skipped[SKIP_NULS].first_line, 5);
    assert_int_equal(event_of(&r, 1)->line, 5);
    end(&r);
    buf_free(&log);
}

/* The application's own `use` is the statement of its record, whatever ends the record. */
static void a_use_without_a_statement_behind_it_is_the_statement(void **state)
{
    (void)state;
    static const char *const behind[] = {"",
                                         "\n",
                                         "\n \r\n",
                                         HEAD("08.000000") "SELECT 2;\n",
                                         "\n\n" HEAD("08.000000") "SELECT 2;\n",
                                         BANNER,
                                         "\n" BANNER};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        buf log;
        reading r;
        buf_init(&log, MEMORY);
        buf_add_text(&log, HEAD("07.000000") "use shop;\n");
        buf_add_text(&log, behind[i]);
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_text(event_of(&r, 0)->text, "use shop");
        end(&r);
        buf_free(&log);
    }
}

static void a_hole_behind_a_head_ends_its_record(void **state)
{
    (void)state;
    static const char hole[] = "\0\0\0";
    static const char *const heads[] = {HEAD("07.000000"), HEAD("07.000000") "use shop;\n"};
    for (size_t i = 0; i < 2; i++) {
        buf log;
        reading r;
        buf_init(&log, MEMORY);
        buf_add_text(&log, heads[i]);
        buf_add(&log, slice_of(hole, 3));
        buf_add_text(&log, HEAD("08.000000") "SELECT 2;\n");
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(event_of(&r, 0)->kind, i == 0 ? EVENT_DURATION : EVENT_STATEMENT);
        assert_int_equal(r.batch.skipped[SKIP_NULS].bytes, 3);
        assert_text(event_of(&r, 1)->text, "SELECT 2");
        end(&r);
        buf_free(&log);
    }
}

/* Whatever they hold, lines of a head are none of a banner: cutting sees what reading does. */
static void a_line_of_a_head_begins_no_banner(void **state)
{
    (void)state;
    static const char *const lines[] = {"Profile_x", "# x"};
    for (size_t i = 0; i < 2; i++) {
        char log[1024];
        reading r;
        snprintf(log, sizeof log, "%s%s%s", HEAD("07.000000"), lines[i], BANNER);
        begin(&r, slice_from(log));
        read_block(&r, slice_from(log), false);
        assert_int_equal(r.batch.n_events, 1);
        assert_int_equal(mysql_slow.cut(&r.format, slice_from(log), CUT_FIRST), 0);
        end(&r);
    }
}

/* The server has begun anew in the line that a truncation left: NULs, then its banner. */
static void a_banner_begins_behind_the_nuls_of_its_line(void **state)
{
    (void)state;
    static const char hole[] = "\0\0\0";
    reading r;
    for (int whole = 0; whole < 2; whole++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_add_text(&log,
                     whole ? HEAD("07.000000") "SELECT 1;\n" : HEAD("07.000000") "SELECT 1\n");
        size_t before = log.n;
        buf_add(&log, slice_of(hole, 3));
        buf_add_text(&log, BANNER);
        begin(&r, buf_slice(&log));
        read_block(&r, buf_slice(&log), false);
        assert_int_equal(event_of(&r, 0)->bytes, whole ? before : log.n);
        assert_int_equal(r.batch.n_events, 1 + whole);
        assert_int_equal(mysql_slow.cut(&r.format, buf_slice(&log), CUT_FIRST), 0);
        end(&r);
        buf_free(&log);
    }
}

static void a_tail_without_its_query_time_is_cut_off(void **state)
{
    (void)state;
    reading r;
    read_log(&r, HEAD("07.000000") "SELECT 1;\n" AT("08.000000") USER);
    assert_int_equal(r.batch.n_events, 1);
    assert_int_equal(r.batch.skipped[SKIP_CUT_OFF].count, 2);
    end(&r);
    read_log(&r, HEAD("07.000000") "SELECT 1;\n" HEAD("08.000000") "SELECT 'abc");
    assert_int_equal(r.batch.n_events, 2);
    assert_true((event_of(&r, 1)->has & TEXT_TRUNCATED) != 0);
    end(&r);
}

/* A cut is a boundary that both sides see: the parts are the whole. */
static void records_are_the_same_wherever_the_log_is_cut(void **state)
{
    (void)state;
    static const char log[] = BANNER HEAD("07.000000") "SELECT 1;\n" AT("08.000000") USER TOOK
        "use shop;\n" SET "-- a comment;\n" HEAD("09.000000") "SELECT 2;\n\n" BANNER HEAD(
            "10.000000") "# administrator command: Ping;\n" HEAD("11.000000") "SELECT 3;\n";
    reading r;
    read_log(&r, log);
    uint32_t whole = r.batch.n_events;
    assert_int_equal(whole, 7);
    for (size_t n = 1; n <= strlen(log); n++) {
        size_t at = mysql_slow.cut(&r.format, slice_of(log, n), CUT_LAST);
        if (at == 0) {
            continue;
        }
        read_block(&r, slice_of(log, at), false);
        assert_false(r.batch.is_open);
        uint32_t first = r.batch.n_events;
        read_block(&r, slice_skip(slice_from(log), at), false);
        assert_int_equal(first + r.batch.n_events, whole);
    }
    size_t first = mysql_slow.cut(&r.format, slice_from(log), CUT_FIRST);
    assert_int_equal(first, strlen(BANNER HEAD("07.000000") "SELECT 1;\n"));
    end(&r);
}

static void other_logs_are_not_taken_for_slow_logs(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "2020-09-29T22:30:17.233704Z 0 [Warning] InnoDB: Resizing redo log\n",
        "# a comment\nSELECT 1;\n# Time: yes\n",
        "2026-11-19 14:03:07.123 UTC [4711] LOG:  duration: 1 ms  statement: SELECT 1\n",
    };
    const format_options none = {0};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(mysql_slow.detect(slice_from(others[i]), &none), 0);
    }
    assert_int_equal(mysql_slow.detect(SLICE(BANNER), &none), 50);
    /* Sure enough where nothing else is likelier. */
    assert_int_equal(mysql_slow.detect(SLICE("tail of one;\n" HEAD("07.000000") "SELECT"), &none),
                     90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_record_of_mysql_8_is_understood_in_full),
        cmocka_unit_test(the_extra_fields_of_mysql_8_and_9_have_their_meaning),
        cmocka_unit_test(percona_server_tells_schema_sampling_and_errors),
        cmocka_unit_test(the_slowest_are_no_sample),
        cmocka_unit_test(mariadb_has_milliseconds_and_plans),
        cmocka_unit_test(old_servers_have_whole_seconds_and_leave_out_what_has_not_changed),
        cmocka_unit_test(the_forms_of_accounts_and_hosts),
        cmocka_unit_test(values_that_cannot_be_true_are_left_out_and_told),
        cmocka_unit_test(a_value_may_hold_blanks_or_nothing),
        cmocka_unit_test(attributes_of_a_newer_server_are_kept_in_the_unit_they_are_written_in),
        cmocka_unit_test(numbers_that_are_names_and_texts_are_no_attributes),
        cmocka_unit_test(attributes_that_cannot_be_true_are_left_out_and_told),
        cmocka_unit_test(a_record_has_a_bounded_number_of_attributes),
        cmocka_unit_test(times_of_tidb_whose_names_do_not_say_so_are_seconds),
        cmocka_unit_test(a_second_use_or_set_is_the_statement),
        cmocka_unit_test(commands_and_entries_without_a_statement),
        cmocka_unit_test(a_throttle_line_counts_what_was_left_out),
        cmocka_unit_test(a_literal_may_hold_records_of_a_slow_log),
        cmocka_unit_test(a_comment_without_its_end_swallows_nothing),
        cmocka_unit_test(a_comment_may_hold_a_record_of_a_slow_log),
        cmocka_unit_test(a_statement_without_its_closing_quote_swallows_nothing),
        cmocka_unit_test(a_block_that_ends_within_a_literal_says_so),
        cmocka_unit_test(comments_hide_quotes_and_executed_ones_do_not),
        cmocka_unit_test(a_line_of_a_statement_may_begin_with_a_hash),
        cmocka_unit_test(windows_line_ends_mean_nothing),
        cmocka_unit_test(a_hole_of_nuls_is_skipped_and_a_block_may_end_in_it),
        cmocka_unit_test(a_use_without_a_statement_behind_it_is_the_statement),
        cmocka_unit_test(a_hole_behind_a_head_ends_its_record),
        cmocka_unit_test(a_line_of_a_head_begins_no_banner),
        cmocka_unit_test(a_banner_begins_behind_the_nuls_of_its_line),
        cmocka_unit_test(a_tail_without_its_query_time_is_cut_off),
        cmocka_unit_test(records_are_the_same_wherever_the_log_is_cut),
        cmocka_unit_test(other_logs_are_not_taken_for_slow_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
