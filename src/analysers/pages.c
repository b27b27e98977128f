/* pages.c - pagination by OFFSET: pages that read and throw away all the rows in front of them.
 *
 * Three things are looked for, each with what it takes (the figures are those of simulations over
 * 600 series without growth, none of which gave an alarm): that pages lie deep, which is worth a
 * look; that time grows with the offset (rank correlation and the median of slopes); and that the
 * server's own count of rows examined grows as the offset does, which proves it. OFFSET 0 is no
 * page, a constant OFFSET no pagination. */
#include <math.h>
#include <stdlib.h>

#include "analysers/analysis.h"
#include "analysers/keyset.h"
#include "analysers/statistics.h"
#include "base/number.h"
#include "digest/evidence.h"

enum {
    SAMPLE_MAX = 256,
    PAGES_DEEP = 50,   /* limits passed over, or */
    ROWS_DEEP = 10000, /* rows, by one page */
    GROWTH_POINTS = 12,
    PROOF_POINTS = 5,
    PROOF_SKIP = 100,       /* rows, below which the rows of the page itself weigh too much */
    FELT_US = 20000,        /* of growth at the 95th percentile's offset */
    CHART_POINTS_MAX = 120, /* beyond, the points lie on each other */
    TEXT_MAX = 64 * 1024
};

static const double GROWTH_RHO = 0.3;
static const double GROWTH_Z = 3.1;    /* of the correlation: one false alarm in a thousand */
static const double PROOF_RHO = 0.95;  /* rows examined are no estimate */
static const double PROOF_SLOPE = 0.8; /* rows examined for each passed over */

typedef struct pages {
    uint64_t fingerprint;
    int64_t n, walks, walk_pages, twins;
    uint64_t twin;
    page_point sample[SAMPLE_MAX];
    uint32_t n_sample;
    uint32_t distinct; /* offsets in the sample */
    uint64_t limit;    /* the sample's median; 0: not known */
    /* Of all executions. */
    int64_t calls, rows_skipped, max_offset, p95_offset;
    int64_t time, p95_time;
    /* What the sample shows. */
    bool deep, grows, proven;
    double us_per_row; /* 0: does not grow */
} pages;

/* A measure of all executions of a query. */
typedef struct measure_sum {
    int64_t n, sum, min, max;
    histogram bins;
} measure_sum;

typedef struct figures {
    uint64_t fingerprint;
    measure_sum rows_skipped, time;
} figures;

typedef struct judging {
    analysis *a;
    const analysed_source *source;
    figures *figures; /* by fingerprint, as a signed number */
    uint32_t n_figures;
    buf text; /* scratch */
} judging;

/* --- reading ------------------------------------------------------------------------------- */

/* The figures of the row's query, which are the last ones or the next; NULL where memory is out. */
static figures *figures_for(judging *j, uint64_t fingerprint)
{
    if (j->n_figures > 0 && j->figures[j->n_figures - 1].fingerprint == fingerprint) {
        return &j->figures[j->n_figures - 1];
    }
    figures *all = arena_one_more(j->a->arena, j->figures, j->n_figures, sizeof *all);
    if (all == NULL) {
        return NULL;
    }
    j->figures = all;
    all[j->n_figures] = (figures){.fingerprint = fingerprint};
    return &all[j->n_figures++];
}

static bool add_measured(judging *j, sqlite3_stmt *q)
{
    figures *f = figures_for(j, (uint64_t)sqlite3_column_int64(q, 0));
    if (f == NULL) {
        return status_no_memory(j->a->st);
    }
    measure_sum *m = sqlite3_column_int64(q, 1) != 0 ? &f->time : &f->rows_skipped;
    int64_t least = sqlite3_column_int64(q, 4);
    int64_t most = sqlite3_column_int64(q, 5);
    m->min = m->n == 0 || least < m->min ? least : m->min;
    m->max = most > m->max ? most : m->max;
    m->n += sqlite3_column_int64(q, 2);
    m->sum += sqlite3_column_int64(q, 3);
    return histogram_merge(&m->bins, j->a->arena, column_view(q, 6)) ||
           status_fail(j->a->st, STATUS_STORE, "a histogram in the store is damaged");
}

