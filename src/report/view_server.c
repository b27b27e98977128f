/* view_server.c - the server's part of the view; see view.h. */
#include "base/number.h"
#include "report/figures.h"
#include "report/server_lines.h"
#include "report/view_html.h"

/* How many subjects and statements of a kind are told. */
enum { SUBJECTS_MAX = 20 };

typedef enum amount {
    AMOUNT_NONE, /* only how many */
    AMOUNT_TIME,
    AMOUNT_BYTES,
    AMOUNT_COUNT
} amount;

static void add_amount(view *v, value *to, const char *name, amount in, int64_t n)
{
    switch (in) {
    case AMOUNT_NONE:
        break;
    case AMOUNT_TIME:
        view_duration(v, to, name, n);
        break;
    case AMOUNT_BYTES:
        view_bytes(v, to, name, (uint64_t)n);
        break;
    case AMOUNT_COUNT:
        view_count(v, to, name, n);
        break;
    }
}

/* The number of records of a kind; null where the logs have none. */
static void add_records(view *v, value *to, const char *name, const char *kind)
{
    for (uint32_t i = 0; i < v->m->n_events; i++) {
        if (slice_is(v->m->events[i].kind, kind)) {
            view_count(v, to, name, v->m->events[i].n);
            return;
        }
    }
    value_add_null(v->b, to, name);
}

/* What the facts of a kind add up to; null where there are none. */
static void add_sum(view *v, value *to, const char *name, const char *kind, amount in)
{
    model_fact sum = facts_sum(v->m, kind);
    if (sum.n == 0) {
        value_add_null(v->b, to, name);
    } else {
        add_amount(v, to, name, in, sum.sum);
    }
}

static void add_number(view *v, value *to, const char *name, const char *kind)
{
    view_count(v, to, name, facts_sum(v->m, kind).n);
}

/* [{"name", "count", AMOUNT}], the most first. */
static void add_subjects(view *v, value *to, const char *list_name, const char *kind, amount in,
                         const char *amount_name)
{
    value *list = value_add_list(v->b, to, list_name);
    unsigned n = 0;
    for (uint32_t i = 0; i < v->m->n_facts && n < SUBJECTS_MAX; i++) {
        const model_fact *f = &v->m->facts[i];
        if (!slice_is(f->kind, kind)) {
            continue;
        }
        value *item = value_add_object(v->b, list, NULL);
        value_add_text(v->b, item, "name", f->subject);
        view_count(v, item, "count", f->n);
        add_amount(v, item, amount_name, in, f->sum);
        n++;
    }
}

/* [{"id", "count", AMOUNT}], the most first. */
static void add_queries(view *v, value *to, const char *list_name, const char *kind, amount in,
                        const char *amount_name)
{
    value *list = value_add_list(v->b, to, list_name);
    unsigned n = 0;
    for (uint32_t i = 0; i < v->m->n_fact_queries && n < SUBJECTS_MAX; i++) {
        const model_fact *f = &v->m->fact_queries[i];
        if (!slice_is(f->kind, kind)) {
            continue;
        }
        value *item = value_add_object(v->b, list, NULL);
        id_format(&v->scratch, f->fingerprint);
        value_add_text(v->b, item, "id", buf_slice(&v->scratch));
        buf_clear(&v->scratch);
        view_count(v, item, "count", f->n);
        add_amount(v, item, amount_name, in, f->sum);
        n++;
    }
}

/* "23505 duplicate key ..." is a code and a message; what went beyond the bound has no code. */
static void add_errors(view *v, value *server)
{
    value *errors = value_add_object(v->b, server, "errors");
    add_records(v, errors, "count", "error");
    add_records(v, errors, "warnings", "warning");
    value *list = value_add_list(v->b, errors, "messages");
    unsigned n = 0;
    for (uint32_t i = 0; i < v->m->n_facts && n < SUBJECTS_MAX; i++) {
        const model_fact *f = &v->m->facts[i];
        if (!slice_is(f->kind, "error") || f->subject.n == 0) {
            continue;
        }
        value *item = value_add_object(v->b, list, NULL);
        const char *blank = memchr(f->subject.p, ' ', f->subject.n);
        slice code = slice_take(f->subject, blank != NULL ? (size_t)(blank - f->subject.p) : 0);
        view_text(v, item, "code", code);
        value_add_text(v->b, item, "message",
                       slice_skip(f->subject, blank != NULL ? code.n + 1 : 0));
        view_count(v, item, "count", f->n);
        n++;
    }
    add_queries(v, errors, "queries", "error", AMOUNT_NONE, "");
    add_subjects(v, errors, "cancelled", "cancel", AMOUNT_NONE, "");
}

