/* facts.c - sql_facts_read of facts.h.
 *
 * One pass over the tokens with a small stack of brackets. In each bracket it is known which clause
 * is being read, so that a name is a table, its alias or a column by its place. In conditions
 * the operand in front and the comparison are remembered until the other operand comes. */
#include "normalise/facts.h"

#include "normalise/sql_keywords.h"

enum { SCOPES_MAX = 32, ALIASES_MAX = 32, WITHS_MAX = 16, PARTS_MAX = 4 };

typedef enum clause {
    CLAUSE_OTHER,
    CLAUSE_WITH,
    CLAUSE_SELECT,
    CLAUSE_FROM,
    CLAUSE_CONDITION,
    CLAUSE_ORDER
} clause;

typedef enum operand_kind {
    OPERAND_NONE,
    OPERAND_COLUMN,
    OPERAND_VALUE,
    OPERAND_FUNCTION, /* of a column */
    OPERAND_OTHER
} operand_kind;

typedef enum comparison { COMPARE_NONE, COMPARE_EQUAL, COMPARE_RANGE, COMPARE_NOT } comparison;

typedef struct name {
    slice parts[PARTS_MAX]; /* as written in the statement, without quotes */
    bool quoted[PARTS_MAX];
    size_t n;
} name;

typedef struct operand {
    operand_kind kind;
    name column;
} operand;

typedef struct alias {
    name name;
    size_t table; /* SQL_TABLES_MAX: none that is known */
} alias;

typedef struct scope {
    clause clause;
    bool verb;       /* its statement's verb was seen */
    bool has_from;   /* FROM and ORDER BY are clauses here */
    bool table_next; /* the next name is a table */
    bool alias_next; /* the next name is the alias of the table in front */
    bool writes;     /* the next table is the one that is changed */
    bool function;   /* arguments of a function */
    bool has_column;
    bool exists;
    bool copies; /* COPY's */
    size_t first_alias;
} scope;

typedef struct facts_reader {
    sql_facts *out;
    arena *arena;
    sql_lexer lexer;
    sql_token t;
    sql_token_kind kind; /* of the token in front */
    keyword word;        /* the token in front, where it is one */
    bool after_name;     /* the token in front ended a name that is no keyword */
    bool after_type;     /* the token in front was part of a cast's type */
    bool order_open;
    operand left;
    comparison compare;
    alias aliases[ALIASES_MAX];
    size_t n_aliases;
    name withs[WITHS_MAX];
    size_t n_withs;
    size_t depth, beyond;
    scope scopes[SCOPES_MAX];
} facts_reader;

static scope *innermost(facts_reader *r)
{
    return &r->scopes[r->depth];
}

static keyword keyword_of(const sql_token *t)
{
    bool plain = t->kind == TOKEN_WORD && !t->quoted && t->text.n <= 16;
    return plain ? keyword_find(t->first, t->second) : KW_NONE;
}

/* --- names ----------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same_part(slice a, bool a_quoted, slice b, bool b_quoted)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        char x = a_quoted ? a.p[i] : lower(a.p[i]);
        char y = b_quoted ? b.p[i] : lower(b.p[i]);
        if (x != y) {
            return false;
        }
    }
    return true;
}

static bool same_last_part(const name *a, const name *b)
{
    return a->n > 0 && b->n > 0 &&
           same_part(a->parts[a->n - 1], a->quoted[a->n - 1], b->parts[b->n - 1],
                     b->quoted[b->n - 1]);
}

static bool has_capital(slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (lower(text.p[i]) != text.p[i]) {
            return true;
        }
    }
    return false;
}

/* Its parts from `first` to before `end`, with dots; empty where the arena is full. */
static slice spell(facts_reader *r, const name *n, size_t first, size_t end)
{
    size_t room = 1;
    for (size_t i = first; i < end; i++) {
        room += n->parts[i].n + 3;
    }
    char *to = end > first ? arena_alloc(r->arena, room) : NULL;
    if (to == NULL) {
        r->out->complete = r->out->complete && end <= first;
        return SLICE("");
    }
    size_t at = 0;
    for (size_t i = first; i < end; i++) {
        if (i > first) {
            to[at++] = '.';
        }
        bool quotes = n->quoted[i] && has_capital(n->parts[i]);
        if (quotes) {
            to[at++] = '"';
        }
        for (size_t k = 0; k < n->parts[i].n; k++) {
            to[at++] = quotes ? n->parts[i].p[k] : lower(n->parts[i].p[k]);
        }
        if (quotes) {
            to[at++] = '"';
        }
    }
    return slice_of(to, at);
}

