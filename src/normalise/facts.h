/* facts.h - what a statement does, as far as its tokens tell: for advice on indexes, for showing
 * a query's tables.
 *
 * Read of a normalised text: what it finds is the same for all executions of a fingerprint. What
 * differs between them is in statement_values (normalise.h).
 * No parser: statements that bend the grammar give fewer facts, never a failure. */
#ifndef QLOG_NORMALISE_FACTS_H
#define QLOG_NORMALISE_FACTS_H

#include "base/arena.h"
#include "base/slice.h"
#include "normalise/sql_lexer.h"

enum { SQL_TABLES_MAX = 16, SQL_COLUMNS_MAX = 32, SQL_ORDER_MAX = 8 };

/* As the statement has it, with its schema where it was given; unquoted names in lower case, the
 * quotes gone from names that are the same without. Never the name of a WITH query. */
typedef struct sql_table {
    slice name;
    bool read;
    bool written;
} sql_table;

enum sql_column_use {
    SQL_EQUALITY = 1, /* = IN IS */
    SQL_RANGE = 2,    /* < > BETWEEN */
    SQL_JOIN = 4      /* with another column */
};

typedef struct sql_column {
    slice table; /* empty where it is not certain */
    slice name;
    unsigned uses; /* enum sql_column_use */
} sql_column;

typedef struct sql_order {
    slice table;
    slice name;
    bool descending;
} sql_order;

enum sql_smell {
    SQL_FUNCTION_ON_COLUMN = 1, /* lower(a) = 'x', a::date = 'x' */
    SQL_RANDOM_ORDER = 2,       /* ORDER BY random() */
    SQL_SELECT_STAR = 4         /* not within EXISTS */
};

typedef struct sql_facts {
    sql_table tables[SQL_TABLES_MAX]; /* in the order of their first mention */
    size_t n_tables;
    sql_column columns[SQL_COLUMNS_MAX]; /* of conditions */
    size_t n_columns;
    sql_order order[SQL_ORDER_MAX]; /* of the outermost ORDER BY, up to its first expression */
    size_t n_order;
    unsigned smells; /* enum sql_smell */
    bool complete;   /* nothing was left out for want of room */
} sql_facts;

/* Slices in *out are in the arena. */
void sql_facts_read(const sql_dialect *dialect, slice statement, arena *a, sql_facts *out);

#endif
