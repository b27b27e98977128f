/* test_normalise_mongodb.c - MongoDB's commands as queries: typed shapes, and which are the same.
 *
 * The shapes are those of the server's own query shapes where it has one for the part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "normalise/mongodb.h"
#include "normalise/mongodb_shape.h"
#include "normalise/outline_memo.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIND(members)                                                                              \
    "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\"," members ",\"$db\":\"shop\"}}"
#define FILTER(filter) FIND("\"filter\":" filter)
#define PIPE(stages)                                                                               \
    "{\"ns\":\"shop.c\",\"command\":{\"aggregate\":\"c\",\"pipeline\":[" stages "]}}"

enum { TEXT_MAX = 256 * 1024 };

static normalised read_statement(const char *statement, bool truncated, buf *text)
{
    normalised n;
    buf_clear(text);
    mongodb_normaliser.run(slice_from(statement), truncated, &n, text);
    assert_false(text->failed);
    return n;
}

static void has_text(const char *statement, const char *want)
{
    buf text;
    buf_init(&text, TEXT_MAX);
    read_statement(statement, false, &text);
    assert_string_equal(text.p, want);
    buf_free(&text);
}

static void has_filter(const char *statement, const char *want)
{
    buf all;
    buf_init(&all, TEXT_MAX);
    buf_printf(&all, "find shop.c {\"filter\":%s}", want);
    has_text(statement, all.p);
    buf_free(&all);
}

static uint64_t id(const char *statement)
{
    normalised n;
    mongodb_normaliser.run(slice_from(statement), false, &n, NULL);
    return n.fingerprint;
}

/* --- filters ----------------------------------------------------------------------- */

static void filters_are_written_as_the_server_writes_its_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *statement, *want;
    } rows[] = {
        {FILTER("{\"a\":5}"), "{\"a\":{\"$eq\":\"?number\"}}"},
        {FILTER("{\"a\":{\"$eq\":5}}"), "{\"a\":{\"$eq\":\"?number\"}}"},
        {FILTER("{\"a\":5,\"b\":6}"),
         "{\"$and\":[{\"a\":{\"$eq\":\"?number\"}},{\"b\":{\"$eq\":\"?number\"}}]}"},
        {FILTER("{\"c\":{\"$gte\":3,\"$lte\":10}}"),
         "{\"$and\":[{\"c\":{\"$gte\":\"?number\"}},{\"c\":{\"$lte\":\"?number\"}}]}"},
        {FILTER("{\"a\":[]}"), "{\"a\":{\"$eq\":\"[]\"}}"},
        {FILTER("{\"a\":[2,3]}"), "{\"a\":{\"$eq\":\"?array<?number>\"}}"},
        {FILTER("{\"a\":[{},{}]}"), "{\"a\":{\"$eq\":\"?array<?object>\"}}"},
        {FILTER("{\"a\":[[],[2]]}"), "{\"a\":{\"$eq\":\"?array<?array>\"}}"},
        {FILTER("{\"a\":[{},2]}"), "{\"a\":{\"$eq\":\"?array<>\"}}"},
        {FILTER("{\"a\":{\"$in\":[1]}}"), "{\"a\":{\"$in\":\"?array<?number>\"}}"},
        {FILTER("{\"a\":{\"$in\":[]}}"), "{\"a\":{\"$in\":\"[]\"}}"},
        {FILTER("{\"a\":{\"$mod\":[10,3]}}"), "{\"a\":{\"$mod\":\"?array<?number>\"}}"},
        {FILTER("{\"a\":{\"$exists\":false}}"), "{\"a\":{\"$exists\":\"?bool\"}}"},
        {FILTER("{\"a\":null}"), "{\"a\":{\"$eq\":\"?null\"}}"},
        {FILTER("{\"a\":{\"b\":1}}"), "{\"a\":{\"$eq\":\"?object\"}}"},
        {FILTER("{\"a\":{\"$elemMatch\":{\"$gt\":1,\"$lt\":5}}}"),
         "{\"a\":{\"$elemMatch\":{\"$gt\":\"?number\",\"$lt\":\"?number\"}}}"},
        {FILTER("{\"a\":{\"$elemMatch\":{\"x\":1,\"y\":2}}}"),
         "{\"a\":{\"$elemMatch\":{\"$and\":[{\"x\":{\"$eq\":\"?number\"}},"
         "{\"y\":{\"$eq\":\"?number\"}}]}}}"},
        {FILTER("{\"$where\":\"this.a > 1\"}"), "{\"$where\":\"?javascript\"}"},
        {FILTER("{\"$text\":{\"$search\":\"x\",\"$caseSensitive\":true}}"),
         "{\"$text\":{\"$search\":\"?string\",\"$caseSensitive\":\"?bool\"}}"},
        {FILTER("{\"$expr\":{\"$eq\":[\"$a\",2]}}"), "{\"$expr\":{\"$eq\":[\"$a\",\"?number\"]}}"},
        {FILTER("{\"$expr\":{\"$gt\":[\"$$NOW\",\"x\"]}}"),
         "{\"$expr\":{\"$gt\":[\"$$NOW\",\"?string\"]}}"},
        {FILTER("{\"a\":{\"$regularExpression\":{\"pattern\":\"^ab\",\"options\":\"i\"}}}"),
         "{\"a\":{\"$regex\":\"?regex^\",\"$options\":\"i\"}}"},
        {FILTER("{\"a\":{\"$regex\":\"ab.*\",\"$options\":\"\"}}"),
         "{\"a\":{\"$regex\":\"?regex\"}}"},
        {FILTER("{\"items.37.qty\":1}"), "{\"items.<k>.qty\":{\"$eq\":\"?number\"}}"},
        {FILTER("{\"$comment\":\"why\",\"a\":1}"), "{\"a\":{\"$eq\":\"?number\"}}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        has_filter(rows[i].statement, rows[i].want);
    }
}

