/* registry.c - the analysers; see analysis.h. */
#include "analysers/analysis.h"

extern const analyser bursts_analyser;
extern const analyser full_scan_analyser;

const analyser *const analysers[] = {&bursts_analyser, &full_scan_analyser, NULL};
