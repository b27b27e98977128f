/* test_template.c - the rules of the Mustache specification's core modules, the errors, the
 * bounds, and the escapes of every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/template.h"

enum { MAX_PARTIALS = 4, OUT_MAX = 1024 * 1024 };

typedef struct partial {
    const char *name;
    const char *text;
} partial;

typedef struct fixture {
    arena arena;
    value_builder b;
    value *view;
    partial partials[MAX_PARTIALS];
    template_options options;
    buf out;
    status st;
} fixture;

static bool find_partial(void *context, slice name, slice *text)
{
    const fixture *f = context;
    for (size_t i = 0; i < MAX_PARTIALS && f->partials[i].name != NULL; i++) {
        if (slice_is(name, f->partials[i].name)) {
            *text = slice_from(f->partials[i].text);
            return true;
        }
    }
    return false;
}

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){.options = {.escape = ESCAPE_HTML, .lookup = find_partial, .lookup_context = &f}};
    arena_init(&f.arena, OUT_MAX);
    f.b = (value_builder){.arena = &f.arena};
    f.view = value_root(&f.b, VALUE_OBJECT);
    buf_init(&f.out, OUT_MAX);
    *state = &f;
    return f.view == NULL;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    buf_free(&f->out);
    arena_free(&f->arena);
    return 0;
}

static value *text(fixture *f, value *parent, const char *name, const char *content)
{
    return value_add_text(&f->b, parent, name, slice_from(content));
}

static bool render_over(fixture *f, const char *template, const value *view)
{
    buf_clear(&f->out);
    f->st = (status){.code = STATUS_OK};
    assert_false(f->b.failed);
    return template_render(SLICE("page"), slice_from(template), view, &f->options, &f->out, &f->st);
}

static void assert_gives_over(fixture *f, const char *template, const value *view,
                              const char *expected)
{
    if (!render_over(f, template, view)) {
        fail_msg("%s", f->st.text);
    }
    assert_string_equal(f->out.p != NULL ? f->out.p : "", expected);
}

static void assert_gives(fixture *f, const char *template, const char *expected)
{
    assert_gives_over(f, template, f->view, expected);
}

static void assert_fails(fixture *f, const char *template, const char *message)
{
    assert_false(render_over(f, template, f->view));
    assert_int_equal(f->st.code, STATUS_USAGE);
    assert_string_equal(f->st.text, message);
}

/* --- comments ------------------------------------------------------------------- */

static void comments_write_nothing(void **state)
{
    fixture *f = *state;
    assert_gives(f, "rows{{! how many }}: 7", "rows: 7");
    assert_gives(f, "rows{{!\n how\n many }}: 7\n", "rows: 7\n");
    assert_gives(f, "a {{! b }} c", "a  c");
}

static void a_comment_may_hold_what_is_no_name(void **state)
{
    assert_gives(*state, "<{{! a { b } # = c }}>", "<>");
    assert_gives(*state, "<{{!}}>", "<>");
}

static void a_standalone_comment_takes_its_line(void **state)
{
    fixture *f = *state;
    assert_gives(f, "one\n{{! two }}\nthree\n", "one\nthree\n");
    assert_gives(f, "one\n \t{{! two }} \t\nthree\n", "one\nthree\n");
    assert_gives(f, "one\r\n{{! two }}\r\nthree", "one\r\nthree");
    assert_gives(f, "  {{! first }}\nlast", "last");
    assert_gives(f, "first\n  {{! last }}", "first\n");
    assert_gives(f, "one\n  {{!\n  two\n  }}\nthree\n", "one\nthree\n");
}

static void a_comment_beside_text_leaves_the_line(void **state)
{
    assert_gives(*state, "  4 {{! four }}\n", "  4 \n");
    assert_gives(*state, "{{! four }} 4\n", " 4\n");
}

/* --- interpolation ---------------------------------------------------------------- */

static void text_without_tags_stays(void **state)
{
    assert_gives(*state, "", "");
    assert_gives(*state, "a { b } } c\r\n", "a { b } } c\r\n");
}

static void double_braces_escape_and_triple_braces_and_ampersands_do_not(void **state)
{
    fixture *f = *state;
    text(f, f->view, "q", "a<b & \"c\"");
    assert_gives(f, "{{q}}", "a&lt;b &amp; &quot;c&quot;");
    assert_gives(f, "{{{q}}}", "a<b & \"c\"");
    assert_gives(f, "{{&q}}", "a<b & \"c\"");
}

static void the_escape_follows_the_options(void **state)
{
    fixture *f = *state;
    text(f, f->view, "q", "<a|b>");
    f->options.escape = ESCAPE_MARKDOWN;
    assert_gives(f, "{{q}}", "&lt;a\\|b>");
    f->options.escape = ESCAPE_NONE;
    assert_gives(f, "{{q}}", "<a|b>");
}

static void numbers_are_written_exactly(void **state)
{
    fixture *f = *state;
    value_add_int(&f->b, f->view, "calls", 85);
    value_add_int(&f->b, f->view, "least", INT64_MIN);
    value_add_decimal(&f->b, f->view, "ms", 1250, 2);
    value_add_decimal(&f->b, f->view, "whole", 1200, 2);
    value_add_decimal(&f->b, f->view, "small", -5, 3);
    value_add_decimal(&f->b, f->view, "zero", 0, 6);
    assert_gives(f, "{{calls}} {{{calls}}} {{&calls}}", "85 85 85");
    assert_gives(f, "{{least}} {{ms}} {{whole}} {{small}} {{zero}}",
                 "-9223372036854775808 12.5 12 -0.005 0");
}

