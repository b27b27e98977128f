/* head.h - what stands in front of a slow-log record's statement.
 *
 *   # Time: 2026-11-19T14:03:07.123456Z
 *   # User@Host: app[app] @ web1 [10.0.0.7]  Id:    42
 *   # Query_time: 0.125000  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 1
 *   use shop;
 *   SET timestamp=1795096987;
 *
 * The lines differ by server, version and verbosity; the order of those with a # is free. The
 * server's own `use` and SET stand behind them, each at most once: a second one is the statement.
 * Which of an execution's ends the times tell: see time_of in head.c. */
#ifndef QLOG_PARSERS_MYSQL_HEAD_H
#define QLOG_PARSERS_MYSQL_HEAD_H

#include "parsers/mysql/fields.h"

typedef struct head {
    slice user, host;
    slice database;
    slice session;
    slice error;
    slice explain; /* the lines of `# explain:`, each with its beginning */
    int64_t time, duration;
    int32_t zone_offset;
    uint32_t has; /* of the event; OPEN_… among them */
    uint64_t one_in;
    bool is_entry; /* it has a query time, as every record has */
    bool is_mariadb;
    bool has_schema;
    bool is_exact; /* its time is that of a fine clock */
} head;

/* The account and the host of "app[app] @ web1 [10.0.0.7]"; what stands behind is returned. */
slice head_read_account(slice line, head *h);

/* A time as both logs write it: "2026-11-19T14:03:07.123456Z", or "261119 14:03:07" of the server's
 * zone, or nothing where it is that of the record before. */
typedef struct moment_head {
    int64_t time;
    int32_t zone_offset;
    uint32_t has; /* of the event */
    bool is_empty;
} moment_head;

bool moment_read(slice text, moment_head *out);

/* Whether a record's head begins at the beginning of `rest`, which must be that of a line: lines
 * with a # and a name, the users' line among them, and then one with the query time. False also
 * where it cannot be told because the bytes end. */
bool head_begins(slice rest);

/* Reads the head at the beginning of a record. Measures are added to the last event of `out`.
 * Returns the length of it: where the statement begins. */
size_t head_read(slice record, const field_index *index, field_memo *memo, head *h, batch *out);

/* The server's "mysqld, Version: …" lines, written when it opens the log: their length where
 * `rest` begins with them, 0 where it does not or where the bytes end before. */
size_t banner_length(slice rest);

#endif
