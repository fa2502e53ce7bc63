/*
 * The bytes of a file, given by a reply that has none: it names a ticket (lib/store/ticket.h), and nginx gets what the
 * ticket opens from anamnesis-store (X-Accel-Redirect). nginx takes type, disposition and caching from this reply; that the
 * content runs nothing and is not guessed at (Content-Security-Policy: sandbox, nosniff) it says itself.
 *
 * Where nobody is in front who follows that (Lambda), the client itself is led to the ticket: 303, to ANAMNESIS_FILES_URL, where nginx takes
 * tickets from anybody. That one is good for seconds, and asks for no session: so it is the second way, and taken only where there is no first.
 *
 * The ticket is made last, when session, policy and state were decided in the database. A name of an object is in a row
 * that the database shows for a clean file alone, so without that nothing can be named here.
 */
#ifndef ANAMNESIS_HANDLERS_ATTACHMENTS_FILE_REPLY_H
#define ANAMNESIS_HANDLERS_ATTACHMENTS_FILE_REPLY_H

#include "lib/base/span.h"
#include "lib/http/request.h"

#include <stdbool.h>
#include <stdint.h>

/* One object of a clean file, as the database has it. */
struct file_object {
    const char *upload_id;
    const char *kind;
    const char *name; /* sealed/... */
    const char *content_type;
    int64_t size; /* bytes, plain */
    struct span salt;
    const char *filename; /* of the file, as its patient named it; for downloads */
};

/* How it is given. */
enum file_manner {
    FILE_SHOWN,  /* within a page */
    FILE_PLAYED, /* the same, and parts of it may be asked for */
    FILE_DOWNLOAD
};

/* PROBLEM_UPLOADS_WAIT when there is no way to the bytes (Lambda without ANAMNESIS_FILES_URL): to be asked before anything is used up. */
enum problem file_reply_ready(const struct request *rq);

/*
 * Writes the reply. `data_key` is the patient's. PROBLEM_UPLOADS_WAIT when the keyring has no key for tickets;
 * PROBLEM_INTERNAL when the object is of a type that the operation does not declare, or has not its form.
 */
enum problem file_reply(struct request *rq, struct span data_key, const struct file_object *object,
                        enum file_manner manner);

#endif
