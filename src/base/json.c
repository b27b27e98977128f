/* json.c - see json.h.
 *
 * Strings are most of any log: they are scanned sixteen bytes at a time, and so is what nobody
 * wants to read. Everything else is looked at byte by byte. */
#include "base/json.h"

#include "base/bytes16.h"

enum expectation {
    EXPECT_VALUE,
    EXPECT_FIRST_VALUE,
    EXPECT_FIRST_NAME,
    EXPECT_MORE_MEMBERS,
    EXPECT_MORE_VALUES,
    EXPECT_END,
    EXPECT_NOTHING /* after a fault */
};

void json_begin(json_reader *r, slice text)
{
    if (text.n == 0) {
        text = SLICE(""); /* which may have been NULL */
    }
    *r = (json_reader){
        .begin = text.p, .p = text.p, .end = text.p + text.n, .after_value = EXPECT_END};
}

size_t json_position(const json_reader *r)
{
    return (size_t)(r->p - r->begin);
}

static void fail(json_reader *r, const char *p, json_fault fault)
{
    r->p = p;
    r->fault = fault;
    r->expects = EXPECT_NOTHING;
}

static json_kind fail_at(json_reader *r, const char *p, json_token *t)
{
    fail(r, p, p == r->end ? JSON_CUT_OFF : JSON_MALFORMED);
    return t->kind = JSON_ERROR;
}

static inline void skip_white(json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) {
        r->p++;
    }
}

/* --- strings ---------------------------------------------------------------------------- */

/* The first quote, backslash or control character from p on, or the end; *above gets bits where
 * bytes above 127 lie before. */
static inline const char *scan_string(const char *p, const char *end, uint32_t *above)
{
    for (; end - p >= (ptrdiff_t)sizeof(bytes16); p += sizeof(bytes16)) {
        bytes16 v = bytes16_at(p);
        uint32_t found =
            bytes16_tops((bytes16)(v == '"') | (bytes16)(v == '\\') | (bytes16)(v < 0x20));
        uint32_t before = found != 0 ? (found & (0 - found)) - 1 : UINT32_MAX;
        *above |= bytes16_tops(v) & before;
        if (found != 0) {
            return p + __builtin_ctz(found);
        }
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) {
        *above |= (unsigned char)*p & 0x80u;
        p++;
    }
    return p;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The length of the escape at p; 0 where it is none, or not whole, and *bad is where. */
static size_t escape_length(const char *p, const char *end, const char **bad)
{
    if (end - p >= 2 && p[1] == 'u') {
        for (*bad = p + 2; *bad < p + 6; ++*bad) {
            if (*bad == end || hex_value(**bad) < 0) {
                return 0;
            }
        }
        return 6;
    }
    *bad = p + 1;
    return end - p >= 2 && p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;
}

static json_kind end_string(json_reader *r, json_kind kind, const char *end, json_token *t)
{
    t->text = slice_between(r->p + 1, end);
    r->p = end + 1;
    return t->kind = kind;
}

/* The rest of one in which an escape or a fault is at p. */
static __attribute__((noinline)) json_kind
take_escapes(json_reader *r, json_kind kind, const char *p, uint32_t above, json_token *t)
{
    for (;;) {
        t->ascii = above == 0;
        if (p < r->end && *p == '"') {
            return end_string(r, kind, p, t);
        }
        const char *bad = p;
        size_t n = p < r->end && *p == '\\' ? escape_length(p, r->end, &bad) : 0;
        if (n == 0) {
            t->text = slice_between(r->p + 1, p);
            return fail_at(r, bad, t);
        }
        t->escaped = true;
        p = scan_string(p + n, r->end, &above);
    }
}

/* The string whose opening quote is at r->p. */
static inline json_kind take_string(json_reader *r, json_kind kind, json_token *t)
{
    uint32_t above = 0;
    const char *p = scan_string(r->p + 1, r->end, &above);
    t->escaped = false;
    if (p == r->end || *p != '"') {
        return take_escapes(r, kind, p, above, t);
    }
    t->ascii = above == 0;
    return end_string(r, kind, p, t);
}

/* --- the other values ------------------------------------------------------------------------ */

static inline bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (is_digit(p, end)) {
        p++;
    }
    return p;
}

