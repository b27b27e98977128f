/* tags.h - what an application says of itself in a statement's comments.
 *
 * Formats, all as key and value between commas:
 *   sqlcommenter   key='url%20encoded',key='it\'s'     (keys are encoded as well)
 *   marginalia     controller:users,action:index       (Rails' query log tags too)
 *   plain          key:value, key=value
 * A comment of which any part is none of these is prose and gives nothing. Hints and comments that
 * MySQL runs are no tags. Tags are never part of a statement's identity. */
#ifndef QLOG_NORMALISE_TAGS_H
#define QLOG_NORMALISE_TAGS_H

#include "base/arena.h"
#include "base/slice.h"
#include "normalise/sql_lexer.h"

enum { SQL_TAGS_MAX = 24 };

typedef struct sql_tag {
    slice key; /* both in the arena, decoded; never empty */
    slice value;
} sql_tag;

/* The tags of all comments of the statement, in their order, the first of each key; further ones
 * than SQL_TAGS_MAX are left out. Returns how many; 0 also where the arena is full. */
size_t sql_tags_read(const sql_dialect *dialect, slice statement, arena *a,
                     sql_tag tags[SQL_TAGS_MAX]);

#endif
