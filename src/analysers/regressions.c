/* regressions.c - queries that are slower, faster, new or gone tonight, beside the nights before.
 *
 * A night is a window of the report's length and time of day. The store's own tables are read,
 * since a report's window hides what was before it. The test is that of nights.h; what passes it
 * must also be of a size and cost that somebody feels. */
#include "analysers/regressions.h"

#include <math.h>

#include "analysers/circumstances.h"
#include "analysers/history.h"
#include "analysers/log_times.h"
#include "analysers/nights.h"
#include "analysers/statistics.h"
#include "base/number.h"
#include "base/time_units.h"

enum { PROMINENT = 20 /* of a new query: among so many */, WEEKS_LEAST = 3 /* of a weekly one */ };
enum { NIGHTS_MAX = 366, TEXT_MAX = 64 * 1024 };

static const double LEAST_RATIO = 1.25, TIDE = 1.2, OFTENER = 3;
static const double STILL_RATIO = 1.15;      /* above it a regression that is open stays so */
static const double LEAST_MORE = 10000;      /* us; or a tenth of the usual time */
static const double LEAST_COST = 10e6;       /* us a night, or */
static const double LEAST_COST_PART = 0.005; /* of all time, whichever is more */
static const double LEAST_SHARE = 0.01;      /* of a new or gone query */
static const double USUALLY = 0.8; /* of the nights, in which a query that is gone was there */

typedef struct night_row {
    uint64_t id;
    /* Tonight first; of the executions that every night's threshold lets through. */
    log_times *nights;
    bool *left_out;  /* by night: one of a regression, not what is usual */
    bool was_slower; /* its regression is open */
    bool has_norm;   /* its regression was accepted */
    bool mixed;      /* it has too few nights of tonight's kind, and those of the other count too */
} night_row;

typedef struct comparing {
    analysis *a;
    const analysed_source *source;
    int64_t since, until, step; /* seconds */
    int32_t zone_offset;        /* seconds east of UTC, of the latest record */
    uint32_t n_nights;          /* before tonight */
    int64_t least;              /* us; bins that begin below are left out */
    double hours[NIGHTS_MAX + 1];
    bool kept[NIGHTS_MAX + 1];
    uint32_t n_kept; /* of those before */
    uint32_t n_read; /* with those of another kind of day */
    bool alike;      /* only nights of weekdays are kept, or only of weekends, as tonight is */
    bool unlike[NIGHTS_MAX + 1]; /* of the others, which tell how queries scatter */
    night_row *rows;
    uint32_t n_rows;
    double prominent; /* us that a query takes which is among tonight's costliest */
    buf text;         /* scratch */
    arena bins;       /* of one row */
} comparing;

/* --- nights --------------------------------------------------------------------------------- */

static bool begin(comparing *c)
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
    c->n_nights = n < NIGHTS_MAX ? (uint32_t)n : NIGHTS_MAX;
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

static int64_t earliest(const comparing *c)
{
    return c->since - c->n_nights * c->step;
}

/* The second and third parameter of a query. */
static void bind_hours(const comparing *c, sqlite3_stmt *q)
{
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, earliest(c));
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
    double covered[NIGHTS_MAX];
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

static uint32_t nights_needed(const comparing *c)
{
    return c->alike ? NIGHTS_LEAST_ALIKE : NIGHTS_LEAST;
}

static bool read_nights(comparing *c)
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
        sqlite3_bind_int64(q, 2, earliest(c) * US_PER_SECOND);
    }
    if (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t most = sqlite3_column_int64(q, 1);
        c->least = sqlite3_column_int64(q, 0) < most ? most : 0;
    }
    return rows_end(q, a->st);
}

/* --- what each query took --------------------------------------------------------------------- */

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

static uint64_t regression_id(const comparing *c, const night_row *row)
{
    return finding_id(FINDING_REGRESSION, c->source->name, &row->id, 1);
}

