/* log_times.h - times on a logarithmic scale, added up from histograms as a store keeps them.
 *
 * The mean of the logarithms is that of the geometric mean, which a few outliers do not move. */
#ifndef QLOG_ANALYSERS_LOG_TIMES_H
#define QLOG_ANALYSERS_LOG_TIMES_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

enum { LOG_TIMES_SCRATCH = 1024 * 1024 /* bytes that adding needs at most */ };

/* All zero is none. */
typedef struct log_times {
    double n;             /* executions */
    double time;          /* us, their sum */
    double logs, squares; /* sums of the times' natural logarithms, and of the squares of these */
} log_times;

/* Adds a packed histogram of us with the sum of its times. Of bins that begin below `least` us
 * nothing is added; the sum is then by the bins' middles, and else exact. `scratch` is reset.
 * STATUS_STORE: it is damaged. */
bool log_times_add(log_times *to, slice packed, int64_t sum, int64_t least, arena *scratch,
                   status *st);

void log_times_join(log_times *to, const log_times *more);

/* Of the times' logarithms; there is at least one. */
double log_times_mean(const log_times *t);
double log_times_variance(const log_times *t);

#endif
