/* sql.c - which SQL statements are the same query. Tokens come from sql_lexer.h.
 *
 * The rules are written out in fingerprint.md, and numbered there. They look only at what the
 * normalised text keeps, so that the text is itself a statement that gives the same text and the
 * same fingerprint; so `?` after a value, PostgreSQL's operator, is the same token as the
 * placeholder. Not here: what a statement does (facts.h), tags in comments (tags.h). */
#include "normalise/sql.h"

#include "normalise/foreign_ids.h"

#include "normalise/outline.h"
#include "normalise/sql_keywords.h"
#include "normalise/sql_lexer.h"

enum { FRAMES_MAX = 64, SHAPES_KEPT = 4, GENERATED_NAME_MAX = 64, RECENT = 8 };

/* Out of the way of the tokens that every statement has. */
#define RARE __attribute__((cold, noinline))

/* What stands in front of the next token. */
typedef enum left_side {
    LEFT_START,
    LEFT_KEYWORD,
    LEFT_NAME, /* also a keyword that is a value */
    LEFT_TYPE, /* a type's name, which a literal may follow */
    LEFT_LITERAL,
    LEFT_OPERATOR,
    LEFT_OPEN,
    LEFT_CLOSE,
    LEFT_COMMA,
    LEFT_DOT,
    LEFT_CAST,
    LEFT_SEMICOLON
} __attribute__((packed)) left_side; /* a byte: four fields are written at once */

/* Where in a statement a word means more than itself. */
typedef enum position {
    AT_START,
    AT_BODY,
    AT_CTE,                   /* after WITH: the verb is to come */
    AT_KIND,                  /* after CREATE, ALTER, DROP: of what */
    AT_TRANSACTION,           /* after BEGIN, COMMIT, ROLLBACK */
    AT_NAME_AFTER_NOISE_WORD, /* a generated name, perhaps after one word more */
    AT_NAME,
    AT_FETCH,
    AT_SET,
    AT_SET_VALUE,
    AT_SET_END
} position;

typedef enum frame_kind {
    FRAME_PLAIN, /* the statement itself, and brackets whose commas count */
    FRAME_CAST,  /* CAST( … up to its AS */
    FRAME_LIST,  /* IN ( … ), ARRAY[ … ] */
    FRAME_ROWS,  /* the rows after VALUES: no bracket of its own */
    FRAME_ROW
} frame_kind;

/* A place in the token sequence, to go back to. */
typedef struct mark {
    uint64_t hash;
    size_t text; /* length */
    unsigned tokens;
    left_side left;
    keyword word;
    bool after_sign;
    bool literal_only;
} mark;

/* One open bracket. Within an element of a list or rows the running hash starts afresh;
 * `kept` is the hash up to there, and takes in the element's when that stays. */
typedef struct frame {
    frame_kind kind;
    bool square;
    bool literal_only; /* the element, or the whole of a plain frame, so far */
    bool all_literal;  /* the elements before it */
    bool in_type;      /* after :: */
    bool operand;      /* its bracket stands where an operand begins */
    bool typed;        /* its bracket holds the modifiers of the type at `type` */
    unsigned casts;    /* CAST( whose end is still to come: it is not written */
    unsigned shapes;
    uint64_t shape[SHAPES_KEPT];
    uint64_t kept;
    size_t element; /* text length in front of the element and its comma */
    mark opened;    /* in front of the bracket */
    mark type;
} frame;

typedef struct normalising {
    uint64_t hash;
    buf *text; /* or NULL */
    left_side left;
    keyword word; /* the keyword that `left` is */
    bool after_string;
    bool after_sign;
    bool semicolon; /* seen, to be written if anything follows */
    bool truncated;
    bool may_be_type;  /* the name in front began at `type`: a string would be its literal */
    bool only_literal; /* the literal in front is not behind its type or another value */
    char initial;      /* of the name in front; 0 of a keyword */
    bool query;        /* the statement reads or changes rows */
    bool counts;       /* see normalised */
    bool placeholders;
    bool name_behind; /* a name stood at once behind a string's quote */
    bool misquoted;   /* and one at once in front of one: quotes are not where they should be */
    bool account;     /* CREATE or ALTER of a user */
    bool password;    /* the name in front is PASSWORD */
    slice last;       /* the latest string */
    bool configures;  /* ALTER of what has settings: its SET is as a statement's own */
    bool capitals;    /* for the next word: it names a kind, as ROLE in CREATE ROLE */
    position at;
    size_t depth;
    frame *innermost; /* frames[depth] */
    size_t beyond;    /* brackets open that have no frame */
    size_t cte_depth;
    const char *verb; /* NULL: not known yet */
    mark before;      /* the sign */
    mark cut;         /* where a truncated statement ends */
    const char *cut_verb;
    bool cut_known;
    mark type;
    mark cast;               /* the last :: */
    unsigned tokens;         /* written so far */
    uint64_t recent[RECENT]; /* their values, by number modulo RECENT */
    const sql_dialect *dialect;
    sql_lexer lexer;
    frame frames[FRAMES_MAX];
} normalising;

static const uint64_t ELEMENT_SEED = 0x5851f42d4c957f2du;
static const uint64_t STATEMENT_SEED = 0x14057b7ef767814fu;

static inline frame *top(normalising *s)
{
    return s->innermost;
}

static inline bool is_value(left_side left)
{
    const unsigned values =
        1u << LEFT_NAME | 1u << LEFT_TYPE | 1u << LEFT_LITERAL | 1u << LEFT_CLOSE;
    return (values >> left & 1) != 0;
}

/* --- writing --------------------------------------------------------------------- */

static bool space_between(const normalising *s, sql_token_kind next, bool square)
{
    bool value = is_value(s->left);
    switch (s->left) {
    case LEFT_START:
    case LEFT_OPEN:
    case LEFT_DOT:
    case LEFT_CAST:
        return false;
    default:
        break;
    }
    switch (next) {
    case TOKEN_CLOSE:
    case TOKEN_COMMA:
    case TOKEN_SEMICOLON:
        return false;
    case TOKEN_DOT:
    case TOKEN_CAST:
        return !value;
    case TOKEN_OPEN:
        if (square) {
            return !value && s->word != KW_ARRAY;
        }
        return s->left != LEFT_NAME && s->left != LEFT_TYPE &&
               (keyword_about(s->word)->flags & KEYWORD_CALL) == 0;
    default:
        return true;
    }
}

static void write_text(normalising *s, sql_token_kind kind, slice text)
{
    if (space_between(s, kind, text.p[0] == '[')) {
        buf_add_char(s->text, ' ');
    }
    buf_add(s->text, text);
}

static inline void take_value(normalising *s, uint64_t value)
{
    s->hash = mix64(s->hash, value);
    s->recent[s->tokens++ % RECENT] = value;
}

/* Takes one token into the hash and its spelling into the text. */
static inline void put(normalising *s, sql_token_kind kind, uint64_t value, slice text,
                       left_side left)
{
    if (s->text != NULL) {
        write_text(s, kind, text);
    }
    take_value(s, value);
    s->left = left;
    s->word = KW_NONE;
    s->after_string = false;
    s->after_sign = false;
}

