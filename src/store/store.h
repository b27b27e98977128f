/* store.h - the SQLite file that everything is kept in and every report is made from.
 *
 * Whoever writes does so between store_begin and store_commit: rows, the ledger and the
 * fold's state go in together or not at all. Nothing here looks at a log or at an
 * event; what goes in is a digest, what comes out are rows (see rows.h for reading).
 * The schema, with the meaning and unit of each column, is schema.sql. */
#ifndef QLOG_STORE_STORE_H
#define QLOG_STORE_STORE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "digest/digest.h"
#include "digest/who_table.h"

struct sqlite3;

enum { STORE_APPLICATION_ID = 0x716c6f67, STORE_VERSION = 4 };

typedef struct store store;

typedef enum store_mode {
    STORE_WRITE,     /* made where there is none, mode 0600; one program at a time */
    STORE_READ,      /* must exist; never changed */
    STORE_TEMPORARY, /* private, gone when closed; the path is not used */
    STORE_COPY       /* as for reading, but a private copy, which may be changed */
} store_mode;

/* Failures have STATUS_STORE: in use by another run, corrupt, of a newer version, not a store; the
 * file is then as it was. A store of an older version is upgraded, after a copy of it was laid
 * beside it; where it is only read, a private copy is upgraded in its place. */
bool store_open(const char *path, store_mode mode, store **out, status *st);
void store_close(store *s);

/* How long to wait for another run that has the store. */
typedef struct store_wait {
    int64_t us;
    /* Told once, where the wait is not short. `process`: who has it; 0: not known. NULL: nobody is
     * told. */
    void (*tell)(void *context, int64_t process);
    void *context;
} store_wait;

enum { STORE_WAIT_MINUTES = 10 /* where nothing is said */ };

/* For writing; store_open waits STORE_WAIT_MINUTES. */
bool store_open_waiting(const char *path, const store_wait *wait, store **out, status *st);

/* Where the store lies as it was before this opening upgraded it, and its version then. NULL where
 * nothing was upgraded. */
const char *store_backup(const store *s, int *version);

/* Whether the file at the path is the store's own. */
bool store_is_file(const store *s, const char *path);

/* The connection, for those that read with SQL of their own. */
struct sqlite3 *store_connection(const store *s);

/* Fills st from SQLite's last error; returns false. */
bool store_fail(const store *s, const char *what, status *st);

/* Takes SQLite's write lock; only a program other than qlog can have it. */
bool store_begin(store *s, status *st);
bool store_commit(store *s, status *st);
/* For long work: commits, and goes on without letting another program in between. */
bool store_commit_and_begin(store *s, status *st);
void store_rollback(store *s);

/* What is known of one log file's content. Slices belong to the caller, or, when read, to the
 * arena. */
typedef struct segment {
    hash128 id;
    hash128 head;
    slice engine, format, detail, role, zone;
    bool detail_inferred, unknown_zone;
    uint64_t bytes, lines;
    hash128 tail;
    uint64_t events, event_bytes, other_bytes;
    int64_t first_at, last_at;
    int64_t clock_resolution;
    int32_t zone_offset;
    uint64_t orphans, evicted;
    int32_t zone_begins;                 /* the zone that days are of, seconds east of UTC */
    int64_t days_before;                 /* rows of hours before this are of days; 0: none */
    int64_t dropped_before;              /* and before this they are not kept; 0: none */
    skipped skipped[SKIP_REASON_COUNT];  /* first_line: from 1, of the segment */
    bool stored;                         /* rows of it are in the store already */
    int64_t outside_first, outside_last; /* times of records that the selection's window left out;
                                            not stored; 0: none */
} segment;

/* What of its bytes could be understood: all but holes of NULs and lines of other programs. */
uint64_t segment_content(const segment *seg);

/* The name of a reason in the store and in reports. */
const char *skip_reason_name(skip_reason reason);

/* The name of a kind of event in the store, as "checkpoint". */
const char *event_kind_name(event_kind kind);

/* The segments of a source that begin with this head: fills up to `max`, returns how many through
 * *n. */
bool store_find_segments(store *s, slice source, hash128 head, arena *a, segment *found,
                         uint32_t max, uint32_t *n, status *st);

