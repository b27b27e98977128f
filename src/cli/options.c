/* options.c - see options.h. */
#include "cli/options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/number.h"
#include "base/time_units.h"
#include "base/timestamp.h"
#include "cli/console.h"
#include "parsers/regex/line_regex.h"
#include "pipeline/ingest.h"
#include "report/compare.h"
#include "report/template_files.h"

enum { MAX_AGE_HOURS = 26, JOBS_DEFAULT_MAX = 8, NAMES_MAX = 64, HELP_COLUMN = 26 };

typedef enum option_id {
    OPT_SINCE,
    OPT_UNTIL,
    OPT_OF_SOURCE,
    OPT_ENGINE,
    OPT_DB,
    OPT_USER,
    OPT_APP,
    OPT_HOST,
    OPT_TAG,
    OPT_MATCH,
    OPT_EXCLUDE,
    OPT_MIN_TIME,
    OPT_PREFIX,
    OPT_LOG_FORMAT,
    OPT_LINE_REGEX,
    OPT_THRESHOLD,
    OPT_RATE_LIMIT,
    OPT_TAG_KEY,
    OPT_JOBS,
    OPT_MIN_COVERAGE,
    OPT_STORE,
    OPT_SOURCE,
    OPT_WAIT,
    OPT_DAYS_AFTER,
    OPT_DROP_AFTER,
    OPT_OUTPUT,
    OPT_FORMAT,
    OPT_TABLE,
    OPT_DDL,
    OPT_FLAVOR,
    OPT_TEMPLATE,
    OPT_GROUP_BY,
    OPT_SORT,
    OPT_LIMIT,
    OPT_TIMEZONE,
    OPT_ONLY,
    OPT_SKIP,
    OPT_GATE,
    OPT_IGNORE,
    OPT_FAIL_ON,
    OPT_BASELINE,
    OPT_MAX_AGE,
    OPT_NOTE,
    OPT_ACCEPT_UNTIL,
    OPT_UNDO,
    OPT_AT,
    OPT_WINDOW,
    OPT_FAIL_ON_CHANGE,
    OPT_DIALECT,
    OPT_EXAMPLES,
    OPT_REDACT_NAMES,
    OPT_REDACT_KEY,
    OPT_NUL,
    OPT_HELP
} option_id;

enum {
    READING = FOR_ANALYZE | FOR_INGEST | FOR_SHOW | FOR_EVENTS | FOR_DIFF,
    CHOOSING = FOR_ANALYZE | FOR_REPORT | FOR_SHOW | FOR_EVENTS | FOR_DIFF | FOR_EXPORT,
    SELECTING = FOR_ANALYZE | FOR_REPORT | FOR_SHOW | FOR_EVENTS | FOR_DIFF,
    REPORTING = FOR_ANALYZE | FOR_REPORT | FOR_SHOW,
    FINDING = REPORTING | FOR_CHECK,
    CHANGING = FOR_INGEST | FOR_MERGE | FOR_COMPACT | FOR_ACCEPT | FOR_MARK, /* a store */
    ALL = READING | FINDING | CHANGING | FOR_EXPORT | FOR_FORMATS | FOR_FINGERPRINT
};

