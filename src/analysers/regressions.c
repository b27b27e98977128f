/* regressions.c - queries that are slower or faster tonight than in the nights before, and what all
 * have in common; see comparing.h for the nights and appearances.h for what is new or gone. The
 * test is that of nights.h; what passes it must also be of a size and cost that somebody feels. */
#include "analysers/regressions.h"

#include <math.h>

#include "analysers/appearances.h"
#include "analysers/circumstances.h"
#include "analysers/comparing.h"
#include "analysers/history.h"
#include "base/number.h"
#include "base/time_units.h"

enum { TEXT_MAX = 64 * 1024 };

static const double LEAST_RATIO = 1.25, TIDE = 1.2, OFTENER = 3;
static const double STILL_RATIO = 1.15;      /* above it a regression that is open stays so */
static const double LEAST_MORE = 10000;      /* us; or a tenth of the usual time */
static const double LEAST_COST = 10e6;       /* us a night, or */
static const double LEAST_COST_PART = 0.005; /* of all time, whichever is more */

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
    double least = least_cost(comparing_total(c, false));
    for (uint32_t i = 0; i < c->n_rows; i++) {
        weighty[i] = comparing_usual_time(c, &c->rows[i]) >= least;
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

static void say_change(comparing *c, const night_row *row, const night_verdict *v,
                       const night_tides *tides, finding *f)
{
    uint32_t ignored;
    log_times usual = comparing_usual(c, row, &ignored);
    uint32_t n_usual = comparing_usual_nights(c, row, &ignored);
    const log_times *tonight = &row->nights[0];
    buf *out = &c->text;
    buf_add_text(out, "The geometric mean of its times is ");
    add_duration(out, v->base * v->ratio);
    buf_add_text(out, ", and was ");
    add_duration(out, v->base);
    buf_add_text(out, " in the median of ");
    comparing_say_nights(c, out, v->nights, row->mixed);
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

/* What it took in each night, as far as there are any. */
static bool add_nights(const comparing *c, const night_row *row, finding *f)
{
    finding_point *points =
        arena_alloc(c->a->arena, ((size_t)c->n_nights + 1) * sizeof(finding_point));
    if (points == NULL) {
        return status_no_memory(c->a->st);
    }
    f->axis = AXIS_NIGHTS;
    f->points = points;
    for (uint32_t k = c->n_nights + 1; k-- > 0;) {
        const log_times *night = &row->nights[k];
        if (night->n > 0) {
            points[f->n_points++] = (finding_point){
                .x = c->n_nights - k, .y = (int64_t)(exp(log_times_mean(night)) + 0.5)};
        }
    }
    return true;
}

static bool tell_circumstances(comparing *c, const night_row *row, const night_verdict *v,
                               finding *f, bool *new_plan)
{
    time_change change = {.source = c->source->name,
                          .id = row->id,
                          .earliest = comparing_earliest(c),
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
    log_times usual = comparing_usual(c, row, &present);
    const log_times *tonight = &row->nights[0];
    double cost = cost_of(tonight, &usual, v, tides, comparing_usual_nights(c, row, &present));
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
    if (by_time && !(add_nights(c, row, f) && tell_circumstances(c, row, v, f, &new_plan))) {
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
    comparing_say_nights(c, &c->text, comparing_needs(c), false);
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
        history_note_tested(c->a->request->history, comparing_regression_id(c, row));
    }
}

static bool judge_all(comparing *c, night_verdict *verdicts, const night_tides *tides)
{
    double now = comparing_total(c, true);
    double before = comparing_total(c, false);
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
    if (!comparing_read(c) || !comparing_find_sampled(c, &sampled)) {
        return false;
    }
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
            cells[i * columns + k] = comparing_cell(c, &c->rows[i], k);
        }
    }
    nights all = {.n_queries = c->n_rows,
                  .n_nights = c->n_nights,
                  .needed = comparing_needs(c),
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
    if (!comparing_begin(&c)) {
        return true;
    }
    buf_init(&c.text, TEXT_MAX);
    arena_init(&c.bins, LOG_TIMES_SCRATCH);
    bool ok =
        comparing_find_nights(&c) && (c.n_kept < comparing_needs(&c) || !c.kept[0] || judge(&c));
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
    bool ok = !comparing_begin(&c) || comparing_find_nights(&c);
    *n = c.n_kept;
    *needed = comparing_needs(&c);
    return ok;
}

static const finding_kind kinds[] = {FINDING_REGRESSION, FINDING_IMPROVEMENT, FINDING_NEW_QUERY,
                                     FINDING_GONE_QUERY, FINDING_SERVER_SLOWDOWN};

const analyser regressions_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
