/*
 * anamnesis-scan-document: takes out of PDFs what is attached to them, and draws their pages, each in a process of its own
 * (scan/document.h). The conductor, anamnesis-scan, starts it with its socket as standard input. It has no key, no connection and no
 * configuration, and only its processes open anything. poppler is under the GPL, version 2 or 3: nothing else is linked to it.
 */
#include "scan/document.h"
#include "scan/serve.h"

#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fontconfig/fontconfig.h>

enum { AT_ONCE = 4, PROCESSOR_SECONDS = 5, MEBIBYTE = 1024 * 1024 };

/* Fonts, for documents that do not bring theirs; and how those of East Asia are coded, where poppler-data is installed. */
static const char *const shared[] = {"/usr/share/fonts", "/usr/share/poppler", NULL};

static int
run(const char *directory)
{
    struct cell_plan plan = {.kind = CELL_ENGINE,
                             .work = document_look,
                             .addresses = (uint64_t)1024 * MEBIBYTE,
                             .files = (uint64_t)128 * MEBIBYTE,
                             .processor = PROCESSOR_SECONDS,
                             .directory = directory,
                             .shared = shared};
    struct serve_program program = {
        .takes = 1U << WIRE_UNPACK | 1U << WIRE_DRAW, .plan = &plan, .at_once = AT_ONCE};
    struct wire_hello hello = {.signatures_at = 0};
    const char *why = NULL;
    if (!cell_try(&plan, &why)) {
        log_event(LOG_ERROR, "scan-document-not-started", LOG_TEXT("why", why));
        return EXIT_FAILURE;
    }
    return serve(SERVE_SOCKET, &program, &hello);
}

int
main(int count, char **arguments)
{
    if (count != 2 || arguments[1][0] == '-') {
        (void)fprintf(
            stderr, "usage: anamnesis-scan-document DIRECTORY\n\nTakes out of PDFs what is attached to them, "
                    "and draws their pages, each in a process that has\nnothing else. anamnesis-scan starts "
                    "it.\nDIRECTORY: where such a process has a directory of its own when the kernel gives "
                    "no namespaces.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    log_start("scan-document", LOG_INFO);
    /* Where fonts are is found out here: its processes do not see fontconfig's files. */
    if (!serve_begin() || !document_fonts_begin()) {
        log_event(LOG_ERROR, "scan-document-not-started", LOG_TEXT("why", strerror(errno)));
        return EXIT_FAILURE;
    }
    int status = run(arguments[1]);
    FcFini();
    return status;
}
