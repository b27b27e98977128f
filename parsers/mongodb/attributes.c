/* attributes.c - see attributes.h. */
#include "parsers/mongodb/attributes.h"

#include "base/number.h"
#include "base/scan.h"

/* What is not read but often there: known by name, it is expected behind what it came behind the
 * last time, and what follows it is expected as well. */
#define PASSED(X)                                                                                  \
    X("collectionType")                                                                            \
    X("cursorExhausted")                                                                           \
    X("queryFramework")                                                                            \
    X("protocol")                                                                                  \
    X("nMatched")                                                                                  \
    X("fromMultiPlanner")                                                                          \
    X("keysInserted")                                                                              \
    X("readConcern")                                                                               \
    X("writeConcern")                                                                              \
    X("opid")

#define AS_BYTE(text) 0,

enum { PASSED_COUNT = sizeof((char[]){PASSED(AS_BYTE)}) };

typedef enum attribute {
    ATTR_TYPE,
    ATTR_OP,
    ATTR_FROM_USER,
    ATTR_NS,
    ATTR_APPLICATION,
    ATTR_COMMAND,
    ATTR_ORIGIN,
    ATTR_QUERY,
    ATTR_UPDATE_DOCUMENT,
    ATTR_PLAN,
    ATTR_REMOTE,
    ATTR_CLIENT,
    ATTR_USER,
    ATTR_TIME,
    ATTR_ERROR_NAME,
    ATTR_ERROR_CODE,
    ATTR_SHAPE_HASH,
    ATTR_PLAN_SHAPE_HASH,
    ATTR_QUERY_HASH,
    ATTR_PLAN_KEY,
    ATTR_CURSOR,
    ATTR_FIRST_PASSED,                                   /* from here on: what is not read */
    ATTR_FIRST_FIGURE = ATTR_FIRST_PASSED + PASSED_COUNT /* from here on: figures */
} attribute;

enum { HASH_MIN = 8 /* characters */ };

static const uint64_t FIGURE_MAX = UINT64_C(1) << 53; /* beyond, it is damage */

typedef enum figure {
    FIGURE_COUNT,
    FIGURE_MICROS, /* number of microseconds */
    FIGURE_MILLIS,
    FIGURE_NANOS,
    FIGURE_YES,   /* true */
    FIGURE_WITHIN /* the sum of what is called …Micros in an object */
} figure;

typedef struct figure_rule {
    measure_id measure;
    figure unit;
    bool always; /* written down where it is 0, too */
} figure_rule;

/* clang-format off */
/* Each once, for the table of names and for the table of rules. */
#define FIGURES(X) \
    X("planningTimeMicros", MEASURE_PLANNING_TIME, FIGURE_MICROS, false) \
    X("keysExamined", MEASURE_KEYS_EXAMINED, FIGURE_COUNT, true) \
    X("docsExamined", MEASURE_ROWS_EXAMINED, FIGURE_COUNT, true) \
    X("nscanned", MEASURE_KEYS_EXAMINED, FIGURE_COUNT, true) \
    X("nscannedObjects", MEASURE_ROWS_EXAMINED, FIGURE_COUNT, true) \
    X("hasSortStage", MEASURE_SORT_STAGE, FIGURE_YES, false) \
    X("usedDisk", MEASURE_USED_DISK, FIGURE_YES, false) \
    X("replanned", MEASURE_REPLANNED, FIGURE_YES, false) \
    X("nModified", MEASURE_ROWS_AFFECTED, FIGURE_COUNT, false) \
    X("ninserted", MEASURE_ROWS_AFFECTED, FIGURE_COUNT, false) \
    X("ndeleted", MEASURE_ROWS_AFFECTED, FIGURE_COUNT, false) \
    X("nUpserted", MEASURE_ROWS_AFFECTED, FIGURE_COUNT, false) \
    X("writeConflicts", MEASURE_WRITE_CONFLICTS, FIGURE_COUNT, false) \
    X("numYields", MEASURE_YIELDS, FIGURE_COUNT, false) \
    X("numYield", MEASURE_YIELDS, FIGURE_COUNT, false) \
    X("nreturned", MEASURE_ROWS_SENT, FIGURE_COUNT, true) \
    X("reslen", MEASURE_BYTES_SENT, FIGURE_COUNT, true) \
    X("responseLength", MEASURE_BYTES_SENT, FIGURE_COUNT, true) \
    X("locks", MEASURE_LOCK_TIME, FIGURE_WITHIN, false) \
    X("flowControl", MEASURE_FLOW_CONTROL_TIME, FIGURE_WITHIN, false) \
    X("waitForWriteConcernDurationMillis", MEASURE_WRITE_CONCERN_TIME, FIGURE_MILLIS, false) \
    X("waitForWriteConcernDuration", MEASURE_WRITE_CONCERN_TIME, FIGURE_MILLIS, false) \
    X("storage", MEASURE_STORAGE_TIME, FIGURE_WITHIN, false) \
    X("cpuNanos", MEASURE_CPU_TIME, FIGURE_NANOS, false) \
    X("remoteOpWaitMillis", MEASURE_REMOTE_TIME, FIGURE_MILLIS, false) \
    X("queues", MEASURE_QUEUE_TIME, FIGURE_WITHIN, false) \
    X("workingMillis", MEASURE_WORKING_TIME, FIGURE_MILLIS, true) \
    X("durationMillis", MEASURE_QUERY_TIME, FIGURE_MILLIS, true) \
    X("millis", MEASURE_QUERY_TIME, FIGURE_MILLIS, true)

