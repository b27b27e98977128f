/* identify.c - see identify.h. */
#include "analysers/identify.h"

#include "analysers/analysis.h"

enum { STATEMENTS_MAX = 16 /* of a cycle; those of a store have fewer */ };

typedef struct search {
    const store *store;
    uint64_t id;
    arena *arena;
    const slice *sources;
    uint32_t n_sources;
    finding_identity *found;
    status *st;
} search;

static bool read_sources(search *x)
{
    slice *sources = NULL;
    sqlite3_stmt *q =
        rows_begin(x->store, "SELECT DISTINCT source FROM segments ORDER BY source", x->st);
    while (q != NULL && rows_next(x->store, q, x->st)) {
        slice *more = arena_one_more(x->arena, sources, x->n_sources, sizeof *more);
        if (more == NULL) {
            status_no_memory(x->st);
            break;
        }
        sources = more;
        sources[x->n_sources++] = column_slice(q, 0, x->arena);
    }
    x->sources = sources;
    return rows_end(q, x->st);
}

/* Tries these queries with all kinds and sources. */
static bool try(search *x, const uint64_t *queries, uint32_t n)
{
    for (uint32_t i = 0; i < x->n_sources * FINDING_KINDS && !x->found->known; i++) {
        slice source = x->sources[i / FINDING_KINDS];
        finding_kind kind = (finding_kind)(i % FINDING_KINDS);
        if (finding_id(kind, source, queries, n) != x->id) {
            continue;
        }
        uint64_t *copy = arena_alloc(x->arena, ((size_t)n + 1) * sizeof *copy);
        if (copy == NULL) {
            return status_no_memory(x->st);
        }
        for (uint32_t k = 0; k < n; k++) {
            copy[k] = queries[k];
        }
        *x->found = (finding_identity){true, kind, source, copy, n};
    }
    return true;
}

static bool try_queries(search *x)
{
    bool ok = true;
    sqlite3_stmt *q = rows_begin(x->store, "SELECT fingerprint FROM fingerprints", x->st);
    while (ok && q != NULL && !x->found->known && rows_next(x->store, q, x->st)) {
        uint64_t query = (uint64_t)sqlite3_column_int64(q, 0);
        ok = try(x, &query, 1);
    }
    return rows_end(q, x->st) && ok;
}

static bool try_cycles(search *x)
{
    uint64_t statements[STATEMENTS_MAX];
    uint32_t n = 0;
    bool ok = true;
    sqlite3_stmt *q =
        rows_begin(x->store, "SELECT place, fingerprint FROM cycles ORDER BY cycle, place", x->st);
    while (ok && q != NULL && !x->found->known && rows_next(x->store, q, x->st)) {
        if (sqlite3_column_int64(q, 0) == 0) {
            ok = try(x, statements, n);
            n = 0;
        }
        if (n < STATEMENTS_MAX) {
            statements[n++] = (uint64_t)sqlite3_column_int64(q, 1);
        }
    }
    ok = rows_end(q, x->st) && ok;
    return ok && try(x, statements, n);
}

bool finding_identify(const store *s, uint64_t id, arena *a, finding_identity *found, status *st)
{
    search x = {.store = s, .id = id, .arena = a, .found = found, .st = st};
    *found = (finding_identity){0};
    return read_sources(&x) && try(&x, NULL, 0) && try_queries(&x) && try_cycles(&x);
}
