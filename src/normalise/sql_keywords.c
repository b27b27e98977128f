/* sql_keywords.c - see sql_keywords.h. */
#include "normalise/sql_keywords.h"

#include "normalise/sql_lexer.h"

static const uint8_t keyword_in_slot[1 << KEYWORD_SLOT_BITS] = {
#define X(name, spelling, slot, flags) [slot] = KW_##name,
    SQL_KEYWORDS(X)
#undef X
};

static const keyword_row keyword_rows[] = {{"", "", 0},
#define X(name, spelling, slot, flags) {spelling, #name, flags},
                                           SQL_KEYWORDS(X)
#undef X
};

keyword keyword_find(uint64_t first, uint64_t second)
{
    keyword k = keyword_in_slot[keyword_slot(first, second)];
    const char *spelling = keyword_rows[k].spelling;
    return sql_load8(spelling) == first && sql_load8(spelling + 8) == second ? k : KW_NONE;
}

const keyword_row *keyword_about(keyword k)
{
    return &keyword_rows[k];
}
