/* fuzz_json.c - laws of the JSON tokenizer that hold for any bytes: it agrees with the grammar of
 * RFC 8259 as written down here a second time, tokens lie in the text in their order and are
 * balanced, and decoded text is valid UTF-8. */
#include <assert.h>
#include <stdint.h>

#include "base/json.h"

enum { MEMORY = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the grammar, one function for each rule ----------------------------------------------- */

typedef struct text {
    const char *p, *end;
    int depth;
} text;

static bool value(text *t);

static bool is(const text *t, const char *set)
{
    return t->p < t->end && *t->p != '\0' && strchr(set, *t->p) != NULL;
}

static bool take(text *t, char c)
{
    bool there = t->p < t->end && *t->p == c;
    t->p += there;
    return there;
}

static void white(text *t)
{
    while (is(t, " \t\r\n")) {
        t->p++;
    }
}

static bool digits(text *t)
{
    const char *begin = t->p;
    while (is(t, "0123456789")) {
        t->p++;
    }
    return t->p > begin;
}

static bool number(text *t)
{
    take(t, '-');
    if (!take(t, '0') && !digits(t)) {
        return false;
    }
    if (take(t, '.') && !digits(t)) {
        return false;
    }
    if (is(t, "eE")) {
        t->p++;
        t->p += is(t, "+-");
        return digits(t);
    }
    return true;
}

static bool string(text *t)
{
    if (!take(t, '"')) {
        return false;
    }
    while (t->p < t->end && *t->p != '"') {
        unsigned char c = (unsigned char)*t->p++;
        if (c < 0x20) {
            return false;
        }
        if (c != '\\') {
            continue;
        }
        if (take(t, 'u')) {
            for (int i = 0; i < 4; i++) {
                if (!is(t, "0123456789abcdefABCDEF")) {
                    return false;
                }
                t->p++;
            }
        } else if (is(t, "\"\\/bfnrt")) {
            t->p++;
        } else {
            return false;
        }
    }
    return take(t, '"');
}

static bool literal(text *t, slice word)
{
    bool there = slice_starts_with(slice_between(t->p, t->end), word);
    t->p += there ? word.n : 0;
    return there;
}

static bool member(text *t)
{
    white(t);
    if (!string(t)) {
        return false;
    }
    white(t);
    return take(t, ':') && value(t);
}

static bool list(text *t, bool (*element)(text *), char end)
{
    if (t->depth++ == JSON_DEPTH_MAX) {
        return false;
    }
    white(t);
    if (!take(t, end)) {
        do {
            if (!element(t)) {
                return false;
            }
        } while (take(t, ','));
        if (!take(t, end)) {
            return false;
        }
    }
    t->depth--;
    return true;
}

static bool value(text *t)
{
    white(t);
    bool good = take(t, '{')   ? list(t, member, '}')
                : take(t, '[') ? list(t, value, ']')
                : is(t, "\"")  ? string(t)
                               : literal(t, SLICE("true")) || literal(t, SLICE("false")) ||
                                    literal(t, SLICE("null")) || number(t);
    white(t);
    return good;
}

/* --- laws ----------------------------------------------------------------------------------------
 */

/* A lead byte, its followers and no more; the bounds of the second byte are checked apart. */
static void is_valid_utf8(slice s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t n = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
        assert(n > 0 && i + n <= s.n);
        uint32_t code = n == 1 ? c : c & (0x7Fu >> n);
        for (size_t k = 1; k < n; k++) {
            assert(((unsigned char)s.p[i + k] & 0xC0) == 0x80);
            code = code << 6 | ((unsigned char)s.p[i + k] & 0x3Fu);
        }
        assert(code >= (n == 4 ? 0x10000u : n == 3 ? 0x800u : n == 2 ? 0x80u : 0));
        assert(code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF));
        i += n;
    }
}

