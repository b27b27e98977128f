/* legacy.h - the log of MongoDB up to 4.2: lines of text.
 *
 *   2019-06-18T11:59:16.518+0100 I COMMAND  [conn1] command shop.orders command: find { … } … 12ms
 *
 * Severity and component came with 3.0. Older servers, and those set so, write "Wed Dec 31
 * 19:00:00.000" without a year: it is the one in which the dates have these weekdays. To syslog,
 * from 2.6 on, only "[conn1] command …" goes: the time is the carrier's. */
#ifndef QLOG_PARSERS_MONGODB_LEGACY_H
#define QLOG_PARSERS_MONGODB_LEGACY_H

#include "parsers/parser.h"

extern const parser mongodb_legacy;

#endif