/* The source's logs of a format, but `except`, that begin not after and end not before a time, with
 * a path they were read from: fills up to `max`, those that end last, returns how many through *n.
 */
typedef struct stored_log {
    slice path; /* ends with NUL */
    uint64_t bytes;
    int64_t last_at;
    hash128 tail;
} stored_log;

bool store_find_logs_at(store *s, slice source, slice format, hash128 except, int64_t at, arena *a,
                        stored_log *found, uint32_t max, uint32_t *n, status *st);

/* Writes the segment's own row and what was skipped in it, replacing what was there. */
bool store_write_segment(store *s, slice source, const segment *seg, status *st);

/* Adds a digest's rows to what the store has of the segment. */
bool store_add_digest(store *s, slice source, const segment *seg, digest *d, const who_table *whos,
                      status *st);

/* Keeps the text of a fingerprint; nothing happens where it is known, which *is_new tells. */
bool store_add_fingerprint(store *s, uint64_t fingerprint, slice engine, slice verb, slice text,
                           bool *is_new, status *st);

/* Another tool's name for it: "pt". */
bool store_add_alias(store *s, uint64_t fingerprint, slice kind, slice value, status *st);

/* What the fingerprint's statements do with a table. */
bool store_add_table(store *s, uint64_t fingerprint, slice name, bool read, bool written,
                     status *st);

bool store_add_threshold(store *s, slice source, const segment *seg, int64_t at, int64_t duration,
                         slice origin, status *st);

/* Says what a segment's log cannot show, by topic. */
bool store_set_limit(store *s, slice source, const segment *seg, slice topic, slice cannot_show,
                     slice because, slice remedy, status *st);

/* The ledger: where a segment lies. *replaced: another one lay there until now. */
bool store_set_path(store *s, slice source, slice path, hash128 id, bool *replaced, status *st);

/* The paths that the source's logs lie at, as far as the ledger knows, in order: fills up to `max`,
 * returns how many through *n. They end with NUL. */
bool store_read_paths(store *s, slice source, arena *a, slice *found, uint32_t max, uint32_t *n,
                      status *st);

/* Says that a log was not read since it is the same as another. */
bool store_set_duplicate(store *s, slice source, slice path, slice same_as, status *st);

/* What could not be read of a source's logs, and why. */
typedef struct unread_log {
    slice path; /* or a pattern */
    slice why;
} unread_log;

/* Replaces what was said of the run before. */
bool store_set_unread(store *s, slice source, const unread_log *logs, uint32_t n, status *st);

/* The fold's state after the last record of a source; an empty state where there is none. */
bool store_read_state(store *s, slice source, slice engine, int64_t *as_of, buf *state, status *st);
bool store_write_state(store *s, slice source, slice engine, int64_t as_of, slice state,
                       status *st);

/* Keeps the names that `whos` knows. */
bool store_write_names(store *s, slice source, const who_table *whos, status *st);

/* Makes known to `whos` which names the source has already, so that the bound on their number holds
 * over all runs. */
bool store_read_names(store *s, slice source, who_table *whos, status *st);

/* Merges the store `from` into s: union by segment; of two versions of one segment the one that got
 * further, or has more left of it. Commutative, associative, idempotent. `from_path` names it in
 * errors. */
bool store_merge(store *s, const char *from_path, status *st);

/* The start of the day that an hour is in, in a zone that many seconds east of UTC. */
int64_t store_day_of(int64_t hour, int32_t zone);

/* Makes one row of a day's rows, in each segment, where the day is older than `days_after`, and
 * drops days that are older than `drop_after`: both in us, before the latest record of the store,
 * or before `now` where that is later than now; 0: never. A row that is added later goes to its
 * day's; the days that were dropped stay so, and their logs are known on. Twice is as once; and
 * reading a log, or merging, before or after it gives the same. */
typedef struct compaction {
    uint64_t rows_before, rows_after; /* of digest */
    uint64_t rows_dropped;            /* of those before */
    uint64_t fingerprints;            /* forgotten */
    uint64_t bytes_before, bytes_after;
} compaction;

bool store_compact(store *s, int64_t days_after, int64_t drop_after, int64_t now, compaction *out,
                   status *st);

#endif
