/* sql_lexer.c - see sql_lexer.h. */
#include "normalise/sql_lexer.h"
#include "normalise/sql_keywords.h"

/* clang-format off */
const uint8_t sql_class_of[256] = {
    ['\0'] = CLASS_SPACE, ['\t'] = CLASS_SPACE, ['\n'] = CLASS_SPACE, ['\v'] = CLASS_SPACE,
    ['\f'] = CLASS_SPACE, ['\r'] = CLASS_SPACE, [' '] = CLASS_SPACE,
    ['A' ... 'Z'] = CLASS_WORD, ['a' ... 'z'] = CLASS_WORD, ['_'] = CLASS_WORD,
    [0x80 ... 0xff] = CLASS_WORD, ['0' ... '9'] = CLASS_DIGIT,
    ['+'] = CLASS_OPERATOR, ['-'] = CLASS_OPERATOR, ['*'] = CLASS_OPERATOR, ['/'] = CLASS_OPERATOR,
    ['<'] = CLASS_OPERATOR, ['>'] = CLASS_OPERATOR, ['='] = CLASS_OPERATOR, ['~'] = CLASS_OPERATOR,
    ['!'] = CLASS_OPERATOR, ['@'] = CLASS_OPERATOR, ['#'] = CLASS_OPERATOR, ['%'] = CLASS_OPERATOR,
    ['^'] = CLASS_OPERATOR, ['&'] = CLASS_OPERATOR, ['|'] = CLASS_OPERATOR, ['`'] = CLASS_OPERATOR,
    ['\''] = CLASS_QUOTE, ['"'] = CLASS_DOUBLE_QUOTE, ['$'] = CLASS_DOLLAR, ['.'] = CLASS_DOT,
    [':'] = CLASS_COLON, ['?'] = CLASS_QUESTION, ['('] = CLASS_OPEN, ['['] = CLASS_OPEN,
    [')'] = CLASS_CLOSE, [']'] = CLASS_CLOSE, [','] = CLASS_COMMA, [';'] = CLASS_SEMICOLON,
};
/* clang-format on */

/* --- eight bytes at a time ----------------------------------------------------- */

static inline uint64_t load_at_most_8(const char *p, const char *end)
{
    if (end - p >= 8) {
        return sql_load8(p);
    }
    char padded[8] = {0};
    memcpy(padded, p, (size_t)(end - p));
    return sql_load8(padded);
}

static const uint64_t LONG_WORD = 0x71c3a5e9d20b4f87u;
static const uint64_t QUOTED_NAME = 0x2f0e9bd5816c734au;
static const uint64_t VARIABLE = 0x6d1f83b20c95e7a4u;

/* A word's value is its bytes where they fit, else their hash. The first eight are mixed alone: one
 * mix64 of two names' parts would not tell which of them comes first. */
static void long_word(slice word, sql_token *token)
{
    const char *end = word.p + word.n;
    uint64_t value = mix64(LONG_WORD, token->first);
    for (const char *p = word.p + 8; p < end; p += end - p < 8 ? end - p : 8) {
        uint64_t chunk = sql_lower_case(load_at_most_8(p, end));
        if (p == word.p + 8) {
            token->second = chunk;
        }
        value = mix64(value, chunk);
    }
    token->value = value;
}

const char *sql_scan_word(const char *p, const char *end, sql_token *token)
{
    const char *q = p;
    while (q < end && sql_class_at(q) >= CLASS_WORD) {
        q++;
    }
    size_t n = (size_t)(q - p);
    uint64_t bytes = load_at_most_8(p, end);
    if (n < 8) {
        bytes &= ((uint64_t)1 << (8 * n)) - 1;
    }
    token->text = (slice){p, n};
    token->first = token->value = sql_lower_case(bytes);
    token->second = 0;
    if (n > 8) {
        long_word(token->text, token);
    }
    return q;
}

static uint64_t hash_raw(uint64_t value, slice bytes)
{
    value = mix64(value, bytes.n);
    const char *end = bytes.p + bytes.n;
    for (const char *p = bytes.p; p < end; p += end - p < 8 ? end - p : 8) {
        value = mix64(value, load_at_most_8(p, end));
    }
    return value;
}

void sql_word_of(slice name, sql_token *token)
{
    token->kind = TOKEN_WORD;
    token->quoted = false;
    sql_scan_word(name.p, name.p + name.n, token);
}

bool sql_name_begins(const char *p, const char *end)
{
    sql_token word;
    if (p == end || sql_class_at(p) != CLASS_WORD) {
        return false;
    }
    sql_scan_word(p, end, &word);
    return word.text.n > sizeof keyword_rows[0].spelling ||
           keyword_find(word.first, word.second) == KW_NONE;
}

