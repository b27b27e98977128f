/* sums.h - the figures of a source's queries, added up over hours, users and programs, for
 * analysers that judge a query by what was measured of it.
 *
 * What dumps and restores did is left out: it is meant as it is. */
#ifndef QLOG_ANALYSERS_SUMS_H
#define QLOG_ANALYSERS_SUMS_H

#include "analysers/analysis.h"
#include "event.h"

/* A condition of SQL for rows that have an application. */
#define SUMS_NO_DUMPS " AND NOT is_dump_tool(application)"

enum { SUMS_TEXT_MAX = 64 * 1024 }; /* of a finding */

/* Of one measure: how many executions have it, its sum and its largest value. */
typedef struct figure {
    int64_t n, sum, max;
} figure;

typedef struct query_sums {
    uint64_t id;
    int64_t calls;
    figure of[MEASURE_COUNT]; /* by measure_id; n is 0 where the log does not have it */
} query_sums;

/* Judges one query; `text` is scratch, empty before and after. False with the status set. */
typedef bool (*sums_judge_one)(analysis *a, const analysed_source *source, const query_sums *sums,
                               buf *text);

/* Calls `one` for all queries of a source, in the order of their ids. */
bool sums_judge(analysis *a, const analysed_source *source, sums_judge_one one);

/* What a query with a finding of this kind has to cost at least, so that it is felt by somebody and
 * is more than noise in the log. */
bool sums_is_worth(const analysed_source *source, int64_t us);

/* Statements that users wait for: no definitions, maintenance, dumps, catalogue, chatter. */
bool query_is_work(const analysed_query *q);

/* Makes few rows of many, so that how many were read says nothing: count(), GROUP BY, DISTINCT. */
bool query_is_aggregate(const analysed_query *q);

/* The log cut its statements: what they count, group or limit may be in the part that is missing.
 */
bool query_is_cut(const analysed_query *q);

/* The text for the query's engine: one of three that say the same in its own words. */
slice query_text_for(const analysed_query *q, slice postgresql, slice mysql, slice documents);

/* Whether the normalised text holds these bytes. */
bool query_holds(const analysed_query *q, const char *bytes);

/* Sets place and first sight by the query's slowest example; where it has none, neither. */
bool sums_set_place(analysis *a, finding *f, const analysed_source *source, uint64_t id);

/* "They took 12.3 s, 45.6 % of all query time." behind a blank; nothing where there is no time. */
void sums_say_time(buf *out, const analysed_source *source, const query_sums *s);

#endif
