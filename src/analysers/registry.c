/* registry.c - the analysers; see analysis.h. */
#include "analysers/analysis.h"

extern const analyser bursts_analyser;
extern const analyser pages_analyser;

const analyser *const analysers[] = {&bursts_analyser, &pages_analyser, NULL};
