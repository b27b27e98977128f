/* slowlog.c - see slowlog.h; heads are head.h's.
 *
 * A record ends where the head of another begins, or the server's banner, or a hole of NULs that a
 * rotation has left. What stands in a literal is none of these: the statement's quotes are
 * followed up to each such place (quotes.h). A statement may lack a closing quote, as one with a
 * syntax error does; so a head within a literal is believed to be one where the literal's end is no
 * such end, or where no head outside of any literal follows within LITERAL_MAX of the record's
 * beginning. Nor may a comment have an end; a head within one is believed to be one where a comment
 * begins behind it before one ends.
 *
 * `cut` does not follow quotes: a block may end within a literal, which `parse` tells (open_from),
 * so that the records from there on are read again together with what follows. */
#include "parsers/mysql/slowlog.h"

#include "base/hash.h"
#include "base/scan.h"
#include "parsers/mysql/explain.h"
#include "parsers/mysql/head.h"
#include "parsers/mysql/quotes.h"

enum {
    LITERAL_MAX = 1024 * 1024,
    /* A run of NULs this long at a record's end is a hole, in which a block may end. */
    HOLE_LEAST = 4096,
    CUT_OFF_LINES_MAX = 32,
    ALWAYS_WRITTEN = 10 * 1000000, /* us: from here on no sampling; the server's default */
    SCORE_MAX = 100,
    SCORE_WITHIN = 90, /* less than the general log's, which has the same banner */
    SCORE_BANNER = 50,
    SURVEY_MAX = 16 * 1024 * 1024,
    VERSION_MAX = 80,
    RESOLUTION_SECOND = 1000000,
    RESOLUTION_FINE = 1
};

typedef struct plan {
    field_index fields;
    int32_t zone_offset; /* where the records before have not told it */
} plan;

/* --- places where records may begin --------------------------------------------------- */

/* Without the blanks and line ends in front of p. */
static const char *skip_blanks_back(const char *begin, const char *p)
{
    while (p > begin && (unsigned char)p[-1] <= ' ' && p[-1] != '\0') {
        p--;
    }
    return p;
}

/* Whether what stands before p, blanks aside, is the end of a statement, or nothing. */
static bool follows_statement(const char *begin, const char *p)
{
    p = skip_blanks_back(begin, p);
    return p == begin || p[-1] == ';';
}

/* Whether a record's head or the banner begins at p, the beginning of a line, behind a statement
 * that begins at or after `begin`. */
static bool is_boundary(const char *begin, const char *p, const char *end)
{
    slice rest = slice_between(p, end);
    if (p == end) {
        return false;
    }
    if (*p == '#') {
        return follows_statement(begin, p) && head_begins(rest);
    }
    return banner_length(rest) > 0;
}

/* A comment of the statement, in front of p, or a line of the head itself, which may be longer. */
static bool follows_hash(const char *begin, const char *p)
{
    slice before = slice_between(begin, skip_blanks_back(begin, p));
    const char *newline = scan_last(before, '\n');
    slice line = newline != NULL ? slice_skip(before, (size_t)(newline + 1 - begin)) : before;
    while (line.n > 0 && line.p[0] == '\0') { /* of a hole */
        line = slice_skip(line, 1);
    }
    return line.n > 0 && line.p[0] == '#' &&
           !slice_starts_with(line, SLICE("# administrator command: "));
}

/* Some of the places that end records, beyond doubt but for literals. */
static bool is_cut(slice bytes, const char *p)
{
    return is_boundary(bytes.p, p, bytes.p + bytes.n) && !follows_hash(bytes.p, p);
}

static size_t cut_first(slice bytes)
{
    const char *end = bytes.p + bytes.n;
    const char *newline = scan_first(bytes, '\n');
    while (newline != NULL) {
        if (is_cut(bytes, newline + 1)) {
            return (size_t)(newline + 1 - bytes.p);
        }
        newline = scan_first(slice_between(newline + 1, end), '\n');
    }
    return 0;
}

/* Bytes that end in a hole, however long it may become. */
static bool ends_in_hole(slice bytes)
{
    static const char hole[HOLE_LEAST];
    return bytes.n > HOLE_LEAST && memcmp(bytes.p + bytes.n - HOLE_LEAST, hole, HOLE_LEAST) == 0;
}

