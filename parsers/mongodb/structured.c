/* structured.c - see structured.h.
 *
 *   {"t":{"$date":"2026-11-19T14:03:07.123+00:00"},"s":"I",  "c":"COMMAND",  "id":51803,
 *   "ctx":"conn12","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","command":{…},
 *   "planSummary":"COLLSCAN","durationMillis":123}}
 *
 * What the server left out of a line that was too long, it says behind: "truncated":{…}. */
#include "parsers/mongodb/structured.h"

#include "base/json.h"
#include "base/number.h"
#include "base/scan.h"
#include "parsers/mongodb/attributes.h"
#include "parsers/mongodb/lines.h"
#include "parsers/mongodb/operation.h"

enum { SCORE_MAX = 100, CLOCK_RESOLUTION = 1000 /* us */, DEFAULT_SLOW_MS = 100 };

/* What a line is, by its id. */
enum line_id {
    ID_SLOW_OPERATION = 51803,
    ID_APPLIED = 51801,
    ID_TRANSACTION = 51802,
    ID_PROFILER_SETTINGS = 48742,
    ID_OPTIONS = 21951,
    ID_BUILD_INFO = 23403,
    ID_STARTING = 4615611,
    ID_SHUTTING_DOWN = 23138,
    ID_ACCEPTED = 22943,
    ID_ENDED = 22944,
    ID_CLIENT = 51800,
    ID_AUTHENTICATED = 20250,
    ID_AUTHENTICATED_8 = 5286306
};

typedef enum member {
    MEMBER_TIME,
    MEMBER_SEVERITY,
    MEMBER_COMPONENT,
    MEMBER_ID,
    MEMBER_CONTEXT,
    MEMBER_MESSAGE,
    MEMBER_ATTRIBUTES,
    MEMBER_TRUNCATED,
    MEMBER_COUNT
} member;

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const slice member_names[MEMBER_COUNT] = {
    [MEMBER_TIME] = NAME("t"),          [MEMBER_SEVERITY] = NAME("s"),
    [MEMBER_COMPONENT] = NAME("c"),     [MEMBER_ID] = NAME("id"),
    [MEMBER_CONTEXT] = NAME("ctx"),     [MEMBER_MESSAGE] = NAME("msg"),
    [MEMBER_ATTRIBUTES] = NAME("attr"), [MEMBER_TRUNCATED] = NAME("truncated"),
};

typedef struct reading {
    batch *out;
    json_names names;
    attributes_memory attributes;
    timestamp_minute minute;
} reading;

typedef struct log_line {
    slice severity;
    slice message;
    slice attributes; /* raw; empty of an operation */
    uint64_t id;
    operation op; /* time, context; all else of an operation */
} log_line;

/* --- lines
 * ---------------------------------------------------------------------------------------- */

static bool take_time(reading *r, slice text, log_line *l)
{
    return lines_take_time(&r->minute, &text, &l->op.at) || l->op.at.bad;
}

/* {"$date":"…"}, the object just begun. */
static bool take_date(reading *r, json_reader *json, log_line *l)
{
    json_token t;
    return json_next(json, &t) == JSON_NAME && slice_is(t.text, "$date") &&
           json_next(json, &t) == JSON_STRING && take_time(r, t.text, l) &&
           json_next(json, &t) == JSON_OBJECT_END;
}

/* Members that stand as servers write them. *good: the line goes on. */
static inline bool take_plain(reading *r, int at, json_reader *json, log_line *l, bool *good)
{
    slice text;
    *good = true;
    switch (at) {
    case MEMBER_TIME:
        if (!json_take_wrapped(json, SLICE("$date"), &text)) {
            return false;
        }
        *good = take_time(r, text, l);
        return true;
    case MEMBER_SEVERITY:
        return json_take_plain(json, &l->severity);
    case MEMBER_COMPONENT:
        return json_take_plain(json, &text);
    case MEMBER_ID:
        return json_take_count(json, &l->id);
    case MEMBER_CONTEXT:
        return json_take_plain(json, &l->op.context);
    case MEMBER_MESSAGE:
        return json_take_plain(json, &l->message);
    default:
        return false;
    }
}

static bool take_attributes(reading *r, json_reader *json, const json_token *t, log_line *l)
{
    if (l->id == ID_SLOW_OPERATION && t->kind == JSON_OBJECT_BEGIN) {
        return attributes_take(json, &r->attributes, &r->out->arena, &l->op);
    }
    return json_pass(json, t, &l->attributes);
}

