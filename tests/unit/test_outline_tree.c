/* test_outline_tree.c - what the tree of outlines finds is what making the outline gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "normalise/mongodb.h"
#include "normalise/outline_memo.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define FIND(rest)  "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\"," rest ",\"$db\":\"shop\"}}"

static void assert_found_as_made(outline_tree *tree, slice statement)
{
    char to[1024];
    outlined found;
    outlined made = {.n = 0};
    const outline_knowledge *known =
        outline_tree_find(tree, &mongodb_normaliser, statement, &found);
    assert_non_null(known);
    assert_true(mongodb_outline(statement, to, &made) > 0);
    assert_true(found.literals == made.literals && known->kept == (uint32_t)made.kept);
    assert_int_equal(found.n, made.n);
    for (uint32_t i = 0; i < made.n; i++) {
        assert_true(slice_equal(found.pieces[i].text, made.pieces[i].text));
        assert_int_equal(found.pieces[i].kind, made.pieces[i].kind);
    }
}

static void what_came_twice_is_found_with_other_literals(void **state)
{
    (void)state;
    static const char *const rows[] = {
        FIND("\"filter\":{\"a\":123,\"b\":\"x\"},\"limit\":5,\"lsid\":{\"id\":\"17\"}"),
        FIND("\"filter\":{\"a\":4567.25,\"b\":\"\"},\"limit\":5,\"lsid\":{\"id\":\"1\"}"),
        FIND("\"filter\":{\"a\":999,\"b\":\"long \\\" \\u00e9 "
             "\\\\\"},\"limit\":5,\"lsid\":{\"id\":\"\"}"),
    };
    outline_memo *memo = calloc(1, sizeof *memo);
    statement_values values;
    assert_non_null(memo);
    identify(memo, &mongodb_normaliser, slice_from(rows[0]), false, &values);
    assert_int_equal(memo->tree.n_leaves, 0);
    identify(memo, &mongodb_normaliser, slice_from(rows[0]), false, &values);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_found_as_made(&memo->tree, slice_from(rows[i]));
    }
    free(memo);
}

/* Each differs from the first in what is kept, or in what is taken out. */
static void what_differs_is_not_found(void **state)
{
    (void)state;
    static const char first[] =
        FIND("\"filter\":{\"a\":123,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}");
    static const char *const others[] = {
        FIND("\"filter\":{\"a\":-123,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":12,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":0.0,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":0123,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":1e3,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":\"123\",\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"$x\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\\q\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\ny\",\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":null,\"c\":{\"$numberLong\":\"456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\",\"c\":{\"$numberLong\":\"-456\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\",\"c\":{\"$numberLong\":\"4\"}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\",\"c\":{\"$numberLong\":456}}"),
        FIND("\"filter\":{\"a\":123,\"b\":\"x\",\"c\":{\"$numberLong\":\"456\"}}") " ",
        "{\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{\"a\":123",
        "",
    };
    outline_memo *memo = calloc(1, sizeof *memo);
    outlined found;
    statement_values values;
    assert_non_null(memo);
    for (int i = 0; i < 2; i++) {
        identify(memo, &mongodb_normaliser, SLICE(first), false, &values);
    }
    assert_found_as_made(&memo->tree, SLICE(first));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(
            outline_tree_find(&memo->tree, &mongodb_normaliser, slice_from(others[i]), &found));
    }
    free(memo);
}

/* Beyond its size it stays as it is, and what it says is true. */
static void the_tree_is_bounded(void **state)
{
    (void)state;
    enum { STATEMENTS = 3000 };
    outline_memo *memo = calloc(1, sizeof *memo);
    assert_non_null(memo);
    for (int i = 0; i < 3 * STATEMENTS; i++) {
        char text[256];
        int at = i % STATEMENTS;
        int length = snprintf(text, sizeof text, FIND("\"filter\":{\"a\":%d,\"b%d\":%d,\"c%d\":1}"),
                              1000 + at, at % 50, 1000 + at, at / 50);
        slice statement = slice_of(text, (size_t)length);
        normalised read;
        statement_values values;
        mongodb_normaliser.run(statement, false, &read, NULL);
        normalised known = identify(memo, &mongodb_normaliser, statement, false, &values);
        assert_true(known.fingerprint == read.fingerprint && known.spelling == read.spelling);
    }
    assert_int_equal(memo->tree.n_leaves, TREE_LEAVES);
    free(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_twice_is_found_with_other_literals),
        cmocka_unit_test(what_differs_is_not_found),
        cmocka_unit_test(the_tree_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
