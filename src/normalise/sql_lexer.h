/* sql_lexer.h - SQL text to tokens, for every SQL dialect.
 *
 * One token at a time, allocation-free and without looking back: what stands in
 * front is told by the caller where it matters. White space and comments give no
 * token. A token carries its hash value, made while its bytes are read.
 * What tokens mean, and which of them make the same query, is sql.c's. */
#ifndef QLOG_NORMALISE_SQL_LEXER_H
#define QLOG_NORMALISE_SQL_LEXER_H

#include "base/hash.h"
#include "base/slice.h"

/* Where the dialects differ before any grammar. */
typedef struct sql_dialect {
    bool nested_comments;    /* a comment may hold comments */
    bool dollar_quotes;      /* $tag$ … $tag$ is a string */
    bool backslash_escapes;  /* in plain strings; E'' strings always have them */
    bool question_operators; /* ? ?| ?& after an operand compare, as in PostgreSQL's jsonb */
} sql_dialect;

typedef enum sql_token_kind {
    TOKEN_END,
    TOKEN_WORD,     /* unquoted name or keyword, or the quoted spelling of the same name */
    TOKEN_QUOTED,   /* a name that needs its quotes */
    TOKEN_STRING,   /* any form of quoted literal, also one without its end */
    TOKEN_LITERAL,  /* number or placeholder */
    TOKEN_QUESTION, /* ?, which may be a placeholder or an operator */
    TOKEN_OPERATOR, /* also any other single byte that is none of the rest */
    TOKEN_OPEN,     /* ( or [ */
    TOKEN_CLOSE,    /* ) or ] */
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_CAST, /* :: */
    TOKEN_SEMICOLON
} sql_token_kind;

typedef struct sql_token {
    sql_token_kind kind;
    slice text;      /* in the statement; without quotes for TOKEN_WORD */
    uint64_t value;  /* equal for equal normalised tokens; only of WORD, QUOTED, OPERATOR */
    uint64_t first;  /* of TOKEN_WORD: its first eight bytes, lower-cased, little end first */
    uint64_t second; /* and the next eight; both zero-padded */
    bool quoted;     /* of TOKEN_WORD: it stood in quotes */
} sql_token;

typedef struct sql_lexer {
    const char *at;
    const char *end;
    const sql_dialect *dialect;
} sql_lexer;

/* The next token. `after_operand`: what stands in front is a value, so that `?`, `:` and `%`
 * continue an expression and do not open a placeholder. At the end always TOKEN_END. */
sql_token_kind sql_lexer_next(sql_lexer *lexer, bool after_operand, sql_token *token);

/* Lexes a word's bytes again, for names that a rule rewrites. */
void sql_word_of(slice name, sql_token *token);

/* Eight bytes, little end first on every machine. */
static inline uint64_t sql_load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

#endif
