/* fuzz_csvlog.c - the laws of log parsers, for PostgreSQL's log as CSV. */
#include <stdint.h>

#include "log_laws.h"
#include "parsers/postgres/csvlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    laws_hold(&postgres_csvlog, slice_of((const char *)data, size));
    return 0;
}
