/* input.h - the bytes of a log, wherever they come from.
 *
 * A file or standard input, read with read() and never mapped: a log may be truncated
 * under the reader. The beginning can be looked at before it is consumed, so that a
 * format can be found on a pipe as well. Knows nothing of records. */
#ifndef QLOG_INPUT_INPUT_H
#define QLOG_INPUT_INPUT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

typedef struct input {
    const char *path; /* the caller's; "-" is standard input */
    int fd;
    int interrupt_fd; /* readable once reading should stop; -1: never */
    bool regular;     /* a file with a size, which can be sought in */
    bool ended;       /* there is no more, or reading was interrupted */
    bool interrupted;
    uint64_t size;    /* of a regular file when it was opened */
    int64_t modified; /* seconds since 1970, of a regular file */
    buf head;         /* bytes that were peeked at */
    size_t head_used; /* of these, how many were read since */
} input;

/* Failures: STATUS_INPUT, with the system's reason; a directory is one. */
bool input_open(input *in, const char *path, int interrupt_fd, status *st);
void input_close(input *in);

/* The first `want` bytes, or fewer where the input is shorter; only before anything was read.
 * Valid until input_close. */
bool input_peek(input *in, size_t want, slice *head, status *st);

/* Reads at most n bytes; *got is 0 at the end. */
bool input_read(input *in, char *to, size_t n, size_t *got, status *st);

/* Goes to a place counted from the beginning and fills `before` with the n bytes in front of it (n
 * is at most offset): by seeking, or by reading up to it where that cannot be done, which works
 * once and before anything was read. False with st untouched where the input ends before. */
bool input_skip_to(input *in, uint64_t offset, char *before, size_t n, status *st);

#endif
