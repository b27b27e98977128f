/* text_findings.c - see text.h: what was found. */
#include "base/number.h"
#include "report/compose.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/text.h"

enum { MAX_SHOWN = 8, INDENT = 4 };

static void flush(const text_options *o, buf *out, buf *line)
{
    layout_flush(o, out, line, INDENT);
}

static void begin(buf *line)
{
    for (int i = 0; i < INDENT; i++) {
        buf_add_char(line, ' ');
    }
}

static void show_title(const model *m, const finding *f, buf *line, buf *scratch)
{
    buf_add_text(line, f->severity == SEVERITY_HIGH ? LAYOUT_ALARM : LAYOUT_BOLD);
    escape_terminal(line, f->title);
    buf_add_text(line, LAYOUT_PLAIN LAYOUT_DIM);
    buf_add_text(line, "  ");
    buf_add_text(line, finding_kinds[f->kind].name);
    buf_add_text(line, ", ");
    buf_add_text(line, finding_severity_name(f->severity));
    buf_add_text(line, ", ");
    buf_add_text(line, finding_confidence_name(f->confidence));
    finding_state_format(scratch, m, f);
    buf_add_text(line, scratch->n > 0 ? ", " : "");
    compose_scratch(line, scratch);
    buf_add_text(line, LAYOUT_PLAIN);
}

static void show_place(const model *m, const finding *f, buf *line, buf *scratch)
{
    if (f->line > 0) {
        buf_add_text(line, "See ");
        location_format(scratch, f->path, f->line);
        compose_scratch(line, scratch);
    }
    for (uint32_t i = 0; i < f->n_queries; i++) {
        buf_add_text(line, i > 0 ? ", " : f->line > 0 ? "; query " : "Query ");
        id_format(line, f->queries[i]);
    }
    if (m->keeps_findings) {
        buf_add_text(line, f->line > 0 || f->n_queries > 0 ? "; finding " : "Finding ");
        id_format(line, f->id);
    }
}

static void show(const model *m, const finding *f, const text_options *o, buf *out, buf *line,
                 buf *scratch)
{
    const slice texts[] = {f->detail, f->advice, f->rewrite};
    buf_add_text(line, "  ");
    show_title(m, f, line, scratch);
    flush(o, out, line);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].n > 0) {
            begin(line);
            escape_terminal(line, texts[i]);
            flush(o, out, line);
        }
    }
    if (f->line == 0 && f->n_queries == 0 && !m->keeps_findings) {
        return; /* of the server, not of a statement */
    }
    begin(line);
    buf_add_text(line, LAYOUT_DIM);
    show_place(m, f, line, scratch);
    buf_add_text(line, LAYOUT_PLAIN);
    flush(o, out, line);
}

static void begin_part(const char *title, const text_options *o, buf *out, buf *line)
{
    buf_add_text(line, LAYOUT_BOLD);
    buf_add_text(line, title);
    buf_add_text(line, LAYOUT_PLAIN);
    buf_add_char(out, '\n');
    flush(o, out, line);
}

/* Those that are not accepted. */
static void show_open(const model *m, const model_query *only, const text_options *o, buf *out,
                      buf *line, buf *scratch)
{
    uint32_t about = 0;
    for (uint32_t i = 0; i < m->n_findings - m->n_accepted; i++) {
        if (only != NULL && !finding_is_about(&m->findings[i], only->id)) {
            continue;
        }
        if (about == 0) {
            begin_part("Findings", o, out, line);
        }
        about++;
        if (about <= MAX_SHOWN || only != NULL) {
            show(m, &m->findings[i], o, out, line, scratch);
        }
    }
    if (about > MAX_SHOWN && only == NULL) {
        buf_add_text(line, "  ");
        counted_format(line, (int64_t)about - MAX_SHOWN, "more finding, which costs less",
                       "more findings, which cost less");
        flush(o, out, line);
    }
}

/* A line each: whoever accepted them knows the rest. */
static void show_accepted(const model *m, const model_query *only, const text_options *o, buf *out,
                          buf *line, buf *scratch)
{
    bool any = false;
    for (uint32_t i = m->n_findings - m->n_accepted; i < m->n_findings; i++) {
        const finding *f = &m->findings[i];
        if (only != NULL && !finding_is_about(f, only->id)) {
            continue;
        }
        if (!any) {
            begin_part("Accepted", o, out, line);
        }
        any = true;
        buf_add_text(line, "  ");
        show_title(m, f, line, scratch);
        buf_add_text(line, LAYOUT_DIM "  finding ");
        id_format(line, f->id);
        buf_add_text(line, LAYOUT_PLAIN);
        flush(o, out, line);
    }
}

static void show_closed(const model *m, const text_options *o, buf *out, buf *line, buf *scratch)
{
    for (uint32_t i = 0; i < m->n_closed; i++) {
        const closed_finding *f = &m->closed[i];
        if (i == 0) {
            begin_part("Closed", o, out, line);
        }
        buf_add_text(line, "  ");
        escape_terminal(line, f->title);
        buf_add_text(line, LAYOUT_DIM "  ");
        buf_add_text(line, finding_kinds[f->kind].name);
        buf_add_text(line, ", first seen ");
        local_time_format(scratch, m, f->first_seen, 0);
        compose_scratch(line, scratch);
        buf_add_text(line, f->or_before ? " or before" : "");
        buf_add_text(line, ", not in the last two windows" LAYOUT_PLAIN);
        flush(o, out, line);
    }
}

void report_text_findings(const model *m, const model_query *only, const text_options *o, buf *out)
{
    buf line;
    buf scratch;
    buf_init(&line, out->max);
    buf_init(&scratch, out->max);
    show_open(m, only, o, out, &line, &scratch);
    show_accepted(m, only, o, out, &line, &scratch);
    if (only == NULL) {
        show_closed(m, o, out, &line, &scratch);
    }
    out->failed = out->failed || line.failed || scratch.failed;
    buf_free(&line);
    buf_free(&scratch);
}
