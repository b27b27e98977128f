/* sql_layout.h - a normalised statement laid out on lines, for people.
 *
 * Takes the one-line text that a normaliser wrote and yields it piece by piece with
 * what goes in front of each: nothing, a space, or a line break and an indent; and with
 * the piece's kind, for those who colour. Only white space outside of quotes ever
 * differs from the input. Escaping is the caller's: a piece may hold any bytes.
 * Not a parser: it knows the words that begin a line and brackets, and takes text that is no
 * SQL as words and brackets alone. */
#ifndef QLOG_REPORT_SQL_LAYOUT_H
#define QLOG_REPORT_SQL_LAYOUT_H

#include "base/buf.h"
#include "base/slice.h"
#include "normalise/sql_keywords.h"

typedef enum sql_piece_kind {
    PIECE_PLAIN,
    PIECE_KEYWORD,
    PIECE_PLACEHOLDER,
    PIECE_QUOTED /* with its quotes */
} sql_piece_kind;

typedef enum sql_gap { GAP_NONE, GAP_SPACE, GAP_LINE } sql_gap;

typedef struct sql_piece {
    sql_piece_kind kind;
    sql_gap gap;     /* what goes in front of it */
    unsigned indent; /* spaces after the line break; of GAP_LINE */
    slice text;      /* in the statement; never empty */
} sql_piece;

/* What is read at a time, and where. */
typedef struct sql_reader {
    const char *begin; /* of the statement */
    const char *at;
    const char *end;
    bool document; /* {...}: no keywords, and backslashes escape within quotes */
} sql_reader;

/* Where in a block the next word stands: what it takes to tell a clause's first word. */
typedef struct sql_place {
    keyword clause;       /* KW_NONE: before the first */
    keyword previous;     /* the word in front; KW_NONE for anything else */
    bool other_statement; /* none of those that read or write rows */
} sql_place;

typedef enum sql_frame_kind {
    SQL_FRAME_BLOCK, /* a statement or sub-query: clauses */
    SQL_FRAME_LIST,  /* other brackets: items and conditions */
    SQL_FRAME_CASE   /* CASE … END */
} sql_frame_kind;

/* The statement, or a bracket or CASE within that takes more than a line. */
typedef struct sql_frame {
    sql_frame_kind kind;
    sql_place place;
    unsigned indent;  /* of its lines */
    unsigned outside; /* of the line it was opened on, and of the one that closes it */
    bool fresh;       /* nothing in it yet */
    bool head;        /* in the words before a clause's first item: SELECT DISTINCT */
    bool after_comma;
    bool between;   /* the next AND is BETWEEN's */
    bool condition; /* AND and OR begin lines */
    bool one_each;  /* every item begins a line */
    size_t item_line;
} sql_frame;

enum { SQL_LAYOUT_DEPTH = 24, SQL_LAYOUT_INDENT = 24 };

typedef struct sql_layout {
    sql_reader reader;
    unsigned columns;
    unsigned indent_max;
    size_t column; /* behind what was yielded, in code points */
    size_t line;
    unsigned line_indent;
    unsigned wrap_indent;  /* of a line that continues this one */
    const char *flat_end;  /* no line break before this */
    bool statement_begins; /* with the next piece */
    size_t beyond;         /* brackets open that have no frame */
    size_t depth;
    sql_frame frames[SQL_LAYOUT_DEPTH];
} sql_layout;

/* `statement` stays the caller's and lives as long as the pieces are used. A line longer than
 * `columns` code points holds no white space to break it at, but for its indent. */
void sql_layout_init(sql_layout *l, slice statement, unsigned columns);

/* The next piece; false at the end. The pieces and their gaps add up to at most
 * 2 + SQL_LAYOUT_INDENT bytes for each of the statement. The work is linear in the statement. */
bool sql_layout_next(sql_layout *l, sql_piece *piece);

/* All pieces as plain text, appended to *out; no line break at the end. */
void sql_layout_text(slice statement, unsigned columns, buf *out);

#endif
