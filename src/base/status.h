/* status.h - how a failure travels up to the command line.
 *
 * A function that can fail returns bool and takes a `status *`; on false it has
 * filled the status with what failed, the subject in single quotes, why and
 * where, as in: cannot open 'x.log': Permission denied
 * Nothing here prints or exits. Messages have no capital and no full stop. */
#ifndef QLOG_BASE_STATUS_H
#define QLOG_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* The values are the program's exit codes. */
typedef enum status_code {
    STATUS_OK = 0,
    STATUS_FINDINGS = 1, /* findings at or above --fail-on: no failure */
    STATUS_USAGE = 2,
    STATUS_INPUT = 3,
    STATUS_STORE = 4,
    STATUS_BUG = 70 /* includes memory that cannot be had */
} status_code;

typedef struct status {
    status_code code;
    char text[1024];
} status;

/* Fills *st and returns false, so that a caller can write
 * `return status_fail(st, STATUS_INPUT, "cannot open '%s': %s", path, why);`
 * A status that already holds a failure keeps it: the first cause is the one to tell. */
bool status_fail(status *st, status_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The failure for memory that could not be had. */
bool status_no_memory(status *st);

/* The system's words for an errno value, without the locale's or threads' hazards. */
const char *status_errno_text(int error, char *scratch, size_t n);

#endif
