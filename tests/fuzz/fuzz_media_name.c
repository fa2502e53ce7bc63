/*
 * libFuzzer: names of files. What is left of one may be shown, is no path, and stays as it is when it comes
 * again; called by any type it has that type's extension; the header that carries it has one quoted string, and
 * nothing that ends a header.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/base/display.h"
#include "lib/media/name.h"

#include <string.h>

static void
check_value(const char *name)
{
    char value[MEDIA_DISPOSITION_SIZE];
    media_name_disposition(name, true, value);
    size_t quotes = 0;
    for (const char *at = value; *at != '\0'; at++) {
        quotes += *at == '"';
        if (*at < ' ' || *at >= 0x7f || *at == '\\') {
            fuzz_fail("%s may be a header's value", value);
        }
    }
    if (quotes != 2) {
        fuzz_fail("%s has one quoted string", value);
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char name[MEDIA_NAME_SIZE];
    char again[MEDIA_NAME_SIZE];
    media_name_clean((struct span){data, size}, name);
    if (strlen(name) > MEDIA_NAME_MAX || !display_is_name(name, strlen(name)) || name[0] == '.' ||
        strpbrk(name, "/\\:*?\"<>|") != NULL) {
        fuzz_fail("%s may be shown", name);
    }
    media_name_clean((struct span){(const unsigned char *)name, strlen(name)}, again);
    if (strcmp(name, again) != 0) {
        fuzz_fail("%s stays as it is, not as %s", name, again);
    }
    for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
        media_name_as(name, (enum media_type)type, again);
        const char *point = strrchr(again, '.');
        if (strlen(again) > MEDIA_NAME_MAX || point == NULL ||
            !media_type_has_extension((enum media_type)type, point)) {
            fuzz_fail("%s is called by its type", again);
        }
        check_value(again);
    }
    return 0;
}
