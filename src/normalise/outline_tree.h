/* outline_tree.h - the outlines that come most, as a tree to compare a statement with.
 *
 * Applications send the same few statements again and again. What lies between the literals of one
 * is compared with what lay there in others, many bytes at once, which is several times faster than
 * looking for where literals begin. A node is what stands up to a literal and the kind of it, the
 * nodes below are what may follow. It grows up to its size and then stays. */
#ifndef QLOG_NORMALISE_OUTLINE_TREE_H
#define QLOG_NORMALISE_OUTLINE_TREE_H

#include "normalise/outline.h"

enum { TREE_NODES = 2048, TREE_LEAVES = 512, TREE_TEXT = 128 * 1024, TREE_CHOICES = 64 };

/* How to know what a statement counts when its pieces are known. */
typedef enum count_is {
    COUNT_IS_READ, /* only by reading the statement */
    COUNT_IS_ABSENT,
    COUNT_IS_FIXED, /* in the outline: it is `value` */
    COUNT_IS_PIECE  /* it is the piece of that index */
} count_is;

typedef struct count_source {
    uint8_t is, value;
} count_source;

/* What all statements of one outline have in common. */
typedef struct outline_knowledge {
    normalised normalised;
    count_source limit, offset;
    bool patterns;             /* has any: how they begin is read from each statement */
    uint32_t longest_in, rows; /* as in statement_values */
    uint32_t kept;             /* of outlined.kept */
} outline_knowledge;

typedef struct outline_node {
    uint64_t last;    /* bytes of the text, where it has eight */
    uint32_t text, n; /* in the tree's text */
    uint32_t next;    /* another node instead of this one, met less lately; 0: none */
    uint32_t below;   /* the first node of what follows; of an end its leaf */
    uint8_t kind;     /* of the literal; 0: the statement ends */
} outline_node;

/* Zeroed at first. */
typedef struct outline_tree {
    outline_node nodes[TREE_NODES]; /* the first one is none */
    outline_knowledge leaves[TREE_LEAVES];
    char text[TREE_TEXT];
    uint32_t n_nodes, n_leaves, n_text;
} outline_tree;

/* NULL where the tree does not hold the statement's outline; else *taken has its pieces as
 * n->outline would give them, but nothing of what is kept. */
const outline_knowledge *outline_tree_find(outline_tree *t, const normaliser *n, slice statement,
                                           outlined *taken);

/* Adds the outline of a statement with these pieces, where there is room. */
void outline_tree_add(outline_tree *t, slice statement, const outlined *taken,
                      const outline_knowledge *known);

#endif
