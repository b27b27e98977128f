/* input.h - the bytes of a log, wherever they come from.
 *
 * A file or standard input, read with read() and never mapped: a log may be truncated
 * under the reader. What is compressed is decompressed, and of an archive one member after the
 * other is read, all as streams; both are told by their first bytes and never by a name. The
 * beginning can be looked at before it is consumed, so that a format can be found on a pipe as
 * well. Knows nothing of records. */
#ifndef QLOG_INPUT_INPUT_H
#define QLOG_INPUT_INPUT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "input/decompress.h"
#include "input/members.h"

/* The file, a compressed archive, a member of it, and that one compressed again. */
enum { INPUT_LAYERS = 4 };

/* Is not to be moved while it is open. */
typedef struct input {
    const char *path; /* the caller's; "-" is standard input */
    int fd;
    int interrupt_fd; /* readable once reading should stop; -1: never */
    bool reopens;     /* a file that gives the same bytes when it is opened again */
    bool regular;     /* as it is, neither compressed nor in an archive: can be sought in */
    bool archive;     /* has members: nothing can be read before input_next_member */
    size_t member;    /* the number of the one at hand, from 1 */
    bool ended;       /* there is no more, or reading was interrupted */
    bool interrupted;
    status damage;     /* why it ended too early: truncated or damaged; what came before counts */
    uint64_t size;     /* of a file when it was opened, as it lies on disk */
    int64_t modified;  /* seconds since 1970, of the file */
    uint64_t position; /* bytes that input_read gave */
    _Atomic uint64_t taken;      /* bytes of the file that were read, for progress */
    buf head;                    /* bytes that were peeked at */
    size_t head_used;            /* of these, how many were read since */
    buf name;                    /* of the member at hand */
    stream layers[INPUT_LAYERS]; /* each stands on the one before; the last gives the log */
    size_t n_layers;
    decompressor *outer, *inner;
    members *members;
} input;

/* Failures: STATUS_INPUT, with the system's reason; a directory is one. */
bool input_open(input *in, const char *path, int interrupt_fd, status *st);
void input_close(input *in);

/* For messages and reports: the path, and of a member "PATH/PATH IN THE ARCHIVE" without bytes that
 * would do something to a terminal. Valid until the next member. */
const char *input_name(const input *in);

/* Goes to the next member of an archive. False at the end, and on a failure, which is in *st: what
 * is behind the place cannot be had. */
bool input_next_member(input *in, status *st);

/* The first `want` bytes, or fewer where the input is shorter; only before anything was read.
 * Valid until the next call but input_name. */
bool input_peek(input *in, size_t want, slice *head, status *st);

/* Whether a regular file has these bytes at its beginning now: they were another's where it was cut
 * off and written anew under the reader. What was read of it stays where it is. */
bool input_begins_as(const input *in, size_t n, hash128 bytes);

/* Whether there is anything left to read. */
bool input_has_more(input *in, bool *more, status *st);

/* Reads at most n bytes; *got is 0 at the end. */
bool input_read(input *in, char *to, size_t n, size_t *got, status *st);

/* Goes to a place counted from the beginning and fills `before` with the n bytes in front of it (n
 * is at most offset): by seeking; by reading up to it, where need be from the beginning anew; or,
 * of what cannot be opened again, once and before anything was read. False with st untouched where
 * the input ends before. */
bool input_skip_to(input *in, uint64_t offset, char *before, size_t n, status *st);

/* Fills `last` with the last n bytes, or with all where there are fewer; their number is *got, and
 * nothing can be read behind them. */
bool input_skip_to_end(input *in, char *last, size_t n, size_t *got, status *st);

#endif
