/* test_event.c - the batch: events in order, who entries shared, memory kept between blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "event.h"

enum { MEMORY = 1024 * 1024 };

static void events_are_zeroed_and_keep_their_order_as_the_batch_grows(void **state)
{
    (void)state;
    batch b;
    batch_init(&b, MEMORY);
    for (uint32_t i = 0; i < 5000; i++) {
        event *e = batch_add_event(&b);
        assert_non_null(e);
        assert_int_equal(e->has, 0);
        assert_int_equal(e->time, 0);
        assert_null(e->text.p);
        e->line = i;
        e->has = HAS_TIME;
    }
    assert_int_equal(b.n_events, 5000);
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(b.events[i].line, i);
    }
    batch_free(&b);
}

static void measures_belong_to_the_event_that_was_added_before_them(void **state)
{
    (void)state;
    batch b;
    batch_init(&b, MEMORY);
    for (uint64_t i = 0; i < 3000; i++) {
        assert_non_null(batch_add_event(&b));
        for (uint64_t k = 0; k < i % 3; k++) {
            batch_add_measured(&b, MEASURE_ROWS_SENT, 10 * i + k);
        }
    }
    for (uint64_t i = 0; i < 3000; i++) {
        const event *e = &b.events[i];
        assert_int_equal(e->n_measured, i % 3);
        for (uint64_t k = 0; k < e->n_measured; k++) {
            assert_int_equal(b.measured[e->first_measured + k].value, 10 * i + k);
        }
    }
    batch_reset(&b);
    assert_int_equal(b.n_measured, 0);
    batch_free(&b);
}

static who who_of_number(char (*text)[16], unsigned i)
{
    snprintf(text[0], sizeof text[0], "user%u", i % 10);
    snprintf(text[1], sizeof text[1], "db%u", i / 10);
    return (who){.user = slice_from(text[0]), .database = slice_from(text[1])};
}

static void equal_combinations_share_an_entry_and_others_do_not(void **state)
{
    (void)state;
    enum { COMBINATIONS = 1000 };
    static char texts[COMBINATIONS][2][16];
    batch b;
    batch_init(&b, MEMORY);
    for (unsigned i = 0; i < COMBINATIONS; i++) {
        who w = who_of_number(texts[i], i);
        assert_int_equal(batch_who(&b, &w), i);
    }
    for (unsigned i = COMBINATIONS; i-- > 0;) {
        char again[2][16]; /* the same text elsewhere */
        who w = who_of_number(again, i);
        assert_int_equal(batch_who(&b, &w), i);
        assert_int_equal(batch_who(&b, &w), i);
    }
    assert_int_equal(b.n_whos, COMBINATIONS);
    batch_free(&b);
}

static void each_field_of_a_combination_tells_it_apart(void **state)
{
    (void)state;
    static const who different[] = {
        {.database = {"a", 1}}, {.user = {"a", 1}},      {.application = {"a", 1}},
        {.host = {"a", 1}},     {.tags = {"a\0b\0", 4}}, {.tags = {"a\0c\0", 4}},
        {.host = {NULL, 0}},
    };
    batch b;
    batch_init(&b, MEMORY);
    for (uint32_t i = 0; i < sizeof different / sizeof *different; i++) {
        assert_int_equal(batch_who(&b, &different[i]), i);
    }
    batch_free(&b);
}

static void packed_tags_are_taken_as_they_were_added(void **state)
{
    (void)state;
    buf packed;
    slice key;
    slice value;
    buf_init(&packed, 1024);
    tag_add(&packed, SLICE("action"), SLICE("index"));
    tag_add(&packed, SLICE("job"), SLICE(""));
    slice rest = buf_slice(&packed);
    assert_true(tag_take(&rest, &key, &value));
    assert_true(slice_is(key, "action") && slice_is(value, "index"));
    assert_true(tag_take(&rest, &key, &value));
    assert_true(slice_is(key, "job") && value.n == 0);
    assert_false(tag_take(&rest, &key, &value));
    rest = slice_of("key without end", 15); /* as a damaged store may have it */
    assert_false(tag_take(&rest, &key, &value));
    buf_free(&packed);
}

