/* lock.c - one run at a time: see store_lock in internal.h.
 *
 * SQLite's own lock lasts for a transaction; a run has many, and what it holds in memory between
 * them must not be overtaken by another. So a run locks a byte of the file that SQLite has no use
 * for, behind those that it locks itself. The system gives the lock back when the process ends,
 * however it ends. It is of an open file description (fcntl(2)), since SQLite gives up all locks
 * that are the process's own when it ends a transaction; the system doesn't tell who has such a
 * lock, so that the holder's number is told by the place of a second byte that it locks.
 *
 * Closing any descriptor of a file gives up SQLite's locks on it: the one here is closed after
 * SQLite's connection is, and nothing else in the program may open the store's file in between
 * (see store_is_file). */
#define _GNU_SOURCE /* for F_OFD_SETLK */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/time_units.h"
#include "store/internal.h"

/* SQLite locks the 512 bytes from 1 GiB on. */
static const off_t LOCK_BYTE = 0x40000000 + 4096;
/* Behind it one for each number that a process can have. */
static const off_t HOLDER_BYTES = 1 << 23;

static const int64_t POLL = 50000;               /* us */
static const int64_t TELL_AFTER = US_PER_SECOND; /* runs that only find nothing new take less */

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

static struct flock write_lock(off_t start, off_t n)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = n};
}

/* SQLite makes files with the umask's permissions; a store is for its owner alone. */
static int open_private(const char *path, status *st)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        char why[128];
        status_fail(st, STATUS_STORE, "cannot open '%s': %s", path,
                    status_errno_text(errno, why, sizeof why));
    }
    return fd;
}

/* Who has the lock; 0: nobody any more, or somebody who did not tell yet. */
static int64_t holder_of(int fd)
{
    struct flock l = write_lock(LOCK_BYTE + 1, HOLDER_BYTES);
    return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK ? l.l_start - LOCK_BYTE - 1 : 0;
}

static void tell_holder(int fd)
{
    struct flock l = write_lock(LOCK_BYTE + 1 + getpid() % HOLDER_BYTES, 1);
    fcntl(fd, F_OFD_SETLK, &l);
}

/* While this run waited the file may have been replaced by another. */
static bool is_still_at(int fd, const char *path)
{
    struct stat ours;
    struct stat there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static bool fail_waiting(const char *path, int64_t process, int64_t waited, status *st)
{
    char holder[64] = "another run";
    buf words;
    buf_init(&words, 64);
    if (process > 0) {
        snprintf(holder, sizeof holder, "process %lld", (long long)process);
    }
    if (waited > 0) {
        buf_add_text(&words, ", still after ");
        duration_format(&words, waited);
    }
    status_fail(st, STATUS_STORE, "cannot write to '%s': %s is writing to it%.*s", path, holder,
                (int)words.n, words.n > 0 ? words.p : "");
    buf_free(&words);
    return false;
}

/* Takes the lock, or says what is against it. *taken is false where another has it. */
static bool try_lock(int fd, const char *path, bool *taken, status *st)
{
    struct flock l = write_lock(LOCK_BYTE, 1);
    *taken = fcntl(fd, F_OFD_SETLK, &l) == 0;
    if (*taken || errno == EACCES || errno == EAGAIN) {
        return true;
    }
    char why[128];
    return status_fail(st, STATUS_STORE, "cannot lock '%s': %s", path,
                       status_errno_text(errno, why, sizeof why));
}

static bool wait_for_lock(int fd, const char *path, const store_wait *wait, status *st)
{
    int64_t began = now_us();
    bool told = false;
    bool taken;
    while (try_lock(fd, path, &taken, st) && !taken) {
        int64_t waited = now_us() - began;
        if (waited >= wait->us) {
            return fail_waiting(path, holder_of(fd), wait->us, st);
        }
        if (!told && waited >= TELL_AFTER && wait->tell != NULL) {
            wait->tell(wait->context, holder_of(fd));
            told = true;
        }
        nanosleep(&(struct timespec){.tv_nsec = POLL * 1000}, NULL);
    }
    return st->code == STATUS_OK;
}

bool store_lock(const char *path, const store_wait *wait, int *lock, status *st)
{
    for (;;) {
        int fd = open_private(path, st);
        if (fd < 0) {
            return false;
        }
        if (!wait_for_lock(fd, path, wait, st)) {
            close(fd);
            return false;
        }
        if (is_still_at(fd, path)) {
            tell_holder(fd);
            *lock = fd;
            return true;
        }
        close(fd);
    }
}
