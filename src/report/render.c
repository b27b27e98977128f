/* render.c - see render.h. */
#include "report/render.h"

#include "base/assets.h"
#include "report/compare_text.h"
#include "report/compare_view.h"
#include "report/csv.h"
#include "report/template.h"
#include "report/value_json.h"
#include "report/view.h"

enum {
    VIEW_MAX = 1 << 30,    /* bytes; a view has some 10 KiB a query */
    NAME_MAX_BYTES = 8192, /* of a template's path */
    QUERY_STEPS = 6        /* in which a query's texts and lists get shorter */
};

/* --- formats ------------------------------------------------------------------------ */

static bool equal_without_case(slice a, const char *lower)
{
    size_t n = strlen(lower);
    for (size_t i = 0; i < a.n && i < n; i++) {
        char c = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (char)(a.p[i] | 0x20) : a.p[i];
        if (c != lower[i]) {
            return false;
        }
    }
    return a.n == n;
}

bool report_format_find(slice name_or_extension, report_format *out)
{
    static const struct {
        const char *name;
        report_format format;
    } names[] = {{"text", REPORT_TEXT},         {"txt", REPORT_TEXT},  {"md", REPORT_MARKDOWN},
                 {"markdown", REPORT_MARKDOWN}, {"html", REPORT_HTML}, {"htm", REPORT_HTML},
                 {"json", REPORT_JSON},         {"csv", REPORT_CSV}};
    slice name = name_or_extension;
    if (slice_starts_with(name, SLICE("."))) {
        name = slice_skip(name, 1);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (equal_without_case(name, names[i].name)) {
            *out = names[i].format;
            return true;
        }
    }
    return false;
}

/* --- rendering ------------------------------------------------------------------------ */

/* What is rendered, and as what. */
typedef struct document {
    const model *m;
    const model_query *q;
    const comparison *c;
    uint32_t limit;
    report_format format;
    const render_options *options;
    template_files *templates;
    size_t most; /* bytes; 0: any */
} document;

static bool is_wiki(const document *d)
{
    return d->options->place != NULL && d->options->place->wiki;
}

static escape_mode escape_of(const document *d)
{
    switch (d->format) {
    case REPORT_HTML:
        return ESCAPE_HTML;
    case REPORT_MARKDOWN:
        return is_wiki(d) ? ESCAPE_WIKI : ESCAPE_MARKDOWN;
    default:
        return ESCAPE_FENCED;
    }
}

/* "report.html", or the name of people's own. */
static bool find_root(const document *d, buf *name, slice *text, status *st)
{
    if (d->templates->path != NULL) {
        buf_add_text(name, d->templates->path);
        *text = d->templates->read[0].text;
        return true;
    }
    buf_printf(name, "%s.%s",
               d->c != NULL   ? "diff"
               : d->q != NULL ? "show"
                              : "report",
               d->format == REPORT_HTML ? "html"
               : is_wiki(d)             ? "jira"
                                        : "md");
    return asset_find(buf_slice(name), text) ||
           status_fail(st, STATUS_BUG, "the program has no template '%s'", name->p);
}

static bool render_tree(const document *d, const value *root, buf *out, status *st)
{
    template_options o = {.escape = escape_of(d),
                          .lookup = template_files_find,
                          .lookup_context = d->templates,
                          .strict = true};
    buf name;
    slice text;
    buf_init(&name, NAME_MAX_BYTES);
    bool ok = find_root(d, &name, &text, st) &&
              template_render(buf_slice(&name), text, root, &o, out, st);
    buf_free(&name);
    return ok;
}

/* The view is always that of a report, so that a query's template meets the same names alone and
 * as a part. `room` NULL: for all. */
static bool render_view(const document *d, const view_room *room, uint32_t limit, buf *out,
                        status *st)
{
    arena a;
    view_page page = {{0}, {0}};
    arena_init(&a, VIEW_MAX);
    value_builder b = {.arena = &a};
    bool html = d->format == REPORT_HTML;
    view_options o = {.page = html ? &page : NULL,
                      .place = d->format == REPORT_MARKDOWN ? d->options->place : NULL,
                      .only = d->q,
                      .most = d->most,
                      .room = room};
    if (html && (!template_files_find(d->templates, SLICE("style.css"), &page.style) ||
                 !template_files_find(d->templates, SLICE("report.js"), &page.script))) {
        return false;
    }
    const value *root =
        d->c != NULL ? comparison_view(d->c, limit, &o, &b) : view_build(d->m, &o, &b);
    bool ok = !b.failed || status_no_memory(st);
    if (ok && d->format == REPORT_JSON) {
        value_write_json(root, true, out);
    } else if (ok) {
        ok = render_tree(d, root, out, st);
    }
    arena_free(&a);
    return ok && (!out->failed || status_no_memory(st));
}

