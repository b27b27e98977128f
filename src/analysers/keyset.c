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

/* The next item of a clause, up to a comma outside of quotes; false at its end. */
static bool take_item(slice *clause, slice *item)
{
    char quote = 0;
    size_t n = 0;
    if (clause->n == 0) {
        return false;
    }
    for (; n < clause->n && (quote != 0 || clause->p[n] != ','); n++) {
        char c = clause->p[n];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '`') {
            quote = c;
        }
    }
    *item = slice_trim(slice_take(*clause, n));
    *clause = slice_skip(*clause, n + 1);
    return true;
}

/* The name in an item of the sort as the statement spells it, with its quotes and whose it is.
 * False where there is more to the item than a name and a direction. */
static bool spelling_of(slice item, slice *name)
{
    static const char *const directions[] = {" DESC", " ASC"};
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        if (slice_ends_with(item, slice_from(directions[i]))) {
            item = slice_take(item, item.n - strlen(directions[i]));
            break;
        }
    }
    *name = item;
    return item.n > 0 && find_outside(item, " ") == SIZE_MAX &&
           find_outside(item, "(") == SIZE_MAX && find_outside(item, "?") == SIZE_MAX;
}

/* Spells the sort's columns as the statement does; false where they are not all that stands in it.
 */
static bool spell_columns(const analysed_query *q, size_t order, keyset *k)
{
    slice clause = slice_skip(q->text, order + strlen(" ORDER BY "));
    size_t end = find_outside(clause, " LIMIT ");
    end = end != SIZE_MAX ? end : find_outside(clause, " OFFSET ");
    slice rest = slice_take(clause, end != SIZE_MAX ? end : 0);
    slice item;
    size_t n = 0;
    while (take_item(&rest, &item)) {
        if (n == k->n || !spelling_of(item, &k->spelled[n])) {
            return false;
        }
        n++;
    }
    return end != SIZE_MAX && n == k->n;
}

/* What stands in front of a column's own name: "o." */
static slice owner_of(slice spelled)
{
    slice before = slice_take(spelled, 0);
    char quote = 0;
    for (size_t i = 0; i < spelled.n; i++) {
        char c = spelled.p[i];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '`') {
            quote = c;
        } else if (c == '.') {
            before = slice_take(spelled, i + 1);
        }
    }
    return before;
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
    for (size_t i = 0; i < q->facts.n_order; i++) {
        k.columns[k.n++] = q->facts.order[i];
        k.mixed = k.mixed || q->facts.order[i].descending != q->facts.order[0].descending;
    }
    k.known = k.ordered && k.n > 0 && is_plain(q) && spell_columns(q, order, &k);
    if (k.known && !ends_in_id(k.columns[k.n - 1].name)) {
        k.columns[k.n] = (sql_order){.table = k.columns[0].table,
                                     .name = SLICE("id"),
                                     .descending = k.columns[k.n - 1].descending};
        k.spelled[k.n] = SLICE("id");
        k.owner = owner_of(k.spelled[0]);
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

static void add_name(const keyset *k, size_t i, buf *out)
{
    if (k->added && i + 1 == k->n) {
        buf_add(out, k->owner);
    }
    buf_add(out, k->spelled[i]);
}

/* (a, b) < (?, ?): one comparison of rows, which an index serves. */
static void add_row_comparison(const keyset *k, buf *out)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        add_name(k, i, out);
    }
    buf_add_text(out, k->columns[0].descending ? ") < (" : ") > (");
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", ?" : "?");
    }
    buf_add_char(out, ')');
}

/* (a < ? OR (a = ? AND b > ?)): for directions that differ, and for servers that use no index for
 * the comparison of rows. */
static void add_expanded(const keyset *k, buf *out)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? " OR (" : "");
        for (size_t e = 0; e < i; e++) {
            add_name(k, e, out);
            buf_add_text(out, " = ? AND ");
        }
        add_name(k, i, out);
        buf_add_text(out, k->columns[i].descending ? " < ?" : " > ?");
        buf_add_text(out, i > 0 ? ")" : "");
    }
    buf_add_char(out, ')');
}

/* All in front of ORDER BY, so that one more condition may follow. */
static void add_filter(slice front, buf *out)
{
    slice where = SLICE(" WHERE ");
    size_t at = find_outside(front, where.p);
    slice condition = at != SIZE_MAX ? slice_skip(front, at + where.n) : (slice){0};
    bool or
        = condition.n > 0 && find_outside(condition, " OR ") != SIZE_MAX; /* binds less than AND */
    buf_add(out, slice_take(front, front.n - condition.n));
    buf_add_text(out, or ? "(" : "");
    buf_add(out, condition);
    buf_add_text(out, or ? ")" : "");
    buf_add_text(out, at != SIZE_MAX ? " AND " : where.p);
}

void keyset_rewrite(const analysed_query *q, const keyset *k, buf *out)
{
    size_t order = find_outside(q->text, " ORDER BY ");
    add_filter(slice_take(q->text, order), out);
    if (k->n > 1 && (k->mixed || strcmp(q->normaliser->engine, "postgresql") != 0)) {
        add_expanded(k, out);
    } else if (k->n > 1) {
        add_row_comparison(k, out);
    } else {
        add_name(k, 0, out);
        buf_add_text(out, k->columns[0].descending ? " < ?" : " > ?");
    }
    buf_add_text(out, " ORDER BY ");
    for (size_t i = 0; i < k->n; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        add_name(k, i, out);
        buf_add_text(out, k->columns[i].descending ? " DESC" : "");
    }
    buf_add_text(out, " LIMIT ?");
}
