/* fold.c - see fold.h. */
#include "pipeline/fold.h"

#include <stdlib.h>

#include "normalise/facts.h"
#include "normalise/foreign_ids.h"

enum {
    /* The digest is flushed to the store beyond this and 1 KB for each row that is kept. */
    DIGEST_MAX_BYTES = 16 * 1024 * 1024,
    DIGEST_ROW_BYTES = 1024,
    DIGEST_HARD_MAX = 512 * 1024 * 1024,     /* never reached: one batch adds little */
    COMMIT_AFTER_BYTES = 1024 * 1024 * 1024, /* so that a killed run loses little */
    TEXT_MAX = 64 * 1024,
    FACTS_MAX = 1024 * 1024,
    STATE_MAX = 64 * 1024 * 1024,
    PREFETCH_AHEAD = 8,
    FIRST_KNOWN = 1024,
    SUBJECT_MAX = 512, /* bytes of what a fact is about */
    ALIAS_MAX = 1024,
    WHOS_MAX = 16 * 1024,             /* combinations; beyond, those without a use are forgotten */
    PIECES_APART_MAX = 600 * 1000000, /* us between two pieces of one execution */
    DISORDER_MAX = 10 * 1000000 /* us: how far records of several processes may be out of order */
};

#define TEXT_CUT " …" /* ends a normalised text that is longer than TEXT_MAX */

bool fold_init(fold *f, store *s, slice source, const selection *sel)
{
    *f = (fold){.store = s, .source = source, .selection = sel};
    if (sel != NULL && sel->empty) {
        f->selection = NULL;
    }
    digest_init(&f->digest, DIGEST_HARD_MAX);
    who_table_init(&f->whos);
    sessions_init(&f->sessions);
    sessions_init(&f->plans);
    sessions_init(&f->pieces);
    f->recents = calloc(RECENT_MAX, sizeof *f->recents);
    sessions_init(&f->commands);
    peers_init(&f->peers);
    buf_init(&f->text, TEXT_MAX);
    arena_init(&f->facts, FACTS_MAX);
    buf_init(&f->state, STATE_MAX);
    return f->recents != NULL;
}

void fold_free(fold *f)
{
    digest_free(&f->digest);
    who_table_free(&f->whos);
    sessions_free(&f->sessions);
    sessions_free(&f->plans);
    sessions_free(&f->pieces);
    free(f->recents);
    sessions_free(&f->commands);
    peers_free(&f->peers);
    free(f->known.ids);
    free(f->known.selected);
    free(f->who_map);
    free(f->carried_map);
    buf_free(&f->text);
    arena_free(&f->facts);
    buf_free(&f->state);
}

/* --- fingerprints --------------------------------------------------------------- */

static uint32_t known_slot(const uint64_t *ids, uint32_t cap, uint64_t id)
{
    uint32_t at = (uint32_t)mix64(id, 0) & (cap - 1);
    while (ids[at] != 0 && ids[at] != id) {
        at = (at + 1) & (cap - 1);
    }
    return at;
}

static bool grow_known(known_set *k)
{
    uint32_t cap = k->cap == 0 ? FIRST_KNOWN : k->cap * 2;
    uint64_t *ids = calloc(cap, sizeof *ids);
    bool *selected = calloc(cap, sizeof *selected);
    if (ids == NULL || selected == NULL) {
        free(ids);
        free(selected);
        return false;
    }
    for (uint32_t i = 0; i < k->cap; i++) {
        if (k->ids[i] != 0) {
            uint32_t at = known_slot(ids, cap, k->ids[i]);
            ids[at] = k->ids[i];
            selected[at] = k->selected[i];
        }
    }
    free(k->ids);
    free(k->selected);
    *k = (known_set){.ids = ids, .selected = selected, .n = k->n, .cap = cap};
    return true;
}

/* From the normalised text, so that it does not matter which statement came first. */
static bool keep_tables(fold *f, uint64_t fingerprint, status *st)
{
    sql_facts facts;
    const normaliser *n = f->normaliser;
    if (n->dialect == NULL) {
        slice name;
        bool written;
        return n->subject == NULL || !n->subject(buf_slice(&f->text), &name, &written) ||
               store_add_table(f->store, fingerprint, name, !written, written, st);
    }
    arena_reset(&f->facts);
    sql_facts_read(f->normaliser->dialect, buf_slice(&f->text), &f->facts, &facts);
    for (size_t i = 0; i < facts.n_tables; i++) {
        const sql_table *t = &facts.tables[i];
        if (!store_add_table(f->store, fingerprint, t->name, t->read, t->written, st)) {
            return false;
        }
    }
    return true;
}

/* Of the first statement that had the fingerprint: a store that knows it has its aliases. */
static bool keep_foreign_ids(fold *f, const event *e, status *st)
{
    char id[FOREIGN_ID_MAX];
    for (const foreign_tool *const *t = f->normaliser->tools; *t != NULL; t++) {
        size_t n = (e->has & TEXT_TRUNCATED) != 0 ? 0 : foreign_id(*t, e->text, id);
        if (n > 0 && !store_add_alias(f->store, e->fingerprint, slice_from((*t)->name),
                                      slice_of(id, n), st)) {
            return false;
        }
    }
    return true;
}

static uint64_t known_key(const event *e)
{
    uint64_t key = mix64(mix64(e->fingerprint, 0), e->spelling); /* which may be equal */
    return key + (key == 0);
}

