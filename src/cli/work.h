/* work.h - what the commands that read logs and those that write reports have in common. */
#ifndef QLOG_CLI_WORK_H
#define QLOG_CLI_WORK_H

#include "cli/console.h"
#include "cli/options.h"
#include "pipeline/ingest.h"
#include "report/render.h"

/* Opens a store for writing; says on standard error when it waits for another run, and when the
 * store was of an older version. */
bool work_open_store(const arguments *a, const char *path, store **out, status *st);

/* Of the command of this name, which is about a store and nothing else: whether it was given just
 * that. */
bool work_wants_store(const arguments *a, const char *name, status *st);

/* Fails where there is no file: nothing is made where a store is only to be added to. */
bool work_must_exist(const char *path, status *st);

/* Resolves a selection's moments for the store, whatever it holds; *zone_offset is that of its
 * latest record. */
bool work_resolve(const store *s, selection *chosen, int32_t *zone_offset, status *st);

/* The format of what is no report: text or json. */
bool work_plain_format(const arguments *a, const char *what, bool *json, status *st);

/* Reads logs into a store, with progress and interruption, and says on standard error what could
 * not be read. *code becomes STATUS_INPUT where that is so. False on a failure of all, and where
 * the window that was asked for holds no record of any log. */
bool work_read(store *s, const arguments *a, const char *source, const char **paths, size_t n,
               bool final, ingest_result *result, int *code, status *st);

/* The same for a temporary store, whose reader may want to see the records; NULL: not. */
bool work_read_observed(store *s, const arguments *a, const record_observer *observer,
                        const char **paths, size_t n, ingest_result *result, int *code, status *st);

/* The format that --format or the output's ending asks for. */
bool work_format(const arguments *a, report_format *as, status *st);

/* How a store is opened that a report is to be made of. */
store_mode work_store_mode(const arguments *a);

/* What the arguments ask of the model; the texts are kept in *scratch. */
model_request work_request(const arguments *a, report_format as, buf *selection_text);

/* The name of a query, as a word of the command line gives it: qlog's id, or one that a record
 * itself may give, as the server's own. Other tools write theirs as 0xAE9D…. */
typedef struct query_name {
    slice text; /* without 0x */
    uint64_t id;
    bool is_id;
} query_name;

query_name query_name_of(const char *word);
bool query_name_fits(const query_name *name, const event *e, const batch *events);

/* Whether something was read; tells of what could not be. */
bool work_anything_read(const ingest_result *result);

/* How many of a list are shown in a format, where the arguments do not say. */
uint32_t work_limit(const arguments *a, report_format as);

/* Whether enough of each file was understood; says which was not. */
int work_check_coverage(const ingest_result *result, const arguments *a);

/* "qlog show ID --db shop a.log 'b c.log'", for people to copy; without paths it is of the store.
 */
void work_show_command(const arguments *a, const char *const *paths, size_t n, buf *out);

/* Renders and writes. */
bool work_write(const render_subject *what, report_format as, const arguments *a, status *st);

/* Parses arguments and handles --help: true to go on, false to return *code. */
bool work_begin(const command *c, int argc, char **argv, arguments *a, int *code);

#endif
