/* line_regex.c - see line_regex.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "parsers/regex/line_regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/timestamp.h"

enum {
    GROUPS_MAX = 64, /* named ones; a name may stand in several branches */
    /* What one line may cost: a line that takes more is not understood. */
    STEPS_MAX = 200000,
    HEAP_MAX = 1024, /* KiB */
    NAMES_TEXT_MAX = 1024
};

/* --- what groups mean ------------------------------------------------------------------ */

typedef enum group_id {
    GROUP_TIME,
    GROUP_DURATION_S,
    GROUP_DURATION_MS,
    GROUP_DURATION_US,
    GROUP_TEXT,
    GROUP_MESSAGE,
    GROUP_SEVERITY,
    GROUP_CODE,
    GROUP_USER,
    GROUP_DATABASE,
    GROUP_APPLICATION,
    GROUP_HOST,
    GROUP_SESSION,
    GROUP_LOCK_TIME_S,
    GROUP_ROWS_SENT,
    GROUP_ROWS_EXAMINED,
    GROUP_ROWS_AFFECTED,
    GROUP_COUNT
} group_id;

static const char *const group_names[GROUP_COUNT] = {
    [GROUP_TIME] = "time",
    [GROUP_DURATION_S] = "duration_s",
    [GROUP_DURATION_MS] = "duration_ms",
    [GROUP_DURATION_US] = "duration_us",
    [GROUP_TEXT] = "text",
    [GROUP_MESSAGE] = "message",
    [GROUP_SEVERITY] = "severity",
    [GROUP_CODE] = "code",
    [GROUP_USER] = "user",
    [GROUP_DATABASE] = "database",
    [GROUP_APPLICATION] = "application",
    [GROUP_HOST] = "host",
    [GROUP_SESSION] = "session",
    [GROUP_LOCK_TIME_S] = "lock_time_s",
    [GROUP_ROWS_SENT] = "rows_sent",
    [GROUP_ROWS_EXAMINED] = "rows_examined",
    [GROUP_ROWS_AFFECTED] = "rows_affected",
};

void line_regex_groups(buf *out)
{
    for (int i = 0; i < GROUP_COUNT; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        buf_add_text(out, group_names[i]);
    }
}

/* --- compiling ---------------------------------------------------------------------------- */

typedef struct named_group {
    uint32_t number;
    group_id id;
} named_group;

struct line_regex {
    pcre2_code *code;
    pcre2_match_context *limits;
    char *text;
    named_group groups[GROUPS_MAX];
    uint32_t n_groups;
    uint32_t has; /* a bit for each group_id */
};

static bool has_group(const line_regex *r, group_id id)
{
    return (r->has >> id & 1) != 0;
}

static bool unknown_group(const char *name, status *st)
{
    buf known;
    buf_init(&known, NAMES_TEXT_MAX);
    line_regex_groups(&known);
    buf_add_char(&known, '\0');
    status_fail(st, STATUS_USAGE, "unknown group '%s' in --line-regex; there are %s", name,
                known.failed ? "" : known.p);
    buf_free(&known);
    return false;
}

static bool add_group(line_regex *r, uint32_t number, const char *name, status *st)
{
    group_id id = GROUP_TIME;
    while (id < GROUP_COUNT && strcmp(group_names[id], name) != 0) {
        id++;
    }
    if (id == GROUP_COUNT) {
        return unknown_group(name, st);
    }
    if (r->n_groups == GROUPS_MAX) {
        return status_fail(st, STATUS_USAGE, "more than %d named groups in --line-regex",
                           GROUPS_MAX);
    }
    r->groups[r->n_groups++] = (named_group){number, id};
    r->has |= 1u << id;
    return true;
}

/* The table of names: two bytes of number, the name, NUL, filled up to one size. */
static bool read_groups(line_regex *r, status *st)
{
    uint32_t n = 0;
    uint32_t size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &n);
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < n; i++) {
        PCRE2_SPTR entry = table + (size_t)i * size;
        if (!add_group(r, (uint32_t)entry[0] << 8 | entry[1], (const char *)entry + 2, st)) {
            return false;
        }
    }
    return has_group(r, GROUP_TEXT) ||
           status_fail(st, STATUS_USAGE,
                       "no group 'text' in --line-regex: (?<text>...) is the statement");
}

