/* sql_keywords.c - see sql_keywords.h. */
#include "normalise/sql_keywords.h"

const uint8_t keyword_in_slot[1 << KEYWORD_SLOT_BITS] = {
#define X(name, spelling, slot, flags) [slot] = KW_##name,
    SQL_KEYWORDS(X)
#undef X
};

const keyword_row keyword_rows[] = {{"", "", 0},
#define X(name, spelling, slot, flags) {spelling, #name, flags},
                                    SQL_KEYWORDS(X)
#undef X
};
