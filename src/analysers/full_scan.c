/* full_scan.c - queries that read many rows for few that are wanted.
 *
 * A healthy log stays silent: a look-up by key reads about as many rows as it returns, a small
 * table is read whole in no time, and what counts or groups has to read what it counts. Where the
 * rows passed over by OFFSET explain those that were read, that is the finding of pagination. */
#include "analysers/index_candidate.h"
#include "analysers/sums.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/time_units.h"

enum {
    ROWS_LEAST = 1000,       /* read by an execution: fewer take about a millisecond */
    RATIO = 100,             /* rows read for each that is wanted */
    RATIO_WHEN_SCANNED = 10, /* the same where the log says that a whole table was read */
    ONCE_US = US_PER_SECOND  /* what came once must have been felt */
};

/* How a query read its rows. */
typedef struct scan {
    const query_sums *sums;
    int64_t executions; /* whose rows are known */
    int64_t read;       /* rows */
    int64_t wanted;     /* rows sent or changed; at least one an execution: it looked for one */
    bool counted;       /* `wanted` is known; else `read` are those that filters threw away */
    bool whole;         /* the log says that whole tables were read, by most executions */
    int64_t cost;
} scan;

/* --- what the log says --------------------------------------------------------------------- */

/* A plan's shape that reads a table or a collection from end to end. */
static bool is_whole(slice shape)
{
    static const char *const signs[] = {"COLLSCAN", "Seq Scan on ", " ALL;", " ALL\n"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (scan_text(shape, slice_from(signs[i])) != NULL) {
            return true;
        }
    }
    return slice_ends_with(shape, SLICE(" ALL"));
}

/* Whether most executions whose plan is known read whole tables. */
static bool has_whole_plans(analysis *a, const analysed_source *source, uint64_t id, bool *whole)
{
    int64_t calls = 0;
    int64_t of_whole = 0;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT text, sum(calls) FROM plans JOIN plan_shapes"
                                    " USING (plan) WHERE source = ?1 AND fingerprint = ?2"
                                    " GROUP BY plan",
                                    source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    while (rows_next(a->store, q, a->st)) {
        int64_t n = sqlite3_column_int64(q, 1);
        calls += n;
        of_whole += is_whole(column_view(q, 0)) ? n : 0;
    }
    *whole = of_whole * 2 > calls;
    return rows_end(q, a->st);
}

/* Whether the query is known to pass over rows: of the whole store, since a selection by what pages
 * were not counted by leaves them out. */
