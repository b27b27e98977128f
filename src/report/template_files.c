/* template_files.c - see template_files.h. */
#include "report/template_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assets.h"
#include "report/template.h"

enum { FILE_MAX = 4 * 1024 * 1024, FILES_MAX = 64 * 1024 * 1024, PIECE = 65536 };

/* All of an open file. */
static bool read_all(FILE *file, const char *path, buf *out, status *st)
{
    char piece[PIECE];
    char why[128];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0 && !out->failed) {
        buf_add(out, slice_of(piece, n));
    }
    if (ferror(file)) {
        return status_fail(st, STATUS_USAGE, "cannot read '%s': %s", path,
                           status_errno_text(errno, why, sizeof why));
    }
    return !out->failed ||
           status_fail(st, STATUS_USAGE, "template '%s' has more than %d bytes", path, FILE_MAX);
}

static bool keep(template_files *t, slice name, slice text)
{
    template_file *all = arena_one_more(&t->arena, t->read, t->n_read, sizeof *all);
    template_file *one = all != NULL ? &all[t->n_read] : NULL;
    if (one == NULL || !arena_copy(&t->arena, name, &one->name) ||
        !arena_copy(&t->arena, text, &one->text)) {
        return status_no_memory(t->st);
    }
    t->read = all;
    t->n_read++;
    return true;
}

/* Reads a file and keeps it under `name`. *is_there false: there is none. */
static bool take(template_files *t, const char *path, slice name, bool *is_there)
{
    char why[128];
    FILE *file = fopen(path, "re");
    *is_there = file != NULL || errno != ENOENT;
    if (file == NULL) {
        return !*is_there || status_fail(t->st, STATUS_USAGE, "cannot open '%s': %s", path,
                                         status_errno_text(errno, why, sizeof why));
    }
    buf text;
    buf_init(&text, FILE_MAX);
    bool ok = read_all(file, path, &text, t->st) && keep(t, name, buf_slice(&text));
    buf_free(&text);
    fclose(file);
    return ok;
}

/* Over nothing at all: every tag is read, and no section is shown. */
static bool check(template_files *t, status *st)
{
    const value nothing = {.kind = VALUE_OBJECT};
    template_options o = {.lookup = template_files_find, .lookup_context = t};
    buf out;
    buf_init(&out, FILES_MAX);
    bool ok = template_render(t->read[0].name, t->read[0].text, &nothing, &o, &out, st);
    buf_free(&out);
    return ok;
}

bool template_files_open(template_files *t, const char *path, status *st)
{
    bool is_there;
    *t = (template_files){.path = path, .st = st};
    arena_init(&t->arena, FILES_MAX);
    if (!take(t, path, slice_from(path), &is_there)) {
        return false;
    }
    return is_there ? check(t, st)
                    : status_fail(st, STATUS_USAGE, "cannot open '%s': no such file", path);
}

void template_files_close(template_files *t)
{
    if (t != NULL) {
        arena_free(&t->arena);
    }
}

/* The name beside the file; an empty text where it would lead elsewhere or is too long. */
static bool find_beside(template_files *t, slice name, bool *is_there)
{
    const char *slash = strrchr(t->path, '/');
    slice folder = slash != NULL ? slice_between(t->path, slash + 1) : SLICE("");
    buf path;
    *is_there = false;
    if (memchr(name.p, '/', name.n) != NULL) {
        return true;
    }
    buf_init(&path, FILE_MAX);
    buf_add(&path, folder);
    buf_add(&path, name);
    buf_add_char(&path, '\0');
    bool ok = path.failed ? status_no_memory(t->st) : take(t, path.p, name, is_there);
    buf_free(&path);
    return ok;
}

bool template_files_find(void *context, slice name, slice *text)
{
    template_files *t = context;
    for (uint32_t i = 1; i < t->n_read; i++) {
        if (slice_equal(t->read[i].name, name)) {
            *text = t->read[i].text;
            return true;
        }
    }
    bool beside = false;
    if (t->path != NULL && !find_beside(t, name, &beside)) {
        return false;
    }
    if (beside) {
        *text = t->read[t->n_read - 1].text;
        return true;
    }
    return asset_find(name, text);
}
