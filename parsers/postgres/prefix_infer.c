/* prefix_infer.c - prefix_infer of prefix.h: works out log_line_prefix from a log.
 *
 * Lines that hold a severity word are sampled. What stands before the word is read from left
 * to right into items: stamps, session ids, keys with their values, addresses, numbers and
 * words. Each shape of line so gives a draft of the setting; the draft that explains most
 * of the sampled lines wins. What a draft leaves open (which number is the process, which word
 * the user) is then settled by the values over all lines that it matches.
 * Not for reading logs: nothing here runs once a setting is known. */
#include "parsers/postgres/prefix.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/timestamp.h"

#define HEAD_MAX      65536
#define SAMPLES_MAX   256
#define SHAPES_MAX    48
#define ITEMS_MAX     64
#define STOPS_MAX     16
#define CONSTANT_MIN  8 /* samples that show a text to be constant */
#define KEY_MAX       32
#define COMPILE_BYTES (1u << 20)

/* An item's letter is an escape's, or one of these. */
enum { ITEM_LITERAL = 0, ITEM_WORD = '?', ITEM_NUMBER = '#' };

typedef struct item {
    char letter;
    int width;  /* of the padding, as in the setting: negative fills up behind the value */
    slice text; /* of a literal: itself; otherwise the value in the line it was read from */
} item;

typedef struct draft {
    item items[ITEMS_MAX];
    size_t n;
    bool overflow;
} draft;

typedef struct sample {
    slice line;
    slice text; /* the prefix */
    slice message;
    severity level;
} sample;

typedef struct inference {
    arena compiled; /* emptied before each compilation */
    buf setting;
    sample samples[SAMPLES_MAX];
    size_t n;
    slice values[SAMPLES_MAX]; /* of one item, by sample; p is NULL where it did not match */
} inference;

/* --- sampling ------------------------------------------------------------------- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Finds the first severity word of the line. Servers write two blanks behind its ':', so a
 * word with one blank counts only where there is none with two. */
static bool find_severity(slice line, sample *out)
{
    bool found = false;
    size_t end = line.n < PREFIX_TEXT_MAX ? line.n : PREFIX_TEXT_MAX;
    for (size_t i = 0; i < end; i++) {
        if (!is_upper(line.p[i]) || (i > 0 && (is_upper(line.p[i - 1]) || line.p[i - 1] == '_'))) {
            continue;
        }
        slice rest = slice_skip(line, i);
        severity level = SEVERITY_LOG;
        if (!severity_take(&rest, &level)) {
            continue;
        }
        bool two_blanks = rest.p[-1] == ' ' && rest.p[-2] == ' ';
        if (two_blanks || (!found && i > 0)) {
            *out = (sample){
                .line = line, .text = slice_take(line, i), .message = rest, .level = level};
            found = true;
        }
        if (two_blanks) {
            return true;
        }
    }
    return found;
}

static slice take_line(slice *in)
{
    const char *end = memchr(in->p, '\n', in->n);
    slice line = end == NULL ? *in : slice_between(in->p, end);
    *in = slice_skip(*in, line.n + 1);
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

/* Fills the samples evenly from the whole head. */
static unsigned take_samples(inference *in, slice head)
{
    unsigned count = 0;
    sample s;
    slice rest = head;
    while (rest.n > 0) {
        slice line = take_line(&rest);
        count += line.n > 0 && line.p[0] != '\t' && find_severity(line, &s);
    }
    unsigned stride = count / SAMPLES_MAX + 1;
    unsigned i = 0;
    for (rest = head; rest.n > 0;) {
        slice line = take_line(&rest);
        if (line.n > 0 && line.p[0] != '\t' && find_severity(line, &s) && i++ % stride == 0) {
            in->samples[in->n++] = s;
        }
    }
    return count;
}

/* --- drafts ------------------------------------------------------------------------ */

static bool draft_has(const draft *d, char letter)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->items[i].letter == letter) {
            return true;
        }
    }
    return false;
}

/* Whether the draft has the field already; host and host with port are one. */
static bool has_field(const draft *d, char letter)
{
    return letter == 'h' || letter == 'r' ? draft_has(d, 'h') || draft_has(d, 'r')
                                          : draft_has(d, letter);
}

static item *draft_add(draft *d, char letter, const char *begin, const char *end)
{
    if (d->n == ITEMS_MAX) {
        d->overflow = true;
        return &d->items[ITEMS_MAX - 1];
    }
    d->items[d->n] = (item){.letter = letter, .text = slice_between(begin, end)};
    return &d->items[d->n++];
}

/* Literals that stand side by side in the line become one. */
static void draft_literal(draft *d, const char *begin, const char *end)
{
    if (begin == end) {
        return;
    }
    item *last = d->n > 0 ? &d->items[d->n - 1] : NULL;
    if (last != NULL && last->letter == ITEM_LITERAL && last->text.p + last->text.n == begin) {
        last->text.n += (size_t)(end - begin);
    } else {
        draft_add(d, ITEM_LITERAL, begin, end);
    }
}

/* Puts %q before byte `offset` of the literal item `at`, or before the item where offset is 0. */
static draft draft_with_stop(const draft *d, size_t at, size_t offset)
{
    draft out = {.overflow = d->overflow};
    for (size_t i = 0; i < d->n; i++) {
        item it = d->items[i];
        if (i == at) {
            if (offset > 0) {
                draft_literal(&out, it.text.p, it.text.p + offset);
                it.text = slice_skip(it.text, offset);
            }
            draft_add(&out, 'q', it.text.p, it.text.p);
        }
        item *copy = draft_add(&out, it.letter, it.text.p, it.text.p + it.text.n);
        copy->width = it.width;
    }
    return out;
}

static slice draft_setting(const draft *d, buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < d->n; i++) {
        const item *it = &d->items[i];
        if (it->letter == ITEM_LITERAL) {
            for (size_t k = 0; k < it->text.n; k++) {
                buf_add_repeat(out, it->text.p[k], it->text.p[k] == '%' ? 2 : 1);
            }
            continue;
        }
        buf_add_char(out, '%');
        if (it->width != 0) {
            buf_add_i64(out, it->width);
        }
        /* %x takes any number while it is not known which one it is. */
        buf_add_char(out, it->letter == ITEM_NUMBER ? 'x' : it->letter);
    }
    return d->overflow || out->failed ? slice_of(NULL, 0) : buf_slice(out);
}

