/* test_stalls.c - minutes in which many queries were slow at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

enum { MINUTE = 60 * SECOND, MINUTES = 30, STALLED = 20 };

typedef struct workload {
    int queries; /* each once a minute, */
    int usual;   /* ms, */
    int slow;    /* but so many of them in one minute */
    int slow_ms; /* take this */
    int minutes;
} workload;

static const workload stalled = {
    .queries = 8, .usual = 10, .slow = 5, .slow_ms = 260, .minutes = MINUTES};

static buf workload_log(const workload *w)
{
    buf log = log_begin();
    for (int m = 0; m < w->minutes; m++) {
        for (int i = 0; i < w->queries; i++) {
            bool slow = m == STALLED && i < w->slow;
            log_line_at(&log, m * (int64_t)MINUTE + i * SECOND, (unsigned)i,
                        "LOG:  duration: %d.000 ms  statement: SELECT a FROM t%d WHERE id = 1",
                        slow ? w->slow_ms : w->usual, i);
        }
    }
    return log;
}

static bool has_stall(workload w)
{
    buf log = workload_log(&w);
    return log_has(&log, FINDING_STALL);
}

static void a_minute_in_which_most_queries_are_slow_is_a_stall(void **state)
{
    (void)state;
    buf log = workload_log(&stalled);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_STALL);
    assert_non_null(f);
    evidence_is(f, "minutes", "1");
    evidence_is(f, "excess_ms", "1250"); /* five queries, 250 ms each above the usual */
    assert_int_equal(f->cost, 1250000);
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    assert_int_equal(f->first_seen, BEGIN + STALLED * (int64_t)MINUTE);
    assert_int_equal(f->n_queries, 5);
    const value *one = value_get(f->evidence, SLICE("stalls"))->first;
    assert_null(one->next);
    text_is(value_get(one, SLICE("from"))->text, "2026-11-19T14:20:00.000Z");
    text_is(value_get(one, SLICE("to"))->text, "2026-11-19T14:21:00.000Z");
    assert_int_equal(value_get(one, SLICE("judged_queries"))->integer, 8);
    assert_int_equal(value_get(one, SLICE("slow_queries"))->integer, 5);
    text_is(f->title, "Many queries were slow at once in 1 minute");
    text_is(f->detail, "From 2026-11-19 14:20 to 14:21, 5 of 8 queries that ended in one minute"
                       " took at least five times what is usual for each; all together lost 1.25 s."
                       " The log tells of nothing else at that time.");
    analysed_free(&r);
}

static void below_each_gate_there_is_none(void **state)
{
    (void)state;
    workload w = stalled;
    w.slow = 4; /* too few at once */
    w.slow_ms = 1000;
    assert_false(has_stall(w));
    w = stalled;
    w.queries = 11; /* less than half */
    assert_false(has_stall(w));
    w.queries = 10;
    assert_true(has_stall(w));
    w = stalled;
    w.slow_ms = 209; /* five times 199 ms are less than a second */
    assert_false(has_stall(w));
    w.slow_ms = 210;
    assert_true(has_stall(w));
    w = stalled;
    w.usual = 300;
    w.slow_ms = 1499; /* less than five times the usual */
    assert_false(has_stall(w));
    w.slow_ms = 1500;
    assert_true(has_stall(w));
}

static void a_log_that_is_slow_all_the_time_has_none(void **state)
{
    (void)state;
    assert_false(has_stall((workload){.queries = 20, .usual = 5000, .minutes = MINUTES}));
}

/* Each query is slow in one of five minutes, on its own: sometimes five of eight meet. */
static void erratic_queries_meet_by_accident(void **state)
{
    (void)state;
    buf log = log_begin();
    for (uint64_t m = 0; m < 400; m++) {
        for (uint64_t i = 0; i < 8; i++) {
            bool slow = mix64(m, i) % 5 == 0;
            log_line_at(&log, (int64_t)m * MINUTE + (int64_t)i * SECOND, (unsigned)i,
                        "LOG:  duration: %d.000 ms  statement: SELECT a FROM t%d WHERE id = 1",
                        slow ? 500 : 10, (int)i);
        }
    }
    assert_false(log_has(&log, FINDING_STALL));
}

/* Ten minutes tell what is usual; nine do not. */
static void what_is_usual_must_be_known(void **state)
{
    (void)state;
    buf log = log_begin();
    for (int m = 0; m < 9; m++) {
        for (int i = 0; i < 8; i++) {
            log_line_at(&log, m * (int64_t)MINUTE + i * SECOND, (unsigned)i,
                        "LOG:  duration: %d.000 ms  statement: SELECT a FROM t%d WHERE id = 1",
                        m == 8 ? 2000 : 10, i);
        }
    }
    assert_false(log_has(&log, FINDING_STALL));
}

static void what_the_log_tells_of_those_minutes_is_named(void **state)
{
    (void)state;
    buf log = log_begin();
    buf lines = workload_log(&stalled);
    const char *stalled_at = strstr(lines.p, "2026-11-19 14:20:00");
    buf_add(&log, slice_between(lines.p, stalled_at));
    log_line_at(&log, STALLED * (int64_t)MINUTE - SECOND, 99, "LOG:  checkpoint starting: wal");
    buf_add_text(&log, stalled_at);
    log_line_at(&log, (MINUTES + 1) * (int64_t)MINUTE, 99, "LOG:  checkpoint starting: time");
    buf_free(&lines);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_STALL);
    assert_non_null(f);
    const value *beside =
        value_get(value_get(f->evidence, SLICE("stalls"))->first, SLICE("beside"));
    assert_non_null(beside->first);
    assert_null(beside->first->next);
    text_is(value_get(beside->first, SLICE("kind"))->text, "checkpoint");
    text_is(value_get(beside->first, SLICE("subject"))->text, "wal");
    text_is(value_get(beside->first, SLICE("at"))->text, "2026-11-19T14:19:59.000Z");
    analysed_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_in_which_most_queries_are_slow_is_a_stall),
        cmocka_unit_test(below_each_gate_there_is_none),
        cmocka_unit_test(a_log_that_is_slow_all_the_time_has_none),
        cmocka_unit_test(erratic_queries_meet_by_accident),
        cmocka_unit_test(what_is_usual_must_be_known),
        cmocka_unit_test(what_the_log_tells_of_those_minutes_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
