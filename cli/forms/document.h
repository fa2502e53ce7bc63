/* JSON documents that a command reads: files, standard input, and a directory of value sets. */
#ifndef ANAMNESIS_CLI_FORMS_DOCUMENT_H
#define ANAMNESIS_CLI_FORMS_DOCUMENT_H

#include "lib/base/arena.h"
#include "lib/base/json_scan.h"
#include "lib/base/span.h"

#include <json-c/json.h>
#include <stdbool.h>

enum {
    DOCUMENT_MAX = 16 * 1024 * 1024,        /* bytes of one document */
    DOCUMENT_DIR_MAX = 64 * 1024 * 1024,    /* bytes of a directory's documents together */
    DOCUMENT_FILES_MAX = 2000,              /* *.json in a directory */
    DOCUMENT_ARENA_MAX = 256 * 1024 * 1024, /* a command's memory for documents and findings */
    DOCUMENT_OUTPUT_MAX = 64 * 1024 * 1024  /* what a command prints */
};

/* An arena for documents. When it is full the process says so and exits with EXIT_USAGE. NULL: no memory. */
struct arena *document_arena(void);

/*
 * Reads `path` ("-": standard input), at most DOCUMENT_MAX bytes, by the strict reader, nested at most
 * `depth` levels (JSON_DEPTH_MAX: what the API takes; JSON_DEEP_MAX: whatever the engine can judge). The tree
 * is the arena's; so is `*text`, the bytes as they were (NULL: not wanted). NULL after saying on stderr why
 * not, with the position of the first fault. A document is an object: any other JSON value is refused.
 */
struct json_object *document_read(struct arena *arena, const char *path, unsigned depth, struct span *text);

/*
 * All ValueSets of a directory's *.json, in the order of their names, as an array that the arena owns: those
 * that are one, and those in a Bundle's entries. Other resources are passed over. NULL after saying on stderr
 * why not: also when one file is not JSON.
 */
struct json_object *document_value_sets(struct arena *arena, const char *directory);

/* Prints one JSON value, over several lines, or on one for programs. False when it could not be written. */
bool document_print(const char *json, bool one_line);

#endif
