/* change_point.c - see change_point.h. */
#include "analysers/change_point.h"

#include <math.h>

#include "analysers/statistics.h"

static const double CHANCE = 0.001;
static const double LEAST_VARIANCE = 1e-4; /* what is quite even proves no change */

typedef struct row {
    const double *values;
    uint32_t n;
    uint32_t *at;
    uint32_t found, max;
} row;

typedef struct sums {
    double n, sum, squares;
} sums;

static sums sums_of(const row *r, uint32_t from, uint32_t to)
{
    sums s = {.n = to - from};
    for (uint32_t i = from; i < to; i++) {
        s.sum += r->values[i];
        s.squares += r->values[i] * r->values[i];
    }
    return s;
}

/* By how much less the squares are around two means than around one. */
static double gain_of(const sums *left, const sums *right)
{
    double apart = left->sum / left->n - right->sum / right->n;
    return left->n * right->n / (left->n + right->n) * apart * apart;
}

/* The place that divides [from, to) best, and what it gains. */
static uint32_t best_division(const row *r, uint32_t from, uint32_t to, double *gain)
{
    uint32_t best = 0;
    sums left = sums_of(r, from, from + CHANGE_POINT_PART - 1);
    sums right = sums_of(r, from + CHANGE_POINT_PART - 1, to);
    *gain = 0;
    for (uint32_t i = from + CHANGE_POINT_PART; i + CHANGE_POINT_PART <= to; i++) {
        double moved = r->values[i - 1];
        left = (sums){left.n + 1, left.sum + moved, 0};
        right = (sums){right.n - 1, right.sum - moved, 0};
        double here = gain_of(&left, &right);
        if (here > *gain) {
            *gain = here;
            best = i;
        }
    }
    return best;
}

static bool is_clear(const row *r, uint32_t from, uint32_t to, double gain)
{
    sums all = sums_of(r, from, to);
    double degrees = all.n - 2;
    double around = all.squares - all.sum * all.sum / all.n - gain;
    double variance = around / degrees > LEAST_VARIANCE ? around / degrees : LEAST_VARIANCE;
    double p = 2 * student_tail(sqrt(gain / variance), degrees);
    return p * r->n <= CHANCE;
}

static void divide(row *r, uint32_t from, uint32_t to)
{
    double gain;
    if (to - from < 2 * CHANGE_POINT_PART) {
        return;
    }
    uint32_t at = best_division(r, from, to, &gain);
    if (gain <= 0 || !is_clear(r, from, to, gain)) {
        return;
    }
    divide(r, from, at);
    if (r->found < r->max) {
        r->at[r->found++] = at;
    }
    divide(r, at, to);
}

uint32_t change_points(const double *values, uint32_t n, uint32_t *at, uint32_t max)
{
    row r = {.values = values, .n = n, .at = at, .max = max};
    divide(&r, 0, n);
    return r.found;
}
