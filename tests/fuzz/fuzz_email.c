/*
 * libFuzzer: e-mail addresses and texts for display. What is kept of an address is small, has one @ and an
 * ASCII domain, may be shown, and is kept as it is when it comes again, also as it is shown; whatever a text
 * is, what is left of it when it is cleaned may be shown, and is cleaned.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/base/display.h"
#include "lib/base/email.h"

#include <string.h>

static void
check_address(const char *given, size_t size)
{
    char kept[EMAIL_SIZE];
    char again[EMAIL_SIZE];
    char shown[EMAIL_SHOWN_SIZE];
    if (!email_read(given, size, kept)) {
        return;
    }
    const char *at = strchr(kept, '@');
    if (at == NULL || at != strrchr(kept, '@') || email_needs_utf8(at) || strlen(kept) > EMAIL_MAX ||
        at - kept > EMAIL_LOCAL_MAX) {
        fuzz_fail("%s is no address", kept);
    }
    if (!display_is_name(kept, strlen(kept)) || strpbrk(kept, " <>()[],;:\\\"") != NULL) {
        fuzz_fail("%s may be in a header", kept);
    }
    if (!email_read(kept, strlen(kept), again) || strcmp(kept, again) != 0) {
        fuzz_fail("%s is kept as it is, not as %s", kept, again);
    }
    (void)email_show(kept, shown);
    if (!email_read(shown, strlen(shown), again) || strcmp(kept, again) != 0) {
        fuzz_fail("%s, shown as %s, is read as the same, not as %s", kept, shown, again);
    }
}

static void
check_text(struct arena *arena, const char *text)
{
    const char *clean = display_clean(arena, text);
    if (!display_is_text(clean, strlen(clean))) {
        fuzz_fail("%s may be shown", clean);
    }
    if (strcmp(display_clean(arena, clean), clean) != 0) {
        fuzz_fail("%s is clean", clean);
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    check_address((const char *)data, size);
    check_text(arena, arena_copy(arena, data, size));
    arena_destroy(arena);
    return 0;
}