static inline void put_byte(normalising *s, sql_token_kind kind, const char *byte, left_side left)
{
    put(s, kind, (unsigned char)*byte, (slice){byte, 1}, left);
}

static void put_word_text(normalising *s, slice word, bool capitals)
{
    if (space_between(s, TOKEN_WORD, false)) {
        buf_add_char(s->text, ' ');
    }
    if (!buf_reserve(s->text, word.n)) {
        return;
    }
    char first = capitals ? 'a' : 'A';
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        bool flip = c >= first && c <= first + ('Z' - 'A');
        s->text->p[s->text->n + i] = flip ? (char)(c ^ 0x20) : c;
    }
    buf_truncate(s->text, s->text->n + word.n);
}

static inline void put_word(normalising *s, const sql_token *t, keyword k, bool capitals,
                            left_side left)
{
    if (s->text != NULL) {
        put_word_text(s, t->text, capitals || s->capitals);
        s->capitals = false;
    }
    take_value(s, t->value);
    s->left = left;
    s->word = k;
    s->after_string = false;
    s->after_sign = false;
}

static void put_keyword(normalising *s, keyword k)
{
    sql_token t;
    sql_word_of(slice_from(keyword_about(k)->spelling), &t);
    put_word(s, &t, k, true, LEFT_KEYWORD);
}

static inline mark mark_here(const normalising *s)
{
    size_t n = s->text != NULL ? s->text->n : 0;
    return (mark){.hash = s->hash,
                  .text = n,
                  .tokens = s->tokens,
                  .left = s->left,
                  .word = s->word,
                  .after_sign = s->after_sign,
                  .literal_only = s->innermost->literal_only};
}

static inline void cut_text(normalising *s, size_t n)
{
    if (s->text != NULL) {
        buf_truncate(s->text, n);
    }
}

static void back_to(normalising *s, const mark *m)
{
    s->hash = m->hash;
    s->tokens = m->tokens;
    s->left = m->left;
    s->word = m->word;
    s->after_sign = m->after_sign;
    s->innermost->literal_only = m->literal_only;
    s->capitals = false;
    cut_text(s, m->text);
}

/* --- lists ----------------------------------------------------------------------- */

static bool has_shape(const frame *f, uint64_t shape)
{
    for (unsigned i = 0; i < f->shapes; i++) {
        if (f->shape[i] == shape) {
            return true;
        }
    }
    return false;
}

static bool already_kept(frame *f, uint64_t shape)
{
    if (has_shape(f, shape)) {
        return true;
    }
    if (f->shapes < SHAPES_KEPT) {
        f->shape[f->shapes++] = shape;
    }
    return false;
}

static void end_element(normalising *s, bool droppable)
{
    frame *f = top(s);
    if (droppable && already_kept(f, s->hash)) {
        cut_text(s, f->element);
    } else {
        f->kept = mix64(f->kept, s->hash);
    }
    s->hash = f->kept;
}

/* A type's name without a literal after it is a column of that name. */
static inline void end_value(normalising *s)
{
    if (s->left == LEFT_TYPE && !top(s)->in_type) {
        top(s)->literal_only = false;
    }
}

static void end_list_element(normalising *s)
{
    frame *f = top(s);
    end_value(s);
    end_element(s, f->literal_only);
    f->all_literal = f->all_literal && f->literal_only;
}

static inline void begin_element(normalising *s)
{
    frame *f = top(s);
    f->kept = s->hash;
    f->literal_only = true;
    f->in_type = false;
    s->hash = ELEMENT_SEED;
}

static bool push(normalising *s, frame_kind kind, const mark *opened)
{
    if (s->beyond > 0 || s->depth + 1 == FRAMES_MAX) {
        return false;
    }
    bool literal_only = kind == FRAME_LIST || top(s)->literal_only;
    frame *f = ++s->innermost;
    s->depth++;
    f->kind = kind;
    f->square = false;
    f->literal_only = literal_only;
    f->all_literal = true;
    f->in_type = false;
    f->operand = false;
    f->typed = false;
    f->casts = 0;
    f->shapes = 0;
    f->kept = s->hash;
    f->opened = *opened;
    return true;
}

/* Leaves the innermost frame. A list's last element ends here, a row is its rows' element. */
static void pop(normalising *s)
{
    frame *f = top(s);
    bool literal_only = f->literal_only;
    switch (f->kind) {
    case FRAME_LIST:
        end_list_element(s);
        literal_only = f->all_literal;
        break;
    case FRAME_ROWS:
        if (s->left == LEFT_COMMA) {
            s->hash = mix64(f->kept, ',');
            s->left = LEFT_KEYWORD; /* so that what follows is no row */
        }
        literal_only = false;
        break;
    default:
        end_value(s);
        literal_only = f->literal_only;
        break;
    }
    bool row = f->kind == FRAME_ROW;
    s->innermost--;
    s->depth--;
    if (row) {
        end_element(s, true);
    }
    top(s)->literal_only = top(s)->literal_only && literal_only;
}

/* Which frame a bracket opens, and whether what is in front leaves its element a literal. */
static frame_kind frame_for(normalising *s, bool square)
{
    frame *f = top(s);
    if (square) {
        bool nested =
            f->kind == FRAME_LIST && f->square && (s->left == LEFT_OPEN || s->left == LEFT_COMMA);
        return s->word == KW_ARRAY || nested ? FRAME_LIST : FRAME_PLAIN;
    }
    if (s->word == KW_IN) {
        return FRAME_LIST;
    }
    bool grouping = s->left == LEFT_OPEN || s->left == LEFT_COMMA || s->left == LEFT_TYPE ||
                    s->word == KW_ROW || f->in_type;
    f->literal_only = f->literal_only && grouping;
    return FRAME_PLAIN;
}

/* Whether the next token is the first of an operand. */
static bool operand_begins(const normalising *s)
{
    switch (s->left) {
    case LEFT_OPERATOR:
    case LEFT_OPEN:
    case LEFT_COMMA:
        return true;
    default:
        return (keyword_about(s->word)->flags & KEYWORD_OPERAND_NEXT) != 0;
    }
}

/* Of a truncated statement, a token that touches its end. */
static bool survives_cut(sql_token_kind kind)
{
    return kind == TOKEN_OPEN || kind == TOKEN_CLOSE || kind == TOKEN_COMMA ||
           kind == TOKEN_SEMICOLON;
}

/* A look ahead: the next token where the cut leaves it whole. */
static sql_token_kind next_ahead(const normalising *s, sql_lexer *ahead, bool after_operand,
                                 sql_token *t)
{
    sql_token_kind kind = sql_lexer_next(ahead, after_operand, t);
    return s->truncated && ahead->at == ahead->end && !survives_cut(kind) ? TOKEN_END : kind;
}

static sql_token_kind next_kind(const normalising *s)
{
    sql_lexer ahead = s->lexer;
    sql_token t;
    return next_ahead(s, &ahead, true, &t);
}

/* --- brackets round a single value ------------------------------------------------- */

static uint64_t recent_value(const normalising *s, unsigned number)
{
    return s->recent[number % RECENT];
}

