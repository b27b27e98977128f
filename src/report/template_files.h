/* template_files.h - where templates come from: the program, or a file of people's own.
 *
 * What such a file asks for by name (partials, the page's style and script) is taken from beside
 * it where it lies there, else from the program, so that a folder holds only what differs. Names
 * lead nowhere else: a template that somebody sent shows no other file. */
#ifndef QLOG_REPORT_TEMPLATE_FILES_H
#define QLOG_REPORT_TEMPLATE_FILES_H

#include "base/arena.h"
#include "base/status.h"

typedef struct template_file {
    slice name;
    slice text;
} template_file;

typedef struct template_files {
    const char *path; /* of the template to render; NULL: there is none, all is the program's */
    arena arena;
    template_file *read; /* the first is that of `path` */
    uint32_t n_read;
    status *st; /* of who asks: where a file that is there cannot be read */
} template_files;

/* Reads the file and sees that each of its tags is one and each section ends. The path must outlive
 * *t, which template_files_close gives back in any case (NULL: nothing). A failure is
 * STATUS_USAGE. */
bool template_files_open(template_files *t, const char *path, status *st);
void template_files_close(template_files *t);

/* The text of a name; a template_lookup. False where there is none, or where t->st says why not. */
bool template_files_find(void *t, slice name, slice *text);

#endif
