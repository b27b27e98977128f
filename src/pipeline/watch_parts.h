/* watch_parts.h - what the files of the watch share; for them alone. See watch.h.
 *
 *   watch.c         sessions and their clients, the order of executions
 *   watch_chains.c  chains and the bursts in them
 *   watch_pages.c   pages, walks and counts
 *   watch_uses.c    use of sessions, transactions
 *   watch_retries.c retries of what failed
 *   watch_locks.c   waits for locks and who held them
 *   watch_state.c   what one run leaves for the next
 *
 * All that return bool return false where memory is out. */
#ifndef QLOG_PIPELINE_WATCH_PARTS_H
#define QLOG_PIPELINE_WATCH_PARTS_H

#include "base/time_units.h"
#include "pipeline/watch.h"

enum {
    CHAIN_LONG = US_PER_MINUTE,  /* what takes longer is no part of a loop */
    WALK_GAP = 5 * US_PER_MINUTE /* between the pages of a walk */
};

/* One of the session's latest statements. */
typedef struct step {
    uint64_t fingerprint;
    int64_t start;     /* us */
    uint64_t offset;   /* of its record in its segment */
    uint32_t line;     /* from 1 */
    uint32_t duration; /* us */
    uint32_t values;   /* hash of what it asks for */
    uint32_t rows, limit;
    uint32_t request; /* 0: not known */
    uint16_t log;     /* its segment, in watch.logs */
    bool has_values, has_rows, has_limit, wanted;
} step;

/* The burst that the chain ends with; period 0: none. */
typedef struct run {
    uint32_t period; /* statements that take turns */
    uint64_t length; /* statements so far */
    uint64_t pauses;
    uint64_t stretch, longest_stretch; /* statements without a pause */
    step first;
    step parent; /* fingerprint 0: none */
    uint32_t who;
    int32_t zone_offset;
    uint64_t time, longest_time; /* us; the slowest statement's */
    int64_t end;
    uint64_t tuple;      /* hash of the values of the round that is not whole yet */
    bool values_unknown; /* of some statement */
    bool shared, coarse;
    uint32_t n_values, n_distinct; /* of the first VALUES_KEPT rounds */
    uint32_t values[VALUES_KEPT];
} run;

struct watch_entry {
    uint64_t key;
    uint64_t session;
    uint32_t process;                /* 0: not known */
    bool in_waits;                   /* its process is in one of watch.waits */
    uint32_t who;                    /* whose statements these are */
    int64_t end;                     /* us; of the latest statement of any role */
    int64_t ended;                   /* us; of the latest transaction's end; 0: none */
    int64_t began;                   /* of the transaction; 0: in none */
    int64_t idle, longest_idle;      /* us, within it */
    int64_t other_end;               /* of another client's latest on the same session; 0: none */
    uint32_t chain;                  /* statements in it, up to STEPS_KEPT and on */
    int64_t chain_began, chain_time; /* where the clock is coarse */
    uint32_t matches[CYCLE_MAX + 1]; /* statements that were the same as so many before them */
    uint32_t n_steps;
    uint32_t newest; /* index of the latest step */
    step steps[STEPS_KEPT];
    run run;
    /* Pages. */
    uint64_t page; /* fingerprint of the latest; 0: none */
    uint64_t page_next, page_next_by_rows, page_steps;
    int64_t page_end;
    int64_t page_hour;
    uint16_t page_log;
    bool page_wanted, page_twinned;
    uint64_t count; /* fingerprint of the latest count; 0: none */
    int64_t count_end;
    /* The latest statement that failed. */
    uint64_t failed; /* its fingerprint; 0: none, or it has come again and was executed */
    uint64_t failed_values;
    int64_t failed_at;
    uint64_t failed_retries; /* that it was, in a row */
    error_code failed_code;
};

/* A wait for a lock; see watch.waits. */
struct lock_wait {
    uint32_t waiter, holder; /* processes */
    int64_t ended;           /* us */
    bool has_ended;
    bool settled; /* which statement of the holder it was */
    blocking row; /* .first_at is when the log told of it */
};

/* --- watch.c ------------------------------------------------------------------------------ */

/* The entry of a key; NULL where there is none. */
watch_entry *watch_find(const watch *w, uint64_t key);

/* The new entry, a copy; NULL where memory is out. */
watch_entry *watch_append(watch *w, const watch_entry *e);

/* The latest entry of a process; NULL where there is none. */
watch_entry *watch_find_process(const watch *w, uint32_t process);

/* Orders the entries, the most recent first. */
void watch_sort(watch *w);

/* The number of a segment; the latest is looked for first. */
bool watch_log_number(watch *w, hash128 segment, uint16_t *number);

/* --- watch_chains.c ----------------------------------------------------------------------- */

/* The step so many before the latest. */
const step *watch_step_before(const watch_entry *e, uint32_t n);

void watch_push(watch_entry *e, const step *s);

/* The next statement that is part of a chain. */
bool watch_take_step(watch *w, watch_entry *e, const watched *x, evidence *to, arena *a);

bool watch_end_chain(const watch *w, watch_entry *e, evidence *to, arena *a);

/* --- watch_pages.c ------------------------------------------------------------------------ */

/* The step has been taken: the segment is the latest step's. */
bool watch_take_page(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a);
bool watch_take_count(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a);

/* --- watch_uses.c ------------------------------------------------------------------------- */

bool watch_add_use(watch_entry *e, const watched *x, evidence *to, arena *a);

/* --- watch_retries.c ---------------------------------------------------------------------- */

/* Of what reads and writes: a COMMIT after one that failed is another transaction's. */
bool watch_take_retry(watch_entry *e, const watched *x, evidence *to, arena *a);

/* Cut where it is longer. */
error_code watch_code_of(slice text);

/* --- watch_locks.c ------------------------------------------------------------------------ */

bool watch_append_wait(watch *w, const lock_wait *x);

/* Sets in_waits of an entry that is new. */
void watch_look_for_waits(const watch *w, watch_entry *e);

/* The next execution or failure of an entry that is in waits. */
bool watch_see_waits(watch *w, watch_entry *e, const watched *x, evidence *to, arena *a);

/* What the session waits for or holds, it does no more. */
bool watch_part_waits(watch *w, const watch_entry *e, evidence *to, arena *a);

/* Ends those that nothing more will be known of; all of them where `all`. */
bool watch_end_waits(watch *w, int64_t now, bool all, evidence *to, arena *a);

#endif
