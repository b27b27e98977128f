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
    SEGMENTS_MAX = 16, /* that begin alike */
    PATH_NAME_MAX = 8192,
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
    int64_t last_at; /* looked for only where the selection needs it; 0: not known */
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

/* Cuts the name of a weekday or month, as in "postgresql-Mon". */
static bool cut_calendar_name(slice *name)
{
    static const char names[] = "MonTueWedThuFriSatSunJanFebMarAprMayJunJulAugSepOctNovDec";
    if (name->n < 5 || !is_joint(name->p[name->n - 4])) {
        return false;
    }
    for (size_t i = 0; i + 3 < sizeof names; i += 3) {
        if (memcmp(names + i, name->p + name->n - 3, 3) == 0) {
            name->n -= 4;
            return true;
        }
    }
    return false;
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
        changed = cut_number(&name) || cut_calendar_name(&name);
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

/* The time of the last record, from the file's end. */
static void find_last(plan *p, batch *scratch)
{
    status ignored = {0};
    size_t n = p->input.size < HEAD_BYTES ? (size_t)p->input.size : HEAD_BYTES;
    char *end = malloc(HEAD_BYTES);
    if (end != NULL && input_skip_to(&p->input, p->input.size, end, n, &ignored)) {
        slice bytes = slice_of(end, n);
        if (p->input.size > n) {
            bytes = slice_skip(bytes, p->format.parser->cut(&p->format, bytes, CUT_FIRST));
        }
        batch_reset(scratch);
        p->format.parser->parse(&p->format, bytes, false, scratch);
        for (uint32_t i = 0; i < scratch->n_events; i++) {
            const event *e = &scratch->events[i];
            p->last_at = (e->has & HAS_TIME) != 0 ? e->time : p->last_at;
        }
    }
    free(end);
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
    if (p->input.regular && r->selection != NULL && r->selection->since.kind == MOMENT_CLOCK) {
        find_last(p, scratch);
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

/* The bytes in front of the place where a segment was left. */
typedef struct ending {
    char bytes[TAIL_BYTES];
    size_t n;
} ending;

/* Goes to where the segment was left. True where the bytes before that place are the same, so that
 * the file goes on from there; a shorter file is taken for an older copy, in which there is nothing
 * new. */
static bool continues(input *in, const segment *seg, ending *before, status *st)
{
    before->n = seg->bytes < TAIL_BYTES ? (size_t)seg->bytes : TAIL_BYTES;
    if ((in->regular && in->size < seg->bytes) ||
        !input_skip_to(in, seg->bytes, before->bytes, before->n, st)) {
        before->n = 0;
        return st->code == STATUS_OK;
    }
    hash128 hash = content_hash(slice_of(before->bytes, before->n));
    return hash.high == seg->tail.high && hash.low == seg->tail.low;
}

static segment new_segment(const plan *p, hash128 id)
{
    const parser *row = p->format.parser;
    return (segment){.id = id,
                     .head = p->head,
                     .engine = slice_from(row->engine),
                     .format = slice_from(row->name),
                     .detail = p->format.detail,
                     .role = slice_from(row->role),
                     .detail_inferred = p->format.inferred,
                     .clock_resolution = p->format.clock_resolution,
                     .zone_offset = p->zone_offset};
}

/* Fills seg with what the store knows of this file's content, or with the beginning of a new
 * segment, and stands where there is something new to read. */
static bool find_segment(store *s, plan *p, arena *keep, segment *seg, ending *before, status *st)
{
    segment found[SEGMENTS_MAX];
    uint32_t n;
    if (!store_find_segments(s, p->file->source, p->head, keep, found, SEGMENTS_MAX, &n, st)) {
        return false;
    }
    hash128 id = p->head;
    for (uint32_t i = 0; i < n; i++) {
        if (continues(&p->input, &found[i], before, st)) {
            *seg = found[i];
            /* A longer beginning may have told more of how the log is to be read. */
            seg->detail = p->format.detail;
            seg->detail_inferred = p->format.inferred;
            seg->clock_resolution = p->format.clock_resolution;
            return true;
        }
        if (st->code != STATUS_OK) {
            return false;
        }
        if (!p->input.regular) {
            return status_fail(st, STATUS_INPUT,
                               "'%s' begins like a log that is known and goes on otherwise; give it"
                               " as a file",
                               p->file->path);
        }
        /* Its name takes in where they differ. */
        struct {
            hash128 before, other;
        } both = {id, content_hash(slice_of(before->bytes, before->n))};
        id = content_hash(slice_of((const char *)&both, sizeof both));
    }
    before->n = 0;
    *seg = new_segment(p, id);
    return n == 0 || input_skip_to(&p->input, 0, NULL, 0, st);
}

/* --- reading a file -------------------------------------------------------------------------- */

static bool end_part(const ingest_request *r, fold *f, status *st)
{
    return (r->threshold == THRESHOLD_UNKNOWN ||
            store_add_threshold(f->store, f->source, &f->segment, 0, r->threshold, SLICE("option"),
                                st)) &&
           fold_end(f, st);
}

static bool read_part(const ingest_request *r, plan *p, fold *f, const segment *seg,
                      const ending *before, status *st)
{
    framer frames;
    bool settled = !p->last_of_source || !p->input.regular ||
                   time(NULL) - p->input.modified >= SETTLED_SECONDS;
    framer_init(&frames, &p->input, &p->format, !r->final && !settled, seg->bytes,
                slice_of(before->bytes, before->n));
    int64_t next_at = seg->bytes > 0 ? seg->last_at : p->first_at;
    bool ok = fold_begin(f, &p->format, p->normaliser, seg, next_at, st);
    status read_status = {0};
    if (ok &&
        !pipeline_run(
            &frames,
            &(mapping){.format = &p->format, .normaliser = p->normaliser, .tag_keys = &r->tag_keys},
            f, r->jobs, r->progress, &read_status)) {
        /* What was read before an unreadable place counts all the same. */
        ok = read_status.code == STATUS_INPUT;
        *(ok ? &p->file->error : st) = read_status;
    }
    /* A log of which nothing could be read yet leaves no trace: its first record makes a segment.
     */
    ok = ok && (f->segment.bytes == 0 || end_part(r, f, st));
    p->file->bytes = f->segment.bytes - seg->bytes;
    p->file->segment = f->segment;
    p->file->interrupted = p->input.interrupted;
    framer_free(&frames);
    return ok;
}

static bool read_file(store *s, const ingest_request *r, plan *p, fold *f, arena *keep, status *st)
{
    segment seg;
    ending before;
    status found = {0};
    if (!find_segment(s, p, keep, &seg, &before, &found)) {
        bool only_this = found.code == STATUS_INPUT;
        *(only_this ? &p->file->error : st) = found;
        p->file->outcome = INGEST_FAILED;
        return only_this;
    }
    p->file->from = seg.bytes;
    p->file->outcome = INGEST_KNOWN;
    p->file->segment = seg;
    bool more =
        seg.bytes == 0 || (before.n > 0 && (!p->input.regular || p->input.size > seg.bytes));
    if (more && !read_part(r, p, f, &seg, &before, st)) {
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

/* Ends a source: where nothing will follow, what still waits is given up, whichever of its files
 * was the last to be read. */
static bool end_source(store *s, const ingest_request *r, fold *f, status *st)
{
    if (!r->final || f->format == NULL) {
        return true;
    }
    if (!store_begin(s, st)) {
        return false;
    }
    if (!fold_give_up(f, st) || !fold_end(f, st)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, st);
}

/* Reads the files of one source, plans[0] to plans[n - 1], in the order of their first records. */
static bool take_source(store *s, const ingest_request *r, plan *plans, size_t n,
                        ingest_result *result, status *st)
{
    fold f;
    bool ok = fold_init(&f, s, plans[0].file->source, r->selection);
    for (size_t i = 0; ok && i < n; i++) {
        plans[i].last_of_source = i + 1 == n;
        ok = take_file(s, r, &plans[i], &f, &result->arena, st);
        close_plan(&plans[i]);
        result->bytes += plans[i].file->bytes;
    }
    ok = ok && end_source(s, r, &f, st);
    result->calls += f.calls;
    fold_free(&f);
    return ok;
}

static bool take_all(store *s, const ingest_request *r, plan *plans, size_t n,
                     ingest_result *result, status *st)
{
    bool ok = true;
    for (size_t i = 0; ok && i < n;) {
        size_t end = i + 1;
        while (end < n && slice_equal(plans[end].file->source, plans[i].file->source)) {
            end++;
        }
        ok = take_source(s, r, plans + i, end - i, result, st);
        i = end;
    }
    return ok;
}

/* --- all files -------------------------------------------------------------------------------- */

static slice folder_of(const char *path)
{
    slice text = slice_from(path);
    const char *slash = scan_last(text, '/');
    return slash != NULL ? slice_between(text.p, slash) : slice_take(text, 0);
}

/* Logs of one name in several folders are of several servers, so their folder is a part of the
 * source's name: "db1/postgresql". */
static bool tell_folders_apart(const ingest_request *r, ingest_file *files, arena *keep)
{
    slice *names = arena_alloc(keep, r->n_paths * sizeof *names);
    for (size_t i = 0; names != NULL && i < r->n_paths; i++) {
        names[i] = files[i].source;
    }
    for (size_t i = 0; names != NULL && i < r->n_paths; i++) {
        slice folder = folder_of(r->paths[i]);
        bool apart = false;
        for (size_t k = 0; k < r->n_paths && !apart; k++) {
            apart = slice_equal(names[k], names[i]) && !slice_equal(folder_of(r->paths[k]), folder);
        }
        if (apart && folder.n > 0) {
            buf name;
            buf_init(&name, PATH_NAME_MAX);
            buf_add(&name, folder);
            buf_add_char(&name, '/');
            buf_add(&name, names[i]);
            bool ok = !name.failed && arena_copy(keep, buf_slice(&name), &files[i].source);
            buf_free(&name);
            if (!ok) {
                return false;
            }
        }
    }
    return names != NULL;
}

/* The same content under two names is one log, whatever sources the names stand for. */
static void join_copies(const ingest_request *r, plan *plans, size_t n)
{
    for (size_t i = 0; i < n && r->source == NULL; i++) {
        for (size_t k = 0; k < i; k++) {
            if (plans[k].head.high == plans[i].head.high &&
                plans[k].head.low == plans[i].head.low) {
                plans[i].file->source = plans[k].file->source;
                break;
            }
        }
    }
}

/* Times of day in the selection mean the first such time from the earliest log's beginning on. */
static void resolve_selection(const ingest_request *r, const plan *plans, size_t n)
{
    const plan *earliest = NULL;
    int64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        last = plans[i].last_at > last ? plans[i].last_at : last;
        if (plans[i].first_at != 0 &&
            (earliest == NULL || plans[i].first_at < earliest->first_at)) {
            earliest = &plans[i];
        }
    }
    if (r->selection != NULL && earliest != NULL) {
        selection_resolve(r->selection, earliest->first_at, last, earliest->zone_offset);
    }
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

static bool name_files(const ingest_request *r, ingest_result *result)
{
    for (size_t i = 0; i < r->n_paths; i++) {
        result->files[i].path = r->paths[i];
        result->files[i].source =
            r->source != NULL ? slice_from(r->source) : source_of_path(r->paths[i]);
    }
    return r->source != NULL || tell_folders_apart(r, result->files, &result->arena);
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
    size_t n = 0;
    bool ok = name_files(r, result) || status_no_memory(st);
    ok = ok && look_at_all(r, plans, &n, result, st);
    if (ok && n > 0) {
        join_copies(r, plans, n);
        resolve_selection(r, plans, n);
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
