/* load.h - calls and time over any span, in buckets of one step, for charts. */
#ifndef QLOG_REPORT_LOAD_H
#define QLOG_REPORT_LOAD_H

#include "base/series.h"
#include "report/model.h"

/* Begins with a step and a zone, all else zero. */
typedef struct load {
    int64_t step;        /* us; buckets begin where the zone has a full step */
    int32_t zone_offset; /* seconds */
    uint32_t n, cap;
    model_point *points; /* open addressing by `at`; calls 0: free */
} load;

/* Adds a point of a row's series, of the hour that begins at `hour`, in seconds. One that is wider
 * than the load's step makes the load's as wide: what was counted in a minute cannot be spread over
 * seconds. False where memory is out. */
bool load_add(load *l, arena *a, int64_t hour, const series_point *point);

/* The bucket with the most time, the earlier of equals; zero where there is none. */
model_point load_busiest(const load *l);

/* The buckets, ascending. False where memory is out. */
bool load_series(const load *l, arena *a, model_series *out);

#endif
