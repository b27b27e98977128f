/* bursts.c - statements of a session one behind the other without a pause: a query for each row of
 * another's result, the same query again and again, writes row by row.
 *
 * How long a burst must be, so that it is no accident, is in exposure.h; at least 5, at most 50; 5
 * where the statement in front returned as many rows as there are queries, which is no accident
 * either, or where all of them say that they are of one request. Where the clock is too coarse to
 * tell the pauses, the log has only what follows what within a second: there such a parent or
 * request is needed, or for writes and for the same query again as many as 50. */
#include <stdlib.h>

#include "analysers/analysis.h"
#include "analysers/exposure.h"
#include "analysers/sums.h"
#include "base/number.h"
#include "base/scan.h"
#include "digest/evidence.h"
#include "normalise/tools.h"

enum {
    LENGTH_MOST = 50,
    FEW_BURSTS = 3,   /* that, or */
    MANY_ROUNDS = 20, /* one of so many, is worth a word */
    PARENTS_MAX = 64,
    ENDPOINTS_MAX = 16,
    TEXT_MAX = 64 * 1024
};

/* A row of the store's bursts. */
typedef struct burst_row {
    uint64_t cycle, parent;
    int64_t hour;
    slice segment, endpoint, application, database, user;
    burst_values values;
    int64_t length, bursts, calls, time, wall, saving, matched, contradicted, shared, requests,
        longest;
    int64_t first_at, first_line;
    bool parent_tells; /* most of the bursts behind this parent are as long as its rows are many */
} burst_row;

typedef struct burst_rows {
    burst_row *items;
    uint32_t n;
} burst_rows;

/* What rows of one cycle add up to. */
typedef struct burst_sum {
    int64_t bursts, calls, time, wall, saving, matched, contradicted, shared, requests, longest;
    int64_t distinct_rounds,
        rounds; /* rounds of bursts with values apart; of those whose values are known */
    int64_t median;
    int64_t first_at;
    const burst_row *first;
    uint64_t parent; /* of the most bursts; 0: none */
    int64_t parent_bursts;
} burst_sum;

typedef struct judged judged;

/* Which rows are of a kind of finding. */
typedef bool row_filter(const judged *j, const burst_row *r);

struct judged {
    analysis *a;
    const analysed_source *source;
    exposures exposures;
    burst_rows rows; /* of one cycle */
    uint64_t statements[CYCLE_MAX];
    uint32_t n_statements;
    bool coarse;
    buf text;           /* scratch */
    int64_t length;     /* from which on a burst is no accident */
    row_filter *counts; /* of the kind that is looked for */
};

/* --- reading ------------------------------------------------------------------------------- */

static burst_values values_named(slice name)
{
    for (int v = 0; v < VALUES_KINDS; v++) {
        if (slice_is(name, burst_values_name((burst_values)v))) {
            return (burst_values)v;
        }
    }
    return VALUES_UNKNOWN;
}

static burst_row read_row(sqlite3_stmt *q, arena *a)
{
    return (burst_row){.cycle = (uint64_t)sqlite3_column_int64(q, 0),
                       .parent = (uint64_t)sqlite3_column_int64(q, 1),
                       .hour = sqlite3_column_int64(q, 2),
                       .segment = column_slice(q, 3, a),
                       .endpoint = column_slice(q, 4, a),
                       .application = column_slice(q, 5, a),
                       .values = values_named(column_view(q, 6)),
                       .length = sqlite3_column_int64(q, 7),
                       .bursts = sqlite3_column_int64(q, 8),
                       .calls = sqlite3_column_int64(q, 9),
                       .time = sqlite3_column_int64(q, 10),
                       .wall = sqlite3_column_int64(q, 11),
                       .saving = sqlite3_column_int64(q, 12),
                       .matched = sqlite3_column_int64(q, 13),
                       .contradicted = sqlite3_column_int64(q, 14),
                       .shared = sqlite3_column_int64(q, 15),
                       .longest = sqlite3_column_int64(q, 16),
                       .first_at = sqlite3_column_int64(q, 17),
                       .first_line = sqlite3_column_int64(q, 18),
                       .parent_tells = sqlite3_column_int64(q, 19) != 0,
                       .database = column_slice(q, 20, a),
                       .user = column_slice(q, 21, a),
                       .requests = sqlite3_column_int64(q, 22)};
}