#define AS_RULE(text, id, is, zero) {id, is, zero},
#define NAME(text) {text, sizeof(text) - 1}
#define AS_NAME1(text) NAME(text),
#define AS_NAME(text, id, is, zero) NAME(text),

static const figure_rule figures[] = {FIGURES(AS_RULE)};

enum { ATTRIBUTES = ATTR_FIRST_FIGURE + sizeof figures / sizeof *figures };

static const slice attribute_names[ATTRIBUTES] = {
    [ATTR_TYPE] = NAME("type"),
    [ATTR_OP] = NAME("op"),
    [ATTR_FROM_USER] = NAME("isFromUserConnection"),
    [ATTR_NS] = NAME("ns"),
    [ATTR_APPLICATION] = NAME("appName"),
    [ATTR_COMMAND] = NAME("command"),
    [ATTR_ORIGIN] = NAME("originatingCommand"),
    [ATTR_QUERY] = NAME("query"),
    [ATTR_UPDATE_DOCUMENT] = NAME("updateobj"),
    [ATTR_PLAN] = NAME("planSummary"),
    [ATTR_REMOTE] = NAME("remote"),
    [ATTR_CLIENT] = NAME("client"),
    [ATTR_USER] = NAME("user"),
    [ATTR_TIME] = NAME("ts"),
    [ATTR_ERROR_NAME] = NAME("errName"),
    [ATTR_ERROR_CODE] = NAME("errCode"),
    [ATTR_SHAPE_HASH] = NAME("queryShapeHash"),
    [ATTR_PLAN_SHAPE_HASH] = NAME("planCacheShapeHash"),
    [ATTR_QUERY_HASH] = NAME("queryHash"),
    [ATTR_PLAN_KEY] = NAME("planCacheKey"),
    [ATTR_CURSOR] = NAME("cursorid"),
    PASSED(AS_NAME1)
    FIGURES(AS_NAME)
};
/* clang-format on */

_Static_assert(sizeof figures / sizeof *figures <= OPERATION_MEASURES, "each may be there");

void attributes_begin(attributes_memory *m)
{
    *m = (attributes_memory){.names = {.names = attribute_names, .n = ATTRIBUTES}};
}

/* --- figures
 * -------------------------------------------------------------------------------------- */

static bool digits_of(slice text, uint64_t *value)
{
    return fixed_take(&text, 0, value);
}

bool attributes_number(json_reader *r, const json_token *t, uint64_t *value)
{
    if (t->kind == JSON_NUMBER) {
        return digits_of(t->text, value);
    }
    if (t->kind != JSON_OBJECT_BEGIN) {
        json_pass(r, t, NULL);
        return false;
    }
    json_reader ahead = *r;
    json_token inner;
    bool good = json_next(&ahead, &inner) == JSON_NAME &&
                slice_starts_with(inner.text, SLICE("$number")) &&
                json_next(&ahead, &inner) == JSON_STRING && digits_of(inner.text, value);
    return json_pass(r, t, NULL) && good;
}

/* The sum of the numbers within an object that stand in or below members called …Micros. */
static uint64_t sum_micros(slice object)
{
    json_reader r;
    json_token t;
    uint64_t sum = 0;
    uint32_t within = 0; /* depth of the object that such a member is; 0: in none */
    bool counts = false;
    if (scan_text(object, SLICE("Micros\"")) == NULL) {
        return 0;
    }
    json_begin(&r, object);
    while (json_next(&r, &t) != JSON_END && t.kind != JSON_ERROR) {
        uint64_t value;
        if (t.kind == JSON_NAME) {
            counts = slice_ends_with(t.text, SLICE("Micros"));
        } else if (t.kind == JSON_OBJECT_BEGIN && counts && within == 0) {
            within = r.depth;
        } else if (t.kind == JSON_OBJECT_END && r.depth < within) {
            within = 0;
        } else if (t.kind == JSON_NUMBER && (counts || within > 0) && digits_of(t.text, &value)) {
            sum += value;
        }
    }
    return sum;
}

