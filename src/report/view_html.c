/* view_html.c - see view_html.h. */
#include "report/view_html.h"

#include "base/assets.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "report/chart.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/layout.h"
#include "report/policy.h"
#include "report/sql_layout.h"

enum {
    FULL_QUERIES = 25,    /* the first have sections of their own; the others are in the table */
    SNIPPET_COLUMNS = 72, /* of a query's text in a table, where a section has more of it, */
    BRIEF_COLUMNS = 240,  /* and where there is none */
    FULL_BYTES = 4000,    /* of it in the report's sections */
    EXAMPLES_SHOWN = 3,
    NAMES_SHOWN = 6, /* databases, users and so on of one query */
    MAIN_COLUMNS = 100,
    MAIN_WIDTH = 1000, /* units of the large charts */
    MAIN_HEIGHT = 100,
    TICKS = 6,
    SMALL_COLUMNS = 48,
    SMALL_WIDTH = 192, /* pixels */
    SMALL_HEIGHT = 28,
    CHARTED_CALLS = 5 /* fewer are told by their examples */
};

static const int64_t US_PER_MINUTE = 60000000;
static const int64_t US_PER_YEAR = INT64_C(365) * 86400 * 1000000;

/* A list that only templates see. */
static value *display_list(view *v, value *parent, const char *name)
{
    value *list = value_add_list(v->b, parent, name);
    if (list != NULL) {
        list->display_only = true;
    }
    return list;
}

static value *display_object(view *v, value *parent, const char *name)
{
    value *object = value_add_object(v->b, parent, name);
    if (object != NULL) {
        object->display_only = true;
    }
    return object;
}

static void add_number(view *v, value *parent, const char *name, uint32_t n)
{
    buf_add_u64(&v->scratch, n);
    view_scratch(v, parent, name);
}

/* Thousandths as a percentage: "12.5". */
static void add_percent(view *v, value *parent, const char *name, uint32_t permille)
{
    buf_printf(&v->scratch, "%u.%u", permille / 10, permille % 10);
    view_scratch(v, parent, name);
}

/* Where a label stands, and which end of it, so that none runs over the chart's edges. */
static void add_place(view *v, value *parent, uint32_t permille)
{
    enum { EDGE = 60 };
    add_percent(v, parent, "x", permille);
    value_add_display(v->b, parent, "anchor",
                      permille < EDGE          ? SLICE("start")
                      : permille > 1000 - EDGE ? SLICE("end")
                                               : SLICE("middle"));
}

static void add_path(view *v, value *parent, const char *name, const int64_t *values, uint32_t n,
                     uint32_t width, uint32_t height)
{
    chart_path(values, n, chart_most(values, n), width, height, &v->scratch);
    view_scratch(v, parent, name);
}

/* --- the load over time ----------------------------------------------------------------- */

static uint32_t time_permille(const time_axis *axis, int64_t at)
{
    int64_t window = axis->step * axis->columns;
    int64_t into = at - axis->begin;
    into = into < 0 ? 0 : into > window ? window : into;
    return (uint32_t)((__int128)into * 1000 / window);
}

/* "14:03", with seconds where ticks are closer than minutes; the day where one begins, and the
 * month where that would not tell the year. */
