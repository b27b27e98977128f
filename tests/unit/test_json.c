/* test_json.c - the JSON tokenizer against the grammar of RFC 8259, rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

enum { MEMORY = 1024 * 1024 };

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* Reads everything; the kind that it ended with. */
static json_kind read_all(slice text, json_reader *r)
{
    json_token t;
    json_begin(r, text);
    json_kind kind;
    do {
        kind = json_next(r, &t);
    } while (kind != JSON_END && kind != JSON_ERROR);
    assert_int_equal(json_next(r, &t), kind);
    return kind;
}

static bool is_valid(slice text)
{
    json_reader r;
    return read_all(text, &r) == JSON_END;
}

static void is_malformed(slice text, size_t at)
{
    json_reader r;
    assert_int_equal(read_all(text, &r), JSON_ERROR);
    assert_int_equal(r.fault, JSON_MALFORMED);
    assert_int_equal(json_position(&r), at);
}

static void is_cut_off(slice text)
{
    json_reader r;
    assert_int_equal(read_all(text, &r), JSON_ERROR);
    assert_int_equal(r.fault, JSON_CUT_OFF);
    assert_int_equal(json_position(&r), text.n);
}

/* --- the grammar ---------------------------------------------------------------------------- */

static void any_value_may_stand_at_the_top(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null", "true", "false", "0", "-1", "\"\"", "{}", "[]", " \t\r\n[ ]\n", "\n{ }", "\"a\" ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(is_valid(slice_from(texts[i])));
    }
}

static void numbers_follow_section_6(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0",    "-0",   "1",     "10",     "1234567890123456789012345678901234567890",
        "0.5",  "-0.0", "1.250", "1e5",    "1E5",
        "1e+5", "1e-5", "0e0",   "0.1e10", "-12.34E-56",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        json_reader r;
        json_token t;
        json_begin(&r, slice_from(good[i]));
        assert_int_equal(json_next(&r, &t), JSON_NUMBER);
        assert_true(slice_is(t.text, good[i]));
        assert_int_equal(json_next(&r, &t), JSON_END);
    }
    static const struct {
        const char *text;
        size_t at;
    } bad[] = {
        {"01", 1},    {"-01", 2},  {"+1", 0},       {".5", 0},        {"1.x", 2},   {"1.e5", 2},
        {"1ex", 2},   {"1e+x", 3}, {"-x", 1},       {"--1", 1},       {"1.2.3", 3}, {"0x1F", 1},
        {"1_000", 1}, {"NaN", 0},  {"Infinity", 0}, {"-Infinity", 1}, {"1 2", 2},   {"1e5.0", 3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        is_malformed(slice_from(bad[i].text), bad[i].at);
    }
}

static void literals_are_three_words_in_lower_case(void **state)
{
    (void)state;
    is_malformed(SLICE("True"), 0);
    is_malformed(SLICE("nul "), 3);
    is_malformed(SLICE("trues"), 4);
    is_malformed(SLICE("falsy"), 4);
    is_malformed(SLICE("undefined"), 0);
}

static void objects_are_names_and_values_with_commas_between(void **state)
{
    (void)state;
    assert_true(is_valid(SLICE("{\"a\":1}")));
    assert_true(is_valid(SLICE(" { \"a\" : 1 , \"b\" : { } , \"\" : [ ] } ")));
    assert_true(is_valid(SLICE("{\"a\":1,\"a\":2}")));
    is_malformed(SLICE("{a:1}"), 1);
    is_malformed(SLICE("{'a':1}"), 1);
    is_malformed(SLICE("{1:1}"), 1);
    is_malformed(SLICE("{\"a\" 1}"), 5);
    is_malformed(SLICE("{\"a\"}"), 4);
    is_malformed(SLICE("{\"a\":}"), 5);
    is_malformed(SLICE("{\"a\":1,}"), 7);
    is_malformed(SLICE("{,}"), 1);
    is_malformed(SLICE("{\"a\":1 \"b\":2}"), 7);
    is_malformed(SLICE("{\"a\":1]"), 6);
    is_malformed(SLICE("{\"a\":1}}"), 7);
    is_malformed(SLICE("{\"a\":1}{}"), 7);
    is_malformed(SLICE("{\"a\":1} x"), 8);
}

