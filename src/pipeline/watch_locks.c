/* watch_locks.c - waits for locks, and what the sessions that held them ran; see watch_parts.h.
 *
 * A server names the process that holds a lock, not what it runs. Its statement is mostly logged
 * when it has ended, behind the wait: so a wait is open until the holder's next statement has begun
 * after it, and until it has itself ended. Where a holder waits as well, the first in the row is
 * the one in the way. */
#include <stdlib.h>

#include "pipeline/watch_parts.h"

enum { FIRST_CAP = 16, ROW_MAX = 8 /* processes that wait for one another */ };

/* --- the list ----------------------------------------------------------------------------- */

static bool grow(watch *w)
{
    uint32_t cap = w->cap_waits == 0 ? FIRST_CAP : w->cap_waits * 2;
    lock_wait *waits = realloc(w->waits, cap * sizeof *waits);
    if (waits == NULL) {
        return false;
    }
    w->waits = waits;
    w->cap_waits = cap;
    return true;
}

bool watch_append_wait(watch *w, const lock_wait *x)
{
    if (w->n_waits == w->cap_waits && !grow(w)) {
        return false;
    }
    w->waits[w->n_waits++] = *x;
    return true;
}

/* Beyond the bound the earliest is as far known as it is. */
static bool make_room(watch *w, evidence *to, arena *a)
{
    if (w->n_waits < LOCK_WAITS_MAX) {
        return true;
    }
    if (!evidence_add_blocker(to, a, &w->waits[0].row)) {
        return false;
    }
    w->n_waits--;
    memmove(w->waits, w->waits + 1, w->n_waits * sizeof *w->waits);
    return true;
}

/* Takes out those of which all is known. */
static bool end_known(watch *w, evidence *to, arena *a)
{
    uint32_t kept = 0;
    bool ok = true;
    for (uint32_t i = 0; i < w->n_waits; i++) {
        const lock_wait *x = &w->waits[i];
        if (x->has_ended && x->settled) {
            ok = ok && evidence_add_blocker(to, a, &x->row);
        } else {
            w->waits[kept++] = *x;
        }
    }
    w->n_waits = kept;
    return ok;
}

void watch_look_for_waits(const watch *w, watch_entry *e)
{
    e->in_waits = false;
    for (uint32_t i = 0; e->process != 0 && i < w->n_waits && !e->in_waits; i++) {
        e->in_waits = w->waits[i].waiter == e->process || w->waits[i].holder == e->process;
    }
}

static void mark(const watch *w, uint32_t process)
{
    watch_entry *e = watch_find_process(w, process);
    if (e != NULL) {
        e->in_waits = true;
    }
}

/* --- waits -------------------------------------------------------------------------------- */

/* What the holder has run last, as far as the log has told by now. */
static void name_blocker(const watch *w, lock_wait *x)
{
    const watch_entry *e = watch_find_process(w, x->holder);
    const step *last = e != NULL && e->n_steps > 0 ? watch_step_before(e, 0) : NULL;
    x->row.state = BLOCKER_UNSEEN;
    if (e == NULL) {
        return;
    }
    x->row.who = e->who;
    bool in_transaction = last != NULL && e->began != 0 && last->start >= e->began;
    bool may_hold = last != NULL && e->began == 0 && last->start >= e->ended;
    if (in_transaction || may_hold) {
        x->row.blocker = last->fingerprint;
        x->row.state = in_transaction ? BLOCKER_IN_TRANSACTION : BLOCKER_LAST;
    }
}

/* What a process waits for; NULL where it does not. */
static const lock_wait *open_wait_of(const watch *w, uint32_t process)
{
    for (uint32_t i = 0; i < w->n_waits; i++) {
        if (w->waits[i].waiter == process && !w->waits[i].has_ended) {
            return &w->waits[i];
        }
    }
    return NULL;
}

/* The one in front of all that wait for one another; the holder itself where they do in a circle.
 */
static uint32_t first_in_row(const watch *w, uint32_t waiter, uint32_t holder)
{
    uint32_t first = holder;
    const lock_wait *next = open_wait_of(w, first);
    for (uint32_t n = 0; next != NULL && n < ROW_MAX && first != waiter; n++) {
        first = next->holder;
        next = open_wait_of(w, first);
    }
    return next == NULL && first != waiter ? first : holder;
}

