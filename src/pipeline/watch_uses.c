/* watch_uses.c - how sessions are used, and the transactions in them; see watch_parts.h. */
#include "base/time_units.h"
#include "pipeline/watch_parts.h"

enum { IN_USE = US_PER_MINUTE /* a session that rests for longer is not in use */ };

/* The transaction that ends with x: its figures are of the hour in which it ends. */
static void add_transaction(watch_entry *e, const watched *x, session_use *u)
{
    uint64_t time = (uint64_t)(x->end > e->began ? x->end - e->began : 0);
    session_use_transaction(u, time, (uint64_t)e->idle, (uint64_t)e->longest_idle, x->end, x->line);
    e->began = 0;
}

bool watch_add_use(watch_entry *e, const watched *x, evidence *to, arena *a)
{
    int64_t rest = x->start > e->end ? x->start - e->end : 0;
    if (e->began != 0) {
        e->idle += rest;
        e->longest_idle = rest > e->longest_idle ? rest : e->longest_idle;
    }
    if (x->role == ROLE_END) {
        e->ended = x->end;
    }
    if (x->role == ROLE_BEGIN) {
        e->began = x->start;
        e->idle = e->longest_idle = 0;
    }
    if (!x->wanted) {
        return true;
    }
    session_use *u = evidence_use(to, a, x->segment, x->hour, x->who);
    if (u == NULL) {
        return false;
    }
    u->statements++;
    u->chatter += x->role == ROLE_BEGIN || x->role == ROLE_END || x->role == ROLE_CHATTER;
    u->time += (uint64_t)(x->end - x->start) + (rest <= IN_USE ? (uint64_t)rest : 0);
    if (x->role == ROLE_END && e->began != 0) {
        add_transaction(e, x, u);
    }
    return true;
}
