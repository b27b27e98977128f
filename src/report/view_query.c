/* view_query.c - one query of the view. See view_parts.h. */
#include "base/number.h"
#include "normalise/normalise.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/sql_layout.h"
#include "report/view_html.h"

enum { TABLE_TEXT_COLUMNS = 80 };

/* A name that the arena holds, since the tree keeps names by their address. */
static const char *kept_name(view *v, slice name)
{
    slice copy;
    if (!arena_copy(v->b->arena, name, &copy)) {
        v->b->failed = true;
        return "";
    }
    return copy.p;
}

/* --- names ------------------------------------------------------------------------- */

static void add_aliases(view *v, value *query, const model_query *q)
{
    value *kinds = value_add_object(v->b, query, "aliases");
    for (uint32_t i = 0; i < q->n_aliases; i++) {
        uint32_t before = 0;
        while (before < i && !slice_equal(q->aliases[before].kind, q->aliases[i].kind)) {
            before++;
        }
        if (before < i) {
            continue; /* with the first of its kind */
        }
        value *ids = value_add_list(v->b, kinds, kept_name(v, q->aliases[i].kind));
        for (uint32_t k = i; k < q->n_aliases; k++) {
            if (slice_equal(q->aliases[k].kind, q->aliases[i].kind)) {
                value_add_text(v->b, ids, NULL, q->aliases[k].value);
            }
        }
    }
    value *lines = value_add_list(v->b, query, "alias_lines");
    uint32_t n = view_items(v, q->n_aliases);
    for (uint32_t i = 0; i < n; i++) {
        value *line = value_add_object(v->b, lines, NULL);
        value_add_text(v->b, line, "kind", q->aliases[i].kind);
        value_add_text(v->b, line, "value", q->aliases[i].value);
    }
    if (lines != NULL) {
        lines->display_only = true;
    }
}

/* In which a listing is highlighted: what is no SQL is a document. */
static const char *language_of(slice engine)
{
    enum { NAME_MAX_BYTES = 32 };
    char name[NAME_MAX_BYTES] = "";
    if (engine.n > 0 && engine.n < sizeof name) {
        memcpy(name, engine.p, engine.n);
    }
    const normaliser *n = normaliser_find(name);
    return n != NULL && n->dialect == NULL ? "json" : "sql";
}

/* Part of a statement explains nothing: where there is no room for it, none of it is there. */
static void add_explain(view *v, value *query, slice explain)
{
    if (explain.n == 0 || view_text_room(v, explain).n < explain.n) {
        value_add_display(v->b, query, "explain", SLICE(""));
        view_no_section(v, query, "explaining");
        return;
    }
    value_add_text(v->b, query, "explain", explain);
    value *explaining = view_display_object(v, query, "explaining");
    buf_add(&v->scratch, explain);
    view_block(v, explaining, "lines", 0);
}

static void add_identity(view *v, value *query, const model_query *q)
{
    id_format(&v->scratch, q->id);
    value_add_text(v->b, query, "id", buf_slice(&v->scratch));
    buf_clear(&v->scratch);
    buf_add_u64(&v->scratch, q->rank);
    view_scratch(v, query, "rank");
    add_aliases(v, query, q);
    view_text(v, query, "engine", q->engine);
    value_add_display(v->b, query, "language", slice_from(language_of(q->engine)));
    view_text(v, query, "verb", q->verb);
    value *tables = value_add_list(v->b, query, "tables");
    for (uint32_t i = 0; i < q->n_tables; i++) {
        value_add_text(v->b, tables, NULL, q->tables[i].name);
    }
    value_add_text(v->b, query, "text", q->text);
    view_code_span(v, query, "code", q->text, TABLE_TEXT_COLUMNS);
    view_listing(v, query, q->text);
    add_explain(v, query, q->explain);
}

/* --- figures ------------------------------------------------------------------------ */

static void add_share(view *v, value *query, const model_query *q)
{
    view_part(v, query, "share", q->time.total, q->time.n > 0 ? v->m->time.total : 0);
}

