/* jsonlog.h - PostgreSQL's log as JSON (log_destination = jsonlog, from PostgreSQL 15 on).
 *
 * Format: PostgreSQL documentation, "Using JSON-Format Log Output". A record is one object on one
 * line. Its members may come in any order; those that are not known are left alone. */
#ifndef QLOG_PARSERS_POSTGRES_JSONLOG_H
#define QLOG_PARSERS_POSTGRES_JSONLOG_H

#include "parsers/parser.h"

extern const parser postgres_jsonlog;

#endif
