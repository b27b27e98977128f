/* fuzz_archive.c - laws of compressed logs and archives that hold for any bytes: a file gives the
 * same bytes in pieces of any size and after going back; a name holds no control character; what
 * fails has a reason with the name in it. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/input.h"

/* Little can become much: this is where reading stops. */
enum { LOG_MAX = 1 << 20, MEMBERS = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads on to the end or LOG_MAX; how many bytes. */
static size_t read_rest(input *in, size_t piece, char *bytes)
{
    status st = {0};
    size_t n = 0;
    for (size_t got = 1; got > 0 && n < LOG_MAX; n += got) {
        bool ok = input_read(in, bytes + n, LOG_MAX - n < piece ? LOG_MAX - n : piece, &got, &st);
        assert(ok);
    }
    /* A name may be longer than what a failure has room for. */
    bool told = strlen(input_name(in)) > sizeof in->damage.text / 2 ||
                strstr(in->damage.text, input_name(in)) != NULL;
    assert(in->damage.code == STATUS_OK || told);
    return n;
}

static void log_holds(input *in)
{
    static char first[LOG_MAX];
    static char second[LOG_MAX];
    status st = {0};
    slice head;
    for (const char *c = input_name(in); *c != '\0'; c++) {
        assert((unsigned char)*c >= ' ' && *c != 0x7f);
    }
    bool ok = input_peek(in, 1000, &head, &st);
    assert(ok);
    size_t once = read_rest(in, 65536, first);
    bool damaged = in->damage.code != STATUS_OK;
    if (!input_skip_to(in, 0, NULL, 0, &st)) {
        assert(in->archive && strstr(st.text, in->path) != NULL);
        return;
    }
    size_t again = read_rest(in, 777, second);
    assert(damaged == (in->damage.code != STATUS_OK));
    /* How much of a damaged block bzip2 gives depends on the room it has. */
    assert(once == again || damaged);
    assert(memcmp(first, second, once < again ? once : again) == 0);
}

static void file_holds(const char *path)
{
    input in;
    status st = {0};
    bool ok = input_open(&in, path, -1, &st);
    assert(ok);
    if (!in.archive) {
        log_holds(&in);
    }
    for (int i = 0; in.archive && i < MEMBERS && input_next_member(&in, &st); i++) {
        log_holds(&in);
    }
    assert(st.code == STATUS_OK || strstr(st.text, path) != NULL);
    input_close(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/qlog-fuzz-XXXXXX";
    int fd = mkstemp(path);
    assert(fd >= 0);
    ssize_t written = write(fd, data, size);
    assert(written == (ssize_t)size);
    close(fd);
    file_holds(path);
    unlink(path);
    return 0;
}
