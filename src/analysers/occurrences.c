/* occurrences.c - see occurrences.h. */
#include "analysers/occurrences.h"

#include "base/time_units.h"
#include "base/timestamp.h"

enum { TOLD = 5, TO_THE_MINUTE = 16, TEXT_MAX = 64 * 1024 };

/* Of an hour's facts of one kind the store has the first and the last. */
bool occurrences_read(const store *s, slice source, int64_t from, int64_t to, arena *a,
                      occurrence *list, uint32_t max, uint32_t *n, status *st)
{
    *n = 0;
    sqlite3_stmt *q = rows_begin(
        s,
        "SELECT at, kind, source, text FROM"
        " (SELECT first_at AS at, 'server' AS kind, source, subject AS text FROM main.server_facts"
        "   WHERE kind = 'server'"
        "  UNION SELECT last_at, 'server', source, subject FROM main.server_facts"
        "   WHERE kind = 'server'"
        "  UNION SELECT at, 'mark', source, text FROM main.marks)"
        " WHERE at >= ?2 AND at < ?3 AND (source = '' OR source = ?1 OR"
        " (?1 = '' AND source IN (SELECT source FROM segments)))"
        " ORDER BY at, kind, source, text LIMIT ?4",
        st);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_text(q, 1, source.n > 0 ? source.p : "", (int)source.n, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, from);
    sqlite3_bind_int64(q, 3, to);
    sqlite3_bind_int64(q, 4, max);
    while (rows_next(s, q, st)) {
        list[(*n)++] = (occurrence){.at = sqlite3_column_int64(q, 0),
                                    .kind = column_slice(q, 1, a),
                                    .source = column_slice(q, 2, a),
                                    .text = column_slice(q, 3, a)};
    }
    return rows_end(q, st);
}

/* --- beside a change ----------------------------------------------------------------------- */

/* When it may have begun: of a plan from a day before it was seen on, of a window's change from the
 * window before on. False for what is no change. */
static bool find_span(const analysis_request *r, const finding *f, int64_t *from, int64_t *to)
{
    if (f->kind == FINDING_PLAN_CHANGE && f->first_seen != 0) {
        *from = f->first_seen - US_PER_DAY;
        *to = f->first_seen + US_PER_HOUR;
        return true;
    }
    *from = f->first_seen - analysis_step(r);
    *to = f->first_seen + r->until - r->since;
    return finding_is_change(f->kind) && !f->or_before;
}

static void add_evidence(value_builder *b, value *to, const occurrence *list, uint32_t n)
{
    value *beside = value_add_list(b, to, "beside");
    for (uint32_t i = 0; i < n; i++) {
        value *item = value_add_object(b, beside, NULL);
        value_add_instant(b, item, "at", list[i].at);
        value_add_text(b, item, "kind", list[i].kind);
        value_add_text(b, item, "text", list[i].text);
    }
}

static void say(buf *out, const occurrence *list, uint32_t n, int32_t zone_offset)
{
    buf at;
    buf_init(&at, 64);
    for (uint32_t i = 0; i < n; i++) {
        buf_add_text(out, i == 0 ? " Near its beginning: " : "; ");
        occurrence_format(out, &list[i]);
        buf_add_text(out, " at ");
        timestamp_format(&at, list[i].at, zone_offset, 0);
        buf_add(out, slice_take(buf_slice(&at), TO_THE_MINUTE));
        buf_clear(&at);
    }
    buf_add_text(out, n > 0 ? "." : "");
    buf_free(&at);
}

static bool find_zone(const store *s, slice source, int32_t *zone_offset, status *st)
{
    sqlite3_stmt *q = rows_begin(s,
                                 "SELECT zone_offset FROM main.segments WHERE source = ?1"
                                 " ORDER BY last_at DESC, segment LIMIT 1",
                                 st);
    *zone_offset = 0;
    if (q != NULL) {
        sqlite3_bind_text(q, 1, source.p, (int)source.n, SQLITE_STATIC);
    }
    if (q != NULL && rows_next(s, q, st)) {
        *zone_offset = (int32_t)sqlite3_column_int64(q, 0);
    }
    return rows_end(q, st);
}

static bool tell(const store *s, finding *f, int64_t from, int64_t to, arena *a, buf *text,
                 status *st)
{
    value_builder b = {.arena = a};
    occurrence list[TOLD];
    uint32_t n;
    int32_t zone_offset;
    if (!occurrences_read(s, f->source, from, to, a, list, TOLD, &n, st) ||
        !find_zone(s, f->source, &zone_offset, st)) {
        return false;
    }
    if (n == 0) {
        return true;
    }
    add_evidence(&b, f->evidence, list, n);
    buf_clear(text);
    buf_add(text, f->detail);
    say(text, list, n, zone_offset);
    return (!b.failed && !text->failed && arena_copy(a, buf_slice(text), &f->detail)) ||
           status_no_memory(st);
}

bool occurrences_tell(const store *s, const analysis_request *request, finding *findings,
                      uint32_t n, arena *a, status *st)
{
    buf text;
    bool ok = true;
    buf_init(&text, TEXT_MAX);
    for (uint32_t i = 0; ok && i < n; i++) {
        int64_t from;
        int64_t to;
        ok = !find_span(request, &findings[i], &from, &to) ||
             tell(s, &findings[i], from, to, a, &text, st);
    }
    buf_free(&text);
    return ok;
}
