/* select.h - a store narrowed to a selection.
 *
 * Temporary tables with the rows that are wanted take the place of the store's own for
 * whoever reads through this connection, until it is closed; the file is not touched.
 * A store holds sums by the hour. What it cannot tell exactly of a selection is left out or is
 * told as far as it goes, and a row of `limits` (source '') says which. */
#ifndef QLOG_STORE_SELECT_H
#define QLOG_STORE_SELECT_H

#include "digest/selection.h"
#include "store/store.h"

/* Of a store that is not narrowed yet. Resolves the selection's moments first: relative ones count
 * from its `now`, a time of day is the last before the store's last record, whose zone is meant
 * where none is named. STATUS_USAGE: a combination of which the store knows nothing, such as a tag
 * with a user. STATUS_INPUT: no log of the store has anything in the window. */
bool store_select(const store *s, selection *chosen, status *st);

/* The store is whole again, and can be narrowed anew. */
bool store_select_all(const store *s, status *st);

/* Only resolves the moments, and fails as store_select does; the store is not narrowed. */
bool store_resolve(const store *s, selection *chosen, status *st);

#endif
