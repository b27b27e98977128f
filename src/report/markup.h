/* markup.h - the places that a ticket is written for, and what each of them takes.
 *
 * GitHub and GitLab read Markdown and fold what stands in <details>; a text there may have 65,536
 * and 1,048,576 characters. Jira takes 32,767, and its documented notation, which the editor of
 * Data Center and version 2 of the REST interface read, here and in the cloud, is its own: Markdown
 * is there what somebody typed. Sizes are kept in bytes, which are never fewer than characters. */
#ifndef QLOG_REPORT_MARKUP_H
#define QLOG_REPORT_MARKUP_H

#include "base/slice.h"

typedef struct markup {
    const char *name;  /* "github"; NULL ends the table */
    const char *title; /* "GitHub" */
    size_t most;       /* bytes */
    bool folds;        /* <details> */
    bool wiki;         /* Jira's notation instead of Markdown */
} markup;

extern const markup markups[];

/* NULL for another name. */
const markup *markup_find(slice name);

#endif
