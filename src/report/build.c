/* build.c - see build.h: totals, order and what belongs to the whole report.
 * Sources and files are in build_sources.c, the details of queries in build_queries.c. */
#include "report/build.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analysers/analysis.h"
#include "analysers/history.h"
#include "analysers/occurrences.h"
#include "analysers/regressions.h"
#include "base/number.h"
#include "base/time_units.h"
#include "report/build_parts.h"
#include "report/figures.h"
#include "report/redact.h"
#include "store/select.h"

enum {
    MODEL_MAX = 1024 * 1024 * 1024,
    FIRST_CAP = 1024,
    EXAMINED_LEAST = 10000 /* thousandths: what ranks by rows examined for each that was sent */
};

bool model_order_find(slice name, model_order *order)
{
    static const char *const names[] = {
        [ORDER_TOTAL] = "total",  [ORDER_MEAN] = "mean",   [ORDER_P95] = "p95",
        [ORDER_MAX] = "max",      [ORDER_CALLS] = "calls", [ORDER_EXAMINED] = "examined",
        [ORDER_ERRORS] = "errors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_is(name, names[i])) {
            *order = (model_order)i;
            return true;
        }
    }
    return false;
}

/* --- sums by fingerprint ---------------------------------------------------------- */

static uint32_t sum_slot(query_sum *const *slots, uint32_t cap, uint64_t fingerprint)
{
    uint32_t at = (uint32_t)mix64(fingerprint, 0) & (cap - 1);
    while (slots[at] != NULL && slots[at]->fingerprint != fingerprint) {
        at = (at + 1) & (cap - 1);
    }
    return at;
}

query_sum *find_sum(const builder *b, uint64_t fingerprint)
{
    return b->cap_sums == 0 ? NULL : b->sums[sum_slot(b->sums, b->cap_sums, fingerprint)];
}

static bool grow_sums(builder *b)
{
    uint32_t cap = b->cap_sums == 0 ? FIRST_CAP : b->cap_sums * 2;
    query_sum **sums = arena_calloc(&b->m->arena, cap, sizeof(query_sum *));
    if (sums == NULL) {
        return status_no_memory(b->st);
    }
    for (uint32_t i = 0; i < b->cap_sums; i++) {
        if (b->sums[i] != NULL) {
            sums[sum_slot(sums, cap, b->sums[i]->fingerprint)] = b->sums[i];
        }
    }
    b->sums = sums;
    b->cap_sums = cap;
    return true;
}

static query_sum *add_sum(builder *b, uint64_t fingerprint)
{
    if (b->n_sums * 2 >= b->cap_sums && !grow_sums(b)) {
        return NULL;
    }
    uint32_t at = sum_slot(b->sums, b->cap_sums, fingerprint);
    if (b->sums[at] == NULL) {
        query_sum *sum = arena_calloc(&b->m->arena, 1, sizeof *sum);
        if (sum == NULL) {
            status_no_memory(b->st);
            return NULL;
        }
        sum->fingerprint = fingerprint;
        b->sums[at] = sum;
        b->n_sums++;
    }
    return b->sums[at];
}

/* Widens [first, last]; 0 in `last` is "nothing yet". */
static void widen(int64_t *first, int64_t *last, int64_t from, int64_t to)
{
    if (to == 0) {
        return;
    }
    *first = *last == 0 || from < *first ? from : *first;
    *last = *last == 0 || to > *last ? to : *last;
}

/* --- totals ------------------------------------------------------------------------- */

/* Bucket widths people can read; the narrowest that gives at most 96 buckets. From a minute on each
 * is a multiple of every step that a row can have (base/series.h); the others are such steps. */
static int64_t fit_step(int64_t window)
{
    static const int64_t seconds[] = {1,    5,    10,   30,    60,    120,   300,   600,   900,
                                      1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800};
    size_t i = 0;
    while (i + 1 < sizeof seconds / sizeof *seconds && window / (seconds[i] * US_PER_SECOND) > 96) {
        i++;
    }
    return seconds[i] * US_PER_SECOND;
}