static void add_tick_label(view *v, value *tick, int64_t at, int64_t distance, int64_t window)
{
    civil c = civil_from_instant(at, v->m->zone_offset);
    if (window > US_PER_YEAR) {
        buf_printf(&v->scratch, "%04d-%02d", c.year, c.month);
    } else if (c.hour == 0 && c.minute == 0 && c.second == 0) {
        buf_printf(&v->scratch, "%02d-%02d", c.month, c.day);
    } else if (distance < US_PER_MINUTE) {
        buf_printf(&v->scratch, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    } else {
        buf_printf(&v->scratch, "%02d:%02d", c.hour, c.minute);
    }
    view_scratch(v, tick, "label");
}

static void add_time_ticks(view *v, value *chart, const time_axis *axis)
{
    value *ticks = value_add_list(v->b, chart, "ticks");
    int64_t distance = chart_ticks(axis, TICKS);
    int64_t shift = (int64_t)v->m->zone_offset * 1000000;
    int64_t window = axis->step * axis->columns;
    int64_t end = axis->begin + window;
    int64_t first = axis->begin + shift + distance - 1;
    for (int64_t at = first - first % distance - shift; at < end; at += distance) {
        value *tick = value_add_object(v->b, ticks, NULL);
        add_place(v, tick, time_permille(axis, at));
        add_tick_label(v, tick, at, distance, window);
    }
}

static void add_levels(view *v, value *chart, int64_t most, bool durations)
{
    value *levels = value_add_list(v->b, chart, "levels");
    int64_t grid = chart_grid(most, durations);
    for (int64_t level = grid; level <= most && level > 0; level += grid) {
        value *item = value_add_object(v->b, levels, NULL);
        uint32_t permille = 1000 - (uint32_t)((__int128)level * 1000 / most);
        add_percent(v, item, "y", permille);
        if (durations) {
            duration_format_round(&v->scratch, level);
        } else {
            count_format(&v->scratch, level);
        }
        view_scratch(v, item, "label");
    }
}

/* An area for each column that holds something, for its figures to be shown at the pointer. */
static value *add_bar(view *v, value *bars, uint32_t column, uint32_t columns)
{
    value *bar = value_add_object(v->b, bars, NULL);
    uint32_t x = column * MAIN_WIDTH / columns;
    add_number(v, bar, "x", x);
    add_number(v, bar, "width", (column + 1) * MAIN_WIDTH / columns - x);
    return bar;
}

static void add_figures_of(view *v, value *bar, int64_t calls, int64_t time)
{
    buf_add_text(&v->scratch, ": ");
    counted_format(&v->scratch, calls, "call", "calls");
    if (v->m->time.n > 0) {
        buf_add_text(&v->scratch, ", ");
        duration_format(&v->scratch, time);
    }
    view_scratch(v, bar, "title");
}

/* Where columns are wider than a minute, the whole column that holds it: part of one is too narrow
 * to be seen. */
static void add_busiest_mark(view *v, value *chart, const time_axis *axis)
{
    const model_point *busiest = &v->m->busiest;
    if (busiest->calls == 0 || axis->step * axis->columns < 2 * US_PER_MINUTE) {
        value_add_null(v->b, chart, "busiest");
        return;
    }
    value *mark = value_add_object(v->b, chart, "busiest");
    bool narrow = axis->step > US_PER_MINUTE;
    int64_t begin = narrow ? busiest->at - (busiest->at - axis->begin) % axis->step : busiest->at;
    uint32_t from = time_permille(axis, begin);
    uint32_t to = time_permille(axis, begin + (narrow ? axis->step : US_PER_MINUTE));
    add_percent(v, mark, "from", from);
    add_percent(v, mark, "width", to - from);
    add_place(v, mark, (from + to) / 2);
}

static void add_load_chart(view *v, value *root)
{
    time_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    if (!time_axis_fit(v->m, MAIN_COLUMNS, &axis)) {
        value_add_null(v->b, root, "load_chart");
        return;
    }
    value *chart = display_object(v, root, "load_chart");
    time_axis_sum(&axis, &v->m->series, time, calls);
    bool timed = v->m->time.total > 0;
    view_flag(v, chart, "timed", timed);
    add_path(v, chart, "path", timed ? time : calls, axis.columns, MAIN_WIDTH, MAIN_HEIGHT);
    add_path(v, chart, "calls_path", calls, axis.columns, MAIN_WIDTH, MAIN_HEIGHT);
    duration_format_round(&v->scratch, axis.step);
    view_scratch(v, chart, "step");
    view_counted(v, chart, "most_calls", chart_most(calls, axis.columns), "call", "calls");
    add_time_ticks(v, chart, &axis);
    add_levels(v, chart, chart_most(timed ? time : calls, axis.columns), timed);
    add_busiest_mark(v, chart, &axis);
    value *bars = value_add_list(v->b, chart, "bars");
    for (uint32_t i = 0; i < axis.columns; i++) {
        if (calls[i] > 0) {
            value *bar = add_bar(v, bars, i, axis.columns);
            short_time_format(&v->scratch, v->m, axis.begin + i * axis.step);
            add_figures_of(v, bar, calls[i], time[i]);
        }
    }
}

/* --- the distribution of query times --------------------------------------------------------- */

/* Each on a line of its own, since they may lie close together. */
static void add_mark(view *v, value *marks, const duration_axis *axis, const char *label,
                     uint32_t line, int64_t us)
{
    enum { LINE_HEIGHT = 13 };
    value *mark = value_add_object(v->b, marks, NULL);
    uint32_t at = duration_axis_at(axis, us);
    add_percent(v, mark, "x", at);
    add_number(v, mark, "y", (line + 1) * LINE_HEIGHT);
    value_add_display(v->b, mark, "anchor", at > 500 ? SLICE("end") : SLICE("start"));
    value_add_display(v->b, mark, "label", slice_from(label));
    duration_format(&v->scratch, us);
    view_scratch(v, mark, "value");
}

/* Powers of ten from 1 us on; of a narrow distribution also twos and fives. */
static void add_duration_ticks(view *v, value *chart, const duration_axis *axis)
{
    static const int64_t factors[] = {1, 2, 5};
    int64_t from = duration_axis_from(axis, 0);
    int64_t to = duration_axis_from(axis, axis->columns);
    size_t n = to / 200 > from ? 1 : 3;
    value *ticks = value_add_list(v->b, chart, "ticks");
    for (int64_t power = 1; power <= to && power < INT64_MAX / 10; power *= 10) {
        for (size_t i = 0; i < n; i++) {
            int64_t us = power * factors[i];
            if (us >= from && us < to) {
                value *tick = value_add_object(v->b, ticks, NULL);
                add_place(v, tick, duration_axis_at(axis, us));
                duration_format_round(&v->scratch, us);
                view_scratch(v, tick, "label");
            }
        }
    }
}

static void add_distribution(view *v, value *root)
{
    const model *m = v->m;
    duration_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    if (!duration_axis_fit(m->histogram, m->n_histogram, MAIN_COLUMNS, &axis)) {
        value_add_null(v->b, root, "distribution");
        return;
    }
    value *chart = display_object(v, root, "distribution");
    duration_axis_sum(&axis, m->histogram, m->n_histogram, time, calls);
    add_path(v, chart, "time_path", time, axis.columns, MAIN_WIDTH, MAIN_HEIGHT);
    add_path(v, chart, "calls_path", calls, axis.columns, MAIN_WIDTH, MAIN_HEIGHT);
    add_duration_ticks(v, chart, &axis);
    value *marks = value_add_list(v->b, chart, "marks");
    add_mark(v, marks, &axis, "p50", 0, m->time.p50);
    add_mark(v, marks, &axis, "p95", 1, m->time.p95);
    add_mark(v, marks, &axis, "p99", 2, m->time.p99);
    value *bars = value_add_list(v->b, chart, "bars");
    for (uint32_t i = 0; i < axis.columns; i++) {
        if (calls[i] > 0) {
            value *bar = add_bar(v, bars, i, axis.columns);
            duration_format(&v->scratch, duration_axis_from(&axis, i));
            buf_add_text(&v->scratch, " to ");
            duration_format(&v->scratch, duration_axis_from(&axis, i + 1));
            add_figures_of(v, bar, calls[i], time[i]);
        }
    }
}

/* --- rankings ----------------------------------------------------------------------------- */

static void add_snippet(view *v, value *parent, slice text, unsigned columns)
{
    buf safe;
    buf_init(&safe, v->scratch.max);
    escape_terminal(&safe, text);
    layout_add_cut(&v->scratch, buf_slice(&safe), columns);
    v->b->failed = v->b->failed || safe.failed;
    view_scratch(v, parent, "snippet");
    buf_free(&safe);
}

static void add_ranked(view *v, value *list, model_ranking_id by, const model_query *q)
{
    value *item = value_add_object(v->b, list, NULL);
    id_format(&v->scratch, q->id);
    view_scratch(v, item, "id");
    add_snippet(v, item, q->text, SNIPPET_COLUMNS);
    switch (by) {
    case RANKING_TOTAL:
        duration_format(&v->scratch, q->time.total);
        break;
    case RANKING_MEAN:
        duration_format(&v->scratch, q->time.mean);
        break;
    case RANKING_P95:
        duration_format(&v->scratch, q->time.p95);
        break;
    case RANKING_CALLS:
        count_format(&v->scratch, q->calls);
        break;
    }
    view_scratch(v, item, "figure");
}

static void add_rankings(view *v, value *root)
{
    static const struct {
        const char *title, *figure;
    } titles[MODEL_RANKINGS] = {[RANKING_TOTAL] = {"Most time in all", "Total"},
                                [RANKING_MEAN] = {"Slowest on average", "Mean"},
                                [RANKING_P95] = {"Slowest at the 95th percentile", "p95"},
                                [RANKING_CALLS] = {"Called most often", "Calls"}};
    value *rankings = display_list(v, root, "rankings");
    for (int r = 0; r < MODEL_RANKINGS; r++) {
        const model_ranking *ranking = &v->m->rankings[r];
        if (ranking->n == 0) {
            continue;
        }
        value *item = value_add_object(v->b, rankings, NULL);
        value_add_display(v->b, item, "title", slice_from(titles[r].title));
        value_add_display(v->b, item, "figure_title", slice_from(titles[r].figure));
        value *list = value_add_list(v->b, item, "ranked");
        for (uint32_t i = 0; i < ranking->n; i++) {
            add_ranked(v, list, (model_ranking_id)r, ranking->items[i]);
        }
    }
}

/* --- one query ------------------------------------------------------------------------------ */

static void add_piece(view *v, const sql_piece *piece)
{
    static const char *const tags[] = {[PIECE_PLAIN] = NULL,
                                       [PIECE_KEYWORD] = "b",
                                       [PIECE_PLACEHOLDER] = "i",
                                       [PIECE_QUOTED] = NULL};
    if (piece->gap == GAP_LINE) {
        buf_add_char(&v->scratch, '\n');
        buf_add_repeat(&v->scratch, ' ', piece->indent);
    } else if (piece->gap == GAP_SPACE) {
        buf_add_char(&v->scratch, ' ');
    }
    const char *tag = tags[piece->kind];
    if (tag != NULL) {
        buf_printf(&v->scratch, "<%s>", tag);
    }
    escape_text(&v->scratch, piece->text, ESCAPE_HTML);
    if (tag != NULL) {
        buf_printf(&v->scratch, "</%s>", tag);
    }
}

/* The query's text as HTML: laid out, its keywords and placeholders marked. */
static void add_marked_text(view *v, value *query, slice text)
{
    size_t n = v->single || text.n <= FULL_BYTES ? text.n : FULL_BYTES;
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) {
        n--; /* not within a character */
    }
    sql_layout layout;
    sql_piece piece;
    sql_layout_init(&layout, slice_take(text, n), VIEW_LISTING_COLUMNS);
    while (sql_layout_next(&layout, &piece)) {
        add_piece(v, &piece);
    }
    if (n < text.n) {
        buf_add_text(&v->scratch, "\n… and ");
        counted_format(&v->scratch, (int64_t)(text.n - n), "more byte", "more bytes");
    }
    view_scratch(v, query, "marked_text");
}

