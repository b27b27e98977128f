/* transport_json.c - the transports that put each line of a log into a JSON object; see
 * transport.h.
 *
 *   {"log":"...\n","stream":"stderr","time":"2026-11-19T14:03:07.1Z"}             Docker
 *   {"MESSAGE":"...","_PID":"4711","__REALTIME_TIMESTAMP":"1763560987000000"}     journalctl -o
 * json
 *   {"textPayload":"...","timestamp":"2026-11-19T14:03:07.1Z","resource":{}}      Google Cloud
 *   {"properties":{"message":"...","detail":"..."},"time":"...","category":""}    Azure
 *   {"logger":"...","msg":"record","record":{"log_time":"..."}}              CloudNativePG
 *
 * One object a line, or one member a line. What an object holds besides is passed over. */
#include "base/hash.h"
#include "base/json.h"
#include "base/number.h"
#include "base/scan.h"
#include "input/transport.h"

/* A member of the object, or of an object that is its member. */
typedef struct member {
    const char *outer; /* NULL: of the object itself */
    const char *name;
} member;

enum {
    MEMBERS_MAX = 8,
    PART_BYTES = 16 * 1024 /* at which Docker divides a line; who sends its lines on may leave their
                              ends out of all others as well */
};

typedef struct members {
    const member *wanted;
    size_t n;
    json_token found[MEMBERS_MAX]; /* JSON_END: not there */
    slice raw[MEMBERS_MAX];        /* as it stands */
} members;

static bool same(const char *a, slice b)
{
    return a != NULL && slice_is(b, a);
}

static size_t find_member(const members *m, const char *outer, slice name)
{
    for (size_t i = 0; i < m->n; i++) {
        const char *within = m->wanted[i].outer;
        bool here = within == NULL ? outer == NULL : outer != NULL && strcmp(within, outer) == 0;
        if (here && same(m->wanted[i].name, name)) {
            return i;
        }
    }
    return m->n;
}

/* The name under which wanted members are, or NULL. */
static const char *find_outer(const members *m, slice name)
{
    for (size_t i = 0; i < m->n; i++) {
        if (same(m->wanted[i].outer, name)) {
            return m->wanted[i].outer;
        }
    }
    return NULL;
}

/* Reads the members of the object that was begun; false where it is not whole. */
static bool take_object(json_reader *r, const char *outer, members *m)
{
    json_token t;
    while (json_next(r, &t) == JSON_NAME) {
        size_t at = find_member(m, outer, t.text);
        const char *inner = outer == NULL && at == m->n ? find_outer(m, t.text) : NULL;
        json_kind kind = json_next(r, &t);
        json_token first = t;
        slice raw;
        if (inner != NULL && kind == JSON_OBJECT_BEGIN) {
            if (!take_object(r, inner, m)) {
                return false;
            }
            continue;
        }
        if (!json_skip(r, &t, &raw)) {
            return false;
        }
        if (at < m->n) {
            m->found[at] = first;
            m->raw[at] = raw;
        }
    }
    return t.kind == JSON_OBJECT_END;
}

/* An object of an array that has one a line. */
static slice without_array(slice line)
{
    if (slice_starts_with(line, SLICE("[{"))) {
        line = slice_skip(line, 1);
    }
    if (slice_ends_with(line, SLICE("},")) || slice_ends_with(line, SLICE("}]"))) {
        line.n--;
    }
    return line;
}

/* False where the line is no such object, or holds none of them. */
static bool take_members(slice line, members *m)
{
    json_reader r;
    json_token t;
    bool any = false;
    for (size_t i = 0; i < m->n; i++) {
        m->found[i] = (json_token){.kind = JSON_END};
    }
    line = without_array(line);
    json_begin(&r, line);
    if (line.n == 0 || line.p[0] != '{' || json_next(&r, &t) != JSON_OBJECT_BEGIN ||
        !take_object(&r, NULL, m) || json_next(&r, &t) != JSON_END) {
        return false;
    }
    for (size_t i = 0; i < m->n; i++) {
        any = any || m->found[i].kind != JSON_END;
    }
    return any;
}

/* Text between quotes; empty where it is none. */
static slice string_of(const members *m, size_t i)
{
    return m->found[i].kind == JSON_STRING ? m->found[i].text : (slice){0};
}

static void set_text(const members *m, size_t i, carried *out)
{
    out->json = true;
    out->text = string_of(m, i);
}

static void set_time(const members *m, size_t i, carried *out)
{
    slice text = string_of(m, i);
    if (text.n > 0 && !carried_take_instant(&text, out)) {
        out->clock = CLOCK_NONE;
    }
}

/* --- Docker --------------------------------------------------------------------------------- */

/* Whether the text ends with an escaped line end. */
static bool ends_line(slice text)
{
    size_t backslashes = 0;
    if (text.n < 2 || text.p[text.n - 1] != 'n') {
        return false;
    }
    while (backslashes < text.n - 1 && text.p[text.n - 2 - backslashes] == '\\') {
        backslashes++;
    }
    return backslashes % 2 == 1;
}

