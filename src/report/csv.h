/* csv.h - a report's queries, or its groups where it has some, as a table for spreadsheets.
 *
 * RFC 4180, UTF-8 with a byte order mark, by which spreadsheets tell the encoding; the first line
 * names the columns. Durations are ms, times those of the report's zone, shares fractions of one;
 * what is not known is empty. No cell begins like a formula: text that would gets an apostrophe
 * (OWASP, "CSV Injection"). Not for programs, which have JSON. */
#ifndef QLOG_REPORT_CSV_H
#define QLOG_REPORT_CSV_H

#include "base/buf.h"
#include "report/model.h"

void report_csv(const model *m, buf *out);

/* The same table with one query alone. */
void report_csv_query(const model *m, const model_query *q, buf *out);

/* A cell of text: quoted, harmless and no formula. An empty one is no byte. */
void csv_add_cell(buf *out, slice text);

#endif
