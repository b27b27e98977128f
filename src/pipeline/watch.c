/* watch.c - see watch.h. */
#include "pipeline/watch.h"

#include <stdlib.h>

#include "digest/digest.h"
#include "pipeline/packed.h"

enum {
    FIRST_CAP = 64,
    PACKED_VERSION = 2,
    PAUSE_EVERY = 5,          /* statements of a burst, that it may once rest for a while */
    IN_USE = 60 * 1000000,    /* us: a session that rests for longer is not in use */
    LONG = 60 * 1000000,      /* us: what takes longer is no part of a loop */
    WALK_GAP = 300 * 1000000, /* us between the pages of a walk */
    WALK_STEPS = 4,           /* pages that make a walk */
    TWIN_GAP = 1000 * 1000,   /* us between a page and its count */
    DISORDER = 60 * 1000000,  /* us by which sessions' records may be apart in a log */
    MINUTE = 60 * 1000000
};

/* One of the session's latest statements. */
typedef struct step {
    uint64_t fingerprint;
    int64_t start;     /* us */
    uint64_t offset;   /* of its record in its segment */
    uint32_t line;     /* from 1 */
    uint32_t duration; /* us */
    uint32_t values;   /* hash of what it asks for */
    uint32_t rows, limit;
    uint16_t log; /* its segment, in watch.logs */
    bool has_values, has_rows, has_limit, wanted;
} step;

/* The burst that the chain ends with; period 0: none. */
typedef struct run {
    uint32_t period; /* statements that take turns */
    uint64_t length; /* statements so far */
    uint64_t pauses;
    uint64_t stretch, longest_stretch; /* statements without a pause */
    step first;
    step parent; /* fingerprint 0: none */
    uint32_t who;
    int32_t zone_offset;
    uint64_t time, longest_time; /* us; the slowest statement's */
    int64_t end;
    uint64_t tuple;      /* hash of the values of the round that is not whole yet */
    bool values_unknown; /* of some statement */
    bool shared, coarse;
    uint32_t n_values, n_distinct; /* of the first VALUES_KEPT rounds */
    uint32_t values[VALUES_KEPT];
} run;

struct watch_entry {
    uint64_t key;
    uint64_t session;
    uint32_t who;                    /* whose statements these are */
    int64_t end;                     /* us; of the latest statement of any role */
    int64_t began;                   /* of the transaction; 0: in none */
    int64_t idle, longest_idle;      /* us, within it */
    int64_t other_end;               /* of another client's latest on the same session; 0: none */
    uint32_t chain;                  /* statements in it, up to STEPS_KEPT and on */
    int64_t chain_began, chain_time; /* where the clock is coarse */
    uint32_t matches[CYCLE_MAX + 1]; /* statements that were the same as so many before them */
    uint32_t n_steps;
    uint32_t newest; /* index of the latest step */
    step steps[STEPS_KEPT];
    run run;
    /* Pages. */
    uint64_t page; /* fingerprint of the latest; 0: none */
    uint64_t page_next, page_next_by_rows, page_steps;
    int64_t page_end;
    int64_t page_hour;
    uint16_t page_log;
    bool page_wanted, page_twinned;
    uint64_t count; /* fingerprint of the latest count; 0: none */
    int64_t count_end;
    /* The latest statement that failed. */
    uint64_t failed; /* its fingerprint; 0: none, or it has come again and was executed */
    uint64_t failed_values;
    int64_t failed_at;
    uint64_t failed_retries; /* that it was, in a row */
    error_code failed_code;
};

void watch_init(watch *w)
{
    *w = (watch){0};
}

void watch_free(watch *w)
{
    free(w->entries);
    free(w->slots);
    free(w->logs);
    watch_init(w);
}

/* --- the table ------------------------------------------------------------------------- */

static uint32_t *find_slot(const watch *w, uint64_t key)
{
    for (uint64_t at = mix64(key, 0);; at++) {
        uint32_t *slot = &w->slots[at & (w->n_slots - 1)];
        if (*slot == 0 || w->entries[*slot - 1].key == key) {
            return slot;
        }
    }
}

static void index_all(watch *w)
{
    if (w->n_slots == 0) {
        return;
    }
    memset(w->slots, 0, w->n_slots * sizeof *w->slots);
    for (uint32_t i = 0; i < w->n; i++) {
        *find_slot(w, w->entries[i].key) = i + 1;
    }
}

static bool grow(watch *w)
{
    uint32_t cap = w->cap == 0 ? FIRST_CAP : w->cap * 2;
    watch_entry *entries = calloc(cap, sizeof *entries);
    uint32_t *slots = calloc((size_t)cap * 2, sizeof *slots);
    if (entries == NULL || slots == NULL) {
        free(entries);
        free(slots);
        return false;
    }
    if (w->entries != NULL) {
        memcpy(entries, w->entries, w->n * sizeof *entries);
    }
    free(w->entries);
    free(w->slots);
    w->entries = entries;
    w->slots = slots;
    w->n_slots = cap * 2;
    w->cap = cap;
    index_all(w);
    return true;
}

/* The new entry, a copy; NULL where memory is out. */
static watch_entry *append(watch *w, const watch_entry *e)
{
    if ((w->n == w->cap && !grow(w)) || w->entries == NULL) {
        return NULL;
    }
    w->entries[w->n++] = *e;
    *find_slot(w, e->key) = w->n;
    return &w->entries[w->n - 1];
}

