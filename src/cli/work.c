/* work.c - see work.h. */
#include "cli/work.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "store/rows.h"

enum { OUTPUT_MAX = 512 * 1024 * 1024, PATHS_MAX = 300, EXIT_INTERRUPTED = 130 };
enum { LEADERS = 10 /* of each ranking, in HTML */ };

bool work_begin(const command *c, int argc, char **argv, arguments *a, int *code)
{
    status st = {0};
    if (!arguments_parse(c, argc, argv, a, &st)) {
        *code = console_fail(&st);
        return false;
    }
    if (a->help) {
        buf out;
        buf_init(&out, 64 * 1024);
        options_help(c, &out);
        *code = console_write(NULL, buf_slice(&out), &st) ? 0 : console_fail(&st);
        buf_free(&out);
        return false;
    }
    return true;
}

/* --- the store ---------------------------------------------------------------------- */

/* What is waited for. */
typedef struct awaited {
    const char *path;
} awaited;

static void tell_waiting(void *context, int64_t process)
{
    const awaited *w = context;
    if (process > 0) {
        console_note("waiting for process %" PRId64 ", which is writing to '%s'", process, w->path);
    } else {
        console_note("waiting for another run, which is writing to '%s'", w->path);
    }
}

bool work_open_store(const arguments *a, const char *path, store **out, status *st)
{
    awaited subject = {path};
    store_wait wait = {.us = a->wait, .tell = tell_waiting, .context = &subject};
    bool ok = store_open_waiting(path, &wait, out, st);
    int version;
    const char *backup = ok ? store_backup(*out, &version) : NULL;
    if (backup != NULL) {
        console_note("'%s' was of version %d and is now of version %d; as it was it lies in '%s'",
                     path, version, (int)STORE_VERSION, backup);
    }
    return ok;
}

bool work_wants_store(const arguments *a, const char *name, status *st)
{
    if (a->store == NULL) {
        return status_fail(st, STATUS_USAGE, "%s wants --store FILE, or $QLOG_STORE", name);
    }
    return a->n_operands == 0 ||
           status_fail(st, STATUS_USAGE, "%s takes no files but --store", name);
}

bool work_must_exist(const char *path, status *st)
{
    char why[128];
    return access(path, F_OK) == 0 || status_fail(st, STATUS_STORE, "cannot open '%s': %s", path,
                                                  status_errno_text(errno, why, sizeof why));
}

bool work_resolve(const store *s, selection *chosen, int32_t *zone_offset, status *st)
{
    int64_t last = 0;
    *zone_offset = 0;
    sqlite3_stmt *q = rows_begin(
        s, "SELECT last_at, zone_offset FROM segments ORDER BY last_at DESC, segment LIMIT 1", st);
    if (q != NULL && rows_next(s, q, st)) {
        last = sqlite3_column_int64(q, 0);
        *zone_offset = (int32_t)sqlite3_column_int64(q, 1);
    }
    selection_resolve_recent(chosen, last, *zone_offset);
    return rows_end(q, st);
}

/* --- reading ------------------------------------------------------------------------ */

/* The size of all files together, for the progress line; 0 where a pipe is among them. */
static uint64_t total_size(const char *const *paths, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        struct stat info;
        if (stat(paths[i], &info) != 0 || !S_ISREG(info.st_mode)) {
            return 0;
        }
        total += (uint64_t)info.st_size;
    }
    return total;
}

static void tell_failures(const ingest_result *result, int *code)
{
    for (size_t i = 0; i < result->n_files; i++) {
        const ingest_file *f = &result->files[i];
        if (f->outcome == INGEST_FAILED) {
            *code = console_fail(&f->error);
        }
        if (f->interrupted) {
            uint64_t end = f->from + f->bytes;
            console_note("interrupted after the first %" PRIu64 " bytes of '%s'", end, f->path);
            *code = strcmp(f->path, "-") == 0 ? *code : EXIT_INTERRUPTED;
        }
    }
    if (result->passed_over > 0) {
        console_note("%zu %s of no known format passed over", result->passed_over,
                     result->passed_over == 1 ? "file" : "files");
    }
}

/* A window that ends before the logs begin, or begins after they end, is a mistake to be told of,
 * with the times that there are. */
static bool check_window(const ingest_result *result, const selection *chosen, status *st)
{
    int64_t first = 0;
    int64_t last = 0;
    int32_t zone = 0;
    for (size_t i = 0; selection_has_window(chosen) && i < result->n_files; i++) {
        const segment *seg = &result->files[i].segment;
        if (seg->last_at != 0) {
            return true;
        }
        if (seg->outside_last != 0) {
            first = last == 0 || seg->outside_first < first ? seg->outside_first : first;
            zone = seg->outside_last > last ? seg->zone_offset : zone;
            last = seg->outside_last > last ? seg->outside_last : last;
        }
    }
    return last == 0 || selection_fail_window(chosen, first, last, zone, st);
}

