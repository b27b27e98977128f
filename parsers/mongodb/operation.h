/* operation.h - one operation of a MongoDB server becomes an event, whichever format carried it.
 *
 * The formats find the fields; what an event holds of them is decided here alone: whether somebody
 * waited for it (the rules of its class), who ran it, what was measured.
 * Not for what a command means as a query: that is the normaliser's. */
#ifndef QLOG_PARSERS_MONGODB_OPERATION_H
#define QLOG_PARSERS_MONGODB_OPERATION_H

#include "event.h"
#include "parsers/mongodb/lines.h"

enum { OPERATION_ALIASES = 4, OPERATION_MEASURES = 32 /* of different kinds */ };

/* Empty slices are unknown. They lie within the block or in the batch's arena. */
typedef struct operation {
    stamp at;         /* when it ended */
    int64_t duration; /* us */
    bool has_duration;
    bool internal;  /* not from a user's connection */
    bool truncated; /* the log cut the command */
    slice type;     /* "command", "update" … */
    slice ns;
    slice command; /* its document, as JSON */
    slice origin;  /* the command that opened its cursor */
    slice query;   /* documents that were no part of a command yet (2.x) */
    slice update;
    slice written; /* its time, as JSON */
    slice whole;   /* the object that told all this */
    slice verb;    /* the command's first name; see operation_read_command */
    slice target;  /* its value, where it is a string: a collection */
    slice text;    /* for the normaliser */
    slice context; /* names the session, "conn12" */
    slice application;
    slice user;
    slice remote; /* "10.0.0.7:51234" */
    slice plan;
    slice error;  /* why it failed */
    slice cursor; /* that it opened or read, as a number; empty: none */
    slice aliases[OPERATION_ALIASES];
    uint32_t n_aliases;
    measured measures[OPERATION_MEASURES];
    uint32_t n_measures;
    uint64_t has_measures; /* a bit for each id, by its rest: unset, it is not among them */
} operation;

/* Finds verb and target; where they hold escapes, they are copied to `a`. */
void operation_read_command(operation *o, arena *a);

void operation_add_measure(operation *o, measure_id id, uint64_t value);

/* The name of a connection as a session's key. */
uint64_t operation_session(slice context);

/* "10.0.0.7" of "10.0.0.7:51234", "::1" of "[::1]:51234". */
slice operation_host(slice remote);

/* The record that begins at `offset` of its block, in line out->lines. */
void operation_add(const operation *o, size_t offset, size_t bytes, batch *out);

#endif