static void arrays_are_values_with_commas_between(void **state)
{
    (void)state;
    assert_true(is_valid(SLICE("[1,2,[3,[]],{\"a\":[null]}]")));
    is_malformed(SLICE("[1,]"), 3);
    is_malformed(SLICE("[,1]"), 1);
    is_malformed(SLICE("[1 2]"), 3);
    is_malformed(SLICE("[1:2]"), 2);
    is_malformed(SLICE("[1}"), 2);
    is_malformed(SLICE("[]]"), 2);
    is_malformed(SLICE("]"), 0);
}

static void nothing_but_white_space_stands_between_tokens(void **state)
{
    (void)state;
    is_malformed(SLICE("\xEF\xBB\xBF{}"), 0);
    is_malformed(SLICE("/* c */ 1"), 0);
    is_malformed(SLICE("[1,// c\n2]"), 3);
    is_malformed(SLICE("[\f1]"), 1);
    is_malformed(SLICE("[\v1]"), 1);
    is_malformed(SLICE("[\xC2\xA0]"), 1);
    is_malformed(SLICE("[1]\0"), 3);
}

static void strings_hold_no_control_characters_and_known_escapes_only(void **state)
{
    (void)state;
    assert_true(is_valid(SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFFF\\uaBcD\"")));
    assert_true(is_valid(SLICE("\"\x7F\"")));
    assert_true(is_valid(SLICE("\"\xFF\xC3\"")));
    is_malformed(SLICE("\"a\nb\""), 2);
    is_malformed(SLICE("\"a\0b\""), 2);
    is_malformed(SLICE("\"\\x41\""), 2);
    is_malformed(SLICE("\"\\U0041\""), 2);
    is_malformed(SLICE("\"\\'\""), 2);
    is_malformed(SLICE("\"\\\0\""), 2);
    is_malformed(SLICE("\"\\\n\""), 2);
    is_malformed(SLICE("\"\\u00g0\""), 5);
    is_malformed(SLICE("\"\\u12\""), 5);
    is_malformed(SLICE("'a'"), 0);
}

/* Strings are read in words of eight bytes: every byte at every place in a word. */
static void every_byte_ends_or_continues_a_string_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t at = 0; at < 20; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char text[24];
            memset(text, 'a', sizeof text);
            text[0] = '"';
            text[at + 1] = (char)c;
            text[22] = '"';
            if (c == '"' || c == '\\') {
                continue;
            }
            if (c < 0x20) {
                is_malformed(slice_of(text, 23), at + 1);
            } else {
                json_reader r;
                json_token t;
                json_begin(&r, slice_of(text, 23));
                assert_int_equal(json_next(&r, &t), JSON_STRING);
                assert_true(slice_equal(t.text, slice_of(text + 1, 21)));
                assert_false(t.escaped);
                assert_int_equal(t.ascii, c < 0x80);
            }
        }
    }
}

static void what_follows_a_string_does_not_make_it_other_than_ascii(void **state)
{
    (void)state;
    json_reader r;
    json_token t;
    json_begin(&r, SLICE("[\"a\",\"\xC3\xA9\",\"b\"]        "));
    json_next(&r, &t);
    static const bool ascii[] = {true, false, true};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(json_next(&r, &t), JSON_STRING);
        assert_int_equal(t.ascii, ascii[i]);
    }
}

static void a_quote_or_escape_is_seen_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        buf text;
        buf_init(&text, MEMORY);
        buf_add_char(&text, '"');
        buf_add_repeat(&text, '!', n); /* the character before the quote in ASCII */
        buf_add_text(&text, "\\\"");
        buf_add_repeat(&text, '#', n); /* and the one behind it */
        buf_add_text(&text, "\" ");
        json_reader r;
        json_token t;
        json_begin(&r, buf_slice(&text));
        assert_int_equal(json_next(&r, &t), JSON_STRING);
        assert_int_equal(t.text.n, 2 * n + 2);
        assert_true(t.escaped);
        assert_int_equal(json_position(&r), 2 * n + 4);
        buf_free(&text);
    }
}

