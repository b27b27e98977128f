/* slice.h - a view of bytes that somebody else owns.
 *
 * Everything read from a log is handled as a slice: pointer and length, never
 * NUL-terminated, possibly holding NULs or broken UTF-8. A slice says nothing
 * about lifetime; the header that hands one out does.
 * Not for building text: that is buf.h. */
#ifndef QLOG_BASE_SLICE_H
#define QLOG_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct slice {
    const char *p;
    size_t n;
} slice;

/* A slice of a string literal, and of an array's first n bytes. */
#define SLICE(literal) ((slice){(literal), sizeof(literal) - 1})

static inline slice slice_of(const char *p, size_t n)
{
    return (slice){p, n};
}

static inline slice slice_from(const char *text)
{
    return (slice){text, strlen(text)};
}

/* The bytes from `begin` up to, not including, `end`. */
static inline slice slice_between(const char *begin, const char *end)
{
    return (slice){begin, (size_t)(end - begin)};
}

/* memcmp(a, b, n) == 0. Names are short: two words that overlap take less than a call. */
static inline bool bytes_equal(const char *a, const char *b, size_t n)
{
    enum { SHORT = 2 * sizeof(uint64_t) };
    uint64_t x[2];
    uint64_t y[2];
    if (__builtin_constant_p(n) || n > SHORT) {
        return n == 0 || memcmp(a, b, n) == 0;
    }
    if (n >= sizeof x[0]) {
        memcpy(&x[0], a, sizeof x[0]);
        memcpy(&y[0], b, sizeof y[0]);
        memcpy(&x[1], a + n - sizeof x[1], sizeof x[1]);
        memcpy(&y[1], b + n - sizeof y[1], sizeof y[1]);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static inline bool slice_equal(slice a, slice b)
{
    return a.n == b.n && bytes_equal(a.p, b.p, b.n);
}

static inline bool slice_is(slice a, const char *text)
{
    return slice_equal(a, slice_from(text));
}

static inline bool slice_starts_with(slice a, slice prefix)
{
    return a.n >= prefix.n && bytes_equal(a.p, prefix.p, prefix.n);
}

static inline bool slice_ends_with(slice a, slice suffix)
{
    return a.n >= suffix.n &&
           (suffix.n == 0 || memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* Without its first n bytes (empty where it is shorter). */
static inline slice slice_skip(slice a, size_t n)
{
    /* Nothing is added to the pointer of an empty slice: it may be NULL. */
    return n < a.n ? (slice){a.p + n, a.n - n} : a.n > 0 ? (slice){a.p + a.n, 0} : a;
}

static inline slice slice_take(slice a, size_t n)
{
    return (slice){a.p, n < a.n ? n : a.n};
}

/* Without blanks, TABs and line ends at both ends. */
static inline slice slice_trim(slice a)
{
    while (a.n > 0 && (a.p[0] == ' ' || (a.p[0] >= '\t' && a.p[0] <= '\r'))) {
        a.p++;
        a.n--;
    }
    while (a.n > 0 && (a.p[a.n - 1] == ' ' || (a.p[a.n - 1] >= '\t' && a.p[a.n - 1] <= '\r'))) {
        a.n--;
    }
    return a;
}

/* Bytewise order, the shorter of two equal beginnings first. */
static inline int slice_compare(slice a, slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

#endif
