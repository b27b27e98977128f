/* stderr.c - see stderr.h.
 *
 *   2026-11-19 14:03:07.123 UTC [4711] app@shop LOG:  duration: 12.345 ms  execute <unnamed>:
 * SELECT * <TAB>FROM orders WHERE id = $1 2026-11-19 14:03:07.123 UTC [4711] app@shop DETAIL:
 * parameters: $1 = '7'
 *
 * Text is handed out as it stands in the log, with the TABs that PostgreSQL puts before
 * continued lines: outside of literals white space means nothing, and literals are folded. */
#include "parsers/postgres/stderr.h"

#include "base/scan.h"
#include "parsers/postgres/message.h"
#include "parsers/postgres/prefix.h"
#include "parsers/postgres/record.h"

enum {
    /* A line's beginning that is long enough to be judged without its end. */
    LINE_START_ENOUGH = 4096,
    SCORE_MAX = 95,
    SCORE_BARE = 25
};

/* How a log is read: what `prepare` works out once. */
typedef struct plan {
    const prefix *prefix;
    /* Exports of some clouds drop the TAB before continued lines: then every line without a prefix
     * continues the one above. Otherwise such a line is another program's. */
    bool bare_continuation;
} plan;

/* --- other programs' lines --------------------------------------------------------------- */

/* Digits where the form has 0, else the same characters. */
static bool has_form(slice text, const char *form)
{
    size_t n = strlen(form);
    bool good = text.n >= n;
    for (size_t i = 0; good && i < n; i++) {
        good = form[i] == '0' ? text.p[i] >= '0' && text.p[i] <= '9' : text.p[i] == form[i];
    }
    return good;
}

/* Lines that programs write into the server's log which it starts, such as backup tools, or that
 * start it: they begin with a time stamp (behind a level, in WAL-G's) or the program's name. They
 * are told apart only where the log has lost the TABs of its continued lines. */
