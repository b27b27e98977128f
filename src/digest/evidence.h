/* evidence.h - what executions show by the way they follow one another.
 *
 * Gathered while logs are folded, judged when a report is made: nothing here knows how long a burst
 * must be to matter. All of it are sums, extremes and samples by hash, so that it does not matter
 * how the logs were cut or which came first. A row names its segment itself: a burst that goes on
 * in the next log belongs to the one that it began in.
 *
 * A burst is a run of statements of one session with next to no time between them: one statement
 * again and again, or a cycle of a few. See pipeline/watch.h for how they are told. */
#ifndef QLOG_DIGEST_EVIDENCE_H
#define QLOG_DIGEST_EVIDENCE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/row_table.h"
#include "base/time_units.h"

enum {
    CHAIN_GAP = 10 * US_PER_MS, /* the most between the statements of a chain */
    CYCLE_MAX = 5,              /* statements that take turns */
    BURST_EXACT_MAX = 64, /* lengths up to here are told apart; above, 32 to each power of two */
    BURST_SESSIONS = 16,  /* of each cycle and hour, those whose hashes are the least */
    PAGE_SAMPLE = 64,     /* the same of pages */
    CODE_MAX = 32         /* bytes of an error's code that are kept */
};

/* How the values of a burst's statements differ: at least 80 % of them, at most 20 %. */
typedef enum burst_values {
    VALUES_DISTINCT,
    VALUES_SAME,
    VALUES_MIXED,
    VALUES_UNKNOWN, /* the log does not have them */
    VALUES_KINDS
} burst_values;

/* In the store: "distinct" and so on. */
const char *burst_values_name(burst_values v);

typedef struct burst {
    /* Of what: the key. */
    hash128 segment;
    int64_t hour;    /* of its first statement */
    uint32_t who;    /* in the fold's who_table */
    uint64_t cycle;  /* hash of the statements; of one alone its fingerprint */
    uint64_t parent; /* the session's statement in front; 0: none */
    burst_values values;
    uint64_t length; /* burst_length of its rounds without a rest */
    /* The statements, as a burst that begins with the least of them has them. */
    uint64_t statements[CYCLE_MAX];
    uint32_t n_statements;
    /* Sums. */
    uint64_t bursts;
    uint64_t calls;
    uint64_t time;         /* us, of the statements */
    uint64_t wall;         /* us, from the first one's start to the last one's end */
    uint64_t saving;       /* us, if one statement did it: see watch.c */
    uint64_t matched;      /* bursts as long as the parent returned rows, or had for a LIMIT */
    uint64_t contradicted; /* neither: the parent returned another number */
    uint64_t requests;     /* each of one request, as its statements say */
    uint64_t shared;       /* another client's statements were between, on the same session */
    /* Extremes. */
    uint64_t longest; /* rounds */
    int64_t first_at; /* us; the earliest burst's first statement, */
    uint64_t first_offset, first_line;
} burst;

/* What lengths are told apart by. */
uint64_t burst_length(uint64_t rounds);

/* One execution that passed over rows. */
typedef struct page_point {
    uint64_t hash;        /* of its place: which are kept */
    uint64_t skip, limit; /* limit 0: not known */
    uint64_t duration;    /* us */
    uint64_t examined;    /* UINT64_MAX: not known */
} page_point;

typedef struct paging {
    /* The key. */
    hash128 segment;
    int64_t hour;
    uint32_t who;
    uint64_t fingerprint;
    /* Sums. */
    uint64_t pages;      /* with an OFFSET above 0 */
    uint64_t walks;      /* rows of pages, one behind the other, of at least four */
    uint64_t walk_pages; /* in them */
    uint64_t twins;      /* pages with a count next to them */
    uint64_t twin;       /* of those counts the one that is least as a signed number; 0: none */
    page_point sample[PAGE_SAMPLE]; /* ascending by hash, the least of them */
    uint32_t n_sample;
} paging;

/* Adds a point, where it is among the least; one that is there already stays once. */
void page_sample_add(page_point *sample, uint32_t *n, uint32_t max, const page_point *point);

/* Packed in one way only; adding a packed sample to another. False where it is damaged. */
void page_sample_encode(const page_point *sample, uint32_t n, buf *out);
bool page_sample_merge(page_point *sample, uint32_t *n, uint32_t max, slice packed);

/* The sessions of a cycle in an hour. */
typedef struct burst_sessions {
    hash128 segment;
    int64_t hour;
    uint64_t cycle;
    uint64_t sessions[BURST_SESSIONS]; /* ascending, the least of them */
    uint32_t n;
} burst_sessions;

