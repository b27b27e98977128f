/* compare_text.c - see compare_text.h. */
#include "report/compare_text.h"

#include "base/number.h"
#include "report/compose.h"
#include "report/escape.h"
#include "report/figures.h"

enum { INDENT = 4, COLUMN_GAP = 2, ROWS = 3 /* head, before, after */ };

typedef enum column_id {
    COLUMN_LABEL,
    COLUMN_CALLS,
    COLUMN_HOURLY,
    COLUMN_MEAN,
    COLUMN_P50,
    COLUMN_P95,
    COLUMN_TOTAL,
    COLUMN_SHARE,
    COLUMN_ROWS,
    COLUMNS
} column_id;

/* What a narrow terminal does without, in this order. */
static const column_id DROPPED[] = {COLUMN_P50, COLUMN_SHARE, COLUMN_P95, COLUMN_HOURLY};

typedef struct screen {
    const comparison *c;
    const text_options *o;
    buf *out;
    buf line;    /* being composed */
    buf scratch; /* for one formatter */
} screen;

static void flush(screen *s, unsigned indent)
{
    layout_flush(s->o, s->out, &s->line, indent);
}

/* --- the two windows ------------------------------------------------------------------- */

static void show_window(screen *s, const char *label, const model *m, slice name)
{
    compose_label(&s->line, label);
    escape_terminal(&s->line, name);
    buf_add_text(&s->line, name.n > 0 ? ": " : "");
    if (has_window(m)) {
        window_format(&s->scratch, m);
        buf_add_char(&s->scratch, ' ');
        zone_name_format(&s->scratch, m);
        compose_scratch(&s->line, &s->scratch);
        buf_add_text(&s->line, " (");
        compose_duration(&s->line, window_length(m));
        buf_add_text(&s->line, "), ");
    }
    compose_calls(&s->line, m->calls, m->estimated_calls);
    buf_add_text(&s->line, " of ");
    compose_count(&s->line, m->fingerprints, "query", "queries");
    if (m->time.n > 0) {
        buf_add_text(&s->line, ", ");
        compose_duration(&s->line, m->time.total);
        buf_add_text(&s->line, " of query time");
    }
    flush(s, LABEL_COLUMNS);
}

/* What a store cannot tell of a selection; what a log cannot show its own report says. */
static void show_limits(screen *s, const model *m)
{
    for (uint32_t i = 0; i < m->n_limits; i++) {
        const model_limit *limit = &m->limits[i];
        if (limit->source.n == 0) {
            compose_label(&s->line, "Not shown");
            escape_terminal(&s->line, limit->cannot_show);
            buf_add_text(&s->line, limit->because.n > 0 ? ": " : "");
            escape_terminal(&s->line, limit->because);
            flush(s, LABEL_COLUMNS);
        }
    }
}

static void show_words(screen *s, const char *label, void (*format)(buf *out, const comparison *c))
{
    format(&s->scratch, s->c);
    if (s->scratch.n > 0) {
        compose_label(&s->line, label);
        compose_scratch(&s->line, &s->scratch);
        flush(s, LABEL_COLUMNS);
    }
}

static void show_head(screen *s)
{
    const comparison *c = s->c;
    show_window(s, "Before", c->before, c->names[0]);
    show_window(s, "After", c->after, c->names[1]);
    if (c->after->selection.n > 0) {
        compose_label(&s->line, "Selected");
        escape_terminal(&s->line, c->after->selection);
        flush(s, LABEL_COLUMNS);
    }
    show_limits(s, c->before);
    show_limits(s, c->after);
    show_words(s, "Compared", comparison_region_format);
    show_words(s, "All", comparison_tide_format);
    show_words(s, "Result", comparison_verdict_format);
    compose_label(&s->line, "");
    buf_add_text(&s->line, COMPARISON_UNTESTED);
    flush(s, LABEL_COLUMNS);
}

/* --- one query ---------------------------------------------------------------------------- */