static void add_figure(operation *o, const figure_rule *rule, uint64_t value)
{
    if (rule->measure != MEASURE_QUERY_TIME) {
        operation_add_measure(o, rule->measure, value);
        return;
    }
    o->duration = (int64_t)value;
    o->has_duration = true;
}

static void take_value(const figure_rule *rule, uint64_t value, operation *o)
{
    value = rule->unit == FIGURE_MILLIS  ? value * 1000
            : rule->unit == FIGURE_NANOS ? value / 1000
                                         : value;
    /* What did not happen is not written down for each operation. */
    if (value > 0 || rule->always) {
        add_figure(o, rule, value);
    }
}

static bool take_sum(const figure_rule *rule, json_reader *r, attribute_sum *sum, operation *o)
{
    json_token t;
    slice raw;
    if (!json_take_same(r, slice_of(sum->object, sum->n))) {
        json_next(r, &t);
        if (!json_pass(r, &t, &raw)) {
            return false;
        }
        bool object = t.kind == JSON_OBJECT_BEGIN;
        sum->micros = object ? sum_micros(raw) : 0;
        sum->n = object && raw.n <= sizeof sum->object ? raw.n : 0;
        memcpy(sum->object, raw.p, sum->n);
    }
    if (sum->micros <= FIGURE_MAX) {
        take_value(rule, sum->micros, o);
    }
    return true;
}

static bool take_figure(const figure_rule *rule, json_reader *r, const json_token *t, operation *o)
{
    uint64_t value;
    if (rule->unit == FIGURE_YES) {
        value = t->kind == JSON_TRUE;
        json_pass(r, t, NULL);
    } else if (!attributes_number(r, t, &value)) {
        return r->fault == JSON_GOOD;
    }
    if (value <= FIGURE_MAX) {
        take_value(rule, value, o);
    }
    return true;
}

/* The same of a figure that stands there as its digits: false where it does not. */
static inline bool take_digits(const figure_rule *rule, json_reader *r, operation *o)
{
    uint64_t value;
    if (rule->unit >= FIGURE_YES || !json_take_count(r, &value)) {
        return false;
    }
    if (value <= FIGURE_MAX) {
        take_value(rule, value, o);
    }
    return true;
}

/* --- all members
 * ------------------------------------------------------------------------------------ */

/* Where the text of an attribute goes; NULL where it is none. */
static slice *text_of(attribute at, operation *o)
{
    switch (at) {
    case ATTR_TYPE:
    case ATTR_OP:
        return &o->type;
    case ATTR_NS:
        return &o->ns;
    case ATTR_APPLICATION:
        return &o->application;
    case ATTR_PLAN:
        return &o->plan;
    case ATTR_REMOTE:
    case ATTR_CLIENT:
        return &o->remote;
    case ATTR_USER:
        return &o->user;
    case ATTR_ERROR_NAME:
        return &o->error;
    default:
        return NULL;
    }
}

static inline bool take_text(json_reader *r, arena *a, slice *out)
{
    json_token t;
    if (json_take_plain(r, out)) {
        return true;
    }
    return json_next(r, &t) == JSON_STRING ? json_text(&t, a, out) : json_pass(r, &t, NULL);
}

static bool take_raw(json_reader *r, const json_token *t, operation *o, slice *out)
{
    bool object = t->kind == JSON_OBJECT_BEGIN;
    slice raw;
    if (!json_pass(r, t, &raw)) {
        return false;
    }
    *out = object ? raw : *out;
    o->text = slice_between(o->text.p, r->p);
    return true;
}

static bool take_hash(json_reader *r, const json_token *t, operation *o)
{
    if (t->kind != JSON_STRING || t->text.n < HASH_MIN || o->n_aliases == OPERATION_ALIASES) {
        return json_pass(r, t, NULL);
    }
    for (uint32_t i = 0; i < o->n_aliases; i++) {
        if (slice_equal(o->aliases[i], t->text)) {
            return true;
        }
    }
    o->aliases[o->n_aliases++] = t->text;
    return true;
}

static bool take_error_code(json_reader *r, const json_token *t, operation *o)
{
    if (o->error.n == 0 && t->kind == JSON_NUMBER) {
        o->error = t->text;
    }
    return json_pass(r, t, NULL);
}

/* A number of 64 bits, which canonical extended JSON puts into an object. 0 is none. */
static bool take_cursor(json_reader *r, const json_token *t, operation *o)
{
    slice raw;
    slice number = SLICE("");
    json_token inner;
    if (!json_pass(r, t, &raw)) {
        return false;
    }
    if (t->kind == JSON_NUMBER) {
        number = t->text;
    } else if (attributes_find(raw, SLICE("$numberLong"), &inner, &number) &&
               inner.kind != JSON_STRING) {
        number = SLICE("");
    }
    o->cursor = slice_is(number, "0") ? SLICE("") : number;
    return true;
}

