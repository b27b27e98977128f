/* write_evidence.c - bursts, pages, retries and sessions' hours into the store; see internal.h. */
#include "store/internal.h"

enum { PACKED_MAX = 64 * 1024, ENDPOINT_MAX = 64 * 1024 };

typedef struct evidence_writer {
    store *s;
    slice source;
    const segment *seg; /* of the log that was read */
    segment other;      /* of one before, in which something began */
    const who_table *whos;
    buf packed;   /* scratch */
    buf endpoint; /* scratch */
    status *st;
} evidence_writer;

/* "action=index, controller=orders". */
static slice endpoint_of(buf *scratch, slice tags)
{
    slice key;
    slice value;
    buf_clear(scratch);
    while (tag_take(&tags, &key, &value)) {
        buf_add_text(scratch, scratch->n > 0 ? ", " : "");
        buf_add(scratch, key);
        buf_add_char(scratch, '=');
        buf_add(scratch, value);
    }
    return buf_slice(scratch);
}

/* The segment that a row belongs to, as far as its days are concerned; NULL on a failure. */
static const segment *segment_of(evidence_writer *w, hash128 id)
{
    if (id.low == w->seg->id.low && id.high == w->seg->id.high) {
        return w->seg;
    }
    if (id.low == w->other.id.low && id.high == w->other.id.high) {
        return &w->other;
    }
    sqlite3_stmt *q = store_statement(w->s, READ_DAYS, w->st);
    if (q == NULL) {
        return NULL;
    }
    bind_slice(q, 1, w->source);
    bind_hash(q, 2, id);
    w->other = (segment){.id = id};
    if (sqlite3_step(q) == SQLITE_ROW) {
        w->other.zone_begins = (int32_t)sqlite3_column_int64(q, 0);
        w->other.days_before = sqlite3_column_int64(q, 1);
        w->other.dropped_before = sqlite3_column_int64(q, 2);
    }
    sqlite3_reset(q);
    return &w->other;
}

/* Binds source, segment and hour; *kept: such rows still are. */
static bool bind_place(evidence_writer *w, sqlite3_stmt *q, hash128 id, int64_t hour, bool *kept)
{
    const segment *of = segment_of(w, id);
    if (of == NULL) {
        return false;
    }
    *kept = !segment_has_dropped(of, hour);
    bind_slice(q, 1, w->source);
    bind_hash(q, 2, id);
    bind_i64(q, 3, segment_row_hour(of, hour));
    return true;
}

static bool write_cycle(const evidence_writer *w, const burst *b)
{
    sqlite3_stmt *q = store_statement(w->s, ADD_CYCLE, w->st);
    if (q == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < b->n_statements; i++) {
        bind_u64(q, 1, b->cycle);
        bind_i64(q, 2, i);
        bind_u64(q, 3, b->statements[i]);
        if (!store_run(w->s, q, w->st)) {
            return false;
        }
    }
    return true;
}

static bool write_burst(evidence_writer *w, const void *row)
{
    const burst *b = row;
    bool kept;
    sqlite3_stmt *q = store_statement(w->s, ADD_BURST, w->st);
    const who *person = &w->whos->entries[b->who].who;
    if (q == NULL) {
        return false;
    }
    if (!bind_place(w, q, b->segment, b->hour, &kept) || !kept) {
        return w->st->code == STATUS_OK;
    }
    bind_slice(q, 4, person->database);
    bind_slice(q, 5, person->user);
    bind_slice(q, 6, person->application);
    bind_slice(q, 7, endpoint_of(&w->endpoint, person->tags));
    bind_u64(q, 8, b->cycle);
    bind_u64(q, 9, b->parent);
    bind_slice(q, 10, slice_from(burst_values_name(b->values)));
    bind_u64(q, 11, b->length);
    bind_u64(q, 12, b->bursts);
    bind_u64(q, 13, b->calls);
    bind_u64(q, 14, b->time);
    bind_u64(q, 15, b->wall);
    bind_u64(q, 16, b->saving);
    bind_u64(q, 17, b->matched);
    bind_u64(q, 18, b->contradicted);
    bind_u64(q, 19, b->shared);
    bind_u64(q, 20, b->longest);
    bind_i64(q, 21, b->first_at);
    bind_u64(q, 22, b->first_offset);
    bind_u64(q, 23, b->first_line);
    bind_u64(q, 24, b->requests);
    return store_run(w->s, q, w->st) && write_cycle(w, b);
}

static bool write_sessions(evidence_writer *w, const void *row)
{
    const burst_sessions *b = row;
    bool kept;
    sqlite3_stmt *add = store_statement(w->s, ADD_BURST_SESSION, w->st);
    sqlite3_stmt *trim = store_statement(w->s, TRIM_BURST_SESSIONS, w->st);
    if (add == NULL || trim == NULL) {
        return false;
    }
    for (uint32_t i = 0; i <= b->n; i++) {
        bool last = i == b->n;
        sqlite3_stmt *q = last ? trim : add;
        if (!bind_place(w, q, b->segment, b->hour, &kept) || !kept) {
            return w->st->code == STATUS_OK;
        }
        bind_u64(q, 4, b->cycle);
        bind_u64(q, 5, last ? BURST_SESSIONS : b->sessions[i]);
        if (!store_run(w->s, q, w->st)) {
            return false;
        }
    }
    return true;
}

