/* words.h - whether a text is one of a few fixed words.
 *
 * The words stand by their length, so that a text is compared with very few of them. Not for tables
 * that tell something of a word. */
#ifndef QLOG_BASE_WORDS_H
#define QLOG_BASE_WORDS_H

#include "base/slice.h"

/* by_length[n], of which there are `lengths`, are the words of n characters with a blank between
 * them, or NULL. */
static inline bool words_hold(const char *const by_length[], size_t lengths, slice text)
{
    const size_t n = text.n;
    const char *words = n > 0 && n < lengths ? by_length[n] : NULL;
    while (words != NULL) {
        if (words[0] == text.p[0] && bytes_equal(words, text.p, n)) {
            return true;
        }
        words = words[n] == ' ' ? words + n + 1 : NULL;
    }
    return false;
}

#endif
