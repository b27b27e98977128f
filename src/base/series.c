/* series.c - see series.h. */
#include "base/series.h"

enum { FIRST_CAP = 4, MINUTES = 60 };

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

bool series_add(series *s, arena *a, uint32_t minute, uint64_t calls, uint64_t time)
{
    /* A log runs forward: the minute is nearly always the last one or a new one behind it. */
    uint32_t at = s->n;
    while (at > 0 && s->points[at - 1].minute > minute) {
        at--;
    }
    if (at == 0 || s->points[at - 1].minute != minute) {
        if (!make_room(s, a)) {
            return false;
        }
        memmove(s->points + at + 1, s->points + at, (s->n - at) * sizeof *s->points);
        s->points[at++] = (series_point){.minute = minute};
        s->n++;
    }
    s->points[at - 1].calls += calls;
    s->points[at - 1].time += time;
    return true;
}

void series_encode(const series *s, buf *out)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        buf_add_varint(out, s->points[i].minute - before);
        buf_add_varint(out, s->points[i].calls);
        buf_add_varint(out, s->points[i].time);
        before = s->points[i].minute;
    }
}

bool series_take(slice *packed, series_point *point)
{
    uint64_t distance;
    if (packed->n == 0 || !varint_take(packed, &distance) || distance >= MINUTES - point->minute) {
        return false;
    }
    point->minute += (uint32_t)distance;
    return varint_take(packed, &point->calls) && varint_take(packed, &point->time);
}
