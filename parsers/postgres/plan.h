/* plan.h - what auto_explain says of an execution: its statement, the shape of its plan and what
 * the plan counted.
 *
 * The forms are those of EXPLAIN (PostgreSQL documentation, "auto_explain" and "EXPLAIN"): text
 * and JSON are read, XML and YAML are only recognised. A shape is the plan's tree, one node a line
 * and two blanks a level, in the words of the text form:
 *
 *     Hash Join
 *       Seq Scan on orders
 *       Hash
 *         Index Scan Backward using customers_pkey on customers
 *
 * without costs, rows, times, conditions, schemas and aliases, so that it is the same whichever
 * form, settings and values the plan was logged with. */
#ifndef QLOG_PARSERS_POSTGRES_PLAN_H
#define QLOG_PARSERS_POSTGRES_PLAN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

typedef enum plan_form {
    PLAN_NONE, /* nothing that is a plan */
    PLAN_TEXT,
    PLAN_JSON,
    PLAN_XML,
    PLAN_YAML
} plan_form;

/* No shape is longer: what is beyond is cut at a line's end. */
enum { PLAN_SHAPE_MAX = 8 * 1024 };

typedef struct explained {
    slice statement;        /* its "Query Text"; empty where there is none */
    bool cut;               /* the log ends within the plan or the statement */
    slice shape;            /* empty where the plan is not read or not whole */
    bool executed;          /* the plan has actual rows, of which the figures below are */
    uint64_t misestimate;   /* of a node's rows: how many times more or fewer than expected, the
                               worst */
    uint64_t rows_removed;  /* by filters, over all loops */
    uint64_t spilled_bytes; /* by sorts and hashed aggregates, to disk */
    uint64_t temp_blocks;   /* written, all in all */
} explained;

/* Reads what stands behind "plan:". Rewritten text lies in `a`, other slices in `text`. False where
 * memory is out. */
bool plan_read(slice text, arena *a, plan_form *form, explained *out);

#endif