static watch_entry *find(const watch *w, uint64_t key)
{
    uint32_t *slot = w->n > 0 ? find_slot(w, key) : NULL;
    return slot != NULL && *slot != 0 ? &w->entries[*slot - 1] : NULL;
}

/* The most recent first. */
static int compare_entries(const void *a, const void *b)
{
    const watch_entry *x = a;
    const watch_entry *y = b;
    if (x->end != y->end) {
        return x->end > y->end ? -1 : 1;
    }
    return (x->key < y->key) - (x->key > y->key);
}

static void sort(watch *w)
{
    if (w->n > 0) {
        qsort(w->entries, w->n, sizeof *w->entries, compare_entries);
        index_all(w);
    }
}

/* The number of a segment; the latest is looked for first. False where memory is out. */
static bool log_number(watch *w, hash128 segment, uint16_t *number)
{
    for (uint32_t i = w->n_logs; i > 0; i--) {
        if (w->logs[i - 1].low == segment.low && w->logs[i - 1].high == segment.high) {
            *number = (uint16_t)(i - 1);
            return true;
        }
    }
    if (w->n_logs == w->cap_logs) {
        uint32_t cap = w->cap_logs == 0 ? FIRST_CAP : w->cap_logs * 2;
        hash128 *logs = realloc(w->logs, cap * sizeof *logs);
        if (logs == NULL) {
            return false;
        }
        w->logs = logs;
        w->cap_logs = cap;
    }
    *number = (uint16_t)w->n_logs;
    w->logs[w->n_logs++] = segment;
    return true;
}

/* --- steps --------------------------------------------------------------------------------- */

/* The step so many before the latest. */
static const step *step_before(const watch_entry *e, uint32_t n)
{
    return &e->steps[(e->newest + STEPS_KEPT - n) % STEPS_KEPT];
}

static void push(watch_entry *e, const step *s)
{
    e->newest = (e->newest + 1) % STEPS_KEPT;
    e->steps[e->newest] = *s;
    e->n_steps += e->n_steps < STEPS_KEPT;
}