static const option options[] = {
    {OPT_SINCE, 0, "since", "WHEN", CHOOSING | FOR_CHECK, "Selection",
     "records from WHEN on: 14:00, 2026-11-19, '2026-11-19 14:00', yesterday, 24h, 'last monday'"},
    {OPT_UNTIL, 0, "until", "WHEN", CHOOSING | FOR_CHECK, "Selection", "records before WHEN"},
    {OPT_OF_SOURCE, 0, "source", "NAME", CHOOSING | FOR_CHECK, "Selection",
     "logs of this source: a file's name without date and number; repeatable"},
    {OPT_ENGINE, 0, "engine", "NAME", CHOOSING | FOR_CHECK, "Selection",
     "logs of this engine; repeatable"},
    {OPT_DB, 'd', "db", "NAME", CHOOSING, "Selection", "executions in this database; repeatable"},
    {OPT_USER, 'u', "user", "NAME", CHOOSING, "Selection", "executions by this user; repeatable"},
    {OPT_APP, 'a', "app", "NAME", CHOOSING, "Selection",
     "executions by this application; repeatable"},
    {OPT_HOST, 0, "host", "NAME", SELECTING, "Selection", "executions from this host; repeatable"},
    {OPT_TAG, 0, "tag", "KEY=VALUE", SELECTING, "Selection",
     "executions with this tag in a comment of the statement; repeatable"},
    {OPT_MATCH, 0, "match", "REGEX", CHOOSING, "Selection",
     "queries whose normalised text matches; case is ignored"},
    {OPT_EXCLUDE, 0, "exclude", "REGEX", CHOOSING, "Selection",
     "queries whose normalised text does not match"},
    {OPT_MIN_TIME, 0, "min-time", "TIME", SELECTING, "Selection",
     "executions that took at least this: 5, 5ms, 1.5s"},
    {OPT_PREFIX, 'p', "prefix", "SETTING", READING, "Reading",
     "the server's log_line_prefix; inferred where it is not given"},
    {OPT_LOG_FORMAT, 0, "log-format", "NAME", READING, "Reading",
     "the log's format ('qlog formats'); found from the log where it is not given"},
    {OPT_LINE_REGEX, 0, "line-regex", "REGEX", READING, "Reading",
     "how lines of a format of your own are read: (?<time>...), (?<duration_ms>...), (?<text>...)"},
    {OPT_DIALECT, 0, "dialect", "NAME", READING, "Reading",
     "of the statements that --line-regex reads: postgresql (default) or mysql"},
    {OPT_THRESHOLD, 0, "threshold", "TIME", READING, "Reading",
     "the duration from which on the server logged statements, for the report to say"},
    {OPT_RATE_LIMIT, 0, "rate-limit", "N", READING, "Reading",
     "the server logged one execution in N and does not say so, as MariaDB's log_slow_rate_limit"},
    {OPT_TAG_KEY, 0, "tag-key", "KEY", READING, "Reading",
     "keep comments' tags of this key, besides controller, action, route and the like; repeatable"},
    {OPT_JOBS, 'j', "jobs", "N", READING, "Reading",
     "worker threads; the result is the same for any number"},
    {OPT_MIN_COVERAGE, 0, "min-coverage", "PERCENT", READING, "Reading",
     "exit with 3 where less of a log was understood (default 90)"},
    {OPT_STORE, 's', "store", "FILE",
     FOR_INGEST | FOR_REPORT | FOR_SHOW | FOR_COMPACT | FOR_EXPORT | FOR_CHECK | FOR_ACCEPT |
         FOR_MARK,
     "Store", "the store (default: $QLOG_STORE)"},
    {OPT_STORE, 's', "store", "FILE", FOR_DIFF, "Store",
     "with --at: the store whose time is cut in two (default: $QLOG_STORE)"},
    {OPT_AT, 0, "at", "WHEN", FOR_DIFF, "Store",
     "compare the time before WHEN with the time after it"},
    {OPT_WINDOW, 0, "window", "TIME", FOR_DIFF, "Store",
     "with --at: how much time on each side, as 2h or 90min"},
    {OPT_SOURCE, 0, "source", "NAME", FOR_INGEST, "Store",
     "what the logs are of, such as a server's name; its rotations are one source"},
    {OPT_AT, 0, "at", "WHEN", FOR_MARK, "Store", "when it happened (default: now)"},
    {OPT_SOURCE, 0, "source", "NAME", FOR_MARK, "Store",
     "which source it is of (default: all that the store has)"},
    {OPT_WAIT, 0, "wait", "TIME", CHANGING, "Store",
     "how long to wait for another run that writes to the store (default 10min); 0: not at all"},
    {OPT_DAYS_AFTER, 0, "days-after", "TIME", FOR_COMPACT, "Store",
     "make one row of a day's hours when they are this old (default 35d); 0: never"},
    {OPT_DROP_AFTER, 0, "drop-after", "TIME", FOR_COMPACT, "Store",
     "drop days that are this old (default 400d); 0: never"},
    {OPT_OUTPUT, 'o', "output", "FILE", FOR_EXPORT, "Output", "write here, at once or not at all"},
    {OPT_FORMAT, 'f', "format", "FORMAT", FOR_EXPORT, "Output",
     "ndjson (default), an object a line, or csv, also by the output's ending"},
    {OPT_TABLE, 0, "table", "NAME", FOR_EXPORT, "Output",
     "hours (default), or queries: what each fingerprint is"},
    {OPT_DDL, 0, "ddl", "DATABASE", FOR_EXPORT, "Output",
     "print the tables for clickhouse, duckdb or postgres, and how to load them; wants no store"},
    {OPT_OUTPUT, 'o', "output", "FILE", FOR_DIFF, "Output",
     "write here, by the ending .html, .md, .json or .txt, at once or not at all"},
    {OPT_FORMAT, 'f', "format", "FORMAT", FOR_DIFF, "Output", "text, html, md or json"},
    {OPT_LIMIT, 'n', "limit", "N", FOR_DIFF, "Output",
     "queries to show of each kind; 0 for all (default: 10 as text, 20 as Markdown, 200 as HTML,"
     " 100 as JSON)"},
    {OPT_OUTPUT, 'o', "output", "FILE", REPORTING, "Output",
     "write here, by the ending .html, .md, .json, .csv or .txt, at once or not at all"},
    {OPT_FORMAT, 'f', "format", "FORMAT", REPORTING, "Output", "text, html, md, json or csv"},
    {OPT_FORMAT, 'f', "format", "FORMAT", FOR_INGEST | FOR_FORMATS | FOR_CHECK, "Output",
     "text (default) or json"},
    {OPT_FORMAT, 'f', "format", "FORMAT", FOR_FINGERPRINT, "Output",
     "text (default), or json: one object a line"},
    {OPT_FLAVOR, 0, "flavor", "PLACE", REPORTING | FOR_DIFF, "Output",
     "Markdown for github or gitlab, or the notation of jira, no longer than it takes there"},
    {OPT_TEMPLATE, 0, "template", "FILE", REPORTING | FOR_DIFF, "Output",
     "a mustache template of your own for the format that it ends in or --format names"},
    {OPT_GROUP_BY, 'g', "group-by", "WHAT", FOR_ANALYZE | FOR_REPORT, "Output",
     "add up by table, user, app, db, host or tag:KEY as well; fingerprint (default): by query "
     "alone"},
    {OPT_SORT, 0, "sort", "ORDER", FOR_ANALYZE | FOR_REPORT, "Output",
     "queries and groups by total (default), mean, p95, max, calls or errors; queries by examined:"
     " rows for each that was sent"},
    {OPT_LIMIT, 'n', "limit", "N", FOR_ANALYZE | FOR_REPORT, "Output",
     "queries and groups to show; 0 for all (default: 10 as text, 20 as Markdown, 200 as HTML,"
     " 100 as JSON, all as CSV)"},
    {OPT_TIMEZONE, 0, "timezone", "ZONE", REPORTING | FOR_DIFF, "Output",
     "read and show times in this zone: UTC, CET, +05:30 (default: the log's)"},
    {OPT_EXAMPLES, 0, "examples", NULL, FOR_SHOW, "Output",
     "show the slowest execution's own statement for EXPLAIN, with its values; of logs only"},
    {OPT_REDACT_NAMES, 0, "redact-names", NULL, REPORTING | FOR_DIFF, "Output",
     "for outsiders: table_3fa29c01be in place of names of tables, columns, users, files and the"
     " like"},
    {OPT_REDACT_KEY, 0, "redact-key", "FILE", REPORTING | FOR_DIFF, "Output",
     "with --redact-names: a secret of 16 bytes or more; the same names in all reports of one key"},
    {OPT_ONLY, 0, "only", "KIND", FINDING, "Findings",
     "findings of this kind alone (see below); repeatable"},
    {OPT_SKIP, 0, "skip", "KIND", FINDING, "Findings", "no findings of this kind; repeatable"},
    {OPT_GATE, 0, "gate", "NAME=VALUE", FINDING, "Findings",
     "from where on something is a finding (see below)"},
    {OPT_IGNORE, 0, "ignore", "FILE", FINDING, "Findings",
     "leave out the findings whose ids are in this file, one on a line"},
    {OPT_BASELINE, 0, "baseline", "TIME", FOR_REPORT, "Findings",
     "compare the window with the same window of the nights before, as far back as TIME: 14d; with"
     " --since"},
    {OPT_BASELINE, 0, "baseline", "TIME", FOR_CHECK, "Findings",
     "compare the window with the same window of the nights before, as far back as TIME: 14d"},
    {OPT_MAX_AGE, 0, "max-age", "TIME", FOR_CHECK, "Findings",
     "how old a source's latest record may be (default 26h); 0: of any age"},
    {OPT_FAIL_ON, 0, "fail-on", "WHAT", FOR_CHECK, "Findings",
     "tell these alone, and sources that fell silent: a kind, or low, medium (default), high;"
     " repeatable"},
    {OPT_NOTE, 0, "note", "TEXT", FOR_ACCEPT, "Findings", "why, or a ticket; reports show it"},
    {OPT_ACCEPT_UNTIL, 0, "until", "WHEN", FOR_ACCEPT, "Findings",
     "when it counts again: reports whose window ends later tell it (default: never)"},
    {OPT_UNDO, 0, "undo", NULL, FOR_ACCEPT, "Findings", "it is accepted no more"},
    {OPT_FAIL_ON, 0, "fail-on", "WHAT", FOR_ANALYZE | FOR_REPORT, "Findings",
     "exit with 1 where there is such a finding: a kind, or low, medium, high; repeatable"},
    {OPT_FAIL_ON_CHANGE, 0, "fail-on", "KIND", FOR_DIFF, "Changes",
     "exit with 1 where there is such a change: regression, improvement, plan-change, new-query,"
     " gone-query or server-slowdown; repeatable"},
    {OPT_DIALECT, 0, "dialect", "NAME", FOR_FINGERPRINT, "Statements",
     "postgresql (default), mysql, which is MariaDB's as well, or mongodb"},
    {OPT_NUL, '0', "null", NULL, FOR_FINGERPRINT, "Statements",
     "statements on standard input end in NUL"},
    {OPT_HELP, 'h', "help", NULL, ALL, "Other", "this help"},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

const option *option_next(unsigned commands, const option *after)
{
    for (const option *o = after == NULL ? options : after + 1; o < options + OPTION_COUNT; o++) {
        if ((o->commands & commands) != 0) {
            return o;
        }
    }
    return NULL;
}

/* A list may not have the name yet. */
static void add_word(buf *out, const char *word)
{
    slice rest = buf_slice(out);
    slice wanted = slice_from(word);
    while (rest.n > 0) {
        const char *blank = memchr(rest.p, ' ', rest.n);
        slice one = blank != NULL ? slice_between(rest.p, blank) : rest;
        if (slice_equal(one, wanted)) {
            return;
        }
        rest = slice_skip(rest, one.n < rest.n ? one.n + 1 : one.n);
    }
    buf_add_text(out, out->n > 0 ? " " : "");
    buf_add_text(out, word);
}

void option_words(const option *o, buf *out)
{
    switch ((option_id)o->id) {
    case OPT_ENGINE:
    case OPT_LOG_FORMAT:
        for (size_t i = 0; parser_registry[i] != NULL; i++) {
            const parser *p = parser_registry[i];
            add_word(out, o->id == OPT_ENGINE ? p->engine : p->name);
        }
        return;
    case OPT_DIALECT:
        buf_add_text(out, "postgresql mysql");
        buf_add_text(out, (o->commands & FOR_FINGERPRINT) != 0 ? " mongodb" : "");
        return;
    case OPT_FORMAT:
        buf_add_text(out, (o->commands & REPORTING) != 0    ? "text html md json csv"
                          : (o->commands & FOR_EXPORT) != 0 ? "ndjson csv"
                          : (o->commands & FOR_DIFF) != 0   ? "text html md json"
                                                            : "text json");
        return;
    case OPT_FLAVOR:
        for (const markup *place = markups; place->name != NULL; place++) {
            add_word(out, place->name);
        }
        return;
    case OPT_FAIL_ON_CHANGE:
        for (int k = 0; k < CHANGE_KINDS; k++) {
            add_word(out, change_kinds[k].name);
        }
        return;
    case OPT_TABLE:
        buf_add_text(out, "hours queries");
        return;
    case OPT_DDL:
        buf_add_text(out, "clickhouse duckdb postgres");
        return;
    case OPT_GROUP_BY:
        buf_add_text(out, "fingerprint table user app db host tag:");
        return;
    case OPT_SORT:
        buf_add_text(out, "total mean p95 max calls examined errors");
        return;
    default:
        return;
    }
}

/* --- finding an option -------------------------------------------------------------- */

/* Levenshtein's distance, for short words. */
static size_t distance(slice a, slice b)
{
    size_t row[64];
    if (a.n >= 63 || b.n >= 63) {
        return 63;
    }
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (a.p[i - 1] != b.p[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
        }
    }
    return row[b.n];
}

static bool unknown_option(const command *c, const char *word, slice name, status *st)
{
    const option *nearest = NULL;
    size_t least = 3;
    for (size_t i = 0; i < OPTION_COUNT && name.n > 1; i++) {
        size_t d = distance(name, slice_from(options[i].name));
        if ((options[i].commands & c->bit) != 0 && d < least) {
            least = d;
            nearest = &options[i];
        }
    }
    if (nearest != NULL) {
        return status_fail(st, STATUS_USAGE, "unknown option '%s'; did you mean '--%s'?", word,
                           nearest->name);
    }
    return status_fail(st, STATUS_USAGE, "unknown option '%s'; 'qlog %s --help' lists them", word,
                       c->name);
}

static const option *find_option(const command *c, slice name, char letter)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const option *o = &options[i];
        bool named = letter != 0 ? o->letter == letter : slice_is(name, o->name);
        if (named && (o->commands & c->bit) != 0) {
            return o;
        }
    }
    return NULL;
}