static void skipped_lines_are_added_up_by_reason_with_the_first_line_kept(void **state)
{
    (void)state;
    batch b;
    batch_init(&b, MEMORY);
    batch_skip(&b, SKIP_FOREIGN, 7, 100);
    batch_skip(&b, SKIP_HEADLESS, 9, 5);
    batch_skip(&b, SKIP_FOREIGN, 11, 50);
    assert_int_equal(b.skipped[SKIP_FOREIGN].count, 2);
    assert_int_equal(b.skipped[SKIP_FOREIGN].bytes, 150);
    assert_int_equal(b.skipped[SKIP_FOREIGN].first_line, 7);
    assert_int_equal(b.skipped[SKIP_HEADLESS].first_line, 9);
    assert_int_equal(b.skipped[SKIP_TOO_LONG].count, 0);
    batch_free(&b);
}

static void attributes_of_one_name_and_unit_share_an_id_and_others_do_not(void **state)
{
    (void)state;
    enum { NAMES = 1000 };
    static char names[NAMES][16];
    batch b;
    batch_init(&b, MEMORY);
    for (uint32_t i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof names[i], "Name%u", i / 2);
        assert_int_equal(
            batch_attribute(&b, slice_from(names[i]), i % 2 == 0 ? UNIT_COUNT : UNIT_TIME),
            MEASURE_COUNT + i);
    }
    for (uint32_t i = NAMES; i-- > 0;) {
        char again[16]; /* the same text elsewhere */
        snprintf(again, sizeof again, "Name%u", i / 2);
        assert_int_equal(
            batch_attribute(&b, slice_from(again), i % 2 == 0 ? UNIT_COUNT : UNIT_TIME),
            MEASURE_COUNT + i);
    }
    assert_int_equal(b.n_attributes, NAMES);
    batch_reset(&b);
    assert_int_equal(b.n_attributes, 0);
    assert_int_equal(batch_attribute(&b, SLICE("Name7"), UNIT_COUNT), MEASURE_COUNT);
    batch_free(&b);
}

static void reset_forgets_everything_and_keeps_the_memory(void **state)
{
    (void)state;
    batch b;
    batch_init(&b, MEMORY);
    who one = {.user = SLICE("one")};
    who two = {.user = SLICE("two")};
    batch_who(&b, &one);
    batch_who(&b, &two);
    batch_add_event(&b)->line = 3;
    batch_skip(&b, SKIP_FOREIGN, 7, 100);
    b.event_bytes = 1;
    b.other_bytes = 1;
    b.lines = 1;
    b.unknown_zone = true;
    b.zone = SLICE("UTC");
    b.out_of_memory = true;
    const event *memory = b.events;

    batch_reset(&b);
    assert_int_equal(b.n_events + b.n_whos + b.lines + b.skipped[SKIP_FOREIGN].count, 0);
    assert_int_equal(b.event_bytes + b.other_bytes + b.zone.n, 0);
    assert_false(b.unknown_zone);
    assert_false(b.out_of_memory);
    assert_ptr_equal(b.events, memory);
    assert_int_equal(batch_who(&b, &two), 0);
    assert_int_equal(batch_who(&b, &one), 1);
    assert_int_equal(batch_add_event(&b)->line, 0);
    batch_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_zeroed_and_keep_their_order_as_the_batch_grows),
        cmocka_unit_test(measures_belong_to_the_event_that_was_added_before_them),
        cmocka_unit_test(equal_combinations_share_an_entry_and_others_do_not),
        cmocka_unit_test(each_field_of_a_combination_tells_it_apart),
        cmocka_unit_test(packed_tags_are_taken_as_they_were_added),
        cmocka_unit_test(skipped_lines_are_added_up_by_reason_with_the_first_line_kept),
        cmocka_unit_test(attributes_of_one_name_and_unit_share_an_id_and_others_do_not),
        cmocka_unit_test(reset_forgets_everything_and_keeps_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
