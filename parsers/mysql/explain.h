/* explain.h - the plan that MariaDB writes in front of a statement (log_slow_verbosity=explain). */
#ifndef QLOG_PARSERS_MYSQL_EXPLAIN_H
#define QLOG_PARSERS_MYSQL_EXPLAIN_H

#include "event.h"

/* The shape of the plan in `# explain:` lines: for each row the select type, table, access type and
 * key and what is extra, without the figures, so that it changes when the plan does and not with
 * the data. Empty where the lines are no table. In the batch's arena. */
slice explain_shape(slice lines, batch *out);

#endif
