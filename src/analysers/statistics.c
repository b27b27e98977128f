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

/* One step of Lentz's method for a continued fraction (Lentz 1976, as modified by Thompson and
 * Barnett 1986): neither part may become 0. */
static double lentz_step(double coefficient, double *c, double *d)
{
    static const double tiny = 1e-300;
    *d = 1 + coefficient * *d;
    *d = 1 / (fabs(*d) < tiny ? tiny : *d);
    *c = 1 + coefficient / *c;
    *c = fabs(*c) < tiny ? tiny : *c;
    return *c * *d;
}

/* The continued fraction of the incomplete beta function; converges fast for x below the mean. */
static double beta_fraction(double a, double b, double x)
{
    enum { STEPS_MAX = 1000 };
    static const double precise = 1e-15;
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / d;
    double fraction = d;
    for (int m = 1; m <= STEPS_MAX; m++) {
        double twice = 2.0 * m;
        double even = m * (b - m) * x / ((a + twice - 1) * (a + twice));
        double odd = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1));
        fraction *= lentz_step(even, &c, &d);
        double step = lentz_step(odd, &c, &d);
        fraction *= step;
        if (fabs(step - 1) < precise) {
            break;
        }
    }
    return fraction;
}

/* I_x(a, b). */
static double incomplete_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                     : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_tail(double t, double degrees)
{
    double both = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
    return t > 0 ? both / 2 : 1 - both / 2;
}

double false_discovery_limit(double *p, uint32_t n, double q)
{
    if (n > 0) {
        qsort(p, n, sizeof *p, compare_doubles);
    }
    for (uint32_t i = n; i > 0; i--) {
        if (p[i - 1] <= q * i / n) {
            return p[i - 1];
        }
    }
    return -1;
}

double median_of(double *values, uint32_t n)
{
    if (n == 0) {
        return 0;
    }
    qsort(values, n, sizeof *values, compare_doubles);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}
