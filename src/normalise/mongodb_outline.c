/* mongodb_outline.c - the outline of MongoDB's statements; see outline.h.
 *
 * Why statements of one outline have one fingerprint and one text: what is taken out are the
 * characters of strings and the digits of numbers, where neither says anything. Of a string it
 * stays that it is one, and all of one that begins with $ or whose member's name says that it
 * counts; of a number its sign, and all of a short one and of 0. Names of members stay. */
#include "normalise/mongodb.h"
#include "normalise/mongodb_shape.h"

typedef struct outliner {
    const char *begin, *p, *end;
    char *to;
    slice name; /* of the latest member */
    bool keeps; /* its string */
} outliner;

static void keep(outliner *o, const char *from, const char *to)
{
    memcpy(o->to, from, (size_t)(to - from));
    o->to += to - from;
}

/* Behind the string whose opening quote is at p; NULL where it has no end. */
static const char *after_string(const char *p, const char *end)
{
    for (const char *from = p + 1; from < end;) {
        const char *quote = memchr(from, '"', (size_t)(end - from));
        if (quote == NULL) {
            return NULL;
        }
        size_t escapes = 0;
        while (quote - escapes - 1 > p && quote[-1 - (ptrdiff_t)escapes] == '\\') {
            escapes++;
        }
        if (escapes % 2 == 0) {
            return quote + 1;
        }
        from = quote + 1;
    }
    return NULL;
}

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static void outline_number(outliner *o, const char *from, const char *to)
{
    if (to - from <= SHAPE_SHORT_NUMBER || shape_is_naught(slice_between(from, to))) {
        keep(o, from, to);
        return;
    }
    *o->to++ = *from == '-' ? '-' : '+';
}

/* Whether the name that begins at `at` is the verb of a command, whose string is a collection. */
static bool is_first_of_command(slice before, const char *at)
{
    return at[-1] == '{' && (slice_is(before, "command") || slice_is(before, "originatingCommand"));
}

static bool is_number_name(slice name)
{
    return slice_starts_with(name, SLICE("$number"));
}

static bool outline_string(outliner *o)
{
    const char *after = after_string(o->p, o->end);
    if (after == NULL) {
        return false;
    }
    slice text = slice_between(o->p + 1, after - 1);
    bool name = after < o->end && *after == ':';
    if (name) {
        o->keeps =
            shape_keeps_text(text) || (o->p > o->begin && is_first_of_command(o->name, o->p));
        o->name = text;
    }
    if (name || o->keeps || (text.n > 0 && text.p[0] == '$')) {
        keep(o, o->p, after);
    } else if (is_number_name(o->name)) {
        outline_number(o, text.p, text.p + text.n);
    } else {
        *o->to++ = '"';
    }
    o->p = after;
    return true;
}

size_t mongodb_outline(slice statement, char *to)
{
    if (statement.n == 0) {
        return 0;
    }
    outliner o = {
        .begin = statement.p, .p = statement.p, .end = statement.p + statement.n, .to = to};
    while (o.p < o.end) {
        char c = *o.p;
        if (c == '"') {
            if (!outline_string(&o)) {
                return 0;
            }
        } else if (is_number_byte(c)) {
            const char *from = o.p;
            while (o.p < o.end && is_number_byte(*o.p)) {
                o.p++;
            }
            outline_number(&o, from, o.p);
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            return 0; /* a name's colon may stand behind a blank */
        } else {
            *o.to++ = c;
            o.p++;
        }
    }
    return (size_t)(o.to - to);
}
