/* mongodb_shape.c - see mongodb_shape.h. */
#include "normalise/mongodb_shape.h"

#include <stdlib.h>

#include "normalise/mongodb_literal.h"

#define SHAPE_CUT " …"
#define AND_BEGIN "{\"$and\":["

/* Of identities: what kind of part it is. Never changed within a FINGERPRINT_VERSION. */
enum identity_seed {
    OF_VALUE = 1,
    OF_VALUES,
    OF_NO_VALUES,
    OF_REGEX,
    OF_KEPT,
    OF_PATH,
    OF_PREDICATE,
    OF_NESTED_OPERATORS,
    OF_EVERYTHING,
    OF_AND,
    OF_LOGICAL,
    OF_FILTERS,
    OF_DOCUMENT,
    OF_ARRAY,
    OF_FIELD,
    OF_SORT,
    OF_DIRECTION,
    OF_SHOWN,
    OF_PROJECTION,
    OF_UPDATE,
    OF_REPLACEMENT,
    OF_PIPELINE,
    OF_STAGE,
    OF_REPEATED
};

static uint64_t shape_value(shaper *s, shape_mode mode, json_reader *r, const json_token *t);

/* --- writing ------------------------------------------------------------------------------ */

void shaper_begin(shaper *s, buf *text)
{
    s->text = text;
    s->begin = text->n;
    s->full = false;
    s->depth = 0;
    s->n_set = 0;
}

void shape_put(shaper *s, slice text)
{
    if (s->full) {
        return;
    }
    if (s->text->n - s->begin + text.n > SHAPE_TEXT_MAX) {
        s->full = true;
        text = SLICE(SHAPE_CUT);
    }
    buf_add(s->text, text);
}

static void put(shaper *s, const char *text)
{
    shape_put(s, slice_from(text));
}

static size_t mark_of(const shaper *s)
{
    return s->text->n;
}

static void back_to(shaper *s, size_t mark)
{
    if (!s->full) {
        buf_truncate(s->text, mark);
    }
}

/* --- siblings ------------------------------------------------------------------------------- */

siblings siblings_begin(shaper *s)
{
    return (siblings){.first = s->n_set};
}

size_t siblings_next(shaper *s, const siblings *of)
{
    size_t mark = mark_of(s);
    if (of->n > 0) {
        put(s, ",");
    }
    return mark;
}

void siblings_add(shaper *s, siblings *of, size_t mark, uint64_t identity)
{
    for (uint32_t i = of->first; i < s->n_set; i++) {
        if (s->set[i] == identity) {
            of->repeated = true;
            back_to(s, mark);
            return;
        }
    }
    if (s->n_set < SHAPE_SET_MAX) {
        s->set[s->n_set++] = identity;
    } else {
        of->rest = mix64(of->rest, identity);
    }
    of->n++;
}

