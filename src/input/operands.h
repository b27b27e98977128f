/* operands.h - which files a word of the command line stands for.
 *
 * A folder stands for the regular files directly within it, hidden ones left out; a pattern that
 * the shell did not expand, where no file has that name, for what matches it. Everything else
 * stands for itself, whether it can be opened or not. Opens no file. */
#ifndef QLOG_INPUT_OPERANDS_H
#define QLOG_INPUT_OPERANDS_H

#include "base/arena.h"
#include "base/status.h"

typedef struct operand_file {
    const char *path;
    bool in_folder; /* nobody named it */
} operand_file;

typedef struct operand_files {
    operand_file *items; /* in the order of their names within a folder or pattern */
    size_t n, cap;
} operand_files;

/* Adds to *out, whose memory is the arena's. Fails with STATUS_INPUT where a folder cannot be read
 * or is empty, and where nothing matches. */
bool operand_expand(const char *word, arena *keep, operand_files *out, status *st);

#endif
