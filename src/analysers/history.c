/* history.c - see history.h. */
#include "analysers/history.h"

#include "digest/selection.h"
#include "store/annotations.h"
#include "store/select.h"

enum {
    WINDOWS_USUAL = 7, /* judged where there is no baseline */
    WINDOWS_MAX = 31,
    MISSES_TO_CLOSE = 2,
    SCRATCH_MAX = 1024 * 1024 * 1024 /* bytes, of one window */
};

/* What is known of a finding after some windows. */
typedef struct record {
    uint64_t id;
    finding_kind kind;
    slice source, title;
    bool open;
    bool seen, tested;  /* in the window that is being judged; a regression is not tested in each */
    int64_t begins;     /* us: where the first window begins that has it without a break */
    int64_t first_seen; /* us, in that window */
    int64_t last_seen;  /* us: where the last one that has it begins */
    uint32_t missed;    /* windows since that one */
    uint32_t slow;      /* bits: the windows before the request's in which it was; 1 is its own */
} record;

struct history {
    arena *arena;
    int64_t since, step; /* us: of the request's window */
    int64_t earliest;    /* us: where the first window begins that is judged */
    int64_t judged;      /* us: where the window begins that is being judged */
    record *records;
    uint32_t n_records;
    acceptance *accepted;
    uint32_t n_accepted;
};

/* --- looking up ---------------------------------------------------------------------------- */

static record *find_record(const history *h, uint64_t id)
{
    for (uint32_t i = 0; i < h->n_records; i++) {
        if (h->records[i].id == id) {
            return &h->records[i];
        }
    }
    return NULL;
}

static const acceptance *find_acceptance(const history *h, uint64_t id)
{
    for (uint32_t i = 0; i < h->n_accepted; i++) {
        if (h->accepted[i].finding == id) {
            return &h->accepted[i];
        }
    }
    return NULL;
}

/* What was accepted for good is the norm of all windows that begin later. NULL: nothing is. */
static const acceptance *norm_of(const history *h, uint64_t id)
{
    const acceptance *a = find_acceptance(h, id);
    return a != NULL && a->until == 0 && a->at < h->judged ? a : NULL;
}

bool history_is_open(const history *h, uint64_t id)
{
    const record *r = find_record(h, id);
    return r != NULL && r->open;
}

bool history_leaves_out(const history *h, uint64_t id, int64_t from)
{
    const acceptance *norm = norm_of(h, id);
    if (norm != NULL && from <= norm->at) {
        return from + h->step <= norm->at;
    }
    const record *r = find_record(h, id);
    int64_t window = (h->since - from) / h->step;
    return r != NULL && window <= WINDOWS_MAX && (r->slow >> window & 1) != 0;
}

bool history_has_norm(const history *h, uint64_t id)
{
    return norm_of(h, id) != NULL;
}

void history_note_tested(history *h, uint64_t id)
{
    record *r = find_record(h, id);
    if (r != NULL) {
        r->tested = true;
    }
}

uint32_t history_slow_windows(const history *h)
{
    uint32_t slow = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->n_records; i++) {
        slow |= h->records[i].slow;
    }
    for (; slow != 0; slow &= slow - 1) {
        n++;
    }
    return n;
}

/* --- one window after the other ------------------------------------------------------------ */

/* A source without executions in a window tells nothing of what it would have had. */
static bool mark_sources(const store *s, const history *h, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s, "SELECT source FROM digest GROUP BY source HAVING sum(calls) > 0", st);
    while (q != NULL && rows_next(s, q, st)) {
        for (uint32_t i = 0; i < h->n_records; i++) {
            record *r = &h->records[i];
            bool missing = r->open && !r->seen && r->tested;
            r->missed += missing && slice_equal(r->source, column_view(q, 0));
        }
    }
    return rows_end(q, st);
}

static record *add_record(history *h, const finding *f, status *st)
{
    record *all = arena_one_more(h->arena, h->records, h->n_records, sizeof *all);
    slice source;
    if (all == NULL || !arena_copy(h->arena, f->source, &source)) {
        status_no_memory(st);
        return NULL;
    }
    h->records = all;
    all[h->n_records] = (record){.id = f->id, .kind = f->kind, .source = source};
    return &all[h->n_records++];
}

static bool see(history *h, const finding *f, status *st)
{
    record *r = find_record(h, f->id);
    r = r != NULL ? r : add_record(h, f, st);
    if (r == NULL || !arena_copy(h->arena, f->title, &r->title)) {
        return status_no_memory(st);
    }
    if (!r->open) {
        r->begins = h->judged;
        r->first_seen = f->first_seen != 0 ? f->first_seen : h->judged;
    }
    r->open = true;
    r->seen = true;
    r->missed = 0;
    r->last_seen = h->judged;
    if (f->kind == FINDING_REGRESSION) {
        r->slow |= 1u << ((h->since - h->judged) / h->step);
    }
    return true;
}

static void begin_window(history *h, int64_t since)
{
    h->judged = since;
    for (uint32_t i = 0; i < h->n_records; i++) {
        record *r = &h->records[i];
        const acceptance *norm = finding_is_change(r->kind) ? norm_of(h, r->id) : NULL;
        r->seen = false;
        r->tested = r->kind != FINDING_REGRESSION;
        r->open = r->open && r->missed < MISSES_TO_CLOSE && (norm == NULL || r->begins > norm->at);
    }
}