/* --- values ---------------------------------------------------------------------------- */

static bool bad_value(const option *o, const char *value, const char *want, status *st)
{
    return status_fail(st, STATUS_USAGE, "bad value '%s' of --%s: %s", value, o->name, want);
}

static bool add_name(name_list *list, const char *name, status *st)
{
    if (list->n == NAMES_MAX) {
        return status_fail(st, STATUS_USAGE, "more than %d names", NAMES_MAX);
    }
    const char **items = realloc(list->items, (list->n + 1) * sizeof(const char *));
    if (items == NULL) {
        return status_no_memory(st);
    }
    list->items = items;
    list->items[list->n++] = name;
    return true;
}

static bool set_moment(const option *o, const char *value, moment *m, status *st)
{
    return moment_parse(slice_from(value), m) ||
           bad_value(o, value,
                     "a time of day, a date, or both, as '2026-11-19 14:00'; yesterday, 24h,"
                     " 'last monday'",
                     st);
}

static bool set_time(const option *o, const char *value, int64_t *us, status *st)
{
    return duration_parse(slice_from(value), us) ||
           bad_value(o, value, "a time, as 250ms or 1.5s", st);
}

/* Whole days are what is kept and dropped. */
static bool set_age(const option *o, const char *value, int64_t *us, status *st)
{
    return (duration_parse(slice_from(value), us) && (*us == 0 || *us >= US_PER_DAY)) ||
           bad_value(o, value, "a time of a day or more, as 35d, or 0", st);
}

