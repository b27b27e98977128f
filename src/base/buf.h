/* buf.h - text that grows, up to a maximum that its owner must name.
 *
 * Appending past the maximum, or when memory is out, sets `failed` and drops the
 * bytes; later appends do nothing. So a writer appends freely and looks once, at
 * the end. The bytes are always followed by a NUL that is not counted. */
#ifndef QLOG_BASE_BUF_H
#define QLOG_BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/slice.h"

typedef struct buf {
    char *p; /* NULL while nothing was appended */
    size_t n;
    size_t cap;
    size_t max;
    bool failed;
} buf;

void buf_init(buf *b, size_t max);
void buf_free(buf *b);

/* Empties it, keeps its memory, forgets a failure. */
void buf_clear(buf *b);

/* Cuts back to n bytes; n is not more than b->n. */
void buf_truncate(buf *b, size_t n);

/* Makes room for n more bytes to be written at b->p + b->n; the caller then adds to b->n.
 * False (and `failed`) where that is too much. */
bool buf_reserve(buf *b, size_t n);

void buf_add(buf *b, slice text);
void buf_add_text(buf *b, const char *text);
void buf_add_char(buf *b, char c);
void buf_add_repeat(buf *b, char c, size_t count);
void buf_add_i64(buf *b, int64_t value);
void buf_add_u64(buf *b, uint64_t value);
void buf_printf(buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline slice buf_slice(const buf *b)
{
    return (slice){b->p != NULL ? b->p : "", b->n};
}

/* Unsigned LEB128: seven bits a byte, least first. Used by everything that is stored packed. */
void buf_add_varint(buf *b, uint64_t value);

/* Takes one from the front of *in; false where it is cut off or longer than 64 bits. */
bool varint_take(slice *in, uint64_t *value);

#endif
