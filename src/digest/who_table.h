/* who_table.h - a small number for each combination of database, user, application, host and
 * tags, and for each attribute.
 *
 * Text is copied once, when a combination is first seen. Each dimension keeps a
 * bounded number of values (the rest becomes `other`), so that a log with a user
 * name per request cannot fill the store. What facts are about, and what a source measures under
 * names of its own, is bounded in the same way. */
#ifndef QLOG_DIGEST_WHO_TABLE_H
#define QLOG_DIGEST_WHO_TABLE_H

#include "event.h"

enum {
    WHO_VALUES_MAX = 1000, /* distinct values of one dimension within one source */
    WHO_TAG_KEYS_MAX = 32  /* further keys are left out */
};

typedef enum who_dimension {
    WHO_DATABASE,
    WHO_USER,
    WHO_APPLICATION,
    WHO_HOST,
    WHO_DIMENSIONS
} who_dimension;

typedef struct who_entry {
    who who;
    uint64_t hash;
    bool selected; /* for the owner: whether these events are wanted */
} who_entry;

typedef struct value_set {
    slice *values; /* open addressing; p == NULL is free */
    uint32_t n, cap;
} value_set;

/* The tags of one key. */
typedef struct tag_dimension {
    slice key;
    value_set values;
} tag_dimension;

typedef struct who_table {
    who_entry *entries;
    uint32_t n, cap;
    uint32_t *slots; /* index + 1 */
    uint32_t n_slots;
    value_set values[WHO_DIMENSIONS];
    value_set subjects[FACT_COUNT]; /* of facts, by their kind */
    tag_dimension tags[WHO_TAG_KEYS_MAX];
    uint32_t n_tags;
    slice attributes[ATTRIBUTES_MAX]; /* "unit:name" */
    uint32_t n_attributes;
    buf packed; /* scratch */
    arena arena;
} who_table;

/* "database" and so on: how the store and people name a dimension. */
const char *who_dimension_name(who_dimension d);

void who_table_init(who_table *t);
void who_table_free(who_table *t);

/* The number of this combination; UINT32_MAX where memory is out. *is_new tells the owner to fill
 * `selected`. Counters in application names ("[3 of 50 busy]") are folded first. */
uint32_t who_table_add(who_table *t, const who *w, bool *is_new);

/* The kept copy of what a fact of this kind is about; WHO_OTHER beyond the bound; p == NULL where
 * memory is out. */
slice who_table_subject(who_table *t, fact_id id, slice subject);
#define WHO_OTHER "other"

/* The id of the measure of this name, as the store has it: "unit:name", or that of the program's
 * table. WHO_LEFT_OUT where there are too many; UINT32_MAX where memory is out. Ids hold as long as
 * the table, and in another one made of it by who_table_know_all. */
uint32_t who_table_measure(who_table *t, slice name);
enum { WHO_LEFT_OUT = MEASURE_COUNT + ATTRIBUTES_MAX };
#define WHO_ATTRIBUTE "attribute"

/* The name of a measure in the store. */
slice who_table_measure_name(const who_table *t, uint32_t id);

/* Makes a value known without an event: of the dimension of this name, of the tag whose key stands
 * behind WHO_TAG, of the facts whose kind does behind WHO_FACT, or of WHO_ATTRIBUTE. False where
 * memory is out. */
bool who_table_know(who_table *t, slice dimension, slice value);
#define WHO_TAG  "tag:"
#define WHO_FACT "fact:"

/* Makes all values of another table known, without its combinations. */
bool who_table_know_all(who_table *t, const who_table *from);

#endif
