/* notes.h - what is remarkable in a statement's text, for a word beside a query that costs
 * something.
 *
 * Never findings: each of these is right in many statements, and nothing in a log proves that it is
 * wrong in this one. */
#ifndef QLOG_ANALYSERS_NOTES_H
#define QLOG_ANALYSERS_NOTES_H

#include <stdint.h>

#include "normalise/facts.h"

enum { NOTES_MAX = 4 };

/* Of facts' smells; returns how many. The texts are static. */
uint32_t notes_read(unsigned smells, slice notes[NOTES_MAX]);

#endif