/* Nights in which a query was slower than usual are not what the next ones are compared with. */
static void leave_out(comparing *c)
{
    const history *h = c->a->request->history;
    for (uint32_t i = 0; h != NULL && i < c->n_rows; i++) {
        night_row *row = &c->rows[i];
        uint64_t id = regression_id(c, row);
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

/* A sample's counts are not those of executions. */
static bool read_sampled(comparing *c, bool *sampled)
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

static night_cell cell_of(const comparing *c, const night_row *row, uint32_t night)
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

/* --- findings --------------------------------------------------------------------------------- */

static void add_night(log_times *to, const log_times *night)
{
    to->n += night->n;
    to->time += night->time;
}

/* A query's nights before, added up: those that tell what is usual, and in how many of all it was.
 */
static log_times usual_of(const comparing *c, const night_row *row, uint32_t *present)
{
    log_times all = {0};
    *present = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        bool there = is_compared(c, row, k) && row->nights[k].n > 0;
        *present += there;
        if (there && !row->left_out[k]) {
            add_night(&all, &row->nights[k]);
        }
    }
    return all;
}

/* How many nights those are, and with those that are left out. */
static uint32_t usual_nights(const comparing *c, const night_row *row, uint32_t *compared)
{
    uint32_t n = 0;
    *compared = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        *compared += is_compared(c, row, k);
        n += is_compared(c, row, k) && !row->left_out[k];
    }
    return n;
}

/* us a night; 0 where no night tells. */
static double usual_time(const comparing *c, const night_row *row)
{
    uint32_t ignored;
    uint32_t n = usual_nights(c, row, &ignored);
    return n > 0 ? usual_of(c, row, &ignored).time / n : 0;
}

/* Of all queries, tonight or in a night before. */
static double total_of(const comparing *c, bool tonight)
{
    double total = 0;
    for (uint32_t i = 0; i < c->n_rows; i++) {
        total += tonight ? c->rows[i].nights[0].time : usual_time(c, &c->rows[i]);
    }
    return total;
}

/* "3.21 times". */
static void add_times(buf *out, double ratio)
{
    decimal_format(out, (int64_t)(ratio * 1000 + 0.5), 3);
    buf_add_text(out, " times");
}

static void add_duration(buf *out, double us)
{
    duration_format(out, (int64_t)(us + 0.5));
}

static void add_ratio(comparing *c, finding *f, const char *name, double ratio)
{
    value_add_decimal(&c->a->values, f->evidence, name, (int64_t)(ratio * 1000 + 0.5), 3);
}

/* More, or less, time than the nights before would have taken for tonight's calls, or calls. */
static double cost_of(const log_times *tonight, const log_times *usual, const night_verdict *v,
                      const night_tides *tides, uint32_t n_kept)
{
    double each = tonight->time / tonight->n - usual->time / usual->n * tides->time;
    double by_time = fabs(each) * (v->slower ? tonight->n : usual->n / n_kept);
    double by_rate = fabs(tonight->time - usual->time / n_kept * tides->rate);
    double beside = v->rate_ratio / tides->rate;
    bool rate = v->rate_ratio > 0 && (beside >= OFTENER || beside <= 1 / OFTENER);
    return rate && by_rate > by_time ? by_rate : by_time;
}

/* us that a change costs at least in a night with this time of all queries. */
static double least_cost(double total)
{
    return total * LEAST_COST_PART > LEAST_COST ? total * LEAST_COST_PART : LEAST_COST;
}

/* Queries that would cost as much at twice their usual time. */
static void weigh(const comparing *c, bool *weighty)
{
    double least = least_cost(total_of(c, false));
    for (uint32_t i = 0; i < c->n_rows; i++) {
        weighty[i] = usual_time(c, &c->rows[i]) >= least;
    }
}

static bool is_felt(const night_verdict *v, const night_tides *tides)
{
    double beside = v->ratio / tides->time;
    double factor = v->slower ? beside : 1 / beside;
    double rate = v->rate_ratio > 0 ? v->rate_ratio / tides->rate : 1;
    double rate_factor = v->slower ? rate : 1 / rate;
    double more = fabs(v->base * (beside - 1));
    double least = v->base / 10 < LEAST_MORE ? v->base / 10 : LEAST_MORE;
    return (factor >= LEAST_RATIO && more >= least) || rate_factor >= OFTENER;
}

