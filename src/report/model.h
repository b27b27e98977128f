/* model.h - what a report says, before any format.
 *
 * Built once from the store; the renderers only lay it out. Times are us since 1970
 * UTC, durations us, and every list has its order already. All memory is in the
 * model's arena. Empty slices are unknown. */
#ifndef QLOG_REPORT_MODEL_H
#define QLOG_REPORT_MODEL_H

#include <stdint.h>

#include "analysers/finding.h"
#include "analysers/notes.h"
#include "base/arena.h"
#include "base/slice.h"

typedef struct model_statistics {
    int64_t n; /* executions with a known time; the figures below are of these */
    int64_t total, mean, min, max, p50, p90, p95, p99, stddev;
    bool sum_alone; /* n, total and mean are known, the others are not */
} model_statistics;

typedef struct model_share {
    slice name;
    int64_t calls;
    int64_t time;
} model_share;

typedef struct model_shares {
    model_share *items; /* by time, then calls, then name */
    uint32_t n;
} model_shares;

typedef struct model_example {
    slice path;    /* empty where the file is no longer known */
    uint64_t line; /* from 1 */
    int64_t at;
    int64_t duration;
    slice database, user, application, host;
} model_example;

typedef struct model_alias {
    slice kind; /* "pg_queryid" */
    slice value;
} model_alias;

/* A bucket of the load over time. */
typedef struct model_point {
    int64_t at; /* the bucket's start */
    int64_t calls;
    int64_t time;
} model_point;

typedef struct model_series {
    model_point *points; /* ascending; buckets without calls are left out */
    uint32_t n;
} model_series;

/* A bin of the histogram of query times. */
typedef struct model_bin {
    int64_t from, to; /* [from, to) us */
    int64_t calls;
} model_bin;

typedef struct model_measure {
    slice name;        /* "prepare_time" */
    slice unit;        /* as measure_unit_name has it */
    bool is_attribute; /* which the program does not know: the name is the log's own */
    model_statistics statistics;
    int64_t of_all; /* the sum over all queries */
    /* Of counts, which are whole but whose mean is not. */
    int64_t mean_thousandths, stddev_thousandths;
} model_measure;

typedef struct model_code {
    slice code; /* SQLSTATE or the engine's name for it; empty where the log has none */
    int64_t n;
} model_code;

typedef struct model_table {
    slice name;
    slice access; /* "read", "write", "both" */
} model_table;

/* The values of a tag's key. */
typedef struct model_tag {
    slice key;
    model_shares values;
} model_tag;

/* A way in which a query was executed. */
typedef struct model_plan {
    slice shape; /* one node a line */
    int64_t calls;
    int64_t time;
    int64_t first_seen, last_seen; /* 0 where the log has no time */
} model_plan;

typedef struct model_query {
    uint64_t id;
    uint32_t rank; /* from 1, among all of the report's order, shown or not */
    slice engine, verb, text;
    slice explain; /* as the server's EXPLAIN takes it; of a query that is shown by itself; empty */
    int64_t calls, estimated_calls, errors;
    model_statistics time;
    int64_t first_seen, last_seen; /* 0 where the log has no time */
    model_shares databases, users, applications, hosts;
    model_table *tables; /* by name */
    uint32_t n_tables;
    model_tag *tags; /* by key */
    uint32_t n_tags;
    model_measure *measures; /* beside query time */
    uint32_t n_measures;
    model_series series;
    model_bin *histogram;
    uint32_t n_histogram;
    model_plan *plans; /* by when they were seen first */
    uint32_t n_plans;
    model_example *examples; /* slowest first */
    uint32_t n_examples;
    model_alias *aliases;
    uint32_t n_aliases;
    model_code *codes;
    uint32_t n_codes;
    slice notes[NOTES_MAX]; /* on its text, where it costs something */
    uint32_t n_notes;
} model_query;

/* What the executions of one table, user or the like come to. */
typedef struct model_group {
    slice name; /* empty: of those that have none */
    int64_t calls;
    int64_t errors; /* -1: not known */
    model_statistics time;
} model_group;

typedef struct model_skipped {
    slice reason; /* "foreign line" */
    uint64_t lines, bytes;
    uint64_t first_line; /* from 1 */
} model_skipped;

typedef struct model_file {
    slice path;
    uint64_t bytes;      /* read of it */
    uint64_t content;    /* of these, without holes of NULs, which hold nothing to understand */
    uint64_t understood; /* of these, in events and records of a known kind */
    uint64_t lines;
    uint64_t events; /* records of every kind */
    slice format;    /* "postgresql-stderr" */
    slice detail;    /* how it was read, such as the prefix */
    bool detail_inferred;
    model_skipped *skipped;
    uint32_t n_skipped;
} model_file;

