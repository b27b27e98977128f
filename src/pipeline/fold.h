/* fold.h - where batches, in the order of the log, become rows of the store.
 *
 * The map sees one block at a time; whatever needs the records before happens here:
 * a statement is joined with the duration that its session logged later, lines are
 * numbered, fingerprints seen for the first time get their text. Single-threaded and
 * strictly in input order, so that any number of workers gives the same bytes.
 *
 * Everything is written in transactions that hold rows, ledger and the fold's own state
 * together: killed anywhere, a run leaves the store as after its last commit. */
#ifndef QLOG_PIPELINE_FOLD_H
#define QLOG_PIPELINE_FOLD_H

#include "digest/selection.h"
#include "input/framer.h"
#include "normalise/normalise.h"
#include "pipeline/context.h"
#include "pipeline/peers.h"
#include "pipeline/watch.h"
#include "store/store.h"

/* A fingerprint, with its spelling, whose text is in the store. */
typedef struct known_statement {
    uint64_t id;   /* 0: free */
    bool selected; /* by the selection's patterns */
    uint8_t role;  /* statement_role */
} known_statement;

typedef struct known_set {
    known_statement *items; /* open addressing */
    uint32_t n, cap;
} known_set;

enum { ALIAS_CACHE = 1024 };

typedef struct seen_alias {
    uint64_t fingerprint;
    uint64_t alias; /* hash of its kind and value */
} seen_alias;

/* The latest execution of a session whose plan may still come: the plan is no call of its own. The
 * table forgets where two sessions share a place. */
enum { RECENT_MAX = 2048 };

typedef struct recent {
    uint64_t session;
    uint64_t fingerprint; /* 0: none */
    int64_t duration;
} recent;
/* The query of a cursor. The table forgets where two cursors share a place. */
enum { CURSORS_MAX = 16384 };

typedef struct cursor_query {
    uint64_t cursor; /* hash of its name */
    uint64_t fingerprint;
    uint32_t epoch; /* in which it was told; those of others are forgotten */
    bool selected;  /* by its text; not packed, true when decoded */
} cursor_query;

/* A batch's who with the database of the context. */
typedef struct carried_who {
    uint32_t id;
    uint32_t generation; /* of the context; 0: not looked for yet */
} carried_who;

/* A who that was filled with what its session told: the same few come again and again. */
enum { FILLED_MAX = 1024 };

typedef struct filled_who {
    uint32_t asks, told, id; /* in the table */
    bool used;
} filled_who;

/* What the log cannot show because of records that were seen in it. */
typedef struct seen_limits {
    bool carried_database, sampled, suppressed, suspect, unnamed;
    bool valueless; /* a read or a write without the values that it asks for */
} seen_limits;

/* Told each selected record that has a statement of its own, in the order of the log: its bytes as
 * they lie there. False ends the run. */
typedef struct record_observer {
    bool (*see)(void *context, const event *e, const batch *events, slice record, status *st);
    void *context;
} record_observer;

typedef struct fold {
    store *store;
    slice source;
    const selection *selection;      /* resolved; NULL: all */
    const record_observer *observer; /* NULL: none */
    digest digest;
    who_table whos;
    sessions sessions;     /* statements that wait for their duration */
    sessions plans;        /* plans that wait for their statement */
    sessions pieces;       /* executions that may go on, by session and fingerprint */
    recent *recents;       /* RECENT_MAX */
    cursor_query *cursors; /* CURSORS_MAX */
    uint32_t cursor_epoch; /* from 1 on: ends with the server */
    log_context context;
    uint32_t one_in;   /* how many executions a record stands for that does not say; 0: one */
    sessions commands; /* of writes, none of which was logged yet; by session and target */
    peers peers;       /* what sessions told of what comes later in them */
    watch watch;       /* what follows what in sessions */
    known_set known;
    buf text;    /* scratch for normalised texts */
    arena facts; /* scratch for what is told of them */
    buf state;   /* scratch for the packed state */
    /* Of the log being read: */
    const format *format;
    const normaliser *normaliser;
    segment segment;
    int64_t state_as_of; /* time of the latest record so far, of this log or the ones before */
    uint32_t *who_map;   /* of the batch being folded: its who to the table's */
    uint32_t n_who_map;
    carried_who *carried_map; /* as long as who_map */
    uint32_t *attribute_map;  /* of the batch being folded: its attributes to the source's; 0: not
                                 yet  looked for */
    uint32_t n_attribute_map;
    filled_who *filled; /* FILLED_MAX; the table forgets where two share a place */
    seen_limits seen;
    uint64_t kind_count[EVENT_KIND_COUNT]; /* of kind_hour, not yet in the digest */
    int64_t kind_hour;
    seen_alias aliases[ALIAS_CACHE]; /* tallied lately */
    uint32_t notes;                  /* of the log, so far and already in the store */
    uint64_t uncommitted;            /* bytes of log folded since the last commit */
    bool restored;                   /* the source's names and state were read from the store */
    uint64_t calls;                  /* of the whole run, for the summary */
} fold;

/* `selection` NULL: all. The source's name must outlive the fold. */
bool fold_init(fold *f, store *s, slice source, const selection *sel);
void fold_free(fold *f);

/* Begins a log, or goes on with one: the store's transaction must be open. seg says what is known
 * of it. `first_at`: the time of the first record to come; 0 where the log has no time. */
bool fold_begin(fold *f, const format *read_as, const normaliser *n, const segment *seg,
                int64_t first_at, status *st);

/* Adds one batch, the next of the log; fills in the fields that it has left open. Commits and
 * begins a new transaction where memory asks for it. */
bool fold_add(fold *f, const block *b, batch *events, status *st);

/* Ends the log: writes what is left, into the still open transaction. */
bool fold_end(fold *f, status *st);

/* Ends the source: what still waits will not be completed. To be called before fold_end. */
bool fold_give_up(fold *f, status *st);

#endif
