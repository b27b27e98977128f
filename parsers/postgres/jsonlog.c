/* jsonlog.c - see jsonlog.h.
 *
 *   {"timestamp":"2026-11-19 14:03:07.123 UTC","user":"app","dbname":"shop","pid":4711,
 *   "session_id":"691d.1267","error_severity":"LOG","message":"duration: 12.345 ms  statement:
 *   SELECT \"a\"\nFROM b","query_id":0}
 *
 * A line end within JSON text is an escape, so every line stands for itself. */
#include "parsers/postgres/jsonlog.h"

#include "base/json.h"
#include "base/scan.h"
#include "parsers/postgres/record.h"

enum { SCORE_MAX = 100, CLOCK_RESOLUTION = 1000 /* us */ };

/* In the order in which the server writes them. */
typedef enum member {
    MEMBER_TIME,
    MEMBER_USER,
    MEMBER_DATABASE,
    MEMBER_PID,
    MEMBER_HOST,
    MEMBER_PORT,
    MEMBER_SESSION_ID,
    MEMBER_LINE_NUMBER,
    MEMBER_COMMAND_TAG,
    MEMBER_SESSION_START,
    MEMBER_VXID,
    MEMBER_XID,
    MEMBER_SEVERITY,
    MEMBER_SQLSTATE,
    MEMBER_MESSAGE,
    MEMBER_DETAIL,
    MEMBER_HINT,
    MEMBER_INTERNAL_QUERY,
    MEMBER_INTERNAL_POSITION,
    MEMBER_CONTEXT,
    MEMBER_STATEMENT,
    MEMBER_CURSOR_POSITION,
    MEMBER_FUNCTION,
    MEMBER_FILE,
    MEMBER_FILE_LINE,
    MEMBER_APPLICATION,
    MEMBER_BACKEND_TYPE,
    MEMBER_LEADER_PID,
    MEMBER_QUERY_ID,
    MEMBER_COUNT,
    NAME_COUNT = MEMBER_COUNT + 21
} member;

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const slice names_of_members[NAME_COUNT] = {
    [MEMBER_TIME] = NAME("timestamp"),
    [MEMBER_USER] = NAME("user"),
    [MEMBER_DATABASE] = NAME("dbname"),
    [MEMBER_PID] = NAME("pid"),
    [MEMBER_HOST] = NAME("remote_host"),
    [MEMBER_PORT] = NAME("remote_port"),
    [MEMBER_SESSION_ID] = NAME("session_id"),
    [MEMBER_LINE_NUMBER] = NAME("line_num"),
    [MEMBER_COMMAND_TAG] = NAME("ps"),
    [MEMBER_SESSION_START] = NAME("session_start"),
    [MEMBER_VXID] = NAME("vxid"),
    [MEMBER_XID] = NAME("txid"),
    [MEMBER_SEVERITY] = NAME("error_severity"),
    [MEMBER_SQLSTATE] = NAME("state_code"),
    [MEMBER_MESSAGE] = NAME("message"),
    [MEMBER_DETAIL] = NAME("detail"),
    [MEMBER_HINT] = NAME("hint"),
    [MEMBER_INTERNAL_QUERY] = NAME("internal_query"),
    [MEMBER_INTERNAL_POSITION] = NAME("internal_position"),
    [MEMBER_CONTEXT] = NAME("context"),
    [MEMBER_STATEMENT] = NAME("statement"),
    [MEMBER_CURSOR_POSITION] = NAME("cursor_position"),
    [MEMBER_FUNCTION] = NAME("func_name"),
    [MEMBER_FILE] = NAME("file_name"),
    [MEMBER_FILE_LINE] = NAME("file_line_num"),
    [MEMBER_APPLICATION] = NAME("application_name"),
    [MEMBER_BACKEND_TYPE] = NAME("backend_type"),
    [MEMBER_LEADER_PID] = NAME("leader_pid"),
    [MEMBER_QUERY_ID] = NAME("query_id"),
    NAME("log_time"),
    NAME("user_name"),
    NAME("database_name"),
    NAME("process_id"),
    NAME("connection_from"),
    NAME("sql_state_code"),
    NAME("query"),
    NAME("record_log_time_s"),
    NAME("record_user_name_s"),
    NAME("record_database_name_s"),
    NAME("record_process_id_s"),
    NAME("record_connection_from_s"),
    NAME("record_session_id_s"),
    NAME("record_error_severity_s"),
    NAME("record_sql_state_code_s"),
    NAME("record_message_s"),
    NAME("record_detail_s"),
    NAME("record_context_s"),
    NAME("record_query_s"),
    NAME("record_application_name_s"),
    NAME("record_query_id_s"),
};