static int compare_identities(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t siblings_end(shaper *s, siblings *of, uint64_t seed)
{
    uint64_t *all = s->set + of->first;
    size_t n = s->n_set - of->first;
    qsort(all, n, sizeof *all, compare_identities);
    uint64_t identity = mix64(seed, of->repeated ? OF_REPEATED : 0);
    for (size_t i = 0; i < n; i++) {
        identity = mix64(identity, all[i]);
    }
    s->n_set = of->first;
    return of->rest != 0 ? mix64(identity, of->rest) : identity;
}

/* --- names of fields ---------------------------------------------------------------------------
 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(slice part)
{
    for (size_t i = 0; i < part.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? part.p[i] != '-' : !is_hex(part.p[i])) {
            return false;
        }
    }
    return part.n == 36;
}

/* Whether a part of a path names an element and no field: a position, or an id used as a key. */
static bool is_generated(slice part)
{
    size_t digits = 0;
    size_t hex = 0;
    for (size_t i = 0; i < part.n; i++) {
        digits += is_digit(part.p[i]);
        hex += is_hex(part.p[i]);
    }
    bool number = digits == part.n;
    bool object_id = part.n == 24 && hex == 24 && digits > 0;
    bool mostly_digits = part.n >= 8 && digits * 5 > part.n * 2;
    return digits > 0 && (number || object_id || mostly_digits || is_uuid(part));
}

/* Writes a.b.<k>.c for a.b.37.c. */
static uint64_t put_path(shaper *s, slice path)
{
    uint64_t identity = OF_PATH;
    for (slice rest = path;;) {
        const char *dot = rest.n > 0 ? memchr(rest.p, '.', rest.n) : NULL;
        slice part = dot != NULL ? slice_between(rest.p, dot) : rest;
        part = is_generated(part) ? SLICE("<k>") : part;
        shape_put(s, part);
        identity = mix64(identity, hash_bytes(part));
        if (dot == NULL) {
            return identity;
        }
        put(s, ".");
        rest = slice_between(dot + 1, rest.p + rest.n);
    }
}

/* Writes "name": and gives the name's identity. */
static uint64_t put_name(shaper *s, slice name)
{
    put(s, "\"");
    uint64_t identity = put_path(s, name);
    put(s, "\":");
    return identity;
}

/* --- values -------------------------------------------------------------------------------------
 */

static uint64_t put_literal(shaper *s, bson_literal l)
{
    if (l.type == BSON_ARRAY && l.element == BSON_NONE) {
        put(s, "\"[]\"");
        return OF_NO_VALUES;
    }
    put(s, "\"?");
    shape_put(s, bson_type_name(l.type));
    if (l.type == BSON_ARRAY) {
        put(s, "<");
        put(s, l.element > BSON_MIXED ? "?" : "");
        shape_put(s, bson_type_name(l.element));
        put(s, ">");
    }
    put(s, "\"");
    return l.type == BSON_ARRAY ? OF_VALUES : OF_VALUE;
}

static uint64_t literal(shaper *s, json_reader *r, const json_token *t)
{
    return put_literal(s, bson_take(r, t));
}

/* Whether every match begins with the same characters, so that an index bounds the search. */
static bool is_anchored(slice pattern)
{
    if (slice_starts_with(pattern, SLICE("\\\\A"))) {
        pattern = slice_skip(pattern, 3);
    } else if (slice_starts_with(pattern, SLICE("^"))) {
        pattern = slice_skip(pattern, 1);
    } else {
        return false;
    }
    return pattern.n > 0 && memchr(".*+?()[]{}|\\$", *pattern.p, 13) == NULL;
}

static uint64_t put_regex(shaper *s, slice pattern, slice options)
{
    bool anchored = is_anchored(pattern);
    put(s, anchored ? "\"?regex^\"" : "\"?regex\"");
    if (options.n > 0) {
        put(s, ",\"$options\":\"");
        shape_put(s, options);
        put(s, "\"");
    }
    return mix64(mix64(OF_REGEX, anchored), hash_bytes(options));
}

static uint64_t put_kept(shaper *s, slice raw, bool quotes)
{
    put(s, quotes ? "\"" : "");
    shape_put(s, raw);
    put(s, quotes ? "\"" : "");
    return mix64(OF_KEPT, hash_bytes(raw));
}

static const char *word_of(json_kind kind)
{
    return kind == JSON_TRUE ? "true" : kind == JSON_FALSE ? "false" : "null";
}

/* Whether the array that was just begun holds strings only. */
static bool all_strings(const json_reader *r)
{
    json_reader ahead = *r;
    json_token t;
    while (json_next(&ahead, &t) == JSON_STRING) {
    }
    return t.kind == JSON_ARRAY_END;
}

static uint64_t kept_array(shaper *s, json_reader *r)
{
    json_token t;
    uint64_t identity = OF_KEPT;
    const char *comma = "";
    put(s, "[");
    while (json_next(r, &t) == JSON_STRING) {
        put(s, comma);
        identity = mix64(identity, put_kept(s, t.text, true));
        comma = ",";
    }
    put(s, "]");
    return identity;
}

static uint64_t kept(shaper *s, json_reader *r, const json_token *t)
{
    switch (t->kind) {
    case JSON_STRING:
        return put_kept(s, t->text, true);
    case JSON_NUMBER:
        return t->text.n <= SHAPE_SHORT_NUMBER ? put_kept(s, t->text, false) : literal(s, r, t);
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return put_kept(s, slice_from(word_of(t->kind)), false);
    case JSON_ARRAY_BEGIN:
        return all_strings(r) ? kept_array(s, r) : literal(s, r, t);
    default:
        return literal(s, r, t);
    }
}

/* The first name of the object that was just begun; empty where it has none. */
static slice first_name(const json_reader *r)
{
    json_reader ahead = *r;
    json_token t;
    return json_next(&ahead, &t) == JSON_NAME ? t.text : SLICE("");
}

static bool is_operator(slice name)
{
    return name.n > 1 && name.p[0] == '$';
}

/* Whether the object that was just begun is {$gt: …}, {$set: …} and the like. */
static bool holds_operators(const json_reader *r)
{
    slice name = first_name(r);
    return is_operator(name) && !slice_is(name, "$ref") && !slice_is(name, "$id") &&
           bson_wrapped(r) == BSON_OBJECT;
}

/* --- filters
 * -------------------------------------------------------------------------------------- */

static void conjuncts(shaper *s, json_reader *r, siblings *all);

/* A whole filter, its object just begun. One condition stands for itself. */
static uint64_t filter(shaper *s, json_reader *r)
{
    size_t mark = mark_of(s);
    siblings all = siblings_begin(s);
    put(s, AND_BEGIN);
    conjuncts(s, r, &all);
    if (all.n == 0) {
        back_to(s, mark);
        put(s, "{}");
        return OF_EVERYTHING;
    }
    if (all.n > 1 || all.repeated) {
        put(s, "]}");
        return siblings_end(s, &all, OF_AND);
    }
    size_t n = strlen(AND_BEGIN);
    if (!s->full) {
        memmove(s->text->p + mark, s->text->p + mark + n, s->text->n - mark - n);
        buf_truncate(s->text, s->text->n - n);
    }
    uint64_t only = all.first < s->n_set ? s->set[all.first] : all.rest;
    siblings_end(s, &all, OF_AND);
    return only;
}

static uint64_t filter_value(shaper *s, json_reader *r, const json_token *t)
{
    return t->kind == JSON_OBJECT_BEGIN ? filter(s, r) : literal(s, r, t);
}

static uint64_t operators(shaper *s, json_reader *r);

static bool is_logical(slice name)
{
    return slice_is(name, "$and") || slice_is(name, "$or") || slice_is(name, "$nor") ||
           slice_is(name, "$expr");
}

/* Of {a: {$op: …}}, what stands behind the operator. */
static uint64_t operand(shaper *s, slice name, slice options, json_reader *r)
{
    json_token t;
    json_next(r, &t);
    bool object = t.kind == JSON_OBJECT_BEGIN;
    bool regex = object && bson_wrapped(r) == BSON_REGEX;
    if (slice_is(name, "$regex") || (regex && slice_is(name, "$eq"))) {
        slice pattern = t.text;
        if (object) {
            slice own;
            bson_regex(r, &pattern, &own);
            options = options.n > 0 ? options : own;
        }
        json_skip(r, &t, NULL);
        return put_regex(s, pattern, options);
    }
    if (object && slice_is(name, "$elemMatch") &&
        (!holds_operators(r) || is_logical(first_name(r)))) {
        return filter(s, r);
    }
    if (object && !regex && (slice_is(name, "$elemMatch") || slice_is(name, "$not"))) {
        return operators(s, r);
    }
    return literal(s, r, &t);
}

/* The text of $options in the object that was just begun. */
static slice options_of(const json_reader *r)
{
    slice pattern;
    slice options;
    bson_regex(r, &pattern, &options);
    return options;
}

/* {$gt: 1, $lt: 5} within $not or $elemMatch. */
static uint64_t operators(shaper *s, json_reader *r)
{
    json_token t;
    slice options = options_of(r);
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        slice name = t.text;
        if (slice_is(name, "$options")) {
            json_next(r, &t);
            json_skip(r, &t, NULL);
            continue;
        }
        size_t mark = siblings_next(s, &all);
        uint64_t identity = put_name(s, name);
        siblings_add(s, &all, mark, mix64(identity, operand(s, name, options, r)));
    }
    put(s, "}");
    return siblings_end(s, &all, OF_NESTED_OPERATORS);
}

