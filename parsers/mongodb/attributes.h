/* attributes.h - what a MongoDB server says of one operation, as a JSON object.
 *
 * Two formats write nearly the same members: "attr" of a line of the structured log, and a document
 * of the collection system.profile. Names and units: the server's OpDebug. */
#ifndef QLOG_PARSERS_MONGODB_ATTRIBUTES_H
#define QLOG_PARSERS_MONGODB_ATTRIBUTES_H

#include "base/json.h"
#include "parsers/mongodb/operation.h"

/* An object, and the time that it tells. */
typedef struct attribute_sum {
    char object[128];
    size_t n;        /* bytes; 0: none */
    uint64_t micros; /* in it */
} attribute_sum;

/* Kept from one object to the next: writers keep the order of their members, and what an operation
 * locked or waited for is often what the one before did. */
typedef struct attributes_memory {
    json_names names;
    attribute_sum sums[JSON_NAMES_MAX]; /* of the latest object by each name */
} attributes_memory;

void attributes_begin(attributes_memory *m);

/* Takes the rest of the object whose beginning was the latest token. What must be rewritten is in
 * `a`. False where the object is not whole or says something twice. */
bool attributes_take(json_reader *r, attributes_memory *m, arena *a, operation *o);

/* An integer as JSON or canonical extended JSON writes it; a fraction is cut off. False where the
 * value is something else or negative. Takes the value that begins with t. */
bool attributes_number(json_reader *r, const json_token *t, uint64_t *value);

/* The value of a member, or of a member of a member, and its first token; false where there is
 * none. `name` is one name, or several with dots between. */
bool attributes_find(slice object, slice name, json_token *t, slice *raw);

/* The same for a string's characters, and for a number. */
slice attributes_text(slice object, slice name, arena *a);
bool attributes_integer(slice object, slice name, uint64_t *value);

#endif
