/* redaction.c - see redaction.h. */
#include "cli/redaction.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY_MAX = 4096 };

static bool fail(const char *path, const char *why, status *st)
{
    return status_fail(st, STATUS_USAGE, "cannot take a key from '%s': %s", path, why);
}

static bool read_key(const char *path, char key[KEY_MAX], size_t *n, status *st)
{
    char why[128];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fail(path, status_errno_text(errno, why, sizeof why), st);
    }
    *n = fread(key, 1, KEY_MAX, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed) {
        return fail(path, "it cannot be read", st);
    }
    return *n >= PSEUDONYMS_KEY_LEAST ||
           fail(path, "it has fewer than 16 bytes; 'head -c 32 /dev/urandom' makes a key", st);
}

bool redaction_begin(const char *key_file, pseudonyms **out, status *st)
{
    char key[KEY_MAX];
    size_t n = 32;
    *out = NULL;
    if (key_file != NULL) {
        if (!read_key(key_file, key, &n, st)) {
            return false;
        }
    } else if (getentropy(key, n) != 0) {
        return status_fail(st, STATUS_BUG, "the system gives no random bytes for a key");
    }
    return pseudonyms_new(slice_of(key, n), out, st);
}
