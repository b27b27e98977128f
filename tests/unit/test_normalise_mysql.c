/* test_normalise_mysql.c - where MySQL's and MariaDB's SQL is read unlike PostgreSQL's. The rules
 * that they share are tested in test_normalise.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "normalise/normalise.h"
#include "normalise/outline_memo.h"

enum { TEXT_MAX = 1 << 16 };

typedef struct pair {
    const char *a;
    const char *b;
} pair;

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static normalised run(slice statement, bool truncated, buf *text)
{
    normalised out;
    normaliser_find("mysql")->run(statement, truncated, &out, text);
    return out;
}

static uint64_t id(const char *statement)
{
    return run(slice_from(statement), false, NULL).fingerprint;
}

/* clang-format off */
static const pair same[] = {
    /* strings */
    {"SELECT 'a', b", "SELECT \"it's\", b"},
    {"SELECT 'a', b", "SELECT 'it\\'s', b"},
    {"SELECT 'a', b", "SELECT \"say \\\"x\\\"\", b"},
    {"SELECT 'a', b", "SELECT \"say \"\"x\"\"\", b"},
    {"SELECT 'a', b", "SELECT '\\\\', b"},
    {"SELECT 'a', b", "SELECT 'a' \"b\", b"},
    {"SELECT 'a', b", "SELECT x'1F', b"},
    {"SELECT 'a', b", "SELECT N'x', b"},
    {"SELECT 'a', b", "SELECT _utf8mb4'x', b"},
    {"SELECT 'a', b", "SELECT _latin1 'x', b"},
    {"SELECT a WHERE d = '2024-01-01'", "SELECT a WHERE d = DATE '2024-01-02'"},
    {"SELECT a IN ('x')", "SELECT a IN (\"x\", 'y', 3)"},
    /* comments */
    {"SELECT a", "SELECT a # it's over"},
    {"SELECT a", "SELECT a -- it's over"},
    {"SELECT a", "SELECT a --\n"},
    {"SELECT a", "SELECT /* b /* c */ a"},
    {"SELECT a", "SELECT /*+ MAX_EXECUTION_TIME(5) */ a"},
    {"SELECT STRAIGHT_JOIN a", "SELECT /*! STRAIGHT_JOIN */ a"},
    {"SELECT SQL_NO_CACHE a, b", "SELECT /*!40001 SQL_NO_CACHE */ a /*M!100100 , b */"},
    {"SELECT a--1", "SELECT a - -1"},
    /* names */
    {"SELECT a FROM t", "SELECT `a` FROM `t`"},
    {"SELECT t.`order` FROM t", "SELECT `t`.`order` FROM `t`"},
    /* values and lists */
    {"INSERT INTO t VALUES (1, 2)", "INSERT INTO t VALUES (1, 2), (3, 4)"},
    {"INSERT INTO t VALUES ROW(1, 2)", "INSERT INTO t VALUES ROW(1, 2), ROW(3, 4)"},
    {"INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = 2",
     "INSERT INTO t (a) VALUES (1), (2) ON DUPLICATE KEY UPDATE a = VALUES(a), b = 3"},
    {"SELECT a LIMIT 5, 10", "SELECT a LIMIT 1, 2"},
    {"SELECT a <=> 1", "SELECT a <=> NULL"},
    {"SELECT a=@b", "SELECT a = @b"},
    {"SELECT @a:=@a+1", "SELECT @a := @a + 2"},
    {"SELECT a WHERE b = ?", "SELECT a WHERE b = 1"},
    {"SELECT a WHERE b = 0x1F", "SELECT a WHERE b = b'1'"},
    {"SELECT a IN (CAST('x' AS DATE))", "SELECT a IN (CAST('x' AS DATE), CAST('y' AS DATE))"},
    /* statements */
    {"SET autocommit=0", "SET autocommit = 1"},
    {"SET NAMES utf8 COLLATE 'x'", "SET NAMES utf8 COLLATE 'y'"},
    {"SET PASSWORD FOR 'a'@'b' = 'x'", "SET PASSWORD FOR 'c'@'d' = 'y'"},
    {"INSERT INTO t VALUES (1, 2)", "INSERT INTO t VALUE (1, 2), (3, 4)"},
    {"REPLACE INTO t (a) VALUES (1)", "REPLACE INTO t (a) value (1), (2)"},
    {"CALL p(1, 'x', @out)", "CALL p(2, \"y\", @out)"},
    {"LOAD DATA INFILE '/a' INTO TABLE t", "LOAD DATA INFILE '/b' INTO TABLE t"},
    {"KILL 5", "KILL 77"},
    {"ROLLBACK TO SAVEPOINT a", "ROLLBACK TO b"},
    {"# administrator command: Quit", " # administrator command: Quit ;"},
    {"administrator command: it's 1'", "administrator command: it's 2'"}, /* no command of a server */
};

