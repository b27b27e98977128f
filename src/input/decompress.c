/* decompress.c - see decompress.h. */
#include "input/decompress.h"

#include <bzlib.h>
#include <limits.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { PIECE = 64 * 1024, SIGNATURE_MAX = 10, ZSTD_WINDOW_LOG = 27 };

typedef enum decoding {
    DECODING,
    BETWEEN, /* one stream has ended, and another may follow */
    ENDED,
    TRUNCATED,
    DAMAGED,
    TOO_LARGE, /* wants more than DECODER_MEMORY_MAX */
    NO_MEMORY
} decoding;

struct decompressor {
    const struct codec *codec;
    stream *from;
    decoding state;
    char in[PIECE];
    size_t n, used;
    union {
        z_stream gzip;
        bz_stream bzip2;
        lzma_stream xz;
        ZSTD_DCtx *zstd;
        LZ4F_dctx *lz4;
    } decoder;
};

typedef struct codec {
    const char *name;
    bool (*is)(slice first);
    /* Makes the decoder ready for one stream; false where memory is out. */
    bool (*begin)(decompressor *d);
    /* Decodes from in + used to `to`, adding to `used` and *got; the state it is in then. */
    decoding (*step)(decompressor *d, char *to, size_t n, size_t *got);
    void (*end)(decompressor *d);
} codec;

static unsigned narrow(size_t n)
{
    return n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

/* --- gzip --------------------------------------------------------------------------- */

static bool is_gzip(slice first)
{
    return slice_starts_with(first, SLICE("\x1f\x8b\x08"));
}

static bool gzip_begin(decompressor *d)
{
    enum { GZIP_ONLY = 16 };
    d->decoder.gzip = (z_stream){0};
    return inflateInit2(&d->decoder.gzip, GZIP_ONLY + MAX_WBITS) == Z_OK;
}

static decoding gzip_step(decompressor *d, char *to, size_t n, size_t *got)
{
    z_stream *z = &d->decoder.gzip;
    z->next_in = (Bytef *)d->in + d->used;
    z->avail_in = narrow(d->n - d->used);
    z->next_out = (Bytef *)to;
    z->avail_out = narrow(n);
    int result = inflate(z, Z_NO_FLUSH);
    d->used = d->n - z->avail_in;
    *got = narrow(n) - z->avail_out;
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR: /* wants more input */
        return DECODING;
    case Z_STREAM_END:
        return BETWEEN;
    case Z_MEM_ERROR:
        return NO_MEMORY;
    default:
        return DAMAGED;
    }
}

static void gzip_end(decompressor *d)
{
    inflateEnd(&d->decoder.gzip);
}

/* --- bzip2 -------------------------------------------------------------------------- */

/* "BZh", the size of blocks, and the beginning of the first block or, without any, of the end. */
static bool is_bzip2(slice first)
{
    slice rest = slice_skip(first, 4);
    return slice_starts_with(first, SLICE("BZh")) && first.n >= SIGNATURE_MAX &&
           first.p[3] >= '1' && first.p[3] <= '9' &&
           (slice_starts_with(rest, SLICE("1AY&SY")) ||
            slice_starts_with(rest, SLICE("\x17\x72\x45\x38\x50\x90")));
}

static bool bzip2_begin(decompressor *d)
{
    d->decoder.bzip2 = (bz_stream){0};
    return BZ2_bzDecompressInit(&d->decoder.bzip2, 0, 0) == BZ_OK;
}

static decoding bzip2_step(decompressor *d, char *to, size_t n, size_t *got)
{
    bz_stream *z = &d->decoder.bzip2;
    z->next_in = d->in + d->used;
    z->avail_in = narrow(d->n - d->used);
    z->next_out = to;
    z->avail_out = narrow(n);
    int result = BZ2_bzDecompress(z);
    d->used = d->n - z->avail_in;
    *got = narrow(n) - z->avail_out;
    switch (result) {
    case BZ_OK:
        return DECODING;
    case BZ_STREAM_END:
        return BETWEEN;
    case BZ_MEM_ERROR:
        return NO_MEMORY;
    default:
        return DAMAGED;
    }
}

