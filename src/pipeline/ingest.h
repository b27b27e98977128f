/* ingest.h - files into a store: which logs there are, which format they have, which part is new,
 * in which order they are read.
 *
 * The one way in: a report of files is an ingest into a temporary store. A file is
 * recognised by its content, so that renamed, copied and grown logs are read once. What
 * goes wrong with one file does not stop the others; it is in that file's outcome. */
#ifndef QLOG_PIPELINE_INGEST_H
#define QLOG_PIPELINE_INGEST_H

#include "pipeline/pipeline.h"

enum { THRESHOLD_UNKNOWN = -2 };

typedef struct ingest_request {
    const char *const *paths; /* files, archives, folders, patterns; "-" is standard input */
    size_t n_paths;
    const char *source; /* NULL: from each file's name, so that a log's rotations are one source */
    const char *format; /* a parser's name; NULL: found from the log */
    format_options options;
    name_list tag_keys; /* to keep as dimensions: see tagging.h */
    unsigned jobs;
    selection *selection; /* NULL: all */
    int64_t threshold;    /* us, as the user states it; THRESHOLD_UNKNOWN */
    uint32_t one_in;      /* executions that a record stands for that does not say; 0: one */
    bool final;           /* nothing will follow: take last records, give up what waits */
    int interrupt_fd;
    const progress *progress;
    const record_observer *observer; /* NULL: none */
} ingest_request;

typedef enum ingest_outcome {
    INGEST_FAILED, /* see `error`; what was understood before is kept */
    INGEST_EMPTY,  /* no bytes, or no whole record yet */
    INGEST_LEFT,   /* to the next run: it, or one in front of it, was rotated under this one */
    INGEST_NOT_SELECTED, /* by its source or engine */
    INGEST_DUPLICATE,    /* the same log as `same_as`, in another format: not read */
    INGEST_NEW,
    INGEST_CONTINUED, /* known, and there was more */
    INGEST_KNOWN      /* all of it was read before */
} ingest_outcome;

typedef struct ingest_file {
    const char *path; /* of a member of an archive "ARCHIVE/PATH" */
    slice source;
    ingest_outcome outcome;
    status error;
    const char *same_as; /* where outcome is DUPLICATE */
    uint64_t from;       /* where reading began */
    uint64_t bytes;      /* read this time */
    bool interrupted;
    bool replaced;   /* another log lay at the path when it was read last */
    segment segment; /* what is known of the log now; where outcome is NEW, CONTINUED or KNOWN */
} ingest_file;

typedef struct ingest_result {
    ingest_file *files; /* each log, in the order they were found; in the result's arena */
    size_t n_files;
    size_t passed_over;    /* files of folders and archives that are of no known format; not in
                              `files`, where a folder or archive without any log is */
    uint64_t bytes, calls; /* read and found this time */
    arena arena;
} ingest_result;

/* False for what concerns all files: the store, memory. The result is to be freed in any case. */
bool ingest_files(store *s, const ingest_request *request, ingest_result *result, status *st);
void ingest_result_free(ingest_result *result);

/* The source's name that a file's name stands for: without folders, compression, dates and the
 * numbers of rotation: "postgresql" of "/var/log/postgresql-2026-11-19.log.1.gz". A part of `path`.
 */
slice source_of_path(const char *path);

#endif
