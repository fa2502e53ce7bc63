#include "cli/store/store_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ITEMS_MOST = 10000, SHOWN_SIZE = 600, YOUNG_SECONDS = 3600 };

static const char *const names[STORE_FINDINGS] = {
    [STORE_OBJECT_MISSING] = "object-missing", [STORE_OBJECT_UNKNOWN] = "object-unknown",
    [STORE_SIZE_DIFFERS] = "size-differs",     [STORE_PART_MISSING] = "part-missing",
    [STORE_PART_UNKNOWN] = "part-unknown",     [STORE_STRANGE] = "strange"};

bool
store_is_there(struct store_check *check, const char *name)
{
    struct store_entry entry;
    return store_look(check->store, name, &entry) != STORE_ABSENT;
}

bool
store_is_old(const struct store_entry *entry)
{
    return time(NULL) - entry->changed >= YOUNG_SECONDS;
}

bool
store_each(struct store_check *check, const char *prefix, bool needed, store_entry_fn *each, void *context)
{
    enum store_result result = store_list(check->store, prefix, each, context);
    if (result == STORE_DONE || (result == STORE_ABSENT && !needed)) {
        return true;
    }
    (void)fprintf(stderr, "What is below %s in the store cannot be read: %s\n", prefix,
                  result == STORE_ABSENT ? strerror(ENOENT) : strerror(errno));
    return false;
}

int64_t
store_total(const struct store_check *check)
{
    int64_t sum = 0;
    for (size_t i = 0; i < STORE_FINDINGS; i++) {
        sum += check->found[i];
    }
    return sum;
}

/* A name as it may be printed: one that is not ours may hold anything. */
static const char *
shown(const char *name, char text[SHOWN_SIZE])
{
    size_t size = 0;
    for (; name[size] != '\0' && size < SHOWN_SIZE - 1; size++) {
        text[size] = name[size] > ' ' && name[size] <= '~' ? name[size] : '?';
    }
    text[size] = '\0';
    return text;
}

/* False when output fails. */
static bool
say(struct store_check *check, enum store_finding finding, const char *name, const char *upload_id,
    bool removed)
{
    char text[SHOWN_SIZE];
    if (check->silent) {
        return true;
    }
    if (!check->json) {
        return printf("%-14s  %s%s%s%s\n", names[finding], shown(name, text),
                      upload_id == NULL ? "" : "  upload ", upload_id == NULL ? "" : upload_id,
                      removed ? "  removed" : "") > 0;
    }
    if (store_total(check) <= ITEMS_MOST) {
        json_begin_object(&check->out);
        json_text(&check->out, "found", names[finding]);
        json_text(&check->out, "name", shown(name, text));
        json_text(&check->out, "upload_id", upload_id);
        json_flag(&check->out, "removed", removed);
        json_end_object(&check->out);
    }
    return !check->buf.failed;
}

bool
store_found(struct store_check *check, enum store_finding finding, const char *name, const char *upload_id)
{
    bool removes = check->repair && (finding == STORE_OBJECT_UNKNOWN || finding == STORE_PART_UNKNOWN);
    bool removed = removes && store_remove(check->store, name) == STORE_DONE;
    int fault = errno;
    check->found[finding]++;
    check->repaired += removed ? 1 : 0;
    if (removes && !removed) {
        (void)fprintf(stderr, "%s cannot be removed: %s\n", name, strerror(fault));
    }
    return say(check, finding, name, upload_id, removed);
}

bool
store_print_end(struct store_check *check)
{
    if (!check->json) {
        return printf("%" PRId64 " objects and %" PRId64 " uploads under way were compared: %" PRId64
                      " findings, %" PRId64 " removed.\n",
                      check->objects, check->uploads, store_total(check), check->repaired) > 0;
    }
    json_end_array(&check->out);
    json_int(&check->out, "objects", check->objects);
    json_int(&check->out, "uploads", check->uploads);
    json_int(&check->out, "removed", check->repaired);
    json_object_key(&check->out, "counts");
    for (size_t i = 0; i < STORE_FINDINGS; i++) {
        json_int(&check->out, names[i], check->found[i]);
    }
    json_end_object(&check->out);
    json_end_object(&check->out);
    return !check->buf.failed && printf("%s\n", buf_string(&check->buf)) > 0;
}