static const prefix *compile(inference *in, slice setting)
{
    status st = {.code = STATUS_OK};
    const prefix *p = NULL;
    arena_reset(&in->compiled);
    return setting.p != NULL && prefix_compile(setting, &in->compiled, &p, &st) ? p : NULL;
}

static const prefix *compile_draft(inference *in, const draft *d)
{
    return compile(in, draft_setting(d, &in->setting));
}

/* --- keys ---------------------------------------------------------------------------- */

/* What people call the fields in `key=value`. */
static const struct {
    char letter;
    const char *names; /* blanks around each */
} key_names[] = {
    {'u', " u user usr username user_name usename db_user dbuser role "},
    {'d', " d db database dbname datname database_name "},
    {'a', " a app appli application application_name appname app_name "},
    {'h', " h host client client_addr clienthost remote_host addr ip from "},
    {'r', " r remote rhost connection_source connection_from source "},
    {'p', " p pid process process_id procpid "},
    {'c', " c s session sess session_id sessionid sid "},
    {'x', " x t xid tid trx_id trx txid tx xact transaction_id "},
    {'v', " v vxid vtid vid virtual_xid virtualxid virtual_transaction_id "},
    {'e', " e sql_error_code sqlstate sql_state state state_code err errcode error_code code "},
    {'l', " l n log_line line line_num lineno session_line_num "},
    {'Q', " q qid queryid query_id "},
    {'t', " time time_ms ts timestamp log_time "},
    {'s', " proc_start_time session_start session_start_time start start_time "},
    {'b', " b backend backend_type type bt "},
    {'i', " i cmd command command_tag tag ps "},
    {'P', " leader leader_pid "},
};

static char key_letter(slice key)
{
    char name[KEY_MAX + 3] = " ";
    if (key.n == 0 || key.n > KEY_MAX) {
        return 0;
    }
    for (size_t i = 0; i < key.n; i++) {
        name[i + 1] = (char)(is_upper(key.p[i]) ? key.p[i] + 32 : key.p[i]);
    }
    name[key.n + 1] = ' ';
    for (size_t i = 0; i < sizeof key_names / sizeof key_names[0]; i++) {
        if (strstr(key_names[i].names, name) != NULL) {
            return key_names[i].letter;
        }
    }
    return 0;
}

typedef struct key {
    char letter;       /* 0 where the name is not known */
    char sign;         /* '=' or ':' */
    const char *value; /* behind the sign and the blank that may follow " = " */
} key;

/* Reads `name=`, `name = `, `name:` or, before a number, `name ` at p. Only '=' makes a key of a
 * name that is not known. */
static bool key_at(const char *begin, const char *p, const char *end, key *out)
{
    if (p > begin && (is_alnum(p[-1]) || p[-1] == '_' || p[-1] == '@')) {
        return false;
    }
    const char *q = p;
    while (q < end && ((is_alnum(*q) && !is_digit(*q)) || *q == '_')) {
        q++;
    }
    out->letter = key_letter(slice_between(p, q));
    if (q == p || q == end) {
        return false;
    }
    if (one_of(out->letter, "pclxQ") && q - p > 1 && end - q >= 2 && *q == ' ' && is_digit(q[1])) {
        out->sign = ' '; /* pid 417 */
        out->value = q + 1;
        return true;
    }
    bool spaced = end - q >= 2 && q[0] == ' ' && q[1] == '=';
    q += spaced;
    out->sign = *q;
    if (*q != '=' && (*q != ':' || out->letter == 0)) {
        return false;
    }
    q++;
    out->value = q + (spaced && q < end && *q == ' ');
    return true;
}

/* --- values -------------------------------------------------------------------------- */

static const char *skip_set(const char *p, const char *end, const char *set)
{
    while (p < end && one_of(*p, set)) {
        p++;
    }
    return p;
}

static const char *skip_numerals(const char *p, const char *end)
{
    return skip_set(p, end, "0123456789");
}

/* A stamp with its zone; *letter becomes m or t. */
static const char *stamp_end(const char *p, const char *end, char *letter)
{
    slice in = slice_between(p, end);
    int64_t local = 0;
    int64_t resolution = 0;
    if (!timestamp_take(&in, &local, &resolution) || in.n < 2 || in.p[0] != ' ') {
        return NULL;
    }
    const char *q = in.p + 1;
    if (*q == '+' || *q == '-') {
        q = skip_numerals(q + 1, end);
    } else {
        while (q < end && is_alnum(*q) && !is_digit(*q)) {
            q++;
        }
    }
    *letter = resolution == 1000 ? 'm' : 't';
    bool known_resolution = resolution == 1000 || resolution == 1000000;
    return q > in.p + 1 && known_resolution ? q : NULL;
}

static const char *epoch_end(const char *p, const char *end)
{
    const char *dot = skip_numerals(p, end);
    if (dot - p < 9 || dot - p > 11 || dot == end || *dot != '.') {
        return NULL;
    }
    const char *q = skip_numerals(dot + 1, end);
    return q == dot + 4 && (q == end || !is_alnum(*q)) ? q : NULL;
}

/* Session ids are the start time, eight digits from 1978 to 2106, and the process. */
static const char *session_end(const char *p, const char *end)
{
    static const char hex[] = "0123456789abcdef";
    const char *dot = skip_set(p, end, hex);
    if (dot - p != 8 || dot == end || *dot != '.') {
        return NULL;
    }
    const char *q = skip_set(dot + 1, end, hex);
    return q > dot + 1 && (q == end || !is_alnum(*q)) ? q : NULL;
}

static const char *vxid_end(const char *p, const char *end)
{
    const char *slash = skip_numerals(p, end);
    if (slash == p || slash == end || *slash != '/') {
        return NULL;
    }
    const char *q = skip_numerals(slash + 1, end);
    return q > slash + 1 && (q == end || (!is_alnum(*q) && *q != '/')) ? q : NULL;
}

/* Five capitals and digits of a class that fits the severity. */
static bool is_sqlstate(slice text, severity level)
{
    static const char classes[] = " 01 02 03 08 09 0A 0B 0F 0L 0P 0Z 20 21 22 23 24 25 26 27 28 2B "
                                  "2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 F0 HV P0 XX ";
    if (text.n != 5) {
        return false;
    }
    bool zero = true;
    for (size_t i = 0; i < text.n; i++) {
        zero = zero && text.p[i] == '0';
        if (!is_digit(text.p[i]) && !is_upper(text.p[i])) {
            return false;
        }
    }
    char class[5] = {' ', text.p[0], text.p[1], ' ', '\0'};
    bool may_fail = level == SEVERITY_ERROR || level == SEVERITY_FATAL || level == SEVERITY_PANIC ||
                    level == SEVERITY_WARNING || level >= SEVERITY_DETAIL;
    return zero || (may_fail && strstr(classes, class) != NULL);
}