static bool set_number(const option *o, const char *value, uint64_t min, uint64_t max, uint64_t *n,
                       status *st)
{
    slice rest = slice_from(value);
    if (unsigned_take(&rest, n) && rest.n == 0 && *n >= min && *n <= max) {
        return true;
    }
    return status_fail(st, STATUS_USAGE, "bad value '%s' of --%s: a whole number from %llu to %llu",
                       value, o->name, (unsigned long long)min, (unsigned long long)max);
}

static bool set_coverage(const option *o, const char *value, int64_t *permille, status *st)
{
    slice rest = slice_from(value);
    uint64_t n;
    if (!fixed_take(&rest, 1, &n) || (rest.n > 0 && !slice_is(rest, "%")) || n > 1000) {
        return bad_value(o, value, "a percentage from 0 to 100", st);
    }
    *permille = (int64_t)n;
    return true;
}

static bool set_zone(const option *o, const char *value, arguments *a, status *st)
{
    a->zone = slice_from(value);
    a->selection.has_zone = true;
    return zone_offset(a->zone, &a->selection.zone_offset) ||
           bad_value(o, value, "a zone, as UTC, CET or +05:30", st);
}

/* What chooses among the executions of logs. */
static bool set_selection(const option *o, const char *value, selection *chosen, status *st)
{
    switch ((option_id)o->id) {
    case OPT_SINCE:
        return set_moment(o, value, &chosen->since, st);
    case OPT_UNTIL:
        return set_moment(o, value, &chosen->until, st);
    case OPT_OF_SOURCE:
        return add_name(&chosen->sources, value, st);
    case OPT_ENGINE:
        return add_name(&chosen->engines, value, st);
    case OPT_DB:
        return add_name(&chosen->names[WHO_DATABASE], value, st);
    case OPT_USER:
        return add_name(&chosen->names[WHO_USER], value, st);
    case OPT_APP:
        return add_name(&chosen->names[WHO_APPLICATION], value, st);
    case OPT_HOST:
        return add_name(&chosen->names[WHO_HOST], value, st);
    case OPT_TAG:
        return strchr(value, '=') != NULL ? add_name(&chosen->tags, value, st)
                                          : bad_value(o, value, "a tag as KEY=VALUE", st);
    case OPT_MATCH:
        return pattern_compile(value, &chosen->match, st);
    case OPT_EXCLUDE:
        return pattern_compile(value, &chosen->exclude, st);
    default:
        return set_time(o, value, &chosen->min_time, st);
    }
}

