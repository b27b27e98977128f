/* sql.h - the normalisers of the SQL dialects; normalise.h has the contract, sql.c the rules. */
#ifndef QLOG_NORMALISE_SQL_H
#define QLOG_NORMALISE_SQL_H

#include "normalise/normalise.h"

extern const normaliser postgresql_normaliser;
extern const normaliser mysql_normaliser; /* MariaDB's as well */

/* What MySQL's slow log writes, as a comment, where a client asked for something without a
 * statement: "administrator command: Ping", of which every byte tells. Empty where the statement is
 * none such. */
slice mysql_command(slice statement);

#endif
