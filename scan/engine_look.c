#include "scan/engine_look.h"

#include "lib/base/log.h"
#include "scan/engine_alert.h"
#include "scan/engine_canary.h"

#include <clamav.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEGABYTE (1024LL * 1024)
#define FILE_MAX (50 * MEGABYTE)

enum {
    SCAN_MILLISECONDS = 5000,
    SHOWN_MAX = 100,    /* messages of one load */
    PE_HEAD_AT = 0x3c,  /* where a program for Windows says where its own header is */
    ZIP_END_MAX = 65557 /* bytes at its end in which a zip's end stands: 22, and a comment */
};

_Static_assert(WIRE_FILE_MAX < FILE_MAX, "only what was unpacked may be as large as the limit");

/* Parsers of programs, of Flash and of HWP3 are off: no type of ours has such content, and each is code that
 * reads what strangers send. */
static const struct cl_scan_options options = {
    .general = CL_SCAN_GENERAL_HEURISTICS,
    .parse = CL_SCAN_PARSE_ARCHIVE | CL_SCAN_PARSE_PDF | CL_SCAN_PARSE_XMLDOCS | CL_SCAN_PARSE_MAIL |
             CL_SCAN_PARSE_OLE2 | CL_SCAN_PARSE_HTML | CL_SCAN_PARSE_ONENOTE | CL_SCAN_PARSE_IMAGE,
    .heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_MACROS |
                 CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC};

/* The cache would remember what was clean with fewer limits; it is of one process here, and buys nothing. */
static const struct {
    enum cl_engine_field field;
    long long value;
} settings[] = {
    {CL_ENGINE_DISABLE_CACHE, 1},       {CL_ENGINE_MAX_SCANTIME, SCAN_MILLISECONDS},
    {CL_ENGINE_MAX_FILESIZE, FILE_MAX}, {CL_ENGINE_MAX_SCANSIZE, 200 * MEGABYTE},
    {CL_ENGINE_MAX_FILES, 1000},        {CL_ENGINE_MAX_RECURSION, 10},
};

/* What libclamav passes by without an alert, noted by its callbacks while one file is looked at. */
static struct {
    unsigned errors; /* in its log */
    bool has_html;
    bool is_encrypted;
    bool is_too_large;
    bool is_damaged;
    bool is_program;
    bool is_unknown;
} seen;

static bool is_loading; /* then its messages are about signatures, and may be shown */
static unsigned shown;  /* of them */

/* What it says of a file may quote it, so that is counted and not logged. */
static void
on_message(enum cl_msg severity, const char *full, const char *message, void *context)
{
    (void)full;
    (void)context;
    seen.errors += severity >= CL_MSG_ERROR;
    if (is_loading && severity >= CL_MSG_WARN && shown < SHOWN_MAX) {
        shown++; /* a set that it cannot load makes it say so for each signature, without end */
        log_event(LOG_WARN, "libclamav", LOG_TEXT("message", message));
    }
}

static bool
holds(const char *bytes, size_t size, const char *wanted, size_t wanted_size)
{
    return bytes != NULL && memmem(bytes, size, wanted, wanted_size) != NULL;
}

/* A zip without its end (APPNOTE.TXT 4.3.16) is called clean, though its members are there. */
static bool
has_zip_end(const char *bytes, size_t size)
{
    size_t tail = size < ZIP_END_MAX ? size : ZIP_END_MAX;
    return bytes != NULL && holds(bytes + size - tail, tail, "PK\5\6", 4);
}

static bool
is_zip(const char *type)
{
    return strcmp(type, "CL_TYPE_ZIP") == 0 ||
           strncmp(type, "CL_TYPE_OOXML", sizeof "CL_TYPE_OOXML" - 1) == 0;
}

/* The stream of an encrypted document ([MS-OFFCRYPTO] 1.3.3), as its compound file names it. */
static bool
is_encrypted_document(const char *bytes, size_t size)
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
    return holds(bytes, size, name, sizeof name - 1);
}

/* A program, which may be packed: nothing unpacks it here. Two letters alone (MZ) begin other files as well. */
static bool
is_program(const char *type, const char *bytes, size_t size)
{
    uint32_t head;
    if (strcmp(type, "CL_TYPE_MSEXE") != 0) {
        return strcmp(type, "CL_TYPE_ELF") == 0 ||
               strncmp(type, "CL_TYPE_MACHO", sizeof "CL_TYPE_MACHO" - 1) == 0;
    }
    if (bytes == NULL || size < PE_HEAD_AT + sizeof head) {
        return false;
    }
    memcpy(&head, bytes + PE_HEAD_AT, sizeof head);
    head = le32toh(head);
    return head <= size - sizeof head && memcmp(bytes + head, "PE\0\0", sizeof head) == 0;
}

/*
 * Called for the file and for each that is found in it. One that is larger than it may be is cut at the limit
 * without an alert; Debian's libclamav has nothing to unpack RAR with.
 */
static cl_error_t
on_file(int file, const char *type, const char **ancestors, size_t parent_size, const char *name, size_t size,
        const char *bytes, uint32_t level, uint32_t attributes, void *context)
{
    (void)file;
    (void)ancestors;
    (void)parent_size;
    (void)name;
    (void)level;
    (void)attributes;
    (void)context;
    seen.is_too_large |= size >= (size_t)FILE_MAX;
    seen.has_html |= strcmp(type, "CL_TYPE_HTML") == 0;
    seen.is_unknown |= strncmp(type, "CL_TYPE_RAR", sizeof "CL_TYPE_RAR" - 1) == 0;
    seen.is_damaged |= is_zip(type) && !has_zip_end(bytes, size);
    seen.is_program |= is_program(type, bytes, size);
    seen.is_encrypted |= strcmp(type, "CL_TYPE_MSOLE2") == 0 && is_encrypted_document(bytes, size);
    return CL_CLEAN;
}

