/* build_groups.c - what the executions of each table, user or another dimension come to; see
 * build.h. */
#include <stdlib.h>

#include "report/build_parts.h"

enum { FIRST_CAP = 64 };

/* What the rows of one group add up to. */
typedef struct group_sum {
    query_sum figures;
    slice name;
} group_sum;

typedef struct group_table {
    group_sum **slots; /* open addressing by name */
    uint32_t n, cap;
} group_table;

/* Where the figures of a dimension are. Those kept beside users have no more than calls and time.
 */
typedef struct source_of_groups {
    const char *calls; /* name, calls, errors */
    const char
        *times; /* name, n, sum, min, max, histogram; NULL: calls gives the time instead of errors
                 */
} source_of_groups;

static const char tables_calls[] =
    "SELECT coalesce(t.name, ''), d.calls, d.errors FROM digest d LEFT JOIN tables t USING"
    " (fingerprint)";
static const char tables_times[] =
    "SELECT coalesce(t.name, ''), m.n, m.sum, m.min, m.max, m.histogram FROM measures m"
    " LEFT JOIN tables t USING (fingerprint) WHERE m.measure = 'query_time'";
static const char marginals[] = "SELECT value, calls, time FROM marginals WHERE key = ?1";

#define ROWS(column)                                                                               \
    {                                                                                              \
        "SELECT " column ", calls, errors FROM digest",                                            \
            "SELECT " column ", n, sum, min, max, histogram FROM measures"                         \
            " WHERE measure = 'query_time'"                                                        \
    }

static const source_of_groups sources_of_groups[] = {[GROUP_TABLE] = {tables_calls, tables_times},
                                                     [GROUP_USER] = ROWS("user"),
                                                     [GROUP_APP] = ROWS("application"),
                                                     [GROUP_DB] = ROWS("database"),
                                                     [GROUP_HOST] = {marginals, NULL},
                                                     [GROUP_TAG] = {marginals, NULL}};

static const char *const names_of_groups[] = {[GROUP_FINGERPRINT] = "fingerprint",
                                              [GROUP_TABLE] = "table",
                                              [GROUP_USER] = "user",
                                              [GROUP_APP] = "app",
                                              [GROUP_DB] = "db",
                                              [GROUP_HOST] = "host"};

bool model_grouping_find(slice name, model_grouping *grouping)
{
    for (size_t i = 0; i < sizeof names_of_groups / sizeof *names_of_groups; i++) {
        if (slice_is(name, names_of_groups[i])) {
            *grouping = (model_grouping){.by = (model_group_by)i, .name = name, .key = name};
            return true;
        }
    }
    *grouping = (model_grouping){.by = GROUP_TAG, .name = name, .key = name};
    return slice_starts_with(name, SLICE(MODEL_GROUP_TAG)) && name.n > strlen(MODEL_GROUP_TAG);
}

/* --- sums by name ------------------------------------------------------------------------ */

static uint32_t slot_of(group_sum *const *slots, uint32_t cap, slice name)
{
    uint32_t at = (uint32_t)hash_bytes(name) & (cap - 1);
    while (slots[at] != NULL && !slice_equal(slots[at]->name, name)) {
        at = (at + 1) & (cap - 1);
    }
    return at;
}

static bool grow(builder *b, group_table *t)
{
    uint32_t cap = t->cap == 0 ? FIRST_CAP : t->cap * 2;
    group_sum **slots = arena_calloc(&b->m->arena, cap, sizeof(group_sum *));
    if (slots == NULL) {
        status_no_memory(b->st);
        return false;
    }
    for (uint32_t i = 0; i < t->cap; i++) {
        if (t->slots[i] != NULL) {
            slots[slot_of(slots, cap, t->slots[i]->name)] = t->slots[i];
        }
    }
    t->slots = slots;
    t->cap = cap;
    return true;
}

static group_sum *group_of(builder *b, group_table *t, slice name)
{
    if (t->n * 2 >= t->cap && !grow(b, t)) {
        return NULL;
    }
    uint32_t at = slot_of(t->slots, t->cap, name);
    if (t->slots[at] == NULL) {
        group_sum *g = arena_calloc(&b->m->arena, 1, sizeof *g);
        if (g == NULL || !arena_copy(&b->m->arena, name, &g->name)) {
            status_no_memory(b->st);
            return NULL;
        }
        t->slots[at] = g;
        t->n++;
    }
    return t->slots[at];
}

/* --- reading ------------------------------------------------------------------------------ */

static sqlite3_stmt *begin(builder *b, const char *sql)
{
    sqlite3_stmt *q = rows_begin(b->store, sql, b->st);
    slice key = b->request->grouping.key;
    if (q != NULL && sqlite3_bind_parameter_count(q) > 0) {
        sqlite3_bind_text(q, 1, key.p, (int)key.n, SQLITE_STATIC);
    }
    return q;
}

