/* cmd_formats.c - the formats that can be read. */
#include "cli/commands.h"
#include "cli/work.h"

int command_formats(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        buf out;
        buf_init(&out, 64 * 1024);
        for (size_t i = 0; parser_registry[i] != NULL; i++) {
            buf_printf(&out, "%-20s %s\n", parser_registry[i]->name, parser_registry[i]->title);
        }
        code = console_write(NULL, buf_slice(&out), &st) ? STATUS_OK : console_fail(&st);
        buf_free(&out);
    }
    arguments_free(&a);
    return code;
}
