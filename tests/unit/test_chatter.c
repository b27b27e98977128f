/* test_chatter.c - sessions that talk about themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

typedef struct script {
    buf log;
    int64_t at; /* us */
    int us;     /* how long a statement takes, below a second */
} script;

static script script_begin(int us)
{
    return (script){.log = log_begin(), .us = us};
}

static void say(script *s, int times, const char *statement)
{
    for (int i = 0; i < times; i++) {
        s->at += 100 * 1000;
        log_line_at(&s->log, s->at, 7, "LOG:  duration: %d.%03d ms  statement: %s", s->us / 1000,
                    s->us % 1000, statement);
    }
}

static void say_read(script *s, int times)
{
    say(s, times, "SELECT a FROM t WHERE id = 1");
}

static void say_write(script *s)
{
    say(s, 1, "BEGIN");
    say(s, 1, "UPDATE t SET a = 1 WHERE id = 1");
    say(s, 1, "COMMIT");
}

static void pings_of_a_fifth_of_all_statements_are_found(void **state)
{
    (void)state;
    script s = script_begin(500);
    say(&s, 150, "SELECT 1");
    say(&s, 50, "SET search_path = shop");
    say_read(&s, 800);
    analysed r = log_analyse(&s.log);
    const finding *f = found(&r, FINDING_CHATTY_SESSION);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    evidence_is(f, "logged_statements", "1000");
    evidence_is(f, "about_the_connection", "200");
    evidence_is(f, "transactions_without_a_write", "0");
    evidence_is(f, "share", "0.2");
    evidence_is(f, "db_ms", "100"); /* 200 of half a millisecond */
    assert_int_equal(f->n_queries, 2);
    assert_int_equal(f->cost, 100000);
    text_is(f->title, "20.0 % of all statements neither read nor write data");
    analysed_free(&r);
}

static void less_than_a_fifth_is_silent(void **state)
{
    (void)state;
    script s = script_begin(500);
    say(&s, 199, "SELECT 1");
    say_read(&s, 801);
    assert_false(log_has(&s.log, FINDING_CHATTY_SESSION));
}

static void few_statements_tell_nothing(void **state)
{
    (void)state;
    script s = script_begin(500);
    say(&s, 500, "SELECT 1");
    say_read(&s, 499);
    assert_false(log_has(&s.log, FINDING_CHATTY_SESSION));
}

/* Two thirds of these are BEGIN and COMMIT, as they should be. */
static void transactions_around_writes_are_healthy(void **state)
{
    (void)state;
    script s = script_begin(500);
    for (int i = 0; i < 500; i++) {
        say_write(&s);
    }
    assert_false(log_has(&s.log, FINDING_CHATTY_SESSION));
}

static void transactions_around_single_reads_are_chatter(void **state)
{
    (void)state;
    script s = script_begin(500);
    for (int i = 0; i < 100; i++) {
        say_write(&s);
    }
    for (int i = 0; i < 400; i++) {
        say(&s, 1, "BEGIN");
        say_read(&s, 1);
        say(&s, 1, "COMMIT");
    }
    analysed r = log_analyse(&s.log);
    const finding *f = found(&r, FINDING_CHATTY_SESSION);
    assert_non_null(f);
    evidence_is(f, "transactions_without_a_write", "400");
    evidence_is(f, "share", "0.533"); /* 800 of 1,500 */
    assert_int_equal(f->severity, SEVERITY_MEDIUM);
    analysed_free(&r);
}

static void behind_a_threshold_nothing_is_said(void **state)
{
    (void)state;
    script s = script_begin(1000);
    say(&s, 600, "SELECT 1");
    say_read(&s, 600);
    assert_false(log_has(&s.log, FINDING_CHATTY_SESSION));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_of_a_fifth_of_all_statements_are_found),
        cmocka_unit_test(less_than_a_fifth_is_silent),
        cmocka_unit_test(few_statements_tell_nothing),
        cmocka_unit_test(transactions_around_writes_are_healthy),
        cmocka_unit_test(transactions_around_single_reads_are_chatter),
        cmocka_unit_test(behind_a_threshold_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
