/* stalls.c - minutes in which many queries were slow at once: not a query's fault, but the
 * server's.
 *
 * Each query is compared with itself: its mean in a minute with the median of its means over all
 * minutes. Single queries are slow now and then; how often tells how many would be by accident in
 * one minute together (binomial), and a stall is what is to be expected less than a hundredth of
 * once in the whole log. So a log whose queries are erratic, each on its own, stays silent,
 * and so does one that is slow all the time, or in which one query is slow.
 *
 * What else the log tells of those minutes is named beside it, not as the cause. The store has the
 * hour's facts with the first and the last time of each: only what one of these puts within the
 * stall, or up to a minute before, is named. */
#include "analysers/analysis.h"

#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/series.h"
#include "base/time_units.h"
#include "base/timestamp.h"

enum {
    USUAL_MINUTES = 10,              /* in which a query was called, to know what is usual for it */
    TIMES_SLOWER = 5,                /* than usual, which no noise of a healthy server makes */
    SLOWER_BY_US = 20 * 1000,        /* and by so much, which a person may feel */
    QUERIES_LEAST = 5,               /* slow at once: fewer may share a table or a plan */
    EXCESS_LEAST_US = US_PER_SECOND, /* lost in a minute, all queries together */
    MINUTES_MAX = 400 * 24 * 60,     /* of the log, from its end */
    QUERIES_SHOWN = 5,
    STALLS_SHOWN = 10,
    FACTS_SHOWN = 8,
    POINTS_MAX = 64 * 1024 * 1024, /* bytes: of one query */
    TEXT_MAX = 16 * 1024
};

static const double ACCIDENTS = 0.01; /* to be expected in the whole log */

/* A query's minute. */
typedef struct query_minute {
    int64_t minute; /* since 1970 */
    int64_t calls, time;
    int64_t mean; /* us */
} query_minute;

typedef struct query_minutes {
    query_minute *items;
    uint32_t n;
} query_minutes;

/* A minute of the log. */
typedef struct log_minute {
    uint32_t judged; /* queries of which it is known what is usual */
    uint32_t slow;
    int64_t excess; /* us, of the slow ones above what is usual */
} log_minute;

typedef struct stall {
    int64_t from, to;      /* minutes since 1970; to is the one behind */
    uint32_t judged, slow; /* in its worst minute */
    int64_t excess;
} stall;

typedef struct slow_query {
    uint64_t id;
    int64_t excess;
} slow_query;

typedef struct judged_log {
    analysis *a;
    const analysed_source *source;
    int64_t first; /* minute since 1970 */
    int64_t n_minutes;
    log_minute *minutes;
    stall *stalls;
    uint32_t n_stalls;
    stall worst;
    slow_query slow[QUERIES_SHOWN]; /* of the worst stall, the slowest first */
    uint32_t n_slow;
    arena points; /* scratch */
    buf text;     /* scratch */
} judged_log;

/* --- what is usual ----------------------------------------------------------------------------
 */

static int compare_minutes(const void *a, const void *b)
{
    const query_minute *x = a;
    const query_minute *y = b;
    return (x->minute > y->minute) - (x->minute < y->minute);
}

static int compare_means(const void *a, const void *b)
{
    const query_minute *x = a;
    const query_minute *y = b;
    return (x->mean > y->mean) - (x->mean < y->mean);
}

static bool add_series(judged_log *j, query_minutes *to, int64_t hour, slice packed)
{
    series_point p = {0};
    while (series_take(&packed, &p)) {
        query_minute *all = arena_one_more(&j->points, to->items, to->n, sizeof *all);
        if (all == NULL) {
            return status_no_memory(j->a->st);
        }
        to->items = all;
        all[to->n++] =
            (query_minute){.minute = hour / SECONDS_PER_MINUTE + p.second / SECONDS_PER_MINUTE,
                           .calls = (int64_t)p.calls,
                           .time = (int64_t)p.time};
    }
    return true;
}

/* One item for each minute. */
static void unite(query_minutes *m)
{
    uint32_t n = 0;
    qsort(m->items, m->n, sizeof *m->items, compare_minutes);
    for (uint32_t i = 0; i < m->n; i++) {
        query_minute one = m->items[i];
        if (n > 0 && m->items[n - 1].minute == one.minute) {
            m->items[n - 1].calls += one.calls;
            m->items[n - 1].time += one.time;
        } else {
            m->items[n++] = one;
        }
    }
    m->n = n;
    for (uint32_t i = 0; i < n; i++) {
        m->items[i].mean = m->items[i].calls > 0 ? m->items[i].time / m->items[i].calls : 0;
    }
}

static bool is_slow(const query_minute *m, int64_t usual)
{
    return m->mean >= usual * TIMES_SLOWER && m->mean >= usual + SLOWER_BY_US;
}

