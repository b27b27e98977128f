/* work.h - what the commands that read logs and those that write reports have in common. */
#ifndef QLOG_CLI_WORK_H
#define QLOG_CLI_WORK_H

#include "cli/console.h"
#include "cli/options.h"
#include "pipeline/ingest.h"
#include "report/render.h"

/* Reads logs into a store, with progress and interruption, and says on standard error what could
 * not be read. *code becomes STATUS_INPUT where that is so. False on a failure of all, and where
 * the window that was asked for holds no record of any log. */
bool work_read(store *s, const arguments *a, const char *source, const char **paths, size_t n,
               bool final, ingest_result *result, int *code, status *st);

/* The format that --format or the output's ending asks for. */
bool work_format(const arguments *a, report_format *as, status *st);

/* What the arguments ask of the model; the texts are kept in *scratch. */
model_request work_request(const arguments *a, report_format as, buf *selection_text);

/* Whether enough of each file was understood; says which was not. */
int work_check_coverage(const ingest_result *result, const arguments *a);

/* "qlog show ID --db shop a.log 'b c.log'", for people to copy; without paths it is of the store.
 */
void work_show_command(const arguments *a, const char *const *paths, size_t n, buf *out);

/* Renders and writes the report, or the one query where `query` is not NULL. */
bool work_write(const model *m, const model_query *query, report_format as, const arguments *a,
                status *st);

/* Parses arguments and handles --help: true to go on, false to return *code. */
bool work_begin(const command *c, int argc, char **argv, arguments *a, int *code);

#endif
