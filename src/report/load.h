/* load.h - calls and time over any span, in buckets of one step, for charts. */
#ifndef QLOG_REPORT_LOAD_H
#define QLOG_REPORT_LOAD_H

#include "report/model.h"

/* Begins with a step and a zone, all else zero. */
typedef struct load {
    int64_t step;        /* us; buckets begin where the zone has a full step */
    int32_t zone_offset; /* seconds */
    uint32_t n, cap;
    model_point *points; /* open addressing by `at`; calls 0: free */
} load;

/* Adds a packed series (base/series.h) of the hour that begins at `hour`, in seconds. A series
 * whose step is wider than the load's makes the load's as wide: what it counted in a minute cannot
 * be spread over seconds. False where memory is out. */
bool load_add(load *l, arena *a, int64_t hour, slice packed);

/* The bucket with the most time, the earlier of equals; zero where there is none. */
model_point load_busiest(const load *l);

/* The buckets, ascending. False where memory is out. */
bool load_series(const load *l, arena *a, model_series *out);

#endif