static void bzip2_end(decompressor *d)
{
    BZ2_bzDecompressEnd(&d->decoder.bzip2);
}

/* --- xz ------------------------------------------------------------------------------ */

static bool is_xz(slice first)
{
    return slice_starts_with(first, SLICE("\xfd"
                                          "7zXZ\0"));
}

static bool xz_begin(decompressor *d)
{
    d->decoder.xz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&d->decoder.xz, DECODER_MEMORY_MAX, 0) == LZMA_OK;
}

static decoding xz_step(decompressor *d, char *to, size_t n, size_t *got)
{
    lzma_stream *z = &d->decoder.xz;
    z->next_in = (const uint8_t *)d->in + d->used;
    z->avail_in = d->n - d->used;
    z->next_out = (uint8_t *)to;
    z->avail_out = n;
    lzma_ret result = lzma_code(z, LZMA_RUN);
    d->used = d->n - z->avail_in;
    *got = n - z->avail_out;
    switch (result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* wants more input */
        return DECODING;
    case LZMA_STREAM_END:
        return BETWEEN;
    case LZMA_MEM_ERROR:
        return NO_MEMORY;
    case LZMA_MEMLIMIT_ERROR:
        return TOO_LARGE;
    default:
        return DAMAGED;
    }
}

static void xz_end(decompressor *d)
{
    lzma_end(&d->decoder.xz);
}

/* --- zstd ------------------------------------------------------------------------------ */

/* A frame that decoders pass over; zstd and lz4 share it, and parallel zstd begins with one. */
static bool is_skippable(slice first)
{
    return first.n >= 4 && (first.p[0] & 0xf0) == 0x50 &&
           slice_equal(slice_of(first.p + 1, 3), SLICE("\x2a\x4d\x18"));
}

static bool is_zstd(slice first)
{
    return slice_starts_with(first, SLICE("\x28\xb5\x2f\xfd")) || is_skippable(first);
}

static bool zstd_begin(decompressor *d)
{
    d->decoder.zstd = ZSTD_createDCtx();
    return d->decoder.zstd != NULL && !ZSTD_isError(ZSTD_DCtx_setParameter(
                                          d->decoder.zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}

static decoding zstd_step(decompressor *d, char *to, size_t n, size_t *got)
{
    ZSTD_inBuffer in = {d->in, d->n, d->used};
    ZSTD_outBuffer out = {to, n, 0};
    size_t result = ZSTD_decompressStream(d->decoder.zstd, &out, &in);
    d->used = in.pos;
    *got = out.pos;
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_no_error:
        return result == 0 ? BETWEEN : DECODING;
    case ZSTD_error_memory_allocation:
        return NO_MEMORY;
    case ZSTD_error_frameParameter_windowTooLarge:
        return TOO_LARGE;
    default:
        return DAMAGED;
    }
}

static void zstd_end(decompressor *d)
{
    ZSTD_freeDCtx(d->decoder.zstd);
}

/* --- lz4 ------------------------------------------------------------------------------- */

static bool is_lz4(slice first)
{
    return slice_starts_with(first, SLICE("\x04\x22\x4d\x18"));
}

static bool lz4_begin(decompressor *d)
{
    return !LZ4F_isError(LZ4F_createDecompressionContext(&d->decoder.lz4, LZ4F_VERSION));
}

static decoding lz4_step(decompressor *d, char *to, size_t n, size_t *got)
{
    size_t taken = d->n - d->used;
    *got = n;
    size_t result = LZ4F_decompress(d->decoder.lz4, to, got, d->in + d->used, &taken, NULL);
    if (LZ4F_isError(result)) {
        *got = 0;
        return DAMAGED;
    }
    d->used += taken;
    return result == 0 ? BETWEEN : DECODING;
}

static void lz4_end(decompressor *d)
{
    LZ4F_freeDecompressionContext(d->decoder.lz4);
}

/* --- all of them ------------------------------------------------------------------------- */

static const codec codecs[] = {
    {"gzip", is_gzip, gzip_begin, gzip_step, gzip_end},
    {"bzip2", is_bzip2, bzip2_begin, bzip2_step, bzip2_end},
    {"xz", is_xz, xz_begin, xz_step, xz_end},
    {"zstd", is_zstd, zstd_begin, zstd_step, zstd_end},
    {"lz4", is_lz4, lz4_begin, lz4_step, lz4_end},
};

static const codec *find_codec(slice first)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        if (codecs[i].is(first)) {
            return &codecs[i];
        }
    }
    return NULL;
}

