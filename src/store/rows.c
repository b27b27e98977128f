/* rows.c - see rows.h. */
#include "store/rows.h"

#include "base/scan.h"

sqlite3_stmt *rows_begin(const store *s, const char *sql, status *st)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(store_connection(s), sql, -1, &rows, NULL) != SQLITE_OK) {
        store_fail(s, "read", st);
        return NULL;
    }
    return rows;
}

bool rows_next(const store *s, sqlite3_stmt *rows, status *st)
{
    int code = st->code == STATUS_OK ? sqlite3_step(rows) : SQLITE_DONE;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        store_fail(s, "read", st);
    }
    return code == SQLITE_ROW;
}

bool rows_end(sqlite3_stmt *rows, const status *st)
{
    sqlite3_finalize(rows);
    return st->code == STATUS_OK;
}

slice column_view(sqlite3_stmt *rows, int at)
{
    const void *p = sqlite3_column_blob(rows, at);
    return p != NULL ? slice_of(p, (size_t)sqlite3_column_bytes(rows, at)) : SLICE("");
}

slice column_slice(sqlite3_stmt *rows, int at, arena *a)
{
    slice copy;
    arena_copy(a, column_view(rows, at), &copy);
    return copy;
}

hash128 column_hash(sqlite3_stmt *rows, int at)
{
    hash128 hash = {0};
    slice bytes = column_view(rows, at);
    if (bytes.n == 16) {
        for (size_t i = 0; i < 8; i++) {
            hash.high = hash.high << 8 | (unsigned char)bytes.p[i];
            hash.low = hash.low << 8 | (unsigned char)bytes.p[8 + i];
        }
    }
    return hash;
}

stored_measure measure_describe(slice stored)
{
    stored_measure m = {.name = stored, .unit = SLICE("count"), .rank = 0};
    while (m.rank < MEASURE_COUNT && !slice_is(stored, measure_kinds[m.rank].name)) {
        m.rank++;
    }
    const char *colon = m.rank < MEASURE_COUNT ? NULL : scan_first(stored, ':');
    if (m.rank < MEASURE_COUNT) {
        m.unit = slice_from(measure_unit_name(measure_kinds[m.rank].unit));
    } else if (colon != NULL) {
        m.unit = slice_between(stored.p, colon);
        m.name = slice_skip(stored, m.unit.n + 1);
    }
    return m;
}
