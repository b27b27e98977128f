/* fold_plans.c - execution plans, and the executions that they are of; see fold_parts.h. */
#include "base/scan.h"
#include "pipeline/fold_parts.h"

enum {
    PLANS_WAITING_MAX = 64, /* of one session */
    CLOCKS_APART = 1 /* us: by which a plan's duration may exceed its execution's, which another
                        clock measured and which is rounded otherwise */
};

bool fold_note_plan(fold *f, const event *e, const place *at, status *st)
{
    bool chosen = at->selected && fold_in_window(f, (e->has & HAS_TIME) != 0, e->time) &&
                  (f->selection == NULL || f->selection->min_time == 0 ||
                   ((e->has & HAS_DURATION) != 0 && e->duration >= f->selection->min_time));
    if (!chosen || (e->has & HAS_FINGERPRINT) == 0) {
        return true;
    }
    uint64_t duration = (e->has & HAS_DURATION) != 0 ? (uint64_t)e->duration : 0;
    int64_t time = (e->has & HAS_TIME) != 0 ? e->time : 0;
    if (e->plan.n > 0 && !digest_tally(&f->digest, &(tally){.kind = TALLY_PLAN,
                                                            .hour = fold_hour_of(e),
                                                            .fingerprint = e->fingerprint,
                                                            .key = e->plan,
                                                            .n = 1,
                                                            .sum = duration,
                                                            .min = duration,
                                                            .max = duration,
                                                            .first_at = time,
                                                            .last_at = time})) {
        return status_no_memory(st);
    }
    if (e->kind != EVENT_PLAN || e->n_measured == 0) {
        return true;
    }
    digest_row *row = digest_find(&f->digest, fold_hour_of(e), e->fingerprint, at->who);
    for (uint32_t i = 0; row != NULL && i < e->n_measured; i++) {
        if (!digest_add_measure(&f->digest, row, at->measured[i].id, at->measured[i].value)) {
            return status_no_memory(st);
        }
    }
    return row != NULL || status_no_memory(st);
}

/* --- plans that wait ------------------------------------------------------------------------ */

/* Several plans of a session may wait: those of a message of several statements, whose duration is
 * logged once, and of what ran within another. The latest has the session's key and the number of
 * those below it, each of which has a key of its own. */
static uint64_t plan_key(uint64_t session, uint32_t below)
{
    return below == 0 ? session : mix64(session, below);
}

static bool pop_plan(fold *f, uint64_t session, pending *p)
{
    pending below;
    if (!sessions_take(&f->plans, session, p)) {
        return false;
    }
    if (sessions_take(&f->plans, plan_key(session, p->plans_due), &below)) {
        below.session = session;
        sessions_add(&f->plans, &below); /* into the room of the one taken */
    }
    return true;
}

static bool end_plans(fold *f, uint64_t session, status *st)
{
    pending p;
    while (pop_plan(f, session, &p)) {
        if (!fold_add_waiting(f, &p, st)) {
            return false;
        }
    }
    return true;
}

static bool push_plan(fold *f, const pending *p, status *st)
{
    pending top = *p;
    pending below;
    const pending *before = sessions_find(&f->plans, p->session);
    if (before != NULL && before->plans_due + 1 == PLANS_WAITING_MAX &&
        !end_plans(f, p->session, st)) {
        return false;
    }
    if (f->plans.n >= SESSIONS_MAX && !fold_give_up_oldest(f, &f->plans, SESSIONS_GIVEN_UP, st)) {
        return false;
    }
    if (sessions_take(&f->plans, p->session, &below)) {
        pending stray; /* whose latest was given up */
        top.plans_due = below.plans_due + 1;
        below.session = plan_key(p->session, top.plans_due);
        if ((sessions_take(&f->plans, below.session, &stray) && !fold_add_waiting(f, &stray, st)) ||
            !sessions_add(&f->plans, &below)) {
            return status_no_memory(st);
        }
    }
    return sessions_add(&f->plans, &top) || status_no_memory(st);
}

/* --- which execution a plan is of ----------------------------------------------------------- */

/* Whether the plan's execution lies within one of `duration` that was logged at `at`: `slack` is
 * how much later than it, at least, the plan's began. */
static bool lies_within(const pending *plan, int64_t at, int64_t duration, int64_t slack)
{
    return plan->has_time && plan->at <= at && plan->at - plan->duration >= at - duration + slack;
}

static bool is_no_longer(int64_t plan_duration, int64_t duration)
{
    return plan_duration <= duration + CLOCKS_APART;
}

/* Drops the plans of what ran within the execution that ends here, one after the other: together
 * they took no longer than it, of which `left` is not accounted for. Any other that waits is a
 * call. */
static bool settle_all(fold *f, const event *e, int64_t left, status *st)
{
    pending p;
    while (pop_plan(f, e->session, &p)) {
        bool within = (e->has & HAS_TIME) != 0 && (e->has & HAS_DURATION) != 0 &&
                      lies_within(&p, e->time, e->duration, -f->format->clock_resolution) &&
                      is_no_longer(p.duration, left);
        if (!within && !fold_add_waiting(f, &p, st)) {
            return false;
        }
        left -= within ? p.duration : 0;
    }
    return true;
}

