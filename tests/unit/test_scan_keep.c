/* What is kept of a clean file: each object opens with its own key alone, and what others made is not believed. */
#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/object_key.h"
#include "lib/store/sealed_file.h"
#include "scan/keep.h"

#include "tests/unit/directory_fixture.h"
#include "tests/unit/random_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jpeglib.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 200 * 1000 };

static const unsigned char FILES_KEY[FILES_KEY_SIZE] = {7, 7, 7};
static unsigned char salt[OBJECT_SALT_SIZE] = {9, 9, 9};
static unsigned char text[TEXT_SIZE];
static unsigned char back[TEXT_SIZE];
static struct kept kept;
static char place[64];
static struct store *store;
static int objects_there;

static int
set_up(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-keep-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    store = store_on_disk(place);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (unsigned char)random_below(256);
    }
    (void)snprintf(path, sizeof path, "%s/sealed", place);
    return mkdir(path, 02770);
}

static int
each(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)path;
    (void)kind;
    (void)where;
    objects_there += S_ISREG(found->st_mode);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    store_destroy(store);
    return directory_remove(place);
}

static int
objects(void)
{
    objects_there = 0;
    assert_int_equal(nftw(place, each, 8, FTW_PHYS), 0);
    return objects_there;
}

static struct keep
keep_of(enum media_type type, struct span file, const struct wire_reply *reply, int result)
{
    return (struct keep){.store = store,
                         .upload_id = OWNER_ONE,
                         .files_key = FILES_KEY,
                         .salt = {salt, sizeof salt},
                         .type = type,
                         .file = file,
                         .reply = reply,
                         .result = result};
}

/* Whether an object opens as this kind of this upload, and is these bytes. */
static bool
opens(const char *name, const char *upload, const char *kind, struct span plain)
{
    static struct sealed_reader reader;
    unsigned char key[STREAM_KEY_SIZE];
    char bound[OBJECT_TEXT_SIZE];
    int root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(root >= 0 && object_key(FILES_KEY, upload, kind, salt, key) &&
                object_text(upload, kind, bound));
    size_t got = 0;
    bool good = sealed_reader_open(&reader, root, name, key, bound, plain.size) == STORE_DONE;
    if (good) {
        while (good && got < plain.size) {
            struct span chunk;
            good = sealed_reader_get(&reader, got, &chunk) == STORE_DONE;
            if (good) {
                memcpy(back + got, chunk.data, chunk.size);
                got += chunk.size;
            }
        }
        sealed_reader_close(&reader);
    }
    (void)close(root);
    return good && memcmp(back, plain.data, plain.size) == 0;
}

/* The JSON that the database is told, and what it says of the object at `index`. */
static void
is_told(size_t count, size_t index, const char *kind, const char *type, size_t size, int width)
{
    json_object *all = json_tokener_parse(kept.json);
    assert_non_null(all);
    assert_int_equal(json_object_array_length(all), count);
    json_object *one = json_object_array_get_idx(all, index);
    assert_string_equal(json_object_get_string(json_object_object_get(one, "kind")), kind);
    assert_string_equal(json_object_get_string(json_object_object_get(one, "content_type")), type);
    assert_string_equal(json_object_get_string(json_object_object_get(one, "name")), kept.names[index]);
    assert_int_equal(json_object_get_int(json_object_object_get(one, "plain_size")), size);
    json_object *told = json_object_object_get(one, "width");
    assert_int_equal(told == NULL ? 0 : json_object_get_int(told), width);
    json_object_put(all);
}

/* A grey JPEG as the picture program writes them, by malloc. */
static struct span
jpeg(unsigned width, unsigned height)
{
    struct jpeg_compress_struct writer;
    struct jpeg_error_mgr errors;
    unsigned char *made = NULL;
    unsigned long size = 0;
    unsigned char row[512];
    unsigned char *rows[] = {row};
    memset(row, 99, sizeof row);
    writer.err = jpeg_std_error(&errors);
    jpeg_create_compress(&writer);
    jpeg_mem_dest(&writer, &made, &size);
    writer.image_width = width;
    writer.image_height = height;
    writer.input_components = 1;
    writer.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&writer);
    jpeg_start_compress(&writer, TRUE);
    while (writer.next_scanline < height) {
        (void)jpeg_write_scanlines(&writer, rows, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_destroy_compress(&writer);
    return (struct span){made, size};
}

/* Two pictures, one behind the other, as the picture program gives them. */
static int
result_of(struct span view, struct span thumbnail, struct wire_reply *reply)
{
    int file = memfd_create("result", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, view.data, view.size), view.size);
    assert_int_equal(write(file, thumbnail.data, thumbnail.size), thumbnail.size);
    *reply = (struct wire_reply){
        .width = 400, .height = 300, .result_size = view.size + thumbnail.size, .part_count = 2};
    reply->parts[0] = (struct wire_part){.kind = WIRE_VIEW, .width = 400, .height = 300, .size = view.size};
    reply->parts[1] = (struct wire_part){
        .kind = WIRE_THUMBNAIL, .width = 320, .height = 240, .offset = view.size, .size = thumbnail.size};
    return file;
}