/* What names behind the server's own stand for: CloudNativePG's, which are csvlog's columns, and
 * the same as Azure's Log Analytics flattens them. */
static const uint8_t other_names[NAME_COUNT - MEMBER_COUNT] = {
    MEMBER_TIME,     MEMBER_USER,      MEMBER_DATABASE,   MEMBER_PID,       MEMBER_HOST,
    MEMBER_SQLSTATE, MEMBER_STATEMENT, MEMBER_TIME,       MEMBER_USER,      MEMBER_DATABASE,
    MEMBER_PID,      MEMBER_HOST,      MEMBER_SESSION_ID, MEMBER_SEVERITY,  MEMBER_SQLSTATE,
    MEMBER_MESSAGE,  MEMBER_DETAIL,    MEMBER_CONTEXT,    MEMBER_STATEMENT, MEMBER_APPLICATION,
    MEMBER_QUERY_ID,
};

/* --- lines ------------------------------------------------------------------------------ */

typedef struct members {
    uint64_t given;     /* a bit for each string or number among `values` */
    bool host_has_port; /* as in csvlog's column, whose name it has then */
    json_token values[MEMBER_COUNT];
} members;

/* Reads the object on a line. False where it is none, or says something twice; `cut_off`: its end
 * is missing for a known reason, and what there is of it counts. */
static bool take_members(slice line, bool cut_off, json_names *names, members *out)
{
    json_reader r;
    json_token t;
    out->given = 0;
    out->host_has_port = false;
    json_names_begin(names);
    json_begin(&r, line);
    if (json_next(&r, &t) != JSON_OBJECT_BEGIN) {
        return false;
    }
    int at;
    while (json_next_name(&r, names, &t, &at) == JSON_NAME) {
        json_kind kind = json_next(&r, &t);
        bool partial = kind == JSON_ERROR && t.text.n > 0;
        if (kind == JSON_STRING || kind == JSON_NUMBER || partial) {
            if (at >= 0) {
                bool other = at >= MEMBER_COUNT;
                at = other ? other_names[at - MEMBER_COUNT] : at;
                out->host_has_port = out->host_has_port || (other && at == MEMBER_HOST);
                out->values[at] = t;
                out->given |= (uint64_t)1 << at;
            }
        } else if (!json_skip(&r, &t, NULL)) {
            break;
        }
    }
    bool whole = t.kind == JSON_OBJECT_END && json_next(&r, &t) == JSON_END;
    return !names->repeated && (whole || (cut_off && r.fault == JSON_CUT_OFF));
}

static bool is_given(const members *m, member at)
{
    return (m->given >> at & 1) != 0;
}

static slice raw_text(const members *m, member at)
{
    return is_given(m, at) ? m->values[at].text : slice_of("", 0);
}

/* Whether the object is a log record. */
static bool is_record(const members *m, prefix_fields *f)
{
    severity level;
    if (!severity_find(raw_text(m, MEMBER_SEVERITY), &level) || level >= SEVERITY_DETAIL) {
        return false;
    }
    f->severity = (uint8_t)level;
    return record_read_time(raw_text(m, MEMBER_TIME), f);
}

/* --- parsing ----------------------------------------------------------------------------- */

static slice text_of(const members *m, member at, batch *out)
{
    slice text = slice_of("", 0);
    if (is_given(m, at) && !json_text(&m->values[at], &out->arena, &text)) {
        out->out_of_memory = true;
    }
    return text;
}

