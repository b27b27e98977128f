/* pseudonyms.c - see pseudonyms.h. */
#include "normalise/pseudonyms.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/assets.h"
#include "base/hash.h"
#include "base/keyed_hash.h"

enum { NAMES_MAX_BYTES = 256 * 1024 * 1024, FIRST_SLOTS = 8192, WORD_MAX = 64, DIGITS = 10 };

/* The sections of words.txt, and the names of tables. */
enum word_class {
    WORD_KEYWORD = 1,
    WORD_FUNCTION = 2, /* stays in front of a bracket */
    WORD_CATALOGUE =
        4, /* the engine's own schemas, tables and views, and what stands behind their dot */
    WORD_PLAN = 8,
    WORD_MESSAGE = 16,
    WORD_OPERATOR = 32, /* $match */
    WORD_MEMBER = 64,   /* of a command's document */
    WORD_TYPE = 128,    /* of a value: ?string */
    WORD_SETTING = 256, /* of the engine, and other names that it gives */
    WORD_TABLE = 512
};

typedef struct word {
    slice text;
    unsigned classes; /* enum word_class */
} word;

struct pseudonyms {
    hash_key key;
    arena arena;
    word *words; /* open addressing */
    uint32_t n, cap;
};

/* --- words ------------------------------------------------------------------------------------ */

static word *word_slot(word *words, uint32_t cap, slice text)
{
    uint32_t at = (uint32_t)hash_bytes(text) & (cap - 1);
    while (words[at].classes != 0 && !slice_equal(words[at].text, text)) {
        at = (at + 1) & (cap - 1);
    }
    return &words[at];
}

static bool grow(pseudonyms *p)
{
    uint32_t cap = p->cap == 0 ? FIRST_SLOTS : p->cap * 2;
    word *words = arena_calloc(&p->arena, cap, sizeof *words);
    if (words == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < p->cap; i++) {
        if (p->words[i].classes != 0) {
            *word_slot(words, cap, p->words[i].text) = p->words[i];
        }
    }
    p->words = words;
    p->cap = cap;
    return true;
}

static bool add_word(pseudonyms *p, slice text, unsigned class)
{
    if (p->n * 2 >= p->cap && !grow(p)) {
        return false;
    }
    word *w = word_slot(p->words, p->cap, text);
    if (w->classes == 0) {
        if (!arena_copy(&p->arena, text, &w->text)) {
            return false;
        }
        p->n++;
    }
    w->classes |= class;
    return true;
}

static unsigned classes_of(const pseudonyms *p, slice text)
{
    return word_slot(p->words, p->cap, text)->classes;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The same whatever its case. */
static unsigned classes_of_folded(const pseudonyms *p, slice text)
{
    char folded[WORD_MAX];
    if (text.n > sizeof folded) {
        return 0;
    }
    for (size_t i = 0; i < text.n; i++) {
        folded[i] = lower(text.p[i]);
    }
    return classes_of(p, slice_of(folded, text.n)) & ~(unsigned)WORD_TABLE;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

static bool read_words(pseudonyms *p, slice file)
{
    static const struct {
        const char *section;
        unsigned class;
    } sections[] = {
        {"[keyword]", WORD_KEYWORD}, {"[function]", WORD_FUNCTION}, {"[catalogue]", WORD_CATALOGUE},
        {"[plan]", WORD_PLAN},       {"[message]", WORD_MESSAGE},   {"[operator]", WORD_OPERATOR},
        {"[member]", WORD_MEMBER},   {"[type]", WORD_TYPE},         {"[setting]", WORD_SETTING}};
    unsigned class = 0; /* 0: of the comment at the top */
    while ((file = slice_trim(file)).n > 0) {
        size_t n = 0;
        while (n < file.n && !is_blank(file.p[n])) {
            n++;
        }
        slice text = slice_take(file, n);
        file = slice_skip(file, n);
        unsigned section = 0;
        for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
            section = slice_is(text, sections[i].section) ? sections[i].class : section;
        }
        class = section != 0 ? section : class;
        if (section == 0 && class != 0 && !add_word(p, text, class)) {
            return false;
        }
    }
    return true;
}

bool pseudonyms_new(slice key, pseudonyms **out, status *st)
{
    slice file;
    if (!asset_find(SLICE("words.txt"), &file)) {
        return status_fail(st, STATUS_BUG, "words.txt is missing from the program");
    }
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return status_no_memory(st);
    }
    (*out)->key = hash_key_of(key);
    arena_init(&(*out)->arena, NAMES_MAX_BYTES);
    return read_words(*out, file) || status_no_memory(st);
}

