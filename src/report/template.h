/* template.h - logic-less templates: the core of the Mustache specification.
 *
 * Comments, interpolation, sections, inverted sections and partials, with the
 * specification's rules for dotted names, implicit iterators and standalone lines
 * (github.com/mustache/spec, version 1). Left out on purpose: set delimiters,
 * lambdas, inheritance; their tags are errors.
 * {{name}} is escaped for the output's format; {{{name}}} and {{&name}} are not, and
 * are for text that the program itself made. */
#ifndef QLOG_REPORT_TEMPLATE_H
#define QLOG_REPORT_TEMPLATE_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/value.h"
#include "report/escape.h"

/* Finds a partial's text by name. False where there is none, which is an error: nothing is silently
 * left out. The text must stay until the rendering ends. */
typedef bool (*template_lookup)(void *context, slice name, slice *text);

typedef struct template_options {
    escape_mode escape;
    template_lookup lookup; /* NULL: there are no partials */
    void *lookup_context;
    /* An error, with its line: a name that is nowhere in the view, or a list or an object where
     * text belongs. Otherwise both are empty, as the specification has it. A null is no error, and
     * has every name: all of them null. */
    bool strict;
} template_options;

/* Renders `text` over `view`, appending to out. On an error returns false; the status then holds
 * STATUS_USAGE and, as compilers have it: NAME:LINE: what is wrong. `out` holds what came before
 * it. Bounded: sections and partials nest 32 deep; the output ends at out->max, and no more tags
 * are followed than out->max, so that lists within lists cannot run without end. */
bool template_render(slice name, slice text, const value *view, const template_options *options,
                     buf *out, status *st);

#endif
