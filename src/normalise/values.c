/* values.c - sql_values_read of sql.h. */
#include "normalise/sql.h"
#include "normalise/sql_keywords.h"
#include "normalise/sql_lexer.h"

enum { BRACKETS_MAX = 64 };

typedef enum list_kind { LIST_OTHER, LIST_IN, LIST_ROW } list_kind;

typedef struct reader {
    statement_values *out;
    keyword word; /* the token in front, where it is one */
    sql_token_kind kind;
    bool operand; /* the token in front is or ends a value */
    bool minus;
    bool fetch;                  /* a clause's FETCH, not a cursor's */
    statement_count *next_count; /* what the next value is, or NULL */
    statement_count *last_count; /* what the token in front was */
    size_t count_depth;          /* of the outermost LIMIT so far */
    size_t depth;
    list_kind lists[BRACKETS_MAX];
    uint32_t commas[BRACKETS_MAX];
    uint32_t rows[BRACKETS_MAX]; /* of the VALUES at this depth */
} reader;

static keyword keyword_of(const sql_token *t)
{
    bool plain = t->kind == TOKEN_WORD && !t->quoted && t->text.n <= 16;
    return plain ? keyword_find(t->first, t->second) : KW_NONE;
}

static bool number_of(slice text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || *value > UINT64_MAX / 10 - 10) {
            return false;
        }
        *value = *value * 10 + (uint64_t)(text.p[i] - '0');
    }
    return text.n > 0;
}

static bool is_placeholder(const sql_token *t)
{
    return t->kind == TOKEN_QUESTION ||
           (t->kind == TOKEN_LITERAL &&
            (*t->text.p == '$' || *t->text.p == ':' || *t->text.p == '%'));
}

static statement_count count_of(const sql_token *t)
{
    statement_count count = {.kind = COUNT_OTHER, .digits = t->text.p};
    if (t->kind == TOKEN_QUESTION) {
        count.kind = COUNT_PARAMETER;
    } else if (t->kind == TOKEN_LITERAL && *t->text.p == '$') {
        count.kind = COUNT_PARAMETER;
        number_of(slice_skip(t->text, 1), &count.value);
    } else if (t->kind == TOKEN_LITERAL && number_of(t->text, &count.value)) {
        count.kind = COUNT_NUMBER;
    } else if (is_placeholder(t)) {
        count.kind = COUNT_PARAMETER;
    } else if (t->text.n > 2 && *t->text.p == '\'' &&
               number_of(slice_of(t->text.p + 1, t->text.n - 2), &count.value)) {
        count.kind = COUNT_NUMBER;
    }
    return count;
}

/* A wildcard is worth telling whatever else there is, and a parameter may have one. */
static void pattern(reader *r, const sql_token *t)
{
    const char *end = t->text.p + t->text.n;
    const char *quote = memchr(t->text.p, '\'', t->text.n);
    quote = quote == NULL ? memchr(t->text.p, '"', t->text.n) : quote;
    bool any = quote != NULL && end - quote > 1 && (quote[1] == '%' || quote[1] == '_');
    pattern_kind kind = is_placeholder(t) ? PATTERN_PARAMETER
                        : any             ? PATTERN_WILDCARD
                                          : PATTERN_PLAIN;
    statement_values *out = r->out;
    if (kind == PATTERN_PARAMETER && out->pattern != PATTERN_PARAMETER) {
        out->pattern_parameter = count_of(t).value;
    }
    bool weaker = out->pattern == PATTERN_WILDCARD || kind == PATTERN_PLAIN;
    out->pattern = weaker && out->pattern != PATTERN_NONE ? out->pattern : kind;
}

static void value(reader *r, const sql_token *t)
{
    if (r->word == KW_LIKE || r->word == KW_ILIKE) {
        pattern(r, t);
    }
    if (r->next_count != NULL) {
        *r->next_count = count_of(t);
        r->last_count = r->next_count;
        r->next_count = NULL;
    }
    if (!is_placeholder(t)) {
        r->out->literals = mix64(r->out->literals, hash_bytes(t->text) + (r->minus ? 1 : 0));
        r->out->n_literals++;
    }
}

static void begin_count(reader *r, statement_count *count, statement_count unless_given)
{
    if (r->depth <= r->count_depth) {
        r->count_depth = r->depth;
        *count = unless_given;
        r->next_count = count;
    }
}

static void constant(reader *r, keyword k)
{
    if (r->next_count != NULL) {
        r->next_count->kind = COUNT_NONE; /* LIMIT NULL */
    }
    if (r->word != KW_IS && r->word != KW_NOT) {
        r->out->literals = mix64(r->out->literals, (uint64_t)k);
        r->out->n_literals++;
    }
}

