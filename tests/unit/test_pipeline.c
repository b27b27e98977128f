/* test_pipeline.c - a log through its workers: any number of them gives the same store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsers/mysql/slowlog.h"
#include "parsers/parser.h"
#include "pipeline/pipeline.h"
#include "store_fixture.h"

static const int64_t BEGIN = 1795096800000000; /* 2026-11-19 14:00:00 UTC */

static void add_bytes(void *context, uint64_t bytes)
{
    *(uint64_t *)context += bytes;
}

/* Reads a file of a format into a new store; returns the store. */
static store *run_with(const parser *row, const char *path, unsigned jobs, uint64_t *advanced,
                       uint64_t *calls)
{
    store *s = store_in_memory();
    input in;
    framer frames;
    reading how_read = {0};
    arena keep;
    fold f;
    slice head;
    status st = {0};
    const normaliser *n = normaliser_find(row->engine);
    const progress report = {add_bytes, advanced};
    *advanced = 0;
    arena_init(&keep, 1024 * 1024);
    assert_true(input_open(&in, path, -1, &st));
    assert_true(input_peek(&in, 65536, &head, &st));
    assert_true(row->prepare(head, &(format_options){.prefix = SLICE("%m [%p] %u@%d ")}, &keep,
                             &how_read.format, &st));
    framer_init(&frames, &in, &how_read, false, 0, SLICE(""));
    const segment seg = {.id = {1, 2},
                         .engine = slice_from(row->engine),
                         .format = slice_from(row->name),
                         .detail = how_read.format.detail,
                         .role = slice_from(row->role)};
    const name_list no_more_keys = {0};
    const mapping how = {.reading = &how_read, .normaliser = n, .tag_keys = &no_more_keys};
    assert_true(fold_init(&f, s, SLICE("prod"), NULL));
    assert_true(store_begin(s, &st));
    assert_true(fold_begin(&f, &how_read.format, n, &seg, BEGIN, &st));
    assert_true(pipeline_run(&frames, &how, &f, jobs, &report, &st));
    assert_true(fold_give_up(&f, &st));
    assert_true(fold_end(&f, &st));
    assert_true(store_commit(s, &st));
    *calls = f.calls;
    fold_free(&f);
    framer_free(&frames);
    input_close(&in);
    arena_free(&keep);
    return s;
}

static store *run(const char *path, unsigned jobs, uint64_t *advanced, uint64_t *calls)
{
    return run_with(parser_registry[0], path, jobs, advanced, calls);
}

static void add_record(buf *log, int n, const char *statement)
{
    buf_printf(log,
               "# Time: 2026-11-19T14:%02d:%02d.000000Z\n"
               "# User@Host: app[app] @ web1 [10.0.0.7]  Id:    42\n"
               "# Query_time: 0.001000  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 1\n"
               "SET timestamp=1795096986;\n%s%d",
               n / 60 % 60, n % 60, statement, n);
}

/* A literal longer than two blocks that holds nothing but records: wherever a block ends, it ends
 * at one of these. */
static void blocks_that_end_within_a_literal_are_read_again(void **state)
{
    (void)state;
    enum { RECORDS = 1000, IN_LITERAL = 3000 };
    folder dir = folder_make();
    file_name path = file_in(&dir, "slow.log");
    buf log;
    buf_init(&log, 16 * 1024 * 1024);
    for (int i = 0; i < RECORDS; i++) {
        add_record(&log, i, i == RECORDS / 2 ? "INSERT INTO t VALUES ('" : "SELECT ");
        for (int k = 0; i == RECORDS / 2 && k < IN_LITERAL; k++) {
            buf_add_text(&log, ";\n");
            add_record(&log, k, "SELECT ");
        }
        buf_add_text(&log, i == RECORDS / 2 ? "');\n" : ";\n");
    }
    file_write(path.text, buf_slice(&log));
    store *first = NULL;
    const unsigned jobs[] = {1, 2, 4};
    for (int i = 0; i < 3; i++) {
        uint64_t advanced;
        uint64_t calls;
        store *s = run_with(&mysql_slow, path.text, jobs[i], &advanced, &calls);
        assert_int_equal(calls, RECORDS);
        assert_int_equal(advanced, log.n);
        if (first != NULL) {
            stores_are_equal(first, s);
            store_close(s);
        } else {
            first = s;
        }
    }
    store_close(first);
    buf_free(&log);
    folder_remove(&dir, (const char *[]){"slow.log"}, 1);
}

/* Those that come first in the log have a place; of a record with another its other figures stay.
 */