static bool add_row(analysis *a, burst_rows *rows, sqlite3_stmt *q)
{
    burst_row *all = arena_one_more(a->arena, rows->items, rows->n, sizeof *all);
    if (all == NULL) {
        return status_no_memory(a->st);
    }
    rows->items = all;
    all[rows->n] = read_row(q, a->arena);
    rows->n += !is_dump_tool(all[rows->n].application);
    return true;
}

/* Of a source, by cycle. */
static bool read_rows(analysis *a, const analysed_source *source, burst_rows *rows)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT cycle, parent, hour, segment, endpoint, application, parameters, length, bursts,"
        " calls, time, wall, saving, matched, contradicted, shared, longest, first_at, first_line,"
        " parent <> 0 AND sum(matched) FILTER (WHERE length >= ?2) OVER behind * 2"
        "  >= sum(bursts) FILTER (WHERE length >= ?2) OVER behind, database, user,"
        " requests"
        " FROM bursts WHERE source = ?1 WINDOW behind AS (PARTITION BY cycle, parent)"
        " ORDER BY cycle, first_at, segment, first_line",
        source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, a->request->thresholds[THRESHOLD_BURST_LENGTH]);
    }
    while (q != NULL && rows_next(a->store, q, a->st)) {
        if (!add_row(a, rows, q)) {
            break;
        }
    }
    return rows_end(q, a->st);
}

static bool read_cycle(judged *j)
{
    analysis *a = j->a;
    sqlite3_stmt *q = rows_begin(
        a->store, "SELECT fingerprint FROM cycles WHERE cycle = ?1 ORDER BY place", a->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 1, (sqlite3_int64)j->rows.items[0].cycle);
    j->n_statements = 0;
    while (j->n_statements < CYCLE_MAX && rows_next(a->store, q, a->st)) {
        j->statements[j->n_statements++] = (uint64_t)sqlite3_column_int64(q, 0);
    }
    return rows_end(q, a->st);
}

/* --- how long a burst must be ------------------------------------------------------------------
 */

static void find_length(judged *j)
{
    exposures e = exposures_of(&j->exposures, j->statements[0]);
    for (uint32_t i = 0; i < j->rows.n; i++) {
        const burst_row *r = &j->rows.items[i];
        const session_hour of = {.hour = r->hour,
                                 .database = r->database,
                                 .user = r->user,
                                 .application = r->application};
        exposures_add_bursts(&e, &of, r->calls, r->bursts);
    }
    j->length = exposures_length(&e, j->n_statements,
                                 j->a->request->thresholds[THRESHOLD_BURST_LENGTH], LENGTH_MOST);
}

/* --- adding up
 * ------------------------------------------------------------------------------------ */

/* Rounds of the row's bursts, rests or not: of those of one length they differ little. */
static int64_t rounds_of(const burst_row *r)
{
    return r->calls / r->bursts;
}

static int compare_rounds(const void *a, const void *b)
{
    int64_t x = rounds_of(*(const burst_row *const *)a);
    int64_t y = rounds_of(*(const burst_row *const *)b);
    return (x > y) - (x < y);
}

