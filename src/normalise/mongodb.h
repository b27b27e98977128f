/* mongodb.h - the normaliser of MongoDB's commands; see normalise.h.
 *
 * A statement is a JSON object with the command and what the log says about it:
 *
 *   {"ns": "shop.orders", "command": {"find": "orders", "filter": {"status": "new"}}}
 *
 * Its members may be among others and may end without the closing brace, so that a log's own bytes
 * serve. Of a getMore the query is taken from "originatingCommand"; a write's {"q": …, "u": …}
 * from "command" with "type" (or "op"). Of a statement that the log cut, "queryShapeHash",
 * "planCacheShapeHash" and "queryHash" tell it from others. */
#ifndef QLOG_NORMALISE_MONGODB_H
#define QLOG_NORMALISE_MONGODB_H

#include "normalise/normalise.h"
#include "normalise/outline.h"

extern const normaliser mongodb_normaliser;

/* The outline (see outline.h) of such a statement: strings and numbers that do not count are gone.
 */
size_t mongodb_outline(slice statement, char *to, outlined *taken);

/* See normaliser.take. */
bool mongodb_outline_take(const char **p, const char *end, uint8_t kind, outlined *taken);

#endif
