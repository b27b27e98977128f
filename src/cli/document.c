/* document.c - see document.h. */
#include "cli/document.h"

#include "base/assets.h"
#include "cli/console.h"
#include "report/template.h"

enum { DOCUMENT_MAX = 1024 * 1024, NAME_MAX_BYTES = 128 };

/* What has no files to complete. */
enum {
    WITHOUT_FILES = FOR_REPORT | FOR_FORMATS | FOR_FINGERPRINT | FOR_CHECK | FOR_ACCEPT | FOR_MARK
};

typedef struct document {
    value_builder b;
    const command *commands;
    buf scratch; /* one text */
} document;

static void add_scratch(document *d, value *parent, const char *name)
{
    value_add_text(&d->b, parent, name, buf_slice(&d->scratch));
    d->b.failed = d->b.failed || d->scratch.failed;
    buf_clear(&d->scratch);
}

static void add_optional(document *d, value *parent, const char *name, slice text)
{
    if (text.n > 0) {
        value_add_text(&d->b, parent, name, text);
    } else {
        value_add_null(&d->b, parent, name);
    }
}

/* --- quoting ---------------------------------------------------------------------------- */

/* Within single quotes. In zsh also within the brackets of a description. */
static void add_quoted(document *d, value *parent, const char *name, const char *text,
                       const char *quote, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buf_add_text(&d->scratch, quote);
        } else {
            buf_add_text(&d->scratch, strchr(special, *text) != NULL ? "\\" : "");
            buf_add_char(&d->scratch, *text);
        }
    }
    add_scratch(d, parent, name);
}

/* The text for zsh and for fish, whose quotes differ. */
static void add_help(document *d, value *parent, const char *text)
{
    value_add_text(&d->b, parent, "help", slice_from(text));
    add_quoted(d, parent, "help_zsh", text, "'\\''", "[]:\\");
    add_quoted(d, parent, "help_fish", text, "\\'", "\\");
}

/* --- options ---------------------------------------------------------------------------- */

static void add_command_names(document *d, value *parent, const char *name, unsigned which)
{
    for (const command *c = d->commands; c->name != NULL; c++) {
        if ((c->bit & which) != 0) {
            buf_add_text(&d->scratch, d->scratch.n > 0 ? ", " : "");
            buf_add_text(&d->scratch, c->name);
        }
    }
    add_scratch(d, parent, name);
}

/* The scratch's words; in zsh a colon would end them. */
static void add_words(document *d, value *row)
{
    slice words;
    if (d->scratch.failed || !arena_copy(d->b.arena, buf_slice(&d->scratch), &words)) {
        d->b.failed = true;
        return;
    }
    buf_clear(&d->scratch);
    add_optional(d, row, "words", words);
    add_quoted(d, row, "words_zsh", words.p, "", ":");
}

static void add_option(document *d, value *list, const option *o)
{
    value *row = value_add_object(&d->b, list, NULL);
    add_optional(d, row, "letter", slice_of(&o->letter, o->letter != 0));
    value_add_text(&d->b, row, "name", slice_from(o->name));
    add_optional(d, row, "argument", slice_from(o->argument != NULL ? o->argument : ""));
    add_help(d, row, o->help);
    add_command_names(d, row, "commands", o->commands);
    option_words(o, &d->scratch);
    bool listed = d->scratch.n > 0;
    bool file = o->argument != NULL && strcmp(o->argument, "FILE") == 0;
    add_words(d, row);
    value_add_bool(&d->b, row, "file", file);
    value_add_bool(&d->b, row, "free", o->argument != NULL && !file && !listed);
}

/* The options of commands by group, as --help has them. */
static void add_groups(document *d, value *parent, unsigned commands)
{
    value *groups = value_add_list(&d->b, parent, "groups");
    const char *title = "";
    value *rows = NULL;
    for (const option *o = option_next(commands, NULL); o != NULL; o = option_next(commands, o)) {
        if (strcmp(o->group, title) != 0) {
            title = o->group;
            value *group = value_add_object(&d->b, groups, NULL);
            value_add_text(&d->b, group, "title", slice_from(title));
            rows = value_add_list(&d->b, group, "options");
        }
        add_option(d, rows, o);
    }
}

