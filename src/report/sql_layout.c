/* sql_layout.c - where the lines of a statement begin. sql_layout.h has the contract.
 *
 * What fits on the rest of a line stays on it: a whole statement, a clause, a bracket, an item
 * of a list. What does not is divided one level down: a statement at its clauses, a bracket
 * within its ends, a list between items (as many on a line as fit), a condition at AND and OR.
 * Where none of these is left, lines end at any blank.
 *
 * Whether something fits is found by reading ahead, no further than one line. A bracket that
 * does not fit takes a frame, and frames are bounded; so no byte is read more than a bounded
 * number of times. Lines are broken at blanks of the input, behind brackets that open a frame
 * and before those that close it, and behind commas; nowhere else, so that no token is divided. */
#include "report/sql_layout.h"

/* --- atoms: what no line break may divide ------------------------------------------ */

typedef enum atom_kind {
    ATOM_WORD,
    ATOM_QUOTED,
    ATOM_PLACEHOLDER,
    ATOM_OPEN,
    ATOM_CLOSE,
    ATOM_COMMA,
    ATOM_SEMICOLON,
    ATOM_OTHER
} atom_kind;

typedef struct atom {
    atom_kind kind;
    bool blank;   /* white space stands in front */
    keyword word; /* KW_NONE where it is none */
    slice text;
} atom;

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word_byte(const char *p)
{
    return sql_class_at(p) >= CLASS_WORD;
}

static atom_kind kind_at(const char *p)
{
    switch (*p) {
    case '"':
    case '`':
    case '\'':
        return ATOM_QUOTED;
    case '?':
        return ATOM_PLACEHOLDER;
    case '(':
    case '[':
    case '{':
        return ATOM_OPEN;
    case ')':
    case ']':
    case '}':
        return ATOM_CLOSE;
    case ',':
        return ATOM_COMMA;
    case ';':
        return ATOM_SEMICOLON;
    default:
        return is_word_byte(p) ? ATOM_WORD : ATOM_OTHER;
    }
}

/* A doubled quote ends one name and begins the next, touching it: that comes to the same here.
 * One without its end is all that follows, so that it is looked for only once. */
static const char *after_quoted(const sql_reader *r)
{
    const char *p = r->at + 1;
    while (p < r->end && *p != *r->at) {
        p += r->document && *p == '\\' && r->end - p > 1 ? 2 : 1;
    }
    return p < r->end ? p + 1 : r->end;
}

static const char *after_bytes_of(atom_kind kind, const char *p, const char *end)
{
    while (p < end && !is_blank(*p) && kind_at(p) == kind) {
        p++;
    }
    return p;
}

/* ?| and ?& compare, as @? does: nobody's placeholders. */
static bool is_question_operator(const sql_reader *r)
{
    const char *p = r->at;
    return (r->end - p > 1 && (p[1] == '|' || p[1] == '&')) || (p > r->begin && p[-1] == '@');
}

/* The normaliser wrote keywords in capitals, and names that read like them within quotes. A part
 * of a longer name is none. */
static keyword keyword_of(const sql_reader *r, slice word)
{
    const char *after = word.p + word.n;
    bool alone = word.p == r->begin || is_blank(word.p[-1]) || kind_at(word.p - 1) == ATOM_OPEN;
    if (!alone || r->document || word.n > 16 || (after < r->end && *after == '.')) {
        return KW_NONE;
    }
    for (size_t i = 0; i < word.n; i++) {
        if ((word.p[i] < 'A' || word.p[i] > 'Z') && word.p[i] != '_') {
            return KW_NONE;
        }
    }
    sql_token t;
    sql_word_of(word, &t);
    return keyword_find(t.first, t.second);
}

