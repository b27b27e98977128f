/* intake_plan.c - which logs there are, and of which sources; see intake.h. */
#include <stdlib.h>

#include "base/scan.h"
#include "input/operands.h"
#include "pipeline/intake.h"

enum { PATH_NAME_MAX = 8192 };

slice intake_folder_of(const char *path)
{
    slice text = slice_from(path);
    const char *slash = scan_last(text, '/');
    return slash != NULL ? slice_between(text.p, slash) : slice_take(text, 0);
}

bool intake_tell_folders_apart(intake *t, status *st)
{
    arena *keep = &t->result->arena;
    slice *names = arena_alloc(keep, t->n_told * sizeof *names);
    for (size_t i = 0; names != NULL && i < t->n_told; i++) {
        names[i] = t->told[i].file->source;
    }
    for (size_t i = 0; names != NULL && i < t->n_told; i++) {
        slice folder = intake_folder_of(t->told[i].file->path);
        bool apart = false;
        for (size_t k = 0; k < t->n_told && !apart; k++) {
            apart = slice_equal(names[k], names[i]) &&
                    !slice_equal(intake_folder_of(t->told[k].file->path), folder);
        }
        if (apart && folder.n > 0) {
            buf name;
            buf_init(&name, PATH_NAME_MAX);
            buf_add(&name, folder);
            buf_add_char(&name, '/');
            buf_add(&name, names[i]);
            bool ok = !name.failed && arena_copy(keep, buf_slice(&name), &t->told[i].file->source);
            buf_free(&name);
            if (!ok) {
                return status_no_memory(st);
            }
        }
    }
    return names != NULL || status_no_memory(st);
}

void intake_join_copies(intake *t)
{
    for (size_t i = 0; i < t->n_plans && t->request->source == NULL; i++) {
        for (size_t k = 0; k < i; k++) {
            if (t->plans[k].head.high == t->plans[i].head.high &&
                t->plans[k].head.low == t->plans[i].head.low) {
                t->plans[i].file->source = t->plans[k].file->source;
                break;
            }
        }
    }
}

void intake_resolve_selection(intake *t, const plan *plans, size_t n)
{
    selection *sel = t->request->selection;
    const plan *earliest = NULL;
    int64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        last = plans[i].last_at > last ? plans[i].last_at : last;
        if (plans[i].first_at != 0 &&
            (earliest == NULL || plans[i].first_at < earliest->first_at)) {
            earliest = &plans[i];
        }
    }
    if (sel != NULL && earliest != NULL && !t->resolved) {
        selection_resolve(sel, earliest->first_at, last, earliest->zone_offset);
        t->resolved = true;
    }
}

bool intake_is_selected(const selection *sel, const plan *p)
{
    return sel == NULL ||
           (name_list_has(&sel->sources, p->file->source) &&
            name_list_has(&sel->engines, slice_from(p->reading.format.parser->engine)));
}

void *intake_grow(void *items, size_t n, size_t *cap, size_t size, status *st)
{
    if (n < *cap) {
        return items;
    }
    size_t more = *cap > 0 ? *cap * 2 : 16;
    void *grown = realloc(items, more * size);
    if (grown == NULL) {
        status_no_memory(st);
        return NULL;
    }
    *cap = more;
    return grown;
}

/* A new entry of the result; NULL where memory is out. */
static ingest_file *tell(intake *t, const char *path, bool is_archive, status *st)
{
    slice name;
    told_file *told = intake_grow(t->told, t->n_told, &t->told_cap, sizeof *told, st);
    if (told == NULL) {
        return NULL;
    }
    t->told = told;
    ingest_file *file = arena_calloc(&t->result->arena, 1, sizeof *file);
    if (file == NULL || !arena_copy(&t->result->arena, slice_from(path), &name)) {
        status_no_memory(st);
        return NULL;
    }
    file->path = name.p;
    file->source =
        t->request->source != NULL ? slice_from(t->request->source) : source_of_path(file->path);
    t->told[t->n_told++] = (told_file){file, is_archive};
    return file;
}