static void a_text_cut_at_any_byte_is_cut_off_and_nothing_else(void **state)
{
    (void)state;
    slice text = SLICE("{\"a\\u00e9\\n\":[1.5e-3,true,false,null,\"x\\\\\",{}],\"b\":{\"c\":-7}}");
    assert_true(is_valid(text));
    for (size_t n = 0; n < text.n; n++) {
        json_reader r;
        assert_int_equal(read_all(slice_take(text, n), &r), JSON_ERROR);
        /* A number may end anywhere behind a digit; then its object is cut off. */
        is_cut_off(slice_take(text, n));
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        buf text;
        buf_init(&text, MEMORY);
        for (int i = 0; i < depth; i++) {
            buf_add_text(&text, i % 3 == 1 ? "{\"a\":" : "[");
        }
        buf_add_char(&text, '1');
        for (int i = depth - 1; i >= 0; i--) {
            buf_add_char(&text, i % 3 == 1 ? '}' : ']');
        }
        json_reader r;
        json_kind kind = read_all(buf_slice(&text), &r);
        assert_int_equal(kind, depth > JSON_DEPTH_MAX ? JSON_ERROR : JSON_END);
        assert_int_equal(r.fault, depth > JSON_DEPTH_MAX ? JSON_TOO_DEEP : JSON_GOOD);
        buf_free(&text);
    }
}

/* --- tokens ------------------------------------------------------------------------------- */

static void tokens_come_in_the_order_of_the_text(void **state)
{
    (void)state;
    static const struct {
        json_kind kind;
        const char *text;
    } want[] = {
        {JSON_OBJECT_BEGIN, ""}, {JSON_NAME, "a"},        {JSON_ARRAY_BEGIN, ""},
        {JSON_NUMBER, "-1.5"},   {JSON_STRING, "x\\n"},   {JSON_ARRAY_END, ""},
        {JSON_NAME, "b"},        {JSON_OBJECT_BEGIN, ""}, {JSON_OBJECT_END, ""},
        {JSON_NAME, "c"},        {JSON_TRUE, ""},         {JSON_NAME, "d"},
        {JSON_FALSE, ""},        {JSON_NAME, "e"},        {JSON_NULL, ""},
        {JSON_OBJECT_END, ""},   {JSON_END, ""},
    };
    json_reader r;
    json_token t;
    json_begin(&r, SLICE("{\"a\": [-1.5, \"x\\n\"], \"b\":{}, \"c\":true,\"d\":false,\"e\":null}"));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(json_next(&r, &t), want[i].kind);
        assert_int_equal(t.kind, want[i].kind);
        assert_true(slice_is(t.text, want[i].text));
    }
}

static void a_value_can_be_skipped_and_kept_as_it_stands(void **state)
{
    (void)state;
    json_reader r;
    json_token t;
    slice raw;
    json_begin(&r, SLICE("{\"a\": {\"b\": [1, \"]}\"] } ,\"c\":\"s\",\"d\":[[ ]],\"e\":7}"));
    json_next(&r, &t);
    static const char *const want[] = {"{\"b\": [1, \"]}\"] }", "s", "[[ ]]", "7"};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(json_next(&r, &t), JSON_NAME);
        json_next(&r, &t);
        assert_true(json_skip(&r, &t, &raw));
        assert_true(slice_is(raw, want[i]));
    }
    assert_int_equal(json_next(&r, &t), JSON_OBJECT_END);
    json_begin(&r, SLICE("[1, [2, x]]"));
    json_next(&r, &t);
    assert_false(json_skip(&r, &t, &raw));
    assert_int_equal(json_position(&r), 8);
}

/* The end of a nest is looked for sixteen bytes at a time: each filler moves it to another place.
 */
static void a_nest_is_passed_to_its_own_end_wherever_that_stands(void **state)
{
    (void)state;
    static const char *const nests[] = {
        "{\"a\":[1,{\"b\":\"]}\"}]}", "[{},[[]]]",         "{\"\\\"}\":\"\\\\\"}",
        "{\"x\":\"\\\\\\\"}{\"}",     "[\"{[\",\"\\\\\"]", "{}",
    };
    char text[256];
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        for (int filler = 0; filler < 40; filler++) {
            json_reader r;
            json_token t;
            slice raw;
            int before = snprintf(text, sizeof text, "{\"%.*s\":", filler,
                                  "........................................");
            int n = snprintf(text + before, sizeof text - (size_t)before, "%s,\"c\":7}", nests[i]);
            json_begin(&r, slice_of(text, (size_t)(before + n)));
            json_next(&r, &t);
            json_next(&r, &t);
            json_next(&r, &t);
            assert_true(json_pass(&r, &t, &raw));
            assert_true(slice_is(raw, nests[i]));
            assert_int_equal(json_next(&r, &t), JSON_NAME);
            assert_int_equal(json_next(&r, &t), JSON_NUMBER);
            assert_int_equal(json_next(&r, &t), JSON_OBJECT_END);
            assert_int_equal(json_next(&r, &t), JSON_END);
        }
    }
}

