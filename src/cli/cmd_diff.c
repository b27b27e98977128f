/* cmd_diff.c - two logs, two stores, or a store's time before and after a moment, side by side. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "base/time_units.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "report/compare.h"
#include "store/select.h"

enum { BEFORE = 0, AFTER, SIDES };

/* One of the two windows, with all that its model stands on. */
typedef struct side {
    const char *path; /* of a store, or of logs */
    slice name;
    store *s;
    ingest_result read; /* of logs */
    selection chosen;   /* of a store; what it points to is the arguments' */
    model m;
    buf words, show;
} side;

static void side_init(side *x, const char *path)
{
    *x = (side){.path = path, .name = slice_from(path)};
    buf_init(&x->words, 4096);
    buf_init(&x->show, 64 * 1024);
}

static void side_free(side *x)
{
    model_free(&x->m);
    ingest_result_free(&x->read);
    store_close(x->s);
    buf_free(&x->words);
    buf_free(&x->show);
}

/* A database begins with these bytes (sqlite.org/fileformat2.html, 1.3). Only of a file: a pipe
 * gives its bytes once. */
static bool is_store(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic];
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
              memcmp(head, magic, sizeof head) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is;
}

/* All queries, without findings: what is shown is chosen when both are known. */
static bool build(side *x, const arguments *a, report_format as, bool of_store, status *st)
{
    model_request request = work_request(a, as, &x->words);
    request.limit = 0;
    request.leaders = 0;
    request.found = false;
    request.analysis = NULL;
    if (of_store) {
        arguments own = *a;
        own.store = x->path;
        work_show_command(&own, NULL, 0, &x->show);
        request.chosen = x->chosen.empty ? NULL : &x->chosen;
    } else {
        work_show_command(a, &x->path, 1, &x->show);
    }
    request.command = buf_slice(&x->show);
    return model_build(x->s, &request, &x->m, st);
}

/* *code becomes STATUS_INPUT where a log was not read as it should be. */
static bool read_log(side *x, const arguments *a, report_format as, int *code, status *st)
{
    if (!store_open(NULL, STORE_TEMPORARY, &x->s, st) ||
        !work_read(x->s, a, NULL, &x->path, 1, true, &x->read, code, st)) {
        return false;
    }
    if (!work_anything_read(&x->read)) {
        return status_fail(st, STATUS_INPUT, "nothing to compare in '%s'", x->path);
    }
    int little = work_check_coverage(&x->read, a);
    *code = *code == STATUS_OK ? little : *code;
    return build(x, a, as, false, st);
}

static bool read_store(side *x, const arguments *a, report_format as, status *st)
{
    x->chosen = a->selection;
    return store_open(x->path, work_store_mode(a), &x->s, st) && build(x, a, as, true, st);
}

static bool read_operands(side sides[SIDES], const arguments *a, report_format as, int *code,
                          status *st)
{
    bool stores = is_store(sides[BEFORE].path);
    if (stores != is_store(sides[AFTER].path)) {
        return status_fail(st, STATUS_USAGE, "of '%s' and '%s' one is a store and one is not",
                           sides[BEFORE].path, sides[AFTER].path);
    }
    if (stores && a->for_logs != NULL) {
        return status_fail(st, STATUS_USAGE, "%s is for logs, not for a store", a->for_logs);
    }
    for (int i = BEFORE; i < SIDES; i++) {
        if (stores ? !read_store(&sides[i], a, as, st) : !read_log(&sides[i], a, as, code, st)) {
            return false;
        }
    }
    return true;
}

/* --- before and after a moment ------------------------------------------------------------ */

static moment instant(int64_t us)
{
    return (moment){.kind = MOMENT_INSTANT, .us = us};
}

/* A store tells calls and times by the minute, and what a host, a tag or a least time chooses by
 * the hour: within one the two windows would share it. */
