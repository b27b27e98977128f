/* test_history.c - since when findings are there, over nights that a test writes.
 *
 * A night is a day from 2026-11-01 on: twenty executions of each of five queries, of 1 to 5 s by a
 * few per cent, at 14:00. The second query's are longer by a factor of the night's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analysers/history.h"
#include "digest/selection.h"
#include "findings_fixture.h"
#include "store/annotations.h"
#include "store/select.h"

enum { QUERIES = 5, EXECUTIONS = 20, FIRST = -18 /* days from BEGIN's */ };
enum { MISSING = 0, FEW = -1 }; /* in place of a factor: no records; three executions of it */

/* Two weeks, which is the baseline as well: enough of any day of the week. */
#define USUAL 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
enum { BASELINE = 14 };

static const int64_t DAY = 86400 * INT64_C(1000000);

/* What a report of one night says. */
typedef struct night_report {
    arena memory;
    finding *findings;
    uint32_t n;
    closed_finding *closed;
    uint32_t n_closed;
} night_report;

static void add_night(buf *log, int day, double factor)
{
    for (int i = 0; i < EXECUTIONS; i++) {
        for (int k = 1; k <= QUERIES; k++) {
            if (k == 2 && factor < 0 && i >= 3) {
                continue;
            }
            double vary = 1 + (i * 7 + day * 3) % 11 / 100.0;
            log_line_at(log, (FIRST + day) * DAY + (i * 60 + k * 6) * (int64_t)SECOND, 7,
                        "LOG:  duration: %.3f ms  statement: SELECT * FROM t%d WHERE id = 1",
                        k * 1000 * vary * (k == 2 && factor > 0 ? factor : 1), k);
        }
    }
}

/* A store of as many nights, the second query's factor in each; or what is in its place. */
static store *store_of(const double *factors, int n)
{
    buf log = log_begin();
    for (int day = 0; day < n; day++) {
        if (factors[day] != MISSING) {
            add_night(&log, day, factors[day]);
        }
    }
    analysed r = log_analyse(&log);
    arena_free(&r.memory);
    return r.s;
}

static int64_t begin_of(int day)
{
    return BEGIN - 14 * 3600 * (int64_t)SECOND + (FIRST + day) * DAY;
}

static night_report report_of(const store *s, int day)
{
    night_report r = {0};
    history *past;
    status st = {0};
    analysis_request wanted = analysis_request_default();
    selection chosen = {.since = {.kind = MOMENT_INSTANT, .us = begin_of(day)},
                        .until = {.kind = MOMENT_INSTANT, .us = begin_of(day + 1)}};
    wanted.kinds = (uint64_t)1 << FINDING_REGRESSION;
    wanted.baseline = BASELINE * DAY;
    wanted.since = chosen.since.us;
    wanted.until = chosen.until.us;
    wanted.chosen = &chosen;
    arena_init(&r.memory, TEXT_MAX);
    assert_true(history_read(s, &wanted, &r.memory, &past, &st));
    assert_true(store_select(s, &chosen, &st));
    wanted.history = past;
    assert_true(analyse(s, &wanted, &r.memory, &r.findings, &r.n, &st));
    assert_true(history_judge(past, &wanted, s, r.findings, r.n, &r.closed, &r.n_closed, &st));
    assert_true(store_select_all(s, &st));
    assert_string_equal(st.text, "");
    return r;
}

/* "new 9" where the night's report has the regression, first seen on the day 9; "closed 9"; "". */
static void state_of(const store *s, int day, char text[32])
{
    night_report r = report_of(s, day);
    assert_true(r.n <= 1 && r.n_closed <= 1);
    *text = '\0';
    if (r.n == 1) {
        snprintf(text, 32, "%s %lld%s", finding_state_name(r.findings[0].state),
                 (long long)((r.findings[0].first_seen - begin_of(0)) / DAY),
                 r.findings[0].or_before ? " or before" : "");
    } else if (r.n_closed == 1) {
        snprintf(text, 32, "closed %lld",
                 (long long)((r.closed[0].first_seen - begin_of(0)) / DAY));
    }
    arena_free(&r.memory);
}

static void state_is(const store *s, int day, const char *expected)
{
    char text[32];
    state_of(s, day, text);
    assert_string_equal(text, expected);
}

