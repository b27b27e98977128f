/* digest.c - see digest.h. */
#include "digest/digest.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/time_units.h"

enum { FIRST_CAP = 1024 };

void digest_init(digest *d, size_t max_bytes)
{
    *d = (digest){0};
    arena_init(&d->arena, max_bytes);
}

void digest_free(digest *d)
{
    free(d->slots);
    free(d->tallies);
    evidence_free(&d->evidence);
    arena_free(&d->arena);
    digest_init(d, d->arena.max);
}

void digest_clear(digest *d)
{
    if (d->cap > 0) {
        memset(d->slots, 0, d->cap * sizeof *d->slots);
    }
    if (d->cap_tallies > 0) {
        memset(d->tallies, 0, d->cap_tallies * sizeof *d->tallies);
    }
    d->n = 0;
    d->n_tallies = 0;
    evidence_clear(&d->evidence);
    arena_reset(&d->arena);
}

size_t digest_bytes(const digest *d)
{
    return d->arena.used + d->cap * sizeof *d->slots + d->cap_tallies * sizeof *d->tallies +
           evidence_bytes(&d->evidence);
}

static uint64_t row_hash(int64_t hour, uint64_t fingerprint, uint32_t who_id)
{
    return mix64(fingerprint, (uint64_t)hour * 0x10001u + who_id);
}

static digest_row **find_slot(digest_row **slots, uint32_t cap, int64_t hour, uint64_t fingerprint,
                              uint32_t who_id)
{
    for (uint64_t at = row_hash(hour, fingerprint, who_id);; at++) {
        digest_row **slot = &slots[at & (cap - 1)];
        const digest_row *row = *slot;
        if (row == NULL ||
            (row->fingerprint == fingerprint && row->hour == hour && row->who == who_id)) {
            return slot;
        }
    }
}

