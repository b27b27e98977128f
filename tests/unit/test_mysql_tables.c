/* test_mysql_tables.c - mysql.slow_log as CSV and with tabs, and the general log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "parsers/mysql/general.h"
#include "parsers/mysql/slowlog.h"
#include "parsers/mysql/slowtable.h"

enum { MEMORY = 4 * 1024 * 1024, US = 1000000 };

typedef struct reading {
    arena keep;
    format format;
    batch batch;
} reading;

static void read_log(reading *r, const parser *p, slice log)
{
    status st = {0};
    arena_init(&r->keep, MEMORY);
    batch_init(&r->batch, MEMORY);
    assert_true(p->prepare(log, &(format_options){0}, &r->keep, &r->format, &st));
    p->parse(&r->format, log, false, &r->batch);
    uint64_t bytes = r->batch.event_bytes + r->batch.other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += r->batch.skipped[i].bytes;
    }
    assert_int_equal(bytes, log.n);
}

static void end(reading *r)
{
    batch_free(&r->batch);
    arena_free(&r->keep);
}

static void assert_text(slice got, const char *want)
{
    if (!slice_is(got, want)) {
        fail_msg("got '%.*s', want '%s'", (int)got.n, got.p, want);
    }
}

static int64_t instant(const char *stamp)
{
    int64_t us;
    int64_t resolution;
    slice rest = slice_from(stamp);
    assert_true(timestamp_take(&rest, &us, &resolution));
    return us;
}

static void the_csv_engine_s_rows_are_read_with_their_escapes(void **state)
{
    (void)state;
    reading r;
    slice log = SLICE("\"2026-11-19 14:03:07.123456\",\"app[app] @ web1 [10.0.0.7]\","
                      "\"00:00:02.500000\",\"00:00:00.000004\",20,3120,\"shop\",0,0,1,"
                      "\"SELECT \\\"a,b\\\"\\nFROM t WHERE c = '\\\\\\\\'\",42\n"
                      "no row of it\n");
    assert_int_equal(mysql_slow_table.detect(log, &(format_options){0}), 47); /* 95 of 2 lines */
    read_log(&r, &mysql_slow_table, log);
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    assert_text(e->text, "SELECT \"a,b\"\nFROM t WHERE c = '\\\\'");
    assert_int_equal(e->duration, 2500000);
    /* MySQL's column of that name is the end. */
    assert_int_equal(e->time, instant("2026-11-19 14:03:07.123456"));
    assert_int_equal(e->session, hash_bytes(SLICE("42")));
    assert_text(r.batch.whos[e->who].database, "shop");
    assert_text(r.batch.whos[e->who].user, "app");
    assert_text(r.batch.whos[e->who].host, "web1");
    assert_int_equal(r.batch.measured[0].value, 4);
    assert_int_equal(r.batch.measured[1].value, 20);
    assert_int_equal(r.batch.measured[2].value, 3120);
    assert_int_equal(r.batch.skipped[SKIP_FOREIGN].first_line, 1);
    assert_int_equal(r.format.clock_resolution, 1);
    end(&r);
}

static void mariadb_s_rows_with_tabs_begin_at_their_time(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mysql_slow_table,
             SLICE("start_time\tuser_host\tquery_time\tlock_time\trows_sent\trows_examined\tdb\t"
                   "last_insert_id\tinsert_id\tserver_id\tsql_text\tthread_id\trows_affected\n"
                   "2026-11-19 14:03:07.000000\tapp[app] @ localhost []\t00:01:00.000000\t"
                   "00:00:00.000000\t0\t0\tNULL\t0\t0\t1\tUPDATE t\\nSET a = 'x\\ty'\t7\t3\n"));
    assert_int_equal(r.batch.n_events, 1);
    const event *e = &r.batch.events[0];
    assert_text(e->text, "UPDATE t\nSET a = 'x\ty'");
    assert_int_equal(e->time, instant("2026-11-19 14:04:07"));
    assert_text(r.batch.whos[e->who].database, "");
    assert_int_equal(r.batch.measured[e->n_measured - 1].id, MEASURE_ROWS_AFFECTED);
    assert_int_equal(r.batch.measured[e->n_measured - 1].value, 3);
    end(&r);
}

