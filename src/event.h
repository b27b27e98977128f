/* event.h - THE central type: what every log format is turned into.
 *
 * An event is a view. Its slices point into the block it was parsed from, or into
 * the batch's arena where TABs, quotes or escapes had to go; they are valid until
 * the fold has consumed the batch. A parser fills it, the normaliser adds the
 * fingerprint, the fold reads it; nothing else knows what a log line looks like.
 *
 * Parsers see this header and base/ only. */
#ifndef QLOG_EVENT_H
#define QLOG_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* Of the rules by which statements are told apart (normalise/fingerprint.md): changes when any
 * fingerprint changes, and with it what ids in stores mean. */
enum { FINGERPRINT_VERSION = 1 };

typedef enum event_kind {
    /* Executions. Exactly one call comes from each that carries text. */
    EVENT_STATEMENT,       /* text, with its duration where the log has one */
    EVENT_STATEMENT_START, /* text alone: the duration may follow in the same session */
    EVENT_DURATION,        /* a duration alone: completes the session's started statement */
    EVENT_PREPARE,         /* the cost of parsing and planning `text`; not a call */
    EVENT_BIND,            /* the cost of binding parameters to `text`; not a call */
    EVENT_PLAN,            /* an execution plan */
    /* Trouble. `text` is the statement where the log names it. */
    EVENT_ERROR,
    EVENT_WARNING,
    EVENT_LOCK_WAIT,
    EVENT_TEMP_FILE,
    /* Work that no user waits for, or that is counted by its parts already: never among the calls.
     */
    EVENT_SYSTEM,      /* of the server, its peers, its agents and monitors */
    EVENT_AWAIT,       /* waited for something to happen, as it was told to */
    EVENT_APPLY,       /* of replication: applied what another server did */
    EVENT_TRANSACTION, /* a whole transaction, whose statements are events of their own */
    EVENT_DDL,         /* changed the schema: its fact tells which and for how long */
    /* The life of the server and its sessions. */
    EVENT_SESSION_START,
    EVENT_SESSION_END,
    EVENT_CHECKPOINT,
    EVENT_VACUUM,
    EVENT_REPLICATION,
    EVENT_SERVER_START,
    EVENT_SERVER_STOP,
    EVENT_SETTING,    /* a server setting changed: `name` and `value` */
    EVENT_STATISTICS, /* what the program says of its own work now and then */
    EVENT_SUPPRESSED, /* `weight` executions that the server chose not to log */
    EVENT_SUSPECT,    /* counted besides the event that holds a value which cannot be true */
    EVENT_UNNAMED,    /* counted besides the event of which attributes were left out */
    EVENT_MESSAGE,    /* any other line that the format accounts for */
    EVENT_KIND_COUNT
} event_kind;