static inline bool is_read(int at)
{
    return at >= 0 && (at < ATTR_FIRST_PASSED || at >= ATTR_FIRST_FIGURE);
}

static bool take_attribute(attribute at, json_reader *r, const json_token *t, operation *o)
{
    switch (at) {
    case ATTR_FROM_USER:
        o->internal = t->kind == JSON_FALSE;
        return json_pass(r, t, NULL);
    case ATTR_COMMAND:
        return take_raw(r, t, o, &o->command);
    case ATTR_ORIGIN:
        return take_raw(r, t, o, &o->origin);
    case ATTR_QUERY:
        return take_raw(r, t, o, &o->query);
    case ATTR_UPDATE_DOCUMENT:
        return take_raw(r, t, o, &o->update);
    case ATTR_TIME:
        return take_raw(r, t, o, &o->written);
    case ATTR_ERROR_CODE:
        return take_error_code(r, t, o);
    case ATTR_SHAPE_HASH:
    case ATTR_PLAN_SHAPE_HASH:
    case ATTR_QUERY_HASH:
    case ATTR_PLAN_KEY:
        return take_hash(r, t, o);
    case ATTR_CURSOR:
        return take_cursor(r, t, o);
    default:
        return take_figure(&figures[at - ATTR_FIRST_FIGURE], r, t, o);
    }
}

/* Behind a router stands who it works for: {"$client":{…,"mongos":{"client":"10.0.0.7:51234"}}},
 * which makes a command long. */
static void find_client(operation *o, arena *a)
{
    enum { LONG_ENOUGH = 128 };
    if (o->command.n < LONG_ENOUGH || scan_text(o->command, SLICE("\"mongos\":{")) == NULL) {
        return;
    }
    slice client = attributes_text(o->command, SLICE("$client.mongos.client"), a);
    o->remote = client.n > 0 ? client : o->remote;
}

static inline bool take_member(int at, json_reader *r, attributes_memory *m, arena *a, operation *o)
{
    json_token t;
    if (!is_read(at)) {
        return json_pass_value(r);
    }
    if (at >= ATTR_FIRST_FIGURE) {
        const figure_rule *rule = &figures[at - ATTR_FIRST_FIGURE];
        if (rule->unit == FIGURE_WITHIN) {
            return take_sum(rule, r, &m->sums[at], o);
        }
        if (take_digits(rule, r, o)) {
            return true;
        }
    }
    slice *text = text_of((attribute)at, o);
    if (text != NULL) {
        return take_text(r, a, text);
    }
    json_next(r, &t);
    return take_attribute((attribute)at, r, &t, o);
}

bool attributes_take(json_reader *r, attributes_memory *m, arena *a, operation *o)
{
    json_token t;
    const char *begin = r->p - 1;
    o->text = slice_of(begin, 1);
    json_names_begin(&m->names);
    int at;
    while (json_next_name(r, &m->names, &t, &at) == JSON_NAME) {
        if (!take_member(at, r, m, a, o)) {
            return false;
        }
    }
    o->whole = slice_between(begin, r->p);
    operation_read_command(o, a);
    find_client(o, a);
    return t.kind == JSON_OBJECT_END && !m->names.repeated;
}

/* --- looking into objects
 * --------------------------------------------------------------------------- */

bool attributes_find(slice object, slice name, json_token *t, slice *raw)
{
    json_reader r;
    const char *dot = memchr(name.p, '.', name.n);
    slice first = dot != NULL ? slice_between(name.p, dot) : name;
    json_begin(&r, object);
    if (json_next(&r, t) != JSON_OBJECT_BEGIN) {
        return false;
    }
    while (json_next(&r, t) == JSON_NAME) {
        bool found = slice_equal(t->text, first);
        json_next(&r, t);
        json_token value_token = *t;
        if (!json_pass(&r, t, raw)) {
            return false;
        }
        if (found) {
            *t = value_token;
            return dot == NULL || attributes_find(*raw, slice_skip(name, first.n + 1), t, raw);
        }
    }
    return false;
}

slice attributes_text(slice object, slice name, arena *a)
{
    json_token t;
    slice raw;
    slice text = SLICE("");
    if (attributes_find(object, name, &t, &raw) && t.kind == JSON_STRING) {
        json_text(&t, a, &text);
    }
    return text;
}

bool attributes_integer(slice object, slice name, uint64_t *value)
{
    json_reader r;
    json_token t;
    slice raw;
    if (!attributes_find(object, name, &t, &raw)) {
        return false;
    }
    json_begin(&r, raw);
    json_next(&r, &t);
    return attributes_number(&r, &t, value);
}