/* --- commands --------------------------------------------------------------------------- */

/* A description's paragraphs; its examples are indented. */
static void add_paragraphs(document *d, value *parent, slice text)
{
    value *list = value_add_list(&d->b, parent, "paragraphs");
    while (text.n > 0) {
        bool indented = slice_starts_with(text, SLICE("  "));
        size_t n = 0;
        /* As many lines as are of one kind. */
        while (n < text.n && (n == 0 || text.p[n - 1] != '\n' ||
                              (text.p[n] != '\n' && (text.p[n] == ' ') == indented))) {
            n++;
        }
        value *paragraph = value_add_object(&d->b, list, NULL);
        slice part = slice_trim(slice_take(text, n));
        for (size_t i = 0; i < part.n; i++) {
            bool indent = indented && i > 0 && part.p[i] == ' ' && part.p[i - 1] == '\n';
            i += indent; /* both blanks */
            if (!indent) {
                buf_add_char(&d->scratch, part.p[i]);
            }
        }
        value_add_bool(&d->b, paragraph, "example", indented);
        add_scratch(d, paragraph, "text");
        text = slice_skip(text, n);
        while (slice_starts_with(text, SLICE("\n"))) {
            text = slice_skip(text, 1);
        }
    }
}

static unsigned add_commands(document *d, value *root)
{
    unsigned all = 0;
    value *list = value_add_list(&d->b, root, "commands");
    for (const command *c = d->commands; c->name != NULL; c++) {
        value *row = value_add_object(&d->b, list, NULL);
        value_add_text(&d->b, row, "command", slice_from(c->name));
        value_add_text(&d->b, row, "synopsis", slice_from(c->synopsis));
        add_help(d, row, c->summary);
        add_paragraphs(d, row, slice_from(c->description));
        add_groups(d, row, c->bit);
        value_add_bool(&d->b, row, "files", (c->bit & WITHOUT_FILES) == 0);
        all |= c->bit;
    }
    for (const command *c = d->commands; c->name != NULL; c++) {
        buf_add_text(&d->scratch, d->scratch.n > 0 ? " " : "");
        buf_add_text(&d->scratch, c->name);
    }
    add_scratch(d, root, "command_names");
    return all;
}

/* --- the whole -------------------------------------------------------------------------- */

static bool render(document *d, const char *name, buf *out, status *st)
{
    template_options o = {.escape = ESCAPE_NONE, .strict = true};
    slice text;
    char asset_name[NAME_MAX_BYTES] = "document-";
    if (strlen(name) >= sizeof asset_name - strlen(asset_name)) {
        name = "";
    }
    memcpy(asset_name + strlen(asset_name), name, strlen(name) + 1);
    if (!asset_find(slice_from(asset_name), &text)) {
        return status_fail(st, STATUS_USAGE,
                           "no document '%s': qlog.1, qlog.bash, _qlog or qlog.fish", name);
    }
    o.escape = slice_ends_with(slice_from(name), SLICE(".1")) ? ESCAPE_ROFF : ESCAPE_NONE;
    value *root = value_root(&d->b, VALUE_OBJECT);
    value_add_text(&d->b, root, "version", SLICE(QLOG_VERSION));
    add_groups(d, root, add_commands(d, root));
    return (!d->b.failed || status_no_memory(st)) &&
           template_render(slice_from(name), text, root, &o, out, st);
}

int document_print(const command *commands, const char *name)
{
    status st = {0};
    arena a;
    buf out;
    arena_init(&a, DOCUMENT_MAX);
    buf_init(&out, DOCUMENT_MAX);
    document d = {.b = {.arena = &a}, .commands = commands};
    buf_init(&d.scratch, DOCUMENT_MAX);
    bool ok = render(&d, name, &out, &st) && (!out.failed || status_no_memory(&st)) &&
              console_write(NULL, buf_slice(&out), &st);
    buf_free(&d.scratch);
    buf_free(&out);
    arena_free(&a);
    return ok ? STATUS_OK : console_fail(&st);
}
