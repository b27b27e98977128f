/* fold_state.c - what one run of the program leaves for the next; see fold_parts.h. */
#include "pipeline/fold_parts.h"

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

/* The state is a row of texts, each with its length in front: the tables, the executions whose
 * plans may still come, what records leave for the next, the queries of cursors, what follows what
 * in sessions. */
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

static void encode_cursors(const fold *f, buf *out)
{
    for (uint32_t i = 0; i < CURSORS_MAX; i++) {
        if (f->cursors[i].epoch == f->cursor_epoch) {
            buf_add_varint(out, f->cursors[i].cursor);
            buf_add_varint(out, f->cursors[i].fingerprint);
        }
    }
}

bool fold_encode_state(fold *f)
{
    sessions *tables[TABLES];
    buf part;
    tables_of(f, tables);
    for (size_t i = 0; i < TABLES; i++) {
        buf_init(&part, FOLD_STATE_MAX);
        if (tables[i]->n > 0) {
            sessions_encode(tables[i], &f->whos, &part);
        }
        add_part(f, &part);
    }
    buf_init(&part, FOLD_STATE_MAX);
    encode_recents(f, &part);
    add_part(f, &part);
    buf_init(&part, CONTEXT_NAME_MAX + 64);
    context_encode(&f->context, &part);
    add_part(f, &part);
    buf_init(&part, FOLD_STATE_MAX);
    encode_cursors(f, &part);
    add_part(f, &part);
    buf_init(&part, FOLD_STATE_MAX);
    bool ok = watch_encode(&f->watch, &f->whos, &part);
    add_part(f, &part);
    return ok && !f->state.failed;
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

static bool decode_cursors(fold *f, slice packed)
{
    while (packed.n > 0) {
        cursor_query c = {.epoch = f->cursor_epoch, .selected = true};
        if (!varint_take(&packed, &c.cursor) || !varint_take(&packed, &c.fingerprint)) {
            return false;
        }
        f->cursors[c.cursor % CURSORS_MAX] = c;
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
           (part.n == 0 || context_decode(&f->context, part)) && take_part(&rest, &part) &&
           decode_cursors(f, part) && take_part(&rest, &part) &&
           watch_decode(&f->watch, &f->whos, part) && rest.n == 0;
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
    ok = ok && watch_renew_whos(&f->watch, &old, &f->whos);
    for (uint32_t i = 0; i < f->whos.n; i++) {
        fold_select_who(f, &f->whos.entries[i]);
    }
    who_table_free(&old);
    return ok || status_no_memory(st);
}
