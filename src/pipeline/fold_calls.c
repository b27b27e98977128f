/* fold_calls.c - what executions became of statements, durations, pieces and errors; see
 * fold_parts.h. Plans are in fold_plans.c. */
#include "base/time_units.h"
#include "pipeline/fold_parts.h"

enum {
    PIECES_APART_MAX = 10 * US_PER_MINUTE, /* between two pieces of one execution */
    BATCH_ROWS = 10                        /* of a write */
};

/* One execution, whichever records it came from. */
typedef struct execution {
    uint64_t fingerprint;
    uint32_t who;
    int32_t zone_offset;
    bool selected; /* by who ran it and by its text */
    bool in_pieces, continues;
    uint64_t session; /* where it is in pieces */
    bool failed;      /* with this code; its figures may be logged all the same */
    slice code;
    asked asked;
    digest_call call;
} execution;

/* Writes of one command and the command itself come in no order that tells what followed what. */
asked fold_asked(const event *e, const place *at)
{
    bool ordered = (e->has & (OF_PARTS | PART_OF_COMMAND)) == 0;
    return (asked){.session = e->session,
                   .literals = e->literals,
                   .limit = e->limit,
                   .skip = e->skip,
                   .process = e->process,
                   .list = e->list,
                   .request = e->request,
                   .rows = e->rows,
                   .has_session = (e->has & HAS_SESSION) != 0 && ordered,
                   .has_literals = (e->asks & ASKS_LITERALS) != 0,
                   .has_limit = (e->asks & ASKS_LIMIT) != 0,
                   .has_skip = (e->asks & ASKS_SKIP) != 0,
                   .has_pattern = (e->asks & ASKS_PATTERN) != 0,
                   .wildcard = (e->asks & ASKS_WILDCARD) != 0,
                   .role = (uint8_t)at->role};
}

/* --- counting them -------------------------------------------------------------------- */

/* By all but its time. */
static bool is_wanted(const fold *f, const execution *x)
{
    bool quick = f->selection != NULL && f->selection->min_time > 0 &&
                 (!x->call.has_duration || x->call.duration < f->selection->min_time);
    return x->selected && !quick;
}

static bool is_counted(const fold *f, const execution *x)
{
    return is_wanted(f, x) && fold_in_window(f, x->call.has_time, x->call.at);
}

static uint64_t measured_of(const measured *list, uint32_t n, measure_id id, bool *has)
{
    for (uint32_t i = 0; i < n; i++) {
        if (list[i].id == id) {
            *has = true;
            return list[i].value;
        }
    }
    *has = false;
    return 0;
}

/* A write of many rows at once is no part of a loop over rows: it is what one is made into. */
static bool writes_many(const execution *x)
{
    bool has;
    uint64_t affected =
        measured_of(x->call.measured, x->call.n_measured, MEASURE_ROWS_AFFECTED, &has);
    return x->asked.rows >= BATCH_ROWS || affected >= BATCH_ROWS;
}

static watched watched_of(const fold *f, const execution *x, int64_t hour)
{
    const digest_call *call = &x->call;
    watched w = {.session = x->asked.session,
                 .process = x->asked.process,
                 .request = x->asked.request,
                 .fingerprint = x->fingerprint,
                 .role = (statement_role)x->asked.role,
                 .start = call->at - (call->has_duration ? call->duration : 0),
                 .end = call->at,
                 .hour = hour,
                 .literals = x->asked.literals,
                 .limit = x->asked.limit,
                 .skip = x->asked.skip,
                 .has_literals = x->asked.has_literals,
                 .has_limit = x->asked.has_limit,
                 .has_skip = x->asked.has_skip,
                 .wanted = fold_in_window(f, call->has_time, call->at),
                 .coarse = f->segment.clock_resolution > CHAIN_GAP,
                 .failed = x->failed,
                 .code = x->code,
                 .segment = f->segment.id,
                 .offset = call->offset,
                 .line = call->line,
                 .who = x->who,
                 .zone_offset = x->zone_offset};
    w.rows = measured_of(call->measured, call->n_measured, MEASURE_ROWS_SENT, &w.has_rows);
    w.examined =
        measured_of(call->measured, call->n_measured, MEASURE_ROWS_EXAMINED, &w.has_examined);
    if (w.role == ROLE_WRITE && writes_many(x)) {
        w.role = ROLE_OTHER;
    }
    return w;
}

