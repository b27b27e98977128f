/* compare_text.h - a comparison on a terminal, in lines that fit the width. */
#ifndef QLOG_REPORT_COMPARE_TEXT_H
#define QLOG_REPORT_COMPARE_TEXT_H

#include "base/buf.h"
#include "report/compare.h"
#include "report/layout.h"

/* At most `limit` changes of a kind; 0: all. */
void comparison_text(const comparison *c, uint32_t limit, const text_options *o, buf *out);

#endif