static json_kind take_number(json_reader *r, json_token *t)
{
    const char *p = r->p + (*r->p == '-');
    if (!is_digit(p, r->end)) {
        return fail_at(r, p, t);
    }
    p = *p == '0' ? p + 1 : skip_digits(p, r->end);
    if (p < r->end && *p == '.') {
        p++;
        if (!is_digit(p, r->end)) {
            return fail_at(r, p, t);
        }
        p = skip_digits(p, r->end);
    }
    if (p < r->end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < r->end && (*p == '+' || *p == '-');
        if (!is_digit(p, r->end)) {
            return fail_at(r, p, t);
        }
        p = skip_digits(p, r->end);
    }
    t->text = slice_between(r->p, p);
    r->p = p;
    return t->kind = JSON_NUMBER;
}

static json_kind take_literal(json_reader *r, slice word, json_kind kind, json_token *t)
{
    for (size_t i = 1; i < word.n; i++) {
        if (r->p + i == r->end || r->p[i] != word.p[i]) {
            return fail_at(r, r->p + i, t);
        }
    }
    r->p += word.n;
    return t->kind = kind;
}

/* --- objects and arrays -------------------------------------------------------------------------
 */

static inline bool in_object(const json_reader *r)
{
    uint32_t top = r->depth - 1;
    return (r->in_object[top / 64] >> (top % 64) & 1) != 0;
}

static inline void value_ended(json_reader *r)
{
    r->expects = r->after_value;
}

static inline void nest_ended(json_reader *r)
{
    r->depth--;
    r->after_value = r->depth == 0  ? EXPECT_END
                     : in_object(r) ? EXPECT_MORE_MEMBERS
                                    : EXPECT_MORE_VALUES;
    value_ended(r);
}

static json_kind open_nest(json_reader *r, bool object, json_token *t)
{
    if (r->depth == JSON_DEPTH_MAX) {
        fail(r, r->p, JSON_TOO_DEEP);
        return t->kind = JSON_ERROR;
    }
    uint64_t bit = (uint64_t)1 << (r->depth % 64);
    uint64_t *bits = &r->in_object[r->depth / 64];
    *bits = object ? *bits | bit : *bits & ~bit;
    r->depth++;
    r->p++;
    r->expects = object ? EXPECT_FIRST_NAME : EXPECT_FIRST_VALUE;
    r->after_value = object ? EXPECT_MORE_MEMBERS : EXPECT_MORE_VALUES;
    return t->kind = object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
}

static json_kind close_nest(json_reader *r, json_kind kind, json_token *t)
{
    r->p++;
    nest_ended(r);
    return t->kind = kind;
}

static json_kind take_name(json_reader *r, json_token *t)
{
    if (r->p == r->end || *r->p != '"') {
        return fail_at(r, r->p, t);
    }
    if (take_string(r, JSON_NAME, t) == JSON_ERROR) {
        return JSON_ERROR;
    }
    skip_white(r);
    if (r->p == r->end || *r->p != ':') {
        t->text = slice_of("", 0);
        return fail_at(r, r->p, t);
    }
    r->p++;
    r->expects = EXPECT_VALUE;
    return JSON_NAME;
}

static json_kind take_value(json_reader *r, json_token *t)
{
    if (r->p == r->end) {
        return fail_at(r, r->p, t);
    }
    char c = *r->p;
    if (c == '{' || c == '[') {
        return open_nest(r, c == '{', t);
    }
    value_ended(r);
    switch (c) {
    case '"':
        return take_string(r, JSON_STRING, t);
    case 't':
        return take_literal(r, SLICE("true"), JSON_TRUE, t);
    case 'f':
        return take_literal(r, SLICE("false"), JSON_FALSE, t);
    case 'n':
        return take_literal(r, SLICE("null"), JSON_NULL, t);
    default:
        return take_number(r, t);
    }
}

