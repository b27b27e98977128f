/* number.h - reading fixed-point numbers and writing numbers for people.
 *
 * Reading never goes through floating point, so that sums over a log are exact.
 * Writing has one function for each kind of figure, used by every output, so that
 * two reports cannot show one figure in two ways. */
#ifndef QLOG_BASE_NUMBER_H
#define QLOG_BASE_NUMBER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Takes an unsigned decimal integer from the front of *in; false where there is no digit or it does
 * not fit. */
bool unsigned_take(slice *in, uint64_t *value);

/* Takes "123.456" from the front of *in as an integer of 10^-digits units, digits at most 9;
 * further digits of the fraction round half up. "5.", ".5" and "5" are numbers too. False where
 * there is no digit or it does not fit; *in is then untouched. */
bool fixed_take(slice *in, unsigned digits, uint64_t *value);

/* The same of a whole text; false as well where anything is left of it. */
bool unsigned_read(slice text, uint64_t *value);
bool fixed_read(slice text, unsigned digits, uint64_t *value);

/* A duration given by a person: "250", "250ms", "1.5s", "2min", "1h", "100us"; a bare number is
 * milliseconds, as in PostgreSQL's settings. The whole slice must be taken. */
bool duration_parse(slice text, int64_t *us);

/* "0.054 ms", "12.4 ms", "1.36 s", "4 min 51 s", "2 h 05 min", "3 d 04 h": three significant digits
 * below a minute. */
void duration_format(buf *out, int64_t us);

/* Without idle digits, for the marks of a scale: "5 min", "1.5 s", "10 ms", "0.2 ms". What is not
 * in tenths of a unit is written as duration_format has it. */
void duration_format_round(buf *out, int64_t us);

/* "1,385": exact, in groups of three. */
void count_format(buf *out, int64_t n);

/* "1,385 calls", "1 call". */
void counted_format(buf *out, int64_t n, const char *singular, const char *plural);

/* A number in units of 10^-digits, digits at most 9: "7", "12,346", "12.3", "0.0712". */
void decimal_format(buf *out, int64_t n, unsigned digits);

/* "1.4 MiB": three significant digits. */
void bytes_format(buf *out, uint64_t bytes);

/* "12.3 %" of part in whole; "<0.1 %" for a little; "-" where the whole is 0. */
void share_format(buf *out, int64_t part, int64_t whole);

/* 16 hexadecimal digits, lower case: how a fingerprint is shown. */
void id_format(buf *out, uint64_t id);

/* Reads what id_format wrote, upper or lower case; false for anything else. */
bool id_parse(slice text, uint64_t *id);

#endif
