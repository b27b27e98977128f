/* pt_fingerprint.c - a statement's fingerprint as pt-query-digest makes it; see foreign_ids.h.
 *
 * Rule after rule over the whole text, as that tool does it: what one leaves the next one sees.
 * Each works in place, since none makes the text longer but the last two. */
#include "normalise/foreign_ids.h"

#include <stdlib.h>

/* A text that shrinks. */
typedef struct text {
    char *p;
    size_t n;
} text;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_word(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

/* Whether `word`, in lower case, stands at `at`, whatever the case there. */
static bool has_at(slice s, size_t at, const char *word)
{
    size_t n = strlen(word);
    if (at > s.n || s.n - at < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (lower(s.p[at + i]) != word[i]) {
            return false;
        }
    }
    return true;
}

static size_t skip_blanks(slice s, size_t at)
{
    while (at < s.n && is_blank(s.p[at])) {
        at++;
    }
    return at;
}

static size_t skip_word(slice s, size_t at)
{
    while (at < s.n && in_word(s.p[at])) {
        at++;
    }
    return at;
}

static bool is_edge(slice s, size_t at)
{
    return (at > 0 && in_word(s.p[at - 1])) != (at < s.n && in_word(s.p[at]));
}

/* --- statements of tools and procedures, which have fingerprints of their own ------------- */

/* A comment of a table and two digits, by which Percona's tools mark their statements. */
static bool is_of_toolkit(slice s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '/' || s.p[i + 1] != '*') {
            continue;
        }
        size_t name = skip_word(s, i + 2);
        size_t table = name < s.n && s.p[name] == '.' ? skip_word(s, name + 1) : name;
        if (name > i + 2 && table > name + 1 && s.n - table >= 6 && s.p[table] == ':' &&
            is_digit(s.p[table + 1]) && s.p[table + 2] == '/' && is_digit(s.p[table + 3]) &&
            s.p[table + 4] == '*' && s.p[table + 5] == '/') {
            return true;
        }
    }
    return false;
}

/* "CALL shop.pay(1)": up to the last parenthesis that opens before a blank. 0: no call. */
static size_t call_length(slice s, size_t *begin)
{
    *begin = skip_blanks(s, 0);
    size_t name = skip_blanks(s, *begin + 4);
    if (!has_at(s, *begin, "call") || name == *begin + 4) {
        return 0;
    }
    size_t open = 0;
    for (size_t i = name; i < s.n && !is_blank(s.p[i]); i++) {
        open = s.p[i] == '(' && i > name ? i : open;
    }
    return open > 0 ? open - *begin : 0;
}

static bool of_its_own(slice s, buf *out)
{
    size_t begin;
    size_t call = call_length(s, &begin);
    if (slice_starts_with(s, SLICE("SELECT /*!40001 SQL_NO_CACHE */ * FROM `"))) {
        buf_add_text(out, "mysqldump");
    } else if (is_of_toolkit(s)) {
        buf_add_text(out, "percona-toolkit");
    } else if (slice_starts_with(s, SLICE("administrator command: "))) {
        buf_add(out, s);
    } else if (call > 0) {
        for (size_t i = 0; i < call; i++) {
            buf_add_char(out, lower(s.p[begin + i]));
        }
    } else {
        return false;
    }
    return true;
}

/* --- rules that shorten the text -------------------------------------------------------------- */

/* A closing parenthesis with the comma and the opening one of a further row. */
static bool row_follows(slice s, size_t at)
{
    size_t comma = skip_blanks(s, at + 1);
    return s.p[at] == ')' && comma < s.n && s.p[comma] == ',' &&
           has_at(s, skip_blanks(s, comma + 1), "(");
}

/* INSERT and REPLACE of many rows end with the first. */
static slice first_row(slice s)
{
    size_t at = has_at(s, 0, "insert") ? 6 : has_at(s, 0, "replace") ? 7 : 0;
    at += at > 0 && has_at(s, at, " ignore") ? 7 : 0;
    size_t into = skip_blanks(s, at);
    if (at == 0 || into == at || !has_at(s, into, "into")) {
        return s;
    }
    for (size_t i = into + 5; i < s.n; i++) {
        size_t open = skip_blanks(s, i + 6);
        if (!has_at(s, i, "values") || !has_at(s, open, "(")) {
            continue;
        }
        for (size_t k = open + 1; k < s.n; k++) {
            if (row_follows(s, k)) {
                return slice_take(s, k + 1);
            }
        }
        break;
    }
    return s;
}

