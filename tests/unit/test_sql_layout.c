/* test_sql_layout.c - where the lines of a statement begin, and what its pieces are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/sql_layout.h"

enum { TEXT_MAX = 1 << 24 };

static void assert_layout(const char *statement, unsigned columns, const char *expected)
{
    buf out;
    buf_init(&out, TEXT_MAX);
    sql_layout_text(slice_from(statement), columns, &out);
    assert_false(out.failed);
    assert_string_equal(out.p != NULL ? out.p : "", expected);
    buf_free(&out);
}

static void what_fits_stays_on_one_line(void **state)
{
    (void)state;
    assert_layout("", 10, "");
    assert_layout("SELECT a FROM t WHERE b = ? AND c = ?", 37,
                  "SELECT a FROM t WHERE b = ? AND c = ?");
    assert_layout("SELECT a FROM t WHERE b = ? AND c = ?", 36,
                  "SELECT a\n"
                  "FROM t\n"
                  "WHERE b = ?\n"
                  "  AND c = ?");
}

static void lines_are_measured_in_code_points(void **state)
{
    (void)state;
    assert_layout("SELECT \xc3\xa9\xc3\xa9 FROM \xe2\x82\xac", 16,
                  "SELECT \xc3\xa9\xc3\xa9 FROM \xe2\x82\xac");
    assert_layout("SELECT \xc3\xa9\xc3\xa9 FROM \xe2\x82\xac", 15,
                  "SELECT \xc3\xa9\xc3\xa9\nFROM \xe2\x82\xac");
}

static void clauses_begin_lines(void **state)
{
    (void)state;
    assert_layout("SELECT a FROM t WHERE b GROUP BY c HAVING d ORDER BY e LIMIT ? OFFSET ? "
                  "FOR UPDATE OF t SKIP LOCKED",
                  60,
                  "SELECT a\n"
                  "FROM t\n"
                  "WHERE b\n"
                  "GROUP BY c\n"
                  "HAVING d\n"
                  "ORDER BY e\n"
                  "LIMIT ? OFFSET ?\n"
                  "FOR UPDATE OF t SKIP LOCKED");
    assert_layout("UPDATE t SET a = ? FROM u WHERE t.b = u.b RETURNING c", 20,
                  "UPDATE t\n"
                  "SET a = ?\n"
                  "FROM u\n"
                  "WHERE t.b = u.b\n"
                  "RETURNING c");
    assert_layout("DELETE FROM t USING u WHERE t.a = u.a", 20,
                  "DELETE FROM t\n"
                  "USING u\n"
                  "WHERE t.a = u.a");
    assert_layout("INSERT INTO t(a) SELECT b FROM u OFFSET ?", 20,
                  "INSERT INTO t(a)\n"
                  "SELECT b\n"
                  "FROM u\n"
                  "OFFSET ?");
}

static void words_that_only_look_like_clauses_begin_no_line(void **state)
{
    (void)state;
    assert_layout("SELECT a IS DISTINCT FROM b AND c IN (?) FROM t", 42,
                  "SELECT a IS DISTINCT FROM b AND c IN (?)\n"
                  "FROM t");
    assert_layout("SELECT \"FROM\" FROM t.LIMIT WHERE aaaaaaaaaa", 30,
                  "SELECT \"FROM\"\n"
                  "FROM t.LIMIT\n"
                  "WHERE aaaaaaaaaa");
    assert_layout("GRANT SELECT, UPDATE ON t TO aaaaaaaaaaaa", 35,
                  "GRANT SELECT,\n"
                  "  UPDATE ON t TO aaaaaaaaaaaa");
    assert_layout("SELECT left(a, ?) FROM aaaaaaaaaaaaaaaaa", 30,
                  "SELECT left(a, ?)\n"
                  "FROM aaaaaaaaaaaaaaaaa");
}

static void conditions_are_divided_at_and_but_not_at_betweens(void **state)
{
    (void)state;
    assert_layout("SELECT a FROM t WHERE b BETWEEN ? AND ? AND c = ? OR d", 40,
                  "SELECT a\n"
                  "FROM t\n"
                  "WHERE b BETWEEN ? AND ?\n"
                  "  AND c = ?\n"
                  "  OR d");
    assert_layout("SELECT a FROM t WHERE (b = ? AND c = ?) OR (dddddd = ? AND (eeeeee = ? OR f))",
                  30,
                  "SELECT a\n"
                  "FROM t\n"
                  "WHERE (b = ? AND c = ?)\n"
                  "  OR (\n"
                  "    dddddd = ?\n"
                  "    AND (eeeeee = ? OR f)\n"
                  "  )");
}

static void a_joins_condition_stands_beside_it_or_below(void **state)
{
    (void)state;
    assert_layout("SELECT a FROM t LEFT OUTER JOIN u ON t.a = u.a CROSS JOIN v", 35,
                  "SELECT a\n"
                  "FROM t\n"
                  "LEFT OUTER JOIN u ON t.a = u.a\n"
                  "CROSS JOIN v");
    assert_layout("SELECT a FROM t JOIN u ON t.a = u.a AND t.b = u.b WHERE c", 30,
                  "SELECT a\n"
                  "FROM t\n"
                  "JOIN u\n"
                  "  ON t.a = u.a AND t.b = u.b\n"
                  "WHERE c");
    assert_layout("SELECT a FROM t JOIN u ON t.a = u.a AND t.b = u.b WHERE c", 25,
                  "SELECT a\n"
                  "FROM t\n"
                  "JOIN u\n"
                  "  ON t.a = u.a\n"
                  "  AND t.b = u.b\n"
                  "WHERE c");
}

static void sub_queries_are_indented_and_closed_on_a_line_of_their_own(void **state)
{
    (void)state;
    assert_layout("SELECT a FROM (SELECT b FROM t WHERE c = ?) AS s JOIN u ON u.a = s.a", 30,
                  "SELECT a\n"
                  "FROM (\n"
                  "  SELECT b\n"
                  "  FROM t\n"
                  "  WHERE c = ?\n"
                  ") AS s\n"
                  "JOIN u ON u.a = s.a");
    assert_layout("WITH a AS (SELECT b FROM t WHERE c = ?), d AS (SELECT ?) SELECT * FROM a, d", 30,
                  "WITH a AS (\n"
                  "  SELECT b\n"
                  "  FROM t\n"
                  "  WHERE c = ?\n"
                  "),\n"
                  "d AS (SELECT ?)\n"
                  "SELECT *\n"
                  "FROM a, d");
}

static void set_operations_stand_between_their_queries(void **state)
{
    (void)state;
    assert_layout("SELECT a FROM t UNION ALL SELECT a FROM u", 30,
                  "SELECT a\n"
                  "FROM t\n"
                  "UNION ALL\n"
                  "SELECT a\n"
                  "FROM u");
    assert_layout("(SELECT a FROM t) EXCEPT (SELECT a FROM u)", 30,
                  "(SELECT a FROM t)\n"
                  "EXCEPT\n"
                  "(SELECT a FROM u)");
}

static void lists_take_as_many_items_a_line_as_fit(void **state)
{
    (void)state;
    assert_layout("SELECT DISTINCT aaaa, bbbb, f(c, d), eeee FROM t", 20,
                  "SELECT DISTINCT\n"
                  "  aaaa, bbbb,\n"
                  "  f(c, d), eeee\n"
                  "FROM t");
    /* 2 + 4 + 2 + 4 + 1: the comma belongs to the item. */
    assert_layout("SELECT aaaa, bbbb, cccc", 13,
                  "SELECT\n"
                  "  aaaa, bbbb,\n"
                  "  cccc");
    assert_layout("SELECT aaaa, bbbb, cccc", 12,
                  "SELECT\n"
                  "  aaaa,\n"
                  "  bbbb, cccc");
    assert_layout("SELECT a, (SELECT b FROM t WHERE c = ?) AS d, e, f FROM u", 25,
                  "SELECT\n"
                  "  a,\n"
                  "  (\n"
                  "    SELECT b\n"
                  "    FROM t\n"
                  "    WHERE c = ?\n"
                  "  ) AS d,\n"
                  "  e, f\n"
                  "FROM u");
}

