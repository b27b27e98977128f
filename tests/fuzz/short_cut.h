/* short_cut.h - a law of normalisers: the short cut past reading a statement never tells anything
 * else than reading it. */
#ifndef QLOG_FUZZ_SHORT_CUT_H
#define QLOG_FUZZ_SHORT_CUT_H

#include <assert.h>

#include "normalise/outline.h"

static inline void short_cut_same_count(const statement_count *read, const statement_count *known)
{
    assert(known->kind == read->kind);
    assert(known->kind != COUNT_NUMBER || known->digits == read->digits);
    assert(known->kind == COUNT_OTHER || known->value == read->value);
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
    }
}

#endif