static bool is_watched(const execution *x)
{
    return x->asked.has_session && x->call.has_time;
}

/* What follows what is looked at for all executions that the selection may count, whenever they
 * were: a burst belongs to the window that it began in. */
static bool watch_execution(fold *f, const execution *x, int64_t hour, status *st)
{
    if (!is_watched(x) || !is_wanted(f, x)) {
        return true;
    }
    watched w = watched_of(f, x, hour);
    bool work = w.role == ROLE_READ || w.role == ROLE_COUNT || w.role == ROLE_WRITE;
    f->seen.valueless = f->seen.valueless || (work && w.wanted && !w.has_literals);
    return watch_take(&f->watch, &w, &f->whos, &f->digest.evidence, &f->digest.arena) ||
           status_no_memory(st);
}

/* A failure that is no execution. Its time is not known, and is no reason to leave it out. */
static bool watch_failure(fold *f, const execution *x, status *st)
{
    if (!is_watched(x) || !x->selected || x->fingerprint == 0) {
        return true;
    }
    uint32_t second;
    watched w = watched_of(f, x, digest_hour(x->call.at, x->zone_offset, &second));
    return watch_fail(&f->watch, &w, &f->whos, &f->digest.evidence, &f->digest.arena) ||
           status_no_memory(st);
}

bool fold_part(fold *f, const event *e, status *st)
{
    return (e->has & HAS_SESSION) == 0 ||
           watch_part(&f->watch, e->session, &f->digest.evidence, &f->digest.arena) ||
           status_no_memory(st);
}

/* What can be told of an execution by the values that it asks for, which are not kept. */
static bool add_asked(digest *d, digest_row *row, const asked *a)
{
    return (!a->has_skip || digest_add_measure(d, row, MEASURE_ROWS_SKIPPED, a->skip)) &&
           (a->list < LISTS_FROM || digest_add_measure(d, row, MEASURE_LIST_LENGTH, a->list)) &&
           (!a->has_pattern || digest_add_measure(d, row, MEASURE_LEADING_WILDCARD, a->wildcard));
}

static bool count_execution(fold *f, const execution *x, status *st)
{
    digest_call call = x->call;
    int64_t hour = call.has_time ? digest_hour(call.at, x->zone_offset, &call.second) : 0;
    if (!watch_execution(f, x, hour, st)) {
        return false;
    }
    if (!is_counted(f, x)) {
        return true;
    }
    call.weight = call.weight > 0 ? call.weight : f->one_in;
    f->seen.sampled = f->seen.sampled || call.weight > 1;
    digest_row *row = digest_find(&f->digest, hour, x->fingerprint, x->who);
    f->calls++;
    bool ok = row != NULL && digest_add_call(&f->digest, row, &call) &&
              add_asked(&f->digest, row, &x->asked);
    return ok || status_no_memory(st);
}

/* --- executions in pieces ------------------------------------------------------------- */

/* What was logged last of an execution in pieces was its end, or all that there is. */
bool fold_end_pieces(fold *f, const pending *p, status *st)
{
    return count_execution(f,
                           &(execution){.fingerprint = p->fingerprint,
                                        .who = p->who,
                                        .zone_offset = p->zone_offset,
                                        .selected = p->selected,
                                        .call = {.at = p->at,
                                                 .duration = p->duration,
                                                 .has_time = p->has_time,
                                                 .has_duration = p->has_duration,
                                                 .offset = p->offset,
                                                 .line = p->line}},
                           st);
}

/* At most `most` of the executions in pieces, the oldest first. */
static bool give_up_pieces(fold *f, uint32_t most, status *st)
{
    pending p;
    sessions_sort(&f->pieces);
    for (uint32_t i = 0; i < most && sessions_take_oldest(&f->pieces, &p); i++) {
        if (!fold_end_pieces(f, &p, st)) {
            return false;
        }
    }
    return true;
}