static void end(lock_wait *x, int64_t at)
{
    x->has_ended = true;
    x->ended = at;
}

/* The log may tell twice of one wait. One that began after another was told of is not that one,
 * whose end the log does not tell. */
static bool goes_on(watch *w, const watched_wait *x)
{
    bool found = false;
    for (uint32_t i = 0; i < w->n_waits; i++) {
        lock_wait *known = &w->waits[i];
        bool open = known->waiter == x->process && !known->has_ended;
        if (open && x->at - (int64_t)x->time > known->row.first_at) {
            end(known, known->row.first_at);
        } else if (open) {
            known->row.time = x->time > known->row.time ? x->time : known->row.time;
            known->row.longest = known->row.time;
            found = true;
        }
    }
    return found;
}

bool watch_wait(watch *w, const watched_wait *x, evidence *to, arena *a)
{
    if (x->process == 0 || goes_on(w, x)) {
        return true;
    }
    for (uint32_t i = 0; i < x->n_holders; i++) {
        lock_wait one = {.waiter = x->process,
                         .holder = first_in_row(w, x->process, x->holders[i]),
                         .row = {.segment = x->segment,
                                 .hour = x->hour,
                                 .who = x->nobody,
                                 .fingerprint = x->fingerprint,
                                 .waits = 1,
                                 .time = x->time,
                                 .longest = x->time,
                                 .first_at = x->at,
                                 .first_line = x->line}};
        name_blocker(w, &one);
        mark(w, one.holder);
        if (!make_room(w, to, a) || !watch_append_wait(w, &one)) {
            return false;
        }
    }
    mark(w, x->process);
    return true;
}

bool watch_acquired(watch *w, uint32_t process, int64_t at, uint64_t time, evidence *to, arena *a)
{
    for (uint32_t i = 0; i < w->n_waits; i++) {
        lock_wait *x = &w->waits[i];
        if (x->waiter == process && !x->has_ended) {
            x->row.time = x->row.longest = time;
            x->row.acquired = 1;
            end(x, at);
        }
    }
    return end_known(w, to, a);
}

/* A transaction that ends behind the wait was open, and what was last in it the last one then. A
 * statement that the log gives no duration of may have ended before; of one that failed it is not
 * known when it began. */
static void see_holder(lock_wait *x, const watched *next)
{
    bool work = next->role != ROLE_BEGIN && next->role != ROLE_END && next->role != ROLE_CHATTER;
    bool runs = next->end >= x->row.first_at;
    if (next->failed && next->start == next->end) {
        return;
    }
    if (next->start > x->row.first_at) {
        bool ends = next->role == ROLE_END && x->row.state == BLOCKER_LAST;
        x->row.state = ends ? BLOCKER_IN_TRANSACTION : x->row.state;
        x->settled = true;
    } else if (work && next->fingerprint != 0) {
        x->row.blocker = next->fingerprint;
        x->row.who = next->who;
        x->row.state = runs && next->end > next->start ? BLOCKER_RUNNING : BLOCKER_LAST;
        x->settled = x->row.state == BLOCKER_RUNNING;
    }
}

bool watch_see_waits(watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    for (uint32_t i = 0; i < w->n_waits; i++) {
        lock_wait *known = &w->waits[i];
        if (known->holder == e->process && !known->settled) {
            see_holder(known, x);
        }
        if (known->waiter == e->process && !known->has_ended && x->end > known->row.first_at) {
            end(known, x->end);
        }
    }
    bool ok = end_known(w, to, a);
    watch_look_for_waits(w, e);
    return ok;
}

bool watch_part_waits(watch *w, const watch_entry *e, evidence *to, arena *a)
{
    for (uint32_t i = 0; e->in_waits && i < w->n_waits; i++) {
        lock_wait *known = &w->waits[i];
        known->settled = known->settled || known->holder == e->process;
        if (known->waiter == e->process && !known->has_ended) {
            end(known, known->row.first_at);
        }
    }
    return end_known(w, to, a);
}

bool watch_end_waits(watch *w, int64_t now, bool all, evidence *to, arena *a)
{
    for (uint32_t i = 0; i < w->n_waits; i++) {
        lock_wait *known = &w->waits[i];
        if (all || (known->has_ended && known->ended < now)) {
            known->has_ended = known->settled = true;
        }
    }
    return end_known(w, to, a);
}
