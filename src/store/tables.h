/* tables.h - the tables whose rows belong to a segment, and how two rows of one key become one.
 *
 * Adding to a row, merging stores and making days of hours go by these rules alone. Not for
 * others than the files of the store. */
#ifndef QLOG_STORE_TABLES_H
#define QLOG_STORE_TABLES_H

#include <stdbool.h>

/* Widens the time from first_at to last_at; 0 is "no time". */
#define JOIN_SPAN                                                                                  \
    " first_at = CASE WHEN last_at = 0 THEN excluded.first_at"                                     \
    "  WHEN excluded.last_at = 0 THEN first_at ELSE min(first_at, excluded.first_at) END,"         \
    " last_at = CASE WHEN last_at = 0 THEN excluded.last_at"                                       \
    "  WHEN excluded.last_at = 0 THEN last_at ELSE max(last_at, excluded.last_at) END"

#define JOIN_DIGEST                                                                                \
    " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,"                                   \
    " estimated_calls = estimated_calls + excluded.estimated_calls,"                               \
    " errors = errors + excluded.errors," JOIN_SPAN ","                                            \
    " series = series_merge(series, excluded.series)"

#define JOIN_MEASURES                                                                              \
    " ON CONFLICT DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum,"                     \
    " min = min(min, excluded.min), max = max(max, excluded.max),"                                 \
    " histogram = histogram_merge(histogram, excluded.histogram)"

#define JOIN_MARGINALS                                                                             \
    " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, time = time + excluded.time"

#define JOIN_EXAMPLES " ON CONFLICT DO NOTHING"

#define JOIN_COUNTS " ON CONFLICT DO UPDATE SET n = n + excluded.n"

#define JOIN_PLANS                                                                                 \
    " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, time = time + excluded.time,"      \
    " min = min(min, excluded.min), max = max(max, excluded.max)," JOIN_SPAN

#define JOIN_FACTS                                                                                 \
    " ON CONFLICT DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum,"                     \
    " min = min(min, excluded.min), max = max(max, excluded.max)," JOIN_SPAN

typedef struct segment_table {
    const char *name;
    const char *join;     /* NULL: its rows are not of hours. Else the hour is the third column. */
    bool has_fingerprint; /* one of its columns */
} segment_table;

/* `segments` is the first. */
extern const segment_table segment_tables[];
extern const int segment_table_count;

#endif
