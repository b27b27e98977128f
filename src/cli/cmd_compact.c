/* cmd_compact.c - old hours into days, and an end of what is older still. */
#include <time.h>

#include "base/number.h"
#include "base/time_units.h"
#include "cli/commands.h"
#include "cli/work.h"

static void tell(const compaction *c, buf *out)
{
    count_format(out, (int64_t)c->rows_after);
    buf_add_text(out, c->rows_after == 1 ? " row, was " : " rows, were ");
    count_format(out, (int64_t)c->rows_before);
    buf_add_text(out, ", of which ");
    count_format(out, (int64_t)c->rows_dropped);
    buf_add_text(out, " dropped; ");
    count_format(out, (int64_t)c->fingerprints);
    buf_add_text(out, c->fingerprints == 1 ? " query forgotten; " : " queries forgotten; ");
    bytes_format(out, c->bytes_after);
    if (c->bytes_after != c->bytes_before) {
        buf_add_text(out, ", was ");
        bytes_format(out, c->bytes_before);
    }
    buf_add_char(out, '\n');
}

static int compact(const arguments *a, status *st)
{
    enum { OUTPUT_MAX = 4096 };
    store *s = NULL;
    compaction done;
    buf out;
    buf_init(&out, OUTPUT_MAX);
    bool ok = work_must_exist(a->store, st) && work_open_store(a, a->store, &s, st) &&
              store_compact(s, a->days_after, a->drop_after, time(NULL) * US_PER_SECOND, &done, st);
    if (ok) {
        tell(&done, &out);
        ok = console_write(NULL, buf_slice(&out), st);
    }
    buf_free(&out);
    store_close(s);
    return ok ? STATUS_OK : console_fail(st);
}

int command_compact(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (!work_wants_store(&a, "compact", &st)) {
            code = console_fail(&st);
        } else {
            code = compact(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