static uint32_t saturated(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static step step_of(const watched *x, uint16_t log)
{
    return (step){.fingerprint = x->fingerprint,
                  .start = x->start,
                  .offset = x->offset,
                  .line = saturated(x->line),
                  .duration = saturated((uint64_t)(x->end - x->start)),
                  .values = (uint32_t)mix64(x->literals, 0),
                  .rows = saturated(x->rows),
                  .limit = saturated(x->limit),
                  .log = log,
                  .has_values = x->has_literals,
                  .has_rows = x->has_rows,
                  .has_limit = x->has_limit,
                  .wanted = x->wanted};
}

static int64_t end_of(const step *s)
{
    return s->start + s->duration;
}

static int64_t hour_of(const step *s, int32_t zone_offset)
{
    uint32_t second;
    return digest_hour(end_of(s), zone_offset, &second);
}

/* --- bursts -------------------------------------------------------------------------------- */

static bool is_known_value(const run *r, uint32_t value)
{
    for (uint32_t i = 0; i < r->n_distinct; i++) {
        if (r->values[i] == value) {
            return true;
        }
    }
    return false;
}

/* Adds a statement's values; a round's are told apart when it is whole. */
static void add_values(run *r, const step *s)
{
    r->values_unknown = r->values_unknown || !s->has_values;
    r->tuple = mix64(r->tuple, s->values);
    if (r->length % r->period != 0) {
        return;
    }
    uint32_t value = (uint32_t)r->tuple;
    r->tuple = 0;
    if (r->n_values < VALUES_KEPT) {
        r->n_values++;
        if (!is_known_value(r, value)) {
            r->values[r->n_distinct++] = value;
        }
    }
}

static void extend(watch_entry *e, const step *s)
{
    run *r = &e->run;
    r->length++;
    r->stretch++;
    r->longest_stretch = r->stretch > r->longest_stretch ? r->stretch : r->longest_stretch;
    r->time += s->duration;
    r->longest_time = s->duration > r->longest_time ? s->duration : r->longest_time;
    r->end = end_of(s);
    r->shared = r->shared || e->other_end > r->first.start;
    add_values(r, s);
}

static bool is_in_cycle(const watch_entry *e, uint32_t period, uint64_t fingerprint)
{
    for (uint32_t i = 0; i < period; i++) {
        if (step_before(e, i)->fingerprint == fingerprint) {
            return true;
        }
    }
    return false;
}

/* What stands in front of the last `length` steps, each of them soon after the one before. A
 * statement of the cycle itself is no parent: the loop rested before it came to be a burst. */
static const step *find_parent(const watch_entry *e, uint32_t period, uint32_t length, int64_t gap)
{
    for (uint32_t n = length; n < e->n_steps; n++) {
        const step *before = step_before(e, n);
        if (step_before(e, n - 1)->start - end_of(before) > gap) {
            return NULL;
        }
        if (!is_in_cycle(e, period, before->fingerprint)) {
            return before;
        }
    }
    return NULL;
}

/* The chain's last `length` steps turned out to be a burst. */
static void begin_run(watch_entry *e, uint32_t period, uint32_t length, const watched *x)
{
    run *r = &e->run;
    const step *parent = find_parent(e, period, length, x->coarse ? COARSE_GAP : PARENT_GAP);
    r->period = period;
    r->length = r->pauses = r->stretch = r->longest_stretch = 0;
    r->first = *step_before(e, length - 1);
    r->who = x->who;
    r->zone_offset = x->zone_offset;
    r->time = r->longest_time = r->tuple = 0;
    r->values_unknown = r->shared = false;
    r->coarse = x->coarse;
    r->n_values = r->n_distinct = 0;
    r->parent = parent != NULL ? *parent : (step){0};
    for (uint32_t i = length; i > 0; i--) {
        extend(e, step_before(e, i - 1));
    }
}

static burst_values values_of(const run *r)
{
    if (r->values_unknown || r->n_values == 0) {
        return VALUES_UNKNOWN;
    }
    return r->n_distinct * 10 >= r->n_values * 8   ? VALUES_DISTINCT
           : r->n_distinct * 10 <= r->n_values * 2 ? VALUES_SAME
                                                   : VALUES_MIXED;
}

/* The cycle, turned so that its least statement comes first: its hash does not depend on where in
 * it the burst began. The steps are those of the burst's beginning. */
static void name_cycle(const watch_entry *e, burst *b)
{
    const run *r = &e->run;
    uint32_t least = 0;
    uint64_t turn[CYCLE_MAX] = {0};
    /* The latest steps hold whole rounds; where in the cycle they stand follows from the length. */
    for (uint32_t i = 0; i < r->period; i++) {
        uint64_t place = (r->length - 1 - i) % r->period;
        turn[place] = step_before(e, i)->fingerprint;
    }
    for (uint32_t i = 1; i < r->period; i++) {
        least = turn[i] < turn[least] ? i : least;
    }
    b->n_statements = r->period;
    b->cycle = turn[least];
    for (uint32_t i = 0; i < r->period; i++) {
        b->statements[i] = turn[(least + i) % r->period];
        b->cycle = i > 0 ? mix64(b->cycle, b->statements[i]) : b->cycle;
    }
}

/* Whether the parent says how many there are to be, and whether it was so many. A limit is an upper
 * bound, and an application may ask less often than there are rows; never more often. */
static void judge_parent(const run *r, uint64_t rounds, burst *b)
{
    const step *p = &r->parent;
    if (p->fingerprint == 0 || (!p->has_rows && !p->has_limit)) {
        return;
    }
    uint64_t rows = p->has_rows ? p->rows : p->limit;
    uint64_t apart = rows > rounds ? rows - rounds : rounds - rows;
    bool near = apart <= (rows / 10 > 1 ? rows / 10 : 1);
    b->matched = near && rows > 1;
    b->contradicted = !near && rounds > rows;
}

/* What one statement for all of them would save, less half the slowest one's time again for what it
 * reads more (Sentry's measure of N+1 queries is the whole, here nobody is promised as much). */
static uint64_t saving_of(const run *r, uint64_t wall)
{
    uint64_t one = r->longest_time + r->longest_time / 2;
    return wall > one ? wall - one : 0;
}

/* At least as long as its statements took; where the clock is coarse, two times may be apart by
 * nearly its resolution less than it tells. */
static uint64_t wall_of(const run *r)
{
    int64_t wall = r->end - r->first.start - (r->coarse ? COARSE_GAP : 0);
    return wall > (int64_t)r->time ? (uint64_t)wall : r->time;
}

/* Ends the burst that the chain's steps up to now are. To be called before the next is pushed. */
static bool end_run(const watch *w, watch_entry *e, evidence *to, arena *a)
{
    run *r = &e->run;
    uint64_t rounds = r->period > 0 ? r->length / r->period : 0;
    bool counts = r->period > 0 && r->first.wanted;
    if (!counts) {
        r->period = 0;
        return true;
    }
    burst b = {.segment = w->logs[r->first.log],
               .hour = hour_of(&r->first, r->zone_offset),
               .who = r->who,
               .parent = r->parent.fingerprint,
               .values = values_of(r),
               .length = burst_length(r->longest_stretch / r->period),
               .bursts = 1,
               .calls = r->length,
               .time = r->time,
               .wall = wall_of(r),
               .shared = r->shared,
               .longest = rounds,
               .first_at = end_of(&r->first),
               .first_offset = r->first.offset,
               .first_line = r->first.line};
    if (r->coarse) { /* what the clock tells: the first is the one that stands first in the log */
        b.first_at -= b.first_at % COARSE_GAP;
    }
    b.saving = saving_of(r, b.wall);
    name_cycle(e, &b);
    judge_parent(r, rounds, &b);
    r->period = 0;
    return evidence_add_burst(to, a, &b, e->session);
}

/* --- chains ---------------------------------------------------------------------------------- */

static bool repeats(const watch_entry *e, uint64_t fingerprint)
{
    return e->run.period > 0 && step_before(e, e->run.period - 1)->fingerprint == fingerprint;
}

/* A program collects its garbage, waits for a processor, for the network: a burst that lasts may
 * rest now and then, though no longer than a child may after its parent. */
static bool may_rest(const watch_entry *e, const watched *x)
{
    return repeats(e, x->fingerprint) && x->start - e->end <= PARENT_GAP &&
           e->run.length >= (e->run.pauses + 1) * PAUSE_EVERY;
}

static bool goes_on(const watch_entry *e, const watched *x)
{
    if (e->chain == 0 || x->end - x->start > LONG) {
        return false;
    }
    if (x->coarse) {
        return x->end - e->chain_began <= e->chain_time + (x->end - x->start) + COARSE_GAP;
    }
    return x->start - e->end <= CHAIN_GAP || may_rest(e, x);
}

static bool end_chain(const watch *w, watch_entry *e, evidence *to, arena *a)
{
    e->chain = 0;
    memset(e->matches, 0, sizeof e->matches);
    return end_run(w, e, to, a);
}

/* Looks for the shortest cycle that the chain ends with. */
static void look_for_run(watch_entry *e, const watched *x)
{
    for (uint32_t period = 1; period <= CYCLE_MAX; period++) {
        uint32_t least = period == 1 ? 1 : 2 * period; /* three rounds of a cycle */
        if (e->matches[period] >= least) {
            begin_run(e, period, e->matches[period] + period, x);
            return;
        }
    }
}

/* Compares with the steps before, of which the latest is `step_before(e, 0)`. */
static void match(watch_entry *e, const step *s)
{
    for (uint32_t period = 1; period <= CYCLE_MAX; period++) {
        bool same = e->chain >= period && step_before(e, period - 1)->fingerprint == s->fingerprint;
        uint32_t room = STEPS_KEPT - 1 - period;
        e->matches[period] = !same ? 0 : e->matches[period] < room ? e->matches[period] + 1 : room;
    }
}

static bool take_step(watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    uint16_t log;
    if (!log_number(w, x->segment, &log)) {
        return false;
    }
    step s = step_of(x, log);
    if (!goes_on(e, x)) {
        if (!end_chain(w, e, to, a)) {
            return false;
        }
        e->chain_began = x->start;
        e->chain_time = 0;
    }
    bool again = repeats(e, s.fingerprint);
    if (e->run.period > 0 && !again && !end_run(w, e, to, a)) {
        return false;
    }
    if (again && !x->coarse && x->start - e->end > CHAIN_GAP) {
        e->run.pauses++;
        e->run.stretch = 0;
    }
    match(e, &s);
    push(e, &s);
    e->chain += e->chain < STEPS_KEPT;
    e->chain_time += s.duration;
    if (again) {
        extend(e, &s);
    } else if (x->role == ROLE_READ || x->role == ROLE_COUNT || x->role == ROLE_WRITE) {
        look_for_run(e, x);
    }
    return true;
}

/* --- pages ------------------------------------------------------------------------------------ */

static paging *pages_of(const watch *w, const watch_entry *e, evidence *to, arena *a)
{
    return evidence_pages(to, a, w->logs[e->page_log], e->page_hour, e->who, e->page);
}

/* A count right before or behind the page; once for each page. The least of counts is that of
 * signed numbers, as which the store compares them. */
static void add_twin(watch_entry *e, paging *p)
{
    p->twin = p->twin == 0 || (int64_t)e->count < (int64_t)p->twin ? e->count : p->twin;
    p->twins++;
    e->page_twinned = true;
}

static void add_walk(const watch_entry *e, paging *p)
{
    if (e->page_steps == WALK_STEPS) {
        p->walks++;
        p->walk_pages += WALK_STEPS;
    } else if (e->page_steps > WALK_STEPS) {
        p->walk_pages++;
    }
}

static bool take_page(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    bool walks = e->page == x->fingerprint && x->start - e->page_end <= WALK_GAP &&
                 (x->skip == e->page_next || x->skip == e->page_next_by_rows);
    e->page_steps = walks ? e->page_steps + 1 : 1;
    e->page = x->fingerprint;
    e->page_end = x->end;
    e->page_next = x->has_limit ? x->skip + x->limit : UINT64_MAX;
    e->page_next_by_rows = x->has_rows ? x->skip + x->rows : UINT64_MAX;
    e->page_hour = x->hour;
    e->page_log = step_before(e, 0)->log;
    e->page_wanted = x->wanted && x->skip > 0; /* the first page passes over nothing */
    e->page_twinned = false;
    if (!e->page_wanted) {
        return true;
    }
    paging *p = pages_of(w, e, to, a);
    if (p == NULL) {
        return false;
    }
    p->pages++;
    add_walk(e, p);
    if (e->count != 0 && x->start - e->count_end <= TWIN_GAP) {
        add_twin(e, p);
    }
    page_sample_add(p->sample, &p->n_sample, PAGE_SAMPLE,
                    &(page_point){.hash = mix64(mix64(x->segment.low, x->offset), x->skip),
                                  .skip = x->skip,
                                  .limit = x->has_limit ? x->limit : 0,
                                  .duration = (uint64_t)(x->end - x->start),
                                  .examined = x->has_examined ? x->examined : UINT64_MAX});
    return true;
}

static bool take_count(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    e->count = x->fingerprint;
    e->count_end = x->end;
    if (e->page == 0 || e->page_twinned || !e->page_wanted || x->start - e->page_end > TWIN_GAP) {
        return true;
    }
    paging *p = pages_of(w, e, to, a);
    if (p == NULL) {
        return false;
    }
    add_twin(e, p);
    return true;
}

/* --- use ----------------------------------------------------------------------------------------
 */

/* The transaction that ends with x: its figures are of the hour in which it ends. */
static void add_transaction(watch_entry *e, const watched *x, session_use *u)
{
    uint64_t time = (uint64_t)(x->end > e->began ? x->end - e->began : 0);
    session_use_transaction(u, time, (uint64_t)e->idle, (uint64_t)e->longest_idle, x->end, x->line);
    e->began = 0;
}

static bool add_use(watch_entry *e, const watched *x, evidence *to, arena *a)
{
    int64_t rest = x->start > e->end ? x->start - e->end : 0;
    if (e->began != 0) {
        e->idle += rest;
        e->longest_idle = rest > e->longest_idle ? rest : e->longest_idle;
    }
    if (x->role == ROLE_BEGIN) {
        e->began = x->start;
        e->idle = e->longest_idle = 0;
    }
    if (!x->wanted) {
        return true;
    }
    session_use *u = evidence_use(to, a, x->segment, x->hour, x->who);
    if (u == NULL) {
        return false;
    }
    u->statements++;
    u->chatter += x->role == ROLE_BEGIN || x->role == ROLE_END || x->role == ROLE_CHATTER;
    u->time += (uint64_t)(x->end - x->start) + (rest <= IN_USE ? (uint64_t)rest : 0);
    if (x->role == ROLE_END && e->began != 0) {
        add_transaction(e, x, u);
    }
    return true;
}

/* --- retries -----------------------------------------------------------------------------------
 */

static error_code code_of(slice text)
{
    error_code code = {.n = (uint32_t)(text.n < CODE_MAX ? text.n : CODE_MAX)};
    if (code.n > 0) {
        memcpy(code.text, text.p, code.n);
    }
    return code;
}

static bool is_retry(const watch_entry *e, const watched *x)
{
    return e->failed == x->fingerprint && e->failed_values == x->literals && x->has_literals &&
           x->end >= e->failed_at && x->start - e->failed_at <= RETRY_GAP;
}

static bool add_retry(const watch_entry *e, const watched *x, evidence *to, arena *a)
{
    if (!x->wanted) {
        return true;
    }
    return evidence_add_retry(
        to, a,
        &(retrying){.segment = x->segment,
                    .hour = x->hour,
                    .who = x->who,
                    .fingerprint = x->fingerprint,
                    .code = e->failed_code,
                    .retries = 1,
                    .failed = x->failed,
                    .wait = (uint64_t)(x->start > e->failed_at ? x->start - e->failed_at : 0),
                    .longest = e->failed_retries,
                    .first_at = x->end,
                    .first_line = x->line});
}

/* Of what reads and writes: a COMMIT after one that failed is another transaction's. */
static bool take_retry(watch_entry *e, const watched *x, evidence *to, arena *a)
{
    bool work = x->role == ROLE_READ || x->role == ROLE_COUNT || x->role == ROLE_WRITE ||
                x->role == ROLE_OTHER;
    bool again = work && e->failed != 0 && is_retry(e, x);
    uint64_t retries = again ? ++e->failed_retries : 0;
    if (again && !add_retry(e, x, to, a)) {
        return false;
    }
    if (work && x->failed) {
        e->failed = x->fingerprint;
        e->failed_values = x->literals;
        e->failed_at = x->end;
        e->failed_retries = retries;
        e->failed_code = code_of(x->code);
    } else if (again) {
        e->failed = 0;
    }
    return true;
}

/* --- clients ------------------------------------------------------------------------------------
 */

static bool differ(slice a, slice b)
{
    return a.n > 0 && b.n > 0 && !slice_equal(a, b);
}

static bool other_client(const who_table *whos, uint32_t a, uint32_t b)
{
    if (a == b) {
        return false;
    }
    const who *x = &whos->entries[a].who;
    const who *y = &whos->entries[b].who;
    return differ(x->user, y->user) || differ(x->application, y->application) ||
           differ(x->tags, y->tags);
}

static uint64_t client_key(uint64_t session, const who *w)
{
    uint64_t key = mix64(mix64(session, hash_bytes(w->user)), hash_bytes(w->application));
    return mix64(key, hash_bytes(w->tags));
}

static bool give_up(watch *w, evidence *to, arena *a)
{
    sort(w);
    for (uint32_t i = 0; i < WATCHED_GIVEN_UP && w->n > 0; i++) {
        w->n--;
        if (!end_chain(w, &w->entries[w->n], to, a)) {
            return false;
        }
    }
    index_all(w);
    return true;
}

static watch_entry *add(watch *w, uint64_t key, const watched *x, evidence *to, arena *a)
{
    if (w->n == WATCHED_MAX && !give_up(w, to, a)) {
        return NULL;
    }
    return append(
        w, &(watch_entry){.key = key, .session = x->session, .who = x->who, .end = x->start});
}

/* Whether anything that this session began can go on so late. */
static bool is_over(const watch_entry *e, int64_t now)
{
    return e->began == 0 && now - e->end > (e->page != 0 ? WALK_GAP + LONG : LONG) + DISORDER;
}

/* Ends what cannot go on any more, and forgets sessions of which nothing can. By the log's own
 * minutes, so that it does not matter where a run of the program ended. */
static bool settle(watch *w, int64_t now, evidence *to, arena *a)
{
    uint32_t kept = 0;
    sort(w);
    for (uint32_t i = 0; i < w->n; i++) {
        if (!is_over(&w->entries[i], now)) {
            w->entries[kept++] = w->entries[i];
        } else if (!end_chain(w, &w->entries[i], to, a)) {
            return false;
        }
    }
    w->n = kept;
    index_all(w);
    return true;
}

/* The entry of the session, or, where another client's chain goes on in the same session, as behind
 * a pooler that shares them, the client's own. */
static watch_entry *entry_of(watch *w, const watched *x, const who_table *whos, evidence *to,
                             arena *a)
{
    watch_entry *e = find(w, x->session);
    if (e == NULL) {
        return add(w, x->session, x, to, a);
    }
    if (!other_client(whos, e->who, x->who)) {
        e->who = x->who;
        return e;
    }
    uint64_t key = client_key(x->session, &whos->entries[x->who].who);
    watch_entry *own = find(w, key);
    int64_t main_end = e->end;
    bool busy = x->start - e->end <= CHAIN_GAP && e->chain > 0;
    if (busy) {
        e->other_end = x->end;
    }
    if (own == NULL && !busy) {
        e->who = x->who;
        return e;
    }
    own = own != NULL ? own : add(w, key, x, to, a);
    if (own != NULL) {
        own->who = x->who;
        own->other_end = main_end;
    }
    return own;
}

/* The entry that an execution or a failure is of; NULL where memory is out. */
static watch_entry *begin(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    if (x->end / MINUTE > w->minute) {
        w->minute = x->end / MINUTE;
        if (w->n > 0 && !settle(w, x->end, to, a)) {
            return NULL;
        }
    }
    return entry_of(w, x, whos, to, a);
}

/* What goes by until a failure was no rest of the session: how long the statement ran is not
 * known. */
bool watch_fail(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    watch_entry *e = begin(w, x, whos, to, a);
    if (e == NULL) {
        return false;
    }
    e->end = x->end > e->end ? x->end : e->end;
    return take_retry(e, x, to, a);
}

bool watch_take(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    watch_entry *e = begin(w, x, whos, to, a);
    if (e == NULL) {
        return false;
    }
    bool ok = add_use(e, x, to, a) && take_retry(e, x, to, a);
    switch (x->role) {
    case ROLE_BEGIN:
    case ROLE_END:
    case ROLE_CHATTER:
    case ROLE_CURSOR:
        e->chain_time += x->end - x->start;
        break;
    default:
        ok = ok && take_step(w, e, x, to, a);
        if (ok && x->has_skip) {
            ok = take_page(w, e, x, to, a);
        } else if (ok && x->role == ROLE_COUNT) {
            ok = take_count(w, e, x, to, a);
        }
        break;
    }
    e->end = x->end > e->end ? x->end : e->end;
    return ok;
}

bool watch_part(watch *w, uint64_t session, evidence *to, arena *a)
{
    watch_entry *e = find(w, session);
    if (e == NULL) {
        return true;
    }
    bool ok = end_chain(w, e, to, a);
    e->n_steps = 0;
    e->began = 0;
    e->page = e->count = 0;
    return ok;
}

bool watch_end(watch *w, evidence *to, arena *a)
{
    for (uint32_t i = 0; i < w->n; i++) {
        if (!end_chain(w, &w->entries[i], to, a)) {
            return false;
        }
    }
    w->n = w->n_logs = 0;
    w->minute = 0;
    index_all(w);
    return true;
}

/* --- state -------------------------------------------------------------------------------------
 */

bool watch_renew_whos(watch *w, const who_table *old, who_table *fresh)
{
    bool is_new;
    bool ok = true;
    for (uint32_t i = 0; ok && i < w->n; i++) {
        watch_entry *e = &w->entries[i];
        e->who = who_table_add(fresh, &old->entries[e->who].who, &is_new);
        ok = e->who != UINT32_MAX;
        if (ok && e->run.period > 0) {
            e->run.who = who_table_add(fresh, &old->entries[e->run.who].who, &is_new);
            ok = e->run.who != UINT32_MAX;
        }
    }
    return ok;
}

/* Numbers the segments anew, in the order of their first use. */
static void renumber(const hash128 *logs, uint16_t *number, hash128 *fresh, uint32_t *n)
{
    hash128 id = logs[*number];
    for (uint32_t i = 0; i < *n; i++) {
        if (fresh[i].low == id.low && fresh[i].high == id.high) {
            *number = (uint16_t)i;
            return;
        }
    }
    *number = (uint16_t)*n;
    fresh[(*n)++] = id;
}

static bool renumber_all(watch *w)
{
    hash128 *fresh = malloc((w->n_logs + 1) * sizeof *fresh);
    uint32_t n = 0;
    if (fresh == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        watch_entry *e = &w->entries[i];
        for (uint32_t k = 0; k < e->n_steps; k++) {
            renumber(w->logs, &e->steps[(e->newest + STEPS_KEPT - k) % STEPS_KEPT].log, fresh, &n);
        }
        if (e->run.period > 0) {
            renumber(w->logs, &e->run.first.log, fresh, &n);
            e->run.parent.log = 0; /* not used */
        }
        if (e->page != 0) {
            renumber(w->logs, &e->page_log, fresh, &n);
        }
    }
    free(w->logs);
    w->logs = fresh;
    w->cap_logs = w->n_logs + 1;
    w->n_logs = n;
    return true;
}

static void encode_step(buf *out, const step *s)
{
    buf_add_varint(out, s->fingerprint);
    packed_add_signed(out, s->start);
    buf_add_varint(out, s->offset);
    buf_add_varint(out, s->line);
    buf_add_varint(out, s->duration);
    buf_add_varint(out, s->values);
    buf_add_varint(out, s->rows);
    buf_add_varint(out, s->limit);
    buf_add_varint(out, s->log);
    buf_add_varint(out, (s->has_values ? 1u : 0u) | (s->has_rows ? 2u : 0u) |
                            (s->has_limit ? 4u : 0u) | (s->wanted ? 8u : 0u));
}

static bool take_small(slice *in, uint32_t *value)
{
    uint64_t n;
    bool ok = varint_take(in, &n) && n <= UINT32_MAX;
    *value = ok ? (uint32_t)n : 0;
    return ok;
}

static bool decode_step(const watch *w, slice *in, step *s)
{
    uint32_t log;
    uint32_t flags;
    if (!varint_take(in, &s->fingerprint) || !packed_take_signed(in, &s->start) ||
        !varint_take(in, &s->offset) || !take_small(in, &s->line) ||
        !take_small(in, &s->duration) || !take_small(in, &s->values) || !take_small(in, &s->rows) ||
        !take_small(in, &s->limit) || !take_small(in, &log) || !take_small(in, &flags) ||
        log >= w->n_logs) {
        return false;
    }
    s->log = (uint16_t)log;
    s->has_values = (flags & 1) != 0;
    s->has_rows = (flags & 2) != 0;
    s->has_limit = (flags & 4) != 0;
    s->wanted = (flags & 8) != 0;
    return true;
}

static void encode_run(buf *out, const run *r, const who_table *whos)
{
    buf_add_varint(out, r->period);
    if (r->period == 0) {
        return;
    }
    buf_add_varint(out, r->length);
    buf_add_varint(out, r->pauses);
    buf_add_varint(out, r->stretch);
    buf_add_varint(out, r->longest_stretch);
    encode_step(out, &r->first);
    encode_step(out, &r->parent);
    packed_add_who(out, &whos->entries[r->who].who);
    packed_add_signed(out, r->zone_offset);
    buf_add_varint(out, r->time);
    buf_add_varint(out, r->longest_time);
    packed_add_signed(out, r->end);
    buf_add_varint(out, r->tuple);
    buf_add_varint(out,
                   (r->values_unknown ? 1u : 0u) | (r->shared ? 2u : 0u) | (r->coarse ? 4u : 0u));
    buf_add_varint(out, r->n_values);
    buf_add_varint(out, r->n_distinct);
    for (uint32_t i = 0; i < r->n_distinct; i++) {
        buf_add_varint(out, r->values[i]);
    }
}

static bool take_who_number(slice *in, who_table *whos, uint32_t *number)
{
    who w;
    bool is_new;
    *number = packed_take_who(in, &w) ? who_table_add(whos, &w, &is_new) : UINT32_MAX;
    return *number != UINT32_MAX;
}

static bool decode_values(slice *in, run *r)
{
    if (!take_small(in, &r->n_values) || !take_small(in, &r->n_distinct) ||
        r->n_values > VALUES_KEPT || r->n_distinct > r->n_values) {
        return false;
    }
    for (uint32_t i = 0; i < r->n_distinct; i++) {
        if (!take_small(in, &r->values[i])) {
            return false;
        }
    }
    return true;
}

static bool decode_run(const watch *w, slice *in, run *r, who_table *whos)
{
    int64_t zone_offset;
    uint32_t flags;
    if (!take_small(in, &r->period) || r->period > CYCLE_MAX || r->period == 0) {
        return r->period == 0;
    }
    if (!varint_take(in, &r->length) || !varint_take(in, &r->pauses) ||
        !varint_take(in, &r->stretch) || !varint_take(in, &r->longest_stretch) ||
        !decode_step(w, in, &r->first) || !decode_step(w, in, &r->parent) ||
        !take_who_number(in, whos, &r->who) || !packed_take_signed(in, &zone_offset) ||
        !varint_take(in, &r->time) || !varint_take(in, &r->longest_time) ||
        !packed_take_signed(in, &r->end) || !varint_take(in, &r->tuple) ||
        !take_small(in, &flags)) {
        return false;
    }
    r->zone_offset = (int32_t)zone_offset;
    r->values_unknown = (flags & 1) != 0;
    r->shared = (flags & 2) != 0;
    r->coarse = (flags & 4) != 0;
    return decode_values(in, r);
}

static void encode_entry(buf *out, const watch_entry *e, const who_table *whos)
{
    buf_add_varint(out, e->key);
    buf_add_varint(out, e->session);
    packed_add_who(out, &whos->entries[e->who].who);
    packed_add_signed(out, e->end);
    packed_add_signed(out, e->other_end);
    packed_add_signed(out, e->began);
    packed_add_signed(out, e->idle);
    packed_add_signed(out, e->longest_idle);
    buf_add_varint(out, e->chain);
    packed_add_signed(out, e->chain_began);
    packed_add_signed(out, e->chain_time);
    for (uint32_t i = 1; i <= CYCLE_MAX; i++) {
        buf_add_varint(out, e->matches[i]);
    }
    buf_add_varint(out, e->n_steps);
    for (uint32_t i = e->n_steps; i > 0; i--) {
        encode_step(out, step_before(e, i - 1));
    }
    encode_run(out, &e->run, whos);
    buf_add_varint(out, e->page);
    if (e->page != 0) {
        buf_add_varint(out, e->page_next);
        buf_add_varint(out, e->page_next_by_rows);
        buf_add_varint(out, e->page_steps);
        packed_add_signed(out, e->page_end);
        packed_add_signed(out, e->page_hour);
        buf_add_varint(out, e->page_log);
        buf_add_varint(out, (e->page_wanted ? 1u : 0u) | (e->page_twinned ? 2u : 0u));
    }
    buf_add_varint(out, e->count);
    packed_add_signed(out, e->count_end);
    buf_add_varint(out, e->failed);
    if (e->failed != 0) {
        buf_add_varint(out, e->failed_values);
        packed_add_signed(out, e->failed_at);
        buf_add_varint(out, e->failed_retries);
        packed_add_text(out, slice_of(e->failed_code.text, e->failed_code.n));
    }
}

static bool decode_page(const watch *w, slice *in, watch_entry *e)
{
    uint32_t log;
    uint32_t flags;
    if (!varint_take(in, &e->page)) {
        return false;
    }
    if (e->page == 0) {
        return true;
    }
    if (!varint_take(in, &e->page_next) || !varint_take(in, &e->page_next_by_rows) ||
        !varint_take(in, &e->page_steps) || !packed_take_signed(in, &e->page_end) ||
        !packed_take_signed(in, &e->page_hour) || !take_small(in, &log) || log >= w->n_logs ||
        !take_small(in, &flags)) {
        return false;
    }
    e->page_log = (uint16_t)log;
    e->page_wanted = (flags & 1) != 0;
    e->page_twinned = (flags & 2) != 0;
    return true;
}

static bool decode_failed(slice *in, watch_entry *e)
{
    slice code;
    if (!varint_take(in, &e->failed) || e->failed == 0) {
        return e->failed == 0;
    }
    if (!varint_take(in, &e->failed_values) || !packed_take_signed(in, &e->failed_at) ||
        !varint_take(in, &e->failed_retries) || !packed_take_text(in, &code) || code.n > CODE_MAX) {
        return false;
    }
    e->failed_code = code_of(code);
    return true;
}

static bool decode_chain(const watch *w, slice *in, watch_entry *e)
{
    if (!take_small(in, &e->chain) || !packed_take_signed(in, &e->chain_began) ||
        !packed_take_signed(in, &e->chain_time)) {
        return false;
    }
    for (uint32_t i = 1; i <= CYCLE_MAX; i++) {
        if (!take_small(in, &e->matches[i]) || e->matches[i] > STEPS_KEPT - 1 - i) {
            return false;
        }
    }
    uint32_t n;
    if (!take_small(in, &n) || n > STEPS_KEPT || e->chain > n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        step s;
        if (!decode_step(w, in, &s)) {
            return false;
        }
        push(e, &s);
    }
    return true;
}

static bool decode_entry(const watch *w, slice *in, watch_entry *e, who_table *whos)
{
    *e = (watch_entry){0};
    return varint_take(in, &e->key) && varint_take(in, &e->session) &&
           take_who_number(in, whos, &e->who) && packed_take_signed(in, &e->end) &&
           packed_take_signed(in, &e->other_end) && packed_take_signed(in, &e->began) &&
           packed_take_signed(in, &e->idle) && packed_take_signed(in, &e->longest_idle) &&
           decode_chain(w, in, e) && decode_run(w, in, &e->run, whos) && decode_page(w, in, e) &&
           varint_take(in, &e->count) && packed_take_signed(in, &e->count_end) &&
           decode_failed(in, e);
}

bool watch_encode(watch *w, const who_table *whos, buf *out)
{
    sort(w);
    if (w->minute == 0) {
        return true;
    }
    if (!renumber_all(w)) {
        return false;
    }
    buf_add_char(out, PACKED_VERSION);
    packed_add_signed(out, w->minute);
    buf_add_varint(out, w->n_logs);
    for (uint32_t i = 0; i < w->n_logs; i++) {
        buf_add_varint(out, w->logs[i].high);
        buf_add_varint(out, w->logs[i].low);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        encode_entry(out, &w->entries[i], whos);
    }
    return true;
}

static bool decode_logs(watch *w, slice *in)
{
    uint32_t n;
    if (!take_small(in, &n) || n > in->n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        hash128 id;
        uint16_t number;
        if (!varint_take(in, &id.high) || !varint_take(in, &id.low) ||
            !log_number(w, id, &number) || number != i) {
            return false;
        }
    }
    return true;
}

bool watch_decode(watch *w, who_table *whos, slice packed)
{
    if (packed.n == 0) {
        return true;
    }
    slice rest = slice_skip(packed, 1);
    if (packed.p[0] != PACKED_VERSION || !packed_take_signed(&rest, &w->minute) ||
        !decode_logs(w, &rest)) {
        return false;
    }
    while (rest.n > 0) {
        watch_entry e;
        if (!decode_entry(w, &rest, &e, whos) || find(w, e.key) != NULL || w->n == WATCHED_MAX ||
            append(w, &e) == NULL) {
            return false;
        }
    }
    return true;
}
