/* pipeline.c - see pipeline.h.
 *
 *        read lock               no lock                fold turn
 *   framer ──▶ slot.block ──▶ parse, fingerprint ──▶ fold, in order of slot.number
 *
 * Slots go round: free, filled, mapped, folded, free. There are a few more than workers, so
 * that nobody waits while the fold's turn is with another. */
#include "pipeline/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "normalise/binds.h"
#include "normalise/outline_memo.h"
#include "pipeline/tagging.h"

enum {
    SPARE_SLOTS = 2,
    BATCH_MAX = 128 * 1024 * 1024,
    /* Blocks of giant records do not pile up: beyond this no new one is begun before all are
       folded. */
    BYTES_IN_FLIGHT = 8 * 1024 * 1024
};

typedef struct slot {
    block block;
    batch batch;
    uint64_t number; /* place in the input's order */
    bool busy;       /* between being filled and having been folded */
    bool mapped;
} slot;

typedef struct pipeline {
    framer *frames;
    /* From the record on in whose literal the last block may have ended: waits for what follows.
       With its batch, of whoever has the fold's turn. */
    block rest;
    batch rest_batch;
    const mapping *how;
    fold *fold;
    const progress *progress;
    slot *slots;
    unsigned n_slots;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t changed;
    uint64_t next_read; /* number of the next block */
    uint64_t next_fold;
    size_t in_flight; /* bytes of blocks that are busy */
    bool reading;     /* a worker is in the framer */
    bool folding;     /* a worker has the fold's turn */
    bool ended;       /* no more input, or a failure */
    bool fold_failed; /* nothing more is folded; after a failure to read, what was read still is */
    status status;    /* the first failure */
} pipeline;

/* --- map ------------------------------------------------------------------------- */

/* 0 stands for "no statement" everywhere. */
static uint64_t some_id(normalised statement)
{
    return statement.fingerprint + (statement.fingerprint == 0);
}

/* The number itself, or the bind value that stands for it. */
static bool count_value(const statement_count *count, slice parameters, uint64_t *n)
{
    *n = count->value;
    return count->kind == COUNT_NUMBER ||
           (count->kind == COUNT_PARAMETER && bind_number(parameters, count->value, n));
}

/* What is known of the pattern, or of the bind value that stands for it. */
static int pattern_bits(const statement_values *values, slice parameters)
{
    slice bound = SLICE("");
    bool known = values->pattern != PATTERN_NONE && values->pattern != PATTERN_PARAMETER;
    if (values->pattern == PATTERN_PARAMETER) {
        known = bind_value(parameters, values->pattern_parameter, &bound);
    }
    bool wildcard = values->pattern == PATTERN_WILDCARD || slice_starts_with(bound, SLICE("'%")) ||
                    slice_starts_with(bound, SLICE("'_"));
    return known ? ASKS_PATTERN | (wildcard ? ASKS_WILDCARD : 0) : 0;
}

static void take_counts(const statement_values *values, event *e)
{
    bool limits = count_value(&values->limit, e->parameters, &e->limit);
    bool skips = count_value(&values->offset, e->parameters, &e->skip);
    e->asks |= (uint8_t)((limits ? ASKS_LIMIT : 0) | (skips ? ASKS_SKIP : 0) |
                         pattern_bits(values, e->parameters));
}

static void identify_event(const normaliser *n, outline_memo *memo, event *e)
{
    statement_values values;
    bool truncated = (e->has & TEXT_TRUNCATED) != 0;
    normalised statement = identify(memo, n, e->text, truncated, &values);
    e->fingerprint = some_id(statement);
    e->spelling = statement.spelling;
    e->has |= HAS_FINGERPRINT;
    e->list = values.longest_in;
    e->rows = values.rows;
    if (!statement.placeholders || e->parameters.n > 0) {
        e->asks |= ASKS_LITERALS;
    }
    e->literals = values.literals;
    if (e->parameters.n > 0) {
        e->literals = mix64(e->literals, hash_bytes(e->parameters));
    }
    if (statement.counts) {
        take_counts(&values, e);
    }
}

static void map_block(const mapping *how, const block *b, outline_memo *memo, batch *out)
{
    const normaliser *n = how->normaliser;
    batch_reset(out);
    reading_parse(how->reading, slice_of(b->p, b->n), b->truncated, out);
    for (uint32_t i = 0; i < out->n_events; i++) {
        event *e = &out->events[i];
        if ((e->has & HAS_TEXT) != 0) {
            identify_event(n, memo, e);
            tag_event(n, how->tag_keys, e, out);
        }
    }
    for (uint32_t i = 0; i < out->n_facts; i++) {
        fact *f = &out->facts[i];
        if (f->statement.n > 0) {
            statement_values values;
            f->fingerprint = some_id(identify(memo, n, f->statement, f->truncated, &values));
        }
    }
}

