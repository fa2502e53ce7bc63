#include "handlers/responses/files.h"

#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/base/uuid.h"
#include "lib/db/tx.h"
#include "lib/form/items/attachments.h"

#include <string.h>

#define URN "urn:uuid:"

enum { TOLD_BYTES_MAX = 1024 * 1024 };

/* A file that an answer names. */
struct file {
    const char *path; /* item path */
    struct json_object *value;
    const char *id; /* NULL: it names none */
};

struct files {
    struct request *rq;
    struct file list[FORM_ATTACHMENTS_MAX];
    size_t count;
};

/* What the database knows of the files that answers name. */
struct known {
    const struct q_my_response_uploads_row *rows;
    size_t count;
};

static const struct q_my_response_uploads_row *
find(const struct known *known, const char *id)
{
    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->rows[i].id, id) == 0) {
            return &known->rows[i];
        }
    }
    return NULL;
}

/* The upload that an Attachment names, in the one spelling of ids; NULL when it names none or has more than that. */
static const char *
named(struct request *rq, struct json_object *value)
{
    struct json_object *url = NULL;
    unsigned char bytes[UUID_SIZE];
    if (!json_object_is_type(value, json_type_object) || json_object_object_get_ex(value, "data", NULL) ||
        !json_object_object_get_ex(value, "url", &url) || !json_object_is_type(url, json_type_string)) {
        return NULL;
    }
    const char *text = json_object_get_string(url);
    if (strncmp(text, URN, strlen(URN)) != 0 || !uuid_parse(text + strlen(URN), bytes)) {
        return NULL;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    return uuid_text(bytes, id);
}

/* Takes a file among those to look for. False when there are too many. */
static bool
add(struct files *files, const char *path, struct json_object *value)
{
    if (files->count == FORM_ATTACHMENTS_MAX) {
        request_error(files->rq, path, "too-many-files", "is one file too many");
        return false;
    }
    struct file *file = &files->list[files->count++];
    *file = (struct file){path, value, named(files->rq, value)};
    if (file->id == NULL) {
        request_error(files->rq, path, "upload-needed",
                      "must be a file that was uploaded for this questionnaire");
    }
    return true;
}

static enum problem
look_up(struct files *files, const char *response_id, struct known *known)
{
    const char **ids = arena_array(files->rq->arena, files->count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (files->list[i].id != NULL) {
            ids[count++] = files->list[i].id;
        }
    }
    struct q_my_response_uploads_in query = {.response_id = response_id, .ids = {ids, count}};
    return q_my_response_uploads(files->rq->tx, &query, &known->rows, &known->count);
}

/* Why the file cannot be the answer; NULL when it can. */
static const char *
refusal(enum upload_status status, bool submitted)
{
    switch (status) {
    case UPLOAD_STATUS_SCANNING:
    case UPLOAD_STATUS_CLEAN:
        return NULL;
    case UPLOAD_STATUS_AWAITING_UPLOAD:
        return submitted ? "upload-incomplete" : NULL;
    case UPLOAD_STATUS_INFECTED:
        return "upload-infected";
    case UPLOAD_STATUS_REJECTED:
        return "upload-rejected";
    case UPLOAD_STATUS_NULL:
    case UPLOAD_STATUS_WITHDRAWN:
    case UPLOAD_STATUS_EXPIRED:
    case UPLOAD_STATUS_REMOVED:
    case UPLOAD_STATUS_ERASED:
        break;
    }
    return "upload-gone";
}

static const char *
sentence(const char *code)
{
    if (strcmp(code, "upload-incomplete") == 0) {
        return "was not sent to its end; send the rest, or choose another one";
    }
    if (strcmp(code, "upload-infected") == 0) {
        return "was found to be harmful; choose another one";
    }
    return strcmp(code, "upload-rejected") == 0 ? "was not accepted; choose another one"
                                                : "is not there any more; choose another one";
}

/* Notes what is wrong with each file, and tells the answer what its file is. */
static void
judge(struct files *files, const struct known *known, bool submitted)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->list[i];
        const struct q_my_response_uploads_row *row = file->id == NULL ? NULL : find(known, file->id);
        if (file->id == NULL) {
            continue; /* noted already */
        }
        if (row == NULL || !form_path_is_of(file->path, row->link_id)) {
            request_error(files->rq, file->path, "upload-needed",
                          "must be a file that was uploaded for this question");
            continue;
        }
        const char *code = refusal(row->status, submitted);
        if (code != NULL) {
            request_error(files->rq, file->path, code, sentence(code));
        } else if (!submitted) {
            (void)json_object_object_add(file->value, "contentType", json_object_new_string(row->type));
            (void)json_object_object_add(file->value, "size", json_object_new_int64(row->size));
        }
    }
}

