/* notes.h - what is remarkable in a statement, for a word beside a query that costs something.
 *
 * Never findings: each of these is right in many statements, and nothing in a log proves that it is
 * wrong in this one. */
#ifndef QLOG_ANALYSERS_NOTES_H
#define QLOG_ANALYSERS_NOTES_H

#include <stdint.h>

#include "base/arena.h"
#include "normalise/facts.h"

enum { NOTES_MAX = 5 };

typedef struct noted {
    unsigned smells;             /* of its facts */
    int64_t patterns, wildcards; /* executions with a pattern, of these with a leading wildcard */
    int64_t longest_list;        /* values in a list behind IN; 0: short ones */
} noted;

/* Returns how many; the texts are in the arena or static. What memory has no room for is left
 * out. */
uint32_t notes_read(const noted *of, arena *a, slice notes[NOTES_MAX]);

#endif
