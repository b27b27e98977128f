/* cmd_check.c - what a monitor asks each morning: a line for each thing that is wrong, else
 * silence. */
#include "analysers/history.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/value_json.h"
#include "store/rows.h"

enum { MEMORY_MAX = 1024 * 1024 * 1024, OUTPUT_MAX = 64 * 1024 * 1024 };

typedef struct checking {
    const arguments *a;
    store *s;
    selection chosen; /* resolved */
    int32_t zone_offset;
    model m;
    buf out;
    status *st;
} checking;

/* Where nothing is asked for it is yesterday, the last day that is over. */
static bool find_window(checking *x)
{
    x->chosen = x->a->selection;
    if (!selection_has_window(&x->chosen)) {
        moment_parse(SLICE("yesterday"), &x->chosen.since);
        moment_parse(SLICE("today"), &x->chosen.until);
    }
    if (x->chosen.since.kind == MOMENT_NONE) {
        return status_fail(x->st, STATUS_USAGE,
                           "check wants --since with --until: which window is looked at?");
    }
    return work_resolve(x->s, &x->chosen, &x->zone_offset, x->st);
}

/* Whether logs that are known simply had nothing in the window: a night in which no query was slow.
 * How long nothing may come is --max-age's to say. */
static bool was_quiet(const checking *x, const analysis_request *in, status *st)
{
    bool any = false;
    sqlite3_stmt *q =
        rows_begin(x->s, "SELECT count(*) FROM segments WHERE first_at > 0 AND first_at < ?1", st);
    if (q != NULL) {
        sqlite3_bind_int64(q, 1, in->until);
        any = rows_next(x->s, q, st) && sqlite3_column_int64(q, 0) > 0;
    }
    return rows_end(q, st) && any && in->since < in->until && in->since < in->now;
}

/* A window without any record has no report; that there is none may be all there is to tell. */
static bool look_for_silence(checking *x, const analysis_request *of)
{
    finding *findings = NULL;
    closed_finding *closed;
    history *past;
    model *m = &x->m;
    analysis_request wanted = *of;
    status st = {0};
    wanted.kinds &= (uint64_t)1 << FINDING_STALE_SOURCE;
    wanted.baseline = 0;
    wanted.since = x->chosen.since.us;
    wanted.until = x->chosen.until.kind != MOMENT_NONE ? x->chosen.until.us : wanted.now;
    wanted.chosen = &x->chosen;
    model_free(m);
    arena_init(&m->arena, MEMORY_MAX);
    bool ok =
        history_read(x->s, &wanted, &m->arena, &past, &st) &&
        analyse(x->s, &wanted, &m->arena, &findings, &m->n_findings, &st) &&
        history_judge(past, &wanted, x->s, findings, m->n_findings, &closed, &m->n_closed, &st);
    m->findings = findings;
    return ok && (m->n_findings > 0 || was_quiet(x, &wanted, &st));
}

static bool look(checking *x)
{
    buf words;
    buf_init(&words, 4096);
    analysis_request wanted = x->a->findings.request;
    wanted.now = x->a->selection.now;
    wanted.max_age = x->a->max_age;
    model_request request = work_request(x->a, REPORT_TEXT, &words);
    selection chosen = x->chosen;
    request.analysis = &wanted;
    request.of_store = true;
    request.chosen = &chosen;
    bool ok = model_build(x->s, &request, &x->m, x->st);
    if (!ok && x->st->code == STATUS_INPUT && look_for_silence(x, &wanted)) {
        *x->st = (status){0};
        ok = true;
    }
    buf_free(&words);
    return ok;
}

/* That a source is silent is told whatever else is asked for: of it nothing else can be known. */
static bool is_told(const checking *x, const finding *f)
{
    return f->state != FINDING_ACCEPTED &&
           (f->kind == FINDING_STALE_SOURCE || finding_options_fails_on(&x->a->findings, f));
}

