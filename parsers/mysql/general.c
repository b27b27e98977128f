/* general.c - see general.h.
 *
 *   2026-11-19T14:03:07.123456Z <TAB>   22 Query <TAB> SELECT id
 *   FROM orders
 *   261119 14:03:07 <TAB>   22 Connect <TAB> app@localhost on shop
 *   <TAB><TAB>   22 Query <TAB> SELECT 1
 *
 * Up to 5.6 and in MariaDB the time stands only where its second is another than before. What is
 * within a statement is told from a record by its form alone.
 *
 * Whose a connection is stands only where it begins, and its database also where it changes: what
 * its statements lack is asked of the fold. */
#include "parsers/mysql/general.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/scan.h"
#include "parsers/mysql/head.h"

enum { SCORE_MAX = 95, SCORE_LEAST_LINES = 1, LINE_START_ENOUGH = 256, DATABASE_NAME_MAX = 256 };

typedef struct command {
    const char *name;
    event_kind kind;
    bool tells_database; /* its argument is the session's from now on */
} command;

/* The last is of any other name that begins with a capital. */
static const command commands[] = {
    {"Query", EVENT_STATEMENT, false},
    {"Execute", EVENT_STATEMENT, false},
    {"Prepare", EVENT_PREPARE, false},
    {"Connect", EVENT_SESSION_START, false},
    {"Quit", EVENT_SESSION_END, false},
    {"Init DB", EVENT_MESSAGE, true},
    {"Field List", EVENT_MESSAGE, false},
    {"Close stmt", EVENT_MESSAGE, false},
    {"Reset stmt", EVENT_MESSAGE, false},
    {"Long Data", EVENT_MESSAGE, false},
    {"Statistics", EVENT_MESSAGE, false},
    {"Ping", EVENT_MESSAGE, false},
    {"Change user", EVENT_SESSION_START, false},
    {"Reset Connection", EVENT_MESSAGE, false},
    {"Binlog Dump", EVENT_MESSAGE, false},
    {"Binlog Dump GTID", EVENT_MESSAGE, false},
    {"Register Slave", EVENT_MESSAGE, false},
    {"Register Replica", EVENT_MESSAGE, false},
    {"Fetch", EVENT_MESSAGE, false},
    {"Processlist", EVENT_MESSAGE, false},
    {"Kill", EVENT_MESSAGE, false},
    {"Create DB", EVENT_MESSAGE, false},
    {"Drop DB", EVENT_MESSAGE, false},
    {"Refresh", EVENT_MESSAGE, false},
    {"Shutdown", EVENT_MESSAGE, false},
    {"Debug", EVENT_MESSAGE, false},
    {"Set option", EVENT_MESSAGE, false},
    {"Daemon", EVENT_MESSAGE, false},
    {"Error", EVENT_MESSAGE, false},
};

typedef struct record_head {
    moment_head when;
    slice session;
    const command *command;
    size_t text; /* where its argument begins */
} record_head;