/* The sum of a measure as a figure of its own; null where the log does not have it. */
static void add_total(view *v, value *parent, const char *name, const model_query *q,
                      const char *measure_name)
{
    const model_measure *measure = measure_find(q, measure_name);
    if (measure == NULL) {
        value_add_null(v->b, parent, name);
    } else if (slice_is(measure->unit, "us")) {
        view_duration(v, parent, name, measure->statistics.total);
    } else {
        view_count(v, parent, name, measure->statistics.total);
    }
}

static void add_rows(view *v, value *query, const model_query *q)
{
    value *rows = value_add_object(v->b, query, "rows");
    add_total(v, rows, "sent", q, "rows_sent");
    add_total(v, rows, "examined", q, "rows_examined");
    add_total(v, rows, "affected", q, "rows_affected");
    int64_t permille;
    if (rows_per_sent(q, &permille)) {
        value *ratio = value_add_decimal(v->b, rows, "examined_per_sent", permille, 3);
        count_format(&v->scratch, (permille + 500) / 1000);
        value_set_display(v->b, ratio, buf_slice(&v->scratch));
        buf_clear(&v->scratch);
    } else {
        value_add_null(v->b, rows, "examined_per_sent");
    }
    add_total(v, query, "lock_time_ms", q, "lock_time");
}

static void add_figures(view *v, value *query, const model_query *q)
{
    int64_t permille = 0;
    int64_t unsteadiness;
    view_count(v, query, "calls", q->calls);
    view_count(v, query, "estimated_calls", q->estimated_calls);
    view_flag(v, query, "sampled", is_sampled(q->calls, q->estimated_calls));
    view_flag(v, query, "timed", q->time.n > 0);
    value *time = value_add_object(v->b, query, "time_ms");
    view_statistics(v, time, &q->time);
    if (variance_to_mean(&q->time, &unsteadiness)) {
        view_duration(v, time, "variance_to_mean", unsteadiness);
    } else {
        value_add_null(v->b, time, "variance_to_mean");
    }
    add_share(v, query, q);
    bool loaded = q->time.n > 0 && load_permille(v->m, q->time.total, &permille);
    view_load(v, query, "load", loaded, permille);
    add_rows(v, query, q);
}

static void add_measure(view *v, value *attributes, const model_measure *measure)
{
    buf_add(&v->scratch, measure->name);
    buf_add_text(&v->scratch, slice_is(measure->unit, "us") ? "_ms" : "");
    /* A log may have a name of its own that is also one of the program's. */
    if (attributes != NULL && value_get(attributes, buf_slice(&v->scratch)) != NULL) {
        buf_clear(&v->scratch);
        buf_add(&v->scratch, measure->unit);
        buf_add_char(&v->scratch, ':');
        buf_add(&v->scratch, measure->name);
    }
    value *object = value_add_object(v->b, attributes, kept_name(v, buf_slice(&v->scratch)));
    buf_clear(&v->scratch);
    view_measure(v, object, measure);
    view_part(v, object, "share", measure->statistics.total, measure->of_all);
    if (slice_is(measure->unit, "yes")) {
        view_part(v, object, "yes", measure->statistics.total, measure->statistics.n);
    }
}

/* People see those that tell something; of what was so or not, how often it was. */
static void add_measure_line(view *v, value *lines, const model_measure *measure)
{
    if (!measure_tells(measure)) {
        return;
    }
    value *line = value_add_object(v->b, lines, NULL);
    measure_name_format(&v->scratch, measure);
    view_scratch(v, line, "title");
    view_measure(v, line, measure);
    share_format(&v->scratch, measure->statistics.total, measure->of_all);
    view_scratch(v, line, "share");
    if (slice_is(measure->unit, "yes")) {
        share_format(&v->scratch, measure->statistics.total, measure->statistics.n);
        view_scratch(v, line, "yes");
    } else {
        value_add_null(v->b, line, "yes");
    }
}

