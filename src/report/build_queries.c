/* build_queries.c - the details of the queries that a report shows; see build.h. */
#include <stdlib.h>

#include "normalise/normalise.h"
#include "report/build_parts.h"

enum {
    EXAMPLES_SHOWN = 5,
    FIRST_SHARES = 8,
    NOTED_RANKS = 10, /* the first in the order, and */
    NOTED_PART = 100  /* what takes one in so many of the time, have notes on their texts */
};

/* A list of shares while it is being added up. */
typedef struct share_list {
    model_share *items;
    uint32_t n, cap;
} share_list;

enum { BY_DATABASE, BY_USER, BY_APPLICATION, BY_HOST, SHARE_KINDS };

/* The values of one tag's key while they are added up. */
typedef struct tag_list {
    slice key;
    share_list values;
} tag_list;

/* One query while its details are collected. */
typedef struct detail {
    model_query *query;
    share_list shares[SHARE_KINDS];
    tag_list *tags;
    uint32_t n_tags;
    load load;
    measure_entries measures;
} detail;

static bool add_share(builder *b, share_list *list, slice name, int64_t calls, int64_t time)
{
    arena *a = &b->m->arena;
    for (uint32_t i = 0; i < list->n; i++) {
        if (slice_equal(list->items[i].name, name)) {
            list->items[i].calls += calls;
            list->items[i].time += time;
            return true;
        }
    }
    if (list->n == list->cap) {
        uint32_t cap = list->cap == 0 ? FIRST_SHARES : list->cap * 2;
        model_share *items = arena_alloc(a, cap * sizeof *items);
        if (items == NULL) {
            return status_no_memory(b->st);
        }
        if (list->n > 0) {
            memcpy(items, list->items, list->n * sizeof *items);
        }
        list->items = items;
        list->cap = cap;
    }
    model_share *s = &list->items[list->n];
    if (!arena_copy(a, name, &s->name)) {
        return status_no_memory(b->st);
    }
    s->calls = calls;
    s->time = time;
    list->n++;
    return true;
}

/* By time, then calls, then name: always the same order. */
static int compare_shares(const void *a, const void *b)
{
    const model_share *x = a;
    const model_share *y = b;
    if (x->time != y->time) {
        return x->time > y->time ? -1 : 1;
    }
    if (x->calls != y->calls) {
        return x->calls > y->calls ? -1 : 1;
    }
    return slice_compare(x->name, y->name);
}

static void finish_shares(share_list *list, model_shares *out)
{
    if (list->n > 1) {
        qsort(list->items, list->n, sizeof *list->items, compare_shares);
    }
    *out = (model_shares){.items = list->items, .n = list->n};
}

static detail *detail_of(const builder *b, detail *details, int64_t fingerprint)
{
    query_sum *sum = find_sum(b, (uint64_t)fingerprint);
    return sum == NULL || sum->shown == NULL ? NULL : &details[sum->shown - b->m->queries];
}

/* Goes to the next row whose fingerprint, in its first column, is one of a query that is shown;
 * NULL at the end and on a failure. */
static detail *next_shown(builder *b, sqlite3_stmt *q, detail *details)
{
    while (q != NULL && rows_next(b->store, q, b->st)) {
        detail *d = detail_of(b, details, sqlite3_column_int64(q, 0));
        if (d != NULL) {
            return d;
        }
    }
    return NULL;
}

static bool read_rows(builder *b, detail *details)
{
    sqlite3_stmt *q = rows_begin(
        b->store,
        "SELECT fingerprint, database, user, application, calls, hour, series FROM digest", b->st);
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        int64_t calls = sqlite3_column_int64(q, 4);
        for (int k = BY_DATABASE; k <= BY_APPLICATION; k++) {
            slice name = column_view(q, 1 + k);
            if (name.n > 0 && !add_share(b, &d->shares[k], name, calls, 0)) {
                break;
            }
        }
        slice packed = column_view(q, 6);
        series_point point = {0};
        while (series_take(&packed, &point)) {
            if (!load_add(&d->load, &b->m->arena, sqlite3_column_int64(q, 5), &point)) {
                status_no_memory(b->st);
                break;
            }
        }
    }
    return rows_end(q, b->st);
}

