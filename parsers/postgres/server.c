/* server.c - see server.h. */
#include "parsers/postgres/server.h"

#include "base/number.h"
#include "base/scan.h"

enum { US = 6 /* digits of a second */, MS = 3, LINE_MAX_LOCK = 200, LOCK_HOLDERS = 8 };

static bool starts(slice text, const char *with)
{
    return slice_starts_with(text, slice_from(with));
}

/* What stands behind the first `word`; false, and nothing, where there is none. */
static bool behind(slice text, const char *word, slice *rest)
{
    const char *at = scan_text(text, slice_from(word));
    *rest = slice_skip(text, text.n);
    if (at != NULL) {
        *rest = slice_skip(text, (size_t)(at - text.p) + strlen(word));
    }
    return at != NULL;
}

/* The text up to one of these characters. */
static slice up_to(slice text, const char *ends)
{
    size_t n = 0;
    while (n < text.n && strchr(ends, text.p[n]) == NULL) {
        n++;
    }
    return slice_take(text, n);
}

/* A number behind a word, in 10^-digits. */
static bool figure(slice text, const char *word, unsigned digits, uint64_t *value)
{
    slice rest;
    return behind(text, word, &rest) && fixed_take(&rest, digits, value);
}

static void add_figure(batch *out, fact_id id, slice subject, slice text, const char *word,
                       unsigned digits)
{
    uint64_t value;
    if (figure(text, word, digits, &value)) {
        batch_add_fact(out, id, subject, value);
    }
}

/* Whether track_activity_query_size has cut what a process runs: 1024 bytes, or a multiple of that
 * where somebody set it, less the NUL and the rest of a character. A whole statement of just that
 * length counts as cut. */
static bool is_cut_activity(slice statement)
{
    enum { UNIT = 1024, CHARACTER_MAX = 4 };
    return statement.n % UNIT >= UNIT - CHARACTER_MAX;
}

/* --- files and locks ---------------------------------------------------------------------- */

/* temporary file: path "base/pgsql_tmp/pgsql_tmp4711.0", size 1048576 */
static bool read_temp_file(slice message, batch *out, event *e)
{
    uint64_t bytes;
    if (!starts(message, "temporary file: path ") || !figure(message, ", size ", 0, &bytes)) {
        return false;
    }
    e->kind = EVENT_TEMP_FILE;
    batch_add_fact(out, FACT_TEMP_FILE, slice_of("", 0), bytes);
    return true;
}

/* "AccessExclusiveLock on relation" of "AccessExclusiveLock on relation 42 of database 5 after": a
 * kind of lock, not one of them. */
static slice lock_kind(slice rest)
{
    return slice_trim(up_to(rest, "0123456789([\n"));
}

/* Process holding the lock: 43. Wait queue: 42.
 * Processes holding the lock: 43, 44. Wait queue: 42, 45. */
static void read_holders(slice detail, batch *out)
{
    slice rest;
    uint64_t process;
    if (!behind(detail, " holding the lock: ", &rest)) {
        return;
    }
    for (unsigned i = 0; i < LOCK_HOLDERS && unsigned_take(&rest, &process); i++) {
        batch_add_fact(out, FACT_LOCK_HOLDER, slice_of("", 0), process);
        rest = slice_skip(rest, strlen(", "));
    }
}

/* process 42 still waiting for ShareLock on transaction 7 after 1000.100 ms
 * process 42 acquired ShareLock on transaction 7 after 1500.000 ms
 * process 42 detected deadlock while waiting for ShareLock on transaction 7 after 1000.100 ms
 * process 42 avoided deadlock for ..., process 42 failed to acquire ... */
