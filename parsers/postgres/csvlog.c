/* csvlog.c - see csvlog.h.
 *
 *   2026-11-19 14:03:07.123 UTC,"app","shop",4711,"10.0.0.5:40000",691d.1267,3,"SELECT",
 *   2026-11-19 14:00:00 UTC,4/17,0,LOG,00000,"duration: 12.345 ms  statement: SELECT ""a""
 *   FROM b",,,,,,,,,"web","client backend",,0
 *
 * Where records begin can be told from the bytes there alone, so that a log that was cut anywhere
 * or lost a quote is understood again from the next record on. The beginning of a row that stands
 * in another row's text has all its quotes doubled: within text, runs of quotes are even but for
 * the closing one, which a comma or line end follows. So an odd run at the beginning of
 * a column, with anything else behind it, is proof that the row is none of a text. */
#include "parsers/postgres/csvlog.h"

#include "base/scan.h"
#include "parsers/postgres/record.h"

enum {
    /* A line's beginning that is long enough to be judged without its end. */
    LINE_START_ENOUGH = 4096,
    STAMP_LENGTH = 19, /* YYYY-MM-DD HH:MM:SS */
    SQLSTATE_LENGTH = 5,
    SCORE_MAX = 100,
    CLOCK_RESOLUTION = 1000 /* us */
};

typedef enum column {
    COLUMN_TIME,
    COLUMN_USER,
    COLUMN_DATABASE,
    COLUMN_PID,
    COLUMN_CONNECTION_FROM, /* host:port */
    COLUMN_SESSION_ID,
    COLUMN_LINE_NUMBER,
    COLUMN_COMMAND_TAG,
    COLUMN_SESSION_START,
    COLUMN_VXID,
    COLUMN_XID,
    COLUMN_SEVERITY,
    COLUMN_SQLSTATE,
    COLUMN_MESSAGE,
    COLUMN_DETAIL,
    COLUMN_HINT,
    COLUMN_INTERNAL_QUERY,
    COLUMN_INTERNAL_POSITION,
    COLUMN_CONTEXT,
    COLUMN_QUERY,
    COLUMN_QUERY_POSITION,
    COLUMN_LOCATION,
    COLUMN_APPLICATION, /* from 9.0 on */
    COLUMN_BACKEND_TYPE,
    COLUMN_LEADER_PID,
    COLUMN_QUERY_ID,
    COLUMN_COUNT,
    COLUMN_COUNT_LEAST = COLUMN_APPLICATION
} column;

/* --- rows ------------------------------------------------------------------------------ */

typedef struct field {
    slice text; /* within its quotes, where it has any; doubled quotes are still double */
    bool quoted, doubled;
} field;

/* Takes the field at p. What stands behind it, or NULL where the field is no CSV; `text` is then
 * what there is of it. */
static const char *take_field(const char *p, const char *end, field *f)
{
    *f = (field){.text = slice_of(p, 0)};
    if (p == end || *p != '"') {
        while (p < end && *p != ',' && *p != '\n' && *p != '\r' && *p != '"') {
            p++;
        }
        f->text = slice_between(f->text.p, p);
        return p < end && *p == '"' ? NULL : p;
    }
    f->quoted = true;
    const char *begin = ++p;
    for (;;) {
        p = scan_first(slice_between(p, end), '"');
        if (p == NULL) {
            f->text = slice_between(begin, end);
            return NULL;
        }
        if (p + 1 == end || p[1] != '"') {
            break;
        }
        f->doubled = true;
        p += 2;
    }
    f->text = slice_between(begin, p);
    return p + 1;
}

typedef struct row {
    field fields[COLUMN_COUNT];
    unsigned n;       /* columns, those left alone among them */
    const char *end;  /* behind its line end */
    bool broken;      /* it is not well formed; `fields` are those before, and what there is of */
    bool ends_within; /* the bytes end within the last field's quotes */
} row;

/* The row at the beginning of `bytes`, up to its line end outside of quotes. */
static void take_row(slice bytes, row *out)
{
    const char *p = bytes.p;
    const char *end = bytes.p + bytes.n;
    out->n = 0;
    out->broken = out->ends_within = false;
    for (;; p++) {
        field extra;
        field *f = out->n < COLUMN_COUNT ? &out->fields[out->n] : &extra;
        out->n++;
        if (p < end && *p == ',') { /* most columns are empty */
            *f = (field){.text = slice_of(p, 0)};
            continue;
        }
        const char *behind = take_field(p, end, f);
        if (behind == NULL) {
            out->broken = true;
            out->ends_within = f->quoted;
            return;
        }
        p = behind;
        if (p < end && *p == ',') {
            continue;
        }
        p += p < end && *p == '\r';
        out->broken = p < end && *p != '\n';
        out->end = p < end ? p + 1 : p;
        return;
    }
}

static inline slice text_of(const row *r, column c)
{
    return c < r->n ? r->fields[c].text : slice_of("", 0);
}

static bool is_sqlstate(slice text)
{
    bool good = text.n == SQLSTATE_LENGTH;
    for (size_t i = 0; good && i < SQLSTATE_LENGTH; i++) {
        char c = text.p[i];
        good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    }
    return good;
}

