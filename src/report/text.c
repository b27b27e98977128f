/* text.c - see text.h: the first screen. One query is in text_query.c.
 *
 * The order is that of the questions: what was read, what can it not tell, what
 * happened overall, which queries. */
#include "report/text.h"

#include "base/number.h"
#include "report/compose.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/server_lines.h"
#include "report/text_table.h"

/* Lines of skipped input that are shown; the rest is counted. */
enum { MAX_SKIPPED_SHOWN = 5 };

typedef struct screen {
    const model *m;
    const text_options *o;
    buf *out;
    buf line;    /* being composed */
    buf scratch; /* for one formatter */
} screen;

static void flush(screen *s)
{
    layout_flush(s->o, s->out, &s->line, LABEL_COLUMNS);
}

/* --- what was read -------------------------------------------------------------- */

/* Files of one source that were read in the same way, next to each other. */
static uint32_t files_alike(const model_source *source, uint32_t first)
{
    const model_file *a = &source->files[first];
    uint32_t n = 1;
    while (first + n < source->n_files) {
        const model_file *b = &source->files[first + n];
        if (!slice_equal(a->format, b->format) || !slice_equal(a->detail, b->detail) ||
            a->detail_inferred != b->detail_inferred) {
            break;
        }
        n++;
    }
    return n;
}

static void compose_format(screen *s, const model_file *file)
{
    if (file->format.n > 0) {
        buf_add_text(&s->line, " as ");
        escape_terminal(&s->line, file->format);
    }
    if (file->detail.n > 0) {
        buf_add_text(&s->line, ", ");
        size_t from = s->line.n;
        buf_add_char(&s->line, '\'');
        escape_terminal(&s->line, file->detail);
        buf_add_char(&s->line, '\'');
        layout_glue(&s->line, from); /* a prefix is told apart by its blanks */
        buf_add_text(&s->line, file->detail_inferred ? " (inferred)" : "");
    }
}

static void show_files(screen *s, const model_source *source, uint32_t first, uint32_t n)
{
    uint64_t bytes = 0, content = 0, understood = 0, lines = 0;
    for (uint32_t i = first; i < first + n; i++) {
        bytes += source->files[i].bytes;
        content += source->files[i].content;
        understood += source->files[i].understood;
        lines += source->files[i].lines;
    }
    compose_label(&s->line, "Read");
    if (s->m->n_sources > 1) {
        escape_terminal(&s->line, source->name);
        buf_add_text(&s->line, ": ");
    }
    if (n == 1) {
        escape_terminal(&s->line, source->files[first].path);
    } else {
        compose_count(&s->line, n, "file", "files");
    }
    buf_add_text(&s->line, " (");
    compose_bytes(&s->line, bytes);
    buf_add_text(&s->line, ", ");
    compose_count(&s->line, (int64_t)lines, "line", "lines");
    buf_add_text(&s->line, ")");
    compose_format(s, &source->files[first]);
    buf_add_text(&s->line, ": ");
    if (content == 0) {
        buf_add_text(&s->line, "empty");
    } else {
        compose_share(&s->line, (int64_t)understood, (int64_t)content);
        buf_add_text(&s->line, " understood");
    }
    flush(s);
}

static void show_duplicates(screen *s, const model_source *source)
{
    for (uint32_t i = 0; i < source->n_duplicates; i++) {
        const model_duplicate *d = &source->duplicates[i];
        compose_label(&s->line, "Not read");
        escape_terminal(&s->line, d->path);
        buf_add_text(&s->line, ": the same log as ");
        escape_terminal(&s->line, d->same_as);
        flush(s);
    }
}

static void show_skipped(screen *s, const model_file *file, const model_skipped *skipped)
{
    buf_add_repeat(&s->line, ' ', LABEL_COLUMNS);
    buf_add_text(&s->line, "skipped ");
    compose_count(&s->line, (int64_t)skipped->lines, "line", "lines");
    buf_add_text(&s->line, ", ");
    compose_bytes(&s->line, skipped->bytes);
    buf_add_text(&s->line, ": ");
    escape_terminal(&s->line, skipped->reason);
    buf_add_text(&s->line, ", first at ");
    location_format(&s->scratch, file->path, skipped->first_line);
    compose_scratch(&s->line, &s->scratch);
    flush(s);
}

static void show_all_skipped(screen *s, const model_source *source)
{
    uint32_t shown = 0;
    uint64_t more = 0;
    for (uint32_t i = 0; i < source->n_files; i++) {
        const model_file *file = &source->files[i];
        for (uint32_t k = 0; k < file->n_skipped; k++) {
            if (shown < MAX_SKIPPED_SHOWN) {
                show_skipped(s, file, &file->skipped[k]);
                shown++;
            } else {
                more += file->skipped[k].lines;
            }
        }
    }
    if (more > 0) {
        buf_add_repeat(&s->line, ' ', LABEL_COLUMNS);
        buf_add_text(&s->line, "skipped ");
        compose_count(&s->line, (int64_t)more, "more line", "more lines");
        flush(s);
    }
}

