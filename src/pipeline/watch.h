/* watch.h - what follows what in a session: bursts of statements, walks from page to page, the use
 * of transactions, retries of what failed.
 *
 * Each session is remembered by its latest statements. A chain are statements with next to no time
 * between the end of one and the start of the next; what goes on within a chain was not waited for
 * by a person, but done by a program in a loop. A burst is a part of a chain in which one
 * statement, or a cycle of up to CYCLE_MAX, comes again and again. Once it is one, it may rest for
 * up to PARENT_GAP after every fifth statement; the longest stretch without a rest is what it is
 * judged by, since that is what does not happen by accident. Where the clock is too coarse to
 * tell such gaps, a chain is what follows one another in the log within the sum of the times and a
 * second. Where statements say of which request they are, a chain is of one: those of others on the
 * same session, as behind a pooler, neither end it nor are part of it.
 *
 * Where the log tells of waits for locks and of the processes that hold them, the statement of such
 * a process is looked for: the one that turns out to have run at that time, or its last one.
 *
 * Judges nothing: every burst of two and more is evidence (digest/evidence.h). Bounded: the
 * least recent of WATCHED_MAX sessions are given up. Its packed form depends only on what it
 * holds. */
#ifndef QLOG_PIPELINE_WATCH_H
#define QLOG_PIPELINE_WATCH_H

#include "base/time_units.h"
#include "digest/evidence.h"
#include "digest/who_table.h"
#include "normalise/normalise.h"

enum {
    WATCHED_MAX = 4096,
    WATCHED_GIVEN_UP = 512, /* at once, when there are too many */
    STEPS_KEPT = 16,        /* three rounds of the longest cycle, and what stands in front */
    VALUES_KEPT = 64,       /* of a burst's rounds, to be told apart */
    PARENT_GAP = 100 * US_PER_MS,
    COARSE_GAP = US_PER_SECOND,    /* where the clock is too coarse for CHAIN_GAP */
    LOCK_WAITS_MAX = 1024,         /* that go on or whose holder was not seen since */
    RETRY_GAP = 10 * US_PER_SECOND /* from a failure to the same statement again */
};

/* One execution, as far as it matters here. */
typedef struct watched {
    uint64_t session;
    uint32_t process; /* 0: not known */
    uint32_t request; /* see event.h; 0: not known */
    uint64_t fingerprint;
    statement_role role;
    int64_t start, end; /* us */
    int64_t hour;       /* of the end; see digest_hour */
    uint64_t literals;
    uint64_t limit, skip, rows, examined;
    bool has_literals, has_limit, has_skip, has_rows, has_examined;
    bool wanted; /* in the selection's window */
    bool coarse; /* the clock's resolution is above CHAIN_GAP */
    bool failed;
    slice code; /* of the failure; empty: not known */
    hash128 segment;
    uint64_t offset, line;
    uint32_t who;
    int32_t zone_offset;
} watched;

/* A process waits for a lock that others hold. */
typedef struct watched_wait {
    uint32_t process;
    const uint32_t *holders;
    uint32_t n_holders;
    int64_t at;    /* us */
    uint64_t time; /* us that it has waited */
    int64_t hour;
    uint64_t fingerprint; /* what it runs; 0: not known */
    uint32_t nobody;      /* the number of an empty who */
    hash128 segment;
    uint64_t line;
} watched_wait;

typedef struct watch_entry watch_entry;
typedef struct lock_wait lock_wait;

typedef struct watch {
    watch_entry *entries;
    uint32_t n, cap;
    uint32_t *slots;     /* index + 1 into entries */
    uint32_t *processes; /* n_slots; index + 1 of the latest entry of a process */
    uint32_t n_slots;
    lock_wait *waits; /* the earliest first */
    uint32_t n_waits, cap_waits;
    hash128 *logs; /* the segments that steps are in */
    uint32_t n_logs, cap_logs;
    int64_t minute; /* of the log */
} watch;

void watch_init(watch *w);
void watch_free(watch *w);

/* The next execution of its session. False where memory is out. */
bool watch_take(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a);

/* The next failure of its session that was no execution. */
bool watch_fail(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a);

/* The log tells of a wait, or again of the same one. False where memory is out. */
bool watch_wait(watch *w, const watched_wait *x, evidence *to, arena *a);

/* The process has got its lock after `time` us. */
bool watch_acquired(watch *w, uint32_t process, int64_t at, uint64_t time, evidence *to, arena *a);

/* The session begins or ends: nothing that it was in goes on, a transaction neither. False where
 * memory is out. */
bool watch_part(watch *w, uint64_t session, evidence *to, arena *a);

/* Ends all bursts: nothing will follow. */
bool watch_end(watch *w, evidence *to, arena *a);

/* Gives every entry its number in a new table. False where memory is out. */
bool watch_renew_whos(watch *w, const who_table *old, who_table *fresh);

/* False where memory is out. */
bool watch_encode(watch *w, const who_table *whos, buf *out);

/* Fills an empty watch. False where the bytes are damaged or memory is out. */
bool watch_decode(watch *w, who_table *whos, slice packed);

#endif