/* What can be measured of one execution; event.c has the table of their names and units. */
typedef enum measure_id {
    MEASURE_QUERY_TIME, /* the duration: of every event that has one, never in `measured` */
    MEASURE_PREPARE_TIME,
    MEASURE_BIND_TIME,
    MEASURE_LOCK_TIME,
    MEASURE_ROWS_SENT,
    MEASURE_ROWS_EXAMINED,
    MEASURE_ROWS_AFFECTED,
    MEASURE_BYTES_SENT,
    MEASURE_TEMP_FILES,    /* bytes of each file that the execution left on disk for a while */
    MEASURE_LOCK_WAITS,    /* waits for a lock that the log tells of, each by itself */
    MEASURE_MISESTIMATE,   /* of the plan's rows: how many times more or fewer, the worst node's */
    MEASURE_ROWS_REMOVED,  /* by filters, after they were read */
    MEASURE_SPILLED_BYTES, /* by sorts and hashed aggregates, to disk */
    MEASURE_TEMP_BLOCKS,   /* written, in the server's blocks */
    MEASURE_BYTES_RECEIVED,
    MEASURE_ROWS_READ,
    MEASURE_PAGES_ACCESSED,
    MEASURE_PAGES_READ,
    MEASURE_PAGES_PREFETCHED,
    MEASURE_PAGES_UPDATED,
    MEASURE_OLD_ROWS_READ,
    MEASURE_PAGES_READ_TIME,
    MEASURE_ENGINE_TIME,
    MEASURE_TMP_TABLES,
    MEASURE_TMP_DISK_TABLES,
    MEASURE_TMP_TABLE_SIZES,
    MEASURE_QC_HIT,
    MEASURE_FULL_SCAN,
    MEASURE_FULL_JOIN,
    MEASURE_TMP_TABLE,
    MEASURE_TMP_TABLE_ON_DISK,
    MEASURE_FILESORT,
    MEASURE_FILESORT_ON_DISK,
    MEASURE_MERGE_PASSES,
    MEASURE_PRIORITY_QUEUE,
    MEASURE_INNODB_IO_R_OPS,
    MEASURE_INNODB_IO_R_BYTES,
    MEASURE_INNODB_IO_R_WAIT,
    MEASURE_INNODB_REC_LOCK_WAIT,
    MEASURE_INNODB_QUEUE_WAIT,
    MEASURE_INNODB_PAGES_DISTINCT,
    MEASURE_READ_FIRST,
    MEASURE_READ_LAST,
    MEASURE_READ_KEY,
    MEASURE_READ_NEXT,
    MEASURE_READ_PREV,
    MEASURE_READ_RND,
    MEASURE_READ_RND_NEXT,
    MEASURE_SORT_RANGE_COUNT,
    MEASURE_SORT_ROWS,
    MEASURE_SORT_SCAN_COUNT,
    MEASURE_COUNT_HIT_TMP_TABLE_SIZE,
    MEASURE_PARSE_TIME,
    MEASURE_COMPILE_TIME,
    MEASURE_OPTIMIZE_TIME,
    MEASURE_PROCESS_TIME,
    MEASURE_WAIT_TIME,
    MEASURE_BACKOFF_TIME,
    MEASURE_TOTAL_KEYS,
    MEASURE_PROCESS_KEYS,
    MEASURE_MEMORY_MAX,
    MEASURE_DISK_MAX,
    MEASURE_KEYS_EXAMINED,
    MEASURE_YIELDS,
    MEASURE_WRITE_CONFLICTS,
    MEASURE_WORKING_TIME,
    MEASURE_CPU_TIME,
    MEASURE_PLANNING_TIME,
    MEASURE_QUEUE_TIME,
    MEASURE_STORAGE_TIME,
    MEASURE_FLOW_CONTROL_TIME,
    MEASURE_WRITE_CONCERN_TIME,
    MEASURE_REMOTE_TIME,
    MEASURE_SORT_STAGE,
    MEASURE_USED_DISK,
    MEASURE_REPLANNED,
    MEASURE_ROWS_SKIPPED,     /* passed over: OFFSET, skip */
    MEASURE_COMMAND_OVERHEAD, /* of the command that an execution was a part of: its time beyond
                                 that of its parts */
    MEASURE_LIST_LENGTH,      /* of the longest list behind IN, from LISTS_FROM on */
    MEASURE_LEADING_WILDCARD, /* a pattern behind LIKE begins with one */
    MEASURE_COUNT
} measure_id;

enum { LISTS_FROM = 10 };

typedef enum measure_unit {
    UNIT_TIME, /* us */
    UNIT_COUNT,
    UNIT_BYTES,
    UNIT_YES,       /* 1 or 0: whether it was so */
    UNIT_MILLIONTHS /* of what the log writes with a fraction and without a unit */
} measure_unit;

typedef struct measure_kind {
    const char *name; /* in the store and, with blanks, in reports: "rows_examined" */
    measure_unit unit;
} measure_kind;

extern const measure_kind measure_kinds[MEASURE_COUNT];

/* "us", "count", "bytes", "yes", "millionths". */
const char *measure_unit_name(measure_unit unit);

/* One measure of one event. */
typedef struct measured {
    uint32_t id; /* a measure_id; from MEASURE_COUNT on an attribute */
    uint64_t value;
} measured;

/* A measure that has no row in the table: a newer server's, known by the name that the log has for
 * it. Its id is MEASURE_COUNT and its place in the batch's `attributes`, and once the fold has read
 * it, in the source's. */
