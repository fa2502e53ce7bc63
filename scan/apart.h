/*
 * Takes from a program what its account could reach and it has no business with: keys, the database's address, the objects, the network.
 * An empty file system lies over each directory, in namespaces of the program's own, which it cannot lift: it has no capability there, and
 * in namespaces that it makes itself these mounts are locked (mount_namespaces(7)).
 *
 * A wall behind the process for each file (cell.h), which reaches no file at all; this is for the program that starts them. It needs
 * user namespaces, and no root: an account of its own for each program would.
 */
#ifndef ANAMNESIS_SCAN_APART_H
#define ANAMNESIS_SCAN_APART_H

#include "lib/base/config.h"

#include <stdbool.h>
#include <stddef.h>

enum { APART_PATH_SIZE = 4096, APART_PLACES_MAX = 3 };

/* Absolute paths of directories, each once. */
struct apart_places {
    size_t count;
    char paths[APART_PLACES_MAX][APART_PATH_SIZE];
};

/*
 * What this configuration's programs have to be kept from: the directory of the objects, and those of the files with the keyring and the
 * database's address. One that is above `program`, the signatures or the scanner's directory cannot be hidden, and is left out.
 */
void apart_places(struct apart_places *places, const struct config *config, const char *program);

/*
 * In a new child, with PR_SET_NO_NEW_PRIVS, before the program is started: hides these directories, and the network from one that
 * needs none. False with errno when the kernel gives no namespaces; the program works all the same.
 */
bool apart_enter(const struct apart_places *places, bool needs_network);

#endif
