/* assets.h - the files that the build put into the program: templates and schema. */
#ifndef QLOG_BASE_ASSETS_H
#define QLOG_BASE_ASSETS_H

#include "base/slice.h"

typedef struct asset {
    const char *name; /* base name; NULL ends the table */
    slice text;
} asset;

extern const asset assets[];

/* False where there is no such file. */
bool asset_find(slice name, slice *text);

#endif
