/* test_checkpoints.c - checkpoints that come since much was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

/* Checkpoints a minute apart, of these reasons. */
static buf checkpoints(int by_volume, int by_time, const char *volume)
{
    buf log = log_begin();
    for (int i = 0; i < by_volume + by_time; i++) {
        int64_t at = (int64_t)i * 60 * SECOND;
        log_line_at(&log, at, 1, "LOG:  checkpoint starting: %s", i < by_volume ? volume : "time");
        log_line_at(&log, at + 20 * SECOND, 1,
                    "LOG:  checkpoint complete: wrote 100 buffers (0.6%%); 0 WAL file(s) added, 0"
                    " removed, 1 recycled; write=%d.000 s, sync=0.010 s, total=20.000 s",
                    i == 0 ? 19 : 10);
    }
    return log;
}

static void hurry(buf *log, int warnings)
{
    for (int i = 0; i < warnings; i++) {
        log_line_at(log, (int64_t)(3600 + i) * SECOND, 1,
                    "LOG:  checkpoints are occurring too frequently (%d seconds apart)", 9 + i);
    }
}

static void checkpoints_that_writing_forces_are_pressure(void **state)
{
    (void)state;
    buf log = checkpoints(6, 2, "wal");
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_CHECKPOINT_PRESSURE);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    assert_int_equal(f->first_seen, BEGIN);
    evidence_is(f, "by_volume", "6");
    evidence_is(f, "by_time", "2");
    evidence_is(f, "others", "0");
    evidence_is(f, "warnings", "0");
    evidence_is(f, "write_ms", "89000"); /* 19 and seven times 10 seconds */
    evidence_is(f, "slowest_write_ms", "19000");
    text_is(f->title, "6 checkpoints were forced by the amount of changes");
    analysed_free(&r);
}

static void the_older_word_for_the_log_of_changes_counts_as_well(void **state)
{
    (void)state;
    buf log = checkpoints(5, 0, "xlog");
    assert_true(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
}

static void a_few_forced_checkpoints_are_what_a_load_makes(void **state)
{
    (void)state;
    buf log = checkpoints(4, 0, "wal");
    assert_false(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
}

static void as_many_by_the_clock_are_no_pressure(void **state)
{
    (void)state;
    buf log = checkpoints(5, 5, "wal");
    assert_false(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
    log = checkpoints(6, 5, "wal");
    assert_true(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
}

static void a_healthy_server_s_checkpoints_are_silent(void **state)
{
    (void)state;
    buf log = checkpoints(0, 200, "");
    assert_false(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
    log = checkpoints(20, 0, "immediate force wait"); /* asked for, by a backup */
    assert_false(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
}

static void the_server_s_own_warnings_are_proof(void **state)
{
    (void)state;
    buf log = checkpoints(0, 1, "");
    hurry(&log, 2);
    assert_false(log_has(&log, FINDING_CHECKPOINT_PRESSURE));
    log = checkpoints(0, 1, "");
    hurry(&log, 3);
    analysed r = log_analyse(&log);
    const finding *f = found(&r, FINDING_CHECKPOINT_PRESSURE);
    assert_non_null(f);
    evidence_is(f, "warnings", "3");
    evidence_is(f, "closest_ms", "9000");
    assert_int_equal(f->severity, SEVERITY_MEDIUM);
    analysed_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoints_that_writing_forces_are_pressure),
        cmocka_unit_test(the_older_word_for_the_log_of_changes_counts_as_well),
        cmocka_unit_test(a_few_forced_checkpoints_are_what_a_load_makes),
        cmocka_unit_test(as_many_by_the_clock_are_no_pressure),
        cmocka_unit_test(a_healthy_server_s_checkpoints_are_silent),
        cmocka_unit_test(the_server_s_own_warnings_are_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
