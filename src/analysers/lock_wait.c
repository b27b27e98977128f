/* lock_wait.c - queries that spend their time waiting for locks.
 *
 * A healthy log stays silent: there, locks are had within microseconds, and what is left of waiting
 * is a small part of a query's time. Who waits for an advisory lock means to. Deadlocks and waits
 * that were given up are errors, and a finding of theirs. */
#include "analysers/sums.h"
#include "base/number.h"

enum {
    SHARE = 10 /* of the query's own time one part in so many */,
    LOCKS_SHOWN = 4,
    BLOCKERS_SHOWN = 4
};

/* What a query waited for. */
typedef struct waiting {
    const query_sums *sums;
    int64_t time; /* us, until it had the locks */
    int64_t
        waits; /* executions that waited, or waits that the log tells of one by one; 0: unknown */
    int64_t longest;
} waiting;

/* Where a server has the waits for rows as a figure of their own, newer ones count them among its
 * locks' time as well: the greater of both, never their sum. Waits that the log tells of one by one
 * come from servers that have neither. */
static waiting read_waiting(const query_sums *s)
{
    const figure *locks = &s->of[MEASURE_LOCK_TIME];
    const figure *rows = &s->of[MEASURE_INNODB_REC_LOCK_WAIT];
    const figure *told = &s->of[MEASURE_LOCK_WAITS];
    const figure *most = rows->sum > locks->sum ? rows : locks;
    waiting w = {.sums = s, .time = most->sum, .longest = most->max};
    if (told->sum > w.time) {
        w = (waiting){.sums = s, .time = told->sum, .longest = told->max, .waits = told->n};
    }
    return w;
}

static bool passes_gates(const waiting *w, const analysed_source *source)
{
    const figure *time = &w->sums->of[MEASURE_QUERY_TIME];
    return sums_is_worth(source, w->time) && w->time >= time->sum / SHARE;
}

/* The kinds of locks, those waited for longest first: "ShareLock on transaction". */
static bool add_locks(analysis *a, const analysed_source *source, uint64_t id, value *list,
                      buf *out)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT subject, sum(n) FROM server_facts WHERE source = ?1 AND fingerprint = ?2"
        " AND kind = 'lock_acquired' AND subject <> '' GROUP BY subject"
        " ORDER BY sum(sum) DESC, subject LIMIT ?3",
        source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    sqlite3_bind_int64(q, 3, LOCKS_SHOWN);
    for (int i = 0; rows_next(a->store, q, a->st); i++) {
        value *item = value_add_object(&a->values, list, NULL);
        value_add_text(&a->values, item, "lock", column_view(q, 0));
        value_add_int(&a->values, item, "waits", sqlite3_column_int64(q, 1));
        buf_add_text(out, i == 0 ? " It waited for " : ", ");
        buf_add(out, column_view(q, 0));
        buf_add_text(out, " (");
        counted_format(out, sqlite3_column_int64(q, 1), "time", "times");
        buf_add_char(out, ')');
    }
    buf_add_text(out, out->n > 0 && out->p[out->n - 1] == ')' ? "." : "");
    return rows_end(q, a->st);
}

/* How what the holder ran is known; the names are evidence.h's. */
static const struct {
    const char *state, *words;
} states[] = {
    {"running", ", which was running"},
    {"in transaction", ", the last statement of a transaction that was still open"},
    {"last", ", the last statement of its session in this log"},
};

static void say_who(buf *out, slice user, slice application)
{
    if (user.n > 0) {
        buf_add_text(out, " by ");
        buf_add(out, user);
    }
    if (application.n > 0) {
        buf_add_text(out, " of ");
        buf_add(out, application);
    }
}