bool fold_end_old_pieces(fold *f, status *st)
{
    pending p;
    for (uint32_t i = 0; i < f->pieces.n;) {
        const pending *item = &f->pieces.items[i];
        if (!item->has_time ||
            f->state_as_of - item->last_at <= PIECES_APART_MAX + FOLD_DISORDER_MAX) {
            i++; /* else another takes its place */
        } else if (!sessions_take(&f->pieces, item->session, &p) || !fold_end_pieces(f, &p, st)) {
            return false;
        }
    }
    return true;
}

uint64_t fold_pieces_key(uint64_t session, uint64_t fingerprint)
{
    return mix64(session, fingerprint);
}

/* One piece: the first begins a call, the others add their time to it. Where the first is not in
 * the log, the next one stands for it. */
static bool add_piece(fold *f, const execution *x, status *st)
{
    uint64_t key = fold_pieces_key(x->session, x->fingerprint);
    pending p;
    bool open = sessions_take(&f->pieces, key, &p);
    if (open && x->continues && (!p.has_time || x->call.at - p.last_at <= PIECES_APART_MAX)) {
        p.last_at = x->call.at;
        p.duration += x->call.has_duration ? x->call.duration : 0;
        p.has_duration = p.has_duration || x->call.has_duration;
        return sessions_add(&f->pieces, &p) || status_no_memory(st);
    }
    if ((open && !fold_end_pieces(f, &p, st)) ||
        (f->pieces.n >= SESSIONS_MAX && !give_up_pieces(f, SESSIONS_GIVEN_UP, st))) {
        return false;
    }
    p = (pending){.session = key,
                  .plans_due = open ? p.plans_due + 1 : 0,
                  .fingerprint = x->fingerprint,
                  .at = x->call.at,
                  .last_at = x->call.at,
                  .duration = x->call.has_duration ? x->call.duration : 0,
                  .offset = x->call.offset,
                  .line = x->call.line,
                  .segment = f->segment.id,
                  .who = x->who,
                  .zone_offset = x->zone_offset,
                  .has_time = x->call.has_time,
                  .has_duration = x->call.has_duration,
                  .selected = x->selected};
    return sessions_add(&f->pieces, &p) || status_no_memory(st);
}

static bool add_execution(fold *f, const execution *x, status *st)
{
    return x->in_pieces ? add_piece(f, x, st) : count_execution(f, x, st);
}

/* --- what waits ------------------------------------------------------------------------ */

bool fold_add_waiting(fold *f, const pending *p, status *st)
{
    return add_execution(f,
                         &(execution){.fingerprint = p->fingerprint,
                                      .who = p->who,
                                      .zone_offset = p->zone_offset,
                                      .selected = p->selected,
                                      .in_pieces = p->in_pieces,
                                      .continues = p->continues,
                                      .session = p->session,
                                      .asked = p->asked,
                                      .call = {.at = p->at,
                                               .duration = p->duration,
                                               .has_time = p->has_time,
                                               .has_duration = p->has_duration,
                                               .weight = p->weight,
                                               .measured = p->measured,
                                               .n_measured = p->n_measured,
                                               .offset = p->offset,
                                               .line = p->line}},
                         st);
}

bool fold_end_waiting(fold *f, sessions *of, const event *e, status *st)
{
    pending p;
    return (e->has & HAS_SESSION) == 0 || !sessions_take(of, e->session, &p) ||
           fold_add_waiting(f, &p, st);
}

bool fold_give_up_oldest(fold *f, sessions *of, uint32_t most, status *st)
{
    pending p;
    sessions_sort(of);
    for (uint32_t i = 0; i < most && sessions_take_oldest(of, &p); i++) {
        if (!fold_add_waiting(f, &p, st)) {
            return false;
        }
    }
    return true;
}

bool fold_end_all_pending(fold *f, status *st)
{
    peers_free(&f->peers);
    memset(f->recents, 0, RECENT_MAX * sizeof *f->recents);
    f->cursor_epoch++;
    return fold_give_up_oldest(f, &f->sessions, UINT32_MAX, st) &&
           fold_give_up_oldest(f, &f->plans, UINT32_MAX, st) &&
           fold_give_up_oldest(f, &f->commands, UINT32_MAX, st) &&
           give_up_pieces(f, UINT32_MAX, st) &&
           (watch_end(&f->watch, &f->digest.evidence, &f->digest.arena) || status_no_memory(st));
}

