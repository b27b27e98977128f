/* regressions.h - how far back a store goes for a comparison with nights before. */
#ifndef QLOG_ANALYSERS_REGRESSIONS_H
#define QLOG_ANALYSERS_REGRESSIONS_H

#include "analysers/analysis.h"

/* Of the nights that the request's baseline asks for those that the source has, as far as they can
 * be compared with tonight, and how many are needed. False where the store fails. */
bool regressions_count_nights(const store *s, const analysis_request *request, slice source,
                              uint32_t *n, uint32_t *needed, status *st);

#endif