static size_t begin_predicate(shaper *s, const siblings *all, slice path, slice name,
                              uint64_t *identity)
{
    size_t mark = siblings_next(s, all);
    put(s, "{");
    *identity = put_name(s, path);
    put(s, "{");
    *identity = mix64(mix64(OF_PREDICATE, *identity), put_name(s, name));
    return mark;
}

static void end_predicate(shaper *s, siblings *all, size_t mark, uint64_t identity)
{
    put(s, "}}");
    siblings_add(s, all, mark, identity);
}

/* {a: {$gte: 3, $lte: 10}}: two conditions. */
static void predicates(shaper *s, slice path, json_reader *r, siblings *all)
{
    json_token t;
    slice options = options_of(r);
    while (json_next(r, &t) == JSON_NAME) {
        slice name = t.text;
        if (slice_is(name, "$options")) {
            json_next(r, &t);
            json_skip(r, &t, NULL);
            continue;
        }
        uint64_t identity;
        size_t mark = begin_predicate(s, all, path, name, &identity);
        end_predicate(s, all, mark, mix64(identity, operand(s, name, options, r)));
    }
}

/* {a: 5}, which is {a: {$eq: 5}}, and {a: /x/}, which is {a: {$regex: "x"}}. */
static void equality(shaper *s, slice path, json_reader *r, const json_token *t, siblings *all)
{
    bool regex = t->kind == JSON_OBJECT_BEGIN && bson_wrapped(r) == BSON_REGEX;
    uint64_t identity;
    size_t mark = begin_predicate(s, all, path, regex ? SLICE("$regex") : SLICE("$eq"), &identity);
    uint64_t value_identity;
    if (regex) {
        slice pattern;
        slice options;
        bson_regex(r, &pattern, &options);
        json_skip(r, t, NULL);
        value_identity = put_regex(s, pattern, options);
    } else {
        value_identity = literal(s, r, t);
    }
    end_predicate(s, all, mark, mix64(identity, value_identity));
}

