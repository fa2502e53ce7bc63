#include "lib/media/verdict.h"

#include <stddef.h>

const char *
media_verdict_name(enum media_verdict verdict)
{
    static const char *const names[MEDIA_VERDICTS] = {
        [MEDIA_WRONG_SIZE] = "wrong-size",
        [MEDIA_WRONG_DIGEST] = "wrong-digest",
        [MEDIA_WRONG_TYPE] = "wrong-type",
        [MEDIA_NOT_ALLOWED_TYPE] = "not-allowed-type",
        [MEDIA_ENCRYPTED] = "encrypted",
        [MEDIA_TOO_DEEP] = "too-deep",
        [MEDIA_DAMAGED] = "damaged",
        [MEDIA_TOO_LARGE_PICTURE] = "too-large-picture",
        [MEDIA_NOT_UNDERSTOOD] = "not-understood",
        [MEDIA_ACTIVE_CONTENT] = "active-content",
        [MEDIA_NOT_SCANNED] = "not-scanned",
    };
    return (size_t)verdict < MEDIA_VERDICTS ? names[verdict] : NULL;
}