static void time_cell(buf *cell, bool known, int64_t us)
{
    if (known) {
        duration_format(cell, us);
    } else {
        buf_add_char(cell, '-');
    }
}

static void number_cell(buf *cell, int64_t permille)
{
    if (permille >= 0) {
        decimal_format(cell, permille, 3);
    } else {
        buf_add_char(cell, '-');
    }
}

static void compose_figure(buf *cell, const change_side *side, int64_t total, column_id column)
{
    bool timed = side->time.n > 0;
    bool spread = timed && !side->time.sum_alone;
    switch (column) {
    case COLUMN_CALLS:
        count_format(cell, side->calls);
        break;
    case COLUMN_HOURLY:
        number_cell(cell, side->hourly);
        break;
    case COLUMN_MEAN:
        time_cell(cell, timed, side->time.mean);
        break;
    case COLUMN_P50:
        time_cell(cell, spread, side->time.p50);
        break;
    case COLUMN_P95:
        time_cell(cell, spread, side->time.p95);
        break;
    case COLUMN_TOTAL:
        time_cell(cell, timed, side->time.total);
        break;
    case COLUMN_SHARE:
        share_format(cell, side->time.total, timed ? total : 0);
        break;
    default:
        number_cell(cell, side->examined_per_sent);
        break;
    }
}

static void compose_cell(const screen *s, const change *x, int row, column_id column, buf *cell)
{
    static const char *const titles[COLUMNS] = {"",    "Calls", "Calls/h", "Mean",         "p50",
                                                "p95", "Total", "Share",   "Examined/sent"};
    static const char *const labels[ROWS] = {"", "before", "after"};
    if (row == 0) {
        buf_add_text(cell, titles[column]);
    } else if (column == COLUMN_LABEL) {
        buf_add_text(cell, labels[row]);
    } else {
        compose_figure(cell, row == 1 ? &x->before : &x->after, s->c->totals[row - 1], column);
    }
}

/* Columns of which neither window knows anything take no room. */
static bool is_idle(const screen *s, const change *x, column_id column)
{
    return (column == COLUMN_HOURLY && !s->c->hourly) ||
           (column == COLUMN_ROWS && x->before.examined_per_sent < 0 &&
            x->after.examined_per_sent < 0);
}

static void measure_columns(screen *s, const change *x, unsigned width[COLUMNS])
{
    unsigned taken = INDENT;
    for (int k = 0; k < COLUMNS; k++) {
        width[k] = 0;
        for (int row = 0; row < ROWS && !is_idle(s, x, (column_id)k); row++) {
            compose_cell(s, x, row, (column_id)k, &s->scratch);
            unsigned columns = layout_columns(buf_slice(&s->scratch));
            width[k] = columns > width[k] ? columns : width[k];
            buf_clear(&s->scratch);
        }
        taken += width[k] > 0 ? width[k] + COLUMN_GAP : 0;
    }
    for (size_t i = 0; i < sizeof DROPPED / sizeof DROPPED[0]; i++) {
        if (taken > layout_width(s->o) + COLUMN_GAP && width[DROPPED[i]] > 0) {
            taken -= width[DROPPED[i]] + COLUMN_GAP;
            width[DROPPED[i]] = 0;
        }
    }
}

static void show_figures(screen *s, const change *x)
{
    unsigned width[COLUMNS];
    measure_columns(s, x, width);
    for (int row = 0; row < ROWS; row++) {
        buf_add_repeat(&s->line, ' ', INDENT);
        buf_add_text(&s->line, row == 0 ? LAYOUT_DIM : "");
        for (int k = 0; k < COLUMNS; k++) {
            if (width[k] == 0) {
                continue;
            }
            compose_cell(s, x, row, (column_id)k, &s->scratch);
            if (k == COLUMN_LABEL) {
                layout_add_left(&s->line, buf_slice(&s->scratch), width[k]);
            } else {
                buf_add_repeat(&s->line, ' ', COLUMN_GAP);
                layout_add_right(&s->line, buf_slice(&s->scratch), width[k]);
            }
            buf_clear(&s->scratch);
        }
        buf_add_text(&s->line, row == 0 ? LAYOUT_PLAIN : "");
        flush(s, INDENT);
    }
}