/* Whether the array that was just begun has one element. */
static bool has_one_element(const json_reader *r)
{
    json_reader ahead = *r;
    json_token t;
    if (json_next(&ahead, &t) == JSON_ARRAY_END) {
        return false;
    }
    json_skip(&ahead, &t, NULL);
    return json_next(&ahead, &t) == JSON_ARRAY_END;
}

static uint64_t branches(shaper *s, json_reader *r)
{
    json_token t;
    siblings all = siblings_begin(s);
    put(s, "[");
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        size_t mark = siblings_next(s, &all);
        siblings_add(s, &all, mark, filter_value(s, r, &t));
    }
    put(s, "]");
    return siblings_end(s, &all, OF_FILTERS);
}

/* The conditions of $and, and of an $or with one branch, are those of the filter around it. */
static void nested_conjuncts(shaper *s, json_reader *r, siblings *all)
{
    json_token t;
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        if (t.kind == JSON_OBJECT_BEGIN) {
            conjuncts(s, r, all);
        } else {
            json_skip(r, &t, NULL);
        }
    }
}

static void logical(shaper *s, slice name, json_reader *r, siblings *all)
{
    json_token t;
    json_next(r, &t);
    bool array = t.kind == JSON_ARRAY_BEGIN;
    if (slice_is(name, "$comment")) {
        json_skip(r, &t, NULL);
        return;
    }
    if (array && (slice_is(name, "$and") || (slice_is(name, "$or") && has_one_element(r)))) {
        nested_conjuncts(s, r, all);
        return;
    }
    size_t mark = siblings_next(s, all);
    put(s, "{");
    uint64_t identity = mix64(OF_LOGICAL, put_name(s, name));
    uint64_t inner;
    if (array) {
        inner = branches(s, r);
    } else if (slice_is(name, "$expr")) {
        inner = shape_value(s, SHAPE_EXPRESSION, r, &t);
    } else if (slice_is(name, "$where")) {
        json_skip(r, &t, NULL);
        inner = put_literal(s, (bson_literal){.type = BSON_CODE});
    } else {
        bool document = t.kind == JSON_OBJECT_BEGIN && bson_wrapped(r) == BSON_OBJECT;
        inner = shape_value(s, document ? SHAPE_KEYS : SHAPE_LITERAL, r, &t);
    }
    put(s, "}");
    siblings_add(s, all, mark, mix64(identity, inner));
}

/* The conditions in the object that was just begun, up to its end. */
static void conjuncts(shaper *s, json_reader *r, siblings *all)
{
    json_token t;
    bool too_deep = ++s->depth > SHAPE_DEPTH_MAX;
    while (json_next(r, &t) == JSON_NAME) {
        slice name = t.text;
        if (is_operator(name) && !too_deep) {
            logical(s, name, r, all);
            continue;
        }
        json_next(r, &t);
        if (t.kind == JSON_OBJECT_BEGIN && holds_operators(r) && !too_deep) {
            predicates(s, name, r, all);
        } else {
            equality(s, name, r, &t, all);
        }
    }
    s->depth--;
}

/* --- documents of other kinds
 * ---------------------------------------------------------------------- */

/* {name: value}, each value read in the same way; the order of the names means nothing. */
static uint64_t document(shaper *s, json_reader *r, shape_mode mode, uint64_t seed)
{
    json_token t;
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        size_t mark = siblings_next(s, &all);
        uint64_t name = put_name(s, t.text);
        json_next(r, &t);
        siblings_add(s, &all, mark, mix64(name, shape_value(s, mode, r, &t)));
    }
    put(s, "}");
    return siblings_end(s, &all, seed);
}

/* [value, …], in their order. */
static uint64_t array_of(shaper *s, json_reader *r, shape_mode mode, uint64_t seed)
{
    json_token t;
    uint64_t identity = seed;
    const char *comma = "";
    put(s, "[");
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        put(s, comma);
        identity = mix64(identity, shape_value(s, mode, r, &t));
        comma = ",";
    }
    put(s, "]");
    return identity;
}

