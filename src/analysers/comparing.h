/* comparing.h - a source's queries tonight and in the nights before.
 *
 * A night is a window of the report's length and time of day. The store's own tables are read,
 * since a report's window hides what was before it. Which nights are compared, what each query took
 * in them, and what of that is usual; what follows is for others to say. Memory is the analysis's
 * arena. */
#ifndef QLOG_ANALYSERS_COMPARING_H
#define QLOG_ANALYSERS_COMPARING_H

#include "analysers/analysis.h"
#include "analysers/log_times.h"
#include "analysers/nights.h"

enum { COMPARING_NIGHTS_MAX = 366 };

typedef struct night_row {
    uint64_t id;
    /* Tonight first; of the executions that every night's threshold lets through. */
    log_times *nights;
    bool *left_out;  /* by night: one of a regression, not what is usual */
    bool was_slower; /* its regression is open */
    bool has_norm;   /* its regression was accepted */
    bool mixed;      /* it has too few nights of tonight's kind, and those of the other count too */
} night_row;

typedef struct comparing {
    analysis *a;
    const analysed_source *source;
    int64_t since, until, step; /* seconds */
    int32_t zone_offset;        /* seconds east of UTC, of the latest record */
    uint32_t n_nights;          /* before tonight */
    int64_t least;              /* us; bins that begin below are left out */
    double hours[COMPARING_NIGHTS_MAX + 1];
    bool kept[COMPARING_NIGHTS_MAX + 1];
    uint32_t n_kept; /* of those before */
    uint32_t n_read; /* with those of another kind of day */
    bool alike;      /* only nights of weekdays are kept, or only of weekends, as tonight is */
    bool unlike[COMPARING_NIGHTS_MAX + 1]; /* of the others, which tell how queries scatter */
    night_row *rows;
    uint32_t n_rows;
    double prominent; /* us that a query takes which is among tonight's costliest */
    buf text;         /* scratch */
    arena bins;       /* of one row */
} comparing;

/* Begins *c, which holds the analysis and the source and zeros. False where no night is asked for.
 */
bool comparing_begin(comparing *c);

/* Seconds since 1970, when the earliest night begins. */
int64_t comparing_earliest(const comparing *c);

/* Finds the nights that the source has and chooses those that are compared. */
bool comparing_find_nights(comparing *c);

/* How many nights a query must have been in to be tested. */
uint32_t comparing_needs(const comparing *c);

/* Reads what each query took in the nights; those of its own regressions are left out. `bins` is
 * scratch of LOG_TIMES_SCRATCH bytes. */
bool comparing_read(comparing *c);

/* Whether the log was a sample in any of the nights: its counts are not those of executions. */
bool comparing_find_sampled(comparing *c, bool *sampled);

night_cell comparing_cell(const comparing *c, const night_row *row, uint32_t night);

/* A query's nights before, added up: those that tell what is usual; and in how many of all it was.
 */
log_times comparing_usual(const comparing *c, const night_row *row, uint32_t *present);

/* How many nights those are, and with those that are left out. */
uint32_t comparing_usual_nights(const comparing *c, const night_row *row, uint32_t *compared);

/* us a night; 0 where no night tells. */
double comparing_usual_time(const comparing *c, const night_row *row);

/* us of all queries, tonight or in a usual night. */
double comparing_total(const comparing *c, bool tonight);

/* The id that the query's regression has as a finding. */
uint64_t comparing_regression_id(const comparing *c, const night_row *row);

/* "10 weekday nights". */
void comparing_say_nights(const comparing *c, buf *out, uint32_t n, bool mixed);

#endif
