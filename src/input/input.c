/* input.c - see input.h. */
#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024 * 1024, SKIP_PIECE = 64 * 1024, NAME_MAX_BYTES = 4096 };

static bool fail(const input *in, const char *what, int error, status *st)
{
    char why[128];
    return status_fail(st, STATUS_INPUT, "cannot %s '%s': %s", what, in->path,
                       status_errno_text(error, why, sizeof why));
}

/* --- layers ------------------------------------------------------------------------- */

/* Whether reading should stop. */
static bool should_stop(const input *in)
{
    struct pollfd fds[1] = {{.fd = in->interrupt_fd, .events = POLLIN}};
    return in->interrupt_fd >= 0 && poll(fds, 1, 0) > 0 && (fds[0].revents & POLLIN) != 0;
}

/* Waits for bytes on a pipe or terminal, or for the wish that reading should stop. */
static void wait_for_bytes(const input *in)
{
    struct pollfd fds[2] = {{.fd = in->interrupt_fd, .events = POLLIN},
                            {.fd = in->fd, .events = POLLIN}};
    if (in->interrupt_fd >= 0 && !in->reopens) {
        poll(fds, 2, -1);
    }
}

/* The stream_reader at the bottom. */
static bool read_file(void *state, char *to, size_t n, size_t *got, status *st)
{
    input *in = state;
    *got = 0;
    while (!in->interrupted) {
        wait_for_bytes(in);
        if (should_stop(in)) {
            in->interrupted = true;
            break;
        }
        ssize_t r = read(in->fd, to, n);
        if (r >= 0) {
            *got = (size_t)r;
            atomic_fetch_add_explicit(&in->taken, *got, memory_order_relaxed);
            break;
        }
        if (errno != EINTR) {
            char why[128];
            return status_fail(st, STATUS_INPUT, "%s", status_errno_text(errno, why, sizeof why));
        }
    }
    return true;
}

static stream *top(input *in)
{
    return &in->layers[in->n_layers - 1];
}

static void add_layer(input *in, stream_reader read, void *state)
{
    stream_init(&in->layers[in->n_layers], read, state);
    in->n_layers++;
}

/* Puts a decompressor on the topmost layer where it is compressed. */
static bool decompress(input *in, decompressor **d, status *st)
{
    if (!is_compressed(stream_look(top(in)))) {
        return true;
    }
    *d = decompressor_open(top(in), st);
    if (*d == NULL) {
        return false;
    }
    add_layer(in, decompressor_read, *d);
    return true;
}

static bool open_layers(input *in, int seekable_fd, status *st)
{
    add_layer(in, read_file, in);
    if (!decompress(in, &in->outer, st)) {
        return false;
    }
    in->regular = in->reopens && in->outer == NULL;
    if (has_members(stream_look(top(in)))) {
        in->archive = true;
        in->members = members_open(top(in), in->regular ? seekable_fd : -1, st);
        in->regular = false;
        in->ended = true;
        return in->members != NULL;
    }
    return true;
}

bool input_open(input *in, const char *path, int interrupt_fd, status *st)
{
    *in = (input){.path = path, .fd = -1, .interrupt_fd = interrupt_fd};
    buf_init(&in->head, HEAD_MAX);
    buf_init(&in->name, NAME_MAX_BYTES);
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
    in->reopens = S_ISREG(info.st_mode) && !standard;
    in->size = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    in->modified = info.st_mtime;
    if (in->reopens) {
        posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    if (!open_layers(in, in->fd, st)) {
        input_close(in);
        return false;
    }
    return true;
}

static void close_layers(input *in)
{
    decompressor_close(in->inner);
    members_close(in->members);
    decompressor_close(in->outer);
    in->inner = NULL;
    in->members = NULL;
    in->outer = NULL;
    in->n_layers = 0;
}

void input_close(input *in)
{
    close_layers(in);
    if (in->fd > STDIN_FILENO) {
        close(in->fd);
    }
    in->fd = -1;
    in->ended = true;
    buf_free(&in->head);
    buf_free(&in->name);
}

/* --- members --------------------------------------------------------------------------- */

/* A name comes from whoever made the archive. Control characters, in UTF-8 those behind 0xc2 as
 * well, become question marks. */
static void set_name(input *in, const char *name)
{
    buf_clear(&in->name);
    buf_add_text(&in->name, in->path);
    buf_add_char(&in->name, '/');
    size_t room = NAME_MAX_BYTES - 1 - in->name.n;
    slice text = slice_take(slice_from(name), in->name.failed ? 0 : room);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool two = c == 0xc2 && i + 1 < text.n && ((unsigned char)text.p[i + 1] & 0xe0) == 0x80;
        i += two;
        buf_add_char(&in->name, two || c < ' ' || c == 0x7f ? '?' : text.p[i]);
    }
}

const char *input_name(const input *in)
{
    return in->name.n > 0 ? in->name.p : in->path;
}

/* The layers' reasons have no subject. */
static bool tell_damage(const input *in, const char *name, const status *why, status *st)
{
    if (why->code != STATUS_INPUT) {
        *st = *why;
        return false;
    }
    bool packed = in->outer != NULL || in->archive;
    return status_fail(st, STATUS_INPUT,
                       packed ? "cannot read all of '%s': %s" : "cannot read '%s': %s", name,
                       why->text);
}