static void add_part(name *n, const sql_token *t)
{
    if (n->n == PARTS_MAX) {
        return;
    }
    slice text = t->text;
    bool quoted = t->kind == TOKEN_QUOTED || t->quoted;
    if (t->kind == TOKEN_QUOTED && text.n >= 2 && (*text.p == '"' || *text.p == '`')) {
        text = slice_of(text.p + 1, text.n - 2);
    }
    n->parts[n->n] = text;
    n->quoted[n->n++] = quoted;
}

/* The name that begins with r->t. *star: it ended in `.*`. */
static name take_name(facts_reader *r, bool *star)
{
    name n = {.n = 0};
    *star = false;
    add_part(&n, &r->t);
    for (;;) {
        sql_lexer ahead = r->lexer;
        sql_token t;
        if (sql_lexer_next(&ahead, true, &t) != TOKEN_DOT) {
            return n;
        }
        sql_token_kind kind = sql_lexer_next(&ahead, false, &t);
        *star = kind == TOKEN_OPERATOR && *t.text.p == '*';
        if (kind != TOKEN_WORD && kind != TOKEN_QUOTED && !*star) {
            return n;
        }
        r->lexer = ahead;
        if (*star) {
            return n;
        }
        add_part(&n, &t);
    }
}

static sql_token_kind next_kind(const facts_reader *r)
{
    sql_lexer ahead = r->lexer;
    sql_token t;
    return sql_lexer_next(&ahead, true, &t);
}

/* --- tables ---------------------------------------------------------------------- */

static bool is_with_query(const facts_reader *r, const name *n)
{
    for (size_t i = 0; i < r->n_withs; i++) {
        if (n->n == 1 && same_last_part(&r->withs[i], n)) {
            return true;
        }
    }
    return false;
}

/* Its place among the tables, SQL_TABLES_MAX where there is none. */
static size_t add_table(facts_reader *r, const name *n, bool written, bool read)
{
    slice text = spell(r, n, 0, n->n);
    if (text.n == 0) {
        return SQL_TABLES_MAX;
    }
    size_t i = 0;
    while (i < r->out->n_tables && !slice_equal(r->out->tables[i].name, text)) {
        i++;
    }
    if (i == SQL_TABLES_MAX) {
        r->out->complete = false;
        return i;
    }
    if (i == r->out->n_tables) {
        r->out->tables[r->out->n_tables++] = (sql_table){.name = text};
    }
    r->out->tables[i].written = r->out->tables[i].written || written;
    r->out->tables[i].read = r->out->tables[i].read || read;
    return i;
}

static void add_alias(facts_reader *r, const name *n, size_t table)
{
    if (r->n_aliases == ALIASES_MAX) {
        r->out->complete = false;
        return;
    }
    r->aliases[r->n_aliases++] = (alias){.name = *n, .table = table};
}

static bool next_is_from(const facts_reader *r)
{
    sql_lexer ahead = r->lexer;
    sql_token t;
    sql_lexer_next(&ahead, true, &t);
    return !r->scopes[r->depth].writes && keyword_of(&t) == KW_FROM;
}

