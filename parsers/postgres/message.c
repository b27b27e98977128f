/* message.c - see message.h. */
#include "parsers/postgres/message.h"

#include "base/number.h"
#include "base/scan.h"
#include "parsers/postgres/language.h"
#include "parsers/postgres/plan.h"
#include "parsers/postgres/server.h"

/* parameter "log_min_duration_statement" changed to "250ms"
 * parameter "work_mem" removed from configuration file, reset to default */
static bool read_setting(slice message, event *e)
{
    slice rest = slice_skip(message, strlen("parameter \""));
    const char *quote = scan_first(slice_take(rest, 128), '"');
    if (!slice_starts_with(message, SLICE("parameter \"")) || quote == NULL) {
        return false;
    }
    e->name = slice_between(rest.p, quote);
    rest = slice_skip(rest, e->name.n + 1);
    bool removed = slice_starts_with(rest, SLICE(" removed "));
    if (slice_starts_with(rest, SLICE(" changed to \""))) {
        rest = slice_skip(rest, strlen(" changed to \""));
        quote = scan_first(rest, '"');
        e->value = quote != NULL ? slice_between(rest.p, quote) : rest;
    } else if (!removed) {
        return false;
    }
    e->kind = EVENT_SETTING;
    if (slice_is(e->name, "log_min_duration_statement")) {
        int64_t us;
        bool off = removed || slice_starts_with(e->value, SLICE("-"));
        if (off || duration_parse(e->value, &us)) {
            e->duration = off ? -1 : us;
            e->has |= HAS_THRESHOLD;
        }
    }
    return true;
}

/* Behind "parse", "bind" or "execute": the name of a prepared statement and of its portal, as
 * "S_1/C_2", which may hold colons but no ": ", and the text. A portal with a name can be executed
 * piece by piece: the further pieces are "fetch from" it and go on with its execution. */
static bool read_named(slice rest, event *e)
{
    const char *end = scan_text(slice_take(rest, 256), SLICE(": "));
    if (end == NULL) {
        return false;
    }
    slice name = slice_between(rest.p, end);
    e->text = slice_skip(rest, name.n + 2);
    if (slice_starts_with(name, SLICE("fetch from "))) {
        e->has |= IN_PIECES | CONTINUES;
    } else if (scan_last(name, '/') != NULL) {
        e->has |= IN_PIECES;
    }
    return true;
}

typedef struct phase {
    slice word;
    bool named;
    event_kind with_duration;
    event_kind alone;
} phase;

static const phase phases[] = {
    {{"statement: ", sizeof "statement: " - 1}, false, EVENT_STATEMENT, EVENT_STATEMENT_START},
    {{"execute ", sizeof "execute " - 1}, true, EVENT_STATEMENT, EVENT_STATEMENT_START},
    {{"parse ", sizeof "parse " - 1}, true, EVENT_PREPARE, EVENT_PREPARE},
    {{"bind ", sizeof "bind " - 1}, true, EVENT_BIND, EVENT_BIND},
};

/* A call through the fastpath interface has no SQL; its description stands for it. */
static const slice fastpath = {"fastpath function call: ", sizeof "fastpath function call: " - 1};

/* The part of a message that names a phase of an execution; `timed`: a duration stands before it.
 */
static bool read_phase(slice message, bool timed, event *e)
{
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        const phase *p = &phases[i];
        if (!slice_starts_with(message, p->word)) {
            continue;
        }
        slice rest = slice_skip(message, p->word.n);
        if (!p->named) {
            e->text = rest;
        } else if (!read_named(rest, e)) {
            return false;
        }
        e->kind = (uint8_t)(timed ? p->with_duration : p->alone);
        e->has |= HAS_TEXT;
        /* A portal's plan is logged when it is closed. */
        e->has |= p->with_duration == EVENT_STATEMENT && p->named ? PLAN_FOLLOWS : 0;
        return true;
    }
    if (slice_starts_with(message, fastpath)) {
        e->text = message;
        e->kind = timed ? EVENT_STATEMENT : EVENT_STATEMENT_START;
        e->has |= HAS_TEXT;
        return true;
    }
    return false;
}

/* --- prepared statements --------------------------------------------------------------- */

static void skip_blanks(slice *in)
{
    *in = slice_skip(*in, (size_t)(slice_trim(*in).p - in->p));
}