/* --- blocks that end within a literal --------------------------------------------------- */

static bool append_block(block *to, const block *more)
{
    if (to->n == 0) {
        to->offset = more->offset;
    }
    if (to->n + more->n > to->cap) {
        char *grown = realloc(to->p, to->n + more->n);
        if (grown == NULL) {
            return false;
        }
        to->p = grown;
        to->cap = to->n + more->n;
    }
    memcpy(to->p + to->n, more->p, more->n);
    to->n += more->n;
    to->tail = more->tail;
    to->truncated = more->truncated;
    to->dropped = more->dropped;
    to->dropped_lines = more->dropped_lines;
    return true;
}

/* Folds what is certain of the bytes that wait: all that stands in front of the record in whose
 * literal they end. */
static bool fold_certain(pipeline *p, outline_memo *memo, status *st)
{
    block *all = &p->rest;
    block part = *all;
    part.n = (size_t)p->rest_batch.open_from;
    if (part.n < TAIL_BYTES) { /* what comes in front of it decides how the log goes on */
        return true;
    }
    part.tail = content_hash(slice_of(part.p + part.n - TAIL_BYTES, TAIL_BYTES));
    map_block(p->how, &part, memo, &p->rest_batch);
    if (!fold_add(p->fold, &part, &p->rest_batch, st)) {
        return false;
    }
    memmove(all->p, all->p + part.n, all->n - part.n);
    all->n -= part.n;
    all->offset += part.n;
    return true;
}

/* Reads the block again, together with what waits for it. */
static bool fold_joined(pipeline *p, const block *b, outline_memo *memo, status *st)
{
    if (!append_block(&p->rest, b)) {
        return status_no_memory(st);
    }
    map_block(p->how, &p->rest, memo, &p->rest_batch);
    if (p->rest_batch.is_open && !p->rest_batch.out_of_memory && !b->truncated) {
        return fold_certain(p, memo, st);
    }
    bool ok = fold_add(p->fold, &p->rest, &p->rest_batch, st);
    p->rest.n = 0;
    return ok;
}

/* At the end of the input: nothing follows, or it may follow some other time. */
static bool fold_rest(pipeline *p, outline_memo *memo, status *st)
{
    if (p->rest.n == 0 || p->fold_failed || framer_holds_last(p->frames)) {
        return true;
    }
    map_block(p->how, &p->rest, memo, &p->rest_batch);
    return fold_add(p->fold, &p->rest, &p->rest_batch, st);
}

static bool fold_slot(pipeline *p, slot *s, outline_memo *memo, status *st)
{
    bool joined = p->rest.n > 0 || s->batch.is_open;
    if (joined ? !fold_joined(p, &s->block, memo, st)
               : !fold_add(p->fold, &s->block, &s->batch, st)) {
        return false;
    }
    if (p->progress != NULL) {
        p->progress->advance(p->progress->context, s->block.n + s->block.dropped);
    }
    return true;
}

/* --- one job ------------------------------------------------------------------------ */

static bool run_inline(pipeline *p, outline_memo *memo, status *st)
{
    slot *s = &p->slots[0];
    for (;;) {
        if (!framer_next(p->frames, &s->block, st)) {
            return false;
        }
        if (s->block.n == 0) {
            return true;
        }
        map_block(p->how, &s->block, memo, &s->batch);
        if (!fold_slot(p, s, memo, st)) {
            p->fold_failed = true;
            return false;
        }
    }
}

/* --- many jobs ----------------------------------------------------------------------- */

static slot *find_free(pipeline *p)
{
    for (unsigned i = 0; i < p->n_slots; i++) {
        if (!p->slots[i].busy) {
            return &p->slots[i];
        }
    }
    return NULL;
}

static slot *find_mapped(pipeline *p)
{
    for (unsigned i = 0; i < p->n_slots; i++) {
        slot *s = &p->slots[i];
        if (s->busy && s->mapped && s->number == p->next_fold) {
            return s;
        }
    }
    return NULL;
}

static void stop(pipeline *p, const status *st)
{
    if (st->code != STATUS_OK && p->status.code == STATUS_OK) {
        p->status = *st;
    }
    p->ended = true;
    pthread_cond_broadcast(&p->changed);
}