static digest_call call_of(const event *e, const place *at)
{
    return (digest_call){.at = e->time,
                         .duration = e->duration,
                         .has_time = (e->has & HAS_TIME) != 0,
                         .has_duration = (e->has & HAS_DURATION) != 0,
                         .offset = at->offset,
                         .line = at->line,
                         .weight = e->weight,
                         .measured = at->measured,
                         .n_measured = e->n_measured};
}

/* --- commands of writes ----------------------------------------------------------------- */

/* What a command took beyond its writes, such as waiting for other servers to have them, is told of
 * the latest: in the hour of which it is a call. */
static bool add_overhead(fold *f, const event *e, const pending *writes, status *st)
{
    int64_t overhead = peers_overhead(e, writes);
    bool chosen = writes->selected && fold_in_window(f, writes->has_time, writes->at) &&
                  (f->selection == NULL || f->selection->min_time == 0);
    if (overhead == 0 || !chosen) {
        return true;
    }
    uint32_t second;
    int64_t hour = writes->has_time ? digest_hour(writes->at, writes->zone_offset, &second) : 0;
    digest_row *row = digest_find(&f->digest, hour, writes->fingerprint, writes->who);
    return (row != NULL &&
            digest_add_measure(&f->digest, row, MEASURE_COMMAND_OVERHEAD, (uint64_t)overhead)) ||
           status_no_memory(st);
}

/* A command of one write is what a loop sends for a row; one of many is the remedy. It stands for
 * its write in what follows what, since it comes when both have ended. */
static bool watch_command(fold *f, const event *e, const place *at, const pending *writes,
                          status *st)
{
    execution x = {.fingerprint = writes->fingerprint,
                   .who = writes->who,
                   .zone_offset = e->zone_offset,
                   .selected = writes->selected,
                   .asked = writes->asked, /* its own entry leaves out what it asks for */
                   .call = call_of(e, at)};
    x.asked.has_session = true;
    return writes->weight != 1 || !x.call.has_time || watch_execution(f, &x, fold_hour_of(e), st);
}

/* A command of writes is no call where these were logged, in front of it or, in logs that were put
 * together, right behind it: it waits. */
static bool add_command(fold *f, const event *e, const place *at, status *st)
{
    pending p;
    if (peers_take_writes(&f->peers, e, &p)) {
        return watch_command(f, e, at, &p, st) && add_overhead(f, e, &p, st);
    }
    uint64_t key = peers_write_key(e);
    if (sessions_take(&f->commands, key, &p) && !fold_add_waiting(f, &p, st)) {
        return false;
    }
    if (f->commands.n >= SESSIONS_MAX &&
        !fold_give_up_oldest(f, &f->commands, SESSIONS_GIVEN_UP, st)) {
        return false;
    }
    p = (pending){.session = key,
                  .fingerprint = e->fingerprint,
                  .at = e->time,
                  .duration = e->duration,
                  .has_time = (e->has & HAS_TIME) != 0,
                  .has_duration = (e->has & HAS_DURATION) != 0,
                  .zone_offset = e->zone_offset,
                  .offset = at->offset,
                  .line = at->line,
                  .segment = f->segment.id,
                  .who = at->who,
                  .weight = e->weight,
                  .asked = fold_asked(e, at),
                  .selected = at->selected};
    p.n_measured = e->n_measured < PENDING_MEASURES ? e->n_measured : PENDING_MEASURES;
    if (p.n_measured > 0) {
        memcpy(p.measured, at->measured, p.n_measured * sizeof *p.measured);
    }
    return sessions_add(&f->commands, &p) || status_no_memory(st);
}

static bool add_part_of_command(fold *f, const event *e, const place *at, status *st)
{
    pending p;
    asked asks = fold_asked(e, at);
    if (!peers_add_write(&f->peers, e, &asks, at->who, at->selected)) {
        return status_no_memory(st);
    }
    return !sessions_take(&f->commands, peers_write_key(e), &p) ||
           peers_lies_within(e->time, p.at, p.duration) || fold_add_waiting(f, &p, st);
}

