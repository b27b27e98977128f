/* mongodb_shape.h - what stays of a part of a MongoDB command when its values are gone.
 *
 * Each part is read once and gives two things. Its typed shape is written, in the notation of the
 * server's own query shapes: in the order of the command, each value by its type. Its
 * identity is returned, a hash that knows neither types nor any order that means nothing.
 * The rules are in fingerprint.md. Not for what a command is made of: that is mongodb.c. */
#ifndef QLOG_NORMALISE_MONGODB_SHAPE_H
#define QLOG_NORMALISE_MONGODB_SHAPE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"

enum {
    SHAPE_SET_MAX = 1024,       /* parts without order at once; beyond, their order counts */
    SHAPE_TEXT_MAX = 16 * 1024, /* bytes; what is longer ends in "…", its identity does not */
    SHAPE_DEPTH_MAX = 64,       /* filters and expressions within each other */
    SHAPE_SHORT_NUMBER = 2      /* characters; what is longer never stays as it is */
};

/* How a part is read. */
typedef enum shape_mode {
    SHAPE_LITERAL,    /* a value, of which the type is kept */
    SHAPE_KEEP,       /* a name or a number that is part of the query: stays as it is */
    SHAPE_FLAG,       /* counts where it is true */
    SHAPE_COUNT,      /* limit, skip: counts unless it is 0 */
    SHAPE_FILTER,     /* {a: 5, b: {$gt: 1}} */
    SHAPE_FILTERS,    /* an array of them */
    SHAPE_EXPRESSION, /* {$add: ["$a", 1]}; also a document of expressions */
    SHAPE_SORT,       /* {a: 1, b: -1} */
    SHAPE_PROJECTION, /* {a: 1, _id: 0} */
    SHAPE_KEYS,       /* {a: value} */
    SHAPE_UPDATE,     /* {$set: {a: 1}}, a whole document, or a pipeline */
    SHAPE_PIPELINE,
    SHAPE_FACETS, /* {name: pipeline} */
    SHAPE_PARTS,  /* a stage's document, whose members' names tell how to read them */
    SHAPE_SEARCH, /* of $search: names of fields and operators stay */
    SHAPE_COLLATION,
    SHAPE_CHANGES /* bulkWrite's and update's and delete's arrays of statements */
} shape_mode;

/* One statement being shaped. */
typedef struct shaper {
    buf *text;
    size_t begin; /* of the statement in `text` */
    bool full;
    uint32_t depth;
    uint32_t n_set;
    uint64_t set[SHAPE_SET_MAX]; /* identities of siblings, of those within each other too */
} shaper;

void shaper_begin(shaper *s, buf *text);

/* Appends to the text, up to its maximum. */
void shape_put(shaper *s, slice text);

/* The part whose value is `raw`. Returns its identity, 0 where it has none. */
uint64_t shape_part(shaper *s, shape_mode mode, slice raw);

/* Whether a part that holds this is the same as one that is not there. */
bool shape_is_nothing(shape_mode mode, slice raw);

/* Siblings without an order: what is written first stands first, what is the same stands once. */
typedef struct siblings {
    uint32_t first; /* in shaper.set */
    uint32_t n;
    bool repeated;
    uint64_t rest; /* of those that found no room */
} siblings;

siblings siblings_begin(shaper *s);

/* Around the writing of one of them: siblings_next gives what siblings_add wants to know. */
size_t siblings_next(shaper *s, const siblings *of);
void siblings_add(shaper *s, siblings *of, size_t mark, uint64_t identity);

/* The identity of all of them. */
uint64_t siblings_end(shaper *s, siblings *of, uint64_t seed);

/* Whether a number, as it was written, is 0. */
bool shape_is_naught(slice number);

/* Whether the text of a member with this name is kept as it stands, so that an outline keeps it. */
bool shape_keeps_text(slice name);

#endif
