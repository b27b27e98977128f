/* compare_view.h - a comparison as the tree that JSON and the templates share.
 *
 * The fields are those of the schema qlog-diff/1 (templates/schema/qlog-diff-1.json). Durations are
 * exact decimals of ms, times ISO 8601 in UTC, factors after over before; what is not known is
 * null. */
#ifndef QLOG_REPORT_COMPARE_VIEW_H
#define QLOG_REPORT_COMPARE_VIEW_H

#include "base/value.h"
#include "report/compare.h"
#include "report/view.h"

/* At most `limit` changes of a kind; 0: all. The options' room is not looked at. Check b->failed
 * afterwards. */
value *comparison_view(const comparison *c, uint32_t limit, const view_options *o,
                       value_builder *b);

#endif