/* In one go: the store's rows have no order of fingerprints. */
static bool read_figures(judging *j)
{
    analysis *a = j->a;
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT fingerprint, measure = 'query_time', n, sum, min, max, histogram"
                      " FROM measures WHERE source = ?1"
                      " AND measure IN ('query_time', 'rows_skipped')"
                      " AND fingerprint IN (SELECT fingerprint FROM pages WHERE source = ?1)"
                      " ORDER BY fingerprint",
                      j->source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        if (!add_measured(j, q)) {
            break;
        }
    }
    return rows_end(q, a->st);
}

static int compare_figures(const void *a, const void *b)
{
    int64_t x = (int64_t)((const figures *)a)->fingerprint;
    int64_t y = (int64_t)((const figures *)b)->fingerprint;
    return (x > y) - (x < y);
}

static int64_t p95_of(const measure_sum *m)
{
    return (int64_t)histogram_describe(&m->bins, (uint64_t)m->n, (uint64_t)m->sum, (uint64_t)m->min,
                                       (uint64_t)m->max)
        .p95;
}

static void set_figures(const judging *j, pages *p)
{
    figures key = {.fingerprint = p->fingerprint};
    const figures *f = j->n_figures > 0
                           ? bsearch(&key, j->figures, j->n_figures, sizeof key, compare_figures)
                           : NULL;
    if (f != NULL) {
        p->calls = f->rows_skipped.n;
        p->rows_skipped = f->rows_skipped.sum;
        p->max_offset = f->rows_skipped.max;
        p->p95_offset = p95_of(&f->rows_skipped);
        p->time = f->time.sum;
        p->p95_time = p95_of(&f->time);
    }
}

/* --- what the sample shows ----------------------------------------------------------------- */

