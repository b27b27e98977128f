/* transport_lines.c - the transports that put words in front of each line; see transport.h.
 *
 *   Nov 19 14:03:07 db1 dbd[4711]: [12-1] ...                          RFC 3164, journalctl
 *   2026-11-19T14:03:07+00:00 db1 dbd[4711]: [12-1] ...                rsyslog, short-iso
 *   Thu 2026-11-19 14:03:07 UTC db1 dbd[4711]: ...                     journalctl's short-full
 *   <134>1 2026-11-19T14:03:07+00:00 db1 dbd 4711 - - [12-1] ...       RFC 5424
 *   2026-11-19T14:03:07+00:00 app[db.4711]: [DATABASE] [12-1] ...      Heroku's logplex
 *   2026-11-19T14:03:07.123456789Z stderr F ...                        containerd, CRI-O
 *   2026-11-19T14:03:07.123Z ...                                       kubectl, CloudWatch
 *   db-1  | ...                                                        docker compose
 *   [pod/db-0/server] ...                                              kubectl --prefix
 *
 * "[12-1]" is the server's: the twelfth message of its process, the first piece of it. */
#include "base/hash.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/time_units.h"
#include "base/timestamp.h"
#include "input/transport.h"

enum { NAME_MAX_BYTES = 255 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_text(slice *in, const char *text)
{
    slice want = slice_from(text);
    if (!slice_starts_with(*in, want)) {
        return false;
    }
    *in = slice_skip(*in, want.n);
    return true;
}

/* What stands before the next blank, which goes with it; false where there is none near. */
static bool take_word(slice *in, slice *word)
{
    const char *end = scan_first(slice_take(*in, NAME_MAX_BYTES), ' ');
    if (end == NULL || end == in->p) {
        return false;
    }
    *word = slice_between(in->p, end);
    *in = slice_skip(*in, word->n + 1);
    return true;
}

/* --- time stamps ------------------------------------------------------------------------- */

bool carried_take_instant(slice *in, carried *out)
{
    slice rest = *in;
    slice zone;
    int64_t local;
    if (rest.n < 20 || rest.p[10] != 'T' || !timestamp_take(&rest, &local, &out->resolution)) {
        return false;
    }
    size_t n = 0;
    while (n < rest.n && n < 6 && rest.p[n] != ' ' && rest.p[n] != '\t') {
        n++;
    }
    zone = slice_take(rest, n);
    if (n == 0 || (!slice_is(zone, "Z") && !zone_offset(zone, &out->zone_offset))) {
        return false;
    }
    out->clock = CLOCK_INSTANT;
    out->time = local - out->zone_offset * US_PER_SECOND;
    *in = slice_skip(rest, n);
    return true;
}

static bool take_two_digits(slice *in, int max, int *value)
{
    if (in->n < 2 || !is_digit(in->p[1]) || !(is_digit(in->p[0]) || in->p[0] == ' ')) {
        return false;
    }
    *value = (in->p[0] == ' ' ? 0 : in->p[0] - '0') * 10 + in->p[1] - '0';
    *in = slice_skip(*in, 2);
    return *value <= max;
}

/* "Nov 19 14:03:07", with a fraction where the daemon was told to write one. The year is not in it,
 * nor is the zone, which is taken for UTC. */
static bool take_month_day(slice *in, carried *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    slice rest = slice_skip(*in, 4);
    int day;
    int hour;
    int minute;
    int second;
    uint64_t fraction = 0;
    for (int m = 0; in->n > 15 && in->p[3] == ' ' && m < 12; m++) {
        if (memcmp(months + (ptrdiff_t)3 * m, in->p, 3) == 0) {
            out->month = (uint8_t)(m + 1);
        }
    }
    if (out->month == 0 || !take_two_digits(&rest, 31, &day) || day == 0 ||
        !take_text(&rest, " ") || !take_two_digits(&rest, 23, &hour) || !take_text(&rest, ":") ||
        !take_two_digits(&rest, 59, &minute) || !take_text(&rest, ":") ||
        !take_two_digits(&rest, 60, &second)) {
        return false;
    }
    out->resolution = US_PER_SECOND;
    if (rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1])) {
        size_t before = rest.n;
        if (!fixed_take(&rest, 6, &fraction)) {
            return false;
        }
        out->resolution = before - rest.n > 4 ? 1 : 1000;
    }
    out->clock = CLOCK_NO_YEAR;
    out->time = ((((int64_t)day - 1) * 24 + hour) * 60 + minute) * 60 + second;
    out->time = out->time * US_PER_SECOND + (int64_t)fraction;
    *in = rest;
    return true;
}