static void table(facts_reader *r, const name *n)
{
    scope *s = innermost(r);
    if (next_is_from(r)) {
        return; /* FROM ROWS FROM (…) */
    }
    s->table_next = false;
    s->alias_next = true;
    bool function = !s->writes && next_kind(r) == TOKEN_OPEN;
    if (function || (!s->writes && is_with_query(r, n))) {
        add_alias(r, n, SQL_TABLES_MAX);
        return;
    }
    size_t at = add_table(r, n, s->writes, !s->writes);
    add_alias(r, n, at);
    s->writes = false;
}

static void table_alias(facts_reader *r, const name *n)
{
    scope *s = innermost(r);
    s->alias_next = false;
    if (r->n_aliases > s->first_alias) {
        r->aliases[r->n_aliases - 1].name = *n;
    }
}

/* The table that a column is of: by its qualifier, or where there is but one. */
static slice table_of(const facts_reader *r, const name *column)
{
    size_t at = SQL_TABLES_MAX;
    if (column->n > 1) {
        name qualifier = *column;
        qualifier.n--;
        for (size_t i = r->n_aliases; i > 0; i--) {
            if (same_last_part(&r->aliases[i - 1].name, &qualifier)) {
                at = r->aliases[i - 1].table;
                break;
            }
        }
    } else {
        for (size_t depth = r->depth + 1; depth > 0; depth--) {
            size_t first = r->scopes[depth - 1].first_alias;
            if (first < r->n_aliases) {
                at = first + 1 == r->n_aliases ? r->aliases[first].table : SQL_TABLES_MAX;
                break;
            }
        }
    }
    return at < SQL_TABLES_MAX ? r->out->tables[at].name : SLICE("");
}

/* --- conditions ------------------------------------------------------------------ */

static void use_column(facts_reader *r, const name *column, unsigned use)
{
    slice table_name = table_of(r, column);
    slice text = spell(r, column, column->n - 1, column->n);
    size_t i = 0;
    sql_facts *out = r->out;
    while (i < out->n_columns && !(slice_equal(out->columns[i].name, text) &&
                                   slice_equal(out->columns[i].table, table_name))) {
        i++;
    }
    if (text.n == 0 || i == SQL_COLUMNS_MAX) {
        out->complete = false;
        return;
    }
    if (i == out->n_columns) {
        out->columns[out->n_columns++] = (sql_column){.table = table_name, .name = text, .uses = 0};
    }
    out->columns[i].uses |= use;
}

static void forget_operands(facts_reader *r)
{
    r->left.kind = OPERAND_NONE;
    r->compare = COMPARE_NONE;
}

static void compare_operands(facts_reader *r, const operand *right)
{
    unsigned use = r->compare == COMPARE_EQUAL ? SQL_EQUALITY : SQL_RANGE;
    bool left_column = r->left.kind == OPERAND_COLUMN;
    bool right_column = right->kind == OPERAND_COLUMN;
    if (r->compare != COMPARE_EQUAL && r->compare != COMPARE_RANGE) {
        return;
    }
    if (left_column && right_column && use == SQL_EQUALITY) {
        use = SQL_JOIN;
    }
    if (left_column) {
        use_column(r, &r->left.column, use);
    }
    if (right_column && (left_column || r->left.kind == OPERAND_VALUE)) {
        use_column(r, &right->column, use);
    }
}

static void operand_here(facts_reader *r, const operand *o)
{
    if (innermost(r)->clause != CLAUSE_CONDITION) {
        return;
    }
    if (r->compare != COMPARE_NONE) {
        compare_operands(r, o);
        r->compare = COMPARE_NONE;
        r->left.kind = OPERAND_OTHER;
    } else {
        r->left = *o;
        if (r->kind == TOKEN_OPERATOR) {
            r->left.kind = OPERAND_OTHER;
        }
    }
}

static void value_operand(facts_reader *r)
{
    operand o = {.kind = OPERAND_VALUE};
    operand_here(r, &o);
}

static void begin_comparison(facts_reader *r, comparison c)
{
    if (r->left.kind == OPERAND_FUNCTION) {
        r->out->smells |= SQL_FUNCTION_ON_COLUMN;
    }
    r->compare = r->compare == COMPARE_NOT ? COMPARE_NOT : c;
}