/* A literal or a name, dots included, is all since the frame's bracket. */
static bool holds_single_value(const normalising *s, const frame *f)
{
    unsigned n = s->tokens - f->opened.tokens - 1;
    if (s->left == LEFT_LITERAL) {
        return n == 1 && !f->opened.after_sign; /* in -(1) the sign is no literal's own */
    }
    bool name = s->left == LEFT_NAME || s->left == LEFT_TYPE;
    bool plain = s->word == KW_NONE || (keyword_about(s->word)->flags & KEYWORD_TYPE) != 0;
    return name && plain && n > 0 && n < RECENT && s->may_be_type &&
           s->type.tokens == f->opened.tokens + 1;
}

/* Takes the bracket in front of the single value back. */
RARE static void unwrap(normalising *s, const mark *opened)
{
    uint64_t value[RECENT];
    unsigned n = s->tokens - opened->tokens - 1;
    for (unsigned i = 0; i < n; i++) {
        value[i] = recent_value(s, opened->tokens + 1 + i);
    }
    size_t end = s->text != NULL ? s->text->n : 0;
    left_side left = s->left;
    bool literal_only = top(s)->literal_only;
    s->hash = opened->hash;
    s->tokens = opened->tokens;
    for (unsigned i = 0; i < n; i++) {
        take_value(s, value[i]);
    }
    if (s->text != NULL && !s->text->failed) {
        s->left = opened->left;
        s->word = opened->word;
        size_t to = opened->text + (space_between(s, TOKEN_WORD, false) ? 1 : 0);
        size_t from = opened->text + (space_between(s, TOKEN_OPEN, false) ? 2 : 1);
        if (to > opened->text) {
            s->text->p[opened->text] = ' ';
        }
        memmove(s->text->p + to, s->text->p + from, end - from);
        buf_truncate(s->text, to + end - from);
    }
    s->left = left;
    s->word = KW_NONE;
    s->after_string = false;
    s->type = *opened;
    s->may_be_type = left != LEFT_LITERAL;
    top(s)->literal_only = literal_only;
}

static void open_bracket(normalising *s, const char *bracket)
{
    bool square = *bracket == '[';
    bool cast = !square && s->word == KW_CAST && (s->may_be_type || !s->dialect->double_colons);
    if (cast && s->dialect->double_colons) {
        mark cast_word = s->type;
        bool literal_only = top(s)->literal_only;
        back_to(s, &cast_word);
        top(s)->literal_only = literal_only;
    }
    mark here = mark_here(s);
    bool rows = !square && (s->word == KW_VALUES || top(s)->kind == FRAME_ROWS);
    if (rows && top(s)->kind != FRAME_ROWS) {
        /* Rows and their row come together or not at all. */
        rows = s->depth + 2 < FRAMES_MAX && push(s, FRAME_ROWS, &here);
        if (rows) {
            top(s)->element = here.text;
            begin_element(s);
        }
    }
    bool operand = !square && operand_begins(s);
    bool typed = s->left == LEFT_TYPE && s->may_be_type && !s->type.after_sign;
    mark type = s->type;
    frame_kind kind = cast ? FRAME_CAST : rows ? FRAME_ROW : frame_for(s, square);
    put_byte(s, TOKEN_OPEN, bracket, LEFT_OPEN);
    if (!push(s, kind, &here)) {
        s->beyond++;
        top(s)->literal_only = false;
        return;
    }
    frame *f = top(s);
    f->square = square;
    f->operand = operand && (kind == FRAME_PLAIN || kind == FRAME_CAST);
    f->typed = typed;
    if (typed) {
        f->type = type;
    }
    if (kind == FRAME_LIST) {
        top(s)->element = s->text != NULL ? s->text->n : 0;
        begin_element(s);
    }
}

/* (a).b, (a)[1] and (f)(1) need their brackets. */
RARE static bool stands_alone(const normalising *s)
{
    sql_token_kind kind = next_kind(s);
    return s->query && kind != TOKEN_DOT && kind != TOKEN_OPEN;
}

RARE static void leave_single_value(normalising *s)
{
    mark opened = top(s)->opened;
    pop(s);
    unwrap(s, &opened);
}

static void close_frame(normalising *s, const char *bracket)
{
    frame *f = top(s);
    if (f->kind == FRAME_LIST) {
        pop(s);
        put_byte(s, TOKEN_CLOSE, bracket, LEFT_CLOSE);
        return;
    }
    if (f->operand && holds_single_value(s, f) && stands_alone(s)) {
        leave_single_value(s);
        return;
    }
    end_value(s);
    put_byte(s, TOKEN_CLOSE, bracket, LEFT_CLOSE);
    pop(s);
    if (f->typed) {
        s->left = LEFT_TYPE;
        s->may_be_type = true;
        s->type = f->type;
    }
}

