/* statistics.c - see statistics.h. */
#include "analysers/statistics.h"

#include <math.h>
#include <stdlib.h>

enum { SLOPE_POINTS_MAX = 1024 };

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The mean place of a value among sorted ones, from 1: of equals each has the same. */
static double rank_of(const double *sorted, uint32_t n, double value_of)
{
    uint32_t below = 0;
    uint32_t high = n;
    while (below < high) { /* the first that is not below */
        uint32_t middle = below + (high - below) / 2;
        if (sorted[middle] < value_of) {
            below = middle + 1;
        } else {
            high = middle;
        }
    }
    uint32_t after = below;
    while (after < n && sorted[after] <= value_of) {
        after++;
    }
    return (below + 1 + after) / 2.0;
}

bool rank_correlation(arena *a, const sample_point *points, uint32_t n, double *rho)
{
    double *xs = arena_alloc(a, ((size_t)n + 1) * sizeof *xs);
    double *ys = arena_alloc(a, ((size_t)n + 1) * sizeof *ys);
    *rho = 0;
    if (xs == NULL || ys == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        xs[i] = points[i].x;
        ys[i] = points[i].y;
    }
    qsort(xs, n, sizeof *xs, compare_doubles);
    qsort(ys, n, sizeof *ys, compare_doubles);
    double middle = (n + 1) / 2.0;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (uint32_t i = 0; i < n; i++) {
        double x = rank_of(xs, n, points[i].x) - middle;
        double y = rank_of(ys, n, points[i].y) - middle;
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    *rho = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
    return true;
}

bool median_slope(arena *a, const sample_point *points, uint32_t n, double *slope)
{
    n = n < SLOPE_POINTS_MAX ? n : SLOPE_POINTS_MAX;
    size_t pairs = 0;
    double *slopes = arena_alloc(a, ((size_t)n * n / 2 + 1) * sizeof *slopes);
    *slope = 0;
    if (slopes == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            double apart = points[i].x - points[k].x;
            if (apart > 0 || apart < 0) {
                slopes[pairs++] = (points[i].y - points[k].y) / apart;
            }
        }
    }
    if (pairs > 0) {
        qsort(slopes, pairs, sizeof *slopes, compare_doubles);
        *slope = (slopes[(pairs - 1) / 2] + slopes[pairs / 2]) / 2;
    }
    return true;
}
