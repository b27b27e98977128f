/* packed.c - see packed.h. */
#include "pipeline/packed.h"

void packed_add_text(buf *out, slice text)
{
    buf_add_varint(out, text.n);
    buf_add(out, text);
}

bool packed_take_text(slice *in, slice *text)
{
    uint64_t n;
    if (!varint_take(in, &n) || n > in->n) {
        return false;
    }
    *text = slice_take(*in, (size_t)n);
    *in = slice_skip(*in, (size_t)n);
    return true;
}

void packed_add_signed(buf *out, int64_t value)
{
    buf_add_varint(out, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

bool packed_take_signed(slice *in, int64_t *value)
{
    uint64_t zigzag;
    bool ok = varint_take(in, &zigzag);
    *value = ok ? (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1) : 0;
    return ok;
}

void packed_add_who(buf *out, const who *w)
{
    packed_add_text(out, w->database);
    packed_add_text(out, w->user);
    packed_add_text(out, w->application);
    packed_add_text(out, w->host);
    packed_add_text(out, w->tags);
}

bool packed_take_who(slice *in, who *w)
{
    return packed_take_text(in, &w->database) && packed_take_text(in, &w->user) &&
           packed_take_text(in, &w->application) && packed_take_text(in, &w->host) &&
           packed_take_text(in, &w->tags);
}
