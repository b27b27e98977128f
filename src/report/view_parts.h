/* view_parts.h - the pieces that view.c and view_query.c put together.
 *
 * Each adds one field. Private to the view. */
#ifndef QLOG_REPORT_VIEW_PARTS_H
#define QLOG_REPORT_VIEW_PARTS_H

#include "base/buf.h"
#include "base/value.h"
#include "report/model.h"
#include "report/view.h"

enum { MIN_FENCE = 3, VIEW_LISTING_COLUMNS = 100 }; /* of a statement that is laid out on lines */

/* What the queries of a page can be filtered by; of view_filters.c. */
typedef struct view_filters view_filters;

typedef struct view {
    const model *m;
    value_builder *b;
    const view_page *page; /* also what only HTML shows; NULL: not */
    bool wiki;             /* code is Jira's, not Markdown's */
    bool single;           /* the report of one query */
    view_room room;
    bool trimmed;          /* a text or a list of a query was cut */
    uint32_t findings_cut; /* for want of room */
    size_t folder;         /* the beginning of every path, which HTML leaves out of places */
    int64_t most_total;    /* the largest total of a query, for HTML's bars */
    view_filters *filters; /* of a page */
    buf scratch;           /* for one formatter; emptied by what uses it */
} view;

/* The scratch's text as display-only text. */
void view_scratch(view *v, value *parent, const char *name);

/* Exact, with the text people see. */
void view_count(view *v, value *parent, const char *name, int64_t n);
void view_duration(view *v, value *parent, const char *name, int64_t us);
void view_bytes(view *v, value *parent, const char *name, uint64_t bytes);

/* Null where `known` is false. */
void view_load(view *v, value *parent, const char *name, bool known, int64_t permille);

/* A fraction of one, in millionths, half up; null of nothing. */
void view_part(view *v, value *parent, const char *name, int64_t part, int64_t whole);

/* Null where the text is empty. */
void view_text(view *v, value *parent, const char *name, slice text);

/* ISO 8601, null where at is 0; and, display only, in the log's zone as `local_name`. */
void view_time(view *v, value *parent, const char *name, const char *local_name, int64_t at,
               int fraction_digits);

/* A list and an object that only templates see. */
value *view_display_list(view *v, value *parent, const char *name);
value *view_display_object(view *v, value *parent, const char *name);

/* What only templates see and is not there: a section that is not shown. */
void view_no_section(view *v, value *parent, const char *name);

/* Display only: whether a template's section is to be shown. */
void view_flag(view *v, value *parent, const char *name, bool truth);

/* Display only: "1,385 calls". */
void view_counted(view *v, value *parent, const char *name, int64_t n, const char *singular,
                  const char *plural);

/* Display only: a code span of the markup for a table's cell, cut to `columns` columns. */
void view_code_span(view *v, value *parent, const char *name, slice text, unsigned columns);

/* As much of a list or of a text as there is room for. */
uint32_t view_items(view *v, uint32_t n);
slice view_text_room(view *v, slice text);

/* Display only: the scratch as a block of code, with a line that says how many bytes are left out;
 * and as `fence` one that nothing in it can close. */
void view_block(view *v, value *parent, const char *name, size_t left_out);

/* Display only: a statement on lines, as `listing`, with its fence. */
void view_listing(view *v, value *parent, slice text);

/* Display only: "path:line" as `place`. */
void view_place(view *v, value *parent, slice path, uint64_t line);

/* Display only: "path:line" as a code span of the markup. */
void view_location(view *v, value *parent, const char *name, slice path, uint64_t line);

/* Durations. All null where there is no execution. */
void view_statistics(view *v, value *object, const model_statistics *s);

/* The same of a measure, in its unit; "us" is shown in ms. */
void view_measure(view *v, value *object, const model_measure *measure);
void view_series(view *v, value *parent, const char *name, const model_series *series);
void view_histogram(view *v, value *parent, const char *name, const model_bin *bins, uint32_t n);

/* One query, as an item of the list `queries`. */
value *view_query(view *v, value *queries, const model_query *q);

/* The findings; where the report is of one query, those that are about it. */
void view_findings(view *v, value *root, const model_query *only);

/* What the logs say of the server. */
void view_server(view *v, value *root);

#endif
