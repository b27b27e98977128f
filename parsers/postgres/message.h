/* message.h - what a PostgreSQL log message says, whichever format carried it.
 *
 * The words are those of PostgreSQL's English messages (lc_messages); only how they
 * begin is looked at. Not for prefixes, columns or keys: those are the formats'. */
#ifndef QLOG_PARSERS_POSTGRES_MESSAGE_H
#define QLOG_PARSERS_POSTGRES_MESSAGE_H

#include "event.h"
#include "parsers/parser.h"
#include "parsers/postgres/prefix.h"

/* The parts of a record; absent ones are empty. */
typedef struct message_parts {
    slice message;
    slice detail;
    slice context;
    slice statement;
} message_parts;

/* What a log turned out to hold: bits of a batch's `notes`, and what they mean, for parser.h. */
enum { NOTE_LANGUAGE = 1u << 0, NOTE_PLAN_FORM = 1u << 1 };
extern const note message_notes[];

/* Fills kind, text, duration, plan, name, value and their bits of e, the event that was added to
 * `out` last; adds what it measured and what it tells of the server. `truncated`: the record was
 * cut at the record limit. */
void message_read(severity level, const message_parts *m, bool truncated, batch *out, event *e);

/* Whether a kind is an execution or a part of one. */
bool message_is_execution(event_kind kind);

#endif