/* Whether the columns before the message are a log record's. */
static bool is_head(const row *r, prefix_fields *f)
{
    severity level;
    if (r->n <= COLUMN_MESSAGE || !r->fields[COLUMN_MESSAGE].quoted ||
        !is_sqlstate(r->fields[COLUMN_SQLSTATE].text) ||
        !severity_find(r->fields[COLUMN_SEVERITY].text, &level) || level >= SEVERITY_DETAIL) {
        return false;
    }
    f->severity = (uint8_t)level;
    return record_read_time(r->fields[COLUMN_TIME].text, f);
}

/* --- where records begin ---------------------------------------------------------------- */

/* Cheap, and true for the beginning of every record. */
static bool may_begin_record(slice rest)
{
    size_t quote = rest.n > 0 && rest.p[0] == '"';
    return rest.n > quote + STAMP_LENGTH && rest.p[quote + 4] == '-' && rest.p[quote + 7] == '-' &&
           rest.p[quote + 13] == ':' && rest.p[quote + 16] == ':';
}

/* Whether the quotes at p are proof that they do not stand within a text. */
static bool opens_text(const char *p, const char *end)
{
    size_t run = 0;
    while (p < end && *p == '"') {
        p++;
        run++;
    }
    return run % 2 == 1 && p < end && *p != ',' && *p != '\n' && *p != '\r';
}

/* Whether a record begins here, beyond doubt; a line whose end is not in the buffer is judged only
 * where its beginning is long enough, so that the answer does not depend on how much was
 * read. */
static bool begins_record(const void *context, slice rest)
{
    (void)context;
    if (!may_begin_record(rest)) {
        return false;
    }
    const char *newline = scan_first(slice_take(rest, LINE_START_ENOUGH), '\n');
    if (newline == NULL && rest.n < LINE_START_ENOUGH) {
        return false;
    }
    const char *end = newline != NULL ? newline + 1 : rest.p + LINE_START_ENOUGH;
    bool proof = false;
    row head = {.n = 0};
    const char *p = rest.p;
    for (; head.n < COLUMN_MESSAGE; head.n++, p++) {
        proof = proof || opens_text(p, end);
        p = take_field(p, end, &head.fields[head.n]);
        if (p == NULL || p == end || *p != ',') {
            return false;
        }
    }
    head.fields[head.n++].quoted = p < end && *p == '"';
    prefix_fields ignored;
    return (proof || opens_text(p, end)) && is_head(&head, &ignored);
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    return which == CUT_FIRST ? scan_first_line(bytes, begins_record, NULL)
                              : scan_last_line(bytes, begins_record, NULL);
}

/* --- parsing ------------------------------------------------------------------------------ */

/* The field's text with single quotes; in the batch's arena where there were double ones. */
static slice undoubled(const row *r, column c, batch *out)
{
    slice text = text_of(r, c);
    if (c >= r->n || !r->fields[c].doubled) {
        return text;
    }
    char *copy = arena_alloc(&out->arena, text.n);
    if (copy == NULL) {
        out->out_of_memory = true;
        return slice_of("", 0);
    }
    size_t n = 0;
    while (text.n > 0) {
        const char *quote = scan_first(text, '"');
        size_t piece = quote != NULL ? (size_t)(quote + 1 - text.p) : text.n;
        memcpy(copy + n, text.p, piece);
        n += piece;
        text = slice_skip(text, piece + (quote != NULL));
    }
    return slice_of(copy, n);
}

static void fill_record(const row *r, record *out, batch *b)
{
    prefix_fields *f = &out->fields;
    f->severity_word = text_of(r, COLUMN_SEVERITY);
    f->sqlstate = text_of(r, COLUMN_SQLSTATE);
    f->session_id = text_of(r, COLUMN_SESSION_ID);
    f->pid = text_of(r, COLUMN_PID);
    f->user = prefix_known(undoubled(r, COLUMN_USER, b));
    f->database = prefix_known(undoubled(r, COLUMN_DATABASE, b));
    f->application = prefix_known(undoubled(r, COLUMN_APPLICATION, b));
    f->host = record_host(text_of(r, COLUMN_CONNECTION_FROM));
    prefix_set_query_id(f, text_of(r, COLUMN_QUERY_ID));
    out->parts.message = undoubled(r, COLUMN_MESSAGE, b);
    out->parts.detail = undoubled(r, COLUMN_DETAIL, b);
    out->parts.context = undoubled(r, COLUMN_CONTEXT, b);
    out->parts.statement = undoubled(r, COLUMN_QUERY, b);
}

typedef struct reading {
    batch *out;
    slice block;
    bool truncated;
    skip_reason skipping; /* why lines outside of a record are not understood */
} reading;

