#include "scan/clamd.h"

#include "lib/base/clock.h"
#include "scan/engine_alert.h"
#include "scan/engine_canary.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK = 64 * 1024,
    DEPTH = 60, /* of zips in zips: deeper than anybody should look */
    DEEP_MAX = 64 + DEPTH * CANARY_ZIP_MORE,
    PORT_MAX = 65535
};

static const char loopback[] = "127.0.0.1:";

/* The port behind "127.0.0.1:"; 0 when it is no such address. */
static uint16_t
port_of(const char *address)
{
    if (strncmp(address, loopback, sizeof loopback - 1) != 0) {
        return 0;
    }
    char *end = NULL;
    long port = strtol(address + sizeof loopback - 1, &end, 10);
    return *end == '\0' && port > 0 && port <= PORT_MAX ? (uint16_t)port : 0;
}

bool
clamd_is_address(const char *address)
{
    return (address[0] == '/' && strlen(address) < sizeof((struct sockaddr_un *)NULL)->sun_path) ||
           port_of(address) != 0;
}

/* A connection on which nothing waits longer than this; -1. */
static int
reach(const char *address, int64_t milliseconds)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port_of(address))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool is_path = address[0] == '/';
    (void)snprintf(local.sun_path, sizeof local.sun_path, "%s", is_path ? address : "");
    struct timeval wait = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    int socket_of = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *to = is_path ? (const struct sockaddr *)&local : (const struct sockaddr *)&here;
    if (socket_of >= 0 && (setsockopt(socket_of, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
                           setsockopt(socket_of, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
                           connect(socket_of, to, is_path ? sizeof local : sizeof here) != 0)) {
        (void)close(socket_of);
        return -1;
    }
    return socket_of;
}

static bool
send_all(int to, const void *bytes, size_t size, int64_t until)
{
    const char *at = bytes;
    while (size > 0 && clock_monotonic() < until) {
        ssize_t sent = send(to, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        at += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return size == 0;
}

/* The file in pieces, each behind its length, and a piece of no length. */
static bool
send_file(int to, struct span file, int64_t until)
{
    for (size_t at = 0; at < file.size; at += CHUNK) {
        size_t size = file.size - at < CHUNK ? file.size - at : CHUNK;
        uint32_t length = htonl((uint32_t)size);
        if (!send_all(to, &length, sizeof length, until) || !send_all(to, file.data + at, size, until)) {
            return false;
        }
    }
    uint32_t end = 0;
    return send_all(to, &end, sizeof end, until);
}

/* Its answer up to the NUL. False when none came, or a longer one. */
static bool
receive(int from, char said[CLAMD_SAID_MAX], int64_t until)
{
    size_t size = 0;
    while (size < CLAMD_SAID_MAX && clock_monotonic() < until) {
        ssize_t got = recv(from, said + size, CLAMD_SAID_MAX - size, 0);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        size += got > 0 ? (size_t)got : 0;
        if (size > 0 && said[size - 1] == '\0') {
            return strlen(said) == size - 1;
        }
    }
    return false;
}

/* One command, with a file or without. */
static bool
ask(const char *address, const char *command, const struct span *file, int64_t milliseconds,
    char said[CLAMD_SAID_MAX])
{
    int64_t until = clock_monotonic() + milliseconds * (CLOCK_SECOND / 1000);
    int daemon = reach(address, milliseconds);
    if (daemon < 0) {
        return false;
    }
    bool sent = send_all(daemon, command, strlen(command) + 1, until);
    if (sent && file != NULL) {
        (void)send_file(daemon, *file, until); /* it may have said already why it takes no more */
    }
    bool answered = sent && receive(daemon, said, until);
    (void)close(daemon);
    return answered;
}

bool
clamd_version(const char *address, char version[CLAMD_SAID_MAX], int64_t *at)
{
    struct tm made = {0};
    if (!ask(address, "zVERSION", NULL, CLAMD_PATIENCE, version)) {
        return false;
    }
    /* ClamAV 1.4.3/27800/Mon Nov 30 09:30:01 2026 */
    char *database = strchr(version, '/');
    char *date = database == NULL ? NULL : strchr(database + 1, '/');
    const char *end = date == NULL ? NULL : strptime(date + 1, "%a %b %d %H:%M:%S %Y", &made);
    if (end == NULL || *end != '\0') {
        return false;
    }
    *date = '\0';
    made.tm_isdst = -1; /* it tells its own time */
    *at = (int64_t)mktime(&made) * CLOCK_SECOND;
    return true;
}

/* Debian's clamd has nothing to unpack RAR with, and says OK of it. */
static bool
is_unpacked_by_nobody(struct span file)
{
    static const char rar[] = "Rar!\x1a\x07";
    return file.size >= sizeof rar - 1 && memcmp(file.data, rar, sizeof rar - 1) == 0;
}

void
clamd_look(const char *address, struct span file, uint32_t milliseconds, struct wire_reply *reply)
{
    static const char stream[] = "stream: ";
    static const char found[] = " FOUND";
    char said[CLAMD_SAID_MAX];
    *reply = (struct wire_reply){.reason = WIRE_NOT_SCANNED, .end = WIRE_END_NONE};
    if (!ask(address, "zINSTREAM", &file, milliseconds, said)) {
        return;
    }
    size_t size = strlen(said);
    reply->end = WIRE_END_NO_ANSWER; /* an error of its own, until it is seen to be something else */
    if (strcmp(said, "stream: OK") == 0 && is_unpacked_by_nobody(file)) {
        *reply = (struct wire_reply){
            .verdict = WIRE_REJECTED, .reason = WIRE_NOT_UNDERSTOOD, .end = WIRE_END_ANSWERED};
    } else if (strcmp(said, "stream: OK") == 0) {
        *reply = (struct wire_reply){.verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED};
    } else if (strncmp(said, stream, sizeof stream - 1) == 0 && size > sizeof stream + sizeof found &&
               strcmp(said + size - (sizeof found - 1), found) == 0) {
        said[size - (sizeof found - 1)] = '\0';
        engine_alert(said + sizeof stream - 1, reply);
        reply->end = WIRE_END_ANSWERED;
    }
}

/* A zip in a zip, and so on; innocent, and deeper than anybody looks. */
static size_t
make_deep(unsigned char deep[DEEP_MAX])
{
    unsigned char inner[DEEP_MAX] = "deep";
    size_t size = 4;
    for (unsigned i = 0; i < DEPTH; i++) {
        size = engine_canary_zip(inner, size, 0, deep);
        memcpy(inner, deep, size);
    }
    return size;
}

static bool
is_refused(const char *address, const unsigned char *bytes, size_t size, enum wire_reason reason,
           bool *answered)
{
    struct wire_reply reply;
    clamd_look(address, (struct span){bytes, size}, CLAMD_PATIENCE, &reply);
    *answered = *answered && reply.end == WIRE_END_ANSWERED;
    return reply.verdict == WIRE_REJECTED && reply.reason == (uint32_t)reason;
}

bool
clamd_is_trusted(const char *address, const char **why)
{
    static const unsigned char plain[] = "no virus, behind a password";
    unsigned char zip[CANARY_MAX];
    unsigned char deep[DEEP_MAX];
    struct wire_reply reply;
    size_t size = engine_canary(zip);
    clamd_look(address, (struct span){zip, size}, CLAMD_PATIENCE, &reply);
    bool answered = reply.end == WIRE_END_ANSWERED;
    bool found = reply.verdict == WIRE_INFECTED && strncmp(reply.signature, "Heuristics.", 11) != 0;
    size = engine_canary_zip(plain, sizeof plain - 1, CANARY_ENCRYPTED, zip);
    bool encrypted = found && is_refused(address, zip, size, WIRE_ENCRYPTED, &answered);
    size = make_deep(deep);
    bool limits = encrypted && is_refused(address, deep, size, WIRE_TOO_DEEP, &answered);
    *why = !answered ? NULL
           : !found  ? "clamd does not find the EICAR test file in a zip"
           : !encrypted
               ? "clamd passes what is encrypted: set AlertEncrypted yes, and ScanArchive yes, in clamd.conf"
           : !limits ? "clamd passes what is beyond its limits: set AlertExceedsMax yes in clamd.conf"
                     : NULL;
    return answered && limits;
}