static void
an_object_is_a_value_of_another_type_only_where_it_is_that_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *value, *type;
    } rows[] = {
        {"{\"$oid\":\"5f90e685c8352e00014abb3f\"}", "?objectId"},
        {"{\"$date\":\"2026-11-19T14:00:00Z\"}", "?date"},
        {"{\"$date\":{\"$numberLong\":\"-1\"}}", "?date"},
        {"{\"$numberDecimal\":\"1.5\"}", "?number"},
        {"{\"$numberDouble\":\"NaN\"}", "?number"},
        {"{\"$binary\":{\"base64\":\"qg==\",\"subType\":\"04\"}}", "?binData"},
        {"{\"$binary\":\"qg==\",\"$type\":\"00\"}", "?binData"},
        {"{\"$uuid\":\"aa1e54e5-bfc1-43dd-87d7-757aa7072889\"}", "?binData"},
        {"{\"$timestamp\":{\"t\":1,\"i\":2}}", "?timestamp"},
        {"{\"$minKey\":1}", "?minKey"},
        {"{\"$undefined\":true}", "?undefined"},
        {"{\"$code\":\"f\",\"$scope\":{}}", "?javascriptWithScope"},
        {"{\"$ref\":\"c\",\"$id\":5}", "?object"},
        {"{\"x\":{\"$oid\":\"00\"}}", "?object"},
        {"true", "?bool"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf statement;
        buf want;
        buf_init(&statement, TEXT_MAX);
        buf_init(&want, TEXT_MAX);
        buf_printf(&statement,
                   "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"a\":%s}}}",
                   rows[i].value);
        buf_printf(&want, "{\"a\":{\"$eq\":\"%s\"}}", rows[i].type);
        has_filter(statement.p, want.p);
        buf_free(&statement);
        buf_free(&want);
    }
    has_filter(FILTER("{\"a\":{\"$date\":1,\"$oid\":2}}"),
               "{\"$and\":[{\"a\":{\"$date\":\"?number\"}},{\"a\":{\"$oid\":\"?number\"}}]}");
}

/* --- commands ---------------------------------------------------------------------- */