/* Takes the next block into a free slot, with the lock held on entry and exit; NULL at the end. */
static slot *read_block(pipeline *p)
{
    slot *s = NULL;
    while (!p->ended &&
           (p->reading || p->in_flight > BYTES_IN_FLIGHT || (s = find_free(p)) == NULL)) {
        pthread_cond_wait(&p->changed, &p->lock);
    }
    if (p->ended) {
        return NULL;
    }
    status st = {0};
    p->reading = true;
    s->busy = true;
    s->mapped = false;
    pthread_mutex_unlock(&p->lock);
    bool ok = framer_next(p->frames, &s->block, &st);
    pthread_mutex_lock(&p->lock);
    p->reading = false;
    if (!ok || s->block.n == 0) {
        s->busy = false;
        stop(p, &st);
        return NULL;
    }
    s->number = p->next_read++;
    p->in_flight += s->block.n;
    pthread_cond_broadcast(&p->changed);
    return s;
}

/* Folds every batch whose turn has come, unless another worker is at it; with the lock held. */
static void fold_ready(pipeline *p, outline_memo *memo)
{
    slot *s;
    while (!p->folding && !p->fold_failed && (s = find_mapped(p)) != NULL) {
        status st = {0};
        p->folding = true;
        pthread_mutex_unlock(&p->lock);
        bool ok = fold_slot(p, s, memo, &st);
        pthread_mutex_lock(&p->lock);
        p->folding = false;
        p->next_fold++;
        s->busy = false;
        p->in_flight -= s->block.n;
        if (!ok) {
            p->fold_failed = true;
            stop(p, &st);
        }
        pthread_cond_broadcast(&p->changed);
    }
}

typedef struct worker {
    pipeline *pipeline;
    outline_memo memo;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    pipeline *p = w->pipeline;
    outline_memo *memo = &w->memo;
    slot *s;
    pthread_mutex_lock(&p->lock);
    while ((s = read_block(p)) != NULL) {
        pthread_mutex_unlock(&p->lock);
        map_block(p->how, &s->block, memo, &s->batch);
        pthread_mutex_lock(&p->lock);
        s->mapped = true;
        fold_ready(p, memo);
    }
    fold_ready(p, memo);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool run_threads(pipeline *p, worker *workers, unsigned jobs, status *st)
{
    pthread_t threads[JOBS_MAX];
    unsigned started = 0;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    /* The caller is one of the workers; where a thread cannot be had, fewer do the work. */
    while (started + 1 < jobs &&
           pthread_create(&threads[started], NULL, work, &workers[started + 1]) == 0) {
        started++;
    }
    work(&workers[0]);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    /* A worker that ended early may have left the last batches to others that were gone. */
    pthread_mutex_lock(&p->lock);
    fold_ready(p, &workers[0].memo);
    pthread_mutex_unlock(&p->lock);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    if (p->status.code != STATUS_OK) {
        *st = p->status;
        return false;
    }
    return true;
}

bool pipeline_run(framer *frames, const mapping *how, fold *f, unsigned jobs, const progress *prog,
                  status *st)
{
    pipeline p = {.frames = frames,
                  .how = how,
                  .fold = f,
                  .progress = prog,
                  .n_slots = jobs > 1 ? jobs + SPARE_SLOTS : 1};
    p.slots = calloc(p.n_slots, sizeof *p.slots);
    worker *workers = calloc(jobs, sizeof *workers);
    if (p.slots == NULL || workers == NULL) {
        free(p.slots);
        free(workers);
        return status_no_memory(st);
    }
    for (unsigned i = 0; i < jobs; i++) {
        workers[i].pipeline = &p;
    }
    for (unsigned i = 0; i < p.n_slots; i++) {
        batch_init(&p.slots[i].batch, BATCH_MAX);
    }
    batch_init(&p.rest_batch, BATCH_MAX);
    bool ok = jobs > 1 ? run_threads(&p, workers, jobs, st) : run_inline(&p, &workers[0].memo, st);
    ok = fold_rest(&p, &workers[0].memo, ok ? st : &(status){0}) && ok;
    for (unsigned i = 0; i < p.n_slots; i++) {
        batch_free(&p.slots[i].batch);
        block_free(&p.slots[i].block);
    }
    batch_free(&p.rest_batch);
    block_free(&p.rest);
    free(p.slots);
    free(workers);
    return ok;
}
