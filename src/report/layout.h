/* layout.h - lines that fit a terminal.
 *
 * A line is composed in a buf, from text made safe by escape_terminal, from the program's own
 * words, and from marks for style; then it is written, wrapped at the width. Marks are control
 * characters, which safe text never holds, so no log can forge one. Composed text is measured
 * in columns: wide East Asian characters take two, combining ones none.
 * Knows nothing of reports. */
#ifndef QLOG_REPORT_LAYOUT_H
#define QLOG_REPORT_LAYOUT_H

#include "base/buf.h"
#include "base/slice.h"

typedef struct text_options {
    unsigned width; /* columns; less than LAYOUT_MIN_WIDTH is taken as that */
    bool colour;    /* SGR sequences for style; without it no ESC is written */
} text_options;

enum { LAYOUT_MIN_WIDTH = 60 };

/* Marks, each of no width. GLUE is a blank that no line breaks at. */
#define LAYOUT_BOLD  "\001"
#define LAYOUT_DIM   "\002"
#define LAYOUT_ALARM "\003"
#define LAYOUT_PLAIN "\004"
#define LAYOUT_GLUE  "\005"

unsigned layout_width(const text_options *o);

/* Turns the blanks from byte `from` of the line on into glue, so that "12.4 ms" stays together. */
void layout_glue(buf *line, size_t from);

/* The columns that composed text takes. */
unsigned layout_columns(slice composed);

/* Appends composed text, cut with an ellipsis where it takes more than `columns` columns. */
void layout_add_cut(buf *line, slice composed, unsigned columns);

/* Appends a cell of exactly `columns` columns: cut or filled with blanks on its right or left. */
void layout_add_left(buf *line, slice composed, unsigned columns);
void layout_add_right(buf *line, slice composed, unsigned columns);

/* Writes composed text as lines of at most `width` columns: broken at blanks, in words only where
 * one is longer than a line; every line but the first is indented. */
void layout_wrap(buf *out, slice composed, unsigned width, unsigned indent, bool colour);

/* Writes the composed line, wrapped at the options' width, and empties it. */
void layout_flush(const text_options *o, buf *out, buf *line, unsigned indent);

#endif
