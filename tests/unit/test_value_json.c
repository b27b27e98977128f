/* test_value_json.c - JSON by RFC 8259, the layout of pretty JSON, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/value_json.h"

typedef struct fixture {
    arena arena;
    value_builder b;
    value *root;
    buf out;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){.root = NULL};
    arena_init(&f.arena, 1024 * 1024);
    f.b = (value_builder){.arena = &f.arena};
    f.root = value_root(&f.b, VALUE_OBJECT);
    buf_init(&f.out, 1024 * 1024);
    *state = &f;
    return f.root == NULL;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    buf_free(&f->out);
    arena_free(&f->arena);
    return 0;
}

static void assert_json(fixture *f, bool pretty, const char *expected)
{
    assert_false(f->b.failed);
    buf_clear(&f->out);
    value_write_json(f->root, pretty, &f->out);
    assert_string_equal(f->out.p, expected);
}

static void assert_text(fixture *f, slice text, const char *expected)
{
    f->root = value_root(&f->b, VALUE_LIST);
    value_add_text(&f->b, f->root, NULL, text);
    assert_json(f, false, expected);
}

static void compact_json_has_no_white_space(void **state)
{
    fixture *f = *state;
    value_add_text(&f->b, f->root, "id", SLICE("x"));
    value_add_null(&f->b, f->root, "baseline");
    value *list = value_add_list(&f->b, f->root, "list");
    value_add_bool(&f->b, list, NULL, true);
    value_add_bool(&f->b, list, NULL, false);
    value_add_list(&f->b, list, NULL);
    value_add_object(&f->b, list, NULL);
    assert_json(f, false, "{\"id\":\"x\",\"baseline\":null,\"list\":[true,false,[],{}]}");
}

static void numbers_are_exact_and_not_the_display_text(void **state)
{
    fixture *f = *state;
    value *n = value_add_int(&f->b, f->root, "max", INT64_MAX);
    value_set_display(&f->b, n, SLICE("9.2 E"));
    value_add_int(&f->b, f->root, "min", INT64_MIN);
    value_add_decimal(&f->b, f->root, "a", 12500, 3);
    value_add_decimal(&f->b, f->root, "b", 12000, 3);
    value_add_decimal(&f->b, f->root, "c", -7, 3);
    value_add_decimal(&f->b, f->root, "d", INT64_MAX, 6);
    assert_json(f, false,
                "{\"max\":9223372036854775807,\"min\":-9223372036854775808,\"a\":12.5,\"b\":12,"
                "\"c\":-0.007,\"d\":9223372036854.775807}");
}

static void display_only_nodes_are_left_out(void **state)
{
    fixture *f = *state;
    value_add_display(&f->b, f->root, "first", SLICE("x"));
    value_add_int(&f->b, f->root, "n", 1);
    value_add_display(&f->b, f->root, "last", SLICE("x"));
    assert_json(f, false, "{\"n\":1}");
    assert_json(f, true, "{\"n\": 1}\n");
    f->root = value_root(&f->b, VALUE_OBJECT);
    value_add_display(&f->b, f->root, "only", SLICE("x"));
    assert_json(f, true, "{}\n");
}

static void strings_escape_what_rfc_8259_demands(void **state)
{
    assert_text(*state, SLICE("\"\\/\b\f\n\r\t\x01\x1f\0z"),
                "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000z\"]");
}

static void strings_are_safe_in_html_scripts_and_terminals(void **state)
{
    fixture *f = *state;
    assert_text(f, SLICE("</script>"), "[\"\\u003c/script>\"]");
    assert_text(f, SLICE("\xe2\x80\xa8\xe2\x80\xa9"), "[\"\\u2028\\u2029\"]");
    assert_text(f, SLICE("\x7f\xc2\x9b\xe2\x80\xae"), "[\"\\u007f\\u009b\\u202e\"]");
}

static void broken_utf8_becomes_the_replacement_character(void **state)
{
    fixture *f = *state;
    assert_text(f, SLICE("a\xff\xe1\x80z"), "[\"a\xef\xbf\xbd\xef\xbf\xbdz\"]");
    assert_text(f, SLICE("\xc3\xa9\xf0\x9f\x98\x80"), "[\"\xc3\xa9\xf0\x9f\x98\x80\"]");
}

static void names_are_escaped_like_texts(void **state)
{
    fixture *f = *state;
    value_add_int(&f->b, f->root, "a\"<", 1);
    assert_json(f, false, "{\"a\\\"\\u003c\":1}");
}

static void pretty_json_has_a_member_a_line_but_short_scalars_on_one(void **state)
{
    fixture *f = *state;
    value_add_text(&f->b, f->root, "schema", SLICE("s"));
    value *o = value_add_object(&f->b, f->root, "window");
    value_add_int(&f->b, o, "from", 1);
    value_add_int(&f->b, o, "to", 2);
    value_add_list(&f->b, f->root, "none");
    value *list = value_add_list(&f->b, f->root, "queries");
    value *query = value_add_object(&f->b, list, NULL);
    value_add_list(&f->b, query, "plans");
    assert_json(f, true,
                "{\n"
                "  \"schema\": \"s\",\n"
                "  \"window\": {\"from\": 1, \"to\": 2},\n"
                "  \"none\": [],\n"
                "  \"queries\": [\n"
                "    {\n"
                "      \"plans\": []\n"
                "    }\n"
                "  ]\n"
                "}\n");
}

/* The line `["xx...x"],` has 80 bytes where the text has 75. */
static void a_line_has_at_most_80_bytes_with_its_comma(void **state)
{
    char text[76];
    char expected[128];
    fixture *f = *state;
    memset(text, 'x', sizeof text);
    f->root = value_root(&f->b, VALUE_LIST);
    value_add_text(&f->b, f->root, NULL, slice_of(text, 75));
    snprintf(expected, sizeof expected, "[\"%.75s\"]\n", text);
    assert_json(f, true, expected);
    f->root = value_root(&f->b, VALUE_LIST);
    value_add_text(&f->b, f->root, NULL, slice_of(text, 76));
    snprintf(expected, sizeof expected, "[\n  \"%.76s\"\n]\n", text);
    assert_json(f, true, expected);
}

