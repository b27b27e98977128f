/* ingest.c - see ingest.h. */
#include "pipeline/ingest.h"

#include <stdlib.h>
#include <time.h>

#include "base/scan.h"

enum {
    HEAD_BYTES = 64 * 1024,      /* what formats are recognised from */
    HEAD_WIDE = 4 * 1024 * 1024, /* where the first record is not in HEAD_BYTES */
    SURE_ENOUGH = 20,            /* of detect's 100: less is a guess */
    KEEP_MAX = 256 * 1024 * 1024,
    SEGMENTS_MAX = 16,   /* that begin alike */
    SETTLED_SECONDS = 60 /* a file this old does not grow its last record any more */
};

/* One file, looked at but not yet read. */
typedef struct plan {
    ingest_file *file;
    input input; /* stays open only where it cannot be opened again */
    bool open;
    format format;
    const normaliser *normaliser;
    hash128 head;
    int64_t first_at;
    int32_t zone_offset;
    bool has_first; /* a first record was found */
    bool last_of_source;
} plan;

/* --- the source's name -------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool cut_ending(slice *name, const char *ending)
{
    if (name->n > strlen(ending) && slice_ends_with(*name, slice_from(ending))) {
        name->n -= strlen(ending);
        return true;
    }
    return false;
}

static bool is_joint(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ':';
}

/* Cuts the last part of a name where it is a number or a date: digits and what joins them, behind a
 * joint of its own, since the digit of "db1" is the name's. False where there is none. */
static bool cut_number(slice *name)
{
    size_t n = name->n;
    while (n > 1 && (is_digit(name->p[n - 1]) ||
                     (n < name->n && (is_joint(name->p[n - 1]) ||
                                      (name->p[n - 1] == 'T' && is_digit(name->p[n - 2])))))) {
        n--;
    }
    bool nothing_else = n == 1 && is_digit(name->p[0]);
    while (n < name->n && !is_joint(name->p[n])) {
        n++;
    }
    if (n == name->n || nothing_else) {
        return false;
    }
    name->n = n;
    return true;
}

slice source_of_path(const char *path)
{
    static const char *const endings[] = {".gz",  ".bz2",  ".xz",  ".zst",  ".lz4", ".log",
                                          ".txt", ".json", ".csv", ".slow", ".old"};
    slice name = slice_from(path);
    const char *slash = scan_last(name, '/');
    if (slash != NULL) {
        name = slice_between(slash + 1, name.p + name.n);
    }
    if (slice_is(name, "-") || name.n == 0) {
        return SLICE("stdin");
    }
    for (bool changed = true; changed;) {
        changed = cut_number(&name);
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            changed = cut_ending(&name, endings[i]) || changed;
        }
        while (name.n > 1 && strchr("-_.", name.p[name.n - 1]) != NULL) {
            name.n--;
        }
    }
    return name;
}

/* --- looking at a file ----------------------------------------------------------------- */

static void add_names(buf *out, const int *score, int least)
{
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        if (score[i] >= least) {
            buf_add_text(out, out->n > 0 ? ", " : "");
            buf_add_text(out, parser_registry[i]->name);
        }
    }
}

static bool no_format(const char *path, const int *score, int best, status *st)
{
    buf names;
    buf_init(&names, 512);
    if (best >= SURE_ENOUGH) {
        add_names(&names, score, best);
        status_fail(st, STATUS_INPUT,
                    "ambiguous log format of '%s': it could be %s; say which with"
                    " --log-format",
                    path, names.n > 0 ? names.p : "");
    } else {
        add_names(&names, score, 0);
        status_fail(st, STATUS_INPUT,
                    "unrecognised log format of '%s' (tried: %s); if its lines have"
                    " a prefix of their own, give log_line_prefix with --prefix",
                    path, names.n > 0 ? names.p : "");
    }
    buf_free(&names);
    return false;
}

/* Why the prefix that was given reads nothing here: it cannot be one, or no line has it. */
static bool no_such_prefix(const ingest_request *r, const char *path, slice head, status *st)
{
    arena scratch;
    format ignored;
    arena_init(&scratch, HEAD_WIDE);
    bool ok = true;
    for (size_t i = 0; ok && parser_registry[i] != NULL; i++) {
        ok = parser_registry[i]->prepare(head, &r->options, &scratch, &ignored, st);
    }
    arena_free(&scratch);
    return ok && status_fail(st, STATUS_INPUT,
                             "no line of '%s' begins with '%.*s'; without --prefix it is inferred",
                             path, (int)r->options.prefix.n, r->options.prefix.p);
}

