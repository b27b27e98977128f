/* statistics.h - what analysers ask of a sample of points: does one quantity grow with another, and
 * how steeply. Robust against outliers, which times always have. */
#ifndef QLOG_ANALYSERS_STATISTICS_H
#define QLOG_ANALYSERS_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct sample_point {
    double x, y;
} sample_point;

/* Spearman's rank correlation, ties by their mean rank (-1 to 1; 0 where one of the two does not
 * vary). False where memory is out. */
bool rank_correlation(arena *a, const sample_point *points, uint32_t n, double *rho);

/* The median of the slopes between all pairs of points (Theil 1950, Sen 1968); 0 where no two
 * differ in x. At most 1,024 points are looked at. False where memory is out. */
bool median_slope(arena *a, const sample_point *points, uint32_t n, double *slope);

#endif
