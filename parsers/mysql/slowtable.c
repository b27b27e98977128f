/* slowtable.c - see slowtable.h.
 *
 *   "2026-11-19 14:03:07.123456","app[app] @ web1 [10.0.0.7]","00:00:00.125000",
 *   "00:00:00.000004",20,3120,"shop",0,0,1,"SELECT id\nFROM orders WHERE a = \"b\"",42
 *
 * Line ends within a text are written with a backslash in both forms, so that a row is a line. The
 * time is without a zone; as in the text log it is the execution's end, but MariaDB's, which has
 * one column more, is its start. */
#include "parsers/mysql/slowtable.h"
#include "base/time_units.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/timestamp.h"
#include "parsers/mysql/head.h"

enum { SCORE_MAX = 95 };

typedef enum column {
    COLUMN_START_TIME,
    COLUMN_USER_HOST,
    COLUMN_QUERY_TIME,
    COLUMN_LOCK_TIME,
    COLUMN_ROWS_SENT,
    COLUMN_ROWS_EXAMINED,
    COLUMN_DB,
    COLUMN_LAST_INSERT_ID,
    COLUMN_INSERT_ID,
    COLUMN_SERVER_ID,
    COLUMN_SQL_TEXT,
    COLUMN_THREAD_ID,
    COLUMN_ROWS_AFFECTED, /* MariaDB's */
    COLUMN_COUNT,
    COLUMN_COUNT_LEAST = COLUMN_THREAD_ID
} column;

typedef struct plan {
    char separator;
} plan;

/* --- rows --------------------------------------------------------------------------------- */

typedef struct row {
    slice columns[COLUMN_COUNT]; /* within their quotes, escapes as they are written */
    unsigned n;
} row;

/* Behind the closing quote; NULL where there is none. */
static const char *closing_quote(const char *p, const char *end)
{
    for (; p < end; p++) {
        if (*p == '"') {
            return p;
        }
        p += *p == '\\';
    }
    return NULL;
}

/* Takes a column from the front of a line, with the separator behind it. */
static bool take_column(slice *line, char separator, slice *text)
{
    const char *p = line->p;
    const char *end = p + line->n;
    if (separator == ',' && p < end && *p == '"') {
        const char *close = closing_quote(p + 1, end);
        if (close == NULL || (close + 1 < end && close[1] != separator)) {
            return false;
        }
        *text = slice_between(p + 1, close);
        p = close + 1;
    } else {
        p = scan_first(*line, separator);
        p = p != NULL ? p : end;
        *text = slice_between(line->p, p);
    }
    *line = p < end ? slice_between(p + 1, end) : slice_of(end, 0);
    return true;
}

static bool take_row(slice line, char separator, row *out)
{
    bool ok = true;
    out->n = 0;
    while (ok && line.n > 0 && out->n < COLUMN_COUNT) {
        ok = take_column(&line, separator, &out->columns[out->n++]);
    }
    return ok && line.n == 0 && out->n >= COLUMN_COUNT_LEAST;
}

/* "00:00:02.500000", "838:59:59": a TIME in us. */
static bool read_time(slice text, int64_t *us)
{
    uint64_t hours;
    uint64_t minutes;
    uint64_t rest;
    if (!unsigned_take(&text, &hours) || !slice_starts_with(text, SLICE(":")) || hours > 10000) {
        return false;
    }
    text = slice_skip(text, 1);
    if (!unsigned_take(&text, &minutes) || !slice_starts_with(text, SLICE(":")) || minutes > 59) {
        return false;
    }
    text = slice_skip(text, 1);
    if (!fixed_take(&text, 6, &rest) || text.n > 0 || rest >= (uint64_t)US_PER_MINUTE) {
        return false;
    }
    *us = (int64_t)((hours * 60 + minutes) * (uint64_t)US_PER_MINUTE + rest);
    return true;
}

/* What every row has. */
typedef struct times {
    int64_t at, resolution, query;
} times;