/* Hands each query's minutes and what is usual for it, in us, to `take`. */
typedef void take_query(judged_log *j, uint64_t id, const query_minutes *m, int64_t usual);

static void end_query(judged_log *j, uint64_t id, query_minutes *m, take_query *take)
{
    if (m->n >= USUAL_MINUTES) {
        unite(m);
    }
    if (m->n >= USUAL_MINUTES) {
        qsort(m->items, m->n, sizeof *m->items, compare_means);
        take(j, id, m, m->items[(m->n - 1) / 2].mean);
    }
    *m = (query_minutes){0};
    arena_reset(&j->points);
}

static bool each_query(judged_log *j, take_query *take)
{
    analysis *a = j->a;
    query_minutes m = {0};
    uint64_t id = 0;
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT fingerprint, hour, series FROM digest"
                                    " WHERE source = ?1 AND hour <> 0 ORDER BY fingerprint",
                                    j->source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        uint64_t next = (uint64_t)sqlite3_column_int64(q, 0);
        if (m.n > 0 && next != id) {
            end_query(j, id, &m, take);
        }
        id = next;
        if (!add_series(j, &m, sqlite3_column_int64(q, 1), column_view(q, 2))) {
            break;
        }
    }
    if (m.n > 0) {
        end_query(j, id, &m, take);
    }
    return rows_end(q, a->st);
}

/* --- which minutes -----------------------------------------------------------------------------
 */

static void judge_query(judged_log *j, uint64_t id, const query_minutes *m, int64_t usual)
{
    (void)id;
    for (uint32_t i = 0; i < m->n; i++) {
        const query_minute *one = &m->items[i];
        if (one->minute < j->first || one->minute >= j->first + j->n_minutes) {
            continue;
        }
        log_minute *to = &j->minutes[one->minute - j->first];
        to->judged++;
        if (is_slow(one, usual)) {
            to->slow++;
            to->excess += one->time - usual * one->calls;
        }
    }
}

/* How likely at least `least` of n are slow, each with p. */
static double binomial_tail(uint32_t n, uint32_t least, double p)
{
    double sum = 0;
    for (uint32_t k = least; k <= n; k++) {
        double choices = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
        sum += exp(choices + k * log(p) + (n - k) * log1p(-p));
    }
    return sum;
}

/* How often a query is slow in a minute, of all; at least once in a thousand, since a short log
 * cannot tell that it never happens. */
static double slow_share(const judged_log *j, double *minutes)
{
    double judged = 0;
    double slow = 0;
    for (int64_t i = 0; i < j->n_minutes; i++) {
        judged += j->minutes[i].judged;
        slow += j->minutes[i].slow;
        *minutes += j->minutes[i].judged > 0;
    }
    double share = judged > 0 ? slow / judged : 0;
    return share < 0.001 ? 0.001 : share > 0.999 ? 0.999 : share;
}

static bool is_stalled(const log_minute *m, double share, double minutes)
{
    return m->slow >= QUERIES_LEAST && m->slow * 2 >= m->judged && m->excess >= EXCESS_LEAST_US &&
           minutes * binomial_tail(m->judged, m->slow, share) < ACCIDENTS;
}

/* Minutes one behind the other are one stall. */
static bool add_minute(judged_log *j, int64_t minute, const log_minute *m)
{
    stall *last = j->n_stalls > 0 ? &j->stalls[j->n_stalls - 1] : NULL;
    if (last == NULL || last->to != minute) {
        stall *all = arena_one_more(j->a->arena, j->stalls, j->n_stalls, sizeof *all);
        if (all == NULL) {
            return status_no_memory(j->a->st);
        }
        j->stalls = all;
        last = &all[j->n_stalls++];
        *last = (stall){.from = minute, .to = minute};
    }
    last->to++;
    last->excess += m->excess;
    if (m->slow > last->slow) {
        last->slow = m->slow;
        last->judged = m->judged;
    }
    return true;
}

static bool find_stalls(judged_log *j)
{
    double minutes = 0;
    double share = slow_share(j, &minutes);
    for (int64_t i = 0; i < j->n_minutes; i++) {
        if (is_stalled(&j->minutes[i], share, minutes) &&
            !add_minute(j, j->first + i, &j->minutes[i])) {
            return false;
        }
    }
    return true;
}

/* --- what is told of them ----------------------------------------------------------------------
 */

static int compare_stalls(const void *a, const void *b)
{
    const stall *x = a;
    const stall *y = b;
    return x->excess != y->excess ? (x->excess < y->excess) - (x->excess > y->excess)
                                  : (x->from > y->from) - (x->from < y->from);
}