/* --- white space and comments ---------------------------------------------------- */

static const char *after_digits(const char *p, const char *end)
{
    while (p < end && sql_class_at(p) == CLASS_DIGIT) {
        p++;
    }
    return p;
}

static const char *after_line(const char *p, const char *end)
{
    const char *line_end = memchr(p, '\n', (size_t)(end - p));
    return line_end != NULL ? line_end + 1 : end;
}

/* p stands after the comment's opening. A comment without its end is all that follows. */
static const char *after_block_comment(const char *p, const char *end, bool nested)
{
    size_t depth = 1;
    while (p < end) {
        if (nested && *p == '/' && end - p > 1 && p[1] == '*') {
            depth++;
            p += 2;
        } else if (*p == '*' && end - p > 1 && p[1] == '/') {
            p += 2;
            if (--depth == 0) {
                return p;
            }
        } else {
            p++;
        }
    }
    return end;
}

/* MySQL's `--` opens a comment only in front of a blank. */
static inline bool comment_at(const sql_lexer *lexer, const char *p)
{
    const char *end = lexer->end;
    if (lexer->dialect->mysql_quotes) {
        if (p < end && *p == '#') {
            return true;
        }
        if (end - p > 2 && p[0] == '-' && p[1] == '-') {
            return sql_class_at(p + 2) == CLASS_SPACE;
        }
        if (lexer->executed && end - p > 1 && p[0] == '*' && p[1] == '/') {
            return true;
        }
    }
    return end - p > 1 && ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*'));
}

/* What follows the head of a comment that MySQL or MariaDB runs, with its version; else NULL. */
static const char *after_executed_head(const sql_lexer *lexer, const char *p)
{
    const char *end = lexer->end;
    const char *mark = end - p > 3 && p[2] == 'M' ? p + 3 : p + 2;
    if (!lexer->dialect->mysql_quotes || end - mark < 1 || *mark != '!') {
        return NULL;
    }
    return after_digits(mark + 1, end);
}

static const char *after_comment(sql_lexer *lexer, const char *p)
{
    if (*p == '-' || *p == '#') {
        return after_line(p, lexer->end);
    }
    if (*p == '*') {
        lexer->executed = false;
        return p + 2;
    }
    const char *content = after_executed_head(lexer, p);
    if (content != NULL) {
        lexer->executed = true;
        return content;
    }
    return after_block_comment(p + 2, lexer->end, lexer->dialect->nested_comments);
}

static const char *after_blanks(sql_lexer *lexer)
{
    const char *p = lexer->at;
    while (p < lexer->end) {
        if (sql_class_at(p) == CLASS_SPACE) {
            p++;
        } else if (comment_at(lexer, p)) {
            p = after_comment(lexer, p);
        } else {
            break;
        }
    }
    return p;
}

/* --- literals -------------------------------------------------------------------- */

/* p stands after the opening quote. Returns what follows the closing one, or the end. */
static const char *after_quoted(const char *p, const char *end, char mark, bool backslashes)
{
    const char *quote = NULL;
    while (p < end) {
        /* Looked for again only where it is passed, so that many backslashes cost no more. */
        if (quote == NULL || quote < p) {
            quote = memchr(p, mark, (size_t)(end - p));
        }
        if (quote == NULL) {
            return end;
        }
        const char *backslash = backslashes ? memchr(p, '\\', (size_t)(quote - p)) : NULL;
        if (backslash != NULL) {
            p = end - backslash > 2 ? backslash + 2 : end;
        } else if (end - quote > 1 && quote[1] == mark) {
            p = quote + 2;
        } else {
            return quote + 1;
        }
    }
    return end;
}

static const char *after_string(const char *p, const char *end, bool backslashes)
{
    return after_quoted(p, end, '\'', backslashes);
}

/* p stands on `$`. NULL where no dollar quote opens. */
static const char *after_dollar_quote(const char *p, const char *end)
{
    const char *tag_end = p + 1;
    while (tag_end < end && (sql_class_at(tag_end) == CLASS_WORD ||
                             (sql_class_at(tag_end) == CLASS_DIGIT && tag_end > p + 1))) {
        tag_end++;
    }
    if (tag_end == end || *tag_end != '$') {
        return NULL;
    }
    slice tag = slice_between(p, tag_end + 1);
    p = tag_end + 1;
    while (p < end) {
        const char *dollar = memchr(p, '$', (size_t)(end - p));
        if (dollar == NULL) {
            return end;
        }
        if (slice_starts_with(slice_between(dollar, end), tag)) {
            return dollar + tag.n;
        }
        p = dollar + 1;
    }
    return end;
}