static bool read_measures(builder *b, detail *details)
{
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT fingerprint, database, user, application, measure,"
                                 " n, sum, min, max, histogram FROM measures",
                                 b->st);
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        slice name = column_view(q, 4);
        if (!slice_is(name, "query_time")) {
            measure_sum *sum = measure_entries_find(b, &d->measures, name);
            if (sum == NULL || !measure_sum_add(sum, &b->m->arena, q, 5, b->st)) {
                break;
            }
            continue;
        }
        for (int k = BY_DATABASE; k <= BY_APPLICATION; k++) {
            slice value = column_view(q, 1 + k);
            if (value.n > 0 && !add_share(b, &d->shares[k], value, 0, sqlite3_column_int64(q, 6))) {
                break;
            }
        }
    }
    return rows_end(q, b->st);
}

static share_list *values_of_tag(builder *b, detail *d, slice key)
{
    arena *a = &b->m->arena;
    for (uint32_t i = 0; i < d->n_tags; i++) {
        if (slice_equal(d->tags[i].key, key)) {
            return &d->tags[i].values;
        }
    }
    tag_list *tags = arena_one_more(a, d->tags, d->n_tags, sizeof *tags);
    if (tags == NULL) {
        status_no_memory(b->st);
        return NULL;
    }
    d->tags = tags;
    d->tags[d->n_tags] = (tag_list){0};
    if (!arena_copy(a, key, &d->tags[d->n_tags].key)) {
        status_no_memory(b->st);
        return NULL;
    }
    return &d->tags[d->n_tags++].values;
}

/* Hosts and tags. */
static bool read_marginals(builder *b, detail *details)
{
    static const char prefix[] = "tag:";
    sqlite3_stmt *q =
        rows_begin(b->store, "SELECT fingerprint, value, calls, time, key FROM marginals", b->st);
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        slice key = column_view(q, 4);
        share_list *list = &d->shares[BY_HOST];
        if (slice_starts_with(key, slice_from(prefix))) {
            list = values_of_tag(b, d, slice_skip(key, strlen(prefix)));
        }
        if (list == NULL || !add_share(b, list, column_view(q, 1), sqlite3_column_int64(q, 2),
                                       sqlite3_column_int64(q, 3))) {
            break;
        }
    }
    return rows_end(q, b->st);
}

static bool read_tables(builder *b, detail *details)
{
    sqlite3_stmt *q = rows_begin(
        b->store, "SELECT fingerprint, name, access FROM tables ORDER BY fingerprint, name", b->st);
    arena *a = &b->m->arena;
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        model_query *query = d->query;
        model_table *tables = arena_one_more(a, query->tables, query->n_tables, sizeof *tables);
        if (tables == NULL) {
            status_no_memory(b->st);
            break;
        }
        query->tables = tables;
        query->tables[query->n_tables++] =
            (model_table){.name = column_slice(q, 1, a), .access = column_slice(q, 2, a)};
    }
    return rows_end(q, b->st);
}

/* The slowest of all hours and segments: rows come slowest first, so the first few are it. */
static bool read_examples(builder *b, detail *details)
{
    sqlite3_stmt *q = rows_begin(
        b->store,
        "SELECT e.fingerprint, e.duration, e.line, e.at, e.database, e.user, e.application, e.host,"
        " p.path FROM examples e LEFT JOIN paths p USING (source, segment) ORDER BY e.duration "
        "DESC, e.source, e.segment, e.offset",
        b->st);
    arena *a = &b->m->arena;
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        if (d->query->n_examples == EXAMPLES_SHOWN) {
            continue;
        }
        if (d->query->examples == NULL) {
            d->query->examples = arena_calloc(a, EXAMPLES_SHOWN, sizeof *d->query->examples);
            if (d->query->examples == NULL) {
                status_no_memory(b->st);
                break;
            }
        }
        d->query->examples[d->query->n_examples++] =
            (model_example){.duration = sqlite3_column_int64(q, 1),
                            .line = (uint64_t)sqlite3_column_int64(q, 2),
                            .at = sqlite3_column_int64(q, 3),
                            .database = column_slice(q, 4, a),
                            .user = column_slice(q, 5, a),
                            .application = column_slice(q, 6, a),
                            .host = column_slice(q, 7, a),
                            .path = column_slice(q, 8, a)};
    }
    return rows_end(q, b->st);
}

