/* console.h - what commands share: printing, files written whole, the terminal, interruption. */
#ifndef QLOG_CLI_CONSOLE_H
#define QLOG_CLI_CONSOLE_H

#include "base/buf.h"
#include "base/status.h"
#include "pipeline/pipeline.h"
#include "report/layout.h"

/* "qlog: " and the message, on standard error; returns the exit code. */
int console_fail(const status *st);

/* "qlog: " and a message, on standard error. */
void console_note(const char *message, ...) __attribute__((format(printf, 1, 2)));

/* What is now, in us since 1970 UTC. $SOURCE_DATE_EPOCH, in seconds, stands for it where it is set,
 * so that a run can be repeated. */
int64_t console_now(void);

/* Standard output, or a file, written in pieces: it appears under its name when it is ended, and on
 * any failure not at all. Once it was begun, whatever happens, it is to be ended. */
enum { OUTPUT_PATH_MAX = 4096 };

typedef struct output {
    const char *path;
    char temporary[OUTPUT_PATH_MAX]; /* "": what is written to cannot be replaced */
    int fd;
} output;

/* NULL and "-" are standard output. */
bool output_begin(output *o, const char *path, status *st);
bool output_add(output *o, slice text, status *st);
/* Without `keep`, or on a failure, a file is as it was. */
bool output_end(output *o, bool keep, status *st);

/* All of it in one piece. */
bool console_write(const char *path, slice text, status *st);

/* Width and colour of standard output; not a terminal: 100 columns, or $COLUMNS, and no colour. A
 * file has 100 columns wherever it is written. */
text_options console_text_options(bool to_file);

/* From now on SIGINT and SIGTERM make a descriptor readable instead of ending the program; -1 where
 * that cannot be had. */
int console_catch_interrupts(void);
/* They end it again. */
void console_release_interrupts(int fd);

/* A line of progress on standard error, where that is a terminal and the work takes long. */
typedef struct progress_line {
    progress progress; /* for the pipeline */
    uint64_t total;    /* bytes to come; 0: not known */
    uint64_t done;
    int64_t started, shown; /* us */
    bool terminal;
    bool visible;
} progress_line;

void progress_start(progress_line *p, uint64_t total);
void progress_end(progress_line *p);

#endif