static bool grow_rows(digest *d)
{
    uint32_t cap = d->cap == 0 ? FIRST_CAP : d->cap * 2;
    digest_row **slots = calloc(cap, sizeof(digest_row *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < d->cap; i++) {
        digest_row *row = d->slots[i];
        if (row != NULL) {
            *find_slot(slots, cap, row->hour, row->fingerprint, row->who) = row;
        }
    }
    free(d->slots);
    d->slots = slots;
    d->cap = cap;
    return true;
}

digest_row *digest_find(digest *d, int64_t hour, uint64_t fingerprint, uint32_t who_id)
{
    if (d->n * 2 >= d->cap && !grow_rows(d)) {
        return NULL;
    }
    digest_row **slot = find_slot(d->slots, d->cap, hour, fingerprint, who_id);
    if (*slot == NULL) {
        digest_row *row = arena_calloc(&d->arena, 1, sizeof *row);
        if (row == NULL) {
            return NULL;
        }
        row->fingerprint = fingerprint;
        row->hour = hour;
        row->who = who_id;
        *slot = row;
        d->n++;
    }
    return *slot;
}

void digest_prefetch(const digest *d, int64_t hour, uint64_t fingerprint, uint32_t who_id)
{
    if (d->cap > 0) {
        __builtin_prefetch(&d->slots[row_hash(hour, fingerprint, who_id) & (d->cap - 1)]);
    }
}

static bool measure_add(measure *m, arena *a, uint64_t value)
{
    if (!histogram_add(&m->distribution, a, value, 1)) {
        return false;
    }
    m->min = m->n == 0 || value < m->min ? value : m->min;
    m->max = value > m->max ? value : m->max;
    m->sum += value;
    m->n++;
    return true;
}

static bool example_before(const example *a, const example *b)
{
    return a->duration != b->duration ? a->duration > b->duration : a->offset < b->offset;
}

static void keep_example(digest_row *row, const example *e)
{
    uint32_t at = row->n_examples;
    while (at > 0 && example_before(e, &row->examples[at - 1])) {
        at--;
    }
    if (at == EXAMPLES_KEPT) {
        return;
    }
    if (row->n_examples < EXAMPLES_KEPT) {
        row->n_examples++;
    }
    memmove(&row->examples[at + 1], &row->examples[at],
            (row->n_examples - at - 1) * sizeof row->examples[0]);
    row->examples[at] = *e;
}

void digest_row_seen(digest_row *row, int64_t at)
{
    if (row->last_at == 0 || at < row->first_at) {
        row->first_at = at;
    }
    if (row->last_at == 0 || at > row->last_at) {
        row->last_at = at;
    }
}

/* The measure of this id in the list at *from, which it is moved on to; NULL where memory is out.
 */
static measure *find_measure(digest *d, measure_list ***from, uint32_t id)
{
    measure_list **at = *from;
    while (*at != NULL && (*at)->id < id) {
        at = &(*at)->next;
    }
    if (*at == NULL || (*at)->id != id) {
        measure_list *fresh = arena_calloc(&d->arena, 1, sizeof *fresh);
        if (fresh == NULL) {
            return NULL;
        }
        fresh->id = id;
        fresh->next = *at;
        *at = fresh;
    }
    *from = at;
    return &(*at)->measure;
}

/* The log has them in much the order of their ids, so that each is looked for from the last one on.
 */
static bool add_measured(digest *d, digest_row *row, const digest_call *call)
{
    measure_list **at = &row->measures;
    for (uint32_t i = 0; i < call->n_measured; i++) {
        const measured *one = &call->measured[i];
        if (i > 0 && one->id < one[-1].id) {
            at = &row->measures;
        }
        measure *m = find_measure(d, &at, one->id);
        if (m == NULL || !measure_add(m, &d->arena, one->value)) {
            return false;
        }
    }
    return true;
}

bool digest_add_call(digest *d, digest_row *row, const digest_call *call)
{
    uint64_t duration = call->has_duration ? (uint64_t)call->duration : 0;
    if (call->has_time) {
        if (!series_add(&row->series, &d->arena, call->second, 1, duration)) {
            return false;
        }
        digest_row_seen(row, call->at);
    }
    row->calls++;
    row->estimated_calls += call->weight > 0 ? call->weight : 1;
    if (!add_measured(d, row, call)) {
        return false;
    }
    if (!call->has_duration) {
        return true;
    }
    keep_example(row, &(example){.duration = call->duration,
                                 .at = call->at,
                                 .offset = call->offset,
                                 .line = call->line});
    return measure_add(&row->query_time, &d->arena, duration);
}

bool digest_add_measure(digest *d, digest_row *row, uint32_t id, uint64_t value)
{
    measure_list **at = &row->measures;
    measure *m = find_measure(d, &at, id);
    return m != NULL && measure_add(m, &d->arena, value);
}

static tally **find_tally(tally **slots, uint32_t cap, tally_kind kind, int64_t hour,
                          uint64_t fingerprint, slice key)
{
    uint64_t hash = mix64(mix64(hash_bytes(key), fingerprint), (uint64_t)hour * 8 + kind);
    for (uint64_t at = hash;; at++) {
        tally **slot = &slots[at & (cap - 1)];
        const tally *t = *slot;
        if (t == NULL || (t->kind == kind && t->hour == hour && t->fingerprint == fingerprint &&
                          slice_equal(t->key, key))) {
            return slot;
        }
    }
}

static bool grow_tallies(digest *d)
{
    uint32_t cap = d->cap_tallies == 0 ? FIRST_CAP : d->cap_tallies * 2;
    tally **slots = calloc(cap, sizeof(tally *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < d->cap_tallies; i++) {
        tally *t = d->tallies[i];
        if (t != NULL) {
            *find_tally(slots, cap, t->kind, t->hour, t->fingerprint, t->key) = t;
        }
    }
    free(d->tallies);
    d->tallies = slots;
    d->cap_tallies = cap;
    return true;
}

static void add_tally(tally *to, const tally *one)
{
    to->min = to->n == 0 || one->min < to->min ? one->min : to->min;
    to->max = one->max > to->max ? one->max : to->max;
    to->n += one->n;
    to->sum += one->sum;
    if (one->last_at == 0) {
        return;
    }
    to->first_at = to->last_at == 0 || one->first_at < to->first_at ? one->first_at : to->first_at;
    to->last_at = to->last_at == 0 || one->last_at > to->last_at ? one->last_at : to->last_at;
}

bool digest_tally(digest *d, const tally *one)
{
    if (d->n_tallies * 2 >= d->cap_tallies && !grow_tallies(d)) {
        return false;
    }
    tally **slot =
        find_tally(d->tallies, d->cap_tallies, one->kind, one->hour, one->fingerprint, one->key);
    if (*slot == NULL) {
        tally *t = arena_calloc(&d->arena, 1, sizeof *t);
        if (t == NULL || !arena_copy(&d->arena, one->key, &t->key)) {
            return false;
        }
        t->kind = one->kind;
        t->hour = one->hour;
        t->fingerprint = one->fingerprint;
        *slot = t;
        d->n_tallies++;
    }
    add_tally(*slot, one);
    return true;
}

bool digest_count(digest *d, tally_kind kind, int64_t hour, uint64_t fingerprint, slice key,
                  uint64_t n)
{
    return digest_tally(
        d, &(tally){.kind = kind, .hour = hour, .fingerprint = fingerprint, .key = key, .n = n});
}

static int compare_rows(const void *a, const void *b)
{
    const digest_row *x = *(digest_row *const *)a;
    const digest_row *y = *(digest_row *const *)b;
    if (x->fingerprint != y->fingerprint) {
        return x->fingerprint < y->fingerprint ? -1 : 1;
    }
    if (x->hour != y->hour) {
        return x->hour < y->hour ? -1 : 1;
    }
    return (x->who > y->who) - (x->who < y->who);
}

digest_row **digest_sorted(digest *d)
{
    digest_row **sorted = arena_alloc(&d->arena, (d->n + 1) * sizeof(digest_row *));
    if (sorted == NULL) {
        return NULL;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->cap; i++) {
        if (d->slots[i] != NULL) {
            sorted[n++] = d->slots[i];
        }
    }
    qsort(sorted, n, sizeof(digest_row *), compare_rows);
    return sorted;
}

int64_t digest_hour(int64_t at, int32_t zone_offset, uint32_t *second)
{
    int64_t seconds = at / US_PER_SECOND - (at % US_PER_SECOND < 0);
    int64_t local = seconds + zone_offset;
    int64_t into = local % SECONDS_PER_HOUR;
    into += into < 0 ? SECONDS_PER_HOUR : 0;
    *second = (uint32_t)into;
    return seconds - into;
}
