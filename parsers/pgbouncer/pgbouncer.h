/* pgbouncer.h - the log of PgBouncer, the connection pooler in front of PostgreSQL.
 *
 * Format: PgBouncer's documentation, "Configuration" (log_connections, log_disconnections,
 * log_pooler_errors, log_stats), and its log lines: time stamp, process id (in brackets and behind
 * a zone from 1.9 on), level, message; a message about a connection begins with its socket,
 * database, user and address. The log has no statements: what it tells of are connections, errors
 * and the statistics of each minute. Not for the pooler's lines in syslog. */
#ifndef QLOG_PARSERS_PGBOUNCER_PGBOUNCER_H
#define QLOG_PARSERS_PGBOUNCER_PGBOUNCER_H

#include "parsers/parser.h"

extern const parser pgbouncer_log;

#endif
