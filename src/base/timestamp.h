/* timestamp.h - instants and time zones, without the C library's clocks or locale.
 *
 * An instant is an int64 of microseconds since 1970-01-01 00:00 UTC (proleptic
 * Gregorian, no leap seconds). A zone is its offset in seconds east of UTC.
 * Reading a stamp costs a few nanoseconds: fixed positions, no strptime. */
#ifndef QLOG_BASE_TIMESTAMP_H
#define QLOG_BASE_TIMESTAMP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Days since 1970-01-01 of a civil date; month 1 to 12, day 1 to 31, no range check. */
int64_t days_from_civil(int year, int month, int day);

typedef struct civil {
    int year, month, day, hour, minute, second, microsecond;
    int weekday; /* 0 is Monday */
} civil;

/* The wall-clock reading of an instant in a zone. */
civil civil_from_instant(int64_t us, int32_t zone_offset);

/* Reads "YYYY-MM-DD HH:MM:SS" (also with 'T'), with an optional fraction after '.' or ',' of 1 to
 * 9 digits (cut to microseconds), from the front of *in and moves *in behind it. The zone is not
 * read. *resolution_us: 1000000 without fraction, 1000 for 3 digits, and so on. False, with *in
 * untouched, where there is no stamp or where it is no date (month 13, 25:00:00; a second of 60 is
 * allowed). */
bool timestamp_take(slice *in, int64_t *local_us, int64_t *resolution_us);

/* The minute of the stamp before, since most stand in the same one. All zero is none. */
typedef struct timestamp_minute {
    char text[16]; /* "YYYY-MM-DD HH:MM" */
    int64_t us;
} timestamp_minute;

/* timestamp_take with what the one before leaves: cheaper, and never another result. */
bool timestamp_take_near(timestamp_minute *near, slice *in, int64_t *local_us,
                         int64_t *resolution_us);

/* Reads a zone name as PostgreSQL prints it for %t and %m: an abbreviation (UTC, CEST, EST), a
 * numeric form
 * (+03, -0330, +05:30), with the meaning that east of Greenwich is positive. Returns false where
 * the name is not known; *offset is then 0. Ambiguous abbreviations mean what PostgreSQL's Default
 * set says. */
bool zone_offset(slice name, int32_t *offset);

/* "2026-11-19 14:03:07.123" in the zone: fraction_digits 0, 3 or 6. */
void timestamp_format(buf *out, int64_t us, int32_t zone_offset, int fraction_digits);

/* "2026-11-19T13:03:07.123Z": ISO 8601, UTC, milliseconds or, where they are needed, microseconds.
 */
void timestamp_format_iso(buf *out, int64_t us);

/* "UTC", "+03:00", "-03:30": a zone by its offset. */
void zone_format(buf *out, int32_t zone_offset);

#endif
