/* normalise.h - when two statements are the same query.
 *
 * One function with two sinks: it reads a statement once, hashing what counts of it,
 * and writes the normalised text only where somebody wants it. Both come from the same
 * pass, so text and fingerprint always agree: of SQL, two statements have one fingerprint
 * exactly when they have one normalised text. Where a text shows more than identity is made of
 * (MongoDB's: the types of values, the order of fields), one fingerprint has several
 * spellings; one text still has one fingerprint, and the least of the texts that were seen stands
 * for it, so that it does not matter which came first.
 * The rules are in fingerprint.md. Not here: tables and values (facts.h), tags in comments
 * (tags.h). */
#ifndef QLOG_NORMALISE_NORMALISE_H
#define QLOG_NORMALISE_NORMALISE_H

#include "base/buf.h"
#include "base/slice.h"

typedef struct normalised {
    uint64_t fingerprint;
    uint64_t spelling; /* differs where the text does */
    const char *verb;  /* "SELECT", "INSERT" …; "" for an empty or unknown statement; static */
    bool counts;       /* its values have a limit, an offset or a pattern that is worth reading */
    bool placeholders; /* values of it are sent beside the text */
} normalised;

/* What part a statement plays in what its session does. */
typedef enum statement_role {
    ROLE_OTHER, /* definitions, maintenance, the catalogue, dumps: work of its own */
    ROLE_READ,
    ROLE_COUNT, /* reads how many rows there are */
    ROLE_WRITE,
    ROLE_BEGIN, /* of a transaction */
    ROLE_END,
    ROLE_CHATTER, /* of the connection, not of the data: SET, SHOW, SELECT 1, savepoints */
    ROLE_CURSOR   /* goes on with what another statement has begun: FETCH, getMore */
} statement_role;

/* How many rows a statement wants, or passes over. */
typedef enum count_kind {
    COUNT_NONE,
    COUNT_NUMBER,
    COUNT_PARAMETER, /* value: its number as in $2, 0 of a placeholder without one */
    COUNT_OTHER      /* an expression */
} count_kind;

typedef struct statement_count {
    count_kind kind;
    uint64_t value;
    const char *digits; /* COUNT_NUMBER: where they stand; NULL where it is said in words */
} statement_count;

/* How a pattern behind LIKE begins. */
typedef enum pattern_kind {
    PATTERN_NONE,
    PATTERN_PLAIN,
    PATTERN_WILDCARD, /* '%x', '_x': no ordinary index finds it */
    PATTERN_PARAMETER
} pattern_kind;

/* What differs between the executions of one fingerprint. */
typedef struct statement_values {
    uint64_t literals; /* hash of all numbers and strings with their signs, in their order */
    uint32_t n_literals;
    uint32_t longest_in;   /* elements of the longest list after IN */
    uint32_t rows;         /* of the longest VALUES */
    statement_count limit; /* of the outermost LIMIT or FETCH, and OFFSET */
    statement_count offset;
    pattern_kind pattern;       /* of several a wildcard, else a parameter */
    uint64_t pattern_parameter; /* the first one's number as in $2; 0 of one without */
} statement_values;

struct outlined;

typedef struct normaliser {
    const char *engine;
    /* For the readers of facts.h and tags.h; NULL where the statements are no SQL. */
    const struct sql_dialect *dialect;
    /* Reads one statement. `text`, where not NULL, gets the normalised text appended, up to its
     * maximum. `truncated`: the log cut the statement, so that its end is not to be trusted. */
    void (*run)(slice statement, bool truncated, normalised *out, buf *text);
    /* What is asked for by one execution: no memory, one pass. */
    void (*values)(slice statement, statement_values *out);
    /* By its normalised text, so that it is the same for all executions. */
    statement_role (*role)(slice verb, slice text);
    /* What a normalised text without a dialect is about: one table, or collection. False where it
     * is about none. NULL where there is a dialect, whose facts tell. */
    bool (*subject)(slice text, slice *name, bool *written);
    /* See outline.h; NULL where the statements have none. *taken has nothing yet. */
    size_t (*outline)(slice statement, char *to, struct outlined *taken);
    /* Of outlines that are worth a tree (outline_tree.h), else NULL: whether a literal of a kind
     * stands at *p, behind what has one of that kind behind it in another statement. It is then
     * taken. */
    bool (*take)(const char **p, const char *end, uint8_t kind, struct outlined *taken);
    /* The tools whose ids of a statement are aliases: ends with NULL; see foreign_ids.h. */
    const struct foreign_tool *const *tools;
} normaliser;

/* The one for an engine's name as the parsers have it; NULL where there is none. */
const normaliser *normaliser_find(const char *engine);

#endif
