/* test_archive.c - compressed logs and archives as inputs: what they give, in which order, and what
 * is told of damaged ones. The archives are written by libarchive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/input.h"

enum { TEXT_BYTES = 300000, PACKED_MAX = 2000000, TAR_BLOCK = 512 };

typedef int (*set_kind)(struct archive *a);

typedef struct packing {
    const char *name;
    set_kind filter;
} packing;

static const packing packings[] = {
    {"gzip", archive_write_add_filter_gzip}, {"bzip2", archive_write_add_filter_bzip2},
    {"xz", archive_write_add_filter_xz},     {"zstd", archive_write_add_filter_zstd},
    {"lz4", archive_write_add_filter_lz4},
};
enum { PACKINGS = sizeof packings / sizeof *packings };

typedef struct file {
    char path[64];
} file;

/* --- making them --------------------------------------------------------------------- */

/* Letters that compress, but not to nothing. */
static slice text(void)
{
    static char bytes[TEXT_BYTES];
    uint32_t x = 1;
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        x = x * 1664525 + 1013904223;
        bytes[i] = (char)('a' + (x >> 28));
    }
    return slice_of(bytes, TEXT_BYTES);
}

static file file_of(slice bytes)
{
    file f = {"/tmp/qlog-archive-XXXXXX"};
    int fd = mkstemp(f.path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
    close(fd);
    return f;
}

typedef struct part {
    const char *name;
    slice bytes;
    mode_t type; /* 0: a file */
} part;

/* Packs parts into `out`, which has room for PACKED_MAX bytes; the number of bytes. */
static size_t pack(set_kind format, set_kind filter, const part *parts, size_t n, char *out)
{
    size_t used = 0;
    struct archive *a = archive_write_new();
    assert_int_equal(format(a), ARCHIVE_OK);
    assert_int_equal(filter(a), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_memory(a, out, PACKED_MAX, &used), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, parts[i].name);
        archive_entry_set_filetype(e, parts[i].type != 0 ? parts[i].type : AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)parts[i].bytes.n);
        if (parts[i].type == AE_IFLNK) {
            archive_entry_set_symlink(e, "elsewhere");
        }
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        if (parts[i].bytes.n > 0) {
            assert_int_equal(archive_write_data(a, parts[i].bytes.p, parts[i].bytes.n),
                             parts[i].bytes.n);
        }
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return used;
}

static size_t compress_with(const packing *p, slice bytes, char *out)
{
    const part only = {"data", bytes, 0};
    return pack(archive_write_set_format_raw, p->filter, &only, 1, out);
}

/* --- reading them -------------------------------------------------------------------- */

/* Reads to the end what must be the beginning of `expected`; how much it was. */
static size_t read_beginning(input *in, slice expected)
{
    char piece[7001];
    status st = {0};
    size_t total = 0;
    for (size_t got = 1; got > 0; total += got) {
        assert_true(input_read(in, piece, sizeof piece, &got, &st));
        assert_true(slice_starts_with(slice_skip(expected, total), slice_of(piece, got)));
    }
    return total;
}

static size_t read_file_beginning(slice packed, slice expected, status *damage)
{
    file f = file_of(packed);
    input in;
    status st = {0};
    assert_true(input_open(&in, f.path, -1, &st));
    assert_false(in.archive);
    size_t n = read_beginning(&in, expected);
    *damage = in.damage;
    input_close(&in);
    unlink(f.path);
    return n;
}

/* --- compressed ---------------------------------------------------------------------- */

static void what_was_compressed_is_read_as_it_was(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    for (size_t i = 0; i < PACKINGS; i++) {
        file f = file_of(slice_of(packed, compress_with(&packings[i], text(), packed)));
        input in;
        status st = {0};
        slice head;
        char before[100];
        char last[1000];
        size_t n;
        assert_true(input_open(&in, f.path, -1, &st));
        assert_true(in.reopens);
        assert_false(in.regular);
        assert_true(input_peek(&in, 70000, &head, &st));
        assert_true(slice_equal(head, slice_take(text(), 70000)));
        assert_int_equal(read_beginning(&in, text()), TEXT_BYTES);
        assert_int_equal(in.damage.code, STATUS_OK);
        /* back again */
        assert_true(input_skip_to(&in, 100000, before, 100, &st));
        assert_memory_equal(before, text().p + 99900, 100);
        assert_int_equal(read_beginning(&in, slice_skip(text(), 100000)), TEXT_BYTES - 100000);
        assert_true(input_skip_to(&in, 5, NULL, 0, &st));
        assert_true(input_skip_to_end(&in, last, sizeof last, &n, &st));
        assert_int_equal(n, sizeof last);
        assert_memory_equal(last, text().p + TEXT_BYTES - sizeof last, sizeof last);
        assert_false(input_skip_to(&in, TEXT_BYTES + 1, NULL, 0, &st));
        assert_int_equal(st.code, STATUS_OK);
        input_close(&in);
        unlink(f.path);
    }
}