static void word(reader *r, keyword k)
{
    const statement_count other = {.kind = COUNT_OTHER, .value = 0};
    const statement_count one = {.kind = COUNT_NUMBER, .value = 1};
    if (r->depth < BRACKETS_MAX && k != KW_ROW) {
        r->rows[r->depth] = 0; /* no row after it belongs to the VALUES before */
    }
    switch (k) {
    case KW_LIMIT:
        begin_count(r, &r->out->limit, other);
        return;
    case KW_OFFSET:
        begin_count(r, &r->out->offset, other);
        return;
    case KW_FETCH:
        r->fetch = r->kind != TOKEN_END && r->kind != TOKEN_SEMICOLON;
        return;
    case KW_FIRST:
    case KW_NEXT:
        if (r->word == KW_FETCH && r->fetch) {
            begin_count(r, &r->out->limit, one);
        }
        return;
    case KW_TRUE:
    case KW_FALSE:
    case KW_NULL:
        constant(r, k);
        break;
    case KW_ALL:
        if (r->next_count != NULL) {
            r->next_count->kind = COUNT_NONE;
        }
        break;
    case KW_SELECT:
        if (r->depth > 0 && r->depth <= BRACKETS_MAX) {
            r->lists[r->depth - 1] = LIST_OTHER;
        }
        break;
    default:
        break;
    }
    r->next_count = NULL;
}

static void open_bracket(reader *r)
{
    size_t at = r->depth++;
    if (at >= BRACKETS_MAX) {
        return;
    }
    uint32_t *rows = &r->rows[at];
    bool first = r->word == KW_VALUES;
    bool next = *rows > 0 && r->kind == TOKEN_COMMA;
    *rows = first ? 1 : next ? *rows + 1 : 0;
    r->lists[at] = r->word == KW_IN ? LIST_IN : *rows > 0 ? LIST_ROW : LIST_OTHER;
    r->commas[at] = 0;
    if (at + 1 < BRACKETS_MAX) {
        r->rows[at + 1] = 0;
    }
    if (*rows > r->out->rows) {
        r->out->rows = *rows;
    }
}

static void close_bracket(reader *r)
{
    if (r->depth == 0) {
        return;
    }
    size_t at = --r->depth;
    if (at >= BRACKETS_MAX || r->lists[at] != LIST_IN || r->kind == TOKEN_OPEN) {
        return;
    }
    uint32_t elements = r->commas[at] + 1;
    if (elements > r->out->longest_in) {
        r->out->longest_in = elements;
    }
}

static void comma(reader *r)
{
    if (r->depth > 0 && r->depth <= BRACKETS_MAX) {
        r->commas[r->depth - 1]++;
    }
    /* MySQL's LIMIT offset, count. */
    if (r->depth == r->count_depth && r->out->limit.kind != COUNT_NONE &&
        r->out->offset.kind == COUNT_NONE && (r->word == KW_LIMIT)) {
        r->out->offset = r->out->limit;
        r->next_count = &r->out->limit;
    }
}

static void take(reader *r, const sql_token *t)
{
    keyword k = keyword_of(t);
    unsigned flags = keyword_about(k)->flags;
    bool unary = false;
    bool keep_word = false;
    statement_count *after_count = r->last_count;
    r->last_count = NULL;
    switch (t->kind) {
    case TOKEN_WORD:
        word(r, k);
        r->operand = (flags & KEYWORD_RESERVED) == 0 || (flags & KEYWORD_OPERAND) != 0;
        break;
    case TOKEN_STRING:
    case TOKEN_LITERAL:
    case TOKEN_QUESTION:
        value(r, t);
        keep_word = r->word == KW_LIMIT;
        r->operand = true;
        break;
    case TOKEN_OPEN:
        open_bracket(r);
        r->operand = false;
        break;
    case TOKEN_CLOSE:
        close_bracket(r);
        r->operand = true;
        break;
    case TOKEN_COMMA:
        comma(r);
        r->operand = false;
        break;
    case TOKEN_OPERATOR:
        unary = t->value == '-' && !r->operand;
        if (after_count != NULL) {
            after_count->kind = COUNT_OTHER;
        }
        r->operand = false;
        break;
    default:
        r->operand = t->kind == TOKEN_QUOTED;
        break;
    }
    r->minus = unary;
    r->kind = t->kind;
    r->word = keep_word ? r->word : k;
}

void sql_values_read(const sql_dialect *dialect, slice statement, statement_values *out)
{
    *out = (statement_values){0};
    reader r;
    r.out = out;
    r.word = KW_NONE;
    r.kind = TOKEN_END;
    r.operand = r.minus = r.fetch = false;
    r.next_count = r.last_count = NULL;
    r.count_depth = SIZE_MAX;
    r.depth = 0;
    r.rows[0] = 0;
    sql_lexer lexer = {statement.p, statement.p + statement.n, dialect, false};
    sql_token t;
    while (sql_lexer_next(&lexer, r.operand, &t) != TOKEN_END) {
        take(&r, &t);
    }
}
