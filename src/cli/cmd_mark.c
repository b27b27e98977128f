/* cmd_mark.c - what happened at a moment, such as a deploy, for reports to name beside a change. */
#include "cli/commands.h"
#include "cli/work.h"
#include "store/annotations.h"

enum { MARK_MAX = 200 /* bytes */ };

static bool write(store *s, const store_mark *m, status *st)
{
    if (!store_begin(s, st)) {
        return false;
    }
    if (!store_add_mark(s, m, st)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, st);
}

static int mark(const arguments *a, status *st)
{
    store *s = NULL;
    int32_t zone;
    selection when = {.since = a->at, .now = a->selection.now};
    bool ok = work_must_exist(a->store, st) && work_open_store(a, a->store, &s, st) &&
              work_resolve(s, &when, &zone, st);
    if (ok) {
        store_mark m = {.source = slice_from(a->source != NULL ? a->source : ""),
                        .at = when.since.kind != MOMENT_NONE ? when.since.us : when.now,
                        .text = slice_from(a->operands[0])};
        ok = write(s, &m, st);
    }
    store_close(s);
    return ok ? STATUS_OK : console_fail(st);
}

static bool check(const arguments *a, status *st)
{
    if (a->store == NULL || a->n_operands != 1 || *a->operands[0] == '\0') {
        return status_fail(st, STATUS_USAGE, "mark wants %s",
                           a->store == NULL ? "--store FILE, or $QLOG_STORE"
                                            : "one text, as 'deploy 4.2'");
    }
    return strlen(a->operands[0]) <= MARK_MAX ||
           status_fail(st, STATUS_USAGE, "the text is longer than %d bytes", MARK_MAX);
}

int command_mark(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        code = check(&a, &st) ? mark(&a, &st) : console_fail(&st);
    }
    arguments_free(&a);
    return code;
}