static void commands_keep_what_tells_them_apart(void **state)
{
    (void)state;
    has_text(
        FIND("\"filter\":{},\"sort\":{\"a\":-1,\"b\":1.0},\"projection\":{\"x\":1,\"_id\":0},"
             "\"limit\":20,\"skip\":{\"$numberInt\":\"40\"},\"batchSize\":5,\"hint\":{\"a\":1}"),
        "find shop.c {\"projection\":{\"x\":true,\"_id\":false},\"sort\":{\"a\":-1,\"b\":1},"
        "\"skip\":\"?number\",\"limit\":\"?number\"}");
    has_text(FIND("\"filter\":{},\"limit\":0,\"skip\":0,\"sort\":{\"$natural\":1}"), "find shop.c");
    has_text(
        "{\"type\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"_id\":1},\"u\":{\"$set\":"
        "{\"item\":\"A\",\"tags\":[\"s\"]}},\"multi\":false,\"upsert\":true}}",
        "update shop.c {\"q\":{\"_id\":{\"$eq\":\"?number\"}},\"u\":{\"$set\":{\"item\":"
        "\"?string\",\"tags\":\"?array<?string>\"}},\"upsert\":true}");
    has_text(
        "{\"type\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{},\"u\":{\"foo\":\"bar\"}}}",
        "update shop.c {\"u\":\"?object\"}");
    has_text("{\"type\":\"remove\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"a\":1},\"limit\":0}}",
             "delete shop.c {\"q\":{\"a\":{\"$eq\":\"?number\"}},\"limit\":0}");
    has_text("{\"ns\":\"shop.$cmd\",\"command\":{\"update\":\"c\",\"ordered\":true}}",
             "update shop.c");
    has_text("{\"ns\":\"shop.system.buckets.w\",\"command\":{\"count\":\"w\",\"query\":{\"a\":1}}}",
             "count shop.w {\"query\":{\"a\":{\"$eq\":\"?number\"}}}");
    has_text("{\"ns\":\"shop.c\",\"command\":\"unrecognized\"}", "command shop.c");
    has_text("nonsense", "unreadable");
}

static void stages_of_pipelines_stay_in_order_and_keep_names_of_collections(void **state)
{
    (void)state;
    has_text(PIPE("{\"$match\":{\"x\":3,\"y\":{\"$lte\":3}}},{\"$group\":{\"_id\":\"$y\",\"z\":"
                  "{\"$max\":\"$z\"}}}"),
             "aggregate shop.c {\"pipeline\":[{\"$match\":{\"$and\":[{\"x\":{\"$eq\":\"?number\"}},"
             "{\"y\":{\"$lte\":\"?number\"}}]}},{\"$group\":{\"_id\":\"$y\",\"z\":{\"$max\":\"$z\"}"
             "}}]}");
    has_text(PIPE("{\"$lookup\":{\"from\":\"o\",\"let\":{\"v\":\"$x\"},\"pipeline\":[{\"$match\":"
                  "{\"a\":1}}],\"as\":\"o\"}}"),
             "aggregate shop.c {\"pipeline\":[{\"$lookup\":{\"from\":\"o\",\"let\":{\"v\":\"$x\"},"
             "\"pipeline\":[{\"$match\":{\"a\":{\"$eq\":\"?number\"}}}],\"as\":\"o\"}}]}");
    has_text(PIPE("{\"$facet\":{\"data\":[{\"$skip\":40},{\"$limit\":20}],\"total\":[{\"$count\":"
                  "\"n\"}]}}"),
             "aggregate shop.c {\"pipeline\":[{\"$facet\":{\"data\":[{\"$skip\":\"?number\"},"
             "{\"$limit\":\"?number\"}],\"total\":[{\"$count\":\"n\"}]}}]}");
}

static void a_getmore_is_the_query_whose_cursor_it_reads(void **state)
{
    (void)state;
    const char *more = "{\"ns\":\"shop.c\",\"command\":{\"getMore\":5459812041088193377,"
                       "\"collection\":\"c\"},\"originatingCommand\":{\"find\":\"c\",\"filter\":"
                       "{\"a\":7}}}";
    assert_true(id(more) == id(FILTER("{\"a\":5}")));
    has_text("{\"ns\":\"shop.c\",\"command\":{\"getMore\":5,\"collection\":\"c\"}}",
             "getMore shop.c (query unknown)");
}

