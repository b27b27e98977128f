/* mongodb_fixture.h - reads a log of one of MongoDB's formats whole, for the tests of its parsers.
 */
#ifndef QLOG_TESTS_MONGODB_FIXTURE_H
#define QLOG_TESTS_MONGODB_FIXTURE_H

#include "parsers/parser.h"

enum { FIXTURE_MEMORY = 16 * 1024 * 1024 };

typedef struct reading {
    arena keep;
    format format;
    batch batch;
} reading;

static inline void read_log(reading *r, const parser *p, const char *log)
{
    status st = {0};
    slice block = slice_from(log);
    arena_init(&r->keep, FIXTURE_MEMORY);
    batch_init(&r->batch, FIXTURE_MEMORY);
    assert_true(p->prepare(block, &(format_options){0}, &r->keep, &r->format, &st));
    p->parse(&r->format, block, false, &r->batch);
    assert_false(r->batch.out_of_memory);
    uint64_t bytes = r->batch.event_bytes + r->batch.other_bytes;
    for (int i = 0; i < SKIP_REASON_COUNT; i++) {
        bytes += r->batch.skipped[i].bytes;
    }
    assert_int_equal(bytes, block.n);
}

static inline void end(reading *r)
{
    batch_free(&r->batch);
    arena_free(&r->keep);
}

static inline const event *only(const reading *r)
{
    assert_int_equal(r->batch.n_events, 1);
    return &r->batch.events[0];
}

static inline void is_text(slice got, const char *want)
{
    if (!slice_is(got, want)) {
        fail_msg("'%.*s' is not '%s'", (int)got.n, got.p, want);
    }
}

static inline const who *who_of(const reading *r, const event *e)
{
    return &r->batch.whos[e->who];
}

/* -1 where it was not measured. */
static inline int64_t measure_of(const reading *r, const event *e, measure_id id)
{
    for (uint32_t i = 0; i < e->n_measured; i++) {
        const measured *m = &r->batch.measured[e->first_measured + i];
        if (m->id == id) {
            return (int64_t)m->value;
        }
    }
    return -1;
}

#endif