bool is_compressed(slice first)
{
    return find_codec(first) != NULL;
}

decompressor *decompressor_open(stream *from, status *st)
{
    decompressor *d = calloc(1, sizeof *d);
    if (d == NULL) {
        status_no_memory(st);
        return NULL;
    }
    d->from = from;
    d->codec = find_codec(stream_look(from));
    if (!d->codec->begin(d)) {
        decompressor_close(d);
        status_no_memory(st);
        return NULL;
    }
    return d;
}

void decompressor_close(decompressor *d)
{
    if (d != NULL) {
        d->codec->end(d);
        free(d);
    }
}

static bool fail(const decompressor *d, status *st)
{
    switch (d->state) {
    case TRUNCATED:
        return status_fail(st, STATUS_INPUT, "truncated %s data", d->codec->name);
    case TOO_LARGE:
        return status_fail(st, STATUS_INPUT, "%s data that need more than %d MiB of memory",
                           d->codec->name, DECODER_MEMORY_MAX >> 20);
    case NO_MEMORY:
        return status_no_memory(st);
    default:
        return status_fail(st, STATUS_INPUT, "damaged %s data", d->codec->name);
    }
}

/* Adds to the bytes at hand, behind those that are not used yet; *more is false at the end. */
static bool refill(decompressor *d, bool *more, status *st)
{
    size_t got = 0;
    memmove(d->in, d->in + d->used, d->n - d->used);
    d->n -= d->used;
    d->used = 0;
    if (!stream_read(d->from, d->in + d->n, PIECE - d->n, &got, st)) {
        return false;
    }
    d->n += got;
    *more = got > 0;
    return true;
}

/* Behind a stream: its next one, padding, or the end. */
static bool go_on(decompressor *d, status *st)
{
    bool more = true;
    while (more && d->n - d->used < SIGNATURE_MAX) {
        if (!refill(d, &more, st)) {
            return false;
        }
    }
    slice rest = slice_of(d->in + d->used, d->n - d->used);
    if (rest.n == 0) {
        d->state = ENDED;
    } else if (rest.p[0] == '\0') {
        d->used++;
    } else if (!d->codec->is(rest) && !(d->codec->is == is_lz4 && is_skippable(rest))) {
        d->state = DAMAGED;
    } else {
        d->codec->end(d);
        d->state = d->codec->begin(d) ? DECODING : NO_MEMORY;
    }
    return true;
}

static bool decode(decompressor *d, char *to, size_t n, size_t *got, status *st)
{
    size_t before = d->used;
    bool more = true;
    d->state = d->codec->step(d, to, n, got);
    if (d->state != DECODING || *got > 0 || d->used > before) {
        return true;
    }
    if (d->used == 0 && d->n == PIECE) {
        d->state = DAMAGED; /* neither takes nor gives anything, however much there is */
        return true;
    }
    if (!refill(d, &more, st)) {
        return false;
    }
    d->state = more ? DECODING : TRUNCATED;
    return true;
}

bool decompressor_read(void *state, char *to, size_t n, size_t *got, status *st)
{
    decompressor *d = state;
    *got = 0;
    while (*got == 0 && (d->state == DECODING || d->state == BETWEEN)) {
        bool ok = d->state == BETWEEN ? go_on(d, st) : decode(d, to, n, got, st);
        if (!ok) {
            return false;
        }
    }
    return *got > 0 || d->state == ENDED || fail(d, st);
}