static bool set_jobs(const option *o, const char *value, arguments *a, status *st)
{
    uint64_t n = 0;
    if (!set_number(o, value, 1, JOBS_MAX, &n, st)) {
        return false;
    }
    a->jobs = (unsigned)n;
    return true;
}

static bool set_rate_limit(const option *o, const char *value, arguments *a, status *st)
{
    uint64_t n = 0;
    if (!set_number(o, value, 1, 1000000, &n, st)) {
        return false;
    }
    a->one_in = (uint32_t)n;
    return true;
}

static bool set_limit(const option *o, const char *value, arguments *a, status *st)
{
    uint64_t n = 0;
    if (!set_number(o, value, 0, UINT32_MAX, &n, st)) {
        return false;
    }
    a->has_limit = true;
    a->limit = (uint32_t)n;
    return true;
}

/* What is added up by must have been kept. */
static bool set_grouping(const option *o, const char *value, arguments *a, status *st)
{
    if (!model_grouping_find(slice_from(value), &a->grouping)) {
        return bad_value(o, value, "fingerprint, table, user, app, db, host or tag:KEY", st);
    }
    return a->grouping.by != GROUP_TAG ||
           add_name(&a->tag_keys, value + strlen(MODEL_GROUP_TAG), st);
}

/* Read at once: it may be a pipe, and what is wrong with it is told before logs are read. */
static bool set_template(const char *path, arguments *a, status *st)
{
    template_files_close(a->templates);
    free(a->templates);
    a->templates = calloc(1, sizeof *a->templates);
    return a->templates != NULL ? template_files_open(a->templates, path, st)
                                : status_no_memory(st);
}

