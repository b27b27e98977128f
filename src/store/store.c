/* store.c - opening, transactions and writing; see store.h. Merging is merge.c. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/assets.h"
#include "normalise/normalise.h"
#include "store/internal.h"

enum { BUSY_TIMEOUT_MS = 30000, BLOB_MAX = 1024 * 1024 };

/* One statement of each kind, prepared at its first use. */
static const char *const statement_text[STATEMENT_COUNT] = {
    [FIND_SEGMENTS] =
        "SELECT segment, head, engine, format, detail, role, zone, detail_inferred, unknown_zone,"
        " lacks, bytes, lines, tail, events, event_bytes, other_bytes, first_at, last_at,"
        " clock_resolution, zone_offset, orphans, evicted FROM segments"
        " WHERE source = ?1 AND head = ?2 ORDER BY segment",
    [READ_SKIPPED] = "SELECT reason, lines, bytes, first_line FROM skipped"
                     " WHERE source = ?1 AND segment = ?2",
    [WRITE_SEGMENT] =
        "INSERT OR REPLACE INTO segments(source, segment, head, engine, format, detail, role, zone,"
        " detail_inferred, unknown_zone, lacks, bytes, lines, tail, events, event_bytes,"
        " other_bytes, first_at, last_at, clock_resolution, zone_offset, orphans, evicted)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)",
    [WRITE_SKIPPED] = "INSERT OR REPLACE INTO skipped(source, segment, reason, lines, bytes,"
                      " first_line) VALUES(?1,?2,?3,?4,?5,?6)",
    [ADD_ROW] =
        "INSERT INTO digest(source, segment, hour, fingerprint, database, user, application,"
        " calls, estimated_calls, errors, first_at, last_at, minutes)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?8,?9,?10,?11,?12)"
        " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,"
        " estimated_calls = estimated_calls + excluded.estimated_calls,"
        " errors = errors + excluded.errors,"
        " first_at = CASE WHEN last_at = 0 THEN excluded.first_at"
        "  WHEN excluded.last_at = 0 THEN first_at ELSE min(first_at, excluded.first_at) END,"
        " last_at = CASE WHEN last_at = 0 THEN excluded.last_at"
        "  WHEN excluded.last_at = 0 THEN last_at ELSE max(last_at, excluded.last_at) END,"
        " minutes = series_merge(minutes, excluded.minutes)",
    [ADD_MEASURE] =
        "INSERT INTO measures(source, segment, hour, fingerprint, database, user, application,"
        " measure, n, sum, min, max, histogram)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)"
        " ON CONFLICT DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum,"
        " min = min(min, excluded.min), max = max(max, excluded.max),"
        " histogram = histogram_merge(histogram, excluded.histogram)",
    [ADD_MARGINAL] =
        "INSERT INTO marginals(source, segment, hour, fingerprint, key, value, calls, time)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"
        " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, time = time + excluded.time",
    [ADD_EXAMPLE] =
        "INSERT OR IGNORE INTO examples(source, segment, hour, fingerprint, duration, offset, line,"
        " at, database, user, application, host) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [TRIM_EXAMPLES] =
        "DELETE FROM examples WHERE source = ?1 AND segment = ?2 AND hour = ?3 AND fingerprint = ?4"
        " AND (duration, offset) NOT IN (SELECT duration, offset FROM examples WHERE source = ?1"
        " AND segment = ?2 AND hour = ?3 AND fingerprint = ?4"
        " ORDER BY duration DESC, offset LIMIT ?5)",
    [ADD_ERRORS] = "INSERT INTO errors(source, segment, hour, fingerprint, code, n)"
                   " VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    [ADD_EVENTS] = "INSERT INTO server_events(source, segment, hour, kind, n)"
                   " VALUES(?1,?2,?3,?4,?5) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    [ADD_ALIAS] = "INSERT OR IGNORE INTO aliases(fingerprint, kind, value) VALUES(?1,?2,?3)",
    [ADD_FINGERPRINT] = "INSERT OR IGNORE INTO fingerprints(fingerprint, engine, verb, text)"
                        " VALUES(?1,?2,?3,?4)",
    [ADD_THRESHOLD] = "INSERT OR IGNORE INTO thresholds(source, segment, at, duration, origin)"
                      " VALUES(?1,?2,?3,?4,?5)",
    [SET_PATH] = "INSERT OR REPLACE INTO ledger(source, path, segment) VALUES(?1,?2,?3)",
    [READ_STATE] = "SELECT as_of, state FROM fold_state WHERE source = ?1 AND engine = ?2",
    [WRITE_STATE] = "INSERT OR REPLACE INTO fold_state(source, engine, as_of, state)"
                    " VALUES(?1,?2,?3,?4)",
    [READ_NAMES] =
        "SELECT DISTINCT 0, database FROM digest WHERE source = ?1"
        " UNION SELECT DISTINCT 1, user FROM digest WHERE source = ?1"
        " UNION SELECT DISTINCT 2, application FROM digest WHERE source = ?1"
        " UNION SELECT DISTINCT 3, value FROM marginals WHERE source = ?1 AND key = 'host'",
};