static void a_text_tells_its_collection(void **state)
{
    (void)state;
    slice name;
    bool written;
    assert_true(mongodb_normaliser.subject(SLICE("find shop.c {\"filter\":1}"), &name, &written));
    assert_true(slice_is(name, "shop.c") && !written);
    assert_true(mongodb_normaliser.subject(SLICE("update shop.system.views"), &name, &written));
    assert_true(slice_is(name, "shop.system.views") && written);
    assert_false(mongodb_normaliser.subject(SLICE("ping admin"), &name, &written));
    assert_false(mongodb_normaliser.subject(SLICE("unreadable"), &name, &written));
}

/* --- identity ---------------------------------------------------------------------- */

static const struct {
    const char *a, *b;
} same[] = {
    {FILTER("{\"a\":5}"), FILTER("{\"a\":\"x\"}")},
    {FILTER("{\"a\":5,\"b\":6}"), FILTER("{\"b\":1,\"a\":2}")},
    {FILTER("{\"a\":5,\"b\":6}"), FILTER("{\"$and\":[{\"b\":1},{\"$and\":[{\"a\":2}]}]}")},
    {FILTER("{\"$or\":[{\"a\":1}]}"), FILTER("{\"a\":1}")},
    {FILTER("{\"$or\":[{\"a\":1}],\"b\":2}"), FILTER("{\"b\":2,\"a\":1}")},
    {FILTER("{\"$or\":[{\"a\":1},{\"b\":2}],\"c\":3}"),
     FILTER("{\"c\":3,\"$or\":[{\"b\":2},{\"a\":1}]}")},
    {FILTER("{\"$or\":[{\"a\":1},{\"a\":2}]}"),
     FILTER("{\"$or\":[{\"a\":1},{\"a\":2},{\"a\":3}]}")},
    {FILTER("{\"a\":{\"$in\":[1]}}"), FILTER("{\"a\":{\"$in\":[1,\"x\",null]}}")},
    {FILTER("{\"items.1.q\":1}"), FILTER("{\"items.999.q\":1}")},
    {FILTER("{\"u.5f90e685c8352e00014abb3f\":1}"), FILTER("{\"u.5f90e685c8352e00014abb40\":1}")},
    {FIND("\"filter\":{},\"limit\":20"), FIND("\"filter\":{},\"limit\":7")},
    {PIPE("{\"$group\":{\"_id\":1,\"a\":{\"$sum\":1},\"b\":{\"$max\":\"$x\"}}}"),
     PIPE("{\"$group\":{\"_id\":1,\"b\":{\"$max\":\"$x\"},\"a\":{\"$sum\":2}}}")},
    {FILTER("{\"a\":{\"$regularExpression\":{\"pattern\":\"x\",\"options\":\"i\"}}}"),
     FILTER("{\"a\":{\"$regex\":\"y\",\"$options\":\"i\"}}")},
};

static const struct {
    const char *a, *b;
} different[] = {
    {FILTER("{\"a\":{\"b\":1}}"), FILTER("{\"a.b\":1}")},
    {FILTER("{\"a\":{\"$in\":[]}}"), FILTER("{\"a\":{\"$in\":[1]}}")},
    {FILTER("{\"a\":{\"$gt\":1}}"), FILTER("{\"a\":{\"$lt\":1}}")},
    {FILTER("{\"a\":{\"$not\":{\"$gt\":1}}}"), FILTER("{\"a\":{\"$gt\":1}}")},
    {FILTER("{\"$or\":[{\"a\":1},{\"b\":2}]}"), FILTER("{\"a\":1,\"b\":2}")},
    {FILTER("{\"$or\":[{\"a\":1},{\"b\":2}]}"), FILTER("{\"$nor\":[{\"a\":1},{\"b\":2}]}")},
    {FILTER("{\"$or\":[{\"a\":1},{\"a\":2}]}"), FILTER("{\"$or\":[{\"a\":1}]}")},
    {FIND("\"sort\":{\"a\":1,\"b\":1}"), FIND("\"sort\":{\"b\":1,\"a\":1}")},
    {FIND("\"sort\":{\"a\":1}"), FIND("\"sort\":{\"a\":-1}")},
    {FIND("\"skip\":5"), FIND("\"limit\":5")},
    {FIND("\"filter\":{}"), FIND("\"limit\":5")},
    {FIND("\"projection\":{\"a\":1}"), FIND("\"projection\":{\"a\":0}")},
    {PIPE("{\"$match\":{}},{\"$limit\":1}"), PIPE("{\"$limit\":1},{\"$match\":{}}")},
    {PIPE("{\"$lookup\":{\"from\":\"a\"}}"), PIPE("{\"$lookup\":{\"from\":\"b\"}}")},
    {"{\"ns\":\"a.c\",\"command\":{\"find\":\"c\"}}",
     "{\"ns\":\"b.c\",\"command\":{\"find\":\"c\"}}"},
    {"{\"ns\":\"a.c\",\"command\":{\"find\":\"c\"}}",
     "{\"ns\":\"a.c\",\"command\":{\"count\":\"c\"}}"},
    {FILTER("{\"a\":{\"$regex\":\"^x\"}}"), FILTER("{\"a\":{\"$regex\":\"x\"}}")},
    {FILTER("{\"a\":{\"$regex\":\"x\"}}"), FILTER("{\"a\":{\"$regex\":\"x\",\"$options\":\"i\"}}")},
};

