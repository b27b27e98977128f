/* row_table.c - see row_table.h. */
#include "base/row_table.h"

#include <stdlib.h>

enum { FIRST_CAP = 64 };

void row_table_free(row_table *t)
{
    free(t->rows);
    *t = (row_table){0};
}

void row_table_clear(row_table *t)
{
    if (t->n > 0) {
        memset(t->rows, 0, t->cap * sizeof *t->rows);
    }
    t->n = 0;
}

size_t row_table_bytes(const row_table *t)
{
    return t->cap * sizeof *t->rows;
}

/* The first place that is free for a row whose key is not there yet. */
static void **free_place(void **rows, uint32_t cap, uint64_t hash)
{
    uint64_t at = hash;
    while (rows[at & (cap - 1)] != NULL) {
        at++;
    }
    return &rows[at & (cap - 1)];
}

static bool grow(row_table *t, const row_table_kind *kind)
{
    uint32_t cap = t->cap == 0 ? FIRST_CAP : t->cap * 2;
    void **rows = calloc(cap, sizeof *rows);
    if (rows == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < t->cap; i++) {
        if (t->rows[i] != NULL) {
            *free_place(rows, cap, kind->hash(t->rows[i])) = t->rows[i];
        }
    }
    free(t->rows);
    t->rows = rows;
    t->cap = cap;
    return true;
}

void *row_table_add(row_table *t, const row_table_kind *kind, arena *a, const void *row)
{
    if (t->n * 2 >= t->cap && !grow(t, kind)) {
        return NULL;
    }
    void *copy = arena_alloc(a, kind->row);
    if (copy != NULL) {
        memcpy(copy, row, kind->row);
        *free_place(t->rows, t->cap, kind->hash(row)) = copy;
        t->n++;
    }
    return copy;
}

const void *row_table_next(const row_table *t, uint32_t *at)
{
    while (*at < t->cap) {
        const void *row = t->rows[(*at)++];
        if (row != NULL) {
            return row;
        }
    }
    return NULL;
}
