/* compact.c - days in place of hours, and their end; see store.h.
 *
 * What a segment has of days is a fact of the segment (days_before, dropped_before), and both ends
 * are ends of days in the zone in which its log began: so which row holds a record depends on
 * nothing but the record and the two, and adding, merging and compacting may come in any order. */
#include <stdlib.h>

#include "base/time_units.h"
#include "store/internal.h"
#include "store/tables.h"

enum { MEMORY_MAX = 256 * 1024 * 1024, NAMES_MAX = 4096 };

int64_t store_day_of(int64_t hour, int32_t zone)
{
    int64_t into = (hour + zone) % SECONDS_PER_DAY;
    return hour - into - (into < 0 ? SECONDS_PER_DAY : 0);
}

/* A segment that is to be worked on: what it has, and what it is to have. */
typedef struct work {
    slice source;
    hash128 id;
    int64_t zone;
    int64_t had_days, days;
    int64_t had_dropped, dropped;
    struct work *next;
} work;

typedef struct compactor {
    store *s;
    arena arena;
    work *first;
    int64_t days_at, drop_at; /* seconds since 1970 UTC; INT64_MIN: never */
    compaction *out;
    status *st;
} compactor;

/* --- SQL for one segment -------------------------------------------------------------------- */

/* Runs a statement for the rows of a segment from an hour on and before another; *changed is how
 * many it changed. */
static bool run_between(const compactor *c, const work *w, char *sql, int64_t from, int64_t to,
                        uint64_t *changed)
{
    sqlite3_stmt *q = sql != NULL ? rows_begin(c->s, sql, c->st) : NULL;
    sqlite3_free(sql);
    *changed = 0;
    if (q == NULL) {
        return c->st->code != STATUS_OK ? false : status_no_memory(c->st);
    }
    bind_slice(q, 1, w->source);
    bind_hash(q, 2, w->id);
    sqlite3_bind_int64(q, 3, from);
    sqlite3_bind_int64(q, 4, to);
    sqlite3_bind_int64(q, 5, w->zone);
    rows_next(c->s, q, c->st);
    *changed = (uint64_t)sqlite3_changes(c->s->db);
    return rows_end(q, c->st);
}

/* Hours of logs without times are 0, and stay. */
#define BETWEEN " WHERE source = ?1 AND segment = ?2 AND hour >= ?3 AND hour < ?4 AND hour <> 0"

/* The columns behind the hour, with commas. */
static bool columns_of(const compactor *c, const char *table, buf *names)
{
    char *sql = sqlite3_mprintf("SELECT group_concat(name, ', ') FROM (SELECT name FROM"
                                " pragma_table_info(%Q) WHERE cid > 2 ORDER BY cid)",
                                table);
    sqlite3_stmt *q = sql != NULL ? rows_begin(c->s, sql, c->st) : NULL;
    sqlite3_free(sql);
    buf_clear(names);
    if (q != NULL && rows_next(c->s, q, c->st)) {
        buf_add(names, column_view(q, 0));
    }
    return rows_end(q, c->st) && ((q != NULL && !names->failed) || status_no_memory(c->st));
}

/* Puts the rows of a table's hours into those of their days. */
static bool join_hours(const compactor *c, const work *w, const segment_table *t, buf *names)
{
    uint64_t changed;
    static const char of_other_hours[] = " AND hour <> day_of(hour, ?5)";
    return columns_of(c, t->name, names) &&
           run_between(c, w,
                       sqlite3_mprintf("INSERT INTO %s SELECT source, segment, day_of(hour, ?5), %s"
                                       " FROM %s" BETWEEN "%s%s",
                                       t->name, names->p, t->name, of_other_hours, t->join),
                       w->had_days, w->days, &changed) &&
           run_between(c, w,
                       sqlite3_mprintf("DELETE FROM %s" BETWEEN "%s", t->name, of_other_hours),
                       w->had_days, w->days, &changed);
}

/* Of a day the slowest are kept, as of an hour. */
static bool trim_examples(const compactor *c, const work *w)
{
    uint64_t trimmed;
    return run_between(
        c, w,
        sqlite3_mprintf("DELETE FROM examples" BETWEEN
                        " AND (hour, fingerprint, duration, offset) IN"
                        " (SELECT hour, fingerprint, duration, offset FROM"
                        " (SELECT hour, fingerprint, duration, offset, row_number() OVER"
                        " (PARTITION BY hour, fingerprint ORDER BY duration DESC, offset) AS place"
                        " FROM examples" BETWEEN ") WHERE place > %d)",
                        EXAMPLES_KEPT),
        w->had_days, w->days, &trimmed);
}

