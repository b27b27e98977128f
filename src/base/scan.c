/* scan.c - see scan.h. memrchr and memmem are extensions of the C library. */
#define _GNU_SOURCE
#include "base/scan.h"

const char *scan_first(slice bytes, char c)
{
    return bytes.n > 0 ? memchr(bytes.p, c, bytes.n) : NULL;
}

const char *scan_last(slice bytes, char c)
{
    return bytes.n > 0 ? memrchr(bytes.p, c, bytes.n) : NULL;
}

const char *scan_text(slice bytes, slice text)
{
    return bytes.n > 0 ? memmem(bytes.p, bytes.n, text.p, text.n) : NULL;
}

size_t scan_count(slice bytes, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.n; i++) { /* the compiler turns this into vector code */
        count += bytes.p[i] == c;
    }
    return count;
}
