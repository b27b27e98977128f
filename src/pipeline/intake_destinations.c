/* intake_destinations.c - one log in several destinations is read once; see intake.h. */
#include <stdlib.h>

#include "pipeline/intake.h"
#include "pipeline/overlap.h"
#include "pipeline/same_log.h"

static bool read_marks_from(intake *t, const plan *p, uint64_t place, int64_t from, marks *out,
                            status *st)
{
    framer frames;
    block b = {0};
    framer_init(&frames, p->in, &p->reading, false, place, slice_of("", 0));
    bool ok = true;
    for (bool more = true; ok && more;) {
        ok = framer_next(&frames, &b, st);
        more = ok && b.n > 0;
        if (more) {
            batch_reset(&t->scratch);
            reading_parse(&p->reading, slice_of(b.p, b.n), b.truncated, &t->scratch);
            more = marks_add(out, &t->scratch, from);
        }
    }
    block_free(&b);
    framer_free(&frames);
    return ok;
}

/* The logs that may be the same as others, and the plans that they are. */
typedef struct comparison {
    intake *intake;
    size_t *plans; /* by index */
    same_log *logs;
    size_t n;
} comparison;

static bool read_marks(void *context, size_t which, int64_t from, marks *out, status *st)
{
    const comparison *c = context;
    plan *p = &c->intake->plans[c->plans[which]];
    uint64_t place = 0;
    out->n = 0;
    bool ok = intake_reach(c->intake, p, st) &&
              overlap_seek(p->in, &p->reading, from, &c->intake->scratch, &place, st) &&
              read_marks_from(c->intake, p, place, from, out, st);
    intake_let_go(c->intake, p);
    /* What cannot be read is told when it is its turn. */
    bool unreadable = !ok && st->code == STATUS_INPUT;
    if (unreadable) {
        *st = (status){0};
    }
    return ok || unreadable;
}

static bool look_for_last(intake *t, plan *p, status *st)
{
    status why = {0};
    if (p->last_at == 0 && intake_reach(t, p, &why)) {
        intake_find_last(p, &t->scratch);
    }
    intake_let_go(t, p);
    bool ok = why.code == STATUS_OK || why.code == STATUS_INPUT;
    *st = ok ? *st : why;
    return ok;
}

static bool is_known(const intake *t, const plan *p, bool *known, status *st)
{
    segment found[SEGMENTS_MAX];
    uint32_t n;
    bool ok = store_find_segments(t->store, p->file->source, p->head, &t->result->arena, found,
                                  SEGMENTS_MAX, &n, st);
    *known = ok && n > 0;
    return ok;
}

static same_log as_same_log(const plan *p)
{
    const parser *row = p->reading.format.parser;
    bool has_time = (p->reading.format.lacks & LACKS_TIME) == 0;
    return (same_log){.folder = intake_folder_of(p->file->path),
                      .stem = source_of_path(p->file->path),
                      .engine = slice_from(row->engine),
                      .format = row,
                      .richness = has_time && p->in == NULL ? row->richness : 0,
                      .first_at = p->first_at,
                      .last_at = INT64_MAX};
}

/* Keeps of all logs those that have others to be compared with. */
static void leave_out_single(comparison *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->intake->plans[i].has_twin = same_log_has_twin(c->logs, c->n, i);
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->intake->plans[i].has_twin) {
            c->plans[n] = i;
            c->logs[n++] = c->logs[i];
        }
    }
    c->n = n;
}

static bool gather_same_logs(comparison *c, status *st)
{
    intake *t = c->intake;
    for (size_t i = 0; i < t->n_plans; i++) {
        c->logs[c->n++] = as_same_log(&t->plans[i]);
    }
    leave_out_single(c);
    for (size_t i = 0; i < c->n; i++) {
        plan *p = &t->plans[c->plans[i]];
        if (!look_for_last(t, p, st) || !is_known(t, p, &c->logs[i].known, st)) {
            return false;
        }
        c->logs[i].last_at = p->last_at;
    }
    return true;
}

static bool is_planned(const intake *t, slice path)
{
    bool planned = false;
    for (size_t i = 0; i < t->n_plans && !planned; i++) {
        planned = slice_is(path, t->plans[i].file->path);
    }
    return planned;
}