static const pair different[] = {
    {"SELECT \"a\"", "SELECT `a`"},
    {"SELECT `A b`", "SELECT `a b`"},
    {"SELECT `Ab`", "SELECT `ab`"},
    {"SELECT a --1", "SELECT a"},
    {"SELECT a LIMIT 5, 10", "SELECT a LIMIT 10"},
    {"SELECT a LIMIT 5, 10", "SELECT a LIMIT 10 OFFSET 5"},
    {"SELECT a <=> 1", "SELECT a = 1"},
    {"SELECT @a", "SELECT @b"},
    {"SELECT @a", "SELECT @@a"},
    {"SELECT @a := 1", "SELECT @a = 1"},
    {"SELECT a IS NULL", "SELECT a IS NOT NULL"},
    {"SELECT a + INTERVAL 1 DAY", "SELECT a + INTERVAL 1 MONTH"},
    {"SELECT 2 */* c */ 3, 4", "SELECT 2, 4"},
    {"SELECT /*! DISTINCT */ a", "SELECT a"},
    {"SELECT _utf8 FROM t", "SELECT 'x' FROM t"},
    {"SELECT a 'x'", "SELECT 'x'"},
    {"INSERT INTO t SET a = 1", "INSERT INTO t SET b = 1"},
    {"SET @a = (SELECT max(b) FROM t)", "SET @a = (SELECT max(b) FROM u)"},
    {"SET @a = 1, @b = 2", "SET @a = 1"},
    {"SELECT value(1), a", "SELECT values(1), a"},
    {"INSERT INTO t VALUES (1)", "INSERT IGNORE INTO t VALUES (1)"},
    {"INSERT INTO t VALUES (1)", "REPLACE INTO t VALUES (1)"},
    {"USE a", "USE b"},
    {"SHOW TABLES", "SHOW COLUMNS FROM t"},
    {"# administrator command: Quit", "# administrator command: Ping"},
    {"# administrator command: Quit", ""},
};

static const pair spellings[] = {
    {"select `id`,`order`, `x y`, `t`.`Name` from `t` where `a`='it\\'s' limit 10,20 # end",
     "SELECT id, `order`, `x y`, t.`Name` FROM t WHERE a = ? LIMIT ?, ?"},
    {"insert into t values row(1,2),row(3,4)", "INSERT INTO t VALUES (?, ?)"},
    {"select @a:=@@global.x, b<=>\"c\"", "SELECT @a := @@global.x, b <=> ?"},
    {"select cast('1' as signed), now() - interval 7 day",
     "SELECT CAST(? AS signed), now() - interval ? day"},
    {"# administrator command: Quit", "administrator command: Quit"},
    {"create user 'u'@'h' identified by 'secret'", "CREATE USER ? @ ? identified BY ?"},
};
/* clang-format on */

static void statements_of_one_query_have_one_fingerprint(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        if (id(same[i].a) != id(same[i].b)) {
            fail_msg("not the same: %s | %s", same[i].a, same[i].b);
        }
    }
}

static void statements_of_two_queries_have_two_fingerprints(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(different); i++) {
        if (id(different[i].a) == id(different[i].b)) {
            fail_msg("the same: %s | %s", different[i].a, different[i].b);
        }
    }
}

static void text_is_spelled_as_people_write_sql(void **state)
{
    (void)state;
    buf text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        buf_clear(&text);
        run(slice_from(spellings[i].a), false, &text);
        assert_string_equal(text.p, spellings[i].b);
    }
    buf_free(&text);
}

