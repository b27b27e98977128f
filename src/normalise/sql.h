/* sql.h - the normalisers of the SQL dialects; normalise.h has the contract, sql.c the rules. */
#ifndef QLOG_NORMALISE_SQL_H
#define QLOG_NORMALISE_SQL_H

#include "normalise/normalise.h"

extern const normaliser postgresql_normaliser;
extern const normaliser mysql_normaliser; /* MariaDB's as well */

#endif
