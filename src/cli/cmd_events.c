/* cmd_events.c - the records of one query, as they lie in the logs. */
#include <unistd.h>

#include "cli/commands.h"
#include "cli/work.h"
#include "report/escape.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024, WRITE_AT = 256 * 1024 };

/* The query that is looked for, and what was found of it. */
typedef struct finder {
    query_name name;
    bool to_terminal; /* what would do something to it is written in another form */
    uint64_t found;
    buf out;
} finder;

static bool flush(finder *f, status *st)
{
    bool ok = (!f->out.failed || status_no_memory(st)) &&
              (f->out.n == 0 || console_write(NULL, buf_slice(&f->out), st));
    buf_clear(&f->out);
    return ok;
}

static bool see(void *context, const event *e, const batch *events, slice record, status *st)
{
    finder *f = context;
    if (!query_name_fits(&f->name, e, events)) {
        return true;
    }
    f->found++;
    if (f->to_terminal) {
        escape_terminal_lines(&f->out, record);
    } else {
        buf_add(&f->out, record);
        if (record.n > 0 && record.p[record.n - 1] != '\n') {
            buf_add_char(&f->out, '\n');
        }
    }
    return f->out.n < WRITE_AT || flush(f, st);
}

static void find_by(finder *f, const char *word)
{
    f->name = query_name_of(word);
    f->to_terminal = isatty(STDOUT_FILENO) != 0;
    buf_init(&f->out, OUTPUT_MAX);
}

static int run(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    ingest_result result = {0};
    finder f = {0};
    find_by(&f, a->operands[0]);
    record_observer observer = {see, &f};
    bool ok = store_open(NULL, STORE_TEMPORARY, &s, st) &&
              work_read_observed(s, a, &observer, a->operands + 1, a->n_operands - 1, &result,
                                 &code, st) &&
              flush(&f, st);
    if (ok && f.found == 0 && code == STATUS_OK) {
        ok = status_fail(st, STATUS_INPUT, "no record of query '%s' in these logs", a->operands[0]);
    }
    buf_free(&f.out);
    ingest_result_free(&result);
    store_close(s);
    return ok ? code : console_fail(st);
}

int command_events(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.n_operands < 2) {
            status_fail(&st, STATUS_USAGE, "events wants the id of a query, and logs");
            code = console_fail(&st);
        } else {
            code = run(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
