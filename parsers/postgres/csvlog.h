/* csvlog.h - PostgreSQL's log as comma-separated values (log_destination = csvlog).
 *
 * Format: PostgreSQL documentation, "Using CSV-Format Log Output". A record is a row of 22 (8.3
 * and 8.4), 23 (to 12), 24 (13) or 26 columns; more at its end are left alone. Text is quoted,
 * its quotes are doubled, and it may hold line ends. Rows that another program wrote anew are
 * read as long as the message is quoted. */
#ifndef QLOG_PARSERS_POSTGRES_CSVLOG_H
#define QLOG_PARSERS_POSTGRES_CSVLOG_H

#include "parsers/parser.h"

extern const parser postgres_csvlog;

#endif
