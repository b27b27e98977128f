/* pgbouncer.c - see pgbouncer.h.
 *
 *   2026-11-19 14:03:07.123 UTC [812] LOG C-0x55d1c0a2b3e0: shop/app@10.1.2.3:53412 login attempt:
 *   db=shop user=app tls=no
 *   2011-11-19 14:03:07.123 812 LOG Stats: 921 req/s, in 249055 b/s, out 4230871 b/s,query 191 us
 *
 * A record is one line. */
#include "parsers/pgbouncer/pgbouncer.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/timestamp.h"

enum { SCORE_MAX = 100, ZONE_MAX = 64, CLOCK_RESOLUTION = 1000 /* us */ };

/* --- one line ------------------------------------------------------------------------- */

typedef struct entry {
    int64_t time; /* of a clock in `zone` */
    slice zone;
    slice pid;
    slice level;
    slice message;
    bool bad_time;
} entry;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static slice take_digits(slice *in)
{
    size_t n = 0;
    while (n < in->n && is_digit(in->p[n])) {
        n++;
    }
    slice digits = slice_take(*in, n);
    *in = slice_skip(*in, n);
    return digits;
}

/* "[812] ", with a zone's name before it, or "812 ". */
static bool take_pid(slice *in, entry *out)
{
    slice rest = *in;
    const char *bracket = scan_text(slice_take(rest, ZONE_MAX), SLICE("["));
    if (rest.n > 0 && is_digit(rest.p[0])) {
        out->pid = take_digits(&rest);
    } else if (bracket != NULL) {
        out->zone = slice_trim(slice_between(rest.p, bracket));
        rest = slice_skip(rest, (size_t)(bracket + 1 - rest.p));
        out->pid = take_digits(&rest);
        if (!slice_starts_with(rest, SLICE("]"))) {
            return false;
        }
        rest = slice_skip(rest, 1);
    }
    *in = slice_skip(rest, 1);
    return out->pid.n > 0 && slice_starts_with(rest, SLICE(" "));
}

static bool take_level(slice *in, slice *level)
{
    static const slice levels[] = {{"LOG", 3},   {"WARNING", 7}, {"ERROR", 5},
                                   {"FATAL", 5}, {"DEBUG", 5},   {"NOISE", 5}};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        size_t n = levels[i].n;
        if (slice_starts_with(*in, levels[i]) && in->n > n && in->p[n] == ' ') {
            *level = levels[i];
            *in = slice_skip(*in, n + 1);
            return true;
        }
    }
    return false;
}

/* Digits and separators where a time stamp has them, though it cannot be a date. */
static bool skip_bad_time(slice *in)
{
    static const char form[] = "0000-00-00 00:00:00.000";
    size_t n = sizeof form - 1;
    bool good = in->n > n;
    for (size_t i = 0; good && i < n; i++) {
        good = form[i] == '0' ? is_digit(in->p[i]) : in->p[i] == form[i];
    }
    *in = good ? slice_skip(*in, n) : *in;
    return good;
}

static bool read_entry(slice line, entry *out)
{
    int64_t resolution;
    *out = (entry){0};
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    if (!timestamp_take(&line, &out->time, &resolution)) {
        out->bad_time = skip_bad_time(&line);
        if (!out->bad_time) {
            return false;
        }
    }
    if (!slice_starts_with(line, SLICE(" "))) {
        return false;
    }
    line = slice_skip(line, 1);
    bool good = take_pid(&line, out) && take_level(&line, &out->level);
    out->message = line;
    return good;
}

/* --- who ----------------------------------------------------------------------------------- */

/* What is in front of a message about a connection. */
typedef struct peer {
    char side;    /* 'C' of a client, 'S' of a server; 0: the message is about none */
    slice socket; /* "C-0x55d1c0a2b3e0" */
    slice database, user, host;
} peer;

/* The part before the first of a character; all of it where there is none. */
static slice take_until(slice *in, char c)
{
    const char *end = scan_first(*in, c);
    slice part = end != NULL ? slice_between(in->p, end) : *in;
    *in = slice_skip(*in, part.n + 1);
    return part;
}

