/* circumstances.c - see circumstances.h. */
#include "analysers/circumstances.h"

#include "analysers/change_point.h"
#include "analysers/log_times.h"
#include "base/number.h"
#include "base/time_units.h"
#include "base/timestamp.h"

enum {
    HOURS_MAX = 512, /* that are looked at: the latest */
    LEVELS_MAX = 16,
    CALLS_OF_HOUR = 5, /* fewer say nothing of an hour */
    DAYS_BEFORE = 2,
    PLANS_MAX = 16,
    PLAN_CALLS = 3, /* that tell their plan, before and now */
    OFTEN = 5,
    SELDOM = 10 /* one of so many */
};

/* --- since when ---------------------------------------------------------------------------- */

/* Hours with enough executions: when they begin, and the mean of the times' logarithms. */
typedef struct hours {
    int64_t at[HOURS_MAX]; /* seconds */
    double level[HOURS_MAX];
    uint32_t n;
} hours;

static void add_hour(hours *h, int64_t at, const log_times *times)
{
    if (times->n < CALLS_OF_HOUR) {
        return;
    }
    if (h->n == HOURS_MAX) { /* the earliest goes */
        h->n--;
        memmove(h->at, h->at + 1, h->n * sizeof *h->at);
        memmove(h->level, h->level + 1, h->n * sizeof *h->level);
    }
    h->at[h->n] = at;
    h->level[h->n++] = log_times_mean(times);
}

static sqlite3_stmt *bind(sqlite3_stmt *q, const time_change *change, int64_t from)
{
    if (q != NULL) {
        sqlite3_bind_text(q, 1, change->source.p, (int)change->source.n, SQLITE_STATIC);
        sqlite3_bind_int64(q, 2, (sqlite3_int64)change->id);
        sqlite3_bind_int64(q, 3, from);
        sqlite3_bind_int64(q, 4, change->until);
    }
    return q;
}

/* Rows of whole days are of no hour. */
static bool read_hours(analysis *a, const time_change *change, hours *h)
{
    arena scratch;
    log_times times = {0};
    int64_t at = 0;
    sqlite3_stmt *q =
        bind(rows_begin(
                 a->store,
                 "SELECT m.hour, m.sum, m.histogram FROM main.segments s CROSS JOIN main.measures m"
                 " USING (source, segment) WHERE s.source = ?1 AND m.fingerprint = ?2"
                 " AND m.hour >= ?3 AND m.hour < ?4 AND m.hour >= s.days_before"
                 " AND m.measure = 'query_time' ORDER BY m.hour",
                 a->st),
             change, change->since - DAYS_BEFORE * SECONDS_PER_DAY);
    bool ok = q != NULL;
    h->n = 0;
    arena_init(&scratch, LOG_TIMES_SCRATCH);
    while (ok && rows_next(a->store, q, a->st)) {
        if (sqlite3_column_int64(q, 0) != at) {
            add_hour(h, at, &times);
            times = (log_times){0};
            at = sqlite3_column_int64(q, 0);
        }
        ok = log_times_add(&times, column_view(q, 2), sqlite3_column_int64(q, 1), change->least,
                           &scratch, a->st);
    }
    add_hour(h, at, &times);
    arena_free(&scratch);
    return rows_end(q, a->st);
}

static double mean_level(const hours *h, uint32_t from, uint32_t to)
{
    double sum = 0;
    for (uint32_t i = from; i < to; i++) {
        sum += h->level[i];
    }
    return sum / (to - from);
}

/* Whether hours are on the window's side of what lies between the usual level and its. */
static bool is_changed(const time_change *change, double level)
{
    double middle = (change->before + change->after) / 2;
    return change->after > change->before ? level > middle : level < middle;
}

bool change_find_date(analysis *a, const time_change *change, change_date *date)
{
    hours h;
    uint32_t begins[LEVELS_MAX];
    *date = (change_date){0};
    if (!read_hours(a, change, &h)) {
        return false;
    }
    uint32_t n = change_points(h.level, h.n, begins, LEVELS_MAX);
    uint32_t end = h.n;
    while (n > 0 && is_changed(change, mean_level(&h, begins[n - 1], end))) {
        end = begins[--n];
    }
    bool was_usual =
        end > 0 && end < h.n && !is_changed(change, mean_level(&h, n > 0 ? begins[n - 1] : 0, end));
    if (was_usual) {
        *date =
            (change_date){.since = h.at[end] * US_PER_SECOND,
                          .unchanged_until = (h.at[end - 1] + SECONDS_PER_HOUR) * US_PER_SECOND};
    }
    return true;
}

