/* test_formats.c - the table of formats: what is told of each is so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsers/parser.h"

enum { SURE_ENOUGH = 20, MEMORY = 1024 * 1024 };

/* Formats that no log is taken for have no lines of their own. */
static bool is_chosen_by_name(const parser *p)
{
    return p->detect(SLICE("a line\n"), &(format_options){0}) == DETECT_NEVER;
}

static void each_format_s_example_is_recognised_as_it_and_as_no_other(void **state)
{
    (void)state;
    format_options none = {0};
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        assert_true(strlen(parser_registry[i]->recognised) > 0);
        if (is_chosen_by_name(parser_registry[i])) {
            continue;
        }
        slice example = slice_from(parser_registry[i]->example);
        int own = parser_registry[i]->detect(example, &none);
        assert_true(own >= SURE_ENOUGH);
        for (size_t k = 0; parser_registry[k] != NULL; k++) {
            assert_true(k == i || parser_registry[k]->detect(example, &none) < own);
        }
    }
}

static void each_format_s_example_is_read_to_its_last_byte(void **state)
{
    (void)state;
    format_options none = {0};
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        const parser *p = parser_registry[i];
        slice example = slice_from(p->example);
        if (is_chosen_by_name(p)) {
            continue;
        }
        arena keep;
        batch b;
        format f;
        status st = {0};
        arena_init(&keep, MEMORY);
        batch_init(&b, MEMORY);
        assert_true(p->prepare(example, &none, &keep, &f, &st));
        p->parse(&f, example, false, &b);
        assert_int_equal(b.n_events, 1);
        assert_int_equal(b.event_bytes + b.other_bytes, example.n);
        batch_free(&b);
        arena_free(&keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_s_example_is_recognised_as_it_and_as_no_other),
        cmocka_unit_test(each_format_s_example_is_read_to_its_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
