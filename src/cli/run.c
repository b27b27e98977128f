/* run.c - finding the verb, general help and version. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/document.h"

static int print(slice text)
{
    status st = {0};
    return console_write(NULL, text, &st) ? 0 : console_fail(&st);
}

static int general_help(const command *commands)
{
    buf out;
    buf_init(&out, 16 * 1024);
    buf_add_text(&out, "qlog " QLOG_VERSION " - analyses slow-query logs\n\n"
                       "  qlog postgresql.log             what hurts, in the terminal\n"
                       "  qlog COMMAND --help             all about a command\n\n"
                       "commands:\n");
    for (const command *c = commands; c->name != NULL; c++) {
        buf_printf(&out, "  %-12s %s\n", c->name, c->summary);
    }
    buf_add_text(&out,
                 "\nexit codes: 0 done; 1 findings; 2 wrong usage; 3 input that cannot be read or\n"
                 "understood, output that cannot be written; 4 store that cannot be used;\n"
                 "70 a fault of the program; 130 interrupted while reading files\n");
    int code = print(buf_slice(&out));
    buf_free(&out);
    return code;
}

static const command *find_command(const command *commands, const char *name)
{
    for (const command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

static int unknown_command(const char *word)
{
    status st = {0};
    status_fail(&st, STATUS_USAGE,
                "'%s' is neither a command nor a file that exists; 'qlog --help' lists commands",
                word);
    return console_fail(&st);
}

int run_command_line(const command *commands, int argc, char **argv)
{
    if (argc < 2) {
        general_help(commands);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        if (argc < 3) {
            return general_help(commands);
        }
        const command *c = find_command(commands, argv[2]);
        if (c == NULL) {
            return unknown_command(argv[2]);
        }
        char *help[] = {argv[2], (char[]){"--help"}, NULL};
        return c->run(c, 2, help);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
        return print(SLICE("qlog " QLOG_VERSION "\n"));
    }
    if (strcmp(word, "document") == 0 && argc == 3) { /* for `make`, not for people: in no list */
        return document_print(commands, argv[2]);
    }
    const command *c = find_command(commands, word);
    if (c != NULL) {
        return c->run(c, argc - 1, argv + 1);
    }
    /* `qlog FILE...` is `qlog analyze FILE...`: options before the file are analyze's too. */
    bool looks_like_file = word[0] == '-' || strchr(word, '/') != NULL || strchr(word, '.') != NULL;
    if (!looks_like_file && access(word, F_OK) != 0) {
        return unknown_command(word);
    }
    return commands[0].run(&commands[0], argc, argv);
}
