/* prefix.h - PostgreSQL's log_line_prefix: what stands before the message of a stderr line.
 *
 * The setting (PostgreSQL documentation, "Error Reporting and Logging") is compiled once to
 * a small immutable program of steps, each of which moves a pointer forward over the line.
 * Fields that may hold any text (user, database, application, host, backend type, command
 * tag) take the shortest text that lets the rest of the line match, users and databases
 * without blanks before those with blanks; the work on one line is bounded.
 *
 * Not for other destinations: csvlog and jsonlog have no prefix, and the pooler's log, which
 * writes no ':' behind the severity, never matches. */
#ifndef QLOG_PARSERS_POSTGRES_PREFIX_H
#define QLOG_PARSERS_POSTGRES_PREFIX_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/timestamp.h"

/* The word before the message. From SEVERITY_DETAIL on, the line belongs to the record above. */
typedef enum severity {
    SEVERITY_DEBUG,
    SEVERITY_LOG,
    SEVERITY_INFO,
    SEVERITY_NOTICE,
    SEVERITY_WARNING,
    SEVERITY_ERROR,
    SEVERITY_FATAL,
    SEVERITY_PANIC,
    SEVERITY_DETAIL,
    SEVERITY_HINT,
    SEVERITY_CONTEXT,
    SEVERITY_STATEMENT,
    SEVERITY_QUERY,
    SEVERITY_LOCATION,
    SEVERITY_BACKTRACE
} severity;

/* Takes a severity word, its ':' and the one or two blanks behind it from the front of *in; a
 * word at the line's end needs no blank. False, with *in untouched, where there is none. */
bool severity_take(slice *in, severity *out);

/* The same of a word that stands by itself. */
bool severity_find(slice word, severity *out);

/* A compiled setting. Immutable, shared by threads. */
typedef struct prefix prefix;

/* No setting that servers can use is longer; neither is the prefix text of a line. */
enum { PREFIX_SETTING_MAX = 1024, PREFIX_TEXT_MAX = 1024 };

/* What a line's prefix says. Slices lie within the line. Fields that the setting lacks, that the
 * line leaves empty or that are `[unknown]` are empty. */
typedef struct prefix_fields {
    int64_t time;        /* us since 1970, UTC; meaningful where has_time */
    int32_t zone_offset; /* seconds east of UTC in force for `time` */
    bool has_time;       /* the line has a time, and it is a date */
    bool bad_time;       /* the line has a time that cannot be a date, such as month 13 */
    bool unknown_zone;   /* the zone's name is not known; `time` was read as UTC */
    bool has_query_id;
    uint8_t severity;    /* a `severity` */
    int64_t query_id;    /* %Q; 0 is "none computed", and then has_query_id is false */
    slice zone;          /* of `time`, as the log writes it; empty for %n */
    slice application;   /* %a */
    slice user;          /* %u */
    slice database;      /* %d */
    slice host;          /* %h and %r, without the port */
    slice pid;           /* %p */
    slice leader_pid;    /* %P */
    slice session_id;    /* %c */
    slice line_number;   /* %l */
    slice session_start; /* %s, with its zone */
    slice vxid;          /* %v */
    slice xid;           /* %x; "0" is no transaction */
    slice sqlstate;      /* %e, or what log_error_verbosity=verbose writes before the message */
    slice command_tag;   /* %i */
    slice backend_type;  /* %b */
    slice severity_word;
    size_t message; /* offset in the line where the message begins */
} prefix_fields;

/* What formats whose fields stand in columns or under keys share with the prefix: they fill
 * prefix_fields as a setting with every escape would. */

/* The value, or nothing where it is `[unknown]`. */
slice prefix_known(slice value);

/* A time on the clock of a zone, us; an empty zone is UTC. */
void prefix_set_time(prefix_fields *f, int64_t local_time, slice zone);