static bool read_lock(const message_parts *m, batch *out, event *e)
{
    static const struct {
        const char *words;
        fact_id id;
        bool told; /* a later message tells how the wait ended */
    } kinds[] = {
        {" detected deadlock while waiting for ", FACT_LOCK_WAITING, true},
        {" avoided deadlock for ", FACT_LOCK_ACQUIRED, false},
        {" still waiting for ", FACT_LOCK_WAITING, true},
        {" failed to acquire ", FACT_LOCK_WAITING, true},
        {" acquired ", FACT_LOCK_ACQUIRED, false},
    };
    slice line = slice_take(m->message, LINE_MAX_LOCK);
    slice rest;
    uint64_t us;
    for (size_t i = 0; starts(line, "process ") && i < sizeof kinds / sizeof *kinds; i++) {
        if (!behind(line, kinds[i].words, &rest)) {
            continue;
        }
        e->kind = EVENT_LOCK_WAIT;
        if (figure(line, " after ", MS, &us)) {
            slice lock = lock_kind(rest);
            const char *by = scan_text(lock, SLICE(" by "));
            batch_add_fact(out, kinds[i].id, by != NULL ? slice_between(lock.p, by) : lock, us);
            read_holders(m->detail, out);
        }
        return true;
    }
    return false;
}

/* --- checkpoints and vacuum --------------------------------------------------------------- */

static bool read_checkpoint(slice message, batch *out, event *e)
{
    slice none = slice_of("", 0);
    uint64_t seconds;
    slice why;
    if (!starts(message, "checkpoint") && !starts(message, "restartpoint")) {
        return false;
    }
    e->kind = EVENT_CHECKPOINT;
    if (behind(message, "point starting:", &why)) {
        batch_add_fact(out, FACT_CHECKPOINT, slice_trim(why), 0);
    } else if (behind(message, "point complete:", &why)) {
        add_figure(out, FACT_CHECKPOINT_BUFFERS, none, message, ": wrote ", 0);
        add_figure(out, FACT_CHECKPOINT_WRITE, none, message, "; write=", US);
        add_figure(out, FACT_CHECKPOINT_SYNC, none, message, ", sync=", US);
        add_figure(out, FACT_CHECKPOINT_TOTAL, none, message, ", total=", US);
    } else if (figure(message, "s are occurring too frequently (", US, &seconds)) {
        batch_add_fact(out, FACT_CHECKPOINTS_HURRIED, none, seconds);
    }
    return true;
}

/* automatic vacuum of table "shop.public.orders": index scans: 1 ... system usage: CPU: user: 0.02
 * s, system: 0.01 s, elapsed: 0.10 s; before PostgreSQL 10 "CPU 1.02s/2.08u sec elapsed 108.25 sec"
 */
static bool read_vacuum(slice message, batch *out, event *e)
{
    slice rest;
    bool analyze = starts(message, "automatic analyze of ");
    bool vacuum = starts(message, "automatic vacuum ") || starts(message, "automatic aggressive ");
    if ((!analyze && !vacuum) || !behind(message, " of table \"", &rest)) {
        return false;
    }
    slice table = up_to(rest, "\"\n");
    uint64_t us = 0;
    e->kind = EVENT_VACUUM;
    if (!figure(rest, "elapsed: ", US, &us)) {
        figure(rest, " elapsed ", US, &us);
    }
    batch_add_fact(out, analyze ? FACT_ANALYZE : FACT_VACUUM, table, us);
    if (vacuum) {
        add_figure(out, FACT_VACUUM_PAGES, table, rest, "pages: ", 0);
        add_figure(out, FACT_VACUUM_ROWS, table, rest, "tuples: ", 0);
    }
    return true;
}

/* --- sessions ------------------------------------------------------------------------------ */

/* The value behind "name=", up to where one of the further names begins. Names may hold blanks. */
static slice named_value(slice message, const char *name, const char *const *further)
{
    slice rest;
    behind(message, name, &rest);
    for (; *further != NULL; further++) {
        const char *end = scan_text(rest, slice_from(*further));
        rest = end != NULL ? slice_between(rest.p, end) : rest;
    }
    return slice_trim(up_to(rest, "\n"));
}

static void add_connection(batch *out, fact_id id, slice subject)
{
    if (subject.n > 0) {
        batch_add_fact(out, id, subject, 0);
    }
}

