/* record.h - one record of a PostgreSQL log becomes an event, whichever format carried it.
 *
 * The formats find the fields; what an event holds of them is decided here alone, so that
 * the same records give the same events in all of them. Not for what messages say: that is
 * message.h. */
#ifndef QLOG_PARSERS_POSTGRES_RECORD_H
#define QLOG_PARSERS_POSTGRES_RECORD_H

#include "event.h"
#include "parsers/postgres/message.h"
#include "parsers/postgres/prefix.h"

/* The event of the record that begins at `offset` of its block, in line out->lines; its kind and
 * text are still to come. NULL (and out_of_memory) where there is no room. */
event *record_begin(const prefix_fields *f, size_t offset, batch *out);

/* Of "host:port"; a host may hold colons, and "[local]" has no port. */
slice record_host(slice host);

/* Text as the server was given it: some clouds write line ends as the four characters \r\n, which
 * SQL has only within literals. In the batch's arena where there were any. */
slice record_real_line_ends(slice text, batch *out);

/* Reads the record's parts into the event, which is the latest, and accounts for its bytes.
 * `truncated`: it was cut at the record limit. */
void record_end(event *e, severity level, const message_parts *m, size_t bytes, bool truncated,
                batch *out);

/* A record whose parts are all at hand; absent ones are empty. Its slices lie within the block or
 * in the batch's arena. */
typedef struct record {
    prefix_fields fields;
    message_parts parts;
} record;

/* Reads "2026-11-19 14:03:07.123 UTC" as the record's time. False where it does not have this
 * form; f->bad_time where it has, and is no date. */
bool record_read_time(slice text, prefix_fields *f);

/* All of the above. */
void record_add(const record *r, size_t offset, size_t bytes, bool truncated, batch *out);

#endif
