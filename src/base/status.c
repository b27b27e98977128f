/* status.c - see status.h. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool status_fail(status *st, status_code code, const char *format, ...)
{
    if (st->code != STATUS_OK) {
        return false;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(st->text, sizeof st->text, format, args);
    va_end(args);
    st->code = code;
    return false;
}

bool status_no_memory(status *st)
{
    return status_fail(st, STATUS_BUG, "out of memory");
}

const char *status_errno_text(int error, char *scratch, size_t n)
{
    /* The XSI strerror_r: returns 0 and fills the buffer. */
    if (strerror_r(error, scratch, n) != 0) {
        snprintf(scratch, n, "error %d", error);
    }
    return scratch;
}
