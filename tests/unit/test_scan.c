/* test_scan.c - searching: first, last, text, count, on empty bytes too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"

static void characters_are_found_from_both_ends(void **state)
{
    (void)state;
    slice text = SLICE("a,b,\0,c");
    assert_ptr_equal(scan_first(text, ','), text.p + 1);
    assert_ptr_equal(scan_last(text, ','), text.p + 5);
    assert_ptr_equal(scan_first(text, '\0'), text.p + 4);
    assert_ptr_equal(scan_last(text, 'a'), text.p);
    assert_null(scan_first(text, 'x'));
    assert_null(scan_last(text, 'x'));
}

static void nothing_is_found_behind_the_end(void **state)
{
    (void)state;
    slice text = slice_of("abc,", 3);
    assert_null(scan_first(text, ','));
    assert_null(scan_last(text, ','));
    assert_null(scan_text(text, SLICE("c,")));
    assert_int_equal(scan_count(text, ','), 0);
}

static void texts_are_found_at_their_first_place(void **state)
{
    (void)state;
    slice text = SLICE("xx: y: z");
    assert_ptr_equal(scan_text(text, SLICE(": ")), text.p + 2);
    assert_ptr_equal(scan_text(text, SLICE("xx: y: z")), text.p);
    assert_null(scan_text(text, SLICE("xx: y: z ")));
}

/* The bytes round it have its first and its last one, as far apart. */
static void a_text_is_found_wherever_it_stands_among_what_is_like_it(void **state)
{
    (void)state;
    enum { LONGEST = 70 };
    static const slice text = {"<text>", 6};
    char bytes[LONGEST];
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t i = 0; i < n; i++) {
            bytes[i] = "<tex?>"[i % text.n];
        }
        assert_null(scan_text(slice_of(bytes, n), text));
        for (size_t at = 0; at + text.n <= n; at++) {
            char kept[LONGEST];
            memcpy(kept, bytes, sizeof kept);
            memcpy(bytes + at, text.p, text.n);
            assert_ptr_equal(scan_text(slice_of(bytes, n), text), bytes + at);
            memcpy(bytes, kept, sizeof kept);
        }
    }
}

static void empty_bytes_hold_nothing(void **state)
{
    (void)state;
    slice nothing = {NULL, 0};
    assert_null(scan_first(nothing, 'a'));
    assert_null(scan_last(nothing, 'a'));
    assert_null(scan_text(nothing, SLICE("a")));
    assert_int_equal(scan_count(nothing, 'a'), 0);
}

static void counting_is_right_at_every_length(void **state)
{
    (void)state;
    char text[200];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 3 == 0 ? '\n' : '\xff';
    }
    for (size_t n = 0; n <= sizeof text; n++) {
        assert_int_equal(scan_count(slice_of(text, n), '\n'), (n + 2) / 3);
    }
}

/* Counted in bytes that hold 255 at most. */
static void every_one_of_many_is_counted(void **state)
{
    (void)state;
    enum { N = 16 * 700 + 5 };
    static char text[N];
    memset(text, 'x', N);
    for (size_t n = N - 20; n <= N; n++) {
        assert_int_equal(scan_count(slice_of(text, n), 'x'), n);
        assert_int_equal(scan_count(slice_of(text, n), 'y'), 0);
    }
    text[3] = text[N - 1] = (char)0xff;
    assert_int_equal(scan_count(slice_of(text, N), (char)0xff), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_found_from_both_ends),
        cmocka_unit_test(nothing_is_found_behind_the_end),
        cmocka_unit_test(texts_are_found_at_their_first_place),
        cmocka_unit_test(a_text_is_found_wherever_it_stands_among_what_is_like_it),
        cmocka_unit_test(empty_bytes_hold_nothing),
        cmocka_unit_test(counting_is_right_at_every_length),
        cmocka_unit_test(every_one_of_many_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
