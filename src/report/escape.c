/* escape.c - see escape.h.
 *
 * One loop reads the code points; a mode is a function that says what to write
 * instead of one of them. */
#include "report/escape.h"

/* One code point and what is around it. */
typedef struct place {
    uint32_t c;
    uint32_t before; /* 0 at the text's start */
    slice after;
    bool at_start;  /* nothing but blanks so far */
    bool in_number; /* nothing but blanks and then digits so far */
} place;

/* What to write instead, or NULL to keep the code point. */
typedef const char *(*replacer)(const place *at);

#define REPLACEMENT "\xEF\xBF\xBD"
#define ZERO_WIDTH  "&#8203;"

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_windows_line_end(slice text)
{
    return slice_starts_with(text, SLICE("\r\n"));
}

/* The byte that follows, where a Windows line end is a newline; 0 at the end. */
static unsigned char next_byte(const place *at)
{
    if (is_windows_line_end(at->after)) {
        return '\n';
    }
    return at->after.n > 0 ? (unsigned char)at->after.p[0] : 0;
}

/* The bytes that may follow a first byte, and how many continue it (The Unicode Standard,
 * table 3-7). */
static unsigned continuation(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        return 1;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 2;
    }
    return first >= 0xF0 && first <= 0xF4 ? 3 : 0;
}