typedef struct log_attribute {
    slice name;
    measure_unit unit;
} log_attribute;

enum { ATTRIBUTES_MAX = 128 }; /* of one source, and of one event */

/* What the log says of the server besides executions; event.c has the table. The subject says of
 * what it is: a table, a cause, a message; or it is empty. */
typedef enum fact_id {
    FACT_TEMP_FILE,     /* its bytes */
    FACT_LOCK_ACQUIRED, /* after how long; subject: the lock, as "ShareLock on transaction" */
    FACT_LOCK_WAITING,  /* still, after how long; the same subject */
    FACT_LOCK_HOLDER,   /* behind it, the process that has it: evidence of who is in the way */
    FACT_DEADLOCK,      /* subject: the lock */
    FACT_DEADLOCK_WITH, /* of the other statements in it: the same subject */
    FACT_CANCEL,        /* subject: due to what, as "statement timeout" */
    FACT_CHECKPOINT,    /* begun; subject: why, as "time" */
    FACT_CHECKPOINT_BUFFERS,
    FACT_CHECKPOINT_WRITE,
    FACT_CHECKPOINT_SYNC,
    FACT_CHECKPOINT_TOTAL,
    FACT_CHECKPOINTS_HURRIED, /* "too frequently": how far apart */
    FACT_VACUUM,              /* automatic, how long; subject: the table */
    FACT_VACUUM_PAGES,        /* removed */
    FACT_VACUUM_ROWS,         /* removed */
    FACT_ANALYZE,             /* automatic, how long; subject: the table */
    FACT_CONNECTION_USER,     /* subject: the user; and so on */
    FACT_CONNECTION_DATABASE,
    FACT_CONNECTION_APPLICATION,
    FACT_CONNECTION_HOST,
    FACT_SESSION,     /* ended, how long it was */
    FACT_ERROR,       /* subject: code, blank, message without values */
    FACT_SERVER,      /* subject: "started", "stopped", "crashed", "starting PostgreSQL 15.3" */
    FACT_PLAN_UNREAD, /* subject: the form in which it was logged */
    FACT_DDL,         /* how long; subject: the command and what it changed */
    FACT_COUNT
} fact_id;

typedef struct fact_kind {
    const char *name; /* in the store: "temp_file" */
    measure_unit unit;
} fact_kind;

extern const fact_kind fact_kinds[FACT_COUNT];

typedef struct fact {
    fact_id id;
    slice subject;
    uint64_t value;       /* 0 where there is nothing to add up */
    slice statement;      /* of which statement it is; empty: of the event's */
    bool truncated;       /* the log cut that statement */
    uint64_t fingerprint; /* of `statement`, by the normaliser */
} fact;
/* A name that the server has for the query, of a kind such as "pg_queryid". */
typedef struct query_alias {
    const char *kind; /* static */
    slice value;
} query_alias;

