/* fuzz_evidence.c - laws of what is read back from a store: the state of sessions and samples of
 * pages hold for any bytes.
 *
 * The state is taken or refused. What was taken packs again, is taken again and packs to the same
 * bytes; it goes on with statements of its sessions and ends. A sample that is taken is sorted,
 * within its bound, and adds nothing when it is added again. */
#include <assert.h>
#include <stdint.h>

#include "pipeline/watch.h"

enum { MEMORY = 64 * 1024 * 1024, STATEMENTS = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- samples ------------------------------------------------------------------------------- */

static void check_sample(slice packed)
{
    page_point sample[PAGE_SAMPLE];
    page_point again[PAGE_SAMPLE];
    uint32_t n = 0;
    buf out;
    page_sample_merge(sample, &n, PAGE_SAMPLE, packed);
    assert(n <= PAGE_SAMPLE);
    for (uint32_t i = 1; i < n; i++) {
        assert(sample[i - 1].hash < sample[i].hash);
    }
    buf_init(&out, MEMORY);
    page_sample_encode(sample, n, &out);
    memcpy(again, sample, n * sizeof *sample);
    uint32_t n_again = n;
    assert(page_sample_merge(again, &n_again, PAGE_SAMPLE, buf_slice(&out)));
    assert(n_again == n && memcmp(again, sample, n * sizeof *sample) == 0);
    n_again = 0;
    assert(page_sample_merge(again, &n_again, PAGE_SAMPLE, buf_slice(&out)));
    assert(n_again == n && memcmp(again, sample, n * sizeof *sample) == 0);
    buf_free(&out);
}

/* --- the state of sessions ----------------------------------------------------------------- */

typedef struct state {
    watch watch;
    who_table whos;
    evidence evidence;
    arena arena;
} state;

static void begin(state *s)
{
    *s = (state){0};
    watch_init(&s->watch);
    who_table_init(&s->whos);
    arena_init(&s->arena, MEMORY);
}

static void finish(state *s)
{
    watch_free(&s->watch);
    who_table_free(&s->whos);
    evidence_free(&s->evidence);
    arena_free(&s->arena);
}

/* Statements as the bytes have it, of few sessions, at times that go on from now. */
static void go_on(state *s, slice bytes)
{
    bool is_new;
    int64_t now = (int64_t)1795089600 * 1000000;
    uint32_t who_id = who_table_add(&s->whos, &(who){.user = SLICE("u")}, &is_new);
    assert(who_id != UINT32_MAX);
    for (size_t i = 0; i + 2 < bytes.n && i < (size_t)STATEMENTS * 3; i += 3) {
        unsigned char kind = (unsigned char)bytes.p[i];
        unsigned char what = (unsigned char)bytes.p[i + 1];
        now += (int64_t)(unsigned char)bytes.p[i + 2] * 1000 * (kind % 7 == 0 ? 1000 : 1);
        watched x = {.session = what % 4,
                     .fingerprint = 1 + what / 4 % 4,
                     .role = (statement_role)(kind % (ROLE_CURSOR + 1)),
                     .start = now,
                     .end = now + what * 100,
                     .literals = kind,
                     .limit = 10,
                     .skip = what,
                     .rows = kind,
                     .has_literals = (kind & 8) != 0,
                     .has_limit = (kind & 16) != 0,
                     .has_skip = (kind & 32) != 0,
                     .has_rows = (kind & 64) != 0,
                     .wanted = true,
                     .coarse = (kind & 128) != 0,
                     .segment = {3, 4},
                     .offset = i,
                     .line = i + 1,
                     .who = who_id};
        x.process = (uint32_t)x.session + 1;
        x.request = kind % 11 == 0 ? what % 3 : 0;
        if (kind % 5 == 0) {
            uint32_t holders[2] = {1 + kind % 4, 1 + kind / 5 % 4};
            watched_wait wait = {.process = x.process,
                                 .holders = holders,
                                 .n_holders = 1 + kind % 2,
                                 .at = now,
                                 .time = kind,
                                 .nobody = who_id,
                                 .line = i + 1};
            assert(watch_wait(&s->watch, &wait, &s->evidence, &s->arena));
        } else if (kind % 5 == 1) {
            assert(watch_acquired(&s->watch, x.process, now, kind, &s->evidence, &s->arena));
        }
        assert(watch_take(&s->watch, &x, &s->whos, &s->evidence, &s->arena));
    }
}

static void check_state(slice packed, slice statements)
{
    state s;
    state again;
    buf once;
    buf twice;
    begin(&s);
    begin(&again);
    buf_init(&once, MEMORY);
    buf_init(&twice, MEMORY);
    if (watch_decode(&s.watch, &s.whos, packed)) {
        go_on(&s, statements);
        assert(watch_encode(&s.watch, &s.whos, &once));
        assert(watch_decode(&again.watch, &again.whos, buf_slice(&once)));
        assert(watch_encode(&again.watch, &again.whos, &twice));
        assert(slice_equal(buf_slice(&once), buf_slice(&twice)));
        assert(watch_end(&s.watch, &s.evidence, &s.arena));
        assert(watch_end(&again.watch, &again.evidence, &again.arena));
    }
    buf_free(&once);
    buf_free(&twice);
    finish(&s);
    finish(&again);
}

/* The first byte tells how many of the others are the state; what is behind is what follows. A
 * state that was made by statements is a better beginning than any bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = slice_of((const char *)data, size);
    if (size == 0) {
        return 0;
    }
    check_sample(bytes);
    size_t at = 1 + (size_t)data[0] * (size - 1) / 255;
    slice statements = slice_skip(bytes, at);
    check_state(slice_skip(slice_take(bytes, at), 1), statements);
    state s;
    buf packed;
    begin(&s);
    buf_init(&packed, MEMORY);
    go_on(&s, statements);
    assert(watch_encode(&s.watch, &s.whos, &packed));
    for (size_t i = 1; packed.n > 0 && i + 1 < at; i += 2) { /* damaged here and there */
        packed.p[(data[i] * (size_t)257 + i) % packed.n] = (char)data[i + 1];
    }
    check_state(buf_slice(&packed), statements);
    buf_free(&packed);
    finish(&s);
    return 0;
}
