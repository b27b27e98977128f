/* scan.c - see scan.h. memrchr and memmem are extensions of the C library. */
#define _GNU_SOURCE
#include "base/scan.h"

#include <stddef.h>

#include "base/bytes16.h"

const char *scan_first(slice bytes, char c)
{
    return bytes.n > 0 ? memchr(bytes.p, c, bytes.n) : NULL;
}

const char *scan_last(slice bytes, char c)
{
    return bytes.n > 0 ? memrchr(bytes.p, c, bytes.n) : NULL;
}

/* Sixteen places at a time are asked for the text's first and last byte: few have both. */
const char *scan_text(slice bytes, slice text)
{
    if (bytes.n < text.n || text.n == 0) {
        return NULL;
    }
    const size_t behind = text.n - 1; /* from the first byte to the last */
    if (bytes.n < behind + sizeof(bytes16)) {
        return memmem(bytes.p, bytes.n, text.p, text.n);
    }
    const char *last = bytes.p + bytes.n - behind - sizeof(bytes16); /* of sixteen places */
    for (const char *p = bytes.p;;
         p = last - p > (ptrdiff_t)sizeof(bytes16) ? p + sizeof(bytes16) : last) {
        uint32_t found = bytes16_tops((bytes16)(bytes16_at(p) == (uint8_t)text.p[0]) &
                                      (bytes16)(bytes16_at(p + behind) == (uint8_t)text.p[behind]));
        for (; found != 0; found &= found - 1) {
            const char *at = p + __builtin_ctz(found);
            if (bytes_equal(at, text.p, text.n)) {
                return at;
            }
        }
        if (p == last) {
            return NULL;
        }
    }
}

/* The sum of all bytes. */
static size_t sum_of(bytes16 v)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
    words2 pairs = ((words2)v & even) + (((words2)v >> 8) & even);
    words2 sums = pairs * UINT64_C(0x0001000100010001) >> 48;
    return (size_t)(sums[0] + sums[1]);
}

size_t scan_count(slice bytes, char c)
{
    size_t count = 0;
    const char *p = bytes.p;
    const char *end = slice_skip(bytes, bytes.n).p;
    while (end - p >= (ptrdiff_t)sizeof(bytes16)) {
        bytes16 counts = {0};
        for (int i = 0; i < UINT8_MAX && end - p >= (ptrdiff_t)sizeof(bytes16); i++) {
            counts -= (bytes16)(bytes16_at(p) == (uint8_t)c);
            p += sizeof(bytes16);
        }
        count += sum_of(counts);
    }
    for (; p < end; p++) {
        count += *p == c;
    }
    return count;
}

size_t scan_first_line(slice bytes, scan_judge is_it, const void *context)
{
    for (size_t at = 0; at < bytes.n;) {
        const char *end = scan_first(slice_skip(bytes, at), '\n');
        if (end == NULL) {
            return 0;
        }
        at = (size_t)(end + 1 - bytes.p);
        if (at < bytes.n && is_it(context, slice_skip(bytes, at))) {
            return at;
        }
    }
    return 0;
}

size_t scan_last_line(slice bytes, scan_judge is_it, const void *context)
{
    for (size_t n = bytes.n; n > 0;) {
        const char *end = scan_last(slice_take(bytes, n), '\n');
        if (end == NULL) {
            return 0;
        }
        n = (size_t)(end - bytes.p);
        if (n + 1 < bytes.n && is_it(context, slice_skip(bytes, n + 1))) {
            return n + 1;
        }
    }
    return 0;
}
