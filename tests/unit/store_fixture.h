/* store_fixture.h - what the tests of the pipeline, the store and the reports share: temporary
 * files, stores in memory and their content as text, generated PostgreSQL logs. */
#ifndef QLOG_TESTS_STORE_FIXTURE_H
#define QLOG_TESTS_STORE_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "store/rows.h"
#include "store/store.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

/* --- files ------------------------------------------------------------------------- */

typedef struct folder {
    char path[64];
} folder;

typedef struct file_name {
    char text[128];
} file_name;

static inline folder folder_make(void)
{
    folder f = {"/tmp/qlog-unit-XXXXXX"};
    assert_non_null(mkdtemp(f.path));
    return f;
}

static inline file_name file_in(const folder *f, const char *name)
{
    file_name path;
    snprintf(path.text, sizeof path.text, "%s/%s", f->path, name);
    return path;
}

static inline void file_write(const char *path, slice text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        assert_true(n > 0);
        text = slice_skip(text, (size_t)n);
    }
    close(fd);
}

/* Removes the named files, with the journals of stores, and the folder, which then is empty. */
static inline void folder_remove(const folder *f, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char journal[64];
        snprintf(journal, sizeof journal, "%s-journal", names[i]);
        unlink(file_in(f, names[i]).text);
        unlink(file_in(f, journal).text);
    }
    assert_int_equal(rmdir(f->path), 0);
}

/* --- stores -------------------------------------------------------------------------- */

static inline store *store_in_memory(void)
{
    store *s;
    status st = {0};
    assert_true(store_open("", STORE_TEMPORARY, &s, &st));
    return s;
}

static inline int64_t store_number(const store *s, const char *sql)
{
    status st = {0};
    sqlite3_stmt *q = rows_begin(s, sql, &st);
    assert_non_null(q);
    assert_true(rows_next(s, q, &st));
    int64_t number = sqlite3_column_int64(q, 0);
    assert_true(rows_end(q, &st));
    return number;
}

static inline void dump_table(const store *s, const char *table, buf *out)
{
    char sql[200];
    status st = {0};
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    sqlite3_stmt *q = rows_begin(s, sql, &st);
    assert_non_null(q);
    while (rows_next(s, q, &st)) {
        buf_add_text(out, table);
        for (int i = 0; i < sqlite3_column_count(q); i++) {
            slice text = column_view(q, i);
            buf_add_char(out, '|');
            for (size_t k = 0; k < text.n; k++) {
                bool plain = text.p[k] >= ' ' && text.p[k] < 127;
                buf_printf(out, plain ? "%c" : "\\%02x", (unsigned char)text.p[k]);
            }
        }
        buf_add_char(out, '\n');
    }
    assert_true(rows_end(q, &st));
}

/* Everything that a store holds but paths, in an order of its own. */
static inline buf store_dump(const store *s)
{
    static const char *const tables[] = {
        "meta",     "segments",       "skipped",  "fingerprints", "aliases",       "digest",
        "measures", "marginals",      "examples", "errors",       "server_events", "thresholds",
        "limits",   "fold_state",     "plans",    "plan_shapes",  "server_facts",  "bursts",
        "cycles",   "burst_sessions", "pages",    "session_use",  "retries"};
    buf out;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        dump_table(s, tables[i], &out);
    }
    assert_false(out.failed);
    return out;
}

static inline void stores_are_equal(const store *a, const store *b)
{
    buf x = store_dump(a);
    buf y = store_dump(b);
    assert_true(x.n > 0);
    assert_string_equal(x.p, y.p);
    buf_free(&x);
    buf_free(&y);
}

/* --- logs ------------------------------------------------------------------------------- */

static inline void log_prefix(buf *log, int64_t at, uint64_t pid)
{
    timestamp_format(log, at, 0, 3);
    buf_printf(log, " UTC [%u] u%u@shop ", (unsigned)(1000 + pid), (unsigned)(pid % 3));
}

/* Record number i of a log: of every kind, with sessions that interleave. */
static inline void log_record(buf *log, int64_t at, uint64_t i)
{
    uint64_t x = mix64(77, i);
    uint64_t pid = x % 11;
    unsigned id = (unsigned)(x >> 8 & 0xffff);
    unsigned table = (unsigned)(x >> 32 & 7);
    log_prefix(log, at, pid);
    switch (x >> 40 & 15) {
    case 0:
        buf_printf(log, "ERROR:  relation \"t%u\" does not exist at character 15\n", table);
        log_prefix(log, at, pid);
        buf_printf(log, "STATEMENT:  SELECT * FROM missing%u WHERE id = %u\n", table, id);
        break;
    case 1:
        buf_printf(log, "LOG:  duration: %u.%03u ms\n", id % 900, id % 1000);
        break;
    case 2:
    case 3:
        buf_printf(log, "LOG:  statement: UPDATE t%u SET a = %u\n\tWHERE id = %u\n", table, id, id);
        break;
    case 4:
        buf_add_text(log, "LOG:  checkpoint starting: time\n");
        break;
    case 5:
        buf_printf(log, "LOG:  connection received: host=h%u port=%u\n", table, id);
        break;
    case 6:
        /* Seldom, so that such lines are not taken for continued ones without TAB. */
        buf_add_text(log, (x >> 44 & 15) == 0 ? "LOG:  ready\na line of another program\n"
                                              : "LOG:  ready\n");
        break;
    case 7:
        buf_printf(log, "LOG:  duration: 0.%03u ms  parse <unnamed>: SELECT %u\n", id % 1000, id);
        break;
    default:
        buf_printf(log, "LOG:  duration: %u.%03u ms  statement: SELECT * FROM t%u WHERE id = %u\n",
                   id % 5000, id % 1000, table, id);
    }
}

/* A log of n records from `at` on, 0.7 seconds apart, in the prefix "%m [%p] %u@%d ". */
static inline buf log_make(int64_t at, uint64_t n)
{
    buf log;
    buf_init(&log, TEXT_MAX);
    for (uint64_t i = 0; i < n; i++) {
        log_record(&log, at + (int64_t)i * 700000, i);
    }
    assert_false(log.failed);
    return log;
}

#endif