/* What is open closes below a lower limit than it opens above, so that it does not come and go. */
static bool is_still_slower(const night_row *row, const night_verdict *v, const night_tides *tides)
{
    return row->was_slower && v->tested && !v->faster && v->ratio / tides->time >= STILL_RATIO;
}

static void say_ratio(buf *out, double ratio, const char *more, const char *less)
{
    add_times(out, ratio >= 1 ? ratio : 1 / ratio);
    buf_add_text(out, ratio >= 1 ? more : less);
}

/* "10 weekday nights". */
static void say_nights(const comparing *c, buf *out, uint32_t n, bool mixed)
{
    bool weekend = is_weekend(c, 0);
    if (!c->alike || mixed) {
        counted_format(out, n, "night", "nights");
    } else {
        counted_format(out, n, weekend ? "weekend night" : "weekday night",
                       weekend ? "weekend nights" : "weekday nights");
    }
}

static void say_change(comparing *c, const night_row *row, const night_verdict *v,
                       const night_tides *tides, finding *f)
{
    uint32_t ignored;
    log_times usual = usual_of(c, row, &ignored);
    uint32_t n_usual = usual_nights(c, row, &ignored);
    const log_times *tonight = &row->nights[0];
    buf *out = &c->text;
    buf_add_text(out, "The geometric mean of its times is ");
    add_duration(out, v->base * v->ratio);
    buf_add_text(out, ", and was ");
    add_duration(out, v->base);
    buf_add_text(out, " in the median of ");
    say_nights(c, out, v->nights, row->mixed);
    buf_add_text(out, "; ");
    counted_format(out, (int64_t)tonight->n, "execution", "executions");
    buf_add_text(out, ", before ");
    count_format(out, (int64_t)(usual.n / n_usual + 0.5));
    buf_add_text(out, " a night. Of the changes that are told in a night one in twenty at most is"
                      " expected to be chance.");
    if (tides->time >= TIDE || tides->time <= 1 / TIDE) {
        buf_add_text(out, " Nearly all queries are ");
        say_ratio(out, tides->time, " slower", " faster");
        buf_add_text(out, ", which is taken out of it.");
    }
    add_ratio(c, f, "ratio", v->ratio);
    add_ratio(c, f, "rate_ratio", v->rate_ratio);
    add_ratio(c, f, "time_ratio_of_all", tides->time);
    analysis_add_ms(c->a, f->evidence, "geometric_mean_ms", (int64_t)(v->base * v->ratio + 0.5));
    analysis_add_ms(c->a, f->evidence, "geometric_mean_before_ms", (int64_t)(v->base + 0.5));
    value_add_int(&c->a->values, f->evidence, "executions", (int64_t)tonight->n);
    value_add_int(&c->a->values, f->evidence, "nights", v->nights);
    /* Upwards, as no chance is nothing. */
    value_add_decimal(&c->a->values, f->evidence, "p",
                      (int64_t)ceil((v->slower ? v->p_slower : v->p_faster) * 1e9), 9);
}

static bool tell_circumstances(comparing *c, const night_row *row, const night_verdict *v,
                               finding *f, bool *new_plan)
{
    time_change change = {.source = c->source->name,
                          .id = row->id,
                          .earliest = earliest(c),
                          .since = c->since,
                          .until = c->until,
                          .least = c->least,
                          .before = log(v->base),
                          .after = log(v->base * v->ratio)};
    return change_tell(c->a, &change, c->zone_offset, &c->text, f, new_plan);
}

