/* cmd_formats.c - the formats that can be read and what they may be carried in: how each is
 * recognised, and a line of it. */
#include "cli/commands.h"
#include "cli/work.h"
#include "input/transport.h"
#include "report/value_json.h"

enum { OUTPUT_MAX = 256 * 1024 };

static void write_row(buf *out, const char *name, const char *title, const char *recognised,
                      const char *line)
{
    buf_printf(out, "%s%-20s %s\n", out->n > 0 ? "\n" : "", name, title);
    buf_printf(out, "  recognised by      %s\n", recognised);
    buf_printf(out, "  example            %s\n", line);
}

static void write_text(buf *out)
{
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        const parser *p = parser_registry[i];
        write_row(out, p->name, p->title, p->recognised, p->example);
    }
    buf_add_text(out, "\nWhat any of them may be carried in, one within another as well:\n");
    for (size_t i = 0; transport_registry[i] != NULL; i++) {
        const transport *t = transport_registry[i];
        write_row(out, t->name, t->title, t->recognised, t->example);
    }
}

static void add_row(value_builder *b, value *root, const char *kind, const char *name,
                    const char *title, const char *engine, const char *recognised, const char *line)
{
    value *row = value_add_object(b, root, NULL);
    value_add_text(b, row, "kind", slice_from(kind));
    value_add_text(b, row, "name", slice_from(name));
    value_add_text(b, row, "title", slice_from(title));
    if (engine != NULL) {
        value_add_text(b, row, "engine", slice_from(engine));
    }
    value_add_text(b, row, "recognised_by", slice_from(recognised));
    value_add_text(b, row, "example", slice_from(line));
}

static bool write_json(buf *out, status *st)
{
    arena a;
    arena_init(&a, OUTPUT_MAX);
    value_builder b = {.arena = &a};
    value *root = value_root(&b, VALUE_LIST);
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        const parser *p = parser_registry[i];
        add_row(&b, root, "format", p->name, p->title, p->engine, p->recognised, p->example);
    }
    for (size_t i = 0; transport_registry[i] != NULL; i++) {
        const transport *t = transport_registry[i];
        add_row(&b, root, "transport", t->name, t->title, NULL, t->recognised, t->example);
    }
    value_write_json(root, true, out);
    arena_free(&a);
    return !b.failed || status_no_memory(st);
}

static bool list_formats(const arguments *a, buf *out, status *st)
{
    bool json;
    if (!work_plain_format(a, "formats", &json, st)) {
        return false;
    }
    if (json) {
        return write_json(out, st);
    }
    write_text(out);
    return true;
}

int command_formats(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        buf out;
        buf_init(&out, OUTPUT_MAX);
        bool ok = list_formats(&a, &out, &st) && console_write(NULL, buf_slice(&out), &st);
        code = ok ? STATUS_OK : console_fail(&st);
        buf_free(&out);
    }
    arguments_free(&a);
    return code;
}
