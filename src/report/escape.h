/* escape.h - hostile text made harmless for the format it is written into.
 *
 * Text from a log may hold tags, links, terminal sequences and broken UTF-8.
 * Every mode but ESCAPE_NONE writes U+FFFD for what has no place in a report:
 * control characters (C0, C1, DEL), line and paragraph separators, bidirectional controls, and each
 * maximal subpart of ill-formed UTF-8 (The Unicode Standard, 3.9, "U+FFFD Substitution of Maximal
 * Subparts"). A carriage return before a newline is dropped. */
#ifndef QLOG_REPORT_ESCAPE_H
#define QLOG_REPORT_ESCAPE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

typedef enum escape_mode {
    ESCAPE_NONE,
    ESCAPE_HTML,     /* text and quoted attributes */
    ESCAPE_MARKDOWN, /* one line of running text or a table's cell */
    ESCAPE_WIKI,     /* the same in Jira's notation */
    ESCAPE_FENCED,   /* the inside of a fenced code block; see longest_backtick_run */
    ESCAPE_ROFF
} escape_mode;

/* Appends text escaped for a format. ESCAPE_MARKDOWN writes every run of blanks and line ends as
 * one space; it escapes only what would be markup where it stands. GitHub and GitLab make links of
 * URLs, of @names and of #1 after the Markdown was read, when a backslash is gone already: there a
 * zero-width space (written &#8203;) comes between. The other modes keep newlines and TABs. */
void escape_text(buf *out, slice text, escape_mode mode);

/* For a terminal: newlines and TABs become spaces. */
void escape_terminal(buf *out, slice text);

/* The same, line by line; the last one is ended as well. */
void escape_terminal_lines(buf *out, slice text);

/* Writes a whole code span, its backticks included; nothing where text is empty. Newlines and TABs
 * become spaces. For a table's cell: `|` is written `\|`, which only tables undo. */
void escape_code_span(buf *out, slice text);

/* The same in Jira's notation. */
void escape_wiki_span(buf *out, slice text);

/* For the inside of {noformat}: nothing in it ends it. */
void escape_wiki_block(buf *out, slice text);

/* The most backticks in a row. A fence around the text must be longer than this, and three at
 * least. */
size_t longest_backtick_run(slice text);

enum { UTF8_REPLACEMENT = 0xFFFD };

/* Takes one code point from the front of *in, which is not empty. UTF8_REPLACEMENT, and one
 * maximal subpart taken, where it is ill-formed. */
uint32_t utf8_take(slice *in);

/* As many of the first n bytes as end with a whole code point. */
slice utf8_take_whole(slice text, size_t n);

/* Whether a code point could drive a terminal, break a line or reorder the text around it. */
bool utf8_is_control(uint32_t c);

#endif