static void order_types_and_numbers_of_branches_are_no_identity(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(id(same[i].a) == id(same[i].b));
    }
}

static void what_changes_the_answer_or_its_plan_is_another_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(different); i++) {
        assert_true(id(different[i].a) != id(different[i].b));
    }
}

static void equal_branches_stand_once(void **state)
{
    (void)state;
    has_filter(FILTER("{\"$or\":[{\"a\":1},{\"a\":2},{\"b\":3},{\"a\":4}]}"),
               "{\"$or\":[{\"a\":{\"$eq\":\"?number\"}},{\"b\":{\"$eq\":\"?number\"}}]}");
}

static void a_cut_command_is_told_apart_by_the_server_s_hash(void **state)
{
    (void)state;
    static const char one[] = "{\"ns\":\"shop.c\",\"queryShapeHash\":\"65B089ED\",\"command\":"
                              "{\"find\":\"c\",\"filter\":{}}}";
    static const char same_hash[] =
        "{\"ns\":\"shop.c\",\"queryShapeHash\":\"65B089ED\",\"command\":"
        "{\"find\":\"c\",\"filter\":{\"a\":1}}}";
    static const char other_hash[] =
        "{\"ns\":\"shop.c\",\"queryShapeHash\":\"3359F259\",\"command\":"
        "{\"find\":\"c\",\"filter\":{}}}";
    buf text;
    buf_init(&text, TEXT_MAX);
    uint64_t cut = read_statement(one, true, &text).fingerprint;
    assert_string_equal(text.p, "find shop.c ~cut 65B089ED");
    assert_true(cut != id(one));
    assert_true(cut == read_statement(same_hash, true, &text).fingerprint);
    assert_true(cut != read_statement(other_hash, true, &text).fingerprint);
    buf_free(&text);
}

static void the_end_of_the_statement_may_be_missing_behind_its_members(void **state)
{
    (void)state;
    static const char whole[] = FILTER("{\"a\":1}");
    normalised n;
    mongodb_normaliser.run(slice_of(whole, sizeof whole - 2), false, &n, NULL);
    assert_true(n.fingerprint == id(whole));
}

/* --- bounds ------------------------------------------------------------------------ */

static void a_text_is_cut_at_its_maximum_and_an_identity_is_not(void **state)
{
    (void)state;
    buf long_one;
    buf other;
    buf text;
    buf_init(&long_one, TEXT_MAX);
    buf_init(&other, TEXT_MAX);
    buf_init(&text, TEXT_MAX);
    buf_add_text(&long_one, "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{");
    for (int i = 0; i < 2000; i++) {
        buf_printf(&long_one, "\"field%c%c%c\":1,", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676);
    }
    buf_add(&other, buf_slice(&long_one));
    buf_add_text(&long_one, "\"z\":1}}}");
    buf_add_text(&other, "\"y\":1}}}");
    normalised n = read_statement(long_one.p, false, &text);
    assert_in_range(text.n, SHAPE_TEXT_MAX - 64, SHAPE_TEXT_MAX + 8);
    assert_true(slice_ends_with(buf_slice(&text), SLICE(" …")));
    assert_true(n.fingerprint != id(other.p));
    buf_free(&long_one);
    buf_free(&other);
    buf_free(&text);
}

