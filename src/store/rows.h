/* rows.h - reading a store with SQL, for those that make reports of it. */
#ifndef QLOG_STORE_ROWS_H
#define QLOG_STORE_ROWS_H

#include <sqlite3.h>

#include "store/store.h"

/* Prepares a query; NULL on a failure. To be finalised by rows_end. */
sqlite3_stmt *rows_begin(const store *s, const char *sql, status *st);

/* The next row. False at the end, or on a failure, which is then in *st. */
bool rows_next(const store *s, sqlite3_stmt *rows, status *st);

/* Finalises; true where st holds no failure. */
bool rows_end(sqlite3_stmt *rows, const status *st);

/* A column's text or bytes: valid until the next row. */
slice column_view(sqlite3_stmt *rows, int at);

/* A copy in the arena; empty where memory is out. */
slice column_slice(sqlite3_stmt *rows, int at, arena *a);

/* A column of 16 bytes. */
hash128 column_hash(sqlite3_stmt *rows, int at);

/* What the store's name of a measure says. Slices point into it, or are static. */
typedef struct stored_measure {
    slice name; /* for people; of an attribute the log's own */
    slice unit; /* as measure_unit_name has it; a measure of a newer program is a count */
    unsigned
        rank; /* its place among others when they are listed; MEASURE_COUNT: not in the table */
} stored_measure;

stored_measure measure_describe(slice stored);

#endif