static void the_general_log_has_statements_over_many_lines(void **state)
{
    (void)state;
    reading r;
    slice log = SLICE("261119 14:03:07\t    22 Connect\tapp@localhost on shop using Socket\n"
                      "\t\t    22 Query\tSELECT 'multi\n"
                      "line'\n"
                      "\t\t    22 Quit\t\n"
                      "2026-11-19T14:03:08.000000Z\t   23 Execute\tSELECT 2\n");
    read_log(&r, &mysql_general, log);
    assert_int_equal(r.batch.n_events, 4);
    assert_int_equal(r.batch.events[0].kind, EVENT_SESSION_START);
    assert_true((r.batch.events[0].has & LOCAL_TIME) != 0);
    assert_int_equal(r.batch.events[1].kind, EVENT_STATEMENT);
    assert_text(r.batch.events[1].text, "SELECT 'multi\nline'");
    assert_true((r.batch.events[1].has & (OPEN_TIME | HAS_DURATION)) == OPEN_TIME);
    assert_int_equal(r.batch.events[1].session, hash_bytes(SLICE("22")));
    assert_int_equal(r.batch.events[2].kind, EVENT_SESSION_END);
    assert_text(r.batch.events[3].text, "SELECT 2");
    assert_int_equal(r.batch.events[3].time, instant("2026-11-19 14:03:08"));
    size_t second = (size_t)(strchr(log.p, '\n') + 1 - log.p);
    assert_int_equal(mysql_general.cut(&r.format, log, CUT_FIRST), second);
    end(&r);
}

static const who *who_at(const reading *r, uint32_t i, uint32_t flag)
{
    assert_true(i < r->batch.n_events);
    assert_true((r->batch.events[i].has & (TELLS_WHO | ASKS_WHO)) == flag);
    return &r->batch.whos[r->batch.events[i].who];
}

static void the_general_log_s_connections_tell_whose_their_statements_are(void **state)
{
    (void)state;
    reading r;
    read_log(&r, &mysql_general,
             SLICE("261119 14:03:07\t    22 Connect\tapp@web1 on shop using TCP/IP\n"
                   "\t\t    22 Query\tSELECT 1\n"
                   "\t\t    22 Init DB\tblog\n"
                   "\t\t    22 Query\tUSE `odd; name`;\n"
                   "\t\t    22 Query\tuse `a`\nselect 2\n"
                   "\t\t    22 Change user\tmail@x@10.0.0.7 on \n"
                   "\t\t    23 Connect\troot@localhost as anonymous on \n"
                   "\t\t    24 Connect\tAccess denied for user 'a'@'b' (using password: YES)\n"));
    assert_text(who_at(&r, 0, TELLS_WHO)->user, "app");
    assert_text(who_at(&r, 0, TELLS_WHO)->host, "web1");
    assert_text(who_at(&r, 0, TELLS_WHO)->database, "shop");
    assert_text(who_at(&r, 1, ASKS_WHO)->user, "");
    assert_text(who_at(&r, 2, TELLS_WHO)->database, "blog");
    assert_text(who_at(&r, 3, TELLS_WHO)->database, "odd; name");
    assert_text(who_at(&r, 4, ASKS_WHO)->database, "");
    assert_text(who_at(&r, 5, TELLS_WHO)->user, "mail@x");
    assert_text(who_at(&r, 5, TELLS_WHO)->host, "10.0.0.7");
    assert_text(who_at(&r, 5, TELLS_WHO)->database, "");
    assert_int_equal(r.batch.events[5].kind, EVENT_SESSION_START);
    assert_text(who_at(&r, 6, TELLS_WHO)->host, "localhost");
    assert_text(who_at(&r, 7, ASKS_WHO)->user, "");
    end(&r);
}

static void a_record_of_the_slow_log_within_a_statement_makes_no_slow_log(void **state)
{
    (void)state;
    slice log = SLICE("261119 14:03:07\t    22 Query\tINSERT INTO t VALUES ('\n"
                      "# User@Host: app[app] @ web1 [10.0.0.7]\n"
                      "# Query_time: 5.0  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1\n"
                      "SELECT 1;\n')\n");
    int slow = mysql_slow.detect(log, &(format_options){0});
    assert_true(slow > 0 && slow < mysql_general.detect(log, &(format_options){0}));
    slice its_own = slice_skip(log, (size_t)(strchr(log.p, '#') - log.p));
    assert_int_equal(mysql_slow.detect(its_own, &(format_options){0}), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_csv_engine_s_rows_are_read_with_their_escapes),
        cmocka_unit_test(mariadb_s_rows_with_tabs_begin_at_their_time),
        cmocka_unit_test(the_general_log_has_statements_over_many_lines),
        cmocka_unit_test(a_record_of_the_slow_log_within_a_statement_makes_no_slow_log),
        cmocka_unit_test(the_general_log_s_connections_tell_whose_their_statements_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
