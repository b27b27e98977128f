/* fuzz_line_regex.c - formats of one's own: any pattern is compiled or refused, and the laws of log
 * parsers hold for any bytes. The input's first line is the pattern; where it is none, a fixed one
 * is taken. */
#include <stdint.h>

#include "base/scan.h"
#include "log_laws.h"
#include "parsers/regex/line_regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATTERN_MAX = 256 };

static line_regex *compile(slice text)
{
    char pattern[PATTERN_MAX];
    line_regex *r = NULL;
    status st = {0};
    if (text.n < sizeof pattern && memchr(text.p, '\0', text.n) == NULL) {
        memcpy(pattern, text.p, text.n);
        pattern[text.n] = '\0';
        (void)line_regex_compile(pattern, &r, &st);
    }
    st = (status){0};
    if (r == NULL && !line_regex_compile("(?<time>\\S+ \\S+) (?:(?<severity>[A-Z]+) )?"
                                         "(?<duration_ms>[\\d.]*) ?(?<text>.*)",
                                         &r, &st)) {
        __builtin_trap();
    }
    return r;
}

static void read_log(const line_regex *r, slice log)
{
    format f;
    batch whole;
    status st = {0};
    if (!line_regex_postgresql.prepare(log, &(format_options){.line_regex = r}, NULL, &f, &st)) {
        return; /* no line matches */
    }
    laws_parse(&f, log, false, &whole);
    size_t first = f.parser->cut(&f, log, CUT_FIRST);
    size_t last = f.parser->cut(&f, log, CUT_LAST);
    assert((first == 0) == (last == 0) && first <= last);
    if (last > 0) {
        laws_of_halves(&f, log, &whole, first);
        laws_of_halves(&f, log, &whole, last);
    }
    batch_free(&whole);
    laws_parse(&f, log, true, &whole);
    batch_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice input = slice_of((const char *)data, size);
    const char *end = scan_first(input, '\n');
    slice pattern = end != NULL ? slice_between(input.p, end) : slice_take(input, 0);
    line_regex *r = compile(pattern);
    read_log(r, end != NULL ? slice_skip(input, pattern.n + 1) : input);
    line_regex_free(r);
    return 0;
}
