/* build_sources.c - which logs a report is made of, how well they were understood and what they
 * cannot show; see build.h. */
#include <stdlib.h>

#include "report/build_parts.h"

/* What a segment `s` holds, without holes of NULs and lines of other programs. */
#define CONTENT                                                                                    \
    "s.bytes - coalesce((SELECT sum(k.bytes) FROM skipped k WHERE k.source = s.source"             \
    " AND k.segment = s.segment AND k.reason IN ('NUL bytes', 'line of another program')), 0)"

/* How many rows a query gives: arrays are made once, of the right size. */
static bool count_rows(builder *b, const char *sql, uint32_t *n)
{
    sqlite3_stmt *q = rows_begin(b->store, sql, b->st);
    *n = 0;
    if (q != NULL && rows_next(b->store, q, b->st)) {
        *n = (uint32_t)sqlite3_column_int64(q, 0);
    }
    return rows_end(q, b->st);
}

static model_source *find_source(model *m, slice name)
{
    for (uint32_t i = 0; i < m->n_sources; i++) {
        if (slice_equal(m->sources[i].name, name)) {
            return &m->sources[i];
        }
    }
    return NULL;
}

/* Sources, and what their segments have in common: the latest one's word counts. */
static bool read_segments(builder *b)
{
    model *m = b->m;
    uint32_t max;
    int64_t latest = 0;
    if (!count_rows(b, "SELECT count(DISTINCT source) FROM kept_segments", &max)) {
        return false;
    }
    m->sources = arena_calloc(&m->arena, max + 1, sizeof *m->sources);
    if (m->sources == NULL) {
        return status_no_memory(b->st);
    }
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT source, engine, format, detail, role, events, bytes,"
                                 " event_bytes + other_bytes, clock_resolution, first_at, last_at,"
                                 " zone, zone_offset, " CONTENT " FROM kept_segments s"
                                 " ORDER BY source, last_at, segment",
                                 b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        model_source *s = find_source(m, column_view(q, 0));
        if (s == NULL && m->n_sources < max) {
            s = &m->sources[m->n_sources++];
            s->name = column_slice(q, 0, &m->arena);
        }
        if (s == NULL) {
            break;
        }
        s->engine = column_slice(q, 1, &m->arena);
        s->format = column_slice(q, 2, &m->arena);
        s->detail = column_slice(q, 3, &m->arena);
        s->role = column_slice(q, 4, &m->arena);
        s->events += (uint64_t)sqlite3_column_int64(q, 5);
        s->bytes += (uint64_t)sqlite3_column_int64(q, 6);
        s->understood += (uint64_t)sqlite3_column_int64(q, 7);
        s->content += (uint64_t)sqlite3_column_int64(q, 13);
        s->clock_resolution = sqlite3_column_int64(q, 8);
        int64_t first = sqlite3_column_int64(q, 9);
        int64_t last = sqlite3_column_int64(q, 10);
        if (last != 0) {
            m->from = m->to == 0 || first < m->from ? first : m->from;
            m->to = m->to == 0 || last > m->to ? last : m->to;
        }
        if (last >= latest) {
            latest = last;
            m->zone = column_slice(q, 11, &m->arena);
            m->zone_offset = (int32_t)sqlite3_column_int64(q, 12);
        }
    }
    return rows_end(q, b->st);
}

/* --- files ------------------------------------------------------------------------------- */

static bool read_skipped(builder *b, slice source, slice segment_id, model_file *file)
{
    arena *a = &b->m->arena;
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT reason, lines, bytes, first_line FROM skipped"
                                 " WHERE source = ?1 AND segment = ?2 ORDER BY first_line",
                                 b->st);
    file->skipped = arena_calloc(a, SKIP_REASON_COUNT, sizeof *file->skipped);
    if (q == NULL || file->skipped == NULL) {
        sqlite3_finalize(q);
        return status_no_memory(b->st);
    }
    sqlite3_bind_text(q, 1, source.p, (int)source.n, SQLITE_STATIC);
    sqlite3_bind_blob(q, 2, segment_id.p, (int)segment_id.n, SQLITE_STATIC);
    while (file->n_skipped < SKIP_REASON_COUNT && rows_next(b->store, q, b->st)) {
        file->skipped[file->n_skipped++] =
            (model_skipped){.reason = column_slice(q, 0, a),
                            .lines = (uint64_t)sqlite3_column_int64(q, 1),
                            .bytes = (uint64_t)sqlite3_column_int64(q, 2),
                            .first_line = (uint64_t)sqlite3_column_int64(q, 3)};
    }
    return rows_end(q, b->st);
}