static void a_nest_without_its_own_end_is_not_passed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        json_fault fault;
    } texts[] = {
        {"{\"a\":{\"b\":\"}", JSON_CUT_OFF},
        {"{\"a\":[[1,2]", JSON_CUT_OFF},
        {"{\"a\":{\"b\":\"\\", JSON_CUT_OFF},
        {"{\"a\":{]", JSON_MALFORMED},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_reader r;
        json_token t;
        json_begin(&r, slice_from(texts[i].text));
        json_next(&r, &t);
        json_next(&r, &t);
        json_next(&r, &t);
        assert_false(json_pass(&r, &t, NULL));
        assert_int_equal(r.fault, texts[i].fault);
        assert_int_equal(json_next(&r, &t), JSON_ERROR);
    }
}

/* What it does not take is left for json_next, which tells whether it is a number at all. */
static void a_value_that_nobody_wants_is_passed_whatever_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool whole;
    } rows[] = {
        {"\"\"", true},
        {"\"a string that takes more than sixteen bytes\"", true},
        {"\"a \\\" in it\"", true},
        {" 1.5e3", true},
        {"null", true},
        {"{\"b\":[\"}\",{}]}", true},
        {"[1,[2],{\"c\":3}]", true},
        {"\"a line\nbreak\"", false},
        {"\"no \\x escape\"", false},
        {"nil", false},
        {"[1}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[80];
        json_reader r;
        json_token t;
        snprintf(text, sizeof text, "{\"a\":%s}", rows[i].value);
        json_begin(&r, slice_from(text));
        json_next(&r, &t);
        json_next(&r, &t);
        assert_int_equal(json_pass_value(&r), rows[i].whole);
        assert_int_equal(json_next(&r, &t), rows[i].whole ? JSON_OBJECT_END : JSON_ERROR);
    }
}

