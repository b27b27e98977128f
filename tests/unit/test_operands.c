/* test_operands.c - which files a word of the command line stands for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "input/operands.h"
#include "store_fixture.h"

typedef struct expanded {
    arena keep;
    operand_files files;
    status st;
    bool ok;
} expanded;

static expanded expand(const char *word)
{
    expanded e = {0};
    arena_init(&e.keep, 1 << 20);
    e.ok = operand_expand(word, &e.keep, &e.files, &e.st);
    return e;
}

static void is_only(const char *word, const char *path)
{
    expanded e = expand(word);
    assert_true(e.ok);
    assert_int_equal(e.files.n, 1);
    assert_string_equal(e.files.items[0].path, path);
    assert_false(e.files.items[0].in_folder);
    arena_free(&e.keep);
}

static void a_file_stands_for_itself_even_where_it_is_missing(void **state)
{
    (void)state;
    is_only("-", "-");
    is_only("/dev/null", "/dev/null");
    is_only("/nonexistent/x.log", "/nonexistent/x.log");
}

static void a_folder_stands_for_the_plain_files_in_it_by_name(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name below = file_in(&f, "below");
    file_name link = file_in(&f, "link.log");
    assert_int_equal(mkdir(below.text, 0700), 0);
    file_write(file_in(&f, "b.log").text, SLICE("b"));
    file_write(file_in(&f, "a.log").text, SLICE("a"));
    file_write(file_in(&f, ".hidden").text, SLICE("h"));
    assert_int_equal(symlink("a.log", link.text), 0);
    assert_int_equal(symlink("nowhere", file_in(&f, "broken.log").text), 0);
    static const char *const expected[] = {"a.log", "b.log", "link.log"};
    for (int slash = 0; slash < 2; slash++) {
        expanded e = expand(slash ? file_in(&f, "").text : f.path);
        assert_true(e.ok);
        assert_int_equal(e.files.n, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_string_equal(e.files.items[i].path, file_in(&f, expected[i]).text);
            assert_true(e.files.items[i].in_folder);
        }
        arena_free(&e.keep);
    }
    rmdir(below.text);
    folder_remove(&f, (const char *[]){"a.log", "b.log", ".hidden", "link.log", "broken.log"}, 5);
}

static void a_folder_without_files_is_a_failure(void **state)
{
    (void)state;
    folder f = folder_make();
    expanded e = expand(f.path);
    assert_false(e.ok);
    assert_int_equal(e.st.code, STATUS_INPUT);
    assert_non_null(strstr(e.st.text, "no file in '/tmp/"));
    arena_free(&e.keep);
    folder_remove(&f, NULL, 0);
}

static void a_pattern_stands_for_what_matches_unless_a_file_has_that_name(void **state)
{
    (void)state;
    folder f = folder_make();
    file_write(file_in(&f, "b.log").text, SLICE("b"));
    file_write(file_in(&f, "a.log").text, SLICE("a"));
    file_write(file_in(&f, "[ab].log").text, SLICE("x"));
    expanded e = expand(file_in(&f, "?.log").text);
    assert_true(e.ok);
    assert_int_equal(e.files.n, 2);
    assert_string_equal(e.files.items[0].path, file_in(&f, "a.log").text);
    assert_string_equal(e.files.items[1].path, file_in(&f, "b.log").text);
    assert_false(e.files.items[0].in_folder);
    arena_free(&e.keep);
    is_only(file_in(&f, "[ab].log").text, file_in(&f, "[ab].log").text);
    e = expand(file_in(&f, "*.gz").text);
    assert_false(e.ok);
    assert_int_equal(e.st.code, STATUS_INPUT);
    assert_non_null(strstr(e.st.text, "no file matches '/tmp/"));
    arena_free(&e.keep);
    folder_remove(&f, (const char *[]){"a.log", "b.log", "[ab].log"}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_stands_for_itself_even_where_it_is_missing),
        cmocka_unit_test(a_folder_stands_for_the_plain_files_in_it_by_name),
        cmocka_unit_test(a_folder_without_files_is_a_failure),
        cmocka_unit_test(a_pattern_stands_for_what_matches_unless_a_file_has_that_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
