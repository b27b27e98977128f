/* cmd_show.c - one query, of logs or of a store. */
#include "base/number.h"
#include "cli/commands.h"
#include "cli/work.h"

/* The fingerprint that a word names: qlog's id, the server's, or another tool's, which write theirs
 * as 0xAE9D…. */
static bool find_id(const store *s, const char *word, uint64_t *id, status *st)
{
    slice name = slice_from(word);
    if (slice_starts_with(name, SLICE("0x"))) {
        name = slice_skip(name, 2);
    }
    return model_find_alias(s, name, id, st) || (st->code == STATUS_OK && id_parse(name, id));
}

/* Whether the query is one of logs, not of a store. */
static bool of_logs(const arguments *a)
{
    return a->n_operands > 1;
}

static bool show(const store *s, const arguments *a, status *st)
{
    model m = {0};
    buf words;
    report_format as;
    uint64_t id;
    const char *word = a->operands[0];
    if (!work_format(a, &as, st)) {
        return false;
    }
    if (!find_id(s, word, &id, st)) {
        return st->code == STATUS_OK &&
               status_fail(
                   st, STATUS_USAGE,
                   "'%s' is not the id of a query: 16 hexadecimal digits, or the server's or"
                   " another tool's own id of one",
                   word);
    }
    buf_init(&words, 4096);
    selection chosen = a->selection; /* its moments are resolved for the store */
    model_request request = work_request(a, as, &words);
    request.chosen = chosen.empty || of_logs(a) ? NULL : &chosen; /* logs were read by it */
    request.only_one = true;
    request.only = id;
    bool ok = model_build(s, &request, &m, st) &&
              (m.n_queries == 1 || status_fail(st, STATUS_INPUT, "no query '%s' in %s", word,
                                               !a->selection.empty ? "what is selected"
                                               : of_logs(a)        ? "these logs"
                                                                   : "this store")) &&
              work_write(&m, &m.queries[0], as, a, st);
    model_free(&m);
    buf_free(&words);
    return ok;
}

static bool check_options(const arguments *a, status *st)
{
    return of_logs(a) || a->for_logs == NULL ||
           status_fail(st, STATUS_USAGE, "%s is for logs, not for a store", a->for_logs);
}

static int run(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    ingest_result result = {0};
    bool files = of_logs(a);
    bool ok = check_options(a, st) &&
              store_open(a->store, files ? STORE_TEMPORARY : STORE_READ, &s, st) &&
              (!files || work_read(s, a, NULL, a->operands + 1, a->n_operands - 1, true, &result,
                                   &code, st)) &&
              show(s, a, st);
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
