/* template.c - see template.h.
 *
 * Renders straight from the template's text: nothing is compiled. A section that
 * is not wanted is read by the same code with the output off, so each section's
 * text is read once for each of its items and once where it has none. */
#include "report/template.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_DEPTH = 32, SHOWN_NAME = 80 };

/* A name in an error message, cut to a readable length. */
#define SHOWN(name) (int)((name).n < SHOWN_NAME ? (name).n : SHOWN_NAME), (name).p

/* The template or one of its partials. */
typedef struct page {
    slice name;
    slice text;
    slice indent;             /* goes before each of its lines, ... */
    const struct page *outer; /* ... after what goes before the lines of this one */
} page;

/* The kinds are the characters that mark them. */
typedef enum tag_kind {
    TAG_VALUE = 0,
    TAG_RAW = '&',
    TAG_SECTION = '#',
    TAG_INVERTED = '^',
    TAG_CLOSE = '/',
    TAG_PARTIAL = '>',
    TAG_COMMENT = '!'
} tag_kind;

typedef struct tag {
    tag_kind kind;
    slice name;
    const char *begin; /* the page's end where there are no more tags */
    const char *end;
    const char *cut_begin; /* a standalone tag takes its whole line with it; otherwise as begin */
    const char *cut_end;
    bool standalone;
} tag;

typedef struct renderer {
    const template_options *options;
    buf *out;
    status *st;
    const value *stack[MAX_DEPTH + 1]; /* the innermost context last */
    size_t stack_n;
    size_t depth;     /* sections and partials that are open */
    size_t tags_left; /* that may still be followed */
    bool silent;      /* within a section that is not shown */
} renderer;

static bool render_block(renderer *r, const page *p, const tag *opener, const char **at);

static const char *page_end(const page *p)
{
    return p->text.p + p->text.n;
}

static bool fail(renderer *r, const page *p, const char *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail(renderer *r, const page *p, const char *at, const char *format, ...)
{
    size_t line = 1;
    for (const char *c = p->text.p; c < at; c++) {
        line += *c == '\n';
    }
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return status_fail(r->st, STATUS_USAGE, "%.*s:%zu: %s", SHOWN(p->name), line, what);
}

/* --- reading tags ------------------------------------------------------------- */

/* The first place where c stands `count` times in a row, or NULL. */
static const char *find_run(const char *p, const char *end, char c, size_t count)
{
    while (p < end && (p = memchr(p, c, (size_t)(end - p))) != NULL) {
        size_t run = 1;
        while (run < count && run < (size_t)(end - p) && p[run] == c) {
            run++;
        }
        if (run == count) {
            return p;
        }
        p += run;
    }
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A tag that writes nothing itself and has its line to itself takes the line with it. */
static void cut_standalone_line(const page *p, tag *t)
{
    const char *begin = t->begin;
    while (begin > p->text.p && is_blank(begin[-1])) {
        begin--;
    }
    const char *end = t->end;
    while (end < page_end(p) && is_blank(*end)) {
        end++;
    }
    bool line_begins = begin == p->text.p || begin[-1] == '\n';
    if (page_end(p) - end >= 2 && end[0] == '\r' && end[1] == '\n') {
        end++;
    }
    if (!line_begins || (end < page_end(p) && *end != '\n')) {
        return;
    }
    t->cut_begin = begin;
    t->cut_end = end < page_end(p) ? end + 1 : end;
    t->standalone = true;
}

static bool is_name(slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c <= ' ' || c == 0x7F || c == '{' || c == '}') {
            return false;
        }
    }
    return name.n > 0;
}

/* Reads what stands between the braces: the mark, where three braces are not one, and the name. */
static bool read_content(renderer *r, const page *p, slice content, tag *t)
{
    content = slice_trim(content);
    char mark = t->kind == TAG_VALUE && content.n > 0 ? content.p[0] : '\0';
    if (mark != '\0' && memchr("=<$", mark, 3) != NULL) {
        return fail(r, p, t->begin, "tags with '%c' are not supported", mark);
    }
    if (mark != '\0' && memchr("&#^/>!", mark, 6) != NULL) {
        t->kind = (tag_kind)mark;
        content = slice_trim(slice_skip(content, 1));
    }
    t->name = content;
    if (t->kind != TAG_COMMENT && !is_name(content)) {
        return fail(r, p, t->begin, "a tag must hold a name, without blanks or braces");
    }
    return true;
}

