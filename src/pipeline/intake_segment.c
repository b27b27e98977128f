/* intake_segment.c - which part of a log is new: what the store has of it, and what another file
 * had; see intake.h. */
#include <stdlib.h>

#include "pipeline/intake.h"
#include "pipeline/overlap.h"

enum { EARLIER_MAX = 16 /* logs that one may overlap with */ };

/* Goes to where the segment was left. True where the bytes before that place are the same, so that
 * the file goes on from there; a shorter file is taken for an older copy, in which there is nothing
 * new. */
static bool continues(input *in, const segment *seg, ending *before, status *st)
{
    before->n = seg->bytes < TAIL_BYTES ? (size_t)seg->bytes : TAIL_BYTES;
    if ((in->regular && in->size < seg->bytes) ||
        !input_skip_to(in, seg->bytes, before->bytes, before->n, st)) {
        before->n = 0;
        return st->code == STATUS_OK;
    }
    hash128 hash = content_hash(slice_of(before->bytes, before->n));
    return hash.high == seg->tail.high && hash.low == seg->tail.low;
}

static segment new_segment(const plan *p, hash128 id)
{
    const parser *row = p->reading.format.parser;
    return (segment){.id = id,
                     .head = p->head,
                     .engine = slice_from(row->engine),
                     .format = p->reading.name,
                     .detail = p->reading.format.detail,
                     .role = slice_from(row->role),
                     .detail_inferred = p->reading.format.inferred,
                     .clock_resolution = p->reading.format.clock_resolution,
                     .zone_offset = p->zone_offset,
                     .zone_begins = p->zone_offset};
}

bool intake_find_segment(store *s, plan *p, arena *keep, segment *seg, ending *before, status *st)
{
    segment found[SEGMENTS_MAX];
    uint32_t n;
    if (!store_find_segments(s, p->file->source, p->head, keep, found, SEGMENTS_MAX, &n, st)) {
        return false;
    }
    hash128 id = p->head;
    for (uint32_t i = 0; i < n; i++) {
        if (continues(p->in, &found[i], before, st)) {
            *seg = found[i];
            /* A longer beginning may have told more of how the log is to be read. */
            seg->detail = p->reading.format.detail;
            seg->detail_inferred = p->reading.format.inferred;
            seg->clock_resolution = p->reading.format.clock_resolution;
            return true;
        }
        if (st->code != STATUS_OK) {
            return false;
        }
        if (!p->in->reopens) {
            return status_fail(st, STATUS_INPUT,
                               "'%s' begins like a log that is known and goes on otherwise; give it"
                               " as a file",
                               p->file->path);
        }
        /* Its name takes in where they differ. */
        struct {
            hash128 before, other;
        } both = {id, content_hash(slice_of(before->bytes, before->n))};
        id = content_hash(slice_of((const char *)&both, sizeof both));
    }
    before->n = 0;
    *seg = new_segment(p, id);
    return n == 0 || input_skip_to(p->in, 0, NULL, 0, st);
}

/* What the part that is new begins with, and where others that were read have it. */
typedef struct shared_part {
    overlap part;
    slice with;      /* the path of the log that has it */
    int64_t last_at; /* of that log */
} shared_part;

static bool find_shared_with(intake *t, const plan *p, const segment *seg, const beginning *b,
                             shared_part *shared, status *st)
{
    stored_log found[EARLIER_MAX];
    uint32_t n = 0;
    bool ok = store_find_logs_at(t->store, p->file->source, p->reading.name, seg->id, b->time,
                                 &t->result->arena, found, EARLIER_MAX, &n, st);
    for (uint32_t i = 0; ok && i < n && !shared->part.is_all; i++) {
        overlap one;
        earlier_log earlier = {found[i].path.p, found[i].bytes, found[i].last_at, found[i].tail};
        ok = overlap_find(&earlier, p->path, b, &p->reading, &t->scratch, &one, st);
        if (ok && one.bytes > shared->part.bytes) {
            *shared = (shared_part){one, found[i].path, found[i].last_at};
        }
    }
    return ok;
}

static bool find_shared(intake *t, const plan *p, const segment *seg, shared_part *shared,
                        status *st)
{
    *shared = (shared_part){.with = SLICE("")};
    if (p->member > 0 || !p->in->reopens || p->first_at == 0) {
        return true;
    }
    beginning *b = malloc(sizeof *b);
    if (b == NULL) {
        return status_no_memory(st);
    }
    status why = {0}; /* what cannot be read is told when it is read */
    bool ok = !overlap_begin(p->path, seg->bytes, &p->reading, &t->scratch, b, &why) ||
              find_shared_with(t, p, seg, b, shared, st);
    free(b);
    return ok;
}

/* Goes on behind what another file had. */
static bool go_behind(plan *p, const shared_part *shared, segment *seg, ending *before, status *st)
{
    const overlap *part = &shared->part;
    p->next_at = shared->last_at;
    seg->bytes += part->bytes;
    seg->other_bytes += part->bytes;
    seg->lines += part->lines;
    before->n = seg->bytes < TAIL_BYTES ? (size_t)seg->bytes : TAIL_BYTES;
    return input_skip_to(p->in, seg->bytes, before->bytes, before->n, st);
}

bool intake_leave_out_shared(intake *t, plan *p, segment *seg, ending *before, bool *more,
                             status *st)
{
    shared_part shared;
    ingest_file *file = p->file;
    if (!*more) {
        return true;
    }
    if (!find_shared(t, p, seg, &shared, st)) {
        return false;
    }
    if (!shared.part.is_all) {
        return shared.part.bytes == 0 || go_behind(p, &shared, seg, before, st);
    }
    *more = false;
    if (seg->bytes > 0) {
        return true;
    }
    file->outcome = INGEST_DUPLICATE;
    file->same_as = shared.with.p;
    return store_set_duplicate(t->store, file->source, slice_from(file->path), shared.with, st);
}
