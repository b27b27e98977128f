/* intake.h - what the files of the way in share; see ingest.h for what it is for.
 *
 * intake_plan.c finds the logs and intake_look.c looks at each; intake_destinations.c leaves out
 * those that are the same as others; intake_read.c opens and reads them one after the other, from
 * where intake_segment.c says. Private to these files and ingest.c. */
#ifndef QLOG_PIPELINE_INTAKE_H
#define QLOG_PIPELINE_INTAKE_H

#include "pipeline/ingest.h"

enum {
    SEGMENTS_MAX = 16, /* that begin alike */
    MEMBERS_MAX = 4096 /* of an archive: those behind are told and not read */
};

/* One log, looked at but not yet read. */
typedef struct plan {
    ingest_file *file;
    const char *path; /* of the file that holds it */
    size_t member;    /* of an archive, from 1; 0: the log is the file */
    input *in;        /* while it is open; until its turn only where it cannot be opened again */
    reading reading;
    const normaliser *normaliser;
    hash128 head; /* of the first head_bytes */
    size_t head_bytes;
    int64_t first_at;
    int64_t next_at; /* about when the part that is new begins, once it is looked for */
    int64_t last_at; /* looked for only where the selection needs it; 0: not known */
    int32_t zone_offset;
    bool has_first;      /* a first record was found */
    bool unknown_format; /* it may be no log at all */
    bool last_of_source;
    bool ends_in_next; /* its end is the beginning of the next log of the source, too */
    bool is_witness;   /* read in an earlier run: only compared with */
    bool has_twin;     /* there is a log of another format that may be the same one */
} plan;

/* What the result will tell of: logs, and archives that could not be read to their end. */
typedef struct told_file {
    ingest_file *file;
    bool is_archive;
} told_file;

/* One run: what was found so far, and what is open. */
typedef struct intake {
    store *store;
    const ingest_request *request;
    ingest_result *result;
    batch scratch;
    told_file *told;
    size_t n_told, told_cap;
    plan *plans; /* of what can be read; then in the order in which it is */
    size_t n_plans, plans_cap;
    input **pipes; /* archives that can be read only forward and once */
    size_t n_pipes;
    input *at_hand; /* the file that was opened last; NULL */
    fold fold;      /* of the source that is being read */
    slice source, engine;
    bool folding;
    bool leaving;  /* what is left of the source is for the next run */
    bool resolved; /* the selection's times of day */
} intake;

/* The bytes in front of the place where a segment was left. */
typedef struct ending {
    char bytes[TAIL_BYTES];
    size_t n;
} ending;

/* Files that nobody named one by one: of a folder, or of an archive. Not all of them have to be
 * logs. */
typedef struct company {
    const char *path;
    size_t known, unknown;
    status first_unknown;
} company;

/* --- intake_look.c ------------------------------------------------------------------- */

/* For qsort: the order in which logs are read. */
int intake_compare_plans(const void *a, const void *b);

slice intake_engine_of(const plan *p);

/* The time of the last record, from the log's end. */
void intake_find_last(plan *p, batch *scratch);

/* Fills what the beginning of the log at p->in tells: how it is read, its first record, its name. A
 * failure is of this log alone where it has STATUS_INPUT. */
bool intake_look(const ingest_request *r, plan *p, arena *keep, batch *scratch, status *st);

/* --- intake_segment.c ---------------------------------------------------------------- */

/* Fills seg with what the store knows of this file's content, or with the beginning of a new
 * segment, and stands where there is something new to read. */
bool intake_find_segment(store *s, plan *p, arena *keep, segment *seg, ending *before, status *st);

/* Leaves out of what is new in a log what another file had. */
bool intake_leave_out_shared(intake *t, plan *p, segment *seg, ending *before, bool *more,
                             status *st);

/* --- intake_read.c ------------------------------------------------------------------- */

/* Ends the source: where nothing will follow, what still waits is given up, whichever of its logs
 * was the last to be read. */
bool intake_end_source(intake *t, status *st);

void intake_forget_source(intake *t);

/* Closes and frees; NULL is nothing. */
void intake_free_input(input *in);

/* Closes the plan's log where it is nobody else's. */
void intake_let_go(intake *t, plan *p);

/* Opens the file in the place of the one at hand. */
bool intake_open_file(intake *t, const char *path, status *st);

/* Opens the plan's log. An archive that is open at an earlier member is read on, so that members
 * that lie in the order of their times take one way through it. Every step back is a way from
 * the beginning: with the number of members n, n / 2 ways at worst. */
bool intake_reach(intake *t, plan *p, status *st);

/* Reads all plans in their order. */
bool intake_take_all(intake *t, status *st);

/* Reads the next log; those of one source follow one another. `behind`: the one after it of the
 * same source; NULL. */
bool intake_take_next(intake *t, plan *p, const plan *behind, status *st);

/* --- intake_plan.c ------------------------------------------------------------------- */

/* Whether there was a log among the company; else that is a failure. */
bool intake_end_company(intake *t, const company *with, status *st);

/* Ends the looking at an archive whose next member could not be had. */
bool intake_end_members(intake *t, const input *in, status *why, status *st);

/* Without the name; empty where there is none. */
slice intake_folder_of(const char *path);

/* Room for one more; the items stay zero until they are used. */
void *intake_grow(void *items, size_t n, size_t *cap, size_t size, status *st);

bool intake_is_selected(const selection *sel, const plan *p);

/* The same content under two names is one log, whatever sources the names stand for. */
void intake_join_copies(intake *t);

/* Drops the plans that the selection's sources and engines leave out. */
void intake_leave_out_unselected(intake *t);

/* Looks at the log that t->at_hand stands at the beginning of. *p is its plan where it is ready to
 * be read; else *ready is false. */
bool intake_look_at_log(intake *t, const char *path, company *with, plan *p, bool *ready,
                        status *st);

/* Looks at all that the words of the request stand for. */
bool intake_plan_operands(intake *t, status *st);

/* Times of day in the selection mean the first such time from the earliest log's beginning on. */
void intake_resolve_selection(intake *t, const plan *plans, size_t n);

/* Logs of one name in several folders are of several servers, so their folder is a part of the
 * source's name: "db1/postgresql". */
bool intake_tell_folders_apart(intake *t, status *st);

/* --- intake_destinations.c ----------------------------------------------------------- */

/* Leaves out the logs that hold the records of others. */
bool intake_leave_out_same_logs(intake *t, status *st);

#endif
