/* layout.c - see layout.h. */
#include "report/layout.h"

#include "report/escape.h"

typedef struct range {
    uint32_t first, last;
} range;

/* East Asian Wide and Fullwidth, by whole blocks (Unicode Standard Annex 11), and emoji. */
static const range WIDE[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static const range ZERO[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static bool within(const range *ranges, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_mark(uint32_t c)
{
    return c >= 1 && c <= 4;
}

static unsigned character_columns(uint32_t c)
{
    if (is_mark(c)) {
        return 0;
    }
    if (c < 0x300) {
        return 1;
    }
    if (within(ZERO, sizeof ZERO / sizeof ZERO[0], c)) {
        return 0;
    }
    return within(WIDE, sizeof WIDE / sizeof WIDE[0], c) ? 2 : 1;
}

unsigned layout_width(const text_options *o)
{
    return o->width < LAYOUT_MIN_WIDTH ? LAYOUT_MIN_WIDTH : o->width;
}

void layout_glue(buf *line, size_t from)
{
    for (size_t i = from; i < line->n; i++) {
        if (line->p[i] == ' ') {
            line->p[i] = LAYOUT_GLUE[0];
        }
    }
}

unsigned layout_columns(slice composed)
{
    unsigned columns = 0;
    while (composed.n > 0) {
        columns += character_columns(utf8_take(&composed));
    }
    return columns;
}

/* The longest beginning of at most `columns` columns. */
static slice fitting(slice composed, unsigned columns)
{
    slice rest = composed;
    unsigned used = 0;
    while (rest.n > 0) {
        slice before = rest;
        used += character_columns(utf8_take(&rest));
        if (used > columns) {
            return slice_between(composed.p, before.p);
        }
    }
    return composed;
}

void layout_add_cut(buf *line, slice composed, unsigned columns)
{
    slice whole = fitting(composed, columns);
    if (whole.n == composed.n) {
        buf_add(line, composed);
    } else if (columns > 0) {
        buf_add(line, fitting(composed, columns - 1));
        buf_add_text(line, "…");
    }
}

void layout_add_left(buf *line, slice composed, unsigned columns)
{
    size_t from = line->n;
    layout_add_cut(line, composed, columns);
    slice added = slice_skip(buf_slice(line), from);
    buf_add_repeat(line, ' ', columns - layout_columns(added));
}

void layout_add_right(buf *line, slice composed, unsigned columns)
{
    unsigned used = layout_columns(composed);
    if (used < columns) {
        buf_add_repeat(line, ' ', columns - used);
    }
    layout_add_cut(line, composed, columns);
}

static void write_style(buf *out, char mark)
{
    static const char *const sequences[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[0m"};
    buf_add_text(out, sequences[(unsigned char)mark]);
}

/* Composed text as the terminal gets it. */
static void write_composed(buf *out, slice composed, bool colour)
{
    for (size_t i = 0; i < composed.n; i++) {
        char c = composed.p[i];
        if (c == LAYOUT_GLUE[0]) {
            buf_add_char(out, ' ');
        } else if (!is_mark((unsigned char)c)) {
            buf_add_char(out, c);
        } else if (colour) {
            write_style(out, c);
        }
    }
}

static slice without_trailing_blanks(slice text)
{
    while (text.n > 0 && text.p[text.n - 1] == ' ') {
        text.n--;
    }
    return text;
}

/* The part of `text` for one line of `columns` columns. A break within the first `keep` columns
 * would leave a label alone on its line: then the word is cut instead. */
static slice one_line(slice text, unsigned columns, unsigned keep)
{
    slice line = fitting(text, columns);
    if (line.n == text.n || text.p[line.n] == ' ') {
        return line;
    }
    size_t n = line.n;
    while (n > 0 && line.p[n - 1] != ' ') {
        n--;
    }
    slice broken = without_trailing_blanks(slice_take(line, n));
    return layout_columns(broken) > keep ? broken : line;
}

void layout_wrap(buf *out, slice composed, unsigned width, unsigned indent, bool colour)
{
    slice rest = without_trailing_blanks(composed);
    bool first = true;
    do {
        unsigned taken = first ? 0 : indent;
        unsigned columns = width > taken + 2 ? width - taken : 2; /* room for any character */
        slice line = one_line(rest, columns, first ? indent : 0);
        if (!first) {
            buf_add_repeat(out, ' ', indent);
        }
        write_composed(out, without_trailing_blanks(line), colour);
        buf_add_char(out, '\n');
        rest = slice_skip(rest, line.n);
        while (rest.n > 0 && rest.p[0] == ' ') {
            rest = slice_skip(rest, 1);
        }
        first = false;
    } while (rest.n > 0);
}

void layout_flush(const text_options *o, buf *out, buf *line, unsigned indent)
{
    layout_wrap(out, buf_slice(line), layout_width(o), indent, o->colour);
    buf_clear(line);
}