/* Whether no element of the array that was just begun refers to a field or computes anything. */
static bool all_literals(const json_reader *r)
{
    json_reader ahead = *r;
    uint32_t outside = r->depth - 1;
    json_token t;
    while (ahead.depth > outside) {
        json_next(&ahead, &t);
        if (t.kind == JSON_ERROR || (t.kind == JSON_STRING && is_operator(t.text))) {
            return false;
        }
        if (t.kind == JSON_OBJECT_BEGIN) {
            if (bson_wrapped(&ahead) == BSON_OBJECT) {
                return false;
            }
            json_skip(&ahead, &t, NULL);
        }
    }
    return true;
}

static uint64_t expression_object(shaper *s, json_reader *r)
{
    json_token t;
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        size_t mark = siblings_next(s, &all);
        slice name = t.text;
        uint64_t identity = put_name(s, name);
        json_next(r, &t);
        bool object = t.kind == JSON_OBJECT_BEGIN;
        bool order = object && (slice_is(name, "sortBy") || slice_is(name, "$sort"));
        shape_mode mode = slice_is(name, "$literal") ? SHAPE_LITERAL
                          : slice_is(name, "$meta")  ? SHAPE_KEEP
                          : order                    ? SHAPE_SORT
                                                     : SHAPE_EXPRESSION;
        siblings_add(s, &all, mark, mix64(identity, shape_value(s, mode, r, &t)));
    }
    put(s, "}");
    return siblings_end(s, &all, OF_DOCUMENT);
}

static uint64_t expression(shaper *s, json_reader *r, const json_token *t)
{
    if (t->kind == JSON_STRING && is_operator(t->text)) {
        put(s, "\"");
        uint64_t identity = mix64(OF_FIELD, put_path(s, t->text));
        put(s, "\"");
        return identity;
    }
    bool object = t->kind == JSON_OBJECT_BEGIN && bson_wrapped(r) == BSON_OBJECT;
    bool array = t->kind == JSON_ARRAY_BEGIN && !all_literals(r);
    if ((!object && !array) || s->depth == SHAPE_DEPTH_MAX) {
        return literal(s, r, t);
    }
    s->depth++;
    uint64_t identity =
        object ? expression_object(s, r) : array_of(s, r, SHAPE_EXPRESSION, OF_ARRAY);
    s->depth--;
    return identity;
}

/* The number that a value is, as it was written; empty where it is none. */
static slice number_text(const json_reader *r, const json_token *t)
{
    if (t->kind == JSON_NUMBER) {
        return t->text;
    }
    if (t->kind != JSON_OBJECT_BEGIN || bson_wrapped(r) != BSON_NUMBER) {
        return SLICE("");
    }
    json_reader ahead = *r;
    json_token inner;
    json_next(&ahead, &inner);
    return json_next(&ahead, &inner) == JSON_STRING ? inner.text : SLICE("");
}

bool shape_is_naught(slice number)
{
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] != '0' && number.p[i] != '.' && number.p[i] != '-') {
            return false;
        }
    }
    return number.n > 0;
}

static uint64_t direction(shaper *s, json_reader *r, const json_token *t)
{
    slice number = number_text(r, t);
    if (number.n > 0) {
        bool down = number.p[0] == '-';
        json_skip(r, t, NULL);
        put(s, down ? "-1" : "1");
        return mix64(OF_DIRECTION, down);
    }
    return shape_value(s, SHAPE_EXPRESSION, r, t);
}

static uint64_t sort_keys(shaper *s, json_reader *r)
{
    json_token t;
    uint64_t identity = OF_SORT;
    const char *comma = "";
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        put(s, comma);
        uint64_t name = put_name(s, t.text);
        json_next(r, &t);
        identity = mix64(mix64(identity, name), direction(s, r, &t));
        comma = ",";
    }
    put(s, "}");
    return identity;
}

/* What a projection says of one field: shown or not, a computed value, or the same of its parts. */
static uint64_t shown(shaper *s, json_reader *r, const json_token *t)
{
    slice number = number_text(r, t);
    if (number.n > 0 || t->kind == JSON_TRUE || t->kind == JSON_FALSE) {
        bool yes = number.n > 0 ? !shape_is_naught(number) : t->kind == JSON_TRUE;
        json_skip(r, t, NULL);
        put(s, yes ? "true" : "false");
        return mix64(OF_SHOWN, yes);
    }
    bool parts = t->kind == JSON_OBJECT_BEGIN && !is_operator(first_name(r));
    if (!parts || s->depth == SHAPE_DEPTH_MAX) {
        return expression(s, r, t);
    }
    s->depth++;
    uint64_t identity = document(s, r, SHAPE_PROJECTION, OF_PROJECTION);
    s->depth--;
    return identity;
}

