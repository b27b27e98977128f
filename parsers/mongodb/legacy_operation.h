/* legacy_operation.h - the text of one operation in MongoDB's log up to 4.2, as JSON.
 *
 *   command shop.orders appName: "web" command: find { find: "orders", filter: { a: 1 } }
 *   planSummary: COLLSCAN keysExamined:0 docsExamined:5 locks:{ … } protocol:op_msg 12ms
 *
 * becomes the object that later servers write ("attr" of the structured log), so that both are read
 * in one way. Operations of before commands (query, update, remove, getmore) become the commands
 * that they were. */
#ifndef QLOG_PARSERS_MONGODB_LEGACY_OPERATION_H
#define QLOG_PARSERS_MONGODB_LEGACY_OPERATION_H

#include "base/buf.h"

/* Buffers that are used again and again. */
typedef struct legacy_scratch {
    buf json;  /* what the operation became */
    buf value; /* a document on the way */
} legacy_scratch;

void legacy_scratch_init(legacy_scratch *s);
void legacy_scratch_free(legacy_scratch *s);

/* Fills s->json from what follows the line's "[context] ". False where it is no operation.
 * *truncated: the server cut the line. */
bool legacy_operation(slice text, legacy_scratch *s, bool *truncated);

/* What an operation of before commands consisted of; the documents are JSON or the shell's. */
typedef struct legacy_parts {
    slice operation, ns;
    slice query, update;
} legacy_parts;

/* Fills s->json with {"type": …, "ns": …, "command": …}. */
bool legacy_command(const legacy_parts *parts, legacy_scratch *s);

#endif