static void rows_and_upserts(void **state)
{
    (void)state;
    assert_layout("INSERT INTO t(aaaa, bbbb) VALUES (?, ?) ON CONFLICT (aaaa) DO UPDATE "
                  "SET bbbb = excluded.bbbb, c = ? RETURNING aaaa",
                  36,
                  "INSERT INTO t(aaaa, bbbb)\n"
                  "VALUES (?, ?)\n"
                  "ON CONFLICT (aaaa) DO UPDATE SET\n"
                  "  bbbb = excluded.bbbb, c = ?\n"
                  "RETURNING aaaa");
    assert_layout("INSERT INTO t(aaaa, bbbb, cccc) VALUES (?, ?, now())", 20,
                  "INSERT INTO t(\n"
                  "  aaaa, bbbb, cccc\n"
                  ")\n"
                  "VALUES (?, ?, now())");
}

static void a_case_is_divided_where_it_is_long(void **state)
{
    (void)state;
    assert_layout("SELECT CASE WHEN a = ? THEN b WHEN c = ? AND d = ? THEN eeee ELSE f END AS g, h",
                  24,
                  "SELECT\n"
                  "  CASE\n"
                  "    WHEN a = ? THEN b\n"
                  "    WHEN c = ?\n"
                  "      AND d = ?\n"
                  "      THEN eeee\n"
                  "    ELSE f\n"
                  "  END AS g,\n"
                  "  h");
}

