/* outline.h - a statement without its literals, found without reading what it means.
 *
 * A statement's outline is its bytes with plain numbers and strings taken out; it is found several
 * times faster than tokens, and statements of one outline have one fingerprint (the converse
 * need not hold). So the fingerprint of an outline that was met before is known: outline_memo.h. */
#ifndef QLOG_NORMALISE_OUTLINE_H
#define QLOG_NORMALISE_OUTLINE_H

#include <stdint.h>

#include "normalise/normalise.h"

enum { OUTLINE_PIECES = 32 };

/* A literal that is not in the outline. */
typedef struct outline_piece {
    slice text;   /* as it stands in the statement */
    uint8_t kind; /* above 0, of outlines with a tree: all of one kind leave the same bytes */
} outline_piece;

typedef struct outlined {
    uint64_t literals; /* a hash of the pieces, but those that say nothing of what is asked for */
    uint64_t kept;     /* a hash of literals that are values and stay in the outline */
    uint32_t n;        /* pieces; may be more than there is room for */
    outline_piece pieces[OUTLINE_PIECES];
} outlined;

static inline void outlined_begin(outlined *o)
{
    o->literals = o->kept = 0;
    o->n = 0;
}

static inline void outlined_add(outlined *o, uint8_t kind, slice text)
{
    if (o->n < OUTLINE_PIECES) {
        o->pieces[o->n] = (outline_piece){text, kind};
    }
    o->n++;
}

/* The outline of an SQL statement into `to`, which has room for statement.n bytes. Returns its
 * length, or 0 where the statement has anything that takes a lexer to divide: comments, dollar
 * quotes, backslashes within strings, an end inside of quotes. */
size_t sql_outline(slice statement, char *to, outlined *taken);

/* The same for MySQL, where "…" is a string, kept here as it is, and `…` a name. */
size_t mysql_outline(slice statement, char *to, outlined *taken);

#endif
