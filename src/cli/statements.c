/* statements.c - see statements.h. */
#include "cli/statements.h"

enum { HEAD_BYTES = 64 * 1024, READ_BYTES = 256 * 1024 };

/* --- what separates ---------------------------------------------------------------------- */

/* Whether a line ends in ";", as scripts have it. */
static bool reads_like_a_script(slice head)
{
    for (size_t i = 0; i < head.n; i++) {
        if (head.p[i] != ';') {
            continue;
        }
        size_t k = i + 1;
        while (k < head.n && (head.p[k] == ' ' || head.p[k] == '\t' || head.p[k] == '\r')) {
            k++;
        }
        if (k == head.n || head.p[k] == '\n') {
            return true;
        }
    }
    return false;
}

/* Some editors begin a file with U+FEFF, which would be part of the first word. */
static bool skip_byte_order_mark(input *in, slice head, status *st)
{
    char mark[3];
    size_t got;
    return !slice_starts_with(head, SLICE("\xef\xbb\xbf")) ||
           input_read(in, mark, sizeof mark, &got, st);
}

bool statements_open(statements *s, const sql_dialect *dialect, bool by_nul, status *st)
{
    slice head;
    *s = (statements){.dialect = dialect};
    buf_init(&s->text, STATEMENT_MAX + READ_BYTES);
    if (!input_open(&s->in, "-", -1, st) || !input_peek(&s->in, HEAD_BYTES, &head, st)) {
        return false;
    }
    bool script = dialect != NULL && reads_like_a_script(head);
    s->separator = by_nul ? SEPARATOR_NUL : script ? SEPARATOR_SEMICOLON : SEPARATOR_LINE;
    return skip_byte_order_mark(&s->in, head, st);
}

void statements_close(statements *s)
{
    input_close(&s->in);
    buf_free(&s->text);
}

/* The place of the separator in `text`; its end where there is none. */
static size_t find_separator(const statements *s, slice text)
{
    if (s->separator != SEPARATOR_SEMICOLON) {
        const char *at = memchr(text.p, s->separator == SEPARATOR_NUL ? '\0' : '\n', text.n);
        return at != NULL ? (size_t)(at - text.p) : text.n;
    }
    sql_lexer lexer = {.at = text.p, .end = text.p + text.n, .dialect = s->dialect};
    sql_token token;
    for (;;) {
        sql_token_kind kind = sql_lexer_next(&lexer, false, &token);
        if (kind == TOKEN_SEMICOLON || kind == TOKEN_END) {
            return kind == TOKEN_END ? text.n : (size_t)(token.text.p - text.p);
        }
    }
}

/* --- reading ------------------------------------------------------------------------------- */

/* Reads more behind what there is, twice as much each time, so that looking for the separator
 * again from the statement's start stays linear. False at the end and on a failure. */
static bool read_more(statements *s, status *st)
{
    size_t kept = s->text.n - s->at;
    if (s->at > 0) {
        memmove(s->text.p, s->text.p + s->at, kept);
        buf_truncate(&s->text, kept);
        s->at = 0;
    }
    size_t want = kept < READ_BYTES ? READ_BYTES : kept;
    size_t room = s->text.max - kept;
    size_t got = 0;
    size_t before = s->text.n;
    want = want < room ? want : room;
    if (!buf_reserve(&s->text, want)) {
        return status_no_memory(st);
    }
    while (s->text.n - before < want &&
           input_read(&s->in, s->text.p + s->text.n, want - (s->text.n - before), &got, st) &&
           got > 0) {
        s->text.n += got;
    }
    return s->text.n > before;
}

/* Takes what stands before the next separator, and the separator. False at the end. */
static bool take(statements *s, slice *statement, bool *whole, status *st)
{
    for (;;) {
        slice rest = slice_skip(buf_slice(&s->text), s->at);
        size_t n = find_separator(s, rest);
        bool found = n < rest.n;
        if (!found && rest.n < STATEMENT_MAX && read_more(s, st)) {
            continue;
        }
        if (st->code != STATUS_OK || rest.n == 0) {
            return false;
        }
        *whole = found || rest.n < STATEMENT_MAX;
        *statement = slice_take(rest, n);
        s->at += n + found;
        return true;
    }
}

bool statements_next(statements *s, slice *statement, bool *truncated, status *st)
{
    bool whole;
    while (take(s, statement, &whole, st)) {
        bool rest_of_a_longer = s->skipping;
        s->skipping = !whole;
        *statement = slice_trim(*statement);
        if (!rest_of_a_longer && (statement->n > 0 || s->separator == SEPARATOR_NUL)) {
            *truncated = !whole;
            return true;
        }
    }
    return false;
}