static size_t cut_last(slice bytes)
{
    if (ends_in_hole(bytes)) {
        return bytes.n - 1;
    }
    for (size_t n = bytes.n; n > 0;) {
        const char *newline = scan_last(slice_take(bytes, n), '\n');
        if (newline == NULL) {
            return 0;
        }
        n = (size_t)(newline - bytes.p);
        if (is_cut(bytes, newline + 1)) {
            return n + 1;
        }
    }
    return 0;
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    return which == CUT_FIRST ? cut_first(bytes) : cut_last(bytes);
}

/* --- where a statement ends ----------------------------------------------------------------- */

/* A statement on the way to its end. */
typedef struct statement {
    const char *record; /* where its record begins */
    const char *begin;
    const char *end; /* of the block */
    quotes quotes;
    const char *within; /* the first place within a literal that looks like a record's beginning */
    const char *head;   /* the last place where a head was seen to begin */
} statement;

static bool is_head_line(slice line)
{
    return slice_starts_with(line, SLICE("# Time: ")) ||
           slice_starts_with(line, SLICE("# User@Host: "));
}

/* An administrator's command, which may lack its semicolon, ends with its line. */
static bool ends_command(const statement *s, const char *p)
{
    slice rest = slice_between(s->begin, s->end);
    slice next = slice_between(p, s->end);
    return slice_starts_with(rest, SLICE("# administrator command:")) && is_head_line(next) &&
           scan_first(rest, '\n') == p - 1 && head_begins(next);
}

/* Whether all that follows is a head that is not yet whole, as at the end of a log. Where a block
 * was cut, a statement ends. */
static bool is_cut_off_head(const char *p, const char *end)
{
    if (!is_head_line(slice_between(p, end)) || follows_statement(p, end) || end[-1] == '\0') {
        return false;
    }
    for (int lines = 0; p < end && lines < CUT_OFF_LINES_MAX; lines++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (*p != '#' || slice_starts_with(slice_between(p, end), SLICE("# administrator "))) {
            return false;
        }
        p = newline != NULL ? newline + 1 : end;
    }
    return p == end;
}

/* Whether the record ends at p, the beginning of a line. */
static bool ends_at(statement *s, const char *p)
{
    if (ends_command(s, p)) {
        return true;
    }
    if (is_cut_off_head(p, s->end)) {
        return follows_statement(s->begin, p) && quotes_read(&s->quotes, p);
    }
    if (*p == '\0') {
        return follows_statement(s->begin, p) && quotes_read(&s->quotes, p);
    }
    if (!is_boundary(s->begin, p, s->end)) {
        return false;
    }
    s->head = *p == '#' ? p : s->head;
    if (quotes_read(&s->quotes, p)) {
        return true;
    }
    if (s->within == NULL && follows_statement(s->begin, p)) {
        s->within = p;
        s->quotes.closed = NULL;
    }
    return false;
}

/* Whether p, where the first head within a literal or comment was seen just now, lies in a comment
 * that has no end. Asked once in a statement: a log full of such comments is read once. */
static bool lacks_end(const statement *s, const char *p)
{
    ptrdiff_t left = LITERAL_MAX - (p - s->record);
    left = left < s->end - p ? left : s->end - p;
    return p == s->within && left > 0 && quotes_lack_comment_end(&s->quotes, p + left);
}

/* Whether there is no statement before the next record, or the next hole. */
static bool begins_record(slice rest)
{
    return rest.n > 0 && (rest.p[0] == '\0' || (rest.p[0] == '#' && head_begins(rest)) ||
                          banner_length(rest) > 0);
}

/* The end of the statement; *open: it may be another one, depending on what follows the block. */
static const char *statement_end(statement *s, bool *open)
{
    *open = false;
    if (begins_record(slice_between(s->begin, s->end))) {
        return s->begin;
    }
    for (const char *p = s->begin; p < s->end;) {
        const char *newline = memchr(p, '\n', (size_t)(s->end - p));
        if (newline == NULL || newline + 1 == s->end) {
            break;
        }
        p = newline + 1;
        bool ends = ends_at(s, p);
        bool lacks_quote = s->within != NULL && (lacks_end(s, p) || quotes_are_wrong(&s->quotes) ||
                                                 (!ends && p - s->record > LITERAL_MAX));
        if (ends || lacks_quote) {
            return lacks_quote ? s->within : p;
        }
    }
    bool code = quotes_read(&s->quotes, s->end);
    bool wrong = s->within != NULL && quotes_are_wrong(&s->quotes);
    *open = !code && !wrong && s->end - s->record <= LITERAL_MAX;
    return (code && !wrong) || s->within == NULL ? s->end : s->within;
}