static void assert_own_text_is_same_query(slice statement, bool truncated)
{
    buf text;
    buf again;
    buf_init(&text, TEXT_MAX);
    buf_init(&again, TEXT_MAX);
    normalised first = run(statement, truncated, &text);
    normalised second = run(buf_slice(&text), false, &again);
    if (first.fingerprint != second.fingerprint ||
        !slice_equal(buf_slice(&text), buf_slice(&again))) {
        fail_msg("%.*s gives %s, which gives %s", (int)statement.n, statement.p, text.p, again.p);
    }
    buf_free(&text);
    buf_free(&again);
}

static void text_is_a_statement_of_the_same_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(same) + COUNT(different); i++) {
        const pair *p = i < COUNT(same) ? &same[i] : &different[i - COUNT(same)];
        slice sides[] = {slice_from(p->a), slice_from(p->b)};
        for (size_t side = 0; side < 2; side++) {
            assert_own_text_is_same_query(sides[side], false);
            for (size_t n = 0; n <= sides[side].n; n++) {
                assert_own_text_is_same_query(slice_take(sides[side], n), true);
            }
        }
    }
}

static void short_cut_agrees_with_the_lexer(void **state)
{
    (void)state;
    const normaliser *n = normaliser_find("mysql");
    outline_memo *memo = calloc(1, sizeof *memo);
    statement_values values;
    assert_non_null(memo);
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(identify(memo, n, slice_from(same[i].a), false, &values).fingerprint ==
                    id(same[i].a));
        assert_true(identify(memo, n, slice_from(same[i].b), false, &values).fingerprint ==
                    id(same[i].b));
    }
    for (size_t i = 0; i < COUNT(different); i++) {
        assert_true(identify(memo, n, slice_from(different[i].b), false, &values).fingerprint ==
                    id(different[i].b));
    }
    free(memo);
}

static void names_in_backticks_have_an_outline(void **state)
{
    (void)state;
    char to[64];
    outlined taken = {.n = 0};
    slice statement = SLICE("SELECT `a'b`, \"c'd\" FROM t WHERE e = 'f'");
    slice outline = SLICE("SELECT `a'b`, \"c'd\" FROM t WHERE e = '");
    assert_int_equal(mysql_outline(statement, to, &taken), outline.n);
    assert_memory_equal(to, outline.p, outline.n);
    assert_int_equal(mysql_outline(SLICE("SELECT \"a\\\" 'b', c"), to, &taken), 0);
}

static void secrets_do_not_reach_the_text(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "CREATE USER u IDENTIFIED BY 'canary'",
        "CREATE USER u IDENTIFIED BY \"canary\"",
        "ALTER USER u IDENTIFIED WITH plugin AS 'canary\\' canary'",
        "GRANT ALL ON *.* TO u IDENTIFIED BY PASSWORD '*canary'",
        "SET PASSWORD FOR 'u'@'h' = PASSWORD('canary')",
        "SET PASSWORD = 'canary'",
        "CHANGE MASTER TO MASTER_PASSWORD = 'canary'",
        "SELECT AES_ENCRYPT(a, 'canary'), AES_DECRYPT(b, \"canary\")",
        "SELECT _utf8'canary', x'canary', 0xcanary",
        "SELECT 1 # canary",
        "SELECT 1 -- canary",
        "SELECT \"x\\\"canary",
    };
    buf text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < COUNT(forms); i++) {
        for (size_t n = 0; n <= strlen(forms[i]); n++) {
            for (int truncated = 0; truncated < 2; truncated++) {
                buf_clear(&text);
                run(slice_of(forms[i], n), truncated != 0, &text);
                if (text.n > 0 && strstr(text.p, "can") != NULL) {
                    fail_msg("%.*s gives %s", (int)n, forms[i], text.p);
                }
            }
        }
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_of_one_query_have_one_fingerprint),
        cmocka_unit_test(statements_of_two_queries_have_two_fingerprints),
        cmocka_unit_test(text_is_spelled_as_people_write_sql),
        cmocka_unit_test(text_is_a_statement_of_the_same_query),
        cmocka_unit_test(short_cut_agrees_with_the_lexer),
        cmocka_unit_test(names_in_backticks_have_an_outline),
        cmocka_unit_test(secrets_do_not_reach_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
