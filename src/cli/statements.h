/* statements.h - statements out of standard input, one after the other.
 *
 * Separated by NUL; or else, where a line of the beginning ends in ";", by ";" as in a script, so
 * that statements may span lines; or else one on each line. Not for logs: see input/. */
#ifndef QLOG_CLI_STATEMENTS_H
#define QLOG_CLI_STATEMENTS_H

#include "base/buf.h"
#include "base/status.h"
#include "input/input.h"
#include "normalise/sql_lexer.h"

typedef enum statement_separator {
    SEPARATOR_NUL, /* also an empty statement counts */
    SEPARATOR_LINE,
    SEPARATOR_SEMICOLON
} statement_separator;

typedef struct statements {
    input in;
    const sql_dialect *dialect;
    statement_separator separator;
    buf text;      /* what was read */
    size_t at;     /* of it, where the next statement begins */
    bool skipping; /* within a statement that is longer than STATEMENT_MAX */
} statements;

enum { STATEMENT_MAX = 16 * 1024 * 1024 }; /* bytes; as long as a log's record may be */

/* `dialect` tells quotes and comments from what separates; it outlives *s. NULL: no SQL, so that
 * `;` does not separate. */
bool statements_open(statements *s, const sql_dialect *dialect, bool by_nul, status *st);
void statements_close(statements *s);

/* The next statement, without white space at its ends; valid until the next call. `truncated`: it
 * was longer, and the rest is dropped. False at the end, and with *st set on a failure. */
bool statements_next(statements *s, slice *statement, bool *truncated, status *st);

#endif