static bool read_calls(builder *b, group_table *t, const source_of_groups *source)
{
    sqlite3_stmt *q = begin(b, source->calls);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        group_sum *g = group_of(b, t, column_view(q, 0));
        if (g == NULL) {
            break;
        }
        int64_t calls = sqlite3_column_int64(q, 1);
        g->figures.calls += calls;
        if (source->times != NULL) {
            g->figures.errors += sqlite3_column_int64(q, 2);
        } else {
            g->figures.time.sum += (uint64_t)sqlite3_column_int64(q, 2);
            g->figures.time.n = g->figures.time.sum > 0 ? (uint64_t)g->figures.calls : 0;
        }
    }
    return rows_end(q, b->st);
}

static bool read_times(builder *b, group_table *t, const source_of_groups *source)
{
    sqlite3_stmt *q = begin(b, source->times);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        group_sum *g = group_of(b, t, column_view(q, 0));
        if (g == NULL || !measure_sum_add(&g->figures.time, &b->m->arena, q, 1, b->st)) {
            break;
        }
    }
    return rows_end(q, b->st);
}

/* What has no value of the dimension is what its values leave of all. */
static bool add_rest(builder *b, group_table *t)
{
    int64_t calls = b->m->calls;
    int64_t time = b->m->time.total;
    for (uint32_t i = 0; i < t->cap; i++) {
        if (t->slots[i] != NULL) {
            calls -= t->slots[i]->figures.calls;
            time -= (int64_t)t->slots[i]->figures.time.sum;
        }
    }
    group_sum *rest = calls > 0 ? group_of(b, t, SLICE("")) : NULL;
    if (rest != NULL) {
        rest->figures.calls = calls;
        rest->figures.time.sum = time > 0 ? (uint64_t)time : 0;
        rest->figures.time.n = time > 0 ? (uint64_t)calls : 0;
    }
    return b->st->code == STATUS_OK;
}

/* A store may hold the dimension and yet not for what was selected. */
static bool check_kept(builder *b)
{
    sqlite3_stmt *q = begin(b, "SELECT EXISTS (SELECT 1 FROM main.marginals WHERE key = ?1)"
                               " AND NOT EXISTS (SELECT 1 FROM marginals WHERE key = ?1)");
    bool left_out = q != NULL && rows_next(b->store, q, b->st) && sqlite3_column_int64(q, 0) != 0;
    slice name = b->request->grouping.name;
    return rows_end(q, b->st) &&
           (!left_out || b->m->calls == 0 ||
            status_fail(b->st, STATUS_USAGE,
                        "a store does not keep '%.*s' for such a selection; 'qlog analyze' on the"
                        " logs can",
                        (int)name.n, name.p));
}

/* --- the order ----------------------------------------------------------------------------- */

static int compare_groups(const void *a, const void *b)
{
    const group_sum *x = *(group_sum *const *)a;
    const group_sum *y = *(group_sum *const *)b;
    int order = query_sum_compare(&x->figures, &y->figures);
    return order != 0 ? order : slice_compare(x->name, y->name);
}

static bool keep_first(builder *b, group_table *t, bool errors_known)
{
    model *m = b->m;
    const model_request *r = b->request;
    group_sum **sorted = arena_alloc(&m->arena, (t->n + 1) * sizeof(group_sum *));
    m->groups = arena_calloc(&m->arena, t->n + 1, sizeof *m->groups);
    if (sorted == NULL || m->groups == NULL) {
        return status_no_memory(b->st);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->cap; i++) {
        group_sum *g = t->slots[i];
        if (g != NULL && (g->figures.calls > 0 || g->figures.errors > 0)) {
            query_sum_key(&g->figures, r->order);
            sorted[n++] = g;
        }
    }
    qsort(sorted, n, sizeof(group_sum *), compare_groups);
    for (uint32_t i = 0; i < n; i++) {
        const query_sum *sum = &sorted[i]->figures;
        if (r->limit == 0 || i < r->limit) {
            m->groups[m->n_groups++] = (model_group){.name = sorted[i]->name,
                                                     .calls = sum->calls,
                                                     .errors = errors_known ? sum->errors : -1,
                                                     .time = measure_sum_describe(&sum->time)};
        } else {
            m->other_groups++;
            m->other_groups_calls += sum->calls;
            m->other_groups_time += (int64_t)sum->time.sum;
        }
    }
    return true;
}

bool build_groups(builder *b)
{
    const model_grouping *grouping = &b->request->grouping;
    group_table t = {0};
    if (grouping->by == GROUP_FINGERPRINT) {
        return true;
    }
    const source_of_groups *source = &sources_of_groups[grouping->by];
    bool ok = arena_copy(&b->m->arena, grouping->name, &b->m->group_by) || status_no_memory(b->st);
    ok = ok && read_calls(b, &t, source);
    if (source->times != NULL) {
        ok = ok && read_times(b, &t, source);
    } else {
        ok = ok && check_kept(b) && add_rest(b, &t);
    }
    return ok && keep_first(b, &t, source->times != NULL);
}
