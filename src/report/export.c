/* export.c - see export.h. */
#include "report/export.h"

#include "base/histogram.h"
#include "base/time_units.h"
#include "base/value.h"
#include "report/csv.h"
#include "report/value_json.h"
#include "store/rows.h"

enum { CHUNK = 64 * 1024, OUT_MAX = 256 * 1024 * 1024, ROW_MAX = 256 * 1024 * 1024 };

typedef struct exporter {
    const store *store;
    const export_request *request;
    status *st;
    buf out;
    arena row; /* all of one row */
    value_builder b;
    bool begun; /* the columns were named */
} exporter;

/* --- writing ------------------------------------------------------------------------------- */

static bool flush(exporter *e)
{
    bool ok = e->request->write(e->request->context, buf_slice(&e->out), e->st);
    buf_clear(&e->out);
    return ok;
}

static void name_columns(exporter *e, const value *row)
{
    for (const value *v = row->first; v != NULL; v = v->next) {
        buf_add_text(&e->out, v != row->first ? "," : "");
        buf_add(&e->out, v->name);
    }
    buf_add_char(&e->out, '\n');
}

static void add_cell(exporter *e, const value *v)
{
    buf text;
    buf_init(&text, OUT_MAX);
    if (v->kind == VALUE_TEXT && v->text.n == 0) {
        buf_add_text(&e->out, "\"\""); /* without quotes it would be no text at all */
    } else if (v->kind == VALUE_TEXT) {
        csv_add_cell(&e->out, v->text);
    } else if (v->kind == VALUE_INT) {
        value_write_json(v, false, &e->out);
    } else if (v->kind != VALUE_NULL) {
        value_write_json(v, false, &text);
        csv_add_cell(&e->out, buf_slice(&text));
    }
    e->out.failed = e->out.failed || text.failed;
    buf_free(&text);
}

/* Ends a row: an object whose members are the columns. */
static bool write_row(exporter *e, const value *row)
{
    if (e->b.failed) {
        return status_no_memory(e->st);
    }
    if (!e->request->csv) {
        value_write_json(row, false, &e->out);
    } else if (!e->begun) {
        name_columns(e, row);
    }
    e->begun = true;
    for (const value *v = row->first; v != NULL && e->request->csv; v = v->next) {
        buf_add_text(&e->out, v != row->first ? "," : "");
        add_cell(e, v);
    }
    buf_add_char(&e->out, '\n');
    arena_reset(&e->row);
    return e->out.failed ? status_no_memory(e->st) : e->out.n < CHUNK || flush(e);
}

static void add_known_instant(exporter *e, value *row, const char *name, int64_t us)
{
    if (us != 0) {
        value_add_instant(&e->b, row, name, us);
    } else {
        value_add_null(&e->b, row, name);
    }
}

/* --- rows of two tables ---------------------------------------------------------------------- */

enum { KEY_TEXTS = 4 /* source, database, user, application */ };

/* What is one row, over all logs of a source. */
typedef struct row_key {
    slice texts[KEY_TEXTS];
    int64_t hour, seconds;
    uint64_t id;
} row_key;

/* Both queries begin with the key, in its order. */
#define KEY_COLUMNS                                                                                \
    "d.source, d.hour, d.hour < s.days_before AS is_day, d.fingerprint, d.database, d.user,"       \
    " d.application"
#define KEY_ORDER " ORDER BY 1, 2, 3, 4, 5, 6, 7"

enum { KEY_WIDTH = 7 };

static row_key key_at(sqlite3_stmt *q, arena *a)
{
    return (row_key){.texts = {column_slice(q, 0, a), column_slice(q, 4, a), column_slice(q, 5, a),
                               column_slice(q, 6, a)},
                     .hour = sqlite3_column_int64(q, 1),
                     .seconds = sqlite3_column_int(q, 2) != 0 ? SECONDS_PER_DAY : SECONDS_PER_HOUR,
                     .id = (uint64_t)sqlite3_column_int64(q, 3)};
}

static bool is_at(sqlite3_stmt *q, const row_key *key)
{
    static const int columns[KEY_TEXTS] = {0, 4, 5, 6};
    bool same = sqlite3_column_int64(q, 1) == key->hour &&
                (uint64_t)sqlite3_column_int64(q, 3) == key->id &&
                (sqlite3_column_int(q, 2) != 0) == (key->seconds == SECONDS_PER_DAY);
    for (int i = 0; same && i < KEY_TEXTS; i++) {
        same = slice_equal(column_view(q, columns[i]), key->texts[i]);
    }
    return same;
}

/* A statement that stands on a row while there is more. */
typedef struct stream {
    sqlite3_stmt *q;
    bool more;
} stream;