static void close_bracket(normalising *s, const char *bracket)
{
    frame *f = top(s);
    if (s->beyond > 0) {
        s->beyond--;
        put_byte(s, TOKEN_CLOSE, bracket, LEFT_CLOSE);
        return;
    }
    if (f->casts > 0) {
        f->casts--;
        if (s->left != LEFT_CAST) {
            return;
        }
    }
    if (s->depth == 0) {
        put_byte(s, TOKEN_CLOSE, bracket, LEFT_CLOSE);
    } else {
        close_frame(s, bracket);
    }
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

/* Behind a number of digits and at most one point, or a string with nothing in it that takes a
 * lexer to read; p itself where there is neither. */
static const char *skip_plain_literal(const sql_dialect *dialect, const char *p, const char *end)
{
    const char *at = p;
    if (at < end && *at == '\'') {
        at = memchr(p + 1, '\'', (size_t)(end - p - 1));
        bool escapes =
            at != NULL && dialect->backslash_escapes && memchr(p, '\\', (size_t)(at - p)) != NULL;
        return at == NULL || escapes ? p : at + 1;
    }
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    if (at > p && end - at > 1 && *at == '.' && at[1] >= '0' && at[1] <= '9') {
        for (at++; at < end && *at >= '0' && *at <= '9';) {
            at++;
        }
    }
    return at;
}

/* In long lists nearly all elements are plain literals. Behind the comma after one, those that
 * follow with a comma of their own leave everything as it is: they need not become tokens. */
static void skip_plain_literals(normalising *s)
{
    const char *end = s->lexer.end;
    for (;;) {
        const char *begin = skip_blanks(s->lexer.at, end);
        const char *at = skip_plain_literal(s->dialect, begin, end);
        const char *after = skip_blanks(at, end);
        if (at == begin || after == end || *after != ',') {
            return;
        }
        s->lexer.at = after + 1;
    }
}

static void comma(normalising *s)
{
    frame *f = top(s);
    bool splits = s->beyond == 0 && (f->kind == FRAME_LIST || f->kind == FRAME_ROWS);
    if (!splits) {
        end_value(s);
        put_byte(s, TOKEN_COMMA, ",", LEFT_COMMA);
        f->in_type = false;
        return;
    }
    if (f->kind == FRAME_LIST) {
        end_list_element(s);
    }
    f->element = s->text != NULL ? s->text->n : 0;
    put_byte(s, TOKEN_COMMA, ",", LEFT_COMMA);
    s->hash = f->kept;
    begin_element(s);
    if (f->kind == FRAME_LIST && has_shape(f, mix64(ELEMENT_SEED, '?'))) {
        skip_plain_literals(s);
    }
}

static bool is_word(const sql_token *t, keyword k)
{
    return t->kind == TOKEN_WORD && !t->quoted && t->text.n <= 16 &&
           keyword_find(t->first, t->second) == k;
}

/* Rows end at the first token that continues them no more. */
static inline void end_rows(normalising *s, const sql_token *next)
{
    if (top(s)->kind == FRAME_ROWS) {
        bool after_comma = s->left == LEFT_COMMA;
        bool row = after_comma &&
                   (next->kind == TOKEN_OPEN ? next->text.p[0] == '(' : is_word(next, KW_ROW));
        if (!row && (after_comma || next->kind != TOKEN_COMMA)) {
            pop(s);
        }
    }
}

/* --- literals and operators -------------------------------------------------------- */

/* The place that cuts from here on go back to: in front of lists, and of brackets that may yet
 * turn out to hold nothing else. */
RARE static mark cut_place(const normalising *s)
{
    mark to = s->after_sign ? s->before : mark_here(s);
    if (to.left == LEFT_CAST) {
        to = s->cast;
    }
    for (size_t i = s->depth; i > 0; i--) {
        const frame *f = &s->frames[i];
        bool list = f->kind == FRAME_LIST || f->kind == FRAME_ROWS;
        if (list || (f->operand && to.tokens == f->opened.tokens + 1)) {
            to = f->opened;
        }
    }
    return to;
}

/* A literal or placeholder, or a word that stands for one. */
static inline void put_literal(normalising *s)
{
    if (s->after_sign) {
        back_to(s, &s->before);
    }
    frame *f = top(s);
    if ((is_value(s->left) && s->left != LEFT_TYPE) || f->in_type) {
        f->literal_only = false;
    }
    if (s->at == AT_START || s->at == AT_KIND || s->at == AT_TRANSACTION || s->at == AT_NAME ||
        s->at == AT_NAME_AFTER_NOISE_WORD) {
        s->at = AT_BODY;
    }
    s->only_literal = !is_value(s->left);
    put_byte(s, TOKEN_LITERAL, "?", LEFT_LITERAL);
}

/* A number or string: its length moves what follows, and a cut with it. */
static void put_value(normalising *s)
{
    if (s->truncated && !s->cut_known) {
        s->cut = cut_place(s);
        s->cut_verb = s->verb;
        s->cut_known = true;
    }
    put_literal(s);
}

/* Whether a string would be the literal of the type in front of it. */
static bool is_type_in_front(const normalising *s)
{
    if (!s->may_be_type || s->at == AT_SET) {
        return false;
    }
    if (s->dialect->types) {
        return s->left == LEFT_TYPE || (s->left == LEFT_NAME && s->query);
    }
    return (s->initial == '_' && s->left == LEFT_NAME) || s->word == KW_DATE ||
           s->word == KW_TIME || s->word == KW_TIMESTAMP;
}

static bool skip_word(normalising *s, keyword k)
{
    sql_lexer ahead = s->lexer;
    sql_token t;
    sql_lexer_next(&ahead, true, &t);
    bool there = is_word(&t, k);
    if (there) {
        s->lexer = ahead;
    }
    return there;
}

/* ( … ) or [ … ] without brackets within, where that is what follows. */
static bool skip_brackets(normalising *s, char bracket)
{
    sql_lexer ahead = s->lexer;
    sql_token t;
    if (sql_lexer_next(&ahead, true, &t) != TOKEN_OPEN || *t.text.p != bracket) {
        return false;
    }
    sql_token_kind kind;
    do {
        kind = sql_lexer_next(&ahead, false, &t);
        if (kind == TOKEN_OPEN) {
            return false;
        }
    } while (kind != TOKEN_CLOSE && kind != TOKEN_END);
    s->lexer = ahead;
    return true;
}

RARE static void skip_interval_fields(normalising *s)
{
    static const keyword fields[] = {KW_YEAR, KW_MONTH,  KW_DAY,    KW_HOUR,
                                     KW_TO,   KW_MINUTE, KW_SECOND, KW_NONE};
    const keyword *field = fields;
    while (*field != KW_NONE) {
        field = skip_word(s, *field) ? fields : field + 1;
    }
    skip_brackets(s, '(');
}

/* A type's name with its modifiers. False where there is none; then the lexer did not move. */
static bool skip_type(normalising *s)
{
    sql_lexer ahead = s->lexer;
    sql_token t;
    sql_token_kind kind = next_ahead(s, &ahead, false, &t);
    if (kind != TOKEN_WORD && kind != TOKEN_QUOTED) {
        return false;
    }
    bool interval = skip_word(s, KW_INTERVAL);
    while (kind == TOKEN_WORD || kind == TOKEN_QUOTED || kind == TOKEN_DOT) {
        s->lexer = ahead;
        bool name = kind != TOKEN_DOT;
        kind = sql_lexer_next(&ahead, true, &t);
        if (name && kind != TOKEN_DOT) {
            break;
        }
    }
    if (interval) {
        skip_interval_fields(s);
    }
    if (!skip_word(s, KW_VARYING)) {
        skip_word(s, KW_PRECISION);
    }
    skip_brackets(s, '(');
    sql_lexer before_zone = s->lexer;
    bool zone = (skip_word(s, KW_WITH) || skip_word(s, KW_WITHOUT)) && skip_word(s, KW_TIME) &&
                skip_word(s, KW_ZONE);
    if (!zone) {
        s->lexer = before_zone;
    }
    skip_word(s, KW_ARRAY);
    while (skip_brackets(s, '[')) {
    }
    return true;
}

/* Whether the literal is all that is in the frame's bracket so far, but for brackets within. */
static bool is_alone(const normalising *s, size_t depth)
{
    const frame *f = &s->frames[depth];
    return f->operand && s->tokens == f->opened.tokens + 2 + (unsigned)(s->depth - depth);
}

/* Whether CAST's type and its bracket's end are what follows, from `at` on. */
static bool is_cast_end(normalising *s, sql_lexer at)
{
    sql_lexer here = s->lexer;
    s->lexer = at;
    bool ends = skip_type(s) && next_kind(s) == TOKEN_CLOSE;
    s->lexer = here;
    return ends;
}

/* Whether the value that ends here is cast once more, perhaps behind brackets round it alone. */
static bool is_cast_again(normalising *s)
{
    sql_lexer ahead = s->lexer;
    size_t depth = s->depth;
    unsigned casts = s->frames[depth].casts;
    sql_token t;
    sql_token_kind kind = next_ahead(s, &ahead, true, &t);
    while (kind == TOKEN_CLOSE) {
        if (casts > 0) {
            casts--;
        } else if (depth > 0 && is_alone(s, depth)) {
            casts = s->frames[--depth].casts;
        } else {
            return false;
        }
        kind = next_ahead(s, &ahead, true, &t);
    }
    bool as = is_word(&t, KW_AS) && s->frames[depth].kind == FRAME_CAST && is_alone(s, depth);
    if (kind != TOKEN_CAST) {
        return as && is_cast_end(s, ahead);
    }
    kind = next_ahead(s, &ahead, false, &t);
    return kind == TOKEN_WORD || kind == TOKEN_QUOTED;
}

/* A literal's cast goes, but one of several stays: '1'::text::bytea is no plain literal. */
RARE static bool skip_only_cast(normalising *s)
{
    if (s->at != AT_BODY && s->at != AT_CTE) {
        return false;
    }
    sql_lexer begin = s->lexer;
    if (!skip_type(s) || is_cast_again(s)) {
        s->lexer = begin;
        return false;
    }
    s->after_string = false;
    return true;
}

/* DATE '…', my.type '…': the type goes. */
/* In 'O'Brien' what is outside of quotes was to be inside. Names do not touch quotes in SQL as it
 * is written; a string's prefix is part of its token, _utf8 a name that does. */
static void watch_quotes(normalising *s, const sql_token *t, const char *begin)
{
    const char *p = t->text.p;
    bool touched = p > begin && s->left == LEFT_NAME && sql_class_at(p - 1) >= CLASS_WORD;
    while (touched && p > begin && sql_class_at(p - 1) >= CLASS_WORD) {
        p--;
    }
    s->misquoted = s->misquoted || (touched && *p != '_' && s->name_behind);
    s->name_behind = s->name_behind || sql_name_begins(s->lexer.at, s->lexer.end);
    s->last = t->text;
}

static void string(normalising *s)
{
    if (s->after_string && s->left == LEFT_LITERAL) {
        return;
    }
    bool typed = is_type_in_front(s) && next_kind(s) != TOKEN_CAST;
    bool interval = typed && s->word == KW_INTERVAL;
    if (typed) {
        mark type = s->type;
        back_to(s, &type);
    }
    put_value(s);
    if (interval) {
        skip_interval_fields(s);
    }
    s->after_string = true;
}

static void begin_set_value(normalising *s)
{
    put_byte(s, TOKEN_OPERATOR, "=", LEFT_OPERATOR);
    s->at = AT_SET_VALUE;
}

static void operator_token(normalising *s, const sql_token *t)
{
    bool sign = t->value == '-' || t->value == '+';
    if (s->at == AT_SET && (t->value == '=' || t->value == ((uint64_t)'=' << 8 | ':'))) {
        begin_set_value(s);
        return;
    }
    bool unary = sign && !is_value(s->left);
    if (unary && !s->after_sign) {
        s->before = mark_here(s);
    }
    top(s)->literal_only = false;
    bool not_equal = t->value == ((uint64_t)'>' << 8 | '<');
    put(s, TOKEN_OPERATOR, t->value, not_equal ? SLICE("<>") : t->text, LEFT_OPERATOR);
    s->after_sign = unary;
}

static void cast_operator(normalising *s)
{
    if (s->left == LEFT_LITERAL && s->only_literal && skip_only_cast(s)) {
        return;
    }
    if (s->left != LEFT_CAST) {
        s->cast = mark_here(s);
    }
    frame *f = top(s);
    f->literal_only = f->literal_only && is_value(s->left);
    f->in_type = f->literal_only;
    put(s, TOKEN_CAST, (uint64_t)':' << 8 | ':', SLICE("::"), LEFT_CAST);
}

static void dot(normalising *s)
{
    s->may_be_type = s->may_be_type && (s->left == LEFT_NAME || s->left == LEFT_TYPE);
    top(s)->literal_only = top(s)->literal_only && top(s)->in_type;
    put_byte(s, TOKEN_DOT, ".", LEFT_DOT);
}

/* A name may turn out to be the type of the literal after it. */
static inline void begin_name(normalising *s, bool continues_type)
{
    if (is_value(s->left) || s->left == LEFT_CAST) {
        s->may_be_type = s->may_be_type && continues_type && s->left == LEFT_TYPE;
    } else if (s->left != LEFT_DOT) {
        s->type = mark_here(s);
        s->may_be_type = true;
    }
}

static void quoted_name(normalising *s, const sql_token *t)
{
    if (s->at == AT_NAME || s->at == AT_NAME_AFTER_NOISE_WORD || s->at == AT_FETCH) {
        put_literal(s);
        return;
    }
    begin_name(s, false);
    top(s)->literal_only = top(s)->literal_only && top(s)->in_type;
    if (s->text != NULL && (t->text.p[0] == 'U' || t->text.p[0] == 'u')) {
        put(s, TOKEN_QUOTED, t->value, SLICE("U&"), LEFT_DOT);
        buf_add(s->text, slice_skip(t->text, 2));
        s->left = LEFT_NAME;
        return;
    }
    put(s, TOKEN_QUOTED, t->value, t->text, LEFT_NAME);
}

/* "user" is a name, USER is not. */
static void quoted_keyword(normalising *s, const sql_token *t)
{
    sql_token name = {.kind = TOKEN_QUOTED,
                      .text = {t->text.p - 1, t->text.n + 2},
                      .value = mix64(t->value, '"')};
    quoted_name(s, &name);
}

/* --- words ------------------------------------------------------------------------- */

static bool is_direction(keyword k)
{
    switch (k) {
    case KW_ABSOLUTE:
    case KW_ALL:
    case KW_BACKWARD:
    case KW_FIRST:
    case KW_FORWARD:
    case KW_FROM:
    case KW_IN:
    case KW_LAST:
    case KW_NEXT:
    case KW_PRIOR:
    case KW_RELATIVE:
        return true;
    default:
        return false;
    }
}

/* The position that a statement's first word leads to. */
static position after_verb(keyword k)
{
    switch (k) {
    case KW_BEGIN:
    case KW_COMMIT:
    case KW_ROLLBACK:
        return AT_TRANSACTION;
    case KW_RELEASE:
    case KW_DEALLOCATE:
        return AT_NAME_AFTER_NOISE_WORD;
    case KW_SAVEPOINT:
    case KW_DECLARE:
    case KW_CLOSE:
    case KW_PREPARE:
        return AT_NAME;
    case KW_FETCH:
    case KW_MOVE:
        return AT_FETCH;
    case KW_SET:
        return AT_SET;
    case KW_WITH:
        return AT_CTE;
    case KW_CREATE:
    case KW_ALTER:
    case KW_DROP:
        return AT_KIND;
    default:
        return AT_BODY;
    }
}

/* What ALTER … SET name = value is said of. */
static bool has_settings(const sql_token *t)
{
    static const char *const words[] = {"ROLE",   "USER",     "GROUP",     "DATABASE",
                                        "SYSTEM", "FUNCTION", "PROCEDURE", "ROUTINE"};
    sql_token word;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        sql_word_of(slice_from(words[i]), &word);
        if (word.value == t->value) {
            return true;
        }
    }
    return false;
}