static bool take_member(reading *r, int at, json_reader *json, const json_token *t, log_line *l)
{
    switch (at) {
    case MEMBER_TIME:
        return t->kind == JSON_OBJECT_BEGIN && take_date(r, json, l);
    case MEMBER_SEVERITY:
        l->severity = t->text;
        break;
    case MEMBER_ID:
        return attributes_number(json, t, &l->id);
    case MEMBER_CONTEXT:
        l->op.context = t->kind == JSON_STRING ? t->text : SLICE("");
        break;
    case MEMBER_MESSAGE:
        l->message = t->kind == JSON_STRING ? t->text : SLICE("");
        break;
    case MEMBER_ATTRIBUTES:
        return take_attributes(r, json, t, l);
    case MEMBER_TRUNCATED:
        l->op.truncated = true;
        break;
    default:
        break;
    }
    return json_pass(json, t, NULL);
}

/* False where the line is no record of such a log. */
static bool read_line(reading *r, slice line, log_line *l)
{
    json_reader json;
    json_token t;
    *l = (log_line){.id = 0};
    json_names_begin(&r->names);
    json_begin(&json, line);
    if (json_next(&json, &t) != JSON_OBJECT_BEGIN) {
        return false;
    }
    int at;
    while (json_next_name(&json, &r->names, &t, &at) == JSON_NAME) {
        bool good;
        if (!take_plain(r, at, &json, l, &good)) {
            json_next(&json, &t);
            good = take_member(r, at, &json, &t, l);
        }
        if (!good) {
            return false;
        }
    }
    uint64_t needs = 1u << MEMBER_TIME | 1u << MEMBER_SEVERITY | 1u << MEMBER_ID;
    return t.kind == JSON_OBJECT_END && json_next(&json, &t) == JSON_END && !r->names.repeated &&
           (r->names.seen & needs) == needs;
}

/* --- records that are no operations
 * ------------------------------------------------------------------ */

static event *begin_event(const log_line *l, event_kind kind, slice context, size_t offset,
                          size_t bytes, batch *out)
{
    event *e = batch_add_event(out);
    if (e == NULL) {
        return NULL;
    }
    e->kind = (uint8_t)kind;
    e->offset = offset;
    e->line = out->lines;
    e->bytes = (uint32_t)bytes;
    e->time = l->op.at.time;
    e->zone_offset = l->op.at.zone_offset;
    out->zone = l->op.at.zone;
    e->has = HAS_TIME;
    e->who = batch_who(out, &(who){.database = SLICE("")});
    e->value = l->message;
    if (context.n > 0) {
        e->session = operation_session(context);
        e->has |= HAS_SESSION;
    }
    out->other_bytes += bytes;
    return e;
}

static void set_threshold(event *e, uint64_t ms)
{
    e->kind = EVENT_SETTING;
    e->name = SLICE("slowms");
    e->duration = (int64_t)(ms < INT32_MAX ? ms : INT32_MAX) * 1000;
    e->has |= HAS_THRESHOLD;
}

/* Of all slow operations the server logs a part that it draws by lot, as 0.25: each stands for as
 * many as come nearest to that. */
static void set_sampling(const log_line *l, slice name, event *e)
{
    enum { DIGITS = 6, ONE = 1000000 };
    slice raw;
    json_token t;
    uint64_t rate = ONE;
    if (!attributes_find(l->attributes, name, &t, &raw) || t.kind != JSON_NUMBER ||
        !fixed_take(&raw, DIGITS, &rate) || raw.n > 0 || rate == 0 || rate > ONE) {
        rate = ONE;
    }
    e->kind = EVENT_SETTING;
    e->has |= HAS_SAMPLING;
    e->weight = rate == ONE ? 0 : (uint32_t)((ONE + rate / 2) / rate);
}

/* A threshold below 0 logs everything. */
static void read_profiler_settings(const log_line *l, event *e)
{
    uint64_t ms = 0;
    slice raw;
    json_token t;
    bool all = attributes_find(l->attributes, SLICE("to.slowms"), &t, &raw) &&
               t.kind == JSON_NUMBER && raw.p[0] == '-';
    if (all || attributes_integer(l->attributes, SLICE("to.slowms"), &ms)) {
        set_threshold(e, ms);
        set_sampling(l, SLICE("to.sampleRate"), e);
    }
}