/* The record at the beginning of `rest`, its line end included; 0, and why, where there is none. */
static size_t read_record(reading *r, slice rest)
{
    row got;
    record rec = {0};
    r->skipping = SKIP_FOREIGN;
    take_row(rest, &got);
    bool at_end = got.ends_within || (!got.broken && got.end == rest.p + rest.n);
    bool cut_off = at_end && r->truncated;
    bool whole = !got.broken && got.n >= COLUMN_COUNT_LEAST;
    if ((!whole && !cut_off) || !is_head(&got, &rec.fields)) {
        return 0;
    }
    if (rec.fields.bad_time) {
        r->skipping = SKIP_BAD_TIME;
        return 0;
    }
    size_t bytes = cut_off ? rest.n : (size_t)(got.end - rest.p);
    fill_record(&got, &rec, r->out);
    record_add(&rec, (size_t)(rest.p - r->block.p), bytes, cut_off, r->out);
    return bytes;
}

/* Line ends, and a last line that has none. */
static uint32_t count_lines(slice bytes)
{
    const char *first = scan_first(bytes, '\n');
    if (first == NULL || first + 1 == bytes.p + bytes.n) {
        return 1;
    }
    return (uint32_t)(scan_count(bytes, '\n') + (bytes.p[bytes.n - 1] != '\n'));
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    reading r = {.out = out, .block = block, .truncated = truncated, .skipping = SKIP_HEADLESS};
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        size_t bytes = may_begin_record(rest) ? read_record(&r, rest) : 0;
        if (bytes == 0) {
            const char *newline = scan_first(rest, '\n');
            bytes = newline != NULL ? (size_t)(newline + 1 - rest.p) : rest.n;
            batch_skip(out, r.skipping, out->lines, bytes);
        }
        out->lines += count_lines(slice_take(rest, bytes));
        rest = slice_skip(rest, bytes);
    }
}

/* --- recognising and making ready ---------------------------------------------------------- */

typedef struct survey {
    unsigned records;
    unsigned others;  /* lines that are none, behind the first record: a log may begin anywhere */
    unsigned columns; /* of the first whole record */
} survey;

static survey survey_of(slice head)
{
    survey s = {0};
    while (head.n > 0) {
        row got = {.broken = true};
        prefix_fields ignored;
        if (may_begin_record(head)) {
            take_row(head, &got);
        }
        /* The head may end within a record. */
        bool whole = !got.broken && got.n >= COLUMN_COUNT_LEAST;
        if ((whole || got.ends_within) && is_head(&got, &ignored)) {
            s.columns = s.columns == 0 && whole ? got.n : s.columns;
            s.records++;
            head = slice_skip(head, whole ? (size_t)(got.end - head.p) : head.n);
        } else {
            const char *newline = scan_first(head, '\n');
            s.others += s.records > 0;
            head = slice_skip(head, newline != NULL ? (size_t)(newline + 1 - head.p) : head.n);
        }
    }
    return s;
}

static int detect(slice head, const format_options *options)
{
    (void)options;
    survey s = survey_of(head);
    return s.records == 0 ? 0 : (int)(s.records * SCORE_MAX / (s.records + s.others));
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)options;
    enum { DETAIL_MAX = 32 };
    survey s = survey_of(head);
    *out = (format){.parser = &postgres_csvlog, .clock_resolution = CLOCK_RESOLUTION};
    if (s.columns > 0) {
        buf detail;
        buf_init(&detail, DETAIL_MAX);
        buf_printf(&detail, "%u columns", s.columns);
        bool ok = arena_copy(keep, buf_slice(&detail), &out->detail);
        buf_free(&detail);
        out->lacks = s.columns <= COLUMN_APPLICATION ? LACKS_APPLICATION : 0;
        return ok || status_no_memory(st);
    }
    return true;
}

static const lack lacks[] = {
    {LACKS_APPLICATION, "applications", "application_name"},
    {0, NULL, NULL},
};

const parser postgres_csvlog = {
    .name = "postgresql-csvlog",
    .title = "PostgreSQL server log, comma-separated values",
    .engine = "postgresql",
    .needs_context = true,
    .recognised =
        "rows of 22, 23, 24 or 26 columns that begin with a time stamp and have a severity"
        " word, an SQLSTATE and a quoted message",
    .example =
        "2026-11-19 14:03:07.123 UTC,\"app\",\"shop\",4711,\"10.0.0.5:40000\",691d.1267,3,"
        "\"SELECT\",2026-11-19 14:00:00 UTC,4/17,0,LOG,00000,\"duration: 12.345 ms  statement:"
        " SELECT 1\",,,,,,,,,\"web\",\"client backend\",,0",
    .role = "server log",
    .lacks = lacks,
    .lacks_because = "PostgreSQL before 9.0 has no column ",
    .lacks_remedy = "a server of version 9.0 or later",
    .orphans_because = "log_duration writes durations without their statements",
    .orphans_remedy = "log_min_duration_statement instead of log_duration",
    .zone_remedy = "log_timezone = 'UTC'",
    .threshold_remedy =
        "log_min_duration_statement = 0 for a while, or log_transaction_sample_rate",
    .bursts_remedy = "log_transaction_sample_rate = 0.01, which logs some transactions whole, or"
                     " log_min_duration_statement = 0 for a minute",
    .values_remedy = "log_parameter_max_length = -1, and a collector that keeps DETAIL lines",
    .notes = message_notes,
    .query_id_name = "pg_queryid",
    .richness = 2,
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
