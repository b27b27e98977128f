/* histogram.h - how a quantity is distributed, in integers that merge exactly.
 *
 * A log-linear histogram (the layout of HdrHistogram): values below 64 have a bin of
 * their own; above, each power of two is split into 32 bins. A value is told from
 * its bin's middle, so the relative error is at most 1/64 (1.6 %). Merging adds
 * counts, so it is commutative, associative and free of rounding, which sketches
 * with floating point or random choices are not.
 *
 * Sparse, since most queries fill a few dozen bins: an open-addressing table in the
 * arena of whoever adds. */
#ifndef QLOG_BASE_HISTOGRAM_H
#define QLOG_BASE_HISTOGRAM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum { HISTOGRAM_BINS = 60 * 32 };

/* All zero is an empty histogram. */
typedef struct histogram {
    uint64_t *slots; /* (bin + 1) << 48 | count; 0 is free. Counts stay below 2^48. */
    uint32_t n, cap;
} histogram;

/* The bin of a value, and the values [from, to) that share one. */
uint32_t histogram_bin(uint64_t value);
void histogram_bin_range(uint32_t bin, uint64_t *from, uint64_t *to);

/* The value that stands for those of a bin. */
uint64_t histogram_bin_middle(uint32_t bin);

/* False where the arena is out of memory; nothing is added then. */
bool histogram_add(histogram *h, arena *a, uint64_t value, uint64_t count);

/* How many values it holds. */
uint64_t histogram_total(const histogram *h);

/* Packs it in one way only: a version byte, then for each bin in ascending order the distance
 * to the one before and the count, as varints. An empty histogram is an empty text. */
void histogram_encode(const histogram *h, buf *out);

/* Adds a packed histogram. False where it is not one, or out of memory; *h may then hold a part. */
bool histogram_merge(histogram *h, arena *a, slice packed);

/* The bins in ascending order, in the slots' own form (see histogram_slot_*), at most `max` of
 * them; returns how many there are. */
uint32_t histogram_sorted(const histogram *h, uint64_t *sorted, uint32_t max);

static inline uint32_t histogram_slot_bin(uint64_t slot)
{
    return (uint32_t)(slot >> 48) - 1;
}

static inline uint64_t histogram_slot_count(uint64_t slot)
{
    return slot & 0xffffffffffffu;
}

typedef struct distribution {
    uint64_t p50, p90, p95, p99; /* nearest rank, within 1/64 */
    uint64_t stddev;             /* of the population, from the bins' middles */
    uint64_t stddev_thousandths; /* the same in thousandths */
} distribution;

/* Percentiles and standard deviation of n values with this exact sum, min and max; percentiles are
 * never outside of [min, max]. */
distribution histogram_describe(const histogram *h, uint64_t n, uint64_t sum, uint64_t min,
                                uint64_t max);

#endif