/* "Thu 2026-11-19 14:03:07 UTC". */
static bool take_full_date(slice *in, carried *out)
{
    slice rest = slice_skip(*in, 4);
    slice zone;
    int64_t local;
    if (in->n < 24 || in->p[3] != ' ' || !is_digit(in->p[4]) ||
        !timestamp_take(&rest, &local, &out->resolution) || !take_text(&rest, " ") ||
        !take_word(&rest, &zone)) {
        return false;
    }
    zone_offset(zone, &out->zone_offset);
    out->clock = CLOCK_INSTANT;
    out->time = local - out->zone_offset * US_PER_SECOND;
    *in = slice_between(rest.p - 1, rest.p + rest.n);
    return true;
}

/* --- syslog -------------------------------------------------------------------------------- */

/* "<134>": facility and severity, which the log's own lines tell better. */
static bool take_priority(slice *in)
{
    slice rest = *in;
    uint64_t priority;
    if (!take_text(&rest, "<") || !unsigned_take(&rest, &priority) || priority > 191 ||
        !take_text(&rest, ">")) {
        return false;
    }
    *in = rest;
    return true;
}

static void set_process(carried *out, slice host, slice process)
{
    out->has_process = true;
    out->process = mix64(hash_bytes(host), hash_bytes(process));
}

void carried_take_piece(slice *in, slice pid, carried *out)
{
    slice rest = *in;
    uint64_t message;
    uint64_t piece = 0;
    if (!take_text(&rest, "[") || !unsigned_take(&rest, &message)) {
        return;
    }
    slice digits = slice_between(in->p + 1, rest.p);
    bool both = take_text(&rest, "-");
    if ((both && (!unsigned_take(&rest, &piece) || piece == 0 || piece > UINT32_MAX)) ||
        (!both && slice_equal(digits, pid)) || !take_text(&rest, "] ")) {
        return;
    }
    out->piece = (uint32_t)piece;
    *in = rest;
}

/* One word, and not what is left of a time of day: a log's own stamp may follow the carrier's. */
static bool is_program(slice name)
{
    bool digits = true;
    for (size_t i = 0; i < name.n; i++) {
        digits = digits && is_digit(name.p[i]);
    }
    return !digits && scan_first(name, ' ') == NULL;
}

/* "dbd[4711]: " or "dbd: "; a path before the name is the program's. */
static bool take_tag(slice *in, slice host, slice *pid, carried *out)
{
    const char *end = scan_text(slice_take(*in, NAME_MAX_BYTES), SLICE(":"));
    if (end == NULL || end == in->p) {
        return false;
    }
    slice tag = slice_between(in->p, end);
    const char *bracket = scan_first(tag, '[');
    out->program = tag;
    out->process = hash_bytes(host);
    if (bracket != NULL && tag.p[tag.n - 1] == ']') {
        out->program = slice_between(tag.p, bracket);
        *pid = slice_between(bracket + 1, end - 1);
        set_process(out, host, *pid);
    }
    if (!is_program(out->program)) {
        return false;
    }
    *in = slice_skip(*in, tag.n + 1);
    return in->n == 0 || take_text(in, " ") || pid->n > 0;
}

/* Elements in brackets, or "-". A ']' within a value is written as "\]". */
static bool take_structured_data(slice *in)
{
    if (take_text(in, "- ")) {
        return true;
    }
    while (in->n > 0 && in->p[0] == '[') {
        size_t n = 1;
        while (n < in->n && in->p[n] != ']') {
            n += in->p[n] == '\\' ? 2 : 1;
        }
        if (n >= in->n) {
            return false;
        }
        *in = slice_skip(*in, n + 1);
    }
    return take_text(in, " ");
}