static int compare_skips(const void *a, const void *b)
{
    const page_point *x = a;
    const page_point *y = b;
    if (x->skip != y->skip) {
        return x->skip < y->skip ? -1 : 1;
    }
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void describe_sample(pages *p)
{
    uint64_t limits[SAMPLE_MAX];
    uint32_t n = 0;
    qsort(p->sample, p->n_sample, sizeof *p->sample, compare_skips);
    for (uint32_t i = 0; i < p->n_sample; i++) {
        p->distinct += i == 0 || p->sample[i].skip != p->sample[i - 1].skip;
        if (p->sample[i].limit > 0) {
            limits[n++] = p->sample[i].limit;
        }
    }
    qsort(limits, n, sizeof *limits, compare_numbers);
    p->limit = n > 0 ? limits[(n - 1) / 2] : 0;
}

static bool look_for_growth(const judging *j, pages *p)
{
    sample_point points[SAMPLE_MAX];
    double rho;
    double slope;
    for (uint32_t i = 0; i < p->n_sample; i++) {
        points[i] = (sample_point){(double)p->sample[i].skip, (double)p->sample[i].duration};
    }
    if (p->n_sample < GROWTH_POINTS || p->distinct < 3) {
        return true;
    }
    if (!rank_correlation(j->a->arena, points, p->n_sample, &rho) ||
        !median_slope(j->a->arena, points, p->n_sample, &slope)) {
        return status_no_memory(j->a->st);
    }
    double at_p95 = slope * (double)p->p95_offset;
    double felt = (double)p->p95_time * 0.3 > FELT_US ? (double)p->p95_time * 0.3 : FELT_US;
    bool grows = rho >= GROWTH_RHO && rho * sqrt(p->n_sample - 1.0) > GROWTH_Z && slope > 0;
    p->us_per_row = grows ? slope : 0;
    p->grows = grows && at_p95 >= felt;
    return true;
}

/* Rows examined grow as the offset does, whether a filter drops some of them, or a sort reads all
 * of the table besides. */
static bool look_for_proof(const judging *j, pages *p)
{
    sample_point points[SAMPLE_MAX];
    uint32_t n = 0;
    uint32_t near = 0;
    double rho;
    double slope;
    for (uint32_t i = 0; i < p->n_sample; i++) {
        const page_point *s = &p->sample[i];
        if (s->examined == UINT64_MAX || s->skip < PROOF_SKIP) {
            continue;
        }
        uint64_t wanted = s->skip + s->limit;
        near += s->examined * 5 >= wanted * 4 && s->examined * 4 <= wanted * 5;
        points[n++] = (sample_point){(double)s->skip, (double)s->examined};
    }
    if (n == 0 || p->distinct < 3) {
        return true;
    }
    if (!rank_correlation(j->a->arena, points, n, &rho) ||
        !median_slope(j->a->arena, points, n, &slope)) {
        return status_no_memory(j->a->st);
    }
    p->proven =
        near * 5 >= n * 4 || (n >= PROOF_POINTS && rho >= PROOF_RHO && slope >= PROOF_SLOPE);
    return true;
}

static void look_for_depth(const judging *j, pages *p)
{
    int64_t depth = j->a->request->thresholds[THRESHOLD_OFFSET_DEPTH];
    bool many = p->limit > 0 && p->p95_offset >= PAGES_DEEP * (int64_t)p->limit;
    p->deep = p->distinct > 1 && (p->p95_offset >= depth || many || p->max_offset >= ROWS_DEEP);
}

/* --- saying so -------------------------------------------------------------------------------- */

/* What passing over rows has cost: where it is not seen in the times, nothing is said to be lost.
 */
static int64_t time_lost(const pages *p)
{
    double lost = p->us_per_row * (double)p->rows_skipped;
    return lost < (double)p->time ? (int64_t)lost : p->time;
}

static void say_depth(const judging *j, const pages *p, buf *out)
{
    (void)j;
    counted_format(out, p->n, "page", "pages");
    buf_add_text(out, " behind the first, up to ");
    counted_format(out, p->max_offset, "row", "rows");
    buf_add_text(out, " deep (95 % within ");
    count_format(out, p->p95_offset);
    buf_add_text(out, "); ");
    counted_format(out, p->rows_skipped, "row was", "rows were");
    buf_add_text(out, " passed over in all.");
}

static void say_growth(const pages *p, buf *out)
{
    if (p->us_per_row > 0) {
        buf_add_text(out, " Each 1,000 rows passed over take about ");
        duration_format(out, (int64_t)(p->us_per_row * 1000 + 0.5));
        buf_add_text(out, " more, ");
        duration_format(out, time_lost(p));
        buf_add_text(out, " of ");
        duration_format(out, p->time);
        buf_add_text(out, " in all.");
    } else if (p->n_sample >= GROWTH_POINTS) {
        buf_add_text(out, " The times do not show that deeper pages take longer.");
    }
    if (p->proven) {
        buf_add_text(out, " The server's count of rows examined grows as the offset does: it reads"
                          " them and throws them away.");
    }
}

static void say_walks(const pages *p, buf *out)
{
    if (p->walks == 0) {
        return;
    }
    buf_add_char(out, ' ');
    counted_format(out, p->walk_pages, "page lies", "pages lie");
    buf_add_text(out, " in ");
    counted_format(out, p->walks, "walk", "walks");
    buf_add_text(out, " from page to page in one session: an export by paging, which one query"
                      " without OFFSET could do.");
}

/* A count next to most pages, with the same conditions on the same table. */
static bool is_twin(const analysed_query *q, const analysed_query *count)
{
    if (q->facts.n_tables == 0 || count->facts.n_tables == 0) {
        return slice_equal(query_subject(q), query_subject(count));
    }
    if (!slice_equal(q->facts.tables[0].name, count->facts.tables[0].name)) {
        return false;
    }
    for (size_t i = 0; i < count->facts.n_columns; i++) {
        bool found = false;
        for (size_t k = 0; k < q->facts.n_columns; k++) {
            found = found || slice_equal(q->facts.columns[k].name, count->facts.columns[i].name);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool find_twin(const judging *j, const pages *p, const analysed_query *q, bool *twin)
{
    analysed_query count;
    *twin = false;
    if (p->twin == 0 || p->twins * 2 < p->n) {
        return true;
    }
    if (!analysis_query(j->a, p->twin, &count)) {
        return false;
    }
    *twin = is_twin(q, &count);
    return true;
}

static bool add_chart(const judging *j, const pages *p, finding *f)
{
    finding_point *points = arena_alloc(j->a->arena, (p->n_sample + 1) * sizeof *points);
    if (points == NULL) {
        return status_no_memory(j->a->st);
    }
    uint32_t step = (p->n_sample + CHART_POINTS_MAX - 1) / CHART_POINTS_MAX;
    f->points = points;
    for (uint32_t i = 0; i < p->n_sample; i += step) {
        points[f->n_points++] =
            (finding_point){.x = (int64_t)p->sample[i].skip, .y = (int64_t)p->sample[i].duration};
    }
    return true;
}

static void add_evidence(const judging *j, const pages *p, bool twin, finding *f)
{
    value_builder *b = &j->a->values;
    value *e = f->evidence;
    value_add_int(b, e, "calls", p->calls);
    value_add_int(b, e, "max_offset", p->max_offset);
    value_add_int(b, e, "p95_offset", p->p95_offset);
    value_add_int(b, e, "rows_skipped", p->rows_skipped);
    if (p->us_per_row > 0) {
        analysis_add_ms(j->a, e, "ms_per_1000_rows", (int64_t)(p->us_per_row * 1000 + 0.5));
    } else {
        value_add_null(b, e, "ms_per_1000_rows");
    }
    value_add_bool(b, e, "proof", p->proven);
    value *walk = value_add_object(b, e, "walk");
    value_add_int(b, walk, "walks", p->walks);
    value_add_int(b, walk, "pages", p->walk_pages);
    if (twin) {
        value_add_id(&j->a->values, e, "count_twin", p->twin);
    } else {
        value_add_null(b, e, "count_twin");
    }
}

/* The slowest page of the sample that has an example: the query's own examples serve. */
static bool set_example(const judging *j, const pages *p, finding *f)
{
    analysis *a = j->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT segment, line, at FROM examples WHERE source = ?1 AND fingerprint = ?2"
        " ORDER BY duration DESC, at, line LIMIT 1",
        j->source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)p->fingerprint);
    bool ok = true;
    if (rows_next(a->store, q, a->st)) {
        slice log = column_slice(q, 0, a->arena);
        ok = analysis_set_place(a, f, log, (uint64_t)sqlite3_column_int64(q, 1));
    }
    ok = rows_end(q, a->st) && ok;
    return ok;
}

static bool set_first_seen(const judging *j, const pages *p, finding *f)
{
    analysis *a = j->a;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT min(first_at) FROM digest WHERE source = ?1"
                                    " AND fingerprint = ?2 AND last_at > 0",
                                    j->source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)p->fingerprint);
    if (rows_next(a->store, q, a->st)) {
        f->first_seen = sqlite3_column_int64(q, 0);
    }
    return rows_end(q, a->st);
}

