/* series.c - see series.h. */
#include "base/series.h"

enum { FIRST_CAP = 4 };

static const uint32_t ladder[] = {1, 5, 10, 30, 60, SERIES_DAY};

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

/* Of steps below a minute: at a minute an hour always fits. */
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

/* How many points begin at the second or before it. A log runs forward: nearly always all. */
static uint32_t begun_by(const series *s, uint32_t second)
{
    uint32_t low = 0;
    uint32_t high = s->n;
    if (high > 0 && s->points[high - 1].second <= second) {
        return high;
    }
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (s->points[middle].second <= second) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* An empty bucket for the second, in front of the point `at`; NULL where memory is out. */
static series_point *insert(series *s, arena *a, uint32_t at, uint32_t second, uint32_t first_step)
{
    uint32_t step = s->n > 0 ? s->points[0].step : first_step;
    if (step == 0 || !make_room(s, a)) { /* none has 0; the divisor below is to be seen not to be */
        return NULL;
    }
    memmove(s->points + at + 1, s->points + at, (s->n - at) * sizeof *s->points);
    s->points[at] = (series_point){.second = second - second % step, .step = step};
    s->n++;
    return &s->points[at];
}

/* The bucket that holds the second, made where there is none; the first of a series has the step
 * given. NULL where memory is out. */
static series_point *bucket_of(series *s, arena *a, uint32_t second, uint32_t first_step)
{
    for (;;) {
        uint32_t at = begun_by(s, second);
        if (at > 0 && second - s->points[at - 1].second < s->points[at - 1].step) {
            return &s->points[at - 1];
        }
        if (s->n < SERIES_POINTS) {
            return insert(s, a, at, second, first_step);
        }
        coarsen(s, next_step(s->points[0].step));
    }
}

bool series_add(series *s, arena *a, uint32_t second, uint64_t calls, uint64_t time)
{
    series_point *bucket = bucket_of(s, a, second, ladder[0]);
    if (bucket == NULL) {
        return false;
    }
    bucket->calls += calls;
    bucket->time += time;
    return true;
}

bool series_merge(series *s, arena *a, slice packed)
{
    series_point point = {0};
    while (series_take(&packed, &point)) {
        if (s->n > 0 && s->points[0].step < point.step) {
            coarsen(s, point.step);
        }
        series_point *bucket = bucket_of(s, a, point.second, point.step);
        if (bucket == NULL) {
            return false;
        }
        bucket->calls += point.calls;
        bucket->time += point.time;
    }
    return packed.n == 0;
}

void series_to_day(series *s)
{
    coarsen(s, SERIES_DAY);
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
    uint64_t span = step == SERIES_DAY ? SERIES_DAY : SERIES_SECONDS;
    if ((distance == 0 && !first) || distance >= (span - point->second) / step) {
        return false;
    }
    next.step = (uint32_t)step;
    next.second = point->second + (uint32_t)distance * next.step;
    *point = next;
    *packed = rest;
    return true;
}