static bool add_change(comparing *c, const night_row *row, const night_verdict *v,
                       const night_tides *tides, double total)
{
    uint32_t present;
    log_times usual = usual_of(c, row, &present);
    const log_times *tonight = &row->nights[0];
    double cost = cost_of(tonight, &usual, v, tides, usual_nights(c, row, &present));
    double least = least_cost(total);
    bool still = v->slower && is_still_slower(row, v, tides);
    analysed_query query;
    if (!still && (!is_felt(v, tides) || cost < least)) {
        return true;
    }
    finding *f = analysis_add(c->a, v->slower ? FINDING_REGRESSION : FINDING_IMPROVEMENT, c->source,
                              &row->id, 1);
    if (f == NULL || !analysis_query(c->a, row->id, &query)) {
        return false;
    }
    f->confidence = CONFIDENCE_LIKELY;
    f->first_seen = c->since * US_PER_SECOND;
    analysis_set_cost(f, c->source, (int64_t)cost);
    f->severity = v->slower ? f->severity : SEVERITY_LOW;
    bool by_time = v->slower ? v->ratio / tides->time >= (still ? STILL_RATIO : LEAST_RATIO)
                             : v->ratio / tides->time <= 1 / LEAST_RATIO;
    bool new_plan = false;
    say_change(c, row, v, tides, f);
    if (by_time && !tell_circumstances(c, row, v, f, &new_plan)) {
        return false;
    }
    f->detail = analysis_text(c->a, &c->text);
    buf_add_text(&c->text, "A query on ");
    buf_add(&c->text, query_subject(&query));
    buf_add_text(&c->text, by_time ? " is " : " is called ");
    say_ratio(&c->text, by_time ? v->ratio : v->rate_ratio,
              by_time ? " slower than" : " as often as",
              by_time ? " faster than" : " less often than");
    buf_add_text(&c->text, " in the nights before");
    buf_add_text(&c->text, new_plan ? ", with another plan" : "");
    f->title = analysis_text(c->a, &c->text);
    buf_add_text(&c->text, v->slower
                               ? "Look at what changed since: a deploy, an index, statistics, much"
                                 " new data. `qlog diff` sets plans and rows read of both windows"
                                 " side by side."
                               : "Nothing is to be done.");
    f->advice = analysis_text(c->a, &c->text);
    return true;
}

/* Where a query is on one side only. */
typedef struct appearance {
    bool is_new;
    bool weekly;        /* only nights of tonight's day of the week count */
    bool mixed;         /* nights of both kinds of day */
    uint32_t nights;    /* before tonight that count */
    double calls, time; /* tonight, or a night */
    double share_of;    /* of all queries' time then */
} appearance;

static void say_appearance(comparing *c, const appearance *is, finding *f)
{
    buf *out = &c->text;
    buf_add_text(out, is->is_new   ? "It was in none of "
                      : is->weekly ? "It was in all of "
                                   : "It was in most of ");
    if (is->weekly) {
        counted_format(out, is->nights, "night", "nights of this day of the week");
    } else if (is->is_new) {
        counted_format(out, is->nights, "night", "nights");
    } else {
        say_nights(c, out, is->nights, is->mixed);
    }
    buf_add_text(out, is->is_new ? " before, and has " : " before, and had ");
    counted_format(out, (int64_t)(is->calls + 0.5), "execution", "executions");
    buf_add_text(out, " of ");
    add_duration(out, is->time);
    buf_add_text(out, is->is_new ? " in all, " : " a night, ");
    share_format(out, (int64_t)is->time, (int64_t)is->share_of);
    buf_add_text(out, " of the query time.");
    f->detail = analysis_text(c->a, out);
    value_add_int(&c->a->values, f->evidence, "nights", is->nights);
    value_add_int(&c->a->values, f->evidence, "executions", (int64_t)(is->calls + 0.5));
    analysis_add_ms(c->a, f->evidence, "time_ms", (int64_t)(is->time + 0.5));
}

static bool add_appearance(comparing *c, const night_row *row, const appearance *is)
{
    analysed_query query;
    finding *f = analysis_add(c->a, is->is_new ? FINDING_NEW_QUERY : FINDING_GONE_QUERY, c->source,
                              &row->id, 1);
    if (f == NULL || !analysis_query(c->a, row->id, &query)) {
        return false;
    }
    buf *out = &c->text;
    f->confidence = CONFIDENCE_CERTAIN;
    analysis_set_cost(f, c->source, is->is_new ? (int64_t)is->time : 0);
    buf_add_text(out, is->is_new ? "A new query on " : "A query is gone: on ");
    buf_add(out, query_subject(&query));
    f->title = analysis_text(c->a, out);
    say_appearance(c, is, f);
    buf_add_text(out, is->is_new ? "See whether it was meant to come, and what it needs."
                                 : "See whether it was meant to go: a job that did not run leaves"
                                   " no other trace.");
    f->advice = analysis_text(c->a, out);
    return true;
}

