/* shell.c - see shell.h. */
#include "parsers/mongodb/shell.h"

enum { NESTED_MAX = 128 };

typedef struct taker {
    const char *p, *end;
    buf *json;
    unsigned depth;
    bool broken; /* the end is missing */
} taker;

static void skip_blanks(taker *t)
{
    while (t->p < t->end && (*t->p == ' ' || *t->p == '\t')) {
        t->p++;
    }
}

static char at(const taker *t, size_t ahead)
{
    return (size_t)(t->end - t->p) > ahead ? t->p[ahead] : '\0';
}

/* --- strings
 * ---------------------------------------------------------------------------------------- */

static void put_control(buf *json, char c)
{
    buf_printf(json, "\\u%04x", (unsigned)(unsigned char)c);
}

void shell_quote(slice text, buf *json)
{
    buf_add_char(json, '"');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((unsigned char)c < 0x20) {
            put_control(json, c);
            continue;
        }
        if (c == '"' || c == '\\') {
            buf_add_char(json, '\\');
        }
        buf_add_char(json, c);
    }
    buf_add_char(json, '"');
}

/* Whether the quote at p ends its string: servers up to 2.6 left those within it as they were. */
static bool ends_string(const char *p, const char *end)
{
    const char *after = p + 1;
    if (after == end || *after == ',' || *after == ':' || *after == ')' || *after == '}' ||
        *after == ']') {
        return true;
    }
    return *after == ' ' && (after + 1 == end || after[1] == '}' || after[1] == ']');
}

static void take_escape(taker *t)
{
    char next = at(t, 1);
    if (next != '\0' && strchr("\"\\/bfnrt", next) != NULL) {
        buf_add(t->json, slice_of(t->p, 2));
        t->p += 2;
        return;
    }
    buf_add_text(t->json, "\\\\");
    t->p++;
}

static void take_string(taker *t)
{
    buf_add_char(t->json, '"');
    for (t->p++; t->p < t->end && (*t->p != '"' || !ends_string(t->p, t->end));) {
        if (*t->p == '\\') {
            take_escape(t);
            continue;
        }
        if (*t->p == '"') {
            buf_add_char(t->json, '\\');
        }
        if ((unsigned char)*t->p < 0x20) {
            put_control(t->json, *t->p);
        } else {
            buf_add_char(t->json, *t->p);
        }
        t->p++;
    }
    buf_add_char(t->json, '"');
    t->broken = t->broken || t->p == t->end;
    t->p += t->p < t->end;
}

/* --- other values
 * -------------------------------------------------------------------------------------- */

static void take_regex(taker *t)
{
    const char *from = ++t->p;
    while (t->p < t->end && *t->p != '/') {
        t->p += *t->p == '\\' && t->p + 1 < t->end ? 2 : 1;
    }
    slice pattern = slice_between(from, t->p);
    t->broken = t->broken || t->p == t->end;
    t->p += t->p < t->end;
    from = t->p;
    while (t->p < t->end && *t->p >= 'a' && *t->p <= 'z') {
        t->p++;
    }
    buf_add_text(t->json, "{\"$regularExpression\":{\"pattern\":");
    shell_quote(pattern, t->json);
    buf_add_text(t->json, ",\"options\":");
    shell_quote(slice_between(from, t->p), t->json);
    buf_add_text(t->json, "}}");
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '.' || c == '-' || c == '+' || c == '|';
}

/* The text within the brackets at the front, without its quotes; empty where there are none. */
static slice take_arguments(taker *t)
{
    if (at(t, 0) != '(') {
        return SLICE("");
    }
    const char *from = ++t->p;
    while (t->p < t->end && *t->p != ')') {
        t->p++;
    }
    slice inner = slice_between(from, t->p);
    t->broken = t->broken || t->p == t->end;
    t->p += t->p < t->end;
    bool quoted = inner.n >= 2 && (inner.p[0] == '\'' || inner.p[0] == '"') &&
                  inner.p[inner.n - 1] == inner.p[0];
    return quoted ? slice_of(inner.p + 1, inner.n - 2) : inner;
}

typedef struct constructor {
    const char *word;
    const char *wrapper;
} constructor;

static const constructor constructors[] = {
    {"ObjectId", "$oid"},
    {"Date", "$date"},
    {"ISODate", "$date"},
    {"UUID", "$uuid"},
    {"NumberLong", "$numberLong"},
    {"NumberInt", "$numberInt"},
    {"NumberDecimal", "$numberDecimal"},
    {"BinData", "$binary"},
    {"Timestamp", "$timestamp"},
    {"MinKey", "$minKey"},
    {"MaxKey", "$maxKey"},
    {"undefined", "$undefined"},
    {"DBRef", "$dbPointer"},
    {"Code", "$code"},
    {"nan", "$numberDouble"},
    {"NaN", "$numberDouble"},
    {"inf", "$numberDouble"},
    {"-inf", "$numberDouble"},
    {"Infinity", "$numberDouble"},
    {"-Infinity", "$numberDouble"},
};