/* Behind the priority: "1 TIME HOST PROGRAM PROCESS MESSAGE-ID DATA TEXT". Heroku's host is "host",
 * its program is named in the process, and in the data's place stands its "[DATABASE]". */
static bool take_rfc5424(slice rest, carried *out)
{
    slice host;
    slice process;
    slice id;
    if (!take_text(&rest, "1 ") || !carried_take_instant(&rest, out) || !take_text(&rest, " ") ||
        !take_word(&rest, &host) || !take_word(&rest, &out->program) ||
        !take_word(&rest, &process) || !take_word(&rest, &id)) {
        return false;
    }
    if (slice_is(host, "host") && slice_is(id, "-")) {
        const char *dot = scan_first(process, '.');
        out->program = dot != NULL ? slice_between(process.p, dot) : process;
    }
    take_structured_data(&rest);
    take_text(&rest, "\xef\xbb\xbf");
    take_text(&rest, " "); /* rsyslog's, of the old form's text */
    set_process(out, host, process);
    carried_take_piece(&rest, process, out);
    out->text = rest;
    return true;
}

/* "451 " before the priority: the length, where messages follow one another in a stream
 * (RFC 6587). */
static slice skip_length(slice line)
{
    slice rest = line;
    uint64_t n;
    bool has = line.n > 0 && is_digit(line.p[0]) && unsigned_take(&rest, &n) &&
               take_text(&rest, " ") && rest.n > 0 && rest.p[0] == '<';
    return has ? rest : line;
}

/* "-- Journal begins at ...", "-- Boot ...", "-- No entries --": journalctl's own. */
static bool is_journal_header(slice line)
{
    return slice_starts_with(line, SLICE("-- ")) &&
           (slice_ends_with(line, SLICE(" --")) || slice_ends_with(line, SLICE(".")));
}

/* journalctl indents the further lines of a message, below where its text begins. */
static bool take_indented(slice line, carried *out)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ') {
        n++;
    }
    out->kind = CARRIED_CONTINUED;
    out->text = slice_skip(line, n);
    return n >= 16;
}

static bool take_syslog(slice line, carried *out)
{
    slice host;
    slice pid = {0};
    slice rest = skip_length(line);
    *out = (carried){.octal = true};
    if (line.n > 0 && line.p[0] == ' ') {
        return take_indented(line, out);
    }
    if (is_journal_header(line)) {
        out->kind = CARRIED_NOTHING;
        return true;
    }
    if (take_priority(&rest) && rest.n > 1 && rest.p[0] == '1' && rest.p[1] == ' ') {
        return take_rfc5424(rest, out);
    }
    if (!carried_take_instant(&rest, out) && !take_month_day(&rest, out) &&
        !take_full_date(&rest, out)) {
        return false;
    }
    if (!take_text(&rest, " ") || !take_word(&rest, &host) || !take_tag(&rest, host, &pid, out)) {
        return false;
    }
    carried_take_piece(&rest, pid, out);
    out->text = rest;
    return true;
}

const transport transport_syslog = {
    .name = "syslog",
    .title = "syslog",
    .recognised = "a time stamp, host and program[process] before each line: RFC 3164, RFC 5424, "
                  "rsyslog, journalctl",
    .example = "Nov 19 14:03:07 db1 dbd[4711]: [12-1] LOG:  duration: 12.345 ms",
    .interleaves = true,
    .take = take_syslog,
};

/* --- Heroku ---------------------------------------------------------------------------------- */

/* 2026-11-19T14:03:07+00:00 app[db.4711]: [DATABASE] [12-1] ...
 * A drain's lines have its token behind the time, and no colon. */