bool store_fail(const store *s, const char *what, status *st)
{
    int code = sqlite3_errcode(s->db);
    if (code == SQLITE_BUSY) {
        return status_fail(st, STATUS_STORE, "cannot %s '%s': another run is using it", what,
                           s->path);
    }
    return status_fail(st, STATUS_STORE, "cannot %s '%s': %s", what, s->path,
                       sqlite3_errmsg(s->db));
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
        sqlite3_result_blob(context, out.p, (int)out.n, SQLITE_TRANSIENT);
    } else {
        sqlite3_result_error(context, "damaged histogram", -1);
    }
    buf_free(&out);
    arena_free(&a);
}

static void sql_series_merge(sqlite3_context *context, int n, sqlite3_value **values)
{
    arena a;
    buf out;
    series sum = {0};
    arena_init(&a, BLOB_MAX);
    buf_init(&out, BLOB_MAX);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        slice packed = value_blob(values[i]);
        series_point point = {0};
        while (ok && series_take(&packed, &point)) {
            ok = series_add(&sum, &a, point.minute, point.calls, point.time);
        }
        ok = ok && packed.n == 0;
    }
    series_encode(&sum, &out);
    if (ok && !out.failed) {
        sqlite3_result_blob(context, out.p, (int)out.n, SQLITE_TRANSIENT);
    } else {
        sqlite3_result_error(context, "damaged series", -1);
    }
    buf_free(&out);
    arena_free(&a);
}

/* --- opening ---------------------------------------------------------------------- */

static bool run_sql(const store *s, const char *sql, const char *what, status *st)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(s, what, st);
}

static bool read_pragma(const store *s, const char *sql, int64_t *value, status *st)
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
    slice schema;
    if (!asset_find(SLICE("schema.sql"), &schema)) {
        return status_fail(st, STATUS_BUG, "the schema is missing from the program");
    }
    buf sql;
    buf_init(&sql, schema.n + 1024);
    buf_printf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
               (int)STORE_APPLICATION_ID, (int)STORE_VERSION);
    buf_add(&sql, schema);
    buf_printf(&sql, "INSERT INTO meta VALUES('fingerprint_version', '%d');", FINGERPRINT_VERSION);
    bool ok = sql.failed ? status_no_memory(st) : run_sql(s, sql.p, "create", st);
    buf_free(&sql);
    return ok;
}

static bool check_fingerprint_version(store *s, status *st)
{
    int64_t version;
    if (!read_pragma(s, "SELECT value FROM meta WHERE name = 'fingerprint_version'", &version,
                     st)) {
        return false;
    }
    if (version != FINGERPRINT_VERSION) {
        return status_fail(st, STATUS_STORE,
                           "cannot use '%s': its fingerprints are of version %lld, this program's"
                           " of version %d; keep it for reading and begin a new store",
                           s->path, (long long)version, FINGERPRINT_VERSION);
    }
    return true;
}

/* An empty database becomes a store, within a transaction so that two first runs do not collide;
 * anything else has to be one. */