/* The end of what is to go at `at`; `at` where nothing is. */
typedef size_t finder(slice s, size_t at);

/* Puts `with`, which may be nothing, in the place of all that is found. */
static void replace(text *t, finder *find, const char *with)
{
    size_t n = 0;
    slice s = slice_of(t->p, t->n);
    for (size_t i = 0; i < s.n;) {
        size_t end = find(s, i);
        if (end == i) {
            t->p[n++] = t->p[i++];
            continue;
        }
        if (*with != '\0') {
            t->p[n++] = *with;
        }
        i = end;
    }
    t->n = n;
}

static size_t find_byte(slice s, size_t from, char c)
{
    const char *p = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;
    return p != NULL ? (size_t)(p - s.p) : s.n;
}

/* Not an executed one. Its third byte is never a part of its end. */
static size_t block_comment(slice s, size_t at)
{
    if (s.n - at < 5 || s.p[at] != '/' || s.p[at + 1] != '*' || s.p[at + 2] == '!') {
        return at;
    }
    for (size_t i = at + 3; (i = find_byte(s, i, '*')) + 1 < s.n; i++) {
        if (s.p[i + 1] == '/') {
            return i + 2;
        }
    }
    return at;
}

/* Only where there is no quote up to the line's end. */
static size_t line_comment(slice s, size_t at)
{
    bool dashes = s.p[at] == '-' && at + 1 < s.n && s.p[at + 1] == '-';
    if (!dashes && s.p[at] != '#') {
        return at;
    }
    for (size_t i = at + (dashes ? 2 : 1);; i++) {
        if (i == s.n || s.p[i] == '\n' || s.p[i] == '\r') {
            return i;
        }
        if (s.p[i] == '\'' || s.p[i] == '"') {
            return at;
        }
    }
}

/* Escaped quotes go where what stands before them is no backslash, and has not been looked at as
 * what stands before another. */
static void drop_escaped(text *t, char quote)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; n++) {
        bool found = t->p[i] != '\\' && t->n - i > 2 && t->p[i + 1] == '\\' && t->p[i + 2] == quote;
        t->p[n] = t->p[i];
        i += found ? 3 : 1;
    }
    t->n = n;
}

static size_t two_backslashes(slice s, size_t at)
{
    return at + (s.p[at] == '\\' && at + 1 < s.n && s.p[at + 1] == '\\' ? 2 : 0);
}

static size_t escaped_quote(slice s, size_t at)
{
    bool found = s.p[at] == '\\' && at + 1 < s.n && (s.p[at + 1] == '\'' || s.p[at + 1] == '"');
    return at + (found ? 2 : 0);
}

/* The end of a literal that begins at `at`; `at` where there is none. A quote that stands right
 * behind another, or behind any byte but a backslash, ends it: the former is preferred. */
static size_t literal_end(slice s, size_t at, char quote)
{
    for (size_t i = at + 1; i < s.n; i++) {
        if (s.p[i] != '\\' && i + 1 < s.n && s.p[i + 1] == quote) {
            return i + 2;
        }
        if (s.p[i] == quote) {
            return i + 1;
        }
    }
    return at;
}

/* Literals become `?` where a byte stands before them that is no backslash and of no literal. */
static void replace_literals(text *t, char quote)
{
    slice s = slice_of(t->p, t->n);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        bool begins = s.p[i] != '\\' && i + 1 < s.n && s.p[i + 1] == quote;
        size_t end = begins ? literal_end(s, i + 1, quote) : i + 1;
        t->p[n++] = s.p[i++];
        if (begins && end > i) {
            t->p[n++] = '?';
            i = end;
        }
    }
    t->n = n;
}

static size_t whole_word(slice s, size_t at, const char *word)
{
    size_t end = at + strlen(word);
    return has_at(s, at, word) && is_edge(s, at) && is_edge(s, end) ? end : at;
}

static size_t truth(slice s, size_t at)
{
    size_t end = whole_word(s, at, "false");
    return end > at ? end : whole_word(s, at, "true");
}

static size_t null_word(slice s, size_t at)
{
    return whole_word(s, at, "null");
}

