/*
 * A reader for this one form of JSON. json-c would leave copies of the keys in freed memory, and takes
 * duplicate members silently; here keys are decoded from the text straight into locked memory.
 */
#include "lib/crypto/keyring_parse.h"

#include "lib/base/span.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

enum { VERSION_MAX = INT32_MAX };

struct reader {
    struct keyring *keyring;
    const char *at;
    char *error;
    size_t error_size;
};

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char *const kind_names[KEYRING_KINDS] = {
    [KEYRING_KEK] = "kek",   [KEYRING_INDEX] = "index", [KEYRING_PEPPER] = "pepper",
    [KEYRING_SEAL] = "seal", [KEYRING_AUDIT] = "audit", [KEYRING_FILES] = "files"};

const char *
keyring_kind_name(enum keyring_kind kind)
{
    return kind_names[kind];
}

static bool __attribute__((format(printf, 2, 3))) fail(struct reader *reader, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(reader->error, reader->error_size, format, list);
    va_end(list);
    return false;
}

static void
skip_blank(struct reader *reader)
{
    reader->at += strspn(reader->at, " \t\r\n");
}

/* Takes one sign of JSON when it is next. */
static bool
take(struct reader *reader, char sign)
{
    skip_blank(reader);
    if (*reader->at != sign) {
        return false;
    }
    reader->at++;
    return true;
}

static bool
expect(struct reader *reader, char sign, const char *where)
{
    return take(reader, sign) ||
           fail(reader, "the keyring is no JSON of the known form: `%c` expected %s", sign, where);
}

/* A string without escapes: neither our names nor base64url need any. Borrows from the text. */
static bool
read_string(struct reader *reader, struct span *text)
{
    if (!expect(reader, '"', "before a name or a key")) {
        return false;
    }
    size_t size = strcspn(reader->at, "\"\\\r\n");
    *text = (struct span){(const unsigned char *)reader->at, size};
    reader->at += size;
    return expect(reader, '"', "after a name or a key");
}

static bool
span_is(struct span text, const char *name)
{
    return text.size == strlen(name) && memcmp(text.data, name, text.size) == 0;
}

static bool
read_version(struct reader *reader, const char *kind, uint32_t *version)
{
    uint64_t number = 0;
    size_t digits = 0;
    skip_blank(reader);
    while (reader->at[digits] >= '0' && reader->at[digits] <= '9' && number <= VERSION_MAX) {
        number = number * 10 + (uint64_t)(reader->at[digits] - '0');
        digits++;
    }
    if (number < 1 || number > VERSION_MAX || *reader->at == '0') {
        return fail(reader, "a version in `%s` is not a whole number from 1 to %d", kind, VERSION_MAX);
    }
    reader->at += digits;
    *version = (uint32_t)number;
    return true;
}

