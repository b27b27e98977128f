/* cmd_report.c - the report of a store. */
#include "cli/commands.h"
#include "cli/work.h"

static int report(const arguments *a, status *st)
{
    store *s = NULL;
    model m = {0};
    buf words;
    buf show;
    report_format as;
    bool fails = false;
    buf_init(&words, 4096);
    buf_init(&show, 8192);
    work_show_command(a, NULL, 0, &show);
    bool ok = work_format(a, &as, st) && store_open(a->store, work_store_mode(a), &s, st);
    if (ok) {
        selection chosen = a->selection; /* its moments are resolved for the store */
        model_request request = work_request(a, as, &words);
        request.chosen = chosen.empty ? NULL : &chosen;
        request.of_store = true;
        request.command = buf_slice(&show);
        ok = model_build(s, &request, &m, st) && work_write(&(render_subject){.m = &m}, as, a, st);
        fails = ok && finding_options_fails(&a->findings, &m);
        model_free(&m);
    }
    store_close(s);
    buf_free(&words);
    buf_free(&show);
    return !ok ? console_fail(st) : fails ? STATUS_FINDINGS : STATUS_OK;
}

/* Nights are compared as the store has them, so that the window may choose nothing but time and
 * source. */
static bool check_baseline(const arguments *a, status *st)
{
    const selection *s = &a->selection;
    bool narrowed = s->tags.n > 0 || s->min_time > 0 || s->match != NULL || s->exclude != NULL;
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        narrowed = narrowed || s->names[d].n > 0;
    }
    if (a->findings.request.baseline == 0) {
        return true;
    }
    if (s->since.kind == MOMENT_NONE) {
        return status_fail(st, STATUS_USAGE, "--baseline wants --since: which window is compared?");
    }
    return !narrowed || status_fail(st, STATUS_USAGE,
                                    "--baseline goes with --since, --until, --source and --engine"
                                    " alone");
}

int command_report(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.store == NULL || a.n_operands > 0) {
            status_fail(&st, STATUS_USAGE, "%s",
                        a.store == NULL ? "report wants --store FILE, or $QLOG_STORE"
                                        : "report takes no files; 'qlog analyze FILE...' does");
            code = console_fail(&st);
        } else if (!check_baseline(&a, &st)) {
            code = console_fail(&st);
        } else {
            code = report(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
