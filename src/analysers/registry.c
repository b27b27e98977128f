/* registry.c - the analysers; see analysis.h. */
#include "analysers/analysis.h"

extern const analyser bursts_analyser;

const analyser *const analysers[] = {&bursts_analyser, NULL};