/* --- within a size ---------------------------------------------------------------------- */

/* How much may be left out: each step is one thing less. */
static uint32_t count_steps(const document *d)
{
    if (d->c != NULL) {
        return d->limit == 0 ? d->c->n_changes : d->limit;
    }
    return d->q != NULL ? QUERY_STEPS + d->m->n_findings
                        : 1 + 2 * d->m->n_queries + d->m->n_findings;
}

static uint32_t less(uint32_t n, uint32_t *steps)
{
    uint32_t taken = *steps < n ? *steps : n;
    *steps -= taken;
    return n - taken;
}

static view_room room_after(const document *d, uint32_t steps)
{
    static const size_t texts[] = {SIZE_MAX, 4000, 2000, 1000, 500, 250, 120};
    static const uint32_t items[] = {UINT32_MAX, 20, 10, 5, 3, 2, 1};
    uint32_t level = d->q != NULL ? QUERY_STEPS - less(QUERY_STEPS, &steps) : steps > 0;
    view_room room = VIEW_ROOM_ALL;
    room.text = texts[level];
    room.items = items[level];
    if (d->q == NULL && steps > 0) {
        steps--;
        room.detail = less(d->m->n_queries, &steps);
    }
    room.findings = less(d->m->n_findings, &steps);
    room.rows = d->q == NULL ? less(d->m->n_queries, &steps) : UINT32_MAX;
    return room;
}

static bool render_after(const document *d, uint32_t steps, buf *out, status *st)
{
    buf_clear(out);
    if (d->c != NULL) {
        uint32_t left = count_steps(d) - steps;
        return render_view(d, NULL, left > 0 ? left : 1, out, st);
    }
    view_room room = room_after(d, steps);
    return render_view(d, &room, 0, out, st);
}

/* What nothing that can be left out makes short enough, such as a list of a thousand files, ends
 * with a whole line. */
static void cut_at_line(buf *out, size_t most)
{
    static const char notice[] = "\n… cut\n";
    if (out->n > most) {
        size_t n = most - strlen(notice);
        while (n > 0 && out->p[n - 1] != '\n') {
            n--;
        }
        buf_truncate(out, n);
        buf_add_text(out, notice);
    }
}

/* The fewest steps after which it is short enough: what is left out is less the fewer there are. */
static bool render_fitting(const document *d, buf *out, status *st)
{
    bool ok = render_after(d, 0, out, st);
    if (!ok || out->n <= d->most) {
        return ok;
    }
    uint32_t low = 1;
    uint32_t high = count_steps(d);
    while (ok && low < high) {
        uint32_t middle = low + (high - low) / 2;
        ok = render_after(d, middle, out, st);
        if (out->n > d->most) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    ok = ok && render_after(d, low, out, st);
    if (ok) {
        cut_at_line(out, d->most);
    }
    return ok;
}

/* --- the whole ---------------------------------------------------------------------------- */

/* People's own template is as long as they made it, but for where it goes. */
static size_t most_of(const document *d)
{
    if (d->format != REPORT_MARKDOWN) {
        return 0;
    }
    bool is_ticket = d->q != NULL && d->templates->path == NULL;
    return is_ticket                   ? RENDER_TICKET_BYTES
           : d->options->place != NULL ? d->options->place->most
                                       : 0;
}

/* What templates and JSON make. */
static bool render_document(const render_subject *what, report_format f, const render_options *o,
                            buf *out, status *st)
{
    template_files own = {0};
    document d = {.m = what->m,
                  .q = what->q,
                  .c = what->c,
                  .limit = what->limit,
                  .format = f,
                  .options = o,
                  .templates = o->templates != NULL ? o->templates : &own};
    d.templates->st = st;
    d.most = most_of(&d);
    return d.most > 0 ? render_fitting(&d, out, st) : render_view(&d, NULL, d.limit, out, st);
}

static void render_text(const render_subject *what, const text_options *o, buf *out)
{
    if (what->c != NULL) {
        comparison_text(what->c, what->limit, o, out);
    } else if (what->q != NULL) {
        report_text_query(what->m, what->q, o, out);
    } else {
        report_text(what->m, o, out);
    }
}

bool render(const render_subject *what, report_format f, const render_options *o, buf *out,
            status *st)
{
    if (f == REPORT_CSV && what->c != NULL) {
        return status_fail(st, STATUS_USAGE, "a comparison is written as text, html, md or json");
    }
    if (f == REPORT_CSV && what->q != NULL) {
        report_csv_query(what->m, what->q, out);
    } else if (f == REPORT_CSV) {
        report_csv(what->m, out);
    } else if (f == REPORT_TEXT && o->templates == NULL) {
        render_text(what, &o->text, out);
    } else if (!render_document(what, f, o, out, st)) {
        return false;
    }
    return !out->failed || status_no_memory(st);
}
