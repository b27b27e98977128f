/* server_lines.c - see server_lines.h. */
#include "report/server_lines.h"

#include <limits.h>

#include "base/number.h"
#include "report/figures.h"

enum { NAMED = 3 /* subjects in a line, the most first */ };

model_fact facts_sum(const model *m, const char *kind)
{
    model_fact sum = {.kind = slice_from(kind)};
    for (uint32_t i = 0; i < m->n_facts; i++) {
        const model_fact *f = &m->facts[i];
        if (slice_is(f->kind, kind)) {
            sum.n += f->n;
            sum.sum += f->sum;
            sum.max = f->max > sum.max ? f->max : sum.max;
        }
    }
    return sum;
}

static void add_count(buf *out, int64_t n)
{
    buf_add_text(out, " (");
    count_format(out, n);
    buf_add_char(out, ')');
}

/* "time (10), wal (2), others (3)". */
static void add_subjects(buf *out, const model *m, const char *kind, unsigned most)
{
    unsigned n = 0;
    int64_t rest = 0;
    for (uint32_t i = 0; i < m->n_facts; i++) {
        const model_fact *f = &m->facts[i];
        if (!slice_is(f->kind, kind) || f->subject.n == 0) {
            continue;
        }
        if (n == most || slice_is(f->subject, "other")) { /* of which there are too many kinds */
            rest += f->n;
            continue;
        }
        buf_add_text(out, n++ > 0 ? ", " : "");
        buf_add(out, slice_trim(f->subject)); /* an error may have no code before its blank */
        add_count(out, f->n);
    }
    if (rest > 0) {
        buf_add_text(out, n > 0 ? ", others" : "others");
        add_count(out, rest);
    }
}

static void add_subjects_behind(buf *out, const model *m, const char *kind, const char *before)
{
    size_t from = out->n;
    buf_add_text(out, before);
    size_t begin = out->n;
    add_subjects(out, m, kind, NAMED);
    if (out->n == begin && out->n > 0) {
        buf_truncate(out, from);
    }
}

static void checkpoints(buf *out, const model *m)
{
    model_fact begun = facts_sum(m, "checkpoint");
    model_fact buffers = facts_sum(m, "checkpoint_buffers");
    model_fact total = facts_sum(m, "checkpoint_total");
    model_fact hurried = facts_sum(m, "checkpoints_hurried");
    if (begun.n + buffers.n + hurried.n == 0) {
        return;
    }
    count_format(out, begun.n);
    buf_add_text(out, " begun");
    add_subjects_behind(out, m, "checkpoint", ", ");
    if (buffers.n > 0) {
        buf_add_text(out, "; ");
        counted_format(out, buffers.sum, "buffer", "buffers");
        buf_add_text(out, " written in ");
        duration_format(out, total.sum);
    }
    if (hurried.n > 0) {
        buf_add_text(out, "; too frequent ");
        counted_format(out, hurried.n, "time", "times");
    }
}

static void vacuums(buf *out, const model *m)
{
    model_fact vacuum = facts_sum(m, "vacuum");
    model_fact analyze = facts_sum(m, "analyze");
    if (vacuum.n > 0) {
        count_format(out, vacuum.n);
        buf_add_text(out, " in ");
        duration_format(out, vacuum.sum);
        add_subjects_behind(out, m, "vacuum", ", ");
    }
    if (analyze.n > 0) {
        buf_add_text(out, vacuum.n > 0 ? "; analyze: " : "analyze: ");
        count_format(out, analyze.n);
        buf_add_text(out, " in ");
        duration_format(out, analyze.sum);
        add_subjects_behind(out, m, "analyze", ", ");
    }
}

/* "; most by 9f3c21d07be4a6c8". */
static void add_query(buf *out, const model *m, const char *kind, const char *before)
{
    for (uint32_t i = 0; i < m->n_fact_queries; i++) {
        if (slice_is(m->fact_queries[i].kind, kind)) {
            buf_add_text(out, before);
            id_format(out, m->fact_queries[i].fingerprint);
            return;
        }
    }
}