void pseudonyms_free(pseudonyms *p)
{
    if (p != NULL) {
        arena_free(&p->arena);
        free(p);
    }
}

/* --- one name --------------------------------------------------------------------------------- */

static void add_digits(const pseudonyms *p, slice name, buf *out)
{
    char digits[2 * sizeof(uint64_t) + 1];
    uint64_t hash = keyed_hash(&p->key, name);
    for (size_t i = 0; i < DIGITS; i++) {
        digits[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    }
    buf_add_char(out, '_');
    buf_add(out, slice_of(digits, DIGITS));
}

void pseudonym_of_name(const pseudonyms *p, slice kind, slice name, buf *out)
{
    if (name.n > 0) {
        buf_add(out, kind);
        add_digits(p, name, out);
    }
}

uint64_t pseudonym_of_id(const pseudonyms *p, uint64_t id)
{
    char bytes[sizeof id]; /* the same on every machine */
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(id >> (56 - 8 * i) & 255);
    }
    return id == 0 ? 0 : keyed_hash(&p->key, slice_of(bytes, sizeof bytes));
}

/* --- texts ------------------------------------------------------------------------------------ */

/* A text while it is rewritten. */
typedef struct reading {
    const pseudonyms *p;
    text_kind kind;
    const char *at, *end;
    bool in_catalogue; /* what stands in front is the engine's own schema, and a dot */
    buf *out;
} reading;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* The mark of a text that was cut. */
static bool at_ellipsis(const reading *r)
{
    return slice_starts_with(slice_between(r->at, r->end), SLICE("…"));
}

/* A column's place, a parameter $1: numbers that are no values. */
static bool is_short_number(slice text)
{
    enum { SHORT_NUMBER = 3 };
    text = slice_skip(text, text.n > 1 && text.p[0] == '$');
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i])) {
            return false;
        }
    }
    return text.n > 0 && text.n <= SHORT_NUMBER;
}

static bool is_capital(slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '_' && !(text.p[i] >= 'A' && text.p[i] <= 'Z')) {
            return false;
        }
    }
    return true;
}