static uint64_t update(shaper *s, json_reader *r, const json_token *t)
{
    if (t->kind == JSON_ARRAY_BEGIN) {
        return shape_value(s, SHAPE_PIPELINE, r, t);
    }
    if (t->kind != JSON_OBJECT_BEGIN || !holds_operators(r)) {
        literal(s, r, t);
        return OF_REPLACEMENT;
    }
    return document(s, r, SHAPE_KEYS, OF_UPDATE);
}

/* --- pipelines
 * ------------------------------------------------------------------------------------- */

typedef struct named_mode {
    const char *name;
    shape_mode mode;
} named_mode;

/* What is not here is a document of expressions. */
static const named_mode stages[] = {
    {"$match", SHAPE_FILTER},       {"$sort", SHAPE_SORT},         {"$project", SHAPE_PROJECTION},
    {"$limit", SHAPE_LITERAL},      {"$skip", SHAPE_LITERAL},      {"$count", SHAPE_KEEP},
    {"$unset", SHAPE_KEEP},         {"$out", SHAPE_PARTS},         {"$lookup", SHAPE_PARTS},
    {"$graphLookup", SHAPE_PARTS},  {"$unionWith", SHAPE_PARTS},   {"$merge", SHAPE_PARTS},
    {"$unwind", SHAPE_PARTS},       {"$geoNear", SHAPE_PARTS},     {"$facet", SHAPE_FACETS},
    {"$search", SHAPE_SEARCH},      {"$searchMeta", SHAPE_SEARCH}, {"$vectorSearch", SHAPE_SEARCH},
    {"$changeStream", SHAPE_PARTS}, {"$documents", SHAPE_LITERAL}, {"$rankFusion", SHAPE_PARTS},
};

/* Of stages' documents. */
static const named_mode parts[] = {
    {"from", SHAPE_KEEP},
    {"localField", SHAPE_KEEP},
    {"foreignField", SHAPE_KEEP},
    {"as", SHAPE_KEEP},
    {"pipeline", SHAPE_PIPELINE},
    {"connectFromField", SHAPE_KEEP},
    {"connectToField", SHAPE_KEEP},
    {"depthField", SHAPE_KEEP},
    {"restrictSearchWithMatch", SHAPE_FILTER},
    {"coll", SHAPE_KEEP},
    {"db", SHAPE_KEEP},
    {"into", SHAPE_PARTS},
    {"on", SHAPE_KEEP},
    {"whenMatched", SHAPE_PARTS},
    {"whenNotMatched", SHAPE_KEEP},
    {"path", SHAPE_KEEP},
    {"includeArrayIndex", SHAPE_KEEP},
    {"preserveNullAndEmptyArrays", SHAPE_KEEP},
    {"key", SHAPE_KEEP},
    {"query", SHAPE_FILTER},
    {"near", SHAPE_LITERAL},
    {"distanceField", SHAPE_KEEP},
    {"includeLocs", SHAPE_KEEP},
    {"fullDocument", SHAPE_KEEP},
    {"resumeAfter", SHAPE_LITERAL},
    {"startAfter", SHAPE_LITERAL},
    {"pipelines", SHAPE_FACETS},
    {"input", SHAPE_PARTS},
};

static shape_mode find_mode(const named_mode *table, size_t n, slice name, shape_mode otherwise)
{
    for (size_t i = 0; i < n; i++) {
        if (slice_is(name, table[i].name)) {
            return table[i].mode;
        }
    }
    return otherwise;
}

/* By length: what the tables above keep as it stands, and the names that are looked at besides. */
static const char *const kept_texts[] = {
    [2] = "ns as db on op",
    [3] = "key",
    [4] = "from coll into path type $out",
    [5] = "index input $meta",
    [6] = "locale $count $unset $merge $regex",
    [7] = "pattern options command $unwind $lookup",
    [8] = "$options $geoNear",
    [10] = "localField depthField $unionWith",
    [11] = "whenMatched includeLocs $rankFusion",
    [12] = "foreignField fullDocument $graphLookup",
    [13] = "distanceField $changeStream",
    [14] = "connectToField whenNotMatched",
    [16] = "connectFromField",
    [17] = "includeArrayIndex",
};