static void a_number_is_shown_as_its_display_text(void **state)
{
    fixture *f = *state;
    value *v = value_add_int(&f->b, f->view, "ms", 1234567);
    value_set_display(&f->b, v, SLICE("20.6 min"));
    assert_gives(f, "{{ms}}", "20.6 min");
}

static void nulls_and_unknown_names_are_empty(void **state)
{
    fixture *f = *state;
    value_add_null(&f->b, f->view, "nothing");
    assert_gives(f, "({{nothing}}{{{nothing}}}{{&nothing}})", "()");
    assert_gives(f, "({{gone}}{{{gone}}}{{&gone}})", "()");
}

static void truths_are_written_in_words(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "yes", true);
    value_add_bool(&f->b, f->view, "no", false);
    assert_gives(f, "{{yes}} {{no}}", "true false");
}

static void dotted_names_walk_into_objects(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    value *b = value_add_object(&f->b, a, "b");
    text(f, b, "c", "deep");
    assert_gives(f, "{{a.b.c}} {{{a.b.c}}} {{&a.b.c}}", "deep deep deep");
    assert_gives(f, "{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", "deep");
}

static void a_broken_chain_is_empty(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    text(f, a, "word", "x");
    assert_gives(f, "({{a.gone.c}})({{gone.word}})({{a.word.word}})", "()()()");
    assert_gives(f, "({{a.}})({{.a}})({{a..word}})", "()()()");
}

static void a_chain_does_not_go_on_in_an_outer_context(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    value_add_object(&f->b, a, "b");
    value *b = value_add_object(&f->b, f->view, "b");
    text(f, b, "c", "of the outer b");
    assert_gives(f, "{{b.c}}", "of the outer b");
    assert_gives(f, "({{#a}}{{b.c}}{{/a}})", "()");
}

static void the_first_part_of_a_chain_is_found_in_any_context(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    text(f, a, "x", "1");
    value *b = value_add_object(&f->b, f->view, "b");
    text(f, b, "y", "2");
    assert_gives(f, "{{#a}}{{b.y}}{{/a}}", "2");
}

static void a_dotted_name_is_never_one_key(void **state)
{
    fixture *f = *state;
    text(f, f->view, "a.b", "key");
    assert_gives(f, "({{a.b}})", "()");
}

static void a_dot_is_the_context_itself(void **state)
{
    fixture *f = *state;
    value *word = value_root(&f->b, VALUE_TEXT);
    word->text = SLICE("x & y");
    assert_gives_over(f, "{{.}} {{{.}}} {{&.}}", word, "x &amp; y x & y x & y");
}

static void interpolation_keeps_the_white_space_around_it(void **state)
{
    fixture *f = *state;
    text(f, f->view, "q", "---");
    assert_gives(f, "| {{q}} | {{{q}}} | {{&q}} |", "| --- | --- | --- |");
    assert_gives(f, "  {{q}}\n", "  ---\n");
    assert_gives(f, "  {{{q}}}\n", "  ---\n");
    assert_gives(f, "  {{&q}}\r\n", "  ---\r\n");
    assert_gives(f, "  {{gone}}\n", "  \n");
}

static void blanks_within_a_tag_do_not_matter(void **state)
{
    fixture *f = *state;
    text(f, f->view, "q", "x");
    assert_gives(f, "{{ q }}{{{  q\t}}}{{& q }}{{ & q }}{{\nq\n}}", "xxxxx");
}

/* --- sections --------------------------------------------------------------------- */

static void what_is_true_shows_its_section(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "yes", true);
    value_add_int(&f->b, f->view, "zero", 0);
    value_add_decimal(&f->b, f->view, "none", 0, 3);
    text(f, f->view, "word", "w");
    value_add_object(&f->b, f->view, "empty_object");
    assert_gives(f,
                 "<{{#yes}}1{{/yes}}{{#zero}}2{{/zero}}{{#none}}3{{/none}}{{#word}}4{{/word}}"
                 "{{#empty_object}}5{{/empty_object}}>",
                 "<12345>");
    assert_gives(f,
                 "<{{^yes}}1{{/yes}}{{^zero}}2{{/zero}}{{^none}}3{{/none}}{{^word}}4{{/word}}"
                 "{{^empty_object}}5{{/empty_object}}>",
                 "<>");
}

static void what_is_false_hides_its_section(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "no", false);
    value_add_null(&f->b, f->view, "null");
    text(f, f->view, "word", "");
    value_add_list(&f->b, f->view, "list");
    assert_gives(f,
                 "<{{#no}}1{{/no}}{{#null}}2{{/null}}{{#word}}3{{/word}}{{#list}}4{{/list}}"
                 "{{#gone}}5{{/gone}}>",
                 "<>");
    assert_gives(f,
                 "<{{^no}}1{{/no}}{{^null}}2{{/null}}{{^word}}3{{/word}}{{^list}}4{{/list}}"
                 "{{^gone}}5{{/gone}}>",
                 "<12345>");
}

static void a_section_pushes_its_value_on_the_stack(void **state)
{
    fixture *f = *state;
    text(f, f->view, "name", "outer");
    text(f, f->view, "only", "shared");
    value *o = value_add_object(&f->b, f->view, "o");
    text(f, o, "name", "inner");
    assert_gives(f, "{{#o}}{{name}} {{only}}{{/o}} {{name}}", "inner shared outer");
    assert_gives(f, "{{#only}}{{.}}!{{/only}}", "shared!");
}

