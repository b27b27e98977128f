/* chart.h - the geometry of the report's charts.
 *
 * Figures become columns, paths, ticks and levels in whole units; how they look is the
 * templates'. A path is the `d` of an SVG path element (SVG 2, 9.3). */
#ifndef QLOG_REPORT_CHART_H
#define QLOG_REPORT_CHART_H

#include "base/buf.h"
#include "report/model.h"

/* More columns than any chart has. */
enum { CHART_COLUMNS_MAX = 128 };

/* Columns of equal width in time; all charts of a report begin and end together. */
typedef struct time_axis {
    int64_t begin; /* us */
    int64_t step;  /* us */
    uint32_t columns;
} time_axis;

/* The axis of the model's whole window in at most `most` columns, each of one or more whole
 * buckets. False where there is no bucket. */
bool time_axis_fit(const model *m, uint32_t most, time_axis *axis);

/* What falls into each column. `time` and `calls` have room for axis->columns. */
void time_axis_sum(const time_axis *axis, const model_series *series, int64_t *time,
                   int64_t *calls);

/* Columns of equal width in the logarithm of the duration: each power of two is cut into `parts`
 * equal parts. */
typedef struct duration_axis {
    uint32_t first; /* the column of the chart's left edge, counted from 1 us */
    uint32_t parts; /* a power of two */
    uint32_t columns;
} duration_axis;

/* The axis that shows the bins as finely as `most` columns allow. False where there is no bin. */
bool duration_axis_fit(const model_bin *bins, uint32_t n, uint32_t most, duration_axis *axis);

/* What falls into each column: calls, and the time they took, told from the bins' middles. */
void duration_axis_sum(const duration_axis *axis, const model_bin *bins, uint32_t n, int64_t *time,
                       int64_t *calls);

/* The first duration of a column. */
int64_t duration_axis_from(const duration_axis *axis, uint32_t column);

/* Where a duration lies, in thousandths of the chart's width. */
uint32_t duration_axis_at(const duration_axis *axis, int64_t us);

int64_t chart_most(const int64_t *values, uint32_t n);

/* Appends the outline of a bar chart, `width` by `height` units with its foot at y = height. What
 * is not zero is one unit high at least. */
void chart_path(const int64_t *values, uint32_t n, int64_t most, uint32_t width, uint32_t height,
                buf *out);

/* The distance of grid lines, one, two or five of a power of ten (of a minute or an hour from
 * there on, where `values are durations`), so that at most five lines lie below `most`. */
int64_t chart_grid(int64_t most, bool durations);

/* The distance of a time axis's ticks, so that there are at most `most` of them: seconds, minutes,
 * hours and days that people count in. */
int64_t chart_ticks(const time_axis *axis, uint32_t most);

#endif
