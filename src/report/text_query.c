/* text_query.c - see text.h: everything that is known of one query. */
#include "base/number.h"
#include "report/chart.h"
#include "report/compose.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/sql_layout.h"
#include "report/text.h"

enum { MAX_HISTOGRAM_ROWS = 12, TEXT_INDENT = 2 };

typedef struct sheet {
    const model *m;
    const model_query *q;
    const text_options *o;
    buf *out;
    buf line;    /* being composed */
    buf scratch; /* for one formatter */
} sheet;

static void flush(sheet *s)
{
    layout_flush(s->o, s->out, &s->line, LABEL_COLUMNS);
}

static void heading(sheet *s, const char *title)
{
    buf_add_char(s->out, '\n');
    buf_add_text(&s->line, LAYOUT_BOLD);
    buf_add_text(&s->line, title);
    buf_add_text(&s->line, LAYOUT_PLAIN);
    flush(s);
}

/* --- figures -------------------------------------------------------------------- */

static void show_title(sheet *s)
{
    buf_add_text(&s->line, LAYOUT_BOLD);
    id_format(&s->line, s->q->id);
    buf_add_text(&s->line, LAYOUT_PLAIN);
    const slice words[] = {s->q->engine, s->q->verb};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        buf_add_text(&s->line, words[i].n > 0 ? "  " : "");
        escape_terminal(&s->line, words[i]);
    }
    flush(s);
    for (uint32_t i = 0; i < s->q->n_aliases; i++) {
        compose_label(&s->line, i == 0 ? "Also" : "");
        escape_terminal(&s->line, s->q->aliases[i].kind);
        buf_add_char(&s->line, ' ');
        escape_terminal(&s->line, s->q->aliases[i].value);
        flush(s);
    }
}

/* Laid out on lines, each of which is wrapped where it has no blank to break at. */
static void show_text(sheet *s)
{
    buf listing;
    buf_init(&listing, s->scratch.max);
    escape_terminal(&s->scratch, s->q->text);
    sql_layout_text(buf_slice(&s->scratch), layout_width(s->o) - TEXT_INDENT, &listing);
    buf_clear(&s->scratch);
    buf_add_char(s->out, '\n');
    for (slice rest = buf_slice(&listing); rest.n > 0;) {
        const char *end = memchr(rest.p, '\n', rest.n);
        slice line = end == NULL ? rest : slice_between(rest.p, end);
        buf_add_repeat(&s->line, ' ', TEXT_INDENT);
        buf_add(&s->line, line);
        layout_flush(s->o, s->out, &s->line, TEXT_INDENT);
        rest = slice_skip(rest, line.n + 1);
    }
    buf_add_char(s->out, '\n');
    s->out->failed = s->out->failed || listing.failed;
    buf_free(&listing);
}

static void show_errors(sheet *s)
{
    if (s->q->n_codes == 0) {
        return;
    }
    compose_label(&s->line, "Errors");
    for (uint32_t i = 0; i < s->q->n_codes; i++) {
        const model_code *code = &s->q->codes[i];
        buf_add_text(&s->line, i > 0 ? ", " : "");
        if (code->code.n > 0) {
            escape_terminal(&s->line, code->code);
        } else {
            buf_add_text(&s->line, "without a code");
        }
        buf_add_text(&s->line, ": ");
        count_format(&s->line, code->n);
    }
    flush(s);
}

static void show_load(sheet *s)
{
    int64_t permille;
    compose_label(&s->line, "Load");
    compose_calls(&s->line, s->q->calls, s->q->estimated_calls);
    buf_add_text(&s->line, ", ");
    compose_errors(&s->line, s->q->errors);
    if (s->q->time.n > 0) {
        buf_add_text(&s->line, ", ");
        compose_duration(&s->line, s->q->time.total);
        buf_add_text(&s->line, ", ");
        compose_share(&s->line, s->q->time.total, s->m->time.total);
        buf_add_text(&s->line, " of all query time");
    }
    if (s->q->time.n > 0 && load_permille(s->m, s->q->time.total, &permille)) {
        buf_add_text(&s->line, ", ");
        load_format(&s->line, permille);
        buf_add_text(&s->line, " sessions active on average");
    }
    flush(s);
    show_errors(s);
}

