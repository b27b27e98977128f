/* analysis.h - the frame in which analysers judge a store's evidence.
 *
 * Each analyser is one file and one row of the registry. It reads the store and adds what it finds;
 * it sees no log and no report. The gates are here and in the analysers, never in the evidence,
 * so that a window, a merged store and a night's run all come to the same findings. */
#ifndef QLOG_ANALYSERS_ANALYSIS_H
#define QLOG_ANALYSERS_ANALYSIS_H

#include "analysers/finding.h"
#include "analysers/request.h"
#include "base/value.h"
#include "normalise/facts.h"
#include "normalise/normalise.h"
#include "store/rows.h"

typedef struct analysed_source {
    slice name;
    slice engine;
    int64_t time; /* us, of all its queries */
    int64_t calls;
    int64_t from, to; /* us; of its records */
    int64_t clock_resolution;
    int32_t zone_offset; /* seconds east of UTC, of the latest record */
} analysed_source;

typedef struct analysis {
    const store *store;
    const analysis_request *request;
    arena *arena;
    status *st;
    value_builder values;
    analysed_source *sources;
    uint32_t n_sources;
    finding *findings;
    uint32_t n_findings;
} analysis;

typedef struct analyser {
    const finding_kind *kinds;
    uint32_t n_kinds;
    bool (*run)(analysis *a, const analysed_source *source); /* of each source that is chosen */
    bool (*run_once)(analysis *a);                           /* or of the store as a whole */
} analyser;

/* Ends with a NULL. */
extern const analyser *const analysers[];

/* Runs all analysers over a store: *findings, the costliest first, and all that they hold are in
 * the arena. */
bool analyse(const store *s, const analysis_request *request, arena *a, finding **findings,
             uint32_t *n, status *st);

/* --- for analysers ---------------------------------------------------------------------- */

/* Whether findings of a kind are wanted. */
bool analysis_wants(const analysis *a, finding_kind kind);

/* The id of a finding: made of what stays the same from one night to the next. */
uint64_t finding_id(finding_kind kind, slice source, const uint64_t *queries, uint32_t n);

/* A new finding of a source about these queries, the evidence an empty object. NULL where memory
 * is out. */
finding *analysis_add(analysis *a, finding_kind kind, const analysed_source *source,
                      const uint64_t *queries, uint32_t n);

/* Sets what it costs, and its severity by the share of the source's time. */
void analysis_set_cost(finding *f, const analysed_source *source, int64_t us);

/* Sets the example: a line of a log. */
bool analysis_set_place(analysis *a, finding *f, slice log, uint64_t line);

/* Copies a text into the arena; the buffer is emptied. */
slice analysis_text(analysis *a, buf *text);

/* A query as the store has it. */
typedef struct analysed_query {
    uint64_t id;
    slice verb, text;
    const normaliser *normaliser;
    statement_role role;
    sql_facts facts; /* empty where the statements are no SQL */
} analysed_query;

/* False, with the status set, where the store does not have it. */
bool analysis_query(analysis *a, uint64_t id, analysed_query *q);

/* The name to call it by: its first table, or its verb. */
slice query_subject(const analysed_query *q);

/* A query for one source, with its name as the first parameter; NULL on failure. */
sqlite3_stmt *analysis_rows(const analysis *a, const char *sql, const analysed_source *source);

/* A duration as decimal ms. */
value *analysis_add_ms(analysis *a, value *object, const char *name, int64_t us);

/* The node at the top of a plan's shape. */
slice plan_first_line(slice shape);

#endif
