/* comparing.c - see comparing.h. */
#include "analysers/comparing.h"

#include <math.h>

#include "analysers/history.h"
#include "analysers/statistics.h"
#include "base/number.h"
#include "base/time_units.h"

/* --- nights --------------------------------------------------------------------------------- */

bool comparing_begin(comparing *c)
{
    const analysis_request *r = c->a->request;
    c->since = r->since / US_PER_SECOND;
    c->until = r->until / US_PER_SECOND;
    c->step = analysis_step(r) / US_PER_SECOND;
    if (r->baseline == 0 || c->step == 0) {
        return false;
    }
    int64_t n = r->baseline / US_PER_SECOND / c->step;
    n += r->history != NULL ? history_slow_windows(r->history) : 0; /* which are left out */
    c->n_nights = n < COMPARING_NIGHTS_MAX ? (uint32_t)n : COMPARING_NIGHTS_MAX;
    return c->n_nights > 0;
}

/* The night that a row is in, whole: 0 is tonight. False where it is in none. */
static bool find_night(const comparing *c, int64_t hour, int64_t length, uint32_t *night)
{
    int64_t before = hour >= c->since ? 0 : (c->since - hour + c->step - 1) / c->step;
    int64_t end = c->until - before * c->step;
    *night = (uint32_t)before;
    return before <= c->n_nights && hour + length <= end;
}

static int64_t length_of(int64_t hour, int64_t days_before)
{
    return hour < days_before ? SECONDS_PER_DAY : SECONDS_PER_HOUR;
}

int64_t comparing_earliest(const comparing *c)
{
    return c->since - c->n_nights * c->step;
}

/* The second and third parameter of a query. */
static void bind_hours(const comparing *c, sqlite3_stmt *q)
{
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, comparing_earliest(c));
        sqlite3_bind_int64(q, 3, c->until);
    }
}

/* Saturday or Sunday, in the log's zone, when the night begins. */
static bool is_weekend(const comparing *c, uint32_t night)
{
    enum { DAYS_OF_WEEK = 7, THURSDAY = 3 /* the first of January 1970; Monday is 0 */ };
    int64_t local = c->since - night * c->step + c->zone_offset;
    return (local / SECONDS_PER_DAY + THURSDAY) % DAYS_OF_WEEK >= 5;
}

/* Of some nights those that cover at least half of the usual hours: less says little. Returns how
 * many they are. */
static uint32_t drop_short(const comparing *c, bool *kept)
{
    double covered[COMPARING_NIGHTS_MAX];
    uint32_t n = 0;
    uint32_t n_kept = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        if (kept[k]) {
            covered[n++] = c->hours[k];
        }
    }
    double usual = median_of(covered, n);
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        kept[k] = kept[k] && c->hours[k] * 2 >= usual;
        n_kept += kept[k];
    }
    return n_kept;
}

/* What runs on working days is not what runs at weekends: nights of tonight's kind are preferred
 * once there are some. */
static void choose_nights(comparing *c)
{
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        bool alike = c->step != SECONDS_PER_DAY || is_weekend(c, k) == is_weekend(c, 0);
        c->kept[k] = c->hours[k] > 0 && alike;
        c->unlike[k] = c->hours[k] > 0 && !alike;
    }
    c->n_kept = drop_short(c, c->kept);
    c->alike = c->n_kept >= NIGHTS_LEAST_ALIKE && drop_short(c, c->unlike) > 0;
    if (!c->alike) {
        for (uint32_t k = 1; k <= c->n_nights; k++) {
            c->kept[k] = c->hours[k] > 0;
            c->unlike[k] = false;
        }
        c->n_kept = drop_short(c, c->kept);
    }
    c->kept[0] = c->hours[0] > 0;
    c->n_read = c->n_kept;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        c->n_read += c->unlike[k];
    }
}

uint32_t comparing_needs(const comparing *c)
{
    return c->alike ? NIGHTS_LEAST_ALIKE : NIGHTS_LEAST;
}

