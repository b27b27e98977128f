/* quotes.c - see quotes.h. */
#include "parsers/mysql/quotes.h"

#include <stdint.h>

/* Bytes of code that may begin something else. */
static const uint8_t special[256] = {
    ['\''] = 1, ['"'] = 1, ['`'] = 1, ['#'] = 1, ['-'] = 1, ['/'] = 1};

static const char *line_end(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    return newline != NULL ? newline + 1 : end;
}

/* Behind the closing quote, or NULL where there is none. */
static const char *closing(const char *p, const char *end, char quote)
{
    bool escapes = quote != '`';
    for (; p < end; p++) {
        if (*p == quote) {
            return p + 1;
        }
        /* The byte behind a backslash is never a quote; at the very end there may be none. */
        p += escapes && *p == '\\' && p + 1 < end;
    }
    return NULL;
}

static const char *comment_end(const char *p, const char *end)
{
    for (; (p = memchr(p, '*', (size_t)(end - p))) != NULL; p++) {
        if (p + 1 < end && p[1] == '/') {
            return p + 2;
        }
        if (p + 1 >= end) {
            break;
        }
    }
    return NULL;
}

/* What the special byte at p begins; where that ends at once, `within` stays 0. Returns where to
 * read on. */
static const char *begin(quotes *q, const char *p, const char *end)
{
    size_t left = (size_t)(end - p);
    switch (*p) {
    case '#':
        return line_end(p, end);
    case '-':
        if (left >= 2 && p[1] == '-' && (left == 2 || (unsigned char)p[2] <= ' ')) {
            return line_end(p, end);
        }
        return p + 1;
    case '/':
        if (left < 2 || p[1] != '*') {
            return p + 1;
        }
        if (left >= 3 && (p[2] == '!' || (p[2] == 'M' && left >= 4 && p[3] == '!'))) {
            return p + 3;
        }
        q->within = '*';
        return p + 2;
    default:
        q->within = *p;
        return p + 1;
    }
}

bool quotes_read(quotes *q, const char *end)
{
    const char *p = q->at;
    while (p < end) {
        if (q->within != 0) {
            const char *close = q->within == '*' ? comment_end(p, end) : closing(p, end, q->within);
            if (close != NULL) {
                bool doubled = close < end && *close == q->within;
                bool literal_ends = q->within != '*' && !doubled;
                q->closed = q->closed == NULL && literal_ends ? close : q->closed;
                q->within = 0;
            }
            p = close != NULL ? close : end;
            continue;
        }
        while (p < end && special[(unsigned char)*p] == 0) {
            p++;
        }
        p = p < end ? begin(q, p, end) : end;
    }
    q->at = end;
    return q->within == 0;
}

bool quotes_lack_comment_end(const quotes *q, const char *limit)
{
    if (q->within != '*') {
        return false;
    }
    for (const char *p = q->at; (p = memchr(p, '*', (size_t)(limit - p))) != NULL; p++) {
        if (p + 1 < limit && p[1] == '/') {
            return false;
        }
        if (p > q->at && p[-1] == '/') {
            return true;
        }
    }
    return false;
}

bool quotes_are_wrong(const quotes *q)
{
    static const char may_follow[] = " \t\r\n\f\v,);=<>!+-*/|&^'\"`@";
    return q->closed != NULL && q->closed < q->at &&
           memchr(may_follow, *q->closed, sizeof may_follow - 1) == NULL;
}