/* A digit or sign and what may belong to a number of any kind, in lower case only: in names too. */
static size_t number(slice s, size_t at)
{
    if (!is_digit(s.p[at]) && s.p[at] != '+' && s.p[at] != '-') {
        return at;
    }
    size_t end = at + 1;
    while (end < s.n && (is_digit(s.p[end]) || (s.p[end] >= 'a' && s.p[end] <= 'f') ||
                         memchr(".x+-", s.p[end], 4) != NULL)) {
        end++;
    }
    return end;
}

/* What stands before a literal and belongs to it: x'…', b'…', a sign, a point. */
static size_t prefixed(slice s, size_t at)
{
    bool found = memchr("xb.+-", s.p[at], 5) != NULL && at + 1 < s.n && s.p[at + 1] == '?';
    return at + (found ? 2 : 0);
}

/* Blanks at the beginning go, then one line end, then runs become one blank; all in lower case. */
static void squeeze(text *t)
{
    size_t from = skip_blanks(slice_of(t->p, t->n), 0);
    size_t end = t->n - (t->n > from && t->p[t->n - 1] == '\n');
    size_t n = 0;
    for (size_t i = from; i < end; i++) {
        bool blank = is_blank(t->p[i]) && t->p[i] != '\v';
        if (!blank || n == 0 || t->p[n - 1] != ' ') {
            t->p[n++] = blank ? ' ' : lower(t->p[i]);
        }
    }
    t->n = n;
}

/* --- rules for lists ----------------------------------------------------------------------------
 */

/* Lists of placeholders in parentheses, with commas and blanks around: the end of the last. */
static size_t lists_end(slice s, size_t at)
{
    size_t end = at;
    for (;;) {
        size_t i = end;
        while (i < s.n && (is_blank(s.p[i]) || s.p[i] == ',')) {
            i++;
        }
        if (!has_at(s, i, "(")) {
            return end;
        }
        for (i++; i < s.n && (is_blank(s.p[i]) || s.p[i] == ',' || s.p[i] == '?');) {
            i++;
        }
        if (!has_at(s, i, ")")) {
            return end;
        }
        end = i + 1;
    }
}

/* The length of a keyword in front of lists; 0: none. */
static size_t list_keyword(slice s, size_t at)
{
    static const char *const words[] = {"in", "values", "value"};
    for (size_t i = 0; i < sizeof words / sizeof *words && is_edge(s, at); i++) {
        size_t n = strlen(words[i]);
        if (has_at(s, at, words[i]) && lists_end(s, at + n) > at + n) {
            return n;
        }
    }
    return 0;
}

static void collapse_lists(slice s, buf *out)
{
    for (size_t i = 0; i < s.n;) {
        size_t n = list_keyword(s, i);
        if (n == 0) {
            buf_add_char(out, s.p[i++]);
            continue;
        }
        buf_add(out, slice_of(s.p + i, n));
        buf_add_text(out, "(?+)");
        i = lists_end(s, i + n);
    }
}

/* " union" or " union all" and a blank at `at`: the length without the blank; 0: none. */
static size_t union_length(slice s, size_t at, bool all)
{
    size_t n = all ? strlen(" union all") : strlen(" union");
    return has_at(s, at, all ? " union all " : " union ") ? n : 0;
}

/* Behind one more of the same SELECT; `at` where there is none. */
static size_t repeated(slice s, size_t at, slice same, slice *joint)
{
    for (int all = 1; all >= 0; all--) {
        size_t n = union_length(s, at, all == 1);
        slice rest = slice_skip(s, at + n + 1);
        if (n > 0 && slice_starts_with(rest, same)) {
            *joint = slice_of(s.p + at, n);
            return at + n + 1 + same.n;
        }
    }
    return at;
}

/* The SELECT at `at`, the shortest that a UNION repeats: its end, and that of the repetitions. */
static size_t repeated_select(slice s, size_t at, size_t *select_end, slice *joint)
{
    size_t begin = at + strlen("select ");
    if (!is_edge(s, at) || !has_at(s, at, "select ")) {
        return at;
    }
    for (size_t i = begin; i < s.n; i++) {
        slice same = slice_of(s.p + at, i - at);
        size_t end = repeated(s, i, same, joint);
        if (end == i) {
            continue;
        }
        for (size_t next; (next = repeated(s, end, same, joint)) > end;) {
            end = next;
        }
        *select_end = i;
        return end;
    }
    return at;
}

