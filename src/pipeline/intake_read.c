/* intake_read.c - opening and reading one log after the other; see intake.h. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/intake.h"
#include "pipeline/overlap.h"

enum { SETTLED_SECONDS = 60 /* a file this old does not grow its last record any more */ };

static bool end_part(const ingest_request *r, fold *f, status *st)
{
    return (r->threshold == THRESHOLD_UNKNOWN ||
            store_add_threshold(f->store, f->source, &f->segment, 0, r->threshold, SLICE("option"),
                                st)) &&
           fold_end(f, st);
}

/* Progress through what is packed, by the bytes on disk. */
typedef struct packed_progress {
    const progress *of_files;
    input *in;
    uint64_t told;
} packed_progress;

static void advance_packed(void *context, uint64_t unpacked)
{
    packed_progress *p = context;
    uint64_t taken = atomic_load_explicit(&p->in->taken, memory_order_relaxed);
    (void)unpacked;
    p->of_files->advance(p->of_files->context, taken - p->told);
    p->told = taken;
}

static bool read_part(const ingest_request *r, plan *p, fold *f, const segment *seg,
                      const ending *before, status *st)
{
    framer frames;
    bool settled =
        !p->last_of_source || !p->in->reopens || time(NULL) - p->in->modified >= SETTLED_SECONDS;
    packed_progress packed = {r->progress, p->in, atomic_load(&p->in->taken)};
    progress of_packed = {.advance = advance_packed, .context = &packed};
    bool translate = r->progress != NULL && p->in->reopens && !p->in->regular;
    bool hold = (!r->final && !settled) || p->ends_in_next;
    framer_init(&frames, p->in, &p->reading, hold, seg->bytes, slice_of(before->bytes, before->n));
    bool ok = fold_begin(f, &p->reading.format, p->normaliser, seg, p->next_at, st);
    status read_status = {0};
    if (ok && !pipeline_run(&frames,
                            &(mapping){.reading = &p->reading,
                                       .normaliser = p->normaliser,
                                       .tag_keys = &r->tag_keys},
                            f, r->jobs, translate ? &of_packed : r->progress, &read_status)) {
        /* What was read before an unreadable place counts all the same. */
        ok = read_status.code == STATUS_INPUT;
        *(ok ? &p->file->error : st) = read_status;
    }
    /* A log of which nothing could be read yet leaves no trace: its first record makes a segment.
     */
    ok = ok && (f->segment.bytes == 0 || end_part(r, f, st));
    p->file->bytes = f->segment.bytes - seg->bytes;
    p->file->segment = f->segment;
    framer_free(&frames);
    return ok;
}

/* Finds the log's segment, and whether there is more of the log than it holds. */
static bool find_rest(store *s, plan *p, arena *keep, segment *seg, ending *before, bool *more,
                      status *st)
{
    *more = false;
    if (!intake_find_segment(s, p, keep, seg, before, st)) {
        return false;
    }
    bool goes_on = seg->bytes == 0 || before->n > 0;
    return !goes_on || input_has_more(p->in, more, st);
}

static ingest_outcome outcome_of(const ingest_file *file, bool known)
{
    return file->error.code != STATUS_OK       ? INGEST_FAILED
           : file->outcome == INGEST_DUPLICATE ? INGEST_DUPLICATE
           : file->from + file->bytes == 0     ? INGEST_EMPTY
           : file->bytes == 0                  ? INGEST_KNOWN
           : known                             ? INGEST_CONTINUED
                                               : INGEST_NEW;
}

/* Reads what is new in the log; the store's transaction is open. */
static bool read_log(intake *t, plan *p, status *st)
{
    segment seg = {0};
    ending before;
    before.n = 0;
    ingest_file *file = p->file;
    bool more;
    status found = {0};
    if (!find_rest(t->store, p, &t->result->arena, &seg, &before, &more, &found)) {
        bool only_this = found.code == STATUS_INPUT;
        *(only_this ? &file->error : st) = found;
        file->outcome = INGEST_FAILED;
        return only_this;
    }
    bool known = seg.bytes > 0;
    p->next_at = known ? seg.last_at : p->first_at;
    if (!intake_leave_out_shared(t, p, &seg, &before, &more, st)) {
        return false;
    }
    file->from = seg.bytes;
    file->segment = seg;
    /* A part without anything in it would move the fold's clock. */
    if (more && !read_part(t->request, p, &t->fold, &seg, &before, st)) {
        return false;
    }
    if (file->error.code == STATUS_OK) {
        file->error = p->in->damage;
    }
    file->interrupted = p->in->interrupted;
    file->outcome = outcome_of(file, known);
    bool nothing = file->outcome == INGEST_DUPLICATE || file->from + file->bytes == 0;
    return nothing || store_set_path(t->store, file->source, slice_from(file->path), seg.id,
                                     &file->replaced, st);
}