/* Reports tell it among what a log cannot show. */
static bool tell_days(const compactor *c, const work *w)
{
    segment seg = {.id = w->id};
    return store_set_limit(c->s, w->source, &seg, SLICE("days"), SLICE("the hours of older days"),
                           SLICE("the store keeps whole days of them (qlog compact)"),
                           SLICE("a larger --days-after of qlog compact"), c->st);
}

static bool make_days(const compactor *c, const work *w)
{
    uint64_t changed;
    buf names;
    buf_init(&names, NAMES_MAX);
    bool ok = run_between(
        c, w, sqlite3_mprintf("UPDATE digest SET series = series_of_day(series)" BETWEEN),
        w->had_days, w->days, &changed);
    for (int i = 0; ok && i < segment_table_count; i++) {
        const segment_table *t = &segment_tables[i];
        ok = t->join == NULL || join_hours(c, w, t, &names);
    }
    buf_free(&names);
    return ok && trim_examples(c, w) && tell_days(c, w);
}

static bool drop_days(const compactor *c, const work *w)
{
    uint64_t changed;
    bool ok = true;
    for (int i = 0; ok && i < segment_table_count; i++) {
        const segment_table *t = &segment_tables[i];
        if (t->join != NULL) {
            ok = run_between(c, w, sqlite3_mprintf("DELETE FROM %s" BETWEEN, t->name),
                             w->had_dropped, w->dropped, &changed);
            bool is_digest = strcmp(t->name, "digest") == 0;
            c->out->rows_dropped += ok && is_digest ? changed : 0;
        }
    }
    return ok;
}

/* What is left of a segment whose days are all dropped is that it was read. */
static bool forget_logs(const compactor *c)
{
    static const char *const tables[] = {"skipped", "thresholds", "limits", "ledger"};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof tables / sizeof *tables; i++) {
        char *sql = sqlite3_mprintf("DELETE FROM %s WHERE (source, segment) IN (SELECT source,"
                                    " segment FROM segments EXCEPT SELECT source, segment FROM"
                                    " kept_segments)",
                                    tables[i]);
        ok = sql != NULL ? store_run_sql(c->s, sql, "write to", c->st) : status_no_memory(c->st);
        sqlite3_free(sql);
    }
    return ok;
}

static bool set_segment(const compactor *c, const work *w)
{
    uint64_t changed;
    return run_between(
        c, w,
        sqlite3_mprintf("UPDATE segments SET days_before = ?3, dropped_before = ?4, first_at ="
                        " max(first_at, ?4 * %lld) WHERE source = ?1 AND segment = ?2",
                        (long long)US_PER_SECOND),
        w->days, w->dropped, &changed);
}

/* --- which segments ------------------------------------------------------------------------- */

/* The end of the last day that lies before `at`, where that is later than what there is. */
static int64_t later_day(int64_t had, int64_t at, int64_t zone, int64_t first)
{
    int64_t day = at != INT64_MIN ? store_day_of(at, (int32_t)zone) : 0;
    return day > had && first < day ? day : had;
}

static bool plan_segment(compactor *c, sqlite3_stmt *q)
{
    work *w = arena_calloc(&c->arena, 1, sizeof *w);
    if (w == NULL || !arena_copy(&c->arena, column_view(q, 0), &w->source)) {
        return status_no_memory(c->st);
    }
    int64_t first = sqlite3_column_int64(q, 5) / US_PER_SECOND;
    w->id = column_hash(q, 1);
    w->zone = sqlite3_column_int64(q, 2);
    w->had_days = sqlite3_column_int64(q, 3);
    w->had_dropped = sqlite3_column_int64(q, 4);
    w->days = later_day(w->had_days, c->days_at, w->zone, first);
    w->dropped = later_day(w->had_dropped, c->drop_at, w->zone, first);
    if (w->days != w->had_days || w->dropped != w->had_dropped) {
        w->next = c->first;
        c->first = w;
    }
    return true;
}

static bool plan_work(compactor *c)
{
    sqlite3_stmt *q = rows_begin(c->s,
                                 "SELECT source, segment, zone_begins, days_before, dropped_before,"
                                 " first_at FROM kept_segments WHERE last_at <> 0",
                                 c->st);
    while (q != NULL && rows_next(c->s, q, c->st) && plan_segment(c, q)) {
    }
    return rows_end(q, c->st);
}

/* --- what nothing refers to any more ---------------------------------------------------------- */

/* Fingerprints that a table names; those as well that the packed state may name, since an execution
 * may wait in it whose text is known from an earlier run. */