static void nothing_compressed_is_nothing(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    status damage;
    for (size_t i = 0; i < PACKINGS - 1; i++) { /* the library cannot write the last one */
        size_t n = compress_with(&packings[i], SLICE(""), packed);
        assert_int_equal(read_file_beginning(slice_of(packed, n), SLICE(""), &damage), 0);
        assert_string_equal(damage.text, "");
    }
}

/* As the formats' tools write them to one file: `cat a.gz b.gz`, on tape with zeros behind. */
static void compressed_streams_that_follow_one_another_are_one(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    static const char zeros[1000];
    status damage;
    for (size_t i = 0; i < PACKINGS; i++) {
        size_t first = compress_with(&packings[i], slice_take(text(), 1000), packed);
        memcpy(packed + first, zeros, sizeof zeros);
        size_t n = first + sizeof zeros;
        assert_int_equal(read_file_beginning(slice_of(packed, n), text(), &damage), 1000);
        assert_string_equal(damage.text, "");
        n = first + compress_with(&packings[i], slice_skip(text(), 1000), packed + first);
        assert_int_equal(read_file_beginning(slice_of(packed, n), text(), &damage), TEXT_BYTES);
        assert_string_equal(damage.text, "");
    }
}

static void other_bytes_behind_a_compressed_log_are_told(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    status damage;
    for (size_t i = 0; i < PACKINGS; i++) {
        size_t n = compress_with(&packings[i], text(), packed);
        memcpy(packed + n, "no stream of any kind", 21);
        assert_int_equal(read_file_beginning(slice_of(packed, n + 21), text(), &damage),
                         TEXT_BYTES);
        assert_non_null(strstr(damage.text, "damaged "));
        assert_non_null(strstr(damage.text, packings[i].name));
    }
}

/* Cut anywhere, it gives a beginning, more of it the later the cut is, and says so. */
static void a_truncated_log_gives_what_it_holds(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    for (size_t i = 0; i < PACKINGS; i++) {
        size_t n = compress_with(&packings[i], text(), packed);
        size_t before = 0;
        for (size_t cut = 20; cut < n; cut += n / 17) {
            status damage;
            size_t got = read_file_beginning(slice_of(packed, cut), text(), &damage);
            assert_true(got >= before);
            assert_int_equal(damage.code, STATUS_INPUT);
            assert_non_null(strstr(damage.text, "truncated "));
            assert_non_null(strstr(damage.text, packings[i].name));
            before = got;
        }
    }
}

/* What deflate has of the text is in the order of the text: half of the one, half of the other. */
static void little_is_lost_at_the_end_of_a_truncated_gzip(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    status damage;
    size_t n = compress_with(&packings[0], text(), packed);
    size_t got = read_file_beginning(slice_of(packed, n / 2), text(), &damage);
    assert_true(got > TEXT_BYTES / 2 - 5000 && got < TEXT_BYTES / 2 + 5000);
    got = read_file_beginning(slice_of(packed, n - 1), text(), &damage); /* only of the trailer */
    assert_int_equal(got, TEXT_BYTES);
    assert_non_null(strstr(damage.text, "truncated gzip data"));
}

static void a_checksum_that_is_wrong_is_told(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    status damage;
    size_t n = compress_with(&packings[0], text(), packed);
    packed[n - 8] = (char)(packed[n - 8] ^ 1); /* CRC32, then the length */
    assert_int_equal(read_file_beginning(slice_of(packed, n), text(), &damage), TEXT_BYTES);
    assert_non_null(strstr(damage.text, "damaged gzip data"));
}

static void text_that_begins_like_a_signature_is_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"BZh9 is where we met\n", "PK was here\n", "(\n", "7zXZ"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        status damage;
        slice plain = slice_from(texts[i]);
        assert_int_equal(read_file_beginning(plain, plain, &damage), plain.n);
        assert_string_equal(damage.text, "");
    }
}

/* --- archives ------------------------------------------------------------------------ */