/* --- parsing --------------------------------------------------------------------------------- */

typedef struct reader {
    const plan *plan;
    batch *out;
    slice block;
    field_memo memo;
    const char *next_head; /* a head that was seen to begin there */
    skip_reason skipping;  /* why lines outside of a record are not understood */
    bool truncated;
} reader;

/* Without blanks, line ends and the semicolon that the server has added. */
static slice statement_text(slice text, bool *whole)
{
    text = slice_trim(text);
    *whole = text.n > 0 && text.p[text.n - 1] == ';';
    return *whole ? slice_trim(slice_take(text, text.n - 1)) : text;
}

/* "throttle:       2878 'index not used' warning(s) suppressed." */
static bool read_throttle(slice text, event *e)
{
    if (!slice_starts_with(text, SLICE("throttle:")) ||
        !slice_ends_with(text, SLICE(" suppressed."))) {
        return false;
    }
    uint64_t n = 0;
    for (size_t i = strlen("throttle:"); i < text.n && text.p[i] != '\''; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        n = digit && n < UINT32_MAX / 10 ? n * 10 + (uint64_t)(text.p[i] - '0') : n;
    }
    e->kind = EVENT_SUPPRESSED;
    e->weight = (uint32_t)n;
    e->value = text;
    return true;
}

static void read_statement(slice text, event *e)
{
    bool whole;
    text = statement_text(text, &whole);
    whole = whole || slice_starts_with(text, SLICE("# administrator "));
    if (text.n == 0) {
        e->kind = EVENT_DURATION; /* as Percona Server has written now and then */
    } else if (!read_throttle(text, e)) {
        e->kind = EVENT_STATEMENT;
        e->text = text;
        e->has |= HAS_TEXT | (whole ? 0u : TEXT_TRUNCATED);
    }
}

/* How many executions an entry stands for. */
static uint32_t weight_of(const head *h)
{
    bool sampled = (h->has & HAS_DURATION) == 0 || h->duration < ALWAYS_WRITTEN;
    return h->one_in > 1 && sampled ? (uint32_t)h->one_in : 0;
}

static void fill(event *e, const head *h, const plan *p, batch *out)
{
    e->time = h->time;
    e->duration = h->duration;
    e->zone_offset = (h->has & OPEN_ZONE) != 0 ? p->zone_offset : h->zone_offset;
    e->has = h->has | (h->error.n > 0 ? HAS_FAILED : 0u);
    e->code = h->error;
    e->weight = weight_of(h);
    if (h->session.n > 0) {
        e->session = hash_bytes(h->session);
        e->has |= HAS_SESSION;
    }
    e->who = batch_who(out, &(who){.database = h->database, .user = h->user, .host = h->host});
    e->plan = explain_shape(h->explain, out);
}

/* Gives back the event that was added last. */
static void drop_event(batch *out)
{
    out->n_measured -= out->events[out->n_events - 1].n_measured;
    out->n_events--;
}

/* The record at the beginning of `rest`: its length. */
static size_t read_record(reader *r, slice rest)
{
    batch *out = r->out;
    event *e = batch_add_event(out);
    if (e == NULL) {
        return rest.n;
    }
    head h;
    size_t n = head_read(rest, &r->plan->fields, &r->memo, &h, out);
    statement s = {.record = rest.p,
                   .begin = rest.p + n,
                   .end = rest.p + rest.n,
                   .quotes = {.at = rest.p + n}};
    bool open;
    const char *end = h.is_entry ? statement_end(&s, &open) : s.begin;
    if (!h.is_entry) {
        drop_event(out);
        return 0;
    }
    if (open && !out->is_open) {
        out->is_open = true;
        out->open_from = (uint64_t)(rest.p - r->block.p);
    }
    size_t bytes = (size_t)(end - rest.p);
    r->next_head = s.head == end ? end : NULL;
    fill(e, &h, r->plan, out);
    e->offset = (uint64_t)(rest.p - r->block.p);
    e->bytes = (uint32_t)bytes;
    e->line = out->lines;
    read_statement(slice_between(s.begin, end), e);
    if (r->truncated && end == s.end && (e->has & HAS_TEXT) != 0) {
        e->has |= TEXT_TRUNCATED;
    }
    *(e->kind == EVENT_SUPPRESSED ? &out->other_bytes : &out->event_bytes) += bytes;
    return bytes;
}

