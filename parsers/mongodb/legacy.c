/* legacy.c - see legacy.h. What a line is; legacy_operation.c has the operations' own text. */
#include "parsers/mongodb/legacy.h"
#include "base/time_units.h"

#include "base/number.h"
#include "base/scan.h"
#include "base/timestamp.h"
#include "parsers/mongodb/attributes.h"
#include "parsers/mongodb/legacy_operation.h"
#include "parsers/mongodb/lines.h"
#include "parsers/mongodb/operation.h"
#include "parsers/mongodb/shell.h"

enum {
    SCORE_MAX = 100,
    SCORE_UNSTAMPED = 90,     /* else the stamps of a log that has them would be its carrier's */
    CLOCK_RESOLUTION = 1000,  /* us */
    LAST_YEAR_OF_OLD = 2017,  /* of servers without severities in their lines, at most 2.6 */
    LAST_YEAR_OF_TEXT = 2021, /* of all others that write text */
    YEARS_BACK = 28           /* the calendar repeats itself */
};

typedef struct plan_data {
    int64_t
        begin; /* us; of a log whose stamps have no year: no record is earlier than a day before */
    bool unstamped; /* records may begin with their context: syslog has the time */
} plan_data;

/* --- stamps
 * -------------------------------------------------------------------------------------------- */