static bool add_load(builder *b, int64_t hour, slice packed)
{
    arena *a = &b->m->arena;
    series_point point = {0};
    while (series_take(&packed, &point)) {
        bool is_fine = point.step * US_PER_SECOND <= b->minutes.step;
        if (!load_add(&b->load, a, hour, &point) ||
            (is_fine && !load_add(&b->minutes, a, hour, &point))) {
            return status_no_memory(b->st);
        }
    }
    return true;
}

static bool read_totals(builder *b)
{
    b->load = (load){.step = fit_step(b->m->to - b->m->from), .zone_offset = b->m->zone_offset};
    b->minutes = (load){.step = US_PER_MINUTE, .zone_offset = b->m->zone_offset};
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT fingerprint, calls, estimated_calls, errors, first_at,"
                                 " last_at, hour, series FROM digest",
                                 b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        query_sum *sum = add_sum(b, (uint64_t)sqlite3_column_int64(q, 0));
        if (sum == NULL) {
            break;
        }
        sum->calls += sqlite3_column_int64(q, 1);
        sum->estimated_calls += sqlite3_column_int64(q, 2);
        sum->errors += sqlite3_column_int64(q, 3);
        widen(&sum->first_at, &sum->last_at, sqlite3_column_int64(q, 4),
              sqlite3_column_int64(q, 5));
        if (!add_load(b, sqlite3_column_int64(q, 6), column_view(q, 7))) {
            break;
        }
    }
    return rows_end(q, b->st);
}

bool measure_sum_add(measure_sum *sum, arena *a, sqlite3_stmt *q, int at, status *st)
{
    uint64_t n = (uint64_t)sqlite3_column_int64(q, at);
    uint64_t min = (uint64_t)sqlite3_column_int64(q, at + 2);
    uint64_t max = (uint64_t)sqlite3_column_int64(q, at + 3);
    sum->min = sum->n == 0 || min < sum->min ? min : sum->min;
    sum->max = max > sum->max ? max : sum->max;
    sum->n += n;
    sum->sum += (uint64_t)sqlite3_column_int64(q, at + 1);
    return histogram_merge(&sum->histogram, a, column_view(q, at + 4)) ||
           status_fail(st, STATUS_STORE, "a histogram in the store is damaged");
}

/* Of a part of an hour the histogram is of the whole hour, and so has more values than `n`: how
 * they lie is then told about the mean of the part. */
distribution measure_sum_distribution(const measure_sum *sum)
{
    uint64_t values = histogram_total(&sum->histogram);
    double scale = sum->n > 0 ? (double)values / (double)sum->n : 0;
    uint64_t total = values == sum->n ? sum->sum : (uint64_t)((double)sum->sum * scale);
    return histogram_describe(&sum->histogram, values, total, sum->min, sum->max);
}

model_statistics measure_sum_figures(const measure_sum *sum, const distribution *d)
{
    uint64_t values = histogram_total(&sum->histogram);
    return (model_statistics){.n = (int64_t)sum->n,
                              .sum_alone = sum->n > 0 && values == 0,
                              .total = (int64_t)sum->sum,
                              .mean = sum->n > 0 ? (int64_t)((sum->sum + sum->n / 2) / sum->n) : 0,
                              .min = (int64_t)sum->min,
                              .max = (int64_t)sum->max,
                              .p50 = (int64_t)d->p50,
                              .p90 = (int64_t)d->p90,
                              .p95 = (int64_t)d->p95,
                              .p99 = (int64_t)d->p99,
                              .stddev = (int64_t)d->stddev};
}

model_statistics measure_sum_describe(const measure_sum *sum)
{
    distribution d = measure_sum_distribution(sum);
    return measure_sum_figures(sum, &d);
}

