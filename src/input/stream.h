/* stream.h - bytes that come one after the other, with a look at the first of them.
 *
 * What a file, a decompressor and a member of an archive have in common, so that each can stand on
 * any other. Failures are told as a reason without a subject, as "truncated gzip data": whoever
 * knows the name puts it in front. Knows no kind of stream. */
#ifndef QLOG_INPUT_STREAM_H
#define QLOG_INPUT_STREAM_H

#include "base/slice.h"
#include "base/status.h"

enum { STREAM_AHEAD = 512 /* enough for every signature: a tar's is the last, at 257 */ };

/* Reads at most n bytes; *got is 0 at the end. Once it failed, it fails again with the same. */
typedef bool (*stream_reader)(void *state, char *to, size_t n, size_t *got, status *st);

typedef struct stream {
    stream_reader read;
    void *state;
    char ahead[STREAM_AHEAD];
    size_t n_ahead, used;
} stream;

void stream_init(stream *s, stream_reader read, void *state);

/* The first STREAM_AHEAD bytes, or fewer where there are no more or they cannot be read; only
 * before anything was read. Valid as long as the stream. */
slice stream_look(stream *s);

bool stream_read(stream *s, char *to, size_t n, size_t *got, status *st);

#endif