static bool read_files_of(builder *b, model_source *s)
{
    arena *a = &b->m->arena;
    uint32_t max;
    if (!count_rows(b, "SELECT count(*) FROM segments", &max)) {
        return false;
    }
    s->files = arena_calloc(a, max + 1, sizeof *s->files);
    if (s->files == NULL) {
        return status_no_memory(b->st);
    }
    sqlite3_stmt *q = rows_begin(
        b->store,
        "SELECT l.path, s.segment, s.bytes, s.event_bytes + s.other_bytes, s.lines, s.events,"
        " s.format, s.detail, s.detail_inferred, " CONTENT " FROM kept_segments s"
        " LEFT JOIN paths l ON l.source = s.source AND l.segment = s.segment"
        " WHERE s.source = ?1 ORDER BY s.first_at, l.path",
        b->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, s->name.p, (int)s->name.n, SQLITE_STATIC);
    while (s->n_files < max && rows_next(b->store, q, b->st)) {
        model_file *f = &s->files[s->n_files++];
        f->path = column_slice(q, 0, a);
        f->bytes = (uint64_t)sqlite3_column_int64(q, 2);
        f->understood = (uint64_t)sqlite3_column_int64(q, 3);
        f->content = (uint64_t)sqlite3_column_int64(q, 9);
        f->lines = (uint64_t)sqlite3_column_int64(q, 4);
        f->events = (uint64_t)sqlite3_column_int64(q, 5);
        f->format = column_slice(q, 6, a);
        f->detail = column_slice(q, 7, a);
        f->detail_inferred = sqlite3_column_int64(q, 8) != 0;
        if (!read_skipped(b, s->name, column_slice(q, 1, a), f)) {
            break;
        }
    }
    return rows_end(q, b->st);
}

static bool read_duplicates_of(builder *b, model_source *s)
{
    arena *a = &b->m->arena;
    uint32_t max;
    if (!count_rows(b, "SELECT count(*) FROM duplicates", &max)) {
        return false;
    }
    s->duplicates = arena_calloc(a, max + 1, sizeof *s->duplicates);
    if (s->duplicates == NULL) {
        return status_no_memory(b->st);
    }
    sqlite3_stmt *q = rows_begin(
        b->store, "SELECT path, same_as FROM duplicates WHERE source = ?1 ORDER BY path", b->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, s->name.p, (int)s->name.n, SQLITE_STATIC);
    while (s->n_duplicates < max && rows_next(b->store, q, b->st)) {
        s->duplicates[s->n_duplicates++] =
            (model_duplicate){.path = column_slice(q, 0, a), .same_as = column_slice(q, 1, a)};
    }
    return rows_end(q, b->st);
}

/* --- thresholds ---------------------------------------------------------------------------- */

/* Where neither the log nor the user tells from which duration on statements were logged, the least
 * that was logged is the best guess, and is called one: of all of the logs, whatever is selected.
 */
static bool infer_threshold(builder *b, model_source *s, int64_t before)
{
    sqlite3_stmt *q =
        rows_begin(b->store,
                   "SELECT min(m.min) FROM segments JOIN main.measures m USING (source, segment)"
                   " WHERE source = ?1 AND measure = 'query_time' AND (?2 = 0 OR (hour + 3600) * "
                   "1000000 <= ?2)",
                   b->st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, s->name.p, (int)s->name.n, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, before);
    if (rows_next(b->store, q, b->st) && sqlite3_column_type(q, 0) != SQLITE_NULL) {
        s->thresholds[s->n_thresholds++] =
            (model_threshold){.duration = sqlite3_column_int64(q, 0), .origin = SLICE("inferred")};
    }
    return rows_end(q, b->st);
}