/* And the white space behind it. */
static bool take_comma(json_reader *r, json_token *t)
{
    if (r->p == r->end || *r->p != ',') {
        fail_at(r, r->p, t);
        return false;
    }
    r->p++;
    skip_white(r);
    return true;
}

json_kind json_next(json_reader *r, json_token *t)
{
    /* What most values are. */
    if (r->expects == EXPECT_VALUE && r->p < r->end && *r->p == '"') {
        value_ended(r);
        return take_string(r, JSON_STRING, t);
    }
    t->text = slice_of("", 0);
    if (r->expects == EXPECT_NOTHING) {
        return t->kind = JSON_ERROR;
    }
    skip_white(r);
    bool at_end = r->p == r->end;
    switch ((enum expectation)r->expects) {
    case EXPECT_FIRST_NAME:
        return !at_end && *r->p == '}' ? close_nest(r, JSON_OBJECT_END, t) : take_name(r, t);
    case EXPECT_FIRST_VALUE:
        return !at_end && *r->p == ']' ? close_nest(r, JSON_ARRAY_END, t) : take_value(r, t);
    case EXPECT_VALUE:
        return take_value(r, t);
    case EXPECT_MORE_MEMBERS:
        if (!at_end && *r->p == '}') {
            return close_nest(r, JSON_OBJECT_END, t);
        }
        return take_comma(r, t) ? take_name(r, t) : JSON_ERROR;
    case EXPECT_MORE_VALUES:
        if (!at_end && *r->p == ']') {
            return close_nest(r, JSON_ARRAY_END, t);
        }
        return take_comma(r, t) ? take_value(r, t) : JSON_ERROR;
    case EXPECT_END:
    case EXPECT_NOTHING:
        break;
    }
    return at_end ? (t->kind = JSON_END) : fail_at(r, r->p, t);
}

bool json_enter(json_reader *r, json_token *t)
{
    json_kind begins = json_next(r, t);
    json_kind follows = begins == JSON_OBJECT_BEGIN ? json_next(r, t) : JSON_ERROR;
    return follows == JSON_NAME;
}

bool json_skip(json_reader *r, const json_token *t, slice *raw)
{
    bool nest = t->kind == JSON_OBJECT_BEGIN || t->kind == JSON_ARRAY_BEGIN;
    const char *begin = nest ? r->p - 1 : t->text.p;
    uint32_t outside = r->depth - 1;
    json_token inner;
    while (nest && r->depth > outside) {
        if (json_next(r, &inner) == JSON_ERROR) {
            return false;
        }
    }
    if (raw != NULL) {
        *raw = nest ? slice_between(begin, r->p) : t->text;
    }
    return t->kind != JSON_ERROR;
}

bool json_take_count(json_reader *r, uint64_t *value)
{
    enum { DIGITS_MAX = 18 };
    const char *p = r->p;
    uint64_t sum = 0;
    if (r->expects != EXPECT_VALUE) {
        return false;
    }
    while (is_digit(p, r->end) && p - r->p < DIGITS_MAX) {
        sum = sum * 10 + (uint64_t)(*p++ - '0');
    }
    bool has_end = p < r->end && (*p == ',' || *p == '}');
    if (p == r->p || !has_end || (*r->p == '0' && p - r->p > 1)) {
        return false;
    }
    r->p = p;
    value_ended(r);
    *value = sum;
    return true;
}

bool json_take_plain(json_reader *r, slice *text)
{
    uint32_t above = 0;
    if (r->expects != EXPECT_VALUE || r->p == r->end || *r->p != '"') {
        return false;
    }
    const char *end = scan_string(r->p + 1, r->end, &above);
    if (end == r->end || *end != '"' || above != 0) {
        return false;
    }
    *text = slice_between(r->p + 1, end);
    r->p = end + 1;
    value_ended(r);
    return true;
}

