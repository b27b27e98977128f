/* overlap.c - see overlap.h. */
#include "pipeline/overlap.h"

#include <stdlib.h>

#include "base/scan.h"
#include "base/time_units.h"
#include "input/framer.h"

enum {
    PIECE_BYTES = 64 * 1024,
    LINE_ENOUGH = 4096,  /* of the first record: its beginning is enough to look for */
    CANDIDATES_MAX = 256 /* records of one time that begin alike */
};

/* Records of one log are out of order by less than this. */
static const int64_t DISORDER = US_PER_MINUTE;

/* --- finding a time in a log ------------------------------------------------------------ */

/* The time of the first record that has one. */
static bool first_time(const reading *how, slice bytes, batch *scratch, int64_t *time)
{
    batch_reset(scratch);
    reading_parse(how, bytes, false, scratch);
    for (uint32_t i = 0; i < scratch->n_events; i++) {
        if ((scratch->events[i].has & HAS_TIME) != 0) {
            *time = scratch->events[i].time;
            return true;
        }
    }
    return false;
}

static bool read_fully(input *in, char *to, size_t n, size_t *got, status *st)
{
    size_t more = 1;
    for (*got = 0; *got < n && more > 0; *got += more) {
        if (!input_read(in, to + *got, n - *got, &more, st)) {
            return false;
        }
    }
    return true;
}

bool overlap_seek(input *in, const reading *how, int64_t from, batch *scratch, uint64_t *place,
                  status *st)
{
    uint64_t high = in->regular ? in->size : 0;
    char *piece = malloc(PIECE_BYTES);
    bool ok = piece != NULL || status_no_memory(st);
    *place = 0;
    while (ok && high - *place > BLOCK_BYTES) {
        uint64_t middle = *place + (high - *place) / 2;
        size_t got = 0;
        int64_t time;
        ok = input_skip_to(in, middle, NULL, 0, st) && read_fully(in, piece, PIECE_BYTES, &got, st);
        slice bytes = slice_of(piece, got);
        bytes = reading_next_record(how, bytes);
        bool early = first_time(how, bytes, scratch, &time) && time < from - DISORDER;
        *(early ? place : &high) = middle;
    }
    free(piece);
    return ok && input_skip_to(in, *place, NULL, 0, st);
}

/* --- finding the first record in the earlier log ------------------------------------------------
 */

bool overlap_begin(const char *path, uint64_t from, const reading *how, batch *scratch,
                   beginning *b, status *st)
{
    input in = {.fd = -1};
    size_t n = 0;
    b->from = from;
    bool ok = input_open(&in, path, -1, st) && !in.archive &&
              input_skip_to(&in, from, NULL, 0, st) &&
              read_fully(&in, b->bytes, sizeof b->bytes, &n, st);
    input_close(&in);
    slice bytes = slice_of(b->bytes, n);
    batch_reset(scratch);
    reading_parse(how, bytes, false, scratch);
    for (uint32_t i = 0; ok && i < scratch->n_events; i++) {
        const event *e = &scratch->events[i];
        if ((e->has & HAS_TIME) != 0) {
            slice rest = slice_take(slice_skip(bytes, (size_t)e->offset), LINE_ENOUGH);
            const char *end = scan_first(rest, '\n');
            b->line = end != NULL ? slice_between(rest.p, end + 1) : rest;
            b->offset = e->offset;
            b->time = e->time;
            return true;
        }
    }
    return false;
}

/* Places in the earlier log where the later one may begin. */
typedef struct candidates {
    uint64_t offsets[CANDIDATES_MAX];
    uint32_t n;
} candidates;

/* Adds those of a block; false behind the time that is looked for. */
static bool add_candidates(const beginning *b, const block *from, const batch *events,
                           candidates *out)
{
    slice bytes = slice_of(from->p, from->n);
    for (uint32_t i = 0; i < events->n_events; i++) {
        const event *e = &events->events[i];
        if ((e->has & HAS_TIME) != 0 && e->time > b->time + DISORDER) {
            return false;
        }
        uint64_t offset = from->offset + e->offset;
        if (offset >= b->offset && out->n < CANDIDATES_MAX &&
            slice_starts_with(slice_skip(bytes, (size_t)e->offset), b->line)) {
            out->offsets[out->n++] = offset - b->offset;
        }
    }
    return out->n < CANDIDATES_MAX;
}

