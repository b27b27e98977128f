/* build_parts.h - what the files that build the model share; not for others. */
#ifndef QLOG_REPORT_BUILD_PARTS_H
#define QLOG_REPORT_BUILD_PARTS_H

#include "base/histogram.h"
#include "report/build.h"
#include "report/load.h"
#include "store/rows.h"

typedef struct measure_sum {
    uint64_t n, sum, min, max;
    histogram histogram;
} measure_sum;

/* What the rows of one fingerprint add up to. */
typedef struct query_sum {
    uint64_t fingerprint;
    int64_t calls, estimated_calls, errors;
    int64_t examined, sent; /* rows */
    int64_t first_at, last_at;
    measure_sum time;
    int64_t key;        /* to order by */
    bool wanted;        /* in the report */
    model_query *shown; /* NULL: not in the report */
} query_sum;

typedef struct builder {
    const store *store;
    const model_request *request;
    analysis_request analysis; /* the request's, with its window */
    struct history *history;   /* NULL: of logs, or nothing is looked for */
    model *m;
    status *st;
    query_sum **sums; /* open addressing */
    uint32_t n_sums, cap_sums;
    measure_sum time; /* of all */
    load load;        /* of all, in the report's step */
    load minutes;     /* of all, in minutes */
} builder;

/* NULL where the fingerprint has no row. */
query_sum *find_sum(const builder *b, uint64_t fingerprint);

/* Sets what it is ordered by; then the largest key is first, of equals the one with more time, more
 * calls. 0 where nothing tells them apart. */
void query_sum_key(query_sum *sum, model_order order);
int query_sum_compare(const query_sum *x, const query_sum *y);

/* Adds the five columns n, sum, min, max, histogram of a row, from column `at` on. */
bool measure_sum_add(measure_sum *sum, arena *a, sqlite3_stmt *q, int at, status *st);
distribution measure_sum_distribution(const measure_sum *sum);
model_statistics measure_sum_describe(const measure_sum *sum);

/* The same with what histogram_describe says of it. */
model_statistics measure_sum_figures(const measure_sum *sum, const distribution *d);

/* A query's measures, but its time, while they are added up. */
typedef struct measure_entry {
    slice stored; /* its name in the store */
    measure_sum sum;
} measure_entry;

typedef struct measure_entries {
    measure_entry *items;
    uint32_t n;
} measure_entries;

/* The sum of the measure that the store has this name for; NULL where memory is out, which b->st
 * then says. */
measure_sum *measure_entries_find(builder *b, measure_entries *of, slice stored);

/* What they come to becomes the query's. */
bool measure_entries_finish(builder *b, measure_entries *of, model_query *query);

/* What each measure of the queries comes to over all queries, so that shares can be told. */
bool build_measure_totals(builder *b);

/* The histogram's bins as the model has them. False where memory is out. */
bool histogram_bins(const histogram *h, arena *a, model_bin **bins, uint32_t *n);

bool build_sources(builder *b); /* also the window and the zone */
bool build_queries(builder *b);
bool build_server(builder *b);
bool build_groups(builder *b); /* after the totals */

#endif
