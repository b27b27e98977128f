/* stderr.h - PostgreSQL's log as plain text, with any log_line_prefix.
 *
 * Format: PostgreSQL documentation, "Error Reporting and Logging". A record is a line of
 * prefix, severity, message; lines that begin with TAB continue it; lines of DETAIL,
 * STATEMENT and the like, with a prefix of their own, complete it. */
#ifndef QLOG_PARSERS_POSTGRES_STDERR_H
#define QLOG_PARSERS_POSTGRES_STDERR_H

#include "parsers/parser.h"

extern const parser postgres_stderr;

#endif