static bool note_used(const compactor *c)
{
    bool ok = store_run_sql(c->s, "CREATE TEMP TABLE used(fingerprint INTEGER PRIMARY KEY)",
                            "write to", c->st);
    for (int i = 0; ok && i < segment_table_count; i++) {
        const segment_table *t = &segment_tables[i];
        char *sql = t->has_fingerprint ? sqlite3_mprintf("INSERT OR IGNORE INTO temp.used"
                                                         " SELECT DISTINCT fingerprint FROM %s",
                                                         t->name)
                                       : sqlite3_mprintf("");
        ok = sql != NULL ? store_run_sql(c->s, sql, "write to", c->st) : status_no_memory(c->st);
        sqlite3_free(sql);
    }
    return ok && store_run_sql(c->s,
                               /* What a finding names may have run on a day that is gone. */
                               "INSERT OR IGNORE INTO temp.used SELECT parent FROM bursts"
                               " UNION SELECT fingerprint FROM cycles UNION SELECT twin FROM pages"
                               " UNION SELECT blocker FROM blockers;"
                               "INSERT OR IGNORE INTO temp.used SELECT f.fingerprint"
                               " FROM fingerprints f, fold_state s"
                               " WHERE instr(s.state, varint(f.fingerprint)) > 0",
                               "write to", c->st);
}

static bool forget_unused(const compactor *c)
{
    int64_t had;
    int64_t have;
    bool ok =
        store_run_sql(c->s, "DELETE FROM cycles WHERE cycle NOT IN (SELECT cycle FROM bursts)",
                      "write to", c->st) &&
        note_used(c) && store_read_number(c->s, "SELECT count(*) FROM fingerprints", &had, c->st) &&
        store_run_sql(c->s,
                      "DELETE FROM fingerprints WHERE fingerprint NOT IN"
                      " (SELECT fingerprint FROM temp.used);"
                      "DELETE FROM tables WHERE fingerprint NOT IN"
                      " (SELECT fingerprint FROM temp.used);"
                      "DELETE FROM aliases WHERE fingerprint NOT IN"
                      " (SELECT fingerprint FROM temp.used);"
                      "DELETE FROM plan_shapes WHERE plan NOT IN (SELECT plan FROM plans);"
                      "DROP TABLE temp.used",
                      "write to", c->st) &&
        store_read_number(c->s, "SELECT count(*) FROM fingerprints", &have, c->st);
    c->out->fingerprints = ok ? (uint64_t)(had - have) : 0;
    return ok;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool count_rows(const compactor *c, uint64_t *rows)
{
    int64_t n;
    bool ok = store_read_number(c->s, "SELECT count(*) FROM digest", &n, c->st);
    *rows = (uint64_t)n;
    return ok;
}

static bool compact(compactor *c)
{
    int64_t drops;
    bool ok = count_rows(c, &c->out->rows_before) && plan_work(c);
    for (const work *w = c->first; ok && w != NULL; w = w->next) {
        ok = (w->dropped == w->had_dropped || drop_days(c, w)) &&
             (w->days == w->had_days || make_days(c, w)) && set_segment(c, w);
    }
    /* Records that came too late for a day that was dropped left their fingerprints, too. */
    ok = ok && store_read_number(c->s, "SELECT count(*) FROM segments WHERE dropped_before > 0",
                                 &drops, c->st);
    return ok && (drops == 0 || (forget_logs(c) && forget_unused(c))) &&
           count_rows(c, &c->out->rows_after);
}

static bool read_size(const store *s, uint64_t *bytes, status *st)
{
    int64_t pages;
    int64_t size;
    bool ok = store_read_number(s, "PRAGMA page_count", &pages, st) &&
              store_read_number(s, "PRAGMA page_size", &size, st);
    *bytes = ok ? (uint64_t)(pages * size) : 0;
    return ok;
}

/* Pages that are free are used again by what is added; only where they are many is the file written
 * anew without them. */
static bool give_back(store *s, status *st)
{
    int64_t many;
    return store_read_number(s,
                             "SELECT freelist_count * 4 > page_count FROM"
                             " pragma_freelist_count, pragma_page_count",
                             &many, st) &&
           (many == 0 || store_run_sql(s, "VACUUM", "shrink", st));
}

bool store_compact(store *s, int64_t days_after, int64_t drop_after, int64_t now, compaction *out,
                   status *st)
{
    int64_t latest;
    compactor c = {.s = s, .out = out, .st = st};
    *out = (compaction){0};
    if (!read_size(s, &out->bytes_before, st) || !store_begin(s, st)) {
        return false;
    }
    arena_init(&c.arena, MEMORY_MAX);
    bool ok = store_read_number(s, "SELECT coalesce(max(last_at), 0) FROM segments", &latest, st);
    latest = latest < now ? latest : now;
    c.days_at = days_after > 0 ? (latest - days_after) / US_PER_SECOND : INT64_MIN;
    c.drop_at = drop_after > 0 ? (latest - drop_after) / US_PER_SECOND : INT64_MIN;
    ok = ok && compact(&c);
    arena_free(&c.arena);
    if (!ok) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, st) && give_back(s, st) && read_size(s, &out->bytes_after, st);
}