/* The window that was begun has these; the store is narrowed to it. */
static bool end_window(history *h, const store *s, const finding *findings, uint32_t n, status *st)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!see(h, &findings[i], st)) {
            return false;
        }
    }
    return mark_sources(s, h, st);
}

static bool judge_window(history *h, const store *s, const analysis_request *request, int64_t back,
                         status *st)
{
    arena scratch;
    finding *findings = NULL;
    uint32_t n = 0;
    selection chosen = *request->chosen;
    analysis_request wanted = *request;
    status narrowed = {0};
    wanted.since -= back;
    wanted.until -= back;
    wanted.chosen = &chosen;
    wanted.history = h;
    wanted.now = wanted.max_age = 0;
    chosen.since = (moment){.kind = MOMENT_INSTANT, .us = wanted.since};
    chosen.until = (moment){.kind = MOMENT_INSTANT, .us = wanted.until};
    begin_window(h, wanted.since);
    if (!store_select(s, &chosen, &narrowed)) {
        /* Without any record it is as if the window were not. */
        return narrowed.code == STATUS_INPUT || status_fail(st, narrowed.code, "%s", narrowed.text);
    }
    arena_init(&scratch, SCRATCH_MAX);
    bool ok = analyse(s, &wanted, &scratch, &findings, &n, st) && end_window(h, s, findings, n, st);
    arena_free(&scratch);
    return store_select_all(s, st) && ok;
}

static uint32_t count_windows(const analysis_request *r, int64_t step)
{
    int64_t n = r->baseline > 0 ? r->baseline / step : WINDOWS_USUAL;
    return n < WINDOWS_MAX ? (uint32_t)n : WINDOWS_MAX;
}

bool history_read(const store *s, const analysis_request *request, arena *a, history **out,
                  status *st)
{
    history *h = arena_calloc(a, 1, sizeof *h);
    *out = h;
    if (h == NULL) {
        return status_no_memory(st);
    }
    *h = (history){.arena = a, .since = request->since, .step = analysis_step(request)};
    uint32_t windows = h->step > 0 ? count_windows(request, h->step) : 0;
    bool ok = store_read_acceptances(s, a, &h->accepted, &h->n_accepted, st);
    h->earliest = h->since - windows * h->step;
    for (uint32_t k = windows; ok && k > 0; k--) {
        ok = judge_window(h, s, request, k * h->step, st);
    }
    begin_window(h, h->since);
    return ok;
}

/* --- states -------------------------------------------------------------------------------- */

/* What was accepted until a time holds in windows that end before it; a change that was accepted
 * for good is the one that was there then, and no later one. */
static bool is_accepted(const acceptance *a, const analysis_request *request, const finding *f,
                        const record *r)
{
    bool in_time = a->until == 0 || request->until <= a->until;
    bool is_later = r != NULL && finding_is_change(f->kind) && r->begins > a->at;
    return in_time && !is_later;
}

static void set_state(const history *h, const analysis_request *request, finding *f)
{
    const record *r = h->step > 0 ? find_record(h, f->id) : NULL;
    const acceptance *a = find_acceptance(h, f->id);
    if (r != NULL) {
        f->state = r->begins < h->since ? FINDING_OPEN : FINDING_NEW;
        f->first_seen = r->first_seen;
        f->or_before = f->state == FINDING_OPEN && r->begins == h->earliest;
    }
    if (a != NULL && is_accepted(a, request, f, r)) {
        f->state = FINDING_ACCEPTED;
        f->note = a->note;
        f->accepted_until = a->until;
    }
}

/* Keeps their order otherwise. */
static bool put_accepted_last(finding *findings, uint32_t n, arena *a)
{
    finding *accepted = arena_alloc(a, ((size_t)n + 1) * sizeof *accepted);
    uint32_t n_accepted = 0;
    uint32_t kept = 0;
    if (accepted == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (findings[i].state == FINDING_ACCEPTED) {
            accepted[n_accepted++] = findings[i];
        } else {
            findings[kept++] = findings[i];
        }
    }
    if (n_accepted > 0) {
        memcpy(findings + kept, accepted, n_accepted * sizeof *accepted);
    }
    return true;
}

static bool list_closed(const history *h, closed_finding **closed, uint32_t *n)
{
    *n = 0;
    *closed = arena_alloc(h->arena, ((size_t)h->n_records + 1) * sizeof **closed);
    for (uint32_t i = 0; *closed != NULL && i < h->n_records; i++) {
        const record *r = &h->records[i];
        if (r->open && r->missed == MISSES_TO_CLOSE) {
            (*closed)[(*n)++] = (closed_finding){.id = r->id,
                                                 .kind = r->kind,
                                                 .source = r->source,
                                                 .title = r->title,
                                                 .or_before = r->begins == h->earliest,
                                                 .first_seen = r->first_seen,
                                                 .last_seen = r->last_seen};
        }
    }
    return *closed != NULL;
}

bool history_judge(history *h, const analysis_request *request, const store *s, finding *findings,
                   uint32_t n, closed_finding **closed, uint32_t *n_closed, status *st)
{
    if (h->step > 0 && !end_window(h, s, findings, n, st)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        set_state(h, request, &findings[i]);
    }
    return (put_accepted_last(findings, n, h->arena) && list_closed(h, closed, n_closed)) ||
           status_no_memory(st);
}
