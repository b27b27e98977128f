/* test_outline.c - the short cut past the lexer: an outline takes out plain numbers and strings
 * only, and never decides otherwise than the lexer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "normalise/outline_memo.h"

enum { STATEMENT_MAX = 8192 };

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static slice outline(const char *statement, char *to)
{
    outlined taken = {.n = 0};
    return slice_of(to, sql_outline(slice_from(statement), to, &taken));
}

static void literals_are_taken_out_and_all_else_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        const char *outline;
    } rows[] = {
        {"SELECT 1", "SELECT 0"},
        {"SELECT 12.50, 'it''s', x FROM t1 WHERE a=-7", "SELECT 0, ', x FROM t1 WHERE a=-0"},
        {"SELECT t.c2, $1, $22 FROM \"T 1\"", "SELECT t.c2, $1, $22 FROM \"T 1\""},
        {"SELECT '', 007", "SELECT ', 0"},
        {"select a[1:22]", "select a[0:0]"},
        /* Numbers of other forms are the lexer's. */
        {"SELECT 0x1F, 1e5, 5., .5, 1_000", "SELECT 0x1F, 1e5, 5., .5, 1_000"},
        {"SELECT 1.5e3, 1.2.3", "SELECT 1.5e3, 1.2.3"},
    };
    char to[STATEMENT_MAX];
    for (size_t i = 0; i < COUNT(rows); i++) {
        slice o = outline(rows[i].statement, to);
        assert_int_equal(o.n, strlen(rows[i].outline));
        assert_memory_equal(o.p, rows[i].outline, o.n);
    }
}

static void what_takes_a_lexer_has_no_outline(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "SELECT 1 -- it's",  "SELECT /* ' */ 1", "SELECT $$it's$$", "SELECT $tag$'$tag$",
        "SELECT 'a\\'b'",    "SELECT 'open",     "SELECT \"open",   "SELECT 1 # it's",
        "SELECT `a'b`, 'c'", "SELECT a$",
    };
    char to[STATEMENT_MAX];
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(outline(rows[i], to).n, 0);
    }
}

static void fingerprint_is_the_lexers_met_before_or_not(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "SELECT * FROM t WHERE id = 1",
        "SELECT * FROM t WHERE id = 2",
        "SELECT * FROM t WHERE id = -2",
        "SELECT * FROM t WHERE id IN (1, 2, 3)",
        "SELECT * FROM t WHERE id IN (1, 2)",
        "SELECT * FROM t WHERE id = '1'",
        "SELECT * FROM t1 WHERE id = '1'",
        "SELECT * FROM t2 WHERE id = 'x'",
        "SELECT $1, 'a' 'b'",
        "SELECT $2, 'a'\n'b'",
        "SELECT E'a', N'b', x'1F'",
        "SELECT 1 -- '",
        "",
        " ",
    };
    const normaliser *n = normaliser_find("postgresql");
    outline_memo *memo = calloc(1, sizeof *memo);
    assert_non_null(memo);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            normalised lexed;
            statement_values values;
            n->run(slice_from(rows[i]), false, &lexed, NULL);
            assert_int_equal(identify(memo, n, slice_from(rows[i]), false, &values).fingerprint,
                             lexed.fingerprint);
            n->run(slice_from(rows[i]), true, &lexed, NULL);
            assert_int_equal(identify(memo, n, slice_from(rows[i]), true, &values).fingerprint,
                             lexed.fingerprint);
        }
    }
    free(memo);
}

/* What the short cut tells of counts, patterns and lists is what reading the statement tells,
 * whichever statement with the outline came first. */
static void counts_are_the_lexers_met_before_or_not(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "SELECT 1 LIMIT 20 OFFSET 40",
        "SELECT 2 LIMIT 30 OFFSET 60",
        "SELECT 2 LIMIT 30 OFFSET 6.5",
        "SELECT 2 LIMIT 30 OFFSET 1234567890123456789012",
        "SELECT 'a' OFFSET '7' LIMIT 3",
        "SELECT 'b' OFFSET '9' LIMIT 4",
        "SELECT a OFFSET 7.5 LIMIT 3", /* no number of rows before one that is */
        "SELECT a OFFSET 8 LIMIT 4",
        "SELECT a OFFSET 10 FETCH FIRST ROW ONLY",
        "SELECT a OFFSET 20 FETCH FIRST ROW ONLY",
        "SELECT a LIMIT $1 OFFSET 5",
        "SELECT a LIMIT $1 OFFSET 6",
        "SELECT a LIMIT 10 * 2 OFFSET 5",
        "SELECT a LIMIT 11 * 3 OFFSET 6",
        "SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 OFFSET 17",
        "SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 OFFSET 18",
        "SELECT a FROM t WHERE b LIKE 'x%' LIMIT 5", /* how a pattern begins differs */
        "SELECT a FROM t WHERE b LIKE '%x' LIMIT 6",
        "SELECT a FROM t WHERE b LIKE $1 AND c LIKE 'x' LIMIT 5",
        "SELECT a FROM t WHERE b LIKE $1 AND c LIKE '_x' LIMIT 5",
        "SELECT a FROM t WHERE b IN (1, 2, 3) LIMIT 5",
        "SELECT a FROM t WHERE b IN (1, 2, 3, 4) LIMIT 5",
        "SELECT a FROM (VALUES (1), (2)) t LIMIT 5",
    };
    const normaliser *n = normaliser_find("postgresql");
    outline_memo *memo = calloc(1, sizeof *memo);
    assert_non_null(memo);
    for (size_t i = 0; i < 3 * COUNT(rows); i++) {
        statement_values read;
        statement_values values;
        slice statement = slice_from(rows[i % COUNT(rows)]);
        n->values(statement, &read);
        assert_true(identify(memo, n, statement, false, &values).counts);
        assert_int_equal(values.limit.kind, read.limit.kind);
        assert_int_equal(values.offset.kind, read.offset.kind);
        assert_true(values.limit.kind != COUNT_NUMBER || values.limit.value == read.limit.value);
        assert_true(values.offset.kind != COUNT_NUMBER || values.offset.value == read.offset.value);
        assert_int_equal(values.pattern, read.pattern);
        assert_int_equal(values.longest_in, read.longest_in);
        assert_int_equal(values.rows, read.rows);
    }
    free(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_taken_out_and_all_else_is_kept),
        cmocka_unit_test(what_takes_a_lexer_has_no_outline),
        cmocka_unit_test(fingerprint_is_the_lexers_met_before_or_not),
        cmocka_unit_test(counts_are_the_lexers_met_before_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
