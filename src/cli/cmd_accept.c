/* cmd_accept.c - findings that somebody knows of, and wants to be reminded of no more. */
#include "analysers/identify.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "report/escape.h"
#include "store/annotations.h"
#include "store/rows.h"

enum { MEMORY_MAX = 256 * 1024 * 1024, OUTPUT_MAX = 1024 * 1024, NOTE_MAX = 1000 };

/* What is said of all ids. */
typedef struct accepting {
    const arguments *a;
    store *s;
    int64_t until; /* us; 0: for good */
    int32_t zone_offset;
    arena memory;
    buf out;
    status *st;
} accepting;

/* How far the logs of a source go: what is accepted for good is the norm from there on. */
static bool find_latest(accepting *x, slice source, int64_t *at)
{
    *at = 0;
    sqlite3_stmt *q =
        rows_begin(x->s, "SELECT max(last_at) FROM segments WHERE source = ?1", x->st);
    if (q != NULL) {
        sqlite3_bind_text(q, 1, source.p, (int)source.n, SQLITE_STATIC);
    }
    if (q != NULL && rows_next(x->s, q, x->st)) {
        *at = sqlite3_column_int64(q, 0);
    }
    return rows_end(q, x->st);
}

static void tell(accepting *x, uint64_t id, const finding_identity *f)
{
    buf *out = &x->out;
    id_format(out, id);
    buf_add_text(out, x->a->undo ? ": no more accepted, " : ": accepted, ");
    buf_add_text(out, finding_kinds[f->kind].name);
    buf_add_text(out, " of ");
    escape_terminal(out, f->source);
    for (uint32_t i = 0; i < f->n_queries; i++) {
        buf_add_text(out, i == 0 ? ", query " : ", ");
        id_format(out, f->queries[i]);
    }
    if (x->until != 0) {
        buf_add_text(out, ", until ");
        timestamp_format(out, x->until, x->zone_offset, 0);
    }
    buf_add_char(out, '\n');
}

static bool accept_one(accepting *x, const char *word)
{
    uint64_t id;
    finding_identity f;
    if (!id_parse(slice_from(word), &id)) {
        return status_fail(x->st, STATUS_USAGE,
                           "'%s' is not the id of a finding: 16 hexadecimal digits, as a report"
                           " of the store tells them",
                           word);
    }
    if (!finding_identify(x->s, id, &x->memory, &f, x->st)) {
        return false;
    }
    if (!f.known) {
        return status_fail(x->st, STATUS_USAGE,
                           "'%s' has no finding '%s': none of its sources and queries has this"
                           " id",
                           x->a->store, word);
    }
    acceptance said = {.finding = id,
                       .withdrawn = x->a->undo,
                       .until = x->until,
                       .note = slice_from(x->a->note != NULL ? x->a->note : "")};
    if (!find_latest(x, f.source, &said.at)) {
        return false;
    }
    if (said.until != 0 && said.until <= said.at) {
        return status_fail(x->st, STATUS_USAGE,
                           "--until is before the latest record of '%.*s': nothing would be"
                           " accepted",
                           (int)f.source.n, f.source.p);
    }
    if (!store_accept(x->s, &said, x->st)) {
        return false;
    }
    tell(x, id, &f);
    return true;
}

/* All of them, or none. */
static bool accept_all(accepting *x)
{
    if (!store_begin(x->s, x->st)) {
        return false;
    }
    for (size_t i = 0; i < x->a->n_operands; i++) {
        if (!accept_one(x, x->a->operands[i])) {
            store_rollback(x->s);
            return false;
        }
    }
    return store_commit(x->s, x->st);
}

static bool find_until(accepting *x)
{
    selection when = {.until = x->a->accept_until, .now = x->a->selection.now};
    if (!work_resolve(x->s, &when, &x->zone_offset, x->st)) {
        return false;
    }
    x->until = when.until.kind != MOMENT_NONE ? when.until.us : 0;
    return true;
}

static int accept(const arguments *a, status *st)
{
    accepting x = {.a = a, .st = st};
    arena_init(&x.memory, MEMORY_MAX);
    buf_init(&x.out, OUTPUT_MAX);
    bool ok = work_must_exist(a->store, st) && work_open_store(a, a->store, &x.s, st) &&
              find_until(&x) && accept_all(&x) && (!x.out.failed || status_no_memory(st)) &&
              console_write(NULL, buf_slice(&x.out), st);
    store_close(x.s);
    buf_free(&x.out);
    arena_free(&x.memory);
    return ok ? STATUS_OK : console_fail(st);
}

static bool check(const arguments *a, status *st)
{
    if (a->store == NULL || a->n_operands == 0) {
        return status_fail(st, STATUS_USAGE, "accept wants %s",
                           a->store == NULL ? "--store FILE, or $QLOG_STORE"
                                            : "the ids of findings");
    }
    if (a->undo && (a->note != NULL || a->accept_until.kind != MOMENT_NONE)) {
        return status_fail(st, STATUS_USAGE, "--undo takes back: no --note or --until with it");
    }
    return a->note == NULL || strlen(a->note) <= NOTE_MAX ||
           status_fail(st, STATUS_USAGE, "--note is longer than %d bytes", NOTE_MAX);
}

int command_accept(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        code = check(&a, &st) ? accept(&a, &st) : console_fail(&st);
    }
    arguments_free(&a);
    return code;
}