/* What the arguments say of reading the logs. */
static ingest_request request_of(const arguments *a, const char **paths, size_t n)
{
    return (ingest_request){.paths = paths,
                            .n_paths = n,
                            .format = a->log_format,
                            .options = a->reading,
                            .tag_keys = a->tag_keys,
                            .jobs = a->jobs,
                            .threshold = a->threshold,
                            .one_in = a->one_in,
                            .final = true};
}

static bool read_logs(store *s, const arguments *a, ingest_request request, ingest_result *result,
                      int *code, status *st)
{
    progress_line line;
    selection chosen = a->selection; /* its moments are resolved while reading */
    int interrupts = console_catch_interrupts();
    progress_start(&line, total_size(request.paths, request.n_paths));
    request.selection = &chosen;
    request.interrupt_fd = interrupts;
    request.progress = &line.progress;
    bool ok = ingest_files(s, &request, result, st);
    progress_end(&line);
    console_release_interrupts(interrupts);
    if (ok) {
        tell_failures(result, code);
        ok = check_window(result, &chosen, st);
    }
    return ok;
}

bool work_read(store *s, const arguments *a, const char *source, const char **paths, size_t n,
               bool final, ingest_result *result, int *code, status *st)
{
    ingest_request request = request_of(a, paths, n);
    request.source = source;
    request.final = final;
    return read_logs(s, a, request, result, code, st);
}

bool work_read_observed(store *s, const arguments *a, const record_observer *observer,
                        const char **paths, size_t n, ingest_result *result, int *code, status *st)
{
    ingest_request request = request_of(a, paths, n);
    request.observer = observer;
    return read_logs(s, a, request, result, code, st);
}

/* --- the names of queries -------------------------------------------------------------- */

query_name query_name_of(const char *word)
{
    query_name name = {.text = slice_from(word)};
    if (slice_starts_with(name.text, SLICE("0x"))) {
        name.text = slice_skip(name.text, 2);
    }
    name.is_id = id_parse(name.text, &name.id);
    return name;
}

bool query_name_fits(const query_name *name, const event *e, const batch *events)
{
    char number[32];
    bool fits = name->is_id && e->fingerprint == name->id;
    if ((e->has & HAS_QUERY_ID) != 0) {
        snprintf(number, sizeof number, "%" PRId64, e->query_id);
        fits = fits || slice_is(name->text, number);
    }
    for (uint32_t i = 0; i < e->n_aliases; i++) {
        fits = fits || slice_equal(events->aliases[e->first_alias + i].value, name->text);
    }
    return fits;
}

/* --- reporting ------------------------------------------------------------------------ */

/* By the ending of a file's name; *has false where it has none. */
static bool format_of_ending(const char *path, report_format *as, bool *has)
{
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;
    *has = dot != NULL && strchr(dot, '/') == NULL;
    return *has && report_format_find(slice_from(dot + 1), as);
}

static bool find_format(const arguments *a, report_format *as, status *st)
{
    bool has;
    *as = REPORT_TEXT;
    if (a->format != NULL) {
        return report_format_find(slice_from(a->format), as) ||
               status_fail(st, STATUS_USAGE, "unknown format '%s': text, html, md, json or csv",
                           a->format);
    }
    bool known = format_of_ending(a->output, as, &has);
    if (has && !known && a->templates == NULL && a->place == NULL) {
        return status_fail(st, STATUS_USAGE,
                           "no format for '%s': end it in .html, .md, .json, .csv or .txt, or"
                           " give --format",
                           a->output);
    }
    if (!known) {
        format_of_ending(a->templates != NULL ? a->templates->path : NULL, as, &has);
    }
    if (a->place != NULL && *as == REPORT_TEXT) { /* as which Jira's notation may be kept */
        *as = REPORT_MARKDOWN;
    }
    return true;
}

bool work_format(const arguments *a, report_format *as, status *st)
{
    if (!find_format(a, as, st)) {
        return false;
    }
    if (a->place != NULL && *as != REPORT_MARKDOWN) {
        return status_fail(st, STATUS_USAGE, "--flavor %s is for md, not for '%s'", a->place->name,
                           a->format != NULL ? a->format : a->output);
    }
    if (a->templates != NULL && (*as == REPORT_JSON || *as == REPORT_CSV)) {
        return status_fail(st, STATUS_USAGE, "--template is for html, md and text, not for %s",
                           *as == REPORT_JSON ? "json" : "csv");
    }
    return true;
}

bool work_plain_format(const arguments *a, const char *what, bool *json, status *st)
{
    report_format as;
    if (!work_format(a, &as, st)) {
        return false;
    }
    *json = as == REPORT_JSON;
    return *json || as == REPORT_TEXT ||
           status_fail(st, STATUS_USAGE, "%s writes text or json, not '%s'", what, a->format);
}

