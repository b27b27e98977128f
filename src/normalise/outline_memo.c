/* outline_memo.c - see outline_memo.h. */
#include "normalise/outline_memo.h"

#include "base/hash.h"
#include "base/number.h"

/* --- counts --------------------------------------------------------------------------------- */

static bool lies_in(const char *p, slice text)
{
    return p >= text.p && p < text.p + text.n;
}

/* Where the count of one statement stands, it stands in all with the same outline: in the same
 * piece, or among the bytes that are the same. */
static count_source source_of(const statement_count *count, const outlined *taken)
{
    count_source fixed = {.is = COUNT_IS_FIXED, .value = (uint8_t)count->value};
    if (count->kind == COUNT_NONE) {
        return (count_source){.is = COUNT_IS_ABSENT};
    }
    if (count->kind != COUNT_NUMBER || taken->n > OUTLINE_PIECES) {
        return (count_source){.is = COUNT_IS_READ};
    }
    for (uint32_t i = 0; i < taken->n; i++) {
        if (lies_in(count->digits, taken->pieces[i].text)) {
            return (count_source){.is = COUNT_IS_PIECE, .value = (uint8_t)i};
        }
    }
    return fixed.value == count->value ? fixed : (count_source){.is = COUNT_IS_READ};
}

/* "20" is 20, as is '20'. */
static slice unquoted(slice text)
{
    bool quoted = text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'');
    return quoted ? slice_of(text.p + 1, text.n - 2) : text;
}

/* False where it takes reading the statement. */
static bool take_count(count_source source, const outlined *taken, statement_count *count)
{
    enum { DIGITS_MAX = 18 };
    *count = (statement_count){.kind = COUNT_NUMBER, .value = source.value};
    if (source.is == COUNT_IS_ABSENT) {
        *count = (statement_count){.kind = COUNT_NONE};
    } else if (source.is == COUNT_IS_PIECE) {
        slice digits = unquoted(taken->pieces[source.value].text);
        return digits.n <= DIGITS_MAX && unsigned_read(digits, &count->value);
    }
    return source.is != COUNT_IS_READ;
}

/* --- outlines ------------------------------------------------------------------------------- */

/* What is known of the statement's outline; NULL where it has none. */
static const outline_knowledge *look_up(outline_memo *memo, const normaliser *n, slice statement,
                                        outlined *taken)
{
    const outline_knowledge *found =
        n->take != NULL ? outline_tree_find(&memo->tree, n, statement, taken) : NULL;
    if (found != NULL) {
        return found;
    }
    outlined_begin(taken);
    size_t length = n->outline(statement, memo->outline, taken);
    if (length == 0) {
        return NULL;
    }
    hash128 hash = content_hash(slice_of(memo->outline, length));
    size_t at = hash.low % OUTLINE_MEMO_SIZE;
    outline_knowledge *known = &memo->known[at].knowledge;
    bool is_new = memo->known[at].high != hash.high || memo->known[at].low != hash.low;
    if (is_new) {
        statement_values values;
        n->run(statement, false, &known->normalised, NULL);
        n->values(statement, &values);
        known->limit = source_of(&values.limit, taken);
        known->offset = source_of(&values.offset, taken);
        known->patterns = values.pattern != PATTERN_NONE;
        known->longest_in = values.longest_in;
        known->rows = values.rows;
        known->kept = (uint32_t)taken->kept;
        memo->known[at].high = hash.high;
        memo->known[at].low = hash.low;
    } else if (n->take != NULL && !memo->known[at].again) {
        outline_tree_add(&memo->tree, statement, taken, known);
    }
    memo->known[at].again = !is_new;
    return known;
}

normalised identify(outline_memo *memo, const normaliser *n, slice statement, bool truncated,
                    statement_values *values)
{
    normalised result;
    outlined taken;
    const outline_knowledge *known = NULL;
    if (n->outline != NULL && !truncated && statement.n <= OUTLINE_MAX) {
        known = look_up(memo, n, statement, &taken);
    }
    if (known == NULL) {
        n->run(statement, truncated, &result, NULL);
        n->values(statement, values);
        return result;
    }
    if (known->normalised.counts &&
        (known->patterns || !(take_count(known->limit, &taken, &values->limit) &&
                              take_count(known->offset, &taken, &values->offset)))) {
        n->values(statement, values);
    } else {
        values->pattern = PATTERN_NONE;
    }
    values->longest_in = known->longest_in;
    values->rows = known->rows;
    values->literals = mix64(taken.literals, known->kept);
    return known->normalised;
}