static int find_word(slice text, const char *words)
{
    for (int i = 0; words[i * 3] != '\0'; i++) {
        if (text.n >= 3 && memcmp(text.p, words + (size_t)i * 3, 3) == 0) {
            return i;
        }
    }
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "Wed Dec 31 19:00:00", with or without ".000": its parts. */
typedef struct yearless {
    int weekday; /* 0 is Monday */
    int month, day;
    int64_t of_day; /* us */
} yearless;

static bool take_clock(slice *in, int64_t *us)
{
    static const char form[] = "00:00:00";
    const char *p = in->p;
    if (in->n < 8) {
        return false;
    }
    for (int i = 0; i < 8; i++) {
        if (form[i] == '0' ? !is_digit(p[i]) : p[i] != ':') {
            return false;
        }
    }
    int hour = (p[0] - '0') * 10 + p[1] - '0';
    int minute = (p[3] - '0') * 10 + p[4] - '0';
    int second = (p[6] - '0') * 10 + p[7] - '0';
    int ms = 0;
    *in = slice_skip(*in, 8);
    if (in->n >= 4 && in->p[0] == '.' && is_digit(in->p[1]) && is_digit(in->p[2]) &&
        is_digit(in->p[3])) {
        ms = (in->p[1] - '0') * 100 + (in->p[2] - '0') * 10 + in->p[3] - '0';
        *in = slice_skip(*in, 4);
    }
    *us = (((int64_t)hour * 60 + minute) * 60 + second) * 1000000 + (int64_t)ms * 1000;
    return hour < 24 && minute < 60 && second <= 60;
}

static bool take_yearless(slice *in, yearless *y)
{
    slice rest = *in;
    uint64_t day;
    y->weekday = find_word(rest, "MonTueWedThuFriSatSun");
    rest = slice_skip(rest, 4);
    y->month = find_word(rest, "JanFebMarAprMayJunJulAugSepOctNovDec") + 1;
    rest = slice_skip(rest, 4);
    rest = rest.n > 0 && rest.p[0] == ' ' ? slice_skip(rest, 1) : rest;
    if (y->weekday < 0 || y->month == 0 || !unsigned_take(&rest, &day) || day == 0 || day > 31 ||
        rest.n == 0 || rest.p[0] != ' ') {
        return false;
    }
    y->day = (int)day;
    rest = slice_skip(rest, 1);
    if (!take_clock(&rest, &y->of_day)) {
        return false;
    }
    *in = rest;
    return true;
}

static int64_t instant_of(const yearless *y, int year)
{
    return days_from_civil(year, y->month, y->day) * US_PER_DAY + y->of_day;
}

static bool is_on(const yearless *y, int year)
{
    civil c = civil_from_instant(instant_of(y, year), 0);
    return c.month == y->month && c.day == y->day && c.weekday == y->weekday;
}

/* The first instant from a day before `begin` on that has these parts. */
static bool find_instant(const yearless *y, int64_t begin, int64_t *time)
{
    int year = civil_from_instant(begin - US_PER_DAY, 0).year;
    for (int i = 0; i <= YEARS_BACK; i++) {
        *time = instant_of(y, year + i);
        if (is_on(y, year + i) && *time >= begin - US_PER_DAY) {
            return true;
        }
    }
    return false;
}

/* --- lines
 * ------------------------------------------------------------------------------------------------
 */

typedef struct text_line {
    stamp at;
    bool of_no_zone; /* the time is that of the server's clock, wherever it stood */
    char severity;   /* ' ' where there is none */
    slice component;
    slice context;
    slice message;
} text_line;

static slice skip_blanks(slice rest)
{
    while (rest.n > 0 && rest.p[0] == ' ') {
        rest = slice_skip(rest, 1);
    }
    return rest;
}

/* "I COMMAND  " */
static slice take_severity(slice rest, text_line *l)
{
    l->severity = ' ';
    l->component = SLICE("");
    if (rest.n < 4 || rest.p[1] != ' ' || strchr("DIWEF", rest.p[0]) == NULL) {
        return rest;
    }
    slice ahead = skip_blanks(slice_skip(rest, 1));
    size_t n = 0;
    while (n < ahead.n &&
           ((ahead.p[n] >= 'A' && ahead.p[n] <= 'Z') || ahead.p[n] == '-' || ahead.p[n] == '_')) {
        n++;
    }
    if (n == 0 || n == ahead.n || ahead.p[n] != ' ') {
        return rest;
    }
    l->severity = rest.p[0];
    l->component = slice_take(ahead, n);
    return skip_blanks(slice_skip(ahead, n));
}

static bool take_time(const plan_data *plan, slice *rest, text_line *l)
{
    yearless y;
    if (take_yearless(rest, &y)) {
        l->at.zone = SLICE("server time");
        l->at.bad = !find_instant(&y, plan->begin, &l->at.time);
        l->of_no_zone = true;
        return true;
    }
    return lines_take_time(&(timestamp_minute){.us = 0}, rest, &l->at) || l->at.bad;
}

/* The name of a thread, which is all that stands in front of a message to syslog. */
static bool is_context(slice name)
{
    enum { CONTEXT_MAX = 64 };
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && (i == 0 || (!is_digit(c) && strchr("-_. ", c) == NULL))) {
            return false;
        }
    }
    return name.n > 0 && name.n <= CONTEXT_MAX;
}

/* False where the line is no record of such a log. */
static bool read_line(const plan_data *plan, slice line, text_line *l)
{
    *l = (text_line){.severity = ' '};
    slice rest = line;
    bool stamped = take_time(plan, &rest, l);
    if (stamped && l->at.bad) {
        return true;
    }
    l->at.none = !stamped;
    if (l->at.none && !plan->unstamped) {
        return false;
    }
    rest = take_severity(skip_blanks(rest), l);
    const char *end = rest.n > 0 && rest.p[0] == '[' ? scan_first(rest, ']') : NULL;
    if (end == NULL) {
        return false;
    }
    l->context = slice_between(rest.p + 1, end);
    if (l->at.none && (rest.p != line.p || !is_context(l->context))) {
        return false;
    }
    l->message = skip_blanks(slice_between(end + 1, rest.p + rest.n));
    return true;
}

/* --- records that are no operations
 * -------------------------------------------------------------------------- */

static void tell_who(event *e, who w, slice context, batch *out)
{
    e->who = batch_who(out, &w);
    e->session = operation_session(context);
    e->has |= HAS_SESSION | TELLS_WHO;
}

