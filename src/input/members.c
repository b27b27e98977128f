/* members.c - see members.h. */
#include "input/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, TAR_MAGIC_AT = 257 };

struct members {
    struct archive *archive;
    stream *from;
    int fd;
    status failure; /* of *from, or of the member: it stays */
    char piece[PIECE];
};

/* POSIX's "ustar\0", and "ustar  \0" as GNU writes it; the NUL keeps text out. */
static bool is_tar(slice first)
{
    slice magic = slice_skip(first, TAR_MAGIC_AT);
    return slice_starts_with(magic, SLICE("ustar\0")) ||
           slice_starts_with(magic, SLICE("ustar  \0"));
}

/* A first file, or the directory of an archive without any. */
static bool is_zip(slice first)
{
    return slice_starts_with(first, SLICE("PK\x03\x04")) ||
           slice_starts_with(first, SLICE("PK\x05\x06"));
}

bool has_members(slice first)
{
    return is_tar(first) || is_zip(first);
}

static la_ssize_t read_piece(struct archive *a, void *context, const void **bytes)
{
    members *m = context;
    size_t got = 0;
    *bytes = m->piece;
    if (!stream_read(m->from, m->piece, PIECE, &got, &m->failure)) {
        archive_set_error(a, EIO, "%s", m->failure.text);
        return -1;
    }
    return (la_ssize_t)got;
}

/* What was looked at before is forgotten: the place is the file's own from now on. */
static la_int64_t seek(struct archive *a, void *context, la_int64_t offset, int whence)
{
    members *m = context;
    off_t at = lseek(m->fd, offset, whence);
    m->from->used = m->from->n_ahead;
    if (at < 0) {
        archive_set_error(a, errno, "cannot be sought in");
        return ARCHIVE_FATAL;
    }
    return at;
}

members *members_open(stream *from, int fd, status *st)
{
    members *m = calloc(1, sizeof *m);
    struct archive *a = archive_read_new();
    if (m == NULL || a == NULL) {
        free(m);
        archive_read_free(a);
        status_no_memory(st);
        return NULL;
    }
    *m = (members){.archive = a, .from = from, .fd = fd};
    if (is_tar(stream_look(from))) {
        archive_read_support_format_tar(a);
    } else {
        archive_read_support_format_zip(a);
        if (fd >= 0) {
            archive_read_set_seek_callback(a, seek);
        }
    }
    archive_read_set_read_callback(a, read_piece);
    archive_read_set_callback_data(a, m);
    /* What is wrong at the beginning is told when the first file is asked for. */
    archive_read_open1(a);
    return m;
}

void members_close(members *m)
{
    if (m != NULL) {
        archive_read_free(m->archive);
        free(m);
    }
}

/* The library's own words, unless it was the bytes that could not be had. */
static bool fail(const members *m, status *st)
{
    if (m->failure.code != STATUS_OK) {
        return status_fail(st, m->failure.code, "%s", m->failure.text);
    }
    const char *why = archive_error_string(m->archive);
    why = why != NULL && *why != '\0' ? why : "damaged archive";
    return status_fail(st, STATUS_INPUT, "%c%s", tolower((unsigned char)*why), why + 1);
}

bool members_next(members *m, const char **name, status *st)
{
    struct archive_entry *entry;
    for (;;) {
        int result = archive_read_next_header(m->archive, &entry);
        if (result == ARCHIVE_EOF) {
            return false;
        }
        if (result < ARCHIVE_WARN) {
            return fail(m, st);
        }
        if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL) {
            break;
        }
    }
    *name = archive_entry_pathname_utf8(entry);
    if (*name == NULL) {
        *name = archive_entry_pathname(entry);
    }
    if (*name == NULL) {
        *name = "?";
    }
    return true;
}

bool members_read(void *state, char *to, size_t n, size_t *got, status *st)
{
    members *m = state;
    la_ssize_t result = archive_read_data(m->archive, to, n);
    *got = result > 0 ? (size_t)result : 0;
    return result >= 0 || fail(m, st);
}
