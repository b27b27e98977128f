/* arena.h - memory that is given back all at once.
 *
 * An arena hands out pieces of large chunks and frees them together: per block
 * for what a parser has to rewrite, per run for interned names. There is no
 * free of one piece. Every arena has a maximum, so that no input can eat the
 * machine; beyond it, and when the system refuses, allocation gives NULL. */
#ifndef QLOG_BASE_ARENA_H
#define QLOG_BASE_ARENA_H

#include <stdint.h>

#include "base/slice.h"

typedef struct arena_chunk arena_chunk;

typedef struct arena {
    arena_chunk *chunks; /* newest first */
    size_t used;         /* bytes in all chunks, their unused ends included */
    size_t max;
} arena;

void arena_init(arena *a, size_t max);

/* Uninitialised memory, aligned for any type. NULL beyond the maximum or when memory is out.
 * Lives until arena_reset or arena_free. */
void *arena_alloc(arena *a, size_t n);

/* Zeroed memory for `count` elements; NULL also where the product overflows. */
void *arena_calloc(arena *a, size_t count, size_t size);

/* A copy of the bytes, with a NUL after them that the slice does not count.
 * On failure returns false and leaves *out empty. */
bool arena_copy(arena *a, slice text, slice *out);

/* Forgets everything but keeps one chunk for the next round. */
void arena_reset(arena *a);

void arena_free(arena *a);

/* Room for one more in an array of n that grows by doubling from 4; NULL where memory is out. */
void *arena_one_more(arena *a, void *items, uint32_t n, size_t size);

#endif
