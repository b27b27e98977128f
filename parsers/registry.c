/* registry.c - the formats there are. */
#include "parsers/parser.h"
#include "parsers/pgbouncer/pgbouncer.h"
#include "parsers/postgres/csvlog.h"
#include "parsers/postgres/jsonlog.h"
#include "parsers/postgres/stderr.h"
#include "parsers/regex/line_regex.h"

const parser *const parser_registry[] = {&postgres_stderr,
                                         &postgres_csvlog,
                                         &postgres_jsonlog,
                                         &pgbouncer_log,
                                         &line_regex_postgresql,
                                         &line_regex_mysql,
                                         NULL};