static bool read_thresholds(builder *b, model_source *s)
{
    arena *a = &b->m->arena;
    uint32_t max;
    if (!count_rows(b, "SELECT count(*) FROM thresholds", &max)) {
        return false;
    }
    model_threshold *list = arena_calloc(a, max + 1, sizeof *list);
    s->thresholds = arena_calloc(a, max + 2, sizeof *s->thresholds);
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT DISTINCT at, duration, origin FROM thresholds"
                                 " WHERE source = ?1 ORDER BY at, duration",
                                 b->st);
    if (q == NULL || list == NULL || s->thresholds == NULL) {
        sqlite3_finalize(q);
        return status_no_memory(b->st);
    }
    uint32_t n = 0;
    sqlite3_bind_text(q, 1, s->name.p, (int)s->name.n, SQLITE_STATIC);
    while (n < max && rows_next(b->store, q, b->st)) {
        /* A server tells it whenever it starts: the same again is no change. */
        if (n > 0 && sqlite3_column_int64(q, 1) == list[n - 1].duration &&
            slice_is(column_view(q, 2), "log") && slice_is(list[n - 1].origin, "log")) {
            continue;
        }
        list[n++] = (model_threshold){.from = sqlite3_column_int64(q, 0),
                                      .duration = sqlite3_column_int64(q, 1),
                                      .origin = column_slice(q, 2, a)};
    }
    if (!rows_end(q, b->st) ||
        ((n == 0 || list[0].from != 0) && !infer_threshold(b, s, n == 0 ? 0 : list[0].from))) {
        return false;
    }
    if (n > 0) {
        memcpy(s->thresholds + s->n_thresholds, list, n * sizeof *list);
        s->n_thresholds += n;
    }
    return true;
}

/* --- limits ---------------------------------------------------------------------------------- */

/* A threshold hides something only where it is above zero. */
static bool hides(const model_source *s)
{
    for (uint32_t i = 0; i < s->n_thresholds; i++) {
        const model_threshold *t = &s->thresholds[i];
        if (t->duration != 0 && !slice_is(t->origin, "inferred")) {
            return true;
        }
        /* Below a millisecond the guess says that everything was logged. */
        if (t->duration >= 1000 && slice_is(t->origin, "inferred")) {
            return true;
        }
    }
    return false;
}

/* Of a loop's queries most take less than this. */
enum { QUICK_US = 10 * 1000 };

/* A threshold up to there leaves of bursts and transactions enough to be seen. */
static bool hides_bursts(const model_source *s)
{
    for (uint32_t i = 0; i < s->n_thresholds; i++) {
        int64_t duration = s->thresholds[i].duration;
        if (duration > QUICK_US || duration < 0) {
            return true;
        }
    }
    return false;
}

/* Whether what a log could not show is hidden by the threshold that was in force; `s` may be NULL.
 */
static bool applies(const model_source *s, slice topic)
{
    return slice_is(topic, "threshold") ? s != NULL && hides(s)
           : slice_is(topic, "bursts")  ? s != NULL && hides_bursts(s)
                                        : true;
}

static bool read_limits(builder *b)
{
    model *m = b->m;
    uint32_t max;
    if (!count_rows(b, "SELECT count(*) FROM limits", &max)) {
        return false;
    }
    m->limits = arena_calloc(&m->arena, max + 1, sizeof *m->limits);
    if (m->limits == NULL) {
        return status_no_memory(b->st);
    }
    sqlite3_stmt *q = rows_begin(b->store,
                                 "SELECT DISTINCT source, topic, cannot_show, because, remedy"
                                 " FROM limits ORDER BY source, topic, cannot_show",
                                 b->st);
    while (q != NULL && m->n_limits < max && rows_next(b->store, q, b->st)) {
        const model_source *s = find_source(m, column_view(q, 0));
        if (!applies(s, column_view(q, 1))) {
            continue;
        }
        m->limits[m->n_limits++] = (model_limit){.source = column_slice(q, 0, &m->arena),
                                                 .cannot_show = column_slice(q, 2, &m->arena),
                                                 .because = column_slice(q, 3, &m->arena),
                                                 .remedy = column_slice(q, 4, &m->arena)};
    }
    return rows_end(q, b->st);
}

bool build_sources(builder *b)
{
    if (!read_segments(b)) {
        return false;
    }
    for (uint32_t i = 0; i < b->m->n_sources; i++) {
        model_source *s = &b->m->sources[i];
        if (!read_files_of(b, s) || !read_duplicates_of(b, s) || !read_thresholds(b, s)) {
            return false;
        }
    }
    return read_limits(b);
}