static bool read_plans(builder *b, detail *details)
{
    sqlite3_stmt *q =
        rows_begin(b->store,
                   "SELECT fingerprint, text, sum(calls), sum(time), min(nullif(first_at, 0)),"
                   " max(last_at) FROM plans JOIN plan_shapes USING (plan)"
                   " GROUP BY fingerprint, plan"
                   " ORDER BY fingerprint, min(nullif(first_at, 0)), plan",
                   b->st);
    arena *a = &b->m->arena;
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        model_query *query = d->query;
        model_plan *plans = arena_one_more(a, query->plans, query->n_plans, sizeof *plans);
        if (plans == NULL) {
            status_no_memory(b->st);
            break;
        }
        query->plans = plans;
        query->plans[query->n_plans++] = (model_plan){.shape = column_slice(q, 1, a),
                                                      .calls = sqlite3_column_int64(q, 2),
                                                      .time = sqlite3_column_int64(q, 3),
                                                      .first_seen = sqlite3_column_int64(q, 4),
                                                      .last_seen = sqlite3_column_int64(q, 5)};
    }
    return rows_end(q, b->st);
}

static bool read_codes(builder *b, detail *details)
{
    sqlite3_stmt *q =
        rows_begin(b->store,
                   "SELECT fingerprint, code, sum(n) FROM errors WHERE fingerprint <> 0"
                   " GROUP BY fingerprint, code ORDER BY fingerprint, sum(n) DESC, code",
                   b->st);
    arena *a = &b->m->arena;
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        model_query *query = d->query;
        model_code *codes = arena_one_more(a, query->codes, query->n_codes, sizeof *codes);
        if (codes == NULL) {
            status_no_memory(b->st);
            break;
        }
        query->codes = codes;
        query->codes[query->n_codes++] =
            (model_code){.code = column_slice(q, 1, a), .n = sqlite3_column_int64(q, 2)};
    }
    return rows_end(q, b->st);
}

static bool read_aliases(builder *b, detail *details)
{
    sqlite3_stmt *q = rows_begin(
        b->store, "SELECT fingerprint, kind, value FROM aliases ORDER BY fingerprint, kind, value",
        b->st);
    arena *a = &b->m->arena;
    for (detail *d; (d = next_shown(b, q, details)) != NULL;) {
        model_query *query = d->query;
        model_alias *aliases = arena_one_more(a, query->aliases, query->n_aliases, sizeof *aliases);
        if (aliases == NULL) {
            status_no_memory(b->st);
            break;
        }
        query->aliases = aliases;
        query->aliases[query->n_aliases++] =
            (model_alias){.kind = column_slice(q, 1, a), .value = column_slice(q, 2, a)};
    }
    return rows_end(q, b->st);
}

static bool read_texts(builder *b, const detail *details)
{
    sqlite3_stmt *q = rows_begin(
        b->store, "SELECT engine, verb, text FROM fingerprints WHERE fingerprint = ?1", b->st);
    arena *a = &b->m->arena;
    for (uint32_t i = 0; q != NULL && i < b->m->n_queries; i++) {
        model_query *query = details[i].query;
        sqlite3_bind_int64(q, 1, (sqlite3_int64)query->id);
        if (rows_next(b->store, q, b->st)) {
            query->engine = column_slice(q, 0, a);
            query->verb = column_slice(q, 1, a);
            query->text = column_slice(q, 2, a);
        }
        sqlite3_reset(q);
    }
    return rows_end(q, b->st);
}

bool histogram_bins(const histogram *h, arena *a, model_bin **bins, uint32_t *n)
{
    *n = 0;
    *bins = arena_alloc(a, (h->n + 1) * sizeof **bins);
    uint64_t *sorted = arena_alloc(a, (h->n + 1) * sizeof *sorted);
    if (*bins == NULL || sorted == NULL) {
        return false;
    }
    *n = histogram_sorted(h, sorted, h->n);
    for (uint32_t i = 0; i < *n; i++) {
        uint64_t from;
        uint64_t to;
        histogram_bin_range(histogram_slot_bin(sorted[i]), &from, &to);
        (*bins)[i] = (model_bin){.from = (int64_t)from,
                                 .to = (int64_t)to,
                                 .calls = (int64_t)histogram_slot_count(sorted[i])};
    }
    return true;
}

