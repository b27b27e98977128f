/* cmd_show.c - one query, of logs or of a store. */
#include "base/number.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "normalise/explain.h"
#include "store/rows.h"

enum { STATEMENT_BYTES = 32 * 1024 * 1024 };

/* The slowest execution of the query while the logs are read: its statement and its values. */
typedef struct slowest {
    query_name name;
    bool any;
    int64_t duration;
    buf statement, parameters;
} slowest;

static bool see(void *context, const event *e, const batch *events, slice record, status *st)
{
    slowest *s = context;
    int64_t duration = (e->has & HAS_DURATION) != 0 ? e->duration : 0;
    bool is_statement = e->kind == EVENT_STATEMENT || e->kind == EVENT_STATEMENT_START;
    (void)record;
    if (!is_statement || (e->has & TEXT_TRUNCATED) != 0 || (s->any && duration <= s->duration) ||
        !query_name_fits(&s->name, e, events)) {
        return true;
    }
    s->any = true;
    s->duration = duration;
    buf_clear(&s->statement);
    buf_add(&s->statement, e->text);
    buf_clear(&s->parameters);
    buf_add(&s->parameters, e->parameters);
    return (!s->statement.failed && !s->parameters.failed) || status_no_memory(st);
}

/* Whether the query is one of logs, not of a store. */
static bool of_logs(const arguments *a)
{
    return a->n_operands > 1;
}

/* The query as EXPLAIN takes it: with the values of an execution where they are wanted. */
static void set_explain(model_query *q, const slowest *s, buf *text)
{
    enum { NAME_MAX_BYTES = 32 };
    char engine[NAME_MAX_BYTES] = "";
    if (q->engine.n < sizeof engine) {
        memcpy(engine, q->engine.p, q->engine.n);
    }
    const normaliser *n = normaliser_find(engine);
    bool has = n != NULL && s->any &&
               explain_with_values(n, buf_slice(&s->statement), buf_slice(&s->parameters), text);
    has = has || (n != NULL && explain_generic(n, q->text, text));
    q->explain = has && !text->failed ? buf_slice(text) : SLICE("");
}

/* Where it is the id that a query has in a report without names, *id becomes the query's own. */
static bool reveal_id(const store *s, const pseudonyms *names, uint64_t *id, status *st)
{
    uint64_t hidden = *id;
    sqlite3_stmt *q = rows_begin(s, "SELECT fingerprint FROM fingerprints", st);
    while (q != NULL && rows_next(s, q, st)) {
        uint64_t own = (uint64_t)sqlite3_column_int64(q, 0);
        *id = pseudonym_of_id(names, own) == hidden ? own : *id;
    }
    return rows_end(q, st);
}

/* The fingerprint that a word names: qlog's id, the server's, or another tool's. */
static bool find_id(const store *s, const arguments *a, const char *word, uint64_t *id, status *st)
{
    query_name name = query_name_of(word);
    if (model_find_alias(s, name.text, id, st)) {
        return true;
    }
    *id = name.id;
    return st->code == STATUS_OK && name.is_id &&
           (a->names == NULL || reveal_id(s, a->names, id, st));
}

static bool show(const store *s, const arguments *a, const slowest *seen, status *st)
{
    buf explain;
    model m = {0};
    buf words;
    buf in_full;
    report_format as;
    uint64_t id;
    const char *word = a->operands[0];
    if (!work_format(a, &as, st)) {
        return false;
    }
    if (!find_id(s, a, word, &id, st)) {
        return st->code == STATUS_OK &&
               status_fail(
                   st, STATUS_USAGE,
                   "'%s' is not the id of a query: 16 hexadecimal digits, or the server's or"
                   " another tool's own id of one",
                   word);
    }
    buf_init(&words, 4096);
    buf_init(&in_full, 64 * 1024);
    work_show_command(a, a->operands + 1, a->n_operands - 1, &in_full);
    selection chosen = a->selection; /* its moments are resolved for the store */
    buf_init(&explain, 2 * (size_t)STATEMENT_BYTES);
    model_request request = work_request(a, as, &words);
    request.of_store = !of_logs(a);
    request.chosen = chosen.empty || of_logs(a) ? NULL : &chosen; /* logs were read by it */
    request.only_one = true;
    request.only = a->redact_names ? pseudonym_of_id(a->names, id) : id;
    request.command = buf_slice(&in_full);
    bool ok = model_build(s, &request, &m, st) &&
              (m.n_queries == 1 || status_fail(st, STATUS_INPUT, "no query '%s' in %s", word,
                                               !a->selection.empty ? "what is selected"
                                               : of_logs(a)        ? "these logs"
                                                                   : "this store"));
    if (ok) {
        set_explain(&m.queries[0], seen, &explain);
        ok = work_write(&(render_subject){.m = &m, .q = &m.queries[0]}, as, a, st);
    }
    buf_free(&explain);
    model_free(&m);
    buf_free(&words);
    buf_free(&in_full);
    return ok;
}

static bool check_options(const arguments *a, status *st)
{
    const char *word = a->for_logs != NULL ? a->for_logs : a->examples ? "--examples" : NULL;
    return of_logs(a) || word == NULL ||
           status_fail(st, STATUS_USAGE, "%s is for logs, not for a store", word);
}

static int run(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    ingest_result result = {0};
    bool files = of_logs(a);
    slowest seen = {.name = query_name_of(a->operands[0])};
    record_observer observer = {see, &seen};
    buf_init(&seen.statement, STATEMENT_BYTES);
    buf_init(&seen.parameters, STATEMENT_BYTES);
    bool ok = check_options(a, st) &&
              store_open(a->store, files ? STORE_TEMPORARY : work_store_mode(a), &s, st) &&
              (!files || work_read_observed(s, a, a->examples ? &observer : NULL, a->operands + 1,
                                            a->n_operands - 1, &result, &code, st)) &&
              show(s, a, &seen, st);
    buf_free(&seen.statement);
    buf_free(&seen.parameters);
    ingest_result_free(&result);
    store_close(s);
    return ok ? code : console_fail(st);
}

int command_show(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.n_operands == 0 || (a.n_operands == 1 && a.store == NULL)) {
            status_fail(&st, STATUS_USAGE,
                        "show wants the id of a query, and logs or --store FILE");
            code = console_fail(&st);
        } else {
            code = run(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