static bool set_text(const char *value, const char **to)
{
    *to = value;
    return true;
}

static bool set_window(const option *o, const char *value, int64_t *us, status *st)
{
    return (duration_parse(slice_from(value), us) && *us > 0 && *us % US_PER_MINUTE == 0) ||
           bad_value(o, value, "a time of whole minutes, as 90min or 2h", st);
}

static bool set_change(const option *o, const char *value, unsigned *changes, status *st)
{
    change_kind kind;
    if (!change_kind_find(slice_from(value), &kind)) {
        return bad_value(o, value,
                         "regression, improvement, plan-change, new-query, gone-query or"
                         " server-slowdown",
                         st);
    }
    *changes |= 1u << kind;
    return true;
}

static bool set_finding_option(const option *o, const char *value, arguments *a, status *st)
{
    finding_options *f = &a->findings;
    switch (o->id) {
    case OPT_ONLY:
        return finding_options_kind(o->name, value, &f->only, st);
    case OPT_SKIP:
        return finding_options_kind(o->name, value, &f->skip, st);
    case OPT_GATE:
        return finding_options_gate(value, f, st);
    case OPT_IGNORE:
        return finding_options_ignore(value, f, st);
    case OPT_BASELINE:
        return set_age(o, value, &f->request.baseline, st);
    case OPT_MAX_AGE:
        return set_time(o, value, &a->max_age, st);
    case OPT_NOTE:
        return set_text(value, &a->note);
    case OPT_ACCEPT_UNTIL:
        return set_moment(o, value, &a->accept_until, st);
    case OPT_UNDO:
        a->undo = true;
        return true;
    default:
        return finding_options_fail_on(value, f, st);
    }
}

static bool set_reading(const option *o, const char *value, arguments *a, status *st)
{
    switch (o->id) {
    case OPT_PREFIX:
        a->reading.prefix = slice_from(value);
        return true;
    case OPT_LOG_FORMAT:
        return set_text(value, &a->log_format);
    case OPT_LINE_REGEX:
        return line_regex_compile(value, &a->line_regex, st);
    case OPT_DIALECT:
        return set_text(value, &a->dialect);
    case OPT_TAG_KEY:
        return add_name(&a->tag_keys, value, st);
    case OPT_THRESHOLD:
        return set_time(o, value, &a->threshold, st);
    case OPT_RATE_LIMIT:
        return set_rate_limit(o, value, a, st);
    case OPT_JOBS:
        return set_jobs(o, value, a, st);
    default:
        return set_coverage(o, value, &a->min_coverage_permille, st);
    }
}

static bool set_store(const option *o, const char *value, arguments *a, status *st)
{
    switch (o->id) {
    case OPT_STORE:
        return set_text(value, &a->store);
    case OPT_SOURCE:
        return set_text(value, &a->source);
    case OPT_DAYS_AFTER:
        return set_age(o, value, &a->days_after, st);
    case OPT_DROP_AFTER:
        return set_age(o, value, &a->drop_after, st);
    case OPT_AT:
        return set_moment(o, value, &a->at, st);
    case OPT_WINDOW:
        return set_window(o, value, &a->window, st);
    default:
        return set_time(o, value, &a->wait, st);
    }
}

