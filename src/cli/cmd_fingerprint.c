/* cmd_fingerprint.c - which query a statement is: id, normalised text, tables, tags. */
#include "base/number.h"
#include "cli/commands.h"
#include "cli/statements.h"
#include "cli/work.h"
#include "normalise/facts.h"
#include "normalise/foreign_ids.h"
#include "normalise/normalise.h"
#include "normalise/tags.h"
#include "report/escape.h"
#include "report/value_json.h"

enum {
    STATEMENT_MEMORY = 256 * 1024 * 1024, /* for what is told of one statement */
    TEXT_MAX = 4 * STATEMENT_MAX,         /* a normalised text may be longer than its statement */
    FLUSH_BYTES = 64 * 1024
};

/* One run over the statements. */
typedef struct fingerprinter {
    const normaliser *normaliser;
    bool json;
    arena arena; /* emptied after each statement */
    buf text;    /* normalised */
    buf out;
} fingerprinter;

/* --- one statement ------------------------------------------------------------------------ */

static void add_tables(fingerprinter *f, value_builder *b, value *root, slice statement)
{
    sql_facts facts = {.n_tables = 0};
    value *tables = value_add_list(b, root, "tables");
    const normaliser *n = f->normaliser;
    slice name;
    bool written;
    if (n->dialect != NULL) {
        sql_facts_read(n->dialect, statement, &f->arena, &facts);
    } else if (n->subject != NULL && n->subject(buf_slice(&f->text), &name, &written)) {
        value_add_text(b, tables, NULL, name);
    }
    for (size_t i = 0; i < facts.n_tables; i++) {
        value_add_text(b, tables, NULL, facts.tables[i].name);
    }
}

static void add_tags(fingerprinter *f, value_builder *b, value *root, slice statement)
{
    sql_tag tags[SQL_TAGS_MAX];
    const sql_dialect *dialect = f->normaliser->dialect;
    size_t n = dialect != NULL ? sql_tags_read(dialect, statement, &f->arena, tags) : 0;
    value *object = value_add_object(b, root, "tags");
    for (size_t i = 0; i < n; i++) {
        slice key;
        if (!arena_copy(&f->arena, tags[i].key, &key)) {
            b->failed = true;
            return;
        }
        value_add_text(b, object, key.p, tags[i].value);
    }
}

/* What other tools call the statement's query. */
static void add_aliases(fingerprinter *f, value_builder *b, value *root, slice statement)
{
    char id[FOREIGN_ID_MAX];
    value *object = value_add_object(b, root, "aliases");
    for (const foreign_tool *const *t = f->normaliser->tools; *t != NULL; t++) {
        slice text;
        size_t n = foreign_id(*t, statement, id);
        if (n > 0 && arena_copy(&f->arena, slice_of(id, n), &text)) {
            value *ids = value_add_list(b, object, (*t)->name);
            value_add_text(b, ids, NULL, text);
        }
    }
}

static bool write_json(fingerprinter *f, const normalised *n, slice id, slice statement, status *st)
{
    value_builder b = {.arena = &f->arena};
    value *root = value_root(&b, VALUE_OBJECT);
    value_add_text(&b, root, "id", id);
    value_add_text(&b, root, "text", buf_slice(&f->text));
    value_add_text(&b, root, "verb", slice_from(n->verb));
    add_tables(f, &b, root, statement);
    add_aliases(f, &b, root, statement);
    add_tags(f, &b, root, statement);
    if (b.failed) {
        return status_no_memory(st);
    }
    value_write_json(root, false, &f->out);
    buf_add_char(&f->out, '\n');
    return true;
}

static bool flush(fingerprinter *f, status *st)
{
    bool ok = !f->out.failed ? console_write(NULL, buf_slice(&f->out), st) : status_no_memory(st);
    buf_clear(&f->out);
    return ok;
}

static bool tell(fingerprinter *f, slice statement, bool truncated, status *st)
{
    normalised n;
    buf id;
    buf_init(&id, 64);
    buf_clear(&f->text);
    f->normaliser->run(statement, truncated, &n, &f->text);
    id_format(&id, n.fingerprint);
    bool ok = true;
    if (f->json) {
        ok = write_json(f, &n, buf_slice(&id), statement, st);
    } else {
        buf_add(&f->out, buf_slice(&id));
        buf_add_text(&f->out, "  ");
        escape_terminal(&f->out, buf_slice(&f->text));
        buf_add_char(&f->out, '\n');
    }
    arena_reset(&f->arena);
    buf_free(&id);
    return ok && (f->out.n < FLUSH_BYTES || flush(f, st));
}

/* --- all of them ---------------------------------------------------------------------------- */

static bool tell_operands(fingerprinter *f, const arguments *a, status *st)
{
    bool ok = true;
    for (size_t i = 0; ok && i < a->n_operands; i++) {
        ok = tell(f, slice_trim(slice_from(a->operands[i])), false, st);
    }
    return ok;
}

static bool tell_input(fingerprinter *f, bool by_nul, status *st)
{
    statements s;
    slice statement;
    bool truncated;
    bool ok = statements_open(&s, f->normaliser->dialect, by_nul, st);
    while (ok && statements_next(&s, &statement, &truncated, st)) {
        ok = tell(f, statement, truncated, st);
    }
    statements_close(&s);
    return ok && st->code == STATUS_OK;
}

static bool prepare(fingerprinter *f, const arguments *a, status *st)
{
    if (!work_plain_format(a, "fingerprint", &f->json, st)) {
        return false;
    }
    f->normaliser = normaliser_find(a->dialect);
    return f->normaliser != NULL ||
           status_fail(st, STATUS_USAGE, "unknown dialect '%s': postgresql, mysql or mongodb",
                       a->dialect);
}

int command_fingerprint(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        fingerprinter f = {0};
        arena_init(&f.arena, STATEMENT_MEMORY);
        buf_init(&f.text, TEXT_MAX);
        buf_init(&f.out, 8 * (size_t)TEXT_MAX); /* JSON's escapes take six bytes for one */
        bool ok = prepare(&f, &a, &st) &&
                  (a.n_operands > 0 ? tell_operands(&f, &a, &st) : tell_input(&f, a.by_nul, &st));
        ok = flush(&f, ok ? &st : &(status){0}) && ok;
        code = ok ? STATUS_OK : console_fail(&st);
        buf_free(&f.out);
        buf_free(&f.text);
        arena_free(&f.arena);
    }
    arguments_free(&a);
    return code;
}