static void deep_nests_end_without_harm(void **state)
{
    (void)state;
    buf statement;
    buf_init(&statement, TEXT_MAX);
    buf_add_text(&statement, "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":");
    for (int i = 0; i < 5000; i++) {
        buf_add_text(&statement, "{\"$or\":[");
    }
    assert_true(id(statement.p) != 0);
    buf_free(&statement);
}

static void the_short_cut_agrees_with_the_reader(void **state)
{
    (void)state;
    outline_memo *memo = calloc(1, sizeof *memo);
    assert_non_null(memo);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(same) + COUNT(different); i++) {
            const char *both[2] = {i < COUNT(same) ? same[i].a : different[i - COUNT(same)].a,
                                   i < COUNT(same) ? same[i].b : different[i - COUNT(same)].b};
            for (int side = 0; side < 2; side++) {
                normalised n;
                statement_values values;
                mongodb_normaliser.run(slice_from(both[side]), false, &n, NULL);
                normalised known =
                    identify(memo, &mongodb_normaliser, slice_from(both[side]), false, &values);
                assert_true(known.fingerprint == n.fingerprint);
                assert_true(known.spelling == n.spelling);
            }
        }
    }
    free(memo);
}

static void counts_by_the_short_cut_are_the_readers(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        count_kind limit, offset;
        uint64_t rows, passed; /* of COUNT_NUMBER */
    } rows[] = {
        {FIND("\"skip\":400,\"limit\":200"), COUNT_NUMBER, COUNT_NUMBER, 200, 400},
        {FIND("\"skip\":600,\"limit\":500"), COUNT_NUMBER, COUNT_NUMBER, 500, 600},
        {FIND("\"skip\":12.5,\"limit\":500"), COUNT_NUMBER, COUNT_OTHER, 500, 0},
        {FIND("\"filter\":{\"a\":7},\"skip\":{\"$numberLong\":\"900\"}"), COUNT_NONE, COUNT_NUMBER,
         0, 900},
        {FIND("\"filter\":{\"a\":7},\"skip\":{\"$numberLong\":\"800\"}"), COUNT_NONE, COUNT_NUMBER,
         0, 800},
        {"{\"ns\":\"shop.c\",\"command\":{\"aggregate\":\"c\",\"pipeline\":[{\"$match\":{\"a\":123}"
         "},"
         "{\"$skip\":300},{\"$limit\":100}]}}",
         COUNT_NUMBER, COUNT_NUMBER, 100, 300},
        {"{\"ns\":\"shop.c\",\"command\":{\"aggregate\":\"c\",\"pipeline\":[{\"$match\":{\"a\":456}"
         "},"
         "{\"$skip\":500},{\"$limit\":200}]}}",
         COUNT_NUMBER, COUNT_NUMBER, 200, 500},
    };
    outline_memo *memo = calloc(1, sizeof *memo);
    assert_non_null(memo);
    for (size_t i = 0; i < 3 * COUNT(rows); i++) {
        statement_values v;
        size_t at = i % COUNT(rows);
        assert_true(
            identify(memo, &mongodb_normaliser, slice_from(rows[at].statement), false, &v).counts);
        assert_int_equal(v.limit.kind, rows[at].limit);
        assert_int_equal(v.offset.kind, rows[at].offset);
        assert_true(v.limit.kind != COUNT_NUMBER || v.limit.value == rows[at].rows);
        assert_true(v.offset.kind != COUNT_NUMBER || v.offset.value == rows[at].passed);
    }
    free(memo);
}

static void an_outline_forgets_values_only(void **state)
{
    (void)state;
    static const char statement[] =
        FIND("\"filter\":{\"a\":\"secret\",\"b\":12345},\"sort\":{\"a\":-1}");
    char outline[sizeof statement];
    outlined taken = {.n = 0};
    size_t n = mongodb_outline(SLICE(statement), outline, &taken);
    assert_true(
        slice_equal(slice_of(outline, n),
                    SLICE("{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"a\":\","
                          "\"b\":+},\"sort\":{\"a\":-1},\"$db\":\"}}")));
    assert_int_equal(mongodb_outline(SLICE("{\"a\": 1}"), outline, &taken), 0);
    assert_int_equal(mongodb_outline(SLICE("{\"a"), outline, &taken), 0);
    /* Behind such a value nothing is read, so that it is not as good as any other. */
    static const char *const damaged[] = {"\"x\ny\"", "\"\\q\"", "\"\\u00g0\"", "0123",
                                          "12345.",   "1.2.3",   "-",           "+",
                                          "+12345",   "\"x\"y",  "123\"x\""};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        char text[64];
        int length = snprintf(text, sizeof text, "{\"a\":%s,\"b\":1}", damaged[i]);
        assert_int_equal(mongodb_outline(slice_of(text, (size_t)length), outline, &taken), 0);
    }
}

