/* regressions.c - queries that are slower, faster, new or gone tonight, beside the nights before.
 *
 * A night is a window of the report's length and time of day. The store's own tables are read,
 * since a report's window hides what was before it. The test is that of nights.h; what passes it
 * must also be of a size and cost that somebody feels. */
#include "analysers/regressions.h"

#include <math.h>

#include "analysers/history.h"
#include "analysers/nights.h"
#include "analysers/statistics.h"
#include "base/histogram.h"
#include "base/number.h"
#include "base/time_units.h"

enum { NIGHTS_MAX = 366, TEXT_MAX = 64 * 1024, BINS_MAX = 1024 * 1024 };

static const double LEAST_RATIO = 1.25, TIDE = 1.2, OFTENER = 3;
static const double STILL_RATIO = 1.15;      /* above it a regression that is open stays so */
static const double LEAST_MORE = 10000;      /* us; or a tenth of the usual time */
static const double LEAST_COST = 10e6;       /* us a night, or */
static const double LEAST_COST_PART = 0.005; /* of all time, whichever is more */
static const double LEAST_SHARE = 0.01;      /* of a new or gone query */
static const double USUALLY = 0.8; /* of the nights, in which a query that is gone was there */

typedef struct night_sum {
    double n, time;
    double logs, squares; /* of executions above the threshold: sums */
    double above;         /* how many they are */
    double time_above;
    bool left_out; /* a night of a regression: not what is usual */
} night_sum;

typedef struct night_row {
    uint64_t id;
    night_sum *nights;   /* tonight first */
    uint32_t n_left_out; /* of them */
    bool was_slower;     /* its regression is open */
} night_row;

typedef struct comparing {
    analysis *a;
    const analysed_source *source;
    int64_t since, until, step; /* seconds */
    uint32_t n_nights;          /* before tonight */
    int64_t least;              /* us; bins that begin below are left out */
    double hours[NIGHTS_MAX + 1];
    bool kept[NIGHTS_MAX + 1];
    uint32_t n_kept; /* of those before */
    night_row *rows;
    uint32_t n_rows;
    buf text;   /* scratch */
    arena bins; /* of one row */
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

/* Nights that cover less than half of the usual hours say little. */
static void keep_nights(comparing *c)
{
    double covered[NIGHTS_MAX];
    uint32_t n = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        if (c->hours[k] > 0) {
            covered[n++] = c->hours[k];
        }
    }
    double usual = median_of(covered, n);
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        c->kept[k] = c->hours[k] > 0 && c->hours[k] * 2 >= usual;
        c->n_kept += c->kept[k];
    }
    c->kept[0] = c->hours[0] > 0;
}

static bool read_nights(comparing *c)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT DISTINCT d.hour, s.days_before FROM main.digest d JOIN main.segments s"
        " USING (source, segment) WHERE source = ?1 AND d.hour >= ?2",
        c->source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, earliest(c));
    }
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t hour = sqlite3_column_int64(q, 0);
        int64_t length = length_of(hour, sqlite3_column_int64(q, 1));
        uint32_t night;
        if (find_night(c, hour, length, &night)) {
            c->hours[night] += (double)length / (double)SECONDS_PER_HOUR;
        }
    }
    keep_nights(c);
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

static night_sum *sum_of(comparing *c, uint64_t id, uint32_t night)
{
    if (c->n_rows == 0 || c->rows[c->n_rows - 1].id != id) {
        night_row *rows = arena_one_more(c->a->arena, c->rows, c->n_rows, sizeof *rows);
        night_sum *sums = arena_calloc(c->a->arena, c->n_nights + 1, sizeof *sums);
        if (rows == NULL || sums == NULL) {
            status_no_memory(c->a->st);
            return NULL;
        }
        c->rows = rows;
        c->rows[c->n_rows++] = (night_row){.id = id, .nights = sums};
    }
    return &c->rows[c->n_rows - 1].nights[night];
}

