/* render.h - a report in the format asked for.
 *
 * One model, one view, one call: text is laid out by text.h, a spreadsheet's table by csv.h,
 * the others come from the view, by a template or as JSON. */
#ifndef QLOG_REPORT_RENDER_H
#define QLOG_REPORT_RENDER_H

#include "base/buf.h"
#include "base/status.h"
#include "report/compare.h"
#include "report/markup.h"
#include "report/model.h"
#include "report/template_files.h"
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

typedef struct render_options {
    text_options text;         /* of REPORT_TEXT */
    const markup *place;       /* that REPORT_MARKDOWN is for, and fits; NULL: any */
    template_files *templates; /* NULL: the program's */
} render_options;

/* What a query is to have in a ticket, in bytes of Markdown. */
enum { RENDER_TICKET_BYTES = 8000 };

/* What is written: the whole report; one of its queries; or a comparison instead of both. */
typedef struct render_subject {
    const model *m;
    const model_query *q; /* NULL: the whole */
    const comparison *c;  /* NULL: a report */
    uint32_t limit;       /* of changes of a kind; 0: all */
} render_subject;

/* Appends it. A query as JSON is a report whose list of queries holds this one alone; there is no
 * table of a comparison for a spreadsheet: REPORT_CSV is refused. People's own template takes the
 * place of the format's; one of REPORT_TEXT has no escapes, and neither REPORT_JSON nor REPORT_CSV
 * has any.
 *
 * Markdown for a place is no longer than it takes, and the program's of a query than
 * RENDER_TICKET_BYTES: first what queries are in full is left out, from the last on, then findings,
 * then queries at all; the report says what. False where memory is out or the report is longer than
 * out->max, and where a template cannot be rendered; *st then says so. */
bool render(const render_subject *what, report_format f, const render_options *o, buf *out,
            status *st);

#endif