/* One whose other side need not be looked at: IN, BETWEEN, IS, = ANY. */
static void compare_with_value(facts_reader *r, comparison c)
{
    begin_comparison(r, c);
    value_operand(r);
}

static void operator_here(facts_reader *r)
{
    slice op = r->t.text;
    scope *s = innermost(r);
    bool star = slice_is(op, "*") && s->clause == CLAUSE_SELECT && !s->exists &&
                (r->word == KW_SELECT || r->word == KW_DISTINCT || r->word == KW_ALL ||
                 r->kind == TOKEN_COMMA);
    if (star) {
        r->out->smells |= SQL_SELECT_STAR;
    }
    if (s->clause != CLAUSE_CONDITION) {
        return;
    }
    if (slice_is(op, "=") || slice_is(op, "<=>")) {
        begin_comparison(r, COMPARE_EQUAL);
    } else if (slice_is(op, "<") || slice_is(op, ">") || slice_is(op, "<=") || slice_is(op, ">=")) {
        begin_comparison(r, COMPARE_RANGE);
    } else if (slice_is(op, "<>") || slice_is(op, "!=")) {
        begin_comparison(r, COMPARE_NOT);
    } else if (r->compare == COMPARE_NONE) {
        r->left.kind = OPERAND_OTHER;
    }
}

/* --- order ----------------------------------------------------------------------- */

static void order_by(facts_reader *r, const name *n)
{
    sql_token_kind next = next_kind(r);
    bool begins = r->word == KW_BY || r->kind == TOKEN_COMMA;
    slice last = n->parts[n->n - 1];
    if (begins && next == TOKEN_OPEN &&
        (same_part(last, false, SLICE("random"), true) ||
         same_part(last, false, SLICE("rand"), true))) {
        r->out->smells |= SQL_RANDOM_ORDER;
    }
    bool simple = begins && next != TOKEN_OPEN && next != TOKEN_OPERATOR && next != TOKEN_CAST;
    if (r->depth > 0 || !r->order_open) {
        return;
    }
    r->order_open = simple;
    if (simple && r->out->n_order < SQL_ORDER_MAX) {
        r->out->order[r->out->n_order++] = (sql_order){
            .table = table_of(r, n), .name = spell(r, n, n->n - 1, n->n), .descending = false};
    }
}

/* --- names by their place ---------------------------------------------------------- */

static void with_query(facts_reader *r, const name *n)
{
    bool begins = r->word == KW_WITH || r->word == KW_RECURSIVE || r->kind == TOKEN_COMMA;
    if (begins && r->n_withs < WITHS_MAX) {
        r->withs[r->n_withs++] = *n;
    } else if (begins) {
        r->out->complete = false;
    }
    r->word = KW_NONE;
    r->kind = TOKEN_WORD;
}

static void column(facts_reader *r, const name *n)
{
    bool function = next_kind(r) == TOKEN_OPEN;
    scope *s = innermost(r);
    if (s->function && !function) {
        s->has_column = true;
    }
    if (s->clause == CLAUSE_ORDER && s->has_from) {
        order_by(r, n);
    } else if (!function) {
        operand o = {.kind = OPERAND_COLUMN, .column = *n};
        operand_here(r, &o);
    }
}

static void name_here(facts_reader *r)
{
    bool star;
    name n = take_name(r, &star);
    scope *s = innermost(r);
    if (r->after_type) {
        return;
    }
    if (s->clause == CLAUSE_WITH) {
        with_query(r, &n);
        return;
    }
    if (star) {
        if (s->clause == CLAUSE_SELECT && !s->exists) {
            r->out->smells |= SQL_SELECT_STAR;
        }
    } else if (s->table_next) {
        table(r, &n);
    } else if (s->alias_next) {
        table_alias(r, &n);
    } else {
        column(r, &n);
    }
    r->word = KW_NONE;
    r->kind = TOKEN_WORD;
    r->after_name = !star;
}