static slice word_behind(slice text, slice phrase)
{
    const char *found = scan_text(text, phrase);
    if (found == NULL) {
        return SLICE("");
    }
    slice rest = slice_between(found + phrase.n, text.p + text.n);
    const char *end = scan_first(rest, ' ');
    return end != NULL ? slice_between(rest.p, end) : rest;
}

/* "connection accepted from 127.0.0.1:50000 #12 (2 connections now open)": conn12 from now on. */
static void read_accepted(const text_line *l, event *e, batch *out)
{
    slice host = operation_host(word_behind(l->message, SLICE("connection accepted from ")));
    slice number = word_behind(l->message, SLICE(" #"));
    char *name = number.n > 0 ? arena_alloc(&out->arena, number.n + 4) : NULL;
    if (name != NULL) {
        memcpy(name, "conn", 4);
        memcpy(name + 4, number.p, number.n);
        tell_who(e, (who){.host = host}, slice_of(name, number.n + 4), out);
    }
}

/* "received client metadata from 127.0.0.1:50000 conn12: { application: { name: "web" }, … }" */
static void read_client(const text_line *l, event *e, legacy_scratch *s, batch *out)
{
    const char *brace = scan_first(l->message, '{');
    slice document = brace != NULL ? slice_between(brace, l->message.p + l->message.n) : SLICE("");
    slice host = operation_host(word_behind(l->message, SLICE("client metadata from ")));
    slice copy;
    slice name = SLICE("");
    buf_clear(&s->value);
    if (document.n > 0 && shell_take(&document, &s->value) &&
        arena_copy(&out->arena, buf_slice(&s->value), &copy)) {
        name = attributes_text(copy, SLICE("application.name"), &out->arena);
    }
    tell_who(e, (who){.application = name, .host = host}, l->context, out);
}

/* "options: { operationProfiling: { slowOpThresholdMs: 50 }, … }" */
static void read_options(const text_line *l, event *e)
{
    uint64_t ms = 100; /* of a server that was told nothing */
    slice number = word_behind(l->message, SLICE("slowOpThresholdMs: "));
    if (number.n > 0) {
        unsigned_take(&number, &ms);
    }
    e->kind = EVENT_SETTING;
    e->name = SLICE("slowms");
    e->duration = (int64_t)(ms < INT32_MAX ? ms : INT32_MAX) * 1000;
    e->has |= HAS_THRESHOLD;
}

static event_kind kind_of(const text_line *l)
{
    slice m = l->message;
    if (slice_starts_with(m, SLICE("transaction "))) {
        return EVENT_TRANSACTION;
    }
    if (slice_starts_with(m, SLICE("applied op:"))) {
        return EVENT_APPLY;
    }
    if (slice_starts_with(m, SLICE("MongoDB starting")) ||
        slice_starts_with(m, SLICE("MongoS version"))) {
        return EVENT_SERVER_START;
    }
    if (slice_starts_with(m, SLICE("connection accepted from "))) {
        return EVENT_SESSION_START;
    }
    if (slice_starts_with(m, SLICE("end connection "))) {
        return EVENT_SESSION_END;
    }
    return l->severity == 'W'                         ? EVENT_WARNING
           : l->severity == 'E' || l->severity == 'F' ? EVENT_ERROR
                                                      : EVENT_MESSAGE;
}

static void read_details(const text_line *l, event *e, legacy_scratch *s, batch *out)
{
    slice m = l->message;
    if (e->kind == EVENT_SESSION_START) {
        read_accepted(l, e, out);
    } else if (slice_starts_with(m, SLICE("received client metadata from "))) {
        read_client(l, e, s, out);
    } else if (scan_text(m, SLICE("uccessfully authenticated as principal ")) != NULL) {
        tell_who(e, (who){.user = word_behind(m, SLICE("principal "))}, l->context, out);
    } else if (slice_starts_with(m, SLICE("db version v"))) {
        e->kind = EVENT_SETTING;
        e->name = SLICE("version");
        e->value = word_behind(m, SLICE("db version v"));
    } else if (slice_starts_with(m, SLICE("options: {"))) {
        read_options(l, e);
    }
}

