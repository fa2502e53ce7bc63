#include "tests/unit/keyring_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_A                 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define KEY_B                 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
#define KEY_C                 "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"
#define KEY_D                 "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
#define KEY_E                 "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
#define KEY_F                 "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA"
#define ENTRY(version_, key_) "{\"version\":" version_ ",\"key\":\"" key_ "\"}"
#define RING(kek_)                                                                                           \
    "{\"kek\":[" kek_                                                                                        \
    "],\"index\":[" ENTRY("1", KEY_B) "],\"pepper\":[" ENTRY("1", KEY_C) "],\"seal\":[" ENTRY(               \
        "1", KEY_D) "],\"audit\":[" ENTRY("1", KEY_E) "],\"files\":[" ENTRY("1", KEY_F) "]}"
/* As it was made before there was `files`, and before there was `audit`; both end before the brace. */
#define OLDEST                                                                                               \
    "{\"kek\":[" ENTRY("1", KEY_A) "],\"index\":[" ENTRY("1", KEY_B) "],\"pepper\":[" ENTRY(                 \
        "1", KEY_C) "],\"seal\":[" ENTRY("1", KEY_D) "]"
#define OLDER OLDEST ",\"audit\":[" ENTRY("1", KEY_E) "]"

static void
assert_refused(const char *json, const char *part)
{
    char error[256] = "";
    assert_null(keyring_read(json, error, sizeof error));
    if (strstr(error, part) == NULL) {
        fail_msg("expected `%s` in `%s`", part, error);
    }
    assert_null(strstr(error, "AQEB")); /* no key in a message */
}

static void
a_created_keyring_loads_and_its_keys_are_random(void **state)
{
    (void)state;
    char *first = NULL;
    char *second = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&first, &size);
    assert_true(keyring_create(out));
    (void)fclose(out);
    out = open_memstream(&second, &size);
    assert_true(keyring_create(out));
    (void)fclose(out);
    assert_string_not_equal(first, second);
    char error[256] = "";
    struct keyring *keyring = keyring_read(first, error, sizeof error);
    assert_non_null(keyring);
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        assert_int_equal(keyring_current(keyring, (enum keyring_kind)kind), 1);
        assert_non_null(keyring_key(keyring, (enum keyring_kind)kind, 1));
        assert_null(keyring_key(keyring, (enum keyring_kind)kind, 2));
    }
    keyring_free(keyring);
    free(first);
    free(second);
}

static void
a_keyring_that_cannot_be_written_says_so(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_false(keyring_create(full));
    (void)fclose(full);
}