static void a_name_missing_in_the_inner_context_comes_from_the_outer_ones(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    text(f, a, "one", "1");
    value *b = value_add_object(&f->b, a, "b");
    text(f, b, "two", "2");
    value *c = value_add_object(&f->b, b, "c");
    text(f, c, "three", "3");
    assert_gives(f,
                 "{{#a}}{{#b}}{{one}}{{two}}{{#c}}{{one}}{{two}}{{three}}{{/c}}{{two}}{{one}}{{/b}}"
                 "{{three}}{{/a}}",
                 "1212321");
}

static void a_section_repeats_for_each_item(void **state)
{
    fixture *f = *state;
    value *list = value_add_list(&f->b, f->view, "list");
    for (int64_t n = 1; n <= 3; n++) {
        value_add_int(&f->b, value_add_object(&f->b, list, NULL), "n", n);
    }
    assert_gives(f, "{{#list}}{{n}},{{/list}}", "1,2,3,");
    assert_gives(f, "{{#list}}\n- {{n}}\n{{/list}}\n.", "- 1\n- 2\n- 3\n.");
}

static void a_dot_is_the_current_item(void **state)
{
    fixture *f = *state;
    value *list = value_add_list(&f->b, f->view, "list");
    text(f, list, NULL, "a");
    value_add_int(&f->b, list, NULL, 7);
    value_add_decimal(&f->b, list, NULL, 125, 1);
    text(f, list, NULL, "<b>");
    assert_gives(f, "{{#list}}({{.}}){{/list}}", "(a)(7)(12.5)(&lt;b&gt;)");
    assert_gives(f, "{{#list}}({{{.}}}{{&.}}){{/list}}", "(aa)(77)(12.512.5)(<b><b>)");
}

static void a_dot_section_repeats_for_a_list_within_a_list(void **state)
{
    fixture *f = *state;
    value *list = value_add_list(&f->b, f->view, "list");
    for (int64_t i = 0; i < 2; i++) {
        value *inner = value_add_list(&f->b, list, NULL);
        value_add_int(&f->b, inner, NULL, 2 * i + 1);
        value_add_int(&f->b, inner, NULL, 2 * i + 2);
    }
    assert_gives(f, "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}", "(12)(34)");
}

static void the_view_itself_can_be_a_list(void **state)
{
    fixture *f = *state;
    value *list = value_root(&f->b, VALUE_LIST);
    text(f, value_add_object(&f->b, list, NULL), "q", "x");
    text(f, value_add_object(&f->b, list, NULL), "q", "y");
    assert_gives_over(f, "{{#.}}({{q}}){{/.}}", list, "(x)(y)");
}

static void sections_of_one_name_nest_and_follow_one_another(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "on", true);
    value_add_bool(&f->b, f->view, "off", false);
    assert_gives(f, "{{#on}}a{{/on}} b {{#on}}c{{/on}}", "a b c");
    assert_gives(f, "{{#on}}\na\n{{/on}}\nb\n{{#on}}\nc\n{{/on}}\n", "a\nb\nc\n");
    assert_gives(f, "a {{#on}}b {{#on}}c{{/on}} d{{/on}} e", "a b c d e");
    assert_gives(f, "a {{#off}}b {{#off}}c{{/off}} d{{/off}} e", "a  e");
    assert_gives(f, "a {{^off}}b {{^off}}c{{/off}} d{{/off}} e", "a b c d e");
    assert_gives(f, "a {{^on}}b {{#on}}c{{/on}} {{^off}}d{{/off}}{{/on}} e", "a  e");
}

static void sections_take_dotted_names(void **state)
{
    fixture *f = *state;
    value *a = value_add_object(&f->b, f->view, "a");
    value *b = value_add_object(&f->b, a, "b");
    value_add_bool(&f->b, b, "yes", true);
    value_add_bool(&f->b, b, "no", false);
    assert_gives(f, "<{{#a.b.yes}}1{{/a.b.yes}}{{#a.b.no}}2{{/a.b.no}}{{#a.x.y}}3{{/a.x.y}}>",
                 "<1>");
    assert_gives(f, "<{{^a.b.yes}}1{{/a.b.yes}}{{^a.b.no}}2{{/a.b.no}}{{^a.x.y}}3{{/a.x.y}}>",
                 "<23>");
}

static void an_inverted_section_pushes_nothing(void **state)
{
    fixture *f = *state;
    text(f, f->view, "q", "x");
    value_add_list(&f->b, f->view, "list");
    assert_gives(f, "{{^list}}{{q}}{{/list}}", "x");
}

static void inline_sections_keep_the_white_space_around_them(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "on", true);
    value_add_bool(&f->b, f->view, "off", false);
    assert_gives(f, " | {{#on}}\t|\t{{/on}} | \n", " | \t|\t | \n");
    assert_gives(f, " | {{#on}} {{! note }}\n {{/on}} | \n", " |  \n  | \n");
    assert_gives(f, " {{#on}}a{{/on}}\n {{^off}}b{{/off}}\n", " a\n b\n");
    assert_gives(f, " {{#off}}a{{/off}}\n", " \n");
}

