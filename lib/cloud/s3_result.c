#include "lib/cloud/s3_result.h"

const char *
s3_result_text(enum s3_result result)
{
    static const char *const texts[] = {
        [S3_DONE] = "done",       [S3_ABSENT] = "absent",           [S3_EXISTS] = "exists",
        [S3_REFUSED] = "refused", [S3_UNREACHABLE] = "unreachable", [S3_DAMAGED] = "damaged",
        [S3_FAILED] = "failed"};
    return texts[result];
}