static bool take_docker(slice line, carried *out)
{
    static const member wanted[] = {{NULL, "log"}, {NULL, "stream"}, {NULL, "time"}};
    members m = {.wanted = wanted, .n = 3};
    *out = (carried){0};
    if (!take_members(line, &m) || m.found[0].kind != JSON_STRING ||
        m.found[2].kind != JSON_STRING) {
        return false;
    }
    set_text(&m, 0, out);
    set_time(&m, 2, out);
    out->program = string_of(&m, 1);
    bool ends = ends_line(out->text);
    out->text.n -= ends ? 2 : 0;
    out->part = !ends && out->text.n >= PART_BYTES;
    return true;
}

const transport transport_docker = {
    .name = "docker",
    .title = "Docker's JSON lines",
    .recognised = "JSON lines with \"log\", \"stream\" and \"time\"",
    .example = "{\"log\":\"2026-11-19 14:03:07.123 UTC [4711] LOG:  ...\\n\",\"stream\":\"stderr\","
               "\"time\":\"2026-11-19T14:03:07.123456789Z\"}",
    .divides = true,
    .take = take_docker,
};

/* --- the systemd journal -----------------------------------------------------------------------
 */

static bool take_journal(slice line, carried *out)
{
    static const member wanted[] = {{NULL, "MESSAGE"},   {NULL, "__REALTIME_TIMESTAMP"},
                                    {NULL, "_PID"},      {NULL, "SYSLOG_IDENTIFIER"},
                                    {NULL, "_HOSTNAME"}, {NULL, "SYSLOG_PID"}};
    members m = {.wanted = wanted, .n = 6};
    *out = (carried){0};
    if (!take_members(line, &m) || m.found[1].kind != JSON_STRING) {
        return false;
    }
    uint64_t us;
    slice stamp = string_of(&m, 1);
    if (m.found[0].kind != JSON_STRING) {
        out->kind = CARRIED_NOTHING; /* its bytes one by one, as for what is no UTF-8; or nothing */
        return m.found[0].kind != JSON_ARRAY_BEGIN;
    }
    if (unsigned_take(&stamp, &us) && us <= INT64_MAX) {
        out->clock = CLOCK_INSTANT;
        out->resolution = 1;
        out->time = (int64_t)us;
    }
    slice pid = string_of(&m, 5).n > 0 ? string_of(&m, 5) : string_of(&m, 2);
    if (pid.n > 0) {
        out->has_process = true;
        out->process = mix64(hash_bytes(string_of(&m, 4)), hash_bytes(pid));
    }
    out->program = string_of(&m, 3);
    set_text(&m, 0, out);
    carried_take_piece(&out->text, pid, out);
    return true;
}

const transport transport_journal = {
    .name = "journal",
    .title = "journalctl -o json",
    .recognised = "JSON lines with \"MESSAGE\" and \"__REALTIME_TIMESTAMP\"",
    .example = "{\"__REALTIME_TIMESTAMP\":\"1763560987123456\",\"_PID\":\"4711\","
               "\"SYSLOG_IDENTIFIER\":\"db\",\"MESSAGE\":\"... LOG:  ...\"}",
    .interleaves = true,
    .take = take_journal,
};

/* --- clouds --------------------------------------------------------------------------------------
 */

static bool take_google(slice line, carried *out)
{
    static const member wanted[] = {{NULL, "textPayload"},      {NULL, "timestamp"},
                                    {NULL, "logName"},          {"jsonPayload", "record"},
                                    {"jsonPayload", "message"}, {NULL, "insertId"}};
    members m = {.wanted = wanted, .n = 6};
    *out = (carried){0};
    bool is_object = take_members(line, &m);
    bool has_text = m.found[0].kind == JSON_STRING;
    if (!is_object || (!has_text && m.found[2].kind == JSON_END && m.found[5].kind == JSON_END)) {
        return false;
    }
    set_time(&m, 1, out);
    out->program = string_of(&m, 2);
    if (has_text || m.found[4].kind == JSON_STRING) {
        set_text(&m, has_text ? 0 : 4, out);
    } else if (m.found[3].kind == JSON_OBJECT_BEGIN) {
        out->text = m.raw[3];
    } else {
        out->kind = CARRIED_NOTHING;
    }
    return true;
}

const transport transport_google = {
    .name = "google",
    .title = "Google Cloud's log entries",
    .recognised =
        "JSON lines with \"logName\" or \"insertId\", and \"textPayload\" or \"jsonPayload\"",
    .example = "{\"insertId\":\"s=1\",\"logName\":\"projects/shop/logs/cloudsql.googleapis.com%2F"
               "db.log\",\"textPayload\":\"2026-11-19 14:03:07.123 UTC [4711]: [1-1] "
               "db=shop,user=app LOG:  ...\",\"timestamp\":\"2026-11-19T14:03:07.123Z\"}",
    .interleaves = true, /* an entry is a message, or one line of it */
    .whole_messages = true,
    .take = take_google,
};