/* Which fields of an event are known; zero is a value, not "unknown". */
enum {
    HAS_TIME = 1u << 0,
    HAS_DURATION = 1u << 1,
    HAS_SESSION = 1u << 2,
    HAS_TEXT = 1u << 3,
    HAS_FINGERPRINT = 1u << 4,
    HAS_QUERY_ID = 1u << 5,
    TEXT_TRUNCATED = 1u << 6, /* the log, or the record limit, cut the text */
    ENDS_SESSION = 1u << 8,   /* EVENT_ERROR: of the session, which may have been idle */
    IN_PIECES = 1u << 9,      /* the execution may go on later in its session */
    CONTINUES = 1u << 10,     /* one that began earlier goes on: no call of its own */
    PLAN_FOLLOWS = 1u << 12,  /* the execution's plan may be logged behind it, not before */
    WITHIN = 1u << 11,        /* EVENT_PLAN: ran within another execution, which is logged itself */
    BY_NAME = 1u << 13,       /* EVENT_ERROR: the text only calls what failed, which has its own */
    HAS_THRESHOLD = 1u << 7,  /* EVENT_SETTING: `duration` is from now on the least that is logged;
                                 -1: none is */
    /* What only the records before tell, and the fold fills in. */
    OPEN_TIME = 1u << 16,     /* the time is that of the record before */
    OPEN_ZONE = 1u << 17,     /* `zone_offset` is a guess, for want of one before */
    LOCAL_TIME = 1u << 18,    /* `time` is a clock's reading in the zone, not yet an instant */
    OPEN_DATABASE = 1u << 19, /* the database is likely that of the record before */
    BEGINS_LOG = 1u << 20,    /* the server has opened its log: nothing is carried over */
    HAS_FAILED = 1u << 22,    /* EVENT_STATEMENT: it was executed and has failed, with `code` */
    HAS_SUSPECT = 1u << 21,   /* a value of the record cannot be true and was left out */
    HAS_UNNAMED = 1u << 14,   /* attributes beyond ATTRIBUTES_MAX were left out */
    PART_OF_COMMAND =
        1u << 24,         /* EVENT_STATEMENT: the session's command for `target` is logged later */
    OF_PARTS = 1u << 25,  /* EVENT_STATEMENT: that command; no call where its parts were logged */
    TELLS_WHO = 1u << 26, /* its `who` holds for the session from now on */
    ASKS_WHO = 1u << 27,  /* what its `who` lacks is what the session told */
    TELLS_CURSOR = 1u << 29, /* EVENT_STATEMENT: opened or read the cursor `target` */
    ASKS_CURSOR = 1u << 30,  /* EVENT_STATEMENT: its query is that of the cursor `target` */
    HAS_SAMPLING = 1u << 28 /* EVENT_SETTING: from now on each execution stands for `weight`; 0: for
                               itself */
};

/* What is known of what an execution asks for. */
enum {
    ASKS_LITERALS = 1, /* all values are in `literals` */
    ASKS_LIMIT = 2,
    ASKS_SKIP = 4,
    ASKS_PATTERN = 8,  /* of LIKE, and whether one of them */
    ASKS_WILDCARD = 16 /* begins with a wildcard */
};

typedef struct event {
    int64_t time;         /* us since 1970, UTC; when the line was written */
    int64_t duration;     /* us */
    uint64_t session;     /* hash of what names the session within its source; 0 is possible */
    uint64_t fingerprint; /* by the normaliser */
    uint64_t spelling;    /* of the normalised text, where one fingerprint has several */
    int64_t query_id;     /* the server's own id of the query */
    uint64_t literals;    /* hash of what it asks for; by the normaliser */
    uint64_t limit, skip; /* rows that it wants, and passes over */
    uint64_t target;      /* PART_OF_COMMAND, OF_PARTS: hash of what is changed; TELLS_CURSOR,
                             ASKS_CURSOR: of the cursor's name */
    uint64_t offset;      /* of the record's first byte, from the start of its block */
    uint32_t bytes;       /* of the record, its line ends included */
    uint32_t line;        /* of the record's first line, from 0 at the start of its block */
    uint32_t who;         /* index into the batch's `who` table */
    int32_t zone_offset;  /* seconds east of UTC in force for `time` */
    uint32_t process;     /* of the server, where facts name processes; 0: not known */
    uint32_t has;
    uint32_t weight; /* executions that this one stands for, where the log is a sample; 0: itself */
    uint32_t request; /* hash of the request that the text says it is of; 0: not known */
    uint32_t rows;    /* of VALUES that it writes; 0: not known */
    uint32_t list;    /* values in the longest list behind IN */
    uint8_t kind;
    uint8_t asks;     /* see above; by the normaliser */
    slice text;       /* the statement */
    slice parameters; /* bind values as the log writes them */
    slice code;       /* an error's code: SQLSTATE, errno, codeName */
    slice name;       /* EVENT_SETTING: which; EVENT_ERROR and EVENT_WARNING: the severity word */
    slice value;      /* EVENT_SETTING: what it became; otherwise the message */
    slice plan;       /* the shape of its execution plan: without costs, counts and literals */
    uint32_t first_measured; /* n_measured of the batch's `measured`, besides the duration */
    uint32_t n_measured;
    uint32_t first_fact; /* n_facts of the batch's `facts` */
    uint32_t n_facts;
    uint32_t first_alias; /* n_aliases of the batch's `aliases` */
    uint32_t n_aliases;
} event;

