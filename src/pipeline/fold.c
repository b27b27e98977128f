/* fold.c - see fold.h. Here are the order of events, who they are of and the transactions; what
 * becomes of an event is in the files that fold_parts.h names. */
#include "pipeline/fold_parts.h"

#include <stdlib.h>

enum {
    /* The digest is flushed to the store beyond this and 1 KB for each row that is kept. */
    DIGEST_MAX_BYTES = 16 * 1024 * 1024,
    DIGEST_ROW_BYTES = 1024,
    DIGEST_HARD_MAX = 512 * 1024 * 1024,     /* never reached: one batch adds little */
    COMMIT_AFTER_BYTES = 1024 * 1024 * 1024, /* so that a killed run loses little */
    FACTS_MAX = 1024 * 1024,
    PREFETCH_AHEAD = 8,
    WHOS_MAX = 16 * 1024 /* combinations; beyond, those without a use are forgotten */
};

bool fold_init(fold *f, store *s, slice source, const selection *sel)
{
    *f = (fold){.store = s, .source = source, .selection = sel, .cursor_epoch = 1};
    if (sel != NULL && sel->empty) {
        f->selection = NULL;
    }
    digest_init(&f->digest, DIGEST_HARD_MAX);
    who_table_init(&f->whos);
    sessions_init(&f->sessions);
    sessions_init(&f->plans);
    sessions_init(&f->pieces);
    f->recents = calloc(RECENT_MAX, sizeof *f->recents);
    f->filled = calloc(FILLED_MAX, sizeof *f->filled);
    f->cursors = calloc(CURSORS_MAX, sizeof *f->cursors);
    sessions_init(&f->commands);
    peers_init(&f->peers);
    watch_init(&f->watch);
    buf_init(&f->text, FOLD_TEXT_MAX);
    arena_init(&f->facts, FACTS_MAX);
    buf_init(&f->state, FOLD_STATE_MAX);
    return f->recents != NULL && f->filled != NULL && f->cursors != NULL;
}

void fold_free(fold *f)
{
    digest_free(&f->digest);
    who_table_free(&f->whos);
    sessions_free(&f->sessions);
    sessions_free(&f->plans);
    sessions_free(&f->pieces);
    free(f->recents);
    free(f->filled);
    free(f->cursors);
    sessions_free(&f->commands);
    peers_free(&f->peers);
    watch_free(&f->watch);
    free(f->known.items);
    free(f->who_map);
    free(f->carried_map);
    free(f->attribute_map);
    buf_free(&f->text);
    arena_free(&f->facts);
    buf_free(&f->state);
}

/* --- events ------------------------------------------------------------------------------ */

/* Whether the selection's window holds a record of this time. */
bool fold_in_window(const fold *f, bool has_time, int64_t at)
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

/* 0 where the log has no time. */
int64_t fold_hour_of(const event *e)
{
    uint32_t second;
    return (e->has & HAS_TIME) != 0 ? digest_hour(e->time, e->zone_offset, &second) : 0;
}

static bool add_setting(fold *f, const event *e, status *st)
{
    return (e->has & HAS_THRESHOLD) == 0 ||
           store_add_threshold(f->store, f->source, &f->segment, e->time, e->duration, SLICE("log"),
                               st);
}

static bool add_by_kind(fold *f, const event *e, const place *at, status *st)
{
    switch ((event_kind)e->kind) {
    case EVENT_STATEMENT:
        return fold_add_statement(f, e, at, st);
    case EVENT_STATEMENT_START:
        return fold_add_start(f, e, at, st);
    case EVENT_DURATION:
        return fold_add_duration(f, e, at, st);
    case EVENT_PLAN:
        return fold_add_plan(f, e, at, st);
    case EVENT_PREPARE:
        return fold_add_cost(f, e, at, MEASURE_PREPARE_TIME, st);
    case EVENT_BIND:
        return fold_add_cost(f, e, at, MEASURE_BIND_TIME, st);
    case EVENT_ERROR:
        return fold_add_error(f, e, at, st);
    case EVENT_TRANSACTION:
        return fold_add_transaction(f, e, at, st);
    case EVENT_SESSION_START:
    case EVENT_SESSION_END:
        if (e->kind == EVENT_SESSION_END && (e->has & HAS_SESSION) != 0) {
            peers_end(&f->peers, e);
        }
        return fold_end_waiting(f, &f->sessions, e, st) && fold_end_plans(f, e, st) &&
               fold_part(f, e, st);
    case EVENT_SERVER_START:
        return fold_end_all_pending(f, st);
    case EVENT_SETTING:
        return add_setting(f, e, st);
    case EVENT_SUPPRESSED:
        f->seen.suppressed = true;
        return true;
    default:
        return true;
    }
}

