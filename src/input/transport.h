/* transport.h - what a log's lines are wrapped in by those who carried them.
 *
 * A syslog daemon, a container runtime or a cloud puts its own words round each line of a log. A
 * transport is one `const` row that takes one such line apart; putting messages together again, and
 * keeping account of where everything stood, is the same for all of them: unwrap.h. Knows no log
 * format: what is carried may be of any engine. Adding a transport is one function and one row. */
#ifndef QLOG_INPUT_TRANSPORT_H
#define QLOG_INPUT_TRANSPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

typedef enum carried_kind {
    CARRIED_TEXT,      /* a line of the log, or a part of one */
    CARRIED_CONTINUED, /* the rest of the line above: it has no words of the carrier round it */
    CARRIED_NOTHING    /* the carrier's own, such as a header */
} carried_kind;

/* A time as the carrier wrote it. */
typedef enum carried_clock {
    CLOCK_NONE,
    CLOCK_INSTANT, /* time: us since 1970, UTC */
    CLOCK_NO_YEAR  /* time: us since the beginning of the month; month: 1 to 12 */
} carried_clock;

/* One line, taken apart. Slices lie within it. */
typedef struct carried {
    carried_kind kind;
    slice text;
    bool octal;     /* control characters are written as # and three octal digits (rsyslog) */
    bool json;      /* the text is what stands between a JSON string's quotes */
    bool part;      /* the line goes on in the next one that this stream carries */
    uint32_t piece; /* which piece of its message it is, from 1; 0: the carrier does not say */
    slice program;  /* who wrote it; empty where the carrier does not say */
    bool has_process;
    uint64_t process; /* hash of what names the writing process, or at least its host; 0 */
    carried_clock clock;
    uint8_t month;
    int64_t time;
    int64_t resolution;  /* us */
    int32_t zone_offset; /* seconds east of UTC */
    /* Parts that are carried beside the text, as JSON strings too. The log's line is then prefix,
     * level, ":  " and text; or, without `prefix`, the text has them. `detail` goes behind it on a
     * line of the same beginning. */
    slice prefix, level, detail;
} carried;

/* Takes "[12-1] " from the front of a syslog message: PostgreSQL's number of the message and of the
 * piece; or "[12] ", one of the two, where the server is set not to number or not to divide. Then
 * the piece is not known. `pid`, where not empty, is no such number: it is a prefix. */
void carried_take_piece(slice *in, slice pid, carried *out);

/* Reads "2026-11-19T14:03:07.123456+00:00" from the front of *in as the line's time. */
bool carried_take_instant(slice *in, carried *out);

typedef struct transport {
    const char *name;
    const char *title;      /* for people: "in ..." */
    const char *recognised; /* by what, for people */
    const char *example;    /* one line */
    /* Messages of several processes may stand line by line between each other, a message's lines
     * in their order. */
    bool interleaves;
    /* A line may be divided; lines of other streams may stand between its parts. */
    bool divides;
    /* What is carried in one line is a whole message: a line within it that does not begin like a
     * record goes on with the one above. */
    bool whole_messages;
    /* False for a line that is not of this transport. Line ends are not part of `line`. */
    bool (*take)(slice line, carried *out);
} transport;

/* Ends with NULL. */
extern const transport *const transport_registry[];

/* The rows, in the files of their kinds. */
extern const transport transport_syslog, transport_logplex, transport_cri, transport_stamp,
    transport_label;
extern const transport transport_docker, transport_journal, transport_google, transport_azure,
    transport_cnpg, transport_members;

#endif
