/* test_same_log.c - one log in several destinations: what proves it, and which one is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/same_log.h"

static const int64_t SECOND = 1000000;

/* --- marks ------------------------------------------------------------------------- */

static marks marks_of(const event *events, uint32_t n, int64_t from)
{
    marks m = {.n = 0};
    batch b;
    batch_init(&b, 1024 * 1024);
    for (uint32_t i = 0; i < n; i++) {
        event *e = batch_add_event(&b);
        assert_non_null(e);
        *e = events[i];
    }
    marks_add(&m, &b, from);
    batch_free(&b);
    return m;
}

static event record_at(int64_t time, const char *text)
{
    return (event){.time = time, .has = HAS_TIME | HAS_TEXT, .text = slice_from(text)};
}

static void formats_may_differ_in_white_space_and_below_a_second(void **state)
{
    (void)state;
    event plain = record_at(7 * SECOND, "SELECT a\n\tFROM b");
    event rich = record_at(7 * SECOND + 123000, "SELECT a\nFROM b");
    marks a = marks_of(&plain, 1, 0);
    marks b = marks_of(&rich, 1, 0);
    assert_true(marks_agree(&a, &b));
}

static void another_statement_duration_kind_or_second_is_another_record(void **state)
{
    (void)state;
    event one = record_at(7 * SECOND, "SELECT 1");
    event others[] = {one, one, one, one};
    others[0].text = SLICE("SELECT 2");
    others[1].duration = 5;
    others[1].has |= HAS_DURATION;
    others[2].kind = EVENT_ERROR;
    others[3].time += SECOND;
    marks a = marks_of(&one, 1, 0);
    for (size_t i = 0; i < 4; i++) {
        marks b = marks_of(&others[i], 1, 0);
        assert_false(marks_agree(&a, &b));
    }
}

static void only_the_time_that_both_tell_of_is_compared(void **state)
{
    (void)state;
    event long_one[4];
    for (int i = 0; i < 4; i++) {
        long_one[i] = record_at(i * SECOND, i % 2 == 0 ? "SELECT 1" : "SELECT 2");
    }
    marks a = marks_of(long_one, 4, 0);
    marks b = marks_of(long_one + 3, 1, 0);
    assert_true(marks_agree(&a, &b));
    marks none = {.n = 0};
    assert_false(marks_agree(&a, &none));
}

static void records_before_a_time_and_without_one_have_no_marks(void **state)
{
    (void)state;
    event events[] = {record_at(1 * SECOND, "a"), record_at(2 * SECOND, "b"), record_at(0, "c")};
    events[2].has = HAS_TEXT;
    marks m = marks_of(events, 3, 2 * SECOND);
    assert_int_equal(m.n, 1);
    assert_int_equal(m.items[0].second, 2);
}

/* --- which one is read ------------------------------------------------------------------ */

/* A made-up log: a record each ten seconds of what `content` says, between its times. */
typedef struct made_log {
    int64_t first, last; /* s */
    unsigned richness;
    int content;
    bool known;
    const char *folder;
} made_log;

static bool read_made(void *context, size_t which, int64_t from, marks *out, status *st)
{
    (void)st;
    const made_log *log = (const made_log *)context + which;
    out->n = 0;
    for (int64_t at = log->first; at <= log->last && out->n < MARKS_MAX; at += 10) {
        if (at * SECOND >= from) {
            out->items[out->n++] = (mark){at, (uint64_t)(log->content * 100000 + at)};
        }
    }
    return true;
}

/* "R" is read, "2" is skipped for log 2, "T" is torn. */
static void judged(made_log *made, size_t n, const char *expected)
{
    static const char formats[8];
    same_log logs[8] = {{.richness = 0}};
    status st = {0};
    for (size_t i = 0; i < n; i++) {
        logs[i] = (same_log){.folder = slice_from(made[i].folder != NULL ? made[i].folder : "f"),
                             .stem = SLICE("postgresql"),
                             .engine = SLICE("postgresql"),
                             .format = &formats[made[i].richness],
                             .richness = made[i].richness,
                             .known = made[i].known,
                             .first_at = made[i].first * SECOND,
                             .last_at = made[i].last * SECOND};
    }
    assert_true(same_log_judge(logs, n, read_made, made, &st));
    char got[9] = {0};
    for (size_t i = 0; i < n; i++) {
        got[i] = logs[i].verdict == SAME_LOG_READ   ? 'R'
                 : logs[i].verdict == SAME_LOG_TORN ? 'T'
                                                    : (char)('0' + logs[i].other);
    }
    assert_string_equal(got, expected);
}

