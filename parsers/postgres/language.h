/* language.h - PostgreSQL's messages in other languages than English.
 *
 * Only recognised, so that a log whose durations cannot be read says so: severities are read in any
 * of these languages (prefix.h), messages in English alone. The words are those of the server's
 * message catalogues, release 15. */
#ifndef QLOG_PARSERS_POSTGRES_LANGUAGE_H
#define QLOG_PARSERS_POSTGRES_LANGUAGE_H

#include "base/slice.h"

/* Whether a message of severity LOG is a duration or a statement in another language. */
bool language_is_foreign(slice message);

#endif
