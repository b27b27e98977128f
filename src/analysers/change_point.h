/* change_point.h - where a row of numbers changes its level, only where that is clear.
 *
 * The row is divided where the two parts differ most (by least squares), and each part again (Scott
 * and Knott 1974). A division counts where chance would make one as clear, anywhere in the row, in
 * one of a thousand rows at most: by Student's t between its two parts, as Apache Otava tests
 * E-divisive's divisions, so that the same row always gives the same answer. A short peak amid a
 * long row is no clear division and stays unfound. */
#ifndef QLOG_ANALYSERS_CHANGE_POINT_H
#define QLOG_ANALYSERS_CHANGE_POINT_H

#include <stdint.h>

enum { CHANGE_POINT_PART = 3 /* values of a level, at least */ };

/* Where new levels begin, in ascending order: at most `max` of them, returns how many. */
uint32_t change_points(const double *values, uint32_t n, uint32_t *at, uint32_t max);

#endif