/* A server that was told nothing logs what takes 100 ms. */
static void read_options(const log_line *l, event *e)
{
    uint64_t ms = DEFAULT_SLOW_MS;
    attributes_integer(l->attributes, SLICE("options.operationProfiling.slowOpThresholdMs"), &ms);
    set_threshold(e, ms);
    set_sampling(l, SLICE("options.operationProfiling.slowOpSampleRate"), e);
}

static void read_version(const log_line *l, event *e, batch *out)
{
    e->kind = EVENT_SETTING;
    e->name = SLICE("version");
    e->value = attributes_text(l->attributes, SLICE("buildInfo.version"), &out->arena);
}

/* What a connection's records tell of who is behind it. */
static void tell_who(event *e, who w, batch *out)
{
    e->who = batch_who(out, &w);
    e->has |= TELLS_WHO;
}

static void read_client(const log_line *l, event *e, batch *out)
{
    slice a = l->attributes;
    tell_who(e,
             (who){.application = attributes_text(a, SLICE("doc.application.name"), &out->arena),
                   .host = operation_host(attributes_text(a, SLICE("remote"), &out->arena))},
             out);
}

static void read_user(const log_line *l, event *e, batch *out)
{
    slice a = l->attributes;
    slice user = attributes_text(a, SLICE("user"), &out->arena);
    if (user.n == 0) {
        user = attributes_text(a, SLICE("principalName"), &out->arena);
    }
    tell_who(e, (who){.user = user}, out);
}

/* The listener accepts a connection before its thread has a name: "conn" and its number. */
static void read_accepted(const log_line *l, event *e, batch *out)
{
    slice raw;
    json_token t;
    char *name = NULL;
    slice host = operation_host(attributes_text(l->attributes, SLICE("remote"), &out->arena));
    tell_who(e, (who){.host = host}, out);
    if (attributes_find(l->attributes, SLICE("connectionId"), &t, &raw) && t.kind == JSON_NUMBER) {
        name = arena_alloc(&out->arena, raw.n + 4);
    }
    if (name != NULL) {
        memcpy(name, "conn", 4);
        memcpy(name + 4, raw.p, raw.n);
        e->session = operation_session(slice_of(name, raw.n + 4));
        e->has |= HAS_SESSION;
    }
}

static event_kind kind_of(const log_line *l)
{
    switch (l->id) {
    case ID_APPLIED:
        return EVENT_APPLY;
    case ID_TRANSACTION:
        return EVENT_TRANSACTION;
    case ID_STARTING:
        return EVENT_SERVER_START;
    case ID_SHUTTING_DOWN:
        return EVENT_SERVER_STOP;
    case ID_ACCEPTED:
        return EVENT_SESSION_START;
    case ID_ENDED:
        return EVENT_SESSION_END;
    default:
        break;
    }
    char severity = l->severity.n > 0 ? l->severity.p[0] : ' ';
    return severity == 'W'                      ? EVENT_WARNING
           : severity == 'E' || severity == 'F' ? EVENT_ERROR
                                                : EVENT_MESSAGE;
}

static void read_details(const log_line *l, event *e, batch *out)
{
    uint64_t ms;
    uint64_t us;
    switch (l->id) {
    case ID_PROFILER_SETTINGS:
        read_profiler_settings(l, e);
        break;
    case ID_OPTIONS:
        read_options(l, e);
        break;
    case ID_BUILD_INFO:
        read_version(l, e, out);
        break;
    case ID_CLIENT:
        read_client(l, e, out);
        break;
    case ID_AUTHENTICATED:
    case ID_AUTHENTICATED_8:
        read_user(l, e, out);
        break;
    case ID_ACCEPTED:
        read_accepted(l, e, out);
        break;
    case ID_TRANSACTION:
        if (attributes_integer(l->attributes, SLICE("timeInactiveMicros"), &us)) {
            batch_add_measured(out, MEASURE_WAIT_TIME, us);
        }
        /* fall through */
    case ID_APPLIED:
        if (attributes_integer(l->attributes, SLICE("durationMillis"), &ms) && ms < INT32_MAX) {
            e->duration = (int64_t)ms * 1000;
            e->has |= HAS_DURATION;
        }
        break;
    default:
        e->name = l->severity;
        break;
    }
}