/* Accepts the regression that the night's report has. */
static void accept(store *s, int day, int at_day, int until_day)
{
    night_report r = report_of(s, day);
    status st = {0};
    acceptance a = {.finding = r.findings[0].id,
                    .at = begin_of(at_day + 1) - SECOND,
                    .until = until_day >= 0 ? begin_of(until_day) : 0};
    assert_int_equal(r.n, 1);
    assert_int_equal(sqlite3_exec(store_connection(s), "PRAGMA query_only = 0", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_true(store_accept(s, &a, &st));
    arena_free(&r.memory);
}

/* --- opening and closing ------------------------------------------------------------------- */

static void what_is_open_closes_in_the_second_night_below_a_lower_limit(void **state)
{
    (void)state;
    /* 1.2 is below what opens a regression (1.25), and above what closes it (1.15). */
    static const double factors[] = {USUAL, 1.2, 3, 1.2, 1.2, 1.1, 1.2, 1.1, 1.1};
    store *s = store_of(factors, 22);
    state_is(s, 14, "");
    state_is(s, 15, "new 15");
    state_is(s, 16, "open 15");
    state_is(s, 17, "open 15");
    state_is(s, 18, "");
    state_is(s, 19, "open 15");
    state_is(s, 20, "");
    state_is(s, 21, "closed 15");
    store_close(s);
}

static void a_night_without_records_neither_closes_nor_is_judged(void **state)
{
    (void)state;
    static const double factors[] = {USUAL, 3, MISSING, MISSING, 3, 1, 1, 1};
    store *s = store_of(factors, 21);
    state_is(s, 14, "new 14");
    state_is(s, 17, "open 14");
    state_is(s, 18, "");
    state_is(s, 19, "closed 14");
    state_is(s, 20, "");
    store_close(s);
}

static void nights_with_too_few_executions_do_not_close(void **state)
{
    (void)state;
    static const double factors[] = {USUAL, 3, FEW, FEW, 1, 1};
    store *s = store_of(factors, 19);
    state_is(s, 14, "new 14");
    state_is(s, 16, "");
    state_is(s, 17, "");
    state_is(s, 18, "closed 14");
    store_close(s);
}

static void slow_nights_do_not_become_normal_while_they_are_open(void **state)
{
    (void)state;
    static const double factors[] = {USUAL, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    char scratch[VALUE_NUMBER_SIZE];
    store *s = store_of(factors, 29);
    state_is(s, 20, "open 14");
    state_is(s, 27, "open 14");
    state_is(s, 28, "open 14 or before"); /* the first window that is judged */
    night_report r = report_of(s, 28);
    slice ratio = value_number(value_get(r.findings[0].evidence, SLICE("ratio")), scratch);
    assert_true(slice_starts_with(ratio, SLICE("2.9")) || slice_starts_with(ratio, SLICE("3.")));
    arena_free(&r.memory);
    store_close(s);
}

/* --- what was accepted --------------------------------------------------------------------- */

static void what_is_accepted_for_good_is_the_norm_from_then_on(void **state)
{
    (void)state;
    static const double factors[] = {USUAL, 3, 3, 3, 3, 3, 3, 3, 3, 9};
    store *s = store_of(factors, 23);
    accept(s, 15, 15, -1);
    state_is(s, 14, "accepted 14");
    state_is(s, 15, "accepted 14");
    state_is(s, 16, ""); /* too few nights of the new level to test */
    state_is(s, 21, ""); /* as usual */
    state_is(s, 22, "new 22");
    store_close(s);
}

static void what_is_put_off_comes_back_when_a_window_ends_later(void **state)
{
    (void)state;
    static const double factors[] = {USUAL, 3, 3, 3, 3, 3};
    store *s = store_of(factors, 19);
    accept(s, 14, 14, 17);
    state_is(s, 15, "accepted 14");
    state_is(s, 16, "accepted 14"); /* ends when the day 17 begins */
    state_is(s, 17, "open 14");
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_closes_in_the_second_night_below_a_lower_limit),
        cmocka_unit_test(a_night_without_records_neither_closes_nor_is_judged),
        cmocka_unit_test(nights_with_too_few_executions_do_not_close),
        cmocka_unit_test(slow_nights_do_not_become_normal_while_they_are_open),
        cmocka_unit_test(what_is_accepted_for_good_is_the_norm_from_then_on),
        cmocka_unit_test(what_is_put_off_comes_back_when_a_window_ends_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