static const char *dotted_quad_end(const char *p, const char *end)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (p == end || *p++ != '.')) {
            return NULL;
        }
        const char *q = skip_numerals(p, end);
        if (q == p || q - p > 3) {
            return NULL;
        }
        p = q;
    }
    return p < end && (is_alnum(*p) || *p == '.') ? NULL : p;
}

/* Without a leading group of its own "::" is enough; otherwise all eight groups are needed. */
static const char *ipv6_end(const char *p, const char *end)
{
    if (slice_starts_with(slice_between(p, end), SLICE(":::"))) {
        return NULL;
    }
    const char *q = skip_set(p, end, "0123456789abcdefABCDEF:.");
    while (q > p && q[-1] == ':' && (q - p < 3 || q[-2] != ':')) {
        q--; /* the separator that follows the address */
    }
    int colons = 0;
    bool compressed = false;
    for (const char *c = p; c < q; c++) {
        colons += *c == ':';
        compressed = compressed || (*c == ':' && c + 1 < q && c[1] == ':');
    }
    bool whole = q == end || !is_alnum(*q);
    return whole && q - p > 2 && (compressed || colons == 7) ? q : NULL;
}

static const char *port_end(const char *p, const char *end)
{
    if (p == end || *p != '(') {
        return NULL;
    }
    const char *q = skip_numerals(p + 1, end);
    return q > p + 1 && q < end && *q == ')' ? q + 1 : NULL;
}

/* A client's address, or a name with a port; *letter becomes h or r. */
static const char *host_end(const char *p, const char *end, char *letter)
{
    slice rest = slice_between(p, end);
    *letter = 'h';
    if (slice_starts_with(rest, SLICE("[local]"))) {
        return p + 7;
    }
    const char *q = dotted_quad_end(p, end);
    q = q == NULL ? ipv6_end(p, end) : q;
    if (q == NULL) {
        q = p;
        while (q < end && (is_alnum(*q) || *q == '.' || *q == '-' || *q == '_')) {
            q++;
        }
        if (q == p || port_end(q, end) == NULL) {
            return NULL;
        }
    }
    const char *port = port_end(q, end);
    *letter = port == NULL ? 'h' : 'r';
    return port == NULL ? q : port;
}

/* The longest of the phrases, each between '|', that the text begins with. */
static const char *phrase_end(const char *phrases, const char *p, const char *end)
{
    const char *best = NULL;
    for (const char *f = phrases + 1; *f != '\0';) {
        size_t n = strcspn(f, "|");
        bool fits = (size_t)(end - p) >= n && memcmp(p, f, n) == 0 &&
                    ((size_t)(end - p) == n || !(is_alnum(p[n]) || one_of(p[n], "_@.(")));
        if (fits && (best == NULL || p + n > best)) {
            best = p + n;
        }
        f += n + 1;
    }
    return best;
}

static const char backend_types[] =
    "|client backend|autovacuum worker|autovacuum launcher|postmaster|checkpointer|walwriter|"
    "background writer|startup|logger|archiver|stats collector|walsender|walreceiver|"
    "background worker|parallel worker|logical replication launcher|logical replication worker|"
    "logical replication apply worker|logical replication tablesync worker|"
    "logical replication parallel worker|slotsync worker|io worker|standalone backend|"
    "WAL summarizer|walsummarizer|not initialized|";

static const char command_tags[] =
    "|SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|BEGIN|COMMIT|ROLLBACK|PREPARE|EXECUTE|DEALLOCATE|SET|"
    "SHOW|PARSE|BIND|FETCH|VACUUM|ANALYZE|EXPLAIN|TRUNCATE TABLE|CREATE TABLE|CREATE INDEX|DO|CALL|"
    "ALTER TABLE|DROP TABLE|REINDEX|CLUSTER|LOCK TABLE|CLOSE CURSOR|DECLARE CURSOR|DISCARD ALL|"
    "CREATE DATABASE|DROP DATABASE|CREATE FUNCTION|idle|idle in transaction|SAVEPOINT|RELEASE|"
    "idle in transaction (aborted)|authentication|initializing|SELECT waiting|UPDATE waiting|"
    "INSERT waiting|DELETE waiting|LOCK TABLE waiting|REFRESH MATERIALIZED VIEW|CREATE EXTENSION|"
    "CREATE USER|CREATE ROLE|ALTER ROLE|ALTER DATABASE|CREATE VIEW|GRANT|REVOKE|CHECKPOINT|LISTEN|"
    "NOTIFY|RESET|CREATE SCHEMA|CREATE MATERIALIZED VIEW|CREATE TABLE AS|START TRANSACTION|";

/* --- reading one line's prefix into a draft ------------------------------------------ */

typedef struct reader {
    const char *begin, *p, *end;
    severity level;
    bool dash_separates; /* fields stand between '-', as in %t-%c- */
    draft *d;
} reader;

/* A value is padded where more than one blank follows it, or one before a closing sign. */
static int right_padding(const reader *r, const char *begin, const char *end)
{
    const char *q = skip_set(end, r->end, " ");
    bool closes = q < r->end && one_of(*q, "])}>,;|@\"");
    bool touches = begin > r->begin && begin[-1] != ' ';
    if (q - end < (closes && touches ? 1 : 2)) {
        return 0;
    }
    return -(int)((q - begin) - (closes ? 0 : 1));
}

/* The same before the value; takes the blanks from the literal before it. */
static int left_padding(reader *r, const char *begin, const char *end)
{
    item *last = r->d->n > 0 ? &r->d->items[r->d->n - 1] : NULL;
    if (last == NULL || last->letter != ITEM_LITERAL) {
        return 0;
    }
    slice text = last->text;
    size_t blanks = 0;
    while (blanks < text.n && text.p[text.n - 1 - blanks] == ' ') {
        blanks++;
    }
    if (blanks == text.n) {
        return 0;
    }
    const char *sign = text.p + text.n - 1 - blanks;
    bool spaced = *sign == '=' && sign > text.p && sign[-1] == ' ';
    bool opens = !spaced && one_of(*sign, "[({<|");
    bool touches = end < r->end && *end != ' ';
    if (blanks < (opens && touches ? 1u : 2u)) {
        return 0;
    }
    size_t taken = opens ? blanks : blanks - 1;
    last->text.n -= taken;
    return (int)((size_t)(end - begin) + taken);
}

