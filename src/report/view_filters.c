/* view_filters.c - what a page's queries can be filtered by; see view_html.h.
 *
 * Each name has a number, and each query the numbers of its own, so that the page's script compares
 * nothing else. What all queries have alike is no filter. */
#include "base/number.h"
#include "report/figures.h"
#include "report/view_html.h"

/* How many names of a dimension can be chosen, those of the costliest queries first. */
enum { NAMES_MAX = 60 };

typedef enum dimension {
    BY_ENGINE,
    BY_DATABASE,
    BY_USER,
    BY_APPLICATION,
    BY_KIND,
    DIMENSIONS
} dimension;

static const char *const labels[DIMENSIONS] = {[BY_ENGINE] = "Engine",
                                               [BY_DATABASE] = "Database",
                                               [BY_USER] = "User",
                                               [BY_APPLICATION] = "Application",
                                               [BY_KIND] = "Finding"};

struct view_filters {
    slice names[DIMENSIONS][NAMES_MAX];
    unsigned n[DIMENSIONS];
};

/* Calls `see` with each name that a query has in a dimension. */
typedef void (*seer)(void *context, dimension by, slice name);

static void see_shares(const model_shares *shares, dimension by, seer see, void *context)
{
    for (uint32_t i = 0; i < shares->n; i++) {
        if (shares->items[i].name.n > 0) {
            see(context, by, shares->items[i].name);
        }
    }
}

static void see_names(const model *m, const model_query *q, seer see, void *context)
{
    see(context, BY_ENGINE, q->engine);
    see_shares(&q->databases, BY_DATABASE, see, context);
    see_shares(&q->users, BY_USER, see, context);
    see_shares(&q->applications, BY_APPLICATION, see, context);
    for (uint32_t i = 0; i < m->n_findings; i++) {
        if (finding_is_about(&m->findings[i], q->id)) {
            see(context, BY_KIND, slice_from(finding_kinds[m->findings[i].kind].name));
        }
    }
}

/* The name's place; NAMES_MAX where it has none. */
static unsigned find_name(const view_filters *f, dimension by, slice name)
{
    unsigned i = 0;
    while (i < f->n[by] && !slice_equal(f->names[by][i], name)) {
        i++;
    }
    return i < f->n[by] ? i : NAMES_MAX;
}

static void keep_name(void *context, dimension by, slice name)
{
    view_filters *f = context;
    if (f->n[by] < NAMES_MAX && find_name(f, by, name) == NAMES_MAX) {
        f->names[by][f->n[by]++] = name;
    }
}

/* Findings are of some queries alone, so that one kind is a choice as well. */
static bool is_choice(const view_filters *f, dimension by)
{
    return f->n[by] > (by == BY_KIND ? 0 : 1);
}

/* The numbers of a dimension follow on those of the one before. */
static unsigned number_of(const view_filters *f, dimension by, unsigned at)
{
    for (dimension before = 0; before < by; before++) {
        at += is_choice(f, before) ? f->n[before] : 0;
    }
    return at;
}

void view_filters_begin(view *v)
{
    view_filters *f = arena_calloc(v->b->arena, 1, sizeof *f);
    v->filters = f;
    if (f == NULL) {
        v->b->failed = true;
        return;
    }
    for (uint32_t i = 0; i < v->m->n_queries; i++) {
        see_names(v->m, &v->m->queries[i], keep_name, f);
    }
}

void view_filters_add(view *v, value *root)
{
    const view_filters *f = v->filters;
    value *list = view_display_list(v, root, "filters");
    for (dimension by = 0; f != NULL && by < DIMENSIONS; by++) {
        if (!is_choice(f, by)) {
            continue;
        }
        value *filter = value_add_object(v->b, list, NULL);
        value_add_display(v->b, filter, "label", slice_from(labels[by]));
        value *choices = value_add_list(v->b, filter, "choices");
        for (unsigned i = 0; i < f->n[by]; i++) {
            value *choice = value_add_object(v->b, choices, NULL);
            buf_add_u64(&v->scratch, number_of(f, by, i));
            view_scratch(v, choice, "number");
            value_add_display(v->b, choice, "name", f->names[by][i]);
        }
    }
}

static void write_number(void *context, dimension by, slice name)
{
    view *v = context;
    unsigned at = find_name(v->filters, by, name);
    if (is_choice(v->filters, by) && at < NAMES_MAX) {
        buf_add_text(&v->scratch, v->scratch.n > 0 ? "," : "");
        buf_add_u64(&v->scratch, number_of(v->filters, by, at));
    }
}

void view_filters_query(view *v, value *query, const model_query *q)
{
    if (v->filters != NULL) {
        see_names(v->m, q, write_number, v);
    }
    view_scratch(v, query, "filter");
}