bool intake_open_file(intake *t, const char *path, status *st)
{
    if (t->at_hand == NULL) {
        t->at_hand = calloc(1, sizeof *t->at_hand);
    } else {
        input_close(t->at_hand);
    }
    return t->at_hand != NULL ? input_open(t->at_hand, path, t->request->interrupt_fd, st)
                              : status_no_memory(st);
}

void intake_free_input(input *in)
{
    if (in != NULL) {
        input_close(in);
        free(in);
    }
}

bool intake_reach(intake *t, plan *p, status *st)
{
    if (p->in != NULL) {
        return true;
    }
    bool ahead = t->at_hand != NULL && t->at_hand->fd >= 0 && t->at_hand->path == p->path &&
                 t->at_hand->member < p->member;
    if (!ahead && !intake_open_file(t, p->path, st)) {
        return false;
    }
    while (t->at_hand->member < p->member && !t->at_hand->interrupted) {
        if (!input_next_member(t->at_hand, st) && !t->at_hand->interrupted) {
            return status_fail(st, STATUS_INPUT, "'%s' has changed while it was read", p->path);
        }
    }
    p->in = t->at_hand;
    return true;
}

void intake_let_go(intake *t, plan *p)
{
    if (p->in != t->at_hand) {
        intake_free_input(p->in);
    }
    p->in = NULL;
}

static bool hash_end(plan *p, earlier_log *log, status *st)
{
    char last[TAIL_BYTES];
    size_t n = p->in->size < TAIL_BYTES ? (size_t)p->in->size : TAIL_BYTES;
    if (!input_skip_to(p->in, p->in->size, last, n, st)) {
        return false;
    }
    *log = (earlier_log){p->path, p->in->size, p->last_at, content_hash(slice_of(last, n))};
    return true;
}

/* Finds out whether the log's end is in the next one as well: that one may have the last record's
 * other lines, too, so that it is left to it. */
static bool look_at_next(intake *t, plan *p, const plan *next, status *st)
{
    overlap shared = {0};
    earlier_log log;
    status why = {0}; /* what cannot be read is told when it is read */
    if (!p->in->regular || p->member > 0 || next->member > 0 || next->in != NULL ||
        !slice_equal(next->reading.name, p->reading.name) || p->first_at == 0) {
        return true;
    }
    intake_find_last(p, &t->scratch);
    if (next->first_at > p->last_at) {
        return true;
    }
    beginning *b = malloc(sizeof *b);
    if (b == NULL) {
        return status_no_memory(st);
    }
    bool ok = !overlap_begin(next->path, 0, &next->reading, &t->scratch, b, &why) ||
              !hash_end(p, &log, &why) ||
              overlap_find(&log, next->path, b, &next->reading, &t->scratch, &shared, st);
    free(b);
    p->ends_in_next = shared.bytes > 0 && !shared.is_all;
    return ok;
}

/* --- logs that are rotated under the reader ---------------------------------------------- */

/* What a path holds may be another log by now, and a log may be cut off and written anew while it
 * is read: copied, renamed and compressed ones are found where they lie then, by the next run. The
 * logs behind it have to wait for it, since state goes only forward in time. Where there will be no
 * next run it is a failure. */
static void leave(intake *t, plan *p)
{
    p->file->bytes = 0;
    p->file->outcome = INGEST_LEFT;
    t->leaving = true;
    if (t->request->final) {
        p->file->outcome = INGEST_FAILED;
        status_fail(&p->file->error, STATUS_INPUT, "'%s' has changed while it was read", p->path);
    }
}

