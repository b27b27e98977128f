/* disk_spill.c - queries whose sorts, joins and temporary tables did not fit in memory.
 *
 * A healthy log stays silent: it has no temporary files, or few and small ones, and a query that
 * writes one now and then is no part of the load. What is made to write much (an index, a
 * maintenance command) is not judged, nor is what reads the server's own catalogue, which some
 * servers always answer through a table on disk. */
#include "analysers/sums.h"
#include "base/number.h"

enum {
    MIB = 1024 * 1024,
    BYTES_LEAST = 10 * MIB,           /* in all: fewer stay in the file system's cache */
    BYTES_MANY = 1024 * MIB,          /* so many are worth a word whatever their query took */
    BLOCKS_LEAST = BYTES_LEAST / 8192 /* of the usual size */
};

/* What went to disk, as far as the log tells. */
typedef struct spill {
    const query_sums *sums;
    int64_t bytes, files, largest; /* of files; of sorts and hashes of plans: files is 0 */
    int64_t blocks;
    int64_t executions; /* that used the disk, where the log says so of each */
    int64_t of;         /* out of so many */
    int64_t passes;     /* in which sorted parts were merged */
} spill;

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A count of tables on disk says that an execution used it, not how many did: at least the average.
 */
static void add_flag(spill *found, const figure *f, bool is_count)
{
    int64_t executions = !is_count ? f->sum : f->sum < f->n ? f->sum : f->n;
    if (executions > found->executions) {
        found->executions = executions;
        found->of = f->n;
    }
}

static spill read_spill(const query_sums *s)
{
    const figure *files = &s->of[MEASURE_TEMP_FILES];
    const figure *sorts = &s->of[MEASURE_SPILLED_BYTES];
    spill found = {.sums = s,
                   .bytes = greater(files->sum, sorts->sum),
                   .files = files->n,
                   .largest = greater(files->max, sorts->max),
                   .blocks = s->of[MEASURE_TEMP_BLOCKS].sum,
                   .passes = s->of[MEASURE_MERGE_PASSES].sum};
    add_flag(&found, &s->of[MEASURE_USED_DISK], false);
    add_flag(&found, &s->of[MEASURE_TMP_TABLE_ON_DISK], false);
    add_flag(&found, &s->of[MEASURE_FILESORT_ON_DISK], false);
    add_flag(&found, &s->of[MEASURE_TMP_DISK_TABLES], true);
    add_flag(&found, &s->of[MEASURE_MERGE_PASSES], true);
    return found;
}

/* The log may have the files and not the times of what wrote them. */
static bool passes_gates(const spill *found, const analysed_source *source)
{
    const figure *time = &found->sums->of[MEASURE_QUERY_TIME];
    bool much = found->bytes >= BYTES_LEAST || found->blocks >= BLOCKS_LEAST;
    bool costs = sums_is_worth(source, time->sum);
    return found->bytes >= BYTES_MANY || (much && (costs || time->n == 0)) ||
           (found->executions > 0 && costs);
}

static void say(const spill *found, buf *out)
{
    if (found->files > 0) {
        counted_format(out, found->files, "temporary file", "temporary files");
        buf_add_text(out, " of ");
        bytes_format(out, (uint64_t)found->bytes);
        buf_add_text(out, found->files > 1 ? " in all, the largest of " : ".");
        if (found->files > 1) {
            bytes_format(out, (uint64_t)found->largest);
            buf_add_char(out, '.');
        }
    } else if (found->bytes > 0) {
        buf_add_text(out, "Sorts and hashes of its plans wrote ");
        bytes_format(out, (uint64_t)found->bytes);
        buf_add_text(out, " to disk.");
    } else if (found->blocks > 0) {
        buf_add_text(out, "Its plans wrote ");
        counted_format(out, found->blocks, "block", "blocks");
        buf_add_text(out, " of temporary files.");
    }
    if (found->executions > 0) {
        buf_add_text(out, out->n > 0 ? " " : "");
        count_format(out, found->executions);
        buf_add_text(out, " of ");
        counted_format(out, found->of, "execution", "executions");
        buf_add_text(out, " used the disk for sorting or temporary tables.");
    }
    if (found->passes > 0) {
        buf_add_char(out, ' ');
        counted_format(out, found->passes, "pass", "passes");
        buf_add_text(out, " over sorted parts on disk.");
    }
}

#define LESS                                                                                       \
    "Sort and keep less: an index in the order that is asked for, fewer and narrower columns, a"   \
    " LIMIT, conditions before the join. If it has to be so, give this query alone more memory:"

static slice advice(const analysed_query *q)
{
    return query_text_for(
        q,
        SLICE(LESS
              " SET LOCAL work_mem in its transaction (it holds for each sort and hash of it)."),
        SLICE(LESS " tmp_table_size with max_heap_table_size, or sort_buffer_size, in its session."
                   " Columns of TEXT and BLOB may need the disk in any case."),
        SLICE("An index in the order of the sort, or on the fields that the pipeline groups by,"
              " spares the sort; $match and $project as early as possible make it smaller."
              " allowDiskUse only lets it happen."));
}

static void add_evidence(analysis *a, value *e, const spill *found)
{
    value_builder *b = &a->values;
    value_add_int(b, e, "calls", found->sums->calls);
    value_add_int(b, e, "files", found->files);
    value_add_int(b, e, "bytes", found->bytes);
    value_add_int(b, e, "largest_bytes", found->largest);
    value_add_int(b, e, "blocks", found->blocks);
    value_add_int(b, e, "executions_on_disk", found->executions);
    value_add_int(b, e, "merge_passes", found->passes);
    analysis_add_ms(a, e, "time_ms", found->sums->of[MEASURE_QUERY_TIME].sum);
}

static void add_title(const spill *found, const analysed_query *q, buf *out)
{
    buf_add(out, query_subject(q));
    if (found->bytes > 0) {
        buf_add_text(out, ": ");
        bytes_format(out, (uint64_t)found->bytes);
        buf_add_text(out, " written to temporary files");
    } else {
        buf_add_text(out, ": sorts or temporary tables on disk");
    }
}

static bool judge(analysis *a, const analysed_source *source, const query_sums *s, buf *text)
{
    spill found = read_spill(s);
    analysed_query q;
    if (!passes_gates(&found, source)) {
        return true;
    }
    if (!analysis_query(a, s->id, &q)) {
        return false;
    }
    if (!query_is_work(&q) && q.role != ROLE_CURSOR) {
        return true;
    }
    finding *f = analysis_add(a, FINDING_DISK_SPILL, source, &s->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, s->id)) {
        return false;
    }
    analysis_set_cost(f, source, s->of[MEASURE_QUERY_TIME].sum);
    f->confidence = CONFIDENCE_CERTAIN;
    add_evidence(a, f->evidence, &found);
    add_title(&found, &q, text);
    f->title = analysis_text(a, text);
    say(&found, text);
    sums_say_time(text, source, s);
    f->detail = analysis_text(a, text);
    f->advice = advice(&q);
    return a->st->code == STATUS_OK;
}

static bool run(analysis *a, const analysed_source *source)
{
    return sums_judge(a, source, judge);
}

static const finding_kind kinds[] = {FINDING_DISK_SPILL};

const analyser disk_spill_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