static void add_measures(view *v, value *query, const model_query *q)
{
    value *attributes = value_add_object(v->b, query, "attributes");
    for (uint32_t i = 0; i < q->n_measures; i++) {
        add_measure(v, attributes, &q->measures[i]);
    }
    value *lines = value_add_list(v->b, query, "measure_lines");
    uint32_t n = view_items(v, q->n_measures);
    for (uint32_t i = 0; i < n; i++) {
        add_measure_line(v, lines, &q->measures[i]);
    }
    if (lines != NULL) {
        lines->display_only = true;
    }
}

static void add_errors(view *v, value *query, const model_query *q)
{
    view_count(v, query, "errors", q->errors);
    view_flag(v, query, "failed", q->errors > 0);
    value *by_code = value_add_object(v->b, query, "errors_by_code");
    for (uint32_t i = 0; i < q->n_codes; i++) {
        slice code = q->codes[i].code.n > 0 ? q->codes[i].code : SLICE("unknown");
        view_count(v, by_code, kept_name(v, code), q->codes[i].n);
    }
    uint32_t n = view_items(v, q->n_codes);
    for (uint32_t i = 0; i < n; i++) {
        slice code = q->codes[i].code.n > 0 ? q->codes[i].code : SLICE("without a code");
        buf_add_text(&v->scratch, i > 0 ? ", " : "");
        buf_add(&v->scratch, code);
        buf_add_text(&v->scratch, ": ");
        count_format(&v->scratch, q->codes[i].n);
    }
    view_scratch(v, query, "errors_text");
}

static void add_seen(view *v, value *query, const model_query *q)
{
    view_time(v, query, "first_seen", "first_seen_local", q->first_seen, 0);
    view_time(v, query, "last_seen", "last_seen_local", q->last_seen, 0);
}

/* --- who and where ------------------------------------------------------------------- */

static void add_share_figures(view *v, value *item, const model_share *share)
{
    view_count(v, item, "calls", share->calls);
    view_counted(v, item, "calls_text", share->calls, "call", "calls");
    view_duration(v, item, "time_ms", share->time);
}

/* What those from `first` on come to; the scratch then has how many, for their name. */
static model_share add_up(view *v, const model_shares *shares, uint32_t first)
{
    model_share rest = {0};
    for (uint32_t i = first; i < shares->n; i++) {
        rest.calls += shares->items[i].calls;
        rest.time += shares->items[i].time;
    }
    count_format(&v->scratch, (int64_t)shares->n - first);
    buf_add_text(&v->scratch, " more");
    return rest;
}

static void add_shares(view *v, value *query, const char *name, const model_shares *shares)
{
    value *list = value_add_list(v->b, query, name);
    uint32_t n = view_items(v, shares->n);
    for (uint32_t i = 0; i < n; i++) {
        const model_share *share = &shares->items[i];
        value *item = value_add_object(v->b, list, NULL);
        view_text(v, item, "name", share->name);
        value_add_display(v->b, item, "label",
                          share->name.n > 0 ? share->name : SLICE("(unknown)"));
        add_share_figures(v, item, share);
    }
    if (n < shares->n) {
        model_share rest = add_up(v, shares, n);
        value *item = view_display_object(v, list, NULL);
        view_scratch(v, item, "label");
        add_share_figures(v, item, &rest);
    }
}

static void add_tag(view *v, value *list, const model_tag *tag)
{
    uint32_t n = view_items(v, tag->values.n);
    for (uint32_t i = 0; i < n; i++) {
        const model_share *share = &tag->values.items[i];
        value *item = value_add_object(v->b, list, NULL);
        value_add_text(v->b, item, "key", tag->key);
        value_add_text(v->b, item, "value", share->name);
        add_share_figures(v, item, share);
    }
    if (n < tag->values.n) {
        model_share rest = add_up(v, &tag->values, n);
        value *item = view_display_object(v, list, NULL);
        value_add_text(v->b, item, "key", tag->key);
        view_scratch(v, item, "value");
        add_share_figures(v, item, &rest);
    }
}

