/* members.h - the files in a tar or zip archive, one after the other.
 *
 * Only regular files are members; directories, links and devices are passed over. An archive is
 * read forward, so that it may come through a pipe; of a zip that can be sought in, the directory
 * at its end is heeded. Parsed by libarchive, which is given no other format than the one
 * that the signature shows. */
#ifndef QLOG_INPUT_MEMBERS_H
#define QLOG_INPUT_MEMBERS_H

#include "input/stream.h"

typedef struct members members;

/* Whether these are the first bytes of an archive. */
bool has_members(slice first);

/* Stands at the beginning of *from, which has_members and must outlive it. fd: the same bytes as a
 * file that can be sought in, or -1. NULL where memory is out. */
members *members_open(stream *from, int fd, status *st);
void members_close(members *m);

/* Goes to the next file. *name is its path in the archive, valid until the next call. False at the
 * end, and with the reason in *st where the archive cannot be read on. */
bool members_next(members *m, const char **name, status *st);

/* A stream_reader of the file that members_next went to. */
bool members_read(void *state, char *to, size_t n, size_t *got, status *st);

#endif
