/* pmm_fingerprint.c - a statement's fingerprint as PMM makes it; see foreign_ids.h.
 *
 * One way through the text, byte after byte and without looking at its grammar. At each byte the
 * stretch of text that is to be copied next, [from, to), may be begun, ended or given up; what is
 * left out between two stretches is a value. The odd results that this has for some statements
 * are a part of the ids. */
#include "normalise/foreign_ids.h"

enum { DEPTH_MAX = 32 /* of subqueries in lists */ };

typedef enum place {
    NOWHERE,
    WORD,
    NUMBER,
    BLANK,
    COMPARISON,
    SIGN,
    QUOTE,
    SECOND_DASH,
    LINE_COMMENT,
    SLASH,
    SLASH_STAR,
    COMMENT,
    LIST,
    LIST_END,
    BACKTICK
} place;

typedef enum clause { NO_CLAUSE, ORDER_BY, ON_DUPLICATE, IN_LIST, EXECUTED_COMMENT } clause;

typedef struct machine {
    slice text; /* the statement; a blank is read behind it */
    buf *out;
    ptrdiff_t from, to;
    size_t word, word_end; /* the stretch that was copied last */
    size_t first_open;     /* of a list: its parenthesis */
    unsigned lists;        /* since the keyword */
    int open, closed;      /* parentheses */
    int depth;
    place at;
    clause in;
    char before, quote;
    bool escaped, owes_blank, done, failed;
} machine;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char byte_at(const machine *m, size_t i)
{
    return i < m->text.n ? m->text.p[i] : ' ';
}

/* Whether [begin, end) is this word, which is in lower case. */
static bool is_word(const machine *m, ptrdiff_t begin, ptrdiff_t end, const char *word)
{
    if (end - begin != (ptrdiff_t)strlen(word)) {
        return false;
    }
    for (ptrdiff_t i = begin; i < end; i++) {
        if (lower(byte_at(m, (size_t)i)) != word[i - begin]) {
            return false;
        }
    }
    return true;
}

static bool last_is(const machine *m, const char *word)
{
    return is_word(m, (ptrdiff_t)m->word, (ptrdiff_t)m->word_end, word);
}

static bool opens_list(const machine *m, ptrdiff_t begin, ptrdiff_t end)
{
    return is_word(m, begin, end, "in") || is_word(m, begin, end, "value") ||
           is_word(m, begin, end, "values");
}

static bool last_opens_list(const machine *m)
{
    return opens_list(m, (ptrdiff_t)m->word, (ptrdiff_t)m->word_end);
}

/* --- places where bytes are passed over ------------------------------------------------------ */

/* Of a quoted name or value: whether the byte is its end. */
static bool ends_quoted(machine *m, char c, char quote)
{
    bool end = c == quote && !m->escaped;
    m->escaped = c == '\\' && !m->escaped;
    return end;
}

static bool pass_quoted(machine *m, size_t i, char c)
{
    if (!ends_quoted(m, c, m->quote)) {
        return true;
    }
    m->from = (ptrdiff_t)i + 1;
    if (m->in == IN_LIST) {
        m->at = LIST;
    } else {
        buf_add_char(m->out, '?');
        m->at = NOWHERE;
    }
    return true;
}

static bool pass_name(machine *m, size_t i, char c)
{
    if (ends_quoted(m, c, '`')) {
        m->to = (ptrdiff_t)i + 1;
        m->at = WORD;
    }
    return true;
}

static bool pass_number(machine *m, size_t i, char c)
{
    char small = lower(c);
    if (is_digit(c) || (small >= 'a' && small <= 'f') || c == '.' || c == 'x' || c == '-') {
        return true;
    }
    if ((small >= 'g' && small <= 'z') || c == '_') { /* it was a name */
        m->to = (ptrdiff_t)i;
        m->at = WORD;
    } else if (m->in == EXECUTED_COMMENT) { /* its version */
        m->to = (ptrdiff_t)i;
        m->at = WORD;
        m->in = NO_CLAUSE;
    } else {
        buf_add_char(m->out, '?');
        m->from = m->to = (ptrdiff_t)i;
        m->at = NOWHERE;
    }
    return false;
}

static bool run(slice text, int depth, buf *out);

/* The first list after its keyword: what stands for it. */
static void write_list(machine *m, size_t i)
{
    size_t begin = m->first_open + 1;
    if (i - m->first_open <= 1) {
        buf_add_text(m->out, "()");
        return;
    }
    slice content = slice_take(slice_skip(m->text, begin), i - begin);
    slice trimmed = slice_trim(content);
    if (!is_word(m, trimmed.p - m->text.p, trimmed.p - m->text.p + (trimmed.n < 6 ? 0 : 6),
                 "select")) {
        buf_add_text(m->out, "(?+)");
        return;
    }
    buf_add_char(m->out, '(');
    m->failed = m->failed || !run(content, m->depth + 1, m->out);
    buf_add_char(m->out, ')');
}