/* Keeps the text of a fingerprint where it is new; tells whether the patterns select it. */
static bool learn(fold *f, const event *e, bool *selected, status *st)
{
    known_set *k = &f->known;
    if (k->n * 2 >= k->cap && !grow_known(k)) {
        return status_no_memory(st);
    }
    uint64_t key = known_key(e);
    uint32_t at = known_slot(k->ids, k->cap, key);
    if (k->ids[at] == 0) {
        normalised n;
        bool is_new;
        buf_clear(&f->text);
        f->normaliser->run(e->text, (e->has & TEXT_TRUNCATED) != 0, &n, &f->text);
        if (f->text.failed) {
            f->text.failed = false;
            buf_truncate(&f->text, TEXT_MAX - strlen(TEXT_CUT) < f->text.n
                                       ? TEXT_MAX - strlen(TEXT_CUT)
                                       : f->text.n);
            buf_add_text(&f->text, TEXT_CUT);
        }
        if (!store_add_fingerprint(f->store, e->fingerprint, f->segment.engine, slice_from(n.verb),
                                   buf_slice(&f->text), &is_new, st) ||
            !keep_tables(f, e->fingerprint, st) || (is_new && !keep_foreign_ids(f, e, st))) {
            return false;
        }
        k->ids[at] = key;
        k->selected[at] =
            f->selection == NULL || selection_has_text(f->selection, buf_slice(&f->text));
        k->n++;
    }
    *selected = k->selected[at];
    return true;
}

/* Whether the selection's window holds a record of this time. */
static bool in_window(const fold *f, bool has_time, int64_t at)
{
    const selection *sel = f->selection;
    if (sel == NULL) {
        return true;
    }
    if (!has_time) {
        return sel->since.kind == MOMENT_NONE && sel->until.kind == MOMENT_NONE;
    }
    return selection_has_time(sel, at);
}

/* --- calls ------------------------------------------------------------------------ */

/* One execution, whichever records it came from. */
typedef struct execution {
    uint64_t fingerprint;
    uint32_t who;
    int32_t zone_offset;
    bool selected; /* by who ran it and by its text */
    bool in_pieces, continues;
    uint64_t session; /* where it is in pieces */
    digest_call call;
} execution;

static bool is_counted(const fold *f, const execution *x)
{
    bool quick = f->selection != NULL && f->selection->min_time > 0 &&
                 (!x->call.has_duration || x->call.duration < f->selection->min_time);
    return x->selected && !quick && in_window(f, x->call.has_time, x->call.at);
}

static bool count_execution(fold *f, const execution *x, status *st)
{
    if (!is_counted(f, x)) {
        return true;
    }
    digest_call call = x->call;
    call.weight = call.weight > 0 ? call.weight : f->one_in;
    f->seen.sampled = f->seen.sampled || call.weight > 1;
    int64_t hour = call.has_time ? digest_hour(call.at, x->zone_offset, &call.second) : 0;
    digest_row *row = digest_find(&f->digest, hour, x->fingerprint, x->who);
    f->calls++;
    return (row != NULL && digest_add_call(&f->digest, row, &call)) || status_no_memory(st);
}

/* What was logged last of an execution in pieces was its end, or all that there is. */
static bool end_pieces(fold *f, const pending *p, status *st)
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
        if (!end_pieces(f, &p, st)) {
            return false;
        }
    }
    return true;
}

/* Those that no later record can go on with. */
static bool end_old_pieces(fold *f, status *st)
{
    pending p;
    for (uint32_t i = 0; i < f->pieces.n;) {
        const pending *item = &f->pieces.items[i];
        if (!item->has_time || f->state_as_of - item->last_at <= PIECES_APART_MAX + DISORDER_MAX) {
            i++; /* else another takes its place */
        } else if (!sessions_take(&f->pieces, item->session, &p) || !end_pieces(f, &p, st)) {
            return false;
        }
    }
    return true;
}

static uint64_t pieces_key(uint64_t session, uint64_t fingerprint)
{
    return mix64(session, fingerprint);
}

/* One piece: the first begins a call, the others add their time to it. Where the first is not in
 * the log, the next one stands for it. */