static slice unless(slice name, const char *unknown)
{
    return slice_is(name, unknown) ? slice_of("", 0) : name;
}

/* Of "host:port", where a host may hold colons, or "unix(812):6432". */
static slice host_of(slice address)
{
    if (slice_starts_with(address, SLICE("unix"))) {
        return SLICE("[local]");
    }
    const char *colon = scan_last(address, ':');
    return colon != NULL ? slice_between(address.p, colon) : address;
}

/* Takes "C-0x55d1c0a2b3e0: shop/app@10.1.2.3:53412 " from the front of a message. */
static peer take_peer(slice *message)
{
    peer none = {0};
    slice rest = *message;
    if (!slice_starts_with(rest, SLICE("C-0x")) && !slice_starts_with(rest, SLICE("S-0x"))) {
        return none;
    }
    peer found = {.side = rest.p[0], .socket = take_until(&rest, ':')};
    rest = slice_skip(rest, 1);
    found.database = unless(take_until(&rest, '/'), "(nodb)");
    found.user = unless(take_until(&rest, '@'), "(nouser)");
    found.host = host_of(take_until(&rest, ' '));
    *message = rest;
    return found;
}

/* --- what a message says --------------------------------------------------------------------- */

typedef struct opening {
    slice text;
    char side; /* of the connection that the message has to be about; 0: none */
    event_kind kind;
} opening;

#define OPENING(text, side, kind)                                                                  \
    {                                                                                              \
        {text, sizeof(text) - 1}, side, kind                                                       \
    }

static const opening openings[] = {
    OPENING("stats: ", 0, EVENT_STATISTICS),
    OPENING("Stats: ", 0, EVENT_STATISTICS),
    OPENING("login attempt: ", 'C', EVENT_SESSION_START),
    OPENING("closing because: ", 'C', EVENT_SESSION_END),
    OPENING("pooler error: ", 'C', EVENT_ERROR),
    OPENING("Pooler Error: ", 'C', EVENT_ERROR),
    OPENING("process up: ", 0, EVENT_SERVER_START),
    OPENING("got SIGTERM", 0, EVENT_SERVER_STOP),
    OPENING("got SIGINT", 0, EVENT_SERVER_STOP),
};

static event_kind kind_of(slice level, char side, slice message)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (openings[i].side == side && slice_starts_with(message, openings[i].text)) {
            return openings[i].kind;
        }
    }
    return slice_is(level, "ERROR") || slice_is(level, "FATAL") ? EVENT_ERROR
           : slice_is(level, "WARNING")                         ? EVENT_WARNING
                                                                : EVENT_MESSAGE;
}

/* The words of the pooler itself, "no such database" of "pooler error: no such database: shop":
 * what a client or a server said stands behind a colon, in brackets or in quotes. */
static slice own_words(slice message)
{
    static const char *const ends[] = {": ", " (", "'", "\""};
    const char *place =
        scan_text(message, SLICE("(): ")); /* "@src/main.c:9 in function main(): " */
    if (slice_starts_with(message, SLICE("@")) && place != NULL) {
        message = slice_skip(message, (size_t)(place - message.p) + strlen("(): "));
    }
    if (slice_starts_with(message, SLICE("pooler error: ")) ||
        slice_starts_with(message, SLICE("Pooler Error: "))) {
        message = slice_skip(message, strlen("pooler error: "));
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = scan_text(message, slice_from(ends[i]));
        message = end != NULL ? slice_between(message.p, end) : message;
    }
    return slice_trim(message);
}

static void add_error(slice message, batch *out)
{
    slice rest = own_words(message);
    char *room = arena_alloc(&out->arena, 1 + rest.n);
    if (room == NULL) {
        out->out_of_memory = true;
        return;
    }
    room[0] = ' '; /* it has no codes */
    if (rest.n > 0) {
        memcpy(room + 1, rest.p, rest.n);
    }
    batch_add_fact(out, FACT_ERROR, slice_of(room, 1 + rest.n), 0);
}