static bool pass_list(machine *m, size_t i, char c)
{
    if (c == ')') {
        m->open--;
        m->closed++;
    } else if (c == '(') {
        m->open++;
        m->first_open = m->open == 1 ? i : m->first_open;
    } else if (c == '\'' || c == '"') {
        m->at = QUOTE;
        m->quote = c;
        return true;
    } else if (is_blank(c)) {
        return true;
    }
    if (m->open > 0) {
        return true;
    }
    if (m->closed == 0) { /* a word that is no keyword */
        m->at = WORD;
        return true;
    }
    if (++m->lists == 1) {
        write_list(m, i);
        m->first_open = 0;
    }
    m->at = LIST_END;
    m->before = c;
    m->from = (ptrdiff_t)i + 1;
    m->closed = 0;
    return true;
}

static bool pass_comment(machine *m, char c)
{
    m->at = m->before == '*' && c == '/' ? NOWHERE : COMMENT;
    m->before = m->at == COMMENT ? c : m->before;
    return true;
}

static bool pass_slash_star(machine *m, char c)
{
    if (c == '!') {
        m->at = WORD;
        m->in = EXECUTED_COMMENT;
        return false;
    }
    m->before = c;
    m->at = COMMENT;
    return true;
}

/* Whether the byte has no further meaning. */
static bool pass(machine *m, size_t i, char c)
{
    switch (m->at) {
    case QUOTE:
        return pass_quoted(m, i, c);
    case BACKTICK:
        return pass_name(m, i, c);
    case NUMBER:
        return pass_number(m, i, c);
    case LIST:
        return pass_list(m, i, c);
    case COMMENT:
        return pass_comment(m, c);
    case SLASH_STAR:
        return pass_slash_star(m, c);
    case LINE_COMMENT:
        m->at = c == '\n' ? NOWHERE : LINE_COMMENT;
        return true;
    default:
        break;
    }
    if (is_blank(c) && is_blank(m->before)) {
        m->from = (ptrdiff_t)i + 1;
        m->before = c;
        return true;
    }
    return false;
}

/* --- bytes that change the place -------------------------------------------------------------- */

static void see_digit(machine *m, size_t i)
{
    if (m->at == WORD && m->before != '(' && m->before != ',') {
        return; /* within a name */
    }
    m->to = (ptrdiff_t)i - (m->at == SIGN);
    m->at = NUMBER;
}

/* A word ends. */
static void end_word(machine *m, size_t i)
{
    ptrdiff_t end = (ptrdiff_t)i;
    bool comma = is_word(m, m->from, end, "null,");
    bool value = is_word(m, m->from, end, "null") && !last_is(m, "is") && !last_is(m, "not");
    if (is_word(m, m->from, end, "use") && m->word_end == m->word) {
        buf_clear(m->out);
        buf_add_text(m->out, "use ?");
        m->done = true;
        return;
    }
    if (value || comma) {
        buf_add_text(m->out, comma ? "?, " : "? ");
        m->from = end + 1;
    } else if (last_is(m, "order") && is_word(m, m->from, end, "by")) {
        m->in = ORDER_BY;
    } else if (m->in == ORDER_BY &&
               (is_word(m, m->from, end, "asc") || is_word(m, m->from, end, "asc,"))) {
        bool more = is_word(m, m->from, end, "asc,");
        m->from = end;
        if (more && m->out->n > 0) {
            buf_truncate(m->out, m->out->n - 1);
            buf_add_text(m->out, ", ");
        }
    } else if (last_is(m, "key") && is_word(m, m->from, end, "update")) {
        m->in = ON_DUPLICATE;
    }
    m->at = BLANK;
    m->to = end;
    m->owes_blank = true;
}

static void see_blank(machine *m, size_t i)
{
    if (m->at == NOWHERE) {
        if (m->out->n > 0 && !is_blank(m->out->p[m->out->n - 1])) {
            buf_add_char(m->out, ' ');
        }
        m->from = (ptrdiff_t)i + 1;
    } else if (m->at == SECOND_DASH) {
        m->at = LINE_COMMENT;
        m->to = m->to > 2 ? (ptrdiff_t)i - 2 : m->to;
    } else if (m->at == LIST_END) {
        if (m->lists == 1) {
            buf_add_char(m->out, ' ');
        }
    } else {
        end_word(m, i);
    }
}

static void see_quote(machine *m, size_t i, char c)
{
    if (m->before != '\\') {
        m->at = QUOTE;
        m->quote = c;
        /* Of x'0f' and b'01' nothing in front is copied. */
        m->to = m->before == 'x' || m->before == 'b' ? -2 : (ptrdiff_t)i;
    }
}

