/* store.c - opening, transactions and prepared statements; see store.h. What is written and read
 * with them is in write.c, merging in merge.c. */
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assets.h"
#include "base/time_units.h"
#include "store/internal.h"
#include "store/tables.h"

/* A report that reads holds the commit up; only programs of others hold it longer. */
enum { BUSY_TIMEOUT_MS = 600000, BLOB_MAX = 1024 * 1024 };

/* One statement of each kind, prepared at its first use. */
static const char *const statement_text[STATEMENT_COUNT] = {
    [FIND_SEGMENTS] =
        "SELECT segment, head, engine, format, detail, role, zone, detail_inferred, unknown_zone,"
        " bytes, lines, tail, events, event_bytes, other_bytes, first_at, last_at,"
        " clock_resolution, zone_offset, orphans, evicted, zone_begins, days_before,"
        " dropped_before FROM segments"
        " WHERE source = ?1 AND head = ?2 ORDER BY segment",
    [READ_SKIPPED] = "SELECT reason, lines, bytes, first_line FROM skipped"
                     " WHERE source = ?1 AND segment = ?2",
    [WRITE_SEGMENT] =
        "INSERT OR REPLACE INTO segments(source, segment, head, engine, format, detail, role, zone,"
        " detail_inferred, unknown_zone, bytes, lines, tail, events, event_bytes,"
        " other_bytes, first_at, last_at, clock_resolution, zone_offset, orphans, evicted,"
        " zone_begins, days_before, dropped_before)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
        "?23,?24,?25)",
    [WRITE_SKIPPED] = "INSERT OR REPLACE INTO skipped(source, segment, reason, lines, bytes,"
                      " first_line) VALUES(?1,?2,?3,?4,?5,?6)",
    [ADD_ROW] =
        "INSERT INTO digest(source, segment, hour, fingerprint, database, user, application,"
        " calls, estimated_calls, errors, first_at, last_at, series)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)" JOIN_DIGEST,
    [ADD_MEASURE] =
        "INSERT INTO measures(source, segment, hour, fingerprint, database, user, application,"
        " measure, n, sum, min, max, histogram)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)" JOIN_MEASURES,
    [ADD_MARGINAL] =
        "INSERT INTO marginals(source, segment, hour, fingerprint, key, value, calls, time)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)" JOIN_MARGINALS,
    [ADD_EXAMPLE] =
        "INSERT INTO examples(source, segment, hour, fingerprint, duration, offset, line, at,"
        " database, user, application, host) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)" JOIN_EXAMPLES,
    [TRIM_EXAMPLES] =
        "DELETE FROM examples WHERE source = ?1 AND segment = ?2 AND hour = ?3 AND fingerprint = ?4"
        " AND (duration, offset) NOT IN (SELECT duration, offset FROM examples WHERE source = ?1"
        " AND segment = ?2 AND hour = ?3 AND fingerprint = ?4"
        " ORDER BY duration DESC, offset LIMIT ?5)",
    [ADD_ERRORS] = "INSERT INTO errors(source, segment, hour, fingerprint, code, n)"
                   " VALUES(?1,?2,?3,?4,?5,?6)" JOIN_COUNTS,
    [ADD_EVENTS] = "INSERT INTO server_events(source, segment, hour, kind, n)"
                   " VALUES(?1,?2,?3,?4,?5)" JOIN_COUNTS,
    [ADD_PLAN] = "INSERT INTO plans(source, segment, hour, fingerprint, plan, calls, time, min,"
                 " max, first_at, last_at) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)" JOIN_PLANS,
    [ADD_PLAN_SHAPE] = "INSERT OR IGNORE INTO plan_shapes(plan, text) VALUES(?1,?2)",
    [ADD_FACT] = "INSERT INTO server_facts(source, segment, hour, fingerprint, kind, subject, n,"
                 " sum, min, max, first_at, last_at) "
                 "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)" JOIN_FACTS,
    [ADD_BURST] =
        "INSERT INTO bursts(source, segment, hour, database, user, application, endpoint, cycle,"
        " parent, parameters, length, bursts, calls, time, wall, saving, matched, contradicted,"
        " shared, longest, first_at, first_offset, first_line, requests)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
        "?23,?24)" JOIN_BURSTS,
    [ADD_CYCLE] = "INSERT OR IGNORE INTO cycles(cycle, place, fingerprint) VALUES(?1,?2,?3)",
    [ADD_BURST_SESSION] =
        "INSERT OR IGNORE INTO burst_sessions(source, segment, hour, cycle, session)"
        " VALUES(?1,?2,?3,?4,?5)",
    [TRIM_BURST_SESSIONS] =
        "DELETE FROM burst_sessions WHERE source = ?1 AND segment = ?2 AND hour = ?3"
        " AND cycle = ?4 AND session NOT IN (SELECT session FROM burst_sessions WHERE source = ?1"
        " AND segment = ?2 AND hour = ?3 AND cycle = ?4 ORDER BY session LIMIT ?5)",
    [ADD_USE] =
        "INSERT INTO session_use(source, segment, hour, database, user, application, statements,"
        " chatter, time, transactions, transaction_time, idle_time, longest_idle,"
        " longest_transaction, longest_at, longest_line)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)" JOIN_USES,
    [ADD_RETRIES] =
        "INSERT INTO retries(source, segment, hour, fingerprint, database, user, application,"
        " code, retries, failed, wait, longest, first_at, first_line)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)" JOIN_RETRIES,
    [ADD_BLOCKER] =
        "INSERT INTO blockers(source, segment, hour, fingerprint, blocker, state, database, user,"
        " application, waits, acquired, time, longest, first_at, first_line)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)" JOIN_BLOCKERS,
    [ADD_PAGES] =
        "INSERT INTO pages(source, segment, hour, fingerprint, database, user, application, pages,"
        " walks, walk_pages, twins, twin, sample)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)" JOIN_PAGES,
    [READ_DAYS] = "SELECT zone_begins, days_before, dropped_before FROM segments"
                  " WHERE source = ?1 AND segment = ?2",
    [ADD_TABLE] = "INSERT OR IGNORE INTO tables(fingerprint, name, access) VALUES(?1,?2,?3)",
    [ADD_ALIAS] = "INSERT OR IGNORE INTO aliases(fingerprint, kind, value) VALUES(?1,?2,?3)",
    [ADD_FINGERPRINT] = "INSERT INTO fingerprints(fingerprint, engine, verb, text)"
                        " VALUES(?1,?2,?3,?4) ON CONFLICT DO UPDATE SET text = excluded.text"
                        " WHERE excluded.text < text",
    [ADD_THRESHOLD] = "INSERT OR REPLACE INTO thresholds(source, segment, at, duration, origin)"
                      " VALUES(?1,?2,?3,?4,?5)",
    [SET_LIMIT] = "INSERT OR REPLACE INTO limits(source, segment, topic, cannot_show, because,"
                  " remedy) VALUES(?1,?2,?3,?4,?5,?6)",
    [RETIRE_PATH] =
        "UPDATE ledger SET latest = 0 WHERE source = ?1 AND path = ?2 AND segment <> ?3 AND latest",
    [SET_PATH] = "INSERT OR REPLACE INTO ledger(source, path, segment, latest) VALUES(?1,?2,?3,1)",
    [FORGET_DUPLICATE] = "DELETE FROM duplicates WHERE source = ?1 AND path = ?2",
    [SET_DUPLICATE] = "INSERT OR REPLACE INTO duplicates(source, path, same_as) VALUES(?1,?2,?3)",
    [FORGET_UNREAD] = "DELETE FROM unread WHERE source = ?1",
    [ADD_UNREAD] = "INSERT OR REPLACE INTO unread(source, path, why) VALUES(?1,?2,?3)",
    [READ_STATE] = "SELECT as_of, state FROM fold_state WHERE source = ?1 AND engine = ?2",
    [WRITE_STATE] =
        "INSERT OR REPLACE INTO fold_state(source, engine, as_of, progress, state) VALUES(?1,?2,?3,"
        " (SELECT coalesce(sum(bytes), 0) FROM segments WHERE source = ?1), ?4)",
    [READ_NAMES] = "SELECT dimension, name FROM names WHERE source = ?1",
    [ADD_NAME] = "INSERT OR IGNORE INTO names(source, dimension, name) VALUES(?1,?2,?3)",
};

