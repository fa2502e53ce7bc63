/*
 * One connection of nginx's: one request, one reply, and the end. It never waits: each step does what can be
 * done now, and tells what it waits for.
 *
 *     head -> body (a PUT that is allowed) -> reply -> drain
 *          \-> reply (a refusal, a file)   -> drain
 *          \-> fetch <-> reply (a file from S3, piece by piece)
 *
 * "Drain": what was said is said, and what still comes is thrown away until nginx closes. A connection that is
 * closed with unread bytes would take its reply along.
 */
#ifndef ANAMNESIS_STORE_CONNECTION_H
#define ANAMNESIS_STORE_CONNECTION_H

#include "lib/base/buf.h"
#include "lib/base/uuid.h"
#include "store/access.h"
#include "store/download.h"
#include "store/fetch.h"
#include "store/head.h"
#include "store/put.h"
#include "store/rate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a request is for: each kind may have so many of a process's places (server.h). */
enum kind { KIND_UNKNOWN, KIND_PUT, KIND_GET, KIND_COUNT };

/* What all connections of a process share. */
struct store {
    int incoming;              /* -1: parts are sent elsewhere */
    int root;                  /* the directory above; -1: objects are in S3, */
    struct fetchers *fetchers; /* and asked for by these */
    const struct access *access;
    size_t busy[KIND_COUNT]; /* connections of each kind */
    unsigned char *scratch;  /* CONNECTION_SCRATCH bytes, for one step */
};

enum {
    CONNECTION_SCRATCH = 64 * 1024,
    CONNECTION_PLACES = 256, /* of a process */
    CONNECTION_PLACES_OF_KIND = CONNECTION_PLACES / 4 * 3
};

/*
 * A ticket is good for a minute, and what it has opened for ten more, or for as long as 20 kB/s take: whoever may not see a
 * file any more, has been signed out, or reads one that was found infected, gets no more of it than that.
 */
enum { CONNECTION_GIVES_SECONDS = 600, CONNECTION_GIVES_RATE = 20000 /* bytes a second */ };

enum stage { STAGE_HEAD, STAGE_BODY, STAGE_FETCH, STAGE_REPLY, STAGE_DRAIN, STAGE_END };

struct connection {
    int socket;
    enum stage stage;
    enum kind kind;
    bool has_place;   /* counted in store->busy */
    int64_t began;    /* clock_monotonic() */
    int64_t deadline; /* when connection_late must be called */
    int64_t end;      /* when no more of a file is given */
    size_t size;      /* bytes in `head` */
    struct put put;
    struct rate rate;
    struct download *download; /* NULL: none */
    struct buf out;
    size_t sent; /* of `out` */
    int status;
    int64_t bytes; /* of the body, either way */
    char request[UUID_TEXT_SIZE];
    char head[HEAD_SIZE_MAX + 1];
};

/* Takes the socket. NULL when there is no memory; the socket is closed then, too. */
struct connection *connection_open(int socket, int64_t now);

/* Ends it at whatever point it is: closes everything, wipes, frees. */
void connection_close(struct store *store, struct connection *connection);

/* What to wait for: POLLIN or POLLOUT; nothing but its end when it waits for a piece. */
short connection_waits_for(const struct connection *connection);

/* Goes on, when that is there. The connection is at its end afterwards with STAGE_END. */
void connection_step(struct store *store, struct connection *connection, int64_t now);

/*
 * Whether a body has come, or a file was sent, for so long (RATE_WINDOW) that it must give way when all places of this kind are taken, and at
 * what average rate, in bytes a second: so a crowd of slow clients keeps nobody out.
 */
bool connection_may_give_way(const struct connection *connection, enum kind kind, int64_t now, int64_t *rate);

/* It does: who sends a part is told that it was too slow, and may send it again; a file ends before its end. */
void connection_give_way(struct store *store, struct connection *connection, int64_t now);

/* Of one that waits for a piece: has it asked for, when somebody is idle, or goes on when it is there. */
void connection_look(struct store *store, struct connection *connection, int64_t now);

/* Its deadline has passed. */
void connection_late(struct store *store, struct connection *connection, int64_t now);

#endif
