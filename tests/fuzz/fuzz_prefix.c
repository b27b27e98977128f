/* fuzz_prefix.c - any setting against any line, and inference from any bytes.
 *
 * The input's first line is the setting, the rest is the log. Held: fields lie in the line, the
 * work on a line is bounded (libFuzzer's own time limit sees the rest), and what is inferred
 * compiles and matches at least one line; a memo changes nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "parsers/postgres/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void require_within(slice field, slice line)
{
    require(field.n == 0 || (field.p >= line.p && field.p + field.n <= line.p + line.n));
}

static void check_fields(const prefix_fields *f, slice line)
{
    const slice fields[] = {f->zone,        f->application,   f->user,         f->database,
                            f->host,        f->pid,           f->leader_pid,   f->session_id,
                            f->line_number, f->session_start, f->vxid,         f->xid,
                            f->sqlstate,    f->command_tag,   f->backend_type, f->severity_word};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        require_within(fields[i], line);
    }
    require(f->message <= line.n);
    require(f->severity_word.n > 0 && f->severity <= SEVERITY_BACKTRACE);
    require(f->severity_word.p + f->severity_word.n < line.p + f->message);
    require(!(f->has_time && f->bad_time));
}

static slice take_line(slice *in)
{
    const char *end = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;
    slice line = end == NULL ? *in : slice_between(in->p, end);
    *in = slice_skip(*in, line.n + 1);
    return line;
}

static unsigned count_matches(slice setting, slice log, arena *keep)
{
    status st = {.code = STATUS_OK};
    const prefix *p = NULL;
    unsigned count = 0;
    prefix_memo memo = {0};
    if (!prefix_compile(setting, keep, &p, &st)) {
        require(st.code != STATUS_OK && st.text[0] != '\0');
        return 0;
    }
    while (log.n > 0) {
        slice line = take_line(&log);
        prefix_fields f = {0};
        prefix_fields quick = {0};
        bool matches = prefix_match(p, line, &f);
        require(prefix_match_next(p, &memo, line, &quick) == matches);
        require(!matches || memcmp(&f, &quick, sizeof f) == 0);
        require(!prefix_is_head(p, line) || matches);
        if (matches) {
            check_fields(&f, line);
            count++;
        }
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A block of its own, so that reading beyond its end is seen. */
    char *bytes = malloc(size + (size == 0));
    require(bytes != NULL);
    if (size > 0) {
        memcpy(bytes, data, size);
    }
    arena keep;
    arena_init(&keep, 1u << 24);
    slice log = slice_of(bytes, size);
    slice setting = take_line(&log);
    count_matches(setting, log, &keep);
    unsigned matched = 0;
    unsigned tried = 0;
    slice inferred;
    if (prefix_infer(log, &keep, &inferred, &matched, &tried)) {
        require(matched > 0 && matched <= tried);
        require(count_matches(inferred, log, &keep) > 0);
    }
    arena_free(&keep);
    free(bytes);
    return 0;
}
