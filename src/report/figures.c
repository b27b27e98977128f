/* figures.c - see figures.h. */
#include "report/figures.h"

#include "base/number.h"
#include "base/timestamp.h"

__extension__ typedef __int128 int128;

bool is_sampled(int64_t calls, int64_t estimated_calls)
{
    return estimated_calls > calls;
}

bool has_window(const model *m)
{
    return m->from != 0 || m->to != 0;
}

int64_t window_length(const model *m)
{
    return m->to > m->from ? m->to - m->from : 0;
}

bool load_permille(const model *m, int64_t time, int64_t *permille)
{
    int64_t wall = window_length(m);
    if (wall == 0) {
        return false;
    }
    int128 rounded = ((int128)time * 2000 + wall) / ((int128)wall * 2);
    *permille = rounded > INT64_MAX ? INT64_MAX : (int64_t)rounded;
    return true;
}

void load_format(buf *out, int64_t permille)
{
    count_format(out, permille / 1000);
    buf_printf(out, ".%03d", (int)(permille % 1000));
}

void zone_name_format(buf *out, const model *m)
{
    if (m->zone.n > 0) {
        buf_add(out, m->zone);
    } else {
        zone_format(out, m->zone_offset);
    }
}

void local_time_format(buf *out, const model *m, int64_t at, int fraction_digits)
{
    timestamp_format(out, at, m->zone_offset, fraction_digits);
}

static bool same_day(const model *m, int64_t a, int64_t b)
{
    civil first = civil_from_instant(a, m->zone_offset);
    civil second = civil_from_instant(b, m->zone_offset);
    return first.day == second.day && first.month == second.month && first.year == second.year;
}

void short_time_format(buf *out, const model *m, int64_t at)
{
    if (!has_window(m) || !same_day(m, m->from, m->to) || !same_day(m, m->from, at)) {
        local_time_format(out, m, at, 0);
        return;
    }
    civil c = civil_from_instant(at, m->zone_offset);
    buf_printf(out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
}

void window_format(buf *out, const model *m)
{
    local_time_format(out, m, m->from, 0);
    buf_add_text(out, " to ");
    if (same_day(m, m->from, m->to)) {
        civil end = civil_from_instant(m->to, m->zone_offset);
        buf_printf(out, "%02d:%02d:%02d", end.hour, end.minute, end.second);
    } else {
        local_time_format(out, m, m->to, 0);
    }
}

bool measure_is_counted(const model_measure *measure)
{
    return slice_is(measure->unit, "count") || slice_is(measure->unit, "yes");
}

void measure_name_format(buf *out, const model_measure *measure)
{
    slice name = measure->name;
    for (size_t i = 0; i < name.n; i++) {
        buf_add_char(out, name.p[i] == '_' && !measure->is_attribute ? ' ' : name.p[i]);
    }
}

void location_format(buf *out, slice path, uint64_t line)
{
    if (path.n > 0) {
        buf_add(out, path);
        buf_add_char(out, ':');
    } else {
        buf_add_text(out, "line ");
    }
    buf_add_u64(out, line);
}

void account_format(buf *out, slice user, slice database)
{
    buf_add(out, user);
    if (database.n > 0) {
        buf_add_char(out, '@');
        buf_add(out, database);
    }
}

/* The first word "ID". */
static size_t placeholder_at(slice command)
{
    for (size_t i = 0; i + 2 <= command.n; i++) {
        bool begins = i == 0 || command.p[i - 1] == ' ';
        bool ends = i + 2 == command.n || command.p[i + 2] == ' ';
        if (begins && ends && memcmp(command.p + i, "ID", 2) == 0) {
            return i;
        }
    }
    return command.n;
}

void command_format(buf *out, const model *m, uint64_t id)
{
    size_t at = placeholder_at(m->command);
    buf_add(out, slice_take(m->command, at));
    if (at < m->command.n) {
        id_format(out, id);
        buf_add(out, slice_skip(m->command, at + 2));
    }
}

void threshold_format(buf *out, const model *m, const model_threshold *t)
{
    if (t->duration < 0) {
        buf_add_text(out, "no executions by their duration");
    } else if (t->duration == 0) {
        buf_add_text(out, "every execution");
    } else {
        buf_add_text(out, "executions of at least ");
        duration_format(out, t->duration);
    }
    if (t->from != 0) {
        buf_add_text(out, " from ");
        local_time_format(out, m, t->from, 0);
        buf_add_text(out, " on");
    }
    buf_add_text(out, slice_is(t->origin, "log")      ? " (says the log)"
                      : slice_is(t->origin, "option") ? " (says --threshold)"
                                                      : " (inferred: the least there is)");
}

void group_title_format(buf *out, const model *m, bool head)
{
    static const struct {
        const char *name;
        const char *title;
    } titles[] = {{"db", "database"}, {"app", "application"}};
    slice name = m->group_by;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        name = slice_is(name, titles[i].name) ? slice_from(titles[i].title) : name;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool capital = head && i == 0 && c >= 'a' && c <= 'z';
        buf_add_char(out, capital ? (char)(c - 'a' + 'A') : c == ':' ? ' ' : c);
    }
}

/* What was read of all sources. */
typedef struct input_sums {
    uint64_t files, bytes, content, understood;
} input_sums;