bool json_take_wrapped(json_reader *r, slice name, slice *text)
{
    const char *p = r->p;
    uint32_t above = 0;
    if (r->expects != EXPECT_VALUE || (size_t)(r->end - p) < name.n + strlen("{\"\":\"\"}") ||
        p[0] != '{' || p[1] != '"' || !bytes_equal(p + 2, name.p, name.n) ||
        memcmp(p + 2 + name.n, "\":\"", 3) != 0) {
        return false;
    }
    const char *begin = p + 2 + name.n + 3;
    const char *end = scan_string(begin, r->end, &above);
    if (r->end - end < 2 || end[0] != '"' || end[1] != '}') {
        return false;
    }
    *text = slice_between(begin, end);
    r->p = end + 2;
    value_ended(r);
    return true;
}

bool json_take_same(json_reader *r, slice nest)
{
    slice rest = slice_between(r->p, r->end);
    if (r->expects != EXPECT_VALUE || nest.n == 0 || !slice_starts_with(rest, nest)) {
        return false;
    }
    r->p += nest.n;
    value_ended(r);
    return true;
}

/* --- what nobody wants to read
 * ------------------------------------------------------------------ */

/* Where a scan for the end of an object or array is. */
typedef struct nest {
    uint32_t depth; /* objects and arrays that are open */
    bool in_string;
    bool escaped; /* the next byte is, by a backslash */
} nest;

/* Behind the last bracket of the nest; NULL where it lies behind `end`. */
static const char *pass_bytes(const char *p, const char *end, nest *n)
{
    for (; p < end; p++) {
        bool bracket = !n->in_string && ((*p | 0x20) == '{' || (*p | 0x20) == '}');
        if (n->escaped) {
            n->escaped = false;
        } else if (*p == '\\') {
            n->escaped = n->in_string;
        } else if (*p == '"') {
            n->in_string = !n->in_string;
        } else if (bracket && (*p | 0x20) == '{') {
            n->depth++;
        } else if (bracket && --n->depth == 0) {
            return p + 1;
        }
    }
    return NULL;
}

/* A bit for each that has an odd number of bits set up to it, itself included. */
static inline uint32_t parities(uint32_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    return bits ^ bits << 8;
}

/* The same of sixteen bytes without backslashes. */
static inline const char *pass_bytes16(const char *p, bytes16 v, nest *n)
{
    const bytes16 lower = v | 0x20; /* [ becomes {, ] becomes } */
    uint32_t strings = parities(bytes16_tops((bytes16)(v == '"'))) ^ (n->in_string ? 0xFFFFu : 0);
    uint32_t opening = bytes16_tops((bytes16)(lower == '{')) & ~strings;
    uint32_t closing = bytes16_tops((bytes16)(lower == '}')) & ~strings;
    for (uint32_t rest = opening | closing; rest != 0; rest &= rest - 1) {
        if ((opening & rest & (0 - rest)) != 0) {
            n->depth++;
        } else if (--n->depth == 0) {
            return p + __builtin_ctz(rest) + 1;
        }
    }
    n->in_string = (strings & 0x8000) != 0;
    return NULL;
}

/* Behind the nest of which one bracket was taken; NULL where the bytes end within it. */
static const char *pass_nest(const char *p, const char *end)
{
    nest n = {.depth = 1};
    const char *after = NULL;
    while (after == NULL && p < end) {
        const ptrdiff_t step =
            end - p < (ptrdiff_t)sizeof(bytes16) ? end - p : (ptrdiff_t)sizeof(bytes16);
        bool plain = false;
        if (step == (ptrdiff_t)sizeof(bytes16) && !n.escaped) {
            bytes16 v = bytes16_at(p);
            plain = bytes16_tops((bytes16)(v == '\\')) == 0;
            after = plain ? pass_bytes16(p, v, &n) : NULL;
        }
        if (!plain) {
            after = pass_bytes(p, p + step, &n);
        }
        p += step;
    }
    return after;
}

bool json_pass(json_reader *r, const json_token *t, slice *raw)
{
    if (t->kind != JSON_OBJECT_BEGIN && t->kind != JSON_ARRAY_BEGIN) {
        return json_skip(r, t, raw);
    }
    const char *begin = r->p - 1;
    const char *after = pass_nest(r->p, r->end);
    if (after == NULL || after[-1] != (t->kind == JSON_OBJECT_BEGIN ? '}' : ']')) {
        fail(r, after == NULL ? r->end : after - 1, after == NULL ? JSON_CUT_OFF : JSON_MALFORMED);
        return false;
    }
    r->p = after;
    nest_ended(r);
    if (raw != NULL) {
        *raw = slice_between(begin, after);
    }
    return true;
}