bool shape_keeps_text(slice name)
{
    size_t n = name.n;
    const char *words = n < sizeof kept_texts / sizeof *kept_texts ? kept_texts[n] : NULL;
    while (words != NULL) {
        if (words[0] == name.p[0] && bytes_equal(words, name.p, n)) {
            return true;
        }
        words = words[n] == ' ' ? words + n + 1 : NULL;
    }
    return false;
}

/* A name, a pipeline, or a document of named parts. */
static uint64_t stage_parts(shaper *s, json_reader *r, const json_token *t)
{
    if (t->kind == JSON_STRING) {
        return kept(s, r, t);
    }
    if (t->kind == JSON_ARRAY_BEGIN) {
        return shape_value(s, SHAPE_PIPELINE, r, t);
    }
    if (t->kind != JSON_OBJECT_BEGIN) {
        return literal(s, r, t);
    }
    json_token inner;
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &inner) == JSON_NAME) {
        size_t mark = siblings_next(s, &all);
        slice name = inner.text;
        shape_mode mode = find_mode(parts, sizeof parts / sizeof *parts, name, SHAPE_EXPRESSION);
        uint64_t identity = put_name(s, name);
        json_next(r, &inner);
        siblings_add(s, &all, mark, mix64(identity, shape_value(s, mode, r, &inner)));
    }
    put(s, "}");
    return siblings_end(s, &all, OF_DOCUMENT);
}

static uint64_t search(shaper *s, json_reader *r, const json_token *t, bool is_kept)
{
    if (t->kind == JSON_OBJECT_BEGIN && bson_wrapped(r) == BSON_OBJECT) {
        json_token inner;
        siblings all = siblings_begin(s);
        put(s, "{");
        while (json_next(r, &inner) == JSON_NAME) {
            size_t mark = siblings_next(s, &all);
            bool keep = slice_is(inner.text, "index") || slice_is(inner.text, "path");
            uint64_t identity = put_name(s, inner.text);
            json_next(r, &inner);
            siblings_add(s, &all, mark, mix64(identity, search(s, r, &inner, keep)));
        }
        put(s, "}");
        return siblings_end(s, &all, OF_DOCUMENT);
    }
    if (t->kind == JSON_ARRAY_BEGIN && !all_literals(r)) {
        return array_of(s, r, SHAPE_SEARCH, OF_ARRAY);
    }
    return is_kept ? kept(s, r, t) : literal(s, r, t);
}

/* {$name: …}: one stage of a pipeline. */
static uint64_t stage(shaper *s, json_reader *r)
{
    json_token t;
    uint64_t identity = OF_STAGE;
    const char *comma = "";
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        put(s, comma);
        shape_mode mode =
            find_mode(stages, sizeof stages / sizeof *stages, t.text, SHAPE_EXPRESSION);
        identity = mix64(identity, put_name(s, t.text));
        json_next(r, &t);
        identity = mix64(identity, shape_value(s, mode, r, &t));
        comma = ",";
    }
    put(s, "}");
    return identity;
}

static uint64_t pipeline(shaper *s, json_reader *r)
{
    json_token t;
    uint64_t identity = OF_PIPELINE;
    const char *comma = "";
    put(s, "[");
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        put(s, comma);
        identity = mix64(identity, t.kind == JSON_OBJECT_BEGIN ? stage(s, r) : literal(s, r, &t));
        comma = ",";
    }
    put(s, "]");
    return identity;
}

/* --- statements of a batch
 * ------------------------------------------------------------------------- */

static const named_mode change_parts[] = {
    {"q", SHAPE_FILTER},      {"u", SHAPE_UPDATE},
    {"filter", SHAPE_FILTER}, {"updateMods", SHAPE_UPDATE},
    {"multi", SHAPE_KEEP},    {"upsert", SHAPE_KEEP},
    {"limit", SHAPE_KEEP},    {"arrayFilters", SHAPE_FILTERS},
};

static uint64_t change(shaper *s, json_reader *r, const json_token *t)
{
    json_token inner;
    if (t->kind != JSON_OBJECT_BEGIN) {
        return literal(s, r, t);
    }
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &inner) == JSON_NAME) {
        size_t mark = siblings_next(s, &all);
        shape_mode mode = find_mode(change_parts, sizeof change_parts / sizeof *change_parts,
                                    inner.text, SHAPE_LITERAL);
        uint64_t identity = put_name(s, inner.text);
        json_next(r, &inner);
        siblings_add(s, &all, mark, mix64(identity, shape_value(s, mode, r, &inner)));
    }
    put(s, "}");
    return siblings_end(s, &all, OF_DOCUMENT);
}