/* Whether the file still holds the log that was read from it. */
static bool is_still_there(const earlier_log *earlier, input *in, status *st)
{
    char last[TAIL_BYTES];
    size_t n = earlier->bytes < TAIL_BYTES ? (size_t)earlier->bytes : TAIL_BYTES;
    if (!input_skip_to(in, earlier->bytes, last, n, st)) {
        return false;
    }
    hash128 tail = content_hash(slice_of(last, n));
    return tail.high == earlier->tail.high && tail.low == earlier->tail.low;
}

static bool find_candidates(const earlier_log *earlier, const beginning *b, const reading *how,
                            batch *scratch, candidates *out, status *st)
{
    input in = {.fd = -1};
    uint64_t place;
    block piece = {0};
    framer frames;
    bool ok = input_open(&in, earlier->path, -1, st) && !in.archive &&
              is_still_there(earlier, &in, st) &&
              overlap_seek(&in, how, b->time, scratch, &place, st);
    if (ok) {
        framer_init(&frames, &in, how, false, place, slice_of("", 0));
        for (bool more = true; ok && more;) {
            ok = framer_next(&frames, &piece, st);
            batch_reset(scratch);
            if (ok && piece.n > 0) {
                reading_parse(how, slice_of(piece.p, piece.n), piece.truncated, scratch);
            }
            more = ok && piece.n > 0 && add_candidates(b, &piece, scratch, out);
        }
        framer_free(&frames);
    }
    block_free(&piece);
    input_close(&in);
    return ok;
}

/* --- comparing ---------------------------------------------------------------------------------
 */

/* Compares `left` bytes, or as many as the later log has. */
static bool compare(input *earlier, input *later, uint64_t left, char *pieces, overlap *out,
                    status *st)
{
    while (left > 0) {
        size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        size_t of_later = 0;
        size_t of_earlier = 0;
        if (!read_fully(later, pieces, want, &of_later, st) ||
            !read_fully(earlier, pieces + PIECE_BYTES, of_later, &of_earlier, st) ||
            of_earlier < of_later || memcmp(pieces, pieces + PIECE_BYTES, of_later) != 0) {
            *out = (overlap){0};
            return st->code == STATUS_OK;
        }
        out->bytes += of_later;
        out->lines += scan_count(slice_of(pieces, of_later), '\n');
        left -= of_later;
        if (of_later < want) {
            out->is_all = true;
            return true;
        }
    }
    bool more = false;
    bool ok = input_has_more(later, &more, st);
    out->is_all = !more;
    return ok;
}

static bool compare_from(const earlier_log *earlier, uint64_t offset, const char *path,
                         uint64_t from, overlap *out, status *st)
{
    input a = {.fd = -1};
    input b = {.fd = -1};
    char *pieces = malloc(2 * (size_t)PIECE_BYTES);
    *out = (overlap){0};
    if (pieces == NULL) {
        return status_no_memory(st);
    }
    bool ok = input_open(&a, earlier->path, -1, st) && input_open(&b, path, -1, st) &&
              input_skip_to(&a, offset, NULL, 0, st) && input_skip_to(&b, from, NULL, 0, st) &&
              compare(&a, &b, earlier->bytes - offset, pieces, out, st);
    input_close(&a);
    input_close(&b);
    free(pieces);
    return ok;
}

/* Files that cannot be read any more share nothing; the failure of the log itself is told when it
 * is read. */
static bool share_nothing(overlap *out, status *st)
{
    *out = (overlap){0};
    if (st->code == STATUS_INPUT) {
        *st = (status){0};
    }
    return st->code == STATUS_OK;
}

bool overlap_find(const earlier_log *earlier, const char *path, const beginning *b,
                  const reading *how, batch *scratch, overlap *out, status *st)
{
    candidates at = {.n = 0};
    *out = (overlap){0};
    bool proves = how->format.clock_resolution < US_PER_SECOND || earlier->last_at > b->time;
    bool ok = !proves || find_candidates(earlier, b, how, scratch, &at, st);
    for (uint32_t i = 0; ok && i < at.n && out->bytes == 0; i++) {
        ok = at.offsets[i] >= earlier->bytes ||
             compare_from(earlier, at.offsets[i], path, b->from, out, st);
    }
    return ok || share_nothing(out, st);
}