static bool read_times(builder *b)
{
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT fingerprint, n, sum, min, max, histogram FROM measures"
                                 " WHERE measure = 'query_time'",
                                 b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        query_sum *sum = add_sum(b, (uint64_t)sqlite3_column_int64(q, 0));
        if (sum == NULL || !measure_sum_add(&sum->time, &b->m->arena, q, 1, b->st) ||
            !measure_sum_add(&b->time, &b->m->arena, q, 1, b->st)) {
            break;
        }
    }
    return rows_end(q, b->st);
}

/* What is needed to tell how many rows were read for each that was sent. */
static bool read_rows(builder *b)
{
    if (b->request->leaders == 0 && b->request->order != ORDER_EXAMINED) {
        return true;
    }
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT fingerprint, measure = 'rows_sent', sum(sum) FROM measures"
                                 " WHERE measure IN ('rows_sent', 'rows_examined') GROUP BY 1, 2",
                                 b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        query_sum *sum = add_sum(b, (uint64_t)sqlite3_column_int64(q, 0));
        if (sum == NULL) {
            break;
        }
        *(sqlite3_column_int(q, 1) != 0 ? &sum->sent : &sum->examined) = sqlite3_column_int64(q, 2);
    }
    return rows_end(q, b->st);
}

/* --- order ------------------------------------------------------------------------------ */

static int64_t permille_of(int64_t part, int64_t whole)
{
    __extension__ typedef __int128 int128;
    int128 permille = (int128)part * 1000 / whole;
    return permille > INT64_MAX ? INT64_MAX : (int64_t)permille;
}

void query_sum_key(query_sum *sum, model_order order)
{
    model_statistics t;
    switch (order) {
    case ORDER_TOTAL:
        sum->key = (int64_t)sum->time.sum;
        break;
    case ORDER_MEAN:
        sum->key = sum->time.n > 0 ? (int64_t)(sum->time.sum / sum->time.n) : 0;
        break;
    case ORDER_P95:
        t = measure_sum_describe(&sum->time);
        sum->key = t.p95;
        break;
    case ORDER_MAX:
        sum->key = (int64_t)sum->time.max;
        break;
    case ORDER_CALLS:
        sum->key = sum->calls;
        break;
    case ORDER_EXAMINED:
        sum->key = sum->sent > 0 ? permille_of(sum->examined, sum->sent) : 0;
        break;
    case ORDER_ERRORS:
        sum->key = sum->errors;
        break;
    }
}

int query_sum_compare(const query_sum *x, const query_sum *y)
{
    if (x->key != y->key) {
        return x->key > y->key ? -1 : 1;
    }
    if (x->time.sum != y->time.sum) {
        return x->time.sum > y->time.sum ? -1 : 1;
    }
    return (x->calls < y->calls) - (x->calls > y->calls);
}

/* By fingerprint at last, so that the order is always the same. */
static int compare_sums(const void *a, const void *b)
{
    const query_sum *x = *(query_sum *const *)a;
    const query_sum *y = *(query_sum *const *)b;
    int order = query_sum_compare(x, y);
    return order != 0 ? order
                      : (x->fingerprint > y->fingerprint) - (x->fingerprint < y->fingerprint);
}

/* All that were called or failed, by `order`; rows that hold neither (a statement that was only
 * prepared) are no query of the report. NULL where memory is out. */
static query_sum **sorted_by(builder *b, model_order order, uint32_t *n)
{
    query_sum **sorted = arena_alloc(&b->m->arena, (b->n_sums + 1) * sizeof(query_sum *));
    if (sorted == NULL) {
        status_no_memory(b->st);
        return NULL;
    }
    *n = 0;
    for (uint32_t i = 0; i < b->cap_sums; i++) {
        query_sum *sum = b->sums[i];
        if (sum != NULL && (sum->calls > 0 || sum->errors > 0)) {
            query_sum_key(sum, order);
            sorted[(*n)++] = sum;
        }
    }
    qsort(sorted, *n, sizeof(query_sum *), compare_sums);
    return sorted;
}

