/*
 * anamnesis-scan-picture: makes what others see of pictures, each in a process of its own (scan/picture_cell.h). The
 * conductor, anamnesis-scan, starts it with its socket as standard input. It has no key, no connection and no
 * configuration, and only its processes decode anything.
 */
#include "scan/picture_cell.h"
#include "scan/serve.h"

#include "lib/base/log.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

enum { AT_ONCE = 4, PROCESSOR_SECONDS = 5, MEBIBYTE = 1024 * 1024 };

static int
run(const char *directory)
{
    struct cell_plan plan = {.kind = CELL_PICTURE,
                             .work = picture_look,
                             .addresses = (uint64_t)1024 * MEBIBYTE,
                             .files = (uint64_t)16 * MEBIBYTE, /* the result alone */
                             .processor = PROCESSOR_SECONDS,
                             .directory = directory};
    struct serve_program program = {.what = WIRE_REMAKE, .plan = &plan, .at_once = AT_ONCE};
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
            "usage: anamnesis-scan-picture DIRECTORY\n\nDecodes pictures and writes them anew, each in a "
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