static void
the_highest_version_is_current_in_whatever_order(void **state)
{
    (void)state;
    char error[256] = "";
    uint32_t versions[KEYRING_VERSIONS_MAX];
    const char *json = RING(ENTRY("3", KEY_A) "," ENTRY(
        "2147483647", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU") ","
                                                                     "{\"key\":"
                                                                     "\"BgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGB"
                                                                     "gYGBgY\",\"version\":7}");
    struct keyring *keyring = keyring_read(json, error, sizeof error);
    assert_non_null(keyring);
    assert_int_equal(keyring_current(keyring, KEYRING_KEK), 2147483647);
    assert_int_equal(keyring_versions(keyring, KEYRING_KEK, versions), 3);
    assert_int_equal(versions[1], 7);
    assert_int_equal(versions[2], 3);
    assert_int_equal(keyring_key(keyring, KEYRING_KEK, 7)[31], 6);
    assert_int_equal(keyring_key(keyring, KEYRING_KEK, 3)[0], 1);
    assert_null(keyring_key(keyring, KEYRING_KEK, 0));
    keyring_free(keyring);
}

static void
what_is_not_a_whole_keyring_is_refused(void **state)
{
    (void)state;
    assert_refused("", "expected at the start");
    assert_refused("[]", "expected at the start");
    assert_refused("{}", "expected before a name");
    assert_refused(RING(ENTRY("1", KEY_A)) "x", "follows");
    assert_refused(RING(""), "`kek` has no key");
    assert_refused("{\"kek\":[]}", "`kek` has no key");
    assert_refused("{\"kek\":[" ENTRY("1", KEY_A) "]}", "lacks `index`");
    assert_refused("{\"kek\":[" ENTRY("1", KEY_A) "],\"kek\":[" ENTRY("2", KEY_B) "]}",
                   "`kek` is given twice");
    assert_refused("{\"previous\":[]}", "unknown member");
    assert_refused(RING(ENTRY("1", KEY_A) "," ENTRY("1", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU")),
                   "version 1 of `kek` is given twice");
    assert_refused(RING(ENTRY("1", KEY_A) "," ENTRY("2", KEY_A)), "same key");
    assert_refused(RING(ENTRY("1", KEY_B)), "same key");
    assert_refused("{\"kek\":[" ENTRY("1", KEY_A) ",]}", "no JSON");
}

static char *
upgraded(const char *json, enum keyring_user user, unsigned *added, char error[256])
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool done = keyring_upgrade(json, user, out, added, error, 256);
    (void)fclose(out);
    if (!done) {
        free(text);
        return NULL;
    }
    return text;
}

/* What is upgraded keeps its keys and has those of `more` added, version 1 each. */
static void
assert_upgraded(const char *old, enum keyring_user user, unsigned more)
{
    char error[256] = "";
    unsigned added = 0;
    char *text = upgraded(old, user, &added, error);
    assert_string_equal(error, "");
    assert_non_null(text);
    assert_int_equal(added, more);
    struct keyring *before = keyring_read(RING(ENTRY("1", KEY_A)), error, sizeof error);
    struct config config = {.text[CONFIG_KEYRING] = text};
    struct keyring *after = keyring_load(&config, error, sizeof error);
    assert_string_equal(error, "");
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        const unsigned char *found = keyring_key(after, (enum keyring_kind)kind, 1);
        const unsigned char *known = keyring_key(before, (enum keyring_kind)kind, 1);
        if ((more & 1U << kind) != 0) {
            assert_non_null(found);
            assert_memory_not_equal(found, known, KEYRING_KEY_SIZE);
            assert_false(sodium_is_zero(found, KEYRING_KEY_SIZE));
        } else if ((keyring_kinds_of(user) & 1U << kind) != 0) {
            assert_memory_equal(found, known, KEYRING_KEY_SIZE);
        } else {
            assert_null(found);
        }
    }
    keyring_free(before);
    keyring_free(after);
    assert_null(upgraded(text, user, &added, error));
    assert_non_null(strstr(error, "needs no upgrade"));
    free(text);
}

static void
an_older_keyring_is_named_and_upgraded(void **state)
{
    (void)state;
    char error[256] = "";
    unsigned added = 0;
    unsigned audit = 1U << KEYRING_AUDIT;
    unsigned files = 1U << KEYRING_FILES;
    assert_refused(OLDEST "}", "anamnesis keys upgrade");
    assert_upgraded(OLDEST "}\n", KEYRING_OPERATOR, audit | files);
    assert_upgraded(OLDER "} ", KEYRING_OPERATOR, files);
    /* The workers' of a divided keyring: the background program has the `audit` key. */
    assert_upgraded(OLDEST "}\n", KEYRING_WORKERS, files);
    assert_null(upgraded("{\"kek\":[" ENTRY("1", KEY_A) "]}", KEYRING_OPERATOR, &added, error));
    assert_non_null(strstr(error, "lacks `index`"));
    assert_null(upgraded("", KEYRING_OPERATOR, &added, error));
    assert_null(upgraded(OLDER, KEYRING_OPERATOR, &added, error));
    char *blank = calloc(1, KEYRING_TEXT_MAX + 1);
    memset(blank, ' ', KEYRING_TEXT_MAX);
    memcpy(blank, OLDER "}", strlen(OLDER "}"));
    assert_null(
        upgraded(blank, KEYRING_OPERATOR, &added, error)); /* it would become longer than a keyring may be */
    assert_non_null(strstr(error, "longer than"));
    free(blank);
}

static void
bad_entries_are_refused(void **state)
{
    (void)state;
    assert_refused(RING(ENTRY("0", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("-1", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("01", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("\"1\"", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("2147483648", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("18446744073709551617", KEY_A)), "whole number");
    assert_refused(RING(ENTRY("1.5", KEY_A)), "no JSON");
    assert_refused(RING(ENTRY("1", "AQEBAQ")), "not 32 bytes");
    assert_refused(RING(ENTRY("1", KEY_A "A")), "not 32 bytes");
    assert_refused(RING(ENTRY("1", KEY_A "=")), "not 32 bytes");
    assert_refused(RING(ENTRY("1", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF")),
                   "not 32 bytes"); /* loose bits */
    assert_refused(RING(ENTRY("1", "AQEBAQEBAQEBAQEBAQEBAQ\303\204BAQEBAQEBAQEBAQEBAQE")), "not 32 bytes");
    assert_refused(RING(ENTRY("1", "AQEBAQEBAQEBAQEBAQEBAQ BAQEBAQEBAQEBAQEBAQE")), "not 32 bytes");
    assert_refused(RING(ENTRY("1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), "all zero");
    assert_refused(RING("{\"version\":1}"), "lacks its");
    assert_refused(RING("{\"key\":\"" KEY_A "\"}"), "lacks its");
    assert_refused(RING("{\"version\":1,\"version\":2,\"key\":\"" KEY_A "\"}"), "given twice");
    assert_refused(RING("{\"version\":1,\"key\":\"" KEY_A "\",\"key\":\"" KEY_A "\"}"), "given twice");
    assert_refused(RING("{\"version\":1,\"key\":\"" KEY_A "\",\"note\":\"x\"}"), "unknown");
    assert_refused(RING("{\"version\":1,\"k\\u0065y\":\"" KEY_A "\"}"), "no JSON");
}

static void
every_cut_of_a_keyring_is_refused(void **state)
{
    (void)state;
    const char *whole = RING(ENTRY("1", KEY_A));
    char cut[1024];
    char error[256];
    for (size_t size = 0; size < strlen(whole); size++) {
        (void)snprintf(cut, sizeof cut, "%.*s", (int)size, whole);
        assert_null(keyring_read(cut, error, sizeof error));
    }
    struct keyring *keyring = keyring_read(whole, error, sizeof error);
    assert_non_null(keyring);
    keyring_free(keyring);
}

static void
too_many_versions_and_too_long_texts_are_refused(void **state)
{
    (void)state;
    char json[8192];
    char entry[128];
    size_t size = (size_t)snprintf(json, sizeof json, "{\"kek\":[");
    for (unsigned version = 1; version <= KEYRING_VERSIONS_MAX + 1; version++) {
        size += (size_t)snprintf(json + size, sizeof json - size, "%s%s", version == 1 ? "" : ",",
                                 fixture_entry(entry, version, (unsigned char)version));
    }
    (void)snprintf(json + size, sizeof json - size, "]}");
    assert_refused(json, "more than 16 versions");
    char *blank = calloc(1, KEYRING_TEXT_MAX + 2);
    memset(blank, ' ', KEYRING_TEXT_MAX + 1);
    assert_refused(blank, "longer than");
    free(blank);
}

struct place {
    char directory[64];
    char path[96];
};

static void
place_make(struct place *place, const char *text, mode_t mode)
{
    (void)snprintf(place->directory, sizeof place->directory, "/tmp/anamnesis-keyring-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    (void)snprintf(place->path, sizeof place->path, "%s/keyring.json", place->directory);
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(place->path, mode), 0);
}

static void
place_remove(struct place *place)
{
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(rmdir(place->directory), 0);
}

static struct keyring *
load_from(char *path, char error[256])
{
    struct config config = {.from_file[CONFIG_KEYRING] = true, .file[CONFIG_KEYRING] = path};
    memset(error, 0, 256);
    return keyring_load(&config, error, 256);
}

static void
a_file_must_be_private_and_regular(void **state)
{
    (void)state;
    static const mode_t good[] = {0400, 0440};
    static const mode_t bad[] = {0600, 0640, 0644, 0444, 0404, 0500, 0660, 04400};
    struct place place;
    char error[256];
    place_make(&place, RING(ENTRY("1", KEY_A)) "\n", 0400);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(chmod(place.path, good[i]), 0);
        struct keyring *keyring = load_from(place.path, error);
        assert_string_equal(error, "");
        assert_non_null(keyring);
        keyring_free(keyring);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(chmod(place.path, bad[i]), 0);
        assert_null(load_from(place.path, error));
        assert_non_null(strstr(error, "chmod 0400"));
    }
    place_remove(&place);
    assert_null(load_from(place.path, error));
    assert_non_null(strstr(error, "cannot be opened"));
    char directory[] = "/tmp";
    assert_null(load_from(directory, error));
    assert_non_null(strstr(error, "not a regular file"));
}

static void
a_pipe_does_not_hang(void **state)
{
    (void)state;
    struct place place;
    char error[256];
    place_make(&place, "", 0400);
    assert_int_equal(unlink(place.path), 0);
    assert_int_equal(mkfifo(place.path, 0400), 0);
    assert_null(load_from(place.path, error));
    assert_non_null(strstr(error, "not a regular file"));
    place_remove(&place);
}

static void
a_file_with_faults_is_refused(void **state)
{
    (void)state;
    struct place place;
    char error[256];
    place_make(&place, RING(ENTRY("1", "AQEBAQ")), 0400);
    assert_null(load_from(place.path, error));
    assert_non_null(strstr(error, place.path));
    assert_non_null(strstr(error, "not 32 bytes"));
    assert_int_equal(chmod(place.path, 0600), 0);
    FILE *file = fopen(place.path, "w");
    assert_int_equal(fwrite("{\0}", 1, 3, file), 3);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(place.path, 0400), 0);
    assert_null(load_from(place.path, error));
    assert_non_null(strstr(error, "NUL"));
    assert_int_equal(chmod(place.path, 0600),
                     0); /* only root changes the length of what is not for writing */
    assert_int_equal(truncate(place.path, 1024 * 1024), 0);
    assert_int_equal(chmod(place.path, 0400), 0);
    assert_null(load_from(place.path, error));
    place_remove(&place);
}

static void
the_environment_gives_a_keyring_too(void **state)
{
    (void)state;
    char error[256] = "";
    char json[] = RING(ENTRY("4", KEY_A));
    struct config config = {.text[CONFIG_KEYRING] = json};
    struct keyring *keyring = keyring_load(&config, error, sizeof error);
    assert_non_null(keyring);
    assert_int_equal(keyring_current(keyring, KEYRING_KEK), 4);
    keyring_free(keyring);
    config.text[CONFIG_KEYRING] = NULL;
    assert_null(keyring_load(&config, error, sizeof error));
    assert_non_null(strstr(error, "set ANAMNESIS_KEYRING_FILE"));
}

static struct keyring *
load_text_for(char *whole, char *own, enum keyring_user user, char error[256])
{
    struct config config = {.text[CONFIG_KEYRING] = whole};
    config.text[user == KEYRING_JOBS ? CONFIG_JOBS_KEYRING : CONFIG_FILES_KEYRING] = own;
    memset(error, 0, 256);
    return keyring_load_for(&config, user, error, 256);
}

static void
a_program_keeps_what_it_needs(void **state)
{
    (void)state;
    char error[256];
    char whole[] = RING(ENTRY("1", KEY_A));
    char old[] = OLDER "}";
    static const unsigned files = 1U << KEYRING_FILES;
    static const unsigned kept[] = {
        [KEYRING_OPERATOR] = 63,
        [KEYRING_WORKERS] = 63 & ~(1U << KEYRING_AUDIT),
        [KEYRING_JOBS] = 1U << KEYRING_SEAL | 1U << KEYRING_AUDIT,
        [KEYRING_STORE] = files,
        [KEYRING_SCAN] = files,
    };
    for (int user = 0; user <= KEYRING_SCAN; user++) {
        assert_int_equal(keyring_kinds_of((enum keyring_user)user), kept[user]);
        struct keyring *keyring = load_text_for(whole, NULL, (enum keyring_user)user, error);
        struct keyring *older = load_text_for(old, NULL, (enum keyring_user)user, error);
        assert_non_null(keyring);
        assert_int_equal(older != NULL, kept[user] != files);
        for (int kind = 0; kind < KEYRING_KINDS; kind++) {
            bool theirs = (kept[user] & 1U << kind) != 0;
            assert_int_equal(keyring_key(keyring, (enum keyring_kind)kind, 1) != NULL, theirs);
            assert_int_equal(older != NULL && keyring_key(older, (enum keyring_kind)kind, 1) != NULL,
                             theirs && kind != KEYRING_FILES);
        }
        keyring_free(keyring);
        keyring_free(older);
    }
    assert_null(load_text_for(old, NULL, KEYRING_STORE, error));
    assert_non_null(strstr(error, "anamnesis keys upgrade"));
}

/* A program's own keyring goes before the workers', and needs nothing but what is the program's. */
static void
a_program_for_files_has_a_keyring_of_its_own(void **state)
{
    (void)state;
    char error[256];
    char whole[] = RING(ENTRY("1", KEY_A));
    char own[] = "{\"files\":[" ENTRY("3", KEY_A) "]}";
    static const enum keyring_user users[] = {KEYRING_STORE, KEYRING_SCAN};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct keyring *keyring = load_text_for(whole, own, users[i], error);
        assert_non_null(keyring);
        assert_int_equal(keyring_current(keyring, KEYRING_FILES), 3);
        keyring_free(keyring);
        keyring = load_text_for(NULL, own, users[i], error);
        assert_non_null(keyring);
        keyring_free(keyring);
    }
    /* The operator has it joined with the others, and must have the same key under the same version. */
    char further[] = "{\"files\":[" ENTRY("3", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU") "]}";
    struct config config = {.text[CONFIG_KEYRING] = whole, .text[CONFIG_FILES_KEYRING] = further};
    struct keyring *joined = keyring_load(&config, error, sizeof error);
    assert_non_null(joined);
    assert_int_equal(keyring_current(joined, KEYRING_FILES), 3);
    assert_int_equal(keyring_key(joined, KEYRING_FILES, 1)[0], 16);
    assert_int_equal(keyring_current(joined, KEYRING_AUDIT), 1);
    keyring_free(joined);
    char another[] = "{\"files\":[" ENTRY("1", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU") "]}";
    config.text[CONFIG_FILES_KEYRING] = another;
    assert_null(keyring_load(&config, error, sizeof error));
    assert_non_null(strstr(error, "version 1 of `files` is another key"));
}

/* A keyring of `seal` and `audit`. */
static struct keyring *
jobs_of(char *json, const char *seal)
{
    char error[256];
    (void)snprintf(json, 1024, "{\"seal\": [%s], \"audit\": [" ENTRY("1", KEY_E) "]}", seal);
    struct keyring *jobs = load_text_for(NULL, json, KEYRING_JOBS, error);
    assert_string_equal(error, "");
    return jobs;
}

static void
two_keyrings_are_joined_when_they_agree(void **state)
{
    (void)state;
    char json[1024];
    char error[256] = "";
    struct keyring *whole = fixture_keyring(1);
    struct keyring *same = keyring_join(whole, whole, error, sizeof error);
    assert_non_null(same);
    assert_int_equal(keyring_current(same, KEYRING_SEAL), 1);
    struct keyring *other = jobs_of(json, ENTRY("1", KEY_A));
    assert_null(keyring_join(whole, other, error, sizeof error));
    assert_non_null(strstr(error, "is another key"));
    /* A further version that only one of them has yet is taken. */
    struct keyring *further = jobs_of(json, ENTRY("2", KEY_A));
    assert_null(
        keyring_join(whole, further, error, sizeof error)); /* but for `audit`, which is another one */
    struct keyring *both = keyring_join(further, further, error, sizeof error);
    assert_int_equal(keyring_current(both, KEYRING_SEAL), 2);
    assert_int_equal(keyring_current(both, KEYRING_KEK), 0);
    keyring_free(whole);
    keyring_free(same);
    keyring_free(other);
    keyring_free(further);
    keyring_free(both);
}

/* Runs in a child: true when it ended as told. */
static int
outcome(void (*run)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        (void)close(STDERR_FILENO);
        run();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
load_without_locks(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_MEMLOCK, &none);
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
        _exit(2);
    }
    struct keyring *keyring = fixture_keyring(2);
    keyring_free(keyring);
}

static void
memory_that_cannot_be_locked_is_used_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(outcome(load_without_locks), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_created_keyring_loads_and_its_keys_are_random),
        cmocka_unit_test(a_keyring_that_cannot_be_written_says_so),
        cmocka_unit_test(the_highest_version_is_current_in_whatever_order),
        cmocka_unit_test(what_is_not_a_whole_keyring_is_refused),
        cmocka_unit_test(an_older_keyring_is_named_and_upgraded),
        cmocka_unit_test(bad_entries_are_refused),
        cmocka_unit_test(every_cut_of_a_keyring_is_refused),
        cmocka_unit_test(too_many_versions_and_too_long_texts_are_refused),
        cmocka_unit_test(a_file_must_be_private_and_regular),
        cmocka_unit_test(a_pipe_does_not_hang),
        cmocka_unit_test(a_file_with_faults_is_refused),
        cmocka_unit_test(the_environment_gives_a_keyring_too),
        cmocka_unit_test(a_program_keeps_what_it_needs),
        cmocka_unit_test(a_program_for_files_has_a_keyring_of_its_own),
        cmocka_unit_test(two_keyrings_are_joined_when_they_agree),
        cmocka_unit_test(memory_that_cannot_be_locked_is_used_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