static bool read_atom(sql_reader *r, atom *a)
{
    const char *from = r->at;
    while (r->at < r->end && is_blank(*r->at)) {
        r->at++;
    }
    if (r->at == r->end) {
        return false;
    }
    const char *p = r->at;
    a->blank = p > from;
    a->kind = kind_at(p);
    if (a->kind == ATOM_PLACEHOLDER && is_question_operator(r)) {
        a->kind = ATOM_OTHER;
    }
    a->word = KW_NONE;
    if (a->kind == ATOM_QUOTED) {
        r->at = after_quoted(r);
    } else if (a->kind == ATOM_WORD || a->kind == ATOM_OTHER) {
        r->at = after_bytes_of(a->kind, p + 1, r->end);
    } else {
        r->at++;
    }
    a->text = slice_between(p, r->at);
    if (a->kind == ATOM_WORD) {
        a->word = keyword_of(r, a->text);
    }
    return true;
}

/* In code points; bytes that continue one take no column. */
static size_t width_of(slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    }
    return n;
}

/* --- clauses ----------------------------------------------------------------------- */

static bool is_block_verb(keyword k)
{
    return k == KW_SELECT || k == KW_WITH || k == KW_INSERT || k == KW_UPDATE || k == KW_DELETE ||
           k == KW_MERGE || k == KW_VALUES;
}

static bool is_set_operation(keyword k)
{
    return k == KW_UNION || k == KW_INTERSECT || k == KW_EXCEPT;
}

static bool is_join_prefix(keyword k)
{
    return k == KW_LEFT || k == KW_RIGHT || k == KW_FULL || k == KW_INNER || k == KW_CROSS ||
           k == KW_NATURAL || k == KW_OUTER;
}

/* Those whose items are moved below their head where they do not fit beside it. */
static bool is_list_clause(keyword k)
{
    return k == KW_SELECT || k == KW_GROUP || k == KW_ORDER || k == KW_SET || k == KW_RETURNING;
}

static atom atom_after(sql_reader r)
{
    atom a;
    return read_atom(&r, &a) ? a : (atom){.kind = ATOM_OTHER, .text = {r.end, 0}};
}

static bool joins(const sql_place *at, const sql_reader *after)
{
    keyword next = atom_after(*after).word;
    return !is_join_prefix(at->previous) && (next == KW_JOIN || is_join_prefix(next));
}

static bool begins_upsert(const sql_reader *after)
{
    atom next = atom_after(*after);
    return next.word == KW_CONFLICT || slice_is(next.text, "DUPLICATE") ||
           slice_is(next.text, "duplicate");
}

/* Within a statement that reads or writes rows. */
static bool opens_clause_of_block(const sql_place *at, keyword k, const sql_reader *after)
{
    switch (k) {
    case KW_FROM:
        return at->previous != KW_DISTINCT && at->previous != KW_DELETE;
    case KW_OFFSET:
        return at->clause != KW_LIMIT;
    case KW_GROUP:
    case KW_ORDER:
        return atom_after(*after).word == KW_BY;
    case KW_JOIN:
        return !is_join_prefix(at->previous);
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
    case KW_INNER:
    case KW_CROSS:
    case KW_NATURAL:
        return joins(at, after);
    case KW_SET:
        return at->clause == KW_UPDATE;
    case KW_USING:
        return at->clause == KW_DELETE || at->clause == KW_MERGE;
    case KW_ON:
        return begins_upsert(after);
    case KW_WHERE:
    case KW_HAVING:
    case KW_LIMIT:
    case KW_FETCH:
    case KW_FOR:
    case KW_RETURNING:
    case KW_WINDOW:
    case KW_WHEN: /* MERGE's: those of CASE are read elsewhere */
        return true;
    default:
        return is_set_operation(k);
    }
}

/* Whether the word begins a clause of a block; `after` stands behind it. */
static bool opens_clause(const sql_place *at, keyword k, const sql_reader *after)
{
    switch (k) {
    case KW_NONE:
        return false;
    case KW_SELECT: /* as a privilege it is none */
        return at->clause != KW_GRANT && at->clause != KW_REVOKE;
    case KW_WITH:
        return at->clause == KW_NONE || (at->other_statement && at->previous == KW_AS);
    case KW_INSERT:
    case KW_UPDATE:
    case KW_DELETE:
    case KW_MERGE:
        return at->clause == KW_NONE || at->clause == KW_WITH || at->previous == KW_AS;
    case KW_VALUES:
        return at->clause == KW_NONE || at->clause == KW_INSERT || is_set_operation(at->clause);
    default:
        return at->other_statement ? k == KW_WHERE : opens_clause_of_block(at, k, after);
    }
}

