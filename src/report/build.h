/* build.h - the report model out of a store.
 *
 * Reads each table once and keeps details only for the queries that the report will
 * show, so that a store of many fingerprints costs little more than its totals. */
#ifndef QLOG_REPORT_BUILD_H
#define QLOG_REPORT_BUILD_H

#include "analysers/request.h"
#include "base/status.h"
#include "report/model.h"
#include "store/store.h"

typedef enum model_order {
    ORDER_TOTAL, /* time in all */
    ORDER_MEAN,
    ORDER_P95,
    ORDER_MAX,
    ORDER_CALLS,
    ORDER_ERRORS
} model_order;

typedef struct model_request {
    model_order order;
    uint32_t limit;                   /* queries to show; 0: all */
    uint32_t leaders;                 /* of each ranking, to show besides; 0: no rankings */
    bool found;                       /* show the queries of all findings besides */
    const analysis_request *analysis; /* NULL: nothing is looked for */
    bool only_one;                    /* `only`, and nothing else */
    uint64_t only;                    /* a fingerprint */
    bool has_zone;                    /* show times in `zone_offset` instead of the log's zone */
    int32_t zone_offset;
    slice zone;
    slice selection; /* in words; both are copied into the model */
    slice command;
} model_request;

/* Fills *m, which model_free gives back in any case. */
bool model_build(const store *s, const model_request *r, model *m, status *st);
void model_free(model *m);

/* The fingerprint that an alias stands for; false where no or more than one has it. */
bool model_find_alias(const store *s, slice alias, uint64_t *fingerprint, status *st);

/* "total", "mean" and so on; false for other words. */
bool model_order_find(slice name, model_order *order);

#endif
