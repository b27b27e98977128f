/* series.h - calls and time per minute of one hour, packed.
 *
 * Minutes without calls cost nothing. Merging adds, so it is exact in any order. */
#ifndef QLOG_BASE_SERIES_H
#define QLOG_BASE_SERIES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct series_point {
    uint64_t calls;
    uint64_t time;   /* us */
    uint32_t minute; /* 0 to 59 */
} series_point;

/* All zero is an empty series. */
typedef struct series {
    series_point *points; /* ascending by minute */
    uint32_t n, cap;
} series;

/* False where the arena is out of memory; nothing is added then. */
bool series_add(series *s, arena *a, uint32_t minute, uint64_t calls, uint64_t time);

/* For each minute in ascending order: distance to the one before, calls, time, as varints. */
void series_encode(const series *s, buf *out);

/* Takes the next point from a packed series. The caller starts with a zeroed point and hands it
 * back, unchanged, each time. False at the end and where the rest is not a series. */
bool series_take(slice *packed, series_point *point);

#endif
