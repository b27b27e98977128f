/* fold_state.c - what one run of the program leaves for the next; see fold_parts.h. */
#include "pipeline/fold_parts.h"

/* All that is remembered by session, in the order in which it is packed; the cursors behind all
 * else, where a state that was packed before there were any ends. */
enum { TABLES = 7, CURSORS = TABLES - 1 };

static void tables_of(fold *f, sessions *tables[TABLES])
{
    tables[0] = &f->sessions;
    tables[1] = &f->plans;
    tables[2] = &f->peers.told;
    tables[3] = &f->peers.writes;
    tables[4] = &f->commands;
    tables[5] = &f->pieces;
    tables[CURSORS] = &f->peers.cursors;
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

static void add_table(fold *f, sessions *s)
{
    buf part;
    buf_init(&part, FOLD_STATE_MAX);
    if (s->n > 0) {
        sessions_encode(s, &f->whos, &part);
    }
    add_part(f, &part);
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

void fold_encode_state(fold *f)
{
    sessions *tables[TABLES];
    buf part;
    tables_of(f, tables);
    for (size_t i = 0; i < CURSORS; i++) {
        add_table(f, tables[i]);
    }
    buf_init(&part, FOLD_STATE_MAX);
    encode_recents(f, &part);
    add_part(f, &part);
    buf_init(&part, CONTEXT_NAME_MAX + 64);
    context_encode(&f->context, &part);
    add_part(f, &part);
    add_table(f, tables[CURSORS]);
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
    for (size_t i = 0; i < CURSORS; i++) {
        if (!take_part(&rest, &part) || !sessions_decode(tables[i], &f->whos, part)) {
            return false;
        }
    }
    if (!take_part(&rest, &part) || !decode_recents(f, part) || !take_part(&rest, &part) ||
        (part.n > 0 && !context_decode(&f->context, part))) {
        return false;
    }
    return rest.n == 0 || (take_part(&rest, &part) &&
                           sessions_decode(tables[CURSORS], &f->whos, part) && rest.n == 0);
}

bool fold_restore(fold *f, status *st)
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
        fold_select_who(f, &f->whos.entries[i]);
    }
    f->restored = true;
    return true;
}

bool fold_renew_whos(fold *f, status *st)
{
    who_table old = f->whos;
    who_table_init(&f->whos);
    sessions *tables[TABLES];
    tables_of(f, tables);
    memset(f->filled, 0, FILLED_MAX * sizeof *f->filled);
    bool ok = who_table_know_all(&f->whos, &old) &&
              arena_copy(&f->whos.arena, f->segment.zone, &f->segment.zone);
    for (size_t t = 0; t < TABLES; t++) {
        for (uint32_t i = 0; ok && i < tables[t]->n; i++) {
            pending *p = &tables[t]->items[i];
            p->who = fold_who_of(f, &old.entries[p->who].who);
            ok = p->who != UINT32_MAX;
        }
    }
    who_table_free(&old);
    return ok || status_no_memory(st);
}
