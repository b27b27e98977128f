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
    ADD_RETRIES,
    ADD_TABLE,
    ADD_FINGERPRINT,
    ADD_THRESHOLD,
    SET_LIMIT,
    RETIRE_PATH,
    SET_PATH,
    FORGET_DUPLICATE,
    SET_DUPLICATE,
    READ_STATE,
    WRITE_STATE,
    READ_NAMES,
    ADD_NAME,
    STATEMENT_COUNT
} statement_id;

struct store {
    sqlite3 *db;
    char *path; /* for messages */
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

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
bool store_add_evidence(store *s, slice source, const evidence *e, const who_table *whos,
                        status *st);

#endif
