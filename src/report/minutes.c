/* minutes.c - see minutes.h. */
#include "report/minutes.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/series.h"

enum { FIRST_CAP = 64 };

static model_point *find_point(model_point *points, uint32_t cap, int64_t at)
{
    for (uint64_t i = mix64((uint64_t)at, 0);; i++) {
        model_point *p = &points[i & (cap - 1)];
        if (p->calls == 0 || p->at == at) {
            return p;
        }
    }
}

static bool grow(minutes *m, arena *a)
{
    uint32_t cap = m->cap == 0 ? FIRST_CAP : m->cap * 2;
    model_point *points = arena_calloc(a, cap, sizeof *points);
    if (points == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < m->cap; i++) {
        if (m->points[i].calls != 0) {
            *find_point(points, cap, m->points[i].at) = m->points[i];
        }
    }
    m->points = points;
    m->cap = cap;
    return true;
}

bool minutes_add(minutes *m, arena *a, int64_t hour, slice packed)
{
    series_point point = {0};
    while (series_take(&packed, &point)) {
        if (point.calls == 0) {
            continue;
        }
        if (m->n * 2 >= m->cap && !grow(m, a)) {
            return false;
        }
        int64_t at = (hour + (int64_t)point.minute * 60) * 1000000;
        model_point *p = find_point(m->points, m->cap, at);
        m->n += p->calls == 0;
        p->at = at;
        p->calls += (int64_t)point.calls;
        p->time += (int64_t)point.time;
    }
    return true;
}

model_point minutes_busiest(const minutes *m)
{
    model_point best = {0};
    for (uint32_t i = 0; i < m->cap; i++) {
        const model_point *p = &m->points[i];
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

static int64_t bucket_of(int64_t at, int64_t step, int64_t shift)
{
    int64_t local = at + shift;
    int64_t into = local % step;
    return local - into - (into < 0 ? step : 0) - shift;
}

bool minutes_series(const minutes *m, int64_t step, int32_t zone_offset, arena *a,
                    model_series *out)
{
    *out = (model_series){.points = arena_alloc(a, (m->n + 1) * sizeof(model_point))};
    if (out->points == NULL) {
        return false;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->cap; i++) {
        if (m->points[i].calls > 0) {
            out->points[n] = m->points[i];
            out->points[n++].at = bucket_of(m->points[i].at, step, (int64_t)zone_offset * 1000000);
        }
    }
    qsort(out->points, n, sizeof *out->points, compare_points);
    for (uint32_t i = 0; i < n; i++) {
        model_point *p = &out->points[i];
        if (out->n > 0 && out->points[out->n - 1].at == p->at) {
            out->points[out->n - 1].calls += p->calls;
            out->points[out->n - 1].time += p->time;
        } else {
            out->points[out->n++] = *p;
        }
    }
    return true;
}
