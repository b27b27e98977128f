/* cmd_ingest.c - what is new in logs into a store, and what was done with each file. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/number.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "report/value_json.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

/* --- as text ------------------------------------------------------------------------------ */

static void tell_file(const ingest_file *f, buf *out)
{
    switch (f->outcome) {
    case INGEST_FAILED:
    case INGEST_NOT_SELECTED:
        return;
    case INGEST_EMPTY:
        buf_printf(out, "%s: nothing to read yet\n", f->path);
        return;
    case INGEST_LEFT:
        buf_printf(out, "%s: left to the next run, since logs were rotated under this one\n",
                   f->path);
        return;
    case INGEST_DUPLICATE:
        buf_printf(out, "%s: the same log as %s, not read\n", f->path, f->same_as);
        return;
    case INGEST_KNOWN:
        buf_printf(out, "%s: already known\n", f->path);
        return;
    case INGEST_NEW:
        buf_printf(out, "%s: %s, ", f->path, f->replaced ? "replaced by a new log" : "new");
        if (f->from > 0) {
            buf_printf(out, "from byte %" PRIu64 " on, since another file has what is before, ",
                       f->from);
        }
        break;
    case INGEST_CONTINUED:
        buf_printf(out, "%s: continued at byte %" PRIu64 ", ", f->path, f->from);
        break;
    }
    bytes_format(out, f->bytes);
    buf_add_char(out, '\n');
}

static void write_text(const ingest_result *result, buf *out)
{
    for (size_t i = 0; i < result->n_files; i++) {
        tell_file(&result->files[i], out);
    }
    buf_add_text(out, "in all: ");
    bytes_format(out, result->bytes);
    buf_add_text(out, ", ");
    count_format(out, (int64_t)result->calls);
    buf_add_text(out, result->calls == 1 ? " call\n" : " calls\n");
}

/* --- as JSON ------------------------------------------------------------------------------ */

static const char *outcome_name(const ingest_file *f)
{
    static const char *const names[] = {
        [INGEST_FAILED] = "failed",       [INGEST_LEFT] = "left",
        [INGEST_EMPTY] = "empty",         [INGEST_NOT_SELECTED] = "",
        [INGEST_DUPLICATE] = "duplicate", [INGEST_NEW] = "new",
        [INGEST_CONTINUED] = "continued", [INGEST_KNOWN] = "known",
    };
    return f->outcome == INGEST_NEW && f->replaced ? "replaced" : names[f->outcome];
}

static void add_file(value_builder *b, value *files, const ingest_file *f)
{
    value *file = value_add_object(b, files, NULL);
    bool read = f->segment.format.n > 0;
    value_add_text(b, file, "path", slice_from(f->path));
    value_add_text(b, file, "outcome", slice_from(outcome_name(f)));
    if (read) {
        value_add_text(b, file, "engine", f->segment.engine);
        value_add_text(b, file, "format", f->segment.format);
    }
    value_add_int(b, file, "from", (int64_t)f->from);
    value_add_int(b, file, "bytes", (int64_t)f->bytes);
    if (f->same_as != NULL) {
        value_add_text(b, file, "same_as", slice_from(f->same_as));
    }
    if (f->error.code != STATUS_OK) {
        value_add_text(b, file, "error", slice_from(f->error.text));
    }
    if (f->interrupted) {
        value_add_bool(b, file, "interrupted", true);
    }
}

static bool write_json(const arguments *a, const ingest_result *result, buf *out, status *st)
{
    arena memory;
    arena_init(&memory, OUTPUT_MAX);
    value_builder b = {.arena = &memory};
    value *root = value_root(&b, VALUE_OBJECT);
    value_add_text(&b, root, "schema", SLICE("qlog-ingest/1"));
    value_add_text(&b, root, "store", slice_from(a->store));
    value_add_text(&b, root, "source", slice_from(a->source));
    value *files = value_add_list(&b, root, "files");
    for (size_t i = 0; i < result->n_files; i++) {
        add_file(&b, files, &result->files[i]);
    }
    value_add_int(&b, root, "passed_over", (int64_t)result->passed_over);
    value_add_int(&b, root, "bytes", (int64_t)result->bytes);
    value_add_int(&b, root, "calls", (int64_t)result->calls);
    value_write_json(root, true, out);
    arena_free(&memory);
    return !b.failed || status_no_memory(st);
}

/* ------------------------------------------------------------------------------------------ */

static bool tell(const arguments *a, const ingest_result *result, bool json, status *st)
{
    buf out;
    buf_init(&out, OUTPUT_MAX);
    bool ok = true;
    if (json) {
        ok = write_json(a, result, &out, st);
    } else {
        write_text(result, &out);
    }
    ok = ok && (!out.failed || status_no_memory(st)) && console_write(NULL, buf_slice(&out), st);
    buf_free(&out);
    return ok;
}

/* For `qlog check`: a log that cannot be read any more is no quiet one. */
static bool keep_unread(store *s, const arguments *a, const ingest_result *result, status *st)
{
    unread_log *logs = calloc(result->n_files + 1, sizeof *logs);
    uint32_t n = 0;
    for (size_t i = 0; logs != NULL && i < result->n_files; i++) {
        const ingest_file *f = &result->files[i];
        if (f->outcome == INGEST_FAILED) {
            logs[n++] = (unread_log){slice_from(f->path), slice_from(f->error.text)};
        }
    }
    if (logs == NULL) {
        return status_no_memory(st);
    }
    bool begun = store_begin(s, st);
    bool ok = begun && store_set_unread(s, slice_from(a->source), logs, n, st);
    free(logs);
    if (begun && !ok) {
        store_rollback(s);
    }
    return ok && store_commit(s, st);
}

static int ingest(const arguments *a, status *st)
{
    store *s = NULL;
    int code = STATUS_OK;
    bool json;
    ingest_result result = {0};
    bool ok = work_plain_format(a, "ingest", &json, st) && work_open_store(a, a->store, &s, st) &&
              work_read(s, a, a->source, a->operands, a->n_operands, false, &result, &code, st) &&
              keep_unread(s, a, &result, st) && tell(a, &result, json, st);
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