static bool check_schema(store *s, store_mode mode, status *st)
{
    int64_t application;
    int64_t version;
    int64_t tables;
    if (!read_pragma(s, "PRAGMA application_id", &application, st) ||
        !read_pragma(s, "PRAGMA user_version", &version, st) ||
        !read_pragma(s, "SELECT count(*) FROM sqlite_master", &tables, st)) {
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
    return check_fingerprint_version(s, st);
}

static bool add_functions(store *s, status *st)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    if (sqlite3_create_function_v2(s->db, "histogram_merge", 2, flags, NULL, sql_histogram_merge,
                                   NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_create_function_v2(s->db, "series_merge", 2, flags, NULL, sql_series_merge, NULL,
                                   NULL, NULL) != SQLITE_OK) {
        return store_fail(s, "open", st);
    }
    return true;
}

/* SQLite makes files with the umask's permissions; a store is for its owner alone. */
static bool create_private_file(const char *path, status *st)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        char why[128];
        return status_fail(st, STATUS_STORE, "cannot open '%s': %s", path,
                           status_errno_text(errno, why, sizeof why));
    }
    close(fd);
    return true;
}

static bool open_database(store *s, store_mode mode, status *st)
{
    static const char *const settings[] = {
        [STORE_WRITE] = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL",
        [STORE_READ] = "PRAGMA query_only = 1",
        [STORE_TEMPORARY] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                            " PRAGMA cache_size = -8192",
    };
    int flags = mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == STORE_WRITE && !create_private_file(s->path, st)) {
        return false;
    }
    /* An empty name is SQLite's for a private file that vanishes when it is closed. */
    const char *name = mode == STORE_TEMPORARY ? "" : s->path;
    if (mode == STORE_TEMPORARY) {
        flags |= SQLITE_OPEN_CREATE;
    }
    if (sqlite3_open_v2(name, &s->db, flags, NULL) != SQLITE_OK) {
        return s->db == NULL ? status_no_memory(st) : store_fail(s, "open", st);
    }
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    return run_sql(s, settings[mode], "open", st) && add_functions(s, st);
}

bool store_open(const char *path, store_mode mode, store **out, status *st)
{
    *out = NULL;
    store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return status_no_memory(st);
    }
    s->path = mode == STORE_TEMPORARY ? strdup("temporary store") : strdup(path);
    bool ok = s->path != NULL ? open_database(s, mode, st) : status_no_memory(st);
    if (ok && mode != STORE_READ) {
        ok = store_begin(s, st) && check_schema(s, mode, st) && store_commit(s, st);
    } else if (ok) {
        ok = check_schema(s, mode, st);
    }
    if (!ok) {
        store_close(s);
        return false;
    }
    *out = s;
    return true;
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
    free(s->path);
    free(s);
}

bool store_begin(store *s, status *st)
{
    return run_sql(s, "BEGIN IMMEDIATE", "write to", st);
}

bool store_commit(store *s, status *st)
{
    if (run_sql(s, "COMMIT", "write to", st)) {
        return true;
    }
    store_rollback(s);
    return false;
}

