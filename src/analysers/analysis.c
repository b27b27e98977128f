/* analysis.c - see analysis.h. */
#include "analysers/analysis.h"

#include <stdlib.h>

#include "normalise/tools.h"

/* --- for analysers ------------------------------------------------------------------------- */

bool analysis_wants(const analysis *a, finding_kind kind)
{
    return (a->request->kinds >> kind & 1) != 0;
}

uint64_t finding_id(finding_kind kind, slice source, const uint64_t *queries, uint32_t n)
{
    uint64_t id = mix64(hash_bytes(slice_from(finding_kinds[kind].name)), hash_bytes(source));
    for (uint32_t i = 0; i < n; i++) {
        id = mix64(id, queries[i]);
    }
    return id;
}

finding *analysis_add(analysis *a, finding_kind kind, const analysed_source *source,
                      const uint64_t *queries, uint32_t n)
{
    finding *all = arena_one_more(a->arena, a->findings, a->n_findings, sizeof *all);
    uint64_t *copy = arena_alloc(a->arena, (n + 1) * sizeof *copy);
    if (all == NULL || copy == NULL) {
        status_no_memory(a->st);
        return NULL;
    }
    if (n > 0) {
        memcpy(copy, queries, n * sizeof *copy);
    }
    a->findings = all;
    finding *f = &all[a->n_findings++];
    *f = (finding){.id = finding_id(kind, source->name, queries, n),
                   .kind = kind,
                   .source = source->name,
                   .queries = copy,
                   .n_queries = n,
                   .evidence = value_root(&a->values, VALUE_OBJECT)};
    return f;
}

void analysis_set_cost(finding *f, const analysed_source *source, int64_t us)
{
    f->cost = us;
    f->severity = us >= source->time / 10 && us > 0    ? SEVERITY_HIGH
                  : us >= source->time / 100 && us > 0 ? SEVERITY_MEDIUM
                                                       : SEVERITY_LOW;
}

bool analysis_set_place(analysis *a, finding *f, slice log, uint64_t line)
{
    sqlite3_stmt *q =
        rows_begin(a->store, "SELECT path FROM paths WHERE source = ?1 AND segment = ?2", a->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, f->source.p, (int)f->source.n, SQLITE_STATIC);
    sqlite3_bind_blob(q, 2, log.p, (int)log.n, SQLITE_STATIC);
    if (rows_next(a->store, q, a->st)) {
        f->path = column_slice(q, 0, a->arena);
    }
    f->line = line;
    return rows_end(q, a->st);
}

slice analysis_text(analysis *a, buf *text)
{
    slice copy = {0};
    if (text->failed || !arena_copy(a->arena, buf_slice(text), &copy)) {
        status_no_memory(a->st);
    }
    buf_clear(text);
    return copy;
}

bool analysis_query(analysis *a, uint64_t id, analysed_query *query)
{
    *query = (analysed_query){.id = id};
    sqlite3_stmt *q = rows_begin(
        a->store, "SELECT engine, verb, text FROM fingerprints WHERE fingerprint = ?1", a->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 1, (sqlite3_int64)id);
    if (!rows_next(a->store, q, a->st)) {
        status_fail(a->st, STATUS_STORE, "the store lacks the text of query %016llx",
                    (unsigned long long)id);
    } else {
        char engine[32];
        slice name = column_view(q, 0);
        size_t n = name.n < sizeof engine ? name.n : sizeof engine - 1;
        memcpy(engine, name.p, n);
        engine[n] = '\0';
        query->verb = column_slice(q, 1, a->arena);
        query->text = column_slice(q, 2, a->arena);
        query->normaliser = normaliser_find(engine);
    }
    if (!rows_end(q, a->st)) {
        return false;
    }
    if (query->normaliser != NULL) {
        query->role = query->normaliser->role(query->verb, query->text);
        if (query->normaliser->dialect != NULL) {
            sql_facts_read(query->normaliser->dialect, query->text, a->arena, &query->facts);
        }
    }
    return true;
}

slice query_subject(const analysed_query *q)
{
    slice name = q->verb;
    bool written;
    if (q->facts.n_tables > 0) {
        return q->facts.tables[0].name;
    }
    if (q->normaliser != NULL && q->normaliser->subject != NULL) {
        q->normaliser->subject(q->text, &name, &written);
    }
    return name;
}

sqlite3_stmt *analysis_rows(const analysis *a, const char *sql, const analysed_source *source)
{
    sqlite3_stmt *q = rows_begin(a->store, sql, a->st);
    if (q != NULL) {
        sqlite3_bind_text(q, 1, source->name.p, (int)source->name.n, SQLITE_STATIC);
    }
    return q;
}

