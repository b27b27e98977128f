/* explain.c - see explain.h.
 *
 *   # explain: id <TAB> select_type <TAB> table <TAB> type <TAB> possible_keys <TAB> key …
 *   # explain: 1 <TAB> SIMPLE <TAB> orders <TAB> ALL <TAB> NULL <TAB> NULL …
 *
 * becomes "SIMPLE orders ALL; Using where; Using filesort", one line for each row. */
#include "parsers/mysql/explain.h"

#include "base/scan.h"

enum { COLUMNS_MAX = 24 };

static const char beginning[] = "# explain: ";

typedef enum part { PART_SELECT, PART_TABLE, PART_TYPE, PART_KEY, PART_EXTRA, PART_COUNT } part;

static const char *const part_names[PART_COUNT] = {"select_type", "table", "type", "key", "Extra"};

/* The text of a line behind its beginning; false at the end. */
static bool take_row(slice *lines, slice *row)
{
    while (lines->n > 0) {
        const char *newline = scan_first(*lines, '\n');
        slice line = newline != NULL ? slice_between(lines->p, newline) : *lines;
        *lines = slice_skip(*lines, line.n + (newline != NULL));
        line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
        if (slice_starts_with(line, slice_from(beginning))) {
            *row = slice_skip(line, strlen(beginning));
            return true;
        }
    }
    return false;
}

static slice take_column(slice *row)
{
    const char *tab = scan_first(*row, '\t');
    slice text = tab != NULL ? slice_between(row->p, tab) : *row;
    *row = slice_skip(*row, text.n + (tab != NULL));
    return text;
}

/* Which part each column is; PART_COUNT: none. */
typedef struct layout {
    part of[COLUMNS_MAX];
    int columns, found;
} layout;

static layout read_layout(slice row)
{
    layout l = {.columns = 0};
    while (row.n > 0 && l.columns < COLUMNS_MAX) {
        slice name = take_column(&row);
        part p = PART_SELECT;
        while (p < PART_COUNT && !slice_is(name, part_names[p])) {
            p++;
        }
        l.found += p < PART_COUNT;
        l.of[l.columns++] = p;
    }
    return l;
}

static bool is_known(slice text)
{
    return text.n > 0 && !slice_is(text, "NULL");
}

/* Appends at p, numbers as `?`; never longer than the text. */
static char *add_without_numbers(char *p, slice text)
{
    bool number = false;
    for (size_t i = 0; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (!digit || !number) {
            *p++ = digit ? '?' : text.p[i];
        }
        number = digit;
    }
    return p;
}

/* "SIMPLE orders ref key by_user; Using where". Room: the row and a few bytes for each part. */
static char *add_row(char *p, slice row, const layout *l)
{
    slice parts[PART_COUNT] = {{0}};
    for (int i = 0; i < l->columns && row.n > 0; i++) {
        slice text = take_column(&row);
        if (l->of[i] < PART_COUNT) {
            parts[l->of[i]] = text;
        }
    }
    char *begin = p;
    for (part i = PART_SELECT; i <= PART_KEY; i++) {
        if (!is_known(parts[i])) {
            continue;
        }
        p = p > begin ? (*p = ' ', p + 1) : p;
        if (i == PART_KEY) {
            memcpy(p, "key ", 4);
            p += 4;
        }
        memcpy(p, parts[i].p, parts[i].n);
        p += parts[i].n;
    }
    if (is_known(parts[PART_EXTRA])) {
        memcpy(p, "; ", 2);
        p = add_without_numbers(p + 2, parts[PART_EXTRA]);
    }
    return p;
}

slice explain_shape(slice lines, batch *out)
{
    slice none = slice_of("", 0);
    slice row;
    if (!take_row(&lines, &row)) {
        return none;
    }
    layout l = read_layout(row);
    if (l.found < PART_COUNT) {
        return none;
    }
    /* A row holds more columns than are kept, each with its TAB, and its beginning goes. */
    char *shape = arena_alloc(&out->arena, lines.n + 1);
    if (shape == NULL) {
        out->out_of_memory = true;
        return none;
    }
    char *p = shape;
    while (take_row(&lines, &row)) {
        p = p > shape ? (*p = '\n', p + 1) : p;
        p = add_row(p, row, &l);
    }
    return slice_between(shape, p);
}
