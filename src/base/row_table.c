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

static void **find(void **rows, uint32_t cap, const row_table_kind *kind, const void *key)
{
    for (uint64_t at = kind->hash(key);; at++) {
        void **slot = &rows[at & (cap - 1)];
        if (*slot == NULL || kind->same(*slot, key)) {
            return slot;
        }
    }
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
            *find(rows, cap, kind, t->rows[i]) = t->rows[i];
        }
    }
    free(t->rows);
    t->rows = rows;
    t->cap = cap;
    return true;
}

void *row_table_take(row_table *t, const row_table_kind *kind, arena *a, const void *key,
                     bool *is_new)
{
    if (t->n * 2 >= t->cap && !grow(t, kind)) {
        return NULL;
    }
    void **slot = find(t->rows, t->cap, kind, key);
    *is_new = *slot == NULL;
    if (*is_new) {
        *slot = arena_alloc(a, kind->row);
        if (*slot == NULL) {
            return NULL;
        }
        memcpy(*slot, key, kind->row);
        t->n++;
    }
    return *slot;
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
