#include "lib/store/store.h"

#include "lib/base/config.h"
#include "lib/store/sealed_file.h"
#include "lib/store/sealed_window.h"
#include "lib/store/store_disk.h"
#include "lib/store/store_s3.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct store {
    enum store_kind kind;
    const char *directory; /* of STORE_ON_DISK */
    struct store_s3 *s3;   /* of STORE_IN_S3 */
};

static const char *
given(const struct config *config, enum config_key key)
{
    const char *text = config_text(config, key);
    return text == NULL || text[0] == '\0' ? NULL : text;
}

struct store *
store_on_disk(const char *directory)
{
    struct store *store = calloc(1, sizeof *store);
    if (store != NULL) {
        store->kind = directory == NULL || directory[0] == '\0' ? STORE_NOWHERE : STORE_ON_DISK;
        store->directory = directory;
    }
    return store;
}

static struct store_s3 *
connect_s3(const struct config *config, const struct store_patience *patience, char *error, size_t size)
{
    const char *region = given(config, CONFIG_STORE_REGION);
    const struct store_s3_settings settings = {.url = given(config, CONFIG_STORE_URL),
                                               .region = region == NULL ? getenv("AWS_REGION") : region,
                                               .ca_file = given(config, CONFIG_STORE_CA_FILE),
                                               .seconds = patience->seconds,
                                               .stop = patience->stop};
    char why[STORE_ERROR_SIZE] = "";
    struct store_s3 *s3 = NULL;
    if (settings.region == NULL || settings.region[0] == '\0') {
        (void)snprintf(error, size, "%s is not set: the bucket's region, as eu-central-1",
                       config_name(CONFIG_STORE_REGION));
    } else {
        s3 = store_s3_create(&settings, why, sizeof why);
        if (s3 == NULL) {
            (void)snprintf(error, size, "%s: %s", config_name(CONFIG_STORE_URL), why);
        }
    }
    return s3;
}

struct store *
store_create(const struct config *config, const struct store_patience *patience, char *error, size_t size)
{
    const char *directory = given(config, CONFIG_STORE_DIR);
    bool in_s3 = given(config, CONFIG_STORE_URL) != NULL;
    if (in_s3 && directory != NULL) {
        (void)snprintf(error, size, "%s and %s are both set: files are in one place, keep one of them",
                       config_name(CONFIG_STORE_DIR), config_name(CONFIG_STORE_URL));
        return NULL;
    }
    struct store *store = store_on_disk(directory);
    if (store == NULL) {
        (void)snprintf(error, size, "out of memory");
        return NULL;
    }
    if (in_s3) {
        store->kind = STORE_IN_S3;
        store->s3 = connect_s3(config, patience, error, size);
    }
    if (in_s3 && store->s3 == NULL) {
        free(store);
        return NULL;
    }
    return store;
}

void
store_destroy(struct store *store)
{
    if (store != NULL) {
        store_s3_destroy(store->s3);
        free(store);
    }
}

enum store_kind
store_kind(const struct store *store)
{
    return store->kind;
}

/* What is asked of no store. */
static enum store_result
nowhere(void)
{
    errno = ENODEV;
    return STORE_FAILED;
}

enum store_result
store_parts(struct store *store, const char *upload_id, unsigned count, int64_t sizes[UPLOAD_PARTS_MAX])
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_parts(store->directory, upload_id, count, sizes);
    case STORE_IN_S3:
        return store_s3_parts(store->s3, upload_id, count, sizes);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

bool
store_may_sign(struct store *store, int64_t now)
{
    return store->kind == STORE_ON_DISK || (store->kind == STORE_IN_S3 && store_s3_may_sign(store->s3, now));
}

bool
store_part_url(struct store *store, const struct keyring *keyring, const char *base_url,
               const struct signed_part *part, int64_t now, struct buf *url)
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return part_url_make(keyring, base_url, part, now, url);
    case STORE_IN_S3:
        return store_s3_part_url(store->s3, part, now, url);
    case STORE_NOWHERE:
        break;
    }
    return false;
}

