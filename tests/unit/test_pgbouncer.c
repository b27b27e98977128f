/* test_pgbouncer.c - the pooler's log: both shapes of its lines, who, what happened, every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "parsers/pgbouncer/pgbouncer.h"

enum { MEMORY = 1024 * 1024 };

#define AT     "2026-11-19 14:03:07.123 UTC [812] "
#define CLIENT "C-0x55d1c0a2b3e0: shop/app@10.1.2.3:53412 "
#define SERVER "S-0x55d1c0b0c0d0: shop/app@10.0.0.5:5432 "

static batch read_log(const char *log)
{
    batch b;
    arena keep;
    format f;
    status st = {0};
    slice block = slice_from(log);
    arena_init(&keep, MEMORY);
    batch_init(&b, MEMORY);
    assert_true(pgbouncer_log.prepare(block, &(format_options){0}, &keep, &f, &st));
    pgbouncer_log.parse(&f, block, false, &b);
    uint64_t bytes = b.event_bytes + b.other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += b.skipped[i].bytes;
    }
    assert_int_equal(bytes, block.n);
    arena_free(&keep);
    return b;
}

static void both_shapes_of_lines_are_read(void **state)
{
    (void)state;
    batch b = read_log(
        "2026-11-19 14:03:07.123 UTC [812] LOG " CLIENT "login attempt: db=shop user=app tls=no\n"
        "2026-11-19 14:03:07.123 812 LOG " CLIENT "login attempt: db=shop user=app\r\n"
        "2026-11-19 16:03:07.123 CEST [812] LOG listening on ::1/6432\n");
    assert_int_equal(b.n_events, 3);
    for (uint32_t i = 0; i < 2; i++) {
        const who *w = &b.whos[b.events[i].who];
        assert_int_equal(b.events[i].kind, EVENT_SESSION_START);
        assert_true(slice_is(w->database, "shop"));
        assert_true(slice_is(w->user, "app"));
        assert_true(slice_is(w->host, "10.1.2.3"));
        assert_true(b.events[i].has == (HAS_TIME | HAS_SESSION));
    }
    assert_true(b.events[0].session == b.events[1].session);
    assert_int_equal(b.events[2].zone_offset, 7200);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(b.events[i].time, 1795096987123000); /* 14:03:07.123 UTC */
        assert_int_equal(b.events[i].line, i);
    }
    batch_free(&b);
}

static void a_line_is_what_its_message_and_its_side_say(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        event_kind kind;
    } cases[] = {
        {AT "LOG stats: 1 xacts/s, 2 queries/s, in 3 B/s, out 4 B/s, xact 5 us, query 6 us, wait 7"
            " us\n",
         EVENT_STATISTICS},
        {AT "LOG Stats: 0 req/s, in 0 b/s, out 0 b/s,query 0 us\n", EVENT_STATISTICS},
        {AT "LOG " CLIENT "closing because: client close request (age=0s)\n", EVENT_SESSION_END},
        {AT "LOG " SERVER "closing because: server idle timeout (age=600s)\n", EVENT_MESSAGE},
        {AT "LOG " SERVER "new connection to server (from 10.1.2.3:41234)\n", EVENT_MESSAGE},
        {AT "WARNING " CLIENT "pooler error: query_wait_timeout\n", EVENT_ERROR},
        {AT "LOG " CLIENT "Pooler Error: Auth failed\n", EVENT_ERROR},
        {AT "ERROR accept() failed: Too many open files\n", EVENT_ERROR},
        {AT "FATAL @src/main.c:9 in function main(): unix socket is in use\n", EVENT_ERROR},
        {AT "WARNING tune_socket(13) failed: Permission denied\n", EVENT_WARNING},
        {AT "LOG process up: PgBouncer 1.21.0, libevent 2.1.12-stable\n", EVENT_SERVER_START},
        {AT "LOG got SIGTERM, fast exit\n", EVENT_SERVER_STOP},
        {AT "DEBUG parse_ini_file: 'x' = 'y' ok:1\n", EVENT_MESSAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        batch b = read_log(cases[i].line);
        assert_int_equal(b.n_events, 1);
        assert_int_equal(b.events[0].kind, cases[i].kind);
        batch_free(&b);
    }
}