/* What the sums say already. */
static bool begin_details(builder *b, detail *details)
{
    arena *a = &b->m->arena;
    for (uint32_t i = 0; i < b->cap_sums; i++) {
        const query_sum *sum = b->sums[i];
        if (sum == NULL || sum->shown == NULL) {
            continue;
        }
        model_query *query = sum->shown;
        detail *d = &details[query - b->m->queries];
        d->query = query;
        d->load = (load){.step = b->m->series_step, .zone_offset = b->m->zone_offset};
        query->id = sum->fingerprint;
        query->calls = sum->calls;
        query->estimated_calls = sum->estimated_calls;
        query->errors = sum->errors;
        query->first_seen = sum->first_at;
        query->last_seen = sum->last_at;
        query->time = measure_sum_describe(&sum->time);
        if (!histogram_bins(&sum->time.histogram, a, &query->histogram, &query->n_histogram)) {
            return status_no_memory(b->st);
        }
    }
    return true;
}

static int compare_tags(const void *a, const void *b)
{
    return slice_compare(((const model_tag *)a)->key, ((const model_tag *)b)->key);
}

static bool finish_detail(builder *b, detail *d)
{
    arena *a = &b->m->arena;
    model_query *query = d->query;
    model_shares *const to[SHARE_KINDS] = {&query->databases, &query->users, &query->applications,
                                           &query->hosts};
    for (int k = 0; k < SHARE_KINDS; k++) {
        finish_shares(&d->shares[k], to[k]);
    }
    query->tags = arena_calloc(a, d->n_tags + 1, sizeof *query->tags);
    for (; query->tags != NULL && query->n_tags < d->n_tags; query->n_tags++) {
        model_tag *tag = &query->tags[query->n_tags];
        tag->key = d->tags[query->n_tags].key;
        finish_shares(&d->tags[query->n_tags].values, &tag->values);
    }
    if (query->n_tags > 1) {
        qsort(query->tags, query->n_tags, sizeof *query->tags, compare_tags);
    }
    if (query->tags == NULL || !load_series(&d->load, a, &query->series)) {
        return status_no_memory(b->st);
    }
    return measure_entries_finish(b, &d->measures, query);
}

/* A word on the text of a query is worth reading where the query costs something. */
static bool is_costly(const builder *b, const model_query *query)
{
    return query->rank <= NOTED_RANKS ||
           (query->time.total > 0 && query->time.total >= b->m->time.total / NOTED_PART);
}

/* What was measured of a query; zeros where nothing was. */
static model_statistics statistics_of(const model_query *query, const char *name)
{
    for (uint32_t i = 0; i < query->n_measures; i++) {
        if (slice_is(query->measures[i].name, name) && !query->measures[i].is_attribute) {
            return query->measures[i].statistics;
        }
    }
    return (model_statistics){0};
}

static void read_notes(builder *b, model_query *query)
{
    enum { NAME_BYTES = 32 };
    char name[NAME_BYTES] = "";
    sql_facts facts;
    if (query->engine.n > 0 && query->engine.n < sizeof name) {
        memcpy(name, query->engine.p, query->engine.n);
    }
    const normaliser *n = normaliser_find(name);
    if (n == NULL || n->dialect == NULL || !is_costly(b, query)) {
        return;
    }
    statement_role role = n->role(query->verb, query->text);
    if (role == ROLE_READ || role == ROLE_COUNT || role == ROLE_WRITE) {
        model_statistics patterns = statistics_of(query, "leading_wildcard");
        sql_facts_read(n->dialect, query->text, &b->m->arena, &facts);
        query->n_notes =
            notes_read(&(noted){.smells = facts.smells,
                                .patterns = patterns.n,
                                .wildcards = patterns.total,
                                .longest_list = statistics_of(query, "list_length").max},
                       &b->m->arena, query->notes);
    }
}

bool build_queries(builder *b)
{
    detail *details = arena_calloc(&b->m->arena, b->m->n_queries + 1, sizeof *details);
    if (details == NULL) {
        return status_no_memory(b->st);
    }
    if (!begin_details(b, details) || !read_rows(b, details) || !read_measures(b, details) ||
        !read_marginals(b, details) || !read_tables(b, details) || !read_examples(b, details) ||
        !read_plans(b, details) || !read_codes(b, details) || !read_aliases(b, details) ||
        !read_texts(b, details)) {
        return false;
    }
    for (uint32_t i = 0; i < b->m->n_queries; i++) {
        if (!finish_detail(b, &details[i])) {
            return false;
        }
        read_notes(b, details[i].query);
    }
    return build_measure_totals(b);
}