/* What sessions did in an hour. */
typedef struct session_use {
    /* The key. */
    hash128 segment;
    int64_t hour;
    uint32_t who;
    /* Sums. */
    uint64_t statements;       /* of every kind */
    uint64_t chatter;          /* of these, those of the connection itself */
    uint64_t time;             /* us in use: without rests of more than a minute */
    uint64_t transactions;     /* that ended */
    uint64_t transaction_time; /* us, from BEGIN to COMMIT */
    uint64_t idle_time;        /* us of these between statements */
    /* Extremes. */
    uint64_t longest_transaction, longest_idle; /* us */
    int64_t longest_at;                         /* us; when the longest transaction ended, and */
    uint64_t longest_line;                      /* where; 0: no transaction */
} session_use;

/* An error's code, cut where it is longer. */
typedef struct error_code {
    char text[CODE_MAX];
    uint32_t n;
} error_code;

/* Statements that came again, with the same values in the same session, soon after they failed. */
typedef struct retrying {
    /* The key. */
    hash128 segment;
    int64_t hour; /* of the retry */
    uint32_t who;
    uint64_t fingerprint;
    error_code code; /* of the failure before */
    /* Sums. */
    uint64_t retries;
    uint64_t failed; /* of these, that failed again, with whichever code */
    uint64_t wait;   /* us, from the failures to the retries */
    /* Extremes. */
    uint64_t longest; /* retries in a row */
    int64_t first_at; /* us; of the earliest retry, */
    uint64_t first_line;
} retrying;

/* How the statement of a session that held a lock is known. */
typedef enum blocker_state {
    BLOCKER_RUNNING,        /* it ran when the log told of the wait */
    BLOCKER_IN_TRANSACTION, /* the last one of a transaction that was open then */
    BLOCKER_LAST,           /* the last one of its session, in a transaction or not */
    BLOCKER_UNSEEN,         /* the log shows none that could hold it */
    BLOCKER_STATES
} blocker_state;

/* In the store: "running" and so on. */
const char *blocker_state_name(blocker_state s);

/* Waits for locks, by who held them. */
typedef struct blocking {
    /* The key. */
    hash128 segment;
    int64_t hour;         /* in which the log told of the wait */
    uint32_t who;         /* the holder's */
    uint64_t fingerprint; /* what waited; 0: not known */
    uint64_t blocker;     /* the holder's statement; 0: unseen */
    blocker_state state;
    /* Sums. */
    uint64_t waits;
    uint64_t acquired; /* of these, that had the lock in the end */
    uint64_t time;     /* us; of those that had not, as long as the log tells of it */
    /* Extremes. */
    uint64_t longest;
    int64_t first_at; /* us; of the earliest, */
    uint64_t first_line;
} blocking;

/* The tables, each of rows of one type. */
typedef enum evidence_kind {
    EVIDENCE_BURSTS,   /* burst */
    EVIDENCE_SESSIONS, /* burst_sessions */
    EVIDENCE_USES,     /* session_use */
    EVIDENCE_RETRIES,  /* retrying */
    EVIDENCE_PAGES,    /* paging */
    EVIDENCE_BLOCKERS, /* blocking */
    EVIDENCE_KINDS
} evidence_kind;

typedef struct evidence {
    row_table of[EVIDENCE_KINDS];
} evidence;

void evidence_free(evidence *e);

/* Empties it and keeps its tables. */
void evidence_clear(evidence *e);

/* Bytes of the tables; what they point to is in the arena. */
size_t evidence_bytes(const evidence *e);

/* Adds a burst, `bursts` of it being 1, of a session. False where memory is out. */
bool evidence_add_burst(evidence *e, arena *a, const burst *one, uint64_t session);

/* The row of a key, made where there is none; NULL where memory is out. */
paging *evidence_pages(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who,
                       uint64_t fingerprint);

session_use *evidence_use(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who);

/* Adds a transaction that has ended: how long it was open, and idle in all and at most, in us. */
void session_use_transaction(session_use *u, uint64_t time, uint64_t idle, uint64_t longest_idle,
                             int64_t at, uint64_t line);

/* Adds a retry, `retries` of it being 1. False where memory is out. */
bool evidence_add_retry(evidence *e, arena *a, const retrying *one);

/* Adds a wait that has ended, `waits` of it being 1. False where memory is out. */
bool evidence_add_blocker(evidence *e, arena *a, const blocking *one);

#endif