/* Of bursts, the shorter of the two in the middle. */
static bool find_median(judged *j, burst_sum *sum)
{
    const burst_row **sorted = arena_alloc(j->a->arena, (j->rows.n + 1) * sizeof *sorted);
    uint32_t n = 0;
    int64_t before = 0;
    if (sorted == NULL) {
        return status_no_memory(j->a->st);
    }
    for (uint32_t i = 0; i < j->rows.n; i++) {
        if (j->counts(j, &j->rows.items[i])) {
            sorted[n++] = &j->rows.items[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_rounds);
    for (uint32_t i = 0; i < n && before < (sum->bursts + 1) / 2; i++) {
        before += sorted[i]->bursts;
        sum->median = rounds_of(sorted[i]) / j->n_statements;
    }
    return true;
}

static void add_to(burst_sum *sum, const burst_row *r)
{
    sum->bursts += r->bursts;
    sum->calls += r->calls;
    sum->time += r->time;
    sum->wall += r->wall;
    sum->saving += r->saving;
    sum->matched += r->matched;
    sum->contradicted += r->contradicted;
    sum->shared += r->shared;
    sum->requests += r->requests;
    sum->longest = r->longest > sum->longest ? r->longest : sum->longest;
    sum->rounds += r->values != VALUES_UNKNOWN ? r->bursts : 0;
    sum->distinct_rounds += r->values == VALUES_DISTINCT ? r->bursts : 0;
    if (sum->first == NULL) { /* the rows are in the order of time */
        sum->first = r;
        sum->first_at = r->first_at;
    }
}

/* The statement in front of the most bursts. */
static void find_parent(const judged *j, burst_sum *sum)
{
    uint64_t parents[PARENTS_MAX];
    int64_t bursts[PARENTS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->rows.n; i++) {
        const burst_row *r = &j->rows.items[i];
        uint32_t at = 0;
        if (r->parent == 0 || !j->counts(j, r)) {
            continue;
        }
        while (at < n && parents[at] != r->parent) {
            at++;
        }
        if (at == PARENTS_MAX) {
            continue;
        }
        bursts[at] = at < n ? bursts[at] + r->bursts : r->bursts;
        parents[at] = r->parent;
        n += at == n;
        if (bursts[at] > sum->parent_bursts ||
            (bursts[at] == sum->parent_bursts && r->parent < sum->parent)) {
            sum->parent = r->parent;
            sum->parent_bursts = bursts[at];
        }
    }
}

static bool add_up(judged *j, row_filter *counts, burst_sum *sum)
{
    j->counts = counts;
    *sum = (burst_sum){0};
    for (uint32_t i = 0; i < j->rows.n; i++) {
        if (j->counts(j, &j->rows.items[i])) {
            add_to(sum, &j->rows.items[i]);
        }
    }
    find_parent(j, sum);
    return find_median(j, sum);
}

static bool is_of_requests(const burst_row *r)
{
    return r->requests == r->bursts;
}

/* From which length on a burst counts, `sure` being that it is no accident whatever its length. */
static int64_t least_length(const judged *j, bool sure, int64_t otherwise)
{
    return sure ? j->a->request->thresholds[THRESHOLD_BURST_LENGTH] : otherwise;
}

/* Where the clock cannot tell a pause, only as many queries as the parent has rows are no accident;
 * now and then they are, so that most of what follows this parent must be so many. */
static bool is_apart(const judged *j, const burst_row *r)
{
    bool matched = r->matched * 2 >= r->bursts && r->parent_tells;
    bool sure = matched || is_of_requests(r);
    bool values = r->values == VALUES_DISTINCT || (matched && r->values != VALUES_SAME);
    return values && r->length >= least_length(j, sure, j->length) && (sure || !j->coarse);
}

static bool is_unknown(const judged *j, const burst_row *r)
{
    bool sure = is_of_requests(r);
    return r->values == VALUES_UNKNOWN && r->length >= least_length(j, sure, j->length) &&
           (sure || !j->coarse);
}

/* Where the clock cannot tell a pause, of those that no request holds together. */
static bool is_long(const judged *j, const burst_row *r)
{
    return r->length >= least_length(j, is_of_requests(r), j->coarse ? LENGTH_MOST : j->length);
}

static bool is_same(const judged *j, const burst_row *r)
{
    return r->values == VALUES_SAME && is_long(j, r);
}

static bool is_written(const judged *j, const burst_row *r)
{
    return r->values != VALUES_SAME && is_long(j, r);
}

/* --- what the statements are ------------------------------------------------------------------ */

typedef struct cycle_about {
    analysed_query queries[CYCLE_MAX];
    bool writes;
    bool reads; /* nothing else */
    bool pages; /* a part of a result at a time: a walk, not children */
} cycle_about;

static bool has_use(const sql_facts *f, unsigned use)
{
    for (size_t i = 0; i < f->n_columns; i++) {
        if ((f->columns[i].uses & use) != 0) {
            return true;
        }
    }
    return false;
}

/* id > ? ORDER BY id LIMIT ?, OFFSET ?, $skip: the next part of the same result. So is what has a
 * LIMIT and no key: a child is asked for by the key of its parent. */
static bool is_page(const analysed_query *q)
{
    const sql_facts *f = &q->facts;
    if (q->normaliser != NULL && q->normaliser->dialect == NULL) {
        return scan_holds(q->text, "\"skip\"") || scan_holds(q->text, "\"$skip\"");
    }
    if (scan_holds(q->text, " OFFSET ") || scan_holds(q->text, "LIMIT ?, ?")) {
        return true;
    }
    bool limited = scan_holds(q->text, " LIMIT ") || scan_holds(q->text, " FETCH ");
    bool keyed = has_use(f, SQL_EQUALITY) || (f->smells & SQL_FUNCTION_ON_COLUMN) != 0;
    return limited && (!keyed || (has_use(f, SQL_RANGE) && f->n_order > 0));
}

static bool read_about(judged *j, cycle_about *about)
{
    *about = (cycle_about){.reads = true};
    for (uint32_t i = 0; i < j->n_statements; i++) {
        analysed_query *q = &about->queries[i];
        if (!analysis_query(j->a, j->statements[i], q)) {
            return false;
        }
        about->writes = about->writes || q->role == ROLE_WRITE;
        about->reads = about->reads && (q->role == ROLE_READ || q->role == ROLE_COUNT);
        about->pages = about->pages || is_page(q);
    }
    return true;
}

/* --- advice
 * ---------------------------------------------------------------------------------------- */

/* The child for many keys at once: "id = ?" becomes "id = ANY(?)" or "id IN (?, …)". False where it
 * takes more than that. */
static bool rewrite(const analysed_query *q, buf *out)
{
    const sql_facts *f = &q->facts;
    const sql_column *key = NULL;
    for (size_t i = 0; i < f->n_columns; i++) {
        if (f->columns[i].uses == SQL_EQUALITY) {
            key = key == NULL ? &f->columns[i] : NULL;
            if (key == NULL) {
                return false; /* which of them is it? */
            }
        }
    }
    if (key == NULL || f->n_tables != 1 || !f->complete) {
        return false;
    }
    buf equality;
    buf_init(&equality, 256);
    buf_add(&equality, key->name);
    buf_add_text(&equality, " = ?");
    slice pattern = buf_slice(&equality);
    size_t at = 0;
    while (at + pattern.n <= q->text.n && memcmp(q->text.p + at, pattern.p, pattern.n) != 0) {
        at++;
    }
    bool found = !equality.failed && at + pattern.n <= q->text.n;
    if (found) {
        bool any = strcmp(q->normaliser->engine, "postgresql") == 0;
        slice rest = slice_skip(q->text, at + pattern.n);
        slice one = SLICE(" LIMIT ?");
        bool limited = rest.n >= one.n && memcmp(rest.p + rest.n - one.n, one.p, one.n) == 0;
        buf_add(out, slice_take(q->text, at));
        buf_add(out, key->name);
        buf_add_text(out, any ? " = ANY(?)" : " IN (?, …)");
        buf_add(out, slice_take(rest, rest.n - (limited ? one.n : 0)));
    }
    buf_free(&equality);
    return found;
}

static bool is_document_store(const analysed_query *q)
{
    return q->normaliser != NULL && q->normaliser->dialect == NULL;
}

static void add_names(buf *out, const judged *j, const cycle_about *about)
{
    for (uint32_t i = 0; i < j->n_statements; i++) {
        buf_add_text(out, i == 0 ? "" : i + 1 < j->n_statements ? ", " : " and ");
        buf_add(out, query_subject(&about->queries[i]));
    }
}

static void advise_children(const analysed_query *child, buf *out)
{
    buf_add_text(out, is_document_store(child)
                          ? "Read all at once: one find with {$in: [keys]}, or $lookup in the"
                            " parent's pipeline."
                          : "Read all at once: by the list of keys, as below, or with a JOIN in the"
                            " query in front.");
    buf_add_text(out, " In an ORM this is eager loading: includes or preload (Rails),"
                      " select_related or prefetch_related (Django), JOIN FETCH or @BatchSize"
                      " (Hibernate), include (Prisma, Sequelize), with (Laravel); behind GraphQL a"
                      " DataLoader.");
}

/* --- findings
 * -------------------------------------------------------------------------------------- */

static bool passes_gates(const judged *j, const burst_sum *sum)
{
    int64_t wall = j->a->request->thresholds[THRESHOLD_BURST_WALL];
    if (sum->bursts == 0 || (sum->bursts < FEW_BURSTS && sum->longest < MANY_ROUNDS)) {
        return false;
    }
    return sum->wall / sum->bursts >= wall || sum->wall * 100 >= j->source->time;
}

/* In how many sessions the bursts were. */
typedef struct session_count {
    int64_t n;
    const char *bound; /* words in front of n: it may be more, or less */
} session_count;

/* Sessions are kept of all bursts of the cycle, the least hashes of each hour, whichever logs they
 * are from: where not all of the bursts count, there are at most so many. */
static session_count bounded(const judged *j, const burst_sum *sum, int64_t n, bool all_kept)
{
    int64_t bursts = 0;
    for (uint32_t i = 0; i < j->rows.n; i++) {
        bursts += j->rows.items[i].bursts;
    }
    if (bursts == sum->bursts) {
        return (session_count){n, all_kept ? "" : "at least "};
    }
    n = all_kept && n < sum->bursts ? n : sum->bursts;
    return (session_count){n, n > 1 ? "at most " : ""};
}

static bool count_sessions(judged *j, const burst_sum *sum, session_count *sessions)
{
    analysis *a = j->a;
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT count(DISTINCT session), max(place) FROM"
                      " (SELECT session, row_number() OVER (PARTITION BY hour ORDER BY session)"
                      " AS place FROM (SELECT DISTINCT hour, session FROM burst_sessions"
                      " WHERE source = ?1 AND cycle = ?2)) WHERE place <= ?3",
                      j->source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)j->rows.items[0].cycle);
    sqlite3_bind_int64(q, 3, BURST_SESSIONS);
    if (rows_next(a->store, q, a->st)) {
        *sessions = bounded(j, sum, sqlite3_column_int64(q, 0),
                            sqlite3_column_int64(q, 1) < BURST_SESSIONS);
    }
    return rows_end(q, a->st);
}