static void note_slow_query(judged_log *j, uint64_t id, const query_minutes *m, int64_t usual)
{
    slow_query one = {.id = id};
    for (uint32_t i = 0; i < m->n; i++) {
        const query_minute *minute = &m->items[i];
        bool within = minute->minute >= j->worst.from && minute->minute < j->worst.to;
        one.excess += within && is_slow(minute, usual) ? minute->time - usual * minute->calls : 0;
    }
    uint32_t at = j->n_slow;
    while (at > 0 && j->slow[at - 1].excess < one.excess) {
        at--;
    }
    if (one.excess == 0 || at == QUERIES_SHOWN) {
        return;
    }
    j->n_slow += j->n_slow < QUERIES_SHOWN;
    memmove(&j->slow[at + 1], &j->slow[at], (j->n_slow - at - 1) * sizeof *j->slow);
    j->slow[at] = one;
}

/* What the log tells of besides, and how a report says it. */
typedef struct beside {
    fact_id kind;
    const char *words;
    bool has_subject;
} beside;

static const beside besides[] = {
    {FACT_SERVER, "the server ", true},
    {FACT_CHECKPOINT, "a checkpoint, by ", true},
    {FACT_CHECKPOINTS_HURRIED, "checkpoints close together", false},
    {FACT_LOCK_WAITING, "a wait for ", true},
    {FACT_LOCK_ACQUIRED, "a wait that ended, for ", true},
    {FACT_DEADLOCK, "a deadlock", false},
    {FACT_VACUUM, "an automatic vacuum of ", true},
    {FACT_ANALYZE, "an automatic analyze of ", true},
};

static const beside *beside_of(slice kind)
{
    for (size_t i = 0; i < sizeof besides / sizeof *besides; i++) {
        if (slice_is(kind, fact_kinds[besides[i].kind].name)) {
            return &besides[i];
        }
    }
    return NULL;
}

typedef struct told {
    const beside *about;
    slice kind, subject;
    int64_t at; /* us */
} told;

/* What the store puts within the stall, in the order of time. */
static bool read_told(judged_log *j, const stall *s, told list[FACTS_SHOWN], uint32_t *n)
{
    analysis *a = j->a;
    *n = 0;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT kind, subject, min(CASE WHEN first_at >= ?2 AND first_at < ?3 THEN first_at"
        " ELSE last_at END) AS at FROM server_facts WHERE source = ?1 AND"
        " ((first_at >= ?2 AND first_at < ?3) OR (last_at >= ?2 AND last_at < ?3))"
        " GROUP BY kind, subject ORDER BY at, kind, subject",
        j->source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (s->from - 1) * US_PER_MINUTE);
    sqlite3_bind_int64(q, 3, s->to * US_PER_MINUTE);
    while (*n < FACTS_SHOWN && rows_next(a->store, q, a->st)) {
        const beside *about = beside_of(column_view(q, 0));
        if (about != NULL) {
            list[(*n)++] = (told){.about = about,
                                  .kind = column_slice(q, 0, a->arena),
                                  .subject = column_slice(q, 1, a->arena),
                                  .at = sqlite3_column_int64(q, 2)};
        }
    }
    return rows_end(q, a->st);
}

static bool add_stall(judged_log *j, value *stalls, const stall *s)
{
    value_builder *b = &j->a->values;
    told list[FACTS_SHOWN];
    uint32_t n;
    if (!read_told(j, s, list, &n)) {
        return false;
    }
    value *item = value_add_object(b, stalls, NULL);
    value_add_instant(&j->a->values, item, "from", s->from * US_PER_MINUTE);
    value_add_instant(&j->a->values, item, "to", s->to * US_PER_MINUTE);
    value_add_int(b, item, "judged_queries", s->judged);
    value_add_int(b, item, "slow_queries", s->slow);
    analysis_add_ms(j->a, item, "excess_ms", s->excess);
    value *beside_it = value_add_list(b, item, "beside");
    for (uint32_t i = 0; i < n; i++) {
        value *fact_told = value_add_object(b, beside_it, NULL);
        value_add_text(b, fact_told, "kind", list[i].kind);
        value_add_text(b, fact_told, "subject", list[i].subject);
        value_add_instant(&j->a->values, fact_told, "at", list[i].at);
    }
    return true;
}

static void say_clock(judged_log *j, int64_t minute, int from, int n)
{
    buf clock;
    buf_init(&clock, 64);
    timestamp_format(&clock, minute * US_PER_MINUTE, j->source->zone_offset, 0);
    buf_add(&j->text, slice_take(slice_skip(buf_slice(&clock), (size_t)from), (size_t)n));
    buf_free(&clock);
}

/* "2026-11-19 14:03" */
static void say_minute(judged_log *j, int64_t minute)
{
    say_clock(j, minute, 0, 16);
}

