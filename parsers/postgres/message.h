/* message.h - what a PostgreSQL log message says, whichever format carried it.
 *
 * The words are those of PostgreSQL's English messages (lc_messages); only how they
 * begin is looked at. Not for prefixes, columns or keys: those are the formats'. */
#ifndef QLOG_PARSERS_POSTGRES_MESSAGE_H
#define QLOG_PARSERS_POSTGRES_MESSAGE_H

#include "event.h"
#include "parsers/postgres/prefix.h"

/* Fills kind, text, duration, name, value and their bits of e from a record's severity and message.
 */
void message_read(severity level, slice message, event *e);

/* What a record's DETAIL adds: its bind values. */
void message_read_detail(slice detail, event *e);

/* Whether a kind is an execution or a part of one. */
bool message_is_execution(event_kind kind);

#endif
