/* server.h - what PostgreSQL's messages tell of the server: files, locks, checkpoints, vacuum,
 * sessions, failures.
 *
 * The wordings are those of the server's source, releases 9.x to 17, in English. */
#ifndef QLOG_PARSERS_POSTGRES_SERVER_H
#define QLOG_PARSERS_POSTGRES_SERVER_H

#include "event.h"
#include "parsers/postgres/message.h"

/* A message of severity LOG that is no execution: e's kind, and facts of `out`, whose latest event
 * e is. A message of no known kind stays a plain one. */
void server_read(const message_parts *m, batch *out, event *e);

/* A message of severity ERROR or above. */
void server_read_error(const message_parts *m, batch *out, event *e);

/* The message without values: names of the schema stay, other quoted text and numbers become '?',
 * and so does what a function of the user's raised; in another language it ends at the first
 * letter that is not English. At most ERROR_TEXT_MAX bytes; lies in `a`;
 * empty where memory is out. */
enum { ERROR_TEXT_MAX = 256 };
slice server_error_text(const message_parts *m, slice code, arena *a);

#endif
