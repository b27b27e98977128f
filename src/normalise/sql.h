/* sql.h - the normalisers of the SQL dialects; normalise.h has the contract, sql.c the rules. */
#ifndef QLOG_NORMALISE_SQL_H
#define QLOG_NORMALISE_SQL_H

#include "normalise/normalise.h"

extern const normaliser postgresql_normaliser;
extern const normaliser mysql_normaliser; /* MariaDB's as well */

struct sql_dialect;

/* See normalise.h; of both dialects. */
statement_role sql_role(const struct sql_dialect *dialect, slice verb, slice text);

/* The values of one execution; see normalise.h. */
void sql_values_read(const struct sql_dialect *dialect, slice statement, statement_values *out);

#endif