static void a_scalar_alone_is_json(void **state)
{
    fixture *f = *state;
    f->root = value_root(&f->b, VALUE_NULL);
    assert_json(f, false, "null");
    assert_json(f, true, "null\n");
}

static void writing_twice_gives_the_same_bytes_after_what_was_there(void **state)
{
    fixture *f = *state;
    value_add_int(&f->b, f->root, "n", 1);
    buf_add_text(&f->out, "data: ");
    value_write_json(f->root, true, &f->out);
    value_write_json(f->root, true, &f->out);
    assert_string_equal(f->out.p, "data: {\"n\": 1}\n{\"n\": 1}\n");
}

static void the_output_stops_at_its_maximum(void **state)
{
    fixture *f = *state;
    for (int64_t n = 0; n < 100; n++) {
        value_add_int(&f->b, f->root, "name", n);
    }
    f->out.max = 64;
    value_write_json(f->root, true, &f->out);
    assert_true(f->out.failed);
    assert_true(f->out.n <= 64);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(compact_json_has_no_white_space),
        TEST(numbers_are_exact_and_not_the_display_text),
        TEST(display_only_nodes_are_left_out),
        TEST(strings_escape_what_rfc_8259_demands),
        TEST(strings_are_safe_in_html_scripts_and_terminals),
        TEST(broken_utf8_becomes_the_replacement_character),
        TEST(names_are_escaped_like_texts),
        TEST(pretty_json_has_a_member_a_line_but_short_scalars_on_one),
        TEST(a_line_has_at_most_80_bytes_with_its_comma),
        TEST(a_scalar_alone_is_json),
        TEST(writing_twice_gives_the_same_bytes_after_what_was_there),
        TEST(the_output_stops_at_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
