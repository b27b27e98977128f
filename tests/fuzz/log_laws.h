/* log_laws.h - laws of every log parser that hold for any bytes: every byte is accounted for,
 * records follow each other, and the parts at a cut are the whole. Where text lies is the
 * parser's own affair, so each byte of it is read: a sanitizer tells whether that is allowed. */
#ifndef QLOG_TESTS_FUZZ_LOG_LAWS_H
#define QLOG_TESTS_FUZZ_LOG_LAWS_H

#include <assert.h>

#include "base/hash.h"
#include "parsers/parser.h"

enum { LAWS_MEMORY = 64 * 1024 * 1024 };

static inline void laws_of_bytes(const batch *b, slice block)
{
    uint64_t bytes = b->event_bytes + b->other_bytes;
    uint64_t lines = 0;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        const skipped *s = &b->skipped[i];
        bytes += s->bytes;
        lines += i != SKIP_NULS ? s->count : 0; /* a hole may share its line with what follows */
        assert(s->count == 0 || s->first_line < b->lines);
        assert(s->bytes >= s->count); /* a line has its end, or something before it */
    }
    uint64_t ends = 0;
    for (size_t i = 0; i < block.n; i++) {
        ends += block.p[i] == '\n';
    }
    assert(bytes == block.n);
    assert(lines <= b->lines);
    assert(b->lines == ends + (block.n > 0 && block.p[block.n - 1] != '\n'));
}

static inline uint64_t laws_read(const event *e, const who *w)
{
    const slice all[] = {e->text,     e->parameters, e->code,        e->name, e->value,
                         w->database, w->user,       w->application, w->host};
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        h = mix64(mix64(h, all[i].n), hash_bytes(all[i]));
    }
    return h;
}

/* What was measured, by names and units, since a batch numbers attributes in its own way. */
static inline uint64_t laws_measured(const batch *b, const event *e)
{
    uint64_t h = 0;
    assert(e->first_measured + e->n_measured <= b->n_measured);
    for (uint32_t i = 0; i < e->n_measured; i++) {
        const measured *m = &b->measured[e->first_measured + i];
        assert(m->id < MEASURE_COUNT + b->n_attributes);
        if (m->id >= MEASURE_COUNT) {
            const log_attribute *a = &b->attributes[m->id - MEASURE_COUNT];
            h = mix64(mix64(h, a->unit), hash_bytes(a->name));
        } else {
            h = mix64(h, m->id);
        }
        h = mix64(h, m->value);
    }
    return h;
}

static inline void laws_of_records(const batch *b, slice block)
{
    uint64_t end = 0;
    uint32_t line = 0;
    for (uint32_t i = 0; i < b->n_events; i++) {
        const event *e = &b->events[i];
        assert(e->bytes > 0 && e->offset >= end && e->offset + e->bytes <= block.n);
        assert(i == 0 || e->line > line);
        assert(e->line < b->lines);
        assert(e->kind < EVENT_KIND_COUNT && e->who < b->n_whos);
        assert((e->has & HAS_TEXT) != 0 || e->text.n == 0);
        assert((e->has & HAS_DURATION) == 0 || e->duration >= 0);
        (void)laws_read(e, &b->whos[e->who]);
        (void)laws_measured(b, e);
        end = e->offset + e->bytes;
        line = e->line;
    }
}

static inline void laws_parse(const format *f, slice block, bool truncated, batch *b)
{
    batch_init(b, LAWS_MEMORY);
    f->parser->parse(f, block, truncated, b);
    assert(!b->out_of_memory);
    laws_of_bytes(b, block);
    laws_of_records(b, block);
}

/* The events of `part`, which begins at `offset` and `line`, are those of the whole from `from` on.
 */
static inline void laws_of_part(const batch *whole, uint32_t from, const batch *part,
                                uint64_t offset, uint32_t line)
{
    for (uint32_t i = 0; i < part->n_events; i++) {
        const event *a = &whole->events[from + i];
        const event *b = &part->events[i];
        assert(a->offset == b->offset + offset && a->line == b->line + line);
        assert(a->bytes == b->bytes && a->kind == b->kind && a->has == b->has);
        assert(a->time == b->time && a->zone_offset == b->zone_offset);
        assert(a->duration == b->duration && a->session == b->session);
        assert(a->query_id == b->query_id);
        assert(laws_read(a, &whole->whos[a->who]) == laws_read(b, &part->whos[b->who]));
        assert(laws_measured(whole, a) == laws_measured(part, b));
    }
}

static inline void laws_of_halves(const format *f, slice log, const batch *whole, size_t at)
{
    batch first;
    batch second;
    laws_parse(f, slice_take(log, at), false, &first);
    if (first.is_open) { /* its end is read again, with what follows */
        assert(first.open_from < at);
        batch_free(&first);
        return;
    }
    laws_parse(f, slice_skip(log, at), false, &second);
    assert(whole->n_events == first.n_events + second.n_events);
    laws_of_part(whole, 0, &first, 0, 0);
    laws_of_part(whole, first.n_events, &second, at, first.lines);
    assert(whole->lines == first.lines + second.lines);
    assert(whole->event_bytes == first.event_bytes + second.event_bytes);
    assert(whole->other_bytes == first.other_bytes + second.other_bytes);
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        const skipped *w = &whole->skipped[i];
        const skipped *a = &first.skipped[i];
        const skipped *b = &second.skipped[i];
        assert(w->bytes == a->bytes + b->bytes);
        if (i == SKIP_NULS) { /* a cut may lie within a hole */
            continue;
        }
        assert(w->count == a->count + b->count);
        assert(w->count == 0 ||
               w->first_line == (a->count > 0 ? a->first_line : b->first_line + first.lines));
    }
    batch_free(&first);
    batch_free(&second);
}

/* Where one record ends and another begins; or within a hole of NULs, which only the last can. */
static inline bool laws_is_in_hole(slice log, size_t at)
{
    return at > 0 && log.p[at - 1] == '\0';
}

static inline void laws_hold(const parser *p, slice log)
{
    arena keep;
    format f;
    batch whole;
    status st = {0};
    arena_init(&keep, LAWS_MEMORY);
    int score = p->detect(log, &(format_options){0});
    assert(score >= 0 && score <= 100);
    assert(p->prepare(log, &(format_options){0}, &keep, &f, &st));
    laws_parse(&f, log, false, &whole);
    size_t last = p->cut(&f, log, CUT_LAST);
    size_t first = p->cut(&f, log, CUT_FIRST);
    size_t middle = p->cut(&f, slice_take(log, log.n / 2), CUT_LAST);
    if (!laws_is_in_hole(log, last) && !laws_is_in_hole(log, middle)) {
        assert((first == 0) == (last == 0) && first <= last && middle <= last);
        assert(middle == 0 || middle >= first);
    }
    const size_t cuts[] = {first, middle, last};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert(cuts[i] == 0 ||
               (cuts[i] < log.n && (log.p[cuts[i] - 1] == '\n' || laws_is_in_hole(log, cuts[i]))));
        if (cuts[i] > 0) {
            laws_of_halves(&f, log, &whole, cuts[i]);
        }
    }
    batch_free(&whole);
    laws_parse(&f, log, true, &whole);
    batch_free(&whole);
    arena_free(&keep);
}

#endif
