/* tagging.h - the tags of a statement's comments that are kept as dimensions.
 *
 * Those with the keys that frameworks use, and what the user names: other keys may hold
 * ids of people or requests, which belong neither into a store nor into a report. */
#ifndef QLOG_PIPELINE_TAGGING_H
#define QLOG_PIPELINE_TAGGING_H

#include "digest/selection.h"
#include "event.h"
#include "normalise/normalise.h"

/* Reads the tags of the event's statement into its `who`. `more`: further keys to keep, each alone
 * or with "=" and a value behind it. Only comments within slash and asterisk are looked at, which
 * is how every library writes its tags. */
void tag_event(const normaliser *n, const name_list *more, event *e, batch *b);

#endif
