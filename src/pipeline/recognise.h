/* recognise.h - which format a log has, and what is wrapped round it, from how it begins.
 *
 * All parsers look at the same bytes, and at what is left of them where a transport's words are
 * taken away; whoever explains them best is it. What nobody explains well, or two equally, is a
 * failure that names what was tried: never a guess. Reads nothing. */
#ifndef QLOG_PIPELINE_RECOGNISE_H
#define QLOG_PIPELINE_RECOGNISE_H

#include "input/reading.h"

typedef struct recognise_request {
    const char *path;   /* for messages */
    const char *format; /* a parser's name; NULL: any */
    const format_options *options;
    int64_t written; /* seconds since 1970: not before the log's first line; where a stamp has no
                        year, it is the last in which that is true */
} recognise_request;

/* Fills *out, which keeps what it needs in `keep`. *unknown_format: on a failure, it may be no log
 * at all. */
bool recognise(const recognise_request *r, slice head, arena *keep, reading *out,
               bool *unknown_format, status *st);

#endif
