/* intake_look.c - looking at a log before it is read: its format, first and last record; see
 * intake.h. */
#include <stdlib.h>

#include "base/scan.h"
#include "pipeline/intake.h"
#include "pipeline/recognise.h"

enum {
    HEAD_BYTES = 64 * 1024,     /* what formats are recognised from */
    HEAD_WIDE = 4 * 1024 * 1024 /* where the first record is not in HEAD_BYTES */
};

/* Finds the first record, with a time where the format has any, and with it the segment's name: the
 * hash of everything up to the end of that record's first line. A line that is not complete names
 * nothing yet, unless it is longer than any that has to be. */
static void find_first(plan *p, slice head, bool whole, batch *scratch)
{
    batch_reset(scratch);
    reading_parse(&p->reading, head, false, scratch);
    for (uint32_t i = 0; i < scratch->n_events && !p->has_first; i++) {
        const event *e = &scratch->events[i];
        if ((e->has & HAS_TIME) == 0 && (p->reading.format.lacks & LACKS_TIME) == 0) {
            continue;
        }
        slice from = slice_skip(head, (size_t)e->offset);
        const char *end = scan_first(slice_take(from, HEAD_BYTES), '\n');
        size_t n = end != NULL            ? (size_t)(end + 1 - head.p)
                   : from.n >= HEAD_BYTES ? (size_t)e->offset + HEAD_BYTES
                   : whole                ? head.n
                                          : 0;
        if (n == 0) {
            return;
        }
        p->head = content_hash(slice_take(head, n));
        p->head_bytes = n;
        p->first_at = (e->has & HAS_TIME) != 0 ? e->time : 0;
        p->zone_offset = e->zone_offset;
        p->has_first = true;
    }
}

void intake_find_last(plan *p, batch *scratch)
{
    status ignored = {0};
    size_t n;
    char *end = malloc(HEAD_BYTES);
    if (end != NULL && input_skip_to_end(p->in, end, HEAD_BYTES, &n, &ignored)) {
        slice bytes = slice_of(end, n);
        if (n == HEAD_BYTES) {
            bytes = reading_next_record(&p->reading, bytes);
        }
        batch_reset(scratch);
        reading_parse(&p->reading, bytes, false, scratch);
        for (uint32_t i = 0; i < scratch->n_events; i++) {
            const event *e = &scratch->events[i];
            p->last_at = (e->has & HAS_TIME) != 0 ? e->time : p->last_at;
        }
    }
    free(end);
}

/* Damage near the beginning says more than what it led to. */
static bool damaged(const plan *p, status *st)
{
    if (p->in->damage.code != STATUS_OK) {
        *st = p->in->damage;
        return true;
    }
    return false;
}

static bool look_for_first(const ingest_request *r, plan *p, slice head, batch *scratch, status *st)
{
    bool whole = r->final && p->in->damage.code == STATUS_OK;
    find_first(p, head, whole && head.n < HEAD_BYTES, scratch);
    if (!p->has_first && head.n == HEAD_BYTES) {
        if (!input_peek(p->in, HEAD_WIDE, &head, st)) {
            return false;
        }
        whole = r->final && p->in->damage.code == STATUS_OK;
        find_first(p, head, whole && head.n < HEAD_WIDE, scratch);
        if (!p->has_first && head.n == HEAD_WIDE) {
            return status_fail(st, STATUS_INPUT, "no record in the first %d bytes of '%s'",
                               (int)HEAD_WIDE, p->file->path);
        }
    }
    return p->has_first || !damaged(p, st);
}

static size_t hole_length(slice bytes)
{
    size_t n = 0;
    while (n < bytes.n && bytes.p[n] == '\0') {
        n++;
    }
    return n;
}

/* What the format is recognised from: a rotation may have left a hole of NULs in front of it. */
static bool peek_head(plan *p, slice *head, status *st)
{
    if (!input_peek(p->in, HEAD_BYTES, head, st)) {
        return false;
    }
    size_t hole = hole_length(*head);
    if (hole == 0 || (hole == head->n && !input_peek(p->in, HEAD_WIDE, head, st))) {
        return hole == 0;
    }
    *head = slice_skip(*head, hole_length(*head));
    return true;
}

bool intake_look(const ingest_request *r, plan *p, arena *keep, batch *scratch, status *st)
{
    slice head;
    if (!input_peek(p->in, HEAD_BYTES, &head, st)) {
        return false;
    }
    if (head.n == 0) {
        return !damaged(p, st);
    }
    status why = {0};
    recognise_request log = {.path = p->file->path,
                             .format = r->format,
                             .options = &r->options,
                             .written = p->in->modified};
    slice text;
    if (!peek_head(p, &text, st)) {
        return false;
    }
    if (text.n == 0) {
        return status_fail(st, STATUS_INPUT, "'%s' begins with %zu NUL bytes or more",
                           p->file->path, p->in->head.n);
    }
    if (!recognise(&log, text, keep, &p->reading, &p->unknown_format, &why)) {
        *st = why;
        p->unknown_format = !damaged(p, st) && p->unknown_format;
        return false;
    }
    p->normaliser = normaliser_find(p->reading.format.parser->engine);
    if (!input_peek(p->in, HEAD_BYTES, &head, st) || !look_for_first(r, p, head, scratch, st)) {
        return false;
    }
    if (p->in->reopens && r->selection != NULL && r->selection->since.kind == MOMENT_CLOCK) {
        intake_find_last(p, scratch);
    }
    return true;
}

slice intake_engine_of(const plan *p)
{
    return slice_from(p->reading.format.parser->engine);
}

int intake_compare_plans(const void *a, const void *b)
{
    const plan *x = a;
    const plan *y = b;
    int order = slice_compare(x->file->source, y->file->source);
    order = order != 0 ? order : slice_compare(intake_engine_of(x), intake_engine_of(y));
    if (order == 0) {
        order = (x->first_at > y->first_at) - (x->first_at < y->first_at);
    }
    return order != 0 ? order : strcmp(x->file->path, y->file->path);
}
