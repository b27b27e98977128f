/* document.h - the manual page and the completions of shells, out of the tables of commands and of
 * options.
 *
 * How they look is in templates/documents/: mustache, over one tree that document.c makes. `make`
 * asks for them with `qlog document NAME`. */
#ifndef QLOG_CLI_DOCUMENT_H
#define QLOG_CLI_DOCUMENT_H

#include "cli/options.h"

/* Prints the document of this name: "qlog.1", "qlog.bash", "_qlog" (zsh), "qlog.fish". `commands`
 * ends with a NULL name. Returns the exit code. */
int document_print(const command *commands, const char *name);

#endif
