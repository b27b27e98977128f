/* nights.c - see nights.h. */
#include "analysers/nights.h"

#include <math.h>

#include "analysers/statistics.h"

enum { ALIKE, UNLIKE, KINDS_OF_DAY }; /* as tonight, or not */
enum { TONIGHT_CALLS = 15, TONIGHT_CALLS_IF_LARGE = 8, TIDE_QUERIES = 20 };
static const double PRIOR_DEGREES = 6;
static const double LEAST_DEVIATION = 0.05; /* nights are never more alike than that */
static const double MEDIAN_FACTOR = 1.2;    /* a median of N is less exact than a mean */
static const double LARGE_RATIO = 3, DISCOVERIES_WRONG = 0.05;

/* One quantity of all queries and nights. */
typedef struct quantity {
    const nights *all;
    bool rate;                    /* of executions per hour, else of time */
    double *tides;                /* by night */
    double *median[KINDS_OF_DAY]; /* by query: of the nights before, without tides; NAN: too few */
    double *variance;             /* by query, around the medians */
    double *degrees;              /* of freedom that it has */
    double *scratch;
    double prior; /* the median variance */
} quantity;

static const night_cell *cell_of(const nights *all, uint32_t query, uint32_t night)
{
    return &all->cells[(size_t)query * (all->n_nights + 1) + night];
}

static double value_of(const quantity *q, const night_cell *c)
{
    return q->rate ? c->log_rate : c->log_mean;
}

static bool is_weighty(const nights *all, uint32_t query)
{
    return all->weighty != NULL && all->weighty[query];
}

static bool is_mixed(const nights *all, uint32_t query)
{
    return all->mixed != NULL && all->mixed[query];
}

/* What a night is for a query. */
static int kind_of(const nights *all, uint32_t query, uint32_t night)
{
    bool unlike = all->unlike != NULL && all->unlike[night];
    return unlike && !is_mixed(all, query) ? UNLIKE : ALIKE;
}

static uint32_t needed_of(const nights *all, uint32_t query)
{
    return is_mixed(all, query) ? NIGHTS_LEAST : all->needed;
}

/* The values of a query in the nights before of one kind, as far as they count. */
static uint32_t baseline_of(const quantity *q, uint32_t query, int kind)
{
    uint32_t n = 0;
    for (uint32_t k = 1; k <= q->all->n_nights; k++) {
        const night_cell *c = cell_of(q->all, query, k);
        if (c->n >= NIGHT_CALLS && kind_of(q->all, query, k) == kind) {
            q->scratch[n++] = value_of(q, c) - q->tides[k];
        }
    }
    return n;
}

static void find_medians(quantity *q)
{
    for (uint32_t i = 0; i < q->all->n_queries; i++) {
        for (int kind = 0; kind < KINDS_OF_DAY; kind++) {
            uint32_t n = baseline_of(q, i, kind);
            q->median[kind][i] = n >= needed_of(q->all, i) ? median_of(q->scratch, n) : (double)NAN;
        }
    }
}

/* What a night's queries have in common beside their own medians. */
static void find_tides(quantity *q, double *tides)
{
    const nights *all = q->all;
    find_medians(q);
    for (uint32_t k = 0; k <= all->n_nights; k++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < all->n_queries; i++) {
            const night_cell *c = cell_of(all, i, k);
            double median = q->median[kind_of(all, i, k)][i];
            if (c->n >= NIGHT_CALLS && !isnan(median)) {
                q->scratch[n++] = value_of(q, c) - median;
            }
        }
        tides[k] = n >= TIDE_QUERIES ? median_of(q->scratch, n) : 0;
    }
}

/* The sum of the squares of a query's distances from its mean in nights of one kind. */
static double squares_of(const quantity *q, uint32_t query, int kind, uint32_t *n)
{
    double mean = 0;
    double squares = 0;
    *n = baseline_of(q, query, kind);
    for (uint32_t k = 0; k < *n; k++) {
        mean += q->scratch[k] / *n;
    }
    for (uint32_t k = 0; k < *n; k++) {
        squares += (q->scratch[k] - mean) * (q->scratch[k] - mean);
    }
    return squares;
}

static void find_variances(quantity *q)
{
    uint32_t known = 0;
    find_medians(q);
    for (uint32_t i = 0; i < q->all->n_queries; i++) {
        double squares = 0;
        for (int kind = 0; kind < KINDS_OF_DAY; kind++) {
            if (!isnan(q->median[kind][i])) {
                uint32_t n;
                squares += squares_of(q, i, kind, &n);
                q->degrees[i] += n - 1.0;
            }
        }
        q->variance[i] = isnan(q->median[ALIKE][i]) ? (double)NAN : squares / q->degrees[i];
    }
    for (uint32_t i = 0; i < q->all->n_queries; i++) {
        if (!isnan(q->variance[i])) {
            q->scratch[known++] = q->variance[i];
        }
    }
    q->prior = median_of(q->scratch, known);
}

static bool describe(quantity *q, arena *a)
{
    uint32_t rows = q->all->n_nights + 1;
    uint32_t most = q->all->n_queries > rows ? q->all->n_queries : rows;
    double *tides = arena_calloc(a, rows, sizeof *tides);
    q->tides = arena_calloc(a, rows, sizeof *q->tides); /* none yet */
    double *by_query =
        arena_calloc(a, (size_t)q->all->n_queries * (KINDS_OF_DAY + 2) + 1, sizeof *by_query);
    q->scratch = arena_calloc(a, most, sizeof *q->scratch);
    if (tides == NULL || q->tides == NULL || by_query == NULL || q->scratch == NULL) {
        return false;
    }
    q->median[ALIKE] = by_query;
    q->median[UNLIKE] = by_query + q->all->n_queries;
    q->variance = by_query + KINDS_OF_DAY * (size_t)q->all->n_queries;
    q->degrees = q->variance + q->all->n_queries;
    find_tides(q, tides);
    q->tides = tides;
    find_variances(q);
    return true;
}