static void add_value(reader *r, char letter, const char *begin, const char *end)
{
    int width = begin < end ? right_padding(r, begin, end) : 0;
    if (width == 0 && begin < end) {
        width = left_padding(r, begin, end);
    }
    draft_add(r->d, letter, begin, end)->width = width;
    r->p = width < 0 ? begin - width : end;
}

static const char *word_end(const reader *r, const char *p)
{
    if (slice_starts_with(slice_between(p, r->end), SLICE("[unknown]"))) {
        return p + 9;
    }
    while (p < r->end && !one_of(*p, " ,;|()<>{}[]\"'=:/") && !(*p == '-' && r->dash_separates)) {
        p++;
    }
    return p;
}

/* Where free text that began at p ends: before a closing bracket that it did not open, before the
 * next known key with what separates it, or at the prefix's end without its last signs. */
static const char *text_end(const reader *r, const char *p, const key *k)
{
    int depth = 0;
    const char *q = p;
    key next;
    for (; q < r->end; q++) {
        if (one_of(*q, "[(")) {
            depth++;
        } else if (one_of(*q, "])") && depth-- == 0) {
            return q;
        }
        if (depth == 0 && q > p && key_at(r->begin, q, r->end, &next) && next.letter != 0 &&
            next.letter != k->letter && next.sign == k->sign && !has_field(r->d, next.letter)) {
            break;
        }
    }
    while (q > p && one_of(q[-1], q == r->end ? " :|,;>-/" : " :|,;")) {
        q--;
    }
    return q;
}

static const char *quoted_end(const reader *r, const char *p)
{
    const char *q = p;
    while (q < r->end && *q != '"') {
        q++;
    }
    return q;
}

/* Whether the value of a key can be the field that the key's name says; *end becomes its end. */
static bool value_fits(const reader *r, key *k, const char *p, bool quoted, const char **end)
{
    char letter = k->letter;
    const char *q = NULL;
    switch (letter) {
    case 'u':
    case 'd':
        *end = quoted ? quoted_end(r, p) : word_end(r, p);
        return true;
    case 'a':
    case 'b':
    case 'i':
        *end = quoted ? quoted_end(r, p) : text_end(r, p, k);
        return true;
    case 'h':
    case 'r':
        q = host_end(p, r->end, &letter);
        k->letter = q != NULL && letter == 'r' ? 'r' : k->letter;
        *end = q != NULL ? q : word_end(r, p);
        return k->sign == '=' || q != NULL || *end == p;
    case 't':
    case 's':
        q = stamp_end(p, r->end, &letter);
        if (q == NULL && letter == 't') {
            q = epoch_end(p, r->end);
            letter = 'n';
        }
        k->letter = k->letter == 's' ? 's' : letter;
        break;
    case 'c':
        q = session_end(p, r->end);
        break;
    case 'v':
        q = vxid_end(p, r->end);
        q = q == NULL ? p : q;
        break;
    case 'e':
        q = p + (r->end - p < 5 ? 0 : 5);
        q = is_sqlstate(slice_between(p, q), SEVERITY_ERROR) ? q : NULL;
        break;
    default:
        q = skip_numerals(p + (p < r->end && *p == '-' && letter == 'Q'), r->end);
        q = q > p || letter == 'P' ? q : NULL;
        break;
    }
    *end = q;
    return q != NULL && (q == r->end || !is_alnum(*q));
}

/* Reads a key and, where its name says which, its value. */
static bool read_key(reader *r)
{
    key k;
    if (!key_at(r->begin, r->p, r->end, &k)) {
        return false;
    }
    if (k.letter != 0 && has_field(r->d, k.letter)) {
        k.letter = 0; /* no setting names a field twice: this is part of a value */
    }
    bool quoted = k.value < r->end && *k.value == '"';
    const char *value = k.value + quoted;
    const char *blanks_end = skip_set(value, r->end, " ");
    const char *end = NULL;
    if (k.letter != 0 && blanks_end > value && one_of(k.letter, "pclxQev")) {
        value = blanks_end; /* numbers padded on the left */
    }
    if (k.letter != 0 && value_fits(r, &k, value, quoted, &end)) {
        draft_literal(r->d, r->p, value);
        add_value(r, k.letter, value, end);
        if (quoted && r->p < r->end && *r->p == '"') {
            draft_literal(r->d, r->p, r->p + 1);
            r->p++;
        }
        return true;
    }
    if (k.sign == ':' && key_letter(slice_between(r->p, k.value - 1)) != 0 && k.value - r->p > 2) {
        return false; /* a word that only looks like a key */
    }
    draft_literal(r->d, r->p, value);
    r->p = value;
    return true;
}

/* Reads an item whose shape alone says which field it is. */
static bool read_shaped(reader *r)
{
    char letter = 0;
    const char *end = stamp_end(r->p, r->end, &letter);
    if (end == NULL && (end = epoch_end(r->p, r->end)) != NULL) {
        letter = 'n';
    }
    if (end == NULL && (end = session_end(r->p, r->end)) != NULL) {
        letter = 'c';
    }
    if (end != NULL) {
        draft_add(r->d, letter, r->p, end);
        r->p = end;
        return true;
    }
    end = host_end(r->p, r->end, &letter);
    if (end == NULL && (end = vxid_end(r->p, r->end)) != NULL) {
        letter = 'v';
    }
    if (end == NULL && (end = phrase_end(backend_types, r->p, r->end)) != NULL) {
        letter = 'b';
    }
    if (end == NULL && (end = phrase_end(command_tags, r->p, r->end)) != NULL) {
        letter = 'i';
    }
    if (end == NULL) {
        return false;
    }
    add_value(r, letter, r->p, end);
    return true;
}

/* Reads what stands behind '@'; the word before it, even an empty one, was the user. */
static void read_database(reader *r)
{
    item *last = r->d->n > 0 ? &r->d->items[r->d->n - 1] : NULL;
    const char *at = r->p;
    if (last != NULL && last->letter == ITEM_WORD && r->p > r->begin && r->p[-1] != '@') {
        last->letter = 'u';
    } else {
        draft_add(r->d, 'u', at, at);
    }
    draft_literal(r->d, at, at + 1);
    const char *end = word_end(r, at + 1);
    add_value(r, 'd', at + 1, end);
}