static void
a_text_is_kept_as_it_is_and_opens_with_its_own_key_alone(void **state)
{
    (void)state;
    static const struct wire_reply nothing;
    for (int round = 0; round < 20; round++) {
        struct span plain = {text, 1 + (size_t)random_below(TEXT_SIZE - 1)};
        struct keep keep = keep_of(MEDIA_TEXT, plain, &nothing, -1);
        assert_int_equal(keep_all(&keep, &kept), KEPT);
        assert_int_equal(kept.count, 1);
        is_told(1, 0, "original", "text/plain", plain.size, 0);
        assert_true(opens(kept.names[0], OWNER_ONE, "original", plain));
        assert_false(opens(kept.names[0], OWNER_ONE, "view", plain));
        assert_false(opens(kept.names[0], OWNER_TWO, "original", plain));
        salt[round] ^= 1;
        assert_false(opens(kept.names[0], OWNER_ONE, "original", plain));
        salt[round] ^= 1;
        keep_none(store, &kept);
        assert_int_equal(kept.count, 0);
        assert_int_equal(objects(), 0);
    }
}

static void
a_photo_is_kept_with_what_was_made_of_it(void **state)
{
    (void)state;
    struct wire_reply reply;
    struct span view = jpeg(400, 300);
    struct span thumbnail = jpeg(320, 240);
    struct span plain = {text, 5000};
    int result = result_of(view, thumbnail, &reply);
    struct keep keep = keep_of(MEDIA_PNG, plain, &reply, result);
    assert_int_equal(keep_all(&keep, &kept), KEPT);
    assert_int_equal(kept.count, 3);
    assert_int_equal(objects(), 3);
    is_told(3, 0, "original", "image/png", plain.size, 400);
    is_told(3, 1, "view", "image/jpeg", view.size, 400);
    is_told(3, 2, "thumbnail", "image/jpeg", thumbnail.size, 320);
    assert_true(opens(kept.names[0], OWNER_ONE, "original", plain));
    assert_true(opens(kept.names[1], OWNER_ONE, "view", view));
    assert_true(opens(kept.names[2], OWNER_ONE, "thumbnail", thumbnail));
    assert_false(opens(kept.names[1], OWNER_ONE, "thumbnail", view));
    keep_none(store, &kept);
    assert_int_equal(objects(), 0);
    (void)close(result);
    free((void *)(uintptr_t)view.data);
    free((void *)(uintptr_t)thumbnail.data);
}

/* A thumbnail and as many pages, all the same picture. */
static int
document_of(uint32_t pages, struct wire_reply *reply)
{
    struct span page = jpeg(300, 200);
    int file = memfd_create("result", MFD_CLOEXEC);
    assert_true(file >= 0);
    *reply = (struct wire_reply){.pages = pages, .part_count = pages + 1};
    for (uint32_t i = 0; i <= pages; i++) {
        assert_int_equal(write(file, page.data, page.size), page.size);
        reply->parts[i] = (struct wire_part){.kind = i == 0 ? WIRE_THUMBNAIL : WIRE_PAGE,
                                             .page = i,
                                             .width = 300,
                                             .height = 200,
                                             .offset = reply->result_size,
                                             .size = page.size};
        reply->result_size += page.size;
    }
    free((void *)(uintptr_t)page.data);
    return file;
}

static enum kept_how
kept_of_document(const struct wire_reply *reply, int result)
{
    struct keep keep = keep_of(MEDIA_PDF, (struct span){text, 5000}, reply, result);
    enum kept_how how = keep_all(&keep, &kept);
    int there = objects();
    assert_int_equal(there, how == KEPT ? reply->part_count + 1 : 0);
    keep_none(store, &kept);
    return how;
}

/* The first pages in their order, as many as are made of any document; and how many there are. */
static void
a_document_is_kept_with_its_pages(void **state)
{
    (void)state;
    struct wire_reply reply;
    int result = document_of(WIRE_PAGES_MAX, &reply);
    reply.pages = 70;
    struct keep keep = keep_of(MEDIA_PDF, (struct span){text, 5000}, &reply, result);
    assert_int_equal(keep_all(&keep, &kept), KEPT);
    is_told(WIRE_PAGES_MAX + 2, 0, "original", "application/pdf", 5000, 0);
    is_told(WIRE_PAGES_MAX + 2, 1, "thumbnail", "image/jpeg", reply.parts[0].size, 300);
    is_told(WIRE_PAGES_MAX + 2, 2, "page-1", "image/jpeg", reply.parts[1].size, 300);
    is_told(WIRE_PAGES_MAX + 2, WIRE_PAGES_MAX + 1, "page-50", "image/jpeg", reply.parts[1].size, 300);
    assert_non_null(strstr(kept.json, "\"plain_size\":5000,\"pages\":70}"));
    keep_none(store, &kept);
    (void)close(result);
    result = document_of(3, &reply);
    assert_int_equal(kept_of_document(&reply, result), KEPT);
    struct wire_reply other = reply;
    other.pages = 2; /* fewer than were made */
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    other = reply;
    other.parts[2].page = 1; /* one twice */
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    other = reply;
    other.parts[3].kind = WIRE_INNER; /* which is the patient's */
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    other = reply;
    other.parts[0].kind = WIRE_VIEW;
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    other = reply;
    other.part_count = 1; /* no page */
    other.result_size = reply.parts[0].size;
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    other = reply;
    other.parts[3].height--;
    assert_int_equal(kept_of_document(&other, result), KEPT_FOREIGN);
    (void)close(result);
}

