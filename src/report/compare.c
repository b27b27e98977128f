/* compare.c - see compare.h: matching, gates and order. The words are in compare_words.c. */
#include "report/compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/histogram.h"
#include "base/time_units.h"
#include "report/figures.h"

__extension__ typedef __int128 int128;

enum { COMPARISON_MAX = 1024 * 1024 * 1024 };
enum { BEFORE, AFTER };

/* The gates. Of executions there must be as many as a geometric mean needs to stand still; fewer
 * are enough where the change is large, or where rows or plan, which are no matter of chance, say
 * the same. */
enum {
    MIN_BASELINE = 8,
    MIN_NOW = 15,
    MIN_PROVEN = 3,
    MIN_TIDE_QUERIES = 20,
    LISTED_AT_LEAST = 20
};
static const double WORSE = 1.25, MUCH_WORSE = 3, MANY_MORE_ROWS = 10, OFTENER = 3, TIDE = 1.2;
static const int64_t MILLION = 1000000; /* of a factor */
static const double STANDARD_ERRORS = 2;
static const int64_t ABSOLUTE = 10000; /* us; or a tenth of the median, whichever is less */
static const int64_t COST_PERCENT = 1; /* of all query time */
/* Where a log does not tell its threshold, the fastest execution shows it if several queries begin
 * just there, which queries without a threshold do not; and if it is no shorter than people set. */
static const int64_t LEAST_INFERRED = 1000, NEAR_TENTHS = 11;
enum { MIN_PILED = 5 };
static const int64_t MIN_WINDOW = US_PER_MINUTE;
static const int64_t CLOCK_TICKS = 60; /* of a window, or its length says nothing */

const change_about change_kinds[CHANGE_KINDS] = {
    [CHANGE_REGRESSION] = {"regression", "Worse"},
    [CHANGE_IMPROVEMENT] = {"improvement", "Better"},
    [CHANGE_PLAN] = {"plan-change", "Another plan"},
    [CHANGE_NEW] = {"new-query", "New"},
    [CHANGE_GONE] = {"gone-query", "Gone"},
    [CHANGE_SERVER] = {"server-slowdown", "All slower"},
};

bool change_kind_find(slice name, change_kind *kind)
{
    for (int k = 0; k < CHANGE_KINDS; k++) {
        if (slice_is(name, change_kinds[k].name)) {
            *kind = (change_kind)k;
            return true;
        }
    }
    return false;
}

/* A ratio in millionths, at least one of them. */
static int64_t millionths(double ratio)
{
    double scaled = ratio * (double)MILLION + 0.5;
    return scaled < 1 ? 1 : scaled > 1e15 ? (int64_t)1e15 : (int64_t)scaled;
}

/* --- what is compared ---------------------------------------------------------------- */

static bool is_near(int64_t least, int64_t us)
{
    return us / NEAR_TENTHS * 10 <= least;
}

static bool is_piled(const model *m, int64_t least)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_queries; i++) {
        n += m->queries[i].time.n > 0 && is_near(least, m->queries[i].time.min);
    }
    return least >= LEAST_INFERRED && n >= MIN_PILED;
}

/* The highest threshold that was in force in any of the logs; 0: none is known. */
static int64_t threshold_of(const model *m, bool *inferred)
{
    int64_t highest = 0;
    for (uint32_t i = 0; i < m->n_sources; i++) {
        for (uint32_t k = 0; k < m->sources[i].n_thresholds; k++) {
            const model_threshold *t = &m->sources[i].thresholds[k];
            bool guess = slice_is(t->origin, "inferred");
            if (t->duration > highest && (!guess || is_piled(m, t->duration))) {
                highest = t->duration;
                *inferred = *inferred || guess;
            }
        }
    }
    return highest;
}

/* Whether calls per hour can be told of a window: a log's clock may be as coarse as a second. */
static bool has_rates(const model *m)
{
    int64_t length = window_length(m);
    for (uint32_t i = 0; i < m->n_sources; i++) {
        if (length < m->sources[i].clock_resolution * CLOCK_TICKS) {
            return false;
        }
    }
    return length >= MIN_WINDOW;
}

/* --- one query in one window ------------------------------------------------------------ */