static void
collect_set(struct files *files, struct json_object *set)
{
    json_object_object_foreach(set, path, answers)
    {
        size_t count = json_object_is_type(answers, json_type_array) ? json_object_array_length(answers) : 0;
        const char *kept = NULL;
        for (size_t i = 0; i < count; i++) {
            struct json_object *value = NULL;
            struct json_object *answer = json_object_array_get_idx(answers, i);
            if (json_object_is_type(answer, json_type_object) &&
                json_object_object_get_ex(answer, "valueAttachment", &value)) {
                kept = kept == NULL ? arena_text(files->rq->arena, path) : kept;
                if (!add(files, kept, value)) {
                    return;
                }
            }
        }
    }
}

enum problem
files_set(struct request *rq, const char *response_id, struct json_object *set)
{
    struct files *files = arena_alloc(rq->arena, sizeof *files);
    files->rq = rq;
    files->count = 0;
    if (set != NULL) {
        collect_set(files, set);
    }
    if (files->count == 0) {
        return PROBLEM_NONE;
    }
    struct known known = {NULL, 0};
    enum problem problem = look_up(files, response_id, &known);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    judge(files, &known, false);
    return rq->error_count > 0 ? PROBLEM_INVALID_FORM : PROBLEM_NONE;
}

/* Notes them as shown. What moved on since it was judged is refused like what was not there. */
static enum problem
show(struct files *files, const char *response_id)
{
    const char **ids = arena_array(files->rq->arena, files->count, sizeof *ids);
    for (size_t i = 0; i < files->count; i++) {
        ids[i] = files->list[i].id;
    }
    const struct q_my_upload_show_row *gone = NULL;
    size_t count = 0;
    struct q_my_upload_show_in query = {.response_id = response_id, .ids = {ids, files->count}};
    enum problem problem = q_my_upload_show(files->rq->tx, &query, &gone, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem;
    }
    for (size_t i = 0; i < files->count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (strcmp(gone[k].id, files->list[i].id) == 0) {
                request_error(files->rq, files->list[i].path, "upload-gone", sentence("upload-gone"));
            }
        }
    }
    return PROBLEM_INVALID_FORM;
}

/* What is known of each, as the reply to a submission has it. */
static const char *
told(struct request *rq, const struct known *known)
{
    struct reply_response_upload *list = arena_array(rq->arena, known->count, sizeof *list);
    for (size_t i = 0; i < known->count; i++) {
        list[i] = (struct reply_response_upload){.id = known->rows[i].id,
                                                 .link_id = known->rows[i].link_id,
                                                 .status = upload_status_word(known->rows[i].status),
                                                 .reason = reply_null};
    }
    return reply_response_uploads(rq->arena, list, known->count, TOLD_BYTES_MAX);
}

enum problem
files_submit(struct request *rq, const char *response_id, const struct form *form, struct json_object *items,
             const char **uploads)
{
    size_t count = 0;
    const struct form_attachment *found = form_attachments(form, items, rq->arena, &count);
    if (count == 0) {
        return PROBLEM_NONE;
    }
    struct files *files = arena_alloc(rq->arena, sizeof *files);
    struct known known = {NULL, 0};
    files->rq = rq;
    files->count = 0;
    bool few = count <= FORM_ATTACHMENTS_MAX;
    for (size_t i = 0; few && i < count; i++) {
        (void)add(files, found[i].path, found[i].value);
    }
    if (!few) {
        request_error(rq, found[FORM_ATTACHMENTS_MAX - 1].path, "too-many-files",
                      "is followed by one file too many");
        return PROBLEM_INVALID_FORM;
    }
    enum problem problem = look_up(files, response_id, &known);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    judge(files, &known, true);
    problem = rq->error_count > 0 ? PROBLEM_INVALID_FORM : show(files, response_id);
    *uploads = told(rq, &known);
    return problem == PROBLEM_NONE && *uploads == NULL ? PROBLEM_OVERLOADED : problem;
}
