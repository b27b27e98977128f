/* minutes.h - calls and time by minute, over any span, for charts. */
#ifndef QLOG_REPORT_MINUTES_H
#define QLOG_REPORT_MINUTES_H

#include "report/model.h"

/* All zero is empty. */
typedef struct minutes {
    model_point *points; /* open addressing by `at`; calls 0 and time 0: free */
    uint32_t n, cap;
} minutes;

/* Adds a packed series (base/series.h) of the hour that begins at `hour`, in seconds. False where
 * memory is out. */
bool minutes_add(minutes *m, arena *a, int64_t hour, slice packed);

/* The minute with the most time, the earlier of equals; zero where there is none. */
model_point minutes_busiest(const minutes *m);

/* In buckets of `step` us, aligned in the zone, ascending. False where memory is out. */
bool minutes_series(const minutes *m, int64_t step, int32_t zone_offset, arena *a,
                    model_series *out);

#endif