/* Stands between CREATE and what is created: the kind is still to come. */
static bool goes_before_kind(const sql_token *t)
{
    static const char *const words[] = {"OR",           "REPLACE",   "GLOBAL", "LOCAL",
                                        "TEMP",         "TEMPORARY", "UNIQUE", "UNLOGGED",
                                        "MATERIALIZED", "FOREIGN",   "EVENT",  "FULLTEXT"};
    sql_token word;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        sql_word_of(slice_from(words[i]), &word);
        if (word.value == t->value) {
            return true;
        }
    }
    return false;
}

static bool reads_or_changes_rows(keyword k)
{
    switch (k) {
    case KW_SELECT:
    case KW_INSERT:
    case KW_UPDATE:
    case KW_DELETE:
    case KW_MERGE:
    case KW_REPLACE:
    case KW_VALUES:
    case KW_TABLE:
    case KW_WITH:
    case KW_EXPLAIN:
        return true;
    default:
        return false;
    }
}

/* What the server takes for another verb. A later END may close a routine's body. */
static keyword verb_meant(const normalising *s, keyword k)
{
    if (k == KW_END && s->verb == NULL) {
        return KW_COMMIT;
    }
    return k == KW_ABORT ? KW_ROLLBACK : k;
}

/* True where the word is written or dropped, false where it is like any other. */
static bool first_word(normalising *s, const sql_token *t, keyword k)
{
    keyword meant = verb_meant(s, k);
    s->at = after_verb(meant);
    if (s->at == AT_SET && s->dialect->mysql_quotes) {
        s->at = AT_BODY; /* MySQL's values are expressions, sub-queries too */
    }
    s->cte_depth = s->depth;
    const keyword_row *about = keyword_about(meant);
    bool verb = (about->flags & KEYWORD_VERB) != 0;
    if (s->verb == NULL && k != KW_WITH) {
        s->verb = verb ? about->capitals : "";
    }
    s->query = reads_or_changes_rows(meant);
    if (!verb) {
        return false;
    }
    if (meant != k) {
        put_keyword(s, meant);
    } else {
        put_word(s, t, k, true, LEFT_KEYWORD);
    }
    top(s)->literal_only = false;
    return true;
}

