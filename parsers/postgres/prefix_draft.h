/* prefix_draft.h - the prefix of one line, read as a draft of log_line_prefix.
 *
 * What inference starts from: nothing is known but the line. A draft is a row of items, each
 * of them literal text or a field; which word or number is which field may stay open.
 * Private to prefix_infer.c. */
#ifndef QLOG_PARSERS_POSTGRES_PREFIX_DRAFT_H
#define QLOG_PARSERS_POSTGRES_PREFIX_DRAFT_H

#include "parsers/postgres/prefix.h"

enum { DRAFT_ITEMS_MAX = 64 };

/* An item's letter is an escape's, or one of these. */
enum { ITEM_LITERAL = 0, ITEM_WORD = '?', ITEM_NUMBER = '#' };

typedef struct item {
    char letter;
    int width;  /* of the padding, as in the setting: negative fills up behind the value */
    slice text; /* of a literal: itself; otherwise the value in the line it was read from */
} item;

typedef struct draft {
    item items[DRAFT_ITEMS_MAX];
    size_t n;
    bool overflow;
} draft;

/* Reads a prefix, the text before a line's severity word. Slices of the draft lie in it. */
void draft_read(slice text, severity level, draft *out);

bool draft_has(const draft *d, char letter);

/* Adds an item, and text that joins the literal before it where the two touch. A draft without room
 * only notes that: it is then of no use. */
item *draft_add(draft *d, char letter, const char *begin, const char *end);
void draft_literal(draft *d, const char *begin, const char *end);

/* Five capitals and digits that such a line can have for its SQLSTATE. */
bool is_sqlstate(slice text, severity level);

/* Whether text is more like an application's name than like a user's or a database's. */
bool is_client_program(slice value);

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

/* Whether c is in the set; NUL, an item's letter for literals, is in none. */
static inline bool one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

#endif