static bool has_pages(analysis *a, const analysed_source *source, uint64_t id, bool *pages)
{
    sqlite3_stmt *q = analysis_rows(
        a, "SELECT 1 FROM main.pages WHERE source = ?1 AND fingerprint = ?2 AND pages > 0 LIMIT 1",
        source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    *pages = rows_next(a->store, q, a->st);
    return rows_end(q, a->st);
}

/* --- gates --------------------------------------------------------------------------------- */

static bool read_scan(const query_sums *s, scan *found)
{
    const figure *examined = &s->of[MEASURE_ROWS_EXAMINED];
    const figure *removed = &s->of[MEASURE_ROWS_REMOVED];
    const figure *flagged = &s->of[MEASURE_FULL_SCAN];
    *found = (scan){.sums = s, .cost = s->of[MEASURE_QUERY_TIME].sum};
    if (examined->sum > 0) {
        found->counted = true;
        found->executions = examined->n;
        found->read = examined->sum;
        found->wanted = s->of[MEASURE_ROWS_SENT].sum + s->of[MEASURE_ROWS_AFFECTED].sum;
        found->wanted = found->wanted > examined->n ? found->wanted : examined->n;
        found->cost -= (int64_t)((double)found->cost * (double)found->wanted / (double)found->read);
    } else {
        found->executions = removed->n;
        found->read = removed->sum;
    }
    found->whole = flagged->sum * 2 > flagged->n;
    return found->executions > 0 && found->read / found->executions >= ROWS_LEAST;
}

static bool passes_gates(const scan *found, const analysed_source *source)
{
    int64_t ratio = found->whole ? RATIO_WHEN_SCANNED : RATIO;
    bool many = found->counted ? found->read / ratio >= found->wanted : found->whole;
    bool again = found->executions > 1 || found->cost >= ONCE_US;
    return many && again && sums_is_worth(source, found->cost);
}

/* --- texts --------------------------------------------------------------------------------- */

static void say_reads(const scan *found, buf *out)
{
    counted_format(out, found->executions, "execution", "executions");
    buf_add_text(out, found->counted ? " read " : " read and threw away, by filters, ");
    counted_format(out, found->read, "row", "rows");
    if (found->counted) {
        const query_sums *s = found->sums;
        buf_add_text(out, " and returned or changed ");
        count_format(out, s->of[MEASURE_ROWS_SENT].sum + s->of[MEASURE_ROWS_AFFECTED].sum);
    }
    if (found->executions > 1) {
        buf_add_text(out, ", ");
        count_format(out, found->read / found->executions);
        buf_add_text(out, " an execution");
    }
    buf_add_text(out, found->whole ? ". The log says that a whole table was read." : ".");
}

static const char *advice_without_candidate(const analysed_query *q, const query_sums *s)
{
    if (s->of[MEASURE_LEADING_WILDCARD].sum > 0) {
        return "A pattern that begins with a wildcard is served by no ordinary index: use a trigram"
               " or full-text index, or a pattern with a fixed beginning.";
    }
    if ((q->facts.smells & SQL_FUNCTION_ON_COLUMN) != 0) {
        return "A condition on a function of a column does not use that column's index: index the"
               " expression, or compare the bare column with a range.";
    }
    return "Look at its plan with EXPLAIN: which condition selects the rows that are wanted, and"
           " which index could find them.";
}

static bool add_texts(analysis *a, finding *f, const analysed_source *source, const scan *found,
                      const analysed_query *q, buf *text)
{
    buf_add(text, query_subject(q));
    buf_add_text(text, ": ");
    count_format(text, found->read / (found->counted ? found->wanted : found->executions));
    buf_add_text(text, found->counted ? " rows read for each that is wanted"
                                      : " rows read and thrown away by each execution");
    f->title = analysis_text(a, text);
    say_reads(found, text);
    sums_say_time(text, source, found->sums);
    f->detail = analysis_text(a, text);
    if (!index_candidate(q, text)) {
        f->advice = slice_from(advice_without_candidate(q, found->sums));
        return a->st->code == STATUS_OK;
    }
    f->rewrite = analysis_text(a, text);
    buf_add_text(text, "Check the existing indexes, then try the candidate below: columns compared"
                       " for equality first, then those of the order, then a range. The text does"
                       " not tell how many rows each condition selects: leave out columns that"
                       " select next to nothing.");
    buf_add(text,
            query_text_for(q, SLICE(" CREATE INDEX CONCURRENTLY keeps writes going."),
                           SLICE(" ALGORITHM=INPLACE, LOCK=NONE keeps writes going."), SLICE("")));
    f->advice = analysis_text(a, text);
    return a->st->code == STATUS_OK;
}

static void add_evidence(analysis *a, value *e, const scan *found)
{
    value_builder *b = &a->values;
    const query_sums *s = found->sums;
    value_add_int(b, e, "executions", found->executions);
    value_add_int(b, e, found->counted ? "rows_examined" : "rows_removed", found->read);
    value_add_int(b, e, "rows_sent", s->of[MEASURE_ROWS_SENT].sum);
    value_add_int(b, e, "rows_affected", s->of[MEASURE_ROWS_AFFECTED].sum);
    value_add_int(b, e, "rows_per_wanted", found->counted ? found->read / found->wanted : 0);
    value_add_bool(b, e, "whole_table", found->whole);
    analysis_add_ms(a, e, "time_ms", s->of[MEASURE_QUERY_TIME].sum);
}

/* --- judging ------------------------------------------------------------------------------- */

static finding_confidence confidence_of(const scan *found)
{
    bool far = found->counted && found->read / RATIO >= found->wanted;
    return found->whole && far ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
}

static bool judge(analysis *a, const analysed_source *source, const query_sums *s, buf *text)
{
    scan found;
    analysed_query q;
    bool pages;
    bool whole_plans;
    if (!read_scan(s, &found)) {
        return true;
    }
    if (!has_whole_plans(a, source, s->id, &whole_plans)) {
        return false;
    }
    found.whole = found.whole || whole_plans;
    if (!passes_gates(&found, source)) {
        return true;
    }
    if (!has_pages(a, source, s->id, &pages) || !analysis_query(a, s->id, &q)) {
        return false;
    }
    if (pages || !query_is_work(&q) || query_is_aggregate(&q) || query_is_cut(&q)) {
        return true;
    }
    finding *f = analysis_add(a, FINDING_FULL_SCAN, source, &s->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, s->id)) {
        return false;
    }
    analysis_set_cost(f, source, found.cost);
    f->confidence = confidence_of(&found);
    add_evidence(a, f->evidence, &found);
    return add_texts(a, f, source, &found, &q, text);
}

static bool run(analysis *a, const analysed_source *source)
{
    return sums_judge(a, source, judge);
}

static const finding_kind kinds[] = {FINDING_FULL_SCAN};

const analyser full_scan_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