static stream stream_begin(const exporter *e, const char *sql)
{
    stream s = {.q = rows_begin(e->store, sql, e->st)};
    s.more = s.q != NULL && rows_next(e->store, s.q, e->st);
    return s;
}

static void stream_next(const exporter *e, stream *s)
{
    s->more = rows_next(e->store, s->q, e->st);
}

/* --- hours ----------------------------------------------------------------------------------- */

typedef struct hour_sums {
    int64_t calls, estimated_calls, errors, first_at, last_at; /* 0: no time */
} hour_sums;

static hour_sums take_sums(const exporter *e, stream *calls, const row_key *key)
{
    hour_sums sums = {0};
    for (; calls->more && is_at(calls->q, key); stream_next(e, calls)) {
        int64_t first = sqlite3_column_int64(calls->q, KEY_WIDTH + 3);
        int64_t last = sqlite3_column_int64(calls->q, KEY_WIDTH + 4);
        sums.calls += sqlite3_column_int64(calls->q, KEY_WIDTH);
        sums.estimated_calls += sqlite3_column_int64(calls->q, KEY_WIDTH + 1);
        sums.errors += sqlite3_column_int64(calls->q, KEY_WIDTH + 2);
        sums.first_at =
            sums.first_at == 0 || (first != 0 && first < sums.first_at) ? first : sums.first_at;
        sums.last_at = last > sums.last_at ? last : sums.last_at;
    }
    return sums;
}

typedef struct measure_sums {
    slice name;
    int64_t n, sum, min, max;
    histogram bins;
} measure_sums;

/* The next measure of the key. False where there is none, or on a failure. */
static bool take_measure(exporter *e, stream *measures, const row_key *key, measure_sums *m)
{
    if (!measures->more || !is_at(measures->q, key)) {
        return false;
    }
    *m = (measure_sums){.name = column_slice(measures->q, KEY_WIDTH, &e->row)};
    while (measures->more && is_at(measures->q, key) &&
           slice_equal(column_view(measures->q, KEY_WIDTH), m->name)) {
        int64_t min = sqlite3_column_int64(measures->q, KEY_WIDTH + 3);
        int64_t max = sqlite3_column_int64(measures->q, KEY_WIDTH + 4);
        m->min = m->n == 0 || min < m->min ? min : m->min;
        m->max = m->n == 0 || max > m->max ? max : m->max;
        m->n += sqlite3_column_int64(measures->q, KEY_WIDTH + 1);
        m->sum += sqlite3_column_int64(measures->q, KEY_WIDTH + 2);
        if (!histogram_merge(&m->bins, &e->row, column_view(measures->q, KEY_WIDTH + 5))) {
            return status_fail(e->st, STATUS_STORE, "a histogram in the store is damaged");
        }
        stream_next(e, measures);
    }
    return true;
}

/* Where each bin begins, and how many executions it has: sums of these by those merge rows. */
static bool add_bins(exporter *e, value *row, const histogram *h)
{
    value *from_us = value_add_list(&e->b, row, "histogram_us");
    value *counts = value_add_list(&e->b, row, "histogram_calls");
    uint64_t *sorted = arena_alloc(&e->row, HISTOGRAM_BINS * sizeof *sorted);
    if (sorted == NULL) {
        return status_no_memory(e->st);
    }
    uint32_t n = histogram_sorted(h, sorted, HISTOGRAM_BINS);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t from;
        uint64_t to;
        histogram_bin_range(histogram_slot_bin(sorted[i]), &from, &to);
        value_add_int(&e->b, from_us, NULL, (int64_t)from);
        value_add_int(&e->b, counts, NULL, (int64_t)histogram_slot_count(sorted[i]));
    }
    return true;
}

static bool add_query_time(exporter *e, value *row, const measure_sums *m)
{
    static const char *const names[] = {"query_time_us", "query_time_min_us", "query_time_max_us"};
    const int64_t figures[] = {m->sum, m->min, m->max};
    value_add_int(&e->b, row, "query_time_calls", m->n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (m->n > 0) {
            value_add_int(&e->b, row, names[i], figures[i]);
        } else {
            value_add_null(&e->b, row, names[i]);
        }
    }
    return add_bins(e, row, &m->bins);
}

static void add_measure(exporter *e, value *others, const measure_sums *m)
{
    char *name = arena_calloc(&e->row, m->name.n + 1, 1);
    if (name == NULL) {
        e->b.failed = true;
        return;
    }
    memcpy(name, m->name.p, m->name.n);
    value *one = value_add_object(&e->b, others, name);
    value_add_int(&e->b, one, "n", m->n);
    value_add_int(&e->b, one, "sum", m->sum);
    value_add_int(&e->b, one, "min", m->min);
    value_add_int(&e->b, one, "max", m->max);
}