/* --- plans --------------------------------------------------------------------------------- */

typedef struct plan_counts {
    slice shape;
    double now, before; /* executions that tell it */
} plan_counts;

/* The most frequent ones now first. */
static bool read_plans(analysis *a, const time_change *change, plan_counts *plans, uint32_t *n)
{
    sqlite3_stmt *q =
        bind(rows_begin(a->store,
                        "SELECT s.text, sum(iif(p.hour >= ?5, p.calls, 0)) AS now,"
                        " sum(iif(p.hour < ?5, p.calls, 0))"
                        " FROM main.plans p JOIN main.plan_shapes s USING (plan)"
                        " WHERE p.source = ?1 AND p.fingerprint = ?2 AND p.hour >= ?3"
                        " AND p.hour < ?4 GROUP BY plan ORDER BY now DESC, plan LIMIT ?6",
                        a->st),
             change, change->earliest);
    *n = 0;
    if (q != NULL) {
        sqlite3_bind_int64(q, 5, change->since);
        sqlite3_bind_int64(q, 6, PLANS_MAX);
    }
    while (q != NULL && rows_next(a->store, q, a->st)) {
        plans[(*n)++] = (plan_counts){column_slice(q, 0, a->arena), sqlite3_column_double(q, 1),
                                      sqlite3_column_double(q, 2)};
    }
    return rows_end(q, a->st);
}

bool change_find_plan(analysis *a, const time_change *change, plan_shift *shift)
{
    plan_counts plans[PLANS_MAX];
    uint32_t n;
    double now = 0;
    double before = 0;
    const plan_counts *usual = plans;
    *shift = (plan_shift){0};
    if (!read_plans(a, change, plans, &n)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        now += plans[i].now;
        before += plans[i].before;
        usual = plans[i].before > usual->before ? &plans[i] : usual;
    }
    for (uint32_t i = 0; i < n && before >= PLAN_CALLS && shift->calls == 0; i++) {
        const plan_counts *p = &plans[i];
        bool seldom = p->before / before * SELDOM <= p->now / now;
        if (p->now >= PLAN_CALLS && p->now * OFTEN >= now && seldom) {
            *shift = (plan_shift){p->shape, usual->shape, (int64_t)p->now, (int64_t)now};
        }
    }
    return true;
}

/* --- telling ------------------------------------------------------------------------------- */

/* "2026-11-19 14:00" */
static void say_minute(buf *out, int64_t us, int32_t zone_offset)
{
    enum { SECONDS_SHOWN = 3 };
    timestamp_format(out, us, zone_offset, 0);
    buf_truncate(out, out->n - SECONDS_SHOWN);
}

static void say_date(buf *out, const change_date *date, int32_t zone_offset)
{
    bool gap = date->unchanged_until < date->since;
    buf_add_text(out, gap ? " It came between " : " It has been so since ");
    if (gap) {
        say_minute(out, date->unchanged_until, zone_offset);
        buf_add_text(out, " and ");
    }
    say_minute(out, date->since, zone_offset);
    buf_add_char(out, '.');
}

static void say_plan(buf *out, const plan_shift *shift)
{
    buf_add_text(out, " It has another plan: ");
    count_format(out, shift->calls);
    buf_add_text(out, " of ");
    counted_format(out, shift->of_calls, "execution", "executions");
    buf_add_text(out, " that tell theirs have one that begins with ");
    buf_add(out, plan_first_line(shift->shape));
    buf_add_text(out, ", before it was ");
    buf_add(out, plan_first_line(shift->shape_before));
    buf_add_char(out, '.');
}

bool change_tell(analysis *a, const time_change *change, int32_t zone_offset, buf *detail,
                 finding *f, bool *new_plan)
{
    change_date date;
    plan_shift shift;
    if (!change_find_date(a, change, &date) || !change_find_plan(a, change, &shift)) {
        return false;
    }
    if (date.since != 0) {
        say_date(detail, &date, zone_offset);
        value_add_instant(&a->values, f->evidence, "unchanged_until", date.unchanged_until);
        value_add_instant(&a->values, f->evidence, "changed_since", date.since);
    }
    *new_plan = shift.calls > 0;
    if (*new_plan) {
        say_plan(detail, &shift);
        value *plan = value_add_object(&a->values, f->evidence, "plan");
        value_add_text(&a->values, plan, "shape", shift.shape);
        value_add_text(&a->values, plan, "shape_before", shift.shape_before);
        value_add_int(&a->values, plan, "executions", shift.calls);
        value_add_int(&a->values, plan, "of_executions", shift.of_calls);
    }
    return true;
}
