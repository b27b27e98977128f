/* view.h - the report model as the tree that JSON and the templates share.
 *
 * The fields are those of the schema qlog-report/1 (templates/schema/qlog-report-1.json), where a
 * consumer meets them; durations are exact decimals of ms, times ISO 8601 in UTC. What cannot be
 * known is null or an empty list. Beside them stands what only templates see: each number's text,
 * times in the log's zone, and text that is ready for Markdown: code spans and a fenced block's
 * lines. */
#ifndef QLOG_REPORT_VIEW_H
#define QLOG_REPORT_VIEW_H

#include "base/value.h"
#include "report/markup.h"
#include "report/model.h"

/* The page's own style and script. */
typedef struct view_page {
    slice style, script;
} view_page;

/* How much of a report is told, for a text that must not be longer than its place takes. */
typedef struct view_room {
    size_t text;     /* bytes of a statement or plan */
    uint32_t items;  /* of each list of a query */
    uint32_t detail; /* queries in full */
    uint32_t findings;
    uint32_t rows; /* queries at all */
} view_room;

#define VIEW_ROOM_ALL ((view_room){SIZE_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX})

typedef struct view_options {
    const view_page *page; /* also what only HTML shows: charts, rankings, marked text; NULL: not */
    const markup *place;   /* that Markdown is written for; NULL: any */
    const model_query *only; /* a report of this one, as if the limit had cut all others */
    size_t most;             /* bytes, as the notice of what is not told says */
    const view_room *room;   /* NULL: all is told */
} view_options;

/* The report as a tree. Check b->failed afterwards. */
value *view_build(const model *m, const view_options *o, value_builder *b);

#endif