/* What is written, and of which statements. */
static bool set_output(const option *o, const char *value, arguments *a, status *st)
{
    switch (o->id) {
    case OPT_OUTPUT:
        return set_text(value, &a->output);
    case OPT_FORMAT:
        return set_text(value, &a->format);
    case OPT_TABLE:
        return set_text(value, &a->table);
    case OPT_DDL:
        return set_text(value, &a->ddl);
    case OPT_FLAVOR:
        a->place = markup_find(slice_from(value));
        return a->place != NULL || bad_value(o, value, "github, gitlab or jira", st);
    case OPT_TEMPLATE:
        return set_template(value, a, st);
    case OPT_GROUP_BY:
        return set_grouping(o, value, a, st);
    case OPT_SORT:
        return model_order_find(slice_from(value), &a->order) ||
               bad_value(o, value, "total, mean, p95, max, calls, examined or errors", st);
    case OPT_LIMIT:
        return set_limit(o, value, a, st);
    case OPT_TIMEZONE:
        return set_zone(o, value, a, st);
    case OPT_DIALECT:
        return set_text(value, &a->dialect);
    case OPT_EXAMPLES:
        a->examples = true;
        return true;
    case OPT_REDACT_NAMES:
        a->redact_names = true;
        return true;
    case OPT_REDACT_KEY:
        return set_text(value, &a->redact_key);
    case OPT_NUL:
        a->by_nul = true;
        return true;
    default:
        a->help = true;
        return true;
    }
}

/* By the group that the table has it in. */
static bool set_value(const option *o, const char *value, arguments *a, status *st)
{
    if (strcmp(o->group, "Selection") == 0) {
        /* What is selected by must have been kept. */
        return set_selection(o, value, &a->selection, st) &&
               (o->id != OPT_TAG || add_name(&a->tag_keys, value, st));
    }
    if (strcmp(o->group, "Reading") == 0) {
        return set_reading(o, value, a, st);
    }
    if (strcmp(o->group, "Store") == 0) {
        return set_store(o, value, a, st);
    }
    if (strcmp(o->group, "Changes") == 0) {
        return set_change(o, value, &a->fail_changes, st);
    }
    return strcmp(o->group, "Findings") == 0 ? set_finding_option(o, value, a, st)
                                             : set_output(o, value, a, st);
}

/* --- the command line -------------------------------------------------------------------- */

/* Options whose words belong into the command that shows one query of what this one showed. */
static bool is_repeated(const option *o)
{
    return strcmp(o->group, "Selection") == 0 || o->id == OPT_TIMEZONE || o->id == OPT_PREFIX ||
           o->id == OPT_LOG_FORMAT || o->id == OPT_TAG_KEY || o->id == OPT_LINE_REGEX ||
           o->id == OPT_DIALECT || o->id == OPT_RATE_LIMIT;
}

static bool wants_no_value(const option *o, const char *value, arguments *a, status *st)
{
    return value == NULL ? set_value(o, "", a, st)
                         : status_fail(st, STATUS_USAGE, "--%s takes no value", o->name);
}

/* Takes the option at argv[*i] and its value: "--name value", "--name=value", "-n value",
 * "-nvalue". */
static bool take_option(const command *c, int argc, char **argv, int *i, arguments *a, status *st)
{
    const char *word = argv[*i];
    bool is_long = word[1] == '-';
    slice name = slice_from(word + (is_long ? 2 : 1));
    const char *value = NULL;
    const char *equals = is_long ? strchr(word, '=') : NULL;
    if (equals != NULL) {
        name = slice_between(name.p, equals);
        value = equals + 1;
    } else if (!is_long && name.n > 1) {
        value = word + 2;
    }
    const option *o = find_option(c, name, is_long ? 0 : word[1]);
    if (o == NULL) {
        return unknown_option(c, word, name, st);
    }
    if (o->argument == NULL) {
        return wants_no_value(o, value, a, st);
    }
    if (is_repeated(o)) {
        a->repeat[a->n_repeat++] = word;
    }
    if (a->for_logs == NULL && strcmp(o->group, "Reading") == 0) {
        a->for_logs = word;
    }
    if (value == NULL) {
        if (*i + 1 >= argc) {
            return status_fail(st, STATUS_USAGE, "--%s wants a value: %s", o->name, o->argument);
        }
        value = argv[++*i];
        if (is_repeated(o)) {
            a->repeat[a->n_repeat++] = value;
        }
    }
    return set_value(o, value, a, st);
}

static unsigned default_jobs(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > JOBS_DEFAULT_MAX ? JOBS_DEFAULT_MAX : (unsigned)n;
}

