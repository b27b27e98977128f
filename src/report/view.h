/* view.h - the report model as the tree that JSON and the templates share.
 *
 * The fields are those of the schema qlog-report/1 (tests/report-schema.json), where a consumer
 * meets them; durations are exact decimals of ms, times ISO 8601 in UTC. What cannot be known is
 * null or an empty list. Beside them stands what only templates see: each number's text, times in
 * the log's zone, and text that is ready for Markdown: code spans and a fenced block's lines. */
#ifndef QLOG_REPORT_VIEW_H
#define QLOG_REPORT_VIEW_H

#include "base/value.h"
#include "report/model.h"

/* The whole report; with `html` also what only HTML shows: charts, rankings, marked text. Check
 * b->failed afterwards. */
value *view_build(const model *m, bool html, value_builder *b);

/* The report of one of the model's queries: as if the limit had cut all others. */
value *view_build_query(const model *m, const model_query *q, bool html, value_builder *b);

#endif