/* What is no fault of the input alone ends the run. */
static bool tell_failure(intake *t, const char *path, bool is_archive, const status *why,
                         status *st)
{
    if (why->code != STATUS_INPUT) {
        *st = *why;
        return false;
    }
    ingest_file *file = tell(t, path, is_archive, st);
    if (file == NULL) {
        return false;
    }
    file->outcome = INGEST_FAILED;
    file->error = *why;
    return true;
}

static void pass_over(intake *t, company *with, const status *why)
{
    if (with->unknown++ == 0) {
        with->first_unknown = *why;
    }
    t->n_told--;
}

bool intake_look_at_log(intake *t, const char *path, company *with, plan *p, bool *ready,
                        status *st)
{
    status why = {0};
    *ready = false;
    *p = (plan){.path = path, .member = t->at_hand->member, .in = t->at_hand};
    p->file = tell(t, input_name(p->in), false, st);
    if (p->file == NULL) {
        return false;
    }
    if (!intake_look(t->request, p, &t->result->arena, &t->scratch, &why)) {
        if (why.code == STATUS_INPUT && p->unknown_format && with != NULL) {
            pass_over(t, with, &why);
            return true;
        }
        p->file->outcome = INGEST_FAILED;
        p->file->error = why;
        *st = why.code == STATUS_INPUT ? *st : why;
    } else {
        p->file->outcome = INGEST_EMPTY;
        *ready = p->has_first;
    }
    if (with != NULL) {
        with->known++;
    }
    return why.code == STATUS_OK || why.code == STATUS_INPUT;
}

static bool plan_log(intake *t, const char *path, company *with, status *st)
{
    plan p;
    bool ready;
    plan *plans = intake_grow(t->plans, t->n_plans, &t->plans_cap, sizeof *plans, st);
    if (plans == NULL) {
        return false;
    }
    t->plans = plans;
    if (!intake_look_at_log(t, path, with, &p, &ready, st)) {
        return false;
    }
    if (ready) {
        if (p.in->reopens) {
            p.in = NULL;
        } else {
            t->at_hand = NULL; /* the plan's now */
        }
        t->plans[t->n_plans++] = p;
    }
    return true;
}

bool intake_end_members(intake *t, const input *in, status *why, status *st)
{
    if (in->interrupted) {
        ingest_file *file = tell(t, in->path, true, st);
        if (file != NULL) {
            file->outcome = INGEST_EMPTY;
            file->interrupted = true;
        }
        return file != NULL;
    }
    if (in->member > MEMBERS_MAX) {
        status_fail(why, STATUS_INPUT, "only the first %d files of '%s' were read", MEMBERS_MAX,
                    in->path);
        return tell_failure(t, in->path, false, why, st);
    }
    if (in->member == 0) {
        status_fail(why, STATUS_INPUT, "no file in '%s'", in->path); /* unless it was damage */
    }
    return why->code == STATUS_OK || tell_failure(t, in->path, true, why, st);
}

bool intake_end_company(intake *t, const company *with, status *st)
{
    status why = {0};
    if (with->known > 0) {
        t->result->passed_over += with->unknown;
        return true;
    }
    if (with->unknown == 0) {
        return true;
    }
    status_fail(&why, STATUS_INPUT, "no log of a known format in '%s': %s", with->path,
                with->first_unknown.text);
    return tell_failure(t, with->path, false, &why, st);
}

static bool plan_members(intake *t, const char *path, company *with, status *st)
{
    company own = {.path = path};
    status why = {0};
    input *in = t->at_hand;
    bool ok = true;
    while (ok && input_next_member(in, &why) && in->member <= MEMBERS_MAX) {
        ok = plan_log(t, path, with != NULL ? with : &own, st);
    }
    return ok && intake_end_members(t, in, &why, st) &&
           (with != NULL || intake_end_company(t, &own, st));
}

