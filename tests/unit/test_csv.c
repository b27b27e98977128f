/* The table for spreadsheets: one line a query, as many cells in each, no cell that computes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_fixture.h"
#include "report/csv.h"

enum { COLUMNS = 29, CELL_MAX = 65536 };

static model_fixture fixture;

/* Takes a cell as RFC 4180 has it; `last` tells whether it ends its line. */
static slice take_cell(slice *rest, char cell[CELL_MAX], bool *last)
{
    size_t n = 0;
    bool quoted = rest->n > 0 && rest->p[0] == '"';
    *rest = slice_skip(*rest, quoted);
    for (; rest->n > 0; *rest = slice_skip(*rest, 1)) {
        char c = rest->p[0];
        if (quoted && c == '"') {
            *rest = slice_skip(*rest, 1);
            quoted = rest->n > 0 && rest->p[0] == '"';
            if (!quoted) {
                break;
            }
        } else if (!quoted && (c == ',' || c == '\r')) {
            break;
        }
        assert_true(n < CELL_MAX);
        cell[n++] = c;
    }
    *last = slice_starts_with(*rest, SLICE("\r\n"));
    assert_true(*last || slice_starts_with(*rest, SLICE(",")));
    *rest = slice_skip(*rest, *last ? 2 : 1);
    return slice_of(cell, n);
}

static buf written(void)
{
    buf out;
    buf_init(&out, 1 << 20);
    report_csv(&fixture_make(&fixture)->m, &out);
    assert_false(out.failed);
    assert_true(slice_starts_with(buf_slice(&out), SLICE("\xef\xbb\xbf")));
    return out;
}

static void every_line_has_the_same_cells_and_none_begins_like_a_formula(void **state)
{
    (void)state;
    static char cell[CELL_MAX];
    buf out = written();
    slice rest = slice_skip(buf_slice(&out), 3);
    unsigned lines = 0;
    while (rest.n > 0) {
        bool last = false;
        unsigned cells = 0;
        for (; !last; cells++) {
            slice text = take_cell(&rest, cell, &last);
            assert_true(text.n == 0 || memchr("=+-@\t\r", text.p[0], 6) == NULL);
            assert_null(memchr(text.p, '\n', text.n));
            assert_null(memchr(text.p, '\x1b', text.n));
        }
        assert_int_equal(cells, COLUMNS);
        lines++;
    }
    assert_int_equal(lines, 1 + FIXTURE_QUERIES);
    buf_free(&out);
}

static void assert_first_query_has(const char *text)
{
    buf out = written();
    assert_non_null(strstr(out.p, text));
    buf_free(&out);
}

static void figures_are_the_model_s_in_ms(void **state)
{
    (void)state;
    /* 291 s of 300 s; the mean of 210,108 us. */
    assert_first_query_has(",1385,1385,3,0.970000,291000.000,210.108,0.054,150.000,400.000,612.000,"
                           "1100.000,1360.000,98.765,");
}

static void an_id_that_looks_like_a_number_stays_text(void **state)
{
    (void)state;
    assert_first_query_has("\"9f3c21d07be4a6c8\"");
    fixture_make(&fixture);
    const uint64_t ids[] = {0x1234567890123456, 0x12345e6789012345, 0x1e2e345678901234};
    const char *const expected[] = {"\"'1234567890123456\"", "\"'12345e6789012345\"",
                                    "\"1e2e345678901234\""};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        buf out;
        buf_init(&out, 1 << 20);
        fixture.queries[0].id = ids[i];
        report_csv_query(&fixture.m, &fixture.queries[0], &out);
        assert_non_null(strstr(out.p, expected[i]));
        buf_free(&out);
    }
}

static void what_is_not_known_is_empty(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 1 << 20);
    fixture_make(&fixture);
    fixture.queries[0].time.sum_alone = true;
    report_csv_query(&fixture.m, &fixture.queries[0], &out);
    assert_non_null(strstr(out.p, ",0.970000,291000.000,210.108,,,,,,,,"));
    buf_clear(&out);
    report_csv_query(&fixture.m, &fixture.queries[2], &out); /* without times */
    assert_non_null(strstr(out.p, ",7,7,0,,,,,,,,,,,"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_the_same_cells_and_none_begins_like_a_formula),
        cmocka_unit_test(figures_are_the_model_s_in_ms),
        cmocka_unit_test(an_id_that_looks_like_a_number_stays_text),
        cmocka_unit_test(what_is_not_known_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