static void temp_files(buf *out, const model *m)
{
    model_fact files = facts_sum(m, "temp_file");
    if (files.n > 0) {
        count_format(out, files.n);
        buf_add_text(out, ", ");
        bytes_format(out, (uint64_t)files.sum);
        buf_add_text(out, ", the largest ");
        bytes_format(out, (uint64_t)files.max);
        add_query(out, m, "temp_file", "; most by ");
    }
}

static void lock_waits(buf *out, const model *m)
{
    model_fact acquired = facts_sum(m, "lock_acquired");
    model_fact waiting = facts_sum(m, "lock_waiting");
    model_fact deadlocks = facts_sum(m, "deadlock");
    if (acquired.n + waiting.n + deadlocks.n == 0) {
        return;
    }
    if (acquired.n > 0) {
        count_format(out, acquired.n);
        buf_add_text(out, " acquired after waiting ");
        duration_format(out, acquired.sum);
        add_subjects_behind(out, m, "lock_acquired", ", ");
        add_query(out, m, "lock_acquired", "; most by ");
        add_query(out, m, "lock_holder", ", most held by ");
    } else if (waiting.n > 0) { /* no wait's end is in the log */
        count_format(out, waiting.n);
        buf_add_text(out, " still waiting");
        add_subjects_behind(out, m, "lock_waiting", ", ");
    }
    if (deadlocks.n > 0) {
        buf_add_text(out, acquired.n + waiting.n > 0 ? "; " : "");
        counted_format(out, deadlocks.n, "deadlock", "deadlocks");
        add_query(out, m, "deadlock", ", most by ");
    }
}

static void sessions(buf *out, const model *m)
{
    model_fact users = facts_sum(m, "connection_user");
    model_fact ended = facts_sum(m, "session");
    if (users.n > 0) {
        count_format(out, users.n);
        add_subjects_behind(out, m, "connection_user", ", ");
    }
    if (ended.n > 0) {
        buf_add_text(out, users.n > 0 ? "; " : "");
        counted_format(out, ended.n, "session", "sessions");
        buf_add_text(out, " ended, after ");
        duration_format(out, ended.sum / ended.n);
        buf_add_text(out, " on average");
    }
}

static void cancels(buf *out, const model *m)
{
    add_subjects(out, m, "cancel", NAMED);
}

static void errors(buf *out, const model *m)
{
    add_subjects(out, m, "error", NAMED);
}

/* "createIndexes shop.orders (2, 1.20 s)". What waits for another is logged beside it, so that
 * there is no sum of all. */
static void schema_changes(buf *out, const model *m)
{
    model_fact all = facts_sum(m, "ddl");
    int64_t told = 0;
    unsigned n = 0;
    for (uint32_t i = 0; i < m->n_facts && n < NAMED; i++) {
        const model_fact *f = &m->facts[i];
        if (slice_is(f->kind, "ddl")) {
            buf_add_text(out, n++ > 0 ? ", " : "");
            buf_add(out, f->subject);
            buf_add_text(out, " (");
            count_format(out, f->n);
            buf_add_text(out, ", ");
            duration_format(out, f->sum);
            buf_add_char(out, ')');
            told += f->n;
        }
    }
    if (all.n > told) {
        buf_add_text(out, ", others");
        add_count(out, all.n - told);
    }
}

static void life(buf *out, const model *m)
{
    if (facts_sum(m, "server").n > 0) {
        add_subjects(out, m, "server", UINT_MAX);
        add_query(out, m, "server", "; crashed while running ");
    }
}

static const struct {
    const char *title;
    void (*format)(buf *, const model *);
} lines[SERVER_LINES] = {
    [SERVER_ERRORS] = {"Errors", errors},
    [SERVER_CANCELS] = {"Cancelled", cancels},
    [SERVER_LOCKS] = {"Locks", lock_waits},
    [SERVER_TEMP_FILES] = {"Temporary files", temp_files},
    [SERVER_CHECKPOINTS] = {"Checkpoints", checkpoints},
    [SERVER_VACUUMS] = {"Autovacuum", vacuums},
    [SERVER_SESSIONS] = {"Connections", sessions},
    [SERVER_LIFE] = {"Starts and stops", life},
    [SERVER_DDL] = {"Schema changes", schema_changes},
};

const char *server_line_title(unsigned at)
{
    return lines[at].title;
}

void server_line_format(buf *out, const model *m, unsigned at)
{
    lines[at].format(out, m);
}
