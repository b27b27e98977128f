/* decompress.h - compressed bytes into plain ones, as they come.
 *
 * gzip (RFC 1952), bzip2, xz, zstd (RFC 8878) and lz4 frames, told by their signatures. Streams
 * that follow one another are one, and zero bytes behind them are padding, as the formats' own
 * tools have it. Everything up to a damaged place or a premature end is given out before that is
 * told, and checksums are compared: this is why the compressors' libraries are used and no layer
 * above them, which drops the block in which the damage is. Memory is the decoder's window and one
 * buffer. */
#ifndef QLOG_INPUT_DECOMPRESS_H
#define QLOG_INPUT_DECOMPRESS_H

#include "input/stream.h"

enum { DECODER_MEMORY_MAX = 128 * 1024 * 1024 /* xz -9 wants 65 MiB, zstd --long 128 */ };

typedef struct decompressor decompressor;

bool is_compressed(slice first);

/* Stands at the beginning of *from, which is_compressed and must outlive it. NULL where memory is
 * out. */
decompressor *decompressor_open(stream *from, status *st);
void decompressor_close(decompressor *d);

/* A stream_reader of a decompressor. Fails with STATUS_INPUT and the reason. */
bool decompressor_read(void *state, char *to, size_t n, size_t *got, status *st);

#endif
