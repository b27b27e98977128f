/* mongodb_literal.h - the values of MongoDB's documents, as extended JSON writes them.
 *
 * Format: MongoDB Extended JSON (v2), relaxed and canonical, and what of v1 and of the shell's
 * output differs from it. An object such as {"$oid": "…"} is one value. Only its type is of
 * interest here. */
#ifndef QLOG_NORMALISE_MONGODB_LITERAL_H
#define QLOG_NORMALISE_MONGODB_LITERAL_H

#include "base/json.h"

/* As the server's query shapes name them. */
typedef enum bson_type {
    BSON_NONE,
    BSON_MIXED,
    BSON_OBJECT,
    BSON_ARRAY,
    BSON_STRING,
    BSON_NUMBER,
    BSON_BOOL,
    BSON_NULL,
    BSON_OBJECT_ID,
    BSON_DATE,
    BSON_TIMESTAMP,
    BSON_BINARY,
    BSON_REGEX,
    BSON_MIN_KEY,
    BSON_MAX_KEY,
    BSON_UNDEFINED,
    BSON_CODE,
    BSON_SCOPED_CODE,
    BSON_DB_POINTER,
    BSON_TYPES
} bson_type;

typedef struct bson_literal {
    bson_type type;
    bson_type element; /* of an array: BSON_NONE of an empty one, BSON_MIXED of several types */
} bson_literal;

/* "number", "objectId" … */
slice bson_type_name(bson_type type);

/* Takes the value that begins with t, the latest token. */
bson_literal bson_take(json_reader *r, const json_token *t);

/* What the object is whose beginning was the latest token: BSON_OBJECT where it is a document. */
bson_type bson_wrapped(const json_reader *r);

/* Of an object that is BSON_REGEX, or is {"$regex": …, "$options": …}: its parts. */
void bson_regex(const json_reader *r, slice *pattern, slice *options);

#endif