static void show_coverage(screen *s)
{
    for (uint32_t i = 0; i < s->m->n_sources; i++) {
        const model_source *source = &s->m->sources[i];
        for (uint32_t first = 0; first < source->n_files;) {
            uint32_t n = files_alike(source, first);
            show_files(s, source, first, n);
            first += n;
        }
        show_all_skipped(s, source);
        show_duplicates(s, source);
    }
}

/* --- what the log cannot show ----------------------------------------------------- */

/* From which duration on the log has statements: without it no count means much. */
static void show_thresholds(screen *s)
{
    for (uint32_t i = 0; i < s->m->n_sources; i++) {
        const model_source *source = &s->m->sources[i];
        for (uint32_t k = 0; k < source->n_thresholds; k++) {
            compose_label(&s->line, i == 0 && k == 0 ? "Logged" : "");
            if (s->m->n_sources > 1) {
                escape_terminal(&s->line, source->name);
                buf_add_text(&s->line, ": ");
            }
            threshold_format(&s->scratch, s->m, &source->thresholds[k]);
            compose_scratch(&s->line, &s->scratch);
            flush(s);
        }
    }
}

static void show_limits(screen *s)
{
    for (uint32_t i = 0; i < s->m->n_limits; i++) {
        const model_limit *limit = &s->m->limits[i];
        compose_label(&s->line, i == 0 ? "Not shown" : "");
        if (s->m->n_sources > 1 && limit->source.n > 0) {
            escape_terminal(&s->line, limit->source);
            buf_add_text(&s->line, ": ");
        }
        escape_terminal(&s->line, limit->cannot_show);
        if (limit->because.n > 0) {
            buf_add_text(&s->line, ": ");
            escape_terminal(&s->line, limit->because);
        }
        if (limit->remedy.n > 0) {
            buf_add_text(&s->line, "; ");
            escape_terminal(&s->line, limit->remedy);
        }
        flush(s);
    }
}

/* --- the whole --------------------------------------------------------------------- */

static void show_window(screen *s)
{
    compose_label(&s->line, "Window");
    if (has_window(s->m)) {
        window_format(&s->line, s->m);
        buf_add_char(&s->line, ' ');
        zone_name_format(&s->scratch, s->m);
        compose_scratch(&s->line, &s->scratch);
        buf_add_text(&s->line, " (");
        compose_duration(&s->line, window_length(s->m));
        buf_add_text(&s->line, ")");
    } else {
        buf_add_text(&s->line, "no times in this log");
    }
    flush(s);
    if (s->m->selection.n > 0) {
        compose_label(&s->line, "Selected");
        escape_terminal(&s->line, s->m->selection);
        flush(s);
    }
}

static void show_totals(screen *s)
{
    int64_t permille;
    compose_label(&s->line, "Load");
    compose_calls(&s->line, s->m->calls, s->m->estimated_calls);
    buf_add_text(&s->line, " of ");
    compose_count(&s->line, s->m->fingerprints, "query", "queries");
    buf_add_text(&s->line, ", ");
    compose_errors(&s->line, s->m->errors);
    if (s->m->time.n > 0) {
        buf_add_text(&s->line, ", ");
        compose_duration(&s->line, s->m->time.total);
        buf_add_text(&s->line, " of query time");
    }
    if (s->m->time.n > 0 && load_permille(s->m, s->m->time.total, &permille)) {
        buf_add_text(&s->line, ", ");
        load_format(&s->line, s->m->load_permille);
        buf_add_text(&s->line, " sessions active on average");
    }
    flush(s);
}

static void show_busiest(screen *s)
{
    const model_point *busiest = &s->m->busiest;
    if (busiest->calls == 0) {
        return;
    }
    compose_label(&s->line, "Busiest");
    buf_add_text(&s->line, "minute from ");
    local_time_format(&s->line, s->m, busiest->at, 0);
    buf_add_text(&s->line, ": ");
    compose_count(&s->line, busiest->calls, "call", "calls");
    buf_add_text(&s->line, ", ");
    compose_duration(&s->line, busiest->time);
    flush(s);
}

static void show_marks(screen *s)
{
    buf scratch;
    buf_init(&scratch, s->line.max);
    for (uint32_t i = 0; i < s->m->n_occurrences; i++) {
        const occurrence *o = &s->m->occurrences[i];
        if (slice_is(o->kind, "mark")) {
            compose_label(&s->line, "Mark");
            local_time_format(&scratch, s->m, o->at, 0);
            buf_add_text(&scratch, ": ");
            occurrence_format(&scratch, o);
            compose_scratch(&s->line, &scratch);
            flush(s);
        }
    }
    s->line.failed = s->line.failed || scratch.failed;
    buf_free(&scratch);
}

