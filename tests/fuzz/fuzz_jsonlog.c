/* fuzz_jsonlog.c - the laws of log parsers, for PostgreSQL's log as JSON. */
#include <stdint.h>

#include "log_laws.h"
#include "parsers/postgres/jsonlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    laws_hold(&postgres_jsonlog, slice_of((const char *)data, size));
    return 0;
}
