/* digest.h - what the executions of one segment add up to, until it goes to the store.
 *
 * A row stands for (hour, fingerprint, who). All figures are sums, extremes,
 * histograms and top lists, so that it does not matter where a digest was emptied
 * into the store and begun anew. Errors, other events and server query ids are
 * tallies: counts by a short text.
 * Single-threaded; the fold owns it. */
#ifndef QLOG_DIGEST_DIGEST_H
#define QLOG_DIGEST_DIGEST_H

#include "base/histogram.h"
#include "base/series.h"
#include "digest/evidence.h"
#include "event.h"

enum { EXAMPLES_KEPT = 3 }; /* the slowest executions of a row, and of a fingerprint an hour */

typedef struct measure {
    uint64_t n, sum, min, max;
    histogram distribution;
} measure;

typedef struct measure_list {
    struct measure_list *next; /* ascending by id */
    uint32_t id;               /* as `measured` has it */
    measure measure;
} measure_list;

typedef struct example {
    int64_t duration; /* us */
    int64_t at;       /* us */
    uint64_t offset;  /* of the record in its segment */
    uint64_t line;    /* from 1 */
} example;

typedef struct digest_row {
    uint64_t fingerprint;
    int64_t hour; /* its start, seconds since 1970 UTC; 0 where the log has no time */
    uint32_t who;
    uint32_t n_examples;
    uint64_t calls;
    uint64_t estimated_calls; /* as executed, where the log is a sample */
    uint64_t errors;
    int64_t first_at, last_at; /* us; of calls and errors */
    measure query_time;
    series series;
    measure_list *measures;          /* the others */
    example examples[EXAMPLES_KEPT]; /* slowest first; of equals the one earlier in the log */
} digest_row;

typedef enum tally_kind {
    TALLY_ERROR_CODE, /* of a fingerprint; 0: of no statement */
    TALLY_EVENT,      /* by kind */
    TALLY_QUERY_ID,   /* the server's own ids of a fingerprint */
    TALLY_PLAN,       /* executions of a fingerprint by their plan's shape, and their time */
    TALLY_FACT,       /* of the server: the key is a fact_id's character and the subject */
    TALLY_KINDS
} tally_kind;

typedef struct tally {
    tally_kind kind;
    int64_t hour;
    uint64_t fingerprint;
    slice key;
    uint64_t n;
    /* Of those that have a value or a time. */
    uint64_t sum, min, max;
    int64_t first_at, last_at; /* us; last_at 0: none had a time */
} tally;

typedef struct digest {
    digest_row **slots; /* open addressing */
    uint32_t n, cap;
    tally **tallies; /* open addressing */
    uint32_t n_tallies, cap_tallies;
    evidence evidence;
    arena arena;
} digest;

void digest_init(digest *d, size_t max_bytes);
void digest_free(digest *d);

/* Empties it and keeps its tables. */
void digest_clear(digest *d);

/* Bytes in use: what the memory limit counts. */
size_t digest_bytes(const digest *d);

/* The row of a key, made where there is none; NULL where memory is out. */
digest_row *digest_find(digest *d, int64_t hour, uint64_t fingerprint, uint32_t who_id);

/* Brings the row's slot near before digest_find asks for it. */
void digest_prefetch(const digest *d, int64_t hour, uint64_t fingerprint, uint32_t who_id);

/* One execution. `at` counts where `has_time`, duration where `has_duration`. */
typedef struct digest_call {
    int64_t at;
    int64_t duration;
    bool has_time, has_duration;
    uint32_t second; /* of the hour */
    uint64_t offset, line;
    uint32_t weight; /* executions that it stands for; 0: itself */
    const measured *measured;
    uint32_t n_measured;
} digest_call;

bool digest_add_call(digest *d, digest_row *row, const digest_call *call);
bool digest_add_measure(digest *d, digest_row *row, uint32_t id, uint64_t value);
bool digest_count(digest *d, tally_kind kind, int64_t hour, uint64_t fingerprint, slice key,
                  uint64_t n);

/* Adds one with all that it has; n is more than 0. The key is copied. */
bool digest_tally(digest *d, const tally *one);

/* All rows, by (fingerprint, hour, who): an array of d->n in the digest's arena; NULL where memory
 * is out. Valid until the next change. */
digest_row **digest_sorted(digest *d);

/* Widens first_at and last_at to an instant. */
void digest_row_seen(digest_row *row, int64_t at);

/* The start of the hour, in seconds, that an instant falls into in its zone, and the second of it.
 */
int64_t digest_hour(int64_t at, int32_t zone_offset, uint32_t *second);

#endif