/* --- keywords -------------------------------------------------------------------- */

static void begin_clause(facts_reader *r, clause c)
{
    scope *s = innermost(r);
    s->clause = c;
    s->table_next = c == CLAUSE_FROM;
    s->alias_next = false;
    forget_operands(r);
}

/* The first verb of a statement or sub-query; false of a word that only looks like one. */
static bool begin_verb(facts_reader *r, keyword k)
{
    scope *s = innermost(r);
    if (k != KW_SELECT && s->verb) {
        return false;
    }
    if (k == KW_SELECT && (s->has_from || !s->verb)) {
        s->first_alias = r->n_aliases; /* a UNION's next one sees its own tables */
    }
    s->verb = true;
    s->function = false;
    begin_clause(r, k == KW_SELECT ? CLAUSE_SELECT : CLAUSE_OTHER);
    s->has_from = k == KW_SELECT || k == KW_UPDATE || k == KW_DELETE || k == KW_MERGE;
    s->copies = k == KW_COPY;
    s->writes = k != KW_SELECT && k != KW_TABLE && k != KW_ANALYZE && k != KW_VACUUM;
    s->table_next = k == KW_UPDATE || k == KW_TRUNCATE || k == KW_TABLE || k == KW_COPY ||
                    k == KW_ANALYZE || k == KW_VACUUM;
    return true;
}

static void from_word(facts_reader *r)
{
    scope *s = innermost(r);
    if (s->has_from && r->word != KW_DISTINCT) {
        begin_clause(r, CLAUSE_FROM);
    }
}

static void using_word(facts_reader *r)
{
    scope *s = innermost(r);
    bool joins = s->clause == CLAUSE_FROM && next_kind(r) == TOKEN_OPEN;
    if (s->has_from && !joins && s->clause != CLAUSE_ORDER) {
        begin_clause(r, CLAUSE_FROM);
    } else {
        s->alias_next = false;
    }
}

/* INSERT INTO, and PostgreSQL's SELECT … INTO, which makes a table. */
static void into_word(facts_reader *r)
{
    scope *s = innermost(r);
    if (s->clause == CLAUSE_SELECT && r->lexer.dialect->double_colons) {
        s->writes = true;
    }
    s->table_next = s->writes;
}

/* What ends a FROM or a condition and has neither in it. */
static bool ends_clause(keyword k)
{
    switch (k) {
    case KW_CONFLICT:
    case KW_SET:
    case KW_GROUP:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_FETCH:
    case KW_FOR:
    case KW_RETURNING:
    case KW_VALUES:
    case KW_WINDOW:
    case KW_THEN:
    case KW_UNION:
    case KW_EXCEPT:
    case KW_INTERSECT:
        return true;
    default:
        return false;
    }
}

/* COPY (query) TO file reads what the query does; what follows is no table. */
static void to_word(facts_reader *r)
{
    scope *s = innermost(r);
    if (s->copies && r->out->n_tables > 0) {
        sql_table *copied = &r->out->tables[r->out->n_tables - 1];
        copied->read = true;
        copied->written = false;
        s->table_next = false;
    }
}

static void clause_word(facts_reader *r, keyword k)
{
    scope *s = innermost(r);
    switch (k) {
    case KW_FROM:
        from_word(r);
        break;
    case KW_USING:
        using_word(r);
        break;
    case KW_JOIN:
        begin_clause(r, CLAUSE_FROM);
        break;
    case KW_INTO:
        into_word(r);
        break;
    case KW_TO:
        to_word(r);
        break;
    case KW_TABLE:
    case KW_VIEW:
        s->table_next = s->writes;
        break;
    case KW_ON:
        if (r->word != KW_DISTINCT) {
            begin_clause(r, CLAUSE_CONDITION);
            s->table_next = s->writes; /* CREATE INDEX … ON t */
        }
        break;
    case KW_WHERE:
    case KW_HAVING:
    case KW_WHEN:
        begin_clause(r, CLAUSE_CONDITION);
        break;
    case KW_ORDER:
        begin_clause(r, CLAUSE_ORDER);
        r->order_open = r->depth == 0 && r->out->n_order == 0;
        break;
    default:
        if (ends_clause(k)) {
            begin_clause(r, CLAUSE_OTHER);
        }
        break;
    }
}