/* The share as tenths of the largest one; empty where the bar would be too short to see. */
static void add_bar_step(view *v, value *query, const model_query *q)
{
    int64_t most = v->most_total;
    int64_t tenths = most > 0 ? (int64_t)((__int128)q->time.total * 20 / most + 1) / 2 : 0;
    if (tenths > 0) {
        buf_add_u64(&v->scratch, (uint64_t)tenths);
    }
    view_scratch(v, query, "bar");
}

static void add_small_series(view *v, value *query, const model_query *q)
{
    time_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    if (q->calls < CHARTED_CALLS || q->series.n == 0 ||
        !time_axis_fit(v->m, SMALL_COLUMNS, &axis) || axis.columns < 2) {
        value_add_display(v->b, query, "series_path", (slice){0});
        return;
    }
    time_axis_sum(&axis, &q->series, time, calls);
    add_path(v, query, "series_path", q->time.total > 0 ? time : calls, axis.columns, SMALL_WIDTH,
             SMALL_HEIGHT);
}

static void add_small_histogram(view *v, value *query, const model_query *q)
{
    duration_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    if (q->time.n < CHARTED_CALLS ||
        !duration_axis_fit(q->histogram, q->n_histogram, SMALL_COLUMNS, &axis)) {
        value_add_display(v->b, query, "histogram_path", (slice){0});
        return;
    }
    duration_axis_sum(&axis, q->histogram, q->n_histogram, time, calls);
    add_path(v, query, "histogram_path", calls, axis.columns, SMALL_WIDTH, SMALL_HEIGHT);
    const int64_t marks[] = {q->time.p50, q->time.p95, q->time.p99};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        buf_printf(&v->scratch, "M%u 0v%u", duration_axis_at(&axis, marks[i]) * SMALL_WIDTH / 1000,
                   SMALL_HEIGHT);
    }
    view_scratch(v, query, "marks_path");
}

