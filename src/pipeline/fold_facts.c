/* fold_facts.c - what records tell besides executions: names of queries, the work of the server;
 * see fold_parts.h. */
#include "pipeline/fold_parts.h"

enum { ALIAS_MAX = 1024, LOCK_HOLDERS_MAX = 8 };

/* --- names of queries ------------------------------------------------------------------------ */

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

bool fold_add_aliases(fold *f, const batch *events, const event *e, status *st)
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

/* --- facts -------------------------------------------------------------------------------- */

/* Of which statement a fact is: the one that the record names, or the one that its session runs. */
static uint64_t subject_of(const fold *f, const event *e)
{
    if ((e->has & HAS_FINGERPRINT) != 0) {
        return e->fingerprint;
    }
    const pending *p = (e->has & HAS_SESSION) != 0 ? sessions_find(&f->sessions, e->session) : NULL;
    return p != NULL ? p->fingerprint : 0;
}

/* The statement that a fact names besides the event's: *selected tells whether it is wanted. What
 * the server crashed of has failed. */
static bool learn_other(fold *f, const event *e, const fact *fact_of, bool *selected, status *st)
{
    event other = *e;
    other.text = fact_of->statement;
    other.fingerprint = fact_of->fingerprint;
    other.has = (e->has & HAS_TIME) | (fact_of->truncated ? TEXT_TRUNCATED : 0u);
    other.code = SLICE("crash");
    uint32_t nobody = fold_who_of(f, &(who){0});
    if (nobody == UINT32_MAX) {
        return status_no_memory(st);
    }
    known_statement known = {0};
    bool ok = fold_learn(f, &other, &known, st);
    *selected = known.selected;
    return ok && (!known.selected || fact_of->id != FACT_SERVER ||
                  fold_count_error(f, &other, other.fingerprint, nobody, st));
}

static bool add_fact(fold *f, const event *e, const fact *fact_of, uint64_t fingerprint, status *st)
{
    int64_t time = (e->has & HAS_TIME) != 0 ? e->time : 0;
    slice subject = who_table_subject(&f->whos, fact_of->id, fact_of->subject);
    if (subject.p == NULL) {
        return status_no_memory(st);
    }
    buf_clear(&f->text);
    buf_add_char(&f->text, (char)fact_of->id);
    buf_add(&f->text, subject);
    return digest_tally(&f->digest, &(tally){.kind = TALLY_FACT,
                                             .hour = fold_hour_of(e),
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
    digest_row *row = digest_find(&f->digest, fold_hour_of(e), fingerprint, at->who);
    return (row != NULL &&
            digest_add_measure(&f->digest, row, file ? MEASURE_TEMP_FILES : MEASURE_LOCK_WAITS,
                               fact_of->value)) ||
           status_no_memory(st);
}

/* Waits for locks, for whoever looks for what was in their way. */
static bool watch_locks(fold *f, const event *e, const place *at, const fact *facts,
                        uint64_t fingerprint, status *st)
{
    uint32_t holders[LOCK_HOLDERS_MAX];
    watched_wait x = {.process = e->process,
                      .holders = holders,
                      .at = e->time,
                      .hour = fold_hour_of(e),
                      .fingerprint = fingerprint,
                      .segment = f->segment.id,
                      .line = at->line};
    evidence *to = &f->digest.evidence;
    x.nobody = fold_who_of(f, &(who){0});
    bool ok = x.nobody != UINT32_MAX;
    for (uint32_t i = 0; ok && i < e->n_facts; i++) {
        if (facts[i].id == FACT_LOCK_HOLDER && x.n_holders < LOCK_HOLDERS_MAX) {
            holders[x.n_holders++] = (uint32_t)facts[i].value;
        } else if (facts[i].id == FACT_LOCK_WAITING) {
            x.time = facts[i].value;
        } else if (facts[i].id == FACT_LOCK_ACQUIRED) {
            ok = watch_acquired(&f->watch, e->process, e->time, facts[i].value, to,
                                &f->digest.arena);
        }
    }
    ok = ok && (x.n_holders == 0 || watch_wait(&f->watch, &x, to, &f->digest.arena));
    return ok || status_no_memory(st);
}

bool fold_add_facts(fold *f, const event *e, const place *at, const fact *facts, status *st)
{
    if (!at->selected || !fold_in_window(f, (e->has & HAS_TIME) != 0, e->time)) {
        return true;
    }
    uint64_t fingerprint = subject_of(f, e);
    for (uint32_t i = 0; i < e->n_facts; i++) {
        bool other = facts[i].statement.n > 0;
        bool selected = true;
        if (other && !learn_other(f, e, &facts[i], &selected, st)) {
            return false;
        }
        if (!selected || facts[i].id == FACT_LOCK_HOLDER) {
            continue;
        }
        if (!add_fact(f, e, &facts[i], other ? facts[i].fingerprint : fingerprint, st) ||
            !add_fact_measure(f, e, at, &facts[i], fingerprint, st)) {
            return false;
        }
    }
    return e->kind != EVENT_LOCK_WAIT || (e->has & HAS_TIME) == 0 ||
           watch_locks(f, e, at, facts, fingerprint, st);
}