static void add_totals(builder *b)
{
    for (uint32_t i = 0; i < b->cap_sums; i++) {
        if (b->sums[i] != NULL) {
            b->m->calls += b->sums[i]->calls;
            b->m->estimated_calls += b->sums[i]->estimated_calls;
        }
    }
}

/* The fewest queries that make up half of all query time. */
static bool count_half(builder *b)
{
    uint32_t n;
    query_sum **sorted = sorted_by(b, ORDER_TOTAL, &n);
    uint64_t half = b->time.sum - b->time.sum / 2;
    uint64_t time = 0;
    for (uint32_t i = 0; sorted != NULL && i < n && time < half; i++) {
        time += sorted[i]->time.sum;
        b->m->half_fingerprints++;
    }
    b->m->half_time = (int64_t)time;
    return sorted != NULL;
}

/* The sums that lead by each figure, which are shown whatever else is. */
typedef struct leaders {
    query_sum **sorted[MODEL_RANKINGS];
    uint32_t n[MODEL_RANKINGS];
} leaders;

static bool find_leaders(builder *b, leaders *l)
{
    static const model_order orders[MODEL_RANKINGS] = {
        [RANKING_TOTAL] = ORDER_TOTAL,       [RANKING_MEAN] = ORDER_MEAN,
        [RANKING_P95] = ORDER_P95,           [RANKING_CALLS] = ORDER_CALLS,
        [RANKING_EXAMINED] = ORDER_EXAMINED, [RANKING_ERRORS] = ORDER_ERRORS};
    if (b->request->only_one) {
        return true;
    }
    for (int r = 0; r < MODEL_RANKINGS && b->request->leaders > 0; r++) {
        l->sorted[r] = sorted_by(b, orders[r], &l->n[r]);
        if (l->sorted[r] == NULL) {
            return false;
        }
        l->n[r] = l->n[r] < b->request->leaders ? l->n[r] : b->request->leaders;
        int64_t least = r == RANKING_EXAMINED ? EXAMINED_LEAST : 1;
        while (l->n[r] > 0 && l->sorted[r][l->n[r] - 1]->key < least) {
            l->n[r]--;
        }
        for (uint32_t i = 0; i < l->n[r]; i++) {
            l->sorted[r][i]->wanted = true;
        }
    }
    return true;
}

static bool keep_leaders(builder *b, const leaders *l)
{
    for (int r = 0; r < MODEL_RANKINGS; r++) {
        model_ranking *ranking = &b->m->rankings[r];
        ranking->items = arena_alloc(&b->m->arena, (l->n[r] + 1) * sizeof(model_query *));
        if (ranking->items == NULL) {
            return status_no_memory(b->st);
        }
        for (ranking->n = 0; ranking->n < l->n[r]; ranking->n++) {
            ranking->items[ranking->n] = l->sorted[r][ranking->n]->shown;
        }
    }
    return true;
}

/* The statements of findings are shown whatever else is. */
static void mark_found(const builder *b)
{
    const model *m = b->m;
    for (uint32_t i = 0; b->request->found && i < m->n_findings; i++) {
        for (uint32_t k = 0; k < m->findings[i].n_queries; k++) {
            query_sum *sum = find_sum(b, m->findings[i].queries[k]);
            if (sum != NULL) {
                sum->wanted = true;
            }
        }
    }
}

/* Marks the queries to show; `sorted` has the order asked for. Returns how many. */
static uint32_t mark_wanted(const builder *b, query_sum **sorted, uint32_t n)
{
    uint32_t limit = b->request->limit == 0 ? n : b->request->limit;
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i]->wanted = b->request->only_one ? sorted[i]->fingerprint == b->request->only
                                                 : sorted[i]->wanted || i < limit;
        wanted += sorted[i]->wanted;
    }
    return wanted;
}

