/* finding.h - what an analyser has found.
 *
 * All of it is plain text and numbers: how it is made safe and laid out is the report's. A finding
 * says what, with which evidence, how sure that is, what it costs and what to do. Memory is the
 * analysis's arena. */
#ifndef QLOG_ANALYSERS_FINDING_H
#define QLOG_ANALYSERS_FINDING_H

#include <stdint.h>

#include "base/buf.h"

/* In the order of the documentation; finding.c has the table. */
typedef enum finding_kind {
    FINDING_N_PLUS_ONE,
    FINDING_REPEATED_QUERY,
    FINDING_ROW_BY_ROW_WRITES,
    FINDING_OFFSET_PAGINATION,
    FINDING_FULL_SCAN,
    FINDING_DISK_SPILL,
    FINDING_LOCK_WAIT,
    FINDING_UNBOUNDED_RESULT,
    FINDING_ERRORS,
    FINDING_STALL,
    FINDING_LONG_TRANSACTION,
    FINDING_IDLE_IN_TRANSACTION,
    FINDING_CONNECTION_CHURN,
    FINDING_CHECKPOINT_PRESSURE,
    FINDING_RETRY_STORM,
    FINDING_CHATTY_SESSION,
    FINDING_PLAN_CHANGE,
    FINDING_STALE_SOURCE,
    FINDING_REGRESSION, /* this and those below: of a report with a baseline */
    FINDING_IMPROVEMENT,
    FINDING_NEW_QUERY,
    FINDING_GONE_QUERY,
    FINDING_SERVER_SLOWDOWN,
    FINDING_KINDS
} finding_kind;

typedef struct finding_about {
    const char *name; /* "n-plus-one" */
    const char *about;
} finding_about;

extern const finding_about finding_kinds[FINDING_KINDS];

/* False for a word that is no kind. */
bool finding_kind_find(slice name, finding_kind *kind);

typedef enum finding_severity {
    /* Of what costs query time by its share; of the rest by its analyser. */
    SEVERITY_LOW,
    SEVERITY_MEDIUM, /* at least 1 % of the query time of its source */
    SEVERITY_HIGH    /* at least 10 % */
} finding_severity;

typedef enum finding_confidence {
    CONFIDENCE_CANDIDATE, /* worth a look; there may be another reason */
    CONFIDENCE_LIKELY,
    CONFIDENCE_CERTAIN /* the log proves it */
} finding_confidence;

typedef enum finding_state {
    FINDING_NEW,  /* the two windows before did not have it, or are not known */
    FINDING_OPEN, /* it was there before */
    FINDING_ACCEPTED
} finding_state;

/* Whether it compares a night with those before, so that it is of a change and no lasting fault. */
bool finding_is_change(finding_kind kind);

const char *finding_state_name(finding_state s);
const char *finding_severity_name(finding_severity s);
const char *finding_confidence_name(finding_confidence c);
bool finding_severity_find(slice name, finding_severity *s);

/* What lies along a finding's chart. */
typedef enum finding_axis {
    AXIS_ROWS,  /* passed over */
    AXIS_NIGHTS /* from the earliest on, the report's window the last */
} finding_axis;

/* A point of a finding's chart. */
typedef struct finding_point {
    int64_t x;
    int64_t y; /* us */
} finding_point;

typedef struct finding {
    uint64_t id; /* of its kind, source and statements: the same tomorrow */
    finding_kind kind;
    finding_severity severity;
    finding_confidence confidence;
    int64_t cost; /* us */
    slice source;
    const uint64_t *queries; /* fingerprints */
    uint32_t n_queries;
    slice title;  /* "N+1: users is read row by row, 40 times after orders" */
    slice detail; /* the evidence, in sentences */
    slice advice;
    slice rewrite; /* a statement to use instead, or an index to make; empty: none */
    struct value *evidence;
    finding_state state;
    int64_t accepted_until; /* us; 0: for good */
    slice note;             /* of who accepted it */
    bool or_before;         /* than first_seen: the first window that was judged had it */
    int64_t first_seen;     /* us, in the first window that has it; 0 where the log has no time */
    slice path;             /* of the example; empty: not known */
    uint64_t line;
    const finding_point *points; /* empty: no chart */
    uint32_t n_points;
    finding_axis axis;
} finding;

/* One that the windows before had and the last two have no more. */
typedef struct closed_finding {
    uint64_t id;
    finding_kind kind;
    slice source, title;
    bool or_before;                /* as of a finding */
    int64_t first_seen, last_seen; /* us; the latter is where the last window that had it begins */
} closed_finding;

/* What happened at a moment beside executions; see occurrences.h. */
typedef struct occurrence {
    int64_t at;   /* us */
    slice kind;   /* "mark", "server" */
    slice source; /* empty: of all */
    slice text;   /* a mark's; "started", "stopped", "crashed" */
} occurrence;

/* Appends it as people read it: "the server started", "deploy 4.2". */
void occurrence_format(buf *out, const occurrence *o);

/* Whether a query is one of those that the finding names. */
bool finding_is_about(const finding *f, uint64_t query);

#endif
