/* value.c - see value.h. */
#include "base/value.h"

#include "base/number.h"
#include "base/timestamp.h"

value *value_root(value_builder *b, value_kind kind)
{
    value *v = b->failed ? NULL : arena_calloc(b->arena, 1, sizeof *v);
    if (v == NULL) {
        b->failed = true;
        return NULL;
    }
    v->kind = kind;
    v->text = SLICE("");
    v->name = SLICE("");
    return v;
}

static value *add(value_builder *b, value *parent, const char *name, value_kind kind)
{
    value *v = parent != NULL ? value_root(b, kind) : NULL;
    if (v == NULL) {
        return NULL;
    }
    if (name != NULL) {
        v->name = slice_from(name);
    }
    if (parent->last != NULL) {
        parent->last->next = v;
    } else {
        parent->first = v;
    }
    parent->last = v;
    return v;
}

static value *add_number(value_builder *b, value *parent, const char *name, value_kind kind,
                         int64_t n)
{
    value *v = add(b, parent, name, kind);
    if (v != NULL) {
        v->integer = n;
    }
    return v;
}

value *value_add_object(value_builder *b, value *parent, const char *name)
{
    return add(b, parent, name, VALUE_OBJECT);
}

value *value_add_list(value_builder *b, value *parent, const char *name)
{
    return add(b, parent, name, VALUE_LIST);
}

value *value_add_tree(value_builder *b, value *parent, const char *name, const value *tree)
{
    value *v = tree != NULL ? add(b, parent, name, tree->kind) : NULL;
    if (v != NULL) {
        v->first = tree->first;
        v->last = tree->last;
    }
    return v;
}

value *value_add_null(value_builder *b, value *parent, const char *name)
{
    return add(b, parent, name, VALUE_NULL);
}

value *value_add_bool(value_builder *b, value *parent, const char *name, bool truth)
{
    return add_number(b, parent, name, VALUE_BOOL, truth);
}

value *value_add_int(value_builder *b, value *parent, const char *name, int64_t n)
{
    return add_number(b, parent, name, VALUE_INT, n);
}

value *value_add_decimal(value_builder *b, value *parent, const char *name, int64_t n,
                         uint8_t scale)
{
    value *v = add_number(b, parent, name, VALUE_DECIMAL, n);
    if (v != NULL) {
        v->scale = scale;
    }
    return v;
}

/* The text is copied first, so that a node is never in the tree without it. */
value *value_add_text(value_builder *b, value *parent, const char *name, slice text)
{
    slice copy;
    if (parent == NULL || b->failed || !arena_copy(b->arena, text, &copy)) {
        b->failed |= parent != NULL;
        return NULL;
    }
    value *v = add(b, parent, name, VALUE_TEXT);
    if (v != NULL) {
        v->text = copy;
    }
    return v;
}

/* Adds what was formatted, and lets go of it. */
static value *add_formatted(value_builder *b, value *parent, const char *name, buf *text)
{
    b->failed |= text->failed;
    value *v = value_add_text(b, parent, name, buf_slice(text));
    buf_free(text);
    return v;
}

value *value_add_id(value_builder *b, value *parent, const char *name, uint64_t id)
{
    buf digits;
    buf_init(&digits, 64);
    id_format(&digits, id);
    return add_formatted(b, parent, name, &digits);
}

value *value_add_instant(value_builder *b, value *parent, const char *name, int64_t us)
{
    buf text;
    buf_init(&text, 64);
    timestamp_format_iso(&text, us);
    return add_formatted(b, parent, name, &text);
}

value *value_add_display(value_builder *b, value *parent, const char *name, slice text)
{
    value *v = value_add_text(b, parent, name, text);
    if (v != NULL) {
        v->display_only = true;
    }
    return v;
}

void value_set_display(value_builder *b, value *v, slice text)
{
    if (v != NULL && !b->failed && !arena_copy(b->arena, text, &v->text)) {
        b->failed = true;
    }
}

const value *value_get(const value *object, slice name)
{
    if (object == NULL || object->kind != VALUE_OBJECT) {
        return NULL;
    }
    const value *child = object->first;
    while (child != NULL && !slice_equal(child->name, name)) {
        child = child->next;
    }
    return child;
}

bool value_is_true(const value *v)
{
    if (v == NULL) {
        return false;
    }
    switch (v->kind) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return v->integer != 0;
    case VALUE_TEXT:
        return v->text.n > 0;
    case VALUE_LIST:
        return v->first != NULL;
    case VALUE_INT:
    case VALUE_DECIMAL:
    case VALUE_OBJECT:
        break;
    }
    return true;
}

slice value_number(const value *v, char scratch[VALUE_NUMBER_SIZE])
{
    uint64_t rest = v->integer < 0 ? 0 - (uint64_t)v->integer : (uint64_t)v->integer;
    unsigned scale = v->kind == VALUE_DECIMAL ? v->scale : 0;
    while (scale > 0 && rest % 10 == 0) {
        rest /= 10;
        scale--;
    }
    size_t at = VALUE_NUMBER_SIZE;
    unsigned digits = 0;
    do {
        if (digits == scale && scale > 0) {
            scratch[--at] = '.';
        }
        scratch[--at] = (char)('0' + rest % 10);
        rest /= 10;
        digits++;
    } while (rest > 0 || digits <= scale);
    if (v->integer < 0) {
        scratch[--at] = '-';
    }
    return slice_of(scratch + at, VALUE_NUMBER_SIZE - at);
}
