#include "lib/store/store.h"

#include "lib/store/sealed_file.h"
#include "lib/store/store_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct store {
    enum store_kind kind;
    const char *directory; /* of STORE_ON_DISK */
};

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

struct store *
store_create(const struct config *config, char *error, size_t size)
{
    struct store *store = store_on_disk(config_text(config, CONFIG_STORE_DIR));
    if (store == NULL) {
        (void)snprintf(error, size, "out of memory");
    }
    return store;
}

void
store_destroy(struct store *store)
{
    free(store);
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
    return store->kind == STORE_ON_DISK ? store_disk_parts(store->directory, upload_id, count, sizes)
                                        : nowhere();
}

bool
store_part_url(struct store *store, const struct keyring *keyring, const char *base_url,
               const struct signed_part *part, int64_t now, struct buf *url)
{
    return store->kind == STORE_ON_DISK && part_url_make(keyring, base_url, part, now, url);
}

enum store_result
store_part_read(struct store *store, const char *upload_id, unsigned number, unsigned char *bytes,
                size_t *size)
{
    *size = 0;
    return store->kind == STORE_ON_DISK
               ? store_disk_part_read(store->directory, upload_id, number, bytes, size)
               : nowhere();
}

enum store_result
store_object_write(struct store *store, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                   struct span plain, char name[OBJECT_NAME_SIZE])
{
    name[0] = '\0';
    return store->kind == STORE_ON_DISK ? store_disk_write(store->directory, key, text, plain, name)
                                        : nowhere();
}

/* Large. */
struct store_reader {
    struct sealed_reader disk;
};

enum store_result
store_object_open(struct store *store, const char *name, const unsigned char key[STREAM_KEY_SIZE],
                  const char *text, uint64_t plain_size, struct store_reader **reader)
{
    *reader = NULL;
    struct store_reader *made = calloc(1, sizeof *made);
    if (made == NULL || store->kind != STORE_ON_DISK) {
        free(made);
        return nowhere();
    }
    enum store_result result = store_disk_open(store->directory, name, key, text, plain_size, &made->disk);
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
    return sealed_reader_get(&reader->disk, from, plain);
}

void
store_object_close(struct store_reader *reader)
{
    if (reader != NULL) {
        sealed_reader_close(&reader->disk);
        free(reader);
    }
}

enum store_result
store_remove(struct store *store, const char *name)
{
    return store->kind == STORE_ON_DISK ? store_disk_remove(store->directory, name) : nowhere();
}

enum store_result
store_room(struct store *store, uint64_t bytes, uint64_t objects)
{
    return store->kind == STORE_ON_DISK ? store_disk_room(store->directory, bytes, objects) : nowhere();
}

enum store_result
store_list(struct store *store, const char *prefix, store_entry_fn *each, void *context)
{
    return store->kind == STORE_ON_DISK ? store_disk_list(store->directory, prefix, each, context)
                                        : nowhere();
}

enum store_result
store_look(struct store *store, const char *name, struct store_entry *entry)
{
    return store->kind == STORE_ON_DISK ? store_disk_look(store->directory, name, entry) : nowhere();
}
