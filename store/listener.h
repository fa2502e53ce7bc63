/* The store's one socket: store.sock in ANAMNESIS_STORE_SOCKET_DIR, for its account and its group (nginx's). */
#ifndef ANAMNESIS_STORE_LISTENER_H
#define ANAMNESIS_STORE_LISTENER_H

#include <stddef.h>

/*
 * Listens; whoever looks always finds a socket there, of this program or of the one before. -1 with a
 * sentence in `error`. It stays open until the process ends.
 */
int listener_open(const char *directory, char *error, size_t size);

/* Takes the name away, unless another program has it by now: nobody new comes. */
void listener_close_door(void);

#endif