static void set_time(const entry *from, event *e, batch *out)
{
    bool known = from->zone.n == 0 || zone_offset(from->zone, &e->zone_offset);
    out->unknown_zone = out->unknown_zone || !known;
    out->zone = from->zone;
    e->time = from->time - (int64_t)e->zone_offset * 1000000;
    e->has |= HAS_TIME;
}

static void add_entry(const entry *from, size_t offset, size_t bytes, batch *out)
{
    event *e = batch_add_event(out);
    if (e == NULL) {
        return;
    }
    slice message = from->message;
    peer about = take_peer(&message);
    e->offset = offset;
    e->bytes = (uint32_t)bytes;
    e->line = out->lines;
    e->kind = (uint8_t)kind_of(from->level, about.side, message);
    e->name = from->level;
    e->value = message;
    e->who =
        batch_who(out, &(who){.database = about.database, .user = about.user, .host = about.host});
    set_time(from, e, out);
    if (e->kind == EVENT_ERROR) {
        add_error(message, out);
    }
    if (about.side != 0) {
        e->session = mix64(hash_bytes(from->pid), hash_bytes(about.socket));
        e->has |= HAS_SESSION;
    }
    out->other_bytes += bytes;
}

/* --- parsing ------------------------------------------------------------------------------------
 */

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    (void)truncated;
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        size_t bytes = line.n + (newline != NULL);
        entry got;
        if (!read_entry(line, &got)) {
            batch_skip(out, SKIP_FOREIGN, out->lines, bytes);
        } else if (got.bad_time) {
            batch_skip(out, SKIP_BAD_TIME, out->lines, bytes);
        } else {
            add_entry(&got, (size_t)(line.p - block.p), bytes, out);
        }
        out->lines++;
        rest = slice_skip(rest, bytes);
    }
}

/* Every line stands for itself. */
static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    slice inner = slice_take(bytes, bytes.n > 0 ? bytes.n - 1 : 0);
    const char *end = which == CUT_FIRST ? scan_first(inner, '\n') : scan_last(inner, '\n');
    return end != NULL ? (size_t)(end + 1 - bytes.p) : 0;
}

/* --- recognising and making ready ---------------------------------------------------------- */

static int detect(slice head, const format_options *options)
{
    (void)options;
    size_t good = 0;
    size_t all = 0;
    while (head.n > 0) {
        const char *newline = scan_first(head, '\n');
        slice line = newline != NULL ? slice_between(head.p, newline) : head;
        entry ignored;
        bool counts = newline != NULL || all == 0; /* the head may end within a line */
        all += counts;
        good += counts && read_entry(line, &ignored);
        head = slice_skip(head, line.n + 1);
    }
    return all == 0 ? 0 : (int)(good * SCORE_MAX / all);
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)head;
    (void)options;
    (void)keep;
    (void)st;
    *out = (format){
        .parser = &pgbouncer_log, .lacks = LACKS_STATEMENTS, .clock_resolution = CLOCK_RESOLUTION};
    return true;
}

static const lack lacks[] = {
    {LACKS_STATEMENTS, "queries and their times", "statements"},
    {0, NULL, NULL},
};

const parser pgbouncer_log = {
    .name = "pgbouncer",
    .title = "PgBouncer log",
    .engine = "pgbouncer",
    .recognised = "lines of a time stamp, a process id, a level without ':' and a message",
    .example = "2026-11-19 14:03:07.123 UTC [812] LOG stats: 921 xacts/s, 1992 queries/s,"
               " in 249055 B/s, out 4230871 B/s, xact 13340 us, query 191 us, wait 0 us",
    .role = "pooler log",
    .lacks = lacks,
    .lacks_because = "the log of a pooler has no ",
    .lacks_remedy = "the log of the server behind it",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "TZ=UTC in the pooler's environment",
    .threshold_remedy = "",
    .query_id_name = "",
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
