/* appearances.c - see appearances.h. */
#include "analysers/appearances.h"

#include "base/number.h"
#include "base/time_units.h"

enum { PROMINENT = 20 /* of a new query: among so many */, WEEKS_LEAST = 3 /* of a weekly one */ };

static const double LEAST_TIME = 10e6;  /* us of a new query that is prominent */
static const double LEAST_SHARE = 0.01; /* of all queries' time */
static const double USUALLY = 0.8;      /* of the nights, in which a query that is gone was there */

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
        comparing_say_nights(c, out, is->nights, is->mixed);
    }
    buf_add_text(out, is->is_new ? " before, and has " : " before, and had ");
    counted_format(out, (int64_t)(is->calls + 0.5), "execution", "executions");
    buf_add_text(out, " of ");
    duration_format(out, (int64_t)(is->time + 0.5));
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

double prominent_time(const comparing *c)
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
    log_times usual = comparing_usual(c, row, &present);
    for (uint32_t k = 1; k <= c->n_nights; k++) {
        if (c->kept[k] && k * c->step % (7 * SECONDS_PER_DAY) == 0) {
            of_day++;
            missed += row->nights[k].n <= 0;
            n_usual_of_day += !row->left_out[k];
            log_times_join(&on_day, row->left_out[k] ? &none : &row->nights[k]);
        }
    }
    uint32_t compared;
    uint32_t n_usual = comparing_usual_nights(c, row, &compared);
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

bool judge_new(comparing *c, const night_row *row, double total)
{
    const log_times *tonight = &row->nights[0];
    appearance is = {.is_new = true,
                     .nights = c->n_read,
                     .calls = tonight->n,
                     .time = tonight->time,
                     .share_of = total};
    bool prominent = is.time >= c->prominent && is.time >= LEAST_TIME;
    bool told = !was_ever(c, row) && (prominent || is.time >= LEAST_SHARE * total);
    return !told || add_appearance(c, row, &is);
}

bool judge_gone(comparing *c, const night_row *row, double total)
{
    appearance is = {.share_of = total};
    bool told = find_expected(c, row, &is) && is.time >= LEAST_SHARE * is.share_of;
    return !told || add_appearance(c, row, &is);
}