static void show_times(sheet *s)
{
    int64_t unsteadiness;
    compose_label(&s->line, "Times");
    if (s->q->time.n == 0) {
        buf_add_text(&s->line, "no durations in this log");
    } else {
        compose_statistics(&s->line, &s->q->time);
        if (!s->q->time.sum_alone) {
            buf_add_text(&s->line, ", min" LAYOUT_GLUE);
            compose_duration(&s->line, s->q->time.min);
            buf_add_text(&s->line, ", standard deviation" LAYOUT_GLUE);
            compose_duration(&s->line, s->q->time.stddev);
        }
        if (variance_to_mean(&s->q->time, &unsteadiness) && s->q->time.n > 1) {
            buf_add_text(&s->line, ", variance to mean" LAYOUT_GLUE);
            compose_duration(&s->line, unsteadiness);
        }
        if (s->q->time.n != s->q->calls) {
            buf_add_text(&s->line, ", of ");
            compose_count(&s->line, s->q->time.n, "timed call", "timed calls");
        }
    }
    flush(s);
}

static void compose_measure(sheet *s, const model_measure *measure, const char *name, int64_t n)
{
    buf_add_text(&s->line, name);
    buf_add_text(&s->line, LAYOUT_GLUE);
    if (slice_is(measure->unit, "us")) {
        compose_duration(&s->line, n);
    } else if (slice_is(measure->unit, "bytes")) {
        compose_bytes(&s->line, (uint64_t)n);
    } else if (slice_is(measure->unit, "millionths")) {
        decimal_format(&s->line, n, 6);
    } else {
        count_format(&s->line, n);
    }
}

static void show_figures(sheet *s, const model_measure *measure)
{
    const model_statistics *statistics = &measure->statistics;
    bool counted = measure_is_counted(measure);
    const struct {
        const char *name;
        int64_t value;
        bool thousandths;
    } figures[] = {{", mean", counted ? measure->mean_thousandths : statistics->mean, counted},
                   {", min", statistics->min, false},
                   {", p50", statistics->p50, false},
                   {", p95", statistics->p95, false},
                   {", p99", statistics->p99, false},
                   {", max", statistics->max, false},
                   {", standard deviation",
                    counted ? measure->stddev_thousandths : statistics->stddev, counted}};
    compose_measure(s, measure, "total", statistics->total);
    if (measure->of_all > statistics->total) {
        buf_add_text(&s->line, " (");
        compose_share(&s->line, statistics->total, measure->of_all);
        buf_add_text(&s->line, " of all)");
    }
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (figures[i].thousandths) {
            buf_add_text(&s->line, figures[i].name);
            buf_add_text(&s->line, LAYOUT_GLUE);
            decimal_format(&s->line, figures[i].value, 3);
        } else {
            compose_measure(s, measure, figures[i].name, figures[i].value);
        }
    }
}

static void show_measure(sheet *s, const model_measure *measure)
{
    compose_label(&s->line, "");
    measure_name_format(&s->scratch, measure);
    compose_scratch(&s->line, &s->scratch);
    buf_add_text(&s->line, ": ");
    if (slice_is(measure->unit, "yes")) {
        compose_share(&s->line, measure->statistics.total, measure->statistics.n);
        buf_add_text(&s->line, " of ");
        compose_count(&s->line, measure->statistics.n, "call", "calls");
    } else {
        show_figures(s, measure);
    }
    flush(s);
}

/* Those that tell something: in full they are in the JSON report. */
static void show_measures(sheet *s)
{
    int64_t permille;
    for (uint32_t i = 0; i < s->q->n_measures; i++) {
        if (measure_tells(&s->q->measures[i])) {
            show_measure(s, &s->q->measures[i]);
        }
    }
    if (rows_per_sent(s->q, &permille)) {
        compose_label(&s->line, "");
        count_format(&s->line, (permille + 500) / 1000);
        buf_add_text(&s->line, " rows examined for each that was sent");
        flush(s);
    }
}

static void show_seen(sheet *s)
{
    if (s->q->first_seen == 0 && s->q->last_seen == 0) {
        return;
    }
    compose_label(&s->line, "Seen");
    local_time_format(&s->line, s->m, s->q->first_seen, 0);
    buf_add_text(&s->line, " to ");
    local_time_format(&s->line, s->m, s->q->last_seen, 0);
    buf_add_char(&s->line, ' ');
    zone_name_format(&s->scratch, s->m);
    compose_scratch(&s->line, &s->scratch);
    flush(s);
}

static void show_notes(sheet *s)
{
    for (uint32_t i = 0; i < s->q->n_notes; i++) {
        compose_label(&s->line, i == 0 ? "Notes" : "");
        buf_add(&s->line, s->q->notes[i]);
        flush(s);
    }
}

/* --- who ------------------------------------------------------------------------- */

/* Behind its name. */
static void show_share(sheet *s, const model_share *share)
{
    buf_add_text(&s->line, ": ");
    compose_count(&s->line, share->calls, "call", "calls");
    buf_add_text(&s->line, ", ");
    compose_duration(&s->line, share->time);
    flush(s);
}

