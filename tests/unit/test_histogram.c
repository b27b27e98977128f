/* test_histogram.c - bins, percentiles against an exact sort, merging, packed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/histogram.h"

enum { MEMORY = 16 * 1024 * 1024, VALUES_MAX = 20000 };

/* Numbers that look random and are the same in every run. */
static uint64_t number(uint64_t seed, uint64_t i)
{
    return mix64(mix64(seed, i), 1);
}

static double fraction(uint64_t seed, uint64_t i)
{
    return ((double)(number(seed, i) >> 11) + 0.5) / 9007199254740992.0; /* 2^53 */
}

/* --- bins ------------------------------------------------------------------------- */

static void bin_holds(uint64_t value)
{
    uint32_t bin = histogram_bin(value);
    uint64_t from;
    uint64_t to;
    assert_true(bin < HISTOGRAM_BINS);
    histogram_bin_range(bin, &from, &to);
    uint64_t last = to - 1; /* the topmost bin ends at 2^64, which is 0 */
    assert_true(from <= value && value <= last);
    uint64_t middle = from + (last - from + 1) / 2;
    uint64_t off = middle > value ? middle - value : value - middle;
    assert_true(off <= value / 64);
}

static void every_value_lies_in_its_bin_and_near_its_middle(void **state)
{
    (void)state;
    for (uint64_t value = 0; value <= 100000; value++) {
        bin_holds(value);
    }
    for (uint64_t i = 0; i < 100000; i++) {
        bin_holds(number(1, i) >> (i % 64));
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        bin_holds(power);
        bin_holds(power - 1);
        bin_holds(power + 1);
    }
    bin_holds(UINT64_MAX);
}

static void bins_follow_each_other_without_gaps(void **state)
{
    (void)state;
    uint64_t end = 0;
    for (uint32_t bin = 0; bin < HISTOGRAM_BINS; bin++) {
        uint64_t from;
        uint64_t to;
        histogram_bin_range(bin, &from, &to);
        assert_true(from == end);
        assert_int_equal(histogram_bin(from), bin);
        assert_int_equal(histogram_bin(to - 1), bin);
        end = to;
    }
    assert_true(end == 0); /* 2^64 */
}

/* --- percentiles -------------------------------------------------------------------- */

typedef uint64_t generator(uint64_t i);

static uint64_t log_normal(uint64_t i)
{
    double gauss = sqrt(-2 * log(fraction(2, i))) * cos(6.283185307179586 * fraction(3, i));
    return (uint64_t)exp(8 + 2 * gauss);
}

static uint64_t uniform(uint64_t i)
{
    return number(4, i) % 1000000;
}

static uint64_t constant(uint64_t i)
{
    (void)i;
    return 123457;
}

static uint64_t bimodal(uint64_t i)
{
    return i % 10 < 7 ? 200 + number(5, i) % 50 : 3000000 + number(5, i) % 900000;
}

static uint64_t zero(uint64_t i)
{
    (void)i;
    return 0;
}

static int compare_values(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void is_near(uint64_t figure, uint64_t exact)
{
    uint64_t off = figure > exact ? figure - exact : exact - figure;
    assert_true(off <= exact / 64);
}

/* The value at nearest rank: the smallest with at least p percent of all at or below it. */
static uint64_t exact_percentile(const uint64_t *sorted, uint64_t n, uint64_t p)
{
    return sorted[(p * n + 99) / 100 - 1];
}

static void describes(generator *generate, uint64_t n)
{
    static uint64_t values[VALUES_MAX];
    arena a;
    arena_init(&a, MEMORY);
    histogram h = {0};
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        values[i] = generate(i);
        sum += values[i];
        assert_true(histogram_add(&h, &a, values[i], 1));
    }
    qsort(values, n, sizeof *values, compare_values);
    distribution d = histogram_describe(&h, n, sum, values[0], values[n - 1]);
    is_near(d.p50, exact_percentile(values, n, 50));
    is_near(d.p90, exact_percentile(values, n, 90));
    is_near(d.p95, exact_percentile(values, n, 95));
    is_near(d.p99, exact_percentile(values, n, 99));
    assert_true(d.p50 <= d.p90 && d.p90 <= d.p95 && d.p95 <= d.p99);
    assert_true(values[0] <= d.p50 && d.p99 <= values[n - 1]);
    /* Each value is off by at most 1/64 of itself, so the deviation by that of the root mean
     * square; half a unit is for rounding. */
    double mean = (double)sum / (double)n;
    double squares = 0;
    double moments = 0;
    for (uint64_t i = 0; i < n; i++) {
        squares += ((double)values[i] - mean) * ((double)values[i] - mean);
        moments += (double)values[i] * (double)values[i];
    }
    double off = fabs((double)d.stddev - sqrt(squares / (double)n));
    assert_true(off <= sqrt(moments / (double)n) / 64 + 0.5);
    arena_free(&a);
}

