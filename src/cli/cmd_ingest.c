/* cmd_ingest.c - what is new in logs into a store, and a line about each file. */
#include <inttypes.h>

#include "base/number.h"
#include "cli/commands.h"
#include "cli/work.h"

static void tell_file(const ingest_file *f, buf *out)
{
    switch (f->outcome) {
    case INGEST_FAILED:
    case INGEST_NOT_SELECTED:
        return;
    case INGEST_EMPTY:
        buf_printf(out, "%s: nothing to read yet\n", f->path);
        return;
    case INGEST_DUPLICATE:
        buf_printf(out, "%s: the same log as %s, not read\n", f->path, f->same_as);
        return;
    case INGEST_KNOWN:
        buf_printf(out, "%s: already known\n", f->path);
        return;
    case INGEST_NEW:
        buf_printf(out, "%s: new, ", f->path);
        break;
    case INGEST_CONTINUED:
        buf_printf(out, "%s: continued at byte %" PRIu64 ", ", f->path, f->from);
        break;
    }
    bytes_format(out, f->bytes);
    buf_add_char(out, '\n');
}

static bool tell(const ingest_result *result, status *st)
{
    buf out;
    buf_init(&out, 16 * 1024 * 1024);
    for (size_t i = 0; i < result->n_files; i++) {
        tell_file(&result->files[i], &out);
    }
    buf_add_text(&out, "in all: ");
    bytes_format(&out, result->bytes);
    buf_add_text(&out, ", ");
    count_format(&out, (int64_t)result->calls);
    buf_add_text(&out, result->calls == 1 ? " call\n" : " calls\n");
    bool ok = console_write(NULL, buf_slice(&out), st);
    buf_free(&out);
    return ok;
}

static int ingest(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    ingest_result result = {0};
    bool ok = store_open(a->store, STORE_WRITE, &s, st) &&
              work_read(s, a, a->source, a->operands, a->n_operands, false, &result, &code, st) &&
              tell(&result, st);
    /* A log of which too little is understood is kept all the same, but the run says so. */
    code = ok && code == STATUS_OK ? work_check_coverage(&result, a) : code;
    ingest_result_free(&result);
    store_close(s);
    return ok ? code : console_fail(st);
}

int command_ingest(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.store == NULL || a.source == NULL || a.n_operands == 0) {
            status_fail(&st, STATUS_USAGE, "ingest wants %s",
                        a.store == NULL    ? "--store FILE, or $QLOG_STORE"
                        : a.source == NULL ? "--source NAME, what the logs are of"
                                           : "a log to read");
            code = console_fail(&st);
        } else {
            code = ingest(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
