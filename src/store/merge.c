/* merge.c - the union of two stores; see store.h.
 *
 * Everything but names is keyed by segment, and a segment's rows go together: of two versions the
 * one that read more bytes is kept whole; of two that read the same the one that has more left, as
 * `qlog compact` leaves less; of two that have as much left the one whose rows hash higher (they
 * differ only where one store joined records across logs that the other has not). That is the
 * maximum in a total order, so merging is commutative, associative and idempotent. The ledger of
 * paths is merged as well as may be. */
#include <sqlite3.h>

#include "store/internal.h"
#include "store/tables.h"

enum { NAMES_MAX = 16 * 1024 * 1024, ROW_MAX = 16 * 1024 * 1024 };

static sqlite3_stmt *prepare(const store *s, status *st, const char *text, const char *schema,
                             const char *table)
{
    char *sql = sqlite3_mprintf(text, schema, table);
    sqlite3_stmt *q = sql != NULL ? rows_begin(s, sql, st) : NULL;
    sqlite3_free(sql);
    return q;
}

static void bind_segment(sqlite3_stmt *q, slice source, hash128 id)
{
    bind_slice(q, 1, source);
    bind_hash(q, 2, id);
}

/* Appends a row in a form that differs where any of its values differs. */
static void add_row(sqlite3_stmt *q, buf *out)
{
    for (int i = 0; i < sqlite3_column_count(q); i++) {
        slice value = column_view(q, i);
        buf_add_varint(out, (uint64_t)sqlite3_column_type(q, i));
        buf_add_varint(out, value.n);
        buf_add(out, value);
    }
}

/* A hash of all rows of a segment. Primary keys give their order. */
static bool hash_segment(const store *s, const char *schema, slice source, hash128 id,
                         hash128 *hash, status *st)
{
    struct {
        hash128 sum, row;
    } chain = {{0, 0}, {0, 0}};
    buf row;
    buf_init(&row, ROW_MAX);
    for (int t = 0; t < segment_table_count && st->code == STATUS_OK; t++) {
        sqlite3_stmt *q = prepare(s, st, "SELECT * FROM %s.%s WHERE source = ?1 AND segment = ?2",
                                  schema, segment_tables[t].name);
        if (q != NULL) {
            bind_segment(q, source, id);
        }
        while (q != NULL && rows_next(s, q, st)) {
            buf_clear(&row);
            add_row(q, &row);
            chain.row = content_hash(buf_slice(&row));
            chain.sum = content_hash(slice_of((const char *)&chain, sizeof chain));
        }
        sqlite3_finalize(q);
    }
    buf_free(&row);
    *hash = chain.sum;
    return st->code == STATUS_OK;
}

static bool run_for_segment(const store *s, const char *text, const char *table, slice source,
                            hash128 id, status *st)
{
    sqlite3_stmt *q = prepare(s, st, text, table, table);
    if (q == NULL) {
        return false;
    }
    bind_segment(q, source, id);
    rows_next(s, q, st);
    return rows_end(q, st);
}

static bool take_segment(const store *s, slice source, hash128 id, status *st)
{
    for (int t = 0; t < segment_table_count; t++) {
        if (!run_for_segment(s, "DELETE FROM main.%s WHERE source = ?1 AND segment = ?2",
                             segment_tables[t].name, source, id, st) ||
            !run_for_segment(s,
                             "INSERT INTO main.%s SELECT * FROM other.%s"
                             " WHERE source = ?1 AND segment = ?2",
                             segment_tables[t].name, source, id, st)) {
            return false;
        }
    }
    return true;
}

/* A version of a segment, by what decides which of two is kept. */
typedef struct standing {
    int64_t bytes, dropped_before, days_before;
} standing;

static standing standing_of(sqlite3_stmt *q, int at)
{
    return (standing){sqlite3_column_int64(q, at), sqlite3_column_int64(q, at + 1),
                      sqlite3_column_int64(q, at + 2)};
}

/* Above 0 where `a` got further, or as far and has more of it left: fewer days that were dropped,
 * fewer hours that became days. */
static int compare_standings(const standing *a, const standing *b)
{
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? 1 : -1;
    }
    if (a->dropped_before != b->dropped_before) {
        return a->dropped_before < b->dropped_before ? 1 : -1;
    }
    return (a->days_before < b->days_before) - (a->days_before > b->days_before);
}

/* Whether the other store's version of a segment is to replace ours. */
static bool other_is_further(const store *s, slice source, hash128 id, const standing *theirs,
                             bool *further, status *st)
{
    sqlite3_stmt *q = rows_begin(s,
                                 "SELECT bytes, dropped_before, days_before FROM main.segments"
                                 " WHERE source = ?1 AND segment = ?2",
                                 st);
    if (q == NULL) {
        return false;
    }
    bind_segment(q, source, id);
    bool have = rows_next(s, q, st);
    standing ours = have ? standing_of(q, 0) : (standing){0};
    int order = have ? compare_standings(theirs, &ours) : 1;
    *further = order > 0;
    if (!rows_end(q, st) || order != 0) {
        return st->code == STATUS_OK;
    }
    hash128 mine;
    hash128 other;
    if (!hash_segment(s, "main", source, id, &mine, st) ||
        !hash_segment(s, "other", source, id, &other, st)) {
        return false;
    }
    *further = other.high != mine.high ? other.high > mine.high : other.low > mine.low;
    return true;
}

