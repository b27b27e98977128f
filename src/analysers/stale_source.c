/* stale_source.c - sources that fell silent: nothing was logged where usually something is, or what
 * is logged cannot be read.
 *
 * A source is silent in a window that has no record of it though six of the seven windows before
 * had, the one a week ago among them, so that a server which rests on Sundays is none; or where its
 * latest record is older than whoever asks allows. The store's own tables are read, since a
 * report's window has nothing of such a source. */
#include "analysers/analysis.h"

#include "base/number.h"
#include "base/time_units.h"
#include "base/timestamp.h"
#include "digest/selection.h"

enum { WINDOWS = 7, WINDOWS_USUAL = 6, TEXT_MAX = 16 * 1024 };

typedef struct silent_source {
    analysis *a;
    analysed_source source;
    uint32_t before; /* windows before that have records, of seven */
    slice unread;    /* why the last run could not read a log; empty: it could */
    buf text;
} silent_source;

/* --- windows ------------------------------------------------------------------------------- */

/* Which windows have records, of whatever kind: bit 0 is the request's own. */
static bool read_windows(silent_source *s, uint32_t *windows)
{
    analysis *a = s->a;
    const analysis_request *r = a->request;
    int64_t step = analysis_step(r);
    *windows = 0;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT hour FROM main.digest WHERE source = ?1 AND hour >= ?2 AND hour < ?3"
        " UNION SELECT hour FROM main.server_events WHERE source = ?1 AND hour >= ?2 AND hour < ?3",
        &s->source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, (r->since - WINDOWS * step) / US_PER_SECOND);
        sqlite3_bind_int64(q, 3, r->until / US_PER_SECOND);
    }
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t at = sqlite3_column_int64(q, 0) * US_PER_SECOND;
        int64_t before = at >= r->since ? 0 : (r->since - at + step - 1) / step;
        bool in_window = at < r->until - before * step;
        *windows |= in_window ? 1u << before : 0;
    }
    return rows_end(q, a->st);
}

static bool fell_silent(silent_source *s, bool *silent)
{
    const analysis_request *r = s->a->request;
    uint32_t windows;
    *silent = false;
    if (analysis_step(r) == 0) {
        return true;
    }
    if (!read_windows(s, &windows)) {
        return false;
    }
    for (uint32_t k = 1; k <= WINDOWS; k++) {
        s->before += windows >> k & 1;
    }
    int64_t week = 7 * US_PER_DAY / analysis_step(r);
    bool week_ago = week < 1 || (windows >> week & 1) != 0;
    *silent = (windows & 1) == 0 && week_ago && s->before >= WINDOWS_USUAL;
    return true;
}

/* Of whoever asks what is now: a report's window may be of long ago. */
static bool read_unread(silent_source *s)
{
    analysis *a = s->a;
    s->unread = SLICE("");
    if (a->request->now == 0) {
        return true;
    }
    sqlite3_stmt *q = analysis_rows(
        a, "SELECT why FROM main.unread WHERE source = ?1 ORDER BY path LIMIT 1", &s->source);
    if (q != NULL && rows_next(a->store, q, a->st)) {
        s->unread = column_slice(q, 0, a->arena);
    }
    return rows_end(q, a->st);
}

/* --- the finding --------------------------------------------------------------------------- */

static void say_moment(silent_source *s, int64_t at)
{
    buf_add_text(&s->text, " ");
    timestamp_format(&s->text, at, s->source.zone_offset, 0);
}

static void say_title(silent_source *s, bool readable)
{
    const analysis_request *r = s->a->request;
    if (!readable) {
        buf_add_text(&s->text, "The logs of ");
        buf_add(&s->text, s->source.name);
        buf_add_text(&s->text, " could not be read: ");
        buf_add(&s->text, s->unread);
        return;
    }
    buf_add_text(&s->text, "Nothing is logged by ");
    buf_add(&s->text, s->source.name);
    if (s->source.to < r->until || r->until == 0) {
        buf_add_text(&s->text, " since");
        say_moment(s, s->source.to);
    }
}

static void say_detail(silent_source *s, bool silent)
{
    const analysis_request *r = s->a->request;
    buf_add_text(&s->text, "Its latest record is of");
    say_moment(s, s->source.to);
    if (silent) {
        buf_add_text(&s->text, "; the window has none, and ");
        count_format(&s->text, s->before);
        buf_add_text(&s->text, " of the seven before had some");
    } else {
        buf_add_text(&s->text, ", ");
        duration_format(&s->text, r->now - s->source.to);
        buf_add_text(&s->text, " ago");
    }
    buf_add_text(&s->text, s->unread.n > 0 ? ". The last run said: " : ".");
    buf_add(&s->text, s->unread);
}

static bool add(silent_source *s, bool is_old, bool silent)
{
    analysis *a = s->a;
    const analysis_request *r = a->request;
    finding *f = analysis_add(a, FINDING_STALE_SOURCE, &s->source, NULL, 0);
    if (f == NULL) {
        return false;
    }
    f->severity = SEVERITY_HIGH;
    f->confidence = silent ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN;
    f->first_seen = s->source.to < r->since || r->since == 0 ? s->source.to : r->since;
    say_title(s, is_old || silent);
    f->title = analysis_text(a, &s->text);
    say_detail(s, silent);
    f->detail = analysis_text(a, &s->text);
    buf_add_text(&s->text, "Look whether the server still logs and where to, and whether what reads"
                           " its logs into the store still finds them: a folder or name that"
                           " changed, a right that is gone, a full disk.");
    f->advice = analysis_text(a, &s->text);
    value_add_instant(&a->values, f->evidence, "last_record", s->source.to);
    value_add_int(&a->values, f->evidence, "windows_before", s->before);
    return true;
}

static bool judge(silent_source *s)
{
    const analysis_request *r = s->a->request;
    bool is_old = r->max_age > 0 && r->now - s->source.to > r->max_age;
    bool silent;
    return fell_silent(s, &silent) && read_unread(s) &&
           ((!silent && !is_old && s->unread.n == 0) || add(s, is_old, silent));
}

static bool is_chosen(const analysis *a, slice source, slice engine)
{
    const selection *chosen = a->request->chosen;
    return chosen == NULL ||
           (name_list_has(&chosen->sources, source) && name_list_has(&chosen->engines, engine));
}

/* Of logs that are read at once, and so of no window, nothing is said. */
static bool run(analysis *a)
{
    silent_source s = {.a = a};
    bool ok = true;
    if (a->request->until == 0 && a->request->max_age == 0) {
        return true;
    }
    buf_init(&s.text, TEXT_MAX);
    sqlite3_stmt *q =
        rows_begin(a->store,
                   "SELECT source, engine, max(last_at), zone_offset FROM main.segments"
                   " WHERE last_at <> 0 GROUP BY source ORDER BY source",
                   a->st);
    while (ok && q != NULL && rows_next(a->store, q, a->st)) {
        s.source = (analysed_source){.name = column_slice(q, 0, a->arena),
                                     .engine = column_slice(q, 1, a->arena),
                                     .to = sqlite3_column_int64(q, 2),
                                     .zone_offset = (int32_t)sqlite3_column_int64(q, 3)};
        s.before = 0;
        ok = !is_chosen(a, s.source.name, s.source.engine) || judge(&s);
    }
    buf_free(&s.text);
    return rows_end(q, a->st) && ok;
}

static const finding_kind kinds[] = {FINDING_STALE_SOURCE};

const analyser stale_source_analyser = {.kinds = kinds, .n_kinds = 1, .run_once = run};