/* Reads a word or a number that only the other lines can explain. */
static bool read_word(reader *r)
{
    const char *p = r->p;
    const char *end = word_end(r, p);
    const char *at = memchr(p, '@', (size_t)(end - p));
    end = at == NULL ? end : at;
    if (end == p) {
        return false;
    }
    const char *numerals = skip_numerals(p + (*p == '-' && end - p > 9), end);
    if (is_sqlstate(slice_between(p, end), r->level) &&
        (numerals != end || *p == '0' || draft_has(r->d, ITEM_NUMBER))) {
        add_value(r, 'e', p, end);
    } else if (numerals == end) {
        add_value(r, ITEM_NUMBER, p, end);
    } else if (numerals > p && *numerals == '-' &&
               skip_numerals(numerals + 1, end) == end) { /* 417-3935 */
        draft_add(r->d, ITEM_NUMBER, p, numerals);
        draft_literal(r->d, numerals, numerals + 1);
        add_value(r, ITEM_NUMBER, numerals + 1, end);
    } else if (end - p > 6 && end[-6] == '-' &&
               is_sqlstate(slice_between(end - 5, end), r->level)) { /* PG-57014 */
        draft_literal(r->d, p, end - 5);
        add_value(r, 'e', end - 5, end);
    } else if (!is_alnum(*p) && *p != '_' && !((unsigned char)*p & 0x80) && at == NULL) {
        return false;
    } else {
        add_value(r, ITEM_WORD, p, end);
    }
    return true;
}

/* Quoted text is one value, whatever it holds; without an end the quote is a sign like others. */
static void read_quoted(reader *r)
{
    const char *begin = r->p + 1;
    const char *end = memchr(begin, '"', (size_t)(r->end - begin));
    draft_literal(r->d, r->p, begin);
    r->p = begin;
    if (end != NULL && end > begin && !read_shaped(r)) {
        draft_add(r->d, ITEM_WORD, begin, end);
        r->p = end;
    }
}

static bool dash_follows_stamp(slice text)
{
    char letter = 0;
    for (const char *p = text.p, *end = text.p + text.n; p < end; p++) {
        const char *q = is_digit(*p) ? stamp_end(p, end, &letter) : NULL;
        if (q != NULL && q < end && *q == '-') {
            return true;
        }
    }
    return false;
}

static void read_prefix(const sample *s, draft *d)
{
    const char *end = s->text.p + s->text.n;
    reader r = {.begin = s->text.p,
                .p = s->text.p,
                .end = end,
                .level = s->level,
                .dash_separates = dash_follows_stamp(s->text),
                .d = d};
    *d = (draft){.n = 0};
    while (r.p < r.end && !d->overflow) {
        if (*r.p == '"') {
            read_quoted(&r);
        } else if (*r.p == '@') {
            read_database(&r);
        } else if (!read_key(&r) && !read_shaped(&r) && !read_word(&r)) {
            draft_literal(d, r.p, r.p + 1);
            r.p++;
        }
    }
}

/* --- the values of one item over all lines ------------------------------------------- */

/* Reads one item's values from all samples: in the place of the item stands %a. */
static void collect_values(inference *in, const draft *d, size_t at)
{
    draft probe = *d;
    for (size_t i = 0; i < probe.n; i++) {
        if (i == at || probe.items[i].letter == 'a') {
            probe.items[i].letter = i == at ? 'a' : ITEM_WORD;
        }
    }
    const prefix *p = compile_draft(in, &probe);
    prefix_fields f;
    for (size_t i = 0; i < in->n; i++) {
        bool matched = p != NULL && prefix_match(p, in->samples[i].line, &f);
        in->values[i] = matched ? f.application : slice_of(NULL, 0);
    }
}

/* The value behind `name` in a message such as "connection authorized: user=u database=d". */
static slice named_in_message(slice message, const char *name)
{
    static const char *const kinds[] = {"connection authorized: ", "replication connection aut",
                                        "disconnection: "};
    slice label = slice_from(name);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!slice_starts_with(message, slice_from(kinds[i]))) {
            continue;
        }
        for (size_t k = 0; k + label.n <= message.n; k++) {
            if (memcmp(message.p + k, label.p, label.n) == 0) {
                slice value = slice_skip(message, k + label.n);
                const char *blank = memchr(value.p, ' ', value.n);
                return blank == NULL ? value : slice_between(value.p, blank);
            }
        }
    }
    return slice_of(NULL, 0);
}

