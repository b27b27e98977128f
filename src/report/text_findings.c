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

static void show_title(const finding *f, buf *line)
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
    buf_add_text(line, LAYOUT_PLAIN);
}

static void show_place(const finding *f, buf *line, buf *scratch)
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
}

static void show(const finding *f, const text_options *o, buf *out, buf *line, buf *scratch)
{
    const slice texts[] = {f->detail, f->advice, f->rewrite};
    buf_add_text(line, "  ");
    show_title(f, line);
    flush(o, out, line);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].n > 0) {
            begin(line);
            escape_terminal(line, texts[i]);
            flush(o, out, line);
        }
    }
    if (f->line == 0 && f->n_queries == 0) {
        return; /* of the server, not of a statement */
    }
    begin(line);
    buf_add_text(line, LAYOUT_DIM);
    show_place(f, line, scratch);
    buf_add_text(line, LAYOUT_PLAIN);
    flush(o, out, line);
}

void report_text_findings(const model *m, const model_query *only, const text_options *o, buf *out)
{
    buf line;
    buf scratch;
    uint32_t about = 0;
    buf_init(&line, out->max);
    buf_init(&scratch, out->max);
    for (uint32_t i = 0; i < m->n_findings; i++) {
        if (only != NULL && !finding_is_about(&m->findings[i], only->id)) {
            continue;
        }
        if (about == 0) {
            buf_add_text(&line, LAYOUT_BOLD "Findings" LAYOUT_PLAIN);
            buf_add_char(out, '\n');
            flush(o, out, &line);
        }
        about++;
        if (about <= MAX_SHOWN || only != NULL) {
            show(&m->findings[i], o, out, &line, &scratch);
        }
    }
    if (about > MAX_SHOWN && only == NULL) {
        buf_add_text(&line, "  ");
        counted_format(&line, (int64_t)about - MAX_SHOWN, "more finding, which costs less",
                       "more findings, which cost less");
        flush(o, out, &line);
    }
    out->failed = out->failed || line.failed || scratch.failed;
    buf_free(&line);
    buf_free(&scratch);
}