static input_sums sum_input(const model *m)
{
    input_sums sums = {0};
    for (uint32_t i = 0; i < m->n_sources; i++) {
        const model_source *s = &m->sources[i];
        sums.files += s->n_files;
        sums.bytes += s->bytes;
        sums.content += s->content;
        sums.understood += s->understood;
    }
    return sums;
}

void input_format(buf *out, const model *m)
{
    input_sums in = sum_input(m);
    counted_format(out, (int64_t)in.files, "file", "files");
    buf_add_text(out, ", ");
    bytes_format(out, in.bytes);
    if (in.content > 0) {
        buf_add_text(out, ", ");
        share_format(out, (int64_t)in.understood, (int64_t)in.content);
        buf_add_text(out, " understood");
    }
}

/* --- the verdict ---------------------------------------------------------------------- */

static void concentration_format(buf *out, const model *m)
{
    if (m->fingerprints == 1) {
        buf_add_text(out, "One query makes up all of the query time. ");
        return;
    }
    count_format(out, m->half_fingerprints);
    buf_add_text(out, " of ");
    counted_format(out, m->fingerprints, "query", "queries");
    buf_add_text(out, m->half_fingerprints == 1 ? " makes up " : " make up ");
    share_format(out, m->half_time, m->time.total);
    buf_add_text(out, " of the query time. ");
}

static void outcome_format(buf *out, const model *m)
{
    int64_t permille;
    counted_format(out, m->calls, "call", "calls");
    if (m->time.n > 0) {
        buf_add_text(out, " took ");
        duration_format(out, m->time.total);
    }
    if (window_length(m) > 0) {
        buf_add_text(out, " in ");
        duration_format(out, window_length(m));
    }
    if (m->time.n > 0 && load_permille(m, m->time.total, &permille)) {
        buf_add_text(out, ", ");
        load_format(out, permille);
        buf_add_text(out, " sessions active on average");
    }
    buf_add_text(out, "; ");
    counted_format(out, m->errors, "error", "errors");
    buf_add_char(out, '.');
}

/* What a reader must know before believing any of it. */
static void doubts_format(buf *out, const model *m)
{
    input_sums in = sum_input(m);
    if (m->calls > 0 && m->time.n == 0) {
        buf_add_text(out, " The log has no durations.");
    }
    if (in.understood < in.content - in.content / 100) {
        buf_add_text(out, " Only ");
        share_format(out, (int64_t)in.understood, (int64_t)in.content);
        buf_add_text(out, " of the log was understood.");
    }
}

void verdict_format(buf *out, const model *m)
{
    if (m->time.total > 0) {
        concentration_format(out, m);
    }
    outcome_format(out, m);
    doubts_format(out, m);
}

const model_query *query_find(const model *m, uint64_t id)
{
    for (uint32_t i = 0; i < m->n_queries; i++) {
        if (m->queries[i].id == id) {
            return &m->queries[i];
        }
    }
    return NULL;
}

const model_measure *measure_find(const model_query *q, const char *name)
{
    for (uint32_t i = 0; i < q->n_measures; i++) {
        if (!q->measures[i].is_attribute && slice_is(q->measures[i].name, name)) {
            return &q->measures[i];
        }
    }
    return NULL;
}

bool measure_tells(const model_measure *measure)
{
    return measure->statistics.n > 0 && measure->statistics.max > 0;
}

bool rows_per_sent(const model_query *q, int64_t *permille)
{
    const model_measure *examined = measure_find(q, "rows_examined");
    const model_measure *sent = measure_find(q, "rows_sent");
    if (examined == NULL || sent == NULL || sent->statistics.total <= 0) {
        return false;
    }
    int128 ratio = (int128)examined->statistics.total * 1000 / sent->statistics.total;
    *permille = ratio < INT64_MAX ? (int64_t)ratio : INT64_MAX;
    return true;
}

bool variance_to_mean(const model_statistics *s, int64_t *us)
{
    if (s->n == 0 || s->mean <= 0 || s->sum_alone) {
        return false;
    }
    int128 ratio = (int128)s->stddev * s->stddev / s->mean;
    *us = ratio < INT64_MAX ? (int64_t)ratio : INT64_MAX;
    return true;
}

enum { TO_THE_MINUTE = 16 };

static void add_minute(buf *out, const model *m, int64_t at)
{
    buf text;
    buf_init(&text, 64);
    local_time_format(&text, m, at, 0);
    buf_add(out, slice_take(buf_slice(&text), TO_THE_MINUTE));
    buf_free(&text);
}

void finding_state_format(buf *out, const model *m, const finding *f)
{
    if (f->state == FINDING_ACCEPTED) {
        buf_add_text(out, "accepted");
        if (f->accepted_until != 0) {
            buf_add_text(out, " until ");
            add_minute(out, m, f->accepted_until);
        }
        buf_add_text(out, f->note.n > 0 ? ": " : "");
        buf_add(out, f->note);
    } else if (m->looks_back) {
        buf_add_text(out, finding_state_name(f->state));
        if (f->state == FINDING_OPEN) {
            buf_add_text(out, " since ");
            add_minute(out, m, f->first_seen);
            buf_add_text(out, f->or_before ? " or before" : "");
        }
    }
}
