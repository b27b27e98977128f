/* members.c - see members.h. */
#include "input/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, TAR_MAGIC_AT = 257 };

struct members {
    struct archive *archive;
    stream *from;
    int fd;
    locale_t utf8; /* names that the caller's locale cannot hold would be lost; 0: not to be had */
    bool from_ended;
    status from_failure;
    status failure; /* of what is read now; one that ends the archive stays */
    bool failed_for_good;
    bool gap;          /* a header could not be read, and the one behind it was looked for */
    const char *block; /* bytes of the member, and where they belong: what is not there is zeros */
    size_t n_block;
    uint64_t block_at, at;
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
    if (!stream_read(m->from, m->piece, PIECE, &got, &m->from_failure)) {
        archive_set_error(a, EIO, "%s", m->from_failure.text);
        return -1;
    }
    m->from_ended = got == 0;
    return (la_ssize_t)got;
}

/* What was looked at before is forgotten: the place is the file's own from now on. */
static la_int64_t seek(struct archive *a, void *context, la_int64_t offset, int whence)
{
    members *m = context;
    off_t at = lseek(m->fd, offset, whence);
    m->from->used = m->from->n_ahead;
    m->from_ended = false;
    if (at < 0) {
        archive_set_error(a, errno, "cannot be sought in");
        return ARCHIVE_FATAL;
    }
    return at;
}

/* Leaves out bytes of a member that are not wanted, never past the file's end: what is missing
 * there has to be noticed. What is not left out here is read. */
static la_int64_t leave_out(struct archive *a, void *context, la_int64_t n)
{
    members *m = context;
    struct stat info;
    off_t at = lseek(m->fd, 0, SEEK_CUR);
    (void)a;
    if (m->from->used < m->from->n_ahead || at < 0 || fstat(m->fd, &info) != 0 ||
        info.st_size - at < n) {
        return 0;
    }
    return lseek(m->fd, n, SEEK_CUR) >= 0 ? n : 0;
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
    m->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (is_tar(stream_look(from))) {
        archive_read_support_format_tar(a);
    } else {
        archive_read_support_format_zip(a);
    }
    if (fd >= 0) {
        archive_read_set_seek_callback(a, seek);
        archive_read_set_skip_callback(a, leave_out);
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
        if (m->utf8 != (locale_t)0) {
            freelocale(m->utf8);
        }
        free(m);
    }
}

static bool fail(members *m, int result, status *st)
{
    const char *why = archive_error_string(m->archive);
    if (m->failure.code != STATUS_OK) {
        /* told before */
    } else if (m->from_failure.code != STATUS_OK) {
        m->failure = m->from_failure;
    } else if (m->from_ended) {
        status_fail(&m->failure, STATUS_INPUT, "truncated archive");
    } else {
        status_fail(&m->failure, STATUS_INPUT, "damaged archive: %s", why != NULL ? why : "?");
    }
    m->failed_for_good = m->failed_for_good || result == ARCHIVE_FATAL;
    return status_fail(st, m->failure.code, "%s", m->failure.text);
}

static int next_header(members *m, struct archive_entry **entry)
{
    locale_t callers = uselocale(m->utf8);
    int result = archive_read_next_header(m->archive, entry);
    uselocale(callers);
    return result;
}

bool members_next(members *m, const char **name, status *st)
{
    struct archive_entry *entry;
    if (m->failed_for_good) {
        return fail(m, ARCHIVE_FATAL, st);
    }
    m->failure = (status){0};
    m->n_block = 0;
    m->at = 0;
    for (;;) {
        int result = next_header(m, &entry);
        if (result == ARCHIVE_EOF) {
            return m->gap ? status_fail(st, STATUS_INPUT, "damaged archive") : false;
        }
        if (result < ARCHIVE_WARN) {
            return fail(m, result, st);
        }
        if (result == ARCHIVE_RETRY) {
            m->gap = true;
            continue;
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

/* Not archive_read_data: it forgets what it has read where a failure follows. */
static bool next_block(members *m, bool *ended, status *st)
{
    const void *bytes;
    la_int64_t at;
    int result = m->failure.code != STATUS_OK
                     ? ARCHIVE_FAILED
                     : archive_read_data_block(m->archive, &bytes, &m->n_block, &at);
    *ended = result == ARCHIVE_EOF;
    if (result != ARCHIVE_OK) {
        m->n_block = 0;
        return *ended || fail(m, result, st);
    }
    m->block = bytes;
    m->block_at = (uint64_t)at;
    return true;
}

bool members_read(void *state, char *to, size_t n, size_t *got, status *st)
{
    members *m = state;
    bool ended = false;
    *got = 0;
    while (m->n_block == 0) {
        if (!next_block(m, &ended, st)) {
            return false;
        }
        if (ended) {
            return true;
        }
    }
    uint64_t hole = m->block_at > m->at ? m->block_at - m->at : 0;
    if (hole > 0) {
        *got = hole < n ? (size_t)hole : n;
        memset(to, 0, *got);
    } else {
        *got = m->n_block < n ? m->n_block : n;
        memcpy(to, m->block, *got);
        m->block += *got;
        m->n_block -= *got;
        m->block_at += *got;
    }
    m->at += *got;
    return true;
}