static bool is_other_program(slice line)
{
    static const slice openings[] = {
        {"pg_ctl: ", 8},        {"pgbackrest: ", 12},
        {"wal-g: ", 7},         {"wal_e.", 6},
        {"barman: ", 8},        {"waiting for server to ", 22},
        {"server started", 14}, {"server starting", 15},
        {"server stopped", 14}, {"server is running", 17},
    };
    static const slice levels[] = {{"INFO: ", 6}, {"WARNING: ", 9}, {"ERROR: ", 7}, {"DEBUG: ", 7}};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (slice_starts_with(line, openings[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (slice_starts_with(line, levels[i])) {
            line = slice_skip(line, levels[i].n);
        }
    }
    return has_form(line, "0000-00-00 00:00:00") || has_form(line, "0000/00/00 00:00:00");
}

/* --- making ready ------------------------------------------------------------------- */

/* Compiles the prefix that was given, or else infers it. False without a message where the log does
 * not look like this format. */
static bool find_prefix(slice head, const format_options *options, arena *keep, slice *setting,
                        const prefix **compiled, status *st)
{
    unsigned matched;
    unsigned tried;
    if (options->prefix.p != NULL) {
        *setting = options->prefix;
        return prefix_compile(*setting, keep, compiled, st);
    }
    return prefix_infer(head, keep, setting, &matched, &tried) &&
           prefix_compile(*setting, keep, compiled, st);
}

typedef struct line_counts {
    int prefixed, tabbed, bare;
    int foreign; /* other programs', surely */
} line_counts;

static line_counts count_lines(const prefix *p, slice head)
{
    line_counts n = {0};
    while (head.n > 0) {
        const char *end = scan_first(head, '\n');
        slice line = end != NULL ? slice_between(head.p, end) : head;
        prefix_fields fields;
        if (line.n > 0 && line.p[0] == '\t') {
            n.tabbed++;
        } else if (prefix_match(p, line, &fields)) {
            n.prefixed++;
        } else if (is_other_program(line)) {
            n.foreign++;
        } else if (line.n > 0) {
            n.bare++;
        }
        head = slice_skip(head, line.n + 1);
    }
    return n;
}

/* The server puts a TAB before every continued line, so bare ones are few: another program's. Where
 * it was dropped they are many, and the TABs that are left are the statements' own. */
static bool continues_bare(const line_counts *n)
{
    return n->bare > 2 && n->bare > n->tabbed / 4 && n->bare > n->prefixed / 4;
}

static int detect(slice head, const format_options *options)
{
    arena scratch;
    slice setting;
    const prefix *compiled;
    status ignored = {0};
    int score = 0;
    arena_init(&scratch, 1024 * 1024);
    if (find_prefix(head, options, &scratch, &setting, &compiled, &ignored)) {
        line_counts n = count_lines(compiled, head);
        score = n.prefixed == 0 ? 0 : n.prefixed * 100 / (n.prefixed + n.bare + n.foreign);
        /* Exports may hold more continued lines than others. */
        bool continued = options->whole_messages || continues_bare(&n);
        score = n.prefixed > 0 && continued && score < SCORE_BARE ? SCORE_BARE : score;
    }
    arena_free(&scratch);
    return score > SCORE_MAX ? SCORE_MAX : score;
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    slice setting;
    const prefix *compiled;
    if (!find_prefix(head, options, keep, &setting, &compiled, st)) {
        return status_fail(st, STATUS_INPUT,
                           "no line has a prefix that can be inferred; give the"
                           " server's log_line_prefix with --prefix");
    }
    static const struct {
        unsigned gives;
        unsigned lacks;
    } fields[] = {
        {PREFIX_TIME, LACKS_TIME},
        {PREFIX_PID | PREFIX_SESSION_ID, LACKS_SESSION},
        {PREFIX_USER, LACKS_USER},
        {PREFIX_DATABASE, LACKS_DATABASE},
        {PREFIX_APPLICATION, LACKS_APPLICATION},
        {PREFIX_HOST, LACKS_HOST},
    };
    plan *made = arena_calloc(keep, 1, sizeof *made);
    if (made == NULL) {
        return status_no_memory(st);
    }
    line_counts n = count_lines(compiled, head);
    *made = (plan){.prefix = compiled,
                   .bare_continuation = options->whole_messages || continues_bare(&n)};
    *out = (format){.parser = &postgres_stderr,
                    .plan = made,
                    .detail = setting,
                    .inferred = options->prefix.p == NULL,
                    .clock_resolution = prefix_clock_resolution(compiled)};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if ((prefix_gives(compiled) & fields[i].gives) == 0) {
            out->lacks |= fields[i].lacks;
        }
    }
    return true;
}

/* --- where records begin ------------------------------------------------------------- */

/* Whether a record begins here; a line whose end is not in the buffer is judged only where its
 * beginning is long enough, so that the answer does not depend on how much was read. */
static bool begins_record(const void *context, slice rest)
{
    const prefix *p = context;
    const char *end = scan_first(slice_take(rest, LINE_START_ENOUGH), '\n');
    if (end == NULL && rest.n < LINE_START_ENOUGH) {
        return false;
    }
    slice line = end != NULL ? slice_between(rest.p, end) : slice_take(rest, LINE_START_ENOUGH);
    return line.n > 0 && line.p[0] != '\t' && prefix_is_head(p, line);
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    const plan *made = f->plan;
    return which == CUT_FIRST ? scan_first_line(bytes, begins_record, made->prefix)
                              : scan_last_line(bytes, begins_record, made->prefix);
}

/* --- parsing --------------------------------------------------------------------------- */

/* Which part of a record the lines belong to. */
typedef enum part {
    PART_NONE, /* no record is open */
    PART_MESSAGE,
    PART_DETAIL,
    PART_CONTEXT,
    PART_STATEMENT,
    PART_OTHER
} part;

typedef struct reading {
    const plan *plan;
    batch *out;
    slice block;
    event *event;       /* of the open record; NULL: there is none */
    severity level;     /* of the open record */
    const char *record; /* where it begins */
    message_parts parts;
    part part;
    const char *text; /* where the part's text begins */
    const char *end;  /* where it ends so far, without the line end */
    prefix_memo memo;
    skip_reason skipping; /* why lines outside of a record are not understood */
    bool truncated;
} reading;

static void end_part(reading *r)
{
    slice text = slice_between(r->text, r->end);
    switch (r->part) {
    case PART_MESSAGE:
        r->parts.message = record_real_line_ends(text, r->out);
        break;
    case PART_DETAIL:
        r->parts.detail = text;
        break;
    case PART_CONTEXT:
        r->parts.context = text;
        break;
    case PART_STATEMENT:
        r->parts.statement = record_real_line_ends(text, r->out);
        break;
    case PART_OTHER:
    case PART_NONE:
        break;
    }
    r->part = PART_NONE;
}

/* `at`: where the next record begins, or what is not understood. */
static void end_record(reading *r, const char *at)
{
    if (r->event == NULL) {
        return;
    }
    end_part(r);
    record_end(r->event, r->level, &r->parts, (size_t)(at - r->record), r->truncated, r->out);
    r->event = NULL;
    r->parts = (message_parts){0};
}

static void begin_record(reading *r, slice line, const prefix_fields *f)
{
    r->event = record_begin(f, (size_t)(line.p - r->block.p), r->out);
    r->record = line.p;
    r->level = (severity)f->severity;
}

static void open_part(reading *r, part p, slice line, size_t message)
{
    r->part = p;
    r->text = line.p + message;
    r->end = line.p + line.n;
}

/* Lines outside of any record: counted by why. */
static void skip_line(reading *r, skip_reason reason, size_t bytes)
{
    batch_skip(r->out, reason, r->out->lines, bytes);
}

static part part_of(severity level)
{
    return level == SEVERITY_DETAIL      ? PART_DETAIL
           : level == SEVERITY_CONTEXT   ? PART_CONTEXT
           : level == SEVERITY_STATEMENT ? PART_STATEMENT
                                         : PART_OTHER;
}

/* A line with a prefix: begins a record or a part of one. */
static void read_prefixed(reading *r, slice line, size_t bytes, const prefix_fields *f)
{
    if (f->severity < SEVERITY_DETAIL) {
        end_record(r, line.p);
        if (f->bad_time) {
            r->skipping = SKIP_BAD_TIME;
            skip_line(r, SKIP_BAD_TIME, bytes);
            return;
        }
        begin_record(r, line, f);
        open_part(r, PART_MESSAGE, line, f->message);
    } else if (r->event != NULL) {
        end_part(r);
        open_part(r, part_of((severity)f->severity), line, f->message);
    } else {
        skip_line(r, r->skipping, bytes);
    }
}

/* A line without a prefix: continues a message, or is not this server's. */
static void read_plain(reading *r, slice line, size_t bytes)
{
    bool continued = line.n == 0 || line.p[0] == '\t' || line.p[0] == ' ' ||
                     (r->plan->bare_continuation && !is_other_program(line));
    if (continued && r->event != NULL) {
        r->end = line.p + line.n;
        return;
    }
    end_record(r, line.p);
    skip_line(r, continued ? r->skipping : SKIP_FOREIGN, bytes);
    r->skipping = continued ? r->skipping : SKIP_FOREIGN;
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    reading r = {.plan = f->plan,
                 .out = out,
                 .block = block,
                 .skipping = SKIP_HEADLESS,
                 .truncated = truncated};
    for (slice rest = block; rest.n > 0 && !out->out_of_memory;) {
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        size_t bytes = line.n + (newline != NULL);
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }
        prefix_fields fields;
        if (line.n > 0 && line.p[0] != '\t' &&
            prefix_match_next(r.plan->prefix, &r.memo, line, &fields)) {
            read_prefixed(&r, line, bytes, &fields);
        } else {
            read_plain(&r, line, bytes);
        }
        out->lines++;
        rest = slice_skip(rest, bytes);
    }
    end_record(&r, block.p + block.n);
}

