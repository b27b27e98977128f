/* policy.h - naming a page's own style and script, so that it may hold no other.
 *
 * Content Security Policy Level 3 (w3.org/TR/CSP3): a source 'sha256-...' lets a browser use an
 * inline element with exactly this text. What a log smuggled into a page would not run. */
#ifndef QLOG_REPORT_POLICY_H
#define QLOG_REPORT_POLICY_H

#include "base/buf.h"
#include "base/slice.h"

/* Appends the source for an element that holds `text`, in its single quotes. */
void policy_source_format(buf *out, slice text);

#endif
