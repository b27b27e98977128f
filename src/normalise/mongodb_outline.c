/* mongodb_outline.c - the outline of MongoDB's statements; see outline.h.
 *
 * Why statements of one outline have one fingerprint and one text: what is taken out are the
 * characters of strings and the digits of numbers, where neither says anything. Of a string it
 * stays that it is one, and all of one that begins with $ or whose member's name says that it
 * counts; of a number its sign, and all of a short one and of 0. Names of members stay. What is not
 * JSON where something is taken out has no outline, as the rest of it would not be read. */
#include "normalise/mongodb.h"

#include "base/bytes16.h"
#include "normalise/mongodb_shape.h"

typedef struct outliner {
    const char *begin, *p, *end;
    char *to;
    slice name; /* of the latest member */
    bool keeps; /* its string */
    uint32_t depth;
    uint32_t session; /* depth of the latest member that says nothing of the query; 0: none */
    outlined *taken;
} outliner;

/* What is kept is short. Behind its end other bytes may be copied and written over again: there is
 * room for as many as are left of the statement. */
static inline void keep(outliner *o, const char *from, const char *to)
{
    const size_t n = (size_t)(to - from);
    const bool small = n <= sizeof(bytes16) && o->end - from >= (ptrdiff_t)sizeof(bytes16);
    if (small) {
        memcpy(o->to, from, sizeof(bytes16));
    } else {
        memcpy(o->to, from, n);
    }
    o->to += n;
}

/* The first quote, backslash or control character from p on, or the end. */
static inline const char *find_stop(const char *p, const char *end)
{
    for (; end - p >= (ptrdiff_t)sizeof(bytes16); p += sizeof(bytes16)) {
        bytes16 v = bytes16_at(p);
        uint32_t found =
            bytes16_tops((bytes16)(v == '"') | (bytes16)(v == '\\') | (bytes16)(v < 0x20));
        if (found != 0) {
            return p + __builtin_ctz(found);
        }
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) {
        p++;
    }
    return p;
}

/* The length of the escape at p; 0 where it is none. */
static size_t escape_length(const char *p, const char *end)
{
    static const char hex[] = "0123456789ABCDEFabcdef";
    if (end - p >= 6 && p[1] == 'u') {
        return memchr(hex, p[2], sizeof hex - 1) != NULL &&
                       memchr(hex, p[3], sizeof hex - 1) != NULL &&
                       memchr(hex, p[4], sizeof hex - 1) != NULL &&
                       memchr(hex, p[5], sizeof hex - 1) != NULL
                   ? 6
                   : 0;
    }
    return end - p >= 2 && memchr("\"\\/bfnrt", p[1], 8) != NULL ? 2 : 0;
}

/* Behind the string in which a backslash or a fault is at p. */
static __attribute__((noinline)) const char *after_escapes(const char *p, const char *end)
{
    while (p < end && *p == '\\') {
        size_t n = escape_length(p, end);
        if (n == 0) {
            return NULL;
        }
        p = find_stop(p + n, end);
    }
    return p < end && *p == '"' ? p + 1 : NULL;
}

/* Behind the string whose opening quote is at p; NULL where it has no end or is no string of JSON,
 * since the rest would then not be read. */
static inline const char *after_string(const char *p, const char *end)
{
    p = find_stop(p + 1, end);
    return p < end && *p == '"' ? p + 1 : after_escapes(p, end);
}

static inline bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static inline const char *after_digits(const char *p, const char *end)
{
    while (is_digit(p, end)) {
        p++;
    }
    return p;
}

/* Whether a value may end here. */
static inline bool is_end(const char *p, const char *end)
{
    return p == end || *p == ',' || *p == '}' || *p == ']';
}

/* Behind the number at p; NULL where it is none of JSON's plain ones. */
static const char *after_number(const char *p, const char *end)
{
    p += *p == '-';
    if (!is_digit(p, end)) {
        return NULL;
    }
    p = *p == '0' ? p + 1 : after_digits(p, end);
    if (p < end && *p == '.') {
        p = is_digit(p + 1, end) ? after_digits(p + 1, end) : p;
    }
    return is_end(p, end) ? p : NULL;
}

/* What drivers add to every command of a session. */
static bool is_of_session(slice name)
{
    switch (name.n > 0 ? name.p[0] : '\0') {
    case 'l':
        return slice_is(name, "lsid");
    case '$':
        return slice_is(name, "$clusterTime") || slice_is(name, "$audit");
    case 't':
        return slice_is(name, "txnNumber");
    case 'c':
        return slice_is(name, "comment") || slice_is(name, "clientOperationKey");
    default:
        return false;
    }
}

static void enter_member(outliner *o, slice name)
{
    if (o->session == 0 || o->depth <= o->session) {
        o->session = is_of_session(name) ? o->depth : 0;
    }
}

/* What is taken out. */
enum {
    PIECE_NUMBER = 1,
    PIECE_STRING = 2,
    PIECE_WRITTEN = 3,  /* a number within quotes, as {"$numberLong":"123"} */
    PIECE_FORM = 3,     /* which of these */
    PIECE_NEGATIVE = 4, /* of numbers */
    PIECE_SESSION = 8   /* says nothing of what is asked for */
};

