/* finding_options.c - see finding_options.h. */
#include "cli/finding_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/time_units.h"

enum { IGNORED_MAX = 1000000, LINE_MAX_BYTES = 256, HELP_COLUMN = 25 };

finding_options finding_options_default(void)
{
    return (finding_options){.request = analysis_request_default()};
}

void finding_options_free(finding_options *o)
{
    free(o->ignored);
    *o = (finding_options){0};
}

static void add_kinds(buf *out)
{
    for (int k = 0; k < FINDING_KINDS; k++) {
        buf_add_text(out, k > 0 ? ", " : "");
        buf_add_text(out, finding_kinds[k].name);
    }
}

static bool bad_kind(const char *option, const char *word, const char *others, status *st)
{
    buf kinds;
    buf_init(&kinds, 1024);
    add_kinds(&kinds);
    status_fail(st, STATUS_USAGE, "bad value '%s' of --%s: %s%.*s", word, option, others,
                (int)kinds.n, kinds.p);
    buf_free(&kinds);
    return false;
}

bool finding_options_kind(const char *option, const char *word, uint64_t *kinds, status *st)
{
    finding_kind kind;
    if (!finding_kind_find(slice_from(word), &kind)) {
        return bad_kind(option, word, "", st);
    }
    *kinds |= (uint64_t)1 << kind;
    return true;
}

bool finding_options_gate(const char *setting, finding_options *o, status *st)
{
    if (analysis_set_threshold(&o->request, slice_from(setting))) {
        return true;
    }
    buf names;
    buf_init(&names, 1024);
    for (int i = 0; i < THRESHOLDS; i++) {
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", thresholds[i].name);
    }
    status_fail(st, STATUS_USAGE, "bad value '%s' of --gate: NAME=VALUE, of %.*s", setting,
                (int)names.n, names.p);
    buf_free(&names);
    return false;
}

bool finding_options_fail_on(const char *word, finding_options *o, status *st)
{
    finding_kind kind;
    finding_severity severity;
    if (finding_severity_find(slice_from(word), &severity)) {
        o->fail_at = !o->fails || severity < o->fail_at ? severity : o->fail_at;
        o->fails = true;
        return true;
    }
    if (finding_kind_find(slice_from(word), &kind)) {
        o->fail_kinds |= (uint64_t)1 << kind;
        return true;
    }
    return bad_kind("fail-on", word, "low, medium, high, or a kind: ", st);
}

void finding_options_help(buf *out)
{
    buf_add_text(out, "\nKinds of findings:\n");
    for (int k = 0; k < FINDING_KINDS; k++) {
        buf_printf(out, "  %-22s %s\n", finding_kinds[k].name, finding_kinds[k].about);
    }
    buf_add_text(out, "\nGates, with their defaults and reasons:\n");
    for (int i = 0; i < THRESHOLDS; i++) {
        const threshold *t = &thresholds[i];
        size_t from = out->n;
        buf_printf(out, "  %s=", t->name);
        if (t->is_time && t->value % US_PER_MINUTE == 0) {
            buf_printf(out, "%lldmin", (long long)(t->value / US_PER_MINUTE));
        } else if (t->is_time) {
            buf_printf(out, "%lldms", (long long)(t->value / 1000));
        } else {
            buf_printf(out, "%lld", (long long)t->value);
        }
        buf_add_repeat(out, ' ', out->n - from < HELP_COLUMN ? HELP_COLUMN - (out->n - from) : 1);
        buf_printf(out, "%s\n", t->why);
    }
}

/* --- ids to ignore -------------------------------------------------------------------- */

static bool add_ignored(finding_options *o, uint64_t id, status *st)
{
    uint32_t n = o->request.n_ignored;
    if ((n & (n - 1)) == 0) { /* room for the next power of two */
        uint64_t *all = realloc(o->ignored, (n == 0 ? 1 : (size_t)n * 2) * sizeof *all);
        if (all == NULL) {
            return status_no_memory(st);
        }
        o->ignored = all;
    }
    o->ignored[o->request.n_ignored++] = id;
    return true;
}

static bool add_line(finding_options *o, const char *path, unsigned number, slice line, status *st)
{
    uint64_t id;
    const char *comment = line.n > 0 ? memchr(line.p, '#', line.n) : NULL;
    slice word = slice_trim(comment != NULL ? slice_between(line.p, comment) : line);
    if (word.n == 0) {
        return true;
    }
    if (!id_parse(word, &id) || o->request.n_ignored == IGNORED_MAX) {
        return status_fail(st, STATUS_USAGE,
                           "bad line %u in '%s': the id of a finding is 16 hexadecimal digits",
                           number, path);
    }
    return add_ignored(o, id, st);
}

bool finding_options_ignore(const char *path, finding_options *o, status *st)
{
    char line[LINE_MAX_BYTES];
    char why[128];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return status_fail(st, STATUS_USAGE, "cannot open '%s': %s", path,
                           status_errno_text(errno, why, sizeof why));
    }
    bool ok = true;
    for (unsigned number = 1; ok && fgets(line, sizeof line, file) != NULL; number++) {
        ok = add_line(o, path, number, slice_from(line), st);
    }
    if (ok && ferror(file)) {
        ok = status_fail(st, STATUS_USAGE, "cannot read '%s': %s", path,
                         status_errno_text(errno, why, sizeof why));
    }
    fclose(file);
    return ok;
}

/* --- what they come to ------------------------------------------------------------------ */

void finding_options_finish(finding_options *o)
{
    o->request.kinds = (o->only != 0 ? o->only : UINT64_MAX) & ~o->skip;
    o->request.ignored = o->ignored;
}

void finding_options_fail_default(finding_options *o, finding_severity severity)
{
    if (!o->fails && o->fail_kinds == 0) {
        o->fails = true;
        o->fail_at = severity;
    }
}

bool finding_options_fails_on(const finding_options *o, const finding *f)
{
    return (o->fail_kinds >> f->kind & 1) != 0 || (o->fails && f->severity >= o->fail_at);
}

bool finding_options_fails(const finding_options *o, const model *m)
{
    for (uint32_t i = 0; i < m->n_findings; i++) {
        const finding *f = &m->findings[i];
        if (f->state != FINDING_ACCEPTED && finding_options_fails_on(o, f)) {
            return true;
        }
    }
    return false;
}
