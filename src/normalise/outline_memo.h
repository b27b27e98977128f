/* outline_memo.h - a short cut past the lexer for statements that were seen before.
 *
 * Applications send the same statements again and again with other numbers and strings: what is
 * known of their outline need not be found again. The memo is one worker's own. It never changes
 * a result, only its cost. */
#ifndef QLOG_NORMALISE_OUTLINE_MEMO_H
#define QLOG_NORMALISE_OUTLINE_MEMO_H

#include "normalise/outline_tree.h"

enum { OUTLINE_MAX = 8192, OUTLINE_MEMO_SIZE = 65536 };

typedef struct outline_memo {
    outline_tree tree; /* of the outlines that came again */
    struct {
        uint64_t high, low; /* hash of the outline; both 0: free */
        outline_knowledge knowledge;
        bool again; /* it came more than once */
    } known[OUTLINE_MEMO_SIZE];
    char outline[OUTLINE_MAX];
} outline_memo;

/* What n->run gives for the statement. *memo is zeroed at first. Of *values it tells `literals`, a
 * hash: of two executions with one fingerprint it tells whether they ask for the same; and as
 * n->values gives them `longest_in` and `rows`, and where the statement counts `limit`, `offset`
 * and the pattern. */
normalised identify(outline_memo *memo, const normaliser *n, slice statement, bool truncated,
                    statement_values *values);

#endif