/* --- reading ahead ------------------------------------------------------------------ */

/* How far something goes that might fit on a line. */
typedef enum extent {
    EXTENT_STATEMENT,
    EXTENT_CLAUSE,
    EXTENT_ITEM,
    EXTENT_GROUP, /* from a bracket to its end */
    EXTENT_CASE,  /* from CASE to its END */
    EXTENT_CHAIN, /* to the first blank outside of brackets; a keyword or operator takes one more */
    EXTENT_RUN    /* to the first blank */
} extent;

static sql_frame *top(sql_layout *l)
{
    return &l->frames[l->depth];
}

/* The innermost bracket's frame; 0 where none is open. */
static size_t depth_of_bracket(const sql_layout *l)
{
    size_t depth = l->depth;
    while (depth > 0 && l->frames[depth].kind == SQL_FRAME_CASE) {
        depth--;
    }
    return depth;
}

/* Whether a bracket that closes here goes onto a line of its own. */
static bool bracket_ends_frame(const sql_layout *l)
{
    return l->beyond == 0 && depth_of_bracket(l) > 0;
}

/* Whether the word begins a line in a frame of the kind. */
static bool begins_line(sql_frame_kind kind, const sql_place *at, keyword k,
                        const sql_reader *after)
{
    switch (kind) {
    case SQL_FRAME_BLOCK:
        return opens_clause(at, k, after);
    case SQL_FRAME_LIST:
        return is_set_operation(k) || (k == KW_ORDER && atom_after(*after).word == KW_BY);
    default:
        return k == KW_WHEN || k == KW_ELSE || k == KW_END;
    }
}

/* A look ahead over one extent. */
typedef struct look {
    extent e;
    const sql_frame *frame;
    bool may_be_named; /* AS and a name behind it belong to it */
    sql_place at;
    size_t width;
    size_t level;     /* brackets open */
    size_t cases;     /* CASEs open outside of these */
    bool binds;       /* only a keyword or operator so far: better not at a line's end */
    const char *stop; /* the extent's end, once seen; what touches it is still to fit */
} look;

static bool ends_before(const look *k, const atom *a, const sql_reader *after)
{
    if (k->e == EXTENT_RUN) {
        return a->blank;
    }
    if (k->level > 0 || k->cases > 0) {
        return false;
    }
    switch (k->e) {
    case EXTENT_CHAIN:
        return a->blank && !k->binds;
    case EXTENT_ITEM:
    case EXTENT_CLAUSE:
        return (k->e == EXTENT_ITEM && a->kind == ATOM_COMMA) ||
               (a->blank && begins_line(k->frame->kind, &k->at, a->word, after));
    default:
        return false;
    }
}

/* The extent's end if nothing from *a on has to fit with it, else NULL. */
static const char *end_in_front_of(look *k, const sql_layout *l, const atom *a,
                                   const sql_reader *after)
{
    bool leaves = a->kind == ATOM_CLOSE && k->level == 0 && bracket_ends_frame(l);
    if (k->stop == NULL && (leaves || ends_before(k, a, after))) {
        k->stop = a->text.p;
    }
    bool name = k->may_be_named && (a->word == KW_AS || k->at.previous == KW_AS);
    return leaves || (a->blank && !name) ? k->stop : NULL;
}

