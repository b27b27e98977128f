/* value_json.c - see value_json.h. */
#include "report/value_json.h"

#include "report/escape.h"

enum { LINE_WIDTH = 80, INDENT = 2 };

typedef struct writer {
    buf *out;
    size_t line; /* where the current line begins in out */
    size_t depth;
} writer;

static void write_node(writer *w, const value *v, bool pretty);

/* The short escape's letter, or 0. */
static char short_escape(uint32_t c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void write_string(buf *out, slice text)
{
    buf_add_char(out, '"');
    const char *kept = text.p;
    while (text.n > 0) {
        const char *begin = text.p;
        uint32_t c = utf8_take(&text);
        char letter = short_escape(c);
        bool hidden = utf8_is_control(c) || c == 0x2028 || c == 0x2029 || c == '<';
        if (letter == 0 && !hidden && c != UTF8_REPLACEMENT) {
            continue;
        }
        buf_add(out, slice_between(kept, begin));
        kept = text.p;
        if (letter != 0) {
            buf_add(out, slice_of((char[]){'\\', letter}, 2));
        } else if (hidden) {
            buf_printf(out, "\\u%04x", (unsigned)c);
        } else {
            buf_add_text(out, "\xEF\xBF\xBD");
        }
    }
    buf_add(out, slice_between(kept, text.p));
    buf_add_char(out, '"');
}

static void write_scalar(buf *out, const value *v)
{
    char scratch[VALUE_NUMBER_SIZE];
    if (v->kind == VALUE_TEXT) {
        write_string(out, v->text);
    } else if (v->kind == VALUE_BOOL) {
        buf_add_text(out, v->integer != 0 ? "true" : "false");
    } else if (v->kind == VALUE_NULL) {
        buf_add_text(out, "null");
    } else {
        buf_add(out, value_number(v, scratch));
    }
}

static bool is_container(const value *v)
{
    return v->kind == VALUE_LIST || v->kind == VALUE_OBJECT;
}

static const value *visible(const value *v)
{
    while (v != NULL && v->display_only) {
        v = v->next;
    }
    return v;
}

static bool holds_containers(const value *v)
{
    const value *child = visible(v->first);
    while (child != NULL && !is_container(child)) {
        child = visible(child->next);
    }
    return child != NULL;
}

static void new_line(writer *w)
{
    buf_add_char(w->out, '\n');
    w->line = w->out->n;
    buf_add_repeat(w->out, ' ', INDENT * w->depth);
}

/* The members, each on a line of its own or all behind one another. */
static void write_members(writer *w, const value *v, bool lines, bool pretty)
{
    bool object = v->kind == VALUE_OBJECT;
    buf_add_char(w->out, object ? '{' : '[');
    w->depth++;
    for (const value *child = visible(v->first); child != NULL;) {
        if (lines) {
            new_line(w);
        }
        if (object) {
            write_string(w->out, child->name);
            buf_add_text(w->out, pretty ? ": " : ":");
        }
        write_node(w, child, pretty);
        child = visible(child->next);
        if (child != NULL) {
            buf_add_text(w->out, pretty && !lines ? ", " : ",");
        }
    }
    w->depth--;
    if (lines) {
        new_line(w);
    }
    buf_add_char(w->out, object ? '}' : ']');
}

static void write_node(writer *w, const value *v, bool pretty)
{
    if (!is_container(v)) {
        write_scalar(w->out, v);
        return;
    }
    if (!pretty || !holds_containers(v)) {
        size_t begin = w->out->n;
        write_members(w, v, false, pretty);
        /* The comma that may follow belongs to the line. */
        if (!pretty || visible(v->first) == NULL || w->out->n - w->line < LINE_WIDTH) {
            return;
        }
        buf_truncate(w->out, begin);
    }
    write_members(w, v, true, pretty);
}

void value_write_json(const value *v, bool pretty, buf *out)
{
    writer w = {.out = out, .line = out->n, .depth = 0};
    write_node(&w, v, pretty);
    if (pretty) {
        buf_add_char(out, '\n');
    }
}