/* The first tag at or behind `at`. */
static bool read_tag(renderer *r, const page *p, const char *at, tag *t)
{
    const char *end = page_end(p);
    const char *begin = find_run(at, end, '{', 2);
    *t = (tag){.kind = TAG_VALUE, .begin = end, .end = end, .cut_begin = end, .cut_end = end};
    if (begin == NULL) {
        return true;
    }
    size_t braces = end - begin > 2 && begin[2] == '{' ? 3 : 2;
    const char *close = find_run(begin + braces, end, '}', braces);
    if (close == NULL) {
        return fail(r, p, begin, "a tag is not closed");
    }
    t->kind = braces == 3 ? TAG_RAW : TAG_VALUE;
    t->begin = t->cut_begin = begin;
    t->end = t->cut_end = close + braces;
    if (!read_content(r, p, slice_between(begin + braces, close), t)) {
        return false;
    }
    if (t->kind != TAG_VALUE && t->kind != TAG_RAW) {
        cut_standalone_line(p, t);
    }
    return true;
}

/* --- finding values ----------------------------------------------------------- */

/* The part of a dotted name before the first dot; *name keeps what is behind it. */
static slice take_part(slice *name)
{
    const char *dot = memchr(name->p, '.', name->n);
    slice part = dot != NULL ? slice_between(name->p, dot) : *name;
    *name = slice_skip(*name, part.n + 1);
    return part;
}

/* Only the first part of a dotted name is looked for in all contexts; the others are then
 * below it or nowhere. */
static const value *resolve(const renderer *r, slice name)
{
    if (slice_is(name, ".")) {
        return r->stack[r->stack_n - 1];
    }
    slice part = take_part(&name);
    const value *v = NULL;
    for (size_t i = r->stack_n; i > 0 && v == NULL; i--) {
        v = value_get(r->stack[i - 1], part);
    }
    while (v != NULL && name.n > 0 && v->kind != VALUE_NULL) {
        v = value_get(v, take_part(&name));
    }
    return v;
}

/* *v is NULL where there is no such value and that is no error. */
static bool find_value(renderer *r, const page *p, const tag *t, const value **v)
{
    *v = resolve(r, t->name);
    if (*v == NULL && r->options->strict) {
        return fail(r, p, t->begin, "unknown name '%.*s'", SHOWN(t->name));
    }
    return true;
}

/* --- writing ------------------------------------------------------------------ */

static void write_indent(renderer *r, const page *p)
{
    if (p != NULL) {
        write_indent(r, p->outer);
        buf_add(r->out, p->indent);
    }
}

static bool at_line_start(const page *p, const char *at)
{
    return at == p->text.p || at[-1] == '\n';
}

/* The template's own text. An empty line stays empty. */
static void write_text(renderer *r, const page *p, const char *begin, const char *end)
{
    while (begin < end && !r->silent) {
        const char *newline = memchr(begin, '\n', (size_t)(end - begin));
        const char *line_end = newline != NULL ? newline + 1 : end;
        if (at_line_start(p, begin) && begin != newline) {
            write_indent(r, p);
        }
        buf_add(r->out, slice_between(begin, line_end));
        begin = line_end;
    }
}

static bool write_value(renderer *r, const page *p, const tag *t)
{
    const value *v;
    if (!find_value(r, p, t, &v)) {
        return false;
    }
    char scratch[VALUE_NUMBER_SIZE];
    slice text = SLICE("");
    switch (v != NULL ? v->kind : VALUE_NULL) {
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        text = v->integer != 0 ? SLICE("true") : SLICE("false");
        break;
    case VALUE_INT:
    case VALUE_DECIMAL:
        text = v->text.n > 0 ? v->text : value_number(v, scratch);
        break;
    case VALUE_TEXT:
        text = v->text;
        break;
    case VALUE_LIST:
    case VALUE_OBJECT:
        if (r->options->strict) {
            return fail(r, p, t->begin, "'%.*s' holds no text but other values", SHOWN(t->name));
        }
        break;
    }
    escape_text(r->out, text, t->kind == TAG_RAW ? ESCAPE_NONE : r->options->escape);
    return true;
}

/* --- sections and partials ---------------------------------------------------- */

static bool render_nested(renderer *r, const page *p, const tag *opener, const char **at)
{
    r->depth++;
    bool ok = render_block(r, p, opener, at);
    r->depth--;
    return ok;
}