static void add_endpoints(const judged *j, value *list)
{
    slice seen[ENDPOINTS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->rows.n && n < ENDPOINTS_MAX; i++) {
        const burst_row *r = &j->rows.items[i];
        uint32_t at = 0;
        while (at < n && !slice_equal(seen[at], r->endpoint)) {
            at++;
        }
        if (r->endpoint.n > 0 && at == n && j->counts(j, r)) {
            seen[n++] = r->endpoint;
            value_add_text(&j->a->values, list, NULL, r->endpoint);
        }
    }
}

/* Adds what every burst's finding has. */
static bool add_evidence(judged *j, finding *f, const burst_sum *sum, int64_t sessions)
{
    analysis *a = j->a;
    value_builder *b = &a->values;
    value *e = f->evidence;
    if (!analysis_set_place(a, f, sum->first->segment, (uint64_t)sum->first->first_line)) {
        return false;
    }
    f->first_seen = sum->first_at;
    value_add_int(b, e, "runs", sum->bursts);
    value *children = value_add_object(b, e, "children_per_run");
    value_add_int(b, children, "median", sum->median);
    value_add_int(b, children, "max", sum->longest);
    analysis_add_ms(a, e, "db_ms", sum->time);
    analysis_add_ms(a, e, "wall_ms", sum->wall);
    value_add_bool(b, e, "wall_is_lower_bound", j->coarse);
    value_add_int(b, e, "calls_saved", sum->calls - sum->bursts * (int64_t)j->n_statements);
    analysis_add_ms(a, e, "saving_ms", sum->saving);
    add_endpoints(j, value_add_list(b, e, "endpoints"));
    if (sum->rounds > 0) {
        value_add_decimal(b, e, "distinct_parameters", sum->distinct_rounds * 1000 / sum->rounds,
                          3);
    } else {
        value_add_null(b, e, "distinct_parameters");
    }
    if (sum->parent != 0) {
        value_add_id(&a->values, e, "parent_id", sum->parent);
    } else {
        value_add_null(b, e, "parent_id");
    }
    value *ids = value_add_list(b, e, "child_ids");
    for (uint32_t i = 0; i < j->n_statements; i++) {
        value_add_id(&a->values, ids, NULL, j->statements[i]);
    }
    value_add_int(b, e, "sessions", sessions);
    value_add_int(b, e, "runs_as_long_as_the_parent", sum->matched);
    value_add_int(b, e, "runs_with_others_between", sum->shared);
    value_add_int(b, e, "runs_of_one_request", sum->requests);
    return true;
}

