/* binds.c - see binds.h. */
#include "normalise/binds.h"

#include "base/number.h"

/* Behind the string whose opening quote is at the front; NULL where it does not end. */
static const char *after_quotes(slice text)
{
    const char *end = text.p + text.n;
    const char *quote = memchr(text.p + 1, '\'', text.n - 1);
    while (quote != NULL && end - quote > 1 && quote[1] == '\'') {
        quote = memchr(quote + 2, '\'', (size_t)(end - quote - 2));
    }
    return quote != NULL ? quote + 1 : NULL;
}

/* Behind the value at the front; NULL where it is quoted and does not end. */
static const char *after_value(slice text)
{
    if (text.n > 0 && *text.p == '\'') {
        return after_quotes(text);
    }
    const char *comma = text.n > 0 ? memchr(text.p, ',', text.n) : NULL;
    return comma != NULL ? comma : text.p + text.n;
}

/* Takes "$2 = " and the value behind it. */
static bool take_bind(slice *rest, uint64_t *number, slice *bound)
{
    slice at = *rest;
    if (!slice_starts_with(at, SLICE("$"))) {
        return false;
    }
    at = slice_skip(at, 1);
    if (!unsigned_take(&at, number) || !slice_starts_with(at, SLICE(" = "))) {
        return false;
    }
    at = slice_skip(at, 3);
    const char *after = after_value(at);
    if (after == NULL) {
        return false;
    }
    *bound = slice_between(at.p, after);
    *rest = slice_between(after, at.p + at.n);
    return true;
}

bool bind_value(slice parameters, uint64_t number, slice *bound)
{
    uint64_t at;
    slice one;
    slice rest = parameters;
    while (take_bind(&rest, &at, &one)) {
        if (at == number && one.n > 0) {
            *bound = one;
            return true;
        }
        rest = slice_skip(rest, slice_starts_with(rest, SLICE(", ")) ? 2 : 0);
    }
    return false;
}

bool bind_number(slice parameters, uint64_t number, uint64_t *n)
{
    slice digits;
    if (!bind_value(parameters, number, &digits)) {
        return false;
    }
    bool quoted = digits.n >= 2 && *digits.p == '\'';
    digits = quoted ? slice_of(digits.p + 1, digits.n - 2) : digits;
    return unsigned_take(&digits, n) && digits.n == 0;
}
