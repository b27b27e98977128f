/* text_table.h - a table of queries or of groups for a terminal: one row, one line.
 *
 * Columns are as wide as what stands in them; a narrow terminal does without the less
 * important ones until the text has its room, which takes what is left. */
#ifndef QLOG_REPORT_TEXT_TABLE_H
#define QLOG_REPORT_TEXT_TABLE_H

#include "base/buf.h"
#include "report/layout.h"
#include "report/model.h"

typedef struct table_row {
    uint32_t rank; /* 0: none is told */
    int64_t calls;
    const model_statistics *time;
    bool has_id;
    uint64_t id;
    slice text; /* of the log: it is made harmless here */
} table_row;

typedef struct text_table {
    const model *m;
    table_row (*row)(const model *m, uint32_t i); /* i is below n */
    uint32_t n;
    const char *text_title;
} text_table;

/* Appends the head and all rows; `line` and `scratch` are empty and are so again. */
void text_table_show(const text_table *t, const text_options *o, buf *line, buf *scratch, buf *out);

#endif