static bool write_pages(evidence_writer *w, const void *row)
{
    const paging *p = row;
    bool kept;
    sqlite3_stmt *q = store_statement(w->s, ADD_PAGES, w->st);
    const who *person = &w->whos->entries[p->who].who;
    if (q == NULL) {
        return false;
    }
    buf_clear(&w->packed);
    page_sample_encode(p->sample, p->n_sample, &w->packed);
    if (!bind_place(w, q, p->segment, p->hour, &kept) || !kept) {
        return w->st->code == STATUS_OK;
    }
    bind_u64(q, 4, p->fingerprint);
    bind_slice(q, 5, person->database);
    bind_slice(q, 6, person->user);
    bind_slice(q, 7, person->application);
    bind_u64(q, 8, p->pages);
    bind_u64(q, 9, p->walks);
    bind_u64(q, 10, p->walk_pages);
    bind_u64(q, 11, p->twins);
    bind_u64(q, 12, p->twin);
    bind_blob(q, 13, buf_slice(&w->packed));
    return !w->packed.failed ? store_run(w->s, q, w->st) : status_no_memory(w->st);
}

static bool write_use(evidence_writer *w, const void *row)
{
    const session_use *u = row;
    bool kept;
    sqlite3_stmt *q = store_statement(w->s, ADD_USE, w->st);
    const who *person = &w->whos->entries[u->who].who;
    if (q == NULL) {
        return false;
    }
    if (!bind_place(w, q, u->segment, u->hour, &kept) || !kept) {
        return w->st->code == STATUS_OK;
    }
    bind_slice(q, 4, person->database);
    bind_slice(q, 5, person->user);
    bind_slice(q, 6, person->application);
    bind_u64(q, 7, u->statements);
    bind_u64(q, 8, u->chatter);
    bind_u64(q, 9, u->time);
    bind_u64(q, 10, u->transactions);
    bind_u64(q, 11, u->transaction_time);
    bind_u64(q, 12, u->idle_time);
    bind_u64(q, 13, u->longest_idle);
    bind_u64(q, 14, u->longest_transaction);
    bind_i64(q, 15, u->longest_at);
    bind_u64(q, 16, u->longest_line);
    return store_run(w->s, q, w->st);
}

static bool write_retries(evidence_writer *w, const void *row)
{
    const retrying *r = row;
    bool kept;
    sqlite3_stmt *q = store_statement(w->s, ADD_RETRIES, w->st);
    const who *person = &w->whos->entries[r->who].who;
    if (q == NULL) {
        return false;
    }
    if (!bind_place(w, q, r->segment, r->hour, &kept) || !kept) {
        return w->st->code == STATUS_OK;
    }
    bind_u64(q, 4, r->fingerprint);
    bind_slice(q, 5, person->database);
    bind_slice(q, 6, person->user);
    bind_slice(q, 7, person->application);
    bind_slice(q, 8, slice_of(r->code.text, r->code.n));
    bind_u64(q, 9, r->retries);
    bind_u64(q, 10, r->failed);
    bind_u64(q, 11, r->wait);
    bind_u64(q, 12, r->longest);
    bind_i64(q, 13, r->first_at);
    bind_u64(q, 14, r->first_line);
    return store_run(w->s, q, w->st);
}

static bool write_blocker(evidence_writer *w, const void *row)
{
    const blocking *b = row;
    bool kept;
    sqlite3_stmt *q = store_statement(w->s, ADD_BLOCKER, w->st);
    const who *person = &w->whos->entries[b->who].who;
    if (q == NULL) {
        return false;
    }
    if (!bind_place(w, q, b->segment, b->hour, &kept) || !kept) {
        return w->st->code == STATUS_OK;
    }
    bind_u64(q, 4, b->fingerprint);
    bind_u64(q, 5, b->blocker);
    bind_slice(q, 6, slice_from(blocker_state_name(b->state)));
    bind_slice(q, 7, person->database);
    bind_slice(q, 8, person->user);
    bind_slice(q, 9, person->application);
    bind_u64(q, 10, b->waits);
    bind_u64(q, 11, b->acquired);
    bind_u64(q, 12, b->time);
    bind_u64(q, 13, b->longest);
    bind_i64(q, 14, b->first_at);
    bind_u64(q, 15, b->first_line);
    return store_run(w->s, q, w->st);
}

typedef bool (*writer)(evidence_writer *w, const void *row);

static const writer writers[EVIDENCE_KINDS] = {
    [EVIDENCE_BURSTS] = write_burst, [EVIDENCE_SESSIONS] = write_sessions,
    [EVIDENCE_USES] = write_use,     [EVIDENCE_RETRIES] = write_retries,
    [EVIDENCE_PAGES] = write_pages,  [EVIDENCE_BLOCKERS] = write_blocker,
};

static bool write_all(evidence_writer *w, const evidence *e)
{
    for (int k = 0; k < EVIDENCE_KINDS; k++) {
        uint32_t at = 0;
        for (const void *row; (row = row_table_next(&e->of[k], &at)) != NULL;) {
            if (!writers[k](w, row)) {
                return false;
            }
        }
    }
    return true;
}

bool store_add_evidence(store *s, slice source, const segment *seg, const evidence *e,
                        const who_table *whos, status *st)
{
    evidence_writer w = {.s = s, .source = source, .seg = seg, .whos = whos, .st = st};
    buf_init(&w.packed, PACKED_MAX);
    buf_init(&w.endpoint, ENDPOINT_MAX);
    bool ok = write_all(&w, e);
    buf_free(&w.packed);
    buf_free(&w.endpoint);
    return ok;
}