enum { PARSERS_MAX = 32 };

static const parser *find_parser(const ingest_request *r, const char *path, slice head, status *st)
{
    int score[PARSERS_MAX] = {0};
    int best = 0;
    const parser *found = NULL;
    size_t at_best = 0;
    for (size_t i = 0; parser_registry[i] != NULL && i < PARSERS_MAX; i++) {
        const parser *p = parser_registry[i];
        if (r->format != NULL && strcmp(r->format, p->name) == 0) {
            return p;
        }
        score[i] = p->detect(head, &r->options);
        at_best = score[i] == best ? at_best + 1 : score[i] > best ? 1 : at_best;
        if (score[i] > best) {
            best = score[i];
            found = p;
        }
    }
    if (r->format != NULL) {
        status_fail(st, STATUS_USAGE, "unknown format '%s'; 'qlog formats' lists those there are",
                    r->format);
        return NULL;
    }
    if (best == 0 && r->options.prefix.p != NULL) {
        no_such_prefix(r, path, head, st);
        return NULL;
    }
    if (best < SURE_ENOUGH || at_best > 1) {
        no_format(path, score, best, st);
        return NULL;
    }
    return found;
}

/* Finds the first record, with a time where the format has any, and with it the segment's name: the
 * hash of everything up to the end of that record's first line. A line that is not complete names
 * nothing yet, unless it is longer than any that has to be. */
static void find_first(plan *p, slice head, bool whole, batch *scratch)
{
    batch_reset(scratch);
    p->format.parser->parse(&p->format, head, false, scratch);
    for (uint32_t i = 0; i < scratch->n_events && !p->has_first; i++) {
        const event *e = &scratch->events[i];
        if ((e->has & HAS_TIME) == 0 && (p->format.lacks & LACKS_TIME) == 0) {
            continue;
        }
        slice from = slice_skip(head, (size_t)e->offset);
        const char *end = scan_first(slice_take(from, HEAD_BYTES), '\n');
        size_t n = end != NULL            ? (size_t)(end + 1 - head.p)
                   : from.n >= HEAD_BYTES ? (size_t)e->offset + HEAD_BYTES
                   : whole                ? head.n
                                          : 0;
        if (n == 0) {
            return;
        }
        p->head = content_hash(slice_take(head, n));
        p->first_at = (e->has & HAS_TIME) != 0 ? e->time : 0;
        p->zone_offset = e->zone_offset;
        p->has_first = true;
    }
}

static bool look(const ingest_request *r, plan *p, arena *keep, batch *scratch, status *st)
{
    slice head;
    if (!input_open(&p->input, p->file->path, r->interrupt_fd, st)) {
        return false;
    }
    p->open = true;
    if (!input_peek(&p->input, HEAD_BYTES, &head, st)) {
        return false;
    }
    if (head.n == 0) {
        return true;
    }
    const parser *row = find_parser(r, p->file->path, head, st);
    if (row == NULL || !row->prepare(head, &r->options, keep, &p->format, st)) {
        return false;
    }
    p->normaliser = normaliser_find(row->engine);
    find_first(p, head, r->final && head.n < HEAD_BYTES, scratch);
    if (!p->has_first && head.n == HEAD_BYTES) {
        if (!input_peek(&p->input, HEAD_WIDE, &head, st)) {
            return false;
        }
        find_first(p, head, r->final && head.n < HEAD_WIDE, scratch);
        if (!p->has_first && head.n == HEAD_WIDE) {
            return status_fail(st, STATUS_INPUT, "no record in the first %d bytes of '%s'",
                               (int)HEAD_WIDE, p->file->path);
        }
    }
    return true;
}

static void close_plan(plan *p)
{
    if (p->open) {
        input_close(&p->input);
        p->open = false;
    }
}

static int compare_plans(const void *a, const void *b)
{
    const plan *x = a;
    const plan *y = b;
    int order = slice_compare(x->file->source, y->file->source);
    if (order == 0) {
        order = (x->first_at > y->first_at) - (x->first_at < y->first_at);
    }
    return order != 0 ? order : strcmp(x->file->path, y->file->path);
}

/* --- which part is new --------------------------------------------------------------------- */

/* Whether the file goes on where the segment was left: the bytes before that place are the same.
 * Where the input cannot be sought in, its beginning has to be proof enough. */
