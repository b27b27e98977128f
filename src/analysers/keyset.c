/* keyset.c - see keyset.h. */
#include "analysers/keyset.h"

/* Where a word stands outside of brackets and quotes; SIZE_MAX: nowhere. The last such place. */
static size_t find_outside(slice text, const char *word)
{
    size_t n = strlen(word);
    size_t found = SIZE_MAX;
    size_t depth = 0;
    char quote = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '`' || c == '\'') {
            quote = c;
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            depth -= depth > 0;
        } else if (depth == 0 && i + n <= text.n && memcmp(text.p + i, word, n) == 0) {
            found = i;
        }
    }
    return found;
}

static bool is_document(const analysed_query *q)
{
    return q->normaliser == NULL || q->normaliser->dialect == NULL;
}

static bool is_plain(const analysed_query *q)
{
    static const char *const others[] = {" GROUP BY ", " UNION ",     " HAVING ",
                                         " WINDOW ",   " INTERSECT ", " EXCEPT "};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (find_outside(q->text, others[i]) != SIZE_MAX) {
            return false;
        }
    }
    return q->facts.n_tables > 0 && q->facts.complete;
}

/* The sort's columns are all that stands in it. */
static bool is_whole(const analysed_query *q, size_t order)
{
    slice clause = slice_skip(q->text, order + strlen(" ORDER BY "));
    size_t end = find_outside(clause, " LIMIT ");
    end = end != SIZE_MAX ? end : find_outside(clause, " OFFSET ");
    size_t commas = 0;
    for (size_t i = 0; i < end && i < clause.n; i++) {
        if (clause.p[i] == '(' || clause.p[i] == '?') {
            return false;
        }
        commas += clause.p[i] == ',';
    }
    return end != SIZE_MAX && commas + 1 == q->facts.n_order;
}

static bool ends_in_id(slice name)
{
    return slice_is(name, "id") || (name.n > 3 && memcmp(name.p + name.n - 3, "_id", 3) == 0);
}

keyset keyset_of(const analysed_query *q)
{
    keyset k = {0};
    if (is_document(q)) {
        slice sort = SLICE("\"sort\"");
        for (size_t i = 0; i + sort.n <= q->text.n && !k.ordered; i++) {
            k.ordered = memcmp(q->text.p + i, sort.p, sort.n) == 0 ||
                        (i + 7 <= q->text.n && memcmp(q->text.p + i, "\"$sort\"", 7) == 0);
        }
        return k;
    }
    size_t order = find_outside(q->text, " ORDER BY ");
    k.ordered = order != SIZE_MAX;
    k.known = k.ordered && q->facts.n_order > 0 && is_plain(q) && is_whole(q, order);
    for (size_t i = 0; i < q->facts.n_order; i++) {
        k.columns[k.n++] = q->facts.order[i];
        k.mixed = k.mixed || q->facts.order[i].descending != q->facts.order[0].descending;
    }
    if (k.known && !ends_in_id(k.columns[k.n - 1].name)) {
        k.columns[k.n] = (sql_order){.table = k.columns[0].table,
                                     .name = SLICE("id"),
                                     .descending = k.columns[k.n - 1].descending};
        k.n++;
        k.added = true;
    }
    return k;
}

void keyset_add_index(const analysed_query *q, const keyset *k, buf *out)
{
    if (k->n == 0) {
        return;
    }
    buf_add_text(out, " It needs an index on ");
    buf_add(out, q->facts.tables[0].name);
    buf_add_text(out, " (");
    bool first = true;
    for (size_t i = 0; i < q->facts.n_columns; i++) {
        const sql_column *c = &q->facts.columns[i];
        if ((c->uses & SQL_EQUALITY) != 0) {
            buf_add_text(out, first ? "" : ", ");
            buf_add(out, c->name);
            first = false;
        }
    }
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, first ? "" : ", ");
        buf_add(out, k->columns[i].name);
        buf_add_text(out, k->columns[i].descending ? " DESC" : "");
        first = false;
    }
    buf_add_text(out, "): a candidate, check the existing ones.");
    if (k->added) {
        buf_add_text(out, " `id` stands for the table's unique key, which tells rows with equal"
                          " values apart.");
    }
}

static void add_name(const analysed_query *q, const sql_order *o, buf *out)
{
    if (q->facts.n_tables > 1 && o->table.n > 0) {
        buf_add(out, o->table);
        buf_add_char(out, '.');
    }
    buf_add(out, o->name);
}

/* (a, b) < (?, ?): one comparison of rows, which an index serves. */
static void add_row_comparison(const analysed_query *q, const keyset *k, buf *out)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        add_name(q, &k->columns[i], out);
    }
    buf_add_text(out, k->columns[0].descending ? ") < (" : ") > (");
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", ?" : "?");
    }
    buf_add_char(out, ')');
}

/* (a < ? OR (a = ? AND b > ?)): for directions that differ, and for servers that use no index for
 * the comparison of rows. */
static void add_expanded(const analysed_query *q, const keyset *k, buf *out)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? " OR (" : "");
        for (size_t e = 0; e < i; e++) {
            add_name(q, &k->columns[e], out);
            buf_add_text(out, " = ? AND ");
        }
        add_name(q, &k->columns[i], out);
        buf_add_text(out, k->columns[i].descending ? " < ?" : " > ?");
        buf_add_text(out, i > 0 ? ")" : "");
    }
    buf_add_char(out, ')');
}

void keyset_rewrite(const analysed_query *q, const keyset *k, buf *out)
{
    size_t order = find_outside(q->text, " ORDER BY ");
    slice front = slice_take(q->text, order);
    bool filtered = find_outside(front, " WHERE ") != SIZE_MAX;
    buf_add(out, front);
    buf_add_text(out, filtered ? " AND " : " WHERE ");
    if (k->n > 1 && (k->mixed || strcmp(q->normaliser->engine, "postgresql") != 0)) {
        add_expanded(q, k, out);
    } else if (k->n > 1) {
        add_row_comparison(q, k, out);
    } else {
        add_name(q, &k->columns[0], out);
        buf_add_text(out, k->columns[0].descending ? " < ?" : " > ?");
    }
    buf_add_text(out, " ORDER BY ");
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        add_name(q, &k->columns[i], out);
        buf_add_text(out, k->columns[i].descending ? " DESC" : "");
    }
    buf_add_text(out, " LIMIT ?");
}