/* A time's logarithm; what took less than a microsecond is taken for half of one. */
static double log_of(const model_bin *bin, const model_statistics *s)
{
    int64_t middle = (int64_t)histogram_bin_middle(histogram_bin((uint64_t)bin->from));
    middle = middle < s->min ? s->min : middle > s->max ? s->max : middle;
    return log(middle > 0 ? (double)middle : 0.5);
}

/* Mean and variance of the logarithms. Of a part of an hour the bins are of all of it, and say
 * nothing of the part. */
static void spread_logs(change_side *side, const model_bin *bins, uint32_t n)
{
    double sum = 0;
    double squares = 0;
    int64_t calls = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)bins[i].calls * log_of(&bins[i], &side->time);
        calls += bins[i].calls;
    }
    side->spread = calls > 0 && calls == side->time.n;
    if (!side->spread) {
        return;
    }
    side->log_mean = sum / (double)calls;
    for (uint32_t i = 0; i < n; i++) {
        double apart = log_of(&bins[i], &side->time) - side->log_mean;
        squares += (double)bins[i].calls * apart * apart;
    }
    side->log_variance = calls > 1 ? squares / (double)(calls - 1) : 0;
}

/* The times of the bins, by their middles. */
static bool sum_bins(arena *a, const model_bin *bins, uint32_t n, const model_statistics *all,
                     model_statistics *out)
{
    histogram h = {0};
    uint64_t calls = 0;
    uint64_t sum = 0;
    *out = (model_statistics){0};
    if (n == 0) {
        return true;
    }
    uint64_t max = (uint64_t)all->max;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t from = (uint64_t)bins[i].from;
        uint64_t middle = histogram_bin_middle(histogram_bin(from));
        if (!histogram_add(&h, a, from, (uint64_t)bins[i].calls)) {
            return false;
        }
        calls += (uint64_t)bins[i].calls;
        sum += (uint64_t)bins[i].calls * (middle < max ? middle : max);
    }
    uint64_t min = (uint64_t)bins[0].from;
    distribution d = histogram_describe(&h, calls, sum, min, max);
    *out = (model_statistics){.n = (int64_t)calls,
                              .total = (int64_t)sum,
                              .mean = (int64_t)((sum + calls / 2) / calls),
                              .min = (int64_t)min,
                              .max = (int64_t)max,
                              .p50 = (int64_t)d.p50,
                              .p90 = (int64_t)d.p90,
                              .p95 = (int64_t)d.p95,
                              .p99 = (int64_t)d.p99,
                              .stddev = (int64_t)d.stddev};
    return true;
}

static const model_plan *main_plan(const model_query *q)
{
    const model_plan *most = NULL;
    for (uint32_t i = 0; i < q->n_plans; i++) {
        most = most == NULL || q->plans[i].calls > most->calls ? &q->plans[i] : most;
    }
    return most;
}

static int64_t measured_each(const model_query *q, const char *name)
{
    const model_measure *measure = measure_find(q, name);
    return measure != NULL && measure->statistics.n > 0 ? measure->mean_thousandths : -1;
}

static int64_t estimate(const model_query *q, int64_t n)
{
    return q->calls > 0 ? (int64_t)((int128)q->estimated_calls * n / q->calls) : n;
}

/* Whether some of the query's executions are below what is compared. */
static bool is_cut(const comparison *c, const model_query *q)
{
    return c->cuts && q != NULL && (q->time.n == 0 || q->time.min < c->least);
}

/* Sets one side of the change; `cut`: to what is above the least. A query that has nothing there is
 * as one that is not in the log. */
static bool describe_side(comparison *c, int which, const model_query *q, bool cut, change *x)
{
    change_side *side = which == BEFORE ? &x->before : &x->after;
    *side =
        (change_side){.hourly = -1, .examined_per_sent = -1, .examined_each = -1, .sent_each = -1};
    if (q == NULL) {
        return true;
    }
    x->id = q->id;
    x->query = q;
    const model_bin *bins = q->histogram;
    uint32_t n = q->n_histogram;
    side->calls = estimate(q, q->calls);
    side->time = q->time;
    if (cut) {
        for (; n > 0 && bins->from < c->least; n--) {
            bins++;
        }
        if (!sum_bins(&c->arena, bins, n, &q->time, &side->time)) {
            return false;
        }
        side->calls = estimate(q, side->time.n);
    }
    if (side->calls == 0) {
        return true;
    }
    side->query = q;
    spread_logs(side, bins, n);
    c->totals[which] += side->time.total;
    if (c->hourly) {
        int64_t length = window_length(which == BEFORE ? c->before : c->after);
        side->hourly = (int64_t)((int128)side->calls * US_PER_HOUR * 1000 / length);
    }
    if (!rows_per_sent(q, &side->examined_per_sent)) {
        side->examined_per_sent = -1;
    }
    side->examined_each = measured_each(q, "rows_examined");
    side->sent_each = measured_each(q, "rows_sent");
    side->plan = main_plan(q);
    return true;
}

