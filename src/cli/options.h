/* options.h - the one table of options, and what a command line says by it.
 *
 * The table drives parsing, --help, the manual page and the completions of shells
 * (document.h); an option is added in options.c and nowhere else. Commands get a filled
 * `arguments`. */
#ifndef QLOG_CLI_OPTIONS_H
#define QLOG_CLI_OPTIONS_H

#include "base/buf.h"
#include "base/status.h"
#include "cli/finding_options.h"
#include "cli/redaction.h"
#include "digest/selection.h"
#include "parsers/parser.h"
#include "report/build.h"
#include "report/markup.h"

/* Commands an option belongs to. */
enum {
    FOR_ANALYZE = 1u << 0,
    FOR_INGEST = 1u << 1,
    FOR_REPORT = 1u << 2,
    FOR_SHOW = 1u << 3,
    FOR_MERGE = 1u << 4,
    FOR_FORMATS = 1u << 5,
    FOR_FINGERPRINT = 1u << 6,
    FOR_COMPACT = 1u << 7,
    FOR_EVENTS = 1u << 8,
    FOR_DIFF = 1u << 9,
    FOR_CHECK = 1u << 10,
    FOR_ACCEPT = 1u << 11,
    FOR_MARK = 1u << 12,
    FOR_EXPORT = 1u << 13
};

typedef struct command {
    const char *name;
    unsigned bit;
    const char *synopsis; /* what follows the name */
    const char *summary;
    const char *description;
    int (*run)(const struct command *c, int argc, char **argv);
} command;

/* A row of the table. */
typedef struct option {
    unsigned id; /* of options.c */
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* NULL: takes none */
    unsigned commands;    /* FOR_* */
    const char *group;
    const char *help;
} option;

/* The options of these commands, one after the other: NULL gives the first, NULL is behind the
 * last. */
const option *option_next(unsigned commands, const option *after);

/* The values that an option may have, separated by blanks; nothing where they cannot be listed. */
void option_words(const option *o, buf *out);

typedef struct arguments {
    selection selection;
    format_options reading;
    struct line_regex *line_regex; /* the same as reading's; to be freed */
    name_list tag_keys;            /* to keep besides those that everybody uses */
    const char *log_format;
    unsigned jobs;
    int64_t threshold; /* us; THRESHOLD_UNKNOWN */
    uint32_t one_in;   /* --rate-limit; 0: not given */
    int64_t min_coverage_permille;
    const char *store;
    int64_t wait;                   /* us, for another run that has the store */
    int64_t days_after, drop_after; /* us; 0: never */
    const char *source;
    const char *output;
    const char *format;
    const markup *place;              /* of --flavor; NULL: any */
    struct template_files *templates; /* people's own; NULL: none */
    model_grouping grouping;
    model_order order;
    bool has_limit;
    uint32_t limit;
    slice zone; /* as it was named; empty: the log's */
    finding_options findings;
    int64_t max_age;       /* us; 0: a source may be of any age */
    const char *note;      /* on a finding that is accepted; NULL: none */
    moment accept_until;   /* MOMENT_NONE: for good */
    bool undo;             /* it is accepted no more */
    moment at;             /* where `diff` cuts a store's time, or of a mark; MOMENT_NONE */
    int64_t window;        /* us, on both sides of it */
    unsigned fail_changes; /* a bit for each change_kind to fail on */
    const char *dialect;
    const char *table; /* of those that are exported */
    const char *ddl;   /* whose tables are printed */
    bool examples;     /* literals of the log may be shown */
    bool redact_names;
    const char *redact_key; /* a file; NULL: not given */
    pseudonyms *names;      /* of that key, or with redact_names of one that nobody knows; NULL */
    bool by_nul;            /* statements on standard input end in NUL */
    bool help;
    const char *for_logs; /* the first option that tells how logs are read */
    const char **repeat;  /* words of the options that choose what is read: for the command that
                            shows one query */
    size_t n_repeat;
    const char **operands;
    size_t n_operands;
} arguments;

/* Reads a command's arguments, argv[0] being its name. The memory is the arguments'; to be freed by
 * arguments_free in any case. Failures are STATUS_USAGE and name the nearest option on a typo. */
bool arguments_parse(const command *c, int argc, char **argv, arguments *out, status *st);
void arguments_free(arguments *a);

/* The help of one command: synopsis, description, its options by group. */
void options_help(const command *c, buf *out);

#endif
