/* compare.h - two reports side by side: what got worse, better, is new or gone.
 *
 * Queries are matched by fingerprint. How much slower one is, is told by the ratio of the
 * geometric means of its times, which a few outliers do not move. Two windows alone cannot tell
 * a lasting change from chance, so nothing here is tested: gates on size and cost keep noise out
 * of the list, and whoever shows it says so.
 *
 * A log that holds executions of 100 ms and more and one that holds those of 500 ms and more
 * have in common what is above 500 ms: only that is compared. Times above the least are then told
 * from the histograms, within 1/64. Times are us, factors millionths. */
#ifndef QLOG_REPORT_COMPARE_H
#define QLOG_REPORT_COMPARE_H

#include "base/buf.h"
#include "base/status.h"
#include "report/model.h"

typedef enum change_kind {
    CHANGE_REGRESSION,
    CHANGE_IMPROVEMENT,
    CHANGE_PLAN, /* another plan, and neither worse nor better */
    CHANGE_NEW,
    CHANGE_GONE,
    CHANGE_SERVER, /* nearly all queries are slower; of no query */
    CHANGE_KINDS
} change_kind;

typedef struct change_about {
    const char *name;  /* "regression" */
    const char *title; /* "Worse" */
} change_about;

extern const change_about change_kinds[CHANGE_KINDS];

/* False for a word that is no kind. */
bool change_kind_find(slice name, change_kind *kind);

/* A query in one of the windows: all of its figures are of what is compared. */
typedef struct change_side {
    const model_query *query; /* NULL: not in this window */
    int64_t calls;            /* estimated, where the log is a sample */
    model_statistics time;
    bool spread;                   /* the two below are known */
    double log_mean, log_variance; /* of the times' natural logarithms */
    int64_t hourly;                /* calls per hour, thousandths; -1: not known */
    /* Of all executions; thousandths, -1: the log does not tell. */
    int64_t examined_per_sent, examined_each, sent_each;
    const model_plan *plan; /* that most executions had; NULL: none is known */
} change_side;

typedef struct change {
    change_kind kind;
    uint64_t id;
    const model_query *query; /* of the window after, or where it is gone of the one before */
    change_side before, after;
    int64_t factor;       /* of the times, after over before; 0: not known */
    bool by_mean;         /* of the arithmetic means: the spread is not known */
    int64_t calls_factor; /* of the calls per hour; 0: not known */
    bool time_changed;    /* past the gates */
    bool calls_changed;   /* the same */
    bool plan_changed;
    int64_t cost; /* time that it takes more, or less, in the slower window; of a new or gone one
                     all it takes */
} change;

typedef struct comparison {
    arena arena;
    const model *before, *after;
    slice names[2];     /* what was compared, as it was asked for */
    int64_t least;      /* executions that took at least this are compared; 0: all */
    bool cuts;          /* so that some of a log are left out */
    int64_t totals[2];  /* time of what is compared */
    int64_t tide;       /* what nearly all queries were slower by; 0: nothing of note */
    int64_t traffic;    /* the same of the calls per hour */
    bool hourly;        /* calls per hour are known */
    change *changes;    /* by kind, the costliest first */
    uint32_t n_changes; /* of these: */
    uint32_t n_of[CHANGE_KINDS];
    uint32_t alike;                 /* in both windows, and no change past the gates */
    uint32_t few;                   /* in both, with too few executions to say */
    uint32_t minor_new, minor_gone; /* that take next to nothing, and are not in the list */
    uint32_t below;                 /* only in one of the logs, and only below the least */
} comparison;

/* Compares two models, which must outlive the result and hold all queries. comparison_free gives
 * back *out in any case. */
bool compare(const model *before, const model *after, comparison *out, status *st);
void comparison_free(comparison *c);

/* Whether there is a change of one of these kinds, a bit each. */
bool comparison_has(const comparison *c, unsigned kinds);

/* --- in words, for every format alike; what comes from the log is not yet safe ------------- */

/* "2 queries are worse, 1 is better, ...". */
void comparison_verdict_format(buf *out, const comparison *c);

/* Which executions are compared, and why not all. */
void comparison_region_format(buf *out, const comparison *c);

/* What holds for nearly all queries, and is not told of each; empty where there is nothing. */
void comparison_tide_format(buf *out, const comparison *c);

/* What is not in the list: "5 queries as before, ...". */
void comparison_rest_format(buf *out, const comparison *c);

/* "35.8 times slower, 335 ms more in all". */
void change_summary_format(buf *out, const change *c, const comparison *all);

/* What the log shows of the reason: "rows examined for each that was sent: 1 before, 2,720 after";
 * empty where it shows nothing. */
void change_reason_format(buf *out, const change *c);

/* A plan's shape on one line. */
void plan_line_format(buf *out, const model_plan *plan);

#define COMPARISON_UNTESTED                                                                        \
    "not tested: one window before and one after do not tell a lasting change from chance"

#endif