/* "1:53:01.198" in us. */
static bool session_time(slice text, uint64_t *us)
{
    uint64_t hours;
    uint64_t minutes;
    uint64_t rest;
    bool good = unsigned_take(&text, &hours) && starts(text, ":");
    text = slice_skip(text, 1);
    good = good && unsigned_take(&text, &minutes) && starts(text, ":");
    text = slice_skip(text, 1);
    good = good && fixed_take(&text, US, &rest) && hours < UINT32_MAX && minutes < UINT32_MAX;
    *us = good ? (hours * 3600 + minutes * 60) * 1000000 + rest : 0;
    return good;
}

/* connection received: host=10.0.0.1 port=5
 * connection authorized: user=app database=shop application_name=web SSL enabled (...)
 * disconnection: session time: 0:00:01.234 user=app database=shop host=10.0.0.1 port=5 */
static bool read_session(slice message, batch *out, event *e)
{
    static const char *const after_user[] = {" database=", NULL};
    static const char *const after_database[] = {" host=", " application_name=", " SSL ", NULL};
    static const char *const after_application[] = {" SSL ", NULL};
    static const char *const after_host[] = {" port=", NULL};
    slice rest;
    uint64_t us;
    if (starts(message, "connection received:")) {
        e->kind = EVENT_SESSION_START;
        add_connection(out, FACT_CONNECTION_HOST, named_value(message, "host=", after_host));
    } else if (starts(message, "connection authorized:")) {
        add_connection(out, FACT_CONNECTION_USER, named_value(message, "user=", after_user));
        add_connection(out, FACT_CONNECTION_DATABASE,
                       named_value(message, "database=", after_database));
        add_connection(out, FACT_CONNECTION_APPLICATION,
                       named_value(message, "application_name=", after_application));
    } else if (starts(message, "disconnection:")) {
        e->kind = EVENT_SESSION_END;
        if (behind(message, "session time: ", &rest) && session_time(rest, &us)) {
            batch_add_fact(out, FACT_SESSION, named_value(message, "user=", after_user), us);
        }
    } else {
        return false;
    }
    return true;
}

/* --- the rest -------------------------------------------------------------------------------- */

typedef struct opening {
    const char *text;
    event_kind kind;
    const char *server; /* what became of it; NULL: nothing */
} opening;

/* How further messages begin that mean something. */
static const opening openings[] = {
    {"database system was shut down", EVENT_SERVER_START, NULL},
    {"database system was interrupted", EVENT_SERVER_START, NULL},
    {"database system was not properly shut down", EVENT_MESSAGE, "recovered"},
    {"database system is ready to accept connections", EVENT_MESSAGE, "started"},
    {"database system is ready to accept read", EVENT_MESSAGE, "started"},
    {"database system is shut down", EVENT_SERVER_STOP, "stopped"},
    {"received SIGHUP, reloading", EVENT_MESSAGE, "reloaded"},
    {"replication connection", EVENT_REPLICATION, NULL},
    {"started streaming WAL", EVENT_REPLICATION, NULL},
    {"starting logical decoding", EVENT_REPLICATION, NULL},
    {"logical replication", EVENT_REPLICATION, NULL},
};

/* Of a backend that crashed the server tells what it ran, up to track_activity_query_size. */
static bool read_crash(const message_parts *m, batch *out, event *e)
{
    slice statement;
    if (!starts(m->message, "server process (PID ")) {
        return false;
    }
    behind(m->detail, "Failed process was running: ", &statement);
    e->kind = EVENT_MESSAGE;
    batch_add_fact_of(out, FACT_SERVER, SLICE("crashed"), slice_trim(statement),
                      is_cut_activity(statement));
    return true;
}

/* "starting PostgreSQL 15.3 (Debian 15.3-1) on x86_64…", of which the version is kept. */
static bool read_start(slice message, batch *out, event *e)
{
    enum { LONGEST = 60 };
    size_t n = strlen("starting PostgreSQL ");
    if (!starts(message, "starting PostgreSQL ")) {
        return false;
    }
    while (n < message.n && n < LONGEST && (unsigned char)message.p[n] > ' ') {
        n++;
    }
    e->kind = EVENT_SERVER_START;
    batch_add_fact(out, FACT_SERVER, slice_take(message, n), 0);
    return true;
}

