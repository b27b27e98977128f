/* watch_chains.c - statements with next to no time between them, and the bursts that they are; see
 * watch_parts.h. */
#include "digest/digest.h"
#include "pipeline/watch_parts.h"

enum { PAUSE_EVERY = 5 /* statements of a burst, that it may once rest for a while */ };

/* --- steps --------------------------------------------------------------------------------- */

/* The step so many before the latest. */
const step *watch_step_before(const watch_entry *e, uint32_t n)
{
    return &e->steps[(e->newest + STEPS_KEPT - n) % STEPS_KEPT];
}

void watch_push(watch_entry *e, const step *s)
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
                  .request = x->request,
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
    r->shared = r->shared || (s->request == 0 && e->other_end > r->first.start);
    add_values(r, s);
}

static bool is_in_cycle(const watch_entry *e, uint32_t period, uint64_t fingerprint)
{
    for (uint32_t i = 0; i < period; i++) {
        if (watch_step_before(e, i)->fingerprint == fingerprint) {
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
        const step *before = watch_step_before(e, n);
        const step *next = watch_step_before(e, n - 1);
        if (next->start - end_of(before) > gap || next->request != before->request) {
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
    r->first = *watch_step_before(e, length - 1);
    r->who = x->who;
    r->zone_offset = x->zone_offset;
    r->time = r->longest_time = r->tuple = 0;
    r->values_unknown = r->shared = false;
    r->coarse = x->coarse;
    r->n_values = r->n_distinct = 0;
    r->parent = parent != NULL ? *parent : (step){0};
    for (uint32_t i = length; i > 0; i--) {
        extend(e, watch_step_before(e, i - 1));
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
        turn[place] = watch_step_before(e, i)->fingerprint;
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
               .requests = r->first.request != 0,
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
    return e->run.period > 0 && watch_step_before(e, e->run.period - 1)->fingerprint == fingerprint;
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
    if (e->chain == 0 || x->end - x->start > CHAIN_LONG ||
        watch_step_before(e, 0)->request != x->request) {
        return false;
    }
    if (x->coarse) {
        return x->end - e->chain_began <= e->chain_time + (x->end - x->start) + COARSE_GAP;
    }
    return x->start - e->end <= CHAIN_GAP || may_rest(e, x);
}

bool watch_end_chain(const watch *w, watch_entry *e, evidence *to, arena *a)
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

/* Compares with the steps before, of which the latest is `watch_step_before(e, 0)`. */
static void match(watch_entry *e, const step *s)
{
    for (uint32_t period = 1; period <= CYCLE_MAX; period++) {
        bool same =
            e->chain >= period && watch_step_before(e, period - 1)->fingerprint == s->fingerprint;
        uint32_t room = STEPS_KEPT - 1 - period;
        e->matches[period] = !same ? 0 : e->matches[period] < room ? e->matches[period] + 1 : room;
    }
}

bool watch_take_step(watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    uint16_t log;
    if (!watch_log_number(w, x->segment, &log)) {
        return false;
    }
    step s = step_of(x, log);
    if (!goes_on(e, x)) {
        if (!watch_end_chain(w, e, to, a)) {
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
    watch_push(e, &s);
    e->chain += e->chain < STEPS_KEPT;
    e->chain_time += s.duration;
    if (again) {
        extend(e, &s);
    } else if (x->role == ROLE_READ || x->role == ROLE_COUNT || x->role == ROLE_WRITE) {
        look_for_run(e, x);
    }
    return true;
}
