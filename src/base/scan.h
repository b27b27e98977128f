/* scan.h - searching bytes, by the C library's fast paths. */
#ifndef QLOG_BASE_SCAN_H
#define QLOG_BASE_SCAN_H

#include "base/slice.h"

/* The first or last place of a character; NULL where there is none. */
const char *scan_first(slice bytes, char c);
const char *scan_last(slice bytes, char c);

/* The first place of a text. */
const char *scan_text(slice bytes, slice text);

/* How many times a character occurs. */
size_t scan_count(slice bytes, char c);

/* Where the first or last line begins, behind the beginning of the bytes, that `is_it` says is one;
 * 0 where there is none. `rest` is what stands from the line's beginning on, never empty. */
typedef bool (*scan_judge)(const void *context, slice rest);
size_t scan_first_line(slice bytes, scan_judge is_it, const void *context);
size_t scan_last_line(slice bytes, scan_judge is_it, const void *context);

/* Whether the bytes hold a text. */
static inline bool scan_holds(slice bytes, const char *text)
{
    return scan_text(bytes, slice_from(text)) != NULL;
}

#endif