static void check_token(const json_token *t, slice whole, const char *after, arena *a)
{
    slice characters;
    if (t->text.n > 0) {
        assert(t->text.p >= after && t->text.p + t->text.n <= whole.p + whole.n);
    }
    if (t->kind == JSON_NAME || t->kind == JSON_STRING ||
        (t->kind == JSON_ERROR && t->text.n > 0)) {
        assert(json_text(t, a, &characters));
        is_valid_utf8(characters);
        assert(characters.n <= 3 * t->text.n);
    }
}

static json_reader read_all(slice whole, arena *a)
{
    static const slice names[] = {{"a", 1}, {"timestamp", 9}, {"\"", 1}};
    json_names sought = {.names = names, .n = 3};
    json_reader r;
    json_token t;
    long depth = 0;
    json_names_begin(&sought);
    json_begin(&r, whole);
    do {
        const char *before = whole.p + json_position(&r);
        json_next(&r, &t);
        assert(json_position(&r) <= whole.n && whole.p + json_position(&r) >= before);
        check_token(&t, whole, before, a);
        depth += t.kind == JSON_OBJECT_BEGIN || t.kind == JSON_ARRAY_BEGIN;
        depth -= t.kind == JSON_OBJECT_END || t.kind == JSON_ARRAY_END;
        assert(depth >= 0 && depth <= JSON_DEPTH_MAX);
        assert(t.kind != JSON_NAME || json_name_find(&sought, &t) < 3);
    } while (t.kind != JSON_END && t.kind != JSON_ERROR);
    assert(t.kind != JSON_END || (depth == 0 && r.fault == JSON_GOOD));
    assert(r.fault != JSON_CUT_OFF || json_position(&r) == whole.n);
    return r;
}

/* Names that are expected, as they came the time before, are the tokens that reading gives. */
static void expects_alike(slice whole)
{
    static const slice sought[] = {{"a", 1}, {"timestamp", 9}, {"ctx", 3}, {"\"", 1}};
    json_names read = {.names = sought, .n = 4};
    json_names expected = read;
    for (int round = 0; round < 2; round++) {
        json_reader x;
        json_reader y;
        json_token t;
        json_token u;
        json_begin(&x, whole);
        json_begin(&y, whole);
        json_names_begin(&read);
        json_names_begin(&expected);
        do {
            int at;
            json_next(&x, &t);
            int want = t.kind == JSON_NAME ? json_name_find(&read, &t) : -1;
            assert(json_next_name(&y, &expected, &u, &at) == t.kind && at == want);
            assert(at >= 0 || slice_equal(t.text, u.text));
            assert(json_position(&x) == json_position(&y) && x.fault == y.fault);
            assert(read.repeated == expected.repeated && read.seen == expected.seen);
        } while (t.kind != JSON_END && t.kind != JSON_ERROR);
    }
}

/* Skipping a value is reading it, and passing over it ends where reading it does. */
static void skips_alike(slice whole, bool good)
{
    json_reader r;
    json_token t;
    slice raw;
    json_begin(&r, whole);
    json_next(&r, &t);
    if (t.kind == JSON_OBJECT_BEGIN || t.kind == JSON_ARRAY_BEGIN) {
        bool skipped = json_skip(&r, &t, &raw);
        assert(skipped || !good);
        assert(!good || slice_equal(raw, slice_trim(whole)));
        json_begin(&r, whole);
        json_next(&r, &t);
        bool passed = json_pass(&r, &t, &raw);
        assert(passed || !good);
        assert(!good || slice_equal(raw, slice_trim(whole)));
        assert(json_position(&r) <= whole.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena a;
    arena_init(&a, MEMORY);
    slice whole = slice_of((const char *)data, size);
    text t = {whole.p, whole.p + whole.n, 0};
    bool good = value(&t) && t.p == t.end;
    json_reader r = read_all(whole, &a);
    assert(good == (r.fault == JSON_GOOD));
    skips_alike(whole, good);
    expects_alike(whole);
    /* What is cut short is never found malformed. */
    if (good && size > 0) {
        json_reader part = read_all(slice_take(whole, whole.n / 2), &a);
        assert(part.fault == JSON_GOOD || part.fault == JSON_CUT_OFF);
    }
    arena_free(&a);
    return 0;
}