static void look_past(look *k, const atom *a, bool first)
{
    k->width += width_of(a->text) + (a->blank && !first);
    if (a->kind == ATOM_OPEN) {
        k->level++;
    } else if (a->kind == ATOM_CLOSE && k->level > 0) {
        k->level--;
    } else if (k->level == 0 && a->word == KW_CASE) {
        k->cases++;
    } else if (k->level == 0 && a->word == KW_END && k->cases > 0) {
        k->cases--;
    }
    k->at.previous = k->level == 0 ? a->word : KW_NONE;
    k->binds = first && (a->word != KW_NONE || a->kind == ATOM_OTHER);
    bool delimited = k->e == EXTENT_GROUP || k->e == EXTENT_CASE;
    bool closed = delimited && k->level == 0 && k->cases == 0;
    if (k->stop == NULL && (closed || a->kind == ATOM_SEMICOLON)) {
        k->stop = a->text.p + a->text.n;
    }
}

/* Where the extent ends that begins with `first`, or NULL where it does not fit beginning at
 * `column`. What touches its end has to fit as well. */
static const char *fits(const sql_layout *l, const atom *first, size_t column, extent e)
{
    if (column > l->columns) {
        return NULL;
    }
    size_t room = l->columns - column;
    sql_reader r = l->reader;
    r.at = first->text.p;
    /* Four bytes make a code point: what is longer and yet narrow is no text. */
    bool cut = (size_t)(r.end - r.at) / 4 > room;
    r.end = cut ? r.at + 4 * room + 1 : r.end;
    const sql_frame *f = &l->frames[l->depth];
    /* A bracket divided reads better than a lone AS on the next line; a call does not. */
    bool may_be_named = e == EXTENT_CASE || (e == EXTENT_GROUP && first->blank);
    look k = {.e = e, .frame = f, .may_be_named = may_be_named, .at = f->place};
    atom a;
    for (bool begun = false; read_atom(&r, &a); begun = true) {
        const char *end = begun ? end_in_front_of(&k, l, &a, &r) : NULL;
        if (end != NULL) {
            return end;
        }
        look_past(&k, &a, !begun);
        if (k.width > room) {
            return NULL;
        }
        if (a.kind == ATOM_SEMICOLON) { /* ends what brackets are open, too */
            return k.stop;
        }
    }
    return cut ? NULL : k.stop != NULL ? k.stop : r.end;
}

/* Keeps the extent on its line if it fits. */
static bool keep_flat(sql_layout *l, const atom *a, extent e)
{
    const char *end = fits(l, a, l->column, e);
    if (end != NULL) {
        l->flat_end = end;
    }
    return end != NULL;
}

/* --- lines -------------------------------------------------------------------------- */

static void begin_line(sql_layout *l, sql_piece *piece, unsigned indent)
{
    indent = indent < l->indent_max ? indent : l->indent_max;
    piece->gap = GAP_LINE;
    piece->indent = indent;
    l->column = indent;
    l->line++;
    l->line_indent = indent;
    l->wrap_indent = indent + 4 < l->indent_max ? indent + 4 : l->indent_max;
}

static void continue_line(sql_layout *l, sql_piece *piece)
{
    unsigned wrap = l->wrap_indent;
    begin_line(l, piece, wrap);
    l->wrap_indent = wrap;
}

/* Whether a bracket here stands on this line even if what it holds does not. */
static bool can_be_divided(const sql_layout *l, const atom *a)
{
    if (a->kind != ATOM_OPEN || l->depth + 1 == SQL_LAYOUT_DEPTH || l->beyond > 0) {
        return false;
    }
    atom first = atom_after(l->reader);
    return first.text.n > 0 && first.kind != ATOM_CLOSE;
}

/* Whether what would be divided on this line is whole on the next. */
static bool reads_better_below(const sql_layout *l, const atom *a)
{
    const sql_frame *f = &l->frames[l->depth];
    bool stays = f->head || f->place.clause == KW_INSERT; /* its items can go below */
    return !stays && l->beyond == 0 && fits(l, a, l->column, EXTENT_CHAIN) == NULL &&
           fits(l, a, l->wrap_indent, EXTENT_CHAIN) != NULL;
}

