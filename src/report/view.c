/* view.c - see view.h. One query is in view_query.c. */
#include "report/view.h"

#include "base/number.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/view_html.h"

enum { MAX_FORMATTED = 1 << 24 /* bytes of one formatted text: a record's limit */ };

/* --- the whole ---------------------------------------------------------------------- */

static void add_window(view *v, value *root)
{
    value *window = value_add_object(v->b, root, "window");
    view_time(v, window, "from", "from_local", v->m->from, 0);
    view_time(v, window, "to", "to_local", v->m->to, 0);
    if (has_window(v->m)) {
        zone_name_format(&v->scratch, v->m);
    }
    view_text(v, window, "timezone", buf_slice(&v->scratch));
    buf_clear(&v->scratch);
    view_flag(v, window, "known", has_window(v->m));
    if (has_window(v->m)) {
        window_format(&v->scratch, v->m);
    }
    view_scratch(v, window, "span");
    duration_format(&v->scratch, window_length(v->m));
    view_scratch(v, window, "length");
    value_add_display(v->b, root, "selection", v->m->selection);
}

static void add_busiest(view *v, value *root)
{
    const model_point *busiest = &v->m->busiest;
    if (busiest->calls == 0) {
        value_add_null(v->b, root, "busiest_minute");
        return;
    }
    value *minute = value_add_object(v->b, root, "busiest_minute");
    view_time(v, minute, "at", "at_local", busiest->at, 0);
    view_count(v, minute, "calls", busiest->calls);
    view_counted(v, minute, "calls_text", busiest->calls, "call", "calls");
    view_duration(v, minute, "time_ms", busiest->time);
}

static void add_occurrences(view *v, value *root)
{
    const model *m = v->m;
    value *list = value_add_list(v->b, root, "occurrences");
    for (uint32_t i = 0; i < m->n_occurrences; i++) {
        const occurrence *o = &m->occurrences[i];
        value *item = value_add_object(v->b, list, NULL);
        view_time(v, item, "at", "at_local", o->at, 0);
        value_add_text(v->b, item, "kind", o->kind);
        view_text(v, item, "source", o->source);
        value_add_text(v->b, item, "text", o->text);
        view_flag(v, item, "is_mark", slice_is(o->kind, "mark"));
    }
}

static void add_totals(view *v, value *root)
{
    const model *m = v->m;
    value *totals = value_add_object(v->b, root, "totals");
    view_count(v, totals, "calls", m->calls);
    view_counted(v, totals, "calls_text", m->calls, "call", "calls");
    view_count(v, totals, "estimated_calls", m->estimated_calls);
    view_flag(v, totals, "sampled", is_sampled(m->calls, m->estimated_calls));
    view_count(v, totals, "fingerprints", m->fingerprints);
    view_counted(v, totals, "queries_text", m->fingerprints, "query", "queries");
    view_flag(v, totals, "timed", m->time.n > 0);
    if (m->time.n > 0) {
        view_duration(v, totals, "time_ms", m->time.total);
    } else {
        value_add_null(v->b, totals, "time_ms");
    }
    view_count(v, totals, "errors", m->errors);
    view_counted(v, totals, "errors_text", m->errors, "error", "errors");
    view_flag(v, totals, "failed", m->errors > 0);
    view_load(v, totals, "load", m->time.n > 0 && window_length(m) > 0, m->load_permille);
    view_flag(v, totals, "loaded", m->time.n > 0 && window_length(m) > 0);
    view_statistics(v, value_add_object(v->b, totals, "query_time_ms"), &m->time);
}

/* --- what was read ------------------------------------------------------------------- */

