/* figures.h - the figures of a report that base/number.h does not know.
 *
 * Derived from the model and written in one way, for the terminal and the view alike.
 * What comes from the log is written as it stands there: the caller makes it safe. */
#ifndef QLOG_REPORT_FIGURES_H
#define QLOG_REPORT_FIGURES_H

#include "base/buf.h"
#include "report/model.h"

/* Whether a log that was sampled stands for more calls than it holds. */
bool is_sampled(int64_t calls, int64_t estimated_calls);

/* Whether the logs have times. */
bool has_window(const model *m);

/* The window's wall time in us; 0 where it has no length. */
int64_t window_length(const model *m);

/* Average active sessions, in thousandths, of `time` us over the window; false where the window has
 * no length. */
bool load_permille(const model *m, int64_t time, int64_t *permille);

/* "0.061", "12.345". */
void load_format(buf *out, int64_t permille);

/* The query of the report with this id; NULL where it is not shown. */
const model_query *query_find(const model *m, uint64_t id);

/* The measure of a query by its name; NULL where its log does not have it. */
const model_measure *measure_find(const model_query *q, const char *name);

/* Whether there is anything to say of it: not all of its values are 0. */
bool measure_tells(const model_measure *measure);

/* How many rows were read for each that was sent, in thousandths; false where the log does not
 * tell or none was sent. */
bool rows_per_sent(const model_query *q, int64_t *permille);

/* The variance of the times over their mean, in us: how unsteady they are. False without times. */
bool variance_to_mean(const model_statistics *s, int64_t *us);

/* The name of the zone that times are shown in: the log's own, else its offset. */
void zone_name_format(buf *out, const model *m);

/* "2026-11-19 14:03:07", in the model's zone and without its name; fraction_digits as in
 * timestamp_format. */
void local_time_format(buf *out, const model *m, int64_t at, int fraction_digits);

/* The time of day alone where the whole window is of one day. */
void short_time_format(buf *out, const model *m, int64_t at);

/* "2026-11-19 13:00:00 to 14:20:00", in the model's zone: the second date only where it differs. */
void window_format(buf *out, const model *m);

/* Whether it is in whole numbers, so that its mean and deviation are in thousandths. */
bool measure_is_counted(const model_measure *measure);

/* "prepare time" of "prepare_time"; an attribute's name stays as the log has it. */
void measure_name_format(buf *out, const model_measure *measure);

/* "postgresql.log:123"; the line alone where the path is not known. */
void location_format(buf *out, slice path, uint64_t line);

/* "app@shop", "app", "@shop". */
void account_format(buf *out, slice user, slice database);

/* "executions of at least 250 ms from 2026-11-19 14:03:07 on (says the log)", "... (inferred: the
 * least there is)". */
void threshold_format(buf *out, const model *m, const model_threshold *t);

/* What the groups are: "user", "tag action"; as a head "User". What has none is shown as
 * GROUP_NONE. */
void group_title_format(buf *out, const model *m, bool head);
#define GROUP_NONE "(none)"

/* What was read in all: "3 files, 1.25 GiB, 98.2 % understood". */
void input_format(buf *out, const model *m);

/* What the report comes to, in two or three sentences: "3 of 55 queries make up 61.5 % of the query
 * time. 683 calls took 7.46 s in 19.8 s, 0.376 sessions active on average; 7 errors." */
void verdict_format(buf *out, const model *m);

/* The model's command with the query's id in it. */
void command_format(buf *out, const model *m, uint64_t id);

/* "open since 2026-11-17 14:03", "accepted until 2026-12-01 00:00: DB-123"; nothing where a finding
 * has no state but what it is. */
void finding_state_format(buf *out, const model *m, const finding *f);

#endif
