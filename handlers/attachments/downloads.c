/*
 * Downloads by staff, in two steps, so that a browser can follow a link: one asks for an address, which is good for one
 * minute, once, and for the session that asked; the other gives the bytes. The database keeps the hash of what stands in
 * the address, and decides again at the second step whether the actor may have the object.
 */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/attachments/file_reply.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <sodium.h>

static void
write_address(struct request *rq, const char *id, const char *token, int64_t until)
{
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    const char *url = arena_format(rq->arena, "%s/admin/media/%s/file?grant=%s", base, id, token);
    reply_media_address(&rq->reply.json,
                        &(struct reply_media_address){.url = url, .expires_at = reply_time(until)});
}

/* Allows the session one download of an object of the file. */
static enum problem
allow(struct request *rq, struct q_media_grant_in *asked)
{
    char token[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_media_grant_row *row = NULL;
    enum problem problem = file_reply_ready(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    token_new(rq->app->keyring, TOKEN_DOWNLOAD, token, hash);
    asked->hash = (struct span){hash, sizeof hash};
    problem = q_media_grant(rq->tx, asked, &row);
    if (problem == PROBLEM_NONE && row->status != UPLOAD_STATUS_CLEAN) {
        problem = PROBLEM_UPLOAD_STATE;
    }
    if (problem == PROBLEM_NONE && !row->has_until) {
        problem = PROBLEM_NOT_FOUND;
    }
    if (problem == PROBLEM_NONE) {
        write_address(rq, asked->id, token, row->until);
    }
    sodium_memzero(token, sizeof token);
    return problem;
}

/* POST /admin/media/{id}/download: what was made of the file. */
enum problem
h_media_download(struct request *rq, const struct media_download_in *in)
{
    struct q_media_grant_in asked = {
        .id = in->id, .kind = "view", .page = in->page, .has_page = in->has_page};
    return allow(rq, &asked);
}

/* POST /admin/media/{id}/original: what the patient gave. */
enum problem
h_media_original(struct request *rq, const struct media_original_in *in)
{
    return allow(rq, &(struct q_media_grant_in){.id = in->id, .kind = "original"});
}

/* GET /admin/media/{id}/file: the bytes, once. */
enum problem
h_media_file(struct request *rq, const struct media_file_in *in)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_media_file_row *row = NULL;
    struct span key;
    enum problem problem = file_reply_ready(rq);
    if (problem == PROBLEM_NONE) {
        problem = keys_of_upload(rq, in->id, &key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    (void)token_hash(rq->app->keyring, TOKEN_DOWNLOAD, in->grant, hash); /* of what is no token: nobody's */
    struct q_media_file_in asked = {.hash = {hash, sizeof hash}, .id = in->id, .key = key};
    problem = q_media_file(rq->tx, &asked, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->object == NULL) {
        return PROBLEM_UPLOAD_GONE;
    }
    struct file_object object = {.upload_id = in->id,
                                 .kind = row->kind,
                                 .name = row->object,
                                 .content_type = row->content_type,
                                 .size = row->size,
                                 .salt = row->salt,
                                 .filename = row->name};
    return file_reply(rq, key, &object, FILE_DOWNLOAD);
}
