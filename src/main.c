/* main.c - the table of commands, and nothing else. */
#include "cli/commands.h"

static const command commands[] = {
    {"analyze", FOR_ANALYZE, "[OPTION]... FILE...", "answer from logs, at once",
     "Reads slow-query logs ('-' is standard input) and shows what they say. Nothing is kept.\n"
     "`qlog FILE...` does the same.\n\n"
     "  qlog analyze postgresql.log\n"
     "  qlog analyze --since 14:00 --until 14:20 --db shop postgresql.log\n"
     "  tail -f postgresql.log | qlog analyze -\n"
     "  qlog analyze -o report.html postgresql-*.log",
     command_analyze},
    {"ingest", FOR_INGEST, "--store FILE --source NAME LOG...",
     "add logs to a store, each byte once",
     "Reads what is new in the logs into a store. Logs are known by their content, so that\n"
     "renamed, rotated, copied and grown ones are read once; a killed run is simply run again.\n\n"
     "  qlog ingest --store prod.db --source db1 /var/log/postgresql/postgresql-*.log",
     command_ingest},
    {"report", FOR_REPORT, "--store FILE [OPTION]...", "answer from a store",
     "Shows what a store holds.\n\n  qlog report --store prod.db -o report.html", command_report},
    {"show", FOR_SHOW, "ID [OPTION]... FILE... | ID --store FILE", "all about one query",
     "Shows one query of logs or of a store, by its id or by the server's own id of it.\n\n"
     "  qlog show 9f3c21d07be4a6c8 postgresql.log\n"
     "  qlog show 9f3c21d07be4a6c8 --store prod.db --format md",
     command_show},
    {"events", FOR_EVENTS, "ID [OPTION]... FILE...", "the records of one query",
     "Prints the records of logs whose statement is this query, as they lie there, in the order "
     "in\n"
     "which they were logged. The id is qlog's or the server's own. Where a statement and its\n"
     "duration are two records, the statement's is printed.\n\n"
     "  qlog events 9f3c21d07be4a6c8 postgresql.log\n"
     "  qlog events 9f3c21d07be4a6c8 --min-time 1s --since 14:00 postgresql.log | less",
     command_events},
    {"diff", FOR_DIFF, "[OPTION]... BEFORE AFTER | --store FILE --at WHEN --window TIME",
     "what changed between two windows",
     "Compares two logs, two stores, or the time before WHEN with the time after it, and shows "
     "which\n"
     "queries got worse, better, are new or gone. Each is a log, a folder, a quoted pattern\n"
     "('postgresql-*.log') or a store. A change is shown where it is of a quarter or more, costs "
     "at\n"
     "least 1 % of the query time and is more than the times' own scatter; it is not tested.\n\n"
     "  qlog diff monday.log tuesday.log\n"
     "  qlog diff --store prod.db --at '2026-11-19 14:00' --window 2h --fail-on regression",
     command_diff},
    {"check", FOR_CHECK, "--store FILE [OPTION]...", "what a monitor is to be told of",
     "Prints a line for each finding of yesterday that is new or open and not accepted, and for "
     "each\n"
     "source that fell silent, and exits with 1; with 0, and silent, where there is none.\n\n"
     "  qlog check --store prod.db --baseline 14d\n"
     "  qlog check --store prod.db --fail-on high --fail-on regression --max-age 2h",
     command_check},
    {"accept", FOR_ACCEPT, "ID... --store FILE [OPTION]...", "findings that are known",
     "Keeps in the store that somebody knows of these findings: reports then show them apart, and\n"
     "nothing fails for them. A change that is accepted for good is the norm from then on; with\n"
     "--until it is put off, and told again from then on if it is still there.\n\n"
     "  qlog accept 9f3c21d07be4a6c8 --store prod.db --note DB-123 --until 2026-12-01",
     command_accept},
    {"mark", FOR_MARK, "TEXT --store FILE [OPTION]...", "what happened at a moment",
     "Keeps in the store what happened now, or at a moment, such as a deploy: reports show it in "
     "the\n"
     "load over time, and name it beside a change.\n\n"
     "  qlog mark 'deploy 4.2' --store prod.db\n"
     "  qlog mark 'index on orders' --store prod.db --at '2026-11-19 14:00' --source db1",
     command_mark},
    {"compact", FOR_COMPACT, "--store FILE [OPTION]...", "keep a store small",
     "Makes one row of a day's hours, of each log by itself, when they are old, and drops what is\n"
     "older still. Sums, percentiles and slowest executions of a day stay what they were; when in\n"
     "the day they were is gone. What was read stays known: a log is not read again. Ages count\n"
     "from the latest record, and days begin in the log's own zone.\n\n"
     "  qlog compact --store prod.db\n"
     "  qlog compact --store prod.db --days-after 14d --drop-after 0",
     command_compact},
    {"merge", FOR_MERGE, "OUT IN...", "make one store of several",
     "Adds the stores IN to the store OUT, which is made where there is none. A log that several\n"
     "of them hold counts once; order and repetition do not matter.\n\n"
     "  qlog merge fleet.db host1.db host2.db",
     command_merge},
    {"export", FOR_EXPORT, "--store FILE [OPTION]... | --ddl DATABASE",
     "figures for another database",
     "Writes what a store holds of each query, database, user and application in each hour: "
     "calls,\n"
     "errors, time with its distribution, and all else that was measured. Hours that a window "
     "cuts\n"
     "are written whole, so that a row which is sent again replaces the one before. No literal of "
     "a\n"
     "statement is in it. --ddl prints the tables to load it into, and how.\n\n"
     "  qlog export --store prod.db --since yesterday -o hours.ndjson\n"
     "  qlog export --store prod.db --table queries --format csv\n"
     "  qlog export --ddl postgres | psql",
     command_export},
    {"fingerprint", FOR_FINGERPRINT, "[OPTION]... [STATEMENT]...", "which query a statement is",
     "Prints the id and the normalised text of statements: of those given, or of those on "
     "standard\n"
     "input, one on each line; in a script, where lines end in ';', by ';'; or by NUL.\n\n"
     "  qlog fingerprint 'SELECT * FROM orders WHERE id = 42'\n"
     "  qlog fingerprint --format json <statements.sql",
     command_fingerprint},
    {"formats", FOR_FORMATS, "", "the log formats that can be read",
     "Lists the formats with their names for --log-format.", command_formats},
    {NULL, 0, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    return run_command_line(commands, argc, argv);
}