static size_t mixed_archive(set_kind format, set_kind filter, char *out)
{
    static char packed[PACKED_MAX];
    size_t n = compress_with(&packings[0], text(), packed);
    const part parts[] = {
        {"logs", SLICE(""), AE_IFDIR},      {"logs/a.log", slice_take(text(), 1000), 0},
        {"logs/link", SLICE(""), AE_IFLNK}, {"logs/b.log.gz", slice_of(packed, n), 0},
        {"empty\x1b\n", SLICE(""), 0},      {"last", slice_take(text(), 70000), 0},
    };
    return pack(format, filter, parts, sizeof parts / sizeof *parts, out);
}

static void name_is(const input *in, const char *path, const char *expected)
{
    char name[200];
    snprintf(name, sizeof name, "%s/%s", path, expected);
    assert_string_equal(input_name(in), name);
}

static void check_mixed(input *in, const char *path)
{
    status st = {0};
    char few[10];
    size_t got;
    assert_true(in->archive);
    assert_true(input_next_member(in, &st));
    name_is(in, path, "logs/a.log");
    assert_int_equal(in->member, 1);
    assert_int_equal(read_beginning(in, text()), 1000);
    assert_true(input_next_member(in, &st));
    name_is(in, path, "logs/b.log.gz");
    assert_true(input_read(in, few, sizeof few, &got, &st)); /* and the rest is left */
    assert_true(input_next_member(in, &st));
    name_is(in, path, "empty??");
    assert_int_equal(read_beginning(in, text()), 0);
    assert_true(input_next_member(in, &st));
    name_is(in, path, "last");
    assert_int_equal(read_beginning(in, text()), 70000);
    assert_false(input_next_member(in, &st));
    assert_int_equal(st.code, STATUS_OK);
    assert_int_equal(read_beginning(in, text()), 0);
}

static void the_files_of_an_archive_are_read_one_after_the_other(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    static const set_kind formats[] = {
        archive_write_set_format_ustar, archive_write_set_format_pax_restricted,
        archive_write_set_format_gnutar, archive_write_set_format_zip};
    static const set_kind filters[] = {archive_write_add_filter_none, archive_write_add_filter_xz};
    for (size_t i = 0; i < 4; i++) {
        /* Only the directory at the end of a zip tells links, and it has to be sought. */
        for (size_t k = 0; k < (formats[i] == archive_write_set_format_zip ? 1 : 2); k++) {
            file f = file_of(slice_of(packed, mixed_archive(formats[i], filters[k], packed)));
            input in;
            status st = {0};
            assert_true(input_open(&in, f.path, -1, &st));
            check_mixed(&in, f.path);
            input_close(&in);
            unlink(f.path);
        }
    }
}

static void an_archive_can_come_through_a_pipe(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    static const set_kind formats[] = {archive_write_set_format_ustar,
                                       archive_write_set_format_zip};
    const part parts[] = {{"a", slice_take(text(), 9000), 0}, {"b", SLICE("later"), 0}};
    for (size_t i = 0; i < 2; i++) {
        size_t n = pack(formats[i], archive_write_add_filter_none, parts, 2, packed);
        int fds[2];
        char path[64];
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], packed, n), n);
        close(fds[1]);
        snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
        input in;
        status st = {0};
        assert_true(input_open(&in, path, -1, &st));
        assert_false(in.reopens);
        assert_true(input_next_member(&in, &st));
        assert_true(input_next_member(&in, &st));
        assert_int_equal(read_beginning(&in, SLICE("later")), 5);
        assert_false(input_next_member(&in, &st));
        assert_string_equal(st.text, "");
        input_close(&in);
        close(fds[0]);
    }
}

static void a_place_in_a_member_can_be_gone_back_to(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    size_t n = mixed_archive(archive_write_set_format_ustar, archive_write_add_filter_gzip, packed);
    file f = file_of(slice_of(packed, n));
    input in;
    status st = {0};
    assert_true(input_open(&in, f.path, -1, &st));
    assert_true(input_next_member(&in, &st));
    assert_true(input_next_member(&in, &st));
    assert_int_equal(read_beginning(&in, text()), TEXT_BYTES);
    assert_true(input_skip_to(&in, 1234, NULL, 0, &st));
    name_is(&in, f.path, "logs/b.log.gz");
    assert_int_equal(read_beginning(&in, slice_skip(text(), 1234)), TEXT_BYTES - 1234);
    input_close(&in);
    unlink(f.path);
}