static bool is_entry(const row *r, times *t)
{
    slice stamp = r->columns[COLUMN_START_TIME];
    return scan_text(r->columns[COLUMN_USER_HOST], SLICE("] @ ")) != NULL &&
           timestamp_take(&stamp, &t->at, &t->resolution) && stamp.n == 0 &&
           read_time(r->columns[COLUMN_QUERY_TIME], &t->query);
}

static char unescaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
}

/* Without escapes; in the batch's arena where there were any. */
static slice plain(slice text, batch *out)
{
    if (scan_first(text, '\\') == NULL) {
        return text;
    }
    char *copy = arena_alloc(&out->arena, text.n);
    if (copy == NULL) {
        out->out_of_memory = true;
        return slice_of("", 0);
    }
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool escaped = text.p[i] == '\\' && i + 1 < text.n;
        i += escaped;
        copy[n++] = escaped ? unescaped(text.p[i]) : text.p[i];
    }
    return slice_of(copy, n);
}

static void add_count(const row *r, column c, measure_id id, batch *out)
{
    uint64_t n;
    if (c < r->n && measure_read(FIELD_COUNT, r->columns[c], &n)) {
        batch_add_measured(out, id, n);
    }
}

static void add_measures(const row *r, batch *out)
{
    int64_t lock;
    if (read_time(r->columns[COLUMN_LOCK_TIME], &lock)) {
        batch_add_measured(out, MEASURE_LOCK_TIME, (uint64_t)lock);
    }
    add_count(r, COLUMN_ROWS_SENT, MEASURE_ROWS_SENT, out);
    add_count(r, COLUMN_ROWS_EXAMINED, MEASURE_ROWS_EXAMINED, out);
    add_count(r, COLUMN_ROWS_AFFECTED, MEASURE_ROWS_AFFECTED, out);
}

static slice known(slice text)
{
    return slice_is(text, "NULL") ? slice_of("", 0) : text;
}

static void add_entry(const row *r, const times *t, batch *out)
{
    event *e = batch_add_event(out);
    if (e == NULL) {
        return;
    }
    head h = {.has_schema = true};
    head_read_account(plain(r->columns[COLUMN_USER_HOST], out), &h);
    bool mariadb = r->n > COLUMN_ROWS_AFFECTED;
    e->kind = EVENT_STATEMENT;
    e->has = HAS_TIME | HAS_DURATION | HAS_TEXT | LOCAL_TIME | OPEN_ZONE;
    e->duration = t->query;
    e->time = t->at + (mariadb ? t->query : 0);
    e->text = plain(r->columns[COLUMN_SQL_TEXT], out);
    slice thread = r->n > COLUMN_THREAD_ID ? r->columns[COLUMN_THREAD_ID] : slice_of("", 0);
    if (thread.n > 0) {
        e->session = hash_bytes(thread);
        e->has |= HAS_SESSION;
    }
    e->who = batch_who(out, &(who){.database = plain(known(r->columns[COLUMN_DB]), out),
                                   .user = h.user,
                                   .host = h.host});
    add_measures(r, out);
}

/* --- parsing ---------------------------------------------------------------------------------- */

static slice line_at(slice rest, size_t *whole)
{
    const char *newline = scan_first(rest, '\n');
    slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
    *whole = line.n + (newline != NULL);
    line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
    return line;
}

static bool is_column_names(slice line)
{
    return slice_starts_with(line, SLICE("start_time\tuser_host\t"));
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    const plan *made = f->plan;
    size_t whole;
    (void)truncated; /* a row that is cut lacks its end */
    for (slice rest = block; rest.n > 0 && !out->out_of_memory; rest = slice_skip(rest, whole)) {
        slice line = line_at(rest, &whole);
        row r;
        times t;
        if (take_row(line, made->separator, &r) && is_entry(&r, &t)) {
            add_entry(&r, &t, out);
            event *e = &out->events[out->n_events - 1];
            e->offset = (uint64_t)(rest.p - block.p);
            e->bytes = (uint32_t)whole;
            e->line = out->lines;
            out->event_bytes += whole;
        } else if (line.n == 0 || is_column_names(line)) {
            out->other_bytes += whole;
        } else {
            batch_skip(out, SKIP_FOREIGN, out->lines, whole);
        }
        out->lines++;
    }
    if (out->n_events > 0) { /* the server's own, as it calls it */
        out->zone = SLICE("SYSTEM");
        out->unknown_zone = true;
    }
}

