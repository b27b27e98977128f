/* value.h - the tree that templates and the JSON writer walk.
 *
 * Built once from the report model, so that every format shows the same numbers:
 * a number holds its exact value, for JSON, and the text shown to people.
 * Nodes live in an arena and are never changed after they were added. */
#ifndef QLOG_BASE_VALUE_H
#define QLOG_BASE_VALUE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

typedef enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,     /* exact */
    VALUE_DECIMAL, /* integer / 10^scale, so that no float is ever written */
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT
} value_kind;

typedef struct value {
    value_kind kind;
    uint8_t scale;     /* VALUE_DECIMAL: digits after the point */
    bool display_only; /* for templates; the JSON writer leaves it out */
    int64_t integer;   /* VALUE_BOOL, VALUE_INT, VALUE_DECIMAL */
    slice text; /* VALUE_TEXT: the text. Numbers: what people see; empty: the number itself */
    slice name; /* the key, within an object */
    struct value *first; /* children of a list or an object, in order */
    struct value *last;
    struct value *next; /* sibling */
} value;

/* A failure is sticky: once memory ran out, `failed` stays set and every adder returns NULL.
 * A NULL parent is accepted: nothing is done and NULL comes back. So a builder adds freely and
 * looks at `failed` once, at the end. */
typedef struct value_builder {
    arena *arena;
    bool failed; /* memory ran out somewhere; the tree is incomplete */
} value_builder;

/* A node without a parent. */
value *value_root(value_builder *b, value_kind kind);

/* Each adds a child at the end of `parent` and returns it. `name` is the key within an object and
 * NULL within a list. It is not copied: it must live as long as the arena, as a literal does. */
value *value_add_object(value_builder *b, value *parent, const char *name);
value *value_add_list(value_builder *b, value *parent, const char *name);
value *value_add_null(value_builder *b, value *parent, const char *name);
value *value_add_bool(value_builder *b, value *parent, const char *name, bool truth);
value *value_add_int(value_builder *b, value *parent, const char *name, int64_t n);
value *value_add_decimal(value_builder *b, value *parent, const char *name, int64_t n,
                         uint8_t scale);
/* The text is copied into the arena. */
value *value_add_text(value_builder *b, value *parent, const char *name, slice text);
/* An identifier as its 16 hexadecimal digits, and an instant (us) as ISO 8601 UTC. */
value *value_add_id(value_builder *b, value *parent, const char *name, uint64_t id);
value *value_add_instant(value_builder *b, value *parent, const char *name, int64_t us);
/* Text that only templates see. */
value *value_add_display(value_builder *b, value *parent, const char *name, slice text);
/* Adds an object or a list that was built without a parent; its children are shared. */
value *value_add_tree(value_builder *b, value *parent, const char *name, const value *tree);
/* Sets what people see of a number; the text is copied. Does nothing where v is NULL. */
void value_set_display(value_builder *b, value *v, slice text);

/* The child of an object with this name; NULL where there is none and for all that is no object. */
const value *value_get(const value *object, slice name);

/* Not empty: not null, not false, not an empty text, not an empty list. Zero is not empty.
 * NULL is false. */
bool value_is_true(const value *v);

/* A sign, 256 digits (scale 255 and the zero before the point) and the point. */
enum { VALUE_NUMBER_SIZE = 258 };

/* The exact number of a VALUE_INT or VALUE_DECIMAL, without zeros at the fraction's end: 12.5, 12,
 * -0.05. It is also a number of JSON's grammar. The slice points into scratch. */
slice value_number(const value *v, char scratch[VALUE_NUMBER_SIZE]);

#endif
