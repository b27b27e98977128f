/* index_candidate.c - see index_candidate.h.
 *
 * The order of the columns: behind the first column of a range an index is in no order that a sort
 * or another condition could use, so equality comes first, then the sort, then a range. */
#include "analysers/index_candidate.h"

#include "base/json.h"
#include "base/scan.h"

enum { COLUMNS_MAX = 5 /* more than that no index should have without a thought */ };

typedef struct candidate {
    slice columns[COLUMNS_MAX];
    bool descending[COLUMNS_MAX];
    uint32_t n;
} candidate;

static void add_column(candidate *c, slice name, bool descending)
{
    for (uint32_t i = 0; i < c->n; i++) {
        if (slice_equal(c->columns[i], name)) {
            return;
        }
    }
    if (c->n < COLUMNS_MAX) {
        c->columns[c->n] = name;
        c->descending[c->n++] = descending;
    }
}

/* --- of SQL -------------------------------------------------------------------------------- */

static bool is_of(slice column_table, slice table, const sql_facts *f)
{
    return slice_equal(column_table, table) || (column_table.n == 0 && f->n_tables == 1);
}

static void add_uses(candidate *c, const sql_facts *f, slice table, unsigned use, uint32_t max)
{
    for (size_t i = 0; i < f->n_columns && max > 0; i++) {
        if ((f->columns[i].uses & use) != 0 && is_of(f->columns[i].table, table, f)) {
            add_column(c, f->columns[i].name, false);
            max--;
        }
    }
}

/* A sort by columns of several tables takes the joined rows: no index has their order. */
static bool is_order_of(const sql_facts *f, slice table)
{
    for (size_t i = 0; i < f->n_order; i++) {
        if (!is_of(f->order[i].table, table, f)) {
            return false;
        }
    }
    return f->n_order > 0;
}

static bool has_condition(const sql_facts *f, slice table)
{
    for (size_t i = 0; i < f->n_columns; i++) {
        if ((f->columns[i].uses & (SQL_EQUALITY | SQL_RANGE)) != 0 &&
            is_of(f->columns[i].table, table, f)) {
            return true;
        }
    }
    return false;
}

static candidate candidate_of_table(const sql_facts *f, slice table, bool filtered)
{
    candidate c = {0};
    bool sorted = is_order_of(f, table);
    if (!has_condition(f, table) && (!sorted || filtered)) {
        return c; /* the order alone does not spare reading what a filter throws away */
    }
    add_uses(&c, f, table, SQL_EQUALITY, COLUMNS_MAX);
    if (sorted) {
        for (size_t i = 0; i < f->n_order; i++) {
            add_column(&c, f->order[i].name, f->order[i].descending);
        }
    }
    add_uses(&c, f, table, SQL_RANGE, 1);
    return c;
}

/* Letters, digits and underscores of a name, for the name of the index. */
static void add_plain(buf *out, slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        char ch = name.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '_';
        if (plain || ch == '.') {
            buf_add_char(out, plain ? ch : '_');
        }
    }
}

/* All descending is read backwards: only a mixture has to be said. */
static bool has_mixture(const candidate *c)
{
    bool up = false;
    bool down = false;
    for (uint32_t i = 0; i < c->n; i++) {
        down = down || c->descending[i];
        up = up || (down && !c->descending[i]);
    }
    return up && down;
}

static void write_sql(buf *out, slice table, const candidate *c)
{
    bool mixed = has_mixture(c);
    buf_add_text(out, out->n > 0 ? "\nCREATE INDEX " : "CREATE INDEX ");
    add_plain(out, table);
    for (uint32_t i = 0; i < c->n; i++) {
        buf_add_char(out, '_');
        add_plain(out, c->columns[i]);
    }
    buf_add_text(out, " ON ");
    buf_add(out, table);
    buf_add_text(out, " (");
    for (uint32_t i = 0; i < c->n; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        buf_add(out, c->columns[i]);
        buf_add_text(out, mixed && c->descending[i] ? " DESC" : "");
    }
    buf_add_text(out, ");");
}

static void candidates_of_sql(const sql_facts *f, bool filtered, buf *out)
{
    for (size_t i = 0; i < f->n_tables; i++) {
        candidate c = candidate_of_table(f, f->tables[i].name, filtered);
        if (c.n > 0) {
            write_sql(out, f->tables[i].name, &c);
        }
    }
}

/* --- of documents -------------------------------------------------------------------------- */

/* What a document's filter and sort come to. */
typedef struct document {
    slice equal[COLUMNS_MAX], ordered[COLUMNS_MAX], ranged[COLUMNS_MAX];
    slice directions[COLUMNS_MAX];
    uint32_t n_equal, n_ordered, n_ranged;
    bool filtered;
} document;

static void keep(slice *list, uint32_t *n, slice name)
{
    if (*n < COLUMNS_MAX) {
        list[(*n)++] = name;
    }
}

static bool is_range(slice operator)
{
    return slice_is(operator, "$gt") || slice_is(operator, "$gte") || slice_is(operator, "$lt") ||
           slice_is(operator, "$lte");
}

/* {"$eq": …} of a field. */
static void read_condition(slice field, slice condition, document *d)
{
    json_reader r;
    json_token t;
    json_begin(&r, condition);
    if (!json_enter(&r, &t)) {
        return;
    }
    if (slice_is(t.text, "$eq") || slice_is(t.text, "$in")) {
        keep(d->equal, &d->n_equal, field);
    } else if (is_range(t.text)) {
        keep(d->ranged, &d->n_ranged, field);
    }
}

