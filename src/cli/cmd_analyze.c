/* cmd_analyze.c - logs into a temporary store, and the report of it. */
#include "cli/commands.h"
#include "cli/work.h"

static bool report(const store *s, const arguments *a, report_format as, bool *fails, status *st)
{
    model m;
    buf words;
    buf show;
    buf_init(&words, 4096);
    buf_init(&show, 64 * 1024);
    model_request request = work_request(a, as, &words);
    work_show_command(a, a->operands, a->n_operands, &show);
    request.command = buf_slice(&show);
    bool ok = model_build(s, &request, &m, st) && work_write(&(render_subject){.m = &m}, as, a, st);
    *fails = ok && finding_options_fails(&a->findings, &m);
    model_free(&m);
    buf_free(&words);
    buf_free(&show);
    return ok;
}

static int analyze(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    bool fails = false;
    report_format as;
    ingest_result result = {0};
    bool ok = work_format(a, &as, st) && store_open(NULL, STORE_TEMPORARY, &s, st) &&
              work_read(s, a, NULL, a->operands, a->n_operands, true, &result, &code, st);
    if (ok) {
        if (work_anything_read(&result)) {
            ok = report(s, a, as, &fails, st);
            code = ok && code == STATUS_OK ? work_check_coverage(&result, a) : code;
            code = code == STATUS_OK && fails ? STATUS_FINDINGS : code;
        } else {
            code = STATUS_INPUT;
        }
    }
    ingest_result_free(&result);
    store_close(s);
    return ok ? code : console_fail(st);
}

int command_analyze(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.n_operands == 0) {
            status_fail(&st, STATUS_USAGE,
                        "which log? 'qlog analyze FILE...', or '-' for standard"
                        " input");
            code = console_fail(&st);
        } else {
            code = analyze(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
