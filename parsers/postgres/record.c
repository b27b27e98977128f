/* record.c - see record.h. */
#include "parsers/postgres/record.h"

#include "base/hash.h"
#include "base/scan.h"
#include "base/timestamp.h"

enum { STAMP_LENGTH = 19 /* YYYY-MM-DD HH:MM:SS */, PID_DIGITS = 9 };

/* Process ids are used again: the session's id, which its start is in, is best; else the start and
 * the client's host tell two apart. */
static uint64_t session_of(const prefix_fields *f)
{
    if (f->session_id.n > 0) {
        return hash_bytes(f->session_id);
    }
    uint64_t h = hash_bytes(f->pid);
    h = f->session_start.n > 0 ? mix64(h, hash_bytes(f->session_start)) : h;
    return f->host.n > 0 ? mix64(h, hash_bytes(f->host)) : h;
}

/* The process, by itself or in the session's id; 0: not known. */
static uint32_t process_of(const prefix_fields *f)
{
    uint32_t n = 0;
    if (f->pid.n == 0 || f->pid.n > PID_DIGITS) {
        return prefix_session_process(f->session_id);
    }
    for (size_t i = 0; i < f->pid.n; i++) {
        n = n * 10 + (uint32_t)(unsigned char)(f->pid.p[i] - '0');
    }
    return n;
}

event *record_begin(const prefix_fields *f, size_t offset, batch *out)
{
    event *e = batch_add_event(out);
    if (e == NULL) {
        return NULL;
    }
    e->offset = offset;
    e->line = out->lines;
    e->code = f->sqlstate;
    e->name = f->severity_word;
    e->who = batch_who(out, &(who){.database = f->database,
                                   .user = f->user,
                                   .application = f->application,
                                   .host = f->host});
    if (f->has_time) {
        e->time = f->time;
        e->zone_offset = f->zone_offset;
        e->has |= HAS_TIME;
        out->zone = f->zone;
        out->unknown_zone = out->unknown_zone || f->unknown_zone;
    }
    if (f->session_id.n > 0 || f->pid.n > 0) {
        e->session = session_of(f);
        e->process = process_of(f);
        e->has |= HAS_SESSION;
    }
    if (f->has_query_id) {
        e->query_id = f->query_id;
        e->has |= HAS_QUERY_ID;
    }
    return e;
}

slice record_real_line_ends(slice text, batch *out)
{
    static const slice written = {"\\r\\n", 4};
    const char *next = scan_first(text, '\\') != NULL ? scan_text(text, written) : NULL;
    if (next == NULL) {
        return text;
    }
    char *copy = arena_alloc(&out->arena, text.n);
    if (copy == NULL) {
        out->out_of_memory = true;
        return slice_of("", 0);
    }
    size_t n = 0;
    for (; next != NULL; next = scan_text(text, written)) {
        size_t before = (size_t)(next - text.p);
        memcpy(copy + n, text.p, before);
        n += before;
        copy[n++] = '\n';
        text = slice_skip(text, before + written.n);
    }
    memcpy(copy + n, text.p, text.n);
    return slice_of(copy, n + text.n);
}

slice record_host(slice host)
{
    size_t n = host.n;
    while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9') {
        n--;
    }
    return n > 1 && n < host.n && host.p[n - 1] == ':' ? slice_take(host, n - 1) : host;
}

/* What Amazon RDS writes in place of what a record holds beyond a megabyte. */
static bool cut_mark(slice *text)
{
    static const slice mark = {"[Your log message was truncated]",
                               sizeof "[Your log message was truncated]" - 1};
    slice trimmed = slice_trim(*text);
    if (!slice_ends_with(trimmed, mark)) {
        return false;
    }
    *text = slice_take(trimmed, trimmed.n - mark.n);
    return true;
}

void record_end(event *e, severity level, const message_parts *m, size_t bytes, bool truncated,
                batch *out)
{
    message_read(level, m, truncated, out, e);
    e->bytes = (uint32_t)bytes;
    bool marked = cut_mark(&e->text);
    cut_mark(&e->parameters);
    if (marked) {
        e->has |= TEXT_TRUNCATED;
    }
    if (message_is_execution((event_kind)e->kind)) {
        out->event_bytes += bytes;
    } else {
        out->other_bytes += bytes;
    }
}

/* Digits and separators where a time stamp has them. */
static bool is_stamp(slice text)
{
    static const char form[] = "0000-00-00 00:00:00";
    for (size_t i = 0; i < STAMP_LENGTH; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (form[i] == '0' ? !digit : text.p[i] != form[i]) {
            return false;
        }
    }
    return true;
}

bool record_read_time(slice text, prefix_fields *f)
{
    int64_t local_time;
    int64_t resolution;
    slice rest = text;
    if (timestamp_take(&rest, &local_time, &resolution)) {
        if (rest.n > 0 && rest.p[0] != ' ') {
            return false;
        }
        prefix_set_time(f, local_time, slice_skip(rest, 1));
        return true;
    }
    f->bad_time = text.n >= STAMP_LENGTH && is_stamp(text);
    return f->bad_time;
}

void record_add(const record *r, size_t offset, size_t bytes, bool truncated, batch *out)
{
    event *e = record_begin(&r->fields, offset, out);
    if (e == NULL) {
        return;
    }
    record_end(e, (severity)r->fields.severity, &r->parts, bytes, truncated, out);
}
