/* value_json.h - writes a value tree as JSON (RFC 8259).
 *
 * Deterministic: the same tree gives the same bytes. Numbers are exact and never
 * go through a float. Nodes that are for templates only are left out. */
#ifndef QLOG_REPORT_VALUE_JSON_H
#define QLOG_REPORT_VALUE_JSON_H

#include "base/buf.h"
#include "base/value.h"

/* Appends v. Pretty: an indent of two spaces, one member a line, a newline at the end; lists and
 * objects that hold no others stay on one line while it has at most 80 bytes.
 * Strings: control and bidirectional characters, U+2028, U+2029 and `<` are written as \u escapes,
 * so that the text can stand in HTML and on a terminal; ill-formed UTF-8 becomes U+FFFD. */
void value_write_json(const value *v, bool pretty, buf *out);

#endif