static void condition_word(facts_reader *r, keyword k)
{
    switch (k) {
    case KW_AND:
    case KW_OR:
        forget_operands(r);
        break;
    case KW_NOT:
        r->compare = r->left.kind == OPERAND_NONE ? COMPARE_NONE : COMPARE_NOT;
        break;
    case KW_IS:
        begin_comparison(r, COMPARE_EQUAL);
        break;
    case KW_IN:
        compare_with_value(r, COMPARE_EQUAL);
        break;
    case KW_BETWEEN:
        compare_with_value(r, COMPARE_RANGE);
        break;
    case KW_LIKE:
    case KW_ILIKE:
        begin_comparison(r, COMPARE_NOT);
        break;
    case KW_ANY:
    case KW_ALL:
    case KW_ARRAY:
    case KW_CAST:
    case KW_CASE:
    case KW_NULL:
    case KW_TRUE:
    case KW_FALSE:
        value_operand(r);
        break;
    default:
        break;
    }
}

static void keyword_here(facts_reader *r, keyword k)
{
    scope *s = innermost(r);
    bool verb = false;
    switch (k) {
    case KW_SELECT:
    case KW_INSERT:
    case KW_REPLACE:
    case KW_UPDATE:
    case KW_DELETE:
    case KW_MERGE:
    case KW_TRUNCATE:
    case KW_COPY:
    case KW_CREATE:
    case KW_ALTER:
    case KW_DROP:
    case KW_REFRESH:
    case KW_ANALYZE:
    case KW_VACUUM:
    case KW_TABLE:
        verb = begin_verb(r, k);
        break;
    case KW_WITH:
        if (!s->verb) {
            s->clause = CLAUSE_WITH;
        }
        break;
    case KW_DESC:
        if (s->clause == CLAUSE_ORDER && r->order_open && r->depth == 0 && r->out->n_order > 0) {
            r->out->order[r->out->n_order - 1].descending = true;
        }
        break;
    default:
        break;
    }
    if (!verb) {
        clause_word(r, k);
        if (s->clause == CLAUSE_CONDITION) {
            condition_word(r, k);
        }
    }
    r->word = k;
    r->kind = TOKEN_WORD;
}

/* A word that opens a statement there, or is reserved; any other is a name. */
static bool is_name(const facts_reader *r, keyword k)
{
    unsigned flags = keyword_about(k)->flags;
    if (k == KW_NONE) {
        return true;
    }
    bool opens = (flags & KEYWORD_VERB) != 0 && !r->scopes[r->depth].verb && r->depth == 0;
    return (flags & KEYWORD_RESERVED) == 0 && !opens && k != KW_CONFLICT;
}

/* --- brackets -------------------------------------------------------------------- */

static void open_bracket(facts_reader *r)
{
    if (r->depth + 1 == SCOPES_MAX || r->beyond > 0) {
        r->beyond++;
        r->out->complete = false;
        return;
    }
    scope *outer = innermost(r);
    if (r->compare != COMPARE_NONE) {
        value_operand(r); /* = (SELECT …), = f(…) */
    }
    scope *s = &r->scopes[++r->depth];
    *s = (scope){
        .function = r->after_name, .exists = r->word == KW_EXISTS, .first_alias = r->n_aliases};
    bool groups = !r->after_name && r->word != KW_IN && r->word != KW_ANY;
    bool joins = outer->clause == CLAUSE_FROM && outer->table_next;
    if (groups && (outer->clause == CLAUSE_CONDITION || joins)) {
        s->clause = outer->clause;
        s->table_next = joins;
        s->first_alias = outer->first_alias;
        outer->table_next = false;
    }
}

