/* server_lines.h - the server's part of a report, a line for each thing that the logs tell of.
 *
 * Written once, for the terminal and the view alike; what comes from the log stands in it as it is:
 * the caller makes it safe. */
#ifndef QLOG_REPORT_SERVER_LINES_H
#define QLOG_REPORT_SERVER_LINES_H

#include "base/buf.h"
#include "report/model.h"

typedef enum server_line {
    SERVER_ERRORS,
    SERVER_CANCELS,
    SERVER_LOCKS,
    SERVER_TEMP_FILES,
    SERVER_CHECKPOINTS,
    SERVER_VACUUMS,
    SERVER_SESSIONS,
    SERVER_LIFE,
    SERVER_DDL
} server_line;
enum { SERVER_LINES = SERVER_DDL + 1 };

/* What line `at` of SERVER_LINES is about, "Locks". */
const char *server_line_title(unsigned at);

/* Writes line `at`; nothing where the logs tell nothing of its thing. */
void server_line_format(buf *out, const model *m, unsigned at);

/* All facts of a kind together; `subject` empty: of any. */
model_fact facts_sum(const model *m, const char *kind);

#endif