/* --- counts of kinds --------------------------------------------------------------------- */

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

static bool count_event(fold *f, const event *e, status *st)
{
    int64_t hour = fold_hour_of(e);
    if (hour != f->kind_hour) {
        if (!flush_kinds(f, st)) {
            return false;
        }
        f->kind_hour = hour;
    }
    f->kind_count[e->kind] += e->kind == EVENT_SUPPRESSED ? e->weight : 1;
    f->kind_count[EVENT_SUSPECT] += (e->has & HAS_SUSPECT) != 0;
    f->kind_count[EVENT_UNNAMED] += (e->has & HAS_UNNAMED) != 0;
    f->seen.suspect = f->seen.suspect || (e->has & HAS_SUSPECT) != 0;
    f->seen.unnamed = f->seen.unnamed || (e->has & HAS_UNNAMED) != 0;
    return true;
}

/* --- batches ------------------------------------------------------------------------------ */

void fold_select_who(const fold *f, who_entry *e)
{
    e->selected = f->selection == NULL || selection_has_who(f->selection, &e->who);
}

uint32_t fold_who_of(fold *f, const who *w)
{
    bool is_new;
    uint32_t id = who_table_add(&f->whos, w, &is_new);
    if (id != UINT32_MAX && is_new) {
        fold_select_who(f, &f->whos.entries[id]);
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
        f->who_map[i] = fold_who_of(f, &b->whos[i]);
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
        *inherited = (carried_who){.id = fold_who_of(f, &w), .generation = f->context.generation};
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

/* One that lacks something, with what its session told. UINT32_MAX where memory is out. */
static uint32_t filled_who_of(fold *f, const who *asks, uint32_t asks_id, uint32_t told)
{
    filled_who *known = &f->filled[mix64(asks_id, told) % FILLED_MAX];
    if (!known->used || known->asks != asks_id || known->told != told) {
        who w = peers_merge(asks, &f->whos.entries[told].who);
        *known =
            (filled_who){.asks = asks_id, .told = told, .id = fold_who_of(f, &w), .used = true};
    }
    return known->id;
}

static void see_outside(segment *seg, int64_t at)
{
    bool first = seg->outside_last == 0;
    seg->outside_first = first || at < seg->outside_first ? at : seg->outside_first;
    seg->outside_last = first || at > seg->outside_last ? at : seg->outside_last;
}

/* Who an event is of, with what its session told before. */
static bool resolve_who(fold *f, const batch *events, const event *e, uint32_t *id, status *st)
{
    const who *own = &events->whos[e->who];
    bool tells = (e->has & TELLS_WHO) != 0;
    bool asks = (e->has & ASKS_WHO) != 0;
    bool in_session = (e->has & HAS_SESSION) != 0;
    uint32_t told;
    *id = (e->has & OPEN_DATABASE) != 0 ? carried_who_of(f, events, e) : f->who_map[e->who];
    if (in_session && tells) {
        who w = peers_told(&f->peers, &f->whos, e, own);
        *id = fold_who_of(f, &w);
        return (*id != UINT32_MAX && peers_tell(&f->peers, e, *id)) || status_no_memory(st);
    }
    if (in_session && asks && peers_knows_more(&f->peers, e, own, &told)) {
        *id = filled_who_of(f, own, f->who_map[e->who], told);
    }
    return *id != UINT32_MAX || status_no_memory(st);
}

/* The text of an execution's query, which may be that of a cursor that was opened before.
 * *selected: by the patterns. */
static bool learn_query(fold *f, event *e, known_statement *known, status *st)
{
    cursor_query *c = &f->cursors[e->target % CURSORS_MAX];
    if ((e->has & ASKS_CURSOR) != 0 && c->cursor == e->target && c->epoch == f->cursor_epoch) {
        e->fingerprint = c->fingerprint;
        *known = (known_statement){.selected = c->selected, .role = ROLE_CURSOR};
        return true;
    }
    if (!fold_learn(f, e, known, st)) {
        return false;
    }
    if ((e->has & TELLS_CURSOR) != 0) {
        *c = (cursor_query){.cursor = e->target,
                            .fingerprint = e->fingerprint,
                            .epoch = f->cursor_epoch,
                            .selected = known->selected};
    }
    return true;
}

/* Shows a record with a statement to whoever wants to see it. */
static bool observe(const fold *f, const block *b, const batch *events, const event *e, status *st)
{
    const selection *sel = f->selection;
    bool quick = sel != NULL && sel->min_time > 0 &&
                 ((e->has & HAS_DURATION) == 0 || e->duration < sel->min_time);
    if ((e->has & HAS_FINGERPRINT) == 0 || quick ||
        !fold_in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    slice record = slice_take(slice_skip(slice_of(b->p, b->n), (size_t)e->offset), e->bytes);
    return f->observer->see(f->observer->context, e, events, record, st);
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
        known_statement known;
        if (!learn_query(f, e, &known, st)) {
            return false;
        }
        at.selected = at.selected && known.selected;
        at.role = (statement_role)known.role;
        if (at.selected && !fold_add_aliases(f, events, e, st)) {
            return false;
        }
    }
    if (fold_in_window(f, has_time, e->time)) {
        if (has_time) {
            see_time(f, e);
        }
        if (at.selected && !count_event(f, e, st)) {
            return false;
        }
    } else if (has_time) {
        see_outside(&f->segment, e->time);
    }
    if (at.selected && f->observer != NULL && !observe(f, b, events, e, st)) {
        return false;
    }
    if (e->n_facts > 0 && !fold_add_facts(f, e, &at, events->facts + e->first_fact, st)) {
        return false;
    }
    return add_by_kind(f, e, &at, st);
}

static void prefetch(const fold *f, const event *e)
{
    digest_prefetch(&f->digest, fold_hour_of(e), e->fingerprint, f->who_map[e->who]);
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

/* --- logs --------------------------------------------------------------------------------- */

static bool flush(fold *f, status *st)
{
    if (!fold_end_old_commands(f, st) || !fold_end_old_pieces(f, st) || !flush_kinds(f, st) ||
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
    if (!fold_encode_state(f)) {
        return status_no_memory(st);
    }
    return store_write_state(f->store, f->source, f->segment.engine, f->state_as_of,
                             buf_slice(&f->state), st);
}

bool fold_add(fold *f, const block *b, batch *events, status *st)
{
    if (events->out_of_memory) {
        return status_no_memory(st);
    }
    if (!map_whos(f, events, st) || !fold_name_attributes(f, events, st)) {
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
    if (!fold_keep_notes(f, events, st)) {
        return false;
    }
    if (!keep_zone(f, events, st)) {
        return false;
    }
    size_t most = DIGEST_MAX_BYTES + (size_t)f->digest.n * DIGEST_ROW_BYTES;
    bool many = f->whos.n > WHOS_MAX;
    if (digest_bytes(&f->digest) > most || f->uncommitted > COMMIT_AFTER_BYTES || many) {
        return flush(f, st) && store_commit_and_begin(f->store, st) &&
               (!many || fold_renew_whos(f, st));
    }
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
    if (!f->restored && !fold_restore(f, st)) {
        return false;
    }
    if (first_at + FOLD_DISORDER_MAX >= f->state_as_of) {
        return true;
    }
    /* State goes only forward in time: what waits from later records than this log's is given up.
     */
    f->state_as_of = first_at;
    f->context = (log_context){0};
    return fold_end_all_pending(f, st);
}

bool fold_give_up(fold *f, status *st)
{
    return fold_end_all_pending(f, st);
}

bool fold_end(fold *f, status *st)
{
    return fold_set_limits(f, st) && flush(f, st);
}
