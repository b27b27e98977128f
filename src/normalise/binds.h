/* binds.h - bind values as PostgreSQL logs them: $1 = 'it''s', $2 = NULL, $3 = '(...)'.
 *
 * For reading one of them; a log may cut a value, and then the text ends in "...". Which parameters
 * a statement has is not known here. */
#ifndef QLOG_NORMALISE_BINDS_H
#define QLOG_NORMALISE_BINDS_H

#include <stdint.h>

#include "base/slice.h"

/* The value of the parameter of this number, without its quotes and with '' as it stands. False
 * where it is not there, NULL or cut. */
bool bind_value(slice parameters, uint64_t number, slice *value);

/* The same where the value is a whole number. */
bool bind_number(slice parameters, uint64_t number, uint64_t *n);

#endif