value *analysis_add_ms(analysis *a, value *object, const char *name, int64_t us)
{
    return value_add_decimal(&a->values, object, name, us, 3);
}

slice plan_first_line(slice shape)
{
    const char *end = shape.n > 0 ? memchr(shape.p, '\n', shape.n) : NULL;
    return end != NULL ? slice_between(shape.p, end) : shape;
}

/* For analysers' queries: is_dump_tool(APPLICATION). */
static void sql_is_dump_tool(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const void *name = sqlite3_value_blob(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]);
    sqlite3_result_int(context, name != NULL && is_dump_tool(slice_of(name, length)));
}

static bool add_functions(const analysis *a)
{
    return sqlite3_create_function_v2(store_connection(a->store), "is_dump_tool", 1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_is_dump_tool,
                                      NULL, NULL, NULL) == SQLITE_OK ||
           store_fail(a->store, "read", a->st);
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static bool read_sources(analysis *a)
{
    sqlite3_stmt *q = rows_begin(
        a->store,
        "SELECT s.source, max(s.engine), max(s.clock_resolution), min(s.first_at), max(s.last_at),"
        " coalesce((SELECT sum(m.sum) FROM measures m WHERE m.source = s.source AND"
        " m.measure = 'query_time'), 0),"
        " coalesce((SELECT sum(d.calls) FROM digest d WHERE d.source = s.source), 0),"
        " (SELECT z.zone_offset FROM segments z WHERE z.source = s.source"
        " ORDER BY z.last_at DESC, z.segment LIMIT 1)"
        " FROM segments s GROUP BY s.source ORDER BY s.source",
        a->st);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        analysed_source *all = arena_one_more(a->arena, a->sources, a->n_sources, sizeof *all);
        if (all == NULL) {
            status_no_memory(a->st);
            break;
        }
        a->sources = all;
        all[a->n_sources++] = (analysed_source){
            .name = column_slice(q, 0, a->arena),
            .engine = column_slice(q, 1, a->arena),
            .clock_resolution = sqlite3_column_int64(q, 2),
            .from = sqlite3_column_int64(q, 3),
            .to = sqlite3_column_int64(q, 4),
            .time = sqlite3_column_int64(q, 5),
            .calls = sqlite3_column_int64(q, 6),
            .zone_offset = (int32_t)sqlite3_column_int64(q, 7),
        };
    }
    return rows_end(q, a->st);
}

static bool is_wanted(const analysis *a, const analyser *one)
{
    for (uint32_t i = 0; i < one->n_kinds; i++) {
        if (analysis_wants(a, one->kinds[i])) {
            return true;
        }
    }
    return false;
}

static bool run_one(analysis *a, const analyser *one)
{
    bool ok = one->run_once == NULL || one->run_once(a);
    for (uint32_t i = 0; ok && one->run != NULL && i < a->n_sources; i++) {
        ok = one->run(a, &a->sources[i]);
    }
    return ok;
}

/* The costliest first. */
static int compare_findings(const void *a, const void *b)
{
    const finding *x = a;
    const finding *y = b;
    if (x->cost != y->cost) {
        return x->cost > y->cost ? -1 : 1;
    }
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

static bool is_ignored(const analysis_request *r, uint64_t id)
{
    for (uint32_t i = 0; i < r->n_ignored; i++) {
        if (r->ignored[i] == id) {
            return true;
        }
    }
    return false;
}

/* Those of wanted kinds that are not ignored: an analyser may find more kinds than one. */
static void keep_wanted(analysis *a)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < a->n_findings; i++) {
        const finding *f = &a->findings[i];
        if (analysis_wants(a, f->kind) && !is_ignored(a->request, f->id)) {
            a->findings[kept++] = *f;
        }
    }
    a->n_findings = kept;
    if (kept > 0) {
        qsort(a->findings, kept, sizeof *a->findings, compare_findings);
    }
}

bool analyse(const store *s, const analysis_request *request, arena *memory, finding **findings,
             uint32_t *n, status *st)
{
    analysis a = {
        .store = s, .request = request, .arena = memory, .st = st, .values = {.arena = memory}};
    bool ok = add_functions(&a) && read_sources(&a);
    for (const analyser *const *one = analysers; ok && *one != NULL; one++) {
        ok = !is_wanted(&a, *one) || run_one(&a, *one);
    }
    keep_wanted(&a);
    *findings = a.findings;
    *n = a.n_findings;
    return ok && (!a.values.failed || status_no_memory(st));
}