static void generated_name(normalising *s, const sql_token *t, keyword k)
{
    bool noise = s->at == AT_NAME_AFTER_NOISE_WORD && (k == KW_SAVEPOINT || k == KW_PREPARE);
    if (noise) {
        s->at = AT_NAME;
    } else if (k == KW_ALL || k == KW_TRANSACTION) {
        s->at = AT_BODY;
        put_word(s, t, k, true, LEFT_KEYWORD);
    } else {
        put_literal(s);
    }
}

static void verb_after_cte(normalising *s, keyword k)
{
    bool verb = k == KW_SELECT || k == KW_INSERT || k == KW_UPDATE || k == KW_DELETE ||
                k == KW_MERGE || k == KW_VALUES || k == KW_TABLE;
    if (verb && s->depth == s->cte_depth && s->beyond == 0) {
        if (s->verb == NULL) {
            s->verb = keyword_about(k)->capitals;
        }
        s->at = AT_BODY;
    }
}

static bool set_word(normalising *s, const sql_token *t, keyword k)
{
    switch (k) {
    case KW_TO:
        begin_set_value(s);
        return true;
    case KW_SESSION:
    case KW_LOCAL:
    case KW_TRANSACTION:
        put_word(s, t, k, true, LEFT_KEYWORD);
        return true;
    default:
        return false;
    }
}

/* INNER and OUTER beside JOIN; UESCAPE, whose string then joins the one in front; ROW in VALUES
 * ROW (…). */
static bool is_noise(const normalising *s, keyword k)
{
    switch (k) {
    case KW_INNER:
        return is_value(s->left) || s->word == KW_NATURAL;
    case KW_OUTER:
        return s->word == KW_LEFT || s->word == KW_RIGHT || s->word == KW_FULL;
    case KW_ROW:
        return s->word == KW_VALUES || s->innermost->kind == FRAME_ROWS;
    case KW_UESCAPE:
        return s->after_string && s->left == LEFT_LITERAL;
    default:
        return false;
    }
}

static bool is_account(const sql_token *t)
{
    return (t->text.n == 4 &&
            (t->first == sql_load8("user\0\0\0") || t->first == sql_load8("role\0\0\0"))) ||
           (t->text.n == 5 && t->first == sql_load8("group\0\0"));
}

/* Words whose meaning is their place. True where nothing is left to do. */
static bool placed_word(normalising *s, const sql_token *t, keyword k)
{
    switch (s->at) {
    case AT_START:
        /* The text has no CAST and no noise. */
        return k != KW_CAST && !is_noise(s, k) && first_word(s, t, k);
    case AT_CTE:
        verb_after_cte(s, k);
        return false;
    case AT_KIND:
        /* Quoted or not, since the text has no quotes; but only of a word that is written. */
        s->capitals = (keyword_about(k)->flags & KEYWORD_LITERAL) == 0 && !is_noise(s, k);
        s->at = goes_before_kind(t) ? AT_KIND : AT_BODY;
        s->configures = s->word == KW_ALTER && !s->dialect->mysql_quotes && has_settings(t);
        s->account = is_account(t);
        return false;
    case AT_TRANSACTION:
        if (k == KW_WORK || k == KW_TRANSACTION) {
            return true;
        }
        s->at = k == KW_TO ? AT_NAME_AFTER_NOISE_WORD : AT_BODY;
        return false;
    case AT_NAME_AFTER_NOISE_WORD:
    case AT_NAME:
        generated_name(s, t, k);
        return true;
    case AT_FETCH:
        if (is_direction(k)) {
            put_word(s, t, k, true, LEFT_KEYWORD);
        } else {
            put_literal(s);
        }
        return true;
    case AT_SET:
        return set_word(s, t, k);
    default:
        return false;
    }
}

static bool ends_cast_value(normalising *s)
{
    return s->innermost->kind == FRAME_CAST && s->dialect->double_colons && s->beyond == 0 &&
           is_cast_end(s, s->lexer);
}

/* CAST(value AS type) is value::type; the bracket's end is still to come. */
RARE static void end_cast_value(normalising *s)
{
    if (holds_single_value(s, top(s))) {
        leave_single_value(s);
    } else {
        end_value(s);
        put_byte(s, TOKEN_CLOSE, ")", LEFT_CLOSE);
        pop(s);
    }
    top(s)->casts++;
    cast_operator(s);
}

/* Whether a list's element that held only literals so far still does with this word. */
static bool fits_literal(normalising *s, keyword k)
{
    frame *f = top(s);
    if (f->in_type) {
        return true;
    }
    switch (k) {
    case KW_ARRAY:
    case KW_CAST:
    case KW_ROW:
        return !is_value(s->left);
    case KW_AS:
        f->in_type = f->kind == FRAME_CAST;
        return f->in_type;
    case KW_WITH:
        return s->left == LEFT_TYPE;
    default:
        return (keyword_about(k)->flags & KEYWORD_TYPE) != 0 &&
               (s->left == LEFT_TYPE || !is_value(s->left));
    }
}

