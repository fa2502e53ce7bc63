/*
 * The store on the local disk (store.h), below the directory ANAMNESIS_STORE_DIR. Private to lib/store. The directory is opened for each
 * call: one that is mounted later, or put in another's place, is found. The functions are those of store.h.
 */
#ifndef ANAMNESIS_STORE_STORE_DISK_H
#define ANAMNESIS_STORE_STORE_DISK_H

#include "lib/base/span.h"
#include "lib/crypto/stream.h"
#include "lib/store/entry.h"
#include "lib/store/object_name.h"
#include "lib/store/result.h"
#include "lib/store/sealed_file.h"

#include <stddef.h>
#include <stdint.h>

enum store_result store_disk_parts(const char *directory, const char *upload_id, unsigned count,
                                   int64_t sizes[UPLOAD_PARTS_MAX]);
enum store_result store_disk_part_read(const char *directory, const char *upload_id, unsigned number,
                                       unsigned char *bytes, size_t *size);
enum store_result store_disk_write(const char *directory, const unsigned char key[STREAM_KEY_SIZE],
                                   const char *text, struct span plain, char name[OBJECT_NAME_SIZE]);
enum store_result store_disk_open(const char *directory, const char *name,
                                  const unsigned char key[STREAM_KEY_SIZE], const char *text,
                                  uint64_t plain_size, struct sealed_reader *reader);
enum store_result store_disk_remove(const char *directory, const char *name);
enum store_result store_disk_room(const char *directory, uint64_t bytes, uint64_t objects);
enum store_result store_disk_list(const char *directory, const char *prefix, store_entry_fn *each,
                                  void *context);
enum store_result store_disk_look(const char *directory, const char *name, struct store_entry *entry);

#endif
