/* fuzz_mysql.c - the laws of log parsers, for all that MySQL and MariaDB write, and the ids of
 * other tools, which read statements byte by byte. The first byte chooses. */
#include <stdint.h>

#include "log_laws.h"
#include "normalise/foreign_ids.h"
#include "parsers/mysql/general.h"
#include "parsers/mysql/slowlog.h"
#include "parsers/mysql/slowtable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_ids(slice statement)
{
    char id[FOREIGN_ID_MAX];
    size_t n = foreign_id(&pt_tool, statement, id);
    assert(n == 32 || n == 0);
    n = foreign_id(&pmm_tool, statement, id);
    assert(n == 16 || n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    slice rest = slice_of((const char *)data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        laws_hold(&mysql_slow_table, rest);
        break;
    case 1:
        laws_hold(&mysql_general, rest);
        break;
    case 2:
        make_ids(rest);
        break;
    default:
        laws_hold(&mysql_slow, rest);
    }
    return 0;
}