bool fold_settle_plan(fold *f, const event *e, uint64_t fingerprint, bool *own, status *st)
{
    *own = false;
    if ((e->has & HAS_SESSION) == 0) {
        return true;
    }
    const pending *top = sessions_find(&f->plans, e->session);
    pending p = {0};
    *own = top != NULL && (e->has & HAS_DURATION) != 0 && top->fingerprint == fingerprint &&
           is_no_longer(top->duration, e->duration) && pop_plan(f, e->session, &p);
    return settle_all(f, e, *own ? e->duration - p.duration : e->duration, st);
}

bool fold_take_plan(fold *f, const event *e, bool *found, pending *p, status *st)
{
    const pending *top = (e->has & HAS_SESSION) != 0 ? sessions_find(&f->plans, e->session) : NULL;
    *found = top != NULL && is_no_longer(top->duration, e->duration) && pop_plan(f, e->session, p);
    return top == NULL || settle_all(f, e, *found ? e->duration - p->duration : e->duration, st);
}

/* Whether a message holds several statements, as far as a look at it can tell. */
static bool is_of_several(slice text)
{
    text = slice_trim(text);
    while (text.n > 0 && text.p[text.n - 1] == ';') {
        text = slice_trim(slice_take(text, text.n - 1));
    }
    return scan_first(text, ';') != NULL;
}

void fold_fail_plans(fold *f, const event *e, const pending *begun)
{
    bool several = begun == NULL && (e->has & HAS_FINGERPRINT) != 0 && is_of_several(e->text);
    const pending *top;
    pending p;
    while ((e->has & HAS_SESSION) != 0 && (top = sessions_find(&f->plans, e->session)) != NULL &&
           ((several && top->fingerprint == e->fingerprint) ||
            (begun != NULL && top->has_time &&
             top->at - top->duration >= begun->at - f->format->clock_resolution))) {
        pop_plan(f, e->session, &p);
    }
}

bool fold_end_plans(fold *f, const event *e, status *st)
{
    return (e->has & HAS_SESSION) == 0 || end_plans(f, e->session, st);
}

void fold_expect_plan(fold *f, const event *e, uint64_t fingerprint, bool follows)
{
    if (follows && (e->has & HAS_SESSION) != 0) {
        f->recents[e->session % RECENT_MAX] =
            (recent){.session = e->session, .fingerprint = fingerprint, .duration = e->duration};
    }
}

/* Whether a plan is of an execution that was logged before it. */
static bool is_plan_of_recent(fold *f, const event *e)
{
    recent *r = &f->recents[e->session % RECENT_MAX];
    if (r->session == e->session && r->fingerprint == e->fingerprint &&
        is_no_longer(e->duration, r->duration)) {
        *r = (recent){0};
        return true;
    }
    return false;
}

/* Whether a plan is of an execution in pieces: closed, it has its plan logged. Those that were
 * executed before may be closed only now, with the transaction. */
static bool is_plan_of_pieces(fold *f, const event *e, bool *failed, status *st)
{
    pending p;
    if (!sessions_take(&f->pieces, fold_pieces_key(e->session, e->fingerprint), &p)) {
        return false;
    }
    if (p.plans_due > 0) {
        p.plans_due--;
        *failed = !sessions_add(&f->pieces, &p) && !status_no_memory(st);
    } else {
        *failed = !fold_end_pieces(f, &p, st);
    }
    return true;
}

/* A plan is logged when its execution ends: before the statement's own line, which may not come, so
 * that it waits; or behind that line. Those that wait already ran within it, or were executions of
 * their own. */
bool fold_add_plan(fold *f, const event *e, const place *at, status *st)
{
    uint32_t known = HAS_SESSION | HAS_DURATION | HAS_FINGERPRINT;
    bool failed = false;
    if (!fold_note_plan(f, e, at, st)) {
        return false;
    }
    if ((e->has & known) != known || (e->has & WITHIN) != 0) {
        return true; /* what it is of cannot be told, so that it might count twice; or is known to
                      */
    }
    if (is_plan_of_recent(f, e) || is_plan_of_pieces(f, e, &failed, st)) {
        return !failed;
    }
    const pending *before;
    pending within;
    while ((e->has & HAS_TIME) != 0 && (before = sessions_find(&f->plans, e->session)) != NULL &&
           lies_within(before, e->time, e->duration, f->format->clock_resolution)) {
        pop_plan(f, e->session, &within);
    }
    return push_plan(f,
                     &(pending){.session = e->session,
                                .fingerprint = e->fingerprint,
                                .at = e->time,
                                .duration = e->duration,
                                .has_time = (e->has & HAS_TIME) != 0,
                                .has_duration = true,
                                .zone_offset = e->zone_offset,
                                .offset = at->offset,
                                .line = at->line,
                                .segment = f->segment.id,
                                .who = at->who,
                                .asked = fold_asked(e, at),
                                .selected = at->selected},
                     st);
}