uint32_t work_limit(const arguments *a, report_format as)
{
    static const uint32_t limits[] = {[REPORT_TEXT] = 10,
                                      [REPORT_MARKDOWN] = 20,
                                      [REPORT_HTML] = 200,
                                      [REPORT_JSON] = 100,
                                      [REPORT_CSV] = 0 /* all */};
    return a->has_limit ? a->limit : limits[as];
}

store_mode work_store_mode(const arguments *a)
{
    return a->redact_names ? STORE_COPY : STORE_READ;
}

/* Whatever was chosen by a name would tell the name. */
static void describe_selection(const arguments *a, buf *out)
{
    selection told = a->selection;
    selection_describe(&told, out);
    size_t whole = out->n;
    if (a->redact_names) {
        told.sources = told.tags = (name_list){0};
        memset(told.names, 0, sizeof told.names);
        told.match = told.exclude = NULL;
        buf_clear(out);
        selection_describe(&told, out);
        bool by_name = out->n < whole;
        buf_add_text(out, by_name && out->n > 0 ? ", " : "");
        buf_add_text(out, by_name ? "by names, which are hidden" : "");
    }
}

model_request work_request(const arguments *a, report_format as, buf *selection_text)
{
    if (!a->selection.empty) {
        describe_selection(a, selection_text);
    }
    return (model_request){.order = a->order,
                           .grouping = a->grouping,
                           .limit = work_limit(a, as),
                           .leaders = as == REPORT_HTML ? LEADERS : 0,
                           .found = as != REPORT_TEXT && as != REPORT_CSV,
                           .analysis = &a->findings.request,
                           .has_zone = a->selection.has_zone,
                           .zone = a->zone,
                           .zone_offset = a->selection.zone_offset,
                           .selection = buf_slice(selection_text),
                           .names = a->redact_names ? a->names : NULL};
}

bool work_anything_read(const ingest_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_files; i++) {
        const ingest_file *f = &result->files[i];
        any = any || f->bytes > 0;
        if (f->outcome == INGEST_EMPTY) {
            console_note("nothing to read in '%s'", f->path);
        } else if (f->outcome == INGEST_NOT_SELECTED) {
            console_note("'%s' is not selected: its source is '%.*s'", f->path, (int)f->source.n,
                         f->source.p);
        }
    }
    return any;
}

static void tell_little_understood(const ingest_file *f, int64_t permille)
{
    const segment *seg = &f->segment;
    console_note("only %lld.%lld %% of '%s' was understood, read as %.*s with '%.*s'",
                 (long long)(permille / 10), (long long)(permille % 10), f->path,
                 (int)seg->format.n, seg->format.p, (int)seg->detail.n, seg->detail.p);
    for (int r = 0; r < SKIP_REASON_COUNT; r++) {
        const skipped *s = &seg->skipped[r];
        if (s->count > 0) {
            console_note("  %s: %llu %s, the first is %s:%u", skip_reason_name((skip_reason)r),
                         (unsigned long long)s->count, s->count == 1 ? "line" : "lines", f->path,
                         s->first_line);
        }
    }
}

int work_check_coverage(const ingest_result *result, const arguments *a)
{
    int code = STATUS_OK;
    for (size_t i = 0; i < result->n_files; i++) {
        const ingest_file *f = &result->files[i];
        uint64_t understood = f->segment.event_bytes + f->segment.other_bytes;
        uint64_t bytes = segment_content(&f->segment);
        int64_t permille = bytes > 0 ? (int64_t)(understood * 1000 / bytes) : 1000;
        if (permille < a->min_coverage_permille) {
            tell_little_understood(f, permille);
            code = STATUS_INPUT;
        }
    }
    return code;
}

static void add_shell_word(buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./-@:+=,%";
    buf_add_char(out, ' ');
    if (*word != '\0' && strspn(word, plain) == strlen(word)) {
        buf_add_text(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            buf_add_text(out, "'\\''");
        } else {
            buf_add_char(out, *word);
        }
    }
    buf_add_char(out, '\'');
}

void work_show_command(const arguments *a, const char *const *paths, size_t n, buf *out)
{
    buf_add_text(out, "qlog show ID");
    if (n == 0) {
        buf_add_text(out, " --store");
        add_shell_word(out, a->store);
    }
    for (size_t i = 0; i < a->n_repeat; i++) {
        add_shell_word(out, a->repeat[i]);
    }
    size_t before = out->n;
    for (size_t i = 0; i < n; i++) {
        add_shell_word(out, strcmp(paths[i], "-") == 0 ? "FILE" : paths[i]);
    }
    if (out->n - before > PATHS_MAX) {
        buf_truncate(out, before);
        buf_add_text(out, " FILE...");
    }
}

bool work_write(const render_subject *what, report_format as, const arguments *a, status *st)
{
    buf out;
    buf_init(&out, OUTPUT_MAX);
    render_options o = {.text = console_text_options(a->output != NULL),
                        .place = a->place,
                        .templates = a->templates};
    bool ok = render(what, as, &o, &out, st) && console_write(a->output, buf_slice(&out), st);
    buf_free(&out);
    return ok;
}