static void say_advice(judging *j, const analysed_query *q, bool twin, finding *f)
{
    buf *out = &j->text;
    buf_add_text(out, "Go on from the last row of the page before instead of counting rows"
                      " (keyset pagination)");
    keyset k = keyset_of(q);
    if (k.ordered) {
        buf_add_text(out, k.known ? ", as below." : ", by the columns of the sort.");
        keyset_add_index(q, &k, out);
        if (q->normaliser != NULL && q->normaliser->dialect == NULL) {
            buf_add_text(out,
                         " Keep the sort keys of the last document and ask for {$or: [{a: {$gt:"
                         " last}}, {a: last, _id: {$gt: lastId}}]}, with _id as the last key of"
                         " the sort and an index on the same fields in the same order.");
        }
    } else {
        buf_add_text(out, ". The query has no ORDER BY, so the order of its rows is undefined and"
                          " pages may repeat rows or leave them out: sort by a unique key first.");
    }
    if (twin) {
        buf_add_text(out, " Most pages are counted as well, with the same conditions: fetch one row"
                          " more than a page holds to know whether there is a next one, or count"
                          " once.");
    }
    f->advice = analysis_text(j->a, out);
    if (k.known) {
        keyset_rewrite(q, &k, out);
        f->rewrite = analysis_text(j->a, out);
    }
}