static bool compile(line_regex *r, const char *text, status *st)
{
    int error;
    PCRE2_SIZE at;
    r->code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                      PCRE2_ANCHORED | PCRE2_DUPNAMES | PCRE2_DOLLAR_ENDONLY, &error, &at, NULL);
    if (r->code == NULL) {
        PCRE2_UCHAR why[128];
        pcre2_get_error_message(error, why, sizeof why);
        return status_fail(st, STATUS_USAGE, "cannot read --line-regex '%s': %s at character %zu",
                           text, (const char *)why, (size_t)at + 1);
    }
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* where it cannot, matching is slower */
    r->limits = pcre2_match_context_create(NULL);
    r->text = strdup(text);
    if (r->limits == NULL || r->text == NULL) {
        return status_no_memory(st);
    }
    pcre2_set_match_limit(r->limits, STEPS_MAX);
    pcre2_set_depth_limit(r->limits, STEPS_MAX);
    pcre2_set_heap_limit(r->limits, HEAP_MAX);
    return read_groups(r, st);
}

bool line_regex_compile(const char *text, line_regex **out, status *st)
{
    if (*out != NULL) {
        return status_fail(st, STATUS_USAGE, "a second --line-regex '%s'; join them with |", text);
    }
    line_regex *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return status_no_memory(st);
    }
    if (!compile(r, text, st)) {
        line_regex_free(r);
        return false;
    }
    *out = r;
    return true;
}

void line_regex_free(line_regex *r)
{
    if (r != NULL) {
        pcre2_code_free(r->code);
        pcre2_match_context_free(r->limits);
        free(r->text);
        free(r);
    }
}

/* --- matching --------------------------------------------------------------------------------- */

/* What one thread needs to match lines. */
typedef struct matcher {
    const line_regex *regex;
    pcre2_match_data *data;
    bool too_costly; /* the latest line took more than it may */
} matcher;

static bool matcher_begin(matcher *m, const line_regex *r)
{
    *m = (matcher){.regex = r, .data = pcre2_match_data_create_from_pattern(r->code, NULL)};
    return m->data != NULL;
}

static bool matches(matcher *m, slice line)
{
    int n =
        pcre2_match(m->regex->code, (PCRE2_SPTR)line.p, line.n, 0, 0, m->data, m->regex->limits);
    m->too_costly = n < 0 && n != PCRE2_ERROR_NOMATCH;
    return n >= 0;
}

/* The parts of the line that matched last; p is NULL of those that it lacks. */
static void take_parts(const matcher *m, slice line, slice parts[GROUP_COUNT])
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);
    memset(parts, 0, GROUP_COUNT * sizeof *parts);
    for (uint32_t i = 0; i < m->regex->n_groups; i++) {
        named_group g = m->regex->groups[i];
        PCRE2_SIZE begin = at[2 * (size_t)g.number];
        PCRE2_SIZE end = at[2 * (size_t)g.number + 1];
        /* \K and look-behinds can make ends that lie before beginnings. */
        if (begin != PCRE2_UNSET && begin <= end && end <= line.n) {
            parts[g.id] = slice_of(line.p + begin, end - begin);
        }
    }
}

/* A line without its line end. */
static slice first_line(slice rest, bool *whole)
{
    const char *newline = scan_first(rest, '\n');
    *whole = newline != NULL;
    slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
    line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
    return line;
}

/* --- what a line says ------------------------------------------------------------------------- */

/* Seconds since 1970 or, where there are that many, milliseconds. */
static bool read_epoch(slice text, int64_t *us, int64_t *resolution)
{
    enum { MS_DIGITS = 12 };
    uint64_t n;
    slice whole = text;
    bool ms = unsigned_take(&whole, &n) && text.n - whole.n >= MS_DIGITS;
    *resolution = ms ? 1000 : whole.n > 0 ? 1 : 1000000;
    if (!fixed_take(&text, ms ? 3 : 6, &n) || text.n > 0 || n > INT64_MAX) {
        return false;
    }
    *us = (int64_t)n;
    return true;
}

typedef struct moment_read {
    int64_t time, resolution;
    int32_t offset;
    slice zone;
    bool unknown_zone;
} moment_read;