static bool follows(const reading *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static void add_name(reading *r, slice name)
{
    bool table = (classes_of(r->p, name) & WORD_TABLE) != 0;
    pseudonym_of_name(r->p, table ? SLICE("table") : SLICE("name"), name, r->out);
}

/* A keyword in capitals is one whatever tables are called. */
static bool is_keyword(const reading *r, slice text, unsigned classes)
{
    bool table = (classes_of(r->p, text) & WORD_TABLE) != 0;
    return (classes & WORD_KEYWORD) != 0 && (is_capital(text) || !table);
}

/* Whether a word is the engine's. */
static bool stays(const reading *r, slice text)
{
    static const unsigned kept[TEXT_KINDS] = {
        [TEXT_DOCUMENT] = WORD_MEMBER,
        [TEXT_PLAN] = WORD_PLAN | WORD_CATALOGUE,
        [TEXT_MESSAGE] = WORD_MESSAGE | WORD_KEYWORD | WORD_CATALOGUE | WORD_SETTING,
    };
    unsigned classes = classes_of_folded(r->p, text);
    if (is_short_number(text) || r->in_catalogue) {
        return true;
    }
    if (r->kind == TEXT_STATEMENT) {
        return (classes & (WORD_CATALOGUE | WORD_SETTING)) != 0 || is_keyword(r, text, classes) ||
               ((classes & WORD_FUNCTION) != 0 && follows(r, '('));
    }
    return (classes & kept[r->kind]) != 0 && (classes_of(r->p, text) & WORD_TABLE) == 0;
}

static void take_word(reading *r)
{
    const char *from = r->at;
    r->in_catalogue = r->in_catalogue && from[-1] == '.';
    while (r->at < r->end && is_word(*r->at) && !at_ellipsis(r)) {
        r->at++;
    }
    slice text = slice_between(from, r->at);
    if (stays(r, text)) {
        buf_add(r->out, text);
    } else {
        add_name(r, text);
    }
    unsigned classes = classes_of_folded(r->p, text);
    r->in_catalogue = (classes & WORD_CATALOGUE) != 0 && follows(r, '.');
}

/* Up to the quote's end, or the text's. */
static slice take_quoted(reading *r)
{
    char quote = *r->at++;
    const char *from = r->at;
    bool escapes = r->kind == TEXT_DOCUMENT;
    while (r->at < r->end) {
        if (*r->at == quote && !(r->end - r->at > 1 && r->at[1] == quote && !escapes)) {
            break;
        }
        bool two = (*r->at == quote || (escapes && *r->at == '\\')) && r->end - r->at > 1;
        r->at += two ? 2 : 1;
    }
    slice text = slice_between(from, r->at);
    r->at += r->at < r->end;
    return text;
}

/* ?string, ?array<?number>. */
static bool is_type(const reading *r, slice text)
{
    const char *end = text.p + text.n;
    for (const char *at = text.p; at < end;) {
        const char *from = at;
        while (at < end && lower(*at) >= 'a' && lower(*at) <= 'z') {
            at++;
        }
        if (at > from && (classes_of_folded(r->p, slice_between(from, at)) & WORD_TYPE) == 0) {
            return false;
        }
        if (at < end && strchr("?<>^$", *at) == NULL) {
            return false;
        }
        at += at < end;
    }
    return text.n > 0 && text.p[0] == '?';
}

/* A string of a document: a path of fields, an operator, a member of the command, a value's type.
 */
static void take_string(reading *r)
{
    slice text = take_quoted(r);
    buf_add_char(r->out, '"');
    if (is_type(r, text) || (classes_of_folded(r->p, text) & (WORD_OPERATOR | WORD_MEMBER)) != 0) {
        buf_add(r->out, text);
    } else {
        while (text.n > 0) {
            const char *dot = memchr(text.p, '.', text.n);
            slice part = dot != NULL ? slice_between(text.p, dot) : text;
            text = slice_skip(text, part.n + 1);
            while (part.n > 0 && part.p[0] == '$') {
                buf_add_char(r->out, '$');
                part = slice_skip(part, 1);
            }
            if (is_short_number(part) || slice_is(part, "*") || slice_is(part, "_id")) {
                buf_add(r->out, part);
            } else {
                add_name(r, part);
            }
            buf_add_text(r->out, dot != NULL ? "." : "");
        }
    }
    buf_add_char(r->out, '"');
}

void pseudonym_of_text(const pseudonyms *p, text_kind kind, slice text, buf *out)
{
    reading r = {.p = p, .kind = kind, .at = text.p, .end = text.p + text.n, .out = out};
    while (r.at < r.end) {
        char c = *r.at;
        if (kind == TEXT_DOCUMENT && c == '"') {
            take_string(&r);
        } else if (c == '"' || c == '`' || (c == '\'' && kind != TEXT_MESSAGE)) {
            add_name(&r, take_quoted(&r));
        } else if (at_ellipsis(&r)) {
            buf_add(out, SLICE("…"));
            r.at += strlen("…");
        } else if (is_word(c)) {
            take_word(&r);
        } else {
            buf_add_char(out, c);
            r.at++;
        }
    }
}

bool pseudonyms_add_table(pseudonyms *p, slice name)
{
    reading r = {.p = p, .at = name.p, .end = name.p + name.n};
    slice last = SLICE("");
    while (r.at < r.end) {
        const char *from = r.at;
        if (*r.at == '"' || *r.at == '`') {
            last = take_quoted(&r);
            continue;
        }
        while (r.at < r.end && is_word(*r.at)) {
            r.at++;
        }
        last = r.at > from ? slice_between(from, r.at) : last;
        r.at += r.at == from;
    }
    return last.n == 0 || add_word(p, last, WORD_TABLE);
}
