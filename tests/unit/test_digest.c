/* test_digest.c - rows by hour, fingerprint and who: sums, extremes, slowest examples, tallies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "digest/digest.h"

enum { MEMORY = 64 * 1024 * 1024 };

static const int64_t S = 1000000, H = 3600;

static digest_call call_at(int64_t at, int64_t duration, uint64_t offset)
{
    return (digest_call){.at = at,
                         .duration = duration,
                         .has_time = true,
                         .has_duration = true,
                         .offset = offset,
                         .line = offset / 10 + 1};
}

static void add(digest *d, digest_row *row, digest_call call)
{
    assert_true(digest_add_call(d, row, &call));
}

/* --- hours -------------------------------------------------------------------------- */

static void hours_begin_where_the_log_s_zone_has_a_full_hour(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        int32_t zone;
        int64_t hour;
        uint32_t into;
    } cases[] = {
        {0, 0, 0, 0},
        {59, 0, 0, 59},
        {3599, 0, 0, 3599},
        {3600, 0, 3600, 0},
        /* 00:00 UTC is 05:30 in India: the hour began at 23:30 UTC. */
        {0, 19800, -1800, 1800},
        {1800, 19800, 1800, 0},
        {1799, 19800, -1800, 3599},
        /* 00:00 UTC is 20:30 the day before in Newfoundland. */
        {0, -12600, -1800, 1800},
        {1800, -12600, 1800, 0},
        /* Before 1970 hours begin below, not above. */
        {-1, 0, -3600, 3599},
        {-3600, 0, -3600, 0},
        {-3601, 0, -7200, 3599},
        {-60, 19800, -1800, 1740},
        {-1801, 19800, -5400, 3599},
        {-1801, -12600, -5400, 3599},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t into = 9999;
        assert_int_equal(digest_hour(cases[i].second * S, cases[i].zone, &into), cases[i].hour);
        assert_int_equal(into, cases[i].into);
    }
}

static void a_part_of_a_second_belongs_to_the_second_it_is_in(void **state)
{
    (void)state;
    uint32_t second;
    assert_int_equal(digest_hour(3600 * S - 1, 0, &second), 0);
    assert_int_equal(second, 3599);
    assert_int_equal(digest_hour(-1, 0, &second), -3600);
    assert_int_equal(second, 3599);
    assert_int_equal(digest_hour(-3600 * S - 1, 0, &second), -7200);
    assert_int_equal(second, 3599);
}

/* --- rows ------------------------------------------------------------------------------ */

static void each_key_has_one_row_however_many_there_are(void **state)
{
    (void)state;
    enum { HOURS = 10, FINGERPRINTS = 200, WHOS = 5 };
    digest d;
    digest_init(&d, MEMORY);
    for (int round = 1; round <= 2; round++) {
        for (int64_t h = 0; h < HOURS; h++) {
            for (uint64_t f = 1; f <= FINGERPRINTS; f++) {
                for (uint32_t w = 0; w < WHOS; w++) {
                    digest_prefetch(&d, h * H, f, w);
                    digest_row *row = digest_find(&d, h * H, f, w);
                    assert_non_null(row);
                    assert_int_equal(row->hour, h * H);
                    assert_int_equal(row->fingerprint, f);
                    assert_int_equal(row->who, w);
                    assert_int_equal(++row->errors, round);
                }
            }
        }
    }
    assert_int_equal(d.n, HOURS * FINGERPRINTS * WHOS);
    digest_free(&d);
}

static void sorted_rows_ascend_by_fingerprint_hour_and_who(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t x = mix64(3, i);
        digest_find(&d, (int64_t)(x % 7) * H - 3 * H, (x >> 8 & 1) << 63 | (x >> 16 & 31),
                    (uint32_t)(x >> 32 & 3));
    }
    digest_row **rows = digest_sorted(&d);
    assert_non_null(rows);
    for (uint32_t i = 1; i < d.n; i++) {
        const digest_row *a = rows[i - 1];
        const digest_row *b = rows[i];
        assert_true(a->fingerprint < b->fingerprint ||
                    (a->fingerprint == b->fingerprint &&
                     (a->hour < b->hour || (a->hour == b->hour && a->who < b->who))));
    }
    digest_free(&d);
}

