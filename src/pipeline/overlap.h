/* overlap.h - the beginning of a log that another file of the source ends with.
 *
 * Logs that are fetched by time or by portions overlap: what two files share was counted
 * with the first one and is left out of the second. The bytes are compared, from where the second
 * file's first record stands in the first to the first one's end, so that nothing is left out
 * that is not there byte for byte. The first one has to be where it was read from. */
#ifndef QLOG_PIPELINE_OVERLAP_H
#define QLOG_PIPELINE_OVERLAP_H

#include "base/hash.h"
#include "input/input.h"
#include "input/reading.h"

/* A log that was read, and how far. */
typedef struct earlier_log {
    const char *path;
    uint64_t bytes;
    int64_t last_at; /* of its last record, us */
    hash128 tail;    /* of the last of these bytes, as framer.h has it: the file may be another */
} earlier_log;

enum { BEGINNING_BYTES = 64 * 1024 };

/* What a log begins with from some place on. */
typedef struct beginning {
    char bytes[BEGINNING_BYTES];
    slice line;      /* the first timed record's first line, or what is enough of it */
    uint64_t from;   /* the place */
    uint64_t offset; /* of that record behind it */
    int64_t time;    /* of that record, us */
} beginning;

/* Fills b. False where the file cannot be read, and where it has no record with a time there;
 * st tells which. */
bool overlap_begin(const char *path, uint64_t from, const reading *how, batch *scratch,
                   beginning *b, status *st);

typedef struct overlap {
    uint64_t bytes; /* of the later log from b->from on; 0: they share nothing */
    uint64_t lines;
    bool is_all; /* the later log has no more than that */
} overlap;

/* What the earlier log ends with and the log at `path` has from b->from on. Files that cannot be
 * read share nothing. Where the clock gives whole seconds only, a session may write the same lines
 * again within one: those alone are no proof. */
bool overlap_find(const earlier_log *earlier, const char *path, const beginning *b,
                  const reading *how, batch *scratch, overlap *out, status *st);

/* Goes to a place of a plain file, or to the beginning of another, from where on the records of
 * `from` (us) and later are found, and not much before them. */
bool overlap_seek(input *in, const reading *how, int64_t from, batch *scratch, uint64_t *place,
                  status *st);

#endif