static void add_other(const text_line *l, legacy_scratch *s, size_t offset, size_t bytes,
                      batch *out)
{
    event *e = batch_add_event(out);
    if (e == NULL) {
        return;
    }
    e->kind = (uint8_t)kind_of(l);
    e->offset = offset;
    e->line = out->lines;
    e->bytes = (uint32_t)bytes;
    e->time = l->at.time;
    e->zone_offset = l->at.zone_offset;
    out->zone = l->at.none ? out->zone : l->at.zone;
    e->has = l->at.none ? 0 : HAS_TIME;
    e->value = l->message;
    e->who = batch_who(out, &(who){.database = SLICE("")});
    if (e->kind == EVENT_SESSION_END) {
        e->session = operation_session(l->context);
        e->has |= HAS_SESSION;
    }
    out->other_bytes += bytes;
    read_details(l, e, s, out);
}

/* --- parsing
 * ------------------------------------------------------------------------------------------------------
 */

typedef struct reading {
    const plan_data *plan;
    batch *out;
    legacy_scratch scratch;
    attributes_memory attributes;
} reading;

/* An operation, read as the structured log's. False where it is none. */
static bool add_operation(reading *r, const text_line *l, size_t offset, size_t bytes)
{
    json_reader json;
    json_token t;
    slice copy;
    operation o = {.at = l->at, .context = l->context};
    if (!legacy_operation(l->message, &r->scratch, &o.truncated)) {
        return false;
    }
    if (!arena_copy(&r->out->arena, buf_slice(&r->scratch.json), &copy)) {
        r->out->out_of_memory = true;
        return true;
    }
    json_begin(&json, copy);
    if (json_next(&json, &t) != JSON_OBJECT_BEGIN ||
        !attributes_take(&json, &r->attributes, &r->out->arena, &o)) {
        return false;
    }
    if (o.truncated) {
        o.text = o.whole;
    }
    operation_add(&o, offset, bytes, r->out);
    return true;
}

static void add_line(reading *r, slice line, size_t offset, size_t bytes, bool cut_off)
{
    batch *out = r->out;
    text_line l;
    if (!read_line(r->plan, line, &l)) {
        batch_skip(out, cut_off ? SKIP_TOO_LONG : SKIP_FOREIGN, out->lines, bytes);
    } else if (l.at.bad) {
        batch_skip(out, SKIP_BAD_TIME, out->lines, bytes);
    } else {
        out->unknown_zone = out->unknown_zone || l.of_no_zone;
        if (!add_operation(r, &l, offset, bytes)) {
            add_other(&l, &r->scratch, offset, bytes, out);
        }
    }
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    reading r = {.plan = f->plan, .out = out};
    legacy_scratch_init(&r.scratch);
    attributes_begin(&r.attributes);
    for (slice rest = block; lines_more(&rest, out);) {
        size_t bytes;
        slice line = lines_take(&rest, &bytes);
        bool cut_off = truncated && rest.n == 0 && line.n == bytes;
        add_line(&r, line, (size_t)(line.p - block.p), bytes, cut_off);
        out->lines++;
    }
    legacy_scratch_free(&r.scratch);
}

/* --- recognising and making ready
 * ---------------------------------------------------------------------------------- */

/* The latest year in which all stamps of the head that have none can be; a log's first records tell
 * how old its server is. */
static int64_t begin_of(slice head)
{
    yearless first;
    int last_year = 0;
    int best = 0;
    while (head.n > 0 && last_year == 0) {
        size_t bytes;
        text_line l = {.severity = ' '};
        slice line = lines_take(&head, &bytes);
        if (take_yearless(&line, &first)) {
            take_severity(skip_blanks(line), &l);
            last_year = l.severity == ' ' ? LAST_YEAR_OF_OLD : LAST_YEAR_OF_TEXT;
        }
    }
    for (int i = 0; last_year > 0 && i < YEARS_BACK && best == 0; i++) {
        best = is_on(&first, last_year - i) ? last_year - i : 0;
    }
    return best > 0 ? instant_of(&first, best) : 0;
}

