/* notes.c - see notes.h. */
#include "analysers/notes.h"

#include "base/number.h"

enum { LONG_LIST = 100, TEXT_MAX = 1024 };

static const struct {
    unsigned smell;
    const char *text;
} texts[] = {
    {SQL_SELECT_STAR,
     "It reads all columns (SELECT *): with those that are needed alone, less is read and sent, and"
     " an index may hold all of them."},
    {SQL_FUNCTION_ON_COLUMN,
     "A condition applies a function to a column, so that an index on the bare column does not"
     " serve it: index the expression, or compare the column with a range."},
    {SQL_RANDOM_ORDER,
     "ORDER BY random() computes and sorts all rows to return a few: choose random keys first, or"
     " sample the table."},
};

static void add(slice notes[NOTES_MAX], uint32_t *n, buf *text, arena *a)
{
    slice copy;
    if (!text->failed && arena_copy(a, buf_slice(text), &copy)) {
        notes[(*n)++] = copy;
    }
    buf_clear(text);
}

uint32_t notes_read(const noted *of, arena *a, slice notes[NOTES_MAX])
{
    uint32_t n = 0;
    buf text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if ((of->smells & texts[i].smell) != 0) {
            notes[n++] = slice_from(texts[i].text);
        }
    }
    if (of->wildcards > 0) {
        buf_add_text(&text, "A pattern begins with a wildcard in ");
        count_format(&text, of->wildcards);
        buf_add_text(&text, " of ");
        counted_format(&text, of->patterns, "execution", "executions");
        buf_add_text(&text, ", so that no ordinary index serves it: a trigram or full-text index"
                            " does.");
        add(notes, &n, &text, a);
    }
    if (of->longest_list >= LONG_LIST) {
        buf_add_text(&text, "A list behind IN holds up to ");
        count_format(&text, of->longest_list);
        buf_add_text(&text, " values, and each length is another statement to parse and plan: pass"
                            " them as one array, or join a table that holds them.");
        add(notes, &n, &text, a);
    }
    buf_free(&text);
    return n;
}