/* A log that was not read, since another holds the same records in another format. */
typedef struct model_duplicate {
    slice path;
    slice same_as; /* the other's path */
} model_duplicate;

typedef struct model_threshold {
    int64_t from;     /* 0: from the beginning */
    int64_t duration; /* us; -1: off */
    slice origin;     /* "log", "option", "inferred" */
} model_threshold;

typedef struct model_source {
    slice name, engine, format, detail, role;
    uint64_t events, bytes, content, understood; /* as of a file */
    int64_t clock_resolution;                    /* us; 0: no time */
    model_threshold *thresholds;
    uint32_t n_thresholds;
    model_file *files;
    uint32_t n_files;
    model_duplicate *duplicates;
    uint32_t n_duplicates;
} model_source;

/* Something that this log cannot show. */
typedef struct model_limit {
    slice source;
    slice cannot_show, because, remedy;
} model_limit;

/* Records that are no execution, by kind, as "checkpoint". */
typedef struct model_event_count {
    slice kind;
    slice title; /* for people: "checkpoint records"; of one: "checkpoint record" */
    int64_t n;
} model_event_count;

/* What the log says of the server besides executions. */
typedef struct model_fact {
    slice kind;           /* "checkpoint"; see event.h's facts */
    slice subject;        /* of what */
    uint64_t fingerprint; /* of `fact_queries` */
    int64_t n, sum, max;  /* us, bytes or a count, as its kind has it */
} model_fact;

/* The queries that lead by one figure, highest first. */
typedef enum model_ranking_id {
    RANKING_TOTAL,
    RANKING_MEAN,
    RANKING_P95,
    RANKING_CALLS,
    RANKING_EXAMINED, /* rows for each that was sent */
    RANKING_ERRORS
} model_ranking_id;
enum { MODEL_RANKINGS = RANKING_ERRORS + 1 };

typedef struct model_ranking {
    const model_query **items; /* of the model's queries */
    uint32_t n;
} model_ranking;

typedef struct model {
    arena arena;
    slice version;
    int64_t from, to;    /* first and last record; 0 where no log has time */
    int32_t zone_offset; /* the zone that times are shown in */
    slice zone;          /* its name as the log writes it */
    slice selection;     /* what was selected, in words; empty: all */
    slice command; /* how to show one query, without its id: "qlog show … postgresql.log"; the id
                      goes for "ID" */
    model_source *sources;
    uint32_t n_sources;
    model_limit *limits;
    uint32_t n_limits;
    int64_t calls, estimated_calls, fingerprints, errors;
    int64_t half_fingerprints; /* the fewest queries that make up half of the time, */
    int64_t half_time;         /* and what they come to */
    model_statistics time;     /* over all executions; `total` is the sum */
    int64_t load_permille; /* total time over wall time, in thousandths: average active sessions */
    model_series series;   /* all queries, buckets of series_step */
    int64_t series_step;   /* us */
    occurrence *occurrences; /* in the window, in the order of time; the first of them */
    uint32_t n_occurrences;
    model_point busiest; /* the busiest minute by time; calls 0 where there is none */
    model_bin *histogram;
    uint32_t n_histogram;
    model_query *queries; /* in the order asked for: the first, and the leaders of the rankings */
    uint32_t n_queries;
    model_ranking rankings[MODEL_RANKINGS];
    int64_t other_fingerprints, other_calls, other_time; /* what the limit cut */
    slice group_by;      /* "user", "tag:action"; empty: nothing but queries */
    model_group *groups; /* in the order asked for */
    uint32_t n_groups;
    int64_t other_groups, other_groups_calls, other_groups_time; /* what the limit cut */
    model_event_count *events;
    uint32_t n_events;
    model_fact *facts; /* by kind, sum, n and subject: the most first; of any statement or none */
    uint32_t n_facts;
    const finding *findings; /* the costliest first, those that were accepted last */
    uint32_t n_findings, n_accepted;
    bool keeps_findings;          /* of a store, which can be told that one is accepted */
    bool looks_back;              /* and of a window: which are new, and which were there before */
    const closed_finding *closed; /* what the windows before had */
    uint32_t n_closed;
    model_fact *fact_queries; /* the same by kind and statement, without subjects */
    uint32_t n_fact_queries;
} model;

#endif
