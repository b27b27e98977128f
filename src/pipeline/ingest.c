/* ingest.c - see ingest.h. */
#include "pipeline/ingest.h"

#include <stdlib.h>
#include <time.h>

#include "base/scan.h"
#include "input/operands.h"
#include "pipeline/overlap.h"
#include "pipeline/recognise.h"
#include "pipeline/same_log.h"

enum {
    HEAD_BYTES = 64 * 1024,      /* what formats are recognised from */
    HEAD_WIDE = 4 * 1024 * 1024, /* where the first record is not in HEAD_BYTES */
    KEEP_MAX = 256 * 1024 * 1024,
    SEGMENTS_MAX = 16, /* that begin alike */
    EARLIER_MAX = 16,  /* logs that one may overlap with */
    PATH_NAME_MAX = 8192,
    MEMBERS_MAX = 4096,  /* of an archive: those behind are told and not read */
    SETTLED_SECONDS = 60 /* a file this old does not grow its last record any more */
};

/* One log, looked at but not yet read. */
typedef struct plan {
    ingest_file *file;
    const char *path; /* of the file that holds it */
    size_t member;    /* of an archive, from 1; 0: the log is the file */
    input *in;        /* while it is open; until its turn only where it cannot be opened again */
    reading reading;
    const normaliser *normaliser;
    hash128 head;
    int64_t first_at;
    int64_t next_at; /* about when the part that is new begins, once it is looked for */
    int64_t last_at; /* looked for only where the selection needs it; 0: not known */
    int32_t zone_offset;
    bool has_first;      /* a first record was found */
    bool unknown_format; /* it may be no log at all */
    bool last_of_source;
    bool ends_in_next; /* its end is the beginning of the next log of the source, too */
    bool is_witness;   /* read in an earlier run: only compared with */
    bool has_twin;     /* there is a log of another format that may be the same one */
} plan;

/* What the result will tell of: logs, and archives that could not be read to their end. */
typedef struct told_file {
    ingest_file *file;
    bool is_archive;
} told_file;

/* One run: what was found so far, and what is open. */
typedef struct intake {
    store *store;
    const ingest_request *request;
    ingest_result *result;
    batch scratch;
    told_file *told;
    size_t n_told, told_cap;
    plan *plans; /* of what can be read; then in the order in which it is */
    size_t n_plans, plans_cap;
    input **pipes; /* archives that can be read only forward and once */
    size_t n_pipes;
    input *at_hand; /* the file that was opened last; NULL */
    fold fold;      /* of the source that is being read */
    slice source, engine;
    bool folding;
    bool resolved; /* the selection's times of day */
} intake;

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

/* Finds the first record, with a time where the format has any, and with it the segment's name: the
 * hash of everything up to the end of that record's first line. A line that is not complete names
 * nothing yet, unless it is longer than any that has to be. */
