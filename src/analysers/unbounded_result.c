/* unbounded_result.c - queries that return many rows and set no bound to how many.
 *
 * A healthy log stays silent: what people look at comes in pages, what is counted comes as a few
 * rows, and dumps are meant as they are. A result that is large by its own LIMIT is a decision, not
 * an accident. */
#include "analysers/sums.h"
#include "base/histogram.h"
#include "base/number.h"

enum {
    ROWS_LEAST = 10000, /* nobody reads so many at once, and few programs hold them gladly */
    CALLS_LEAST = 10    /* fewer may be an export that somebody asked for */
};

typedef struct result {
    const query_sums *sums;
    int64_t mean, p95;
} result;

/* In one execution of twenty at least so many, by nearest rank. */
static bool read_p95(analysis *a, const analysed_source *source, const query_sums *s, int64_t *p95)
{
    const figure *sent = &s->of[MEASURE_ROWS_SENT];
    histogram h = {0};
    int64_t least = sent->max;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT histogram, min FROM measures WHERE source = ?1 AND"
                                    " fingerprint = ?2 AND measure = 'rows_sent'" SUMS_NO_DUMPS,
                                    source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)s->id);
    while (rows_next(a->store, q, a->st)) {
        int64_t min = sqlite3_column_int64(q, 1);
        least = min < least ? min : least;
        if (!histogram_merge(&h, a->arena, column_view(q, 0))) {
            status_fail(a->st, STATUS_STORE, "the store has a histogram that cannot be read");
        }
    }
    *p95 = (int64_t)histogram_describe(&h, (uint64_t)sent->n, (uint64_t)sent->sum, (uint64_t)least,
                                       (uint64_t)sent->max)
               .p95;
    return rows_end(q, a->st);
}

static bool is_bounded(const analysed_query *q)
{
    static const char *const signs[] = {" LIMIT ",    " FETCH ",       "SELECT TOP",    "\"limit\"",
                                        "\"$limit\"", "\"ntoreturn\"", " INTO OUTFILE "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (query_holds(q, signs[i])) {
            return true;
        }
    }
    return false;
}

static void say(const analysed_source *source, const result *found, buf *out)
{
    const query_sums *s = found->sums;
    const figure *bytes = &s->of[MEASURE_BYTES_SENT];
    counted_format(out, s->of[MEASURE_ROWS_SENT].n, "execution", "executions");
    buf_add_text(out, " returned ");
    counted_format(out, s->of[MEASURE_ROWS_SENT].sum, "row", "rows");
    if (s->of[MEASURE_ROWS_SENT].n > 1) {
        buf_add_text(out, ": ");
        count_format(out, found->mean);
        buf_add_text(out, " on average, about ");
        count_format(out, found->p95);
        buf_add_text(out, " or more in one of twenty, at most ");
        count_format(out, s->of[MEASURE_ROWS_SENT].max);
    }
    if (bytes->sum > 0) {
        buf_add_text(out, "; ");
        bytes_format(out, (uint64_t)bytes->sum);
        buf_add_text(out, " in all");
    }
    buf_add_text(out, ". The statement has no LIMIT.");
    sums_say_time(out, source, s);
}

static void add_evidence(analysis *a, value *e, const result *found)
{
    const query_sums *s = found->sums;
    value_builder *b = &a->values;
    value_add_int(b, e, "executions", s->of[MEASURE_ROWS_SENT].n);
    value_add_int(b, e, "rows_sent", s->of[MEASURE_ROWS_SENT].sum);
    value *rows = value_add_object(b, e, "rows_per_execution");
    value_add_int(b, rows, "mean", found->mean);
    value_add_int(b, rows, "p95", found->p95);
    value_add_int(b, rows, "max", s->of[MEASURE_ROWS_SENT].max);
    value_add_int(b, e, "bytes_sent", s->of[MEASURE_BYTES_SENT].sum);
    analysis_add_ms(a, e, "time_ms", s->of[MEASURE_QUERY_TIME].sum);
}

static bool add(analysis *a, const analysed_source *source, const result *found,
                const analysed_query *q, buf *text)
{
    const query_sums *s = found->sums;
    finding *f = analysis_add(a, FINDING_UNBOUNDED_RESULT, source, &s->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, s->id)) {
        return false;
    }
    analysis_set_cost(f, source, s->of[MEASURE_QUERY_TIME].sum);
    f->confidence =
        s->of[MEASURE_ROWS_SENT].n >= CALLS_LEAST ? CONFIDENCE_LIKELY : CONFIDENCE_CANDIDATE;
    add_evidence(a, f->evidence, found);
    buf_add(text, query_subject(q));
    buf_add_text(text, ": ");
    counted_format(text, found->mean, "row", "rows");
    buf_add_text(text, " returned, without a LIMIT");
    f->title = analysis_text(a, text);
    say(source, found, text);
    f->detail = analysis_text(a, text);
    f->advice = SLICE(
        "If people look at it, return a page at a time: ORDER BY a unique key with a LIMIT, and"
        " the next page from the last key on. If a program works through it, read it in parts"
        " with a cursor, so that neither side holds all of it. If it becomes a figure in the"
        " application, let the database compute it.");
    return a->st->code == STATUS_OK;
}

static bool judge(analysis *a, const analysed_source *source, const query_sums *s, buf *text)
{
    const figure *sent = &s->of[MEASURE_ROWS_SENT];
    result found = {.sums = s, .mean = sent->n > 0 ? sent->sum / sent->n : 0};
    analysed_query q;
    if (sent->max < ROWS_LEAST || !sums_is_worth(source, s->of[MEASURE_QUERY_TIME].sum)) {
        return true;
    }
    if (!read_p95(a, source, s, &found.p95) || !analysis_query(a, s->id, &q)) {
        return false;
    }
    if (found.p95 < ROWS_LEAST || q.role != ROLE_READ || !query_is_work(&q) || is_bounded(&q) ||
        query_is_aggregate(&q) || query_is_cut(&q)) {
        return true;
    }
    return add(a, source, &found, &q, text);
}

static bool run(analysis *a, const analysed_source *source)
{
    return sums_judge(a, source, judge);
}

static const finding_kind kinds[] = {FINDING_UNBOUNDED_RESULT};

const analyser unbounded_result_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
