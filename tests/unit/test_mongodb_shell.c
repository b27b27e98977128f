/* test_mongodb_shell.c - documents in the shell's notation become JSON, whole ones and broken ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "parsers/mongodb/shell.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void is_whole_json(slice text)
{
    json_reader r;
    json_token t;
    json_begin(&r, text);
    while (json_next(&r, &t) != JSON_END) {
        assert_int_not_equal(t.kind, JSON_ERROR);
    }
}

static void becomes(const char *shell, bool whole, const char *want, const char *rest)
{
    buf json;
    slice in = slice_from(shell);
    buf_init(&json, 4096);
    assert_int_equal(shell_take(&in, &json), whole);
    assert_string_equal(json.p, want);
    is_whole_json(buf_slice(&json));
    assert_true(slice_is(in, rest));
    buf_free(&json);
}

static void each_kind_of_value_has_its_own_form(void **state)
{
    (void)state;
    static const struct {
        const char *shell, *json;
    } rows[] = {
        {"{}", "{}"},
        {"{ a: 5.0, b.c: -1 }", "{\"a\":5.0,\"b.c\":-1}"},
        {"{ document.$id: 1 }", "{\"document.$id\":1}"},
        {"{\"$or\": [{\"x\": 1}, {\"y\": 2}]}", "{\"$or\":[{\"x\":1},{\"y\":2}]}"},
        {"[ 1, true, null ]", "[1,true,null]"},
        {"{ a: \"x\" }", "{\"a\":\"x\"}"},
        {"{ a: ObjectId('57d9dfab') }", "{\"a\":{\"$oid\":\"57d9dfab\"}}"},
        {"{ a: new Date(1530289263000) }", "{\"a\":{\"$date\":\"1530289263000\"}}"},
        {"{ a: Timestamp(1, 2) }", "{\"a\":{\"$timestamp\":\"1, 2\"}}"},
        {"{ a: Timestamp 1000|0 }", "{\"a\":{\"$timestamp\":\"1000|0\"}}"},
        {"{ a: UUID(\"bac2\") }", "{\"a\":{\"$uuid\":\"bac2\"}}"},
        {"{ a: BinData(0, AB) }", "{\"a\":{\"$binary\":\"0, AB\"}}"},
        {"{ a: NumberLong(5) }", "{\"a\":{\"$numberLong\":\"5\"}}"},
        {"{ a: DBRef('c', 5) }", "{\"a\":{\"$dbPointer\":\"'c', 5\"}}"},
        {"{ a: MinKey, b: undefined }",
         "{\"a\":{\"$minKey\":\"MinKey\"},\"b\":{\"$undefined\":\"undefined\"}}"},
        {"{ a: nan, b: -inf }",
         "{\"a\":{\"$numberDouble\":\"nan\"},\"b\":{\"$numberDouble\":\"-inf\"}}"},
        {"{ a: 1e+06 }", "{\"a\":1e+06}"},
        {"{ a: /^ab\\/c.?$/i }",
         "{\"a\":{\"$regularExpression\":{\"pattern\":\"^ab\\\\/c.?$\",\"options\":\"i\"}}}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        becomes(rows[i].shell, true, rows[i].json, "");
    }
}

static void what_stands_behind_is_left(void **state)
{
    (void)state;
    becomes("{ a: 1 } planSummary: COLLSCAN", true, "{\"a\":1}", " planSummary: COLLSCAN");
}

static void quotes_within_strings_of_old_servers_belong_to_them(void **state)
{
    (void)state;
    becomes("{ msg: \"he said \"so\" and went\" }", true,
            "{\"msg\":\"he said \\\"so\\\" and went\"}", "");
    becomes("{ a: \"x\\\"y\", b: \"\\q\x01\" }", true, "{\"a\":\"x\\\"y\",\"b\":\"\\\\q\\u0001\"}",
            "");
}

static void what_the_server_left_out_on_purpose_is_no_damage(void **state)
{
    (void)state;
    becomes("{ a: { ... } }", true, "{\"a\":{}}", "");
}

static void what_breaks_off_is_closed_and_told(void **state)
{
    (void)state;
    static const struct {
        const char *shell, *json;
    } rows[] = {
        {"{ a: 1", "{\"a\":1}"},
        {"{ a: \"x", "{\"a\":\"x\"}"},
        {"{ a: { b: [ 1, 2", "{\"a\":{\"b\":[1,2]}}"},
        {"{ a", "{\"a\":null}"},
        {"{ a:", "{\"a\":null}"},
        {"{ a: /x", "{\"a\":{\"$regularExpression\":{\"pattern\":\"x\",\"options\":\"\"}}}"},
        {"{ a: ObjectId('57", "{\"a\":{\"$oid\":\"'57\"}}"},
        {"", "null"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        becomes(rows[i].shell, false, rows[i].json, "");
    }
}

static void nests_without_end_are_bounded(void **state)
{
    (void)state;
    buf shell;
    buf json;
    buf_init(&shell, 1 << 20);
    buf_init(&json, 1 << 20);
    buf_add_repeat(&shell, '[', 100000);
    slice in = buf_slice(&shell);
    assert_false(shell_take(&in, &json));
    is_whole_json(buf_slice(&json));
    buf_free(&shell);
    buf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_value_has_its_own_form),
        cmocka_unit_test(what_stands_behind_is_left),
        cmocka_unit_test(quotes_within_strings_of_old_servers_belong_to_them),
        cmocka_unit_test(what_the_server_left_out_on_purpose_is_no_damage),
        cmocka_unit_test(what_breaks_off_is_closed_and_told),
        cmocka_unit_test(nests_without_end_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
