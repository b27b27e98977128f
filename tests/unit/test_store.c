/* test_store.c - the SQLite file: who may open it, adding up, rolling back, merging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "store_fixture.h"

enum { MEMORY = 64 * 1024 * 1024 };

static const int64_t BEGIN = 1795096800000000; /* 2026-11-19 14:00:00 UTC */

static store *open_store(const char *path)
{
    store *s;
    status st = {0};
    assert_true(store_open(path, STORE_WRITE, &s, &st));
    return s;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void refused(const char *path, store_mode mode, const char *because)
{
    store *s;
    status st = {0};
    assert_false(store_open(path, mode, &s, &st));
    assert_null(s);
    assert_int_equal(st.code, STATUS_STORE);
    assert_non_null(strstr(st.text, because));
    assert_non_null(strstr(st.text, path));
}

/* --- days ---------------------------------------------------------------------------- */

static void a_day_begins_at_midnight_of_its_zone(void **state)
{
    (void)state;
    static const int64_t midnight = 1795046400; /* 2026-11-19 00:00:00 UTC */
    enum { HOUR = 3600, DAY = 24 * HOUR, INDIA = 11 * HOUR / 2, PACIFIC = -8 * HOUR };
    assert_int_equal(store_day_of(midnight, 0), midnight);
    assert_int_equal(store_day_of(midnight + 23 * HOUR, 0), midnight);
    assert_int_equal(store_day_of(midnight - HOUR, 0), midnight - DAY);
    assert_int_equal(store_day_of(midnight + 18 * HOUR, INDIA), midnight - INDIA);
    assert_int_equal(store_day_of(midnight - INDIA + DAY, INDIA), midnight - INDIA + DAY);
    assert_int_equal(store_day_of(midnight + 7 * HOUR, PACIFIC), midnight - DAY - PACIFIC);
    assert_int_equal(store_day_of(midnight + 8 * HOUR, PACIFIC), midnight - PACIFIC);
    assert_int_equal(store_day_of(-HOUR, 0), -DAY); /* before 1970 */
}

/* --- opening ------------------------------------------------------------------------ */

static void a_store_is_made_for_its_owner_alone_whatever_the_umask(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    mode_t before = umask(0);
    store_close(open_store(path.text));
    umask(before);
    struct stat info;
    assert_int_equal(stat(path.text, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_store_says_what_it_is_and_opens_again(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    store_close(open_store(path.text));
    store *s = open_store(path.text);
    assert_int_equal(store_number(s, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(store_number(s, "PRAGMA user_version"), STORE_VERSION);
    assert_int_equal(store_number(s, "SELECT count(*) FROM meta"), 1);
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_store_to_read_must_exist_and_is_not_changed(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    refused(path.text, STORE_READ, "cannot open");
    assert_int_equal(access(path.text, F_OK), -1);
    file_write(path.text, SLICE(""));
    refused(path.text, STORE_READ, "not a qlog store");
    store_close(open_store(path.text));
    store *s;
    status st = {0};
    assert_true(store_open(path.text, STORE_READ, &s, &st));
    assert_false(store_begin(s, &st) && store_add_fingerprint(s, 1, SLICE("e"), SLICE("v"),
                                                              SLICE("t"), &(bool){false}, &st));
    assert_int_equal(st.code, STATUS_STORE);
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static bool is_in_wal_mode(const char *path)
{
    char head[20]; /* of SQLite's header: the versions for writing and reading at 18 and 19 */
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, head, sizeof head), sizeof head);
    close(fd);
    return head[18] == 2;
}

static void what_is_no_store_is_refused_and_left_as_it_is(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    char text[5000];
    memset(text, 'x', sizeof text);
    file_write(path.text, slice_of(text, sizeof text));
    refused(path.text, STORE_WRITE, "not a database");
    refused(path.text, STORE_READ, "not a database");
    unlink(path.text);
    change(path.text, "CREATE TABLE accounts(id)"); /* another program's database */
    refused(path.text, STORE_WRITE, "not a qlog store");
    change(path.text, "PRAGMA application_id = 12345");
    refused(path.text, STORE_WRITE, "not a qlog store");
    change(path.text, "DROP TABLE accounts");
    refused(path.text, STORE_WRITE, "not a qlog store");
    change(path.text, "PRAGMA journal_mode = WAL");
    refused(path.text, STORE_WRITE, "not a qlog store");
    assert_true(is_in_wal_mode(path.text)); /* a setting that is kept in the file */
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_store_of_a_version_that_never_was_is_refused(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    store_close(open_store(path.text));
    change(path.text, "PRAGMA user_version = 999");
    refused(path.text, STORE_WRITE, "newer qlog");
    refused(path.text, STORE_READ, "newer qlog");
    change(path.text, "PRAGMA user_version = 0");
    refused(path.text, STORE_WRITE, "no way leads from its version");
    refused(path.text, STORE_READ, "no way leads from its version");
    assert_int_equal(access(file_in(&f, "s.db.version-0").text, F_OK), -1);
    change(path.text, "PRAGMA user_version = 3");
    change(path.text, "UPDATE meta SET value = '77' WHERE name = 'fingerprint_version'");
    refused(path.text, STORE_WRITE, "fingerprints are of version 77");
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

/* --- one run at a time ----------------------------------------------------------------- */

enum { LONG_WAIT = 60000000 };

static void write_byte(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void await_byte(int fd)
{
    char byte;
    assert_int_equal(read(fd, &byte, 1), 1);
}

/* A process that has the store open for writing until it is told to end. */
typedef struct other_run {
    pid_t pid;
    int tell; /* a byte or the end, and it closes the store */
} other_run;

static other_run begin_other_run(const char *path)
{
    int ready[2];
    int end[2];
    assert_int_equal(pipe(ready) | pipe(end), 0);
    other_run run = {.pid = fork(), .tell = end[1]};
    assert_true(run.pid >= 0);
    if (run.pid == 0) {
        store *s = NULL;
        status st = {0};
        close(end[1]);
        bool ok = store_open(path, STORE_WRITE, &s, &st);
        char byte = ok ? 'x' : '!';
        ok = write(ready[1], &byte, 1) == 1 && read(end[0], &byte, 1) >= 0;
        store_close(s);
        _exit(ok ? 0 : 1);
    }
    close(ready[1]);
    close(end[0]);
    await_byte(ready[0]);
    close(ready[0]);
    return run;
}

static void end_other_run(const other_run *run)
{
    int code;
    close(run->tell);
    assert_int_equal(waitpid(run->pid, &code, 0), run->pid);
    assert_int_equal(code, 0);
}

/* What a run was told while it waited; it then ends what it waited for. */
typedef struct told {
    const other_run *run;
    int64_t process;
    int times;
} told;

static void end_when_told(void *context, int64_t process)
{
    told *t = context;
    t->process = process;
    t->times++;
    write_byte(t->run->tell);
}

static void one_run_at_a_time_writes_and_the_others_learn_who(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    other_run run = begin_other_run(path.text);
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)run.pid);
    store *s;
    status st = {0};
    assert_false(store_open_waiting(path.text, &(store_wait){.us = 0}, &s, &st));
    assert_int_equal(st.code, STATUS_STORE);
    assert_non_null(strstr(st.text, process));
    st = (status){0};
    assert_false(store_open_waiting(path.text, &(store_wait){.us = 300000}, &s, &st));
    assert_non_null(strstr(st.text, "still after 300 ms"));
    told t = {.run = &run};
    st = (status){0};
    store_wait wait = {.us = LONG_WAIT, .tell = end_when_told, .context = &t};
    assert_true(store_open_waiting(path.text, &wait, &s, &st));
    assert_int_equal(t.times, 1);
    assert_int_equal(t.process, run.pid);
    store_close(s);
    end_other_run(&run);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_run_that_was_killed_holds_no_lock(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    other_run run = begin_other_run(path.text);
    kill(run.pid, SIGKILL);
    assert_int_equal(waitpid(run.pid, &(int){0}, 0), run.pid);
    close(run.tell);
    store *s;
    status st = {0};
    assert_true(store_open_waiting(path.text, &(store_wait){.us = 0}, &s, &st));
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

/* The path that the waiting run shall find another store at. */
typedef struct swap {
    const other_run *run;
    const char *from, *to;
} swap;

static void replace_when_told(void *context, int64_t process)
{
    const swap *w = context;
    (void)process;
    assert_int_equal(rename(w->from, w->to), 0);
    write_byte(w->run->tell);
}

static void who_waits_gets_the_store_that_is_there_then(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    file_name next = file_in(&f, "next.db");
    store_close(open_store(next.text));
    change(next.text, "INSERT INTO meta VALUES('mark', 'the other')");
    other_run run = begin_other_run(path.text);
    swap w = {&run, next.text, path.text};
    store *s;
    status st = {0};
    store_wait wait = {.us = LONG_WAIT, .tell = replace_when_told, .context = &w};
    assert_true(store_open_waiting(path.text, &wait, &s, &st));
    assert_int_equal(store_number(s, "SELECT count(*) FROM meta WHERE name = 'mark'"), 1);
    assert_true(store_is_file(s, path.text));
    store_close(s);
    end_other_run(&run);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_store_is_read_while_another_run_has_it(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    other_run run = begin_other_run(path.text);
    store *s;
    status st = {0};
    assert_true(store_open(path.text, STORE_READ, &s, &st));
    assert_int_equal(store_number(s, "SELECT count(*) FROM segments"), 0);
    store_close(s);
    end_other_run(&run);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void a_folder_that_is_missing_is_named(void **state)
{
    (void)state;
    refused("/nonexistent/s.db", STORE_WRITE, "No such file or directory");
}

/* --- what is written -------------------------------------------------------------------- */

static segment segment_of(uint64_t id, uint64_t bytes)
{
    return (segment){.id = {id, id + 1},
                     .head = {9, 9},
                     .engine = SLICE("postgresql"),
                     .format = SLICE("postgresql-stderr"),
                     .detail = SLICE("%m "),
                     .role = SLICE("server log"),
                     .zone = SLICE("UTC"),
                     .bytes = bytes,
                     .lines = bytes / 10,
                     .tail = {UINT64_MAX, 1},
                     .events = bytes / 20,
                     .event_bytes = bytes,
                     .first_at = BEGIN,
                     .last_at = BEGIN + (int64_t)bytes,
                     .clock_resolution = 1000,
                     .zone_offset = -12600};
}

static void a_segment_is_found_again_by_its_head_with_all_it_holds(void **state)
{
    (void)state;
    store *s = store_in_memory();
    status st = {0};
    arena a;
    segment found[4];
    uint32_t n;
    arena_init(&a, MEMORY);
    segment one = segment_of(1, 1000);
    one.detail_inferred = true;
    one.orphans = 3;
    one.evicted = 4;
    one.other_bytes = 5;
    one.skipped[SKIP_FOREIGN] = (skipped){.count = 7, .bytes = 80, .first_line = 9};
    segment two = segment_of(2, 50);
    two.head.high = 8;
    assert_true(store_write_segment(s, SLICE("prod"), &two, &st));
    assert_true(store_write_segment(s, SLICE("prod"), &one, &st));
    one.bytes = 2000; /* it grew: the row is replaced */
    assert_true(store_write_segment(s, SLICE("prod"), &one, &st));
    assert_true(store_find_segments(s, SLICE("prod"), one.head, &a, found, 4, &n, &st));
    assert_int_equal(n, 1);
    assert_true(found[0].id.high == 1 && found[0].id.low == 2);
    assert_true(found[0].tail.high == UINT64_MAX && found[0].tail.low == 1);
    assert_true(slice_equal(found[0].engine, one.engine));
    assert_true(slice_equal(found[0].format, one.format));
    assert_true(slice_equal(found[0].detail, one.detail));
    assert_true(slice_equal(found[0].role, one.role));
    assert_true(slice_equal(found[0].zone, one.zone));
    assert_true(found[0].detail_inferred && !found[0].unknown_zone && found[0].stored);
    assert_int_equal(found[0].bytes, 2000);
    assert_int_equal(found[0].lines, 100);
    assert_int_equal(found[0].events, 50);
    assert_int_equal(found[0].event_bytes, 1000);
    assert_int_equal(found[0].other_bytes, 5);
    assert_true(found[0].first_at == BEGIN && found[0].last_at == BEGIN + 1000);
    assert_int_equal(found[0].zone_offset, -12600);
    assert_int_equal(found[0].orphans, 3);
    assert_int_equal(found[0].evicted, 4);
    assert_int_equal(found[0].skipped[SKIP_FOREIGN].count, 7);
    assert_int_equal(found[0].skipped[SKIP_FOREIGN].bytes, 80);
    assert_int_equal(found[0].skipped[SKIP_FOREIGN].first_line, 9);
    assert_int_equal(found[0].skipped[SKIP_HEADLESS].count, 0);
    assert_true(store_find_segments(s, SLICE("other"), one.head, &a, found, 4, &n, &st));
    assert_int_equal(n, 0);
    arena_free(&a);
    store_close(s);
}

static void make_whos(who_table *whos)
{
    bool is_new;
    who_table_init(whos);
    static const who people[] = {
        {.user = {"app", 3}, .database = {"shop", 4}, .host = {"h1", 2}},
        {.user = {"web", 3}, .database = {"shop", 4}, .host = {"h2", 2}},
        {.user = {"web", 3}, .application = {"psql", 4}},
    };
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(who_table_add(whos, &people[i], &is_new), i);
    }
}

/* Adds call number i, whose every figure comes from i. */
static void add_call(digest *d, uint64_t i)
{
    uint64_t x = mix64(5, i);
    uint32_t second;
    int64_t at = BEGIN + (int64_t)(x % 7200) * 1000000;
    int64_t hour = digest_hour(at, 0, &second);
    uint64_t fingerprint = x >> 16 & 3 ? (x >> 16 & 3) : UINT64_MAX;
    digest_row *row = digest_find(d, hour, fingerprint, (uint32_t)(x >> 20) % 3);
    const digest_call call = {.at = at,
                              .duration = (int64_t)(x >> 24 & 0xffff),
                              .has_time = true,
                              .has_duration = (x >> 40 & 7) != 0,
                              .second = second,
                              .offset = i * 100,
                              .line = i + 1};
    assert_true(digest_add_call(d, row, &call));
    assert_true(digest_count(d, TALLY_EVENT, hour, 0, SLICE("statement"), 1));
    assert_true(digest_count(d, TALLY_QUERY_ID, 0, fingerprint, SLICE("pg_queryid=-5"), 1));
    if (i % 5 == 0) {
        assert_true(digest_add_measure(d, row, MEASURE_BIND_TIME, x >> 50));
        assert_true(digest_count(d, TALLY_ERROR_CODE, hour, fingerprint, SLICE("42601"), 1));
        row->errors++;
    }
}

/* Adds the calls [0, n) of a segment, emptying the digest into the store after each `step`. */
static void add_calls(store *s, uint64_t segment_id, uint64_t n, uint64_t step)
{
    digest d;
    who_table whos;
    status st = {0};
    segment seg = segment_of(segment_id, n * 100);
    digest_init(&d, MEMORY);
    make_whos(&whos);
    assert_true(store_begin(s, &st));
    for (uint64_t i = 0; i < n; i++) {
        add_call(&d, i);
        if ((i + 1) % step == 0 || i + 1 == n) {
            assert_true(store_add_digest(s, SLICE("prod"), &seg, &d, &whos, &st));
            digest_clear(&d);
            seg.stored = true;
        }
    }
    assert_true(store_write_segment(s, SLICE("prod"), &seg, &st));
    assert_true(store_commit(s, &st));
    who_table_free(&whos);
    digest_free(&d);
}

static void it_does_not_matter_where_a_digest_was_emptied_into_the_store(void **state)
{
    (void)state;
    store *whole = store_in_memory();
    add_calls(whole, 1, 500, 500);
    assert_int_equal(store_number(whole, "SELECT sum(calls) FROM digest"), 500);
    assert_int_equal(store_number(whole, "SELECT sum(errors) FROM digest"), 100);
    assert_int_equal(store_number(whole, "SELECT sum(n) FROM errors"), 100);
    assert_int_equal(store_number(whole, "SELECT sum(n) FROM server_events"), 500);
    assert_int_equal(store_number(whole, "SELECT count(*) FROM aliases WHERE value = '-5'"), 4);
    const uint64_t steps[] = {1, 7, 250, 499};
    for (int i = 0; i < 4; i++) {
        store *parts = store_in_memory();
        add_calls(parts, 1, 500, steps[i]);
        stores_are_equal(whole, parts);
        store_close(parts);
    }
    store_close(whole);
}

static void examples_are_the_slowest_of_an_hour_and_fingerprint(void **state)
{
    (void)state;
    store *s = store_in_memory();
    add_calls(s, 1, 500, 100);
    assert_int_equal(store_number(s, "SELECT max(n) FROM (SELECT count(*) AS n FROM examples"
                                     " GROUP BY hour, fingerprint)"),
                     EXAMPLES_KEPT);
    /* The slowest of all is the largest value that was measured. */
    assert_int_equal(store_number(s, "SELECT max(duration) FROM examples"),
                     store_number(s, "SELECT max(max) FROM measures WHERE measure = 'query_time'"));
    store_close(s);
}

static void a_statement_that_only_failed_can_be_added_again(void **state)
{
    (void)state;
    store *s = store_in_memory();
    digest d;
    who_table whos;
    status st = {0};
    segment seg = segment_of(1, 100);
    digest_init(&d, MEMORY);
    make_whos(&whos);
    for (int i = 0; i < 3; i++) {
        digest_find(&d, 0, 7, 0)->errors++;
        assert_true(store_add_digest(s, SLICE("prod"), &seg, &d, &whos, &st));
        digest_clear(&d);
        seg.stored = true;
    }
    assert_int_equal(store_number(s, "SELECT errors FROM digest"), 3);
    assert_int_equal(store_number(s, "SELECT length(series) FROM digest"), 0);
    who_table_free(&whos);
    digest_free(&d);
    store_close(s);
}

static void a_damaged_blob_stops_the_adding(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    store *s = open_store(path.text);
    add_calls(s, 1, 50, 50);
    store_close(s);
    change(path.text, "UPDATE measures SET histogram = x'02ffff'");
    s = open_store(path.text);
    digest d;
    who_table whos;
    status st = {0};
    segment seg = segment_of(1, 100);
    digest_init(&d, MEMORY);
    make_whos(&whos);
    add_call(&d, 1);
    assert_true(store_begin(s, &st));
    assert_false(store_add_digest(s, SLICE("prod"), &seg, &d, &whos, &st));
    assert_int_equal(st.code, STATUS_STORE);
    assert_non_null(strstr(st.text, "damaged histogram"));
    store_rollback(s);
    who_table_free(&whos);
    digest_free(&d);
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void texts_limits_and_thresholds_are_kept_once(void **state)
{
    (void)state;
    store *s = store_in_memory();
    status st = {0};
    slice prod = SLICE("prod");
    segment seg = segment_of(1, 100);
    for (int i = 0; i < 2; i++) {
        assert_true(store_add_fingerprint(s, UINT64_MAX, SLICE("e"), SLICE("SELECT"),
                                          i == 0 ? SLICE("first") : SLICE("second"), &(bool){false},
                                          &st));
        assert_true(store_add_threshold(s, prod, &seg, 5, 250, SLICE("log"), &st));
        assert_true(store_set_limit(s, prod, &seg, SLICE("fields"), SLICE("users"),
                                    i == 0 ? SLICE("a") : SLICE("b"), SLICE(""), &st));
        bool replaced = i == 0;
        assert_true(
            store_set_path(s, prod, SLICE("/x.log"), (hash128){(uint64_t)i, 0}, &replaced, &st));
        assert_int_equal(replaced, i == 1);
    }
    assert_int_equal(store_number(s, "SELECT count(*) FROM fingerprints WHERE text = 'first'"), 1);
    assert_int_equal(store_number(s, "SELECT fingerprint FROM fingerprints"), -1);
    assert_int_equal(store_number(s, "SELECT count(*) FROM thresholds"), 1);
    assert_int_equal(store_number(s, "SELECT count(*) FROM limits WHERE because = 'b'"), 1);
    /* The path's earlier log is still known to have been there. */
    assert_int_equal(store_number(s, "SELECT count(*) FROM ledger"), 2);
    assert_int_equal(store_number(s, "SELECT sum(latest) FROM ledger"), 1);
    store_close(s);
}

static void the_fold_s_state_is_kept_by_source_and_engine(void **state)
{
    (void)state;
    store *s = store_in_memory();
    status st = {0};
    buf bytes;
    int64_t as_of;
    buf_init(&bytes, 100);
    assert_true(store_read_state(s, SLICE("prod"), SLICE("e"), &as_of, &bytes, &st));
    assert_int_equal(as_of, 0);
    assert_int_equal(bytes.n, 0);
    assert_true(store_write_state(s, SLICE("prod"), SLICE("e"), 7, SLICE("\x01\x00z"), &st));
    assert_true(store_write_state(s, SLICE("prod"), SLICE("f"), 8, SLICE(""), &st));
    assert_true(store_read_state(s, SLICE("prod"), SLICE("e"), &as_of, &bytes, &st));
    assert_int_equal(as_of, 7);
    assert_true(slice_equal(buf_slice(&bytes), SLICE("\x01\x00z")));
    assert_true(store_read_state(s, SLICE("prod"), SLICE("f"), &as_of, &bytes, &st));
    assert_int_equal(as_of, 8);
    assert_int_equal(bytes.n, 0);
    buf_free(&bytes);
    store_close(s);
}

static void a_source_s_names_are_known_to_the_next_run(void **state)
{
    (void)state;
    store *s = store_in_memory();
    status st = {0};
    who_table whos;
    who_table_init(&whos);
    static const who people[] = {
        {{"shop", 4}, {"a", 1}, {"web", 3}, {"h1", 2}, {"action\0x\0", 9}},
        {{"shop", 4}, {"b", 1}, {"web", 3}, {"h2", 2}, {"action\0y\0", 9}}};
    for (int i = 0; i < 2; i++) {
        bool is_new;
        who_table_add(&whos, &people[i], &is_new);
        assert_true(is_new);
    }
    assert_true(store_write_names(s, SLICE("prod"), &whos, &st));
    who_table_free(&whos);
    who_table_init(&whos);
    assert_true(store_read_names(s, SLICE("prod"), &whos, &st));
    assert_int_equal(whos.values[WHO_DATABASE].n, 1);
    assert_int_equal(whos.values[WHO_USER].n, 2);
    assert_int_equal(whos.values[WHO_APPLICATION].n, 1);
    assert_int_equal(whos.values[WHO_HOST].n, 2);
    assert_int_equal(whos.n_tags, 1);
    assert_true(slice_is(whos.tags[0].key, "action"));
    assert_int_equal(whos.tags[0].values.n, 2);
    who_table_free(&whos);
    who_table_init(&whos);
    assert_true(store_read_names(s, SLICE("other"), &whos, &st));
    assert_int_equal(whos.values[WHO_USER].n, 0);
    who_table_free(&whos);
    store_close(s);
}

static void what_was_not_committed_is_gone(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    store *s = open_store(path.text);
    status st = {0};
    add_calls(s, 1, 20, 20);
    buf before = store_dump(s);
    segment seg = segment_of(2, 100);
    assert_true(store_begin(s, &st));
    assert_true(store_write_segment(s, SLICE("prod"), &seg, &st));
    assert_true(store_write_state(s, SLICE("prod"), SLICE("e"), 7, SLICE("x"), &st));
    store_rollback(s);
    buf after = store_dump(s);
    assert_string_equal(before.p, after.p);
    assert_true(store_begin(s, &st));
    assert_true(store_write_segment(s, SLICE("prod"), &seg, &st));
    store_close(s); /* as when a run is killed */
    s = open_store(path.text);
    buf_free(&after);
    after = store_dump(s);
    assert_string_equal(before.p, after.p);
    buf_free(&before);
    buf_free(&after);
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

/* --- merging -------------------------------------------------------------------------------- */

/* Three stores that share segments at different lengths. */
static void write_part(const char *path, int part)
{
    unlink(path);
    store *s = open_store(path);
    status st = {0};
    if (part == 0) {
        add_calls(s, 1, 100, 100);
        add_calls(s, 10, 30, 30);
    } else if (part == 1) {
        add_calls(s, 1, 200, 200); /* got further */
        add_calls(s, 20, 40, 40);
    } else {
        add_calls(s, 1, 150, 150);
        add_calls(s, 20, 40, 40);
        add_calls(s, 30, 50, 50);
        /* As many bytes read, another row: the store joined records across files. */
        assert_true(store_begin(s, &st));
        assert_int_equal(sqlite3_exec(store_connection(s),
                                      "UPDATE segments SET orphans = 5 WHERE bytes = 4000", NULL,
                                      NULL, NULL),
                         SQLITE_OK);
        assert_true(store_commit(s, &st));
    }
    assert_true(store_begin(s, &st));
    assert_true(store_write_state(s, SLICE("prod"), SLICE("e"), part / 2, SLICE("x"), &st));
    assert_true(store_add_fingerprint(s, (uint64_t)part + 1, SLICE("e"), SLICE("v"), SLICE("t"),
                                      &(bool){false}, &st));
    assert_true(store_commit(s, &st));
    store_close(s);
}

/* Merges a store of parts in the order given, the first being the one merged into. */
static buf merged(const folder *f, const int *order, size_t n)
{
    status st = {0};
    file_name into = file_in(f, "into.db");
    write_part(into.text, order[0]);
    store *s = open_store(into.text);
    for (size_t i = 1; i < n; i++) {
        file_name part = file_in(f, "part.db");
        write_part(part.text, order[i]);
        assert_true(store_merge(s, part.text, &st));
    }
    buf dump = store_dump(s);
    store_close(s);
    return dump;
}

static void same_merge(const folder *f, const int *x, size_t n_x, const int *y, size_t n_y)
{
    buf a = merged(f, x, n_x);
    buf b = merged(f, y, n_y);
    assert_string_equal(a.p, b.p);
    buf_free(&a);
    buf_free(&b);
}

static void merging_is_commutative_and_idempotent(void **state)
{
    (void)state;
    folder f = folder_make();
    for (int x = 0; x < 3; x++) {
        same_merge(&f, (int[]){x, x}, 2, (int[]){x}, 1);
        for (int y = 0; y < x; y++) {
            same_merge(&f, (int[]){x, y}, 2, (int[]){y, x}, 2);
            same_merge(&f, (int[]){x, y, y, x}, 4, (int[]){x, y}, 2);
        }
    }
    same_merge(&f, (int[]){0, 1, 2}, 3, (int[]){2, 1, 0}, 3);
    same_merge(&f, (int[]){0, 1, 2}, 3, (int[]){1, 0, 2}, 3);
    folder_remove(&f, (const char *[]){"into.db", "part.db"}, 2);
}

static void merging_is_associative(void **state)
{
    (void)state;
    folder f = folder_make();
    status st = {0};
    file_name right = file_in(&f, "right.db");
    file_name part = file_in(&f, "part.db");
    write_part(right.text, 1);
    write_part(part.text, 2);
    store *s = open_store(right.text);
    assert_true(store_merge(s, part.text, &st));
    store_close(s);
    write_part(part.text, 0);
    s = open_store(part.text);
    assert_true(store_merge(s, right.text, &st)); /* 0 + (1 + 2) */
    buf x = store_dump(s);
    store_close(s);
    buf y = merged(&f, (int[]){0, 1, 2}, 3);
    assert_string_equal(x.p, y.p);
    buf_free(&x);
    buf_free(&y);
    folder_remove(&f, (const char *[]){"into.db", "part.db", "right.db"}, 3);
}

static void of_two_versions_the_one_that_got_further_is_kept_whole(void **state)
{
    (void)state;
    folder f = folder_make();
    buf dump = merged(&f, (int[]){0, 1}, 2);
    buf_free(&dump);
    file_name into = file_in(&f, "into.db");
    store *s = open_store(into.text);
    assert_int_equal(store_number(s, "SELECT count(*) FROM segments"), 3);
    /* 200 of the shared segment, and those that only one store had. */
    assert_int_equal(store_number(s, "SELECT sum(calls) FROM digest"), 200 + 30 + 40);
    store_close(s);
    folder_remove(&f, (const char *[]){"into.db", "part.db"}, 2);
}

/* As in `merge all.db *.db`, the second time. */
static void a_store_may_be_merged_with_itself(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    write_part(path.text, 1);
    store *s = open_store(path.text);
    status st = {0};
    buf before = store_dump(s);
    assert_true(store_merge(s, path.text, &st));
    buf after = store_dump(s);
    assert_string_equal(before.p, after.p);
    buf_free(&before);
    buf_free(&after);
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

static void what_is_no_store_is_not_merged(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "s.db");
    store *s = open_store(path.text);
    status st = {0};
    assert_false(store_merge(s, "/nonexistent/other.db", &st));
    assert_int_equal(st.code, STATUS_STORE);
    assert_non_null(strstr(st.text, "'/nonexistent/other.db'"));
    store_close(s);
    folder_remove(&f, (const char *[]){"s.db"}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_begins_at_midnight_of_its_zone),
        cmocka_unit_test(a_store_is_made_for_its_owner_alone_whatever_the_umask),
        cmocka_unit_test(a_store_says_what_it_is_and_opens_again),
        cmocka_unit_test(a_store_to_read_must_exist_and_is_not_changed),
        cmocka_unit_test(what_is_no_store_is_refused_and_left_as_it_is),
        cmocka_unit_test(a_store_of_a_version_that_never_was_is_refused),
        cmocka_unit_test(one_run_at_a_time_writes_and_the_others_learn_who),
        cmocka_unit_test(a_run_that_was_killed_holds_no_lock),
        cmocka_unit_test(who_waits_gets_the_store_that_is_there_then),
        cmocka_unit_test(a_store_is_read_while_another_run_has_it),
        cmocka_unit_test(a_folder_that_is_missing_is_named),
        cmocka_unit_test(a_segment_is_found_again_by_its_head_with_all_it_holds),
        cmocka_unit_test(it_does_not_matter_where_a_digest_was_emptied_into_the_store),
        cmocka_unit_test(examples_are_the_slowest_of_an_hour_and_fingerprint),
        cmocka_unit_test(a_statement_that_only_failed_can_be_added_again),
        cmocka_unit_test(a_damaged_blob_stops_the_adding),
        cmocka_unit_test(texts_limits_and_thresholds_are_kept_once),
        cmocka_unit_test(the_fold_s_state_is_kept_by_source_and_engine),
        cmocka_unit_test(a_source_s_names_are_known_to_the_next_run),
        cmocka_unit_test(what_was_not_committed_is_gone),
        cmocka_unit_test(merging_is_commutative_and_idempotent),
        cmocka_unit_test(merging_is_associative),
        cmocka_unit_test(of_two_versions_the_one_that_got_further_is_kept_whole),
        cmocka_unit_test(a_store_may_be_merged_with_itself),
        cmocka_unit_test(what_is_no_store_is_not_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