/* Another archive was put in its place, or a damaged one gives another answer. */
static void going_back_to_a_member_that_is_gone_is_told(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    const part parts[] = {{"a", SLICE("first"), 0}, {"b", SLICE("later"), 0}};
    file f = file_of(slice_of(packed, pack(archive_write_set_format_ustar,
                                           archive_write_add_filter_none, parts, 2, packed)));
    input in;
    status st = {0};
    assert_true(input_open(&in, f.path, -1, &st));
    assert_true(input_next_member(&in, &st));
    assert_true(input_next_member(&in, &st));
    assert_int_equal(read_beginning(&in, SLICE("later")), 5);
    size_t n =
        pack(archive_write_set_format_ustar, archive_write_add_filter_none, parts, 1, packed);
    FILE *anew = fopen(f.path, "w");
    assert_non_null(anew);
    assert_int_equal(fwrite(packed, 1, n, anew), n);
    assert_int_equal(fclose(anew), 0);
    assert_false(input_skip_to(&in, 0, NULL, 0, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_non_null(strstr(st.text, f.path));
    assert_non_null(strstr(st.text, "fewer files"));
    input_close(&in);
    unlink(f.path);
}

/* A ustar member is a header of one block and its bytes, filled up to whole blocks. */
static void a_truncated_tar_gives_every_byte_it_holds(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    const part parts[] = {{"a", slice_take(text(), 1000), 0}, {"b", slice_take(text(), 9000), 0}};
    pack(archive_write_set_format_ustar, archive_write_add_filter_none, parts, 2, packed);
    for (size_t of_b = 0; of_b < 9000; of_b += 1111) {
        file f = file_of(slice_of(packed, TAR_BLOCK + 2 * TAR_BLOCK + TAR_BLOCK + of_b));
        input in;
        status st = {0};
        assert_true(input_open(&in, f.path, -1, &st));
        assert_true(input_next_member(&in, &st));
        assert_int_equal(read_beginning(&in, text()), 1000);
        assert_string_equal(in.damage.text, "");
        assert_true(input_next_member(&in, &st));
        assert_int_equal(read_beginning(&in, text()), of_b);
        assert_non_null(strstr(in.damage.text, "/b': truncated archive"));
        input_close(&in);
        unlink(f.path);
    }
}

/* The members behind a header that cannot be read are found all the same. */
static void a_damaged_archive_gives_the_other_files(void **state)
{
    (void)state;
    static char packed[PACKED_MAX];
    const part parts[] = {{"a", slice_take(text(), 1000), 0},
                          {"b", slice_take(text(), 500), 0},
                          {"c", slice_take(text(), 5000), 0}};
    size_t n =
        pack(archive_write_set_format_ustar, archive_write_add_filter_none, parts, 3, packed);
    memset(packed + 3 * TAR_BLOCK, 'x', TAR_BLOCK); /* the second header */
    file f = file_of(slice_of(packed, n));
    input in;
    status st = {0};
    assert_true(input_open(&in, f.path, -1, &st));
    assert_true(input_next_member(&in, &st));
    assert_int_equal(read_beginning(&in, text()), 1000);
    assert_true(input_next_member(&in, &st));
    name_is(&in, f.path, "c");
    assert_int_equal(read_beginning(&in, text()), 5000);
    assert_false(input_next_member(&in, &st));
    assert_int_equal(st.code, STATUS_INPUT);
    assert_non_null(strstr(st.text, f.path));
    assert_non_null(strstr(st.text, "damaged archive"));
    input_close(&in);
    unlink(f.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_compressed_is_read_as_it_was),
        cmocka_unit_test(nothing_compressed_is_nothing),
        cmocka_unit_test(compressed_streams_that_follow_one_another_are_one),
        cmocka_unit_test(other_bytes_behind_a_compressed_log_are_told),
        cmocka_unit_test(a_truncated_log_gives_what_it_holds),
        cmocka_unit_test(little_is_lost_at_the_end_of_a_truncated_gzip),
        cmocka_unit_test(a_checksum_that_is_wrong_is_told),
        cmocka_unit_test(text_that_begins_like_a_signature_is_text),
        cmocka_unit_test(the_files_of_an_archive_are_read_one_after_the_other),
        cmocka_unit_test(an_archive_can_come_through_a_pipe),
        cmocka_unit_test(a_place_in_a_member_can_be_gone_back_to),
        cmocka_unit_test(going_back_to_a_member_that_is_gone_is_told),
        cmocka_unit_test(a_truncated_tar_gives_every_byte_it_holds),
        cmocka_unit_test(a_damaged_archive_gives_the_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