static const lack lacks[] = {
    {LACKS_TIME, "load over time, the busiest minute, windows of time", "%m"},
    {LACKS_SESSION, "N+1 bursts, durations logged apart from their statements", "%p or %c"},
    {LACKS_USER, "users", "%u"},
    {LACKS_DATABASE, "databases", "%d"},
    {LACKS_APPLICATION, "applications", "%a"},
    {LACKS_HOST, "hosts", "%h"},
    {0, NULL, NULL},
};

const parser postgres_stderr = {
    .name = "postgresql-stderr",
    .title = "PostgreSQL server log, plain text with any log_line_prefix",
    .engine = "postgresql",
    .recognised = "lines of a prefix, a severity word and ':'; the prefix is inferred, or given"
                  " with --prefix",
    .example = "2026-11-19 14:03:07.123 UTC [4711] app@shop LOG:  duration: 12.345 ms  statement:"
               " SELECT 1",
    .role = "server log",
    .lacks = lacks,
    .lacks_because = "log_line_prefix has no ",
    .lacks_remedy = "log_line_prefix = '%m [%p] %q%u@%d %a %h '",
    .orphans_because = "log_duration writes durations without their statements",
    .orphans_remedy = "log_min_duration_statement instead of log_duration",
    .zone_remedy = "log_timezone = 'UTC'",
    .threshold_remedy =
        "log_min_duration_statement = 0 for a while, or log_transaction_sample_rate",
    .bursts_remedy = "log_transaction_sample_rate = 0.01, which logs some transactions whole, or"
                     " log_min_duration_statement = 0 for a minute",
    .clock_remedy = "%m in log_line_prefix, in place of %t",
    .values_remedy = "log_parameter_max_length = -1, and a collector that keeps DETAIL lines",
    .notes = message_notes,
    .query_id_name = "pg_queryid",
    .richness = 1,
    .detect = detect,
    .prepare = prepare,
    .cut = cut,
    .parse = parse,
};