/* --- matching ----------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    const model_query *x = *(const model_query *const *)a;
    const model_query *y = *(const model_query *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

/* The model's queries by id. NULL where memory is out. */
static const model_query **by_id(const model *m, arena *a)
{
    const model_query **sorted = arena_alloc(a, ((size_t)m->n_queries + 1) * sizeof *sorted);
    for (uint32_t i = 0; sorted != NULL && i < m->n_queries; i++) {
        sorted[i] = &m->queries[i];
    }
    if (sorted != NULL) {
        qsort(sorted, m->n_queries, sizeof *sorted, compare_ids);
    }
    return sorted;
}

static void set_factors(change *x)
{
    const change_side *b = &x->before;
    const change_side *a = &x->after;
    x->by_mean = !b->spread || !a->spread;
    if (b->time.n > 0 && a->time.n > 0) {
        if (!x->by_mean) {
            x->factor = millionths(exp(a->log_mean - b->log_mean));
        } else if (b->time.mean > 0) {
            x->factor = millionths((double)a->time.mean / (double)b->time.mean);
        }
    }
    if (b->hourly > 0 && a->hourly > 0) {
        x->calls_factor = millionths((double)a->hourly / (double)b->hourly);
    }
    x->plan_changed =
        b->plan != NULL && a->plan != NULL && !slice_equal(b->plan->shape, a->plan->shape);
}

static bool add_pair(comparison *c, const model_query *before, const model_query *after)
{
    change *x = &c->changes[c->n_changes];
    *x = (change){0};
    /* Both in the same way, or the bin that the least is in would be on one side only. */
    bool cut = is_cut(c, before) || is_cut(c, after);
    if (!describe_side(c, BEFORE, before, cut, x) || !describe_side(c, AFTER, after, cut, x)) {
        return false;
    }
    if (x->before.query == NULL && x->after.query == NULL) {
        c->below += c->cuts;
        return true;
    }
    set_factors(x);
    c->n_changes++;
    return true;
}

/* All queries of both, those of one fingerprint together. */
static bool match(comparison *c)
{
    const model_query **before = by_id(c->before, &c->arena);
    const model_query **after = by_id(c->after, &c->arena);
    uint32_t n_before = c->before->n_queries;
    uint32_t n_after = c->after->n_queries;
    c->changes = arena_alloc(&c->arena, ((size_t)n_before + n_after + 1) * sizeof *c->changes);
    bool ok = before != NULL && after != NULL && c->changes != NULL;
    for (uint32_t i = 0, k = 0; ok && (i < n_before || k < n_after);) {
        const model_query *old = i < n_before ? before[i] : NULL;
        const model_query *now = k < n_after ? after[k] : NULL;
        if (old != NULL && now != NULL && old->id != now->id) {
            bool first = old->id < now->id;
            now = first ? NULL : now;
            old = first ? old : NULL;
        }
        ok = add_pair(c, old, now);
        i += old != NULL;
        k += now != NULL;
    }
    return ok;
}

/* --- the tide --------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The median, where it is one of enough queries and is worth telling; else 0. */
static int64_t notable_median(int64_t *factors, uint32_t n)
{
    if (n < MIN_TIDE_QUERIES) {
        return 0;
    }
    qsort(factors, n, sizeof *factors, compare_numbers);
    int64_t median = (factors[(n - 1) / 2] + factors[n / 2]) / 2;
    bool notable =
        (double)median >= (double)MILLION * TIDE || (double)median <= (double)MILLION / TIDE;
    return notable ? median : 0;
}