static finding *add_finding(judged *j, finding_kind kind, const burst_sum *sum)
{
    uint64_t queries[CYCLE_MAX + 1];
    uint32_t n = j->n_statements;
    memcpy(queries, j->statements, n * sizeof *queries);
    /* The parent is shown, but is no part of the finding's name: it may change from night to night.
     */
    finding *f = analysis_add(j->a, kind, j->source, queries, n);
    if (f == NULL) {
        return NULL;
    }
    if (sum->parent != 0) {
        uint64_t *all = arena_alloc(j->a->arena, (n + 1) * sizeof *all);
        if (all == NULL) {
            status_no_memory(j->a->st);
            return NULL;
        }
        memcpy(all, queries, n * sizeof *all);
        all[n] = sum->parent;
        f->queries = all;
        f->n_queries = n + 1;
    }
    analysis_set_cost(f, j->source, sum->wall);
    return f;
}

static void add_times(const judged *j, const burst_sum *sum, buf *out)
{
    buf_add_text(out, " They took ");
    duration_format(out, sum->time);
    buf_add_text(out, " in the database");
    if (j->coarse) {
        buf_add_text(out, "; the log's clock is too coarse to tell how long they took on the wall");
    } else {
        buf_add_text(out, " and ");
        duration_format(out, sum->wall);
        buf_add_text(out, " on the wall");
    }
    buf_add_text(out, "; one query for each burst would save about ");
    duration_format(out, sum->saving);
    buf_add_text(out, " and ");
    counted_format(out, sum->calls - sum->bursts * (int64_t)j->n_statements, "call", "calls");
    buf_add_text(out, ".");
}