static bool say_worst(judged_log *j)
{
    const stall *s = &j->worst;
    told list[FACTS_SHOWN];
    uint32_t n;
    if (!read_told(j, s, list, &n)) {
        return false;
    }
    buf_add_text(&j->text, j->n_stalls > 1 ? "At worst, from " : "From ");
    say_minute(j, s->from);
    buf_add_text(&j->text, " to ");
    say_clock(j, s->to, 11, 5);
    buf_add_text(&j->text, ", ");
    count_format(&j->text, s->slow);
    buf_add_text(&j->text, " of ");
    counted_format(&j->text, s->judged, "query that ended", "queries that ended");
    buf_add_text(&j->text, " in one minute took at least five times what is usual for each; all"
                           " together lost ");
    duration_format(&j->text, s->excess);
    buf_add_text(&j->text, ".");
    for (uint32_t i = 0; i < n; i++) {
        buf_add_text(&j->text,
                     i == 0 ? " The log tells of this within it or right before: " : ", ");
        buf_add_text(&j->text, list[i].about->words);
        buf_add(&j->text, list[i].about->has_subject ? list[i].subject : SLICE(""));
    }
    buf_add_text(&j->text, n > 0 ? "." : " The log tells of nothing else at that time.");
    return true;
}

static bool add_queries(judged_log *j, finding *f)
{
    analysis *a = j->a;
    uint64_t *ids = arena_alloc(a->arena, sizeof *ids * QUERIES_SHOWN);
    if (ids == NULL) {
        return status_no_memory(a->st);
    }
    for (uint32_t i = 0; i < j->n_slow; i++) {
        ids[i] = j->slow[i].id;
    }
    f->queries = ids; /* shown, but no part of the finding's name: others are slow tomorrow */
    f->n_queries = j->n_slow;
    return true;
}

static bool add_finding(judged_log *j)
{
    analysis *a = j->a;
    int64_t minutes = 0;
    int64_t excess = 0;
    finding *f = analysis_add(a, FINDING_STALL, j->source, NULL, 0);
    if (f == NULL || !add_queries(j, f)) {
        return false;
    }
    for (uint32_t i = 0; i < j->n_stalls; i++) {
        minutes += j->stalls[i].to - j->stalls[i].from;
        excess += j->stalls[i].excess;
    }
    f->first_seen = j->stalls[0].from * US_PER_MINUTE;
    qsort(j->stalls, j->n_stalls, sizeof *j->stalls, compare_stalls);
    analysis_set_cost(f, j->source, excess);
    f->confidence = CONFIDENCE_LIKELY; /* the slowness is counted; that it has one cause is not */
    value_add_int(&a->values, f->evidence, "minutes", minutes);
    analysis_add_ms(a, f->evidence, "excess_ms", excess);
    value *list = value_add_list(&a->values, f->evidence, "stalls");
    for (uint32_t i = 0; i < j->n_stalls && i < STALLS_SHOWN; i++) {
        if (!add_stall(j, list, &j->stalls[i])) {
            return false;
        }
    }
    buf_add_text(&j->text, "Many queries were slow at once in ");
    counted_format(&j->text, minutes, "minute", "minutes");
    f->title = analysis_text(a, &j->text);
    if (!say_worst(j)) {
        return false;
    }
    f->detail = analysis_text(a, &j->text);
    f->advice = SLICE("Look for what these minutes have in common rather than at the queries: disks"
                      " and CPU of the server, a backup, a batch job, a lock that all wait for,"
                      " checkpoints, another machine on the same host.");
    return true;
}

static bool find_worst(judged_log *j)
{
    j->worst = j->stalls[0];
    for (uint32_t i = 1; i < j->n_stalls; i++) {
        if (compare_stalls(&j->stalls[i], &j->worst) < 0) {
            j->worst = j->stalls[i];
        }
    }
    return each_query(j, note_slow_query) && add_finding(j);
}

static bool judge(judged_log *j)
{
    int64_t last = j->source->to / US_PER_MINUTE;
    j->first = j->source->from / US_PER_MINUTE;
    j->first = last - j->first >= MINUTES_MAX ? last - MINUTES_MAX + 1 : j->first;
    j->n_minutes = last - j->first + 1;
    j->minutes = calloc((size_t)j->n_minutes, sizeof *j->minutes);
    if (j->minutes == NULL) {
        return status_no_memory(j->a->st);
    }
    return each_query(j, judge_query) && find_stalls(j) && (j->n_stalls == 0 || find_worst(j));
}

static bool run(analysis *a, const analysed_source *source)
{
    judged_log j = {.a = a, .source = source};
    if (source->to == 0 || source->to < source->from) {
        return true; /* a log without times */
    }
    arena_init(&j.points, POINTS_MAX);
    buf_init(&j.text, TEXT_MAX);
    bool ok = judge(&j);
    free(j.minutes);
    arena_free(&j.points);
    buf_free(&j.text);
    return ok && a->st->code == STATUS_OK;
}

static const finding_kind kinds[] = {FINDING_STALL};

const analyser stalls_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