void store_rollback(store *s)
{
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* --- binding ------------------------------------------------------------------------ */

bool store_statement(store *s, statement_id id, sqlite3_stmt **statement, status *st)
{
    if (s->statements[id] == NULL &&
        sqlite3_prepare_v3(s->db, statement_text[id], -1, SQLITE_PREPARE_PERSISTENT,
                           &s->statements[id], NULL) != SQLITE_OK) {
        return store_fail(s, "use", st);
    }
    *statement = s->statements[id];
    return true;
}

void bind_slice(sqlite3_stmt *statement, int at, slice text)
{
    sqlite3_bind_text(statement, at, text.p, (int)text.n, SQLITE_STATIC);
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

hash128 column_hash(sqlite3_stmt *statement, int at)
{
    hash128 hash = {0};
    const unsigned char *bytes = sqlite3_column_blob(statement, at);
    if (bytes != NULL && sqlite3_column_bytes(statement, at) == 16) {
        for (int i = 0; i < 8; i++) {
            hash.high = hash.high << 8 | bytes[i];
            hash.low = hash.low << 8 | bytes[8 + i];
        }
    }
    return hash;
}

slice column_slice(sqlite3_stmt *statement, int at, arena *a)
{
    slice copy;
    const void *p = sqlite3_column_blob(statement, at);
    arena_copy(a, slice_of(p != NULL ? p : "", (size_t)sqlite3_column_bytes(statement, at)), &copy);
    return copy;
}

static void bind_i64(sqlite3_stmt *statement, int at, int64_t value)
{
    sqlite3_bind_int64(statement, at, value);
}

static void bind_u64(sqlite3_stmt *statement, int at, uint64_t value)
{
    sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

/* Runs a bound statement that gives no rows. */
static bool run(store *s, sqlite3_stmt *statement, status *st)
{
    int code = sqlite3_step(statement);
    /* The failure is read before the reset, which would give it a second time. */
    bool ok = code == SQLITE_DONE || store_fail(s, "write to", st);
    sqlite3_reset(statement);
    return ok;
}

/* --- segments -------------------------------------------------------------------------- */

const char *skip_reason_name(skip_reason reason)
{
    static const char *const names[SKIP_REASON_COUNT] = {
        [SKIP_FOREIGN] = "foreign line",
        [SKIP_HEADLESS] = "beginning not in the log",
        [SKIP_TOO_LONG] = "beyond the record limit",
        [SKIP_BAD_TIME] = "impossible time",
    };
    return names[reason];
}

const char *event_kind_name(event_kind kind)
{
    static const char *const names[EVENT_KIND_COUNT] = {
        [EVENT_STATEMENT] = "statement",
        [EVENT_STATEMENT_START] = "statement-start",
        [EVENT_DURATION] = "duration",
        [EVENT_PREPARE] = "prepare",
        [EVENT_BIND] = "bind",
        [EVENT_PLAN] = "plan",
        [EVENT_ERROR] = "error",
        [EVENT_WARNING] = "warning",
        [EVENT_LOCK_WAIT] = "lock-wait",
        [EVENT_TEMP_FILE] = "temp-file",
        [EVENT_SESSION_START] = "session-start",
        [EVENT_SESSION_END] = "session-end",
        [EVENT_CHECKPOINT] = "checkpoint",
        [EVENT_VACUUM] = "vacuum",
        [EVENT_REPLICATION] = "replication",
        [EVENT_SERVER_START] = "server-start",
        [EVENT_SERVER_STOP] = "server-stop",
        [EVENT_SETTING] = "setting",
        [EVENT_MESSAGE] = "message",
    };
    return names[kind];
}

static bool read_skipped(store *s, slice source, segment *seg, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, READ_SKIPPED, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, seg->id);
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        for (int r = 0; r < SKIP_REASON_COUNT && name != NULL; r++) {
            if (strcmp(name, skip_reason_name((skip_reason)r)) == 0) {
                seg->skipped[r] = (skipped){.count = (uint64_t)sqlite3_column_int64(q, 1),
                                            .bytes = (uint64_t)sqlite3_column_int64(q, 2),
                                            .first_line = (uint32_t)sqlite3_column_int64(q, 3)};
            }
        }
    }
    sqlite3_reset(q);
    return true;
}

static void read_segment(sqlite3_stmt *q, arena *a, segment *seg)
{
    *seg = (segment){
        .id = column_hash(q, 0),
        .head = column_hash(q, 1),
        .engine = column_slice(q, 2, a),
        .format = column_slice(q, 3, a),
        .detail = column_slice(q, 4, a),
        .role = column_slice(q, 5, a),
        .zone = column_slice(q, 6, a),
        .detail_inferred = sqlite3_column_int64(q, 7) != 0,
        .unknown_zone = sqlite3_column_int64(q, 8) != 0,
        .lacks = (uint32_t)sqlite3_column_int64(q, 9),
        .bytes = (uint64_t)sqlite3_column_int64(q, 10),
        .lines = (uint64_t)sqlite3_column_int64(q, 11),
        .tail = column_hash(q, 12),
        .events = (uint64_t)sqlite3_column_int64(q, 13),
        .event_bytes = (uint64_t)sqlite3_column_int64(q, 14),
        .other_bytes = (uint64_t)sqlite3_column_int64(q, 15),
        .first_at = sqlite3_column_int64(q, 16),
        .last_at = sqlite3_column_int64(q, 17),
        .clock_resolution = sqlite3_column_int64(q, 18),
        .zone_offset = (int32_t)sqlite3_column_int64(q, 19),
        .orphans = (uint64_t)sqlite3_column_int64(q, 20),
        .evicted = (uint64_t)sqlite3_column_int64(q, 21),
        .stored = true,
    };
}

bool store_find_segments(store *s, slice source, hash128 head, arena *a, segment *found,
                         uint32_t max, uint32_t *n, status *st)
{
    sqlite3_stmt *q;
    *n = 0;
    if (!store_statement(s, FIND_SEGMENTS, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, head);
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW && *n < max) {
        read_segment(q, a, &found[(*n)++]);
    }
    bool ok = code == SQLITE_ROW || code == SQLITE_DONE || store_fail(s, "read", st);
    sqlite3_reset(q);
    for (uint32_t i = 0; ok && i < *n; i++) {
        ok = read_skipped(s, source, &found[i], st);
    }
    return ok;
}

static bool write_skipped(store *s, slice source, const segment *seg, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, WRITE_SKIPPED, &q, st)) {
        return false;
    }
    for (int r = 0; r < SKIP_REASON_COUNT; r++) {
        const skipped *k = &seg->skipped[r];
        if (k->count == 0) {
            continue;
        }
        bind_slice(q, 1, source);
        bind_hash(q, 2, seg->id);
        bind_slice(q, 3, slice_from(skip_reason_name((skip_reason)r)));
        bind_u64(q, 4, k->count);
        bind_u64(q, 5, k->bytes);
        bind_u64(q, 6, k->first_line);
        if (!run(s, q, st)) {
            return false;
        }
    }
    return true;
}

