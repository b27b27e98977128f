/* fuzz_stderr.c - laws of the PostgreSQL text log's parser that hold for any bytes: every byte is
 * accounted for, what an event shows lies in its record, records follow each other, and the parts
 * at a cut are the whole. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/scan.h"
#include "parsers/postgres/stderr.h"

enum { MEMORY = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- one block -------------------------------------------------------------------- */

static void is_within(slice part, slice whole)
{
    assert(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void accounts_for_every_byte(const batch *b, slice block)
{
    uint64_t bytes = b->event_bytes + b->other_bytes;
    uint64_t lines = 0;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        const skipped *s = &b->skipped[i];
        bytes += s->bytes;
        lines += s->count;
        assert(s->count == 0 || s->first_line < b->lines);
        assert(s->bytes >= s->count); /* a line has its end, or something before it */
    }
    assert(bytes == block.n);
    assert(lines <= b->lines);
}

static void records_follow_each_other(const batch *b, slice block)
{
    uint64_t end = 0;
    uint32_t line = 0;
    for (uint32_t i = 0; i < b->n_events; i++) {
        const event *e = &b->events[i];
        assert(e->bytes > 0 && e->offset >= end && e->offset + e->bytes <= block.n);
        assert(i == 0 || e->line > line);
        assert(e->line < b->lines);
        assert(e->kind < EVENT_KIND_COUNT && e->who < b->n_whos);
        slice record = slice_of(block.p + e->offset, e->bytes);
        bool rewritten = scan_text(record, SLICE("\\r\\n")) != NULL; /* by some clouds */
        if (e->kind != EVENT_PLAN && !rewritten) { /* of which the statement may have had escapes */
            is_within(e->text, record);
            is_within(e->parameters, record);
            is_within(e->value, record);
        }
        if (e->code.p < block.p || e->code.p >= block.p + block.n) {
            assert(e->code.n == 0 || e->code.n == 5); /* a SQLSTATE that the message tells */
        } else {
            is_within(e->code, record);
        }
        is_within(e->name, record);
        assert((e->has & HAS_TEXT) != 0 || e->text.n == 0);
        assert((e->has & HAS_DURATION) == 0 || e->duration >= 0);
        end = e->offset + e->bytes;
        line = e->line;
    }
    for (uint32_t i = 0; i < b->n_whos; i++) {
        is_within(b->whos[i].database, block);
        is_within(b->whos[i].user, block);
        is_within(b->whos[i].application, block);
        is_within(b->whos[i].host, block);
    }
}

static void parse(const format *f, slice block, bool truncated, batch *b)
{
    batch_init(b, MEMORY);
    f->parser->parse(f, block, truncated, b);
    assert(!b->out_of_memory);
    accounts_for_every_byte(b, block);
    records_follow_each_other(b, block);
}

/* --- parts and the whole ----------------------------------------------------------------- */

static void same_event(const event *a, const who *of_a, const event *b, const who *of_b)
{
    assert(a->bytes == b->bytes && a->kind == b->kind && a->has == b->has);
    assert(a->time == b->time && a->zone_offset == b->zone_offset);
    assert(a->duration == b->duration && a->session == b->session && a->query_id == b->query_id);
    assert(slice_equal(a->text, b->text) && slice_equal(a->parameters, b->parameters));
    assert(slice_equal(a->code, b->code) && slice_equal(a->name, b->name));
    assert(slice_equal(a->value, b->value));
    assert(slice_equal(of_a->database, of_b->database) && slice_equal(of_a->user, of_b->user));
    assert(slice_equal(of_a->application, of_b->application));
    assert(slice_equal(of_a->host, of_b->host));
}

/* The events of `part`, which begins at `offset` and `line`, are those of the whole from `from` on.
 */
static void is_part_of(const batch *whole, uint32_t from, const batch *part, uint64_t offset,
                       uint32_t line)
{
    for (uint32_t i = 0; i < part->n_events; i++) {
        const event *a = &whole->events[from + i];
        const event *b = &part->events[i];
        assert(a->offset == b->offset + offset && a->line == b->line + line);
        same_event(a, &whole->whos[a->who], b, &part->whos[b->who]);
    }
}

static void parts_are_the_whole(const format *f, slice log, const batch *whole, size_t at)
{
    batch first;
    batch second;
    parse(f, slice_take(log, at), false, &first);
    parse(f, slice_skip(log, at), false, &second);
    assert(whole->n_events == first.n_events + second.n_events);
    is_part_of(whole, 0, &first, 0, 0);
    is_part_of(whole, first.n_events, &second, at, first.lines);
    assert(whole->lines == first.lines + second.lines);
    assert(whole->event_bytes == first.event_bytes + second.event_bytes);
    assert(whole->other_bytes == first.other_bytes + second.other_bytes);
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        const skipped *w = &whole->skipped[i];
        const skipped *a = &first.skipped[i];
        const skipped *b = &second.skipped[i];
        assert(w->count == a->count + b->count && w->bytes == a->bytes + b->bytes);
        assert(w->count == 0 ||
               w->first_line == (a->count > 0 ? a->first_line : b->first_line + first.lines));
    }
    batch_free(&first);
    batch_free(&second);
}

static void reads_alike_in_parts(const format *f, slice log)
{
    batch whole;
    parse(f, log, false, &whole);
    size_t last = f->parser->cut(f, log, CUT_LAST);
    size_t first = f->parser->cut(f, log, CUT_FIRST);
    size_t middle = f->parser->cut(f, slice_take(log, log.n / 2), CUT_LAST);
    assert((first == 0) == (last == 0) && first <= last && middle <= last);
    assert(middle == 0 || middle >= first);
    const size_t cuts[] = {first, middle, last};
    for (size_t i = 0; i < 3; i++) {
        assert(cuts[i] == 0 || (cuts[i] < log.n && log.p[cuts[i] - 1] == '\n'));
        if (cuts[i] > 0) {
            parts_are_the_whole(f, log, &whole, cuts[i]);
        }
    }
    batch_free(&whole);
    parse(f, log, true, &whole);
    batch_free(&whole);
}

static void holds(slice log, slice prefix)
{
    arena keep;
    format f;
    status st = {0};
    const format_options options = {.prefix = prefix};
    arena_init(&keep, MEMORY);
    int score = postgres_stderr.detect(log, &options);
    assert(score >= 0 && score <= 100);
    bool ready = postgres_stderr.prepare(log, &options, &keep, &f, &st);
    assert(ready || st.code != STATUS_OK);
    assert(ready || score == 0);
    if (ready) {
        reads_alike_in_parts(&f, log);
    }
    arena_free(&keep);
}

/* One way of reading an input, so that many inputs are tried; its length says which. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice log = slice_of((const char *)data, size);
    const char *end = size > 0 ? memchr(log.p, '\n', size) : NULL;
    switch (size % 8) {
    case 0:
        holds(log, (slice){NULL, 0});
        break;
    case 1:
        holds(log, SLICE("%t:%r:%u@%d:[%p]: "));
        break;
    case 2:
        holds(log, SLICE(""));
        break;
    case 3:
    case 4:
        /* The first line as the setting, the rest as the log. */
        if (end != NULL) {
            slice setting = slice_between(log.p, end);
            holds(slice_skip(log, setting.n + 1), setting);
        }
        break;
    default:
        holds(log, SLICE("%m [%p] %q%u@%d "));
    }
    return 0;
}
