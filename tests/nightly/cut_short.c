/* cut_short.c - ends a program, or fills its disk, at a chosen write: for LD_PRELOAD.
 *
 * CUT_SHORT_AT=N: what changes a regular file is counted (writes, truncations, syncs, links, names
 * taken away). At the N-th a write is done by half and the program killed; with CUT_SHORT_FULL set
 * it fails with "no space left on device" instead, and so do all writes after it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long counted;

static bool is_file(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

/* Counts; whether the moment has come. */
static bool is_time(void)
{
    const char *at = getenv("CUT_SHORT_AT");
    return at != NULL && __atomic_add_fetch(&counted, 1, __ATOMIC_SEQ_CST) >= atol(at);
}

static bool is_full(void)
{
    return getenv("CUT_SHORT_FULL") != NULL;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    pause();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define CUT_WRITE(call_half)                                                                       \
    do {                                                                                           \
        if (is_file(fd) && is_time()) {                                                            \
            if (is_full()) {                                                                       \
                errno = ENOSPC;                                                                    \
                return -1;                                                                         \
            }                                                                                      \
            if (call_half >= 0) {                                                                  \
                die();                                                                             \
            }                                                                                      \
        }                                                                                          \
    } while (false)

ssize_t write(int fd, const void *p, size_t n)
{
    CUT_WRITE(REAL(write)(fd, p, n / 2));
    return REAL(write)(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    CUT_WRITE(REAL(pwrite)(fd, p, n / 2, at));
    return REAL(pwrite)(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    CUT_WRITE(REAL(pwrite64)(fd, p, n / 2, at));
    return REAL(pwrite64)(fd, p, n, at);
}

/* All others take no space. */
#define OR_DIE(call)                                                                               \
    if (is_time() && !is_full()) {                                                                 \
        die();                                                                                     \
    }                                                                                              \
    return call

int fsync(int fd)
{
    OR_DIE(REAL(fsync)(fd));
}

int fdatasync(int fd)
{
    OR_DIE(REAL(fdatasync)(fd));
}

int ftruncate(int fd, off_t n)
{
    OR_DIE(REAL(ftruncate)(fd, n));
}

int ftruncate64(int fd, off64_t n)
{
    OR_DIE(REAL(ftruncate64)(fd, n));
}

int unlink(const char *path)
{
    OR_DIE(REAL(unlink)(path));
}

int link(const char *from, const char *to)
{
    OR_DIE(REAL(link)(from, to));
}