static void read_filter(slice filter, document *d);

static void read_all_of(slice list, document *d)
{
    json_reader r;
    json_token t;
    slice one;
    json_begin(&r, list);
    if (json_next(&r, &t) != JSON_ARRAY_BEGIN) {
        return;
    }
    while (json_next(&r, &t) == JSON_OBJECT_BEGIN && json_skip(&r, &t, &one)) {
        json_reader within;
        json_token name;
        json_begin(&within, one);
        /* One that nests again is left out: what comes of it is no simple index. */
        if (json_enter(&within, &name) && !slice_starts_with(name.text, SLICE("$"))) {
            read_filter(one, d);
        }
    }
}

static void read_filter(slice filter, document *d)
{
    json_reader r;
    json_token t;
    slice condition;
    json_begin(&r, filter);
    if (json_next(&r, &t) != JSON_OBJECT_BEGIN) {
        return;
    }
    while (json_next(&r, &t) == JSON_NAME) {
        slice name = t.text;
        d->filtered = true;
        json_next(&r, &t);
        if (!json_skip(&r, &t, &condition)) {
            return;
        }
        if (slice_is(name, "$and")) {
            read_all_of(condition, d);
        } else if (!slice_starts_with(name, SLICE("$"))) {
            read_condition(name, condition, d);
        }
    }
}

static void read_sort(slice sort, document *d)
{
    json_reader r;
    json_token t;
    json_begin(&r, sort);
    if (json_next(&r, &t) != JSON_OBJECT_BEGIN) {
        return;
    }
    while (json_next(&r, &t) == JSON_NAME && d->n_ordered < COLUMNS_MAX) {
        d->ordered[d->n_ordered] = t.text;
        if (json_next(&r, &t) != JSON_NUMBER) {
            return; /* by a text score, which no ordinary index has */
        }
        d->directions[d->n_ordered++] = t.text;
    }
}

static void read_stage(slice name, slice body, document *d)
{
    if (slice_is(name, "filter") || slice_is(name, "q") || slice_is(name, "query") ||
        slice_is(name, "$match")) {
        read_filter(body, d);
    } else if (slice_is(name, "sort") || slice_is(name, "$sort")) {
        read_sort(body, d);
    }
}

/* The members of a command; of a pipeline the $match and $sort that it begins with. */
static void read_command(slice command, document *d)
{
    json_reader r;
    json_token t;
    slice body;
    json_begin(&r, command);
    for (json_kind kind = json_next(&r, &t); kind != JSON_END && kind != JSON_ERROR;
         kind = json_next(&r, &t)) {
        if (kind != JSON_NAME) {
            continue;
        }
        slice name = t.text;
        kind = json_next(&r, &t);
        if (slice_is(name, "pipeline") && kind == JSON_ARRAY_BEGIN) {
            continue; /* into it */
        }
        bool stage = slice_starts_with(name, SLICE("$"));
        if (!json_skip(&r, &t, &body) ||
            (stage && !slice_is(name, "$match") && !slice_is(name, "$sort"))) {
            return;
        }
        read_stage(name, body, d);
    }
}

static void write_key(buf *out, const candidate *c, slice name, slice direction)
{
    buf_add_text(out, c->n > 1 ? ", \"" : "\"");
    buf_add(out, name);
    buf_add_text(out, "\": ");
    buf_add(out, direction);
}

static void candidate_of_document(slice text, slice collection, buf *out)
{
    document d = {0};
    candidate c = {0};
    const char *begin = memchr(text.p, '{', text.n);
    if (begin == NULL) {
        return;
    }
    read_command(slice_between(begin, text.p + text.n), &d);
    if (d.n_equal + d.n_ranged == 0 && (d.n_ordered == 0 || d.filtered)) {
        return;
    }
    buf_add_text(out, "db.getCollection(\"");
    buf_add(out, collection);
    buf_add_text(out, "\").createIndex({");
    const struct {
        const slice *names;
        uint32_t n;
    } parts[] = {{d.equal, d.n_equal}, {d.ordered, d.n_ordered}, {d.ranged, d.n_ranged}};
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        for (uint32_t i = 0; i < parts[part].n; i++) {
            uint32_t before = c.n;
            add_column(&c, parts[part].names[i], false);
            if (c.n > before) {
                write_key(out, &c, parts[part].names[i], part == 1 ? d.directions[i] : SLICE("1"));
            }
        }
    }
    buf_add_text(out, "})");
}

static slice collection_of(const analysed_query *q)
{
    slice name = query_subject(q);
    const char *dot = name.n > 0 ? memchr(name.p, '.', name.n) : NULL;
    return dot != NULL ? slice_between(dot + 1, name.p + name.n) : name;
}

bool index_candidate(const analysed_query *q, buf *out)
{
    size_t before = out->n;
    if (q->normaliser != NULL && q->normaliser->dialect != NULL) {
        bool filtered = scan_text(q->text, SLICE(" WHERE ")) != NULL;
        candidates_of_sql(&q->facts, filtered, out);
    } else if (q->text.n > 0) {
        candidate_of_document(q->text, collection_of(q), out);
    }
    return out->n > before;
}
