/* input.c - see input.h. */
#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024 * 1024, SKIP_PIECE = 64 * 1024 };

static bool fail(const input *in, const char *what, int error, status *st)
{
    char why[128];
    return status_fail(st, STATUS_INPUT, "cannot %s '%s': %s", what, in->path,
                       status_errno_text(error, why, sizeof why));
}

bool input_open(input *in, const char *path, int interrupt_fd, status *st)
{
    *in = (input){.path = path, .fd = -1, .interrupt_fd = interrupt_fd};
    buf_init(&in->head, HEAD_MAX);
    bool standard = strcmp(path, "-") == 0;
    in->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0) {
        return fail(in, "open", errno, st);
    }
    struct stat info;
    if (fstat(in->fd, &info) != 0) {
        int error = errno;
        input_close(in);
        return fail(in, "open", error, st);
    }
    if (S_ISDIR(info.st_mode)) {
        input_close(in);
        return fail(in, "read", EISDIR, st);
    }
    in->regular = S_ISREG(info.st_mode) && !standard;
    in->size = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    in->modified = info.st_mtime;
    if (in->regular) {
        posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return true;
}

void input_close(input *in)
{
    if (in->fd > STDIN_FILENO) {
        close(in->fd);
    }
    in->fd = -1;
    buf_free(&in->head);
}

/* Whether reading should stop; waits for bytes on a pipe or terminal. */
static bool interrupted(input *in)
{
    struct pollfd fds[2] = {{.fd = in->interrupt_fd, .events = POLLIN},
                            {.fd = in->fd, .events = POLLIN}};
    if (in->interrupt_fd < 0) {
        return false;
    }
    int n = poll(fds, in->regular ? 1 : 2, in->regular ? 0 : -1);
    return n > 0 && (fds[0].revents & POLLIN) != 0;
}

static bool read_once(input *in, char *to, size_t n, size_t *got, status *st)
{
    *got = 0;
    while (!in->ended) {
        if (interrupted(in)) {
            in->interrupted = true;
            in->ended = true;
            break;
        }
        ssize_t r = read(in->fd, to, n);
        if (r > 0) {
            *got = (size_t)r;
            return true;
        }
        if (r == 0) {
            in->ended = true;
        } else if (errno != EINTR) {
            return fail(in, "read", errno, st);
        }
    }
    return true;
}

bool input_peek(input *in, size_t want, slice *head, status *st)
{
    while (in->head.n < want) {
        size_t got = 0;
        if (!buf_reserve(&in->head, want - in->head.n)) {
            return status_no_memory(st);
        }
        if (!read_once(in, in->head.p + in->head.n, want - in->head.n, &got, st)) {
            return false;
        }
        if (got == 0) {
            break;
        }
        buf_truncate(&in->head, in->head.n + got);
    }
    *head = slice_take(buf_slice(&in->head), want);
    return true;
}

bool input_read(input *in, char *to, size_t n, size_t *got, status *st)
{
    slice rest = slice_skip(buf_slice(&in->head), in->head_used);
    if (rest.n > 0) {
        *got = rest.n < n ? rest.n : n;
        memcpy(to, rest.p, *got);
        in->head_used += *got;
        return true;
    }
    return read_once(in, to, n, got, st);
}

/* Reads exactly n bytes; false where there are fewer, or on a failure. */
static bool read_whole(input *in, char *to, size_t n, status *st)
{
    for (size_t have = 0, got = 1; have < n; have += got) {
        if (!input_read(in, to + have, n - have, &got, st) || got == 0) {
            return false;
        }
    }
    return true;
}

static bool seek_to(input *in, uint64_t offset, status *st)
{
    in->head_used = in->head.n;
    in->ended = false;
    struct stat info;
    if (fstat(in->fd, &info) != 0 || (uint64_t)info.st_size < offset) {
        return false;
    }
    return lseek(in->fd, (off_t)offset, SEEK_SET) >= 0 || fail(in, "read", errno, st);
}

bool input_skip_to(input *in, uint64_t offset, char *before, size_t n, status *st)
{
    uint64_t from = offset - n;
    if (in->regular) {
        return seek_to(in, from, st) && read_whole(in, before, n, st);
    }
    char piece[SKIP_PIECE];
    for (uint64_t at = 0; at < from;) {
        size_t want = from - at < sizeof piece ? (size_t)(from - at) : sizeof piece;
        if (!read_whole(in, piece, want, st)) {
            return false;
        }
        at += want;
    }
    return read_whole(in, before, n, st);
}