static void definitions_have_a_line_for_each_column(void **state)
{
    (void)state;
    assert_layout("CREATE TABLE t(a bigint, b numeric(?, ?) NOT NULL)", 40,
                  "CREATE TABLE t(\n"
                  "  a bigint,\n"
                  "  b numeric(?, ?) NOT NULL\n"
                  ")");
    assert_layout("ALTER TABLE t ADD a text, ADD b text", 30,
                  "ALTER TABLE t ADD a text,\n"
                  "  ADD b text");
    assert_layout("CREATE INDEX i ON t(aaaa) WHERE bbbb AND cccc", 40,
                  "CREATE INDEX i ON t(aaaa)\n"
                  "WHERE bbbb\n"
                  "  AND cccc");
}

static void statements_within_others_are_laid_out_too(void **state)
{
    (void)state;
    assert_layout("EXPLAIN ANALYZE UPDATE t SET a = ? WHERE b", 30,
                  "EXPLAIN ANALYZE\n"
                  "UPDATE t\n"
                  "SET a = ?\n"
                  "WHERE b");
    assert_layout("PREPARE ? (int) AS INSERT INTO t(a) VALUES (?)", 30,
                  "PREPARE ? (int) AS\n"
                  "INSERT INTO t(a)\n"
                  "VALUES (?)");
}

static void every_statement_begins_a_line(void **state)
{
    (void)state;
    assert_layout("BEGIN; SELECT a FROM t; COMMIT", 80, "BEGIN;\nSELECT a FROM t;\nCOMMIT");
    /* A bracket that is left open ends with its statement. */
    assert_layout("SELECT f(aaaa, bbbb; SELECT c", 15, "SELECT\n  f(aaaa, bbbb;\nSELECT c");
}

static void what_has_no_clauses_is_wrapped_at_blanks(void **state)
{
    (void)state;
    assert_layout("aaaa bbbb cccc dddd", 12, "aaaa bbbb\n    cccc\n    dddd");
    assert_layout("aaaaaaaaaaaaaaa", 5, "aaaaaaaaaaaaaaa");
    /* An operator is not left behind. */
    assert_layout("CALL f WITH aaaa = bbbbbbbb", 20, "CALL f WITH aaaa\n    = bbbbbbbb");
}

static void documents_are_divided_at_their_members(void **state)
{
    (void)state;
    assert_layout("{find: \"a b\", filter: {c: ?, d: {$in: [?]}}, limit: ?}", 40,
                  "{\n"
                  "  find: \"a b\",\n"
                  "  filter: {c: ?, d: {$in: [?]}},\n"
                  "  limit: ?\n"
                  "}");
    assert_layout("{\"a\":\"b \\\" c\",\"d\":\"?number\"}", 20,
                  "{\n"
                  "  \"a\":\"b \\\" c\",\n"
                  "  \"d\":\"?number\"\n"
                  "}");
}