/* A keyword in any case, and what separates it from the rest. */
static bool take_word(slice *in, const char *word)
{
    size_t n = strlen(word);
    skip_blanks(in);
    for (size_t i = 0; i < n; i++) {
        if (i >= in->n || (in->p[i] & ~0x20) != word[i]) {
            return false;
        }
    }
    bool ends = in->n > n && strchr(" \t\r\n\"(", in->p[n]) != NULL;
    *in = ends ? slice_skip(*in, n) : *in;
    return ends;
}

/* A name, quoted or not, up to what cannot belong to it. */
static void skip_name(slice *in)
{
    skip_blanks(in);
    size_t n = 0;
    bool quoted = false;
    while (n < in->n && (quoted || strchr(" \t\r\n(", in->p[n]) == NULL)) {
        quoted = quoted != (in->p[n] == '"');
        n++;
    }
    *in = slice_skip(*in, n);
}

/* The types of the parameters: "(integer, numeric(10, 2))". */
static void skip_types(slice *in)
{
    size_t depth = 0;
    skip_blanks(in);
    for (size_t n = 0; n < in->n && (n > 0 || in->p[0] == '('); n++) {
        depth += in->p[n] == '(';
        depth -= in->p[n] == ')';
        if (depth == 0) {
            *in = slice_skip(*in, n + 1);
            return;
        }
    }
}

/* "PREPARE name (types) AS statement": what EXECUTE runs, and what plans and pg_stat_statements
 * have for its text. False for anything else. */
static bool prepared_statement(slice text, slice *statement)
{
    slice rest = text;
    if (!take_word(&rest, "PREPARE")) {
        return false;
    }
    skip_name(&rest);
    skip_types(&rest);
    if (!take_word(&rest, "AS")) {
        return false;
    }
    *statement = slice_trim(rest);
    return statement->n > 0;
}

/* --- durations ----------------------------------------------------------------------------- */

static void add_plan_measures(const explained *x, batch *out)
{
    const measured found[] = {
        {MEASURE_MISESTIMATE, x->executed ? x->misestimate : 0},
        {MEASURE_ROWS_REMOVED, x->rows_removed},
        {MEASURE_SPILLED_BYTES, x->spilled_bytes},
        {MEASURE_TEMP_BLOCKS, x->temp_blocks},
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        if (found[i].value > 0) {
            batch_add_measured(out, found[i].id, found[i].value);
        }
    }
}

static void read_plan(slice plan, batch *out, event *e)
{
    explained x;
    plan_form form;
    e->kind = EVENT_PLAN;
    if (!plan_read(plan, &out->arena, &form, &x)) {
        out->out_of_memory = true;
        return;
    }
    if (form == PLAN_XML || form == PLAN_YAML) {
        out->notes |= NOTE_PLAN_FORM;
        batch_add_fact(out, FACT_PLAN_UNREAD, form == PLAN_XML ? SLICE("XML") : SLICE("YAML"), 0);
    }
    if (x.statement.n > 0) {
        e->text = x.statement;
        e->has |= HAS_TEXT | (x.cut ? TEXT_TRUNCATED : 0);
        prepared_statement(x.statement, &e->text);
        /* A cursor's plan is logged when it is closed: DECLARE and FETCH are executions themselves.
         */
        slice rest = x.statement;
        e->has |= take_word(&rest, "DECLARE") ? WITHIN : 0;
    }
    e->plan = x.shape;
    add_plan_measures(&x, out);
}

/* duration: 12.345 ms  statement: ...
 * A fixed number of milliseconds; behind it nothing, a phase, a plan or a fastpath call. */
static bool read_duration(slice message, batch *out, event *e)
{
    uint64_t us;
    slice rest = slice_skip(message, strlen("duration: "));
    if (!slice_starts_with(message, SLICE("duration: ")) || !fixed_take(&rest, 3, &us) ||
        us > INT64_MAX || !slice_starts_with(rest, SLICE(" ms"))) {
        return false;
    }
    rest = slice_skip(rest, 3);
    e->duration = (int64_t)us;
    e->has |= HAS_DURATION;
    e->kind = EVENT_DURATION;
    while (rest.n > 0 && rest.p[0] == ' ') {
        rest = slice_skip(rest, 1);
    }
    if (rest.n == 0 || read_phase(rest, true, e)) {
        return true;
    }
    if (slice_starts_with(rest, SLICE("plan:"))) {
        read_plan(slice_skip(rest, strlen("plan:")), out, e);
    } else {
        e->kind = EVENT_STATEMENT; /* of a kind that is not known yet */
        e->text = rest;
        e->has |= HAS_TEXT;
    }
    return true;
}