bool input_next_member(input *in, status *st)
{
    const char *name;
    status why = {0};
    decompressor_close(in->inner);
    in->inner = NULL;
    in->n_layers = in->outer != NULL ? 2 : 1;
    in->ended = true;
    in->damage = (status){0};
    in->position = 0;
    in->head_used = 0;
    buf_clear(&in->head);
    if (!members_next(in->members, &name, &why)) {
        return why.code == STATUS_OK || in->interrupted ? false
                                                        : tell_damage(in, in->path, &why, st);
    }
    in->ended = false;
    in->member++;
    set_name(in, name);
    add_layer(in, members_read, in->members);
    return decompress(in, &in->inner, st);
}

/* --- reading ------------------------------------------------------------------------------ */

/* What is wrong with compressed bytes ends them, as an interruption does: what came before counts.
 */
static bool read_once(input *in, char *to, size_t n, size_t *got, status *st)
{
    status why = {0};
    *got = 0;
    /* A layer may have much to give out of little that was read. */
    in->interrupted = in->interrupted || should_stop(in);
    if (in->ended || in->interrupted) {
        in->ended = true;
        return true;
    }
    bool ok = stream_read(top(in), to, n, got, &why);
    in->ended = !ok || *got == 0;
    if (ok || in->interrupted) {
        return true;
    }
    bool packed = in->n_layers > 1 && why.code == STATUS_INPUT;
    tell_damage(in, input_name(in), &why, packed ? &in->damage : st);
    return packed;
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
    } else if (!read_once(in, to, n, got, st)) {
        return false;
    }
    in->position += *got;
    return true;
}

bool input_begins_as(const input *in, size_t n, hash128 bytes)
{
    char *head = malloc(n + 1);
    size_t have = 0;
    ssize_t got = 1;
    while (head != NULL && have < n && got > 0) {
        got = pread(in->fd, head + have, n - have, (off_t)have);
        have += got > 0 ? (size_t)got : 0;
        got = got < 0 && errno == EINTR ? 1 : got;
    }
    hash128 hash = content_hash(slice_of(head != NULL ? head : "", have));
    free(head);
    return hash.high == bytes.high && hash.low == bytes.low;
}

bool input_has_more(input *in, bool *more, status *st)
{
    size_t got = 0;
    if (in->head_used == in->head.n) {
        buf_clear(&in->head);
        in->head_used = 0;
        if (!buf_reserve(&in->head, 1)) {
            return status_no_memory(st);
        }
        if (!read_once(in, in->head.p, 1, &got, st)) {
            return false;
        }
        buf_truncate(&in->head, got);
    }
    *more = in->head_used < in->head.n;
    return true;
}

/* --- going to a place ------------------------------------------------------------------------ */

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
    in->layers[0].used = in->layers[0].n_ahead;
    struct stat info;
    if (fstat(in->fd, &info) != 0 || (uint64_t)info.st_size < offset) {
        return false;
    }
    in->position = offset;
    return lseek(in->fd, (off_t)offset, SEEK_SET) >= 0 || fail(in, "read", errno, st);
}

/* Opens it again, at the same member. Of a damaged archive it may be out of reach: whether the
 * members before it were read or passed over can make a difference there. */
static bool begin_again(input *in, status *st)
{
    size_t member = in->member;
    input_close(in);
    if (!input_open(in, in->path, in->interrupt_fd, st)) {
        return false;
    }
    bool ok = true;
    while (ok && in->member < member) {
        ok = input_next_member(in, st);
    }
    if (ok || in->interrupted || st->code != STATUS_OK) {
        return ok;
    }
    return status_fail(st, STATUS_INPUT, "cannot read '%s' again: it has fewer files than before",
                       in->path);
}

bool input_skip_to(input *in, uint64_t offset, char *before, size_t n, status *st)
{
    uint64_t from = offset - n;
    if (in->regular) {
        return seek_to(in, from, st) && read_whole(in, before, n, st);
    }
    if (from < in->position && in->reopens && !begin_again(in, st)) {
        return false;
    }
    char piece[SKIP_PIECE];
    for (uint64_t at = in->position; at < from;) {
        size_t want = from - at < sizeof piece ? (size_t)(from - at) : sizeof piece;
        if (!read_whole(in, piece, want, st)) {
            return false;
        }
        at += want;
    }
    return read_whole(in, before, n, st);
}

bool input_skip_to_end(input *in, char *last, size_t n, size_t *got, status *st)
{
    *got = 0;
    if (in->regular) {
        *got = in->size < n ? (size_t)in->size : n;
        return input_skip_to(in, in->size, last, *got, st);
    }
    char piece[SKIP_PIECE];
    for (size_t more = 1; more > 0;) {
        if (!input_read(in, piece, sizeof piece < n ? sizeof piece : n, &more, st)) {
            return false;
        }
        size_t keep = n - more < *got ? n - more : *got;
        memmove(last, last + *got - keep, keep);
        memcpy(last + keep, piece, more);
        *got = keep + more;
    }
    return true;
}
