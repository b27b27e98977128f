/* view_findings.c - what was found, for the view; see view_parts.h. */
#include "base/number.h"
#include "report/figures.h"
#include "report/view_parts.h"

static void add_queries(view *v, value *item, const finding *f)
{
    value *ids = value_add_list(v->b, item, "query_ids");
    value *links = view_display_list(v, item, "queries");
    for (uint32_t i = 0; i < f->n_queries; i++) {
        id_format(&v->scratch, f->queries[i]);
        value_add_text(v->b, ids, NULL, buf_slice(&v->scratch));
        value *link = value_add_object(v->b, links, NULL);
        value_add_text(v->b, link, "id", buf_slice(&v->scratch));
        buf_clear(&v->scratch);
        const model_query *query = query_find(v->m, f->queries[i]);
        view_flag(v, link, "shown", query != NULL && !v->single);
        value_add_text(v->b, link, "text", query != NULL ? query->text : (slice){0});
        view_code_span(v, link, "text_code", query != NULL ? query->text : (slice){0}, 100);
    }
}

/* A statement to use instead, laid out on lines. */
static void add_rewrite(view *v, value *item, const finding *f)
{
    view_text(v, item, "rewrite", f->rewrite);
    if (f->rewrite.n > 0) {
        view_listing(v, view_display_object(v, item, "instead"), f->rewrite);
    } else {
        view_no_section(v, item, "instead");
    }
}

static void add_example(view *v, value *item, const finding *f)
{
    if (f->line == 0) {
        value_add_null(v->b, item, "example");
        return;
    }
    value *example = value_add_object(v->b, item, "example");
    view_text(v, example, "path", f->path);
    value_add_int(v->b, example, "line", (int64_t)f->line);
    view_place(v, example, f->path, f->line);
    view_location(v, example, "location", f->path, f->line);
}

enum { CHART_WIDTH = 1000, CHART_HEIGHT = 100 };

static int64_t scaled(int64_t n, int64_t most, int64_t size)
{
    return most > 0 ? (int64_t)((__int128)n * size / most) : 0;
}

/* Each point as a dot: a line of no length with a round end. */
static void add_chart(view *v, value *item, const finding *f)
{
    int64_t x = 0;
    int64_t y = 0;
    for (uint32_t i = 0; i < f->n_points; i++) {
        x = f->points[i].x > x ? f->points[i].x : x;
        y = f->points[i].y > y ? f->points[i].y : y;
    }
    if (v->page == NULL || f->n_points == 0 || x == 0 || y == 0) {
        view_no_section(v, item, "chart");
        return;
    }
    value *chart = view_display_object(v, item, "chart");
    for (uint32_t i = 0; i < f->n_points; i++) {
        buf_printf(&v->scratch, "M%lld %lldh0", (long long)scaled(f->points[i].x, x, CHART_WIDTH),
                   (long long)(CHART_HEIGHT - scaled(f->points[i].y, y, CHART_HEIGHT)));
    }
    view_scratch(v, chart, "path");
    buf_add_text(&v->scratch, f->axis == AXIS_NIGHTS
                                  ? "geometric mean of each night, tonight's at the right: up to "
                                  : "time against rows passed over: up to ");
    duration_format(&v->scratch, y);
    if (f->axis == AXIS_ROWS) {
        buf_add_text(&v->scratch, " and ");
        counted_format(&v->scratch, x, "row", "rows");
    }
    view_scratch(v, chart, "caption");
}

/* What somebody said of it, and what people see of its state. */
static void add_state(view *v, value *item, const finding *f)
{
    value_add_text(v->b, item, "state", slice_from(finding_state_name(f->state)));
    view_flag(v, item, "is_accepted", f->state == FINDING_ACCEPTED);
    view_flag(v, item, "can_be_accepted", v->m->keeps_findings);
    finding_state_format(&v->scratch, v->m, f);
    view_scratch(v, item, "state_text");
    if (f->state != FINDING_ACCEPTED) {
        value_add_null(v->b, item, "accepted");
        return;
    }
    value *accepted = value_add_object(v->b, item, "accepted");
    view_time(v, accepted, "until", "until_local", f->accepted_until, 0);
    view_text(v, accepted, "note", f->note);
}

static void add_finding(view *v, value *findings, const finding *f)
{
    value *item = value_add_object(v->b, findings, NULL);
    id_format(&v->scratch, f->id);
    value_add_text(v->b, item, "id", buf_slice(&v->scratch));
    buf_clear(&v->scratch);
    value_add_text(v->b, item, "kind", slice_from(finding_kinds[f->kind].name));
    value_add_text(v->b, item, "severity", slice_from(finding_severity_name(f->severity)));
    value_add_text(v->b, item, "confidence", slice_from(finding_confidence_name(f->confidence)));
    view_duration(v, item, "cost_ms", f->cost);
    view_flag(v, item, "costs", f->cost > 0);
    view_text(v, item, "source", f->source);
    add_queries(v, item, f);
    value_add_text(v->b, item, "title", f->title);
    value_add_text(v->b, item, "detail", f->detail);
    value_add_tree(v->b, item, "evidence", f->evidence);
    value_add_text(v->b, item, "advice", f->advice);
    add_rewrite(v, item, f);
    add_state(v, item, f);
    view_time(v, item, "first_seen", "first_seen_local", f->first_seen, 0);
    value_add_bool(v->b, item, "or_before", f->or_before);
    add_example(v, item, f);
    add_chart(v, item, f);
}

