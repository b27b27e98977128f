/* intake_plan.c - which logs there are, and of which sources; see intake.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

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

/* --- looking at all ----------------------------------------------------------------------- */

/* What was looked at, by its place on the disk: a rotation gives it another name. */
typedef struct looked_file {
    dev_t device;
    ino_t inode;
    const char *path;
} looked_file;

typedef struct looked_files {
    looked_file *items;
    size_t n, cap;
    bool more; /* something was not looked at before */
} looked_files;

static bool is_at(const looked_file *file, const struct stat *info)
{
    return file->inode == info->st_ino && file->device == info->st_dev;
}

static looked_file *find_looked(const looked_files *all, const struct stat *info)
{
    for (size_t i = 0; i < all->n; i++) {
        if (is_at(&all->items[i], info)) {
            return &all->items[i];
        }
    }
    return NULL;
}

static bool note_looked(looked_files *all, const struct stat *info, const char *path, status *st)
{
    looked_file *items = intake_grow(all->items, all->n, &all->cap, sizeof *items, st);
    if (items == NULL) {
        return false;
    }
    all->items = items;
    all->items[all->n++] = (looked_file){info->st_dev, info->st_ino, path};
    return true;
}

/* Where the file's name is another's by now, its logs go with it to the new one. */
static void follow(intake *t, looked_file *file, const char *path)
{
    struct stat info;
    if (strcmp(file->path, path) == 0 || (stat(file->path, &info) == 0 && is_at(file, &info))) {
        return;
    }
    for (size_t i = 0; i < t->n_plans; i++) {
        if (t->plans[i].path == file->path) {
            t->plans[i].path = path;
            if (t->plans[i].member == 0) {
                t->plans[i].file->path = path;
            }
        }
    }
    file->path = path;
}

/* Whether it had the name when it was looked for, and has it no more. */
static bool is_renamed(const intake *t, const char *word, const char *path)
{
    struct stat info;
    return !t->request->final && strcmp(path, word) != 0 && lstat(path, &info) != 0 &&
           errno == ENOENT;
}

/* `first` is false where only what is new since is looked at. */
static bool plan_path(intake *t, const char *word, const operand_file *f, company *folder,
                      bool first, looked_files *looked, status *st)
{
    struct stat info;
    bool there = stat(f->path, &info) == 0;
    looked_file *known = there && !first ? find_looked(looked, &info) : NULL;
    if (known != NULL) {
        follow(t, known, f->path);
        return true;
    }
    if (!there && !first) {
        return true;
    }
    looked->more = true;
    if (!there && is_renamed(t, word, f->path)) {
        return true;
    }
    return (!there || note_looked(looked, &info, f->path, st)) &&
           plan_file(t, f->path, f->in_folder ? folder : NULL, st);
}

static bool plan_operand(intake *t, const char *word, company *folder, bool first,
                         looked_files *looked, status *st)
{
    operand_files files = {0};
    status why = {0};
    bool ok = operand_expand(word, &t->result->arena, &files, &why) || !first ||
              tell_failure(t, word, false, &why, st);
    for (size_t i = 0; ok && i < files.n; i++) {
        ok = plan_path(t, word, &files.items[i], folder, first, looked, st);
    }
    return ok;
}

static bool looks_again(const intake *t)
{
    bool all_reopen = t->n_pipes == 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        all_reopen = all_reopen && t->plans[i].in == NULL;
    }
    return all_reopen && !t->request->final;
}

bool intake_plan_operands(intake *t, status *st)
{
    enum { ATTEMPTS = 50 };
    size_t n = t->request->n_paths;
    company *folders = calloc(n + 1, sizeof *folders);
    looked_files looked = {.more = true};
    bool ok = true;
    if (folders == NULL) {
        return status_no_memory(st);
    }
    /* In a rotation a log may have got a name that was not looked at, and its successor was: then
     * the one would be read before the other. */
    for (int i = 0; ok && i < ATTEMPTS && looked.more && (i == 0 || looks_again(t)); i++) {
        looked.more = false;
        for (size_t k = 0; ok && k < n; k++) {
            folders[k].path = t->request->paths[k];
            ok = plan_operand(t, t->request->paths[k], &folders[k], i == 0, &looked, st);
        }
    }
    for (size_t k = 0; ok && k < n; k++) {
        ok = intake_end_company(t, &folders[k], st);
    }
    free(looked.items);
    free(folders);
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
