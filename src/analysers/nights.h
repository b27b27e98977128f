/* nights.h - whether a query was slower, or called more often, tonight than in the nights before.
 *
 * A night is the unit, since executions of one night share its load: a test over executions takes
 * every busy night for a change. What all queries of a night have in common, its tide, is removed
 * first. A query has few nights, so its own variance is held together with the median of all
 * queries' (a moderated t, after Smyth 2004), and of all tests of a night those are kept of which a
 * twentieth at most is expected to be wrong (Benjamini and Hochberg 1995).
 *
 * Nights of another kind of day than tonight, as weekends are to weekdays, tell how much a query
 * scatters around what is usual for that kind, and nothing of what is usual for tonight's.
 *
 * Queries of which a change would matter are judged among themselves, and so are the others: chance
 * need not be shut out for many that do not matter (stratified false discovery control: Sun, Craiu,
 * Paterson and Bull 2006). Which they are must not depend on tonight.
 *
 * Only numbers: which nights there are and what a finding must cost is for others to say. */
#ifndef QLOG_ANALYSERS_NIGHTS_H
#define QLOG_ANALYSERS_NIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { NIGHT_CALLS = 8 }; /* executions that a query needs in a night before, for it to count */

/* To compare with: of any days, or of tonight's kind of day alone. */
enum { NIGHTS_LEAST = 5, NIGHTS_LEAST_ALIKE = 4 };

/* A query in a night. */
typedef struct night_cell {
    double n;                      /* executions; 0: none */
    double log_mean, log_variance; /* of the times' natural logarithms */
    double log_rate;               /* of the executions per hour */
} night_cell;

typedef struct nights {
    uint32_t n_queries;
    uint32_t n_nights;   /* before tonight */
    uint32_t needed;     /* of tonight's kind, for a query to be judged */
    const bool *unlike;  /* by night, tonight first: of another kind of day. NULL: none is */
    const bool *mixed;   /* by query: it has too few of tonight's kind, and all count. NULL: none */
    const bool *weighty; /* by query: a change would matter. NULL: of all alike */
    /* A row for each query: tonight first, then the nights before, in any order. */
    const night_cell *cells;
    bool rates; /* log_rate can be compared */
} nights;

typedef struct night_verdict {
    bool tested;
    uint32_t nights;   /* that it is compared with */
    double ratio;      /* of the geometric mean to that of the nights before, the tide left in */
    double rate_ratio; /* of executions per hour; 0: not known */
    double base;       /* geometric mean of the nights before */
    double p_slower, p_faster; /* what chance alone would do it with */
    bool slower, faster;       /* discovered, by time or by rate */
} night_verdict;

typedef struct night_tides {
    double time, rate; /* what most queries are slower by, or called more often; 1: nothing, or too
                          few queries to say */
} night_tides;

/* A verdict for each query. False where memory is out. */
bool nights_judge(const nights *all, arena *a, night_verdict *verdicts, night_tides *tides);

#endif