/* "shop 1,385 calls, 12.3 s; stats 3 calls, 2.1 ms; and 4 more". */
static void format_names(view *v, const model_shares *shares)
{
    for (uint32_t i = 0; i < shares->n && i < NAMES_SHOWN; i++) {
        const model_share *share = &shares->items[i];
        buf_add_text(&v->scratch, i == 0 ? "" : "; ");
        buf_add(&v->scratch, share->name.n > 0 ? share->name : SLICE("(unknown)"));
        buf_add_char(&v->scratch, ' ');
        counted_format(&v->scratch, share->calls, "call", "calls");
        buf_add_text(&v->scratch, ", ");
        duration_format(&v->scratch, share->time);
    }
    if (shares->n > NAMES_SHOWN) {
        buf_add_text(&v->scratch, "; and ");
        count_format(&v->scratch, (int64_t)shares->n - NAMES_SHOWN);
        buf_add_text(&v->scratch, " more");
    }
}

/* One name alone, and of every call: not only of those whose name the log has. */
static bool is_always_same(const model_shares *shares, const model_query *q)
{
    return shares->n == 1 && shares->items[0].calls >= q->calls;
}

/* Who runs it: what is always the same on one line, as "shop · web · 127.0.0.1", and a line for
 * each of the others. */
static void add_who(view *v, value *query, const model_query *q)
{
    const struct {
        const char *label;
        const model_shares *shares;
    } kinds[] = {{"Databases", &q->databases},
                 {"Users", &q->users},
                 {"Applications", &q->applications},
                 {"Hosts", &q->hosts}};
    value *several = display_list(v, query, "several");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].shares->n > 0 && !is_always_same(kinds[i].shares, q)) {
            value *item = value_add_object(v->b, several, NULL);
            value_add_display(v->b, item, "label", slice_from(kinds[i].label));
            format_names(v, kinds[i].shares);
            view_scratch(v, item, "names");
        }
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_always_same(kinds[i].shares, q)) {
            buf_add_text(&v->scratch, v->scratch.n > 0 ? " · " : "");
            buf_add(&v->scratch, kinds[i].shares->items[0].name);
        }
    }
    view_scratch(v, query, "always");
}