/* Messages that only processes without a session write. */
static bool is_background(slice message)
{
    static const char *const beginnings[] = {
        "checkpoint ",       "restartpoint ",       "database system ",
        "listening on ",     "starting PostgreSQL", "automatic ",
        "autovacuum ",       "redirecting log",     "ending log out",
        "background worker", "received ",           "shutting down",
        "all server proc",   "aborting any",        "logical replication la"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (slice_starts_with(message, slice_from(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_client_program(slice value)
{
    return phrase_end(
               "|psql|pg_dump|pg_dumpall|pg_restore|pgbench|pg_basebackup|vacuumdb|reindexdb|"
               "walreceiver|pg_receivewal|pg_isready|pgadmin|DBeaver|sidekiq|puma|rails|",
               value.p, value.p + value.n) != NULL ||
           memchr(value.p, ' ', value.n) != NULL || memchr(value.p, '/', value.n) != NULL;
}

/* What the collected values look like. */
typedef struct traits {
    unsigned seen;                        /* samples that have the item */
    unsigned filled;                      /* of them, not empty */
    bool constant;                        /* the filled ones are all the same */
    bool in_background;                   /* filled where there is no session */
    bool zero;                            /* "0" among them */
    bool wide;                            /* one of more than ten bytes, or negative */
    bool sqlstate;                        /* all are five bytes that fit the severity */
    bool port;                            /* one ends in "(digits)" */
    bool all_one;                         /* all are "1" */
    unsigned user, database, application; /* samples that speak for the field */
} traits;

static void add_votes(traits *t, const sample *s, slice value)
{
    t->user += slice_equal(value, named_in_message(s->message, " user="));
    t->database += slice_equal(value, named_in_message(s->message, " database="));
    t->application += is_client_program(value) ||
                      slice_equal(value, named_in_message(s->message, " application_name="));
}

static traits traits_of(const inference *in)
{
    traits t = {.constant = true, .sqlstate = true, .all_one = true};
    slice first = slice_of(NULL, 0);
    bool zero_state = false;
    for (size_t i = 0; i < in->n; i++) {
        const sample *s = &in->samples[i];
        slice value = in->values[i];
        if (value.p == NULL) {
            continue;
        }
        t.seen++;
        if (value.n == 0) {
            continue;
        }
        first = t.filled++ == 0 ? value : first;
        t.constant = t.constant && slice_equal(value, first);
        t.in_background = t.in_background || is_background(s->message);
        t.zero = t.zero || slice_is(value, "0");
        t.wide = t.wide || value.n > 10 || value.p[0] == '-';
        t.sqlstate = t.sqlstate && is_sqlstate(value, s->level);
        zero_state = zero_state || slice_is(value, "00000");
        t.all_one = t.all_one && slice_is(value, "1");
        t.port = t.port ||
                 (value.n > 1 && value.p[value.n - 1] == ')' && is_digit(value.p[value.n - 2]));
        add_votes(&t, s, value);
    }
    t.sqlstate = t.sqlstate && zero_state;
    return t;
}

/* --- judging drafts ---------------------------------------------------------------- */

static bool holds_one_of(slice text, const char *set)
{
    for (size_t i = 0; i < text.n; i++) {
        if (one_of(text.p[i], set)) {
            return true;
        }
    }
    return false;
}

static bool plausible_host(slice host)
{
    bool starts_ipv6 =
        slice_starts_with(host, SLICE("::")) && !slice_starts_with(host, SLICE(":::"));
    return !holds_one_of(host, " =,@()") && (host.n == 0 || host.p[0] != ':' || starts_ipv6);
}

/* Whether the setting matches up to the severity word that was found, with values that such
 * fields have: a setting that lacks a field would else hide it in the one before. */
static bool explains(const prefix *p, const sample *s, prefix_fields *f)
{
    return prefix_match(p, s->line, f) && f->severity_word.p == s->text.p + s->text.n &&
           !holds_one_of(f->user, " =,") && !holds_one_of(f->database, " =,") &&
           plausible_host(f->host) && !holds_one_of(f->backend_type, "[]@:=,") &&
           !holds_one_of(f->command_tag, "[]@:=,");
}

static unsigned count_explained(inference *in, const prefix *p)
{
    unsigned count = 0;
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        count += explains(p, &in->samples[i], &f);
    }
    return count;
}

static unsigned count_letters(const draft *d)
{
    unsigned known = 0;
    for (size_t i = 0; i < d->n; i++) {
        char c = d->items[i].letter;
        known += c != ITEM_LITERAL && c != ITEM_WORD && c != ITEM_NUMBER && c != 'q';
    }
    return known;
}

/* Gathers some of the samples that the draft does not explain. */
static size_t take_unexplained(inference *in, const draft *d, sample *out)
{
    const prefix *p = compile_draft(in, d);
    size_t n = 0;
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n && n < STOPS_MAX; i++) {
        if (!explains(p, &in->samples[i], &f)) {
            out[n++] = in->samples[i];
        }
    }
    return n;
}

/* Behind the last item that lines which stop early have: the time, and no field of a session.
 * Free text right before %q would take in all that the line has instead of stopping. */
static size_t first_stop(const draft *d)
{
    size_t at = 0;
    for (size_t i = 0; i < d->n; i++) {
        bool is_time = one_of(d->items[i].letter, "mtn");
        at = is_time ? i + 1 : at;
    }
    return at;
}

static size_t first_session_item(const draft *d)
{
    size_t i = 0;
    while (i < d->n && !one_of(d->items[i].letter, "udahri")) {
        i++;
    }
    return i;
}

/* The same, where a word counts as a session's field unless it never changes. */
static size_t last_stop(inference *in, const draft *d)
{
    size_t end = first_session_item(d);
    for (size_t i = 0; i < end; i++) {
        if (d->items[i].letter == ITEM_WORD) {
            collect_values(in, d, i);
            traits t = traits_of(in);
            if (!t.constant || t.filled < 2) {
                return i;
            }
        }
    }
    return end;
}

/* Puts %q where most lines that stop early stop; of equal places the last, which is behind the
 * blank that separates. */
static void place_stop(inference *in, draft *d, unsigned *explained)
{
    sample rest[STOPS_MAX];
    size_t rest_n = take_unexplained(in, d, rest);
    draft best = *d;
    unsigned best_count = 0;
    prefix_fields f;
    size_t last = last_stop(in, d);
    for (size_t i = first_stop(d); i < d->n && i <= last; i++) {
        bool after_word = i > 0 && d->items[i - 1].letter == ITEM_WORD;
        size_t places = d->items[i].letter == ITEM_LITERAL ? d->items[i].text.n : 1;
        for (size_t offset = 0; !after_word && i + offset > 0 && offset < places; offset++) {
            draft with = draft_with_stop(d, i, offset);
            const prefix *p = compile_draft(in, &with);
            unsigned count = 0;
            for (size_t k = 0; p != NULL && k < rest_n; k++) {
                count += explains(p, &rest[k], &f);
            }
            if (count > 0 && count >= best_count) {
                best = with;
                best_count = count;
            }
        }
    }
    if (best_count > 0) {
        *d = best;
        *explained = count_explained(in, compile_draft(in, d));
    }
}

/* A number for the line's shape: runs of letters and of digits count as one each. */
static uint32_t shape_of(slice text)
{
    uint32_t hash = 2166136261u;
    char last = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        c = is_digit(c) ? '0' : is_alnum(c) ? 'a' : c;
        if (c != last || !is_alnum(c)) {
            hash = (hash ^ (unsigned char)c) * 16777619u;
        }
        last = c;
    }
    return hash;
}

/* One of each shape of line, with the number of samples of that shape. */
typedef struct shape {
    uint32_t hash;
    unsigned count;
    size_t sample;
} shape;

static size_t gather_shapes(const inference *in, shape shapes[SHAPES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        uint32_t hash = shape_of(in->samples[i].text);
        size_t k = 0;
        while (k < n && shapes[k].hash != hash) {
            k++;
        }
        if (k == n && n < SHAPES_MAX) {
            shapes[n++] = (shape){.hash = hash, .sample = i};
        }
        if (k < n) {
            shapes[k].count++;
        }
    }
    return n;
}

/* Lines of different shapes that give the same draft speak for it together. */
static unsigned draft_support(const shape *shapes, const uint64_t *hashes, size_t n, uint64_t hash)
{
    unsigned support = 0;
    for (size_t i = 0; i < n; i++) {
        support += hashes[i] == hash ? shapes[i].count : 0;
    }
    return support;
}

/* The draft that explains most samples; of those the one that knows most fields, then the one
 * that most samples give by themselves. */
static unsigned best_draft(inference *in, draft *best)
{
    shape shapes[SHAPES_MAX];
    uint64_t hashes[SHAPES_MAX];
    size_t n = gather_shapes(in, shapes);
    draft d;
    for (size_t i = 0; i < n; i++) {
        read_prefix(&in->samples[shapes[i].sample], &d);
        hashes[i] = hash_bytes(draft_setting(&d, &in->setting));
    }
    unsigned best_count = 0;
    unsigned best_support = 0;
    for (size_t i = 0; i < n; i++) {
        read_prefix(&in->samples[shapes[i].sample], &d);
        unsigned support = draft_support(shapes, hashes, n, hashes[i]);
        unsigned count = count_explained(in, compile_draft(in, &d));
        if (count > 0 && count < in->n) {
            place_stop(in, &d, &count);
        }
        unsigned letters = count_letters(&d);
        unsigned best_letters = count_letters(best);
        if (count > best_count ||
            (count == best_count &&
             (letters > best_letters || (letters == best_letters && support > best_support)))) {
            best_count = count;
            best_support = support;
            *best = d;
        }
    }
    return best_count;
}

/* --- settling what a draft leaves open ----------------------------------------------- */

/* Whether the collected numbers are the process in the draft's session id. */
static bool is_session_process(inference *in, const draft *d)
{
    const prefix *p = compile_draft(in, d);
    prefix_fields f;
    unsigned equal = 0;
    unsigned different = 0;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        if (in->values[i].p == NULL || !prefix_match(p, in->samples[i].line, &f)) {
            continue;
        }
        const char *dot = memchr(f.session_id.p, '.', f.session_id.n);
        uint64_t in_session = 0;
        uint64_t number = 0;
        for (const char *c = dot == NULL ? "" : dot + 1;
             dot != NULL && c < f.session_id.p + f.session_id.n; c++) {
            in_session = in_session * 16 + (uint64_t)(is_digit(*c) ? *c - '0' : *c - 'a' + 10);
        }
        for (size_t k = 0; k < in->values[i].n; k++) {
            number = number * 10 + (uint64_t)(in->values[i].p[k] - '0');
        }
        if (number == in_session) {
            equal++;
        } else {
            different++;
        }
    }
    return equal > different;
}

static char letter_of_number(inference *in, const draft *d, const traits *t)
{
    bool has_process = draft_has(d, 'p');
    if (t->sqlstate) {
        return 'e';
    }
    if (t->wide && !draft_has(d, 'Q')) {
        return 'Q';
    }
    if (!has_process && !t->zero && (!draft_has(d, 'c') || is_session_process(in, d))) {
        return 'p';
    }
    if (t->filled < t->seen && has_process && !draft_has(d, 'P')) {
        return 'P';
    }
    if (!t->zero && !draft_has(d, 'l') && !draft_has(d, 'v')) {
        return 'l';
    }
    return draft_has(d, 'x') ? (draft_has(d, 'Q') ? ITEM_WORD : 'Q') : 'x';
}

static bool is_dash(const item *it)
{
    return it->letter == ITEM_LITERAL && slice_is(it->text, "-");
}

static unsigned count_numbers(const draft *d)
{
    unsigned count = 0;
    for (size_t i = 0; i < d->n; i++) {
        count += d->items[i].letter == ITEM_NUMBER;
    }
    return count;
}

/* [%l-1], the counter that looks like syslog's, or [%p-%l]. */
static void settle_counters(inference *in, draft *d)
{
    for (size_t i = 0; i + 2 < d->n; i++) {
        item *it = &d->items[i];
        if (it[0].letter != ITEM_NUMBER || !is_dash(&it[1]) || it[2].letter != ITEM_NUMBER ||
            it[2].width != 0) {
            continue;
        }
        collect_values(in, d, i + 2);
        traits t = traits_of(in);
        bool process_elsewhere = draft_has(d, 'p') || count_numbers(d) > 2;
        if (t.all_one && (process_elsewhere || t.filled > 2)) {
            it[0].letter = 'l';
            it[2].letter = ITEM_LITERAL;
        } else if (!process_elsewhere) {
            it[0].letter = 'p';
            it[2].letter = 'l';
        }
    }
}

static void settle_numbers(inference *in, draft *d)
{
    settle_counters(in, d);
    for (size_t i = 0; i < d->n; i++) {
        if (d->items[i].letter == ITEM_NUMBER) {
            collect_values(in, d, i);
            traits t = traits_of(in);
            d->items[i].letter = letter_of_number(in, d, &t);
        }
    }
}

static char letter_by_votes(const draft *d, const traits *t)
{
    if (t->user > 0 && t->user >= t->database && t->user >= t->application && !draft_has(d, 'u')) {
        return 'u';
    }
    if (t->database > 0 && t->database >= t->application && !draft_has(d, 'd')) {
        return 'd';
    }
    if (t->application > 0 && !draft_has(d, 'a')) {
        return 'a';
    }
    return ITEM_WORD;
}

/* Whether a word that never changes is the setting's own text: it stands where there is no
 * session, behind a key of unknown name, or before a field that all processes have. */
static bool is_own_text(const draft *d, size_t at, const traits *t)
{
    if (!t->constant || t->filled < t->seen) {
        return false;
    }
    bool after_key = at > 0 && d->items[at - 1].letter == ITEM_LITERAL &&
                     slice_ends_with(d->items[at - 1].text, SLICE("="));
    bool before_process = false;
    for (size_t i = at; i < d->n; i++) {
        before_process = before_process || one_of(d->items[i].letter, "pclmtn");
    }
    bool names_known = draft_has(d, 'u') && draft_has(d, 'd');
    return t->in_background ||
           (t->filled >= CONSTANT_MIN && (after_key || (before_process && names_known)));
}

/* First the words that some line explains, then the rest in the usual order. */
static void settle_words(inference *in, draft *d)
{
    static const char usual[] = "uda";
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < d->n; i++) {
            if (d->items[i].letter != ITEM_WORD) {
                continue;
            }
            collect_values(in, d, i);
            traits t = traits_of(in);
            if (is_own_text(d, i, &t)) {
                d->items[i].letter = ITEM_LITERAL;
            } else if (!t.in_background && round == 0) {
                d->items[i].letter = letter_by_votes(d, &t);
            } else if (!t.in_background) {
                size_t k = 0;
                while (usual[k] != '\0' && draft_has(d, usual[k])) {
                    k++;
                }
                d->items[i].letter = usual[k] != '\0' ? usual[k] : ITEM_WORD;
            }
        }
    }
}

