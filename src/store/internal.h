/* internal.h - what the files of the store share; not for others. */
#ifndef QLOG_STORE_INTERNAL_H
#define QLOG_STORE_INTERNAL_H

#include <sqlite3.h>

#include "store/rows.h"
#include "store/store.h"

typedef enum statement_id {
    FIND_SEGMENTS,
    READ_SKIPPED,
    WRITE_SEGMENT,
    WRITE_SKIPPED,
    ADD_ROW,
    ADD_MEASURE,
    ADD_MARGINAL,
    ADD_EXAMPLE,
    TRIM_EXAMPLES,
    ADD_ERRORS,
    ADD_EVENTS,
    ADD_ALIAS,
    ADD_PLAN,
    ADD_PLAN_SHAPE,
    ADD_FACT,
    ADD_BURST,
    ADD_CYCLE,
    ADD_BURST_SESSION,
    TRIM_BURST_SESSIONS,
    ADD_PAGES,
    ADD_USE,
    READ_DAYS,
    ADD_RETRIES,
    ADD_BLOCKER,
    ADD_TABLE,
    ADD_FINGERPRINT,
    ADD_THRESHOLD,
    SET_LIMIT,
    RETIRE_PATH,
    SET_PATH,
    FORGET_DUPLICATE,
    SET_DUPLICATE,
    FORGET_UNREAD,
    ADD_UNREAD,
    READ_STATE,
    WRITE_STATE,
    READ_NAMES,
    ADD_NAME,
    STATEMENT_COUNT
} statement_id;

struct store {
    sqlite3 *db;
    char *path;        /* for messages */
    int lock;          /* holds the run's lock; -1: none */
    bool is_copy;      /* of an older store, upgraded in memory: the file is as it was */
    int upgraded_from; /* its version before; 0: it was not upgraded */
    char *backup;      /* where it lies as it was; NULL */
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

bool store_run_sql(const store *s, const char *sql, const char *what, status *st);

/* Runs an SQL file of the program's own. */
bool store_run_asset(const store *s, const char *name, const char *what, status *st);

/* The first column of the first row. */
bool store_read_number(const store *s, const char *sql, int64_t *value, status *st);

/* Opens the file that is to be written, made with mode 0600 where there is none, and takes the lock
 * that keeps other runs out until it is closed; see lock.c. */
bool store_lock(const char *path, const store_wait *wait, int *lock, status *st);

/* Brings the store from an older version to this program's: the file itself, in the transaction
 * that is open, after laying a copy beside it; or, for reading, a copy in its place. */
bool store_upgrade(store *s, int version, status *st);
bool store_upgrade_copy(store *s, int version, status *st);

/* Puts a private copy, which may be changed, in the place of the file. */
bool store_make_private(store *s, status *st);

/* Copies the main database of one connection into a schema of another. */
bool store_copy_database(store *to, const char *schema, const store *from, status *st);

/* The settings and functions that every connection has. */
bool store_prepare_connection(store *s, store_mode mode, status *st);

/* The prepared statement, made at its first use; NULL on a failure. */
sqlite3_stmt *store_statement(store *s, statement_id id, status *st);

/* Text is not copied: it must live until the statement was run. */
void bind_i64(sqlite3_stmt *statement, int at, int64_t value);
void bind_u64(sqlite3_stmt *statement, int at, uint64_t value);
void bind_slice(sqlite3_stmt *statement, int at, slice text);
void bind_blob(sqlite3_stmt *statement, int at, slice bytes);
void bind_hash(sqlite3_stmt *statement, int at, hash128 hash);

/* Runs a bound statement that gives no rows. */
bool store_run(store *s, sqlite3_stmt *statement, status *st);

/* Writes what bursts and pages there were. */
bool store_add_evidence(store *s, slice source, const segment *seg, const evidence *e,
                        const who_table *whos, status *st);

/* The hour of the row that holds a record of this hour, and whether such rows are kept no more. */
int64_t segment_row_hour(const segment *seg, int64_t hour);
bool segment_has_dropped(const segment *seg, int64_t hour);

#endif