bool store_write_segment(store *s, slice source, const segment *seg, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, WRITE_SEGMENT, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, seg->id);
    bind_hash(q, 3, seg->head);
    bind_slice(q, 4, seg->engine);
    bind_slice(q, 5, seg->format);
    bind_slice(q, 6, seg->detail);
    bind_slice(q, 7, seg->role);
    bind_slice(q, 8, seg->zone);
    bind_i64(q, 9, seg->detail_inferred);
    bind_i64(q, 10, seg->unknown_zone);
    bind_i64(q, 11, seg->lacks);
    bind_u64(q, 12, seg->bytes);
    bind_u64(q, 13, seg->lines);
    bind_hash(q, 14, seg->tail);
    bind_u64(q, 15, seg->events);
    bind_u64(q, 16, seg->event_bytes);
    bind_u64(q, 17, seg->other_bytes);
    bind_i64(q, 18, seg->first_at);
    bind_i64(q, 19, seg->last_at);
    bind_i64(q, 20, seg->clock_resolution);
    bind_i64(q, 21, seg->zone_offset);
    bind_u64(q, 22, seg->orphans);
    bind_u64(q, 23, seg->evicted);
    return run(s, q, st) && write_skipped(s, source, seg, st);
}

/* --- the digest ------------------------------------------------------------------------- */

/* What every insert of one digest shares. */
typedef struct digest_writer {
    store *s;
    slice source;
    const segment *seg;
    const who_table *whos;
    buf packed;
    status *st;
} digest_writer;

static void bind_key(const digest_writer *w, sqlite3_stmt *q, int64_t hour, uint64_t fingerprint)
{
    bind_slice(q, 1, w->source);
    bind_hash(q, 2, w->seg->id);
    bind_i64(q, 3, hour);
    bind_u64(q, 4, fingerprint);
}

static void bind_row_key(const digest_writer *w, sqlite3_stmt *q, const digest_row *row)
{
    const who *person = &w->whos->entries[row->who].who;
    bind_key(w, q, row->hour, row->fingerprint);
    bind_slice(q, 5, person->database);
    bind_slice(q, 6, person->user);
    bind_slice(q, 7, person->application);
}

static bool write_row(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q;
    if (!store_statement(w->s, ADD_ROW, &q, w->st)) {
        return false;
    }
    buf_clear(&w->packed);
    series_encode(&row->minutes, &w->packed);
    bind_row_key(w, q, row);
    bind_u64(q, 8, row->calls);
    bind_u64(q, 9, row->errors);
    bind_i64(q, 10, row->first_at);
    bind_i64(q, 11, row->last_at);
    bind_blob(q, 12, buf_slice(&w->packed));
    return !w->packed.failed ? run(w->s, q, w->st) : status_no_memory(w->st);
}