static bool add_piece(fold *f, const execution *x, status *st)
{
    uint64_t key = pieces_key(x->session, x->fingerprint);
    pending p;
    bool open = sessions_take(&f->pieces, key, &p);
    if (open && x->continues && (!p.has_time || x->call.at - p.last_at <= PIECES_APART_MAX)) {
        p.last_at = x->call.at;
        p.duration += x->call.has_duration ? x->call.duration : 0;
        p.has_duration = p.has_duration || x->call.has_duration;
        return sessions_add(&f->pieces, &p) || status_no_memory(st);
    }
    if ((open && !end_pieces(f, &p, st)) ||
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

/* What waited in vain: a statement without its duration is a call without time, a plan without its
 * statement an execution that only it told of. */
static bool add_waiting(fold *f, const pending *p, status *st)
{
    return add_execution(f,
                         &(execution){.fingerprint = p->fingerprint,
                                      .who = p->who,
                                      .zone_offset = p->zone_offset,
                                      .selected = p->selected,
                                      .in_pieces = p->in_pieces,
                                      .continues = p->continues,
                                      .session = p->session,
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

/* Whether the plan's execution lies within one of `duration` that was logged at `at`: `slack` is
 * how much later than it, at least, the plan's began. */
static bool lies_within(const pending *plan, int64_t at, int64_t duration, int64_t slack)
{
    return plan->has_time && plan->at <= at && plan->at - plan->duration >= at - duration + slack;
}

/* The session's execution that ends here has had its plan logged, or one within it has: that is no
 * call of its own. Any other that waits is. *own: the plan was this execution's. */
static bool settle_plan(fold *f, const event *e, uint64_t fingerprint, bool *own, status *st)
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
    return ((e->has & HAS_DURATION) != 0 && (*own || within)) || add_waiting(f, &p, st);
}

/* An execution that ended, and whose plan may come behind it. */
static void expect_plan(fold *f, const event *e, uint64_t fingerprint, bool follows)
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
    if (!sessions_take(&f->pieces, pieces_key(e->session, e->fingerprint), &p)) {
        return false;
    }
    if (p.plans_due > 0) {
        p.plans_due--;
        *failed = !sessions_add(&f->pieces, &p) && !status_no_memory(st);
    } else {
        *failed = !end_pieces(f, &p, st);
    }
    return true;
}

/* What the event's session waits for will not come. */
static bool end_waiting(fold *f, sessions *of, const event *e, status *st)
{
    pending p;
    return (e->has & HAS_SESSION) == 0 || !sessions_take(of, e->session, &p) ||
           add_waiting(f, &p, st);
}

/* At most `most` of a table, the oldest first. */
static bool give_up(fold *f, sessions *of, uint32_t most, status *st)
{
    pending p;
    sessions_sort(of);
    for (uint32_t i = 0; i < most && sessions_take_oldest(of, &p); i++) {
        if (!add_waiting(f, &p, st)) {
            return false;
        }
    }
    return true;
}

static bool end_all_pending(fold *f, status *st)
{
    peers_free(&f->peers);
    memset(f->recents, 0, RECENT_MAX * sizeof *f->recents);
    return give_up(f, &f->sessions, UINT32_MAX, st) && give_up(f, &f->plans, UINT32_MAX, st) &&
           give_up(f, &f->commands, UINT32_MAX, st) && give_up_pieces(f, UINT32_MAX, st);
}

/* --- events ------------------------------------------------------------------------ */

/* Where an event stands: its batch's place added to its own. */
typedef struct place {
    uint64_t offset;
    uint64_t line; /* from 1 */
    uint32_t who;
    bool selected;            /* by who ran it and, where it has one, by its text */
    const measured *measured; /* the event's */
} place;

/* 0 where the log has no time. */
static int64_t hour_of(const event *e)
{
    uint32_t second;
    return (e->has & HAS_TIME) != 0 ? digest_hour(e->time, e->zone_offset, &second) : 0;
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

/* The plan of an execution, and what was measured of it with its plan: where the two are one
 * record, digest_add_call adds the measures. */
static bool note_plan(fold *f, const event *e, const place *at, status *st)
{
    bool chosen = at->selected && in_window(f, (e->has & HAS_TIME) != 0, e->time) &&
                  (f->selection == NULL || f->selection->min_time == 0 ||
                   ((e->has & HAS_DURATION) != 0 && e->duration >= f->selection->min_time));
    if (!chosen || (e->has & HAS_FINGERPRINT) == 0) {
        return true;
    }
    uint64_t duration = (e->has & HAS_DURATION) != 0 ? (uint64_t)e->duration : 0;
    int64_t time = (e->has & HAS_TIME) != 0 ? e->time : 0;
    if (e->plan.n > 0 && !digest_tally(&f->digest, &(tally){.kind = TALLY_PLAN,
                                                            .hour = hour_of(e),
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
    digest_row *row = digest_find(&f->digest, hour_of(e), e->fingerprint, at->who);
    for (uint32_t i = 0; row != NULL && i < e->n_measured; i++) {
        if (!digest_add_measure(&f->digest, row, at->measured[i].id, at->measured[i].value)) {
            return status_no_memory(st);
        }
    }
    return row != NULL || status_no_memory(st);
}

static bool count_error(fold *f, const event *e, uint64_t fingerprint, uint32_t who_id, status *st)
{
    int64_t hour = hour_of(e);
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

/* A command of writes is no call where these were logged, in front of it or, in logs that were put
 * together, right behind it: it waits. */
static bool add_command(fold *f, const event *e, const place *at, status *st)
{
    if (peers_has_writes(&f->peers, e)) {
        return true;
    }
    pending p;
    uint64_t key = peers_write_key(e);
    if (sessions_take(&f->commands, key, &p) && !add_waiting(f, &p, st)) {
        return false;
    }
    if (f->commands.n >= SESSIONS_MAX && !give_up(f, &f->commands, SESSIONS_GIVEN_UP, st)) {
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
    if (!peers_add_write(&f->peers, e, at->who)) {
        return status_no_memory(st);
    }
    return !sessions_take(&f->commands, peers_write_key(e), &p) ||
           peers_lies_within(e->time, p.at, p.duration) || add_waiting(f, &p, st);
}

/* Where the code of its error stands beside a statement's figures, it was executed and has failed.
 */
static bool add_statement(fold *f, const event *e, const place *at, status *st)
{
    bool own;
    if ((e->has & OF_PARTS) != 0) {
        return add_command(f, e, at, st);
    }
    if ((e->has & PART_OF_COMMAND) != 0 && !add_part_of_command(f, e, at, st)) {
        return false;
    }
    if (!end_waiting(f, &f->sessions, e, st) || !settle_plan(f, e, e->fingerprint, &own, st) ||
        (e->plan.n > 0 && !note_plan(f, e, at, st))) {
        return false;
    }
    bool pieces = (e->has & (IN_PIECES | HAS_SESSION)) == (IN_PIECES | HAS_SESSION);
    expect_plan(f, e, e->fingerprint, (e->has & PLAN_FOLLOWS) != 0 && !own && !pieces);
    execution x = {.fingerprint = e->fingerprint,
                   .who = at->who,
                   .zone_offset = e->zone_offset,
                   .selected = at->selected,
                   .in_pieces = pieces,
                   .continues = (e->has & CONTINUES) != 0,
                   .session = e->session,
                   .call = call_of(e, at)};
    return add_execution(f, &x, st) &&
           (e->code.n == 0 || !is_counted(f, &x) || count_error(f, e, e->fingerprint, at->who, st));
}

static bool add_start(fold *f, const event *e, const place *at, status *st)
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
                 .selected = at->selected};
    if (!end_waiting(f, &f->sessions, e, st)) {
        return false;
    }
    if ((e->has & HAS_SESSION) == 0) {
        return add_waiting(f, &p, st);
    }
    if (f->sessions.n >= SESSIONS_MAX) {
        f->segment.evicted += SESSIONS_GIVEN_UP;
        if (!give_up(f, &f->sessions, SESSIONS_GIVEN_UP, st)) {
            return false;
        }
    }
    return sessions_add(&f->sessions, &p) || status_no_memory(st);
}

static bool add_duration(fold *f, const event *e, const place *at, status *st)
{
    pending p;
    bool waited = (e->has & HAS_SESSION) != 0 && sessions_take(&f->sessions, e->session, &p);
    bool planned =
        !waited && (e->has & HAS_SESSION) != 0 && sessions_take(&f->plans, e->session, &p);
    if (planned && p.duration > e->duration) { /* of another execution */
        planned = false;
        if (!add_waiting(f, &p, st)) {
            return false;
        }
    }
    if (!waited && !planned) {
        f->segment.orphans++;
        return true;
    }
    bool own = false;
    if (waited && !settle_plan(f, e, p.fingerprint, &own, st)) {
        return false;
    }
    expect_plan(f, e, p.fingerprint, waited && p.plan_follows && !own && !p.in_pieces);
    execution x = {.fingerprint = p.fingerprint,
                   .who = p.who,
                   .zone_offset = e->zone_offset,
                   .selected = p.selected,
                   .in_pieces = p.in_pieces,
                   .continues = p.continues,
                   .session = e->session,
                   .call = call_of(e, at)};
    /* People look for the statement's own line, where it is in this file. */
    if (p.segment.high == f->segment.id.high && p.segment.low == f->segment.id.low) {
        x.call.offset = p.offset;
        x.call.line = p.line;
    }
    return add_execution(f, &x, st);
}

/* A plan is logged when its execution ends: before the statement's own line, which may not come, so
 * that it waits; or behind that line. Of two in a row the first was an execution of its own, unless
 * it ran within the second. */
static bool add_plan(fold *f, const event *e, const place *at, status *st)
{
    uint32_t known = HAS_SESSION | HAS_DURATION | HAS_FINGERPRINT;
    pending before;
    bool failed = false;
    if (!note_plan(f, e, at, st)) {
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
        if (!nested && !add_waiting(f, &before, st)) {
            return false;
        }
    }
    if (f->plans.n >= SESSIONS_MAX && !give_up(f, &f->plans, SESSIONS_GIVEN_UP, st)) {
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

static bool add_cost(fold *f, const event *e, const place *at, measure_id id, status *st)
{
    if ((e->has & HAS_DURATION) == 0 || !at->selected ||
        !in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    digest_row *row = digest_find(&f->digest, hour_of(e), e->fingerprint, at->who);
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
static bool add_error(fold *f, const event *e, const place *at, status *st)
{
    uint64_t fingerprint = (e->has & HAS_FINGERPRINT) != 0 ? e->fingerprint : 0;
    bool selected = at->selected;
    pending p;
    if ((e->has & HAS_SESSION) != 0 && sessions_take(&f->sessions, e->session, &p)) {
        if (is_failure_of(e, &p)) {
            fingerprint = p.fingerprint;
            selected = p.selected;
        } else if (!add_waiting(f, &p, st)) {
            return false;
        }
    }
    if (!selected || !in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    return count_error(f, e, fingerprint, at->who, st);
}

static bool add_setting(fold *f, const event *e, status *st)
{
    return (e->has & HAS_THRESHOLD) == 0 ||
           store_add_threshold(f->store, f->source, &f->segment, e->time, e->duration, SLICE("log"),
                               st);
}

/* A name that the server has for the query. The same few come again and again: a small cache of
 * those just tallied spares the rest of the work. */
static bool add_alias(fold *f, const event *e, const char *kind, slice value, status *st)
{
    uint64_t hash = mix64(hash_bytes(value), (uint64_t)(uintptr_t)kind); /* which is static */
    seen_alias *seen = &f->aliases[mix64(e->fingerprint, hash) % ALIAS_CACHE];
    if (seen->fingerprint == e->fingerprint && seen->alias == hash) {
        return true;
    }
    buf text;
    buf_init(&text, ALIAS_MAX);
    buf_printf(&text, "%s=%.*s", kind, (int)value.n, value.p);
    bool ok = text.failed ||
              digest_count(&f->digest, TALLY_QUERY_ID, 0, e->fingerprint, buf_slice(&text), 1);
    buf_free(&text);
    *seen = (seen_alias){.fingerprint = e->fingerprint, .alias = hash};
    return ok || status_no_memory(st);
}

/* Of which statement a fact is: the one that the record names, or the one that its session runs. */
static uint64_t subject_of(const fold *f, const event *e)
{
    if ((e->has & HAS_FINGERPRINT) != 0) {
        return e->fingerprint;
    }
    const pending *p = (e->has & HAS_SESSION) != 0 ? sessions_find(&f->sessions, e->session) : NULL;
    return p != NULL ? p->fingerprint : 0;
}

/* The statement that a fact names besides the event's. */
static bool learn_other(fold *f, const fact *fact_of, bool *selected, status *st)
{
    const event other = {.text = fact_of->statement, .fingerprint = fact_of->fingerprint};
    return learn(f, &other, selected, st);
}

static bool add_fact(fold *f, const event *e, const fact *fact_of, uint64_t fingerprint, status *st)
{
    int64_t time = (e->has & HAS_TIME) != 0 ? e->time : 0;
    buf_clear(&f->text);
    buf_add_char(&f->text, (char)fact_of->id);
    buf_add(&f->text, slice_take(fact_of->subject, SUBJECT_MAX));
    return digest_tally(&f->digest, &(tally){.kind = TALLY_FACT,
                                             .hour = hour_of(e),
                                             .fingerprint = fingerprint,
                                             .key = buf_slice(&f->text),
                                             .n = 1,
                                             .sum = fact_of->value,
                                             .min = fact_of->value,
                                             .max = fact_of->value,
                                             .first_at = time,
                                             .last_at = time}) ||
           status_no_memory(st);
}

/* What a fact adds to the figures of its statement. */
static bool add_fact_measure(fold *f, const event *e, const place *at, const fact *fact_of,
                             uint64_t fingerprint, status *st)
{
    bool file = fact_of->id == FACT_TEMP_FILE;
    if (fingerprint == 0 || (!file && fact_of->id != FACT_LOCK_ACQUIRED)) {
        return true;
    }
    digest_row *row = digest_find(&f->digest, hour_of(e), fingerprint, at->who);
    return (row != NULL &&
            digest_add_measure(&f->digest, row, file ? MEASURE_TEMP_FILES : MEASURE_LOCK_WAITS,
                               fact_of->value)) ||
           status_no_memory(st);
}

static bool add_facts(fold *f, const event *e, const place *at, const fact *facts, status *st)
{
    if (!at->selected || !in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    uint64_t fingerprint = subject_of(f, e);
    for (uint32_t i = 0; i < e->n_facts; i++) {
        bool other = facts[i].statement.n > 0;
        bool selected = true;
        if (other && !learn_other(f, &facts[i], &selected, st)) {
            return false;
        }
        if (!selected) {
            continue;
        }
        if (!add_fact(f, e, &facts[i], other ? facts[i].fingerprint : fingerprint, st) ||
            !add_fact_measure(f, e, at, &facts[i], fingerprint, st)) {
            return false;
        }
    }
    return true;
}

static bool add_aliases(fold *f, const batch *events, const event *e, status *st)
{
    for (uint32_t i = 0; i < e->n_aliases; i++) {
        const query_alias *alias = &events->aliases[e->first_alias + i];
        if (!add_alias(f, e, alias->kind, alias->value, st)) {
            return false;
        }
    }
    if ((e->has & HAS_QUERY_ID) == 0) {
        return true;
    }
    buf text;
    buf_init(&text, ALIAS_MAX);
    buf_add_i64(&text, e->query_id);
    bool ok = add_alias(f, e, f->format->parser->query_id_name, buf_slice(&text), st);
    buf_free(&text);
    return ok;
}

static bool add_by_kind(fold *f, const event *e, const place *at, status *st)
{
    switch ((event_kind)e->kind) {
    case EVENT_STATEMENT:
        return add_statement(f, e, at, st);
    case EVENT_STATEMENT_START:
        return add_start(f, e, at, st);
    case EVENT_DURATION:
        return add_duration(f, e, at, st);
    case EVENT_PLAN:
        return add_plan(f, e, at, st);
    case EVENT_PREPARE:
        return add_cost(f, e, at, MEASURE_PREPARE_TIME, st);
    case EVENT_BIND:
        return add_cost(f, e, at, MEASURE_BIND_TIME, st);
    case EVENT_ERROR:
        return add_error(f, e, at, st);
    case EVENT_SESSION_START:
    case EVENT_SESSION_END:
        if (e->kind == EVENT_SESSION_END && (e->has & HAS_SESSION) != 0) {
            peers_end(&f->peers, e);
        }
        return end_waiting(f, &f->sessions, e, st) && end_waiting(f, &f->plans, e, st);
    case EVENT_SERVER_START:
        return end_all_pending(f, st);
    case EVENT_SETTING:
        return add_setting(f, e, st);
    case EVENT_SUPPRESSED:
        f->seen.suppressed = true;
        return true;
    default:
        return true;
    }
}

/* --- counts of kinds ----------------------------------------------------------------- */

static bool flush_kinds(fold *f, status *st)
{
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        if (f->kind_count[k] > 0 &&
            !digest_count(&f->digest, TALLY_EVENT, f->kind_hour, 0,
                          slice_from(event_kind_name((event_kind)k)), f->kind_count[k])) {
            return status_no_memory(st);
        }
        f->kind_count[k] = 0;
    }
    return true;
}

static bool count_kind(fold *f, const event *e, status *st)
{
    int64_t hour = hour_of(e);
    if (hour != f->kind_hour) {
        if (!flush_kinds(f, st)) {
            return false;
        }
        f->kind_hour = hour;
    }
    f->kind_count[e->kind] += e->kind == EVENT_SUPPRESSED ? e->weight : 1;
    f->kind_count[EVENT_SUSPECT] += (e->has & HAS_SUSPECT) != 0;
    f->seen.suspect = f->seen.suspect || (e->has & HAS_SUSPECT) != 0;
    return true;
}

/* --- batches ---------------------------------------------------------------------------- */

static void select_who(const fold *f, who_entry *e)
{
    e->selected = f->selection == NULL || selection_has_who(f->selection, &e->who);
}

static uint32_t who_of(fold *f, const who *w)
{
    bool is_new;
    uint32_t id = who_table_add(&f->whos, w, &is_new);
    if (id != UINT32_MAX && is_new) {
        select_who(f, &f->whos.entries[id]);
    }
    return id;
}

static bool map_whos(fold *f, const batch *b, status *st)
{
    if (b->n_whos > f->n_who_map) {
        uint32_t *map = realloc(f->who_map, b->n_whos * sizeof *map);
        if (map == NULL) {
            return status_no_memory(st);
        }
        f->who_map = map;
        carried_who *inherited = realloc(f->carried_map, b->n_whos * sizeof *inherited);
        if (inherited == NULL) {
            return status_no_memory(st);
        }
        f->carried_map = inherited;
        f->n_who_map = b->n_whos;
    }
    memset(f->carried_map, 0, b->n_whos * sizeof *f->carried_map);
    for (uint32_t i = 0; i < b->n_whos; i++) {
        f->who_map[i] = who_of(f, &b->whos[i]);
        if (f->who_map[i] == UINT32_MAX) {
            return status_no_memory(st);
        }
    }
    return true;
}

/* Who ran it, in the database of the records before. UINT32_MAX where memory is out. */
static uint32_t carried_who_of(fold *f, const batch *events, const event *e)
{
    carried_who *inherited = &f->carried_map[e->who];
    if (!f->context.has_database) {
        return f->who_map[e->who];
    }
    if (inherited->generation != f->context.generation) {
        who w = events->whos[e->who];
        w.database = context_database(&f->context);
        *inherited = (carried_who){.id = who_of(f, &w), .generation = f->context.generation};
    }
    f->seen.carried_database = f->seen.carried_database || f->context.n_database > 0;
    return inherited->id;
}

static void see_time(fold *f, const event *e)
{
    segment *seg = &f->segment;
    if (seg->last_at == 0 && seg->first_at == 0) {
        seg->first_at = e->time;
        seg->last_at = e->time;
    }
    seg->first_at = e->time < seg->first_at ? e->time : seg->first_at;
    seg->last_at = e->time > seg->last_at ? e->time : seg->last_at;
    f->state_as_of = e->time > f->state_as_of ? e->time : f->state_as_of;
}

/* Who an event is of, with what its session told before. */
static bool resolve_who(fold *f, const batch *events, const event *e, uint32_t *id, status *st)
{
    *id = (e->has & OPEN_DATABASE) != 0 ? carried_who_of(f, events, e) : f->who_map[e->who];
    bool tells = (e->has & TELLS_WHO) != 0;
    who w;
    if ((e->has & HAS_SESSION) == 0 || (!tells && (e->has & ASKS_WHO) == 0)) {
        return *id != UINT32_MAX || status_no_memory(st);
    }
    if (tells) {
        w = peers_told(&f->peers, &f->whos, e, &events->whos[e->who]);
    } else if (!peers_fill(&f->peers, &f->whos, e, &events->whos[e->who], &w)) {
        return true;
    }
    *id = who_of(f, &w);
    return (*id != UINT32_MAX && (!tells || peers_tell(&f->peers, e, *id))) || status_no_memory(st);
}

static bool add_event(fold *f, const block *b, const batch *events, event *e, status *st)
{
    uint32_t who_id;
    context_take(&f->context, e, events->whos[e->who].database);
    if (!resolve_who(f, events, e, &who_id, st)) {
        return false;
    }
    place at = {.offset = b->offset + e->offset,
                .line = f->segment.lines + e->line + 1,
                .who = who_id,
                .measured = e->n_measured > 0 ? events->measured + e->first_measured : NULL};
    if (at.who == UINT32_MAX) {
        return status_no_memory(st);
    }
    bool has_time = (e->has & HAS_TIME) != 0;
    at.selected = f->whos.entries[at.who].selected;
    if ((e->has & HAS_FINGERPRINT) != 0) {
        bool by_text = false;
        if (!learn(f, e, &by_text, st)) {
            return false;
        }
        at.selected = at.selected && by_text;
        if (at.selected && !add_aliases(f, events, e, st)) {
            return false;
        }
    }
    if (in_window(f, has_time, e->time)) {
        if (has_time) {
            see_time(f, e);
        }
        if (at.selected && !count_kind(f, e, st)) {
            return false;
        }
    }
    if (e->n_facts > 0 && !add_facts(f, e, &at, events->facts + e->first_fact, st)) {
        return false;
    }
    return add_by_kind(f, e, &at, st);
}

static void prefetch(const fold *f, const event *e)
{
    digest_prefetch(&f->digest, hour_of(e), e->fingerprint, f->who_map[e->who]);
}

/* Of a record beyond the limit the parser saw a part, and as a rule told so: the rest of it is of
 * the same record, and its line goes on in what was dropped. */
static void account_dropped(segment *seg, const block *b, const batch *events)
{
    skipped *to = &seg->skipped[SKIP_TOO_LONG];
    bool told = events->skipped[SKIP_TOO_LONG].count > 0;
    bool within_line = b->n > 0 && b->p[b->n - 1] != '\n' && b->dropped_lines > 0;
    to->first_line = to->count > 0 ? to->first_line : (uint32_t)(seg->lines + 1);
    to->count += !told;
    to->bytes += b->dropped;
    seg->lines -= within_line;
}

static void account(fold *f, const block *b, const batch *events)
{
    segment *seg = &f->segment;
    for (int r = 0; r < SKIP_REASON_COUNT; r++) {
        const skipped *from = &events->skipped[r];
        skipped *to = &seg->skipped[r];
        if (from->count > 0) {
            to->first_line =
                to->count > 0 ? to->first_line : (uint32_t)(seg->lines + from->first_line + 1);
            to->count += from->count;
            to->bytes += from->bytes;
        }
    }
    if (b->truncated) {
        account_dropped(seg, b, events);
    }
    seg->events += events->n_events;
    seg->event_bytes += events->event_bytes;
    seg->other_bytes += events->other_bytes;
    seg->lines += events->lines + b->dropped_lines;
    seg->bytes = b->offset + b->n + b->dropped;
    seg->tail = b->tail;
    seg->unknown_zone = seg->unknown_zone || events->unknown_zone;
    f->uncommitted += b->n + b->dropped;
}

/* The zone of the last record with a time. Its name is the batch's; the segment keeps a copy. */
static bool keep_zone(fold *f, const batch *events, status *st)
{
    for (uint32_t i = events->n_events; i > 0; i--) {
        if ((events->events[i - 1].has & HAS_TIME) != 0) {
            f->segment.zone_offset = events->events[i - 1].zone_offset;
            break;
        }
    }
    if (events->zone.n == 0 || slice_equal(events->zone, f->segment.zone)) {
        return true;
    }
    return arena_copy(&f->whos.arena, events->zone, &f->segment.zone) || status_no_memory(st);
}

/* All that is remembered by session, in the order in which it is packed. */
enum { TABLES = 6 };

static void tables_of(fold *f, sessions *tables[TABLES])
{
    tables[0] = &f->sessions;
    tables[1] = &f->plans;
    tables[2] = &f->peers.told;
    tables[3] = &f->peers.writes;
    tables[4] = &f->commands;
    tables[5] = &f->pieces;
}

/* Says at once what the log turned out to lack: a run that goes on with it does not see it again.
 */
static bool keep_notes(fold *f, const batch *events, status *st)
{
    uint32_t fresh = events->notes & ~f->notes;
    f->notes |= fresh;
    for (const note *n = f->format->parser->notes; fresh != 0 && n != NULL && n->bit != 0; n++) {
        if ((fresh & n->bit) != 0 &&
            !store_set_limit(f->store, f->source, &f->segment, slice_from(n->topic),
                             slice_from(n->cannot_show), slice_from(n->because),
                             slice_from(n->remedy), st)) {
            return false;
        }
    }
    return true;
}

/* The state is a row of texts, each with its length in front: the tables, the executions whose
 * plans may still come, what records leave for the next. */
static void add_part(fold *f, buf *part)
{
    buf_add_varint(&f->state, part->n);
    buf_add(&f->state, buf_slice(part));
    f->state.failed = f->state.failed || part->failed;
    buf_free(part);
}

static void encode_recents(const fold *f, buf *out)
{
    for (uint32_t i = 0; i < RECENT_MAX; i++) {
        if (f->recents[i].fingerprint != 0) {
            buf_add_varint(out, f->recents[i].session);
            buf_add_varint(out, f->recents[i].fingerprint);
            buf_add_varint(out, (uint64_t)f->recents[i].duration);
        }
    }
}

static void encode_state(fold *f)
{
    sessions *tables[TABLES];
    buf part;
    tables_of(f, tables);
    for (size_t i = 0; i < TABLES; i++) {
        buf_init(&part, STATE_MAX);
        if (tables[i]->n > 0) {
            sessions_encode(tables[i], &f->whos, &part);
        }
        add_part(f, &part);
    }
    buf_init(&part, STATE_MAX);
    encode_recents(f, &part);
    add_part(f, &part);
    buf_init(&part, CONTEXT_NAME_MAX + 64);
    context_encode(&f->context, &part);
    add_part(f, &part);
}

static bool take_part(slice *state, slice *part)
{
    uint64_t n;
    if (!varint_take(state, &n) || n > state->n) {
        return false;
    }
    *part = slice_take(*state, (size_t)n);
    *state = slice_skip(*state, (size_t)n);
    return true;
}

static bool decode_recents(fold *f, slice packed)
{
    while (packed.n > 0) {
        uint64_t session;
        uint64_t fingerprint;
        uint64_t duration;
        if (!varint_take(&packed, &session) || !varint_take(&packed, &fingerprint) ||
            !varint_take(&packed, &duration)) {
            return false;
        }
        f->recents[session % RECENT_MAX] =
            (recent){.session = session, .fingerprint = fingerprint, .duration = (int64_t)duration};
    }
    return true;
}

static bool decode_state(fold *f)
{
    slice rest = buf_slice(&f->state);
    slice part;
    sessions *tables[TABLES];
    if (rest.n == 0) {
        return true; /* a source without a log yet */
    }
    tables_of(f, tables);
    for (size_t i = 0; i < TABLES; i++) {
        if (!take_part(&rest, &part) || !sessions_decode(tables[i], &f->whos, part)) {
            return false;
        }
    }
    return take_part(&rest, &part) && decode_recents(f, part) && take_part(&rest, &part) &&
           (part.n == 0 || context_decode(&f->context, part)) && rest.n == 0;
}

/* Commands so old that no write of theirs will follow any more. */
static bool settle_commands(fold *f, status *st)
{
    pending p;
    sessions *s = &f->commands;
    sessions_sort(s);
    while (s->n > 0 && s->items[s->n - 1].at < f->state_as_of - DISORDER_MAX) {
        if (!sessions_take_oldest(s, &p) || !add_waiting(f, &p, st)) {
            return false;
        }
    }
    return true;
}

static bool flush(fold *f, status *st)
{
    if (!settle_commands(f, st) || !end_old_pieces(f, st) || !flush_kinds(f, st) ||
        !store_add_digest(f->store, f->source, &f->segment, &f->digest, &f->whos, st) ||
        !store_write_segment(f->store, f->source, &f->segment, st) ||
        !store_write_names(f->store, f->source, &f->whos, st)) {
        return false;
    }
    f->segment.stored = true;
    f->uncommitted = 0;
    digest_clear(&f->digest);
    memset(f->aliases, 0, sizeof f->aliases);
    buf_clear(&f->state);
    encode_state(f);
    if (f->state.failed) {
        return status_no_memory(st);
    }
    return store_write_state(f->store, f->source, f->segment.engine, f->state_as_of,
                             buf_slice(&f->state), st);
}

/* Forgets the combinations that nothing refers to: each dimension has few values, but there is no
 * end to what they combine to. The digest was flushed; only what waits goes on. */
static bool renew_whos(fold *f, status *st)
{
    who_table old = f->whos;
    who_table_init(&f->whos);
    sessions *tables[TABLES];
    tables_of(f, tables);
    bool ok = who_table_know_all(&f->whos, &old) &&
              arena_copy(&f->whos.arena, f->segment.zone, &f->segment.zone);
    for (size_t t = 0; t < TABLES; t++) {
        for (uint32_t i = 0; ok && i < tables[t]->n; i++) {
            pending *p = &tables[t]->items[i];
            p->who = who_of(f, &old.entries[p->who].who);
            ok = p->who != UINT32_MAX;
        }
    }
    who_table_free(&old);
    return ok || status_no_memory(st);
}

bool fold_add(fold *f, const block *b, batch *events, status *st)
{
    if (events->out_of_memory) {
        return status_no_memory(st);
    }
    if (!map_whos(f, events, st)) {
        return false;
    }
    for (uint32_t i = 0; i < events->n_events; i++) {
        if (i + PREFETCH_AHEAD < events->n_events) {
            prefetch(f, &events->events[i + PREFETCH_AHEAD]);
        }
        if (!add_event(f, b, events, &events->events[i], st)) {
            return false;
        }
    }
    account(f, b, events);
    if (!keep_notes(f, events, st)) {
        return false;
    }
    if (!keep_zone(f, events, st)) {
        return false;
    }
    size_t most = DIGEST_MAX_BYTES + (size_t)f->digest.n * DIGEST_ROW_BYTES;
    bool many = f->whos.n > WHOS_MAX;
    if (digest_bytes(&f->digest) > most || f->uncommitted > COMMIT_AFTER_BYTES || many) {
        return flush(f, st) && store_commit_and_begin(f->store, st) && (!many || renew_whos(f, st));
    }
    return true;
}

/* What the source's earlier logs left: the names that it has, and what waits. */
static bool restore(fold *f, status *st)
{
    if (!store_read_names(f->store, f->source, &f->whos, st) ||
        !store_read_state(f->store, f->source, f->segment.engine, &f->state_as_of, &f->state, st)) {
        return false;
    }
    if (!decode_state(f)) {
        return status_fail(st, STATUS_STORE, "the state of source '%.*s' in the store is damaged",
                           (int)f->source.n, f->source.p);
    }
    for (uint32_t i = 0; i < f->whos.n; i++) {
        select_who(f, &f->whos.entries[i]);
    }
    f->restored = true;
    return true;
}

bool fold_begin(fold *f, const format *read_as, const normaliser *n, const segment *seg,
                int64_t first_at, status *st)
{
    f->format = read_as;
    f->normaliser = n;
    f->segment = *seg;
    f->seen = (seen_limits){0};
    f->kind_hour = 0;
    f->notes = 0;
    digest_clear(&f->digest); /* of a log of which nothing could be read */
    if (!f->restored && !restore(f, st)) {
        return false;
    }
    if (first_at + DISORDER_MAX >= f->state_as_of) {
        return true;
    }
    /* State goes only forward in time: what waits from later records than this log's is given up.
     */
    f->state_as_of = first_at;
    f->context = (log_context){0};
    return end_all_pending(f, st);
}

bool fold_give_up(fold *f, status *st)
{
    return end_all_pending(f, st);
}

/* "users, hosts" and "log_line_prefix has no %u, %h": all fields that the log lacks, as one limit.
 */
static bool set_field_limit(fold *f, status *st)
{
    const parser *p = f->format->parser;
    buf what;
    buf missing;
    buf_init(&what, 1024);
    buf_init(&missing, 1024);
    for (const lack *l = p->lacks; l->bit != 0; l++) {
        if ((f->format->lacks & l->bit) != 0) {
            buf_printf(&what, "%s%s", what.n > 0 ? ", " : "", l->cannot_show);
            buf_printf(&missing, "%s%s", missing.n > 0 ? ", " : p->lacks_because, l->missing);
        }
    }
    bool ok = what.n == 0 ||
              store_set_limit(f->store, f->source, &f->segment, SLICE("fields"), buf_slice(&what),
                              buf_slice(&missing), slice_from(p->lacks_remedy), st);
    buf_free(&what);
    buf_free(&missing);
    return ok;
}

static bool set_zone_limit(fold *f, status *st)
{
    buf because;
    buf_init(&because, 256);
    buf_printf(&because, "the time zone '%.*s' is not known and was read as UTC",
               (int)(f->segment.zone.n < 64 ? f->segment.zone.n : 64), f->segment.zone.p);
    bool ok = store_set_limit(f->store, f->source, &f->segment, SLICE("zone"),
                              SLICE("when things happened"), buf_slice(&because),
                              slice_from(f->format->parser->zone_remedy), st);
    buf_free(&because);
    return ok;
}

/* Of what records of the log have told. */
static bool set_seen_limits(fold *f, status *st)
{
    const parser *p = f->format->parser;
    const struct {
        bool seen;
        const char *topic, *cannot_show, *because, *remedy;
    } rows[] = {
        {f->seen.carried_database, "database", "for certain, the databases of some statements",
         p->carried_because, p->carried_remedy},
        {f->seen.sampled, "sampling", "all executions", "the log is a sample of them",
         p->sampling_remedy},
        {f->seen.suppressed, "suppressed", "some executions", p->suppressed_because,
         p->suppressed_remedy},
        {f->seen.suspect, "suspect", "some figures",
         "the log holds values that cannot be true, which are left out", p->suspect_remedy},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].seen &&
            !store_set_limit(f->store, f->source, &f->segment, slice_from(rows[i].topic),
                             slice_from(rows[i].cannot_show), slice_from(rows[i].because),
                             slice_from(rows[i].remedy), st)) {
            return false;
        }
    }
    return true;
}

static bool set_limits(fold *f, status *st)
{
    const parser *p = f->format->parser;
    if (f->segment.unknown_zone && !set_zone_limit(f, st)) {
        return false;
    }
    if (f->segment.evicted > 0 &&
        !store_set_limit(f->store, f->source, &f->segment, SLICE("sessions"),
                         SLICE("the durations of some statements"),
                         SLICE("more than 10,000 sessions waited for one at once"),
                         slice_from(p->orphans_remedy), st)) {
        return false;
    }
    if (f->segment.orphans > 0 && (f->format->lacks & LACKS_SESSION) == 0 &&
        !store_set_limit(f->store, f->source, &f->segment, SLICE("orphans"),
                         SLICE("the statements of some durations"), slice_from(p->orphans_because),
                         slice_from(p->orphans_remedy), st)) {
        return false;
    }
    return set_field_limit(f, st) && set_seen_limits(f, st) &&
           store_set_limit(f->store, f->source, &f->segment, SLICE("threshold"),
                           SLICE("executions that took less"), SLICE("the log leaves them out"),
                           slice_from(p->threshold_remedy), st);
}

bool fold_end(fold *f, status *st)
{
    return set_limits(f, st) && flush(f, st);
}
