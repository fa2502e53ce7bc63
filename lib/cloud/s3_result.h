/* How a call of S3 ended. */
#ifndef ANAMNESIS_CLOUD_S3_RESULT_H
#define ANAMNESIS_CLOUD_S3_RESULT_H

enum s3_result {
    S3_DONE,
    S3_ABSENT,      /* there is no object of this key */
    S3_EXISTS,      /* s3_put: there is one already, and it is another */
    S3_REFUSED,     /* rights, clock, region or bucket are wrong: the log says which */
    S3_UNREACHABLE, /* no good answer in the time of the call, no keys to sign with, or told to stop */
    S3_DAMAGED,     /* what came is not what it says it is, or S3 found so of what was sent */
    S3_FAILED       /* what is asked is none, or S3 says that it is wrong: a fault of this program */
};

/* As a word of the log. */
const char *s3_result_text(enum s3_result result);

#endif