bool comparing_find_nights(comparing *c)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT DISTINCT d.hour, s.days_before, (SELECT z.zone_offset FROM main.segments z"
        " WHERE z.source = ?1 ORDER BY z.last_at DESC, z.segment LIMIT 1)"
        " FROM main.digest d JOIN main.segments s USING (source, segment)"
        " WHERE source = ?1 AND d.hour >= ?2 AND d.hour < ?3",
        c->source);
    bind_hours(c, q);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t hour = sqlite3_column_int64(q, 0);
        int64_t length = length_of(hour, sqlite3_column_int64(q, 1));
        uint32_t night;
        c->zone_offset = (int32_t)sqlite3_column_int64(q, 2);
        if (find_night(c, hour, length, &night)) {
            c->hours[night] += (double)length / (double)SECONDS_PER_HOUR;
        }
    }
    choose_nights(c);
    return rows_end(q, a->st);
}

/* --- what each query took --------------------------------------------------------------------- */

/* Where thresholds were in force that differ, only what all of them let through is compared. */
static bool read_threshold(comparing *c)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT min(duration), max(duration) FROM main.thresholds WHERE source = ?1 AND at >="
        " coalesce((SELECT max(at) FROM main.thresholds WHERE source = ?1 AND at <= ?2), 0)",
        c->source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, comparing_earliest(c) * US_PER_SECOND);
    }
    if (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t most = sqlite3_column_int64(q, 1);
        c->least = sqlite3_column_int64(q, 0) < most ? most : 0;
    }
    return rows_end(q, a->st);
}

static log_times *sum_of(comparing *c, uint64_t id, uint32_t night)
{
    if (c->n_rows == 0 || c->rows[c->n_rows - 1].id != id) {
        night_row *rows = arena_one_more(c->a->arena, c->rows, c->n_rows, sizeof *rows);
        log_times *sums = arena_calloc(c->a->arena, c->n_nights + 1, sizeof *sums);
        bool *left_out = arena_calloc(c->a->arena, c->n_nights + 1, sizeof *left_out);
        if (rows == NULL || sums == NULL || left_out == NULL) {
            status_no_memory(c->a->st);
            return NULL;
        }
        c->rows = rows;
        c->rows[c->n_rows++] = (night_row){.id = id, .nights = sums, .left_out = left_out};
    }
    return &c->rows[c->n_rows - 1].nights[night];
}

static bool read_times(comparing *c)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT m.fingerprint, m.hour, s.days_before, m.sum, m.histogram FROM main.measures m"
        " JOIN main.segments s USING (source, segment) WHERE source = ?1 AND m.hour >= ?2 AND"
        " m.hour < ?3 AND m.measure = 'query_time' ORDER BY m.fingerprint",
        c->source);
    bind_hours(c, q);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t hour = sqlite3_column_int64(q, 1);
        uint32_t night;
        if (!find_night(c, hour, length_of(hour, sqlite3_column_int64(q, 2)), &night) ||
            !(c->kept[night] || c->unlike[night])) {
            continue;
        }
        log_times *sum = sum_of(c, (uint64_t)sqlite3_column_int64(q, 0), night);
        if (sum == NULL || !log_times_add(sum, column_view(q, 4), sqlite3_column_int64(q, 3),
                                          c->least, &c->bins, a->st)) {
            break;
        }
    }
    return rows_end(q, a->st);
}

uint64_t comparing_regression_id(const comparing *c, const night_row *row)
{
    return finding_id(FINDING_REGRESSION, c->source->name, &row->id, 1);
}

/* Nights in which a query was slower than usual are not what the next ones are compared with. */
static void leave_out(comparing *c)
{
    const history *h = c->a->request->history;
    for (uint32_t i = 0; h != NULL && i < c->n_rows; i++) {
        night_row *row = &c->rows[i];
        uint64_t id = comparing_regression_id(c, row);
        row->was_slower = history_is_open(h, id);
        row->has_norm = history_has_norm(h, id);
        for (uint32_t k = 1; k <= c->n_nights; k++) {
            row->left_out[k] = (c->kept[k] || c->unlike[k]) &&
                               history_leaves_out(h, id, (c->since - k * c->step) * US_PER_SECOND);
        }
    }
}