static void add_checkpoints(view *v, value *server)
{
    value *checkpoints = value_add_object(v->b, server, "checkpoints");
    add_records(v, checkpoints, "count", "checkpoint");
    add_number(v, checkpoints, "begun", "checkpoint");
    add_subjects(v, checkpoints, "causes", "checkpoint", AMOUNT_NONE, "");
    add_sum(v, checkpoints, "buffers", "checkpoint_buffers", AMOUNT_COUNT);
    add_sum(v, checkpoints, "write_ms", "checkpoint_write", AMOUNT_TIME);
    add_sum(v, checkpoints, "sync_ms", "checkpoint_sync", AMOUNT_TIME);
    add_sum(v, checkpoints, "total_ms", "checkpoint_total", AMOUNT_TIME);
    add_number(v, checkpoints, "too_frequent", "checkpoints_hurried");
}

static void add_vacuum(view *v, value *server)
{
    value *vacuum = value_add_object(v->b, server, "autovacuum");
    add_records(v, vacuum, "count", "vacuum");
    add_subjects(v, vacuum, "vacuums", "vacuum", AMOUNT_TIME, "time_ms");
    add_subjects(v, vacuum, "analyzes", "analyze", AMOUNT_TIME, "time_ms");
    add_subjects(v, vacuum, "rows_removed", "vacuum_rows", AMOUNT_COUNT, "rows");
    add_subjects(v, vacuum, "pages_removed", "vacuum_pages", AMOUNT_COUNT, "pages");
}

static void add_files_and_locks(view *v, value *server)
{
    value *files = value_add_object(v->b, server, "temp_files");
    add_records(v, files, "count", "temp-file");
    add_sum(v, files, "bytes", "temp_file", AMOUNT_BYTES);
    add_queries(v, files, "queries", "temp_file", AMOUNT_BYTES, "bytes");
    value *locks = value_add_object(v->b, server, "lock_waits");
    add_records(v, locks, "count", "lock-wait");
    add_number(v, locks, "acquired", "lock_acquired");
    add_sum(v, locks, "time_ms", "lock_acquired", AMOUNT_TIME);
    add_number(v, locks, "deadlocks", "deadlock");
    add_subjects(v, locks, "locks", "lock_acquired", AMOUNT_TIME, "time_ms");
    add_subjects(v, locks, "waiting", "lock_waiting", AMOUNT_TIME, "time_ms");
    add_queries(v, locks, "queries", "lock_acquired", AMOUNT_TIME, "time_ms");
    add_queries(v, locks, "held_by", "lock_holder", AMOUNT_TIME, "time_ms");
    add_queries(v, locks, "deadlocked", "deadlock", AMOUNT_NONE, "");
    add_queries(v, locks, "deadlocked_with", "deadlock_with", AMOUNT_NONE, "");
}

static void add_sessions(view *v, value *server)
{
    value *sessions = value_add_object(v->b, server, "sessions");
    add_records(v, sessions, "started", "session-start");
    add_records(v, sessions, "ended", "session-end");
    add_sum(v, sessions, "time_ms", "session", AMOUNT_TIME);
    add_subjects(v, sessions, "users", "connection_user", AMOUNT_NONE, "");
    add_subjects(v, sessions, "databases", "connection_database", AMOUNT_NONE, "");
    add_subjects(v, sessions, "apps", "connection_application", AMOUNT_NONE, "");
    add_subjects(v, sessions, "hosts", "connection_host", AMOUNT_NONE, "");
}

/* --- for people ------------------------------------------------------------------------- */

enum { ROWS_SHOWN = 10, NAME_COLUMNS = 100 };

/* A table below a line: facts of a kind by their subjects, or by the statements they are of. */
typedef struct part {
    server_line line;
    const char *head;
    const char *kind;
    bool by_query;
    amount in;
} part;

static const part parts[] = {
    {SERVER_ERRORS, "Message", "error", false, AMOUNT_NONE},
    {SERVER_ERRORS, "Query", "error", true, AMOUNT_NONE},
    {SERVER_CANCELS, "Reason", "cancel", false, AMOUNT_NONE},
    {SERVER_LOCKS, "Lock", "lock_acquired", false, AMOUNT_TIME},
    {SERVER_LOCKS, "Query that waited", "lock_acquired", true, AMOUNT_TIME},
    {SERVER_LOCKS, "Query in a deadlock", "deadlock", true, AMOUNT_NONE},
    {SERVER_TEMP_FILES, "Query", "temp_file", true, AMOUNT_BYTES},
    {SERVER_CHECKPOINTS, "Cause", "checkpoint", false, AMOUNT_NONE},
    {SERVER_VACUUMS, "Vacuumed", "vacuum", false, AMOUNT_TIME},
    {SERVER_VACUUMS, "Analyzed", "analyze", false, AMOUNT_TIME},
    {SERVER_VACUUMS, "Rows removed", "vacuum_rows", false, AMOUNT_COUNT},
    {SERVER_SESSIONS, "User", "connection_user", false, AMOUNT_NONE},
    {SERVER_SESSIONS, "Database", "connection_database", false, AMOUNT_NONE},
    {SERVER_SESSIONS, "Application", "connection_application", false, AMOUNT_NONE},
    {SERVER_SESSIONS, "Host", "connection_host", false, AMOUNT_NONE},
    {SERVER_LIFE, "What", "server", false, AMOUNT_NONE},
    {SERVER_DDL, "Change", "ddl", false, AMOUNT_TIME},
};