static void indents_stop_growing(void **state)
{
    (void)state;
    enum { DEEP = 1000 };
    buf text;
    sql_layout l;
    sql_piece piece;
    size_t pieces = 0;
    unsigned deepest = 0;
    buf_init(&text, TEXT_MAX);
    for (int i = 0; i < DEEP; i++) {
        buf_add_text(&text, "(SELECT ");
    }
    sql_layout_init(&l, buf_slice(&text), 100);
    while (sql_layout_next(&l, &piece)) {
        deepest = piece.gap == GAP_LINE && piece.indent > deepest ? piece.indent : deepest;
        pieces++;
    }
    assert_int_equal(pieces, 2 * DEEP);
    assert_int_equal(deepest, SQL_LAYOUT_INDENT);
    buf_free(&text);
}

static void white_space_within_quotes_is_kept(void **state)
{
    (void)state;
    assert_layout("SELECT  \"a  b\",\t`c\n d`  FROM t", 80, "SELECT \"a  b\", `c\n d` FROM t");
    assert_layout("SELECT \"a\"\" b\" FROM \"no  end ", 80, "SELECT \"a\"\" b\" FROM \"no  end");
}

static void any_bytes_pass(void **state)
{
    (void)state;
    static const char bytes[] = "\x01 \xff\xfe(\x1b[0m <b>\0 \x80";
    buf out;
    buf_init(&out, TEXT_MAX);
    sql_layout_text((slice){bytes, sizeof bytes - 1}, 80, &out);
    assert_true(slice_equal(buf_slice(&out), (slice){bytes, sizeof bytes - 1}));
    buf_free(&out);
}

typedef struct kind_case {
    const char *text;
    sql_piece_kind kind;
} kind_case;

static void pieces_tell_their_kind(void **state)
{
    (void)state;
    static const kind_case expected[] = {
        {"SELECT", PIECE_KEYWORD},   {"count", PIECE_PLAIN},  {"(", PIECE_PLAIN},
        {"DISTINCT", PIECE_KEYWORD}, {"a", PIECE_PLAIN},      {".", PIECE_PLAIN},
        {"\"ON\"", PIECE_QUOTED},    {")", PIECE_PLAIN},      {",", PIECE_PLAIN},
        {"?", PIECE_PLACEHOLDER},    {"::", PIECE_PLAIN},     {"text", PIECE_PLAIN},
        {",", PIECE_PLAIN},          {"b", PIECE_PLAIN},      {"?|", PIECE_PLAIN},
        {"?", PIECE_PLACEHOLDER},    {"FROM", PIECE_KEYWORD}, {"`t`", PIECE_QUOTED},
        {"Union", PIECE_PLAIN},
    };
    sql_layout l;
    sql_piece piece;
    size_t n = 0;
    sql_layout_init(&l, SLICE("SELECT count(DISTINCT a.\"ON\"), ?::text, b ?| ? FROM `t` Union"),
                    80);
    while (n < sizeof expected / sizeof *expected && sql_layout_next(&l, &piece)) {
        assert_true(slice_is(piece.text, expected[n].text));
        assert_int_equal(piece.kind, expected[n].kind);
        n++;
    }
    assert_false(sql_layout_next(&l, &piece));
    assert_int_equal(n, sizeof expected / sizeof *expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays_on_one_line),
        cmocka_unit_test(lines_are_measured_in_code_points),
        cmocka_unit_test(clauses_begin_lines),
        cmocka_unit_test(words_that_only_look_like_clauses_begin_no_line),
        cmocka_unit_test(conditions_are_divided_at_and_but_not_at_betweens),
        cmocka_unit_test(a_joins_condition_stands_beside_it_or_below),
        cmocka_unit_test(sub_queries_are_indented_and_closed_on_a_line_of_their_own),
        cmocka_unit_test(set_operations_stand_between_their_queries),
        cmocka_unit_test(lists_take_as_many_items_a_line_as_fit),
        cmocka_unit_test(rows_and_upserts),
        cmocka_unit_test(a_case_is_divided_where_it_is_long),
        cmocka_unit_test(definitions_have_a_line_for_each_column),
        cmocka_unit_test(statements_within_others_are_laid_out_too),
        cmocka_unit_test(every_statement_begins_a_line),
        cmocka_unit_test(what_has_no_clauses_is_wrapped_at_blanks),
        cmocka_unit_test(documents_are_divided_at_their_members),
        cmocka_unit_test(indents_stop_growing),
        cmocka_unit_test(white_space_within_quotes_is_kept),
        cmocka_unit_test(any_bytes_pass),
        cmocka_unit_test(pieces_tell_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