static bool take_logplex(slice line, carried *out)
{
    slice rest = line;
    slice tag;
    *out = (carried){0};
    if (!carried_take_instant(&rest, out) || !take_text(&rest, " ") || !take_word(&rest, &tag) ||
        (slice_starts_with(tag, SLICE("d.")) && !take_word(&rest, &tag))) {
        return false;
    }
    tag.n -= tag.p[tag.n - 1] == ':';
    const char *bracket = scan_first(tag, '[');
    if (bracket == NULL || !slice_ends_with(tag, SLICE("]"))) {
        return false;
    }
    slice process = slice_between(bracket + 1, tag.p + tag.n - 1);
    const char *dot = scan_first(process, '.');
    out->program = dot != NULL ? slice_between(process.p, dot) : process;
    set_process(out, slice_between(tag.p, bracket), process);
    if (rest.n > 0 && rest.p[0] == '[') {
        slice label = rest;
        const char *end = scan_text(slice_take(label, NAME_MAX_BYTES), SLICE("] ["));
        rest = end != NULL ? slice_skip(rest, (size_t)(end - rest.p) + 2) : rest;
    }
    carried_take_piece(&rest, (slice){0}, out);
    out->text = rest;
    return true;
}

const transport transport_logplex = {
    .name = "logplex",
    .title = "Heroku's logplex",
    .recognised = "a time stamp, source[process]: and the database's label before each line",
    .example = "2026-11-19T14:03:07+00:00 app[db.4711]: [DATABASE] [12-1]  sql_error_code = "
               "00000 LOG:  duration: 12.345 ms",
    .interleaves = true,
    .take = take_logplex,
};

/* --- containers and clouds ---------------------------------------------------------------------
 */

static bool take_cri(slice line, carried *out)
{
    slice rest = line;
    slice stream;
    slice flag;
    *out = (carried){0};
    if (!carried_take_instant(&rest, out) || !take_text(&rest, " ") || !take_word(&rest, &stream) ||
        (!slice_is(stream, "stdout") && !slice_is(stream, "stderr"))) {
        return false;
    }
    if (!take_word(&rest, &flag)) { /* nothing follows on an empty line */
        flag = rest;
        rest = slice_take(rest, 0);
    }
    bool part = flag.n > 0 && flag.p[0] == 'P';
    if (!part && (flag.n == 0 || flag.p[0] != 'F')) {
        return false;
    }
    out->part = part;
    out->program = stream;
    out->text = rest;
    return true;
}

const transport transport_cri = {
    .name = "cri",
    .title = "a container's log (CRI)",
    .recognised = "a time stamp, stdout or stderr, and F or P before each line",
    .example =
        "2026-11-19T14:03:07.123456789Z stderr F 2026-11-19 14:03:07.123 UTC [4711] LOG:  ...",
    .divides = true,
    .take = take_cri,
};

static bool take_stamp(slice line, carried *out)
{
    slice rest = line;
    *out = (carried){0};
    if (!carried_take_instant(&rest, out)) {
        return false;
    }
    if (rest.n > 0 && rest.p[0] == '\t') {
        rest = slice_skip(rest, 1);
    } else if (rest.n > 0 && !take_text(&rest, " ")) {
        return false;
    }
    out->text = rest;
    return true;
}

const transport transport_stamp = {
    .name = "stamp",
    .title = "lines with a carrier's time stamp",
    .recognised =
        "an ISO 8601 time stamp before each line, as of kubectl --timestamps and CloudWatch",
    .example =
        "2026-11-19T14:03:07.123Z 2026-11-19 14:03:07 UTC:10.0.0.7(5432):app@shop:[4711]:LOG:  ...",
    .take = take_stamp,
};

/* "db-1  | ..." of docker compose, its names of one length; "[pod/db-0/server] ..." of kubectl. */
static bool take_label(slice line, carried *out)
{
    slice rest = line;
    *out = (carried){0};
    if (!take_word(&rest, &out->program)) {
        return false;
    }
    bool is_path = slice_starts_with(out->program, SLICE("[pod/")) &&
                   slice_ends_with(out->program, SLICE("]"));
    while (rest.n > 0 && rest.p[0] == ' ' && !is_path) {
        rest = slice_skip(rest, 1);
    }
    out->text = is_path ? rest : slice_skip(rest, 2);
    return is_path || slice_is(rest, "|") || slice_starts_with(rest, SLICE("| "));
}

const transport transport_label = {
    .name = "label",
    .title = "lines with a container's name",
    .recognised = "[pod/name/container] or name | before each line, as of kubectl --prefix and "
                  "docker compose logs",
    .example = "db-1  | 2026-11-19 14:03:07.123 UTC [4711] LOG:  ...",
    .take = take_label,
};