enum store_result
store_part_read(struct store *store, const char *upload_id, unsigned number, unsigned char *bytes,
                size_t *size)
{
    *size = 0;
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_part_read(store->directory, upload_id, number, bytes, size);
    case STORE_IN_S3:
        return store_s3_part_read(store->s3, upload_id, number, bytes, size);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

enum store_result
store_object_write(struct store *store, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                   struct span plain, char name[OBJECT_NAME_SIZE])
{
    name[0] = '\0';
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_write(store->directory, key, text, plain, name);
    case STORE_IN_S3:
        return store_s3_write(store->s3, key, text, plain, name);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

/* Large. */
struct store_reader {
    struct store *store; /* whose the object is */
    char name[OBJECT_NAME_SIZE];
    union {
        struct sealed_reader disk;
        struct sealed_window window;
    };
};

static enum store_result
open_on_disk(struct store_reader *reader, const unsigned char key[STREAM_KEY_SIZE], const char *text,
             uint64_t plain_size)
{
    return store_disk_open(reader->store->directory, reader->name, key, text, plain_size, &reader->disk);
}

/* Has the window what is at `from`, with more behind it: objects are read from the beginning to the end. */
static enum store_result
fetch(struct store_reader *reader, uint64_t from)
{
    struct sealed_window *window = &reader->window;
    enum store_result result = STORE_DONE;
    while (result == STORE_DONE && !sealed_window_has(window, from)) {
        uint64_t offset = 0;
        size_t size = 0;
        sealed_window_wants(window, from, window->plain_size, &offset, &size);
        result = store_s3_bytes(reader->store->s3, reader->name, offset, window->bytes, size);
        if (result == STORE_DONE) {
            result = sealed_window_fill(window);
        } else {
            window->count = 0; /* nothing of it can be believed */
        }
    }
    return result;
}

static enum store_result
open_in_s3(struct store_reader *reader, const unsigned char key[STREAM_KEY_SIZE], const char *text,
           uint64_t plain_size)
{
    if (!sealed_window_begin(&reader->window, key, text, plain_size)) {
        errno = EINVAL;
        return STORE_FAILED;
    }
    enum store_result result = fetch(reader, 0);
    if (result != STORE_DONE) {
        int why = errno;
        sealed_window_end(&reader->window);
        errno = why;
    }
    return result;
}

enum store_result
store_object_open(struct store *store, const char *name, const unsigned char key[STREAM_KEY_SIZE],
                  const char *text, uint64_t plain_size, struct store_reader **reader)
{
    *reader = NULL;
    struct store_reader *made = calloc(1, sizeof *made);
    if (made == NULL || store->kind == STORE_NOWHERE || !object_name_is_sealed(name)) {
        free(made);
        errno = made == NULL ? ENOMEM : EINVAL;
        return STORE_FAILED;
    }
    made->store = store;
    (void)snprintf(made->name, sizeof made->name, "%s", name);
    enum store_result result = store->kind == STORE_IN_S3 ? open_in_s3(made, key, text, plain_size)
                                                          : open_on_disk(made, key, text, plain_size);
    if (result == STORE_DONE) {
        *reader = made;
    } else {
        free(made);
    }
    return result;
}

enum store_result
store_object_get(struct store_reader *reader, uint64_t from, struct span *plain)
{
    *plain = (struct span){NULL, 0};
    if (reader->store->kind != STORE_IN_S3) {
        return sealed_reader_get(&reader->disk, from, plain);
    }
    enum store_result result = fetch(reader, from);
    return result == STORE_DONE ? sealed_window_get(&reader->window, from, plain) : result;
}

void
store_object_close(struct store_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->store->kind == STORE_IN_S3) {
        sealed_window_end(&reader->window);
    } else {
        sealed_reader_close(&reader->disk);
    }
    free(reader);
}

enum store_result
store_object_bytes(struct store *store, const char *name, uint64_t from, unsigned char *bytes, size_t size)
{
    return store->kind == STORE_IN_S3 ? store_s3_bytes(store->s3, name, from, bytes, size) : nowhere();
}

enum store_result
store_remove(struct store *store, const char *name)
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_remove(store->directory, name);
    case STORE_IN_S3:
        return store_s3_remove(store->s3, name);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

enum store_result
store_room(struct store *store, uint64_t bytes, uint64_t objects)
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_room(store->directory, bytes, objects);
    case STORE_IN_S3:
        return store_s3_reach(store->s3);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

enum store_result
store_list(struct store *store, const char *prefix, store_entry_fn *each, void *context)
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_list(store->directory, prefix, each, context);
    case STORE_IN_S3:
        return store_s3_list(store->s3, prefix, each, context);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}

enum store_result
store_part_tag(struct store *store, const char *upload_id, unsigned number, const char *tag,
               char value[STORE_TAG_SIZE])
{
    value[0] = '\0';
    if (store->kind == STORE_IN_S3) {
        return store_s3_part_tag(store->s3, upload_id, number, tag, value);
    }
    errno = ENOTSUP;
    return STORE_FAILED;
}

enum store_result
store_look(struct store *store, const char *name, struct store_entry *entry)
{
    switch (store->kind) {
    case STORE_ON_DISK:
        return store_disk_look(store->directory, name, entry);
    case STORE_IN_S3:
        return store_s3_look(store->s3, name, entry);
    case STORE_NOWHERE:
        break;
    }
    return nowhere();
}