/* "2026-11-19 14:03:07.123", "2026-11-19T14:03:07Z", "... +01:00", "... CET", "1795096987.123". */
static bool read_time(slice text, moment_read *out)
{
    *out = (moment_read){0};
    text = slice_trim(text);
    if (!timestamp_take(&text, &out->time, &out->resolution)) {
        return read_epoch(text, &out->time, &out->resolution);
    }
    out->zone = slice_trim(text);
    bool known =
        out->zone.n == 0 || slice_is(out->zone, "Z") || zone_offset(out->zone, &out->offset);
    out->unknown_zone = !known;
    out->time -= (int64_t)out->offset * 1000000;
    return true;
}

static void set_duration(const slice parts[GROUP_COUNT], event *e)
{
    static const struct {
        group_id id;
        unsigned digits; /* behind the point, down to us */
    } units[] = {{GROUP_DURATION_S, 6}, {GROUP_DURATION_MS, 3}, {GROUP_DURATION_US, 0}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        slice text = parts[units[i].id];
        uint64_t us;
        if (text.n > 0 && fixed_take(&text, units[i].digits, &us) && us <= INT64_MAX) {
            e->duration = (int64_t)us;
            e->has |= HAS_DURATION;
            return;
        }
    }
}

static void add_measures(const slice parts[GROUP_COUNT], batch *out)
{
    static const struct {
        group_id id;
        measure_id measure;
        unsigned digits;
    } kinds[] = {{GROUP_LOCK_TIME_S, MEASURE_LOCK_TIME, 6},
                 {GROUP_ROWS_SENT, MEASURE_ROWS_SENT, 0},
                 {GROUP_ROWS_EXAMINED, MEASURE_ROWS_EXAMINED, 0},
                 {GROUP_ROWS_AFFECTED, MEASURE_ROWS_AFFECTED, 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        slice text = parts[kinds[i].id];
        uint64_t n;
        if (text.n > 0 && fixed_take(&text, kinds[i].digits, &n)) {
            batch_add_measured(out, kinds[i].measure, n);
        }
    }
}

static bool is_one_of(slice word, const char *const *words)
{
    for (; *words != NULL; words++) {
        slice one = slice_from(*words);
        bool same = word.n == one.n;
        for (size_t i = 0; same && i < one.n; i++) {
            same = (word.p[i] & ~0x20) == one.p[i];
        }
        if (same) {
            return true;
        }
    }
    return false;
}

static event_kind kind_of(slice severity, bool with_text)
{
    static const char *const errors[] = {"ERROR", "ERR", "FATAL", "PANIC", "CRITICAL", NULL};
    static const char *const warnings[] = {"WARNING", "WARN", NULL};
    return is_one_of(severity, errors)     ? EVENT_ERROR
           : is_one_of(severity, warnings) ? EVENT_WARNING
           : with_text                     ? EVENT_STATEMENT
                                           : EVENT_MESSAGE;
}

/* --- parsing ---------------------------------------------------------------------------------- */

typedef struct reading {
    matcher matcher;
    batch *out;
    slice block;
    event *event;      /* of the open record; NULL: there is none */
    bool text_goes_on; /* its text goes to the line's end */
    bool truncated;
    skip_reason skipping; /* why lines outside of a record are not understood */
} reading;

static void end_record(reading *r, const char *at)
{
    event *e = r->event;
    if (e == NULL) {
        return;
    }
    e->bytes = (uint32_t)((size_t)(at - r->block.p) - e->offset);
    e->has |= r->truncated && (e->has & HAS_TEXT) != 0 ? TEXT_TRUNCATED : 0;
    *(e->kind == EVENT_STATEMENT ? &r->out->event_bytes : &r->out->other_bytes) += e->bytes;
    r->event = NULL;
}

static slice or_empty(slice part)
{
    return part.p != NULL ? part : slice_of("", 0);
}

static void begin_record(reading *r, slice line, const slice parts[GROUP_COUNT],
                         const moment_read *at)
{
    batch *out = r->out;
    event *e = r->event = batch_add_event(out);
    if (e == NULL) {
        return;
    }
    slice text = parts[GROUP_TEXT];
    e->offset = (uint64_t)(line.p - r->block.p);
    e->line = out->lines;
    e->kind = (uint8_t)kind_of(parts[GROUP_SEVERITY], text.n > 0);
    e->name = or_empty(parts[GROUP_SEVERITY]);
    e->code = or_empty(parts[GROUP_CODE]);
    e->value = or_empty(parts[GROUP_MESSAGE]);
    e->who = batch_who(out, &(who){.database = or_empty(parts[GROUP_DATABASE]),
                                   .user = or_empty(parts[GROUP_USER]),
                                   .application = or_empty(parts[GROUP_APPLICATION]),
                                   .host = or_empty(parts[GROUP_HOST])});
    if (text.n > 0) {
        e->text = text;
        e->has |= HAS_TEXT;
        set_duration(parts, e);
        add_measures(parts, out);
    }
    if (parts[GROUP_TIME].n > 0) {
        e->time = at->time;
        e->zone_offset = at->offset;
        e->has |= HAS_TIME;
        out->zone = at->zone;
        out->unknown_zone = out->unknown_zone || at->unknown_zone;
    }
    if (parts[GROUP_SESSION].n > 0) {
        e->session = hash_bytes(parts[GROUP_SESSION]);
        e->has |= HAS_SESSION;
    }
    r->text_goes_on = text.n > 0 && text.p + text.n == line.p + line.n;
}

static void read_matched(reading *r, slice line, size_t bytes)
{
    slice parts[GROUP_COUNT];
    moment_read at = {0};
    take_parts(&r->matcher, line, parts);
    end_record(r, line.p);
    if (parts[GROUP_TIME].n > 0 && !read_time(parts[GROUP_TIME], &at)) {
        r->skipping = SKIP_BAD_TIME;
        batch_skip(r->out, SKIP_BAD_TIME, r->out->lines, bytes);
        return;
    }
    begin_record(r, line, parts, &at);
}

static void read_other(reading *r, slice line, size_t bytes)
{
    if (r->event != NULL && !r->matcher.too_costly) {
        if (r->text_goes_on) {
            r->event->text = slice_between(r->event->text.p, line.p + line.n);
        }
        return;
    }
    end_record(r, line.p);
    r->skipping = r->matcher.too_costly ? SKIP_FOREIGN : r->skipping;
    batch_skip(r->out, r->skipping, r->out->lines, bytes);
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    reading r = {.out = out, .block = block, .truncated = truncated, .skipping = SKIP_HEADLESS};
    if (!matcher_begin(&r.matcher, f->plan)) {
        out->out_of_memory = true;
        return;
    }
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        bool whole;
        slice line = first_line(rest, &whole);
        const char *newline = whole ? scan_first(rest, '\n') : NULL;
        size_t bytes = newline != NULL ? (size_t)(newline + 1 - rest.p) : rest.n;
        if (matches(&r.matcher, line)) {
            read_matched(&r, line, bytes);
        } else {
            read_other(&r, line, bytes);
        }
        out->lines++;
        rest = slice_skip(rest, bytes);
    }
    end_record(&r, block.p + block.n);
    pcre2_match_data_free(r.matcher.data);
}

