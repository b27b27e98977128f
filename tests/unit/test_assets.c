/* test_assets.c - files that the build put into the program are the files of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/assets.h"
#include "base/scan.h"

static void the_schema_is_found_with_its_text(void **state)
{
    (void)state;
    slice text;
    assert_true(asset_find(SLICE("schema.sql"), &text));
    assert_true(slice_starts_with(text, SLICE("-- The store: ")));
    assert_true(slice_ends_with(text, SLICE("\n")));
    assert_non_null(scan_text(text, SLICE("CREATE TABLE segments(")));
}

static void a_name_has_to_match_in_full(void **state)
{
    (void)state;
    slice text;
    assert_false(asset_find(SLICE("schema"), &text));
    assert_false(asset_find(SLICE("schema.sqlx"), &text));
    assert_false(asset_find(SLICE(""), &text));
    assert_false(asset_find(SLICE("src/store/schema.sql"), &text));
}

static void every_asset_has_a_name_of_its_own_and_is_followed_by_nul(void **state)
{
    (void)state;
    size_t n = 0;
    for (const asset *a = assets; a->name != NULL; a++, n++) {
        slice text;
        assert_true(asset_find(slice_from(a->name), &text));
        assert_ptr_equal(text.p, a->text.p);
        assert_int_equal(a->text.p[a->text.n], '\0');
    }
    assert_true(n >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_is_found_with_its_text),
        cmocka_unit_test(a_name_has_to_match_in_full),
        cmocka_unit_test(every_asset_has_a_name_of_its_own_and_is_followed_by_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