/* The server has opened its log. */
static size_t read_banner(reader *r, slice rest)
{
    size_t bytes = banner_length(rest);
    event *e = bytes > 0 ? batch_add_event(r->out) : NULL;
    if (e == NULL) {
        return bytes;
    }
    size_t line = (size_t)(scan_first(rest, '\n') - rest.p);
    e->kind = EVENT_MESSAGE;
    e->has = BEGINS_LOG;
    e->value = slice_trim(slice_take(rest, line));
    e->who = batch_who(r->out, &(who){.database = {0}});
    e->offset = (uint64_t)(rest.p - r->block.p);
    e->bytes = (uint32_t)bytes;
    e->line = r->out->lines;
    r->out->other_bytes += bytes;
    return bytes;
}

/* NULs count as a line, with the line end behind them if there is one. */
static size_t skip_hole(reader *r, slice rest)
{
    size_t n = 0;
    while (n < rest.n && rest.p[n] == '\0') {
        n++;
    }
    n += n < rest.n && rest.p[n] == '\n';
    r->skipping = SKIP_FOREIGN;
    batch_skip(r->out, SKIP_NULS, r->out->lines, n);
    return n;
}

static bool is_blank(slice line)
{
    return slice_trim(line).n == 0;
}

/* A line outside of any record. */
static size_t skip_line(reader *r, slice rest)
{
    const char *newline = scan_first(rest, '\n');
    size_t n = newline != NULL ? (size_t)(newline + 1 - rest.p) : rest.n;
    if (is_blank(slice_take(rest, n))) {
        r->out->other_bytes += n;
    } else {
        batch_skip(r->out, r->skipping, r->out->lines, n);
    }
    return n;
}

static size_t read_next(reader *r, slice rest)
{
    size_t n = 0;
    if (rest.p[0] == '\0') {
        return skip_hole(r, rest);
    }
    if (rest.p == r->next_head || (rest.p[0] == '#' && head_begins(rest))) {
        n = read_record(r, rest);
    }
    n = n > 0 ? n : read_banner(r, rest);
    if (n > 0) {
        r->skipping = SKIP_FOREIGN;
        return n;
    }
    r->skipping = is_head_line(rest) ? SKIP_CUT_OFF : r->skipping;
    return skip_line(r, rest);
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    reader r = {.plan = f->plan,
                .out = out,
                .block = block,
                .skipping = SKIP_HEADLESS,
                .truncated = truncated};
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        size_t n = read_next(&r, rest);
        out->lines += (uint32_t)scan_count(slice_take(rest, n), '\n');
        rest = slice_skip(rest, n);
    }
    out->lines += block.n > 0 && block.p[block.n - 1] != '\n';
}

/* --- recognising and making ready --------------------------------------------------------------
 */

/* The banner alone may be of another log of the server's; and any log may hold a statement in which
 * a head stands, so that lines of other kinds before the first head make it less sure. */
static int detect(slice bytes, const format_options *options)
{
    (void)options;
    int score = 0;
    int best = SCORE_MAX;
    const char *end = bytes.p + bytes.n;
    for (const char *p = bytes.p; p < end;) {
        slice rest = slice_between(p, end);
        if (*p == '#' && head_begins(rest)) {
            return best;
        }
        size_t banner = banner_length(rest);
        const char *newline = scan_first(rest, '\n');
        const char *next = newline != NULL ? newline + 1 : end;
        score = banner > 0 ? SCORE_BANNER : score;
        best = banner > 0 || *p == '#' || slice_trim(slice_between(p, next)).n == 0 ? best
                                                                                    : SCORE_WITHIN;
        p = banner > 0 ? p + banner : next;
        while (p < end && *p == '\0') {
            p++;
        }
    }
    return score;
}