static bool merge_segments(const store *s, status *st)
{
    arena names; /* a row's own text is gone when its segment is taken */
    arena_init(&names, NAMES_MAX);
    sqlite3_stmt *q =
        rows_begin(s,
                   "SELECT source, segment, bytes, dropped_before, days_before FROM other.segments"
                   " ORDER BY source, segment",
                   st);
    while (q != NULL && rows_next(s, q, st)) {
        slice source;
        arena_reset(&names);
        if (!arena_copy(&names, column_view(q, 0), &source)) {
            status_no_memory(st);
            break;
        }
        hash128 id = column_hash(q, 1);
        bool further;
        standing theirs = standing_of(q, 2);
        if (!other_is_further(s, source, id, &theirs, &further, st) ||
            (further && !take_segment(s, source, id, st))) {
            break;
        }
    }
    arena_free(&names);
    return rows_end(q, st);
}

static bool merge_names(const store *s, status *st)
{
    static const char sql[] =
        "INSERT INTO main.fingerprints SELECT * FROM other.fingerprints WHERE true"
        " ON CONFLICT DO UPDATE SET text = excluded.text WHERE excluded.text < text;"
        "INSERT OR IGNORE INTO main.tables SELECT * FROM other.tables;"
        "INSERT OR IGNORE INTO main.aliases SELECT * FROM other.aliases;"
        "INSERT OR IGNORE INTO main.plan_shapes SELECT * FROM other.plan_shapes;"
        "INSERT OR IGNORE INTO main.cycles SELECT * FROM other.cycles;"
        "INSERT INTO main.fold_state SELECT * FROM other.fold_state WHERE true"
        " ON CONFLICT DO UPDATE SET as_of = excluded.as_of, progress = excluded.progress,"
        " state = excluded.state"
        " WHERE (excluded.as_of, excluded.progress, excluded.state) > (as_of, progress, state);"
        "INSERT INTO main.ledger SELECT * FROM other.ledger WHERE true"
        " ON CONFLICT DO UPDATE SET latest = max(latest, excluded.latest);"
        "INSERT OR REPLACE INTO main.duplicates SELECT o.source, o.path,"
        " max(o.same_as, coalesce(m.same_as, '')) FROM other.duplicates o"
        " LEFT JOIN main.duplicates m USING (source, path);"
        "DELETE FROM main.duplicates WHERE (source, path) IN"
        " (SELECT source, path FROM main.ledger WHERE latest);"
        "INSERT OR IGNORE INTO main.names SELECT * FROM other.names;"
        "INSERT OR IGNORE INTO main.marks SELECT * FROM other.marks;"
        "INSERT INTO main.accepted SELECT * FROM other.accepted WHERE true"
        " ON CONFLICT DO UPDATE SET revision = excluded.revision, withdrawn = excluded.withdrawn,"
        " at = excluded.at, until = excluded.until, note = excluded.note"
        " WHERE (excluded.revision, excluded.withdrawn, excluded.at, excluded.until, excluded.note)"
        " > (revision, withdrawn, at, until, note);";
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(s, "merge", st);
}

static bool attach(const store *s, const char *path, status *st)
{
    sqlite3_stmt *q = rows_begin(s, "ATTACH ?1 AS other", st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC);
    rows_next(s, q, st);
    return rows_end(q, st);
}

/* The other store as the schema "other": of an older version is there only a copy. */
static bool attach_other(store *s, const store *from, const char *path, status *st)
{
    return attach(s, from->is_copy ? "" : path, st) &&
           (!from->is_copy || store_copy_database(s, "other", from, st));
}

static bool merge_attached(store *s, status *st)
{
    if (!store_begin(s, st)) {
        return false;
    }
    if (!(merge_segments(s, st) && merge_names(s, st))) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, st);
}

bool store_merge(store *s, const char *from_path, status *st)
{
    /* A store has all of its own rows; attached to itself it would wait for its own lock. */
    if (store_is_file(s, from_path)) {
        return true;
    }
    /* Opening it on its own finds out whether it is a store that can be read. */
    store *from;
    if (!store_open(from_path, STORE_READ, &from, st)) {
        return false;
    }
    bool ok = attach_other(s, from, from_path, st);
    store_close(from);
    ok = ok && merge_attached(s, st);
    sqlite3_exec(s->db, "DETACH other", NULL, NULL, NULL);
    return ok;
}
