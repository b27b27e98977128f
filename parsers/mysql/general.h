/* general.h - the general query log of MySQL and MariaDB: every statement, none with its time. */
#ifndef QLOG_PARSERS_MYSQL_GENERAL_H
#define QLOG_PARSERS_MYSQL_GENERAL_H

#include "parsers/parser.h"

extern const parser mysql_general;

#endif
