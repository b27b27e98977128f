/* row_table.h - rows that are found by a key of their own: open addressing.
 *
 * The table holds pointers; the rows are in an arena, which the owner empties when it clears the
 * table. What the key of a row is, its kind tells: the same kind for all calls on a table. */
#ifndef QLOG_BASE_ROW_TABLE_H
#define QLOG_BASE_ROW_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct row_table_kind {
    size_t row; /* bytes */
    uint64_t (*hash)(const void *row);
    bool (*same)(const void *a, const void *b);
} row_table_kind;

typedef struct row_table {
    void **rows; /* NULL is free */
    uint32_t n, cap;
} row_table;

void row_table_free(row_table *t);

/* Empties it and keeps its room. */
void row_table_clear(row_table *t);

/* Bytes of the table; its rows are in the arena. */
size_t row_table_bytes(const row_table *t);

/* The row with the key of `key`; NULL where there is none. Here, so that a kind which is known
 * where it is called costs no calls. */
static inline void *row_table_find(const row_table *t, const row_table_kind *kind, const void *key)
{
    for (uint64_t at = t->cap > 0 ? kind->hash(key) : 0; t->cap > 0; at++) {
        void *row = t->rows[at & (t->cap - 1)];
        if (row == NULL || kind->same(row, key)) {
            return row;
        }
    }
    return NULL;
}

/* Adds a copy of a row whose key the table does not have. NULL where memory is out. */
void *row_table_add(row_table *t, const row_table_kind *kind, arena *a, const void *row);

/* The row at *at or behind it, in no order, and moves *at behind it; NULL at the end. Begins with
 * 0. */
const void *row_table_next(const row_table *t, uint32_t *at);

#endif
