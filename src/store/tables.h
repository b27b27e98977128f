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

#define JOIN_BURSTS                                                                                \
    " ON CONFLICT DO UPDATE SET bursts = bursts + excluded.bursts,"                                \
    " calls = calls + excluded.calls, time = time + excluded.time,"                                \
    " wall = wall + excluded.wall, saving = saving + excluded.saving,"                             \
    " matched = matched + excluded.matched,"                                                       \
    " contradicted = contradicted + excluded.contradicted,"                                        \
    " shared = shared + excluded.shared, requests = requests + excluded.requests, longest = "      \
    "max(longest, excluded.longest),"                                                              \
    " (first_at, first_offset, first_line) ="                                                      \
    " (SELECT * FROM (VALUES(first_at, first_offset, first_line),"                                 \
    " (excluded.first_at, excluded.first_offset, excluded.first_line)) ORDER BY 1, 2, 3"           \
    " LIMIT 1)"

#define JOIN_USES                                                                                  \
    " ON CONFLICT DO UPDATE SET statements = statements + excluded.statements,"                    \
    " chatter = chatter + excluded.chatter, time = time + excluded.time,"                          \
    " transactions = transactions + excluded.transactions,"                                        \
    " transaction_time = transaction_time + excluded.transaction_time,"                            \
    " idle_time = idle_time + excluded.idle_time,"                                                 \
    " longest_idle = max(longest_idle, excluded.longest_idle),"                                    \
    " (longest_transaction, longest_at, longest_line) ="                                           \
    " (SELECT * FROM (VALUES(longest_transaction, longest_at, longest_line),"                      \
    " (excluded.longest_transaction, excluded.longest_at, excluded.longest_line))"                 \
    " ORDER BY 1 DESC, 3 = 0, 2, 3 LIMIT 1)"

#define JOIN_PAGES                                                                                 \
    " ON CONFLICT DO UPDATE SET pages = pages + excluded.pages,"                                   \
    " walks = walks + excluded.walks, walk_pages = walk_pages + excluded.walk_pages,"              \
    " twins = twins + excluded.twins,"                                                             \
    " twin = CASE WHEN twin = 0 OR excluded.twin = 0 THEN twin + excluded.twin"                    \
    "  ELSE min(twin, excluded.twin) END,"                                                         \
    " sample = pages_merge(sample, excluded.sample)"

#define JOIN_RETRIES                                                                               \
    " ON CONFLICT DO UPDATE SET retries = retries + excluded.retries,"                             \
    " failed = failed + excluded.failed, wait = wait + excluded.wait,"                             \
    " longest = max(longest, excluded.longest), (first_at, first_line) ="                          \
    " (SELECT * FROM (VALUES(first_at, first_line), (excluded.first_at, excluded.first_line))"     \
    " ORDER BY 1, 2 LIMIT 1)"

#define JOIN_BLOCKERS                                                                              \
    " ON CONFLICT DO UPDATE SET waits = waits + excluded.waits,"                                   \
    " acquired = acquired + excluded.acquired, time = time + excluded.time,"                       \
    " longest = max(longest, excluded.longest), (first_at, first_line) ="                          \
    " (SELECT * FROM (VALUES(first_at, first_line), (excluded.first_at, excluded.first_line))"     \
    " ORDER BY 1, 2 LIMIT 1)"

typedef struct segment_table {
    const char *name;
    const char *join;     /* NULL: its rows are not of hours. Else the hour is the third column. */
    bool has_fingerprint; /* one of its columns */
} segment_table;

/* `segments` is the first. */
extern const segment_table segment_tables[];
extern const int segment_table_count;

#endif