static void a_wrapped_string_is_taken_where_it_is_plain(void **state)
{
    (void)state;
    static const struct {
        const char *value, *text;
    } rows[] = {
        {"{\"$date\":\"2026-11-19T14:03:07.123+00:00\"}", "2026-11-19T14:03:07.123+00:00"},
        {"{\"$date\":\"\"}", ""},
        {"{\"$date\":\"a\\nb\"}", NULL},
        {"{\"$date\": \"a\"}", NULL},
        {"{ \"$date\":\"a\"}", NULL},
        {"{\"$date\":\"a\" }", NULL},
        {"{\"$date\":\"a\",\"b\":1}", NULL},
        {"{\"$date\":5}", NULL},
        {"{\"$dat\":\"a\"}", NULL},
        {"{\"$dates\":\"a\"}", NULL},
        {"\"a\"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[80];
        json_reader r;
        json_token t;
        slice got;
        snprintf(text, sizeof text, "{\"t\":%s}", rows[i].value);
        json_begin(&r, slice_from(text));
        json_next(&r, &t);
        assert_false(json_take_wrapped(&r, SLICE("$date"), &got)); /* no value is due */
        json_next(&r, &t);
        assert_int_equal(json_take_wrapped(&r, SLICE("$date"), &got), rows[i].text != NULL);
        if (rows[i].text != NULL) {
            assert_true(slice_is(got, rows[i].text));
            assert_int_equal(json_next(&r, &t), JSON_OBJECT_END);
        } else { /* nothing was taken */
            json_next(&r, &t);
            assert_true(json_skip(&r, &t, NULL));
        }
    }
    /* Cut off at any byte. */
    slice whole = SLICE("{\"t\":{\"$date\":\"abc\"}");
    for (size_t n = 5; n < whole.n; n++) {
        json_reader r;
        json_token t;
        slice got;
        json_begin(&r, slice_take(whole, n));
        json_next(&r, &t);
        json_next(&r, &t);
        assert_false(json_take_wrapped(&r, SLICE("$date"), &got));
    }
}

static void a_plain_string_has_no_escapes_and_is_ascii(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *text; /* NULL: it is not taken */
    } rows[] = {
        {"\"\"", ""},
        {"\"abc\"", "abc"},
        {"\"sixteen bytes and more of them\"", "sixteen bytes and more of them"},
        {"\"a\\n\"", NULL},
        {"\"a\nb\"", NULL},
        {"\"\xC3\xA4\"", NULL},
        {"1", NULL},
        {"{}", NULL},
        {" \"a\"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        json_reader r;
        json_token t;
        slice got;
        snprintf(text, sizeof text, "{\"a\":%s,\"b\":1}", rows[i].value);
        json_begin(&r, slice_from(text));
        json_next(&r, &t);
        assert_false(json_take_plain(&r, &got)); /* no value is due */
        json_next(&r, &t);
        size_t before = json_position(&r);
        assert_int_equal(json_take_plain(&r, &got), rows[i].text != NULL);
        if (rows[i].text != NULL) {
            assert_true(slice_is(got, rows[i].text));
            assert_int_equal(json_next(&r, &t), JSON_NAME);
        } else {
            assert_int_equal(json_position(&r), before);
        }
    }
}

static void a_nest_is_the_same_to_the_byte(void **state)
{
    (void)state;
    slice nest = SLICE("{\"r\":1}");
    static const struct {
        const char *text;
        bool taken;
    } texts[] = {
        {"{\"a\":{\"r\":1}}", true},  {"{\"a\":{\"r\":1},\"b\":2}", true},
        {"{\"a\":{\"r\":2}}", false}, {"{\"a\":{\"r\":1 }}", false},
        {"{\"a\":{\"r\":1", false},   {"{\"a\":[{\"r\":1}]}", false},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_reader r;
        json_token t;
        json_begin(&r, slice_from(texts[i].text));
        json_next(&r, &t);
        assert_false(json_take_same(&r, nest)); /* no value is due */
        json_next(&r, &t);
        size_t before = json_position(&r);
        assert_false(json_take_same(&r, SLICE("")));
        assert_int_equal(json_take_same(&r, nest), texts[i].taken);
        assert_int_equal(json_position(&r), before + (texts[i].taken ? nest.n : 0));
        assert_int_equal(json_next(&r, &t) == JSON_OBJECT_BEGIN || t.kind == JSON_ARRAY_BEGIN,
                         !texts[i].taken);
    }
}

static void a_count_is_whole_short_and_without_a_sign(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool taken;
        uint64_t value;
    } texts[] = {
        {"{\"a\":0}", true, 0},
        {"{\"a\":1234,\"b\":1}", true, 1234},
        {"{\"a\":999999999999999999}", true, 999999999999999999},
        {"{\"a\":1000000000000000000}", false, 0},
        {"{\"a\":-1}", false, 0},
        {"{\"a\":01}", false, 0},
        {"{\"a\":1.5}", false, 0},
        {"{\"a\":1e3}", false, 0},
        {"{\"a\": 1}", false, 0},
        {"{\"a\":1 }", false, 0},
        {"{\"a\":1", false, 0},
        {"{\"a\":\"1\"}", false, 0},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_reader r;
        json_token t;
        uint64_t value = 0;
        json_begin(&r, slice_from(texts[i].text));
        json_next(&r, &t);
        assert_false(json_take_count(&r, &value)); /* no value is due */
        json_next(&r, &t);
        size_t before = json_position(&r);
        assert_int_equal(json_take_count(&r, &value), texts[i].taken);
        assert_int_equal(value, texts[i].value);
        assert_int_equal(json_position(&r) > before, texts[i].taken);
    }
}

static void a_string_that_is_cut_off_shows_what_there_is_up_to_the_last_whole_escape(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"\"abc", "abc"},   {"\"abc\\", "abc"},    {"\"a\\n", "a\\n"},
        {"\"a\\u00e", "a"}, {"\"a\\n\\u", "a\\n"}, {"\"", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_reader r;
        json_token t;
        json_begin(&r, slice_from(texts[i][0]));
        assert_int_equal(json_next(&r, &t), JSON_ERROR);
        assert_int_equal(r.fault, JSON_CUT_OFF);
        assert_true(slice_is(t.text, texts[i][1]));
    }
}