static left_side left_of_word(const normalising *s, keyword k, unsigned flags)
{
    if ((flags & KEYWORD_TYPE) != 0 || (k == KW_WITH && s->left == LEFT_TYPE)) {
        return LEFT_TYPE;
    }
    bool value = (flags & KEYWORD_RESERVED) == 0 || (flags & KEYWORD_OPERAND) != 0;
    return value ? LEFT_NAME : LEFT_KEYWORD;
}

static bool is_constant(normalising *s, keyword k, unsigned flags)
{
    if ((flags & KEYWORD_LITERAL) != 0) {
        return s->word != KW_IS && s->word != KW_NOT;
    }
    return k == KW_DEFAULT && top(s)->kind == FRAME_ROW && s->beyond == 0 &&
           (s->left == LEFT_OPEN || s->left == LEFT_COMMA);
}

/* MySQL's INSERT and REPLACE take VALUE for VALUES. */
static bool opens_rows(const normalising *s, const sql_token *t)
{
    bool value = t->text.n == strlen("value") && t->first == sql_load8("value\0\0");
    return value && s->dialect->mysql_quotes && s->verb != NULL &&
           (s->verb == keyword_about(KW_INSERT)->capitals ||
            s->verb == keyword_about(KW_REPLACE)->capitals) &&
           (s->left == LEFT_NAME || s->left == LEFT_CLOSE) && next_kind(s) == TOKEN_OPEN;
}

static inline void plain_name(normalising *s, const sql_token *t)
{
    if (opens_rows(s, t)) {
        put_keyword(s, KW_VALUES);
        return;
    }
    if (s->account && ((s->password && s->left == LEFT_NAME) || s->word == KW_BY)) {
        put_literal(s); /* it should have had quotes */
        return;
    }
    begin_name(s, false);
    s->initial = t->text.p[0];
    frame *f = top(s);
    f->literal_only = f->literal_only && f->in_type;
    bool upsert = s->text != NULL && s->word == KW_ON && t->text.n == strlen("duplicate") &&
                  t->first == sql_load8("duplicat");
    put_word(s, t, KW_NONE, upsert, LEFT_NAME);
    s->capitals = upsert; /* ON DUPLICATE KEY UPDATE */
    s->password =
        s->account && t->text.n == strlen("password") && t->first == sql_load8("password");
}

static bool is_rewritten(normalising *s, keyword k)
{
    if (k == KW_AS && ends_cast_value(s)) {
        end_cast_value(s);
        return true;
    }
    return is_noise(s, k);
}

/* Of words that are no names: whether a string after them can be a type's literal. CAST borrows the
 * place in front of it, to go back to. */
static bool stays_type(const normalising *s, keyword k)
{
    switch (k) {
    case KW_CAST:
        return s->dialect->double_colons && operand_begins(s);
    case KW_WITH:
        return s->may_be_type && s->left == LEFT_TYPE;
    case KW_ROW:
    case KW_UESCAPE:
        return s->may_be_type;
    default:
        return false; /* also DOCUMENT and CONTENT, of XMLPARSE */
    }
}

static void plain_keyword(normalising *s, const sql_token *t, keyword k)
{
    unsigned flags = keyword_about(k)->flags;
    frame *f = top(s);
    if (is_constant(s, k, flags)) {
        put_literal(s);
        return;
    }
    if ((flags & KEYWORD_REWRITTEN) != 0 && is_rewritten(s, k)) {
        return;
    }
    s->counts = s->counts || k == KW_LIMIT || k == KW_OFFSET || k == KW_FETCH || k == KW_LIKE ||
                k == KW_ILIKE;
    begin_name(s, (flags & KEYWORD_TYPE) != 0 || k == KW_WITH);
    s->initial = 0;
    if ((flags & (KEYWORD_RESERVED | KEYWORD_REWRITTEN)) != 0) {
        s->may_be_type = stays_type(s, k);
    }
    if ((k == KW_SELECT || k == KW_WITH) && f->kind == FRAME_LIST && s->left == LEFT_OPEN) {
        f->kind = FRAME_PLAIN;
        s->hash = f->kept;
    }
    if (f->literal_only) {
        f->literal_only = fits_literal(s, k);
    }
    put_word(s, t, k, (flags & KEYWORD_RESERVED) != 0, left_of_word(s, k, flags));
    if (k == KW_SET && s->configures && s->depth == 0 && s->beyond == 0) {
        s->at = AT_SET;
    }
}

/* pg_temp_12 and pg_toast_4711_index: numbers that the server gave. */
RARE static void put_server_name(normalising *s, const sql_token *t)
{
    char name[GENERATED_NAME_MAX];
    size_t n = 0;
    bool in_number = false;
    for (size_t i = 0; i < t->text.n && n < sizeof name; i++) {
        char c = t->text.p[i];
        bool digit = c >= '0' && c <= '9';
        in_number = digit && (in_number || t->text.p[i - 1] == '_');
        if (!in_number) {
            name[n++] = c;
        } else if (t->text.p[i - 1] == '_') {
            name[n++] = 'n';
        }
    }
    sql_token generated;
    sql_word_of((slice){name, n}, &generated);
    plain_name(s, &generated);
}

static const uint64_t ELLIPSIS = 0xa680e2; /* "…" as a word's value */

static inline void word(normalising *s, const sql_token *t)
{
    keyword k = KW_NONE;
    if (s->left != LEFT_DOT && t->text.n <= 16) {
        k = keyword_find(t->first, t->second);
    }
    if (t->quoted && (keyword_about(k)->flags & KEYWORD_RESERVED) != 0) {
        quoted_keyword(s, t);
    } else if (t->value == ELLIPSIS) {
        put_word(s, t, k, false, LEFT_NAME);
    } else if (s->at != AT_BODY && placed_word(s, t, k)) {
        return;
    } else if (t->first == sql_load8("pg_temp_") || t->first == sql_load8("pg_toast")) {
        put_server_name(s, t);
    } else if (k == KW_NONE) {
        plain_name(s, t);
    } else {
        plain_keyword(s, t, k);
    }
}

/* --- statements ---------------------------------------------------------------------- */

static void set_value(normalising *s, const sql_token *t)
{
    if (t->kind == TOKEN_WORD && t->value == ELLIPSIS) {
        put_word(s, t, KW_NONE, false, LEFT_NAME);
        return;
    }
    if (s->at == AT_SET_VALUE) {
        if (is_word(t, KW_DEFAULT)) {
            put_keyword(s, KW_DEFAULT);
        } else {
            put_value(s);
        }
    }
    s->at = AT_SET_END;
}

/* Brackets without an end end with their statement. */
static void close_all(normalising *s)
{
    while (s->depth > 0) {
        pop(s);
        s->left = LEFT_CLOSE;
    }
    s->beyond = 0;
    s->frames[0].casts = 0;
}

RARE static void next_statement(normalising *s)
{
    close_all(s);
    put_byte(s, TOKEN_SEMICOLON, ";", LEFT_SEMICOLON);
    s->semicolon = false;
    s->query = s->configures = s->account = s->password = false;
    s->at = AT_START;
    if (s->verb == NULL) {
        s->verb = "";
    }
}

