/* view_charts.c - the charts of the HTML report, as paths, ticks and marks for its templates.
 * chart.h has their geometry. Private to the view. */
#include <stdlib.h>

#include "base/number.h"
#include "base/time_units.h"
#include "base/timestamp.h"
#include "report/chart.h"
#include "report/figures.h"
#include "report/view_html.h"

enum {
    MAIN_COLUMNS = 100,
    MAIN_WIDTH = 1000, /* units of the large charts */
    MAIN_HEIGHT = 100,
    TICKS = 6,
    SMALL_COLUMNS = 48,
    SMALL_WIDTH = 300, /* pixels */
    SMALL_HEIGHT = 44,
    CHARTED_CALLS = 5, /* fewer are told by their examples */
    STACKED = 5,       /* queries that have a colour in the load */
    KEY_COLUMNS = 48   /* of their text beside it */
};

static const int64_t US_PER_YEAR = 365 * US_PER_DAY;

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
    return window > 0 ? (uint32_t)((__int128)into * 1000 / window) : 0;
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
    int64_t shift = (int64_t)v->m->zone_offset * US_PER_SECOND;
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

/* --- moments that explain it ------------------------------------------------------------ */

/* A finding that begins at a moment or something that happened: one of them. */
typedef struct time_mark {
    int64_t at;
    const finding *finding;
    const occurrence *occurrence;
} time_mark;

enum { MOMENTS = 64, MOMENT_WIDTH = 12 /* thousandths that a number takes */ };

static bool has_moment(const model *m, const finding *f)
{
    bool begins = f->kind == FINDING_STALL || f->kind == FINDING_PLAN_CHANGE ||
                  f->kind == FINDING_RETRY_STORM || f->kind == FINDING_LONG_TRANSACTION ||
                  f->kind == FINDING_CHECKPOINT_PRESSURE || f->kind == FINDING_CONNECTION_CHURN;
    return begins && f->first_seen >= m->from && f->first_seen <= m->to;
}

static uint32_t find_moments(const model *m, time_mark moments[MOMENTS])
{
    enum { FINDINGS = 8 };
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_findings && n < FINDINGS; i++) {
        if (has_moment(m, &m->findings[i])) {
            moments[n++] = (time_mark){m->findings[i].first_seen, &m->findings[i], NULL};
        }
    }
    for (uint32_t i = 0; i < m->n_occurrences && n < MOMENTS; i++) {
        moments[n++] = (time_mark){m->occurrences[i].at, NULL, &m->occurrences[i]};
    }
    return n;
}

/* Of one moment what happened comes before what was found, and each in its own order. */
static int compare_moments(const void *a, const void *b)
{
    const time_mark *x = a;
    const time_mark *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    if (x->occurrence != NULL && y->occurrence != NULL) {
        return (x->occurrence > y->occurrence) - (x->occurrence < y->occurrence);
    }
    return x->occurrence != NULL ? -1 : y->occurrence != NULL;
}

/* A number on the time line, and what it stands for below: what happened one soon after the other
 * has one number. */
static void add_moments(view *v, value *chart, const time_axis *axis)
{
    time_mark moments[MOMENTS];
    uint32_t n = find_moments(v->m, moments);
    uint32_t number = 0;
    value *list = view_display_list(v, chart, "moments");
    qsort(moments, n, sizeof *moments, compare_moments);
    for (uint32_t i = 0; i < n; i++) {
        const time_mark *first = &moments[i];
        value *item = value_add_object(v->b, list, NULL);
        uint32_t at = time_permille(axis, first->at);
        add_number(v, item, "number", ++number);
        add_place(v, item, at);
        short_time_format(&v->scratch, v->m, first->at);
        view_scratch(v, item, "at");
        if (first->finding != NULL) {
            id_format(&v->scratch, first->finding->id);
            view_scratch(v, item, "finding");
            value_add_display(v->b, item, "what", first->finding->title);
            continue;
        }
        view_scratch(v, item, "finding");
        occurrence_format(&v->scratch, first->occurrence);
        while (i + 1 < n && moments[i + 1].occurrence != NULL &&
               time_permille(axis, moments[i + 1].at) < at + MOMENT_WIDTH) {
            buf_add_text(&v->scratch, ", ");
            occurrence_format(&v->scratch, moments[++i].occurrence);
        }
        view_scratch(v, item, "what");
    }
    view_flag(v, chart, "has_moments", n > 0);
}

/* --- who makes it ------------------------------------------------------------------------- */

/* What the queries come to with those below them, by column. */
typedef struct stack {
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
} stack;

/* One colour's part of both charts: drawn up to what it and those below it come to, so that what is
 * drawn later leaves just its own part to be seen. */
