/* operands.c - see operands.h. */
#include "input/operands.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"

enum { PATH_LENGTH_MAX = 64 * 1024 };

static bool fail(const char *what, const char *path, int error, status *st)
{
    char why[128];
    return status_fail(st, STATUS_INPUT, "cannot %s '%s': %s", what, path,
                       status_errno_text(error, why, sizeof why));
}

static bool add(slice path, bool in_folder, arena *keep, operand_files *out, status *st)
{
    slice copy;
    if (out->n == out->cap) {
        size_t cap = out->cap > 0 ? out->cap * 2 : 16;
        operand_file *items = arena_calloc(keep, cap, sizeof *items);
        if (items == NULL) {
            return status_no_memory(st);
        }
        if (out->n > 0) {
            memcpy(items, out->items, out->n * sizeof *items);
        }
        out->items = items;
        out->cap = cap;
    }
    if (!arena_copy(keep, path, &copy)) {
        return status_no_memory(st);
    }
    out->items[out->n++] = (operand_file){copy.p, in_folder};
    return true;
}

static int compare(const void *a, const void *b)
{
    const operand_file *x = a;
    const operand_file *y = b;
    return strcmp(x->path, y->path);
}

static bool is_listed(DIR *folder, const char *name)
{
    struct stat info;
    return name[0] != '.' && fstatat(dirfd(folder), name, &info, 0) == 0 && S_ISREG(info.st_mode);
}

static bool add_folder(const char *path, arena *keep, operand_files *out, status *st)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return fail("open", path, errno, st);
    }
    size_t before = out->n;
    bool ok = true;
    const struct dirent *entry;
    buf name;
    buf_init(&name, PATH_LENGTH_MAX);
    while (ok && (entry = readdir(folder)) != NULL) {
        if (is_listed(folder, entry->d_name)) {
            buf_clear(&name);
            buf_add_text(&name, path);
            buf_add_text(&name, slice_ends_with(slice_from(path), SLICE("/")) ? "" : "/");
            buf_add_text(&name, entry->d_name);
            ok = (!name.failed || status_no_memory(st)) &&
                 add(buf_slice(&name), true, keep, out, st);
        }
    }
    buf_free(&name);
    closedir(folder);
    if (ok && out->n == before) {
        return status_fail(st, STATUS_INPUT, "no file in '%s'", path);
    }
    if (ok) {
        qsort(out->items + before, out->n - before, sizeof *out->items, compare);
    }
    return ok;
}

static bool add_matches(const char *pattern, arena *keep, operand_files *out, status *st)
{
    glob_t found = {0};
    int result = glob(pattern, 0, NULL, &found);
    bool ok = result == 0;
    for (size_t i = 0; ok && i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        struct stat info;
        bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        ok = folder ? add_folder(path, keep, out, st) : add(slice_from(path), false, keep, out, st);
    }
    globfree(&found);
    if (result == GLOB_NOSPACE) {
        return status_no_memory(st);
    }
    return ok || status_fail(st, STATUS_INPUT, "no file matches '%s'", pattern);
}

bool operand_expand(const char *word, arena *keep, operand_files *out, status *st)
{
    struct stat info;
    bool exists = strcmp(word, "-") == 0 || lstat(word, &info) == 0;
    if (!exists && errno == ENOENT && strpbrk(word, "*?[") != NULL) {
        return add_matches(word, keep, out, st);
    }
    if (exists && strcmp(word, "-") != 0 && stat(word, &info) == 0 && S_ISDIR(info.st_mode)) {
        return add_folder(word, keep, out, st);
    }
    return add(slice_from(word), false, keep, out, st);
}