static void standalone_section_tags_take_their_lines(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "on", true);
    value_add_bool(&f->b, f->view, "off", false);
    assert_gives(f, "a\n{{#on}}\nb\n{{/on}}\nc\n", "a\nb\nc\n");
    assert_gives(f, "a\n  {{#on}}  \nb\n\t{{/on}}\t\nc\n", "a\nb\nc\n");
    assert_gives(f, "a\n  {{^off}}  \nb\n\t{{/off}}\t\nc\n", "a\nb\nc\n");
    assert_gives(f, "a\n{{#off}}\nb\n{{/off}}\nc\n", "a\nc\n");
    assert_gives(f, "a\r\n{{#on}}\r\nb\r\n{{/on}}\r\nc", "a\r\nb\r\nc");
    assert_gives(f, "  {{#on}}\na{{/on}}\nb", "a\nb");
    assert_gives(f, "a{{#on}}\nb\n  {{/on}}", "a\nb\n");
    assert_gives(f, "{{#on}}{{/on}}\n", "\n");
}

static void blanks_within_section_tags_do_not_matter(void **state)
{
    fixture *f = *state;
    value_add_bool(&f->b, f->view, "on", true);
    assert_gives(f, "<{{# on }}={{/ on }}{{^\ton}}-{{/on\t}}>", "<=>");
}

/* --- partials --------------------------------------------------------------------- */

static void a_partial_is_rendered_in_the_current_context(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "*{{q}}*"};
    text(f, f->view, "q", "x<y");
    value *o = value_add_object(&f->b, f->view, "o");
    text(f, o, "q", "inner");
    assert_gives(f, "{{>p}} {{#o}}{{> p }}{{/o}} {{ > p}}", "*x&lt;y* *inner* *x&lt;y*");
}

static void partials_call_partials(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"outer", "*{{q}} {{>inner}}*"};
    f->partials[1] = (partial){"inner", "{{q}}!"};
    text(f, f->view, "q", "x");
    assert_gives(f, "{{>outer}}", "*x x!*");
}

static void a_partial_may_call_itself(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"node", "{{name}}<{{#nodes}}{{>node}}{{/nodes}}>"};
    text(f, f->view, "name", "a");
    value *nodes = value_add_list(&f->b, f->view, "nodes");
    value *child = value_add_object(&f->b, nodes, NULL);
    text(f, child, "name", "b");
    value_add_list(&f->b, child, "nodes");
    assert_gives(f, "{{>node}}", "a<b<>>");
}

static void an_inline_partial_keeps_the_white_space_around_it(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "\t|\t"};
    f->partials[1] = (partial){"lines", "1\n2"};
    text(f, f->view, "q", "|");
    assert_gives(f, "| {{>p}} |", "| \t|\t |");
    assert_gives(f, "  {{q}}  {{>lines}}\n", "  |  1\n2\n");
}

static void a_standalone_partial_takes_its_line(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", ">"};
    assert_gives(f, "|\r\n{{>p}}\r\n|", "|\r\n>|");
    assert_gives(f, "  {{>p}}\n|", "  >|");
    assert_gives(f, "|\n  {{>p}}", "|\n  >");
}

static void a_standalone_partials_lines_are_all_indented_but_not_its_values(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "|\n{{{q}}}\n\n|\n"};
    text(f, f->view, "q", "<\n->");
    assert_gives(f, "a\n \t{{>p}}\nb\n", "a\n \t|\n \t<\n->\n\n \t|\nb\n");
}

static void indents_add_up_and_standalone_lines_within_vanish(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"list", "{{#items}}\n- {{.}}\n  {{>more}}\n{{/items}}\nend\n"};
    f->partials[1] = (partial){"more", "{{.}}1\n{{^gone}}{{.}}2{{/gone}}\n"};
    value *items = value_add_list(&f->b, f->view, "items");
    text(f, items, NULL, "a");
    text(f, items, NULL, "b");
    assert_gives(f, ">\n  {{>list}}\n<",
                 ">\n  - a\n    a1\n    a2\n  - b\n    b1\n    b2\n  end\n<");
}

static void an_inline_partial_within_an_indented_one_is_not_indented_again(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "a {{>q}}\nb\n"};
    f->partials[1] = (partial){"q", "1\n2"};
    assert_gives(f, "  {{>p}}\n", "  a 1\n2\n  b\n");
}

/* --- errors ------------------------------------------------------------------------- */

static void syntax_errors_name_template_and_line(void **state)
{
    fixture *f = *state;
    assert_fails(f, "a\n\nb {{q", "page:3: a tag is not closed");
    assert_fails(f, "{{{q}} }", "page:1: a tag is not closed");
    assert_fails(f, "{{", "page:1: a tag is not closed");
    assert_fails(f, "\n{{#a}}\n\nx", "page:2: section 'a' is not closed");
    assert_fails(f, "{{#a}}\n{{/b}}", "page:2: 'b' is closed where 'a' is open");
    assert_fails(f, "\n\n{{/a}}", "page:3: 'a' is closed but was not opened");
    assert_fails(f, "\n{{=<% %>=}}", "page:2: tags with '=' are not supported");
    assert_fails(f, "{{<a}}", "page:1: tags with '<' are not supported");
    assert_fails(f, "{{$a}}", "page:1: tags with '$' are not supported");
}

static void a_tag_must_hold_a_name(void **state)
{
    static const char *const templates[] = {"{{}}",   "{{ }}",      "{{#}}",    "{{a b}}",
                                            "{{{}}}", "{{a\n{{b}}", "{{{a b}}}"};
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        assert_fails(*state, templates[i],
                     "page:1: a tag must hold a name, without blanks or braces");
    }
}

