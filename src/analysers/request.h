/* request.h - which findings are wanted, and from where on something is one. */
#ifndef QLOG_ANALYSERS_REQUEST_H
#define QLOG_ANALYSERS_REQUEST_H

#include "analysers/finding.h"

/* What can be set; request.c has the table of names, defaults and reasons. */
typedef enum threshold_id {
    THRESHOLD_BURST_LENGTH,
    THRESHOLD_BURST_WALL,
    THRESHOLD_OFFSET_DEPTH,
    THRESHOLD_TRANSACTION,
    THRESHOLDS
} threshold_id;

typedef struct threshold {
    const char *name; /* "burst-length" */
    int64_t value;    /* the default */
    bool is_time;     /* us */
    const char *why;
} threshold;

extern const threshold thresholds[THRESHOLDS];

typedef struct analysis_request {
    uint64_t kinds; /* a bit for each finding_kind that is wanted */
    int64_t thresholds[THRESHOLDS];
    const uint64_t *ignored; /* ids of findings that are left out */
    uint32_t n_ignored;
    int64_t baseline;     /* us that the nights before go back; 0: none are compared */
    int64_t since, until; /* us: tonight. since 0: of all there is; until 0: of logs */
    int64_t now, max_age; /* us: sources whose latest record is older are told; 0: none are */
    const struct selection *chosen; /* what the store is narrowed to, its moments resolved; NULL:
                                       all of it */
    struct history *history;        /* what the windows before found; NULL: not known */
} analysis_request;

/* How far windows lie apart, in us: as many whole days as the request's takes. 0 where it has none.
 */
int64_t analysis_step(const analysis_request *r);

/* All kinds, the defaults, nothing ignored. */
analysis_request analysis_request_default(void);

/* "burst-length=8" into the request; false where the name or the value is none. */
bool analysis_set_threshold(analysis_request *r, slice setting);

#endif
