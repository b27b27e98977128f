/* template.h - logic-less templates: the core of the Mustache specification.
 *
 * Comments, interpolation, sections, inverted sections and partials, with the
 * specification's rules for dotted names, implicit iterators and standalone lines.
 * Left out on purpose: set delimiters, lambdas, inheritance.
 * {{name}} is escaped for the output's format; {{{name}}} and {{&name}} are not, and
 * are for text that the program itself made. */
#ifndef QLOG_REPORT_TEMPLATE_H
#define QLOG_REPORT_TEMPLATE_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "report/value.h"

typedef enum escape_mode {
    ESCAPE_NONE,
    ESCAPE_HTML,     /* text and double-quoted attributes */
    ESCAPE_MARKDOWN, /* one line of running text or a table's cell */
    ESCAPE_ROFF
} escape_mode;

/* Finds a partial's text by name. False where there is none, which is an error in a report's
 * template: nothing is silently left out. */
typedef bool (*template_lookup)(void *context, slice name, slice *text);

typedef struct template_options {
    escape_mode escape;
    template_lookup lookup; /* NULL: there are no partials */
    void *lookup_context;
    bool strict; /* a name that is nowhere in the view is an error, with its line */
} template_options;

/* Renders `text` over `view`, appending to out. On an error returns false; the status says what is
 * wrong and in which line of `name`. Bounded: nesting and partials go 32 deep. */
bool template_render(slice name, slice text, const value *view, const template_options *options,
                     buf *out, status *st);

/* Appends text escaped for a format. Control characters, which could drive a terminal, never
 * pass in any mode but ESCAPE_NONE; invalid UTF-8 becomes U+FFFD. */
void escape_text(buf *out, slice text, escape_mode mode);

#endif