/* What the head holds, read so. */
typedef struct census {
    size_t records;
    size_t telling; /* of them, those that only such a server writes */
    size_t others;  /* behind the first record */
} census;

static bool is_telling(const text_line *l, legacy_scratch *s)
{
    bool truncated;
    event_kind kind = kind_of(l);
    return (kind != EVENT_MESSAGE && kind != EVENT_WARNING && kind != EVENT_ERROR) ||
           legacy_operation(l->message, s, &truncated);
}

static census take_census(slice head, const plan_data *plan)
{
    census c = {0};
    legacy_scratch scratch;
    legacy_scratch_init(&scratch);
    while (head.n > 0) {
        text_line l;
        size_t bytes;
        slice line = lines_take(&head, &bytes);
        bool whole = line.n < bytes;
        bool good = read_line(plan, line, &l) && !l.at.bad;
        c.records += good;
        c.telling += good && is_telling(&l, &scratch);
        c.others += !good && whole && c.records > 0;
    }
    legacy_scratch_free(&scratch);
    return c;
}

/* How the log is read: by its records' stamps or, where none has one, by what they say. */
static census find_plan(slice head, plan_data *plan)
{
    *plan = (plan_data){.begin = begin_of(head)};
    census c = take_census(head, plan);
    if (c.records > 0) {
        return c;
    }
    plan->unstamped = true;
    c = take_census(head, plan);
    plan->unstamped = c.telling > 0;
    return c.telling > 0 ? c : (census){0};
}

static int detect(slice head, const format_options *options)
{
    (void)options;
    plan_data plan;
    census c = find_plan(head, &plan);
    size_t score = plan.unstamped ? SCORE_UNSTAMPED : SCORE_MAX;
    return c.records == 0 ? 0 : (int)(c.records * score / (c.records + c.others));
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)options;
    plan_data *plan = arena_alloc(keep, sizeof *plan);
    if (plan == NULL) {
        return status_no_memory(st);
    }
    find_plan(head, plan);
    *out = (format){.parser = &mongodb_legacy, .plan = plan, .clock_resolution = CLOCK_RESOLUTION};
    if (plan->unstamped) {
        out->detail = SLICE("as written to syslog: without stamps of its own");
        out->inferred = true;
        out->lacks = LACKS_TIME;
        out->clock_resolution = 0;
    } else if (plan->begin != 0) {
        out->detail = SLICE("stamps without a year: the latest one with these weekdays");
        out->inferred = true;
    }
    return true;
}

static const lack lacks[] = {
    {LACKS_TIME, "load over time, the busiest minute, windows of time", "time stamps"},
    {0, NULL, NULL}};

const parser mongodb_legacy = {
    .name = "mongodb-text",
    .title = "MongoDB server log, text (up to 4.2)",
    .engine = "mongodb",
    .recognised = "lines of a time stamp, from 3.0 on severity and component, and [thread]; in "
                  "syslog [thread] alone",
    .example = "2026-11-19T14:03:07.123+0000 I COMMAND  [conn42] command shop.orders command: find "
               "{ find: \"orders\", filter: { state: \"new\" } } planSummary: COLLSCAN "
               "keysExamined:0 docsExamined:1000 nreturned:10 reslen:1234 protocol:op_msg 120ms",
    .role = "server log",
    .lacks = lacks,
    .lacks_because = "its lines have no ",
    .lacks_remedy = "the log of the syslog daemon that it was written to",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "timeStampFormat iso8601-utc",
    .bursts_remedy = "slowms 0 for a minute (db.setProfilingLevel(0, { slowms: 0 }))",
    .threshold_remedy = "a lower slowms (db.setProfilingLevel(0, 20))",
    .query_id_name = "mongodb",
    .detect = detect,
    .prepare = prepare,
    .cut = lines_cut,
    .parse = parse,
};
