/* registry.c - the formats there are. */
#include "parsers/mongodb/legacy.h"
#include "parsers/mongodb/profiler.h"
#include "parsers/mongodb/structured.h"
#include "parsers/parser.h"
#include "parsers/postgres/csvlog.h"
#include "parsers/postgres/jsonlog.h"
#include "parsers/postgres/stderr.h"

const parser *const parser_registry[] = {&postgres_stderr,
                                         &postgres_csvlog,
                                         &postgres_jsonlog,
                                         &mongodb_structured,
                                         &mongodb_legacy,
                                         &mongodb_profiler,
                                         NULL};
