/* test_pseudonyms.c - what is hidden of a text, and what stays readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "normalise/pseudonyms.h"

enum { ROOM = 1 << 16, DIGITS = 10 };

static int begin(void **state)
{
    status st = {0};
    pseudonyms *p = NULL;
    bool ok = pseudonyms_new(SLICE("0123456789abcdef"), &p, &st) &&
              pseudonyms_add_table(p, SLICE("shop.orders")) &&
              pseudonyms_add_table(p, SLICE("\"Line Items\"")) &&
              pseudonyms_add_table(p, SLICE("day"));
    *state = p;
    return ok ? 0 : -1;
}

static int end(void **state)
{
    pseudonyms_free(*state);
    return 0;
}

/* The pseudonyms without their digits. */
static void assert_text(void **state, text_kind kind, const char *text, const char *want)
{
    buf out;
    buf told;
    buf_init(&out, ROOM);
    buf_init(&told, ROOM);
    pseudonym_of_text(*state, kind, slice_from(text), &out);
    for (size_t i = 0; i < out.n; i++) {
        size_t n = i > 0 && out.p[i] == '_' && out.p[i - 1] >= 'a' && out.p[i - 1] <= 'z'
                       ? strspn(out.p + i + 1, "0123456789abcdef")
                       : 0;
        i += n == DIGITS ? n : 0;
        if (n != DIGITS) {
            buf_add_char(&told, out.p[i]);
        }
    }
    assert_string_equal(told.n > 0 ? told.p : "", want);
    buf_free(&out);
    buf_free(&told);
}

static void names_of_a_statement_go_and_its_words_stay(void **state)
{
    assert_text(
        state, TEXT_STATEMENT,
        "SELECT o.id, count(*), secret(x) FROM shop.orders AS o WHERE state IN (?) FOR UPDATE"
        " skip locked",
        "SELECT name.id, count(*), name(name) FROM name.table AS name WHERE name IN (?) FOR"
        " UPDATE skip locked");
    assert_text(state, TEXT_STATEMENT, "UPDATE \"Line Items\" SET \"a \"\"b\"\"\" = ? - $1",
                "UPDATE table SET name = ? - $1");
    assert_text(state, TEXT_STATEMENT, "SELECT `a b`, @v FROM `t`", "SELECT name, @name FROM name");
    assert_text(state, TEXT_STATEMENT, "SELECT a, b…", "SELECT name, name…");
}

static void the_engines_own_tables_and_settings_stay(void **state)
{
    assert_text(state, TEXT_STATEMENT,
                "SELECT pg_catalog.pg_class.relname FROM information_schema.x",
                "SELECT pg_catalog.pg_class.relname FROM information_schema.x");
    assert_text(state, TEXT_STATEMENT, "SELECT 1 FROM mysql.x, sys.x, work_mem.x",
                "SELECT 1 FROM mysql.name, name.name, work_mem.name");
    assert_text(state, TEXT_STATEMENT, "SET statement_timeout = ?", "SET statement_timeout = ?");
}

/* A column may be called like a function; a table that is called like a keyword is one. */
static void a_word_of_the_engine_is_a_name_where_it_is_used_as_one(void **state)
{
    assert_text(state, TEXT_STATEMENT, "SELECT count, max(day) FROM day",
                "SELECT name, max(table) FROM table");
}

static void one_name_has_one_pseudonym(void **state)
{
    buf a;
    buf b;
    buf_init(&a, ROOM);
    buf_init(&b, ROOM);
    pseudonym_of_name(*state, SLICE("user"), SLICE("anna"), &a);
    pseudonym_of_text(*state, TEXT_STATEMENT, SLICE("\"anna\""), &b);
    assert_int_equal(a.n, strlen("user_") + DIGITS);
    assert_memory_equal(a.p + strlen("user"), b.p + strlen("name"), DIGITS + 1);
    buf_clear(&a);
    pseudonym_of_name(*state, SLICE("user"), SLICE(""), &a);
    assert_int_equal(a.n, 0);
    buf_free(&a);
    buf_free(&b);
}

static void of_a_document_operators_members_and_types_stay(void **state)
{
    assert_text(
        state, TEXT_DOCUMENT,
        "find shop.orders {\"filter\":{\"$or\":[{\"a.0.b\":{\"$in\":\"?array<?number>\"}},"
        "{\"_id\":\"$secret\"}]},\"sort\":{\"x\":-1}}",
        "find name.table {\"filter\":{\"$or\":[{\"name.0.name\":{\"$in\":\"?array<?number>\"}},"
        "{\"_id\":\"$name\"}]},\"sort\":{\"name\":-1}}");
    assert_text(state, TEXT_DOCUMENT, "find a ~cut 0F58441426136BDD", "find name ~cut name");
    assert_text(state, TEXT_DOCUMENT, "\"?anything\" \"a \\\" b\"", "\"name\" \"name\"");
}

static void of_plans_and_messages_what_the_server_says_stays(void **state)
{
    assert_text(state, TEXT_PLAN, "Index Scan using orders_pkey on orders o\n  Seq Scan on x",
                "Index Scan using name on table name\n  Seq Scan on name");
    assert_text(state, TEXT_PLAN, "IXSCAN { _id: 1, state: -1 }", "IXSCAN { _id: 1, name: -1 }");
    assert_text(state, TEXT_MESSAGE,
                "duplicate key value violates unique constraint \"orders_pkey\"",
                "duplicate key value violates unique constraint name");
    assert_text(state, TEXT_MESSAGE, "customer ? of orders owes ?", "name ? of table name ?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_statement_go_and_its_words_stay),
        cmocka_unit_test(the_engines_own_tables_and_settings_stay),
        cmocka_unit_test(a_word_of_the_engine_is_a_name_where_it_is_used_as_one),
        cmocka_unit_test(one_name_has_one_pseudonym),
        cmocka_unit_test(of_a_document_operators_members_and_types_stay),
        cmocka_unit_test(of_plans_and_messages_what_the_server_says_stays),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