/* --- as text ------------------------------------------------------------------------------ */

static void tell(checking *x, const finding *f)
{
    buf *out = &x->out;
    buf_add_text(out, finding_severity_name(f->severity));
    buf_add_char(out, ' ');
    buf_add_text(out, finding_kinds[f->kind].name);
    buf_add_text(out, " of ");
    escape_terminal(out, f->source);
    buf_add_text(out, ": ");
    escape_terminal(out, f->title);
    buf_add_text(out, " (");
    buf_add_text(out, finding_state_name(f->state));
    if (f->state == FINDING_OPEN) {
        buf_add_text(out, " since ");
        timestamp_format(out, f->first_seen, x->zone_offset, 0);
    }
    buf_add_text(out, "; ");
    id_format(out, f->id);
    buf_add_text(out, ")\n");
}

/* --- as JSON ------------------------------------------------------------------------------ */

static void add_finding(value_builder *b, value *list, const finding *f)
{
    value *item = value_add_object(b, list, NULL);
    value_add_id(b, item, "id", f->id);
    value_add_text(b, item, "kind", slice_from(finding_kinds[f->kind].name));
    value_add_text(b, item, "severity", slice_from(finding_severity_name(f->severity)));
    value_add_text(b, item, "confidence", slice_from(finding_confidence_name(f->confidence)));
    value_add_text(b, item, "state", slice_from(finding_state_name(f->state)));
    value_add_instant(b, item, "first_seen", f->first_seen);
    value_add_text(b, item, "source", f->source);
    value_add_text(b, item, "title", f->title);
}

/* The head of the document; its list of findings. */
static value *begin_json(const checking *x, value_builder *b, value **root)
{
    *root = value_root(b, VALUE_OBJECT);
    value_add_text(b, *root, "schema", SLICE("qlog-check/1"));
    value_add_text(b, *root, "store", slice_from(x->a->store));
    value *window = value_add_object(b, *root, "window");
    if (x->chosen.since.kind != MOMENT_NONE) {
        value_add_instant(b, window, "from", x->chosen.since.us);
    }
    if (x->chosen.until.kind != MOMENT_NONE) {
        value_add_instant(b, window, "to", x->chosen.until.us);
    }
    return value_add_list(b, *root, "findings");
}

/* ------------------------------------------------------------------------------------------ */

static bool tell_all(checking *x, bool json, bool *any)
{
    value_builder b = {.arena = &x->m.arena};
    value *root = NULL;
    value *list = json ? begin_json(x, &b, &root) : NULL;
    for (uint32_t i = 0; i < x->m.n_findings; i++) {
        const finding *f = &x->m.findings[i];
        if (!is_told(x, f)) {
            continue;
        }
        *any = true;
        if (json) {
            add_finding(&b, list, f);
        } else {
            tell(x, f);
        }
    }
    if (json) {
        value_write_json(root, true, &x->out);
    }
    return ((!b.failed && !x->out.failed) || status_no_memory(x->st)) &&
           console_write(NULL, buf_slice(&x->out), x->st);
}

static int check(const arguments *a, status *st)
{
    checking x = {.a = a, .st = st};
    bool json;
    bool any = false;
    buf_init(&x.out, OUTPUT_MAX);
    bool ok = work_plain_format(a, "check", &json, st) &&
              store_open(a->store, STORE_READ, &x.s, st) && find_window(&x) && look(&x) &&
              tell_all(&x, json, &any);
    model_free(&x.m);
    store_close(x.s);
    buf_free(&x.out);
    return !ok ? console_fail(st) : any ? STATUS_FINDINGS : STATUS_OK;
}

int command_check(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        if (!work_wants_store(&a, "check", &st)) {
            code = console_fail(&st);
        } else {
            finding_options_fail_default(&a.findings, SEVERITY_MEDIUM);
            code = check(&a, &st);
        }
    }
    arguments_free(&a);
    return code;
}