/* Digits with all that is glued to them, so that no part of a malformed number survives. */
static const char *after_number(const char *p, const char *end)
{
    bool decimal = !(end - p > 1 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'));
    for (; p < end; p++) {
        sql_byte_class c = sql_class_at(p);
        if (c == CLASS_DOT && end - p > 1 && p[1] == '.') {
            break;
        }
        bool exponent = decimal && (*p == 'e' || *p == 'E') && end - p > 1;
        if (exponent && (p[1] == '-' || p[1] == '+') &&
            (end - p == 2 || sql_class_at(p + 2) == CLASS_DIGIT)) {
            p++;
        } else if (c != CLASS_DIGIT && c != CLASS_WORD && c != CLASS_DOT) {
            break;
        }
    }
    return p;
}

bool sql_string_ends(const sql_dialect *dialect, slice string)
{
    const char *end = string.p + string.n;
    const char *quote = string.p;
    if (*quote == '$') {
        const char *tag_end = memchr(quote + 1, '$', string.n - 1);
        slice tag = tag_end != NULL ? slice_between(quote, tag_end + 1) : string;
        return string.n >= 2 * tag.n && slice_ends_with(string, tag);
    }
    while (quote < end && *quote != '\'' && *quote != '"' && *quote != '`') {
        quote++;
    }
    bool is_name = quote == end || *quote == '`' || (*quote == '"' && !dialect->mysql_quotes);
    bool prefixed = quote > string.p && (quote[-1] | 0x20) == 'e' && !dialect->mysql_quotes;
    bool backslashes = prefixed || dialect->backslash_escapes;
    const char *p = quote + 1;
    while (!is_name && p < end) {
        bool two = (*p == '\\' && backslashes) || (*p == *quote && end - p > 1);
        if (*p == *quote && !two) {
            return true;
        }
        p += two ? 2 : 1;
    }
    return false; /* a name without its end is read as a string */
}

/* p stands on the quote that follows a word. True where the word is that literal's prefix. */
static bool is_string_prefix(const sql_token *word, bool *backslashes)
{
    if (word->text.n != 1) {
        return false;
    }
    switch ((char)word->first) {
    case 'e':
        *backslashes = true;
        return true;
    case 'n':
    case 'b':
    case 'x':
        return true;
    default:
        return false;
    }
}

/* --- tokens ---------------------------------------------------------------------- */

static sql_token_kind finish(sql_lexer *lexer, sql_token *token, sql_token_kind kind,
                             const char *end)
{
    token->kind = kind;
    token->text = slice_between(lexer->at, end);
    lexer->at = end;
    return kind;
}

/* `body` stands after the opening double quote, lexer->at at the token's begin. */
static sql_token_kind quoted_name(sql_lexer *lexer, const char *body, sql_token *token)
{
    const char *p = body;
    char mark = body[-1];
    for (;;) {
        p = p < lexer->end ? memchr(p, mark, (size_t)(lexer->end - p)) : NULL;
        if (p == NULL) {
            return finish(lexer, token, TOKEN_STRING, lexer->end);
        }
        if (lexer->end - p < 2 || p[1] != mark) {
            break;
        }
        p += 2;
    }
    uint64_t form = mix64(QUOTED_NAME, (uint64_t)(body - lexer->at));
    token->value = hash_raw(form, slice_between(body, p));
    return finish(lexer, token, TOKEN_QUOTED, p + 1);
}

static bool has_upper_case(slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] >= 'A' && name.p[i] <= 'Z') {
            return true;
        }
    }
    return false;
}

/* A name in quotes. */
static sql_token_kind name_quote(sql_lexer *lexer, sql_token *token)
{
    char mark = *lexer->at;
    const char *body = lexer->at + 1;
    if (body < lexer->end && sql_class_at(body) == CLASS_WORD) {
        const char *p = sql_scan_word(body, lexer->end, token);
        bool closed = p < lexer->end && *p == mark && (lexer->end - p < 2 || p[1] != mark);
        if (closed && !has_upper_case(token->text)) {
            lexer->at = p + 1;
            token->kind = TOKEN_WORD;
            token->quoted = true;
            return TOKEN_WORD;
        }
    }
    return quoted_name(lexer, body, token);
}

