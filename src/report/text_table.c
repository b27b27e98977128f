/* text_table.c - see text_table.h. */
#include "report/text_table.h"

#include "base/number.h"
#include "report/compose.h"
#include "report/escape.h"

typedef enum column_id {
    COLUMN_RANK,
    COLUMN_SHARE,
    COLUMN_TOTAL,
    COLUMN_CALLS,
    COLUMN_MEAN,
    COLUMN_P95,
    COLUMN_MAX,
    COLUMN_ID,
    COLUMN_TEXT,
    COLUMN_COUNT
} column_id;

/* The text's is the table's own. */
static const char *const COLUMN_TITLES[COLUMN_TEXT] = {"#",    "Share", "Total", "Calls",
                                                       "Mean", "p95",   "Max",   "Query"};

/* What a narrow terminal does without, in this order, until the text has its room. */
static const column_id DROPPED[] = {COLUMN_MAX, COLUMN_P95, COLUMN_RANK, COLUMN_MEAN, COLUMN_CALLS};
enum { MIN_TEXT_COLUMNS = 20, COLUMN_GAP = 2 };

typedef struct drawing {
    const text_table *t;
    const text_options *o;
    buf *line, *scratch, *out;
    unsigned width[COLUMN_COUNT]; /* 0 is not shown */
} drawing;

static void compose_time_cell(buf *cell, bool known, int64_t us)
{
    if (known) {
        duration_format(cell, us);
    } else {
        buf_add_char(cell, '-');
    }
}

static void compose_cell(const drawing *d, uint32_t i, column_id column, buf *cell)
{
    table_row row = d->t->row(d->t->m, i);
    bool timed = row.time->n > 0;
    bool spread = timed && !row.time->sum_alone;
    switch (column) {
    case COLUMN_RANK:
        buf_add_u64(cell, row.rank);
        break;
    case COLUMN_SHARE:
        share_format(cell, row.time->total, timed ? d->t->m->time.total : 0);
        break;
    case COLUMN_TOTAL:
        compose_time_cell(cell, timed, row.time->total);
        break;
    case COLUMN_CALLS:
        count_format(cell, row.calls);
        break;
    case COLUMN_MEAN:
        compose_time_cell(cell, timed, row.time->mean);
        break;
    case COLUMN_P95:
        compose_time_cell(cell, spread, row.time->p95);
        break;
    case COLUMN_MAX:
        compose_time_cell(cell, spread, row.time->max);
        break;
    case COLUMN_ID:
        id_format(cell, row.id);
        break;
    case COLUMN_TEXT:
    case COLUMN_COUNT:
        escape_terminal(cell, row.text);
        break;
    }
}

/* Columns that no row has anything for. */
static bool is_idle(const drawing *d, column_id column)
{
    table_row first = d->t->n > 0 ? d->t->row(d->t->m, 0) : (table_row){.rank = 0};
    return (column == COLUMN_ID && !first.has_id) || (column == COLUMN_RANK && first.rank == 0);
}

static unsigned text_columns(const drawing *d, unsigned width)
{
    unsigned taken = 0;
    for (int c = 0; c < COLUMN_TEXT; c++) {
        taken += d->width[c] > 0 ? d->width[c] + COLUMN_GAP : 0;
    }
    return width > taken ? width - taken : 0;
}

static void measure_column(drawing *d, column_id column)
{
    d->width[column] = layout_columns(slice_from(COLUMN_TITLES[column]));
    for (uint32_t i = 0; i < d->t->n; i++) {
        compose_cell(d, i, column, d->scratch);
        unsigned columns = layout_columns(buf_slice(d->scratch));
        d->width[column] = columns > d->width[column] ? columns : d->width[column];
        buf_clear(d->scratch);
    }
}

static void measure_columns(drawing *d)
{
    for (int c = 0; c < COLUMN_TEXT; c++) {
        if (!is_idle(d, (column_id)c)) {
            measure_column(d, (column_id)c);
        }
    }
    unsigned width = layout_width(d->o);
    for (size_t i = 0; i < sizeof DROPPED / sizeof DROPPED[0]; i++) {
        if (text_columns(d, width) >= MIN_TEXT_COLUMNS) {
            break;
        }
        d->width[DROPPED[i]] = 0;
    }
    d->width[COLUMN_TEXT] = text_columns(d, width);
}

/* Numbers to the right, words to the left; no blanks after the last. */
static void add_cell(const drawing *d, column_id column, slice cell)
{
    if (d->width[column] == 0) {
        return;
    }
    if (column == COLUMN_TEXT) {
        layout_add_cut(d->line, cell, d->width[column]);
    } else if (column == COLUMN_ID) {
        layout_add_left(d->line, cell, d->width[column]);
    } else {
        layout_add_right(d->line, cell, d->width[column]);
    }
    buf_add_repeat(d->line, ' ', column == COLUMN_TEXT ? 0 : COLUMN_GAP);
}

static void show_head(const drawing *d)
{
    buf_add_text(d->line, LAYOUT_BOLD);
    for (int c = 0; c < COLUMN_TEXT; c++) {
        add_cell(d, (column_id)c, slice_from(COLUMN_TITLES[c]));
    }
    add_cell(d, COLUMN_TEXT, slice_from(d->t->text_title));
    buf_add_text(d->line, LAYOUT_PLAIN);
    layout_flush(d->o, d->out, d->line, LABEL_COLUMNS);
}

static void show_row(const drawing *d, uint32_t i)
{
    for (int c = 0; c < COLUMN_COUNT; c++) {
        bool dim = c == COLUMN_ID && d->width[c] > 0;
        compose_cell(d, i, (column_id)c, d->scratch);
        buf_add_text(d->line, dim ? LAYOUT_DIM : "");
        add_cell(d, (column_id)c, buf_slice(d->scratch));
        buf_add_text(d->line, dim ? LAYOUT_PLAIN : "");
        buf_clear(d->scratch);
    }
    layout_flush(d->o, d->out, d->line, LABEL_COLUMNS);
}

void text_table_show(const text_table *t, const text_options *o, buf *line, buf *scratch, buf *out)
{
    drawing d = {.t = t, .o = o, .line = line, .scratch = scratch, .out = out};
    measure_columns(&d);
    show_head(&d);
    for (uint32_t i = 0; i < t->n; i++) {
        show_row(&d, i);
    }
}