/* The slowest executions; of whom only where that is not always the same. */
static void add_slowest(view *v, value *query, const model_query *q, bool full)
{
    value *list = display_list(v, query, "slowest");
    uint32_t n = q->n_examples < EXAMPLES_SHOWN ? q->n_examples : EXAMPLES_SHOWN;
    for (uint32_t i = 0; i < (full || n < 1 ? n : 1); i++) {
        const model_example *example = &q->examples[i];
        value *item = value_add_object(v->b, list, NULL);
        view_place(v, item, slice_skip(example->path, v->folder), example->line);
        duration_format(&v->scratch, example->duration);
        view_scratch(v, item, "ms");
        if (example->at != 0) {
            short_time_format(&v->scratch, v->m, example->at);
        }
        view_scratch(v, item, "when");
        if (q->users.n > 1 || q->databases.n > 1) {
            account_format(&v->scratch, example->user, example->database);
        }
        view_scratch(v, item, "account");
    }
}

static void add_seen(view *v, value *query, const model_query *q)
{
    if (q->first_seen != 0) {
        short_time_format(&v->scratch, v->m, q->first_seen);
        buf_add_text(&v->scratch, " to ");
        short_time_format(&v->scratch, v->m, q->last_seen);
    }
    view_scratch(v, query, "seen");
}

