#include "handlers/attachments/file_reply.h"

#include "app/app.h"
#include "lib/base/log.h"
#include "lib/crypto/files_key.h"
#include "lib/crypto/object_key.h"
#include "lib/http/api.h"
#include "lib/media/name.h"
#include "lib/media/type.h"
#include "lib/store/ticket.h"

#include <sodium.h>
#include <string.h>

#define FILES_PLACE "/.files/" /* nginx: location /.files/, internal */

enum { STATUS_SEE_OTHER = 303 };

/* Where clients are led to; NULL: nowhere. */
static const char *
files_url(const struct request *rq)
{
    const char *url = config_text(rq->app->config, CONFIG_FILES_URL);
    return url == NULL || url[0] == '\0' ? NULL : url;
}

enum problem
file_reply_ready(const struct request *rq)
{
    return rq->app->gives_files || files_url(rq) != NULL ? PROBLEM_NONE : PROBLEM_UPLOADS_WAIT;
}

/* Whether the contract has the type for this operation: whatever else an object says to be is given to nobody. */
static bool
is_declared(const struct api_operation *operation, const char *type)
{
    for (size_t i = 0; i < operation->reply_count; i++) {
        const struct api_reply *reply = &operation->replies[i];
        if (reply->status < 300 && reply->content_type != NULL && strcmp(reply->content_type, type) == 0) {
            return true;
        }
    }
    return false;
}

/* Copies a text that has to fit with its NUL. */
static bool
take(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size) {
        return false;
    }
    memcpy(to, text, length + 1);
    return true;
}

static bool
fill(struct ticket *ticket, struct span data_key, const struct file_object *object, bool ranges)
{
    unsigned char files_key[FILES_KEY_SIZE];
    unsigned char id[UUID_SIZE];
    memset(ticket, 0, sizeof *ticket);
    if (data_key.size != DATA_KEY_SIZE || object->salt.size != OBJECT_SALT_SIZE || object->size < 0 ||
        !uuid_parse(object->upload_id, id)) {
        return false;
    }
    (void)uuid_text(id, ticket->upload_id);
    ticket->plain_size = (uint64_t)object->size;
    ticket->ranges = ranges;
    files_key_of(data_key.data, files_key);
    bool good = take(ticket->object, sizeof ticket->object, object->name) &&
                take(ticket->kind, sizeof ticket->kind, object->kind) &&
                take(ticket->content_type, sizeof ticket->content_type, object->content_type) &&
                object_key(files_key, ticket->upload_id, object->kind, object->salt.data, ticket->key);
    sodium_memzero(files_key, sizeof files_key);
    return good;
}

static const char *
attachment(struct request *rq, const struct file_object *object)
{
    char name[MEDIA_NAME_SIZE];
    char *value = arena_alloc(rq->arena, MEDIA_DISPOSITION_SIZE);
    media_name_as(object->filename == NULL ? "file" : object->filename,
                  media_type_named(object->content_type), name);
    media_name_disposition(name, true, value);
    return value;
}

enum problem
file_reply(struct request *rq, struct span data_key, const struct file_object *object,
           enum file_manner manner)
{
    struct ticket ticket;
    char text[TICKET_TEXT_SIZE];
    enum problem problem = file_reply_ready(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!is_declared(rq->operation, object->content_type) ||
        !fill(&ticket, data_key, object, manner == FILE_PLAYED)) {
        log_event(LOG_ERROR, "object-not-given", LOG_TEXT("upload", object->upload_id),
                  LOG_TEXT("kind", object->kind));
        return PROBLEM_INTERNAL;
    }
    ticket.led = !rq->app->gives_files;
    ticket.attachment = manner == FILE_DOWNLOAD;
    bool made = ticket_make(rq->app->keyring, &ticket, rq->now, text);
    sodium_memzero(&ticket, sizeof ticket);
    if (!made) {
        log_event(LOG_ERROR, "no-files-key", LOG_TEXT("mend", "anamnesis keys upgrade"));
        return PROBLEM_UPLOADS_WAIT;
    }
    if (!rq->app->gives_files) {
        rq->reply.status = STATUS_SEE_OTHER;
        reply_header(rq, "Location", arena_format(rq->arena, "%s/%s", files_url(rq), text));
        return PROBLEM_NONE;
    }
    rq->reply.content_type = arena_text(rq->arena, object->content_type);
    /* Not as Content-Disposition, which nginx would keep although the store refuses. */
    reply_header(rq, "X-File-Disposition", manner == FILE_DOWNLOAD ? attachment(rq, object) : "inline");
    reply_header(rq, "Accept-Ranges", manner == FILE_PLAYED ? "bytes" : "none");
    reply_header(rq, "X-Accel-Redirect", arena_format(rq->arena, FILES_PLACE "%s", text));
    return PROBLEM_NONE;
}