bool store_fail(const store *s, const char *what, status *st)
{
    int code = sqlite3_errcode(s->db);
    if (code == SQLITE_BUSY) {
        return status_fail(st, STATUS_STORE, "cannot %s '%s': another program is using it", what,
                           s->path);
    }
    char why[128];
    int error = sqlite3_system_errno(s->db);
    bool cannot_open = code == SQLITE_CANTOPEN && error != 0; /* SQLite's words don't say why */
    return status_fail(st, STATUS_STORE, "cannot %s '%s': %s", what, s->path,
                       cannot_open ? status_errno_text(error, why, sizeof why)
                                   : sqlite3_errmsg(s->db));
}

struct sqlite3 *store_connection(const store *s)
{
    return s->db;
}

/* --- the functions that the upserts use ---------------------------------------- */

static slice value_blob(sqlite3_value *v)
{
    const void *p = sqlite3_value_blob(v);
    return p != NULL ? slice_of(p, (size_t)sqlite3_value_bytes(v)) : SLICE("");
}

/* No bytes are a value as well; SQLite takes a null pointer for NULL. */
static void return_packed(sqlite3_context *context, const buf *packed)
{
    slice bytes = buf_slice(packed);
    sqlite3_result_blob(context, bytes.p, (int)bytes.n, SQLITE_TRANSIENT);
}