/* --- where records begin ------------------------------------------------------------------ */

/* A line whose end is not in the buffer may match or not: it is left to the next time. */
static bool begins_record(matcher *m, slice rest)
{
    bool whole;
    slice line = first_line(rest, &whole);
    return whole && matches(m, line);
}

static size_t cut_first(matcher *m, slice bytes)
{
    for (size_t at = 0; at < bytes.n;) {
        const char *end = scan_first(slice_skip(bytes, at), '\n');
        if (end == NULL) {
            return 0;
        }
        at = (size_t)(end + 1 - bytes.p);
        if (begins_record(m, slice_skip(bytes, at))) {
            return at;
        }
    }
    return 0;
}

static size_t cut_last(matcher *m, slice bytes)
{
    for (size_t n = bytes.n; n > 0;) {
        const char *end = scan_last(slice_take(bytes, n), '\n');
        if (end == NULL) {
            return 0;
        }
        n = (size_t)(end - bytes.p);
        if (begins_record(m, slice_skip(bytes, n + 1))) {
            return n + 1;
        }
    }
    return 0;
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    matcher m;
    if (!matcher_begin(&m, f->plan)) {
        return 0; /* the record grows, or parsing finds that memory is out */
    }
    size_t at = which == CUT_FIRST ? cut_first(&m, bytes) : cut_last(&m, bytes);
    pcre2_match_data_free(m.data);
    return at;
}

