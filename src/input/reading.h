/* reading.h - how one log is read: its format, and what is wrapped round it.
 *
 * Cuts and parses as a parser does, of a wrapped log as well: places, lines and bytes are always
 * those of the wrapped log, so that whoever uses them finds them in the file. What the log's own
 * lines do not say and the carrier's do, when and by which process, is filled in. */
#ifndef QLOG_INPUT_READING_H
#define QLOG_INPUT_READING_H

#include "input/unwrap.h"

typedef struct reading {
    format format;
    slice name; /* the format's, and what it is wrapped in: "postgresql-stderr in syslog" */
    wrapping layers[WRAPPINGS_MAX]; /* the outermost first */
    size_t n_layers;
    bool takes_time; /* the carrier's, since the format has none */
} reading;

/* Fills `name`, which lives in `keep`, once format and layers are there; what the carrier knows and
 * the format lacks is no lack any more. `head` is the log's beginning. False where memory is out.
 */
bool reading_complete(reading *r, slice head, arena *keep);

/* As parser->cut. `scratch` is emptied first. 0 also where memory is out. */
size_t reading_cut(const reading *r, slice bytes, cut_which which, arena *scratch);

/* As CUT_FIRST, where nothing follows the bytes: what could belong to a record before has come. */
size_t reading_cut_first_at_end(const reading *r, slice bytes, arena *scratch);

/* The bytes from where the record behind the first one begins; all where there is none. */
slice reading_next_record(const reading *r, slice bytes);

/* As parser->parse. */
void reading_parse(const reading *r, slice block, bool truncated, batch *out);

#endif
