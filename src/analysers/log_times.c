/* log_times.c - see log_times.h. */
#include "analysers/log_times.h"

#include <math.h>

#include "base/histogram.h"

static const double BELOW_A_MICROSECOND = 0.5; /* of which there is no logarithm otherwise */

bool log_times_add(log_times *to, slice packed, int64_t sum, int64_t least, arena *scratch,
                   status *st)
{
    histogram h = {0};
    arena_reset(scratch);
    if (!histogram_merge(&h, scratch, packed)) {
        return status_fail(st, STATUS_STORE, "a histogram in the store is damaged");
    }
    for (uint32_t i = 0; i < h.cap; i++) {
        uint64_t from;
        uint64_t to_value;
        if (h.slots[i] == 0) {
            continue;
        }
        uint32_t bin = histogram_slot_bin(h.slots[i]);
        double n = (double)histogram_slot_count(h.slots[i]);
        histogram_bin_range(bin, &from, &to_value);
        if ((int64_t)from >= least) {
            double middle = (double)histogram_bin_middle(bin);
            double logarithm = log(middle > 0 ? middle : BELOW_A_MICROSECOND);
            to->n += n;
            to->time += least > 0 ? n * middle : 0;
            to->logs += n * logarithm;
            to->squares += n * logarithm * logarithm;
        }
    }
    to->time += least > 0 ? 0 : (double)sum;
    return true;
}

void log_times_join(log_times *to, const log_times *more)
{
    to->n += more->n;
    to->time += more->time;
    to->logs += more->logs;
    to->squares += more->squares;
}

double log_times_mean(const log_times *t)
{
    return t->logs / t->n;
}

double log_times_variance(const log_times *t)
{
    double mean = log_times_mean(t);
    double squares = t->squares - t->n * mean * mean;
    return t->n > 1 && squares > 0 ? squares / (t->n - 1) : 0;
}
