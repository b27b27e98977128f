/* build_server.c - what the logs say of the server; see build.h. */
#include "report/build_parts.h"

enum { FACTS_MAX = 100000 /* of either list; the most of each kind come first */ };

static bool read_facts(builder *b, const char *sql, model_fact **facts, uint32_t *n)
{
    arena *a = &b->m->arena;
    sqlite3_stmt *q = rows_begin(b->store, sql, b->st);
    while (q != NULL && *n < FACTS_MAX && rows_next(b->store, q, b->st)) {
        model_fact *all = arena_one_more(a, *facts, *n, sizeof *all);
        if (all == NULL) {
            status_no_memory(b->st);
            break;
        }
        *facts = all;
        all[(*n)++] = (model_fact){.kind = column_slice(q, 0, a),
                                   .subject = column_slice(q, 1, a),
                                   .fingerprint = (uint64_t)sqlite3_column_int64(q, 2),
                                   .n = sqlite3_column_int64(q, 3),
                                   .sum = sqlite3_column_int64(q, 4),
                                   .max = sqlite3_column_int64(q, 5)};
    }
    return rows_end(q, b->st);
}

bool build_server(builder *b)
{
    model *m = b->m;
    return read_facts(b,
                      "SELECT kind, subject, 0, sum(n), sum(sum), max(max) FROM server_facts"
                      " GROUP BY kind, subject"
                      " ORDER BY kind, sum(sum) DESC, sum(n) DESC, subject",
                      &m->facts, &m->n_facts) &&
           read_facts(b,
                      "SELECT kind, '', fingerprint, sum(n), sum(sum), max(max) FROM server_facts"
                      " WHERE fingerprint <> 0 GROUP BY kind, fingerprint"
                      " UNION ALL SELECT 'lock_holder', '', blocker, sum(waits), sum(time),"
                      " max(longest) FROM blockers WHERE blocker <> 0 GROUP BY blocker"
                      " ORDER BY 1, 5 DESC, 4 DESC, 3",
                      &m->fact_queries, &m->n_fact_queries);
}