static void the_richest_is_read(void **state)
{
    (void)state;
    made_log made[] = {
        {0, 100, 1, 0, false, NULL}, {0, 100, 3, 0, false, NULL}, {0, 100, 2, 0, false, NULL}};
    judged(made, 3, "1R1");
}

static void other_records_other_times_and_other_folders_are_other_logs(void **state)
{
    (void)state;
    made_log content[] = {{0, 100, 1, 0, false, NULL}, {0, 100, 3, 1, false, NULL}};
    judged(content, 2, "RR");
    made_log time[] = {{0, 100, 1, 0, false, NULL}, {200, 300, 3, 0, false, NULL}};
    judged(time, 2, "RR");
    made_log folder[] = {{0, 100, 1, 0, false, "a"}, {0, 100, 3, 0, false, "b"}};
    judged(folder, 2, "RR");
    made_log alone[] = {{0, 100, 0, 0, false, NULL}, {0, 100, 3, 0, false, NULL}};
    judged(alone, 2, "RR");
}

/* Destinations are rotated by their size, each for itself. */
static void several_files_may_hold_what_one_does(void **state)
{
    (void)state;
    made_log made[] = {{0, 300, 1, 0, false, NULL},
                       {0, 90, 2, 0, false, NULL},
                       {100, 190, 2, 0, false, NULL},
                       {200, 300, 2, 0, false, NULL}};
    judged(made, 4, "1RRR");
}

static void nothing_is_lost_where_a_richer_file_is_missing(void **state)
{
    (void)state;
    made_log made[] = {
        {0, 300, 1, 0, false, NULL}, {0, 90, 2, 0, false, NULL}, {200, 300, 2, 0, false, NULL}};
    judged(made, 3, "R00");
}

static void a_longer_log_is_read_though_it_is_poorer(void **state)
{
    (void)state;
    made_log made[] = {
        {0, 300, 1, 0, false, NULL}, {100, 300, 2, 0, false, NULL}, {200, 300, 3, 0, false, NULL}};
    judged(made, 3, "R00");
}

static void logs_of_which_each_has_a_part_of_its_own_are_torn(void **state)
{
    (void)state;
    made_log made[] = {{0, 200, 1, 0, false, NULL}, {100, 300, 2, 0, false, NULL}};
    judged(made, 2, "TR");
}

static void what_was_read_before_goes_on_to_be_read(void **state)
{
    (void)state;
    made_log made[] = {{0, 100, 1, 0, true, NULL}, {0, 100, 3, 0, false, NULL}};
    judged(made, 2, "R0");
    /* The rest of the known one is in the store: what goes beyond it cannot be taken alone. */
    made_log longer[] = {{0, 100, 1, 0, true, NULL}, {0, 200, 3, 0, false, NULL}};
    judged(longer, 2, "RT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_may_differ_in_white_space_and_below_a_second),
        cmocka_unit_test(another_statement_duration_kind_or_second_is_another_record),
        cmocka_unit_test(only_the_time_that_both_tell_of_is_compared),
        cmocka_unit_test(records_before_a_time_and_without_one_have_no_marks),
        cmocka_unit_test(the_richest_is_read),
        cmocka_unit_test(other_records_other_times_and_other_folders_are_other_logs),
        cmocka_unit_test(several_files_may_hold_what_one_does),
        cmocka_unit_test(nothing_is_lost_where_a_richer_file_is_missing),
        cmocka_unit_test(a_longer_log_is_read_though_it_is_poorer),
        cmocka_unit_test(logs_of_which_each_has_a_part_of_its_own_are_torn),
        cmocka_unit_test(what_was_read_before_goes_on_to_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
