/* view_html.c - see view_html.h. */
#include "report/view_html.h"

#include "base/number.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/layout.h"
#include "report/policy.h"
#include "report/sql_layout.h"

enum {
    FULL_QUERIES = 25,    /* the first have sections of their own; the others are in the table */
    SNIPPET_COLUMNS = 72, /* of a query's text in a table, where a section has more of it, */
    BRIEF_COLUMNS = 120,  /* and where there is none */
    FULL_BYTES = 4000,    /* of it in the report's sections */
    EXAMPLES_SHOWN = 3,
    NAMES_SHOWN = 6,   /* databases, users and so on of one query */
    NAMES_IN_BRIEF = 3 /* of one in the table alone */
};

/* --- rankings ----------------------------------------------------------------------------- */

void view_snippet(view *v, value *parent, slice text, unsigned columns)
{
    buf safe;
    buf_init(&safe, v->scratch.max);
    escape_terminal(&safe, text);
    layout_add_cut(&v->scratch, buf_slice(&safe), columns);
    v->b->failed = v->b->failed || safe.failed;
    view_scratch(v, parent, "snippet");
    buf_free(&safe);
}

static void add_ranked(view *v, value *list, model_ranking_id by, const model_query *q)
{
    int64_t permille = 0;
    value *item = value_add_object(v->b, list, NULL);
    id_format(&v->scratch, q->id);
    view_scratch(v, item, "id");
    view_snippet(v, item, q->text, SNIPPET_COLUMNS);
    switch (by) {
    case RANKING_TOTAL:
        duration_format(&v->scratch, q->time.total);
        break;
    case RANKING_MEAN:
        duration_format(&v->scratch, q->time.mean);
        break;
    case RANKING_P95:
        duration_format(&v->scratch, q->time.p95);
        break;
    case RANKING_CALLS:
        count_format(&v->scratch, q->calls);
        break;
    case RANKING_EXAMINED:
        if (rows_per_sent(q, &permille)) {
            count_format(&v->scratch, (permille + 500) / 1000);
        }
        break;
    case RANKING_ERRORS:
        count_format(&v->scratch, q->errors);
        break;
    }
    view_scratch(v, item, "figure");
}

static void add_rankings(view *v, value *root)
{
    static const struct {
        const char *title, *figure;
    } titles[MODEL_RANKINGS] = {[RANKING_TOTAL] = {"Most time in all", "Total"},
                                [RANKING_MEAN] = {"Slowest on average", "Mean"},
                                [RANKING_P95] = {"Slowest at the 95th percentile", "p95"},
                                [RANKING_CALLS] = {"Called most often", "Calls"},
                                [RANKING_EXAMINED] = {"Most rows examined for each sent", "Rows"},
                                [RANKING_ERRORS] = {"Failed most often", "Errors"}};
    value *rankings = view_display_list(v, root, "rankings");
    for (int r = 0; r < MODEL_RANKINGS; r++) {
        const model_ranking *ranking = &v->m->rankings[r];
        if (ranking->n == 0) {
            continue;
        }
        value *item = value_add_object(v->b, rankings, NULL);
        value_add_display(v->b, item, "title", slice_from(titles[r].title));
        value_add_display(v->b, item, "figure_title", slice_from(titles[r].figure));
        value *list = value_add_list(v->b, item, "ranked");
        for (uint32_t i = 0; i < ranking->n; i++) {
            add_ranked(v, list, (model_ranking_id)r, ranking->items[i]);
        }
    }
}

/* --- one query ------------------------------------------------------------------------------ */

/* *before: the mark of the piece in front. */
static void add_piece(view *v, const sql_piece *piece, const char **before)
{
    static const char *const tags[] = {[PIECE_PLAIN] = NULL,
                                       [PIECE_KEYWORD] = "b",
                                       [PIECE_PLACEHOLDER] = "i",
                                       [PIECE_QUOTED] = NULL};
    const char *tag = tags[piece->kind];
    bool joins = tag != NULL && *before == tag && piece->gap == GAP_SPACE;
    *before = tag;
    if (joins) { /* GROUP BY: one mark for both words */
        buf_truncate(&v->scratch, v->scratch.n - strlen("</b>"));
    }
    if (piece->gap == GAP_LINE) {
        buf_add_char(&v->scratch, '\n');
        buf_add_repeat(&v->scratch, ' ', piece->indent);
    } else if (piece->gap == GAP_SPACE) {
        buf_add_char(&v->scratch, ' ');
    }
    if (tag != NULL && !joins) {
        buf_printf(&v->scratch, "<%s>", tag);
    }
    escape_text(&v->scratch, piece->text, ESCAPE_HTML);
    if (tag != NULL) {
        buf_printf(&v->scratch, "</%s>", tag);
    }
}

