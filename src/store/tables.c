/* tables.c - see tables.h. */
#include "store/tables.h"

#include <stddef.h>

const segment_table segment_tables[] = {
    {"segments", NULL, false},           {"skipped", NULL, false},
    {"digest", JOIN_DIGEST, true},       {"measures", JOIN_MEASURES, true},
    {"marginals", JOIN_MARGINALS, true}, {"examples", JOIN_EXAMPLES, true},
    {"errors", JOIN_COUNTS, true},       {"server_events", JOIN_COUNTS, false},
    {"thresholds", NULL, false},         {"limits", NULL, false},
    {"plans", JOIN_PLANS, true},         {"server_facts", JOIN_FACTS, true},
    {"bursts", JOIN_BURSTS, false},      {"burst_sessions", JOIN_EXAMPLES, false},
    {"pages", JOIN_PAGES, true},         {"session_use", JOIN_USES, false},
    {"retries", JOIN_RETRIES, true},     {"blockers", JOIN_BLOCKERS, true},
};

const int segment_table_count = sizeof segment_tables / sizeof *segment_tables;