static void show_times(screen *s)
{
    compose_label(&s->line, "Times");
    if (s->m->time.n > 0) {
        compose_statistics(&s->line, &s->m->time);
    } else {
        buf_add_text(&s->line, "no durations in this log");
    }
    flush(s);
}

static void show_events(screen *s)
{
    if (s->m->n_events == 0) {
        return;
    }
    compose_label(&s->line, "Also");
    for (uint32_t i = 0; i < s->m->n_events; i++) {
        buf_add_text(&s->line, i > 0 ? ", " : "");
        size_t from = s->line.n;
        count_format(&s->line, s->m->events[i].n);
        buf_add_char(&s->line, ' ');
        escape_terminal(&s->line, s->m->events[i].title);
        layout_glue(&s->line, from);
    }
    flush(s);
}

/* What the logs say of the server, each thing on a line of its own. */
static void show_server(screen *s)
{
    const char *label = "Server";
    for (unsigned i = 0; i < SERVER_LINES; i++) {
        server_line_format(&s->scratch, s->m, i);
        if (s->scratch.n > 0) {
            compose_label(&s->line, label);
            buf_add_text(&s->line, server_line_title(i));
            buf_add_text(&s->line, ": ");
            compose_scratch(&s->line, &s->scratch);
            flush(s);
            label = "";
        }
    }
}

/* --- the queries --------------------------------------------------------------------- */

static table_row row_of_query(const model *m, uint32_t i)
{
    const model_query *q = &m->queries[i];
    return (table_row){.rank = q->rank,
                       .calls = q->calls,
                       .time = &q->time,
                       .has_id = true,
                       .id = q->id,
                       .text = q->text};
}

static table_row row_of_group(const model *m, uint32_t i)
{
    const model_group *g = &m->groups[i];
    return (table_row){
        .calls = g->calls, .time = &g->time, .text = g->name.n > 0 ? g->name : SLICE(GROUP_NONE)};
}

static void show_other(screen *s, int64_t n, const char *one, const char *many, int64_t calls,
                       int64_t time)
{
    if (n == 0) {
        return;
    }
    buf_add_text(&s->line, LAYOUT_DIM "… and ");
    compose_count(&s->line, n, one, many);
    buf_add_text(&s->line, ": ");
    compose_count(&s->line, calls, "call", "calls");
    buf_add_text(&s->line, ", ");
    compose_duration(&s->line, time);
    buf_add_text(&s->line, LAYOUT_PLAIN);
    flush(s);
}

static void show_groups(screen *s)
{
    const model *m = s->m;
    if (m->group_by.n == 0) {
        return;
    }
    buf title;
    buf_init(&title, s->out->max);
    group_title_format(&s->scratch, m, true);
    escape_terminal(&title, buf_slice(&s->scratch));
    buf_clear(&s->scratch);
    const text_table t = {
        .m = m, .row = row_of_group, .n = m->n_groups, .text_title = buf_slice(&title).p};
    buf_add_char(s->out, '\n');
    text_table_show(&t, s->o, &s->line, &s->scratch, s->out);
    show_other(s, m->other_groups, "more", "more", m->other_groups_calls, m->other_groups_time);
    s->line.failed = s->line.failed || title.failed;
    buf_free(&title);
}

static void show_queries(screen *s)
{
    const model *m = s->m;
    const text_table t = {.m = m, .row = row_of_query, .n = m->n_queries, .text_title = "Text"};
    buf_add_char(s->out, '\n');
    if (m->n_queries == 0) {
        buf_add_text(s->out, "No queries to show.\n");
        return;
    }
    text_table_show(&t, s->o, &s->line, &s->scratch, s->out);
    show_other(s, m->other_fingerprints, "more query", "more queries", m->other_calls,
               m->other_time);
}

/* Not wrapped: it is there to be copied. */
static void show_command(screen *s)
{
    if (s->m->n_queries == 0 || s->m->command.n == 0) {
        return;
    }
    buf_add_text(s->out, "\nOne query in full:\n  ");
    command_format(&s->scratch, s->m, s->m->queries[0].id);
    compose_scratch(s->out, &s->scratch);
    buf_add_char(s->out, '\n');
}

void report_text(const model *m, const text_options *o, buf *out)
{
    screen s = {.m = m, .o = o, .out = out};
    buf_init(&s.line, out->max);
    buf_init(&s.scratch, out->max);
    show_coverage(&s);
    show_thresholds(&s);
    show_limits(&s);
    show_window(&s);
    show_totals(&s);
    show_busiest(&s);
    show_marks(&s);
    show_times(&s);
    show_events(&s);
    show_server(&s);
    report_text_findings(m, NULL, o, out);
    show_groups(&s);
    show_queries(&s);
    show_command(&s);
    out->failed = out->failed || s.line.failed || s.scratch.failed;
    buf_free(&s.line);
    buf_free(&s.scratch);
}
