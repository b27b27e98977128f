/* registry.c - the analysers; see analysis.h. */
#include "analysers/analysis.h"

extern const analyser bursts_analyser;
extern const analyser chatter_analyser;
extern const analyser checkpoints_analyser;
extern const analyser churn_analyser;
extern const analyser pages_analyser;
extern const analyser full_scan_analyser;
extern const analyser disk_spill_analyser;
extern const analyser lock_wait_analyser;
extern const analyser plan_change_analyser;
extern const analyser errors_analyser;
extern const analyser regressions_analyser;
extern const analyser retries_analyser;
extern const analyser stale_source_analyser;
extern const analyser stalls_analyser;
extern const analyser transactions_analyser;
extern const analyser unbounded_result_analyser;

const analyser *const analysers[] = {
    &regressions_analyser,
    &bursts_analyser,
    &pages_analyser,
    &full_scan_analyser,
    &disk_spill_analyser,
    &unbounded_result_analyser,
    &lock_wait_analyser,
    &plan_change_analyser,
    &errors_analyser,
    &retries_analyser,
    &stalls_analyser,
    &transactions_analyser,
    &chatter_analyser,
    &churn_analyser,
    &checkpoints_analyser,
    &stale_source_analyser,
    NULL,
};