static void errors_within_hidden_sections_are_found(void **state)
{
    assert_fails(*state, "{{#no}}\n{{#a}}\n{{/b}}{{/no}}",
                 "page:3: 'b' is closed where 'a' is open");
    assert_fails(*state, "{{#no}}{{>gone}}{{/no}}", "page:1: unknown partial 'gone'");
}

static void an_unknown_partial_is_an_error(void **state)
{
    fixture *f = *state;
    assert_fails(f, "a\n{{>gone}}", "page:2: unknown partial 'gone'");
    f->options.lookup = NULL;
    assert_fails(f, "{{>p}}", "page:1: unknown partial 'p'");
}

static void an_error_in_a_partial_names_the_partial(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "a\n{{#b}}"};
    assert_fails(f, "\n\n{{>p}}", "p:2: section 'b' is not closed");
}

static void a_section_does_not_end_in_a_partial(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "{{/on}}"};
    value_add_bool(&f->b, f->view, "on", true);
    assert_fails(f, "{{#on}}{{>p}}", "p:1: 'on' is closed but was not opened");
}

static void strict_rendering_wants_every_name(void **state)
{
    fixture *f = *state;
    f->options.strict = true;
    value *o = value_add_object(&f->b, f->view, "o");
    value_add_null(&f->b, o, "null");
    assert_fails(f, "a\n{{gone}}", "page:2: unknown name 'gone'");
    assert_fails(f, "{{{gone}}}", "page:1: unknown name 'gone'");
    assert_fails(f, "{{#gone}}{{/gone}}", "page:1: unknown name 'gone'");
    assert_fails(f, "{{^o.gone}}{{/o.gone}}", "page:1: unknown name 'o.gone'");
    assert_gives(f, "({{o.null}}{{#o}}{{null}}{{/o}})", "()");
    assert_gives(f, "({{o.null.x}}{{^o.null.x}}none{{/o.null.x}})", "(none)");
}

static void strict_rendering_looks_up_nothing_in_hidden_sections(void **state)
{
    fixture *f = *state;
    f->options.strict = true;
    value_add_list(&f->b, f->view, "list");
    assert_gives(f, "<{{#list}}{{item}}{{#more}}{{/more}}{{/list}}>", "<>");
}

static void only_strict_rendering_refuses_lists_and_objects_as_text(void **state)
{
    fixture *f = *state;
    value_add_list(&f->b, f->view, "list");
    value_add_object(&f->b, f->view, "object");
    assert_gives(f, "({{list}}{{object}})", "()");
    f->options.strict = true;
    assert_fails(f, "{{list}}", "page:1: 'list' holds no text but other values");
    assert_fails(f, "{{object}}", "page:1: 'object' holds no text but other values");
}

/* --- bounds -------------------------------------------------------------------------- */

static void nest(char *template, size_t depth)
{
    template[0] = '\0';
    for (size_t i = 0; i < depth; i++) {
        memcpy(template + 6 * i, "{{#a}}", 6);
        memcpy(template + 6 * (depth + i), "{{/a}}", 7);
    }
}

static void sections_nest_32_deep_and_no_deeper(void **state)
{
    fixture *f = *state;
    char template[6 * 2 * 33 + 1];
    value_add_object(&f->b, f->view, "a");
    nest(template, 32);
    assert_gives(f, template, "");
    nest(template, 33);
    assert_fails(f, template, "page:1: sections and partials nest deeper than 32");
}

static void sections_side_by_side_are_not_nested(void **state)
{
    fixture *f = *state;
    char template[12 * 40 + 1];
    value_add_object(&f->b, f->view, "a");
    for (size_t i = 0; i < 40; i++) {
        memcpy(template + 12 * i, "{{#a}}{{/a}}", 13);
    }
    assert_gives(f, template, "");
}

static void hidden_sections_nest_no_deeper(void **state)
{
    fixture *f = *state;
    char template[6 * 2 * 33 + 1];
    nest(template, 33);
    assert_fails(f, template, "page:1: sections and partials nest deeper than 32");
}

static void a_partial_that_always_calls_itself_is_an_error(void **state)
{
    fixture *f = *state;
    f->partials[0] = (partial){"p", "\n{{>p}}{{>p}}"};
    assert_fails(f, "{{>p}}", "p:2: sections and partials nest deeper than 32");
}

static void the_output_ends_at_its_maximum(void **state)
{
    fixture *f = *state;
    f->out.max = 8;
    assert_gives(f, "12345678", "12345678");
    assert_fails(f, "12345678\n9", "page:2: the output does not fit into 8 bytes");
    text(f, f->view, "q", "12345");
    assert_fails(f, "{{q}}\n{{q}}", "page:2: the output does not fit into 8 bytes");
}

static void lists_within_lists_do_not_run_without_end(void **state)
{
    fixture *f = *state;
    char template[6 * 2 * 32 + 1];
    value *list = value_add_list(&f->b, f->view, "a");
    for (size_t i = 0; i < 10; i++) {
        value_add_int(&f->b, list, NULL, 1);
    }
    nest(template, 32);
    assert_fails(f, template, "page:1: more than 1048576 tags to follow");
}

/* --- values ---------------------------------------------------------------------------- */