bool json_pass_value(json_reader *r)
{
    json_token t;
    uint32_t above = 0;
    if (r->expects == EXPECT_VALUE && r->p < r->end && *r->p == '"') {
        const char *p = scan_string(r->p + 1, r->end, &above);
        if (p < r->end && *p == '"') {
            r->p = p + 1;
            value_ended(r);
            return true;
        }
    }
    json_next(r, &t);
    return json_pass(r, &t, NULL);
}

/* --- characters ---------------------------------------------------------------------------------
 */

static const slice replacement = {"\xEF\xBF\xBD", 3};

/* The length of the UTF-8 character at p, or 0 where there is none; *part is then how many bytes
 * could have begun one, at least 1. Table 3-7 of the Unicode standard. */
static size_t utf8_length(const char *p, const char *end, size_t *part)
{
    unsigned char lead = (unsigned char)*p;
    size_t n = lead < 0x80   ? 1
               : lead < 0xC2 ? 0
               : lead < 0xE0 ? 2
               : lead < 0xF0 ? 3
               : lead < 0xF5 ? 4
                             : 0;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (*part = 1; *part < n; ++*part) {
        const char *q = p + *part;
        if (q == end || (unsigned char)*q < low || (unsigned char)*q > high) {
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return n;
}

static bool is_utf8(slice text)
{
    const char *end = text.p + text.n;
    for (const char *p = text.p; p < end;) {
        size_t part;
        size_t n = utf8_length(p, end, &part);
        if (n == 0) {
            return false;
        }
        p += n;
    }
    return true;
}

static char *put_code_point(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *out++ = (char)(0xE0 | c >> 12);
        } else {
            *out++ = (char)(0xF0 | c >> 18);
            *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (c & 0x3F));
    return out;
}

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 4 | (uint32_t)hex_value(p[i]);
    }
    return value;
}

