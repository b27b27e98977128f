/* time_units.h - spans of time in the program's units: microseconds, and seconds where hours are
 * counted. Macros, since days of microseconds fit no enumeration. */
#ifndef QLOG_BASE_TIME_UNITS_H
#define QLOG_BASE_TIME_UNITS_H

#include <stdint.h>

#define US_PER_MS     INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR   (60 * US_PER_MINUTE)
#define US_PER_DAY    (24 * US_PER_HOUR)

#define SECONDS_PER_MINUTE INT64_C(60)
#define SECONDS_PER_HOUR   INT64_C(3600)
#define SECONDS_PER_DAY    INT64_C(86400)

#endif