static void sql_histogram_merge(sqlite3_context *context, int n, sqlite3_value **values)
{
    arena a;
    buf out;
    histogram h = {0};
    arena_init(&a, BLOB_MAX);
    buf_init(&out, BLOB_MAX);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        ok = ok && histogram_merge(&h, &a, value_blob(values[i]));
    }
    histogram_encode(&h, &out);
    if (ok && !out.failed) {
        return_packed(context, &out);
    } else {
        sqlite3_result_error(context, "damaged histogram", -1);
    }
    buf_free(&out);
    arena_free(&a);
}

/* Merges packed series into one, or into one of a day. */
static void merge_series(sqlite3_context *context, int n, sqlite3_value **values, bool of_day)
{
    arena a;
    buf out;
    series sum = {0};
    arena_init(&a, BLOB_MAX);
    buf_init(&out, BLOB_MAX);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        ok = ok && series_merge(&sum, &a, value_blob(values[i]));
    }
    if (of_day) {
        series_to_day(&sum);
    }
    series_encode(&sum, &out);
    if (ok && !out.failed) {
        return_packed(context, &out);
    } else {
        sqlite3_result_error(context, "damaged series", -1);
    }
    buf_free(&out);
    arena_free(&a);
}

static void sql_pages_merge(sqlite3_context *context, int n, sqlite3_value **values)
{
    page_point sample[PAGE_SAMPLE];
    uint32_t n_sample = 0;
    buf out;
    buf_init(&out, BLOB_MAX);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        ok = ok && page_sample_merge(sample, &n_sample, PAGE_SAMPLE, value_blob(values[i]));
    }
    page_sample_encode(sample, n_sample, &out);
    if (ok && !out.failed) {
        return_packed(context, &out);
    } else {
        sqlite3_result_error(context, "damaged sample of pages", -1);
    }
    buf_free(&out);
}

static void sql_series_merge(sqlite3_context *context, int n, sqlite3_value **values)
{
    merge_series(context, n, values, false);
}

static void sql_series_of_day(sqlite3_context *context, int n, sqlite3_value **values)
{
    merge_series(context, n, values, true);
}

static void sql_day_of(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int64(context, store_day_of(sqlite3_value_int64(values[0]),
                                               (int32_t)sqlite3_value_int64(values[1])));
}

/* As texts that are packed hold a number. */
static void sql_varint(sqlite3_context *context, int n, sqlite3_value **values)
{
    buf out;
    (void)n;
    buf_init(&out, 64);
    buf_add_varint(&out, (uint64_t)sqlite3_value_int64(values[0]));
    return_packed(context, &out);
    buf_free(&out);
}

/* --- opening ---------------------------------------------------------------------- */

bool store_run_sql(const store *s, const char *sql, const char *what, status *st)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(s, what, st);
}

bool store_run_asset(const store *s, const char *name, const char *what, status *st)
{
    slice sql;
    if (!asset_find(slice_from(name), &sql)) {
        return status_fail(st, STATUS_BUG, "'%s' is missing from the program", name);
    }
    return store_run_sql(s, sql.p, what, st); /* assets end with NUL */
}

bool store_read_number(const store *s, const char *sql, int64_t *value, status *st)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    *value = ok ? sqlite3_column_int64(statement, 0) : 0;
    ok = ok || store_fail(s, "open", st);
    sqlite3_finalize(statement);
    return ok;
}

