/*
 * One request and its answer over HTTP/1.1, by libcurl, with a connection that is kept. For lib/cloud itself.
 *
 * Certificates are verified, always; no redirect is followed, no proxy or .netrc of the environment is used.
 * Names are looked up by getaddrinfo in the calling process, and libcurl is told the addresses: Debian's
 * libcurl would start a thread, which a worker's sandbox refuses. So no thread is ever made, and no signal is
 * used. How long a name may take is what /etc/resolv.conf says; all else has the request's time limit. What an
 * answer may be is bounded: headers 64 KiB, a body by its reader.
 */
#ifndef ANAMNESIS_CLOUD_EXCHANGE_H
#define ANAMNESIS_CLOUD_EXCHANGE_H

#include "lib/base/buf.h"
#include "lib/base/span.h"
#include "lib/cloud/uri.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXCHANGE_VALUE_SIZE = 256, EXCHANGE_BODY_MAX = 8 * 1024 * 1024 };

struct exchange;

struct exchange_settings {
    const char *origin;                /* https://host[:port], or http://; copied */
    const char *ca_file;               /* who is trusted; NULL: the system's. Copied */
    const volatile sig_atomic_t *stop; /* set to anything but 0, it ends what is under way; or NULL */
};

/* NULL with a sentence in `error` when libcurl cannot be used. */
struct exchange *exchange_create(const struct exchange_settings *settings, char *error, size_t size);
void exchange_destroy(struct exchange *exchange);

struct exchange_request {
    const char *method;
    const char *target;             /* encoded path and query */
    const struct uri_pair *headers; /* all but Host, when it is the origin's, and Content-Length */
    size_t header_count;
    struct span body;     /* sent with PUT alone */
    int64_t milliseconds; /* the longest time from here to the last byte */
    int64_t stalled;      /* milliseconds without a byte after which it is given up */
};

/* A header of the answer that is wanted. Longer values are cut. */
struct exchange_header {
    const char *name;
    char value[EXCHANGE_VALUE_SIZE]; /* empty when it is not there */
};

struct exchange_reply {
    /* set by the caller */
    struct exchange_header *headers;
    size_t header_count;
    unsigned char *into; /* where the body of an answer with the status 206 goes */
    size_t room;
    struct buf body; /* where every other body goes; the caller begins and frees it */
    /* set by exchange_run */
    long status;
    size_t got;     /* bytes in `into` */
    int64_t length; /* Content-Length; -1 when there was none */
};

enum exchange_result {
    EXCHANGE_ANSWERED,
    EXCHANGE_UNREACHED, /* no address or no connection: the request was not sent */
    EXCHANGE_UNTRUSTED, /* the other side is not who it should be: the request was not sent */
    EXCHANGE_CUT,       /* no whole answer in time; the request may have been acted upon */
    EXCHANGE_TOO_LARGE, /* more than the reader takes */
    EXCHANGE_STOPPED,
    EXCHANGE_FAILED /* this side: memory, or what libcurl does not take */
};

enum exchange_result exchange_run(struct exchange *exchange, const struct exchange_request *request,
                                  struct exchange_reply *reply);

#endif
