/* context.h - what a record leaves for the ones behind it.
 *
 * Some logs write a thing only where it has changed: the time of the second, the database, of how
 * many executions they log one. A parser
 * sees one block and leaves such fields open (OPEN_… in event.h); the fold, which sees all records
 * in their order, fills them in. Not here: what belongs to one session (sessions.h). */
#ifndef QLOG_PIPELINE_CONTEXT_H
#define QLOG_PIPELINE_CONTEXT_H

#include "event.h"

enum { CONTEXT_NAME_MAX = 256 };

typedef struct log_context {
    int64_t time;
    int32_t zone_offset;
    bool has_time, has_zone, has_database;
    uint32_t n_database;
    char database[CONTEXT_NAME_MAX];
    uint32_t one_in;     /* executions that a record stands for that does not say; 0: one */
    uint32_t generation; /* counts the changes of the database; not packed */
} log_context;

/* Fills in the event's time, zone and weight, and keeps what it tells itself; `database` is its
 * own. */
void context_take(log_context *c, event *e, slice database);

static inline slice context_database(const log_context *c)
{
    return slice_of(c->database, c->n_database);
}

/* An empty context packs to nothing. */
void context_encode(const log_context *c, buf *out);

/* False where the bytes are damaged. */
bool context_decode(log_context *c, slice packed);

#endif
