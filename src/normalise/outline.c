/* outline.c - see outline.h.
 *
 * Why statements of one outline have one fingerprint: what is taken out are whole strings and
 * whole plain numbers, found by rules that every SQL dialect shares as long as neither a comment
 * nor another kind of quote can begin where the scan does not see it; where one could, there
 * is no outline. Each stands for one literal token, whatever it holds, and everything
 * between them is kept byte by byte. */
#include "normalise/outline.h"

#include "base/bytes16.h"
#include "base/hash.h"

typedef enum stop {
    STOP_NOT,
    STOP_DIGIT,
    STOP_STRING,
    STOP_NAME,   /* a quoted name, which is kept */
    STOP_REPEAT, /* a comment where it comes twice */
    STOP_SLASH,
    STOP_DOLLAR,
    STOP_BACKTICK, /* a quoted name in MySQL */
    STOP_LEXER     /* means different things in different dialects */
} stop;

/* clang-format off */
static const uint8_t stops[256] = {
    ['0' ... '9'] = STOP_DIGIT, ['\''] = STOP_STRING, ['"'] = STOP_NAME, ['-'] = STOP_REPEAT,
    ['/'] = STOP_SLASH, ['$'] = STOP_DOLLAR, ['#'] = STOP_LEXER, ['`'] = STOP_BACKTICK,
};

/* Bytes that a number cannot stand next to without being part of something else. */
static const bool glued[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true, ['$'] = true,
    ['.'] = true, ['@'] = true, [0x80 ... 0xff] = true,
};
/* clang-format on */

/* Whether a stop may be among the bytes. Says so of a few others as well. */
static inline bool may_stop(bytes16 v)
{
    bytes16 quotes = (bytes16)(v - '"' < '\'' - '"' + 1); /* " # $ % & ' */
    bytes16 digits = (bytes16)(v - '/' < '9' - '/' + 1);  /* / 0 to 9 */
    bytes16 others = (bytes16)(v == '-') | (bytes16)(v == '`');
    words2 any = (words2)(quotes | digits | others);
    return (any[0] | any[1]) != 0;
}

static inline uint8_t byte_at(const char *p)
{
    return (uint8_t)*p;
}

static const char *after_digits(const char *p, const char *end)
{
    while (p < end && stops[byte_at(p)] == STOP_DIGIT) {
        p++;
    }
    return p;
}

/* The end of a plain number, "12" or "12.5", that begins at p and stands alone; NULL where the
 * digits are part of a name, a parameter or a number of another form. */
static const char *after_plain_number(const char *begin, const char *p, const char *end)
{
    if (p > begin && glued[byte_at(p - 1)]) {
        return NULL;
    }
    p = after_digits(p, end);
    if (end - p > 1 && *p == '.' && stops[byte_at(p + 1)] == STOP_DIGIT) {
        p = after_digits(p + 1, end);
    }
    return p < end && glued[byte_at(p)] ? NULL : p;
}

/* What follows the string whose body begins at p; NULL where it takes a dialect to tell. */
static const char *after_string(const char *p, const char *end)
{
    for (;;) {
        const char *quote = memchr(p, '\'', (size_t)(end - p));
        if (quote == NULL || memchr(p, '\\', (size_t)(quote - p)) != NULL) {
            return NULL;
        }
        if (end - quote < 2 || quote[1] != '\'') {
            return quote + 1;
        }
        p = quote + 2;
    }
}

/* What follows what is quoted at p and kept; NULL where its end is not certain. */
static const char *after_kept_quotes(const char *p, const char *end, bool mysql)
{
    const char *quote = memchr(p + 1, *p, (size_t)(end - p - 1));
    bool escapes = mysql && *p == '"';
    if (quote == NULL || (escapes && memchr(p, '\\', (size_t)(quote - p)) != NULL)) {
        return NULL;
    }
    return quote + 1;
}

/* Takes what stands at the stop *p; *to gets what is kept of it. False where there is no outline.
 */
static bool take_stop(const char *begin, const char **p, const char *end, bool mysql, char **to,
                      outlined *taken)
{
    const char *at = *p;
    const char *after = at + 1;
    bool keep = true;
    switch ((stop)stops[byte_at(at)]) {
    case STOP_DIGIT: {
        const char *number = after_plain_number(begin, at, end);
        keep = number == NULL;
        after = keep ? after_digits(at, end) : number;
        break;
    }
    case STOP_STRING:
        after = after_string(at + 1, end);
        keep = false;
        break;
    case STOP_NAME:
        after = after_kept_quotes(at, end, mysql);
        break;
    case STOP_BACKTICK:
        after = mysql ? after_kept_quotes(at, end, mysql) : NULL;
        break;
    case STOP_REPEAT:
        after = after < end && *after == '-' ? NULL : after;
        break;
    case STOP_SLASH:
        after = after < end && *after == '*' ? NULL : after;
        break;
    case STOP_DOLLAR:
        after = after < end && stops[byte_at(after)] == STOP_DIGIT ? after : NULL;
        break;
    default:
        return false;
    }
    if (after == NULL) {
        return false;
    }
    size_t n = keep ? (size_t)(after - at) : 1;
    memcpy(*to, at, n);
    /* All numbers leave the same byte, and so do all strings. */
    if (!keep) {
        slice text = slice_between(at, after);
        taken->literals = mix64(taken->literals, hash_bytes(text));
        outlined_add(taken, 0, text);
        **to = **to != '\'' ? '0' : '\'';
    }
    *to += n;
    *p = after;
    return true;
}

static size_t outline(slice statement, bool mysql, char *to, outlined *taken)
{
    const char *p = statement.p;
    const char *end = p + statement.n;
    char *out = to;
    while (p < end) {
        while (end - p >= (ptrdiff_t)sizeof(bytes16)) {
            bytes16 v = bytes16_at(p);
            if (may_stop(v)) {
                break;
            }
            memcpy(out, &v, sizeof v);
            p += sizeof v;
            out += sizeof v;
        }
        while (p < end && stops[byte_at(p)] == STOP_NOT) {
            *out++ = *p++;
        }
        if (p < end && !take_stop(statement.p, &p, end, mysql, &out, taken)) {
            return 0;
        }
    }
    return (size_t)(out - to);
}

size_t sql_outline(slice statement, char *to, outlined *taken)
{
    return outline(statement, false, to, taken);
}

size_t mysql_outline(slice statement, char *to, outlined *taken)
{
    return outline(statement, true, to, taken);
}