static void see_open(machine *m, size_t i)
{
    ptrdiff_t here = (ptrdiff_t)i;
    bool behind_keyword = (m->at == BLANK || m->at == LIST_END) && last_opens_list(m);
    if (last_is(m, "call")) {
        buf_clear(m->out);
        buf_add_text(m->out, "call ");
        buf_add(m->out, slice_take(slice_skip(m->text, (size_t)m->from), (size_t)(here - m->from)));
        m->done = true;
    } else if (m->in != ON_DUPLICATE && (behind_keyword || opens_list(m, m->from, here))) {
        m->at = LIST;
        m->in = IN_LIST;
        m->open = 1;
        m->first_open = i;
        m->to = m->lists == 0 ? here : m->to;
    } else if (m->at != WORD) {
        m->lists = 0;
        m->from = here;
        m->at = WORD;
    }
}

static void see_other(machine *m, size_t i)
{
    if (m->at != WORD && m->at != COMPARISON) {
        m->lists = 0;
        m->from = (ptrdiff_t)i;
        m->in = m->in == IN_LIST ? NO_CLAUSE : m->in;
    }
    m->at = WORD;
}

static void see_sign(machine *m, char c)
{
    m->at = c == '-' && m->before == '-' ? SECOND_DASH : SIGN;
}

static void see_comparison(machine *m, size_t i)
{
    if (m->at != WORD && m->at != COMPARISON) {
        m->from = (ptrdiff_t)i;
    }
    m->at = COMPARISON;
}

static void see_point(machine *m, size_t i)
{
    if (m->at == COMPARISON) {
        m->at = NUMBER;
        m->to = (ptrdiff_t)i;
    }
}

static void see_rest(machine *m, size_t i, char c)
{
    if (c == ',' && m->at == LIST_END) {
        return;
    }
    if (c == ':' && last_is(m, "administrator")) {
        buf_clear(m->out);
        buf_add(m->out, m->text);
        m->done = true;
    } else if (c == '#') {
        m->owes_blank = false;
        m->at = LINE_COMMENT;
    } else {
        see_other(m, i);
    }
}

static void see(machine *m, size_t i, char c)
{
    if (is_digit(c)) {
        see_digit(m, i);
    } else if (is_blank(c)) {
        see_blank(m, i);
    } else if (c == '\'' || c == '"') {
        see_quote(m, i, c);
    } else if (c == '`') {
        m->at = m->before != '\\' ? BACKTICK : m->at;
    } else if (c == '=' || c == '<' || c == '>' || c == '!') {
        see_comparison(m, i);
    } else if (c == '/') {
        m->at = SLASH;
    } else if (c == '*' && m->at == SLASH) {
        m->at = SLASH_STAR;
    } else if (c == '+' || c == '-') {
        see_sign(m, c);
    } else if (c == '.') {
        see_point(m, i);
    } else if (c == '(') {
        see_open(m, i);
    } else {
        see_rest(m, i, c);
    }
}

/* --- copying
 * --------------------------------------------------------------------------------------- */

static void copy_stretch(machine *m, size_t i, char c)
{
    if (m->to <= m->from) {
        return;
    }
    m->word = (size_t)m->from;
    m->word_end = (size_t)m->to;
    for (size_t k = m->word; k < m->word_end; k++) {
        buf_add_char(m->out, lower(byte_at(m, k)));
    }
    m->from = m->to;
    if (last_opens_list(m) && m->in != ON_DUPLICATE) {
        char next = byte_at(m, i + 1);
        m->owes_blank = false;
        if (c == '(' || (is_blank(c) && i < m->text.n && (next == '(' || next == ' '))) {
            m->at = LIST;
            m->in = IN_LIST;
            return;
        }
        m->owes_blank = true;
    }
    if (m->owes_blank) {
        buf_add_char(m->out, ' ');
        m->from++;
        m->owes_blank = false;
    }
}

static void trim_end(buf *out, size_t begin)
{
    while (out->n > begin && is_blank(out->p[out->n - 1])) {
        buf_truncate(out, out->n - 1);
    }
    size_t n = begin;
    for (size_t i = begin; i < out->n; i++) {
        out->p[n] = out->p[i];
        n += out->p[i] != '\0';
    }
    buf_truncate(out, n);
}

static bool run(slice text, int depth, buf *out)
{
    if (depth > DEPTH_MAX) {
        return false;
    }
    buf own;
    buf_init(&own, (size_t)FOREIGN_STATEMENT_MAX * 2);
    machine m = {.text = text, .out = &own, .depth = depth};
    for (size_t i = 0; i <= text.n && !m.done; i++) {
        char c = byte_at(&m, i);
        if (!pass(&m, i, c)) {
            see(&m, i, c);
            if (!m.done) {
                copy_stretch(&m, i, c);
            }
            m.before = c;
        }
    }
    if (!m.done && own.n > 0) {
        trim_end(&own, 0);
    }
    buf_add(out, buf_slice(&own));
    out->failed = out->failed || own.failed;
    buf_free(&own);
    return !m.failed;
}

/* Commands have no statement there. */
static bool fingerprint(slice statement, buf *out)
{
    return !slice_starts_with(statement, SLICE("# administrator ")) && run(statement, 0, out);
}

const foreign_tool pmm_tool = {.name = "pmm", .fingerprint = fingerprint, .digits = 16};
