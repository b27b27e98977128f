/* mongodb_literal.c - see mongodb_literal.h. */
#include "normalise/mongodb_literal.h"

static const char *const type_names[BSON_TYPES] = {
    [BSON_NONE] = "",
    [BSON_MIXED] = "",
    [BSON_OBJECT] = "object",
    [BSON_ARRAY] = "array",
    [BSON_STRING] = "string",
    [BSON_NUMBER] = "number",
    [BSON_BOOL] = "bool",
    [BSON_NULL] = "null",
    [BSON_OBJECT_ID] = "objectId",
    [BSON_DATE] = "date",
    [BSON_TIMESTAMP] = "timestamp",
    [BSON_BINARY] = "binData",
    [BSON_REGEX] = "regex",
    [BSON_MIN_KEY] = "minKey",
    [BSON_MAX_KEY] = "maxKey",
    [BSON_UNDEFINED] = "undefined",
    [BSON_CODE] = "javascript",
    [BSON_SCOPED_CODE] = "javascriptWithScope",
    [BSON_DB_POINTER] = "dbPointer",
};

slice bson_type_name(bson_type type)
{
    return slice_from(type_names[type]);
}

/* `also`: a second member that the object may have. */
typedef struct wrapper {
    const char *name;
    const char *also;
    bson_type type;
} wrapper;

static const wrapper wrappers[] = {
    {"$oid", NULL, BSON_OBJECT_ID},       {"$date", NULL, BSON_DATE},
    {"$uuid", NULL, BSON_BINARY},         {"$binary", "$type", BSON_BINARY},
    {"$numberInt", NULL, BSON_NUMBER},    {"$numberLong", NULL, BSON_NUMBER},
    {"$numberDouble", NULL, BSON_NUMBER}, {"$numberDecimal", NULL, BSON_NUMBER},
    {"$timestamp", NULL, BSON_TIMESTAMP}, {"$regularExpression", NULL, BSON_REGEX},
    {"$symbol", NULL, BSON_STRING},       {"$undefined", NULL, BSON_UNDEFINED},
    {"$minKey", NULL, BSON_MIN_KEY},      {"$maxKey", NULL, BSON_MAX_KEY},
    {"$code", "$scope", BSON_CODE},       {"$dbPointer", NULL, BSON_DB_POINTER},
};

static const wrapper *find_wrapper(slice name)
{
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        if (slice_is(name, wrappers[i].name)) {
            return &wrappers[i];
        }
    }
    return NULL;
}

static json_kind skip_value(json_reader *r, json_token *t)
{
    json_next(r, t);
    json_skip(r, t, NULL);
    return json_next(r, t);
}

bson_type bson_wrapped(const json_reader *r)
{
    json_reader ahead = *r;
    json_token t;
    if (json_next(&ahead, &t) != JSON_NAME || t.text.n == 0 || t.text.p[0] != '$') {
        return BSON_OBJECT;
    }
    const wrapper *w = find_wrapper(t.text);
    if (w == NULL) {
        return BSON_OBJECT;
    }
    bson_type type = w->type;
    if (skip_value(&ahead, &t) == JSON_NAME && w->also != NULL && slice_is(t.text, w->also)) {
        type = type == BSON_CODE ? BSON_SCOPED_CODE : type;
        skip_value(&ahead, &t);
    }
    return t.kind == JSON_OBJECT_END ? type : BSON_OBJECT;
}

static bson_type take_elements(json_reader *r)
{
    bson_type element = BSON_NONE;
    json_token t;
    while (json_next(r, &t) != JSON_ARRAY_END && t.kind != JSON_ERROR) {
        bson_type type;
        switch (t.kind) {
        case JSON_OBJECT_BEGIN:
            type = bson_wrapped(r);
            json_skip(r, &t, NULL);
            break;
        case JSON_ARRAY_BEGIN:
            type = BSON_ARRAY;
            json_skip(r, &t, NULL);
            break;
        default:
            type = bson_take(r, &t).type;
            break;
        }
        element = element == BSON_NONE || element == type ? type : BSON_MIXED;
    }
    return element;
}

bson_literal bson_take(json_reader *r, const json_token *t)
{
    bson_literal l = {.type = BSON_NONE};
    switch (t->kind) {
    case JSON_STRING:
        l.type = BSON_STRING;
        break;
    case JSON_NUMBER:
        l.type = BSON_NUMBER;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        l.type = BSON_BOOL;
        break;
    case JSON_NULL:
        l.type = BSON_NULL;
        break;
    case JSON_OBJECT_BEGIN:
        l.type = bson_wrapped(r);
        json_skip(r, t, NULL);
        break;
    case JSON_ARRAY_BEGIN:
        l.type = BSON_ARRAY;
        l.element = take_elements(r);
        break;
    default:
        break;
    }
    return l;
}

void bson_regex(const json_reader *r, slice *pattern, slice *options)
{
    json_reader ahead = *r;
    json_token t;
    *pattern = *options = SLICE("");
    while (json_next(&ahead, &t) == JSON_NAME) {
        slice name = t.text;
        json_next(&ahead, &t);
        if (t.kind == JSON_OBJECT_BEGIN &&
            (slice_is(name, "$regularExpression") || slice_is(name, "$regex"))) {
            bson_regex(&ahead, pattern, options);
        } else if (t.kind == JSON_STRING &&
                   (slice_is(name, "pattern") || slice_is(name, "$regex"))) {
            *pattern = t.text;
        } else if (t.kind == JSON_STRING &&
                   (slice_is(name, "options") || slice_is(name, "$options"))) {
            *options = t.text;
        }
        json_skip(&ahead, &t, NULL);
    }
}
