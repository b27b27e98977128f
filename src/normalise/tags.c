/* tags.c - see tags.h. */
#include "normalise/tags.h"

typedef struct tag_list {
    arena *arena;
    sql_tag *tags;
    size_t n;
} tag_list;

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '%';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX and \x become one byte each; a `%` without two digits is itself. */
static bool decode(arena *a, slice text, slice *out)
{
    char *to = arena_alloc(a, text.n + 1);
    if (to == NULL) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%' && text.n - i > 2) {
            int high = hex_digit(text.p[i + 1]);
            int low = hex_digit(text.p[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(high * 16 + low);
                i += 2;
            }
        } else if (c == '\\' && text.n - i > 1) {
            c = text.p[++i];
        }
        to[n++] = c;
    }
    to[n] = '\0';
    *out = slice_of(to, n);
    return true;
}

static bool is_known(const tag_list *list, slice key)
{
    for (size_t i = 0; i < list->n; i++) {
        if (slice_equal(list->tags[i].key, key)) {
            return true;
        }
    }
    return false;
}

static bool add(tag_list *list, slice key, slice value, bool encoded)
{
    sql_tag tag;
    bool ok = encoded ? decode(list->arena, key, &tag.key) && decode(list->arena, value, &tag.value)
                      : arena_copy(list->arena, key, &tag.key) &&
                            arena_copy(list->arena, value, &tag.value);
    if (!ok) {
        return false;
    }
    if (tag.key.n > 0 && tag.value.n > 0 && list->n < SQL_TAGS_MAX && !is_known(list, tag.key)) {
        list->tags[list->n++] = tag;
    }
    return true;
}

static slice take_key(slice *rest)
{
    size_t n = 0;
    while (n < rest->n && is_key_byte(rest->p[n])) {
        n++;
    }
    slice key = slice_take(*rest, n);
    *rest = slice_skip(*rest, n);
    return key;
}

/* Up to the quote that closes; false where none does. rest->p stands on the opening one. */
static bool take_quoted(slice *rest, slice *value)
{
    for (size_t i = 1; i < rest->n; i++) {
        if (rest->p[i] == '\\') {
            i++;
        } else if (rest->p[i] == '\'') {
            *value = slice_of(rest->p + 1, i - 1);
            *rest = slice_trim(slice_skip(*rest, i + 1));
            return true;
        }
    }
    return false;
}

static slice take_plain(slice *rest)
{
    const char *comma = rest->n > 0 ? memchr(rest->p, ',', rest->n) : NULL;
    size_t n = comma != NULL ? (size_t)(comma - rest->p) : rest->n;
    slice value = slice_trim(slice_take(*rest, n));
    *rest = slice_skip(*rest, n);
    return value;
}

/* One key and value from the front of *rest, up to the comma. False where it is none. */
static bool take_tag(tag_list *list, slice *rest)
{
    slice key = take_key(rest);
    if (key.n == 0 || rest->n < 2 || (*rest->p != '=' && *rest->p != ':')) {
        return false;
    }
    bool equals = *rest->p == '=';
    *rest = slice_skip(*rest, 1);
    if (*rest->p == ' ') {
        return false; /* prose: like this */
    }
    slice value;
    if (equals && *rest->p == '\'') {
        return take_quoted(rest, &value) && (rest->n == 0 || *rest->p == ',') &&
               add(list, key, value, true);
    }
    value = take_plain(rest);
    return add(list, key, value, false);
}

static void read_comment(tag_list *list, slice content)
{
    size_t before = list->n;
    slice rest = slice_trim(content);
    while (rest.n > 0) {
        if (!take_tag(list, &rest)) {
            list->n = before;
            return;
        }
        rest = slice_trim(slice_skip(rest, 1));
    }
}

/* Between two tokens there is nothing but white space and comments. */
static void read_gap(tag_list *list, const char *p, const char *end)
{
    while (p < end) {
        if (*p == '-' || *p == '#') {
            const char *line_end = memchr(p, '\n', (size_t)(end - p));
            p = line_end != NULL ? line_end : end;
        } else if (end - p > 1 && p[0] == '/' && p[1] == '*') {
            const char *content = p + 2;
            for (p = content; p < end && !(*p == '*' && end - p > 1 && p[1] == '/'); p++) {
            }
            bool hint = content < end && (*content == '+' || *content == '!');
            if (p < end && !hint) {
                read_comment(list, slice_between(content, p));
            }
        } else {
            p++;
        }
    }
}

static bool has_comment(slice statement)
{
    const char *p = statement.p;
    const char *end = p + statement.n;
    while (p < end && (p = memchr(p, '*', (size_t)(end - p))) != NULL) {
        if (p > statement.p && p[-1] == '/') {
            return true;
        }
        p++;
    }
    return false;
}

size_t sql_tags_read(const sql_dialect *dialect, slice statement, arena *a,
                     sql_tag tags[SQL_TAGS_MAX])
{
    tag_list list = {.arena = a, .tags = tags, .n = 0};
    if (!has_comment(statement)) {
        return 0;
    }
    sql_lexer lexer = {statement.p, statement.p + statement.n, dialect, false};
    sql_token t;
    do {
        const char *gap = lexer.at;
        sql_lexer_next(&lexer, true, &t);
        read_gap(&list, gap, t.text.p);
    } while (t.kind != TOKEN_END);
    return list.n;
}