static void
is_foreign(const struct wire_reply *reply, int result)
{
    struct keep keep = keep_of(MEDIA_JPEG, (struct span){text, 5000}, reply, result);
    assert_int_equal(keep_all(&keep, &kept), KEPT_FOREIGN);
    assert_int_equal(kept.count, 0);
    assert_int_equal(objects(), 0);
}

/* A program that was taken over cannot have anything else shown: nothing is written. */
static void
what_is_no_picture_of_ours_is_refused(void **state)
{
    (void)state;
    struct wire_reply reply;
    struct span view = jpeg(400, 300);
    struct span thumbnail = jpeg(320, 240);
    int result = result_of(view, thumbnail, &reply);
    struct wire_reply other = reply;
    other.parts[1].width = 319; /* other measures than the picture's own */
    is_foreign(&other, result);
    other = reply;
    other.parts[0].kind = WIRE_THUMBNAIL; /* larger than a thumbnail may be */
    is_foreign(&other, result);
    other = reply;
    other.parts[0].size--;
    is_foreign(&other, result);
    other = reply;
    other.parts[1].offset++;
    other.parts[1].size--;
    is_foreign(&other, result);
    for (size_t at = 0; at < 20; at++) { /* SOI, and JFIF's segment up to its densities */
        unsigned char byte = 0;
        unsigned char changed = 0;
        assert_int_equal(pread(result, &byte, 1, (off_t)at), 1);
        changed = byte ^ 0x80;
        bool densities = at >= 14 && at < 18;
        assert_int_equal(pwrite(result, &changed, 1, (off_t)at), 1);
        if (!densities) {
            is_foreign(&reply, result);
        }
        assert_int_equal(pwrite(result, &byte, 1, (off_t)at), 1);
    }
    (void)close(result);
    result = result_of(view, (struct span){text, 3000}, &reply); /* the file itself, say */
    is_foreign(&reply, result);
    (void)close(result);
    free((void *)(uintptr_t)view.data);
    free((void *)(uintptr_t)thumbnail.data);
}

/* One that becomes full with the second object leaves none: a limit stands for the disk's end. */
static void
on_a_full_disk_nothing_stays(void **state)
{
    (void)state;
    struct wire_reply reply;
    struct span view = jpeg(400, 300);
    struct span thumbnail = jpeg(320, 240);
    struct rlimit former;
    int result = result_of(view, thumbnail, &reply);
    struct keep keep = keep_of(MEDIA_PNG, (struct span){text, 100}, &reply, result);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit low = {500, former.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    enum kept_how how = keep_all(&keep, &kept);
    int why = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &former), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(how, KEPT_NOT);
    assert_int_equal(why, EFBIG);
    assert_int_equal(kept.count, 0);
    assert_int_equal(objects(), 0);
    assert_int_equal(keep_all(&keep, &kept), KEPT); /* and once there is room, all of it */
    assert_int_equal(objects(), 3);
    (void)close(result);
    free((void *)(uintptr_t)view.data);
    free((void *)(uintptr_t)thumbnail.data);
}

static void
without_a_directory_or_a_salt_nothing_is_kept(void **state)
{
    (void)state;
    static const struct wire_reply nothing;
    struct keep keep = keep_of(MEDIA_TEXT, (struct span){text, 100}, &nothing, -1);
    keep.salt.size--;
    assert_int_equal(keep_all(&keep, &kept), KEPT_NOT);
    keep = keep_of(MEDIA_TEXT, (struct span){text, 100}, &nothing, -1);
    struct store *none = store_on_disk("/nonexistent");
    keep.store = none;
    assert_int_equal(keep_all(&keep, &kept), KEPT_NOT);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(objects(), 0);
    store_destroy(none);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_text_is_kept_as_it_is_and_opens_with_its_own_key_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_photo_is_kept_with_what_was_made_of_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_document_is_kept_with_its_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_picture_of_ours_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(on_a_full_disk_nothing_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_directory_or_a_salt_nothing_is_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("scan_keep", tests, NULL, NULL);
}
