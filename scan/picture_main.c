/*
 * anamnesis-scan-picture: makes what others see of pictures, films and sounds, each in a process of its own
 * (scan/picture_cell.h, scan/film_cell.h). The conductor, anamnesis-scan, starts it with its socket as standard input. It has no key, no connection and no
 * configuration, and only its processes decode anything.
 */
#include "scan/film_cell.h"
#include "scan/picture_cell.h"
#include "scan/serve.h"

#include "lib/base/log.h"
#include "lib/media/type.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

enum { AT_ONCE = 4, PROCESSOR_SECONDS = 5, MEBIBYTE = 1024 * 1024 };

/* In the process. A type of which nothing is made has no answer. */
static bool
remake(const struct cell_task *task, struct wire_reply *reply)
{
    if (strcmp(task->request->type, WIRE_DRAWN) == 0) {
        return picture_look(task, reply);
    }
    switch (media_type_named(task->request->type)) {
    case MEDIA_JPEG:
    case MEDIA_PNG:
    case MEDIA_WEBP:
    case MEDIA_HEIC:
        return picture_look(task, reply);
    case MEDIA_MP4:
    case MEDIA_MOV:
    case MEDIA_M4A:
        return film_look(task, reply);
    default:
        return false;
    }
}

static int
run(const char *directory)
{
    struct cell_plan plan = {.kind = CELL_PICTURE,
                             .work = remake,
                             .addresses = (uint64_t)1024 * MEBIBYTE,
                             .files = (uint64_t)64 *
                                      MEBIBYTE, /* the result alone: a film's is as large as it is */
                             .processor = PROCESSOR_SECONDS,
                             .directory = directory};
    struct serve_program program = {.takes = 1U << WIRE_REMAKE, .plan = &plan, .at_once = AT_ONCE};
    struct wire_hello hello = {.signatures_at = 0};
    const char *why = NULL;
    if (!cell_try(&plan, &why)) {
        log_event(LOG_ERROR, "scan-picture-not-started", LOG_TEXT("why", why));
        return EXIT_FAILURE;
    }
    return serve(SERVE_SOCKET, &program, &hello);
}

int
main(int count, char **arguments)
{
    if (count != 2 || arguments[1][0] == '-') {
        (void)fprintf(
            stderr,
            "usage: anamnesis-scan-picture DIRECTORY\n\nDecodes pictures and writes them anew, and films "
            "without what tells of people, each in a "
            "process that has nothing else. anamnesis-scan starts it.\nDIRECTORY: where such a process "
            "has a directory of its own when the kernel gives no namespaces.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    log_start("scan-picture", LOG_INFO);
    /* An arena for a decoder's thread would count as 128 MiB of addresses, and libheif looks for its plugins here. */
    (void)mallopt(M_ARENA_MAX, 1);
    if (!serve_begin() || heif_init(NULL).code != heif_error_Ok) {
        log_event(LOG_ERROR, "scan-picture-not-started", LOG_TEXT("why", strerror(errno)));
        return EXIT_FAILURE;
    }
    return run(arguments[1]);
}