static void close_bracket(facts_reader *r)
{
    if (r->beyond > 0) {
        r->beyond--;
        return;
    }
    if (r->depth == 0) {
        return;
    }
    scope closed = *innermost(r);
    scope *s = &r->scopes[--r->depth];
    if (closed.verb) {
        r->n_aliases = closed.first_alias;
    }
    s->alias_next = s->clause == CLAUSE_FROM;
    if (s->clause == CLAUSE_FROM && closed.verb) {
        add_alias(r, &(name){.n = 0}, SQL_TABLES_MAX);
        s->table_next = false;
    }
    forget_operands(r);
    if (closed.function && closed.has_column && s->clause == CLAUSE_CONDITION) {
        r->left.kind = OPERAND_FUNCTION;
    }
}

static void comma(facts_reader *r)
{
    scope *s = innermost(r);
    if (s->clause == CLAUSE_CONDITION && s->has_from) {
        s->clause = CLAUSE_FROM; /* … JOIN u ON …, v */
    }
    s->alias_next = false;
    s->table_next = s->clause == CLAUSE_FROM;
    forget_operands(r);
}

/* --- the pass -------------------------------------------------------------------- */

static void word_here(facts_reader *r)
{
    keyword k = keyword_of(&r->t);
    bool of_type =
        r->kind == TOKEN_CAST || (r->after_type && (keyword_about(k)->flags & KEYWORD_TYPE) != 0);
    r->after_type = of_type;
    r->after_name = false;
    if (of_type || is_name(r, k)) {
        name_here(r);
        r->after_type = of_type;
        r->kind = TOKEN_WORD;
    } else {
        keyword_here(r, k);
    }
}

static void other_here(facts_reader *r)
{
    switch (r->t.kind) {
    case TOKEN_STRING:
        value_operand(r);
        break;
    case TOKEN_LITERAL:
    case TOKEN_QUESTION:
        value_operand(r);
        break;
    case TOKEN_OPERATOR:
        operator_here(r);
        break;
    case TOKEN_CAST:
        if (r->left.kind == OPERAND_COLUMN && r->compare == COMPARE_NONE) {
            r->left.kind = OPERAND_FUNCTION;
        }
        break;
    case TOKEN_OPEN:
        open_bracket(r);
        break;
    case TOKEN_CLOSE:
        close_bracket(r);
        break;
    case TOKEN_COMMA:
        comma(r);
        break;
    default:
        break;
    }
    r->kind = r->t.kind;
    r->word = KW_NONE;
    r->after_name = r->after_type = false;
}

void sql_facts_read(const sql_dialect *dialect, slice statement, arena *a, sql_facts *out)
{
    *out = (sql_facts){.complete = true};
    facts_reader r;
    r.out = out;
    r.arena = a;
    r.lexer = (sql_lexer){statement.p, statement.p + statement.n, dialect, false};
    r.kind = TOKEN_END;
    r.word = KW_NONE;
    r.after_name = r.after_type = r.order_open = false;
    r.n_aliases = r.n_withs = r.depth = r.beyond = 0;
    r.scopes[0] = (scope){.clause = CLAUSE_OTHER};
    forget_operands(&r);
    for (;;) {
        bool after_operand = r.after_name || r.kind == TOKEN_CLOSE || r.kind == TOKEN_LITERAL ||
                             r.kind == TOKEN_STRING || r.kind == TOKEN_QUOTED;
        switch (sql_lexer_next(&r.lexer, after_operand, &r.t)) {
        case TOKEN_END:
            return;
        case TOKEN_WORD:
        case TOKEN_QUOTED:
            word_here(&r);
            break;
        case TOKEN_SEMICOLON:
            r.depth = r.beyond = r.n_aliases = r.n_withs = 0;
            r.scopes[0] = (scope){.clause = CLAUSE_OTHER};
            r.kind = TOKEN_END;
            r.word = KW_NONE;
            break;
        default:
            other_here(&r);
            break;
        }
    }
}
