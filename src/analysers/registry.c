/* registry.c - the analysers; see analysis.h. */
#include "analysers/analysis.h"

extern const analyser bursts_analyser;
extern const analyser chatter_analyser;
extern const analyser checkpoints_analyser;
extern const analyser churn_analyser;
extern const analyser pages_analyser;
extern const analyser retries_analyser;
extern const analyser stalls_analyser;
extern const analyser transactions_analyser;

const analyser *const analysers[] = {
    &bursts_analyser, &chatter_analyser,      &checkpoints_analyser,
    &churn_analyser,  &pages_analyser,        &retries_analyser,
    &stalls_analyser, &transactions_analyser, NULL};