/* The pooler's own words, without what clients and servers said. */
static void errors_tell_what_happened(void **state)
{
    (void)state;
    static const struct {
        const char *line, *subject;
    } cases[] = {
        {AT "WARNING " CLIENT "pooler error: query_wait_timeout\n", " query_wait_timeout"},
        {AT "WARNING " CLIENT "pooler error: no such database: hunter2\n", " no such database"},
        {AT "WARNING " CLIENT "pooler error: no more connections allowed (max_client_conn)\n",
         " no more connections allowed"},
        {AT "ERROR accept() failed: Too many open files\n", " accept() failed"},
        {AT "FATAL @src/main.c:9 in function main(): unix socket is in use\n",
         " unix socket is in use"},
        {AT "LOG " CLIENT "Pooler Error: server login failed: FATAL no role \"hunter2\"\n",
         " server login failed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        batch b = read_log(cases[i].line);
        assert_int_equal(b.n_facts, 1);
        assert_int_equal(b.facts[0].id, FACT_ERROR);
        assert_true(slice_is(b.facts[0].subject, cases[i].subject));
        batch_free(&b);
    }
}

static void unknown_names_are_empty_and_sockets_local(void **state)
{
    (void)state;
    batch b =
        read_log(AT "LOG C-0x1: (nodb)/(nouser)@unix(77):6432 registered new auto-database\n" AT
                    "LOG C-0x1: a/b@::1:6432 login attempt: db=a\n");
    const who *first = &b.whos[b.events[0].who];
    assert_int_equal(first->database.n + first->user.n, 0);
    assert_true(slice_is(first->host, "[local]"));
    assert_true(slice_is(b.whos[b.events[1].who].host, "::1"));
    batch_free(&b);
}

static void other_lines_and_impossible_times_are_skipped(void **state)
{
    (void)state;
    batch b = read_log("2026-11-19 14:03:07.123 UTC [812] app@shop LOG:  ready\n"
                       "2026-13-19 14:03:07.123 UTC [812] LOG ready\n"
                       "2026-11-19 14:03:07.123 UTC 812] LOG ready\n" AT "LOGG ready\n" AT "LOG");
    assert_int_equal(b.n_events, 0);
    assert_int_equal(b.skipped[SKIP_BAD_TIME].count, 1);
    assert_int_equal(b.skipped[SKIP_BAD_TIME].first_line, 1);
    assert_int_equal(b.skipped[SKIP_FOREIGN].count, 4);
    assert_int_equal(b.lines, 5);
    batch_free(&b);
}

static void only_the_pooler_s_log_is_recognised(void **state)
{
    (void)state;
    format_options none = {0};
    slice own =
        SLICE(AT "LOG stats: 0 xacts/s\n" AT "LOG listening on 0.0.0.0:6432\n" AT "LOG cut o");
    slice server = SLICE("2026-11-19 14:03:07.123 UTC [812] app@shop LOG:  ready\n");
    assert_int_equal(pgbouncer_log.detect(own, &none), 100);
    assert_int_equal(pgbouncer_log.detect(server, &none), 0);
    assert_int_equal(pgbouncer_log.detect(SLICE(""), &none), 0);
}

static void any_line_end_is_a_boundary(void **state)
{
    (void)state;
    slice log = SLICE("one\ntwo\nthree\n");
    assert_int_equal(pgbouncer_log.cut(NULL, log, CUT_FIRST), 4);
    assert_int_equal(pgbouncer_log.cut(NULL, log, CUT_LAST), 8);
    assert_int_equal(pgbouncer_log.cut(NULL, slice_take(log, 4), CUT_LAST), 0);
    assert_int_equal(pgbouncer_log.cut(NULL, SLICE(""), CUT_FIRST), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_shapes_of_lines_are_read),
        cmocka_unit_test(a_line_is_what_its_message_and_its_side_say),
        cmocka_unit_test(errors_tell_what_happened),
        cmocka_unit_test(unknown_names_are_empty_and_sockets_local),
        cmocka_unit_test(other_lines_and_impossible_times_are_skipped),
        cmocka_unit_test(only_the_pooler_s_log_is_recognised),
        cmocka_unit_test(any_line_end_is_a_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