static bool add_finding(judging *j, const pages *p)
{
    analysed_query q;
    bool twin;
    finding *f = analysis_add(j->a, FINDING_OFFSET_PAGINATION, j->source, &p->fingerprint, 1);
    if (f == NULL || !analysis_query(j->a, p->fingerprint, &q) || !find_twin(j, p, &q, &twin)) {
        return false;
    }
    f->confidence = p->proven           ? CONFIDENCE_CERTAIN
                    : p->us_per_row > 0 ? CONFIDENCE_LIKELY
                                        : CONFIDENCE_CANDIDATE;
    analysis_set_cost(f, j->source, time_lost(p));
    buf_add_text(&j->text, "OFFSET pagination on ");
    buf_add(&j->text, query_subject(&q));
    buf_add_text(&j->text, ", up to ");
    counted_format(&j->text, p->max_offset, "row", "rows");
    buf_add_text(&j->text, " deep");
    f->title = analysis_text(j->a, &j->text);
    say_depth(j, p, &j->text);
    say_growth(p, &j->text);
    say_walks(p, &j->text);
    f->detail = analysis_text(j->a, &j->text);
    add_evidence(j, p, twin, f);
    say_advice(j, &q, twin, f);
    return set_example(j, p, f) && set_first_seen(j, p, f) && add_chart(j, p, f);
}

static bool judge(judging *j, pages *p)
{
    if (p->fingerprint == 0) {
        return true; /* in front of the first row */
    }
    set_figures(j, p);
    describe_sample(p);
    if (!look_for_growth(j, p) || !look_for_proof(j, p)) {
        return false;
    }
    look_for_depth(j, p);
    bool deep_and_proven = p->proven && p->max_offset >= PROOF_SKIP;
    return !(p->deep || p->grows || deep_and_proven) || add_finding(j, p);
}

/* One row of the query's. */
static bool add_row(const judging *j, pages *p, sqlite3_stmt *q)
{
    uint64_t twin = (uint64_t)sqlite3_column_int64(q, 5);
    p->n += sqlite3_column_int64(q, 1);
    p->walks += sqlite3_column_int64(q, 2);
    p->walk_pages += sqlite3_column_int64(q, 3);
    p->twins += sqlite3_column_int64(q, 4);
    if (twin != 0 && (p->twin == 0 || (int64_t)twin < (int64_t)p->twin)) {
        p->twin = twin;
    }
    return page_sample_merge(p->sample, &p->n_sample, SAMPLE_MAX, column_view(q, 6)) ||
           status_fail(j->a->st, STATUS_STORE, "a sample of pages in the store is damaged");
}

/* Query by query, each when all of its rows are read. */
static bool judge_all(judging *j)
{
    analysis *a = j->a;
    pages *p = arena_calloc(a->arena, 1, sizeof *p);
    if (p == NULL) {
        return status_no_memory(a->st);
    }
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT fingerprint, pages, walks, walk_pages, twins, twin, sample FROM pages"
                      " WHERE source = ?1 ORDER BY fingerprint",
                      j->source);
    bool ok = true;
    while (q != NULL && ok && rows_next(a->store, q, a->st)) {
        uint64_t fingerprint = (uint64_t)sqlite3_column_int64(q, 0);
        if (fingerprint != p->fingerprint) {
            ok = judge(j, p);
            *p = (pages){.fingerprint = fingerprint};
        }
        ok = ok && add_row(j, p, q);
    }
    ok = rows_end(q, a->st) && ok;
    return ok && judge(j, p);
}

static bool run(analysis *a, const analysed_source *source)
{
    judging j = {.a = a, .source = source};
    buf_init(&j.text, TEXT_MAX);
    bool ok = read_figures(&j) && judge_all(&j);
    buf_free(&j.text);
    return ok;
}

static const finding_kind kinds[] = {FINDING_OFFSET_PAGINATION};

const analyser pages_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
