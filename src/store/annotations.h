/* annotations.h - what people told a store: findings that they accepted, and marks in time.
 *
 * Neither is in any log. Both merge as all of the store does: marks as a union, acceptances by
 * their revision. */
#ifndef QLOG_STORE_ANNOTATIONS_H
#define QLOG_STORE_ANNOTATIONS_H

#include "store/store.h"

typedef struct acceptance {
    uint64_t finding;
    bool withdrawn;
    int64_t at;    /* us: how far the logs of its source went when it was accepted */
    int64_t until; /* us, the first time at which it counts again; 0: for good */
    slice note;
} acceptance;

/* Replaces what was said of the finding before. */
bool store_accept(store *s, const acceptance *a, status *st);

/* Those that are not withdrawn, in the arena. */
bool store_read_acceptances(const store *s, arena *a, acceptance **all, uint32_t *n, status *st);

typedef struct store_mark {
    slice source; /* empty: of all */
    int64_t at;   /* us */
    slice text;
} store_mark;

bool store_add_mark(store *s, const store_mark *m, status *st);

#endif
