/* history.h - since when a finding is there: what the windows before a report's found.
 *
 * Nothing of it is written down when a report is made. The windows before, each of the report's
 * length and some whole days earlier, are judged again from the store, the oldest first, so that a
 * report that is made twice says the same, and what was ingested late or merged counts as if it had
 * always been there. A finding opens in the first window that has it and closes in the second of
 * two that have not; a window in which its source has no executions says nothing, nor of a
 * regression one with too few to test. Regressions that are open have their nights left out of what
 * the next nights are compared with. */
#ifndef QLOG_ANALYSERS_HISTORY_H
#define QLOG_ANALYSERS_HISTORY_H

#include "analysers/analysis.h"

typedef struct history history;

/* Judges the windows before the request's, which must be whole days apart: those that the baseline
 * reaches, at most 31, or seven where there is none. The store must not be narrowed, and is not
 * afterwards. All of it is in the arena. Of a request without a window only what was accepted is
 * read. */
bool history_read(const store *s, const analysis_request *request, arena *a, history **out,
                  status *st);

/* --- for analysers, of the window that is being judged ------------------------------------- */

bool history_is_open(const history *h, uint64_t id);

/* Whether the window that begins at `from` (us) is not to be compared with: the regression was
 * open, or it was before somebody accepted it. */
bool history_leaves_out(const history *h, uint64_t id, int64_t from);

/* Whether it was accepted for good, so that what is usual begins there. */
bool history_has_norm(const history *h, uint64_t id);

/* That the window could tell whether the finding is still there, of a kind that cannot in each: two
 * such windows without it close it. */
void history_note_tested(history *h, uint64_t id);

/* In how many windows before a regression was open: the baseline goes back so much further. */
uint32_t history_slow_windows(const history *h);

/* --- for the report ------------------------------------------------------------------------- */

/* Sets the states of the request's own findings, those that are accepted last; *closed: what is
 * there no more, told in the window that closes it alone. */
bool history_judge(history *h, const analysis_request *request, const store *s, finding *findings,
                   uint32_t n, closed_finding **closed, uint32_t *n_closed, status *st);

#endif
