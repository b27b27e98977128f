/* export.h - a store's figures as rows for another database, or for programs.
 *
 * A row is an hour (or, where `qlog compact` made one of it, a day) of one query, database, user
 * and application of a source, over all its logs: see export.c for the columns, templates/tables
 * for tables to load them into. Rows come in the order of their keys, so that the same figures are
 * the same bytes, and one at a time: memory does not grow with the store. No literal and no path is
 * in them. A window is widened to whole hours, so that a row that is sent again replaces the one
 * before.
 *
 * JSON: an object a line; names are exact but for what value_json.h escapes. CSV: RFC 4180, UTF-8,
 * the first line names the columns, lists and objects are JSON in a cell; of names, control
 * characters are replaced, and what would begin a formula has an apostrophe, as in csv.h. */
#ifndef QLOG_REPORT_EXPORT_H
#define QLOG_REPORT_EXPORT_H

#include "store/select.h"

typedef enum export_table {
    EXPORT_HOURS,
    EXPORT_QUERIES /* what each fingerprint is: engine, verb, tables, normalised text */
} export_table;

typedef struct export_request {
    export_table table;
    bool csv;
    selection *chosen; /* NULL: all. Its moments are resolved */
    /* Takes the next bytes; false with the status set ends it. */
    bool (*write)(void *context, slice text, status *st);
    void *context;
} export_request;

bool export_rows(const store *s, const export_request *request, status *st);

#endif