/* --- statements, durations, costs and errors --------------------------------------------- */

bool fold_count_error(fold *f, const event *e, uint64_t fingerprint, uint32_t who_id, status *st)
{
    int64_t hour = fold_hour_of(e);
    if (fingerprint != 0) {
        digest_row *row = digest_find(&f->digest, hour, fingerprint, who_id);
        if (row == NULL) {
            return status_no_memory(st);
        }
        row->errors++;
        if ((e->has & HAS_TIME) != 0) {
            digest_row_seen(row, e->time);
        }
    }
    return digest_count(&f->digest, TALLY_ERROR_CODE, hour, fingerprint, e->code, 1) ||
           status_no_memory(st);
}

/* One that has failed and whose figures are logged all the same is a call and an error. */
bool fold_add_statement(fold *f, const event *e, const place *at, status *st)
{
    bool own;
    if ((e->has & OF_PARTS) != 0) {
        return add_command(f, e, at, st);
    }
    if ((e->has & PART_OF_COMMAND) != 0 && !add_part_of_command(f, e, at, st)) {
        return false;
    }
    if (!fold_end_waiting(f, &f->sessions, e, st) ||
        !fold_settle_plan(f, e, e->fingerprint, &own, st) ||
        (e->plan.n > 0 && !fold_note_plan(f, e, at, st))) {
        return false;
    }
    bool pieces = (e->has & (IN_PIECES | HAS_SESSION)) == (IN_PIECES | HAS_SESSION);
    fold_expect_plan(f, e, e->fingerprint, (e->has & PLAN_FOLLOWS) != 0 && !own && !pieces);
    execution x = {.fingerprint = e->fingerprint,
                   .who = at->who,
                   .zone_offset = e->zone_offset,
                   .selected = at->selected,
                   .in_pieces = pieces,
                   .continues = (e->has & CONTINUES) != 0,
                   .session = e->session,
                   .failed = (e->has & HAS_FAILED) != 0,
                   .code = e->code,
                   .asked = fold_asked(e, at),
                   .call = call_of(e, at)};
    return add_execution(f, &x, st) && ((e->has & HAS_FAILED) == 0 || !is_counted(f, &x) ||
                                        fold_count_error(f, e, e->fingerprint, at->who, st));
}

bool fold_add_start(fold *f, const event *e, const place *at, status *st)
{
    pending p = {.session = e->session,
                 .fingerprint = e->fingerprint,
                 .at = e->time,
                 .has_time = (e->has & HAS_TIME) != 0,
                 .zone_offset = e->zone_offset,
                 .offset = at->offset,
                 .line = at->line,
                 .segment = f->segment.id,
                 .who = at->who,
                 .in_pieces = (e->has & IN_PIECES) != 0 && (e->has & HAS_SESSION) != 0,
                 .continues = (e->has & CONTINUES) != 0,
                 .plan_follows = (e->has & PLAN_FOLLOWS) != 0,
                 .asked = fold_asked(e, at),
                 .selected = at->selected};
    if (!fold_end_waiting(f, &f->sessions, e, st)) {
        return false;
    }
    if ((e->has & HAS_SESSION) == 0) {
        return fold_add_waiting(f, &p, st);
    }
    if (f->sessions.n >= SESSIONS_MAX) {
        f->segment.evicted += SESSIONS_GIVEN_UP;
        if (!fold_give_up_oldest(f, &f->sessions, SESSIONS_GIVEN_UP, st)) {
            return false;
        }
    }
    return sessions_add(&f->sessions, &p) || status_no_memory(st);
}

