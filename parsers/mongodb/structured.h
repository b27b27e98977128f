/* structured.h - the log of MongoDB 4.4 and later: one JSON object on each line.
 *
 * Format: MongoDB manual, "Log Messages", and the server's logv2. What a line is tells its "id",
 * never its message, which changed. Servers, routers and Atlas' downloads write the same. */
#ifndef QLOG_PARSERS_MONGODB_STRUCTURED_H
#define QLOG_PARSERS_MONGODB_STRUCTURED_H

#include "parsers/parser.h"

extern const parser mongodb_structured;

#endif