/* How many executions a night has, by the median. */
static double typical_calls(const quantity *q, uint32_t query)
{
    uint32_t n = 0;
    for (uint32_t k = 1; k <= q->all->n_nights; k++) {
        double calls = cell_of(q->all, query, k)->n;
        if (calls >= NIGHT_CALLS && kind_of(q->all, query, k) == ALIKE) {
            q->scratch[n++] = calls;
        }
    }
    return median_of(q->scratch, n);
}

/* How far tonight is from the nights before, as Student's t, and its degrees of freedom. */
static double distance(const quantity *q, uint32_t query, double *degrees)
{
    const night_cell *tonight = cell_of(q->all, query, 0);
    uint32_t n = baseline_of(q, query, ALIKE);
    double own = q->degrees[query];
    double variance = (PRIOR_DEGREES * q->prior + own * q->variance[query]) / (PRIOR_DEGREES + own);
    double least = LEAST_DEVIATION * LEAST_DEVIATION;
    variance = variance > least ? variance : least;
    /* A night of fewer executions than the others had is less exact. */
    double within = q->rate ? 1 : tonight->log_variance;
    double fewer = within * (1 / tonight->n - 1 / typical_calls(q, query));
    *degrees = PRIOR_DEGREES + own;
    return (value_of(q, tonight) - q->tides[0] - q->median[ALIKE][query]) /
           sqrt(variance * (1 + MEDIAN_FACTOR / n) + (fewer > 0 ? fewer : 0));
}

static double ratio_of(const quantity *q, uint32_t query)
{
    return exp(value_of(q, cell_of(q->all, query, 0)) - q->median[ALIKE][query]);
}

static bool can_test(const quantity *time, uint32_t query, double ratio)
{
    double calls = cell_of(time->all, query, 0)->n;
    bool large = ratio >= LARGE_RATIO || ratio <= 1 / LARGE_RATIO;
    return calls >= (large ? TONIGHT_CALLS_IF_LARGE : TONIGHT_CALLS);
}

/* Two quantities are looked at, so each has half of the chance to be wrong. */
static double of_two(double p)
{
    return p < 0.5 ? 2 * p : 1;
}

static void judge_query(const quantity *time, const quantity *rate, uint32_t query,
                        night_verdict *v)
{
    double degrees;
    *v = (night_verdict){.nights = baseline_of(time, query, ALIKE)};
    if (v->nights < needed_of(time->all, query) || cell_of(time->all, query, 0)->n <= 0) {
        return;
    }
    v->base = exp(time->median[ALIKE][query]);
    v->ratio = ratio_of(time, query);
    v->tested = can_test(time, query, v->ratio);
    if (!v->tested) {
        return;
    }
    double t = distance(time, query, &degrees);
    v->p_slower = of_two(student_tail(t, degrees));
    v->p_faster = of_two(student_tail(-t, degrees));
    if (!time->all->rates) {
        return;
    }
    v->rate_ratio = ratio_of(rate, query);
    double beside = v->rate_ratio / exp(rate->tides[0]);
    t = distance(rate, query, &degrees);
    if (beside >= LARGE_RATIO) {
        v->p_slower = fmin(v->p_slower, of_two(student_tail(t, degrees)));
    } else if (beside <= 1 / LARGE_RATIO) {
        v->p_faster = fmin(v->p_faster, of_two(student_tail(-t, degrees)));
    }
}

/* Keeps the discoveries among the tests of the night of one direction and weight. */
static void discover(const nights *all, bool faster, bool weighty, night_verdict *verdicts,
                     double *scratch)
{
    uint32_t tests = 0;
    for (uint32_t i = 0; i < all->n_queries; i++) {
        if (verdicts[i].tested && is_weighty(all, i) == weighty) {
            scratch[tests++] = faster ? verdicts[i].p_faster : verdicts[i].p_slower;
        }
    }
    double limit = false_discovery_limit(scratch, tests, DISCOVERIES_WRONG);
    for (uint32_t i = 0; i < all->n_queries; i++) {
        night_verdict *v = &verdicts[i];
        if (!v->tested || is_weighty(all, i) != weighty) {
            continue;
        }
        if (faster) {
            v->faster = v->p_faster <= limit;
        } else {
            v->slower = v->p_slower <= limit;
        }
    }
}

bool nights_judge(const nights *all, arena *a, night_verdict *verdicts, night_tides *tides)
{
    quantity time = {.all = all};
    quantity rate = {.all = all, .rate = true};
    if (!describe(&time, a) || !describe(&rate, a)) {
        return false;
    }
    for (uint32_t i = 0; i < all->n_queries; i++) {
        judge_query(&time, &rate, i, &verdicts[i]);
    }
    for (int k = 0; k < 4; k++) {
        discover(all, k % 2 == 1, k / 2 == 1, verdicts, time.scratch);
    }
    *tides = (night_tides){.time = exp(time.tides[0]), .rate = all->rates ? exp(rate.tides[0]) : 1};
    return true;
}