static bool add_bins(comparing *c, night_sum *sum, slice packed)
{
    histogram h = {0};
    arena_reset(&c->bins);
    if (!histogram_merge(&h, &c->bins, packed)) {
        return status_fail(c->a->st, STATUS_STORE, "a histogram in the store is damaged");
    }
    for (uint32_t i = 0; i < h.cap; i++) {
        uint64_t from;
        uint64_t to;
        if (h.slots[i] == 0) {
            continue;
        }
        uint32_t bin = histogram_slot_bin(h.slots[i]);
        double n = (double)histogram_slot_count(h.slots[i]);
        histogram_bin_range(bin, &from, &to);
        if ((int64_t)from >= c->least) {
            double middle = (double)histogram_bin_middle(bin);
            double logarithm = log(middle > 0 ? middle : 0.5);
            sum->above += n;
            sum->time_above += n * middle;
            sum->logs += n * logarithm;
            sum->squares += n * logarithm * logarithm;
        }
    }
    return true;
}

static bool read_times(comparing *c)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT m.fingerprint, m.hour, s.days_before, m.n, m.sum, m.histogram FROM main.measures m"
        " JOIN main.segments s USING (source, segment) WHERE source = ?1 AND m.hour >= ?2 AND"
        " m.measure = 'query_time' ORDER BY m.fingerprint",
        c->source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, earliest(c));
    }
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t hour = sqlite3_column_int64(q, 1);
        uint32_t night;
        if (!find_night(c, hour, length_of(hour, sqlite3_column_int64(q, 2)), &night) ||
            !c->kept[night]) {
            continue;
        }
        night_sum *sum = sum_of(c, (uint64_t)sqlite3_column_int64(q, 0), night);
        if (sum == NULL || !add_bins(c, sum, column_view(q, 5))) {
            break;
        }
        sum->n += (double)sqlite3_column_int64(q, 3);
        sum->time += (double)sqlite3_column_int64(q, 4);
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
        for (uint32_t k = 1; k <= c->n_nights; k++) {
            bool out =
                c->kept[k] && history_leaves_out(h, id, (c->since - k * c->step) * US_PER_SECOND);
            row->nights[k].left_out = out;
            row->n_left_out += out;
        }
    }
}

/* A sample's counts are not those of executions. */
static bool read_sampled(comparing *c, bool *sampled)
{
    analysis *a = c->a;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT EXISTS (SELECT 1 FROM main.digest WHERE source = ?1 AND"
                                    " hour >= ?2 AND estimated_calls <> calls)",
                                    c->source);
    if (q != NULL) {
        sqlite3_bind_int64(q, 2, earliest(c));
    }
    *sampled = q != NULL && rows_next(a->store, q, a->st) && sqlite3_column_int64(q, 0) != 0;
    return rows_end(q, a->st);
}

static night_cell cell_of(const comparing *c, const night_row *row, uint32_t night)
{
    const night_sum *sum = &row->nights[night];
    night_cell cell = {.n = sum->left_out ? 0 : sum->above};
    if (cell.n > 0) {
        cell.log_mean = sum->logs / sum->above;
        double squares = sum->squares - sum->above * cell.log_mean * cell.log_mean;
        cell.log_variance = sum->above > 1 && squares > 0 ? squares / (sum->above - 1) : 0;
        cell.log_rate = log(sum->above / c->hours[night]);
    }
    return cell;
}

/* --- findings --------------------------------------------------------------------------------- */

/* A query's nights before, added up: those that tell what is usual, and in how many of all it was.
 */
static night_sum usual_of(const comparing *c, const night_row *row, uint32_t *present)
{
    night_sum all = {0};
    *present = 0;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        *present += row->nights[k].n > 0;
        if (row->nights[k].left_out) {
            continue;
        }
        all.n += row->nights[k].n;
        all.time += row->nights[k].time;
        all.above += row->nights[k].above;
        all.time_above += row->nights[k].time_above;
    }
    return all;
}

/* How many nights those are. */
static uint32_t usual_nights(const comparing *c, const night_row *row)
{
    return c->n_kept - row->n_left_out;
}

