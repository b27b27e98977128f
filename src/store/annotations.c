/* annotations.c - see annotations.h. */
#include "store/annotations.h"

#include "store/internal.h"

static bool run(const store *s, sqlite3_stmt *q, status *st)
{
    if (q != NULL) {
        rows_next(s, q, st);
    }
    return rows_end(q, st);
}

bool store_accept(store *s, const acceptance *a, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s,
                   "INSERT INTO accepted(finding, revision, withdrawn, at, until, note)"
                   " VALUES(?1, 1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
                   " revision = revision + 1, withdrawn = excluded.withdrawn, at = excluded.at,"
                   " until = excluded.until, note = excluded.note",
                   st);
    if (q != NULL) {
        bind_u64(q, 1, a->finding);
        bind_i64(q, 2, a->withdrawn);
        bind_i64(q, 3, a->at);
        bind_i64(q, 4, a->until);
        bind_slice(q, 5, a->note);
    }
    return run(s, q, st);
}

bool store_read_acceptances(const store *s, arena *a, acceptance **all, uint32_t *n, status *st)
{
    *all = NULL;
    *n = 0;
    sqlite3_stmt *q = rows_begin(
        s, "SELECT finding, at, until, note FROM accepted WHERE NOT withdrawn ORDER BY finding",
        st);
    while (q != NULL && rows_next(s, q, st)) {
        acceptance *more = arena_one_more(a, *all, *n, sizeof *more);
        if (more == NULL) {
            status_no_memory(st);
            break;
        }
        *all = more;
        more[(*n)++] = (acceptance){.finding = (uint64_t)sqlite3_column_int64(q, 0),
                                    .at = sqlite3_column_int64(q, 1),
                                    .until = sqlite3_column_int64(q, 2),
                                    .note = column_slice(q, 3, a)};
    }
    return rows_end(q, st);
}

bool store_add_mark(store *s, const store_mark *m, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s, "INSERT OR IGNORE INTO marks(source, at, text) VALUES(?1, ?2, ?3)", st);
    if (q != NULL) {
        bind_slice(q, 1, m->source);
        bind_i64(q, 2, m->at);
        bind_slice(q, 3, m->text);
    }
    return run(s, q, st);
}
