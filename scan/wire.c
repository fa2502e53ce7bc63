#include "scan/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAGIC_HELLO = 0x414e6801, /* AN, h q r, and the version of the structure */
    MAGIC_REQUEST = 0x414e7101,
    MAGIC_REPLY = 0x414e7201,
    MILLISECONDS_MAX = 600000,
    SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK
};

/* Room for one descriptor more than a message may have, so that a second one is seen and closed. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
};

const char *
wire_reason_name(enum wire_reason reason)
{
    static const char *const names[WIRE_REASONS] = {
        [WIRE_NOT_SCANNED] = "not-scanned",
        [WIRE_ENCRYPTED] = "encrypted",
        [WIRE_TOO_DEEP] = "too-deep",
        [WIRE_DAMAGED] = "damaged",
        [WIRE_WRONG_TYPE] = "wrong-type",
        [WIRE_TOO_LARGE_PICTURE] = "too-large-picture",
        [WIRE_NOT_UNDERSTOOD] = "not-understood",
        [WIRE_ACTIVE_CONTENT] = "active-content",
    };
    return (unsigned)reason < WIRE_REASONS ? names[reason] : NULL;
}

bool
wire_seal(int file)
{
    return fcntl(file, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0;
}

bool
wire_is_sealed(int file, uint64_t size)
{
    struct stat found;
    int seals = fcntl(file, F_GET_SEALS);
    return seals >= 0 && (seals & SEALS) == SEALS && fstat(file, &found) == 0 &&
           (uint64_t)found.st_size == size;
}

static bool
is_text(const char *text, size_t room)
{
    return memchr(text, '\0', room) != NULL;
}

/* Parts follow one another in the result, so that none of its bytes is in two of them. */
static bool
parts_are_good(const struct wire_reply *reply)
{
    uint64_t end = 0;
    if (reply->part_count > WIRE_PARTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < reply->part_count; i++) {
        const struct wire_part *part = &reply->parts[i];
        bool numbered = part->kind == WIRE_PAGE ? part->page >= 1 : part->page == 0;
        if (part->kind >= WIRE_KINDS || !numbered || part->offset != end || part->size == 0 ||
            part->size > reply->result_size - end) {
            return false;
        }
        end += part->size;
    }
    return end == reply->result_size;
}

bool
wire_reply_is_good(const struct wire_reply *reply)
{
    if (reply->verdict >= WIRE_VERDICTS || reply->reason >= WIRE_REASONS || reply->end >= WIRE_ENDS ||
        !is_text(reply->signature, sizeof reply->signature) || !parts_are_good(reply)) {
        return false;
    }
    bool answered = reply->end == WIRE_END_ANSWERED;
    bool made_nothing = reply->result_size == 0;
    switch (reply->verdict) {
    case WIRE_CLEAN:
        return answered && reply->reason == WIRE_NO_REASON && reply->signature[0] == '\0';
    case WIRE_INFECTED:
        return answered && made_nothing && reply->reason == WIRE_NO_REASON && reply->signature[0] != '\0';
    case WIRE_REJECTED:
        return answered && made_nothing && reply->reason > WIRE_NOT_SCANNED;
    default:
        return made_nothing && reply->reason == WIRE_NOT_SCANNED;
    }
}

static bool
request_is_good(const struct wire_request *request)
{
    return request->what < WIRE_WHATS && request->size <= WIRE_FILE_MAX && request->milliseconds >= 1 &&
           request->milliseconds <= MILLISECONDS_MAX &&
           (request->page != 0) == (request->what == WIRE_DRAW) &&
           is_text(request->type, sizeof request->type);
}