/* What nearly all queries share is the server's or the hour's, and not one query's. */
static bool find_tide(comparison *c)
{
    int64_t *times = arena_alloc(&c->arena, ((size_t)c->n_changes + 1) * sizeof *times);
    int64_t *calls = arena_alloc(&c->arena, ((size_t)c->n_changes + 1) * sizeof *calls);
    uint32_t n_times = 0;
    uint32_t n_calls = 0;
    if (times == NULL || calls == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < c->n_changes; i++) {
        const change *x = &c->changes[i];
        if (x->before.time.n >= MIN_BASELINE && x->after.time.n >= MIN_BASELINE && x->factor > 0) {
            times[n_times++] = x->factor;
        }
        if (x->before.calls >= MIN_BASELINE && x->after.calls >= MIN_BASELINE &&
            x->calls_factor > 0) {
            calls[n_calls++] = x->calls_factor;
        }
    }
    c->tide = notable_median(times, n_times);
    c->traffic = notable_median(calls, n_calls);
    return true;
}

/* --- the gates ------------------------------------------------------------------------------- */

/* One direction of a change: `to` is the slower one, whichever came first. */
typedef struct direction {
    const change_side *from, *to;
    double factor, calls_factor; /* beside the tide; 0: not known */
    double tide;                 /* which is in the times of `to` */
    double expected_calls;       /* of `to` by the calls of `from`, its traffic included */
    int64_t total;               /* of all queries' time in the window of `to` */
    bool by_mean, plan_changed;
} direction;

static bool many_more_rows(const direction *d)
{
    int64_t from = d->from->examined_per_sent;
    int64_t to = d->to->examined_per_sent;
    return from >= 0 && to > 0 && (double)to >= MANY_MORE_ROWS * (double)from;
}

static bool enough(const direction *d)
{
    int64_t from = d->from->time.n;
    int64_t to = d->to->time.n;
    bool some = from >= MIN_BASELINE && to >= MIN_BASELINE;
    return (some && to >= MIN_NOW) || (some && d->factor >= MUCH_WORSE) ||
           (from >= MIN_PROVEN && to >= MIN_PROVEN && (d->plan_changed || many_more_rows(d)));
}

/* Within what the two samples differ by when both are of one kind. */
static bool is_noise(const direction *d)
{
    if (d->by_mean || d->plan_changed || many_more_rows(d)) {
        return false;
    }
    double variance = d->from->log_variance / (double)d->from->time.n +
                      d->to->log_variance / (double)d->to->time.n;
    return log(d->factor) < STANDARD_ERRORS * sqrt(variance);
}

static bool costs_enough(const direction *d, double cost)
{
    return cost > 0 && cost * 100 >= (double)d->total * (double)COST_PERCENT;
}

/* What each execution takes more, as the tide would not have it. */
static double extra_each(const direction *d)
{
    return (double)d->to->time.mean - (double)d->from->time.mean * d->tide;
}

static bool is_slower(const direction *d, double *cost)
{
    if (d->factor < WORSE || !enough(d) || is_noise(d)) {
        return false;
    }
    double least = (double)d->from->time.p50 / 10;
    least = least < (double)ABSOLUTE ? least : (double)ABSOLUTE;
    *cost = extra_each(d) * (double)d->to->time.n;
    return extra_each(d) >= least && costs_enough(d, *cost);
}

static bool is_oftener(const direction *d, double *cost)
{
    double share = d->to->calls > 0 ? 1 - d->expected_calls / (double)d->to->calls : 0;
    *cost = (double)d->to->time.total * share;
    return d->calls_factor >= OFTENER && d->to->calls >= MIN_NOW && costs_enough(d, *cost);
}

/* Sets what of the change passes the gates; true where anything does. */
static bool has_worsened(const direction *d, change *x)
{
    double slower = 0;
    double oftener = 0;
    bool time_changed = is_slower(d, &slower);
    bool calls_changed = is_oftener(d, &oftener);
    if (!time_changed && !calls_changed) {
        return false;
    }
    double cost = time_changed ? slower : 0;
    cost = calls_changed && oftener > cost ? oftener : cost;
    x->time_changed = time_changed;
    x->calls_changed = calls_changed;
    x->cost = (int64_t)(cost + 0.5);
    return true;
}

/* An improvement is a regression from after to before. */
static direction direction_of(const comparison *c, const change *x, bool worse)
{
    double tide = c->tide > 0 ? (double)c->tide / (double)MILLION : 1;
    double traffic = c->traffic > 0 ? (double)c->traffic / (double)MILLION : 1;
    double factor = (double)x->factor / (double)MILLION / tide;
    double calls = (double)x->calls_factor / (double)MILLION / traffic;
    direction d = {.by_mean = x->by_mean, .plan_changed = x->plan_changed};
    d.from = worse ? &x->before : &x->after;
    d.to = worse ? &x->after : &x->before;
    d.tide = worse ? tide : 1 / tide;
    d.total = c->totals[worse ? AFTER : BEFORE];
    if (x->factor > 0) {
        d.factor = worse ? factor : 1 / factor;
    }
    if (x->calls_factor > 0) {
        d.calls_factor = worse ? calls : 1 / calls;
        d.expected_calls = (double)d.to->calls / d.calls_factor;
    }
    return d;
}