static bool take_constructor(taker *t, slice word)
{
    for (size_t i = 0; i < sizeof constructors / sizeof *constructors; i++) {
        if (!slice_is(word, constructors[i].word)) {
            continue;
        }
        slice argument = take_arguments(t);
        /* Old servers write Timestamp 1000|0. */
        if (argument.n == 0 && slice_is(word, "Timestamp")) {
            skip_blanks(t);
            const char *from = t->p;
            while (is_word(at(t, 0))) {
                t->p++;
            }
            argument = slice_between(from, t->p);
        }
        buf_printf(t->json, "{\"%s\":", constructors[i].wrapper);
        shell_quote(argument.n > 0 ? argument : word, t->json);
        buf_add_char(t->json, '}');
        return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12", "-1.5", "1e+06": what JSON takes for a number as well. */
static bool is_number(slice word)
{
    size_t i = word.n > 0 && word.p[0] == '-';
    size_t digits = i;
    while (i < word.n && is_digit(word.p[i])) {
        i++;
    }
    if (i == digits || (word.p[digits] == '0' && i > digits + 1)) {
        return false;
    }
    if (i + 1 < word.n && word.p[i] == '.' && is_digit(word.p[i + 1])) {
        for (i++; i < word.n && is_digit(word.p[i]); i++) {
        }
    }
    if (i + 2 < word.n && word.p[i] == 'e') {
        i++;
        i += word.p[i] == '-' || word.p[i] == '+';
        digits = i;
        while (i < word.n && is_digit(word.p[i])) {
            i++;
        }
        return i == word.n && i > digits;
    }
    return i == word.n;
}

static slice take_word(taker *t)
{
    const char *from = t->p;
    while (is_word(at(t, 0))) {
        t->p++;
    }
    return slice_between(from, t->p);
}

static void take_bare(taker *t)
{
    slice word = take_word(t);
    if (slice_is(word, "new")) {
        skip_blanks(t);
        word = take_word(t);
    }
    bool literal = slice_is(word, "true") || slice_is(word, "false") || slice_is(word, "null");
    if (literal || is_number(word)) {
        buf_add(t->json, word);
        return;
    }
    if (take_constructor(t, word)) {
        return;
    }
    /* A function's code, or damage: up to what separates. */
    const char *from = word.p;
    while (t->p < t->end && *t->p != ',' && *t->p != '}' && *t->p != ']') {
        t->p++;
    }
    shell_quote(slice_trim(slice_between(from, t->p)), t->json);
}

/* --- documents
 * ---------------------------------------------------------------------------------------------- */

static void take_value(taker *t);

/* "...", where the server left out the rest, and "..........", where it left out the middle. */
static bool is_gap(const taker *t)
{
    return at(t, 0) == '.' && at(t, 1) == '.' && at(t, 2) == '.';
}

static bool take_name(taker *t)
{
    if (at(t, 0) == '"') {
        take_string(t);
        skip_blanks(t);
    } else {
        const char *from = t->p;
        while (t->p < t->end && *t->p != ':' && *t->p != '{' && *t->p != '}' && *t->p != '"') {
            t->p++;
        }
        shell_quote(slice_between(from, t->p), t->json);
    }
    if (at(t, 0) != ':') {
        buf_add_text(t->json, ":null");
        return false;
    }
    buf_add_char(t->json, ':');
    t->p++;
    return true;
}

static void take_members(taker *t, char closing)
{
    const char *comma = "";
    for (t->p++;; t->p += at(t, 0) == ',') {
        skip_blanks(t);
        if (at(t, 0) == closing || t->p == t->end || is_gap(t) || t->broken) {
            break;
        }
        buf_add_text(t->json, comma);
        comma = ",";
        if (closing == '}' && !take_name(t)) {
            t->broken = true;
            break;
        }
        take_value(t);
        skip_blanks(t);
        if (at(t, 0) != ',' && at(t, 0) != closing) {
            t->broken = !is_gap(t) || t->p == t->end;
            break;
        }
    }
    /* "{ ... }": the whole is there as far as it was to be shown. */
    while (is_gap(t)) {
        t->p += 3;
        skip_blanks(t);
    }
    t->broken = t->broken || at(t, 0) != closing;
    t->p += !t->broken;
}

static void take_value(taker *t)
{
    skip_blanks(t);
    char c = at(t, 0);
    if ((c == '{' || c == '[') && t->depth < NESTED_MAX) {
        t->depth++;
        buf_add_char(t->json, c);
        take_members(t, c == '{' ? '}' : ']');
        buf_add_char(t->json, c == '{' ? '}' : ']');
        t->depth--;
    } else if (c == '"') {
        take_string(t);
    } else if (c == '/') {
        take_regex(t);
    } else if (t->p == t->end || is_gap(t) || c == '{' || c == '[') {
        buf_add_text(t->json, "null");
        t->broken = true;
    } else {
        take_bare(t);
    }
}

bool shell_take(slice *in, buf *json)
{
    taker t = {.p = in->p, .end = in->p + in->n, .json = json};
    take_value(&t);
    *in = slice_between(t.p, t.end);
    return !t.broken && !json->failed;
}