/* Plans the log at the path as a witness, if it is still there: it is compared with, not read. */
static bool plan_witness(intake *t, slice source, slice path, status *st)
{
    arena *keep = &t->result->arena;
    plan *plans = intake_grow(t->plans, t->n_plans, &t->plans_cap, sizeof *plans, st);
    if (plans == NULL) {
        return false;
    }
    t->plans = plans;
    ingest_file *file = arena_calloc(keep, 1, sizeof *file);
    if (file == NULL) {
        return status_no_memory(st);
    }
    *file = (ingest_file){.path = path.p, .source = source};
    status why = {0};
    if (!intake_open_file(t, path.p, &why) || t->at_hand->archive || !t->at_hand->reopens) {
        return true;
    }
    plan p = {.file = file, .path = path.p, .in = t->at_hand, .is_witness = true};
    bool known = false;
    if (intake_look(t->request, &p, keep, &t->scratch, &why) && p.has_first &&
        !is_known(t, &p, &known, st)) {
        return false;
    }
    if (known) { /* else the path holds another log by now */
        p.in = NULL;
        t->plans[t->n_plans++] = p;
    }
    return true;
}

/* The logs of the plan's source that lie beside it and bear its name, as the store knows them. */
static bool plan_witnesses(intake *t, const plan *p, status *st)
{
    enum { WITNESSES_MAX = 1024 };
    arena *keep = &t->result->arena;
    slice *paths = calloc(WITNESSES_MAX, sizeof *paths);
    uint32_t n = 0;
    const ingest_file *file = p->file;
    bool ok = paths != NULL
                  ? store_read_paths(t->store, file->source, keep, paths, WITNESSES_MAX, &n, st)
                  : status_no_memory(st);
    for (uint32_t i = 0; ok && i < n; i++) {
        bool beside = slice_equal(intake_folder_of(paths[i].p), intake_folder_of(file->path)) &&
                      slice_equal(source_of_path(paths[i].p), source_of_path(file->path));
        ok = !beside || is_planned(t, paths[i]) || plan_witness(t, file->source, paths[i], st);
    }
    free(paths);
    return ok;
}

static bool plan_all_witnesses(intake *t, status *st)
{
    bool ok = true;
    size_t n = t->n_plans;
    for (size_t i = 0; ok && i < n; i++) {
        plan p = t->plans[i];
        bool known = true;
        if (p.reading.format.parser->richness > 0 && p.in == NULL) {
            ok = is_known(t, &p, &known, st);
        }
        ok = ok && (known || plan_witnesses(t, &p, st));
    }
    return ok;
}

static bool obey_verdict(intake *t, plan *p, const same_log *log, const plan *other, status *st)
{
    ingest_file *file = p->file;
    if (log->verdict == SAME_LOG_SKIP) {
        file->outcome = INGEST_DUPLICATE;
        file->same_as = other->file->path;
        return store_set_duplicate(t->store, file->source, slice_from(file->path),
                                   slice_from(file->same_as), st);
    }
    file->outcome = INGEST_FAILED;
    status_fail(&file->error, STATUS_INPUT,
                "'%s' and '%s' are the same log, each with a part that the other lacks; give the"
                " one to read",
                file->path, other->file->path);
    return true;
}

static bool obey_verdicts(const comparison *c, status *st)
{
    intake *t = c->intake;
    if (!store_begin(t->store, st)) {
        return false;
    }
    for (size_t i = 0; i < c->n; i++) {
        const same_log *log = &c->logs[i];
        plan *p = &t->plans[c->plans[i]];
        if (log->verdict != SAME_LOG_READ && !p->is_witness &&
            !obey_verdict(t, p, log, &t->plans[c->plans[log->other]], st)) {
            store_rollback(t->store);
            return false;
        }
    }
    return store_commit(t->store, st);
}

/* Drops the plans that will not be read. */
static void drop_decided(intake *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        const plan *p = &t->plans[i];
        bool decided = p->file->outcome == INGEST_DUPLICATE || p->file->error.code != STATUS_OK;
        if (!decided && !p->is_witness) {
            t->plans[n++] = *p;
        }
    }
    t->n_plans = n;
}

bool intake_leave_out_same_logs(intake *t, status *st)
{
    if (!plan_all_witnesses(t, st)) {
        return false;
    }
    arena *keep = &t->result->arena;
    comparison c = {.intake = t,
                    .plans = arena_calloc(keep, t->n_plans + 1, sizeof *c.plans),
                    .logs = arena_calloc(keep, t->n_plans + 1, sizeof *c.logs)};
    if (c.plans == NULL || c.logs == NULL) {
        return status_no_memory(st);
    }
    bool ok = gather_same_logs(&c, st);
    if (ok && c.n > 0) {
        ok = same_log_judge(c.logs, c.n, read_marks, &c, st) && obey_verdicts(&c, st);
    }
    drop_decided(t);
    return ok;
}