/* Chooses the queries to show, in order, and adds up the others. */
static bool choose(builder *b)
{
    model *m = b->m;
    leaders lead = {0};
    uint32_t n;
    add_totals(b);
    if (!count_half(b) || !find_leaders(b, &lead)) {
        return false;
    }
    query_sum **sorted = sorted_by(b, b->request->order, &n);
    if (sorted == NULL) {
        return false;
    }
    mark_found(b);
    m->fingerprints = n;
    m->queries = arena_calloc(&m->arena, mark_wanted(b, sorted, n) + 1, sizeof *m->queries);
    if (m->queries == NULL) {
        return status_no_memory(b->st);
    }
    for (uint32_t i = 0; i < n; i++) {
        query_sum *sum = sorted[i];
        if (sum->wanted) {
            sum->shown = &m->queries[m->n_queries++];
            sum->shown->rank = i + 1;
        } else {
            m->other_fingerprints++;
            m->other_calls += sum->calls;
            m->other_time += (int64_t)sum->time.sum;
        }
    }
    return keep_leaders(b, &lead);
}

/* Says of a source that has too few nights that nothing was tested. */
static bool limit_nights(builder *b, const analysis_request *wanted, slice source)
{
    model *m = b->m;
    uint32_t n;
    uint32_t needed;
    buf why;
    if (!regressions_count_nights(b->store, wanted, source, &n, &needed, b->st)) {
        return false;
    }
    if (n >= needed) {
        return true;
    }
    model_limit *limits = arena_alloc(&m->arena, ((size_t)m->n_limits + 1) * sizeof *limits);
    buf_init(&why, 256);
    counted_format(&why, n, "night", "nights");
    buf_printf(&why, " of the window before it can be compared, and %" PRIu32 " are needed",
               needed);
    slice because = {0};
    bool ok = limits != NULL && !why.failed && arena_copy(&m->arena, buf_slice(&why), &because);
    buf_free(&why);
    if (!ok) {
        return status_no_memory(b->st);
    }
    if (m->n_limits > 0) {
        memcpy(limits, m->limits, m->n_limits * sizeof *limits);
    }
    limits[m->n_limits++] = (model_limit){
        .source = source,
        .cannot_show = SLICE("regressions"),
        .because = because,
        .remedy = SLICE("'qlog diff' compares two windows without a test"),
    };
    m->limits = limits;
    return true;
}

/* The time of the latest record of the sources that are chosen. */
static bool find_last(const builder *b, const selection *chosen, int64_t *last)
{
    *last = 0;
    sqlite3_stmt *q = rows_begin(b->store, "SELECT source, engine, last_at FROM segments", b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        int64_t at = sqlite3_column_int64(q, 2);
        bool counts = chosen == NULL || (name_list_has(&chosen->sources, column_view(q, 0)) &&
                                         name_list_has(&chosen->engines, column_view(q, 1)));
        *last = counts && at > *last ? at : *last;
    }
    return rows_end(q, b->st);
}

/* What the windows before found, of a store's window; the store is not narrowed yet. */
static bool look_back(builder *b)
{
    analysis_request *wanted = &b->analysis;
    selection *chosen = b->request->chosen;
    int64_t last;
    if (b->request->analysis == NULL) {
        return true;
    }
    *wanted = *b->request->analysis;
    if (!b->request->of_store) {
        return true;
    }
    if ((chosen != NULL && !store_resolve(b->store, chosen, b->st)) ||
        !find_last(b, chosen, &last)) {
        return false;
    }
    bool begins = chosen != NULL && chosen->since.kind != MOMENT_NONE;
    bool ends = chosen != NULL && chosen->until.kind != MOMENT_NONE;
    wanted->since = begins ? chosen->since.us : 0;
    wanted->until = ends ? chosen->until.us : last + US_PER_HOUR;
    if (b->request->names != NULL) {
        return true; /* what is known of findings is known by ids that names have made */
    }
    wanted->chosen = chosen;
    b->m->keeps_findings = true;
    b->m->looks_back = begins;
    return history_read(b->store, wanted, &b->m->arena, &b->history, b->st);
}

