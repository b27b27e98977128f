/* explain.h - a query as the server's EXPLAIN takes it, for people to copy. Nothing is executed. */
#ifndef QLOG_NORMALISE_EXPLAIN_H
#define QLOG_NORMALISE_EXPLAIN_H

#include "normalise/normalise.h"

/* Of a normalised text: each `?` that stands for a value becomes $1, $2 and so on, as EXPLAIN
 * (GENERIC_PLAN) takes it (PostgreSQL 16 and later). False, and nothing is written, where the
 * server has no such thing, for statements that have no plan, for a text that the log cut, and
 * where a `?` stands for a column's place, as in ORDER BY 1. */
bool explain_generic(const normaliser *n, slice text, buf *out);

/* Of a statement as it was logged: $1, $2 and so on become the values of `parameters`, written as
 * in "$1 = '7', $2 = NULL"; one without a value stays. Strings that may be passwords are
 * masked (secrets.h). False as above. */
bool explain_with_values(const normaliser *n, slice statement, slice parameters, buf *out);

#endif
