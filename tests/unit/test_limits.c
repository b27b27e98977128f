/* test_limits.c - what a log cannot show of that which findings are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

static bool has_limit(const analysed *r, const char *topic)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM limits WHERE topic = '%s'", topic);
    return store_number(r->s, sql) > 0;
}

static void a_log_that_has_all_that_findings_need_lacks_nothing_of_it(void **state)
{
    (void)state;
    buf log = log_begin();
    log_line_at(&log, 0, 7,
                "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT a FROM t WHERE b = $1");
    log_line_at(&log, 0, 7, "DETAIL:  parameters: $1 = '7'");
    analysed r = log_analyse(&log);
    assert_false(has_limit(&r, "clock"));
    assert_false(has_limit(&r, "values"));
    assert_false(has_limit(&r, "sampled_bursts"));
    assert_true(has_limit(&r, "bursts")); /* of which the report knows whether it applies */
    analysed_free(&r);
}

static void placeholders_without_values_are_told(void **state)
{
    (void)state;
    buf log = log_begin();
    log_line_at(&log, 0, 7,
                "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT a FROM t WHERE b = $1");
    analysed r = log_analyse(&log);
    assert_true(has_limit(&r, "values"));
    analysed_free(&r);
}

static void a_clock_of_whole_seconds_is_told(void **state)
{
    (void)state;
    buf log = log_begin();
    buf_add_text(&log, "2026-11-19 14:00:00 UTC [7] LOG:  duration: 1.000 ms  statement: SELECT a"
                       " FROM t WHERE b = 1\n");
    analysed r = log_analyse_as(&log, SLICE("%t [%p] "));
    assert_true(has_limit(&r, "clock"));
    analysed_free(&r);
}

static void a_sample_takes_bursts_apart(void **state)
{
    (void)state;
    buf log = log_begin();
    buf_add_text(&log,
                 "# Time: 2026-11-19T14:00:00.000000Z\n"
                 "# User@Host: app[app] @ localhost []  Id:     7\n"
                 "# Query_time: 0.000100  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n"
                 "# Log_slow_rate_type: query  Log_slow_rate_limit: 10\n"
                 "SET timestamp=1795096800;\nSELECT a FROM t WHERE b = 1;\n");
    analysed r = log_analyse_as(&log, SLICE(""));
    assert_true(has_limit(&r, "sampled_bursts"));
    analysed_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_that_has_all_that_findings_need_lacks_nothing_of_it),
        cmocka_unit_test(placeholders_without_values_are_told),
        cmocka_unit_test(a_clock_of_whole_seconds_is_told),
        cmocka_unit_test(a_sample_takes_bursts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
