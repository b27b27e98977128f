/* outline.h - a short cut past the lexer for statements that were seen before.
 *
 * Applications send the same statements again and again with other numbers and strings. A
 * statement's outline is its bytes with these taken out; it is found several times faster than
 * tokens, and statements of one outline have one fingerprint (the converse need not
 * hold). So the fingerprint of an outline that was met before is known without lexing.
 *
 * The memo is one worker's own. It never changes a result, only its cost. */
#ifndef QLOG_NORMALISE_OUTLINE_H
#define QLOG_NORMALISE_OUTLINE_H

#include <stdint.h>

#include "normalise/normalise.h"

enum { OUTLINE_MAX = 8192, OUTLINE_MEMO_SIZE = 65536, OUTLINE_NUMBERS = 16 };

/* What is not in a statement's outline. */
typedef struct outlined {
    uint64_t literals;              /* a hash of it */
    uint32_t n_numbers;             /* of the numbers that an outline takes out, */
    slice numbers[OUTLINE_NUMBERS]; /* the first ones as they stand in the statement */
} outlined;

static inline void outlined_add_number(outlined *o, slice number)
{
    if (o->n_numbers < OUTLINE_NUMBERS) {
        o->numbers[o->n_numbers++] = number;
    }
}

/* Which of the outline's numbers says how many rows a statement wants, or passes over. */
typedef struct count_place {
    bool known; /* `at` says it of every statement with the outline */
    uint8_t at; /* its index + 1; 0: none does */
} count_place;

typedef struct outline_memo {
    struct {
        uint64_t high, low; /* hash of the outline; both 0: free */
        normalised normalised;
        count_place limit, offset;
    } known[OUTLINE_MEMO_SIZE];
    char outline[OUTLINE_MAX];
} outline_memo;

/* What n->run gives for the statement. *memo is zeroed at first. Of *values it tells `literals`, a
 * hash: of two executions with one fingerprint it tells whether they ask for the same; and, where
 * the statement counts, `limit` and `offset` as n->values gives them. */
normalised identify(outline_memo *memo, const normaliser *n, slice statement, bool truncated,
                    statement_values *values);

/* The outline of an SQL statement into `to`, which has room for statement.n bytes. Returns its
 * length, or 0 where the statement has anything that takes a lexer to divide: comments, dollar
 * quotes, backslashes within strings, an end inside of quotes. */
size_t sql_outline(slice statement, char *to, outlined *taken);

/* The same for MySQL, where "…" is a string, kept here as it is, and `…` a name. */
size_t mysql_outline(slice statement, char *to, outlined *taken);

#endif