uint32_t utf8_take(slice *in)
{
    unsigned char first = (unsigned char)in->p[0];
    unsigned char low;
    unsigned char high;
    unsigned count = first < 0x80 ? 0 : continuation(first, &low, &high);
    if (count == 0) {
        *in = slice_skip(*in, 1);
        return first < 0x80 ? first : UTF8_REPLACEMENT;
    }
    uint32_t c = first & (0x3Fu >> count);
    for (unsigned i = 1; i <= count; i++) {
        unsigned char byte = i < in->n ? (unsigned char)in->p[i] : 0;
        if (byte < low || byte > high) {
            *in = slice_skip(*in, i);
            return UTF8_REPLACEMENT;
        }
        c = c << 6 | (byte & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *in = slice_skip(*in, count + 1);
    return c;
}

slice utf8_take_whole(slice text, size_t n)
{
    n = n < text.n ? n : text.n;
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return slice_take(text, n);
}

bool utf8_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

static void step(place *at)
{
    at->in_number = (at->at_start || at->in_number) && is_digit(at->c);
    at->at_start = at->at_start && is_blank(at->c);
    at->before = at->c;
}

static void escape_with(buf *out, slice text, replacer replace)
{
    place at = {.at_start = true, .after = text};
    const char *kept = text.p; /* from here on nothing is written yet */
    while (at.after.n > 0) {
        const char *begin = at.after.p;
        bool dropped = is_windows_line_end(at.after);
        at.c = utf8_take(&at.after);
        const char *instead;
        if (dropped) {
            instead = "";
        } else if (at.c == UTF8_REPLACEMENT || (utf8_is_control(at.c) && !is_blank(at.c))) {
            instead = REPLACEMENT;
        } else {
            instead = replace(&at);
        }
        if (instead != NULL) {
            buf_add(out, slice_between(kept, begin));
            buf_add_text(out, instead);
            kept = at.after.p;
        }
        if (!dropped) {
            step(&at);
        }
    }
    buf_add(out, slice_between(kept, at.after.p));
}

static const char *keep(const place *at)
{
    (void)at;
    return NULL;
}

static const char *in_terminal(const place *at)
{
    return is_blank(at->c) ? " " : NULL;
}

static const char *in_code_span(const place *at)
{
    return at->c == '|' ? "\\|" : in_terminal(at);
}

static const char *in_html(const place *at)
{
    switch (at->c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* \(aq is never a request, wherever it stands, and is copied from a page as a plain quote. */
static const char *in_roff(const place *at)
{
    switch (at->c) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '.':
        return at->before == 0 || at->before == '\n' ? "\\&." : NULL;
    default:
        return NULL;
    }
}

/* A colon, a name and a colon, as in a::date::text, is shown as a picture. */
static bool is_emoji(slice name)
{
    size_t n = 0;
    while (n < name.n &&
           (is_letter((unsigned char)name.p[n]) || is_digit((unsigned char)name.p[n]) ||
            memchr("_+-", name.p[n], 3) != NULL)) {
        n++;
    }
    return n > 0 && n < name.n && name.p[n] == ':';
}

/* What is markup only where a line begins: headings, lists, quotes, rules, a table's second row,
 * GitLab's quick actions. */
static const char *at_markdown_line_start(const place *at)
{
    unsigned char next = next_byte(at);
    bool alone = next == 0 || is_blank(next);
    switch (at->c) {
    case '#':
        return "\\#";
    case '>':
        return "&gt;";
    case '=':
        return "\\=";
    case '/':
        return "\\/";
    case '+':
        return alone ? "\\+" : NULL;
    case '-':
        return alone || next == '-' || next == ':' ? "\\-" : NULL;
    case ':':
        return next == '-' ? "\\:" : NULL;
    default:
        return NULL;
    }
}

/* What the readers of GitHub and GitLab turn into links, pictures and formulas by themselves. */
static const char *in_markdown_reference(const place *at)
{
    unsigned char next = next_byte(at);
    switch (at->c) {
    case '@':
        return next == 0 || is_letter(next) || is_digit(next) ? "@" ZERO_WIDTH : NULL;
    case '#':
        return is_digit(next) ? "#" ZERO_WIDTH : NULL;
    case ':':
        return slice_starts_with(at->after, SLICE("//")) || is_emoji(at->after) ? ":" ZERO_WIDTH
                                                                                : NULL;
    case 'w':
    case 'W':
        if (at->after.n > 2 && (next | 0x20) == 'w' && (at->after.p[1] | 0x20) == 'w' &&
            at->after.p[2] == '.') {
            return at->c == 'w' ? "w" ZERO_WIDTH : "W" ZERO_WIDTH;
        }
        return NULL;
    case '$': /* no formula ends before a digit: $1 stays as it is */
        return is_digit(next) && at->before != '$' ? NULL : "\\$";
    default:
        return NULL;
    }
}

/* Rules: GitHub Flavored Markdown 0.29. Entities rather than backslashes stand for < and &, since
 * the oldest readers of Markdown know no backslash there. */
static const char *in_markdown_text(const place *at)
{
    unsigned char next = next_byte(at);
    switch (at->c) {
    case '\\': /* at the end, the template's | would follow and be taken as escaped */
        return next == 0 ? "&#92;" : "\\\\";
    case '`':
        return "\\`";
    case '[':
        return "\\[";
    case ']':
        return "\\]";
    case '|':
        return "\\|";
    case '~':
        return "\\~";
    case '*': /* between blanks it is no emphasis, as in: select * from */
        return is_blank(at->before) && is_blank(next) && !at->at_start ? NULL : "\\*";
    case '_': /* nor is this within a word */
        return (is_letter(at->before) || is_digit(at->before)) &&
                       (is_letter(next) || is_digit(next))
                   ? NULL
                   : "\\_";
    case '<':
        return next == 0 || is_letter(next) || memchr("/!?", next, 3) != NULL ? "&lt;" : NULL;
    case '&':
        return next == 0 || is_letter(next) || next == '#' ? "&amp;" : NULL;
    case '.':
        return at->in_number && (next == 0 || is_blank(next)) ? "\\." : NULL;
    case ')':
        return at->in_number && (next == 0 || is_blank(next)) ? "\\)" : NULL;
    default:
        return NULL;
    }
}

static const char *in_markdown(const place *at)
{
    if (is_blank(at->c)) {
        return is_blank(at->before) ? "" : at->c == ' ' ? NULL : " ";
    }
    const char *instead = in_markdown_reference(at);
    if (instead == NULL && at->at_start) {
        instead = at_markdown_line_start(at);
    }
    return instead != NULL ? instead : in_markdown_text(at);
}

/* Whether a picture begins here: :) ;) (y) (*r). */
static bool is_wiki_emoticon(const place *at)
{
    static const char *const names[] = {"y)",  "n)",  "i)",  "/)",  "x)",    "!)",
                                        "+)",  "-)",  "?)",  "on)", "off)",  "*)",
                                        "*r)", "*g)", "*b)", "*y)", "flag)", "flagoff)"};
    slice after = at->after;
    if (at->c != '(') {
        return after.n > 0 && memchr(")(DPp", after.p[0], 5) != NULL;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_starts_with(after, slice_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Rules: Jira's "Text Formatting Notation Help". A hyphen strikes out at a word's edge, is a dash
 * beside another, and makes an issue's key of capitals and a number. */
static const char *in_wiki(const place *at)
{
    unsigned char next = next_byte(at);
    bool in_word = (at->before >= 'a' && at->before <= 'z') || is_digit(at->before);
    switch (at->c) {
    case '\\':
        return "&#92;";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '[':
        return "\\[";
    case ']':
        return "\\]";
    case '|':
        return "\\|";
    case '*':
        return "\\*";
    case '_':
        return is_letter(at->before) && is_letter(next) ? NULL : "\\_";
    case '+':
        return "\\+";
    case '^':
        return "\\^";
    case '~':
        return "\\~";
    case '!':
        return "\\!";
    case '-':
        return in_word && (is_letter(next) || is_digit(next)) ? NULL : "\\-";
    case '?':
        return next == '?' || at->before == '?' ? "\\?" : NULL;
    case '#':
        return at->at_start ? "\\#" : NULL;
    case '&':
        return next == 0 || is_letter(next) || next == '#' ? "&amp;" : NULL;
    case '(':
        return is_wiki_emoticon(at) ? "\\(" : NULL;
    case ':':
        return is_wiki_emoticon(at) || slice_starts_with(at->after, SLICE("//")) ? "\\:" : NULL;
    case ';':
        return is_wiki_emoticon(at) ? "\\;" : NULL;
    default:
        return is_blank(at->c) ? " " : NULL;
    }
}

/* A zero-width space keeps {noformat} from being a macro. */
static const char *in_wiki_block(const place *at)
{
    return at->c == '{' && slice_starts_with(at->after, SLICE("noformat")) ? "{\xE2\x80\x8B" : NULL;
}

void escape_text(buf *out, slice text, escape_mode mode)
{
    switch (mode) {
    case ESCAPE_NONE:
        buf_add(out, text);
        break;
    case ESCAPE_HTML:
        escape_with(out, text, in_html);
        break;
    case ESCAPE_MARKDOWN:
        escape_with(out, text, in_markdown);
        break;
    case ESCAPE_WIKI:
        escape_with(out, text, in_wiki);
        break;
    case ESCAPE_FENCED:
        escape_with(out, text, keep);
        break;
    case ESCAPE_ROFF:
        escape_with(out, text, in_roff);
        break;
    }
}

void escape_terminal(buf *out, slice text)
{
    escape_with(out, text, in_terminal);
}

void escape_terminal_lines(buf *out, slice text)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        slice line = end != NULL ? slice_between(text.p, end) : text;
        escape_terminal(out, line);
        buf_add_char(out, '\n');
        text = slice_skip(text, line.n + (end != NULL));
    }
}

size_t longest_backtick_run(slice text)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A reader takes one space off both ends, so one more is needed where the text has them itself,
 * and where a backtick would run into the fence. */
static bool needs_padding(slice text)
{
    char first = text.p[0];
    char last = text.p[text.n - 1];
    return first == '`' || last == '`' ||
           (is_blank((unsigned char)first) && is_blank((unsigned char)last));
}

void escape_code_span(buf *out, slice text)
{
    if (text.n == 0) {
        return;
    }
    size_t fence = longest_backtick_run(text) + 1;
    bool padded = needs_padding(text);
    buf_add_repeat(out, '`', fence);
    buf_add_repeat(out, ' ', padded);
    escape_with(out, text, in_code_span);
    buf_add_repeat(out, ' ', padded);
    buf_add_repeat(out, '`', fence);
}

void escape_wiki_span(buf *out, slice text)
{
    if (text.n > 0) {
        buf_add_text(out, "{{");
        escape_with(out, text, in_wiki);
        buf_add_text(out, "}}");
    }
}

void escape_wiki_block(buf *out, slice text)
{
    escape_with(out, text, in_wiki_block);
}