static bool create_schema(store *s, status *st)
{
    char marks[128];
    char meta[128];
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             (int)STORE_APPLICATION_ID, (int)STORE_VERSION);
    snprintf(meta, sizeof meta, "INSERT INTO meta VALUES('fingerprint_version', '%d')",
             (int)FINGERPRINT_VERSION);
    return store_run_sql(s, marks, "create", st) &&
           store_run_asset(s, "schema.sql", "create", st) &&
           store_run_asset(s, "views.sql", "create", st) && store_run_sql(s, meta, "create", st);
}

static bool check_fingerprint_version(store *s, status *st)
{
    int64_t version;
    if (!store_read_number(s, "SELECT value FROM meta WHERE name = 'fingerprint_version'", &version,
                           st)) {
        return false;
    }
    if (version != FINGERPRINT_VERSION) {
        return status_fail(st, STATUS_STORE,
                           "cannot use '%s': its fingerprints are of version %lld, this program's"
                           " of version %d, so that one query would count as two; keep it for the"
                           " program that made it, and read its logs into a new store",
                           s->path, (long long)version, (int)FINGERPRINT_VERSION);
    }
    return true;
}

/* An empty database becomes a store; anything else has to be one. */
static bool check_schema(store *s, store_mode mode, status *st)
{
    int64_t application;
    int64_t version;
    int64_t tables;
    if (!store_read_number(s, "PRAGMA application_id", &application, st) ||
        !store_read_number(s, "PRAGMA user_version", &version, st) ||
        !store_read_number(s, "SELECT count(*) FROM sqlite_master", &tables, st)) {
        return false;
    }
    if (application == 0 && tables == 0 && mode != STORE_READ) {
        return create_schema(s, st);
    }
    if (application != STORE_APPLICATION_ID) {
        return status_fail(st, STATUS_STORE, "cannot use '%s': not a qlog store", s->path);
    }
    if (version > STORE_VERSION) {
        return status_fail(st, STATUS_STORE,
                           "cannot use '%s': made by a newer qlog (store version %lld, this"
                           " program knows %d)",
                           s->path, (long long)version, (int)STORE_VERSION);
    }
    if (!check_fingerprint_version(s, st) || version == STORE_VERSION) {
        return st->code == STATUS_OK;
    }
    return mode == STORE_READ ? store_upgrade_copy(s, (int)version, st)
                              : store_upgrade(s, (int)version, st);
}

static bool add_functions(const store *s, status *st)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"histogram_merge", 2, sql_histogram_merge},
                     {"series_merge", 2, sql_series_merge},
                     {"series_of_day", 1, sql_series_of_day},
                     {"pages_merge", 2, sql_pages_merge},
                     {"day_of", 2, sql_day_of},
                     {"varint", 1, sql_varint}};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof functions / sizeof *functions; i++) {
        ok = sqlite3_create_function_v2(s->db, functions[i].name, functions[i].arguments,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, functions[i].run,
                                        NULL, NULL, NULL) == SQLITE_OK;
    }
    return ok || store_fail(s, "open", st);
}

bool store_prepare_connection(store *s, store_mode mode, status *st)
{
    /* None of them touches the file: it may be another program's. */
    static const char *const settings[] = {
        [STORE_WRITE] = "PRAGMA synchronous = FULL",
        [STORE_READ] = "PRAGMA query_only = 1",
        [STORE_TEMPORARY] =
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192",
    };
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    return store_run_sql(s, settings[mode], "open", st) && add_functions(s, st);
}

static bool open_database(store *s, store_mode mode, status *st)
{
    /* For reading as well: what a killed run left half-written is undone by whoever comes next.
     * Where the file may not be written, SQLite opens it for reading. */
    int flags = SQLITE_OPEN_READWRITE;
    /* An empty name is SQLite's for a private file that vanishes when it is closed. */
    const char *name = mode == STORE_TEMPORARY ? "" : s->path;
    if (mode == STORE_TEMPORARY) {
        flags |= SQLITE_OPEN_CREATE;
    }
    if (sqlite3_open_v2(name, &s->db, flags, NULL) != SQLITE_OK) {
        return s->db == NULL ? status_no_memory(st) : store_fail(s, "open", st);
    }
    return store_prepare_connection(s, mode, st);
}

