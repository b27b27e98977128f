/* exposure.c - see exposure.h. */
#include "analysers/exposure.h"

#include <math.h>
#include <stdlib.h>

#include "base/time_units.h"
#include "digest/evidence.h"

enum {
    RATE_TIME_US = US_PER_SECOND /* a session that was in use for less tells nothing of its rate */
};

static const double ACCIDENTS = 0.01; /* to be expected in the whole window */

static bool read_hours(analysis *a, const analysed_source *source, exposures *to)
{
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT hour, database, user, application, sum(time) FROM session_use"
                      " WHERE source = ?1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
                      source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        session_hour *all = arena_one_more(a->arena, to->hours, to->n_hours, sizeof *all);
        if (all == NULL) {
            status_no_memory(a->st);
            break;
        }
        to->hours = all;
        all[to->n_hours++] = (session_hour){.hour = sqlite3_column_int64(q, 0),
                                            .database = column_slice(q, 1, a->arena),
                                            .user = column_slice(q, 2, a->arena),
                                            .application = column_slice(q, 3, a->arena),
                                            .time = sqlite3_column_int64(q, 4)};
    }
    return rows_end(q, a->st);
}

static int compare_hours(const void *a, const void *b)
{
    const session_hour *x = a;
    const session_hour *y = b;
    if (x->hour != y->hour) {
        return x->hour < y->hour ? -1 : 1;
    }
    int order = slice_compare(x->database, y->database);
    order = order != 0 ? order : slice_compare(x->user, y->user);
    return order != 0 ? order : slice_compare(x->application, y->application);
}

static int compare_exposures(const void *a, const void *b)
{
    const exposure *x = a;
    const exposure *y = b;
    if (x->fingerprint != y->fingerprint) {
        return (int64_t)x->fingerprint < (int64_t)y->fingerprint ? -1 : 1;
    }
    return compare_hours(x->of, y->of);
}

static bool add_exposure(analysis *a, sqlite3_stmt *q, exposures *e)
{
    session_hour key = {.hour = sqlite3_column_int64(q, 1),
                        .database = column_view(q, 2),
                        .user = column_view(q, 3),
                        .application = column_view(q, 4)};
    const session_hour *of = bsearch(&key, e->hours, e->n_hours, sizeof key, compare_hours);
    if (of == NULL) {
        return true;
    }
    exposure *all = arena_one_more(a->arena, e->items, e->n, sizeof *all);
    if (all == NULL) {
        return status_no_memory(a->st);
    }
    e->items = all;
    all[e->n++] = (exposure){.fingerprint = (uint64_t)sqlite3_column_int64(q, 0),
                             .of = of,
                             .calls = sqlite3_column_int64(q, 5)};
    return true;
}

bool exposures_read(analysis *a, const analysed_source *source, exposures *all)
{
    *all = (exposures){0};
    if (!read_hours(a, source, all) || all->n_hours == 0) {
        return a->st->code == STATUS_OK;
    }
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT fingerprint, hour, database, user, application, sum(calls)"
                      " FROM digest WHERE source = ?1 AND fingerprint IN (SELECT c.fingerprint"
                      " FROM cycles c WHERE c.place = 0 AND c.cycle IN"
                      " (SELECT cycle FROM bursts WHERE source = ?1))"
                      " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
                      source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        if (!add_exposure(a, q, all)) {
            break;
        }
    }
    return rows_end(q, a->st);
}

exposures exposures_of(const exposures *all, uint64_t fingerprint)
{
    int64_t wanted = (int64_t)fingerprint;
    uint32_t low = 0;
    uint32_t high = all->n;
    while (low < high) { /* the first that is not less */
        uint32_t middle = low + (high - low) / 2;
        if ((int64_t)all->items[middle].fingerprint < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    exposures e = {.items = low < all->n ? &all->items[low] : NULL};
    while (low + e.n < all->n && (int64_t)e.items[e.n].fingerprint == wanted) {
        e.items[e.n].burst_calls = e.items[e.n].bursts = 0;
        e.n++;
    }
    return e;
}

void exposures_add_bursts(exposures *e, const session_hour *of, int64_t calls, int64_t bursts)
{
    if (e->n == 0) {
        return;
    }
    exposure key = {.fingerprint = e->items[0].fingerprint, .of = of};
    exposure *found = bsearch(&key, e->items, e->n, sizeof key, compare_exposures);
    if (found != NULL) {
        found->burst_calls += calls;
        found->bursts += bursts;
    }
}

/* Runs of any length that began in the hour. */
static double runs_of(const exposure *e, uint32_t n_statements)
{
    int64_t runs = e->calls - (e->burst_calls / n_statements - e->bursts);
    return runs > 1 ? (double)runs : 1;
}

static double accidents(const exposures *e, uint32_t n_statements, int64_t length)
{
    double sum = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        int64_t time = e->items[i].of->time;
        double runs = runs_of(&e->items[i], n_statements);
        time = time > RATE_TIME_US ? time : RATE_TIME_US;
        double chance = 1 - exp(-runs * CHAIN_GAP / (double)time); /* of another by accident */
        sum += runs * pow(chance, (double)(length - 1));
    }
    return sum;
}

int64_t exposures_length(const exposures *e, uint32_t n_statements, int64_t least, int64_t most)
{
    int64_t length = least;
    while (length < most && accidents(e, n_statements, length) >= ACCIDENTS) {
        length++;
    }
    return length;
}