/* On a line of its own, cut where it is longer. */
static void show_text(screen *s, const change *x)
{
    buf safe;
    buf_init(&safe, s->line.max);
    escape_terminal(&safe, x->query->text);
    buf_add_repeat(&s->line, ' ', INDENT);
    layout_add_cut(&s->line, buf_slice(&safe), layout_width(s->o) - INDENT);
    flush(s, INDENT);
    s->out->failed = s->out->failed || safe.failed;
    buf_free(&safe);
}

static void show_change(screen *s, const change *x)
{
    buf_add_text(&s->line, "  " LAYOUT_BOLD);
    id_format(&s->line, x->id);
    buf_add_text(&s->line, LAYOUT_PLAIN "  ");
    change_summary_format(&s->scratch, x, s->c);
    compose_scratch(&s->line, &s->scratch);
    flush(s, INDENT);
    show_text(s, x);
    if (x->kind == CHANGE_NEW || x->kind == CHANGE_GONE) {
        return;
    }
    change_reason_format(&s->scratch, x);
    if (s->scratch.n > 0) {
        buf_add_repeat(&s->line, ' ', INDENT);
        compose_scratch(&s->line, &s->scratch);
        flush(s, INDENT);
    }
    show_figures(s, x);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void show_kind(screen *s, change_kind kind, uint32_t first, uint32_t limit)
{
    uint32_t n = s->c->n_of[kind];
    uint32_t shown = limit > 0 && limit < n ? limit : n;
    if (n == 0) {
        return;
    }
    buf_add_char(s->out, '\n');
    buf_add_text(&s->line, LAYOUT_BOLD);
    buf_add_text(&s->line, change_kinds[kind].title);
    buf_add_text(&s->line, LAYOUT_PLAIN);
    flush(s, 0);
    for (uint32_t i = 0; i < shown; i++) {
        show_change(s, &s->c->changes[first + i]);
    }
    if (shown < n) {
        buf_add_text(&s->line, LAYOUT_DIM "  … and ");
        compose_count(&s->line, n - shown, "more query", "more queries");
        buf_add_text(&s->line, LAYOUT_PLAIN);
        flush(s, INDENT);
    }
}

/* Not wrapped: it is there to be copied. */
static void show_command(screen *s)
{
    if (s->c->n_changes == 0 || s->c->after->command.n == 0) {
        return;
    }
    const change *first = &s->c->changes[0];
    const model *m = first->after.query != NULL ? s->c->after : s->c->before;
    buf_add_text(s->out, "\nOne query in full:\n  ");
    command_format(&s->scratch, m, first->id);
    compose_scratch(s->out, &s->scratch);
    buf_add_char(s->out, '\n');
}

void comparison_text(const comparison *c, uint32_t limit, const text_options *o, buf *out)
{
    screen s = {.c = c, .o = o, .out = out};
    buf_init(&s.line, out->max);
    buf_init(&s.scratch, out->max);
    show_head(&s);
    uint32_t first = 0;
    for (int k = 0; k < CHANGE_SERVER; k++) {
        show_kind(&s, (change_kind)k, first, limit);
        first += c->n_of[k];
    }
    comparison_rest_format(&s.scratch, c);
    if (s.scratch.n > 0) {
        buf_add_text(&s.line, LAYOUT_DIM "… and ");
        compose_scratch(&s.line, &s.scratch);
        buf_add_text(&s.line, LAYOUT_PLAIN);
        buf_add_char(out, '\n');
        flush(&s, 0);
    }
    show_command(&s);
    out->failed = out->failed || s.line.failed || s.scratch.failed;
    buf_free(&s.line);
    buf_free(&s.scratch);
}