/* "-" is standard input, and "-77" a number, as servers give their queries. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && (word[1] < '1' || word[1] > '9');
}

/* A log of lines of one's own has its dialect's format. */
static bool settle_line_regex(arguments *a, status *st)
{
    static const parser *const rows[] = {&line_regex_postgresql, &line_regex_mysql};
    const char *row = NULL;
    if (a->line_regex == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        row = strcmp(rows[i]->engine, a->dialect) == 0 ? rows[i]->name : row;
    }
    if (row == NULL) {
        return status_fail(st, STATUS_USAGE, "unknown dialect '%s': postgresql or mysql",
                           a->dialect);
    }
    if (a->log_format != NULL) {
        return status_fail(st, STATUS_USAGE,
                           "--line-regex and --log-format '%s' exclude each other", a->log_format);
    }
    a->reading.line_regex = a->line_regex;
    a->log_format = row;
    return true;
}

/* The key of a report is also the way back: `show` finds a query by the id that it has there. */
static bool settle_names(const command *c, arguments *a, status *st)
{
    if (a->redact_names && a->examples) {
        return status_fail(st, STATUS_USAGE, "--redact-names and --examples exclude each other");
    }
    if (!a->redact_names && a->redact_key == NULL) {
        return true;
    }
    if (!a->redact_names && (c->bit & FOR_SHOW) == 0) {
        return status_fail(st, STATUS_USAGE, "--redact-key wants --redact-names");
    }
    return redaction_begin(a->redact_key, &a->names, st);
}

bool arguments_parse(const command *c, int argc, char **argv, arguments *out, status *st)
{
    *out = (arguments){.jobs = default_jobs(),
                       .threshold = THRESHOLD_UNKNOWN,
                       .min_coverage_permille = 900,
                       .days_after = 35 * US_PER_DAY,
                       .drop_after = 400 * US_PER_DAY,
                       .max_age = MAX_AGE_HOURS * US_PER_HOUR,
                       .wait = STORE_WAIT_MINUTES * US_PER_MINUTE,
                       .store = getenv("QLOG_STORE"),
                       .dialect = "postgresql",
                       .findings = finding_options_default()};
    out->selection.now = console_now();
    out->operands = calloc((size_t)argc + 1, sizeof(const char *));
    out->repeat = calloc((size_t)argc + 1, sizeof(const char *));
    if (out->operands == NULL || out->repeat == NULL) {
        return status_no_memory(st);
    }
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (!only_operands && is_option(argv[i])) {
            if (!take_option(c, argc, argv, &i, out, st)) {
                return false;
            }
        } else {
            out->operands[out->n_operands++] = argv[i];
        }
    }
    selection_finish(&out->selection);
    finding_options_finish(&out->findings);
    return settle_line_regex(out, st) && (out->help || settle_names(c, out, st));
}

void arguments_free(arguments *a)
{
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        free(a->selection.names[d].items);
    }
    free(a->selection.sources.items);
    free(a->selection.engines.items);
    free(a->selection.tags.items);
    free(a->tag_keys.items);
    selection_free(&a->selection);
    line_regex_free(a->line_regex);
    finding_options_free(&a->findings);
    pseudonyms_free(a->names);
    template_files_close(a->templates);
    free(a->templates);
    free(a->operands);
    free(a->repeat);
    *a = (arguments){0};
}

static const char what_logs_may_be[] = "\nA log may be compressed (gzip, zstd, xz, bzip2, lz4) or "
                                       "in a tar or zip archive, whose files are a\n"
                                       "log each. A folder stands for the files directly in it, "
                                       "those in its folders and hidden ones left\n"
                                       "out; a quoted pattern ('*.log') for what matches it.\n";

void options_help(const command *c, buf *out)
{
    buf_printf(out, "usage: qlog %s%s%s\n\n%s\n", c->name, *c->synopsis != '\0' ? " " : "",
               c->synopsis, c->description);
    if ((c->bit & READING) != 0) {
        buf_add_text(out, what_logs_may_be);
    }
    const char *group = "";
    for (const option *o = option_next(c->bit, NULL); o != NULL; o = option_next(c->bit, o)) {
        if (strcmp(group, o->group) != 0) {
            group = o->group;
            buf_printf(out, "\n%s:\n", group);
        }
        size_t start = out->n;
        if (o->letter != 0) {
            buf_printf(out, "  -%c, ", o->letter);
        } else {
            buf_add_text(out, "      ");
        }
        buf_printf(out, "--%s%s%s", o->name, o->argument != NULL ? " " : "",
                   o->argument != NULL ? o->argument : "");
        size_t used = out->n - start;
        buf_add_repeat(out, ' ', used < HELP_COLUMN ? HELP_COLUMN - used : 2);
        buf_printf(out, "%s\n", o->help);
    }
    if ((c->bit & FINDING) != 0) {
        finding_options_help(out);
    }
}