static void percentiles_are_within_a_64th_of_an_exact_sort(void **state)
{
    (void)state;
    generator *const generators[] = {log_normal, uniform, constant, bimodal, zero};
    const uint64_t sizes[] = {1, 2, 3, 10, 99, 100, 101, 1000, VALUES_MAX};
    for (size_t g = 0; g < sizeof generators / sizeof *generators; g++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            describes(generators[g], sizes[s]);
        }
    }
}

static void small_values_have_exact_percentiles(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY);
    histogram h = {0};
    for (uint64_t value = 1; value <= 60; value++) {
        histogram_add(&h, &a, value, 1);
    }
    distribution d = histogram_describe(&h, 60, 60 * 61 / 2, 1, 60);
    assert_int_equal(d.p50, 30);
    assert_int_equal(d.p90, 54);
    assert_int_equal(d.p95, 57);
    assert_int_equal(d.p99, 60);    /* 59.4, so the 60th */
    assert_int_equal(d.stddev, 17); /* sqrt((60^2 - 1) / 12) = 17.3 */
    arena_free(&a);
}

static void nothing_has_no_percentiles(void **state)
{
    (void)state;
    histogram h = {0};
    distribution d = histogram_describe(&h, 0, 0, 0, 0);
    assert_int_equal(d.p50 + d.p90 + d.p95 + d.p99 + d.stddev, 0);
}

/* --- merging ---------------------------------------------------------------------------- */

static void add_many(histogram *h, arena *a, uint64_t seed, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t value = number(seed, i);
        assert_true(histogram_add(h, a, value >> (value % 64), 1 + value % 5));
    }
}

static void pack(uint64_t seed, uint64_t n, buf *out)
{
    arena a;
    histogram h = {0};
    arena_init(&a, MEMORY);
    add_many(&h, &a, seed, n);
    buf_init(out, MEMORY);
    histogram_encode(&h, out);
    arena_free(&a);
}

static void merge_to(const slice *parts, size_t n, buf *out)
{
    arena a;
    histogram h = {0};
    arena_init(&a, MEMORY);
    for (size_t i = 0; i < n; i++) {
        assert_true(histogram_merge(&h, &a, parts[i]));
    }
    buf_init(out, MEMORY);
    histogram_encode(&h, out);
    arena_free(&a);
}

static void merging_is_adding_all_in_any_order_byte_for_byte(void **state)
{
    (void)state;
    const uint64_t sizes[][3] = {{1, 1, 1}, {3, 500, 20}, {0, 10, 0}, {5000, 5000, 5000}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        buf part[3];
        arena a;
        histogram all = {0};
        arena_init(&a, MEMORY);
        for (uint64_t i = 0; i < 3; i++) {
            pack(10 + i, sizes[s][i], &part[i]);
            add_many(&all, &a, 10 + i, sizes[s][i]);
        }
        buf expected;
        buf_init(&expected, MEMORY);
        histogram_encode(&all, &expected);
        static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}};
        for (size_t o = 0; o < 4; o++) {
            buf first;
            buf whole;
            merge_to((slice[]){buf_slice(&part[orders[o][0]]), buf_slice(&part[orders[o][1]])}, 2,
                     &first);
            merge_to((slice[]){buf_slice(&first), buf_slice(&part[orders[o][2]])}, 2, &whole);
            assert_true(slice_equal(buf_slice(&whole), buf_slice(&expected)));
            buf_free(&first);
            buf_free(&whole);
        }
        for (int i = 0; i < 3; i++) {
            buf_free(&part[i]);
        }
        buf_free(&expected);
        arena_free(&a);
    }
}

static void counts_are_held_at_their_limit(void **state)
{
    (void)state;
    const uint64_t limit = (UINT64_C(1) << 48) - 1;
    arena a;
    histogram h = {0};
    uint64_t slot;
    arena_init(&a, MEMORY);
    histogram_add(&h, &a, 5, limit - 1);
    histogram_add(&h, &a, 5, 7);
    assert_int_equal(histogram_sorted(&h, &slot, 1), 1);
    assert_int_equal(histogram_slot_bin(slot), 5);
    assert_true(histogram_slot_count(slot) == limit);
    arena_free(&a);
}

