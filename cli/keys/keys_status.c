/* `anamnesis keys status` and `keys register`: what the keyring has, what the database knows, who needs what.
 */
#include "cli/command.h"
#include "cli/keys/key_move.h"
#include "cli/keys/key_store.h"
#include "cli/keys/key_uses.h"
#include "lib/base/json_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_MAX = 256 * 1024, VERSIONS_MAX = KEYRING_VERSIONS_MAX + KEY_USES_MAX };

struct kind_status {
    enum keyring_kind kind;
    struct key_use uses[KEY_USES_MAX];
    int use_count;
    int64_t versions[VERSIONS_MAX]; /* the keyring's, then those that are needed and not there */
    int version_count;
    int lost; /* of them */
    int64_t left;
};

static bool
has_version(const struct kind_status *status, int64_t version)
{
    for (int i = 0; i < status->version_count; i++) {
        if (status->versions[i] == version) {
            return true;
        }
    }
    return false;
}

static bool
compare(struct key_store *store, enum keyring_kind kind, struct kind_status *status)
{
    uint32_t versions[KEYRING_VERSIONS_MAX];
    size_t count = keyring_versions(store->keyring, kind, versions);
    memset(status, 0, sizeof *status);
    status->kind = kind;
    for (size_t i = 0; i < count; i++) {
        status->versions[status->version_count++] = versions[i];
    }
    status->use_count = key_uses(store->connection, kind, status->uses);
    status->left = key_move_left(store->connection, store->keyring, kind);
    for (int i = 0; i < status->use_count; i++) {
        if (!has_version(status, status->uses[i].version)) {
            status->versions[status->version_count++] = status->uses[i].version;
            status->lost++;
        }
    }
    return status->use_count >= 0 && status->left >= 0;
}

/* What is lost may be new: a rotation writes the keyring first, and another use of it is seen while it goes on. */
static bool
look(struct key_store *store, enum keyring_kind kind, struct kind_status *status)
{
    return compare(store, kind, status) &&
           (status->lost == 0 || (key_store_load(store) && compare(store, kind, status)));
}

static const char *
state_of(const struct key_store *store, const struct kind_status *status, int64_t version)
{
    if (version < 1 || version > INT32_MAX ||
        keyring_key(store->keyring, status->kind, (uint32_t)version) == NULL) {
        return "missing";
    }
    if (version == keyring_current(store->keyring, status->kind)) {
        return "current";
    }
    return version == keyring_standby(store->keyring, status->kind) ? "standby" : "old";
}

static void
write_json(struct json_out *out, const struct key_store *store, const struct kind_status *status)
{
    json_begin_object(out);
    json_text(out, "kind", keyring_kind_name(status->kind));
    json_int(out, "left", status->left);
    json_array_key(out, "versions");
    for (int i = 0; i < status->version_count; i++) {
        int64_t version = status->versions[i];
        json_begin_object(out);
        json_int(out, "version", version);
        json_text(out, "state", state_of(store, status, version));
        json_object_key(out, "needed_by");
        for (int j = 0; j < status->use_count; j++) {
            if (status->uses[j].version == version) {
                json_int(out, status->uses[j].what, status->uses[j].count);
            }
        }
        json_end_object(out);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
}

static void
print_text(const struct key_store *store, const struct kind_status *status)
{
    for (int i = 0; i < status->version_count; i++) {
        int64_t version = status->versions[i];
        const char *comma = "";
        (void)printf("%-7s %3" PRId64 "  %-8s", keyring_kind_name(status->kind), version,
                     state_of(store, status, version));
        for (int j = 0; j < status->use_count; j++) {
            if (status->uses[j].version == version) {
                (void)printf("%s %" PRId64 " %s", comma, status->uses[j].count, status->uses[j].what);
                comma = ",";
            }
        }
        (void)printf("\n");
    }
    if (status->left > 0) {
        (void)printf("        %" PRId64
                     " rows are not at the current version: anamnesis keys rotate --kind %s goes on "
                     "with them\n",
                     status->left, keyring_kind_name(status->kind));
    }
}

static int
show(struct key_store *store, bool json)
{
    struct buf buf;
    struct json_out out;
    static struct kind_status status;
    bool good = true;
    int lost = 0;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_array_key(&out, "kinds");
    for (int kind = 0; good && kind < KEYRING_KINDS; kind++) {
        good = look(store, (enum keyring_kind)kind, &status);
        lost += status.lost;
        if (good && json) {
            write_json(&out, store, &status);
        } else if (good) {
            print_text(store, &status);
        }
    }
    json_end_array(&out);
    json_end_object(&out);
    if (good && json) {
        (void)printf("%s\n", buf_string(&buf));
    }
    good = good && !buf.failed;
    buf_free(&buf);
    if (good && lost > 0) {
        (void)fprintf(stderr,
                      "The keyring lacks %d versions that something needs: put the whole keyring back.\n",
                      lost);
    }
    return good && lost == 0 ? EXIT_DONE : EXIT_FAULT;
}

int
command_keys_status(const struct config *config, const struct args_keys_status *given)
{
    struct key_store store = {.config = config};
    int status = key_store_open(&store, config, KEYS_COMPARE);
    if (status == EXIT_DONE) {
        status = show(&store, given->json);
    }
    key_store_close(&store);
    return status;
}

/* Every version that is in use, also of a kind of which the database knows others. */
int
command_keys_register(const struct config *config, const struct args_keys_register *given)
{
    struct key_store store = {.config = config};
    (void)given;
    int status = key_store_open(&store, config, KEYS_SETTLE);
    for (int kind = 0; status == EXIT_DONE && kind < KEYRING_KINDS; kind++) {
        status = key_store_register_kind(store.connection, store.keyring, (enum keyring_kind)kind)
                     ? EXIT_DONE
                     : EXIT_FAULT;
    }
    key_store_close(&store);
    return status;
}
