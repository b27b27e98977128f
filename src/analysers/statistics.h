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

/* The probability that Student's t with so many degrees of freedom is above t; by the regularised
 * incomplete beta function (Abramowitz and Stegun 26.7.1, its continued fraction 26.5.8). */
double student_tail(double t, double degrees);

/* Of n probabilities the greatest to which the hypotheses can be rejected so that, of those
 * rejected, a part `q` at most is expected to be so wrongly (Benjamini and Hochberg 1995); below 0
 * where none can. The array is sorted. */
double false_discovery_limit(double *p, uint32_t n, double q);

/* The median; the array is sorted. 0 of nothing. */
double median_of(double *values, uint32_t n);

#endif
