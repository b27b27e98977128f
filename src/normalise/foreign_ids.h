/* foreign_ids.h - the names that other tools have for a statement's query.
 *
 * pt-query-digest and PMM name a query by the MD5 of its fingerprint, so that their fingerprints
 * have to be made byte by byte, with what is odd about them. They cut the space of statements
 * otherwise than qlog does, which is why they are aliases of an example and never an identity.
 *
 * Sources: pt-query-digest 3.x for `pt` (the rules of its fingerprints, in the order in which they
 * are applied); percona/go-mysql of 2025 for `pmm`, whose results depend on the states that its
 * reader goes through. Both are tested against those tools' own examples (tests/corpus). */
#ifndef QLOG_NORMALISE_FOREIGN_IDS_H
#define QLOG_NORMALISE_FOREIGN_IDS_H

#include "base/buf.h"
#include "base/slice.h"

enum { FOREIGN_ID_MAX = 32, FOREIGN_STATEMENT_MAX = 64 * 1024 };

typedef struct foreign_tool {
    const char *name; /* the alias's kind: "pt" */
    /* Appends the tool's fingerprint of a statement, without its final semicolon. False where the
     * tool has none. */
    bool (*fingerprint)(slice statement, buf *out);
    size_t digits; /* of the MD5's end that are the id */
} foreign_tool;

extern const foreign_tool pt_tool;
extern const foreign_tool pmm_tool;

/* Of an engine whose statements no other tool names. */
extern const foreign_tool *const no_foreign_tools[];

/* The id in upper-case hexadecimal digits, in `id` of FOREIGN_ID_MAX bytes; its length, or 0 where
 * there is none or the statement is longer than FOREIGN_STATEMENT_MAX. */
size_t foreign_id(const foreign_tool *tool, slice statement, char *id);

#endif