void server_read(const message_parts *m, batch *out, event *e)
{
    slice message = m->message;
    if (read_crash(m, out, e) || read_lock(m, out, e) || read_temp_file(message, out, e) ||
        read_checkpoint(message, out, e) || read_vacuum(message, out, e) ||
        read_session(message, out, e) || read_start(message, out, e)) {
        return;
    }
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (starts(message, openings[i].text)) {
            e->kind = (uint8_t)openings[i].kind;
            if (openings[i].server != NULL) {
                batch_add_fact(out, FACT_SERVER, slice_from(openings[i].server), 0);
            }
            return;
        }
    }
}

/* --- errors ----------------------------------------------------------------------------------- */

/* Words before a quoted name of the schema, which is no value. */
static bool names_schema(slice before)
{
    static const char *const nouns[] = {
        "relation",  "table",     "column",   "constraint", "index",      "view",
        "function",  "procedure", "database", "role",       "schema",     "sequence",
        "type",      "domain",    "policy",   "extension",  "tablespace", "partition",
        "parameter", "trigger",   "key",      "reference",  "user",
    };
    before = slice_trim(before);
    for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
        slice noun = slice_from(nouns[i]);
        if (slice_ends_with(before, noun) &&
            (before.n == noun.n || before.p[before.n - noun.n - 1] == ' ')) {
            return true;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 128;
}

/* Where the value that begins at `at` ends; `at` itself where none does. */
static size_t value_end(slice text, size_t at)
{
    char c = text.p[at];
    if (c == '"' || c == '\'') {
        /* Values may hold quotes themselves: the last one ends them. */
        const char *end = scan_last(slice_skip(text, at + 1), c);
        bool name = c == '"' && names_schema(slice_take(text, at));
        end = name ? scan_first(slice_skip(text, at + 1), c) : end;
        return end != NULL ? (size_t)(end - text.p) + 1 : text.n;
    }
    size_t n = at;
    if (is_digit(c) && (at == 0 || !is_word(text.p[at - 1]))) {
        while (n < text.n && (is_word(text.p[n]) || text.p[n] == '.')) {
            n++;
        }
    }
    return n;
}

/* Without " at character 15", which csv and JSON have elsewhere. */
static slice without_place(slice text)
{
    slice rest = text;
    while (rest.n > 0 && is_digit(rest.p[rest.n - 1])) {
        rest.n--;
    }
    slice place = SLICE(" at character ");
    return rest.n < text.n && slice_ends_with(rest, place) ? slice_take(rest, rest.n - place.n)
                                                           : text;
}

/* Whether the words are those of a function's author: of RAISE and ASSERT in PL/pgSQL, of whatever
 * failed in another language. */
static bool is_of_a_function(const message_parts *m, slice code)
{
    static const char *const places[] = {" at RAISE", " at ASSERT", "PL/Perl ", "PL/Python ",
                                         "PL/Tcl "};
    bool own = slice_is(code, "P0001") || slice_is(code, "P0004");
    for (size_t i = 0; !own && i < sizeof places / sizeof *places; i++) {
        own = scan_text(m->context, slice_from(places[i])) != NULL;
    }
    return own;
}

slice server_error_text(const message_parts *m, slice code, arena *a)
{
    slice text = without_place(slice_trim(up_to(m->message, "\n")));
    if (is_of_a_function(m, code)) {
        return SLICE("raised by a function");
    }
    char *room = arena_alloc(a, ERROR_TEXT_MAX + 1);
    if (room == NULL) {
        return slice_of("", 0);
    }
    buf out = {.p = room, .cap = ERROR_TEXT_MAX + 1, .max = ERROR_TEXT_MAX};
    for (size_t at = 0; at < text.n && !out.failed;) {
        if ((unsigned char)text.p[at] >= 128) {
            /* Another language, with quotes of its own: what follows may be a value. */
            buf_add_text(&out, "…");
            break;
        }
        size_t end = value_end(text, at);
        bool name = end > at && text.p[at] == '"' && names_schema(slice_take(text, at));
        if (end > at && !name) {
            buf_add_char(&out, '?');
        } else {
            end = end > at ? end : at + 1;
            buf_add(&out, slice_take(slice_skip(text, at), end - at));
        }
        at = end;
    }
    return buf_slice(&out);
}

/* "canceling statement due to statement timeout": why, of the reasons that the server has. */
static bool read_cancel(slice message, batch *out)
{
    static const char *const reasons[] = {
        "statement timeout",      "lock timeout",          "user request",
        "conflict with recovery", "transaction timeout",   "idle-in-transaction timeout",
        "idle-session timeout",   "administrator command", "idle-in-transaction session timeout",
    };
    slice why;
    bool canceled = starts(message, "canceling ") || starts(message, "terminating connection ");
    for (size_t i = 0;
         canceled && behind(message, " due to ", &why) && i < sizeof reasons / sizeof *reasons;
         i++) {
        if (starts(why, reasons[i])) {
            batch_add_fact(out, FACT_CANCEL, slice_from(reasons[i]), 0);
            return true;
        }
    }
    if (starts(message, "canceling autovacuum task")) {
        batch_add_fact(out, FACT_CANCEL, SLICE("autovacuum in the way"), 0);
        return true;
    }
    return false;
}

/* "Process 1: UPDATE ...": what stands behind the colon, or nothing. */
static slice deadlocked_statement(slice line)
{
    slice body = slice_trim(line);
    slice name = slice_skip(body, strlen("Process "));
    slice text = slice_skip(name, up_to(name, " :").n);
    return starts(body, "Process ") && starts(text, ": ") ? slice_skip(text, 2) : slice_of("", 0);
}

/* The server tells of every process "Process 1 waits for ShareLock on transaction 2; blocked by
 * process 3.", then of every one "Process 1: UPDATE ...", itself first; a statement may go on over
 * lines. */
static void read_deadlock(const message_parts *m, batch *out)
{
    slice rest;
    if (!starts(m->message, "deadlock detected")) {
        return;
    }
    behind(m->detail, " waits for ", &rest);
    slice lock = lock_kind(rest);
    batch_add_fact(out, FACT_DEADLOCK, lock, 0);
    slice open = slice_of("", 0);
    unsigned n = 0;
    for (rest = m->detail; rest.n > 0;) {
        slice line = up_to(rest, "\n");
        slice statement = deadlocked_statement(line);
        rest = slice_skip(rest, line.n + 1);
        if (statement.n == 0) {
            open = open.n > 0 ? slice_between(open.p, line.p + line.n) : open;
            continue;
        }
        if (n > 1) {
            batch_add_fact_of(out, FACT_DEADLOCK_WITH, lock, open, is_cut_activity(open));
        }
        open = statement;
        n++;
    }
    if (n > 1) {
        batch_add_fact_of(out, FACT_DEADLOCK_WITH, lock, open, is_cut_activity(open));
    }
}

/* Where the log leaves out the codes: those of failures that are to be tried again, since it
 * matters which these are. Each message has one code (errcodes.txt and its uses in the server). */
static slice code_by_message(slice message)
{
    static const struct {
        const char *beginning, *code;
    } known[] = {
        {"deadlock detected", "40P01"},
        {"could not serialize access due to ", "40001"},
        {"canceling statement due to lock timeout", "55P03"},
        {"could not obtain lock on ", "55P03"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (starts(message, known[i].beginning)) {
            return slice_from(known[i].code);
        }
    }
    return slice_of("", 0);
}

void server_read_error(const message_parts *m, batch *out, event *e)
{
    e->code = e->code.n > 0 ? e->code : code_by_message(m->message);
    slice text = server_error_text(m, e->code, &out->arena);
    char *room = arena_alloc(&out->arena, e->code.n + 1 + text.n);
    if (room == NULL) {
        out->out_of_memory = true;
        return;
    }
    if (e->code.n > 0) {
        memcpy(room, e->code.p, e->code.n);
    }
    room[e->code.n] = ' ';
    if (text.n > 0) {
        memcpy(room + e->code.n + 1, text.p, text.n);
    }
    batch_add_fact(out, FACT_ERROR, slice_of(room, e->code.n + 1 + text.n), 0);
    read_cancel(m->message, out);
    read_deadlock(m, out);
}