void view_html_query(view *v, value *query, const model_query *q)
{
    bool full = q->rank <= FULL_QUERIES || v->single;
    view_flag(v, query, "full", full);
    view_flag(v, query, "repeated", q->time.n > 1);
    view_counted(v, query, "calls_text", q->calls, "call", "calls");
    add_snippet(v, query, q->text, full ? SNIPPET_COLUMNS : BRIEF_COLUMNS);
    add_bar_step(v, query, q);
    add_who(v, query, q);
    add_slowest(v, query, q, full);
    view_flag(v, query, "charted", q->calls >= CHARTED_CALLS);
    if (full) {
        add_marked_text(v, query, q->text);
        add_seen(v, query, q);
        add_small_series(v, query, q);
        add_small_histogram(v, query, q);
    }
}

/* --- the page ------------------------------------------------------------------------------- */

/* The length of the folder's name, with its slash, that all files lie in. */
static size_t common_folder(const model *m)
{
    slice common = {0};
    for (uint32_t i = 0; i < m->n_sources; i++) {
        for (uint32_t k = 0; k < m->sources[i].n_files; k++) {
            slice path = m->sources[i].files[k].path;
            size_t n = 0;
            while (n < path.n && n < common.n && path.p[n] == common.p[n]) {
                n++;
            }
            common = common.p == NULL ? path : slice_take(path, n);
        }
    }
    while (common.n > 0 && common.p[common.n - 1] != '/') {
        common.n--;
    }
    return common.n;
}

void view_html_begin(view *v)
{
    v->folder = common_folder(v->m);
    for (uint32_t i = 0; i < v->m->n_queries; i++) {
        int64_t total = v->m->queries[i].time.total;
        v->most_total = total > v->most_total ? total : v->most_total;
    }
}

void view_html_page(view *v, value *root)
{
    slice style = {0};
    slice script = {0};
    asset_find(SLICE("style.css"), &style);
    asset_find(SLICE("report.js"), &script);
    value_add_display(v->b, root, "style", style);
    value_add_display(v->b, root, "script", script);
    policy_source_format(&v->scratch, style);
    view_scratch(v, root, "style_source");
    policy_source_format(&v->scratch, script);
    view_scratch(v, root, "script_source");
    add_load_chart(v, root);
    add_distribution(v, root);
    add_rankings(v, root);
}
