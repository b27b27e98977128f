/* fold_text.c - the texts of fingerprints that are seen for the first time; see fold_parts.h. It
 * counts nothing. */
#include "pipeline/fold_parts.h"

#include <stdlib.h>

#include "normalise/facts.h"
#include "normalise/foreign_ids.h"

enum { FIRST_KNOWN = 1024 };

#define TEXT_CUT " …" /* ends a normalised text that is longer than FOLD_TEXT_MAX */

static known_statement *known_slot(known_statement *items, uint32_t cap, uint64_t id)
{
    uint32_t at = (uint32_t)mix64(id, 0) & (cap - 1);
    while (items[at].id != 0 && items[at].id != id) {
        at = (at + 1) & (cap - 1);
    }
    return &items[at];
}

static bool grow_known(known_set *k)
{
    uint32_t cap = k->cap == 0 ? FIRST_KNOWN : k->cap * 2;
    known_statement *items = calloc(cap, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < k->cap; i++) {
        if (k->items[i].id != 0) {
            *known_slot(items, cap, k->items[i].id) = k->items[i];
        }
    }
    free(k->items);
    *k = (known_set){.items = items, .n = k->n, .cap = cap};
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

/* Into f->text; what is too long ends in TEXT_CUT. */
static void normalise(fold *f, const event *e, normalised *n)
{
    buf_clear(&f->text);
    f->normaliser->run(e->text, (e->has & TEXT_TRUNCATED) != 0, n, &f->text);
    if (f->text.failed) {
        f->text.failed = false;
        buf_truncate(&f->text, FOLD_TEXT_MAX - strlen(TEXT_CUT) < f->text.n
                                   ? FOLD_TEXT_MAX - strlen(TEXT_CUT)
                                   : f->text.n);
        buf_add_text(&f->text, TEXT_CUT);
    }
}

bool fold_learn(fold *f, const event *e, known_statement *known, status *st)
{
    known_set *k = &f->known;
    if (k->n * 2 >= k->cap && !grow_known(k)) {
        return status_no_memory(st);
    }
    uint64_t key = known_key(e);
    known_statement *slot = known_slot(k->items, k->cap, key);
    if (slot->id == 0) {
        normalised n;
        bool is_new;
        normalise(f, e, &n);
        if (!store_add_fingerprint(f->store, e->fingerprint, f->segment.engine, slice_from(n.verb),
                                   buf_slice(&f->text), &is_new, st) ||
            !keep_tables(f, e->fingerprint, st) || (is_new && !keep_foreign_ids(f, e, st))) {
            return false;
        }
        slot->id = key;
        slot->selected =
            f->selection == NULL || selection_has_text(f->selection, buf_slice(&f->text));
        slot->role = (uint8_t)f->normaliser->role(slice_from(n.verb), buf_slice(&f->text));
        k->n++;
    }
    *known = *slot;
    return true;
}
