/* short_cut.h - a law of normalisers: the short cuts past reading a statement never tell anything
 * else than reading it. */
#ifndef QLOG_FUZZ_SHORT_CUT_H
#define QLOG_FUZZ_SHORT_CUT_H

#include <assert.h>
#include <stdlib.h>

#include "normalise/outline_memo.h"

static inline void short_cut_same_count(const statement_count *read, const statement_count *known)
{
    assert(known->kind == read->kind);
    assert(known->kind == COUNT_OTHER || known->value == read->value);
}

/* What is found in the tree is what the outline is made of. */
static inline void short_cut_same_outline(outline_tree *tree, const normaliser *n, slice statement)
{
    outlined found;
    outlined made;
    const outline_knowledge *known = outline_tree_find(tree, n, statement, &found);
    char *to = malloc(statement.n + 1);
    assert(to != NULL);
    outlined_begin(&made);
    size_t length = n->outline(statement, to, &made);
    free(to);
    if (known == NULL) {
        return;
    }
    assert(length > 0 && found.n == made.n);
    assert(found.literals == made.literals && known->kept == (uint32_t)made.kept);
    for (uint32_t i = 0; i < found.n; i++) {
        assert(found.pieces[i].text.p == made.pieces[i].text.p);
        assert(found.pieces[i].text.n == made.pieces[i].text.n);
        assert(found.pieces[i].kind == made.pieces[i].kind);
    }
}

static inline void short_cut_holds(outline_memo *memo, const normaliser *n, slice statement,
                                   bool truncated)
{
    normalised read;
    statement_values read_values;
    statement_values values;
    n->run(statement, truncated, &read, NULL);
    n->values(statement, &read_values);
    normalised known = identify(memo, n, statement, truncated, &values);
    assert(known.fingerprint == read.fingerprint);
    assert(known.spelling == read.spelling);
    assert(known.counts == read.counts && known.placeholders == read.placeholders);
    if (known.counts) {
        short_cut_same_count(&read_values.limit, &values.limit);
        short_cut_same_count(&read_values.offset, &values.offset);
        assert(values.pattern == read_values.pattern);
    }
    assert(values.longest_in == read_values.longest_in && values.rows == read_values.rows);
    if (n->take != NULL) {
        short_cut_same_outline(&memo->tree, n, statement);
    }
}

#endif
