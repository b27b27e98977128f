/* console.c - see console.h. */
#include "cli/console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/time_units.h"

enum { DEFAULT_WIDTH = 100, MIN_WIDTH = 60, MAX_WIDTH = 400 };

static const int64_t PROGRESS_AFTER = US_PER_SECOND; /* short work shows nothing */
static const int64_t PROGRESS_EVERY = 100000;

int console_fail(const status *st)
{
    fprintf(stderr, "qlog: %s\n", st->text);
    return (int)st->code;
}

void console_note(const char *message, ...)
{
    va_list args;
    va_start(args, message);
    fputs("qlog: ", stderr);
    vfprintf(stderr, message, args);
    fputc('\n', stderr);
    va_end(args);
}

int64_t console_now(void)
{
    struct timespec t = {0};
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    slice text = slice_from(fixed != NULL ? fixed : "");
    uint64_t seconds;
    if (unsigned_take(&text, &seconds) && text.n == 0 && seconds <= INT32_MAX) {
        return (int64_t)seconds * US_PER_SECOND;
    }
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

/* --- writing ---------------------------------------------------------------------------- */

static bool write_failed(const char *path, int error, status *st)
{
    char why[128];
    return status_fail(st, STATUS_INPUT, "cannot write '%s': %s", path,
                       status_errno_text(error, why, sizeof why));
}

static bool write_all(int fd, slice text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        text = slice_skip(text, n > 0 ? (size_t)n : 0);
    }
    return true;
}

/* A device or pipe cannot be replaced: it is written to. */
static bool is_replaceable(const char *path)
{
    struct stat info;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode);
}

bool output_begin(output *o, const char *path, status *st)
{
    *o = (output){.path = path, .fd = -1};
    if (path == NULL || strcmp(path, "-") == 0) {
        *o = (output){.path = "standard output", .fd = STDOUT_FILENO};
        return true;
    }
    if (!is_replaceable(path)) {
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        int n = snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", path);
        if (n < 0 || (size_t)n >= sizeof o->temporary) {
            *o->temporary = '\0';
            return write_failed(path, ENAMETOOLONG, st);
        }
        o->fd = mkstemp(o->temporary);
    }
    return o->fd >= 0 || write_failed(path, errno, st);
}

bool output_add(output *o, slice text, status *st)
{
    return write_all(o->fd, text) || write_failed(o->path, errno, st);
}

/* The file appears under its name only when all of it is on disk. */
static bool settle(output *o)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(o->fd, 0666 & ~mask) == 0 && fsync(o->fd) == 0;
}

bool output_end(output *o, bool keep, status *st)
{
    bool is_file = *o->temporary != '\0';
    if (o->fd < 0 || o->fd == STDOUT_FILENO) {
        return keep;
    }
    bool ok = !keep || !is_file || settle(o);
    int error = errno;
    if (close(o->fd) != 0 && ok) {
        error = errno;
        ok = false;
    }
    if (keep && ok && is_file && rename(o->temporary, o->path) != 0) {
        error = errno;
        ok = false;
    }
    if (is_file && !(keep && ok)) {
        unlink(o->temporary);
    }
    return ok ? keep : write_failed(o->path, error, st);
}

bool console_write(const char *path, slice text, status *st)
{
    output o;
    bool ok = output_begin(&o, path, st) && output_add(&o, text, st);
    return output_end(&o, ok, st);
}

/* --- the terminal -------------------------------------------------------------------------- */

static unsigned terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t width = DEFAULT_WIDTH;
    slice text = slice_from(columns != NULL ? columns : "");
    if (!unsigned_take(&text, &width) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0) {
        width = size.ws_col;
    }
    return (unsigned)(width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width);
}

text_options console_text_options(bool to_file)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool colour = !to_file && isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0') &&
                  (term == NULL || strcmp(term, "dumb") != 0);
    return (text_options){.width = to_file ? DEFAULT_WIDTH : terminal_width(), .colour = colour};
}

int console_catch_interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return -1;
    }
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0) {
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    return fd;
}

void console_release_interrupts(int fd)
{
    sigset_t set;
    struct signalfd_siginfo taken;
    if (fd < 0) {
        return;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    /* The signal that stopped the reading has done its work; it must not end the report as well. */
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
        while (read(fd, &taken, sizeof taken) > 0) {
        }
    }
    close(fd);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* --- progress --------------------------------------------------------------------------------- */

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

static void show(progress_line *p, int64_t at)
{
    buf line;
    buf_init(&line, 256);
    int64_t elapsed = at - p->started;
    buf_add_text(&line, "\r\033[K");
    bytes_format(&line, p->done);
    if (p->total > 0) {
        buf_add_text(&line, " of ");
        bytes_format(&line, p->total);
    }
    uint64_t rate = elapsed > 0 ? (uint64_t)((double)p->done * 1e6 / (double)elapsed) : 0;
    buf_add_text(&line, ", ");
    bytes_format(&line, rate);
    buf_add_text(&line, "/s");
    if (p->total > p->done && rate > 0) {
        buf_add_text(&line, ", ");
        duration_format(&line, (int64_t)((p->total - p->done) / rate + 1) * US_PER_SECOND);
        buf_add_text(&line, " left");
    }
    if (!line.failed) {
        fwrite(line.p, 1, line.n, stderr);
        fflush(stderr);
    }
    buf_free(&line);
    p->shown = at;
    p->visible = true;
}

static void advance(void *context, uint64_t bytes)
{
    progress_line *p = context;
    p->done += bytes;
    if (p->terminal) {
        int64_t at = now();
        if (at - p->started >= PROGRESS_AFTER && at - p->shown >= PROGRESS_EVERY) {
            show(p, at);
        }
    }
}

void progress_start(progress_line *p, uint64_t total)
{
    *p = (progress_line){.total = total, .started = now(), .terminal = isatty(STDERR_FILENO) != 0};
    p->progress = (progress){.advance = advance, .context = p};
}

void progress_end(progress_line *p)
{
    if (p->visible) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}