static void a_builder_that_ran_out_of_memory_stays_failed(void **state)
{
    (void)state;
    arena small;
    arena_init(&small, sizeof(value) * 2 + sizeof(value) / 2);
    value_builder b = {.arena = &small};
    value *root = value_root(&b, VALUE_OBJECT);
    assert_non_null(root);
    value *n = value_add_int(&b, root, "n", 1);
    assert_false(b.failed);
    assert_null(value_add_list(&b, root, "list"));
    assert_true(b.failed);
    assert_null(value_add_text(&b, root, "t", SLICE("x")));
    value_set_display(&b, n, SLICE("one"));
    assert_int_equal(n->text.n, 0);
    arena_free(&small);
}

static void adding_to_no_parent_does_nothing(void **state)
{
    fixture *f = *state;
    assert_null(value_add_object(&f->b, NULL, "o"));
    assert_null(value_add_int(&f->b, NULL, "n", 1));
    assert_null(value_add_decimal(&f->b, NULL, "d", 1, 1));
    assert_null(value_add_text(&f->b, NULL, "t", SLICE("x")));
    assert_null(value_add_display(&f->b, NULL, "t", SLICE("x")));
    value_set_display(&f->b, NULL, SLICE("x"));
    assert_false(f->b.failed);
}

static void the_largest_scale_fits_the_scratch(void **state)
{
    fixture *f = *state;
    char scratch[VALUE_NUMBER_SIZE];
    slice number = value_number(value_add_decimal(&f->b, f->view, "d", -1, 255), scratch);
    assert_int_equal(number.n, 258); /* -0. and 254 zeros and 1 */
    assert_memory_equal(number.p, "-0.0", 4);
    assert_int_equal(number.p[257], '1');
}

/* --- escapes ----------------------------------------------------------------------------- */

static void assert_escapes(fixture *f, escape_mode mode, slice input, const char *expected)
{
    buf_clear(&f->out);
    escape_text(&f->out, input, mode);
    assert_string_equal(f->out.p != NULL ? f->out.p : "", expected);
}

static void assert_markdown(fixture *f, const char *input, const char *expected)
{
    assert_escapes(f, ESCAPE_MARKDOWN, slice_from(input), expected);
}

static void jira_reads_nothing_of_the_text_as_its_own(void **state)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"{noformat} {color:red}x{color}", "\\{noformat\\} \\{color:red\\}x\\{color\\}"},
        {"[~admin] [x|http://y]", "\\[\\~admin\\] \\[x\\|http\\://y\\]"},
        {"*b* _i_ +u+ ^s^ !p.png!", "\\*b\\* \\_i\\_ \\+u\\+ \\^s\\^ \\!p.png\\!"},
        {"??cited?? why?", "\\?\\?cited\\?\\? why?"},
        {"SHOP-17 a--b -gone-", "SHOP\\-17 a\\-\\-b \\-gone\\-"},
        {":) ;) (y) (/) (*r) count(id) f(x, y)",
         "\\:) \\;) \\(y) \\(/) \\(\\*r) count(id) f(x, y)"},
        {"# one\n a\\b &lt;", "\\# one  a&#92;b &amp;lt;"},
        {"order_items at 2026-11-19 10:00:00, read-only",
         "order_items at 2026-11-19 10:00:00, read-only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_escapes(*state, ESCAPE_WIKI, slice_from(cases[i].text), cases[i].escaped);
    }
}

static void html_escapes_the_five_and_keeps_lines(void **state)
{
    assert_escapes(*state, ESCAPE_HTML, SLICE("<a href=\"x\">'&'\n\t</a>"),
                   "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;\n\t&lt;/a&gt;");
}

static void no_mode_but_none_lets_control_characters_pass(void **state)
{
    static const escape_mode modes[] = {ESCAPE_HTML, ESCAPE_MARKDOWN, ESCAPE_WIKI, ESCAPE_FENCED,
                                        ESCAPE_ROFF};
    slice hostile = SLICE("a\x1b\x00\x7f\r\xc2\x9b" /* ESC, NUL, DEL, CR, CSI */
                          "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8e\xd8\x9c" /* RLO, LRI, LRM, ALM */
                          "b");
    const char *expected = "a"
                           "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                           "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                           "b";
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_escapes(*state, modes[i], hostile, expected);
    }
    fixture *f = *state;
    buf_clear(&f->out);
    escape_text(&f->out, hostile, ESCAPE_NONE);
    assert_true(slice_equal(buf_slice(&f->out), hostile));
}

static void letters_of_all_planes_stay(void **state)
{
    const char *words = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd";
    assert_escapes(*state, ESCAPE_HTML, slice_from(words), words);
}

static void each_maximal_subpart_of_broken_utf8_becomes_one_replacement(void **state)
{
    static const struct {
        const char *bytes;
        size_t replacements;
    } cases[] = {
        {"\xe1\x80", 1},         /* the beginning of three */
        {"\xf1\x80\x80", 1},     /* the beginning of four */
        {"\xc0\xaf", 2},         /* C0 begins nothing */
        {"\xe0\x80\xaf", 3},     /* overlong: E0 wants A0..BF */
        {"\xed\xa0\x80", 3},     /* a surrogate: ED wants 80..9F */
        {"\xf4\x90\x80\x80", 4}, /* beyond U+10FFFF: F4 wants 80..8F */
        {"\xf0\x8f\x80\x80", 4}, /* overlong: F0 wants 90..BF */
        {"\xf5", 1},
        {"\xff\xfe", 2},
        {"\x80", 1},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf", 4}, /* table 3-11's kind */
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_clear(&f->out);
        escape_text(&f->out, slice_from(cases[i].bytes), ESCAPE_FENCED);
        assert_int_equal(f->out.n, 3 * cases[i].replacements);
        for (size_t at = 0; at < f->out.n; at += 3) {
            assert_memory_equal(f->out.p + at, "\xef\xbf\xbd", 3);
        }
    }
}

