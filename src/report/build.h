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
    ORDER_EXAMINED, /* rows for each that was sent */
    ORDER_ERRORS
} model_order;

/* What a report adds up by, besides queries. */
typedef enum model_group_by {
    GROUP_FINGERPRINT, /* nothing else */
    GROUP_TABLE,       /* a query counts for each of its tables */
    GROUP_USER,
    GROUP_APP,
    GROUP_DB,
    GROUP_HOST, /* of this one and the next calls and time alone are known */
    GROUP_TAG
} model_group_by;

typedef struct model_grouping {
    model_group_by by;
    slice name; /* as it was asked for: "user", "tag:action" */
    slice key;  /* the store's, of a host or tag */
} model_grouping;
#define MODEL_GROUP_TAG "tag:"

/* "user", "tag:KEY" and so on; false for other words. The name must outlive the grouping. */
bool model_grouping_find(slice name, model_grouping *grouping);

typedef struct model_request {
    model_order order;
    model_grouping grouping;
    uint32_t limit;                   /* queries to show, and groups; 0: all */
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
    struct pseudonyms *names; /* to put in place of all names; the store is then temporary or a
                                 copy, and is changed. NULL: names are shown */
    bool of_store;            /* not of logs: findings have a history */
    struct selection *chosen; /* of the store; its moments are resolved. NULL: all of it */
} model_request;

/* Fills *m, which model_free gives back in any case. */
bool model_build(const store *s, const model_request *r, model *m, status *st);
void model_free(model *m);

/* The fingerprint that an alias stands for; false where no or more than one has it. */
bool model_find_alias(const store *s, slice alias, uint64_t *fingerprint, status *st);

/* "total", "mean" and so on; false for other words. */
bool model_order_find(slice name, model_order *order);

#endif