/* Who ran it. Events share entries: a block holds few different ones. Empty is unknown. */
typedef struct who {
    slice database;
    slice user;
    slice application;
    slice host;
    slice tags; /* what the application said in the statement, packed: see tag_take */
} who;

/* Tags are packed as key NUL value NUL, in ascending order of their keys, each key once. */
bool tag_take(slice *packed, slice *key, slice *value);
void tag_add(buf *packed, slice key, slice value);

/* Why bytes were not understood. */
typedef enum skip_reason {
    SKIP_FOREIGN,  /* a line that the format does not know, such as another program's output */
    SKIP_HEADLESS, /* the rest of a record whose beginning is not in this log */
    SKIP_TOO_LONG, /* what a record holds beyond the record limit */
    SKIP_BAD_TIME, /* a record whose time stamp cannot be a date */
    SKIP_NULS,    /* NUL bytes between records, as rotation by copying and truncating leaves them */
    SKIP_CUT_OFF, /* a record without its end */
    SKIP_OTHERS,  /* a line that a carrier brought of another program than the log's */
    SKIP_REASON_COUNT
} skip_reason;

typedef struct skipped {
    uint64_t count; /* lines */
    uint64_t bytes;
    uint32_t first_line; /* from 0 at the start of the block; meaningful where count > 0 */
} skipped;

/* Open addressing over an array: index + 1. */
typedef struct slot_table {
    uint32_t *slots;
    uint32_t n;
} slot_table;

/* What one block became. Every byte of the block is in `event_bytes`, in `other_bytes`
 * (records that are no execution) or in one of `skipped`. */
typedef struct batch {
    event *events;
    uint32_t n_events, cap_events;
    who *whos;
    uint32_t n_whos, cap_whos;
    slot_table who_slots; /* private to event.c */
    uint32_t last_who;    /* the latest answer of batch_who */
    measured *measured;
    uint32_t n_measured, cap_measured;
    log_attribute *attributes;
    uint32_t n_attributes, cap_attributes;
    slot_table attribute_slots; /* private to event.c */
    fact *facts;
    uint32_t n_facts, cap_facts;
    uint32_t notes; /* bits of the parser's `notes` that hold for this block */
    query_alias *aliases;
    uint32_t n_aliases, cap_aliases;
    arena arena; /* rewritten text */
    uint64_t event_bytes;
    uint64_t other_bytes;
    skipped skipped[SKIP_REASON_COUNT];
    uint8_t *skips; /* the reason by line, where somebody wants it; NULL: nobody does */
    size_t n_skips;
    uint32_t lines;     /* line ends in the block, one more where its last line has none */
    bool unknown_zone;  /* a time zone name that the program does not know was read as UTC */
    slice zone;         /* zone name of the last timed event, as the log writes it */
    bool is_open;       /* the block ends within a literal, as far as can be told from it: */
    uint64_t open_from; /* what follows may change how the records from this offset on are read */
    bool out_of_memory; /* the batch is not to be used */
} batch;

void batch_init(batch *b, size_t max_bytes);
void batch_reset(batch *b);
void batch_free(batch *b);

/* The next event, zeroed; NULL (and out_of_memory) where there is no room. The pointer is
 * valid until the next call. */
event *batch_add_event(batch *b);

/* Adds a measure to the event that was added last. */
void batch_add_measured(batch *b, uint32_t id, uint64_t value);

/* The id of the measure that the log has this name for; the name is kept, not copied. */
uint32_t batch_attribute(batch *b, slice name, measure_unit unit);

/* Adds a fact to the event that was added last; the subject is kept, not copied. */
void batch_add_fact(batch *b, fact_id id, slice subject, uint64_t value);
/* Adds a name of its query to the event that was added last. */
void batch_add_alias(batch *b, const char *kind, slice value);

/* The same of another statement than the event's. */
void batch_add_fact_of(batch *b, fact_id id, slice subject, slice statement, bool truncated);

/* The index of this combination in b->whos; the slices are kept, not copied. */
uint32_t batch_who(batch *b, const who *w);

void batch_skip(batch *b, skip_reason reason, uint32_t line, uint64_t bytes);

#endif
