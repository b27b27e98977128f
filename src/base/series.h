/* series.h - calls and time over one hour, in buckets as fine as 60 of them allow.
 *
 * All buckets of a series span one step out of 1, 5, 10, 30 and 60 seconds: the finest at which
 * those that hold a call are at most 60. Each step divides the next, so the step, and with it the
 * packed bytes, follow from the set of seconds alone: calls may come in any order, in any parts,
 * merged in any way. Seconds without calls cost nothing.
 *
 * What is kept of a whole day is one bucket of 86,400 seconds, and whatever is merged with it goes
 * into that one. */
#ifndef QLOG_BASE_SERIES_H
#define QLOG_BASE_SERIES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum { SERIES_SECONDS = 3600, SERIES_POINTS = 60, SERIES_DAY = 86400 };

typedef struct series_point {
    uint64_t calls;
    uint64_t time;   /* us */
    uint32_t second; /* of the hour, where the bucket begins: a multiple of the step */
    uint32_t step;   /* seconds */
} series_point;

/* All zero is an empty series. */
typedef struct series {
    series_point *points; /* ascending, all of one step */
    uint32_t n, cap;
} series;

/* `second` is below SERIES_SECONDS. False where the arena is out of memory; nothing is added then.
 */
bool series_add(series *s, arena *a, uint32_t second, uint64_t calls, uint64_t time);

/* Adds a packed series. False where it is damaged or memory is out; a part may be added then. */
bool series_merge(series *s, arena *a, slice packed);

/* Makes one bucket of the whole. */
void series_to_day(series *s);

/* As varints: the step, then for each point in ascending order its distance to the one before (of
 * the first: to the hour's start) in steps, its calls and its time. An empty series is no bytes. */
void series_encode(const series *s, buf *out);

/* Takes the next point from a packed series. The caller starts with a zeroed point and hands it
 * back, unchanged, each time. False at the end, where nothing is left, and where the rest is not
 * a series. */
bool series_take(slice *packed, series_point *point);

#endif