static void a_windows_line_end_is_a_line_end(void **state)
{
    assert_escapes(*state, ESCAPE_HTML, SLICE("a\r\nb"), "a\nb");
    assert_escapes(*state, ESCAPE_MARKDOWN, SLICE("a \r\n b"), "a b");
}

static void markdown_leaves_ordinary_statements_readable(void **state)
{
    static const char *const same[] = {
        "select * from orders where id = ? and total < 12.5 and a <> b",
        "select created_at::date from order_items (id, n) + 3 - x / 2",
        "a && b & c > d",
        "{ find: orders }",
        "-5 %",
        "12.5 ms",
        "$1, $23",
        "why? yes!",
        "100%"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_markdown(*state, same[i], same[i]);
    }
}

static void markdown_shows_no_html_and_no_entities(void **state)
{
    assert_markdown(*state, "a <script>x</script> <!-- c --> <?p",
                    "a &lt;script>x&lt;/script> &lt;!-- c --> &lt;?p");
    assert_markdown(*state, "a<", "a&lt;");
    assert_markdown(*state, "&lt; &#60; a&", "&amp;lt; &amp;#&#8203;60; a&amp;");
}

static void markdown_formats_nothing(void **state)
{
    fixture *f = *state;
    assert_markdown(f, "count(*), *b* **c**", "count(\\*), \\*b\\* \\*\\*c\\*\\*");
    assert_markdown(f, "_a_ b__c", "\\_a\\_ b\\_\\_c");
    assert_markdown(f, "`a` ~~b~~", "\\`a\\` \\~\\~b\\~\\~");
    assert_markdown(f, "a \\* b", "a \\\\\\* b");
    assert_markdown(f, "$$body$$ $x$", "\\$\\$body\\$\\$ \\$x\\$");
    assert_markdown(f, "$1 $$1", "$1 \\$\\$1");
}

static void markdown_makes_no_links_and_calls_nobody(void **state)
{
    fixture *f = *state;
    assert_markdown(f, "[a](b) ![c](d)", "\\[a\\](b) !\\[c\\](d)");
    assert_markdown(f, "see http://x.y/z", "see http:&#8203;//x.y/z");
    assert_markdown(f, "see www.x.y or WWW.X", "see w&#8203;ww.x.y or W&#8203;WW.X");
    assert_markdown(f, "hi @octo me@x.y @@v '@' @",
                    "hi @&#8203;octo me@&#8203;x.y @@&#8203;v '@' @&#8203;");
    assert_markdown(f, "fixes #12 # a", "fixes #&#8203;12 # a");
    assert_markdown(f, "a::date::text", "a::&#8203;date::text");
}

static void markdown_stays_in_its_cell_and_on_its_line(void **state)
{
    fixture *f = *state;
    assert_markdown(f, "a || b\\| c", "a \\|\\| b\\\\\\| c");
    assert_markdown(f, "a\n\n  b\tc  ", "a b c ");
    assert_markdown(f, "C:\\", "C:&#92;");
}