/* An archive on a pipe has to wait until all that can be read in order was. */
static bool keep_pipe(intake *t, status *st)
{
    input **pipes = realloc(t->pipes, (t->n_pipes + 1) * sizeof(input *));
    if (pipes == NULL) {
        return status_no_memory(st);
    }
    t->pipes = pipes;
    t->pipes[t->n_pipes++] = t->at_hand;
    t->at_hand = NULL;
    return true;
}

static bool plan_file(intake *t, const char *path, company *with, status *st)
{
    status why = {0};
    /* Not even to be looked at: closing it would give up the store's locks. */
    if (store_is_file(t->store, path)) {
        return with != NULL || (status_fail(&why, STATUS_INPUT, "'%s' is the store", path),
                                tell_failure(t, path, false, &why, st));
    }
    if (!intake_open_file(t, path, &why)) {
        return tell_failure(t, path, false, &why, st);
    }
    if (t->at_hand->archive) {
        return t->at_hand->reopens ? plan_members(t, path, with, st) : keep_pipe(t, st);
    }
    return plan_log(t, path, with, st);
}

/* Takes a path into the hash of all. */
static void note_path(hash128 *listing, const char *path)
{
    struct {
        hash128 before, path;
    } both = {*listing, content_hash(slice_from(path))};
    *listing = content_hash(slice_of((const char *)&both, sizeof both));
}

static bool plan_operand(intake *t, const char *word, hash128 *listing, status *st)
{
    operand_files files = {0};
    status why = {0};
    company folder = {.path = word};
    bool ok = operand_expand(word, &t->result->arena, &files, &why) ||
              tell_failure(t, word, false, &why, st);
    for (size_t i = 0; ok && i < files.n; i++) {
        const operand_file *f = &files.items[i];
        note_path(listing, f->path);
        ok = plan_file(t, f->path, f->in_folder ? &folder : NULL, st);
    }
    return ok && intake_end_company(t, &folder, st);
}

static bool plan_once(intake *t, hash128 *listing, status *st)
{
    bool ok = true;
    *listing = (hash128){0, 0};
    for (size_t i = 0; ok && i < t->request->n_paths; i++) {
        ok = plan_operand(t, t->request->paths[i], listing, st);
    }
    return ok;
}

/* Whether the words stand for other files by now than when they were looked at. */
static bool listing_changed(intake *t, hash128 listing)
{
    status ignored = {0};
    hash128 now = {0, 0};
    for (size_t i = 0; i < t->request->n_paths; i++) {
        operand_files files = {0};
        bool ok = operand_expand(t->request->paths[i], &t->result->arena, &files, &ignored);
        for (size_t k = 0; ok && k < files.n; k++) {
            note_path(&now, files.items[k].path);
        }
    }
    return now.high != listing.high || now.low != listing.low;
}

static bool looks_again(const intake *t)
{
    bool all_reopen = t->n_pipes == 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        all_reopen = all_reopen && t->plans[i].in == NULL;
    }
    return all_reopen && !t->request->final;
}

static void forget_plans(intake *t)
{
    t->n_plans = 0;
    t->n_told = 0;
    t->result->passed_over = 0;
}

bool intake_plan_operands(intake *t, status *st)
{
    enum { ATTEMPTS = 5 };
    hash128 listing;
    bool ok = plan_once(t, &listing, st);
    /* In a rotation a log may have got a name that was not looked at, and its successor was: then
     * the one would be read before the other. */
    for (int i = 1; ok && i < ATTEMPTS && looks_again(t) && listing_changed(t, listing); i++) {
        forget_plans(t);
        ok = plan_once(t, &listing, st);
    }
    return ok;
}

void intake_leave_out_unselected(intake *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        plan *p = &t->plans[i];
        if (intake_is_selected(t->request->selection, p)) {
            t->plans[n++] = *p;
        } else {
            p->file->outcome = INGEST_NOT_SELECTED;
            intake_let_go(t, p);
        }
    }
    t->n_plans = n;
}
