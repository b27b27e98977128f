/* coverage.h - how much of what its sessions said a source's log holds, for analysers that count
 * statements or the pauses between them: where a log leaves out the quick ones, neither a count
 * nor a pause says anything. */
#ifndef QLOG_ANALYSERS_COVERAGE_H
#define QLOG_ANALYSERS_COVERAGE_H

#include "analysers/analysis.h"

typedef struct coverage {
    int64_t statements; /* executions of every role; of these: */
    int64_t begins, ends, chatter, reads, writes;
    int64_t chatter_time; /* us */
    int64_t timed;        /* executions whose duration is known */
    /* As far as can be told every statement is logged: no threshold and no sampling is in force;
     * where the log does not tell, something below a millisecond is in it, or no durations are. */
    bool whole;
} coverage;

/* False where the store fails. */
bool coverage_read(const analysis *a, const analysed_source *source, coverage *c);

#endif
