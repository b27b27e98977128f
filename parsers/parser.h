/* parser.h - what a log format is.
 *
 * A format is one `const` row of functions, listed in registry.c. A parser turns
 * bytes into events and knows nothing else: it neither prints nor exits, and it
 * allocates only from the arena that it is given. Adding a format is one file
 * and one row. */
#ifndef QLOG_PARSERS_PARSER_H
#define QLOG_PARSERS_PARSER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "event.h"

/* What the user said about the log. Empty where nothing was said. */
typedef struct format_options {
    slice prefix; /* log_line_prefix, exactly as the server's setting has it */
    /* The carrier said where each message begins: lines that do not begin like a record are of the
     * one above. */
    bool whole_messages;
    const struct line_regex *line_regex; /* how lines of a format of one's own are read; NULL */
} format_options;

/* What the log, read this way, cannot tell. */
enum {
    LACKS_TIME = 1u << 0,
    LACKS_SESSION = 1u << 1,
    LACKS_USER = 1u << 2,
    LACKS_DATABASE = 1u << 3,
    LACKS_APPLICATION = 1u << 4,
    LACKS_HOST = 1u << 5,
    LACKS_STATEMENTS = 1u << 6
};

/* What a person loses by one of these, in words, and what the log would have to hold. */
typedef struct lack {
    uint32_t bit;
    const char *cannot_show; /* "users" */
    const char *missing;     /* "%u" */
} lack;

/* What a log turned out to hold, or not to, while it was read: what a person loses by it. */
typedef struct note {
    uint32_t bit; /* in a batch's `notes` */
    const char *topic;
    const char *cannot_show;
    const char *because;
    const char *remedy;
} note;

/* A format made ready for one file: immutable afterwards, shared by all workers. */
typedef struct format {
    const struct parser *parser;
    const void *plan; /* the parser's own; lives in the arena given to `prepare` */
    slice detail;     /* for people: how the log is read, e.g. its prefix */
    bool inferred;    /* `detail` was worked out from the log, not given */
    uint32_t lacks;
    int64_t clock_resolution; /* us; 0 where the log has no time */
} format;

enum { DETECT_NEVER = -1 };

/* Which record boundary `cut` is asked for. */
typedef enum cut_which {
    CUT_LAST, /* everything before it is whole, as much as possible */
    CUT_FIRST /* the end of the record at the buffer's start */
} cut_which;

typedef struct parser {
    const char *name;          /* "postgresql-stderr": what --log-format takes */
    const char *title;         /* for people */
    const char *engine;        /* "postgresql": names the normaliser */
    const char *recognised;    /* by what, for people */
    const char *example;       /* a line of such a log, or the lines of a record */
    const char *role;          /* what the log is, e.g. "server log" */
    const lack *lacks;         /* ends with a zero bit */
    const char *lacks_because; /* goes before what is missing: "log_line_prefix has no " */
    const char *lacks_remedy;
    const char *orphans_because; /* why a duration can stand in the log without its statement */
    const char *orphans_remedy;
    const char *zone_remedy;      /* how to have a time zone that is known */
    const char *threshold_remedy; /* how to log every execution */
    const note *notes;            /* ends with a zero bit; NULL: none */
    /* Of formats whose records can have OPEN_DATABASE, a weight, EVENT_SUPPRESSED, HAS_SUSPECT. */
    const char *carried_because;
    const char *carried_remedy;
    const char *sampling_remedy;
    const char *suppressed_because;
    const char *suppressed_remedy;
    const char *suspect_remedy;
    /* What findings need of a log: how to have whole bursts and transactions in it, pauses that can
     * be measured, the values that statements ask for. NULL: it cannot lack them. */
    const char *bursts_remedy;
    const char *clock_remedy;
    const char *values_remedy;
    const char *query_id_name; /* under which an event's query_id is an alias, "pg_queryid" */
    unsigned richness; /* among the formats in which a server writes one log at once: the one with
                          more tells more; 0: there are no others */
    /* A line alone does not tell whether a record begins with it: lines that a carrier brings one
     * by one are taken as they come. */
    bool needs_context;

    /* How surely `head`, the first bytes of a log cut at a line end where there is one, is this
     * format: 0 not at all, 100 beyond doubt; DETECT_NEVER where only the user can choose it. Looks
     * at nothing else. */
    int (*detect)(slice head, const format_options *options);

    /* Makes *out ready for the log that begins with `head`. What it keeps is in `keep`. */
    bool (*prepare)(slice head, const format_options *options, arena *keep, format *out,
                    status *st);

    /* The offset in (0, bytes.n) of a place where one record ends and the next begins, or 0 where
     * there is none yet. bytes begin at a record's start, or in the middle of one that is
     * too long. Structural and cheap; looks at whole lines only, so that it answers
     * the same whatever follows. */
    size_t (*cut)(const format *f, slice bytes, cut_which which);

    /* Turns a block of whole records into events and accounts for each of its bytes. Sees
     * nothing but the block. `truncated`: the block is one record cut at the record limit. */
    void (*parse)(const format *f, slice block, bool truncated, batch *out);
} parser;

/* All formats, in the order in which they are named to people; ends with NULL. */
extern const parser *const parser_registry[];

#endif
