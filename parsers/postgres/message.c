/* message.c - see message.h. */
#include "parsers/postgres/message.h"

#include "base/number.h"
#include "base/scan.h"

typedef struct opening {
    slice text;
    event_kind kind;
} opening;

/* How the messages begin that mean something to the digest or the server's section. */
static const opening openings[] = {
    {{"temporary file:", sizeof "temporary file:" - 1}, EVENT_TEMP_FILE},
    {{"checkpoint", sizeof "checkpoint" - 1}, EVENT_CHECKPOINT},
    {{"restartpoint", sizeof "restartpoint" - 1}, EVENT_CHECKPOINT},
    {{"automatic vacuum", sizeof "automatic vacuum" - 1}, EVENT_VACUUM},
    {{"automatic aggressive vacuum", sizeof "automatic aggressive vacuum" - 1}, EVENT_VACUUM},
    {{"automatic analyze", sizeof "automatic analyze" - 1}, EVENT_VACUUM},
    {{"connection received:", sizeof "connection received:" - 1}, EVENT_SESSION_START},
    {{"connection authenticated:", sizeof "connection authenticated:" - 1}, EVENT_MESSAGE},
    {{"connection authorized:", sizeof "connection authorized:" - 1}, EVENT_MESSAGE},
    {{"disconnection:", sizeof "disconnection:" - 1}, EVENT_SESSION_END},
    {{"starting PostgreSQL", sizeof "starting PostgreSQL" - 1}, EVENT_SERVER_START},
    {{"database system was shut down", sizeof "database system was shut down" - 1},
     EVENT_SERVER_START},
    {{"database system was interrupted", sizeof "database system was interrupted" - 1},
     EVENT_SERVER_START},
    {{"database system is shut down", sizeof "database system is shut down" - 1},
     EVENT_SERVER_STOP},
    {{"replication connection", sizeof "replication connection" - 1}, EVENT_REPLICATION},
    {{"started streaming WAL", sizeof "started streaming WAL" - 1}, EVENT_REPLICATION},
    {{"starting logical decoding", sizeof "starting logical decoding" - 1}, EVENT_REPLICATION},
    {{"logical replication", sizeof "logical replication" - 1}, EVENT_REPLICATION},
};

/* "process 42 still waiting for ShareLock on transaction 7 after 1000.1 ms", "... acquired ...",
 * "... failed to acquire ...", "... detected deadlock while ...", "... avoided deadlock for ...".
 */
static bool is_lock_wait(slice message)
{
    if (!slice_starts_with(message, SLICE("process "))) {
        return false;
    }
    slice line = slice_take(message, 200);
    return scan_text(line, SLICE(" waiting for ")) != NULL ||
           scan_text(line, SLICE(" acquired ")) != NULL ||
           scan_text(line, SLICE(" failed to acquire ")) != NULL ||
           scan_text(line, SLICE(" deadlock ")) != NULL;
}

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

/* Behind "parse", "bind" or "execute": the name of a prepared statement or portal, which may hold
 * colons but no ": ", and the text. */
static bool read_named(slice rest, slice *text)
{
    const char *end = scan_text(slice_take(rest, 256), SLICE(": "));
    if (end == NULL) {
        return false;
    }
    *text = slice_skip(rest, (size_t)(end - rest.p) + 2);
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
        if (p->named) {
            if (!read_named(rest, &e->text)) {
                return false;
            }
        } else {
            e->text = rest;
        }
        e->kind = (uint8_t)(timed ? p->with_duration : p->alone);
        e->has |= HAS_TEXT;
        return true;
    }
    return false;
}

/* A line of a plan as text: it tells costs, or the statement's parameters. */
static bool is_plan_line(slice line)
{
    static const char cost[] = "(cost=";
    for (size_t i = 0; i + strlen(cost) < line.n; i++) {
        if (memcmp(line.p + i, cost, strlen(cost)) == 0) {
            return line.p[i + strlen(cost)] >= '0' && line.p[i + strlen(cost)] <= '9';
        }
    }
    return slice_starts_with(slice_trim(line), SLICE("Query Parameters: "));
}

/* The statement in front of a plan as text. */
static bool plan_statement(slice plan, slice *statement)
{
    slice rest = slice_trim(plan);
    if (!slice_starts_with(rest, SLICE("Query Text: "))) {
        return false;
    }
    rest = slice_skip(rest, strlen("Query Text: "));
    const char *end = rest.p + rest.n;
    for (const char *p = rest.p; p < end;) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        line_end = line_end != NULL ? line_end : end;
        if (p > rest.p && is_plan_line(slice_between(p, line_end))) {
            end = p;
            break;
        }
        p = line_end + (line_end < end);
    }
    *statement = slice_trim(slice_between(rest.p, end));
    return statement->n > 0;
}

/* duration: 12.345 ms  statement: ...
 * A fixed number of milliseconds; behind it nothing, a phase, a plan or a fastpath call. */
static bool read_duration(slice message, event *e)
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
        e->kind = EVENT_PLAN;
        e->value = slice_skip(rest, strlen("plan:"));
        if (plan_statement(e->value, &e->text)) {
            e->has |= HAS_TEXT;
        }
    } else {
        /* A call through the fastpath interface has no SQL; its description stands for it. */
        e->kind = EVENT_STATEMENT;
        e->text = rest;
        e->has |= HAS_TEXT;
    }
    return true;
}

static void read_log(slice message, event *e)
{
    e->kind = EVENT_MESSAGE;
    e->value = message;
    if (read_duration(message, e) || read_phase(message, false, e) || read_setting(message, e)) {
        return;
    }
    if (is_lock_wait(message)) {
        e->kind = EVENT_LOCK_WAIT;
        return;
    }
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (slice_starts_with(message, openings[i].text)) {
            e->kind = (uint8_t)openings[i].kind;
            return;
        }
    }
}

void message_read(severity level, slice message, event *e)
{
    switch (level) {
    case SEVERITY_ERROR:
    case SEVERITY_FATAL:
    case SEVERITY_PANIC:
        e->kind = EVENT_ERROR;
        e->value = message;
        e->has |= level == SEVERITY_ERROR ? 0 : ENDS_SESSION;
        break;
    case SEVERITY_WARNING:
        e->kind = EVENT_WARNING;
        e->value = message;
        break;
    default:
        read_log(message, e);
    }
}

/* "parameters: $1 = '7', ..."; from PostgreSQL 16 on with a capital. */
void message_read_detail(slice detail, event *e)
{
    if (slice_starts_with(detail, SLICE("parameters: ")) ||
        slice_starts_with(detail, SLICE("Parameters: "))) {
        e->parameters = slice_skip(detail, strlen("parameters: "));
    }
}

bool message_is_execution(event_kind kind)
{
    return kind <= EVENT_PLAN;
}