/* Called for each member of an archive with what the archive says of it. */
static cl_error_t
on_member(const char *archive, unsigned long packed, const char *name, unsigned long size, int is_encrypted,
          unsigned place, void *context)
{
    (void)archive;
    (void)packed;
    (void)name;
    (void)place;
    (void)context;
    seen.is_too_large |= size >= (unsigned long)FILE_MAX;
    seen.is_encrypted |= is_encrypted != 0;
    return CL_CLEAN;
}

static cl_error_t
set_up(struct cl_engine *engine)
{
    cl_error_t result = CL_SUCCESS;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0] && result == CL_SUCCESS; i++) {
        result = cl_engine_set_num(engine, settings[i].field, settings[i].value);
    }
    cl_engine_set_clcb_file_inspection(engine, on_file);
    cl_engine_set_clcb_meta(engine, on_member);
    return result;
}

struct cl_engine *
engine_load(const char *directory, const char **why)
{
    unsigned count = 0;
    cl_set_clcb_msg(on_message);
    is_loading = true;
    cl_error_t result = cl_init(CL_INIT_DEFAULT);
    struct cl_engine *engine = result == CL_SUCCESS ? cl_engine_new() : NULL;
    if (engine == NULL) {
        *why = "libclamav cannot be initialised";
        return NULL;
    }
    result = set_up(engine);
    if (result == CL_SUCCESS) { /* without bytecode: programs that an interpreter runs over the file */
        result = cl_load(directory, engine, &count, CL_DB_PHISHING);
    }
    if (result == CL_SUCCESS) {
        result = cl_engine_compile(engine);
    }
    is_loading = false;
    if (result == CL_SUCCESS && count > 0) {
        return engine;
    }
    *why = result == CL_SUCCESS ? "there are no signatures" : cl_strerror(result);
    (void)cl_engine_free(engine);
    return NULL;
}

static cl_error_t
scan(const struct cell_task *task, int file, uint32_t without, const char **name)
{
    unsigned long scanned = 0;
    struct cl_scan_options own = options;
    own.parse &= ~without;
    *name = NULL;
    return cl_scandesc_callback(file, NULL, name, &scanned, task->own, &own, NULL);
}

static bool
finds_canary(const struct cell_task *task)
{
    unsigned char zip[CANARY_MAX];
    char path[CELL_DIRECTORY_SIZE + sizeof "/canary"];
    const char *name;
    size_t size = engine_canary(zip);
    (void)snprintf(path, sizeof path, "%s/canary", task->directory);
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return false;
    }
    bool found = write(file, zip, size) == (ssize_t)size && scan(task, file, 0, &name) == CL_VIRUS &&
                 name != NULL && strncmp(name, "Heuristics.", sizeof "Heuristics." - 1) != 0;
    return close(file) == 0 && unlink(path) == 0 && found && seen.errors == 0;
}

static void
reject(struct wire_reply *reply, enum wire_reason reason)
{
    reply->verdict = reason == WIRE_NOT_SCANNED ? WIRE_FAILED : WIRE_REJECTED;
    reply->reason = (uint32_t)reason;
}

/* libclamav has found nothing: whether it has seen everything. */
static void
nothing_found(struct wire_reply *reply)
{
    if (seen.is_encrypted) {
        reject(reply, WIRE_ENCRYPTED);
    } else if (seen.is_too_large) {
        reject(reply, WIRE_TOO_DEEP);
    } else if (seen.is_damaged) {
        reject(reply, WIRE_DAMAGED);
    } else if (seen.is_program) {
        reject(reply, WIRE_ACTIVE_CONTENT);
    } else if (seen.is_unknown) {
        reject(reply, WIRE_NOT_UNDERSTOOD);
    } else if (seen.errors == 0) {
        *reply = (struct wire_reply){.verdict = WIRE_CLEAN};
    }
}

bool
engine_look(const struct cell_task *task, struct wire_reply *reply)
{
    const char *name;
    struct cl_engine *engine = (struct cl_engine *)(uintptr_t)task->own; /* this process's own copy */
    reject(reply, WIRE_NOT_SCANNED);
    if (cl_engine_set_str(engine, CL_ENGINE_TMPDIR, task->directory) != CL_SUCCESS || !finds_canary(task)) {
        return true;
    }
    cl_error_t result = scan(task, task->file, 0, &name);
    if (result == CL_CLEAN && seen.has_html) { /* HTML is looked at as it is shown alone, or else as it is */
        result = scan(task, task->file, CL_SCAN_PARSE_HTML, &name);
    }
    switch (result) {
    case CL_VIRUS:
        engine_alert(name == NULL ? "" : name, reply);
        break;
    case CL_CLEAN:
        nothing_found(reply);
        break;
    case CL_EMAXREC:
    case CL_EMAXSIZE:
    case CL_EMAXFILES:
    case CL_ETIMEOUT:
        reject(reply, WIRE_TOO_DEEP);
        break;
    case CL_EFORMAT:
    case CL_EPARSE:
    case CL_EUNPACK:
        reject(reply, WIRE_DAMAGED);
        break;
    default:
        break;
    }
    return true;
}