/* Takes \uXXXX, and a second one where they are a pair of surrogates. */
static uint32_t take_code_point(const char **in, const char *end)
{
    const char *p = *in;
    uint32_t c = hex4(p + 2);
    *in = p + 6;
    if (c < 0xD800 || c > 0xDFFF) {
        return c;
    }
    if (c <= 0xDBFF && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        uint32_t low = hex4(p + 8);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *in = p + 12;
            return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

static char *decode_escape(const char **in, const char *end, char *out)
{
    static const char names[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    char c = (*in)[1];
    if (c == 'u') {
        return put_code_point(out, take_code_point(in, end));
    }
    const char *known = strchr(names, c);
    *in += 2;
    *out++ = known != NULL ? values[known - names] : c;
    return out;
}

/* `out` has room for the text's bytes, and for three times as many where it is not valid UTF-8. */
static char *decode(slice text, bool valid, char *out)
{
    const char *end = text.p + text.n;
    for (const char *p = text.p; p < end;) {
        if (*p == '\\') {
            out = decode_escape(&p, end, out);
            continue;
        }
        size_t part = 0;
        size_t n;
        if (valid) {
            const char *escape = memchr(p, '\\', (size_t)(end - p));
            n = (size_t)((escape != NULL ? escape : end) - p);
        } else {
            n = utf8_length(p, end, &part);
        }
        slice piece = n > 0 ? slice_of(p, n) : replacement;
        memcpy(out, piece.p, piece.n);
        out += piece.n;
        p += n > 0 ? n : part;
    }
    return out;
}

bool json_text(const json_token *t, arena *a, slice *out)
{
    *out = t->text;
    bool valid = t->ascii || is_utf8(t->text);
    if (!t->escaped && valid) {
        return true;
    }
    char *copy = arena_alloc(a, t->text.n * (valid ? 1 : replacement.n));
    if (copy == NULL) {
        *out = slice_of("", 0);
        return false;
    }
    *out = slice_between(copy, decode(t->text, valid, copy));
    return true;
}

/* --- names
 * ---------------------------------------------------------------------------------------- */

/* Whether escaped text means this name. */
static bool means(slice text, slice name)
{
    enum { NAME_MAX = 256 };
    char characters[NAME_MAX];
    if (text.n > NAME_MAX / replacement.n) {
        return false;
    }
    return slice_equal(slice_between(characters, decode(text, false, characters)), name);
}

void json_names_begin(json_names *names)
{
    names->seen = 0;
    names->repeated = false;
    names->latest = 0;
}

static inline bool is_name(const json_token *t, slice name)
{
    return t->escaped ? means(t->text, name)
                      : t->text.n == name.n && bytes_equal(t->text.p, name.p, name.n);
}

/* The index of the name, looked for from `at` on; `n` where it is none. */
static unsigned look_for(const json_names *names, const json_token *t, unsigned at)
{
    for (unsigned i = 0; i < names->n; i++, at++) {
        at = at < names->n ? at : 0;
        if (is_name(t, names->names[at])) {
            return at;
        }
    }
    return names->n;
}

/* What follows the name `latest` is expected to be the name `at`, as it stands in the text. */
static void expect_name(json_names *names, unsigned latest, json_expected expected, slice text)
{
    json_expected *e = names->expected[latest];
    if (text.n > JSON_EXPECTED_MAX) {
        return;
    }
    char padded[JSON_EXPECTED_MAX] = {0};
    memcpy(padded, text.p, text.n);
    expected.n = (uint8_t)text.n;
    expected.last = (uint8_t)(text.n > sizeof(bytes16) ? text.n - sizeof(bytes16) : 0);
    expected.mask = text.n < sizeof(bytes16) ? (1u << text.n) - 1 : 0xFFFF;
    memcpy(expected.begin, padded, sizeof expected.begin);
    memcpy(expected.end, padded + expected.last, sizeof expected.end);
    memmove(e + 1, e, (JSON_EXPECTED - 1) * sizeof *e);
    *e = expected;
}

static inline int note_name(json_names *names, unsigned at)
{
    uint64_t bit = (uint64_t)1 << at;
    names->repeated |= (names->seen & bit) != 0;
    names->seen |= bit;
    names->latest = (uint8_t)(at + 1);
    return (int)at;
}

/* `latest` is an index + 1, 0 at the beginning. */
int json_name_find(json_names *names, const json_token *t)
{
    unsigned at = look_for(names, t, names->latest);
    return at < names->n ? note_name(names, at) : -1;
}

/* Whether it stands at the reader's place: the sixteen bytes from its beginning and those up to its
 * end are compared, whatever its length. */
static inline bool is_expected(const json_reader *r, const json_expected *e)
{
    if ((size_t)(r->end - r->p) < e->last + sizeof(bytes16) || r->expects != e->due) {
        return false;
    }
    uint32_t first = bytes16_tops((bytes16)(bytes16_at(r->p) == bytes16_at(e->begin)));
    uint32_t last = bytes16_tops((bytes16)(bytes16_at(r->p + e->last) == bytes16_at(e->end)));
    return (first & last & e->mask) == e->mask && e->n > 0;
}

static __attribute__((noinline)) json_kind next_name(json_reader *r, json_names *names,
                                                     json_token *t, int *at)
{
    const unsigned latest = names->latest;
    const char *begin = r->p;
    json_expected expected = {.due = r->expects};
    json_kind kind = json_next(r, t);
    *at = kind == JSON_NAME ? json_name_find(names, t) : -1;
    if (*at >= 0) {
        expected.at = (uint8_t)*at;
        expect_name(names, latest, expected, slice_between(begin, r->p));
    }
    return kind;
}

json_kind json_next_name(json_reader *r, json_names *names, json_token *t, int *at)
{
    const json_expected *e = names->expected[names->latest];
    if (!is_expected(r, e) && !is_expected(r, ++e)) {
        return next_name(r, names, t, at);
    }
    r->p += e->n;
    r->expects = EXPECT_VALUE;
    t->kind = JSON_NAME;
    *at = note_name(names, e->at);
    return JSON_NAME;
}
