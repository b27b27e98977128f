/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_SIZE = 256 };

void buf_init(buf *b, size_t max)
{
    *b = (buf){.p = NULL, .n = 0, .cap = 0, .max = max, .failed = false};
}

void buf_free(buf *b)
{
    free(b->p);
    buf_init(b, b->max);
}

void buf_clear(buf *b)
{
    buf_truncate(b, 0);
    b->failed = false;
}

void buf_truncate(buf *b, size_t n)
{
    b->n = n;
    if (b->p != NULL) {
        b->p[n] = '\0';
    }
}

bool buf_reserve(buf *b, size_t n)
{
    if (b->failed) {
        return false;
    }
    if (n > b->max || b->n > b->max - n) {
        b->failed = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap) {
        return true;
    }
    size_t cap = b->cap == 0 ? FIRST_SIZE : b->cap;
    while (cap < need) {
        cap *= 2;
    }
    char *grown = realloc(b->p, cap);
    if (grown == NULL) {
        b->failed = true;
        return false;
    }
    grown[b->n] = '\0';
    b->p = grown;
    b->cap = cap;
    return true;
}

void buf_add(buf *b, slice text)
{
    if (text.n > 0 && buf_reserve(b, text.n)) {
        memcpy(b->p + b->n, text.p, text.n);
        buf_truncate(b, b->n + text.n);
    }
}

void buf_add_text(buf *b, const char *text)
{
    buf_add(b, slice_from(text));
}

void buf_add_char(buf *b, char c)
{
    buf_add(b, (slice){&c, 1});
}

void buf_add_repeat(buf *b, char c, size_t count)
{
    if (buf_reserve(b, count)) {
        memset(b->p + b->n, c, count);
        buf_truncate(b, b->n + count);
    }
}

void buf_add_u64(buf *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(b, (slice){digits + at, sizeof digits - at});
}

void buf_add_i64(buf *b, int64_t value)
{
    if (value < 0) {
        buf_add_char(b, '-');
    }
    buf_add_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_printf(buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && buf_reserve(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

void buf_add_varint(buf *b, uint64_t value)
{
    char bytes[10];
    size_t n = 0;
    while (value >= 0x80) {
        bytes[n++] = (char)(value | 0x80);
        value >>= 7;
    }
    bytes[n++] = (char)value;
    buf_add(b, (slice){bytes, n});
}

bool varint_take(slice *in, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0, i = 0; i < in->n && shift < 64; i++, shift += 7) {
        unsigned char byte = (unsigned char)in->p[i];
        if (shift == 63 && byte > 1) {
            return false;
        }
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *value = sum;
            *in = slice_skip(*in, i + 1);
            return true;
        }
    }
    return false;
}