static bool take_azure(slice line, carried *out)
{
    static const member wanted[] = {
        {"properties", "message"}, {"properties", "detail"}, {"properties", "errorLevel"},
        {"properties", "prefix"},  {NULL, "time"},           {NULL, "category"}};
    members m = {.wanted = wanted, .n = 6};
    *out = (carried){0};
    if (!take_members(line, &m) || m.found[5].kind != JSON_STRING ||
        m.found[4].kind != JSON_STRING) {
        return false;
    }
    set_time(&m, 4, out);
    out->program = string_of(&m, 5);
    if (m.found[0].kind != JSON_STRING) {
        out->kind = CARRIED_NOTHING;
        return true;
    }
    set_text(&m, 0, out);
    out->detail = string_of(&m, 1);
    out->level = string_of(&m, 2);
    out->prefix = string_of(&m, 3);
    return true;
}

const transport transport_azure = {
    .name = "azure",
    .title = "Azure's resource logs",
    .recognised = "JSON lines with \"category\", \"time\" and \"properties\"",
    .example =
        "{\"category\":\"DatabaseLogs\",\"time\":\"2026-11-19T14:03:07.123Z\",\"properties\":"
        "{\"errorLevel\":\"LOG\",\"message\":\"2026-11-19 14:03:07 UTC-691d.1267-LOG:  ...\"}}",
    .whole_messages = true,
    .take = take_azure,
};

/* The operator's own messages and those of its other loggers stand between the server's. */
static bool take_cnpg(slice line, carried *out)
{
    static const member wanted[] = {
        {NULL, "logger"}, {NULL, "record"}, {NULL, "msg"}, {NULL, "level"}};
    members m = {.wanted = wanted, .n = 4};
    *out = (carried){0};
    if (!take_members(line, &m) || m.found[2].kind == JSON_END || m.found[3].kind == JSON_END) {
        return false;
    }
    if (m.found[1].kind == JSON_OBJECT_BEGIN) {
        out->text = m.raw[1];
    } else {
        out->kind = CARRIED_NOTHING;
    }
    return true;
}

const transport transport_cnpg = {
    .name = "cloudnativepg",
    .title = "CloudNativePG's JSON lines",
    .recognised = "JSON lines with \"level\", \"msg\" and the server's \"record\"",
    .example = "{\"level\":\"info\",\"logger\":\"db\",\"msg\":\"record\",\"record\":{\"log_time\":"
               "\"2026-11-19 14:03:07.123 UTC\",\"process_id\":\"4711\",\"error_severity\":\"LOG\","
               "\"message\":\"...\"}}",
    .whole_messages = true,
    .take = take_cnpg,
};

/* --- objects of many lines -----------------------------------------------------------------------
 */

/* "name": "text" with what follows a member; false where the line is no member with a text. */
static bool take_text_member(slice line, slice *name, slice *text)
{
    json_reader r;
    json_token t;
    if (slice_ends_with(line, SLICE(","))) {
        line.n--;
    }
    const char *colon = line.n > 0 && line.p[0] == '"' ? scan_first(line, ':') : NULL;
    if (colon == NULL || !slice_ends_with(line, SLICE("\""))) {
        return false;
    }
    *name = slice_trim(slice_between(line.p, colon));
    json_begin(&r, slice_between(colon + 1, line.p + line.n));
    bool is_text = json_next(&r, &t) == JSON_STRING;
    *text = t.text;
    return is_text && json_next(&r, &t) == JSON_END;
}

/* Whether a line may stand in an object that has a member a line. */
static bool is_of_object(slice line)
{
    return line.n > 0 && strchr("{}[]\"", line.p[0]) != NULL &&
           scan_text(line, SLICE(":  ")) == NULL;
}

static bool take_member(slice line, carried *out)
{
    static const char *const names[] = {"\"textPayload\"", "\"message\"", "\"MESSAGE\""};
    slice name;
    *out = (carried){.kind = CARRIED_NOTHING};
    line = slice_trim(line);
    if (!take_text_member(line, &name, &out->text)) {
        return is_of_object(line);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_is(name, names[i])) {
            out->kind = CARRIED_TEXT;
            out->json = true;
            out->program = name;
        }
    }
    return true;
}

const transport transport_members = {
    .name = "json-members",
    .title = "JSON with a member a line",
    .recognised = "lines with \"textPayload\", \"message\" or \"MESSAGE\", as clouds' tools and "
                  "journalctl -o json-pretty write them; the log's own lines tell the time",
    .example = "    \"textPayload\": \"2026-11-19 14:03:07.123 UTC [4711]: [1-1] db=shop,user=app "
               "LOG:  ...\",",
    .interleaves = true, /* a text is a message, or one line of it */
    .whole_messages = true,
    .take = take_member,
};