static bool check_cut(const arguments *a, int64_t at, int32_t zone, status *st)
{
    const selection *s = &a->selection;
    bool by_hour = s->min_time > 0 || s->tags.n > 0 || s->names[WHO_HOST].n > 0;
    int64_t local = at + zone * US_PER_SECOND;
    if (local % US_PER_MINUTE != 0) {
        return status_fail(st, STATUS_USAGE, "--at wants a whole minute: a store tells no less");
    }
    if (by_hour && (local % US_PER_HOUR != 0 || a->window % US_PER_HOUR != 0)) {
        return status_fail(st, STATUS_USAGE,
                           "with --host, --tag or --min-time --at and --window want whole hours: a"
                           " store tells no less of these");
    }
    return true;
}

static bool read_around(side sides[SIDES], const arguments *a, report_format as, status *st)
{
    side *before = &sides[BEFORE];
    side *after = &sides[AFTER];
    selection from = a->selection;
    from.since = a->at;
    if (!store_open(before->path, work_store_mode(a), &before->s, st) ||
        !store_open(after->path, work_store_mode(a), &after->s, st) ||
        !store_resolve(before->s, &from, st)) {
        return false;
    }
    int64_t at = from.since.us;
    before->chosen = after->chosen = a->selection;
    before->chosen.since = instant(at - a->window);
    before->chosen.until = instant(at);
    after->chosen.since = instant(at);
    after->chosen.until = instant(at + a->window);
    before->chosen.empty = after->chosen.empty = false;
    return build(before, a, as, true, st) && build(after, a, as, true, st) &&
           check_cut(a, at, after->m.zone_offset, st);
}

/* --- the whole ------------------------------------------------------------------------------ */

static int diff(const arguments *a, status *st)
{
    side sides[SIDES];
    comparison c = {0};
    report_format as;
    int code = STATUS_OK;
    bool around = a->at.kind != MOMENT_NONE;
    for (int i = BEFORE; i < SIDES; i++) {
        side_init(&sides[i], around ? a->store : a->operands[i]);
    }
    bool ok = work_format(a, &as, st) &&
              (as != REPORT_CSV ||
               status_fail(st, STATUS_USAGE, "diff writes text, html, md or json, not csv")) &&
              (around ? read_around(sides, a, as, st) : read_operands(sides, a, as, &code, st)) &&
              compare(&sides[BEFORE].m, &sides[AFTER].m, &c, st);
    if (ok) {
        c.names[BEFORE] = a->redact_names ? SLICE("before") : sides[BEFORE].name;
        c.names[AFTER] = a->redact_names ? SLICE("after") : sides[AFTER].name;
        ok = work_write(&(render_subject){.c = &c, .limit = work_limit(a, as)}, as, a, st);
        code = code == STATUS_OK && comparison_has(&c, a->fail_changes) ? STATUS_FINDINGS : code;
    }
    comparison_free(&c);
    side_free(&sides[BEFORE]);
    side_free(&sides[AFTER]);
    return ok ? code : console_fail(st);
}

static bool check_arguments(const arguments *a, status *st)
{
    if (a->at.kind == MOMENT_NONE) {
        if (a->window > 0) {
            return status_fail(st, STATUS_USAGE, "--window wants --at WHEN and --store FILE");
        }
        return a->n_operands == 2 ||
               status_fail(st, STATUS_USAGE,
                           "diff wants two logs or two stores: before, after; or --store FILE,"
                           " --at WHEN and --window TIME");
    }
    if (a->store == NULL || a->window == 0) {
        return status_fail(st, STATUS_USAGE, "--at wants %s",
                           a->store == NULL ? "--store FILE, or $QLOG_STORE" : "--window TIME");
    }
    if (a->n_operands > 0 || a->for_logs != NULL) {
        return status_fail(st, STATUS_USAGE, "--at is for a store, and '%s' for logs",
                           a->n_operands > 0 ? a->operands[0] : a->for_logs);
    }
    return !selection_has_window(&a->selection) ||
           status_fail(st, STATUS_USAGE, "--at and --window are a window: no --since and --until");
}

int command_diff(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        code = check_arguments(&a, &st) ? diff(&a, &st) : console_fail(&st);
    }
    arguments_free(&a);
    return code;
}