static void collapse_unions(slice s, buf *out)
{
    for (size_t i = 0; i < s.n;) {
        size_t end;
        slice joint;
        size_t behind = repeated_select(s, i, &end, &joint);
        if (behind == i) {
            buf_add_char(out, s.p[i++]);
            continue;
        }
        buf_add(out, slice_of(s.p + i, end - i));
        buf_add_text(out, " /*repeat");
        buf_add(out, joint);
        buf_add_text(out, "*/");
        i = behind;
    }
}

/* --- the end of the statement
 * --------------------------------------------------------------------- */

/* The first LIMIT loses its offset. */
static void shorten_limit(text *t)
{
    slice s = slice_of(t->p, t->n);
    static const char *const tails[] = {", ?", ",?", " offset ?"};
    for (size_t i = 0; i < s.n; i++) {
        size_t end = i + strlen("limit ?");
        if (!is_edge(s, i) || !has_at(s, i, "limit ?")) {
            continue;
        }
        for (size_t k = 0; k < sizeof tails / sizeof *tails; k++) {
            if (has_at(s, end, tails[k])) {
                size_t n = strlen(tails[k]);
                memmove(t->p + end, t->p + end + n, t->n - end - n);
                t->n -= n;
                return;
            }
        }
        return;
    }
}

/* Behind the first ORDER BY, each " asc" that something stands in front of goes. */
static void drop_asc(text *t)
{
    slice s = slice_of(t->p, t->n);
    size_t at = 0;
    while (at < s.n && !(is_edge(s, at) && has_at(s, at, "order by "))) {
        at++;
    }
    size_t from = at + strlen("order by ");
    if (at == s.n) {
        return;
    }
    size_t n = from;
    for (size_t i = from; i < s.n;) {
        if (i > from && has_at(s, i, " asc")) {
            i += strlen(" asc");
            from = i;
        } else {
            t->p[n++] = t->p[i++];
        }
    }
    t->n = n;
}

/* "use shop", and nothing else. */
static bool is_use(slice s)
{
    s.n -= s.n > 0 && s.p[s.n - 1] == '\n';
    size_t n = strlen("use ");
    if (!has_at(s, 0, "use ") || s.n == n) {
        return false;
    }
    while (n < s.n && !is_blank(s.p[n])) {
        n++;
    }
    return n == s.n;
}

static void abstract(text *t)
{
    static const struct {
        finder *find;
        const char *with;
    } rules[] = {{truth, "?"}, {number, "?"}, {prefixed, "?"}};
    drop_escaped(t, '\'');
    drop_escaped(t, '"');
    replace(t, two_backslashes, "");
    replace(t, escaped_quote, "");
    replace_literals(t, '"');
    replace_literals(t, '\'');
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        replace(t, rules[i].find, rules[i].with);
    }
    squeeze(t);
    replace(t, null_word, "?");
}

static void finish(text *t, buf *out)
{
    buf lists;
    buf unions;
    buf_init(&lists, (size_t)FOREIGN_STATEMENT_MAX * 2);
    buf_init(&unions, (size_t)FOREIGN_STATEMENT_MAX * 2);
    collapse_lists(slice_of(t->p, t->n), &lists);
    collapse_unions(buf_slice(&lists), &unions);
    text last = {unions.p, unions.n};
    if (unions.p != NULL) {
        shorten_limit(&last);
        drop_asc(&last);
        buf_add(out, slice_of(last.p, last.n));
    }
    out->failed = out->failed || lists.failed || unions.failed;
    buf_free(&lists);
    buf_free(&unions);
}

static bool fingerprint(slice statement, buf *out)
{
    if (slice_starts_with(statement, SLICE("# administrator "))) {
        statement = slice_skip(statement, 2); /* as the tool's own parser hands it on */
    }
    if (of_its_own(statement, out)) {
        return true;
    }
    slice s = first_row(statement);
    char *copy = malloc(s.n + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, s.p, s.n);
    text t = {copy, s.n};
    replace(&t, block_comment, "");
    replace(&t, line_comment, "");
    if (is_use(slice_of(t.p, t.n))) {
        buf_add_text(out, "use ?");
    } else {
        abstract(&t);
        finish(&t, out);
    }
    free(copy);
    return true;
}

const foreign_tool pt_tool = {.name = "pt", .fingerprint = fingerprint, .digits = 32};
