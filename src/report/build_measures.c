/* build_measures.c - what was measured of the queries that a report shows; see build.h.
 *
 * An attribute that the program does not know has the unit in which the log wrote it; where it
 * wrote one both with a fraction and without, or both as a number and as yes or no, the two are one
 * attribute in the wider unit. */
#include <stdlib.h>

#include "report/build_parts.h"

__extension__ typedef __int128 int128;

static const int64_t MILLION = 1000000;

measure_sum *measure_entries_find(builder *b, measure_entries *of, slice stored)
{
    for (uint32_t i = 0; i < of->n; i++) {
        if (slice_equal(of->items[i].stored, stored)) {
            return &of->items[i].sum;
        }
    }
    arena *a = &b->m->arena;
    measure_entry *items = arena_one_more(a, of->items, of->n, sizeof *items);
    if (items == NULL) {
        status_no_memory(b->st);
        return NULL;
    }
    of->items = items;
    items[of->n] = (measure_entry){0};
    if (!arena_copy(a, stored, &items[of->n].stored)) {
        status_no_memory(b->st);
        return NULL;
    }
    return &items[of->n++].sum;
}

/* How many of the unit are one; 0 where it is not of a plain number. */
static int64_t parts_of(slice unit)
{
    return slice_is(unit, "millionths") ? MILLION
                                        : slice_is(unit, "count") || slice_is(unit, "yes");
}

/* Whether what was stored in the one unit can be told in the other. */
static bool is_same(const stored_measure *x, const stored_measure *y)
{
    return x->rank == y->rank && slice_equal(x->name, y->name) &&
           (slice_equal(x->unit, y->unit) || (parts_of(x->unit) > 0 && parts_of(y->unit) > 0));
}

/* In the order of the table, attributes by name; of one the widest unit first. */
static int compare_entries(const void *a, const void *b)
{
    stored_measure x = measure_describe(((const measure_entry *)a)->stored);
    stored_measure y = measure_describe(((const measure_entry *)b)->stored);
    if (x.rank != y.rank) {
        return x.rank < y.rank ? -1 : 1;
    }
    int order = slice_compare(x.name, y.name);
    if (order == 0) {
        order = (parts_of(x.unit) < parts_of(y.unit)) - (parts_of(x.unit) > parts_of(y.unit));
    }
    return order != 0 ? order : slice_compare(x.unit, y.unit);
}

/* Adds a sum whose unit is `parts` times as wide. */
static bool widen_and_add(measure_sum *to, arena *a, const measure_sum *from, uint64_t parts)
{
    to->min = from->min * parts < to->min ? from->min * parts : to->min;
    to->max = from->max * parts > to->max ? from->max * parts : to->max;
    to->n += from->n;
    to->sum += from->sum * parts;
    for (uint32_t i = 0; i < from->histogram.cap; i++) {
        uint64_t slot = from->histogram.slots[i];
        if (slot != 0) {
            uint64_t middle = histogram_bin_middle(histogram_slot_bin(slot));
            if (!histogram_add(&to->histogram, a, middle * parts, histogram_slot_count(slot))) {
                return false;
            }
        }
    }
    return true;
}

/* Joins an entry to the one before it, which is the same attribute in a unit at least as wide.
 * False where memory is out; *joined: it fits. */
static bool join(measure_entry *to, arena *a, const measure_entry *from, bool *joined)
{
    int64_t wide = parts_of(measure_describe(to->stored).unit);
    int64_t narrow = parts_of(measure_describe(from->stored).unit);
    int64_t parts = narrow > 0 ? wide / narrow : 1;
    *joined = (int128)from->sum.sum * parts + to->sum.sum <= INT64_MAX;
    return !*joined || widen_and_add(&to->sum, a, &from->sum, (uint64_t)parts);
}

static model_measure describe(const measure_entry *e)
{
    stored_measure at = measure_describe(e->stored);
    const measure_sum *sum = &e->sum;
    distribution d = measure_sum_distribution(sum);
    int128 mean = sum->n > 0 ? ((int128)sum->sum * 1000 + sum->n / 2) / sum->n : 0;
    return (model_measure){.name = at.name,
                           .unit = at.unit,
                           .is_attribute = at.rank == MEASURE_COUNT,
                           .statistics = measure_sum_figures(sum, &d),
                           .mean_thousandths = mean < INT64_MAX ? (int64_t)mean : INT64_MAX,
                           .stddev_thousandths = (int64_t)d.stddev_thousandths};
}

bool measure_entries_finish(builder *b, measure_entries *of, model_query *query)
{
    arena *a = &b->m->arena;
    query->measures = arena_calloc(a, of->n + 1, sizeof *query->measures);
    if (query->measures == NULL) {
        return status_no_memory(b->st);
    }
    if (of->n > 1) {
        qsort(of->items, of->n, sizeof *of->items, compare_entries);
    }
    uint32_t n = 0; /* entries that stand by themselves */
    for (uint32_t i = 0; i < of->n; i++) {
        stored_measure at = measure_describe(of->items[i].stored);
        stored_measure before = n > 0 ? measure_describe(of->items[n - 1].stored) : at;
        bool joined = false;
        if (n > 0 && is_same(&before, &at) && !join(&of->items[n - 1], a, &of->items[i], &joined)) {
            return status_no_memory(b->st);
        }
        if (!joined) {
            of->items[n++] = of->items[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        query->measures[query->n_measures++] = describe(&of->items[i]);
    }
    return true;
}

/* Adds to a measure's sum over all queries what a row says of it. */
static void add_total(model_measure *to, const stored_measure *row, int64_t sum)
{
    stored_measure own = {.name = to->name, .unit = to->unit, .rank = row->rank};
    if (to->is_attribute != (row->rank == MEASURE_COUNT) || !is_same(&own, row)) {
        return;
    }
    int128 total = (int128)sum;
    int64_t parts = parts_of(row->unit);
    if (!slice_equal(own.unit, row->unit) && parts > 0) {
        total = total * parts_of(own.unit) / parts;
    }
    total += to->of_all;
    to->of_all = total < INT64_MAX ? (int64_t)total : INT64_MAX;
}

bool build_measure_totals(builder *b)
{
    sqlite3_stmt *q =
        rows_begin(b->store, "SELECT measure, sum(sum) FROM measures GROUP BY measure", b->st);
    while (q != NULL && rows_next(b->store, q, b->st)) {
        stored_measure row = measure_describe(column_view(q, 0));
        for (uint32_t i = 0; i < b->m->n_queries; i++) {
            model_query *query = &b->m->queries[i];
            for (uint32_t k = 0; k < query->n_measures; k++) {
                add_total(&query->measures[k], &row, sqlite3_column_int64(q, 1));
            }
        }
    }
    return rows_end(q, b->st);
}
