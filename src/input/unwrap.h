/* unwrap.h - a wrapped log's own lines, each with the place where it stood.
 *
 * Takes a part of a wrapped log apart line by line (transport.h), puts the pieces of each message
 * together, those of several processes that stand between each other too, and gives the log as its
 * server wrote it. Messages come in the order in which they begin. A piece belongs to its
 * process's message where the piece before is near; what is too far away has lost its beginning.
 * So what becomes of a line depends on few lines before it, and a wrapped log can be cut into
 * blocks as any other. Allocates from the arena that it is given. */
#ifndef QLOG_INPUT_UNWRAP_H
#define QLOG_INPUT_UNWRAP_H

#include "input/transport.h"
#include "parsers/parser.h"

#ifndef QLOG_NEAR_LINES
#define QLOG_NEAR_LINES 1024 /* fuzzers, whose logs are short, are built with less */
#endif

enum {
    WRAPPINGS_MAX = 3, /* within each other */
    /* Of pieces of one message. A process writes them at once, but on a busy machine it may have to
     * wait in between, and others write some hundred lines. */
    NEAR_LINES = QLOG_NEAR_LINES,
    NEAR_BYTES = 1024 * 1024
};

/* One layer round a log: immutable, shared by all workers. */
typedef struct wrapping {
    const transport *transport;
    slice program; /* whose lines are the log; others' are passed over. p NULL: everybody's */
    int year;      /* of the first line's time, where stamps have no year */
    uint8_t first_month;
} wrapping;

/* One line of what was wrapped. */
typedef struct unwrapped_line {
    size_t at;   /* in the text */
    size_t from; /* where the wrapped line begins in which it begins */
    /* Where the message begins that it is in: of the layers outside its own; of these and its own.
     */
    size_t outer_from, message_from;
    size_t end;     /* behind the last wrapped line of this and all lines before it */
    uint64_t bytes; /* of the wrapped lines that it comes from */
    uint32_t line;  /* number of the wrapped line, from 0 */
    bool begins;    /* a message */
    bool has_time, has_process;
    int64_t time;       /* us since 1970, UTC */
    int64_t resolution; /* us */
    int32_t zone_offset;
    uint64_t process; /* as transport.h has it, of all layers */
} unwrapped_line;

/* What was not kept of an inner layer where others' lines stand within it. */
typedef struct lost_span {
    size_t from;
    size_t end; /* of this and all before it */
} lost_span;

typedef struct unwrapped {
    slice text;
    unwrapped_line *lines; /* one for each line end in `text`, in its order */
    size_t n_lines;
    uint32_t wrapped_lines;
    bool is_end;         /* nothing follows; for the caller to say */
    bool looks_ahead;    /* a layer interleaves or divides: what is near may belong together */
    bool tells_messages; /* the innermost layer knows which lines are one message */
    bool whole_messages; /* and carries each as a whole */
    skipped foreign;     /* lines that no layer knows */
    skipped others;      /* of other programs than the log's */
    skipped headless;    /* pieces whose beginning is not near */
    size_t headless_end; /* behind the last of them */
    lost_span *lost;     /* ascending */
    uint32_t n_lost;
} unwrapped;

/* Whether the carrier of the log's own lines knows which of them are one message. */
bool tells_messages(const wrapping *innermost, const format *within);

/* Undoes `n` layers, the outermost first. `within`, where not NULL, is the format of the log and
 * tells where its records begin. The last line may lack its end. False where memory is out. */
bool unwrap(const wrapping *layers, size_t n, const format *within, slice wrapped, arena *a,
            unwrapped *out);

#endif
