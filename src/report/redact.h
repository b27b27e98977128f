/* redact.h - a store without names, so that whatever is made of it has none.
 *
 * Names are replaced here and nowhere else, before analysers and model read: what they derive from
 * them, such as a rewritten statement, then holds pseudonyms as well, in every format. */
#ifndef QLOG_REPORT_REDACT_H
#define QLOG_REPORT_REDACT_H

#include "base/status.h"
#include "normalise/pseudonyms.h"
#include "store/store.h"

/* Rewrites the store, which must be temporary or a copy, and what store_select made of it. What a
 * report does not need, and the ids that other tools compute from statements, are deleted. */
bool store_redact(const store *s, pseudonyms *names, status *st);

#endif