static void fill_record(const members *m, record *out, batch *b)
{
    prefix_fields *f = &out->fields;
    f->severity_word = raw_text(m, MEMBER_SEVERITY);
    f->sqlstate = text_of(m, MEMBER_SQLSTATE, b);
    f->session_id = text_of(m, MEMBER_SESSION_ID, b);
    f->pid = raw_text(m, MEMBER_PID);
    f->user = prefix_known(text_of(m, MEMBER_USER, b));
    f->database = prefix_known(text_of(m, MEMBER_DATABASE, b));
    f->application = prefix_known(text_of(m, MEMBER_APPLICATION, b));
    f->host = text_of(m, MEMBER_HOST, b);
    f->host = m->host_has_port ? record_host(f->host) : f->host;
    prefix_set_query_id(f, raw_text(m, MEMBER_QUERY_ID));
    out->parts.message = text_of(m, MEMBER_MESSAGE, b);
    out->parts.detail = text_of(m, MEMBER_DETAIL, b);
    out->parts.context = text_of(m, MEMBER_CONTEXT, b);
    out->parts.statement = text_of(m, MEMBER_STATEMENT, b);
}

typedef struct reading {
    batch *out;
    slice block;
    bool truncated;
    skip_reason skipping; /* why lines that are no record are not understood */
    json_names names;
} reading;

/* Reads a line that begins with a brace; false, and why, where it is no record. */
static bool read_record(reading *r, slice line, size_t bytes)
{
    members m;
    record rec = {0};
    bool truncated = r->truncated && bytes == line.n;
    r->skipping = SKIP_FOREIGN;
    if (!take_members(line, truncated, &r->names, &m) || !is_record(&m, &rec.fields)) {
        return false;
    }
    if (rec.fields.bad_time) {
        batch_skip(r->out, SKIP_BAD_TIME, r->out->lines, bytes);
        return true;
    }
    fill_record(&m, &rec, r->out);
    record_add(&rec, (size_t)(line.p - r->block.p), bytes, truncated, r->out);
    return true;
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    reading r = {.out = out,
                 .block = block,
                 .truncated = truncated,
                 .skipping = SKIP_HEADLESS,
                 .names = {.names = names_of_members, .n = NAME_COUNT}};
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        size_t bytes = line.n + (newline != NULL);
        if (rest.p[0] != '{' || !read_record(&r, line, bytes)) {
            batch_skip(out, r.skipping, out->lines, bytes);
        }
        out->lines++;
        rest = slice_skip(rest, bytes);
    }
}

/* --- where records begin ------------------------------------------------------------------ */

static bool begins_record(const void *context, slice rest)
{
    (void)context;
    return rest.p[0] == '{';
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    return which == CUT_FIRST ? scan_first_line(bytes, begins_record, NULL)
                              : scan_last_line(bytes, begins_record, NULL);
}

/* --- recognising and making ready ---------------------------------------------------------- */

/* Lines before the first record do not count: a log may begin anywhere. */
static int detect(slice head, const format_options *options)
{
    (void)options;
    size_t records = 0;
    size_t others = 0;
    json_names names = {.names = names_of_members, .n = NAME_COUNT};
    while (head.n > 0) {
        const char *newline = scan_first(head, '\n');
        slice line = newline != NULL ? slice_between(head.p, newline) : head;
        members m;
        prefix_fields ignored;
        /* The head may end within a record. */
        bool good = take_members(line, newline == NULL, &names, &m) && is_record(&m, &ignored);
        records += good;
        others += !good && records > 0;
        head = slice_skip(head, line.n + 1);
    }
    return records == 0 ? 0 : (int)(records * SCORE_MAX / (records + others));
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)head;
    (void)options;
    (void)keep;
    (void)st;
    *out = (format){.parser = &postgres_jsonlog, .clock_resolution = CLOCK_RESOLUTION};
    return true;
}

static const lack lacks[] = {{0, NULL, NULL}};

const parser postgres_jsonlog = {
    .name = "postgresql-jsonlog",
    .title = "PostgreSQL server log, JSON",
    .engine = "postgresql",
    .recognised = "one JSON object a line, with \"timestamp\" and \"error_severity\"",
    .example =
        "{\"timestamp\":\"2026-11-19 14:03:07.123 UTC\",\"user\":\"app\",\"dbname\":\"shop\","
        "\"pid\":4711,\"session_id\":\"691d.1267\",\"error_severity\":\"LOG\",\"message\":"
        "\"duration: 12.345 ms  statement: SELECT 1\"}",
    .role = "server log",
    .lacks = lacks,
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
    .richness = 3,
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
