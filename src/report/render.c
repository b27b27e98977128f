/* render.c - see render.h. */
#include "report/render.h"

#include "base/assets.h"
#include "report/compare_text.h"
#include "report/compare_view.h"
#include "report/csv.h"
#include "report/template.h"
#include "report/value_json.h"
#include "report/view.h"

enum { VIEW_MAX = 1 << 30 /* bytes; a view has some 10 KiB a query */ };

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

static bool find_partial(void *context, slice name, slice *text)
{
    (void)context;
    return asset_find(name, text);
}

static bool render_template(const value *root, const char *name, escape_mode escape, buf *out,
                            status *st)
{
    template_options o = {.escape = escape, .lookup = find_partial, .strict = true};
    slice text;
    if (!asset_find(slice_from(name), &text)) {
        return status_fail(st, STATUS_BUG, "the program has no template '%s'", name);
    }
    return template_render(slice_from(name), text, root, &o, out, st);
}

/* `q` NULL: the whole report. The view is always that of a report, so that a query's template
 * meets the same names alone and as a part. */
static bool render_view(const model *m, const model_query *q, report_format f, buf *out, status *st)
{
    arena a;
    arena_init(&a, VIEW_MAX);
    value_builder b = {.arena = &a};
    bool html = f == REPORT_HTML;
    const value *root = q == NULL ? view_build(m, html, &b) : view_build_query(m, q, html, &b);
    bool ok = true;
    if (b.failed) {
        ok = status_no_memory(st);
    } else if (f == REPORT_JSON) {
        value_write_json(root, true, out);
    } else if (html) {
        ok = render_template(root, q == NULL ? "report.html" : "show.html", ESCAPE_HTML, out, st);
    } else {
        ok = render_template(root, q == NULL ? "report.md" : "show.md", ESCAPE_MARKDOWN, out, st);
    }
    arena_free(&a);
    return ok && (!out->failed || status_no_memory(st));
}

bool render_report(const model *m, report_format f, const text_options *o, buf *out, status *st)
{
    if (f == REPORT_TEXT) {
        report_text(m, o, out);
    } else if (f == REPORT_CSV) {
        report_csv(m, out);
    } else {
        return render_view(m, NULL, f, out, st);
    }
    return !out->failed || status_no_memory(st);
}

bool render_query(const model *m, const model_query *q, report_format f, const text_options *o,
                  buf *out, status *st)
{
    if (f == REPORT_TEXT) {
        report_text_query(m, q, o, out);
    } else if (f == REPORT_CSV) {
        report_csv_query(m, q, out);
    } else {
        return render_view(m, q, f, out, st);
    }
    return !out->failed || status_no_memory(st);
}

static bool render_changes(const comparison *c, uint32_t limit, report_format f, buf *out,
                           status *st)
{
    arena a;
    arena_init(&a, VIEW_MAX);
    value_builder b = {.arena = &a};
    const value *root = comparison_view(c, limit, &b);
    bool ok = true;
    if (b.failed) {
        ok = status_no_memory(st);
    } else if (f == REPORT_JSON) {
        value_write_json(root, true, out);
    } else {
        bool html = f == REPORT_HTML;
        ok = render_template(root, html ? "diff.html" : "diff.md",
                             html ? ESCAPE_HTML : ESCAPE_MARKDOWN, out, st);
    }
    arena_free(&a);
    return ok;
}

bool render_comparison(const comparison *c, uint32_t limit, report_format f, const text_options *o,
                       buf *out, status *st)
{
    if (f == REPORT_CSV) {
        return status_fail(st, STATUS_USAGE, "a comparison is written as text, html, md or json");
    }
    if (f == REPORT_TEXT) {
        comparison_text(c, limit, o, out);
    } else if (!render_changes(c, limit, f, out, st)) {
        return false;
    }
    return !out->failed || status_no_memory(st);
}
