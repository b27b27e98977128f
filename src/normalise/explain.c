/* explain.c - see explain.h. */
#include "normalise/explain.h"

#include "base/number.h"
#include "normalise/binds.h"
#include "normalise/secrets.h"
#include "normalise/sql_keywords.h"
#include "normalise/sql_lexer.h"

static const char generic[] = "EXPLAIN (GENERIC_PLAN) ";
static const char plain[] = "EXPLAIN ";

static bool has_plan(const normaliser *n, slice statement)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES"};
    normalised is;
    bool has = false;
    n->run(statement, false, &is, NULL);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        has = has || strcmp(is.verb, verbs[i]) == 0;
    }
    return has;
}

/* Without what ends a statement in a script. */
static slice without_end(slice statement)
{
    statement = slice_trim(statement);
    while (statement.n > 0 && statement.p[statement.n - 1] == ';') {
        statement = slice_trim(slice_take(statement, statement.n - 1));
    }
    return statement;
}

/* Whether the token ends a value, so that a `?` after it is an operator. */
static bool ends_operand(sql_token_kind kind, const sql_token *t)
{
    switch (kind) {
    case TOKEN_WORD: {
        unsigned flags = t->quoted ? 0 : keyword_about(keyword_find(t->first, t->second))->flags;
        return (flags & KEYWORD_RESERVED) == 0 || (flags & KEYWORD_OPERAND) != 0;
    }
    case TOKEN_QUOTED:
    case TOKEN_STRING:
    case TOKEN_LITERAL:
    case TOKEN_CLOSE:
        return true;
    default:
        return false;
    }
}

/* Where in a statement a number is a column's place and no value: in the list behind BY. */
typedef struct by_list {
    bool within, at_item; /* at_item: the next token begins an item of the list */
    unsigned depth, list_depth;
} by_list;

static void by_list_take(by_list *b, sql_token_kind kind, const sql_token *t)
{
    bool is_list_comma = kind == TOKEN_COMMA && b->within && b->depth == b->list_depth;
    b->depth += kind == TOKEN_OPEN;
    b->depth -= kind == TOKEN_CLOSE && b->depth > 0;
    b->within = b->within && b->depth >= b->list_depth;
    b->at_item = is_list_comma;
    if (kind == TOKEN_WORD && !t->quoted) {
        keyword k = keyword_find(t->first, t->second);
        bool of_item = k == KW_ASC || k == KW_DESC || k == KW_NULLS;
        if (k == KW_BY) {
            *b = (by_list){true, true, b->depth, b->depth};
        } else if (!of_item && (keyword_about(k)->flags & KEYWORD_RESERVED) != 0 &&
                   b->depth == b->list_depth) {
            b->within = false;
        }
    }
}

bool explain_generic(const normaliser *n, slice text, buf *out)
{
    static const char cut[] = "…";
    slice tail = slice_skip(text, text.n < sizeof cut - 1 ? 0 : text.n - (sizeof cut - 1));
    if (strcmp(n->engine, "postgresql") != 0 || slice_is(tail, cut) || !has_plan(n, text)) {
        return false;
    }
    sql_lexer lexer = {.at = text.p, .end = text.p + text.n, .dialect = n->dialect};
    sql_token token;
    sql_token_kind kind;
    unsigned number = 0;
    bool after_operand = false;
    by_list by = {0};
    const char *copied = text.p;
    size_t before = out->n;
    buf_add_text(out, generic);
    while ((kind = sql_lexer_next(&lexer, after_operand, &token)) != TOKEN_END) {
        bool is_value = kind == TOKEN_QUESTION && !after_operand;
        if (is_value && by.at_item) {
            buf_truncate(out, before);
            return false;
        }
        by_list_take(&by, kind, &token);
        if (is_value) {
            buf_add(out, slice_between(copied, token.text.p));
            buf_printf(out, "$%u", ++number);
            copied = token.text.p + token.text.n;
        }
        after_operand = is_value || ends_operand(kind, &token);
    }
    buf_add(out, slice_between(copied, text.p + text.n));
    buf_add_char(out, ';');
    return true;
}

/* What is to stand in a token's place: a parameter's value, or a mask where it may be a secret. */
static slice shown_value(const sql_token *t, slice parameters, bool secret)
{
    uint64_t number;
    slice digits = slice_skip(t->text, 1);
    slice value = t->text;
    bool bound = t->kind == TOKEN_LITERAL && t->text.p[0] == '$' &&
                 unsigned_take(&digits, &number) && bind_value(parameters, number, &value);
    bool is_string = t->kind == TOKEN_STRING || (bound && value.n > 0 && value.p[0] == '\'');
    return is_string && (secret || tells_secret(value)) ? SLICE(SECRET_MASK) : value;
}

bool explain_with_values(const normaliser *n, slice statement, slice parameters, buf *out)
{
    if (n->dialect == NULL || !has_plan(n, statement)) {
        return false;
    }
    statement = without_end(statement);
    sql_lexer lexer = {.at = statement.p, .end = statement.p + statement.n, .dialect = n->dialect};
    sql_token token;
    sql_token_kind kind;
    bool after_operand = false;
    bool secret = statement_tells_secret(n->dialect, statement);
    const char *copied = statement.p;
    buf_add_text(out, plain);
    while ((kind = sql_lexer_next(&lexer, after_operand, &token)) != TOKEN_END) {
        if (kind == TOKEN_LITERAL || kind == TOKEN_STRING) {
            buf_add(out, slice_between(copied, token.text.p));
            buf_add(out, shown_value(&token, parameters, secret));
            copied = token.text.p + token.text.n;
        }
        after_operand = ends_operand(kind, &token);
    }
    buf_add(out, slice_between(copied, statement.p + statement.n));
    buf_add_char(out, ';');
    return true;
}
