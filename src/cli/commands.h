/* commands.h - one function for each verb; the table of them is in main.c. */
#ifndef QLOG_CLI_COMMANDS_H
#define QLOG_CLI_COMMANDS_H

#include "cli/options.h"

/* Each gets its name and what follows it, and returns the exit code. */
int command_analyze(const command *c, int argc, char **argv);
int command_ingest(const command *c, int argc, char **argv);
int command_report(const command *c, int argc, char **argv);
int command_show(const command *c, int argc, char **argv);
int command_events(const command *c, int argc, char **argv);
int command_diff(const command *c, int argc, char **argv);
int command_check(const command *c, int argc, char **argv);
int command_accept(const command *c, int argc, char **argv);
int command_mark(const command *c, int argc, char **argv);
int command_compact(const command *c, int argc, char **argv);
int command_export(const command *c, int argc, char **argv);
int command_merge(const command *c, int argc, char **argv);
int command_fingerprint(const command *c, int argc, char **argv);
int command_formats(const command *c, int argc, char **argv);

/* Finds the verb in a table that ends with a NULL name and runs it. */
int run_command_line(const command *commands, int argc, char **argv);

#endif
