/* circumstances.h - what a store tells of a change in a query's times: since when it is, and
 * whether it came with another plan.
 *
 * Both are told beside a change that was found otherwise, and only where they are clear; neither
 * decides whether there is one. */
#ifndef QLOG_ANALYSERS_CIRCUMSTANCES_H
#define QLOG_ANALYSERS_CIRCUMSTANCES_H

#include "analysers/analysis.h"

/* A change of one query: its usual time and that of the window, as natural logarithms of us. */
typedef struct time_change {
    slice source;
    uint64_t id;
    int64_t earliest, since, until; /* seconds: the nights before, and the window */
    int64_t least;                  /* us: executions below are left out */
    double before, after;
} time_change;

/* The first hour of the window's level, and the end of the last hour of the usual one, us; both 0
 * where that is not clear from the hours of the window and the two days before it. */
typedef struct change_date {
    int64_t since, unchanged_until;
} change_date;

bool change_find_date(analysis *a, const time_change *change, change_date *date);

/* The plan of many executions of those that tell theirs, a fifth at least, which was seldom before,
 * and the most frequent one of then; calls are 0 where there is none. */
typedef struct plan_shift {
    slice shape, shape_before;
    int64_t calls, of_calls;
} plan_shift;

bool change_find_plan(analysis *a, const time_change *change, plan_shift *shift);

/* Says both behind a finding's detail, and adds them to its evidence. */
bool change_tell(analysis *a, const time_change *change, int32_t zone_offset, buf *detail,
                 finding *f, bool *new_plan);

#endif