/* A row is a line. */
static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    if (bytes.n < 2) {
        return 0;
    }
    slice inner = slice_take(bytes, bytes.n - 1);
    const char *newline = which == CUT_FIRST ? scan_first(inner, '\n') : scan_last(inner, '\n');
    return newline != NULL ? (size_t)(newline + 1 - bytes.p) : 0;
}

typedef struct survey {
    unsigned rows, lines;
    int64_t resolution;
    bool sessions;
} survey;

static survey survey_of(slice bytes, char separator)
{
    survey s = {.resolution = US_PER_SECOND};
    size_t whole;
    for (slice rest = bytes; rest.n > 0; rest = slice_skip(rest, whole)) {
        row r;
        times t;
        slice line = line_at(rest, &whole);
        if (take_row(line, separator, &r) && is_entry(&r, &t)) {
            s.rows++;
            s.resolution = t.resolution < s.resolution ? t.resolution : s.resolution;
            s.sessions = s.sessions || r.n > COLUMN_THREAD_ID;
        }
        s.lines += line.n > 0 && !is_column_names(line);
    }
    return s;
}

static char separator_of(slice bytes)
{
    return survey_of(bytes, ',').rows >= survey_of(bytes, '\t').rows ? ',' : '\t';
}

static int detect(slice bytes, const format_options *options)
{
    (void)options;
    survey s = survey_of(bytes, separator_of(bytes));
    return s.rows == 0 ? 0 : (int)((uint64_t)s.rows * SCORE_MAX / s.lines);
}

static bool prepare(slice bytes, const format_options *options, arena *keep, format *out,
                    status *st)
{
    (void)options;
    plan *made = arena_calloc(keep, 1, sizeof *made);
    if (made == NULL) {
        return status_no_memory(st);
    }
    made->separator = separator_of(bytes);
    survey s = survey_of(bytes, made->separator);
    *out = (format){.parser = &mysql_slow_table,
                    .plan = made,
                    .detail = made->separator == ',' ? SLICE("commas") : SLICE("tabs"),
                    .lacks = LACKS_APPLICATION | (s.sessions ? 0 : LACKS_SESSION),
                    .clock_resolution = s.resolution};
    return true;
}

static const lack lacks[] = {
    {LACKS_SESSION, "N+1 bursts", "thread_id"},
    {LACKS_APPLICATION, "applications", "names of applications"},
    {0, NULL, NULL},
};

const parser mysql_slow_table = {
    .name = "mysql-slow-table",
    .title = "MySQL and MariaDB table mysql.slow_log, as CSV or with tabs",
    .engine = "mysql",
    .recognised =
        "rows of the table's 11 to 13 columns that begin with a time and user[user] @ host",
    .example = "\"2026-11-19 14:03:07.123456\",\"app[app] @ web1 [10.0.0.7]\",\"00:00:00.012345\","
               "\"00:00:00.000002\",1,100,\"shop\",0,0,1,\"SELECT * FROM orders WHERE id = 1\",42",
    .role = "slow query log",
    .lacks = lacks,
    .lacks_because = "the table has no ",
    .lacks_remedy = "comments in the statements that name who sent them, as sqlcommenter writes",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "log_timestamps = UTC",
    .threshold_remedy = "long_query_time = 0 for a while",
    .carried_because = "",
    .carried_remedy = "",
    .bursts_remedy =
        "long_query_time = 0 for a minute; with Percona Server also log_slow_rate_type ="
        " session, which logs some sessions whole",
    .clock_remedy = "a server whose table has microseconds",
    .sampling_remedy = "log_slow_rate_limit = 1",
    .suppressed_because = "",
    .suppressed_remedy = "",
    .suspect_remedy = "",
    .query_id_name = "mysql_digest",
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