static const command *find_command(slice name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (slice_is(name, commands[i].name)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Whether a record begins with this line; the line may be longer. */
static bool read_head(slice line, record_head *h)
{
    slice rest = line;
    const char *tab = scan_first(slice_take(rest, LINE_START_ENOUGH), '\t');
    if (tab == NULL || !moment_read(slice_between(rest.p, tab), &h->when)) {
        return false;
    }
    rest = slice_skip(rest, (size_t)(tab + 1 - rest.p));
    bool second = h->when.is_empty; /* a TAB stands for the time, and another behind it */
    if (second != (rest.n > 0 && rest.p[0] == '\t')) {
        return false;
    }
    rest = slice_skip(rest, second);
    const char *name_end = scan_first(slice_take(rest, LINE_START_ENOUGH), '\t');
    slice words = name_end != NULL ? slice_between(rest.p, name_end) : rest;
    size_t n = 0;
    while (n < words.n && words.p[n] == ' ') {
        n++;
    }
    size_t digits = n;
    while (digits < words.n && words.p[digits] >= '0' && words.p[digits] <= '9') {
        digits++;
    }
    h->session = slice_of(words.p + n, digits - n);
    h->command = find_command(slice_trim(slice_skip(words, digits)));
    h->text = (size_t)(words.p + words.n - line.p) + (name_end != NULL);
    return digits > n && digits < words.n && words.p[digits] == ' ' && h->command != NULL;
}

/* --- where records begin --------------------------------------------------------------------- */

/* A line whose end is not in the buffer is judged only where enough of it is. */
static bool begins_record(const void *context, slice rest)
{
    (void)context;
    record_head h;
    const char *newline = scan_first(slice_take(rest, LINE_START_ENOUGH), '\n');
    if (newline == NULL && rest.n < LINE_START_ENOUGH) {
        return false;
    }
    slice line =
        newline != NULL ? slice_between(rest.p, newline) : slice_take(rest, LINE_START_ENOUGH);
    return read_head(line, &h) || banner_length(rest) > 0;
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    return which == CUT_FIRST ? scan_first_line(bytes, begins_record, NULL)
                              : scan_last_line(bytes, begins_record, NULL);
}

/* --- parsing ------------------------------------------------------------------------------------
 */

typedef struct reading {
    batch *out;
    slice block;
    event *event;           /* of the open record; NULL: there is none */
    const command *command; /* of the open record, as what follows */
    const char *begin;
    const char *text;
    bool truncated;
} reading;

/* --- whose a connection is --- */

/* "app@web1 on shop using TCP/IP", "app@web1 as anonymous on ": a refusal is no such thing. */
static bool read_connect(slice text, who *w)
{
    const char *on = scan_text(text, SLICE(" on "));
    slice account = slice_between(text.p, on != NULL ? on : text.p + text.n);
    const char *as = scan_text(account, SLICE(" as "));
    account = as != NULL ? slice_between(account.p, as) : account;
    const char *at = scan_last(account, '@');
    if (at == NULL || slice_starts_with(text, SLICE("Access denied "))) {
        return false;
    }
    w->user = slice_between(account.p, at);
    w->host = slice_trim(slice_between(at + 1, account.p + account.n));
    if (on != NULL) {
        slice rest = slice_between(on + strlen(" on "), text.p + text.n);
        const char *by = scan_text(rest, SLICE(" using "));
        w->database = slice_trim(by != NULL ? slice_between(rest.p, by) : rest);
    }
    return true;
}

/* Whether nothing in it would end the name, so that no more than the name was sent. */
static bool is_one_name(slice name, bool quoted)
{
    for (size_t i = 0; i < name.n; i++) {
        if (quoted ? name.p[i] == '`' : (unsigned char)name.p[i] <= ' ' || name.p[i] == ';') {
            return false;
        }
    }
    return true;
}

/* "USE `shop`", as clients that send it as a statement do. */
static bool read_use(slice text, who *w)
{
    if (text.n < 5 || (text.p[0] | 0x20) != 'u' || (text.p[1] | 0x20) != 's' ||
        (text.p[2] | 0x20) != 'e' || text.p[3] != ' ') {
        return false;
    }
    slice name = slice_trim(slice_skip(text, 4));
    name = slice_trim(slice_take(name, name.n - (name.n > 0 && name.p[name.n - 1] == ';')));
    bool quoted = name.n > 2 && name.p[0] == '`' && name.p[name.n - 1] == '`';
    name = quoted ? slice_of(name.p + 1, name.n - 2) : name;
    if (name.n == 0 || name.n > DATABASE_NAME_MAX || !is_one_name(name, quoted)) {
        return false;
    }
    w->database = name;
    return true;
}

/* What the record tells of its session, or asks. */
static void read_who(const reading *r, slice argument, event *e)
{
    slice text = slice_trim(argument);
    who w = {.database = {0}};
    bool tells = false;
    if (e->kind == EVENT_SESSION_START) {
        tells = read_connect(argument, &w);
    } else if (r->command->tells_database) {
        w.database = text;
        tells = text.n > 0;
    } else if (e->kind == EVENT_STATEMENT) {
        tells = read_use(text, &w);
    }
    e->has |= tells ? TELLS_WHO : ASKS_WHO;
    e->who = batch_who(r->out, &w);
}

static void end_record(reading *r, const char *at)
{
    event *e = r->event;
    if (e == NULL) {
        return;
    }
    e->bytes = (uint32_t)(at - r->begin);
    slice text = slice_trim(slice_between(r->text, at));
    bool statement = e->kind == EVENT_STATEMENT || e->kind == EVENT_PREPARE;
    read_who(r, slice_between(r->text, at), e);
    if (statement) {
        e->text = text;
        e->has |= HAS_TEXT | (r->truncated ? TEXT_TRUNCATED : 0u);
    } else {
        e->value = text;
    }
    *(statement ? &r->out->event_bytes : &r->out->other_bytes) += e->bytes;
    r->event = NULL;
}

static void begin_record(reading *r, slice line, const record_head *h)
{
    event *e = batch_add_event(r->out);
    if (e == NULL) {
        return;
    }
    e->kind = (uint8_t)h->command->kind;
    e->has = h->when.has | HAS_SESSION;
    e->time = h->when.time;
    e->zone_offset = h->when.zone_offset;
    e->session = hash_bytes(h->session);
    e->offset = (uint64_t)(line.p - r->block.p);
    e->line = r->out->lines;
    r->command = h->command;
    r->event = e;
    r->begin = line.p;
    r->text = line.p + h->text;
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    reading r = {.out = out, .block = block, .truncated = truncated};
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        size_t bytes = line.n + (newline != NULL);
        record_head h;
        size_t banner = banner_length(rest);
        if (banner > 0) {
            end_record(&r, line.p);
            bytes = banner;
            out->other_bytes += bytes;
        } else if (read_head(line, &h)) {
            end_record(&r, line.p);
            begin_record(&r, line, &h);
        } else if (r.event == NULL) {
            batch_skip(out, SKIP_HEADLESS, out->lines, bytes);
        }
        out->lines += (uint32_t)scan_count(slice_take(rest, bytes), '\n');
        rest = slice_skip(rest, bytes);
    }
    end_record(&r, block.p + block.n);
    out->lines += block.n > 0 && block.p[block.n - 1] != '\n';
}

/* --- recognising and making ready ----------------------------------------------------------------
 */

static unsigned count_records(slice bytes, bool *timed, bool *connects)
{
    unsigned n = 0;
    while (bytes.n > 0) {
        record_head h;
        const char *newline = scan_first(bytes, '\n');
        slice line = newline != NULL ? slice_between(bytes.p, newline) : bytes;
        if (read_head(line, &h)) {
            n++;
            *connects = *connects || h.command->kind == EVENT_SESSION_START;
            *timed = *timed || (h.when.has & HAS_TIME) != 0;
        }
        bytes = slice_skip(bytes, line.n + 1);
    }
    return n;
}

static int detect(slice bytes, const format_options *options)
{
    (void)options;
    bool timed = false;
    bool connects = false;
    return count_records(bytes, &timed, &connects) >= SCORE_LEAST_LINES ? SCORE_MAX : 0;
}

static bool prepare(slice bytes, const format_options *options, arena *keep, format *out,
                    status *st)
{
    (void)options;
    (void)keep;
    (void)st;
    bool timed = false;
    bool connects = false;
    count_records(bytes, &timed, &connects);
    *out = (format){.parser = &mysql_general,
                    .lacks = LACKS_APPLICATION | (timed ? 0 : LACKS_TIME) |
                             (connects ? 0 : LACKS_USER | LACKS_DATABASE | LACKS_HOST),
                    .clock_resolution = timed ? 1000000 : 0};
    return true;
}

static const lack lacks[] = {
    {LACKS_TIME, "load over time, the busiest minute, windows of time", "times"},
    {LACKS_USER, "users", "users"},
    {LACKS_DATABASE, "databases", "databases"},
    {LACKS_APPLICATION, "applications", "names of applications"},
    {LACKS_HOST, "hosts", "hosts"},
    {0, NULL, NULL},
};

const parser mysql_general = {
    .name = "mysql-general",
    .title = "MySQL and MariaDB general query log: statements without their times",
    .engine = "mysql",
    .needs_context = true, /* the banner is of no record */
    .recognised =
        "lines of a time stamp, a connection id, a command such as Query, and its argument, "
        "behind a TAB each",
    .example = "2026-11-19T14:03:07.123456Z\t   42 Query\tSELECT 1",
    .role = "general query log",
    .lacks = lacks,
    .lacks_because = "the statements' lines have no ",
    .lacks_remedy = "the slow query log with long_query_time = 0",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "log_timestamps = UTC",
    .threshold_remedy = "the slow query log with long_query_time = 0",
    .clock_remedy = "a server whose log has microseconds",
    .carried_because = "",
    .carried_remedy = "",
    .sampling_remedy = "",
    .suppressed_because = "",
    .suppressed_remedy = "",
    .suspect_remedy = "",
    .query_id_name = "mysql_digest",
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