static void add_tags(view *v, value *query, const model_query *q)
{
    value *list = value_add_list(v->b, query, "tags");
    uint32_t n = view_items(v, q->n_tags);
    for (uint32_t i = 0; i < n; i++) {
        add_tag(v, list, &q->tags[i]);
    }
}

static void add_plan_lines(view *v, slice shape)
{
    while (shape.n > 0) {
        const char *end = memchr(shape.p, '\n', shape.n);
        slice line = end != NULL ? slice_between(shape.p, end) : shape;
        buf_add_text(&v->scratch, v->scratch.n > 0 ? "\n" : "");
        escape_terminal(&v->scratch, line);
        shape = slice_skip(shape, line.n + 1);
    }
}

/* More than one plan is a plan that changed: each with when it was seen. */
static void add_plans(view *v, value *query, const model_query *q)
{
    value *list = value_add_list(v->b, query, "plans");
    uint32_t n = view_items(v, q->n_plans);
    for (uint32_t i = 0; i < n; i++) {
        const model_plan *plan = &q->plans[i];
        value *item = value_add_object(v->b, list, NULL);
        value_add_text(v->b, item, "shape", plan->shape);
        view_count(v, item, "calls", plan->calls);
        view_counted(v, item, "calls_text", plan->calls, "call", "calls");
        view_duration(v, item, "time_ms", plan->time);
        view_time(v, item, "first_seen", "first_seen_local", plan->first_seen, 0);
        view_time(v, item, "last_seen", "last_seen_local", plan->last_seen, 0);
        slice shown = view_text_room(v, plan->shape);
        add_plan_lines(v, shown);
        view_block(v, item, "lines", plan->shape.n - shown.n);
    }
    view_flag(v, query, "plan_changed", q->n_plans > 1);
    view_flag(v, query, "has_plans", q->n_plans > 0);
}

static void add_example(view *v, value *list, const model_example *example)
{
    value *item = value_add_object(v->b, list, NULL);
    view_text(v, item, "path", example->path);
    view_count(v, item, "line", (int64_t)example->line);
    view_time(v, item, "at", "at_local", example->at, 3);
    view_duration(v, item, "ms", example->duration);
    view_text(v, item, "database", example->database);
    view_text(v, item, "user", example->user);
    view_text(v, item, "app", example->application);
    view_text(v, item, "host", example->host);
    account_format(&v->scratch, example->user, example->database);
    view_scratch(v, item, "account");
    view_location(v, item, "location", example->path, example->line);
    view_place(v, item, example->path, example->line);
}

static void add_examples(view *v, value *query, const model_query *q)
{
    value *list = value_add_list(v->b, query, "examples");
    uint32_t n = view_items(v, q->n_examples);
    for (uint32_t i = 0; i < n; i++) {
        add_example(v, list, &q->examples[i]);
    }
    view_flag(v, query, "has_examples", q->n_examples > 0);
}

static void add_notes(view *v, value *query, const model_query *q)
{
    value *list = value_add_list(v->b, query, "notes");
    for (uint32_t i = 0; i < q->n_notes; i++) {
        value_add_text(v->b, list, NULL, q->notes[i]);
    }
}

value *view_query(view *v, value *queries, const model_query *q)
{
    value *query = value_add_object(v->b, queries, NULL);
    add_identity(v, query, q);
    add_figures(v, query, q);
    add_measures(v, query, q);
    add_errors(v, query, q);
    add_seen(v, query, q);
    add_shares(v, query, "databases", &q->databases);
    add_shares(v, query, "users", &q->users);
    add_shares(v, query, "apps", &q->applications);
    add_shares(v, query, "hosts", &q->hosts);
    add_tags(v, query, q);
    view_series(v, query, "series", &q->series);
    view_histogram(v, query, "histogram", q->histogram, q->n_histogram);
    add_plans(v, query, q);
    add_examples(v, query, q);
    add_notes(v, query, q);
    value_add_null(v->b, query, "baseline");
    if (v->page != NULL) {
        view_html_query(v, query, q);
    }
    return query;
}