/* "orders (UPDATE 9f3c21d07be4a6c8) by app of web, which was running: 3 waits, 12 s" */
static bool say_blocker(analysis *a, uint64_t id, sqlite3_stmt *q, buf *out)
{
    analysed_query held;
    int64_t waits = sqlite3_column_int64(q, 4);
    if (id != 0 && !analysis_query(a, id, &held)) {
        return false;
    }
    if (id != 0) {
        buf_add(out, query_subject(&held));
        buf_add_text(out, " (");
        buf_add(out, held.verb);
        buf_add_char(out, ' ');
        id_format(out, id);
        buf_add_char(out, ')');
    } else {
        buf_add_text(out, "a session of whose transaction this log has no statement");
    }
    say_who(out, column_view(q, 2), column_view(q, 3));
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        buf_add_text(out, slice_is(column_view(q, 1), states[i].state) ? states[i].words : "");
    }
    buf_add_text(out, ": ");
    counted_format(out, waits, "wait", "waits");
    buf_add_text(out, ", ");
    duration_format(out, sqlite3_column_int64(q, 6));
    return true;
}

static void add_blocker(analysis *a, value *list, sqlite3_stmt *q)
{
    value_builder *b = &a->values;
    value *item = value_add_object(b, list, NULL);
    if (sqlite3_column_int64(q, 0) != 0) {
        value_add_id(&a->values, item, "query_id", (uint64_t)sqlite3_column_int64(q, 0));
    }
    value_add_text(b, item, "state", column_view(q, 1));
    value_add_text(b, item, "user", column_view(q, 2));
    value_add_text(b, item, "application", column_view(q, 3));
    value_add_int(b, item, "waits", sqlite3_column_int64(q, 4));
    value_add_int(b, item, "acquired", sqlite3_column_int64(q, 5));
    analysis_add_ms(a, item, "waited_ms", sqlite3_column_int64(q, 6));
    analysis_add_ms(a, item, "longest_ms", sqlite3_column_int64(q, 7));
}

/* Who held the locks, the longest first; their statements are of the finding as well. */
static bool add_blockers(analysis *a, const analysed_source *source, finding *f, buf *out)
{
    uint64_t *all = arena_alloc(a->arena, (BLOCKERS_SHOWN + 1) * sizeof *all);
    value *list = value_add_list(&a->values, f->evidence, "blockers");
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT blocker, state, user, application, sum(waits), sum(acquired), sum(time),"
        " max(longest) FROM blockers WHERE source = ?1 AND fingerprint = ?2"
        " GROUP BY 1, 2, 3, 4 ORDER BY 7 DESC, 1, 2, 3, 4 LIMIT ?3",
        source);
    if (q == NULL || all == NULL) {
        return rows_end(q, a->st) && status_no_memory(a->st);
    }
    all[0] = f->queries[0];
    sqlite3_bind_int64(q, 2, (sqlite3_int64)all[0]);
    sqlite3_bind_int64(q, 3, BLOCKERS_SHOWN);
    bool ok = true;
    for (int i = 0; ok && rows_next(a->store, q, a->st); i++) {
        uint64_t id = (uint64_t)sqlite3_column_int64(q, 0);
        buf_add_text(out, i == 0 ? " The locks were held by " : "; by ");
        ok = say_blocker(a, id, q, out);
        add_blocker(a, list, q);
        bool known = id == 0 || finding_is_about(f, id);
        f->queries = all;
        all[f->n_queries] = id;
        f->n_queries += !known;
    }
    buf_add_text(out, f->queries == all ? "." : "");
    return rows_end(q, a->st) && ok;
}

/* How many waited in vain or still did when the log was written. */
static bool count_unfinished(analysis *a, const analysed_source *source, uint64_t id, int64_t *n)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT max(0, coalesce(sum(CASE kind WHEN 'lock_waiting' THEN n ELSE -n END), 0))"
        " FROM server_facts WHERE source = ?1 AND fingerprint = ?2"
        " AND kind IN ('lock_waiting', 'lock_acquired')",
        source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    if (rows_next(a->store, q, a->st)) {
        *n = sqlite3_column_int64(q, 0);
    }
    return rows_end(q, a->st);
}

