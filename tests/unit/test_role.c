/* test_role.c - what part a statement plays in what its session does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "normalise/normalise.h"

static statement_role role_of(const char *engine, const char *statement)
{
    const normaliser *n = normaliser_find(engine);
    normalised out;
    buf text;
    buf_init(&text, 4096);
    n->run(slice_from(statement), false, &out, &text);
    statement_role role = n->role(slice_from(out.verb), buf_slice(&text));
    buf_free(&text);
    return role;
}

static void a_statement_of_sql_has_the_role_of_its_verb_and_tables(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        statement_role role;
    } rows[] = {
        {"SELECT * FROM orders WHERE id = 1", ROLE_READ},
        {"WITH a AS (SELECT 1) SELECT * FROM a JOIN orders ON true", ROLE_READ},
        {"SELECT COUNT(*) FROM orders", ROLE_COUNT},
        {"SELECT next_order(7)", ROLE_READ},
        {"INSERT INTO orders VALUES (1)", ROLE_WRITE},
        {"WITH a AS (SELECT 1) DELETE FROM orders", ROLE_WRITE},
        {"BEGIN", ROLE_BEGIN},
        {"START TRANSACTION", ROLE_BEGIN},
        {"COMMIT", ROLE_END},
        {"ROLLBACK", ROLE_END},
        {"SAVEPOINT a", ROLE_CHATTER},
        {"SET search_path = shop", ROLE_CHATTER},
        {"SELECT 1", ROLE_CHATTER},
        {"SELECT version()", ROLE_CHATTER},
        {"FETCH 10 FROM c", ROLE_CURSOR},
        {"SELECT relname FROM pg_catalog.pg_class WHERE oid = 5", ROLE_OTHER},
        {"CREATE INDEX i ON orders (id)", ROLE_OTHER},
        {"", ROLE_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(role_of("postgresql", rows[i].statement), rows[i].role);
    }
    assert_int_equal(role_of("mysql", "# administrator command: Ping"), ROLE_CHATTER);
    assert_int_equal(role_of("mysql", "SELECT @@version"), ROLE_CHATTER);
    assert_int_equal(role_of("mysql", "SHOW WARNINGS"), ROLE_CHATTER);
    assert_int_equal(role_of("mysql", "SELECT * FROM information_schema.tables"), ROLE_OTHER);
}

static void a_command_of_mongodb_has_the_role_of_its_verb(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        statement_role role;
    } rows[] = {
        {"{\"ns\":\"a.b\",\"command\":{\"find\":\"b\"}}", ROLE_READ},
        {"{\"ns\":\"a.b\",\"command\":{\"count\":\"b\"}}", ROLE_COUNT},
        {"{\"ns\":\"a.b\",\"command\":{\"insert\":\"b\"}}", ROLE_WRITE},
        {"{\"ns\":\"a.b\",\"command\":{\"getMore\":1}}", ROLE_CURSOR},
        {"{\"ns\":\"a.b\",\"command\":{\"listIndexes\":\"b\"}}", ROLE_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(role_of("mongodb", rows[i].command), rows[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_of_sql_has_the_role_of_its_verb_and_tables),
        cmocka_unit_test(a_command_of_mongodb_has_the_role_of_its_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