static void add_key(exporter *e, value *row, const row_key *key)
{
    value_add_text(&e->b, row, "source", key->texts[0]);
    value_add_instant(&e->b, row, "hour", key->hour * US_PER_SECOND);
    value_add_int(&e->b, row, "seconds", key->seconds);
    value_add_id(&e->b, row, "fingerprint", key->id);
    value_add_text(&e->b, row, "database", key->texts[1]);
    value_add_text(&e->b, row, "username", key->texts[2]);
    value_add_text(&e->b, row, "application", key->texts[3]);
}

static bool write_hour(exporter *e, stream *calls, stream *measures)
{
    static const slice query_time = {.p = "query_time", .n = sizeof "query_time" - 1};
    row_key key = key_at(calls->q, &e->row);
    hour_sums sums = take_sums(e, calls, &key);
    measure_sums times = {0};
    measure_sums other;
    value *row = value_root(&e->b, VALUE_OBJECT);
    value *others = value_root(&e->b, VALUE_OBJECT);
    add_key(e, row, &key);
    value_add_int(&e->b, row, "calls", sums.calls);
    value_add_int(&e->b, row, "estimated_calls", sums.estimated_calls);
    value_add_int(&e->b, row, "errors", sums.errors);
    add_known_instant(e, row, "first_at", sums.first_at);
    add_known_instant(e, row, "last_at", sums.last_at);
    while (take_measure(e, measures, &key, &other)) {
        if (slice_equal(other.name, query_time)) {
            times = other;
        } else {
            add_measure(e, others, &other);
        }
    }
    if (!add_query_time(e, row, &times)) {
        return false;
    }
    value_add_tree(&e->b, row, "measures", others);
    return e->st->code == STATUS_OK && write_row(e, row);
}

static bool write_hours(exporter *e)
{
    stream calls = stream_begin(
        e, "SELECT " KEY_COLUMNS ", d.calls, d.estimated_calls, d.errors, d.first_at, d.last_at"
           " FROM digest d JOIN segments s USING (source, segment)" KEY_ORDER);
    stream measures = stream_begin(e, "SELECT " KEY_COLUMNS ", d.measure, d.n, d.sum, d.min, d.max,"
                                      " d.histogram FROM measures d JOIN segments s"
                                      " USING (source, segment)" KEY_ORDER ", d.measure");
    bool ok = e->st->code == STATUS_OK;
    while (ok && calls.more) {
        ok = write_hour(e, &calls, &measures);
    }
    ok = rows_end(calls.q, e->st) && ok;
    return rows_end(measures.q, e->st) && ok;
}

/* --- queries --------------------------------------------------------------------------------- */

static bool write_queries(exporter *e)
{
    stream tables = stream_begin(e, "SELECT fingerprint, name FROM tables ORDER BY 1, 2");
    stream queries = stream_begin(e, "SELECT fingerprint, engine, verb, text FROM fingerprints"
                                     " WHERE fingerprint IN (SELECT fingerprint FROM digest)"
                                     " ORDER BY 1");
    bool ok = e->st->code == STATUS_OK;
    for (; ok && queries.more; stream_next(e, &queries)) {
        int64_t id = sqlite3_column_int64(queries.q, 0);
        value *row = value_root(&e->b, VALUE_OBJECT);
        value_add_id(&e->b, row, "fingerprint", (uint64_t)id);
        value_add_text(&e->b, row, "engine", column_view(queries.q, 1));
        value_add_text(&e->b, row, "verb", column_view(queries.q, 2));
        value *names = value_add_list(&e->b, row, "tables");
        for (; tables.more && sqlite3_column_int64(tables.q, 0) <= id; stream_next(e, &tables)) {
            if (sqlite3_column_int64(tables.q, 0) == id) {
                value_add_text(&e->b, names, NULL, column_view(tables.q, 1));
            }
        }
        value_add_text(&e->b, row, "text", column_view(queries.q, 3));
        ok = write_row(e, row);
    }
    ok = rows_end(queries.q, e->st) && ok;
    return rows_end(tables.q, e->st) && ok;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool export_rows(const store *s, const export_request *request, status *st)
{
    exporter e = {.store = s, .request = request, .st = st};
    buf_init(&e.out, OUT_MAX);
    arena_init(&e.row, ROW_MAX);
    e.b.arena = &e.row;
    bool ok = request->chosen == NULL || store_select(s, request->chosen, st);
    ok = ok && (request->table == EXPORT_HOURS ? write_hours(&e) : write_queries(&e)) && flush(&e);
    buf_free(&e.out);
    arena_free(&e.row);
    return ok;
}
