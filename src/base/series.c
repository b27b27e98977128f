/* series.c - see series.h. */
#include "base/series.h"

enum { FIRST_CAP = 4 };

static const uint32_t ladder[] = {1, 5, 10, 30, 60};

enum { STEPS = sizeof ladder / sizeof *ladder };

static bool is_step(uint64_t step)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (ladder[i] == step) {
            return true;
        }
    }
    return false;
}

/* The last step has none: at it an hour always fits. */
static uint32_t next_step(uint32_t step)
{
    size_t i = 0;
    while (ladder[i] <= step) {
        i++;
    }
    return ladder[i];
}

static void coarsen(series *s, uint32_t step)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        series_point p = s->points[i];
        p.second -= p.second % step;
        p.step = step;
        if (n > 0 && s->points[n - 1].second == p.second) {
            s->points[n - 1].calls += p.calls;
            s->points[n - 1].time += p.time;
        } else {
            s->points[n++] = p;
        }
    }
    s->n = n;
}

static bool make_room(series *s, arena *a)
{
    if (s->n < s->cap) {
        return true;
    }
    uint32_t cap = s->cap == 0 ? FIRST_CAP : s->cap * 2;
    series_point *points = arena_alloc(a, cap * sizeof *points);
    if (points == NULL) {
        return false;
    }
    if (s->n > 0) {
        memcpy(points, s->points, s->n * sizeof *points);
    }
    s->points = points;
    s->cap = cap;
    return true;
}

/* An empty bucket for the second, in front of the point `at`. */
static bool insert(series *s, arena *a, uint32_t at, uint32_t second, uint32_t least_step)
{
    uint32_t step = s->n > 0 ? s->points[0].step : least_step;
    if (!make_room(s, a)) {
        return false;
    }
    memmove(s->points + at + 1, s->points + at, (s->n - at) * sizeof *s->points);
    s->points[at] = (series_point){.second = second - second % step, .step = step};
    s->n++;
    return true;
}

/* How many points begin at the second or before it. A log runs forward: nearly always all. */
static uint32_t begun_by(const series *s, uint32_t second)
{
    uint32_t at = s->n;
    while (at > 0 && s->points[at - 1].second > second) {
        at--;
    }
    return at;
}

static bool holds(const series_point *p, uint32_t second)
{
    return second - p->second < p->step;
}

/* The step of what is added is not wider than the series'. */
static bool add(series *s, arena *a, series_point added)
{
    uint32_t at = begun_by(s, added.second);
    while (at == 0 || !holds(&s->points[at - 1], added.second)) {
        if (s->n < SERIES_POINTS) {
            if (!insert(s, a, at, added.second, added.step)) {
                return false;
            }
        } else {
            coarsen(s, next_step(s->points[0].step));
        }
        at = begun_by(s, added.second);
    }
    s->points[at - 1].calls += added.calls;
    s->points[at - 1].time += added.time;
    return true;
}

bool series_add(series *s, arena *a, uint32_t second, uint64_t calls, uint64_t time)
{
    return add(s, a,
               (series_point){.calls = calls, .time = time, .second = second, .step = ladder[0]});
}

bool series_merge(series *s, arena *a, slice packed)
{
    series_point point = {0};
    while (series_take(&packed, &point)) {
        if (s->n > 0 && s->points[0].step < point.step) {
            coarsen(s, point.step);
        }
        if (!add(s, a, point)) {
            return false;
        }
    }
    return packed.n == 0;
}

void series_encode(const series *s, buf *out)
{
    uint32_t before = 0;
    if (s->n > 0) {
        buf_add_varint(out, s->points[0].step);
    }
    for (uint32_t i = 0; i < s->n; i++) {
        const series_point *p = &s->points[i];
        buf_add_varint(out, (p->second - before) / p->step);
        buf_add_varint(out, p->calls);
        buf_add_varint(out, p->time);
        before = p->second;
    }
}

bool series_take(slice *packed, series_point *point)
{
    slice rest = *packed;
    bool first = point->step == 0;
    uint64_t step = point->step;
    uint64_t distance;
    series_point next;
    if (first && (!varint_take(&rest, &step) || !is_step(step))) {
        return false;
    }
    if (!varint_take(&rest, &distance) || !varint_take(&rest, &next.calls) ||
        !varint_take(&rest, &next.time)) {
        return false;
    }
    if ((distance == 0 && !first) || distance >= (SERIES_SECONDS - point->second) / step) {
        return false;
    }
    next.step = (uint32_t)step;
    next.second = point->second + (uint32_t)distance * next.step;
    *point = next;
    *packed = rest;
    return true;
}