static sql_token_kind word(sql_lexer *lexer, sql_token *token)
{
    const char *end = lexer->end;
    const char *p = sql_scan_word(lexer->at, end, token);
    if (p < end && *p == '\'') {
        bool backslashes = lexer->dialect->backslash_escapes;
        if (is_string_prefix(token, &backslashes)) {
            return finish(lexer, token, TOKEN_STRING, after_string(p + 1, end, backslashes));
        }
    } else if (end - p > 1 && *p == '&' && !lexer->dialect->mysql_quotes && token->first == 'u' &&
               token->text.n == 1) {
        if (p[1] == '\'') {
            return finish(lexer, token, TOKEN_STRING, after_string(p + 2, end, false));
        }
        if (p[1] == '"') {
            return quoted_name(lexer, p + 2, token);
        }
    }
    lexer->at = p;
    token->kind = TOKEN_WORD;
    token->quoted = false;
    return TOKEN_WORD;
}

enum { OPERATOR_MAX = 63 };

static bool ends_operator(const sql_lexer *lexer, const char *p)
{
    if (sql_class_at(p) != CLASS_OPERATOR || comment_at(lexer, p)) {
        return true;
    }
    /* Two minus signs in the text, where a blank follows, would be a comment. */
    return lexer->dialect->mysql_quotes && (*p == '@' || *p == '`' || (*p == '-' && p[-1] == '-'));
}

/* PostgreSQL's rule: the longest run of operator characters without a comment's begin; a run of
 * several may end in + or - only if it holds one of ~ ! @ # % ^ & | ` ?. Other dialects' operators
 * come out the same. A `?` belongs to a run only as jsonpath's @? does: in `a=?` it is a value.
 * No operator is longer than a name; so a run of signs is not read to its end for each of them. */
static const char *after_operator(const sql_lexer *lexer, bool after_operand)
{
    const char *begin = lexer->at;
    const char *end = lexer->end - begin > OPERATOR_MAX ? begin + OPERATOR_MAX : lexer->end;
    const char *p = begin;
    bool special = false;
    while (p < end && (p == begin || !ends_operator(lexer, p))) {
        special = special || strchr("~!@#%^&|`", *p) != NULL;
        p++;
    }
    if (after_operand && lexer->dialect->question_operators && p - begin == 1 && *begin == '@' &&
        p < end && *p == '?') {
        return p + 1;
    }
    if (!special) {
        while (p - begin > 1 && (p[-1] == '+' || p[-1] == '-')) {
            p--;
        }
    }
    return p;
}

/* %s and %(name)s, as drivers write them; only where no value stands in front. */
static const char *after_percent_placeholder(const char *p, const char *end)
{
    const char *q = p + 1;
    if (q < end && *q == '(') {
        while (++q < end && (sql_class_at(q) == CLASS_WORD || sql_class_at(q) == CLASS_DIGIT)) {
        }
        if (q == end || *q != ')') {
            return NULL;
        }
        q++;
    }
    bool alone =
        q < end && *q == 's' &&
        (end - q < 2 || (sql_class_at(q + 1) != CLASS_WORD && sql_class_at(q + 1) != CLASS_DIGIT));
    return alone ? q + 1 : NULL;
}

static inline uint64_t operator_value(slice bytes)
{
    if (bytes.n == 1) {
        return (unsigned char)bytes.p[0];
    }
    if (bytes.n == 2) {
        /* The server reads != as <>. */
        if (bytes.p[0] == '!' && bytes.p[1] == '=') {
            bytes = SLICE("<>");
        }
        return (uint64_t)(unsigned char)bytes.p[0] | (uint64_t)(unsigned char)bytes.p[1] << 8;
    }
    return bytes.n <= 8 ? load_at_most_8(bytes.p, bytes.p + bytes.n) : hash_raw(0, bytes);
}

/* @name, @@name, @`name`: one token with its marks. */
static sql_token_kind variable(sql_lexer *lexer, sql_token *token)
{
    const char *end = lexer->end;
    const char *p = lexer->at;
    while (p < end && *p == '@') {
        p++;
    }
    if (p < end && *p == '`') {
        p = after_quoted(p + 1, end, '`', false);
    } else {
        while (p < end && sql_class_at(p) >= CLASS_WORD) {
            p++;
        }
    }
    token->value = hash_raw(VARIABLE, slice_between(lexer->at, p));
    return finish(lexer, token, TOKEN_QUOTED, p);
}

static sql_token_kind operator_at(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    if (lexer->dialect->mysql_quotes) {
        if (*lexer->at == '`') {
            return name_quote(lexer, token);
        }
        if (*lexer->at == '@' && !after_operand) {
            return variable(lexer, token);
        }
    }
    if (*lexer->at == '%' && !after_operand) {
        const char *p = after_percent_placeholder(lexer->at, lexer->end);
        if (p != NULL) {
            return finish(lexer, token, TOKEN_LITERAL, p);
        }
    }
    const char *p = after_operator(lexer, after_operand);
    token->value = operator_value(slice_between(lexer->at, p));
    return finish(lexer, token, TOKEN_OPERATOR, p);
}