/* Whether a night tells what is usual of a query, as far as that is not left out. */
static bool is_compared(const comparing *c, const night_row *row, uint32_t night)
{
    return c->kept[night] || (row->mixed && c->unlike[night]);
}

/* In how many nights of tonight's kind, and of the other, a query can be told from. */
static uint32_t usable_nights(const comparing *c, const night_row *row, uint32_t *unlike)
{
    uint32_t n = 0;
    *unlike = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        bool usable = row->nights[k].n >= NIGHT_CALLS && !row->left_out[k];
        n += usable && c->kept[k];
        *unlike += usable && c->unlike[k];
    }
    return n;
}

/* Where too few nights of tonight's kind remain, what was slower on such days and is over is usual
 * on them; and where even these are too few, nights of both kinds have to tell. */
static void mix_kinds(comparing *c)
{
    for (uint32_t i = 0; c->alike && i < c->n_rows; i++) {
        night_row *row = &c->rows[i];
        uint32_t unlike;
        if (usable_nights(c, row, &unlike) >= NIGHTS_LEAST_ALIKE) {
            continue;
        }
        bool over = !row->was_slower && !row->has_norm;
        for (uint32_t k = 1; k <= c->n_nights; k++) {
            row->left_out[k] = row->left_out[k] && !(over && c->kept[k]);
        }
        uint32_t alike = usable_nights(c, row, &unlike);
        row->mixed = alike < NIGHTS_LEAST_ALIKE && alike + unlike >= NIGHTS_LEAST;
    }
}

bool comparing_read(comparing *c)
{
    if (!read_threshold(c) || !read_times(c)) {
        return false;
    }
    leave_out(c);
    mix_kinds(c);
    return true;
}

/* --- what is usual -------------------------------------------------------------------------------
 */

bool comparing_find_sampled(comparing *c, bool *sampled)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT EXISTS (SELECT 1 FROM main.digest WHERE source = ?1 AND"
                                    " hour >= ?2 AND hour < ?3 AND estimated_calls <> calls)",
                                    c->source);
    bind_hours(c, q);
    *sampled = q != NULL && rows_next(a->store, q, a->st) && sqlite3_column_int64(q, 0) != 0;
    return rows_end(q, a->st);
}

night_cell comparing_cell(const comparing *c, const night_row *row, uint32_t night)
{
    const log_times *times = &row->nights[night];
    if (times->n <= 0 || row->left_out[night]) {
        return (night_cell){0};
    }
    return (night_cell){.n = times->n,
                        .log_mean = log_times_mean(times),
                        .log_variance = log_times_variance(times),
                        .log_rate = log(times->n / c->hours[night])};
}

log_times comparing_usual(const comparing *c, const night_row *row, uint32_t *present)
{
    log_times all = {0};
    *present = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        bool there = is_compared(c, row, k) && row->nights[k].n > 0;
        *present += there;
        if (there && !row->left_out[k]) {
            log_times_join(&all, &row->nights[k]);
        }
    }
    return all;
}

uint32_t comparing_usual_nights(const comparing *c, const night_row *row, uint32_t *compared)
{
    uint32_t n = 0;
    *compared = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        *compared += is_compared(c, row, k);
        n += is_compared(c, row, k) && !row->left_out[k];
    }
    return n;
}

double comparing_usual_time(const comparing *c, const night_row *row)
{
    uint32_t ignored;
    uint32_t n = comparing_usual_nights(c, row, &ignored);
    return n > 0 ? comparing_usual(c, row, &ignored).time / n : 0;
}

double comparing_total(const comparing *c, bool tonight)
{
    double total = 0;
    for (uint32_t i = 0; i < c->n_rows; i++) {
        total += tonight ? c->rows[i].nights[0].time : comparing_usual_time(c, &c->rows[i]);
    }
    return total;
}

void comparing_say_nights(const comparing *c, buf *out, uint32_t n, bool mixed)
{
    bool weekend = is_weekend(c, 0);
    if (!c->alike || mixed) {
        counted_format(out, n, "night", "nights");
    } else {
        counted_format(out, n, weekend ? "weekend night" : "weekday night",
                       weekend ? "weekend nights" : "weekday nights");
    }
}