bool fold_add_duration(fold *f, const event *e, const place *at, status *st)
{
    pending p;
    bool waited = (e->has & HAS_SESSION) != 0 && sessions_take(&f->sessions, e->session, &p);
    bool planned = false;
    if (!waited && !fold_take_plan(f, e, &planned, &p, st)) {
        return false;
    }
    if (!waited && !planned) {
        f->segment.orphans++;
        return true;
    }
    bool own = false;
    if (waited && !fold_settle_plan(f, e, p.fingerprint, &own, st)) {
        return false;
    }
    fold_expect_plan(f, e, p.fingerprint, waited && p.plan_follows && !own && !p.in_pieces);
    execution x = {.fingerprint = p.fingerprint,
                   .who = p.who,
                   .zone_offset = e->zone_offset,
                   .selected = p.selected,
                   .in_pieces = p.in_pieces,
                   .continues = p.continues,
                   .session = e->session,
                   .asked = p.asked,
                   .call = call_of(e, at)};
    /* People look for the statement's own line, where it is in this file. */
    if (p.segment.high == f->segment.id.high && p.segment.low == f->segment.id.low) {
        x.call.offset = p.offset;
        x.call.line = p.line;
    }
    return add_execution(f, &x, st);
}

bool fold_add_cost(fold *f, const event *e, const place *at, measure_id id, status *st)
{
    if ((e->has & HAS_DURATION) == 0 || !at->selected ||
        !fold_in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    digest_row *row = digest_find(&f->digest, fold_hour_of(e), e->fingerprint, at->who);
    return (row != NULL && digest_add_measure(&f->digest, row, id, (uint64_t)e->duration)) ||
           status_no_memory(st);
}

/* Whether an error is the failure of the statement that its session has begun. The log names the
 * statement, or, where it is set not to, an error that leaves the session alive is that one's. */
static bool is_failure_of(const event *e, const pending *p)
{
    if ((e->has & BY_NAME) != 0) {
        return true;
    }
    return (e->has & HAS_FINGERPRINT) != 0 ? e->fingerprint == p->fingerprint
                                           : (e->has & ENDS_SESSION) == 0;
}

/* A failed statement is an error and not a call, whether the log told of its beginning or not. Any
 * other that waits has ended before. */
bool fold_add_error(fold *f, const event *e, const place *at, status *st)
{
    execution x = {.fingerprint = (e->has & HAS_FINGERPRINT) != 0 ? e->fingerprint : 0,
                   .who = at->who,
                   .zone_offset = e->zone_offset,
                   .selected = at->selected,
                   .failed = true,
                   .code = e->code,
                   .asked = fold_asked(e, at),
                   .call = {.at = e->time,
                            .has_time = (e->has & HAS_TIME) != 0,
                            .offset = at->offset,
                            .line = at->line}};
    pending p;
    bool begun = (e->has & HAS_SESSION) != 0 && sessions_take(&f->sessions, e->session, &p);
    bool failed = begun && is_failure_of(e, &p);
    fold_fail_plans(f, e, failed ? &p : NULL);
    if (begun) {
        if (failed) {
            x.fingerprint = p.fingerprint;
            x.selected = p.selected;
            x.asked = p.asked;
        } else if (!fold_add_waiting(f, &p, st)) {
            return false;
        }
    }
    if (!watch_failure(f, &x, st)) {
        return false;
    }
    if (!x.selected || !fold_in_window(f, x.call.has_time, e->time)) {
        return true;
    }
    return fold_count_error(f, e, x.fingerprint, at->who, st);
}

bool fold_add_transaction(fold *f, const event *e, const place *at, status *st)
{
    bool has;
    if ((e->has & (HAS_DURATION | HAS_TIME)) != (HAS_DURATION | HAS_TIME) || !at->selected ||
        !fold_in_window(f, true, e->time)) {
        return true;
    }
    session_use *u = evidence_use(&f->digest.evidence, &f->digest.arena, f->segment.id,
                                  fold_hour_of(e), at->who);
    if (u == NULL) {
        return status_no_memory(st);
    }
    uint64_t idle = measured_of(at->measured, e->n_measured, MEASURE_WAIT_TIME, &has);
    session_use_transaction(u, (uint64_t)e->duration, idle, idle, e->time, at->line);
    return true;
}

bool fold_end_old_commands(fold *f, status *st)
{
    pending p;
    sessions *s = &f->commands;
    sessions_sort(s);
    while (s->n > 0 && s->items[s->n - 1].at < f->state_as_of - FOLD_DISORDER_MAX) {
        if (!sessions_take_oldest(s, &p) || !fold_add_waiting(f, &p, st)) {
            return false;
        }
    }
    return true;
}
