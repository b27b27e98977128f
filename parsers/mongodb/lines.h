/* lines.h - what the MongoDB formats share: every line is a record of its own. */
#ifndef QLOG_PARSERS_MONGODB_LINES_H
#define QLOG_PARSERS_MONGODB_LINES_H

#include "base/timestamp.h"
#include "parsers/parser.h"

/* parser.cut: at any line's end. */
size_t lines_cut(const format *f, slice bytes, cut_which which);

/* Whether there is another line at the front of *rest. NUL bytes before it, as rotation by copying
 * and truncating leaves them, are taken and accounted for. */
bool lines_more(slice *rest, batch *out);

/* Takes the first line, without its end ("\n" or "\r\n"), from the front of *rest. *bytes: with it.
 */
slice lines_take(slice *rest, size_t *bytes);

/* A record's time as it was written. */
typedef struct stamp {
    int64_t time;        /* us since 1970, UTC */
    int32_t zone_offset; /* seconds east of UTC */
    slice zone;          /* "UTC", or the offset as the log writes it */
    bool bad;            /* it has the form of a time and is no date */
    bool none;           /* the record has no time of its own; its carrier may */
} stamp;

/* Reads "2026-11-19T14:03:07.123" and a zone (Z, +01:00, -0500) from the front of *in. False, with
 * *in untouched, where there is none, or a bad one. `near` is kept from one to the next. */
bool lines_take_time(timestamp_minute *near, slice *in, stamp *out);

#endif