static void settle_host(inference *in, draft *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->items[i].letter == 'h') {
            collect_values(in, d, i);
            d->items[i].letter = traits_of(in).port ? 'r' : 'h';
        }
    }
}

/* How the session start would compare with the time, were stamp `start` %s and stamp `time` it. */
static void compare_stamps(inference *in, const draft *d, size_t start, size_t time,
                           unsigned *before, unsigned *after, unsigned *equal)
{
    draft probe = *d;
    for (size_t i = 0; i < probe.n; i++) {
        if (one_of(probe.items[i].letter, "mts") && i != start && i != time) {
            return;
        }
    }
    probe.items[start].letter = 's';
    const prefix *p = compile_draft(in, &probe);
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        int64_t local = 0;
        int64_t resolution = 0;
        if (!prefix_match(p, in->samples[i].line, &f) || !f.has_time ||
            !timestamp_take(&f.session_start, &local, &resolution)) {
            continue;
        }
        int64_t moment = f.time + (int64_t)f.zone_offset * 1000000;
        moment -= moment % 1000000;
        *before += local < moment;
        *after += local > moment;
        *equal += local == moment;
    }
}

/* Of two stamps the one with milliseconds, or the later one, is the time; the other is the
 * session's start, unless the two never differ. */
static void settle_stamps(inference *in, draft *d)
{
    size_t first = d->n;
    size_t second = d->n;
    for (size_t i = 0; i < d->n; i++) {
        if (one_of(d->items[i].letter, "mt")) {
            second = first == d->n ? second : i;
            first = first == d->n ? i : first;
        }
    }
    if (second == d->n || draft_has(d, 's')) {
        return;
    }
    bool second_is_fine = d->items[second].letter == 'm';
    if (second_is_fine && d->items[first].letter == 'm') {
        return;
    }
    bool both_coarse = !second_is_fine && d->items[first].letter == 't';
    size_t start = second_is_fine || both_coarse ? first : second;
    unsigned before = 0;
    unsigned after = 0;
    unsigned equal = 0;
    compare_stamps(in, d, start, start == first ? second : first, &before, &after, &equal);
    if (both_coarse && (after > before || before == 0)) {
        start = second;
    }
    if (both_coarse || before + after > 0 || equal < 3) {
        d->items[start].letter = 's';
    }
}