/* At a blank where nothing else calls for a line. */
static void wrap_where_needed(sql_layout *l, sql_piece *piece, const atom *a)
{
    bool no_room = can_be_divided(l, a)
                       ? l->column >= l->columns
                       : fits(l, a, l->column, EXTENT_RUN) == NULL || reads_better_below(l, a);
    if (no_room) {
        continue_line(l, piece);
    }
}

static unsigned item_indent(const sql_frame *f)
{
    return f->kind == SQL_FRAME_LIST ? f->indent : f->indent + 2;
}

static void begin_item_on_line(sql_layout *l, sql_piece *piece, const atom *a, unsigned indent)
{
    begin_line(l, piece, indent);
    top(l)->item_line = l->line;
    keep_flat(l, a, EXTENT_ITEM);
}

/* As many items on a line as fit; one that takes several lines has them for itself. */
static void begin_item(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    bool with = f->kind == SQL_FRAME_BLOCK && f->place.clause == KW_WITH;
    bool after_tall = f->item_line != l->line;
    f->after_comma = false;
    if (with) {
        begin_line(l, piece, f->indent);
    } else if (f->one_each || after_tall || !keep_flat(l, a, EXTENT_ITEM)) {
        begin_item_on_line(l, piece, a, item_indent(f));
    }
}

static void open_clause(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    keyword k = a->word;
    if (piece->gap != GAP_LINE && l->column > 0) {
        begin_line(l, piece, f->indent);
    }
    f->place.clause = is_join_prefix(k) ? KW_JOIN : k;
    f->place.other_statement = false;
    f->condition = k == KW_WHERE || k == KW_HAVING;
    f->head = is_list_clause(k) || is_set_operation(k);
    f->between = f->after_comma = false;
    f->item_line = l->line;
    bool divided = f->condition || k == KW_WITH || is_set_operation(k);
    if (!divided && keep_flat(l, a, EXTENT_CLAUSE)) {
        f->head = false;
    }
}

/* The words between a clause's first and its items: BY, DISTINCT ON (…), ALL. */
static bool is_head(const sql_place *at, const atom *a)
{
    return a->word == KW_BY || a->word == KW_DISTINCT || a->word == KW_ALL ||
           (a->word == KW_ON && at->previous == KW_DISTINCT) ||
           (a->kind == ATOM_OPEN && at->previous == KW_ON);
}

static void end_head(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    f->head = false;
    if (is_set_operation(f->place.clause)) {
        begin_line(l, piece, f->indent);
    } else {
        begin_item_on_line(l, piece, a, item_indent(f));
    }
}

/* A join's condition: beside it where it fits, else below it and in its parts. */
static void open_join_condition(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    f->place.clause = KW_ON;
    if (!keep_flat(l, a, EXTENT_CLAUSE)) {
        begin_line(l, piece, f->indent + 2);
        f->condition = !keep_flat(l, a, EXTENT_CLAUSE);
    }
}

/* ON CONFLICT … DO UPDATE SET: on its line, its items as any SET's. */
static void open_upsert_assignments(sql_frame *f)
{
    f->place.clause = KW_SET;
    f->head = true;
}

static bool takes_condition(const sql_place *at)
{
    return at->clause == KW_JOIN || at->clause == KW_USING;
}

/* Words within a clause. True where the line is settled. */
static bool arrange_word(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    switch (a->word) {
    case KW_BETWEEN:
        f->between = true;
        return false;
    case KW_AND:
        if (f->between) {
            f->between = false;
            return false;
        }
        break;
    case KW_OR:
        break;
    case KW_ON:
        if (f->kind == SQL_FRAME_BLOCK && takes_condition(&f->place)) {
            open_join_condition(l, piece, a);
            return true;
        }
        return false;
    case KW_SET:
        if (f->place.clause == KW_ON || f->place.clause == KW_WHEN) {
            open_upsert_assignments(f);
        }
        return false;
    default:
        return false;
    }
    if (f->condition) {
        begin_line(l, piece, item_indent(f));
    }
    return f->condition;
}

/* --- frames ------------------------------------------------------------------------- */

