/* render.h - a report in the format asked for.
 *
 * One model, one view, one call: text is laid out by text.h, a spreadsheet's table by csv.h,
 * the others come from the view, by a template or as JSON. */
#ifndef QLOG_REPORT_RENDER_H
#define QLOG_REPORT_RENDER_H

#include "base/buf.h"
#include "base/status.h"
#include "report/compare.h"
#include "report/model.h"
#include "report/text.h"

typedef enum report_format {
    REPORT_TEXT,
    REPORT_MARKDOWN,
    REPORT_HTML,
    REPORT_JSON,
    REPORT_CSV
} report_format;

/* Finds a format by its name ("text", "md", "html", "json", "csv") or by a file name's extension
 * (".md"), in either case of letters. */
bool report_format_find(slice name_or_extension, report_format *out);

/* Appends the whole report. `o` is for text only. False where memory is out or the report is longer
 * than out->max, and where a template cannot be rendered; *st then says so. */
bool render_report(const model *m, report_format f, const text_options *o, buf *out, status *st);

/* Appends what is known of one of the model's queries. As JSON: a report whose list of queries
 * holds this one alone. */
bool render_query(const model *m, const model_query *q, report_format f, const text_options *o,
                  buf *out, status *st);

/* Appends a comparison, with at most `limit` changes of a kind; 0: all. There is no table of it for
 * a spreadsheet: REPORT_CSV is refused. */
bool render_comparison(const comparison *c, uint32_t limit, report_format f, const text_options *o,
                       buf *out, status *st);

#endif
