/* histogram.c - see histogram.h. */
#include "base/histogram.h"

#include <math.h>
#include <stdlib.h>

enum { SUB_BITS = 5, FIRST_CAP = 8, PACKED_VERSION = 1 };

static const uint64_t COUNT_MAX = 0xffffffffffffu;

uint32_t histogram_bin(uint64_t value)
{
    if (value < (2u << SUB_BITS)) {
        return (uint32_t)value;
    }
    uint32_t shift = 63 - (uint32_t)__builtin_clzll(value) - SUB_BITS;
    return (shift << SUB_BITS) + (uint32_t)(value >> shift);
}

void histogram_bin_range(uint32_t bin, uint64_t *from, uint64_t *to)
{
    if (bin < (2u << SUB_BITS)) {
        *from = bin;
        *to = *from + 1;
        return;
    }
    uint32_t shift = (bin >> SUB_BITS) - 1;
    *from = ((uint64_t)(bin & 31) + 32) << shift;
    *to = *from + ((uint64_t)1 << shift);
}

uint64_t histogram_bin_middle(uint32_t bin)
{
    uint64_t from;
    uint64_t to;
    histogram_bin_range(bin, &from, &to);
    return from + (to - from) / 2;
}

static uint64_t *find_slot(uint64_t *slots, uint32_t cap, uint32_t bin)
{
    uint32_t at = (bin * 0x9e3779b1u) >> 16;
    for (;; at++) {
        uint64_t *slot = &slots[at & (cap - 1)];
        if (*slot == 0 || histogram_slot_bin(*slot) == bin) {
            return slot;
        }
    }
}

static bool grow(histogram *h, arena *a)
{
    uint32_t cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
    uint64_t *slots = arena_calloc(a, cap, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < h->cap; i++) {
        if (h->slots[i] != 0) {
            *find_slot(slots, cap, histogram_slot_bin(h->slots[i])) = h->slots[i];
        }
    }
    h->slots = slots;
    h->cap = cap;
    return true;
}

static bool add_to_bin(histogram *h, arena *a, uint32_t bin, uint64_t count)
{
    /* At most three quarters full, so that a search ends soon. */
    if (h->n >= h->cap - h->cap / 4 && !grow(h, a)) {
        return false;
    }
    uint64_t *slot = find_slot(h->slots, h->cap, bin);
    if (*slot == 0) {
        *slot = (uint64_t)(bin + 1) << 48;
        h->n++;
    }
    uint64_t room = COUNT_MAX - histogram_slot_count(*slot);
    *slot += count < room ? count : room;
    return true;
}

bool histogram_add(histogram *h, arena *a, uint64_t value, uint64_t count)
{
    return add_to_bin(h, a, histogram_bin(value), count);
}

static int compare_slots(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint32_t histogram_sorted(const histogram *h, uint64_t *sorted, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->cap && n < max; i++) {
        if (h->slots[i] != 0) {
            sorted[n++] = h->slots[i];
        }
    }
    if (n > 1) {
        qsort(sorted, n, sizeof *sorted, compare_slots);
    }
    return n;
}

uint64_t histogram_total(const histogram *h)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < h->cap; i++) {
        total += h->slots[i] != 0 ? histogram_slot_count(h->slots[i]) : 0;
    }
    return total;
}

void histogram_encode(const histogram *h, buf *out)
{
    uint64_t sorted[HISTOGRAM_BINS];
    uint32_t n = histogram_sorted(h, sorted, HISTOGRAM_BINS);
    if (n == 0) {
        return;
    }
    buf_add_char(out, PACKED_VERSION);
    uint32_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bin = histogram_slot_bin(sorted[i]);
        buf_add_varint(out, bin - before);
        buf_add_varint(out, histogram_slot_count(sorted[i]));
        before = bin;
    }
}

bool histogram_merge(histogram *h, arena *a, slice packed)
{
    if (packed.n == 0) {
        return true;
    }
    if (packed.p[0] != PACKED_VERSION) {
        return false;
    }
    packed = slice_skip(packed, 1);
    uint64_t bin = 0;
    for (bool first = true; packed.n > 0; first = false) {
        uint64_t distance;
        uint64_t count;
        if (!varint_take(&packed, &distance) || !varint_take(&packed, &count)) {
            return false;
        }
        if ((distance == 0 && !first) || distance >= HISTOGRAM_BINS - bin || count > COUNT_MAX ||
            count == 0) {
            return false;
        }
        bin += distance;
        if (!add_to_bin(h, a, (uint32_t)bin, count)) {
            return false;
        }
    }
    return true;
}

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max)
{
    return value < min ? min : value > max ? max : value;
}

distribution histogram_describe(const histogram *h, uint64_t n, uint64_t sum, uint64_t min,
                                uint64_t max)
{
    distribution d = {0};
    uint64_t sorted[HISTOGRAM_BINS];
    uint32_t bins = histogram_sorted(h, sorted, HISTOGRAM_BINS);
    if (n == 0 || bins == 0) {
        return d;
    }
    static const unsigned percent[] = {50, 90, 95, 99};
    uint64_t *const wanted[] = {&d.p50, &d.p90, &d.p95, &d.p99};
    double mean = (double)sum / (double)n;
    double squares = 0;
    uint64_t seen = 0;
    for (uint32_t i = 0, next = 0; i < bins; i++) {
        uint64_t count = histogram_slot_count(sorted[i]);
        uint64_t middle = clamp(histogram_bin_middle(histogram_slot_bin(sorted[i])), min, max);
        seen += count;
        double off = (double)middle - mean;
        squares += off * off * (double)count;
        /* Nearest rank: the smallest value with at least p percent of all at or below it. */
        while (next < 4 && seen * 100 >= (uint64_t)percent[next] * n) {
            *wanted[next++] = middle;
        }
    }
    double stddev = sqrt(squares / (double)n);
    d.stddev = (uint64_t)llround(stddev);
    d.stddev_thousandths = (uint64_t)llround(stddev * 1000);
    return d;
}
