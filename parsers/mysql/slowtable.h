/* slowtable.h - the table mysql.slow_log as a file: the CSV engine's own (slow_log.CSV), or what a
 * client writes with tabs between the columns (mysql -B -e 'SELECT * FROM mysql.slow_log'). */
#ifndef QLOG_PARSERS_MYSQL_SLOWTABLE_H
#define QLOG_PARSERS_MYSQL_SLOWTABLE_H

#include "parsers/parser.h"

extern const parser mysql_slow_table;

#endif