/* What the last of tonight's costliest queries took. */
static double prominent_time(const comparing *c)
{
    double costliest[PROMINENT] = {0}; /* descending */
    for (uint32_t i = 0; i < c->n_rows; i++) {
        double time = c->rows[i].nights[0].time;
        int at = PROMINENT;
        for (; at > 0 && costliest[at - 1] < time; at--) {
            if (at < PROMINENT) {
                costliest[at] = costliest[at - 1];
            }
        }
        if (at < PROMINENT) {
            costliest[at] = time;
        }
    }
    return costliest[PROMINENT - 1];
}

static bool was_ever(const comparing *c, const night_row *row)
{
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        if (row->nights[k].n > 0) {
            return true;
        }
    }
    return false;
}

/* The nights in which a query that is gone was to be expected: most of those that tonight is
 * compared with, a week ago among them; or all of tonight's day of the week, for a weekly job. */
static bool find_expected(const comparing *c, const night_row *row, appearance *is)
{
    uint32_t present;
    uint32_t of_day = 0;
    uint32_t missed = 0;
    uint32_t n_usual_of_day = 0;
    log_times on_day = {0};
    const log_times none = {0};
    log_times usual = usual_of(c, row, &present);
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        if (c->kept[k] && k * c->step % (7 * SECONDS_PER_DAY) == 0) {
            of_day++;
            missed += row->nights[k].n <= 0;
            n_usual_of_day += !row->left_out[k];
            add_night(&on_day, row->left_out[k] ? &none : &row->nights[k]);
        }
    }
    uint32_t compared;
    uint32_t n_usual = usual_nights(c, row, &compared);
    bool elsewhere = present + missed > of_day + (1 - USUALLY) * (compared - of_day);
    is->weekly = present < USUALLY * compared;
    is->mixed = row->mixed;
    is->nights = is->weekly ? of_day : compared;
    const log_times *sum = is->weekly ? &on_day : &usual;
    n_usual = is->weekly ? n_usual_of_day : n_usual;
    is->calls = sum->n / n_usual;
    is->time = sum->time / n_usual;
    return n_usual > 0 && missed == 0 && (!is->weekly || (of_day >= WEEKS_LEAST && !elsewhere));
}

static bool judge_new(comparing *c, const night_row *row, double total)
{
    const log_times *tonight = &row->nights[0];
    appearance is = {.is_new = true,
                     .nights = c->n_read,
                     .calls = tonight->n,
                     .time = tonight->time,
                     .share_of = total};
    bool prominent = is.time >= c->prominent && is.time >= LEAST_COST;
    bool told = !was_ever(c, row) && (prominent || is.time >= LEAST_SHARE * total);
    return !told || add_appearance(c, row, &is);
}

static bool judge_gone(comparing *c, const night_row *row, double total)
{
    appearance is = {.share_of = total};
    bool told = find_expected(c, row, &is) && is.time >= LEAST_SHARE * is.share_of;
    return !told || add_appearance(c, row, &is);
}

