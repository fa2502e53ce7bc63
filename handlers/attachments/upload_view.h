/*
 * One upload as its patient sees it, with URLs for the parts whose digests are known, and with which of its parts are there.
 */
#ifndef ANAMNESIS_HANDLERS_ATTACHMENTS_UPLOAD_VIEW_H
#define ANAMNESIS_HANDLERS_ATTACHMENTS_UPLOAD_VIEW_H

#include "lib/crypto/files_key.h"
#include "lib/http/request.h"
#include "lib/store/object_name.h"

struct upload_view {
    const char *id;
    const unsigned char *digests[UPLOAD_PARTS_MAX]; /* of part n at n - 1; NULL: it gets no URL */
    const char *asked[UPLOAD_PARTS_MAX];            /* pointer to where the client named it, for its faults */
    bool made;     /* just now: no part can be there, and the practice's limits are locked */
    bool awaited;  /* PROBLEM_UPLOAD_STATE unless its parts are still awaited */
    bool complete; /* its parts are all said to be there: then it waits to be looked at */
};

/* How many parts a file of so many bytes has. */
int64_t upload_parts_of(int64_t size);

/* SHA-256 out of its 64 hexadecimal digits (the contract has seen to it), in the arena. */
const unsigned char *upload_digest(struct request *rq, const char *hex);

/* The patient's files key, in the arena. PROBLEM_UPLOADS_WAIT when the keyring has none of the kind. */
enum problem upload_files_key(struct request *rq, struct span data_key, unsigned char **files_key);

/*
 * Writes the reply. PROBLEM_NOT_FOUND; PROBLEM_UPLOAD_STATE; PROBLEM_UPLOAD_REFUSED for a digest of a part that the file has
 * not; PROBLEM_UPLOAD_INCOMPLETE with the parts that are missing. At most 7 look-ups in the directory, before anything is locked.
 */
enum problem upload_view(struct request *rq, struct span data_key, const struct upload_view *view);

#endif
