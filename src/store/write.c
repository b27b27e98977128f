/* write.c - segments, digests and the fold's state into and out of the store; see store.h. */
#include <sqlite3.h>

#include "base/time_units.h"
#include "store/internal.h"
#include "store/rows.h"

enum { BLOB_MAX = 1024 * 1024, TAG_NAME_MAX = 64 * 1024 };

bool store_run(store *s, sqlite3_stmt *statement, status *st)
{
    int code = sqlite3_step(statement);
    /* The failure is read before the reset, which would give it a second time. */
    bool ok = code == SQLITE_DONE || store_fail(s, "write to", st);
    sqlite3_reset(statement);
    return ok;
}

/* "tag:controller". */
static slice dimension_name(buf *scratch, const char *prefix, slice name)
{
    buf_clear(scratch);
    buf_add_text(scratch, prefix);
    buf_add(scratch, name);
    return buf_slice(scratch);
}

/* --- segments -------------------------------------------------------------------------- */

uint64_t segment_content(const segment *seg)
{
    return seg->bytes - seg->skipped[SKIP_NULS].bytes - seg->skipped[SKIP_OTHERS].bytes;
}

const char *skip_reason_name(skip_reason reason)
{
    static const char *const names[SKIP_REASON_COUNT] = {
        [SKIP_FOREIGN] = "foreign line",
        [SKIP_HEADLESS] = "beginning not in the log",
        [SKIP_TOO_LONG] = "beyond the record limit",
        [SKIP_BAD_TIME] = "impossible time",
        [SKIP_NULS] = "NUL bytes",
        [SKIP_CUT_OFF] = "end not in the log",
        [SKIP_OTHERS] = "line of another program",
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
        [EVENT_SYSTEM] = "system",
        [EVENT_AWAIT] = "await",
        [EVENT_APPLY] = "apply",
        [EVENT_TRANSACTION] = "transaction",
        [EVENT_DDL] = "ddl",
        [EVENT_SESSION_START] = "session-start",
        [EVENT_SESSION_END] = "session-end",
        [EVENT_CHECKPOINT] = "checkpoint",
        [EVENT_VACUUM] = "vacuum",
        [EVENT_REPLICATION] = "replication",
        [EVENT_SERVER_START] = "server-start",
        [EVENT_SERVER_STOP] = "server-stop",
        [EVENT_SETTING] = "setting",
        [EVENT_STATISTICS] = "statistics",
        [EVENT_SUPPRESSED] = "suppressed",
        [EVENT_SUSPECT] = "suspect-value",
        [EVENT_UNNAMED] = "attributes-left-out",
        [EVENT_MESSAGE] = "message",
    };
    return names[kind];
}

static bool read_skipped(store *s, slice source, segment *seg, status *st)
{
    sqlite3_stmt *q = store_statement(s, READ_SKIPPED, st);
    if (q == NULL) {
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
        .bytes = (uint64_t)sqlite3_column_int64(q, 9),
        .lines = (uint64_t)sqlite3_column_int64(q, 10),
        .tail = column_hash(q, 11),
        .events = (uint64_t)sqlite3_column_int64(q, 12),
        .event_bytes = (uint64_t)sqlite3_column_int64(q, 13),
        .other_bytes = (uint64_t)sqlite3_column_int64(q, 14),
        .first_at = sqlite3_column_int64(q, 15),
        .last_at = sqlite3_column_int64(q, 16),
        .clock_resolution = sqlite3_column_int64(q, 17),
        .zone_offset = (int32_t)sqlite3_column_int64(q, 18),
        .orphans = (uint64_t)sqlite3_column_int64(q, 19),
        .evicted = (uint64_t)sqlite3_column_int64(q, 20),
        .zone_begins = (int32_t)sqlite3_column_int64(q, 21),
        .days_before = sqlite3_column_int64(q, 22),
        .dropped_before = sqlite3_column_int64(q, 23),
        .stored = true,
    };
}