static void add_part_row(view *v, value *rows, const part *p, const model_fact *f)
{
    value *row = value_add_object(v->b, rows, NULL);
    const model_query *q = p->by_query ? query_find(v->m, f->fingerprint) : NULL;
    if (p->by_query) {
        id_format(&v->scratch, f->fingerprint);
    }
    view_scratch(v, row, "id");
    view_flag(v, row, "shown", q != NULL);
    view_snippet(v, row, q != NULL ? q->text : slice_trim(f->subject), NAME_COLUMNS);
    view_count(v, row, "count", f->n);
    if (p->in == AMOUNT_NONE) {
        view_no_section(v, row, "amount");
    } else {
        add_amount(v, row, "amount", p->in, f->sum);
    }
}

/* Nothing where one row would say again what the line says. */
static void add_part(view *v, value *list, const part *p)
{
    const model_fact *facts = p->by_query ? v->m->fact_queries : v->m->facts;
    uint32_t n_facts = p->by_query ? v->m->n_fact_queries : v->m->n_facts;
    value *rows = value_root(v->b, VALUE_LIST);
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_facts; i++) {
        if (slice_is(facts[i].kind, p->kind) && (p->by_query || facts[i].subject.n > 0) &&
            n++ < ROWS_SHOWN) {
            add_part_row(v, rows, p, &facts[i]);
        }
    }
    if (n > 1 || (n == 1 && p->by_query)) {
        value *table = value_add_object(v->b, list, NULL);
        value_add_display(v->b, table, "head", slice_from(p->head));
        view_flag(v, table, "measured", p->in != AMOUNT_NONE);
        value_add_display(v->b, table, "amount_head",
                          p->in == AMOUNT_BYTES   ? SLICE("Size")
                          : p->in == AMOUNT_COUNT ? SLICE("Rows")
                                                  : SLICE("Time"));
        value_add_tree(v->b, table, "rows", rows);
        counted_format(&v->scratch, n > ROWS_SHOWN ? n - ROWS_SHOWN : 0, "more", "more");
        view_scratch(v, table, "more");
        view_flag(v, table, "any_more", n > ROWS_SHOWN);
    }
}

/* What people see of it. */
static void add_lines(view *v, value *server)
{
    for (uint32_t i = 0; i < v->m->n_events; i++) {
        buf_add_text(&v->scratch, i > 0 ? ", " : "");
        count_format(&v->scratch, v->m->events[i].n);
        buf_add_char(&v->scratch, ' ');
        buf_add(&v->scratch, v->m->events[i].title);
    }
    view_scratch(v, server, "summary");
    value *lines = view_display_list(v, server, "lines");
    bool told = false;
    for (unsigned i = 0; i < SERVER_LINES; i++) {
        server_line_format(&v->scratch, v->m, i);
        if (v->scratch.n > 0) {
            value *line = view_display_object(v, lines, NULL);
            view_text(v, line, "title", slice_from(server_line_title(i)));
            view_scratch(v, line, "line");
            value *tables = view_display_list(v, line, "parts");
            for (size_t k = 0; k < sizeof parts / sizeof *parts && v->page != NULL; k++) {
                if (parts[k].line == i) {
                    add_part(v, tables, &parts[k]);
                }
            }
            view_flag(v, line, "has_parts", tables != NULL && tables->first != NULL);
            told = true;
        }
    }
    view_flag(v, server, "told", told);
}

/* Operations that nobody waits for, or that are counted by their parts. */
static void add_apart(view *v, value *server)
{
    value *apart = value_add_object(v->b, server, "apart");
    add_records(v, apart, "system", "system");
    add_records(v, apart, "await", "await");
    add_records(v, apart, "replicated", "apply");
    add_records(v, apart, "transactions", "transaction");
    add_records(v, apart, "ddl", "ddl");
}

void view_server(view *v, value *root)
{
    value *server = value_add_object(v->b, root, "server");
    add_checkpoints(v, server);
    add_vacuum(v, server);
    add_files_and_locks(v, server);
    add_sessions(v, server);
    add_errors(v, server);
    add_subjects(v, server, "life", "server", AMOUNT_NONE, "");
    add_queries(v, server, "crashed", "server", AMOUNT_NONE, "");
    add_apart(v, server);
    add_subjects(v, server, "ddl", "ddl", AMOUNT_TIME, "time_ms");
    add_lines(v, server);
}