static bool add_slow_server(comparing *c, const night_tides *tides, double total)
{
    finding *f = analysis_add(c->a, FINDING_SERVER_SLOWDOWN, c->source, NULL, 0);
    if (f == NULL) {
        return false;
    }
    f->confidence = CONFIDENCE_LIKELY;
    analysis_set_cost(f, c->source, (int64_t)(total - total / tides->time));
    buf_add_text(&c->text, "Nearly all queries are ");
    say_ratio(&c->text, tides->time, " slower", " faster");
    buf_add_text(&c->text, " than in the nights before");
    f->title = analysis_text(c->a, &c->text);
    buf_add_text(&c->text, "That is the median of all queries that were there in ");
    say_nights(c, &c->text, nights_needed(c), false);
    buf_add_text(&c->text,
                 " or more: it is not one query's doing, and is taken out of what is told of"
                 " each.");
    f->detail = analysis_text(c->a, &c->text);
    buf_add_text(&c->text,
                 "Look at the machine: processors, disks, memory, neighbours, backups at the"
                 " same hour.");
    f->advice = analysis_text(c->a, &c->text);
    add_ratio(c, f, "time_ratio_of_all", tides->time);
    return true;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static void note_tested(const comparing *c, const night_row *row, const night_verdict *v)
{
    if (v->tested && row->was_slower) {
        history_note_tested(c->a->request->history, regression_id(c, row));
    }
}

static bool judge_all(comparing *c, night_verdict *verdicts, const night_tides *tides)
{
    double now = total_of(c, true);
    double before = total_of(c, false);
    bool ok = tides->time < TIDE || add_slow_server(c, tides, now);
    c->prominent = prominent_time(c);
    for (uint32_t i = 0; ok && i < c->n_rows; i++) {
        night_verdict *v = &verdicts[i];
        const night_row *row = &c->rows[i];
        v->slower = v->slower || is_still_slower(row, v, tides);
        note_tested(c, row, v);
        if (v->slower || v->faster) {
            ok = add_change(c, row, v, tides, v->slower ? now : before);
        } else {
            ok = row->nights[0].n > 0 ? judge_new(c, row, now) : judge_gone(c, row, before);
        }
    }
    return ok;
}

static bool judge(comparing *c)
{
    arena *a = c->a->arena;
    bool sampled;
    night_tides tides;
    if (!read_threshold(c) || !read_times(c) || !read_sampled(c, &sampled)) {
        return false;
    }
    leave_out(c);
    mix_kinds(c);
    size_t columns = (size_t)c->n_nights + 1;
    night_cell *cells = arena_alloc(a, (c->n_rows * columns + 1) * sizeof *cells);
    night_verdict *verdicts = arena_calloc(a, (size_t)c->n_rows + 1, sizeof *verdicts);
    bool *weighty = arena_calloc(a, (size_t)c->n_rows + 1, sizeof *weighty);
    bool *mixed = arena_calloc(a, (size_t)c->n_rows + 1, sizeof *mixed);
    if (cells == NULL || verdicts == NULL || weighty == NULL || mixed == NULL) {
        return status_no_memory(c->a->st);
    }
    weigh(c, weighty);
    for (uint32_t i = 0; i < c->n_rows; i++) {
        mixed[i] = c->rows[i].mixed;
        for (uint32_t k = 0; k <= c->n_nights; k++) {
            cells[i * columns + k] = cell_of(c, &c->rows[i], k);
        }
    }
    nights all = {.n_queries = c->n_rows,
                  .n_nights = c->n_nights,
                  .needed = nights_needed(c),
                  .unlike = c->unlike,
                  .mixed = mixed,
                  .weighty = weighty,
                  .cells = cells,
                  .rates = !sampled};
    return nights_judge(&all, a, verdicts, &tides) ? judge_all(c, verdicts, &tides)
                                                   : status_no_memory(c->a->st);
}

static bool run(analysis *a, const analysed_source *source)
{
    comparing c = {.a = a, .source = source};
    if (!begin(&c)) {
        return true;
    }
    buf_init(&c.text, TEXT_MAX);
    arena_init(&c.bins, LOG_TIMES_SCRATCH);
    bool ok = read_nights(&c) && (c.n_kept < nights_needed(&c) || !c.kept[0] || judge(&c));
    buf_free(&c.text);
    arena_free(&c.bins);
    return ok;
}

bool regressions_count_nights(const store *s, const analysis_request *request, slice source,
                              uint32_t *n, uint32_t *needed, status *st)
{
    analysis a = {.store = s, .request = request, .st = st};
    analysed_source of = {.name = source};
    comparing c = {.a = &a, .source = &of};
    bool ok = !begin(&c) || read_nights(&c);
    *n = c.n_kept;
    *needed = nights_needed(&c);
    return ok;
}

static const finding_kind kinds[] = {FINDING_REGRESSION, FINDING_IMPROVEMENT, FINDING_NEW_QUERY,
                                     FINDING_GONE_QUERY, FINDING_SERVER_SLOWDOWN};

const analyser regressions_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