static bool continues(input *in, const segment *seg, slice *tail, char *scratch)
{
    status ignored = {0};
    if (!in->regular) {
        *tail = SLICE("");
        return true;
    }
    size_t n = seg->bytes < TAIL_BYTES ? (size_t)seg->bytes : TAIL_BYTES;
    if (in->size < seg->bytes) {
        return true; /* a shorter copy; there is nothing new in it */
    }
    size_t have = 0;
    if (!input_skip_to(in, seg->bytes - n, &ignored)) {
        return false;
    }
    for (size_t got = 1; have < n && got > 0; have += got) {
        if (!input_read(in, scratch + have, n - have, &got, &ignored)) {
            return false;
        }
    }
    *tail = slice_of(scratch, have);
    hash128 hash = content_hash(*tail);
    return have == n && hash.high == seg->tail.high && hash.low == seg->tail.low;
}

/* Fills seg with what the store knows of this file's content, or with the beginning of a new
 * segment. */
static bool find_segment(store *s, plan *p, arena *keep, segment *seg, slice *tail, char *scratch,
                         status *st)
{
    segment found[SEGMENTS_MAX];
    uint32_t n;
    slice source = p->file->source;
    if (!store_find_segments(s, source, p->head, keep, found, SEGMENTS_MAX, &n, st)) {
        return false;
    }
    hash128 id = p->head;
    for (uint32_t i = 0; i < n; i++) {
        if (continues(&p->input, &found[i], tail, scratch)) {
            *seg = found[i];
            return true;
        }
        /* It begins like a known log but is another: its name takes in where they differ. */
        struct {
            hash128 before, other;
        } both = {id, content_hash(*tail)};
        id = content_hash(slice_of((const char *)&both, sizeof both));
    }
    *tail = SLICE("");
    const parser *row = p->format.parser;
    *seg = (segment){.id = id,
                     .head = p->head,
                     .engine = slice_from(row->engine),
                     .format = slice_from(row->name),
                     .detail = p->format.detail,
                     .role = slice_from(row->role),
                     .detail_inferred = p->format.inferred,
                     .clock_resolution = p->format.clock_resolution,
                     .zone_offset = p->zone_offset};
    return true;
}

/* --- reading a file -------------------------------------------------------------------------- */

static bool end_part(const ingest_request *r, const plan *p, fold *f, status *st)
{
    return (r->threshold == THRESHOLD_UNKNOWN ||
            store_add_threshold(f->store, f->source, &f->segment, 0, r->threshold, SLICE("option"),
                                st)) &&
           (!r->final || !p->last_of_source || fold_give_up(f, st)) && fold_end(f, st);
}

static bool read_part(const ingest_request *r, plan *p, fold *f, const segment *seg, slice tail,
                      status *st)
{
    framer frames;
    bool settled = !p->last_of_source || !p->input.regular ||
                   time(NULL) - p->input.modified >= SETTLED_SECONDS;
    framer_init(&frames, &p->input, &p->format, !r->final && !settled, seg->bytes, tail);
    int64_t next_at = seg->bytes > 0 ? seg->last_at : p->first_at;
    bool ok = fold_begin(f, &p->format, p->normaliser, seg, next_at, st);
    status read_status = {0};
    if (ok &&
        !pipeline_run(&frames, &p->format, p->normaliser, f, r->jobs, r->progress, &read_status)) {
        /* What was read before an unreadable place counts all the same. */
        ok = read_status.code == STATUS_INPUT;
        *(ok ? &p->file->error : st) = read_status;
    }
    /* A log of which nothing could be read yet leaves no trace: its first record makes a segment.
     */
    ok = ok && (f->segment.bytes == 0 || end_part(r, p, f, st));
    p->file->bytes = f->segment.bytes - seg->bytes;
    p->file->segment = f->segment;
    p->file->interrupted = p->input.interrupted;
    framer_free(&frames);
    return ok;
}

