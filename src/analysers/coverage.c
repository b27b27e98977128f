/* coverage.c - see coverage.h. */
#include "analysers/coverage.h"

enum {
    WHOLE_BELOW_US = 1000, /* nobody sets a threshold so low and above zero */
    ENGINE_MAX = 32
};

static statement_role role_of(slice engine, slice verb, slice text)
{
    char name[ENGINE_MAX];
    size_t n = engine.n < sizeof name ? engine.n : sizeof name - 1;
    memcpy(name, engine.p, n);
    name[n] = '\0';
    const normaliser *by = normaliser_find(name);
    return by != NULL ? by->role(verb, text) : ROLE_OTHER;
}

static void count(coverage *c, statement_role role, int64_t calls, int64_t time)
{
    c->statements += calls;
    c->begins += role == ROLE_BEGIN ? calls : 0;
    c->ends += role == ROLE_END ? calls : 0;
    c->reads += role == ROLE_READ || role == ROLE_COUNT ? calls : 0;
    c->writes += role == ROLE_WRITE ? calls : 0;
    if (role == ROLE_CHATTER) {
        c->chatter += calls;
        c->chatter_time += time;
    }
}

static bool read_roles(const analysis *a, const analysed_source *source, coverage *c)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT f.engine, f.verb, f.text, d.calls, coalesce(m.sum, 0), coalesce(m.n, 0) FROM"
        " (SELECT fingerprint, sum(calls) AS calls FROM digest WHERE source = ?1"
        " GROUP BY fingerprint) d JOIN fingerprints f USING (fingerprint)"
        " LEFT JOIN (SELECT fingerprint, sum(sum) AS sum, sum(n) AS n FROM measures"
        " WHERE source = ?1 AND measure = 'query_time' GROUP BY fingerprint) m USING (fingerprint)",
        source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        count(c, role_of(column_view(q, 0), column_view(q, 1), column_view(q, 2)),
              sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4));
        c->timed += sqlite3_column_int64(q, 5);
    }
    return rows_end(q, a->st);
}

/* What is known for certain of the threshold goes before what the figures let one guess. */
static bool read_whole(const analysis *a, const analysed_source *source, coverage *c)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT (SELECT count(*) FROM thresholds WHERE source = ?1 AND duration <> 0),"
        " (SELECT count(*) FROM thresholds WHERE source = ?1 AND duration = 0 AND at = 0),"
        " (SELECT min(min) FROM measures WHERE source = ?1 AND measure = 'query_time'),"
        " (SELECT sum(estimated_calls) > sum(calls) FROM digest WHERE source = ?1)",
        source);
    if (q != NULL && rows_next(a->store, q, a->st)) {
        bool known = sqlite3_column_int64(q, 1) > 0;
        bool quick =
            sqlite3_column_type(q, 2) != SQLITE_NULL && sqlite3_column_int64(q, 2) < WHOLE_BELOW_US;
        bool untimed = c->timed == 0 && c->reads > 0;
        c->whole = sqlite3_column_int64(q, 0) == 0 && sqlite3_column_int64(q, 3) == 0 &&
                   (known || quick || untimed);
    }
    return rows_end(q, a->st);
}

bool coverage_read(const analysis *a, const analysed_source *source, coverage *c)
{
    *c = (coverage){0};
    return read_roles(a, source, c) && read_whole(a, source, c);
}
