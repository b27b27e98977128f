/* registry.c - the formats there are. */
#include "parsers/mongodb/legacy.h"
#include "parsers/mongodb/profiler.h"
#include "parsers/mongodb/structured.h"
#include "parsers/mysql/general.h"
#include "parsers/mysql/slowlog.h"
#include "parsers/mysql/slowtable.h"
#include "parsers/parser.h"
#include "parsers/pgbouncer/pgbouncer.h"
#include "parsers/postgres/csvlog.h"
#include "parsers/postgres/jsonlog.h"
#include "parsers/postgres/stderr.h"
#include "parsers/regex/line_regex.h"

const parser *const parser_registry[] = {&postgres_stderr,
                                         &postgres_csvlog,
                                         &postgres_jsonlog,
                                         &mysql_slow,
                                         &mysql_slow_table,
                                         &mysql_general,
                                         &mongodb_structured,
                                         &mongodb_legacy,
                                         &mongodb_profiler,
                                         &pgbouncer_log,
                                         &line_regex_postgresql,
                                         &line_regex_mysql,
                                         NULL};