static void add_other(const log_line *l, size_t offset, size_t bytes, batch *out)
{
    bool listener = l->id == ID_ACCEPTED;
    slice context = listener ? SLICE("") : l->op.context;
    event *e = begin_event(l, kind_of(l), context, offset, bytes, out);
    if (e != NULL) {
        read_details(l, e, out);
    }
}

/* --- parsing
 * -------------------------------------------------------------------------------------------- */

static void add_line(reading *r, log_line *l, size_t offset, size_t bytes)
{
    batch *out = r->out;
    if (l->op.at.bad) {
        batch_skip(out, SKIP_BAD_TIME, out->lines, bytes);
        return;
    }
    if (l->id != ID_SLOW_OPERATION || l->op.whole.n == 0) {
        add_other(l, offset, bytes, out);
        return;
    }
    if (l->op.truncated) {
        l->op.text = l->op.whole; /* with the server's hashes, which tell it from others */
    }
    operation_add(&l->op, offset, bytes, out);
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    reading r = {.out = out, .names = {.names = member_names, .n = MEMBER_COUNT}};
    attributes_begin(&r.attributes);
    for (slice rest = block; lines_more(&rest, out);) {
        log_line l;
        size_t bytes;
        slice line = lines_take(&rest, &bytes);
        if (line.n > 0 && read_line(&r, line, &l)) {
            add_line(&r, &l, (size_t)(line.p - block.p), bytes);
        } else {
            bool cut_off = truncated && rest.n == 0 && line.n == bytes;
            batch_skip(out, cut_off ? SKIP_TOO_LONG : SKIP_FOREIGN, out->lines, bytes);
        }
        out->lines++;
    }
}

/* --- recognising and making ready
 * -------------------------------------------------------------------------- */

static int detect(slice head, const format_options *options)
{
    (void)options;
    size_t records = 0;
    size_t others = 0;
    batch ignored;
    batch_init(&ignored, head.n + 1);
    reading r = {.out = &ignored, .names = {.names = member_names, .n = MEMBER_COUNT}};
    attributes_begin(&r.attributes);
    while (lines_more(&head, &ignored)) {
        log_line l;
        size_t bytes;
        slice line = lines_take(&head, &bytes);
        bool whole = line.n < bytes; /* the head may end within a record */
        bool good = line.n > 0 && line.p[0] == '{' && read_line(&r, line, &l);
        records += good;
        others += !good && whole && records > 0;
    }
    batch_free(&ignored);
    return records == 0 ? 0 : (int)(records * SCORE_MAX / (records + others));
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)head;
    (void)options;
    (void)keep;
    (void)st;
    *out = (format){.parser = &mongodb_structured, .clock_resolution = CLOCK_RESOLUTION};
    return true;
}

static const lack lacks[] = {{0, NULL, NULL}};

const parser mongodb_structured = {
    .name = "mongodb-json",
    .title = "MongoDB server log, JSON (4.4 and later)",
    .engine = "mongodb",
    .recognised = "one JSON object a line, with \"t\", \"s\", \"c\", \"id\" and \"ctx\"",
    .example =
        "{\"t\":{\"$date\":\"2026-11-19T14:03:07.123+00:00\"},\"s\":\"I\",\"c\":\"COMMAND\","
        "\"id\":51803,\"ctx\":\"conn42\",\"msg\":\"Slow query\",\"attr\":{\"type\":\"command\","
        "\"ns\":\"shop.orders\",\"command\":{\"find\":\"orders\",\"filter\":{\"state\":\"new\"},"
        "\"$db\":\"shop\"},\"planSummary\":\"COLLSCAN\",\"docsExamined\":1000,\"nreturned\":10,"
        "\"durationMillis\":120}}",
    .role = "server log",
    .lacks = lacks,
    .lacks_because = "",
    .lacks_remedy = "",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "processManagement.timeZoneInfo, or none",
    .threshold_remedy =
        "a lower slowms (db.setProfilingLevel(0, { slowms: 20 })); from 8.0 on slowms"
        " is compared with the working time, which leaves waiting out",
    .bursts_remedy = "slowms 0 for a minute (db.setProfilingLevel(0, { slowms: 0 }))",
    .sampling_remedy = "a sampleRate of 1.0 (db.setProfilingLevel(0, { sampleRate: 1.0 }))",
    .query_id_name = "mongodb",
    .detect = detect,
    .prepare = prepare,
    .cut = lines_cut,
    .parse = parse,
};
