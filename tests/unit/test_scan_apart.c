/* scan/apart: what the programs that look at files are kept from, though their account is not. */
#include "scan/apart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/directory_fixture.h"

enum { NO_NAMESPACES = 77 };

static const char *const directories[] = {"objects", "keys", "signatures", "room", "bin"};
static char top[64];
static char path[8][160];
static struct config config;

/* One of some paths below the top, until the eighth after it. */
static const char *
below(const char *name)
{
    static unsigned next;
    char *text = path[next++ % (sizeof path / sizeof path[0])];
    (void)snprintf(text, sizeof path[0], "%s/%s", top, name);
    return text;
}

static void
write_file(const char *name, const char *text)
{
    int file = open(below(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(file);
}

static void
configure(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(top, sizeof top, "/tmp/anamnesis-apart-XXXXXX");
    assert_non_null(mkdtemp(top));
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        assert_int_equal(mkdir(below(directories[i]), 0700), 0);
    }
    write_file("objects/part", "a part");
    write_file("keys/keyring.json", "{}");
    write_file("keys/scan.url", "postgresql:///x");
    write_file("signatures/x.ndb", "x");
    write_file("bin/anamnesis-scan-engine", "");
    configure("ANAMNESIS_STORE_DIR", below("objects"));
    configure("ANAMNESIS_FILES_KEYRING_FILE", below("keys/keyring.json"));
    configure("ANAMNESIS_SCAN_DATABASE_URL_FILE", below("keys/scan.url"));
    configure("ANAMNESIS_SIGNATURES", below("signatures"));
    configure("ANAMNESIS_SCAN_DIRECTORY", below("room"));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    return directory_remove(top);
}

static void
places_of(struct apart_places *places)
{
    assert_true(config_load(&config, stderr));
    apart_places(places, &config, below("bin/anamnesis-scan-engine"));
    config_free(&config);
}

static void
keys_and_objects_are_hidden_each_once(void **state)
{
    (void)state;
    static struct apart_places places;
    places_of(&places);
    assert_int_equal(places.count, 2);
    assert_string_equal(places.paths[0], below("objects"));
    assert_string_equal(places.paths[1], below("keys"));
}

/* Where a program, its signatures or its room lie below: it could not work. Links are looked through. */
static void
what_the_programs_need_stays(void **state)
{
    (void)state;
    static struct apart_places places;
    configure("ANAMNESIS_SIGNATURES", below("keys"));
    places_of(&places);
    assert_int_equal(places.count, 1);
    assert_int_equal(symlink(top, below("link")), 0);
    configure("ANAMNESIS_SIGNATURES", below("link/keys/"));
    places_of(&places);
    assert_int_equal(places.count, 1);
    configure("ANAMNESIS_SIGNATURES", below("signatures"));
    configure("ANAMNESIS_STORE_DIR", top);
    places_of(&places);
    assert_int_equal(places.count, 1);
    assert_string_equal(places.paths[0], below("keys"));
    configure("ANAMNESIS_STORE_DIR", below("objects"));
    assert_int_equal(unlink(below("link")), 0);
}

static bool
opens(const char *name)
{
    int file = open(below(name), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)close(file);
    }
    return file >= 0;
}

static bool
reaches_the_network(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached =
        one < 0 || connect(one, (struct sockaddr *)&address, sizeof address) == 0 || errno != ENETUNREACH;
    (void)close(one);
    return reached;
}

/* Neither in its namespace nor in one that it makes below it. */
static bool
lifts(void)
{
    bool here = umount2(below("keys"), MNT_DETACH) == 0 || errno != EPERM;
    bool nested = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && umount2(below("keys"), MNT_DETACH) == 0;
    return here || nested || opens("keys/keyring.json");
}

/* A program that is started gets nothing back. */
static bool
cat_reads(const char *name)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)execl("/bin/cat", "cat", below(name), (char *)NULL);
        _exit(1);
    }
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void
whoever_is_apart_reaches_neither_them_nor_the_network(void **state)
{
    (void)state;
    static struct apart_places places;
    int status = 0;
    places_of(&places);
    pid_t pid = fork();
    if (pid == 0) {
        bool before = opens("keys/keyring.json") && opens("objects/part") && cat_reads("keys/keyring.json");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !apart_enter(&places, false)) {
            _exit(NO_NAMESPACES);
        }
        bool apart = !opens("keys/keyring.json") && !opens("keys/scan.url") && !opens("objects/part") &&
                     !cat_reads("keys/keyring.json");
        bool works =
            opens("signatures/x.ndb") && opens("bin/anamnesis-scan-engine") && cat_reads("signatures/x.ndb");
        _exit(before && apart && works && !reaches_the_network() && !lifts() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_NAMESPACES) {
        skip(); /* this kernel gives none to everybody */
    }
    assert_int_equal(status, 0);
    assert_true(opens("keys/keyring.json")); /* and nobody else has lost anything */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_objects_are_hidden_each_once),
        cmocka_unit_test(what_the_programs_need_stays),
        cmocka_unit_test(whoever_is_apart_reaches_neither_them_nor_the_network),
    };
    return cmocka_run_group_tests_name("scan-apart", tests, set_up, tear_down);
}
