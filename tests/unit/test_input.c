/* test_input.c - bytes from files and pipes: opening, peeking, reading, going to a place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/input.h"

enum { TEXT_MAX = 300000 };

typedef struct temporary {
    char path[64];
} temporary;

static temporary file_with(slice text)
{
    temporary t = {"/tmp/qlog-input-XXXXXX"};
    int fd = mkstemp(t.path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    close(fd);
    return t;
}

/* The path of a pipe that holds the text and is then at its end; text fits into a pipe. */
static temporary pipe_with(slice text, int *reader)
{
    temporary t;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], text.p, text.n), text.n);
    close(fds[1]);
    *reader = fds[0];
    snprintf(t.path, sizeof t.path, "/dev/fd/%d", fds[0]);
    return t;
}

static slice long_text(void)
{
    static char text[TEXT_MAX];
    for (size_t i = 0; i < TEXT_MAX; i++) {
        text[i] = (char)('a' + i % 23);
    }
    return slice_of(text, TEXT_MAX);
}

static void rest_is(input *in, size_t piece, slice expected)
{
    char text[1000];
    status st = {0};
    size_t got;
    do {
        assert_true(input_read(in, text, piece, &got, &st));
        assert_true(got <= piece);
        assert_true(slice_starts_with(expected, slice_of(text, got)));
        expected = slice_skip(expected, got);
    } while (got > 0);
    assert_int_equal(expected.n, 0);
    assert_true(input_read(in, text, piece, &got, &st)); /* the end stays the end */
    assert_int_equal(got, 0);
}

static void a_file_that_is_missing_is_named_with_the_system_s_reason(void **state)
{
    (void)state;
    input in;
    status st = {0};
    assert_false(input_open(&in, "/nonexistent/x.log", -1, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_string_equal(st.text, "cannot open '/nonexistent/x.log': No such file or directory");
}

static void a_directory_is_refused(void **state)
{
    (void)state;
    input in;
    status st = {0};
    assert_false(input_open(&in, "/tmp", -1, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_string_equal(st.text, "cannot read '/tmp': Is a directory");
}

static void an_empty_file_is_at_its_end_at_once(void **state)
{
    (void)state;
    temporary t = file_with(SLICE(""));
    input in;
    status st = {0};
    slice head;
    assert_true(input_open(&in, t.path, -1, &st));
    assert_true(in.regular);
    assert_int_equal(in.size, 0);
    assert_true(input_peek(&in, 100, &head, &st));
    assert_int_equal(head.n, 0);
    rest_is(&in, 10, SLICE(""));
    input_close(&in);
    unlink(t.path);
}

static void what_was_peeked_at_is_read_all_the_same(void **state)
{
    (void)state;
    slice text = long_text();
    temporary t = file_with(text);
    const size_t peeks[] = {1, 999, 1000, 1001, 70000, TEXT_MAX, TEXT_MAX + 1};
    for (size_t i = 0; i < sizeof peeks / sizeof *peeks; i++) {
        input in;
        status st = {0};
        slice head;
        assert_true(input_open(&in, t.path, -1, &st));
        assert_int_equal(in.size, TEXT_MAX);
        assert_true(input_peek(&in, peeks[i], &head, &st));
        assert_true(slice_equal(head, slice_take(text, peeks[i])));
        assert_true(input_peek(&in, peeks[i] / 2 + 1, &head, &st)); /* less than before */
        assert_true(slice_equal(head, slice_take(text, peeks[i] / 2 + 1)));
        assert_true(input_peek(&in, peeks[i] + 5000, &head, &st)); /* and more */
        assert_true(slice_equal(head, slice_take(text, peeks[i] + 5000)));
        rest_is(&in, 1000, text);
        input_close(&in);
    }
    unlink(t.path);
}

static void a_pipe_can_be_peeked_at_and_read(void **state)
{
    (void)state;
    slice text = slice_take(long_text(), 5000);
    int reader;
    temporary t = pipe_with(text, &reader);
    input in;
    status st = {0};
    slice head;
    assert_true(input_open(&in, t.path, -1, &st));
    assert_false(in.regular);
    assert_true(input_peek(&in, 300, &head, &st));
    assert_true(slice_equal(head, slice_take(text, 300)));
    rest_is(&in, 77, text);
    input_close(&in);
    close(reader);
}

static void skipping_goes_to_the_place_counted_from_the_beginning(void **state)
{
    (void)state;
    slice text = slice_take(long_text(), 60000);
    const size_t offsets[] = {0, 1, 299, 300, 301, 59999, 60000};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        for (int piped = 0; piped < 2; piped++) {
            int reader = -1;
            temporary t = piped ? pipe_with(text, &reader) : file_with(text);
            input in;
            status st = {0};
            slice head;
            assert_true(input_open(&in, t.path, -1, &st));
            assert_true(input_peek(&in, 300, &head, &st));
            assert_true(input_skip_to(&in, offsets[i], NULL, 0, &st));
            rest_is(&in, 1000, slice_skip(text, offsets[i]));
            input_close(&in);
            if (piped) {
                close(reader);
            } else {
                unlink(t.path);
            }
        }
    }
}

static void a_file_can_be_gone_back_in(void **state)
{
    (void)state;
    slice text = slice_take(long_text(), 5000);
    temporary t = file_with(text);
    input in;
    status st = {0};
    assert_true(input_open(&in, t.path, -1, &st));
    rest_is(&in, 1000, text);
    assert_true(input_skip_to(&in, 10, NULL, 0, &st));
    rest_is(&in, 1000, slice_skip(text, 10));
    input_close(&in);
    unlink(t.path);
}

static void skipping_past_the_end_is_told_and_is_no_failure(void **state)
{
    (void)state;
    slice text = SLICE("0123456789");
    for (int piped = 0; piped < 2; piped++) {
        int reader = -1;
        temporary t = piped ? pipe_with(text, &reader) : file_with(text);
        input in;
        status st = {0};
        assert_true(input_open(&in, t.path, -1, &st));
        assert_false(input_skip_to(&in, 11, NULL, 0, &st));
        assert_int_equal(st.code, STATUS_OK);
        input_close(&in);
        if (piped) {
            close(reader);
        } else {
            unlink(t.path);
        }
    }
}

static void an_interrupt_ends_the_input(void **state)
{
    (void)state;
    slice text = long_text();
    temporary t = file_with(text);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    input in;
    status st = {0};
    char piece[10];
    size_t got;
    assert_true(input_open(&in, t.path, fds[0], &st));
    assert_true(input_read(&in, piece, sizeof piece, &got, &st));
    assert_int_equal(got, 10);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(input_read(&in, piece, sizeof piece, &got, &st));
    assert_int_equal(got, 0);
    assert_true(in.interrupted);
    assert_true(in.ended);
    input_close(&in);
    close(fds[0]);
    close(fds[1]);
    unlink(t.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_missing_is_named_with_the_system_s_reason),
        cmocka_unit_test(a_directory_is_refused),
        cmocka_unit_test(an_empty_file_is_at_its_end_at_once),
        cmocka_unit_test(what_was_peeked_at_is_read_all_the_same),
        cmocka_unit_test(a_pipe_can_be_peeked_at_and_read),
        cmocka_unit_test(skipping_goes_to_the_place_counted_from_the_beginning),
        cmocka_unit_test(a_file_can_be_gone_back_in),
        cmocka_unit_test(skipping_past_the_end_is_told_and_is_no_failure),
        cmocka_unit_test(an_interrupt_ends_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
