/* What may be said of a file that somebody gave: that it is fine, or why it is refused. */
#ifndef ANAMNESIS_MEDIA_VERDICT_H
#define ANAMNESIS_MEDIA_VERDICT_H

#include <stdint.h>

/* The reasons of a refusal, as an upload's row and the contract name them. In zeroed memory nothing is fine. */
enum media_verdict {
    MEDIA_NOT_SCANNED,       /* nobody came to an end with it */
    MEDIA_WRONG_SIZE,        /* other than it was declared */
    MEDIA_WRONG_DIGEST,      /* likewise */
    MEDIA_WRONG_TYPE,        /* not of the declared type, or of another type as well */
    MEDIA_NOT_ALLOWED_TYPE,  /* declared as something that nobody may give */
    MEDIA_ENCRYPTED,         /* so that nobody can look into it */
    MEDIA_TOO_DEEP,          /* nested deeper, or packed tighter, than is looked into */
    MEDIA_DAMAGED,           /* cut off, or against its own sizes */
    MEDIA_TOO_LARGE_PICTURE, /* more pixels than are decoded */
    MEDIA_NOT_UNDERSTOOD,    /* a form of the type that is not read here */
    MEDIA_ACTIVE_CONTENT,    /* programs, or references that are followed when it is opened */
    MEDIA_FINE
};

enum { MEDIA_VERDICTS = MEDIA_FINE + 1 };

/* Width and height of a picture or film as its header says; zeros when there is none. */
struct media_size {
    uint32_t width;
    uint32_t height;
};

/* The reason's name ("wrong-type"), of static storage; NULL for MEDIA_FINE. */
const char *media_verdict_name(enum media_verdict verdict);

#endif