/* What the first records tell: of the clock, the zone and the sessions. */
static void survey(slice bytes, plan *p, format *out)
{
    batch scratch;
    field_memo memo = {.at = 0};
    bool zone = false;
    batch_init(&scratch, SURVEY_MAX);
    out->lacks |= LACKS_SESSION | LACKS_TIME;
    for (slice rest = bytes; rest.n > 0;) {
        const char *newline = scan_first(rest, '\n');
        size_t n = newline != NULL ? (size_t)(newline + 1 - rest.p) : rest.n;
        if (rest.p[0] == '#' && head_begins(rest)) {
            head h = {0};
            batch_reset(&scratch);
            n = batch_add_event(&scratch) != NULL ? head_read(rest, &p->fields, &memo, &h, &scratch)
                                                  : rest.n;
            out->clock_resolution = h.is_exact ? RESOLUTION_FINE : out->clock_resolution;
            out->lacks &= h.session.n > 0 ? ~(uint32_t)LACKS_SESSION : out->lacks;
            out->lacks &= (h.has & HAS_TIME) != 0 ? ~(uint32_t)LACKS_TIME : out->lacks;
            if (!zone && (h.has & (HAS_TIME | OPEN_ZONE)) == HAS_TIME) {
                p->zone_offset = h.zone_offset;
                zone = true;
            }
        }
        rest = slice_skip(rest, n);
    }
    batch_free(&scratch);
}

/* The server's version, by its banner. */
static slice version_in(slice bytes)
{
    const char *at = scan_text(bytes, SLICE(", Version: "));
    if (at == NULL) {
        return slice_of("", 0);
    }
    slice rest = slice_skip(bytes, (size_t)(at - bytes.p) + strlen(", Version: "));
    size_t n = 0;
    while (n < rest.n && n < VERSION_MAX && (unsigned char)rest.p[n] > ' ') {
        n++;
    }
    return slice_take(rest, n);
}

static bool prepare(slice bytes, const format_options *options, arena *keep, format *out,
                    status *st)
{
    (void)options;
    plan *made = arena_calloc(keep, 1, sizeof *made);
    if (made == NULL) {
        return status_no_memory(st);
    }
    field_index_fill(&made->fields);
    *out = (format){.parser = &mysql_slow,
                    .plan = made,
                    .lacks = LACKS_APPLICATION,
                    .clock_resolution = RESOLUTION_SECOND};
    survey(bytes, made, out);
    if ((out->lacks & LACKS_TIME) != 0) {
        out->clock_resolution = 0;
    }
    return arena_copy(keep, version_in(bytes), &out->detail) || status_no_memory(st);
}

static const lack lacks[] = {
    {LACKS_TIME, "load over time, the busiest minute, windows of time", "times"},
    {LACKS_SESSION, "N+1 bursts", "connection ids"},
    {LACKS_APPLICATION, "applications", "names of applications"},
    {0, NULL, NULL},
};

const parser mysql_slow = {
    .name = "mysql-slow",
    .title = "MySQL, MariaDB, Percona Server and TiDB slow query log",
    .engine = "mysql",
    .recognised = "a line '# User@Host:' or '# Time:' with one of '# Query_time:' behind it",
    .example = "# User@Host: app[app] @ web1 [10.0.0.7]  Id: 42\n"
               "# Query_time: 0.012345  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: 100\n"
               "SET timestamp=1795096987;\nSELECT * FROM orders WHERE id = 1;",
    .role = "slow query log",
    .lacks = lacks,
    .lacks_because = "the slow query log has no ",
    .lacks_remedy = "comments in the statements that name who sent them, as sqlcommenter writes",
    .orphans_because = "the server has written records without their statements",
    .orphans_remedy = "a newer release of the server",
    .zone_remedy = "log_timestamps = UTC",
    .threshold_remedy = "long_query_time = 0 for a while, where the server allows with "
                        "log_slow_rate_limit for a part of the sessions",
    .carried_because = "the log names a database only where it is another than before",
    .carried_remedy = "log_output = TABLE, or a server that writes Schema with each record",
    .bursts_remedy =
        "long_query_time = 0 for a minute; with Percona Server also log_slow_rate_type ="
        " session, which logs some sessions whole",
    .clock_remedy = "log_output = TABLE, or a server whose log has microseconds",
    .sampling_remedy = "log_slow_rate_limit = 1",
    .suppressed_because = "log_throttle_queries_not_using_indexes keeps them out of the log",
    .suppressed_remedy = "log_throttle_queries_not_using_indexes = 0",
    .suspect_remedy = "where they are times, a server whose clock is never set back",
    .query_id_name = "mysql_digest",
    .needs_context = true,
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
