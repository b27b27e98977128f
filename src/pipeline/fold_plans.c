/* fold_plans.c - execution plans, and the executions that they are of; see fold_parts.h. */
#include "pipeline/fold_parts.h"

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

/* Whether the plan's execution lies within one of `duration` that was logged at `at`: `slack` is
 * how much later than it, at least, the plan's began. */
static bool lies_within(const pending *plan, int64_t at, int64_t duration, int64_t slack)
{
    return plan->has_time && plan->at <= at && plan->at - plan->duration >= at - duration + slack;
}

bool fold_settle_plan(fold *f, const event *e, uint64_t fingerprint, bool *own, status *st)
{
    pending p;
    *own = false;
    if ((e->has & HAS_SESSION) == 0 || !sessions_take(&f->plans, e->session, &p)) {
        return true;
    }
    bool within = (e->has & HAS_TIME) != 0 &&
                  lies_within(&p, e->time, e->duration, -f->format->clock_resolution);
    *own =
        (e->has & HAS_DURATION) != 0 && p.fingerprint == fingerprint && p.duration <= e->duration;
    return ((e->has & HAS_DURATION) != 0 && (*own || within)) || fold_add_waiting(f, &p, st);
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
        e->duration <= r->duration) {
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
 * that it waits; or behind that line. Of two in a row the first was an execution of its own, unless
 * it ran within the second. */
bool fold_add_plan(fold *f, const event *e, const place *at, status *st)
{
    uint32_t known = HAS_SESSION | HAS_DURATION | HAS_FINGERPRINT;
    pending before;
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
    if (sessions_take(&f->plans, e->session, &before)) {
        bool nested = (e->has & HAS_TIME) != 0 &&
                      lies_within(&before, e->time, e->duration, f->format->clock_resolution);
        if (!nested && !fold_add_waiting(f, &before, st)) {
            return false;
        }
    }
    if (f->plans.n >= SESSIONS_MAX && !fold_give_up_oldest(f, &f->plans, SESSIONS_GIVEN_UP, st)) {
        return false;
    }
    return sessions_add(&f->plans, &(pending){.session = e->session,
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
                                              .selected = at->selected}) ||
           status_no_memory(st);
}