static bool
read_key(struct reader *reader, const char *kind, unsigned char key[KEYRING_KEY_SIZE])
{
    struct span text;
    if (!read_string(reader, &text)) {
        return false;
    }
    size_t size = 0;
    const char *end = NULL;
    /* libsodium 1.0.18 decodes some bytes above 0x7f as if they were signs of the alphabet. */
    bool foreign = strspn((const char *)text.data, base64url) != text.size;
    int decoded = sodium_base642bin(key, KEYRING_KEY_SIZE, (const char *)text.data, text.size, NULL, &size,
                                    &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (foreign || decoded != 0 || size != KEYRING_KEY_SIZE || end != (const char *)text.data + text.size) {
        return fail(reader, "a key in `%s` is not %d bytes as 43 characters of base64url", kind,
                    KEYRING_KEY_SIZE);
    }
    return sodium_is_zero(key, KEYRING_KEY_SIZE) == 0 || fail(reader, "a key in `%s` is all zero", kind);
}

/* Only `true` is ever written: a version in use has no such member. */
static bool
read_standby(struct reader *reader, const char *kind)
{
    static const char word[] = "true";
    skip_blank(reader);
    if (strncmp(reader->at, word, sizeof word - 1) != 0) {
        return fail(reader, "`standby` in `%s` may be true only; a version that is in use has no such member",
                    kind);
    }
    reader->at += sizeof word - 1;
    return true;
}

/* {"version": N, "key": "...", "standby": true}: the first two members, once each, in any order. */
static bool
read_entry(struct reader *reader, const char *kind, struct keyring_entry *entry)
{
    bool has_key = false;
    if (!expect(reader, '{', "before a version")) {
        return false;
    }
    do {
        struct span name;
        if (!read_string(reader, &name) || !expect(reader, ':', "after a name")) {
            return false;
        }
        if (span_is(name, "version") && entry->version == 0) {
            if (!read_version(reader, kind, &entry->version)) {
                return false;
            }
        } else if (span_is(name, "key") && !has_key) {
            if (!read_key(reader, kind, entry->key)) {
                return false;
            }
            has_key = true;
        } else if (span_is(name, "standby") && !entry->standby) {
            if (!read_standby(reader, kind)) {
                return false;
            }
            entry->standby = true;
        } else {
            return fail(
                reader,
                "an entry of `%s` has a member that is unknown or given twice; it may have `version`, "
                "`key` and `standby` only",
                kind);
        }
    } while (take(reader, ','));
    if (!expect(reader, '}', "after an entry")) {
        return false;
    }
    return (entry->version != 0 && has_key) ||
           fail(reader, "an entry of `%s` lacks its `version` or its `key`", kind);
}

/* Keeps the list sorted, newest first, by moving the last entry to its place. */
static bool
sort_last(struct reader *reader, enum keyring_kind kind)
{
    struct keyring_entry *entries = reader->keyring->entries[kind];
    for (size_t i = reader->keyring->count[kind] - 1; i > 0; i--) {
        if (entries[i].version == entries[i - 1].version) {
            return fail(reader, "version %" PRIu32 " of `%s` is given twice", entries[i].version,
                        kind_names[kind]);
        }
        if (entries[i].version < entries[i - 1].version) {
            return true;
        }
        struct keyring_entry swap = entries[i];
        entries[i] = entries[i - 1];
        entries[i - 1] = swap;
        sodium_memzero(&swap, sizeof swap);
    }
    return true;
}

static bool
read_list(struct reader *reader, enum keyring_kind kind)
{
    struct keyring *keyring = reader->keyring;
    const char *name = kind_names[kind];
    if (!expect(reader, '[', "before the list of a member")) {
        return false;
    }
    if (take(reader, ']')) {
        return fail(reader, "`%s` has no key; restore it: a new one cannot open what an old one sealed",
                    name);
    }
    do {
        if (keyring->count[kind] == KEYRING_VERSIONS_MAX) {
            return fail(reader, "`%s` has more than %d versions", name, KEYRING_VERSIONS_MAX);
        }
        struct keyring_entry *entry = &keyring->entries[kind][keyring->count[kind]];
        keyring->count[kind]++;
        if (!read_entry(reader, name, entry) || !sort_last(reader, kind)) {
            return false;
        }
    } while (take(reader, ','));
    return expect(reader, ']', "after the list of a member");
}

static bool
read_member(struct reader *reader)
{
    struct span name;
    if (!read_string(reader, &name) || !expect(reader, ':', "after a name")) {
        return false;
    }
    for (int i = 0; i < KEYRING_KINDS; i++) {
        if (span_is(name, kind_names[i])) {
            enum keyring_kind kind = (enum keyring_kind)i;
            if (reader->keyring->count[kind] > 0) {
                return fail(reader, "`%s` is given twice", kind_names[i]);
            }
            return read_list(reader, kind);
        }
    }
    return fail(reader, "the keyring has an unknown member; it may have kek, index, pepper, seal, "
                        "audit and files only");
}

/* A version on standby is not the only one, nor an old one. */
static bool
standby_is_newest(struct reader *reader, enum keyring_kind kind)
{
    const struct keyring_entry *entries = reader->keyring->entries[kind];
    size_t count = reader->keyring->count[kind];
    for (size_t i = 0; i < count; i++) {
        if (entries[i].standby && (i > 0 || count == 1)) {
            return fail(reader, "version %" PRIu32 " of `%s` is on standby: it must be the newest of several",
                        entries[i].version, kind_names[kind]);
        }
    }
    return true;
}

/* A key with two uses would let what one use shows weaken the other. */
static bool
keys_differ(struct reader *reader)
{
    const struct keyring_entry *seen[KEYRING_KINDS * KEYRING_VERSIONS_MAX];
    size_t count = 0;
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        for (size_t i = 0; i < reader->keyring->count[kind]; i++) {
            const struct keyring_entry *entry = &reader->keyring->entries[kind][i];
            for (size_t other = 0; other < count; other++) {
                if (sodium_memcmp(entry->key, seen[other]->key, KEYRING_KEY_SIZE) == 0) {
                    return fail(reader, "version %" PRIu32 " of `%s` is the same key as another",
                                entry->version, kind_names[kind]);
                }
            }
            seen[count++] = entry;
        }
    }
    return true;
}

bool
keyring_parse(struct keyring *keyring, const char *json, unsigned needed, char *error, size_t size)
{
    struct reader reader = {.keyring = keyring, .at = json, .error = error, .error_size = size};
    if (strnlen(json, KEYRING_TEXT_MAX + 1) > KEYRING_TEXT_MAX) {
        return fail(&reader, "the keyring is longer than %d bytes", KEYRING_TEXT_MAX);
    }
    if (!expect(&reader, '{', "at the start")) {
        return false;
    }
    do {
        if (!read_member(&reader)) {
            return false;
        }
    } while (take(&reader, ','));
    if (!expect(&reader, '}', "at the end")) {
        return false;
    }
    skip_blank(&reader);
    if (*reader.at != '\0') {
        return fail(&reader, "something follows the keyring's closing brace");
    }
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        bool lacks = keyring->count[kind] == 0 && (needed & 1U << kind) != 0;
        if (lacks && kind == KEYRING_AUDIT) {
            return fail(&reader, "the keyring lacks `audit`: it is in the background program's "
                                 "(ANAMNESIS_JOBS_KEYRING_FILE), or "
                                 "was made by an older program; then run: anamnesis keys upgrade FILE");
        }
        if (lacks && kind == KEYRING_FILES) {
            return fail(&reader, "the keyring lacks `files`: it was made by an older program; run on the "
                                 "workers': anamnesis keys upgrade FILE");
        }
        if (lacks) {
            return fail(&reader,
                        "the keyring lacks `%s`; restore it: a new key cannot open what an old one sealed",
                        kind_names[kind]);
        }
        if (!standby_is_newest(&reader, (enum keyring_kind)kind)) {
            return false;
        }
    }
    return keys_differ(&reader);
}
