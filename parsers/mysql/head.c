/* head.c - see head.h. */
#include "parsers/mysql/head.h"
#include "base/time_units.h"

#include "base/number.h"
#include "base/scan.h"
#include "base/timestamp.h"

enum {
    HEAD_LINES_MAX = 16, /* up to the query time */
    LONE_TIME_MAX = 42,  /* a longer line with the time has the user behind it */
    BANNER_LINE_MAX = 1024,
    QUARTER_HOUR = 900, /* what zones are apart by */
    ZONE_MAX = 15 * 3600,
    CLOCKS_APART_MAX = 2, /* seconds between two readings of one instant */
    ONE_IN_MAX = 1000000
};

/* Without the line end. */
static slice first_line(slice bytes, size_t *whole)
{
    const char *newline = scan_first(bytes, '\n');
    slice line = newline != NULL ? slice_between(bytes.p, newline) : bytes;
    *whole = line.n + (newline != NULL);
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

/* --- where heads begin ----------------------------------------------------------------- */

static bool is_field_line(slice line)
{
    if (line.n < 4 || line.p[0] != '#' || line.p[1] != ' ') {
        return false;
    }
    size_t n = 2;
    while (n < line.n && line.p[n] != ':' && line.p[n] > ' ') {
        n++;
    }
    return n > 2 && n < line.n && line.p[n] == ':';
}

/* What lines of a head have been seen. A second time or user is another head's. */
typedef struct seen_lines {
    bool time, user;
} seen_lines;

static bool see_line(slice line, seen_lines *seen)
{
    bool user = slice_starts_with(line, SLICE("# User@Host: "));
    bool time = !user && slice_starts_with(line, SLICE("# Time: "));
    if ((time && (seen->time || seen->user)) || (user && seen->user) ||
        slice_starts_with(line, SLICE("# administrator "))) {
        return false;
    }
    seen->time = seen->time || time;
    seen->user =
        user || seen->user ||
        (time && line.n > LONE_TIME_MAX && scan_text(line, SLICE("# User@Host: ")) != NULL);
    return true;
}

bool head_begins(slice rest)
{
    seen_lines seen = {0};
    for (int i = 0; i < HEAD_LINES_MAX; i++) {
        if (rest.n == 0 || rest.p[0] != '#') {
            return false;
        }
        size_t whole;
        slice line = first_line(rest, &whole);
        if (rest.p[whole - 1] != '\n' || (i == 0 && !is_field_line(line)) ||
            !see_line(line, &seen)) {
            return false;
        }
        if (slice_starts_with(line, SLICE("# Query_time: "))) {
            return seen.user;
        }
        rest = slice_skip(rest, whole);
    }
    return false;
}

/* Whether a line is a hole's, behind which a banner may begin, or a head's: no program is called
 * so.
 */
static bool begins_otherwise(slice line)
{
    return line.n > 0 &&
           (line.p[0] == '\0' || line.p[0] == '#' || slice_starts_with(line, SLICE("Profile_")));
}

size_t banner_length(slice rest)
{
    slice lines[3];
    size_t n = 0;
    if (begins_otherwise(rest)) {
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        slice part = slice_skip(rest, n);
        size_t whole;
        lines[i] = first_line(slice_take(part, BANNER_LINE_MAX), &whole);
        if (whole == 0 || part.p[whole - 1] != '\n') {
            return 0;
        }
        n += whole;
        if (i == 0 && !slice_ends_with(lines[0], SLICE("started with:"))) {
            return 0;
        }
    }
    bool banner = scan_text(lines[0], SLICE(", Version: ")) != NULL &&
                  (slice_starts_with(lines[1], SLICE("Tcp port:")) ||
                   slice_starts_with(lines[1], SLICE("TCP Port:")) ||
                   slice_starts_with(lines[1], SLICE("Tcp Port:"))) &&
                  slice_starts_with(lines[2], SLICE("Time")) &&
                  slice_ends_with(lines[2], SLICE("Argument")) &&
                  scan_text(lines[2], SLICE("Id Command")) != NULL;
    return banner ? n : 0;
}

/* --- times ------------------------------------------------------------------------------- */

/* Two digits, or a blank and one. */
static bool take_two(slice *in, int *value)
{
    if (in->n < 2 || in->p[1] < '0' || in->p[1] > '9' ||
        !((in->p[0] >= '0' && in->p[0] <= '9') || in->p[0] == ' ')) {
        return false;
    }
    *value = (in->p[0] == ' ' ? 0 : in->p[0] - '0') * 10 + (in->p[1] - '0');
    *in = slice_skip(*in, 2);
    return true;
}

static bool take_char(slice *in, char c)
{
    bool found = in->n > 0 && in->p[0] == c;
    *in = slice_skip(*in, found);
    return found;
}

/* "071015 21:43:52", "071015  1:43:52", with a fraction in old Percona Servers. */
static bool take_short_time(slice text, int64_t *local)
{
    char stamp[] = "20YY-MM-DD HH:MM:SS";
    int part[6];
    slice rest = text;
    for (int i = 0; i < 6; i++) {
        bool joined = i < 3 || (i == 3 ? take_char(&rest, ' ') : take_char(&rest, ':'));
        if (!joined || !take_two(&rest, &part[i])) {
            /* The hour may be one digit without the blank in its place. */
            if (i != 3 || rest.n < 2 || rest.p[0] < '0' || rest.p[0] > '9' || rest.p[1] != ':') {
                return false;
            }
            part[i] = rest.p[0] - '0';
            rest = slice_skip(rest, 1);
        }
        stamp[2 + i * 3] = (char)('0' + part[i] / 10);
        stamp[3 + i * 3] = (char)('0' + part[i] % 10);
    }
    slice whole = slice_from(stamp);
    int64_t resolution;
    if (part[0] >= 70) { /* years have two digits */
        memcpy(stamp, "19", 2);
    }
    return timestamp_take(&whole, local, &resolution);
}

/* What the lines of a head say about when. */
typedef struct clocks {
    int64_t end;   /* instant; of `# Time:` in ISO form, or of End */
    int64_t local; /* wall clock; of `# Time:` in short form */
    int64_t set;   /* instant; of SET timestamp */
    int32_t zone;  /* of `end` */
    bool has_end, has_local, has_set, has_zone;
} clocks;

/* "2026-11-19T14:03:07.123456Z" or with "+08:00". */
static bool take_iso_time(slice text, int64_t *at, int32_t *zone)
{
    int64_t local;
    int64_t resolution;
    slice rest = text;
    if (!timestamp_take(&rest, &local, &resolution)) {
        return false;
    }
    bool utc = rest.n == 0 || rest.p[0] == 'Z' || rest.p[0] == ' ';
    *zone = 0;
    if (!utc && !zone_offset(slice_take(rest, 6), zone)) {
        return false;
    }
    *at = local - *zone * US_PER_SECOND;
    return true;
}

bool moment_read(slice text, moment_head *out)
{
    *out = (moment_head){.has = OPEN_TIME | OPEN_ZONE, .is_empty = text.n == 0};
    if (take_iso_time(text, &out->time, &out->zone_offset)) {
        out->has = HAS_TIME;
    } else if (take_short_time(text, &out->time)) {
        out->has = HAS_TIME | LOCAL_TIME | OPEN_ZONE;
    }
    return out->is_empty || (out->has & HAS_TIME) != 0;
}

static void read_time_line(slice text, clocks *c)
{
    if (take_iso_time(text, &c->end, &c->zone)) {
        c->has_end = c->has_zone = true;
    } else if (take_short_time(text, &c->local)) {
        c->has_local = true;
    }
}

/* The zone by two readings of one instant. */
static void infer_zone(clocks *c)
{
    int64_t apart = (c->local - c->set) / US_PER_SECOND;
    int64_t nearest =
        (apart + (apart < 0 ? -QUARTER_HOUR / 2 : QUARTER_HOUR / 2)) / QUARTER_HOUR * QUARTER_HOUR;
    int64_t rest = apart - nearest;
    if (nearest >= -ZONE_MAX && nearest <= ZONE_MAX && rest <= CLOCKS_APART_MAX &&
        rest >= -CLOCKS_APART_MAX) {
        c->zone = (int32_t)nearest;
        c->has_zone = true;
    }
}

/* The end of the execution. MariaDB's times are its start; those of MySQL and Percona Server its
 * end, but for SET timestamp from 8.0 on, which stands beside an exact `# Time:`. */
static void time_of(clocks *c, head *h)
{
    int64_t after = h->is_mariadb && (h->has & HAS_DURATION) != 0 ? h->duration : 0;
    if (!c->has_end && c->has_local && c->has_set) {
        infer_zone(c);
    }
    h->has |= HAS_TIME;
    h->is_exact = c->has_end;
    if (c->has_end) {
        h->time = c->end;
    } else if (c->has_set) {
        h->time = c->set + after;
    } else if (c->has_local) {
        h->time = c->local + after;
        h->has |= LOCAL_TIME;
    } else {
        h->has = (h->has & ~(uint32_t)HAS_TIME) | OPEN_TIME;
    }
    h->zone_offset = c->has_zone ? c->zone : 0;
    h->has |= c->has_zone ? 0 : OPEN_ZONE;
}

/* --- lines --------------------------------------------------------------------------------- */

typedef struct reading {
    const field_index *index;
    field_memo *memo;
    head *head;
    clocks clocks;
    batch *out;
    unsigned attributes; /* that only the log has a name for */
} reading;

/* One of the log's own names. */
static void add_attribute(reading *r, slice name, measure_unit unit, uint64_t value)
{
    if (r->attributes == ATTRIBUTES_MAX) {
        r->head->has |= HAS_UNNAMED;
        return;
    }
    r->attributes++;
    batch_add_measured(r->out, batch_attribute(r->out, name, unit), value);
}

static void read_attribute(reading *r, slice name, slice text)
{
    measure_unit unit;
    uint64_t value;
    switch (attribute_read(name, text, &unit, &value)) {
    case ATTRIBUTE_KEPT:
        add_attribute(r, name, unit, value);
        break;
    case ATTRIBUTE_WRONG:
        r->head->has |= HAS_SUSPECT;
        break;
    case ATTRIBUTE_NONE:
        break;
    }
}

static void read_measure(reading *r, const field *f, slice value)
{
    uint64_t number;
    if (!measure_read(f->kind, value, &number)) {
        r->head->has |= HAS_SUSPECT;
    } else if (f->kind == FIELD_QUERY_TIME) {
        r->head->duration = (int64_t)number;
        r->head->has |= HAS_DURATION;
    } else if (f->measure == MEASURE_COUNT) {
        add_attribute(r, f->name, UNIT_TIME, number);
    } else {
        batch_add_measured(r->out, f->measure, number);
    }
}

static bool is_zero(slice text)
{
    return text.n == 0 || (text.n == 1 && text.p[0] == '0');
}

static void read_field(reading *r, const field *f, slice value)
{
    head *h = r->head;
    slice rest = value;
    switch (f->kind) {
    case FIELD_SCHEMA:
        h->has_schema = true;
        h->database = value;
        break;
    case FIELD_SESSION:
        h->session = slice_trim(value);
        break;
    case FIELD_ERROR:
        h->error = is_zero(value) ? h->error : value;
        break;
    case FIELD_KILLED: /* by what, as an error's number */
        h->error = h->error.n > 0 || is_zero(value) ? h->error : value;
        break;
    case FIELD_END:
        r->clocks.has_end =
            take_iso_time(value, &r->clocks.end, &r->clocks.zone) || r->clocks.has_end;
        break;
    case FIELD_SAMPLED_ONE_IN:
        if (!unsigned_take(&rest, &h->one_in) || h->one_in > ONE_IN_MAX) {
            h->one_in = 0;
        }
        break;
    case FIELD_START:
    case FIELD_SAMPLED_BY:
    case FIELD_NO_MEASURE:
        break;
    case FIELD_QC_HIT_OF_MARIADB:
        h->is_mariadb = true;
        read_measure(r, f, value);
        break;
    case FIELD_QUERY_TIME:
        h->is_entry = true;
        read_measure(r, f, value);
        break;
    default:
        read_measure(r, f, value);
    }
}

static void read_pairs(reading *r, slice line)
{
    pair_reader pairs = pairs_of(line, r->index, r->memo);
    pair p;
    while (pair_take(&pairs, &p)) {
        if (p.known != NULL) {
            read_field(r, p.known, p.value);
        } else {
            read_attribute(r, p.name, p.value);
        }
    }
}

slice head_read_account(slice line, head *h)
{
    slice none = slice_of("", 0);
    const char *at = scan_text(line, SLICE("] @ "));
    if (at == NULL) {
        return none;
    }
    slice account = slice_between(line.p, at);
    const char *bracket = scan_last(account, '[');
    if (bracket != NULL) {
        slice login = slice_between(bracket + 1, at);
        account = slice_trim(slice_between(account.p, bracket));
        h->user = account.n > 0 ? account : login;
    }
    slice rest = slice_skip(line, (size_t)(at - line.p) + strlen("] @ "));
    const char *open = scan_first(rest, '[');
    slice host = slice_trim(open != NULL ? slice_between(rest.p, open) : rest);
    h->host = host;
    if (open == NULL) {
        return none;
    }
    rest = slice_skip(rest, (size_t)(open + 1 - rest.p));
    const char *close = scan_first(rest, ']');
    if (close == NULL) {
        return none;
    }
    h->host = host.n > 0 ? host : slice_between(rest.p, close);
    return slice_skip(rest, (size_t)(close + 1 - rest.p));
}

/* "app[app] @ web1 [10.0.0.7]  Id:    42" */
static void read_user(reading *r, slice line)
{
    read_pairs(r, head_read_account(line, r->head));
}

static void read_explain(head *h, slice line)
{
    h->explain = h->explain.n == 0 ? line : slice_between(h->explain.p, line.p + line.n);
}

/* By its first letter, a line may be another than one of pairs. */
static bool may_be_special(slice rest)
{
    static const bool initials[256] = {
        ['T'] = true, ['U'] = true, ['e'] = true, ['W'] = true, ['E'] = true, ['N'] = true};
    return rest.n > 0 && initials[(uint8_t)rest.p[0]];
}

static void read_line(reading *r, slice line)
{
    slice rest = slice_trim(slice_skip(line, 1));
    if (!may_be_special(rest)) {
        read_pairs(r, line.n > 0 && line.p[0] == '#' ? slice_skip(line, 1) : line);
    } else if (slice_starts_with(rest, SLICE("Time: "))) {
        rest = slice_skip(rest, strlen("Time: "));
        read_time_line(rest, &r->clocks);
        const char *more = line.n > LONE_TIME_MAX ? scan_text(rest, SLICE("# User@Host: ")) : NULL;
        if (more != NULL) {
            read_user(r, slice_between(more + strlen("# User@Host: "), rest.p + rest.n));
        }
    } else if (slice_starts_with(rest, SLICE("User@Host: "))) {
        read_user(r, slice_skip(rest, strlen("User@Host: ")));
    } else if (slice_starts_with(rest, SLICE("explain: "))) {
        read_explain(r->head, line);
    } else if (!slice_starts_with(rest, SLICE("Warning ")) &&
               !slice_starts_with(rest, SLICE("Note ")) &&
               !slice_starts_with(rest, SLICE("Error ")) &&
               !slice_starts_with(rest, SLICE("No InnoDB "))) {
        read_pairs(r, slice_starts_with(line, SLICE("#")) ? slice_skip(line, 1) : line);
    }
}

static bool is_head_line(slice line)
{
    return line.n > 0 && (line.p[0] == '#' ? !slice_starts_with(line, SLICE("# administrator "))
                                           : slice_starts_with(line, SLICE("Profile_")));
}

/* A record without a statement may be followed by the next one at once. */
static bool begins_next(slice line, slice rest, bool in_block)
{
    bool may_begin = !in_block || slice_starts_with(line, SLICE("# Time: ")) ||
                     slice_starts_with(line, SLICE("# User@Host: "));
    return may_begin && head_begins(rest);
}

/* --- the server's own statements ------------------------------------------------------------ */

/* us since 1970: beyond it nothing can be a time stamp. */
static const uint64_t LATEST = 100000000000u * (uint64_t)US_PER_SECOND;

/* "SET last_insert_id=7,timestamp=1795096987;" */
static bool read_set(slice line, clocks *c)
{
    if (!slice_starts_with(line, SLICE("SET ")) || line.p[line.n - 1] != ';') {
        return false;
    }
    slice rest = slice_between(line.p + strlen("SET "), line.p + line.n - 1);
    int64_t set = 0;
    bool has_set = false;
    do {
        const char *equal = scan_first(rest, '=');
        slice name = equal != NULL ? slice_between(rest.p, equal) : rest;
        uint64_t value;
        rest = slice_skip(rest, name.n + 1);
        bool stamp = slice_is(name, "timestamp");
        if ((!stamp && !slice_is(name, "insert_id") && !slice_is(name, "last_insert_id")) ||
            !fixed_take(&rest, stamp ? 6 : 0, &value) || (stamp && value > LATEST)) {
            return false;
        }
        set = stamp ? (int64_t)value : set;
        has_set = has_set || stamp;
    } while (take_char(&rest, ','));
    if (rest.n > 0) {
        return false;
    }
    c->set = set;
    c->has_set = has_set;
    return true;
}

/* "use shop;", "use `shop`;": the name, which may hold anything. */
static bool read_use(slice line, slice *name)
{
    if (!slice_starts_with(line, SLICE("use ")) || line.n < 6 || line.p[line.n - 1] != ';') {
        return false;
    }
    *name = slice_between(line.p + strlen("use "), line.p + line.n - 1);
    if (name->n > 2 && name->p[0] == '`' && name->p[name->n - 1] == '`') {
        *name = slice_of(name->p + 1, name->n - 2);
    }
    return true;
}

/* What follows the head's last line is no statement of the record: nothing, a hole, or, perhaps
 * behind blank lines, another record. */
static bool ends_record(slice rest)
{
    for (;;) {
        size_t whole;
        slice line = first_line(rest, &whole);
        if (rest.n == 0 || slice_trim(line).n > 0) {
            break;
        }
        rest = slice_skip(rest, whole);
    }
    return rest.n == 0 || rest.p[0] == '\0' || head_begins(rest) || banner_length(rest) > 0;
}

/* Behind the lines with a #: `use` and SET, in either order. */
static size_t read_statements_of_server(slice rest, head *h, clocks *c)
{
    size_t n = 0;
    bool used = false;
    bool set = false;
    for (;;) {
        size_t whole;
        slice name;
        slice line = first_line(slice_skip(rest, n), &whole);
        if (!set && read_set(line, c)) {
            set = true;
        } else if (!used && read_use(line, &name) && !ends_record(slice_skip(rest, n + whole))) {
            used = true;
            h->database = name;
            h->has_schema = true;
        } else {
            return n;
        }
        n += whole;
    }
}

size_t head_read(slice record, const field_index *index, field_memo *memo, head *h, batch *out)
{
    *h = (head){0};
    memo->at = 0;
    reading r = {.index = index, .memo = memo, .head = h, .out = out};
    bool in_block = true; /* of lines with a # */
    size_t n = 0;
    for (;;) {
        size_t whole;
        slice rest = slice_skip(record, n);
        slice line = first_line(rest, &whole);
        if (!is_head_line(line) || (h->is_entry && begins_next(line, rest, in_block))) {
            break;
        }
        in_block = line.p[0] == '#';
        read_line(&r, line);
        n += whole;
    }
    n += read_statements_of_server(slice_skip(record, n), h, &r.clocks);
    time_of(&r.clocks, h);
    h->has |= h->has_schema ? 0 : OPEN_DATABASE;
    return n;
}