static void say(const analysed_source *source, const waiting *w, buf *out)
{
    const figure *time = &w->sums->of[MEASURE_QUERY_TIME];
    if (w->waits > 0) {
        counted_format(out, w->waits, "wait for a lock", "waits for locks");
        buf_add_text(out, " took ");
    } else {
        counted_format(out, time->n, "execution", "executions");
        buf_add_text(out, " waited for locks, ");
    }
    duration_format(out, w->time);
    buf_add_text(out, w->waits == 1 || time->n == 1 ? "" : " in all, the longest ");
    if (w->waits != 1 && time->n != 1) {
        duration_format(out, w->longest);
    }
    /* Of the same executions, both were rounded; waits told one by one may be of others. */
    if (time->sum > 0 && (w->waits == 0 || w->time <= time->sum)) {
        buf_add_text(out, ": ");
        share_format(out, w->time < time->sum ? w->time : time->sum, time->sum);
        buf_add_text(out, " of this query's time and ");
        share_format(out, w->time, source->time);
        buf_add_text(out, " of all");
    }
    buf_add_char(out, '.');
}

static void add_evidence(analysis *a, value *e, const waiting *w, int64_t unfinished)
{
    value_builder *b = &a->values;
    analysis_add_ms(a, e, "waited_ms", w->time);
    analysis_add_ms(a, e, "longest_ms", w->longest);
    value_add_int(b, e, "waits", w->waits);
    value_add_int(b, e, "waits_without_end", unfinished);
    value_add_int(b, e, "executions", w->sums->of[MEASURE_QUERY_TIME].n);
    analysis_add_ms(a, e, "time_ms", w->sums->of[MEASURE_QUERY_TIME].sum);
}

#define HOLDERS                                                                                    \
    "Look for what holds the lock: transactions that stay open while the application does "        \
    "something"                                                                                    \
    " else, updates of the same hot row, changes of tables. Keep transactions short and change "   \
    "hot"                                                                                          \
    " rows last in them, rows always in the same order; SKIP LOCKED serves queues."

static slice advice(const analysed_query *q)
{
    return query_text_for(
        q,
        SLICE(HOLDERS
              " While it happens, pg_blocking_pids() names who holds it; lock_timeout bounds"
              " the wait."),
        SLICE(HOLDERS " While it happens, sys.innodb_lock_waits names who holds it;"
                      " innodb_lock_wait_timeout bounds the wait."),
        SLICE("Look for what holds the lock: long multi-document transactions, index builds and"
              " other work on the whole collection. currentOp with waitingForLock shows it while it"
              " happens."));
}

static bool add(analysis *a, const analysed_source *source, const waiting *w,
                const analysed_query *q, buf *text)
{
    int64_t unfinished = 0;
    finding *f = analysis_add(a, FINDING_LOCK_WAIT, source, &q->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, q->id) ||
        !count_unfinished(a, source, q->id, &unfinished)) {
        return false;
    }
    analysis_set_cost(f, source, w->time);
    f->confidence = CONFIDENCE_CERTAIN;
    buf_add(text, query_subject(q));
    buf_add_text(text, ": ");
    duration_format(text, w->time);
    buf_add_text(text, " spent waiting for locks");
    f->title = analysis_text(a, text);
    say(source, w, text);
    add_evidence(a, f->evidence, w, unfinished);
    if (!add_locks(a, source, q->id, value_add_list(&a->values, f->evidence, "locks"), text)) {
        return false;
    }
    if (!add_blockers(a, source, f, text)) {
        return false;
    }
    if (unfinished > 0) {
        buf_add_char(text, ' ');
        counted_format(text, unfinished, "more wait has", "more waits have");
        buf_add_text(text, " no end in this log.");
    }
    f->detail = analysis_text(a, text);
    f->advice = advice(q);
    return a->st->code == STATUS_OK;
}

static bool means_to_wait(const analysed_query *q)
{
    return query_holds(q, "advisory") || query_holds(q, "get_lock(");
}

static bool judge(analysis *a, const analysed_source *source, const query_sums *s, buf *text)
{
    waiting w = read_waiting(s);
    analysed_query q;
    if (!passes_gates(&w, source)) {
        return true;
    }
    return analysis_query(a, s->id, &q) && (means_to_wait(&q) || add(a, source, &w, &q, text));
}

static bool run(analysis *a, const analysed_source *source)
{
    return sums_judge(a, source, judge);
}

static const finding_kind kinds[] = {FINDING_LOCK_WAIT};

const analyser lock_wait_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