static void markdown_begins_no_block(void **state)
{
    static const struct {
        const char *input;
        const char *expected;
    } cases[] = {{"# a", "\\# a"},      {"> a", "&gt; a"},      {"- a", "\\- a"},
                 {" * a", " \\* a"},    {"---", "\\---"},       {"+ a", "\\+ a"},
                 {"* a", "\\* a"},      {"===", "\\==="},       {"1. a", "1\\. a"},
                 {"12) a", "12\\) a"},  {"3.", "3\\."},         {"4.\r\na", "4\\. a"},
                 {"-\r\na", "\\- a"},   {"/close", "\\/close"}, {":-- a", "\\:-- a"},
                 {"    # a", " \\# a"}, {"\n- a", " \\- a"},    {"-:", "\\-:"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_markdown(*state, cases[i].input, cases[i].expected);
    }
}

static void roff_text_holds_no_requests(void **state)
{
    fixture *f = *state;
    assert_escapes(f, ESCAPE_ROFF, SLICE(".SH a.b\n.so x"), "\\&.SH a.b\n\\&.so x");
    assert_escapes(f, ESCAPE_ROFF, SLICE("'br --o 'x'"), "\\(aqbr \\-\\-o \\(aqx\\(aq");
    assert_escapes(f, ESCAPE_ROFF, SLICE("\\fB"), "\\efB");
}

static void a_terminal_gets_one_line_without_controls(void **state)
{
    fixture *f = *state;
    escape_terminal(&f->out, SLICE("a\x1b[31m\tb\r\nc <d>"));
    assert_string_equal(f->out.p, "a\xef\xbf\xbd[31m b c <d>");
}

static void assert_code_span(fixture *f, const char *input, const char *expected)
{
    buf_clear(&f->out);
    escape_code_span(&f->out, slice_from(input));
    assert_string_equal(f->out.p != NULL ? f->out.p : "", expected);
}

static void a_code_spans_fence_is_longer_than_any_run_inside(void **state)
{
    fixture *f = *state;
    assert_code_span(f, "a * b", "`a * b`");
    assert_code_span(f, "a`b``c", "```a`b``c```");
    assert_code_span(f, "`a`", "`` `a` ``");
    assert_code_span(f, "a`", "`` a` ``");
    assert_code_span(f, " a ", "`  a  `");
    assert_code_span(f, " a", "` a`");
    assert_code_span(f, "a || b\nc", "`a \\|\\| b c`");
    assert_code_span(f, "<b>\x1b", "`<b>\xef\xbf\xbd`");
    assert_code_span(f, "", "");
}

static void the_longest_run_of_backticks_is_counted(void **state)
{
    (void)state;
    assert_int_equal(longest_backtick_run(SLICE("")), 0);
    assert_int_equal(longest_backtick_run(SLICE("a`b```c``")), 3);
    assert_int_equal(longest_backtick_run(SLICE("a````")), 4);
}

static void a_fenced_block_keeps_all_but_controls(void **state)
{
    assert_escapes(*state, ESCAPE_FENCED, SLICE("a\n\t<b> | `c` \x1b"),
                   "a\n\t<b> | `c` \xef\xbf\xbd");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comments_write_nothing),
        TEST(a_comment_may_hold_what_is_no_name),
        TEST(a_standalone_comment_takes_its_line),
        TEST(a_comment_beside_text_leaves_the_line),
        TEST(text_without_tags_stays),
        TEST(double_braces_escape_and_triple_braces_and_ampersands_do_not),
        TEST(the_escape_follows_the_options),
        TEST(numbers_are_written_exactly),
        TEST(a_number_is_shown_as_its_display_text),
        TEST(nulls_and_unknown_names_are_empty),
        TEST(truths_are_written_in_words),
        TEST(dotted_names_walk_into_objects),
        TEST(a_broken_chain_is_empty),
        TEST(a_chain_does_not_go_on_in_an_outer_context),
        TEST(the_first_part_of_a_chain_is_found_in_any_context),
        TEST(a_dotted_name_is_never_one_key),
        TEST(a_dot_is_the_context_itself),
        TEST(interpolation_keeps_the_white_space_around_it),
        TEST(blanks_within_a_tag_do_not_matter),
        TEST(what_is_true_shows_its_section),
        TEST(what_is_false_hides_its_section),
        TEST(a_section_pushes_its_value_on_the_stack),
        TEST(a_name_missing_in_the_inner_context_comes_from_the_outer_ones),
        TEST(a_section_repeats_for_each_item),
        TEST(a_dot_is_the_current_item),
        TEST(a_dot_section_repeats_for_a_list_within_a_list),
        TEST(the_view_itself_can_be_a_list),
        TEST(sections_of_one_name_nest_and_follow_one_another),
        TEST(sections_take_dotted_names),
        TEST(an_inverted_section_pushes_nothing),
        TEST(inline_sections_keep_the_white_space_around_them),
        TEST(standalone_section_tags_take_their_lines),
        TEST(blanks_within_section_tags_do_not_matter),
        TEST(a_partial_is_rendered_in_the_current_context),
        TEST(partials_call_partials),
        TEST(a_partial_may_call_itself),
        TEST(an_inline_partial_keeps_the_white_space_around_it),
        TEST(a_standalone_partial_takes_its_line),
        TEST(a_standalone_partials_lines_are_all_indented_but_not_its_values),
        TEST(indents_add_up_and_standalone_lines_within_vanish),
        TEST(an_inline_partial_within_an_indented_one_is_not_indented_again),
        TEST(syntax_errors_name_template_and_line),
        TEST(a_tag_must_hold_a_name),
        TEST(errors_within_hidden_sections_are_found),
        TEST(an_unknown_partial_is_an_error),
        TEST(an_error_in_a_partial_names_the_partial),
        TEST(a_section_does_not_end_in_a_partial),
        TEST(strict_rendering_wants_every_name),
        TEST(strict_rendering_looks_up_nothing_in_hidden_sections),
        TEST(only_strict_rendering_refuses_lists_and_objects_as_text),
        TEST(sections_nest_32_deep_and_no_deeper),
        TEST(sections_side_by_side_are_not_nested),
        TEST(hidden_sections_nest_no_deeper),
        TEST(a_partial_that_always_calls_itself_is_an_error),
        TEST(the_output_ends_at_its_maximum),
        TEST(lists_within_lists_do_not_run_without_end),
        TEST(a_builder_that_ran_out_of_memory_stays_failed),
        TEST(adding_to_no_parent_does_nothing),
        TEST(the_largest_scale_fits_the_scratch),
        TEST(jira_reads_nothing_of_the_text_as_its_own),
        TEST(html_escapes_the_five_and_keeps_lines),
        TEST(no_mode_but_none_lets_control_characters_pass),
        TEST(letters_of_all_planes_stay),
        TEST(each_maximal_subpart_of_broken_utf8_becomes_one_replacement),
        TEST(a_windows_line_end_is_a_line_end),
        TEST(markdown_leaves_ordinary_statements_readable),
        TEST(markdown_shows_no_html_and_no_entities),
        TEST(markdown_formats_nothing),
        TEST(markdown_makes_no_links_and_calls_nobody),
        TEST(markdown_stays_in_its_cell_and_on_its_line),
        TEST(markdown_begins_no_block),
        TEST(roff_text_holds_no_requests),
        TEST(a_terminal_gets_one_line_without_controls),
        TEST(a_code_spans_fence_is_longer_than_any_run_inside),
        TEST(the_longest_run_of_backticks_is_counted),
        TEST(a_fenced_block_keeps_all_but_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