/* Statements that were begun or ended, and settings. */
static bool read_execution(slice message, batch *out, event *e)
{
    return read_duration(message, out, e) || read_phase(message, false, e) ||
           read_setting(message, e);
}

/* "('a', 1)" of EXECUTE name ('a', 1). */
static slice arguments_of(slice execute)
{
    const char *open = execute.n > 0 ? memchr(execute.p, '(', execute.n) : NULL;
    return open != NULL ? slice_between(open, execute.p + execute.n) : slice_of("", 0);
}

static void read_detail(const message_parts *m, event *e)
{
    slice detail = m->detail;
    bool run = e->kind == EVENT_STATEMENT || e->kind == EVENT_STATEMENT_START;
    /* From PostgreSQL 16 on with a capital. A value that log_parameter_max_length cut ends with
     * "...". */
    if (slice_starts_with(detail, SLICE("parameters: ")) ||
        slice_starts_with(detail, SLICE("Parameters: "))) {
        e->parameters = slice_skip(detail, strlen("parameters: "));
    } else if (run && slice_starts_with(detail, SLICE("prepare: "))) {
        e->parameters = arguments_of(e->text);
        prepared_statement(slice_skip(detail, strlen("prepare: ")), &e->text);
    }
}

static void read_log(const message_parts *m, batch *out, event *e)
{
    e->kind = EVENT_MESSAGE;
    e->value = m->message;
    e->name = slice_of("", 0);
    if (read_execution(m->message, out, e)) {
        read_detail(m, e);
    } else if (language_is_foreign(m->message)) {
        out->notes |= NOTE_LANGUAGE;
    } else {
        server_read(m, out, e);
    }
}

/* EXECUTE, whose own text a statement that was begun does not have: see read_detail. */
static bool calls_prepared(slice statement)
{
    return take_word(&statement, "EXECUTE");
}

static bool is_english(slice word)
{
    return slice_is(word, "ERROR") || slice_is(word, "FATAL") || slice_is(word, "PANIC");
}

void message_read(severity level, const message_parts *m, bool truncated, batch *out, event *e)
{
    switch (level) {
    case SEVERITY_ERROR:
    case SEVERITY_FATAL:
    case SEVERITY_PANIC:
        e->kind = EVENT_ERROR;
        e->value = m->message;
        e->has |= level == SEVERITY_ERROR ? 0 : ENDS_SESSION;
        out->notes |= is_english(e->name) ? 0 : NOTE_LANGUAGE;
        e->has |= calls_prepared(m->statement) ? BY_NAME : 0;
        server_read_error(m, out, e);
        break;
    case SEVERITY_WARNING:
        e->kind = EVENT_WARNING;
        e->value = m->message;
        break;
    default:
        out->notes |= level == SEVERITY_LOG && !slice_is(e->name, "LOG") ? NOTE_LANGUAGE : 0;
        read_log(m, out, e);
    }
    if (e->kind == EVENT_PLAN) {
        /* Only what runs within a function has a context when its plan is logged. */
        e->has |= m->context.n > 0 ? WITHIN : 0;
        e->plan = truncated ? slice_of("", 0) : e->plan;
    }
    if (m->statement.n > 0 && (e->has & HAS_TEXT) == 0 && e->kind != EVENT_PLAN) {
        e->text = m->statement;
        e->has |= HAS_TEXT;
    }
    if ((e->has & HAS_TEXT) != 0 && truncated) {
        e->has |= TEXT_TRUNCATED;
    }
}

const note message_notes[] = {
    {NOTE_LANGUAGE, "language", "queries and events whose messages are not in English",
     "the server writes its messages in another language", "lc_messages = 'C'"},
    {NOTE_PLAN_FORM, "plans", "some execution plans",
     "auto_explain wrote them as XML or YAML, which are not read",
     "auto_explain.log_format = 'json' or 'text'"},
    {0, NULL, NULL, NULL, NULL},
};

bool message_is_execution(event_kind kind)
{
    return kind <= EVENT_PLAN;
}
