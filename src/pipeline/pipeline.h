/* pipeline.h - one log through its workers: blocks, map, ordered fold.
 *
 * Mapping a block to events and fingerprints sees nothing but the block, so any number of
 * workers may do it. Whichever worker finds the next batch in input order ready folds it.
 * With one job everything happens in the caller's thread. */
#ifndef QLOG_PIPELINE_PIPELINE_H
#define QLOG_PIPELINE_PIPELINE_H

#include "input/framer.h"
#include "pipeline/fold.h"

/* Told after each block how many bytes of the log have been folded; from any thread, one at a time.
 */
typedef struct progress {
    void (*advance)(void *context, uint64_t bytes);
    void *context;
} progress;

enum { JOBS_MAX = 64 };

/* What turns a block into a batch; all workers share it. */
typedef struct mapping {
    const reading *reading;
    const normaliser *normaliser;
    const name_list *tag_keys; /* see tagging.h */
} mapping;

/* Runs the framer's whole input into the fold, which was begun; `jobs` is 1 to JOBS_MAX. */
bool pipeline_run(framer *frames, const mapping *how, fold *f, unsigned jobs, const progress *p,
                  status *st);

#endif