/* --- characters ------------------------------------------------------------------------------ */

static void means(slice text, slice want)
{
    arena a;
    json_reader r;
    json_token t;
    slice got;
    arena_init(&a, MEMORY);
    json_begin(&r, text);
    assert_int_equal(json_next(&r, &t), JSON_STRING);
    assert_true(json_text(&t, &a, &got));
    assert_true(slice_equal(got, want));
    arena_free(&a);
}

#define REPLACED "\xEF\xBF\xBD"

static void escapes_mean_their_characters(void **state)
{
    (void)state;
    means(SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SLICE("\"\\/\b\f\n\r\t"));
    means(SLICE("\"a\\u0041\\u00e9\\u20AC\\u0000z\""), SLICE("aA\xC3\xA9\xE2\x82\xAC\0z"));
    means(SLICE("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\""),
          SLICE("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"));
    means(SLICE("\"\\\\n\\\\u0041\""), SLICE("\\n\\u0041"));
}

static void surrogates_pair_up_or_are_replaced(void **state)
{
    (void)state;
    means(SLICE("\"\\ud83e\\udd89\""), SLICE("\xF0\x9F\xA6\x89"));
    means(SLICE("\"\\uD800\\uDC00\\uDBFF\\uDFFF\""), SLICE("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
    means(SLICE("\"\\ud83e\""), SLICE(REPLACED));
    means(SLICE("\"\\ud83ex\""), SLICE(REPLACED "x"));
    means(SLICE("\"\\udd89\\ud83e\""), SLICE(REPLACED REPLACED));
    means(SLICE("\"\\ud83e\\u0041\""), SLICE(REPLACED "A"));
    means(SLICE("\"\\ud83e\\n\""), SLICE(REPLACED "\n"));
    means(SLICE("\"\\ud83e\\ud83e\\udd89\""), SLICE(REPLACED "\xF0\x9F\xA6\x89"));
}

/* The maximal parts of the Unicode standard, section 3.9, table 3-8 and the rules before it. */
static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    means(SLICE("\"gr\xC3\xBC\xC3\x9F\x65\""), SLICE("gr\xC3\xBC\xC3\x9F\x65"));
    means(SLICE("\"\xF4\x8F\xBF\xBF\xED\x9F\xBF\xEE\x80\x80\""),
          SLICE("\xF4\x8F\xBF\xBF\xED\x9F\xBF\xEE\x80\x80"));
    means(SLICE("\"a\xFFz\""), SLICE("a" REPLACED "z"));
    means(SLICE("\"\xC3(\""), SLICE(REPLACED "("));
    means(SLICE("\"\xE2\x82\""), SLICE(REPLACED));
    means(SLICE("\"\xE2\x82z\""), SLICE(REPLACED "z"));
    means(SLICE("\"\xC0\xAF\""), SLICE(REPLACED REPLACED));
    means(SLICE("\"\xE0\x80\xAF\""), SLICE(REPLACED REPLACED REPLACED));
    means(SLICE("\"\xED\xA0\x80\""), SLICE(REPLACED REPLACED REPLACED));
    means(SLICE("\"\xF4\x90\x80\x80\""), SLICE(REPLACED REPLACED REPLACED REPLACED));
    means(SLICE("\"\xF0\x9F\xA6\""), SLICE(REPLACED));
    means(SLICE("\"\xC3\\n\xC3\xBC\""), SLICE(REPLACED "\n\xC3\xBC"));
}

static void text_that_needs_no_change_is_not_copied(void **state)
{
    (void)state;
    arena none;
    json_reader r;
    json_token t;
    slice got;
    arena_init(&none, 0);
    slice text = SLICE("\"gr\xC3\xBC\xC3\x9F\x65\"");
    json_begin(&r, text);
    json_next(&r, &t);
    assert_true(json_text(&t, &none, &got));
    assert_ptr_equal(got.p, text.p + 1);
    json_begin(&r, SLICE("\"\\n\""));
    json_next(&r, &t);
    assert_false(json_text(&t, &none, &got));
    arena_free(&none);
}

/* --- names -------------------------------------------------------------------------------------
 */

static const slice wanted[] = {NAME("time"), NAME("user"), NAME("text")};

/* What is found for each name of an object with values 1. */
static void finds(slice text, const int *want, size_t n, bool repeated)
{
    json_reader r;
    json_token t;
    json_names names = {.names = wanted, .n = sizeof wanted / sizeof *wanted};
    json_names_begin(&names);
    json_begin(&r, text);
    json_next(&r, &t);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(json_next(&r, &t), JSON_NAME);
        assert_int_equal(json_name_find(&names, &t), want[i]);
        json_next(&r, &t);
    }
    assert_int_equal(json_next(&r, &t), JSON_OBJECT_END);
    assert_int_equal(names.repeated, repeated);
}

