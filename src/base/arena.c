/* arena.c - see arena.h. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

struct arena_chunk {
    arena_chunk *next;
    size_t size; /* usable bytes */
    size_t used;
    alignas(max_align_t) char data[];
};

enum { CHUNK_MIN = 16 * 1024, CHUNK_MAX = 1024 * 1024, ALIGN = alignof(max_align_t) };

void arena_init(arena *a, size_t max)
{
    *a = (arena){.chunks = NULL, .used = 0, .max = max};
}

/* Chunks double from CHUNK_MIN to CHUNK_MAX, so that a small arena stays small
 * and a large one takes few steps. */
static arena_chunk *add_chunk(arena *a, size_t n)
{
    size_t size = a->chunks == NULL ? CHUNK_MIN : a->chunks->size * 2;
    if (size > CHUNK_MAX) {
        size = CHUNK_MAX;
    }
    if (size < n) {
        size = n;
    }
    if (a->used > a->max || size > a->max - a->used) {
        if (n > a->max || a->used > a->max - n) {
            return NULL;
        }
        size = n;
    }
    arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL) {
        return NULL;
    }
    *chunk = (arena_chunk){.next = a->chunks, .size = size, .used = 0};
    a->chunks = chunk;
    a->used += size;
    return chunk;
}

void *arena_alloc(arena *a, size_t n)
{
    if (n > SIZE_MAX - ALIGN) {
        return NULL;
    }
    size_t rounded = (n + ALIGN - 1) / ALIGN * ALIGN;
    arena_chunk *chunk = a->chunks;
    if (chunk == NULL || chunk->size - chunk->used < rounded) {
        chunk = add_chunk(a, rounded);
        if (chunk == NULL) {
            return NULL;
        }
    }
    void *piece = chunk->data + chunk->used;
    chunk->used += rounded;
    return piece;
}

void *arena_calloc(arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *piece = arena_alloc(a, count * size);
    if (piece != NULL) {
        memset(piece, 0, count * size);
    }
    return piece;
}

bool arena_copy(arena *a, slice text, slice *out)
{
    *out = (slice){"", 0};
    char *copy = text.n < SIZE_MAX ? arena_alloc(a, text.n + 1) : NULL;
    if (copy == NULL) {
        return false;
    }
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    copy[text.n] = '\0';
    *out = (slice){copy, text.n};
    return true;
}

static void free_chunks(arena_chunk *chunk)
{
    while (chunk != NULL) {
        arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_reset(arena *a)
{
    arena_chunk *keep = a->chunks;
    if (keep == NULL) {
        return;
    }
    free_chunks(keep->next);
    keep->next = NULL;
    keep->used = 0;
    a->used = keep->size;
}

void arena_free(arena *a)
{
    free_chunks(a->chunks);
    arena_init(a, a->max);
}

void *arena_one_more(arena *a, void *items, uint32_t n, size_t size)
{
    if (n != 0 && (n < 4 || (n & (n - 1)) != 0)) {
        return items;
    }
    void *more = arena_alloc(a, (n < 4 ? 4 : (size_t)n * 2) * size);
    if (more != NULL && n > 0) {
        memcpy(more, items, n * size);
    }
    return more;
}