static void a_row_adds_up_its_calls(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    add(&d, row, call_at(500 * S, 70, 10));
    add(&d, row, call_at(300 * S, 20, 20)); /* earlier, though later in the log */
    add(&d, row, call_at(400 * S, 900, 30));
    assert_int_equal(row->calls, 3);
    assert_int_equal(row->errors, 0);
    assert_int_equal(row->query_time.n, 3);
    assert_int_equal(row->query_time.sum, 990);
    assert_int_equal(row->query_time.min, 20);
    assert_int_equal(row->query_time.max, 900);
    assert_int_equal(row->query_time.distribution.n, 3);
    assert_true(row->first_at == 300 * S);
    assert_true(row->last_at == 500 * S);
    digest_free(&d);
}

static void a_call_of_no_time_is_a_minimum_and_a_call(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    add(&d, row, call_at(S, 5, 0));
    add(&d, row, call_at(S, 0, 1));
    assert_int_equal(row->query_time.min, 0);
    assert_int_equal(row->query_time.max, 5);
    assert_int_equal(row->query_time.n, 2);
    digest_free(&d);
}

static void a_call_without_duration_counts_but_is_not_measured(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    add(&d, row, (digest_call){.at = 60 * S, .has_time = true, .second = 60, .duration = 99});
    assert_int_equal(row->calls, 1);
    assert_int_equal(row->query_time.n, 0);
    assert_int_equal(row->n_examples, 0);
    assert_int_equal(row->series.n, 1);
    assert_int_equal(row->series.points[0].second, 60);
    assert_int_equal(row->series.points[0].time, 0);
    digest_free(&d);
}

static void a_call_without_time_is_in_no_series_and_no_extreme(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    add(&d, row, (digest_call){.has_duration = true, .duration = 7, .at = 12345});
    assert_int_equal(row->calls, 1);
    assert_int_equal(row->query_time.sum, 7);
    assert_int_equal(row->series.n, 0);
    assert_int_equal(row->first_at, 0);
    assert_int_equal(row->last_at, 0);
    digest_free(&d);
}

static void other_measures_are_kept_apart_and_ascend_by_id(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    assert_true(digest_add_measure(&d, row, MEASURE_BIND_TIME, 5));
    assert_true(digest_add_measure(&d, row, MEASURE_PREPARE_TIME, 100));
    assert_true(digest_add_measure(&d, row, MEASURE_BIND_TIME, 3));
    const measure_list *first = row->measures;
    assert_int_equal(first->id, MEASURE_PREPARE_TIME);
    assert_int_equal(first->measure.sum, 100);
    assert_int_equal(first->next->id, MEASURE_BIND_TIME);
    assert_int_equal(first->next->measure.n, 2);
    assert_int_equal(first->next->measure.min, 3);
    assert_null(first->next->next);
    assert_int_equal(row->calls, 0);
    assert_int_equal(row->query_time.n, 0);
    digest_free(&d);
}

/* --- examples --------------------------------------------------------------------------- */

static void the_slowest_are_kept_slowest_first(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    digest_row *row = digest_find(&d, 0, 1, 0);
    const int64_t durations[] = {5, 90, 1, 70, 80, 2, 100};
    for (uint64_t i = 0; i < 7; i++) {
        add(&d, row, call_at(S, durations[i], i));
    }
    assert_int_equal(row->n_examples, EXAMPLES_KEPT);
    assert_int_equal(row->examples[0].duration, 100);
    assert_int_equal(row->examples[1].duration, 90);
    assert_int_equal(row->examples[2].duration, 80);
    assert_int_equal(row->examples[2].offset, 4);
    assert_int_equal(row->examples[2].line, 1);
    digest_free(&d);
}

static void of_equally_slow_ones_those_earlier_in_the_log_are_kept(void **state)
{
    (void)state;
    static const uint64_t orders[][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 5, 1, 4, 2}};
    for (size_t o = 0; o < 3; o++) {
        digest d;
        digest_init(&d, MEMORY);
        digest_row *row = digest_find(&d, 0, 1, 0);
        for (size_t i = 0; i < 5; i++) {
            add(&d, row, call_at(S, 42, orders[o][i] * 100));
        }
        for (uint64_t i = 0; i < EXAMPLES_KEPT; i++) {
            assert_int_equal(row->examples[i].offset, (i + 1) * 100);
        }
        digest_free(&d);
    }
}

/* --- tallies ------------------------------------------------------------------------------- */

static uint64_t tallied(const digest *d, tally_kind kind, int64_t hour, uint64_t fingerprint,
                        const char *key)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < d->cap_tallies; i++) {
        const tally *t = d->tallies[i];
        if (t != NULL && t->kind == kind && t->hour == hour && t->fingerprint == fingerprint &&
            slice_is(t->key, key)) {
            assert_int_equal(n, 0); /* there is but one */
            n = t->n;
        }
    }
    return n;
}

