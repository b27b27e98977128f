/* outline_tree.c - see outline_tree.h.
 *
 * Why what is found is the statement's outline: an outline is made from front to back, and what is
 * taken out next follows from the bytes that were kept so far, the kinds of what was taken out, and
 * the literal itself. */
#include "normalise/outline_tree.h"

/* Nodes that begin alike end in different ways: eight bytes tell most of them apart. */
static inline uint64_t last_of(const char *text, size_t n)
{
    uint64_t last = 0;
    if (n >= sizeof last) {
        memcpy(&last, text + n - sizeof last, sizeof last);
    }
    return last;
}

static inline bool begins_with(const outline_tree *t, const outline_node *x, const char *p,
                               const char *end)
{
    return (size_t)(end - p) >= x->n && last_of(p, x->n) == x->last &&
           memcmp(p, t->text + x->text, x->n) == 0;
}

/* The node of the list that stands at *p, with the literal behind it; 0 where none does. *p is
 * then what follows. */
static uint32_t follow(outline_tree *t, const normaliser *n, uint32_t *first, const char **p,
                       const char *end, outlined *taken)
{
    uint32_t before = 0;
    for (uint32_t at = *first; at != 0; before = at, at = t->nodes[at].next) {
        outline_node *x = &t->nodes[at];
        if (!begins_with(t, x, *p, end)) {
            continue;
        }
        const char *literal = *p + x->n;
        if (x->kind == 0 ? literal == end : n->take(&literal, end, x->kind, taken)) {
            *p = literal;
            if (before != 0) {
                t->nodes[before].next = x->next;
                x->next = *first;
                *first = at;
            }
            return at;
        }
    }
    return 0;
}

const outline_knowledge *outline_tree_find(outline_tree *t, const normaliser *n, slice statement,
                                           outlined *taken)
{
    const char *p = statement.p;
    uint32_t at = 0;
    outlined_begin(taken);
    do {
        at = follow(t, n, &t->nodes[at].below, &p, statement.p + statement.n, taken);
    } while (at != 0 && t->nodes[at].kind != 0);
    return at != 0 ? &t->leaves[t->nodes[at].below] : NULL;
}

/* The node of a list that is this, made where there is none; 0 where there is no room. */
static uint32_t node_of(outline_tree *t, uint32_t *first, slice text, uint8_t kind)
{
    uint32_t choices = 0;
    for (uint32_t at = *first; at != 0; at = t->nodes[at].next) {
        const outline_node *x = &t->nodes[at];
        if (x->kind == kind && slice_equal(slice_of(t->text + x->text, x->n), text)) {
            return at;
        }
        choices++;
    }
    if (choices == TREE_CHOICES || t->n_nodes + 1 == TREE_NODES || text.n > TREE_TEXT - t->n_text) {
        return 0;
    }
    uint32_t at = ++t->n_nodes;
    t->nodes[at] = (outline_node){.last = last_of(text.p, text.n),
                                  .text = t->n_text,
                                  .n = (uint32_t)text.n,
                                  .next = *first,
                                  .kind = kind};
    memcpy(t->text + t->n_text, text.p, text.n);
    t->n_text += (uint32_t)text.n;
    *first = at;
    return at;
}

void outline_tree_add(outline_tree *t, slice statement, const outlined *taken,
                      const outline_knowledge *known)
{
    uint32_t parent = 0;
    const char *p = statement.p;
    if (taken->n > OUTLINE_PIECES || t->n_leaves == TREE_LEAVES) {
        return;
    }
    for (uint32_t i = 0; i < taken->n; i++) {
        const outline_piece *piece = &taken->pieces[i];
        slice text = slice_between(p, piece->text.p);
        parent = node_of(t, &t->nodes[parent].below, text, piece->kind);
        if (parent == 0) {
            return;
        }
        p = piece->text.p + piece->text.n;
    }
    slice rest = slice_between(p, statement.p + statement.n);
    uint32_t last = node_of(t, &t->nodes[parent].below, rest, 0);
    if (last != 0) {
        t->nodes[last].below = t->n_leaves;
        t->leaves[t->n_leaves++] = *known;
    }
}
