/* fuzz_pgbouncer.c - the laws of log parsers, for the pooler's log. */
#include <stdint.h>

#include "log_laws.h"
#include "parsers/pgbouncer/pgbouncer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    laws_hold(&pgbouncer_log, slice_of((const char *)data, size));
    return 0;
}
