/* quotes.h - whether a place in a MySQL statement lies within a literal or comment.
 *
 * The slow log writes statements as they came, so that a literal may hold anything, a complete
 * record of a slow log included. Only the quotes tell. Tracked are '…', "…" and `…` with
 * backslash escapes in the first two, line comments and C comments; the content of executed
 * comments counts as code. Nothing else of the grammar matters here, and a doubled quote is two
 * literals side by side. */
#ifndef QLOG_PARSERS_MYSQL_QUOTES_H
#define QLOG_PARSERS_MYSQL_QUOTES_H

#include "base/slice.h"

typedef struct quotes {
    const char *at;     /* behind what was read */
    char within;        /* 0: code; a quote; '*': a comment */
    const char *closed; /* behind the first end of a literal since this was set to NULL */
} quotes;

/* Reads on up to `end`, which must be the beginning of a line or the end of the statement. True
 * where that place is code. */
bool quotes_read(quotes *q, const char *end);

/* Whether the place read up to lies within a comment that has no end: another one begins in front
 * of the next end up to `limit`. Comments do not hold comments. */
bool quotes_lack_comment_end(const quotes *q, const char *limit);

/* Whether something follows that end that never does in SQL, such as a name: the quote has begun a
 * literal, and one before it has had no end. */
bool quotes_are_wrong(const quotes *q);

#endif
