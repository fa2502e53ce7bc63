/*
 * Bytes of sealed objects from S3, for a process that makes no connection. It has children that do: each asks S3 for one piece at
 * a time, waits for it, and passes it on over a socket. A child has the keys to S3 and none to what it fetches, which is sealed; its parent
 * the other way round. Neither a slow piece nor a slow client holds up others while one of the children is idle, and what is asked is bounded:
 * FETCHERS pieces at once, each of at most WINDOW_SIZE bytes, for FETCH_SECONDS.
 *
 * They are a program of their own, anamnesis-store-fetch, which stands beside this one: nothing that speaks to the network is in the one that
 * opens files. They are started before the parent is confined. One that ends is not replaced: the parent then leaves, and its supervisor starts another.
 */
#ifndef ANAMNESIS_STORE_FETCH_H
#define ANAMNESIS_STORE_FETCH_H

#include "lib/store/object_name.h"
#include "lib/store/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FETCHERS = 8, FETCH_SECONDS = 20 };

/* What a child is asked, as it goes over the socket. */
struct fetch_request {
    char name[OBJECT_NAME_SIZE];
    uint64_t offset;
    uint64_t size; /* bytes, at most WINDOW_SIZE */
};

/* And what it answers; with STORE_DONE the bytes follow. */
struct fetch_answer {
    uint64_t result; /* enum store_result */
};

/* A piece that somebody waits for. Its owner keeps it until it is over, or forgets it (fetch_forget). */
struct fetch {
    struct fetch_request request;
    unsigned char *bytes; /* where they go */
    bool asked;           /* a child has it, or had it */
    bool over;
    enum store_result result; /* when it is over */
};

/* A child. */
struct fetcher {
    int socket; /* -1: none, or it has ended */
    bool busy;
    struct fetch *fetch; /* NULL: nobody wants it any more, or idle */
    uint64_t left;       /* bytes that must still come */
    bool has_answer;
    size_t answer_size; /* of what has come of it */
    struct fetch_answer answer;
};

struct fetchers {
    struct fetcher all[FETCHERS];
    unsigned char *scratch; /* for what nobody wants */
    size_t scratch_size;
};

/* No children: the files are on the disk. */
void fetchers_none(struct fetchers *fetchers);

/* Forks them; before threads, keys and confinement. False with a sentence in `error`. */
bool fetchers_start(struct fetchers *fetchers, char *error, size_t size);

/* Has a child that is idle ask for it. False when none is: again later. */
bool fetchers_ask(struct fetchers *fetchers, struct fetch *fetch);

/* Takes what has come on this child's socket. True when a piece is over by that. */
bool fetchers_step(struct fetchers *fetchers, size_t number);

/* Its owner goes: what comes is thrown away. */
void fetchers_forget(struct fetchers *fetchers, const struct fetch *fetch);

/* Whether all that were started are there. */
bool fetchers_are_whole(const struct fetchers *fetchers);

#endif
