/* compose.h - composing a terminal's lines from figures and from text of the log.
 *
 * Each appends composed text (layout.h); a figure with its unit is glued together. */
#ifndef QLOG_REPORT_COMPOSE_H
#define QLOG_REPORT_COMPOSE_H

#include "report/layout.h"
#include "report/model.h"

/* A line's label, in a column of LABEL_COLUMNS; text after it is indented as much. */
enum { LABEL_COLUMNS = 11 };
void compose_label(buf *line, const char *label);

void compose_duration(buf *line, int64_t us);
void compose_share(buf *line, int64_t part, int64_t whole);
void compose_bytes(buf *line, uint64_t bytes);

/* "1,385 calls", "1 call". */
void compose_count(buf *line, int64_t n, const char *singular, const char *plural);

/* "1,385 calls", and where the log is a sample "about 13,850 calls (1,385 logged)". */
void compose_calls(buf *line, int64_t calls, int64_t estimated);

/* "3 errors", in the colour of alarm where there are any. */
void compose_errors(buf *line, int64_t errors);

/* "mean 12.4 ms, p50 ..., p90 ..., p95 ..., p99 ..., max ..."; the mean alone where no more is
 * known.
 */
void compose_statistics(buf *line, const model_statistics *s);

/* The whole text that a formatter wrote into `scratch`, made harmless; scratch is emptied. */
void compose_scratch(buf *line, buf *scratch);

#endif
