/* slowlog.h - the slow query log of MySQL, MariaDB, Percona Server and TiDB as a text file. */
#ifndef QLOG_PARSERS_MYSQL_SLOWLOG_H
#define QLOG_PARSERS_MYSQL_SLOWLOG_H

#include "parsers/parser.h"

extern const parser mysql_slow;

#endif