static bool
send_message(int socket, const void *message, size_t size, int descriptor)
{
    union control control = {.bytes = {0}};
    struct iovec data = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
    struct msghdr head = {.msg_iov = &data, .msg_iovlen = 1};
    if (descriptor >= 0) {
        head.msg_control = &control;
        head.msg_controllen = CMSG_SPACE(sizeof descriptor);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &head, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

/* The descriptor that came along, or -1 for none; false, and all are closed, for anything else. */
static bool
take_descriptor(struct msghdr *head, int *descriptor)
{
    size_t count = 0;
    *descriptor = -1;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(head); one != NULL; one = CMSG_NXTHDR(head, one)) {
        size_t held = one->cmsg_len > CMSG_LEN(0) ? (one->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
        bool rights = one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_RIGHTS;
        for (size_t i = 0; i < held && rights; i++) {
            int found;
            memcpy(&found, CMSG_DATA(one) + i * sizeof found, sizeof found);
            if (count++ == 0) {
                *descriptor = found;
            } else {
                (void)close(found);
            }
        }
    }
    if (count <= 1 && (head->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
        return true;
    }
    if (*descriptor >= 0) {
        (void)close(*descriptor);
        *descriptor = -1;
    }
    return false;
}

static bool
receive_message(int socket, void *message, size_t size, int *descriptor)
{
    union control control = {.bytes = {0}};
    struct iovec data = {.iov_base = message, .iov_len = size};
    struct msghdr head = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptor = -1;
    ssize_t got;
    do {
        got = recvmsg(socket, &head, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return false;
    }
    bool good = take_descriptor(&head, descriptor);
    if (got == 0) {
        errno = EPIPE;
        return false;
    }
    if (!good || (size_t)got != size) {
        errno = EBADMSG;
        return false;
    }
    return true;
}

/* Ends a receipt: what was no message leaves no descriptor behind. */
static bool
accepted(bool good, int *descriptor)
{
    if (good) {
        return true;
    }
    if (*descriptor >= 0) {
        (void)close(*descriptor);
        *descriptor = -1;
    }
    errno = EBADMSG;
    return false;
}

bool
wire_send_hello(int socket, struct wire_hello *hello)
{
    hello->magic = MAGIC_HELLO;
    return send_message(socket, hello, sizeof *hello, -1);
}

bool
wire_send_request(int socket, struct wire_request *request, int file)
{
    request->magic = MAGIC_REQUEST;
    if (!request_is_good(request) || file < 0) {
        errno = EINVAL;
        return false;
    }
    return send_message(socket, request, sizeof *request, file);
}

bool
wire_send_reply(int socket, struct wire_reply *reply, int result)
{
    reply->magic = MAGIC_REPLY;
    if (!wire_reply_is_good(reply) || (result >= 0) != (reply->result_size > 0)) {
        errno = EINVAL;
        return false;
    }
    return send_message(socket, reply, sizeof *reply, result);
}

bool
wire_receive_hello(int socket, struct wire_hello *hello)
{
    int none;
    bool got = receive_message(socket, hello, sizeof *hello, &none);
    if (!got && none < 0) {
        return false;
    }
    return accepted(got && none < 0 && hello->magic == MAGIC_HELLO && hello->signatures_at >= 0 &&
                        is_text(hello->signatures, sizeof hello->signatures),
                    &none);
}

bool
wire_receive_request(int socket, struct wire_request *request, int *file)
{
    bool got = receive_message(socket, request, sizeof *request, file);
    if (!got && *file < 0) {
        return false;
    }
    return accepted(got && request->magic == MAGIC_REQUEST && request_is_good(request) &&
                        wire_is_sealed(*file, request->size),
                    file);
}

bool
wire_receive_reply(int socket, struct wire_reply *reply, int *result)
{
    bool got = receive_message(socket, reply, sizeof *reply, result);
    if (!got && *result < 0) {
        return false;
    }
    bool right = got && reply->magic == MAGIC_REPLY && wire_reply_is_good(reply);
    bool sealed =
        right && (reply->result_size == 0 ? *result < 0 : wire_is_sealed(*result, reply->result_size));
    return accepted(sealed, result);
}
