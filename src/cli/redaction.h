/* redaction.h - whether names are to be hidden, and under which key. */
#ifndef QLOG_CLI_REDACTION_H
#define QLOG_CLI_REDACTION_H

#include "base/status.h"
#include "normalise/pseudonyms.h"

/* The pseudonyms of a key that is read from a file; NULL: of one that nobody knows, made for this
 * run. To be freed by pseudonyms_free. */
bool redaction_begin(const char *key_file, pseudonyms **out, status *st);

#endif
