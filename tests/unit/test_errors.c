/* test_errors.c - statements that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene_fixture.h"

enum { QUERY = 1, OTHER = 2 };

static scene scene_of_one(void)
{
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "postgresql", "INSERT", "INSERT INTO orders (a) VALUES (?)");
    scene_calls(&c, QUERY, 50, SECOND);
    return c;
}

static void scene_error(scene *c, const char *code, int n)
{
    scene_add(c, code, NULL, "INSERT INTO errors VALUES ('s', x'01', 0, %d, ?1, %d)", QUERY, n);
}

/* Each class has a number from which on it is a finding. */
static void codes_count_from_their_class_s_number_on(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int least;
        const char *title;
    } cases[] = {
        {"3024", 2, "orders: 2 statement timeouts"},
        {"1969", 2, "orders: 2 statement timeouts"},
        {"MaxTimeMSExpired", 2, "orders: 2 statement timeouts"},
        {"57014", 5, "orders: 5 cancelled executions"},
        {"1205", 2, "orders: 2 waits for locks given up"},
        {"55P03", 2, "orders: 2 waits for locks given up"},
        {"40P01", 1, "orders: 1 deadlock"},
        {"1213", 1, "orders: 1 deadlock"},
        {"40001", 10, "orders: 10 conflicts with other transactions"},
        {"23505", 20, "orders: 20 violated constraints"},
        {"1062", 20, "orders: 20 violated constraints"},
        {"53100", 1, "orders: 1 failure for want of memory or disk"},
        {"42601", 20, "orders: 20 failures"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene c = scene_of_one();
        scene_error(&c, cases[i].code, cases[i].least);
        scene_analyse(&c, FINDING_ERRORS);
        assert_int_equal(c.n, 1);
        assert_text(c.found[0].title, cases[i].title);
        assert_int_equal(c.found[0].confidence, CONFIDENCE_CERTAIN);
        assert_int_equal(evidence_number(&c.found[0], "failed"), cases[i].least);
        assert_int_equal(evidence_number(&c.found[0], "calls"), 50);
        scene_close(&c);
        if (cases[i].least > 1) {
            c = scene_of_one();
            scene_error(&c, cases[i].code, cases[i].least - 1);
            assert_int_equal(scene_count(&c, FINDING_ERRORS), 0);
        }
    }
}

/* One code stands for both a limit and a person's cancel: the log's words tell. */
static void the_reason_of_a_cancel_decides(void **state)
{
    (void)state;
    scene c = scene_of_one();
    scene_error(&c, "57014", 5);
    scene_fact(&c, QUERY, "cancel", "statement timeout", 3, 0, FIRST_AT);
    scene_fact(&c, QUERY, "cancel", "user request", 2, 0, FIRST_AT);
    scene_fact(&c, QUERY, "error", "57014 canceling statement due to statement timeout", 3, 0,
               FIRST_AT);
    scene_analyse(&c, FINDING_ERRORS);
    assert_int_equal(c.n, 1);
    assert_text(c.found[0].title, "orders: 3 statement timeouts");
    assert_text(c.found[0].detail,
                "This statement failed: 3 × statement timeout; 2 × user request.");
    scene_close(&c);
}

static void messages_tell_where_there_are_no_codes(void **state)
{
    (void)state;
    scene c = scene_of_one();
    scene_error(&c, "", 3);
    scene_fact(&c, QUERY, "error", " canceling statement due to statement timeout", 2, 0, FIRST_AT);
    scene_fact(&c, QUERY, "cancel", "statement timeout", 2, 0, FIRST_AT);
    scene_fact(&c, QUERY, "error", " deadlock detected", 1, 0, FIRST_AT);
    scene_analyse(&c, FINDING_ERRORS);
    assert_int_equal(c.n, 1);
    assert_text(c.found[0].detail, "This statement failed: 2 × statement timeout; 1 × deadlock"
                                   " detected.");
    assert_int_equal(evidence_number(&c.found[0], "failed"), 2);
    scene_close(&c);
}

static void different_failures_of_no_class_are_not_added_up(void **state)
{
    (void)state;
    scene c = scene_of_one();
    scene_error(&c, "42601", 19);
    scene_error(&c, "42703", 19);
    assert_int_equal(scene_count(&c, FINDING_ERRORS), 0);
}

static void the_other_statements_of_a_deadlock_are_named(void **state)
{
    (void)state;
    scene c = scene_of_one();
    scene_error(&c, "40P01", 1);
    scene_fact(&c, QUERY, "deadlock", "ShareLock on transaction", 1, 0, FIRST_AT);
    scene_fact(&c, OTHER, "deadlock_with", "ShareLock on transaction", 1, 0, FIRST_AT);
    scene_fact(&c, OTHER_QUERY, "deadlock_with", "ShareLock on transaction", 1, 0,
               FIRST_AT + SECOND);
    scene_analyse(&c, FINDING_ERRORS);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.found[0].n_queries, 2);
    assert_int_equal(c.found[0].queries[0], QUERY);
    assert_int_equal(c.found[0].queries[1], OTHER);
    scene_close(&c);
}

/* Ten, and one in a hundred of the log's 60 executions. */
static void many_failures_are_more_severe(void **state)
{
    (void)state;
    for (int n = 9; n <= 10; n++) {
        scene c = scene_of_one();
        scene_error(&c, "40P01", n);
        scene_analyse(&c, FINDING_ERRORS);
        assert_int_equal(c.n, 1);
        assert_int_equal(c.found[0].severity, n == 10 ? SEVERITY_MEDIUM : SEVERITY_LOW);
        scene_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_count_from_their_class_s_number_on),
        cmocka_unit_test(the_reason_of_a_cancel_decides),
        cmocka_unit_test(messages_tell_where_there_are_no_codes),
        cmocka_unit_test(different_failures_of_no_class_are_not_added_up),
        cmocka_unit_test(the_other_statements_of_a_deadlock_are_named),
        cmocka_unit_test(many_failures_are_more_severe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
