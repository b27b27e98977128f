/* compose.c - see compose.h. */
#include "report/compose.h"

#include "base/number.h"
#include "report/escape.h"
#include "report/figures.h"

void compose_label(buf *line, const char *label)
{
    buf_add_text(line, LAYOUT_BOLD);
    layout_add_left(line, slice_from(label), LABEL_COLUMNS);
    buf_add_text(line, LAYOUT_PLAIN);
}

void compose_duration(buf *line, int64_t us)
{
    size_t from = line->n;
    duration_format(line, us);
    layout_glue(line, from);
}

void compose_share(buf *line, int64_t part, int64_t whole)
{
    size_t from = line->n;
    share_format(line, part, whole);
    layout_glue(line, from);
}

void compose_bytes(buf *line, uint64_t bytes)
{
    size_t from = line->n;
    bytes_format(line, bytes);
    layout_glue(line, from);
}

void compose_count(buf *line, int64_t n, const char *singular, const char *plural)
{
    size_t from = line->n;
    counted_format(line, n, singular, plural);
    layout_glue(line, from);
}

void compose_calls(buf *line, int64_t calls, int64_t estimated)
{
    if (!is_sampled(calls, estimated)) {
        compose_count(line, calls, "call", "calls");
        return;
    }
    buf_add_text(line, "about ");
    compose_count(line, estimated, "call", "calls");
    buf_add_text(line, " (");
    count_format(line, calls);
    buf_add_text(line, LAYOUT_GLUE "logged)");
}

void compose_errors(buf *line, int64_t errors)
{
    buf_add_text(line, errors > 0 ? LAYOUT_ALARM : "");
    compose_count(line, errors, "error", "errors");
    buf_add_text(line, errors > 0 ? LAYOUT_PLAIN : "");
}

void compose_statistics(buf *line, const model_statistics *s)
{
    const struct {
        const char *name;
        int64_t value;
    } figures[] = {{"mean", s->mean}, {"p50", s->p50}, {"p90", s->p90},
                   {"p95", s->p95},   {"p99", s->p99}, {"max", s->max}};
    size_t n = s->sum_alone ? 1 : sizeof figures / sizeof figures[0];
    for (size_t i = 0; i < n; i++) {
        buf_add_text(line, i > 0 ? ", " : "");
        buf_add_text(line, figures[i].name);
        buf_add_text(line, LAYOUT_GLUE);
        compose_duration(line, figures[i].value);
    }
}

void compose_scratch(buf *line, buf *scratch)
{
    escape_terminal(line, buf_slice(scratch));
    buf_clear(scratch);
}
