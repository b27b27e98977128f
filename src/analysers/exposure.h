/* exposure.h - how long a burst must be, so that it is no accident.
 *
 * With requests that come at random to a session at a rate r, another one follows within the gap g
 * with p = 1 - exp(-r g), so that of n runs n p^(k-1) are k long by chance. A burst counts from the
 * least k on for which less than a hundredth of one is to be expected, added up over the hours in
 * which somebody called the statement. */
#ifndef QLOG_ANALYSERS_EXPOSURE_H
#define QLOG_ANALYSERS_EXPOSURE_H

#include "analysers/analysis.h"

/* What somebody's sessions did in an hour, in however many logs. */
typedef struct session_hour {
    int64_t hour;
    slice database, user, application;
    int64_t time; /* us in use */
} session_hour;

/* An hour in which a statement was called by somebody. */
typedef struct exposure {
    uint64_t fingerprint;
    const session_hour *of;
    int64_t calls;
    int64_t burst_calls, bursts; /* of these, in the cycle that is judged */
} exposure;

typedef struct exposures {
    exposure *items; /* by fingerprint, as a signed number, then in the order of hours */
    uint32_t n;
    session_hour *hours; /* in the order of their members */
    uint32_t n_hours;
} exposures;

/* Of all statements of a source that a cycle begins with: read once, as the store's rows have no
 * order of fingerprints. */
bool exposures_read(analysis *a, const analysed_source *source, exposures *all);

/* Those of one statement, as yet without bursts: a part of `all`. */
exposures exposures_of(const exposures *all, uint64_t fingerprint);

/* Bursts in an hour of somebody's: each is one run, however often its statement was called. */
void exposures_add_bursts(exposures *e, const session_hour *of, int64_t calls, int64_t bursts);

/* From which length on bursts of a cycle of so many statements are no accident; at least and at
 * most what is given. */
int64_t exposures_length(const exposures *e, uint32_t n_statements, int64_t least, int64_t most);

#endif
