/* compare_view.c - see compare_view.h. */
#include "report/compare_view.h"

#include "base/number.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/view_html.h"

enum { MAX_FORMATTED = 1 << 24, TABLE_TEXT_COLUMNS = 100 };

/* Thousandths as a number; null below 0. */
static void add_thousandths(view *v, value *parent, const char *name, int64_t n)
{
    if (n < 0) {
        value_add_null(v->b, parent, name);
        return;
    }
    decimal_format(&v->scratch, n, 3);
    value *number = value_add_decimal(v->b, parent, name, n, 3);
    value_set_display(v->b, number, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

/* A factor; 0 is not known. */
static void add_factor(view *v, value *parent, const char *name, int64_t factor)
{
    if (factor == 0) {
        value_add_null(v->b, parent, name);
        return;
    }
    decimal_format(&v->scratch, factor, 6);
    value *number = value_add_decimal(v->b, parent, name, factor, 6);
    value_set_display(v->b, number, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

/* --- the windows ---------------------------------------------------------------------- */

static void add_sources(view *v, value *side, const model *m)
{
    value *sources = value_add_list(v->b, side, "sources");
    for (uint32_t i = 0; i < m->n_sources; i++) {
        value *source = value_add_object(v->b, sources, NULL);
        value_add_text(v->b, source, "name", m->sources[i].name);
        view_text(v, source, "engine", m->sources[i].engine);
    }
}

/* What a store cannot tell of a selection. */
static void add_limits(view *v, value *side, const model *m)
{
    value *limits = value_add_list(v->b, side, "limits");
    for (uint32_t i = 0; i < m->n_limits; i++) {
        if (m->limits[i].source.n == 0) {
            value *limit = value_add_object(v->b, limits, NULL);
            value_add_text(v->b, limit, "cannot_show", m->limits[i].cannot_show);
            view_text(v, limit, "because", m->limits[i].because);
        }
    }
}

static void add_window(view *v, value *root, const char *name, const model *m, slice named)
{
    v->m = m;
    value *side = value_add_object(v->b, root, name);
    view_text(v, side, "name", named);
    view_time(v, side, "from", "from_local", m->from, 0);
    view_time(v, side, "to", "to_local", m->to, 0);
    view_flag(v, side, "known", has_window(m));
    if (has_window(m)) {
        window_format(&v->scratch, m);
        buf_add_char(&v->scratch, ' ');
        zone_name_format(&v->scratch, m);
        buf_add_text(&v->scratch, " (");
        duration_format(&v->scratch, window_length(m));
        buf_add_char(&v->scratch, ')');
    }
    view_scratch(v, side, "span");
    view_count(v, side, "calls", m->calls);
    view_count(v, side, "estimated_calls", m->estimated_calls);
    view_counted(v, side, "calls_text", m->calls, "call", "calls");
    view_count(v, side, "fingerprints", m->fingerprints);
    view_counted(v, side, "queries_text", m->fingerprints, "query", "queries");
    view_duration(v, side, "time_ms", m->time.total);
    add_sources(v, side, m);
    add_limits(v, side, m);
}

/* --- one change -------------------------------------------------------------------------- */

static void add_plan(view *v, value *parent, const model_plan *plan)
{
    view_text(v, parent, "plan", plan != NULL ? plan->shape : (slice){0});
}

static void add_side(view *v, value *item, const char *name, const change_side *side, int64_t total)
{
    value *object = value_add_object(v->b, item, name);
    view_count(v, object, "calls", side->calls);
    add_thousandths(v, object, "calls_per_hour", side->hourly);
    view_statistics(v, value_add_object(v->b, object, "time_ms"), &side->time);
    view_part(v, object, "share", side->time.total, side->time.n > 0 ? total : 0);
    add_thousandths(v, object, "rows_examined_per_sent", side->examined_per_sent);
    add_thousandths(v, object, "rows_examined_each", side->examined_each);
    add_thousandths(v, object, "rows_sent_each", side->sent_each);
    add_plan(v, object, side->plan);
}

static void add_change(view *v, value *list, const comparison *c, const change *x)
{
    value *item = value_add_object(v->b, list, NULL);
    id_format(&v->scratch, x->id);
    value_add_text(v->b, item, "id", buf_slice(&v->scratch));
    buf_clear(&v->scratch);
    view_text(v, item, "engine", x->query->engine);
    view_text(v, item, "verb", x->query->verb);
    value_add_text(v->b, item, "text", x->query->text);
    view_code_span(v, item, "code", x->query->text, TABLE_TEXT_COLUMNS);
    view_listing(v, item, x->query->text);
    add_factor(v, item, "factor", x->factor);
    value_add_text(v->b, item, "factor_of", x->by_mean ? SLICE("mean") : SLICE("geometric mean"));
    add_factor(v, item, "calls_factor", x->calls_factor);
    view_duration(v, item, "cost_ms", x->cost);
    value_add_bool(v->b, item, "time_changed", x->time_changed);
    value_add_bool(v->b, item, "calls_changed", x->calls_changed);
    value_add_bool(v->b, item, "plan_changed", x->plan_changed);
    change_summary_format(&v->scratch, x, c);
    view_scratch(v, item, "summary");
    change_reason_format(&v->scratch, x);
    view_scratch(v, item, "reason");
    view_flag(v, item, "both", x->before.query != NULL && x->after.query != NULL);
    add_side(v, item, "before", &x->before, c->totals[0]);
    add_side(v, item, "after", &x->after, c->totals[1]);
}

static void add_kinds(view *v, value *root, const comparison *c, uint32_t limit)
{
    static const char *const names[CHANGE_SERVER] = {"regressions", "improvements", "plan_changes",
                                                     "new_queries", "gone_queries"};
    uint32_t first = 0;
    value *sections = view_display_list(v, root, "sections");
    for (int k = 0; k < CHANGE_SERVER; k++) {
        uint32_t n = c->n_of[k];
        uint32_t shown = limit > 0 && limit < n ? limit : n;
        value *list = value_root(v->b, VALUE_LIST);
        for (uint32_t i = 0; i < shown; i++) {
            add_change(v, list, c, &c->changes[first + i]);
        }
        first += n;
        value_add_tree(v->b, root, names[k], list);
        if (n > 0) {
            value *section = value_add_object(v->b, sections, NULL);
            value_add_text(v->b, section, "title", slice_from(change_kinds[k].title));
            value_add_text(v->b, section, "kind", slice_from(change_kinds[k].name));
            value_add_tree(v->b, section, "changes", list);
            view_flag(v, section, "any_more", shown < n);
            view_counted(v, section, "more", n - shown, "more query", "more queries");
        }
    }
}

/* --- the whole ---------------------------------------------------------------------------- */

static void add_counts(view *v, value *root, const comparison *c)
{
    value *counts = value_add_object(v->b, root, "counts");
    view_count(v, counts, "regressions", c->n_of[CHANGE_REGRESSION]);
    view_count(v, counts, "improvements", c->n_of[CHANGE_IMPROVEMENT]);
    view_count(v, counts, "plan_changes", c->n_of[CHANGE_PLAN]);
    view_count(v, counts, "new_queries", (int64_t)c->n_of[CHANGE_NEW] + c->minor_new);
    view_count(v, counts, "gone_queries", (int64_t)c->n_of[CHANGE_GONE] + c->minor_gone);
    view_count(v, counts, "alike", c->alike);
    view_count(v, counts, "too_few", c->few);
    view_count(v, counts, "below", c->below);
}

static void add_compared(view *v, value *root, const comparison *c)
{
    value *compared = value_add_object(v->b, root, "compared");
    if (c->least > 0) {
        view_duration(v, compared, "least_ms", c->least);
    } else {
        value_add_null(v->b, compared, "least_ms");
    }
    value_add_bool(v->b, compared, "cut", c->cuts);
    value_add_bool(v->b, compared, "tested", false);
    add_factor(v, compared, "time_factor_of_all", c->tide);
    add_factor(v, compared, "calls_factor_of_all", c->traffic);
    comparison_region_format(&v->scratch, c);
    view_scratch(v, compared, "region");
    comparison_tide_format(&v->scratch, c);
    view_scratch(v, compared, "tide");
}

value *comparison_view(const comparison *c, uint32_t limit, const view_options *o, value_builder *b)
{
    view v = {.m = c->after,
              .b = b,
              .page = o->page,
              .wiki = o->place != NULL && o->place->wiki,
              .room = VIEW_ROOM_ALL};
    buf_init(&v.scratch, MAX_FORMATTED);
    value *root = value_root(b, VALUE_OBJECT);
    value_add_text(b, root, "schema", SLICE("qlog-diff/1"));
    value *generator = value_add_object(b, root, "generator");
    value_add_text(b, generator, "name", SLICE("qlog"));
    value_add_text(b, generator, "version", c->after->version);
    add_window(&v, root, "before", c->before, c->names[0]);
    add_window(&v, root, "after", c->after, c->names[1]);
    view_text(&v, root, "selection", c->after->selection);
    add_compared(&v, root, c);
    add_counts(&v, root, c);
    add_kinds(&v, root, c, limit);
    comparison_verdict_format(&v.scratch, c);
    view_scratch(&v, root, "verdict");
    comparison_rest_format(&v.scratch, c);
    view_scratch(&v, root, "rest");
    value_add_display(b, root, "untested", SLICE(COMPARISON_UNTESTED));
    if (v.page != NULL) {
        view_html_head(&v, root);
    }
    b->failed = b->failed || v.scratch.failed;
    buf_free(&v.scratch);
    return root;
}
