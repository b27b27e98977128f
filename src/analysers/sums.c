/* sums.c - see sums.h. */
#include "analysers/sums.h"

#include "base/number.h"
#include "base/scan.h"

enum {
    WORTH_US = 100 * 1000, /* less is not felt, whatever part of a small log it is */
    WORTH_PART = 100       /* one in so many of the source's query time */

};

/* --- figures ------------------------------------------------------------------------------- */

/* All queries; the statement stands on a row while there is more. */
typedef struct reader {
    sqlite3_stmt *rows;
    bool more;
} reader;

static reader begin(analysis *a, const analysed_source *source)
{
    reader r = {.rows = analysis_rows(
                    a,
                    "SELECT fingerprint, '', sum(calls), 0, 0 FROM digest"
                    " WHERE source = ?1" SUMS_NO_DUMPS " GROUP BY fingerprint UNION ALL"
                    " SELECT fingerprint, measure, sum(n), sum(sum), max(max) FROM measures"
                    " WHERE source = ?1" SUMS_NO_DUMPS " GROUP BY fingerprint, measure"
                    " ORDER BY 1, 2",
                    source)};
    r.more = r.rows != NULL && rows_next(a->store, r.rows, a->st);
    return r;
}

static void take_row(sqlite3_stmt *rows, query_sums *sums)
{
    slice name = column_view(rows, 1);
    unsigned id = measure_describe(name).rank;
    if (name.n == 0) {
        sums->calls = sqlite3_column_int64(rows, 2);
    } else if (id < MEASURE_COUNT) {
        sums->of[id] = (figure){.n = sqlite3_column_int64(rows, 2),
                                .sum = sqlite3_column_int64(rows, 3),
                                .max = sqlite3_column_int64(rows, 4)};
    }
}

static bool take_query(reader *r, analysis *a, query_sums *sums)
{
    if (!r->more) {
        return false;
    }
    *sums = (query_sums){.id = (uint64_t)sqlite3_column_int64(r->rows, 0)};
    while (r->more && (uint64_t)sqlite3_column_int64(r->rows, 0) == sums->id) {
        take_row(r->rows, sums);
        r->more = rows_next(a->store, r->rows, a->st);
    }
    return a->st->code == STATUS_OK;
}

bool sums_judge(analysis *a, const analysed_source *source, sums_judge_one one)
{
    query_sums sums;
    buf text;
    bool ok = true;
    reader r = begin(a, source);
    buf_init(&text, SUMS_TEXT_MAX);
    while (ok && take_query(&r, a, &sums)) {
        ok = one(a, source, &sums, &text);
    }
    buf_free(&text);
    return rows_end(r.rows, a->st) && ok;
}

bool sums_is_worth(const analysed_source *source, int64_t us)
{
    return us >= WORTH_US && us >= source->time / WORTH_PART;
}

/* --- what a query is ----------------------------------------------------------------------- */

bool query_holds(const analysed_query *q, const char *bytes)
{
    return scan_text(q->text, slice_from(bytes)) != NULL;
}

/* mysqldump's reading of a whole table: it has no program's name in the log. */
static bool is_dump(const analysed_query *q)
{
    return q->facts.n_columns == 0 && query_holds(q, "sql_no_cache * FROM");
}

bool query_is_work(const analysed_query *q)
{
    return (q->role == ROLE_READ || q->role == ROLE_COUNT || q->role == ROLE_WRITE) && !is_dump(q);
}

bool query_is_aggregate(const analysed_query *q)
{
    static const char *const signs[] = {"count(",    "sum(",         "avg(",          "min(",
                                        "max(",      "_agg(",        "group_concat(", "stddev(",
                                        "bit_",      "percentile_",  " GROUP BY ",    " HAVING ",
                                        "DISTINCT",  " OVER (",      "$group",        "$count",
                                        "\"$bucket", "$sortByCount", "$facet",        "$collStats"};
    if (q->role == ROLE_COUNT || slice_is(q->verb, "count") || slice_is(q->verb, "distinct")) {
        return true;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (query_holds(q, signs[i])) {
            return true;
        }
    }
    return false;
}

bool query_is_cut(const analysed_query *q)
{
    return slice_ends_with(q->text, SLICE("…")) || query_holds(q, " ~cut");
}

slice query_text_for(const analysed_query *q, slice postgresql, slice mysql, slice documents)
{
    if (q->normaliser == NULL || q->normaliser->dialect == NULL) {
        return documents;
    }
    return strcmp(q->normaliser->engine, "postgresql") == 0 ? postgresql : mysql;
}

/* --- for findings -------------------------------------------------------------------------- */

bool sums_set_place(analysis *a, finding *f, const analysed_source *source, uint64_t id)
{
    slice log = {0};
    uint64_t line = 0;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT segment, line, (SELECT min(nullif(first_at, 0)) FROM digest"
        " WHERE source = ?1 AND fingerprint = ?2) FROM examples"
        " WHERE source = ?1 AND fingerprint = ?2 ORDER BY duration DESC, segment, offset LIMIT 1",
        source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    if (rows_next(a->store, q, a->st)) {
        log = column_slice(q, 0, a->arena);
        line = (uint64_t)sqlite3_column_int64(q, 1);
        f->first_seen = sqlite3_column_int64(q, 2);
    }
    return rows_end(q, a->st) && (line == 0 || analysis_set_place(a, f, log, line));
}

void sums_say_time(buf *out, const analysed_source *source, const query_sums *s)
{
    if (s->of[MEASURE_QUERY_TIME].n == 0) {
        return;
    }
    buf_add_text(out, s->of[MEASURE_QUERY_TIME].n == 1 ? " It took " : " In all they took ");
    duration_format(out, s->of[MEASURE_QUERY_TIME].sum);
    buf_add_text(out, ", ");
    share_format(out, s->of[MEASURE_QUERY_TIME].sum, source->time);
    buf_add_text(out, " of all query time.");
}
