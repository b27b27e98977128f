/* tools.c - see tools.h. */
#include "normalise/tools.h"

bool is_dump_tool(slice application)
{
    static const char *const tools[] = {"pg_dump",   "pg_restore",   "mysqldump", "mariadb-dump",
                                        "mongodump", "mongorestore", "pg_dumpall"};
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (slice_starts_with(application, slice_from(tools[i]))) {
            return true;
        }
    }
    return false;
}
