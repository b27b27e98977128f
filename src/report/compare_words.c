/* compare_words.c - what a comparison says, in words; see compare.h. Each sentence is made here
 * alone, for the terminal and the view alike. */
#include "base/number.h"
#include "report/compare.h"
#include "report/figures.h"

static const int64_t MILLION = 1000000; /* of a factor */

void comparison_verdict_format(buf *out, const comparison *c)
{
    counted_format(out, c->n_of[CHANGE_REGRESSION], "query is worse, ", "queries are worse, ");
    counted_format(out, c->n_of[CHANGE_IMPROVEMENT], "is better, ", "are better, ");
    if (c->n_of[CHANGE_PLAN] > 0) {
        counted_format(out, c->n_of[CHANGE_PLAN], "has another plan, ", "have another plan, ");
    }
    count_format(out, (int64_t)c->n_of[CHANGE_NEW] + c->minor_new);
    buf_add_text(out, " new, ");
    count_format(out, (int64_t)c->n_of[CHANGE_GONE] + c->minor_gone);
    buf_add_text(out, " gone");
}

void comparison_region_format(buf *out, const comparison *c)
{
    if (c->least == 0) {
        buf_add_text(out, "all executions");
    } else {
        buf_add_text(out, "executions of at least ");
        duration_format(out, c->least);
        buf_add_text(out, c->cuts ? ", the higher of the two thresholds (where that leaves some"
                                    " out, times are within 1.6 %, and rows of all executions)"
                                  : ", the threshold of both");
    }
    buf_add_text(out, "; a factor is one of geometric means");
}

/* "35.8 times", of a factor of at least one. */
static void times_format(buf *out, int64_t factor)
{
    decimal_format(out, factor, 6);
    buf_add_text(out, " times");
}

static int64_t inverse(int64_t factor)
{
    return (MILLION * MILLION + factor / 2) / factor;
}

/* A factor and its direction: "35.8 times slower". */
static void changed_format(buf *out, int64_t factor, const char *more, const char *less)
{
    bool up = factor >= MILLION;
    times_format(out, up ? factor : inverse(factor));
    buf_add_text(out, up ? more : less);
}

void comparison_tide_format(buf *out, const comparison *c)
{
    if (c->tide > 0) {
        buf_add_text(out, "nearly all queries are ");
        changed_format(out, c->tide, " slower", " faster");
    }
    if (c->traffic > 0) {
        buf_add_text(out, c->tide > 0 ? ", and are called " : "nearly all queries are called ");
        changed_format(out, c->traffic, " as often", " less often");
    }
    if (c->tide > 0 || c->traffic > 0) {
        buf_add_text(out, "; only what goes beyond that is told of each");
    }
}

void comparison_rest_format(buf *out, const comparison *c)
{
    const struct {
        uint32_t n;
        const char *what;
    } parts[] = {{c->alike, "without a change to tell of"},
                 {c->few, "with too few executions to tell"},
                 {c->minor_new, "new and of next to no time"},
                 {c->minor_gone, "gone and of next to no time"},
                 {c->below, "only below what is compared"}};
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n > 0) {
            buf_add_text(out, any ? ", " : "");
            counted_format(out, parts[i].n, "query ", "queries ");
            buf_add_text(out, parts[i].what);
            any = true;
        }
    }
}

/* --- one query -------------------------------------------------------------------------- */

static void cost_format(buf *out, const change *x)
{
    buf_add_text(out, ", ");
    duration_format(out, x->cost);
    buf_add_text(out, x->kind == CHANGE_REGRESSION ? " more in all" : " less in all");
}

static void all_time_format(buf *out, const change_side *side, int64_t total)
{
    counted_format(out, side->calls, "call", "calls");
    if (side->time.n > 0) {
        buf_add_text(out, ", ");
        duration_format(out, side->time.total);
        buf_add_text(out, ", ");
        share_format(out, side->time.total, total);
        buf_add_text(out, " of all query time");
    }
}

void change_summary_format(buf *out, const change *x, const comparison *all)
{
    switch (x->kind) {
    case CHANGE_NEW:
        all_time_format(out, &x->after, all->totals[1]);
        return;
    case CHANGE_GONE:
        all_time_format(out, &x->before, all->totals[0]);
        return;
    case CHANGE_PLAN:
        if (x->factor > 0) {
            changed_format(out, x->factor, " slower", " faster");
            buf_add_text(out, ", which is ");
        }
        buf_add_text(out, "no change to tell of");
        return;
    default:
        break;
    }
    if (x->time_changed) {
        changed_format(out, x->factor, " slower", " faster");
        buf_add_text(out, x->by_mean ? " on average" : "");
    }
    if (x->calls_changed) {
        buf_add_text(out, x->time_changed ? ", called " : "called ");
        changed_format(out, x->calls_factor, " as often", " less often");
    }
    cost_format(out, x);
}

/* A quarter more, or less by as much. */
static bool is_notable(int64_t before, int64_t after)
{
    int64_t less = before < after ? before : after;
    int64_t more = before < after ? after : before;
    return less >= 0 && more - less >= more / 5 && more > less;
}

static void add_reason(buf *out, size_t from, const char *what)
{
    buf_add_text(out, out->n > from ? "; " : "");
    buf_add_text(out, what);
}

static bool rows_format(buf *out, size_t from, const char *what, int64_t before, int64_t after)
{
    if (!is_notable(before, after)) {
        return false;
    }
    add_reason(out, from, what);
    decimal_format(out, before, 3);
    buf_add_text(out, " before, ");
    decimal_format(out, after, 3);
    buf_add_text(out, " after");
    return true;
}

void plan_line_format(buf *out, const model_plan *plan)
{
    bool blank = false;
    for (size_t i = 0; i < plan->shape.n; i++) {
        char c = plan->shape.p[i];
        if (c == '\n') {
            buf_add_text(out, i + 1 < plan->shape.n ? ", " : "");
            blank = true;
        } else if (c != ' ' || !blank) {
            buf_add_char(out, c);
            blank = false;
        }
    }
}

void change_reason_format(buf *out, const change *x)
{
    size_t from = out->n;
    const change_side *b = &x->before;
    const change_side *a = &x->after;
    if (b->query == NULL || a->query == NULL) {
        return;
    }
    if (x->plan_changed) {
        buf_add_text(out, "the plan was '");
        plan_line_format(out, b->plan);
        buf_add_text(out, "' and is '");
        plan_line_format(out, a->plan);
        buf_add_char(out, '\'');
    }
    bool rows =
        rows_format(out, from, "rows examined for each that was sent: ", b->examined_per_sent,
                    a->examined_per_sent);
    rows = rows || rows_format(out, from, "rows examined by each execution: ", b->examined_each,
                               a->examined_each);
    rows =
        rows_format(out, from, "rows sent by each execution: ", b->sent_each, a->sent_each) || rows;
    if (!rows && !x->plan_changed && x->time_changed && b->examined_each >= 0 &&
        a->examined_each >= 0) {
        add_reason(out, from,
                   "as many rows are read as before: locks, caches or other load make the"
                   " difference");
    }
}
