/* fuzz_sql_layout.c - laws of the layout that hold for any bytes: only white space outside of
 * quotes differs, lines break where no token is divided, no line is too long that could have
 * been broken, what fits stays on one line, and the output is bounded. */
#include <assert.h>
#include <stdint.h>

#include "report/sql_layout.h"

enum { TEXT_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t width_of(slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    }
    return n;
}

/* The text without white space, but for that within quotes. */
static void add_without_blanks(buf *to, slice text)
{
    bool document = slice_starts_with(slice_trim(text), SLICE("{"));
    char quote = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool escape = quote != 0 && document && c == '\\' && i + 1 < text.n;
        if (quote != 0 || !is_blank(c)) {
            buf_add_char(to, c);
        }
        if (escape) {
            buf_add_char(to, text.p[++i]);
        } else if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'' || c == '`') {
            quote = c;
        }
    }
}

static void only_white_space_differs(slice text, unsigned columns)
{
    buf laid_out;
    buf before;
    buf after;
    buf_init(&laid_out, TEXT_MAX);
    buf_init(&before, TEXT_MAX);
    buf_init(&after, TEXT_MAX);
    sql_layout_text(text, columns, &laid_out);
    assert(laid_out.n <= text.n * (2 + SQL_LAYOUT_INDENT));
    /* A quote without its end takes the blanks at the end of the text with it, or not. */
    add_without_blanks(&before, slice_trim(text));
    add_without_blanks(&after, buf_slice(&laid_out));
    assert(!laid_out.failed && !before.failed && !after.failed);
    assert(slice_equal(buf_slice(&before), buf_slice(&after)));
    buf_free(&laid_out);
    buf_free(&before);
    buf_free(&after);
}

static bool may_break_between(char in_front, char next)
{
    return is_blank(in_front) || strchr("([{,;", in_front) != NULL || strchr(")]}", next) != NULL;
}

static void lines_are_sound(slice text, unsigned columns)
{
    sql_layout l;
    sql_piece piece;
    size_t column = 0;
    size_t lines = 1;
    size_t one_line = 0;
    bool could_break = false;
    const char *at = slice_trim(text).p;
    sql_layout_init(&l, text, columns);
    while (sql_layout_next(&l, &piece)) {
        bool blank = piece.text.p > at;
        assert(piece.text.n > 0 && piece.text.p >= at);
        if (piece.gap == GAP_LINE) {
            assert(piece.indent <= SQL_LAYOUT_INDENT && piece.indent <= columns / 2);
            assert(may_break_between(piece.text.p[-1], piece.text.p[0]));
            column = piece.indent;
            could_break = false;
            lines++;
        } else {
            assert(blank == (piece.gap == GAP_SPACE));
            column += piece.gap == GAP_SPACE;
            could_break = could_break || piece.gap == GAP_SPACE;
        }
        column += width_of(piece.text);
        one_line += width_of(piece.text) + blank;
        assert(column <= columns || !could_break);
        at = piece.text.p + piece.text.n;
    }
    bool fits = one_line <= columns && text.n / 4 <= columns;
    assert(lines == 1 || !fits || memchr(text.p, ';', text.n) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    slice text = slice_of((const char *)data + 1, size - 1);
    unsigned columns = data[0] % 130;
    only_white_space_differs(text, columns);
    lines_are_sound(text, columns);
    return 0;
}
