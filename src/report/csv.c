/* csv.c - see csv.h. */
#include "report/csv.h"

#include "base/number.h"
#include "report/escape.h"
#include "report/figures.h"

typedef struct sheet {
    const model *m;
    buf *out;
    buf scratch; /* one cell */
    bool begun;  /* the line has a cell */
} sheet;

/* --- cells -------------------------------------------------------------------------------- */

static void separate(sheet *s)
{
    buf_add_text(s->out, s->begun ? "," : "");
    s->begun = true;
}

static void end_line(sheet *s)
{
    buf_add_text(s->out, "\r\n");
    s->begun = false;
}

/* Whether a spreadsheet would compute it, also where it takes the wide forms of the signs. */
static bool is_formula(slice text)
{
    static const char *const beginnings[] = {
        "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (slice_starts_with(text, slice_from(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

/* An id that a spreadsheet would take for a number, and round: digits, or digits with an exponent.
 */
static bool is_number(slice text)
{
    size_t exponents = 0;
    for (size_t i = 0; i < text.n; i++) {
        exponents += text.p[i] == 'e';
        if (text.p[i] != 'e' && (text.p[i] < '0' || text.p[i] > '9')) {
            return false;
        }
    }
    return exponents <= 1;
}

void csv_add_cell(buf *out, slice text)
{
    buf safe;
    buf_init(&safe, out->max);
    escape_terminal(&safe, text);
    text = buf_slice(&safe);
    if (text.n > 0) {
        buf_add_text(out, is_formula(text) ? "\"'" : "\"");
        for (size_t i = 0; i < text.n; i++) {
            buf_add_text(out, text.p[i] == '"' ? "\"" : "");
            buf_add_char(out, text.p[i]);
        }
        buf_add_char(out, '"');
    }
    out->failed = out->failed || safe.failed;
    buf_free(&safe);
}

/* The scratch as a cell of text. */
static void add_scratch(sheet *s)
{
    separate(s);
    csv_add_cell(s->out, buf_slice(&s->scratch));
    buf_clear(&s->scratch);
}

static void add_text(sheet *s, slice text)
{
    buf_add(&s->scratch, text);
    add_scratch(s);
}

static void add_count(sheet *s, bool known, int64_t n)
{
    separate(s);
    if (known) {
        buf_add_i64(s->out, n);
    }
}

static void add_ms(sheet *s, bool known, int64_t us)
{
    separate(s);
    if (known) {
        buf_printf(s->out, "%lld.%03lld", (long long)(us / 1000), (long long)(us % 1000));
    }
}

static void add_share(sheet *s, const model_statistics *t)
{
    __extension__ typedef __int128 int128;
    int64_t whole = s->m->time.total;
    separate(s);
    if (t->n > 0 && whole > 0) {
        int64_t millionths = (int64_t)(((int128)t->total * 2000000 + whole) / ((int128)whole * 2));
        buf_printf(s->out, "%lld.%06lld", (long long)(millionths / 1000000),
                   (long long)(millionths % 1000000));
    }
}

static void add_time(sheet *s, int64_t at)
{
    separate(s);
    if (at != 0) {
        local_time_format(s->out, s->m, at, 0);
    }
}

static void add_shares(sheet *s, const model_shares *shares)
{
    for (uint32_t i = 0; i < shares->n; i++) {
        buf_add_text(&s->scratch, i > 0 ? ", " : "");
        buf_add(&s->scratch, shares->items[i].name);
    }
    add_scratch(s);
}

/* --- lines -------------------------------------------------------------------------------- */

#define TIME_COLUMNS "share,total_ms,mean_ms,min_ms,p50_ms,p90_ms,p95_ms,p99_ms,max_ms,stddev_ms"

static void add_statistics(sheet *s, const model_statistics *t)
{
    bool timed = t->n > 0;
    bool spread = timed && !t->sum_alone;
    const int64_t figures[] = {t->min, t->p50, t->p90, t->p95, t->p99, t->max, t->stddev};
    add_share(s, t);
    add_ms(s, timed, t->total);
    add_ms(s, timed, t->mean);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        add_ms(s, spread, figures[i]);
    }
}

static const char query_columns[] =
    "rank,id,engine,verb,tables,calls,estimated_calls,errors," TIME_COLUMNS
    ",rows_sent,rows_examined,rows_affected,lock_time_ms,databases,users,apps,hosts,"
    "first_seen,last_seen,text";

static void add_measures(sheet *s, const model_query *q)
{
    static const char *const counts[] = {"rows_sent", "rows_examined", "rows_affected"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const model_measure *measure = measure_find(q, counts[i]);
        add_count(s, measure != NULL, measure != NULL ? measure->statistics.total : 0);
    }
    const model_measure *lock = measure_find(q, "lock_time");
    add_ms(s, lock != NULL, lock != NULL ? lock->statistics.total : 0);
}

static void add_query(sheet *s, const model_query *q)
{
    add_count(s, true, q->rank);
    id_format(&s->scratch, q->id);
    bool numeric = is_number(buf_slice(&s->scratch));
    buf_clear(&s->scratch);
    buf_add_text(&s->scratch, numeric ? "'" : "");
    id_format(&s->scratch, q->id);
    add_scratch(s);
    add_text(s, q->engine);
    add_text(s, q->verb);
    for (uint32_t i = 0; i < q->n_tables; i++) {
        buf_add_text(&s->scratch, i > 0 ? ", " : "");
        buf_add(&s->scratch, q->tables[i].name);
    }
    add_scratch(s);
    add_count(s, true, q->calls);
    add_count(s, true, q->estimated_calls);
    add_count(s, true, q->errors);
    add_statistics(s, &q->time);
    add_measures(s, q);
    add_shares(s, &q->databases);
    add_shares(s, &q->users);
    add_shares(s, &q->applications);
    add_shares(s, &q->hosts);
    add_time(s, q->first_seen);
    add_time(s, q->last_seen);
    add_text(s, q->text);
    end_line(s);
}

static void add_group(sheet *s, const model_group *g)
{
    add_text(s, g->name);
    add_count(s, true, g->calls);
    add_count(s, g->errors >= 0, g->errors);
    add_statistics(s, &g->time);
    end_line(s);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void write_sheet(const model *m, const model_query *queries, uint32_t n, buf *out)
{
    sheet s = {.m = m, .out = out};
    buf_init(&s.scratch, out->max);
    buf_add_text(out, "\xef\xbb\xbf");
    if (m->group_by.n > 0) {
        add_text(&s, m->group_by);
        buf_add_text(out, ",calls,errors," TIME_COLUMNS);
        end_line(&s);
        for (uint32_t i = 0; i < m->n_groups; i++) {
            add_group(&s, &m->groups[i]);
        }
    } else {
        buf_add_text(out, query_columns);
        end_line(&s);
        for (uint32_t i = 0; i < n; i++) {
            add_query(&s, &queries[i]);
        }
    }
    out->failed = out->failed || s.scratch.failed;
    buf_free(&s.scratch);
}

void report_csv(const model *m, buf *out)
{
    write_sheet(m, m->queries, m->n_queries, out);
}

void report_csv_query(const model *m, const model_query *q, buf *out)
{
    write_sheet(m, q, 1, out);
}