static void show_shares(sheet *s, const char *title, const model_shares *shares)
{
    for (uint32_t i = 0; i < shares->n; i++) {
        const model_share *share = &shares->items[i];
        compose_label(&s->line, i == 0 ? title : "");
        if (share->name.n > 0) {
            escape_terminal(&s->line, share->name);
        } else {
            buf_add_text(&s->line, "(unknown)");
        }
        show_share(s, share);
    }
}

static void show_tags(sheet *s)
{
    for (uint32_t i = 0; i < s->q->n_tags; i++) {
        const model_tag *tag = &s->q->tags[i];
        for (uint32_t k = 0; k < tag->values.n; k++) {
            compose_label(&s->line, i == 0 && k == 0 ? "Tags" : "");
            escape_terminal(&s->line, tag->key);
            buf_add_text(&s->line, " = ");
            escape_terminal(&s->line, tag->values.items[k].name);
            show_share(s, &tag->values.items[k]);
        }
    }
}

static void show_who(sheet *s)
{
    show_shares(s, "Databases", &s->q->databases);
    show_shares(s, "Users", &s->q->users);
    show_shares(s, "Programs", &s->q->applications);
    show_shares(s, "Hosts", &s->q->hosts);
    show_tags(s);
}

/* --- charts ------------------------------------------------------------------------ */

/* A bar of eighths of a column; never nothing for something. */
static void compose_bar(buf *line, int64_t n, int64_t max, unsigned columns)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (n <= 0 || max <= 0) {
        return;
    }
    unsigned total = (unsigned)((double)n / (double)max * columns * 8);
    total = total == 0 ? 1 : total > columns * 8 ? columns * 8 : total;
    for (unsigned i = 0; i < total / 8; i++) {
        buf_add_text(line, "█");
    }
    buf_add_text(line, eighths[total % 8]);
}

/* Neighbouring bins together, so that the chart stays small. */
static model_bin merged_bin(const model_query *q, uint32_t first, uint32_t n)
{
    model_bin bin = q->histogram[first];
    for (uint32_t i = first + 1; i < first + n && i < q->n_histogram; i++) {
        bin.to = q->histogram[i].to;
        bin.calls += q->histogram[i].calls;
    }
    return bin;
}

static void show_bin(sheet *s, const model_bin *bin, int64_t most)
{
    enum { TIME_COLUMNS = 10, COUNT_COLUMNS = 12, BAR_COLUMNS = 20 };
    unsigned width = layout_width(s->o);
    unsigned bar = width / 2 < 3 * BAR_COLUMNS ? BAR_COLUMNS : width / 2 - 2 * BAR_COLUMNS;
    duration_format(&s->scratch, bin->from);
    layout_add_right(&s->line, buf_slice(&s->scratch), TIME_COLUMNS);
    buf_clear(&s->scratch);
    buf_add_text(&s->line, " to ");
    duration_format(&s->scratch, bin->to);
    layout_add_right(&s->line, buf_slice(&s->scratch), TIME_COLUMNS);
    buf_clear(&s->scratch);
    count_format(&s->scratch, bin->calls);
    layout_add_right(&s->line, buf_slice(&s->scratch), COUNT_COLUMNS);
    buf_clear(&s->scratch);
    buf_add_text(&s->line, "  ");
    compose_bar(&s->line, bin->calls, most, bar);
    flush(s);
}

static void show_histogram(sheet *s)
{
    if (s->q->n_histogram == 0) {
        return;
    }
    heading(s, "Calls by query time");
    uint32_t step = (s->q->n_histogram + MAX_HISTOGRAM_ROWS - 1) / MAX_HISTOGRAM_ROWS;
    int64_t most = 0;
    for (uint32_t i = 0; i < s->q->n_histogram; i += step) {
        int64_t calls = merged_bin(s->q, i, step).calls;
        most = calls > most ? calls : most;
    }
    for (uint32_t i = 0; i < s->q->n_histogram; i += step) {
        model_bin bin = merged_bin(s->q, i, step);
        show_bin(s, &bin, most);
    }
}

static void compose_spark(buf *line, int64_t time, int64_t most)
{
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (time <= 0) {
        buf_add_text(line, LAYOUT_GLUE);
        return;
    }
    int level = (int)((double)time / (double)most * 8);
    buf_add_text(line, levels[level > 7 ? 7 : level]);
}