/* --- making ready --------------------------------------------------------------------------- */

static int detect(slice head, const format_options *options)
{
    (void)head;
    (void)options;
    return DETECT_NEVER;
}

/* How fine the log's clock is, by the first record; 0 where there is none. */
static bool find_clock(const line_regex *r, slice head, int64_t *resolution)
{
    matcher m;
    bool found = false;
    *resolution = 0;
    if (!matcher_begin(&m, r)) {
        return false;
    }
    while (head.n > 0 && !found) {
        bool whole;
        slice line = first_line(head, &whole);
        const char *newline = scan_first(head, '\n');
        if (matches(&m, line)) {
            slice parts[GROUP_COUNT];
            moment_read at = {0};
            take_parts(&m, line, parts);
            found = true;
            *resolution =
                parts[GROUP_TIME].n > 0 && read_time(parts[GROUP_TIME], &at) ? at.resolution : 0;
        }
        head = newline != NULL ? slice_between(newline + 1, head.p + head.n) : slice_take(head, 0);
    }
    pcre2_match_data_free(m.data);
    return found;
}

static bool prepare_as(const parser *row, slice head, const format_options *options, format *out,
                       status *st)
{
    static const struct {
        group_id id;
        unsigned lacks;
    } fields[] = {{GROUP_TIME, LACKS_TIME},
                  {GROUP_SESSION, LACKS_SESSION},
                  {GROUP_USER, LACKS_USER},
                  {GROUP_DATABASE, LACKS_DATABASE},
                  {GROUP_APPLICATION, LACKS_APPLICATION},
                  {GROUP_HOST, LACKS_HOST}};
    const line_regex *r = options->line_regex;
    if (r == NULL) {
        return status_fail(st, STATUS_USAGE, "the format '%s' wants --line-regex", row->name);
    }
    *out = (format){.parser = row, .plan = r, .detail = slice_from(r->text)};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        out->lacks |= has_group(r, fields[i].id) ? 0 : fields[i].lacks;
    }
    return find_clock(r, head, &out->clock_resolution) ||
           status_fail(st, STATUS_INPUT, "no line matches --line-regex '%s'", r->text);
}

static bool prepare_postgresql(slice head, const format_options *options, arena *keep, format *out,
                               status *st)
{
    (void)keep;
    return prepare_as(&line_regex_postgresql, head, options, out, st);
}

static bool prepare_mysql(slice head, const format_options *options, arena *keep, format *out,
                          status *st)
{
    (void)keep;
    return prepare_as(&line_regex_mysql, head, options, out, st);
}

static const lack lacks[] = {
    {LACKS_TIME, "load over time, the busiest minute, windows of time", "time"},
    {LACKS_SESSION, "N+1 bursts", "session"},
    {LACKS_USER, "users", "user"},
    {LACKS_DATABASE, "databases", "database"},
    {LACKS_APPLICATION, "applications", "application"},
    {LACKS_HOST, "hosts", "host"},
    {0, NULL, NULL},
};

#define LINE_REGEX_ROW(row_name, row_title, row_engine, row_prepare)                               \
    {                                                                                              \
        .name = row_name, .title = row_title, .engine = row_engine,                                \
        .recognised = "nothing: it is read where --line-regex says how",                           \
        .example = "--line-regex '(?<time>\\S+ \\S+) (?<user>\\w+) (?<duration_ms>[\\d.]+)ms "     \
                   "(?<text>.*)'",                                                                 \
        .role = "log", .lacks = lacks, .lacks_because = "--line-regex has no group ",              \
        .lacks_remedy = "groups of these names, where the lines tell of it",                       \
        .orphans_because = "", .orphans_remedy = "",                                               \
        .zone_remedy = "a zone of a known name or a number behind the time",                       \
        .threshold_remedy = "a lower threshold in what writes the log",                            \
        .query_id_name = "query_id", .detect = detect, .prepare = row_prepare, .cut = cut,         \
        .parse = parse,                                                                            \
    }

const parser line_regex_postgresql =
    LINE_REGEX_ROW("line-regex", "lines of any form that a regular expression reads", "postgresql",
                   prepare_postgresql);
const parser line_regex_mysql = LINE_REGEX_ROW(
    "line-regex-mysql", "the same, with statements of MySQL and MariaDB", "mysql", prepare_mysql);