/* The query's text as HTML: laid out, its keywords and placeholders marked. */
static void add_marked_text(view *v, value *query, slice text)
{
    size_t n = v->single ? text.n : utf8_take_whole(text, FULL_BYTES).n;
    sql_layout layout;
    sql_piece piece;
    const char *before = NULL;
    sql_layout_init(&layout, slice_take(text, n), VIEW_LISTING_COLUMNS);
    while (sql_layout_next(&layout, &piece)) {
        add_piece(v, &piece, &before);
    }
    if (n < text.n) {
        buf_add_text(&v->scratch, "\n… and ");
        counted_format(&v->scratch, (int64_t)(text.n - n), "more byte", "more bytes");
    }
    view_scratch(v, query, "marked_text");
}

/* The share as tenths of the largest one; empty where the bar would be too short to see. */
static void add_bar_step(view *v, value *query, const model_query *q)
{
    int64_t most = v->most_total;
    int64_t tenths = most > 0 ? (int64_t)((__int128)q->time.total * 20 / most + 1) / 2 : 0;
    if (tenths > 0) {
        buf_add_u64(&v->scratch, (uint64_t)tenths);
    }
    view_scratch(v, query, "bar");
}

/* "shop 1,385 calls, 12.3 s; stats 3 calls, 2.1 ms; and 4 more". */
static void format_names(view *v, const model_shares *shares)
{
    for (uint32_t i = 0; i < shares->n && i < NAMES_SHOWN; i++) {
        const model_share *share = &shares->items[i];
        buf_add_text(&v->scratch, i == 0 ? "" : "; ");
        buf_add(&v->scratch, share->name.n > 0 ? share->name : SLICE("(unknown)"));
        buf_add_char(&v->scratch, ' ');
        counted_format(&v->scratch, share->calls, "call", "calls");
        buf_add_text(&v->scratch, ", ");
        duration_format(&v->scratch, share->time);
    }
    if (shares->n > NAMES_SHOWN) {
        buf_add_text(&v->scratch, "; and ");
        count_format(&v->scratch, (int64_t)shares->n - NAMES_SHOWN);
        buf_add_text(&v->scratch, " more");
    }
}

/* One name alone, and of every call: not only of those whose name the log has. */
static bool is_always_same(const model_shares *shares, const model_query *q)
{
    return shares->n == 1 && shares->items[0].calls >= q->calls;
}

/* Who runs it: what is always the same on one line, as "shop · web · 127.0.0.1", and a line for
 * each of the others. */
static void add_who(view *v, value *query, const model_query *q)
{
    const struct {
        const char *label;
        const model_shares *shares;
    } kinds[] = {{"Databases", &q->databases},
                 {"Users", &q->users},
                 {"Applications", &q->applications},
                 {"Hosts", &q->hosts}};
    value *several = view_display_list(v, query, "several");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].shares->n > 0 && !is_always_same(kinds[i].shares, q)) {
            value *item = value_add_object(v->b, several, NULL);
            value_add_display(v->b, item, "label", slice_from(kinds[i].label));
            format_names(v, kinds[i].shares);
            view_scratch(v, item, "names");
        }
    }
    for (uint32_t i = 0; i < q->n_tags; i++) {
        value *item = value_add_object(v->b, several, NULL);
        value_add_display(v->b, item, "label", q->tags[i].key);
        format_names(v, &q->tags[i].values);
        view_scratch(v, item, "names");
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_always_same(kinds[i].shares, q)) {
            buf_add_text(&v->scratch, v->scratch.n > 0 ? " · " : "");
            buf_add(&v->scratch, kinds[i].shares->items[0].name);
        }
    }
    view_scratch(v, query, "always");
}

/* "app, web, worker, …", behind what is there already. */
static void format_first_names(view *v, const model_shares *shares)
{
    for (uint32_t i = 0; i < shares->n && i <= NAMES_IN_BRIEF; i++) {
        buf_add_text(&v->scratch, i > 0 ? ", " : v->scratch.n > 0 ? " · " : "");
        buf_add(&v->scratch, i == NAMES_IN_BRIEF           ? SLICE("…")
                             : shares->items[i].name.n > 0 ? shares->items[i].name
                                                           : SLICE("(unknown)"));
    }
}

/* Who runs it, in brief: names without figures. */
static void add_who_in_brief(view *v, value *query, const model_query *q)
{
    format_first_names(v, &q->databases);
    format_first_names(v, &q->users);
    format_first_names(v, &q->applications);
    format_first_names(v, &q->hosts);
    for (uint32_t i = 0; i < q->n_tags; i++) {
        format_first_names(v, &q->tags[i].values);
    }
    view_scratch(v, query, "who");
}

