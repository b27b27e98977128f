/* stream.c - see stream.h. */
#include "input/stream.h"

void stream_init(stream *s, stream_reader read, void *state)
{
    s->read = read;
    s->state = state;
    s->n_ahead = 0;
    s->used = 0;
}

slice stream_look(stream *s)
{
    status told_when_read = {0};
    for (size_t got = 1; s->n_ahead < STREAM_AHEAD && got > 0; s->n_ahead += got) {
        if (!s->read(s->state, s->ahead + s->n_ahead, STREAM_AHEAD - s->n_ahead, &got,
                     &told_when_read)) {
            break;
        }
    }
    return slice_of(s->ahead, s->n_ahead);
}

bool stream_read(stream *s, char *to, size_t n, size_t *got, status *st)
{
    size_t rest = s->n_ahead - s->used;
    if (rest == 0) {
        return s->read(s->state, to, n, got, st);
    }
    *got = rest < n ? rest : n;
    memcpy(to, s->ahead + s->used, *got);
    s->used += *got;
    return true;
}