static sql_frame *push(sql_layout *l, sql_frame_kind kind)
{
    sql_frame *f = &l->frames[++l->depth];
    *f = (sql_frame){.kind = kind,
                     .indent = l->line_indent + 2,
                     .outside = l->line_indent,
                     .fresh = kind != SQL_FRAME_CASE,
                     .condition = kind == SQL_FRAME_LIST};
    return f;
}

static void open_bracket(sql_layout *l, const atom *a)
{
    if (l->beyond == 0 && keep_flat(l, a, EXTENT_GROUP)) {
        return;
    }
    if (!can_be_divided(l, a)) {
        l->beyond++;
        return;
    }
    atom first = atom_after(l->reader);
    keyword in_front = top(l)->place.previous;
    bool table_definition = l->depth == 0 && top(l)->place.clause == KW_CREATE;
    bool tables = in_front == KW_FROM || in_front == KW_JOIN;
    sql_frame *f = push(l, tables || is_block_verb(first.word) ? SQL_FRAME_BLOCK : SQL_FRAME_LIST);
    f->place.clause = tables && !is_block_verb(first.word) ? KW_FROM : KW_NONE;
    f->one_each = table_definition || *a->text.p == '{' || *first.text.p == '{';
}

static void close_bracket(sql_layout *l, sql_piece *piece)
{
    l->depth = depth_of_bracket(l);
    begin_line(l, piece, top(l)->outside);
    l->depth--;
}

static void open_case(sql_layout *l, const atom *a)
{
    bool room = l->depth + 1 < SQL_LAYOUT_DEPTH && l->beyond == 0;
    if (room && !keep_flat(l, a, EXTENT_CASE)) {
        push(l, SQL_FRAME_CASE);
    }
}

static void begin_frame(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    f->fresh = false;
    begin_line(l, piece, f->indent);
    f->item_line = l->line;
    if (f->kind == SQL_FRAME_LIST && !f->one_each) {
        keep_flat(l, a, EXTENT_ITEM);
    } else if (opens_clause(&f->place, a->word, &l->reader)) {
        open_clause(l, piece, a);
    }
}

static bool is_transparent(keyword k)
{
    return k == KW_EXPLAIN || k == KW_ANALYZE || k == KW_VERBOSE;
}

static void begin_statement(sql_layout *l, sql_piece *piece, const atom *a)
{
    if (l->column > 0) {
        begin_line(l, piece, 0);
    }
    l->statement_begins = false;
    l->depth = l->beyond = 0;
    l->frames[0] = (sql_frame){.kind = SQL_FRAME_BLOCK, .item_line = l->line};
    if (keep_flat(l, a, EXTENT_STATEMENT)) {
        return;
    }
    if (opens_clause(&top(l)->place, a->word, &l->reader)) {
        open_clause(l, piece, a);
    } else if (!is_transparent(a->word) && (keyword_about(a->word)->flags & KEYWORD_VERB) != 0) {
        top(l)->place.clause = a->word;
        top(l)->place.other_statement = true;
        top(l)->one_each = a->word == KW_ALTER;
    }
}

/* --- pieces ------------------------------------------------------------------------- */

static void arrange_in_case(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    if (a->word == KW_END) {
        begin_line(l, piece, f->outside);
        l->depth--;
    } else if (a->word == KW_WHEN || a->word == KW_ELSE) {
        begin_line(l, piece, f->indent);
        f->condition = !keep_flat(l, a, EXTENT_CLAUSE) && a->word == KW_WHEN;
    } else if (a->word == KW_THEN && f->condition) {
        begin_line(l, piece, item_indent(f));
        f->condition = false;
    } else if (!arrange_word(l, piece, a)) {
        wrap_where_needed(l, piece, a);
    }
}