/* Digits, with a '-' before them or not; anything else is no id. */
void prefix_set_query_id(prefix_fields *f, slice digits);

/* Compiles a setting. `%?`, which PostgreSQL does not have, is text to skip: inference uses it
 * where a part of the prefix varies and means nothing known. The program lives in `keep`; false for
 * an unknown or unfinished escape, for a setting that is too long, or when memory is out. */
bool prefix_compile(slice setting, arena *keep, const prefix **out, status *st);

/* What neighbouring lines have in common: sessions repeat their user, database and host, and many
 * lines fall into one minute. A memo makes matching cheaper and never changes its result. All zero
 * is empty; what it holds is copied. */
enum { PREFIX_MEMO_TAILS = 4, PREFIX_MEMO_TAIL_MAX = 240, PREFIX_MEMO_FIELDS = 12 };

typedef struct prefix_memo_field {
    uint8_t escape;
    uint8_t begin, end; /* within the tail */
} prefix_memo_field;

typedef struct prefix_memo_tail {
    uint16_t n; /* 0: free */
    uint16_t ended;
    uint8_t severity; /* where its word begins */
    uint8_t severity_row;
    uint8_t n_fields;
    prefix_memo_field fields[PREFIX_MEMO_FIELDS];
    char text[PREFIX_MEMO_TAIL_MAX];
} prefix_memo_tail;

typedef struct prefix_memo {
    timestamp_minute minute;
    unsigned next; /* the tail to give up next */
    prefix_memo_tail tails[PREFIX_MEMO_TAILS];
} prefix_memo;

/* True where the line is prefix, severity word, ':' and message; fills *out. The line may end with
 * a line end or not. A line that begins with TAB continues a message and never matches. Blanks
 * between prefix and severity word need not be in the setting, since copies of it tend to lose the
 * last one. */
bool prefix_match(const prefix *p, slice line, prefix_fields *out);

/* The same, faster over the lines of one log. */
bool prefix_match_next(const prefix *p, prefix_memo *memo, slice line, prefix_fields *out);

/* The process in a session's id (%c), the number behind its point; 0 where there is none. */
uint32_t prefix_session_process(slice id);

/* True where the line matches and begins a record: it is no DETAIL, HINT, CONTEXT, STATEMENT,
 * QUERY, LOCATION or BACKTRACE. */
bool prefix_is_head(const prefix *p, slice line);

/* Which fields a setting gives; prefix_gives tells. */
enum {
    PREFIX_TIME = 1u << 0,
    PREFIX_PID = 1u << 1,
    PREFIX_SESSION_ID = 1u << 2,
    PREFIX_USER = 1u << 3,
    PREFIX_DATABASE = 1u << 4,
    PREFIX_APPLICATION = 1u << 5,
    PREFIX_HOST = 1u << 6,
    PREFIX_SQLSTATE = 1u << 7,
    PREFIX_QUERY_ID = 1u << 8,
    PREFIX_LINE_NUMBER = 1u << 9,
    PREFIX_OTHER = 1u << 10 /* any field beside these; the skipped text is none */
};
unsigned prefix_gives(const prefix *p);

/* In us: 1000 for %m and %n, 1000000 for %t, 0 without a time. */
int64_t prefix_clock_resolution(const prefix *p);

/* Finds the setting from `head`, the beginning of a log (up to its first 64 KiB are used), in
 * PostgreSQL's own syntax, so that it can be shown and compiled. An empty setting is an answer:
 * the lines begin with the severity word. %q is put before the fields of sessions also where no
 * line shows whether other processes stop there; it costs nothing where they do not.
 * Of at most 256 lines that hold a severity word, *tried of them, the setting explains
 * *matched. False where it would explain none, or when memory is out. *setting lives in `keep`,
 * as does what was needed on the way (some 50 KiB). */
bool prefix_infer(slice head, arena *keep, slice *setting, unsigned *matched, unsigned *tried);

#endif
