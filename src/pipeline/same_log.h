/* same_log.h - one server's log in several destinations is one log.
 *
 * A server may write each record to a plain text, a CSV and a JSON file at once. Which files hold
 * the same records is decided by what they hold: their names only say which ones to compare
 * (one folder, one stem). Records are compared by marks, which every format gives alike. Of the
 * same records the richest log is read, unless it lacks a part that a poorer one has.
 * Knows nothing of files: who calls reads them. */
#ifndef QLOG_PIPELINE_SAME_LOG_H
#define QLOG_PIPELINE_SAME_LOG_H

#include "base/status.h"
#include "event.h"

/* Of one record: its second, since not all formats give more, and what it says, white space aside.
 */
typedef struct mark {
    int64_t second;
    uint64_t hash;
} mark;

enum { MARKS_MAX = 256 };

/* Those of a log's records from some time on. */
typedef struct marks {
    mark items[MARKS_MAX];
    uint32_t n;
} marks;

/* Adds the marks of the batch's records from `from` (us) on. False once there is no more room. */
bool marks_add(marks *m, const batch *b, int64_t from);

/* Whether both are of the same records, over the time that both tell of. */
bool marks_agree(const marks *a, const marks *b);

typedef enum same_log_verdict {
    SAME_LOG_READ, /* there is no other, or it is the one to read */
    SAME_LOG_SKIP, /* log `other` holds the same records and is read */
    SAME_LOG_TORN  /* it and log `other` each have records that the other lacks, and share some */
} same_log_verdict;

/* A log that may be another's twin. */
typedef struct same_log {
    slice folder, stem, engine;
    const void *format; /* tells formats apart */
    unsigned richness;  /* the more the richer; 0: it is no destination of several */
    bool known;         /* read before, so that it goes on to be the one */
    int64_t first_at, last_at;
    same_log_verdict verdict;
    size_t other;
} same_log;

/* Fills out with the marks of log `which` from `from` on. */
typedef bool marks_reader(void *context, size_t which, int64_t from, marks *out, status *st);

/* Fills in the verdicts. False where `read` failed. */
bool same_log_judge(same_log *logs, size_t n, marks_reader *read, void *context, status *st);

/* Whether there is a log of another format to compare it with. */
bool same_log_has_twin(const same_log *logs, size_t n, size_t which);

#endif
