/* ingest.c - see ingest.h. */
#include <stdlib.h>

#include "pipeline/intake.h"

enum { KEEP_MAX = 256 * 1024 * 1024 };

/* The plan outlives the log: the fold goes on with it. */
static bool take_piped_log(intake *t, company *with, status *st)
{
    bool ready;
    plan *p = arena_alloc(&t->result->arena, sizeof *p);
    if (p == NULL) {
        return status_no_memory(st);
    }
    if (!intake_look_at_log(t, t->at_hand->path, with, p, &ready, st) || !ready) {
        return st->code == STATUS_OK;
    }
    if (!intake_is_selected(t->request->selection, p)) {
        p->file->outcome = INGEST_NOT_SELECTED;
        return true;
    }
    intake_resolve_selection(t, p, 1);
    return intake_take_next(t, p, NULL, st);
}

/* Their members are read as they come, since there is no way back to an earlier one. */
static bool take_piped(intake *t, input *in, status *st)
{
    company own = {.path = in->path};
    status why = {0};
    bool ok = true;
    t->at_hand = in;
    while (ok && input_next_member(in, &why) && in->member <= MEMBERS_MAX) {
        ok = take_piped_log(t, &own, st);
    }
    return ok && intake_end_members(t, in, &why, st) && intake_end_company(t, &own, st);
}

static bool take_pipes(intake *t, status *st)
{
    bool ok = true;
    for (size_t i = 0; i < t->n_pipes; i++) {
        intake_free_input(t->at_hand);
        t->at_hand = NULL;
        ok = ok && take_piped(t, t->pipes[i], st);
        intake_free_input(t->pipes[i]);
        t->at_hand = NULL;
    }
    t->n_pipes = 0;
    return ok;
}

/* Whether a member of the archive tells already that it could not be read to its end. */
static bool member_failed(const intake *t, const char *archive)
{
    size_t n = strlen(archive);
    for (size_t i = 0; i < t->n_told; i++) {
        const ingest_file *f = t->told[i].file;
        if (f->outcome == INGEST_FAILED && strncmp(f->path, archive, n) == 0 && f->path[n] == '/') {
            return true;
        }
    }
    return false;
}

static bool fill_result(intake *t, status *st)
{
    ingest_result *result = t->result;
    result->files = arena_calloc(&result->arena, t->n_told, sizeof *result->files);
    if (result->files == NULL) {
        return status_no_memory(st);
    }
    for (size_t i = 0; i < t->n_told; i++) {
        const ingest_file *f = t->told[i].file;
        if (!t->told[i].is_archive || f->outcome != INGEST_FAILED || !member_failed(t, f->path)) {
            result->files[result->n_files++] = *f;
        }
    }
    return true;
}

static bool run(intake *t, status *st)
{
    bool ok = intake_plan_operands(t, st);
    ok = ok && (t->request->source != NULL || intake_tell_folders_apart(t, st));
    if (ok) {
        intake_leave_out_unselected(t);
        intake_join_copies(t);
        ok = intake_leave_out_same_logs(t, st);
    }
    if (ok) {
        intake_resolve_selection(t, t->plans, t->n_plans);
    }
    if (ok && t->n_plans > 0) {
        qsort(t->plans, t->n_plans, sizeof *t->plans, intake_compare_plans);
    }
    ok = ok && intake_take_all(t, st) && take_pipes(t, st) && intake_end_source(t, st);
    intake_forget_source(t);
    return ok && fill_result(t, st);
}

bool ingest_files(store *s, const ingest_request *r, ingest_result *result, status *st)
{
    *result = (ingest_result){0};
    arena_init(&result->arena, KEEP_MAX);
    intake t = {.store = s, .request = r, .result = result};
    batch_init(&t.scratch, KEEP_MAX);
    bool ok = run(&t, st);
    for (size_t i = 0; i < t.n_plans; i++) {
        intake_let_go(&t, &t.plans[i]);
    }
    for (size_t i = 0; i < t.n_pipes; i++) {
        intake_free_input(t.pipes[i]);
    }
    intake_free_input(t.at_hand);
    batch_free(&t.scratch);
    free(t.plans);
    free(t.pipes);
    free(t.told);
    return ok;
}

void ingest_result_free(ingest_result *result)
{
    arena_free(&result->arena);
    *result = (ingest_result){0};
}