static void find_first(plan *p, slice head, bool whole, batch *scratch)
{
    batch_reset(scratch);
    reading_parse(&p->reading, head, false, scratch);
    for (uint32_t i = 0; i < scratch->n_events && !p->has_first; i++) {
        const event *e = &scratch->events[i];
        if ((e->has & HAS_TIME) == 0 && (p->reading.format.lacks & LACKS_TIME) == 0) {
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

/* The time of the last record, from the log's end. */
static void find_last(plan *p, batch *scratch)
{
    status ignored = {0};
    size_t n;
    char *end = malloc(HEAD_BYTES);
    if (end != NULL && input_skip_to_end(p->in, end, HEAD_BYTES, &n, &ignored)) {
        slice bytes = slice_of(end, n);
        if (n == HEAD_BYTES) {
            bytes = reading_next_record(&p->reading, bytes);
        }
        batch_reset(scratch);
        reading_parse(&p->reading, bytes, false, scratch);
        for (uint32_t i = 0; i < scratch->n_events; i++) {
            const event *e = &scratch->events[i];
            p->last_at = (e->has & HAS_TIME) != 0 ? e->time : p->last_at;
        }
    }
    free(end);
}

/* Damage near the beginning says more than what it led to. */
static bool damaged(const plan *p, status *st)
{
    if (p->in->damage.code != STATUS_OK) {
        *st = p->in->damage;
        return true;
    }
    return false;
}

static bool look_for_first(const ingest_request *r, plan *p, slice head, batch *scratch, status *st)
{
    bool whole = r->final && p->in->damage.code == STATUS_OK;
    find_first(p, head, whole && head.n < HEAD_BYTES, scratch);
    if (!p->has_first && head.n == HEAD_BYTES) {
        if (!input_peek(p->in, HEAD_WIDE, &head, st)) {
            return false;
        }
        whole = r->final && p->in->damage.code == STATUS_OK;
        find_first(p, head, whole && head.n < HEAD_WIDE, scratch);
        if (!p->has_first && head.n == HEAD_WIDE) {
            return status_fail(st, STATUS_INPUT, "no record in the first %d bytes of '%s'",
                               (int)HEAD_WIDE, p->file->path);
        }
    }
    return p->has_first || !damaged(p, st);
}

static size_t hole_length(slice bytes)
{
    size_t n = 0;
    while (n < bytes.n && bytes.p[n] == '\0') {
        n++;
    }
    return n;
}

/* What the format is recognised from: a rotation may have left a hole of NULs in front of it. */
static bool peek_head(plan *p, slice *head, status *st)
{
    if (!input_peek(p->in, HEAD_BYTES, head, st)) {
        return false;
    }
    size_t hole = hole_length(*head);
    if (hole == 0 || (hole == head->n && !input_peek(p->in, HEAD_WIDE, head, st))) {
        return hole == 0;
    }
    *head = slice_skip(*head, hole_length(*head));
    return true;
}

static bool look(const ingest_request *r, plan *p, arena *keep, batch *scratch, status *st)
{
    slice head;
    if (!input_peek(p->in, HEAD_BYTES, &head, st)) {
        return false;
    }
    if (head.n == 0) {
        return !damaged(p, st);
    }
    status why = {0};
    recognise_request log = {.path = p->file->path,
                             .format = r->format,
                             .options = &r->options,
                             .written = p->in->modified};
    slice text;
    if (!peek_head(p, &text, st)) {
        return false;
    }
    if (text.n == 0) {
        return status_fail(st, STATUS_INPUT, "'%s' begins with %zu NUL bytes or more",
                           p->file->path, p->in->head.n);
    }
    if (!recognise(&log, text, keep, &p->reading, &p->unknown_format, &why)) {
        *st = why;
        p->unknown_format = !damaged(p, st) && p->unknown_format;
        return false;
    }
    p->normaliser = normaliser_find(p->reading.format.parser->engine);
    if (!input_peek(p->in, HEAD_BYTES, &head, st) || !look_for_first(r, p, head, scratch, st)) {
        return false;
    }
    if (p->in->reopens && r->selection != NULL && r->selection->since.kind == MOMENT_CLOCK) {
        find_last(p, scratch);
    }
    return true;
}

static slice engine_of(const plan *p)
{
    return slice_from(p->reading.format.parser->engine);
}

static int compare_plans(const void *a, const void *b)
{
    const plan *x = a;
    const plan *y = b;
    int order = slice_compare(x->file->source, y->file->source);
    order = order != 0 ? order : slice_compare(engine_of(x), engine_of(y));
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
    const parser *row = p->reading.format.parser;
    return (segment){.id = id,
                     .head = p->head,
                     .engine = slice_from(row->engine),
                     .format = p->reading.name,
                     .detail = p->reading.format.detail,
                     .role = slice_from(row->role),
                     .detail_inferred = p->reading.format.inferred,
                     .clock_resolution = p->reading.format.clock_resolution,
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
        if (continues(p->in, &found[i], before, st)) {
            *seg = found[i];
            /* A longer beginning may have told more of how the log is to be read. */
            seg->detail = p->reading.format.detail;
            seg->detail_inferred = p->reading.format.inferred;
            seg->clock_resolution = p->reading.format.clock_resolution;
            return true;
        }
        if (st->code != STATUS_OK) {
            return false;
        }
        if (!p->in->reopens) {
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
    return n == 0 || input_skip_to(p->in, 0, NULL, 0, st);
}

/* --- which part another file had ---------------------------------------------------------------
 */

/* What the part that is new begins with, and where others that were read have it. */
typedef struct shared_part {
    overlap part;
    slice with;      /* the path of the log that has it */
    int64_t last_at; /* of that log */
} shared_part;

static bool find_shared_with(intake *t, const plan *p, const segment *seg, const beginning *b,
                             shared_part *shared, status *st)
{
    stored_log found[EARLIER_MAX];
    uint32_t n = 0;
    bool ok = store_find_logs_at(t->store, p->file->source, p->reading.name, seg->id, b->time,
                                 &t->result->arena, found, EARLIER_MAX, &n, st);
    for (uint32_t i = 0; ok && i < n && !shared->part.is_all; i++) {
        overlap one;
        earlier_log earlier = {found[i].path.p, found[i].bytes, found[i].last_at, found[i].tail};
        ok = overlap_find(&earlier, p->path, b, &p->reading, &t->scratch, &one, st);
        if (ok && one.bytes > shared->part.bytes) {
            *shared = (shared_part){one, found[i].path, found[i].last_at};
        }
    }
    return ok;
}

static bool find_shared(intake *t, const plan *p, const segment *seg, shared_part *shared,
                        status *st)
{
    *shared = (shared_part){.with = SLICE("")};
    if (p->member > 0 || !p->in->reopens || p->first_at == 0) {
        return true;
    }
    beginning *b = malloc(sizeof *b);
    if (b == NULL) {
        return status_no_memory(st);
    }
    status why = {0}; /* what cannot be read is told when it is read */
    bool ok = !overlap_begin(p->path, seg->bytes, &p->reading, &t->scratch, b, &why) ||
              find_shared_with(t, p, seg, b, shared, st);
    free(b);
    return ok;
}

/* Goes on behind what another file had. */
static bool go_behind(plan *p, const shared_part *shared, segment *seg, ending *before, status *st)
{
    const overlap *part = &shared->part;
    p->next_at = shared->last_at;
    seg->bytes += part->bytes;
    seg->other_bytes += part->bytes;
    seg->lines += part->lines;
    before->n = seg->bytes < TAIL_BYTES ? (size_t)seg->bytes : TAIL_BYTES;
    return input_skip_to(p->in, seg->bytes, before->bytes, before->n, st);
}

/* Leaves out of what is new in a log what another file had. */
static bool leave_out_shared(intake *t, plan *p, segment *seg, ending *before, bool *more,
                             status *st)
{
    shared_part shared;
    ingest_file *file = p->file;
    if (!*more) {
        return true;
    }
    if (!find_shared(t, p, seg, &shared, st)) {
        return false;
    }
    if (!shared.part.is_all) {
        return shared.part.bytes == 0 || go_behind(p, &shared, seg, before, st);
    }
    *more = false;
    if (seg->bytes > 0) {
        return true;
    }
    file->outcome = INGEST_DUPLICATE;
    file->same_as = shared.with.p;
    return store_set_duplicate(t->store, file->source, slice_from(file->path), shared.with, st);
}

/* --- reading a file -------------------------------------------------------------------------- */

static bool end_part(const ingest_request *r, fold *f, status *st)
{
    return (r->threshold == THRESHOLD_UNKNOWN ||
            store_add_threshold(f->store, f->source, &f->segment, 0, r->threshold, SLICE("option"),
                                st)) &&
           fold_end(f, st);
}

/* Progress through what is packed, by the bytes on disk. */
typedef struct packed_progress {
    const progress *of_files;
    input *in;
    uint64_t told;
} packed_progress;

static void advance_packed(void *context, uint64_t unpacked)
{
    packed_progress *p = context;
    uint64_t taken = atomic_load_explicit(&p->in->taken, memory_order_relaxed);
    (void)unpacked;
    p->of_files->advance(p->of_files->context, taken - p->told);
    p->told = taken;
}

static bool read_part(const ingest_request *r, plan *p, fold *f, const segment *seg,
                      const ending *before, status *st)
{
    framer frames;
    bool settled =
        !p->last_of_source || !p->in->reopens || time(NULL) - p->in->modified >= SETTLED_SECONDS;
    packed_progress packed = {r->progress, p->in, atomic_load(&p->in->taken)};
    progress of_packed = {.advance = advance_packed, .context = &packed};
    bool translate = r->progress != NULL && p->in->reopens && !p->in->regular;
    bool hold = (!r->final && !settled) || p->ends_in_next;
    framer_init(&frames, p->in, &p->reading, hold, seg->bytes, slice_of(before->bytes, before->n));
    bool ok = fold_begin(f, &p->reading.format, p->normaliser, seg, p->next_at, st);
    status read_status = {0};
    if (ok && !pipeline_run(&frames,
                            &(mapping){.reading = &p->reading,
                                       .normaliser = p->normaliser,
                                       .tag_keys = &r->tag_keys},
                            f, r->jobs, translate ? &of_packed : r->progress, &read_status)) {
        /* What was read before an unreadable place counts all the same. */
        ok = read_status.code == STATUS_INPUT;
        *(ok ? &p->file->error : st) = read_status;
    }
    /* A log of which nothing could be read yet leaves no trace: its first record makes a segment.
     */
    ok = ok && (f->segment.bytes == 0 || end_part(r, f, st));
    p->file->bytes = f->segment.bytes - seg->bytes;
    p->file->segment = f->segment;
    framer_free(&frames);
    return ok;
}

/* Finds the log's segment, and whether there is more of the log than it holds. */
static bool find_rest(store *s, plan *p, arena *keep, segment *seg, ending *before, bool *more,
                      status *st)
{
    *more = false;
    if (!find_segment(s, p, keep, seg, before, st)) {
        return false;
    }
    bool goes_on = seg->bytes == 0 || before->n > 0;
    return !goes_on || input_has_more(p->in, more, st);
}

static ingest_outcome outcome_of(const ingest_file *file, bool known)
{
    return file->error.code != STATUS_OK       ? INGEST_FAILED
           : file->outcome == INGEST_DUPLICATE ? INGEST_DUPLICATE
           : file->from + file->bytes == 0     ? INGEST_EMPTY
           : file->bytes == 0                  ? INGEST_KNOWN
           : known                             ? INGEST_CONTINUED
                                               : INGEST_NEW;
}

/* Reads what is new in the log; the store's transaction is open. */
static bool read_log(intake *t, plan *p, status *st)
{
    segment seg = {0};
    ending before;
    before.n = 0;
    ingest_file *file = p->file;
    bool more;
    status found = {0};
    if (!find_rest(t->store, p, &t->result->arena, &seg, &before, &more, &found)) {
        bool only_this = found.code == STATUS_INPUT;
        *(only_this ? &file->error : st) = found;
        file->outcome = INGEST_FAILED;
        return only_this;
    }
    bool known = seg.bytes > 0;
    p->next_at = known ? seg.last_at : p->first_at;
    if (!leave_out_shared(t, p, &seg, &before, &more, st)) {
        return false;
    }
    file->from = seg.bytes;
    file->segment = seg;
    /* A part without anything in it would move the fold's clock. */
    if (more && !read_part(t->request, p, &t->fold, &seg, &before, st)) {
        return false;
    }
    if (file->error.code == STATUS_OK) {
        file->error = p->in->damage;
    }
    file->interrupted = p->in->interrupted;
    file->outcome = outcome_of(file, known);
    bool nothing = file->outcome == INGEST_DUPLICATE || file->from + file->bytes == 0;
    return nothing || store_set_path(t->store, file->source, slice_from(file->path), seg.id, st);
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Opens the file in the place of the one at hand. */
static bool open_file(intake *t, const char *path, status *st)
{
    if (t->at_hand == NULL) {
        t->at_hand = calloc(1, sizeof *t->at_hand);
    } else {
        input_close(t->at_hand);
    }
    return t->at_hand != NULL ? input_open(t->at_hand, path, t->request->interrupt_fd, st)
                              : status_no_memory(st);
}

static void free_input(input *in)
{
    if (in != NULL) {
        input_close(in);
        free(in);
    }
}

/* Opens the plan's log. An archive that is open at an earlier member is read on, so that members
 * that lie in the order of their times take one way through it. Every step back is a way from
 * the beginning: with the number of members n, n / 2 ways at worst. */
static bool reach(intake *t, plan *p, status *st)
{
    if (p->in != NULL) {
        return true;
    }
    bool ahead = t->at_hand != NULL && t->at_hand->fd >= 0 && t->at_hand->path == p->path &&
                 t->at_hand->member < p->member;
    if (!ahead && !open_file(t, p->path, st)) {
        return false;
    }
    while (t->at_hand->member < p->member && !t->at_hand->interrupted) {
        if (!input_next_member(t->at_hand, st) && !t->at_hand->interrupted) {
            return status_fail(st, STATUS_INPUT, "'%s' has changed while it was read", p->path);
        }
    }
    p->in = t->at_hand;
    return true;
}

static void let_go(intake *t, plan *p)
{
    if (p->in != t->at_hand) {
        free_input(p->in);
    }
    p->in = NULL;
}

/* --- logs that end in the next one ---------------------------------------------------------------
 */

static bool hash_end(plan *p, earlier_log *log, status *st)
{
    char last[TAIL_BYTES];
    size_t n = p->in->size < TAIL_BYTES ? (size_t)p->in->size : TAIL_BYTES;
    if (!input_skip_to(p->in, p->in->size, last, n, st)) {
        return false;
    }
    *log = (earlier_log){p->path, p->in->size, p->last_at, content_hash(slice_of(last, n))};
    return true;
}

/* Finds out whether the log's end is in the next one as well: that one may have the last record's
 * other lines, too, so that it is left to it. */
static bool look_at_next(intake *t, plan *p, const plan *next, status *st)
{
    overlap shared = {0};
    earlier_log log;
    status why = {0}; /* what cannot be read is told when it is read */
    if (!p->in->regular || p->member > 0 || next->member > 0 || next->in != NULL ||
        !slice_equal(next->reading.name, p->reading.name) || p->first_at == 0) {
        return true;
    }
    find_last(p, &t->scratch);
    if (next->first_at > p->last_at) {
        return true;
    }
    beginning *b = malloc(sizeof *b);
    if (b == NULL) {
        return status_no_memory(st);
    }
    bool ok = !overlap_begin(next->path, 0, &next->reading, &t->scratch, b, &why) ||
              !hash_end(p, &log, &why) ||
              overlap_find(&log, next->path, b, &next->reading, &t->scratch, &shared, st);
    free(b);
    p->ends_in_next = shared.bytes > 0 && !shared.is_all;
    return ok;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads one log in a transaction of its own. */
static bool take_log(intake *t, plan *p, const plan *next, status *st)
{
    if (!reach(t, p, &p->file->error)) {
        p->file->outcome = INGEST_FAILED;
        return p->file->error.code == STATUS_INPUT || status_no_memory(st);
    }
    if (next != NULL && p->in->regular &&
        (!look_at_next(t, p, next, st) || !input_skip_to(p->in, 0, NULL, 0, st))) {
        return false;
    }
    if (!store_begin(t->store, st)) {
        return false;
    }
    if (!read_log(t, p, st)) {
        store_rollback(t->store);
        return false;
    }
    return store_commit(t->store, st);
}

/* Ends the source: where nothing will follow, what still waits is given up, whichever of its logs
 * was the last to be read. */
static bool end_source(intake *t, status *st)
{
    if (!t->folding || !t->request->final || t->fold.format == NULL) {
        return true;
    }
    if (!store_begin(t->store, st)) {
        return false;
    }
    if (!fold_give_up(&t->fold, st) || !fold_end(&t->fold, st)) {
        store_rollback(t->store);
        return false;
    }
    return store_commit(t->store, st);
}

static void forget_source(intake *t)
{
    if (t->folding) {
        t->result->calls += t->fold.calls;
        fold_free(&t->fold);
        t->folding = false;
    }
}

/* Reads the next log; those of one source follow one another. `behind`: the one after it of the
 * same source; NULL. */
static bool take_next(intake *t, plan *p, const plan *behind, status *st)
{
    if (t->folding &&
        !(slice_equal(t->source, p->file->source) && slice_equal(t->engine, engine_of(p)))) {
        if (!end_source(t, st)) {
            return false;
        }
        forget_source(t);
    }
    if (!t->folding) {
        t->folding = true;
        t->source = p->file->source;
        t->engine = engine_of(p);
        if (!fold_init(&t->fold, t->store, t->source, t->request->selection)) {
            return status_no_memory(st);
        }
        t->fold.one_in = t->request->one_in;
    }
    bool ok = take_log(t, p, behind, st);
    let_go(t, p);
    t->result->bytes += p->file->bytes;
    return ok;
}

static bool take_all(intake *t, status *st)
{
    bool ok = true;
    for (size_t i = 0; ok && i < t->n_plans; i++) {
        t->plans[i].last_of_source =
            i + 1 == t->n_plans ||
            !slice_equal(t->plans[i + 1].file->source, t->plans[i].file->source) ||
            !slice_equal(engine_of(&t->plans[i + 1]), engine_of(&t->plans[i]));
        ok = take_next(t, &t->plans[i], t->plans[i].last_of_source ? NULL : &t->plans[i + 1], st);
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
static bool tell_folders_apart(intake *t, status *st)
{
    arena *keep = &t->result->arena;
    slice *names = arena_alloc(keep, t->n_told * sizeof *names);
    for (size_t i = 0; names != NULL && i < t->n_told; i++) {
        names[i] = t->told[i].file->source;
    }
    for (size_t i = 0; names != NULL && i < t->n_told; i++) {
        slice folder = folder_of(t->told[i].file->path);
        bool apart = false;
        for (size_t k = 0; k < t->n_told && !apart; k++) {
            apart = slice_equal(names[k], names[i]) &&
                    !slice_equal(folder_of(t->told[k].file->path), folder);
        }
        if (apart && folder.n > 0) {
            buf name;
            buf_init(&name, PATH_NAME_MAX);
            buf_add(&name, folder);
            buf_add_char(&name, '/');
            buf_add(&name, names[i]);
            bool ok = !name.failed && arena_copy(keep, buf_slice(&name), &t->told[i].file->source);
            buf_free(&name);
            if (!ok) {
                return status_no_memory(st);
            }
        }
    }
    return names != NULL || status_no_memory(st);
}

/* The same content under two names is one log, whatever sources the names stand for. */
static void join_copies(intake *t)
{
    for (size_t i = 0; i < t->n_plans && t->request->source == NULL; i++) {
        for (size_t k = 0; k < i; k++) {
            if (t->plans[k].head.high == t->plans[i].head.high &&
                t->plans[k].head.low == t->plans[i].head.low) {
                t->plans[i].file->source = t->plans[k].file->source;
                break;
            }
        }
    }
}

/* Times of day in the selection mean the first such time from the earliest log's beginning on. */
static void resolve_selection(intake *t, const plan *plans, size_t n)
{
    selection *sel = t->request->selection;
    const plan *earliest = NULL;
    int64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        last = plans[i].last_at > last ? plans[i].last_at : last;
        if (plans[i].first_at != 0 &&
            (earliest == NULL || plans[i].first_at < earliest->first_at)) {
            earliest = &plans[i];
        }
    }
    if (sel != NULL && earliest != NULL && !t->resolved) {
        selection_resolve(sel, earliest->first_at, last, earliest->zone_offset);
        t->resolved = true;
    }
}

static bool is_selected(const selection *sel, const plan *p)
{
    return sel == NULL ||
           (name_list_has(&sel->sources, p->file->source) &&
            name_list_has(&sel->engines, slice_from(p->reading.format.parser->engine)));
}

/* --- looking at all files -----------------------------------------------------------------------
 */

/* Files that nobody named one by one: of a folder, or of an archive. Not all of them have to be
 * logs. */
typedef struct company {
    const char *path;
    size_t known, unknown;
    status first_unknown;
} company;

/* Room for one more; the items stay zero until they are used. */
static void *grow(void *items, size_t n, size_t *cap, size_t size, status *st)
{
    if (n < *cap) {
        return items;
    }
    size_t more = *cap > 0 ? *cap * 2 : 16;
    void *grown = realloc(items, more * size);
    if (grown == NULL) {
        status_no_memory(st);
        return NULL;
    }
    *cap = more;
    return grown;
}

/* A new entry of the result; NULL where memory is out. */
static ingest_file *tell(intake *t, const char *path, bool is_archive, status *st)
{
    slice name;
    told_file *told = grow(t->told, t->n_told, &t->told_cap, sizeof *told, st);
    if (told == NULL) {
        return NULL;
    }
    t->told = told;
    ingest_file *file = arena_calloc(&t->result->arena, 1, sizeof *file);
    if (file == NULL || !arena_copy(&t->result->arena, slice_from(path), &name)) {
        status_no_memory(st);
        return NULL;
    }
    file->path = name.p;
    file->source =
        t->request->source != NULL ? slice_from(t->request->source) : source_of_path(file->path);
    t->told[t->n_told++] = (told_file){file, is_archive};
    return file;
}

/* What is no fault of the input alone ends the run. */
static bool tell_failure(intake *t, const char *path, bool is_archive, const status *why,
                         status *st)
{
    if (why->code != STATUS_INPUT) {
        *st = *why;
        return false;
    }
    ingest_file *file = tell(t, path, is_archive, st);
    if (file == NULL) {
        return false;
    }
    file->outcome = INGEST_FAILED;
    file->error = *why;
    return true;
}

static void pass_over(intake *t, company *with, const status *why)
{
    if (with->unknown++ == 0) {
        with->first_unknown = *why;
    }
    t->n_told--;
}

/* Looks at the log that t->at_hand stands at the beginning of. *p is its plan where it is ready to
 * be read; else *ready is false. */
static bool look_at_log(intake *t, const char *path, company *with, plan *p, bool *ready,
                        status *st)
{
    status why = {0};
    *ready = false;
    *p = (plan){.path = path, .member = t->at_hand->member, .in = t->at_hand};
    p->file = tell(t, input_name(p->in), false, st);
    if (p->file == NULL) {
        return false;
    }
    if (!look(t->request, p, &t->result->arena, &t->scratch, &why)) {
        if (why.code == STATUS_INPUT && p->unknown_format && with != NULL) {
            pass_over(t, with, &why);
            return true;
        }
        p->file->outcome = INGEST_FAILED;
        p->file->error = why;
        *st = why.code == STATUS_INPUT ? *st : why;
    } else {
        p->file->outcome = INGEST_EMPTY;
        *ready = p->has_first;
    }
    if (with != NULL) {
        with->known++;
    }
    return why.code == STATUS_OK || why.code == STATUS_INPUT;
}

static bool plan_log(intake *t, const char *path, company *with, status *st)
{
    plan p;
    bool ready;
    plan *plans = grow(t->plans, t->n_plans, &t->plans_cap, sizeof *plans, st);
    if (plans == NULL) {
        return false;
    }
    t->plans = plans;
    if (!look_at_log(t, path, with, &p, &ready, st)) {
        return false;
    }
    if (ready) {
        if (p.in->reopens) {
            p.in = NULL;
        } else {
            t->at_hand = NULL; /* the plan's now */
        }
        t->plans[t->n_plans++] = p;
    }
    return true;
}

/* Ends the looking at an archive whose next member could not be had. */
static bool end_members(intake *t, const input *in, status *why, status *st)
{
    if (in->interrupted) {
        ingest_file *file = tell(t, in->path, true, st);
        if (file != NULL) {
            file->outcome = INGEST_EMPTY;
            file->interrupted = true;
        }
        return file != NULL;
    }
    if (in->member > MEMBERS_MAX) {
        status_fail(why, STATUS_INPUT, "only the first %d files of '%s' were read", MEMBERS_MAX,
                    in->path);
        return tell_failure(t, in->path, false, why, st);
    }
    if (in->member == 0) {
        status_fail(why, STATUS_INPUT, "no file in '%s'", in->path); /* unless it was damage */
    }
    return why->code == STATUS_OK || tell_failure(t, in->path, true, why, st);
}

/* Whether there was a log among the company; else that is a failure. */
static bool end_company(intake *t, const company *with, status *st)
{
    status why = {0};
    if (with->known > 0) {
        t->result->passed_over += with->unknown;
        return true;
    }
    if (with->unknown == 0) {
        return true;
    }
    status_fail(&why, STATUS_INPUT, "no log of a known format in '%s': %s", with->path,
                with->first_unknown.text);
    return tell_failure(t, with->path, false, &why, st);
}

static bool plan_members(intake *t, const char *path, company *with, status *st)
{
    company own = {.path = path};
    status why = {0};
    input *in = t->at_hand;
    bool ok = true;
    while (ok && input_next_member(in, &why) && in->member <= MEMBERS_MAX) {
        ok = plan_log(t, path, with != NULL ? with : &own, st);
    }
    return ok && end_members(t, in, &why, st) && (with != NULL || end_company(t, &own, st));
}

/* An archive on a pipe has to wait until all that can be read in order was. */
static bool keep_pipe(intake *t, status *st)
{
    input **pipes = realloc(t->pipes, (t->n_pipes + 1) * sizeof(input *));
    if (pipes == NULL) {
        return status_no_memory(st);
    }
    t->pipes = pipes;
    t->pipes[t->n_pipes++] = t->at_hand;
    t->at_hand = NULL;
    return true;
}

static bool plan_file(intake *t, const char *path, company *with, status *st)
{
    status why = {0};
    if (!open_file(t, path, &why)) {
        return tell_failure(t, path, false, &why, st);
    }
    if (t->at_hand->archive) {
        return t->at_hand->reopens ? plan_members(t, path, with, st) : keep_pipe(t, st);
    }
    return plan_log(t, path, with, st);
}

/* Looks at all that a word of the request stands for. */
static bool plan_operand(intake *t, const char *word, status *st)
{
    operand_files files = {0};
    status why = {0};
    company folder = {.path = word};
    bool ok = operand_expand(word, &t->result->arena, &files, &why) ||
              tell_failure(t, word, false, &why, st);
    for (size_t i = 0; ok && i < files.n; i++) {
        const operand_file *f = &files.items[i];
        ok = plan_file(t, f->path, f->in_folder ? &folder : NULL, st);
    }
    return ok && end_company(t, &folder, st);
}

static void leave_out_unselected(intake *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        plan *p = &t->plans[i];
        if (is_selected(t->request->selection, p)) {
            t->plans[n++] = *p;
        } else {
            p->file->outcome = INGEST_NOT_SELECTED;
            let_go(t, p);
        }
    }
    t->n_plans = n;
}

/* --- one log in several destinations ------------------------------------------------------------
 */

static bool read_marks_from(intake *t, const plan *p, uint64_t place, int64_t from, marks *out,
                            status *st)
{
    framer frames;
    block b = {0};
    framer_init(&frames, p->in, &p->reading, false, place, slice_of("", 0));
    bool ok = true;
    for (bool more = true; ok && more;) {
        ok = framer_next(&frames, &b, st);
        more = ok && b.n > 0;
        if (more) {
            batch_reset(&t->scratch);
            reading_parse(&p->reading, slice_of(b.p, b.n), b.truncated, &t->scratch);
            more = marks_add(out, &t->scratch, from);
        }
    }
    block_free(&b);
    framer_free(&frames);
    return ok;
}

/* The logs that may be the same as others, and the plans that they are. */
typedef struct comparison {
    intake *intake;
    size_t *plans; /* by index */
    same_log *logs;
    size_t n;
} comparison;

static bool read_marks(void *context, size_t which, int64_t from, marks *out, status *st)
{
    const comparison *c = context;
    plan *p = &c->intake->plans[c->plans[which]];
    uint64_t place = 0;
    out->n = 0;
    bool ok = reach(c->intake, p, st) &&
              overlap_seek(p->in, &p->reading, from, &c->intake->scratch, &place, st) &&
              read_marks_from(c->intake, p, place, from, out, st);
    let_go(c->intake, p);
    /* What cannot be read is told when it is its turn. */
    bool unreadable = !ok && st->code == STATUS_INPUT;
    if (unreadable) {
        *st = (status){0};
    }
    return ok || unreadable;
}

static bool look_for_last(intake *t, plan *p, status *st)
{
    status why = {0};
    if (p->last_at == 0 && reach(t, p, &why)) {
        find_last(p, &t->scratch);
    }
    let_go(t, p);
    bool ok = why.code == STATUS_OK || why.code == STATUS_INPUT;
    *st = ok ? *st : why;
    return ok;
}

static bool is_known(const intake *t, const plan *p, bool *known, status *st)
{
    segment found[SEGMENTS_MAX];
    uint32_t n;
    bool ok = store_find_segments(t->store, p->file->source, p->head, &t->result->arena, found,
                                  SEGMENTS_MAX, &n, st);
    *known = ok && n > 0;
    return ok;
}

static same_log as_same_log(const plan *p)
{
    const parser *row = p->reading.format.parser;
    bool has_time = (p->reading.format.lacks & LACKS_TIME) == 0;
    return (same_log){.folder = folder_of(p->file->path),
                      .stem = source_of_path(p->file->path),
                      .engine = slice_from(row->engine),
                      .format = row,
                      .richness = has_time && p->in == NULL ? row->richness : 0,
                      .first_at = p->first_at,
                      .last_at = INT64_MAX};
}

/* Keeps of all logs those that have others to be compared with. */
static void leave_out_single(comparison *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->intake->plans[i].has_twin = same_log_has_twin(c->logs, c->n, i);
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->intake->plans[i].has_twin) {
            c->plans[n] = i;
            c->logs[n++] = c->logs[i];
        }
    }
    c->n = n;
}

static bool gather_same_logs(comparison *c, status *st)
{
    intake *t = c->intake;
    for (size_t i = 0; i < t->n_plans; i++) {
        c->logs[c->n++] = as_same_log(&t->plans[i]);
    }
    leave_out_single(c);
    for (size_t i = 0; i < c->n; i++) {
        plan *p = &t->plans[c->plans[i]];
        if (!look_for_last(t, p, st) || !is_known(t, p, &c->logs[i].known, st)) {
            return false;
        }
        c->logs[i].last_at = p->last_at;
    }
    return true;
}

static bool is_planned(const intake *t, slice path)
{
    bool planned = false;
    for (size_t i = 0; i < t->n_plans && !planned; i++) {
        planned = slice_is(path, t->plans[i].file->path);
    }
    return planned;
}

/* Plans the log at the path as a witness, if it is still there: it is compared with, not read. */
static bool plan_witness(intake *t, slice source, slice path, status *st)
{
    arena *keep = &t->result->arena;
    plan *plans = grow(t->plans, t->n_plans, &t->plans_cap, sizeof *plans, st);
    if (plans == NULL) {
        return false;
    }
    t->plans = plans;
    ingest_file *file = arena_calloc(keep, 1, sizeof *file);
    if (file == NULL) {
        return status_no_memory(st);
    }
    *file = (ingest_file){.path = path.p, .source = source};
    status why = {0};
    if (!open_file(t, path.p, &why) || t->at_hand->archive || !t->at_hand->reopens) {
        return true;
    }
    plan p = {.file = file, .path = path.p, .in = t->at_hand, .is_witness = true};
    bool known = false;
    if (look(t->request, &p, keep, &t->scratch, &why) && p.has_first &&
        !is_known(t, &p, &known, st)) {
        return false;
    }
    if (known) { /* else the path holds another log by now */
        p.in = NULL;
        t->plans[t->n_plans++] = p;
    }
    return true;
}

/* The logs of the plan's source that lie beside it and bear its name, as the store knows them. */
static bool plan_witnesses(intake *t, const plan *p, status *st)
{
    enum { WITNESSES_MAX = 1024 };
    arena *keep = &t->result->arena;
    slice *paths = calloc(WITNESSES_MAX, sizeof *paths);
    uint32_t n = 0;
    const ingest_file *file = p->file;
    bool ok = paths != NULL
                  ? store_read_paths(t->store, file->source, keep, paths, WITNESSES_MAX, &n, st)
                  : status_no_memory(st);
    for (uint32_t i = 0; ok && i < n; i++) {
        bool beside = slice_equal(folder_of(paths[i].p), folder_of(file->path)) &&
                      slice_equal(source_of_path(paths[i].p), source_of_path(file->path));
        ok = !beside || is_planned(t, paths[i]) || plan_witness(t, file->source, paths[i], st);
    }
    free(paths);
    return ok;
}

static bool plan_all_witnesses(intake *t, status *st)
{
    bool ok = true;
    size_t n = t->n_plans;
    for (size_t i = 0; ok && i < n; i++) {
        plan p = t->plans[i];
        bool known = true;
        if (p.reading.format.parser->richness > 0 && p.in == NULL) {
            ok = is_known(t, &p, &known, st);
        }
        ok = ok && (known || plan_witnesses(t, &p, st));
    }
    return ok;
}

static bool obey_verdict(intake *t, plan *p, const same_log *log, const plan *other, status *st)
{
    ingest_file *file = p->file;
    if (log->verdict == SAME_LOG_SKIP) {
        file->outcome = INGEST_DUPLICATE;
        file->same_as = other->file->path;
        return store_set_duplicate(t->store, file->source, slice_from(file->path),
                                   slice_from(file->same_as), st);
    }
    file->outcome = INGEST_FAILED;
    status_fail(&file->error, STATUS_INPUT,
                "'%s' and '%s' are the same log, each with a part that the other lacks; give the"
                " one to read",
                file->path, other->file->path);
    return true;
}

static bool obey_verdicts(const comparison *c, status *st)
{
    intake *t = c->intake;
    if (!store_begin(t->store, st)) {
        return false;
    }
    for (size_t i = 0; i < c->n; i++) {
        const same_log *log = &c->logs[i];
        plan *p = &t->plans[c->plans[i]];
        if (log->verdict != SAME_LOG_READ && !p->is_witness &&
            !obey_verdict(t, p, log, &t->plans[c->plans[log->other]], st)) {
            store_rollback(t->store);
            return false;
        }
    }
    return store_commit(t->store, st);
}

/* Drops the plans that will not be read. */
static void drop_decided(intake *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_plans; i++) {
        const plan *p = &t->plans[i];
        bool decided = p->file->outcome == INGEST_DUPLICATE || p->file->error.code != STATUS_OK;
        if (!decided && !p->is_witness) {
            t->plans[n++] = *p;
        }
    }
    t->n_plans = n;
}

/* Leaves out the logs that hold the records of others. */
static bool leave_out_same_logs(intake *t, status *st)
{
    if (!plan_all_witnesses(t, st)) {
        return false;
    }
    arena *keep = &t->result->arena;
    comparison c = {.intake = t,
                    .plans = arena_calloc(keep, t->n_plans + 1, sizeof *c.plans),
                    .logs = arena_calloc(keep, t->n_plans + 1, sizeof *c.logs)};
    if (c.plans == NULL || c.logs == NULL) {
        return status_no_memory(st);
    }
    bool ok = gather_same_logs(&c, st);
    if (ok && c.n > 0) {
        ok = same_log_judge(c.logs, c.n, read_marks, &c, st) && obey_verdicts(&c, st);
    }
    drop_decided(t);
    return ok;
}

/* --- archives on pipes
 * ----------------------------------------------------------------------------- */

/* The plan outlives the log: the fold goes on with it. */
static bool take_piped_log(intake *t, company *with, status *st)
{
    bool ready;
    plan *p = arena_alloc(&t->result->arena, sizeof *p);
    if (p == NULL) {
        return status_no_memory(st);
    }
    if (!look_at_log(t, t->at_hand->path, with, p, &ready, st) || !ready) {
        return st->code == STATUS_OK;
    }
    if (!is_selected(t->request->selection, p)) {
        p->file->outcome = INGEST_NOT_SELECTED;
        return true;
    }
    resolve_selection(t, p, 1);
    return take_next(t, p, NULL, st);
}

/* Their members are read as they come, since there is no way back to an earlier one. */
static bool take_piped(intake *t, input *in, status *st)
{
    company own = {.path = in->path};
    status why = {0};
    bool ok = true;
    t->at_hand = in;
    while (ok && input_next_member(in, &why) && in->member <= MEMBERS_MAX) {
        ok = take_piped_log(t, &own, st);
    }
    return ok && end_members(t, in, &why, st) && end_company(t, &own, st);
}

static bool take_pipes(intake *t, status *st)
{
    bool ok = true;
    for (size_t i = 0; i < t->n_pipes; i++) {
        free_input(t->at_hand);
        t->at_hand = NULL;
        ok = ok && take_piped(t, t->pipes[i], st);
        free_input(t->pipes[i]);
        t->at_hand = NULL;
    }
    t->n_pipes = 0;
    return ok;
}

/* --- all of it
 * --------------------------------------------------------------------------------------- */

/* Whether a member of the archive tells already that it could not be read to its end. */
static bool member_failed(const intake *t, const char *archive)
{
    size_t n = strlen(archive);
    for (size_t i = 0; i < t->n_told; i++) {
        const ingest_file *f = t->told[i].file;
        if (f->outcome == INGEST_FAILED && strncmp(f->path, archive, n) == 0 && f->path[n] == '/') {
            return true;
        }
    }
    return false;
}

static bool fill_result(intake *t, status *st)
{
    ingest_result *result = t->result;
    result->files = arena_calloc(&result->arena, t->n_told, sizeof *result->files);
    if (result->files == NULL) {
        return status_no_memory(st);
    }
    for (size_t i = 0; i < t->n_told; i++) {
        const ingest_file *f = t->told[i].file;
        if (!t->told[i].is_archive || f->outcome != INGEST_FAILED || !member_failed(t, f->path)) {
            result->files[result->n_files++] = *f;
        }
    }
    return true;
}

static bool run(intake *t, status *st)
{
    bool ok = true;
    for (size_t i = 0; ok && i < t->request->n_paths; i++) {
        ok = plan_operand(t, t->request->paths[i], st);
    }
    ok = ok && (t->request->source != NULL || tell_folders_apart(t, st));
    if (ok) {
        leave_out_unselected(t);
        join_copies(t);
        ok = leave_out_same_logs(t, st);
    }
    if (ok) {
        resolve_selection(t, t->plans, t->n_plans);
    }
    if (ok && t->n_plans > 0) {
        qsort(t->plans, t->n_plans, sizeof *t->plans, compare_plans);
    }
    ok = ok && take_all(t, st) && take_pipes(t, st) && end_source(t, st);
    forget_source(t);
    return ok && fill_result(t, st);
}

bool ingest_files(store *s, const ingest_request *r, ingest_result *result, status *st)
{
    *result = (ingest_result){0};
    arena_init(&result->arena, KEEP_MAX);
    intake t = {.store = s, .request = r, .result = result};
    batch_init(&t.scratch, KEEP_MAX);
    bool ok = run(&t, st);
    for (size_t i = 0; i < t.n_plans; i++) {
        let_go(&t, &t.plans[i]);
    }
    for (size_t i = 0; i < t.n_pipes; i++) {
        free_input(t.pipes[i]);
    }
    free_input(t.at_hand);
    batch_free(&t.scratch);
    free(t.plans);
    free(t.pipes);
    free(t.told);
    return ok;
}

void ingest_result_free(ingest_result *result)
{
    arena_free(&result->arena);
    *result = (ingest_result){0};
}
