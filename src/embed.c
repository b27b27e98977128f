/* embed.c - build tool: turns files into a C file that holds their bytes.
 *
 * Usage: embed FILE... >assets.c
 * Writes one array a file and a table of them by base name, in the order given, so
 * that the same files give the same bytes. Not part of the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_bytes(const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        exit(1);
    }
    printf("static const char asset_%d[] = {", index);
    int c;
    for (unsigned long n = 0; (c = getc(in)) != EOF; n++) {
        /* Characters above 127 are written as negative numbers: char may be signed. */
        printf("%s%d,", n % 20 == 0 ? "\n" : "", c < 128 ? c : c - 256);
    }
    printf("0};\n");
    if (ferror(in)) {
        perror(path);
        exit(1);
    }
    fclose(in);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

int main(int argc, char **argv)
{
    printf("/* Made by embed. */\n#include \"base/assets.h\"\n");
    for (int i = 1; i < argc; i++) {
        write_bytes(argv[i], i);
    }
    printf("const asset assets[] = {\n");
    for (int i = 1; i < argc; i++) {
        printf("    {\"%s\", {asset_%d, sizeof asset_%d - 1}},\n", base_name(argv[i]), i, i);
    }
    printf("    {0, {0, 0}}};\n");
    return fflush(stdout) != 0 || ferror(stdout);
}
