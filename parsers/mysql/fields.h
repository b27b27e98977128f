/* fields.h - the `Name: value` pairs in the heads of slow-log records.
 *
 * One table says what each known name means and in which unit the server writes it. A name that is
 * not in it is an attribute of the log's own where its value is a number, or yes or no, so that a
 * newer server's log is understood. */
#ifndef QLOG_PARSERS_MYSQL_FIELDS_H
#define QLOG_PARSERS_MYSQL_FIELDS_H

#include "event.h"

typedef enum field_kind {
    /* Measures, by how they are written. */
    FIELD_SECONDS,
    FIELD_MILLISECONDS,
    FIELD_COUNT,
    FIELD_YES, /* Yes, No, true, false, 1, 0 */
    FIELD_MEASURES_END,
    /* What else is told of a record. */
    FIELD_QUERY_TIME = FIELD_MEASURES_END,
    FIELD_SCHEMA,
    FIELD_SESSION,
    FIELD_ERROR,
    FIELD_KILLED,
    FIELD_START,
    FIELD_END,
    FIELD_SAMPLED_BY,
    FIELD_SAMPLED_ONE_IN,
    FIELD_QC_HIT_OF_MARIADB,
    FIELD_NO_MEASURE /* a number that adds up to nothing */
} field_kind;

typedef struct field {
    slice name;
    field_kind kind;
    measure_id measure; /* of measures; MEASURE_COUNT: the log's own name is kept for it */
} field;

/* Finds names fast; made once. */
typedef struct field_index {
    uint8_t slots[512]; /* index + 1 */
} field_index;

void field_index_fill(field_index *index);

/* NULL where the name is not known. */
const field *field_find(const field_index *index, slice name);

/* Which field stood in which place of the head before: most have the same ones in the same order,
 * so that names are compared and not looked for. */
typedef struct field_memo {
    const field *seen[64];
    unsigned at; /* of the head that is being read */
} field_memo;

typedef struct pair {
    slice name;
    const field *known; /* NULL: it is not */
    slice value;
} pair;

/* The pairs of a line, one by one. */
typedef struct pair_reader {
    const field_index *index;
    field_memo *memo;
    const char *at, *end; /* what is left of the line, behind `name` and its colon */
    slice name;           /* of the next pair; empty: there is none */
    const field *known;
} pair_reader;

pair_reader pairs_of(slice line, const field_index *index, field_memo *memo);

/* The next pair. A value ends where blanks and a name with its colon follow, so that it may hold
 * blanks itself; it is empty where two blanks follow the colon. False where the rest of the line is
 * no pair. */
bool pair_take(pair_reader *r, pair *out);

/* The value of a measure in its unit. False where it is not written as such a value is, or where
 * it cannot be true: a duration of more than 30 years, a count of more than 2^53. */
bool measure_read(field_kind kind, slice text, uint64_t *value);

/* How the value of a name that is not known is to be taken. */
typedef enum attribute_kind {
    ATTRIBUTE_NONE, /* a text, or the number of something that the name says is numbered */
    ATTRIBUTE_KEPT,
    ATTRIBUTE_WRONG /* a number that cannot be true, or cannot be added up */
} attribute_kind;

/* By the rules that the servers keep to: what took time or was waited for is written in seconds and
 * its name says so (Foo_time, Foo_wait; Profile_foo), and a name ending in "id" is no quantity. Any
 * other number is taken as it stands, with its fraction where it has one. */
attribute_kind attribute_read(slice name, slice text, measure_unit *unit, uint64_t *value);

#endif
