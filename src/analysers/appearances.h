/* appearances.h - queries that are new tonight, or gone. */
#ifndef QLOG_ANALYSERS_APPEARANCES_H
#define QLOG_ANALYSERS_APPEARANCES_H

#include "analysers/comparing.h"

/* What the last of tonight's costliest queries took, in us: a query that takes as much is
 * prominent.
 */
double prominent_time(const comparing *c);

/* Adds a finding where a query was never there before and is prominent or much of `total`, the time
 * of all queries tonight; and where one that was to be expected is gone, which was much of the
 * `total` of a usual night. False where the analysis fails. */
bool judge_new(comparing *c, const night_row *row, double total);
bool judge_gone(comparing *c, const night_row *row, double total);

#endif