static uint64_t values_of(const char *statement)
{
    char outline[1024];
    outlined taken = {.n = 0};
    assert_true(mongodb_outline(slice_from(statement), outline, &taken) > 0);
    return mix64(taken.literals, taken.kept);
}

static void values_differ_by_what_is_asked_for_not_by_the_session(void **state)
{
    (void)state;
    uint64_t a = values_of(FIND("\"filter\":{\"a\":\"x\"},\"lsid\":{\"id\":{\"$uuid\":\"17\"}}"));
    uint64_t b = values_of(FIND("\"filter\":{\"a\":\"x\"},\"lsid\":{\"id\":{\"$uuid\":\"18\"}}"));
    uint64_t c = values_of(FIND("\"filter\":{\"a\":\"y\"},\"lsid\":{\"id\":{\"$uuid\":\"17\"}}"));
    uint64_t short_number = values_of(FIND("\"filter\":{\"a\":7}"));
    uint64_t another = values_of(FIND("\"filter\":{\"a\":8}"));
    assert_true(a == b);
    assert_true(a != c);
    assert_true(short_number != another);
}

static void skip_and_limit_are_read_wherever_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        uint64_t skip, limit;
    } rows[] = {
        {FIND("\"filter\":{},\"skip\":40,\"limit\":20"), 40, 20},
        {FIND("\"skip\":{\"$numberLong\":\"4000\"}"), 4000, 0},
        {"{\"ns\":\"shop.c\",\"command\":{\"aggregate\":\"c\",\"pipeline\":[{\"$match\":{\"a\":1}},"
         "{\"$skip\":60},{\"$limit\":10}],\"$db\":\"shop\"}}",
         60, 10},
        {FIND("\"filter\":{\"skip\":5}"), 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        statement_values v;
        normalised n;
        mongodb_normaliser.run(slice_from(rows[i].command), false, &n, NULL);
        mongodb_normaliser.values(slice_from(rows[i].command), &v);
        assert_int_equal(n.counts, rows[i].skip + rows[i].limit > 0);
        assert_int_equal(v.offset.value, rows[i].skip);
        assert_int_equal(v.limit.value, rows[i].limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_are_written_as_the_server_writes_its_shapes),
        cmocka_unit_test(
            an_object_is_a_value_of_another_type_only_where_it_is_that_and_nothing_else),
        cmocka_unit_test(commands_keep_what_tells_them_apart),
        cmocka_unit_test(stages_of_pipelines_stay_in_order_and_keep_names_of_collections),
        cmocka_unit_test(a_getmore_is_the_query_whose_cursor_it_reads),
        cmocka_unit_test(a_text_tells_its_collection),
        cmocka_unit_test(order_types_and_numbers_of_branches_are_no_identity),
        cmocka_unit_test(what_changes_the_answer_or_its_plan_is_another_query),
        cmocka_unit_test(equal_branches_stand_once),
        cmocka_unit_test(a_cut_command_is_told_apart_by_the_server_s_hash),
        cmocka_unit_test(the_end_of_the_statement_may_be_missing_behind_its_members),
        cmocka_unit_test(a_text_is_cut_at_its_maximum_and_an_identity_is_not),
        cmocka_unit_test(deep_nests_end_without_harm),
        cmocka_unit_test(the_short_cut_agrees_with_the_reader),
        cmocka_unit_test(counts_by_the_short_cut_are_the_readers),
        cmocka_unit_test(an_outline_forgets_values_only),
        cmocka_unit_test(values_differ_by_what_is_asked_for_not_by_the_session),
        cmocka_unit_test(skip_and_limit_are_read_wherever_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
