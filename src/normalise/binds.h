/* binds.h - bind values as PostgreSQL logs them: $1 = 'it''s', $2 = NULL, $3 = '(...)'.
 *
 * For reading one of them. Which parameters a statement has is not known here. */
#ifndef QLOG_NORMALISE_BINDS_H
#define QLOG_NORMALISE_BINDS_H

#include <stdint.h>

#include "base/slice.h"

/* The value of the parameter of this number as the log writes it, with its quotes. False, and
 * nothing is changed, where it is not there. */
bool bind_value(slice parameters, uint64_t number, slice *bound);

/* The same where it is a whole number, in quotes or not; one that the log cut ("12...") is none. */
bool bind_number(slice parameters, uint64_t number, uint64_t *n);

#endif
