/* secrets.h - telling what may be a password from other values, where values are shown at all.
 *
 * By words alone: a statement that names a password, a token or the like is taken to hold one in
 * any of its strings, and so is a string that does, as a connection string. */
#ifndef QLOG_NORMALISE_SECRETS_H
#define QLOG_NORMALISE_SECRETS_H

#include "normalise/sql_lexer.h"

/* What a string is shown as that may be one. */
#define SECRET_MASK "'********'"

/* Whether a name, or anything else in the text, says that it is a secret. */
bool tells_secret(slice text);

/* Whether a name of the statement does. */
bool statement_tells_secret(const sql_dialect *dialect, slice statement);

#endif