static bool render_silently(renderer *r, const page *p, const tag *t, const char **at, bool silent)
{
    bool outer = r->silent;
    r->silent = outer || silent;
    bool ok = render_nested(r, p, t, at);
    r->silent = outer;
    return ok;
}

static bool render_section(renderer *r, const page *p, const tag *t, const char **at)
{
    const value *v = NULL;
    if (!r->silent && !find_value(r, p, t, &v)) {
        return false;
    }
    const value *shown = value_is_true(v) ? v : NULL;
    if (t->kind == TAG_INVERTED || shown == NULL) {
        return render_silently(r, p, t, at, (shown == NULL) == (t->kind == TAG_SECTION));
    }
    bool is_list = shown->kind == VALUE_LIST;
    const char *body = *at;
    for (const value *item = is_list ? shown->first : shown; item != NULL;
         item = is_list ? item->next : NULL) {
        *at = body;
        r->stack[r->stack_n++] = item;
        if (!render_nested(r, p, t, at)) {
            return false;
        }
        r->stack_n--;
    }
    return true;
}

/* Within a section that is not shown a partial only has to exist: a partial may call itself. */
static bool render_partial(renderer *r, const page *p, const tag *t)
{
    const template_options *options = r->options;
    page partial = {.name = t->name};
    if (options->lookup == NULL ||
        !options->lookup(options->lookup_context, t->name, &partial.text)) {
        return fail(r, p, t->begin, "unknown partial '%.*s'", SHOWN(t->name));
    }
    if (r->silent) {
        return true;
    }
    if (t->standalone) {
        partial.indent = slice_between(t->cut_begin, t->begin);
        partial.outer = p;
    }
    const char *at = partial.text.p;
    return render_nested(r, &partial, NULL, &at);
}

static bool close_section(renderer *r, const page *p, const tag *opener, const tag *t)
{
    if (opener == NULL) {
        return fail(r, p, t->begin, "'%.*s' is closed but was not opened", SHOWN(t->name));
    }
    if (!slice_equal(opener->name, t->name)) {
        return fail(r, p, t->begin, "'%.*s' is closed where '%.*s' is open", SHOWN(t->name),
                    SHOWN(opener->name));
    }
    return true;
}

static bool render_tag(renderer *r, const page *p, const tag *t, const char **at)
{
    bool nests = t->kind == TAG_SECTION || t->kind == TAG_INVERTED || t->kind == TAG_PARTIAL;
    if (nests && r->depth == MAX_DEPTH) {
        return fail(r, p, t->begin, "sections and partials nest deeper than %d", MAX_DEPTH);
    }
    if (nests && t->kind != TAG_PARTIAL) {
        return render_section(r, p, t, at);
    }
    if (nests) {
        return render_partial(r, p, t);
    }
    return t->kind == TAG_COMMENT || r->silent || write_value(r, p, t);
}

/* The output's and the tags' bounds. */
static bool within_bounds(renderer *r, const page *p, const char *at)
{
    if (r->out->failed) {
        return fail(r, p, at, "the output does not fit into %zu bytes", r->out->max);
    }
    if (r->tags_left == 0) {
        return fail(r, p, at, "more than %zu tags to follow", r->out->max);
    }
    r->tags_left--;
    return true;
}

/* Renders from *at to the page's end (opener NULL) or to the tag that closes the opener, and leaves
 * *at behind it. */
static bool render_block(renderer *r, const page *p, const tag *opener, const char **at)
{
    for (;;) {
        tag t;
        if (!read_tag(r, p, *at, &t)) {
            return false;
        }
        write_text(r, p, *at, t.cut_begin);
        if (!within_bounds(r, p, t.begin)) {
            return false;
        }
        if (t.begin == page_end(p)) {
            return opener == NULL ||
                   fail(r, p, opener->begin, "section '%.*s' is not closed", SHOWN(opener->name));
        }
        *at = t.cut_end;
        if (!t.standalone && !r->silent && at_line_start(p, t.begin)) {
            write_indent(r, p);
        }
        if (t.kind == TAG_CLOSE) {
            return close_section(r, p, opener, &t);
        }
        if (!render_tag(r, p, &t, at)) {
            return false;
        }
    }
}

bool template_render(slice name, slice text, const value *view, const template_options *options,
                     buf *out, status *st)
{
    renderer r = {.options = options,
                  .out = out,
                  .st = st,
                  .stack = {view},
                  .stack_n = 1,
                  .tags_left = out->max};
    page root = {.name = name, .text = text};
    const char *at = text.p;
    return render_block(&r, &root, NULL, &at);
}
