/* identify.h - which finding of a store an id is of.
 *
 * A store does not keep findings. But an id is made of kind, source and queries, so that those
 * which a store can have are known. */
#ifndef QLOG_ANALYSERS_IDENTIFY_H
#define QLOG_ANALYSERS_IDENTIFY_H

#include "analysers/finding.h"
#include "base/arena.h"
#include "store/store.h"

typedef struct finding_identity {
    bool known; /* false: the store can have no such finding */
    finding_kind kind;
    slice source; /* in the arena, as the queries are */
    const uint64_t *queries;
    uint32_t n_queries;
} finding_identity;

bool finding_identify(const store *s, uint64_t id, arena *a, finding_identity *found, status *st);

#endif