/* Behind a blank, within a frame. */
static void arrange(sql_layout *l, sql_piece *piece, const atom *a)
{
    sql_frame *f = top(l);
    if (l->beyond > 0) {
        wrap_where_needed(l, piece, a);
    } else if (f->kind == SQL_FRAME_CASE) {
        arrange_in_case(l, piece, a);
    } else if (f->kind == SQL_FRAME_BLOCK && opens_clause(&f->place, a->word, &l->reader)) {
        open_clause(l, piece, a);
    } else if (f->kind == SQL_FRAME_LIST && begins_line(f->kind, &f->place, a->word, &l->reader)) {
        begin_item_on_line(l, piece, a, f->indent);
    } else if (f->head && !is_head(&f->place, a)) {
        end_head(l, piece, a);
    } else if (f->after_comma) {
        begin_item(l, piece, a);
    } else if (!arrange_word(l, piece, a)) {
        wrap_where_needed(l, piece, a);
    }
}

/* What follows from an atom for those behind it. */
static void take(sql_layout *l, const atom *a)
{
    sql_frame *f = top(l);
    if (a->text.p >= l->flat_end) {
        if (a->kind == ATOM_OPEN) {
            open_bracket(l, a);
        } else if (a->kind == ATOM_CLOSE && l->beyond > 0) {
            l->beyond--;
        } else if (a->word == KW_CASE) {
            open_case(l, a);
        }
    }
    f->after_comma = a->kind == ATOM_COMMA;
    f->place.previous = l->flat_end > a->text.p ? KW_NONE : a->word;
    l->statement_begins = a->kind == ATOM_SEMICOLON;
}

static bool may_begin_line(const sql_frame *f, const atom *a)
{
    return a->blank || (f->after_comma && f->one_each);
}

static void place(sql_layout *l, sql_piece *piece, const atom *a)
{
    if (l->statement_begins) {
        begin_statement(l, piece, a);
    } else if (a->text.p < l->flat_end) {
        return;
    } else if (a->kind == ATOM_CLOSE && bracket_ends_frame(l)) {
        close_bracket(l, piece);
    } else if (top(l)->fresh) {
        begin_frame(l, piece, a);
    } else if (may_begin_line(top(l), a)) {
        arrange(l, piece, a);
    }
}

static sql_piece_kind piece_kind(const atom *a)
{
    switch (a->kind) {
    case ATOM_PLACEHOLDER:
        return PIECE_PLACEHOLDER;
    case ATOM_QUOTED:
        return PIECE_QUOTED;
    default:
        return a->word != KW_NONE ? PIECE_KEYWORD : PIECE_PLAIN;
    }
}

void sql_layout_init(sql_layout *l, slice statement, unsigned columns)
{
    slice text = slice_trim(statement);
    const char *end = text.p + text.n;
    unsigned half = columns / 2;
    l->reader = (sql_reader){text.p, text.p, end, slice_starts_with(text, SLICE("{"))};
    l->columns = columns;
    l->indent_max = half < SQL_LAYOUT_INDENT ? half : SQL_LAYOUT_INDENT;
    l->column = l->line = l->depth = l->beyond = 0;
    l->line_indent = 0;
    l->wrap_indent = l->indent_max < 4 ? l->indent_max : 4;
    l->flat_end = text.p;
    l->statement_begins = true;
    l->frames[0] = (sql_frame){.kind = SQL_FRAME_BLOCK};
}

bool sql_layout_next(sql_layout *l, sql_piece *piece)
{
    atom a;
    if (!read_atom(&l->reader, &a)) {
        return false;
    }
    *piece = (sql_piece){.kind = piece_kind(&a), .gap = a.blank ? GAP_SPACE : GAP_NONE};
    piece->text = a.text;
    l->column += a.blank;
    place(l, piece, &a);
    take(l, &a);
    l->column += width_of(a.text);
    return true;
}

void sql_layout_text(slice statement, unsigned columns, buf *out)
{
    sql_layout l;
    sql_piece piece;
    sql_layout_init(&l, statement, columns);
    while (sql_layout_next(&l, &piece)) {
        if (piece.gap == GAP_LINE) {
            buf_add_char(out, '\n');
            buf_add_repeat(out, ' ', piece.indent);
        } else if (piece.gap == GAP_SPACE) {
            buf_add_char(out, ' ');
        }
        buf_add(out, piece.text);
    }
}