static void tallies_count_by_all_of_their_key(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    char key[] = "42601";
    digest_count(&d, TALLY_ERROR_CODE, 0, 7, slice_from(key), 2);
    digest_count(&d, TALLY_ERROR_CODE, 0, 7, slice_from(key), 3);
    digest_count(&d, TALLY_ERROR_CODE, H, 7, slice_from(key), 10);
    digest_count(&d, TALLY_ERROR_CODE, 0, 8, slice_from(key), 20);
    digest_count(&d, TALLY_EVENT, 0, 7, slice_from(key), 30);
    digest_count(&d, TALLY_ERROR_CODE, 0, 7, SLICE(""), 40);
    key[0] = 'x'; /* the key was copied */
    assert_int_equal(d.n_tallies, 5);
    assert_int_equal(tallied(&d, TALLY_ERROR_CODE, 0, 7, "42601"), 5);
    assert_int_equal(tallied(&d, TALLY_ERROR_CODE, H, 7, "42601"), 10);
    assert_int_equal(tallied(&d, TALLY_ERROR_CODE, 0, 8, "42601"), 20);
    assert_int_equal(tallied(&d, TALLY_EVENT, 0, 7, "42601"), 30);
    assert_int_equal(tallied(&d, TALLY_ERROR_CODE, 0, 7, ""), 40);
    digest_free(&d);
}

static void many_tallies_are_found_again_as_the_table_grows(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    for (int round = 0; round < 3; round++) {
        for (uint64_t f = 0; f < 4000; f++) {
            assert_true(digest_count(&d, TALLY_QUERY_ID, 0, f, SLICE("pg_queryid=1"), 1));
        }
    }
    assert_int_equal(d.n_tallies, 4000);
    assert_int_equal(tallied(&d, TALLY_QUERY_ID, 0, 3999, "pg_queryid=1"), 3);
    digest_free(&d);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void a_cleared_digest_is_empty_and_can_be_used_again(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, MEMORY);
    for (uint64_t f = 0; f < 5000; f++) {
        add(&d, digest_find(&d, 0, f, 0), call_at(S, 1, f));
        digest_count(&d, TALLY_EVENT, 0, f, SLICE("x"), 1);
    }
    size_t full = digest_bytes(&d);
    digest_clear(&d);
    assert_int_equal(d.n + d.n_tallies, 0);
    assert_true(digest_bytes(&d) < full);
    assert_int_equal(digest_find(&d, 0, 1, 0)->calls, 0);
    assert_int_equal(tallied(&d, TALLY_EVENT, 0, 1, "x"), 0);
    digest_free(&d);
}

static void memory_that_is_out_is_told(void **state)
{
    (void)state;
    digest d;
    digest_init(&d, 64 * 1024);
    uint64_t rows = 0;
    while (digest_find(&d, 0, rows + 1, 0) != NULL) {
        rows++;
    }
    assert_true(rows > 0 && rows < 64 * 1024 / sizeof(digest_row) + 1);
    assert_int_equal(d.n, rows);
    assert_non_null(digest_find(&d, 0, 1, 0)); /* those there are stay */
    digest_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_begin_where_the_log_s_zone_has_a_full_hour),
        cmocka_unit_test(a_part_of_a_second_belongs_to_the_second_it_is_in),
        cmocka_unit_test(each_key_has_one_row_however_many_there_are),
        cmocka_unit_test(sorted_rows_ascend_by_fingerprint_hour_and_who),
        cmocka_unit_test(a_row_adds_up_its_calls),
        cmocka_unit_test(a_call_of_no_time_is_a_minimum_and_a_call),
        cmocka_unit_test(a_call_without_duration_counts_but_is_not_measured),
        cmocka_unit_test(a_call_without_time_is_in_no_series_and_no_extreme),
        cmocka_unit_test(other_measures_are_kept_apart_and_ascend_by_id),
        cmocka_unit_test(the_slowest_are_kept_slowest_first),
        cmocka_unit_test(of_equally_slow_ones_those_earlier_in_the_log_are_kept),
        cmocka_unit_test(tallies_count_by_all_of_their_key),
        cmocka_unit_test(many_tallies_are_found_again_as_the_table_grows),
        cmocka_unit_test(a_cleared_digest_is_empty_and_can_be_used_again),
        cmocka_unit_test(memory_that_is_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
