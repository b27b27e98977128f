/* plan_change.c - queries that the log shows to be executed in several ways, one of them much
 * slower.
 *
 * A healthy log stays silent: there, a query has one plan, or several that take about as long. Both
 * plans must have been seen several times, since one slow execution is no plan's fault. A plan that
 * came later and is faster is no finding; where both come by turns, it is said that the values may
 * decide which. */
#include "analysers/sums.h"
#include "base/number.h"

enum {
    CALLS_LEAST = 3, /* with each plan: fewer say nothing of how long it takes */
    TIMES = 2,       /* by which the means differ at least */
    PLANS_MAX = 16
};

typedef struct plan_use {
    uint64_t plan;
    slice shape;
    int64_t calls, time, mean;
    int64_t first_at, last_at; /* 0: the log has no time */
} plan_use;

typedef struct change {
    const plan_use *fast, *slow;
    bool in_turn; /* neither was over when the other began */
    int64_t cost; /* us, more than with the fast one */
} change;

/* The shape of an empty result says nothing of how rows are found. */
static bool is_empty(slice shape)
{
    return slice_is(shape, "EOF") || slice_is(shape, "Result");
}

static bool read_plans(analysis *a, const analysed_source *source, uint64_t id, plan_use *plans,
                       uint32_t *n)
{
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT plan, text, sum(calls), sum(time),"
                                    " min(nullif(first_at, 0)), max(last_at)"
                                    " FROM plans JOIN plan_shapes USING (plan)"
                                    " WHERE source = ?1 AND fingerprint = ?2"
                                    " GROUP BY plan HAVING sum(calls) >= ?3"
                                    " ORDER BY sum(calls) DESC, plan LIMIT ?4",
                                    source);
    *n = 0;
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)id);
    sqlite3_bind_int64(q, 3, CALLS_LEAST);
    sqlite3_bind_int64(q, 4, PLANS_MAX);
    while (rows_next(a->store, q, a->st)) {
        plan_use *p = &plans[*n];
        *p = (plan_use){.plan = (uint64_t)sqlite3_column_int64(q, 0),
                        .shape = column_slice(q, 1, a->arena),
                        .calls = sqlite3_column_int64(q, 2),
                        .time = sqlite3_column_int64(q, 3),
                        .first_at = sqlite3_column_int64(q, 4),
                        .last_at = sqlite3_column_int64(q, 5)};
        p->mean = p->time / p->calls;
        *n += !is_empty(p->shape);
    }
    return rows_end(q, a->st);
}

/* The costliest of two. */
static bool find_change(const plan_use *plans, uint32_t n, change *found)
{
    *found = (change){0};
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n; k++) {
            const plan_use *slow = &plans[i];
            const plan_use *fast = &plans[k];
            int64_t cost = slow->time - fast->mean * slow->calls;
            bool improved = slow->last_at != 0 && slow->last_at <= fast->first_at;
            if (slow->mean >= fast->mean * TIMES && cost > found->cost && !improved) {
                *found = (change){.fast = fast, .slow = slow, .cost = cost};
            }
        }
    }
    if (found->slow != NULL) {
        found->in_turn = found->slow->first_at <= found->fast->last_at;
    }
    return found->slow != NULL;
}

static void say_plan(buf *out, const plan_use *p)
{
    counted_format(out, p->calls, "execution", "executions");
    buf_add_text(out, " with the plan that begins with ");
    buf_add(out, plan_first_line(p->shape));
    buf_add_text(out, " took ");
    duration_format(out, p->mean);
    buf_add_text(out, " on average");
}

static void add_plan(analysis *a, value *e, const char *name, const plan_use *p)
{
    value *item = value_add_object(&a->values, e, name);
    value_add_text(&a->values, item, "shape", p->shape);
    value_add_int(&a->values, item, "calls", p->calls);
    analysis_add_ms(a, item, "mean_ms", p->mean);
    if (p->last_at != 0) {
        value_add_instant(&a->values, item, "first_seen", p->first_at);
        value_add_instant(&a->values, item, "last_seen", p->last_at);
    }
}

static bool add(analysis *a, const analysed_source *source, const change *c,
                const analysed_query *q, buf *text)
{
    finding *f = analysis_add(a, FINDING_PLAN_CHANGE, source, &q->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, q->id)) {
        return false;
    }
    analysis_set_cost(f, source, c->cost);
    f->confidence = c->in_turn ? CONFIDENCE_CANDIDATE : CONFIDENCE_LIKELY;
    add_plan(a, f->evidence, "fast", c->fast);
    add_plan(a, f->evidence, "slow", c->slow);
    value_add_bool(&a->values, f->evidence, "in_turn", c->in_turn);
    f->first_seen = c->slow->first_at;
    buf_add(text, query_subject(q));
    buf_add_text(text,
                 c->in_turn ? ": one of its plans is slower by " : ": a new plan is slower by ");
    duration_format(text, c->slow->mean - c->fast->mean);
    buf_add_text(text, " an execution");
    f->title = analysis_text(a, text);
    say_plan(text, c->slow);
    buf_add_text(text, ", ");
    say_plan(text, c->fast);
    buf_add_text(text, c->in_turn ? ". They come by turns: which one it is may depend on the values"
                                    " that are asked for, and the slow ones may ask for more."
                                  : ". The slow one came after the other.");
    f->detail = analysis_text(a, text);
    buf_add_text(text, "Compare both plans with EXPLAIN for the values of slow executions.");
    buf_add_text(text, c->in_turn ? " Look at values that are far more frequent than others."
                                  : " Look for what happened before the change: new statistics,"
                                    " much new data, an index made or dropped, an upgrade.");
    buf_add(text, query_text_for(q,
                                 SLICE(" ANALYZE brings statistics up to date, extended"
                                       " statistics tell of columns that depend on each other,"
                                       " plan_cache_mode = force_custom_plan plans for each"
                                       " value."),
                                 SLICE(" ANALYZE TABLE brings statistics up to date, histograms"
                                       " tell of frequent values."),
                                 SLICE(" An index that serves all values well ends it; a hint or"
                                       " query settings are a last resort.")));
    f->advice = analysis_text(a, text);
    return a->st->code == STATUS_OK;
}

static bool judge(analysis *a, const analysed_source *source, uint64_t id, buf *text)
{
    plan_use plans[PLANS_MAX];
    uint32_t n;
    change c;
    analysed_query q;
    if (!read_plans(a, source, id, plans, &n)) {
        return false;
    }
    if (!find_change(plans, n, &c) || !sums_is_worth(source, c.cost)) {
        return true;
    }
    return analysis_query(a, id, &q) && add(a, source, &c, &q, text);
}

static bool run(analysis *a, const analysed_source *source)
{
    buf text;
    buf_init(&text, SUMS_TEXT_MAX);
    sqlite3_stmt *q = analysis_rows(a,
                                    "SELECT fingerprint FROM plans WHERE source = ?1"
                                    " GROUP BY fingerprint HAVING count(DISTINCT plan) > 1"
                                    " ORDER BY fingerprint",
                                    source);
    bool ok = q != NULL;
    while (ok && rows_next(a->store, q, a->st)) {
        ok = judge(a, source, (uint64_t)sqlite3_column_int64(q, 0), &text);
    }
    buf_free(&text);
    return rows_end(q, a->st) && ok;
}

static const finding_kind kinds[] = {FINDING_PLAN_CHANGE};

const analyser plan_change_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
