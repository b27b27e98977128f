/* json.h - reading JSON one token at a time, from bytes that somebody else owns.
 *
 * Grammar: RFC 8259, strictly: no comments, no trailing commas, no NaN, no byte order mark, one
 * value at the top with white space around it and nothing else. Nothing is built and nothing is
 * allocated: a token is a view of the bytes, and who wants a string's characters decodes it.
 * A number stays text, so that no figure goes through floating point.
 * Not for writing JSON. */
#ifndef QLOG_BASE_JSON_H
#define QLOG_BASE_JSON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    JSON_DEPTH_MAX = 256 /* objects and arrays within each other */
};

typedef enum json_kind {
    JSON_END, /* behind the value at the top */
    JSON_ERROR,
    JSON_OBJECT_BEGIN,
    JSON_OBJECT_END,
    JSON_ARRAY_BEGIN,
    JSON_ARRAY_END,
    JSON_NAME, /* of an object's member, its ':' taken; the value follows */
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
} json_kind;

typedef enum json_fault {
    JSON_GOOD,
    JSON_CUT_OFF, /* the bytes end before the value does */
    JSON_MALFORMED,
    JSON_TOO_DEEP
} json_fault;

typedef struct json_token {
    json_kind kind;
    bool escaped; /* `text` holds escapes */
    bool ascii;   /* `text` holds no byte above 127 */
    /* JSON_NAME, JSON_STRING: what stands between the quotes. JSON_NUMBER: the number. JSON_ERROR:
     * what there is of a string that is not whole, up to its last whole escape; else empty. */
    slice text;
} json_token;

/* Its fields are private but for `fault`. */
typedef struct json_reader {
    const char *begin, *p, *end;
    uint64_t in_object[JSON_DEPTH_MAX / 64]; /* a bit for each open object or array */
    uint32_t depth;
    uint8_t expects;
    uint8_t after_value; /* what is expected then */
    json_fault fault;    /* why there was a JSON_ERROR */
} json_reader;

void json_begin(json_reader *r, slice text);

/* The next token. After JSON_END and JSON_ERROR it stays the same kind. */
json_kind json_next(json_reader *r, json_token *t);

/* Whether the value that is due is an object with a member: both are taken, and t is its name. */
bool json_enter(json_reader *r, json_token *t);

/* Takes the rest of the value that begins with t, the latest token: up to the end of an object or
 * array, nothing for others. *raw (may be NULL) is the value as it stands; a string's quotes are
 * not part of it. False where it is not whole. */
bool json_skip(json_reader *r, const json_token *t, slice *raw);

/* The same for what need not be whole within: only the bracket that ends the object or array is
 * looked for, outside of strings, many bytes at a time. False where it is missing or of the other
 * kind. */
bool json_pass(json_reader *r, const json_token *t, slice *raw);

/* Takes the value of a member, or of what else is due, in the same way. */
bool json_pass_value(json_reader *r);

/* Takes the value of a member where it is a whole number of few digits and without a sign, as most
 * figures are: faster than json_next and reading its text. False, and nothing is taken, where it is
 * anything else. */
bool json_take_count(json_reader *r, uint64_t *value);

/* Takes the value of a member where it is a string without escapes and bytes above 127: *text is
 * what stands between the quotes. False, and nothing is taken, where it is anything else. */
bool json_take_plain(json_reader *r, slice *text);

/* Takes the value of a member where it is an object of one string, {"name":"text"}, without escapes
 * and white space around: *text is what stands between the quotes. False, and nothing is taken,
 * where it is anything else. */
bool json_take_wrapped(json_reader *r, slice name, slice *text);

/* Takes the value of a member where it is the object or array that these bytes are. False, and
 * nothing is taken, where it is anything else. */
bool json_take_same(json_reader *r, slice nest);

/* Bytes taken: where the latest token ends, or where an error is. */
size_t json_position(const json_reader *r);

/* The characters of a name or string as UTF-8: a view of its bytes where they need no change, else
 * a copy in `a`. Bytes that are no UTF-8 and surrogates without their partner become U+FFFD,
 * one for each maximal part that could have begun a character (Unicode 15, section 3.9). False
 * where memory is out. */
bool json_text(const json_token *t, arena *a, slice *out);

/* The names that a reader looks for in objects. Set `names` and `n`, the rest is zero; then
 * json_names_begin at the beginning of each object. */
enum {
    JSON_NAMES_MAX = 64,
    JSON_EXPECTED = 2,     /* names behind each */
    JSON_EXPECTED_MAX = 32 /* bytes of one, with what stands around it */
};

/* A name that came lately behind another one, from the comma through the colon as it stood there.
 */
typedef struct json_expected {
    char begin[16]; /* its first bytes */
    char end[16];   /* its last ones; the first where it has no more */
    uint32_t mask;  /* a bit for each of `begin` that is its */
    uint8_t last;   /* where `end` begins in it */
    uint8_t n;      /* its bytes; 0: none is expected */
    uint8_t at;     /* index of the name */
    uint8_t due;    /* it is an object's first, or one more */
} json_expected;

typedef struct json_names {
    const slice *names;
    unsigned n;    /* at most JSON_NAMES_MAX */
    uint64_t seen; /* a bit for each that was in this object */
    bool repeated; /* one was there twice */
    uint8_t latest;
    /* Behind each, the latest first: writers keep their order. */
    json_expected expected[JSON_NAMES_MAX + 1][JSON_EXPECTED];
} json_names;

void json_names_begin(json_names *names);

/* Which of the names a JSON_NAME token is, or -1. A name written with escapes is the same name. */
int json_name_find(json_names *names, const json_token *t);

/* json_next where an object's member or end is due, and json_name_find (*at) where it is a name:
 * faster, since the name that came next the last time is only compared. Where *at >= 0, nothing of
 * *t is told but its kind. */
json_kind json_next_name(json_reader *r, json_names *names, json_token *t, int *at);

#endif
