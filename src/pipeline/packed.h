/* packed.h - how the parts of the fold's state are written: varints, and texts with their length in
 * front. For what reads and writes state alone. */
#ifndef QLOG_PIPELINE_PACKED_H
#define QLOG_PIPELINE_PACKED_H

#include "base/buf.h"
#include "event.h"

void packed_add_text(buf *out, slice text);
bool packed_take_text(slice *in, slice *text);

void packed_add_signed(buf *out, int64_t value);
bool packed_take_signed(slice *in, int64_t *value);

void packed_add_who(buf *out, const who *w);
bool packed_take_who(slice *in, who *w);

#endif