static void add_bursts(const burst_sum *sum, const session_count *sessions, buf *out)
{
    counted_format(out, sum->bursts, "burst", "bursts");
    buf_add_text(out, sum->requests == sum->bursts ? ", each within one request, in " : " in ");
    buf_add_text(out, sessions->bound);
    counted_format(out, sessions->n, "session", "sessions");
    buf_add_text(out, ", each of ");
    count_format(out, sum->median);
    if (sum->longest != sum->median) {
        buf_add_text(out, " (at most ");
        count_format(out, sum->longest);
        buf_add_text(out, ")");
    }
}

/* `groups`: the parent's rows are sums over rows, so that there may be as many by chance. */
static finding_confidence confidence_of(const judged *j, const burst_sum *sum, bool unknown,
                                        bool groups)
{
    int confidence = CONFIDENCE_CANDIDATE;
    if (sum->matched * 2 >= sum->bursts) {
        confidence = CONFIDENCE_CERTAIN;
    } else if (!unknown && sum->contradicted * 2 < sum->bursts &&
               (sum->parent_bursts * 10 >= sum->bursts * 8 || sum->bursts >= MANY_ROUNDS ||
                sum->requests == sum->bursts)) {
        confidence = CONFIDENCE_LIKELY;
    }
    confidence -= sum->shared * 5 >= sum->bursts && confidence > CONFIDENCE_CANDIDATE;
    confidence = j->coarse && confidence > CONFIDENCE_LIKELY ? CONFIDENCE_LIKELY : confidence;
    confidence -= groups && confidence > CONFIDENCE_CANDIDATE;
    return (finding_confidence)confidence;
}

