/* line_regex.h - a log format of one's own, told by a regular expression.
 *
 * Syntax: PCRE2 ("pcre2pattern"), bytewise, matched from the beginning of each line. Named groups
 * say what the parts of a line mean; line_regex.c has their table. A line that matches
 * begins a record; one that does not continues the record above, and its text where that goes
 * to the line's end. Chosen by the user alone: no log is ever taken for this format. */
#ifndef QLOG_PARSERS_REGEX_LINE_REGEX_H
#define QLOG_PARSERS_REGEX_LINE_REGEX_H

#include "parsers/parser.h"

typedef struct line_regex line_regex;

/* Compiles the expression. Failures are STATUS_USAGE: where it is no expression, groups that are
 * not known, one that is missing. To be freed; shared by threads. */
bool line_regex_compile(const char *text, line_regex **out, status *st);
void line_regex_free(line_regex *r);

/* The names of all groups, for help: "time, duration_s, ...". */
void line_regex_groups(buf *out);

/* The same format with statements of either dialect. */
extern const parser line_regex_postgresql;
extern const parser line_regex_mysql;

#endif
