/* shell.h - documents in the notation of MongoDB's shell, as logs up to 4.2 write them, become
 * JSON.
 *
 *   { a: 5.0, b.c: { $in: [ "x", /y/i ] }, _id: ObjectId('…'), at: new Date(1530289263000) }
 *
 * Names stand without quotes, old servers leave quotes within strings unescaped, and of a line that
 * is too long the middle is missing: reading is lenient, and what is written is always whole JSON.
 * Values of other types become extended JSON, of which only the type is meant. */
#ifndef QLOG_PARSERS_MONGODB_SHELL_H
#define QLOG_PARSERS_MONGODB_SHELL_H

#include "base/buf.h"

/* Takes the value at the front of *in and appends it to `json`. False where its end is missing: it
 * is then closed where it breaks off. */
bool shell_take(slice *in, buf *json);

/* Appends text as a JSON string, quotes included. */
void shell_quote(slice text, buf *json);

#endif
