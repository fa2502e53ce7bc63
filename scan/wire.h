/*
 * What the conductor (anamnesis-scan) and the programs that look at files (anamnesis-scan-engine,
 * anamnesis-scan-picture, anamnesis-scan-document) say to each other, over a SOCK_SEQPACKET pair: one message is one structure, as it
 * stands in memory, since both ends are built together and run on one machine.
 *
 * A program says hello once, when it can work. Then each request is answered by one reply with its id, in any
 * order. A file is given by a descriptor (SCM_RIGHTS) of a memfd that is sealed: nobody can change it any
 * more, whoever else holds it. A result comes back in the same way, as one memfd with all that was made of
 * the file, one part after the other; the reply says where each begins.
 *
 * Nothing that is received is believed: a message of another size, a number out of its range, a text without
 * its end, a descriptor too many or too few, or a memfd that is not sealed or has another size is refused
 * (EBADMSG), and its descriptors are closed. What a file is called, and whose it is, is never sent.
 */
#ifndef ANAMNESIS_SCAN_WIRE_H
#define ANAMNESIS_SCAN_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WIRE_TYPE_MAX = 96,         /* a media type with its NUL */
    WIRE_SIGNATURE_MAX = 196,   /* a signature's name with its NUL; longer ones are cut */
    WIRE_SIGNATURES_MAX = 1024, /* what an engine loaded, with its NUL */
    WIRE_PAGES_MAX = 50,        /* of a document, that are made */
    WIRE_PARTS_MAX = 52,        /* a view, a thumbnail, and the pages */
    WIRE_FILE_MAX = 50000000    /* bytes of a file */
};

/* The type of a page as it was drawn, for WIRE_REMAKE: netpbm's PPM. No file of a patient's is of it. */
#define WIRE_DRAWN "image/x-portable-pixmap"

enum wire_what {
    WIRE_LOOK,   /* the engine: is there something bad in it? */
    WIRE_REMAKE, /* the picture program: make what others may see of it */
    WIRE_UNPACK, /* the document program: give what is attached to it */
    WIRE_DRAW,   /* likewise: draw one page */
    WIRE_WHATS
};

/* In zeroed memory it is the one that lets nothing pass. */
enum wire_verdict {
    WIRE_FAILED,   /* nobody knows: the file may be looked at again, and is never clean by this */
    WIRE_CLEAN,    /* the engine found nothing; the others have made all parts */
    WIRE_INFECTED, /* with the signature's name */
    WIRE_REJECTED, /* with the reason; looking again would not help */
    WIRE_VERDICTS
};

enum wire_reason {
    WIRE_NO_REASON,
    WIRE_NOT_SCANNED, /* the only one of WIRE_FAILED */
    WIRE_ENCRYPTED,
    WIRE_TOO_DEEP,
    WIRE_DAMAGED,
    WIRE_WRONG_TYPE,
    WIRE_TOO_LARGE_PICTURE,
    WIRE_NOT_UNDERSTOOD,
    WIRE_ACTIVE_CONTENT,
    WIRE_REASONS
};

/* How the process ended that looked at the file. */
enum wire_end {
    WIRE_END_NONE,      /* none was started */
    WIRE_END_ANSWERED,  /* its whole answer is there, and its exit status is 0 */
    WIRE_END_KILLED,    /* by the kernel: a system call, memory, processor time, the size of a file */
    WIRE_END_OVERTIME,  /* by its program, at the end of its time */
    WIRE_END_NO_ANSWER, /* it gave up, or its answer was none */
    WIRE_ENDS
};

struct wire_request {
    uint32_t magic;           /* set by wire_send_request */
    uint32_t what;            /* enum wire_what */
    uint64_t id;              /* the conductor's own; the reply has it */
    uint64_t size;            /* bytes of the file, 0 to WIRE_FILE_MAX */
    uint64_t result_max;      /* bytes of the result; 0: none is wanted */
    uint32_t milliseconds;    /* the longest time, 1 to 600,000 */
    uint32_t page;            /* of WIRE_DRAW, from 1; otherwise 0 */
    char type[WIRE_TYPE_MAX]; /* what the file was found to be, as a media type */
};

/* WIRE_INNER: a file that was in the file, as it was there. */
enum wire_kind { WIRE_VIEW, WIRE_THUMBNAIL, WIRE_PAGE, WIRE_INNER, WIRE_KINDS };

/* One of those that the result consists of. */
struct wire_part {
    uint32_t kind;  /* enum wire_kind */
    uint32_t page;  /* of WIRE_PAGE, from 1; otherwise 0 */
    uint32_t width; /* pixels; 0 of what is no picture */
    uint32_t height;
    uint64_t offset; /* in the result */
    uint64_t size;   /* bytes, at least 1 */
};

struct wire_reply {
    uint32_t magic;   /* set by wire_send_reply */
    uint32_t verdict; /* enum wire_verdict */
    uint64_t id;
    uint32_t reason; /* enum wire_reason */
    uint32_t end;    /* enum wire_end */
    uint32_t width;  /* of the file itself, in pixels, upright; 0 when it has none */
    uint32_t height;
    uint32_t seconds;      /* of sound or film; 0 when it has none */
    uint32_t milliseconds; /* that it took */
    uint64_t result_size;  /* bytes of the memfd that comes along; 0: none does */
    uint32_t part_count;
    uint32_t pages; /* that a document has; 0 of what has none */
    uint32_t
        processor; /* milliseconds of processor time that its process took, however busy the machine is */
    char signature[WIRE_SIGNATURE_MAX];
    struct wire_part parts[WIRE_PARTS_MAX]; /* those after part_count are zero */
};

struct wire_hello {
    uint32_t magic;        /* set by wire_send_hello */
    uint32_t held;         /* CELL_HELD_* (scan/cell.h): what confines the processes that look at files */
    int64_t signatures_at; /* when the newest were made, microseconds since 1970; 0: they do not say */
    char signatures[WIRE_SIGNATURES_MAX]; /* sorted "name:version,..."; empty of a program without any */
};

/* The code that stands in `reason` of an upload; NULL for WIRE_NO_REASON and what is none. */
const char *wire_reason_name(enum wire_reason reason);

/*
 * Seals a memfd against every change, for good. False with errno when it cannot be: it is none, or somebody
 * has it mapped for writing.
 */
bool wire_seal(int file);

/* Whether it is a memfd that is sealed so and has this size. */
bool wire_is_sealed(int file, uint64_t size);

/* Whether a reply is one that may be acted upon: ranges, texts, parts that lie in the result one by one. */
bool wire_reply_is_good(const struct wire_reply *reply);

/*
 * Each sends one message and waits until there is room; descriptors stay the caller's. `result` is -1 when
 * result_size is 0. False with errno: EPIPE when the other end is gone.
 */
bool wire_send_hello(int socket, struct wire_hello *hello);
bool wire_send_request(int socket, struct wire_request *request, int file);
bool wire_send_reply(int socket, struct wire_reply *reply, int result);

/*
 * Each waits for one message (a socket that does not wait gives EAGAIN). The descriptor is the caller's to
 * close, and closes at execve; *result is -1 when none came. False with errno: EPIPE at the end, EBADMSG for
 * what is none; the peer is then not to be trusted any more.
 */
bool wire_receive_hello(int socket, struct wire_hello *hello);
bool wire_receive_request(int socket, struct wire_request *request, int *file);
bool wire_receive_reply(int socket, struct wire_reply *reply, int *result);

#endif
