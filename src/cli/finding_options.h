/* finding_options.h - the options about findings: which are wanted, and which make a run fail. */
#ifndef QLOG_CLI_FINDING_OPTIONS_H
#define QLOG_CLI_FINDING_OPTIONS_H

#include "analysers/request.h"
#include "base/buf.h"
#include "base/status.h"
#include "report/model.h"

/* What --only, --skip, --gate, --ignore and --fail-on say. */
typedef struct finding_options {
    uint64_t only, skip;      /* a bit for each kind */
    uint64_t fail_kinds;      /* the same */
    bool fails;               /* from a severity on */
    finding_severity fail_at; /* that severity */
    analysis_request request;
    uint64_t *ignored; /* ids; owned */
} finding_options;

finding_options finding_options_default(void);

void finding_options_free(finding_options *o);

/* Each takes one value; false, and the status says why, for one that is none. */
bool finding_options_kind(const char *option, const char *word, uint64_t *kinds, status *st);
bool finding_options_gate(const char *setting, finding_options *o, status *st);
bool finding_options_fail_on(const char *word, finding_options *o, status *st);

/* Reads the ids of a file: one on a line, what follows a # is a comment. */
bool finding_options_ignore(const char *path, finding_options *o, status *st);

/* To be called when all are set: `request` is then what to look for. */
void finding_options_finish(finding_options *o);

/* The kinds of findings and the gates, for a command's help. */
void finding_options_help(buf *out);

/* Where nothing was given to fail on: from this severity on. */
void finding_options_fail_default(finding_options *o, finding_severity severity);

/* Whether it is one to fail on. */
bool finding_options_fails_on(const finding_options *o, const finding *f);

/* Whether a finding of the report, but those that are accepted, is one to fail on. */
bool finding_options_fails(const finding_options *o, const model *m);

#endif