static bool write_measure(digest_writer *w, const digest_row *row, measure_id id, const measure *m)
{
    static const char *const names[MEASURE_COUNT] = {
        [MEASURE_QUERY_TIME] = "query_time",
        [MEASURE_PREPARE_TIME] = "prepare_time",
        [MEASURE_BIND_TIME] = "bind_time",
    };
    sqlite3_stmt *q;
    if (m->n == 0) {
        return true;
    }
    if (!store_statement(w->s, ADD_MEASURE, &q, w->st)) {
        return false;
    }
    buf_clear(&w->packed);
    histogram_encode(&m->distribution, &w->packed);
    bind_row_key(w, q, row);
    bind_slice(q, 8, slice_from(names[id]));
    bind_u64(q, 9, m->n);
    bind_u64(q, 10, m->sum);
    bind_u64(q, 11, m->min);
    bind_u64(q, 12, m->max);
    bind_blob(q, 13, buf_slice(&w->packed));
    return !w->packed.failed ? run(w->s, q, w->st) : status_no_memory(w->st);
}

static bool write_host(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q;
    slice host = w->whos->entries[row->who].who.host;
    if (host.n == 0 || row->calls == 0) {
        return true;
    }
    if (!store_statement(w->s, ADD_MARGINAL, &q, w->st)) {
        return false;
    }
    bind_key(w, q, row->hour, row->fingerprint);
    bind_slice(q, 5, SLICE("host"));
    bind_slice(q, 6, host);
    bind_u64(q, 7, row->calls);
    bind_u64(q, 8, row->query_time.sum);
    return run(w->s, q, w->st);
}

static bool write_examples(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q;
    if (!store_statement(w->s, ADD_EXAMPLE, &q, w->st)) {
        return false;
    }
    const who *person = &w->whos->entries[row->who].who;
    for (uint32_t i = 0; i < row->n_examples; i++) {
        const example *e = &row->examples[i];
        bind_key(w, q, row->hour, row->fingerprint);
        bind_i64(q, 5, e->duration);
        bind_u64(q, 6, e->offset);
        bind_u64(q, 7, e->line);
        bind_i64(q, 8, e->at);
        bind_slice(q, 9, person->database);
        bind_slice(q, 10, person->user);
        bind_slice(q, 11, person->application);
        bind_slice(q, 12, person->host);
        if (!run(w->s, q, w->st)) {
            return false;
        }
    }
    return true;
}

/* Rows of several who's, and earlier runs, each brought their slowest: keep the slowest of all. */
static bool trim_examples(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q;
    if (!store_statement(w->s, TRIM_EXAMPLES, &q, w->st)) {
        return false;
    }
    bind_key(w, q, row->hour, row->fingerprint);
    bind_i64(q, 5, EXAMPLES_KEPT);
    return run(w->s, q, w->st);
}

static bool write_rows(digest_writer *w, digest *d)
{
    digest_row **rows = digest_sorted(d);
    if (rows == NULL) {
        return status_no_memory(w->st);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        const digest_row *row = rows[i];
        if (!write_row(w, row) || !write_host(w, row) ||
            !write_measure(w, row, MEASURE_QUERY_TIME, &row->query_time) ||
            !write_examples(w, row)) {
            return false;
        }
        for (const measure_list *m = row->measures; m != NULL; m = m->next) {
            if (!write_measure(w, row, m->id, &m->measure)) {
                return false;
            }
        }
        kept += row->n_examples;
        bool last = i + 1 == d->n || rows[i + 1]->fingerprint != row->fingerprint ||
                    rows[i + 1]->hour != row->hour;
        if (last) {
            if ((w->seg->stored || kept > EXAMPLES_KEPT) && !trim_examples(w, row)) {
                return false;
            }
            kept = 0;
        }
    }
    return true;
}