static bool check_and_make(store *s, store_mode mode, status *st)
{
    if (mode == STORE_READ) {
        return check_schema(s, mode, st);
    }
    return store_begin(s, st) && check_schema(s, mode, st) && store_commit(s, st) &&
           (mode == STORE_TEMPORARY ||
            store_run_sql(s, "PRAGMA journal_mode = DELETE", "open", st));
}

static bool open_store(const char *path, store_mode mode, const store_wait *wait, store **out,
                       status *st)
{
    *out = NULL;
    bool copies = mode == STORE_COPY;
    store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return status_no_memory(st);
    }
    mode = copies ? STORE_READ : mode;
    s->lock = -1;
    s->path = mode == STORE_TEMPORARY ? strdup("temporary store") : strdup(path);
    bool ok = (s->path != NULL || status_no_memory(st)) &&
              (mode != STORE_WRITE || store_lock(path, wait, &s->lock, st)) &&
              open_database(s, mode, st) && check_and_make(s, mode, st) &&
              (!copies || store_make_private(s, st));
    if (!ok) {
        if (s->backup != NULL) {
            unlink(s->backup); /* the store is still what it was */
        }
        store_close(s);
        return false;
    }
    *out = s;
    return true;
}

bool store_open_waiting(const char *path, const store_wait *wait, store **out, status *st)
{
    return open_store(path, STORE_WRITE, wait, out, st);
}

bool store_open(const char *path, store_mode mode, store **out, status *st)
{
    store_wait wait = {.us = STORE_WAIT_MINUTES * US_PER_MINUTE};
    return open_store(path, mode, &wait, out, st);
}

void store_close(store *s)
{
    if (s == NULL) {
        return;
    }
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(s->statements[i]);
    }
    sqlite3_close(s->db);
    if (s->lock >= 0) {
        close(s->lock); /* the last: with it go all locks on the file */
    }
    free(s->backup);
    free(s->path);
    free(s);
}

const char *store_backup(const store *s, int *version)
{
    *version = s->upgraded_from;
    return s->backup;
}

bool store_is_file(const store *s, const char *path)
{
    struct stat ours;
    struct stat other;
    return s->lock >= 0 && fstat(s->lock, &ours) == 0 && stat(path, &other) == 0 &&
           ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

bool store_begin(store *s, status *st)
{
    return store_run_sql(s, "BEGIN IMMEDIATE", "write to", st);
}

bool store_commit(store *s, status *st)
{
    if (store_run_sql(s, "COMMIT", "write to", st)) {
        return true;
    }
    store_rollback(s);
    return false;
}

bool store_commit_and_begin(store *s, status *st)
{
    /* In this mode the commit keeps its lock; the next one gives it up. */
    return store_run_sql(s,
                         "PRAGMA locking_mode = EXCLUSIVE; COMMIT; BEGIN IMMEDIATE;"
                         " PRAGMA locking_mode = NORMAL",
                         "write to", st);
}

void store_rollback(store *s)
{
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* --- binding ------------------------------------------------------------------------ */

sqlite3_stmt *store_statement(store *s, statement_id id, status *st)
{
    if (s->statements[id] == NULL &&
        sqlite3_prepare_v3(s->db, statement_text[id], -1, SQLITE_PREPARE_PERSISTENT,
                           &s->statements[id], NULL) != SQLITE_OK) {
        store_fail(s, "use", st);
    }
    return s->statements[id];
}

void bind_i64(sqlite3_stmt *statement, int at, int64_t value)
{
    sqlite3_bind_int64(statement, at, value);
}

void bind_u64(sqlite3_stmt *statement, int at, uint64_t value)
{
    sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

void bind_slice(sqlite3_stmt *statement, int at, slice text)
{
    sqlite3_bind_text(statement, at, text.p != NULL ? text.p : "", (int)text.n, SQLITE_STATIC);
}

void bind_blob(sqlite3_stmt *statement, int at, slice bytes)
{
    sqlite3_bind_blob(statement, at, bytes.p, (int)bytes.n, SQLITE_TRANSIENT);
}

void bind_hash(sqlite3_stmt *statement, int at, hash128 hash)
{
    char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (char)(hash.high >> (56 - 8 * i));
        bytes[8 + i] = (char)(hash.low >> (56 - 8 * i));
    }
    sqlite3_bind_blob(statement, at, bytes, sizeof bytes, SQLITE_TRANSIENT);
}