static slice text_of(uint8_t form, const char *from, const char *to)
{
    return form == PIECE_NUMBER ? slice_between(from, to) : slice_between(from + 1, to - 1);
}

static void add_piece(outlined *taken, uint8_t kind, const char *from, const char *to)
{
    if ((kind & PIECE_SESSION) == 0) {
        slice text = text_of(kind & PIECE_FORM, from, to);
        taken->literals = mix64(taken->literals, hash_bytes(text));
    }
    outlined_add(taken, kind, slice_between(from, to));
}

/* Whether the number stays. */
static bool is_kept(slice number)
{
    return number.n <= SHAPE_SHORT_NUMBER || shape_is_naught(number);
}

static uint8_t sign_of(slice number)
{
    return number.p[0] == '-' ? PIECE_NEGATIVE : 0;
}

static void outline_number(outliner *o, uint8_t form, const char *from, const char *to)
{
    slice number = text_of(form, from, to);
    uint8_t session = o->session > 0 ? PIECE_SESSION : 0;
    if (is_kept(number)) {
        keep(o, number.p, number.p + number.n);
        o->taken->kept = session != 0 ? o->taken->kept : mix64(o->taken->kept, hash_bytes(number));
    } else {
        add_piece(o->taken, form | sign_of(number) | session, from, to);
        *o->to++ = number.p[0] == '-' ? '-' : '+';
    }
    o->p = to;
}

/* The number that begins here. */
static bool outline_plain(outliner *o)
{
    const char *after = after_number(o->p, o->end);
    if (after == NULL) {
        return false;
    }
    outline_number(o, PIECE_NUMBER, o->p, after);
    return true;
}

/* Whether the name that begins here is the verb of a command, whose string is a collection. */
static inline bool is_first_of_command(const outliner *o)
{
    return o->p > o->begin && o->p[-1] == '{' &&
           (slice_is(o->name, "command") || slice_is(o->name, "originatingCommand"));
}

static bool is_number_name(slice name)
{
    return name.n > 0 && name.p[0] == '$' && slice_starts_with(name, SLICE("$number"));
}

/* The name of a member, whose colon is at `after`. */
static void outline_name(outliner *o, slice name, const char *after)
{
    o->keeps = shape_keeps_text(name) || is_first_of_command(o);
    o->name = name;
    enter_member(o, name);
    keep(o, o->p, after + 1);
    o->p = after + 1;
}

static bool outline_string(outliner *o)
{
    const char *after = after_string(o->p, o->end);
    if (after == NULL) {
        return false;
    }
    if (after < o->end && *after == ':') {
        outline_name(o, slice_between(o->p + 1, after - 1), after);
        return true;
    }
    if (!is_end(after, o->end)) {
        return false;
    }
    if (o->keeps || o->p[1] == '$') {
        keep(o, o->p, after);
    } else if (is_number_name(o->name)) {
        outline_number(o, PIECE_WRITTEN, o->p, after);
    } else {
        add_piece(o->taken, PIECE_STRING | (o->session > 0 ? PIECE_SESSION : 0), o->p, after);
        *o->to++ = '"';
    }
    o->p = after;
    return true;
}

bool mongodb_outline_take(const char **p, const char *end, uint8_t kind, outlined *taken)
{
    const char *from = *p;
    const uint8_t form = kind & PIECE_FORM;
    if (from == end || (form != PIECE_NUMBER && *from != '"')) {
        return false;
    }
    const char *after = form == PIECE_NUMBER ? after_number(from, end) : after_string(from, end);
    if (after == NULL || !is_end(after, end)) {
        return false;
    }
    slice text = text_of(form, from, after);
    bool kept = (form != PIECE_NUMBER && from[1] == '$') || (form != PIECE_STRING && is_kept(text));
    if (kept || (form != PIECE_STRING && sign_of(text) != (kind & PIECE_NEGATIVE))) {
        return false;
    }
    add_piece(taken, kind, from, after);
    *p = after;
    return true;
}

/* What begins at a byte. */
typedef enum beginning { KEPT, STRING, NUMBER, OPENING, CLOSING, REFUSED } beginning;

/* Refused: a plus, as a number is outlined; and white space, behind which a name's colon may stand.
 */
static const uint8_t beginnings[256] = {
    ['"'] = STRING,   ['-'] = NUMBER,   ['0' ... '9'] = NUMBER, ['+'] = REFUSED, [' '] = REFUSED,
    ['\t'] = REFUSED, ['\n'] = REFUSED, ['\r'] = REFUSED,       ['{'] = OPENING, ['}'] = CLOSING,
};

size_t mongodb_outline(slice statement, char *to, outlined *taken)
{
    if (statement.n == 0) {
        return 0;
    }
    outliner o = {.begin = statement.p,
                  .p = statement.p,
                  .end = statement.p + statement.n,
                  .to = to,
                  .taken = taken};
    while (o.p < o.end) {
        const uint8_t begins = beginnings[(uint8_t)*o.p];
        if (begins == KEPT || begins == OPENING || begins == CLOSING) {
            o.depth += begins == OPENING;
            o.depth -= begins == CLOSING;
            *o.to++ = *o.p++;
        } else if (begins == REFUSED ||
                   !(begins == STRING ? outline_string(&o) : outline_plain(&o))) {
            return 0;
        }
    }
    return (size_t)(o.to - to);
}
