/* occurrences.h - what happened at a moment beside executions, and may be why something changed:
 * marks that people set (`qlog mark`), and when the server started, stopped or crashed. */
#ifndef QLOG_ANALYSERS_OCCURRENCES_H
#define QLOG_ANALYSERS_OCCURRENCES_H

#include "analysers/analysis.h"

/* Those of a source, or where it is empty of all that the store is narrowed to, from `from` to
 * before `to` (us), in the order of time: the first `max`, their texts in the arena; returns how
 * many through *n. */
bool occurrences_read(const store *s, slice source, int64_t from, int64_t to, arena *a,
                      occurrence *list, uint32_t max, uint32_t *n, status *st);

/* Names behind the details of findings of a change what happened near its beginning, as a fact
 * beside it and not as its cause, and adds it to their evidence. */
bool occurrences_tell(const store *s, const analysis_request *request, finding *findings,
                      uint32_t n, arena *a, status *st);

#endif
