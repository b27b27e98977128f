/* cmd_merge.c - several stores into one. */
#include "cli/commands.h"
#include "cli/work.h"

static int merge(const arguments *a, status *st)
{
    store *s = NULL;
    bool ok = true;
    /* Nothing is made where something to add cannot be used. */
    for (size_t i = 1; ok && i < a->n_operands; i++) {
        ok = store_open(a->operands[i], STORE_READ, &s, st);
        store_close(s);
        s = NULL;
    }
    ok = ok && work_open_store(a, a->operands[0], &s, st);
    for (size_t i = 1; ok && i < a->n_operands; i++) {
        ok = store_merge(s, a->operands[i], st);
    }
    store_close(s);
    return ok ? STATUS_OK : console_fail(st);
}

int command_merge(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (a.n_operands < 2) {
            status_fail(&st, STATUS_USAGE, "merge wants the store to make and those to add");
            code = console_fail(&st);
        } else {
            code = merge(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
