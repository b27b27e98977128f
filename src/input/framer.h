/* framer.h - from bytes to blocks of whole records.
 *
 * A block holds as many whole records as fit; where one ends is the format's to say.
 * A record has a limit: what it holds beyond it is dropped and counted. The framer
 * never holds more than one block and the beginning of the next.
 * Used by one thread at a time. */
#ifndef QLOG_INPUT_FRAMER_H
#define QLOG_INPUT_FRAMER_H

#include "base/hash.h"
#include "input/input.h"
#include "input/reading.h"

enum {
    BLOCK_BYTES = 256 * 1024, /* fits the second-level cache together with its events */
    RECORD_MAX = 16 * 1024 * 1024,
    TAIL_BYTES = 4096 /* what a segment is recognised by where it ends */
};

typedef struct block {
    char *p; /* n bytes of whole records */
    size_t n, cap;
    uint64_t offset;        /* of the first byte in the segment */
    bool truncated;         /* one record, cut at the limit */
    uint64_t dropped;       /* bytes dropped behind the block for that reason */
    uint64_t dropped_lines; /* line ends among them */
    hash128 tail;           /* of the segment's last TAIL_BYTES up to the end of the block */
} block;

void block_free(block *b);

typedef struct framer {
    input *in;
    const reading *reading;
    arena scratch;   /* of reading_cut */
    bool hold_last;  /* the last record may still grow: leave it for the next time */
    buf carry;       /* the beginning of the next block */
    uint64_t offset; /* of the next block */
    uint64_t held;   /* bytes left for the next time; valid at the end */
    char tail[TAIL_BYTES];
    size_t n_tail;
    bool finished;
} framer;

/* Starts at `offset` of the input, where it must stand already; tail: the bytes before it. */
void framer_init(framer *f, input *in, const reading *how, bool hold_last, uint64_t offset,
                 slice tail);
void framer_free(framer *f);

/* At the end of the input: whether its last record is left for the next time. */
bool framer_holds_last(const framer *f);

/* Fills b (zeroed at its first use, then reused) with the next block; b->n is 0 at the end. */
bool framer_next(framer *f, block *b, status *st);

#endif
