/* tools.h - programs that come with the servers, by the names under which they connect. */
#ifndef QLOG_NORMALISE_TOOLS_H
#define QLOG_NORMALISE_TOOLS_H

#include "base/slice.h"

/* Whether the application dumps or restores: what it does, row by row and in long transactions, is
 * meant as it is. */
bool is_dump_tool(slice application);

#endif