/* --- before and after -------------------------------------------------------------------- */

/* A figure of the evidence, in us; -1 where it has none of this name. */
static int64_t evidence_us(const finding *f, const char *name)
{
    const value *figure = f->evidence != NULL ? value_get(f->evidence, slice_from(name)) : NULL;
    return figure != NULL && figure->kind == VALUE_DECIMAL ? figure->integer : -1;
}

static void add_figure(view *v, value *item, const char *name, int64_t us)
{
    if (us >= 0) {
        duration_format(&v->scratch, us);
    }
    view_scratch(v, item, name);
}

/* A change against a baseline as a row of a table: a query's time before and after; of one that is
 * new or gone all of its time. */
static void add_change(view *v, value *changes, const finding *f)
{
    value *item = value_add_object(v->b, changes, NULL);
    bool is_new = f->kind == FINDING_NEW_QUERY;
    bool is_gone = f->kind == FINDING_GONE_QUERY;
    const model_query *q = f->n_queries > 0 ? query_find(v->m, f->queries[0]) : NULL;
    value_add_text(v->b, item, "kind", slice_from(finding_kinds[f->kind].name));
    id_format(&v->scratch, f->id);
    view_scratch(v, item, "id");
    value_add_display(v->b, item, "title", f->title);
    value_add_display(v->b, item, "text", q != NULL ? q->text : f->title);
    add_figure(v, item, "before",
               is_new    ? -1
               : is_gone ? evidence_us(f, "time_ms")
                         : evidence_us(f, "geometric_mean_before_ms"));
    add_figure(v, item, "after",
               is_gone  ? -1
               : is_new ? evidence_us(f, "time_ms")
                        : evidence_us(f, "geometric_mean_ms"));
    view_flag(v, item, "in_all", is_new || is_gone);
    view_duration(v, item, "cost_ms", f->cost);
    view_flag(v, item, "costs", f->cost > 0);
}

static void add_changes(view *v, value *root)
{
    value *changes = view_display_list(v, root, "changes");
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->m->n_findings; i++) {
        const finding *f = &v->m->findings[i];
        if (f->kind >= FINDING_REGRESSION && f->kind <= FINDING_GONE_QUERY) {
            add_change(v, changes, f);
            n++;
        }
    }
    view_flag(v, root, "has_changes", n > 0);
}

enum { LEADING = 3 };

static void add_closed(view *v, value *root, const model_query *only)
{
    const model *m = v->m;
    value *closed = value_add_list(v->b, root, "closed");
    for (uint32_t i = 0; only == NULL && i < m->n_closed; i++) {
        const closed_finding *f = &m->closed[i];
        value *item = value_add_object(v->b, closed, NULL);
        id_format(&v->scratch, f->id);
        value_add_text(v->b, item, "id", buf_slice(&v->scratch));
        buf_clear(&v->scratch);
        value_add_text(v->b, item, "kind", slice_from(finding_kinds[f->kind].name));
        view_text(v, item, "source", f->source);
        value_add_text(v->b, item, "title", f->title);
        view_time(v, item, "first_seen", "first_seen_local", f->first_seen, 0);
        value_add_bool(v->b, item, "or_before", f->or_before);
        view_time(v, item, "last_seen", "last_seen_local", f->last_seen, 0);
    }
    view_flag(v, root, "has_closed", only == NULL && m->n_closed > 0);
}

/* The first few by their titles, for the head of a page. */
static void add_leading(view *v, value *root)
{
    value *leading = view_display_list(v, root, "leading_findings");
    const model *m = v->m;
    uint32_t n = m->n_findings - m->n_accepted;
    for (uint32_t i = 0; i < n && i < LEADING; i++) {
        value *item = value_add_object(v->b, leading, NULL);
        id_format(&v->scratch, m->findings[i].id);
        view_scratch(v, item, "id");
        value_add_text(v->b, item, "title", m->findings[i].title);
        value_add_text(v->b, item, "severity",
                       slice_from(finding_severity_name(m->findings[i].severity)));
    }
    if (n > LEADING) {
        counted_format(&v->scratch, (int64_t)n - LEADING, "more finding", "more findings");
    }
    view_scratch(v, root, "more_findings");
}

void view_findings(view *v, value *root, const model_query *only)
{
    value *findings = value_add_list(v->b, root, "findings");
    uint32_t n = 0;
    uint32_t n_accepted = 0;
    for (uint32_t i = 0; i < v->m->n_findings; i++) {
        const finding *f = &v->m->findings[i];
        if (only == NULL || finding_is_about(f, only->id)) {
            if (n < v->room.findings) {
                add_finding(v, findings, f);
            }
            n++;
            n_accepted += f->state == FINDING_ACCEPTED;
        }
    }
    v->findings_cut = n > v->room.findings ? n - v->room.findings : 0;
    view_flag(v, root, "has_findings", n > n_accepted);
    view_flag(v, root, "has_accepted", n_accepted > 0);
    add_closed(v, root, only);
    add_leading(v, root);
    add_changes(v, root);
}
