/* peers.h - what a session's earlier records tell of its later ones.
 *
 * Two things that a log says once: who is behind a connection, when it is opened; and which writes
 * a command consisted of, before the command itself. Both live by the session, within the bounds of
 * sessions.h; what is forgotten leaves a field empty or a command counted, nothing worse. */
#ifndef QLOG_PIPELINE_PEERS_H
#define QLOG_PIPELINE_PEERS_H

#include "event.h"
#include "pipeline/sessions.h"

typedef struct peers {
    sessions told;   /* by session; `who` is what was told, `at` when */
    sessions writes; /* by session and target; `at` is when the latest ended, `last_at` when the
                        first began, `duration` what all took, `weight` how many */
} peers;

void peers_init(peers *p);
void peers_free(peers *p);

/* What is known of the session with what the record tells of it. */
who peers_told(const peers *p, const who_table *whos, const event *e, const who *tells);

/* Remembers it, by its id in the table. False where memory is out. */
bool peers_tell(peers *p, const event *e, uint32_t who_id);

void peers_end(peers *p, const event *e);

/* Whether `asks` lacks something of which the session may have told: *told is the id, in the table,
 * of what it told. */
bool peers_knows_more(const peers *p, const event *e, const who *asks, uint32_t *told);

/* What the first lacks is the second's. */
who peers_merge(const who *first, const who *second);

/* Of a session and its target. */
uint64_t peers_write_key(const event *e);

/* Whether a write that ended at `write` may be a part of a command of `duration` that ended at
 * `command`; us. */
bool peers_lies_within(int64_t write, int64_t command, int64_t duration);

/* A write that is a part of a command, and what it asks for. False where memory is out. */
bool peers_add_write(peers *p, const event *e, const asked *asks, uint32_t who_id, bool selected);

/* Whether writes of the command that this record is of were logged before it: *writes tells of them
 * and is forgotten. */
bool peers_take_writes(peers *p, const event *e, pending *writes);

/* By what the command took longer than its writes; 0 where that cannot be told. */
int64_t peers_overhead(const event *command, const pending *writes);

#endif