static bool find(builder *b)
{
    model *m = b->m;
    analysis_request *wanted = &b->analysis;
    finding *findings = NULL;
    closed_finding *closed = NULL;
    if (b->request->analysis == NULL) {
        return true;
    }
    for (uint32_t i = 0; wanted->baseline > 0 && wanted->since > 0 && i < m->n_sources; i++) {
        if (!limit_nights(b, wanted, m->sources[i].name)) {
            return false;
        }
    }
    wanted->history = b->history;
    bool ok = analyse(b->store, wanted, &m->arena, &findings, &m->n_findings, b->st) &&
              (b->history == NULL || history_judge(b->history, wanted, b->store, findings,
                                                   m->n_findings, &closed, &m->n_closed, b->st));
    ok = ok && occurrences_tell(b->store, wanted, findings, m->n_findings, &m->arena, b->st);
    m->findings = findings;
    m->closed = closed;
    for (uint32_t i = 0; ok && i < m->n_findings; i++) {
        m->n_accepted += findings[i].state == FINDING_ACCEPTED;
    }
    return ok;
}

/* --- the whole ---------------------------------------------------------------------------- */

static bool read_errors(builder *b)
{
    sqlite3_stmt *q = rows_begin(b->store, "SELECT coalesce(sum(n), 0) FROM errors", b->st);
    if (q != NULL && rows_next(b->store, q, b->st)) {
        b->m->errors = sqlite3_column_int64(q, 0);
    }
    return rows_end(q, b->st);
}

static bool read_events(builder *b)
{
    static const struct {
        const char *kind;
        const char *one;
        const char *many;
    } titles[] = {
        {"apply", "replicated operation", "replicated operations"},
        {"await", "wait for data", "waits for data"},
        {"checkpoint", "checkpoint record", "checkpoint records"},
        {"ddl", "change of the schema", "changes of the schema"},
        {"error", "error", "errors"},
        {"lock-wait", "lock wait", "lock waits"},
        {"message", "other message", "other messages"},
        {"plan", "plan", "plans"},
        {"replication", "replication record", "replication records"},
        {"server-start", "server start", "server starts"},
        {"server-stop", "server stop", "server stops"},
        {"session-end", "disconnection", "disconnections"},
        {"session-start", "connection", "connections"},
        {"setting", "changed setting", "changed settings"},
        {"statistics", "record of statistics", "records of statistics"},
        {"system", "operation of the server's own", "operations of the server's own"},
        {"temp-file", "temporary file", "temporary files"},
        {"transaction", "whole transaction", "whole transactions"},
        {"vacuum", "autovacuum record", "autovacuum records"},
        {"warning", "warning", "warnings"},
    };
    model *m = b->m;
    size_t max = sizeof titles / sizeof *titles;
    m->events = arena_calloc(&m->arena, max, sizeof *m->events);
    if (m->events == NULL) {
        return status_no_memory(b->st);
    }
    sqlite3_stmt *q = rows_begin(
        b->store, "SELECT kind, sum(n) FROM server_events GROUP BY kind ORDER BY kind", b->st);
    while (q != NULL && m->n_events < max && rows_next(b->store, q, b->st)) {
        for (size_t i = 0; i < max; i++) {
            if (slice_is(column_view(q, 0), titles[i].kind)) {
                int64_t n = sqlite3_column_int64(q, 1);
                m->events[m->n_events++] = (model_event_count){
                    .kind = slice_from(titles[i].kind),
                    .title = slice_from(n == 1 ? titles[i].one : titles[i].many),
                    .n = n};
            }
        }
    }
    return rows_end(q, b->st);
}