static void sorted_gives_bins_in_ascending_order(void **state)
{
    (void)state;
    arena a;
    histogram h = {0};
    uint64_t sorted[HISTOGRAM_BINS];
    arena_init(&a, MEMORY);
    add_many(&h, &a, 20, 20000);
    uint32_t n = histogram_sorted(&h, sorted, HISTOGRAM_BINS);
    assert_int_equal(n, h.n);
    for (uint32_t i = 1; i < n; i++) {
        assert_true(histogram_slot_bin(sorted[i - 1]) < histogram_slot_bin(sorted[i]));
    }
    arena_free(&a);
}

/* --- packed form --------------------------------------------------------------------------- */

static void the_packed_form_is_version_distances_and_counts(void **state)
{
    (void)state;
    arena a;
    histogram h = {0};
    buf out;
    arena_init(&a, MEMORY);
    buf_init(&out, 100);
    histogram_encode(&h, &out);
    assert_int_equal(out.n, 0);
    histogram_add(&h, &a, 9, 300);
    histogram_add(&h, &a, 2, 1);
    histogram_add(&h, &a, 64, 2); /* 64 and 65 share bin 64 */
    histogram_add(&h, &a, 65, 2);
    histogram_encode(&h, &out);
    assert_true(slice_equal(buf_slice(&out), SLICE("\x01\x02\x01\x07\xac\x02\x37\x04")));
    buf_free(&out);
    arena_free(&a);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    static const slice damaged[] = {
        SLICE("\x02\x01\x01"),                         /* another version */
        SLICE("\x01\x05"),                             /* no count */
        SLICE("\x01\x05\x80"),                         /* a count cut off */
        SLICE("\x01\x05\x01\x00\x01"),                 /* the same bin again */
        SLICE("\x01\x05\x00"),                         /* a bin of nothing */
        SLICE("\x01\x80\x0f\x01"),                     /* bin 1920, one past the last */
        SLICE("\x01\xff\x0e\x01\x01\x01"),             /* the last, and one behind it */
        SLICE("\x01\x05\x80\x80\x80\x80\x80\x80\x40"), /* a count of 2^48 */
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        arena a;
        histogram h = {0};
        arena_init(&a, MEMORY);
        assert_false(histogram_merge(&h, &a, damaged[i]));
        arena_free(&a);
    }
    arena a;
    histogram h = {0};
    arena_init(&a, MEMORY);
    assert_true(histogram_merge(&h, &a, SLICE("\x01\xff\x0e\x01"))); /* bin 1919, the last */
    assert_true(histogram_merge(&h, &a, SLICE("")));
    assert_int_equal(h.n, 1);
    arena_free(&a);
}

static void every_cut_of_a_packed_form_within_a_bin_is_refused(void **state)
{
    (void)state;
    buf packed;
    pack(30, 300, &packed);
    arena a;
    histogram h = {0};
    uint64_t whole = 0;
    arena_init(&a, MEMORY);
    for (size_t n = 1; n < packed.n; n++) {
        histogram part = {0};
        whole += histogram_merge(&part, &a, slice_take(buf_slice(&packed), n));
    }
    /* A cut behind a bin is a histogram of fewer bins; any other is none. The version byte
     * alone is a histogram of no bins. */
    assert_true(histogram_merge(&h, &a, buf_slice(&packed)));
    assert_int_equal(whole, h.n);
    buf_free(&packed);
    arena_free(&a);
}

static void memory_that_is_out_is_told_and_nothing_is_added(void **state)
{
    (void)state;
    arena a;
    histogram h = {0};
    arena_init(&a, 64); /* eight slots, of which six may be used */
    uint64_t added = 0;
    while (histogram_add(&h, &a, added, 1)) {
        added++;
    }
    assert_int_equal(added, 6);
    assert_int_equal(h.n, 6);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_lies_in_its_bin_and_near_its_middle),
        cmocka_unit_test(bins_follow_each_other_without_gaps),
        cmocka_unit_test(percentiles_are_within_a_64th_of_an_exact_sort),
        cmocka_unit_test(small_values_have_exact_percentiles),
        cmocka_unit_test(nothing_has_no_percentiles),
        cmocka_unit_test(merging_is_adding_all_in_any_order_byte_for_byte),
        cmocka_unit_test(counts_are_held_at_their_limit),
        cmocka_unit_test(sorted_gives_bins_in_ascending_order),
        cmocka_unit_test(the_packed_form_is_version_distances_and_counts),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(every_cut_of_a_packed_form_within_a_bin_is_refused),
        cmocka_unit_test(memory_that_is_out_is_told_and_nothing_is_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