/* --- what becomes of each -----------------------------------------------------------------------
 */

static bool too_few(const change *x)
{
    return x->before.time.n < MIN_BASELINE || x->after.time.n < MIN_BASELINE;
}

/* False where it is no change to list. */
static bool classify(comparison *c, change *x)
{
    if (x->before.query == NULL || x->after.query == NULL) {
        bool is_new = x->before.query == NULL;
        x->kind = is_new ? CHANGE_NEW : CHANGE_GONE;
        x->cost = is_new ? x->after.time.total : x->before.time.total;
        return true;
    }
    direction worse = direction_of(c, x, true);
    direction better = direction_of(c, x, false);
    if (has_worsened(&worse, x)) {
        x->kind = CHANGE_REGRESSION;
    } else if (has_worsened(&better, x)) {
        x->kind = CHANGE_IMPROVEMENT;
    } else if (x->plan_changed) {
        x->kind = CHANGE_PLAN;
        x->cost = x->after.time.total;
    } else {
        c->few += too_few(x);
        c->alike += !too_few(x);
        return false;
    }
    return true;
}

static int64_t calls_of(const change *x)
{
    return x->before.calls > x->after.calls ? x->before.calls : x->after.calls;
}

static int compare_changes(const void *a, const void *b)
{
    const change *x = a;
    const change *y = b;
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->cost != y->cost) {
        return x->cost > y->cost ? -1 : 1;
    }
    if (calls_of(x) != calls_of(y)) {
        return calls_of(x) > calls_of(y) ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

/* Of the new and the gone the first are listed, and all that take a part of the time. */
static bool is_minor(const comparison *c, const change *x)
{
    int64_t total = c->totals[x->kind == CHANGE_NEW ? AFTER : BEFORE];
    return (x->kind == CHANGE_NEW || x->kind == CHANGE_GONE) &&
           c->n_of[x->kind] >= LISTED_AT_LEAST &&
           (int128)x->cost * 100 < (int128)total * COST_PERCENT;
}

static void keep_changes(comparison *c)
{
    uint32_t listed = 0;
    for (uint32_t i = 0; i < c->n_changes; i++) {
        if (classify(c, &c->changes[i])) {
            c->changes[listed++] = c->changes[i];
        }
    }
    qsort(c->changes, listed, sizeof *c->changes, compare_changes);
    c->n_changes = 0;
    for (uint32_t i = 0; i < listed; i++) {
        const change x = c->changes[i];
        if (is_minor(c, &x)) {
            c->minor_new += x.kind == CHANGE_NEW;
            c->minor_gone += x.kind == CHANGE_GONE;
        } else {
            c->n_of[x.kind]++;
            c->changes[c->n_changes++] = x;
        }
    }
}

bool compare(const model *before, const model *after, comparison *out, status *st)
{
    bool inferred = false;
    int64_t old = threshold_of(before, &inferred);
    int64_t now = threshold_of(after, &inferred);
    int64_t lower = old < now ? old : now;
    int64_t higher = old < now ? now : old;
    *out = (comparison){.before = before,
                        .after = after,
                        .least = higher,
                        .cuts = lower < higher && !(inferred && is_near(lower, higher)),
                        .hourly = has_rates(before) && has_rates(after)};
    arena_init(&out->arena, COMPARISON_MAX);
    if (!match(out) || !find_tide(out)) {
        return status_no_memory(st);
    }
    keep_changes(out);
    out->n_of[CHANGE_SERVER] = out->tide > MILLION;
    return true;
}

void comparison_free(comparison *c)
{
    arena_free(&c->arena);
    *c = (comparison){0};
}

bool comparison_has(const comparison *c, unsigned kinds)
{
    for (int k = 0; k < CHANGE_KINDS; k++) {
        if ((kinds >> k & 1) != 0 && c->n_of[k] > 0) {
            return true;
        }
    }
    return false;
}
