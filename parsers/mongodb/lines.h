/* lines.h - what the MongoDB formats share: every line is a record of its own. */
#ifndef QLOG_PARSERS_MONGODB_LINES_H
#define QLOG_PARSERS_MONGODB_LINES_H

#include "parsers/parser.h"

/* parser.cut: at any line's end. */
size_t lines_cut(const format *f, slice bytes, cut_which which);

/* Takes the first line, without its end ("\n" or "\r\n"), from the front of *rest. *bytes: with it.
 */
slice lines_take(slice *rest, size_t *bytes);

/* Reads "2026-11-19T14:03:07.123" and a zone (Z, +01:00, -0500) from the front of *in: microseconds
 * UTC. False, with *in untouched, where there is none; *bad where it has the form and is no date.
 */
bool lines_take_time(slice *in, int64_t *time, int32_t *zone, bool *bad);

#endif