static bool read_file(store *s, const ingest_request *r, plan *p, fold *f, arena *keep, status *st)
{
    segment seg;
    slice tail;
    char scratch[TAIL_BYTES];
    if (!find_segment(s, p, keep, &seg, &tail, scratch, st)) {
        return false;
    }
    p->file->from = seg.bytes;
    bool more = seg.bytes == 0 || !p->input.regular || p->input.size > seg.bytes;
    more = more && input_skip_to(&p->input, seg.bytes, st);
    if (!more && st->code != STATUS_OK) {
        return false;
    }
    p->file->outcome = INGEST_KNOWN;
    p->file->segment = seg;
    if (more && !read_part(r, p, f, &seg, tail, st)) {
        return false;
    }
    if (p->file->bytes > 0) {
        p->file->outcome = seg.bytes > 0 ? INGEST_CONTINUED : INGEST_NEW;
    } else if (seg.bytes == 0) {
        p->file->outcome = INGEST_EMPTY;
        return true;
    }
    if (p->file->error.code != STATUS_OK) {
        p->file->outcome = INGEST_FAILED;
    }
    return store_set_path(s, p->file->source, slice_from(p->file->path), seg.id, st);
}

/* Reads one file in a transaction of its own. */
static bool take_file(store *s, const ingest_request *r, plan *p, fold *f, arena *keep, status *st)
{
    if (!p->open) {
        if (!input_open(&p->input, p->file->path, r->interrupt_fd, &p->file->error)) {
            p->file->outcome = INGEST_FAILED;
            return true;
        }
        p->open = true;
    }
    if (!store_begin(s, st)) {
        return false;
    }
    if (!read_file(s, r, p, f, keep, st)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, st);
}

static bool take_all(store *s, const ingest_request *r, plan *plans, size_t n,
                     ingest_result *result, status *st)
{
    fold f;
    bool begun = false;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        plan *p = &plans[i];
        if (!begun || !slice_equal(f.source, p->file->source)) {
            if (begun) {
                result->calls += f.calls;
                fold_free(&f);
            }
            begun = fold_init(&f, s, p->file->source, r->selection);
        }
        p->last_of_source = i + 1 == n || !slice_equal(plans[i + 1].file->source, p->file->source);
        ok = take_file(s, r, p, &f, &result->arena, st);
        close_plan(p);
        result->bytes += p->file->bytes;
    }
    if (begun) {
        result->calls += f.calls;
        fold_free(&f);
    }
    return ok;
}

static bool is_selected(const selection *sel, const plan *p)
{
    return sel == NULL || (name_list_has(&sel->sources, p->file->source) &&
                           name_list_has(&sel->engines, slice_from(p->format.parser->engine)));
}

/* Looks at every file; those that can be read come first in `plans`, their number is *n. */
static bool look_at_all(const ingest_request *r, plan *plans, size_t *n, ingest_result *result,
                        status *st)
{
    batch scratch;
    batch_init(&scratch, KEEP_MAX);
    bool ok = true;
    *n = 0;
    for (size_t i = 0; ok && i < r->n_paths; i++) {
        ingest_file *file = &result->files[i];
        plan *p = &plans[*n];
        *p = (plan){.file = file};
        file->path = r->paths[i];
        file->source = r->source != NULL ? slice_from(r->source) : source_of_path(file->path);
        if (!look(r, p, &result->arena, &scratch, &file->error)) {
            file->outcome = INGEST_FAILED;
            ok = file->error.code == STATUS_INPUT;
            *st = ok ? *st : file->error;
        } else if (!p->has_first) {
            file->outcome = INGEST_EMPTY;
        } else if (!is_selected(r->selection, p)) {
            file->outcome = INGEST_NOT_SELECTED;
        } else {
            ++*n;
            if (p->input.regular) {
                close_plan(p);
            }
            continue;
        }
        close_plan(p);
    }
    batch_free(&scratch);
    return ok;
}

bool ingest_files(store *s, const ingest_request *r, ingest_result *result, status *st)
{
    *result = (ingest_result){.n_files = r->n_paths};
    arena_init(&result->arena, KEEP_MAX);
    result->files = arena_calloc(&result->arena, r->n_paths, sizeof *result->files);
    plan *plans = calloc(r->n_paths + 1, sizeof *plans);
    if (result->files == NULL || plans == NULL) {
        free(plans);
        return status_no_memory(st);
    }
    size_t n;
    bool ok = look_at_all(r, plans, &n, result, st);
    if (ok && n > 0) {
        qsort(plans, n, sizeof *plans, compare_plans);
        ok = take_all(s, r, plans, n, result, st);
    }
    for (size_t i = 0; i < n; i++) {
        close_plan(&plans[i]);
    }
    free(plans);
    return ok;
}

void ingest_result_free(ingest_result *result)
{
    arena_free(&result->arena);
    *result = (ingest_result){0};
}