static bool holds_text(slice text, slice part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        if (memcmp(text.p + i, part.p, part.n) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether some sample without a session has the item all the same, empty. A session that has no
 * name yet writes "[unknown]". */
static bool goes_on_without_session(inference *in, const draft *d, size_t at)
{
    collect_values(in, d, at);
    for (size_t i = 0; i < in->n; i++) {
        if (in->values[i].p != NULL && in->values[i].n == 0 &&
            !holds_text(in->samples[i].text, SLICE("[unknown]"))) {
            return true;
        }
    }
    return false;
}

/* Where no sample shows whether processes without a session stop early: they may, if only fields
 * of sessions are left. %q there costs nothing where they do not, and without it their lines
 * would not match. It goes behind the last blank before those fields. */
static void guess_stop(inference *in, draft *d)
{
    size_t first = first_session_item(d);
    if (draft_has(d, 'q') || first < 2 || first == d->n ||
        d->items[first - 1].letter != ITEM_LITERAL) {
        return;
    }
    for (size_t i = first; i < d->n; i++) {
        char c = d->items[i].letter;
        if ((c != ITEM_LITERAL && !one_of(c, "udahri")) ||
            (one_of(c, "ud") && goes_on_without_session(in, d, i))) {
            return;
        }
    }
    slice text = d->items[first - 1].text;
    size_t offset = text.n;
    while (offset > 0 && text.p[offset - 1] != ' ') {
        offset--;
    }
    if (offset > 0) {
        *d = offset < text.n ? draft_with_stop(d, first - 1, offset) : draft_with_stop(d, first, 0);
    }
}

/* --- settings that servers and services come with ------------------------------------- */

static const char *const defaults[] = {
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "< %m >",
    "< %m > ",
    "%t:%r:%u@%d:[%p]:",
    "%t-%c-",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
};

/* The setting of the list that explains more samples than the draft does, or as many and
 * more fields; NULL where there is none. */
static const char *better_default(inference *in, unsigned *explained, unsigned letters)
{
    const char *best = NULL;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        slice setting = slice_from(defaults[i]);
        unsigned fields = 0;
        for (size_t k = 0; k + 1 < setting.n && setting.p[k + 1] != 'q'; k++) {
            fields += setting.p[k] == '%';
        }
        unsigned count = count_explained(in, compile(in, setting));
        if (count > *explained || (count > 0 && count == *explained && fields > letters)) {
            best = defaults[i];
            *explained = count;
            letters = fields;
        }
    }
    return best;
}

/* A draft of nothing but words and signs is no log_line_prefix. */
static bool is_telling(const draft *d)
{
    for (size_t i = 0; i < d->n; i++) {
        char c = d->items[i].letter;
        if (c != ITEM_LITERAL && c != ITEM_WORD && !one_of(c, "bih")) {
            return true;
        }
    }
    return d->n == 0;
}

static bool infer_setting(inference *in, arena *keep, slice *setting, unsigned *matched)
{
    draft d = {.n = 0};
    unsigned count = best_draft(in, &d);
    bool telling = count > 0 && is_telling(&d);
    const char *named = better_default(in, &count, telling ? count_letters(&d) : 0);
    if (named != NULL) {
        *matched = count;
        return arena_copy(keep, slice_from(named), setting);
    }
    if (!telling) {
        return false;
    }
    settle_stamps(in, &d);
    settle_numbers(in, &d);
    settle_words(in, &d);
    settle_host(in, &d);
    guess_stop(in, &d);
    const prefix *p = compile_draft(in, &d);
    *matched = count_explained(in, p);
    return *matched > 0 && arena_copy(keep, draft_setting(&d, &in->setting), setting);
}

bool prefix_infer(slice head, arena *keep, slice *setting, unsigned *matched, unsigned *tried)
{
    *setting = slice_of("", 0);
    *matched = 0;
    *tried = 0;
    inference *in = arena_calloc(keep, 1, sizeof *in);
    if (in == NULL) {
        return false;
    }
    arena_init(&in->compiled, COMPILE_BYTES);
    buf_init(&in->setting, PREFIX_SETTING_MAX);
    take_samples(in, slice_take(head, HEAD_MAX));
    *tried = (unsigned)in->n;
    bool found = infer_setting(in, keep, setting, matched);
    buf_free(&in->setting);
    arena_free(&in->compiled);
    return found;
}
