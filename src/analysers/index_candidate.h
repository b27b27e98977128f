/* index_candidate.h - the index that a query could use, as far as its text tells.
 *
 * A candidate, never more: the text says neither which indexes there are nor how many rows a
 * condition selects. */
#ifndef QLOG_ANALYSERS_INDEX_CANDIDATE_H
#define QLOG_ANALYSERS_INDEX_CANDIDATE_H

#include "analysers/analysis.h"

/* Appends a statement for each table, each on a line: the columns compared for equality, then those
 * of the order, then one of a range. Nothing, and false, where the text gives none. */
bool index_candidate(const analysed_query *q, buf *out);

#endif
