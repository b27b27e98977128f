/* tools.h - programs that come with the servers, by the names under which they connect. */
#ifndef QLOG_NORMALISE_TOOLS_H
#define QLOG_NORMALISE_TOOLS_H

#include "base/slice.h"

/* The name of the program that dumps or restores with which the application's begins: "pg_dump";
 * empty where there is none. */
slice dump_tool_of(slice application);

/* Whether the application dumps or restores: what it does, row by row and in long transactions, is
 * meant as it is. */
bool is_dump_tool(slice application);

#endif