static void say_parent(const burst_sum *sum, const analysed_query *parent, buf *out)
{
    if (sum->parent == 0) {
        return;
    }
    buf_add_text(out, ", ");
    if (sum->parent_bursts < sum->bursts) {
        count_format(out, sum->parent_bursts);
        buf_add_text(out, " of them ");
    }
    buf_add_text(out, "right after a query on ");
    buf_add(out, query_subject(parent));
    if (sum->matched * 2 >= sum->bursts) {
        buf_add_text(out, sum->matched == sum->bursts ? " that returned as many rows"
                                                      : " that mostly returned as many rows");
    }
}

static bool find_children(judged *j, const cycle_about *about)
{
    analysis *a = j->a;
    burst_sum sum;
    session_count sessions = {0};
    if (!add_up(j, is_apart, &sum)) {
        return false;
    }
    bool unknown = sum.bursts == 0;
    if (unknown) {
        if (!add_up(j, is_unknown, &sum)) {
            return false;
        }
    }
    if (about->pages || !passes_gates(j, &sum)) {
        return true;
    }
    finding *f = add_finding(j, FINDING_N_PLUS_ONE, &sum);
    if (f == NULL || !count_sessions(j, &sum, &sessions) || !add_evidence(j, f, &sum, sessions.n)) {
        return false;
    }
    analysed_query parent = {0};
    if (sum.parent != 0 && !analysis_query(a, sum.parent, &parent)) {
        return false;
    }
    f->confidence = confidence_of(j, &sum, unknown, sum.parent != 0 && query_is_aggregate(&parent));
    buf_add_text(&j->text, "N+1: ");
    add_names(&j->text, j, about);
    buf_add_text(&j->text, " read row by row, ");
    count_format(&j->text, sum.median);
    buf_add_text(&j->text, " times in a row");
    f->title = analysis_text(a, &j->text);
    add_bursts(&sum, &sessions, &j->text);
    buf_add_text(&j->text, unknown ? " queries (the log does not have their values)"
                                   : " queries with other values");
    say_parent(&sum, &parent, &j->text);
    buf_add_text(&j->text, ".");
    add_times(j, &sum, &j->text);
    if (sum.shared > 0) {
        buf_add_text(&j->text, " Other clients' statements lie between on the same sessions, as"
                               " behind a pooler that shares them: bursts may be split or mixed.");
    }
    f->detail = analysis_text(a, &j->text);
    advise_children(&about->queries[0], &j->text);
    f->advice = analysis_text(a, &j->text);
    if (j->n_statements == 1 && rewrite(&about->queries[0], &j->text)) {
        f->rewrite = analysis_text(a, &j->text);
    }
    return a->st->code == STATUS_OK;
}

static bool find_repeats(judged *j, const cycle_about *about)
{
    analysis *a = j->a;
    burst_sum sum;
    session_count sessions = {0};
    if (!add_up(j, is_same, &sum)) {
        return false;
    }
    if (!passes_gates(j, &sum)) {
        return true;
    }
    finding *f = add_finding(j, FINDING_REPEATED_QUERY, &sum);
    if (f == NULL || !count_sessions(j, &sum, &sessions) || !add_evidence(j, f, &sum, sessions.n)) {
        return false;
    }
    f->confidence = j->coarse ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN;
    buf_add_text(&j->text, "The same query on ");
    add_names(&j->text, j, about);
    buf_add_text(&j->text, " ");
    count_format(&j->text, sum.median);
    buf_add_text(&j->text, " times in a row");
    f->title = analysis_text(a, &j->text);
    add_bursts(&sum, &sessions, &j->text);
    buf_add_text(&j->text, " queries with the same values.");
    add_times(j, &sum, &j->text);
    f->detail = analysis_text(a, &j->text);
    f->advice = SLICE("Ask once and keep the answer for the rest of the request: a variable, the"
                      " ORM's query cache, or a cache beside the database where several requests"
                      " need it.");
    return a->st->code == STATUS_OK;
}