/* The different ones of an array; how often each is there does not matter. */
static uint64_t changes(shaper *s, json_reader *r)
{
    json_token t;
    siblings all = siblings_begin(s);
    put(s, "[");
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        size_t mark = siblings_next(s, &all);
        siblings_add(s, &all, mark, change(s, r, &t));
    }
    put(s, "]");
    all.repeated = false;
    return siblings_end(s, &all, OF_ARRAY);
}

/* Of a collation only the locale and the strength. */
static uint64_t collation(shaper *s, json_reader *r)
{
    json_token t;
    siblings all = siblings_begin(s);
    put(s, "{");
    while (json_next(r, &t) == JSON_NAME) {
        slice name = t.text;
        json_next(r, &t);
        if (!slice_is(name, "locale") && !slice_is(name, "strength")) {
            json_skip(r, &t, NULL);
            continue;
        }
        size_t mark = siblings_next(s, &all);
        uint64_t identity = put_name(s, name);
        siblings_add(s, &all, mark, mix64(identity, kept(s, r, &t)));
    }
    put(s, "}");
    return siblings_end(s, &all, OF_DOCUMENT);
}

/* --- all of them
 * -------------------------------------------------------------------------------------- */

static uint64_t object_value(shaper *s, shape_mode mode, json_reader *r, const json_token *t)
{
    switch (mode) {
    case SHAPE_SORT:
        return sort_keys(s, r);
    case SHAPE_KEYS:
        return bson_wrapped(r) == BSON_OBJECT ? document(s, r, SHAPE_LITERAL, OF_DOCUMENT)
                                              : literal(s, r, t);
    case SHAPE_FACETS:
        return document(s, r, SHAPE_PIPELINE, OF_DOCUMENT);
    case SHAPE_COLLATION:
        return collation(s, r);
    default:
        return literal(s, r, t);
    }
}

static uint64_t array_value(shaper *s, shape_mode mode, json_reader *r, const json_token *t)
{
    switch (mode) {
    case SHAPE_PIPELINE:
        return pipeline(s, r);
    case SHAPE_FILTERS:
        return array_of(s, r, SHAPE_FILTER, OF_FILTERS);
    case SHAPE_CHANGES:
        return changes(s, r);
    default:
        return literal(s, r, t);
    }
}

/* The value that begins with t. */
static uint64_t shape_value(shaper *s, shape_mode mode, json_reader *r, const json_token *t)
{
    switch (mode) {
    case SHAPE_FILTER:
        return filter_value(s, r, t);
    case SHAPE_EXPRESSION:
        return expression(s, r, t);
    case SHAPE_PROJECTION:
        return shown(s, r, t);
    case SHAPE_UPDATE:
        return update(s, r, t);
    case SHAPE_PARTS:
        return stage_parts(s, r, t);
    case SHAPE_SEARCH:
        return search(s, r, t, false);
    case SHAPE_KEEP:
        return kept(s, r, t);
    case SHAPE_FLAG:
        json_skip(r, t, NULL);
        return put_kept(s, SLICE("true"), false);
    default:
        break;
    }
    return t->kind == JSON_OBJECT_BEGIN  ? object_value(s, mode, r, t)
           : t->kind == JSON_ARRAY_BEGIN ? array_value(s, mode, r, t)
                                         : literal(s, r, t);
}

uint64_t shape_part(shaper *s, shape_mode mode, slice raw)
{
    json_reader r;
    json_token t;
    json_begin(&r, raw);
    json_next(&r, &t);
    return shape_value(s, mode, &r, &t);
}

bool shape_is_nothing(shape_mode mode, slice raw)
{
    json_reader r;
    json_token t;
    json_begin(&r, raw);
    json_next(&r, &t);
    bool object = t.kind == JSON_OBJECT_BEGIN;
    slice name = object ? first_name(&r) : SLICE("");
    switch (mode) {
    case SHAPE_FLAG:
        return t.kind != JSON_TRUE &&
               (number_text(&r, &t).n == 0 || shape_is_naught(number_text(&r, &t)));
    case SHAPE_COUNT:
        return shape_is_naught(number_text(&r, &t));
    case SHAPE_SORT:
        return !object || name.n == 0 || slice_is(name, "$natural");
    case SHAPE_FILTER:
    case SHAPE_PROJECTION:
    case SHAPE_COLLATION:
    case SHAPE_KEYS:
        return !object || name.n == 0;
    case SHAPE_FILTERS:
        return t.kind != JSON_ARRAY_BEGIN;
    default:
        return t.kind == JSON_ERROR;
    }
}