static void names_are_found_in_any_order(void **state)
{
    (void)state;
    finds(SLICE("{\"time\":1,\"user\":1,\"text\":1}"), (const int[]){0, 1, 2}, 3, false);
    finds(SLICE("{\"text\":1,\"x\":1,\"time\":1,\"tim\":1,\"times\":1,\"user\":1}"),
          (const int[]){2, -1, 0, -1, -1, 1}, 6, false);
}

static void the_order_of_earlier_objects_does_not_matter(void **state)
{
    (void)state;
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {2, 0, 1}, {0, 2, 1}};
    enum { ORDERS = sizeof orders / sizeof *orders };
    json_names names = {.names = wanted, .n = 3};
    for (size_t i = 0; i < ORDERS * ORDERS; i++) {
        const int *order = orders[i % ORDERS * (i / ORDERS) % ORDERS];
        json_names_begin(&names);
        for (size_t k = 0; k < 3; k++) {
            json_token t = {.kind = JSON_NAME, .text = wanted[order[k]], .ascii = true};
            assert_false(names.repeated);
            assert_int_equal(json_name_find(&names, &t), order[k]);
        }
        assert_int_equal(names.seen, 7);
        assert_false(names.repeated);
    }
}

static void a_name_with_escapes_is_the_same_name(void **state)
{
    (void)state;
    finds(SLICE("{\"\\u0074ime\":1,\"us\\u0065r\":1,\"\\time\":1}"), (const int[]){0, 1, -1}, 3,
          false);
}

static void a_name_that_comes_twice_is_told(void **state)
{
    (void)state;
    finds(SLICE("{\"time\":1,\"user\":1,\"time\":1}"), (const int[]){0, 1, 0}, 3, true);
    finds(SLICE("{\"time\":1,\"\\u0074ime\":1}"), (const int[]){0, 0}, 2, true);
    finds(SLICE("{\"other\":1,\"other\":1}"), (const int[]){-1, -1}, 2, false);
}

/* Whatever stands between the names, and whether they come as before or not. */
static void names_that_are_expected_are_the_same_tokens(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"one\":1,\"two\":2,\"three\":3}",
        "{\"one\":1,\"two\":2,\"three\":3}",
        "{ \"one\" : 1 , \"two\" :2,\"three\":3}",
        "{\"one\":1,\"three\":3,\"two\":2}",
        "{\"one\":1,  \"two\":2, \"three\" :3}",
        "{\"one\":1,  \"two\":2,  \"three\" :3}",
        "{\"other\":1,\"two\":2}",
        "{,\"two\":2}",
        "[\"one\",\"two\":2]",
        "{\"two\":2,\"one\":1,\"two\":2}",
        "{\"\\u006fne\":1,\"two\":2}",
        "{\"one\":1,\"twofold\":2,\"tw\":3}",
        "{\"one\":1,\"one\":2}",
        "{\"one\":1,\"two\"",
        "{\"one\":1,\"two\":",
        "{\"one\":1,\"two",
        "{\"one\":1,}",
        "{\"one\":1\"two\":2}",
        "{}",
        "[\"one\",\"two\"]",
        "\"one\"",
    };
    const slice looked_for[] = {SLICE("one"), SLICE("two"), SLICE("three")};
    json_names a = {.names = looked_for, .n = 3};
    json_names b = a;
    const size_t n = sizeof texts / sizeof *texts;
    for (size_t i = 0; i < n * n;
         i++) { /* each behind each; what is behind gives room to compare */
        char text[128];
        json_reader x;
        json_reader y;
        json_token t;
        json_token u;
        size_t at_text = i % 2 == 0 ? i / 2 % n : i * 7 % n;
        int length = snprintf(text, sizeof text, "%s%32s", texts[at_text], "");
        json_names_begin(&a);
        json_names_begin(&b);
        json_begin(&x, slice_of(text, (size_t)length));
        json_begin(&y, slice_of(text, (size_t)length));
        do {
            int at;
            json_next(&x, &t);
            int want = t.kind == JSON_NAME ? json_name_find(&a, &t) : -1;
            assert_int_equal(json_next_name(&y, &b, &u, &at), t.kind);
            assert_int_equal(at, want);
            assert_true(at >= 0 || slice_equal(t.text, u.text));
            assert_int_equal(json_position(&x), json_position(&y));
            assert_int_equal(x.fault, y.fault);
            assert_int_equal(a.repeated, b.repeated);
        } while (t.kind != JSON_END && t.kind != JSON_ERROR);
    }
}

