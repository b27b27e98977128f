/* fuzz_transport.c - wrapped logs: every byte is accounted for, and the parts at a cut are the
 * whole.
 *
 * The first byte chooses the layers, the rest is the log. Within them is PostgreSQL's log, so that
 * a record can be several lines. */
#include <assert.h>
#include <stdint.h>

#include "input/reading.h"
#include "parsers/postgres/stderr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 256 * 1024 * 1024 };

static void parse(const reading *r, slice block, batch *b)
{
    uint64_t bytes;
    batch_init(b, MEMORY);
    reading_parse(r, block, false, b);
    assert(!b->out_of_memory);
    bytes = b->event_bytes + b->other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += b->skipped[i].bytes;
        assert(b->skipped[i].count == 0 || b->skipped[i].first_line < b->lines);
    }
    assert(bytes == block.n);
    for (uint32_t i = 0; i < b->n_events; i++) {
        assert(b->events[i].offset < block.n && b->events[i].line < b->lines);
    }
}

static void assert_parts(const reading *r, slice log, const batch *whole, size_t at)
{
    batch first;
    batch second;
    parse(r, slice_take(log, at), &first);
    parse(r, slice_skip(log, at), &second);
    assert(whole->n_events == first.n_events + second.n_events);
    for (uint32_t i = 0; i < second.n_events; i++) {
        const event *a = &whole->events[first.n_events + i];
        const event *b = &second.events[i];
        assert(a->offset == b->offset + at && a->line == b->line + first.lines);
        assert(a->bytes == b->bytes && a->kind == b->kind && a->session == b->session);
        assert(a->time == b->time);
    }
    assert(whole->lines == first.lines + second.lines);
    assert(whole->event_bytes == first.event_bytes + second.event_bytes);
    assert(whole->other_bytes == first.other_bytes + second.other_bytes);
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        assert(whole->skipped[i].bytes == first.skipped[i].bytes + second.skipped[i].bytes);
        assert(whole->skipped[i].count == first.skipped[i].count + second.skipped[i].count);
    }
    batch_free(&first);
    batch_free(&second);
}

static void choose_layers(reading *r, unsigned choice)
{
    size_t n = 0;
    while (transport_registry[n] != NULL) {
        n++;
    }
    r->layers[0] =
        (wrapping){.transport = transport_registry[choice % n], .year = 2026, .first_month = 11};
    r->layers[1] = (wrapping){.transport = transport_registry[choice / n % n]};
    r->n_layers = choice >= n ? 2 : 1;
}

/* Where both layers put together what is near, messages of the outer one that have no end leave
 * open what the inner one makes of them: hostile logs can be cut there. */
static bool looks_ahead_twice(const reading *r)
{
    unsigned n = 0;
    for (size_t i = 0; i < r->n_layers; i++) {
        const transport *t = r->layers[i].transport;
        n += t->interleaves || t->divides;
    }
    return n > 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    reading r = {0};
    arena keep;
    arena scratch;
    batch whole;
    status st = {0};
    slice log = slice_of((const char *)data + 1, size - 1);
    arena_init(&keep, MEMORY);
    arena_init(&scratch, MEMORY);
    format_options options = {.prefix = SLICE("%m [%p] ")};
    assert(postgres_stderr.prepare(log, &options, &keep, &r.format, &st));
    choose_layers(&r, data[0]);
    parse(&r, log, &whole);
    const size_t cuts[] = {
        reading_cut(&r, log, CUT_FIRST, &scratch),
        reading_cut(&r, log, CUT_LAST, &scratch),
        reading_cut(&r, slice_take(log, log.n / 2), CUT_LAST, &scratch),
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts && !looks_ahead_twice(&r); i++) {
        assert(cuts[i] == 0 || (cuts[i] < log.n && log.p[cuts[i] - 1] == '\n'));
        if (cuts[i] > 0) {
            assert_parts(&r, log, &whole, cuts[i]);
        }
    }
    batch_free(&whole);
    arena_free(&scratch);
    arena_free(&keep);
    return 0;
}
