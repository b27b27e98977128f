/* load.c - see load.h. */
#include "report/load.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/time_units.h"

enum { FIRST_CAP = 64 };

static int64_t bucket_of(const load *l, int64_t at)
{
    int64_t shift = l->zone_offset * US_PER_SECOND;
    int64_t local = at + shift;
    int64_t into = local % l->step;
    return local - into - (into < 0 ? l->step : 0) - shift;
}

/* The load has room for one more. */
static void add_point(load *l, int64_t at, int64_t calls, int64_t time)
{
    int64_t begin = bucket_of(l, at);
    uint64_t i = mix64((uint64_t)begin, 0) & (l->cap - 1);
    while (l->points[i].calls != 0 && l->points[i].at != begin) {
        i = (i + 1) & (l->cap - 1);
    }
    model_point *p = &l->points[i];
    l->n += p->calls == 0;
    p->at = begin;
    p->calls += calls;
    p->time += time;
}

/* Puts all points into a table of another size, or into buckets of another step. */
static bool rebuild(load *l, arena *a, uint32_t cap, int64_t step)
{
    load fresh = {.step = step, .zone_offset = l->zone_offset, .cap = cap};
    fresh.points = arena_calloc(a, cap, sizeof *fresh.points);
    if (fresh.points == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < l->cap; i++) {
        const model_point *p = &l->points[i];
        if (p->calls != 0) {
            add_point(&fresh, p->at, p->calls, p->time);
        }
    }
    *l = fresh;
    return true;
}

static bool make_room(load *l, arena *a, int64_t least_step)
{
    if (l->step < least_step && !rebuild(l, a, l->cap == 0 ? FIRST_CAP : l->cap, least_step)) {
        return false;
    }
    return l->n * 2 < l->cap || rebuild(l, a, l->cap == 0 ? FIRST_CAP : l->cap * 2, l->step);
}

bool load_add(load *l, arena *a, int64_t hour, const series_point *point)
{
    if (point->calls == 0) {
        return true;
    }
    if (!make_room(l, a, point->step * US_PER_SECOND)) {
        return false;
    }
    add_point(l, (hour + point->second) * US_PER_SECOND, (int64_t)point->calls,
              (int64_t)point->time);
    return true;
}

model_point load_busiest(const load *l)
{
    model_point best = {0};
    for (uint32_t i = 0; i < l->cap; i++) {
        const model_point *p = &l->points[i];
        bool more = p->time > best.time || (p->time == best.time && p->at < best.at);
        if (p->calls > 0 && (best.calls == 0 || more)) {
            best = *p;
        }
    }
    return best;
}

static int compare_points(const void *a, const void *b)
{
    const model_point *x = a;
    const model_point *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

bool load_series(const load *l, arena *a, model_series *out)
{
    *out = (model_series){.points = arena_alloc(a, (l->n + 1) * sizeof(model_point))};
    if (out->points == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < l->cap; i++) {
        if (l->points[i].calls > 0) {
            out->points[out->n++] = l->points[i];
        }
    }
    qsort(out->points, out->n, sizeof *out->points, compare_points);
    return true;
}
