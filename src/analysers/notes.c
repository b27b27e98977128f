/* notes.c - see notes.h. */
#include "analysers/notes.h"

static const struct {
    unsigned smell;
    const char *text;
} notes_of[NOTES_MAX] = {
    {SQL_SELECT_STAR,
     "It reads all columns (SELECT *): with those that are needed alone, less is read and sent, and"
     " an index may hold all of them."},
    {SQL_FUNCTION_ON_COLUMN,
     "A condition applies a function to a column, so that an index on the bare column does not"
     " serve it: index the expression, or compare the column with a range."},
    {SQL_LEADING_WILDCARD,
     "A pattern begins with a wildcard, so that no ordinary index serves it: a trigram or full-text"
     " index does."},
    {SQL_RANDOM_ORDER,
     "ORDER BY random() computes and sorts all rows to return a few: choose random keys first, or"
     " sample the table."},
};

uint32_t notes_read(unsigned smells, slice notes[NOTES_MAX])
{
    uint32_t n = 0;
    for (size_t i = 0; i < NOTES_MAX; i++) {
        if ((smells & notes_of[i].smell) != 0) {
            notes[n++] = slice_from(notes_of[i].text);
        }
    }
    return n;
}