/* The second time it is expected; then a byte of it is another, or behind it less stands. */
static void names_of_any_length_are_expected_to_the_byte(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    for (size_t n = 1; n <= LONGEST; n++) {
        char name[LONGEST];
        char text[LONGEST + 8];
        memset(name, 'n', n);
        const slice sought = slice_of(name, n);
        json_names names = {.names = &sought, .n = 1};
        for (size_t changed = 0; changed <= n + 1; changed++) {
            json_reader r;
            json_token t;
            int at;
            memset(text + 2, 'n', n);
            memcpy(text, "{\"", 2);
            memcpy(text + 2 + n, "\":1}", 4);
            bool same = changed == 0 || changed == n + 1;
            if (!same) {
                text[1 + changed] = 'x';
            }
            json_names_begin(&names);
            json_begin(&r, slice_of(text, n + 6));
            json_next(&r, &t);
            assert_int_equal(json_next_name(&r, &names, &t, &at), JSON_NAME);
            assert_int_equal(at, same ? 0 : -1);
            assert_int_equal(json_position(&r), n + 4);
            assert_int_equal(json_next(&r, &t), JSON_NUMBER);
            assert_int_equal(json_next_name(&r, &names, &t, &at), JSON_OBJECT_END);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_value_may_stand_at_the_top),
        cmocka_unit_test(numbers_follow_section_6),
        cmocka_unit_test(literals_are_three_words_in_lower_case),
        cmocka_unit_test(objects_are_names_and_values_with_commas_between),
        cmocka_unit_test(arrays_are_values_with_commas_between),
        cmocka_unit_test(nothing_but_white_space_stands_between_tokens),
        cmocka_unit_test(strings_hold_no_control_characters_and_known_escapes_only),
        cmocka_unit_test(every_byte_ends_or_continues_a_string_wherever_it_stands),
        cmocka_unit_test(what_follows_a_string_does_not_make_it_other_than_ascii),
        cmocka_unit_test(a_quote_or_escape_is_seen_wherever_it_stands),
        cmocka_unit_test(a_text_cut_at_any_byte_is_cut_off_and_nothing_else),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(tokens_come_in_the_order_of_the_text),
        cmocka_unit_test(a_value_can_be_skipped_and_kept_as_it_stands),
        cmocka_unit_test(a_nest_is_passed_to_its_own_end_wherever_that_stands),
        cmocka_unit_test(a_nest_without_its_own_end_is_not_passed),
        cmocka_unit_test(a_value_that_nobody_wants_is_passed_whatever_it_is),
        cmocka_unit_test(a_wrapped_string_is_taken_where_it_is_plain),
        cmocka_unit_test(names_of_any_length_are_expected_to_the_byte),
        cmocka_unit_test(a_plain_string_has_no_escapes_and_is_ascii),
        cmocka_unit_test(a_nest_is_the_same_to_the_byte),
        cmocka_unit_test(a_count_is_whole_short_and_without_a_sign),
        cmocka_unit_test(a_string_that_is_cut_off_shows_what_there_is_up_to_the_last_whole_escape),
        cmocka_unit_test(escapes_mean_their_characters),
        cmocka_unit_test(surrogates_pair_up_or_are_replaced),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(text_that_needs_no_change_is_not_copied),
        cmocka_unit_test(names_are_found_in_any_order),
        cmocka_unit_test(the_order_of_earlier_objects_does_not_matter),
        cmocka_unit_test(a_name_with_escapes_is_the_same_name),
        cmocka_unit_test(a_name_that_comes_twice_is_told),
        cmocka_unit_test(names_that_are_expected_are_the_same_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