static void attributes_past_the_bound_are_left_out_and_told(void **state)
{
    (void)state;
    enum { RECORDS = 20000, NAMES = ATTRIBUTES_MAX + 2 };
    folder dir = folder_make();
    file_name path = file_in(&dir, "slow.log");
    buf log;
    buf_init(&log, 16 * 1024 * 1024);
    for (int i = 0; i < RECORDS; i++) {
        buf_printf(&log, "# User@Host: a[a] @ h []\n# Query_time: 0.001  Rows_sent: 1\n# N%d: 3\n",
                   i % NAMES);
        buf_add_text(&log, "SET timestamp=1795096986;\nSELECT 1;\n");
    }
    file_write(path.text, buf_slice(&log));
    for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
        uint64_t advanced;
        uint64_t calls;
        store *s = run_with(&mysql_slow, path.text, jobs, &advanced, &calls);
        int64_t left_out =
            RECORDS / NAMES * 2; /* 20000 = 153 * 130 + 110: no more of the last two */
        assert_int_equal(calls, RECORDS);
        assert_int_equal(
            store_number(s, "SELECT count(*) FROM names WHERE dimension = 'attribute'"),
            ATTRIBUTES_MAX);
        assert_int_equal(
            store_number(s, "SELECT count(*) FROM measures WHERE measure LIKE 'count:N%'"),
            ATTRIBUTES_MAX);
        assert_int_equal(store_number(s, "SELECT count(*) FROM measures WHERE measure IN"
                                         " ('count:N128', 'count:N129')"),
                         0);
        assert_int_equal(
            store_number(s, "SELECT sum(sum) FROM measures WHERE measure LIKE 'count:N%'"),
            (RECORDS - left_out) * 3);
        assert_int_equal(store_number(s, "SELECT sum(n) FROM measures WHERE measure = 'rows_sent'"),
                         RECORDS);
        assert_int_equal(store_number(s, "SELECT sum(n) FROM server_events"
                                         " WHERE kind = 'attributes-left-out'"),
                         left_out);
        assert_int_equal(store_number(s, "SELECT count(*) FROM limits WHERE topic = 'attributes'"),
                         1);
        store_close(s);
    }
    buf_free(&log);
    folder_remove(&dir, (const char *[]){"slow.log"}, 1);
}

static void any_number_of_jobs_gives_the_same_store(void **state)
{
    (void)state;
    folder dir = folder_make();
    file_name path = file_in(&dir, "a.log");
    buf log = log_make(BEGIN, 20000); /* some ten blocks */
    file_write(path.text, buf_slice(&log));
    uint64_t advanced;
    uint64_t calls;
    store *one = run(path.text, 1, &advanced, &calls);
    assert_int_equal(advanced, log.n);
    const unsigned jobs[] = {2, 4, 7};
    for (int i = 0; i < 3; i++) {
        uint64_t many_advanced;
        uint64_t many_calls;
        store *many = run(path.text, jobs[i], &many_advanced, &many_calls);
        assert_int_equal(many_advanced, log.n);
        assert_int_equal(many_calls, calls);
        stores_are_equal(one, many);
        store_close(many);
    }
    store_close(one);
    buf_free(&log);
    folder_remove(&dir, (const char *[]){"a.log"}, 1);
}

/* What the generator wrote, counted by its own rule. */
static void every_execution_of_a_log_is_one_call(void **state)
{
    (void)state;
    folder dir = folder_make();
    file_name path = file_in(&dir, "a.log");
    enum { RECORDS = 8000 };
    buf log = log_make(BEGIN, RECORDS);
    file_write(path.text, buf_slice(&log));
    int64_t texts = 0;
    int64_t errors = 0;
    for (uint64_t i = 0; i < RECORDS; i++) {
        uint64_t kind = mix64(77, i) >> 40 & 15;
        /* The errors name other statements than those that wait. */
        texts += kind == 2 || kind == 3 || kind >= 8;
        errors += kind == 0;
    }
    uint64_t advanced;
    uint64_t calls;
    store *s = run(path.text, 2, &advanced, &calls);
    assert_int_equal(calls, texts);
    assert_int_equal(store_number(s, "SELECT sum(calls) FROM digest"), texts);
    assert_int_equal(store_number(s, "SELECT sum(n) FROM errors"), errors);
    assert_int_equal(store_number(s, "SELECT sum(errors) FROM digest"), errors);
    assert_int_equal(store_number(s, "SELECT sum(n) FROM server_events"), RECORDS);
    assert_int_equal(store_number(s, "SELECT events FROM segments"), RECORDS);
    assert_int_equal(store_number(s, "SELECT bytes FROM segments"), log.n);
    assert_int_equal(store_number(s, "SELECT event_bytes + other_bytes + (SELECT sum(bytes) FROM"
                                     " skipped) FROM segments"),
                     log.n);
    store_close(s);
    buf_free(&log);
    folder_remove(&dir, (const char *[]){"a.log"}, 1);
}

static void an_empty_log_ends_at_once(void **state)
{
    (void)state;
    folder dir = folder_make();
    file_name path = file_in(&dir, "a.log");
    file_write(path.text, SLICE(""));
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        uint64_t advanced;
        uint64_t calls;
        store *s = run(path.text, jobs, &advanced, &calls);
        assert_int_equal(advanced + calls, 0);
        store_close(s);
    }
    folder_remove(&dir, (const char *[]){"a.log"}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_that_end_within_a_literal_are_read_again),
        cmocka_unit_test(attributes_past_the_bound_are_left_out_and_told),
        cmocka_unit_test(any_number_of_jobs_gives_the_same_store),
        cmocka_unit_test(every_execution_of_a_log_is_one_call),
        cmocka_unit_test(an_empty_log_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