static slice batch_advice(const analysed_query *q)
{
    if (is_document_store(q)) {
        return slice_is(q->verb, "insert")
                   ? SLICE("Send them together: insertMany, with ordered: false where it may.")
                   : SLICE(
                         "Send them together: updateMany or deleteMany where one filter finds them"
                         " all, else bulkWrite, with ordered: false where it may.");
    }
    if (slice_is(q->verb, "INSERT")) {
        return SLICE(
            "Write many rows with one statement: INSERT … VALUES (…), (…), …, some hundred"
            " to a thousand rows at a time in one transaction; COPY or LOAD DATA for more."
            " In an ORM: insert_all, bulk_create, saveAll with JDBC batching, createMany.");
    }
    return SLICE(
        "Change many rows with one statement: WHERE id IN (…), a JOIN with VALUES or with a"
        " temporary table, in one transaction. In an ORM: update_all, bulk_update,"
        " updateMany.");
}

static bool find_writes(judged *j, const cycle_about *about)
{
    analysis *a = j->a;
    burst_sum sum;
    session_count sessions = {0};
    if (!add_up(j, is_written, &sum)) {
        return false;
    }
    if (!passes_gates(j, &sum)) {
        return true;
    }
    finding *f = add_finding(j, FINDING_ROW_BY_ROW_WRITES, &sum);
    if (f == NULL || !count_sessions(j, &sum, &sessions) || !add_evidence(j, f, &sum, sessions.n)) {
        return false;
    }
    f->confidence = j->coarse ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN;
    add_names(&j->text, j, about);
    buf_add_text(&j->text, " written row by row, ");
    count_format(&j->text, sum.median);
    buf_add_text(&j->text, " statements in a row");
    f->title = analysis_text(a, &j->text);
    add_bursts(&sum, &sessions, &j->text);
    buf_add_text(&j->text, " statements.");
    add_times(j, &sum, &j->text);
    f->detail = analysis_text(a, &j->text);
    f->advice = batch_advice(&about->queries[0]);
    return a->st->code == STATUS_OK;
}

static bool judge(judged *j)
{
    cycle_about about;
    if (!read_cycle(j) || j->n_statements == 0) {
        return j->a->st->code == STATUS_OK;
    }
    if (!read_about(j, &about)) {
        return false;
    }
    find_length(j);
    if (about.writes) {
        return find_writes(j, &about);
    }
    return !about.reads || (find_children(j, &about) && find_repeats(j, &about));
}

static bool run(analysis *a, const analysed_source *source)
{
    burst_rows all = {0};
    if (!read_rows(a, source, &all)) {
        return false;
    }
    judged j = {.a = a, .source = source, .coarse = source->clock_resolution > CHAIN_GAP};
    buf_init(&j.text, TEXT_MAX);
    bool ok = exposures_read(a, source, &j.exposures);
    for (uint32_t i = 0; ok && i < all.n; i += j.rows.n) {
        j.rows = (burst_rows){.items = &all.items[i], .n = 1};
        while (i + j.rows.n < all.n && all.items[i + j.rows.n].cycle == all.items[i].cycle) {
            j.rows.n++;
        }
        ok = judge(&j);
    }
    buf_free(&j.text);
    return ok;
}

static const finding_kind kinds[] = {FINDING_N_PLUS_ONE, FINDING_REPEATED_QUERY,
                                     FINDING_ROW_BY_ROW_WRITES};

const analyser bursts_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