static inline void take(normalising *s, const sql_token *t)
{
    end_rows(s, t);
    switch (t->kind) {
    case TOKEN_WORD:
        word(s, t);
        break;
    case TOKEN_QUOTED:
        quoted_name(s, t);
        break;
    case TOKEN_STRING:
        string(s);
        break;
    case TOKEN_LITERAL:
        if (sql_class_at(t->text.p) == CLASS_DIGIT || sql_class_at(t->text.p) == CLASS_DOT) {
            put_value(s);
        } else {
            s->placeholders = true; /* $1, :name, %s */
            put_literal(s);
        }
        break;
    case TOKEN_QUESTION:
        s->placeholders = true;
        put_literal(s);
        break;
    case TOKEN_OPERATOR:
        operator_token(s, t);
        break;
    case TOKEN_OPEN:
        open_bracket(s, t->text.p);
        break;
    case TOKEN_CLOSE:
        close_bracket(s, t->text.p);
        break;
    case TOKEN_COMMA:
        comma(s);
        break;
    case TOKEN_DOT:
        dot(s);
        break;
    case TOKEN_CAST:
        cast_operator(s);
        break;
    default:
        break;
    }
}

/* Whether strings may hold what is outside of them, and the other way round. */
static bool has_wrong_quotes(const normalising *s)
{
    bool touches_end = s->last.n > 0 && s->last.p + s->last.n == s->lexer.end;
    return s->misquoted || (touches_end && !sql_string_ends(s->dialect, s->last));
}

/* Rule 25. */
static void end_truncated(normalising *s)
{
    mark to = s->cut_known ? s->cut : cut_place(s);
    s->verb = s->cut_known ? s->cut_verb : s->verb;
    back_to(s, &to);
    put(s, TOKEN_WORD, ELLIPSIS, SLICE("…"), LEFT_NAME);
}

/* Not all of it: what is not set here is set before it is read. */
static inline void begin(normalising *s, const sql_dialect *dialect, slice statement,
                         bool truncated, buf *text)
{
    s->hash = STATEMENT_SEED;
    s->text = text;
    s->left = LEFT_START;
    s->word = KW_NONE;
    s->after_string = s->after_sign = s->semicolon = s->may_be_type = s->query = s->configures =
        s->capitals = s->counts = s->placeholders = s->name_behind = s->misquoted = s->account =
            s->password = false;
    s->last = SLICE("");
    s->truncated = truncated;
    s->dialect = dialect;
    s->tokens = 0;
    s->cut_known = false;
    s->initial = 0;
    s->cut_verb = NULL;
    s->at = AT_START;
    s->depth = s->beyond = s->cte_depth = 0;
    s->verb = NULL;
    s->innermost = s->frames;
    s->frames[0].kind = FRAME_PLAIN;
    s->frames[0].square = false;
    s->frames[0].literal_only = false;
    s->frames[0].in_type = false;
    s->frames[0].operand = false;
    s->frames[0].typed = false;
    s->frames[0].casts = 0;
    s->lexer = (sql_lexer){statement.p, statement.p + statement.n, dialect, false};
}

static void run(const sql_dialect *dialect, slice statement, bool truncated, normalised *out,
                buf *text)
{
    normalising s;
    size_t before = text != NULL ? text->n : 0;
    begin(&s, dialect, statement, truncated, text);
    sql_token t;
    while (sql_lexer_next(&s.lexer, is_value(s.left) && !s.semicolon, &t) != TOKEN_END) {
        if (truncated && s.lexer.at == s.lexer.end && !survives_cut(t.kind)) {
            break;
        }
        if (t.kind == TOKEN_SEMICOLON) {
            s.semicolon = s.left != LEFT_START;
            continue;
        }
        if (s.semicolon) {
            next_statement(&s);
        }
        if (t.kind == TOKEN_STRING) {
            watch_quotes(&s, &t, statement.p);
        }
        if (s.at >= AT_SET_VALUE) {
            set_value(&s, &t);
        } else {
            take(&s, &t);
        }
    }
    if (!truncated && has_wrong_quotes(&s)) {
        if (text != NULL) {
            buf_truncate(text, before);
        }
        run(dialect, statement, true, out, text);
        return;
    }
    if (truncated) {
        end_truncated(&s);
    } else {
        close_all(&s);
    }
    out->fingerprint = mix64(mix64(s.hash, STATEMENT_SEED), ELEMENT_SEED);
    out->spelling = out->fingerprint;
    out->verb = s.verb != NULL ? s.verb : "";
    out->counts = s.counts;
    out->placeholders = s.placeholders;
}

static const sql_dialect postgresql = {.nested_comments = true,
                                       .dollar_quotes = true,
                                       .backslash_escapes = false,
                                       .question_operators = true,
                                       .double_colons = true,
                                       .types = true};

static const sql_dialect mysql = {.backslash_escapes = true, .mysql_quotes = true};

static void run_postgresql(slice statement, bool truncated, normalised *out, buf *text)
{
    run(&postgresql, statement, truncated, out, text);
}

/* "Ping", "Close stmt", "Bulk_execute". */
static bool is_command_name(slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != ' ' && c != '_') {
            return false;
        }
    }
    return true;
}

/* The slow log writes what a client asked for without a statement as a comment: it is no SQL and
 * stays as it is. What else begins like one is a statement, which may hold literals. */
static bool run_command(slice statement, normalised *out, buf *text)
{
    slice command = slice_trim(statement);
    command = slice_skip(command, slice_starts_with(command, SLICE("# ")) ? 2 : 0);
    while (slice_ends_with(command, SLICE(";"))) {
        command = slice_trim(slice_take(command, command.n - 1));
    }
    slice prefix = SLICE("administrator command: ");
    if (!slice_starts_with(command, prefix) || !is_command_name(slice_skip(command, prefix.n))) {
        return false;
    }
    *out = (normalised){.fingerprint = hash_bytes(command), .verb = ""};
    if (text != NULL) {
        buf_add(text, command);
    }
    return true;
}

static void run_mysql(slice statement, bool truncated, normalised *out, buf *text)
{
    if (!run_command(statement, out, text)) {
        run(&mysql, statement, truncated, out, text);
    }
}

static statement_role role_postgresql(slice verb, slice text)
{
    return sql_role(&postgresql, verb, text);
}

static statement_role role_mysql(slice verb, slice text)
{
    return sql_role(&mysql, verb, text);
}

static void values_postgresql(slice statement, statement_values *out)
{
    sql_values_read(&postgresql, statement, out);
}

static void values_mysql(slice statement, statement_values *out)
{
    sql_values_read(&mysql, statement, out);
}

static const foreign_tool *const mysql_tools[] = {&pt_tool, &pmm_tool, NULL};

const normaliser postgresql_normaliser = {.engine = "postgresql",
                                          .dialect = &postgresql,
                                          .run = run_postgresql,
                                          .values = values_postgresql,
                                          .role = role_postgresql,
                                          .outline = sql_outline,
                                          .tools = no_foreign_tools};

const normaliser mysql_normaliser = {.engine = "mysql",
                                     .dialect = &mysql,
                                     .run = run_mysql,
                                     .values = values_mysql,
                                     .role = role_mysql,
                                     .outline = mysql_outline,
                                     .tools = mysql_tools};
