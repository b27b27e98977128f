/* keyset.h - a page of a sorted result by its last row's keys instead of by counting rows.
 *
 * (Markus Winand, use-the-index-luke.com, "no offset".) Derived from the normalised text where its
 * sort is plain columns; otherwise it is only known that it is sorted. */
#ifndef QLOG_ANALYSERS_KEYSET_H
#define QLOG_ANALYSERS_KEYSET_H

#include "analysers/analysis.h"

enum { KEYSET_MAX = SQL_ORDER_MAX + 1 };

typedef struct keyset {
    bool ordered;                  /* the query has an ORDER BY, or a sort */
    bool known;                    /* the columns below are all of it, and a rewrite is possible */
    sql_order columns[KEYSET_MAX]; /* the sort's, and a key to tell equals apart */
    size_t n;
    slice spelled[KEYSET_MAX]; /* of a known one: the columns as the statement spells them */
    slice owner;               /* "o.", of the key that was added */
    bool added;                /* the last one is such a key, by the name that most have */
    bool mixed;                /* directions differ */
} keyset;

keyset keyset_of(const analysed_query *q);

/* " It needs an index on orders (status, created_at DESC, id DESC); check the existing ones." */
void keyset_add_index(const analysed_query *q, const keyset *k, buf *out);

/* The query itself, its next page found by the keys. Of a known one. */
void keyset_rewrite(const analysed_query *q, const keyset *k, buf *out);

#endif
