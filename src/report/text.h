/* text.h - the report on a terminal.
 *
 * What a DBA needs on the first screen, in lines that fit the width. All text from the
 * log is made harmless. One line may be longer than the width: the command that shows
 * one query, since it is there to be copied. */
#ifndef QLOG_REPORT_TEXT_H
#define QLOG_REPORT_TEXT_H

#include "base/buf.h"
#include "report/layout.h"
#include "report/model.h"

/* What was read and understood, what cannot be shown, the window, the queries. */
void report_text(const model *m, const text_options *o, buf *out);

/* What was found, the costliest first; of one query, where it is not NULL, all that is about it. */
void report_text_findings(const model *m, const model_query *only, const text_options *o, buf *out);

/* Everything that is known of one query of the model. */
void report_text_query(const model *m, const model_query *q, const text_options *o, buf *out);

#endif
