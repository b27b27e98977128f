/* binds.c - see binds.h. */
#include "normalise/binds.h"

#include "base/number.h"

/* Takes what stands between quotes, the rest beginning behind the first; false where it does not
 * end. */
static bool take_quoted(slice *rest, slice *value)
{
    const char *begin = rest->p;
    const char *end = rest->p + rest->n;
    const char *quote = memchr(begin, '\'', rest->n);
    while (quote != NULL && end - quote > 1 && quote[1] == '\'') {
        quote = memchr(quote + 2, '\'', (size_t)(end - quote - 2));
    }
    if (quote == NULL) {
        return false;
    }
    *value = slice_between(begin, quote);
    *rest = slice_between(quote + 1, end);
    return true;
}

/* Takes "$2 = " and the value behind it; a value without quotes is none. */
static bool take_bind(slice *rest, uint64_t *number, slice *value, bool *known)
{
    if (!slice_starts_with(*rest, SLICE("$"))) {
        return false;
    }
    *rest = slice_skip(*rest, 1);
    if (!unsigned_take(rest, number) || !slice_starts_with(*rest, SLICE(" = "))) {
        return false;
    }
    *rest = slice_skip(*rest, 3);
    *known = slice_starts_with(*rest, SLICE("'"));
    if (*known) {
        *rest = slice_skip(*rest, 1);
        return take_quoted(rest, value);
    }
    const char *comma = rest->n > 0 ? memchr(rest->p, ',', rest->n) : NULL;
    *rest = comma != NULL ? slice_between(comma, rest->p + rest->n) : (slice){0};
    return true;
}

bool bind_value(slice parameters, uint64_t number, slice *value)
{
    uint64_t at;
    bool known;
    slice rest = parameters;
    while (take_bind(&rest, &at, value, &known)) {
        if (at == number) {
            return known && (value->n < 3 || memcmp(value->p + value->n - 3, "...", 3) != 0);
        }
        rest = slice_skip(rest, slice_starts_with(rest, SLICE(", ")) ? 2 : 0);
    }
    return false;
}

bool bind_number(slice parameters, uint64_t number, uint64_t *n)
{
    slice value;
    return bind_value(parameters, number, &value) && unsigned_take(&value, n) && value.n == 0;
}
