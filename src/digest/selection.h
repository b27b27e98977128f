/* selection.h - which executions a person wants to see.
 *
 * Applied to each event while a log is read, so that everything shown is exact for
 * the selection; of a store it chooses rows (store/select.h). Empty lists and absent
 * bounds select all. Nothing here asks a clock: who sets the fields tells what is now. */
#ifndef QLOG_DIGEST_SELECTION_H
#define QLOG_DIGEST_SELECTION_H

#include "base/buf.h"
#include "base/status.h"
#include "digest/who_table.h"

/* A point in time as it was typed: its meaning may need the log's date and zone, or what is now. */
typedef enum moment_kind {
    MOMENT_NONE,
    MOMENT_CLOCK,   /* "14:00": a time of day; see selection_resolve */
    MOMENT_LOCAL,   /* "2026-11-19 14:00": in the log's zone */
    MOMENT_DAY,     /* "yesterday", "today 14:00": `day` days from today's */
    MOMENT_WEEKDAY, /* "last monday": the last such day before today; `day` 0 is Monday */
    MOMENT_AGO,     /* "24h": before now */
    MOMENT_INSTANT  /* with a zone, or resolved */
} moment_kind;

typedef struct moment {
    moment_kind kind;
    int day;
    int64_t us;  /* since midnight, since 1970 on the wall clock, before now, since 1970 UTC */
    slice typed; /* how people see it again, where its kind depends on now */
} moment;

typedef struct name_list {
    const char **items;
    uint32_t n;
} name_list;

typedef struct pattern pattern; /* a compiled regular expression (PCRE2) */

typedef struct selection {
    moment since, until;             /* [since, until) by log time */
    name_list sources, engines;      /* of logs: any of them */
    name_list names[WHO_DIMENSIONS]; /* any of them */
    name_list tags;                  /* "key=value": of each key that is named, any of its values */
    int64_t min_time;                /* us; executions that took less are left out */
    pattern *match, *exclude;        /* on the normalised text; owned */
    int64_t now;                     /* us since 1970 UTC: what relative moments count from */
    bool has_zone;                   /* moments are read in `zone_offset`, not in the log's zone */
    int32_t zone_offset;
    bool whole_hours; /* of a store: hours that the window cuts count whole */
    bool empty;       /* nothing was asked for; set by selection_finish */
} selection;

void selection_free(selection *s);

/* "14:00", "14:00:30", "2026-11-19", "2026-11-19 14:00[:SS[.fff]]", the latter also with a zone
 * behind it; "today", "yesterday", "last monday" (or "mon"), also with a time of day behind them;
 * "now"; "90m", "24h", "7d", "2w" ago. Words in either case. The text must outlive the moment. */
bool moment_parse(slice text, moment *m);

/* Fixes the moments for a log from `first` to `last` (0: not known) in this zone. A time of day to
 * begin with is the first such within the log, or else the one before it; one to end with is the
 * first such after the beginning. */
void selection_resolve(selection *s, int64_t first, int64_t last, int32_t zone_offset);

/* The same for what may go back for years, as a store does: a time of day to begin with, or to end
 * with where there is no beginning, is the last such before `last`; what counts back from now does
 * so from its minute. */
void selection_resolve_recent(selection *s, int64_t last, int32_t zone_offset);

/* Whether a time was asked for. */
bool selection_has_window(const selection *s);

/* Says that nothing is in the window, which is resolved, and from when to when there are records,
 * in the zone of the selection or else in the log's. Returns false. */
bool selection_fail_window(const selection *s, int64_t first, int64_t last, int32_t zone_offset,
                           status *st);

/* To be called when all fields are set. */
void selection_finish(selection *s);

/* Whether the list holds the name, or is empty. */
bool name_list_has(const name_list *list, slice name);

bool selection_has_time(const selection *s, int64_t at);
bool selection_has_who(const selection *s, const who *w);
bool selection_has_text(const selection *s, slice normalised);

/* What is selected, as it was asked for and before it was resolved, in words: "user = app, at least
 * 5 ms". */
void selection_describe(const selection *s, buf *out);

/* Compiles a pattern into *out, which is NULL; on an error the status says where. */
bool pattern_compile(const char *text, pattern **out, status *st);
bool pattern_matches(const pattern *p, slice text);

#endif
