/* framer.c - see framer.h. */
#include "input/framer.h"

#include <stdlib.h>

#include "base/scan.h"

enum {
    CARRY_MAX = RECORD_MAX + BLOCK_BYTES,
    SCRATCH_MAX = 128 * 1024 * 1024,
    LINE_START_MAX = 8192,
    /* Whether a record ends at the limit can be told from the beginning of the line behind it. */
    BUFFER_MAX = RECORD_MAX + LINE_START_MAX
};

void block_free(block *b)
{
    free(b->p);
    *b = (block){0};
}

void framer_init(framer *f, input *in, const reading *how, bool hold_last, uint64_t offset,
                 slice tail)
{
    *f = (framer){.in = in, .reading = how, .hold_last = hold_last, .offset = offset};
    buf_init(&f->carry, CARRY_MAX);
    arena_init(&f->scratch, SCRATCH_MAX);
    f->n_tail = tail.n;
    if (tail.n > 0) {
        memcpy(f->tail, tail.p, tail.n);
    }
}

void framer_free(framer *f)
{
    buf_free(&f->carry);
    arena_free(&f->scratch);
}

static size_t cut(framer *f, slice bytes, cut_which which)
{
    return reading_cut(f->reading, bytes, which, &f->scratch);
}

/* Grows the block's memory to `cap`; a block that once held a giant shrinks again. */
static bool resize(block *b, size_t cap)
{
    char *p = realloc(b->p, cap);
    if (p == NULL) {
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

/* Reads until the block is full or the input ends. */
static bool fill(framer *f, block *b, status *st)
{
    for (size_t got = 1; b->n < b->cap && got > 0; b->n += got) {
        if (!input_read(f->in, b->p + b->n, b->cap - b->n, &got, st)) {
            return false;
        }
    }
    return true;
}

static void remember_tail(framer *f, slice bytes)
{
    if (bytes.n >= TAIL_BYTES) {
        memcpy(f->tail, bytes.p + bytes.n - TAIL_BYTES, TAIL_BYTES);
        f->n_tail = TAIL_BYTES;
        return;
    }
    size_t keep = TAIL_BYTES - bytes.n < f->n_tail ? TAIL_BYTES - bytes.n : f->n_tail;
    memmove(f->tail, f->tail + f->n_tail - keep, keep);
    memcpy(f->tail + keep, bytes.p, bytes.n);
    f->n_tail = keep + bytes.n;
}

static void drop(framer *f, block *b, slice bytes)
{
    b->dropped += bytes.n;
    b->dropped_lines += scan_count(bytes, '\n');
    remember_tail(f, bytes);
}

/* How much of bytes without a boundary can go: all but the last lines, which may turn out to be a
 * record's beginning. */
static size_t droppable(slice bytes)
{
    if (bytes.n <= LINE_START_MAX) {
        return 0;
    }
    size_t n = bytes.n - LINE_START_MAX;
    const char *line = scan_first(slice_skip(bytes, n), '\n');
    /* The line end stays with it: a boundary is a place behind one. */
    return line == NULL ? bytes.n : (size_t)(line - bytes.p);
}

/* Whether the last record is to be left for the next time: it may still grow, or reading was
 * stopped within it, or by damage. What is written to a pipe until it is stopped is all there is.
 */
bool framer_holds_last(const framer *f)
{
    bool live = !f->in->reopens && f->in->n_layers == 1;
    return f->hold_last || (f->in->interrupted && !live) || f->in->damage.code != STATUS_OK;
}

static size_t first_boundary(framer *f, slice bytes, bool is_end)
{
    if (bytes.n == 0) {
        return 0;
    }
    return is_end && !framer_holds_last(f)
               ? reading_cut_first_at_end(f->reading, bytes, &f->scratch)
               : cut(f, bytes, CUT_FIRST);
}

/* Drops what follows a record cut at the limit, up to where the next record begins. Where the input
 * ends first and may still grow, the record is left for the next time as a whole. */
static bool drop_rest(framer *f, block *b, status *st)
{
    for (;;) {
        size_t got = 0;
        if (!buf_reserve(&f->carry, BLOCK_BYTES)) {
            return status_no_memory(st);
        }
        if (!input_read(f->in, f->carry.p + f->carry.n, BLOCK_BYTES, &got, st)) {
            return false;
        }
        buf_truncate(&f->carry, f->carry.n + got);
        slice bytes = buf_slice(&f->carry);
        size_t end = first_boundary(f, bytes, got == 0);
        bool found = end > 0;
        if (!found && got == 0 && framer_holds_last(f)) {
            f->held = b->n + b->dropped + bytes.n;
            f->finished = true;
            b->n = 0;
            b->dropped = 0;
            return true;
        }
        if (!found) {
            end = got == 0 ? bytes.n : droppable(bytes);
        }
        drop(f, b, slice_take(bytes, end));
        memmove(f->carry.p, f->carry.p + end, bytes.n - end);
        buf_truncate(&f->carry, bytes.n - end);
        if (found || got == 0) {
            return true;
        }
    }
}

/* Ends the block at n bytes; the rest is carried to the next one. */
static bool finish(framer *f, block *b, size_t n, status *st)
{
    slice rest = slice_of(b->p + n, b->n - n);
    buf_add(&f->carry, rest);
    if (f->carry.failed) {
        return status_no_memory(st);
    }
    b->n = n;
    b->offset = f->offset;
    remember_tail(f, slice_of(b->p, n));
    if (b->truncated && !drop_rest(f, b, st)) {
        return false;
    }
    f->offset += b->n + b->dropped;
    b->tail = content_hash(slice_of(f->tail, f->n_tail));
    return true;
}

static bool finish_at_end(framer *f, block *b, status *st)
{
    size_t n = b->n;
    f->finished = true;
    if (framer_holds_last(f) && n > 0) {
        n = cut(f, slice_of(b->p, b->n), CUT_LAST);
    }
    f->held = b->n - n;
    b->n = n;
    return finish(f, b, n, st);
}

/* More is at hand than one record may hold: the block ends at the last boundary within the limit;
 * where there is none, the record is cut there, so that where it is cut depends on it alone. */
static bool finish_at_limit(framer *f, block *b, status *st)
{
    size_t n = b->n;
    do {
        n = cut(f, slice_of(b->p, n), CUT_LAST);
    } while (n > RECORD_MAX);
    b->truncated = n == 0;
    return finish(f, b, b->truncated ? RECORD_MAX : n, st);
}

bool framer_next(framer *f, block *b, status *st)
{
    b->n = 0;
    b->truncated = false;
    b->dropped = 0;
    b->dropped_lines = 0;
    if (f->finished) {
        return true;
    }
    size_t cap = f->carry.n + BLOCK_BYTES <= RECORD_MAX ? f->carry.n + BLOCK_BYTES : BUFFER_MAX;
    if ((b->cap < cap || b->cap > 4 * cap) && !resize(b, cap)) {
        return status_no_memory(st);
    }
    if (f->carry.n > 0) {
        memcpy(b->p, f->carry.p, f->carry.n);
    }
    b->n = f->carry.n;
    buf_clear(&f->carry);
    for (;;) {
        if (!fill(f, b, st)) {
            return false;
        }
        if (b->n > RECORD_MAX) {
            return finish_at_limit(f, b, st);
        }
        if (b->n < b->cap) {
            return finish_at_end(f, b, st);
        }
        size_t n = cut(f, slice_of(b->p, b->n), CUT_LAST);
        if (n > 0) {
            return finish(f, b, n, st);
        }
        size_t more = b->cap * 2 <= RECORD_MAX ? b->cap * 2 : BUFFER_MAX;
        if (!resize(b, more)) {
            return status_no_memory(st);
        }
    }
}
