/* prefix_draft.c - see prefix_draft.h. Reads from left to right: stamps, session ids, keys with
 * their values, addresses, phrases, then words and numbers that only other lines explain. */
#include "parsers/postgres/prefix_draft.h"

#include "base/timestamp.h"

#define KEY_MAX 32

/* --- items ---------------------------------------------------------------------------- */

bool draft_has(const draft *d, char letter)
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

item *draft_add(draft *d, char letter, const char *begin, const char *end)
{
    if (d->n == DRAFT_ITEMS_MAX) {
        d->overflow = true;
        return &d->items[DRAFT_ITEMS_MAX - 1];
    }
    d->items[d->n] = (item){.letter = letter, .text = slice_between(begin, end)};
    return &d->items[d->n++];
}

/* Literals that stand side by side in the line become one. */
void draft_literal(draft *d, const char *begin, const char *end)
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
bool is_sqlstate(slice text, severity level)
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

bool is_client_program(slice value)
{
    return phrase_end(
               "|psql|pg_dump|pg_dumpall|pg_restore|pgbench|pg_basebackup|vacuumdb|reindexdb|"
               "walreceiver|pg_receivewal|pg_isready|pgadmin|DBeaver|sidekiq|puma|rails|",
               value.p, value.p + value.n) != NULL ||
           memchr(value.p, ' ', value.n) != NULL || memchr(value.p, '/', value.n) != NULL;
}

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

static bool read_shaped(reader *r);
static bool read_word(reader *r);

/* Reads what stands behind an opening quote: one value, whatever it holds, and the closing
 * quote. Without an end the quote is a sign like others. */
static void read_quoted_value(reader *r)
{
    const char *begin = r->p;
    const char *end = memchr(begin, '"', (size_t)(r->end - begin));
    if (end == NULL) {
        return;
    }
    if (end > begin && !read_shaped(r) && (word_end(r, begin) != end || !read_word(r))) {
        draft_add(r->d, ITEM_WORD, begin, end);
        r->p = end;
    }
    if (r->p == end) {
        draft_literal(r->d, end, end + 1);
        r->p++;
    }
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
    if (quoted) {
        read_quoted_value(r);
    }
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

void draft_read(slice text, severity level, draft *out)
{
    reader r = {.begin = text.p,
                .p = text.p,
                .end = text.p + text.n,
                .level = level,
                .dash_separates = dash_follows_stamp(text),
                .d = out};
    *out = (draft){.n = 0};
    while (r.p < r.end && !out->overflow) {
        if (*r.p == '@') {
            read_database(&r);
        } else if (*r.p != '"' && (read_key(&r) || read_shaped(&r) || read_word(&r))) {
            continue;
        } else {
            bool opens = *r.p == '"';
            draft_literal(out, r.p, r.p + 1);
            r.p++;
            if (opens) {
                read_quoted_value(&r);
            }
        }
    }
}