static sql_token_kind single_byte(sql_lexer *lexer, sql_token *token)
{
    token->value = (unsigned char)*lexer->at;
    return finish(lexer, token, TOKEN_OPERATOR, lexer->at + 1);
}

static sql_token_kind dollar(sql_lexer *lexer, sql_token *token)
{
    const char *p = after_digits(lexer->at + 1, lexer->end);
    if (p > lexer->at + 1) {
        /* Up to version 14 a keyword could follow at once. */
        sql_token rest;
        p = sql_name_begins(p, lexer->end) ? sql_scan_word(p, lexer->end, &rest) : p;
        return finish(lexer, token, TOKEN_LITERAL, p);
    }
    p = lexer->dialect->dollar_quotes ? after_dollar_quote(lexer->at, lexer->end) : NULL;
    return p != NULL ? finish(lexer, token, TOKEN_STRING, p) : single_byte(lexer, token);
}

static sql_token_kind colon(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    const char *next = lexer->at + 1;
    if (next < lexer->end && *next == ':') {
        return finish(lexer, token, TOKEN_CAST, next + 1);
    }
    if (next < lexer->end && *next == '=') {
        token->value = (uint64_t)':' | (uint64_t)'=' << 8;
        return finish(lexer, token, TOKEN_OPERATOR, next + 1);
    }
    if (!after_operand && next < lexer->end &&
        (sql_class_at(next) == CLASS_WORD || sql_class_at(next) == CLASS_DIGIT)) {
        sql_token name;
        return finish(lexer, token, TOKEN_LITERAL, sql_scan_word(next, lexer->end, &name));
    }
    return single_byte(lexer, token);
}

static sql_token_kind question(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    const char *p = lexer->at + 1;
    if (after_operand && lexer->dialect->question_operators) {
        while (p < lexer->end && !ends_operator(lexer, p)) {
            p++;
        }
    }
    token->value = operator_value(slice_between(lexer->at, p));
    bool alone = p == lexer->at + 1;
    return finish(lexer, token, alone ? TOKEN_QUESTION : TOKEN_OPERATOR, p);
}

static sql_token_kind rarer_token(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    const char *p = lexer->at;
    switch (sql_class_at(p)) {
    case CLASS_OPERATOR:
        return operator_at(lexer, after_operand, token);
    case CLASS_DOUBLE_QUOTE:
        if (lexer->dialect->mysql_quotes) {
            return finish(lexer, token, TOKEN_STRING,
                          after_quoted(p + 1, lexer->end, '"', lexer->dialect->backslash_escapes));
        }
        return name_quote(lexer, token);
    case CLASS_DOLLAR:
        return dollar(lexer, token);
    case CLASS_DOT:
        if (lexer->end - p > 1 && sql_class_at(p + 1) == CLASS_DIGIT) {
            return finish(lexer, token, TOKEN_LITERAL, after_number(p, lexer->end));
        }
        return finish(lexer, token, TOKEN_DOT, p + 1);
    case CLASS_COLON:
        return colon(lexer, after_operand, token);
    case CLASS_QUESTION:
        return question(lexer, after_operand, token);
    default:
        return single_byte(lexer, token);
    }
}

sql_token_kind sql_lexer_next_of_all(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    const char *end = lexer->end;
    if (lexer->at < end &&
        (sql_class_at(lexer->at) == CLASS_SPACE || comment_at(lexer, lexer->at))) {
        lexer->at = after_blanks(lexer);
    }
    const char *p = lexer->at;
    if (p == end) {
        return finish(lexer, token, TOKEN_END, p);
    }
    switch (sql_class_at(p)) {
    case CLASS_WORD:
        return word(lexer, token);
    case CLASS_DIGIT:
        return finish(lexer, token, TOKEN_LITERAL, after_number(p, end));
    case CLASS_QUOTE: {
        bool backslashes = lexer->dialect->backslash_escapes;
        return finish(lexer, token, TOKEN_STRING, after_string(p + 1, end, backslashes));
    }
    case CLASS_OPEN:
        return finish(lexer, token, TOKEN_OPEN, p + 1);
    case CLASS_CLOSE:
        return finish(lexer, token, TOKEN_CLOSE, p + 1);
    case CLASS_COMMA:
        return finish(lexer, token, TOKEN_COMMA, p + 1);
    case CLASS_SEMICOLON:
        return finish(lexer, token, TOKEN_SEMICOLON, p + 1);
    default:
        return rarer_token(lexer, after_operand, token);
    }
}