/* The share that was understood, in millionths, downwards: only all is 1. */
static void add_coverage(view *v, value *parent, uint64_t understood, uint64_t content)
{
    if (content == 0) {
        value_add_null(v->b, parent, "coverage");
        return;
    }
    __extension__ typedef unsigned __int128 uint128;
    int64_t millionths = (int64_t)((uint128)understood * 1000000 / content);
    value *coverage = value_add_decimal(v->b, parent, "coverage", millionths, 6);
    share_format(&v->scratch, (int64_t)understood, (int64_t)content);
    value_set_display(v->b, coverage, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

static void add_thresholds(view *v, value *source, const model_source *s)
{
    value *list = value_add_list(v->b, source, "thresholds");
    for (uint32_t i = 0; i < s->n_thresholds; i++) {
        const model_threshold *threshold = &s->thresholds[i];
        value *item = value_add_object(v->b, list, NULL);
        view_time(v, item, "from", "from_local", threshold->from, 0);
        if (threshold->duration >= 0) {
            view_duration(v, item, "ms", threshold->duration);
        } else {
            value_add_null(v->b, item, "ms");
        }
        view_text(v, item, "origin", threshold->origin);
        threshold_format(&v->scratch, v->m, threshold);
        view_scratch(v, item, "logged");
    }
}

static void add_skipped(view *v, value *file, const model_file *f)
{
    value *list = value_add_list(v->b, file, "skipped");
    for (uint32_t i = 0; i < f->n_skipped; i++) {
        const model_skipped *skipped = &f->skipped[i];
        value *item = value_add_object(v->b, list, NULL);
        value_add_text(v->b, item, "reason", skipped->reason);
        view_count(v, item, "count", (int64_t)skipped->lines);
        view_bytes(v, item, "bytes", skipped->bytes);
        view_count(v, item, "first_line", (int64_t)skipped->first_line);
        view_location(v, item, "location", f->path, skipped->first_line);
        view_place(v, item, f->path, skipped->first_line);
    }
}

static void add_file(view *v, value *files, const model_file *f)
{
    value *file = value_add_object(v->b, files, NULL);
    value_add_text(v->b, file, "path", f->path);
    view_code_span(v, file, "path_code", f->path, UINT32_MAX);
    view_text(v, file, "format", f->format);
    view_text(v, file, "detail", f->detail);
    view_code_span(v, file, "detail_code", f->detail, UINT32_MAX);
    value_add_bool(v->b, file, "detail_inferred", f->detail_inferred);
    view_bytes(v, file, "bytes", f->bytes);
    view_count(v, file, "lines", (int64_t)f->lines);
    view_count(v, file, "events", (int64_t)f->events);
    add_coverage(v, file, f->understood, f->content);
    add_skipped(v, file, f);
}

static void add_source(view *v, value *sources, const model_source *s)
{
    value *source = value_add_object(v->b, sources, NULL);
    value_add_text(v->b, source, "name", s->name);
    view_text(v, source, "engine", s->engine);
    view_text(v, source, "format", s->format);
    view_text(v, source, "detail", s->detail);
    view_text(v, source, "role", s->role);
    view_count(v, source, "events", (int64_t)s->events);
    add_coverage(v, source, s->understood, s->content);
    if (s->clock_resolution > 0) {
        view_duration(v, source, "clock_resolution_ms", s->clock_resolution);
    } else {
        value_add_null(v->b, source, "clock_resolution_ms");
    }
    value_add_null(v->b, source, "sample_rate");
    add_thresholds(v, source, s);
    value *files = value_add_list(v->b, source, "files");
    for (uint32_t i = 0; i < s->n_files; i++) {
        add_file(v, files, &s->files[i]);
    }
    value *duplicates = value_add_list(v->b, source, "duplicates");
    for (uint32_t i = 0; i < s->n_duplicates; i++) {
        const model_duplicate *d = &s->duplicates[i];
        value *item = value_add_object(v->b, duplicates, NULL);
        value_add_text(v->b, item, "path", d->path);
        view_code_span(v, item, "path_code", d->path, UINT32_MAX);
        value_add_text(v->b, item, "same_as", d->same_as);
        view_code_span(v, item, "same_as_code", d->same_as, UINT32_MAX);
    }
}

static bool anything_skipped(const model *m)
{
    for (uint32_t i = 0; i < m->n_sources; i++) {
        for (uint32_t k = 0; k < m->sources[i].n_files; k++) {
            if (m->sources[i].files[k].n_skipped > 0) {
                return true;
            }
        }
    }
    return false;
}

static void add_sources(view *v, value *root)
{
    value *sources = value_add_list(v->b, root, "sources");
    for (uint32_t i = 0; i < v->m->n_sources; i++) {
        add_source(v, sources, &v->m->sources[i]);
    }
    view_flag(v, root, "several_sources", v->m->n_sources > 1);
    view_flag(v, root, "anything_skipped", anything_skipped(v->m));
    input_format(&v->scratch, v->m);
    view_scratch(v, root, "read");
}

static void add_limits(view *v, value *root)
{
    value *limits = value_add_list(v->b, root, "limits");
    for (uint32_t i = 0; i < v->m->n_limits; i++) {
        const model_limit *limit = &v->m->limits[i];
        value *item = value_add_object(v->b, limits, NULL);
        view_text(v, item, "source", limit->source);
        value_add_text(v->b, item, "cannot_show", limit->cannot_show);
        view_text(v, item, "because", limit->because);
        view_text(v, item, "remedy", limit->remedy);
    }
    view_flag(v, root, "has_limits", v->m->n_limits > 0);
}

/* --- all of it ------------------------------------------------------------------------ */

/* What stands in the list of queries, and what is left out of it. */
typedef struct shown {
    const model_query *queries;
    uint32_t n, n_rows; /* of these there is room for some */
    int64_t other_fingerprints, other_calls, other_time;
} shown;

static shown what_is_shown(const model *m, const view_options *o, const view_room *room)
{
    shown s = {m->queries, m->n_queries, 0, m->other_fingerprints, m->other_calls, m->other_time};
    if (o->only != NULL) {
        const model_query *q = o->only;
        s = (shown){
            q, 1, 0, m->fingerprints - 1, m->calls - q->calls, m->time.total - q->time.total};
    }
    s.n_rows = s.n < room->rows ? s.n : room->rows;
    for (uint32_t i = s.n_rows; i < s.n; i++) {
        s.other_fingerprints++;
        s.other_calls += s.queries[i].calls;
        s.other_time += s.queries[i].time.total;
    }
    return s;
}

static void add_queries(view *v, value *root, const shown *s)
{
    value *queries = value_add_list(v->b, root, "queries");
    for (uint32_t i = 0; i < s->n_rows; i++) {
        value *query = view_query(v, queries, &s->queries[i]);
        view_flag(v, query, "detailed", i < v->room.detail);
    }
    view_flag(v, root, "has_queries", s->n > 0);
    value *other = value_add_object(v->b, root, "other");
    view_count(v, other, "fingerprints", s->other_fingerprints);
    view_counted(v, other, "queries_text", s->other_fingerprints, "more query", "more queries");
    view_count(v, other, "calls", s->other_calls);
    view_counted(v, other, "calls_text", s->other_calls, "call", "calls");
    view_duration(v, other, "time_ms", s->other_time);
    view_flag(v, other, "any", s->other_fingerprints > 0);
}

/* What there was no room for, and in what size: "13 queries in full, from #8 on; 2 findings, the
 * last", "32,767 bytes, which Jira takes". */
static void add_cut(view *v, value *root, const view_options *o, const shown *s)
{
    uint32_t detailed = s->n_rows < v->room.detail ? s->n_rows : v->room.detail;
    const char *before = "";
    if (detailed < s->n) {
        counted_format(&v->scratch, s->n - detailed, "query", "queries");
        buf_printf(&v->scratch, " in full, from #%u on", s->queries[detailed].rank);
        before = "; ";
    }
    if (v->findings_cut > 0) {
        buf_add_text(&v->scratch, before);
        counted_format(&v->scratch, v->findings_cut, "finding", "findings");
        buf_add_text(&v->scratch, ", the last");
        before = "; ";
    }
    if (v->trimmed) {
        buf_add_text(&v->scratch, before);
        buf_add_text(&v->scratch, "parts of long texts and lists");
    }
    view_scratch(v, root, "cut");
    count_format(&v->scratch, (int64_t)o->most);
    buf_add_text(&v->scratch, " bytes");
    if (o->place != NULL && o->place->most == o->most) {
        buf_printf(&v->scratch, ", which %s takes", o->place->title);
    }
    view_scratch(v, root, "size");
}

static void add_groups(view *v, value *root)
{
    const model *m = v->m;
    view_text(v, root, "group_by", m->group_by);
    if (m->group_by.n == 0) {
        return;
    }
    group_title_format(&v->scratch, m, false);
    view_scratch(v, root, "group_title");
    group_title_format(&v->scratch, m, true);
    view_scratch(v, root, "group_head");
    view_flag(v, root, "grouped_by_table", slice_is(m->group_by, "table"));
    value *groups = value_add_list(v->b, root, "groups");
    for (uint32_t i = 0; i < m->n_groups; i++) {
        const model_group *g = &m->groups[i];
        value *group = value_add_object(v->b, groups, NULL);
        view_text(v, group, "name", g->name);
        value_add_display(v->b, group, "label", g->name.n > 0 ? g->name : SLICE(GROUP_NONE));
        view_count(v, group, "calls", g->calls);
        if (g->errors >= 0) {
            view_count(v, group, "errors", g->errors);
        } else {
            value_add_null(v->b, group, "errors");
        }
        view_statistics(v, value_add_object(v->b, group, "time_ms"), &g->time);
        view_part(v, group, "share", g->time.total, g->time.n > 0 ? m->time.total : 0);
    }
    value *other = value_add_object(v->b, root, "other_groups");
    view_count(v, other, "groups", m->other_groups);
    view_counted(v, other, "groups_text", m->other_groups, "more", "more");
    view_count(v, other, "calls", m->other_groups_calls);
    view_counted(v, other, "calls_text", m->other_groups_calls, "call", "calls");
    view_duration(v, other, "time_ms", m->other_groups_time);
    view_flag(v, other, "any", m->other_groups > 0);
}

/* On one line and harmless, for an indented code block, which needs no fence. */
static void add_command(view *v, value *root, const shown *s)
{
    buf command;
    buf_init(&command, v->scratch.max);
    if (s->n > 0) {
        command_format(&command, v->m, s->queries[0].id);
    }
    escape_terminal(&v->scratch, buf_slice(&command));
    view_scratch(v, root, "command");
    v->b->failed = v->b->failed || command.failed;
    buf_free(&command);
}

value *view_build(const model *m, const view_options *o, value_builder *b)
{
    view v = {.m = m,
              .b = b,
              .page = o->page,
              .wiki = o->place != NULL && o->place->wiki,
              .single = o->only != NULL,
              .room = o->room != NULL ? *o->room : VIEW_ROOM_ALL};
    shown s = what_is_shown(m, o, &v.room);
    buf_init(&v.scratch, MAX_FORMATTED);
    if (v.page != NULL) {
        view_html_begin(&v);
    }
    value *root = value_root(b, VALUE_OBJECT);
    value_add_text(b, root, "schema", SLICE("qlog-report/1"));
    value *generator = value_add_object(b, root, "generator");
    value_add_text(b, generator, "name", SLICE("qlog"));
    value_add_text(b, generator, "version", m->version);
    add_window(&v, root);
    add_sources(&v, root);
    add_limits(&v, root);
    add_totals(&v, root);
    add_busiest(&v, root);
    add_occurrences(&v, root);
    view_duration(&v, root, "series_step_ms", m->series_step);
    view_series(&v, root, "series", &m->series);
    view_histogram(&v, root, "histogram", m->histogram, m->n_histogram);
    add_groups(&v, root);
    add_queries(&v, root, &s);
    view_server(&v, root);
    view_findings(&v, root, o->only);
    add_command(&v, root, &s);
    add_cut(&v, root, o, &s);
    view_flag(&v, root, "folds", o->place != NULL && o->place->folds);
    verdict_format(&v.scratch, m);
    view_scratch(&v, root, "verdict");
    if (v.page != NULL) {
        view_html_page(&v, root);
    }
    b->failed = b->failed || v.scratch.failed;
    buf_free(&v.scratch);
    return root;
}
