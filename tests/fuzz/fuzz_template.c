/* fuzz_template.c - templates and data that nobody wrote.
 *
 * Input: a template, a NUL, and the text that the view holds. Whatever they are,
 * rendering twice gives the same bytes, escaped data brings no markup, and every
 * escape writes well-formed UTF-8 without control characters. */
#include <stdint.h>
#include <stdlib.h>

#include "report/template.h"
#include "report/value_json.h"

enum { OUT_MAX = 16 * 1024, VIEW_MAX = 64 * 1024 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool find_partial(void *context, slice name, slice *text)
{
    const slice *template = context;
    if (slice_is(name, "self")) {
        *text = *template;
        return true;
    }
    *text = SLICE("{{a}}\n {{#list}}\n {{.}}\n{{/list}}\n");
    return slice_is(name, "p");
}

static value *make_view(value_builder *b, slice data)
{
    value *view = value_root(b, VALUE_OBJECT);
    value_add_text(b, view, "a", data);
    value *o = value_add_object(b, view, "o");
    value_add_text(b, o, "b", SLICE("<b>"));
    value_add_null(b, o, "null");
    value_add_bool(b, view, "yes", true);
    value_add_bool(b, view, "no", false);
    value_set_display(b, value_add_int(b, view, "n", 7), SLICE("<7>"));
    value_add_decimal(b, view, "d", -1250, 3);
    value *list = value_add_list(b, view, "list");
    value_add_text(b, list, NULL, data);
    value_add_text(b, list, NULL, SLICE("<i>"));
    value_add_list(b, view, "none");
    require(!b->failed);
    return view;
}

/* Well-formed, and of the control characters only those in `allowed`. */
static void require_clean(slice text, const char *allowed)
{
    while (text.n > 0) {
        slice before = text;
        uint32_t c = utf8_take(&text);
        require(c != UTF8_REPLACEMENT || slice_starts_with(before, SLICE("\xEF\xBF\xBD")));
        require(!utf8_is_control(c) || (c != 0 && c < 0x80 && strchr(allowed, (int)c) != NULL));
    }
}

static size_t count(slice text, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == c;
    }
    return n;
}

static bool has_raw_tag(slice template)
{
    for (size_t i = 0; i + 2 < template.n; i++) {
        if (memcmp(template.p + i, "{{{", 3) == 0) {
            return true;
        }
    }
    return count(template, '&') > 0;
}

static void check_template(slice template, const value *view)
{
    template_options options = {.escape = ESCAPE_HTML,
                                .lookup = find_partial,
                                .lookup_context = &template,
                                .strict = template.n % 2 == 0};
    buf first;
    buf second;
    buf_init(&first, OUT_MAX);
    buf_init(&second, OUT_MAX);
    status st1 = {.code = STATUS_OK};
    status st2 = {.code = STATUS_OK};
    bool ok = template_render(SLICE("fuzz"), template, view, &options, &first, &st1);
    require(template_render(SLICE("fuzz"), template, view, &options, &second, &st2) == ok);
    require(slice_equal(buf_slice(&first), buf_slice(&second)));
    require(ok == (st1.code == STATUS_OK) && (ok || st1.code == STATUS_USAGE));
    require(strcmp(st1.text, st2.text) == 0);
    require(!ok || !first.failed);
    if (count(template, '<') == 0 && !has_raw_tag(template)) {
        require(count(buf_slice(&first), '<') == 0);
    }
    buf_free(&first);
    buf_free(&second);
}

/* Markdown's active characters must have a backslash before them. */
static void require_escaped(slice text, char c)
{
    size_t backslashes = 0;
    for (size_t i = 0; i < text.n; i++) {
        require(text.p[i] != c || backslashes % 2 == 1);
        backslashes = text.p[i] == '\\' ? backslashes + 1 : 0;
    }
    require(backslashes == 0);
}

static void check_markdown(slice escaped)
{
    require_clean(escaped, "");
    for (const char *c = "`[]|~"; *c != '\0'; c++) {
        require_escaped(escaped, *c);
    }
    for (size_t i = 0; i < escaped.n; i++) {
        char next = i + 1 < escaped.n ? escaped.p[i + 1] : '\0';
        bool letter = (next | 0x20) >= 'a' && (next | 0x20) <= 'z';
        require(escaped.p[i] != '<' || (!letter && next != '/' && next != '!' && next != '?'));
        require(escaped.p[i] != '@' || !letter);
        require(escaped.p[i] != ':' || next != '/' || i + 2 >= escaped.n ||
                escaped.p[i + 2] != '/');
        require(escaped.p[i] != ' ' || next != ' ');
    }
}

static void check_escapes(slice data)
{
    buf out;
    buf_init(&out, 64 * 1024 * 1024);
    escape_text(&out, data, ESCAPE_HTML);
    require_clean(buf_slice(&out), "\n\t");
    for (const char *c = "<>\"'"; *c != '\0'; c++) {
        require(count(buf_slice(&out), *c) == 0);
    }
    buf_clear(&out);
    escape_text(&out, data, ESCAPE_MARKDOWN);
    check_markdown(buf_slice(&out));
    buf_clear(&out);
    escape_text(&out, data, ESCAPE_ROFF);
    require_clean(buf_slice(&out), "\n\t");
    require(out.n == 0 || (out.p[0] != '.' && out.p[0] != '\''));
    buf_clear(&out);
    escape_terminal(&out, data);
    require_clean(buf_slice(&out), "");
    buf_clear(&out);
    escape_code_span(&out, data);
    require_clean(buf_slice(&out), "");
    size_t fence = longest_backtick_run(data) + 1;
    require(data.n == 0 || (out.n >= 2 * fence + data.n / 4 && out.p[out.n - fence] == '`'));
    require(longest_backtick_run(buf_slice(&out)) == (data.n == 0 ? 0 : fence));
    buf_free(&out);
}

static void check_json(const value *view)
{
    buf compact;
    buf pretty;
    buf_init(&compact, 1024 * 1024);
    buf_init(&pretty, 1024 * 1024);
    value_write_json(view, false, &compact);
    value_write_json(view, true, &pretty);
    require(!compact.failed && !pretty.failed);
    require_clean(buf_slice(&compact), "");
    require_clean(buf_slice(&pretty), "\n");
    require(count(buf_slice(&compact), '<') == 0);
    require(compact.n < pretty.n);
    buf_free(&compact);
    buf_free(&pretty);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    slice input = slice_of(size > 0 ? (const char *)bytes : "", size);
    const char *nul = memchr(input.p, '\0', input.n);
    slice template = nul != NULL ? slice_between(input.p, nul) : input;
    slice data = nul != NULL ? slice_skip(input, template.n + 1) : SLICE("<a> & 'b'");
    if (data.n > VIEW_MAX / 4) {
        return 0;
    }
    arena a;
    arena_init(&a, 4 * VIEW_MAX);
    value_builder b = {.arena = &a};
    const value *view = make_view(&b, data);
    check_template(template, view);
    check_escapes(data);
    check_json(view);
    arena_free(&a);
    return 0;
}