static bool read_occurrences(builder *b)
{
    enum { OCCURRENCES_MAX = 50 };
    model *m = b->m;
    m->occurrences = arena_alloc(&m->arena, OCCURRENCES_MAX * sizeof *m->occurrences);
    return m->occurrences == NULL
               ? status_no_memory(b->st)
               : occurrences_read(b->store, SLICE(""), m->from, m->to + 1, &m->arena,
                                  m->occurrences, OCCURRENCES_MAX, &m->n_occurrences, b->st);
}

static bool describe_load(builder *b)
{
    model *m = b->m;
    m->time = measure_sum_describe(&b->time);
    if (!load_permille(m, m->time.total, &m->load_permille)) {
        m->load_permille = 0;
    }
    m->series_step = b->load.step;
    m->busiest = load_busiest(&b->minutes);
    return (load_series(&b->load, &m->arena, &m->series) || status_no_memory(b->st)) &&
           (histogram_bins(&b->time.histogram, &m->arena, &m->histogram, &m->n_histogram) ||
            status_no_memory(b->st));
}

static bool copy_request(builder *b)
{
    model *m = b->m;
    const model_request *r = b->request;
    m->version = SLICE(QLOG_VERSION);
    if (r->has_zone) {
        m->zone_offset = r->zone_offset;
        if (!arena_copy(&m->arena, r->zone, &m->zone)) {
            return status_no_memory(b->st);
        }
    }
    slice command = r->names == NULL ? r->command : SLICE(""); /* it names files */
    return (arena_copy(&m->arena, r->selection, &m->selection) &&
            arena_copy(&m->arena, command, &m->command)) ||
           status_no_memory(b->st);
}

bool model_build(const store *s, const model_request *r, model *m, status *st)
{
    *m = (model){0};
    arena_init(&m->arena, MODEL_MAX);
    builder b = {.store = s, .request = r, .m = m, .st = st};
    /* One transaction, so that all parts are of one moment. */
    sqlite3_exec(store_connection(s), "BEGIN", NULL, NULL, NULL);
    bool ok = look_back(&b) && (r->chosen == NULL || store_select(s, r->chosen, st)) &&
              (r->names == NULL || store_redact(s, r->names, st)) && build_sources(&b) &&
              copy_request(&b) && read_totals(&b) && read_times(&b) && read_rows(&b) && find(&b) &&
              choose(&b) && describe_load(&b) && read_errors(&b) && read_events(&b) &&
              read_occurrences(&b) && build_server(&b) && build_groups(&b) && build_queries(&b);
    sqlite3_exec(store_connection(s), "COMMIT", NULL, NULL, NULL);
    return ok;
}

void model_free(model *m)
{
    arena_free(&m->arena);
    *m = (model){0};
}

enum { ALIAS_IDS_MAX = 90 /* of five queries */ };

bool model_find_alias(const store *s, slice alias, uint64_t *fingerprint, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s, "SELECT DISTINCT fingerprint FROM aliases WHERE value = ?1", st);
    int found = 0;
    buf ids;
    buf_init(&ids, ALIAS_IDS_MAX);
    if (q != NULL) {
        sqlite3_bind_text(q, 1, alias.p, (int)alias.n, SQLITE_STATIC);
    }
    while (q != NULL && rows_next(s, q, st)) {
        *fingerprint = (uint64_t)sqlite3_column_int64(q, 0);
        buf_add_text(&ids, found > 0 ? ", " : "");
        id_format(&ids, *fingerprint);
        found++;
    }
    bool ok = rows_end(q, st);
    if (ok && found > 1) {
        status_fail(st, STATUS_USAGE, "'%.*s' is the server's name of %d queries: %.*s%s",
                    (int)alias.n, alias.p, found, (int)ids.n, ids.p, ids.failed ? " …" : "");
    }
    buf_free(&ids);
    return ok && found == 1;
}
