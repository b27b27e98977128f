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
    bool double_colons;      /* CAST(a AS t) is a::t */
    bool types;              /* any name in front of a string is its type */
    bool mysql_quotes; /* `name`, "string", @variable, # comment, -- comment, executed comments */
} sql_dialect;

typedef enum sql_token_kind {
    TOKEN_END,
    TOKEN_WORD,     /* unquoted name or keyword, or the quoted spelling of the same name */
    TOKEN_QUOTED,   /* a name that needs its quotes, or a variable */
    TOKEN_STRING,   /* any form of quoted literal, also one without its end */
    TOKEN_LITERAL,  /* number or placeholder */
    TOKEN_QUESTION, /* ?, which may be a placeholder or an operator */
    TOKEN_OPERATOR, /* also any other single byte that is none of the rest */
    TOKEN_CAST,     /* :: */
    TOKEN_DOT,
    TOKEN_OPEN,  /* ( or [ */
    TOKEN_CLOSE, /* ) or ] */
    TOKEN_COMMA,
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
    bool executed; /* within a comment whose content MySQL runs */
} sql_lexer;

/* Whether the string that a token is has its end. */
bool sql_string_ends(const sql_dialect *dialect, slice string);

/* Whether a name begins at p, and no keyword. */
bool sql_name_begins(const char *p, const char *end);

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

/* --- the frequent tokens, inlined ------------------------------------------------- */

typedef enum sql_byte_class {
    CLASS_OTHER, /* control characters and what SQL has no use for: one token each */
    CLASS_SPACE,
    CLASS_OPERATOR,
    CLASS_QUOTE,
    CLASS_DOUBLE_QUOTE,
    CLASS_COLON,
    CLASS_QUESTION,
    CLASS_DOT, /* this and the next four in the order of their tokens */
    CLASS_OPEN,
    CLASS_CLOSE,
    CLASS_COMMA,
    CLASS_SEMICOLON,
    CLASS_WORD, /* from here on: can be inside a name; this one can begin it */
    CLASS_DIGIT,
    CLASS_DOLLAR
} sql_byte_class;

extern const uint8_t sql_class_of[256];

static inline sql_byte_class sql_class_at(const char *p)
{
    return (sql_byte_class)sql_class_of[(unsigned char)*p];
}

/* Reads a name from p on, upper case folded, and returns its end. */
const char *sql_scan_word(const char *p, const char *end, sql_token *token);

/* A-Z lowered in each of eight bytes. */
static inline uint64_t sql_lower_case(uint64_t bytes)
{
    const uint64_t each = 0x0101010101010101u;
    uint64_t low = bytes & (each * 0x7f);
    uint64_t from_a = low + each * (0x80 - 'A');
    uint64_t beyond_z = low + each * (0x80 - 'Z' - 1);
    return bytes | ((from_a & ~beyond_z & ~bytes & (each * 0x80)) >> 2);
}

/* The high bit of each of eight bytes that cannot be inside a name, which letters, digits, _, $
 * and bytes from 0x80 on can. Eight at once, since the processor guesses a loop's end badly. */
static inline uint64_t sql_not_in_names(uint64_t bytes)
{
    const uint64_t each = 0x0101010101010101u;
    uint64_t low = bytes & (each * 0x7f);
    uint64_t folded = low | each * 0x20;
    uint64_t letter = (folded + each * (0x80 - 'a')) & ~(folded + each * (0x80 - 'z' - 1));
    uint64_t digit = (low + each * (0x80 - '0')) & ~(low + each * (0x80 - '9' - 1));
    uint64_t not_other = ((low ^ each * '_') + each * 0x7f) & ((low ^ each * '$') + each * 0x7f);
    return ~(letter | digit | bytes | ~not_other) & each * 0x80;
}

/* sql_lexer_next for any token, lexer->at behind the first blank. */
sql_token_kind sql_lexer_next_of_all(sql_lexer *lexer, bool after_operand, sql_token *token);

/* The next token. `after_operand`: what stands in front is a value, so that `?`, `:` and `%`
 * continue an expression and do not open a placeholder. At the end always TOKEN_END. */
static inline sql_token_kind sql_lexer_next(sql_lexer *lexer, bool after_operand, sql_token *token)
{
    const char *p = lexer->at;
    const char *end = lexer->end;
    if (p < end && *p == ' ') {
        lexer->at = ++p;
    }
    /* With nine bytes left there is a byte behind every short word, and eight to load. */
    if (end - p < 9) {
        return sql_lexer_next_of_all(lexer, after_operand, token);
    }
    sql_byte_class class = sql_class_at(p);
    if (class == CLASS_WORD) {
        uint64_t bytes = sql_load8(p);
        uint64_t stops = sql_not_in_names(bytes);
        unsigned n = stops != 0 ? (unsigned)__builtin_ctzll(stops) / 8 : 8;
        bool longer = n == 8 && sql_class_at(p + 8) >= CLASS_WORD;
        if (n == 1 && (p[1] == '\'' || p[1] == '&')) {
            return sql_lexer_next_of_all(lexer, after_operand, token);
        }
        token->kind = TOKEN_WORD;
        token->quoted = false;
        if (longer) {
            lexer->at = sql_scan_word(p, end, token);
            return TOKEN_WORD;
        }
        token->text = (slice){p, n};
        token->first = sql_lower_case(bytes & (UINT64_MAX >> (64 - 8 * n)));
        token->value = token->first;
        token->second = 0;
        lexer->at = p + n;
        return TOKEN_WORD;
    }
    bool single = (class >= CLASS_OPEN && class <= CLASS_SEMICOLON) ||
                  (class == CLASS_DOT && sql_class_at(p + 1) != CLASS_DIGIT);
    if (!single) {
        return sql_lexer_next_of_all(lexer, after_operand, token);
    }
    token->kind = (sql_token_kind)(TOKEN_DOT + (class - CLASS_DOT));
    token->text = (slice){p, 1};
    lexer->at = p + 1;
    return token->kind;
}

#endif