static value *add_layer(view *v, value *layers, const time_axis *axis, const stack *upto,
                        const stack *all, uint32_t colour)
{
    value *layer = value_add_object(v->b, layers, NULL);
    buf_printf(&v->scratch, "s%u", colour);
    view_scratch(v, layer, "colour");
    chart_path(upto->time, axis->columns, chart_most(all->time, axis->columns), MAIN_WIDTH,
               MAIN_HEIGHT, &v->scratch);
    view_scratch(v, layer, "time_path");
    chart_path(upto->calls, axis->columns, chart_most(all->calls, axis->columns), MAIN_WIDTH,
               MAIN_HEIGHT, &v->scratch);
    view_scratch(v, layer, "calls_path");
    return layer;
}

static void add_key(view *v, value *key, const model_query *q, uint32_t colour)
{
    value *item = value_add_object(v->b, key, NULL);
    buf_printf(&v->scratch, "s%u", colour);
    view_scratch(v, item, "colour");
    id_format(&v->scratch, q->id);
    view_scratch(v, item, "id");
    view_part(v, item, "share", q->time.total, v->m->time.total);
    view_snippet(v, item, q->text, KEY_COLUMNS);
}

/* The load as the queries that take most of it, one above the other, and all others on top. */
static void add_layers(view *v, value *chart, const time_axis *axis, const stack *all)
{
    const model_ranking *leaders = &v->m->rankings[RANKING_TOTAL];
    stack upto[STACKED] = {0};
    value *key = view_display_list(v, chart, "key");
    value *layers = view_display_list(v, chart, "layers");
    uint32_t n = leaders->n < STACKED ? leaders->n : STACKED;
    for (uint32_t i = 0; i < n; i++) {
        stack own;
        time_axis_sum(axis, &leaders->items[i]->series, own.time, own.calls);
        for (uint32_t c = 0; c < axis->columns; c++) {
            upto[i].time[c] = own.time[c] + (i > 0 ? upto[i - 1].time[c] : 0);
            upto[i].calls[c] = own.calls[c] + (i > 0 ? upto[i - 1].calls[c] : 0);
        }
        add_key(v, key, leaders->items[i], i + 1);
    }
    add_layer(v, layers, axis, all, all, 0);
    for (uint32_t i = n; i > 0; i--) {
        add_layer(v, layers, axis, &upto[i - 1], all, i);
    }
    view_flag(v, chart, "has_key", n > 1);
    view_flag(v, chart, "others", v->m->fingerprints > n);
}

static void add_load_chart(view *v, value *root)
{
    time_axis axis;
    stack all;
    int64_t *time = all.time;
    int64_t *calls = all.calls;
    if (!time_axis_fit(v->m, MAIN_COLUMNS, &axis)) {
        value_add_null(v->b, root, "load_chart");
        return;
    }
    value *chart = view_display_object(v, root, "load_chart");
    time_axis_sum(&axis, &v->m->series, time, calls);
    bool timed = v->m->time.total > 0;
    view_flag(v, chart, "timed", timed);
    add_layers(v, chart, &axis, &all);
    duration_format_round(&v->scratch, axis.step);
    view_scratch(v, chart, "step");
    view_counted(v, chart, "most_calls", chart_most(calls, axis.columns), "call", "calls");
    add_time_ticks(v, chart, &axis);
    add_levels(v, chart, chart_most(timed ? time : calls, axis.columns), timed);
    add_busiest_mark(v, chart, &axis);
    add_moments(v, chart, &axis);
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

static void add_duration_tick(view *v, value *ticks, const duration_axis *axis, int64_t us)
{
    if (us >= duration_axis_from(axis, 0) && us < duration_axis_from(axis, axis->columns)) {
        value *tick = value_add_object(v->b, ticks, NULL);
        add_place(v, tick, duration_axis_at(axis, us));
        duration_format_round(&v->scratch, us);
        view_scratch(v, tick, "label");
    }
}

/* About one for each power of ten; of a narrow distribution also twos and fives. */
static void add_duration_ticks(view *v, value *chart, const duration_axis *axis)
{
    static const int64_t decades[] = {
        1,        10,       100,       1000,       10000,       100000,       1000000,
        10000000, 60000000, 600000000, 3600000000, 36000000000, 864000000000, 8640000000000};
    int64_t from = duration_axis_from(axis, 0);
    bool narrow = duration_axis_from(axis, axis->columns) / 200 <= from;
    value *ticks = value_add_list(v->b, chart, "ticks");
    for (size_t i = 0; i < sizeof decades / sizeof *decades; i++) {
        add_duration_tick(v, ticks, axis, decades[i]);
        if (narrow) {
            add_duration_tick(v, ticks, axis, decades[i] * 2);
            add_duration_tick(v, ticks, axis, decades[i] * 5);
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
    value *chart = view_display_object(v, root, "distribution");
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

void view_page_charts(view *v, value *root)
{
    add_load_chart(v, root);
    add_distribution(v, root);
}

/* --- of one query ------------------------------------------------------------------------ */

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

void view_query_charts(view *v, value *query, const model_query *q)
{
    view_flag(v, query, "charted", q->calls >= CHARTED_CALLS);
    add_small_series(v, query, q);
    add_small_histogram(v, query, q);
}