static void show_series(sheet *s)
{
    time_axis axis;
    int64_t time[CHART_COLUMNS_MAX];
    int64_t calls[CHART_COLUMNS_MAX];
    unsigned width = layout_width(s->o) - LABEL_COLUMNS;
    width = width < CHART_COLUMNS_MAX ? width : CHART_COLUMNS_MAX;
    if (s->q->series.n == 0 || !time_axis_fit(s->m, width, &axis)) {
        return;
    }
    heading(s, "Query time over the window");
    time_axis_sum(&axis, &s->q->series, time, calls);
    int64_t most = chart_most(time, axis.columns);
    for (unsigned i = 0; i < axis.columns; i++) {
        compose_spark(&s->line, time[i], most);
    }
    flush(s);
    buf_add_text(&s->line, LAYOUT_DIM "from ");
    local_time_format(&s->line, s->m, axis.begin, 0);
    buf_add_text(&s->line, ", ");
    compose_duration(&s->line, axis.step);
    buf_add_text(&s->line, " a column, at most ");
    compose_duration(&s->line, most);
    buf_add_text(&s->line, LAYOUT_PLAIN);
    flush(s);
}

/* --- plans ----------------------------------------------------------------------------- */

static void show_plan(sheet *s, const model_plan *plan)
{
    slice rest = plan->shape;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        slice line = end != NULL ? slice_between(rest.p, end) : rest;
        buf_add_repeat(&s->line, ' ', TEXT_INDENT);
        escape_terminal(&s->line, line);
        layout_flush(s->o, s->out, &s->line, 2 * TEXT_INDENT);
        rest = slice_skip(rest, line.n + 1);
    }
}

/* One is shown as it is; of several each with when it was seen. */
static void show_plans(sheet *s)
{
    if (s->q->n_plans == 0) {
        return;
    }
    heading(s, s->q->n_plans == 1 ? "Plan" : "The plan changed");
    for (uint32_t i = 0; i < s->q->n_plans; i++) {
        const model_plan *plan = &s->q->plans[i];
        if (s->q->n_plans > 1) {
            compose_count(&s->line, plan->calls, "call", "calls");
            buf_add_text(&s->line, ", ");
            compose_duration(&s->line, plan->time);
            if (plan->last_seen != 0) {
                buf_add_text(&s->line, ", ");
                local_time_format(&s->line, s->m, plan->first_seen, 0);
                buf_add_text(&s->line, " to ");
                local_time_format(&s->line, s->m, plan->last_seen, 0);
            }
            flush(s);
        }
        show_plan(s, plan);
    }
}

/* --- examples ------------------------------------------------------------------------ */

static void show_example(sheet *s, const model_example *example)
{
    buf_add_repeat(&s->line, ' ', TEXT_INDENT);
    location_format(&s->scratch, example->path, example->line);
    compose_scratch(&s->line, &s->scratch);
    if (example->at != 0) {
        buf_add_text(&s->line, "  ");
        size_t from = s->line.n;
        local_time_format(&s->line, s->m, example->at, 3);
        layout_glue(&s->line, from);
    }
    buf_add_text(&s->line, "  ");
    compose_duration(&s->line, example->duration);
    if (example->user.n > 0 || example->database.n > 0) {
        buf_add_text(&s->line, "  ");
        account_format(&s->scratch, example->user, example->database);
        compose_scratch(&s->line, &s->scratch);
    }
    if (example->application.n > 0) {
        buf_add_text(&s->line, "  ");
        escape_terminal(&s->line, example->application);
    }
    layout_flush(s->o, s->out, &s->line, 2 * TEXT_INDENT);
}

static void show_examples(sheet *s)
{
    if (s->q->n_examples == 0) {
        return;
    }
    heading(s, "Slowest");
    for (uint32_t i = 0; i < s->q->n_examples; i++) {
        show_example(s, &s->q->examples[i]);
    }
}

/* As it is, with its line ends, to be copied: they may end a comment. */
static void show_explain(sheet *s)
{
    if (s->q->explain.n > 0) {
        heading(s, "Explain");
        escape_terminal_lines(s->out, s->q->explain);
    }
}

void report_text_query(const model *m, const model_query *q, const text_options *o, buf *out)
{
    sheet s = {.m = m, .q = q, .o = o, .out = out};
    buf_init(&s.line, out->max);
    buf_init(&s.scratch, out->max);
    show_title(&s);
    show_text(&s);
    show_load(&s);
    show_times(&s);
    show_measures(&s);
    show_seen(&s);
    show_notes(&s);
    show_who(&s);
    report_text_findings(m, q, o, out);
    show_histogram(&s);
    show_series(&s);
    show_plans(&s);
    show_examples(&s);
    show_explain(&s);
    out->failed = out->failed || s.line.failed || s.scratch.failed;
    buf_free(&s.line);
    buf_free(&s.scratch);
}
