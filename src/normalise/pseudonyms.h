/* pseudonyms.h - names that say nothing, for reports that outsiders may read.
 *
 * Each name (of a table, a column, a user, a file ...) becomes its kind and ten hexadecimal digits:
 * "table_3fa29c01be". The digits are a keyed hash of the name, so that one name has one pseudonym
 * wherever it stands and in all reports of a key, and whoever has not the key can neither compute a
 * guessed name's nor find a name by trying all.
 * In statements, plans and messages words stay that an engine itself uses (words.txt); any other
 * is a name, so that what is not known is hidden. */
#ifndef QLOG_NORMALISE_PSEUDONYMS_H
#define QLOG_NORMALISE_PSEUDONYMS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

enum { PSEUDONYMS_KEY_LEAST = 16 /* bytes */ };

/* What a text is made of, which says which words stay. */
typedef enum text_kind {
    TEXT_STATEMENT, /* normalised SQL, or a name in one */
    TEXT_DOCUMENT,  /* a shape as of MongoDB's commands */
    TEXT_PLAN,
    TEXT_MESSAGE, /* of the server; what it quotes are names */
    TEXT_KINDS
} text_kind;

typedef struct pseudonyms pseudonyms;

/* To be freed by pseudonyms_free. */
bool pseudonyms_new(slice key, pseudonyms **out, status *st);
void pseudonyms_free(pseudonyms *p);

/* From now on the last part of this name is called a table's wherever it stands in a text. */
bool pseudonyms_add_table(pseudonyms *p, slice name);

/* Appends the pseudonym of a whole name of a kind: "user". An empty name stays empty. */
void pseudonym_of_name(const pseudonyms *p, slice kind, slice name, buf *out);

/* Appends the text with its names replaced. */
void pseudonym_of_text(const pseudonyms *p, text_kind kind, slice text, buf *out);

/* Of a fingerprint, which a guessed statement gives as well; 0 stays. */
uint64_t pseudonym_of_id(const pseudonyms *p, uint64_t id);

#endif