bool store_find_segments(store *s, slice source, hash128 head, arena *a, segment *found,
                         uint32_t max, uint32_t *n, status *st)
{
    *n = 0;
    sqlite3_stmt *q = store_statement(s, FIND_SEGMENTS, st);
    if (q == NULL) {
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
    sqlite3_stmt *q = store_statement(s, WRITE_SKIPPED, st);
    if (q == NULL) {
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
        if (!store_run(s, q, st)) {
            return false;
        }
    }
    return true;
}

/* The time of the first record that is kept. */
static int64_t first_kept(const segment *seg)
{
    int64_t from = seg->dropped_before * US_PER_SECOND;
    return seg->dropped_before != 0 && seg->first_at < from ? from : seg->first_at;
}

bool store_write_segment(store *s, slice source, const segment *seg, status *st)
{
    sqlite3_stmt *q = store_statement(s, WRITE_SEGMENT, st);
    if (q == NULL) {
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
    bind_u64(q, 11, seg->bytes);
    bind_u64(q, 12, seg->lines);
    bind_hash(q, 13, seg->tail);
    bind_u64(q, 14, seg->events);
    bind_u64(q, 15, seg->event_bytes);
    bind_u64(q, 16, seg->other_bytes);
    bind_i64(q, 17, first_kept(seg));
    bind_i64(q, 18, seg->last_at);
    bind_i64(q, 19, seg->clock_resolution);
    bind_i64(q, 20, seg->zone_offset);
    bind_u64(q, 21, seg->orphans);
    bind_u64(q, 22, seg->evicted);
    bind_i64(q, 23, seg->zone_begins);
    bind_i64(q, 24, seg->days_before);
    bind_i64(q, 25, seg->dropped_before);
    return store_run(s, q, st) && write_skipped(s, source, seg, st);
}

/* --- the digest ------------------------------------------------------------------------- */

/* What every insert of one digest shares. */
typedef struct digest_writer {
    store *s;
    slice source;
    const segment *seg;
    const who_table *whos;
    buf packed;
    buf name; /* scratch */
    status *st;
} digest_writer;

/* Whether the segment has rows of days where the hour is. Where a log has no time, its hour is 0.
 */
static bool is_of_day(const segment *seg, int64_t hour)
{
    return hour < seg->days_before && hour != 0;
}

int64_t segment_row_hour(const segment *seg, int64_t hour)
{
    return is_of_day(seg, hour) ? store_day_of(hour, seg->zone_begins) : hour;
}

bool segment_has_dropped(const segment *seg, int64_t hour)
{
    return hour < seg->dropped_before && hour != 0;
}

static void bind_key(const digest_writer *w, sqlite3_stmt *q, int64_t hour, uint64_t fingerprint)
{
    bind_slice(q, 1, w->source);
    bind_hash(q, 2, w->seg->id);
    bind_i64(q, 3, segment_row_hour(w->seg, hour));
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
    sqlite3_stmt *q = store_statement(w->s, ADD_ROW, w->st);
    if (q == NULL) {
        return false;
    }
    series calls = row->series;
    if (is_of_day(w->seg, row->hour)) {
        series_to_day(&calls);
    }
    buf_clear(&w->packed);
    series_encode(&calls, &w->packed);
    bind_row_key(w, q, row);
    bind_u64(q, 8, row->calls);
    bind_u64(q, 9, row->estimated_calls);
    bind_u64(q, 10, row->errors);
    bind_i64(q, 11, row->first_at);
    bind_i64(q, 12, row->last_at);
    bind_blob(q, 13, buf_slice(&w->packed));
    return !w->packed.failed ? store_run(w->s, q, w->st) : status_no_memory(w->st);
}

static bool write_measure(digest_writer *w, const digest_row *row, uint32_t id, const measure *m)
{
    if (m->n == 0) {
        return true;
    }
    sqlite3_stmt *q = store_statement(w->s, ADD_MEASURE, w->st);
    if (q == NULL) {
        return false;
    }
    buf_clear(&w->packed);
    histogram_encode(&m->distribution, &w->packed);
    bind_row_key(w, q, row);
    bind_slice(q, 8, who_table_measure_name(w->whos, id));
    bind_u64(q, 9, m->n);
    bind_u64(q, 10, m->sum);
    bind_u64(q, 11, m->min);
    bind_u64(q, 12, m->max);
    bind_blob(q, 13, buf_slice(&w->packed));
    return !w->packed.failed ? store_run(w->s, q, w->st) : status_no_memory(w->st);
}

static bool write_marginal(digest_writer *w, const digest_row *row, slice key, slice value)
{
    if (value.n == 0 || row->calls == 0) {
        return true;
    }
    sqlite3_stmt *q = store_statement(w->s, ADD_MARGINAL, w->st);
    if (q == NULL) {
        return false;
    }
    bind_key(w, q, row->hour, row->fingerprint);
    bind_slice(q, 5, key);
    bind_slice(q, 6, value);
    bind_u64(q, 7, row->calls);
    bind_u64(q, 8, row->query_time.sum);
    return store_run(w->s, q, w->st);
}

static bool write_marginals(digest_writer *w, const digest_row *row)
{
    const who *person = &w->whos->entries[row->who].who;
    slice tags = person->tags;
    slice key;
    slice value;
    bool ok = write_marginal(w, row, SLICE("host"), person->host);
    while (ok && tag_take(&tags, &key, &value)) {
        ok = write_marginal(w, row, dimension_name(&w->name, WHO_TAG, key), value);
    }
    return ok;
}

static bool write_examples(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q = store_statement(w->s, ADD_EXAMPLE, w->st);
    if (q == NULL) {
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
        if (!store_run(w->s, q, w->st)) {
            return false;
        }
    }
    return true;
}

/* Rows of several who's, and earlier runs, each brought their slowest: keep the slowest of all. */
static bool trim_examples(digest_writer *w, const digest_row *row)
{
    sqlite3_stmt *q = store_statement(w->s, TRIM_EXAMPLES, w->st);
    if (q == NULL) {
        return false;
    }
    bind_key(w, q, row->hour, row->fingerprint);
    bind_i64(q, 5, EXAMPLES_KEPT);
    return store_run(w->s, q, w->st);
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
        if (segment_has_dropped(w->seg, row->hour)) {
            continue;
        }
        if (!write_row(w, row) || !write_marginals(w, row) ||
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

static bool write_shape(const digest_writer *w, slice shape)
{
    sqlite3_stmt *q = store_statement(w->s, ADD_PLAN_SHAPE, w->st);
    if (q == NULL) {
        return false;
    }
    bind_u64(q, 1, hash_bytes(shape));
    bind_slice(q, 2, shape);
    return store_run(w->s, q, w->st);
}

static void bind_figures(sqlite3_stmt *q, int at, const tally *t)
{
    bind_u64(q, at, t->n);
    bind_u64(q, at + 1, t->sum);
    bind_u64(q, at + 2, t->min);
    bind_u64(q, at + 3, t->max);
    bind_i64(q, at + 4, t->first_at);
    bind_i64(q, at + 5, t->last_at);
}

static bool write_tally(digest_writer *w, const tally *t)
{
    if (segment_has_dropped(w->seg, t->hour)) {
        return true;
    }
    static const statement_id statements[TALLY_KINDS] = {[TALLY_ERROR_CODE] = ADD_ERRORS,
                                                         [TALLY_EVENT] = ADD_EVENTS,
                                                         [TALLY_QUERY_ID] = ADD_ALIAS,
                                                         [TALLY_PLAN] = ADD_PLAN,
                                                         [TALLY_FACT] = ADD_FACT};
    if (t->kind == TALLY_PLAN && !write_shape(w, t->key)) {
        return false;
    }
    sqlite3_stmt *q = store_statement(w->s, statements[t->kind], w->st);
    if (q == NULL) {
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
    case TALLY_PLAN:
        bind_key(w, q, t->hour, t->fingerprint);
        bind_u64(q, 5, hash_bytes(t->key));
        bind_figures(q, 6, t);
        break;
    case TALLY_FACT:
        bind_key(w, q, t->hour, t->fingerprint);
        bind_slice(q, 5, slice_from(fact_kinds[(unsigned char)t->key.p[0]].name));
        bind_slice(q, 6, slice_skip(t->key, 1));
        bind_figures(q, 7, t);
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
    return store_run(w->s, q, w->st);
}

bool store_add_digest(store *s, slice source, const segment *seg, digest *d, const who_table *whos,
                      status *st)
{
    digest_writer w = {.s = s, .source = source, .seg = seg, .whos = whos, .st = st};
    buf_init(&w.packed, BLOB_MAX);
    buf_init(&w.name, TAG_NAME_MAX);
    bool ok = write_rows(&w, d);
    for (uint32_t i = 0; ok && i < d->cap_tallies; i++) {
        ok = d->tallies[i] == NULL || write_tally(&w, d->tallies[i]);
    }
    ok = ok && store_add_evidence(s, source, seg, &d->evidence, whos, st);
    buf_free(&w.packed);
    buf_free(&w.name);
    return ok;
}

/* --- the rest ------------------------------------------------------------------------------ */

bool store_add_fingerprint(store *s, uint64_t fingerprint, slice engine, slice verb, slice text,
                           bool *is_new, status *st)
{
    *is_new = false;
    sqlite3_stmt *q = store_statement(s, ADD_FINGERPRINT, st);
    if (q == NULL) {
        return false;
    }
    bind_u64(q, 1, fingerprint);
    bind_slice(q, 2, engine);
    bind_slice(q, 3, verb);
    bind_slice(q, 4, text);
    if (!store_run(s, q, st)) {
        return false;
    }
    *is_new = sqlite3_changes(store_connection(s)) > 0;
    return true;
}

bool store_add_alias(store *s, uint64_t fingerprint, slice kind, slice value, status *st)
{
    sqlite3_stmt *q = store_statement(s, ADD_ALIAS, st);
    if (q == NULL) {
        return false;
    }
    bind_u64(q, 1, fingerprint);
    bind_slice(q, 2, kind);
    bind_slice(q, 3, value);
    return store_run(s, q, st);
}

bool store_add_table(store *s, uint64_t fingerprint, slice name, bool read, bool written,
                     status *st)
{
    sqlite3_stmt *q = store_statement(s, ADD_TABLE, st);
    if (q == NULL) {
        return false;
    }
    bind_u64(q, 1, fingerprint);
    bind_slice(q, 2, name);
    bind_slice(q, 3, slice_from(read && written ? "both" : written ? "write" : "read"));
    return store_run(s, q, st);
}

bool store_add_threshold(store *s, slice source, const segment *seg, int64_t at, int64_t duration,
                         slice origin, status *st)
{
    sqlite3_stmt *q = store_statement(s, ADD_THRESHOLD, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, seg->id);
    bind_i64(q, 3, at);
    bind_i64(q, 4, duration);
    bind_slice(q, 5, origin);
    return store_run(s, q, st);
}

bool store_set_limit(store *s, slice source, const segment *seg, slice topic, slice cannot_show,
                     slice because, slice remedy, status *st)
{
    sqlite3_stmt *q = store_statement(s, SET_LIMIT, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_hash(q, 2, seg->id);
    bind_slice(q, 3, topic);
    bind_slice(q, 4, cannot_show);
    bind_slice(q, 5, because);
    bind_slice(q, 6, remedy);
    return store_run(s, q, st);
}

/* The path held another log before, perhaps, which was renamed since. */
bool store_set_path(store *s, slice source, slice path, hash128 id, bool *replaced, status *st)
{
    static const statement_id both[] = {RETIRE_PATH, SET_PATH};
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *q = store_statement(s, both[i], st);
        if (q == NULL) {
            return false;
        }
        bind_slice(q, 1, source);
        bind_slice(q, 2, path);
        bind_hash(q, 3, id);
        if (!store_run(s, q, st)) {
            return false;
        }
        if (both[i] == RETIRE_PATH) {
            *replaced = sqlite3_changes(store_connection(s)) > 0;
        }
    }
    sqlite3_stmt *q = store_statement(s, FORGET_DUPLICATE, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, path);
    return store_run(s, q, st);
}

bool store_read_paths(store *s, slice source, arena *a, slice *found, uint32_t max, uint32_t *n,
                      status *st)
{
    sqlite3_stmt *q =
        rows_begin(s, "SELECT path FROM ledger WHERE source = ?1 AND latest ORDER BY path", st);
    *n = 0;
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    while (*n < max && rows_next(s, q, st)) {
        if (!arena_copy(a, column_view(q, 0), &found[*n])) {
            status_no_memory(st);
            break;
        }
        ++*n;
    }
    return rows_end(q, st);
}

bool store_find_logs_at(store *s, slice source, slice format, hash128 except, int64_t at, arena *a,
                        stored_log *found, uint32_t max, uint32_t *n, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s,
                   "SELECT l.path, s.bytes, s.tail, s.last_at FROM segments s JOIN ledger l USING "
                   "(source, segment)"
                   " WHERE source = ?1 AND s.format = ?2 AND s.first_at <= ?3 AND s.last_at >= ?3"
                   " AND l.latest AND segment <> ?4 ORDER BY s.last_at DESC, l.path",
                   st);
    *n = 0;
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, format);
    bind_i64(q, 3, at);
    bind_hash(q, 4, except);
    while (*n < max && rows_next(s, q, st)) {
        stored_log *log = &found[*n];
        if (!arena_copy(a, column_view(q, 0), &log->path)) {
            status_no_memory(st);
            break;
        }
        log->bytes = (uint64_t)sqlite3_column_int64(q, 1);
        log->tail = column_hash(q, 2);
        log->last_at = sqlite3_column_int64(q, 3);
        ++*n;
    }
    return rows_end(q, st);
}

bool store_set_duplicate(store *s, slice source, slice path, slice same_as, status *st)
{
    sqlite3_stmt *q = store_statement(s, SET_DUPLICATE, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, path);
    bind_slice(q, 3, same_as);
    return store_run(s, q, st);
}

static bool add_unread(store *s, slice source, const unread_log *log, status *st)
{
    sqlite3_stmt *q = store_statement(s, ADD_UNREAD, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, log->path);
    bind_slice(q, 3, log->why);
    return store_run(s, q, st);
}

bool store_set_unread(store *s, slice source, const unread_log *logs, uint32_t n, status *st)
{
    sqlite3_stmt *q = store_statement(s, FORGET_UNREAD, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bool ok = store_run(s, q, st);
    for (uint32_t i = 0; ok && i < n; i++) {
        ok = add_unread(s, source, &logs[i], st);
    }
    return ok;
}

bool store_read_state(store *s, slice source, slice engine, int64_t *as_of, buf *state, status *st)
{
    *as_of = 0;
    buf_clear(state);
    sqlite3_stmt *q = store_statement(s, READ_STATE, st);
    if (q == NULL) {
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

bool store_write_state(store *s, slice source, slice engine, int64_t as_of, slice state, status *st)
{
    sqlite3_stmt *q = store_statement(s, WRITE_STATE, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    bind_slice(q, 2, engine);
    bind_i64(q, 3, as_of);
    bind_blob(q, 4, state);
    return store_run(s, q, st);
}

bool store_read_names(store *s, slice source, who_table *whos, status *st)
{
    sqlite3_stmt *q = store_statement(s, READ_NAMES, st);
    if (q == NULL) {
        return false;
    }
    bind_slice(q, 1, source);
    int code;
    bool ok = true;
    while (ok && (code = sqlite3_step(q)) == SQLITE_ROW) {
        slice name = slice_of(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
        ok = name.n == 0 || who_table_know(whos, column_view(q, 0), name) || status_no_memory(st);
    }
    ok = ok && (code == SQLITE_DONE || store_fail(s, "read", st));
    sqlite3_reset(q);
    return ok;
}

/* Those of an array that are not free. */
static bool write_values(store *s, slice source, slice dimension, const slice *values, uint32_t n,
                         status *st)
{
    sqlite3_stmt *q = store_statement(s, ADD_NAME, st);
    for (uint32_t i = 0; q != NULL && i < n; i++) {
        if (values[i].p == NULL) {
            continue;
        }
        bind_slice(q, 1, source);
        bind_slice(q, 2, dimension);
        bind_slice(q, 3, values[i]);
        if (!store_run(s, q, st)) {
            return false;
        }
    }
    return q != NULL;
}

static bool write_set(store *s, slice source, slice dimension, const value_set *set, status *st)
{
    return write_values(s, source, dimension, set->values, set->cap, st);
}

bool store_write_names(store *s, slice source, const who_table *whos, status *st)
{
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        slice name = slice_from(who_dimension_name((who_dimension)d));
        if (!write_set(s, source, name, &whos->values[d], st)) {
            return false;
        }
    }
    bool ok =
        write_values(s, source, SLICE(WHO_ATTRIBUTE), whos->attributes, whos->n_attributes, st);
    buf name;
    buf_init(&name, TAG_NAME_MAX);
    for (uint32_t i = 0; ok && i < whos->n_tags; i++) {
        ok = write_set(s, source, dimension_name(&name, WHO_TAG, whos->tags[i].key),
                       &whos->tags[i].values, st);
    }
    for (int f = 0; ok && f < FACT_COUNT; f++) {
        ok = write_set(s, source, dimension_name(&name, WHO_FACT, slice_from(fact_kinds[f].name)),
                       &whos->subjects[f], st);
    }
    buf_free(&name);
    return ok;
}