static bool write_tally(digest_writer *w, const tally *t)
{
    static const statement_id statements[TALLY_KINDS] = {[TALLY_ERROR_CODE] = ADD_ERRORS,
                                                         [TALLY_EVENT] = ADD_EVENTS,
                                                         [TALLY_QUERY_ID] = ADD_ALIAS};
    sqlite3_stmt *q;
    if (!store_statement(w->s, statements[t->kind], &q, w->st)) {
        return false;
    }
    switch (t->kind) {
    case TALLY_ERROR_CODE:
        bind_key(w, q, t->hour, t->fingerprint);
        bind_slice(q, 5, t->key);
        bind_u64(q, 6, t->n);
        break;
    case TALLY_EVENT:
        bind_key(w, q, t->hour, 0);
        bind_slice(q, 4, t->key);
        bind_u64(q, 5, t->n);
        break;
    default: {
        /* The key is "kind=value". */
        const char *equals = memchr(t->key.p, '=', t->key.n);
        slice kind = slice_between(t->key.p, equals);
        bind_u64(q, 1, t->fingerprint);
        bind_slice(q, 2, kind);
        bind_slice(q, 3, slice_skip(t->key, kind.n + 1));
        break;
    }
    }
    return run(w->s, q, w->st);
}

bool store_add_digest(store *s, slice source, const segment *seg, digest *d, const who_table *whos,
                      status *st)
{
    digest_writer w = {.s = s, .source = source, .seg = seg, .whos = whos, .st = st};
    buf_init(&w.packed, BLOB_MAX);
    bool ok = write_rows(&w, d);
    for (uint32_t i = 0; ok && i < d->cap_tallies; i++) {
        ok = d->tallies[i] == NULL || write_tally(&w, d->tallies[i]);
    }
    buf_free(&w.packed);
    return ok;
}

/* --- the rest ------------------------------------------------------------------------------ */

bool store_add_fingerprint(store *s, uint64_t fingerprint, slice engine, slice verb, slice text,
                           status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, ADD_FINGERPRINT, &q, st)) {
        return false;
    }
    bind_u64(q, 1, fingerprint);
    bind_slice(q, 2, engine);
    bind_slice(q, 3, verb);
    bind_slice(q, 4, text);
    return run(s, q, st);
}

bool store_add_threshold(store *s, slice source, const segment *seg, int64_t at, int64_t duration,
                         slice origin, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, ADD_THRESHOLD, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, seg->id);
    bind_i64(q, 3, at);
    bind_i64(q, 4, duration);
    bind_slice(q, 5, origin);
    return run(s, q, st);
}

bool store_set_path(store *s, slice source, slice path, hash128 id, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, SET_PATH, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, path);
    bind_hash(q, 3, id);
    return run(s, q, st);
}

bool store_read_state(store *s, slice source, slice engine, int64_t *as_of, buf *state, status *st)
{
    sqlite3_stmt *q;
    *as_of = 0;
    buf_clear(state);
    if (!store_statement(s, READ_STATE, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, engine);
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW) {
        *as_of = sqlite3_column_int64(q, 0);
        const void *p = sqlite3_column_blob(q, 1);
        buf_add(state, slice_of(p, (size_t)sqlite3_column_bytes(q, 1)));
    }
    bool ok = code == SQLITE_ROW || code == SQLITE_DONE || store_fail(s, "read", st);
    sqlite3_reset(q);
    return ok && (!state->failed || status_no_memory(st));
}

bool store_write_state(store *s, slice source, slice engine, int64_t as_of, slice state,
                       status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, WRITE_STATE, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, engine);
    bind_i64(q, 3, as_of);
    bind_blob(q, 4, state);
    return run(s, q, st);
}

bool store_read_names(store *s, slice source, who_table *whos, status *st)
{
    sqlite3_stmt *q;
    if (!store_statement(s, READ_NAMES, &q, st)) {
        return false;
    }
    bind_slice(q, 1, source);
    int code;
    bool ok = true;
    while (ok && (code = sqlite3_step(q)) == SQLITE_ROW) {
        slice name = slice_of(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
        ok = name.n == 0 ||
             who_table_know(whos, (who_dimension)sqlite3_column_int(q, 0), name) ||
             status_no_memory(st);
    }
    ok = ok && (code == SQLITE_DONE || store_fail(s, "read", st));
    sqlite3_reset(q);
    return ok;
}
