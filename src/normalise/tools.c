/* tools.c - see tools.h. */
#include "normalise/tools.h"

slice dump_tool_of(slice application)
{
    static const char *const tools[] = {"pg_dump",   "pg_restore",   "mysqldump", "mariadb-dump",
                                        "mongodump", "mongorestore", "pg_dumpall"};
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (slice_starts_with(application, slice_from(tools[i]))) {
            return slice_from(tools[i]);
        }
    }
    return SLICE("");
}

bool is_dump_tool(slice application)
{
    return dump_tool_of(application).n > 0;
}