/* Opens the log again. *same is false where it is not the one that was looked at. */
static bool reach_the_same(intake *t, plan *p, bool *same, status *st)
{
    slice head;
    *same = true;
    if (!intake_reach(t, p, st)) {
        *same = access(p->path, F_OK) == 0;
        return false;
    }
    if (!p->in->reopens) {
        return true; /* it was never closed */
    }
    if (!input_peek(p->in, p->head_bytes, &head, st)) {
        return false;
    }
    hash128 hash = content_hash(slice_take(head, p->head_bytes));
    *same = hash.high == p->head.high && hash.low == p->head.low;
    return true;
}

/* Reads the log, with the store's transaction open; *kept is false where that is to be undone. */
static bool read_unless_changed(intake *t, plan *p, bool *kept, status *st)
{
    if (!read_log(t, p, st)) {
        return false;
    }
    *kept = !p->in->regular || p->in->interrupted || t->request->final ||
            input_begins_as(p->in, p->head_bytes, p->head);
    return true;
}

/* Reads one log in a transaction of its own. */
static bool take_log(intake *t, plan *p, const plan *next, status *st)
{
    bool same;
    bool kept = true;
    uint64_t calls = t->fold.calls;
    if (!reach_the_same(t, p, &same, &p->file->error) && same) {
        p->file->outcome = INGEST_FAILED;
        return p->file->error.code == STATUS_INPUT || status_no_memory(st);
    }
    if (!same) {
        p->file->error = (status){0};
        leave(t, p);
        return true;
    }
    if (next != NULL && p->in->regular &&
        (!look_at_next(t, p, next, st) || !input_skip_to(p->in, 0, NULL, 0, st))) {
        return false;
    }
    if (!store_begin(t->store, st)) {
        return false;
    }
    if (!read_unless_changed(t, p, &kept, st)) {
        store_rollback(t->store);
        return false;
    }
    if (kept) {
        return store_commit(t->store, st);
    }
    store_rollback(t->store);
    t->fold.calls = calls;
    intake_forget_source(t);
    leave(t, p);
    return true;
}

/* ------------------------------------------------------------------------------------------ */

bool intake_end_source(intake *t, status *st)
{
    if (!t->folding || !t->request->final || t->fold.format == NULL) {
        return true;
    }
    if (!store_begin(t->store, st)) {
        return false;
    }
    if (!fold_give_up(&t->fold, st) || !fold_end(&t->fold, st)) {
        store_rollback(t->store);
        return false;
    }
    return store_commit(t->store, st);
}

void intake_forget_source(intake *t)
{
    if (t->folding) {
        t->result->calls += t->fold.calls;
        fold_free(&t->fold);
        t->folding = false;
    }
}

bool intake_take_next(intake *t, plan *p, const plan *behind, status *st)
{
    bool another =
        !(slice_equal(t->source, p->file->source) && slice_equal(t->engine, intake_engine_of(p)));
    if (t->folding && another) {
        if (!intake_end_source(t, st)) {
            return false;
        }
        intake_forget_source(t);
    }
    if (t->leaving && !another && !t->request->final) {
        p->file->outcome = INGEST_LEFT;
        return true;
    }
    if (!t->folding) {
        t->leaving = false;
        t->folding = true;
        t->source = p->file->source;
        t->engine = intake_engine_of(p);
        if (!fold_init(&t->fold, t->store, t->source, t->request->selection)) {
            return status_no_memory(st);
        }
        t->fold.one_in = t->request->one_in;
        t->fold.observer = t->request->observer;
    }
    bool ok = take_log(t, p, behind, st);
    intake_let_go(t, p);
    t->result->bytes += p->file->bytes;
    return ok;
}

/* The next log of the same source that is no copy of this one; NULL. */
static const plan *next_of_source(const intake *t, size_t i)
{
    const plan *p = &t->plans[i];
    for (size_t k = i + 1; k < t->n_plans; k++) {
        const plan *next = &t->plans[k];
        if (!slice_equal(next->file->source, p->file->source) ||
            !slice_equal(intake_engine_of(next), intake_engine_of(p))) {
            return NULL;
        }
        if (next->head.high != p->head.high || next->head.low != p->head.low) {
            return next;
        }
    }
    return NULL;
}

bool intake_take_all(intake *t, status *st)
{
    bool ok = true;
    for (size_t i = 0; ok && i < t->n_plans; i++) {
        const plan *behind = next_of_source(t, i);
        t->plans[i].last_of_source = behind == NULL;
        ok = intake_take_next(t, &t->plans[i], behind, st);
    }
    return ok;
}