/* The slowest executions; of whom only where that is not always the same. */
static void add_slowest(view *v, value *query, const model_query *q, bool full)
{
    value *list = view_display_list(v, query, "slowest");
    uint32_t n = q->n_examples < EXAMPLES_SHOWN ? q->n_examples : EXAMPLES_SHOWN;
    for (uint32_t i = 0; i < (full || n < 1 ? n : 1); i++) {
        const model_example *example = &q->examples[i];
        value *item = value_add_object(v->b, list, NULL);
        view_place(v, item, slice_skip(example->path, v->folder), example->line);
        duration_format(&v->scratch, example->duration);
        view_scratch(v, item, "ms");
        if (example->at != 0) {
            short_time_format(&v->scratch, v->m, example->at);
        }
        view_scratch(v, item, "when");
        if (q->users.n > 1 || q->databases.n > 1) {
            account_format(&v->scratch, example->user, example->database);
        }
        view_scratch(v, item, "account");
    }
}

static void add_seen(view *v, value *query, const model_query *q)
{
    if (q->first_seen != 0) {
        short_time_format(&v->scratch, v->m, q->first_seen);
        buf_add_text(&v->scratch, " to ");
        short_time_format(&v->scratch, v->m, q->last_seen);
    }
    view_scratch(v, query, "seen");
}

static void add_found(view *v, value *query, const model_query *q)
{
    value *list = view_display_list(v, query, "found");
    for (uint32_t i = 0; i < v->m->n_findings; i++) {
        const finding *f = &v->m->findings[i];
        if (finding_is_about(f, q->id)) {
            value *item = value_add_object(v->b, list, NULL);
            id_format(&v->scratch, f->id);
            view_scratch(v, item, "id");
            value_add_display(v->b, item, "title", f->title);
        }
    }
}

static bool tells_measures(const model_query *q)
{
    for (uint32_t i = 0; i < q->n_measures; i++) {
        if (measure_tells(&q->measures[i])) {
            return true;
        }
    }
    return false;
}

void view_html_query(view *v, value *query, const model_query *q)
{
    bool full = q->rank <= FULL_QUERIES || v->single;
    view_flag(v, query, "full", full);
    view_flag(v, query, "repeated", q->time.n > 1);
    view_flag(v, query, "measured_once", q->time.n == 1 && tells_measures(q));
    view_counted(v, query, "calls_text", q->calls, "call", "calls");
    view_snippet(v, query, q->text, full ? SNIPPET_COLUMNS : BRIEF_COLUMNS);
    add_bar_step(v, query, q);
    view_filters_query(v, query, q);
    add_slowest(v, query, q, full);
    if (!full) {
        add_who_in_brief(v, query, q);
    } else {
        add_who(v, query, q);
        add_marked_text(v, query, q->text);
        add_seen(v, query, q);
        add_found(v, query, q);
        view_query_charts(v, query, q);
    }
}

/* --- the page ------------------------------------------------------------------------------- */

/* The length of the folder's name, with its slash, that all files lie in. */
static size_t common_folder(const model *m)
{
    slice common = {0};
    for (uint32_t i = 0; i < m->n_sources; i++) {
        for (uint32_t k = 0; k < m->sources[i].n_files; k++) {
            slice path = m->sources[i].files[k].path;
            size_t n = 0;
            while (n < path.n && n < common.n && path.p[n] == common.p[n]) {
                n++;
            }
            common = common.p == NULL ? path : slice_take(path, n);
        }
    }
    while (common.n > 0 && common.p[common.n - 1] != '/') {
        common.n--;
    }
    return common.n;
}

void view_html_begin(view *v)
{
    v->folder = common_folder(v->m);
    view_filters_begin(v);
    for (uint32_t i = 0; i < v->m->n_queries; i++) {
        int64_t total = v->m->queries[i].time.total;
        v->most_total = total > v->most_total ? total : v->most_total;
    }
}

void view_html_head(view *v, value *root)
{
    value_add_display(v->b, root, "style", v->page->style);
    value_add_display(v->b, root, "script", v->page->script);
    policy_source_format(&v->scratch, v->page->style);
    view_scratch(v, root, "style_source");
    policy_source_format(&v->scratch, v->page->script);
    view_scratch(v, root, "script_source");
}

void view_html_page(view *v, value *root)
{
    view_html_head(v, root);
    view_page_charts(v, root);
    add_rankings(v, root);
    view_filters_add(v, root);
}