static double total_of(const comparing *c, bool tonight)
{
    double total = 0;
    for (uint32_t i = 0; i < c->n_rows; i++) {
        uint32_t present;
        total += tonight ? c->rows[i].nights[0].time : usual_of(c, &c->rows[i], &present).time;
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
static double cost_of(const night_sum *tonight, const night_sum *usual, const night_verdict *v,
                      const night_tides *tides, uint32_t n_kept)
{
    double each =
        tonight->time_above / tonight->above - usual->time_above / usual->above * tides->time;
    double by_time = fabs(each) * (v->slower ? tonight->above : usual->above / n_kept);
    double by_rate = fabs(tonight->time_above - usual->time_above / n_kept * tides->rate);
    double beside = v->rate_ratio / tides->rate;
    bool rate = v->rate_ratio > 0 && (beside >= OFTENER || beside <= 1 / OFTENER);
    return rate && by_rate > by_time ? by_rate : by_time;
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

static void say_change(comparing *c, const night_verdict *v, const night_sum *tonight,
                       const night_sum *usual, uint32_t n_usual, const night_tides *tides,
                       finding *f)
{
    buf *out = &c->text;
    buf_add_text(out, "The geometric mean of its times is ");
    add_duration(out, v->base * v->ratio);
    buf_add_text(out, ", and was ");
    add_duration(out, v->base);
    buf_add_text(out, " in the median of ");
    counted_format(out, v->nights, "night", "nights");
    buf_add_text(out, "; ");
    counted_format(out, (int64_t)tonight->above, "execution", "executions");
    buf_add_text(out, ", before ");
    count_format(out, (int64_t)(usual->above / n_usual + 0.5));
    buf_add_text(out, " a night. Of the changes that are told in a night one in twenty at most is"
                      " expected to be chance.");
    if (tides->time >= TIDE || tides->time <= 1 / TIDE) {
        buf_add_text(out, " Nearly all queries are ");
        say_ratio(out, tides->time, " slower", " faster");
        buf_add_text(out, ", which is taken out of it.");
    }
    f->detail = analysis_text(c->a, out);
    add_ratio(c, f, "ratio", v->ratio);
    add_ratio(c, f, "rate_ratio", v->rate_ratio);
    add_ratio(c, f, "time_ratio_of_all", tides->time);
    analysis_add_ms(c->a, f->evidence, "geometric_mean_ms", (int64_t)(v->base * v->ratio + 0.5));
    analysis_add_ms(c->a, f->evidence, "geometric_mean_before_ms", (int64_t)(v->base + 0.5));
    value_add_int(&c->a->values, f->evidence, "executions", (int64_t)tonight->above);
    value_add_int(&c->a->values, f->evidence, "nights", v->nights);
    /* Upwards, as no chance is nothing. */
    value_add_decimal(&c->a->values, f->evidence, "p",
                      (int64_t)ceil((v->slower ? v->p_slower : v->p_faster) * 1e9), 9);
}

static bool add_change(comparing *c, const night_row *row, const night_verdict *v,
                       const night_tides *tides, double total)
{
    uint32_t present;
    night_sum usual = usual_of(c, row, &present);
    const night_sum *tonight = &row->nights[0];
    uint32_t n_usual = usual_nights(c, row);
    double cost = cost_of(tonight, &usual, v, tides, n_usual);
    double least = total * LEAST_COST_PART > LEAST_COST ? total * LEAST_COST_PART : LEAST_COST;
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
    buf_add_text(&c->text, "A query on ");
    buf_add(&c->text, query_subject(&query));
    buf_add_text(&c->text, by_time ? " is " : " is called ");
    say_ratio(&c->text, by_time ? v->ratio : v->rate_ratio,
              by_time ? " slower than" : " as often as",
              by_time ? " faster than" : " less often than");
    buf_add_text(&c->text, " in the nights before");
    f->title = analysis_text(c->a, &c->text);
    say_change(c, v, tonight, &usual, n_usual, tides, f);
    buf_add_text(&c->text, v->slower
                               ? "Look at what changed since: a deploy, an index, statistics, much"
                                 " new data. `qlog diff` sets plans and rows read of both windows"
                                 " side by side."
                               : "Nothing is to be done.");
    f->advice = analysis_text(c->a, &c->text);
    return true;
}

/* Of a query that is there on one side only. */
static bool add_appearance(comparing *c, const night_row *row, bool is_new, const night_sum *sum,
                           double each_night, double total)
{
    analysed_query query;
    finding *f =
        analysis_add(c->a, is_new ? FINDING_NEW_QUERY : FINDING_GONE_QUERY, c->source, &row->id, 1);
    if (f == NULL || !analysis_query(c->a, row->id, &query)) {
        return false;
    }
    buf *out = &c->text;
    f->confidence = CONFIDENCE_CERTAIN;
    analysis_set_cost(f, c->source, is_new ? (int64_t)each_night : 0);
    buf_add_text(out, is_new ? "A new query on " : "A query is gone: on ");
    buf_add(out, query_subject(&query));
    f->title = analysis_text(c->a, out);
    buf_add_text(out, is_new ? "It was in none of " : "It was in most of ");
    counted_format(out, c->n_kept, "night", "nights");
    buf_add_text(out, is_new ? " before, and has " : " before, and had ");
    double calls = is_new ? sum->n : sum->n / usual_nights(c, row);
    counted_format(out, (int64_t)(calls + 0.5), "execution", "executions");
    buf_add_text(out, " of ");
    add_duration(out, each_night);
    buf_add_text(out, is_new ? " in all, " : " a night, ");
    share_format(out, (int64_t)sum->time, (int64_t)total);
    buf_add_text(out, " of the query time.");
    f->detail = analysis_text(c->a, out);
    buf_add_text(out, is_new ? "See whether it was meant to come, and what it needs."
                             : "See whether it was meant to go: a job that did not run leaves no"
                               " other trace.");
    f->advice = analysis_text(c->a, out);
    value_add_int(&c->a->values, f->evidence, "nights", c->n_kept);
    value_add_int(&c->a->values, f->evidence, "executions", (int64_t)(calls + 0.5));
    analysis_add_ms(c->a, f->evidence, "time_ms", (int64_t)(each_night + 0.5));
    return true;
}

/* A night of the same day of the week, a week ago, must have had it as well. */
static bool was_expected(const comparing *c, const night_row *row, uint32_t present)
{
    bool weekly = true;
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        bool same_day = k * c->step % (7 * SECONDS_PER_DAY) == 0;
        weekly = weekly && (!same_day || !c->kept[k] || row->nights[k].n > 0);
    }
    return weekly && present >= USUALLY * c->n_kept;
}

static bool judge_appearance(comparing *c, const night_row *row, double now, double before)
{
    uint32_t present;
    night_sum usual = usual_of(c, row, &present);
    const night_sum *tonight = &row->nights[0];
    if (tonight->n > 0 && present == 0 && tonight->time >= LEAST_SHARE * now) {
        return add_appearance(c, row, true, tonight, tonight->time, now);
    }
    if (tonight->n > 0 || usual_nights(c, row) == 0 || usual.time < LEAST_SHARE * before ||
        !was_expected(c, row, present)) {
        return true;
    }
    return add_appearance(c, row, false, &usual, usual.time / usual_nights(c, row), before);
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
    counted_format(&c->text, NIGHTS_LEAST, "night", "nights");
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
    for (uint32_t i = 0; ok && i < c->n_rows; i++) {
        night_verdict *v = &verdicts[i];
        v->slower = v->slower || is_still_slower(&c->rows[i], v, tides);
        note_tested(c, &c->rows[i], v);
        ok = v->slower || v->faster
                 ? add_change(c, &c->rows[i], v, tides, v->slower ? now : before / c->n_kept)
                 : judge_appearance(c, &c->rows[i], now, before);
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
    size_t columns = (size_t)c->n_nights + 1;
    night_cell *cells = arena_alloc(a, (c->n_rows * columns + 1) * sizeof *cells);
    night_verdict *verdicts = arena_calloc(a, (size_t)c->n_rows + 1, sizeof *verdicts);
    if (cells == NULL || verdicts == NULL) {
        return status_no_memory(c->a->st);
    }
    for (uint32_t i = 0; i < c->n_rows; i++) {
        for (uint32_t k = 0; k <= c->n_nights; k++) {
            cells[i * columns + k] = cell_of(c, &c->rows[i], k);
        }
    }
    nights all = {
        .n_queries = c->n_rows, .n_nights = c->n_nights, .cells = cells, .rates = !sampled};
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
    arena_init(&c.bins, BINS_MAX);
    bool ok = read_nights(&c) && (c.n_kept < NIGHTS_LEAST || !c.kept[0] || judge(&c));
    buf_free(&c.text);
    arena_free(&c.bins);
    return ok;
}

bool regressions_count_nights(const store *s, const analysis_request *request, slice source,
                              uint32_t *n, status *st)
{
    analysis a = {.store = s, .request = request, .st = st};
    analysed_source of = {.name = source};
    comparing c = {.a = &a, .source = &of};
    bool ok = !begin(&c) || read_nights(&c);
    *n = c.n_kept;
    return ok;
}

static const finding_kind kinds[] = {FINDING_REGRESSION, FINDING_IMPROVEMENT, FINDING_NEW_QUERY,
                                     FINDING_GONE_QUERY, FINDING_SERVER_SLOWDOWN};

const analyser regressions_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
