/* sessions.h - what the fold remembers of each session between two records.
 *
 * A server may log a statement first and its duration later, or a plan before the statement that it
 * is of, with those of other sessions between; a table holds the ones that still wait. It is
 * bounded: beyond SESSIONS_MAX the least recent by log time are given up. Its packed form depends
 * only on what it holds, not on how it came there. */
#ifndef QLOG_PIPELINE_SESSIONS_H
#define QLOG_PIPELINE_SESSIONS_H

#include "base/buf.h"
#include "base/hash.h"
#include "digest/who_table.h"

enum { SESSIONS_MAX = 10000, SESSIONS_GIVEN_UP = 1000 /* at once, when there are too many */ };

enum { PENDING_MEASURES = 12 };

/* What one execution asks for; see event.h. */
typedef struct asked {
    uint64_t session;
    uint64_t literals, limit, skip;
    uint32_t process;
    uint32_t list;
    uint32_t request;
    uint32_t rows;
    bool has_session, has_literals, has_limit, has_skip, has_pattern, wildcard;
    uint8_t role; /* statement_role */
} asked;

/* A statement that was begun, the execution that a plan tells of, one that may go on, or a command
 * whose parts may be logged behind it. */
typedef struct pending {
    uint64_t session;
    uint64_t fingerprint;
    int64_t at;       /* us; 0 where the log has no time */
    int64_t last_at;  /* us; of the latest piece */
    int64_t duration; /* us */
    uint64_t offset;  /* in its segment */
    uint64_t line;    /* from 1 */
    hash128 segment;
    uint32_t who;
    uint32_t weight; /* executions that it stands for; 0: itself */
    int32_t zone_offset;
    uint32_t plans_due; /* of executions in pieces before this one, whose plans may still come; of
                           plans: how many of the session wait below it */
    bool has_time;
    bool has_duration;
    bool in_pieces; /* see event.h: IN_PIECES, CONTINUES, PLAN_FOLLOWS */
    bool continues;
    bool plan_follows;
    bool selected; /* for the owner; not packed, true when decoded */
    asked asked;
    uint32_t n_measured;
    measured measured[PENDING_MEASURES]; /* of a command */
} pending;

typedef struct sessions {
    pending *items;
    uint32_t n, cap;
    uint32_t *slots; /* index + 1 into items */
    uint32_t n_slots;
} sessions;

void sessions_init(sessions *s);
void sessions_free(sessions *s);

/* Remembers it; the session has none yet. False where memory is out. */
bool sessions_add(sessions *s, const pending *p);

/* What the session waits for, or NULL; valid until the next change. */
const pending *sessions_find(const sessions *s, uint64_t session);

/* Takes out what the session waits for; false where there is nothing. */
bool sessions_take(sessions *s, uint64_t session, pending *p);

/* Takes out any one, the least recent first; false where the table is empty. */
bool sessions_take_oldest(sessions *s, pending *p);

/* Orders the table by (time, session), so that taking the oldest is cheap for a while. */
void sessions_sort(sessions *s);

void sessions_encode(sessions *s, const who_table *whos, buf *out);

/* Fills an empty table. False where the bytes are damaged or memory is out. */
bool sessions_decode(sessions *s, who_table *whos, slice packed);

#endif
