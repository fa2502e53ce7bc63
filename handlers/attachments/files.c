/*
 * What was made of a clean file, to be looked at, and the original: for its patient, and what was made for staff. Nobody
 * but the database decides whether an object is there for the actor; every look is a row of the audit log.
 */
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/attachments/file_reply.h"
#include "lib/db/tx.h"

#include <string.h>

/* Films and sounds are asked for in parts, as players do. */
static bool
is_played(const char *content_type)
{
    return strncmp(content_type, "video/", 6) == 0 || strncmp(content_type, "audio/", 6) == 0;
}

/* The patient's key: a patient has it from the session's proof, staff gets it with the row. */
static enum problem
key_of(struct request *rq, const struct q_file_object_row *row, struct span *key)
{
    if (rq->actor.realm == REALM_PATIENT) {
        return keys_own(rq, key);
    }
    return keys_open(rq, row->patient_id, row->wrapped_key, key) ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

static enum problem
give(struct request *rq, const struct q_file_object_in *asked, enum file_manner manner)
{
    const struct q_file_object_row *row = NULL;
    struct span key;
    enum problem problem = q_file_object(rq->tx, asked, &row);
    if (problem == PROBLEM_NONE && row->status != UPLOAD_STATUS_CLEAN) {
        problem = PROBLEM_UPLOAD_STATE;
    }
    if (problem == PROBLEM_NONE && row->object == NULL) {
        problem = PROBLEM_NOT_FOUND;
    }
    if (problem == PROBLEM_NONE) {
        problem = key_of(rq, row, &key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct file_object object = {.upload_id = asked->id,
                                 .kind = row->kind,
                                 .name = row->object,
                                 .content_type = row->content_type,
                                 .size = row->size,
                                 .salt = row->salt,
                                 .filename = row->name};
    bool shown_in_parts = manner == FILE_SHOWN && is_played(row->content_type);
    return file_reply(rq, key, &object, shown_in_parts ? FILE_PLAYED : manner);
}

/* GET /admin/media/{id}/thumbnail and /patient/uploads/{id}/thumbnail */
enum problem
h_file_thumbnail(struct request *rq, const struct file_thumbnail_in *in)
{
    enum problem problem = file_reply_ready(rq);
    return problem != PROBLEM_NONE
               ? problem
               : give(rq, &(struct q_file_object_in){.id = in->id, .kind = "thumbnail"}, FILE_SHOWN);
}

/* GET /admin/media/{id}/view and /patient/uploads/{id}/view */
enum problem
h_file_view(struct request *rq, const struct file_view_in *in)
{
    struct q_file_object_in asked = {
        .id = in->id, .kind = "view", .page = in->page, .has_page = in->has_page};
    enum problem problem = file_reply_ready(rq);
    return problem != PROBLEM_NONE ? problem : give(rq, &asked, FILE_SHOWN);
}

/* GET /patient/uploads/{id}/original: what they gave, as they gave it. */
enum problem
h_my_upload_original(struct request *rq, const struct my_upload_original_in *in)
{
    struct q_file_object_in asked = {.id = in->id, .kind = "original"};
    enum problem problem = file_reply_ready(rq);
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &asked.key);
    }
    return problem != PROBLEM_NONE ? problem : give(rq, &asked, FILE_DOWNLOAD);
}
